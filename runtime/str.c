// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * str: text. Views are compared and copied with their lengths; what does not fit is cut.
 */

enum { RT_STR_ROOM = RT_MAXSTRINGLEN - 1 };

static __maybe_unused void rt_set(struct rt_str *to, struct rt_sv v)
{
	u32 n = min_t(u32, v.n, RT_STR_ROOM);

	memmove(to->s, v.p, n);
	to->n = n;
}

/* rt_copy - the same, and the view of the copy. */
static __maybe_unused struct rt_sv rt_copy(struct rt_str *to, struct rt_sv v)
{
	rt_set(to, v);
	return rt_view(to);
}

static __maybe_unused struct rt_sv rt_append(struct rt_str *to, struct rt_sv v)
{
	u32 n = min_t(u32, v.n, RT_STR_ROOM - to->n);

	memmove(to->s + to->n, v.p, n);
	to->n += n;
	return rt_view(to);
}

static __maybe_unused struct rt_sv rt_concat(struct rt_str *to, struct rt_sv a, struct rt_sv b)
{
	rt_set(to, a);
	return rt_append(to, b);
}

static __maybe_unused int rt_cmp(struct rt_sv a, struct rt_sv b)
{
	int r = memcmp(a.p, b.p, min(a.n, b.n));

	return r ?: (a.n > b.n) - (a.n < b.n);
}

static __maybe_unused bool rt_same(struct rt_sv a, struct rt_sv b)
{
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

/* rt_sprinted - text made by conversions ends where a NUL stands. */
static __maybe_unused struct rt_sv rt_sprinted(struct rt_str *s, const char *end)
{
	s->n = strnlen(s->s, end - s->s);
	return rt_view(s);
}

/* ---- $value: the text that a probe gives or gets ---- */

static __maybe_unused struct rt_sv rt_answer(const struct rt_ctx *c)
{
	const struct rt_text *t = c->hit.text;

	return (struct rt_sv){t->p, min_t(u32, t->n, RT_STR_ROOM)};
}

static __maybe_unused void rt_answer_append(struct rt_ctx *c, struct rt_sv v)
{
	struct rt_text *t = c->hit.text;
	u32 n = min_t(u32, v.n, t->room - t->n);

	memmove(t->p + t->n, v.p, n);
	t->n += n;
}

static __maybe_unused void rt_answer_set(struct rt_ctx *c, struct rt_sv v)
{
	struct rt_text *t = c->hit.text;

	t->n = min_t(u32, v.n, t->room);
	memmove(t->p, v.p, t->n);
}

/* ---- numbers ---- */

static __maybe_unused s64 rt_div(struct rt_ctx *c, s64 a, s64 b, const char *at)
{
	if (unlikely(!b)) {
		rt_fail(c, at, "division by 0");
		return 0;
	}
	return b == -1 ? (s64)(0 - (u64)a) : a / b;
}

static __maybe_unused s64 rt_mod(struct rt_ctx *c, s64 a, s64 b, const char *at)
{
	if (unlikely(!b)) {
		rt_fail(c, at, "division by 0");
		return 0;
	}
	return b == -1 ? 0 : a % b;
}

/* Width or precision taken from an argument. */
static __maybe_unused int rt_clamp(s64 v)
{
	return v < 0 ? 0 : v > RT_SPEC_BYTES ? RT_SPEC_BYTES : (int)v;
}
