// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_text: built-ins on text, names of numbers, byte order.
 */
/* rt_written - the text of @to ends at @end. */
static struct rt_sv rt_written(struct rt_str *to, const char *end)
{
	to->n = end - to->s;
	return rt_view(to);
}

RT_FN s64 rt_fn_strlen(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	return s.n;
}

/* As far as it is there; nothing when @start is not within. */
RT_FN struct rt_sv rt_fn_substr(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s,
				s64 start, s64 length)
{
	if (start < 0 || start >= s.n || length < 1)
		return RT_LIT("");
	return rt_copy(to, (struct rt_sv){s.p + start, min_t(s64, length, s.n - start)});
}

RT_FN s64 rt_fn_stringat(struct rt_ctx *c, const char *at, struct rt_sv s, s64 i)
{
	if (i >= 0 && i < s.n)
		return (u8)s.p[i];
	rt_fail(c, at, "Position out of bounds");
	return 0;
}

RT_FN s64 rt_fn_strpos(struct rt_ctx *c, const char *at, struct rt_sv s, struct rt_sv what)
{
	return rt_text_find(s.p, s.n, what.p, what.n);
}

RT_FN s64 rt_fn_isinstr(struct rt_ctx *c, const char *at, struct rt_sv s, struct rt_sv what)
{
	return rt_text_find(s.p, s.n, what.p, what.n) >= 0;
}

RT_FN struct rt_sv rt_fn_str_replace(struct rt_ctx *c, const char *at, struct rt_str *to,
				     struct rt_sv s, struct rt_sv old, struct rt_sv by)
{
	return rt_written(
	    to, rt_put_replaced(to->s, to->s + RT_STR_ROOM, s.p, s.n, old.p, old.n, by.p, by.n));
}

/* Escaped text of at most @most bytes (0: as long as strings may be), perhaps between quotes. */
static struct rt_sv rt_escaped(struct rt_str *to, struct rt_sv s, s64 most, bool quotes)
{
	char *end = to->s + (most > 0 && most < RT_STR_ROOM ? most : RT_STR_ROOM);

	return rt_written(to, quotes ? rt_put_quoted(to->s, end, s.p, s.n)
				     : rt_put_escaped(to->s, end, s.p, s.n));
}

RT_FN struct rt_sv rt_fn_string_quoted(struct rt_ctx *c, const char *at, struct rt_str *to,
				       struct rt_sv s)
{
	return rt_escaped(to, s, 0, true);
}

RT_FN struct rt_sv rt_fn_text_str(struct rt_ctx *c, const char *at, struct rt_str *to,
				  struct rt_sv s)
{
	return rt_escaped(to, s, 0, false);
}

/* @most limits what comes out; less than the quotes and "..." cannot be. */
RT_FN struct rt_sv rt_fn_text_strn(struct rt_ctx *c, const char *at, struct rt_str *to,
				   struct rt_sv s, s64 most, s64 quotes)
{
	return rt_escaped(to, s, quotes && most > 0 && most < 5 ? 5 : most, quotes);
}

RT_FN s64 rt_fn_strtol(struct rt_ctx *c, const char *at, struct rt_sv s, s64 base)
{
	return rt_text_number(s.p, s.n, base);
}

/* Is the first byte a digit? */
RT_FN s64 rt_fn_isdigit(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	return s.n && *s.p >= '0' && *s.p <= '9';
}

/* ---- tokens: what is left is kept between the calls of a handler ---- */

RT_FN struct rt_sv rt_fn_tokenize(struct rt_ctx *c, const char *at, struct rt_str *to,
				  struct rt_sv delim)
{
	u32 end;
	size_t n = rt_text_token(c->token.s, c->token.n, delim.p, delim.n, &c->token_at, &end);

	return rt_copy(to, (struct rt_sv){c->token.s + end - n, n});
}

/* An empty text continues with the one before. */
RT_FN struct rt_sv rt_fn_tokenize_2(struct rt_ctx *c, const char *at, struct rt_str *to,
				    struct rt_sv s, struct rt_sv delim)
{
	if (s.n) {
		rt_set(&c->token, s);
		c->token_at = 0;
	}
	return rt_fn_tokenize(c, at, to, delim);
}

/* ---- names of numbers ---- */

RT_FN struct rt_sv rt_fn_errno_str(struct rt_ctx *c, const char *at, struct rt_str *to, s64 n)
{
	return rt_written(to, rt_put_errno(to->s, to->s + RT_STR_ROOM, n));
}

RT_FN s64 rt_fn_errno_p(struct rt_ctx *c, const char *at, s64 v)
{
	return v < 0 && v >= -RT_ERRNO_MOST;
}

RT_FN struct rt_sv rt_fn_signal_str(struct rt_ctx *c, const char *at, struct rt_str *to, s64 n)
{
	return rt_written(to, rt_put_signal(to->s, to->s + RT_STR_ROOM, n));
}

/* ---- byte order ---- */

RT_FN s64 rt_fn_htons(struct rt_ctx *c, const char *at, s64 v)
{
	return swab16(v);
}

RT_FN s64 rt_fn_ntohs(struct rt_ctx *c, const char *at, s64 v)
{
	return swab16(v);
}

RT_FN s64 rt_fn_htonl(struct rt_ctx *c, const char *at, s64 v)
{
	return swab32(v);
}

RT_FN s64 rt_fn_ntohl(struct rt_ctx *c, const char *at, s64 v)
{
	return swab32(v);
}

RT_FN s64 rt_fn_htonll(struct rt_ctx *c, const char *at, s64 v)
{
	return swab64(v);
}

RT_FN s64 rt_fn_ntohll(struct rt_ctx *c, const char *at, s64 v)
{
	return swab64(v);
}
