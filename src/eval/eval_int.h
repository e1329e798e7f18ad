/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/eval: the compiled form and the state of a run.
 *
 * Every node of a handler becomes a Code: a function pointer and its operands. An expression of
 * type long is called through .num, of type string through .str, a statement through .stmt. Text is
 * passed as views (Str); compile.c knows how long each view lives (Life) and copies where one could
 * die too early. Temporary text is taken from a bump area that each statement gives back at its
 * end.
 */
#ifndef TAPX_EVAL_INT_H
#define TAPX_EVAL_INT_H

#include "eval.h"
#include "map.h"
#include "common/fmt.h"
#include "common/regex.h"
#include "common/stat.h"

#include <setjmp.h>

typedef enum Flow { FLOW_NORMAL, FLOW_BREAK, FLOW_CONTINUE, FLOW_NEXT, FLOW_RETURN } Flow;

/* How long the text that a string expression returns stays as it is. */
typedef enum Life {
	LIFE_HANDLER, /* a literal or bytes of the record */
	LIFE_TEMP,    /* until the end of the statement */
	LIFE_VIEW     /* until something is assigned: it is in a variable or an array */
} Life;

typedef struct Code Code;
typedef int64_t NumFn(Eval *e, const Code *c);
typedef Str StrFn(Eval *e, const Code *c);
typedef Flow StmtFn(Eval *e, const Code *c);
typedef void AnyFn(void);

typedef struct Global {
	const Symbol *sym;
	union {
		int64_t num;
		Stat *stat;
	};
	Str str; /* scalar string: .p is its own buffer of max_str + 1 bytes */
	Map map; /* arrays; scalar stats use map.hist and map.stat_size only */
} Global;

/* struct FnCode - a function of the script, compiled once. */
typedef struct FnCode {
	const Function *f;
	const Code *body;
	uint32_t n_slots, frame_size;
	int64_t weight; /* statements: what a call costs of the action budget */
	const struct SlotInfo *slot;
} FnCode;

/* struct SlotInfo - a local variable: text has its own buffer in the frame. */
typedef struct SlotInfo {
	bool is_string;
	uint32_t buffer; /* byte offset in the frame */
} SlotInfo;

typedef struct PrintCode PrintCode; /* print.c */
typedef struct Regex Regex;	    /* regex.c */

struct Code {
	union {
		NumFn *num;
		StrFn *str;
		StmtFn *stmt;
	};
	const Code *a, *b, *c;
	union {
		int64_t k;		  /* constant */
		Str s;			  /* literal */
		Global *g;		  /* variable */
		const FnCode *const *fns; /* call: candidates, n of them */
		const PrintCode *print;
		const Capture *capture;
		const Regex *regex;
		const MapSort *sort;
		StatOp stat;
	};
	uint32_t slot;	 /* local: byte offset in the frame */
	uint32_t buffer; /* local text: byte offset of its buffer */
	int n;		 /* arguments, keys, statements */
	bool is_str;	 /* .str is the function */
	bool flag;	 /* as the function says */
	Life life;	 /* when is_str */
	const Code **arg;
	const Node *node; /* what a run-time error points at */
};

#define NUM(code) ((code)->num(e, (code)))
#define STR(code) ((code)->str(e, (code)))
#define RUN(code) ((code)->stmt(e, (code)))

/* struct HandlerCode - a handler of the plan, compiled. */
typedef struct HandlerCode {
	const Handler *h;
	const Code *body, *condition;
	uint32_t n_slots, frame_size;
	const Code **entry; /* HANDLER_ENTRY: the values to keep */
	int n_entry;
	bool may_raise;
	uint64_t due; /* TIMER: CLOCK_MONOTONIC ns of the next run */
} HandlerCode;

/* struct Saved - a value kept from function entry to return. */
typedef struct Saved {
	Value v;
	char *text; /* malloc'ed copy: of a string, or of the error that computing it gave */
	bool failed;
} Saved;

typedef struct EntryTable EntryTable; /* entry.c */

/* What a jump out of an expression goes back to. */
typedef struct Catch {
	jmp_buf env;
	struct Catch *outer;
	char *fp, *fp_top, *tmp;
	size_t snap;
	int nesting;
} Catch;

enum { ERROR_BYTES = 1024, SPEC_BYTES = 8192 };

struct Eval {
	/* every record */
	const Record *rec; /* NULL in begin, end and timer handlers */
	const EventDef *event;
	HandlerCode *handler;
	char *fp, *fp_top;    /* this activation's frame, the first free byte behind it */
	char *tmp;	      /* first free byte of temporary text */
	char *out, *out_full; /* where output goes; write it out from here on */
	int64_t actions;      /* left for this handler */
	uint32_t max_str;     /* bytes of a string */
	bool exiting;
	const Saved *entry; /* values kept at entry, in a return handler */
	Value ret;	    /* of the function that just returned */
	HandlerCode *handlers;
	int n_handlers;
	uint64_t records, skipped;

	char *out_base, *frames, *frames_end, *tmps, *tmps_end;
	Global *globals;
	int n_globals;
	Entry **snap; /* entries that running foreach loops have still to visit: a stack */
	size_t snap_n, snap_cap;
	int nesting, max_nesting;
	uintptr_t stack_end; /* no call when our own stack has grown down to here */
	int64_t max_action;

	const Plan *plan;
	EvalHost host;
	EvalLimits limits;
	struct rt_hist_style hist_style;
	Arena *arena;
	Diag *diag;
	VEC(FnCode *) fns; /* compiled so far: those of the script, and copies of them for one handler */
	EntryTable *entries;
	HandlerCode **timers; /* handlers with a period */
	int n_timers;
	bool wants_input;     /* there are INPUT handlers */

	Catch *catch; /* innermost, NULL: nothing here can raise */
	Catch *top;   /* of the handler */
	char error[ERROR_BYTES];
	const Node *error_at;
	const Node **calls;   /* the calls that lead here, outermost first: nesting of them */
	int error_depth;      /* how many led to the error */
	bool aborted, failed; /* abort(); a run-time error ended the run */
	uint64_t errors;
	bool write_failed;

	uint64_t now, clock0; /* no record: the time we were told, CLOCK_MONOTONIC at that moment
				 (0: stands still) */
	int self;	      /* our pid */
	Str input;	      /* what was typed: INPUT INPUT_LINE */
	char *line;	      /* as far as it has been typed: max_str bytes */
	uint32_t line_len;
	uint64_t seed;
	struct rt_span match[RT_REGEX_GROUPS];
	char *match_text; /* subject of the last successful match */
	int n_match;
	char *token_text; /* tokenize(): what is left */
	uint32_t token_at, token_len;
	VEC(int) family;  /* target_set_pid(): pids found to descend from target() */
	Table *regexes;	  /* by pattern: Regex */
	bool asks_groups; /* something looks at what a match has matched */
	uint16_t *trail;  /* scratch of rt_regex_match() */
};

/* ---- error.c ---- */

/** raise_error - a run-time error at @at: to the innermost try, or the end of the handler. */
_Noreturn void raise_error(Eval *e, const Node *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** raise_final - the same, but no try catches it. */
_Noreturn void raise_final(Eval *e, const Node *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
_Noreturn void raise_abort(Eval *e);
/** catch_open - remember the state for a try; catch_restore - go back to it. */
void catch_open(Eval *e, Catch *c);
void catch_restore(Eval *e, const Catch *c);
void catch_close(Eval *e, const Catch *c);
/** error_print - the message of the error that ended a handler. */
void error_print(Eval *e);

/* ---- eval.c ---- */

/** eval_time - CLOCK_MONOTONIC of the record, or of now where there is none. */
uint64_t eval_time(Eval *e);

/* ---- out.c ---- */

bool out_init(Eval *e);
/** out_room - make sure that SPEC_BYTES or a string fit behind e->out. */
void out_flush(Eval *e);
static inline void out_room(Eval *e)
{
	if (__builtin_expect(e->out >= e->out_full, 0))
		out_flush(e);
}
void out_bytes(Eval *e, const char *p, size_t n);
/** out_message - "ERROR: text" or so on the error descriptor, after what was printed. */
void out_message(Eval *e, const char *kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- text.c: temporary text ---- */

/** tmp_room - at least @n bytes of temporary text; take what was used with tmp_take(). */
char *tmp_room(Eval *e, const Node *at, size_t n);
Str tmp_take(Eval *e, char *start, char *end);
Str tmp_copy(Eval *e, const Node *at, Str s);
/** tmp_cstr - a NUL-terminated copy. */
const char *tmp_cstr(Eval *e, const Node *at, Str s);
/** str_lit - a view of a C string that lives for ever. */
Str str_lit(const char *s);

/* ---- compile.c ---- */

/* struct Compile - the body being compiled. */
typedef struct Compile {
	Eval *e;
	Arena *arena;
	SlotInfo *slots;
	int n_slots;
	bool may_raise;
	int64_t weight;
} Compile;

Code *code_new(Compile *cc, const Node *n);
const Code *compile_num(Compile *cc, const Node *n);
const Code *compile_str(Compile *cc, const Node *n);
/** compile_any - by n->type. */
const Code *compile_any(Compile *cc, const Node *n);
/** compile_stmt - NULL for one that does nothing. */
const Code *compile_stmt(Compile *cc, const Node *n);
/** compile_stable - text that survives the evaluation of @later (NULL: of nothing). */
const Code *compile_stable(Compile *cc, const Node *n, const Node *later);
/** has_effect - may evaluating @n change a variable? */
bool has_effect(const Node *n);
void compile_slots(Compile *cc, const SymbolVec *locals, uint32_t *frame_size);
const Code *num_const(Compile *cc, const Node *n, int64_t v);

/* by file: arith.c strop.c var.c array.c control.c call.c print.c stats.c capture.c regex.c */
const Code *compile_num_op(Compile *cc, const Node *n);
const Code *compile_str_op(Compile *cc, const Node *n);
const Code *compile_logic(Compile *cc, const Node *n);
const Code *compile_var_read(Compile *cc, const Node *n);
const Code *compile_index_read(Compile *cc, const Node *n);
const Code *compile_in(Compile *cc, const Node *n);
const Code *compile_assign(Compile *cc, const Node *n, bool value_used);
const Code *compile_delete(Compile *cc, const Node *n);
const Code *compile_foreach(Compile *cc, const Node *n);
const Code *compile_call(Compile *cc, const Node *n);
const Code *compile_print(Compile *cc, const Node *n);
const Code *compile_stat(Compile *cc, const Node *n);
const Code *compile_capture(Compile *cc, const Node *n);
const Code *compile_entry(Compile *cc, const Node *n);
const Code *compile_regex(Compile *cc, const Node *n);
/* note that a built-in which looks at groups is called, if @fn is one */
void regex_asked(Eval *e, AnyFn *fn);
/* make the tables of all patterns; false: errors were told */
bool regexes_build(Eval *e);
void regexes_free(Eval *e);
const Code *compile_effect(Compile *cc, const Node *n);
const Code *compile_hist_bucket(Compile *cc, const Node *n);

/* call.c */
/** args_compile - the arguments as c->arg[0..n), copied where a later one may change them. */
void args_compile(Compile *cc, Code *c, const NodeVec *args);

/* array.c */
/** keys_compile - the keys of @n ('*' stays NULL) as c->arg[0..n). */
void keys_compile(Compile *cc, Code *c, const Node *n, const Node *later);
void keys_eval(Eval *e, const Code *c, Value *key);
Entry *map_need(Eval *e, const Code *c, const Value *key);
Entry *elem_find(Eval *e, const Code *c);
Entry *elem_need(Eval *e, const Code *c);
bool entry_matches(const Map *m, const Entry *en, const Code *c, const Value *key);
/** snap_take - push the entries that @c's slice selects; returns where they start. */
size_t snap_take(Eval *e, const Node *at, const Map *m, const Code *slice);
/** local_set_str - assign text to a local: @c has slot and buffer. */
void local_set_str(Eval *e, const Code *c, Str s, Life life);
static inline Value *local(Eval *e, const Code *c)
{
	return (Value *)(void *)(e->fp + c->slot);
}
/** target_compile - fill slot, buffer or g of @c for variable @n. */
void target_compile(Compile *cc, Code *c, const Symbol *sym);

/* stats.c */
void stats_init(Eval *e, Global *g);
void stat_add(const Global *g, Stat *s, int64_t v);
Stat *stat_find(Eval *e, const Code *c);
const Global *hist_eval(Eval *e, const Code *c, Stat **ret);
const Code *compile_sample(Compile *cc, const Node *n);
Code *stat_operand(Compile *cc, const Node *n, const Node *operand);

/* entry.c */
EntryTable *entry_table_new(void);
void entry_table_free(EntryTable *t);
/** entry_save - run an ENTRY handler: keep its values under this thread's stack pointer. */
void entry_save(Eval *e, HandlerCode *h);
/** entry_take - the values kept for this return; NULL: none. Valid until the next entry_ call. */
const Saved *entry_take(Eval *e, int entry_handler);

/* capture.c */
bool field_num(const Record *r, int slot, int64_t *ret);
Str field_str(const Record *r, int slot);

/* builtins.c */
AnyFn *builtin_fn(int id);

/* symbol.c */
char *put_symbol(Eval *e, char *p, char *end, uint64_t addr);

/* Functions of the eval column in builtins.def. */
/* clang-format off */
#define BUILTIN_NUM(x) \
	x(ctx_pid) x(ctx_tid) x(ctx_ppid) x(ctx_uid) x(ctx_euid) x(ctx_gid) x(ctx_egid) \
	x(ctx_cpu) x(ctx_addr) x(ctx_is_return) x(ctx_user_mode) x(ctx_registers_valid) \
	x(ctx_gettimeofday_ns) x(ctx_gettimeofday_us) x(ctx_gettimeofday_ms) \
	x(ctx_gettimeofday_s) x(ctx_mono_ns) x(ctx_get_cycles) x(ctx_jiffies) \
	x(ctx_target_set_pid) x(ctx_runs) x(ctx_target_set_report) x(ctx_is_myproc) x(ctx_pgrp) x(ctx_sid) \
	x(ctx_statm) x(ctx_warned_long) \
	x(sym_print_backtrace) x(sym_stack) x(sym_caller_addr) x(sym_print_stack) \
	x(ses_exit) x(ses_abort) x(ses_error) x(ses_warn) x(ses_log) x(ses_printk) \
	x(ses_system) x(ses_nothing) x(ses_switch_file) x(ses_ftrace) x(ses_loadavg) \
	x(ses_target) x(ses_stp_pid) x(ses_page_size) x(ses_randint) \
	x(re_ngroups) \
	x(str_strlen) x(str_stringat) x(str_isinstr) x(str_strpos) x(str_strtol) x(str_isdigit) \
	x(name_errno_p) \
	x(time_gmtoff) \
	x(net_htons) x(net_htonl) x(net_htonll) \
	x(fp_parse) x(fp_long) x(fp_from_long) x(fp_from_32) x(fp_add) x(fp_sub) x(fp_mul) \
	x(fp_div) x(fp_rem) x(fp_sqrt) x(fp_eq) x(fp_le) x(fp_lt)
#define BUILTIN_STR(x) \
	x(ctx_execname) x(ctx_pexecname) x(ctx_pp) x(ctx_pn) x(ctx_ppfunc) x(ctx_probefunc) \
	x(ctx_probemod) x(ctx_probe_type) x(ctx_pnlabel) x(ctx_pid2execname) \
	x(ctx_cmdline_args) x(ctx_env_var) x(ctx_warned_text) x(ctx_input) \
	x(sym_sprint_backtrace) x(sym_backtrace) x(sym_caller) x(sym_callers) \
	x(sym_sprint_stack) x(sym_symname) x(sym_symdata) x(sym_modname) x(sym_symfileline) \
	x(ses_module_name) \
	x(re_matched) x(re_matched_str) \
	x(str_tokenize_1) x(str_tokenize) x(str_substr) x(str_str_replace) x(str_string_quoted) \
	x(str_text_str) x(str_text_strn) \
	x(name_errno) x(name_signal) \
	x(time_ctime_0) x(time_ctime) x(time_tzname) \
	x(fp_text)
/* clang-format on */
#define DECLARE_NUM(name) NumFn name;
#define DECLARE_STR(name) StrFn name;
BUILTIN_NUM(DECLARE_NUM)
BUILTIN_STR(DECLARE_STR)

#endif
