/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * next: the merged stream as Records. The tracker's records are consumed on the way, so that the
 * task of a Record is the task as it was then.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <string.h>

static Armed *same_instance(Armed *a, int kind)
{
	while (a && a->in->kind != kind)
		a = a->next;
	return a;
}

/* ---- those who were there already ---- */

static void note_start(void *arg, const TaskInfo *t)
{
	Run *r = arg;
	const int self = getpid();

	if (t->tgid != self && t->ppid != self && t->ppid != 2 && t->tgid != 2) /* nor threads of the kernel */
		vec_push(r->arena, &r->start.tids, t->tid);
}

void start_list(Run *r)
{
	bool wanted = false;

	for (int i = 0; i < r->o.plan->events.n; i++)
		wanted |= r->o.plan->events.v[i]->at_start;
	if (!wanted)
		return;
	tasks_scan(r->tasks);
	tasks_each(r->tasks, note_start, r);
	r->start.until = mono_ns();
}

static bool next_start(Run *r)
{
	static const uint8_t nothing[64];

	for (; r->start.event < r->o.plan->events.n; r->start.event++, r->start.task = 0) {
		const Armed *a = &r->armed[r->start.event];
		if (!a->def->at_start || r->start.task >= r->start.tids.n)
			continue;
		r->rec = (Record){.event = r->start.event,
				  .layout = &a->layout,
				  .time = r->start.from,
				  .tid = r->start.tids.v[r->start.task++],
				  .data = nothing,
				  .size = sizeof(nothing)};
		r->rec.task = tasks_get(r->tasks, r->rec.tid, 0);
		return true;
	}
	return false;
}

static int32_t subject_of(const Armed *a, const Stream *s)
{
	int at = a->layout.subject_offset;
	bool own = at < 0 || (uint32_t)at + 4 > s->size;

	return (int32_t)load32(s->data + (own ? 4 : at));
}

/* Began while the tasks were listed, and is in the list. */
static bool is_told(const Run *r, const Armed *a, const Stream *s)
{
	if (!a->def->at_start || clock_to_mono(&r->clock, s->ts) > r->start.until)
		return false;
	for (int i = 0; i < r->start.tids.n; i++)
		if (r->start.tids.v[i] == subject_of(a, s))
			return true;
	return false;
}

static Armed *untold(const Run *r, Armed *a, const Stream *s)
{
	while (a && is_told(r, a, s))
		a = same_instance(a->next, s->kind);
	return a;
}

static void fill(Run *r, const Stream *s, const Armed *a)
{
	Record *rec = &r->rec;
	int ip = a->layout.ip_offset;

	rec->event = a->layout.event;
	rec->layout = &a->layout;
	rec->time = clock_to_mono(&r->clock, s->ts);
	rec->cpu = s->cpu;
	rec->data = s->data;
	rec->size = s->size;
	rec->flags = s->data[2];
	rec->preempt = s->data[3];
	rec->tid = subject_of(a, s);
	rec->ip = ip >= 0 && (uint32_t)ip + 8 <= s->size ? load64(s->data + ip) : 0;
	ip = a->layout.place_offset;
	rec->place = ip >= 0 && (uint32_t)ip + 4 <= s->size ? (int)load32(s->data + ip) + 1 : 0;
	rec->task = r->tasks ? tasks_get(r->tasks, rec->tid, rec->cpu) : NULL;
	rec->n_stack = s->kind == INST_STACK ? stack_of(s, &rec->stack) : 0;
	r->again = untold(r, same_instance(a->next, s->kind), s);
}

/* Records of the tracker were lost: what happened meanwhile is unknown, what is now can be read. */
static void follow_tasks(Run *r, const Stream *s)
{
	if (s->missed)
		tasks_scan(r->tasks);
	tasks_apply(r->tasks, &r->task_ev, s->data, s->size);
}

int tracefs_next(Tracefs *t, uint64_t until, const Record **ret)
{
	Run *r = t->run;
	Stream *s;
	int got;

	if (!r || r->disarmed)
		return 0;
	*ret = &r->rec;
	if (next_start(r))
		return 1;
	until = clock_from_mono(&r->clock, until);
	if (r->again) {
		fill(r, r->ring.current, r->again);
		return 1;
	}
	while ((got = ring_next(&r->ring, until, &s)) > 0) {
		if (s->size < 8)
			continue;
		if (s->kind == INST_TASKS) {
			follow_tasks(r, s);
			continue;
		}
		int id = load16(s->data);
		Armed *a = id < r->n_ids ? same_instance(r->by_id[id], s->kind) : NULL;
		if (a && (a->has_twin || a->twin_of))
			oversize_note(r, a, s);
		a = untold(r, a, s);
		if (!a || a->twin_of)
			continue;
		fill(r, s, a);
		return 1;
	}
	return got;
}

uint64_t tracefs_horizon(Tracefs *t)
{
	uint64_t now = mono_ns();

	if (!t->run)
		return now;
	clock_follow(&t->run->clock, now, t->run->ring.last);
	return now - t->run->ring.slack;
}

uint64_t tracefs_due(const Tracefs *t)
{
	const Ring *r = t->run ? &t->run->ring : NULL;
	uint64_t oldest = r && r->n_heap ? r->heap[0]->ts : UINT64_MAX;

	for (int i = 0; r && i < r->streams.n; i++) {
		uint64_t ts = stack_waiting(r->streams.v[i]);
		if (ts < oldest)
			oldest = ts;
	}
	return oldest == UINT64_MAX ? UINT64_MAX : clock_to_mono(&t->run->clock, oldest) + r->slack;
}

int tracefs_poll_fds(const Tracefs *t, const int **fds)
{
	if (!t->run)
		return 0;
	*fds = t->run->ring.poll_fds.v;
	return t->run->ring.poll_fds.n;
}

/* ---- places of records ---- */

static bool is_at(const Place *p, const DbgSymbol *sym)
{
	return strcmp(p->function, sym->name) == 0 &&
	       (!p->module || (sym->module && strcmp(p->module, sym->module) == 0));
}

static const Place *find_place(const Run *r, const EventDef *e, uint64_t ip)
{
	uint64_t off, size;

	for (int i = 0; i < e->places.n; i++) {
		const Place *p = &e->places.v[i];
		if (p->address && ip - p->address - p->offset < 16)
			return p;
	}
	const DbgSymbol *sym = r->o.di ? debuginfo_symbol_at(r->o.di, ip, &off, &size) : NULL;
	for (int i = 0; sym && i < e->places.n; i++)
		if (!e->places.v[i].address && is_at(&e->places.v[i], sym))
			return &e->places.v[i];
	return NULL;
}

static uint32_t place_hash(int event, uint64_t ip)
{
	return (uint32_t)((ip ^ (uint64_t)event << 40) * 0x9e3779b97f4a7c15ull >> 40);
}

/* The cache has twice as many slots as the plan has places, and each place has one address. */
static struct PlaceCache *cache_slot(Run *r, int event, uint64_t ip)
{
	if (!r->cache_mask) {
		uint32_t want = 64;
		for (int i = 0; i < r->o.plan->events.n; i++)
			want += (uint32_t)r->o.plan->events.v[i]->places.n * 2;
		for (r->cache_mask = 63; r->cache_mask < want;
		     r->cache_mask = r->cache_mask * 2 + 1)
			;
		r->cache = NEW_ARRAY(r->arena, struct PlaceCache, r->cache_mask + 1);
	}
	uint32_t i = place_hash(event, ip) & r->cache_mask;
	for (uint32_t tries = 0; tries < 8; tries++, i = (i + 1) & r->cache_mask)
		if (!r->cache[i].place || (r->cache[i].ip == ip && r->cache[i].event == event))
			return &r->cache[i];
	return &r->cache[i];
}

const Place *tracefs_place_of(const Tracefs *t, int event, uint64_t ip)
{
	Run *r = t->run;

	if (!r || event < 0 || event >= r->o.plan->events.n)
		return NULL;
	const EventDef *e = r->o.plan->events.v[event];
	if (e->places.n <= 1)
		return e->places.n ? &e->places.v[0] : NULL;
	struct PlaceCache *c = cache_slot(r, event, ip);
	if (!c->place || c->ip != ip || c->event != event)
		*c = (struct PlaceCache){ip, event, find_place(r, e, ip)};
	return c->place;
}
