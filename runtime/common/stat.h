/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * stat: what `<<<` collects, and histograms.
 */
#ifndef RT_COMMON_STAT_H
#define RT_COMMON_STAT_H

#include "base.h"

struct rt_stat {
	int64_t count, sum, min, max;
	uint64_t sq_lo, sq_hi; /* sum of squares, 128 bits */
};

enum rt_hist_kind { RT_HIST_NONE, RT_HIST_LOG, RT_HIST_LINEAR };

#define RT_HIST_LOG_BUCKETS 128
#define RT_HIST_LINEAR_MAX 128

/* struct rt_hist_style - how it is printed: -DHIST_WIDTH and -DHIST_ELISION. */
struct rt_hist_style {
	int width;   /* of the longest bar */
	int elision; /* empty rows shown beside used ones; negative: all */
};
#define RT_HIST_STYLE ((struct rt_hist_style){50, 2})

/*
 * struct rt_hist - the shape of a histogram. The counts are kept by the owner: @n int64_t. Linear:
 * bucket 0 is below lo, 1 .. n-2 are [lo + (i-1) * step, lo + i * step), n-1 is above.
 */
struct rt_hist {
	enum rt_hist_kind kind;
	int n;
	int64_t lo, step;
};

/* rt_hist_linear - fill in @h; false when the number of buckets is not between 1 and 126. */
RT_COMMON bool rt_hist_linear(struct rt_hist *h, int64_t lo, int64_t hi, int64_t step);
RT_COMMON void rt_hist_log(struct rt_hist *h);
/* rt_hist_bucket - the bucket that counts @v. */
RT_COMMON int rt_hist_bucket(const struct rt_hist *h, int64_t v);
/* rt_hist_low - the smallest value of bucket @i (underflow: lo; overflow: where the last full
 * bucket begins, as SystemTap prints it). */
RT_COMMON int64_t rt_hist_low(const struct rt_hist *h, int i);
/* rt_hist_edge - lo + @i * step of a linear histogram, wrapped as 64 bits are. */
RT_COMMON int64_t rt_hist_edge(const struct rt_hist *h, int i);

/* rt_stat_add - one more value. */
RT_COMMON void rt_stat_add(struct rt_stat *s, int64_t v);
/* rt_stat_join - all values of @s too. */
RT_COMMON void rt_stat_join(struct rt_stat *to, const struct rt_stat *s);
/* rt_stat_avg - the mean, rounded towards zero; count must not be 0. */
RT_COMMON int64_t rt_stat_avg(const struct rt_stat *s);
/* rt_stat_variance - the sample variance, 0 for a single value. */
RT_COMMON int64_t rt_stat_variance(const struct rt_stat *s);

/* rt_hist_print - the histogram as lines of text, in pieces handed to @line. */
RT_COMMON void rt_hist_print(const struct rt_hist *h, const int64_t *counts,
			     const struct rt_hist_style *style,
			     void (*line)(void *ctx, const char *text, size_t n), void *ctx);

#endif
