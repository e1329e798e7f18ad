// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pattern -> tree, in user space before the run. What is taken is what SystemTap takes: POSIX
 * extended syntax where `*a`, `^*` and `{` without a number are mistakes, `\c` is the character c,
 * and `(?:a)` is a group without a number. Two mistakes it lets pass are told: `\1`, which there is
 * the digit and no back reference, and a `)` too many at the end. Bytes are characters; `.` is any.
 *
 * Counted repetition is written out: a{2,4} becomes aa(a(a)?)?, so that what comes after the parser
 * knows nothing of it.
 */
#include "regex_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct parser {
	struct rx_tree *t;
	const char *pattern, *p;
	int depth;
	struct rt_regex_error *err;
};

struct byte_class {
	const char *name;
	bool (*has)(int c);
};

static int alternatives(struct parser *ps);

/* ---- memory and mistakes ---- */

bool rx_error(struct rt_regex_error *err, int at, const char *fmt, ...)
{
	va_list ap;

	if (err->text[0])
		return false;
	err->at = at;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return false;
}

static int fail(struct parser *ps, const char *at, const char *text)
{
	rx_error(ps->err, (int)(at - ps->pattern), "%s", text);
	return 0;
}

void *rx_grow(void *array, int n, int *cap, size_t size)
{
	void *new;

	if (n < *cap)
		return array;
	new = realloc(array, (size_t)(*cap * 2 + 64) * size);
	if (new)
		*cap = *cap * 2 + 64;
	return new;
}

/* A node of its own kind; 0 when there may be no more. */
static int node(struct parser *ps, enum rx_kind kind, int a, int b)
{
	struct rx_tree *t = ps->t;
	struct rx_node *nodes = NULL;

	if (t->n_nodes < RX_MAX_NODES)
		nodes = rx_grow(t->nodes, t->n_nodes, &t->cap_nodes, sizeof(*nodes));
	if (!nodes)
		return fail(ps, ps->p, "too large");
	t->nodes = nodes;
	nodes[t->n_nodes] = (struct rx_node){.kind = kind, .a = a, .b = b};
	return t->n_nodes++;
}

static int byte_node(struct parser *ps, const struct rx_set *set)
{
	struct rx_tree *t = ps->t;
	struct rx_set *sets = rx_grow(t->sets, t->n_sets, &t->cap_sets, sizeof(*sets));
	int n;

	if (!sets)
		return fail(ps, ps->p, "too large");
	t->sets = sets;
	sets[t->n_sets] = *set;
	n = node(ps, RX_BYTE, 0, 0);
	if (n)
		t->nodes[n].set = t->n_sets++;
	return n;
}

/* ---- brackets ---- */

static void add(struct rx_set *s, int byte)
{
	s->bits[byte / 8] |= (uint8_t)(1 << byte % 8);
}

static bool is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(int c)
{
	return is_lower(c) || is_upper(c);
}

static bool is_alnum(int c)
{
	return is_alpha(c) || is_digit(c);
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool is_cntrl(int c)
{
	return c < ' ' || c == 127;
}

static bool is_graph(int c)
{
	return c > ' ' && c < 127;
}

static bool is_print(int c)
{
	return c == ' ' || is_graph(c);
}

static bool is_punct(int c)
{
	return is_graph(c) && !is_alnum(c);
}

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_xdigit(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const struct byte_class classes[] = {
    {"alnum", is_alnum}, {"alpha", is_alpha}, {"blank", is_blank}, {"cntrl", is_cntrl},
    {"digit", is_digit}, {"graph", is_graph}, {"lower", is_lower}, {"print", is_print},
    {"punct", is_punct}, {"space", is_space}, {"upper", is_upper}, {"xdigit", is_xdigit},
};

/* [:name:] at the parser's place. */
static bool named_class(struct parser *ps, struct rx_set *s)
{
	const char *name = ps->p + 2, *end = strstr(name, ":]");
	size_t i, n;
	int c;

	if (!end)
		return fail(ps, ps->p, "[: without :]");
	n = (size_t)(end - name);
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) != n || memcmp(classes[i].name, name, n))
			continue;
		for (c = 0; c < 256; c++) {
			if (classes[i].has(c))
				add(s, c);
		}
		ps->p = end + 2;
		return true;
	}
	return rx_error(ps->err, (int)(name - ps->pattern), "there is no class [:%.*s:]",
			n > 20 ? 20 : (int)n, name);
}

/* One character in brackets: itself, [.c.] or [=c=]; -1 on a mistake. */
static int member(struct parser *ps)
{
	const char *p = ps->p, *end;
	char close[3] = {0};

	if (p[0] == '[' && (p[1] == '.' || p[1] == '=') && p[2]) {
		close[0] = p[1];
		close[1] = ']';
		end = strstr(p + 3, close);
		if (end && end > p + 3) {
			fail(ps, p, "there is no character of that name");
			return -1;
		}
		if (end) {
			ps->p = end + 2;
			return (unsigned char)p[2];
		}
	}
	return (unsigned char)*ps->p++;
}

/* A character or a range of them. */
static bool range(struct parser *ps, struct rx_set *s)
{
	const char *at = ps->p;
	int lo = member(ps), hi = lo;

	if (lo >= 0 && ps->p[0] == '-' && ps->p[1] && ps->p[1] != ']') {
		ps->p++;
		if (ps->p[0] == '[' && ps->p[1] == ':')
			return fail(ps, ps->p, "a class cannot end a range");
		hi = member(ps);
	}
	if (lo < 0 || hi < 0)
		return false;
	if (hi < lo)
		return fail(ps, at, "the range ends before it begins");
	while (lo <= hi)
		add(s, lo++);
	return true;
}

static int brackets(struct parser *ps)
{
	const char *open = ps->p++;
	struct rx_set s = {0};
	bool negate = *ps->p == '^';
	const char *first;
	int i;

	ps->p += negate;
	for (first = ps->p; *ps->p != ']' || ps->p == first;) {
		if (!*ps->p)
			return fail(ps, open, "[ without ]");
		if (ps->p[0] == '[' && ps->p[1] == ':') {
			if (!named_class(ps, &s))
				return 0;
		} else if (!range(ps, &s)) {
			return 0;
		}
	}
	ps->p++;
	for (i = 0; negate && i < 32; i++)
		s.bits[i] = (uint8_t)~s.bits[i];
	return byte_node(ps, &s);
}

/* ---- atoms ---- */

static int any_byte(struct parser *ps)
{
	struct rx_set s;

	ps->p++;
	memset(&s, 0xff, sizeof(s));
	return byte_node(ps, &s);
}

static int literal(struct parser *ps)
{
	struct rx_set s = {0};

	add(&s, (unsigned char)*ps->p++);
	return byte_node(ps, &s);
}

static int escaped(struct parser *ps)
{
	if (!ps->p[1])
		return fail(ps, ps->p, "nothing follows the backslash");
	if (ps->p[1] >= '1' && ps->p[1] <= '9')
		return fail(ps, ps->p, "there are no back references (for the digit write [1])");
	ps->p++;
	return literal(ps);
}

/* ( ... ), and (?: ... ) that has no number. */
static int group(struct parser *ps)
{
	const char *open = ps->p++;
	int inner, n, number = 0, first;

	if (ps->p[0] == '?' && ps->p[1] == ':')
		ps->p += 2;
	else
		number = ps->t->groups++;
	first = number ? number : ps->t->groups;
	if (++ps->depth > RX_MAX_DEPTH)
		return fail(ps, open, "too many groups in each other");
	inner = alternatives(ps);
	ps->depth--;
	if (!inner)
		return 0;
	if (*ps->p != ')')
		return fail(ps, open, "( without )");
	ps->p++;
	n = node(ps, RX_GROUP, inner, 0);
	if (n) {
		ps->t->nodes[n].group = number;
		ps->t->nodes[n].inner_first = first;
		ps->t->nodes[n].inner_last = ps->t->groups - 1;
	}
	return n;
}

static int anchor(struct parser *ps, enum rx_kind kind)
{
	ps->p++;
	if (*ps->p && strchr("*+?{", *ps->p))
		return fail(ps, ps->p, "an anchor cannot be repeated");
	return node(ps, kind, 0, 0);
}

static int atom(struct parser *ps)
{
	switch (*ps->p) {
	case '[':
		return brackets(ps);
	case '(':
		return group(ps);
	case '.':
		return any_byte(ps);
	case '\\':
		return escaped(ps);
	case '^':
		return anchor(ps, RX_BEGIN);
	case '$':
		return anchor(ps, RX_END);
	case '*':
	case '+':
	case '?':
	case '{':
		return fail(ps, ps->p, "nothing to repeat");
	default:
		return literal(ps);
	}
}

/* ---- repetition ---- */

/* A copy of @n and all below it; groups keep their numbers. */
static int clone(struct parser *ps, int n)
{
	struct rx_node old;
	int a = 0, b = 0, c;

	old = ps->t->nodes[n];
	if (old.a && !(a = clone(ps, old.a)))
		return 0;
	if (old.b && !(b = clone(ps, old.b)))
		return 0;
	c = node(ps, old.kind, a, b);
	if (!c)
		return 0;
	old.a = a;
	old.b = b;
	ps->t->nodes[c] = old;
	return c;
}

/* @n, or nothing; behind @before rounds the nothing is better than an empty @n. */
static int optional(struct parser *ps, int n, int before)
{
	int opt = n ? node(ps, RX_OPT, n, 0) : 0;

	if (opt)
		ps->t->nodes[opt].tail = before > 0;
	return opt;
}

static int loop(struct parser *ps, int n, bool must)
{
	int l = node(ps, RX_LOOP, n, 0);

	if (l)
		ps->t->nodes[l].must = must;
	return l;
}

/* @n from @min to @max times (-1: no end), built from the last round to the first. */
static int repeat(struct parser *ps, int n, int min, int max)
{
	int rounds = max < 0 ? (min ? min : 1) : max;
	int all = 0, i, one;

	if (!rounds)
		return node(ps, RX_EMPTY, 0, 0);
	for (i = rounds - 1; i >= 0; i--) {
		one = i ? clone(ps, n) : n;
		if (one && max < 0 && i == rounds - 1)
			one = loop(ps, one, min > 0);
		if (one && all)
			one = node(ps, RX_CAT, one, all);
		all = i >= min && max >= 0 ? optional(ps, one, i) : one;
		if (!all)
			return 0;
	}
	return all;
}

/* A number, or -1. */
static int number(struct parser *ps)
{
	int n = 0;

	if (!is_digit(*ps->p)) {
		fail(ps, ps->p, "a number is missing");
		return -1;
	}
	for (; is_digit(*ps->p); ps->p++) {
		n = n * 10 + (*ps->p - '0');
		if (n > RX_MAX_PLACES) {
			rx_error(ps->err, (int)(ps->p - ps->pattern),
				 "the count is too large (at most %d)", RX_MAX_PLACES);
			return -1;
		}
	}
	return n;
}

/* {2} {2,} {2,4} */
static int counted(struct parser *ps, int n)
{
	const char *open = ps->p++;
	int min = number(ps), max = min;

	if (min < 0)
		return 0;
	if (*ps->p == ',') {
		ps->p++;
		max = *ps->p == '}' ? -1 : number(ps);
		if (max < 0 && *ps->p != '}')
			return 0;
	}
	if (*ps->p != '}')
		return fail(ps, open, "{ without }");
	ps->p++;
	if (max >= 0 && max < min)
		return fail(ps, open, "the greater count comes first");
	return repeat(ps, n, min, max);
}

static int piece(struct parser *ps)
{
	int n = atom(ps);

	while (n) {
		if (*ps->p == '{') {
			n = counted(ps, n);
		} else if (*ps->p && strchr("*+?", *ps->p)) {
			char c = *ps->p++;

			n = c == '?' ? repeat(ps, n, 0, 1) : repeat(ps, n, c == '+', -1);
		} else {
			break;
		}
	}
	return n;
}

/* ---- sequences ---- */

/* Chains are built to the right: the first, then all the others. @next parses one link, @more
 * tells whether there is another. */
static int chain(struct parser *ps, enum rx_kind kind, int (*next)(struct parser *ps),
		 bool (*more)(struct parser *ps))
{
	int head = 0, last = 0;

	for (;;) {
		int n = next(ps), link;

		if (!n)
			return 0;
		link = more(ps) ? node(ps, kind, n, 0) : n;
		if (!link)
			return 0;
		if (last)
			ps->t->nodes[last].b = link;
		else
			head = link;
		if (link == n)
			return head;
		last = link;
	}
}

static bool more_pieces(struct parser *ps)
{
	return *ps->p && *ps->p != '|' && *ps->p != ')';
}

static int branch(struct parser *ps)
{
	if (!more_pieces(ps))
		return node(ps, RX_EMPTY, 0, 0);
	return chain(ps, RX_CAT, piece, more_pieces);
}

static bool more_branches(struct parser *ps)
{
	if (*ps->p != '|')
		return false;
	ps->p++;
	return true;
}

static int alternatives(struct parser *ps)
{
	return chain(ps, RX_ALT, branch, more_branches);
}

/* ---- what the tree as a whole needs ---- */

/* Number the places from left to right, and note where a node matches nothing: bit 1 << w for each
 * w = at the start * 2 + at the end. */
static void finish(struct rx_tree *t, int n, int *places)
{
	struct rx_node *x = &t->nodes[n];

	x->first = *places + 1;
	if (x->kind == RX_BYTE)
		++*places;
	if (x->a)
		finish(t, x->a, places);
	if (x->b)
		finish(t, x->b, places);
	x->last = *places;
	switch (x->kind) {
	case RX_EMPTY:
	case RX_OPT:
		x->empty = 0xf;
		break;
	case RX_BEGIN:
		x->empty = 0xc;
		break;
	case RX_END:
		x->empty = 0xa;
		break;
	case RX_BYTE:
		x->empty = 0;
		break;
	case RX_GROUP:
		x->empty = t->nodes[x->a].empty;
		break;
	case RX_LOOP:
		x->empty = x->must ? t->nodes[x->a].empty : 0xf;
		break;
	case RX_CAT:
		x->empty = t->nodes[x->a].empty & t->nodes[x->b].empty;
		break;
	case RX_ALT:
		x->empty = t->nodes[x->a].empty | t->nodes[x->b].empty;
		break;
	}
}

bool rx_parse(struct rx_tree *t, const char *pattern, struct rt_regex_error *err)
{
	struct parser ps = {.t = t, .pattern = pattern, .p = pattern, .err = err};
	int places = 0;

	memset(t, 0, sizeof(*t));
	err->text[0] = '\0';
	err->at = 0;
	t->groups = 1;
	node(&ps, RX_EMPTY, 0, 0); /* number 0 means none */
	t->root = alternatives(&ps);
	if (t->root && *ps.p)
		return fail(&ps, ps.p, ") without (");
	if (!t->root)
		return false;
	finish(t, t->root, &places);
	if (places > RX_MAX_PLACES)
		return rx_error(err, 0, "too large: %d characters to match, at most %d", places,
				RX_MAX_PLACES);
	return true;
}

void rx_free(struct rx_tree *t)
{
	free(t->nodes);
	free(t->sets);
}

bool rt_regex_check(const char *pattern, struct rt_regex_error *err)
{
	struct rx_tree t;
	bool ok = rx_parse(&t, pattern, err);

	rx_free(&t);
	return ok;
}
