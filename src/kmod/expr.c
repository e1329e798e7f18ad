/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expressions. The kernel is compiled with wrapping arithmetic, so most operators are C's own.
 */
#include "kmod_int.h"

#include <inttypes.h>
#include <string.h>

/* ---- order of evaluation ---- */

const Node *later_of(const NodeVec *v, int from, const Node *last)
{
	for (int i = from; i < v->n; i++)
		if (v->v[i] && !node_is_pure(v->v[i]))
			return v->v[i];
	return last && !node_is_pure(last) ? last : NULL;
}

static bool is_fixed(const Node *n)
{
	return n->kind == ND_NUM || n->kind == ND_STR;
}

const char *num_for(Emit *e, const Node *n, const Node *later)
{
	const char *v = num(e, n);

	return is_fixed(n) || !later || node_is_pure(later) ? v : temp_num(e, v);
}

const char *str_for(Emit *e, const Node *n, const Node *later)
{
	const char *v = str(e, n);

	if (is_fixed(n) || !later || node_is_pure(later))
		return v;
	const char *to = temp_str(e);

	emit(e, "rt_set(%s, %s);", to, v);
	return TEXT(e, "rt_view(%s)", to);
}

const char *value_for(Emit *e, const Node *n, const Node *later)
{
	return n->type == TY_STRING ? str_for(e, n, later) : num_for(e, n, later);
}

/* ---- variables ---- */

static const char *var_name(Emit *e, const Symbol *sym)
{
	return sym->kind == SYM_GLOBAL ? global_name(e, sym) : local_name(e, sym);
}

void set_var(Emit *e, const Symbol *sym, const char *value)
{
	if (sym->type == TY_STRING)
		emit(e, "rt_set(&%s, %s);", var_name(e, sym), value);
	else
		emit(e, "%s = %s;", var_name(e, sym), value);
}

static const char *var_read(Emit *e, const Symbol *sym)
{
	return sym->type == TY_STRING ? TEXT(e, "rt_view(&%s)", var_name(e, sym)) : var_name(e, sym);
}

/* ---- operators ---- */

const char *literal(Emit *e, int64_t v)
{
	return v == INT64_MIN ? "S64_MIN" : TEXT(e, "%" PRId64 "LL", v);
}

static const char *divide(Emit *e, const Node *n, Op op, const char *a, const char *b)
{
	const char *v = temp_num(e, TEXT(e, "rt_%s(c, %s, %s, %s)", op == OP_DIV ? "div" : "mod", a, b,
					 place_of(e, n)));

	emit_check(e);
	return v;
}

/* What `a op b` is for numbers. */
static const char *arith(Emit *e, const Node *n, Op op, const char *a, const char *b)
{
	switch ((int)op) {
	case OP_DIV:
	case OP_MOD:
		return divide(e, n, op, a, b);
	case OP_SHL:
	case OP_SHR:
		return TEXT(e, "(%s %s (%s & 63))", a, op_text(op), b);
	case OP_USHR:
		return TEXT(e, "(s64)((u64)%s >> (%s & 63))", a, b);
	default:
		return TEXT(e, "(%s %s %s)", a, op_text(op), b);
	}
}

static const char *compare_text(Emit *e, Op op, const char *a, const char *b)
{
	if (op == OP_EQ || op == OP_NE)
		return TEXT(e, "%srt_same(%s, %s)", op == OP_NE ? "!" : "", a, b);
	return TEXT(e, "(rt_cmp(%s, %s) %s 0)", a, b, op_text(op));
}

static const char *binary(Emit *e, const Node *n)
{
	const Node *x = n->op.a, *y = n->op.b;
	const char *a = value_for(e, x, y), *b = value_for(e, y, NULL);

	return x->type == TY_STRING ? compare_text(e, n->op.op, a, b) : arith(e, n, n->op.op, a, b);
}

/* Evaluate @n into the text @buf, so that it can stand in a branch; the operand. */
static const char *aside(Emit *e, const Node *n, Buf *buf)
{
	Buf *out = e->out;

	e->out = buf;
	e->indent++;
	const char *v = value_for(e, n, NULL);
	e->indent--;
	e->out = out;
	return v;
}

/* && and ||: the right side only runs when it is needed. */
static const char *logic(Emit *e, const Node *n)
{
	bool and = n->op.op == OP_LAND;
	const char *a = num(e, n->op.a), *b, *t;
	Buf right = {0};

	b = aside(e, n->op.b, &right);
	if (!right.n) {
		buf_free(&right);
		return TEXT(e, "(%s %s %s)", a, and ? "&&" : "||", b);
	}
	t = temp_num(e, TEXT(e, "!!%s", a));
	emit(e, "if (%s%s) {", and ? "" : "!", t);
	buf_put(e->out, right.s, right.n);
	emit(e, "\t%s = !!%s;", t, b);
	emit(e, "}");
	buf_free(&right);
	return t;
}

static void branch(Emit *e, const Node *n, const char *to)
{
	e->indent++;
	if (n->type == TY_STRING)
		emit(e, "rt_set(%s, %s);", to, str(e, n));
	else
		emit(e, "%s = %s;", to, num(e, n));
	e->indent--;
}

static const char *choice(Emit *e, const Node *n)
{
	const char *cond = num(e, n->op.a);
	bool text = n->type == TY_STRING;
	const char *to = text ? temp_str(e) : temp_num(e, "0");

	emit(e, "if (%s) {", cond);
	branch(e, n->op.b, to);
	emit(e, "} else {");
	branch(e, n->op.c, to);
	emit(e, "}");
	return text ? TEXT(e, "rt_view(%s)", to) : to;
}

/* ---- assignment ---- */

static bool is_assign(Op op)
{
	return op == OP_ASSIGN || op_plain(op) != OP_COUNT;
}

static bool is_step(Op op)
{
	return op >= OP_PREINC && op <= OP_POSTDEC;
}

/* Where an assignment goes: a variable or a field of an entry; text as "&..." */
static const char *place(Emit *e, const Node *to, const char *const *key)
{
	const Symbol *sym = to->var.sym;

	if (to->kind == ND_INDEX) {
		const char *entry = entry_need(e, to, key);
		return sym->type == TY_STRING ? TEXT(e, "%s->str", entry) : TEXT(e, "%s->num", entry);
	}
	return sym->type == TY_STRING ? TEXT(e, "&%s", var_name(e, sym)) : var_name(e, sym);
}

static const char *assign_text(Emit *e, const Node *n, const char *const *key)
{
	const char *v = n->op.a->kind == ND_INDEX ? str_for(e, n->op.b, n) : str(e, n->op.b);
	const char *to = place(e, n->op.a, key);

	emit(e, "rt_%s(%s, %s);", n->op.op == OP_ASSIGN ? "set" : "append", to, v);
	return TEXT(e, "rt_view(%s)", to);
}

static const char *assign_num(Emit *e, const Node *n, const char *const *key)
{
	const char *v = num(e, n->op.b), *to;

	if (n->op.a->kind == ND_INDEX && !is_fixed(n->op.b))
		v = temp_num(e, v);
	to = place(e, n->op.a, key);
	emit(e, "%s = %s;", to,
	     n->op.op == OP_ASSIGN ? v : arith(e, n, op_plain(n->op.op), to, v));
	return to;
}

static bool is_target(const Node *n)
{
	return n->kind != ND_INDEX && n->kind != ND_VAR;
}

/* The text that a procfs probe gives to its reader. */
static const char *assign_answer(Emit *e, const Node *n)
{
	emit(e, "rt_answer_%s(c, %s);", n->op.op == OP_ASSIGN ? "set" : "append", str(e, n->op.b));
	return "rt_answer(c)";
}

static const char *assign_target(Emit *e, const Node *n)
{
	const char *was = n->op.op == OP_ASSIGN ? NULL : temp_num(e, num(e, n->op.a));
	const char *v = num(e, n->op.b);

	v = temp_num(e, was ? arith(e, n, op_plain(n->op.op), was, v) : v);
	target_write(e, n->op.a, v);
	return v;
}

static const char *step_target(Emit *e, const Node *n, bool up, bool after)
{
	const char *was = temp_num(e, num(e, n->op.a));
	const char *v = temp_num(e, TEXT(e, "%s %c 1", was, up ? '+' : '-'));

	target_write(e, n->op.a, v);
	return after ? was : v;
}

static const char *assign(Emit *e, const Node *n)
{
	const char *key[MAX_KEYS];

	if (is_target(n->op.a))
		return n->type == TY_STRING ? assign_answer(e, n) : assign_target(e, n);
	if (n->op.a->kind == ND_INDEX)
		keys(e, n->op.a, n->op.b, key);
	return n->op.a->var.sym->type == TY_STRING ? assign_text(e, n, key) : assign_num(e, n, key);
}

static const char *step(Emit *e, const Node *n)
{
	bool up = n->op.op == OP_PREINC || n->op.op == OP_POSTINC;
	bool after = n->op.op == OP_POSTINC || n->op.op == OP_POSTDEC;
	const char *key[MAX_KEYS], *to, *was;

	if (is_target(n->op.a))
		return step_target(e, n, up, after);
	if (n->op.a->kind == ND_INDEX)
		keys(e, n->op.a, NULL, key);
	to = place(e, n->op.a, key);
	was = after ? temp_num(e, to) : NULL;
	emit(e, "%s%s;", to, up ? "++" : "--");
	return after ? was : to;
}

static const char *num_op(Emit *e, const Node *n)
{
	switch ((int)n->op.op) {
	case OP_LAND:
	case OP_LOR:
		return logic(e, n);
	case OP_COND:
		return choice(e, n);
	case OP_PLUS:
		return num(e, n->op.a);
	case OP_NEG:
	case OP_NOT:
	case OP_COMPL:
		return TEXT(e, "(%s%s)", op_text(n->op.op), num(e, n->op.a));
	case OP_SAMPLE:
		sample(e, n);
		return "0";
	default:
		break;
	}
	return is_step(n->op.op) ? step(e, n) : is_assign(n->op.op) ? assign(e, n) : binary(e, n);
}

static const char *concat(Emit *e, const Node *n)
{
	const char *a = str_for(e, n->op.a, n->op.b), *b = str(e, n->op.b), *to = temp_str(e);

	emit(e, "rt_concat(%s, %s, %s);", to, a, b);
	return TEXT(e, "rt_view(%s)", to);
}

/* ---- by kind ---- */

const char *num(Emit *e, const Node *n)
{
	switch ((int)n->kind) {
	case ND_NUM:
		return literal(e, n->num);
	case ND_VAR:
		return var_read(e, n->var.sym);
	case ND_INDEX:
		return index_read(e, n);
	case ND_OP:
		return num_op(e, n);
	case ND_IN:
		return in_array(e, n);
	case ND_CALL:
		return call(e, n);
	case ND_PRINT:
		return print_call(e, n);
	case ND_STAT:
		return stat_read(e, n);
	case ND_HIST:
		return hist_bucket(e, n);
	case ND_REGEX:
		return regex_match(e, n);
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
		return target_read(e, n);
	case ND_ENTRY:
		return kept_read(e, n);
	case ND_EMBED:
		return embed_expr(e, n);
	default:
		missing(e, n, node_kind_text(n->kind));
		return "0";
	}
}

const char *str(Emit *e, const Node *n)
{
	switch ((int)n->kind) {
	case ND_STR:
		return c_lit(e, n->str, strnlen(n->str, string_most(e)));
	case ND_VAR:
		return var_read(e, n->var.sym);
	case ND_INDEX:
		return index_read(e, n);
	case ND_CALL:
		return call(e, n);
	case ND_ENTRY:
		return kept_read(e, n);
	case ND_TARGET:
		return target_read(e, n);
	case ND_PRINT:
		return print_call(e, n);
	case ND_EMBED:
		return embed_expr(e, n);
	case ND_OP:
		if (n->op.op == OP_CAT)
			return concat(e, n);
		if (n->op.op == OP_COND)
			return choice(e, n);
		return assign(e, n);
	default:
		missing(e, n, node_kind_text(n->kind));
		return "RT_LIT(\"\")";
	}
}

void effect(Emit *e, const Node *n)
{
	const char *v;

	if (only_adds(n) && n->op.op != OP_SAMPLE && has_parts(e, n->op.a->var.sym)) {
		add(e, n);
		return;
	}
	if (n->kind == ND_OP && (is_assign(n->op.op) || is_step(n->op.op) || n->op.op == OP_SAMPLE)) {
		if (n->type == TY_STRING)
			str(e, n);
		else
			num(e, n);
		return;
	}
	v = n->type == TY_STRING ? str(e, n) : num(e, n);
	if (*v == 'n' && n->kind == ND_OP) /* a temporary that nobody reads */
		emit(e, "(void)%s;", v);
}
