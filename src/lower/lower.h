/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * lower: Script + ResolvedProbes -> Plan. The one decision (which path, and why), and for the ftrace
 * path the split of each handler into what the kernel records at the hit (EventDef, Capture) and what
 * is computed afterwards (Handler). The Plan is a value: it holds no descriptor and has no effect.
 */
#ifndef TAPX_LOWER_H
#define TAPX_LOWER_H

#include "base/base.h"
#include "frontend/frontend.h"
#include "probe/probe.h"

#include <string.h>

typedef enum PlanPath { PATH_FTRACE, PATH_MODULE } PlanPath;

typedef struct Reason {
	const char *rule; /* name in rules.def */
	const char *text;
	bool hard;
	Loc loc;
} Reason;

/**
 * struct Capture - one value that an event records. A numeric read that faults leaves stale bytes,
 * so every pointer on the way is captured too (guards) and checked before the value is believed
 * [ftrace.md 1.5]. A string is followed by an empty one (its sentinel), for the same reason.
 */
typedef struct Capture {
	Fetch fetch;
	int event;             /* index in plan->events */
	int slot;              /* index in the event's captures and in EventLayout.field */
	const char *arg;       /* argument or field name in the event */
	int n_guards;
	int guard[FETCH_MAX_DEREF]; /* slots of the intermediate pointers, outermost first */
	int sentinel;          /* strings of dynamic events: slot of the empty string behind it; else -1 */
	int total;             /* user reads: slot of the argument that tells the total dynamic size; else -1 */
	int detector;          /* user numbers: slot of a string read at the same address, which can tell a fault; else -1 */
	bool is_string;
	const char *text;      /* not a Fetch: the argument as the kernel takes it ($comm, ...); else NULL */
	const char *spelling;  /* of a Fetch: "+8(%di):s32"; NULL for fields of static events */
} Capture;

typedef enum EventKind {
	EV_KPROBE,    /* p: on one or more places */
	EV_KRETPROBE, /* r: */
	EV_UPROBE,    /* p: in a program or library */
	EV_URETPROBE, /* r: */
	EV_STATIC,    /* an existing trace event, its own fields */
	EV_TPROBE,    /* t: raw tracepoint arguments (6.5 and later) */
	EV_TRACEITER  /* p: on __traceiter_NAME; the tracepoint must have two users [ftrace.md 3] */
} EventKind;

typedef struct EventDef {
	EventKind kind;
	const char *system;   /* group: a static event's system; for ours the literal "@", replaced at arming */
	const char *name;
	VEC(Place) places;    /* KPROBE UPROBE and RET, TRACEITER */
	const char *tracepoint; /* TPROBE, TRACEITER: its name; TRACEITER: the event that is enabled: */
	const char *tracepoint_system;
	int maxactive;
	bool numbered;        /* each place records its number */
	const char *args;     /* fetch arguments as text: " a0=%di:u64 s0=+0(%si):string z0=\"\"" */
	const char *filter;   /* in-kernel filter, or NULL */
	VEC(Capture *) captures;
	unsigned needs;       /* NEED_ bits */
	int comm;             /* slot of $comm or -1 */
	int sp;               /* slot of the stack pointer (entry/return pairing) or -1 */
	int jiffies;          /* slot or -1 */
	int handler;          /* index in plan->handlers */
	Loc loc;              /* for the kernel's complaints */
	const TraceEvent *format; /* STATIC: the fields */
	const char *subject;  /* STATIC: the field with the tid that the record is about; NULL: whose hit it is */
	bool at_start;        /* also one record for each task that is there when all is enabled */
} EventDef;

typedef enum HandlerKind {
	HANDLER_BEGIN, HANDLER_END, HANDLER_ERROR,
	HANDLER_TIMER,
	HANDLER_INPUT, HANDLER_INPUT_LINE,
	HANDLER_EVENT,
	HANDLER_ENTRY /* evaluates entry_values at function entry and keeps them for the return */
} HandlerKind;

typedef struct Handler {
	HandlerKind kind;
	Body *body;          /* captures are ND_CAPTURE nodes; ENTRY: NULL */
	const char *name;    /* probe point text: what pp() says where places do not tell */
	const char *pn;      /* as the user wrote it */
	Loc loc;
	int64_t order;                    /* BEGIN END ERROR: ascending */
	uint64_t period_ns, randomize_ns; /* TIMER */
	NodeVec entry_values; /* ENTRY: expressions; EVENT of a return probe: read by ENTRY nodes' entry_slot */
	int entry_handler;    /* EVENT of a return probe with entry values: index of its ENTRY; else -1 */
	bool is_return;
	Node *condition;      /* point condition, or NULL */
} Handler;

typedef struct Plan {
	Arena *arena;
	PlanPath path;
	VEC(Reason) reasons;
	const char *no_module; /* soft reasons alone: why no module is made; NULL: one is */
	VEC(EventDef *) events;
	VEC(Handler *) handlers;
	const Script *script; /* globals and functions for the evaluator */
	unsigned needs;       /* of all events together */
	const ResolvedProbes *probes; /* the handlers as they stand in the script: what a module is made from */
	bool follow_target;   /* every event is guarded by pid() == target(): filter by pid in the kernel */
	int cred_off[4];      /* uid gid euid egid in struct cred, when NEED_TASK; -1 unknown */
} Plan;

/* ---- record.c: what the reader hands to the evaluator ---- */

/** struct TaskInfo - a task as it was at the moment of a record (kept by the task tracker). */
typedef struct TaskInfo {
	const char *exe; /* with NEED_EXE: the file that it runs; NULL: unknown */
	int32_t tid, tgid, ppid;
	uint32_t uid, gid, euid, egid;
	char comm[16];
} TaskInfo;

/** struct FieldLoc - where a capture lies within a record of one armed event. */
typedef struct FieldLoc {
	uint16_t offset, size; /* dynamic: of the 4-byte location word */
	bool is_dynamic;
} FieldLoc;

/** struct EventLayout - an EventDef as armed: made by src/tracefs from the kernel's format file. */
typedef struct EventLayout {
	int id;           /* common_type */
	int event;        /* index in plan->events */
	int n_fields;
	const FieldLoc *field; /* by capture slot */
	int ip_offset;    /* of __probe_ip or __probe_func (u64) in the record; -1: none */
	int place_offset; /* of the number of the place (u32); -1: none */
	int subject_offset; /* of the tid (s32) that the record is about; -1: whose hit it is */
} EventLayout;

/** struct Record - one hit. Everything it points at lives until the next record is asked for. */
typedef struct Record {
	int event;      /* index in plan->events */
	uint64_t time;  /* CLOCK_MONOTONIC nanoseconds */
	int cpu;
	int32_t tid;
	uint8_t flags, preempt;
	uint64_t ip;    /* probed address, 0 unknown */
	int place;      /* number of the place and 1; 0 unknown */
	const uint8_t *data;
	uint32_t size;  /* bytes at data */
	const EventLayout *layout;
	const TaskInfo *task; /* when NEED_TASK (or for execname() of static events); else NULL */
	const uint64_t *stack;
	int n_stack;    /* 0 unless NEED_STACK */
} Record;

/** record_load - the @size low bytes at @p (little endian: x86-64). */
static inline uint64_t record_load(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	switch (size) { /* a copy of unknown length costs ten times as much */
	case 8:
		memcpy(&v, p, 8);
		break;
	case 4:
		memcpy(&v, p, 4);
		break;
	case 2:
		memcpy(&v, p, 2);
		break;
	case 1:
		v = *p;
		break;
	default:
		memcpy(&v, p, size < 8 ? size : 8); /* little endian: x86-64 */
	}
	return v;
}

/** record_extend - the low @bits of @v as a script sees them; 0 or 64: all. */
static inline int64_t record_extend(uint64_t v, unsigned bits, bool is_signed)
{
	unsigned shift = 64 - bits;

	if (!bits || bits >= 64)
		return (int64_t)v;
	v <<= shift;
	return is_signed ? (int64_t)v >> shift : (int64_t)(v >> shift);
}

/**
 * record_num - the value of a numeric capture, signed and cut as its Fetch says.
 * Return: false when a pointer on the way cannot have been read (*@fault is its address).
 */
bool record_num(const Record *r, const EventDef *e, const Capture *c, int64_t *ret, uint64_t *fault);
/**
 * record_str - the bytes of a string capture, without NUL; *@ret points into the record.
 * Return: false when the read faulted.
 */
bool record_str(const Record *r, const EventDef *e, const Capture *c, const char **ret, size_t *len,
		uint64_t *fault);

/* ---- reads.c ---- */

/** read_at_entry - in a return probe: does @n start from what was known at the function's entry only? */
bool read_at_entry(const Node *n);

/* ---- reads.c reads.def: built-ins that read memory, arguments or registers at the hit ---- */

typedef enum ReadKind { READ_STR, READ_NUM, READ_ARG } ReadKind;
typedef enum OnFault { FAULT_ERROR, FAULT_ZERO, FAULT_HEX, FAULT_EMPTY, FAULT_WARN } OnFault;

/** struct ReadRow - what one of them reads, and what a fault gives. */
typedef struct ReadRow {
	const char *name;
	ReadKind kind;
	uint8_t size;
	bool is_signed, user;
	OnFault fault;
} ReadRow;

/** read_row - the row of built-in @name, or NULL. */
const ReadRow *read_row(const char *name);

/* ---- choose.c rules.def split.c event.c filter.c plan.c ---- */

typedef struct LowerContext {
	Arena *arena;
	Diag *diag;
	const KernelView *kernel;
	Debuginfo *di;
	ProbeContext *probe;        /* to resolve what becomes resolvable in specialised functions, */
	Script *script;             /* ... which are copies of this script's */
	int target;                 /* pid of -c or -x; 0 none */
	bool want_module;           /* --runtime=kernel, or what was found needs one */
	const char *(*no_module)(void *ctx); /* why no module can be had here and now; NULL: one can */
	void *no_module_ctx;
	bool keep_empty;            /* -u: probes without statements too */
} LowerContext;

/** plan_build - choose the path, split the handlers, write the event definitions. NULL on errors. */
Plan *plan_build(LowerContext *ctx, const Script *s, const ResolvedProbes *probes);
/** plan_refuse - the hard reasons as errors: where a module cannot be had. */
void plan_refuse(const Plan *p, Diag *d);
/** plan_is_choice - would the ftrace path do, though a module does better? */
bool plan_is_choice(const Plan *p);
/** plan_event_line - the i-th definition line of @e in group @group: "p:tapx_1/p0 vfs_read a0=%di". */
const char *plan_event_line(Arena *a, const EventDef *e, const char *group, int i);
/** plan_print_shell - -p3: a shell script that does the same with echo and cat. */
void plan_print_shell(const Plan *p, FILE *out);
/** plan_explain - --explain: the path and every Reason. */
void plan_explain(const Plan *p, FILE *out);

#endif
