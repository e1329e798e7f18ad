/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which family a probe point belongs to. A pattern is written as --dump-probe-types prints it,
 * "kernel.function(string).return", and is compared with the point's components; "**" at its end
 * stands for anything that follows. A point with wildcards in its components is spelled out first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* qsort_r */
#endif
#include "probe/probe_int.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const Family *const family[] = {
#define FAMILY(name) &family_##name,
#include "families.def"
#undef FAMILY
};

/* Take the next component of a pattern: its name, and the kind of its argument. */
static bool next_part(const char **p, const char **name, size_t *len, int *arg)
{
	size_t n = strcspn(*p, ".(");

	if (!**p)
		return false;
	*name = *p;
	*len = n;
	*arg = ARG_NONE;
	*p += n;
	if (**p == '(') {
		*arg = !strncmp(*p, "(number)", 8) ? ARG_NUM : ARG_STR;
		*p += strcspn(*p, ")") + 1;
	}
	if (**p == '.')
		(*p)++;
	return true;
}

static bool part_is_wild(const Component *c)
{
	return strchr(c->name, '*') != NULL;
}

/* The first @len bytes of @name are a part of a pattern. */
static bool same_name(const Component *c, const char *name, size_t len)
{
	char part[64];

	if (!part_is_wild(c))
		return strlen(c->name) == len && !memcmp(c->name, name, len);
	snprintf(part, sizeof(part), "%.*s", (int)len, name);
	return fnmatch(c->name, part, 0) == 0;
}

static bool same_part(const Component *c, const char *name, size_t len, int arg)
{
	return (int)c->arg == arg && same_name(c, name, len);
}

/* How many components of @p agree with @pattern; *@whole: all do, and nothing is left. */
static int agree(const ProbePoint *p, const char *pattern, bool *whole)
{
	const char *name;
	size_t len;
	int i = 0, arg;

	*whole = false;
	for (; next_part(&pattern, &name, &len, &arg); i++) {
		if (len == 2 && !memcmp(name, "**", 2)) {
			*whole = true;
			return i;
		}
		if (i == p->part.n || !same_part(&p->part.v[i], name, len, arg))
			return i;
	}
	*whole = i == p->part.n;
	return i;
}

/* ---- wildcards in the components themselves: timer.*(10), b* ---- */

#define MAX_PARTS 8 /* of a pattern */

/** struct Spelling - a pattern taken apart, and the point with wildcards that may stand for it. */
typedef struct Spelling {
	Arena *arena;
	const ProbePoint *point;
	Component part[MAX_PARTS];
	bool rest; /* it ends with "**": anything may follow */
	int n;
} Spelling;

bool point_is_wild(const ProbePoint *p)
{
	for (int i = 0; i < p->part.n; i++)
		if (part_is_wild(&p->part.v[i]))
			return true;
	return false;
}

static void spell(Spelling *s, const char *pattern)
{
	const char *name;
	size_t len;
	int arg;

	s->n = 0;
	s->rest = false;
	while (s->n < MAX_PARTS && next_part(&pattern, &name, &len, &arg)) {
		s->rest = len == 2 && !memcmp(name, "**", 2);
		if (s->rest)
			return;
		s->part[s->n++] = (Component){.name = arena_strndup(s->arena, name, len)};
		s->part[s->n - 1].arg = (unsigned)arg;
	}
}

/* Does @c stand for the parts of the pattern from @from to @to, of which only the last has an
 * argument? */
static bool stands_for(const Spelling *s, const Component *c, int from, int to)
{
	const char *text = "";

	for (int i = from; i <= to; i++) {
		text = arena_printf(s->arena, "%s%s%s", text, i > from ? "." : "", s->part[i].name);
		if (s->part[i].arg != (i < to ? ARG_NONE : c->arg))
			return false;
	}
	return same_name(c, text, strlen(text));
}

/* Parts @i and on of the point against parts @j and on of the pattern, which get the arguments. */
static bool fits(Spelling *s, int i, int j)
{
	const Component *c = &s->point->part.v[i];
	int last = j;

	if (i == s->point->part.n)
		return j == s->n;
	if (j == s->n)
		return s->rest;
	if (strstr(c->name, "**"))
		last = s->n - 1;
	for (int k = j; k <= last; k++) {
		if (!stands_for(s, c, j, k) || !fits(s, i + 1, k + 1))
			continue;
		s->part[k].str = c->str;
		s->part[k].num = c->num;
		return true;
	}
	return false;
}

static ProbePoint *spelled(const Spelling *s)
{
	ProbePoint *p = NEW(s->arena, ProbePoint);

	*p = *s->point;
	p->part.v = NULL;
	p->part.n = p->part.cap = 0;
	for (int i = 0; i < s->n; i++) {
		vec_push(s->arena, &p->part, s->part[i]);
		p->part.v[i].loc = s->point->loc;
	}
	return p;
}

static int by_text(const void *a, const void *b, void *arena)
{
	return strcmp(point_text(arena, *(ProbePoint *const *)a),
		      point_text(arena, *(ProbePoint *const *)b));
}

void family_expand(Arena *a, const ProbePoint *p, PointVec *ret)
{
	Spelling s = {.arena = a, .point = p};

	if (!point_is_wild(p))
		return;
	for (size_t f = 0; f < ARRAY_SIZE(family); f++)
		for (const Pattern *t = family[f]->pattern; t->text; t++) {
			spell(&s, t->text);
			if (!s.rest && family[f] != &family_absent && fits(&s, 0, 0))
				vec_push(a, ret, spelled(&s));
		}
	if (ret->n)
		qsort_r(ret->v, (size_t)ret->n, sizeof(ret->v[0]), by_text, a);
}

/* The pattern of an absent family that a point with wildcards may mean. */
static const Pattern *absent_match(const ProbePoint *p)
{
	Arena *a = arena_new();
	Spelling s = {.arena = a, .point = p};
	const Pattern *t;

	for (t = family_absent.pattern; t->text; t++) {
		spell(&s, t->text);
		if (fits(&s, 0, 0))
			break;
	}
	arena_free(a);
	return t->text ? t : NULL;
}

const Family *family_match(const ProbePoint *p, const Pattern **ret)
{
	bool whole;

	if (point_is_wild(p)) {
		*ret = absent_match(p);
		return *ret ? &family_absent : NULL;
	}

	for (size_t f = 0; f < ARRAY_SIZE(family); f++) {
		for (const Pattern *t = family[f]->pattern; t->text; t++) {
			agree(p, t->text, &whole);
			if (!whole)
				continue;
			*ret = t;
			return family[f];
		}
	}
	return NULL;
}

bool probe_is_native(const ProbePoint *p)
{
	const Pattern *unused;
	Arena *a = arena_new();
	PointVec points = {0};
	bool yes;

	family_expand(a, p, &points);
	yes = point_is_wild(p) ? points.n > 0 : family_match(p, &unused) != NULL;
	arena_free(a);
	return yes;
}

/* The name of component @i of @pattern. */
static const char *nth_name(Arena *a, const char *pattern, int i, int *arg)
{
	const char *name = "";
	size_t len = 0;

	for (int k = 0; k <= i; k++)
		if (!next_part(&pattern, &name, &len, arg))
			return NULL;
	return arena_strndup(a, name, len);
}

/* What stands wrong after @n good components: the argument, or the name itself. */
static void report(ProbeContext *ctx, const ProbePoint *p, int n, const char *other_arg,
		   const Nearest *near)
{
	const Component *c = &p->part.v[n < p->part.n ? n : p->part.n - 1];
	const char *text = point_text(ctx->arena, p);

	if (n == p->part.n)
		diag_error(ctx->diag, DIAG_POINT_UNKNOWN, p->loc,
			   "probe point %s is not complete%s", text,
			   nearest_text(near, ctx->arena));
	else if (other_arg)
		diag_error(ctx->diag, DIAG_POINT_UNKNOWN, c->loc, "'%s' in %s is written %s",
			   c->name, text, other_arg);
	else
		diag_error(ctx->diag, DIAG_POINT_UNKNOWN, c->loc,
			   "unknown probe point: '%s' in %s%s", c->name, text,
			   nearest_text(near, ctx->arena));
}

void family_unknown(ProbeContext *ctx, const ProbePoint *p)
{
	static const char *const forms[] = {
	    [ARG_NONE] = "%s", [ARG_STR] = "%s(\"...\")", [ARG_NUM] = "%s(NUMBER)"};
	const char *other = NULL;
	Nearest near = {0};
	int best = 0, n, arg;
	bool whole;

	for (size_t f = 0; f < ARRAY_SIZE(family); f++)
		for (const Pattern *t = family[f]->pattern; t->text; t++)
			if ((n = agree(p, t->text, &whole)) > best)
				best = n;
	near.want = best < p->part.n ? p->part.v[best].name : "";
	for (size_t f = 0; f < ARRAY_SIZE(family); f++) {
		for (const Pattern *t = family[f]->pattern; t->text; t++) {
			const char *name = agree(p, t->text, &whole) == best
					       ? nth_name(ctx->arena, t->text, best, &arg)
					       : NULL;

			if (!name)
				continue;
			nearest_add(&near, name);
			if (!other && !strcmp(name, near.want))
				other = forms[arg];
		}
	}
	if (other)
		other = !strcmp(other, "%s")
			    ? arena_strdup(ctx->arena, near.want)
			    : arena_printf(ctx->arena, "%s%s", near.want, other + 2);
	report(ctx, p, best, other, &near);
}

const Component *point_part(const ProbePoint *p, const char *name)
{
	for (int i = 0; i < p->part.n; i++)
		if (!strcmp(p->part.v[i].name, name))
			return &p->part.v[i];
	return NULL;
}

const ProbePoint *point_with(Arena *a, const ProbePoint *p, const char *part, const char *str)
{
	ProbePoint *ret = NEW(a, ProbePoint);

	*ret = *p;
	ret->part.v = NULL;
	ret->part.n = ret->part.cap = 0;
	for (int i = 0; i < p->part.n; i++) {
		Component c = p->part.v[i];

		if (!strcmp(c.name, part) && c.arg != ARG_NUM) {
			c.arg = ARG_STR;
			c.str = str;
		}
		vec_push(a, &ret->part, c);
	}
	return ret;
}

const char *point_text_with(Arena *a, const ProbePoint *p, const char *part, const char *str,
			    const char *part2, const char *str2)
{
	const char *s = "";

	for (int i = 0; i < p->part.n; i++) {
		const Component *c = &p->part.v[i];
		const char *text = c->str;

		if (part && !strcmp(c->name, part))
			text = str;
		else if (part2 && !strcmp(c->name, part2))
			text = str2;
		s = arena_printf(a, "%s%s%s", s, i ? "." : "", c->name);
		if (c->arg == ARG_NUM)
			s = arena_printf(
			    a, (uint64_t)c->num < 4096 ? "%s(%" PRId64 ")" : "%s(0x%" PRIx64 ")", s,
			    c->num);
		else if (c->arg == ARG_STR)
			s = arena_printf(a, "%s(\"%s\")", s, text);
	}
	return s;
}

void probe_list_types(FILE *out)
{
	for (size_t f = 0; f < ARRAY_SIZE(family); f++)
		for (const Pattern *t = family[f]->pattern; t->text && family[f] != &family_absent;
		     t++)
			fprintf(out, "%s\n", t->text);
}
