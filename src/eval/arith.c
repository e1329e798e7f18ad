/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Operators that give a number. Each has a form for any operands and one for a constant on the
 * right; arithmetic wraps at 64 bits, shifts use the low six bits of their count.
 */
#include "eval_int.h"

/* X(name, expression over uint64_t a and b) */
#define WRAPPING(X)                                                                                \
	X(ADD, a + b)                                                                              \
	X(SUB, a - b)                                                                              \
	X(MUL, a *b)                                                                               \
	X(AND, a &b) X(OR, a | b) X(XOR, a ^ b) X(SHL, a << (b & 63))                              \
	    X(SHR, (uint64_t)((int64_t)a >> (b & 63))) X(USHR, a >> (b & 63))                      \
		X(LT, (int64_t)a < (int64_t)b) X(GT, (int64_t)a > (int64_t)b)                      \
		    X(LE, (int64_t)a <= (int64_t)b) X(GE, (int64_t)a >= (int64_t)b) X(EQ, a == b)  \
			X(NE, a != b)

#define DEFINE(name, expr)                                                                         \
	static int64_t do_##name(Eval *e, const Code *c)                                           \
	{                                                                                          \
		uint64_t a = (uint64_t)NUM(c->a), b = (uint64_t)NUM(c->b);                         \
                                                                                                   \
		return (int64_t)(expr);                                                            \
	}                                                                                          \
	static int64_t do_##name##_const(Eval *e, const Code *c)                                   \
	{                                                                                          \
		uint64_t a = (uint64_t)NUM(c->a), b = (uint64_t)c->k;                              \
                                                                                                   \
		return (int64_t)(expr);                                                            \
	}
WRAPPING(DEFINE)

#define ROW(name, expr) [OP_##name] = {do_##name, do_##name##_const},
static const struct {
	NumFn *any, *constant;
} binary[OP_COUNT] = {WRAPPING(ROW)};

static int64_t divide(Eval *e, const Code *c, int64_t a, int64_t b)
{
	if (!b)
		raise_error(e, c->node, "division by 0");
	return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static int64_t modulo(Eval *e, const Code *c, int64_t a, int64_t b)
{
	if (!b)
		raise_error(e, c->node, "division by 0");
	return b == -1 ? 0 : a % b;
}

static int64_t do_DIV(Eval *e, const Code *c)
{
	int64_t a = NUM(c->a);

	return divide(e, c, a, NUM(c->b));
}

static int64_t do_MOD(Eval *e, const Code *c)
{
	int64_t a = NUM(c->a);

	return modulo(e, c, a, NUM(c->b));
}

static int64_t do_LAND(Eval *e, const Code *c)
{
	return NUM(c->a) && NUM(c->b);
}

static int64_t do_LOR(Eval *e, const Code *c)
{
	return NUM(c->a) || NUM(c->b);
}

static int64_t do_NOT(Eval *e, const Code *c)
{
	return !NUM(c->a);
}

static int64_t do_NEG(Eval *e, const Code *c)
{
	return (int64_t)(0 - (uint64_t)NUM(c->a));
}

static int64_t do_COMPL(Eval *e, const Code *c)
{
	return ~NUM(c->a);
}

static int64_t do_COND(Eval *e, const Code *c)
{
	return NUM(c->a) ? NUM(c->b) : NUM(c->c);
}

/* ---- text compared ---- */

static int compare(Eval *e, const Code *c)
{
	Str a = STR(c->a);

	return str_cmp(a, STR(c->b));
}

#define TEXT(X) X(LT, <) X(GT, >) X(LE, <=) X(GE, >=)
#define DEFINE_TEXT(name, op)                                                                      \
	static int64_t text_##name(Eval *e, const Code *c)                                         \
	{                                                                                          \
		return compare(e, c) op 0;                                                         \
	}
TEXT(DEFINE_TEXT)

static int64_t text_EQ(Eval *e, const Code *c)
{
	Str a = STR(c->a);

	return str_equal(a, STR(c->b));
}

static int64_t text_NE(Eval *e, const Code *c)
{
	return !text_EQ(e, c);
}

#define ROW_TEXT(name, op) [OP_##name] = text_##name,
static NumFn *const text_compare[OP_COUNT] = {TEXT(ROW_TEXT)[OP_EQ] = text_EQ, [OP_NE] = text_NE};

/* ---- choosing ---- */

static const Code *binary_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);
	const Node *a = n->op.a, *b = n->op.b;

	c->a = compile_stable(cc, a, b);
	if (a->type == TY_STRING) {
		c->num = text_compare[n->op.op];
		c->b = compile_str(cc, b);
	} else if (b->kind == ND_NUM && binary[n->op.op].constant) {
		c->num = binary[n->op.op].constant;
		c->k = b->num;
	} else {
		c->num = binary[n->op.op].any;
		c->b = compile_num(cc, b);
	}
	return c;
}

static NumFn *special(Op op)
{
	switch ((int)op) {
	case OP_DIV:
		return do_DIV;
	case OP_MOD:
		return do_MOD;
	case OP_LAND:
		return do_LAND;
	case OP_LOR:
		return do_LOR;
	case OP_NOT:
		return do_NOT;
	case OP_NEG:
		return do_NEG;
	case OP_COMPL:
		return do_COMPL;
	case OP_COND:
		return do_COND;
	default:
		return NULL;
	}
}

const Code *compile_num_op(Compile *cc, const Node *n)
{
	NumFn *fn = special(n->op.op);
	Code *c;

	if (n->op.op == OP_PLUS)
		return compile_num(cc, n->op.a);
	if (!fn)
		return binary[n->op.op].any ? binary_code(cc, n) : compile_assign(cc, n, true);
	c = code_new(cc, n);
	c->num = fn;
	c->a = compile_num(cc, n->op.a);
	if (n->op.b)
		c->b = compile_num(cc, n->op.b);
	if (n->op.c)
		c->c = compile_num(cc, n->op.c);
	return c;
}
