/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which tasks a probe of user space is for, as a guard in front of its handler: what the kernel records
 * is of any process, and the evaluator knows who it was.
 */
#include "lower_int.h"

enum { KTHREADD = 2 };

static Node *call(Arena *a, Loc loc, int id, Node *arg)
{
	Node *n = node_new(a, ND_CALL, loc);

	n->call.builtin = builtin_row(id);
	n->call.name = n->call.builtin->name;
	n->type = TY_LONG;
	if (arg)
		vec_push(a, &n->call.args, arg);
	return n;
}

static Node *pid(Arena *a, Loc loc)
{
	return call(a, loc, BUILTIN_pid, NULL);
}

static Node *op(Arena *a, Loc loc, Op o, Node *x, Node *y)
{
	Node *n = node_new(a, ND_OP, loc);

	n->op.op = o;
	n->op.a = x;
	n->op.b = y;
	n->type = TY_LONG;
	return n;
}

static Node *also(Arena *a, Loc loc, Node *x, Node *y)
{
	return x ? op(a, loc, OP_LAND, x, y) : y;
}

static Node *number(Arena *a, Loc loc, int64_t v)
{
	Node *n = node_new(a, ND_NUM, loc);

	n->num = v;
	n->type = TY_LONG;
	return n;
}

static Node *text(Arena *a, Loc loc, const char *s)
{
	Node *n = node_new(a, ND_STR, loc);

	n->str = s;
	n->type = TY_STRING;
	return n;
}

/* The condition that holds for those it is about; NULL: for all. */
static Node *condition(Arena *a, const Who *w, Loc loc)
{
	Node *all = NULL;

	if (w->pid)
		all = op(a, loc, OP_EQ, pid(a, loc), number(a, loc, w->pid));
	if (w->tree)
		all = also(a, loc, all, call(a, loc, BUILTIN_target_set_pid, pid(a, loc)));
	if (w->thread != WHO_ANY && !all && !w->program) /* the kernel's own threads are no processes */
		all = op(a, loc, OP_NE, call(a, loc, BUILTIN_ppid, NULL), number(a, loc, KTHREADD));
	if (w->thread != WHO_ANY)
		all = also(a, loc, all, op(a, loc, w->thread == WHO_LEADER ? OP_EQ : OP_NE, pid(a, loc),
					   call(a, loc, BUILTIN_tid, NULL)));
	if (w->program)
		all = also(a, loc, all, call(a, loc, BUILTIN_runs, text(a, loc, w->program)));
	return all;
}

void who_guard(Arena *a, Body *b, const Who *w, Loc loc)
{
	Node *all = condition(a, w, loc), *guard = node_new(a, ND_IF, loc);
	Node *block = node_new(a, ND_BLOCK, loc);

	if (!all)
		return;
	guard->flow.cond = op(a, loc, OP_NOT, all, NULL);
	guard->flow.body = node_new(a, ND_NEXT, loc);
	vec_push(a, &block->block, guard);
	for (int i = 0; i < b->block->block.n; i++)
		vec_push(a, &block->block, b->block->block.v[i]);
	b->block = block;
}
