/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Usage: which variables are read and written, and which nodes have no effect. `x++` and `x += 1`
 * as statements of their own write x but do not read it: nobody sees the old value.
 */
#include "frontend/frontend_int.h"

bool op_is_crement(Op op)
{
	return op == OP_PREINC || op == OP_PREDEC || op == OP_POSTINC || op == OP_POSTDEC;
}

bool op_writes(Op op)
{
	return op == OP_ASSIGN || op == OP_SAMPLE || op_plain(op) != OP_COUNT || op_is_crement(op);
}

/* ---- reads and writes ---- */

static bool mark(void *ctx, Node **slot);

static void mark_keys(NodeVec *keys)
{
	for (int i = 0; i < keys->n; i++)
		node_walk(&keys->v[i], mark, NULL);
}

/* @n is assigned to; @used: its old or new value is looked at as well. */
static void mark_written(Node **slot, bool used)
{
	Node *n = *slot;

	if (n->kind != ND_VAR && n->kind != ND_INDEX) {
		node_walk(slot, mark, NULL);
		return;
	}
	if (n->var.sym) {
		n->var.sym->written = true;
		n->var.sym->read |= used;
	}
	mark_keys(&n->var.keys);
}

static void mark_op(Node *n, bool value_used)
{
	mark_written(&n->op.a, value_used && n->op.op != OP_ASSIGN && n->op.op != OP_SAMPLE);
	if (n->op.b)
		node_walk(&n->op.b, mark, NULL);
}

static void mark_unused_value(Node **slot)
{
	Node *n = *slot;

	if (n && n->kind == ND_OP && op_writes(n->op.op))
		mark_op(n, false);
	else if (n)
		node_walk(slot, mark, NULL);
}

static void mark_foreach(Node *n)
{
	Node *array = n->foreach.array;

	for (int i = 0; i < n->foreach.keys.n; i++)
		if (n->foreach.keys.v[i])
			n->foreach.keys.v[i]->written = true;
	if (n->foreach.value)
		n->foreach.value->written = true;
	if (array->kind != ND_HIST && array->var.sym)
		array->var.sym->read = true;
}

static void mark_delete(Node *n)
{
	if (n->del->var.sym)
		n->del->var.sym->written = true;
	mark_keys(&n->del->var.keys);
}

static bool mark(void *ctx, Node **slot)
{
	Node *n = *slot;

	(void)ctx;
	if (n->kind == ND_VAR || n->kind == ND_INDEX || n->kind == ND_IN) {
		if (n->var.sym)
			n->var.sym->read = true;
	} else if (n->kind == ND_OP && op_writes(n->op.op)) {
		mark_op(n, true);
		return false;
	} else if (n->kind == ND_EXPR) {
		mark_unused_value(&n->unary.operand);
		return false;
	} else if (n->kind == ND_FOR) {
		mark_unused_value(&n->flow.init);
		mark_unused_value(&n->flow.step);
		if (n->flow.cond)
			node_walk(&n->flow.cond, mark, NULL);
		node_walk(&n->flow.body, mark, NULL);
		return false;
	} else if (n->kind == ND_FOREACH) {
		mark_foreach(n);
	} else if (n->kind == ND_DELETE) {
		mark_delete(n);
		return false;
	} else if (n->kind == ND_TRY && n->try.msg) {
		n->try.msg->written = true;
	}
	return true;
}

void usage_mark(Node *n)
{
	node_walk(&n, mark, NULL);
}

static void clear(SymbolVec *v)
{
	for (int i = 0; i < v->n; i++)
		v->v[i]->read = v->v[i]->written = false;
}

/* All C counts, used or not. It does not when globals are chosen for the end: as in SystemTap. */
static void mark_embedded(const Embed *c)
{
	for (int i = 0; i < c->uses.n; i++) {
		c->uses.v[i].sym->read |= c->uses.v[i].read;
		c->uses.v[i].sym->written |= c->uses.v[i].write;
	}
}

void usage_recount(Script *s)
{
	clear(&s->globals);
	for (int i = 0; i < s->names->embeds.n; i++)
		mark_embedded(s->names->embeds.v[i]);
	for (int i = 0; i < s->functions.n; i++) {
		clear(&s->functions.v[i]->locals);
		usage_mark(s->functions.v[i]->body);
	}
	for (int i = 0; i < s->bodies.n; i++) {
		clear(&s->bodies.v[i]->locals);
		usage_mark(s->bodies.v[i]->block);
	}
	for (int i = 0; i < s->probes.n; i++)
		for (int j = 0; j < s->probes.v[i]->points.n; j++)
			usage_mark(s->probes.v[i]->points.v[j]->condition);
}

/* ---- effects ---- */

typedef struct Purity {
	const Function *in; /* NULL: not the whole body of a function */
	bool pure;
} Purity;

static bool op_is_pure(const Purity *p, const Node *n)
{
	if (op_writes(n->op.op))
		return p->in && n->op.a->kind == ND_VAR && n->op.a->var.sym &&
		       n->op.a->var.sym->kind != SYM_GLOBAL;
	if (n->op.op != OP_DIV && n->op.op != OP_MOD)
		return true;
	return n->op.b->kind == ND_NUM && n->op.b->num != 0; /* division by zero is an event */
}

static NodeVisit visit_pure;

/* Has a call of @f no effect but its value? One of the user's may never return. */
static bool function_is_pure(Function *f)
{
	Purity p = {f, true};

	if (f->embed)
		return embed_is(f->embed, "pure");
	if (!f->is_library)
		return false;
	if (f->effects == EFFECTS_UNKNOWN) {
		f->effects = EFFECTS_SOME; /* when it calls itself: it may never return */
		node_walk(&f->body, visit_pure, &p);
		f->effects = p.pure ? EFFECTS_NONE : EFFECTS_SOME;
	}
	return f->effects == EFFECTS_NONE;
}

static bool call_is_pure(const Node *n)
{
	const Builtin *bi = n->call.builtin;

	if (bi)
		return bi->signature[0] != 'v' &&
		       (bi->cls == BI_PURE || bi->cls == BI_CONTEXT || bi->cls == BI_READ);
	for (int i = 0; i < n->call.fns.n; i++)
		if (!function_is_pure(n->call.fns.v[i]))
			return false;
	return n->call.fns.n > 0;
}

static bool visit_pure(void *ctx, Node **slot)
{
	Purity *p = ctx;
	const Node *n = *slot;

	switch (n->kind) {
	case ND_OP:
		p->pure &= op_is_pure(p, n);
		break;
	case ND_CALL:
		p->pure &= call_is_pure(n);
		break;
	case ND_PRINT:
		p->pure &= n->print.to_string;
		break;
	case ND_EMBED:
		p->pure &= embed_is(n->embed, "pure");
		break;
	case ND_STAT: /* the others fail when there is nothing in it */
		p->pure &= n->stat.op == ST_COUNT || n->stat.op == ST_SUM;
		break;
	case ND_REGEX: /* sets what matched() returns */
	case ND_HIST:
	case ND_CAPTURE:
	case ND_NEXT:
	case ND_DELETE:
	case ND_TRY:
	case ND_COUNT:
		p->pure = false;
		break;
	case ND_WHILE:
	case ND_FOR:
	case ND_FOREACH:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_RETURN:
		p->pure &= p->in != NULL;
		break;
	case ND_NUM:
	case ND_STR:
	case ND_VAR:
	case ND_INDEX:
	case ND_IN:
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
	case ND_DEFINED:
	case ND_ENTRY:
	case ND_PROBEWRITE:
	case ND_NULL:
	case ND_EXPR:
	case ND_BLOCK:
	case ND_IF:
		break;
	}
	return p->pure;
}

bool node_is_pure(const Node *n)
{
	Purity p = {NULL, true};
	Node *root = (Node *)n;

	node_walk(&root, visit_pure, &p);
	return p.pure;
}
