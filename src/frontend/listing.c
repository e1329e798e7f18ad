/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listings: definitions around the trees of dump.c. -p1 prints the files as they were parsed, -p2
 * what names and types made of them.
 */
#include "frontend/frontend_int.h"

#include <inttypes.h>

/* ---- probe points ---- */

static void put_component(Buf *b, const Component *c)
{
	buf_puts(b, c->name);
	if (c->arg == ARG_STR) {
		buf_putc(b, '(');
		dump_string(b, c->str);
		buf_putc(b, ')');
	} else if (c->arg == ARG_NUM) {
		buf_printf(b, "(%" PRId64 ")", c->num);
	}
}

static void put_point(Buf *b, const ProbePoint *p)
{
	for (int i = 0; i < p->part.n; i++) {
		buf_puts(b, i ? "." : "");
		put_component(b, &p->part.v[i]);
	}
	buf_puts(b, p->sufficient ? "!" : p->optional ? "?" : "");
	if (p->condition) {
		buf_puts(b, " if (");
		dump_expr(b, p->condition);
		buf_putc(b, ')');
	}
}

const char *point_text(Arena *a, const ProbePoint *p)
{
	ProbePoint plain = *p;
	const char *text;
	Buf b = {0};

	plain.condition = NULL;
	plain.optional = plain.sufficient = false;
	put_point(&b, &plain);
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

static void put_points(Buf *b, const PointVec *points)
{
	for (int i = 0; i < points->n; i++) {
		buf_puts(b, i ? ", " : "");
		put_point(b, points->v[i]);
	}
}

/* ---- definitions ---- */

static void put_global(Buf *b, const Symbol *g)
{
	buf_printf(b, "%sglobal %s%s", g->is_private ? "private " : "", g->name,
		   g->wrap ? "%" : "");
	if (g->size)
		buf_printf(b, "[%" PRId64 "]", g->size);
	if (g->init) {
		buf_puts(b, " = ");
		dump_expr(b, g->init);
	}
	buf_putc(b, '\n');
}

static void put_annotation(Buf *b, Type t)
{
	if (t == TY_LONG || t == TY_STRING)
		buf_printf(b, ":%s", type_name(t));
}

static void put_head(Buf *b, const Function *f)
{
	buf_puts(b, f->name);
	put_annotation(b, f->type);
	buf_puts(b, " (");
	for (int i = 0; i < f->params.n; i++) {
		buf_printf(b, "%s%s", i ? ", " : "", f->params.v[i]->name);
		put_annotation(b, f->params.v[i]->type);
	}
	buf_putc(b, ')');
}

static void put_function(Buf *b, const Function *f)
{
	buf_printf(b, "%sfunction ", f->is_private ? "private " : "");
	put_head(b, f);
	if (f->priority && f->priority != f->is_library)
		buf_printf(b, ":%" PRId64, f->priority);
	buf_putc(b, '\n');
	if (f->embed)
		buf_printf(b, "%%{%s%%}\n", f->embed->text);
	else
		dump_node(b, f->body, 0);
}

static void put_alias(Buf *b, const Alias *al)
{
	buf_puts(b, "probe ");
	for (int i = 0; i < al->names.n; i++) {
		put_point(b, al->names.v[i]);
		buf_puts(b, al->prologue ? " = " : " += ");
	}
	put_points(b, &al->points);
	buf_putc(b, '\n');
	dump_node(b, al->prologue ? al->prologue : al->epilogue, 0);
	if (al->prologue && al->epilogue) {
		buf_puts(b, ",\n");
		dump_node(b, al->epilogue, 0);
	}
}

static void put_item(Buf *b, const Item *it)
{
	switch (it->kind) {
	case ITEM_GLOBAL:
		put_global(b, it->global);
		return;
	case ITEM_FUNCTION:
		put_function(b, it->function);
		return;
	case ITEM_PROBE:
		buf_puts(b, "probe ");
		put_points(b, &it->probe->points);
		buf_putc(b, '\n');
		dump_node(b, it->probe->body->block, 0);
		return;
	case ITEM_ALIAS:
		put_alias(b, it->alias);
		return;
	case ITEM_EMBED:
		buf_printf(b, "%%{%s%%}\n", it->embed->embed->text);
		return;
	}
}

static void write_out(Buf *b, FILE *out)
{
	fwrite(buf_str(b), 1, b->n, out);
	buf_free(b);
}

void dump_tree(const Script *s, FILE *out)
{
	Buf b = {0};

	for (int i = 0; i < s->names->units.n; i++) {
		const Unit *u = s->names->units.v[i];

		for (int j = 0; !u->file->is_library && j < u->items.n; j++)
			put_item(&b, &u->items.v[j]);
	}
	write_out(&b, out);
}

/* ---- after names and types ---- */

static void put_typed(Buf *b, const Symbol *sym)
{
	buf_printf(b, "%s:%s", sym->name, type_name(sym->type));
	for (int i = 0; i < sym->n_keys; i++)
		buf_printf(b, "%s%s", i ? ", " : " [", type_name(sym->key[i]));
	buf_puts(b, sym->n_keys > 0 ? "]" : "");
}

static void put_typed_global(Buf *b, const Symbol *g)
{
	put_typed(b, g);
	if (g->init) {
		buf_puts(b, " = ");
		dump_expr(b, g->init);
	}
	buf_putc(b, '\n');
}

static void put_locals(Buf *b, const SymbolVec *locals, int from, int indent)
{
	for (int i = from; i < locals->n; i++) {
		for (int j = 0; j < indent; j++)
			buf_putc(b, '\t');
		buf_puts(b, "# ");
		put_typed(b, locals->v[i]);
		buf_putc(b, '\n');
	}
}

void dump_elaborated(const Script *s, FILE *out)
{
	Buf b = {0};

	for (int i = 0; i < s->embeds.n; i++)
		buf_printf(&b, "%s%%{%s%%}\n", i ? "" : "# global embedded code\n",
			   s->embeds.v[i]->embed->text);
	size_t start = b.n;
	for (int i = 0; i < s->globals.n; i++) {
		const Symbol *g = s->globals.v[i];

		if (g->is_library && !g->read && !g->written)
			continue;
		buf_puts(&b, b.n > start ? "" : "# globals\n");
		put_typed_global(&b, g);
	}
	buf_puts(&b, s->functions.n ? "# functions\n" : "");
	for (int i = 0; i < s->functions.n; i++) {
		const Function *f = s->functions.v[i];

		put_head(&b, f);
		buf_putc(&b, '\n');
		put_locals(&b, &f->locals, f->params.n, 1);
		if (f->body)
			dump_node(&b, f->body, 1);
		else
			buf_printf(&b, "\t%%{%s%%}\n", f->embed->text);
	}
	write_out(&b, out);
}

void dump_body(const Body *body, int indent, FILE *out)
{
	Buf b = {0};

	put_locals(&b, &body->locals, 0, indent);
	dump_node(&b, body->block, indent);
	write_out(&b, out);
}
