/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A local that is only another name for something read at the hit: `p = $file` and later
 * `@cast(p, "file")->f_flags` or `kernel_string(p)`. Where an address is wanted, the expression is
 * put in the local's place, so that the kernel can follow it; so it is for functions, which may be
 * copied into the handler (src/lower/inline.c). Only locals that are assigned once, at the top level
 * of the handler or of an alias, before anything else names them.
 */
#include "probe/probe_int.h"

typedef struct Alias {
	const Symbol *sym;
	Node *value;
	int writes, mentions; /* mentions count writes too */
	int replaced;
} Alias;

typedef struct Propagate {
	Arena *arena;
	bool calls; /* into the arguments of functions too */
	Alias *alias;
	int n;
} Propagate;

static Alias *alias_of(Propagate *p, const Node *n)
{
	if (!n || n->kind != ND_VAR)
		return NULL;
	for (int i = 0; i < p->n; i++)
		if (p->alias[i].sym == n->var.sym)
			return &p->alias[i];
	return NULL;
}

static bool is_write(Op op)
{
	return op == OP_ASSIGN || op == OP_SAMPLE || op == OP_PREINC || op == OP_PREDEC ||
	       op == OP_POSTINC || op == OP_POSTDEC || op_plain(op) != OP_COUNT;
}

/* Is @n made of nothing but what can be read at the hit? */
static bool is_pure(const Node *n)
{
	switch ((int)n->kind) {
	case ND_NUM:
		return true;
	case ND_TARGET:
		for (int i = 0; i < n->target.path.n; i++)
			if (n->target.path.v[i].index && !is_pure(n->target.path.v[i].index))
				return false;
		return !n->target.pretty;
	case ND_CAST:
	case ND_DEREF:
		return !n->target.pretty && is_pure(n->target.base);
	case ND_ATVAR:
		return true;
	case ND_OP:
		return (n->op.op == OP_ADD || n->op.op == OP_SUB) && is_pure(n->op.a) &&
		       is_pure(n->op.b);
	case ND_CALL:
		if (!n->call.builtin || n->call.builtin->cls != BI_READ)
			return false;
		for (int i = 0; i < n->call.args.n; i++)
			if (!is_pure(n->call.args.v[i]))
				return false;
		return true;
	default:
		return false;
	}
}

static bool count(void *arg, Node **slot)
{
	Propagate *p = arg;
	Node *n = *slot;
	Alias *a = alias_of(p, n);

	if (a)
		a->mentions++;
	if (n->kind == ND_OP && is_write(n->op.op) && (a = alias_of(p, n->op.a)))
		a->writes++;
	if (n->kind == ND_FOREACH || n->kind == ND_TRY || n->kind == ND_DELETE)
		for (int i = 0; i < p->n; i++) { /* these write without an operator */
			bool written = n->kind == ND_FOREACH && n->foreach.value == p->alias[i].sym;

			if (n->kind == ND_TRY)
				written = n->try.msg == p->alias[i].sym;
			for (int k = 0; n->kind == ND_FOREACH && k < n->foreach.keys.n; k++)
				written |= n->foreach.keys.v[k] == p->alias[i].sym;
			p->alias[i].writes += written;
		}
	return true;
}

/* `local = value` as a statement. */
static Node *assignment(Node *stmt)
{
	Node *e = stmt->kind == ND_EXPR ? stmt->unary.operand : NULL;

	return e && e->kind == ND_OP && e->op.op == OP_ASSIGN && e->op.a->kind == ND_VAR ? e : NULL;
}

static bool replace(void *arg, Node **slot);

static void replace_at(Propagate *p, Node **slot)
{
	Alias *a = alias_of(p, *slot);

	if (a && a->value) {
		*slot = node_clone(p->arena, a->value);
		a->replaced++;
	} else {
		node_walk(slot, replace, p);
	}
}

/* Only where an address is wanted: elsewhere the local's own value does. */
static bool replace(void *arg, Node **slot)
{
	Propagate *p = arg;
	Node *n = *slot;

	if ((n->kind == ND_CAST || n->kind == ND_DEREF) && n->target.base) {
		Node *base = n->target.base;

		if (base->kind == ND_OP && (base->op.op == OP_ADD || base->op.op == OP_SUB))
			replace_at(p, &base->op.a);
		else
			replace_at(p, &n->target.base);
	} else if (n->kind == ND_CALL && (n->call.builtin ? n->call.builtin->cls == BI_READ : p->calls)) {
		for (int i = 0; i < n->call.args.n; i++)
			replace_at(p, &n->call.args.v[i]);
	}
	return true;
}

/* Locals that are named for the first time by the statement that assigns them. */
static void find_aliases(Propagate *p, Node *block, const int *writes)
{
	for (int i = 0; i < block->block.n; i++) {
		Node **slot = &block->block.v[i], *e = assignment(*slot);
		Alias *a = e ? alias_of(p, e->op.a) : NULL;

		if ((*slot)->kind == ND_BLOCK) { /* of an alias */
			find_aliases(p, *slot, writes);
			continue;
		}
		if (a && !a->mentions && writes[a - p->alias] == 1 && is_pure(e->op.b))
			a->value = e->op.b;
		node_walk(slot, replace, p);
		node_walk(slot, count, p);
	}
}

/* An assignment whose every reader was replaced has nobody left to serve. */
static void drop_aliases(Propagate *p, Node *block)
{
	for (int i = 0; i < block->block.n; i++) {
		Node **slot = &block->block.v[i], *e = assignment(*slot);
		const Alias *a = e ? alias_of(p, e->op.a) : NULL;

		if ((*slot)->kind == ND_BLOCK)
			drop_aliases(p, *slot);
		if (a && a->value && a->replaced && a->mentions == 1)
			*slot = node_new(p->arena, ND_NULL, (*slot)->loc);
	}
}

void propagate_locals(Arena *arena, bool calls, Body *b)
{
	Propagate p = {.arena = arena, .calls = calls, .n = b->locals.n};
	int *writes;

	if (!p.n || !b->block || b->block->kind != ND_BLOCK)
		return;
	p.alias = NEW_ARRAY(arena, Alias, p.n);
	writes = NEW_ARRAY(arena, int, p.n);
	for (int i = 0; i < p.n; i++)
		p.alias[i].sym = b->locals.v[i];
	node_walk(&b->block, count, &p);
	for (int i = 0; i < p.n; i++) {
		writes[i] = p.alias[i].writes;
		p.alias[i].mentions = 0;
	}
	find_aliases(&p, b->block, writes);
	drop_aliases(&p, b->block);
}
