/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * frontend: text -> Script. Everything about a script that is true on any path: tokens, tree,
 * names, types, folding. It asks nothing of the kernel and does not know what a probe point means:
 * src/probe matches points and gives target variables their type through `Target.fetch`.
 *
 * Order of use (main.c): script_use_library(); script_parse() each text; library_resolve() names and
 * pulls tapset files in; script_set_global() for each -G; script_autoprint(); script_drop_unused();
 * [src/probe makes one Body per resolved point with body_clone()]; types_infer(); fold_script().
 */
#ifndef TAPX_FRONTEND_H
#define TAPX_FRONTEND_H

#include "base/base.h"

typedef struct Node Node;
typedef struct Symbol Symbol;
typedef struct Function Function;
typedef struct Builtin Builtin;
typedef struct Script Script;
typedef struct EmbedUse EmbedUse;
struct Fetch;   /* src/probe: how a target variable is read */
struct Capture; /* src/lower: a value that the event recorded */

typedef VEC(Node *) NodeVec;
typedef VEC(Symbol *) SymbolVec;
typedef VEC(Function *) FunctionVec;
typedef VEC(struct ProbePoint *) PointVec;
typedef VEC(struct Probe *) ProbeVec;

typedef enum Type { TY_UNKNOWN, TY_VOID, TY_LONG, TY_STRING, TY_STATS } Type;
/** type_name - "long", "string", "stats", "nothing", "unknown". */
const char *type_name(Type t);

typedef enum NodeKind {
#define NODE(kind, text, cls) ND_##kind,
#include "nodes.def"
#undef NODE
	ND_COUNT
} NodeKind;

typedef enum Op {
#define OP(name, text, arity, level, operand, result) OP_##name,
#include "ops.def"
#undef OP
	OP_COUNT
} Op;
/** op_text - the operator as it is written. */
const char *op_text(Op op);
/** op_plain - OP_ADD for OP_AADD and so on; OP_COUNT when @op is not a compound assignment. */
Op op_plain(Op op);

/* ---- lex.c, macro.c: text -> tokens ---- */

typedef enum TokenKind {
	TK_EOF, TK_NAME /* also keywords and $x @x words */, TK_NUM, TK_STR, TK_PUNCT, TK_EMBED /* %{ %} */, TK_JUNK
} TokenKind;

typedef struct Token {
	TokenKind kind;
	Loc loc;
	const char *text; /* spelling; string: its value; embedded C: the text between the braces */
	int64_t num;
	bool glued;         /* nothing stands between it and the token before: sys*open */
	bool commented;     /* a comment stands between it and the token before */
	bool bad;           /* the lexer has complained already, about it or what stood before it */
	struct Token *next; /* the whole file is lexed and preprocessed into one list */
} Token;

/* What the preprocessor may ask about: filled by main.c, so that the frontend asks nothing itself. */
typedef struct Conditions {
	const char *kernel_release;                /* as uname -r */
	const char *arch;                          /* "x86_64" */
	const char *runtime;                       /* "kernel" */
	const char *compatible;                    /* --compatible, else our own language level */
	bool guru;
	const char *(*config)(void *ctx, const char *name); /* CONFIG_X -> "y", "m", "123", NULL unset */
	void *config_ctx;
	const char *const *args; /* $1 ... */
	int n_args;
} Conditions;

/* ---- ast.c: the tree ---- */

/** struct Access - one step of a target variable's path. */
typedef struct Access {
	const char *member; /* ->name, or NULL for an index */
	Node *index;        /* [index] */
	Loc loc;
} Access;

/** struct Target - what ND_TARGET, ND_CAST, ND_ATVAR and ND_DEREF have in common. */
typedef struct Target {
	const char *name;       /* "$file", "$$parms", "$return"; @var: its name; else NULL */
	Node *base;             /* ND_CAST, ND_DEREF: the expression it starts from */
	const char *type_name;  /* ND_CAST */
	const char *module;     /* ND_CAST, ND_ATVAR: third argument or NULL */
	VEC(Access) path;
	bool addr_of;           /* &$x->y */
	int pretty;             /* 1: $x$, 2: $x$$ */
	struct Fetch *fetch;    /* set by src/probe once resolved; NULL: not (yet) resolvable to one fetch */
	struct Fetch *computed; /* set by src/probe for a module: from the value of .base, which the handler computes */
	bool at_entry;          /* set by src/probe: in a return probe, the value at function entry */
} Target;

typedef struct FormatPiece FormatPiece; /* one conversion or literal run, parsed by types.c: see below */

typedef enum PrintKind { PR_PRINT, PR_PRINTLN, PR_PRINTD, PR_PRINTDLN, PR_PRINTF, PR_CHAR } PrintKind;
typedef enum StatOp { ST_COUNT, ST_SUM, ST_MIN, ST_MAX, ST_AVG, ST_VARIANCE } StatOp;
typedef enum SortBy { SORT_NONE, SORT_KEY, SORT_VALUE, SORT_STAT } SortBy;
/** stat_op_text, print_kind_text - as they are written: "@count", "println". */
const char *stat_op_text(StatOp op);
const char *print_kind_text(PrintKind kind);

/** struct Embed - the C between %{ and %}, and the globals that its pragmas name. */
typedef struct Embed {
	const char *text;
	Loc loc; /* of the %{ */
	VEC(EmbedUse) uses; /* set by library_resolve() */
} Embed;
struct EmbedUse {
	Symbol *sym;
	bool read, write;
};
/** embed_is - does it hold the comment that marks it as @mark: "pure", "string", "pragma:suffix"? */
bool embed_is(const Embed *c, const char *mark);

struct Node {
	NodeKind kind;
	Type type; /* of an expression; TY_UNKNOWN before types_infer() */
	bool from_alias; /* BLOCK: prologue or epilogue of a probe alias */
	Loc loc;
	union {
		int64_t num;     /* NUM */
		const char *str; /* STR */
		struct {         /* VAR INDEX IN DELETE's operand */
			const char *name;
			Symbol *sym;
			NodeVec keys; /* empty for VAR; NULL element: '*' */
			Node *hist;   /* IN: @hist_*() asked instead of a named array, or NULL */
		} var;
		struct { /* OP */
			Op op;
			Node *a, *b, *c;
		} op;
		struct { /* CALL */
			const char *name;
			NodeVec args;
			FunctionVec fns; /* candidates in the order they are tried (overloads); empty for a built-in */
			const Builtin *builtin;
		} call;
		struct { /* PRINT */
			PrintKind kind;
			bool to_string; /* sprint, sprintf, ... */
			const char *format; /* printf: the format; printd: the delimiter */
			NodeVec args;
			VEC(FormatPiece) pieces; /* printf: made by the parser, checked by types.c */
			Symbol *autoprint; /* made by script_autoprint(): types_infer() writes format and pieces */
		} print;
		struct { /* REGEX */
			Node *subject;
			const char *pattern;
			Loc pattern_loc;
			bool negate;
		} regex;
		Target target; /* TARGET CAST ATVAR DEREF */
		struct {       /* DEFINED ENTRY PROBEWRITE: the operand. EXPR: the expression. */
			Node *operand;
			int entry_slot; /* ENTRY: set by lower: index among the probe's saved entry values */
		} unary;
		struct { /* STAT HIST */
			StatOp op;
			bool log; /* HIST: @hist_log, else @hist_linear */
			Node *operand; /* VAR or INDEX of type stats */
			int64_t param[3]; /* hist_linear lo, hi, step; variance shift in [0] */
			Node *bucket; /* HIST: @hist_log(s)[i], a number; NULL: the whole histogram */
		} stat;
		Embed *embed; /* EMBED */
		struct {           /* CAPTURE */
			const struct Capture *capture;
			Node *orig;     /* what the user wrote */
			Node *fallback; /* value when the read faulted; NULL: a run-time error */
			Node *limit;    /* string: at most so many bytes, or NULL */
			bool quoted;    /* string: in double quotes with escapes (not the fallback) */
		} capture;
		NodeVec block; /* BLOCK */
		struct {       /* IF WHILE FOR */
			Node *init, *cond, *step; /* FOR may lack any (NULL) */
			Node *body, *otherwise;
		} flow;
		struct { /* FOREACH */
			SymbolVec keys;   /* loop variables */
			VEC(const char *) key_names;
			VEC(Loc) key_locs;
			const char *value_name; /* foreach (v = [k] in a), or NULL */
			Loc value_loc;
			Symbol *value;
			Node *array; /* VAR naming the array, INDEX for a slice, or HIST */
			SortBy sort;
			int sort_key;   /* SORT_KEY: which */
			int sort_dir;   /* +1 ascending, -1 descending */
			StatOp sort_stat;
			Node *limit;    /* or NULL */
			Node *body;
		} foreach;
		Node *ret; /* RETURN: value or NULL */
		Node *del; /* DELETE: VAR (scalar or whole array) or INDEX (may have '*' keys) */
		struct {   /* TRY */
			Node *body, *handler;
			const char *msg_name; /* catch (msg), or NULL */
			Symbol *msg;
		} try;
	};
};

/**
 * struct FormatPiece - literal text, or one conversion of a printf format.
 * Width and precision: -1 absent, -2 taken from an argument ('*').
 */
struct FormatPiece {
	const char *text; /* literal run (with %% already one percent), NULL for a conversion */
	size_t len;
	char conv;  /* d i u o x X p c s b m M */
	char flag;  /* one of 0 + - space #, or 0 */
	int width, precision;
};

typedef enum SymbolKind { SYM_GLOBAL, SYM_LOCAL, SYM_PARAM } SymbolKind;
#define MAX_KEYS 9

struct Symbol {
	SymbolKind kind;
	const char *name;
	Loc loc;
	Type type;             /* of the scalar, or of an array's values */
	int n_keys;            /* 0 scalar, >0 array, -1 not known yet */
	Type key[MAX_KEYS];
	Loc key_loc[MAX_KEYS]; /* where their types were first inferred */
	Loc keys_loc;          /* where n_keys was first seen */
	Loc type_loc;          /* where the type was first inferred */
	Node *init;            /* NUM or STR or NULL */
	int64_t size;          /* global a[size]; 0 default */
	bool wrap;             /* global a%[size] */
	bool is_private, is_library;
	bool read, written;
	bool pointer;          /* last assigned from an address: autoprint in hex */
	int slot;              /* index among globals, or among the locals of its function or body */
	const void *hist;      /* the HIST node first used on it, or NULL (one kind per global) */
};

struct Function {
	const char *name;
	Loc loc;
	SymbolVec params, locals; /* locals hold the params too, first */
	Type type;                /* TY_VOID: returns nothing */
	Loc type_loc;
	Node *body;               /* or NULL with .embed */
	Node *whole;              /* the body before fold_body() dropped something; else NULL */
	Embed *embed;
	int64_t priority;
	bool is_private, is_library;
	bool used;                /* reachable from a probe */
	enum { EFFECTS_UNKNOWN, EFFECTS_NONE, EFFECTS_SOME } effects; /* of a call, besides its value */
};

/** struct Component - one part of a dotted probe point: function("vfs_*"). */
typedef struct Component {
	const char *name;
	enum { ARG_NONE, ARG_STR, ARG_NUM } arg;
	const char *str;
	int64_t num;
	Loc loc;
} Component;

typedef struct ProbePoint {
	VEC(Component) part;
	bool optional;   /* ? (or !) */
	bool sufficient; /* ! */
	Node *condition; /* if (...), or NULL */
	Loc loc;
} ProbePoint;
/** point_text - the point as a user would write it: kernel.function("vfs_read").return */
const char *point_text(Arena *a, const ProbePoint *p);

/** struct Body - statements with their own locals: of a probe as written, or of one resolved point. */
typedef struct Body {
	Node *block;
	Node *whole; /* the block before fold_body() dropped something; else NULL */
	SymbolVec locals;
	Loc loc;
} Body;

typedef struct Probe {
	PointVec points; /* aliases are already expanded by library_resolve() */
	Body *body;
	Loc loc;
	bool is_library;
	const char *alias; /* the point that -l lists it under: "syscall.open.return"; NULL: its own */
	/* From "alias !, other": this probe is not wanted when one of these has resolved. Each stands
	 * before it in s->probes; src/probe sets `resolved` on the probes it found a place for. */
	ProbeVec unless;
	bool resolved;
} Probe;

struct Script {
	Arena *arena;
	VEC(SourceFile *) files;
	SymbolVec globals;          /* slot = index */
	FunctionVec functions;      /* used ones, after library_resolve() */
	ProbeVec probes;
	NodeVec embeds;             /* %{ %} at file scope: EMBED nodes in order, of the files in use */
	VEC(Body *) bodies;         /* one per resolved probe point: what types_infer() and fold look at */
	struct Names *names;        /* private to the frontend: scopes, aliases, macros, library index */
};

Script *script_new(Arena *a);

/** node_new - a node of @kind at @loc, everything else zero. */
Node *node_new(Arena *a, NodeKind kind, Loc loc);
/** node_clone - a deep copy; VAR nodes keep their symbols. */
Node *node_clone(Arena *a, const Node *n);
/** body_clone - a deep copy with locals of its own. */
Body *body_clone(Arena *a, const Body *b);
/**
 * node_walk - call @visit for @n and everything below it, parents first; a false return skips the
 * children. The visitor may replace what *@slot points at (then the replacement is not entered).
 */
typedef bool NodeVisit(void *ctx, Node **slot);
void node_walk(Node **slot, NodeVisit *visit, void *ctx);
/** node_children - call @visit for each direct child of @n that is there; it may be replaced. */
typedef void NodeSlot(void *ctx, Node **slot);
void node_children(Node *n, NodeSlot *visit, void *ctx);
/** printf_node - printf or sprintf of a @format that is known to be right; the caller adds print.args. */
Node *printf_node(Arena *a, Loc loc, const char *format, bool to_string);
/** node_put_place - " near operator '/' at x.stp:1:2": what a run-time error at @n points at. */
void node_put_place(Buf *b, const Node *n);
/** node_kind_text - "number", "if", ... for messages. */
const char *node_kind_text(NodeKind k);

/* ---- parse.c expr.c: tokens -> tree ---- */

/**
 * script_parse - parse one file (or -e text) into @s. Names are not looked up yet.
 * @cond: what %( %) conditions and $1 @1 see.
 * Return: false when there were errors (all of them reported; parsing resumes at the next
 * probe, global or function).
 */
bool script_parse(Script *s, const SourceFile *file, const Conditions *cond, Diag *d);

/* ---- library.c names.c: who is meant ---- */

/** struct Library - where definitions that a script does not have itself are looked for. */
typedef struct Library {
	const char *const *dirs; /* -I directories, then the installed one; searched in order */
	int n_dirs;
	/* the tapset inside the binary (generated), ended by a row without name. defines: what
	 * library_defines() says of the text; names ending in .stpm hold macros only. */
	const struct LibraryFile { const char *name, *text; const char *const *defines; } *embedded;
	/* Does a probe family know this point itself? Asked only when an alias would match with the
	 * rest of the point as its suffix (timer.profile.tick is not alias timer.profile). May be NULL. */
	bool (*is_native)(const ProbePoint *p);
} Library;

/** script_use_library - where library macros come from; before script_parse(). @lib is borrowed. */
void script_use_library(Script *s, const Library *lib);
/**
 * library_defines - what a tapset text defines, found by its tokens alone (every branch of %( %)
 * counts): functions and globals by name, aliases by dotted name, macros as "@name".
 * Return: NULL-terminated, from @a; for scanning directories and for the generator of `embedded`.
 */
const char **library_defines(Arena *a, const SourceFile *file);

/**
 * library_resolve - bind every name to its symbol, function or built-in; expand probe aliases;
 * parse tapset files that define what is missing (the whole file, once), and nothing else.
 * Return: false when something stayed unknown (reported, with near names).
 */
bool library_resolve(Script *s, const Library *lib, const Conditions *cond, Diag *d);

/**
 * script_set_global - -G name=value: replace the initial value of a scalar global; after
 * library_resolve(). Return: false when there is no such global or the value does not fit.
 */
bool script_set_global(Script *s, const char *assign, Diag *d);
/**
 * script_autoprint - append a `probe end` that prints the script's own globals that are written and
 * never read; after library_resolve(). Its PRINT nodes have no format yet: types_infer() makes it
 * from the types of their arguments, after that they are plain printf nodes.
 * Return: whether there was anything to print.
 */
bool script_autoprint(Script *s);

/* ---- usage.c: who reads and writes what ---- */

/**
 * node_is_pure - evaluating @n has no effect but its value: no write, no output, no error that the
 * user could notice. Works for statements too.
 */
bool node_is_pure(const Node *n);

/* ---- types.c fold.c: what they are worth ---- */

/**
 * types_infer - give every expression, symbol and function of s->bodies and s->functions its type,
 * over the whole program; check operators, calls, print formats, array use, foreach modification.
 * Target nodes already have theirs (set by src/probe).
 */
bool types_infer(Script *s, Diag *d);
/**
 * fold_body - fold constants and drop dead branches in one body, so that nobody resolves what cannot
 * run. What was there before is kept in b->whole: types must be right in dead branches too.
 */
void fold_body(Script *s, Body *b);
/**
 * script_drop_unused - drop values that nobody uses and writes to variables that nobody reads, with
 * a warning; after library_resolve(). SystemTap never looks at their types, so neither do we.
 */
void script_drop_unused(Script *s, Diag *d);
/** fold_script - fold all bodies and functions; drop what has no effect unless @keep_unused. */
void fold_script(Script *s, bool keep_unused, Diag *d);

/* ---- dump.c: -p1 and -p2 ---- */

void dump_tree(const Script *s, FILE *out);      /* source that parses again to the same tree */
void dump_elaborated(const Script *s, FILE *out); /* globals, functions with types */
/** dump_body - locals with their types, then the statements, indented by @indent tabs. */
void dump_body(const Body *b, int indent, FILE *out);
/** node_text - an expression as source text, for messages. */
const char *node_text(Arena *a, const Node *n);

/* ---- builtins.c from builtins.def: functions that C provides ---- */

typedef enum BuiltinClass {
	BI_PURE,    /* result depends on arguments only: may be folded and dropped */
	BI_CONTEXT, /* about the event being handled: see needs */
	BI_READ,    /* reads memory at an address at the hit: lower turns it into a fetch */
	BI_SESSION, /* state of the tool: target(), gettimeofday at begin ... */
	BI_ACTION   /* has an effect: exit(), log() */
} BuiltinClass;

/* What the kernel must record with the event for a context built-in to be answered later. */
enum {
	NEED_COMM = 1 << 0,  /* execname of the current task */
	NEED_TASK = 1 << 1,  /* tgid, ppid, uid...: the task tracker */
	NEED_STACK = 1 << 2, /* kernel backtrace */
	NEED_IP = 1 << 3,    /* address of the hit (symbol names are asked for) */
	NEED_REGS = 1 << 4,  /* register(), print_regs(): registers by name */
	NEED_USTACK = 1 << 5,
	NEED_JIFFIES = 1 << 6,
	NEED_CRED = 1 << 7,  /* with NEED_TASK: user and group ids as they change */
	NEED_EXE = 1 << 8    /* with NEED_TASK: the program that it runs */
};

struct Builtin {
	const char *name;
	const char *signature; /* "s(ll)": result, then arguments; l long, s string, v nothing */
	BuiltinClass cls;
	unsigned needs;
	int id; /* BUILTIN_xxx: index into every table that expands builtins.def */
};
/** builtin_find - by name and number of arguments; n_args -1: any (the first row of that name). */
const Builtin *builtin_find(const char *name, int n_args);
/** builtin_row - all of them by id, for listings; NULL past the end. */
const Builtin *builtin_row(int id);
enum BuiltinId {
#define BUILTIN(id, name, signature, cls, needs, eval) BUILTIN_##id,
#include "builtins.def"
#undef BUILTIN
	BUILTIN_COUNT
};

#endif
