/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins about the event: who, where, when. Without a record (begin, end, timers) they are about
 * ourselves and now.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getcpu, memmem */
#endif
#include "eval_int.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S 1000000000

/* ---- who ---- */

Str ctx_execname(Eval *e, const Code *c)
{
	const TaskInfo *t;

	(void)c;
	if (!e->rec)
		return (Str){"tapx", 4};
	if (e->event->comm >= 0)
		return field_str(e->rec, e->event->comm);
	t = e->rec->task;
	return t ? (Str){t->comm, (uint32_t)strnlen(t->comm, sizeof(t->comm))} : (Str){"", 0};
}

int64_t ctx_tid(Eval *e, const Code *c)
{
	(void)c;
	return e->rec ? e->rec->tid : e->self;
}

int64_t ctx_pid(Eval *e, const Code *c)
{
	(void)c;
	if (!e->rec)
		return e->self;
	return e->rec->task ? e->rec->task->tgid : e->rec->tid;
}

int64_t ctx_ppid(Eval *e, const Code *c)
{
	(void)c;
	if (!e->rec)
		return getppid();
	return e->rec->task ? e->rec->task->ppid : 0;
}

#define TASK_ID(name, field, own)                                                                  \
	int64_t ctx_##name(Eval *e, const Code *c)                                                 \
	{                                                                                          \
		(void)c;                                                                           \
		if (!e->rec)                                                                       \
			return (int64_t)own();                                                     \
		return e->rec->task ? (int64_t)e->rec->task->field : 0;                            \
	}
TASK_ID(uid, uid, getuid)
TASK_ID(euid, euid, geteuid)
TASK_ID(gid, gid, getgid)
TASK_ID(egid, egid, getegid)

int64_t ctx_cpu(Eval *e, const Code *c)
{
	(void)c;
	return e->rec ? e->rec->cpu : sched_getcpu();
}

/* ---- where ---- */

static const Place *place_of(Eval *e)
{
	if (e->rec && e->rec->place)
		return &e->event->places.v[e->rec->place - 1];
	if (!e->rec || !e->host.place)
		return NULL;
	return e->host.place(e->host.ctx, e->rec->event, e->rec->ip);
}

Str ctx_pp(Eval *e, const Code *c)
{
	const Place *p = place_of(e);
	const char *name = p && p->pp ? p->pp : e->handler->h->name;

	(void)c;
	return name ? str_lit(name) : (Str){"", 0};
}

Str ctx_pn(Eval *e, const Code *c)
{
	const char *name = e->handler->h->pn ? e->handler->h->pn : e->handler->h->name;

	(void)c;
	return name ? str_lit(name) : (Str){"", 0};
}

Str ctx_input(Eval *e, const Code *c)
{
	(void)c;
	return e->input;
}

/* What hooks the probe in, in SystemTap's words. */
Str ctx_probe_type(Eval *e, const Code *c)
{
	static const char *const of_event[] = {[EV_KPROBE] = "kprobe",
					       [EV_KRETPROBE] = "kretprobe",
					       [EV_UPROBE] = "uprobe",
					       [EV_URETPROBE] = "uretprobe",
					       [EV_STATIC] = "kernel_tracepoint",
					       [EV_TPROBE] = "kernel_tracepoint",
					       [EV_TRACEITER] = "kernel_tracepoint"};
	bool jiffies = !strncmp(e->handler->h->name, "timer.jiffies", 13);

	(void)c;
	if (e->handler->h->kind == HANDLER_TIMER)
		return str_lit(jiffies ? "timer" : "hrtimer");
	if (e->handler->h->kind == HANDLER_INPUT || e->handler->h->kind == HANDLER_INPUT_LINE)
		return str_lit("procfs");
	return str_lit(e->event ? of_event[e->event->kind] : "begin_end");
}

/* What stands between @open and one of @stops in @pp; empty when @open is not there. */
static Str part_of(Str pp, const char *open, const char *stops)
{
	const char *at = memmem(pp.p, pp.n, open, strlen(open));
	Str r = {"", 0};

	if (!at)
		return r;
	r.p = at + strlen(open);
	while (r.p + r.n < pp.p + pp.n && !strchr(stops, r.p[r.n]))
		r.n++;
	return r;
}

Str ctx_pnlabel(Eval *e, const Code *c)
{
	return part_of(ctx_pn(e, c), ".label(\"", "\"");
}

/* NAME of function("NAME@file:line") or statement("NAME...") in a probe point; empty without. */
static Str function_in(Str pp)
{
	static const char *const forms[] = {"function(\"", "statement(\"", "inline(\""};
	Str r = {"", 0};

	for (size_t i = 0; i < ARRAY_SIZE(forms) && !r.n; i++)
		r = part_of(pp, forms[i], "@\".+");
	return r;
}

Str ctx_ppfunc(Eval *e, const Code *c)
{
	Str f = function_in(ctx_pp(e, c));
	const Place *p;

	if (f.n)
		return f;
	p = place_of(e);
	return p && p->function ? str_lit(p->function) : f;
}

static bool symbol_here(Eval *e, const char **name, const char **module)
{
	uint64_t off, size;

	return e->rec && e->rec->ip && e->host.symbol &&
	       e->host.symbol(e->host.ctx, e->rec->ip, name, module, &off, &size);
}

Str ctx_probefunc(Eval *e, const Code *c)
{
	Str f = ctx_ppfunc(e, c);
	const char *name, *module;

	if (f.n || !symbol_here(e, &name, &module))
		return f;
	return str_lit(name);
}

Str ctx_probemod(Eval *e, const Code *c)
{
	const char *name, *module;

	(void)c;
	if (!symbol_here(e, &name, &module))
		return (Str){"kernel", 6};
	return module && *module ? str_lit(module) : (Str){"kernel", 6};
}

int64_t ctx_addr(Eval *e, const Code *c)
{
	(void)c;
	return e->rec ? (int64_t)e->rec->ip : 0;
}

int64_t ctx_is_return(Eval *e, const Code *c)
{
	(void)c;
	return e->handler->h->is_return;
}

static bool is_in_user(EventKind kind)
{
	return kind == EV_UPROBE || kind == EV_URETPROBE;
}

int64_t ctx_user_mode(Eval *e, const Code *c)
{
	(void)c;
	return e->event && is_in_user(e->event->kind);
}

int64_t ctx_registers_valid(Eval *e, const Code *c)
{
	(void)c;
	return e->event && (e->event->kind == EV_KPROBE || e->event->kind == EV_KRETPROBE ||
			    is_in_user(e->event->kind));
}

/* ---- when ---- */

static uint64_t wall_clock(Eval *e)
{
	return eval_time(e) + (uint64_t)e->host.realtime_offset_ns;
}

#define CLOCK_IN(name, divisor)                                                                    \
	int64_t ctx_gettimeofday_##name(Eval *e, const Code *c)                                    \
	{                                                                                          \
		(void)c;                                                                           \
		return (int64_t)(wall_clock(e) / (divisor));                                       \
	}
CLOCK_IN(ns, 1)
CLOCK_IN(us, 1000)
CLOCK_IN(ms, 1000000)
CLOCK_IN(s, NS_PER_S)

int64_t ctx_mono_ns(Eval *e, const Code *c)
{
	(void)c;
	return (int64_t)eval_time(e);
}

int64_t ctx_get_cycles(Eval *e, const Code *c)
{
	(void)c;
	return (int64_t)eval_time(e);
}

int64_t ctx_jiffies(Eval *e, const Code *c)
{
	int64_t v;

	(void)c;
	if (e->rec && e->event->jiffies >= 0 && field_num(e->rec, e->event->jiffies, &v))
		return v;
	return (int64_t)(eval_time(e) / (uint64_t)(NS_PER_S / sysconf(_SC_CLK_TCK)));
}
