/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * eval: run handlers over Records. Handlers are compiled once into a tree of small functions with
 * resolved slots; then each record costs no allocation. It sees a Plan, Records and the services in
 * EvalHost; it knows neither tracefs nor the command line.
 */
#ifndef TAPX_EVAL_H
#define TAPX_EVAL_H

#include "base/base.h"
#include "lower/lower.h"

typedef struct Eval Eval;

/**
 * struct EvalLimits - the -D limits; 0 means the default: strings of 511 bytes, arrays that grow
 * while there is memory (wrapping ones: 2048 entries), 33 million statements a handler, 1000 nested
 * calls, and the first error ends the run.
 */
typedef struct EvalLimits {
	int64_t max_string_len, max_map_entries, max_action, max_nesting, max_errors;
	int64_t max_action_interruptible; /* in place of ten times max_action */
	int64_t max_backtrace;		  /* entries of a stack; 0: all that there are */
	int64_t hist_width, hist_elision; /* how histograms are printed; width 0: 50 and 2 */
} EvalLimits;

/** struct EvalHost - what the evaluator asks of the world; filled by main.c. */
typedef struct EvalHost {
	void *ctx;
	int out_fd, err_fd;
	/* "vfs_read" or "ext4_iget [ext4]" for an address: name and offset; false: unknown */
	bool (*symbol)(void *ctx, uint64_t addr, const char **name, const char **module,
		       uint64_t *off, uint64_t *size);
	/* the place (pp text, function) that address belongs to in this event, or NULL */
	const Place *(*place)(void *ctx, int event, uint64_t ip);
	/* switch_file(): go on in the next output file, by eval_set_output(); NULL: output does not
	 * go to files */
	void (*switch_file)(void *ctx);
	int target;		    /* target() */
	int64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	const char *module_name;    /* module_name(): "tapx_1234" */
	const char *const *args;    /* script arguments, for argv */
	int n_args;
	bool suppress_handler_errors;
	bool color;
} EvalHost;

/** eval_new - compile the handlers of @p. NULL (with messages in @d) when a limit is impossible. */
Eval *eval_new(Arena *a, const Plan *p, const EvalHost *host, const EvalLimits *limits, Diag *d);
void eval_free(Eval *e);

/** eval_begin - run the begin probes in order, at @now (CLOCK_MONOTONIC ns); starts the timers. */
void eval_begin(Eval *e, uint64_t now);
/** eval_record - run the handler of @r->event. Does nothing once eval_exiting(). */
void eval_record(Eval *e, const Record *r);
/** eval_next_timer - when the next timer is due (CLOCK_MONOTONIC ns), UINT64_MAX: never. */
uint64_t eval_next_timer(const Eval *e);
/** eval_run_timer - run the timer handler that is due at eval_next_timer(). */
void eval_run_timer(Eval *e);
/** eval_wants_input - are there probes on standard input? */
bool eval_wants_input(const Eval *e);
/** eval_input - @n bytes were typed: run the handlers for each of them, and for each whole line. */
void eval_input(Eval *e, const char *bytes, size_t n, uint64_t now);
/** eval_exiting - exit() was called or an error ended the run. */
bool eval_exiting(const Eval *e);
/** eval_end - run the end probes, or after an error the error probes, and flush. */
void eval_end(Eval *e, uint64_t now);
/** eval_flush - write out what the handlers printed; call when no record is waiting. */
void eval_flush(Eval *e);
/** eval_set_output - switch to another descriptor (-S rotation, SIGUSR2); flushes first. */
void eval_set_output(Eval *e, int fd);

typedef struct EvalStats {
	uint64_t errors;  /* run-time errors */
	uint64_t skipped; /* handlers not run (return without its entry, ...) */
	uint64_t records;
	bool write_failed; /* the reader of our output is gone */
	bool fatal;	   /* errors ended the run (more than MAXERRORS), or error() did */
} EvalStats;
void eval_stats(const Eval *e, EvalStats *ret);

#endif
