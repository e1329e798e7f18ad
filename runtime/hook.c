// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hook: many kprobes hooked at once. To enable one that is where ftrace can hook, the kernel walks over
 * all of its code; so of those many stay disabled, and one ftrace_ops calls their handlers.
 */
#include <linux/ftrace.h>
#include <linux/sort.h>

enum { RT_TOGETHER = 8 }; /* from that many on */

static struct kprobe *rt_hooked[RT_N_KPROBES]; /* by address */
static int rt_n_hooked;

static int rt_hooked_first(unsigned long ip)
{
	int low = 0, high = rt_n_hooked;

	while (low < high) {
		int mid = (low + high) / 2;

		if ((unsigned long)rt_hooked[mid]->addr < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* As the kernel's own hook for kprobes calls them. */
static void rt_hook_hit(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *f)
{
	struct pt_regs *regs = ftrace_get_regs(f);
	unsigned long was;
	int i, bit;

	if (!regs || !rcu_is_watching())
		return;
	bit = ftrace_test_recursion_trylock(ip, parent);
	if (bit < 0) {
		atomic_inc(&rt_reentered);
		return;
	}
	was = instruction_pointer(regs);
	instruction_pointer_set(regs, ip + sizeof(kprobe_opcode_t));
	for (i = rt_hooked_first(ip); i < rt_n_hooked && (unsigned long)rt_hooked[i]->addr == ip; i++)
		rt_hooked[i]->pre_handler(rt_hooked[i], regs);
	instruction_pointer_set(regs, was);
	ftrace_test_recursion_unlock(bit);
}

static struct ftrace_ops rt_hook = {.func = rt_hook_hit, .flags = FTRACE_OPS_FL_SAVE_REGS};

static int rt_hooked_compare(const void *a, const void *b)
{
	const struct kprobe *x = *(struct kprobe *const *)a, *y = *(struct kprobe *const *)b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x < y ? -1 : x > y; /* in the script's order */
}

static void rt_hook_gather(void)
{
	int i;

	for (i = 0; i < rt_n_kprobes; i++) {
		struct kprobe *k = rt_kprobe_of(&rt_kprobes[i]);

		if (rt_kprobes[i].registered && k->flags & KPROBE_FLAG_FTRACE)
			rt_hooked[rt_n_hooked++] = k;
	}
	if (rt_n_hooked < RT_TOGETHER)
		rt_n_hooked = 0;
}

static int rt_hook_gathered(void)
{
	unsigned long *ips = vmalloc(RT_N_KPROBES * sizeof(*ips));
	int i, err;

	if (!ips)
		return -ENOMEM;
	sort(rt_hooked, rt_n_hooked, sizeof(*rt_hooked), rt_hooked_compare, NULL);
	for (i = 0; i < rt_n_hooked; i++)
		ips[i] = (unsigned long)rt_hooked[i]->addr;
	err = ftrace_set_filter_ips(&rt_hook, ips, rt_n_hooked, 0, 1);
	vfree(ips);
	return err ?: register_ftrace_function(&rt_hook);
}

/* rt_hook_all - if there are many; where that fails they are enabled one by one. */
static void rt_hook_all(void)
{
	rt_hook_gather();
	if (rt_n_hooked && rt_hook_gathered())
		rt_n_hooked = 0;
}

static void rt_unhook_all(void)
{
	if (rt_n_hooked)
		unregister_ftrace_function(&rt_hook);
	rt_n_hooked = 0;
	ftrace_free_filter(&rt_hook);
}

/* rt_is_hooked - is it enabled by the above? */
static bool rt_is_hooked(const struct kprobe *k)
{
	return rt_n_hooked && k->flags & KPROBE_FLAG_FTRACE;
}
