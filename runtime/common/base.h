/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of this folder need to compile both in user space and in a kernel module: fixed
 * width types and memcpy(). Nothing here allocates, prints, or uses floating point.
 */
#ifndef RT_COMMON_BASE_H
#define RT_COMMON_BASE_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* Before each declaration: a module is one translation unit, which drops what it does not use. */
#ifdef __KERNEL__
#define RT_COMMON static __maybe_unused
#else
#define RT_COMMON
#endif

#endif
