/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * run: pass 5 on the ftrace path. Joins the two back-end folders that do not see each other: records
 * from src/tracefs go to handlers in src/eval, in time order, with the timers in their place.
 */
#ifndef TAPX_RUN_H
#define TAPX_RUN_H

#include <signal.h>

#include "base/base.h"
#include "debuginfo/debuginfo.h"
#include "lower/lower.h"
#include "options.h"
#include "tracefs/tracefs.h"

typedef struct RunContext {
	Arena *arena;
	const Options *options;
	const Plan *plan;
	Tracefs *tracefs; /* NULL when the plan has no events */
	Debuginfo *di;
	Diag *diag;
	int child;        /* of -c: waits for child_start(); 0 none */
	int child_gate;
	struct Run *run;  /* set by run_plan() */
} RunContext;

/**
 * child_prepare - fork the command of -c, held back until child_start().
 * Return: its pid with *@gate set, or -errno.
 */
int child_prepare(const char *command, int *gate);
/** child_start - let the command run. */
void child_start(int gate);
/** child_failed - did a command that ended with wait status @status fail? Warns of it. */
bool child_failed(int status, Diag *d);
/**
 * run_catch_signals - from now on SIGINT, SIGTERM, SIGHUP and SIGQUIT wait until the run looks at them
 * (a shell starts background jobs with SIGINT ignored: one that came before would be lost).
 */
void run_catch_signals(void);
/** run_signals - the counter of those that came. */
const volatile sig_atomic_t *run_signals(void);
/** run_let_signals_in - they wait no longer. */
void run_let_signals_in(void);
/** run_detach_asked - was one of them SIGQUIT? */
bool run_detach_asked(void);
/** run_switch_asked - did SIGUSR2 come since this was asked last? */
bool run_switch_asked(void);
/** run_plan - run until exit(), a signal, the time limit or the end of the command. Return: exit code. */
int run_plan(RunContext *r);

#endif
