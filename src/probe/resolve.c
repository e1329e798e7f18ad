/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From probe points to ResolvedProbes. A point's family finds its sites; sites whose handler reads
 * the same bytes in the same way share one probe, so that a wildcard over a hundred functions is
 * one event with a hundred places.
 */
#include "probe/probe_int.h"

#include <string.h>

/* @p without wildcards in its components: match it and let its family find its sites. */
static bool resolve_plain(ProbeContext *ctx, const ProbePoint *p, Resolves *all)
{
	Resolve *ret = NEW(ctx->arena, Resolve);
	const Family *f;

	*ret = (Resolve){.ctx = ctx, .point = p};
	f = family_match(p, &ret->pattern);
	if (!f) {
		family_unknown(ctx, p);
		return false;
	}
	ret->common.family = f;
	ret->common.point = p;
	ret->common.loc = p->loc;
	ret->common.condition = p->condition;
	ret->common.optional = p->optional || p->sufficient;
	if (!f->resolve(ret))
		return false;
	vec_push(ctx->arena, all, ret);
	return true;
}

/* timer.*(10) is also timer.ns(10), which is no period: what cannot be is left out. */
static bool resolve_wild(ProbeContext *ctx, const ProbePoint *p, const PointVec *points,
			 Resolves *all)
{
	ctx->diag->muted++;
	for (int i = 0; i < points->n; i++)
		resolve_plain(ctx, points->v[i], all);
	ctx->diag->muted--;
	if (!all->n)
		diag_error(ctx->diag, DIAG_POINT_UNKNOWN, p->loc,
			   "none of the %d points that %s stands for can be probed", points->n,
			   point_text(ctx->arena, p));
	return all->n > 0;
}

bool resolve_point(ProbeContext *ctx, const ProbePoint *p, Resolves *ret)
{
	PointVec points = {0};

	family_expand(ctx->arena, p, &points);
	if (points.n > 1)
		return resolve_wild(ctx, p, &points, ret);
	return resolve_plain(ctx, points.n ? points.v[0] : p, ret);
}

/* ---- does the handler look at its place? ---- */

static bool visit_context(void *arg, Node **slot)
{
	switch ((int)(*slot)->kind) {
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
	case ND_DEFINED:
	case ND_ENTRY:
		*(bool *)arg = true;
		return false;
	default:
		return true;
	}
}

static bool uses_context(Body *b)
{
	bool yes = false;

	node_walk(&b->block, visit_context, &yes);
	return yes;
}

/* ---- do two resolved handlers read the same? ---- */

typedef struct Signature {
	Arena *arena;
	Buf text;
} Signature;

static bool visit_signature(void *arg, Node **slot)
{
	Signature *s = arg;
	const Node *n = *slot;

	buf_printf(&s->text, "%d", (int)n->kind);
	if (n->kind == ND_NUM)
		buf_printf(&s->text, "=%lld", (long long)n->num);
	else if (n->kind == ND_STR)
		buf_printf(&s->text, "=%s", n->str);
	else if (n->kind == ND_PRINT && n->print.format)
		buf_printf(&s->text, "=%s", n->print.format);
	else if ((n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
		  n->kind == ND_ATVAR) &&
		 n->target.fetch)
		buf_printf(&s->text, "=%s%s", fetch_text(s->arena, n->target.fetch),
			   n->target.at_entry ? "e" : "");
	buf_putc(&s->text, ' ');
	return true;
}

/* A text that is equal for resolved copies of one body that read the same. */
static const char *signature(Arena *a, Body *b)
{
	Signature s = {.arena = a};
	const char *text;

	node_walk(&b->block, visit_signature, &s);
	text = arena_strdup(a, buf_str(&s.text));
	buf_free(&s.text);
	return text;
}

/* ---- probes ---- */

typedef struct Output {
	ProbeContext *ctx;
	Script *script;
	ResolvedProbes *probes;
} Output;

/* A new probe with @body at @site; places are added by the caller. */
static ResolvedProbe *new_probe(Output *out, const Resolve *r, const Site *site, Body *body)
{
	Arena *a = out->ctx->arena;
	ResolvedProbe *p = NEW(a, ResolvedProbe);

	*p = r->common;
	p->name = site->name;
	p->body = body;
	p->event = site->event;
	p->tracepoint = site->tracepoint;
	p->who = site->who;
	p->subject = site->subject;
	p->subject_arg = site->subject_arg;
	p->at_start = site->at_start;
	if (site->scope->is_trace && !site->scope->use_fields)
		p->hook = HOOK_TRACEPOINT;
	vec_push(a, out->probes, p);
	vec_push(a, &out->script->bodies, body);
	return p;
}

static bool has_places(const Resolve *r)
{
	return r->common.hook == HOOK_KPROBE || r->common.hook == HOOK_KRETPROBE ||
	       r->common.hook == HOOK_UPROBE || r->common.hook == HOOK_URETPROBE;
}

/* All sites share @p when the handler does not look at where it is. */
static void add_all_places(Output *out, const Resolve *r, ResolvedProbe *p)
{
	for (int i = 0; i < r->sites.n; i++)
		vec_push(out->ctx->arena, &p->places, r->sites.v[i].place);
	if (r->sites.n > 1)
		p->name = point_text(out->ctx->arena, r->point);
}

/* ---- only when called from certain places ---- */

static Node *comparison(Arena *a, Loc loc, const Callers *c, uint64_t address)
{
	Node *n = node_new(a, ND_OP, loc), *back = node_new(a, ND_TARGET, loc),
	     *number = node_new(a, ND_NUM, loc);

	back->target.name = "$caller";
	back->target.fetch = &((Callers *)(uintptr_t)c)->back;
	number->num = (int64_t)address;
	n->op.op = OP_NE;
	n->op.a = back;
	n->op.b = number;
	n->type = back->type = number->type = TY_LONG;
	return n;
}

/* if (caller != A && caller != B) next, in front of the handler */
static void guard_callers(Arena *a, Body *b, const Callers *c)
{
	Node *guard = node_new(a, ND_IF, b->loc), *block = node_new(a, ND_BLOCK, b->loc);

	for (int i = 0; i < c->address.n; i++) {
		Node *one = comparison(a, b->loc, c, c->address.v[i]), *both;

		if (i) {
			both = node_new(a, ND_OP, b->loc);
			both->type = TY_LONG;
			both->op.op = OP_LAND;
			both->op.a = guard->flow.cond;
			both->op.b = one;
			one = both;
		}
		guard->flow.cond = one;
	}
	guard->flow.body = node_new(a, ND_NEXT, b->loc);
	vec_push(a, &block->block, guard);
	vec_push(a, &block->block, b->block);
	b->block = block;
}

static Body *site_body(Arena *a, const Site *site, Body *written)
{
	Body *b = body_clone(a, written);

	if (site->callers)
		guard_callers(a, b, site->callers);
	return b;
}

static bool has_callers(const Resolve *r)
{
	for (int i = 0; i < r->sites.n; i++)
		if (r->sites.v[i].callers)
			return true;
	return false;
}

/* ---- sites ---- */

static bool add_site(Output *out, const Resolve *r, const Site *site, Body *written, Table *groups)
{
	Arena *a = out->ctx->arena;
	Body *body = site_body(a, site, written);
	bool ok = vars_resolve(out->ctx, out->script, site->scope, body);
	const char *key = has_places(r) ? signature(a, body) : NULL;
	ResolvedProbe *p = key ? table_get(groups, key) : NULL;

	if (!ok)
		return false;
	if (p) {
		p->name = point_text(a, r->point);
	} else {
		p = new_probe(out, r, site, body);
		if (key)
			table_put(groups, key, p);
	}
	if (has_places(r))
		vec_push(a, &p->places, site->place);
	return true;
}

static bool add_probes(Output *out, const Resolve *r, Body *written)
{
	Table *groups = table_new(out->ctx->arena);
	bool ok = true;

	if (has_places(r) && r->sites.n > 1 && !has_callers(r) && !uses_context(written)) {
		Body *body = body_clone(out->ctx->arena, written);

		add_all_places(out, r, new_probe(out, r, &r->sites.v[0], body));
		return true;
	}
	for (int i = 0; i < r->sites.n; i++)
		ok &= add_site(out, r, &r->sites.v[i], written, groups);
	return ok;
}

/* From "alias !, other": an earlier choice that resolved makes this one unwanted. */
static bool is_unwanted(const Probe *probe)
{
	for (int i = 0; i < probe->unless.n; i++)
		if (probe->unless.v[i]->resolved)
			return true;
	return false;
}

static bool resolve_probe(Output *out, Probe *probe)
{
	bool ok = true;

	if (is_unwanted(probe))
		return true;
	for (int i = 0; i < probe->points.n; i++) {
		const ProbePoint *p = probe->points.v[i];
		bool optional = p->optional || p->sufficient, found;
		Resolves all = {0};

		out->ctx->diag->muted += optional;
		found = resolve_point(out->ctx, p, &all);
		out->ctx->diag->muted -= optional;
		probe->resolved |= found;
		ok &= found || optional;
		for (int k = 0; k < all.n; k++)
			ok &= add_probes(out, all.v[k], probe->body);
		if (found && p->sufficient)
			break;
	}
	return ok;
}

bool probe_resolve(ProbeContext *ctx, Script *s, ResolvedProbes *ret)
{
	Output out = {ctx, s, ret};
	bool ok = true;

	for (int i = 0; i < s->functions.n; i++)
		ok &= vars_resolve_function(ctx, s, s->functions.v[i]);
	for (int i = 0; i < s->probes.n; i++)
		ok &= resolve_probe(&out, s->probes.v[i]);
	return ok;
}

/* ---- what kinds of probes are like ---- */

bool probe_is_hot(const ResolvedProbe *p)
{
	switch (p->hook) {
	case HOOK_BEGIN:
	case HOOK_END:
	case HOOK_ERROR:
	case HOOK_NEVER:
	case HOOK_INPUT:
	case HOOK_INPUT_LINE:
	case HOOK_TIMER:
	case HOOK_FILE_READ:
	case HOOK_FILE_WRITE:
		return false;
	case HOOK_KPROBE:
	case HOOK_KRETPROBE:
	case HOOK_UPROBE:
	case HOOK_URETPROBE:
	case HOOK_TRACE_EVENT:
	case HOOK_TRACEPOINT:
	case HOOK_PACKET:
	case HOOK_PERF:
	case HOOK_DATA:
		break;
	}
	return true;
}

bool probe_runs_alone(const ResolvedProbe *p)
{
	return p->hook == HOOK_BEGIN || p->hook == HOOK_END || p->hook == HOOK_ERROR ||
	       p->hook == HOOK_NEVER;
}
