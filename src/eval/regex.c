/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * =~ and !~ with the engine of runtime/common. Each pattern is compiled once, when it is known
 * whether the script looks at groups anywhere: if it does not, a test is all there is to do. What
 * the last match matched stays for matched() and ngroups().
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>

struct Regex {
	const Node *node; /* the first with this pattern */
	struct rt_regex *re;
};

static bool match(Eval *e, const Code *c)
{
	const struct rt_regex *re = c->regex->re;
	Str s = STR(c->a);
	uint32_t n = s.n < e->max_str ? s.n : e->max_str;

	s.p = n ? s.p : ""; /* empty text may have no place */
	if (!e->asks_groups)
		return rt_regex_test(re, s.p, n);
	e->n_match = 0; /* a failed match leaves nothing to ask for */
	if (!rt_regex_match(re, s.p, n, e->trail, e->match))
		return false;
	e->n_match = re->groups;
	memcpy(e->match_text, s.p, (size_t)e->match[0].end);
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

static Regex *regex_of(Eval *e, const Node *n)
{
	Regex *r;

	if (!e->regexes)
		e->regexes = table_new(e->arena);
	r = table_get(e->regexes, n->regex.pattern);
	if (!r) {
		r = NEW(e->arena, Regex);
		r->node = n;
		table_put(e->regexes, n->regex.pattern, r);
	}
	return r;
}

const Code *compile_regex(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->num = n->regex.negate ? do_no_match : do_match;
	c->a = compile_str(cc, n->regex.subject);
	c->regex = regex_of(cc->e, n);
	return c;
}

void regex_asked(Eval *e, AnyFn *fn)
{
	if (fn == (AnyFn *)re_matched || fn == (AnyFn *)re_matched_str || fn == (AnyFn *)re_ngroups)
		e->asks_groups = true;
}

static void regex_build(Eval *e, Regex *r)
{
	struct rt_regex_error err;

	r->re = rt_regex_compile(r->node->regex.pattern, e->asks_groups, &err);
	if (!r->re)
		diag_error(e->diag, DIAG_BAD_REGEX, r->node->regex.pattern_loc,
			   "regular expression \"%s\": %s", r->node->regex.pattern, err.text);
}

bool regexes_build(Eval *e)
{
	const char *pattern;
	void *r;
	int errors = e->diag->errors;

	if (!e->regexes)
		return true;
	for (int it = 0; table_next(e->regexes, &it, &pattern, &r);)
		regex_build(e, r);
	if (e->asks_groups)
		e->trail = NEW_ARRAY(e->arena, uint16_t, e->max_str + 1);
	return e->diag->errors == errors;
}

void regexes_free(Eval *e)
{
	const char *pattern;
	void *r;

	if (!e->regexes)
		return;
	for (int it = 0; table_next(e->regexes, &it, &pattern, &r);)
		free(((Regex *)r)->re);
}

static void need_match(Eval *e, const Code *c)
{
	if (!e->n_match)
		raise_error(e, c->node, "no match: the last =~ failed, or there was none");
}

static Str group(Eval *e, const Code *c, int64_t i)
{
	const struct rt_span *m;

	need_match(e, c);
	if (i < 0 || i >= e->n_match)
		raise_error(e, c->node, "match group %lld does not exist", (long long)i);
	m = &e->match[i];
	if (m->start < 0)
		return (Str){"", 0};
	return tmp_copy(e, c->node, (Str){e->match_text + m->start, (uint32_t)(m->end - m->start)});
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
