/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Run handlers: begin probes, one handler a record, timers between records, end or error probes.
 * A handler that may fail runs inside a Catch; one that cannot (most counting ones) needs none.
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t eval_time(Eval *e)
{
	if (e->rec)
		return e->rec->time;
	return e->clock0 ? e->now + (clock_now() - e->clock0) : e->now;
}

/* Suppressed errors are neither told nor held against MAXERRORS, but counted. */
static void handler_failed(Eval *e)
{
	if (e->aborted) {
		e->aborted = false;
		e->exiting = true;
		return;
	}
	e->errors++;
	if (e->host.suppress_handler_errors)
		return;
	error_print(e);
	if ((int64_t)e->errors > e->limits.max_errors) {
		e->failed = true;
		e->exiting = true;
	}
}

/* ---- handlers ---- */

static void run_body(Eval *e, HandlerCode *h)
{
	if (h->condition && !NUM(h->condition))
		return;
	if (h->body)
		RUN(h->body);
}

static void run_guarded(Eval *e, HandlerCode *h)
{
	Catch c;

	e->catch = NULL;
	catch_open(e, &c);
	e->top = &c;
	if (!setjmp(c.env)) {
		run_body(e, h);
	} else {
		catch_restore(e, &c);
		handler_failed(e);
	}
	e->catch = e->top = NULL;
}

static void run_handler(Eval *e, HandlerCode *h)
{
	e->handler = h;
	e->fp = e->frames;
	e->fp_top = e->frames + h->frame_size;
	e->tmp = e->tmps;
	e->actions = e->max_action;
	e->nesting = 0;
	if (h->n_slots)
		memset(e->fp, 0, sizeof(Value) * h->n_slots);
	if (h->may_raise)
		run_guarded(e, h);
	else
		run_body(e, h);
}

/*
 * Begin, end, error and timer handlers have no record: they are about ourselves. Time goes on while
 * they run; but a timer stands at its place among the records, so there it is the time it was due.
 */
static void run_ours(Eval *e, HandlerCode *h, uint64_t now)
{
	e->rec = NULL;
	e->event = NULL;
	e->entry = NULL;
	e->now = now;
	e->clock0 = h->h->kind == HANDLER_TIMER ? 0 : clock_now();
	run_handler(e, h);
}

void eval_record(Eval *e, const Record *r)
{
	HandlerCode *h;

	if (e->exiting)
		return;
	e->records++;
	e->rec = r;
	e->event = e->plan->events.v[r->event];
	h = &e->handlers[e->event->handler];
	e->entry = NULL;
	if (h->h->kind == HANDLER_ENTRY) {
		entry_save(e, h);
		return;
	}
	if (h->h->entry_handler >= 0) {
		e->entry = entry_take(e, h->h->entry_handler);
		if (!e->entry) {
			e->skipped++;
			return;
		}
	}
	run_handler(e, h);
}

/* Run all handlers of @kind, lowest order first, those of one order as they stand in the script. */
static void run_kind(Eval *e, HandlerKind kind, uint64_t now, const bool *stop)
{
	int64_t order = INT64_MIN, next = INT64_MAX;
	bool more = true;

	while (more) {
		more = false;
		next = INT64_MAX;
		for (int i = 0; i < e->n_handlers && !*stop; i++) {
			HandlerCode *h = &e->handlers[i];

			if (h->h->kind != kind || h->h->order < order)
				continue;
			if (h->h->order == order) {
				run_ours(e, h, now);
			} else if (h->h->order <= next) {
				next = h->h->order;
				more = true;
			}
		}
		order = next;
	}
}

static uint64_t random_next(Eval *e)
{
	e->seed ^= e->seed << 13;
	e->seed ^= e->seed >> 7;
	e->seed ^= e->seed << 17;
	return e->seed;
}

static void timer_advance(Eval *e, HandlerCode *h)
{
	uint64_t spread = h->h->randomize_ns;

	h->due += h->h->period_ns;
	if (!spread)
		return;
	if (spread >= h->h->period_ns)
		spread = h->h->period_ns - 1;
	h->due += random_next(e) % (2 * spread + 1) - spread;
}

void eval_begin(Eval *e, uint64_t now)
{
	run_kind(e, HANDLER_BEGIN, now, &e->exiting);
	for (int i = 0; i < e->n_timers; i++) {
		HandlerCode *h = e->timers[i];

		h->due = now;
		timer_advance(e, h);
	}
	out_flush(e);
}

void eval_end(Eval *e, uint64_t now)
{
	if (!e->failed)
		run_kind(e, HANDLER_END, now, &e->failed);
	if (e->failed) {
		static const bool never;

		run_kind(e, HANDLER_ERROR, now, &never);
	}
	out_flush(e);
}

/* ---- timers ---- */

static HandlerCode *timer_first(const Eval *e)
{
	HandlerCode *first = NULL;

	for (int i = 0; i < e->n_timers; i++) {
		if (!first || e->timers[i]->due < first->due)
			first = e->timers[i];
	}
	return first;
}

uint64_t eval_next_timer(const Eval *e)
{
	const HandlerCode *h = timer_first(e);

	return h && !e->exiting ? h->due : UINT64_MAX;
}

void eval_run_timer(Eval *e)
{
	HandlerCode *h = timer_first(e);
	uint64_t due;

	if (!h || e->exiting)
		return;
	due = h->due;
	timer_advance(e, h);
	run_ours(e, h, due);
}

/* ---- standard input ---- */

static void run_input(Eval *e, HandlerKind kind, const char *s, uint32_t n, uint64_t now)
{
	e->input = (Str){s, n};
	run_kind(e, kind, now, &e->exiting);
}

void eval_input(Eval *e, const char *bytes, size_t n, uint64_t now)
{
	for (size_t i = 0; i < n && !e->exiting; i++) {
		if (e->line_len < e->max_str)
			e->line[e->line_len++] = bytes[i];
		run_input(e, HANDLER_INPUT, &bytes[i], bytes[i] != '\0', now);
		if (bytes[i] != '\n')
			continue;
		run_input(e, HANDLER_INPUT_LINE, e->line, (uint32_t)strnlen(e->line, e->line_len), now);
		e->line_len = 0;
	}
}

bool eval_wants_input(const Eval *e)
{
	return e->wants_input;
}

/* ---- small questions ---- */

bool eval_exiting(const Eval *e)
{
	return e->exiting;
}

void eval_flush(Eval *e)
{
	out_flush(e);
}

void eval_set_output(Eval *e, int fd)
{
	out_flush(e);
	e->host.out_fd = fd;
}

void eval_stats(const Eval *e, EvalStats *ret)
{
	ret->errors = e->errors;
	ret->skipped = e->skipped;
	ret->records = e->records;
	ret->write_failed = e->write_failed;
	ret->fatal = e->failed;
}
