// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_time: clocks that can be read in every context, and dates.
 */
#include <linux/jiffies.h>
#include <linux/timekeeping.h>

RT_FN s64 rt_fn_gettimeofday_ns(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns();
}

RT_FN s64 rt_fn_gettimeofday_us(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / NSEC_PER_USEC;
}

RT_FN s64 rt_fn_gettimeofday_ms(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / NSEC_PER_MSEC;
}

RT_FN s64 rt_fn_gettimeofday_s(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / NSEC_PER_SEC;
}

RT_FN s64 rt_fn_ktime_get_ns(struct rt_ctx *c, const char *at)
{
	return ktime_get_mono_fast_ns();
}

RT_FN s64 rt_fn_local_clock_ns(struct rt_ctx *c, const char *at)
{
	return ktime_get_mono_fast_ns();
}

RT_FN s64 rt_fn_cpu_clock_ns(struct rt_ctx *c, const char *at, s64 cpu)
{
	return ktime_get_mono_fast_ns();
}

RT_FN s64 rt_fn_get_cycles(struct rt_ctx *c, const char *at)
{
	return get_cycles();
}

RT_FN s64 rt_fn_jiffies(struct rt_ctx *c, const char *at)
{
	return jiffies_64_to_clock_t(get_jiffies_64());
}

static struct rt_sv rt_calendar(struct rt_str *to, s64 seconds)
{
	to->n = rt_put_ctime(to->s, to->s + RT_STR_ROOM, seconds) - to->s;
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_ctime(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_calendar(to, ktime_get_real_fast_ns() / NSEC_PER_SEC);
}

RT_FN struct rt_sv rt_fn_ctime_1(struct rt_ctx *c, const char *at, struct rt_str *to, s64 seconds)
{
	if (seconds == (s32)seconds)
		return rt_calendar(to, seconds);
	rt_fail(c, at, "ctime: %lld seconds are out of range", seconds);
	return RT_LIT("");
}

#ifdef RT_TZ_NAME
/* Seconds west of Greenwich; from where the module was made. */
RT_FN s64 rt_fn_tz_gmtoff(struct rt_ctx *c, const char *at)
{
	return RT_TZ_GMTOFF;
}

RT_FN struct rt_sv rt_fn_tz_name(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy(to, RT_LIT(RT_TZ_NAME));
}
#endif
