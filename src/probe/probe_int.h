/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/probe: what a family gives to the resolver (sites with their variables), and how
 * the parts of vars.c work on an expression.
 */
#ifndef TAPX_PROBE_INT_H
#define TAPX_PROBE_INT_H

#include "probe/probe.h"

/* ---- arch_x86_64.c ---- */

/** struct ArchLoc - where one parameter or return value is. */
typedef struct ArchLoc {
	enum { ARCH_REGS, ARCH_MEMORY, ARCH_NOWHERE } kind;
	Fetch lo, hi; /* REGS: its first and second 8 bytes; MEMORY: lo is its address */
} ArchLoc;

/** arch_locate_args - where @n parameters are at function entry; @first registers are taken
 * already. */
void arch_locate_args(const DbgParam *param, int n, int first, ArchLoc *ret);
/** arch_dwarf_reg - the register that DWARF calls @n; -1: one that a probe does not see. */
int arch_dwarf_reg(int n);
/** arch_locate_return - where a value of type @t is at function return. */
void arch_locate_return(const DbgType *t, ArchLoc *ret);

/* ---- scope.c: the variables of one site ---- */

/** struct Variable - one $name of a site. */
typedef struct Variable {
	const char *name;    /* without '$' */
	const DbgType *type; /* NULL: only .ctype is known */
	const char *ctype;   /* as C writes it */
	ArchLoc loc;	     /* parameters and raw tracepoint arguments; NOWHERE: cannot be read */
	const char *why;     /* NOWHERE: "it is optimized out here"; NULL: no more is known */
	bool is_local;	     /* not a parameter */
	const TraceField *field; /* of a trace event; then .loc is not used */
	const Fetch *given;	 /* what the hook itself hands over; then .loc is not used */
	bool unlisted;		 /* not in $$vars and $$parms */
} Variable;
typedef VEC(Variable) Variables;

/** struct Scope - what a handler can say about the place where it runs. */
typedef struct Scope {
	const char *subject; /* "function 'vfs_read'", for messages */
	const char *module;  /* where types are looked for first */
	Variables vars;	     /* parameters, or raw arguments of a tracepoint */
	Variables fields;    /* of the trace event */
	bool use_fields;     /* the handler is served by fields alone */
	bool args_only;	     /* the fields do not count, also for @defined */
	bool is_return, is_trace;
	const DbgType *ret; /* return probes: type of $return when known */
	DiagTag none_tag;   /* why there are no variables, when there are none */
	const char *none;
	const char *name, *system, *provider; /* $$name, $$system, $$provider; NULL: the family has none */
	bool dollars;	     /* $$vars and $$parms write "$x=..." and not "x=..." */
	bool is_user;	     /* the registers of the hit are those of a user program */
	DwarfFile *dwarf; /* variables are those that it describes for .code at .pc */
	DbgCode code;
	uint64_t pc;
	bool filled;	 /* and were asked for */
	uint64_t symbol; /* types do not know the function at this address: DWARF may, scope_ask() */
} Scope;

/** scope_none - a scope without variables; @why completes "no target variables here: ...". */
Scope *scope_none(Arena *a, const char *subject, DiagTag tag, const char *why);
/** scope_given - a scope for variables that the hook hands over. */
Scope *scope_given(Arena *a, const char *subject);
/** scope_give - add $@name, of C type @ctype as far as the kernel's types are known. */
void scope_give(ProbeContext *ctx, Scope *s, const char *name, const char *ctype, Fetch f);
/** scope_function - parameters of @fn, @at_return also its $return. */
Scope *scope_function(Arena *a, const DbgFunction *fn, const char *module, bool at_return);
/** scope_source - what DWARF describes for @c at @pc; it is asked by scope_fill(). */
Scope *scope_source(Arena *a, DwarfFile *f, const DbgCode *c, uint64_t pc, const char *module,
		    bool at_return);
/** scope_fill - make sure that s->vars are there. */
void scope_fill(Arena *a, Scope *s);
/** scope_ask - ask DWARF about a function that BTF does not know; false: nothing new. */
bool scope_ask(Arena *a, Debuginfo *di, Scope *s);
/** scope_global - variable @name outside of functions as seen from @s; false: none, or no DWARF. */
bool scope_global(Arena *a, Scope *s, const char *name, Variable *ret);
/** global_variable - where a variable of DWARF at @address of the file is. */
void global_variable(DwarfFile *f, const char *name, const DbgType *type, uint64_t address,
		     Variable *ret);
/** scope_trace - raw arguments (@raw may be NULL) and fields (@event may be NULL) of a tracepoint.
 */
Scope *scope_trace(Arena *a, const DbgFunction *raw, const TraceEvent *event, bool has_tprobe);
/** variable_find - @name without '$', or NULL. */
const Variable *variable_find(const Variables *v, const char *name);
/**
 * scope_choose_fields - trace events: set s->use_fields by what @b needs.
 * Return: false when it needs both, what only the fields have and what only the arguments have.
 */
bool scope_choose_fields(Scope *s, Body *b);

/* ---- families ---- */

/** struct Callers - where the calls that are wanted return to. */
typedef struct Callers {
	Fetch back; /* the return address, at the hit */
	VEC(uint64_t) address;
} Callers;

/** struct Site - one place that a point resolved to. */
typedef struct Site {
	const char *name; /* the point with this place's own name in it */
	Place place;
	const TraceEvent *event;
	const char *tracepoint;
	Who who;
	const char *subject; /* as in ResolvedProbe */
	int subject_arg;
	bool at_start;
	Scope *scope;
	const Callers *callers; /* only when called from there; NULL: from anywhere */
} Site;

/** struct Resolve - one point being resolved. */
typedef struct Resolve {
	ProbeContext *ctx;
	const ProbePoint *point;
	const struct Pattern *pattern; /* the one that matched */
	ResolvedProbe common;	       /* hook, order, period ... : the same for all sites */
	VEC(Site) sites;
} Resolve;

/** struct Pattern - "kernel.function(string).return", and what the family calls it. */
typedef struct Pattern {
	const char *text;
	int form;
} Pattern;

typedef struct Family {
	const Pattern *pattern; /* ends with a NULL text */
	/* add sites to @r; false: could not, and said why */
	bool (*resolve)(Resolve *r);
} Family;

#define FAMILY(name) extern const Family family_##name;
#include "families.def"
#undef FAMILY

/* ---- match.c ---- */

/** family_match - the family of @p and its pattern that matches; NULL when none does. */
const Family *family_match(const ProbePoint *p, const Pattern **ret);
/** point_is_wild - wildcards in the components themselves, not in their arguments. */
bool point_is_wild(const ProbePoint *p);
/** family_expand - the points that a point with wildcards in its components stands for; sorted. */
void family_expand(Arena *a, const ProbePoint *p, PointVec *ret);
/** family_unknown - report that no family matches, with near names. */
void family_unknown(ProbeContext *ctx, const ProbePoint *p);
/** point_part - the component called @name, or NULL. */
const Component *point_part(const ProbePoint *p, const char *name);
/** point_with - a copy of @p with ("@str") as the argument of component @part. */
const ProbePoint *point_with(Arena *a, const ProbePoint *p, const char *part, const char *str);
/** point_text_with - the point with the strings of @part replaced by @str. */
const char *point_text_with(Arena *a, const ProbePoint *p, const char *part, const char *str,
			    const char *part2, const char *str2);

/* ---- function.c, for kprobe.c and for messages ---- */

/** enum FunctionForm - what stands behind function(...): Pattern.form of the family. */
enum {
	FN_RETURN = 1,
	FN_EXPORTED = 2,
	FN_CALL = 4,   /* not inlined */
	FN_INLINE = 8, /* only inlined copies */
	FN_LABEL = 16,
	FN_CALLEE = 32
};

/** function_exists - does @name have a prototype or, failing that, a symbol? */
bool function_exists(Debuginfo *di, const char *module, const char *name);
/** function_unknown - report why @name cannot be found. */
void function_unknown(Resolve *r, const char *module, const char *name);
/** module_named - *@ret NULL for the kernel (also what is built in); false: absent, reported. */
bool module_named(Resolve *r, const char *name, const char **ret);

/* ---- timer.c ---- */

/** tick_ns - nanoseconds of a jiffy. */
uint64_t tick_ns(void);
/* ---- source.c: points that only DWARF can find ---- */

/** struct SourceLines - from .first to .last. */
typedef struct SourceLines {
	int first, last;
} SourceLines;

/** struct SourceSpec - "function@file:lines". */
typedef struct SourceSpec {
	const char *function; /* pattern */
	const char *file;     /* pattern; NULL: any */
	bool has_lines, relative;
	VEC(SourceLines) lines; /* empty although has_lines: all */
} SourceSpec;

/** source_parse - take @c's text apart; false: reported. */
bool source_parse(Resolve *r, const Component *c, SourceSpec *ret);
/** source_dwarf - DWARF of the kernel or of @module; NULL: reported at @loc with what would help. */
DwarfFile *source_dwarf(Resolve *r, const char *module, Loc loc);
/** source_site - a site at @pc of @c, called @shown instead of the argument of @part; NULL: known. */
Site *source_site(Resolve *r, DwarfFile *f, const char *module, const DbgCode *c, uint64_t pc,
		 const char *part, const char *shown);
/** source_functions - functions named with a file, .inline, .label, .callee: sites in @module. */
bool source_functions(Resolve *r, const char *module);

/** source_inlined - sites at the inlined copies of what matches @name; false: none, which is no error. */
bool source_inlined(Resolve *r, const char *module, const char *name);

/* ---- resolve.c ---- */

typedef VEC(Resolve *) Resolves;

/**
 * resolve_point - let the family of @p, or of every point that its wildcards stand for, find sites.
 * Return: false when there is none, which was reported (or muted).
 */
bool resolve_point(ProbeContext *ctx, const ProbePoint *p, Resolves *ret);
/** name_is_wild - fnmatch wildcards in @s? */
bool name_is_wild(const char *s);

/* ---- access.c: following a path ---- */

/** struct Walk - one body being resolved for one site. */
typedef struct Walk {
	ProbeContext *ctx;
	Script *script;
	Scope *scope;
	Loc loc;      /* of the variable, for messages */
	int in_entry; /* within @entry() */
	bool ok;      /* nothing was wrong so far */
	bool dynamic; /* set when a value depends on what the handler computes */
	Node *expr;   /* what FB_EXPR stands for at the moment */
	bool at_entry; /* is the path being followed one from the function's entry? */
} Walk;

/** struct Object - a C object on the way along a path. */
typedef struct Object {
	enum {
		OBJ_VALUE,  /* .lo gives its value */
		OBJ_REGS,   /* a struct in registers .lo and .hi, from bit .reg_bit on */
		OBJ_MEMORY, /* .lo gives its address */
		OBJ_FIELD,  /* an array or text field of a trace event */
		OBJ_NOWHERE
	} in;
	const DbgType *type; /* may be NULL: not known */
	Fetch lo, hi;
	uint32_t reg_byte;	   /* OBJ_REGS: where in lo:hi it starts */
	uint8_t bit_off, bit_size; /* a bit field of .type's size there */
	const TraceField *field;
	const char *text; /* what was followed so far, for messages */
	const char *why;  /* OBJ_NOWHERE: the reason, when it is known */
} Object;

void object_of_variable(Walk *w, const Variable *v, Object *ret);
/** object_of_location - a value of type @t at @loc. */
void object_of_location(const DbgType *t, const ArchLoc *loc, Object *ret);
/** object_at - the object of @type at @address. */
void object_at(const Fetch *address, const DbgType *type, Object *ret);
/** object_value - a value that is already at hand: @f, whose C type is @type (NULL: not known). */
void object_value(const Fetch *f, const DbgType *type, Object *ret);
/** object_follow - apply the accesses of @t in turn; false: reported, or w->dynamic set. */
bool object_follow(Walk *w, Object *o, const Target *t);
/** object_member - one ->name. */
bool object_member(Walk *w, Object *o, const char *name, Loc loc);
/** object_index - one [i]. */
bool object_index(Walk *w, Object *o, int64_t i, Loc loc);
/** object_load - the value as a Fetch; a struct has none: reported. */
bool object_load(Walk *w, const Object *o, Fetch *ret);
/** object_address - where it is, as a Fetch; reported when it is in a register. */
bool object_address(Walk *w, const Object *o, Fetch *ret);
/** walk_error - report, or under --skip-badvars only warn; clears w->ok. */
void walk_error(Walk *w, DiagTag tag, Loc loc, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ---- vars.c ---- */

/** vars_resolve - all target variables of @b as seen from @scope; false: something was reported. */
bool vars_resolve(ProbeContext *ctx, Script *s, Scope *scope, Body *b);
/** vars_resolve_function - the same for a function of the script, which has no context. */
bool vars_resolve_function(ProbeContext *ctx, Script *s, Function *f);
/** target_object - the object that TARGET node @n starts from; false: reported. */
bool target_object(Walk *w, const Node *n, Object *ret);

/* ---- pretty.c ---- */

/** pretty_target - an expression that prints @o as $x$ (@level 1) or $x$$ (2). */
Node *pretty_target(Walk *w, const Object *o, int level, Loc loc);
/** pretty_summary - $$parms, $$vars, $$return ...: "a=0x1 b=0x2"; @level as above, 0 plain. */
Node *pretty_summary(Walk *w, const char *name, int level, Loc loc);

/* ---- propagate.c ---- */

/** propagate_locals - p = $x; ... @cast(p, "t"): put $x where its only name stands; with @calls, f(p) too. */
void propagate_locals(Arena *a, bool calls, Body *b);

/* ---- process_file.c sdt.c: for process.c and process_task.c ---- */

/** struct Program - a file that process("PATH") stands for. */
typedef struct Program {
	const char *path;
	const ProbePoint *point; /* the probe point with it in place of what was written */
} Program;
typedef VEC(Program) Programs;

/** process_programs - the files that the point's process(...) stands for; false: none, reported. */
bool process_programs(Resolve *r, Programs *ret);
/** process_who - which tasks the point is for, apart from the program. */
Who process_who(const Resolve *r);
/** point_plain - the text of @p, without "? !" and condition. */
const char *point_plain(Arena *a, const ProbePoint *p);

/**
 * sdt_args - the arguments of a mark, "-4@%edi 8@-24(%rbp)", as variables $arg1, $arg2 ... One that
 * cannot be read (in a vector register) is there without a value.
 */
void sdt_args(Arena *a, ElfFile *f, const ElfMark *m, Variables *ret);

#endif
