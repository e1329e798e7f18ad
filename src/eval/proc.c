/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins about the task of the record that no record has: what /proc says about it when the
 * handler runs, a few milliseconds after the hit. Who is gone by then, or has become another
 * program, gives "" or 0 rather than what belongs to somebody else.
 */
#include "eval_int.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DEPTH = 64 }; /* generations between a process and its ancestor */

PRINTF_LIKE(2, 3) static bool read_proc(Buf *b, const char *fmt, ...)
{
	char path[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return !read_file(path, b);
}

/* /proc/@pid/comm, empty when there is none. */
static Str comm_of(Eval *e, const Code *c, int64_t pid)
{
	Buf b = {0};
	Str name = {"", 0};

	if (read_proc(&b, "/proc/%lld/comm", (long long)pid) && b.n)
		name = tmp_copy(e, c->node, (Str){b.s, (uint32_t)b.n - (b.s[b.n - 1] == '\n')});
	buf_free(&b);
	return name;
}

Str ctx_pexecname(Eval *e, const Code *c)
{
	return comm_of(e, c, ctx_ppid(e, c));
}

Str ctx_pid2execname(Eval *e, const Code *c)
{
	return comm_of(e, c, NUM(c->arg[0]));
}

/* Field @n of /proc/@pid/stat as proc(5) counts them, from 4 on; 0 when the process is gone. */
static int64_t stat_field(int64_t pid, int n)
{
	Buf b = {0};
	int64_t v = 0;
	char *at;

	if (!read_proc(&b, "/proc/%lld/stat", (long long)pid))
		return 0;
	at = (char *)(uintptr_t)strrchr(buf_str(&b), ')'); /* the name may have anything in it */
	for (int field = 2; at && field < n; field++)
		at = strchr(at + 1, ' ');
	if (at)
		v = strtoll(at, NULL, 10);
	buf_free(&b);
	return v;
}

int64_t ctx_pgrp(Eval *e, const Code *c)
{
	return stat_field(ctx_pid(e, c), 5);
}

int64_t ctx_sid(Eval *e, const Code *c)
{
	return stat_field(ctx_pid(e, c), 6);
}

/* Column @arg[1] of /proc/PID/statm: pages. */
int64_t ctx_statm(Eval *e, const Code *c)
{
	int64_t pid = NUM(c->arg[0]), column = NUM(c->arg[1]), v = 0;
	Buf b = {0};
	char *at;

	if (!read_proc(&b, "/proc/%lld/statm", (long long)pid))
		return 0;
	at = (char *)(uintptr_t)buf_str(&b);
	for (int64_t i = 0; i <= column; i++)
		v = strtoll(at, &at, 10);
	buf_free(&b);
	return v;
}

int64_t ctx_is_myproc(Eval *e, const Code *c)
{
	return ctx_uid(e, c) == (int64_t)getuid();
}

/* ---- command line and environment ---- */

/* Is the thread of the record still there, and the program that it was? */
static bool is_same_program(Eval *e, const Code *c)
{
	const TaskInfo *t = e->rec ? e->rec->task : NULL;
	Str now;

	if (!e->rec)
		return true;
	if (!t)
		return false;
	now = comm_of(e, c, t->tid);
	return now.n == strnlen(t->comm, sizeof(t->comm)) && !memcmp(now.p, t->comm, now.n);
}

/* The strings of /proc/PID/@file, one behind the other, each with its NUL. */
static bool read_strings(Eval *e, const Code *c, const char *file, Buf *b)
{
	return is_same_program(e, c) &&
	       read_proc(b, "/proc/%lld/%s", (long long)ctx_pid(e, c), file);
}

typedef struct Join {
	char *at, *end;
	Str delim;
	bool more;
} Join;

/* An empty argument would not be seen between delimiters. */
static void join(Join *j, const char *arg)
{
	if (j->more) {
		j->at = rt_put_bytes(j->at, j->end, j->delim.p, j->delim.n);
		if (!*arg)
			arg = "\"\"";
	}
	j->at = rt_put_bytes(j->at, j->end, arg, strlen(arg));
	j->more = true;
}

/* Arguments n .. m of the command, all from n on when m < n, between them the third argument. */
Str ctx_cmdline_args(Eval *e, const Code *c)
{
	int64_t n = NUM(c->arg[0]), m = NUM(c->arg[1]), i = 0;
	Str delim = STR(c->arg[2]);
	Buf b = {0};
	Str r = {"", 0};

	if (read_strings(e, c, "cmdline", &b)) {
		char *start = tmp_room(e, c->node, e->max_str);
		Join j = {.at = start, .end = start + e->max_str, .delim = delim};

		for (size_t at = 0; at < b.n; at += strlen(b.s + at) + 1, i++) {
			if (i >= n && (m < n || i <= m))
				join(&j, b.s + at);
		}
		r = tmp_take(e, start, j.at);
	}
	buf_free(&b);
	return r;
}

Str ctx_env_var(Eval *e, const Code *c)
{
	Str name = STR(c->arg[0]), r = {"", 0};
	Buf b = {0};

	if (name.n && read_strings(e, c, "environ", &b)) {
		for (size_t at = 0; at < b.n && !r.n; at += strlen(b.s + at) + 1) {
			const char *s = b.s + at;

			if (!strncmp(s, name.p, name.n) && s[name.n] == '=')
				r = tmp_copy(e, c->node, str_lit(s + name.n + 1));
		}
	}
	buf_free(&b);
	r.n = r.n < e->max_str ? r.n : e->max_str;
	return r;
}

/* ---- target_set: target() and what descends from it ---- */

static bool in_family(const Eval *e, int pid)
{
	for (int i = 0; i < e->family.n; i++) {
		if (e->family.v[i] == pid)
			return true;
	}
	return e->host.target && pid == e->host.target;
}

static bool descends(Eval *e, int pid)
{
	for (int depth = 0; pid > 1 && depth < MAX_DEPTH; depth++) {
		if (in_family(e, pid))
			return true;
		pid = (int)stat_field(pid, 4);
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

int64_t ctx_runs(Eval *e, const Code *c)
{
	const char *exe = e->rec && e->rec->task ? e->rec->task->exe : NULL;
	Str path = STR(c->arg[0]);

	return exe && strlen(exe) == path.n && !memcmp(exe, path.p, path.n);
}

static int is_pid(const struct dirent *d)
{
	return d->d_name[0] >= '1' && d->d_name[0] <= '9';
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	int x = atoi((*a)->d_name), y = atoi((*b)->d_name);

	return x < y ? -1 : x > y;
}

static void report_line(Eval *e, int pid)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%lld begat %d\n", (long long)stat_field(pid, 4), pid);

	out_bytes(e, line, (size_t)n);
}

/* Who is in the set and lives, each with its parent, by number. */
int64_t ctx_target_set_report(Eval *e, const Code *c)
{
	struct dirent **all;
	int n = e->host.target ? scandir("/proc", &all, is_pid, by_number) : 0;

	(void)c;
	out_bytes(e, "target set:\n", 12);
	for (int i = 0; i < n; i++) {
		int pid = atoi(all[i]->d_name);

		if (descends(e, pid))
			report_line(e, pid);
		free(all[i]);
	}
	if (n > 0)
		free(all);
	return 0;
}
