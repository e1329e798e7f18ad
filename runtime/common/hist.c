// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Histograms as text: a head line, then a line a bucket with its least value, a bar and its count.
 * Empty buckets are shown only next to used ones; a longer run of them becomes a `~`. One blank
 * line ends it.
 */
#include "fmt.h"
#include "stat.h"

#define MARGIN 2 /* empty buckets that are considered on each side of the used ones */
#define PART 64	 /* bytes handed out at a time */

struct layout {
	const struct rt_hist *h;
	const int64_t *counts;
	const struct rt_hist_style *style;
	int first, last; /* buckets to show */
	int value_width, count_width;
	int64_t scale; /* hits that one @ stands for */
	void (*line)(void *ctx, const char *text, size_t n);
	void *ctx;
};

static int number_width(int64_t v)
{
	char buf[32];

	return (int)(rt_put_long(buf, buf + sizeof(buf), v) - buf);
}

/* '<' and '>' stand before what is outside a linear histogram; 0 elsewhere. */
static char outside(const struct rt_hist *h, int i)
{
	if (h->kind != RT_HIST_LINEAR)
		return 0;
	return i == 0 ? '<' : i == h->n - 1 ? '>' : 0;
}

/* Choose the range: used buckets and a margin on each side. False: all are empty. */
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
	l->first = low - MARGIN < min ? min : low - MARGIN;
	l->last = high + MARGIN > max ? max : high + MARGIN;
	return true;
}

/*
 * As wide as the first and the last value; SystemTap takes for the last one of a linear histogram
 * what would come behind it, and so do we: people compare outputs.
 */
static int value_width(const struct layout *l)
{
	const struct rt_hist *h = l->h;
	int first, last, most;

	if (h->kind == RT_HIST_LINEAR) {
		first = number_width(h->lo) + (outside(h, l->first) == '<');
		last = number_width(rt_hist_edge(h, l->last)) + (outside(h, l->last) == '>');
	} else {
		first = number_width(rt_hist_low(h, l->first));
		last = number_width(rt_hist_low(h, l->last));
	}
	most = first > last ? first : last;
	return most > 5 ? most : 5; /* "value" */
}

static void measure(struct layout *l)
{
	int64_t most = 0;
	int i;

	for (i = l->first; i <= l->last; i++) {
		if (l->counts[i] > most)
			most = l->counts[i];
	}
	l->value_width = value_width(l);
	l->count_width = number_width(most);
	l->scale = most / l->style->width + (most % l->style->width != 0);
	if (l->scale < 1)
		l->scale = 1;
}

static void put(struct layout *l, const char *text, size_t n)
{
	l->line(l->ctx, text, n);
}

static void put_fill(struct layout *l, char c, int64_t n)
{
	char part[PART];

	for (; n > 0; n -= PART)
		put(l, part, (size_t)(rt_put_fill(part, part + PART, c, n) - part));
}

static void put_number(struct layout *l, int width, int64_t v)
{
	char buf[32];

	put_fill(l, ' ', width - number_width(v));
	put(l, buf, (size_t)(rt_put_long(buf, buf + sizeof(buf), v) - buf));
}

/* Below the bar's foot: rows are left out here. */
static void print_gap(struct layout *l)
{
	put_fill(l, ' ', l->value_width + 1);
	put(l, "~\n", 2);
}

static void print_head(struct layout *l)
{
	put_fill(l, ' ', l->value_width - 5);
	put(l, "value |", 7);
	put_fill(l, '-', l->style->width);
	put(l, " count\n", 7);
}

static void print_bucket(struct layout *l, int i)
{
	int64_t bar = l->counts[i] / l->scale, low = rt_hist_low(l->h, i);
	char sign = outside(l->h, i);

	put_fill(l, ' ', l->value_width - number_width(low) - (sign != 0));
	put(l, &sign, sign != 0);
	put_number(l, 0, low);
	put(l, " |", 2);
	put_fill(l, '@', bar);
	put_fill(l, ' ', l->style->width + 1 - bar);
	put_number(l, l->count_width, l->counts[i]);
	put(l, "\n", 1);
}

/* Is row @i empty, and are those around it, as far as they would be shown? */
static bool is_elided(const struct layout *l, int i)
{
	int near = l->style->elision, k;

	if (near < 0)
		return false;
	if (near > l->h->n)
		near = l->h->n;
	for (k = i - near; k <= i + near; k++) {
		if (k >= l->first && k <= l->last && l->counts[k])
			return false;
	}
	return true;
}

void rt_hist_print(const struct rt_hist *h, const int64_t *counts,
		   const struct rt_hist_style *style,
		   void (*line)(void *ctx, const char *text, size_t n), void *ctx)
{
	struct layout l = {.h = h, .counts = counts, .style = style, .line = line, .ctx = ctx};
	bool gap = false;
	int i;

	if (!find_range(&l))
		return;
	measure(&l);
	print_head(&l);
	for (i = l.first; i <= l.last; i++) {
		bool elided = is_elided(&l, i);

		if (gap && !elided)
			print_gap(&l);
		if (!elided)
			print_bucket(&l, i);
		gap = elided;
	}
	put(&l, "\n", 1);
}
