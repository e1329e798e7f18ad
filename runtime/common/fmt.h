/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fmt: the conversions of printf. Each rt_put_ function writes at @p, never at or behind @end, and
 * returns the position behind the last byte; what does not fit is cut.
 */
#ifndef RT_COMMON_FMT_H
#define RT_COMMON_FMT_H

#include "base.h"

/* struct rt_spec - one conversion; width and precision are -1 when absent. */
struct rt_spec {
	char conv; /* d i u o x X p c s b */
	char flag; /* one of 0 + - space #, or 0 */
	int width, precision;
};

/* rt_put_bytes - @n bytes as they are. */
RT_COMMON char *rt_put_bytes(char *p, char *end, const char *s, size_t n);
/* rt_put_long - @v in decimal. */
RT_COMMON char *rt_put_long(char *p, char *end, int64_t v);
/* rt_put_hex - "0x" and @v in hexadecimal. */
RT_COMMON char *rt_put_hex(char *p, char *end, uint64_t v);
/* rt_put_num - one of d i u o x X p. */
RT_COMMON char *rt_put_num(char *p, char *end, const struct rt_spec *s, int64_t v);
/* rt_put_str - s: cut to precision, padded to width; '0' adds a NUL. */
RT_COMMON char *rt_put_str(char *p, char *end, const struct rt_spec *s, const char *text, size_t n);
/* rt_put_char - c: one byte; '#' escapes it. */
RT_COMMON char *rt_put_char(char *p, char *end, const struct rt_spec *s, int64_t v);
/* rt_put_binary - b: the low 1, 2, 4 or 8 bytes of @v in host order. */
RT_COMMON char *rt_put_binary(char *p, char *end, const struct rt_spec *s, int64_t v);
/* rt_put_fill - @n times @c. */
RT_COMMON char *rt_put_fill(char *p, char *end, char c, int64_t n);

#endif
