/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * map: the language's arrays. Entries are found through an open-addressing table of (hash, entry)
 * and kept in insertion order on a list; keys and text live in the entry itself or in its pool, so
 * that growing the table moves no entry.
 */
#ifndef TAPX_EVAL_MAP_H
#define TAPX_EVAL_MAP_H

#include "frontend/frontend.h"
#include "common/stat.h"

/** struct Str - a view: valid until what it points into changes; not NUL-terminated. */
typedef struct Str {
	const char *p;
	uint32_t n;
} Str;

/** struct Value - a long or a view of text; who uses it knows which. */
typedef struct Value {
	union {
		int64_t num;
		const char *p;
	};
	uint32_t n; /* text: bytes */
} Value;

static inline Str value_str(const Value *v)
{
	return (Str){v->p, v->n};
}

/** struct Stat - one statistic; buckets follow when its global has a histogram. */
typedef struct Stat {
	struct rt_stat s;
	int64_t bucket[];
} Stat;

typedef struct Entry {
	struct Entry *next, *prev; /* insertion order, as re-ordered by the last sort */
	uint32_t hash;
	uint32_t size; /* bytes of this entry, for its pool */
	union {
		int64_t num;
		struct {
			char *p;
			uint32_t n, cap;
		} str;
		Stat *stat;
	} val;
	Value key[]; /* then the keys' text, then the Stat */
} Entry;

/** struct Pool - blocks by size class; freed ones are kept for the next entry of that size. */
enum { POOL_CLASSES = 128, POOL_GRAIN = 16 };
typedef struct Pool {
	void *free[POOL_CLASSES];
	char *at, *end;
	struct PoolChunk *chunks;
} Pool;
void *pool_alloc(Pool *p, size_t size);
void pool_free(Pool *p, void *block, size_t size);
void pool_done(Pool *p);

typedef struct MapSlot {
	uint64_t hash; /* 0 in an empty slot's entry decides */
	Entry *e;
} MapSlot;

typedef struct Map {
	MapSlot *slot;
	uint32_t mask, n; /* slots - 1, entries */
	int n_keys;
	Type key_type[MAX_KEYS];
	Type value_type;
	uint32_t stat_size; /* of a Stat with its buckets */
	int64_t limit;	    /* entries; INT64_MAX: memory is the limit */
	bool wrap;	    /* the oldest makes room */
	bool user_limit;    /* the script gave the size: named so in the message */
	struct rt_hist hist;
	Entry *head, *tail;
	Pool pool;
} Map;

void map_init(Map *m, const Symbol *sym, int64_t limit, bool user_limit);
void map_done(Map *m);

uint32_t map_hash(const Map *m, const Value *key);
/** map_find - the entry, or NULL; @hash from map_hash() of the same keys. */
Entry *map_find(const Map *m, const Value *key, uint32_t hash);
/** map_find_num, map_find_str - the same for one key; they set @hash, for map_insert(). */
Entry *map_find_num(const Map *m, int64_t key, uint32_t *hash);
Entry *map_find_str(const Map *m, Str key, uint32_t *hash);
/** map_insert - a new entry with value 0, "" or nothing; its key must be absent. NULL: no room. */
Entry *map_insert(Map *m, const Value *key, uint32_t hash);
void map_delete(Map *m, Entry *e);
void map_clear(Map *m);
/** entry_set_str - replace the text; @s may be a view of the old one. */
void entry_set_str(Map *m, Entry *e, Str s);
/** str_cmp - as strncmp: negative, 0, positive. */
int str_cmp(Str a, Str b);
bool str_equal(Str a, Str b);

/** struct MapSort - how a foreach orders. */
typedef struct MapSort {
	SortBy by;
	int key; /* SORT_KEY: which */
	int dir; /* +1 -1 */
	StatOp stat;
} MapSort;
/**
 * map_sort - re-order the list, stable; for a loop over the first @limit entries, 0: over all.
 * Return: false when there is no memory for it.
 */
bool map_sort(Map *m, const MapSort *how, int64_t limit);
/** stat_value - a statistic as a number; of an empty one 0. */
int64_t stat_value(const Stat *s, StatOp op);

#endif
