/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Points that only DWARF can find: functions named with their source file, inlined copies, labels,
 * callees. A site is a copy of a function and an address in it; its name says function, file and
 * line.
 */
#include "probe/probe_int.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- "function@file:lines" ---- */

static bool bad_lines(Resolve *r, const Component *c, const char *at)
{
	diag_error(r->ctx->diag, DIAG_POINT_UNKNOWN, c->loc,
		   "'%s' is no list of lines (:10  :10-20  :10,15-20  :*  +5)", at);
	return false;
}

/* One number or "first-last" at *@p. */
static bool parse_range(const char **p, SourceLines *ret)
{
	char *end;

	ret->first = (int)strtol(*p, &end, 10);
	if (end == *p)
		return false;
	ret->last = ret->first;
	*p = end;
	if (**p != '-')
		return true;
	ret->last = (int)strtol(*p + 1, &end, 10);
	if (end == *p + 1 || ret->last < ret->first)
		return false;
	*p = end;
	return true;
}

/* What stands behind the file name: ":*", ":1,3-5", "+4" or ":+4". */
static bool parse_lines(Resolve *r, const Component *c, const char *text, SourceSpec *ret)
{
	const char *p = text + (*text == ':');
	SourceLines lines;

	ret->has_lines = true;
	if (!strcmp(text, ":*"))
		return true;
	ret->relative = *p == '+';
	p += ret->relative;
	do {
		if (!parse_range(&p, &lines))
			return bad_lines(r, c, text);
		vec_push(r->ctx->arena, &ret->lines, lines);
	} while (*p == ',' && p++);
	return *p ? bad_lines(r, c, text) : true;
}

bool source_parse(Resolve *r, const Component *c, SourceSpec *ret)
{
	Arena *a = r->ctx->arena;
	const char *at = strchr(c->str, '@'), *lines;

	*ret = (SourceSpec){.function = c->str};
	if (!at)
		return true;
	ret->function = arena_strndup(a, c->str, (size_t)(at - c->str));
	lines = strrchr(at, ':');
	if (!lines) {
		lines = strrchr(at, '+');
		if (lines && lines[1 + strspn(lines + 1, "0123456789")])
			lines = NULL; /* it belongs to the file's name */
	}
	ret->file = lines ? arena_strndup(a, at + 1, (size_t)(lines - at - 1)) : at + 1;
	return !lines || parse_lines(r, c, lines, ret);
}

DwarfFile *source_dwarf(Resolve *r, const char *module, Loc loc)
{
	const char *why;
	DwarfFile *f = debuginfo_dwarf(r->ctx->di, module, &why);

	if (!f)
		diag_error(r->ctx->diag, DIAG_NEEDS_DWARF, loc, "%s needs DWARF: %s",
			   point_text(r->ctx->arena, r->point), why);
	return f;
}

/* ---- sites ---- */

/* As symbol+offset where the symbol is the only one of its name, else by address. */
static Place place_of(Resolve *r, DwarfFile *f, const char *module, uint64_t pc)
{
	Place p = {.module = module};
	bool unique = false;
	int64_t bias;

	p.function = dwarf_symbol(f, pc, &p.offset, &unique);
	p.optional = r->common.optional;
	if ((!p.function || !unique) && dwarf_bias(f, &bias)) {
		p.address = pc + (uint64_t)bias;
		p.offset = 0;
	}
	if (!p.function)
		p.function = "?";
	return p;
}

static bool is_wild(const Resolve *r)
{
	for (int i = 0; i < r->point->part.n; i++)
		if (r->point->part.v[i].arg == ARG_STR && name_is_wild(r->point->part.v[i].str))
			return true;
	return false;
}

static bool same_place(const Place *a, const Place *b)
{
	return a->address == b->address && a->offset == b->offset &&
	       !strcmp(a->function, b->function);
}

Site *source_site(Resolve *r, DwarfFile *f, const char *module, const DbgCode *c, uint64_t pc,
		  const char *part, const char *shown)
{
	Arena *a = r->ctx->arena;
	Site site = {.place = place_of(r, f, module, pc)};

	for (int i = 0; i < r->sites.n; i++)
		if (same_place(&r->sites.v[i].place, &site.place))
			return NULL;
	site.place.optional = is_wild(r);
	site.name = point_text_with(a, r->point, part, shown, module ? "module" : NULL, module);
	site.place.pp = site.name;
	site.scope = scope_source(a, f, c, pc, module, r->common.hook == HOOK_KRETPROBE);
	vec_push(a, &r->sites, site);
	return &r->sites.v[r->sites.n - 1];
}

static const char *named(Arena *a, const DbgCode *c, int line)
{
	return arena_printf(a, "%s@%s:%d", c->name, c->file, line);
}

static void function_site(Resolve *r, DwarfFile *f, const char *module, const DbgCode *c)
{
	source_site(r, f, module, c, c->entry, "function", named(r->ctx->arena, c, c->line));
}

static void label_sites(Resolve *r, DwarfFile *f, const char *module, const DbgCode *c)
{
	const Component *label = point_part(r->point, "label");
	const ProbePoint *written = r->point;
	Arena *a = r->ctx->arena;
	DbgLines found = {0};

	dwarf_labels(f, c, label->str, &found);
	for (int i = 0; i < found.n; i++) {
		r->point = point_with(a, written, "label", found.v[i].name);
		source_site(r, f, module, c, found.v[i].pc, "function",
			    named(a, c, found.v[i].line));
	}
	r->point = written;
}

/* ---- callees ---- */

/* The function that is called, where its code is: the call may only name a declaration. */
static bool definition(DwarfFile *f, const DbgCall *call, DbgCode *ret)
{
	uint64_t pc = call->callee.entry;

	*ret = call->callee;
	if (pc)
		return true;
	return dwarf_find_symbol(f, call->callee.name, &pc) && dwarf_code_at(f, pc, ret) &&
	       !ret->inlined;
}

/* A called function is probed where it begins (or returns), for calls that return into the caller.
 */
static void called_site(Resolve *r, DwarfFile *f, const char *module, const DbgCode *callee,
			uint64_t back)
{
	Arena *a = r->ctx->arena;
	Callers *callers = NEW(a, Callers);
	int64_t bias;
	Site *site;

	if (!dwarf_bias(f, &bias))
		return;
	site = source_site(r, f, module, callee, callee->entry, NULL, NULL);
	if (site) {
		arch_caller(r->common.hook == HOOK_KRETPROBE, &callers->back);
		site->callers = callers;
	}
	for (int i = 0; i < r->sites.n; i++) /* several calls of one function */
		if (r->sites.v[i].scope->code.die == callee->die) {
			callers = (Callers *)(uintptr_t)r->sites.v[i].callers;
			vec_push(a, &callers->address, back + (uint64_t)bias);
		}
}

static void callee_sites(Resolve *r, DwarfFile *f, const char *module, const DbgCode *c,
			 const SourceSpec *want)
{
	const ProbePoint *written = r->point;
	Arena *a = r->ctx->arena;
	DbgCalls calls = {0};

	dwarf_calls(f, c, &calls);
	for (int i = 0; i < calls.n; i++) {
		DbgCode callee;

		if (fnmatch(want->function, calls.v[i].callee.name, 0) ||
		    !definition(f, &calls.v[i], &callee) ||
		    (want->file && !dwarf_file_matches(want->file, callee.file)))
			continue;
		r->point = point_with(a, written, "function", named(a, c, c->line));
		r->point = point_with(a, r->point, "callee", named(a, &callee, callee.line));
		if (calls.v[i].back)
			called_site(r, f, module, &callee, calls.v[i].back);
		else if (!(r->pattern->form & (FN_CALL | FN_RETURN)))
			source_site(r, f, module, &callee, callee.entry, NULL, NULL);
	}
	r->point = written;
}

/* .callees is .callee("*"). Which calls are wanted; false: reported. */
static bool wanted_callees(Resolve *r, SourceSpec *ret)
{
	const Component *c = point_part(r->point, "callee"), *all = point_part(r->point, "callees");

	*ret = (SourceSpec){.function = "*"};
	if (c)
		return source_parse(r, c, ret);
	if (all->arg != ARG_NUM || all->num == 1)
		return true;
	diag_error(r->ctx->diag, DIAG_POINT_UNKNOWN, all->loc,
		   ".callees(%lld): only the functions that are called directly are known here",
		   (long long)all->num);
	return false;
}

/* ---- functions ---- */

/* Does @c have one of the lines, or is it declared there? */
static bool has_lines(DwarfFile *f, const DbgCode *c, const SourceSpec *s)
{
	if (!s->lines.n)
		return true;
	for (int i = 0; i < s->lines.n; i++) {
		int base = s->relative ? c->line : 0;
		DbgLines found = {0};

		if (s->lines.v[i].first + base <= c->line && s->lines.v[i].last + base >= c->line)
			return true;
		dwarf_lines(f, c, c->line, INT_MAX, &found);
		if (found.n && found.v[found.n - 1].line >= s->lines.v[i].first + base &&
		    c->line <= s->lines.v[i].last + base)
			return true;
	}
	return false;
}

static bool is_wanted(const Resolve *r, const DbgCode *c)
{
	int form = r->pattern->form;

	if (form & FN_INLINE)
		return c->inlined;
	return !c->inlined || form & (FN_LABEL | FN_CALLEE) ||
	       !(form & (FN_CALL | FN_RETURN | FN_EXPORTED));
}

static void nothing_found(Resolve *r, DwarfFile *f, const SourceSpec *s, int matched)
{
	const Component *c = point_part(r->point, "function");

	if (matched)
		diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, c->loc,
			   "'%s' is a function, but %s stands for nothing in it", s->function,
			   point_text(r->ctx->arena, r->point));
	else
		diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, c->loc, "no function '%s'%s%s%s in %s",
			   s->function, s->file ? " in a file '" : "", s->file ? s->file : "",
			   s->file ? "'" : "", dwarf_path(f));
}

bool source_functions(Resolve *r, const char *module)
{
	const Component *c = point_part(r->point, "function");
	int before = r->sites.n;
	SourceSpec spec, callees;
	DbgCodes codes = {0};
	DwarfFile *f;

	if (!source_parse(r, c, &spec) ||
	    (r->pattern->form & FN_CALLEE && !wanted_callees(r, &callees)))
		return false;
	f = source_dwarf(r, module, c->loc);
	if (!f)
		return false;
	if (r->pattern->form & FN_INLINE && !spec.file)
		debuginfo_inlined(r->ctx->di, module, spec.function, &codes);
	else
		dwarf_codes(f, spec.function, spec.file, &codes);
	for (int i = 0; i < codes.n; i++) {
		if (!is_wanted(r, &codes.v[i]) || !has_lines(f, &codes.v[i], &spec))
			continue;
		if (r->pattern->form & FN_LABEL)
			label_sites(r, f, module, &codes.v[i]);
		else if (r->pattern->form & FN_CALLEE)
			callee_sites(r, f, module, &codes.v[i], &callees);
		else
			function_site(r, f, module, &codes.v[i]);
	}
	if (r->sites.n == before)
		nothing_found(r, f, &spec, codes.n);
	return r->sites.n > before;
}

bool source_inlined(Resolve *r, const char *module, const char *name)
{
	DbgCodes codes = {0};
	DwarfFile *f = debuginfo_inlined(r->ctx->di, module, name, &codes);
	int before = r->sites.n;

	for (int i = 0; f && i < codes.n; i++)
		function_site(r, f, module, &codes.v[i]);
	return r->sites.n > before;
}
