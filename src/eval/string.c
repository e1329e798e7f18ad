/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins on text. Positions count bytes from 0; what lies outside gives "" or -1, never an
 * error.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>

int64_t str_strlen(Eval *e, const Code *c)
{
	return STR(c->arg[0]).n;
}

Str str_substr(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	int64_t at = NUM(c->arg[1]), n = NUM(c->arg[2]);

	if (at < 0 || at >= s.n || n <= 0)
		return (Str){"", 0};
	if (n > s.n - at)
		n = s.n - at;
	return tmp_copy(e, c->node, (Str){s.p + at, (uint32_t)n});
}

int64_t str_stringat(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	int64_t at = NUM(c->arg[1]);

	if (at < 0 || at > e->max_str) /* no string has that place */
		raise_error(e, c->node, "position %lld is out of bounds", (long long)at);
	return at < s.n ? (int64_t)(unsigned char)s.p[at] : 0;
}

static int64_t position(Str s, Str part)
{
	const char *at;

	if (!part.n)
		return 0;
	at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
	return at ? at - s.p : -1;
}

int64_t str_strpos(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	return position(s, STR(c->arg[1]));
}

int64_t str_isinstr(Eval *e, const Code *c)
{
	return str_strpos(e, c) >= 0;
}

Str str_str_replace(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]), old = STR(c->arg[1]), by = STR(c->arg[2]);
	char *p = tmp_room(e, c->node, e->max_str), *to = p, *end = p + e->max_str;
	int64_t at;

	while (old.n && (at = position(s, old)) >= 0) {
		to = rt_put_bytes(to, end, s.p, (size_t)at);
		to = rt_put_bytes(to, end, by.p, by.n);
		s.p += at + old.n;
		s.n -= (uint32_t)at + old.n;
	}
	return tmp_take(e, p, rt_put_bytes(to, end, s.p, s.n));
}

Str str_text_str(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_escaped(p, p + e->max_str, s.p, s.n));
}

/* @s with escapes between quotes; when not all of it fits, "..." behind them says so. */
static Str quote(Eval *e, const Code *c, Str s, bool cut)
{
	char *p = tmp_room(e, c->node, e->max_str), *end = p + e->max_str, *to = p;
	size_t need = rt_escaped_size(s.p, s.n) + 2;

	cut |= need > e->max_str;
	if (cut && end - p > 3)
		end -= 3;
	to = rt_put_bytes(to, end, "\"", 1);
	to = rt_put_escaped(to, end - 1, s.p, s.n);
	to = rt_put_bytes(to, end, "\"", 1);
	return tmp_take(e, p, rt_put_bytes(to, p + e->max_str, "...", cut ? 3 : 0));
}

Str str_string_quoted(Eval *e, const Code *c)
{
	return quote(e, c, STR(c->arg[0]), false);
}

/* The third argument asks for quotes; the second cuts the text, 0 does not. */
Str str_text_strn(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	int64_t n = NUM(c->arg[1]);
	bool quotes = NUM(c->arg[2]), cut = n > 0 && n < s.n;
	char *p;

	if (cut)
		s.n = (uint32_t)n;
	if (quotes)
		return quote(e, c, s, cut);
	p = tmp_room(e, c->node, e->max_str);
	return tmp_take(e, p, rt_put_escaped(p, p + e->max_str, s.p, s.n));
}

int64_t str_strtol(Eval *e, const Code *c)
{
	const char *s = tmp_cstr(e, c->node, STR(c->arg[0]));
	int64_t base = NUM(c->arg[1]);

	if (base != 0 && (base < 2 || base > 36))
		return 0;
	return *s == '-' ? strtoll(s, NULL, (int)base) : (int64_t)strtoull(s, NULL, (int)base);
}

int64_t str_isdigit(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	for (uint32_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
	}
	return s.n > 0;
}

/* ---- tokenize: strtok() with the rest kept between calls ---- */

static Str next_token(Eval *e, const Code *c, Str delim)
{
	uint32_t start;

	while (e->token_at < e->token_len && delim.n &&
	       memchr(delim.p, e->token_text[e->token_at], delim.n))
		e->token_at++;
	start = e->token_at;
	while (e->token_at < e->token_len &&
	       !(delim.n && memchr(delim.p, e->token_text[e->token_at], delim.n)))
		e->token_at++;
	return tmp_copy(e, c->node, (Str){e->token_text + start, e->token_at - start});
}

/* An empty text continues with the one before. */
Str str_tokenize(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]), delim = STR(c->arg[1]);

	if (s.n) {
		memcpy(e->token_text, s.p, s.n);
		e->token_len = s.n;
		e->token_at = 0;
	}
	return next_token(e, c, delim);
}

Str str_tokenize_1(Eval *e, const Code *c)
{
	return next_token(e, c, STR(c->arg[0]));
}
