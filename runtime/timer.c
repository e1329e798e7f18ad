// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timer: timer probes, each a high-resolution timer. They count from the same moment, and a round that
 * comes late is run late, not left out; only after RT_LATE_NS a timer begins anew.
 */
#include <linux/hrtimer.h>
#include <linux/random.h>

#define RT_LATE_NS NSEC_PER_SEC

struct rt_timer {
	struct hrtimer t;
	const struct rt_probe *p;
};

static struct rt_timer rt_timers[RT_N_TIMERS];
static int rt_n_timers;
static ktime_t rt_timer_start;

static ktime_t rt_timer_next(const struct rt_probe *p)
{
	u64 spread = min(p->randomize_ns, p->period_ns - 1), ns = p->period_ns;

	if (spread)
		ns += get_random_u64() % (2 * spread + 1) - spread;
	return ns_to_ktime(ns);
}

static enum hrtimer_restart rt_timer_fired(struct hrtimer *t)
{
	const struct rt_probe *p = container_of(t, struct rt_timer, t)->p;

	if (READ_ONCE(rt_state) != RT_RUNNING || READ_ONCE(rt_exiting))
		return HRTIMER_NORESTART;
	rt_run(p, NULL, RT_MAXACTION);
	hrtimer_add_expires(t, rt_timer_next(p));
	if (ktime_sub(ktime_get(), hrtimer_get_expires(t)) > RT_LATE_NS)
		hrtimer_forward_now(t, rt_timer_next(p));
	return HRTIMER_RESTART;
}

static int rt_timer_arm(const struct rt_probe *p)
{
	struct rt_timer *t = &rt_timers[rt_n_timers++];

	if (rt_n_timers == 1)
		rt_timer_start = ktime_get();
	t->p = p;
	rt_hrtimer_setup(&t->t, rt_timer_fired);
	hrtimer_start(&t->t, ktime_add(rt_timer_start, rt_timer_next(p)), HRTIMER_MODE_ABS);
	return 0;
}

static void rt_timer_disarm(void)
{
	while (rt_n_timers)
		hrtimer_cancel(&rt_timers[--rt_n_timers].t);
}
