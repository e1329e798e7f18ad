/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * -l and -L: the points that a pattern stands for, sorted, one a line; with -L also what a handler
 * can name there: "bytes_to_read:long $file:struct file* $count:size_t".
 */
#include "probe/probe_int.h"

#include <stdlib.h>
#include <string.h>

typedef struct Line {
	const char *name;
	const ProbePoint *point;
	Scope *scope;
} Line;
typedef VEC(Line) Lines;

/* Points that an alias stands for are listed under its name. */
static void add_lines(ProbeContext *ctx, const Probe *probe, const Resolve *r, Lines *ret)
{
	for (int i = 0; i < r->sites.n; i++) {
		Line line = {probe->alias ? probe->alias : r->sites.v[i].name, r->point,
			     r->sites.v[i].scope};

		vec_push(ctx->arena, ret, line);
	}
}

static void collect(ProbeContext *ctx, const Probe *probe, Lines *ret)
{
	for (int i = 0; i < probe->points.n; i++) {
		const ProbePoint *p = probe->points.v[i];
		bool quiet = p->optional || p->sufficient, found;
		Resolves all = {0};

		ctx->diag->muted += quiet;
		found = resolve_point(ctx, p, &all);
		ctx->diag->muted -= quiet;
		for (int k = 0; k < all.n; k++)
			add_lines(ctx, probe, all.v[k], ret);
		if (found && p->sufficient)
			break;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const Line *)a)->name, ((const Line *)b)->name);
}

/* A C type without the blanks that a list does not need: "char const*", "char[16]". */
static void print_var(FILE *out, const char *name, const char *type)
{
	fprintf(out, " $%s:", name);
	for (; *type; type++)
		if (*type != ' ' || (type[1] != '*' && type[1] != '['))
			putc(*type, out);
}

static bool is_shown(const Variable *v)
{
	return v->loc.kind != ARCH_NOWHERE || !v->why;
}

static void print_vars(Arena *a, FILE *out, Scope *s)
{
	scope_fill(a, s);
	if (s->ret && s->ret->kind != DBG_VOID)
		print_var(out, "return", s->ret->name);
	for (int i = 0; i < s->vars.n; i++)
		if (is_shown(&s->vars.v[i]))
			print_var(out, s->vars.v[i].name, s->vars.v[i].ctype);
	for (int i = 0; i < s->fields.n; i++)
		if (!variable_find(&s->vars, s->fields.v[i].name))
			print_var(out, s->fields.v[i].name, s->fields.v[i].ctype);
}

/* ---- what an alias sets ---- */

static bool any_alias(const Script *s)
{
	for (int i = 0; i < s->probes.n; i++)
		if (s->probes.v[i]->alias)
			return true;
	return false;
}

/* Types are only known of resolved probes; what cannot be had there is left out of the list. */
static void resolve_aliases(ProbeContext *ctx, Script *s, ResolvedProbes *ret)
{
	if (!any_alias(s))
		return;
	ctx->diag->muted++;
	ctx->skip_badvars = true;
	probe_resolve(ctx, s, ret);
	types_infer(s, ctx->diag);
	ctx->diag->muted--;
}

static void print_alias_vars(FILE *out, const ResolvedProbes *probes, const ProbePoint *point)
{
	const ResolvedProbe *p = NULL;

	for (int i = 0; i < probes->n && !p; i++)
		if (probes->v[i]->point == point)
			p = probes->v[i];
	for (int i = 0; p && i < p->body->locals.n; i++) {
		const Symbol *v = p->body->locals.v[i];

		if (strncmp(v->name, "__", 2) && (v->type == TY_LONG || v->type == TY_STRING))
			fprintf(out, " %s:%s", v->name, type_name(v->type));
	}
}

int probe_list(ProbeContext *ctx, Script *s, bool with_vars, FILE *out)
{
	ResolvedProbes resolved = {0};
	Lines lines = {0};
	int n = 0;

	for (int i = 0; i < s->probes.n; i++)
		collect(ctx, s->probes.v[i], &lines);
	if (with_vars)
		resolve_aliases(ctx, s, &resolved);
	if (lines.n)
		qsort(lines.v, (size_t)lines.n, sizeof(lines.v[0]), by_name);
	for (int i = 0; i < lines.n; i++) {
		if (i && !strcmp(lines.v[i].name, lines.v[i - 1].name))
			continue;
		fputs(lines.v[i].name, out);
		if (with_vars) {
			print_alias_vars(out, &resolved, lines.v[i].point);
			print_vars(ctx->arena, out, lines.v[i].scope);
		}
		putc('\n', out);
		n++;
	}
	return n;
}
