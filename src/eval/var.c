/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Variables: reading, assigning, compound assignment, ++ and --. An assignment to an element
 * computes the keys first, then the value, then finds the entry.
 */
#include "eval_int.h"

#include <string.h>

/* ---- reading ---- */

static int64_t do_local_num(Eval *e, const Code *c)
{
	return local(e, c)->num;
}

static Str do_local_str(Eval *e, const Code *c)
{
	return value_str(local(e, c));
}

static int64_t do_global_num(Eval *e, const Code *c)
{
	(void)e;
	return c->g->num;
}

static Str do_global_str(Eval *e, const Code *c)
{
	(void)e;
	return c->g->str;
}

const Code *compile_var_read(Compile *cc, const Node *n)
{
	const Symbol *sym = n->var.sym;
	Code *c = code_new(cc, n);
	bool global = sym->kind == SYM_GLOBAL;

	target_compile(cc, c, sym);
	if (sym->type == TY_STRING) {
		c->str = global ? do_global_str : do_local_str;
		c->is_str = true;
		c->life = LIFE_VIEW;
	} else {
		c->num = global ? do_global_num : do_local_num;
	}
	return c;
}

/* ---- numbers ---- */

/* The new value of a compound assignment; c->n is the plain operator. */
static int64_t apply(Eval *e, const Code *c, int64_t was, int64_t by)
{
	uint64_t a = (uint64_t)was, b = (uint64_t)by;

	switch (c->n) {
	case OP_ASSIGN:
		return by;
	case OP_ADD:
		return (int64_t)(a + b);
	case OP_SUB:
		return (int64_t)(a - b);
	case OP_MUL:
		return (int64_t)(a * b);
	case OP_SHL:
		return (int64_t)(a << (b & 63));
	case OP_SHR:
		return was >> (b & 63);
	case OP_AND:
		return (int64_t)(a & b);
	case OP_XOR:
		return (int64_t)(a ^ b);
	case OP_OR:
		return (int64_t)(a | b);
	default: /* OP_DIV OP_MOD */
		if (!by)
			raise_error(e, c->node, "division by 0");
		if (by == -1)
			return c->n == OP_DIV ? (int64_t)(0 - a) : 0;
		return c->n == OP_DIV ? was / by : was % by;
	}
}

static int64_t do_set_local(Eval *e, const Code *c)
{
	return local(e, c)->num = NUM(c->b);
}

static int64_t do_set_global(Eval *e, const Code *c)
{
	return c->g->num = NUM(c->b);
}

static int64_t do_change_local(Eval *e, const Code *c)
{
	int64_t by = NUM(c->b);

	return local(e, c)->num = apply(e, c, local(e, c)->num, by);
}

static int64_t do_change_global(Eval *e, const Code *c)
{
	int64_t by = NUM(c->b);

	return c->g->num = apply(e, c, c->g->num, by);
}

static int64_t do_change_elem(Eval *e, const Code *c)
{
	Value key[MAX_KEYS];
	int64_t by;
	Entry *en;

	keys_eval(e, c->a, key);
	by = NUM(c->b);
	en = map_need(e, c->a, key);
	return en->val.num = apply(e, c, en->val.num, by);
}

/* ++ and --: c->slot is 1 for up, 0 for down; c->flag: the value is the new one. */
static int64_t step(const Code *c, int64_t *at)
{
	int64_t was = *at;

	*at = (int64_t)(c->slot ? (uint64_t)was + 1 : (uint64_t)was - 1);
	return c->flag ? *at : was;
}

static int64_t do_step_local(Eval *e, const Code *c)
{
	return step(c, &local(e, c->a)->num);
}

static int64_t do_step_global(Eval *e, const Code *c)
{
	(void)e;
	return step(c, &c->a->g->num);
}

static int64_t do_step_elem(Eval *e, const Code *c)
{
	return step(c, &elem_need(e, c->a)->val.num);
}

static const Code *compile_step(Compile *cc, const Node *n)
{
	const Node *what = n->op.a;
	Code *c = code_new(cc, n), *at = code_new(cc, what);

	c->slot = n->op.op == OP_PREINC || n->op.op == OP_POSTINC;
	c->flag = n->op.op == OP_PREINC || n->op.op == OP_PREDEC;
	c->a = at;
	if (what->kind == ND_INDEX) {
		keys_compile(cc, at, what, NULL);
		c->num = do_step_elem;
		return c;
	}
	target_compile(cc, at, what->var.sym);
	c->num = what->var.sym->kind == SYM_GLOBAL ? do_step_global : do_step_local;
	return c;
}

/* ---- text ---- */

static Value *set_own(Eval *e, const Code *c, Str s)
{
	Value *v = local(e, c);
	char *own = e->fp + c->buffer;
	uint32_t n = s.n < e->max_str ? s.n : e->max_str;

	if (n)
		memmove(own, s.p, n);
	v->p = own;
	v->n = n;
	return v;
}

void local_set_str(Eval *e, const Code *c, Str s, Life life)
{
	if (life == LIFE_HANDLER)
		*local(e, c) = (Value){.p = s.p, .n = s.n};
	else
		set_own(e, c, s);
}

static Str do_set_local_str(Eval *e, const Code *c)
{
	local_set_str(e, c, STR(c->b), c->b->life);
	return value_str(local(e, c));
}

static void global_set_str(Eval *e, Global *g, Str s)
{
	uint32_t n = s.n < e->max_str ? s.n : e->max_str;

	if (n)
		memmove((char *)(uintptr_t)g->str.p, s.p, n);
	g->str.n = n;
}

static Str do_set_global_str(Eval *e, const Code *c)
{
	global_set_str(e, c->g, STR(c->b));
	return c->g->str;
}

static uint32_t append(Eval *e, const char *to, uint32_t n, Str s)
{
	uint32_t room = e->max_str - n, add = s.n < room ? s.n : room;

	if (add)
		memmove((char *)(uintptr_t)to + n, s.p, add);
	return n + add;
}

static Str do_append_local(Eval *e, const Code *c)
{
	Str s = STR(c->b);
	Value *v = local(e, c);

	if (v->p != e->fp + c->buffer)
		v = set_own(e, c, value_str(v));
	v->n = append(e, v->p, v->n, s);
	return value_str(v);
}

static Str do_append_global(Eval *e, const Code *c)
{
	Str s = STR(c->b);

	c->g->str.n = append(e, c->g->str.p, c->g->str.n, s);
	return c->g->str;
}

static Str do_set_elem_str(Eval *e, const Code *c)
{
	Value key[MAX_KEYS];
	Map *m = &c->a->g->map;
	Entry *en;
	Str s;

	keys_eval(e, c->a, key);
	s = STR(c->b);
	if (m->wrap && c->b->life == LIFE_VIEW) /* making room may free what s points at */
		s = tmp_copy(e, c->node, s);
	en = map_need(e, c->a, key);
	entry_set_str(m, en, s);
	return (Str){en->val.str.p, en->val.str.n};
}

static Str do_append_elem(Eval *e, const Code *c)
{
	Value key[MAX_KEYS];
	Str s;
	Entry *en;
	char *p;

	keys_eval(e, c->a, key);
	s = STR(c->b);
	if (c->b->life == LIFE_VIEW)
		s = tmp_copy(e, c->node, s);
	en = map_need(e, c->a, key);
	p = tmp_room(e, c->node, e->max_str);
	if (en->val.str.n)
		memcpy(p, en->val.str.p, en->val.str.n);
	s = tmp_take(e, p, p + append(e, p, en->val.str.n, s));
	entry_set_str(&c->a->g->map, en, s);
	return s;
}

/* ---- choosing ---- */

enum { AT_LOCAL, AT_GLOBAL, AT_ELEM };

static NumFn *const set_num[2][3] = {
    {do_set_local, do_set_global, do_change_elem},
    {do_change_local, do_change_global, do_change_elem},
};

static StrFn *const set_str[2][3] = {
    {do_set_local_str, do_set_global_str, do_set_elem_str},
    {do_append_local, do_append_global, do_append_elem},
};

static int where(const Node *n)
{
	if (n->kind == ND_INDEX)
		return AT_ELEM;
	return n->var.sym->kind == SYM_GLOBAL ? AT_GLOBAL : AT_LOCAL;
}

static Code *elem_target(Compile *cc, const Node *n, const Node *value)
{
	Code *keys = code_new(cc, n->op.a);

	keys_compile(cc, keys, n->op.a, value);
	return keys;
}

const Code *compile_assign(Compile *cc, const Node *n, bool value_used)
{
	const Node *to = n->op.a;
	bool compound = n->op.op != OP_ASSIGN;
	Code *c;

	if (n->op.op >= OP_PREINC && n->op.op <= OP_POSTDEC)
		return compile_step(cc, n);
	if (n->op.op == OP_SAMPLE)
		return compile_sample(cc, n);
	c = code_new(cc, n);
	c->n = (int)(compound ? op_plain(n->op.op) : OP_ASSIGN);
	if (where(to) == AT_ELEM)
		c->a = elem_target(cc, n, n->op.b);
	else
		target_compile(cc, c, to->var.sym);
	c->b = compile_any(cc, n->op.b);
	if (to->var.sym->type == TY_STRING) {
		c->str = set_str[compound][where(to)];
		c->is_str = true;
		c->life = value_used && where(to) == AT_ELEM && compound ? LIFE_TEMP : LIFE_VIEW;
	} else {
		c->num = set_num[compound][where(to)];
	}
	return c;
}
