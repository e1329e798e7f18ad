/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Embedded C. A function's body or an expression becomes a C function embed_N of its own, which finds
 * the parameters and its value in THIS, a struct embed_N, and of ours sees no name; so `return` is C's.
 * What the user wrote keeps its lines and columns, so that the compiler's messages point there
 * (log.c); "#line 0" leads back, until line_numbers() knows where that is.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strchrnul, strverscmp */
#endif
#include "kmod_int.h"

#include <string.h>

#define BACK "#line 0"

/* ---- the user's text ---- */

/* The compiler counts columns from the beginning of the line: what is left out is blank. */
static void put_text(Emit *e, const Embed *c)
{
	const char *name = c->loc.file->name;
	int column = (int)c->loc.col - 1 + (int)strlen("%{");

	emit(e, "#line %u %s", c->loc.line, c_string(e, name, strlen(name)));
	buf_printf(e->out, "%*s%s\n%s\n", column, "", c->text, BACK);
}

void embed_line_numbers(const char *text, const char *file, Buf *out)
{
	const char *end;

	for (int line = 1; *text; text = end, line++) {
		end = strchrnul(text, '\n');
		if ((size_t)(end - text) == strlen(BACK) && !strncmp(text, BACK, strlen(BACK)))
			buf_printf(out, "#line %d \"%s\"", line + 1, file);
		else
			buf_put(out, text, (size_t)(end - text));
		if (*end)
			buf_putc(out, *end++);
	}
}

void embed_blocks(Emit *e, bool late)
{
	const NodeVec *blocks = &e->in->script->embeds;

	for (int i = 0; i < blocks->n; i++) {
		const Embed *c = blocks->v[i]->embed;

		e->uses_embed = e->uses_memory = true;
		if (embed_is(c, "pragma:suffix") == late)
			put_text(e, c);
	}
}

/* ---- globals ---- */

/* "(k0, k1" and "{.num = (k0)}, {.str = rt_c_view(k1)}" */
static const char *key_names(Emit *e, const Symbol *g, bool values)
{
	const char *text = "";

	for (int i = 0; i < g->n_keys; i++) {
		const char *sep = i ? ", " : "";

		if (!values)
			text = TEXT(e, "%s%sk%d", text, sep, i);
		else if (g->key[i] == TY_STRING)
			text = TEXT(e, "%s%s{.str = rt_c_view(k%d)}", text, sep, i);
		else
			text = TEXT(e, "%s%s{.num = (s64)(k%d)}", text, sep, i);
	}
	return text;
}

static void get_macro(Emit *e, const Symbol *g)
{
	const char *name = global_name(e, g), *names = key_names(e, g, false), *value;
	bool text = g->type == TY_STRING;

	if (g->n_keys)
		value = TEXT(e, "%s(&%s, (struct rt_value[]){%s})", text ? "rt_c_get_text" : "rt_get_num", name,
			     key_names(e, g, true));
	else
		value = text ? TEXT(e, "rt_c_text(&%s)", name) : TEXT(e, "((s64)%s)", name);
	emit(e, "#define STAP_GLOBAL_GET_%s(%s) %s", g->name, names, value);
}

static void set_macro(Emit *e, const Symbol *g)
{
	const char *name = global_name(e, g), *value;
	bool text = g->type == TY_STRING;

	if (g->n_keys)
		value = TEXT(e, "({ if (!rt_c_put_%s(&%s, (struct rt_value[]){%s}, (v))) return; })",
			     text ? "text" : "num", name, key_names(e, g, true));
	else
		value = text ? TEXT(e, "rt_set(&%s, rt_c_view(v))", name) : TEXT(e, "((void)(%s = (v)))", name);
	emit(e, "#define STAP_GLOBAL_SET_%s(%s%sv) %s", g->name, key_names(e, g, false), g->n_keys ? ", " : "",
	     value);
}

static void global_macros(Emit *e, const Embed *c)
{
	for (int i = 0; i < c->uses.n; i++) {
		const Symbol *g = c->uses.v[i].sym;

		if (g->type == TY_STATS) {
			diag_error(e->in->diag, DIAG_STATS_VALUE, c->loc, "'%s' is statistics, which C cannot use",
				   g->name);
			e->ok = false;
			continue;
		}
		if (c->uses.v[i].read)
			get_macro(e, g);
		if (c->uses.v[i].write)
			set_macro(e, g);
	}
}

static void forget_globals(Emit *e, const Embed *c)
{
	for (int i = 0; i < c->uses.n; i++) {
		if (c->uses.v[i].read)
			emit(e, "#undef STAP_GLOBAL_GET_%s", c->uses.v[i].sym->name);
		if (c->uses.v[i].write)
			emit(e, "#undef STAP_GLOBAL_SET_%s", c->uses.v[i].sym->name);
	}
}

/* ---- parameters and the value ---- */

/* struct Piece - what one C function is made from. */
typedef struct Piece {
	const Embed *c;
	const SymbolVec *params;
	Type type;
	bool is_expr;
	bool plain; /* THIS->x, not THIS->l_x */
	int index;
} Piece;

static const char *member(Emit *e, const Piece *p, const Symbol *param)
{
	return TEXT(e, "%s%s", p->plain ? "" : "l_", param->name);
}

static bool is_param(const Symbol *s)
{
	return s->kind == SYM_PARAM;
}

static const char *value_type(const Piece *p)
{
	if (p->type != TY_STRING)
		return "s64 ";
	return p->is_expr ? "const char *" : "char *";
}

static void struct_c(Emit *e, const Piece *p)
{
	emit(e, "struct embed_%d {", p->index);
	for (int i = 0; i < p->params->n; i++)
		if (is_param(p->params->v[i]))
			emit(e, "\t%s%s;", p->params->v[i]->type == TY_STRING ? "char *" : "s64 ",
			     member(e, p, p->params->v[i]));
	emit(e, "\t%s__retvalue;", value_type(p));
	emit(e, "};");
}

static void param_macros(Emit *e, const Piece *p)
{
	for (int i = 0; i < p->params->n; i++) {
		const Symbol *s = p->params->v[i];

		if (is_param(s))
			emit(e, s->type == TY_STRING ? "#define STAP_ARG_%s (*(string_t *)THIS->%s)"
						     : "#define STAP_ARG_%s THIS->%s",
			     s->name, member(e, p, s));
	}
}

static void value_macros(Emit *e, const Piece *p)
{
	if (p->type == TY_STRING) {
		emit(e, "#define STAP_RETVALUE (*(string_t *)THIS->__retvalue)");
		emit(e, "#define STAP_RETURN(v) do { strlcpy(STAP_RETVALUE, (v), MAXSTRINGLEN); return; } while (0)");
		return;
	}
	emit(e, "#define STAP_RETVALUE THIS->__retvalue");
	if (p->type == TY_LONG)
		emit(e, "#define STAP_RETURN(v) do { STAP_RETVALUE = (s64)(v); return; } while (0)");
	else
		emit(e, "#define STAP_RETURN(...) return");
}

static void forget_macros(Emit *e, const Piece *p)
{
	for (int i = 0; i < p->params->n; i++)
		if (is_param(p->params->v[i]))
			emit(e, "#undef STAP_ARG_%s", p->params->v[i]->name);
	if (!p->is_expr)
		emit(e, "#undef STAP_RETVALUE\n#undef STAP_RETURN");
	forget_globals(e, p->c);
}

/* C in the body of an alias comes once for each probe that is made from it; one function does. */
static bool was_made(Emit *e, Piece *p)
{
	const char *key = TEXT(e, "%p %d", (const void *)p->c, p->type);
	uintptr_t i = p->is_expr && !p->params->n ? (uintptr_t)table_get(e->embed_index, key) : 0;

	p->index = i ? (int)i - 1 : e->n_embeds++;
	if (!i)
		table_put(e->embed_index, key, (void *)(uintptr_t)(p->index + 1));
	return i;
}

/* The function embed_N, behind those that were made before. */
static void function_c(Emit *e, Piece *p)
{
	Buf *out = e->out;
	int indent = e->indent;

	if (was_made(e, p))
		return;
	e->uses_embed = e->uses_memory = true;
	e->out = &e->embedded;
	e->indent = 0;
	struct_c(e, p);
	param_macros(e, p);
	if (!p->is_expr)
		value_macros(e, p);
	global_macros(e, p->c);
	emit(e, "static void embed_%d(struct context *CONTEXT, struct embed_%d *THIS)", p->index, p->index);
	emit(e, "{");
	if (p->is_expr)
		emit(e, "\tTHIS->__retvalue = (typeof(THIS->__retvalue))(");
	put_text(e, p->c);
	if (p->is_expr)
		emit(e, "\t);");
	if (!strstr(p->c->text, "CATCH_DEREF_FAULT"))
		emit(e, "deref_fault: __maybe_unused;");
	emit(e, "out: __maybe_unused;");
	emit(e, "}");
	forget_macros(e, p);
	emit(e, "%s", "");
	e->indent = indent;
	e->out = out;
}

/* ---- calling it ---- */

/* The place of function @f, as an error there shows it. */
static const char *place_of_function(Emit *e, const Function *f)
{
	Node at = {.kind = ND_CALL, .loc = f->loc, .call.name = f->name};

	return place_of(e, &at);
}

static void call_c(Emit *e, const Piece *p, const char *at, const char *value)
{
	emit(e, "struct context context = rt_c_enter(c, %s);", at);
	emit(e, "struct embed_%d embed = {", p->index);
	for (int i = 0; i < p->params->n; i++) {
		const Symbol *s = p->params->v[i];
		const char *v = local_name(e, s);

		if (is_param(s))
			emit(e, "\t.%s = %s,", member(e, p, s), s->type == TY_STRING ? TEXT(e, "rt_c_text(&%s)", v) : v);
	}
	if (value)
		emit(e, "\t.__retvalue = %s,", value);
	emit(e, "};\n");
	emit(e, "embed_%d(&context, &embed);", p->index);
	emit(e, "rt_c_leave(c, &context);");
}

static bool is_plain(const Emit *e, const Embed *c)
{
	return strverscmp(e->in->compatible, "1.8") < 0 || embed_is(c, "unmangled");
}

void embed_function(Emit *e, const Function *f, Buf *text)
{
	Piece p = {.c = f->embed, .params = &f->params, .type = f->type, .plain = is_plain(e, f->embed)};
	Buf *out = e->out;

	function_c(e, &p);
	e->out = text;
	call_c(e, &p, place_of_function(e, f), f->type == TY_STRING ? "rt_c_text(ret)" : NULL);
	if (f->type == TY_STRING)
		emit(e, "ret->n = strnlen(ret->s, RT_STR_ROOM);");
	else if (f->type == TY_LONG)
		emit(e, "ret = embed.__retvalue;");
	e->out = out;
}

const char *embed_expr(Emit *e, const Node *n)
{
	static const SymbolVec none;
	Piece p = {.c = n->embed,
		   .params = e->in_function ? e->locals : &none,
		   .type = n->type,
		   .is_expr = true,
		   .plain = is_plain(e, n->embed)};
	bool text = n->type == TY_STRING;
	const char *to = text ? temp_str(e) : temp_num(e, "0");

	function_c(e, &p);
	emit(e, "{");
	e->indent++;
	call_c(e, &p, place_of(e, n), NULL);
	emit(e, text ? "rt_set(%s, rt_c_view(embed.__retvalue));" : "%s = embed.__retvalue;", to);
	e->indent--;
	emit(e, "}");
	emit_check(e);
	if (strstr(n->embed->text, "STAP_NEXT")) {
		emit(e, "if (c->next)");
		emit(e, "\tgoto out;");
	}
	return text ? TEXT(e, "rt_view(%s)", to) : to;
}

void embed_settings(Emit *e)
{
	int major = 0, minor = 0;

	sscanf(e->in->compatible, "%d.%d", &major, &minor);
	emit(e, "#define RT_USE_EMBED");
	emit(e, "#define STAP_COMPAT_VERSION STAP_VERSION(%d, %d)", major, minor);
	for (int i = 0; i < e->in->n_defines; i++) {
		const char *d = e->in->defines[i], *eq = strchrnul(d, '=');

		emit(e, "#define %.*s %s", (int)(eq - d), d, *eq ? eq + 1 : "1");
	}
}
