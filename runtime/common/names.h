/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * names: numbers with names: errors and signals. Both are written as in fmt.h.
 */
#ifndef RT_COMMON_NAMES_H
#define RT_COMMON_NAMES_H

#include "base.h"

#define RT_ERRNO_MOST 4095

/* rt_put_errno - "ENOENT" for 2 and, as functions of the kernel return it, -2; "E#99999" for what
 * has no name, nothing for 0. */
RT_COMMON char *rt_put_errno(char *p, char *end, int64_t n);
/* rt_put_signal - "INT" for 2, nothing for what is no signal. */
RT_COMMON char *rt_put_signal(char *p, char *end, int64_t n);

#endif
