// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_fp: floating point, a double being the bits of a number.
 */
#include "common/fp.c"

RT_FN s64 rt_fn_fp_add(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_add(a, b);
}

RT_FN s64 rt_fn_fp_sub(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_sub(a, b);
}

RT_FN s64 rt_fn_fp_mul(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_mul(a, b);
}

RT_FN s64 rt_fn_fp_div(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_div(a, b);
}

RT_FN s64 rt_fn_fp_rem(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_rem(a, b);
}

RT_FN s64 rt_fn_fp_eq(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_eq(a, b);
}

RT_FN s64 rt_fn_fp_le(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_le(a, b);
}

RT_FN s64 rt_fn_fp_lt(struct rt_ctx *c, const char *at, s64 a, s64 b)
{
	return rt_fp_lt(a, b);
}

RT_FN s64 rt_fn_fp_sqrt(struct rt_ctx *c, const char *at, s64 a)
{
	return rt_fp_sqrt(a);
}

RT_FN s64 rt_fn_long_to_fp(struct rt_ctx *c, const char *at, s64 v)
{
	return rt_fp_from_long(v);
}

RT_FN s64 rt_fn_fp32_to_fp64(struct rt_ctx *c, const char *at, s64 v)
{
	return rt_fp_from_32(v);
}

RT_FN s64 rt_fn_fp_to_long(struct rt_ctx *c, const char *at, s64 a, s64 mode, s64 quiet)
{
	return rt_fp_to_long(a, mode);
}

RT_FN s64 rt_fn_string_to_fp(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	return rt_fp_parse(&c->decimal, s.p, s.n);
}

RT_FN struct rt_sv rt_fn_fp_to_string(struct rt_ctx *c, const char *at, struct rt_str *to, s64 a,
				      s64 digits)
{
	to->n = rt_put_fp(&c->decimal, to->s, to->s + RT_STR_ROOM, a, digits) - to->s;
	return rt_view(to);
}
