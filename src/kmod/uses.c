/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which globals a handler reads and writes, itself and through the functions that it calls: their
 * locks are taken before it begins. They come in the order of declaration, so that no two handlers
 * wait for each other.
 */
#include "kmod_int.h"

enum { READS = 1, WRITES = 2 };

typedef struct Uses {
	const Script *script;
	uint8_t *global;
	bool *function;
	Emit *e;
} Uses;

static void use(Uses *u, const Symbol *sym, int how)
{
	if (sym && sym->kind == SYM_GLOBAL)
		u->global[sym->slot] |= (uint8_t)how;
}

static void written(Uses *u, const Node *n)
{
	if (n && (n->kind == ND_VAR || n->kind == ND_INDEX))
		use(u, n->var.sym, WRITES);
}

/* C says itself what it touches. */
static void embedded(Uses *u, const Embed *c)
{
	for (int i = 0; i < c->uses.n; i++)
		use(u, c->uses.v[i].sym, c->uses.v[i].write ? WRITES : READS);
}

static NodeVisit visit;

static void walk(Uses *u, Node *n)
{
	if (n)
		node_walk(&n, visit, u);
}

static void called(Uses *u, const Node *n)
{
	for (int i = 0; i < n->call.fns.n; i++) {
		const Function *f = n->call.fns.v[i];
		int index = function_index(u->e, f);

		if (u->function[index])
			continue;
		u->function[index] = true;
		if (f->embed)
			embedded(u, f->embed);
		walk(u, f->body);
	}
}

static void looped(Uses *u, const Node *n)
{
	for (int i = 0; i < n->foreach.keys.n; i++)
		use(u, n->foreach.keys.v[i], WRITES);
	use(u, n->foreach.value, WRITES);
	if (n->foreach.sort != SORT_NONE) /* it re-orders the array */
		written(u, n->foreach.array);
}

static bool visit(void *ctx, Node **slot)
{
	Uses *u = ctx;
	const Node *n = *slot;

	switch ((int)n->kind) {
	case ND_VAR:
	case ND_INDEX:
	case ND_IN:
		use(u, n->var.sym, READS);
		break;
	case ND_OP:
		if (n->op.op == OP_ASSIGN || n->op.op == OP_SAMPLE || op_plain(n->op.op) != OP_COUNT ||
		    (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC))
			written(u, n->op.a);
		break;
	case ND_DELETE:
		written(u, n->del);
		break;
	case ND_TRY:
		use(u, n->try.msg, WRITES);
		break;
	case ND_FOREACH:
		looped(u, n);
		break;
	case ND_CALL:
		called(u, n);
		break;
	case ND_EMBED:
		embedded(u, n->embed);
		break;
	default:
		break;
	}
	return true;
}

int uses_emit(Emit *e, const Body *body, const Node *condition, int index)
{
	const Script *s = e->in->script;
	Uses u = {s, NEW_ARRAY(e->arena, uint8_t, s->globals.n + 1),
		  NEW_ARRAY(e->arena, bool, s->functions.n + 1), e};
	int n = 0;

	walk(&u, body->block);
	walk(&u, (Node *)(uintptr_t)condition);
	for (int i = 0; i < s->globals.n; i++)
		n += u.global[i] != 0;
	if (!n)
		return 0;
	emit(e, "static const struct rt_use uses_%d[] = {", index);
	for (int i = 0; i < s->globals.n; i++)
		if (u.global[i])
			emit(e, "\t{&%s%s, %s},", global_name(e, s->globals.v[i]),
			     s->globals.v[i]->n_keys > 0 ? ".lock" : "_lock",
			     u.global[i] & WRITES ? "true" : "false");
	emit(e, "};");
	return n;
}
