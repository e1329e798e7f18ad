/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sorting an array for foreach. The entries' list itself takes the new order, as in SystemTap:
 * later loops and the eviction of wrapping arrays see it. What is compared is fetched once per
 * entry; how, is in runtime/common/sort.c.
 */
#include "map.h"
#include "common/sort.h"

#include <stdlib.h>
#include <string.h>

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

static struct rt_item text_item(const char *p, uint32_t n)
{
	return (struct rt_item){.p = p, .n = n};
}

/* What @e is sorted by; text or number as sorts_text() says. */
static struct rt_item item_of(const Map *m, const MapSort *how, const Entry *e)
{
	const Value *key = &e->key[how->key];

	if (how->by == SORT_KEY && m->key_type[how->key] == TY_STRING)
		return text_item(key->p, key->n);
	if (how->by == SORT_KEY)
		return (struct rt_item){.num = key->num};
	if (m->value_type == TY_STATS)
		return (struct rt_item){
		    .num = stat_value(e->val.stat, how->by == SORT_STAT ? how->stat : ST_COUNT)};
	if (m->value_type == TY_STRING)
		return text_item(e->val.str.p, e->val.str.n);
	return (struct rt_item){.num = e->val.num};
}

static bool sorts_text(const Map *m, const MapSort *how)
{
	return how->by == SORT_KEY ? m->key_type[how->key] == TY_STRING
				   : m->value_type == TY_STRING;
}

static void relink(Map *m, const struct rt_item *items, size_t n)
{
	Entry *prev = NULL;

	m->head = items[0].entry;
	for (size_t i = 0; i < n; i++) {
		Entry *e = items[i].entry;

		e->prev = prev;
		if (prev)
			prev->next = e;
		prev = e;
	}
	prev->next = NULL;
	m->tail = prev;
}

bool map_sort(Map *m, const MapSort *how, int64_t limit)
{
	size_t n = m->n, i = 0;
	struct rt_item *items;

	if (n < 2)
		return true;
	items = malloc(2 * n * sizeof(*items));
	if (!items)
		return false;
	for (Entry *e = m->head; e; e = e->next) {
		items[i] = item_of(m, how, e);
		items[i++].entry = e;
	}
	relink(m, rt_sort(items, items + n, n, limit, sorts_text(m, how), how->dir), n);
	free(items);
	return true;
}
