/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Floating point for scripts: a double travels in a long as its bits.
 */
#include "eval_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double from_bits(int64_t v)
{
	double d;

	memcpy(&d, &v, sizeof(d));
	return d;
}

static int64_t to_bits(double d)
{
	int64_t v;

	memcpy(&v, &d, sizeof(v));
	return v;
}

#define OPERATION(name, expr)                                                                      \
	int64_t fp_##name(Eval *e, const Code *c)                                                  \
	{                                                                                          \
		double a = from_bits(NUM(c->arg[0])), b = from_bits(NUM(c->arg[1]));               \
                                                                                                   \
		return (expr);                                                                     \
	}
OPERATION(add, to_bits(a + b))
OPERATION(sub, to_bits(a - b))
OPERATION(mul, to_bits(a *b))
OPERATION(div, to_bits(a / b))
OPERATION(rem, to_bits(remainder(a, b)))
OPERATION(eq, a == b)
OPERATION(le, a <= b)
OPERATION(lt, a < b)

int64_t fp_sqrt(Eval *e, const Code *c)
{
	return to_bits(sqrt(from_bits(NUM(c->arg[0]))));
}

int64_t fp_from_long(Eval *e, const Code *c)
{
	return to_bits((double)NUM(c->arg[0]));
}

int64_t fp_from_32(Eval *e, const Code *c)
{
	uint32_t bits = (uint32_t)NUM(c->arg[0]);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return to_bits((double)f);
}

int64_t fp_parse(Eval *e, const Code *c)
{
	return to_bits(strtod(tmp_cstr(e, c->node, STR(c->arg[0])), NULL));
}

Str fp_text(Eval *e, const Code *c)
{
	double d = from_bits(NUM(c->arg[0]));
	int64_t digits = NUM(c->arg[1]);
	char text[512];

	digits = digits < 0 ? 0 : digits > 100 ? 100 : digits;
	snprintf(text, sizeof(text), "%.*f", (int)digits, d);
	return tmp_copy(e, c->node, str_lit(text));
}

/* Rounding by number: nearest even, to zero, down, up, nearest away from zero, and to odd. */
static double rounded(double d, int64_t mode)
{
	double t = trunc(d);

	switch (mode) {
	case 1:
		return t;
	case 2:
		return floor(d);
	case 3:
		return ceil(d);
	case 4:
		return round(d);
	case 6:
		return t != d && fmod(t, 2) == 0 ? t + copysign(1, d) : t;
	default:
		return nearbyint(d);
	}
}

int64_t fp_long(Eval *e, const Code *c)
{
	double d = from_bits(NUM(c->arg[0]));

	d = rounded(d, NUM(c->arg[1]));
	if (!(d >= -9223372036854775808.0)) /* NaN too */
		return INT64_MIN;
	return d >= 9223372036854775808.0 ? INT64_MAX : (int64_t)d;
}
