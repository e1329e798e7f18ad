// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_data: built-ins about kernel data behind a pointer that the script has: tasks, files, paths. The
 * pointer may be anything, so every step is a read that survives it; walks end after some steps.
 */
#ifndef RT_FN_DATA
#define RT_FN_DATA

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>

enum {
	RT_MAX_STEPS = 256, /* of a walk: components of a path, words of a bitmap */
	RT_MAX_TRIES = 3    /* walks, while others rename */
};

/* ---- tasks ---- */

RT_FN s64 rt_fn_task_pid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, t, struct task_struct, tgid);
}

RT_FN s64 rt_fn_task_tid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, t, struct task_struct, pid);
}

RT_FN s64 rt_fn_task_state(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, t, struct task_struct, __state);
}

RT_FN s64 rt_fn_task_parent(struct rt_ctx *c, const char *at, s64 t)
{
	return (s64)rt_member(c, at, t, struct task_struct, real_parent);
}

RT_FN s64 rt_fn_task_current(struct rt_ctx *c, const char *at)
{
	return (s64)current;
}

RT_FN s64 rt_fn_pid2task(struct rt_ctx *c, const char *at, s64 pid)
{
	struct task_struct *t;

	if (pid <= 0 || pid != (s32)pid)
		return 0;
	rcu_read_lock();
	t = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	rcu_read_unlock();
	return (s64)t;
}

RT_FN struct rt_sv rt_fn_task_execname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 t)
{
	rt_text(c, to, (u64)t + offsetof(struct task_struct, comm), TASK_COMM_LEN, false, at);
	return rt_view(to);
}

RT_FN s64 rt_fn_task_prio(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, t, struct task_struct, prio) - MAX_RT_PRIO;
}

RT_FN s64 rt_fn_task_nice(struct rt_ctx *c, const char *at, s64 t)
{
	return PRIO_TO_NICE(rt_member(c, at, t, struct task_struct, static_prio));
}

RT_FN s64 rt_fn_task_cpu(struct rt_ctx *c, const char *at, s64 t)
{
#ifdef CONFIG_THREAD_INFO_IN_TASK
	return rt_member(c, at, t, struct task_struct, thread_info.cpu);
#else
	return 0;
#endif
}

static struct cred rt_cred(struct rt_ctx *c, const char *at, s64 t)
{
	struct cred cred;

	rt_load(c, &cred, (u64)rt_member(c, at, t, struct task_struct, real_cred), sizeof(cred), at);
	return cred;
}

RT_FN s64 rt_fn_task_uid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_cred(c, at, t).uid.val;
}

RT_FN s64 rt_fn_task_euid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_cred(c, at, t).euid.val;
}

RT_FN s64 rt_fn_task_gid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_cred(c, at, t).gid.val;
}

RT_FN s64 rt_fn_task_egid(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_cred(c, at, t).egid.val;
}

/* ---- files of a task ---- */

static struct fdtable *rt_fdtable(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, rt_member(c, at, t, struct task_struct, files), struct files_struct, fdt);
}

RT_FN s64 rt_fn_task_max_file_handles(struct rt_ctx *c, const char *at, s64 t)
{
	return rt_member(c, at, rt_fdtable(c, at, t), struct fdtable, max_fds);
}

RT_FN s64 rt_fn_task_open_file_handles(struct rt_ctx *c, const char *at, s64 t)
{
	const struct fdtable *f = rt_fdtable(c, at, t);
	u32 words = rt_member(c, at, f, struct fdtable, max_fds) / BITS_PER_LONG, i;
	const unsigned long *open = rt_member(c, at, f, struct fdtable, open_fds);
	s64 n = 0;

	for (i = 0; i < words && i < RT_MAX_STEPS && !c->error; i++)
		n += hweight64(rt_kernel_u64(c, (u64)(open + i), at));
	return n;
}

RT_FN s64 rt_fn_task_fd_lookup(struct rt_ctx *c, const char *at, s64 t, s64 fd)
{
	const struct fdtable *f = rt_fdtable(c, at, t);
	struct file **files = (struct file **)rt_member(c, at, f, struct fdtable, fd);

	if (c->error || fd < 0 || fd >= rt_member(c, at, f, struct fdtable, max_fds))
		return 0;
	return rt_kernel_s64(c, (u64)(files + fd), at);
}

RT_FN s64 rt_fn_task_exe_file(struct rt_ctx *c, const char *at, s64 t)
{
	const struct mm_struct *mm = rt_member(c, at, t, struct task_struct, mm);

	return mm ? (s64)rt_member(c, at, mm, struct mm_struct, exe_file) : 0;
}

RT_FN s64 rt_fn_current_exe_file(struct rt_ctx *c, const char *at)
{
	return rt_fn_task_exe_file(c, at, (s64)current);
}

RT_FN s64 rt_fn_task_cwd_path(struct rt_ctx *c, const char *at, s64 t)
{
	struct fs_struct *fs = rt_member(c, at, t, struct task_struct, fs);

	return (s64)&fs->pwd;
}

/* ---- paths ---- */

/* struct rt_mount - the kernel's struct mount up to the part that it shows to others. */
struct rt_mount {
	struct hlist_node hash;
	struct rt_mount *parent;
	struct dentry *mountpoint;
	struct vfsmount mnt;
};

static const struct rt_mount *rt_mount_of(const struct vfsmount *mnt)
{
	return container_of(mnt, struct rt_mount, mnt);
}

RT_FN s64 rt_fn_real_mount(struct rt_ctx *c, const char *at, s64 mnt)
{
	return (s64)rt_mount_of((const struct vfsmount *)mnt);
}

RT_FN struct rt_sv rt_fn_d_name(struct rt_ctx *c, const char *at, struct rt_str *to, s64 dentry)
{
	const struct qstr name = rt_member(c, at, dentry, struct dentry, d_name);

	rt_text(c, to, (u64)name.name, name.len, false, at);
	return rt_view(to);
}

/* struct rt_path - a path being built from its end; @from is where it begins in @to->s. */
struct rt_path {
	struct rt_str *to;
	u32 from;
	const struct dentry *d;
	const struct vfsmount *mnt; /* NULL: within one file system */
};

/* Put "/NAME" of the dentry before what is there. False: no more room, or a fault. */
static bool rt_path_name(struct rt_ctx *c, const char *at, struct rt_path *p)
{
	const struct qstr name = rt_member(c, at, p->d, struct dentry, d_name);

	if (c->error || name.len >= p->from)
		return false;
	p->from -= name.len + 1;
	p->to->s[p->from] = '/';
	rt_load(c, p->to->s + p->from + 1, (u64)name.name, name.len, at);
	return !c->error;
}

/* One step to the root. False: it is reached. */
static bool rt_path_step(struct rt_ctx *c, const char *at, struct rt_path *p)
{
	const struct dentry *parent = rt_member(c, at, p->d, struct dentry, d_parent);
	const struct rt_mount *m;

	if (p->mnt && p->d == rt_member(c, at, p->mnt, struct vfsmount, mnt_root)) {
		m = rt_mount_of(p->mnt);
		p->d = rt_member(c, at, m, struct rt_mount, mountpoint);
		parent = (void *)rt_member(c, at, m, struct rt_mount, parent);
		p->mnt = &((struct rt_mount *)parent)->mnt;
		return (void *)parent != (void *)m && !c->error;
	}
	if (c->error || parent == p->d || !rt_path_name(c, at, p))
		return false;
	p->d = parent;
	return true;
}

/* How often anything has been renamed, odd while it is: that lock is never waited for. */
static u32 rt_renames(void)
{
	return READ_ONCE(rename_lock.seqcount.seqcount.sequence);
}

/* Does @d belong to nothing any more? The kernel says so behind the path. */
static bool rt_is_deleted(struct rt_ctx *c, const char *at, const struct dentry *d)
{
	return rt_member(c, at, d, struct dentry, d_parent) != d && !rt_member(c, at, d, struct dentry, d_hash).pprev;
}

static void rt_path_walk(struct rt_ctx *c, const char *at, struct rt_path *p)
{
	int steps = 0;

	p->from = RT_STR_ROOM;
	while (steps++ < RT_MAX_STEPS && rt_path_step(c, at, p))
		;
	if (p->from == RT_STR_ROOM)
		p->to->s[--p->from] = '/';
	p->to->n = RT_STR_ROOM - p->from;
	memmove(p->to->s, p->to->s + p->from, p->to->n);
}

/* What is in no directory has a name of the kernel's own making. */
static bool rt_path_nameless(struct rt_ctx *c, const char *at, struct rt_str *to, const struct dentry *d)
{
	const struct super_block *sb = rt_member(c, at, d, struct dentry, d_sb);
	const struct file_system_type *type = rt_member(c, at, sb, struct super_block, s_type);
	const struct inode *inode = rt_member(c, at, d, struct dentry, d_inode);
	bool pipe, socket;

	rt_text(c, to, (u64)rt_member(c, at, type, struct file_system_type, name), -1, false, at);
	pipe = rt_same(rt_view(to), RT_LIT("pipefs"));
	socket = rt_same(rt_view(to), RT_LIT("sockfs"));
	if (c->error || (!pipe && !socket))
		return false;
	to->n = scnprintf(to->s, RT_STR_ROOM, "%s:[%lu]", pipe ? "pipe" : "socket",
			  rt_member(c, at, inode, struct inode, i_ino));
	return true;
}

static struct rt_sv rt_path(struct rt_ctx *c, const char *at, struct rt_str *to, const struct dentry *d,
			    const struct vfsmount *mnt)
{
	u32 seen;
	int tries = 0;

	if (mnt && rt_path_nameless(c, at, to, d))
		return rt_view(to);
	do {
		struct rt_path p = {to, 0, d, mnt};

		seen = rt_renames();
		smp_rmb();
		rt_path_walk(c, at, &p);
		smp_rmb();
	} while ((seen & 1 || seen != rt_renames()) && ++tries < RT_MAX_TRIES);
	if (mnt && rt_is_deleted(c, at, d))
		rt_append(to, RT_LIT(" (deleted)"));
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_task_dentry_path(struct rt_ctx *c, const char *at, struct rt_str *to, s64 t, s64 d,
					  s64 mnt)
{
	return rt_path(c, at, to, (const struct dentry *)d, (const struct vfsmount *)mnt);
}

RT_FN struct rt_sv rt_fn_fullpath_struct_path(struct rt_ctx *c, const char *at, struct rt_str *to, s64 path)
{
	const struct dentry *d = rt_member(c, at, path, struct path, dentry);

	return rt_path(c, at, to, d, rt_member(c, at, path, struct path, mnt));
}

RT_FN struct rt_sv rt_fn_fullpath_struct_file(struct rt_ctx *c, const char *at, struct rt_str *to, s64 t,
					      s64 file)
{
	return rt_fn_fullpath_struct_path(c, at, to, file + offsetof(struct file, f_path));
}

/* Within its file system, without the slash in front. */
RT_FN struct rt_sv rt_fn_reverse_path_walk(struct rt_ctx *c, const char *at, struct rt_str *to, s64 d)
{
	struct rt_sv s = rt_path(c, at, to, (const struct dentry *)d, NULL);

	return rt_copy(to, (struct rt_sv){s.p + 1, s.n - 1});
}

#endif
