// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_probe: built-ins about the probe itself.
 */

static struct rt_sv rt_copy_c(struct rt_str *to, const char *s)
{
	return rt_copy(to, (struct rt_sv){s, strlen(s)});
}

RT_FN struct rt_sv rt_fn_pp(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy_c(to, c->probe->pp);
}

RT_FN struct rt_sv rt_fn_pn(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy_c(to, c->probe->pn);
}

/* What hooks the probe in, in SystemTap's words. */
RT_FN struct rt_sv rt_fn_probe_type(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	switch (c->probe->kind) {
	case RT_TIMER:
		return rt_copy_c(to, strstarts(c->probe->pp, "timer.jiffies") ? "timer" : "hrtimer");
	case RT_KPROBE:
		return RT_LIT("kprobe");
	case RT_KRETPROBE:
		return RT_LIT("kretprobe");
	case RT_UPROBE:
		return RT_LIT("uprobe");
	case RT_URETPROBE:
		return RT_LIT("uretprobe");
	case RT_TRACEPOINT:
		return RT_LIT("kernel_tracepoint");
	case RT_PACKET:
		return RT_LIT("netfilter");
	case RT_FILE_READ:
	case RT_FILE_WRITE:
	case RT_INPUT:
	case RT_INPUT_LINE:
		return RT_LIT("procfs");
	case RT_PERF:
		return RT_LIT("perf");
	case RT_DATA:
		return RT_LIT("hwbkpt");
	default:
		return RT_LIT("begin_end");
	}
}

/* NAME of .label("NAME") in the probe point. */
RT_FN struct rt_sv rt_fn_pnlabel(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	static const char form[] = ".label(\"";
	const char *name = strstr(c->probe->pn, form);

	if (!name)
		return RT_LIT("");
	name += sizeof(form) - 1;
	return rt_copy(to, (struct rt_sv){name, strcspn(name, "\"")});
}
