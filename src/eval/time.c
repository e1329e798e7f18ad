/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calendar text. ctime() is in UTC, as a kernel would say it; the tapset's tz_ctime() adds the
 * offset.
 */
#include "eval_int.h"
#include "common/text.h"

#include <string.h>
#include <time.h>

static Str calendar(Eval *e, const Code *c, int64_t seconds)
{
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_ctime(p, p + e->max_str, seconds));
}

Str time_ctime(Eval *e, const Code *c)
{
	int64_t seconds = NUM(c->arg[0]);

	if (seconds != (int32_t)seconds) /* SystemTap's range; and the text stays 24 bytes */
		raise_error(e, c->node, "ctime: %lld seconds are out of range", (long long)seconds);
	return calendar(e, c, seconds);
}

Str time_ctime_0(Eval *e, const Code *c)
{
	return calendar(e, c, ctx_gettimeofday_s(e, c));
}

static void local_now(Eval *e, const Code *c, struct tm *tm)
{
	time_t t = (time_t)ctx_gettimeofday_s(e, c);

	memset(tm, 0, sizeof(*tm));
	localtime_r(&t, tm);
}

/* Seconds west of Greenwich, as SystemTap counts them. */
int64_t time_gmtoff(Eval *e, const Code *c)
{
	struct tm tm;

	local_now(e, c, &tm);
	return -(int64_t)tm.tm_gmtoff;
}

Str time_tzname(Eval *e, const Code *c)
{
	struct tm tm;

	local_now(e, c, &tm);
	return tmp_copy(e, c->node, str_lit(tm.tm_zone ? tm.tm_zone : "UTC"));
}
