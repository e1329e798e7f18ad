/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kernel.statement and module.statement: source lines and addresses within functions. A line is
 * probed where its code begins in each copy of its function; .nearest takes the next line that has
 * code.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

enum { ST_NEAREST = 1 };

#define FORMS(arg)                                                                                 \
	{arg, 0},                                                                                  \
	{                                                                                          \
		arg ".nearest", ST_NEAREST                                                         \
	}
static const Pattern pattern[] = {
    FORMS("kernel.statement(string)"),
    FORMS("kernel.statement(number)"),
    FORMS("module(string).statement(string)"),
    FORMS("module(string).statement(number)"),
    {NULL, 0},
};

/* ---- lines ---- */

/** struct Found - a line of one copy of a function. */
typedef struct Found {
	const DbgCode *code;
	DbgLine line;
} Found;

typedef struct Lines {
	Resolve *r;
	DwarfFile *file;
	const char *module;
	SourceSpec spec;
	DbgCodes codes;
	VEC(Found) found;
} Lines;

static void find(Lines *l, const DbgCode *c, int first, int last)
{
	DbgLines lines = {0};

	dwarf_lines(l->file, c, first, last, &lines);
	for (int i = 0; i < lines.n; i++)
		vec_push(l->r->ctx->arena, &l->found, ((Found){c, lines.v[i]}));
}

static void find_wanted(Lines *l)
{
	for (int i = 0; i < l->codes.n; i++) {
		const DbgCode *c = &l->codes.v[i];
		int base = l->spec.relative ? c->line : 0;

		if (!l->spec.lines.n)
			find(l, c, c->line, INT_MAX);
		for (int k = 0; k < l->spec.lines.n; k++)
			find(l, c, base + l->spec.lines.v[k].first, base + l->spec.lines.v[k].last);
	}
}

static int wanted_line(const Lines *l, const DbgCode *c)
{
	return (l->spec.relative ? c->line : 0) + l->spec.lines.v[0].first;
}

static int distance(const Lines *l, const Found *f)
{
	return abs(f->line.line - wanted_line(l, f->code));
}

/* All lines of the functions, of which those nearest to the wanted one remain. */
static void find_nearest(Lines *l)
{
	int best = INT_MAX, n = 0;

	for (int i = 0; i < l->codes.n; i++)
		find(l, &l->codes.v[i], l->codes.v[i].line, INT_MAX);
	for (int i = 0; i < l->found.n; i++)
		if (distance(l, &l->found.v[i]) < best)
			best = distance(l, &l->found.v[i]);
	for (int i = 0; i < l->found.n; i++)
		if (distance(l, &l->found.v[i]) == best)
			l->found.v[n++] = l->found.v[i];
	l->found.n = n;
}

/* The lines with code on both sides of the wanted one, for a message. */
static const char *around(Lines *l)
{
	int below = 0, above = INT_MAX, want = wanted_line(l, &l->codes.v[0]);
	Arena *a = l->r->ctx->arena;

	for (int i = 0; i < l->codes.n; i++)
		find(l, &l->codes.v[i], l->codes.v[i].line, INT_MAX);
	for (int i = 0; i < l->found.n; i++) {
		int line = l->found.v[i].line.line;

		if (line < want && line > below)
			below = line;
		if (line > want && line < above)
			above = line;
	}
	if (below && above < INT_MAX)
		return arena_printf(a, "; the next that do are %d and %d", below, above);
	if (below || above < INT_MAX)
		return arena_printf(a, "; the next that does is %d", below ? below : above);
	return "";
}

static void nothing_found(Lines *l, const Component *c)
{
	const SourceSpec *s = &l->spec;
	Diag *d = l->r->ctx->diag;

	if (l->codes.n && s->lines.n)
		diag_error(d, DIAG_LINE_UNKNOWN, c->loc, "no code begins at line %d of '%s'%s",
			   wanted_line(l, &l->codes.v[0]), l->codes.v[0].file, around(l));
	else
		diag_error(d, DIAG_FUNC_UNKNOWN, c->loc, "no function '%s'%s%s%s in %s",
			   s->function, s->file ? " in a file '" : "", s->file ? s->file : "",
			   s->file ? "'" : "", dwarf_path(l->file));
}

static void add(Lines *l, const DbgCode *c, int line, uint64_t pc)
{
	source_site(l->r, l->file, l->module, c, pc, "statement",
		    arena_printf(l->r->ctx->arena, "%s@%s:%d", c->name, c->file, line));
}

static bool by_line(Resolve *r, const char *module, const Component *c)
{
	Lines l = {.r = r, .module = module};
	int before = r->sites.n;

	if (!source_parse(r, c, &l.spec))
		return false;
	l.file = source_dwarf(r, module, c->loc);
	if (!l.file)
		return false;
	dwarf_codes(l.file, l.spec.function, l.spec.file, &l.codes);
	if (l.spec.has_lines)
		find_wanted(&l);
	if (!l.found.n && l.spec.lines.n && r->pattern->form & ST_NEAREST)
		find_nearest(&l);
	for (int i = 0; i < l.found.n; i++)
		add(&l, l.found.v[i].code, l.found.v[i].line.line, l.found.v[i].line.pc);
	for (int i = 0; i < l.codes.n && !l.spec.has_lines; i++)
		add(&l, &l.codes.v[i], l.codes.v[i].line, l.codes.v[i].entry);
	if (r->sites.n == before)
		nothing_found(&l, c);
	return r->sites.n > before;
}

/* ---- addresses ---- */

static bool by_address(Resolve *r, const char *module, const Component *c)
{
	DwarfFile *f = source_dwarf(r, module, c->loc);
	uint64_t pc = (uint64_t)c->num;
	const char *file;
	DbgCode code;
	int64_t bias;
	int line;

	if (!f)
		return false;
	if (!dwarf_bias(f, &bias)) {
		diag_error(r->ctx->diag, DIAG_NEEDS_DWARF, c->loc,
			   "the kernel hides its addresses, so 0x%" PRIx64 " has no meaning", pc);
		return false;
	}
	pc -= (uint64_t)bias;
	if (!dwarf_code_at(f, pc, &code)) {
		diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, c->loc, "no function is at 0x%" PRIx64,
			   (uint64_t)c->num);
		return false;
	}
	if (!dwarf_line_at(f, pc, &file, &line)) {
		diag_error(r->ctx->diag, DIAG_LINE_UNKNOWN, c->loc,
			   "0x%" PRIx64 " is within function '%s', but no statement begins there",
			   (uint64_t)c->num, code.name);
		return false;
	}
	source_site(r, f, module, &code, pc, NULL, NULL);
	return true;
}

static bool in_module(Resolve *r, const char *module)
{
	const Component *c = point_part(r->point, "statement");

	return c->arg == ARG_NUM ? by_address(r, module, c) : by_line(r, module, c);
}

static void each_module(void *arg, const char *name)
{
	in_module(arg, name);
}

static bool resolve(Resolve *r)
{
	const Component *mod = point_part(r->point, "module");
	const char *module = NULL;

	r->common.hook = HOOK_KPROBE;
	if (mod && name_is_wild(mod->str)) {
		debuginfo_each_module(r->ctx->di, mod->str, each_module, r);
		return r->sites.n > 0;
	}
	return (!mod || module_named(r, mod->str, &module)) && in_module(r, module);
}

const Family family_statement = {pattern, resolve};
