// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timing: the cycles of each handler, for -t. Each processor counts for itself.
 */

static void rt_timing_count(struct rt_ctx *c, u64 cycles)
{
	rt_stat_add(&c->times[c->probe - rt_probes], cycles);
}

static void rt_timing_merge(struct rt_stat *to, const struct rt_stat *s)
{
	if (!s->count)
		return;
	to->min = to->count ? min(to->min, s->min) : s->min;
	to->max = to->count ? max(to->max, s->max) : s->max;
	to->count += s->count;
	to->sum += s->sum;
	to->sq_lo += s->sq_lo;
	to->sq_hi += s->sq_hi + (to->sq_lo < s->sq_lo);
}

static void rt_timing_line(int index)
{
	const struct rt_probe *p = &rt_probes[index];
	struct rt_stat sum = {};
	char text[512];
	int cpu, n;

	for_each_possible_cpu(cpu)
		rt_timing_merge(&sum, &rt_ctxs[cpu]->times[index]);
	if (!sum.count)
		return;
	n = scnprintf(text, sizeof(text),
		      "%s, (%s), hits: %lld, cycles: %lldmin/%lldavg/%lldmax, variance: %lld, from: %s, index: %d\n",
		      p->pp, p->where, sum.count, sum.min, rt_stat_avg(&sum), sum.max,
		      rt_stat_variance(&sum), p->pn, index);
	rt_send(RT_OUT_TEXT, text, n);
}

static void rt_timing_report(void)
{
	static const char head[] = "----- probe hit report: \n";
	int i;

	rt_send(RT_OUT_TEXT, head, sizeof(head) - 1);
	for (i = 0; i < RT_N_PROBES; i++)
		rt_timing_line(i);
}
