/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which family a probe point belongs to. A pattern is written as --dump-probe-types prints it,
 * "kernel.function(string).return", and is compared with the point's components; "**" at its end
 * stands for anything that follows.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
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

static bool same_part(const Component *c, const char *name, size_t len, int arg)
{
	return strlen(c->name) == len && !memcmp(c->name, name, len) && (int)c->arg == arg;
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

const Family *family_match(const ProbePoint *p, const Pattern **ret)
{
	bool whole;

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
