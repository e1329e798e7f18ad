/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The event loop. One thread: it reads what the kernel has recorded up to a horizon (now minus the time
 * a record may need to become visible), runs handlers and due timers in time order, writes the output,
 * and sleeps until something happens. When much happens it sleeps a little longer than it must, so
 * that the kernel need not wake it for each event.
 */
#define _GNU_SOURCE
#include "run.h"
#include "eval/eval.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUSY_RECORDS 256           /* in one pass: from here on, batch */
#define BATCH_NS 10000000          /* how long a busy reader lets records gather */
#define ECHO_NS 10000000           /* after records that are about our own waking up */
#define SETTLE_NS 1000000          /* after a few records */
#define DISARM_BUDGET_MS 600
#define MAX_POLL_FDS 1024

typedef struct Run {
	RunContext *ctx;
	Eval *eval;
	uint64_t deadline; /* -T; UINT64_MAX: none */
	bool child_done;
	int child_status;
	Output output;
	int error;         /* of the reader */
	bool armed;
	int32_t self;
	Typing typing; /* for input probes; fd -1: there are none */
	size_t own;        /* records of the last pass that we caused ourselves (sched_switch ...) */
} Run;

static volatile sig_atomic_t signals_seen;
static volatile sig_atomic_t child_seen;
static volatile sig_atomic_t switch_seen;
static volatile sig_atomic_t quit_seen;

static void on_stop(int sig)
{
	quit_seen |= sig == SIGQUIT;
	signals_seen++;
}

static void on_child(int sig)
{
	(void)sig;
	child_seen = 1;
}

static void on_switch(int sig)
{
	(void)sig;
	switch_seen = 1;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- what the evaluator asks ---- */

static bool host_symbol(void *ctx, uint64_t addr, const char **name, const char **module, uint64_t *off,
			uint64_t *size)
{
	RunContext *r = ctx;
	const DbgSymbol *s = debuginfo_symbol_at(r->di, addr, off, size);

	if (!s)
		return false;
	*name = s->name;
	*module = s->module;
	return true;
}

static const Place *host_place(void *ctx, int event, uint64_t ip)
{
	RunContext *r = ctx;

	return r->tracefs ? tracefs_place_of(r->tracefs, event, ip) : NULL;
}

/** next_output - switch_file(), SIGUSR2, or a file that is full: go on in the next one. */
static void next_output(Run *run)
{
	int old = run->output.fd;

	eval_set_output(run->eval, output_next(&run->output, run->ctx->diag));
	output_done(&run->output, old);
}

/** turn_file - a new file, when the old one is full or somebody asked for it. */
static void turn_file(Run *run)
{
	if (run_switch_asked() || output_is_full(&run->output))
		next_output(run);
}

static void host_switch_file(void *ctx)
{
	RunContext *r = ctx;

	next_output(r->run);
}

static bool make_eval(Run *run)
{
	RunContext *c = run->ctx;
	const Options *o = c->options;
	EvalLimits limits = {.max_string_len = o->max_string_len,
			     .max_map_entries = o->max_map_entries,
			     .max_action = o->max_action,
			     .max_nesting = o->max_nesting,
			     .max_errors = o->max_errors,
			     .max_action_interruptible = o->max_action_interruptible,
			     .max_backtrace = o->max_backtrace,
			     .hist_width = o->hist_width,
			     .hist_elision = o->hist_elision};
	EvalHost host = {.ctx = c,
			 .out_fd = run->output.fd,
			 .err_fd = STDERR_FILENO,
			 .symbol = host_symbol,
			 .place = host_place,
			 .switch_file = host_switch_file,
			 .target = c->child ? c->child : o->pid,
			 .args = o->args.v,
			 .n_args = o->args.n,
			 .suppress_handler_errors = o->suppress_errors,
			 .color = c->diag->color};

	host.realtime_offset_ns = (int64_t)(now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC));
	host.module_name = arena_printf(c->arena, "tapx_%d", getpid());
	run->eval = eval_new(c->arena, c->plan, &host, &limits, c->diag);
	return run->eval != NULL;
}

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/** stop_signals - signals are delivered only where this run expects them. */
static void stop_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(&set, stops[i]);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR2);
	sigprocmask(how, &set, NULL);
}

/** keeps_ignoring - was the signal ignored when we were started (nohup)? */
static bool keeps_ignoring(int sig)
{
	struct sigaction was;

	return sig == SIGHUP && sigaction(sig, NULL, &was) == 0 && was.sa_handler == SIG_IGN;
}

void run_catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, chld = {.sa_handler = on_child};
	struct sigaction next = {.sa_handler = on_switch};

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		if (!keeps_ignoring(stops[i]))
			sigaction(stops[i], &stop, NULL);
	sigaction(SIGCHLD, &chld, NULL);
	sigaction(SIGUSR2, &next, NULL);
	signal(SIGPIPE, SIG_IGN);
	stop_signals(SIG_BLOCK);
}

bool run_switch_asked(void)
{
	bool asked = switch_seen;

	switch_seen = 0;
	return asked;
}

const volatile sig_atomic_t *run_signals(void)
{
	return &signals_seen;
}

void run_let_signals_in(void)
{
	stop_signals(SIG_UNBLOCK);
}

bool run_detach_asked(void)
{
	return quit_seen;
}

static bool arm(Run *run)
{
	RunContext *c = run->ctx;
	int self = getpid();
	ArmOptions o = {.plan = c->plan,
			.diag = c->diag,
			.di = c->di,
			.target = c->child ? c->child : c->options->pid,
			.buffer_kb = (unsigned)c->options->buffer_mb * 1024,
			.own_tids = &self,
			.n_own_tids = 1,
			.cancel = &signals_seen,
			.verbose = c->options->verbose};
	bool ok;

	if (!c->tracefs)
		return true;
	tracefs_collect_stale(c->tracefs);
	stop_signals(SIG_UNBLOCK); /* arming a thousand probes takes seconds */
	ok = tracefs_arm(c->tracefs, &o);
	stop_signals(SIG_BLOCK);
	return ok;
}

/** take_signals - let pending signals in without sleeping. */
static void take_signals(void)
{
	struct timespec none = {0};
	sigset_t open;

	sigemptyset(&open);
	ppoll(NULL, 0, &none, &open);
}

static void reap(Run *run)
{
	int status;

	if (!child_seen || !run->ctx->child)
		return;
	child_seen = 0;
	if (waitpid(run->ctx->child, &status, WNOHANG) == run->ctx->child) {
		run->child_done = true;
		run->child_status = status;
	}
}

/* ---- the loop ---- */

/**
 * work_until - handle all records and timers up to @horizon, oldest first.
 * Return: how many records.
 */
static size_t work_until(Run *run, uint64_t horizon)
{
	Tracefs *t = run->ctx->tracefs;
	size_t n = 0;

	run->own = 0;
	while (!eval_exiting(run->eval)) {
		uint64_t timer = eval_next_timer(run->eval);
		const Record *rec;
		int got = t ? tracefs_next(t, timer < horizon ? timer : horizon, &rec) : 0;

		if (got > 0) {
			run->own += rec->tid == run->self;
			eval_record(run->eval, rec);
			if ((++n & 1023) == 0) {
				take_signals();
				turn_file(run);
			}
			if (signals_seen > 1)
				break;
		} else if (got < 0) {
			run->error = got;
			break;
		} else if (timer <= horizon) {
			eval_run_timer(run->eval);
			turn_file(run);
		} else {
			break;
		}
	}
	return n;
}

static int64_t wait_ns(const Run *run, uint64_t now)
{
	uint64_t next = eval_next_timer(run->eval);

	if (run->deadline < next)
		next = run->deadline;
	if (next == UINT64_MAX)
		return -1;
	return next > now ? (int64_t)(next - now) : 0;
}

static void sleep_for(const Run *run, uint64_t ns, bool watch)
{
	struct pollfd fds[MAX_POLL_FDS + 1];
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
	const int *fd;
	int n = 0;
	sigset_t open;

	if (watch && run->ctx->tracefs)
		n = tracefs_poll_fds(run->ctx->tracefs, &fd);
	if (n > MAX_POLL_FDS)
		n = MAX_POLL_FDS;
	for (int i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = run->typing.fd, .events = POLLIN};
	sigemptyset(&open);
	ppoll(fds, (nfds_t)n, ns == UINT64_MAX ? NULL : &t, &open);
}

static bool stopped(const Run *run)
{
	EvalStats s;

	eval_stats(run->eval, &s);
	return eval_exiting(run->eval) || signals_seen || run->child_done || run->error || s.write_failed;
}

static uint64_t horizon_now(const Run *run)
{
	return run->ctx->tracefs ? tracefs_horizon(run->ctx->tracefs) : now_ns(CLOCK_MONOTONIC);
}

/**
 * rest - sleep after a pass of @n records: until what was read but is too young to be handed out
 * becomes due, else until there is more to read. A script that traces the scheduler sees us wake up
 * and go to sleep; woken by that at once again, it would see little else.
 */
static void rest(const Run *run, size_t n)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	uint64_t due = run->ctx->tracefs ? tracefs_due(run->ctx->tracefs) : UINT64_MAX;
	int64_t wait = wait_ns(run, now);
	uint64_t doze = n >= BUSY_RECORDS			? BATCH_NS
			: run->own && n <= 4 * run->own		? ECHO_NS
			: due != UINT64_MAX && due > now	? due - now
			: n || wait == 0 || due != UINT64_MAX	? SETTLE_NS
								: 0;

	if (!run->ctx->tracefs || !doze)
		sleep_for(run, (uint64_t)wait, true);
	else
		sleep_for(run, wait > 0 && (uint64_t)wait < doze ? (uint64_t)wait : doze, false);
}

static void take_input(Run *run)
{
	char bytes[256];
	size_t n;

	while (!stopped(run) && (n = typing_take(&run->typing, bytes, sizeof(bytes))) > 0)
		eval_input(run->eval, bytes, n, now_ns(CLOCK_MONOTONIC));
}

static void loop(Run *run)
{
	while (!stopped(run) && now_ns(CLOCK_MONOTONIC) < run->deadline) {
		size_t n = work_until(run, horizon_now(run));

		take_input(run);
		eval_flush(run->eval);
		take_signals();
		turn_file(run);
		reap(run);
		if (stopped(run))
			break;
		rest(run, n);
		reap(run);
	}
}

/** drain - handle what was recorded until the stop; a second signal gives up. */
static void drain(Run *run)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC);

	if (run->ctx->tracefs && run->armed)
		tracefs_stop(run->ctx->tracefs);
	if (run->deadline < end)
		end = run->deadline;
	if (!eval_exiting(run->eval) && !run->error && run->armed)
		work_until(run, end);
	eval_flush(run->eval);
}

/* ---- the account at the end ---- */

static void report_losses(Run *run)
{
	const Plan *p = run->ctx->plan;
	uint64_t overrun = tracefs_total_overrun(run->ctx->tracefs);
	uint64_t late = tracefs_late(run->ctx->tracefs);
	Loc nowhere = {0};

	if (late)
		diag_warning(run->ctx->diag, DIAG_LOST, nowhere,
			     "%" PRIu64 " events were handled after later ones: they became readable late "
			     "(a processor stood still)", late);
	if (overrun)
		diag_warning(run->ctx->diag, DIAG_LOST, nowhere,
			     "%" PRIu64 " events lost: the buffer was full (-s sets its size)", overrun);
	for (int i = 0; i < p->events.n; i++) {
		Losses l = {0};
		const Handler *h = p->handlers.v[p->events.v[i]->handler];

		tracefs_losses(run->ctx->tracefs, i, &l);
		if (l.missed)
			diag_warning(run->ctx->diag, DIAG_LOST, nowhere,
				     "%s: %" PRIu64 " hits missed by the kernel%s", h->pn, l.missed,
				     h->is_return ? " (more calls at a time than .maxactive(N))" : "");
		if (l.oversized)
			diag_warning(run->ctx->diag, DIAG_LOST, nowhere,
				     "%s: %" PRIu64 " hits lost: the strings they read do not fit into a record",
				     h->pn, l.oversized);
	}
}

static void report_errors(Run *run)
{
	EvalStats s;

	eval_stats(run->eval, &s);
	if (run->error)
		diag_error(run->ctx->diag, DIAG_IO, (Loc){0}, "reading the trace buffer failed: %s",
			   strerror(-run->error));
	if (s.errors || s.skipped)
		diag_warning(run->ctx->diag, DIAG_LOST, (Loc){0},
			     "Number of errors: %" PRIu64 ", skipped probes: %" PRIu64, s.errors,
			     s.skipped);
}

static void stop_child(Run *run)
{
	if (!run->ctx->child || run->child_done)
		return;
	kill(run->ctx->child, SIGTERM);
	close(run->ctx->child_gate);
}

static int finish(Run *run)
{
	EvalStats s;
	bool failed = run->child_done && child_failed(run->child_status, run->ctx->diag);

	eval_end(run->eval, now_ns(CLOCK_MONOTONIC));
	if (run->ctx->tracefs && run->armed) {
		report_losses(run);
		tracefs_disarm(run->ctx->tracefs, DISARM_BUDGET_MS);
	}
	report_errors(run);
	eval_stats(run->eval, &s);
	if (s.write_failed)
		return 1;
	return failed || s.fatal || run->error ? 1 : 0;
}

static void report_running(const Run *run)
{
	int refused = 0, n = run->ctx->tracefs ? tracefs_armed_places(run->ctx->tracefs, &refused) : 0;

	fprintf(stderr, "Pass 5: running, %d places probed, %d refused by the kernel.\n", n, refused);
}

static bool begin(Run *run)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (run->ctx->options->timeout)
		run->deadline = now + run->ctx->options->timeout;
	eval_begin(run->eval, now);
	eval_flush(run->eval);
	if (eval_exiting(run->eval))
		return true;
	if (!arm(run))
		return signals_seen > 0; /* stopped while arming: all is undone, the end probes run */
	run->armed = true;
	if (run->ctx->options->timeout) /* the time counts from when the probes are there */
		run->deadline = now_ns(CLOCK_MONOTONIC) + run->ctx->options->timeout;
	if (run->ctx->child)
		child_start(run->ctx->child_gate);
	if (run->ctx->options->verbose)
		report_running(run);
	return true;
}

int run_plan(RunContext *ctx)
{
	Run run = {.ctx = ctx, .deadline = UINT64_MAX, .self = getpid(), .typing.fd = -1};
	int code = 1;

	ctx->run = &run;
	if (!output_open(&run.output, ctx->arena, ctx->options->output, ctx->options->rotate, ctx->diag) ||
	    !make_eval(&run))
		return 1;
	if (eval_wants_input(run.eval))
		typing_start(&run.typing, STDIN_FILENO);
	if (begin(&run)) {
		loop(&run);
		drain(&run);
		code = finish(&run);
	}
	typing_end(&run.typing);
	stop_child(&run);
	eval_free(run.eval);
	output_close(&run.output);
	return code;
}
