// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * map: arrays. All entries are there from the start and wait on a list of free ones; those in use
 * are on a hash chain and, in the order in which they came (or as the last sort left them), on a
 * list. Keys and values have fixed places in an entry.
 *
 * In an array whose values have parts (part.c), who holds its processor's lock may find entries and
 * make new ones while others do, rt_map_slot(); all else is for those who hold all locks.
 */
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include "common/sort.h"
#include "common/sort.c"

enum rt_type { RT_LONG, RT_STRING, RT_STATS };

struct rt_entry {
	struct list_head list;
	struct hlist_node chain;
	u32 hash, index;
	union {
		s64 num;
		struct rt_str *str;
		struct rt_stats *stat;
	};
	struct rt_value key[]; /* text: views of what lies behind */
};

struct rt_map {
	const char *name;
	arch_rwlock_t lock;
	int n_keys;
	enum rt_type key[RT_MAX_KEYS], value;
	u32 limit, n, bits;
	bool wrap, user_limit;
	const struct rt_hist *hist;
	struct rt_parts *parts; /* NULL: handlers share the values */
	struct hlist_head *chains;
	struct list_head used, unused;
	void *memory;
	arch_spinlock_t growing; /* rt_map_slot() */
};

static u64 rt_hash_mix(u64 h, u64 v)
{
	h = (h ^ v) * GOLDEN_RATIO_64;
	return h ^ h >> 32;
}

static u64 rt_word(const char *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Text by words, the last of which may overlap the one before it. */
static u64 rt_hash_text(u64 h, struct rt_sv s)
{
	const char *p = s.p, *last = s.p + s.n - 8;
	u64 v = 0;
	u32 i;

	if (s.n < 8) {
		for (i = 0; i < s.n; i++)
			v = v << 8 | (u8)p[i];
		return rt_hash_mix(h, v << 8 | s.n);
	}
	for (; p < last; p += 8)
		h = rt_hash_mix(h, rt_word(p));
	return rt_hash_mix(h, rt_word(last) + s.n);
}

static u32 rt_hash(const struct rt_map *m, const struct rt_value *key)
{
	u64 h = 0;
	int i;

	for (i = 0; i < m->n_keys; i++)
		h = m->key[i] == RT_STRING ? rt_hash_text(h, key[i].str) : rt_hash_mix(h, key[i].num);
	return (u32)h;
}

static bool rt_key_is(const struct rt_map *m, int i, const struct rt_value *a, const struct rt_value *b)
{
	return m->key[i] == RT_STRING ? rt_same(a[i].str, b[i].str) : a[i].num == b[i].num;
}

static bool rt_keys_are(const struct rt_map *m, const struct rt_value *a, const struct rt_value *b)
{
	int i;

	for (i = 0; i < m->n_keys; i++)
		if (!rt_key_is(m, i, a, b))
			return false;
	return true;
}

static struct hlist_head *rt_chain(const struct rt_map *m, u32 hash)
{
	return &m->chains[hash & (BIT(m->bits) - 1)];
}

static struct rt_entry *rt_map_seek(const struct rt_map *m, const struct rt_value *key, u32 hash)
{
	struct rt_entry *e;

	hlist_for_each_entry_rcu_notrace(e, rt_chain(m, hash), chain)
		if (e->hash == hash && rt_keys_are(m, e->key, key))
			return e;
	return NULL;
}

/* The value of @e is to be seen, or given up. */
static void rt_entry_whole(const struct rt_map *m, struct rt_entry *e)
{
	if (m->parts)
		rt_whole(m->parts, m->value == RT_LONG ? (void *)&e->num : e->stat, e->index);
}

/* rt_map_find - the entry of @key, or NULL. */
static struct rt_entry *rt_map_find(const struct rt_map *m, const struct rt_value *key)
{
	struct rt_entry *e = rt_map_seek(m, key, rt_hash(m, key));

	if (e)
		rt_entry_whole(m, e);
	return e;
}

static __maybe_unused void rt_map_delete(struct rt_map *m, struct rt_entry *e)
{
	rt_entry_whole(m, e); /* parts of unused entries are 0 */
	hlist_del(&e->chain);
	list_move(&e->list, &m->unused);
	m->n--;
}

static __maybe_unused void rt_map_clear(struct rt_map *m)
{
	while (!list_empty(&m->used))
		rt_map_delete(m, list_first_entry(&m->used, struct rt_entry, list));
}

static void rt_entry_zero(const struct rt_map *m, struct rt_entry *e)
{
	if (m->value == RT_LONG)
		e->num = 0;
	else if (m->value == RT_STRING)
		e->str->n = 0;
	else
		memset(e->stat, 0, rt_stat_bytes(m->hist));
}

static void rt_entry_keys(const struct rt_map *m, struct rt_entry *e, const struct rt_value *key)
{
	int i;

	for (i = 0; i < m->n_keys; i++) {
		if (m->key[i] == RT_STRING) {
			struct rt_str *s = container_of((void *)e->key[i].str.p, struct rt_str, s[0]);

			e->key[i].str = rt_copy(s, key[i].str);
		} else {
			e->key[i].num = key[i].num;
		}
	}
}

static struct rt_entry *rt_map_insert(struct rt_ctx *c, struct rt_map *m, const struct rt_value *key,
				      u32 hash, const char *at)
{
	struct rt_entry *e;

	if (list_empty(&m->unused)) {
		if (!m->wrap) {
			if (m->user_limit)
				rt_fail(c, at, "Array overflow, check size limit (%u)", m->limit);
			else
				rt_fail(c, at, "Array overflow, check MAXMAPENTRIES");
			return NULL;
		}
		rt_map_delete(m, list_first_entry(&m->used, struct rt_entry, list));
	}
	e = list_first_entry(&m->unused, struct rt_entry, list);
	e->hash = hash;
	rt_entry_keys(m, e, key);
	rt_entry_zero(m, e);
	list_move_tail(&e->list, &m->used);
	hlist_add_head_rcu(&e->chain, rt_chain(m, hash));
	m->n++;
	return e;
}

/* rt_map_need - the entry of @key, made when it is not there; NULL with an error when it is full. */
static __maybe_unused struct rt_entry *rt_map_need(struct rt_ctx *c, struct rt_map *m,
						   const struct rt_value *key, const char *at)
{
	return rt_map_find(m, key) ?: rt_map_insert(c, m, key, rt_hash(m, key), at);
}

/* Two processors may want the same new entry. */
static noinline struct rt_entry *rt_map_grow(struct rt_ctx *c, struct rt_map *m, const struct rt_value *key,
					     u32 hash, const char *at)
{
	struct rt_entry *e;

	while (!arch_spin_trylock(&m->growing)) /* held for some instructions, by nobody that we interrupt */
		cpu_relax();
	e = rt_map_seek(m, key, hash) ?: rt_map_insert(c, m, key, hash, at);
	arch_spin_unlock(&m->growing);
	return e;
}

/* rt_map_slot - the same for who only adds: what counts of the entry is its index. */
static __maybe_unused struct rt_entry *rt_map_slot(struct rt_ctx *c, struct rt_map *m,
						   const struct rt_value *key, const char *at)
{
	u32 hash = rt_hash(m, key);

	return rt_map_seek(m, key, hash) ?: rt_map_grow(c, m, key, hash, at);
}

/* @which: a bit for each key that is given, the others are `*`. */
static bool rt_entry_matches(const struct rt_map *m, const struct rt_entry *e, const struct rt_value *key,
			     u32 which)
{
	int i;

	for (i = 0; i < m->n_keys; i++)
		if (which & BIT(i) && !rt_key_is(m, i, e->key, key))
			return false;
	return true;
}

static __maybe_unused bool rt_map_has(const struct rt_map *m, const struct rt_value *key, u32 which)
{
	struct rt_entry *e;

	list_for_each_entry(e, &m->used, list)
		if (rt_entry_matches(m, e, key, which))
			return true;
	return false;
}

static __maybe_unused void rt_map_delete_slice(struct rt_map *m, const struct rt_value *key, u32 which)
{
	struct rt_entry *e, *next;

	list_for_each_entry_safe(e, next, &m->used, list)
		if (rt_entry_matches(m, e, key, which))
			rt_map_delete(m, e);
}

static __maybe_unused s64 rt_get_num(const struct rt_map *m, const struct rt_value *key)
{
	struct rt_entry *e = rt_map_find(m, key);

	return e ? e->num : 0;
}

/* rt_entry_num - the number in @e, whatever the body of the loop has added. */
static __maybe_unused s64 rt_entry_num(const struct rt_map *m, struct rt_entry *e)
{
	rt_entry_whole(m, e);
	return e->num;
}

static __maybe_unused struct rt_sv rt_get_str(const struct rt_map *m, const struct rt_value *key)
{
	struct rt_entry *e = rt_map_find(m, key);

	return e ? rt_view(e->str) : RT_LIT("");
}

/* ---- statistics ---- */

static __maybe_unused struct rt_stats *rt_get_stat(const struct rt_map *m, const struct rt_value *key)
{
	struct rt_entry *e = rt_map_find(m, key);

	return e ? e->stat : NULL;
}

/* ---- foreach ---- */

/* Going through an array, and sorting it, costs as many actions: a handler may be in an interrupt. */
enum { RT_ENTRIES_AN_ACTION = 16 };

enum rt_sort_by { RT_BY_NONE, RT_BY_KEY, RT_BY_VALUE };

/* struct rt_order - how a foreach goes through an array. */
struct rt_order {
	enum rt_sort_by by;
	int key, dir;
	s64 (*stat)(const struct rt_stat *s); /* BY_VALUE of statistics */
};

static s64 rt_stat_count(const struct rt_stat *s)
{
	return s->count;
}

static __maybe_unused s64 rt_stat_sum(const struct rt_stat *s)
{
	return s->sum;
}

static __maybe_unused s64 rt_stat_min(const struct rt_stat *s)
{
	return s->min;
}

static __maybe_unused s64 rt_stat_max(const struct rt_stat *s)
{
	return s->max;
}

static __maybe_unused s64 rt_stat_mean(const struct rt_stat *s)
{
	return s->count ? rt_stat_avg(s) : 0;
}

static __maybe_unused s64 rt_stat_var(const struct rt_stat *s)
{
	return s->count ? rt_stat_variance(s) : 0;
}

static void rt_item_set(const struct rt_map *m, const struct rt_order *o, struct rt_entry *e,
			struct rt_item *it)
{
	struct rt_sv text = {};

	it->entry = e;
	if (o->by == RT_BY_KEY && m->key[o->key] == RT_STRING)
		text = e->key[o->key].str;
	else if (o->by == RT_BY_KEY)
		it->num = e->key[o->key].num;
	else if (m->value == RT_STRING)
		text = rt_view(e->str);
	else if (m->value == RT_STATS)
		it->num = (o->stat ?: rt_stat_count)(&e->stat->s);
	else
		it->num = e->num;
	if (text.p) {
		it->p = text.p;
		it->n = text.n;
	}
}

static bool rt_sorts_text(const struct rt_map *m, const struct rt_order *o)
{
	return (o->by == RT_BY_KEY ? m->key[o->key] : m->value) == RT_STRING;
}

/* The list itself takes the new order, as in SystemTap. */
static void rt_map_sort(struct rt_ctx *c, struct rt_map *m, const struct rt_order *o, s64 limit)
{
	struct rt_item *items = c->scratch;
	struct rt_entry *e;
	u32 n = 0, i;

	list_for_each_entry(e, &m->used, list)
		rt_item_set(m, o, e, &items[n++]);
	items = rt_sort(items, items + m->limit, n, limit, rt_sorts_text(m, o), o->dir);
	for (i = 0; i < n; i++)
		list_move_tail(&((struct rt_entry *)items[i].entry)->list, &m->used);
}

/*
 * rt_foreach - put what a loop visits on the stack of snapshots. @which: the keys that a slice gives,
 * as bits. @limit: U64_MAX none. Return: where they start; they end at c->n_snap.
 */
static __maybe_unused int rt_foreach(struct rt_ctx *c, struct rt_map *m, const struct rt_order *o,
				     const struct rt_value *key, u32 which, s64 limit, bool limited,
				     const char *at)
{
	int start = c->n_snap;
	struct rt_entry *e;

	rt_pay(c, m->n / RT_ENTRIES_AN_ACTION, at);
	if (c->error)
		return start;
	if (m->parts)
		list_for_each_entry(e, &m->used, list)
			rt_entry_whole(m, e);
	if (o->by != RT_BY_NONE)
		rt_map_sort(c, m, o, which || !limited ? 0 : limit);
	list_for_each_entry(e, &m->used, list) {
		if (limited && c->n_snap - start >= limit)
			break;
		if (which && !rt_entry_matches(m, e, key, which))
			continue;
		if (c->n_snap >= RT_SNAP) { /* only recursion gets here */
			rt_fail(c, at, "MAXNESTING exceeded");
			break;
		}
		c->snap[c->n_snap++] = e;
	}
	return start;
}

/* ---- memory ---- */

static u32 rt_entry_bytes(const struct rt_map *m)
{
	u32 n = sizeof(struct rt_entry) + m->n_keys * sizeof(struct rt_value);
	int i;

	for (i = 0; i < m->n_keys; i++)
		n += m->key[i] == RT_STRING ? sizeof(struct rt_str) : 0;
	n += m->value == RT_STRING ? sizeof(struct rt_str) : 0;
	n = round_up(n, 8);
	n += m->value == RT_STATS ? rt_stat_bytes(m->hist) : 0;
	return round_up(n, 8);
}

static void rt_entry_init(struct rt_map *m, struct rt_entry *e, u32 index)
{
	char *p = (char *)&e->key[m->n_keys];
	int i;

	e->index = index;
	for (i = 0; i < m->n_keys; i++) {
		if (m->key[i] != RT_STRING)
			continue;
		e->key[i].str.p = ((struct rt_str *)p)->s;
		p += sizeof(struct rt_str);
	}
	if (m->value == RT_STRING)
		e->str = (struct rt_str *)p;
	else if (m->value == RT_STATS)
		e->stat = (struct rt_stats *)PTR_ALIGN(p, 8);
	list_add_tail(&e->list, &m->unused);
}

static __maybe_unused int rt_map_init(struct rt_map *m)
{
	u32 size = rt_entry_bytes(m), i;

	m->lock = (arch_rwlock_t)__ARCH_RW_LOCK_UNLOCKED;
	m->growing = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED;
	INIT_LIST_HEAD(&m->used);
	INIT_LIST_HEAD(&m->unused);
	m->bits = max(4, ilog2(roundup_pow_of_two(m->limit)));
	m->chains = rt_alloc(sizeof(*m->chains) << m->bits);
	m->memory = rt_alloc((size_t)size * m->limit);
	if (!m->chains || !m->memory)
		return -ENOMEM;
	for (i = 0; i < m->limit; i++)
		rt_entry_init(m, m->memory + (size_t)size * i, i);
	return m->parts ? rt_parts_init(m->parts, m->limit) : 0;
}

static __maybe_unused void rt_map_free(struct rt_map *m)
{
	if (m->parts)
		rt_parts_free(m->parts);
	vfree(m->chains);
	vfree(m->memory);
}
