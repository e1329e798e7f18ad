// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * procfs: files in /proc/systemtap/RT_NAME. A text is made for the first read of an open file, and for
 * each that starts at the front again, and kept for the reads behind; each write() is one text, of which the
 * writer learns how much was taken. Removing the files waits for who is in them, and closes them.
 */
#include <linux/namei.h>

struct rt_opened {
	const struct rt_file *file;
	struct mutex lock;
	bool made;
	struct rt_text text; /* for readers */
	char written[RT_MAXSTRINGLEN];
	char bytes[];
};

static struct proc_dir_entry *rt_procfs_dir;

/* Run the handlers of @kind on @f, as they stand in the script. */
static int rt_file_run(const struct rt_file *f, enum rt_kind kind, struct rt_text *t)
{
	struct rt_hit hit = {.text = t};
	int i, err = -EINVAL;

	if (READ_ONCE(rt_state) != RT_RUNNING)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(rt_probes); i++) {
		if (rt_probes[i].kind != kind || rt_probes[i].file != f)
			continue;
		if (READ_ONCE(rt_exiting))
			return -ENODEV;
		err = rt_run(&rt_probes[i], &hit, RT_MAXACTION) ? 0 : -EBUSY;
	}
	return err;
}

static int rt_file_open(struct inode *i, struct file *f)
{
	const struct rt_file *file = pde_data(i);
	struct rt_opened *o = kvzalloc(struct_size(o, bytes, file->room), GFP_KERNEL_ACCOUNT);

	if (!o)
		return -ENOMEM;
	o->file = file;
	o->text = (struct rt_text){o->bytes, 0, file->room};
	mutex_init(&o->lock);
	f->private_data = o;
	return 0;
}

static int rt_file_release(struct inode *i, struct file *f)
{
	kvfree(f->private_data);
	return 0;
}

static ssize_t rt_file_read(struct file *f, char __user *to, size_t n, loff_t *pos)
{
	struct rt_opened *o = f->private_data;
	ssize_t done = 0;

	mutex_lock(&o->lock);
	if (!*pos || !o->made) {
		o->text.n = 0;
		done = rt_file_run(o->file, RT_FILE_READ, &o->text);
		o->made = !done;
	}
	if (!done)
		done = simple_read_from_buffer(to, n, pos, o->text.p, o->text.n);
	mutex_unlock(&o->lock);
	return done;
}

static ssize_t rt_file_write(struct file *f, const char __user *from, size_t n, loff_t *pos)
{
	struct rt_opened *o = f->private_data;
	struct rt_text t = {o->written, 0, RT_STR_ROOM};
	ssize_t err = 0;

	n = min_t(size_t, n, RT_STR_ROOM);
	mutex_lock(&o->lock);
	if (copy_from_user(o->written, from, n))
		err = -EFAULT;
	t.n = strnlen(o->written, n);
	if (!err && n)
		err = rt_file_run(o->file, RT_FILE_WRITE, &t);
	mutex_unlock(&o->lock);
	return err ?: n;
}

static const struct proc_ops rt_file_ops = {
	.proc_open = rt_file_open,
	.proc_release = rt_file_release,
	.proc_read = rt_file_read,
	.proc_write = rt_file_write,
	.proc_lseek = default_llseek,
};

/* The directory of all modules stays when we go: another one may be about to use it. */
static bool rt_procfs_root(void)
{
	struct path path;

	if (kern_path("/proc/systemtap", LOOKUP_DIRECTORY, &path))
		return proc_mkdir("systemtap", NULL);
	path_put(&path);
	return true;
}

static bool rt_procfs_make(void)
{
	int i;

	if (!rt_procfs_root())
		return false;
	rt_procfs_dir = proc_mkdir("systemtap/" RT_NAME, NULL);
	if (!rt_procfs_dir)
		return false;
	for (i = 0; i < ARRAY_SIZE(rt_file_dirs) - 1; i++)
		if (!proc_mkdir(rt_file_dirs[i], rt_procfs_dir))
			return false;
	for (i = 0; i < ARRAY_SIZE(rt_files); i++)
		if (!proc_create_data(rt_files[i].path, rt_files[i].mode, rt_procfs_dir, &rt_file_ops,
				      (void *)&rt_files[i]))
			return false;
	return true;
}

/* All files at once, for the first of their probes. */
static int rt_procfs_arm(void)
{
	if (rt_procfs_dir || rt_procfs_make())
		return 0;
	rt_tell("ERROR: ", "cannot make files in /proc/systemtap/%s", RT_NAME);
	return -ENOMEM;
}

static void rt_procfs_disarm(void)
{
	proc_remove(rt_procfs_dir);
	rt_procfs_dir = NULL;
}
