/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * eval_rig: an Eval made from script text alone, for unit tests and the benchmark. begin, end,
 * error and timer probes are what they say; any other point is an event that the test hits itself
 * with rig_hit(). Every event records the same fields: $comm, the stack pointer, and $a0 .. $a3, of
 * which $a3 is text. A point that ends in `.return` finds the values kept by the point before it,
 * whose body must be expression statements: they are the entry values.
 */
#ifndef TAPX_EVAL_RIG_H
#define TAPX_EVAL_RIG_H

#include "base/base.h"
#include "eval/eval.h"
#include "frontend/frontend.h"
#include "lower/lower.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern const struct LibraryFile tapset_embedded[];

enum { RIG_COMM, RIG_SP, RIG_A0, RIG_A1, RIG_A2, RIG_A3, RIG_FIELDS, RIG_BYTES = 256 };

typedef struct Rig {
	Arena *arena;
	Diag diag;
	Script *script;
	Plan *plan;
	Eval *eval;
	int out, err;
	EventLayout layout;
	TaskInfo task;
	uint8_t data[RIG_BYTES];
	Record rec;
	char text[65536];
} Rig;

static const FieldLoc rig_field[RIG_FIELDS] = {
    [RIG_COMM] = {8, 4, true}, [RIG_SP] = {16, 8, false}, [RIG_A0] = {24, 8, false},
    [RIG_A1] = {32, 8, false}, [RIG_A2] = {40, 4, false}, [RIG_A3] = {44, 4, true},
};

static Capture *rig_capture(Rig *r, int slot)
{
	Capture *c = NEW(r->arena, Capture);

	c->slot = slot;
	c->sentinel = c->total = c->detector = -1;
	c->is_string = slot == RIG_A3;
	c->fetch.kind = c->is_string ? FK_STRING : FK_NUM;
	c->fetch.size = 8;
	c->fetch.is_signed = true;
	return c;
}

static bool rig_target(void *ctx, Node **slot)
{
	Rig *r = ctx;
	Node *n = *slot, *c;

	if (n && n->kind == ND_TARGET) {
		c = node_new(r->arena, ND_CAPTURE, n->loc);
		c->type = n->type;
		c->capture.capture = rig_capture(r, RIG_A0 + n->target.name[2] - '0');
		*slot = c;
		return false;
	}
	return n != NULL;
}

static bool rig_entry(void *ctx, Node **slot)
{
	int *next = ctx;

	if (*slot && (*slot)->kind == ND_ENTRY)
		(*slot)->unary.entry_slot = (*next)++;
	return *slot != NULL;
}

static bool rig_type(void *ctx, Node **slot)
{
	(void)ctx;
	if (*slot && (*slot)->kind == ND_TARGET)
		(*slot)->type = !strcmp((*slot)->target.name, "$a3") ? TY_STRING : TY_LONG;
	return *slot != NULL;
}

static void rig_event(Rig *r, Handler *h)
{
	EventDef *e = NEW(r->arena, EventDef);

	e->kind = h->is_return ? EV_KRETPROBE : EV_KPROBE;
	e->comm = RIG_COMM;
	e->sp = RIG_SP;
	e->jiffies = -1;
	e->handler = r->plan->handlers.n;
	vec_push(r->arena, &r->plan->events, e);
}

static void rig_entry_values(Rig *r, Handler *h)
{
	const NodeVec *block = &h->body->block->block;

	for (int i = 0; i < block->n; i++)
		vec_push(r->arena, &h->entry_values, block->v[i]->unary.operand);
	h->kind = HANDLER_ENTRY;
	h->body = NULL;
}

static void rig_handler(Rig *r, const ProbePoint *p, Body *body)
{
	Handler *h = NEW(r->arena, Handler);
	const char *name = p->part.v[0].name;
	int entry = 0;

	h->name = h->pn = point_text(r->arena, p);
	h->body = body;
	h->entry_handler = -1;
	if (!strcmp(name, "begin") || !strcmp(name, "end") || !strcmp(name, "error")) {
		h->kind = *name == 'b'	   ? HANDLER_BEGIN
			  : name[1] == 'n' ? HANDLER_END
					   : HANDLER_ERROR;
		h->order = p->part.v[0].num;
	} else if (!strcmp(name, "timer")) {
		h->kind = HANDLER_TIMER;
		h->period_ns = (uint64_t)p->part.v[1].num;
	} else {
		const char *last = p->part.v[p->part.n - 1].name;

		h->kind = HANDLER_EVENT;
		h->is_return = !strcmp(last, "return");
		if (h->is_return)
			h->entry_handler = r->plan->handlers.n - 1;
		if (!strcmp(last, "entry"))
			rig_entry_values(r, h);
		node_walk(&body->block, rig_entry, &entry);
		rig_event(r, h);
	}
	vec_push(r->arena, &r->plan->handlers, h);
}

static bool rig_parse(Rig *r, const char *text)
{
	static const Conditions cond = {.kernel_release = "6.1.0",
					.arch = "x86_64",
					.runtime = "kernel",
					.compatible = "5.1",
					.guru = true};
	static const char *const none[1];
	static const Library lib = {.dirs = none, .embedded = tapset_embedded};
	SourceFile *f = NEW(r->arena, SourceFile);
	Script *s = script_new(r->arena);

	*f = (SourceFile){.name = "test", .text = text, .len = strlen(text)};
	r->script = s;
	script_use_library(s, &lib);
	if (!script_parse(s, f, &cond, &r->diag) || !library_resolve(s, &lib, &cond, &r->diag))
		return false;
	for (int i = 0; i < s->probes.n; i++) {
		Body *b = s->probes.v[i]->body;

		node_walk(&b->block, rig_type, NULL);
		vec_push(r->arena, &s->bodies, b);
	}
	return types_infer(s, &r->diag);
}

/** rig_new - compile @text; NULL when that fails (the messages are on stdout). */
static inline Rig *rig_new(const char *text, const EvalLimits *limits)
{
	Rig *r = calloc(1, sizeof(*r));
	EvalHost host = {.target = 4242, .realtime_offset_ns = 1000000000};

	if (!r)
		return NULL;
	r->arena = arena_new();
	r->diag.out = stdout;
	r->diag.no_warnings = true;
	r->out = memfd_create("out", 0);
	r->err = memfd_create("err", 0);
	host.out_fd = r->out;
	host.err_fd = r->err;
	r->plan = NEW(r->arena, Plan);
	r->plan->arena = r->arena;
	if (!rig_parse(r, text))
		return NULL;
	r->plan->script = r->script;
	for (int i = 0; i < r->script->probes.n; i++) {
		Probe *p = r->script->probes.v[i];

		node_walk(&p->body->block, rig_target, r);
		rig_handler(r, p->points.v[0], p->body);
	}
	r->layout = (EventLayout){.n_fields = RIG_FIELDS, .field = rig_field, .ip_offset = -1};
	r->task = (TaskInfo){.tid = 101, .tgid = 100, .ppid = 1, .comm = "task"};
	r->rec = (Record){
	    .layout = &r->layout, .data = r->data, .size = RIG_BYTES, .tid = 101, .task = &r->task};
	r->eval = eval_new(r->arena, r->plan, &host, limits, &r->diag);
	return r->eval ? r : NULL;
}

static inline void rig_put(Rig *r, int slot, uint64_t v)
{
	memcpy(r->data + rig_field[slot].offset, &v, rig_field[slot].size);
}

static inline void rig_text(Rig *r, int slot, const char *s)
{
	uint32_t at = slot == RIG_COMM ? 64 : 96, n = (uint32_t)strlen(s) + 1;

	memcpy(r->data + at, s, n);
	rig_put(r, slot, at | n << 16);
}

/** rig_hit - one hit of event @event at @time. */
static inline void rig_hit(Rig *r, int event, uint64_t time)
{
	r->rec.event = event;
	r->rec.time = time;
	eval_record(r->eval, &r->rec);
}

/** rig_output - what was printed on @fd since the last time. */
static inline const char *rig_output(Rig *r, int fd)
{
	ssize_t n;

	eval_flush(r->eval);
	n = pread(fd, r->text, sizeof(r->text) - 1, 0);
	r->text[n > 0 ? n : 0] = 0;
	if (ftruncate(fd, 0) == 0)
		lseek(fd, 0, SEEK_SET);
	return r->text;
}

static inline void rig_free(Rig *r)
{
	eval_free(r->eval);
	close(r->out);
	close(r->err);
	arena_free(r->arena);
	free(r);
}

#endif
