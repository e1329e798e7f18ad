// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session: the life of a module. Loaded, it waits; the reader writes "start TARGET" to /proc/RT_NAME/ctl:
 * begin probes, then all others are armed. "stop", or the end of the reader: they are disarmed, end
 * probes (after a run-time error: error probes) run, and the output ends. After "keep" the end of the
 * reader changes nothing, until another one takes it with "own".
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/utsname.h>

static DEFINE_MUTEX(rt_life);
static struct proc_dir_entry *rt_dir;
static DEFINE_MUTEX(rt_owning);
static struct pid *rt_owner; /* the process that answers for it */

/* Run those of @kind, lowest order first, those of one order as they stand in the script. */
static void rt_run_kind(enum rt_kind kind, const bool *stop)
{
	s64 order = S64_MIN, next;
	bool more = true;
	int i;

	while (more) {
		more = false;
		next = S64_MAX;
		for (i = 0; i < ARRAY_SIZE(rt_probes) && !READ_ONCE(*stop); i++) {
			const struct rt_probe *p = &rt_probes[i];

			if (p->kind != kind || p->order < order)
				continue;
			if (p->order == order) {
				rt_run(p, NULL, RT_MAXACTION_OURS);
			} else if (p->order <= next) {
				next = p->order;
				more = true;
			}
		}
		order = next;
	}
}

/* The program that a probe is for. */
static int rt_who_find(const struct rt_probe *probe)
{
	struct rt_program *p = probe->who ? probe->who->program : NULL;
	int err = p ? kern_path(p->path, LOOKUP_FOLLOW, &p->at) : 0;

	if (err)
		rt_tell("ERROR: ", "cannot probe %s: error %d", probe->pp, err);
	return err;
}

static int rt_arm(const struct rt_probe *p)
{
	switch (p->kind) {
#if RT_N_TIMERS
	case RT_TIMER:
		return rt_timer_arm(p);
#endif
#ifdef RT_USE_KPROBE
	case RT_KPROBE:
	case RT_KRETPROBE:
		return rt_kprobe_arm(p);
#endif
#ifdef RT_USE_TRACEPOINT
	case RT_TRACEPOINT:
		return rt_tracepoint_arm(p);
#endif
#if RT_N_PACKETS
	case RT_PACKET:
		return rt_packet_arm(p);
#endif
#ifdef RT_USE_PROCFS
	case RT_FILE_READ:
	case RT_FILE_WRITE:
		return rt_procfs_arm();
#endif
#if RT_N_PERFS
	case RT_PERF:
	case RT_DATA:
		return rt_perf_arm(p);
#endif
#ifdef RT_USE_UPROBE
	case RT_UPROBE:
	case RT_URETPROBE:
		return rt_uprobe_arm(p);
#endif
	default:
		return 0;
	}
}

static void rt_disarm(void)
{
	int i;

#if RT_N_TIMERS
	rt_timer_disarm();
#endif
#ifdef RT_USE_KPROBE
	rt_kprobe_disarm();
#endif
#ifdef RT_USE_TRACEPOINT
	rt_tracepoint_disarm();
#endif
#if RT_N_PACKETS
	rt_packet_disarm();
#endif
#ifdef RT_USE_PROCFS
	rt_procfs_disarm();
#endif
#if RT_N_PERFS
	rt_perf_disarm();
#endif
#ifdef RT_USE_INPUT
	rt_input_disarm();
#endif
#ifdef RT_USE_UPROBE
	rt_uprobe_disarm();
#endif
	for (i = 0; i < ARRAY_SIZE(rt_probes); i++)
		rt_who_forget(rt_probes[i].who);
}

/* Arming takes seconds where there are many probes: the reader may have been told to stop. */
static bool rt_interrupted(void)
{
	static const u8 stops[] = {SIGKILL, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	int i;

	for (i = 0; i < ARRAY_SIZE(stops); i++)
		if (sigismember(&current->signal->shared_pending.signal, stops[i]))
			return true;
	return false;
}

/* Timers last: they are not to come late because much else is armed. */
static int rt_arm_all(void)
{
	int i, err = 0, timers;

	for (i = 0; i < ARRAY_SIZE(rt_probes) && !err; i++)
		err = rt_who_find(&rt_probes[i]);
	for (timers = 0; timers < 2; timers++) {
		for (i = 0; i < ARRAY_SIZE(rt_probes) && !err; i++)
			if ((rt_probes[i].kind == RT_TIMER) == timers)
				err = rt_interrupted() ? -EINTR : rt_arm(&rt_probes[i]);
#ifdef RT_USE_KPROBE
		if (!timers && !err)
			err = rt_kprobe_enable();
#endif
	}
#ifdef RT_USE_TRACEPOINT
	WRITE_ONCE(rt_began, ktime_get_ns());
	for (i = 0; i < ARRAY_SIZE(rt_probes) && !err; i++)
		if (rt_probes[i].at_start)
			rt_tell_start(&rt_probes[i]);
#endif
	return err;
}

/* Are the addresses in here those of this build of the kernel? */
static int rt_check_kernel(void)
{
#ifdef RT_KERNEL
	static const char text[] = "ERROR: functions of equal names lie elsewhere in this kernel; the module was made "
				   "on " RT_KERNEL "\n";

	if (strcmp(init_utsname()->version, RT_KERNEL)) {
		rt_send(RT_OUT_ERROR, text, sizeof(text) - 1);
		return -ENOEXEC;
	}
#endif
	return 0;
}

static int rt_start_now(pid_t target)
{
	if (rt_state != RT_LOADED)
		return -EBUSY;
	if (rt_check_kernel())
		return -ENOEXEC;
	rt_target = target;
	rt_reader_pid = current->tgid;
	rt_reader_uid = current_uid();
	WRITE_ONCE(rt_state, RT_BEGINNING);
	rt_run_kind(RT_BEGIN, &rt_exiting);
	if (rt_exiting)
		return 0;
	WRITE_ONCE(rt_state, RT_RUNNING);
	return rt_arm_all();
}

/* @target: the process of -c or -x, 0: none. */
static int rt_start(s64 target)
{
	int err;

	mutex_lock(&rt_life);
	err = rt_start_now(target);
	mutex_unlock(&rt_life);
	return err;
}

static void rt_stop(void)
{
	static const bool never;

	mutex_lock(&rt_life);
	if (rt_state == RT_BEGINNING || rt_state == RT_RUNNING) {
		WRITE_ONCE(rt_state, RT_ENDING);
		WRITE_ONCE(rt_exiting, true);
		rt_disarm();
		if (!rt_failed)
			rt_run_kind(RT_END, &rt_failed);
		if (rt_failed)
			rt_run_kind(RT_ERROR, &never);
#ifdef RT_TIMING
		rt_timing_report();
#endif
	}
	WRITE_ONCE(rt_state, RT_ENDED);
	mutex_unlock(&rt_life);
	wake_up_interruptible(&rt_readers);
}

/* ---- what the reader says ---- */

static int rt_say_stop(s64 n)
{
	rt_stop();
	return 0;
}

static int rt_say_keep(s64 n)
{
	rt_keep(true);
	return 0;
}

static int rt_say_own(s64 n)
{
	mutex_lock(&rt_owning);
	put_pid(rt_owner);
	rt_owner = get_pid(task_tgid(current));
	mutex_unlock(&rt_owning);
	rt_keep(false);
	return 0;
}

static int rt_say_buffer(s64 kb)
{
	int err = kb > 0 && rt_state == RT_LOADED ? ring_buffer_resize(rt_ring, kb * 1024, -1) : -EINVAL;

	return err < 0 ? err : 0;
}

static const struct rt_word {
	const char *name;
	int (*say)(s64 n);
} rt_words[] = {
	{"start", rt_start},   {"stop", rt_say_stop},	  {"keep", rt_say_keep},
	{"own", rt_say_own},   {"buffer", rt_say_buffer},
};

static ssize_t rt_ctl_write(struct file *f, const char __user *from, size_t n, loff_t *pos)
{
	char text[48] = "", *arg = text, *word;
	s64 number = 0;
	int i, err = -EINVAL;

	if (copy_from_user(text, from, min(n, sizeof(text) - 1)))
		return -EFAULT;
	word = strsep(&arg, " \n");
	if (arg && *arg && kstrtos64(strim(arg), 10, &number))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(rt_words); i++)
		if (!strcmp(word, rt_words[i].name))
			err = rt_words[i].say(number);
	return err ?: n;
}

static bool rt_is_owned(void)
{
	const struct task_struct *t;
	bool ret;

	mutex_lock(&rt_owning);
	rcu_read_lock();
	t = pid_task(rt_owner, PIDTYPE_TGID);
	ret = t && !(READ_ONCE(t->flags) & PF_EXITING); /* it may wait for its parent to look */
	rcu_read_unlock();
	mutex_unlock(&rt_owning);
	return ret;
}

/* How it is, a line for each thing. */
static ssize_t rt_ctl_read(struct file *f, char __user *to, size_t n, loff_t *pos)
{
	static const char *const states[] = {
		[RT_LOADED] = "loaded", [RT_BEGINNING] = "beginning", [RT_RUNNING] = "running",
		[RT_ENDING] = "ending", [RT_ENDED] = "ended",
	};
	char text[256];
	int len = scnprintf(text, sizeof(text),
			    "state %s\nreader %d\nowned %d\nkept %d\nexiting %d\nfailed %d\n"
			    "errors %d\nskipped %d\nreentered %d\nlow_stack %d\nmissed %d\nlost %d\n",
			    states[rt_state], rt_reader, rt_is_owned(), rt_kept, rt_exiting, rt_failed,
			    atomic_read(&rt_errors), atomic_read(&rt_skipped),
			    atomic_read(&rt_reentered), atomic_read(&rt_low_stack),
			    atomic_read(&rt_missed), atomic_read(&rt_lost));

	return simple_read_from_buffer(to, n, pos, text, len);
}

static const struct proc_ops rt_ctl_ops = {
	.proc_write = rt_ctl_write,
	.proc_read = rt_ctl_read,
};

static void rt_free(void)
{
	if (rt_dir)
		proc_remove(rt_dir);
	rt_globals_free();
	rt_ctx_free();
	rt_out_free();
	put_pid(rt_owner);
}

static int rt_make_files(void)
{
	rt_dir = proc_mkdir_mode(RT_NAME, 0500, NULL);
	if (!rt_dir || !proc_create("out", 0400, rt_dir, &rt_out_ops) ||
	    !proc_create("ctl", 0600, rt_dir, &rt_ctl_ops))
		return -ENOMEM;
#ifdef RT_USE_INPUT
	if (!proc_create("in", 0200, rt_dir, &rt_in_ops))
		return -ENOMEM;
#endif
	return 0;
}

static int __init rt_init(void)
{
	int err = rt_out_init();

	rt_owner = get_pid(task_tgid(current));
	err = err ?: rt_ctx_init();
	err = err ?: rt_globals_init();
	err = err ?: rt_make_files();
	if (err)
		rt_free();
	return err;
}

static void __exit rt_done(void)
{
	rt_stop();
	rt_free();
}

module_init(rt_init);
module_exit(rt_done);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("made by tapx");
