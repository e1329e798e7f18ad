/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arrays: elements, membership, delete, foreach, and statistics. Keys are computed first, all of
 * them, and written to c->key just before they are used.
 */
#include "kmod_int.h"

#include <inttypes.h>
#include <string.h>

static const char *map_of(Emit *e, const Symbol *sym)
{
	return TEXT(e, "&%s", global_name(e, sym));
}

unsigned keys(Emit *e, const Node *n, const Node *later, const char **ret)
{
	unsigned which = 0;

	for (int i = 0; i < n->var.keys.n; i++) {
		const Node *k = n->var.keys.v[i];

		ret[i] = NULL;
		if (!k)
			continue;
		which |= 1u << i;
		ret[i] = value_for(e, k, later_of(&n->var.keys, i + 1, later));
	}
	return which;
}

void put_keys(Emit *e, const Node *n, const char *const *key)
{
	for (int i = 0; i < n->var.keys.n; i++)
		if (key[i])
			emit(e, "c->key[%d].%s = %s;", i,
			     n->var.sym->key[i] == TY_STRING ? "str" : "num", key[i]);
}

const char *index_read(Emit *e, const Node *n)
{
	const char *key[MAX_KEYS], *map = map_of(e, n->var.sym);

	keys(e, n, NULL, key);
	put_keys(e, n, key);
	if (n->var.sym->type == TY_STRING) {
		const char *v = TEXT(e, "v%d", e->n_num++);

		emit(e, "struct rt_sv %s = rt_get_str(%s, c->key);", v, map);
		return v;
	}
	return temp_num(e, TEXT(e, "rt_get_num(%s, c->key)", map));
}

static const char *entry(Emit *e, const Node *n, const char *how, const char *const *key)
{
	const char *v = TEXT(e, "e%d", e->n_num++);

	put_keys(e, n, key);
	emit(e, "struct rt_entry *%s = rt_map_%s(c, %s, c->key, %s);", v, how, map_of(e, n->var.sym),
	     place_of(e, n));
	emit_check(e);
	return v;
}

const char *entry_need(Emit *e, const Node *n, const char *const *key)
{
	return entry(e, n, "need", key);
}

const char *in_array(Emit *e, const Node *n)
{
	const char *key[MAX_KEYS], *map;
	unsigned which;

	if (n->var.hist) {
		const char *i = temp_num(e, num(e, n->var.keys.v[0]));
		return TEXT(e, "(%s >= 0 && %s < h%d.n)", i, i, n->var.hist->stat.operand->var.sym->slot);
	}
	map = map_of(e, n->var.sym);
	which = keys(e, n, NULL, key);
	put_keys(e, n, key);
	if (which == (1u << n->var.keys.n) - 1)
		return temp_num(e, TEXT(e, "!!rt_map_find(%s, c->key)", map));
	return temp_num(e, TEXT(e, "rt_map_has(%s, c->key, 0x%x)", map, which));
}

/* ---- delete ---- */

static void delete_element(Emit *e, const Node *n)
{
	const char *key[MAX_KEYS], *map = map_of(e, n->var.sym);
	unsigned which = keys(e, n, NULL, key);

	put_keys(e, n, key);
	if (which != (1u << n->var.keys.n) - 1) {
		emit(e, "rt_map_delete_slice(%s, c->key, 0x%x);", map, which);
		return;
	}
	const char *v = TEXT(e, "e%d", e->n_num++);

	emit(e, "struct rt_entry *%s = rt_map_find(%s, c->key);", v, map);
	emit(e, "if (%s)", v);
	emit(e, "\trt_map_delete(%s, %s);", map, v);
}

void delete_stmt(Emit *e, const Node *n)
{
	const Node *what = n->del;
	const Symbol *sym = what->var.sym;

	if (what->kind == ND_INDEX)
		delete_element(e, what);
	else if (sym->kind == SYM_GLOBAL && sym->n_keys > 0)
		emit(e, "rt_map_clear(%s);", map_of(e, sym));
	else if (sym->type == TY_STATS)
		emit(e, "memset(%s, 0, sizeof(%s_memory));", global_name(e, sym), global_name(e, sym));
	else
		set_var(e, sym, sym->type == TY_STRING ? "RT_LIT(\"\")" : "0");
}

/* Nothing can be said about a statistic without values. */
void need_samples(Emit *e, const Node *n, const char *stat)
{
	emit(e, "if (!%s || !%s->s.count)", stat, stat);
	emit(e, "\trt_fail(c, %s, \"empty aggregate\");", place_of(e, n));
	emit_check(e);
}

/* ---- foreach ---- */

static const char *const stat_function[] = {[ST_COUNT] = "rt_stat_count", [ST_SUM] = "rt_stat_sum",
					     [ST_MIN] = "rt_stat_min",	   [ST_MAX] = "rt_stat_max",
					     [ST_AVG] = "rt_stat_mean",	   [ST_VARIANCE] = "rt_stat_var"};

static const char *order_of(Emit *e, const Node *n)
{
	static const char *const by[] = {[SORT_NONE] = "RT_BY_NONE", [SORT_KEY] = "RT_BY_KEY",
					 [SORT_VALUE] = "RT_BY_VALUE", [SORT_STAT] = "RT_BY_VALUE"};

	return TEXT(e, "&(const struct rt_order){%s, %d, %d, %s}", by[n->foreach.sort],
		    n->foreach.sort_key, n->foreach.sort_dir,
		    n->foreach.sort == SORT_STAT ? stat_function[n->foreach.sort_stat] : "NULL");
}

/* The loop variables get their values from entry @v. */
static void set_loop_vars(Emit *e, const Node *n, const char *v)
{
	const Symbol *array = n->foreach.array->var.sym;

	for (int i = 0; i < n->foreach.keys.n; i++) {
		const Symbol *k = n->foreach.keys.v[i];
		set_var(e, k, TEXT(e, "%s->key[%d].%s", v, i, k->type == TY_STRING ? "str" : "num"));
	}
	if (n->foreach.value)
		set_var(e, n->foreach.value,
			array->type == TY_STRING ? TEXT(e, "rt_view(%s->str)", v)
			: has_parts(e, array)	 ? TEXT(e, "rt_entry_num(%s, %s)", map_of(e, array), v)
						 : TEXT(e, "%s->num", v));
}

/* The body of a loop as text of its own, since what a round costs is known behind it. */
static void loop_body(Emit *e, const Node *n, int id, const char *variable, Buf *text)
{
	int outer = e->loop;
	Buf *out = e->out;
	const char *entry;

	e->loop = id;
	e->out = text;
	e->indent++;
	if (n->foreach.array->kind == ND_HIST) {
		set_var(e, n->foreach.keys.v[0], variable);
	} else {
		entry = TEXT(e, "e%d", e->n_num++);
		emit(e, "struct rt_entry *%s = c->snap[%s];", entry, variable);
		set_loop_vars(e, n, entry);
	}
	if (n->foreach.body)
		stmt(e, n->foreach.body);
	e->indent--;
	e->out = out;
	e->loop = outer;
}

/* The rounds from @start to before @end, as i@id; @variable: what the body takes from it. */
static void loop_rounds(Emit *e, const Node *n, int id, const char *start, const char *variable)
{
	int64_t before = e->weight;
	Buf body = {0};

	loop_body(e, n, id, variable, &body);
	emit(e, "for (i%d = %s; i%d < end%d; i%d++) {", id, start, id, id, id);
	e->indent++;
	emit(e, "rt_pay(c, %" PRId64 ", %s);", e->weight - before + 1, place_of(e, n));
	emit_check(e);
	e->indent--;
	if (body.n)
		buf_put(e->out, body.s, body.n);
	buf_free(&body);
	emit(e, "next_%d: __maybe_unused;", id);
	emit(e, "}");
	emit(e, "last_%d: __maybe_unused;", id);
}

static void foreach_array(Emit *e, const Node *n, int id)
{
	const Node *array = n->foreach.array;
	const char *key[MAX_KEYS], *limit = NULL, *start = TEXT(e, "start%d", id);
	unsigned which = 0;

	if (n->foreach.limit)
		limit = temp_num(e, num(e, n->foreach.limit));
	if (array->kind == ND_INDEX) {
		which = keys(e, array, NULL, key);
		put_keys(e, array, key);
	}
	emit(e, "int %s = rt_foreach(c, %s, %s, c->key, 0x%x, %s, %s, %s), end%d = c->n_snap, i%d;", start,
	     map_of(e, array->var.sym), order_of(e, n), which, limit ? limit : "0",
	     limit ? "true" : "false", place_of(e, n), id, id);
	emit_check(e);
	e->snap++;
	if (e->snap > e->max_snap)
		e->max_snap = e->snap;
	loop_rounds(e, n, id, start, TEXT(e, "i%d", id));
	e->snap--;
	emit(e, "c->n_snap = %s;", start);
}

/* foreach (b in @hist_log(s)): b counts the buckets. */
static void foreach_hist(Emit *e, const Node *n, int id)
{
	const Node *operand = n->foreach.array->stat.operand;
	const Symbol *sym = operand->var.sym;
	bool down = n->foreach.sort != SORT_NONE && n->foreach.sort_dir < 0;
	const char *all = TEXT(e, "h%d.n", sym->slot);

	need_samples(e, n, stat_of(e, operand));
	emit(e, "s64 end%d = %s, i%d;", id,
	     n->foreach.limit ? TEXT(e, "min_t(s64, %s, %s)", all, num(e, n->foreach.limit)) : all, id);
	loop_rounds(e, n, id, "0",
		    down ? TEXT(e, "%s - 1 - i%d", all, id) : TEXT(e, "i%d", id));
}

void foreach_stmt(Emit *e, const Node *n)
{
	int id = ++e->n_loops;

	if (n->foreach.array->kind == ND_HIST)
		foreach_hist(e, n, id);
	else
		foreach_array(e, n, id);
}

/* ---- statistics ---- */

const char *stat_of(Emit *e, const Node *operand)
{
	const char *key[MAX_KEYS], *v = TEXT(e, "t%d", e->n_num++);

	if (operand->kind == ND_INDEX) {
		keys(e, operand, NULL, key);
		put_keys(e, operand, key);
		emit(e, "struct rt_stats *%s = rt_get_stat(%s, c->key);", v, map_of(e, operand->var.sym));
	} else {
		emit(e, "struct rt_stats *%s = %s;", v, global_name(e, operand->var.sym));
	}
	return v;
}

const char *stat_read(Emit *e, const Node *n)
{
	const char *t = stat_of(e, n->stat.operand), *v = temp_num(e, "0");
	bool may_be_empty = n->stat.op == ST_COUNT || n->stat.op == ST_SUM;

	emit(e, "if (%s && %s->s.count)", t, t);
	emit(e, "\t%s = %s(&%s->s);", v, stat_function[n->stat.op], t);
	if (!may_be_empty) {
		emit(e, "else");
		emit(e, "\trt_fail(c, %s, \"empty aggregate\");", place_of(e, n));
		emit_check(e);
	}
	return v;
}

const char *hist_name(Emit *e, const Symbol *sym)
{
	return sym->hist ? TEXT(e, "&h%d", sym->slot) : "NULL";
}

/* This processor's part of what @n is about; @key: NULL for a scalar. */
static const char *part(Emit *e, const Node *n, const char *const *key)
{
	const char *index = key ? TEXT(e, "%s->index", entry(e, n, "slot", key)) : "0";

	return TEXT(e, "rt_part(c, &%s_parts, %s)", global_name(e, n->var.sym), index);
}

/* Where the addition @to OP @value goes to: keys first, then the value, *@v. */
static const char *addend(Emit *e, const Node *to, const Node *value, const char **v)
{
	bool is_element = to->kind == ND_INDEX, parts = has_parts(e, to->var.sym);
	const char *key[MAX_KEYS];

	if (is_element)
		keys(e, to, value, key);
	*v = !value ? "1LL" : is_element ? temp_num(e, num(e, value)) : num(e, value);
	if (parts)
		return part(e, to, is_element ? key : NULL);
	return is_element ? TEXT(e, "%s->stat", entry_need(e, to, key)) : global_name(e, to->var.sym);
}

void sample(Emit *e, const Node *n)
{
	const char *v, *to = addend(e, n->op.a, n->op.b, &v);

	emit(e, "rt_sample(%s, %s, %s);", to, hist_name(e, n->op.a->var.sym), v);
}

void add(Emit *e, const Node *n)
{
	bool down = op_plain(n->op.op) == OP_SUB || n->op.op == OP_PREDEC || n->op.op == OP_POSTDEC;
	const char *v, *to = addend(e, n->op.a, n->op.b, &v);

	emit(e, "rt_count(%s, %s%s);", to, down ? "0 - " : "", v);
}

const char *hist_bucket(Emit *e, const Node *n)
{
	const char *t = stat_of(e, n->stat.operand), *i, *v;

	if (!n->stat.bucket) {
		missing(e, n, "a whole histogram as a value");
		return "0";
	}
	need_samples(e, n, t);
	i = temp_num(e, num(e, n->stat.bucket));
	v = temp_num(e, "0");
	emit(e, "if (%s < 0 || %s >= h%d.n)", i, i, n->stat.operand->var.sym->slot);
	emit(e, "\trt_fail(c, %s, \"histogram index out of range\");", place_of(e, n));
	emit(e, "else");
	emit(e, "\t%s = %s->bucket[%s];", v, t, i);
	emit_check(e);
	return v;
}
