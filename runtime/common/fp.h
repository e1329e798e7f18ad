/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fp: IEEE 754 doubles by integer arithmetic, since a kernel has no floating point: a double
 * travels as its bits. Results are rounded to nearest even; what is no number is as x86 makes it.
 */
#ifndef RT_COMMON_FP_H
#define RT_COMMON_FP_H

#include "base.h"

/* All digits that a double can have, and room for a shift. */
enum { RT_FP_DIGITS = 800, RT_FP_SHIFT_ROOM = 20 };

/* struct rt_decimal - 0.d[0]d[1]... times 10 to the power of @point; scratch of the conversions. */
struct rt_decimal {
	int n, point;
	bool more; /* digits that are not 0 did not find room */
	uint8_t d[RT_FP_DIGITS + RT_FP_SHIFT_ROOM];
};

RT_COMMON uint64_t rt_fp_add(uint64_t a, uint64_t b);
RT_COMMON uint64_t rt_fp_sub(uint64_t a, uint64_t b);
RT_COMMON uint64_t rt_fp_mul(uint64_t a, uint64_t b);
RT_COMMON uint64_t rt_fp_div(uint64_t a, uint64_t b);
/* rt_fp_rem - a less the multiple of b that is nearest to it. */
RT_COMMON uint64_t rt_fp_rem(uint64_t a, uint64_t b);
RT_COMMON uint64_t rt_fp_sqrt(uint64_t a);
RT_COMMON bool rt_fp_eq(uint64_t a, uint64_t b);
RT_COMMON bool rt_fp_lt(uint64_t a, uint64_t b);
RT_COMMON bool rt_fp_le(uint64_t a, uint64_t b);
RT_COMMON uint64_t rt_fp_from_long(int64_t v);
/* rt_fp_from_32 - from the bits of a float. */
RT_COMMON uint64_t rt_fp_from_32(uint32_t v);
/* rt_fp_to_long - @mode: 1 to zero, 2 down, 3 up, 4 nearest and halves away from zero, 6 to odd,
 * any other nearest even. What does not fit gives the end of the range. */
RT_COMMON int64_t rt_fp_to_long(uint64_t a, int64_t mode);
/* rt_fp_parse - as strtod(). */
RT_COMMON uint64_t rt_fp_parse(struct rt_decimal *x, const char *s, size_t n);
/* rt_put_fp - with @digits behind the point; written as in fmt.h. */
RT_COMMON char *rt_put_fp(struct rt_decimal *x, char *p, char *end, uint64_t a, int64_t digits);

#endif
