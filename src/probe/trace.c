/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kernel.trace("[system:]name") and kernel.tracepoint("name"): tracepoints. The trace event gives
 * fields and the right name; BTF gives the arguments. A tracepoint without an event ("bare") can be
 * had where the kernel has tprobes.
 */
#include "probe/probe_int.h"

#include <fnmatch.h>
#include <string.h>

static const Pattern pattern[] = {
    {"kernel.trace(string)", 0},
    {"kernel.tracepoint(string)", 0},
    {"module(string).tracepoint(string)", 0},
    {NULL, 0},
};

typedef struct Find {
	Resolve *r;
	const char *system, *name; /* fnmatch patterns; system NULL: any */
	VEC(const TraceEvent *) found;
	Nearest near;
} Find;

static const Component *name_part(const ProbePoint *p)
{
	const Component *c = point_part(p, "trace");

	return c ? c : point_part(p, "tracepoint");
}

/* Prototype of tracepoint @name, in the kernel or in a module: the event's system may be its name.
 */
static const DbgFunction *prototype(Resolve *r, const char *system, const char *name)
{
	const Component *mod = point_part(r->point, "module");
	const DbgFunction *fn = NULL;

	if (mod)
		return debuginfo_tracepoint(r->ctx->di, mod->str, name);
	fn = debuginfo_tracepoint(r->ctx->di, NULL, name);
	if (!fn && system && debuginfo_module(r->ctx->di, system) == DBG_MODULE_LOADED)
		fn = debuginfo_tracepoint(r->ctx->di, system, name);
	return fn;
}

static void add_event(Resolve *r, const TraceEvent *e)
{
	Arena *a = r->ctx->arena;
	const char *full = arena_printf(a, "%s:%s", e->system, e->name);
	Site site = {.event = e, .tracepoint = e->name};

	if (!point_part(r->point, "trace"))
		full = e->name;
	site.name = point_text_with(a, r->point, "trace", full, "tracepoint", full);
	site.scope =
	    scope_trace(a, prototype(r, e->system, e->name), e,
			r->ctx->kernel->has_tprobe || r->ctx->module);
	site.scope->subject = arena_printf(a, "tracepoint '%s'", e->name);
	site.scope->name = e->name;
	site.scope->system = point_part(r->point, "trace") ? e->system : "";
	vec_push(a, &r->sites, site);
}

static void add_bare(Find *f, const DbgFunction *fn)
{
	Resolve *r = f->r;
	Arena *a = r->ctx->arena;
	Site site = {.name = point_text(a, r->point), .tracepoint = f->name};

	site.scope = scope_trace(a, fn, NULL, true);
	site.scope->subject = arena_printf(a, "tracepoint '%s'", f->name);
	site.scope->name = f->name;
	site.scope->system = f->system ? f->system : "";
	vec_push(a, &r->sites, site);
}

static void collect(void *arg, const char *system, const char *name)
{
	Find *f = arg;
	const KernelView *k = f->r->ctx->kernel;
	const TraceEvent *e;

	nearest_add(&f->near, name);
	if (fnmatch(f->name, name, 0) || (f->system && fnmatch(f->system, system, 0)))
		return;
	/* not tracepoints: made by users of dynamic events, by ftrace itself, by SYSCALL_DEFINE */
	if (!strcmp(system, "syscalls") || !strcmp(system, "ftrace") ||
	    !strcmp(system, "synthetic") || !strcmp(system, "kprobes") ||
	    !strcmp(system, "uprobes") || !strncmp(system, "tapx_", 5))
		return;
	e = k->event(k->ctx, system, name);
	if (e)
		vec_push(f->r->ctx->arena, &f->found, e);
}

static bool unknown(Find *f, const char *text)
{
	const KernelView *k = f->r->ctx->kernel;
	const Component *c = name_part(f->r->point);

	if (!f->near.n && k->tracefs_ok)
		k->each_event(k->ctx, collect, f);
	diag_error(f->r->ctx->diag, DIAG_TRACE_UNKNOWN, c->loc, "no tracepoint %s '%s'%s",
		   name_is_wild(text) ? "matches" : "is called", text,
		   nearest_text(&f->near, f->r->ctx->arena));
	return false;
}

static bool find_one(Find *f, const char *text)
{
	const KernelView *k = f->r->ctx->kernel;
	const TraceEvent *e = k->tracefs_ok ? k->event(k->ctx, f->system, f->name) : NULL;
	const bool module = f->r->ctx->module;
	const DbgFunction *fn;

	if (e) {
		add_event(f->r, e);
		return true;
	}
	fn = f->system && !module ? NULL : prototype(f->r, f->system, f->name);
	if (!fn)
		return unknown(f, text);
	if (!k->has_tprobe && !module) {
		diag_error(f->r->ctx->diag, DIAG_TRACE_UNKNOWN, f->r->point->loc,
			   "tracepoint '%s' has no trace event, and this kernel (before 6.5) "
			   "cannot reach such ones without a module",
			   text);
		return false;
	}
	add_bare(f, fn);
	return true;
}

static bool resolve(Resolve *r)
{
	const KernelView *k = r->ctx->kernel;
	const Component *c = name_part(r->point);
	const char *colon = strchr(c->str, ':');
	Find f = {.r = r, .name = colon ? colon + 1 : c->str};

	f.near.want = f.name;
	if (colon)
		f.system = arena_strndup(r->ctx->arena, c->str, (size_t)(colon - c->str));
	r->common.hook = HOOK_TRACE_EVENT;
	if (!k->tracefs_ok && (!r->ctx->module || name_is_wild(c->str))) {
		diag_error(r->ctx->diag, DIAG_NO_TRACEFS, r->point->loc,
			   "tracepoints cannot be looked up: %s",
			   k->why_not ? k->why_not : "tracefs cannot be read");
		return false;
	}
	if (!name_is_wild(c->str))
		return find_one(&f, c->str);
	k->each_event(k->ctx, collect, &f);
	r->common.optional |= r->ctx->module; /* not every event is a tracepoint */
	for (int i = 0; i < f.found.n; i++)
		add_event(r, f.found.v[i]);
	return f.found.n || unknown(&f, c->str);
}

const Family family_trace = {pattern, resolve};
