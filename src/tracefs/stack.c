/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * stack: with options/stacktrace every event of an instance is followed by a kernel_stack record.
 * Between the two an interrupt may put an event and a stack of its own, so events wait in a short
 * queue until theirs came: the youngest waiting one with equal pid, flags and preemption count.
 * Events are copied here; a stack costs the kernel microseconds, so that does not matter.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <stdlib.h>
#include <string.h>

#define STACK_PATIENCE_NS 50000000ull

enum {
	MAX_WAITING = 8, /* task, softirq, irq, NMI, and those whose stack was lost */
	MAX_FRAMES = 508 /* what fits into one page of the ring buffer */
};

struct waiting {
	uint64_t ts;
	uint32_t size;
	int n_frames;  /* -1: its stack has not come */
	uint8_t *data; /* of the ring's page size */
	uint64_t frame[MAX_FRAMES];
};

struct Held {
	int first, n; /* a ring of MAX_WAITING; first is the stream's head once it was handed on */
	bool shown;   /* the first one is the head */
	bool dry;     /* the last look at the pages brought nothing */
	uint64_t dry_until;
	struct waiting w[MAX_WAITING];
};

static int stack_id = 4, size_at = 8,
	   frames_at = 16; /* trace_entries.h: TRACE_STACK, kernel_stack */

bool stack_init(Tracefs *t, Ring *r)
{
	const TraceEvent *e = format_load(t, "ftrace", "kernel_stack");
	const TraceField *size = format_field(e, "size"), *caller = format_field(e, "caller");

	if (!size || !caller)
		return false;
	stack_id = e->id;
	size_at = size->offset;
	frames_at = caller->offset;
	for (int i = 0; i < r->streams.n; i++) {
		Stream *s = r->streams.v[i];
		if (s->kind != INST_STACK)
			continue;
		s->held = NEW(r->arena, Held);
		for (int k = 0; k < MAX_WAITING; k++)
			s->held->w[k].data = arena_alloc(r->arena, r->page_size);
	}
	return true;
}

static struct waiting *nth(Held *h, int i)
{
	return &h->w[(h->first + i) % MAX_WAITING];
}

static void enqueue(Ring *r, Held *h, const Stream *s)
{
	struct waiting *w = nth(h, h->n++);

	w->ts = s->ts;
	w->size = s->size < r->page_size ? s->size : r->page_size;
	w->n_frames = -1;
	memcpy(w->data, s->data, w->size);
}

/* Bytes 2 to 7 of a record: flags, preempt_count, pid. */
static bool same_context(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a + 2, b + 2, 6) == 0;
}

static void attach(Held *h, const Stream *s)
{
	for (int i = h->n - 1; i >= 0; i--) {
		struct waiting *w = nth(h, i);
		if (w->n_frames >= 0 || !same_context(w->data, s->data))
			continue;
		uint32_t room =
		    s->size > (uint32_t)frames_at ? (s->size - (uint32_t)frames_at) / 8 : 0;
		uint32_t n = load32(s->data + size_at);
		n = n < room ? n : room;
		w->n_frames = n < MAX_FRAMES ? (int)n : MAX_FRAMES;
		memcpy(w->frame, s->data + frames_at, (size_t)w->n_frames * 8);
		return;
	}
}

/* The first one goes when its stack came, when the queue is full (the stack was lost), or when the
 * pages were empty long after it: between event and stack the processor may have been taken away. */
static bool first_is_ready(const Ring *r, const Held *h, uint64_t until)
{
	const struct waiting *w = &h->w[h->first];
	uint64_t patience = r->stopped ? 0 : STACK_PATIENCE_NS;

	return h->n && (w->n_frames >= 0 || h->n == MAX_WAITING ||
			(h->dry && h->dry_until >= w->ts + patience && until >= w->ts + patience));
}

static void show_first(Held *h, Stream *s)
{
	const struct waiting *w = &h->w[h->first];

	s->ts = w->ts;
	s->data = w->data;
	s->size = w->size;
	h->shown = true;
}

int stack_next(Ring *r, Stream *s, uint64_t until)
{
	Held *h = s->held;

	if (h->shown) {
		h->first = (h->first + 1) % MAX_WAITING;
		h->n--;
		h->shown = false;
	}
	while (!first_is_ready(r, h, until)) {
		int got = stream_raw(r, s);
		if (got < 0)
			return got;
		h->dry = !got;
		h->dry_until = until;
		if (!got) {
			s->data = NULL;
			if (!first_is_ready(r, h, until))
				return 0;
		} else if (s->size >= 8 && load16(s->data) == stack_id) {
			attach(h, s);
		} else {
			enqueue(r, h, s);
		}
	}
	show_first(h, s);
	return 1;
}

uint64_t stack_waiting(const Stream *s)
{
	const Held *h = s->held;

	return h && h->n ? h->w[h->first].ts : UINT64_MAX;
}

int stack_of(const Stream *s, const uint64_t **ret)
{
	const Held *h = s->held;
	const struct waiting *w = &h->w[h->first];

	*ret = w->frame;
	return w->n_frames > 0 ? w->n_frames : 0;
}
