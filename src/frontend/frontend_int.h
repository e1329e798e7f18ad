/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of src/frontend share and nobody else sees: one Unit per parsed file with its
 * definitions in source order, and Names, the tables in which all units' public names meet.
 */
#ifndef TAPX_FRONTEND_INT_H
#define TAPX_FRONTEND_INT_H

#include "frontend/frontend.h"

#include <string.h>

typedef VEC(Token) TokenVec;

/** struct Macro - @define name(params) %( body %); the body ends before @end. */
typedef struct Macro {
	const char *name;
	Loc loc;
	VEC(const char *) params;
	Token *body, *end;
} Macro;

/** struct Alias - probe names = points { prologue }, { epilogue }. */
typedef struct Alias {
	PointVec names;
	PointVec points;
	Node *prologue, *epilogue; /* either may be NULL */
	Loc loc;
	bool is_library;
	bool active; /* being expanded */
} Alias;

/** struct AliasName - one of the names of an alias; those with the same first component are
 * chained. */
typedef struct AliasName {
	Alias *alias;
	const ProbePoint *name;
	int next; /* index into Names.aliases, -1 at the end */
} AliasName;

typedef struct AliasRoot {
	int first, last;
} AliasRoot;

typedef struct Item {
	enum { ITEM_GLOBAL, ITEM_FUNCTION, ITEM_PROBE, ITEM_ALIAS, ITEM_EMBED } kind;
	union {
		Symbol *global;
		Function *function;
		Probe *probe;
		Alias *alias;
		Node *embed;
	};
} Item;

/** struct Overloads - the functions of one name, as declared. */
typedef struct Overloads {
	FunctionVec fn;
} Overloads;

/** struct Unit - one parsed file. */
typedef struct Unit {
	const SourceFile *file;
	VEC(Item) items;
	Table *macros;		  /* name -> Macro */
	Table *private_globals;	  /* name -> Symbol */
	Table *private_functions; /* name -> Overloads */
} Unit;

struct Names {
	const Library *lib;
	const Conditions *cond; /* what library_resolve() was told */
	VEC(Unit *) units;
	VEC(AliasName) aliases;
	Table *alias_roots;  /* first component -> AliasRoot */
	Table *globals;	     /* public name -> Symbol */
	Table *functions;    /* public name -> Overloads */
	Table *macros;	     /* library macros: name -> Macro */
	struct Index *index; /* library.c: which file defines what; NULL until needed */
	VEC(Embed *) embeds; /* the C that names globals */
	uint64_t args_used;  /* bit N-1: $N or @N was used (the first 64) */
	Loc first_arg_loc;
};

/* ---- lex.c ---- */

/**
 * language_has - does what --compatible asks for have what came with SystemTap @version?
 * @cond: NULL for today's language; @file: where the question comes up.
 */
bool language_has(const Conditions *cond, const SourceFile *file, const char *version);
/** lex_file - the tokens of a file, ended by TK_EOF; mistakes are reported and skipped. */
Token *lex_file(Arena *a, const SourceFile *file, const Conditions *cond, Diag *d);
/** lex_pasted - the tokens of a script argument, all of them at @at. */
Token *lex_pasted(Arena *a, const char *text, Loc at, const Conditions *cond, Diag *d);
bool tok_is(const Token *t, const char *text); /* a punctuation or a word, not a string */
/** tok_text - how a message names the token: "'foo'", "end of file". */
const char *tok_text(Arena *a, const Token *t);

/* ---- embed.c ---- */

/** EmbedFind - the global @name, which @pragma asks for; NULL after an error. */
typedef Symbol *EmbedFind(void *ctx, const Embed *c, const char *name, const char *pragma);
/** embed_bind - find the globals of the pragmas. Return: are there any that were not known before? */
bool embed_bind(Arena *a, Embed *c, EmbedFind *find, void *ctx);
/** embed_check - marks that contradict each other are errors. */
void embed_check(const Embed *c, int n_params, Diag *d);

/* ---- macro.c ---- */

/** preprocess - arguments, macros and conditions of @raw replaced; strings side by side joined. */
Token *preprocess(Script *s, Unit *u, Token *raw, const Conditions *cond, Diag *d);
/** library_macro - the Macro of a .stpm file, or NULL. */
Macro *library_macro(Script *s, const char *name, const Conditions *cond, Diag *d);

/* ---- parse.c, stmt.c, expr.c, call.c, point.c, format.c ---- */

typedef struct Parser {
	Script *s;
	Arena *a;
	Diag *d;
	const Conditions *cond;
	Unit *unit;
	Token *tok;	    /* the one not yet consumed */
	const Token *last;  /* the one before it */
	Function *function; /* being parsed, or NULL in a probe */
	int loops;	    /* how many of them are open */
	int depth;	    /* of nested expressions and statements */
	int exprs;	    /* of nested expressions alone */
	int operators;	    /* infix ones in the outermost expression: a + b + c is a deep tree */
	bool guru;	    /* embedded C is allowed here */
	bool stars;	    /* the next array may have '*' for a key: what delete deletes */
	void *escape;	    /* jmp_buf of the one setjmp(), in parse.c */
	bool failed;
} Parser;

_Noreturn void parse_escape(Parser *p);
/** parse_if_told - leave the definition silently if the lexer has complained about what stands
 * here. */
void parse_if_told(Parser *p);
/* Report and leave the definition. */
#define parse_fail(p, tag, loc, ...)                                                               \
	do {                                                                                       \
		parse_report(p, tag, loc, __VA_ARGS__);                                            \
		parse_escape(p);                                                                   \
	} while (0)
#define parse_report(p, tag, loc, ...)                                                             \
	do {                                                                                       \
		(p)->failed = true;                                                                \
		diag_error((p)->d, tag, loc, __VA_ARGS__);                                         \
	} while (0)

bool peek(const Parser *p, const char *text);
Token *advance(Parser *p); /* consume and return the current token */
bool accept(Parser *p, const char *text);
Token *expect(Parser *p, const char *text, const char *where);
Token *expect_name(Parser *p, const char *what);
Token *expect_string(Parser *p, const char *what);
int64_t expect_number(Parser *p, const char *what); /* with an optional minus */
_Noreturn void unexpected(Parser *p, const char *wanted);
void parse_deeper(Parser *p); /* one level down; fails when the nesting is absurd */
/** parse_embedded - the C that stands here; an error without guru mode. */
Embed *parse_embedded(Parser *p);

Node *parse_block(Parser *p);
Node *parse_expr(Parser *p);
bool parse_is_lvalue(const Node *n);
Node *parse_at_operator(Parser *p);
/** parse_call - the arguments behind @name: of a function or of the print family. */
Node *parse_call(Parser *p, const Token *name);
bool is_print_name(const char *name); /* printf and the like: never a variable */
/** parse_path - ->member, [index], and the $ or $$ at the end. */
void parse_path(Parser *p, Target *t);
/** parse_keys - "k1, *, k2 ]" after the bracket. */
void parse_keys(Parser *p, NodeVec *keys, bool star_allowed);
Node *parse_hist(Parser *p, Token *word);
bool stat_op_of(const char *word, StatOp *op);	  /* "@count" */
bool since(const Parser *p, const char *version); /* language_has() of what is being parsed */
bool at_definition(const Parser *p);		  /* a word that begins one */
bool is_keyword(const Parser *p, const Token *t);
bool is_plain_name(const Parser *p, const Token *t); /* an identifier: no keyword, $x or @x */

/* One written point may become so many: braces and aliases multiply. */
enum { MOST_POINTS = 10000 };

/** parse_points - a comma list of probe points, braces multiplied out. */
void parse_points(Parser *p, PointVec *out);
/** point_conditions - a copy of both: @outer && @inner; either may be NULL. */
Node *point_conditions(Arena *a, const Node *outer, const Node *inner);

/** parse_format - @n's format -> pieces; reports what is wrong with it. */
void parse_format(Parser *p, Node *n, Loc loc);
/** format_pieces - the pieces of a format known to be right (or, with @bad, which part is not). */
bool format_pieces(Arena *a, Node *n, const char **bad);

/* ---- library.c ---- */

/** library_pull - parse the files that define @name (function or global); true if there was one. */
bool library_pull(Script *s, const char *name, const Conditions *cond, Diag *d);
/** library_pull_aliases - parse the files whose aliases @p may mean. */
void library_pull_aliases(Script *s, const ProbePoint *p, const Conditions *cond, Diag *d);
/** library_near - offer every name that the library defines. */
void library_near(Script *s, Nearest *near, const Conditions *cond);
/** parse_unit - parse one file and put its names into s->names. */
bool parse_unit(Script *s, const SourceFile *file, const Conditions *cond, Diag *d);

/* ---- alias.c ---- */

/** alias_expand - append @pr to @out, or the probes that it stands for: without aliases any more.
 */
void alias_expand(Script *s, Probe *pr, ProbeVec *out, const Conditions *cond, Diag *d);
/**
 * alias_match - the number of components of @p that the alias name @name takes, 0: it does not
 * match.
 * @p may have wildcards; what is left over is the suffix for the points of the alias.
 */
int alias_match(const ProbePoint *p, const ProbePoint *name);

/* ---- names.c ---- */

/** names_add - enter the definitions of @u; reports duplicates. */
bool names_add(Script *s, Unit *u, Diag *d);
/** names_bind_private - point the private names used in @u at their symbols. */
void names_bind_private(Script *s, Unit *u);

/* ---- usage.c ---- */

/** usage_mark - set read and written of every symbol that @n touches. */
void usage_mark(Node *n);
/** usage_recount - clear and set them again for all of s->bodies and s->functions. */
void usage_recount(Script *s);
/** op_writes - an assignment, ++ or --. */
bool op_writes(Op op);
bool op_is_crement(Op op);

/* ---- types.c: statements and the whole program; infer.c: expressions ---- */

typedef struct Infer {
	Script *s;
	Diag *d;
	bool changed;	       /* something became known in this round */
	bool report;	       /* last round: types that do not fit together are told */
	bool check;	       /* and other mistakes too: this is code that may run */
	bool whole;	       /* the code may be dead: its target variables are not resolved */
	Function *function;    /* whose body is looked at, or NULL */
	SymbolVec walking;     /* arrays of the foreach loops around */
	const char *wanted_by; /* who wants the type, for the next mismatch; NULL: "here" */
} Infer;

/** infer - the type of the value of @n, which is wanted to be @want (TY_UNKNOWN: anything). */
Type infer(Infer *t, Node *n, Type want);
/** infer_unused - the same for a value that nobody uses: it may be nothing. */
void infer_unused(Infer *t, Node *n);
/** infer_keys - keys of the array @sym, both ways; NULL keys are '*'. */
void infer_keys(Infer *t, Symbol *sym, NodeVec *keys);
/** infer_symbol - @sym is used as @want at @loc. Return: what it is. */
Type infer_symbol(Infer *t, Symbol *sym, Type want, Loc loc);
/** infer_hist - a whole histogram where it may stand. */
void infer_hist(Infer *t, Node *n);
/** infer_print - print and printf in all forms; print.c. */
Type infer_print(Infer *t, Node *n);
/** infer_mismatch - @n is @got, but something else is needed. */
void infer_mismatch(Infer *t, const Node *n, Type got, Type want, const char *by);
/** check_modified - @sym is changed at @loc: not inside a foreach over it. */
void check_modified(Infer *t, const Symbol *sym, Loc loc);
/** type_phrase - "a string", "a number", "statistics" for messages. */
const char *type_phrase(Type t);

/* ---- dump.c: the printers that listing.c uses ---- */

void dump_expr(Buf *b, const Node *n);
void dump_string(Buf *b, const char *s);
void dump_node(Buf *b, const Node *n, int indent); /* a statement */

/* ---- fold.c, elide.c ---- */

void fold_node(Arena *a, Node **slot);

#endif
