/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * escape: text as a C program would write it. Each function writes at @p, never at or behind @end,
 * never half an escape, and returns the position behind the last byte.
 */
#ifndef RT_COMMON_ESCAPE_H
#define RT_COMMON_ESCAPE_H

#include "base.h"

/* rt_escape_byte - @c into @out[4], escaped when it is not printable, a backslash or @quote;
 * returns how many bytes. */
RT_COMMON int rt_escape_byte(unsigned char c, char quote, char *out);
/* rt_put_escaped - @s with control bytes, double quotes and what is not ASCII as C escapes: UTF-8
 * characters as \\uXXXX or \\UXXXXXXXX, other bytes in octal. */
RT_COMMON char *rt_put_escaped(char *p, char *end, const char *s, size_t n);
/* rt_put_quoted - the same between double quotes; when not all of it fits,
 * it ends with "..." after the quote. */
RT_COMMON char *rt_put_quoted(char *p, char *end, const char *s, size_t n);

#endif
