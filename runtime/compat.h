/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * compat: where kernel releases differ. Nothing else in runtime/ or in generated code asks for the
 * kernel's version.
 */
#ifndef RT_COMPAT_H
#define RT_COMPAT_H

#include <linux/version.h>
#include <linux/hrtimer.h>

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/perf_event.h>
#include <linux/ring_buffer.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>

static inline void rt_ring_commit(struct trace_buffer *b, struct ring_buffer_event *e)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	ring_buffer_unlock_commit(b);
#else
	ring_buffer_unlock_commit(b, e);
#endif
}

/* rt_perf_context - where the events of the current task are that are of the kind of @e. */
static inline struct perf_event_context *rt_perf_context(const struct perf_event *e)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return current->perf_event_ctxp;
#else
	return current->perf_event_ctxp[e->pmu->task_ctx_nr];
#endif
}

/* rt_mm_changes - are the mappings of @mm being changed this moment? */
static inline bool rt_mm_changes(struct mm_struct *mm)
{
#ifdef CONFIG_PREEMPT_RT
	return rwsem_is_locked(&mm->mmap_lock);
#else
	return atomic_long_read(&mm->mmap_lock.count) & 1; /* readers count from above */
#endif
}

/* rt_mapped_path_of - the path by which a program has mapped @f, which may be of an overlay. */
static inline const struct path *rt_mapped_path_of(struct file *f)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	fmode_t mode;

	if (!get_kernel_nofault(mode, &f->f_mode) && mode & FMODE_BACKING)
		return backing_file_user_path(f);
#endif
	return &f->f_path;
}
/* A registered probe of user space is known by the kernel's struct, before 6.12 by its place. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
typedef struct uprobe *rt_uprobe_handle;

static inline int rt_uprobe_register(rt_uprobe_handle *ret, struct inode *inode, loff_t at, loff_t count,
				     struct uprobe_consumer *uc)
{
	*ret = uprobe_register(inode, at, count, uc);
	return PTR_ERR_OR_ZERO(*ret);
}

static inline void rt_uprobe_unregister(rt_uprobe_handle h, struct inode *inode, loff_t at,
					struct uprobe_consumer *uc)
{
	uprobe_unregister_nosync(h, uc);
}

static inline void rt_uprobe_sync(void)
{
	uprobe_unregister_sync();
}
#else
typedef char rt_uprobe_handle;

static inline int rt_uprobe_register(rt_uprobe_handle *ret, struct inode *inode, loff_t at, loff_t count,
				     struct uprobe_consumer *uc)
{
	return count ? uprobe_register_refctr(inode, at, count, uc) : uprobe_register(inode, at, uc);
}

static inline void rt_uprobe_unregister(rt_uprobe_handle h, struct inode *inode, loff_t at,
					struct uprobe_consumer *uc)
{
	uprobe_unregister(inode, at, uc); /* waits for handlers that run */
}

static inline void rt_uprobe_sync(void)
{
}
#endif

/* What the handlers of a consumer are passed besides. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define RT_UPROBE_DATA , __u64 *data
#else
#define RT_UPROBE_DATA
#endif

static inline void rt_hrtimer_setup(struct hrtimer *t, enum hrtimer_restart (*fn)(struct hrtimer *))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(t, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
#else
	hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	t->function = fn;
#endif
}

/* The page of a fragment of a packet (skb_frag_t); NULL: memory that no processor can read. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define rt_frag_page(f) ((unsigned long)(f)->netmem & 1 ? NULL : (struct page *)(f)->netmem)
#else
#define rt_frag_page(f) ((f)->bv_page)
#endif

#endif
