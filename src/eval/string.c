/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins on text. Positions count bytes from 0; what lies outside gives "" or -1;
 * only stringat() has nothing to give.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "eval_int.h"
#include "common/escape.h"

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

	if (at < 0 || at >= s.n)
		raise_error(e, c->node, "Position out of bounds");
	return (unsigned char)s.p[at];
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

/* Escaped text of at most @most bytes (0: as long as strings may be), perhaps between quotes. */
static Str escaped(Eval *e, const Code *c, Str s, int64_t most, bool quotes)
{
	char *p = tmp_room(e, c->node, e->max_str), *end = p + e->max_str;

	if (most > 0 && most < end - p)
		end = p + most;
	return tmp_take(
	    e, p, quotes ? rt_put_quoted(p, end, s.p, s.n) : rt_put_escaped(p, end, s.p, s.n));
}

Str str_text_str(Eval *e, const Code *c)
{
	return escaped(e, c, STR(c->arg[0]), 0, false);
}

Str str_string_quoted(Eval *e, const Code *c)
{
	return escaped(e, c, STR(c->arg[0]), 0, true);
}

/* The second argument limits what comes out; less than the quotes and "..." cannot be. */
Str str_text_strn(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	int64_t most = NUM(c->arg[1]);
	bool quotes = NUM(c->arg[2]);

	return escaped(e, c, s, quotes && most > 0 && most < 5 ? 5 : most, quotes);
}

/* The value of a digit, 36 for what is none. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : 36;
}

static bool has_hex_prefix(Str s)
{
	return s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x' && digit_value(s.p[2]) < 16;
}

/* As kernels convert: no blanks before, no "+", and what is too large wraps around. */
int64_t str_strtol(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);
	int64_t base = NUM(c->arg[1]);
	bool negative = s.n && *s.p == '-';
	uint64_t v = 0;
	uint32_t i = 0;

	s = (Str){s.p + negative, s.n - negative};
	if (base == 0)
		base = has_hex_prefix(s) ? 16 : s.n && *s.p == '0' ? 8 : 10;
	if (base < 2 || base > 36)
		return 0;
	if (base == 16 && has_hex_prefix(s))
		i = 2;
	for (; i < s.n && digit_value(s.p[i]) < (uint64_t)base; i++)
		v = v * (uint64_t)base + digit_value(s.p[i]);
	return (int64_t)(negative ? 0 - v : v);
}

/* Is the first byte a digit? */
int64_t str_isdigit(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	return s.n && *s.p >= '0' && *s.p <= '9';
}

/* ---- tokenize: strsep() with the rest kept between calls ---- */

/* The delimiter behind a token is used up: the next call may have other ones. */
static Str next_token(Eval *e, const Code *c, Str delim)
{
	uint32_t start, end;

	while (e->token_at < e->token_len && delim.n &&
	       memchr(delim.p, e->token_text[e->token_at], delim.n))
		e->token_at++;
	start = e->token_at;
	while (e->token_at < e->token_len &&
	       !(delim.n && memchr(delim.p, e->token_text[e->token_at], delim.n)))
		e->token_at++;
	end = e->token_at;
	e->token_at += end < e->token_len;
	return tmp_copy(e, c->node, (Str){e->token_text + start, end - start});
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
