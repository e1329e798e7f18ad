// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Merge sort, bottom up; for a loop with a small limit only as much as it visits, and then the rest
 * stands as SystemTap leaves it: later loops see the order.
 */
#include "sort.h"

struct order {
	bool text;
	int dir;
};

static int compare_text(const struct rt_item *a, const struct rt_item *b)
{
	uint32_t n = a->n < b->n ? a->n : b->n;
	int r = n ? memcmp(a->p, b->p, n) : 0;

	return r ? r : (a->n > b->n) - (a->n < b->n);
}

static bool in_order(const struct rt_item *a, const struct rt_item *b, const struct order *o)
{
	int c = o->text ? compare_text(a, b) : (a->num > b->num) - (a->num < b->num);

	return o->dir > 0 ? c <= 0 : c >= 0;
}

static void merge(const struct rt_item *from, struct rt_item *to, size_t low, size_t mid, size_t high,
		  const struct order *o)
{
	size_t a = low, b = mid, i;

	for (i = low; i < high; i++) {
		if (a < mid && (b == high || in_order(&from[a], &from[b], o)))
			to[i] = from[a++];
		else
			to[i] = from[b++];
	}
}

static struct rt_item *merge_sort(struct rt_item *items, struct rt_item *other, size_t n,
				  const struct order *o)
{
	size_t run, low;

	for (run = 1; run < n; run *= 2) {
		struct rt_item *swap = items;

		for (low = 0; low < n; low += 2 * run) {
			size_t mid = low + run < n ? low + run : n;
			size_t high = mid + run < n ? mid + run : n;

			merge(items, other, low, mid, high, o);
		}
		items = other;
		other = swap;
	}
	return items;
}

/* Put @item into the @n sorted ones at @top, behind those that are as good. */
static void insert(struct rt_item *top, size_t n, const struct rt_item *item, const struct order *o)
{
	for (; n && !in_order(&top[n - 1], item, o); n--)
		top[n] = top[n - 1];
	top[n] = *item;
}

/*
 * The best @t in front, sorted. The others follow as in SystemTap, whose loop leaves what it pushes
 * out of the top where it was: first those, the last one first, then what never got in.
 */
static struct rt_item *partial_sort(struct rt_item *items, struct rt_item *other, size_t n, size_t t,
				    const struct order *o)
{
	size_t passed = 0, pushed = 0, i;

	for (i = 0; i < t; i++)
		insert(other, i, &items[i], o);
	for (i = t; i < n; i++) {
		if (in_order(&other[t - 1], &items[i], o)) {
			items[t + passed++] = items[i];
		} else {
			other[n - 1 - pushed++] = other[t - 1];
			insert(other, t - 1, &items[i], o);
		}
	}
	memmove(&other[t], &other[n - pushed], pushed * sizeof(*other));
	memcpy(&other[t + pushed], &items[t], passed * sizeof(*other));
	return other;
}

/* For a loop of up to 30 rounds SystemTap sorts no further than that. */
static size_t sorted_part(int64_t limit, size_t n)
{
	if (limit == 0 || limit > 30)
		return n;
	if (limit < 0)
		return 1;
	return (size_t)limit < n ? (size_t)limit : n;
}

struct rt_item *rt_sort(struct rt_item *items, struct rt_item *other, size_t n, int64_t limit, bool text,
			int dir)
{
	struct order o = {text, dir};
	size_t t = sorted_part(limit, n);

	if (n < 2)
		return items;
	return t < n ? partial_sort(items, other, n, t, &o) : merge_sort(items, other, n, &o);
}
