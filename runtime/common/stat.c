// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statistics: count, sum, least, greatest, and the sum of squares in 128 bits, so that the variance
 * is exact to the last bit and needs no floating point. Divisions of 128 bits are done by hand:
 * they happen only when a script asks, and a kernel has no library for them.
 */
#include "stat.h"

struct wide {
	uint64_t lo, hi;
};

static struct wide square(int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	unsigned __int128 all = (unsigned __int128)u * u;

	return (struct wide){(uint64_t)all, (uint64_t)(all >> 64)};
}

static struct wide subtract(struct wide a, struct wide b)
{
	struct wide r = {a.lo - b.lo, a.hi - b.hi - (a.lo < b.lo)};

	return r;
}

static struct wide divide(struct wide a, uint64_t by)
{
	struct wide q = {0, 0};
	uint64_t rest = 0;
	int i;

	for (i = 127; i >= 0; i--) {
		uint64_t bit = (i >= 64 ? a.hi >> (i - 64) : a.lo >> i) & 1;
		bool carry = rest >> 63;

		rest = rest << 1 | bit;
		if (carry || rest >= by) {
			rest -= by;
			if (i >= 64)
				q.hi |= (uint64_t)1 << (i - 64);
			else
				q.lo |= (uint64_t)1 << i;
		}
	}
	return q;
}

void rt_stat_add(struct rt_stat *s, int64_t v)
{
	struct wide sq = square(v);

	if (!s->count || v < s->min)
		s->min = v;
	if (!s->count || v > s->max)
		s->max = v;
	s->count++;
	s->sum = (int64_t)((uint64_t)s->sum + (uint64_t)v);
	s->sq_lo += sq.lo;
	s->sq_hi += sq.hi + (s->sq_lo < sq.lo);
}

void rt_stat_join(struct rt_stat *to, const struct rt_stat *s)
{
	if (!s->count)
		return;
	if (!to->count || s->min < to->min)
		to->min = s->min;
	if (!to->count || s->max > to->max)
		to->max = s->max;
	to->count += s->count;
	to->sum = (int64_t)((uint64_t)to->sum + (uint64_t)s->sum);
	to->sq_lo += s->sq_lo;
	to->sq_hi += s->sq_hi + (to->sq_lo < s->sq_lo);
}

int64_t rt_stat_avg(const struct rt_stat *s)
{
	return s->sum / s->count;
}

int64_t rt_stat_variance(const struct rt_stat *s)
{
	struct wide all = {s->sq_lo, s->sq_hi};

	if (s->count < 2)
		return 0;
	all = subtract(all, divide(square(s->sum), (uint64_t)s->count));
	all = divide(all, (uint64_t)s->count - 1);
	return (int64_t)(all.hi || all.lo >> 63 ? ~(uint64_t)0 >> 1 : all.lo);
}

bool rt_hist_linear(struct rt_hist *h, int64_t lo, int64_t hi, int64_t step)
{
	uint64_t n;

	if (step <= 0 || hi < lo)
		return false;
	n = ((uint64_t)hi - (uint64_t)lo) / (uint64_t)step + 3;
	if (n > RT_HIST_LINEAR_MAX)
		return false;
	h->kind = RT_HIST_LINEAR;
	h->n = (int)n;
	h->lo = lo;
	h->step = step;
	return true;
}

void rt_hist_log(struct rt_hist *h)
{
	h->kind = RT_HIST_LOG;
	h->n = RT_HIST_LOG_BUCKETS;
	h->lo = h->step = 0;
}

/* The middle bucket of a logarithmic histogram counts zeros; powers of two go up and down from it.
 */
#define LOG_ZERO (RT_HIST_LOG_BUCKETS / 2)

static int log_bucket(int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	int bits = u ? 64 - __builtin_clzll(u) : 0;
	int b = v < 0 ? LOG_ZERO - bits : LOG_ZERO + bits;

	return b < 0 ? 0 : b >= RT_HIST_LOG_BUCKETS ? RT_HIST_LOG_BUCKETS - 1 : b;
}

int rt_hist_bucket(const struct rt_hist *h, int64_t v)
{
	uint64_t i;

	if (h->kind == RT_HIST_LOG)
		return log_bucket(v);
	if (v < h->lo)
		return 0;
	i = ((uint64_t)v - (uint64_t)h->lo) / (uint64_t)h->step + 1;
	return i >= (uint64_t)h->n - 1 ? h->n - 1 : (int)i;
}

int64_t rt_hist_edge(const struct rt_hist *h, int i)
{
	return (int64_t)((uint64_t)h->lo + (uint64_t)h->step * (uint64_t)i);
}

int64_t rt_hist_low(const struct rt_hist *h, int i)
{
	int bits;

	if (h->kind == RT_HIST_LINEAR) {
		if (i == 0)
			return h->lo;
		if (i == h->n - 1)
			return rt_hist_edge(h, i - 2);
		return rt_hist_edge(h, i - 1);
	}
	bits = i < LOG_ZERO ? LOG_ZERO - i : i - LOG_ZERO;
	if (!bits)
		return 0;
	return i < LOG_ZERO ? (int64_t)(0 - ((uint64_t)1 << (bits - 1)))
			    : (int64_t)((uint64_t)1 << (bits - 1));
}
