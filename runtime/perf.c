// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf: probes that the kernel's perf events call: counters of the machine and of the kernel, clocks,
 * watchpoints. Each is an event on every processor, or one that follows a process and what descends
 * from it. Handlers run in interrupts, some of which nothing can mask.
 */
#include <linux/hw_breakpoint.h>
#include <linux/namei.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/task.h>

struct rt_perf {
	const struct rt_probe *p;
	struct perf_event **events; /* by processor; of a process: the first alone */
	struct path program;
};

static struct rt_perf rt_perfs[RT_N_PERFS];
static int rt_n_perfs;

/* Does the current task run the file of @t? */
static bool rt_perf_is_program(const struct rt_perf *t)
{
	struct mm_struct *mm = current->mm;
	struct file *exe = mm ? rcu_dereference_raw(mm->exe_file) : NULL;

	return exe && file_inode(exe) == d_backing_inode(t->program.dentry);
}

static void rt_perf_hit(struct perf_event *e, struct perf_sample_data *data, struct pt_regs *regs)
{
	const struct rt_perf *t = e->overflow_handler_context;
	struct rt_hit hit = {.regs = regs, .ip = instruction_pointer(regs)};

	if (READ_ONCE(rt_state) != RT_RUNNING || READ_ONCE(rt_exiting))
		return;
	if (!t->p->program || rt_perf_is_program(t))
		rt_run(t->p, &hit, RT_MAXACTION);
}

/* ---- reading counters ---- */

/* The event by which @t counts here and now; NULL: none does. */
static struct perf_event *rt_perf_here(const struct rt_perf *t, int cpu)
{
	struct perf_event *first, *e;
	struct perf_event_context *ctx;

	if (!t->events)
		return NULL;
	first = READ_ONCE(t->events[t->p->of_target ? 0 : cpu]);
	if (!first || !t->p->of_target)
		return first;
	ctx = rt_perf_context(first);
	if (!ctx)
		return NULL;
	list_for_each_entry_rcu(e, &ctx->event_list, event_entry)
		if (e == first || e->parent == first)
			return e;
	return NULL;
}

/* rt_perf_read - what counter @i has counted on this processor, or in the current task. */
static __maybe_unused s64 rt_perf_read(struct rt_ctx *c, int i, const char *at)
{
	struct perf_event *e;
	unsigned long flags;
	s64 n = 0;

	local_irq_save(flags);
	e = rt_perf_here(&rt_perfs[i], c->cpu);
	if (e && READ_ONCE(e->oncpu) == c->cpu)
		e->pmu->read(e);
	if (e)
		n = local64_read(&e->count);
	local_irq_restore(flags);
	if (!e)
		rt_fail(c, at, "the counter does not count here");
	return n;
}

/* ---- arming ---- */

static int rt_perf_create(struct rt_perf *t, int i, int cpu, struct task_struct *task)
{
	struct perf_event_attr attr = *t->p->attr;
	struct perf_event *e = perf_event_create_kernel_counter(&attr, cpu, task, t->p->counter ? NULL : rt_perf_hit, t);

	if (IS_ERR(e))
		return PTR_ERR(e);
	WRITE_ONCE(t->events[i], e);
	return 0;
}

static int rt_perf_on_cpus(struct rt_perf *t)
{
	int cpu, err = 0;

	for_each_online_cpu(cpu)
		err = err ?: rt_perf_create(t, cpu, cpu, NULL);
	return err;
}

static int rt_perf_on_target(struct rt_perf *t)
{
	struct task_struct *task;
	int err;

	rcu_read_lock();
	task = pid_task(find_pid_ns(rt_target, &init_pid_ns), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (!task)
		return -ESRCH;
	err = rt_perf_create(t, 0, -1, task);
	put_task_struct(task);
	return err;
}

static int rt_perf_set_up(struct rt_perf *t)
{
	int err = t->p->program ? kern_path(t->p->program, LOOKUP_FOLLOW, &t->program) : 0;

	if (err)
		return err;
	t->events = kcalloc(nr_cpu_ids, sizeof(*t->events), GFP_KERNEL);
	if (!t->events)
		return -ENOMEM;
	return t->p->of_target ? rt_perf_on_target(t) : rt_perf_on_cpus(t);
}

static const char *rt_perf_why(const struct rt_probe *p, int err)
{
	if (err == -ESRCH)
		return "it is about the process of -c or -x, and there is none";
	if (err == -ENOSPC)
		return p->kind == RT_DATA ? "all watchpoints of the processor are in use, it has " __stringify(HBP_NUM) :
					    "no counter of the machine is left";
	if (p->kind == RT_PERF && (err == -ENOENT || err == -ENODEV || err == -EOPNOTSUPP || err == -EINVAL))
		return "no such counter on this machine";
	return "the kernel refuses it";
}

static void rt_perf_release(struct rt_perf *t)
{
	int i;

	for (i = 0; t->events && i < nr_cpu_ids; i++) {
		struct perf_event *e = xchg(&t->events[i], NULL);

		if (e)
			perf_event_release_kernel(e);
	}
}

static int rt_perf_arm(const struct rt_probe *p)
{
	struct rt_perf *t = &rt_perfs[rt_n_perfs++];
	int err;

	t->p = p;
	err = rt_perf_set_up(t);
	if (!err)
		return 0;
	rt_perf_release(t);
	if (p->optional)
		return 0;
	rt_tell("ERROR: ", "%s: %s (error %d)", p->pp, rt_perf_why(p, err), err);
	return err;
}

/* Handlers that have begun end before the memory goes: they run with preemption off. */
static void rt_perf_disarm(void)
{
	int i;

	for (i = 0; i < rt_n_perfs; i++)
		rt_perf_release(&rt_perfs[i]);
	synchronize_rcu();
	while (rt_n_perfs) {
		struct rt_perf *t = &rt_perfs[--rt_n_perfs];

		kfree(t->events);
		t->events = NULL;
		path_put(&t->program);
	}
}
