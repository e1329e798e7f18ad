// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Histograms as text: a head line, then a line a bucket with its least value, a bar and its count.
 * Empty buckets are shown only next to used ones; a longer run of them becomes a `~`. One blank
 * line ends it.
 */
#include "fmt.h"
#include "stat.h"

#define LINE_MAX_BYTES 160

struct layout {
	const struct rt_hist *h;
	const int64_t *counts;
	int first, last; /* buckets to show */
	int value_width, count_width;
	int64_t scale; /* hits that one @ stands for */
	void (*line)(void *ctx, const char *text, size_t n);
	void *ctx;
};

/* "12", or "<0" and ">100" for what is outside a linear histogram; returns its length. */
static int bucket_name(const struct layout *l, int i, char *buf)
{
	char *p = buf, *end = buf + 32;

	if (l->h->kind == RT_HIST_LINEAR && i == 0)
		*p++ = '<';
	else if (l->h->kind == RT_HIST_LINEAR && i == l->h->n - 1)
		*p++ = '>';
	return (int)(rt_put_long(p, end, rt_hist_low(l->h, i)) - buf);
}

/* Choose the range: used buckets and up to ELISION empty ones on each side. False: all are empty.
 */
static bool find_range(struct layout *l)
{
	int i, low = -1, high = -1;
	int min = 0, max = l->h->n - 1;

	for (i = 0; i < l->h->n; i++) {
		if (!l->counts[i])
			continue;
		if (low < 0)
			low = i;
		high = i;
	}
	if (low < 0)
		return false;
	if (l->h->kind == RT_HIST_LOG) {
		if (rt_hist_low(l->h, low) >= 0) /* nothing was negative */
			min = rt_hist_bucket(l->h, 0);
	} else { /* empty under- and overflow are not worth a line */
		min = low == 0 ? 0 : 1;
		max = high == max ? max : max - 1;
	}
	l->first = low - RT_HIST_ELISION < min ? min : low - RT_HIST_ELISION;
	l->last = high + RT_HIST_ELISION > max ? max : high + RT_HIST_ELISION;
	return true;
}

static void measure(struct layout *l)
{
	int64_t most = 0;
	char buf[32];
	int i, n;

	l->value_width = 5; /* "value" */
	for (i = l->first; i <= l->last; i++) {
		n = bucket_name(l, i, buf);
		if (n > l->value_width)
			l->value_width = n;
		if (l->counts[i] > most)
			most = l->counts[i];
	}
	l->count_width = (int)(rt_put_long(buf, buf + 32, most) - buf);
	l->scale = most / RT_HIST_WIDTH + (most % RT_HIST_WIDTH != 0);
	if (l->scale < 1)
		l->scale = 1;
}

/* Below the bar's foot: rows are left out here. */
static void print_gap(struct layout *l)
{
	char buf[LINE_MAX_BYTES], *end = buf + sizeof(buf), *p;

	p = rt_put_fill(buf, end, ' ', l->value_width + 1);
	p = rt_put_bytes(p, end, "~\n", 2);
	l->line(l->ctx, buf, (size_t)(p - buf));
}

static void print_head(struct layout *l)
{
	char buf[LINE_MAX_BYTES], *end = buf + sizeof(buf), *p;

	p = rt_put_fill(buf, end, ' ', l->value_width - 5);
	p = rt_put_bytes(p, end, "value |", 7);
	p = rt_put_fill(p, end, '-', RT_HIST_WIDTH);
	p = rt_put_bytes(p, end, " count\n", 7);
	l->line(l->ctx, buf, (size_t)(p - buf));
}

static void print_bucket(struct layout *l, int i)
{
	char buf[LINE_MAX_BYTES], *end = buf + sizeof(buf), *p, name[32];
	struct rt_spec count = {.conv = 'd', .width = l->count_width, .precision = -1};
	int64_t bar = l->counts[i] / l->scale;
	int n = bucket_name(l, i, name);

	p = rt_put_fill(buf, end, ' ', l->value_width - n);
	p = rt_put_bytes(p, end, name, (size_t)n);
	p = rt_put_bytes(p, end, " |", 2);
	p = rt_put_fill(p, end, '@', bar);
	p = rt_put_fill(p, end, ' ', RT_HIST_WIDTH + 1 - bar);
	p = rt_put_num(p, end, &count, l->counts[i]);
	p = rt_put_fill(p, end, '\n', 1);
	l->line(l->ctx, buf, (size_t)(p - buf));
}

/* How many empty buckets start at @i. */
static int empty_run(const struct layout *l, int i)
{
	int n = 0;

	while (i + n <= l->last && !l->counts[i + n])
		n++;
	return n;
}

void rt_hist_print(const struct rt_hist *h, const int64_t *counts,
		   void (*line)(void *ctx, const char *text, size_t n), void *ctx)
{
	struct layout l = {.h = h, .counts = counts, .line = line, .ctx = ctx};
	int i, j, run;

	if (!find_range(&l))
		return;
	measure(&l);
	print_head(&l);
	for (i = l.first; i <= l.last; i += run ? run : 1) {
		run = empty_run(&l, i);
		if (run > 2 * RT_HIST_ELISION) {
			for (j = 0; j < RT_HIST_ELISION; j++)
				print_bucket(&l, i + j);
			print_gap(&l);
			for (j = run - RT_HIST_ELISION; j < run; j++)
				print_bucket(&l, i + j);
		} else {
			for (j = 0; j < (run ? run : 1); j++)
				print_bucket(&l, i + j);
		}
	}
	line(ctx, "\n", 1);
}
