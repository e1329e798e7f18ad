/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sorting an array for foreach. The entries' list itself takes the new order, as in SystemTap:
 * later loops and the eviction of wrapping arrays see it. What is compared is fetched once per
 * entry.
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

typedef struct Item {
	Value by;
	Entry *e;
} Item;

int64_t stat_value(const Stat *s, StatOp op)
{
	if (!s->s.count)
		return 0;
	switch (op) {
	case ST_COUNT:
		return s->s.count;
	case ST_SUM:
		return s->s.sum;
	case ST_MIN:
		return s->s.min;
	case ST_MAX:
		return s->s.max;
	case ST_AVG:
		return rt_stat_avg(&s->s);
	case ST_VARIANCE:
		return rt_stat_variance(&s->s);
	}
	return 0;
}

/* What @e is sorted by; text or number as sorts_text() says. */
static Value sort_value(const Map *m, const MapSort *how, const Entry *e)
{
	if (how->by == SORT_KEY)
		return e->key[how->key];
	if (m->value_type == TY_STATS)
		return (Value){
		    .num = stat_value(e->val.stat, how->by == SORT_STAT ? how->stat : ST_COUNT)};
	if (m->value_type == TY_STRING)
		return (Value){.p = e->val.str.p, .n = e->val.str.n};
	return (Value){.num = e->val.num};
}

static bool sorts_text(const Map *m, const MapSort *how)
{
	return how->by == SORT_KEY ? m->key_type[how->key] == TY_STRING
				   : m->value_type == TY_STRING;
}

static bool in_order(const Item *a, const Item *b, bool text, int dir)
{
	int c = text ? str_cmp(value_str(&a->by), value_str(&b->by))
		     : (a->by.num > b->by.num) - (a->by.num < b->by.num);

	return dir > 0 ? c <= 0 : c >= 0;
}

static void merge(const Item *from, Item *to, size_t low, size_t mid, size_t high, bool text,
		  int dir)
{
	size_t a = low, b = mid;

	for (size_t i = low; i < high; i++) {
		if (a < mid && (b == high || in_order(&from[a], &from[b], text, dir)))
			to[i] = from[a++];
		else
			to[i] = from[b++];
	}
}

/* Bottom up; the result is in the returned half of the two. */
static Item *merge_sort(Item *items, Item *other, size_t n, bool text, int dir)
{
	for (size_t run = 1; run < n; run *= 2) {
		Item *swap = items;

		for (size_t low = 0; low < n; low += 2 * run) {
			size_t mid = low + run < n ? low + run : n;
			size_t high = mid + run < n ? mid + run : n;

			merge(items, other, low, mid, high, text, dir);
		}
		items = other;
		other = swap;
	}
	return items;
}

static void relink(Map *m, const Item *items, size_t n)
{
	Entry *prev = NULL;

	m->head = items[0].e;
	for (size_t i = 0; i < n; i++) {
		Entry *e = items[i].e;

		e->prev = prev;
		if (prev)
			prev->next = e;
		prev = e;
	}
	prev->next = NULL;
	m->tail = prev;
}

/* Put @item into the @n sorted ones at @top, behind those that are as good. */
static void insert(Item *top, size_t n, const Item *item, bool text, int dir)
{
	for (; n && !in_order(&top[n - 1], item, text, dir); n--)
		top[n] = top[n - 1];
	top[n] = *item;
}

/*
 * The best @t in front, sorted. The others follow as in SystemTap, whose loop leaves what it pushes
 * out of the top where it was: first those, the last one first, then what never got in.
 */
static Item *partial_sort(Item *items, Item *other, size_t n, size_t t, bool text, int dir)
{
	size_t passed = 0, pushed = 0;

	for (size_t i = 0; i < t; i++)
		insert(other, i, &items[i], text, dir);
	for (size_t i = t; i < n; i++) {
		if (in_order(&other[t - 1], &items[i], text, dir)) {
			items[t + passed++] = items[i];
		} else {
			other[n - 1 - pushed++] = other[t - 1];
			insert(other, t - 1, &items[i], text, dir);
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

bool map_sort(Map *m, const MapSort *how, int64_t limit)
{
	size_t n = m->n, i = 0, t = sorted_part(limit, n);
	bool text = sorts_text(m, how);
	Item *items;

	if (n < 2)
		return true;
	items = malloc(2 * n * sizeof(*items));
	if (!items)
		return false;
	for (Entry *e = m->head; e; e = e->next)
		items[i++] = (Item){sort_value(m, how, e), e};
	relink(m,
	       t < n ? partial_sort(items, items + n, n, t, text, how->dir)
		     : merge_sort(items, items + n, n, text, how->dir),
	       n);
	free(items);
	return true;
}
