// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faulty: a target for fault injection. A write of N bytes to /proc/faulty is a request that goes through
 * check, allocate, send; each step can fail, in normal life none does. Reading the file tells what came of
 * the requests so far. `held` is not 0 when an error path forgets to give back what it took.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "faulty.h"
#define CREATE_TRACE_POINTS
#include "faulty_trace.h"

/* Each is called as it is written, whatever the compiler sees in it. */
#define STEP static noinline __attribute__((__noipa__))

enum { FAULTY_MOST = 4096, FAULTY_URGENT = 1 };

static atomic_t sent, refused, without_memory, unsent, urgent, held;
static DEFINE_MUTEX(one);

STEP int faulty_check(struct faulty_request *r)
{
	if (!r->size || r->size > FAULTY_MOST)
		return -EINVAL;
	if (r->flags & FAULTY_URGENT)
		atomic_inc(&urgent);
	return 0;
}

/* Return: 0, -ENOMEM */
STEP int faulty_allocate(struct faulty_request *r)
{
	r->data = kzalloc(r->size, GFP_KERNEL);
	if (!r->data)
		return -ENOMEM;
	atomic_inc(&held);
	return 0;
}

STEP void faulty_release(struct faulty_request *r)
{
	if (r->data)
		atomic_dec(&held);
	kfree(r->data);
	r->data = NULL;
}

/* Return: as many bytes as were sent, or an error. */
STEP long faulty_send(const char *data, unsigned int size)
{
	return data ? (long)size : -EIO;
}

STEP long faulty_request(struct faulty_request *r)
{
	long n;

	trace_faulty_begin(r);
	n = faulty_check(r);
	if (n) {
		atomic_inc(&refused);
		return n;
	}
	n = faulty_allocate(r);
	if (n) {
		atomic_inc(&without_memory);
		faulty_release(r);
		return n;
	}
	n = faulty_send(r->data, r->size);
	atomic_inc(n == r->size ? &sent : &unsent);
	faulty_release(r);
	return n;
}

static ssize_t faulty_write(struct file *f, const char __user *from, size_t n, loff_t *pos)
{
	static int last;
	struct faulty_request r = {.size = n};
	long ret;

	mutex_lock(&one);
	r.id = ++last;
	ret = faulty_request(&r);
	mutex_unlock(&one);
	return ret;
}

static int faulty_show(struct seq_file *m, void *v)
{
	seq_printf(m, "sent %d refused %d without_memory %d unsent %d urgent %d held %d\n", atomic_read(&sent),
		   atomic_read(&refused), atomic_read(&without_memory), atomic_read(&unsent),
		   atomic_read(&urgent), atomic_read(&held));
	return 0;
}

static int faulty_open(struct inode *i, struct file *f)
{
	return single_open(f, faulty_show, NULL);
}

static const struct proc_ops faulty_ops = {
	.proc_open = faulty_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = faulty_write,
};

static int __init faulty_init(void)
{
	return proc_create("faulty", 0600, NULL, &faulty_ops) ? 0 : -ENOMEM;
}

static void __exit faulty_exit(void)
{
	remove_proc_entry("faulty", NULL);
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a target for fault injection");
