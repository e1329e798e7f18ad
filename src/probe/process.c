/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * process.function and its relatives: places in the code of programs and libraries, by symbols, marks,
 * slots of the procedure linkage table, or addresses. A probe is set at an offset in the file, and hits
 * in every process that has it mapped; Who says which of them are meant.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* FNM_EXTMATCH */
#endif
#include "probe/probe_int.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum { KIND = 7, FUNCTION = 0, STATEMENT, PLT, MARK, ABSOLUTE, RETURN = 8, EXPORTED = 16 };

#define FORMS(process)                                                                             \
	{process ".function(string)", FUNCTION}, {process ".function(string).call", FUNCTION},     \
	    {process ".function(string).return", FUNCTION | RETURN},                               \
	    {process ".function(string).exported", FUNCTION | EXPORTED},                           \
	    {process ".function(number)", STATEMENT}, {process ".function(number).call", STATEMENT}, \
	    {process ".function(number).return", STATEMENT | RETURN},                              \
	    {process ".statement(string)", STATEMENT}, {process ".statement(number)", STATEMENT},  \
	    {process ".plt", PLT}, {process ".plt.return", PLT | RETURN},                          \
	    {process ".plt(string)", PLT}, {process ".plt(string).return", PLT | RETURN},          \
	    {process ".mark(string)", MARK},                                                       \
	{                                                                                          \
		process ".provider(string).mark(string)", MARK                                     \
	}
static const Pattern pattern[] = {
    FORMS("process"),
    FORMS("process(string)"),
    FORMS("process(number)"),
    FORMS("process.library(string)"),
    FORMS("process(string).library(string)"),
    {"process(number).statement(number).absolute", ABSOLUTE},
    {"process(number).statement(number).absolute.return", ABSOLUTE | RETURN},
    {NULL, 0},
};

/** struct Search - one file being searched for sites. */
typedef struct Search {
	Resolve *r;
	ElfFile *file;
	const ProbePoint *point; /* with the paths of process and library in place */
	const char *want;	 /* function("..."): the pattern, as fnmatch() takes it */
	Who who;
	Nearest near;
	bool optional;	/* a pattern: not every place need be possible */
	Table *seen;	/* places that have been found by another name */
	int before;	/* sites found in other files */
} Search;

/* ---- sites ---- */

static Scope *no_variables(Search *s, const char *subject)
{
	Arena *a = s->r->ctx->arena;
	Scope *scope = scope_none(a, subject, DIAG_NEEDS_DWARF,
				  arena_printf(a,
					       "the variables of %s are described by its DWARF only, which is not "
					       "read yet; int_arg(1), pointer_arg(2), returnval() and the like work",
					       elf_path(s->file)));

	scope->is_return = s->r->pattern->form & RETURN;
	return scope;
}

/* A site at @address of the file; false: there is no code. */
static bool add_site(Search *s, const ProbePoint *named, const char *function, uint64_t address,
		     uint64_t semaphore, Scope *scope)
{
	Site site = {.name = point_plain(s->r->ctx->arena, named), .who = s->who, .scope = scope};
	Place *p = &site.place;

	scope->is_user = true;
	p->path = elf_path(s->file);
	p->function = function;
	p->pp = site.name;
	p->optional = s->optional;
	if (!elf_is_code(s->file, address) || !elf_offset(s->file, address, &p->offset) ||
	    (semaphore && !elf_offset(s->file, semaphore, &p->semaphore)))
		return false;
	vec_push(s->r->ctx->arena, &s->r->sites, site);
	return true;
}

static bool unknown(Search *s, const char *what, const char *name)
{
	if (s->r->sites.n == s->before)
		diag_error(s->r->ctx->diag, DIAG_SYMBOL_UNKNOWN, s->r->point->loc, "%s has no %s '%s'%s",
			   elf_path(s->file), what, name, nearest_text(&s->near, s->r->ctx->arena));
	return s->r->sites.n > s->before;
}

static bool nothing(Search *s, const char *what)
{
	diag_error(s->r->ctx->diag, DIAG_SYMBOL_UNKNOWN, s->r->point->loc, "%s has no %s", elf_path(s->file),
		   what);
	return false;
}

/* ---- functions ---- */

/* What the compiler calls a copy of @name that it made: name.isra.0; its cold part is no function. */
static bool is_copy(const char *symbol, const char *name)
{
	static const char *const kind[] = {".isra.", ".constprop.", ".part.", ".lto_priv."};
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(kind); i++)
		if (!strncmp(symbol, name, n) && !strncmp(symbol + n, kind[i], strlen(kind[i])))
			return !strstr(symbol, ".cold");
	return false;
}

/* a{b,c} is a@(b|c) to fnmatch(). */
static const char *braces(Arena *a, const char *p)
{
	char *s = arena_alloc(a, 2 * strlen(p) + 1), *to = s;
	bool inside = false;

	for (; *p; p++) {
		if (*p == '{')
			*to++ = '@';
		*to++ = *p == '{' ? '(' : *p == '}' ? ')' : inside && *p == ',' ? '|' : *p;
		inside = *p == '{' || (inside && *p != '}');
	}
	return s;
}

static bool is_wanted(const Search *s, const ElfSymbol *f)
{
	const char *want = s->want;

	if ((s->r->pattern->form & EXPORTED) && !f->is_global)
		return false;
	if (!name_is_wild(want) && !strchr(want, '('))
		return !strcmp(f->name, want) || is_copy(f->name, want);
	return !fnmatch(want, f->name, FNM_EXTMATCH) && !strstr(f->name, ".cold");
}

/* Of several names of one place a pattern takes the first. */
static bool is_new(Search *s, const ElfSymbol *f)
{
	const char *key = arena_printf(s->r->ctx->arena, "%" PRIx64, f->address);

	if (table_get(s->seen, key))
		return false;
	table_put(s->seen, key, s);
	return true;
}

static bool can_probe(const Search *s, uint64_t address)
{
	uint8_t code[16];

	return arch_can_probe(code, elf_read(s->file, address, code, sizeof(code)));
}

static void add_function(Search *s, const ElfSymbol *f)
{
	Arena *a = s->r->ctx->arena;
	const ProbePoint *p = point_with(a, s->point, "function", f->name);

	if (s->optional && !can_probe(s, f->address)) /* the kernel would refuse all that stand together */
		return;
	if (is_new(s, f))
		add_site(s, p, f->name, f->address, 0,
			 no_variables(s, arena_printf(a, "function '%s'", f->name)));
}

static bool find_functions(Search *s)
{
	const Component *c = point_part(s->r->point, "function");
	const ElfSymbol *f;
	int n = elf_functions(s->file, &f);

	if (strchr(c->str, '@')) {
		diag_error(s->r->ctx->diag, DIAG_NEEDS_DWARF, c->loc,
			   "'%s' names a source file, which only DWARF knows; give the function name alone",
			   c->str);
		return false;
	}
	if (!n)
		return nothing(s, "symbols of functions (it is stripped, and no debug file is installed)");
	s->near.want = c->str;
	s->seen = table_new(s->r->ctx->arena);
	s->want = braces(s->r->ctx->arena, c->str);
	s->optional = name_is_wild(s->want);
	for (int i = 0; i < n; i++) {
		if (is_wanted(s, &f[i]))
			add_function(s, &f[i]);
		nearest_add(&s->near, f[i].name);
	}
	return unknown(s, "function", c->str);
}

/* ---- addresses ---- */

static bool at_address(Search *s)
{
	const Component *c = point_part(s->r->point, "statement");
	Arena *a = s->r->ctx->arena;
	const ElfSymbol *f;

	if (!c)
		c = point_part(s->r->point, "function");
	if (c->arg == ARG_STR) {
		diag_error(s->r->ctx->diag, DIAG_NEEDS_DWARF, c->loc,
			   "'%s' is a line of the source, which only DWARF knows; an address can be given",
			   c->str);
		return false;
	}
	f = elf_function_at(s->file, (uint64_t)c->num);
	if (add_site(s, s->point, f ? f->name : NULL, (uint64_t)c->num, 0,
		     no_variables(s, arena_printf(a, "address 0x%" PRIx64, c->num))))
		return true;
	diag_error(s->r->ctx->diag, DIAG_SYMBOL_UNKNOWN, c->loc, "%s has no code at address 0x%" PRIx64,
		   elf_path(s->file), c->num);
	return false;
}

/* ---- the procedure linkage table ---- */

static bool find_plt(Search *s)
{
	const Component *c = point_part(s->r->point, "plt");
	const char *want = c->arg == ARG_STR ? c->str : "*";
	Arena *a = s->r->ctx->arena;
	const ElfPlt *p;
	int n = elf_plt(s->file, &p);

	if (!n)
		return nothing(s, "procedure linkage table (no calls of other files go through one)");
	s->near.want = want;
	s->optional = name_is_wild(want);
	for (int i = 0; i < n; i++) {
		Scope *scope;

		nearest_add(&s->near, p[i].name);
		if (fnmatch(want, p[i].name, 0))
			continue;
		scope = no_variables(s, arena_printf(a, "plt slot '%s'", p[i].name));
		scope->name = p[i].name;
		add_site(s, point_with(a, s->point, "plt", p[i].name), p[i].name, p[i].address, 0, scope);
	}
	return unknown(s, "plt slot", want);
}

/* ---- marks ---- */

static void add_mark(Search *s, const ElfMark *m)
{
	Arena *a = s->r->ctx->arena;
	const ElfSymbol *f = elf_function_at(s->file, m->address);
	const ProbePoint *p = point_with(a, s->point, "mark", m->name);
	Scope *scope = scope_none(a, arena_printf(a, "mark '%s'", m->name), DIAG_VAR_UNKNOWN,
				  "it has no arguments");

	scope->name = m->name;
	scope->provider = m->provider;
	scope->dollars = true;
	sdt_args(a, s->file, m, &scope->vars);
	add_site(s, point_with(a, p, "provider", m->provider), f ? f->name : NULL, m->address,
		 m->semaphore, scope);
}

static bool find_marks(Search *s)
{
	const Component *c = point_part(s->r->point, "mark"), *from = point_part(s->r->point, "provider");
	const ElfMark *m;
	int n = elf_marks(s->file, &m);

	if (!n)
		return nothing(s, "marks (STAP_PROBE or DTRACE_PROBE of <sys/sdt.h>)");
	s->near.want = c->str;
	s->optional = name_is_wild(c->str);
	for (int i = 0; i < n; i++) {
		if (from && fnmatch(from->str, m[i].provider, 0))
			continue;
		nearest_add(&s->near, m[i].name);
		if (!fnmatch(c->str, m[i].name, 0))
			add_mark(s, &m[i]);
	}
	return unknown(s, "mark", c->str);
}

/* ---- which file ---- */

static bool in_file(Resolve *r, const char *path, const ProbePoint *point, Who who)
{
	Search s = {.r = r, .point = point, .who = who, .before = r->sites.n};
	const char *why;

	s.file = elf_open(r->ctx->di, path, &why);
	if (!s.file) {
		diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, r->point->part.v[0].loc, "%s", why);
		return false;
	}
	switch (r->pattern->form & KIND) {
	case FUNCTION:
		return find_functions(&s);
	case PLT:
		return find_plt(&s);
	case MARK:
		return find_marks(&s);
	default:
		return at_address(&s);
	}
}

static bool in_library(Resolve *r, const Program *p, const Component *library, Who who)
{
	Arena *a = r->ctx->arena;
	const char *why;
	ElfFile *f = elf_open(r->ctx->di, p->path, &why);
	const char *const *path;
	int n = f ? elf_libraries(r->ctx->di, f, library->str, &path) : 0;
	bool found = false;

	if (!n)
		diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, library->loc, "%s",
			   f ? arena_printf(a, "%s uses no library '%s'", p->path, library->str) : why);
	who.program = p->path;
	for (int i = 0; i < n; i++)
		found |= in_file(r, path[i], point_with(a, p->point, "library", path[i]), who);
	return found;
}

/* ---- an address in a process's memory ---- */

static bool absolute(Resolve *r)
{
	const Component *pid = &r->point->part.v[0], *at = point_part(r->point, "statement");
	Arena *a = r->ctx->arena;
	Search s = {.r = r, .point = r->point, .who = {.pid = (int)pid->num}};
	uint64_t address = (uint64_t)at->num;
	const char *why = NULL, *path = elf_mapped(a, (int)pid->num, &address);

	s.file = path ? elf_open(r->ctx->di, path, &why) : NULL;
	if (s.file && add_site(&s, r->point, NULL, elf_address(s.file, address), 0,
			       no_variables(&s, "an address of a process")))
		return true;
	diag_error(r->ctx->diag, DIAG_SYMBOL_UNKNOWN, at->loc,
		   "process %" PRId64 " has no code of a file at address 0x%" PRIx64, pid->num, at->num);
	return false;
}

static bool resolve(Resolve *r)
{
	const Component *library = point_part(r->point, "library");
	Programs programs = {0};
	Who who = process_who(r);
	bool found = false;

	r->common.hook = r->pattern->form & RETURN ? HOOK_URETPROBE : HOOK_UPROBE;
	if ((r->pattern->form & KIND) == ABSOLUTE)
		return absolute(r);
	if (!process_programs(r, &programs))
		return false;
	r->ctx->diag->muted += programs.n > 1; /* of a pattern's programs some may lack it */
	for (int i = 0; i < programs.n; i++) {
		const Program *p = &programs.v[i];

		found |= library ? in_library(r, p, library, who) : in_file(r, p->path, p->point, who);
	}
	r->ctx->diag->muted -= programs.n > 1;
	if (!found && programs.n > 1)
		diag_error(r->ctx->diag, DIAG_SYMBOL_UNKNOWN, r->point->loc, "none of the %d programs has %s",
			   programs.n, point_plain(r->ctx->arena, r->point));
	return found;
}

const Family family_process = {pattern, resolve};
