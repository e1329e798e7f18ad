/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parser: definitions, by recursive descent; each function is named after what it reads. A mistake
 * is reported and leaves the whole definition by one longjmp; parsing goes on at the next probe,
 * global or function. Statements are in stmt.c, expressions in expr.c, probe points in point.c.
 */
#include "frontend/frontend_int.h"

#include <setjmp.h>

#define MAX_DEPTH 400

_Noreturn void parse_escape(Parser *p)
{
	longjmp(*(jmp_buf *)p->escape, 1);
}

/* ---- tokens ---- */

bool peek(const Parser *p, const char *text)
{
	return tok_is(p->tok, text);
}

Token *advance(Parser *p)
{
	Token *t = p->tok;

	p->last = t;
	if (t->kind != TK_EOF)
		p->tok = t->next;
	return t;
}

bool accept(Parser *p, const char *text)
{
	if (!peek(p, text))
		return false;
	advance(p);
	return true;
}

void parse_if_told(Parser *p)
{
	if (!p->tok->bad && !(p->last && p->last->bad))
		return;
	p->failed = true;
	parse_escape(p);
}

_Noreturn void unexpected(Parser *p, const char *wanted)
{
	parse_if_told(p);
	parse_report(p, DIAG_UNEXPECTED_TOKEN, p->tok->loc, "%s expected, found %s", wanted,
		     tok_text(p->a, p->tok));
	if (p->last && p->last->loc.file->from && !p->tok->loc.file->from)
		diag_note(p->d, p->last->loc.file->from->loc,
			  "what stands before it is the text of macro '@%s'",
			  p->last->loc.file->from->name);
	parse_escape(p);
}

Token *expect(Parser *p, const char *text, const char *where)
{
	if (!peek(p, text))
		unexpected(p, arena_printf(p->a, "'%s' %s", text, where));
	return advance(p);
}

bool since(const Parser *p, const char *version)
{
	return language_has(p->cond, p->unit->file, version);
}

bool is_keyword(const Parser *p, const Token *t)
{
	static const char *const word[] = {
	    "probe", "global", "private", "function", "if",    "else",	   "for",
	    "while", "in",     "foreach", "limit",    "break", "continue", "next",
	    "try",   "catch",  "return",  "delete",   "long",  "string",
	};

	for (size_t i = 0; t->kind == TK_NAME && i < ARRAY_SIZE(word); i++)
		if (!strcmp(word[i], t->text))
			return strcmp(t->text, "private") != 0 || since(p, "3.0");
	return false;
}

bool is_plain_name(const Parser *p, const Token *t)
{
	return t->kind == TK_NAME && t->text[0] != '$' && t->text[0] != '@' && !is_keyword(p, t);
}

static bool at_private(const Parser *p)
{
	return peek(p, "private") && is_keyword(p, p->tok);
}

bool at_definition(const Parser *p)
{
	return peek(p, "probe") || peek(p, "global") || peek(p, "function") || at_private(p);
}

Token *expect_name(Parser *p, const char *what)
{
	if (!is_plain_name(p, p->tok))
		unexpected(p, what);
	return advance(p);
}

Token *expect_string(Parser *p, const char *what)
{
	if (p->tok->kind != TK_STR)
		parse_fail(p, DIAG_BAD_LITERAL, p->tok->loc, "%s must be a literal string, not %s",
			   what, tok_text(p->a, p->tok));
	return advance(p);
}

int64_t expect_number(Parser *p, const char *what)
{
	bool minus = accept(p, "-");
	uint64_t v;

	if (p->tok->kind != TK_NUM)
		parse_fail(p, DIAG_BAD_LITERAL, p->tok->loc, "%s must be a literal number, not %s",
			   what, tok_text(p->a, p->tok));
	v = (uint64_t)advance(p)->num;
	return (int64_t)(minus ? -v : v);
}

void parse_deeper(Parser *p)
{
	if (++p->depth > MAX_DEPTH)
		parse_fail(p, DIAG_TOO_DEEP, p->tok->loc, "nested more than %d levels deep",
			   MAX_DEPTH);
}

Embed *parse_embedded(Parser *p)
{
	Embed *c = NEW(p->a, Embed);
	const Token *t = advance(p);

	if (!p->guru)
		parse_report(p, DIAG_GURU_NEEDED, t->loc, "embedded C needs guru mode (-g)");
	c->text = t->text;
	c->loc = t->loc;
	return c;
}

/* ---- definitions ---- */

static void add_item(Parser *p, Item item)
{
	vec_push(p->a, &p->unit->items, item);
}

static Symbol *symbol_new(Parser *p, SymbolKind kind, const Token *name)
{
	Symbol *sym = NEW(p->a, Symbol);

	sym->kind = kind;
	sym->name = name->text;
	sym->loc = name->loc;
	sym->is_library = p->unit->file->is_library;
	return sym;
}

static void global_size(Parser *p, Symbol *g)
{
	Loc loc = p->tok->loc;

	g->wrap = accept(p, "%");
	if (accept(p, "[")) {
		g->size = expect_number(p, "the size of an array");
		expect(p, "]", "after the size");
		if (g->size < 1 || g->size > INT32_MAX) {
			parse_report(p, DIAG_BAD_GLOBAL, loc, "'%s' cannot have %lld elements",
				     g->name, (long long)g->size);
			g->size = 1;
		}
		if (peek(p, "%"))
			parse_fail(p, DIAG_BAD_GLOBAL, p->tok->loc,
				   "the '%%' of a wrapping array goes "
				   "before its size: global %s%%[%lld]",
				   g->name, (long long)g->size);
	}
}

static void global_value(Parser *p, Symbol *g)
{
	Token *t = p->tok;

	if (g->size || g->wrap)
		parse_fail(p, DIAG_BAD_GLOBAL, t->loc, "an array cannot be declared with a value");
	g->init = node_new(p->a, t->kind == TK_STR ? ND_STR : ND_NUM, t->loc);
	g->type_loc = t->loc;
	if (t->kind == TK_STR) {
		g->init->str = advance(p)->text;
		g->type = g->init->type = TY_STRING;
	} else {
		g->init->num = expect_number(p, "the initial value");
		g->type = g->init->type = TY_LONG;
	}
	g->n_keys = 0;
}

static void globals(Parser *p, bool is_private)
{
	do {
		Symbol *g = symbol_new(p, SYM_GLOBAL, expect_name(p, "the name of a global"));

		g->is_private = is_private;
		g->n_keys = -1;
		global_size(p, g);
		if (accept(p, "="))
			global_value(p, g);
		add_item(p, (Item){.kind = ITEM_GLOBAL, .global = g});
	} while (accept(p, ","));
	accept(p, ";");
}

static Type annotation(Parser *p)
{
	if (!accept(p, ":"))
		return TY_UNKNOWN;
	if (accept(p, "long"))
		return TY_LONG;
	if (!accept(p, "string"))
		unexpected(p, "'long' or 'string'");
	return TY_STRING;
}

static void add_param(Parser *p, Function *f)
{
	Symbol *sym = symbol_new(p, SYM_PARAM, expect_name(p, "a parameter"));

	for (int i = 0; i < f->params.n; i++)
		if (!strcmp(f->params.v[i]->name, sym->name))
			parse_report(p, DIAG_DUPLICATE, sym->loc, "parameter '%s' is there twice",
				     sym->name);
	sym->type = annotation(p);
	sym->type_loc = sym->loc;
	sym->slot = f->params.n;
	vec_push(p->a, &f->params, sym);
	vec_push(p->a, &f->locals, sym);
}

static void function_priority(Parser *p, Function *f)
{
	Loc loc = p->tok->loc;

	f->priority = f->is_library;
	if (!accept(p, ":"))
		return;
	f->priority = expect_number(p, "the priority of a function");
	if (f->priority < 1)
		parse_report(p, DIAG_BAD_LITERAL, loc, "the priority of a function is at least 1");
}

static void function_body(Parser *p, Function *f)
{
	if (p->tok->kind == TK_EMBED) {
		f->embed = parse_embedded(p);
		return;
	}
	p->function = f;
	f->body = parse_block(p);
	p->function = NULL;
}

static void function(Parser *p, bool is_private)
{
	Function *f = NEW(p->a, Function);
	Token *name = p->tok;

	if (!peek(p, "long") && !peek(p, "string"))
		expect_name(p, "the name of a function");
	else
		advance(p);
	f->name = name->text;
	f->loc = f->type_loc = name->loc;
	f->is_private = is_private;
	f->is_library = p->unit->file->is_library;
	f->type = annotation(p);
	expect(p, "(", "after the name of a function");
	while (!accept(p, ")")) {
		if (f->params.n)
			expect(p, ",", "or ')' after a parameter");
		if (!peek(p, ")") || !f->params.n) /* a comma may be left over, as in SystemTap */
			add_param(p, f);
	}
	function_priority(p, f);
	function_body(p, f);
	add_item(p, (Item){.kind = ITEM_FUNCTION, .function = f});
}

static void alias(Parser *p, const PointVec *names, const PointVec *points, bool plus, Loc loc)
{
	Alias *al = NEW(p->a, Alias);
	Node *first = parse_block(p);

	al->names = *names;
	al->points = *points;
	al->loc = loc;
	al->is_library = p->unit->file->is_library;
	if (plus)
		al->epilogue = first;
	else
		al->prologue = first;
	if (!plus && accept(p, ","))
		al->epilogue = parse_block(p);
	add_item(p, (Item){.kind = ITEM_ALIAS, .alias = al});
}

static void check_alias_name(Parser *p, const PointVec *points)
{
	const ProbePoint *name = points->v[0];

	if (points->n > 1 || name->optional || name->condition)
		parse_fail(p, DIAG_BAD_ALIAS, name->loc,
			   "the name of an alias is one plain probe point");
	for (int i = 0; i < name->part.n; i++)
		if (name->part.v[i].arg != ARG_NONE || strchr(name->part.v[i].name, '*'))
			parse_fail(p, DIAG_BAD_ALIAS, name->part.v[i].loc,
				   "the name of an alias has no wildcards and no arguments");
}

static void probe(Parser *p, Loc loc)
{
	PointVec names = {0}, points = {0};
	bool plus = false;
	Probe *pr;

	parse_points(p, &points);
	while (!plus && (peek(p, "=") || peek(p, "+="))) {
		check_alias_name(p, &points);
		plus = advance(p)->text[0] == '+';
		vec_push(p->a, &names, points.v[0]);
		points = (PointVec){0};
		parse_points(p, &points);
	}
	if (names.n) {
		alias(p, &names, &points, plus, loc);
		return;
	}
	pr = NEW(p->a, Probe);
	pr->points = points;
	pr->loc = loc;
	pr->is_library = p->unit->file->is_library;
	pr->body = NEW(p->a, Body);
	pr->body->loc = loc;
	pr->body->block = parse_block(p);
	add_item(p, (Item){.kind = ITEM_PROBE, .probe = pr});
}

static void embedded(Parser *p)
{
	Node *n = node_new(p->a, ND_EMBED, p->tok->loc);

	n->embed = parse_embedded(p);
	add_item(p, (Item){.kind = ITEM_EMBED, .embed = n});
}

_Noreturn static void no_definition(Parser *p, bool is_private)
{
	Nearest near = {.want = p->tok->text};

	parse_if_told(p);
	if (is_private)
		unexpected(p, "'global' or 'function'");
	if (p->tok->kind == TK_NAME) {
		nearest_add(&near, "probe");
		nearest_add(&near, "global");
		nearest_add(&near, "function");
	}
	parse_fail(p, DIAG_UNEXPECTED_TOKEN, p->tok->loc,
		   "'probe', 'global' or 'function' expected, found %s%s", tok_text(p->a, p->tok),
		   nearest_text(&near, p->a));
}

static void definition(Parser *p)
{
	Token *t = p->tok;
	bool is_private = at_private(p) && advance(p);

	p->loops = p->depth = p->exprs = 0;
	p->function = NULL;
	if (t->kind == TK_EMBED)
		embedded(p);
	else if (!is_private && accept(p, "probe"))
		probe(p, t->loc);
	else if (accept(p, "function"))
		function(p, is_private);
	else if (accept(p, "global") || (is_private && is_plain_name(p, p->tok)))
		globals(p, is_private);
	else if (!accept(p, ";"))
		no_definition(p, is_private);
}

/* Skip to where a definition may begin. A component may be called `function`: not behind a dot. */
static void resynchronise(Parser *p, const Token *start)
{
	const Token *before = NULL;

	while (p->tok->kind != TK_EOF) {
		if (p->tok != start && !(before && tok_is(before, ".")) && at_definition(p))
			return;
		before = advance(p);
	}
}

/* Parse all definitions of @u from @tok. */
static bool parse_tokens(Parser *p)
{
	jmp_buf escape;
	const Token *volatile start = p->tok;

	p->escape = &escape;
	if (setjmp(escape))
		resynchronise(p, start);
	while (p->tok->kind != TK_EOF) {
		start = p->tok;
		definition(p);
	}
	return !p->failed;
}

/* What the whole script gets from a unit that is in order (names are entered by names_add()). */
static void take_items(Script *s, const Unit *u)
{
	for (int i = 0; i < u->items.n; i++) {
		const Item *it = &u->items.v[i];

		if (it->kind == ITEM_PROBE)
			vec_push(s->arena, &s->probes, it->probe);
		else if (it->kind == ITEM_EMBED)
			vec_push(s->arena, &s->embeds, it->embed);
	}
}

/* Tokens and grammar of @u. What is wrong in a tapset file is a warning. Return: it is in order. */
static bool parse_text(Parser *p, const SourceFile *file)
{
	Diag *d = p->d;
	int before = d->errors + d->muted_errors + d->demoted;
	bool outer = d->demote;

	d->demote = file->is_library;
	p->tok = preprocess(p->s, p->unit, lex_file(p->a, file, p->cond, d), p->cond, d);
	parse_tokens(p);
	d->demote = outer;
	return !p->failed && d->errors + d->muted_errors + d->demoted == before;
}

bool parse_unit(Script *s, const SourceFile *file, const Conditions *cond, Diag *d)
{
	Unit *u = NEW(s->arena, Unit);
	int errors = d->errors + d->muted_errors;
	Parser p = {.s = s, .a = s->arena, .d = d, .cond = cond, .unit = u};

	u->file = file;
	u->macros = table_new(s->arena);
	u->private_globals = table_new(s->arena);
	u->private_functions = table_new(s->arena);
	p.guru = cond->guru || file->is_library;
	vec_push(s->arena, &s->files, (SourceFile *)file);
	if (!parse_text(&p, file) && file->is_library) /* a wrong tapset file is not there at all */
		return false;
	vec_push(s->arena, &s->names->units, u);
	names_add(s, u, d);
	names_bind_private(s, u);
	take_items(s, u);
	return !p.failed && d->errors + d->muted_errors == errors;
}

bool script_parse(Script *s, const SourceFile *file, const Conditions *cond, Diag *d)
{
	Loc start = {file, 1, 1};

	if (!parse_unit(s, file, cond, d))
		return false;
	if (s->names->units.v[s->names->units.n - 1]->items.n)
		return true;
	diag_error(d, DIAG_UNEXPECTED_TOKEN, start,
		   "there is no definition in this script: no "
		   "probe, no function, no global");
	return false;
}
