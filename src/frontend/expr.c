/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expressions. Infix operators are one loop over the levels of ops.def; `in` and `=~` have levels
 * there too but a grammar of their own. Then what stands at the leaves: names, literals, target
 * variables and their paths. Calls and @-operators are in call.c.
 */
#include "frontend/frontend_int.h"

#define LEVEL_LOR 3
#define LEVEL_IN 8
#define LEVEL_COMPARE 9

static Node *unary(Parser *p);
static Node *postfix(Parser *p);

static const struct Infix {
	const char *text;
	Op op;
	int arity, level;
} infix[] = {
#define OP(name, text, arity, level, operand, result) {text, OP_##name, arity, level},
#include "ops.def"
#undef OP
};

/* The infix operator that @t is, on a level from @min to @max. */
static const struct Infix *infix_of(const Token *t, int min, int max)
{
	if (t->kind != TK_PUNCT)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(infix); i++)
		if (infix[i].arity == 2 && infix[i].level >= min && infix[i].level <= max &&
		    !strcmp(infix[i].text, t->text))
			return &infix[i];
	return NULL;
}

static Node *op_node(Parser *p, Op op, Loc loc, Node *a, Node *b)
{
	Node *n = node_new(p->a, ND_OP, loc);

	n->op.op = op;
	n->op.a = a;
	n->op.b = b;
	return n;
}

/* ---- infix ---- */

enum { MOST_OPERATORS = 2000 };

static void count_operator(Parser *p, Loc loc)
{
	if (++p->operators > MOST_OPERATORS)
		parse_fail(p, DIAG_TOO_DEEP, loc, "more than %d operators in one expression",
			   MOST_OPERATORS);
}

/* in A, behind the keys. */
static Node *in_test(Parser *p, Node *n)
{
	Token *t;

	expect(p, "in", "after the keys");
	if (p->tok->kind == TK_NAME && p->tok->text[0] == '@') {
		n->var.hist = parse_hist(p, advance(p));
		return n;
	}
	t = expect_name(p, "an array");
	n->var.name = t->text;
	return n;
}

static Node *in_list(Parser *p)
{
	Node *n = node_new(p->a, ND_IN, advance(p)->loc);

	parse_keys(p, &n->var.keys, true);
	return in_test(p, n);
}

static Node *in_one(Parser *p, Node *key)
{
	Node *n = node_new(p->a, ND_IN, p->tok->loc);

	vec_push(p->a, &n->var.keys, key);
	return in_test(p, n);
}

static Node *regex(Parser *p, Node *subject)
{
	Node *n = node_new(p->a, ND_REGEX, p->tok->loc);

	n->regex.subject = subject;
	n->regex.negate = advance(p)->text[0] == '!';
	n->regex.pattern_loc = p->tok->loc;
	n->regex.pattern = expect_string(p, "a regular expression")->text;
	return n;
}

/* Operators of level @min and above. @max falls after `in` and `=~`, which do not chain. */
static Node *binary(Parser *p, int min)
{
	int max = 99;
	Node *left;

	if (min <= LEVEL_IN && peek(p, "[")) {
		left = in_list(p);
		max = LEVEL_IN - 1;
	} else {
		left = unary(p);
	}
	for (;;) {
		const struct Infix *in = infix_of(p->tok, min < LEVEL_LOR ? LEVEL_LOR : min, max);

		if (in) {
			Loc loc = advance(p)->loc;

			count_operator(p, loc);
			left = op_node(p, in->op, loc, left, binary(p, in->level + 1));
		} else if (peek(p, "in") && min <= LEVEL_IN && max >= LEVEL_IN) {
			left = in_one(p, left);
			max = LEVEL_IN - 1;
		} else if ((peek(p, "=~") || peek(p, "!~")) && min <= LEVEL_COMPARE &&
			   max >= LEVEL_COMPARE) {
			left = regex(p, left);
			max = LEVEL_IN;
		} else {
			return left;
		}
	}
}

static Node *parse_ternary(Parser *p)
{
	Node *cond = binary(p, LEVEL_LOR), *n;

	if (!peek(p, "?"))
		return cond;
	n = op_node(p, OP_COND, advance(p)->loc, cond, NULL);
	n->op.b = parse_expr(p);
	expect(p, ":", "in 'condition ? value : value'");
	parse_deeper(p);
	n->op.c = since(p, "4.0") ? parse_ternary(p) : parse_expr(p);
	p->depth--;
	return n;
}

bool parse_is_lvalue(const Node *n)
{
	if (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_ATVAR ||
	    n->kind == ND_DEREF)
		return !n->target.addr_of && !n->target.pretty;
	return n->kind == ND_VAR || n->kind == ND_INDEX;
}

static void check_lvalue(Parser *p, const Node *n, const char *what)
{
	if (!parse_is_lvalue(n))
		parse_report(p, DIAG_BAD_LVALUE, n->loc, "%s cannot be %s", node_text(p->a, n),
			     what);
}

Node *parse_expr(Parser *p)
{
	const struct Infix *in;
	Node *left;
	Loc loc;

	parse_deeper(p);
	p->operators = p->exprs++ ? p->operators : 0;
	left = parse_ternary(p);
	in = infix_of(p->tok, 1, 1);
	if (in) {
		check_lvalue(p, left, "assigned to");
		loc = advance(p)->loc;
		left = op_node(p, in->op, loc, left, parse_expr(p));
	}
	p->exprs--;
	p->depth--;
	return left;
}

/* ---- prefix and postfix ---- */

static Node *crement(Parser *p)
{
	bool before = peek(p, "++") || peek(p, "--");
	Token *t = p->tok;
	Node *e;

	if (before)
		advance(p);
	e = postfix(p);
	if (!before) {
		t = p->tok;
		if (!peek(p, "++") && !peek(p, "--"))
			return e;
		advance(p);
	}
	check_lvalue(p, e, t->text[0] == '+' ? "incremented" : "decremented");
	if (t->text[0] == '+')
		return op_node(p, before ? OP_PREINC : OP_POSTINC, t->loc, e, NULL);
	return op_node(p, before ? OP_PREDEC : OP_POSTDEC, t->loc, e, NULL);
}

/* -1 is a literal, so that what the dump makes of 0xffffffffffffffff is the same tree. */
static Node *negated(Parser *p, Loc loc, Node *a)
{
	if (a->kind != ND_NUM)
		return op_node(p, OP_NEG, loc, a, NULL);
	a->num = (int64_t) - (uint64_t)a->num;
	a->loc = loc;
	return a;
}

static Node *unary(Parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(infix); i++) {
		if (infix[i].arity == 1 && !infix[i].text[1] && peek(p, infix[i].text)) {
			Loc loc = advance(p)->loc;
			Node *a;

			parse_deeper(p);
			a = unary(p);
			p->depth--;
			if (infix[i].op == OP_NEG)
				return negated(p, loc, a);
			return op_node(p, infix[i].op, loc, a, NULL);
		}
	}
	return crement(p);
}

/* How many $ stand at the end of @name, if more than that precedes them: 0, 1 or 2. */
static int pretty_suffix(const char *name, size_t *len)
{
	size_t lead = strspn(name, "$"), n = strlen(name);
	int pretty = 0;

	while (n > lead && n > 1 && name[n - 1] == '$' && pretty < 2) {
		n--;
		pretty++;
	}
	*len = n;
	return pretty;
}

/* ->member  [index]  and the $ or $$ that ends it. */
void parse_path(Parser *p, Target *t)
{
	while (!t->pretty) {
		Access step = {.loc = p->tok->loc};
		size_t len;

		if (accept(p, "->")) {
			if (p->tok->kind != TK_NAME)
				unexpected(p, "the name of a member");
			step.loc = p->tok->loc;
			step.member = advance(p)->text;
			t->pretty = pretty_suffix(step.member, &len);
			step.member = arena_strndup(p->a, step.member, len);
		} else if (accept(p, "[")) {
			step.index = parse_expr(p);
			expect(p, "]", "after the index");
		} else if (p->tok->glued && (peek(p, "$") || peek(p, "$$"))) {
			t->pretty = (int)strlen(advance(p)->text);
			return;
		} else {
			return;
		}
		vec_push(p->a, &t->path, step);
	}
}

static Node *target(Parser *p)
{
	Token *t = advance(p);
	Node *n = node_new(p->a, ND_TARGET, t->loc);
	size_t len;

	if (!t->text[1])
		parse_fail(p, DIAG_UNEXPECTED_TOKEN, t->loc, "a name must follow the '$'");
	n->target.pretty = pretty_suffix(t->text, &len);
	n->target.name = arena_strndup(p->a, t->text, len);
	parse_path(p, &n->target);
	return n;
}

static bool starts_path(const Parser *p)
{
	return peek(p, "->") || peek(p, "[") || (p->tok->glued && (peek(p, "$") || peek(p, "$$")));
}

static Node *primary(Parser *p);

/* & in front of @e; of both values when it is a choice. */
static void take_address(Parser *p, Node *e, Loc loc)
{
	if (e->kind == ND_OP && e->op.op == OP_COND) {
		take_address(p, e->op.b, loc);
		take_address(p, e->op.c, loc);
	} else if (e->kind == ND_TARGET || e->kind == ND_CAST || e->kind == ND_ATVAR ||
		   e->kind == ND_DEREF) {
		e->target.addr_of = true;
		e->loc = loc;
	} else {
		parse_fail(p, DIAG_BAD_LVALUE, loc,
			   "'&' takes the address of a target variable, @cast, @var or "
			   "member, not of %s",
			   node_text(p->a, e));
	}
}

static Node *postfix(Parser *p)
{
	Loc loc = p->tok->loc;
	bool addr_of = accept(p, "&");
	Node *e = primary(p), *n;

	if (e->kind != ND_NUM && e->kind != ND_STR && e->kind != ND_TARGET && e->kind != ND_CAST &&
	    e->kind != ND_ATVAR && starts_path(p) && since(p, "2.6")) {
		n = node_new(p->a, ND_DEREF, p->tok->loc);
		n->target.base = e;
		parse_path(p, &n->target);
		e = n;
	}
	if (addr_of)
		take_address(p, e, loc);
	return e;
}

/* ---- leaves ---- */

void parse_keys(Parser *p, NodeVec *keys, bool star_allowed)
{
	Loc loc = p->tok->loc;

	p->stars = false;
	do {
		if (peek(p, "*")) {
			if (!star_allowed)
				parse_report(p, DIAG_UNEXPECTED_TOKEN, p->tok->loc,
					     "'*' stands for any key in delete, foreach and 'in' "
					     "only");
			advance(p);
			vec_push(p->a, keys, (Node *)NULL);
		} else {
			vec_push(p->a, keys, parse_expr(p));
		}
	} while (accept(p, ","));
	expect(p, "]", "after the keys");
	if (keys->n > MAX_KEYS)
		parse_fail(p, DIAG_ARRAY_KEYS, loc, "an array has at most %d keys, not %d",
			   MAX_KEYS, keys->n);
}

static Node *named(Parser *p)
{
	Token *t = p->tok;
	Node *n;

	/* functions may be called `long` and `string` */
	if (!(tok_is(t->next ? t->next : t, "(") && (peek(p, "long") || peek(p, "string"))))
		expect_name(p, "an expression");
	else
		advance(p);
	if (peek(p, "(") || is_print_name(t->text))
		return parse_call(p, t);
	n = node_new(p->a, peek(p, "[") ? ND_INDEX : ND_VAR, t->loc);
	n->var.name = t->text;
	if (accept(p, "["))
		parse_keys(p, &n->var.keys, p->stars);
	return n;
}

static Node *number(Parser *p)
{
	Node *n = node_new(p->a, ND_NUM, p->tok->loc);

	n->num = advance(p)->num;
	n->type = TY_LONG;
	return n;
}

static Node *string(Parser *p)
{
	Node *n = node_new(p->a, ND_STR, p->tok->loc);

	n->str = advance(p)->text;
	n->type = TY_STRING;
	return n;
}

static Node *embedded(Parser *p)
{
	Node *n = node_new(p->a, ND_EMBED, p->tok->loc);

	n->embed = parse_embedded(p);
	return n;
}

static Node *primary(Parser *p)
{
	const Token *t = p->tok;
	Node *n;

	if (t->kind == TK_NUM)
		return number(p);
	if (t->kind == TK_STR)
		return string(p);
	if (t->kind == TK_EMBED)
		return embedded(p);
	if (t->kind == TK_NAME && t->text[0] == '$')
		return target(p);
	if (t->kind == TK_NAME && t->text[0] == '@')
		return parse_at_operator(p);
	if (t->kind == TK_NAME)
		return named(p);
	if (!accept(p, "("))
		unexpected(p, "an expression");
	n = parse_expr(p);
	expect(p, ")", "to close the parenthesis");
	return n;
}
