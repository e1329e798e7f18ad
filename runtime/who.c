// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * who: which tasks a probe of user space is for, and which program a task runs.
 */
#include <linux/mm_types.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

enum { RT_MAX_DEPTH = 64 }; /* generations between a process and its ancestor */

/* Read under RCU of either kind: with preemption off, or rcu_read_lock(). */
static struct task_struct *rt_parent(const struct task_struct *t)
{
	return rcu_dereference_raw(t->real_parent);
}

static __maybe_unused bool rt_in_target_set(const struct task_struct *t)
{
	int depth;

	for (depth = 0; t && t->tgid > 1 && depth < RT_MAX_DEPTH; depth++, t = rt_parent(t))
		if (t->tgid == rt_target)
			return true;
	return false;
}

/* A task that exits or is another's has its memory taken away only under its lock, which we only try. */
static bool rt_runs(struct task_struct *t, const struct rt_program *p)
{
	const struct file *exe;
	bool yes = false;

	if (!spin_trylock(&t->alloc_lock))
		return false;
	rcu_read_lock();
	exe = t->mm ? rcu_dereference(t->mm->exe_file) : NULL;
	if (exe)
		yes = file_inode(exe) == d_inode(p->at.dentry);
	rcu_read_unlock();
	spin_unlock(&t->alloc_lock);
	return yes;
}

static bool rt_is_for(const struct rt_who *w, struct task_struct *t)
{
	bool leader = t->pid == t->tgid;

	if ((t->flags & PF_KTHREAD) || (w->pid && t->tgid != w->pid))
		return false;
	if ((w->leader && !leader) || (w->other && leader))
		return false;
	return (!w->tree || rt_in_target_set(t)) && (!w->program || rt_runs(t, w->program));
}

static void rt_who_forget(const struct rt_who *w)
{
	struct rt_program *p = w ? w->program : NULL;

	if (p && p->at.dentry)
		path_put(&p->at);
	if (p)
		p->at = (struct path){};
}
