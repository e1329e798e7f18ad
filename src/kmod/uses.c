/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which globals a handler reads, writes and adds to, itself and through the functions that it calls.
 * From that follow the locks that are taken before it begins, in the order of declaration, so that no
 * two handlers wait for each other; and which globals processors have parts of.
 *
 * begin, end and error run when nothing else does: what only they write needs no lock.
 */
#include "kmod_int.h"

enum { READS = 1, WRITES = 2, ADDS = 4 };

/* struct Uses - what is found in one handler. */
typedef struct Uses {
	uint8_t *global; /* by slot */
	bool *function;  /* seen already */
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

static bool is_global(const Node *n, Type type)
{
	return (n->kind == ND_VAR || n->kind == ND_INDEX) && n->var.sym->kind == SYM_GLOBAL &&
	       n->var.sym->type == type;
}

bool only_adds(const Node *n)
{
	Op op = n->kind == ND_OP ? n->op.op : OP_COUNT, plain = op_plain(op);

	if (op == OP_SAMPLE)
		return is_global(n->op.a, TY_STATS);
	return (plain == OP_ADD || plain == OP_SUB || (op >= OP_PREINC && op <= OP_POSTDEC)) &&
	       is_global(n->op.a, TY_LONG);
}

/* What it adds to is not looked at, but keys and the value are computed. */
static void added(Uses *u, const Node *n)
{
	const NodeVec *keys = &n->op.a->var.keys;

	use(u, n->op.a->var.sym, ADDS);
	for (int i = 0; n->op.a->kind == ND_INDEX && i < keys->n; i++)
		walk(u, keys->v[i]);
	walk(u, n->op.b);
}

static bool visit_op(Uses *u, const Node *n)
{
	if (n->op.op == OP_SAMPLE && only_adds(n)) {
		added(u, n);
		return false;
	}
	if (n->op.op == OP_ASSIGN || n->op.op == OP_SAMPLE || op_plain(n->op.op) != OP_COUNT ||
	    (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC))
		written(u, n->op.a);
	return true;
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
		return visit_op(u, n);
	case ND_EXPR: /* nobody wants the value of n++ */
		if (!only_adds(n->unary.operand))
			break;
		added(u, n->unary.operand);
		return false;
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

static const uint8_t *uses_of(Emit *e, const Body *body, const Node *condition)
{
	const Script *s = e->in->script;
	Uses u = {NEW_ARRAY(e->arena, uint8_t, s->globals.n + 1),
		  NEW_ARRAY(e->arena, bool, s->functions.n + 1), e};

	walk(&u, body->block);
	walk(&u, (Node *)(uintptr_t)condition);
	return u.global;
}

/* ---- which locks ---- */

/*
 * Processors have parts of what is only added to where it matters: of statistics unless a hot handler
 * looks at them, of numbers when hot handlers add to them and do nothing else.
 */
static bool wants_parts(const Symbol *sym, uint8_t hot, uint8_t all)
{
	if (sym->wrap || hot & (READS | WRITES)) /* an array that wraps deletes while it adds */
		return false;
	return sym->type == TY_STATS ? all & ADDS : sym->type == TY_LONG && hot & ADDS;
}

void uses_find(Emit *e)
{
	const Script *s = e->in->script;
	const ResolvedProbes *ps = e->in->probes;

	e->parts_of = NEW_ARRAY(e->arena, bool, s->globals.n + 1);
	e->changes = NEW_ARRAY(e->arena, bool, s->globals.n + 1);
	e->uses = NEW_ARRAY(e->arena, const uint8_t *, ps->n + 1);
	for (int i = 0; i < ps->n; i++)
		e->uses[i] = uses_of(e, ps->v[i]->body, ps->v[i]->condition);
	for (int g = 0; g < s->globals.n; g++) {
		uint8_t hot = 0, all = 0;

		for (int i = 0; i < ps->n; i++) {
			all |= e->uses[i][g];
			hot |= probe_is_hot(ps->v[i]) ? e->uses[i][g] : 0;
			e->changes[g] |= !probe_runs_alone(ps->v[i]) && e->uses[i][g] & (WRITES | ADDS);
		}
		e->parts_of[g] = wants_parts(s->globals.v[g], hot, all);
	}
}

bool has_parts(const Emit *e, const Symbol *sym)
{
	return sym->kind == SYM_GLOBAL && e->parts_of[sym->slot];
}

/* The rows of the globals in @used; their number. */
static int rows(Emit *e, const uint8_t *used, int index)
{
	const SymbolVec *globals = &e->in->script->globals;
	uint8_t parts = 0;
	int n = 0;

	for (int i = 0; i < globals->n; i++) {
		if (!used[i] || !e->changes[i])
			continue;
		if (e->parts_of[i]) {
			parts |= used[i];
			continue;
		}
		if (!n++)
			emit(e, "static const struct rt_use uses_%d[] = {", index);
		emit(e, "\t{%s, &%s%s},", used[i] & (WRITES | ADDS) ? "RT_WRITE" : "RT_READ",
		     global_name(e, globals->v[i]), globals->v[i]->n_keys > 0 ? ".lock" : "_lock");
	}
	if (parts && !n++)
		emit(e, "static const struct rt_use uses_%d[] = {", index);
	if (parts)
		emit(e, "\t{%s},", parts & (READS | WRITES) ? "RT_STOP" : "RT_ADD");
	if (n)
		emit(e, "};");
	return n;
}

int uses_emit(Emit *e, int probe)
{
	return probe_runs_alone(e->in->probes->v[probe]) ? 0 : rows(e, e->uses[probe], probe);
}

int uses_emit_kept(Emit *e, const Body *kept, int index)
{
	return rows(e, uses_of(e, kept, NULL), index);
}
