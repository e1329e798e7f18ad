/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rt: what a generated module is made of besides its own tables and handlers. The module defines
 * the limits (RT_MAXSTRINGLEN ...) and RT_USE_x for the parts that its script needs, and
 * includes this header, which takes in the code of those parts too: a module is one translation unit.
 *
 * The rules of the house: all memory is allocated when the module is loaded; handlers run with
 * preemption off, each on the context of its processor (struct rt_ctx), and never nest; whatever can
 * fail sets ctx->error and goes on with a harmless value, and generated code looks at it after
 * each statement; every loop is counted.
 */
#ifndef RT_H
#define RT_H

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/ring_buffer.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/namei.h>
#include <linux/path.h>

#include "compat.h"
#include "common/base.h"
#include "common/escape.h"
#include "common/fmt.h"
#include "common/fp.h"
#include "common/names.h"
#include "common/regex.h"
#include "common/stat.h"
#include "common/text.h"

#define RT_FN static __maybe_unused

#ifndef RT_NAME
#define RT_NAME KBUILD_MODNAME
#endif

/* ---- text ---- */

/* struct rt_sv - a view of text, valid until what it points into changes. */
struct rt_sv {
	const char *p;
	u32 n;
};

/* struct rt_str - text that is kept: at most RT_MAXSTRINGLEN - 1 bytes. */
struct rt_str {
	u32 n;
	char s[RT_MAXSTRINGLEN]; /* one more: embedded C wants a NUL behind */
};

#define RT_LIT(text) ((struct rt_sv){text, sizeof(text) - 1})

static inline struct rt_sv rt_view(const struct rt_str *s)
{
	return (struct rt_sv){s->s, s->n};
}

/* ---- contexts ---- */

enum rt_state { RT_LOADED, RT_BEGINNING, RT_RUNNING, RT_ENDING, RT_ENDED };

enum rt_kind {
	RT_BEGIN, RT_END, RT_ERROR, RT_TIMER, RT_KPROBE, RT_KRETPROBE, RT_TRACEPOINT, RT_UPROBE, RT_URETPROBE,
	RT_PACKET, RT_FILE_READ, RT_FILE_WRITE, RT_INPUT, RT_INPUT_LINE, RT_PERF, RT_DATA
};

struct rt_ctx;
struct rt_use;

/* struct rt_file - one in /proc/systemtap/RT_NAME; @room: bytes that a reader can get. */
struct rt_file {
	const char *path;
	umode_t mode;
	u32 room;
};

/* struct rt_program - a file that processes run. */
struct rt_program {
	const char *path;
	struct path at; /* of it, while probes are armed */
};

/* struct rt_who - which tasks a probe of user space is for. */
struct rt_who {
	pid_t pid;		    /* 0: any process */
	bool tree;		    /* rt_target and what descends from it */
	bool leader, other;	    /* the first of its process; the others */
	struct rt_program *program; /* those that run it; NULL: any */
};

/* struct rt_probe - one handler and what calls it; a table of them is generated. */
struct rt_probe {
	enum rt_kind kind;
	void (*run)(struct rt_ctx *c);
	const char *pp, *pn, *where; /* where: of RT_TIMING, "x.stp:1:7" */
	int number;			/* in the script */
	s64 order;			/* BEGIN END ERROR */
	u64 period_ns, randomize_ns;	/* TIMER */
	const char *symbol;		/* KPROBE KRETPROBE TRACEPOINT */
	const char *function;		/* its name alone */
	const char *base;		/* what .offset counts from; NULL: the symbol */
	u64 offset, address;		/* address: instead of the symbol */
	const char *path;		/* UPROBE URETPROBE: @offset is one in this file */
	u64 semaphore;			/* where in it a mark's users are counted, or 0 */
	const struct rt_who *who;	/* NULL: any task */
	int subject;			/* TRACEPOINT: the argument that is the task in question; 0: current */
	bool at_start;			/* also hit by each task that is there already */
	bool optional;			/* it may be missing */
	int maxactive;
	void (*entry)(struct rt_ctx *c); /* KRETPROBE: keeps values in hit.kept, kept_size bytes */
	size_t kept_size;
	void *hook;			/* TRACEPOINT: the function that it calls */
	int pf, hooknum, priority;	/* PACKET */
	const struct rt_file *file;	/* FILE_READ FILE_WRITE */
	const struct perf_event_attr *attr; /* PERF DATA */
	const char *program;		/* PERF: hits only in tasks that run this file */
	bool counter, of_target;	/* PERF: only counts; only in rt_target and its descendants */
	const struct rt_use *uses; /* globals, in the order of their locks */
	int n_uses;
	const struct rt_use *entry_uses; /* the same for .entry */
	int n_entry_uses;
};

/* struct rt_text - text that a handler gives, or gets. */
struct rt_text {
	char *p;
	u32 n, room;
};

/* struct rt_hit - what called a handler knows; all of it is 0 for those that nothing hit. */
struct rt_hit {
	struct pt_regs *regs;
	const unsigned long *args; /* TRACEPOINT PACKET */
	unsigned int *verdict;	   /* PACKET */
	struct rt_text *text;	   /* FILE_READ FILE_WRITE INPUT INPUT_LINE */
	void *kept;		   /* KRETPROBE: with values of the entry */
	unsigned long ip, ret;	   /* the probed address, and where the function returns to */
	struct task_struct *task;  /* NULL: current */
};

struct rt_value {
	union {
		s64 num;
		struct rt_sv str;
	};
};

enum { RT_ERROR_BYTES = RT_MAXSTRINGLEN > 1024 ? RT_MAXSTRINGLEN : 1024, RT_MAX_KEYS = 9 };

/* struct rt_ctx - of one processor: what its running handler works on; what each hit touches is first. */
struct rt_ctx {
	bool busy;
	bool final; /* no try catches the error */
	bool aborted;
	bool next; /* the function just called ended with `next` */
	int cpu;
	atomic_t adding; /* the lock of lock.c */
	int nesting, error_depth;
	const struct rt_probe *probe;
	struct rt_hit hit;
	const char *error;    /* NULL: none */
	const char *error_at; /* "near operator '/' at x.stp:1:2", or NULL */
	s64 actions;
	u64 entered, interval_start, interval_spent; /* cycles, for the limit of overload */
	unsigned long stack_top; /* where the handler's own frames begin */
	char *out, *out_end; /* where print goes; room ends there */
	struct rt_str *strs; /* frames of text: RT_STRS of them, used up to n_strs */
	int n_strs;
	void **snap; /* entries that running foreach loops have still to visit */
	int n_snap;
	u32 token_at;
	int n_match; /* groups of the last match; 0: it failed */
	struct rt_value key[RT_MAX_KEYS];
	void *scratch; /* of sorting */
	struct rt_str token; /* tokenize(): what is left, from token_at on */
	struct rt_span match[RT_REGEX_GROUPS];
	struct rt_str match_text; /* its subject */
	u16 trail[RT_MAXSTRINGLEN]; /* scratch of rt_regex_match() */
	struct rt_decimal decimal; /* scratch of rt_fp_parse() and rt_put_fp() */
	u64 seed;
#ifdef RT_USE_EMBED
	const char *c_at;    /* where errors of embedded C are */
	char c_format[1024]; /* scratch of its output */
#endif
	unsigned long irq_flags; /* with INTERRUPTIBLE=0 */
	struct rt_stat *times;	 /* RT_TIMING: of each probe */
	const char *calls[RT_MAXNESTING + 1];
	char error_text[RT_ERROR_BYTES];
	char buf[RT_OUT_BYTES];
};

/* rt_subject - whom the hit is about. */
static inline struct task_struct *rt_subject(const struct rt_ctx *c)
{
	return c->hit.task ?: current;
}

#define RT_FAILED(c) unlikely((c)->error)

static struct rt_ctx **rt_ctxs;
static enum rt_state rt_state;
static bool rt_exiting, rt_failed;
static bool rt_kept;	/* it goes on without a reader */
static pid_t rt_reader; /* who has the output open; 0: nobody */
static pid_t rt_reader_pid, rt_target; /* who started the module; the process of -c or -x */
static kuid_t rt_reader_uid;
static atomic_t rt_errors, rt_skipped, rt_reentered, rt_lost; /* skipped: all but the reentered */
static atomic_t rt_low_stack, rt_missed;			/* parts of rt_skipped */
static const struct rt_probe rt_probes[RT_N_PROBES];

/* ---- memory: all of it is allocated when the module is loaded ---- */

static size_t rt_memory;

/* rt_alloc - zeroed; vfree() it. NULL also where STP_MAXMEMORY is used up. */
static __maybe_unused void *rt_alloc(size_t n)
{
	rt_memory += n;
	return RT_MAXMEMORY_KB && rt_memory > RT_MAXMEMORY_KB * 1024 ? NULL : vzalloc(n);
}

/* ---- the parts ---- */

#include "common/escape.c"
#include "common/fmt.c"
#include "common/names.c"
#include "common/stat.c"
#include "common/text.c"
#include "out.c"
#ifdef RT_TIMING
#include "timing.c"
#endif
#include "who.c"
#include "ctx.c"
#include "str.c"
#include "lock.c"
#ifdef RT_USE_PARAM
#include "param.c"
#endif
#ifdef RT_USE_MEMORY
#include "memory.c"
#endif
#ifdef RT_USE_HIT
#include "hit.c"
#endif
#ifdef RT_USE_TRACEPOINT
#include "tracepoint.c"
#endif
#if RT_N_PERFS
#include "perf.c"
#endif
#ifdef RT_USE_HIST
#include "common/hist.c"
#endif
#ifdef RT_USE_MAP
#include "part.c"
#include "map.c"
#endif
#ifdef RT_USE_HIST
#include "hist.c"
#endif
#ifdef RT_USE_EMBED
#include "embed.c"
#endif

#endif
