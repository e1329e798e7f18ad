/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Node -> Code. This file dispatches by kind of node; the files named after a topic make the Code
 * of that topic. It also decides where text must be copied: an operand that is a view of a variable
 * is copied when something evaluated after it may change that variable.
 */
#include "eval_int.h"

#include <string.h>

Code *code_new(Compile *cc, const Node *n)
{
	Code *c = NEW(cc->arena, Code);

	c->node = n;
	return c;
}

static int64_t do_const(Eval *e, const Code *c)
{
	(void)e;
	return c->k;
}

static Str do_literal(Eval *e, const Code *c)
{
	(void)e;
	return c->s;
}

const Code *num_const(Compile *cc, const Node *n, int64_t v)
{
	Code *c = code_new(cc, n);

	c->num = do_const;
	c->k = v;
	return c;
}

static const Code *compile_literal(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->str = do_literal;
	c->is_str = true;
	c->s = str_lit(n->str);
	if (c->s.n > cc->e->max_str)
		c->s.n = cc->e->max_str;
	return c;
}

/* What no pass before us may leave in a body: the user sees it named instead of a crash. */
static const Code *compile_unknown(Compile *cc, const Node *n)
{
	diag_error(cc->e->diag, DIAG_NEEDS_MODULE, n->loc, "%s cannot be evaluated on this path",
		   node_kind_text(n->kind));
	return n->type == TY_STRING ? compile_literal(cc, &(Node){.str = ""}) : num_const(cc, n, 0);
}

const Code *compile_any(Compile *cc, const Node *n)
{
	switch (n->kind) {
	case ND_NUM:
		return num_const(cc, n, n->num);
	case ND_STR:
		return compile_literal(cc, n);
	case ND_VAR:
		return compile_var_read(cc, n);
	case ND_INDEX:
		return compile_index_read(cc, n);
	case ND_IN:
		return compile_in(cc, n);
	case ND_OP:
		return n->type == TY_STRING ? compile_str_op(cc, n) : compile_num_op(cc, n);
	case ND_CALL:
		return compile_call(cc, n);
	case ND_PRINT:
		return compile_print(cc, n);
	case ND_REGEX:
		return compile_regex(cc, n);
	case ND_ENTRY:
		return compile_entry(cc, n);
	case ND_STAT:
		return compile_stat(cc, n);
	case ND_HIST:
		return compile_hist_bucket(cc, n);
	case ND_CAPTURE:
		return compile_capture(cc, n);
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
	case ND_DEFINED:
	case ND_PROBEWRITE:
	case ND_EMBED:
	case ND_NULL:
	case ND_EXPR:
	case ND_BLOCK:
	case ND_IF:
	case ND_WHILE:
	case ND_FOR:
	case ND_FOREACH:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_NEXT:
	case ND_RETURN:
	case ND_DELETE:
	case ND_TRY:
	case ND_COUNT:
		break;
	}
	return compile_unknown(cc, n);
}

const Code *compile_num(Compile *cc, const Node *n)
{
	return compile_any(cc, n);
}

const Code *compile_str(Compile *cc, const Node *n)
{
	return compile_any(cc, n);
}

static bool find_effect(void *ctx, Node **slot)
{
	const Node *n = *slot;
	bool *found = ctx;

	if (!n)
		return false;
	if (n->kind == ND_CALL)
		*found |= n->call.fns.n > 0;
	if (n->kind == ND_OP)
		*found |= n->op.op == OP_ASSIGN || n->op.op == OP_SAMPLE ||
			  op_plain(n->op.op) != OP_COUNT ||
			  (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC);
	return !*found;
}

bool has_effect(const Node *n)
{
	bool found = false;
	Node *copy = (Node *)(uintptr_t)n; /* node_walk() may replace; find_effect() does not */

	if (n)
		node_walk(&copy, find_effect, &found);
	return found;
}

static Str do_copy(Eval *e, const Code *c)
{
	return tmp_copy(e, c->node, STR(c->a));
}

const Code *compile_stable(Compile *cc, const Node *n, const Node *later)
{
	const Code *inner = compile_any(cc, n);
	Code *c;

	if (!inner->is_str || inner->life != LIFE_VIEW || !has_effect(later))
		return inner;
	c = code_new(cc, n);
	c->str = do_copy;
	c->is_str = true;
	c->life = LIFE_TEMP;
	c->a = inner;
	return c;
}

void compile_slots(Compile *cc, const SymbolVec *locals, uint32_t *frame_size)
{
	uint32_t size = (uint32_t)sizeof(Value) * (uint32_t)locals->n;

	cc->n_slots = locals->n;
	cc->slots = NEW_ARRAY(cc->arena, SlotInfo, locals->n + 1);
	for (int i = 0; i < locals->n; i++) {
		if (locals->v[i]->type != TY_STRING)
			continue;
		cc->slots[i] = (SlotInfo){true, size};
		size += (cc->e->max_str + 16) & ~15u;
	}
	*frame_size = size;
}

void target_compile(Compile *cc, Code *c, const Symbol *sym)
{
	if (sym->kind == SYM_GLOBAL) {
		c->g = &cc->e->globals[sym->slot];
		return;
	}
	c->slot = (uint32_t)sizeof(Value) * (uint32_t)sym->slot;
	c->buffer = cc->slots[sym->slot].buffer;
}
