/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * timer.UNIT(N)[.randomize(M)] and timer.hz(N): periods in nanoseconds. How long a jiffy is, the
 * kernel tells by the resolution of its coarse clocks, which is one tick.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define PERIOD_MIN UINT64_C(100000)		/* 100 us */
#define PERIOD_MAX (UINT64_C(86400) * NS_PER_S) /* a day */

enum { FORM_PERIOD, FORM_HZ };

#define UNIT(u)                                                                                    \
	{"timer." u "(number)", FORM_PERIOD},                                                      \
	{                                                                                          \
		"timer." u "(number).randomize(number)", FORM_PERIOD                               \
	}
static const Pattern pattern[] = {
    UNIT("s"),	  UNIT("sec"), UNIT("ms"),   UNIT("msec"),    UNIT("us"),
    UNIT("usec"), UNIT("ns"),  UNIT("nsec"), UNIT("jiffies"), {"timer.hz(number)", FORM_HZ},
    {NULL, 0},
};

uint64_t tick_ns(void)
{
	struct timespec ts;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &ts) || (!ts.tv_sec && ts.tv_nsec < 1000))
		return NS_PER_S / 250; /* what most kernels have */
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t unit_ns(const char *unit)
{
	static const struct {
		const char *name[2];
		uint64_t ns;
	} units[] = {
	    {{"s", "sec"}, NS_PER_S},
	    {{"ms", "msec"}, 1000000},
	    {{"us", "usec"}, 1000},
	    {{"ns", "nsec"}, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].name[0]) || !strcmp(unit, units[i].name[1]))
			return units[i].ns;
	return tick_ns();
}

/* @n units, or a period that no limit allows when it does not fit. */
static uint64_t times(int64_t n, uint64_t unit)
{
	if (n < 0 || (uint64_t)n > PERIOD_MAX / unit)
		return UINT64_MAX;
	return (uint64_t)n * unit;
}

static bool check(Resolve *r, const Component *c, const Component *rnd)
{
	ResolvedProbe *p = &r->common;

	if (p->period_ns < PERIOD_MIN || p->period_ns > PERIOD_MAX) {
		diag_error(r->ctx->diag, DIAG_TIMER_RANGE, c->loc,
			   "timer.%s(%" PRId64
			   "): a timer's period is from 100 microseconds to a day",
			   c->name, c->num);
		return false;
	}
	if (rnd && (rnd->num < 0 || p->randomize_ns > p->period_ns)) {
		diag_error(r->ctx->diag, DIAG_TIMER_RANGE, rnd->loc,
			   "randomize(%" PRId64 ") must be from 0 to the period, %" PRId64,
			   rnd->num, c->num);
		return false;
	}
	return true;
}

static bool resolve(Resolve *r)
{
	Arena *a = r->ctx->arena;
	const Component *c = &r->point->part.v[1];
	const Component *rnd = point_part(r->point, "randomize");
	Site site = {.name = point_text(a, r->point)};

	r->common.hook = HOOK_TIMER;
	if (r->pattern->form == FORM_HZ) {
		r->common.period_ns = c->num > 0 ? NS_PER_S / (uint64_t)c->num : 0;
	} else {
		r->common.period_ns = times(c->num, unit_ns(c->name));
		r->common.randomize_ns = rnd ? times(rnd->num, unit_ns(c->name)) : 0;
	}
	if (!check(r, c, rnd))
		return false;
	site.scope = scope_none(a, "a timer probe", DIAG_NO_CONTEXT,
				"it does not run in the middle of anything");
	vec_push(a, &r->sites, site);
	return true;
}

const Family family_timer = {pattern, resolve};
