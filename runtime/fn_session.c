// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_session: built-ins about the session: ending it, messages, and small facts. As in all files
 * fn_*.c the function of a built-in is rt_fn_ID (builtins.def); it gets the context, what an error
 * points at, for text a place to put it, and the arguments. A module has the files that it calls.
 */
#include <linux/moduleparam.h>
#include <linux/sched/loadavg.h>

RT_FN void rt_fn_exit(struct rt_ctx *c, const char *at)
{
	rt_exit();
}

RT_FN void rt_fn_abort(struct rt_ctx *c, const char *at)
{
	rt_exit();
	c->aborted = true;
	rt_fail_final(c, at, "abort");
}

RT_FN void rt_fn_error(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_fail(c, at, "%.*s", (int)s.n, s.p);
}

RT_FN void rt_fn_warn(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_message(c, "WARNING: ", "%.*s", (int)s.n, s.p);
}

RT_FN void rt_fn_log(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_print(c, s);
	rt_print(c, RT_LIT("\n"));
}

/* Through the reader: the kernel's own printk() takes locks, which a probe may be inside of. */
RT_FN void rt_fn_printk(struct rt_ctx *c, const char *at, s64 level, struct rt_sv s)
{
	int n = scnprintf(c->error_text, RT_ERROR_BYTES, "<%d>%.*s\n", (int)(level & 7), (int)s.n, s.p);

	rt_send(RT_OUT_KERNEL, c->error_text, n);
}

/* Into the buffer that everyone shares. */
RT_FN void rt_fn_ftrace(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	char *end = rt_put_bytes(c->error_text, c->error_text + RT_ERROR_BYTES - 2, s.p, s.n);

	*end++ = '\n';
	*end = '\0';
	__trace_puts(_THIS_IP_, c->error_text, end - c->error_text);
}

/* The reader runs it, behind what was printed so far, and does not wait for it. */
RT_FN void rt_fn_system(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_out_flush(c);
	rt_send(RT_OUT_SYSTEM, s.p, s.n);
}

RT_FN void rt_fn_switch_file(struct rt_ctx *c, const char *at)
{
	rt_out_flush(c);
	rt_send(RT_OUT_SWITCH, "", 0);
}

RT_FN void rt_fn_asmlinkage(struct rt_ctx *c, const char *at)
{
}

RT_FN void rt_fn_fastcall(struct rt_ctx *c, const char *at)
{
}

RT_FN void rt_fn_regparm(struct rt_ctx *c, const char *at, s64 n)
{
}

RT_FN s64 rt_fn_stp_pid(struct rt_ctx *c, const char *at)
{
	return rt_reader_pid;
}

RT_FN struct rt_sv rt_fn_module_name(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy(to, RT_LIT(RT_NAME));
}

RT_FN s64 rt_fn_mem_page_size(struct rt_ctx *c, const char *at)
{
	return PAGE_SIZE;
}

/* The load average over 1, 5 or 15 minutes (@which: 0, 1, 2) times 100. */
RT_FN s64 rt_fn_loadavg_hundredths(struct rt_ctx *c, const char *at, s64 which)
{
	if (which < 0 || which > 2) {
		rt_fail(c, at, "there is no load average %lld", which);
		return 0;
	}
	return (READ_ONCE(avenrun[which]) * 100 + FIXED_1 / 2) >> FSHIFT;
}

/* The kernel's own random numbers take locks, which a probe may be inside of. */
RT_FN s64 rt_fn_randint(struct rt_ctx *c, const char *at, s64 n)
{
	enum { MOST = 1 << 20 };
	u64 s = c->seed ?: (ktime_get_mono_fast_ns() ^ (u64)(uintptr_t)c) | 1;

	if (n < 0 || n > MOST)
		rt_fail(c, at, "range too wide");
	if (n <= 0 || n > MOST)
		return 0;
	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	c->seed = s;
	return (s >> 1) % (u64)n;
}
