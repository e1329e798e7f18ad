/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Types of statements and of the whole program: rounds over all functions and bodies until nothing
 * new is learned, then what is still unknown is reported and made a number, then one more round
 * reports what does not fit together.
 */
#include "frontend/frontend_int.h"

static void statement(Infer *t, Node *n);

/* ---- statements ---- */

static void optional_statement(Infer *t, Node *n)
{
	if (n)
		statement(t, n);
}

static void flow(Infer *t, Node *n)
{
	if (n->flow.init)
		infer_unused(t, n->flow.init);
	if (n->flow.cond)
		infer(t, n->flow.cond, TY_LONG);
	if (n->flow.step)
		infer_unused(t, n->flow.step);
	optional_statement(t, n->flow.body);
	optional_statement(t, n->flow.otherwise);
}

static void foreach_keys(Infer *t, Node *n, Symbol *array)
{
	for (int i = 0; i < n->foreach.keys.n; i++) {
		Symbol *var = n->foreach.keys.v[i];
		Type type =
		    infer_symbol(t, var, array ? array->key[i] : TY_LONG, n->foreach.key_locs.v[i]);

		if (array && array->key[i] == TY_UNKNOWN && type != TY_UNKNOWN) {
			array->key[i] = type;
			array->key_loc[i] = n->foreach.key_locs.v[i];
			t->changed = true;
		}
	}
}

static void foreach_value(Infer *t, Node *n, Symbol *array)
{
	Type type;

	if (!n->foreach.value)
		return;
	if (array && array->type == TY_STATS) {
		if (t->check)
			diag_error(t->d, DIAG_STATS_VALUE, n->foreach.value_loc,
				   "'%s' holds statistics: they cannot be the value of a loop",
				   array->name);
		infer_symbol(t, n->foreach.value, TY_LONG, n->foreach.value_loc);
		return;
	}
	type =
	    infer_symbol(t, n->foreach.value, array ? array->type : TY_LONG, n->foreach.value_loc);
	if (array)
		infer_symbol(t, array, type, n->foreach.value_loc);
}

/* Sorting statistics "by value" means by count. */
static void foreach_sort(Infer *t, Node *n, const Symbol *array)
{
	bool stats = array && array->type == TY_STATS;

	if (n->foreach.sort == SORT_VALUE && stats) {
		n->foreach.sort = SORT_STAT;
		n->foreach.sort_stat = ST_COUNT;
	} else if (n->foreach.sort == SORT_STAT && !stats && t->report) {
		diag_error(t->d, DIAG_TYPE_MISMATCH, n->foreach.array->loc,
			   "only an array of statistics can be sorted by an @-operator");
	}
}

static void foreach (Infer *t, Node * n)
{
	Node *array = n->foreach.array;
	Symbol *sym = array->kind == ND_HIST ? NULL : array->var.sym;

	if (array->kind == ND_HIST)
		infer_hist(t, array);
	else if (!sym)
		return;
	if (array->kind == ND_INDEX)
		infer_keys(t, sym, &array->var.keys);
	if (!sym || sym->n_keys == n->foreach.keys.n)
		foreach_keys(t, n, sym);
	foreach_value(t, n, sym);
	foreach_sort(t, n, sym);
	if (n->foreach.limit)
		infer(t, n->foreach.limit, TY_LONG);
	if (sym)
		vec_push(t->s->arena, &t->walking, sym);
	statement(t, n->foreach.body);
	if (sym)
		t->walking.n--;
}

static bool find_value(void *ctx, Node **slot)
{
	bool *found = ctx;

	*found |= (*slot)->kind == ND_RETURN && (*slot)->ret;
	return !*found;
}

/* Of C only the calls tell. */
static bool returns_value(Function *f)
{
	bool found = f->embed;

	node_walk(f->whole ? &f->whole : &f->body, find_value, &found);
	return found;
}

static void bare_return(Infer *t, Function *f, const Node *n)
{
	if (!t->report || !returns_value(f))
		return;
	diag_error(t->d, DIAG_TYPE_MISMATCH, n->loc,
		   "'return' without a value, but %s() returns %s", f->name, type_phrase(f->type));
	diag_note(t->d, f->type_loc, "that was first seen here");
}

static void return_statement(Infer *t, Node *n)
{
	Function *f = t->function;
	Type got;

	if (f && !n->ret)
		bare_return(t, f, n);
	if (!n->ret || !f)
		return;
	t->wanted_by = arena_printf(t->s->arena, "%s()", f->name);
	got = infer(t, n->ret, f->type);
	if (t->report && got != f->type && (got == TY_LONG || got == TY_STRING))
		diag_note(t->d, f->type_loc, "%s() was first seen to return %s here", f->name,
			  type_phrase(f->type));
	if (f->type != TY_UNKNOWN || got == TY_UNKNOWN || got == TY_VOID)
		return;
	f->type = got;
	f->type_loc = n->loc;
	t->changed = true;
}

static void delete_statement(Infer *t, Node *n)
{
	Symbol *sym = n->del->var.sym;

	if (!sym)
		return;
	if (n->del->kind == ND_INDEX)
		infer_keys(t, sym, &n->del->var.keys);
	check_modified(t, sym, n->loc);
	n->del->type = sym->type;
}

static void try_statement(Infer *t, Node *n)
{
	if (n->try.msg)
		infer_symbol(t, n->try.msg, TY_STRING, n->loc);
	statement(t, n->try.body);
	statement(t, n->try.handler);
}

static void statement(Infer *t, Node *n)
{
	if (n->kind == ND_BLOCK)
		for (int i = 0; i < n->block.n; i++)
			statement(t, n->block.v[i]);
	else if (n->kind == ND_EXPR)
		infer_unused(t, n->unary.operand);
	else if (n->kind == ND_IF || n->kind == ND_WHILE || n->kind == ND_FOR)
		flow(t, n);
	else if (n->kind == ND_FOREACH)
		foreach (t, n)
			;
	else if (n->kind == ND_RETURN)
		return_statement(t, n);
	else if (n->kind == ND_DELETE)
		delete_statement(t, n);
	else if (n->kind == ND_TRY)
		try_statement(t, n);
}

/* ---- one round ---- */

/* @block, and before it, for types only, @whole with what was dropped from it. */
static void check_block(Infer *t, Node *block, Node *whole)
{
	bool check = t->check;

	if (whole) {
		t->check = false;
		t->whole = true;
		statement(t, whole);
		t->whole = false;
		t->check = check;
	}
	if (block)
		statement(t, block);
}

static void check_function(Infer *t, Function *f)
{
	t->function = f;
	check_block(t, f->body, f->whole);
	t->function = NULL;
}

static void check_conditions(Infer *t, const Probe *pr)
{
	for (int i = 0; i < pr->points.n; i++)
		if (pr->points.v[i]->condition)
			infer(t, pr->points.v[i]->condition, TY_LONG);
}

static void one_round(Infer *t)
{
	t->changed = false;
	for (int i = 0; i < t->s->bodies.n; i++)
		check_block(t, t->s->bodies.v[i]->block, t->s->bodies.v[i]->whole);
	for (int i = 0; i < t->s->functions.n; i++)
		check_function(t, t->s->functions.v[i]);
	for (int i = 0; i < t->s->probes.n; i++)
		check_conditions(t, t->s->probes.v[i]);
}

/* ---- functions that return nothing ---- */

static void mark_void(Function *f)
{
	if (f->type == TY_UNKNOWN && !returns_value(f))
		f->type = TY_VOID;
}

/* ---- what stays unknown ---- */

static void near_variables(Infer *t, Nearest *near, const SymbolVec *locals)
{
	const char *name;
	void *value;

	for (int i = 0; i < locals->n; i++)
		if (locals->v[i]->written || locals->v[i]->kind == SYM_PARAM)
			nearest_add(near, locals->v[i]->name);
	for (int it = 0; table_next(t->s->names->globals, &it, &name, &value);)
		nearest_add(near, name);
}

/* "; did you mean 'pid()'?" when there is a function of that name. */
static const char *suggestion(Infer *t, const char *name, const SymbolVec *locals)
{
	Nearest near = {.want = name};

	if (builtin_find(name, 0))
		return arena_printf(t->s->arena, "; did you mean '%s()'?", name);
	near_variables(t, &near, locals);
	return nearest_text(&near, t->s->arena);
}

static void unresolved_symbol(Infer *t, Symbol *sym, const SymbolVec *scope)
{
	if (sym->type != TY_UNKNOWN)
		return;
	sym->type = TY_LONG;
	if ((!sym->read && !sym->written) || sym->n_keys > 0)
		return;
	if (sym->kind == SYM_LOCAL && !sym->written)
		diag_error(t->d, DIAG_UNKNOWN_VARIABLE, sym->loc, "unknown variable '%s'%s",
			   sym->name, suggestion(t, sym->name, scope));
	else if (sym->read)
		diag_error(t->d, DIAG_UNRESOLVED_TYPE, sym->loc,
			   "nothing says whether '%s' is a number or a string", sym->name);
}

static void unresolved_symbols(Infer *t, const SymbolVec *v)
{
	for (int i = 0; i < v->n; i++)
		unresolved_symbol(t, v->v[i], v);
}

static void unresolved_array(Infer *t, Symbol *sym)
{
	for (int i = 0; i < sym->n_keys; i++) {
		if (sym->key[i] == TY_UNKNOWN && (sym->read || sym->written) && sym->keys_loc.file)
			diag_error(t->d, DIAG_UNRESOLVED_TYPE, sym->keys_loc,
				   "nothing says whether key %d of '%s' is a number or a string",
				   i + 1, sym->name);
		if (sym->key[i] == TY_UNKNOWN)
			sym->key[i] = TY_LONG;
	}
}

static void settle_unknown(Infer *t)
{
	for (int i = 0; i < t->s->functions.n; i++) {
		Function *f = t->s->functions.v[i];

		unresolved_symbols(t, &f->locals);
		if (f->type == TY_UNKNOWN && f->embed) {
			f->type = TY_VOID;
		} else if (f->type == TY_UNKNOWN) {
			diag_error(t->d, DIAG_UNRESOLVED_TYPE, f->loc,
				   "nothing says whether %s() returns a number or a string",
				   f->name);
			f->type = TY_LONG;
		}
	}
	for (int i = 0; i < t->s->bodies.n; i++)
		unresolved_symbols(t, &t->s->bodies.v[i]->locals);
	for (int i = 0; i < t->s->globals.n; i++) {
		unresolved_array(t, t->s->globals.v[i]);
		unresolved_symbol(t, t->s->globals.v[i], &t->s->globals);
	}
}

/* ---- read, but never written ---- */

static void never_assigned(Infer *t, const SymbolVec *v)
{
	for (int i = 0; i < v->n; i++) {
		const Symbol *sym = v->v[i];

		if (sym->read && !sym->written && !sym->init && sym->kind != SYM_PARAM &&
		    !sym->is_library)
			diag_warning(t->d, DIAG_NEVER_ASSIGNED, sym->loc,
				     "'%s' is never assigned a value%s", sym->name,
				     suggestion(t, sym->name, v));
	}
}

static void warn_never_assigned(Infer *t)
{
	for (int i = 0; i < t->s->functions.n; i++)
		never_assigned(t, &t->s->functions.v[i]->locals);
	for (int i = 0; i < t->s->bodies.n; i++)
		never_assigned(t, &t->s->bodies.v[i]->locals);
	never_assigned(t, &t->s->globals);
}

bool types_infer(Script *s, Diag *d)
{
	Infer t = {.s = s, .d = d};
	int errors = d->errors + d->muted_errors;

	for (int i = 0; i < s->functions.n; i++)
		mark_void(s->functions.v[i]);
	usage_recount(s);
	do
		one_round(&t);
	while (t.changed);
	settle_unknown(&t);
	t.report = t.check = true;
	one_round(&t);
	if (d->errors + d->muted_errors != errors)
		return false;
	warn_never_assigned(&t);
	return true;
}
