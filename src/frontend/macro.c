/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preprocessor: token list to token list. Three things are replaced: script arguments ($1 as text,
 * @1 as a string), macros, and %( condition %? ... %: ... %). One recursive walk does all of it; a
 * Scope says what macro parameters mean, each argument remembers the scope that it was written in.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strverscmp */
#endif
#include "frontend/frontend_int.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>

#define MAX_MACRO_ARGS 32
#define MAX_MACRO_DEPTH 100
#define MAX_DEPTH 1000	      /* of expand(): nested arguments and conditions */
#define MACRO_WORK (32 << 20) /* bytes that the macros of a file may expand to */

typedef struct Scope {
	const Macro *macro;
	const SourceFile *file; /* what the macro's own text is said to come from */
	int depth;
	struct Argument {
		Token *start, *end;
		const struct Scope *scope; /* NULL: the file */
	} arg[MAX_MACRO_ARGS];
} Scope;

typedef struct Pre {
	Script *s;
	Unit *u; /* NULL: a file of library macros */
	const Conditions *cond;
	Diag *d;
	Token *last;		/* of the output */
	const SourceFile *file; /* of the macro that is being expanded, else NULL */
	size_t work;		/* bytes so far: macros that double double often */
	int depth;		/* of expand() */
	bool commented;		/* a comment stood before what is being replaced */
	bool stop;		/* a macro never ends */
	bool pasting;
} Pre;

static void expand(Pre *pp, Token *t, const Token *end, const Scope *sc);

/* Strings side by side are one; in old scripts not across a comment. */
static bool joins(const Pre *pp, const Token *t)
{
	return t->kind == TK_STR && pp->last->kind == TK_STR &&
	       (!(t->commented || pp->commented) || language_has(pp->cond, t->loc.file, "2.0"));
}

/* Append a copy of @t. */
static void push(Pre *pp, const Token *t)
{
	Arena *a = pp->s->arena;
	Token *last = pp->last, *copy;
	bool join = joins(pp, t);

	pp->commented = false;
	if (join) {
		pp->work += strlen(last->text);
		last->text = arena_printf(a, "%s%s", last->text, t->text);
		return;
	}
	copy = NEW(a, Token);
	*copy = *t;
	if (pp->file)
		copy->loc.file = pp->file;
	copy->next = NULL;
	last->next = copy;
	pp->last = copy;
}

/* ---- script arguments ---- */

static bool is_arg(const Token *t)
{
	return t->kind == TK_NAME && (t->text[0] == '$' || t->text[0] == '@') &&
	       (t->text[1] == '#' || isdigit((unsigned char)t->text[1]));
}

static void push_value(Pre *pp, const Token *t, TokenKind kind, const char *text, int64_t num)
{
	Token value = *t;

	value.kind = kind;
	value.text = text;
	value.num = num;
	push(pp, &value);
}

static void count_args(Pre *pp, const Token *t)
{
	const char *text = arena_printf(pp->s->arena, "%d", pp->cond->n_args);

	push_value(pp, t, t->text[0] == '$' ? TK_NUM : TK_STR, text, pp->cond->n_args);
}

static void paste_arg(Pre *pp, const Token *t)
{
	long n = strtol(t->text + 1, NULL, 10);
	Token *list;

	if (n < 1 || n > pp->cond->n_args) {
		diag_error(pp->d, DIAG_BAD_ARGUMENT, t->loc,
			   "there is no script argument %ld: %d given on the command line", n,
			   pp->cond->n_args);
		push_value(pp, t, t->text[0] == '$' ? TK_NUM : TK_STR, "0", 0);
		return;
	}
	if (n <= 64)
		pp->s->names->args_used |= 1ull << (n - 1);
	if (pp->pasting) {
		diag_error(pp->d, DIAG_BAD_ARGUMENT, t->loc,
			   "script argument %s stands inside another script argument", t->text);
		return;
	}
	if (t->text[0] == '@') {
		push_value(pp, t, TK_STR, pp->cond->args[n - 1], 0);
		return;
	}
	list = lex_pasted(pp->s->arena, pp->cond->args[n - 1], t->loc, pp->cond, pp->d);
	list->glued = t->glued;
	pp->pasting = true;
	expand(pp, list, NULL, NULL);
	pp->pasting = false;
}

/* ---- conditions ---- */

typedef struct Cond {
	Pre *pp;
	const Token *t; /* NULL at the end */
	Loc loc;	/* of the %( */
	bool bad;
} Cond;

static bool compare(const char *op, long diff)
{
	return !strcmp(op, "==")   ? diff == 0
	       : !strcmp(op, "!=") ? diff != 0
	       : !strcmp(op, "<")  ? diff < 0
	       : !strcmp(op, "<=") ? diff <= 0
	       : !strcmp(op, ">")  ? diff > 0
				   : diff >= 0;
}

static long order(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static bool is_compare(const Token *t)
{
	static const char *const op[] = {"==", "!=", "<", "<=", ">", ">="};

	for (size_t i = 0; t && i < ARRAY_SIZE(op); i++)
		if (tok_is(t, op[i]))
			return true;
	return false;
}

static bool cond_bad(Cond *c, const Token *t, const char *what)
{
	if (!c->bad)
		diag_error(c->pp->d, DIAG_BAD_CONDITION, t ? t->loc : c->loc, "%s", what);
	c->bad = true;
	return false;
}

/* "x*" and the like are patterns for == and !=. */
static bool match(const char *op, const char *value, const char *pattern)
{
	return (fnmatch(pattern, value, 0) == 0) == !strcmp(op, "==");
}

static bool compare_version(Cond *c, const Token *op, const Token *right, const char *version)
{
	bool equality = op->text[0] == '=' || op->text[0] == '!';

	if (right->kind != TK_STR)
		return cond_bad(c, right, "a version must be a string");
	if (equality && strpbrk(right->text, "*?["))
		return match(op->text, version, right->text);
	return compare(op->text, strverscmp(version, right->text));
}

static bool compare_glob(Cond *c, const Token *op, const Token *right, const char *value)
{
	if (right->kind != TK_STR)
		return cond_bad(c, right, "a string is expected here");
	if (strcmp(op->text, "==") != 0 && strcmp(op->text, "!=") != 0)
		return cond_bad(c, op, "only == and != compare this");
	return match(op->text, value, right->text);
}

static const char *config(const Cond *c, const char *name)
{
	const Conditions *cond = c->pp->cond;
	const char *v = cond->config ? cond->config(cond->config_ctx, name) : NULL;

	return v ? v : "";
}

static bool to_number(const char *text, long *num)
{
	char *rest;

	*num = strtol(text, &rest, 0);
	return *text && !*rest;
}

static bool compare_config(Cond *c, const Token *left, const Token *op, const Token *right)
{
	const char *value = config(c, left->text), *other;
	long a, b;

	if (right->kind == TK_STR)
		return compare_glob(c, op, right, value);
	if (right->kind == TK_NUM) /* unset counts as 0 */
		return compare(op->text, order(to_number(value, &a) ? a : 0, right->num));
	if (right->kind != TK_NAME || strncmp(right->text, "CONFIG_", 7) != 0)
		return cond_bad(c, right, "a string, a number or another CONFIG_ is expected here");
	other = config(c, right->text);
	if (to_number(value, &a) && to_number(other, &b))
		return compare(op->text, order(a, b));
	return compare(op->text, strcmp(value, other));
}

static bool compare_literals(Cond *c, const Token *left, const Token *op, const Token *right)
{
	if (left->kind != right->kind)
		return cond_bad(c, right, "a string and a number cannot be compared");
	if (left->kind == TK_STR)
		return compare(op->text, strcmp(left->text, right->text));
	return compare(op->text, order(left->num, right->num));
}

/* The kernel's release without what its builder appended: 6.1.0-9-amd64 is 6.1.0. */
static const char *base_version(Cond *c)
{
	const char *release = c->pp->cond->kernel_release;

	return arena_strndup(c->pp->s->arena, release, strcspn(release, "-"));
}

static bool compare_guru(Cond *c, const Token *op, const Token *right)
{
	if (right->kind != TK_NUM || (right->num != 0 && right->num != 1))
		return cond_bad(c, right, "guru_mode is 0 or 1");
	if (strcmp(op->text, "==") != 0 && strcmp(op->text, "!=") != 0)
		return cond_bad(c, op, "only == and != compare this");
	return compare(op->text, (long)c->pp->cond->guru - (long)right->num);
}

static bool cond_test(Cond *c, const Token *left, const Token *op, const Token *right)
{
	const Conditions *cond = c->pp->cond;
	const char *name = left->text;

	if (left->kind == TK_STR || left->kind == TK_NUM)
		return compare_literals(c, left, op, right);
	if (left->kind != TK_NAME)
		return cond_bad(c, left, "this is not something that a condition can ask for");
	if (!strcmp(name, "kernel_v"))
		return compare_version(c, op, right, base_version(c));
	if (!strcmp(name, "kernel_vr"))
		return compare_version(c, op, right, cond->kernel_release);
	if (!strcmp(name, "systemtap_v"))
		return compare_version(c, op, right, cond->compatible);
	if (!strcmp(name, "arch"))
		return compare_glob(c, op, right, cond->arch);
	if (!strcmp(name, "runtime"))
		return compare_glob(c, op, right, cond->runtime);
	if (!strcmp(name, "systemtap_privilege"))
		return compare_glob(c, op, right, "stapdev");
	if (!strcmp(name, "guru_mode"))
		return compare_guru(c, op, right);
	if (!strncmp(name, "CONFIG_", 7))
		return compare_config(c, left, op, right);
	return cond_bad(c, left, "this is not something that a condition can ask for");
}

static bool cond_one(Cond *c)
{
	const Token *left = c->t, *op = left ? left->next : NULL, *right = op ? op->next : NULL;

	if (!left || !is_compare(op) || !right)
		return cond_bad(c, left, "the form of a condition is: name, comparison, value");
	c->t = right->next;
	return cond_test(c, left, op, right);
}

static bool cond_and(Cond *c)
{
	bool v = cond_one(c);

	while (!c->bad && c->t && tok_is(c->t, "&&")) {
		c->t = c->t->next;
		v &= cond_one(c);
	}
	return v;
}

static bool cond_or(Cond *c)
{
	bool v = cond_and(c);

	while (!c->bad && c->t && tok_is(c->t, "||")) {
		c->t = c->t->next;
		v |= cond_and(c);
	}
	if (!c->bad && c->t)
		cond_bad(c, c->t, "'&&', '||' or '%?' is expected here");
	return v;
}

/* Macros and arguments in a condition are replaced before it is read. */
static bool condition(Pre *pp, Token *start, const Token *end, const Scope *sc, Loc loc)
{
	Token head = {0}, *saved = pp->last;
	Cond c = {.pp = pp, .loc = loc};

	pp->last = &head;
	expand(pp, start, end, sc);
	pp->last = saved;
	c.t = head.next;
	return cond_or(&c);
}

struct Branches {
	Token *then, *otherwise, *end; /* the tokens %? %: %) */
};

static bool find_branches(Pre *pp, Token *open, struct Branches *b)
{
	int depth = 0;

	for (Token *t = open->next; t && t->kind != TK_EOF; t = t->next) {
		if (t->kind != TK_PUNCT || t->text[0] != '%' || !t->text[1])
			continue;
		if (!strcmp(t->text, "%("))
			depth++;
		else if (!depth && !strcmp(t->text, "%?"))
			b->then = t;
		else if (!depth && !strcmp(t->text, "%:"))
			b->otherwise = t;
		else if (!strcmp(t->text, "%)") && !depth--)
			b->end = t;
		if (b->end)
			break;
	}
	if (!b->end)
		diag_error(pp->d, DIAG_UNTERMINATED, open->loc, "this %%( has no %%)");
	else if (!b->then)
		diag_error(pp->d, DIAG_BAD_CONDITION, open->loc, "this %%( has no %%?");
	return b->end && b->then;
}

/* Return: the token behind the %). */
static Token *conditional(Pre *pp, Token *open, const Scope *sc)
{
	struct Branches b = {0};

	if (!find_branches(pp, open, &b))
		return b.end ? b.end->next : NULL;
	if (condition(pp, open->next, b.then, sc, open->loc))
		expand(pp, b.then->next, b.otherwise ? b.otherwise : b.end, sc);
	else if (b.otherwise)
		expand(pp, b.otherwise->next, b.end, sc);
	return b.end->next;
}

/* ---- macros ---- */

/* The words that a macro had better not be called, and the release that brought the younger ones.
 */
static const struct {
	const char *name, *version;
} at_word[] = {
    {"cast", ""},	 {"defined", ""},      {"probewrite", ""},   {"entry", ""},
    {"perf", ""},	 {"var", ""},	       {"avg", ""},	     {"count", ""},
    {"sum", ""},	 {"min", ""},	       {"max", ""},	     {"hist_linear", ""},
    {"hist_log", ""},	 {"variance", "3.1"},  {"const", "3.1"},     {"kderef", "4.0"},
    {"uderef", "4.0"},	 {"kregister", "4.0"}, {"uregister", "4.0"}, {"enum", "5.5"},
    {"enumname", "5.6"},
};

static bool is_operator(const Pre *pp, const char *name, const SourceFile *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(at_word); i++)
		if (!strcmp(at_word[i].name, name))
			return language_has(pp->cond, file, at_word[i].version);
	return false;
}

static void bad_macro(Pre *pp, const Token *t, const char *what)
{
	diag_error(pp->d, DIAG_BAD_MACRO, t->loc, "%s", what);
}

/* Behind "(": names and commas up to ")". Return: the token behind, NULL when it is wrong. */
static Token *macro_params(Pre *pp, Macro *m, Token *t)
{
	for (;; t = t->next) {
		if (t->kind != TK_NAME || m->params.n == MAX_MACRO_ARGS)
			return NULL;
		vec_push(pp->s->arena, &m->params, t->text);
		t = t->next;
		if (tok_is(t, ")"))
			return t->next;
		if (!tok_is(t, ","))
			return NULL;
	}
}

static Token *macro_end(Token *open)
{
	int depth = 0;

	for (Token *t = open->next; t && t->kind != TK_EOF; t = t->next) {
		if (tok_is(t, "%("))
			depth++;
		else if (tok_is(t, "%)") && !depth--)
			return t;
	}
	return NULL;
}

static void enter_macro(Pre *pp, Macro *m, const Token *at)
{
	Table *table = pp->u ? pp->u->macros : pp->s->names->macros;
	const Macro *other = table_get(table, m->name);

	if (other && !pp->u && other->loc.file != m->loc.file) /* the nearer directory's holds */
		return;
	if (other) {
		diag_error(pp->d, DIAG_DUPLICATE, at->loc, "macro '@%s' is defined twice", m->name);
		diag_note(pp->d, other->loc, "the other one is here");
		return;
	}
	if (is_operator(pp, m->name, at->loc.file))
		diag_warning(pp->d, DIAG_MACRO_SHADOWS, at->loc, "macro '@%s' hides the operator",
			     m->name);
	table_put(table, m->name, m);
}

/* Return: the token behind the definition. */
static Token *define(Pre *pp, Token *t)
{
	Macro *m = NEW(pp->s->arena, Macro);
	Token *name = t->next, *open;

	if (name->kind != TK_NAME || strchr("@$", name->text[0])) {
		bad_macro(pp, name, "@define needs a plain name: @define name %( text %)");
		return name->kind == TK_NAME ? name->next : name;
	}
	if (!strcmp(name->text, "define"))
		bad_macro(pp, name, "a macro cannot be called '@define'");
	m->name = name->text;
	m->loc = name->loc;
	open = name->next;
	if (tok_is(open, "("))
		open = macro_params(pp, m, open->next);
	if (!open || !tok_is(open, "%(")) {
		bad_macro(pp, name, "the form is: @define name(a, b) %( text %)");
		return name->next;
	}
	m->body = open->next;
	m->end = macro_end(open);
	if (!m->end) {
		diag_error(pp->d, DIAG_UNTERMINATED, open->loc, "this %%( has no %%)");
		return NULL;
	}
	enter_macro(pp, m, name);
	return m->end->next;
}

/* One argument of a call, up to "," or ")" outside of brackets. */
static Token *macro_arg(Token *t, const Token *end)
{
	int depth = 0;

	for (; t != end && t->kind != TK_EOF; t = t->next) {
		if (!depth && (tok_is(t, ",") || tok_is(t, ")")))
			return t;
		if (tok_is(t, "(") || tok_is(t, "["))
			depth++;
		else if (tok_is(t, ")") || tok_is(t, "]"))
			depth--;
	}
	return NULL;
}

/* @t: behind the macro's name. Return: behind its arguments, NULL after an error. */
static Token *macro_args(Pre *pp, const Token *name, Token *t, const Token *end, Scope *inner,
			 const Scope *sc)
{
	int n = 0;

	if (t == end || !tok_is(t, "(")) {
		bad_macro(pp, name, "this macro needs arguments in parentheses");
		return NULL;
	}
	do {
		Token *stop = macro_arg(t->next, end);

		if (!stop || n == MAX_MACRO_ARGS) {
			bad_macro(pp, name, "the arguments of this macro have no end");
			return NULL;
		}
		inner->arg[n++] = (struct Argument){t->next, stop, sc};
		t = stop;
	} while (tok_is(t, ","));
	if (n == inner->macro->params.n)
		return t->next;
	diag_error(pp->d, DIAG_BAD_MACRO, name->loc, "macro '@%s' takes %d arguments, not %d",
		   inner->macro->name, inner->macro->params.n, n);
	diag_note(pp->d, inner->macro->loc, "it is defined here");
	return NULL;
}

/* The macro's text, with the place of the call for messages. */
static const SourceFile *called_file(Pre *pp, const Macro *m, const Token *name)
{
	SourceFile *f = NEW(pp->s->arena, SourceFile);
	MacroCall *call = NEW(pp->s->arena, MacroCall);

	*call = (MacroCall){m->name, name->loc};
	if (pp->file)
		call->loc.file = pp->file;
	*f = *m->loc.file;
	f->from = call;
	return f;
}

static Token *call_macro(Pre *pp, const Macro *m, Token *name, const Token *end, const Scope *sc)
{
	Scope inner = {.macro = m, .depth = sc ? sc->depth + 1 : 1};
	Token *rest = name->next;

	if (inner.depth > MAX_MACRO_DEPTH) {
		diag_error(pp->d, DIAG_BAD_MACRO, name->loc, "macro '@%s' uses itself", m->name);
		pp->stop = true;
		return NULL;
	}
	if (m->params.n)
		rest = macro_args(pp, name, rest, end, &inner, sc);
	if (rest) {
		inner.file = called_file(pp, m, name);
		expand(pp, m->body, m->end, &inner);
	}
	return rest ? rest : name->next;
}

static const struct Argument *find_param(const Scope *sc, const char *name)
{
	for (int i = 0; sc && i < sc->macro->params.n; i++)
		if (!strcmp(sc->macro->params.v[i], name))
			return &sc->arg[i];
	return NULL;
}

static const Macro *find_macro(Pre *pp, const char *name, const SourceFile *file)
{
	const Macro *m = pp->u ? table_get(pp->u->macros, name) : NULL;

	if (!m)
		m = table_get(pp->s->names->macros, name);
	if (!m && !is_operator(pp, name, file))
		m = library_macro(pp->s, name, pp->cond, pp->d);
	return m;
}

static Token *at_name(Pre *pp, Token *t, const Token *end, const Scope *sc)
{
	const struct Argument *arg = find_param(sc, t->text + 1);
	const Macro *m;

	if (arg) {
		expand(pp, arg->start, arg->end, arg->scope);
		return t->next;
	}
	if (!strcmp(t->text, "@define")) {
		if (!sc)
			return define(pp, t);
		bad_macro(pp, t, "a macro cannot define macros");
		return t->next;
	}
	m = find_macro(pp, t->text + 1, t->loc.file);
	if (m)
		return call_macro(pp, m, t, end, sc);
	push(pp, t);
	return t->next;
}

/* ---- the walk ---- */

static Token *step(Pre *pp, Token *t, const Token *end, const Scope *sc)
{
	pp->commented |= t->commented;
	if (tok_is(t, "%("))
		return conditional(pp, t, sc);
	if (is_arg(t)) {
		if (t->text[1] == '#')
			count_args(pp, t);
		else
			paste_arg(pp, t);
		return t->next;
	}
	if (t->kind == TK_NAME && t->text[0] == '@' && t->text[1])
		return at_name(pp, t, end, sc);
	push(pp, t);
	return t->next;
}

static void too_much(Pre *pp, const Token *t)
{
	if (!pp->stop)
		diag_error(pp->d, DIAG_BAD_MACRO, t->loc,
			   "this is nested too deep, or expands to too much text");
	pp->stop = true;
}

static void expand(Pre *pp, Token *t, const Token *end, const Scope *sc)
{
	const SourceFile *outer = pp->file;

	pp->file = sc ? sc->file : NULL;
	pp->depth++;
	while (t && t != end && t->kind != TK_EOF && !pp->stop) {
		if (sc)
			pp->work += sizeof(Token);
		if (pp->depth > MAX_DEPTH || pp->work > MACRO_WORK)
			too_much(pp, t);
		else
			t = step(pp, t, end, sc);
	}
	pp->depth--;
	pp->file = outer;
}

Token *preprocess(Script *s, Unit *u, Token *raw, const Conditions *cond, Diag *d)
{
	Token head = {0}, *eof = raw;
	Pre pp = {.s = s, .u = u, .cond = cond, .d = d, .last = &head};

	while (eof->kind != TK_EOF)
		eof = eof->next;
	expand(&pp, raw, NULL, NULL);
	push(&pp, eof);
	return head.next;
}
