// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracepoint: probes at tracepoints of the kernel and of modules. The generated function of each has
 * as many words as its handler uses of the arguments; the calling convention allows to take fewer
 * than are passed, and each word is cut to the argument's size where it is used.
 */
#include <linux/tracepoint.h>

struct rt_tracepoint {
	struct tracepoint *tp;
	struct module *owner; /* kept loaded meanwhile; NULL: the kernel */
	const struct rt_probe *p;
};

static u64 rt_began = U64_MAX; /* all is armed; who was started before is there already */
static struct rt_tracepoint rt_tracepoints[RT_N_TRACEPOINTS];
static int rt_n_tracepoints;

/* rt_tracepoint_hit - called by the generated function. */
static void rt_tracepoint_hit(const struct rt_probe *p, const unsigned long *args)
{
	struct rt_hit hit = {.args = args};

	if (p->subject)
		hit.task = (struct task_struct *)args[p->subject - 1];
	if (p->at_start && hit.task->start_time < READ_ONCE(rt_began)) /* rt_tell_start() tells */
		return;
	if (READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting))
		rt_run(p, &hit, RT_MAXACTION);
}

/* The reader and what it has started are no part of what it looks at. */
static bool rt_is_ours(const struct task_struct *t)
{
	return t->tgid == rt_reader_pid || rt_parent(t)->tgid == rt_reader_pid;
}

/* rt_tell_start - @p is hit by each task that is there already. */
static void rt_tell_start(const struct rt_probe *p)
{
	struct task_struct *g, *t;

	rcu_read_lock();
	for_each_process_thread(g, t) {
		struct rt_hit hit = {.task = t};

		if (t->start_time < rt_began && !rt_is_ours(t) && !READ_ONCE(rt_exiting))
			rt_run(p, &hit, RT_MAXACTION);
	}
	rcu_read_unlock();
}

static void rt_tracepoint_match(struct tracepoint *tp, void *arg)
{
	struct rt_tracepoint *t = arg;

	if (!t->tp && !strcmp(tp->name, t->p->symbol))
		t->tp = tp;
}

#ifdef CONFIG_MODULES
static struct rt_tracepoint *rt_tracepoint_wanted;

/* On registration it is called for each module that has tracepoints. */
static int rt_tracepoint_in_module(struct notifier_block *nb, unsigned long what, void *data)
{
	struct rt_tracepoint *t = rt_tracepoint_wanted;
	struct module *m = ((struct tp_module *)data)->mod;
	int i;

	for (i = 0; what == MODULE_STATE_COMING && !t->tp && i < m->num_tracepoints; i++)
		rt_tracepoint_match(tracepoint_ptr_deref(&m->tracepoints_ptrs[i]), t);
	if (t->tp && !t->owner)
		t->owner = m;
	return NOTIFY_OK;
}

static void rt_tracepoint_search_modules(struct rt_tracepoint *t)
{
	static struct notifier_block nb = {.notifier_call = rt_tracepoint_in_module};

	rt_tracepoint_wanted = t;
	register_tracepoint_module_notifier(&nb);
	unregister_tracepoint_module_notifier(&nb);
	if (t->owner && !try_module_get(t->owner)) {
		t->owner = NULL;
		t->tp = NULL;
	}
}
#else
static void rt_tracepoint_search_modules(struct rt_tracepoint *t)
{
}
#endif

static int rt_tracepoint_arm(const struct rt_probe *p)
{
	struct rt_tracepoint *t = &rt_tracepoints[rt_n_tracepoints];
	int err = -ENOENT;

	t->p = p;
	for_each_kernel_tracepoint(rt_tracepoint_match, t);
	if (!t->tp)
		rt_tracepoint_search_modules(t);
	if (t->tp)
		err = tracepoint_probe_register(t->tp, p->hook, (void *)p);
	if (!err) {
		rt_n_tracepoints++;
		return 0;
	}
	module_put(t->owner);
	*t = (struct rt_tracepoint){};
	if (!p->optional)
		rt_refused(p, err);
	return p->optional ? 0 : err;
}

static void rt_tracepoint_disarm(void)
{
	int i;

	for (i = 0; i < rt_n_tracepoints; i++)
		tracepoint_probe_unregister(rt_tracepoints[i].tp, rt_tracepoints[i].p->hook,
					    (void *)rt_tracepoints[i].p);
	tracepoint_synchronize_unregister();
	while (rt_n_tracepoints)
		module_put(rt_tracepoints[--rt_n_tracepoints].owner);
}
