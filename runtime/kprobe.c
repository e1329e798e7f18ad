// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kprobe: probes at functions, on entry and on return. A return probe that wants values of the entry
 * has them kept with the kernel's record of the call.
 * All are registered disabled, which costs little, and then enabled, many of them together: see hook.c.
 */
#include <linux/kprobes.h>

struct rt_kprobe {
	union {
		struct kprobe k;
		struct kretprobe r;
	};
	const struct rt_probe *p;
	bool registered;
};

static struct rt_kprobe rt_kprobes[RT_N_KPROBES];
static int rt_n_kprobes;

static bool rt_awake(void)
{
	return READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting);
}

static int rt_kprobe_hit(struct kprobe *k, struct pt_regs *regs)
{
	struct rt_hit hit = {.regs = regs, .ip = (unsigned long)k->addr};

	if (rt_awake())
		rt_run(container_of(k, struct rt_kprobe, k)->p, &hit, RT_MAXACTION);
	return 0;
}

/* Return: 1, and the return of this call is not probed, when its values could not be kept. */
static int rt_kretprobe_entered(struct kretprobe_instance *i, struct pt_regs *regs)
{
	struct kretprobe *r = get_kretprobe(i);
	struct rt_hit hit = {.regs = regs, .kept = i->data};
	const struct rt_probe *p;

	if (!r || !rt_awake())
		return 1;
	p = container_of(r, struct rt_kprobe, r)->p;
	hit.ip = (unsigned long)r->kp.addr;
	return !rt_run_entry(p, &hit, RT_MAXACTION);
}

static int rt_kretprobe_hit(struct kretprobe_instance *i, struct pt_regs *regs)
{
	struct kretprobe *r = get_kretprobe(i);
	struct rt_hit hit = {.regs = regs, .kept = i->data, .ret = get_kretprobe_retaddr(i)};

	if (!r || !rt_awake())
		return 0;
	hit.ip = (unsigned long)r->kp.addr;
	rt_run(container_of(r, struct rt_kprobe, r)->p, &hit, RT_MAXACTION);
	return 0;
}

static void rt_kprobe_place(struct kprobe *k, const struct rt_probe *p)
{
	if (p->address)
		k->addr = (kprobe_opcode_t *)p->address;
	else
		k->symbol_name = p->base ?: p->symbol;
	k->offset = p->offset;
}

/* As many calls at once as SystemTap allows by default. */
static int rt_maxactive(const struct rt_probe *p)
{
	return p->maxactive ?: RT_KRETACTIVE ?: max_t(int, 15, 6 * num_possible_cpus());
}

static int rt_kprobe_register(struct rt_kprobe *k, const struct rt_probe *p)
{
	if (p->kind == RT_KPROBE) {
		rt_kprobe_place(&k->k, p);
		k->k.pre_handler = rt_kprobe_hit;
		k->k.flags = KPROBE_FLAG_DISABLED;
		return register_kprobe(&k->k);
	}
	rt_kprobe_place(&k->r.kp, p);
	k->r.handler = rt_kretprobe_hit;
	k->r.entry_handler = p->entry ? rt_kretprobe_entered : NULL;
	k->r.data_size = p->kept_size;
	k->r.maxactive = rt_maxactive(p);
	k->r.kp.flags = KPROBE_FLAG_DISABLED;
	return register_kretprobe(&k->r);
}

/* Places that a wildcard found may be impossible. */
static int rt_kprobe_refused(const struct rt_probe *p, int err)
{
	if (err && !p->optional)
		rt_refused(p, err);
	return p->optional ? 0 : err;
}

static int rt_kprobe_arm(const struct rt_probe *p)
{
	struct rt_kprobe *k = &rt_kprobes[rt_n_kprobes++];
	int err;

	k->p = p;
	err = rt_kprobe_register(k, p);
	k->registered = !err;
	return rt_kprobe_refused(p, err);
}

/* ---- enabled ---- */

static struct kprobe *rt_kprobe_of(struct rt_kprobe *k)
{
	return k->p->kind == RT_KPROBE ? &k->k : &k->r.kp;
}

#ifdef CONFIG_KPROBES_ON_FTRACE
#include "hook.c"
#else
static void rt_hook_all(void)
{
}

static void rt_unhook_all(void)
{
}

static bool rt_is_hooked(const struct kprobe *k)
{
	return false;
}
#endif

/* rt_kprobe_enable - now all of them are to be hit. */
static int rt_kprobe_enable(void)
{
	int i, err = 0;

	rt_hook_all();
	for (i = 0; i < rt_n_kprobes && !err; i++) {
		struct kprobe *k = rt_kprobe_of(&rt_kprobes[i]);

		if (rt_kprobes[i].registered && !rt_is_hooked(k))
			err = rt_kprobe_refused(rt_kprobes[i].p, enable_kprobe(k));
	}
	return err;
}

/* ---- the end ---- */

/* Hits that the kernel left out, since a probe was hit within a probe or too many calls were active. */
static unsigned long rt_kprobe_missed(const struct rt_kprobe *k)
{
	return k->p->kind == RT_KRETPROBE ? k->r.nmissed + k->r.kp.nmissed : k->k.nmissed;
}

static void rt_tell_missed(const struct rt_probe *p, unsigned long n)
{
	if (!n)
		return;
	atomic_add(n, &rt_skipped);
	atomic_add(n, &rt_missed);
	rt_tell("WARNING: ", "Skipped due to missed %s on '%s': %lu",
		p->kind == RT_KRETPROBE ? "kretprobe" : "kprobe", p->pp, n);
}

/* Those of one kind at once: each call of the kernel's waits until nobody is in a probe. */
static void rt_kprobe_disarm_kind(enum rt_kind kind)
{
	static void *list[RT_N_KPROBES];
	int i, n = 0;

	for (i = 0; i < rt_n_kprobes; i++)
		if (rt_kprobes[i].registered && rt_kprobes[i].p->kind == kind)
			list[n++] = &rt_kprobes[i];
	if (n && kind == RT_KRETPROBE)
		unregister_kretprobes((struct kretprobe **)list, n);
	else if (n)
		unregister_kprobes((struct kprobe **)list, n);
}

static void rt_kprobe_disarm(void)
{
	int i;

	rt_unhook_all();
	rt_kprobe_disarm_kind(RT_KPROBE);
	rt_kprobe_disarm_kind(RT_KRETPROBE);
	for (i = 0; i < rt_n_kprobes; i++)
		if (rt_kprobes[i].registered)
			rt_tell_missed(rt_kprobes[i].p, rt_kprobe_missed(&rt_kprobes[i]));
	rt_n_kprobes = 0;
}
