// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kprobe: probes at functions, on entry and on return.
 */
#include <linux/kprobes.h>

struct rt_kprobe {
	union {
		struct kprobe k;
		struct kretprobe r;
	};
	const struct rt_probe *p;
	bool armed;
};

static struct rt_kprobe rt_kprobes[RT_N_KPROBES];
static int rt_n_kprobes;

static bool rt_awake(void)
{
	return READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting);
}

static int rt_kprobe_hit(struct kprobe *k, struct pt_regs *regs)
{
	if (rt_awake())
		rt_run(container_of(k, struct rt_kprobe, k)->p, regs, RT_MAXACTION);
	return 0;
}

static int rt_kretprobe_hit(struct kretprobe_instance *i, struct pt_regs *regs)
{
	struct kretprobe *r = get_kretprobe(i);

	if (r && rt_awake())
		rt_run(container_of(r, struct rt_kprobe, r)->p, regs, RT_MAXACTION);
	return 0;
}

static int rt_kprobe_arm(const struct rt_probe *p)
{
	struct rt_kprobe *k = &rt_kprobes[rt_n_kprobes++];
	int err;

	k->p = p;
	if (p->kind == RT_KRETPROBE) {
		k->r.kp.symbol_name = p->symbol;
		k->r.handler = rt_kretprobe_hit;
		k->r.maxactive = p->maxactive;
		err = register_kretprobe(&k->r);
	} else {
		k->k.symbol_name = p->symbol;
		k->k.offset = p->offset;
		k->k.pre_handler = rt_kprobe_hit;
		err = register_kprobe(&k->k);
	}
	k->armed = !err;
	return err;
}

static void rt_kprobe_disarm(void)
{
	while (rt_n_kprobes) {
		struct rt_kprobe *k = &rt_kprobes[--rt_n_kprobes];

		if (!k->armed)
			continue;
		if (k->p->kind == RT_KRETPROBE)
			unregister_kretprobe(&k->r);
		else
			unregister_kprobe(&k->k);
	}
}
