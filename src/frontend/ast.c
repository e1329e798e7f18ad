/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tree: making, copying and walking nodes. node_children() is the only place that knows which
 * arms of a node hold other nodes; copying and walking are built on it.
 */
#include "frontend/frontend_int.h"

Script *script_new(Arena *a)
{
	Script *s = NEW(a, Script);

	s->arena = a;
	s->names = NEW(a, struct Names);
	s->names->globals = table_new(a);
	s->names->functions = table_new(a);
	s->names->macros = table_new(a);
	s->names->alias_roots = table_new(a);
	return s;
}

const char *type_name(Type t)
{
	switch (t) {
	case TY_UNKNOWN:
		return "unknown";
	case TY_VOID:
		return "nothing";
	case TY_LONG:
		return "long";
	case TY_STRING:
		return "string";
	case TY_STATS:
		return "stats";
	}
	return "?";
}

const char *node_kind_text(NodeKind k)
{
	static const char *const text[ND_COUNT] = {
#define NODE(kind, what, cls) [ND_##kind] = what,
#include "nodes.def"
#undef NODE
	};

	return k < ND_COUNT ? text[k] : "?";
}

const char *op_text(Op op)
{
	static const char *const text[OP_COUNT] = {
#define OP(name, spelling, arity, level, operand, result) [OP_##name] = spelling,
#include "ops.def"
#undef OP
	};

	return op < OP_COUNT ? text[op] : "?";
}

Op op_plain(Op op)
{
	static const struct {
		Op assign, plain;
	} pair[] = {
	    {OP_AADD, OP_ADD}, {OP_ASUB, OP_SUB}, {OP_AMUL, OP_MUL}, {OP_ADIV, OP_DIV},
	    {OP_AMOD, OP_MOD}, {OP_ASHL, OP_SHL}, {OP_ASHR, OP_SHR}, {OP_AAND, OP_AND},
	    {OP_AXOR, OP_XOR}, {OP_AOR, OP_OR},	  {OP_ACAT, OP_CAT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pair); i++)
		if (pair[i].assign == op)
			return pair[i].plain;
	return OP_COUNT;
}

Node *node_new(Arena *a, NodeKind kind, Loc loc)
{
	Node *n = NEW(a, Node);

	n->kind = kind;
	n->loc = loc;
	return n;
}

/* ---- children ---- */

static void one(Node **slot, NodeSlot *visit, void *ctx)
{
	if (*slot)
		visit(ctx, slot);
}

static void many(NodeVec *v, NodeSlot *visit, void *ctx)
{
	for (int i = 0; i < v->n; i++)
		one(&v->v[i], visit, ctx);
}

static void target_children(Target *t, NodeSlot *visit, void *ctx)
{
	one(&t->base, visit, ctx);
	for (int i = 0; i < t->path.n; i++)
		one(&t->path.v[i].index, visit, ctx);
}

static void flow_children(Node *n, NodeSlot *visit, void *ctx)
{
	one(&n->flow.init, visit, ctx);
	one(&n->flow.cond, visit, ctx);
	one(&n->flow.step, visit, ctx);
	one(&n->flow.body, visit, ctx);
	one(&n->flow.otherwise, visit, ctx);
}

static void foreach_children(Node *n, NodeSlot *visit, void *ctx)
{
	one(&n->foreach.array, visit, ctx);
	one(&n->foreach.limit, visit, ctx);
	one(&n->foreach.body, visit, ctx);
}

void node_children(Node *n, NodeSlot *visit, void *ctx)
{
	switch (n->kind) {
	case ND_NUM:
	case ND_STR:
	case ND_VAR:
	case ND_EMBED:
	case ND_NULL:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_NEXT:
	case ND_COUNT:
		return;
	case ND_INDEX:
	case ND_IN:
		many(&n->var.keys, visit, ctx);
		one(&n->var.hist, visit, ctx);
		return;
	case ND_OP:
		one(&n->op.a, visit, ctx);
		one(&n->op.b, visit, ctx);
		one(&n->op.c, visit, ctx);
		return;
	case ND_CALL:
		many(&n->call.args, visit, ctx);
		return;
	case ND_PRINT:
		many(&n->print.args, visit, ctx);
		return;
	case ND_REGEX:
		one(&n->regex.subject, visit, ctx);
		return;
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
		target_children(&n->target, visit, ctx);
		return;
	case ND_DEFINED:
	case ND_ENTRY:
	case ND_PROBEWRITE:
	case ND_EXPR:
		one(&n->unary.operand, visit, ctx);
		return;
	case ND_STAT:
	case ND_HIST:
		one(&n->stat.operand, visit, ctx);
		one(&n->stat.bucket, visit, ctx);
		return;
	case ND_CAPTURE: /* orig was evaluated in the kernel; it is there for messages only */
		one(&n->capture.fallback, visit, ctx);
		return;
	case ND_BLOCK:
		many(&n->block, visit, ctx);
		return;
	case ND_IF:
	case ND_WHILE:
	case ND_FOR:
		flow_children(n, visit, ctx);
		return;
	case ND_FOREACH:
		foreach_children(n, visit, ctx);
		return;
	case ND_RETURN:
		one(&n->ret, visit, ctx);
		return;
	case ND_DELETE:
		one(&n->del, visit, ctx);
		return;
	case ND_TRY:
		one(&n->try.body, visit, ctx);
		one(&n->try.handler, visit, ctx);
		return;
	}
}

struct Walk {
	NodeVisit *visit;
	void *ctx;
};

static void walk_slot(void *ctx, Node **slot)
{
	struct Walk *w = ctx;
	Node *before = *slot;

	if (w->visit(w->ctx, slot) && *slot == before)
		node_children(*slot, walk_slot, w);
}

void node_walk(Node **slot, NodeVisit *visit, void *ctx)
{
	struct Walk w = {visit, ctx};

	if (*slot)
		walk_slot(&w, slot);
}

/* ---- copies ---- */

/* A copy of the elements; a later push on either array cannot reach the other. */
#define vec_copy(arena, vec)                                                                       \
	do {                                                                                       \
		void *copy_ = arena_alloc((arena), sizeof(*(vec)->v) * (size_t)(vec)->n);          \
                                                                                                   \
		if ((vec)->n)                                                                      \
			memcpy(copy_, (vec)->v, sizeof(*(vec)->v) * (size_t)(vec)->n);             \
		(vec)->v = copy_;                                                                  \
		(vec)->cap = (vec)->n;                                                             \
	} while (0)

/* Give @n arrays of its own; what does not hold nodes or symbols may stay shared. */
static void own_arrays(Arena *a, Node *n)
{
	if (n->kind == ND_INDEX || n->kind == ND_IN) {
		vec_copy(a, &n->var.keys);
	} else if (n->kind == ND_CALL) {
		vec_copy(a, &n->call.args);
		vec_copy(a, &n->call.fns);
	} else if (n->kind == ND_PRINT) {
		vec_copy(a, &n->print.args);
		vec_copy(a, &n->print.pieces);
	} else if (n->kind == ND_BLOCK) {
		vec_copy(a, &n->block);
	} else if (n->kind == ND_FOREACH) {
		vec_copy(a, &n->foreach.keys);
	} else if (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_ATVAR ||
		   n->kind == ND_DEREF) {
		vec_copy(a, &n->target.path);
	}
}

static void clone_slot(void *ctx, Node **slot)
{
	*slot = node_clone(ctx, *slot);
}

Node *node_clone(Arena *a, const Node *n)
{
	Node *copy;

	if (!n)
		return NULL;
	copy = NEW(a, Node);
	*copy = *n;
	own_arrays(a, copy);
	if (copy->kind == ND_CAPTURE)
		copy->capture.orig = node_clone(a, n->capture.orig);
	node_children(copy, clone_slot, a);
	return copy;
}

struct Rename {
	const SymbolVec *from, *to;
};

static void rename_symbol(const struct Rename *r, Symbol **sym)
{
	for (int i = 0; i < r->from->n; i++) {
		if (*sym == r->from->v[i]) {
			*sym = r->to->v[i];
			return;
		}
	}
}

static bool rename_node(void *ctx, Node **slot)
{
	Node *n = *slot;

	if (n->kind == ND_VAR || n->kind == ND_INDEX || n->kind == ND_IN) {
		rename_symbol(ctx, &n->var.sym);
	} else if (n->kind == ND_TRY) {
		rename_symbol(ctx, &n->try.msg);
	} else if (n->kind == ND_FOREACH) {
		for (int i = 0; i < n->foreach.keys.n; i++)
			rename_symbol(ctx, &n->foreach.keys.v[i]);
		rename_symbol(ctx, &n->foreach.value);
	}
	return true;
}

Body *body_clone(Arena *a, const Body *b)
{
	Body *copy = NEW(a, Body);
	struct Rename r = {&b->locals, &copy->locals};

	copy->loc = b->loc;
	copy->block = node_clone(a, b->block);
	for (int i = 0; i < b->locals.n; i++) {
		Symbol *sym = NEW(a, Symbol);

		*sym = *b->locals.v[i];
		vec_push(a, &copy->locals, sym);
	}
	if (b->locals.n)
		node_walk(&copy->block, rename_node, &r);
	return copy;
}

void node_put_place(Buf *b, const Node *n)
{
	const char *kind = "identifier", *prefix = "", *text;

	if (!n->loc.file)
		return;
	switch ((int)n->kind) {
	case ND_OP:
		kind = "operator";
		text = op_text(n->op.op);
		break;
	case ND_STAT:
		kind = "operator";
		text = stat_op_text(n->stat.op);
		break;
	case ND_HIST:
		kind = "operator";
		text = n->stat.log ? "@hist_log" : "@hist_linear";
		break;
	case ND_PRINT:
		prefix = n->print.to_string ? "s" : "";
		text = print_kind_text(n->print.kind);
		break;
	case ND_CALL:
		text = n->call.name;
		break;
	case ND_VAR:
	case ND_INDEX:
	case ND_IN:
		text = n->var.name;
		break;
	default:
		kind = "keyword";
		text = node_kind_text(n->kind);
		break;
	}
	buf_printf(b, " near %s '%s%s' at %s:%u:%u", kind, prefix, text, n->loc.file->name, n->loc.line,
		   n->loc.col);
}
