/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins on text. Positions count bytes from 0; what lies outside gives "" or -1;
 * only stringat() has nothing to give.
 */
#include "eval_int.h"
#include "common/escape.h"
#include "common/text.h"

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

int64_t str_strpos(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]), part = STR(c->arg[1]);

	return rt_text_find(s.p, s.n, part.p, part.n);
}

int64_t str_isinstr(Eval *e, const Code *c)
{
	return str_strpos(e, c) >= 0;
}

Str str_str_replace(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]), old = STR(c->arg[1]), by = STR(c->arg[2]);
	char *p = tmp_room(e, c->node, e->max_str), *end = p + e->max_str;

	return tmp_take(e, p, rt_put_replaced(p, end, s.p, s.n, old.p, old.n, by.p, by.n));
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

int64_t str_strtol(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	return rt_text_number(s.p, s.n, NUM(c->arg[1]));
}

/* Is the first byte a digit? */
int64_t str_isdigit(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	return s.n && *s.p >= '0' && *s.p <= '9';
}

/* ---- tokenize: strsep() with the rest kept between calls ---- */

static Str next_token(Eval *e, const Code *c, Str delim)
{
	uint32_t end;
	size_t n = rt_text_token(e->token_text, e->token_len, delim.p, delim.n, &e->token_at, &end);

	return tmp_copy(e, c->node, (Str){e->token_text + end - n, (uint32_t)n});
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
