/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Leading guards -> in-kernel event filter. `if (C) next` at the start of a handler, or a handler that
 * is one `if (C) ...`, lets the kernel drop what the handler would ignore. The evaluator still checks C,
 * so the filter only has to let through everything that C lets through: parts that a filter cannot
 * say are left out, and a value whose read may have faulted always passes.
 *
 * What a filter can say: FIELD OP CONSTANT with && and || [ftrace.md 1.3]. Constants outside the
 * field's range are refused or cut by the kernel, so they are never sent.
 */
#include "lower_int.h"

#include <string.h>

typedef struct Filter {
	Lowering *l;
	const EventDef *e;
} Filter;

#define FILTER_MAX 4000
#define FILTER_STRING_MAX 255

/* ---- a guard must have no effect of its own ---- */

static bool visit_effect(void *ctx, Node **slot)
{
	bool *effect = ctx;
	const Node *n = *slot;

	if (n->kind == ND_OP)
		*effect |= n->op.op == OP_ASSIGN || n->op.op == OP_SAMPLE ||
			   op_plain(n->op.op) != OP_COUNT ||
			   (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC);
	else if (n->kind == ND_CALL)
		*effect |= n->call.fns.n > 0 || (n->call.builtin && n->call.builtin->cls == BI_ACTION);
	else if (n->kind == ND_PRINT)
		*effect |= !n->print.to_string;
	return !*effect;
}

static bool has_effect(Node *n)
{
	bool effect = false;

	node_walk(&n, visit_effect, &effect);
	return effect;
}

/* ---- one comparison ---- */

static Op inverse(Op op)
{
	switch ((int)op) {
	case OP_LT:
		return OP_GE;
	case OP_GE:
		return OP_LT;
	case OP_GT:
		return OP_LE;
	case OP_LE:
		return OP_GT;
	case OP_EQ:
		return OP_NE;
	default:
		return OP_EQ;
	}
}

/** mirror - the operator with its operands exchanged. */
static Op mirror(Op op)
{
	switch ((int)op) {
	case OP_LT:
		return OP_GT;
	case OP_GT:
		return OP_LT;
	case OP_LE:
		return OP_GE;
	case OP_GE:
		return OP_LE;
	default:
		return op;
	}
}

static bool fits(int64_t v, unsigned size, bool is_signed)
{
	if (size >= 8)
		return is_signed || v >= 0;
	if (is_signed)
		return v >= -(1ll << (size * 8 - 1)) && v < 1ll << (size * 8 - 1);
	return v >= 0 && v < 1ll << (size * 8);
}

static const TraceField *static_field(const EventDef *e, const char *name)
{
	for (int i = 0; e->format && i < e->format->n_fields; i++)
		if (!strcmp(e->format->field[i].name, name))
			return &e->format->field[i];
	return NULL;
}

/** or_faulted - let the event pass as well when a pointer is not a kernel address (s64: not negative). */
static const char *or_faulted(Filter *f, const Capture *c, const char *pred)
{
	for (int i = 0; i < c->n_guards; i++)
		pred = c->guard[i] < 0 ? pred : arena_printf(f->l->arena, "%s || %s >= 0", pred,
				    f->e->captures.v[c->guard[i]]->arg);
	return c->n_guards ? arena_printf(f->l->arena, "(%s)", pred) : pred;
}

static const char *compare_capture(Filter *f, const Capture *c, Op op, int64_t v)
{
	unsigned size = c->fetch.size;
	bool is_signed = c->fetch.is_signed || (size == 8 && c->fetch.base != FB_FIELD);

	if (c->is_string || c->text || c->fetch.bit_size || c->fetch.add || c->fetch.user ||
	    (c->fetch.in_user && c->n_guards))
		return NULL;
	if (c->fetch.base == FB_FIELD) {
		const TraceField *field = static_field(f->e, c->arg);

		if (!field || field->kind != FIELD_NUM || field->size != size)
			return NULL;
	}
	if (!fits(v, size, is_signed) || (size == 8 && !is_signed && op != OP_EQ && op != OP_NE))
		return NULL;
	return or_faulted(f, c, arena_printf(f->l->arena, "%s %s %lld", c->arg, op_text(op), (long long)v));
}

static const char *compare_call(Filter *f, const Node *call, Op op, int64_t v)
{
	const char *name = call->call.builtin ? call->call.name : "";

	if (!strcmp(name, "tid") && fits(v, 4, true))
		return arena_printf(f->l->arena, "common_pid %s %lld", op_text(op), (long long)v);
	if (!strcmp(name, "cpu") && v >= 0 && v < 1 << 16)
		return arena_printf(f->l->arena, "CPU %s %lld", op_text(op), (long long)v);
	return NULL;
}

static const char *compare_string(Filter *f, const Node *a, Op op, const char *text)
{
	const char *field = NULL, *quote = strchr(text, '"') ? "'" : "\"";

	if ((op != OP_EQ && op != OP_NE) || strlen(text) > FILTER_STRING_MAX || !*text ||
	    strchr(text, '\\') || strchr(text, '\n') || (strchr(text, '"') && strchr(text, '\'')))
		return NULL;
	if (a->kind == ND_CALL && a->call.builtin && !strcmp(a->call.name, "execname"))
		field = f->e->comm >= 0 ? f->e->captures.v[f->e->comm]->arg : "COMM";
	else if (a->kind == ND_CAPTURE && a->capture.capture->fetch.base == FB_FIELD &&
		 !a->capture.limit && !a->capture.quoted)
		field = a->capture.capture->arg;
	if (!field)
		return NULL;
	return arena_printf(f->l->arena, "%s %s %s%s%s", field, op_text(op), quote, text, quote);
}

static const char *compare(Filter *f, const Node *n, bool negate)
{
	const Node *a = n->op.a, *b = n->op.b;
	Op op = negate ? inverse(n->op.op) : n->op.op;

	if (a->kind == ND_NUM || a->kind == ND_STR) {
		const Node *t = a;

		a = b;
		b = t;
		op = mirror(op);
	}
	if (b->kind == ND_STR)
		return compare_string(f, a, op, b->str);
	if (b->kind != ND_NUM)
		return NULL;
	if (a->kind == ND_CAPTURE)
		return compare_capture(f, a->capture.capture, op, b->num);
	return a->kind == ND_CALL ? compare_call(f, a, op, b->num) : NULL;
}

/* ---- conditions ---- */

static const char *keep(Filter *f, const Node *n, bool negate);

static const char *join(Filter *f, const Node *n, bool negate, bool both_needed)
{
	const char *a = keep(f, n->op.a, negate), *b = keep(f, n->op.b, negate);

	if (!a || !b)
		return both_needed ? NULL : a ? a : b;
	return arena_printf(f->l->arena, "(%s %s %s)", a, both_needed ? "||" : "&&", b);
}

/** keep - a filter that holds whenever @n (or its contrary) holds; NULL: every event passes. */
static const char *keep(Filter *f, const Node *n, bool negate)
{
	if (n->kind == ND_CAPTURE && n->type == TY_LONG)
		return compare_capture(f, n->capture.capture, negate ? OP_EQ : OP_NE, 0);
	if (n->kind != ND_OP)
		return NULL;
	switch ((int)n->op.op) {
	case OP_NOT:
		return keep(f, n->op.a, !negate);
	case OP_LAND:
		return join(f, n, negate, negate);
	case OP_LOR:
		return join(f, n, negate, !negate);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_EQ:
	case OP_NE:
		return compare(f, n, negate);
	default:
		return NULL;
	}
}

/* ---- the guards of a handler ---- */

static const Node *sole_statement(const Node *n)
{
	while (n && n->kind == ND_BLOCK && n->block.n == 1)
		n = n->block.v[0];
	return n;
}

/** next_guard - the @i-th leading guard; *@negate: the handler goes on when it does NOT hold. */
static Node *next_guard(const Node *block, int i, bool *negate)
{
	const Node *n, *body;

	if (!block || block->kind != ND_BLOCK || i >= block->block.n)
		return NULL;
	n = block->block.v[i];
	if (n->kind != ND_IF || n->flow.otherwise || has_effect(n->flow.cond))
		return NULL;
	body = sole_statement(n->flow.body);
	*negate = body && body->kind == ND_NEXT;
	if (!*negate && i != block->block.n - 1)
		return NULL;
	return n->flow.cond;
}

/** guarded_block - the statements of a handler, without blocks that only wrap others. */
static const Node *guarded_block(const Handler *h)
{
	const Node *b = h->body ? h->body->block : NULL;

	while (b && b->kind == ND_BLOCK && b->block.n == 1 && b->block.v[0]->kind == ND_BLOCK)
		b = b->block.v[0];
	return b;
}

const char *filter_build(Lowering *l, const Handler *h, const EventDef *e)
{
	Filter f = {.l = l, .e = e};
	const Node *block = guarded_block(h), *cond;
	const char *all = NULL;
	bool negate = false;

	for (int i = 0; (cond = next_guard(block, i, &negate)); i++) {
		const char *one = keep(&f, cond, negate);

		if (one)
			all = all ? arena_printf(l->arena, "%s && %s", all, one) : one;
		if (!negate)
			break;
	}
	return all && strlen(all) < FILTER_MAX ? all : NULL;
}

static bool is_call_of(const Node *n, const char *name)
{
	return n->kind == ND_CALL && n->call.builtin && !strcmp(n->call.name, name);
}

/** says_target - does @n (or its contrary) hold only when pid() == target()? */
static bool says_target(const Node *n, bool negate)
{
	if (n->kind == ND_CALL && !negate)
		return is_call_of(n, "target_set_pid") && is_call_of(n->call.args.v[0], "pid");
	if (n->kind != ND_OP)
		return false;
	if (n->op.op == OP_NOT)
		return says_target(n->op.a, !negate);
	if (n->op.op == (negate ? OP_LOR : OP_LAND))
		return says_target(n->op.a, negate) || says_target(n->op.b, negate);
	if (n->op.op != (negate ? OP_NE : OP_EQ))
		return false;
	return (is_call_of(n->op.a, "pid") && is_call_of(n->op.b, "target")) ||
	       (is_call_of(n->op.a, "target") && is_call_of(n->op.b, "pid"));
}

bool guarded_by_target(const Handler *h)
{
	const Node *block = guarded_block(h), *cond;
	bool negate = false;

	for (int i = 0; (cond = next_guard(block, i, &negate)); i++)
		if (says_target(cond, negate))
			return true;
		else if (!negate)
			break;
	return false;
}
