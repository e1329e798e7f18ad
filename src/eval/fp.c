/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Floating point for scripts: a double travels in a long as its bits. The arithmetic is that of
 * runtime/common, so that a module has the same.
 */
#include "eval_int.h"
#include "common/fp.h"

#define OPERATION(name)                                                                            \
	int64_t fp_##name(Eval *e, const Code *c)                                                  \
	{                                                                                          \
		uint64_t a = (uint64_t)NUM(c->arg[0]);                                             \
                                                                                                   \
		return (int64_t)rt_fp_##name(a, (uint64_t)NUM(c->arg[1]));                         \
	}
OPERATION(add)
OPERATION(sub)
OPERATION(mul)
OPERATION(div)
OPERATION(rem)
OPERATION(eq)
OPERATION(le)
OPERATION(lt)

int64_t fp_sqrt(Eval *e, const Code *c)
{
	return (int64_t)rt_fp_sqrt((uint64_t)NUM(c->arg[0]));
}

int64_t fp_from_long(Eval *e, const Code *c)
{
	return (int64_t)rt_fp_from_long(NUM(c->arg[0]));
}

int64_t fp_from_32(Eval *e, const Code *c)
{
	return (int64_t)rt_fp_from_32((uint32_t)NUM(c->arg[0]));
}

int64_t fp_parse(Eval *e, const Code *c)
{
	struct rt_decimal scratch;
	Str s = STR(c->arg[0]);

	return (int64_t)rt_fp_parse(&scratch, s.p, s.n);
}

Str fp_text(Eval *e, const Code *c)
{
	struct rt_decimal scratch;
	uint64_t v = (uint64_t)NUM(c->arg[0]);
	int64_t digits = NUM(c->arg[1]);
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_fp(&scratch, p, p + e->max_str, v, digits));
}

int64_t fp_long(Eval *e, const Code *c)
{
	uint64_t v = (uint64_t)NUM(c->arg[0]);

	return rt_fp_to_long(v, NUM(c->arg[1]));
}
