/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kernel stacks and addresses as text. A line of print_backtrace() reads
 * ` 0xffffffff81234567 : vfs_read+0x12/0x1a0 [kernel]`.
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 128, LINE_BYTES = 512 };

static char *put_text(char *p, char *end, const char *s)
{
	return rt_put_bytes(p, end, s, strlen(s));
}

/** put_symbol - "vfs_read+0x12/0x1a0 [kernel]", or the bare address. */
char *put_symbol(Eval *e, char *p, char *end, uint64_t addr)
{
	const char *name, *module = NULL;
	uint64_t off = 0, size = 0;

	if (!e->host.symbol || !e->host.symbol(e->host.ctx, addr, &name, &module, &off, &size))
		return rt_put_hex(p, end, addr);
	p = put_text(p, end, name);
	p = rt_put_bytes(p, end, "+", 1);
	p = rt_put_hex(p, end, off);
	p = rt_put_bytes(p, end, "/", 1);
	p = rt_put_hex(p, end, size);
	p = rt_put_bytes(p, end, " [", 2);
	p = put_text(p, end, module && *module ? module : "kernel");
	return rt_put_bytes(p, end, "]", 1);
}

static char *put_line(Eval *e, char *p, char *end, uint64_t addr)
{
	static const struct rt_spec hex = {.conv = 'x', .flag = 0, .width = -1, .precision = 16};

	p = rt_put_bytes(p, end, " 0x", 3);
	p = rt_put_num(p, end, &hex, (int64_t)addr);
	p = rt_put_bytes(p, end, " : ", 3);
	p = put_symbol(e, p, end, addr);
	return rt_put_bytes(p, end, "\n", 1);
}

static bool same_function(Eval *e, uint64_t a, uint64_t b)
{
	const char *na, *nb, *m;
	uint64_t off_a, off_b, size;

	if (a == b)
		return true;
	if (!e->host.symbol || !e->host.symbol(e->host.ctx, a, &na, &m, &off_a, &size) ||
	    !e->host.symbol(e->host.ctx, b, &nb, &m, &off_b, &size))
		return false;
	return a - off_a == b - off_b;
}

/* The addresses of this hit's stack, innermost first, in @out; their number. */
static int frames(Eval *e, uint64_t *out)
{
	const Record *r = e->rec;
	int64_t most = e->limits.max_backtrace;
	int n = 0, i = 0;

	if (!r)
		return 0;
	if (most <= 0 || most > MAX_FRAMES)
		most = MAX_FRAMES;
	if (r->ip)
		out[n++] = r->ip;
	if (n && r->n_stack && same_function(e, r->ip, r->stack[0]))
		i = 1;
	for (; i < r->n_stack && n < most; i++)
		out[n++] = r->stack[i];
	return n;
}

static void print_line(Eval *e, uint64_t addr)
{
	char line[LINE_BYTES];

	out_bytes(e, line, (size_t)(put_line(e, line, line + sizeof(line), addr) - line));
}

static void print_return(Eval *e, const uint64_t *at, int n)
{
	static const char from[] = "Returning from: ", to[] = "Returning to  : ";

	out_bytes(e, from, strlen(from));
	print_line(e, at[0]);
	if (n > 1) {
		out_bytes(e, to, strlen(to));
		print_line(e, at[1]);
	}
}

int64_t sym_print_backtrace(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int n = frames(e, at), i = 0;

	(void)c;
	if (e->handler->h->is_return && n) {
		print_return(e, at, n);
		i = 2;
	}
	for (; i < n; i++)
		print_line(e, at[i]);
	return 0;
}

static Str symbols_text(Eval *e, const Node *node, const uint64_t *at, int n)
{
	char *p = tmp_room(e, node, e->max_str), *to = p, *end = p + e->max_str;

	for (int i = 0; i < n; i++) {
		to = put_symbol(e, to, end, at[i]);
		to = rt_put_bytes(to, end, "\n", 1);
	}
	return tmp_take(e, p, to);
}

Str sym_sprint_backtrace(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int n = frames(e, at);

	return symbols_text(e, c->node, at, n);
}

static Str addresses_text(Eval *e, const Node *node, const uint64_t *at, int n)
{
	char *p = tmp_room(e, node, e->max_str), *to = p, *end = p + e->max_str;

	for (int i = 0; i < n; i++) {
		if (end - to < 20) /* never half an address */
			break;
		if (i)
			to = rt_put_bytes(to, end, " ", 1);
		to = rt_put_hex(to, end, at[i]);
	}
	return tmp_take(e, p, to);
}

Str sym_backtrace(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int n = frames(e, at);

	return addresses_text(e, c->node, at, n);
}

Str sym_callers(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int64_t want = NUM(c->arg[0]);
	int n = frames(e, at);

	if (want >= 0 && want < n)
		n = (int)want;
	return addresses_text(e, c->node, at, n);
}

int64_t sym_stack(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int64_t i = NUM(c->arg[0]);
	int n = frames(e, at);

	return i >= 0 && i < n ? (int64_t)at[i] : 0;
}

int64_t sym_caller_addr(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];

	(void)c;
	return frames(e, at) > 1 ? (int64_t)at[1] : 0;
}

static Str name_of(Eval *e, const Node *node, uint64_t addr)
{
	const char *name, *module;
	uint64_t off, size;
	char *p;

	if (e->host.symbol && e->host.symbol(e->host.ctx, addr, &name, &module, &off, &size))
		return tmp_copy(e, node, str_lit(name));
	p = tmp_room(e, node, e->max_str);
	return tmp_take(e, p, rt_put_hex(p, p + e->max_str, addr));
}

Str sym_caller(Eval *e, const Code *c)
{
	uint64_t addr = (uint64_t)sym_caller_addr(e, c);
	Str name = name_of(e, c->node, addr);
	char *p = tmp_room(e, c->node, e->max_str), *end = p + e->max_str, *to;

	to = rt_put_bytes(p, end, name.p, name.n);
	to = rt_put_bytes(to, end, " ", 1);
	return tmp_take(e, p, rt_put_hex(to, end, addr));
}

Str sym_symname(Eval *e, const Code *c)
{
	return name_of(e, c->node, (uint64_t)NUM(c->arg[0]));
}

Str sym_symdata(Eval *e, const Code *c)
{
	uint64_t addr = (uint64_t)NUM(c->arg[0]);
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, put_symbol(e, p, p + e->max_str, addr));
}

Str sym_modname(Eval *e, const Code *c)
{
	uint64_t addr = (uint64_t)NUM(c->arg[0]), off, size;
	const char *name, *module = NULL;

	if (!e->host.symbol || !e->host.symbol(e->host.ctx, addr, &name, &module, &off, &size))
		return (Str){"<unknown>", 9};
	return module && *module ? tmp_copy(e, c->node, str_lit(module)) : (Str){"kernel", 6};
}

/* Without debug information the address itself stands for file and line. */
Str sym_symfileline(Eval *e, const Code *c)
{
	uint64_t addr = (uint64_t)NUM(c->arg[0]);
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_hex(p, p + e->max_str, addr));
}

/* ---- stacks as text: hexadecimal addresses with blanks between ---- */

static int parse_stack(Eval *e, const Code *c, uint64_t *out)
{
	const char *s = tmp_cstr(e, c->node, STR(c->arg[0]));
	int n = 0;

	while (n < MAX_FRAMES) {
		char *end;
		uint64_t v = strtoull(s, &end, 16);

		if (end == s)
			break;
		out[n++] = v;
		s = end;
	}
	return n;
}

int64_t sym_print_stack(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int n = parse_stack(e, c, at);

	for (int i = 0; i < n; i++)
		print_line(e, at[i]);
	return 0;
}

Str sym_sprint_stack(Eval *e, const Code *c)
{
	uint64_t at[MAX_FRAMES];
	int n = parse_stack(e, c, at);

	return symbols_text(e, c->node, at, n);
}
