// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_write: built-ins of guru mode, which change registers and memory.
 */
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/panic.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

/* ---- function arguments in registers ---- */

static void rt_set_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	static const u16 where[] = {
		offsetof(struct pt_regs, di), offsetof(struct pt_regs, si), offsetof(struct pt_regs, dx),
		offsetof(struct pt_regs, cx), offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
	};

	if (!c->hit.regs || c->probe->kind != RT_KPROBE)
		rt_fail(c, at, "no function arguments are known here");
	else if (n < 1 || n > ARRAY_SIZE(where))
		rt_fail(c, at, "argument %lld is not in a register", n);
	else
		*(u64 *)((char *)c->hit.regs + where[n - 1]) = v;
}

RT_FN void rt_fn_set_int_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, (s32)v);
}

RT_FN s64 rt_fn_set_uint_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, (u32)v);
	return 0;
}

RT_FN void rt_fn_set_long_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

RT_FN void rt_fn_set_ulong_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

RT_FN s64 rt_fn_set_longlong_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
	return 0;
}

RT_FN void rt_fn_set_ulonglong_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

RT_FN void rt_fn_set_pointer_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

RT_FN void rt_fn_set_s32_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, (s32)v);
}

RT_FN void rt_fn_set_s64_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

RT_FN void rt_fn_set_u32_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, (u32)v);
}

RT_FN void rt_fn_set_u64_arg(struct rt_ctx *c, const char *at, s64 n, s64 v)
{
	rt_set_arg(c, at, n, v);
}

/* ---- memory ---- */

RT_FN void rt_fn_set_kernel_char(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_u8(c, addr, v, at);
}

RT_FN void rt_fn_set_kernel_short(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_u16(c, addr, v, at);
}

RT_FN void rt_fn_set_kernel_int(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_u32(c, addr, v, at);
}

RT_FN void rt_fn_set_kernel_long(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_u64(c, addr, v, at);
}

RT_FN void rt_fn_set_kernel_pointer(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_u64(c, addr, v, at);
}

/* At most @n bytes with the NUL at the end. */
static void rt_write_text(struct rt_ctx *c, const char *at, u64 addr, s64 n, struct rt_sv s)
{
	u32 i;

	for (i = 0; i < s.n && i + 1 < n && !c->error; i++)
		rt_write_u8(c, addr + i, s.p[i], at);
	if (n > 0)
		rt_write_u8(c, addr + i, 0, at);
}

RT_FN void rt_fn_set_kernel_string(struct rt_ctx *c, const char *at, s64 addr, struct rt_sv s)
{
	rt_write_text(c, at, addr, S64_MAX, s);
}

RT_FN void rt_fn_set_kernel_string_n(struct rt_ctx *c, const char *at, s64 addr, s64 n, struct rt_sv s)
{
	rt_write_text(c, at, addr, n, s);
}

static void rt_write_user(struct rt_ctx *c, const char *at, u64 addr, const void *from, size_t n)
{
	if (copy_to_user_nofault((void __user *)addr, from, n))
		rt_fail(c, at, "user write fault at 0x%016llx", addr);
}

RT_FN void rt_fn_set_user_char(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_user(c, at, addr, &v, sizeof(u8)); /* its low bytes */
}

RT_FN void rt_fn_set_user_short(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_user(c, at, addr, &v, sizeof(u16)); /* its low bytes */
}

RT_FN void rt_fn_set_user_int(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_user(c, at, addr, &v, sizeof(u32)); /* its low bytes */
}

RT_FN void rt_fn_set_user_long(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_user(c, at, addr, &v, sizeof(u64)); /* its low bytes */
}

RT_FN void rt_fn_set_user_pointer(struct rt_ctx *c, const char *at, s64 addr, s64 v)
{
	rt_write_user(c, at, addr, &v, sizeof(u64)); /* its low bytes */
}

RT_FN void rt_fn_set_user_string(struct rt_ctx *c, const char *at, s64 addr, struct rt_sv s)
{
	rt_write_user(c, at, addr, s.p, s.n);
	if (!c->error)
		rt_write_user(c, at, addr + s.n, "", 1);
}

RT_FN void rt_fn_set_user_string_n(struct rt_ctx *c, const char *at, s64 addr, s64 n, struct rt_sv s)
{
	if (n > 0)
		rt_fn_set_user_string(c, at, addr, (struct rt_sv){s.p, min_t(s64, s.n, n - 1)});
}

/* What cannot be written is only warned about. */
RT_FN void rt_fn_set_user_string_arg(struct rt_ctx *c, const char *at, s64 addr, struct rt_sv s)
{
	rt_fn_set_user_string(c, at, addr, s);
	if (c->error)
		rt_warn_fault(c);
}

/* ---- signals, and the end ---- */

/* struct rt_raise - a signal on its way; it is sent when no lock of the kernel's can be held here. */
struct rt_raise {
	struct irq_work work;
	struct task_struct *task;
	int sig;
};

static void rt_raise_now(struct irq_work *w)
{
	struct rt_raise *r = container_of(w, struct rt_raise, work);

	send_sig(r->sig, r->task, 1);
	put_task_struct(r->task);
}

static DEFINE_PER_CPU(struct rt_raise, rt_raises);

RT_FN void rt_fn_raise(struct rt_ctx *c, const char *at, s64 sig)
{
	struct rt_raise *r = this_cpu_ptr(&rt_raises);

	if (!current->mm) {
		rt_fail(c, at, "raise(%lld): no program runs here", sig);
	} else if (sig < 1 || sig > _NSIG) {
		rt_fail(c, at, "there is no signal %lld", sig);
	} else if (irq_work_is_busy(&r->work)) {
		rt_fail(c, at, "a signal is still on its way");
	} else {
		r->work = IRQ_WORK_INIT_HARD(rt_raise_now); /* a module's per-CPU data has no addresses at first */
		r->task = get_task_struct(current);
		r->sig = sig;
		irq_work_queue(&r->work);
	}
}

RT_FN void rt_fn_panic(struct rt_ctx *c, const char *at, struct rt_sv text)
{
	panic("%.*s", (int)text.n, text.p);
}

RT_FN void rt_fn_dump_stack(struct rt_ctx *c, const char *at)
{
	dump_stack();
}

/* ---- waiting ---- */

RT_FN void rt_fn_udelay(struct rt_ctx *c, const char *at, s64 us)
{
	s64 left;

	for (left = min_t(s64, us, 1000000); left > 0; left -= 1000)
		udelay(min_t(s64, left, 1000));
}

RT_FN void rt_fn_mdelay(struct rt_ctx *c, const char *at, s64 ms)
{
	rt_fn_udelay(c, at, min_t(s64, ms, 1000) * 1000);
}
