/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Questions about functions: their copies, lines, labels, calls and variables. A function is a DIE
 * at the top of a compilation unit; if it was inlined, that one is abstract, and its copies are
 * within the functions of the same unit, which one walk of the unit finds.
 */
#include "debuginfo/dwarf_int.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* ---- compilation units ---- */

bool dwarf_each_unit(DwarfFile *f, const char *source, void (*fn)(void *arg, Dwarf_Die *unit),
		     void *arg)
{
	Dwarf_Off off = 0, next;
	size_t header;
	bool any = false;

	while (!dwarf_nextcu(f->dw, off, &next, &header, NULL, NULL, NULL)) {
		Dwarf_Die unit;

		if (dwarf_offdie(f->dw, off + header, &unit) &&
		    dwarf_file_matches(source, dwarf_name(&unit))) {
			fn(arg, &unit);
			any = true;
		}
		off = next;
	}
	return any;
}

/* ---- copies of functions ---- */

typedef VEC(Dwarf_Off) Offsets;

typedef struct Codes {
	DwarfFile *file;
	const char *function, *source; /* patterns */
	Offsets abstract;	       /* of one unit: inlined functions that match */
	bool only_inlined;
	DbgCodes *ret;
} Codes;

/* Where it is entered; false: it has no code. */
static bool entry_of(Dwarf_Die *die, uint64_t *ret)
{
	Dwarf_Addr base, pc, end;

	if (dwarf_entrypc(die, &pc) && dwarf_ranges(die, 0, &base, &pc, &end) <= 0)
		return false;
	*ret = pc;
	return pc != 0;
}

static DbgCode code_of(Dwarf_Die *die, uint64_t entry)
{
	Dwarf_Die origin = dwarf_origin(die);
	const char *file = dwarf_decl_file(&origin);

	return (DbgCode){.name = dwarf_name(die),
			 .file = file ? file : "",
			 .line = (int)dwarf_number(&origin, DW_AT_decl_line, 0),
			 .inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine,
			 .entry = entry,
			 .die = dwarf_dieoffset(die)};
}

static void add_code(Codes *c, Dwarf_Die *die)
{
	uint64_t entry;

	if (c->only_inlined && dwarf_tag(die) != DW_TAG_inlined_subroutine)
		return;
	if (entry_of(die, &entry))
		vec_push(c->file->arena, c->ret, code_of(die, entry));
}

static bool is_copy_of(const Codes *c, Dwarf_Die *die)
{
	Dwarf_Off origin;
	Dwarf_Die o = dwarf_origin(die);

	origin = dwarf_dieoffset(&o);
	for (int i = 0; i < c->abstract.n; i++)
		if (c->abstract.v[i] == origin)
			return true;
	return false;
}

static bool has_blocks(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_inlined_subroutine:
		return true;
	default:
		return false;
	}
}

/* Copies of the abstract functions below @parent. */
static void find_copies(Codes *c, Dwarf_Die *parent)
{
	Dwarf_Die die;

	for (int end = dwarf_child(parent, &die); !end; end = dwarf_siblingof(&die, &die)) {
		if (!has_blocks(&die))
			continue;
		if (dwarf_tag(&die) != DW_TAG_lexical_block &&
		    dwarf_hasattr(&die, DW_AT_abstract_origin) && is_copy_of(c, &die))
			add_code(c, &die);
		find_copies(c, &die);
	}
}

/* A function at the top of a unit whose name matches. */
static void take(Codes *c, Dwarf_Die *die)
{
	const char *file = c->source ? dwarf_decl_file(die) : NULL;

	if (c->source && !dwarf_file_matches(c->source, file ? file : ""))
		return;
	if (dwarf_hasattr(die, DW_AT_inline))
		vec_push(c->file->arena, &c->abstract, dwarf_dieoffset(die));
	else
		add_code(c, die);
}

static void take_unit(void *arg, Dwarf_Die *unit)
{
	Codes *c = arg;
	Dwarf_Die die;

	for (int end = dwarf_child(unit, &die); !end; end = dwarf_siblingof(&die, &die))
		if (dwarf_tag(&die) == DW_TAG_subprogram &&
		    !dwarf_hasattr(&die, DW_AT_abstract_origin) &&
		    !dwarf_hasattr(&die, DW_AT_declaration) &&
		    !fnmatch(c->function, dwarf_name(&die), 0))
			take(c, &die);
	if (c->abstract.n)
		find_copies(c, unit);
	c->abstract.n = 0;
}

void dwarf_codes(DwarfFile *f, const char *function, const char *file, DbgCodes *ret)
{
	Codes c = {.file = f, .function = function, .source = file, .ret = ret};

	/* most files are those of a unit; one that others include is looked for in all of them */
	if (!file || !dwarf_each_unit(f, file, take_unit, &c))
		dwarf_each_unit(f, NULL, take_unit, &c);
}

void dwarf_inlined_in(DwarfFile *f, uint64_t unit, const char *function, DbgCodes *ret)
{
	Codes c = {.file = f, .function = function, .only_inlined = true, .ret = ret};
	Dwarf_Die die;

	if (dwarf_offdie(f->dw, unit, &die))
		take_unit(&c, &die);
}

typedef struct UnitAt {
	uint64_t pc;
	Dwarf_Die unit;
	bool found;
} UnitAt;

static void covers(void *arg, Dwarf_Die *unit)
{
	UnitAt *u = arg;

	if (!u->found && dwarf_haspc(unit, u->pc) == 1) {
		u->unit = *unit;
		u->found = true;
	}
}

/* The unit of @pc: by .debug_aranges, or where that is missing by looking at each. */
static bool unit_at(DwarfFile *f, uint64_t pc, Dwarf_Die *ret)
{
	UnitAt u = {.pc = pc};

	if (dwarf_addrdie(f->dw, pc, ret))
		return true;
	dwarf_each_unit(f, NULL, covers, &u);
	*ret = u.unit;
	return u.found;
}

static bool descend(Dwarf_Die *parent, uint64_t pc, Dwarf_Die *ret)
{
	Dwarf_Die die;

	for (int end = dwarf_child(parent, &die); !end; end = dwarf_siblingof(&die, &die)) {
		if (!has_blocks(&die) || dwarf_haspc(&die, pc) != 1)
			continue;
		if (dwarf_tag(&die) != DW_TAG_lexical_block)
			*ret = die;
		descend(&die, pc, ret);
		return true;
	}
	return false;
}

bool dwarf_code_at(DwarfFile *f, uint64_t pc, DbgCode *ret)
{
	Dwarf_Die unit, die;
	uint64_t entry;

	if (!unit_at(f, pc, &unit) || !descend(&unit, pc, &die) || !entry_of(&die, &entry))
		return false;
	*ret = code_of(&die, entry);
	return true;
}

/* ---- lines ---- */

typedef struct Range {
	Dwarf_Addr start, end;
} Range;
typedef VEC(Range) Ranges;

static void add_ranges(Arena *a, Dwarf_Die *die, Ranges *ret)
{
	Dwarf_Addr base;
	ptrdiff_t at = 0;
	Range r;

	while ((at = dwarf_ranges(die, at, &base, &r.start, &r.end)) > 0)
		vec_push(a, ret, r);
}

static bool within(const Ranges *r, Dwarf_Addr pc)
{
	for (int i = 0; i < r->n; i++)
		if (pc >= r->v[i].start && pc < r->v[i].end)
			return true;
	return false;
}

/* What is inlined into @parent: not its own code. */
static void inlined_ranges(Arena *a, Dwarf_Die *parent, Ranges *ret)
{
	Dwarf_Die die;

	for (int end = dwarf_child(parent, &die); !end; end = dwarf_siblingof(&die, &die)) {
		if (dwarf_tag(&die) == DW_TAG_inlined_subroutine)
			add_ranges(a, &die, ret);
		else if (dwarf_tag(&die) == DW_TAG_lexical_block)
			inlined_ranges(a, &die, ret);
	}
}

/* Keep the lowest address of each line, sorted by line. */
static void add_line(Arena *a, DbgLines *lines, int line, uint64_t pc)
{
	int i = lines->n;

	while (i && lines->v[i - 1].line > line)
		i--;
	if (i && lines->v[i - 1].line == line) {
		if (pc < lines->v[i - 1].pc)
			lines->v[i - 1].pc = pc;
		return;
	}
	vec_push(a, lines, ((DbgLine){0}));
	memmove(&lines->v[i + 1], &lines->v[i], sizeof(lines->v[0]) * (size_t)(lines->n - 1 - i));
	lines->v[i] = (DbgLine){.line = line, .pc = pc};
}

/* A row of the line table that begins a line, statement or not: with optimized code the first
 * instruction of a line often is not marked as one. */
static bool row(Dwarf_Line *l, Dwarf_Addr *pc, int *line)
{
	bool is_end = false;

	return l && !dwarf_lineendsequence(l, &is_end) && !is_end && !dwarf_lineno(l, line) &&
	       *line && !dwarf_lineaddr(l, pc);
}

typedef struct Rows {
	Dwarf_Lines *lines;
	size_t n;
	Ranges own, others; /* of the function, and what is inlined into it */
	const char *file;
} Rows;

static bool rows_of(DwarfFile *f, const DbgCode *c, Rows *ret)
{
	Dwarf_Die die, unit;

	*ret = (Rows){.file = c->file};
	if (!dwarf_offdie(f->dw, c->die, &die) || !dwarf_diecu(&die, &unit, NULL, NULL) ||
	    dwarf_getsrclines(&unit, &ret->lines, &ret->n))
		return false;
	add_ranges(f->arena, &die, &ret->own);
	inlined_ranges(f->arena, &die, &ret->others);
	return true;
}

/* Row @i when it is of the function's own file and within its code. */
static bool own_row(const Rows *r, size_t i, Dwarf_Addr *pc, int *line)
{
	Dwarf_Line *l = dwarf_onesrcline(r->lines, i);
	const char *file;

	if (!row(l, pc, line) || !within(&r->own, *pc))
		return false;
	file = dwarf_linesrc(l, NULL, NULL);
	return file && !strcmp(file, r->file);
}

void dwarf_lines(DwarfFile *f, const DbgCode *c, int first, int last, DbgLines *ret)
{
	int line, end = c->line;
	Dwarf_Addr pc;
	Rows r;

	if (!rows_of(f, c, &r))
		return;
	/* up to which line: what is inlined is not asked; it may be of the same file */
	for (size_t i = 0; i < r.n; i++)
		if (own_row(&r, i, &pc, &line) && line > end && !within(&r.others, pc))
			end = line;
	for (size_t i = 0; i < r.n; i++)
		if (own_row(&r, i, &pc, &line) && line >= c->line && line <= end && line >= first &&
		    line <= last)
			add_line(f->arena, ret, line, pc);
}

bool dwarf_line_at(DwarfFile *f, uint64_t pc, const char **file, int *line)
{
	Dwarf_Die unit;
	Dwarf_Lines *lines;
	size_t n;

	if (!unit_at(f, pc, &unit) || dwarf_getsrclines(&unit, &lines, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(lines, i);
		Dwarf_Addr at;

		if (!row(l, &at, line) || at != pc)
			continue;
		*file = dwarf_linesrc(l, NULL, NULL);
		return *file != NULL;
	}
	return false;
}

/* ---- labels ---- */

static void labels(DwarfFile *f, Dwarf_Die *parent, const char *pattern, DbgLines *ret)
{
	Dwarf_Die die;

	for (int end = dwarf_child(parent, &die); !end; end = dwarf_siblingof(&die, &die)) {
		DbgLine l = {.name = NULL};
		Dwarf_Die origin;

		if (dwarf_tag(&die) == DW_TAG_lexical_block)
			labels(f, &die, pattern, ret);
		if (dwarf_tag(&die) != DW_TAG_label || dwarf_lowpc(&die, &l.pc) || !l.pc ||
		    fnmatch(pattern, dwarf_name(&die), 0))
			continue;
		origin = dwarf_origin(&die);
		l.name = dwarf_name(&die);
		l.line = (int)dwarf_number(&origin, DW_AT_decl_line, 0);
		vec_push(f->arena, ret, l);
	}
}

void dwarf_labels(DwarfFile *f, const DbgCode *c, const char *pattern, DbgLines *ret)
{
	Dwarf_Die die;

	if (dwarf_offdie(f->dw, c->die, &die))
		labels(f, &die, pattern, ret);
}

/* ---- calls ---- */

/* The function that call site @site calls, where it is defined in the same unit. */
static bool called(Dwarf_Die *site, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;

	return (dwarf_attr(site, DW_AT_call_origin, &attr) ||
		dwarf_attr(site, DW_AT_abstract_origin, &attr)) &&
	       dwarf_formref_die(&attr, ret);
}

static void add_call(DwarfFile *f, Dwarf_Die *site, DbgCalls *ret)
{
	DbgCall call = {.back = 0};
	Dwarf_Attribute attr;
	Dwarf_Die callee;
	Dwarf_Addr pc;

	if (!called(site, &callee) ||
	    (!dwarf_attr(site, DW_AT_call_return_pc, &attr) &&
	     !dwarf_attr(site, DW_AT_low_pc, &attr)) ||
	    dwarf_formaddr(&attr, &pc))
		return;
	call.callee = code_of(&callee, 0);
	entry_of(&callee, &call.callee.entry);
	call.back = pc;
	vec_push(f->arena, ret, call);
}

static void calls(DwarfFile *f, Dwarf_Die *parent, DbgCalls *ret)
{
	Dwarf_Die die;

	for (int end = dwarf_child(parent, &die); !end; end = dwarf_siblingof(&die, &die)) {
		DbgCall call = {.back = 0};
		uint64_t entry;

		switch (dwarf_tag(&die)) {
		case DW_TAG_lexical_block:
			calls(f, &die, ret);
			break;
		case DW_TAG_inlined_subroutine:
			if (!entry_of(&die, &entry))
				break;
			call.callee = code_of(&die, entry);
			vec_push(f->arena, ret, call);
			break;
		case DW_TAG_call_site:
		case DW_TAG_GNU_call_site:
			add_call(f, &die, ret);
			break;
		default:
			break;
		}
	}
}

void dwarf_calls(DwarfFile *f, const DbgCode *c, DbgCalls *ret)
{
	Dwarf_Die die;

	if (dwarf_offdie(f->dw, c->die, &die))
		calls(f, &die, ret);
}

/* ---- variables ---- */

typedef struct Frame {
	DwarfFile *file;
	Dwarf_Die function; /* the one that is not inlined: it has the frame */
	uint64_t pc, entry;
	DbgVariables *ret;
} Frame;

static bool has_name(const DbgVariables *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->v[i].name, name))
			return true;
	return false;
}

/* The compiler lists the parameters of an inlined copy in any order. */
static void sort_last(DbgVariables *v)
{
	for (int i = v->n - 1;
	     i > 0 && v->v[i].is_param && v->v[i - 1].is_param && v->v[i - 1].die > v->v[i].die;
	     i--) {
		DbgVariable t = v->v[i];

		v->v[i] = v->v[i - 1];
		v->v[i - 1] = t;
	}
}

static void add_variable(Frame *fr, Dwarf_Die *die)
{
	DbgVariable v = {.name = dwarf_name(die)};
	Dwarf_Die origin = dwarf_origin(die);

	if (!*v.name || has_name(fr->ret, v.name))
		return;
	v.die = dwarf_dieoffset(&origin);
	v.type = dwarf_type_of(fr->file, die);
	v.is_param = dwarf_tag(die) == DW_TAG_formal_parameter;
	dwarf_locate(fr->file, die, &fr->function, fr->pc, fr->entry, &v.loc);
	vec_push(fr->file->arena, fr->ret, v);
	sort_last(fr->ret);
}

/* Variables of @block, behind those of the blocks within it that @pc is in. */
static void variables(Frame *fr, Dwarf_Die *block)
{
	Dwarf_Die die;
	int end;

	for (end = dwarf_child(block, &die); !end; end = dwarf_siblingof(&die, &die))
		if (dwarf_tag(&die) == DW_TAG_lexical_block && dwarf_haspc(&die, fr->pc) == 1)
			variables(fr, &die);
	for (end = dwarf_child(block, &die); !end; end = dwarf_siblingof(&die, &die))
		if (dwarf_tag(&die) == DW_TAG_formal_parameter ||
		    dwarf_tag(&die) == DW_TAG_variable)
			add_variable(fr, &die);
}

/* The function that @die is in, not inlined; @die itself when it is one. */
static bool frame_function(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Die *scopes = NULL;
	int n;
	bool found = false;

	*ret = *die;
	if (dwarf_tag(die) == DW_TAG_subprogram)
		return true;
	n = dwarf_getscopes_die(die, &scopes);
	for (int i = 0; i < n && !found; i++) {
		found = dwarf_tag(&scopes[i]) == DW_TAG_subprogram;
		*ret = scopes[i];
	}
	free(scopes);
	return found;
}

void dwarf_variables(DwarfFile *f, const DbgCode *c, uint64_t pc, DbgVariables *ret)
{
	Frame fr = {.file = f, .pc = pc, .ret = ret};
	Dwarf_Die die;

	if (!dwarf_offdie(f->dw, c->die, &die) || !frame_function(&die, &fr.function))
		return;
	if (!entry_of(&fr.function, &fr.entry))
		return;
	variables(&fr, &die);
}

const DbgType *dwarf_return_type(DwarfFile *f, const DbgCode *c)
{
	Dwarf_Die die;

	return dwarf_offdie(f->dw, c->die, &die) ? dwarf_type_of(f, &die) : NULL;
}

/* ---- globals ---- */

typedef struct Global {
	DwarfFile *file;
	const char *name;
	const DbgType *type;
	uint64_t address;
} Global;

static void take_variable(Global *g, Dwarf_Die *die)
{
	DbgLocation loc;

	dwarf_locate(g->file, die, die, 0, 0, &loc);
	if (loc.where != DBG_MEMORY || loc.part[0].reg >= 0 || loc.part[0].n_off)
		return;
	g->type = dwarf_type_of(g->file, die);
	g->address = (uint64_t)(loc.part[0].value + loc.part[0].add);
}

static void globals_of(void *arg, Dwarf_Die *unit)
{
	Global *g = arg;
	Dwarf_Die die;

	if (g->type)
		return;
	for (int end = dwarf_child(unit, &die); !end; end = dwarf_siblingof(&die, &die))
		if (dwarf_tag(&die) == DW_TAG_variable && !strcmp(dwarf_name(&die), g->name))
			take_variable(g, &die);
}

const DbgType *dwarf_global(DwarfFile *f, uint64_t pc, const char *file, const char *name,
			    uint64_t *address)
{
	Global g = {.file = f, .name = name};
	Dwarf_Die unit;

	if (!pc)
		dwarf_each_unit(f, file, globals_of, &g);
	else if (unit_at(f, pc, &unit))
		globals_of(&g, &unit);
	*address = g.address;
	return g.type;
}
