// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * input: probes on the reader's standard input, which it passes on to /proc/RT_NAME/in.
 */
static DEFINE_MUTEX(rt_typing);
static struct rt_str rt_line; /* as far as it has been typed */

static void rt_input_run(enum rt_kind kind, char *s, u32 n)
{
	struct rt_text text = {s, n, n};
	struct rt_hit hit = {.text = &text};
	int i;

	for (i = 0; i < ARRAY_SIZE(rt_probes); i++)
		if (rt_probes[i].kind == kind && READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting))
			rt_run(&rt_probes[i], &hit, RT_MAXACTION);
}

static void rt_input(char byte)
{
	rt_append(&rt_line, (struct rt_sv){&byte, 1});
	rt_input_run(RT_INPUT, &byte, byte != '\0');
	if (byte != '\n')
		return;
	rt_input_run(RT_INPUT_LINE, rt_line.s, strnlen(rt_line.s, rt_line.n));
	rt_line.n = 0;
}

static ssize_t rt_in_write(struct file *f, const char __user *from, size_t n, loff_t *pos)
{
	char bytes[256];
	size_t i;

	n = min(n, sizeof(bytes));
	if (copy_from_user(bytes, from, n))
		return -EFAULT;
	mutex_lock(&rt_typing);
	for (i = 0; i < n; i++)
		rt_input(bytes[i]);
	mutex_unlock(&rt_typing);
	return n;
}

static const struct proc_ops rt_in_ops = {
	.proc_write = rt_in_write,
};

/* Handlers of what is typed later do not run: wait for those that do. */
static void rt_input_disarm(void)
{
	mutex_lock(&rt_typing);
	mutex_unlock(&rt_typing);
}
