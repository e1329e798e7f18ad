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
	bool uses_map, uses_hist, uses_kprobe;
	int n_timers, n_kprobes;
	int most_strs, most_snap; /* frames of text of any handler or function; depth of foreach */
	bool ok;
	/* the handler or function at hand */
	const SymbolVec *locals;
	int n_num;	      /* numbered temporaries */
	int n_str, max_str;   /* frames of text in use, and most */
	int snap;	      /* foreach loops around */
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
void sample(Emit *e, const Node *n);
const char *hist_bucket(Emit *e, const Node *n);

/* ---- print.c call.c ---- */

/** print_call - print or sprint; the operand of the latter. */
const char *print_call(Emit *e, const Node *n);
const char *call(Emit *e, const Node *n);

/* ---- stmt.c ---- */

void stmt(Emit *e, const Node *n);

/* ---- uses.c ---- */

/** uses_emit - the table of globals that @body touches: "uses_N"; returns how many. */
int uses_emit(Emit *e, const Body *body, const Node *condition, int index);

#endif
