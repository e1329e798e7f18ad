/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calendar text. ctime() is in UTC, as a kernel would say it; the tapset's tz_ctime() adds the
 * offset.
 */
#include "eval_int.h"

#include <string.h>
#include <time.h>

static Str calendar(Eval *e, const Code *c, int64_t seconds)
{
	static const char day[] = "SunMonTueWedThuFriSat";
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[64];

	gmtime_r(&t, &tm);
	snprintf(text, sizeof(text), "%.3s %.3s %2d %02d:%02d:%02d %d", day + tm.tm_wday * 3,
		 month + tm.tm_mon * 3, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 tm.tm_year + 1900);
	return tmp_copy(e, c->node, str_lit(text));
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
