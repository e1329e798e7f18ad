/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statements. Errors and jumps are gotos: fail_N is where the innermost try (or the handler) takes
 * over, next_N and last_N are the ends of a round and of a loop, out the end of handler or function.
 */
#include "kmod_int.h"

#include <inttypes.h>

static void comment(Emit *e, const Node *n)
{
	if (n->loc.file)
		emit(e, "%s", c_comment(e, TEXT(e, "%s:%u:%u", n->loc.file->name, n->loc.line, n->loc.col)));
}

static void body(Emit *e, const Node *n)
{
	e->indent++;
	if (n)
		stmt(e, n);
	e->indent--;
}

static void if_stmt(Emit *e, const Node *n)
{
	emit(e, "if (%s) {", num(e, n->flow.cond));
	body(e, n->flow.body);
	if (n->flow.otherwise) {
		emit(e, "} else {");
		body(e, n->flow.otherwise);
	}
	emit(e, "}");
}

/* while and for: the condition is computed in each round, so it may take statements. */
static void loop_stmt(Emit *e, const Node *n)
{
	int id = ++e->n_loops, outer = e->loop;
	int64_t before = e->weight;
	Buf inner = {0}, *out = e->out;

	if (n->flow.init)
		effect(e, n->flow.init);
	emit(e, "for (;;) {");
	e->indent++;
	if (n->flow.cond) {
		emit(e, "if (!%s)", num(e, n->flow.cond));
		emit(e, "\tbreak;");
	}
	e->loop = id;
	e->out = &inner; /* what a round costs is known behind it */
	if (n->flow.body)
		stmt(e, n->flow.body);
	e->out = out;
	emit(e, "rt_pay(c, %" PRId64 ", %s);", e->weight - before + 1, place_of(e, n));
	emit_check(e);
	buf_put(e->out, inner.s, inner.n);
	buf_free(&inner);
	e->indent--;
	emit(e, "next_%d: __maybe_unused;", id);
	e->indent++;
	if (n->kind == ND_FOR && n->flow.step)
		effect(e, n->flow.step);
	e->indent--;
	e->loop = outer;
	emit(e, "}");
	emit(e, "last_%d: __maybe_unused;", id);
}

static void try_stmt(Emit *e, const Node *n)
{
	int outer = e->fail, id = ++e->n_labels, loop = e->loop;
	bool used = e->fail_used;

	e->fail = id;
	e->fail_used = false;
	emit(e, "{");
	e->indent++;
	emit(e, "const int snap%d = c->n_snap, strs%d = c->n_strs, nesting%d = c->nesting;", id, id, id);
	if (n->try.body)
		stmt(e, n->try.body);
	bool fails = e->fail_used;
	e->fail = outer;
	e->fail_used = used || fails; /* a final error goes on to there */
	emit(e, "goto tried_%d;", id);
	e->indent--;
	emit(e, "fail_%d: __maybe_unused;", id);
	e->indent++;
	emit(e, "if (c->final)");
	emit(e, "\tgoto fail_%d;", outer);
	e->fail_used = true;
	emit(e, "c->n_snap = snap%d;", id);
	emit(e, "c->n_strs = strs%d;", id);
	emit(e, "c->nesting = nesting%d;", id);
	emit(e, "rt_caught(c);");
	if (n->try.msg)
		set_var(e, n->try.msg,
			"((struct rt_sv){c->error_text, strlen(c->error_text)})");
	if (n->try.handler)
		stmt(e, n->try.handler);
	e->indent--;
	emit(e, "}");
	emit(e, "tried_%d: __maybe_unused;", id);
	e->loop = loop;
}

static void return_stmt(Emit *e, const Node *n)
{
	if (n->ret && e->returns == TY_STRING)
		emit(e, "rt_set(ret, %s);", str(e, n->ret));
	else if (n->ret)
		emit(e, "ret = %s;", num(e, n->ret));
	emit(e, "goto out;");
}

static void next_stmt(Emit *e)
{
	if (e->in_function)
		emit(e, "c->next = true;");
	emit(e, "goto out;");
}

static void block_stmt(Emit *e, const Node *n)
{
	for (int i = 0; i < n->block.n; i++)
		stmt(e, n->block.v[i]);
}

void stmt(Emit *e, const Node *n)
{
	int strs = e->n_str;

	e->weight += n->kind != ND_BLOCK;
	if (n->kind != ND_BLOCK && n->kind != ND_NULL)
		comment(e, n);
	switch ((int)n->kind) {
	case ND_NULL:
		break;
	case ND_EXPR:
		effect(e, n->unary.operand);
		break;
	case ND_BLOCK:
		block_stmt(e, n);
		break;
	case ND_IF:
		if_stmt(e, n);
		break;
	case ND_WHILE:
	case ND_FOR:
		loop_stmt(e, n);
		break;
	case ND_FOREACH:
		foreach_stmt(e, n);
		break;
	case ND_BREAK:
		emit(e, "goto last_%d;", e->loop);
		break;
	case ND_CONTINUE:
		emit(e, "goto next_%d;", e->loop);
		break;
	case ND_NEXT:
		next_stmt(e);
		break;
	case ND_RETURN:
		return_stmt(e, n);
		break;
	case ND_DELETE:
		delete_stmt(e, n);
		break;
	case ND_TRY:
		try_stmt(e, n);
		break;
	default:
		effect(e, n);
		break;
	}
	e->n_str = strs;
}
