// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hist: a histogram printed, to the output or into a string.
 */

static void rt_hist_to_out(void *ctx, const char *text, size_t n)
{
	rt_print(ctx, (struct rt_sv){text, n});
}

static void rt_hist_to_str(void *ctx, const char *text, size_t n)
{
	rt_append(ctx, (struct rt_sv){text, n});
}

/* rt_print_hist - @to: NULL for the output. */
static __maybe_unused void rt_print_hist(struct rt_ctx *c, struct rt_str *to, const struct rt_hist *h,
					 const struct rt_stats *s)
{
	static const struct rt_hist_style style = {RT_HIST_WIDTH, RT_HIST_ELISION};

	if (to)
		to->n = 0;
	rt_hist_print(h, s->bucket, &style, to ? rt_hist_to_str : rt_hist_to_out, to ? (void *)to : c);
}
