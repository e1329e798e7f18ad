/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The mutator of all targets: it sees an input as tokens and balanced groups. Tokens are deleted,
 * doubled, moved and replaced by what grammar.def derives in their place; groups and statements are
 * taken over from another input. Now and then libFuzzer's own mutations of bytes have their turn,
 * and an input starts anew from the grammar.
 */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb,
				 uint8_t *out, size_t max, unsigned seed);

enum { MAX_TOKENS = 2048, FRAGMENT = 120, WHOLE = 2000 };

/** struct Piece - part of an input. */
typedef struct Piece {
	size_t start, end;
} Piece;

/** struct Text - an input and its tokens; blanks belong to no token. */
typedef struct Text {
	const char *s;
	size_t n;
	Piece tok[MAX_TOKENS];
	unsigned n_tok;
} Text;

/* ---- tokens ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '@';
}

static size_t token_end(const char *s, size_t at, size_t n)
{
	size_t i = at;

	if (is_word(s[at])) {
		while (i < n && is_word(s[i]))
			i++;
		return i;
	}
	if (s[at] != '"')
		return at + 1 + (at + 1 < n && s[at] == '%' && ispunct((unsigned char)s[at + 1]));
	for (i++; i < n && s[i] != '"' && s[i] != '\n'; i++)
		i += s[i] == '\\' && i + 1 < n;
	return i < n ? i + 1 : n;
}

static void split(Text *t, const void *bytes, size_t n)
{
	t->s = bytes;
	t->n = n;
	t->n_tok = 0;
	for (size_t at = 0; at < n && t->n_tok < MAX_TOKENS;) {
		size_t end = token_end(t->s, at, n);

		if (!isspace((unsigned char)t->s[at]))
			t->tok[t->n_tok++] = (Piece){at, end};
		at = end;
	}
}

/* The last token of the group that token @i opens; @i itself when it opens none. */
static unsigned group_end(const Text *t, unsigned i)
{
	int depth = 0;

	for (unsigned k = i; k < t->n_tok; k++) {
		char c = t->s[t->tok[k].end - 1];

		depth += c == '(' || c == '[' || c == '{';
		depth -= c == ')' || c == ']' || c == '}';
		if (depth <= 0)
			return k;
	}
	return i;
}

/* A token with what it opens, or some tokens in a row. */
static Piece random_piece(const Text *t, Rng *r)
{
	unsigned i, k;

	if (!t->n_tok)
		return (Piece){0, t->n};
	i = rng_below(r, t->n_tok);
	k = group_end(t, i);
	if (k == i && rng_below(r, 3) == 0)
		k += rng_below(r, 8);
	if (k >= t->n_tok)
		k = t->n_tok - 1;
	return (Piece){t->tok[i].start, t->tok[k].end};
}

/* Behind a `;`, brace or line, where a statement may begin; else anywhere. */
static size_t random_gap(const Text *t, Rng *r)
{
	unsigned start = rng_below(r, t->n_tok);

	for (unsigned k = 0; k < t->n_tok; k++) {
		unsigned i = (start + k) % t->n_tok;

		if (strchr(";{}", t->s[t->tok[i].end - 1]))
			return t->tok[i].end;
	}
	return t->n_tok ? t->tok[start].end : 0;
}

/* ---- one change: what becomes of the bytes of one piece ---- */

/* What could stand where this text stands. */
static const char *rule_for(const char *s, size_t n, Rng *r)
{
	static const char *const other[] = {"num",  "str",    "stmt",  "item", "any",
					    "name", "strlit", "point", "lit",  "stmts"};

	if (!n || rng_below(r, 6) == 0)
		return other[rng_below(r, ARRAY_SIZE(other))];
	if (*s == '"')
		return rng_below(r, 2) ? "strlit" : "str";
	if (isdigit((unsigned char)*s))
		return rng_below(r, 2) ? "lit" : "num";
	if (is_word(*s))
		return rng_below(r, 2) ? "any" : "name";
	if (*s == '(' || *s == '[')
		return "num";
	if (*s == '{')
		return "stmts";
	return rng_below(r, 3) ? "infix" : "assign";
}

static void fragment(Buf *out, const char *name, Rng *r)
{
	bool statement = !strcmp(name, "stmt") || !strcmp(name, "item");

	if (statement)
		buf_putc(out, '\n');
	grammar_derive(out, name, r, FRAGMENT);
	if (statement)
		buf_putc(out, '\n');
}

static void replaced(Buf *out, const Text *t, Piece p, Rng *r)
{
	const char *s = t->s + p.start;
	bool braces = *s == '{';

	if (braces)
		buf_putc(out, '{');
	fragment(out, rule_for(s, p.end - p.start, r), r);
	if (braces)
		buf_putc(out, '}');
}

static void put_piece(Buf *out, const Text *t, Piece p)
{
	buf_put(out, t->s + p.start, p.end - p.start);
}

/* An edit at @*at (what stands there goes away) with pieces from @from. */
static void change(Buf *out, const Text *t, const Text *from, Piece *at, Rng *r)
{
	Piece other = random_piece(from, r);

	switch (rng_below(r, 6)) {
	case 0: /* delete */
		break;
	case 1: /* double */
		put_piece(out, t, *at);
		buf_putc(out, ' ');
		put_piece(out, t, *at);
		break;
	case 2: /* another piece instead */
		put_piece(out, from, other);
		break;
	case 3: /* another piece at a gap */
		*at = (Piece){random_gap(t, r), 0};
		at->end = at->start;
		buf_putc(out, '\n');
		put_piece(out, from, other);
		buf_putc(out, '\n');
		break;
	case 4: /* a new statement or definition at a gap */
		*at = (Piece){random_gap(t, r), 0};
		at->end = at->start;
		fragment(out, rng_below(r, 4) ? "stmt" : "item", r);
		break;
	default:
		replaced(out, t, *at, r);
		break;
	}
}

static size_t edit(uint8_t *data, size_t size, size_t max, const Text *from, Rng *r)
{
	static Text t;
	Buf middle = {0}, out = {0};
	Piece at;

	split(&t, data, size);
	at = random_piece(&t, r);
	change(&middle, &t, from ? from : &t, &at, r);
	buf_put(&out, data, at.start);
	buf_put(&out, buf_str(&middle), middle.n);
	buf_put(&out, data + at.end, size - at.end);
	size = out.n < max ? out.n : max;
	memcpy(data, buf_str(&out), size);
	buf_free(&middle);
	buf_free(&out);
	return size;
}

static size_t start_anew(uint8_t *data, size_t max, Rng *r)
{
	Buf out = {0};
	size_t n;

	grammar_derive(&out, fuzz_rule, r, rng_below(r, WHOLE));
	n = out.n < max ? out.n : max;
	memcpy(data, buf_str(&out), n);
	buf_free(&out);
	return n;
}

/* ---- what libFuzzer calls ---- */

static Rng rng_of(unsigned seed)
{
	Rng r = {0x9e3779b97f4a7c15u ^ seed};

	rng_below(&r, 2);
	rng_below(&r, 2);
	return r;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	Rng r = rng_of(seed);
	unsigned turn = rng_below(&r, 100);

	if (turn < 15)
		return LLVMFuzzerMutate(data, size, max);
	if (turn < 18)
		return start_anew(data, max, &r);
	do
		size = edit(data, size, max, NULL, &r);
	while (rng_below(&r, 3) == 0);
	return size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb,
				 uint8_t *out, size_t max, unsigned seed)
{
	static Text other;
	Rng r = rng_of(seed);

	na = na < max ? na : max;
	memcpy(out, a, na);
	split(&other, b, nb);
	return edit(out, na, max, &other, &r);
}
