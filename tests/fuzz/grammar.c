/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random texts of the language: grammar.def, read as it stands, and the rules that are rows of the
 * frontend's own tables. What is derived is mostly right and often enough not.
 */
#include "fuzz.h"

#include <string.h>

enum { MAX_DEPTH = 16, SHALLOW = 5 };

typedef struct Alternative {
	const char *rule, *text;
} Alternative;

static const Alternative alternatives[] = {
#define ALT(rule, text) {#rule, text},
#include "grammar.def"
#undef ALT
};

/** struct Derivation - where it goes and what is left to spend. */
typedef struct Derivation {
	Buf *b;
	Rng *r;
	size_t limit; /* of b->n */
	int depth;
} Derivation;

static void rule(Derivation *d, const char *name, size_t n);

unsigned rng_below(Rng *r, unsigned n)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return n ? (unsigned)((r->state >> 16) % n) : 0;
}

static void named(Derivation *d, const char *name)
{
	rule(d, name, strlen(name));
}

/* ---- rules from tables ---- */

static void operator_of(Derivation *d, bool assigns)
{
	static const struct {
		const char *text;
		int level;
	} ops[] = {
#define OP(name, text, arity, level, operand, result) {text, level},
#include "frontend/ops.def"
#undef OP
	};
	unsigned i = rng_below(d->r, ARRAY_SIZE(ops));

	while (!ops[i].level || (ops[i].level == 1) != assigns || ops[i].text[0] == '?')
		i = (i + 1) % ARRAY_SIZE(ops);
	buf_puts(d->b, ops[i].text);
}

static bool is_wanted(const Builtin *b, char result)
{
	return b->signature[0] == result && b->id != BUILTIN_system && b->id != BUILTIN_printk &&
	       b->id != BUILTIN_ftrace;
}

/* A built-in whose result is @result, with arguments of the types that it wants. */
static void builtin_call(Derivation *d, char result)
{
	int i = (int)rng_below(d->r, BUILTIN_COUNT);
	const Builtin *b;
	const char *sep = "";

	if (rng_below(d->r, 4)) /* what reads memory makes scripts that cannot run */
		while (builtin_row(i)->cls == BI_READ)
			i = (i + 1) % BUILTIN_COUNT;
	while (!is_wanted(builtin_row(i), result))
		i = (i + 1) % BUILTIN_COUNT;
	b = builtin_row(i);
	buf_printf(d->b, "%s(", b->name);
	for (const char *p = b->signature + 2; *p && *p != ')'; p++, sep = ", ") {
		buf_puts(d->b, sep);
		named(d, *p == 's' ? "str" : "num");
	}
	buf_putc(d->b, ')');
}

/* A format in quotes and its arguments; sometimes one is missing. */
static void format(Derivation *d)
{
	unsigned n = rng_below(d->r, 4), wrong = rng_below(d->r, 32);
	Buf args = {0};

	buf_putc(d->b, '"');
	for (unsigned i = 0; i < n; i++) {
		Derivation inner = *d;
		size_t at = d->b->n;

		named(d, "conv");
		inner.b = &args;
		for (const char *p = d->b->s + at; *p; p++)
			if (*p == '*' || (p[1] == 0 && !strchr("%m", *p) && i != wrong)) {
				buf_puts(&args, ", ");
				named(&inner, *p == 's' ? "str" : "num");
			}
	}
	buf_putc(d->b, '"');
	buf_puts(d->b, buf_str(&args));
	buf_free(&args);
}

/* Return: false when @name is no such rule. */
static bool table_rule(Derivation *d, const char *name, size_t n)
{
	if (n == 5 && !memcmp(name, "infix", n))
		operator_of(d, false);
	else if (n == 6 && !memcmp(name, "assign", n))
		operator_of(d, true);
	else if (n == 5 && !memcmp(name + 1, "call", 4))
		builtin_call(d, *name);
	else if (n == 6 && !memcmp(name, "format", n))
		format(d);
	else
		return false;
	return true;
}

/* ---- rules from grammar.def ---- */

/* The first alternative of a rule and how many there are. */
static unsigned find_rule(const char *name, size_t n, unsigned *count)
{
	unsigned first = 0, end;

	while (strlen(alternatives[first].rule) != n || memcmp(alternatives[first].rule, name, n))
		if (++first == ARRAY_SIZE(alternatives))
			fuzz_fail("grammar.def has no rule '%.*s'", (int)n, name);
	for (end = first; end < ARRAY_SIZE(alternatives); end++)
		if (strcmp(alternatives[end].rule, alternatives[first].rule) != 0)
			break;
	*count = end - first;
	return first;
}

static void expand(Derivation *d, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "`");

		buf_put(d->b, text, n);
		text += n;
		if (!*text)
			return;
		n = strcspn(text + 1, "`");
		rule(d, text + 1, n);
		text += n + 2;
	}
}

static void rule(Derivation *d, const char *name, size_t n)
{
	/* the deeper, the likelier is the short way: what comes later in the text has its turn, too
	 */
	bool enough = d->depth >= MAX_DEPTH || d->b->n >= d->limit ||
		      (int)rng_below(d->r, MAX_DEPTH) + SHALLOW < d->depth;
	unsigned first, count;

	d->depth++;
	if (enough && n == 5 && !memcmp(name + 1, "call", 4)) {
		buf_puts(d->b, *name == 's' ? "pn()" : *name == 'v' ? "exit()" : "cpu()");
	} else if (!table_rule(d, name, n)) {
		first = find_rule(name, n, &count);
		expand(d, alternatives[first + (enough ? 0 : rng_below(d->r, count))].text);
	}
	d->depth--;
}

void grammar_derive(Buf *b, const char *name, Rng *r, size_t limit)
{
	Derivation d = {b, r, b->n + limit, 0};

	buf_puts(b, "");
	named(&d, name);
}
