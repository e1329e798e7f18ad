/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statements. Each returns how to go on (Flow); blocks and loops stop at anything but FLOW_NORMAL
 * and give back the temporary text of every statement. Loops pay for their statements from the
 * handler's action budget; code without loops and calls cannot run long and pays nothing.
 */
#include "eval_int.h"

#include <string.h>

static Flow do_block(Eval *e, const Code *c)
{
	char *mark = e->tmp;

	for (int i = 0; i < c->n; i++) {
		Flow f = RUN(c->arg[i]);

		e->tmp = mark;
		if (f)
			return f;
	}
	return FLOW_NORMAL;
}

static const Code *compile_block(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->stmt = do_block;
	c->arg = NEW_ARRAY(cc->arena, const Code *, n->block.n + 1);
	for (int i = 0; i < n->block.n; i++) {
		const Code *s = compile_stmt(cc, n->block.v[i]);

		if (s)
			c->arg[c->n++] = s;
	}
	return c;
}

static Flow do_if(Eval *e, const Code *c)
{
	if (NUM(c->a))
		return c->b ? RUN(c->b) : FLOW_NORMAL;
	return c->c ? RUN(c->c) : FLOW_NORMAL;
}

static const Code *compile_if(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->stmt = do_if;
	c->a = compile_num(cc, n->flow.cond);
	c->b = n->flow.body ? compile_stmt(cc, n->flow.body) : NULL;
	c->c = n->flow.otherwise ? compile_stmt(cc, n->flow.otherwise) : NULL;
	return c;
}

/* ---- loops ---- */

static inline void pay(Eval *e, const Code *c)
{
	e->actions -= c->k;
	if (e->actions < 0)
		raise_final(e, c->node, "MAXACTION exceeded");
}

/* while and for: a condition, b body, c step; c->k the price of one round. */
static Flow do_loop(Eval *e, const Code *c)
{
	char *mark = e->tmp;

	while (!c->a || NUM(c->a)) {
		pay(e, c);
		if (c->b) {
			Flow f = RUN(c->b);

			if (f == FLOW_BREAK)
				break;
			if (f == FLOW_NEXT || f == FLOW_RETURN)
				return f;
		}
		if (c->c)
			RUN(c->c);
		e->tmp = mark;
	}
	e->tmp = mark;
	return FLOW_NORMAL;
}

static const Code *loop_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);
	int64_t before = cc->weight;

	c->stmt = do_loop;
	c->a = n->flow.cond ? compile_num(cc, n->flow.cond) : NULL;
	c->b = n->flow.body ? compile_stmt(cc, n->flow.body) : NULL;
	c->c = n->kind == ND_FOR && n->flow.step ? compile_effect(cc, n->flow.step) : NULL;
	c->k = cc->weight - before + 1;
	return c;
}

static const Code *compile_for(Compile *cc, const Node *n)
{
	Code *c;

	if (!n->flow.init)
		return loop_code(cc, n);
	c = code_new(cc, n);
	c->stmt = do_block;
	c->n = 2;
	c->arg = NEW_ARRAY(cc->arena, const Code *, 2);
	c->arg[0] = compile_effect(cc, n->flow.init);
	c->arg[1] = loop_code(cc, n);
	return c;
}

/* ---- foreach ---- */

/* A loop variable is a Code with g, or slot and buffer; flag: it is a global. */
static void set_var(Eval *e, const Code *v, const Value *to)
{
	if (!v->is_str) {
		if (v->flag)
			v->g->num = to->num;
		else
			local(e, v)->num = to->num;
	} else if (v->flag) {
		memmove((char *)(uintptr_t)v->g->str.p, to->p, to->n);
		v->g->str.n = to->n;
	} else {
		local_set_str(e, v, value_str(to), LIFE_VIEW);
	}
}

static const Code *var_code(Compile *cc, const Node *n, const Symbol *sym)
{
	Code *v = code_new(cc, n);

	target_compile(cc, v, sym);
	v->flag = sym->kind == SYM_GLOBAL;
	v->is_str = sym->type == TY_STRING;
	return v;
}

static Value entry_value(const Map *m, const Entry *en)
{
	if (m->value_type == TY_STRING)
		return (Value){.p = en->val.str.p, .n = en->val.str.n};
	return (Value){.num = en->val.num};
}

static inline int64_t limit_of(Eval *e, const Code *limit)
{
	return limit ? NUM(limit) : INT64_MAX;
}

/* How many of @all a loop with that limit visits. */
static inline int64_t rounds(int64_t limit, size_t all)
{
	return limit < 0 ? 0 : limit < (int64_t)all ? limit : (int64_t)all;
}

/*
 * struct Foreach - its Code has the loop variables in arg (behind the n keys: the value, or NULL),
 * the slice or histogram in a, the body in b, the limit in c.
 */
typedef struct Foreach {
	Code code;
	MapSort order;
	Global *array;
} Foreach;

/* Where a slice is taken the limit counts its entries: how many there are to sort is not known. */
static bool sort_array(const Foreach *f, int64_t limit)
{
	if (f->order.by == SORT_NONE)
		return true;
	return map_sort(&f->array->map, &f->order, f->code.a || !f->code.c ? 0 : limit);
}

static Flow visit(Eval *e, const Foreach *f, const Entry *en)
{
	const Code *c = &f->code;
	char *mark = e->tmp;
	Flow flow = FLOW_NORMAL;

	pay(e, c);
	for (int i = 0; i < c->n; i++)
		set_var(e, c->arg[i], &en->key[i]);
	if (c->arg[c->n]) {
		Value v = entry_value(&f->array->map, en);

		set_var(e, c->arg[c->n], &v);
	}
	if (c->b)
		flow = RUN(c->b);
	e->tmp = mark;
	return flow;
}

static Flow do_foreach(Eval *e, const Code *c)
{
	const Foreach *f = (const Foreach *)(const void *)c;
	size_t start, end;
	int64_t limit = limit_of(e, c->c);

	if (!sort_array(f, limit))
		raise_error(e, c->node, "out of memory");
	start = snap_take(e, c->node, &f->array->map, c->a);
	end = e->snap_n = start + (size_t)rounds(limit, e->snap_n - start);
	for (size_t i = start; i < end; i++) {
		Flow flow = visit(e, f, e->snap[i]);

		if (flow == FLOW_NEXT || flow == FLOW_RETURN) {
			e->snap_n = start;
			return flow;
		}
		if (flow == FLOW_BREAK)
			break;
	}
	e->snap_n = start;
	return FLOW_NORMAL;
}

/* foreach (b in @hist_log(s)): b counts the buckets. */
static Flow do_foreach_hist(Eval *e, const Code *c)
{
	const Foreach *f = (const Foreach *)(const void *)c;
	bool down = f->order.by != SORT_NONE && f->order.dir < 0;
	char *mark = e->tmp;
	int64_t all, n;
	Stat *s;

	all = hist_eval(e, c->a, &s)->map.hist.n;
	n = rounds(limit_of(e, c->c), (size_t)all);
	for (int64_t i = 0; i < n; i++) {
		Value v = {.num = down ? all - 1 - i : i};
		Flow flow;

		pay(e, c);
		set_var(e, c->arg[0], &v);
		flow = c->b ? RUN(c->b) : FLOW_NORMAL;
		e->tmp = mark;
		if (flow == FLOW_NEXT || flow == FLOW_RETURN)
			return flow;
		if (flow == FLOW_BREAK)
			break;
	}
	return FLOW_NORMAL;
}

static void foreach_array(Compile *cc, Foreach *f, const Node *n)
{
	const Node *array = n->foreach.array;

	f->code.stmt = do_foreach;
	f->array = &cc->e->globals[array->var.sym->slot];
	f->order = (MapSort){n->foreach.sort, n->foreach.sort_key, n->foreach.sort_dir,
			     n->foreach.sort_stat};
	if (array->kind == ND_INDEX) {
		Code *slice = code_new(cc, array);

		keys_compile(cc, slice, array, NULL);
		f->code.a = slice;
	}
}

/* Did the user limit the statements of a handler? */
static bool has_action_limit(const Eval *e)
{
	return e->limits.max_action > 0 || e->limits.max_action_interruptible > 0;
}

const Code *compile_foreach(Compile *cc, const Node *n)
{
	Foreach *f = NEW(cc->arena, Foreach);
	int keys = n->foreach.keys.n;
	int64_t before = cc->weight;

	f->code.node = n;
	f->code.n = keys;
	f->code.arg = NEW_ARRAY(cc->arena, const Code *, keys + 1);
	for (int i = 0; i < keys; i++)
		f->code.arg[i] = var_code(cc, n, n->foreach.keys.v[i]);
	if (n->foreach.value)
		f->code.arg[keys] = var_code(cc, n, n->foreach.value);
	if (n->foreach.array->kind == ND_HIST) {
		f->code.stmt = do_foreach_hist;
		f->order = (MapSort){.by = n->foreach.sort, .dir = n->foreach.sort_dir};
		f->code.a = stat_operand(cc, n, n->foreach.array->stat.operand);
	} else {
		foreach_array(cc, f, n);
	}
	f->code.c = n->foreach.limit ? compile_num(cc, n->foreach.limit) : NULL;
	f->code.b = n->foreach.body ? compile_stmt(cc, n->foreach.body) : NULL;
	if (has_action_limit(cc->e)) /* it ends by itself */
		f->code.k = cc->weight - before + 1;
	return &f->code;
}

/* ---- leaving ---- */

static Flow do_break(Eval *e, const Code *c)
{
	(void)e;
	(void)c;
	return FLOW_BREAK;
}

static Flow do_continue(Eval *e, const Code *c)
{
	(void)e;
	(void)c;
	return FLOW_CONTINUE;
}

static Flow do_next(Eval *e, const Code *c)
{
	(void)e;
	(void)c;
	return FLOW_NEXT;
}

static Flow do_return(Eval *e, const Code *c)
{
	if (!c->a)
		return FLOW_RETURN;
	if (c->a->is_str) {
		Str s = STR(c->a);

		e->ret = (Value){.p = s.p, .n = s.n};
	} else {
		e->ret.num = NUM(c->a);
	}
	return FLOW_RETURN;
}

static const Code *plain(Compile *cc, const Node *n, StmtFn *fn)
{
	Code *c = code_new(cc, n);

	c->stmt = fn;
	return c;
}

static const Code *compile_return(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->stmt = do_return;
	c->a = n->ret ? compile_any(cc, n->ret) : NULL;
	return c;
}

/* ---- try ---- */

static Flow do_try(Eval *e, const Code *c)
{
	Catch here;

	catch_open(e, &here);
	if (!setjmp(here.env)) {
		Flow f = c->a ? RUN(c->a) : FLOW_NORMAL;

		catch_close(e, &here);
		return f;
	}
	catch_restore(e, &here);
	catch_close(e, &here);
	if (c->c) {
		Str s = str_lit(e->error);
		Value v = {.p = s.p, .n = s.n < e->max_str ? s.n : e->max_str};

		set_var(e, c->c, &v);
	}
	return c->b ? RUN(c->b) : FLOW_NORMAL;
}

static const Code *compile_try(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->stmt = do_try;
	c->a = n->try.body ? compile_stmt(cc, n->try.body) : NULL;
	c->b = n->try.handler ? compile_stmt(cc, n->try.handler) : NULL;
	c->c = n->try.msg ? var_code(cc, n, n->try.msg) : NULL;
	return c;
}

const Code *compile_stmt(Compile *cc, const Node *n)
{
	cc->weight += n->kind != ND_BLOCK;
	switch ((int)n->kind) {
	case ND_NULL:
		return NULL;
	case ND_EXPR:
		return compile_effect(cc, n->unary.operand);
	case ND_BLOCK:
		return compile_block(cc, n);
	case ND_IF:
		return compile_if(cc, n);
	case ND_WHILE:
		return loop_code(cc, n);
	case ND_FOR:
		return compile_for(cc, n);
	case ND_FOREACH:
		return compile_foreach(cc, n);
	case ND_BREAK:
		return plain(cc, n, do_break);
	case ND_CONTINUE:
		return plain(cc, n, do_continue);
	case ND_NEXT:
		return plain(cc, n, do_next);
	case ND_RETURN:
		return compile_return(cc, n);
	case ND_DELETE:
		return compile_delete(cc, n);
	case ND_TRY:
		return compile_try(cc, n);
	default:
		return compile_effect(cc, n);
	}
}
