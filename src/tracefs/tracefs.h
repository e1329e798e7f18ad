/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tracefs: a Plan applied to the running kernel and undone again, and its records read back in time
 * order. Every function works below the tracefs root it was given, so that tests can pass a fake
 * one. Nothing of others is touched: an instance and an event group of our own, files opened
 * O_APPEND.
 */
#ifndef TAPX_TRACEFS_H
#define TAPX_TRACEFS_H

#include <signal.h>

#include "base/base.h"
#include "lower/lower.h"

typedef struct Tracefs Tracefs;

/* ---- root.c caps.c: where it is and what it can do ---- */

/**
 * tracefs_open - find the mount (or take @root); mounts /sys/kernel/tracing when it is not mounted
 * and we may. Reads nothing else. Return: NULL with *@why set (not mounted, no permission,
 * lockdown=confidentiality, no CONFIG_FTRACE) in words for a user.
 */
Tracefs *tracefs_open(Arena *a, const char *root, const char **why);
const char *tracefs_root(const Tracefs *t);
/** tracefs_view - what src/probe and src/lower may ask: events, capabilities. Lazy. */
const KernelView *tracefs_view(Tracefs *t);
/**
 * tracefs_prepare - begin with what every run needs and the kernel is slow at (an instance, its
 * buffers), in a process beside us: it overlaps with reading types. tracefs_arm() takes it over;
 * tracefs_close() undoes it when the script turned out not to run. @buffer_kb: per CPU, 0: ours;
 * @hot: there will be static events.
 */
void tracefs_prepare(Tracefs *t, unsigned buffer_kb, bool hot);
/** tracefs_close - give back descriptors; the plan must be disarmed. */
void tracefs_close(Tracefs *t);

/* ---- events.c: apply a plan, undo it always ---- */

typedef struct ArmOptions {
	const Plan *plan;
	Diag *diag;
	Debuginfo *di;	     /* asked only when the kernel refuses an event: duplicates, reasons */
	int target;	     /* pid to follow when plan->follow_target; 0 none */
	unsigned buffer_kb;  /* per CPU; 0: our default */
	const int *own_tids; /* threads whose hits are not recorded (ourselves) */
	int n_own_tids;
	int verbose;
	const volatile sig_atomic_t *cancel; /* not NULL: give up arming once it is not 0 */
} ArmOptions;

/**
 * tracefs_arm - instance, buffers, event definitions, filters, enable. A place that the kernel
 * refuses is explained at its script position (error_log) unless it is optional (then counted).
 * Return: false on error, with everything undone.
 */
bool tracefs_arm(Tracefs *t, const ArmOptions *o);
/** tracefs_stop - stop recording at once (one write); records already there can still be read. */
void tracefs_stop(Tracefs *t);
/**
 * tracefs_disarm - disable and remove everything. Takes at most about @budget_ms here; what is left
 * (thousands of probes take the kernel seconds) the guardian process finishes in the background.
 */
void tracefs_disarm(Tracefs *t, int budget_ms);
/** tracefs_collect_stale - remove what dead tapx runs left behind. Return: how many runs. */
int tracefs_collect_stale(Tracefs *t);
/** tracefs_armed_places - how many probes are in place; *@refused: optional ones that the kernel
 * refused. */
int tracefs_armed_places(const Tracefs *t, int *refused);
/** tracefs_place_of - the place of event @event that record address @ip belongs to, or NULL. */
const Place *tracefs_place_of(const Tracefs *t, int event, uint64_t ip);

/* ---- ring.c clock.c tasks.c: records in time order ---- */

/**
 * tracefs_next - the oldest record not later than @until (CLOCK_MONOTONIC ns; UINT64_MAX: whatever
 * is there). *@ret lives until the next call. Return: 1, or 0 when there is none, or -errno.
 */
int tracefs_next(Tracefs *t, uint64_t until, const Record **ret);
/** tracefs_horizon - up to this time all records are known to be readable: now minus the slack.
 * Now and then it also looks how the clocks run. */
uint64_t tracefs_horizon(Tracefs *t);
/** tracefs_due - when the oldest record that is read, but later than the horizon, can be handed out
 * (CLOCK_MONOTONIC ns); UINT64_MAX: there is none. Poll does not tell of these. */
uint64_t tracefs_due(const Tracefs *t);
/** tracefs_poll_fds - descriptors to poll for new records; returns how many (POLLIN). */
int tracefs_poll_fds(const Tracefs *t, const int **fds);

/** struct Losses - what did not reach us; exact counts. */
typedef struct Losses {
	uint64_t overrun;   /* overwritten or dropped because a buffer was full */
	uint64_t missed;    /* probe hits that the kernel skipped (recursion, maxactive) */
	uint64_t oversized; /* probe hits whose strings did not fit into a record */
} Losses;
/** tracefs_losses - per event (index in the plan); call after tracefs_stop() and the last read. */
void tracefs_losses(Tracefs *t, int event, Losses *ret);
/** tracefs_total_overrun - lost records of all events together (the kernel does not say whose). */
uint64_t tracefs_total_overrun(Tracefs *t);
/** tracefs_late - records that became readable only after younger ones had been handed out. */
uint64_t tracefs_late(const Tracefs *t);

#endif
