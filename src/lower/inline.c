/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What called functions ask of an event. A function runs after the fact like its caller, so a read of
 * memory inside it must be recorded by the event of the probe that calls it. When the address comes
 * from an argument that itself can be fetched, the call gets a copy of the function in which the
 * argument's expression stands in place of the parameter; the read then is an ordinary capture.
 */
#include "lower_int.h"

#define MAX_SPECIALISE_DEPTH 8
#define MAX_COPIES 1000 /* of functions for one handler: some calls at each depth multiply */

typedef struct FunctionFacts {
	Lowering *l;
	VEC(const Function *) seen;
	unsigned needs;
	bool reads;
} FunctionFacts;

static bool seen_before(FunctionFacts *f, const Function *fn)
{
	for (int i = 0; i < f->seen.n; i++)
		if (f->seen.v[i] == fn)
			return true;
	vec_push(f->l->arena, &f->seen, fn);
	return false;
}

static void look_into(FunctionFacts *f, const Function *fn);

static bool visit_facts(void *ctx, Node **slot)
{
	FunctionFacts *f = ctx;
	const Node *n = *slot;

	switch ((int)n->kind) {
	case ND_CALL:
		if (n->call.builtin) {
			f->needs |= n->call.builtin->needs;
			f->reads |= n->call.builtin->cls == BI_READ;
		}
		for (int i = 0; i < n->call.fns.n; i++)
			look_into(f, n->call.fns.v[i]);
		break;
	case ND_TARGET:
	case ND_CAST:
	case ND_DEREF:
	case ND_ATVAR:
		f->reads = true;
		break;
	default:
		break;
	}
	return true;
}

static void look_into(FunctionFacts *f, const Function *fn)
{
	Node *body = fn->body;

	if (!seen_before(f, fn) && body)
		node_walk(&body, visit_facts, f);
}

unsigned function_needs(Lowering *l, const Function *fn)
{
	FunctionFacts f = {.l = l};

	look_into(&f, fn);
	return f.needs;
}

static bool function_reads(Lowering *l, const Function *fn)
{
	FunctionFacts f = {.l = l};

	look_into(&f, fn);
	return f.reads;
}

/* ---- the copy ---- */

typedef struct Substitution {
	Lowering *l;
	const Symbol *param;
	const Node *arg;
	bool assigned;
} Substitution;

static bool visit_assigned(void *ctx, Node **slot)
{
	Substitution *sub = ctx;
	const Node *n = *slot;

	if (n->kind == ND_OP && n->op.a && n->op.a->kind == ND_VAR && n->op.a->var.sym == sub->param)
		sub->assigned |= n->op.op == OP_ASSIGN || op_plain(n->op.op) != OP_COUNT ||
				 (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC);
	return true;
}

static bool visit_substitute(void *ctx, Node **slot)
{
	Substitution *sub = ctx;

	if ((*slot)->kind != ND_VAR || (*slot)->var.sym != sub->param)
		return true;
	*slot = node_clone(sub->l->arena, sub->arg);
	return false;
}

static bool can_stand_in(const Split *s, const Node *arg)
{
	Fetch f;

	return arg->kind == ND_STR || node_fetch(s, arg, &f);
}

/** substitute_args - put fetchable arguments in place of parameters; what is then unused is not recorded. */
static void substitute_args(const Split *s, Function *copy, Node *call)
{
	Lowering *l = s->l;

	for (int i = 0; i < copy->params.n && i < call->call.args.n; i++) {
		Substitution sub = {.l = l, .param = copy->params.v[i], .arg = call->call.args.v[i]};

		node_walk(&copy->body, visit_assigned, &sub);
		if (sub.assigned || !can_stand_in(s, sub.arg))
			continue;
		node_walk(&copy->body, visit_substitute, &sub);
		if (call->call.fns.n == 1 && sub.arg->type == TY_LONG) {
			call->call.args.v[i] = node_new(l->arena, ND_NUM, sub.arg->loc);
			call->call.args.v[i]->type = TY_LONG;
		}
	}
}

static Function *copy_function(Lowering *l, const Function *fn)
{
	Body as_body = {.block = fn->body, .locals = fn->locals, .loc = fn->loc};
	Body *b = body_clone(l->arena, &as_body);
	Function *copy = NEW(l->arena, Function);

	*copy = *fn;
	copy->body = b->block;
	copy->locals = b->locals;
	copy->params = (SymbolVec){0};
	for (int i = 0; i < fn->params.n; i++)
		vec_push(l->arena, &copy->params, b->locals.v[i]);
	return copy;
}

void specialise_call(Split *s, Node *call)
{
	for (int i = 0; i < call->call.fns.n; i++) {
		Function *copy;

		if (!call->call.fns.v[i]->body || !function_reads(s->l, call->call.fns.v[i]))
			continue;
		if (s->depth >= MAX_SPECIALISE_DEPTH || s->copies >= MAX_COPIES) {
			reason_add(s->l, RULE_dynamic_read, call->loc,
				   s->copies < MAX_COPIES ? "in a function that calls itself"
							  : "in too many functions that call one another");
			return;
		}
		s->copies++;
		copy = copy_function(s->l, call->call.fns.v[i]);
		substitute_args(s, copy, call);
		if (s->l->ctx->probe &&
		    !probe_resolve_again(s->l->ctx->probe, s->l->ctx->script, copy))
			s->l->ok = false;
		s->depth++;
		split_walk(s, &copy->body);
		s->depth--;
		call->call.fns.v[i] = copy;
	}
}
