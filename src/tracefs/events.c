/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events: a plan put in place and taken away again. What waits for RCU (clock, buffer size) is done
 * by the guardian while further places are defined here; nothing is enabled before all of it is
 * there, so that no probe hits alone. Any failure undoes what was done.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENOTSUPP 524 /* of the kernel alone */

enum { UNDO_MS = 2000, REMOVE_NS = 20000000, FEW_PLACES = 8 };

static Armed *add_event(Run *r, const EventDef *e)
{
	Armed *a = &r->armed[r->n_events++];

	a->def = e;
	a->in = &r->inst[e->needs & NEED_STACK ? INST_STACK : INST_MAIN];
	return a;
}

static void add_twin(Run *r, Armed *a)
{
	const EventDef *twin = oversize_twin(r->arena, a->def);

	if (!twin)
		return;
	a->has_twin = true;
	add_event(r, twin)->twin_of = a;
}

static Run *new_run(Tracefs *t, const ArmOptions *o)
{
	Arena *a = arena_new();
	Run *r = NEW(a, Run);

	if (t->run)
		arena_free(t->run->arena);
	r->arena = a;
	r->o = *o;
	for (int i = 0; i < INST_COUNT; i++)
		r->inst[i].fd = r->inst[i].free_fd = -1;
	r->armed = NEW_ARRAY(a, Armed, 2 * o->plan->events.n + 1);
	for (int i = 0; i < o->plan->events.n; i++)
		add_event(r, o->plan->events.v[i]);
	for (int i = 0; i < o->plan->events.n; i++)
		add_twin(r, &r->armed[i]);
	r->clock.fd = -1;
	t->run = r;
	return r;
}

static void trouble(const Run *r, const char *what, int err)
{
	diag_error(r->o.diag, DIAG_NO_TRACEFS, (Loc){0}, "%s: %s", what, strerror(-err));
}

void run_progress(const Run *r, const char *what)
{
	if (r->o.verbose > 1 && r->o.diag->out)
		fprintf(r->o.diag->out, "%8.3f ms: %s\n", (double)(mono_ns() - r->started) / 1e6,
			what);
}

static bool is_used(const Run *r, int kind)
{
	for (int i = 0; i < r->n_events; i++)
		if (r->armed[i].in == &r->inst[kind])
			return true;
	return false;
}

static bool wants_tasks(const Run *r)
{
	if (r->o.plan->needs & NEED_TASK)
		return true;
	for (int i = 0; i < r->o.plan->events.n; i++) {
		const EventDef *e = r->o.plan->events.v[i];
		if (e->at_start)
			return true;
		if (e->comm < 0 && (e->needs & NEED_COMM))
			return true;
	}
	return false;
}

/* ---- instances ---- */

static enum traffic traffic_of(const Plan *p)
{
	int places = 0;

	for (int i = 0; i < p->events.n; i++) {
		if (p->events.v[i]->kind == EV_STATIC)
			return TRAFFIC_HOT;
		places += p->events.v[i]->places.n;
	}
	return places > FEW_PLACES ? TRAFFIC_MANY : TRAFFIC_FEW;
}

static unsigned buffer_kb(const Run *r)
{
	return r->o.buffer_kb ? r->o.buffer_kb : instance_default_kb(traffic_of(r->o.plan));
}

void tracefs_prepare(Tracefs *t, unsigned buffer_kb, bool hot)
{
	struct prepared *p = &t->prepared;

	if (*p->tag || run_tag(p->tag, sizeof(p->tag)))
		return;
	t->local_clock = clock_local_is_same(t->fd);
	if (!buffer_kb)
		buffer_kb = instance_default_kb(hot ? TRAFFIC_HOT : TRAFFIC_FEW);
	guardian_start(&p->guardian, t, p->tag, buffer_kb);
}

/* What the guardian was to make; without one (no process to be had) we do it. */
static int open_main(Tracefs *t, Run *r, Instance *in)
{
	int err = guardian_wait(&r->guardian);

	if (err)
		return err;
	if (r->guardian.pid)
		return instance_open(t, in, r->tag, INST_MAIN);
	err = instance_make(t, in, r->tag, INST_MAIN);
	return err ? err : instance_clock(t, in);
}

static int main_instance(Tracefs *t, Run *r)
{
	Instance *in = &r->inst[INST_MAIN];

	tracefs_prepare(t, r->o.buffer_kb, traffic_of(r->o.plan) == TRAFFIC_HOT);
	memcpy(r->tag, t->prepared.tag, sizeof(r->tag));
	r->guardian = t->prepared.guardian;
	t->prepared = (struct prepared){0};
	if (!*r->tag)
		return -ESRCH;
	snprintf(r->group, sizeof(r->group), "tapx_%s", r->tag);
	int err = open_main(t, r, in);
	if (err || !t->local_clock || clock_open(&r->clock, in) == 0)
		return err;
	t->local_clock = false; /* it does not tell the time: use the one that needs no telling */
	return instance_clock(t, in);
}

static int stack_instance(Tracefs *t, Run *r)
{
	Instance *in = &r->inst[INST_STACK];
	int err = instance_make(t, in, r->tag, INST_STACK);

	if (!err)
		err = instance_clock(t, in);
	if (!err)
		err = instance_size(in, buffer_kb(r));
	return err ? err : tfs_write(in->fd, "options/stacktrace", "1");
}

static int make_instances(Tracefs *t, Run *r)
{
	int err = main_instance(t, r);

	run_progress(r, "main instance made");
	return err || !is_used(r, INST_STACK) ? err : stack_instance(t, r);
}

/* A thread that is made between listing and writing is followed by event-fork; the second look is
 * for those made before that was on. */
static bool add_tid(void *arg, const char *name)
{
	buf_printf(arg, "%s ", name);
	return true;
}

struct family {
	const Run *r;
	Buf *tids;
};

static void add_descendant(void *arg, const TaskInfo *t)
{
	struct family *f = arg;
	if (t->tgid != f->r->o.target && tasks_descends(f->r->tasks, t, f->r->o.target))
		buf_printf(f->tids, "%d ", t->tid);
}

static int follow(const Run *r, const Instance *in)
{
	char path[64];
	int err = tfs_write(in->fd, "options/event-fork", "1");

	snprintf(path, sizeof(path), "/proc/%d/task", r->o.target);
	for (int pass = 0; pass < 2 && !err; pass++) {
		AUTO_BUF tids = {0};
		struct family f = {r, &tids};
		err = tfs_each(-1, path, add_tid, &tids);
		if (r->tasks)
			tasks_each(r->tasks, add_descendant, &f);
		if (!err)
			err = tfs_write(in->fd, "set_event_pid", buf_str(&tids));
	}
	return err;
}

/* The guardian has excluded the main thread from the main instance already. */
static bool is_excluded(const Run *r, const Instance *in)
{
	int self = getpid();

	return in->kind == INST_MAIN && r->guardian.pid && gettid() == self &&
	       (r->o.n_own_tids == 0 || (r->o.n_own_tids == 1 && r->o.own_tids[0] == self));
}

static int exclude_self(const Run *r, const Instance *in)
{
	AUTO_BUF tids = {0};

	if (is_excluded(r, in))
		return 0;
	for (int i = 0; i < r->o.n_own_tids; i++)
		buf_printf(&tids, "%d ", r->o.own_tids[i]);
	buf_printf(&tids, "%d", (int)gettid());
	return instance_exclude(in, buf_str(&tids));
}

/* What takes no time, for the instances that user probes record into. */
static int set_up(const Run *r, Instance *in)
{
	int err = tfs_write(in->fd, "buffer_percent", "0");

	if (err == -ENOENT) /* 5.0; without it poll wakes at once anyway */
		err = 0;
	if (!err)
		err = exclude_self(r, in);
	if (!err && r->o.plan->follow_target && r->o.target)
		err = follow(r, in);
	instance_guard(in);
	return err;
}

/* ---- raw tracepoints before 6.5: kprobes on the iterator that calls a tracepoint's users ---- */

/* The iterator runs only for two users or more: two instances that would enable the event if an
 * initcall came [ftrace.md 3]. */
static int add_user(const Instance *in, const EventDef *e)
{
	char text[256];
	snprintf(text, sizeof(text), "enable_event:%s:%s", e->tracepoint_system, e->tracepoint);
	int err = tfs_write(in->fd, "events/initcall/initcall_start/trigger", text);
	return err == -EEXIST ? 0 : err;
}

static int wake_iterators(Tracefs *t, Run *r)
{
	Instance *other = &r->inst[r->tasks ? INST_TASKS : INST_AUX];
	int err = 0;

	for (int i = 0; i < r->n_events && !err; i++) {
		const Armed *a = &r->armed[i];
		if (a->def->kind != EV_TRACEITER || !a->defined)
			continue;
		if (other->fd < 0)
			err = instance_make(t, other, r->tag, INST_AUX);
		if (!err)
			err = add_user(&r->inst[INST_MAIN], a->def);
		if (!err)
			err = add_user(other, a->def);
	}
	return err;
}

/* ---- layouts: where captures lie in the records ---- */

static const TraceEvent *event_format(Tracefs *t, const Armed *a)
{
	const EventDef *e = a->def;
	if (e->kind != EV_STATIC)
		return format_load(t, t->run->group, e->name);
	const KernelView *v = tracefs_view(t);
	return e->format ? e->format : v->event(v->ctx, e->system, e->name);
}

static int ip_offset(const TraceEvent *f)
{
	const TraceField *ip = format_field(f, "__probe_ip");
	if (!ip)
		ip = format_field(f, "__probe_func");
	return ip ? ip->offset : -1;
}

static int offset_of(const TraceEvent *f, const char *name)
{
	const TraceField *field = format_field(f, name);
	return field ? field->offset : -1;
}

static bool lay_out(Tracefs *t, Armed *a, int index)
{
	const TraceEvent *f = event_format(t, a);
	Run *r = t->run;

	if (!f)
		return false;
	FieldLoc *loc = NEW_ARRAY(r->arena, FieldLoc, a->def->captures.n + 1);
	for (int i = 0; i < a->def->captures.n; i++) {
		const TraceField *field = format_field(f, a->def->captures.v[i]->arg);
		if (!field)
			return false;
		loc[i] = (FieldLoc){field->offset, field->size, field->is_dynamic};
	}
	a->layout = (EventLayout){
	    .id = f->id,
	    .event = index,
	    .n_fields = a->def->captures.n,
	    .field = loc,
	    .ip_offset = ip_offset(f),
	    .place_offset = a->def->numbered ? offset_of(f, "place") : -1,
	    .subject_offset = a->def->subject ? offset_of(f, a->def->subject) : -1,
	};
	if (f->id >= r->n_ids)
		r->n_ids = f->id + 1;
	return true;
}

/* EventDefs on one trace event form a chain in plan order; per instance, the first one enables. */
static void index_ids(Run *r)
{
	r->by_id = NEW_ARRAY(r->arena, Armed *, r->n_ids + 1);
	for (int i = r->n_events - 1; i >= 0; i--) {
		Armed *a = &r->armed[i];
		if (!a->defined)
			continue;
		a->next = r->by_id[a->layout.id];
		r->by_id[a->layout.id] = a;
		a->first = true;
		for (Armed *b = a->next; b; b = b->next)
			if (b->in == a->in)
				b->first = false;
	}
}

static bool lay_out_all(Tracefs *t, Run *r)
{
	bool ok = true;

	for (int i = 0; i < r->n_events; i++) {
		Armed *a = &r->armed[i];
		if (!a->defined || lay_out(t, a, i))
			continue;
		diag_error(r->o.diag, DIAG_EVENT_REFUSED, a->def->loc,
			   "the kernel's format of event '%s' lacks what was asked for",
			   a->def->name);
		ok = false;
	}
	index_ids(r);
	return ok;
}

static bool define_each(Tracefs *t, Run *r, bool (*define)(Tracefs *t, Armed *a))
{
	bool ok = true;

	for (int early = 1; early >= 0; early--)
		for (int i = 0; i < r->n_events && !run_cancelled(r); i++)
			if (oversize_first(&r->armed[i]) == early)
				ok = define(t, &r->armed[i]) && ok;
	return ok;
}

static bool define_all(Tracefs *t, Run *r)
{
	r->use_second = entry_use_second(r);
	bool ok = define_each(t, r, define_first);
	guardian_size(&r->guardian, buffer_kb(r));
	ok = define_each(t, r, define_rest) && ok;
	if (run_cancelled(r))
		return false;
	run_progress(r, "events defined");
	return ok && lay_out_all(t, r);
}

/* ---- filters and enabling ---- */

static const char *event_group(const Run *r, const Armed *a)
{
	return a->def->kind == EV_STATIC ? a->def->system : r->group;
}

/* Of several EventDefs on one event: what any of them wants; one without filter wants all. */
static const char *joint_filter(Run *r, const Armed *a)
{
	const char *all = a->def->filter;

	for (const Armed *b = a->next; b && all; b = b->next) {
		if (b->in != a->in || (b->def->filter && strcmp(all, b->def->filter) == 0))
			continue;
		all = b->def->filter ? arena_printf(r->arena, "(%s) || (%s)", all, b->def->filter)
				     : NULL;
	}
	return all && strlen(all) < 4096 ? all : NULL;
}

static bool set_filter(Run *r, const Armed *a)
{
	const char *text = joint_filter(r, a);
	int err = !text ? 0
			: tfs_writef(a->in->fd, text, "events/%s/%s/filter", event_group(r, a),
				     a->def->name);
	if (!err)
		return true;
	const char *said = refusal(r->arena, a->in->fd, text);
	diag_error(r->o.diag, DIAG_FILTER_REFUSED, a->def->loc,
		   "the kernel refuses the filter '%s' on event '%s': %s", text, a->def->name,
		   *said ? said : strerror(-err));
	return false;
}

static bool enable(Run *r, Armed *a)
{
	uint64_t before = mono_ns();
	int err =
	    tfs_writef(a->in->fd, "1", "events/%s/%s/enable", event_group(r, a), a->def->name);

	if (err) {
		diag_error(r->o.diag, DIAG_EVENT_REFUSED, a->def->loc,
			   "the kernel does not enable event '%s:%s': %s", event_group(r, a), a->def->name,
			   err == -ENOTSUPP ? "a probe on such an instruction is not possible"
					    : strerror(-err));
		return false;
	}
	a->enabled = true;
	a->enable_ns = mono_ns() - before;
	return true;
}

static bool enable_each(Run *r, bool twins)
{
	for (int i = 0; i < r->n_events; i++) {
		Armed *a = &r->armed[i];
		if (a->first && !!a->twin_of == twins && (run_cancelled(r) || !enable(r, a)))
			return false;
	}
	return true;
}

/* Twins first: one that has nothing to follow yet is known by its time. */
static bool enable_all(Run *r)
{
	for (int i = 0; i < r->n_events; i++)
		if (r->armed[i].first && !set_filter(r, &r->armed[i]))
			return false;
	if (!enable_each(r, true) || !enable_each(r, false))
		return false;
	oversize_enabled(r);
	run_progress(r, "events enabled");
	return true;
}

/* ---- all of it ---- */

static uint32_t page_size(const Instance *in)
{
	AUTO_BUF b = {0};
	if (tfs_read(in->fd, "buffer_subbuf_size_kb", &b) < 0) /* 6.8 */
		return 0;
	return (uint32_t)strtoul(buf_str(&b), NULL, 10) * 1024;
}

static int open_rings(Tracefs *t, Run *r)
{
	static const int kinds[] = {INST_TASKS, INST_MAIN, INST_STACK};
	int err = 0;

	ring_init(&r->ring, r->arena, page_size(&r->inst[INST_MAIN]));
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !err; i++)
		if (r->inst[kinds[i]].fd >= 0)
			err = ring_open(&r->ring, &r->inst[kinds[i]]);
	if (!err && r->inst[INST_STACK].fd >= 0 && !stack_init(t, &r->ring))
		err = -ENOTSUP;
	return err;
}

static int ready_instances(Tracefs *t, Run *r)
{
	Instance *in = &r->inst[INST_MAIN];
	int err = r->guardian.pid ? guardian_wait(&r->guardian) : instance_size(in, buffer_kb(r));

	run_progress(r, "buffers made");
	if (!err)
		err = set_up(r, in);
	if (!err && r->inst[INST_STACK].fd >= 0)
		err = set_up(r, &r->inst[INST_STACK]);
	if (!err)
		err = open_rings(t, r);
	run_progress(r, "buffers open");
	return err;
}

static bool arm(Tracefs *t, Run *r)
{
	int err = make_instances(t, r);

	if (!err && wants_tasks(r)) {
		err = tracker_start(t, r);
		run_progress(r, "tasks tracked");
	}
	if (err) {
		trouble(r, "cannot make a trace instance", err);
		return false;
	}
	if (!define_all(t, r))
		return false;
	err = wake_iterators(t, r);
	if (!err)
		err = ready_instances(t, r);
	if (err) {
		trouble(r, "cannot set up a trace instance", err);
		return false;
	}
	r->start.from = mono_ns();
	if (!enable_all(r))
		return false;
	start_list(r);
	return true;
}

bool tracefs_arm(Tracefs *t, const ArmOptions *o)
{
	Run *r = new_run(t, o);

	r->started = mono_ns();
	if (arm(t, r))
		return true;
	tracefs_stop(t);
	tracefs_disarm(t, UNDO_MS);
	return false;
}

void tracefs_stop(Tracefs *t)
{
	Run *r = t->run;

	if (!r || r->stopped)
		return;
	r->stopped = true;
	for (int i = 0; i < INST_COUNT; i++)
		if (r->inst[i].fd >= 0)
			tfs_write(r->inst[i].fd, "tracing_on", "0");
	r->ring.stopped = true;
}

/* Disabling an event takes about as long as enabling it. Removing it waits for RCU once per place,
 * which cannot be stopped half way: 8-20 ms each, natively and emulated. */
static bool fits(const Run *r, uint64_t budget_ns)
{
	uint64_t cost = 0;

	for (int i = 0; i < r->n_events; i++) {
		const Armed *a = &r->armed[i];
		cost += a->enable_ns;
		if (a->def->kind != EV_STATIC)
			cost += (uint64_t)a->n_places * REMOVE_NS;
	}
	return cost < budget_ns;
}

void tracefs_disarm(Tracefs *t, int budget_ms)
{
	Run *r = t->run;

	if (!r || r->disarmed)
		return;
	r->disarmed = true;
	tracefs_stop(t);
	tracefs_total_overrun(t);
	guardian_wait(&r->guardian);
	ring_close(&r->ring);
	clock_close(&r->clock);
	for (int i = INST_COUNT - 1; i >= 0; i--)
		instance_close(&r->inst[i]);
	uint64_t budget = (uint64_t)budget_ms * 1000000;
	uint64_t deadline = r->guardian.pid ? mono_ns() + budget : UINT64_MAX;
	bool gone = !*r->tag ||
		    ((!r->guardian.pid || fits(r, budget)) && remove_run(t->fd, r->tag, deadline));
	run_progress(r, gone ? "all removed" : "handed to the guardian");
	if (gone)
		guardian_dismiss(&r->guardian);
	else
		guardian_hand_over(&r->guardian);
}

int tracefs_armed_places(const Tracefs *t, int *refused)
{
	if (refused)
		*refused = t->run ? t->run->n_refused : 0;
	return t->run ? t->run->n_armed : 0;
}
