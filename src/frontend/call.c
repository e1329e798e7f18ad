/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expressions with a parenthesis of their own: @-operators, print functions, calls.
 */
#include "frontend/frontend_int.h"

static const struct {
	const char *word;
	StatOp op;
} stat_word[] = {
    {"@count", ST_COUNT}, {"@sum", ST_SUM}, {"@min", ST_MIN},
    {"@max", ST_MAX},	  {"@avg", ST_AVG}, {"@variance", ST_VARIANCE},
};

bool stat_op_of(const char *word, StatOp *op)
{
	for (size_t i = 0; i < ARRAY_SIZE(stat_word); i++) {
		if (!strcmp(stat_word[i].word, word)) {
			*op = stat_word[i].op;
			return true;
		}
	}
	return false;
}

static void check_stat_operand(Parser *p, const Node *e, const char *word)
{
	if (e->kind != ND_VAR && e->kind != ND_INDEX)
		parse_report(p, DIAG_BAD_LVALUE, e->loc, "%s needs a statistics variable, not %s",
			     word, node_kind_text(e->kind));
}

static int64_t variance_shift(Parser *p)
{
	Loc loc = p->tok->loc;
	int64_t shift = expect_number(p, "the shift of @variance");

	if (shift < 0 || shift > 62)
		parse_report(p, DIAG_BAD_LITERAL, loc,
			     "the shift of @variance is 0 to 62, not %lld", (long long)shift);
	return shift;
}

static Node *stat(Parser *p, StatOp op, const Token *word)
{
	Node *n = node_new(p->a, ND_STAT, word->loc);

	n->stat.op = op;
	expect(p, "(", "after a statistics operator");
	n->stat.operand = parse_expr(p);
	check_stat_operand(p, n->stat.operand, word->text);
	if (op == ST_VARIANCE && accept(p, ","))
		n->stat.param[0] = variance_shift(p);
	expect(p, ")", "after the statistics variable");
	return n;
}

static void check_hist(Parser *p, const Node *n)
{
	const int64_t *v = n->stat.param;

	if (v[2] < 1 || v[1] < v[0])
		parse_report(p, DIAG_HISTOGRAM, n->loc,
			     "a linear histogram from %lld to %lld in steps of %lld has no buckets",
			     (long long)v[0], (long long)v[1], (long long)v[2]);
}

Node *parse_hist(Parser *p, Token *word)
{
	Node *n = node_new(p->a, ND_HIST, word->loc);

	n->stat.log = !strcmp(word->text, "@hist_log");
	if (!n->stat.log && strcmp(word->text, "@hist_linear") != 0)
		parse_fail(p, DIAG_UNEXPECTED_TOKEN, word->loc,
			   "an array, @hist_log or @hist_linear expected, found '%s'", word->text);
	expect(p, "(", "after a histogram operator");
	n->stat.operand = parse_expr(p);
	check_stat_operand(p, n->stat.operand, word->text);
	for (int i = 0; !n->stat.log && i < 3; i++) {
		expect(p, ",", "in '@hist_linear(variable, low, high, step)'");
		n->stat.param[i] = expect_number(p, "a bound of @hist_linear");
	}
	expect(p, ")", "after the histogram");
	if (!n->stat.log)
		check_hist(p, n);
	return n;
}

static Node *hist(Parser *p, Token *word)
{
	Node *n = parse_hist(p, word);

	if (accept(p, "[")) {
		n->stat.bucket = parse_expr(p);
		expect(p, "]", "after the number of the bucket");
	}
	return n;
}

static Node *cast(Parser *p, Token *word)
{
	Node *n = node_new(p->a, ND_CAST, word->loc);

	expect(p, "(", "after '@cast'");
	n->target.base = parse_expr(p);
	expect(p, ",", "in '@cast(value, \"type\")'");
	n->target.type_name = expect_string(p, "the type in @cast")->text;
	if (accept(p, ","))
		n->target.module = expect_string(p, "the module in @cast")->text;
	expect(p, ")", "after '@cast'");
	parse_path(p, &n->target);
	return n;
}

static Node *atvar(Parser *p, Token *word)
{
	Node *n = node_new(p->a, ND_ATVAR, word->loc);

	expect(p, "(", "after '@var'");
	n->target.name = expect_string(p, "the variable in @var")->text;
	if (accept(p, ","))
		n->target.module = expect_string(p, "the module in @var")->text;
	expect(p, ")", "after '@var'");
	parse_path(p, &n->target);
	return n;
}

static Node *wrapped(Parser *p, NodeKind kind, const Token *word)
{
	Node *n = node_new(p->a, kind, word->loc);

	expect(p, "(", "after an @-operator");
	n->unary.operand = parse_expr(p);
	expect(p, ")", "after the operand");
	if (kind == ND_PROBEWRITE && !parse_is_lvalue(n->unary.operand))
		parse_report(p, DIAG_BAD_LVALUE, n->loc, "@probewrite needs a variable");
	return n;
}

/* @const("C") is short for embedded C that is marked as pure. */
static Node *constant(Parser *p, const Token *word)
{
	Node *n = node_new(p->a, ND_EMBED, word->loc);
	const Token *text;

	if (!p->guru)
		parse_report(p, DIAG_GURU_NEEDED, word->loc, "@const is C and needs guru mode (-g)");
	expect(p, "(", "after '@const'");
	text = expect_string(p, "the C in @const");
	expect(p, ")", "after the C in @const");
	n->embed = NEW(p->a, Embed);
	n->embed->text = arena_printf(p->a, " /* pure */ /* unprivileged */ /* stable */ %s ", text->text);
	n->embed->loc = text->loc;
	return n;
}

/* Operators that are younger than the language level of --compatible are not there. */
static void check_age(Parser *p, const Token *t)
{
	static const struct {
		const char *word, *version;
	} birth[] = {
	    {"@kregister", "4.0"}, {"@uregister", "4.0"}, {"@kderef", "4.0"},
	    {"@uderef", "4.0"},	   {"@enum", "5.5"},	  {"@enumname", "5.6"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(birth); i++)
		if (tok_is(t, birth[i].word) && !since(p, birth[i].version))
			parse_fail(p, DIAG_UNKNOWN_OPERATOR, t->loc,
				   "'%s' came with SystemTap %s, and --compatible says %s", t->text,
				   birth[i].version, p->cond->compatible);
}

_Noreturn static void unknown_operator(Parser *p, const Token *t)
{
	static const char *const word[] = {
	    "@cast",  "@defined",  "@entry",	"@var",	   "@probewrite", "@avg",
	    "@count", "@sum",	   "@min",	"@max",	   "@variance",	  "@hist_linear",
	    "@const", "@hist_log", "@kderef",	"@uderef", "@kregister",  "@uregister",
	    "@perf",  "@enum",	   "@enumname",
	};
	Nearest near = {.want = t->text};

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		nearest_add(&near, word[i]);
	parse_fail(p, DIAG_UNKNOWN_OPERATOR, t->loc, "there is no operator or macro '%s'%s",
		   t->text, nearest_text(&near, p->a));
}

/* @kderef(8, address) and @kregister(0): what the machine code depends on is no expression. */
static void check_first_literal(Parser *p, const Node *n)
{
	bool deref = strstr(n->call.name, "deref") != NULL;
	const Node *first = n->call.args.n ? n->call.args.v[0] : NULL;

	if (!first || (!deref && !strstr(n->call.name, "register")))
		return;
	if (first->kind != ND_NUM)
		parse_report(p, DIAG_BAD_LITERAL, first->loc,
			     "the %s in %s must be a literal number, not %s",
			     deref ? "size" : "register", n->call.name, node_text(p->a, first));
	else if (deref && first->num != 1 && first->num != 2 && first->num != 4 && first->num != 8)
		parse_report(p, DIAG_BAD_LITERAL, first->loc, "the size in %s is 1, 2, 4 or 8",
			     n->call.name);
}

/* The rest are calls of built-ins whose name begins with @: builtins.def has their rows. */
static Node *at_call(Parser *p, const Token *t)
{
	Node *n = parse_call(p, t);

	check_first_literal(p, n);
	return n;
}

Node *parse_at_operator(Parser *p)
{
	Token *t = advance(p);
	StatOp op;

	check_age(p, t);
	if (stat_op_of(t->text, &op))
		return stat(p, op, t);
	if (!strncmp(t->text, "@hist_", 6))
		return hist(p, t);
	if (tok_is(t, "@cast"))
		return cast(p, t);
	if (tok_is(t, "@var"))
		return atvar(p, t);
	if (tok_is(t, "@defined"))
		return wrapped(p, ND_DEFINED, t);
	if (tok_is(t, "@entry"))
		return wrapped(p, ND_ENTRY, t);
	if (tok_is(t, "@probewrite"))
		return wrapped(p, ND_PROBEWRITE, t);
	if (tok_is(t, "@const"))
		return constant(p, t);
	if (builtin_find(t->text, -1))
		return at_call(p, t);
	unknown_operator(p, t);
}

/* ---- print functions ---- */

static const struct PrintWord {
	const char *name;
	PrintKind kind;
	bool to_string;
	int min_args; /* without format and delimiter */
} print_word[] = {
    {"print", PR_PRINT, false, 1},     {"println", PR_PRINTLN, false, 0},
    {"printf", PR_PRINTF, false, 0},   {"printd", PR_PRINTD, false, 2},
    {"sprint", PR_PRINT, true, 1},     {"sprintln", PR_PRINTLN, true, 0},
    {"sprintf", PR_PRINTF, true, 0},   {"printdln", PR_PRINTDLN, false, 2},
    {"sprintd", PR_PRINTD, true, 2},   {"sprintdln", PR_PRINTDLN, true, 2},
    {"print_char", PR_CHAR, false, 1},
};

static const struct PrintWord *print_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(print_word); i++)
		if (!strcmp(print_word[i].name, name))
			return &print_word[i];
	return NULL;
}

bool is_print_name(const char *name)
{
	return print_of(name) != NULL;
}

static bool takes_text(PrintKind kind)
{
	return kind == PR_PRINTF || kind == PR_PRINTD || kind == PR_PRINTDLN;
}

static Node *print(Parser *p, const struct PrintWord *w, const Token *name)
{
	Node *n = node_new(p->a, ND_PRINT, name->loc);
	bool first = true;

	n->print.kind = w->kind;
	n->print.to_string = w->to_string;
	expect(p, "(", "after a print function");
	if (takes_text(w->kind)) {
		Token *t = expect_string(p, w->kind == PR_PRINTF ? "the format" : "the delimiter");

		n->print.format = t->text;
		if (w->kind == PR_PRINTF)
			parse_format(p, n, t->loc);
		first = false;
	}
	for (; !accept(p, ")"); first = false) {
		if (!first && !accept(p, ","))
			unexpected(p, "',' or ')' after an argument");
		vec_push(p->a, &n->print.args, parse_expr(p));
	}
	if (n->print.args.n < w->min_args || (w->kind == PR_CHAR && n->print.args.n > 1))
		parse_report(p, DIAG_ARITY, name->loc, "%s() takes %s %d value%s", w->name,
			     w->kind == PR_CHAR ? "just" : "at least", w->min_args,
			     w->min_args == 1 ? "" : "s");
	return n;
}

/* ---- calls ---- */

static void arguments(Parser *p, NodeVec *args)
{
	expect(p, "(", "to open the arguments");
	while (!accept(p, ")")) {
		if (args->n && !accept(p, ","))
			unexpected(p, "',' or ')' after an argument");
		vec_push(p->a, args, parse_expr(p));
	}
}

Node *parse_call(Parser *p, const Token *name)
{
	const struct PrintWord *w = print_of(name->text);
	Node *n;

	if (w)
		return print(p, w, name);
	n = node_new(p->a, ND_CALL, name->loc);
	n->call.name = name->text;
	arguments(p, &n->call.args);
	return n;
}
