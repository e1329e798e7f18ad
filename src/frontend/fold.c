/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Folding: what can be computed now is computed now, branches that cannot be taken go, and (unless
 * everything is to be kept) so does what has no effect: values nobody uses, writes to variables
 * nobody reads, functions nobody calls. Children are folded before their parents.
 */
#include "frontend/frontend_int.h"

static void fold_slot(void *ctx, Node **slot)
{
	fold_node(ctx, slot);
}

static void become(Node **slot, Arena *a, NodeKind kind, Type type)
{
	Node *n = node_new(a, kind, (*slot)->loc);

	n->type = type;
	*slot = n;
}

static void become_num(Node **slot, Arena *a, int64_t num)
{
	become(slot, a, ND_NUM, TY_LONG);
	(*slot)->num = num;
}

static void become_null(Node **slot, Arena *a)
{
	become(slot, a, ND_NULL, TY_UNKNOWN);
}

/* ---- operators ---- */

static int64_t shift_right(int64_t a, uint64_t by)
{
	return a < 0 ? (int64_t) ~(~(uint64_t)a >> by) : a >> by;
}

/* Is the value of @op on two numbers known? A division by zero is left for the run to report. */
static bool compute(Op op, int64_t a, int64_t b, int64_t *v)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;
	bool divisible = b != 0 && !(a == INT64_MIN && b == -1);

	if (op == OP_DIV || op == OP_MOD) {
		*v = !divisible ? (op == OP_DIV ? a : 0) : op == OP_DIV ? a / b : a % b;
		return b != 0;
	}
	if (op == OP_ADD || op == OP_SUB || op == OP_MUL)
		*v = (int64_t)(op == OP_ADD ? x + y : op == OP_SUB ? x - y : x * y);
	else if (op == OP_AND || op == OP_OR || op == OP_XOR)
		*v = op == OP_AND ? (a & b) : op == OP_OR ? (a | b) : (a ^ b);
	else if (op == OP_SHL || op == OP_USHR)
		*v = (int64_t)(op == OP_SHL ? x << (y & 63) : x >> (y & 63));
	else if (op == OP_SHR)
		*v = shift_right(a, y & 63);
	else if (op == OP_LAND || op == OP_LOR)
		*v = op == OP_LAND ? a && b : a || b;
	else
		return false;
	return true;
}

static bool compare(Op op, int diff, int64_t *v)
{
	if (op == OP_LT || op == OP_GE)
		*v = (diff < 0) == (op == OP_LT);
	else if (op == OP_GT || op == OP_LE)
		*v = (diff > 0) == (op == OP_GT);
	else if (op == OP_EQ || op == OP_NE)
		*v = (diff == 0) == (op == OP_EQ);
	else
		return false;
	return true;
}

static void fold_numbers(Arena *a, Node **slot)
{
	const Node *n = *slot, *x = n->op.a, *y = n->op.b;
	int diff = x->num < y->num ? -1 : x->num > y->num;
	int64_t v;

	if (compute(n->op.op, x->num, y->num, &v) || compare(n->op.op, diff, &v))
		become_num(slot, a, v);
}

/* Will both be whole when the script runs? MAXSTRINGLEN is 16 or more. */
static bool are_never_cut(const char *x, const char *y)
{
	return strlen(x) < 16 && strlen(y) < 16;
}

/* What is longer is put together when the script runs: a long chain would cost its square. */
enum { FOLD_TEXT = 8192 };

static void fold_strings(Arena *a, Node **slot)
{
	const Node *n = *slot;
	const char *x = n->op.a->str, *y = n->op.b->str;
	int64_t v;

	if (compare(n->op.op, strcmp(x, y), &v)) {
		if (are_never_cut(x, y))
			become_num(slot, a, v);
	} else if (n->op.op == OP_CAT && strlen(x) + strlen(y) <= FOLD_TEXT) {
		become(slot, a, ND_STR, TY_STRING);
		(*slot)->str = arena_printf(a, "%s%s", x, y);
	}
}

static void fold_unary(Arena *a, Node **slot)
{
	Op op = (*slot)->op.op;
	int64_t v = (*slot)->op.a->num;

	if (op == OP_NEG)
		become_num(slot, a, (int64_t) - (uint64_t)v);
	else if (op == OP_NOT)
		become_num(slot, a, !v);
	else if (op == OP_COMPL)
		become_num(slot, a, ~v);
	else if (op == OP_PLUS)
		become_num(slot, a, v);
}

/* The left side of && or || is known: 0 && x, 1 || x do not look at x. */
static void fold_logical(Arena *a, Node **slot)
{
	Node *n = *slot, *zero;
	bool left = n->op.a->num != 0;

	if (left == (n->op.op == OP_LOR)) {
		become_num(slot, a, left);
		return;
	}
	zero = node_new(a, ND_NUM, n->loc); /* 1 && x is x != 0 */
	zero->type = TY_LONG;
	n->op.op = OP_NE;
	n->op.a = n->op.b;
	n->op.b = zero;
}

static void fold_op(Arena *a, Node **slot)
{
	Node *n = *slot, *x = n->op.a, *y = n->op.b;
	Op op = n->op.op;

	if (op == OP_COND) {
		if (x->kind == ND_NUM)
			*slot = x->num ? n->op.b : n->op.c;
	} else if (!y) {
		if (x->kind == ND_NUM)
			fold_unary(a, slot);
	} else if (x->kind == ND_NUM && y->kind == ND_NUM) {
		fold_numbers(a, slot);
	} else if (x->kind == ND_STR && y->kind == ND_STR) {
		fold_strings(a, slot);
	} else if ((op == OP_LAND || op == OP_LOR) && x->kind == ND_NUM) {
		fold_logical(a, slot);
	}
}

/* ---- statements ---- */

static void fold_flow(Arena *a, Node **slot)
{
	Node *n = *slot, *cond = n->flow.cond;

	if (!cond || cond->kind != ND_NUM)
		return;
	if (n->kind == ND_IF) {
		*slot = cond->num ? n->flow.body : n->flow.otherwise;
		if (!*slot) {
			*slot = n;
			become_null(slot, a);
		}
	} else if (!cond->num && n->kind == ND_FOR && n->flow.init) {
		become(slot, a, ND_EXPR, TY_UNKNOWN);
		(*slot)->unary.operand = n->flow.init;
	} else if (!cond->num) {
		become_null(slot, a);
	}
}

static bool leaves(const Node *n)
{
	return n->kind == ND_NEXT || n->kind == ND_RETURN || n->kind == ND_BREAK ||
	       n->kind == ND_CONTINUE;
}

/* Empty statements go, and what stands behind a jump. */
static void fold_block(Node *n)
{
	int kept = 0;
	bool left = false;

	for (int i = 0; i < n->block.n && !left; i++) {
		Node *st = n->block.v[i];

		left = leaves(st);
		if (st->kind != ND_NULL && !(st->kind == ND_BLOCK && !st->block.n))
			n->block.v[kept++] = st;
	}
	n->block.n = kept;
}

void fold_node(Arena *a, Node **slot)
{
	Node *n = *slot;

	if (n->kind == ND_DEFINED) /* not evaluated: it asks about the text */
		return;
	node_children(n, fold_slot, a);
	if (n->kind == ND_OP)
		fold_op(a, slot);
	else if (n->kind == ND_IF || n->kind == ND_WHILE || n->kind == ND_FOR)
		fold_flow(a, slot);
	else if (n->kind == ND_BLOCK)
		fold_block(n);
}

/* Does @n have a place at which fold_node() may drop something? */
static bool visit_choice(void *ctx, Node **slot)
{
	const Node *n = *slot;
	bool *found = ctx;

	*found |= n->kind == ND_IF || n->kind == ND_WHILE || n->kind == ND_FOR || leaves(n) ||
		  (n->kind == ND_OP &&
		   (n->op.op == OP_COND || n->op.op == OP_LAND || n->op.op == OP_LOR));
	return !*found;
}

void fold_body(Script *s, Body *b)
{
	bool choice = false;

	node_walk(&b->block, visit_choice, &choice);
	b->whole = choice ? node_clone(s->arena, b->block) : NULL;
	fold_node(s->arena, &b->block);
}
