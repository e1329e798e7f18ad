/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The language's arrays. The hash is kept in the table beside the entry, so that a miss costs one
 * cache line; linear probing, deletion by shifting back, never more than half full. Hashes are 32
 * bits and never 0, so that a slot with hash 0 is an empty one.
 */
#include "map.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 16 };

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t p = (__uint128_t)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

#define SEED1 0x9e3779b97f4a7c15ull
#define SEED2 0xd6e8feb86659fd93ull

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static inline uint64_t load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* Both ends of a short text as two words; they overlap where it is shorter than 16 bytes. */
static inline void short_words(const char *p, uint32_t n, uint64_t *a, uint64_t *b)
{
	if (n >= 8) {
		*a = load8(p);
		*b = load8(p + n - 8);
	} else if (n >= 4) {
		*a = load4(p);
		*b = load4(p + n - 4);
	} else if (n) {
		*a = (uint64_t)(uint8_t)p[0] << 16 | (uint64_t)(uint8_t)p[n / 2] << 8 |
		     (uint8_t)p[n - 1];
		*b = 0;
	} else {
		*a = *b = 0;
	}
}

static inline uint64_t hash_bytes(const char *p, uint32_t n)
{
	uint64_t h = SEED1 ^ n, a, b;

	for (; n > 16; p += 16, n -= 16)
		h = mix(load8(p) ^ SEED2, load8(p + 8) ^ h);
	short_words(p, n, &a, &b);
	return mix(a ^ SEED2, b ^ h);
}

static inline uint32_t fold_hash(uint64_t h)
{
	uint32_t r = (uint32_t)(h ^ h >> 32);

	return r ? r : 1;
}

static inline uint32_t map_hash_num(int64_t v)
{
	return fold_hash(mix((uint64_t)v ^ SEED1, SEED2));
}

static inline uint32_t map_hash_str(Str s)
{
	return fold_hash(hash_bytes(s.p, s.n));
}

uint32_t map_hash(const Map *m, const Value *key)
{
	uint64_t h = SEED1;

	if (m->n_keys == 1)
		return m->key_type[0] == TY_STRING ? map_hash_str(value_str(key))
						   : map_hash_num(key->num);
	for (int i = 0; i < m->n_keys; i++) {
		uint64_t k = m->key_type[i] == TY_STRING ? hash_bytes(key[i].p, key[i].n)
							 : (uint64_t)key[i].num;

		h = mix(h ^ k, SEED2 + (uint64_t)i);
	}
	return fold_hash(h);
}

static inline bool equal(Str a, Str b)
{
	uint64_t a1, a2, b1, b2;

	if (a.n != b.n)
		return false;
	for (; a.n > 16; a.p += 16, b.p += 16, a.n -= 16) {
		if (load8(a.p) != load8(b.p) || load8(a.p + 8) != load8(b.p + 8))
			return false;
	}
	short_words(a.p, a.n, &a1, &a2);
	short_words(b.p, a.n, &b1, &b2);
	return a1 == b1 && a2 == b2;
}

bool str_equal(Str a, Str b)
{
	return equal(a, b);
}

int str_cmp(Str a, Str b)
{
	uint32_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

static inline bool keys_equal(const Map *m, const Value *a, const Value *b)
{
	for (int i = 0; i < m->n_keys; i++) {
		if (m->key_type[i] == TY_STRING) {
			if (!equal(value_str(&a[i]), value_str(&b[i])))
				return false;
		} else if (a[i].num != b[i].num) {
			return false;
		}
	}
	return true;
}

/* ---- pool ---- */

struct PoolChunk {
	struct PoolChunk *next;
	_Alignas(16) char bytes[];
};

enum { POOL_CHUNK = 64 * 1024 };

static void *pool_more(Pool *p, size_t size)
{
	size_t bytes = size > POOL_CHUNK ? size : POOL_CHUNK;
	struct PoolChunk *c = malloc(sizeof(*c) + bytes);

	if (!c)
		return NULL;
	c->next = p->chunks;
	p->chunks = c;
	if (size < bytes) {
		p->at = c->bytes + size;
		p->end = c->bytes + bytes;
	}
	return c->bytes;
}

void *pool_alloc(Pool *p, size_t size)
{
	size_t cls = (size + POOL_GRAIN - 1) / POOL_GRAIN;
	void *b;

	if (cls >= POOL_CLASSES)
		return malloc(size);
	b = p->free[cls];
	if (b) {
		memcpy(&p->free[cls], b, sizeof(void *));
		return b;
	}
	size = cls * POOL_GRAIN;
	if ((size_t)(p->end - p->at) < size)
		return pool_more(p, size);
	b = p->at;
	p->at += size;
	return b;
}

void pool_free(Pool *p, void *block, size_t size)
{
	size_t cls = (size + POOL_GRAIN - 1) / POOL_GRAIN;

	if (cls >= POOL_CLASSES) {
		free(block);
		return;
	}
	memcpy(block, &p->free[cls], sizeof(void *));
	p->free[cls] = block;
}

void pool_done(Pool *p)
{
	for (struct PoolChunk *c = p->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	memset(p, 0, sizeof(*p));
}

/* ---- the table ---- */

void map_init(Map *m, const Symbol *sym, int64_t limit, bool user_limit)
{
	memset(m, 0, sizeof(*m));
	m->n_keys = sym->n_keys;
	memcpy(m->key_type, sym->key, sizeof(m->key_type));
	m->value_type = sym->type;
	m->stat_size = sizeof(Stat);
	m->limit = limit;
	m->wrap = sym->wrap;
	m->user_limit = user_limit;
}

void map_done(Map *m)
{
	map_clear(m);
	free(m->slot);
	pool_done(&m->pool);
	m->slot = NULL;
}

static inline Entry *probe(const Map *m, uint32_t hash, uint32_t *i)
{
	for (; m->slot[*i].e; *i = (*i + 1) & m->mask) {
		if (m->slot[*i].hash == hash)
			return m->slot[*i].e;
	}
	return NULL;
}

Entry *map_find(const Map *m, const Value *key, uint32_t hash)
{
	uint32_t i = hash & m->mask;
	Entry *e;

	if (!m->n)
		return NULL;
	for (; (e = probe(m, hash, &i)); i = (i + 1) & m->mask) {
		if (keys_equal(m, e->key, key))
			return e;
	}
	return NULL;
}

Entry *map_find_num(const Map *m, int64_t key, uint32_t *hash_ret)
{
	uint32_t hash = *hash_ret = map_hash_num(key), i = hash & m->mask;
	Entry *e;

	if (!m->n)
		return NULL;
	for (; (e = probe(m, hash, &i)); i = (i + 1) & m->mask) {
		if (e->key[0].num == key)
			return e;
	}
	return NULL;
}

Entry *map_find_str(const Map *m, Str key, uint32_t *hash_ret)
{
	uint32_t hash = *hash_ret = map_hash_str(key), i = hash & m->mask;
	Entry *e;

	if (!m->n)
		return NULL;
	for (; (e = probe(m, hash, &i)); i = (i + 1) & m->mask) {
		if (equal(value_str(&e->key[0]), key))
			return e;
	}
	return NULL;
}

static void place(Map *m, Entry *e)
{
	uint32_t i = e->hash & m->mask;

	while (m->slot[i].e)
		i = (i + 1) & m->mask;
	m->slot[i] = (MapSlot){e->hash, e};
}

static bool grow(Map *m)
{
	uint32_t slots = m->slot ? (m->mask + 1) * 2 : FIRST_SLOTS;
	MapSlot *fresh = calloc(slots, sizeof(*fresh));

	if (!fresh || !slots) {
		free(fresh);
		return false;
	}
	free(m->slot);
	m->slot = fresh;
	m->mask = slots - 1;
	for (Entry *e = m->head; e; e = e->next)
		place(m, e);
	return true;
}

static uint32_t keys_size(const Map *m, const Value *key)
{
	uint32_t size = 0;

	for (int i = 0; i < m->n_keys; i++)
		size += m->key_type[i] == TY_STRING ? key[i].n : 0;
	return size;
}

static Entry *entry_new(Map *m, const Value *key, uint32_t hash)
{
	uint32_t head = (uint32_t)(sizeof(Entry) + sizeof(Value) * (size_t)m->n_keys);
	uint32_t text = (keys_size(m, key) + 7) & ~7u, stat = 0;
	Entry *e;
	char *p;

	if (m->value_type == TY_STATS)
		stat = m->stat_size;
	e = pool_alloc(&m->pool, head + text + stat);
	if (!e)
		return NULL;
	memset(&e->val, 0, sizeof(e->val));
	e->size = head + text + stat;
	e->hash = hash;
	p = (char *)e + head;
	for (int i = 0; i < m->n_keys; i++) {
		e->key[i] = key[i];
		if (m->key_type[i] != TY_STRING)
			continue;
		e->key[i].p = p;
		if (key[i].n)
			memcpy(p, key[i].p, key[i].n);
		p += key[i].n;
	}
	if (stat) {
		e->val.stat = (Stat *)(void *)((char *)e + head + text);
		memset(e->val.stat, 0, stat);
	}
	return e;
}

Entry *map_insert(Map *m, const Value *key, uint32_t hash)
{
	Entry *e;

	if (m->n >= m->limit && !m->wrap)
		return NULL;
	e = entry_new(m, key, hash); /* before the oldest goes: the key may be a view of its text */
	if (!e)
		return NULL;
	if (m->n >= m->limit && m->head)
		map_delete(m, m->head);
	if ((!m->slot || (m->n + 1) * 2 > m->mask + 1) && !grow(m)) {
		pool_free(&m->pool, e, e->size);
		return NULL;
	}
	e->next = NULL;
	e->prev = m->tail;
	if (m->tail)
		m->tail->next = e;
	else
		m->head = e;
	m->tail = e;
	place(m, e);
	m->n++;
	return e;
}

static void entry_free(Map *m, Entry *e)
{
	if (m->value_type == TY_STRING && e->val.str.p)
		pool_free(&m->pool, e->val.str.p, e->val.str.cap);
	pool_free(&m->pool, e, e->size);
}

/* Close the gap at @i, so that no probe sequence is cut. */
static void shift_back(Map *m, uint32_t i)
{
	for (uint32_t j = (i + 1) & m->mask; m->slot[j].e; j = (j + 1) & m->mask) {
		uint32_t home = (uint32_t)m->slot[j].hash & m->mask;

		if (((j - home) & m->mask) < ((j - i) & m->mask))
			continue;
		m->slot[i] = m->slot[j];
		i = j;
	}
	m->slot[i].e = NULL;
}

void map_delete(Map *m, Entry *e)
{
	uint32_t i = e->hash & m->mask;

	while (m->slot[i].e != e)
		i = (i + 1) & m->mask;
	shift_back(m, i);
	if (e->prev)
		e->prev->next = e->next;
	else
		m->head = e->next;
	if (e->next)
		e->next->prev = e->prev;
	else
		m->tail = e->prev;
	m->n--;
	entry_free(m, e);
}

void map_clear(Map *m)
{
	for (Entry *e = m->head, *next; e; e = next) {
		next = e->next;
		entry_free(m, e);
	}
	m->head = m->tail = NULL;
	m->n = 0;
	if (m->slot)
		memset(m->slot, 0, sizeof(*m->slot) * ((size_t)m->mask + 1));
}

void entry_set_str(Map *m, Entry *e, Str s)
{
	char *old = e->val.str.p;
	uint32_t cap = (s.n + 15) & ~15u;

	if (s.n <= e->val.str.cap) {
		if (s.n)
			memmove(old, s.p, s.n);
		e->val.str.n = s.n;
		return;
	}
	e->val.str.p = pool_alloc(&m->pool, cap);
	if (!e->val.str.p) { /* keep what was there */
		e->val.str.p = old;
		return;
	}
	memcpy(e->val.str.p, s.p, s.n);
	e->val.str.n = s.n;
	if (old)
		pool_free(&m->pool, old, e->val.str.cap);
	e->val.str.cap = cap;
}
