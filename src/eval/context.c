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

/* The parent's name as it is now: the record does not have it. Empty when the parent is gone. */
Str ctx_pexecname(Eval *e, const Code *c)
{
	char path[40];
	Buf b = {0};
	Str name = {"", 0};

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)ctx_ppid(e, c));
	if (!read_file(path, &b) && b.n)
		name = tmp_copy(e, c->node, (Str){b.s, (uint32_t)b.n - (b.s[b.n - 1] == '\n')});
	buf_free(&b);
	return name;
}

/* ---- target_set_pid: target() and what descends from it ---- */

static bool in_family(const Eval *e, int pid)
{
	for (int i = 0; i < e->family.n; i++) {
		if (e->family.v[i] == pid)
			return true;
	}
	return e->host.target && pid == e->host.target;
}

/* The parent of a live process, 0 when it is gone. */
static int parent_of(int pid)
{
	Buf b = {0};
	const char *after;
	char path[40];
	int ppid = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!read_file(path, &b)) {
		after = strrchr(buf_str(&b), ')'); /* the name may have anything before it */
		if (!after || sscanf(after + 1, " %*c %d", &ppid) != 1)
			ppid = 0;
	}
	buf_free(&b);
	return ppid;
}

static bool descends(Eval *e, int pid)
{
	for (int depth = 0; pid > 1 && depth < 64; depth++, pid = parent_of(pid)) {
		if (in_family(e, pid))
			return true;
	}
	return false;
}

int64_t ctx_target_set_pid(Eval *e, const Code *c)
{
	const TaskInfo *t = e->rec ? e->rec->task : NULL;
	int pid = (int)NUM(c->arg[0]);

	if (in_family(e, pid))
		return 1;
	if (!(t && t->tgid == pid && in_family(e, t->ppid)) && !descends(e, pid))
		return 0;
	vec_push(e->arena, &e->family, pid);
	return 1;
}

/* ---- where ---- */

static const Place *place_of(Eval *e)
{
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

/* NAME of function("NAME@file:line") or statement("NAME...") in a probe point; empty without. */
static Str function_in(Str pp)
{
	static const char *const forms[] = {"function(\"", "statement(\"", "inline(\""};
	Str r = {"", 0};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *at = memmem(pp.p, pp.n, forms[i], strlen(forms[i]));

		if (!at)
			continue;
		r.p = at + strlen(forms[i]);
		while (r.p + r.n < pp.p + pp.n && !memchr("@\".+", r.p[r.n], 4))
			r.n++;
		return r;
	}
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

int64_t ctx_user_mode(Eval *e, const Code *c)
{
	(void)e;
	(void)c;
	return 0; /* all events of this path are hits in the kernel */
}

int64_t ctx_registers_valid(Eval *e, const Code *c)
{
	(void)c;
	return e->event && (e->event->kind == EV_KPROBE || e->event->kind == EV_KRETPROBE);
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
