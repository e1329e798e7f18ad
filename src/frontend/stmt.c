/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parser: statements, one function each, named after what it reads.
 */
#include "frontend/frontend_int.h"

static Node *statement(Parser *p);

Node *parse_block(Parser *p)
{
	Token *open = expect(p, "{", "to open a block");
	Node *n = node_new(p->a, ND_BLOCK, open->loc);

	while (!accept(p, "}")) {
		if (p->tok->kind == TK_EOF || at_definition(p)) {
			parse_if_told(p);
			parse_report(p, DIAG_UNEXPECTED_TOKEN, p->tok->loc,
				     "'}' expected, found %s", tok_text(p->a, p->tok));
			diag_note(p->d, open->loc, "the block was opened here");
			parse_escape(p);
		}
		vec_push(p->a, &n->block, statement(p));
	}
	return n;
}

static Node *loop_body(Parser *p)
{
	Node *body;

	p->loops++;
	body = statement(p);
	p->loops--;
	return body;
}

static Node *paren_expr(Parser *p, const char *where)
{
	Node *e;

	expect(p, "(", where);
	e = parse_expr(p);
	expect(p, ")", "to close the condition");
	return e;
}

static Node *if_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_IF, advance(p)->loc);

	n->flow.cond = paren_expr(p, "after 'if'");
	n->flow.body = statement(p);
	if (accept(p, "else"))
		n->flow.otherwise = statement(p);
	return n;
}

static Node *while_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_WHILE, advance(p)->loc);

	n->flow.cond = paren_expr(p, "after 'while'");
	n->flow.body = loop_body(p);
	return n;
}

static Node *for_part(Parser *p, const char *end)
{
	Node *e = peek(p, end) ? NULL : parse_expr(p);

	expect(p, end, "in 'for (start; condition; step)'");
	return e;
}

static Node *for_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_FOR, advance(p)->loc);

	expect(p, "(", "after 'for'");
	n->flow.init = for_part(p, ";");
	n->flow.cond = for_part(p, ";");
	n->flow.step = for_part(p, ")");
	n->flow.body = loop_body(p);
	return n;
}

/* + or - behind a key, the value or the array: what the loop is sorted by. */
static void sort_suffix(Parser *p, Node *n, SortBy by, int key)
{
	if (!peek(p, "+") && !peek(p, "-"))
		return;
	if (n->foreach.sort != SORT_NONE)
		parse_fail(p, DIAG_UNEXPECTED_TOKEN, p->tok->loc,
			   "foreach can be sorted by one thing only");
	n->foreach.sort = by;
	n->foreach.sort_key = key;
	n->foreach.sort_dir = peek(p, "+") ? 1 : -1;
	advance(p);
}

static void foreach_key(Parser *p, Node *n)
{
	Token *t = expect_name(p, "a loop variable");

	vec_push(p->a, &n->foreach.key_names, t->text);
	vec_push(p->a, &n->foreach.key_locs, t->loc);
	sort_suffix(p, n, SORT_KEY, n->foreach.key_names.n - 1);
}

/* [value =] key  or  [value =] [key, key] */
static void foreach_variables(Parser *p, Node *n)
{
	if (p->tok->kind == TK_NAME && !is_keyword(p, p->tok)) {
		foreach_key(p, n);
		if (!accept(p, "="))
			return;
		n->foreach.value_name = n->foreach.key_names.v[0];
		n->foreach.value_loc = n->foreach.key_locs.v[0];
		n->foreach.key_names.n = n->foreach.key_locs.n = 0;
		if (n->foreach.sort == SORT_KEY)
			n->foreach.sort = SORT_VALUE;
		if (!peek(p, "[")) {
			foreach_key(p, n);
			return;
		}
	}
	expect(p, "[", "or a loop variable after 'foreach ('");
	do
		foreach_key(p, n);
	while (accept(p, ","));
	expect(p, "]", "after the loop variables");
}

static void foreach_array(Parser *p, Node *n)
{
	Node *array;
	Token *t;

	if (p->tok->kind == TK_NAME && p->tok->text[0] == '@') {
		n->foreach.array = parse_hist(p, advance(p));
		sort_suffix(p, n, SORT_VALUE, 0);
		if (n->foreach.key_names.n > 1)
			parse_report(p, DIAG_HISTOGRAM, n->foreach.array->loc,
				     "a histogram has one key, the number of the bucket");
		return;
	}
	t = expect_name(p, "an array");
	array = node_new(p->a, peek(p, "[") ? ND_INDEX : ND_VAR, t->loc);
	array->var.name = t->text;
	if (accept(p, "["))
		parse_keys(p, &array->var.keys, true);
	n->foreach.array = array;
	if (p->tok->kind == TK_NAME && stat_op_of(p->tok->text, &n->foreach.sort_stat)) {
		advance(p);
		if (!peek(p, "+") && !peek(p, "-"))
			unexpected(p, "'+' or '-'");
		sort_suffix(p, n, SORT_STAT, 0);
	} else {
		sort_suffix(p, n, SORT_VALUE, 0);
	}
}

static Node *foreach_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_FOREACH, advance(p)->loc);

	expect(p, "(", "after 'foreach'");
	foreach_variables(p, n);
	expect(p, "in", "after the loop variables");
	foreach_array(p, n);
	if (accept(p, "limit"))
		n->foreach.limit = parse_expr(p);
	expect(p, ")", "to close 'foreach ('");
	n->foreach.body = loop_body(p);
	return n;
}

static Node *try_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_TRY, advance(p)->loc);

	n->try.body = parse_block(p);
	expect(p, "catch", "after the block of 'try'");
	if (accept(p, "(")) {
		n->try.msg_name = expect_name(p, "a variable for the message")->text;
		expect(p, ")", "after the variable");
	}
	n->try.handler = parse_block(p);
	return n;
}

static Node *jump(Parser *p, NodeKind kind)
{
	Token *t = advance(p);

	if ((kind == ND_BREAK || kind == ND_CONTINUE) && !p->loops)
		parse_report(p, DIAG_MISPLACED, t->loc, "'%s' outside of a loop", t->text);
	return node_new(p->a, kind, t->loc);
}

static Node *return_statement(Parser *p)
{
	Node *n = jump(p, ND_RETURN);

	if (!p->function)
		parse_report(p, DIAG_MISPLACED, n->loc,
			     "'return' outside of a function; 'next' leaves a probe");
	if (!peek(p, ";") && !peek(p, "}"))
		n->ret = parse_expr(p);
	return n;
}

static Node *delete_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_DELETE, advance(p)->loc);

	p->stars = true;
	n->del = parse_expr(p);
	p->stars = false;
	if (n->del->kind != ND_VAR && n->del->kind != ND_INDEX)
		parse_report(p, DIAG_BAD_LVALUE, n->del->loc, "%s cannot be deleted",
			     node_text(p->a, n->del));
	return n;
}

static Node *expr_statement(Parser *p)
{
	Node *n = node_new(p->a, ND_EXPR, p->tok->loc);

	n->unary.operand = parse_expr(p);
	return n;
}

/* Statements that may be followed by one ';'. */
static Node *simple_statement(Parser *p)
{
	Node *n = peek(p, "break")	? jump(p, ND_BREAK)
		  : peek(p, "continue") ? jump(p, ND_CONTINUE)
		  : peek(p, "next")	? jump(p, ND_NEXT)
		  : peek(p, "return")	? return_statement(p)
		  : peek(p, "delete")	? delete_statement(p)
					: expr_statement(p);

	accept(p, ";");
	return n;
}

static Node *statement(Parser *p)
{
	static const struct {
		const char *word;
		Node *(*parse)(Parser *p);
	} compound[] = {
	    {"{", parse_block},	    {"if", if_statement},	    {"while", while_statement},
	    {"for", for_statement}, {"foreach", foreach_statement}, {"try", try_statement},
	};
	Node *n = NULL;

	parse_deeper(p);
	if (peek(p, ";"))
		n = node_new(p->a, ND_NULL, advance(p)->loc);
	for (size_t i = 0; !n && i < ARRAY_SIZE(compound); i++)
		if (peek(p, compound[i].word))
			n = compound[i].parse(p);
	if (!n)
		n = simple_statement(p);
	p->depth--;
	return n;
}
