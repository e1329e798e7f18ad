/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls. The frame of the called function is set aside before its arguments are computed, so that
 * they can be written straight into it while calls among them use the room behind. A function that
 * ends with `next` hands the call to its next overload; the arguments are computed once.
 */
#include "eval_int.h"

#include <string.h>

enum { MAX_ARGS = 32 };

static FnCode *fn_compile(Eval *e, const Function *f)
{
	Compile cc = {.e = e, .arena = e->arena};
	FnCode *fn = NULL;

	for (int i = 0; i < e->fns.n; i++) {
		if (e->fns.v[i]->f == f)
			return e->fns.v[i];
	}
	fn = NEW(e->arena, FnCode);
	fn->f = f;
	vec_push(e->arena, &e->fns, fn); /* before its body: it may call itself */
	compile_slots(&cc, &f->locals, &fn->frame_size);
	fn->n_slots = (uint32_t)cc.n_slots;
	fn->slot = cc.slots;
	if (f->body)
		fn->body = compile_stmt(&cc, f->body);
	fn->weight = cc.weight + 1;
	return fn;
}

/* Write argument @i of @fn into the frame at @frame. */
static void pass(const FnCode *fn, char *frame, int i, const Value *v, Life life)
{
	Value *to = (Value *)(void *)frame + i;

	*to = *v;
	if (!fn->slot[i].is_string || life != LIFE_VIEW)
		return;
	if (v->n)
		memcpy(frame + fn->slot[i].buffer, v->p, v->n);
	to->p = frame + fn->slot[i].buffer;
}

static Value eval_value(Eval *e, const Code *c)
{
	Str s;

	if (!c->is_str)
		return (Value){.num = NUM(c)};
	s = STR(c);
	return (Value){.p = s.p, .n = s.n};
}

/* Run @fn on the frame at @frame, which has its arguments. */
static Flow enter(Eval *e, const Code *c, const FnCode *fn, char *frame)
{
	char *fp = e->fp;
	Flow f;

	e->actions -= fn->weight;
	if (e->actions < 0)
		raise_final(e, c->node, "MAXACTION exceeded");
	if (e->nesting >= e->max_nesting ||
	    (uintptr_t)__builtin_frame_address(0) < e->stack_end)
		raise_error(e, c->node, "MAXNESTING exceeded");
	e->calls[e->nesting++] = c->node;
	e->fp = frame;
	e->ret = (Value){.num = 0};
	f = fn->body ? RUN(fn->body) : FLOW_NORMAL;
	e->fp = fp;
	e->nesting--;
	return f;
}

static void clear_locals(const FnCode *fn, char *frame)
{
	uint32_t n = (uint32_t)fn->f->params.n;

	if (fn->n_slots > n)
		memset(frame + sizeof(Value) * n, 0, sizeof(Value) * (fn->n_slots - n));
}

static char *frame_reserve(Eval *e, const Code *c)
{
	char *frame = e->fp_top;

	if ((size_t)(e->frames_end - frame) < c->slot)
		raise_error(e, c->node, "MAXNESTING exceeded");
	e->fp_top = frame + c->slot;
	return frame;
}

static void call_one(Eval *e, const Code *c)
{
	const FnCode *fn = c->fns[0];
	char *frame = frame_reserve(e, c);
	Flow f;

	for (int i = 0; i < c->n; i++) {
		Value v = eval_value(e, c->arg[i]);

		pass(fn, frame, i, &v, c->arg[i]->life);
	}
	clear_locals(fn, frame);
	f = enter(e, c, fn, frame);
	e->fp_top = frame;
	if (f == FLOW_NEXT)
		raise_error(e, c->node, "all functions exhausted");
}

static void call_overloaded(Eval *e, const Code *c)
{
	char *frame = frame_reserve(e, c);
	Value v[MAX_ARGS];
	Flow f = FLOW_NEXT;

	for (int i = 0; i < c->n; i++) {
		v[i] = eval_value(e, c->arg[i]);
		if (c->arg[i]->is_str && c->arg[i]->life == LIFE_VIEW)
			v[i].p = tmp_copy(e, c->node, value_str(&v[i])).p;
	}
	for (const FnCode *const *fn = c->fns; *fn && f == FLOW_NEXT; fn++) {
		for (int i = 0; i < c->n; i++)
			pass(*fn, frame, i, &v[i], LIFE_TEMP);
		clear_locals(*fn, frame);
		f = enter(e, c, *fn, frame);
	}
	e->fp_top = frame;
	if (f == FLOW_NEXT)
		raise_error(e, c->node, "all functions exhausted");
}

static inline void call(Eval *e, const Code *c)
{
	if (c->flag)
		call_overloaded(e, c);
	else
		call_one(e, c);
}

static int64_t do_call_num(Eval *e, const Code *c)
{
	char *mark = e->tmp;

	call(e, c);
	e->tmp = mark;
	return e->ret.num;
}

/* The result may lie in the left frame or in temporary text that was given back: save it. */
static Str do_call_str(Eval *e, const Code *c)
{
	char *mark = e->tmp;

	call(e, c);
	e->tmp = mark;
	return tmp_copy(e, c->node, value_str(&e->ret));
}

void args_compile(Compile *cc, Code *c, const NodeVec *args)
{
	c->n = args->n;
	c->arg = NEW_ARRAY(cc->arena, const Code *, args->n + 1);
	for (int i = 0; i < args->n; i++) {
		const Node *later = NULL;

		for (int j = i + 1; j < args->n && !later; j++)
			later = has_effect(args->v[j]) ? args->v[j] : NULL;
		c->arg[i] = compile_stable(cc, args->v[i], later);
	}
}

/* No text is longer than MAXSTRINGLEN: everything that has room for one relies on it. */
static Str do_cut(Eval *e, const Code *c)
{
	Str s = STR(c->a);

	if (s.n > e->max_str)
		s.n = e->max_str;
	return s;
}

/* What we make ourselves is short or cut; not so the name of a probe point, or what the host says. */
static bool may_be_long(const Eval *e, const Builtin *b)
{
	enum { SHORT = 64 };
	bool is_comm = b->id == BUILTIN_execname || b->id == BUILTIN_pexecname;

	return e->max_str < SHORT || b->cls == BI_ACTION ||
	       ((b->cls == BI_CONTEXT || b->cls == BI_SESSION) && !is_comm);
}

static const Code *cut_code(Compile *cc, const Code *text)
{
	Code *c = code_new(cc, text->node);

	c->str = do_cut;
	c->is_str = true;
	c->life = text->life;
	c->a = text;
	return c;
}

static const Code *builtin_code(Compile *cc, const Node *n)
{
	const Builtin *b = n->call.builtin;
	Code *c = code_new(cc, n);

	args_compile(cc, c, &n->call.args);
	if (!builtin_fn(b->id)) {
		diag_error(cc->e->diag, DIAG_NEEDS_MODULE, n->loc, "%s() cannot be evaluated here",
			   b->name);
		return num_const(cc, n, 0);
	}
	c->is_str = b->signature[0] == 's';
	c->life = LIFE_TEMP;
	regex_asked(cc->e, builtin_fn(b->id));
	if (c->is_str)
		c->str = (StrFn *)builtin_fn(b->id);
	else
		c->num = (NumFn *)builtin_fn(b->id);
	return c->is_str && may_be_long(cc->e, b) ? cut_code(cc, c) : c;
}

const Code *compile_call(Compile *cc, const Node *n)
{
	int n_fns = n->call.fns.n;
	const FnCode **fns;
	Code *c;

	if (!n_fns)
		return builtin_code(cc, n);
	c = code_new(cc, n);
	args_compile(cc, c, &n->call.args);
	fns = NEW_ARRAY(cc->arena, const FnCode *, n_fns + 1);
	for (int i = 0; i < n_fns; i++) {
		FnCode *fn = fn_compile(cc->e, n->call.fns.v[i]);

		fns[i] = fn;
		if (fn->frame_size > c->slot)
			c->slot = fn->frame_size; /* what a call sets aside */
	}
	c->fns = fns;
	c->flag = n_fns > 1;
	if (c->flag && c->n > MAX_ARGS)
		diag_error(cc->e->diag, DIAG_ARITY, n->loc,
			   "an overloaded function can have up to %d arguments", MAX_ARGS);
	c->is_str = n->type == TY_STRING;
	c->life = LIFE_TEMP;
	if (c->is_str)
		c->str = do_call_str;
	else
		c->num = do_call_num;
	return c;
}
