/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Globals from outside of the text: -G gives them another first value, and those that the script
 * writes but never reads are printed at the end without being asked for.
 */
#include "frontend/frontend_int.h"

#include <errno.h>
#include <stdlib.h>

/* ---- -G ---- */

static bool parse_number(const char *text, int64_t *num)
{
	char *rest;

	errno = 0;
	*num = (int64_t)strtoull(text + (*text == '-'), &rest, 0);
	if (*text == '-')
		*num = (int64_t) - (uint64_t)*num;
	return rest != text + (*text == '-') && !*rest && !errno;
}

static Symbol *find_scalar(Script *s, const char *name, Diag *d)
{
	Symbol *g = table_get(s->names->globals, name);
	Nearest near = {.want = name};
	const char *other;
	void *value;
	Loc nowhere = {0};

	if (g && g->n_keys <= 0 && g->type != TY_STATS)
		return g;
	for (int it = 0; !g && table_next(s->names->globals, &it, &other, &value);)
		nearest_add(&near, other);
	diag_error(d, DIAG_BAD_SET_GLOBAL, nowhere, "-G %s: %s%s", name,
		   g ? "only plain variables can be given a value" : "there is no such global",
		   nearest_text(&near, s->arena));
	return NULL;
}

bool script_set_global(Script *s, const char *assign, Diag *d)
{
	const char *eq = strchr(assign, '=');
	Loc nowhere = {0};
	int64_t num;
	Symbol *g;
	bool is_num;

	if (!eq || eq == assign) {
		diag_error(d, DIAG_BAD_SET_GLOBAL, nowhere, "-G needs name=value, not '%s'",
			   assign);
		return false;
	}
	g = find_scalar(s, arena_strndup(s->arena, assign, (size_t)(eq - assign)), d);
	if (!g)
		return false;
	is_num = parse_number(eq + 1, &num) && g->type != TY_STRING;
	if (!is_num && g->type == TY_LONG) {
		diag_error(d, DIAG_BAD_SET_GLOBAL, nowhere, "-G %s: '%s' is not a number", g->name,
			   eq + 1);
		return false;
	}
	g->init = node_new(s->arena, is_num ? ND_NUM : ND_STR, g->loc);
	g->type = g->init->type = is_num ? TY_LONG : TY_STRING;
	g->type_loc = g->loc;
	if (is_num)
		g->init->num = num;
	else
		g->init->str = arena_strdup(s->arena, eq + 1);
	return true;
}

/* ---- autoprint ---- */

static Node *variable(Arena *a, Symbol *sym)
{
	Node *n = node_new(a, ND_VAR, sym->loc);

	n->var.name = sym->name;
	n->var.sym = sym;
	return n;
}

/* The global, or its element under the loop variables. */
static Node *element(Arena *a, Symbol *g, const SymbolVec *keys)
{
	Node *n = variable(a, g);

	n->kind = keys->n ? ND_INDEX : ND_VAR;
	for (int i = 0; i < keys->n; i++)
		vec_push(a, &n->var.keys, variable(a, keys->v[i]));
	return n;
}

static Node *statistic(Arena *a, Symbol *g, const SymbolVec *keys, StatOp op)
{
	Node *n = node_new(a, ND_STAT, g->loc);

	n->stat.op = op;
	n->stat.operand = element(a, g, keys);
	return n;
}

/* printf(?, keys..., values...); the format is made when the types are known. */
static Node *print_statement(Arena *a, Symbol *g, const SymbolVec *keys, bool five)
{
	static const StatOp order[] = {ST_COUNT, ST_MIN, ST_MAX, ST_SUM, ST_AVG};
	Node *n = node_new(a, ND_PRINT, g->loc), *st = node_new(a, ND_EXPR, g->loc);

	n->print.kind = PR_PRINTF;
	n->print.autoprint = g;
	for (int i = 0; i < keys->n; i++)
		vec_push(a, &n->print.args, variable(a, keys->v[i]));
	if (g->type != TY_STATS)
		vec_push(a, &n->print.args, element(a, g, keys));
	for (size_t i = 0; five && i < ARRAY_SIZE(order); i++)
		vec_push(a, &n->print.args, statistic(a, g, keys, order[i]));
	st->unary.operand = n;
	return st;
}

/* Statistics without a value have no minimum: they print their count only. */
static Node *print_value(Arena *a, Symbol *g, const SymbolVec *keys)
{
	Node *n;

	if (g->type != TY_STATS)
		return print_statement(a, g, keys, false);
	n = node_new(a, ND_IF, g->loc);
	n->flow.cond = statistic(a, g, keys, ST_COUNT);
	n->flow.body = print_statement(a, g, keys, true);
	n->flow.otherwise = print_statement(a, g, keys, false);
	return n;
}

static Symbol *loop_variable(Arena *a, Body *b, const Symbol *g, int i)
{
	Symbol *sym = NEW(a, Symbol);

	sym->kind = SYM_LOCAL;
	sym->name = arena_printf(a, "__%s_key%d", g->name, i + 1);
	sym->loc = g->loc;
	sym->is_library = true; /* the user need not hear of it */
	sym->slot = b->locals.n;
	vec_push(a, &b->locals, sym);
	return sym;
}

static Node *print_array(Arena *a, Body *b, Symbol *g)
{
	Node *n = node_new(a, ND_FOREACH, g->loc);

	for (int i = 0; i < g->n_keys; i++) {
		Symbol *key = loop_variable(a, b, g, i);

		vec_push(a, &n->foreach.keys, key);
		vec_push(a, &n->foreach.key_names, key->name);
		vec_push(a, &n->foreach.key_locs, n->loc);
	}
	n->foreach.array = variable(a, g);
	n->foreach.sort = SORT_VALUE;
	n->foreach.sort_dir = -1;
	n->foreach.body = print_value(a, g, &n->foreach.keys);
	return n;
}

static Probe *end_probe(Script *s, Loc loc)
{
	Arena *a = s->arena;
	Probe *pr = NEW(a, Probe);
	ProbePoint *pt = NEW(a, ProbePoint);
	Component end = {.name = "end", .loc = loc};

	vec_push(a, &pt->part, end);
	pt->loc = loc;
	vec_push(a, &pr->points, pt);
	pr->loc = loc;
	pr->is_library = true;
	pr->body = NEW(a, Body);
	pr->body->loc = loc;
	pr->body->block = node_new(a, ND_BLOCK, loc);
	vec_push(a, &s->probes, pr);
	return pr;
}

bool script_autoprint(Script *s)
{
	Probe *pr = NULL;

	for (int i = 0; i < s->globals.n; i++) {
		Symbol *g = s->globals.v[i];

		if (g->is_library || !g->written || g->read)
			continue;
		if (!pr)
			pr = end_probe(s, g->loc);
		g->read = true;
		vec_push(s->arena, &pr->body->block->block,
			 g->n_keys > 0 ? print_array(s->arena, pr->body, g)
				       : print_value(s->arena, g, &(SymbolVec){0}));
	}
	return pr;
}
