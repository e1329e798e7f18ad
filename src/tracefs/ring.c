/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ring: the kernel's ring buffers, one per CPU and instance, as one stream in time order. Pages are
 * read with plain read() (cheaper than mapping, measured) and taken apart by libtraceevent's
 * kbuffer; a heap over the streams' oldest records merges them. A record is handed out only when
 * no stream can bring an older one: up to a horizon that lies a little behind the present, since a
 * record becomes readable shortly after the moment it is stamped with.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/kbuffer.h>

#define SLACK_NS 2000000ull	  /* from stamp to readable: preemption is off meanwhile */
#define SLACK_MOST_NS 50000000ull /* ... but a hypervisor may take the CPU away */
#define NUM_POLL_FDS 1024

void ring_init(Ring *r, Arena *a, uint32_t page_size)
{
	*r = (Ring){.arena = a, .page_size = page_size, .slack = SLACK_NS};
	if (!page_size)
		r->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
}

Stream *ring_add(Ring *r, int fd, int cpu, int kind)
{
	Stream *s = NEW(r->arena, Stream);
	uint16_t one = 1;
	bool little = *(uint8_t *)&one == 1;

	s->fd = fd;
	s->cpu = cpu;
	s->kind = kind;
	s->page = arena_alloc(r->arena, r->page_size);
	s->kbuf = kbuffer_alloc(sizeof(long) == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
				little ? KBUFFER_ENDIAN_LITTLE : KBUFFER_ENDIAN_BIG);
	kbuffer_load_subbuffer(s->kbuf, s->page); /* zeroes: an empty page */
	vec_push(r->arena, &r->streams, s);
	vec_push(r->arena, &r->poll_fds, fd);
	return s;
}

struct opening {
	Ring *ring;
	const Instance *in;
	int err;
};

static bool open_cpu(void *arg, const char *name)
{
	struct opening *o = arg;
	char path[64];
	int cpu;

	if (sscanf(name, "cpu%d", &cpu) != 1)
		return true;
	snprintf(path, sizeof(path), "per_cpu/cpu%d/trace_pipe_raw", cpu);
	int fd = openat(o->in->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		o->err = -errno;
		return false;
	}
	ring_add(o->ring, fd, cpu, o->in->kind);
	return true;
}

int ring_open(Ring *r, const Instance *in)
{
	struct opening o = {r, in, 0};
	int err = tfs_each(in->fd, "per_cpu", open_cpu, &o);

	r->heap = NEW_ARRAY(r->arena, Stream *, r->streams.n + 1);
	r->n_heap = 0;
	return err ? err : o.err;
}

void ring_close(Ring *r)
{
	for (int i = 0; i < r->streams.n; i++) {
		close_fd(&r->streams.v[i]->fd);
		kbuffer_free(r->streams.v[i]->kbuf);
	}
	r->streams.n = r->n_heap = r->poll_fds.n = 0;
	r->current = NULL;
}

static void take(Stream *s, void *data, unsigned long long ts)
{
	s->data = data;
	s->ts = ts;
	s->size = (uint32_t)kbuffer_event_size(s->kbuf);
}

/* The next page that holds a record; a page may hold none (only time stamps). */
static int next_page(Ring *r, Stream *s)
{
	unsigned long long ts;

	for (;;) {
		ssize_t n = s->fd < 0 ? 0 : read(s->fd, s->page, r->page_size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			memset(s->page, 0, 16); /* so that this page does not come again */
			kbuffer_load_subbuffer(s->kbuf, s->page);
			return n < 0 && errno != EAGAIN ? -errno : 0;
		}
		if (kbuffer_load_subbuffer(s->kbuf, s->page) < 0)
			return -EBADMSG;
		if (kbuffer_missed_events(s->kbuf))
			s->missed = true;
		void *data = kbuffer_read_event(s->kbuf, &ts);
		if (data) {
			take(s, data, ts);
			return 1;
		}
	}
}

int stream_raw(Ring *r, Stream *s)
{
	unsigned long long ts;
	void *data = kbuffer_next_event(s->kbuf, &ts);

	if (!data)
		return next_page(r, s);
	take(s, data, ts);
	return 1;
}

static int advance(Ring *r, Stream *s)
{
	return s->kind == INST_STACK ? stack_next(r, s, r->filled) : stream_raw(r, s);
}

/* ---- the heap: heap[0] has the oldest head ---- */

static void sift_down(Ring *r, int i)
{
	Stream **h = r->heap, *s = h[i];

	for (int child; (child = 2 * i + 1) < r->n_heap; i = child) {
		if (child + 1 < r->n_heap && h[child + 1]->ts < h[child]->ts)
			child++;
		if (s->ts <= h[child]->ts)
			break;
		h[i] = h[child];
	}
	h[i] = s;
}

static void sift_up(Ring *r, int i)
{
	Stream **h = r->heap, *s = h[i];

	for (int parent; i > 0; i = parent) {
		parent = (i - 1) / 2;
		if (h[parent]->ts <= s->ts)
			break;
		h[i] = h[parent];
	}
	h[i] = s;
}

/* Streams that stand in the heap carry data; the others are looked at once per horizon. */
static int fill_empty(Ring *r, uint64_t until)
{
	r->filled = until;
	for (int i = 0; i < r->streams.n; i++) {
		Stream *s = r->streams.v[i];
		if (s->data)
			continue;
		int got = advance(r, s);
		if (got < 0)
			return got;
		if (!got)
			continue;
		r->heap[r->n_heap] = s;
		sift_up(r, r->n_heap++);
	}
	return 0;
}

/* The head that was handed out last is at the top of the heap: move its stream on. */
static int move_on(Ring *r)
{
	Stream *s = r->current;
	int got;

	r->current = NULL;
	s->missed = false;
	got = advance(r, s);
	if (got <= 0) {
		s->data = NULL;
		r->heap[0] = r->heap[--r->n_heap];
	}
	if (r->n_heap)
		sift_down(r, 0);
	return got < 0 ? got : 0;
}

/* Older than one that went out before: the kernel took longer than the slack. */
static void note_order(Ring *r, uint64_t ts)
{
	if (ts >= r->last) {
		r->last = ts;
		return;
	}
	r->late++;
	if (r->slack < SLACK_MOST_NS)
		r->slack *= 2;
}

int ring_next(Ring *r, uint64_t until, Stream **ret)
{
	int err = r->current ? move_on(r) : 0;

	if (!err && until > r->filled)
		err = fill_empty(r, until);
	if (err < 0)
		return err;
	if (!r->n_heap || r->heap[0]->ts > until) {
		if (until == UINT64_MAX) /* more may come all the same */
			r->filled = 0;
		return 0;
	}
	r->current = *ret = r->heap[0];
	note_order(r, r->current->ts);
	return 1;
}
