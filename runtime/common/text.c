// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Searching, replacing, converting and splitting of text, and dates.
 */
#include "text.h"
#include "fmt.h"

int64_t rt_text_find(const char *s, size_t n, const char *what, size_t n_what)
{
	const char *at = s, *last;

	if (!n_what)
		return 0;
	if (n_what > n)
		return -1;
	last = s + (n - n_what);
	while (at <= last && (at = memchr(at, *what, (size_t)(last - at) + 1))) {
		if (!memcmp(at, what, n_what))
			return at - s;
		at++;
	}
	return -1;
}

char *rt_put_replaced(char *p, char *end, const char *s, size_t n, const char *old, size_t n_old,
		      const char *by, size_t n_by)
{
	int64_t at;

	while (n_old && p < end && (at = rt_text_find(s, n, old, n_old)) >= 0) {
		p = rt_put_bytes(p, end, s, (size_t)at);
		p = rt_put_bytes(p, end, by, n_by);
		s += (size_t)at + n_old;
		n -= (size_t)at + n_old;
	}
	return rt_put_bytes(p, end, s, n);
}

/* ---- numbers ---- */

/* The value of a digit, 36 for what is none. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : 36;
}

static bool has_hex_prefix(const char *s, size_t n)
{
	return n > 2 && s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;
}

int64_t rt_text_number(const char *s, size_t n, int64_t base)
{
	bool negative = n && *s == '-';
	uint64_t v = 0;

	s += negative;
	n -= negative;
	if (base == 0)
		base = has_hex_prefix(s, n) ? 16 : n && *s == '0' ? 8 : 10;
	if (base < 2 || base > 36)
		return 0;
	if (base == 16 && has_hex_prefix(s, n)) {
		s += 2;
		n -= 2;
	}
	for (; n && digit_value(*s) < (uint64_t)base; s++, n--)
		v = v * (uint64_t)base + digit_value(*s);
	return (int64_t)(negative ? 0 - v : v);
}

/* ---- tokens ---- */

static bool is_among(char c, const char *set, size_t n)
{
	return n && memchr(set, c, n);
}

size_t rt_text_token(const char *s, size_t n, const char *delim, size_t n_delim, uint32_t *at,
		     uint32_t *end)
{
	uint32_t start;

	while (*at < n && is_among(s[*at], delim, n_delim))
		++*at;
	start = *at;
	while (*at < n && !is_among(s[*at], delim, n_delim))
		++*at;
	*end = *at;
	*at += *at < n;
	return *end - start;
}

/* ---- dates ---- */

/* Years that begin in March: the day that comes every four years is their last. */
struct date {
	int64_t year;
	int month, day; /* from 1 */
};

static struct date date_of(int64_t days)
{
	enum { ERA = 146097, TO_1970 = 719468 }; /* days: of 400 years, from 1 March 0 */
	struct date d;
	int64_t era, rest, year, of_year, month;

	days += TO_1970;
	era = (days >= 0 ? days : days - (ERA - 1)) / ERA;
	rest = days - era * ERA;
	year = (rest - rest / 1460 + rest / 36524 - rest / (ERA - 1)) / 365;
	of_year = rest - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	d.day = (int)(of_year - (153 * month + 2) / 5) + 1;
	d.month = (int)(month < 10 ? month + 3 : month - 9);
	d.year = year + era * 400 + (d.month <= 2);
	return d;
}

static char *put_two(char *p, char *end, int v, char pad)
{
	char text[2] = {v < 10 ? pad : (char)('0' + v / 10), (char)('0' + v % 10)};

	return rt_put_bytes(p, end, text, 2);
}

static char *put_clock(char *p, char *end, int s)
{
	p = put_two(p, end, s / 3600, '0');
	p = rt_put_bytes(p, end, ":", 1);
	p = put_two(p, end, s / 60 % 60, '0');
	p = rt_put_bytes(p, end, ":", 1);
	return put_two(p, end, s % 60, '0');
}

char *rt_put_ctime(char *p, char *end, int64_t seconds)
{
	static const char day[] = "ThuFriSatSunMonTueWed"; /* from 1 January 1970 on */
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	enum { DAY = 86400 };
	int64_t days = (seconds >= 0 ? seconds : seconds - (DAY - 1)) / DAY;
	struct date d = date_of(days);

	p = rt_put_bytes(p, end, day + ((days % 7 + 7) % 7) * 3, 3);
	p = rt_put_bytes(p, end, " ", 1);
	p = rt_put_bytes(p, end, month + (d.month - 1) * 3, 3);
	p = rt_put_bytes(p, end, " ", 1);
	p = put_two(p, end, d.day, ' ');
	p = rt_put_bytes(p, end, " ", 1);
	p = put_clock(p, end, (int)(seconds - days * DAY));
	p = rt_put_bytes(p, end, " ", 1);
	return rt_put_long(p, end, d.year);
}
