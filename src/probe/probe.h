/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * probe: probe points -> ResolvedProbe. Each point is matched to a family (families.def), the
 * family says where it hooks in, and each target variable in its body becomes a Fetch: a
 * path-neutral description of one value that can be read at the hit. Asks src/debuginfo for types
 * and symbols, and main.c (through KernelView) for trace events and what the running kernel can do.
 */
#ifndef TAPX_PROBE_H
#define TAPX_PROBE_H

#include "base/base.h"
#include "frontend/frontend.h"
#include "debuginfo/debuginfo.h"

/* ---- fetch.c: one value to read at the probe ---- */

typedef enum FetchBase {
	FB_REG,	  /* register .reg (index into the architecture's table) */
	FB_ARG,	  /* n-th argument of a raw tracepoint event (t:), .reg from 1 */
	FB_FIELD, /* field .field of an existing trace event */
	FB_ADDR,  /* memory at absolute address .value */
	FB_IMM,	  /* the constant .value */
	FB_EXPR,  /* what the handler computes from the node's .base (only in a module) */
	FB_ANSWER /* what the handler is asked for, or was given: a verdict (number), a text */
} FetchBase;

typedef enum FetchKind {
	FK_NUM,	   /* a number of .size bytes */
	FK_STRING, /* NUL-terminated text at the address that the steps lead to */
	FK_BYTES   /* .length raw bytes at that address (char arrays without NUL, structs) */
} FetchKind;

/* The kernel takes 16 fetch instructions an argument, two of them for base and store
 * [ftrace.md 1.1]. */
#define FETCH_MAX_DEREF 14

/**
 * struct Fetch - base value, then n_off times "read at (value + off[i])": 8 bytes in between, and
 * .size bytes (or a string) at the last; without steps the value is the base itself. To the result
 * .add is added (so that &$p->f and constant indices need no read), and the bit field is cut out.
 */
typedef struct Fetch {
	FetchBase base;
	FetchKind kind;
	int reg;
	const char *field;
	int64_t value; /* FB_ADDR FB_IMM; FB_FIELD: byte offset of the element in an array */
	int n_off;
	int64_t off[FETCH_MAX_DEREF];
	int64_t add;
	int length;   /* FK_BYTES */
	uint8_t size; /* FK_NUM: 1 2 4 8 bytes */
	bool is_signed;
	bool user;		    /* the last read is of user memory */
	bool in_user;		    /* all of them are: the base is of a user program's hit */
	uint8_t scale;		    /* FB_REG: register .index times it is added; 0: none */
	uint8_t index;
	uint8_t bit_off, bit_size;  /* bit_size 0: not a bit field */
	const struct DbgType *type; /* C type of the result, for ->, printing and -L; may be NULL */
} Fetch;

/** fetch_equal - would both read the same bytes? (types are not compared) */
bool fetch_equal(const Fetch *a, const Fetch *b);
/**
 * fetch_deref - @f as an address: the value of @size bytes at *(f + off).
 * Return: false when the chain would be longer than FETCH_MAX_DEREF or @f is not an address.
 */
bool fetch_deref(const Fetch *f, int64_t off, uint8_t size, bool is_signed, Fetch *ret);
/** fetch_string - @f as the address of NUL-terminated text, in user memory when @user. */
bool fetch_string(const Fetch *f, bool user, Fetch *ret);
/** fetch_text - for messages and -L: "+8(+24(%di)):u64"-like text. */
const char *fetch_text(Arena *a, const Fetch *f);

/* arch_x86_64.c: the only file that knows registers and the calling convention */

/** arch_reg_find - index of a register by SystemTap name (rdi, edi, rip...) or ftrace name (di,
 * ip); -1. */
int arch_reg_find(const char *name);
/** arch_reg_ftrace - its name after '%' in an event definition; NULL past the last. */
const char *arch_reg_ftrace(int reg);
/** arch_reg_name - its SystemTap name (rdi). */
const char *arch_reg_name(int reg);
/** arch_reg_pt_offset - byte offset within struct pt_regs (user registers in syscall wrappers). */
int arch_reg_pt_offset(int reg);
/** arch_reg_width - bytes that @name stands for (eax: 4), 8 for full registers, 0 unknown name. */
int arch_reg_width(const char *name);
/** arch_reg_part - the register that @name of any width is a part of, and its @shift in bits; -1. */
int arch_reg_part(const char *name, int *shift);
/** arch_arg - the n-th (from 1) integer argument at function entry, 8 bytes unsigned. */
bool arch_arg(int n, Fetch *ret);
/** arch_can_probe - does the kernel take a probe on the instruction that begins with these bytes? What
 * it does not: locked ones, segment prefixes, interrupts, input and output. */
bool arch_can_probe(const uint8_t *code, size_t n);
/** arch_retval - the return value register at function return. */
void arch_retval(Fetch *ret);
/** arch_sp - the stack pointer: pairs a return with its entry (entry sp + arch_ret_sp_delta()). */
void arch_sp(Fetch *ret);
int arch_ret_sp_delta(void);
/** arch_caller - the address that a function returns to, when it is entered or has returned. */
void arch_caller(bool at_return, Fetch *ret);
/**
 * arch_user_regs - where each processor keeps the address of the current task's user registers.
 * @ret: for processor i the address of a pointer; struct pt_regs starts *@off bytes from what it
 * points at. Return: how many processors; 0 when it cannot be known (kallsyms or kcore hidden).
 */
int arch_user_regs(Debuginfo *di, Arena *a, uint64_t *ret, int max, int64_t *off);

/* ---- what main.c answers from src/tracefs ---- */

typedef enum FieldKind {
	FIELD_NUM,    /* integer of .size */
	FIELD_STRING, /* char[N] or __data_loc char[]: a string value */
	FIELD_ARRAY   /* N integers of .elem_size */
} FieldKind;

typedef struct TraceField {
	const char *name, *ctype;
	FieldKind kind;
	uint16_t offset, size, elem_size;
	bool is_signed, is_dynamic; /* __data_loc */
	bool is_common;
} TraceField;

typedef struct TraceEvent {
	const char *system, *name;
	int id;
	int n_fields;
	const TraceField *field;
} TraceEvent;

/** struct KernelView - the running kernel as src/probe and src/lower may ask about it. */
typedef struct KernelView {
	void *ctx;
	/* one event; @system NULL: any. NULL: there is none. Owned by the callee, valid for the
	 * run. */
	const TraceEvent *(*event)(void *ctx, const char *system, const char *name);
	/* call @fn for every event (names only), for wildcards, -l and near names */
	void (*each_event)(void *ctx, void (*fn)(void *arg, const char *system, const char *name),
			   void *arg);
	bool has_kprobes; /* kprobe_events is there */
	bool has_uprobes;
	bool has_tprobe; /* t: events (6.5 and later) */
	bool tracefs_ok; /* tracefs is mounted and readable; the reason otherwise: */
	const char *why_not;
} KernelView;

/* ---- resolve.c, families.def: points -> ResolvedProbe ---- */

typedef enum HookKind {
	HOOK_BEGIN,
	HOOK_END,
	HOOK_ERROR,
	HOOK_NEVER,
	HOOK_INPUT, /* a character on standard input */
	HOOK_INPUT_LINE,
	HOOK_TIMER,
	HOOK_KPROBE,	  /* function entry (or address) */
	HOOK_KRETPROBE,	  /* function return */
	HOOK_UPROBE,	  /* an instruction of a program or library */
	HOOK_URETPROBE,	  /* return of one of their functions */
	HOOK_TRACE_EVENT, /* existing trace event: only its fields are used */
	HOOK_TRACEPOINT,  /* raw tracepoint arguments */
	HOOK_PACKET,	  /* a hook of the packet filter */
	HOOK_FILE_READ,	  /* a file in /proc is read */
	HOOK_FILE_WRITE,
	HOOK_PERF,	  /* a counter of the kernel's perf events has counted so far */
	HOOK_DATA	  /* access to some bytes of the kernel's memory */
} HookKind;

/** struct Place - one address that a kprobe or uprobe hooks. */
typedef struct Place {
	const char *path; /* the file of a uprobe, which is .offset bytes from its start; NULL: a kprobe */
	uint64_t semaphore; /* of a mark: where in the file the count of its users is; 0: none */
	const char *function; /* symbol as the kernel knows it, perhaps with .isra.0 */
	const char *module;   /* NULL: the kernel itself */
	uint64_t address; /* absolute, when the symbol alone is ambiguous; else 0: let the kernel
			     resolve */
	uint64_t offset;
	const char *base; /* what .offset counts from; NULL: the function */
	bool optional;	/* from a wildcard: a failure to arm is only counted */
	int number;	/* among its event's places */
	const char *pp; /* kernel.function("vfs_read"): what pp() says there */
} Place;

/** struct PacketHook - where in the packet filter; the kernel's numbers. */
typedef struct PacketHook {
	int pf, hook, priority;
} PacketHook;

/** struct ProcFile - of a procfs probe, below the module's own directory. */
typedef struct ProcFile {
	const char *path;
	unsigned umask;
	int64_t maxsize; /* bytes that a reader gets; 0: as many as a string has */
} ProcFile;

/** struct PerfEvent - what is counted, in words of perf_event_open(2), and when that is a hit. */
typedef struct PerfEvent {
	uint32_t type;
	uint64_t config;
	uint64_t period;     /* counts from hit to hit; 0: no hits, it only counts */
	uint64_t frequency;  /* or: hits a second */
	const char *counter; /* what @perf() calls it */
	const char *program; /* a file: hits only in tasks that run it */
	bool of_target;	     /* counts only in the process of -c or -x and its descendants */
} PerfEvent;

/** struct Watch - up to 8 bytes of the kernel's memory, aligned to their number. */
typedef struct Watch {
	uint64_t address;
	int length;
	bool reads; /* not only writes are hits */
} Watch;

/** struct Who - which of the tasks that come along a probe of user space is for. */
typedef struct Who {
	int pid;	     /* 0: any process */
	bool tree;	     /* what -c or -x started, and what descends from it */
	const char *program; /* those that run this file; NULL: any */
	enum { WHO_ANY, WHO_LEADER, WHO_OTHER } thread; /* the first of its process; the others */
} Who;

struct Family;

typedef struct ResolvedProbe {
	const struct Family *family;
	const ProbePoint *point; /* as written (after alias expansion) */
	const char *name;	 /* resolved name; with several places, that of the pattern */
	Body *body;		 /* own clone; target nodes have their Fetch */
	Loc loc;
	HookKind hook;
	VEC(Place) places;	 /* KPROBE UPROBE and RET: all share this body and the same fetches */
	Who who;
	const char *subject; /* TRACE_EVENT: the field with the tid that the hit is about; NULL: the task itself */
	int subject_arg;     /* TRACEPOINT: the same as an argument, a struct task_struct *; 0: none */
	bool at_start;	     /* also hit by each task that is there when the probes are */
	const TraceEvent *event; /* TRACE_EVENT; TRACEPOINT when the trace event exists */
	const char *tracepoint;	 /* TRACEPOINT */
	const PerfEvent *perf;	 /* PERF */
	const Watch *watch;	 /* DATA */
	int64_t order;		 /* begin(N), end(N), error(N) */
	uint64_t period_ns, randomize_ns; /* TIMER */
	int maxactive;			  /* KRETPROBE; 0 default */
	PacketHook packet;		  /* PACKET */
	ProcFile file;			  /* FILE_READ FILE_WRITE */
	Node *condition;
	bool optional;
} ResolvedProbe;
typedef VEC(ResolvedProbe *) ResolvedProbes;

/** struct ProbeContext - what resolving needs; filled by main.c. */
typedef struct ProbeContext {
	Arena *arena;
	Diag *diag;
	Debuginfo *di;
	const KernelView *kernel;
	bool guru;
	bool listing; /* -l -L: expand every place by itself, tolerate no match */
	bool skip_badvars;
	bool module; /* for a kernel module: addresses may be computed, tracepoints have their arguments */
	int target; /* pid of -c or -x; 0 none */
	const char *command; /* of -c; NULL: none */
} ProbeContext;

/**
 * probe_resolve - resolve every point of every probe in @s; each result's body is also appended to
 * s->bodies. In each body: @defined becomes 0 or 1, dead branches go, $x, @cast, $$parms, $x$ get
 * their Fetch or are rewritten to expressions over such (sprintf for the pretty printers).
 * Return: false when a point that is not optional did not resolve, or a variable is unknown.
 */
bool probe_resolve(ProbeContext *ctx, Script *s, ResolvedProbes *ret);

/**
 * probe_refusal - why the kernel may have refused to define a probe at @p: text to end a message
 * with, and its tag. Reads kallsyms and more: only for after the fact.
 */
const char *probe_refusal(Debuginfo *di, const Place *p, DiagTag *tag);

/**
 * probe_resolve_again - resolve what is left of the target nodes in a copy of a function, after its
 * parameters were replaced by expressions that have a Fetch. Return: false when a name is wrong.
 */
bool probe_resolve_again(ProbeContext *ctx, Script *s, Function *f);

/**
 * probe_list - -l and -L: print the resolved names (sorted, one a line), with variables and their
 * C types when @with_vars. Return: how many lines; 0 means no match.
 */
int probe_list(ProbeContext *ctx, Script *s, bool with_vars, FILE *out);
/** probe_is_native - does a family know @p, or some point that its wildcards stand for? */
bool probe_is_native(const ProbePoint *p);
/** probe_is_hot - may it be hit so often that what a hit costs counts? */
bool probe_is_hot(const ResolvedProbe *p);
/** probe_runs_alone - does no other handler run while this one does? */
bool probe_runs_alone(const ResolvedProbe *p);
/** probe_list_types - --dump-probe-types. */
void probe_list_types(FILE *out);

#endif
