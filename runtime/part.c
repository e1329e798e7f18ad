// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * part: numbers and statistics that handlers which are hit often only add to. Each processor has a part
 * of such a value that it adds to under its own lock (RT_ADD). The value is the total and all parts:
 * who holds all locks (RT_STOP) moves the parts into the total before looking at it. In an array
 * the entries, their keys and their order are shared: entry i has the i-th part of each processor.
 */

/* struct rt_stats - a statistic with its histogram's buckets. */
struct rt_stats {
	struct rt_stat s;
	s64 bucket[];
};

/* struct rt_parts - the parts of a scalar, or of the values of an array. */
struct rt_parts {
	bool stats;
	const struct rt_hist *hist;
	u32 bytes; /* of one part */
	void **of; /* of[cpu]: the parts of that processor, one after another */
};

static u32 rt_stat_bytes(const struct rt_hist *h)
{
	return sizeof(struct rt_stats) + (h ? h->n : 0) * sizeof(s64);
}

/* rt_part - what this processor has of the value with that index. */
static inline void *rt_part(struct rt_ctx *c, const struct rt_parts *p, u32 index)
{
	return p->of[c->cpu] + (size_t)index * p->bytes;
}

static __maybe_unused void rt_count(s64 *n, s64 v)
{
	*n = (s64)((u64)*n + (u64)v);
}

static __maybe_unused void rt_sample(struct rt_stats *s, const struct rt_hist *h, s64 v)
{
	rt_stat_add(&s->s, v);
	if (h)
		s->bucket[rt_hist_bucket(h, v)]++;
}

static void rt_stats_move(struct rt_stats *to, struct rt_stats *from, const struct rt_hist *h)
{
	int i;

	if (!from->s.count)
		return;
	rt_stat_join(&to->s, &from->s);
	for (i = 0; h && i < h->n; i++)
		to->bucket[i] += from->bucket[i];
	memset(from, 0, rt_stat_bytes(h));
}

/* rt_whole - move all parts of a value into its @total, and return that. */
static __maybe_unused void *rt_whole(const struct rt_parts *p, void *total, u32 index)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		void *part = p->of[cpu] + (size_t)index * p->bytes;

		if (p->stats) {
			rt_stats_move(total, part, p->hist);
		} else {
			rt_count(total, *(s64 *)part);
			*(s64 *)part = 0;
		}
	}
	return total;
}

/* ---- memory ---- */

static void rt_parts_free(struct rt_parts *p)
{
	int cpu;

	if (!p->of)
		return;
	for_each_possible_cpu(cpu)
		kvfree(p->of[cpu]);
	kfree(p->of);
}

/* @n values; no two processors write to one line of the cache. */
static int rt_parts_init(struct rt_parts *p, u32 n)
{
	int cpu;

	p->bytes = p->stats ? rt_stat_bytes(p->hist) : sizeof(s64);
	p->of = kcalloc(nr_cpu_ids, sizeof(*p->of), GFP_KERNEL);
	if (!p->of)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		p->of[cpu] = kvzalloc_node(round_up((size_t)n * p->bytes, SMP_CACHE_BYTES), GFP_KERNEL,
					   cpu_to_node(cpu));
		if (!p->of[cpu])
			return -ENOMEM;
	}
	return 0;
}
