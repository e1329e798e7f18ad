/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * process.begin and its relatives: life and system calls of processes and their threads, by tracepoints
 * of the kernel. A process begins when it is forked or executes another program, and those that are
 * there already when the probes are count as beginning then.
 */
#include "probe/probe_int.h"

#include <string.h>
#include <unistd.h>

enum { BEGIN, END, SYSCALL, SYSCALL_RETURN, KIND = 3, THREAD = 4 };

#define FORMS(process)                                                                             \
	{process ".begin", BEGIN}, {process ".end", END},                                          \
	    {process ".thread.begin", BEGIN | THREAD}, {process ".thread.end", END | THREAD},      \
	    {process ".syscall", SYSCALL},                                                         \
	{                                                                                          \
		process ".syscall.return", SYSCALL_RETURN                                          \
	}
static const Pattern pattern[] = {
    FORMS("process"),
    FORMS("process(string)"),
    FORMS("process(number)"),
    {NULL, 0},
};

/* ---- variables ---- */

static void add_variable(Arena *a, Variables *ret, const char *name, Fetch value)
{
	Fetch *f = NEW(a, Fetch);
	Variable v = {.name = name, .ctype = "long", .given = f};

	*f = value;
	vec_push(a, ret, v);
}

/* Of raw_syscalls:sys_enter(regs, id) and sys_exit(regs, ret), as an event records them or, in a module,
 * as the tracepoint passes them. */
static Fetch call_number(bool module)
{
	Fetch f = {.base = FB_FIELD, .field = "id", .size = 8, .is_signed = true};

	if (module) {
		f.base = FB_ARG;
		f.reg = 1;
		f.off[f.n_off++] = arch_reg_pt_offset(arch_reg_find("orig_rax"));
	}
	return f;
}

static Fetch result(bool module)
{
	Fetch f = {.base = FB_FIELD, .field = "ret", .size = 8, .is_signed = true};

	if (module) {
		f.base = FB_ARG;
		f.reg = 2;
	}
	return f;
}

static Fetch argument(int i, bool module)
{
	static const char *const reg[] = {"rdi", "rsi", "rdx", "r10", "r8", "r9"};
	Fetch f = {.base = FB_FIELD, .field = "args", .value = 8 * i, .size = 8};

	if (module) {
		f.base = FB_ARG;
		f.reg = 1;
		f.value = 0;
		f.off[f.n_off++] = arch_reg_pt_offset(arch_reg_find(reg[i]));
	}
	return f;
}

static void add_arguments(Arena *a, Variables *ret, bool module)
{
	for (int i = 0; i < 6; i++)
		add_variable(a, ret, arena_printf(a, "arg%d", i + 1), argument(i, module));
}

static Scope *call_scope(Resolve *r, bool at_return)
{
	Arena *a = r->ctx->arena;
	Scope *s = scope_none(a, "a process.syscall probe", DIAG_VAR_UNKNOWN, "");

	add_variable(a, &s->vars, "syscall", call_number(r->ctx->module));
	s->vars.v[0].unlisted = true;
	s->dollars = true;
	if (at_return)
		add_variable(a, &s->vars, "return", result(r->ctx->module));
	else
		add_arguments(a, &s->vars, r->ctx->module);
	return s;
}

/* ---- sites ---- */

static bool add_site(Resolve *r, const char *name, const char *event, Who who, Site site)
{
	const KernelView *k = r->ctx->kernel;
	const char *colon = strchr(event, ':');
	Arena *a = r->ctx->arena;

	site.name = name;
	site.who = who;
	site.tracepoint = colon + 1;
	site.event = k->tracefs_ok
			 ? k->event(k->ctx, arena_strndup(a, event, (size_t)(colon - event)), colon + 1)
			 : NULL;
	if (!site.scope)
		site.scope = scope_none(a, "a probe of a process's life", DIAG_NO_CONTEXT,
					"it does not run in the middle of anything");
	if (!site.event && !r->ctx->module) {
		diag_error(r->ctx->diag, k->tracefs_ok ? DIAG_TRACE_UNKNOWN : DIAG_NO_TRACEFS, r->point->loc, "%s needs the event %s: %s", name,
			   event, k->why_not ? k->why_not : "this kernel does not have it");
		return false;
	}
	vec_push(a, &r->sites, site);
	return true;
}

static bool add_begin(Resolve *r, const char *name, Who who)
{
	bool ok = add_site(r, name, "sched:sched_process_fork", who,
			   (Site){.subject = "child_pid", .subject_arg = 2, .at_start = true});

	return who.thread == WHO_OTHER ? ok : ok && add_site(r, name, "sched:sched_process_exec", who, (Site){0});
}

/* In a module, before the task's memory is given back, which tells its program. */
static bool add_end(Resolve *r, const char *name, Who who)
{
	if (!r->ctx->module)
		return add_site(r, name, "sched:sched_process_exit", who, (Site){0});
	r->common.hook = HOOK_KPROBE;
	return add_site(r, name, ":do_exit", who, (Site){.place = {.function = "do_exit", .pp = name}});
}

static bool add_sites(Resolve *r, const char *name, Who who)
{
	int form = r->pattern->form;

	switch (form & KIND) {
	case BEGIN:
		who.thread = form & THREAD ? WHO_OTHER : WHO_LEADER;
		return add_begin(r, name, who);
	case END:
		who.thread = form & THREAD ? WHO_OTHER : WHO_LEADER;
		return add_end(r, name, who);
	case SYSCALL:
		return add_site(r, name, "raw_syscalls:sys_enter", who, (Site){.scope = call_scope(r, false)});
	default:
		return add_site(r, name, "raw_syscalls:sys_exit", who, (Site){.scope = call_scope(r, true)});
	}
}

static bool resolve(Resolve *r)
{
	Who who = process_who(r);
	Programs programs = {0};
	bool ok = true;

	r->common.hook = r->ctx->module ? HOOK_TRACEPOINT : HOOK_TRACE_EVENT;
	if (who.pid && access(arena_printf(r->ctx->arena, "/proc/%d", who.pid), F_OK)) {
		diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, r->point->part.v[0].loc, "there is no process %d",
			   who.pid);
		return false;
	}
	if (r->point->part.v[0].arg != ARG_STR)
		return add_sites(r, point_plain(r->ctx->arena, r->point), who);
	if (!process_programs(r, &programs))
		return false;
	for (int i = 0; ok && i < programs.n; i++) {
		who.program = programs.v[i].path;
		ok = add_sites(r, point_plain(r->ctx->arena, programs.v[i].point), who);
	}
	return ok;
}

const Family family_task = {pattern, resolve};
