/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Builds the Plan: a handler for each resolved probe, and the events that feed it.
 */
#include "lower_int.h"

#include <string.h>

static bool is_return(HookKind hook)
{
	return hook == HOOK_KRETPROBE || hook == HOOK_URETPROBE;
}

static Handler *handler_new(Lowering *l, HandlerKind kind, const ResolvedProbe *rp)
{
	Handler *h = NEW(l->arena, Handler);

	h->kind = kind;
	h->name = rp->name;
	h->pn = point_text(l->arena, rp->point);
	h->loc = rp->loc;
	h->order = rp->order;
	h->period_ns = rp->period_ns;
	h->randomize_ns = rp->randomize_ns;
	h->entry_handler = -1;
	h->is_return = is_return(rp->hook);
	vec_push(l->arena, &l->plan->handlers, h);
	return h;
}

static int handler_index(const Lowering *l, const Handler *h)
{
	int i = 0;

	while (l->plan->handlers.v[i] != h)
		i++;
	return i;
}

static void event_places(Lowering *l, EventDef *e, const ResolvedProbe *rp)
{
	for (int i = 0; i < rp->places.n; i++) {
		const char *path = rp->places.v[i].path;

		if (path && path[strcspn(path, " \t\n")])
			reason_add(l, RULE_blank_path, rp->loc, path);
		vec_push(l->arena, &e->places, rp->places.v[i]);
		e->places.v[i].number = i;
	}
}

static void traceiter_place(Lowering *l, EventDef *e, const ResolvedProbe *rp)
{
	Place p = {.function = arena_printf(l->arena, "__traceiter_%s", rp->tracepoint),
		   .pp = rp->name,
		   .optional = rp->optional};

	vec_push(l->arena, &e->places, p);
}

static EventKind event_kind(const Lowering *l, HookKind hook)
{
	if (hook == HOOK_KRETPROBE)
		return EV_KRETPROBE;
	if (hook == HOOK_UPROBE || hook == HOOK_URETPROBE)
		return hook == HOOK_UPROBE ? EV_UPROBE : EV_URETPROBE;
	if (hook == HOOK_TRACE_EVENT)
		return EV_STATIC;
	if (hook == HOOK_TRACEPOINT)
		return l->ctx->kernel->has_tprobe ? EV_TPROBE : EV_TRACEITER;
	return EV_KPROBE;
}

static EventDef *probe_event(Lowering *l, const ResolvedProbe *rp, EventKind kind)
{
	EventDef *e = event_new(l, kind, rp->loc);

	event_places(l, e, rp);
	e->numbered = is_user_event(e) && e->places.n > 1;
	e->maxactive = kind == EV_KRETPROBE ? rp->maxactive : 0;
	e->tracepoint = rp->tracepoint;
	if (rp->event) {
		e->tracepoint_system = rp->event->system;
		e->format = rp->event;
	}
	if (kind == EV_STATIC) {
		e->system = rp->event->system;
		e->name = rp->event->name;
		e->subject = rp->subject;
		e->at_start = rp->at_start;
	}
	if (kind == EV_TRACEITER)
		traceiter_place(l, e, rp);
	return e;
}

/** make_entry_event - the second event of a return probe: at the function's entry. */
static EventDef *make_entry_event(Split *s)
{
	EventDef *e;

	if (!is_return(s->probe->hook))
		return NULL;
	e = probe_event(s->l, s->probe, s->probe->hook == HOOK_KRETPROBE ? EV_KPROBE : EV_UPROBE);
	s->entry_handler = handler_new(s->l, HANDLER_ENTRY, s->probe);
	e->handler = handler_index(s->l, s->entry_handler);
	return e;
}

static bool visit_entry(void *ctx, Node **slot)
{
	bool *entry = ctx;
	const Node *n = *slot;

	*entry |= n->kind == ND_ENTRY || (n->kind == ND_CALL && read_is_arg(n));
	if (n->kind == ND_TARGET)
		*entry |= n->target.at_entry;
	return !*entry;
}

/** wants_entry - does a return probe use anything of the function's entry? Its event is armed first. */
static bool wants_entry(const ResolvedProbe *rp)
{
	bool entry = false;

	if (is_return(rp->hook))
		node_walk(&rp->body->block, visit_entry, &entry);
	return entry;
}

static void event_probe(Lowering *l, const ResolvedProbe *rp)
{
	Split s = {.l = l, .probe = rp, .entry_event = make_entry_event};

	if (wants_entry(rp))
		s.entry = make_entry_event(&s);
	s.e = probe_event(l, rp, event_kind(l, rp->hook));
	s.h = handler_new(l, HANDLER_EVENT, rp);
	s.e->handler = handler_index(l, s.h);
	s.h->body = body_clone(l->arena, rp->body);
	who_guard(l->arena, s.h->body, &rp->who, rp->loc);
	s.h->condition = rp->condition ? node_clone(l->arena, rp->condition) : NULL;
	split_handler(&s);
	event_finish(l, s.e);
	if (s.entry)
		event_finish(l, s.entry);
	s.e->filter = filter_build(l, s.h, s.e);
}

static void plain_probe(Lowering *l, const ResolvedProbe *rp, HandlerKind kind)
{
	Split s = {.l = l, .probe = rp};

	s.h = handler_new(l, kind, rp);
	s.h->body = body_clone(l->arena, rp->body);
	s.h->condition = rp->condition ? node_clone(l->arena, rp->condition) : NULL;
	split_handler(&s);
}

/** is_empty - nothing to do: SystemTap leaves such probes out, and so do we. */
static bool is_empty(const Node *n)
{
	if (n && n->kind == ND_BLOCK) {
		for (int i = 0; i < n->block.n; i++)
			if (!is_empty(n->block.v[i]))
				return false;
		return true;
	}
	return !n || n->kind == ND_NULL;
}

/** module_probe - nothing is split or recorded for a module: handlers run at the hit. */
static void module_probe(Lowering *l, const ResolvedProbe *rp)
{
	if (rp->hook != HOOK_NEVER)
		handler_new(l, HANDLER_EVENT, rp);
}

/** module_only - a probe that the ftrace path does not have. */
static void module_only(Lowering *l, const ResolvedProbe *rp, Rule rule)
{
	reason_add(l, rule, rp->loc, NULL);
	module_probe(l, rp);
}

static void add_probe(Lowering *l, const ResolvedProbe *rp)
{
	if (is_empty(rp->body->block) && !l->ctx->keep_empty)
		return;
	if (l->ctx->want_module) {
		module_probe(l, rp);
		return;
	}
	switch (rp->hook) {
	case HOOK_BEGIN:
		plain_probe(l, rp, HANDLER_BEGIN);
		break;
	case HOOK_END:
		plain_probe(l, rp, HANDLER_END);
		break;
	case HOOK_ERROR:
		plain_probe(l, rp, HANDLER_ERROR);
		break;
	case HOOK_TIMER:
		plain_probe(l, rp, HANDLER_TIMER);
		break;
	case HOOK_NEVER:
		break;
	case HOOK_PERF: /* choose.c has a reason against this path */
	case HOOK_DATA:
		module_probe(l, rp);
		break;
	case HOOK_KPROBE:
	case HOOK_KRETPROBE:
	case HOOK_UPROBE:
	case HOOK_URETPROBE:
	case HOOK_TRACE_EVENT:
	case HOOK_TRACEPOINT:
		event_probe(l, rp);
		break;
	case HOOK_PACKET:
		module_only(l, rp, RULE_packet_hook);
		break;
	case HOOK_FILE_READ:
	case HOOK_FILE_WRITE:
		module_only(l, rp, RULE_proc_file);
		break;
	case HOOK_INPUT:
		plain_probe(l, rp, HANDLER_INPUT);
		break;
	case HOOK_INPUT_LINE:
		plain_probe(l, rp, HANDLER_INPUT_LINE);
		break;
	}
}

static void credential_offsets(Lowering *l)
{
	static const char *const members[] = {"uid", "gid", "euid", "egid"};
	const DbgType *cred;

	for (int i = 0; i < 4; i++)
		l->plan->cred_off[i] = -1;
	if (!(l->plan->needs & NEED_CRED))
		return;
	cred = debuginfo_type(l->ctx->di, NULL, "struct cred");
	for (int i = 0; cred && i < 4; i++) {
		DbgMember m;

		if (debuginfo_member(l->ctx->di, cred, members[i], &m))
			l->plan->cred_off[i] = (int)m.offset;
	}
}

static bool all_follow_target(const Lowering *l)
{
	int events = 0;

	for (int i = 0; i < l->plan->handlers.n; i++) {
		const Handler *h = l->plan->handlers.v[i];

		if (h->kind != HANDLER_EVENT)
			continue;
		if (!guarded_by_target(h))
			return false;
		events++;
	}
	return events > 0 && l->ctx->target > 0;
}

void plan_refuse(const Plan *p, Diag *d)
{
	for (int i = 0; i < p->reasons.n; i++) {
		const Reason *r = &p->reasons.v[i];

		if (r->hard)
			diag_error(d, DIAG_NEEDS_MODULE, r->loc, "this %s, which needs a kernel module (%s)",
				   r->text, r->rule);
	}
}

Plan *plan_build(LowerContext *ctx, const Script *s, const ResolvedProbes *probes)
{
	Lowering l = {.ctx = ctx, .arena = ctx->arena, .diag = ctx->diag, .ok = true};

	l.plan = NEW(ctx->arena, Plan);
	l.plan->arena = ctx->arena;
	l.plan->script = s;
	l.plan->probes = probes;
	choose_check(&l, s, probes);
	for (int i = 0; i < probes->n; i++)
		add_probe(&l, probes->v[i]);
	for (int i = 0; i < l.plan->events.n; i++)
		l.plan->needs |= l.plan->events.v[i]->needs;
	credential_offsets(&l);
	l.plan->follow_target = all_follow_target(&l);
	plan_choose(&l);
	return l.ok ? l.plan : NULL;
}
