// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_process: built-ins about the time, stacks and signals of tasks. Raw counts are taken as they are:
 * the kernel's own sums are behind locks, which whom we interrupted may hold.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "fn_data.c"
#include "fn_stack.c"

static const struct task_struct *rt_thread(struct rt_ctx *c, const char *at, s64 tid)
{
	return (const struct task_struct *)rt_fn_pid2task(c, at, tid);
}

/* ---- time, in nanoseconds ---- */

RT_FN s64 rt_fn_task_start_time(struct rt_ctx *c, const char *at, s64 tid)
{
	const struct task_struct *t = rt_thread(c, at, tid);

	return t ? t->start_boottime : 0;
}

RT_FN s64 rt_fn_task_utime(struct rt_ctx *c, const char *at)
{
	return current->utime;
}

RT_FN s64 rt_fn_task_utime_1(struct rt_ctx *c, const char *at, s64 tid)
{
	const struct task_struct *t = rt_thread(c, at, tid);

	return t ? t->utime : 0;
}

RT_FN s64 rt_fn_task_stime(struct rt_ctx *c, const char *at)
{
	return current->stime;
}

RT_FN s64 rt_fn_task_stime_1(struct rt_ctx *c, const char *at, s64 tid)
{
	const struct task_struct *t = rt_thread(c, at, tid);

	return t ? t->stime : 0;
}

/* ---- stacks ---- */

/* Of a task that does not run; the pointer is only followed when it is one. */
RT_FN struct rt_sv rt_fn_task_backtrace(struct rt_ctx *c, const char *at, struct rt_str *to, s64 task)
{
	unsigned long *f = this_cpu_ptr(&rt_frames)->at;
	struct task_struct *t = (struct task_struct *)task;
	pid_t pid;

	if (get_kernel_nofault(pid, &t->pid) || rt_thread(c, at, pid) != t) {
		rt_fail(c, at, "there is no task at 0x%llx", task);
		return RT_LIT("");
	}
	if (t == current)
		return rt_fn_backtrace(c, at, to);
	return rt_addresses_text(to, f, rt_unwind(t, f, min_t(s64, RT_MAX_FRAMES, RT_MAXBACKTRACE), NULL));
}

/* ---- signals ---- */

RT_FN s64 rt_fn_is_sig_blocked(struct rt_ctx *c, const char *at, s64 t, s64 sig)
{
	const sigset_t blocked = rt_member(c, at, t, struct task_struct, blocked);

	return sig >= 1 && sig <= _NSIG && blocked.sig[(sig - 1) / _NSIG_BPW] >> (sig - 1) % _NSIG_BPW & 1;
}

RT_FN s64 rt_fn_get_sa_flags(struct rt_ctx *c, const char *at, s64 act)
{
	return rt_member(c, at, act, struct sigaction, sa_flags);
}

RT_FN s64 rt_fn_get_sa_handler(struct rt_ctx *c, const char *at, s64 act)
{
	return (s64)rt_member(c, at, act, struct sigaction, sa_handler);
}

/* ---- the machine ---- */

/* The node of the memory that the kernel has mapped at @addr, -1 when none has it. */
RT_FN s64 rt_fn_addr_to_node(struct rt_ctx *c, const char *at, s64 addr)
{
	unsigned long pfn = virt_addr_valid((void *)addr) ? PHYS_PFN(__pa(addr)) : 0;
	int nid;

	for_each_online_node(nid)
		if (pfn && pfn >= node_start_pfn(nid) && pfn < node_end_pfn(nid))
			return nid;
	return -1;
}
