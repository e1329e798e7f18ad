/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Elision: dropping what has no effect. Round after round, because a variable that is not written
 * any more may have been the last reader of another.
 */
#include "frontend/frontend_int.h"

typedef struct Elision {
	Script *s;
	Diag *d;
	bool changed;
} Elision;

static Node *null_at(Elision *e, Loc loc)
{
	e->changed = true;
	return node_new(e->s->arena, ND_NULL, loc);
}

static bool is_dead_variable(const Node *n)
{
	return n->kind == ND_VAR && n->var.sym && n->var.sym->kind != SYM_GLOBAL &&
	       !n->var.sym->read;
}

static void warn_unread(Elision *e, const Symbol *sym)
{
	if (!sym->is_library)
		diag_warning(e->d, DIAG_NEVER_READ, sym->loc, "'%s' is assigned to, but never read",
			     sym->name);
}

/* A write to a variable that nobody reads leaves the value; ++ and compound ones leave what they
 * add. */
static bool elide_write(void *ctx, Node **slot)
{
	Elision *e = ctx;
	Node *n = *slot;

	if (n->kind != ND_EXPR || n->unary.operand->kind != ND_OP)
		return true;
	n = n->unary.operand;
	if (!op_writes(n->op.op) || !is_dead_variable(n->op.a))
		return true;
	warn_unread(e, n->op.a->var.sym);
	if (n->op.b) {
		(*slot)->unary.operand = n->op.b;
		e->changed = true;
	} else {
		*slot = null_at(e, n->loc);
	}
	return true;
}

static bool elide_value(void *ctx, Node **slot)
{
	Elision *e = ctx;
	Node *n = *slot;

	if (n->kind == ND_EXPR && node_is_pure(n->unary.operand))
		*slot = null_at(e, n->loc);
	else if (n->kind == ND_IF && node_is_pure(n))
		*slot = null_at(e, n->loc);
	return true;
}

/* `exit` alone is a variable, and so is the `int` of `int x`. */
static const char *hint(Elision *e, const Node *n)
{
	static const char *const words[] = {"int", "char", "unsigned", "local", "var", "let", "my"};

	if (n->kind != ND_VAR)
		return "";
	if (builtin_find(n->var.name, -1))
		return arena_printf(e->s->arena, "; did you mean '%s()'?", n->var.name);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(n->var.name, words[i]))
			return ": local variables are not declared, they are there when they are "
			       "used";
	return "";
}

static bool warn_no_effect(void *ctx, Node **slot)
{
	Elision *e = ctx;
	const Node *n = *slot, *value = n->kind == ND_EXPR ? n->unary.operand : NULL;

	if (value && node_is_pure(value) && !n->loc.file->is_library)
		diag_warning(e->d, DIAG_NO_EFFECT, n->loc, "%s has no effect%s",
			     node_text(e->s->arena, value), hint(e, value));
	return true;
}

static void each_block(Elision *e, NodeVisit *visit)
{
	for (int i = 0; i < e->s->bodies.n; i++)
		node_walk(&e->s->bodies.v[i]->block, visit, e);
	for (int i = 0; i < e->s->functions.n; i++)
		node_walk(&e->s->functions.v[i]->body, visit, e);
}

static void fold_all(Script *s)
{
	for (int i = 0; i < s->bodies.n; i++)
		fold_node(s->arena, &s->bodies.v[i]->block);
	for (int i = 0; i < s->functions.n; i++)
		if (s->functions.v[i]->body)
			fold_node(s->arena, &s->functions.v[i]->body);
}

/* ---- functions nobody calls any more ---- */

static bool mark_called(void *ctx, Node **slot)
{
	const Node *n = *slot;

	if (n->kind == ND_DEFINED) /* it does not call */
		return false;
	for (int i = 0; n->kind == ND_CALL && i < n->call.fns.n; i++) {
		Function *f = n->call.fns.v[i];

		if (f->used)
			continue;
		f->used = true;
		node_walk(&f->body, mark_called, ctx);
	}
	return true;
}

static void drop_functions(Script *s)
{
	int kept = 0;

	for (int i = 0; i < s->functions.n; i++)
		s->functions.v[i]->used = false;
	for (int i = 0; i < s->bodies.n; i++)
		node_walk(&s->bodies.v[i]->block, mark_called, NULL);
	for (int i = 0; i < s->probes.n; i++)
		for (int j = 0; j < s->probes.v[i]->points.n; j++)
			node_walk(&s->probes.v[i]->points.v[j]->condition, mark_called, NULL);
	for (int i = 0; i < s->functions.n; i++)
		if (s->functions.v[i]->used)
			s->functions.v[kept++] = s->functions.v[i];
	s->functions.n = kept;
}

/* Variables of alias prologues that a handler does not use take no room in it. */
static void drop_locals(SymbolVec *v)
{
	int kept = 0;

	for (int i = 0; i < v->n; i++) {
		Symbol *sym = v->v[i];

		if (!sym->read && !sym->written)
			continue;
		sym->slot = kept;
		v->v[kept++] = sym;
	}
	v->n = kept;
}

static bool elide_round(Elision *e)
{
	e->changed = false;
	usage_recount(e->s);
	each_block(e, elide_write);
	each_block(e, elide_value);
	return e->changed;
}

void script_drop_unused(Script *s, Diag *d)
{
	Elision e = {.s = s, .d = d};

	for (int i = 0; i < s->probes.n; i++) /* in the place of the resolved ones to come */
		vec_push(s->arena, &s->bodies, s->probes.v[i]->body);
	each_block(&e, warn_no_effect);
	while (elide_round(&e))
		;
	drop_functions(s);
	s->bodies.n = 0;
}

void fold_script(Script *s, bool keep_unused, Diag *d)
{
	Elision e = {.s = s, .d = d};

	if (!keep_unused)
		each_block(&e, warn_no_effect); /* before folding: it shows what the user wrote */
	fold_all(s);
	if (keep_unused)
		return;
	while (elide_round(&e))
		fold_all(s);
	drop_functions(s);
	for (int i = 0; i < s->bodies.n; i++)
		drop_locals(&s->bodies.v[i]->locals);
}
