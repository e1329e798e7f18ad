/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dump: the tree as source text. Every operator inside another is put in parentheses (but not the
 * left side of a + b + c), so that the text parses to the identical tree again without anyone
 * knowing the precedences. The same printer makes the short texts in messages.
 */
#include "frontend/frontend_int.h"

#include <ctype.h>
#include <inttypes.h>

static void put_expr(Buf *b, const Node *n, bool inner);
static void put_statement(Buf *b, const Node *n, int indent);

static void put_list(Buf *b, const NodeVec *v)
{
	for (int i = 0; i < v->n; i++) {
		buf_puts(b, i ? ", " : "");
		if (v->v[i])
			put_expr(b, v->v[i], false);
		else
			buf_putc(b, '*');
	}
}

/* ---- literals ---- */

static void put_string(Buf *b, const char *s)
{
	static const char plain[] = "\a\b\t\n\v\f\r\"\\", letter[] = "abtnvfr\"\\";

	buf_putc(b, '"');
	for (; *s; s++) {
		const char *at = strchr(plain, *s);

		if (at)
			buf_printf(b, "\\%c", letter[at - plain]);
		else if (isprint((unsigned char)*s) || (unsigned char)*s >= 0x80)
			buf_putc(b, *s);
		else
			buf_printf(b, "\\%03o", (unsigned char)*s);
	}
	buf_putc(b, '"');
}

static void put_number(Buf *b, int64_t num)
{
	if (num == INT64_MIN)
		buf_puts(b, "0x8000000000000000"); /* minus its positive would not be a number */
	else
		buf_printf(b, "%" PRId64, num);
}

/* ---- expressions ---- */

static void put_operand(Buf *b, const Node *n)
{
	put_expr(b, n, true);
}

/* Is @n the left side of an operator of the same level, as in a + b - c? */
static bool is_chain(const Node *n, Op op)
{
	static const int level[OP_COUNT] = {
#define OP(name, text, arity, level, operand, result) [OP_##name] = level,
#include "ops.def"
#undef OP
	};
	enum { LEFT_TO_RIGHT = 3, COMPARISON = 9 }; /* levels: from this on; hard to read */

	return n->kind == ND_OP && level[op] >= LEFT_TO_RIGHT && level[op] != COMPARISON &&
	       level[n->op.op] == level[op];
}

static void put_op(Buf *b, const Node *n)
{
	Op op = n->op.op;

	if (op == OP_COND) {
		put_operand(b, n->op.a);
		buf_puts(b, " ? ");
		put_operand(b, n->op.b);
		buf_puts(b, " : ");
		put_operand(b, n->op.c);
	} else if (n->op.b) {
		put_expr(b, n->op.a, !is_chain(n->op.a, op));
		buf_printf(b, " %s ", op_text(op));
		put_expr(b, n->op.b, !op_writes(op)); /* assignments go from right to left anyway */
	} else if (op == OP_POSTINC || op == OP_POSTDEC) {
		put_operand(b, n->op.a);
		buf_puts(b, op_text(op));
	} else {
		buf_puts(b, op_text(op));
		put_operand(b, n->op.a);
	}
}

static void put_path(Buf *b, const Target *t)
{
	for (int i = 0; i < t->path.n; i++) {
		const Access *step = &t->path.v[i];

		if (step->member) {
			buf_printf(b, "->%s", step->member);
		} else {
			buf_putc(b, '[');
			put_expr(b, step->index, false);
			buf_putc(b, ']');
		}
	}
	buf_puts(b, t->pretty == 2 ? "$$" : t->pretty == 1 ? "$" : "");
}

static void put_module(Buf *b, const char *module)
{
	if (!module)
		return;
	buf_puts(b, ", ");
	put_string(b, module);
}

static void put_target(Buf *b, const Node *n)
{
	buf_puts(b, n->target.addr_of ? "&" : "");
	if (n->kind == ND_TARGET) {
		buf_puts(b, n->target.name);
	} else if (n->kind == ND_ATVAR) {
		buf_puts(b, "@var(");
		put_string(b, n->target.name);
		put_module(b, n->target.module);
		buf_putc(b, ')');
	} else if (n->kind == ND_CAST) {
		buf_puts(b, "@cast(");
		put_expr(b, n->target.base, false);
		buf_puts(b, ", ");
		put_string(b, n->target.type_name);
		put_module(b, n->target.module);
		buf_putc(b, ')');
	} else if (n->target.base->kind == ND_VAR && n->target.path.n &&
		   n->target.path.v[0].index) {
		buf_printf(b, "(%s)", n->target.base->var.name); /* not an array element */
	} else {
		put_operand(b, n->target.base);
	}
	put_path(b, &n->target);
}

const char *print_kind_text(PrintKind kind)
{
	switch (kind) {
	case PR_PRINT:
		return "print";
	case PR_PRINTLN:
		return "println";
	case PR_PRINTD:
		return "printd";
	case PR_PRINTDLN:
		return "printdln";
	case PR_PRINTF:
		return "printf";
	case PR_CHAR:
		return "print_char";
	}
	return "?";
}

static void put_print(Buf *b, const Node *n)
{
	buf_printf(b, "%s%s(", n->print.to_string ? "s" : "", print_kind_text(n->print.kind));
	if (n->print.format) {
		put_string(b, n->print.format);
		buf_puts(b, n->print.args.n ? ", " : "");
	}
	put_list(b, &n->print.args);
	buf_putc(b, ')');
}

const char *stat_op_text(StatOp op)
{
	switch (op) {
	case ST_COUNT:
		return "@count";
	case ST_SUM:
		return "@sum";
	case ST_MIN:
		return "@min";
	case ST_MAX:
		return "@max";
	case ST_AVG:
		return "@avg";
	case ST_VARIANCE:
		return "@variance";
	}
	return "?";
}

static void put_stat(Buf *b, const Node *n)
{
	buf_printf(b, "%s(", stat_op_text(n->stat.op));
	put_expr(b, n->stat.operand, false);
	if (n->stat.op == ST_VARIANCE && n->stat.param[0])
		buf_printf(b, ", %" PRId64, n->stat.param[0]);
	buf_putc(b, ')');
}

static void put_hist(Buf *b, const Node *n)
{
	buf_puts(b, n->stat.log ? "@hist_log(" : "@hist_linear(");
	put_expr(b, n->stat.operand, false);
	for (int i = 0; !n->stat.log && i < 3; i++)
		buf_printf(b, ", %" PRId64, n->stat.param[i]);
	buf_putc(b, ')');
	if (n->stat.bucket) {
		buf_putc(b, '[');
		put_expr(b, n->stat.bucket, false);
		buf_putc(b, ']');
	}
}

static void put_wrapped(Buf *b, const char *name, const Node *operand)
{
	buf_printf(b, "%s(", name);
	put_expr(b, operand, false);
	buf_putc(b, ')');
}

static void put_in(Buf *b, const Node *n)
{
	buf_putc(b, '[');
	put_list(b, &n->var.keys);
	buf_puts(b, "] in ");
	if (n->var.hist)
		put_hist(b, n->var.hist);
	else
		buf_puts(b, n->var.name);
}

static void put_regex(Buf *b, const Node *n)
{
	put_operand(b, n->regex.subject);
	buf_puts(b, n->regex.negate ? " !~ " : " =~ ");
	put_string(b, n->regex.pattern);
}

static void put_var(Buf *b, const Node *n)
{
	buf_puts(b, n->var.name);
	if (n->kind != ND_INDEX)
		return;
	buf_putc(b, '[');
	put_list(b, &n->var.keys);
	buf_putc(b, ']');
}

static void put_call(Buf *b, const Node *n)
{
	buf_printf(b, "%s(", n->call.name);
	put_list(b, &n->call.args);
	buf_putc(b, ')');
}

static void put_simple(Buf *b, const Node *n)
{
	switch (n->kind) {
	case ND_NUM:
		put_number(b, n->num);
		return;
	case ND_STR:
		put_string(b, n->str);
		return;
	case ND_VAR:
	case ND_INDEX:
		put_var(b, n);
		return;
	case ND_OP:
		put_op(b, n);
		return;
	case ND_IN:
		put_in(b, n);
		return;
	case ND_CALL:
		put_call(b, n);
		return;
	case ND_PRINT:
		put_print(b, n);
		return;
	case ND_REGEX:
		put_regex(b, n);
		return;
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
		put_target(b, n);
		return;
	case ND_DEFINED:
		put_wrapped(b, "@defined", n->unary.operand);
		return;
	case ND_ENTRY:
		put_wrapped(b, "@entry", n->unary.operand);
		return;
	case ND_PROBEWRITE:
		put_wrapped(b, "@probewrite", n->unary.operand);
		return;
	case ND_STAT:
		put_stat(b, n);
		return;
	case ND_HIST:
		put_hist(b, n);
		return;
	case ND_EMBED:
		buf_printf(b, "%%{%s%%}", n->embed->text);
		return;
	case ND_CAPTURE:
		put_expr(b, n->capture.orig, false);
		return;
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
		return;
	}
}

/* @inner: part of a larger expression, so operators need parentheses. */
static void put_expr(Buf *b, const Node *n, bool inner)
{
	bool paren = inner && ((n->kind == ND_NUM && n->num < 0) || n->kind == ND_OP ||
			       n->kind == ND_IN || n->kind == ND_REGEX ||
			       (n->target.addr_of && (n->kind == ND_TARGET || n->kind == ND_CAST ||
						      n->kind == ND_ATVAR || n->kind == ND_DEREF)));

	buf_puts(b, paren ? "(" : "");
	put_simple(b, n);
	buf_puts(b, paren ? ")" : "");
}

/* ---- statements ---- */

static void tabs(Buf *b, int indent)
{
	for (int i = 0; i < indent; i++)
		buf_putc(b, '\t');
}

/* The statement under an if or a loop: a block stays on the line, others go below. */
static void put_body(Buf *b, const Node *n, int indent)
{
	buf_putc(b, '\n');
	put_statement(b, n, n->kind == ND_BLOCK ? indent : indent + 1);
}

static void put_optional(Buf *b, const Node *n)
{
	if (n)
		put_expr(b, n, false);
}

static void put_flow(Buf *b, const Node *n, int indent)
{
	buf_printf(b, "%s (", node_kind_text(n->kind));
	if (n->kind == ND_FOR) {
		put_optional(b, n->flow.init);
		buf_puts(b, "; ");
		put_optional(b, n->flow.cond);
		buf_puts(b, "; ");
		put_optional(b, n->flow.step);
	} else {
		put_expr(b, n->flow.cond, false);
	}
	buf_putc(b, ')');
	put_body(b, n->flow.body, indent);
	if (!n->flow.otherwise)
		return;
	tabs(b, indent);
	buf_puts(b, "else");
	put_body(b, n->flow.otherwise, indent);
}

static void put_sort(Buf *b, const Node *n, SortBy by, int key)
{
	if (n->foreach.sort == by && (by != SORT_KEY || n->foreach.sort_key == key))
		buf_putc(b, n->foreach.sort_dir > 0 ? '+' : '-');
}

static void put_foreach(Buf *b, const Node *n, int indent)
{
	buf_puts(b, "foreach (");
	if (n->foreach.value_name)
		buf_printf(b, "%s = ", n->foreach.value_name);
	for (int i = 0; i < n->foreach.key_names.n; i++) {
		buf_printf(b, "%s%s", i ? ", " : "[", n->foreach.key_names.v[i]);
		put_sort(b, n, SORT_KEY, i);
	}
	buf_puts(b, "] in ");
	put_expr(b, n->foreach.array, false);
	if (n->foreach.sort == SORT_STAT)
		buf_printf(b, " %s", stat_op_text(n->foreach.sort_stat));
	put_sort(b, n, SORT_VALUE, 0);
	put_sort(b, n, SORT_STAT, 0);
	if (n->foreach.limit) {
		buf_puts(b, " limit ");
		put_expr(b, n->foreach.limit, false);
	}
	buf_putc(b, ')');
	put_body(b, n->foreach.body, indent);
}

static void put_block(Buf *b, const Node *n, int indent)
{
	buf_puts(b, "{\n");
	for (int i = 0; i < n->block.n; i++)
		put_statement(b, n->block.v[i], indent + 1);
	tabs(b, indent);
	buf_puts(b, "}\n");
}

static void put_try(Buf *b, const Node *n, int indent)
{
	buf_puts(b, "try\n");
	put_statement(b, n->try.body, indent);
	tabs(b, indent);
	buf_puts(b, "catch");
	if (n->try.msg_name)
		buf_printf(b, " (%s)", n->try.msg_name);
	buf_putc(b, '\n');
	put_statement(b, n->try.handler, indent);
}

/* break, return x; and the like: a word, perhaps an expression. */
static void put_word(Buf *b, const char *word, const Node *e)
{
	buf_puts(b, word);
	buf_puts(b, e && *word ? " " : "");
	put_optional(b, e);
	buf_puts(b, ";\n");
}

static void put_statement(Buf *b, const Node *n, int indent)
{
	tabs(b, indent);
	if (n->kind == ND_BLOCK)
		put_block(b, n, indent);
	else if (n->kind == ND_EXPR)
		put_word(b, "", n->unary.operand);
	else if (n->kind == ND_IF || n->kind == ND_WHILE || n->kind == ND_FOR)
		put_flow(b, n, indent);
	else if (n->kind == ND_FOREACH)
		put_foreach(b, n, indent);
	else if (n->kind == ND_TRY)
		put_try(b, n, indent);
	else if (n->kind == ND_RETURN)
		put_word(b, "return", n->ret);
	else if (n->kind == ND_DELETE)
		put_word(b, "delete", n->del);
	else if (n->kind == ND_NULL)
		put_word(b, "", NULL);
	else
		put_word(b, node_kind_text(n->kind), NULL);
}

void dump_node(Buf *b, const Node *n, int indent)
{
	put_statement(b, n, indent);
}

void dump_expr(Buf *b, const Node *n)
{
	put_expr(b, n, false);
}

void dump_string(Buf *b, const char *s)
{
	put_string(b, s);
}

const char *node_text(Arena *a, const Node *n)
{
	Buf b = {0};
	const char *text;

	put_expr(&b, n, false);
	text = b.n > 60 ? arena_printf(a, "%.57s...", buf_str(&b)) : arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}
