/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * =~ and !~ with POSIX extended regular expressions, compiled once. What the last match
 * matched stays for matched() and ngroups().
 */
#include "eval_int.h"

#include <string.h>

static bool match(Eval *e, const Code *c)
{
	const char *s = tmp_cstr(e, c->node, STR(c->a));
	regmatch_t m[MAX_GROUPS];
	size_t groups = c->regex->re_nsub + 1;

	if (groups > MAX_GROUPS)
		groups = MAX_GROUPS;
	e->n_match = 0; /* a failed match leaves nothing to ask for */
	if (regexec(c->regex, s, groups, m, 0))
		return false;
	memcpy(e->match, m, sizeof(m[0]) * groups);
	e->n_match = (int)groups;
	memcpy(e->match_text, s, (size_t)m[0].rm_eo);
	for (size_t i = 1; i < groups; i++) { /* a group may lie behind in no match we know of */
		if (m[i].rm_eo > m[0].rm_eo)
			e->match[i].rm_so = -1;
	}
	return true;
}

static int64_t do_match(Eval *e, const Code *c)
{
	return match(e, c);
}

static int64_t do_no_match(Eval *e, const Code *c)
{
	return !match(e, c);
}

/* The ] that ends the brackets at @p (or the last byte); one right behind [ or [^ is a member. */
static const char *skip_brackets(const char *p)
{
	p += p[1] == '^';
	p += p[1] == ']';
	while (p[1] && p[1] != ']') {
		const char *end = p[1] == '[' && p[2] == ':' ? strstr(p + 3, ":]") : NULL;

		p = end ? end + 1 : p + 1;
	}
	return p[1] ? p + 1 : p;
}

/* libc takes \1 as an extension, but the language has no back references. */
static bool has_back_reference(const char *p)
{
	for (; *p; p++) {
		if (*p == '[')
			p = skip_brackets(p);
		else if (*p == '\\' && p[1] && *++p >= '1' && *p <= '9')
			return true;
	}
	return false;
}

const Code *compile_regex(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);
	regex_t *re = NEW(cc->arena, regex_t);
	char why[200];
	int err = has_back_reference(n->regex.pattern)
		      ? REG_ESUBREG
		      : regcomp(re, n->regex.pattern, REG_EXTENDED);

	c->num = n->regex.negate ? do_no_match : do_match;
	c->a = compile_str(cc, n->regex.subject);
	c->regex = re;
	if (err) {
		regerror(err, re, why, sizeof(why));
		diag_error(cc->e->diag, DIAG_BAD_REGEX, n->loc, "regular expression \"%s\": %s",
			   n->regex.pattern, why);
		return c;
	}
	vec_push(cc->arena, &cc->e->regexes, re);
	return c;
}

static void need_match(Eval *e, const Code *c)
{
	if (!e->n_match)
		raise_error(e, c->node, "no match: the last =~ failed, or there was none");
}

static Str group(Eval *e, const Code *c, int64_t i)
{
	const regmatch_t *m;

	need_match(e, c);
	if (i < 0 || i >= e->n_match)
		raise_error(e, c->node, "match group %lld does not exist", (long long)i);
	m = &e->match[i];
	if (m->rm_so < 0)
		return (Str){"", 0};
	return tmp_copy(e, c->node,
			(Str){e->match_text + m->rm_so, (uint32_t)(m->rm_eo - m->rm_so)});
}

Str re_matched(Eval *e, const Code *c)
{
	return group(e, c, NUM(c->arg[0]));
}

Str re_matched_str(Eval *e, const Code *c)
{
	return group(e, c, 0);
}

int64_t re_ngroups(Eval *e, const Code *c)
{
	need_match(e, c);
	return e->n_match;
}
