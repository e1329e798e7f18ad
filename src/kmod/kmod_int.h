/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/kmod: how C text is put together. An expression becomes statements for its effects
 * (written at once) and an operand, the C expression of its value, which is good until the next
 * effect. Numbers of a script are C variables, text is in frames of struct rt_str (s[0], s[1], ...).
 */
#ifndef TAPX_KMOD_INT_H
#define TAPX_KMOD_INT_H

#include "kmod/kmod.h"

typedef struct Emit {
	const KmodInput *in;
	Arena *arena;
	Buf *out;   /* where text goes at the moment */
	int indent;
	VEC(const char *) places; /* what errors point at: places[i] */
	Table *place_index;	  /* text -> number + 1 */
	uint64_t parts;		  /* of runtime/: bit i is kmod_runtime[i] */
	VEC(const Node *) regexes;
	Table *regex_index;	  /* pattern -> number + 1 */
	const char *twins;	  /* names that several functions have, a line each; NULL: not asked yet */
	bool by_offset;		  /* some place is good for this build of the kernel only */
	bool uses_map, uses_hist, uses_param, uses_kprobe, uses_uprobe, uses_memory, uses_hit;
	Buf embedded;  /* functions of embedded C, and how many */
	int n_embeds;
	Table *embed_index; /* of those that probes share: number + 1 */
	bool uses_embed;
	const uint8_t **uses; /* of globals, by probe */
	bool *parts_of, *changes; /* by global: each processor has a part; a running handler changes it */
	bool asks_groups, asks_zone; /* matched() and its like; tz_name() and its like */
	int n_rows, n_timers, n_kprobes, n_uprobes, n_tracepoints, n_packets, n_perfs;
	bool uses_files, uses_input;
	int most_strs;	/* frames of text of any handler or function */
	int snap_probes, snap_functions; /* depth of foreach: of any handler, of all functions together */
	bool ok;
	/* the handler or function at hand */
	const ResolvedProbe *probe; /* NULL in a function */
	NodeVec *all_kept;    /* by probe */
	NodeVec *kept;	      /* of the entry of this return probe; NULL in a function */
	bool at_entry;	      /* what is evaluated there is at hand */
	bool args_in_functions; /* some function asks for arguments by number */
	int n_args;	      /* of a tracepoint: how many are used */
	const SymbolVec *locals;
	int n_num;	      /* numbered temporaries */
	int n_str, max_str;   /* frames of text in use, and most */
	int snap, max_snap;   /* foreach loops around, and most */
	int fail, n_labels;   /* label that an error goes to: fail_N */
	bool fail_used;	      /* of the innermost label */
	int loop, n_loops;    /* innermost loop: next_N, last_N */
	int64_t weight;	      /* statements so far */
	bool in_function;
	Type returns;
} Emit;

/** emit - a line at the present indent; "goto", "{" and "}" as they are. */
void emit(Emit *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** fmt - arena text. */
#define TEXT(e, ...) arena_printf((e)->arena, __VA_ARGS__)
/** missing - what cannot be translated yet is an error at its place. */
void missing(Emit *e, const Node *n, const char *what);
/** emit_check - leave for the innermost try when something has failed. */
void emit_check(Emit *e);
/** place_of - "places[N]" for errors at @n. */
const char *place_of(Emit *e, const Node *n);
/** c_string - a C string literal of @n bytes. */
const char *c_string(Emit *e, const char *s, size_t n);
/** string_most - bytes that text can have. */
size_t string_most(const Emit *e);
/** c_comment - a comment that @text cannot end. */
const char *c_comment(Emit *e, const char *text);
/** c_lit - RT_LIT("..."). */
const char *c_lit(Emit *e, const char *s, size_t n);
/** temp_num, temp_str - a fresh temporary with value @value; returns its name. */
const char *temp_num(Emit *e, const char *value);
/** temp_str - a fresh frame: "&s[N]". */
const char *temp_str(Emit *e);
/** c_name - a script's name as part of an identifier. */
const char *global_name(Emit *e, const Symbol *sym);
const char *local_name(Emit *e, const Symbol *sym);
const char *function_name(Emit *e, const Function *f);
int function_index(const Emit *e, const Function *f);

/* ---- expr.c ---- */

/** literal - a number as C. */
const char *literal(Emit *e, int64_t v);
/** num, str - the operand of an expression of that type. */
const char *num(Emit *e, const Node *n);
const char *str(Emit *e, const Node *n);
/** num_for, str_for - the same, good until @later (may be NULL) has been evaluated too. */
const char *num_for(Emit *e, const Node *n, const Node *later);
const char *str_for(Emit *e, const Node *n, const Node *later);
/** value_for - by type. */
const char *value_for(Emit *e, const Node *n, const Node *later);
/** effect - evaluate and drop. */
void effect(Emit *e, const Node *n);
/** later_of - the first of the nodes from @from on that has an effect, or NULL. */
const Node *later_of(const NodeVec *v, int from, const Node *last);
/** set_var - statement that assigns the operand @value to a variable. */
void set_var(Emit *e, const Symbol *sym, const char *value);

/* ---- array.c ---- */

/** keys - compute the keys of @n and leave them in c->key; the bits of those that are given. */
unsigned keys(Emit *e, const Node *n, const Node *later, const char **ret);
void put_keys(Emit *e, const Node *n, const char *const *key);
const char *index_read(Emit *e, const Node *n);
/** entry_need - "eN", a struct rt_entry * that was found or made. */
const char *entry_need(Emit *e, const Node *n, const char *const *key);
const char *in_array(Emit *e, const Node *n);
void delete_stmt(Emit *e, const Node *n);
void foreach_stmt(Emit *e, const Node *n);
const char *stat_read(Emit *e, const Node *n);
/** stat_of - "tN", a struct rt_stats * that may be NULL. */
const char *stat_of(Emit *e, const Node *operand);
/** need_samples - an error at @n where @stat has no values. */
void need_samples(Emit *e, const Node *n, const char *stat);
/** hist_name - "&hN", or "NULL". */
const char *hist_name(Emit *e, const Symbol *sym);
void sample(Emit *e, const Node *n);
/** add - n++, n += v and their like, to a part: nobody wants the value. */
void add(Emit *e, const Node *n);
const char *hist_bucket(Emit *e, const Node *n);

/* ---- print.c call.c ---- */

/** print_call - print or sprint; the operand of the latter. */
const char *print_call(Emit *e, const Node *n);
const char *call(Emit *e, const Node *n);

/** take_part - make the file of runtime/ that has @function part of the module. Return: is there one? */
bool take_part(Emit *e, const char *function);

/* ---- fetch.c ---- */

/** target_read - the operand of a target variable, @cast and their like. */
const char *target_read(Emit *e, const Node *n);
/** target_write - statements that assign the operand @v to it. */
void target_write(Emit *e, const Node *n, const char *v);
/** fetch_where - the address of the last read of @f, as an expression; a fault is in c->error after it. */
const char *fetch_where(Emit *e, const Node *n, const Fetch *f);
/** fetch_soft - the value of @f, in the same way: emit_check() is left to the caller. */
const char *fetch_soft(Emit *e, const Node *n, const Fetch *f);
/** node_where - how @n is read, when it is a target variable or its like; else NULL. */
const Fetch *node_where(const Node *n);
/** number_type - "s32". */
const char *number_type(Emit *e, int size, bool is_signed);
/** regs_of - the struct pt_regs * of the hit. */
const char *regs_of(Emit *e, const Node *n);

/* ---- kept.c ---- */

/** kept_read - the value that @entry or target variable @n had at the function's entry. */
const char *kept_read(Emit *e, const Node *n);
/** kept_any - does probe @p, number @index, keep anything of its entry? */
bool kept_any(const Emit *e, const ResolvedProbe *p, int index);
/** kept_struct - struct kept_N, when there is anything to keep. */
void kept_struct(Emit *e, int index);
/** kept_make - into @text, the statements that fill it at the entry. */
void kept_make(Emit *e, Buf *text);
/** kept_uses - the globals that they touch, as uses_emit(). */
int kept_uses(Emit *e, const NodeVec *kept, int index);
/** tracepoint_function - tracepoint_N, which calls the handler. */
void tracepoint_function(Emit *e, int index);

/* ---- hit.c ---- */

/** hit_call - the operand of a built-in that reads at the hit; false: it is none that C code is made for. */
bool hit_call(Emit *e, const Node *call, const char **ret);

/* ---- perf.c ---- */

/** perf_row - what the table of probes says of a perf event or a watchpoint. */
void perf_row(Emit *e, const ResolvedProbe *p);
/** perf_read - the operand of @perf("counter"). */
const char *perf_read(Emit *e, const Node *call);
/* ---- twins.c ---- */

/** twins_of - the places that @p stands for: each function of that name. Return: how many. */
int twins_of(Emit *e, const Place *p, Place **ret);

/* ---- cache.c ---- */

/** cache_home - the directory of all that is kept between runs; it is made. */
const char *cache_home(Arena *a);

/* ---- regex.c ---- */

const char *regex_match(Emit *e, const Node *n);
/** regexes_emit - the tables of all patterns. */
void regexes_emit(Emit *e);

/* ---- embed.c ---- */

/** embed_blocks - the embedded C of the top level: what goes to the beginning, or to the end. */
void embed_blocks(Emit *e, bool late);
/** embed_function - into @text, statements that run the C of @f. */
void embed_function(Emit *e, const Function *f, Buf *text);
/** embed_expr - the operand of embedded C in an expression. */
const char *embed_expr(Emit *e, const Node *n);
/** embed_settings - what runtime/embed.c has to know. */
void embed_settings(Emit *e);
/** embed_line_numbers - append @text to @out, with #line where embedded C ends: the file is @file. */
void embed_line_numbers(const char *text, const char *file, Buf *out);

/* ---- files.c ---- */

/** files_emit - the files in /proc of all procfs probes, and the directories that they are in. */
void files_emit(Emit *e);
/** file_index - which of them is @path. */
int file_index(const Emit *e, const char *path);

/* ---- stmt.c ---- */

void stmt(Emit *e, const Node *n);

/* ---- able.c ---- */

/** kernel_setting - the value of CONFIG_x as it stands in the configuration of the headers, or NULL. */
const char *kernel_setting(Arena *a, const char *headers, const char *name);

/* ---- control.c: a loaded module ---- */

/** struct ModuleState - what /proc/NAME/ctl says. */
typedef struct ModuleState {
	char state[16];
	int reader; /* its process; 0: none */
	bool owned; /* who has loaded or taken it lives */
	bool kept;  /* it goes on without */
	bool exiting, failed;
	int errors, skipped, reentered, low_stack, missed, lost;
} ModuleState;

/** control_open - a file of module @name; -errno. */
int control_open(const char *name, const char *file, int flags);
/** control_say - an order: start TARGET, stop, keep, own, buffer KB. Return: 0 or -errno. */
int control_say(int ctl, const char *word, int64_t number);
/** control_read, control_state - how it is; false: it is no module of ours. */
bool control_read(int ctl, ModuleState *ret);
bool control_state(const char *name, ModuleState *ret);
/** control_each - all loaded modules of ours. */
void control_each(void (*fn)(void *arg, const char *name, const ModuleState *s), void *arg);

/* ---- reader.c ---- */

/** reader_run - drive a loaded module; *@left: it goes on alone. Return: the exit status. */
int reader_run(const KmodRun *r, bool *left);

/* ---- modinfo.c ---- */

/** modinfo_each - the values of all "@key=value" that the module in file @path says of itself; false: it
 * is no module. */
bool modinfo_each(const char *path, const char *key, void (*fn)(void *arg, const char *value), void *arg);
/** modinfo_first - the first of them, or NULL. */
const char *modinfo_first(Arena *a, const char *path, const char *key);

/* ---- uses.c ---- */

/** uses_find - which globals each probe touches, and how: before anything is emitted. */
void uses_find(Emit *e);
/** has_parts - does each processor have a part of the global @sym? */
bool has_parts(const Emit *e, const Symbol *sym);
/** only_adds - is @n an addition to a global, when nobody wants its value? */
bool only_adds(const Node *n);
/** uses_emit - the locks that probe @index takes, as the table uses_INDEX; returns how many. */
int uses_emit(Emit *e, int index);
/** uses_emit_kept - the same for what is evaluated at the entry of a return probe. */
int uses_emit_kept(Emit *e, const Body *kept, int index);

#endif
