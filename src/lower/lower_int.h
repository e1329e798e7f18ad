/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/lower: how a handler being split meets the event being written.
 */
#ifndef TAPX_LOWER_INT_H
#define TAPX_LOWER_INT_H

#include "lower/lower.h"

/* Limits of a kprobe event [ftrace.md 1.1]. */
#define EVENT_ARG_TEXT_MAX 63
#define EVENT_ARGS_MAX 128
#define EVENT_LINE_MAX 4094
#define EVENT_STATIC_MAX 3072
#define EVENT_BYTES_MAX 64 /* elements of an array */

/** struct Lowering - one plan_build() call. */
typedef struct Lowering {
	const LowerContext *ctx;
	Arena *arena;
	Diag *diag;
	Plan *plan;
	bool ok;
} Lowering;

/* event.c */

/** event_new - append an event of @kind to the plan. */
EventDef *event_new(Lowering *l, EventKind kind, Loc loc);
/**
 * event_capture - the capture of @e that records @f, made when there is none yet.
 * Return: NULL with *@why set when no fetch argument can express it.
 */
const Capture *event_capture(Lowering *l, EventDef *e, const Fetch *f, const char **why);
/** event_need - add what the context built-ins in @needs ask the event to record. */
void event_need(Lowering *l, EventDef *e, unsigned needs);
/** event_need_sp - record the stack pointer, which pairs entry and return. */
void event_need_sp(Lowering *l, EventDef *e);
/** event_finish - write e->args; check the limits. */
void event_finish(Lowering *l, EventDef *e);

/* split.c */

/** struct Split - one handler being split: which event records what its body reads. */
typedef struct Split {
	Lowering *l;
	Handler *h;
	EventDef *e;          /* NULL: begin, end, timers */
	EventDef *(*entry_event)(struct Split *s); /* return probes: makes the entry event when first needed */
	const ResolvedProbe *probe;
	EventDef *entry;      /* the entry event, once made */
	Handler *entry_handler;
	bool at_entry;        /* the nodes being walked are evaluated at function entry */
	int depth;            /* of functions specialised within one another */
	int copies;           /* of such functions so far */
} Split;
/** split_handler - take from the handler's body what the kernel must record. */
void split_handler(Split *s);
/** split_event - the event that records what is walked just now (entry or own); NULL: none. */
EventDef *split_event(Split *s);
/** split_walk - split one expression or statement (and what it calls). */
void split_walk(Split *s, Node **slot);
/** split_entry - @operand as a value saved at function entry: an ND_ENTRY node. */
Node *split_entry(Split *s, Node *operand);
/** node_fetch - the fetch that gives the value of @n: targets, constants, +-, numeric reads of such. */
bool node_fetch(const Split *s, const Node *n, Fetch *ret);
/** capture_node - the value that fetch @f of @orig's event gives; NULL (with a Reason) when impossible. */
Node *capture_node(Split *s, const Fetch *f, const Node *orig);

/* reads.c */

/** read_call - replace a call of a BI_READ built-in by what the event records. */
void read_call(Split *s, Node **slot);
/** read_is_arg - is this a call of int_arg() or one of its family? */
bool read_is_arg(const Node *call);
/** read_fetch - the fetch of a numeric read built-in, when its address is one. */
bool read_fetch(const Split *s, const Node *call, Fetch *ret);
/** split_in_user - are the registers of the hit those of a user program? */
bool split_in_user(const Split *s);

/* who.c */

/** who_guard - begin @b with `next` for tasks that @w is not about. */
void who_guard(Arena *a, Body *b, const Who *w, Loc loc);
/** is_user_event - are its registers those of a user program? */
static inline bool is_user_event(const EventDef *e)
{
	return e->kind == EV_UPROBE || e->kind == EV_URETPROBE;
}

/* inline.c */

/** function_needs - NEED_ bits of a function and all that it calls. */
unsigned function_needs(Lowering *l, const Function *f);
/**
 * specialise_call - when the called function reads memory at an address it got as an argument, give
 * the call a copy of the function in which the argument stands, so that the read can be recorded.
 */
void specialise_call(Split *s, Node *call);

/* filter.c */

/** filter_build - the in-kernel filter that the leading guards of @h allow, or NULL. */
const char *filter_build(Lowering *l, const Handler *h, const EventDef *e);
/** guarded_by_target - does @h do anything only when pid() == target()? */
bool guarded_by_target(const Handler *h);

/* choose.c */

/** rule names, from rules.def */
typedef enum Rule {
#define RULE(name, hard, text) RULE_##name,
#include "rules.def"
#undef RULE
	RULE_COUNT
} Rule;
/** reason_add - note that @loc falls under @rule; @detail (may be NULL) goes behind the rule's text. */
void reason_add(Lowering *l, Rule rule, Loc loc, const char *detail);
/** choose_check - run the rules that look at the script itself. */
void choose_check(Lowering *l, const Script *s, const ResolvedProbes *probes);
/** plan_choose - set plan->path from the reasons; the only place that does. */
void plan_choose(Lowering *l);

#endif
