/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * text: what scripts do with text besides printing it. Text is bytes with a length, never a C
 * string; results are written as in fmt.h.
 */
#ifndef RT_COMMON_TEXT_H
#define RT_COMMON_TEXT_H

#include "base.h"

/* rt_text_find - where @what begins in @s, -1 when it is not there; nothing is found at once. */
RT_COMMON int64_t rt_text_find(const char *s, size_t n, const char *what, size_t n_what);
/* rt_put_replaced - @s with @by for each @old; as it is when @old is empty. */
RT_COMMON char *rt_put_replaced(char *p, char *end, const char *s, size_t n, const char *old,
				size_t n_old, const char *by, size_t n_by);
/* rt_text_number - as kernels convert: no blanks before, no "+", and what is too large wraps
 * around.
 * @base: 2 to 36, or 0: as the prefix says. Any other gives 0. */
RT_COMMON int64_t rt_text_number(const char *s, size_t n, int64_t base);
/* rt_text_token - the next token of @s, from *@at on, which moves behind it and the delimiter that
 * ends it: the next call may have other ones. Returns its length; it ends at *@end. */
RT_COMMON size_t rt_text_token(const char *s, size_t n, const char *delim, size_t n_delim,
			       uint32_t *at, uint32_t *end);
/* rt_put_ctime - "Thu Jan  1 00:00:00 1970" for seconds since then, in UTC. */
RT_COMMON char *rt_put_ctime(char *p, char *end, int64_t seconds);

#endif
