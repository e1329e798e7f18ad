// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session: the life of a module. Loaded, it waits; the reader writes "start TARGET" to /proc/RT_NAME/ctl:
 * begin probes, then all others are armed. "stop", or the end of the reader: they are disarmed, end
 * probes (after a run-time error: error probes) run, and the output ends.
 */
static DEFINE_MUTEX(rt_life);
static struct proc_dir_entry *rt_dir;

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
	default:
		return 0;
	}
}

static void rt_disarm(void)
{
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
}

/* @target: the process of -c or -x, 0: none. */
static int rt_start(pid_t target)
{
	int i, err = 0;

	mutex_lock(&rt_life);
	if (rt_state != RT_LOADED) {
		mutex_unlock(&rt_life);
		return -EBUSY;
	}
	rt_target = target;
	rt_reader_pid = current->tgid;
	rt_reader_uid = current_uid();
	WRITE_ONCE(rt_state, RT_BEGINNING);
	rt_run_kind(RT_BEGIN, &rt_exiting);
	if (!rt_exiting) {
		WRITE_ONCE(rt_state, RT_RUNNING);
		for (i = 0; i < ARRAY_SIZE(rt_probes) && !err; i++)
			err = rt_arm(&rt_probes[i]);
	}
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
	}
	WRITE_ONCE(rt_state, RT_ENDED);
	mutex_unlock(&rt_life);
	wake_up_interruptible(&rt_readers);
}

static ssize_t rt_ctl_write(struct file *f, const char __user *from, size_t n, loff_t *pos)
{
	char word[24] = "";
	int err = 0;

	if (copy_from_user(word, from, min(n, sizeof(word) - 1)))
		return -EFAULT;
	if (!strncmp(word, "start", 5))
		err = rt_start(simple_strtol(skip_spaces(word + 5), NULL, 10));
	else if (!strncmp(word, "stop", 4))
		rt_stop();
	else
		err = -EINVAL;
	return err ?: n;
}

/* "errors skipped reentered lost failed": what the reader reports at the end. */
static ssize_t rt_ctl_read(struct file *f, char __user *to, size_t n, loff_t *pos)
{
	char text[128];
	int len = scnprintf(text, sizeof(text), "%d %d %d %d %d\n", atomic_read(&rt_errors),
			    atomic_read(&rt_skipped), atomic_read(&rt_reentered), atomic_read(&rt_lost),
			    rt_failed);

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
