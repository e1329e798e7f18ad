/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * printf: a format (the first line of the input) and values (a line each: a number, or text).
 * What the conversions write is compared with the C library where both know the conversion, and
 * must be cut, not changed, where the room ends. The numbers also go into both histograms.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "frontend/frontend_int.h"
#include "common/fmt.h"
#include "common/stat.h"

#include <stdlib.h>
#include <string.h>

const char fuzz_rule[] = "print_case";

enum { MAX_VALUES = 32, WIDEST = 8192, ROOM = 3 * WIDEST };

typedef struct Values {
	const char *text[MAX_VALUES];
	size_t len[MAX_VALUES];
	int64_t num[MAX_VALUES];
	int n, next;
} Values;

static void take_values(Values *v, const char *p, const char *end)
{
	while (p < end && v->n < MAX_VALUES) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));

		eol = eol ? eol : end;
		v->text[v->n] = p;
		v->len[v->n] = (size_t)(eol - p);
		v->num[v->n++] = (int64_t)strtoull(p, NULL, 0);
		p = eol + 1;
	}
}

/* As src/eval clamps what a script asks for. */
static int clamp(int64_t v)
{
	return v < 0 ? 0 : v > WIDEST ? WIDEST : (int)v;
}

static int next_value(Values *v)
{
	return v->n ? v->next++ % v->n : -1;
}

static char *put(char *p, char *end, const struct rt_spec *s, const Values *v, int i)
{
	int64_t num = i < 0 ? 0 : v->num[i];

	switch (s->conv) {
	case 's':
		return rt_put_str(p, end, s, i < 0 ? "" : v->text[i], i < 0 ? 0 : v->len[i]);
	case 'c':
		return rt_put_char(p, end, s, num);
	case 'b':
		return rt_put_binary(p, end, s, num);
	default:
		return rt_put_num(p, end, s, num);
	}
}

/* ---- the C library as oracle ---- */

/* Where our rules are those of C: not `p`, not `#o` (a zero more or less), no sign of unsigned. */
static bool has_oracle(const struct rt_spec *s)
{
	if (!strchr("diuoxX", s->conv) || (s->flag == '#' && s->conv == 'o'))
		return false;
	if (s->precision == 0 || (s->flag == '0' && s->precision >= 0) || s->flag == '#')
		return false;
	return (s->flag != '+' && s->flag != ' ') || strchr("di", s->conv);
}

static void check_oracle(const struct rt_spec *s, int64_t num, const char *got, size_t n)
{
	static char want[ROOM];
	char fmt[64];

	snprintf(fmt, sizeof(fmt), "%%%.*s*.*ll%c", s->flag != 0, &s->flag, s->conv);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(want, sizeof(want), fmt, s->width < 0 ? 0 : s->width, s->precision,
		 (long long)num);
#pragma GCC diagnostic pop
	if (strlen(want) != n || memcmp(want, got, n) != 0)
		fuzz_fail("%%%c%d.%d%c of %lld: \"%.*s\", C says \"%s\"", s->flag ? s->flag : ' ',
			  s->width, s->precision, s->conv, (long long)num, (int)n, got, want);
}

/* ---- one conversion ---- */

/* In @room bytes: the first ones of the whole. Escapes are not cut in the middle. */
static void check_cut(const struct rt_spec *s, const Values *v, int i, const char *whole, size_t n,
		      size_t room)
{
	char *p = malloc(room ? room : 1);
	size_t got = (size_t)(put(p, p + room, s, v, i) - p);
	bool escapes = s->conv == 's' && s->flag == '#';

	if (got > room || (!escapes && (got != (room < n ? room : n) || memcmp(p, whole, got))))
		fuzz_fail("%%%c in %zu bytes of %zu gives %zu", s->conv, room, n, got);
	free(p);
}

static void check_conversion(const FormatPiece *f, Values *v)
{
	static char whole[ROOM];
	struct rt_spec s = {f->conv, f->flag, f->width, f->precision};
	size_t n;
	int i;

	if (f->width == -2)
		s.width = clamp(v->n ? v->num[next_value(v)] : 0);
	if (f->precision == -2)
		s.precision = clamp(v->n ? v->num[next_value(v)] : 0);
	s.width = s.width > WIDEST ? WIDEST : s.width;
	s.precision = s.precision > WIDEST ? WIDEST : s.precision;
	i = next_value(v);
	n = (size_t)(put(whole, whole + sizeof(whole), &s, v, i) - whole);
	if (has_oracle(&s))
		check_oracle(&s, i < 0 ? 0 : v->num[i], whole, n);
	check_cut(&s, v, i, whole, n, 0);
	check_cut(&s, v, i, whole, n, n / 2);
	check_cut(&s, v, i, whole, n, n);
}

/* ---- histograms ---- */

static void keep_line(void *ctx, const char *text, size_t n)
{
	buf_put(ctx, text, n);
}

static void check_hist(const struct rt_hist *h, const Values *v)
{
	int64_t counts[RT_HIST_LOG_BUCKETS] = {0};
	Buf lines = {0};

	for (int i = 0; i < v->n; i++) {
		int at = rt_hist_bucket(h, v->num[i]);

		if (at < 0 || at >= h->n)
			fuzz_fail("%lld is in bucket %d of %d", (long long)v->num[i], at, h->n);
		counts[at]++;
	}
	for (int i = 0; i < h->n; i++)
		rt_hist_low(h, i);
	rt_hist_print(h, counts, &RT_HIST_STYLE, keep_line, &lines);
	rt_hist_print(h, counts, &(struct rt_hist_style){1, 0}, keep_line, &lines);
	buf_free(&lines);
}

static void check_stats(const Values *v)
{
	struct rt_stat s = {0};
	struct rt_hist h;

	for (int i = 0; i < v->n; i++)
		rt_stat_add(&s, v->num[i]);
	if (!v->n)
		return;
	rt_stat_avg(&s);
	rt_stat_variance(&s);
	rt_hist_log(&h);
	check_hist(&h, v);
	if (v->n >= 3 && rt_hist_linear(&h, v->num[0], v->num[1], v->num[2]))
		check_hist(&h, v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Values v = {0};
	const char *text, *bad;
	Node *n;
	Fuzz f;

	fuzz_open(&f);
	text = fuzz_source(&f, "fuzz", data, size)->text;
	n = node_new(f.arena, ND_PRINT, (Loc){0});
	n->print.format = arena_strndup(f.arena, text, strcspn(text, "\n"));
	take_values(&v, text + strlen(n->print.format) + (text[strlen(n->print.format)] != 0),
		    text + size);
	format_pieces(f.arena, n, &bad);
	for (int i = 0; i < n->print.pieces.n; i++) {
		const FormatPiece *piece = &n->print.pieces.v[i];

		if (!piece->text && piece->conv != 'm' && piece->conv != 'M')
			check_conversion(piece, &v);
	}
	check_stats(&v);
	fuzz_close(&f);
	return 0;
}
