// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hit: what a handler may ask about the hit itself: registers, arguments, and in a return probe what
 * was kept when the function was entered.
 */
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>

enum { RT_MAX_KEPT = KRETPROBE_MAX_DATA_SIZE };

/* struct rt_kept_num, rt_kept_str - a value computed at the function's entry, or why it could not be. */
struct rt_kept_num {
	bool failed;
	union {
		s64 num;
		char why[48];
	};
};

struct rt_kept_str {
	bool failed;
	struct rt_str str;
};

static __maybe_unused void rt_keep_num(struct rt_kept_num *k, s64 v)
{
	k->failed = false;
	k->num = v;
}

static __maybe_unused void rt_keep_str(struct rt_kept_str *k, struct rt_sv v)
{
	k->failed = false;
	rt_set(&k->str, v);
}

/* What went wrong at the entry is reported where the return handler wants the value. */
static __maybe_unused void rt_keep_num_error(struct rt_ctx *c, struct rt_kept_num *k)
{
	k->failed = true;
	strscpy(k->why, c->error_text, sizeof(k->why));
	rt_caught(c);
}

static __maybe_unused void rt_keep_str_error(struct rt_ctx *c, struct rt_kept_str *k)
{
	k->failed = true;
	rt_set(&k->str, (struct rt_sv){c->error_text, strlen(c->error_text)});
	rt_caught(c);
}

static __maybe_unused s64 rt_kept_num(struct rt_ctx *c, const struct rt_kept_num *k, const char *at)
{
	if (unlikely(k->failed)) {
		rt_fail(c, at, "%s", k->why);
		return 0;
	}
	return k->num;
}

static __maybe_unused struct rt_sv rt_kept_str(struct rt_ctx *c, const struct rt_kept_str *k, const char *at)
{
	if (unlikely(k->failed)) {
		rt_fail(c, at, "%.*s", (int)k->str.n, k->str.s);
		return RT_LIT("");
	}
	return rt_view(&k->str);
}

/* rt_regs - the registers of the hit, for functions, which any probe may call. */
static __maybe_unused struct pt_regs *rt_regs(struct rt_ctx *c, const char *at)
{
	static struct pt_regs none;

	if (c->hit.regs)
		return c->hit.regs;
	rt_fail(c, at, "no registers are known here");
	return &none;
}

/* rt_user_regs - those of the user program, as it entered the kernel. */
static __maybe_unused struct pt_regs *rt_user_regs(struct rt_ctx *c)
{
	return task_pt_regs(current);
}

static __maybe_unused s64 rt_returnval(struct rt_ctx *c, const char *at)
{
	if (c->hit.regs && (c->probe->kind == RT_KRETPROBE || c->probe->kind == RT_URETPROBE))
		return regs_return_value(c->hit.regs);
	rt_fail(c, at, "no return value is known here");
	return 0;
}

/* rt_arg - the @n-th argument at a function's entry, from 1; those behind the registers are on the stack. */
static __maybe_unused s64 rt_arg(struct rt_ctx *c, s64 n, const char *at)
{
	struct pt_regs *regs = c->hit.regs;

	if (regs && c->hit.ret) /* kept first, when functions ask */
		regs = c->hit.kept;
	if (!regs) {
		rt_fail(c, at, "no function arguments are known here");
		return 0;
	}
	if (n < 1 || n > 32) {
		rt_fail(c, at, "there is no argument %lld", n);
		return 0;
	}
#ifdef RT_USE_UPROBE
	if (user_mode(regs) && n > 6) /* behind the address that the call returns to */
		return rt_user_s64(c, regs->sp + (n - 6) * sizeof(long), at);
#endif
	return regs_get_kernel_argument(regs, n - 1);
}
