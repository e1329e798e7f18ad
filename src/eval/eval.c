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

/* ---- errors ---- */

PRINTF_LIKE(3, 0)
static void format_error(Eval *e, const Node *at, const char *fmt, va_list ap)
{
	vsnprintf(e->error, sizeof(e->error), fmt, ap);
	e->error_at = at;
	e->error_depth = e->nesting;
}

_Noreturn static void jump(Eval *e, Catch *to)
{
	if (!to) { /* a handler was taken for safe by mistake: nothing to go back to */
		fprintf(stderr, "tapx: %s\n", e->error);
		abort();
	}
	longjmp(to->env, 1);
}

void raise_error(Eval *e, const Node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_error(e, at, fmt, ap);
	va_end(ap);
	jump(e, e->catch);
}

void raise_final(Eval *e, const Node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_error(e, at, fmt, ap);
	va_end(ap);
	jump(e, e->top);
}

void raise_abort(Eval *e)
{
	e->aborted = true;
	jump(e, e->top);
}

void catch_open(Eval *e, Catch *c)
{
	c->outer = e->catch;
	c->fp = e->fp;
	c->fp_top = e->fp_top;
	c->tmp = e->tmp;
	c->snap = e->snap_n;
	c->nesting = e->nesting;
	e->catch = c;
}

void catch_restore(Eval *e, const Catch *c)
{
	e->fp = c->fp;
	e->fp_top = c->fp_top;
	e->tmp = c->tmp;
	e->snap_n = c->snap;
	e->nesting = c->nesting;
}

void catch_close(Eval *e, const Catch *c)
{
	e->catch = c->outer;
}

/* What the error points at, as SystemTap names tokens. */
static const char *token_kind(const Node *n, const char **text)
{
	switch ((int)n->kind) {
	case ND_OP:
		*text = op_text(n->op.op);
		return "operator";
	case ND_CALL:
		*text = n->call.name;
		return "identifier";
	case ND_VAR:
	case ND_INDEX:
	case ND_IN:
		*text = n->var.name;
		return "identifier";
	default:
		*text = node_kind_text(n->kind);
		return "keyword";
	}
}

static void put_place(Buf *b, const Node *n)
{
	buf_printf(b, "%s:%u:%u", n->loc.file->name, n->loc.line, n->loc.col);
}

/* " (called from INNERMOST PLACE, ... OUTERMOST)"; deep recursion shows its ends. */
static void put_calls(Buf *b, const Eval *e)
{
	enum { EACH_END = 4 };
	const char *lead = " (called from ";
	int n = e->error_depth;

	for (int i = n - 1; i >= 0; i--) {
		if (n > 2 * EACH_END + 1 && i < n - EACH_END && i >= EACH_END) {
			buf_printf(b, ", ... %d more", n - 2 * EACH_END);
			i = EACH_END;
		} else if (e->calls[i]->loc.file) {
			buf_puts(b, lead);
			put_place(b, e->calls[i]);
		}
		lead = ", ";
	}
	if (*lead == ',')
		buf_putc(b, ')');
}

static void print_error(Eval *e)
{
	const Node *at = e->error_at;
	const char *kind, *text;
	Str pp = ctx_pp(e, NULL);
	Buf b = {0};

	buf_puts(&b, e->error);
	if (at && at->loc.file) {
		kind = token_kind(at, &text);
		buf_printf(&b, " near %s '%s' at ", kind, text);
		put_place(&b, at);
	}
	put_calls(&b, e);
	if (pp.n)
		buf_printf(&b, " in probe %.*s", (int)pp.n, pp.p);
	out_message(e, "ERROR: ", "%s", buf_str(&b));
	buf_free(&b);
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
	print_error(e);
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
