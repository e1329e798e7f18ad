// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_match: =~ and !~. What the last match of the handler matched is kept for matched() and
 * ngroups(), when the script asks: its tables then have groups.
 */
#include "common/regex.c"

static __maybe_unused bool rt_match(struct rt_ctx *c, const struct rt_regex *re, struct rt_sv s)
{
	if (!re->groups)
		return rt_regex_test(re, s.p, s.n);
	c->n_match = 0;
	if (!rt_regex_match(re, s.p, s.n, c->trail, c->match))
		return false;
	c->n_match = re->groups;
	rt_set(&c->match_text, s);
	return true;
}

static bool rt_need_match(struct rt_ctx *c, const char *at)
{
	if (!c->n_match)
		rt_fail(c, at, "no match: the last =~ failed, or there was none");
	return c->n_match;
}

RT_FN struct rt_sv rt_fn_matched(struct rt_ctx *c, const char *at, struct rt_str *to, s64 i)
{
	const struct rt_span *m;

	if (!rt_need_match(c, at))
		return RT_LIT("");
	if (i < 0 || i >= c->n_match) {
		rt_fail(c, at, "match group %lld does not exist", i);
		return RT_LIT("");
	}
	m = &c->match[i];
	if (m->start < 0)
		return RT_LIT("");
	return rt_copy(to, (struct rt_sv){c->match_text.s + m->start, m->end - m->start});
}

RT_FN struct rt_sv rt_fn_matched_str(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_fn_matched(c, at, to, 0);
}

RT_FN s64 rt_fn_ngroups(struct rt_ctx *c, const char *at)
{
	return rt_need_match(c, at) ? c->n_match : 0;
}
