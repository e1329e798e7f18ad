// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_stack: built-ins about where the hit is: address, function, kernel stack, symbols. A line of
 * print_backtrace() reads ` 0xffffffff81234567 : vfs_read+0x12/0x1a0 [kernel]`.
 */
#ifndef RT_FN_STACK
#define RT_FN_STACK

#include <linux/kallsyms.h>
#include <linux/stacktrace.h>
#include <asm/unwind.h>

enum { RT_MAX_FRAMES = 128, RT_SYMBOL_BYTES = KSYM_SYMBOL_LEN + 16 };

/* struct rt_frames - of one processor's handler, which has not that much stack to spare. */
struct rt_frames {
	unsigned long at[RT_MAX_FRAMES];
	char symbol[RT_SYMBOL_BYTES];
};

static DEFINE_PER_CPU(struct rt_frames, rt_frames);

/* ---- symbols ---- */

static char *rt_put_c(char *p, char *end, const char *s)
{
	return rt_put_bytes(p, end, s, strlen(s));
}

/* "vfs_read+0x12/0x1a0 [kernel]" or "ovl_open+0x0/0x90 [overlay]"; NULL: nothing is known of @addr. */
static const char *rt_symbol(unsigned long addr)
{
	char *s = this_cpu_ptr(&rt_frames)->symbol;

	sprint_symbol(s, addr);
	if (!strchr(s, '+'))
		return NULL;
	if (!strchr(s, '['))
		strcat(s, " [kernel]");
	return s;
}

static char *rt_put_symbol(char *p, char *end, unsigned long addr)
{
	const char *s = rt_symbol(addr);

	return s ? rt_put_c(p, end, s) : rt_put_hex(p, end, addr);
}

/* The name alone. */
static struct rt_sv rt_symbol_name(struct rt_str *to, unsigned long addr)
{
	const char *s = rt_symbol(addr);

	if (s)
		return rt_copy(to, (struct rt_sv){s, strcspn(s, "+")});
	to->n = rt_put_hex(to->s, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

/* What stands in brackets, or @otherwise. */
static struct rt_sv rt_symbol_module(struct rt_str *to, unsigned long addr, struct rt_sv otherwise)
{
	const char *s = rt_symbol(addr);

	s = s ? strchr(s, '[') : NULL;
	return rt_copy(to, s ? (struct rt_sv){s + 1, strcspn(s + 1, "]")} : otherwise);
}

/* ---- stacks ---- */

/* The callers of what @regs stand in, or those of @task, which sleeps, without. */
static int rt_unwind(struct task_struct *task, unsigned long *at, int most, struct pt_regs *regs)
{
	struct unwind_state u;
	int n = 0;

	for (unwind_start(&u, task, regs, NULL); n < most && !unwind_done(&u); unwind_next_frame(&u)) {
		unsigned long addr = unwind_get_return_address(&u);

		if (!addr)
			break;
		at[n++] = addr;
	}
	return n;
}

static int rt_probe_frames(const struct rt_hit *hit, unsigned long *at)
{
	struct pt_regs regs = *hit->regs;
	int n = 0;

	at[n++] = hit->ip;
	if (hit->ret) { /* as the caller will go on */
		regs.ip = hit->ret;
		at[n++] = hit->ret;
	}
	return n + rt_unwind(current, at + n, RT_MAX_FRAMES - n, &regs);
}

/* From here; the frames of this module and of the tracepoint's own machinery are left out. */
static int rt_own_frames(unsigned long *at)
{
	int n = stack_trace_save(at, RT_MAX_FRAMES, 0), i = 0;
	const char *s;

	while (i < n && within_module(at[i], THIS_MODULE))
		i++;
	while (i < n && (s = rt_symbol(at[i])) &&
	       (!strncmp(s, "__traceiter_", 12) || !strncmp(s, "__SCT__", 7)))
		i++;
	memmove(at, at + i, (n - i) * sizeof(*at));
	return n - i;
}

/* The addresses of this hit's stack, innermost first, in rt_frames; their number. */
static int rt_stack(struct rt_ctx *c)
{
	unsigned long *at = this_cpu_ptr(&rt_frames)->at;
	int n = 0;

	if (c->hit.regs && !user_mode(c->hit.regs))
		n = rt_probe_frames(&c->hit, at);
	else if (c->probe->kind == RT_TRACEPOINT)
		n = rt_own_frames(at);
	return min_t(s64, n, RT_MAXBACKTRACE);
}

static char *rt_put_frame(char *p, char *end, unsigned long addr)
{
	static const struct rt_spec hex = {.conv = 'x', .flag = 0, .width = -1, .precision = 16};

	p = rt_put_bytes(p, end, " 0x", 3);
	p = rt_put_num(p, end, &hex, (s64)addr);
	p = rt_put_bytes(p, end, " : ", 3);
	p = rt_put_symbol(p, end, addr);
	return rt_put_bytes(p, end, "\n", 1);
}

static void rt_print_frame(struct rt_ctx *c, unsigned long addr)
{
	rt_room(c);
	c->out = rt_put_frame(c->out, c->out_end, addr);
}

static void rt_print_frames(struct rt_ctx *c, const unsigned long *at, int n)
{
	int i;

	for (i = 0; i < n; i++)
		rt_print_frame(c, at[i]);
}

static struct rt_sv rt_symbols_text(struct rt_str *to, const unsigned long *at, int n)
{
	char *p = to->s, *end = to->s + RT_STR_ROOM;
	int i;

	for (i = 0; i < n; i++) {
		p = rt_put_symbol(p, end, at[i]);
		p = rt_put_bytes(p, end, "\n", 1);
	}
	to->n = p - to->s;
	return rt_view(to);
}

/* Hexadecimal with blanks between, never half an address. */
static struct rt_sv rt_addresses_text(struct rt_str *to, const unsigned long *at, int n)
{
	char *p = to->s, *end = to->s + RT_STR_ROOM;
	int i;

	for (i = 0; i < n && end - p >= 20; i++) {
		if (i)
			p = rt_put_bytes(p, end, " ", 1);
		p = rt_put_hex(p, end, at[i]);
	}
	to->n = p - to->s;
	return rt_view(to);
}

static int rt_hex_digit(char ch)
{
	char low = ch | 32;

	return ch >= '0' && ch <= '9' ? ch - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* One address of such text from *@i on; false: there is none. */
static bool rt_parse_address(struct rt_sv s, u32 *i, unsigned long *ret)
{
	u32 from;

	while (*i < s.n && (s.p[*i] == ' ' || s.p[*i] == '\n'))
		(*i)++;
	if (*i + 2 < s.n && s.p[*i] == '0' && (s.p[*i + 1] | 32) == 'x')
		*i += 2;
	from = *i;
	for (*ret = 0; *i < s.n && rt_hex_digit(s.p[*i]) >= 0; (*i)++)
		*ret = *ret << 4 | rt_hex_digit(s.p[*i]);
	return *i > from;
}

static int rt_parse_stack(struct rt_sv s)
{
	unsigned long *at = this_cpu_ptr(&rt_frames)->at;
	u32 i = 0;
	int n = 0;

	while (n < RT_MAX_FRAMES && rt_parse_address(s, &i, &at[n]))
		n++;
	return n;
}

/* ---- built-ins: the place ---- */

RT_FN s64 rt_fn_addr(struct rt_ctx *c, const char *at)
{
	return c->hit.ip;
}

RT_FN struct rt_sv rt_fn_ppfunc(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	const char *f = c->probe->function ?: "";

	return rt_copy(to, (struct rt_sv){f, strlen(f)});
}

RT_FN struct rt_sv rt_fn_probefunc(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	if (c->probe->function || !c->hit.ip)
		return rt_fn_ppfunc(c, at, to);
	return rt_symbol_name(to, c->hit.ip);
}

RT_FN struct rt_sv rt_fn_probemod(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_symbol_module(to, c->hit.ip, RT_LIT("kernel"));
}

RT_FN s64 rt_fn_is_return(struct rt_ctx *c, const char *at)
{
	return c->probe->kind == RT_KRETPROBE;
}

RT_FN s64 rt_fn_registers_valid(struct rt_ctx *c, const char *at)
{
	return c->hit.regs != NULL;
}

RT_FN s64 rt_fn_user_mode(struct rt_ctx *c, const char *at)
{
	return c->hit.regs && user_mode(c->hit.regs);
}

/* ---- built-ins: the stack ---- */

RT_FN void rt_fn_print_backtrace(struct rt_ctx *c, const char *at)
{
	const unsigned long *f = this_cpu_ptr(&rt_frames)->at;
	int n = rt_stack(c), done = 0;

	if (c->probe->kind == RT_KRETPROBE && n > 1) {
		rt_print(c, RT_LIT("Returning from: "));
		rt_print_frame(c, f[0]);
		rt_print(c, RT_LIT("Returning to  : "));
		rt_print_frame(c, f[1]);
		done = 2;
	}
	rt_print_frames(c, f + done, n - done);
}

RT_FN void rt_fn_print_backtrace_fileline(struct rt_ctx *c, const char *at)
{
	rt_fn_print_backtrace(c, at);
}

RT_FN struct rt_sv rt_fn_sprint_backtrace(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	int n = rt_stack(c);

	return rt_symbols_text(to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN struct rt_sv rt_fn_backtrace(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	int n = rt_stack(c);

	return rt_addresses_text(to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN struct rt_sv rt_fn_callers(struct rt_ctx *c, const char *at, struct rt_str *to, s64 want)
{
	int n = rt_stack(c);

	return rt_addresses_text(to, this_cpu_ptr(&rt_frames)->at, want >= 0 && want < n ? (int)want : n);
}

RT_FN s64 rt_fn_stack(struct rt_ctx *c, const char *at, s64 i)
{
	return i >= 0 && i < rt_stack(c) ? this_cpu_ptr(&rt_frames)->at[i] : 0;
}

RT_FN s64 rt_fn_caller_addr(struct rt_ctx *c, const char *at)
{
	return rt_fn_stack(c, at, 1);
}

RT_FN struct rt_sv rt_fn_caller(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	unsigned long addr = rt_fn_caller_addr(c, at);

	rt_symbol_name(to, addr);
	rt_append(to, RT_LIT(" "));
	to->n = rt_put_hex(to->s + to->n, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

/* ---- built-ins: addresses and stacks that a script has ---- */

RT_FN struct rt_sv rt_fn_symname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_symbol_name(to, addr);
}

RT_FN struct rt_sv rt_fn_symdata(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	to->n = rt_put_symbol(to->s, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_modname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_symbol_module(to, addr, RT_LIT("<unknown>"));
}

/* There is no debug information: the address itself stands for file and line. */
RT_FN struct rt_sv rt_fn_symfileline(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	to->n = rt_put_hex(to->s, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_symfile(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_fn_symfileline(c, at, to, addr);
}

RT_FN struct rt_sv rt_fn_symline(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_fn_symfileline(c, at, to, addr);
}

RT_FN void rt_fn_print_stack(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	int n = rt_parse_stack(s);

	rt_print_frames(c, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN void rt_fn_print_syms(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_fn_print_stack(c, at, s);
}

RT_FN struct rt_sv rt_fn_sprint_stack(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s)
{
	int n = rt_parse_stack(s);

	return rt_symbols_text(to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN struct rt_sv rt_fn_sprint_syms(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s)
{
	return rt_fn_sprint_stack(c, at, to, s);
}

#endif
