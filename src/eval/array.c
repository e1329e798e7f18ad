/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Array elements: keys, reading, membership, deletion, and the selection that a foreach walks over.
 * A Code with keys has the array in .g and the key expressions in .arg; NULL stands for `*`.
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>

void keys_compile(Compile *cc, Code *c, const Node *n, const Node *later)
{
	const NodeVec *keys = &n->var.keys;

	c->g = &cc->e->globals[n->var.sym->slot];
	c->n = keys->n;
	c->arg = NEW_ARRAY(cc->arena, const Code *, keys->n + 1);
	for (int i = 0; i < keys->n; i++) {
		const Node *after = has_effect(later) ? later : NULL;

		for (int j = i + 1; j < keys->n && !after; j++)
			after = has_effect(keys->v[j]) ? keys->v[j] : NULL;
		if (keys->v[i])
			c->arg[i] = compile_stable(cc, keys->v[i], after);
		else
			c->flag = true; /* has a '*' */
	}
}

void keys_eval(Eval *e, const Code *c, Value *key)
{
	for (int i = 0; i < c->n; i++) {
		const Code *k = c->arg[i];

		if (!k)
			continue;
		if (k->is_str) {
			Str s = STR(k);

			key[i] = (Value){.p = s.p, .n = s.n};
		} else {
			key[i] = (Value){.num = NUM(k)};
		}
	}
}

static Entry *insert(Eval *e, const Code *c, const Value *key, uint32_t hash)
{
	Map *m = &c->g->map;
	Entry *en = map_insert(m, key, hash);

	if (en)
		return en;
	if (m->n < m->limit)
		raise_error(e, c->node, "out of memory");
	if (m->user_limit)
		raise_error(e, c->node, "Array overflow, check size limit (%lld)",
			    (long long)m->limit);
	raise_error(e, c->node, "Array overflow, check MAXMAPENTRIES");
}

Entry *map_need(Eval *e, const Code *c, const Value *key)
{
	uint32_t hash = map_hash(&c->g->map, key);
	Entry *en = map_find(&c->g->map, key, hash);

	return en ? en : insert(e, c, key, hash);
}

/* Find, and create when @create: the forms with one key are the ones that events run. */
static inline Entry *lookup(Eval *e, const Code *c, bool create)
{
	Value key[MAX_KEYS];
	const Map *m = &c->g->map;
	uint32_t hash;
	Entry *en;

	if (c->n == 1 && c->arg[0]->is_str) {
		Str s = STR(c->arg[0]);

		en = map_find_str(m, s, &hash);
		key[0] = (Value){.p = s.p, .n = s.n};
	} else if (c->n == 1) {
		key[0].num = NUM(c->arg[0]);
		en = map_find_num(m, key[0].num, &hash);
	} else {
		keys_eval(e, c, key);
		hash = map_hash(m, key);
		en = map_find(m, key, hash);
	}
	return en || !create ? en : insert(e, c, key, hash);
}

Entry *elem_find(Eval *e, const Code *c)
{
	return lookup(e, c, false);
}

Entry *elem_need(Eval *e, const Code *c)
{
	return lookup(e, c, true);
}

static int64_t do_read_num(Eval *e, const Code *c)
{
	const Entry *en = elem_find(e, c);

	return en ? en->val.num : 0;
}

static Str do_read_str(Eval *e, const Code *c)
{
	const Entry *en = elem_find(e, c);

	return en ? (Str){en->val.str.p, en->val.str.n} : (Str){"", 0};
}

const Code *compile_index_read(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	keys_compile(cc, c, n, NULL);
	if (n->var.sym->type == TY_STRING) {
		c->str = do_read_str;
		c->is_str = true;
		c->life = LIFE_VIEW;
	} else {
		c->num = do_read_num;
	}
	return c;
}

bool entry_matches(const Map *m, const Entry *en, const Code *c, const Value *key)
{
	for (int i = 0; i < c->n; i++) {
		if (!c->arg[i])
			continue;
		if (m->key_type[i] == TY_STRING) {
			if (!str_equal(value_str(&en->key[i]), value_str(&key[i])))
				return false;
		} else if (en->key[i].num != key[i].num) {
			return false;
		}
	}
	return true;
}

static int64_t do_in(Eval *e, const Code *c)
{
	return elem_find(e, c) != NULL;
}

static int64_t do_in_slice(Eval *e, const Code *c)
{
	const Map *m = &c->g->map;
	Value key[MAX_KEYS];

	keys_eval(e, c, key);
	for (const Entry *en = m->head; en; en = en->next) {
		if (entry_matches(m, en, c, key))
			return 1;
	}
	return 0;
}

static int64_t do_in_hist(Eval *e, const Code *c)
{
	int64_t i = NUM(c->a);

	return i >= 0 && i < c->k;
}

static const Code *compile_in_hist(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->num = do_in_hist;
	c->a = compile_num(cc, n->var.keys.v[0]);
	c->k = cc->e->globals[n->var.hist->stat.operand->var.sym->slot].map.hist.n;
	return c;
}

const Code *compile_in(Compile *cc, const Node *n)
{
	Code *c;

	if (n->var.hist)
		return compile_in_hist(cc, n);
	c = code_new(cc, n);
	keys_compile(cc, c, n, NULL);
	c->num = c->flag ? do_in_slice : do_in;
	return c;
}

/* ---- delete ---- */

static Flow do_delete_elem(Eval *e, const Code *c)
{
	Entry *en = elem_find(e, c);

	if (en)
		map_delete(&c->g->map, en);
	return FLOW_NORMAL;
}

static Flow do_delete_slice(Eval *e, const Code *c)
{
	Map *m = &c->g->map;
	Value key[MAX_KEYS];

	keys_eval(e, c, key);
	for (Entry *en = m->head, *next; en; en = next) {
		next = en->next;
		if (entry_matches(m, en, c, key))
			map_delete(m, en);
	}
	return FLOW_NORMAL;
}

static Flow do_delete_array(Eval *e, const Code *c)
{
	(void)e;
	map_clear(&c->g->map);
	return FLOW_NORMAL;
}

static Flow do_delete_global(Eval *e, const Code *c)
{
	Global *g = c->g;

	(void)e;
	if (g->sym->type == TY_STATS)
		memset(g->stat, 0, g->map.stat_size);
	else if (g->sym->type == TY_STRING)
		g->str.n = 0;
	else
		g->num = 0;
	return FLOW_NORMAL;
}

static Flow do_delete_local(Eval *e, const Code *c)
{
	*local(e, c) = (Value){0};
	return FLOW_NORMAL;
}

const Code *compile_delete(Compile *cc, const Node *n)
{
	const Node *what = n->del;
	Code *c = code_new(cc, n);

	if (what->kind == ND_INDEX) {
		keys_compile(cc, c, what, NULL);
		c->stmt = c->flag ? do_delete_slice : do_delete_elem;
		return c;
	}
	target_compile(cc, c, what->var.sym);
	if (what->var.sym->kind != SYM_GLOBAL)
		c->stmt = do_delete_local;
	else
		c->stmt = what->var.sym->n_keys > 0 ? do_delete_array : do_delete_global;
	return c;
}

/* ---- what a foreach visits ---- */

static void snap_push(Eval *e, const Node *at, Entry *en)
{
	if (e->snap_n == e->snap_cap) {
		size_t cap = e->snap_cap ? e->snap_cap * 2 : 256;
		Entry **more = realloc(e->snap, cap * sizeof(*more));

		if (!more)
			raise_error(e, at, "out of memory");
		e->snap = more;
		e->snap_cap = cap;
	}
	e->snap[e->snap_n++] = en;
}

size_t snap_take(Eval *e, const Node *at, const Map *m, const Code *slice)
{
	size_t start = e->snap_n;
	Value key[MAX_KEYS];

	if (slice)
		keys_eval(e, slice, key);
	for (Entry *en = m->head; en; en = en->next) {
		if (!slice || entry_matches(m, en, slice, key))
			snap_push(e, at, en);
	}
	return start;
}
