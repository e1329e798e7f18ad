/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Table: string-keyed hash table that remembers insertion order. Entries stand in an array in the
 * order they came; `slot` maps a hash to an index into it (open addressing, at most half full).
 */
#include "base/base.h"

#include <string.h>

typedef struct Entry {
	const char *key;
	void *value;
	uint32_t hash;
} Entry;

struct Table {
	Arena *arena;
	VEC(Entry) entry;
	int *slot; /* index into entry + 1; 0 = free */
	uint32_t n_slots;
};

#define FIRST_SLOTS 16u

/* FNV-1a */
static uint32_t hash_of(const char *key)
{
	uint32_t h = 2166136261u;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h;
}

Table *table_new(Arena *a)
{
	Table *t = NEW(a, Table);

	t->arena = a;
	return t;
}

/* The slot that holds @key, or the free one where it belongs. */
static int *slot_of(const Table *t, const char *key, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		int *slot = &t->slot[i & (t->n_slots - 1)];
		const Entry *e;

		if (!*slot)
			return slot;
		e = &t->entry.v[*slot - 1];
		if (e->hash == hash && !strcmp(e->key, key))
			return slot;
	}
}

static void rehash(Table *t)
{
	t->n_slots = t->n_slots ? t->n_slots * 2 : FIRST_SLOTS;
	t->slot = NEW_ARRAY(t->arena, int, t->n_slots);
	for (int i = 0; i < t->entry.n; i++)
		*slot_of(t, t->entry.v[i].key, t->entry.v[i].hash) = i + 1;
}

void *table_get(const Table *t, const char *key)
{
	int slot;

	if (!t->n_slots)
		return NULL;
	slot = *slot_of(t, key, hash_of(key));
	return slot ? t->entry.v[slot - 1].value : NULL;
}

void table_put(Table *t, const char *key, void *value)
{
	uint32_t hash = hash_of(key);
	int *slot;

	if ((uint32_t)t->entry.n * 2 >= t->n_slots)
		rehash(t);
	slot = slot_of(t, key, hash);
	if (*slot) {
		t->entry.v[*slot - 1].value = value;
		return;
	}
	vec_push(t->arena, &t->entry, ((Entry){key, value, hash}));
	*slot = t->entry.n;
}

bool table_next(const Table *t, int *it, const char **key, void **value)
{
	if (*it >= t->entry.n)
		return false;
	*key = t->entry.v[*it].key;
	*value = t->entry.v[*it].value;
	++*it;
	return true;
}
