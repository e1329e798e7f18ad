/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pretty printers: $x$, $x$$, $$parms and their like become a sprintf over plain target variables,
 * so that nobody behind this knows of them. One level of a struct with $x$, all that is within it
 * with $x$$; pointers are printed, not followed, except at the start.
 */
#include "probe/probe_int.h"

#include <string.h>

enum { MAX_ARGS = 32, MAX_ELEMENTS = 8, MAX_DEPTH = 8 };

typedef struct Printer {
	Walk *w;
	Node *print;
	Buf format, literal; /* the whole format, and the literal run not yet in a piece */
	int level;	     /* 1: structs and arrays within are only {...}; 2: all */
	bool at_entry;
	Loc loc;
} Printer;

/* ---- the sprintf node ---- */

static void put(Printer *p, const char *text)
{
	for (const char *c = text; *c; c++)
		buf_puts(&p->format, *c == '%' ? "%%" : (char[]){*c, 0});
	buf_puts(&p->literal, text);
}

static void flush(Printer *p)
{
	Arena *a = p->w->ctx->arena;
	FormatPiece piece = {.width = -1, .precision = -1, .len = p->literal.n};

	if (!p->literal.n)
		return;
	piece.text = arena_strndup(a, buf_str(&p->literal), p->literal.n);
	vec_push(a, &p->print->print.pieces, piece);
	buf_free(&p->literal);
}

static void put_value(Printer *p, char flag, char conv, Node *value)
{
	Arena *a = p->w->ctx->arena;
	FormatPiece piece = {.conv = conv, .flag = flag, .width = -1, .precision = -1};

	flush(p);
	buf_putc(&p->format, '%');
	if (flag)
		buf_putc(&p->format, flag);
	buf_putc(&p->format, conv);
	vec_push(a, &p->print->print.pieces, piece);
	vec_push(a, &p->print->print.args, value);
}

static Printer start(Walk *w, int level, Loc loc)
{
	Printer p = {.w = w, .level = level, .loc = loc};

	p.print = node_new(w->ctx->arena, ND_PRINT, loc);
	p.print->print.kind = PR_PRINTF;
	p.print->print.to_string = true;
	p.print->type = TY_STRING;
	return p;
}

static Node *end(Printer *p)
{
	Arena *a = p->w->ctx->arena;
	Node *n = p->print;

	if (!n->print.args.n) { /* nothing but text */
		n = node_new(a, ND_STR, p->loc);
		n->str = arena_strdup(a, buf_str(&p->literal));
		n->type = TY_STRING;
	} else {
		flush(p);
		n->print.format = arena_strdup(a, buf_str(&p->format));
	}
	buf_free(&p->literal);
	buf_free(&p->format);
	return n;
}

/* ---- values ---- */

static Node *value_node(Printer *p, const Object *o, const Fetch *f)
{
	Arena *a = p->w->ctx->arena;
	Node *n = node_new(a, ND_TARGET, p->loc);
	Fetch *copy;

	n->target.name = o->text ? o->text : "$";
	copy = NEW(a, Fetch);
	*copy = *f;
	if (f->base == FB_EXPR) {
		n->target.computed = copy;
		n->target.base = node_clone(a, p->w->expr);
	} else {
		n->target.fetch = copy;
		n->target.at_entry = p->at_entry;
	}
	n->type = f->kind == FK_STRING ? TY_STRING : TY_LONG;
	return n;
}

/* The value of @o, or NULL when it has none; nothing is reported. */
static Node *try_load(Printer *p, const Object *o)
{
	Walk quiet = *p->w;
	Fetch f;
	bool ok;

	quiet.ctx->diag->muted++;
	ok = object_load(&quiet, o, &f);
	quiet.ctx->diag->muted--;
	return ok ? value_node(p, o, &f) : NULL;
}

static void put_text(Printer *p, const Object *o)
{
	Arena *a = p->w->ctx->arena;
	Node *address = try_load(p, o), *call;
	const Builtin *quoted = builtin_find("kernel_string_quoted", 1);

	if (!address) {
		put(p, "?");
		return;
	}
	if (!quoted) {
		put_value(p, 0, 'p', address);
		return;
	}
	call = node_new(a, ND_CALL, p->loc);
	call->call.name = quoted->name;
	call->call.builtin = quoted;
	call->type = TY_STRING;
	vec_push(a, &call->call.args, address);
	put_value(p, 0, 's', call);
}

static bool is_text(Printer *p, const DbgType *t)
{
	const DbgType *target = debuginfo_target(p->w->ctx->di, t);

	return target && target->kind == DBG_CHAR;
}

static void put_object(Printer *p, const Object *o, int depth);

static void put_members(Printer *p, const Object *o, int depth)
{
	Arena *a = p->w->ctx->arena;
	DbgMember m;

	put(p, "{");
	for (int i = 0; debuginfo_member_at(p->w->ctx->di, o->type, i, &m); i++) {
		Object in = *o;

		if (i)
			put(p, ", ");
		if (p->print->print.args.n >= MAX_ARGS) {
			put(p, "...");
			break;
		}
		if (*m.name)
			put(p, arena_printf(a, ".%s=", m.name));
		in.lo.add += in.in == OBJ_MEMORY ? m.offset : 0;
		in.reg_byte += m.offset;
		in.type = m.type;
		in.bit_off = m.bit_off;
		in.bit_size = m.bit_size;
		if (*m.name)
			in.text = arena_printf(a, "%s->%s", o->text ? o->text : "", m.name);
		put_object(p, &in, *m.name ? depth + 1 : depth);
	}
	put(p, "}");
}

static void put_elements(Printer *p, const Object *o, int depth)
{
	const DbgType *elem = debuginfo_target(p->w->ctx->di, o->type);
	uint32_t n = o->type->n_elems;

	put(p, "[");
	for (uint32_t i = 0; i < n; i++) {
		Object in = *o;

		if (i)
			put(p, ", ");
		if (i == MAX_ELEMENTS || p->print->print.args.n >= MAX_ARGS) {
			put(p, "...");
			break;
		}
		in.type = elem;
		in.lo.add += in.in == OBJ_MEMORY ? i * elem->size : 0;
		in.reg_byte += i * elem->size;
		put_object(p, &in, depth + 1);
	}
	put(p, "]");
}

static void put_scalar(Printer *p, const Object *o)
{
	Node *n = try_load(p, o);
	DbgKind kind = o->type ? o->type->kind : DBG_INT;

	if (!n) {
		put(p, "?");
	} else if (n->type == TY_STRING) {
		put(p, "\"");
		put_value(p, 0, 's', n);
		put(p, "\"");
	} else if (kind == DBG_CHAR && !o->bit_size) {
		put(p, "'");
		put_value(p, '#', 'c', n);
		put(p, "'");
	} else if (kind == DBG_PTR || kind == DBG_FUNC) {
		put_value(p, 0, 'p', n);
	} else {
		put_value(p, 0, n->target.fetch->is_signed ? 'd' : 'u', n);
	}
}

static void put_object(Printer *p, const Object *o, int depth)
{
	DbgKind kind = o->type ? o->type->kind : DBG_INT;
	bool closed = depth > 0 && (p->level < 2 || depth > MAX_DEPTH);

	if (kind == DBG_STRUCT || kind == DBG_UNION) {
		if (closed)
			put(p, "{...}");
		else
			put_members(p, o, depth);
	} else if ((kind == DBG_ARRAY || kind == DBG_PTR) && is_text(p, o->type)) {
		put_text(p, o);
	} else if (kind == DBG_ARRAY) {
		if (closed)
			put(p, "[...]");
		else
			put_elements(p, o, depth);
	} else {
		put_scalar(p, o);
	}
}

/* A pointer to a struct is printed as the struct. */
static void enter_pointer(Printer *p, Object *o)
{
	const DbgType *target =
	    o->type && o->type->kind == DBG_PTR ? debuginfo_target(p->w->ctx->di, o->type) : NULL;
	const char *text = o->text;
	Node *n;

	if (!target || (target->kind != DBG_STRUCT && target->kind != DBG_UNION) || !target->size)
		return;
	n = try_load(p, o);
	if (!n)
		return;
	object_at(n->target.fetch, target, o);
	o->text = text;
}

static bool starts_at_entry(const Walk *w, const Object *o)
{
	return w->in_entry ||
	       (w->scope->is_return && !(o->text && !strncmp(o->text, "$return", 7)));
}

Node *pretty_target(Walk *w, const Object *o, int level, Loc loc)
{
	Printer p = start(w, level, loc);
	Object at = *o;

	p.at_entry = starts_at_entry(w, o);
	enter_pointer(&p, &at);
	put_object(&p, &at, 0);
	return end(&p);
}

/* ---- $$parms and its like ---- */

static void put_plain(Printer *p, const Object *o)
{
	DbgKind kind = o->type ? o->type->kind : DBG_INT;
	Node *n;

	if (kind == DBG_STRUCT || kind == DBG_UNION) {
		put(p, "{...}");
		return;
	}
	if (o->in == OBJ_FIELD && o->field->kind == FIELD_ARRAY) {
		put(p, "[...]");
		return;
	}
	n = try_load(p, o);
	if (!n)
		put(p, "?");
	else if (n->type == TY_STRING)
		put_scalar(p, o);
	else
		put_value(p, '#', 'x', n);
}

static void put_named(Printer *p, const char *name, Object *o)
{
	p->at_entry = starts_at_entry(p->w, o);
	put(p, name);
	put(p, "=");
	if (p->level) {
		enter_pointer(p, o);
		put_object(p, o, 0);
	} else {
		put_plain(p, o);
	}
}

static void put_variables(Printer *p, bool params, bool locals)
{
	const Scope *s = p->w->scope;
	const Variables *v = s->use_fields || !s->vars.n ? &s->fields : &s->vars;
	bool more = false;

	for (int i = 0; i < v->n; i++) {
		Object o;

		if (v->v[i].unlisted || (v->v[i].is_local ? !locals : !params))
			continue;
		if (more)
			put(p, " ");
		more = true;
		object_of_variable(p->w, &v->v[i], &o);
		put_named(p, s->dollars ? o.text : v->v[i].name, &o);
	}
}

static void put_return(Printer *p)
{
	const Scope *s = p->w->scope;
	ArchLoc loc;
	Object o;

	if (!s->ret || s->ret->kind == DBG_VOID)
		return;
	arch_locate_return(s->ret, &loc);
	object_of_location(s->ret, &loc, &o);
	o.text = "$return";
	put_named(p, "return", &o);
}

static bool has_variables(Walk *w, const char *name, Loc loc)
{
	const Scope *s = w->scope;

	scope_ask(w->ctx->arena, w->ctx->di, w->scope);
	if (s->vars.n || s->fields.n || s->none_tag == DIAG_VAR_UNKNOWN)
		return true; /* perhaps an empty list, but a known one */
	walk_error(w, s->none_tag, loc, "%s has no %s: %s", s->subject, name, s->none);
	return false;
}

Node *pretty_summary(Walk *w, const char *name, int level, Loc loc)
{
	Printer p = start(w, level, loc);

	if (!strcmp(name, "$$parms") || !strcmp(name, "$$vars")) {
		if (has_variables(w, name, loc))
			put_variables(&p, true, !strcmp(name, "$$vars"));
	} else if (!strcmp(name, "$$return") && w->scope->is_return && !w->in_entry) {
		if (has_variables(w, name, loc))
			put_return(&p);
	} else if (!strcmp(name, "$$locals")) {
		if (w->scope->dwarf)
			put_variables(&p, false, true);
		else if (has_variables(w, name, loc))
			diag_warning(w->ctx->diag, DIAG_NEEDS_DWARF, loc,
				     "$$locals is empty: local variables are only known to DWARF, which a "
				     "point with a source file asks (function@file)");
	} else {
		walk_error(w, DIAG_VAR_UNKNOWN, loc, "%s has no '%s'", w->scope->subject, name);
	}
	return end(&p);
}
