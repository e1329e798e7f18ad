/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins about the session: ending it, messages, commands, and small facts about the tool.
 */
#include "eval_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t ses_exit(Eval *e, const Code *c)
{
	(void)c;
	e->exiting = true;
	return 0;
}

int64_t ses_abort(Eval *e, const Code *c)
{
	(void)c;
	e->exiting = true;
	raise_abort(e);
}

int64_t ses_error(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	raise_error(e, c->node, "%.*s", (int)s.n, s.p);
}

int64_t ses_warn(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	out_message(e, "WARNING: ", "%.*s", (int)s.n, s.p);
	return 0;
}

int64_t ses_log(Eval *e, const Code *c)
{
	Str s = STR(c->arg[0]);

	out_bytes(e, s.p, s.n);
	out_bytes(e, "\n", 1);
	return 0;
}

/* Write @b, which is given up, to the first of @paths (NULL ends) that is there; @who warns. */
static void write_to(Eval *e, const char *who, const char *const *paths, Buf *b)
{
	const char *path = *paths;
	int fd = -1;

	for (; *paths && fd < 0; paths++) {
		path = *paths;
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0 || write(fd, b->s, b->n) < 0)
		out_message(e, "WARNING: ", "%s: cannot write to %s", who, path);
	if (fd >= 0)
		close(fd);
	buf_free(b);
}

int64_t ses_printk(Eval *e, const Code *c)
{
	static const char *const paths[] = {"/dev/kmsg", NULL};
	int64_t level = NUM(c->arg[0]);
	Str s = STR(c->arg[1]);
	Buf b = {0};

	buf_printf(&b, "<%d>%.*s\n", (int)(level & 7), (int)s.n, s.p);
	write_to(e, "printk", paths, &b);
	return 0;
}

/* Into the buffer that everyone shares, beside what others trace; ours is an instance of its own.
 */
int64_t ses_ftrace(Eval *e, const Code *c)
{
	static const char *const paths[] = {"/sys/kernel/tracing/trace_marker",
					    "/sys/kernel/debug/tracing/trace_marker", NULL};
	Str s = STR(c->arg[0]);
	Buf b = {0};

	buf_printf(&b, "%.*s\n", (int)s.n, s.p);
	write_to(e, "ftrace", paths, &b);
	return 0;
}

int64_t ses_system(Eval *e, const Code *c)
{
	const char *cmd = tmp_cstr(e, c->node, STR(c->arg[0]));

	out_flush(e);
	if (!shell_start(cmd, e->host.out_fd))
		out_message(e, "WARNING: ", "system: cannot start a process");
	return 0;
}

int64_t ses_nothing(Eval *e, const Code *c)
{
	for (int i = 0; i < c->n; i++)
		NUM(c->arg[i]);
	return 0;
}

int64_t ses_switch_file(Eval *e, const Code *c)
{
	(void)c;
	out_flush(e);
	if (e->host.switch_file)
		e->host.switch_file(e->host.ctx);
	return 0;
}

int64_t ses_target(Eval *e, const Code *c)
{
	(void)c;
	return e->host.target;
}

int64_t ses_stp_pid(Eval *e, const Code *c)
{
	(void)c;
	return e->self;
}

Str ses_module_name(Eval *e, const Code *c)
{
	(void)c;
	return str_lit(e->host.module_name ? e->host.module_name : "tapx");
}

int64_t ses_page_size(Eval *e, const Code *c)
{
	(void)e;
	(void)c;
	return sysconf(_SC_PAGESIZE);
}

/* The load average over 1, 5 or 15 minutes (argument 0, 1, 2) times 100. */
int64_t ses_loadavg(Eval *e, const Code *c)
{
	double load[3];
	int64_t which = NUM(c->arg[0]);

	if (which < 0 || which > 2)
		raise_error(e, c->node, "there is no load average %lld", (long long)which);
	return getloadavg(load, 3) == 3 ? (int64_t)(load[which] * 100) : 0;
}

#define RANDINT_MOST (1 << 20)

int64_t ses_randint(Eval *e, const Code *c)
{
	int64_t n = NUM(c->arg[0]);

	if (n < 0 || n > RANDINT_MOST)
		raise_error(e, c->node, "range too wide");
	if (n == 0)
		return 0;
	e->seed ^= e->seed << 13;
	e->seed ^= e->seed >> 7;
	e->seed ^= e->seed << 17;
	return (int64_t)((e->seed >> 1) % (uint64_t)n);
}
