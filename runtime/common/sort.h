/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sort: the order in which a sorted foreach visits an array. Stable; numbers or text.
 */
#ifndef RT_COMMON_SORT_H
#define RT_COMMON_SORT_H

#include "base.h"

/* struct rt_item - an entry, and what it is sorted by. */
struct rt_item {
	union {
		int64_t num;
		const char *p;
	};
	uint32_t n; /* text: bytes */
	void *entry;
};

/*
 * rt_sort - sort @n items for a loop over the first @limit (0: over all), ascending when @dir > 0.
 * @other: room for as many. Return: @items or @other, whichever has them.
 */
RT_COMMON struct rt_item *rt_sort(struct rt_item *items, struct rt_item *other, size_t n,
				  int64_t limit, bool text, int dir);

#endif
