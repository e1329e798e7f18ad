// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Regular expressions: mistakes, hand-picked matches, and thousands of small generated patterns
 * over small subjects. For the latter a reference decides, which takes POSIX by the word and tries
 * all ways. The C library must find the same match, and nearly always the same groups: glibc is
 * wrong about some (rounds that could be longer, groups left over from earlier rounds, {0,2}).
 */
#include "common/regex.h"
#include "test.h"

#include <regex.h>
#include <stdlib.h>

enum { MAX_SUBJECT = 64, MAX_PARTS = 400 };

/* ---- one match as text: "0-3 0-1 -" ---- */

static const char *show(const struct rt_span *g, int n)
{
	static char texts[4][1024];
	static int turn;
	char *buf = texts[turn++ % 4], *p = buf;

	for (int i = 0; i < n; i++) {
		p += sprintf(p, "%s", i ? " " : "");
		p += g[i].start < 0 ? sprintf(p, "-") : sprintf(p, "%d-%d", g[i].start, g[i].end);
	}
	return buf;
}

static const char *match(const char *pattern, const char *s)
{
	struct rt_regex_error err;
	struct rt_regex *re = rt_regex_compile(pattern, true, &err);
	struct rt_span span[RT_REGEX_GROUPS];
	uint16_t trail[MAX_SUBJECT + 1];
	const char *text = "no match";

	if (!re)
		return "an error";
	if (rt_regex_match(re, s, strlen(s), trail, span))
		text = show(span, re->groups);
	free(re);
	return text;
}

static void test_matches(void)
{
	static const struct {
		const char *pattern, *subject, *spans;
	} cases[] = {
	    {"", "", "0-0"},
	    {"", "abc", "0-0"},
	    {"b+", "abbbc", "1-4"},
	    {"(x|xy)(z|yz)?", "xyz", "0-3 0-2 2-3"},
	    {"(a|ab)(c|bcd)(d*)", "abcd", "0-4 0-2 2-3 3-4"},
	    {"(a*)*", "b", "0-0 0-0"},
	    {"(a*)*", "aab", "0-2 0-2"},
	    {"(a*)+", "aab", "0-2 0-2"},
	    {"(a*){2}", "aa", "0-2 2-2"},
	    {"(a*){2,3}", "aa", "0-2 2-2"},
	    {"(a*){0,2}", "", "0-0 0-0"},
	    {"(a){0}b", "b", "0-1 -"},
	    {"(a)*", "b", "0-0 -"},
	    {"((a)|b)*", "ab", "0-2 1-2 -"},
	    {"(?:(a)|b)*", "ab", "0-2 -"},
	    {"(?:ab|cd)+(e)", "xabcde", "1-6 5-6"},
	    {"a|(a)", "a", "0-1 -"},
	    {"(a)|a", "a", "0-1 0-1"},
	    {"(|a)(|b)", "ab", "0-2 0-1 1-2"},
	    {"(^|,)([^,]*)($|,)", "one,two", "0-4 0-0 0-3 3-4"},
	    {"x(^a)", "xa", "no match"},
	    {"(^a|b)*", "abab", "0-2 1-2"},
	    {"a$b", "ab", "no match"},
	    {"$^", "", "0-0"},
	    {"b$|bc", "abc", "1-3"},
	    {"$", "abc", "3-3"},
	    {"(a?)(ab)?", "ab", "0-2 0-0 0-2"},
	    {"(a{1,2}){2}", "aaa", "0-3 2-3"},
	    {"a{3}", "aa", "no match"},
	    {"a{2,}", "aaaa", "0-4"},
	    {"\\.\\n\\*\\\\", ".n*\\", "0-4"},
	    {"[]a]+[^]a]", "a]]b", "0-4"},
	    {"[a-c-e]+", "b-e", "0-3"},
	    {"[[:alpha:]-z]+", "q-z", "0-3"},
	    {"[[.-.]a]+[[=b=]]", "a-b", "0-3"},
	    {"[[.a]+", "[.a", "0-3"},
	    {"[\\n]+", "\\n", "0-2"},
	    {".", "\xff", "0-1"},
	    {"[^a]", "\n", "0-1"},
	    {"[\x80-\xff]+", "a\x90\xf0", "1-3"},
	    {"a]b}", "a]b}", "0-4"},
	    {"a**b+?c?+", "aabc", "0-4"},
	    {"(((a)))", "xa", "1-2 1-2 1-2 1-2"},
	    {"^.?.?a(.b)*", "aaabab", "0-6 4-6"},
	    {"(week|wee)(knights|night)(s*)", "weeknights", "0-10 0-4 4-9 9-10"},
	    {"([[:alnum:]]+)=([[:xdigit:]]+)", "k=beef;", "0-6 0-1 2-6"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = match(cases[i].pattern, cases[i].subject);

		test_str(__FILE__, __LINE__, cases[i].pattern, got, cases[i].spans);
	}
}

static void test_mistakes(void)
{
	static const struct {
		const char *pattern;
		int at;
		const char *text;
	} cases[] = {
	    {"a(b", 1, "( without )"},
	    {"a)b", 1, ") without ("},
	    {"a)", 1, ") without ("},
	    {"a|*b", 2, "nothing to repeat"},
	    {"(+)", 1, "nothing to repeat"},
	    {"(?a)", 1, "nothing to repeat"},
	    {"{2}", 0, "nothing to repeat"},
	    {"^*", 1, "an anchor cannot be repeated"},
	    {"a$?", 2, "an anchor cannot be repeated"},
	    {"a{", 2, "a number is missing"},
	    {"a{,2}", 2, "a number is missing"},
	    {"a{1", 1, "{ without }"},
	    {"a{1,", 4, "a number is missing"},
	    {"a{1,2x", 1, "{ without }"},
	    {"a{2,1}", 1, "the greater count comes first"},
	    {"a{2001}", 5, "the count is too large (at most 2000)"},
	    {"a{99999999999999999999}", 5, "the count is too large (at most 2000)"},
	    {"(a{100}){100}", 13, "too large"},
	    {"(a{50}){50}", 0, "too large: 2500 characters to match, at most 2000"},
	    {"ab[", 2, "[ without ]"},
	    {"[]", 0, "[ without ]"},
	    {"[^]", 0, "[ without ]"},
	    {"[a-", 0, "[ without ]"},
	    {"[z-a]", 1, "the range ends before it begins"},
	    {"[a-[:alpha:]]", 3, "a class cannot end a range"},
	    {"[[:letter:]]", 3, "there is no class [:letter:]"},
	    {"[[:alpha]", 1, "[: without :]"},
	    {"[[.hyphen.]]", 1, "there is no character of that name"},
	    {"(a)\\1", 3, "there are no back references (for the digit write [1])"},
	    {"a\\", 1, "nothing follows the backslash"},
	    {"a[ab]{15}", 0, "too large for a table"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rt_regex_error err;
		struct rt_regex *re = rt_regex_compile(cases[i].pattern, false, &err);

		CHECK(!re);
		test_str(__FILE__, __LINE__, cases[i].pattern, err.text, cases[i].text);
		test_int(__FILE__, __LINE__, cases[i].pattern, err.at, cases[i].at);
		free(re);
	}
}

static void test_limits(void)
{
	static const char *const fit[] = {"a{300}", "(a{1,9}b?){1,9}", "(a*)(ab)*(b*)[ab]{1,20}",
					  "([0-9]{1,3}\\.){3}([0-9]{1,3})"};
	char deep[1000], groups[1000] = "";
	struct rt_regex_error err;

	for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]); i++) {
		struct rt_regex *re = rt_regex_compile(fit[i], true, &err);

		test_str(__FILE__, __LINE__, fit[i], re ? "" : err.text, "");
		free(re);
	}
	memset(deep, '(', 300);
	strcpy(deep + 300, "a");
	CHECK(!rt_regex_check(deep, &err));
	CHECK_STR(err.text, "too many groups in each other");
	for (int i = 0; i < RT_REGEX_GROUPS - 1; i++)
		strcat(groups, "(a)");
	CHECK(rt_regex_check(groups, &err));
	free(rt_regex_compile(groups, true, &err));
	CHECK_STR(err.text, "");
	strcat(groups, "(a)");
	CHECK(!rt_regex_compile(groups, true, &err));
	CHECK_STR(err.text, "more than 63 groups");
}

/* ---- generated patterns ---- */

enum kind { BYTES, BEGIN, END, GROUP, CAT, ALT, REPEAT };

typedef struct Part {
	enum kind kind;
	char bytes[4];		  /* BYTES: any of these */
	int group;		  /* GROUP: its number */
	int min, max;		  /* REPEAT: -1: no end */
	const struct Part *a, *b; /* NULL: nothing */
} Part;

static uint32_t seed = 12345;
static Part parts[MAX_PARTS];
static int n_parts, n_groups;

static int random_below(int n)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 8) % (uint32_t)n);
}

static Part *part(enum kind kind)
{
	Part *p = &parts[n_parts++];

	*p = (Part){.kind = kind};
	return p;
}

static const Part *generate(int depth);

static const Part *generate_atom(int depth)
{
	static const char *const sets[] = {"a", "b", "a", "b", "c", "ab", "abc"};
	int what = random_below(depth > 0 && n_parts < 40 ? 10 : 5);
	Part *p;

	if (what == 4 && random_below(2))
		return part(random_below(2) ? BEGIN : END);
	if (what < 5) {
		p = part(BYTES);
		strcpy(p->bytes, sets[random_below(7)]);
		return p;
	}
	p = part(GROUP);
	p->group = n_groups++;
	p->a = random_below(12) ? generate(depth - 1) : NULL;
	return p;
}

static const Part *generate_piece(int depth)
{
	static const int counts[][2] = {{0, -1}, {1, -1}, {0, 1}, {0, -1}, {1, -1}, {0, 1},
					{2, 2},	 {1, 2},  {0, 2}, {2, -1}, {2, 3},  {0, 3}};
	const Part *atom = generate_atom(depth);
	const int *count = counts[random_below(12)];
	Part *p;

	if (atom->kind == BEGIN || atom->kind == END || random_below(5) < 3)
		return atom;
	p = part(REPEAT);
	p->a = atom;
	p->min = count[0];
	p->max = count[1];
	return p;
}

static const Part *generate_chain(enum kind kind, int depth)
{
	int n = n_parts > 40 ? 1 : 1 + random_below(3);
	const Part *all = NULL;
	const Part *links[3];

	for (int i = 0; i < n; i++)
		links[i] = kind == CAT ? generate_piece(depth) : generate(depth);
	for (int i = n - 1; i >= 0; i--) {
		Part *p;

		if (!all) {
			all = links[i];
			continue;
		}
		p = part(kind);
		p->a = links[i];
		p->b = all;
		all = p;
	}
	return all;
}

/* A branch, or two; groups are numbered in the order in which they are made. */
static const Part *generate(int depth)
{
	Part *p;
	const Part *a = generate_chain(CAT, depth);

	if (random_below(3))
		return a;
	p = part(ALT);
	p->a = a;
	p->b = random_below(8) ? generate_chain(CAT, depth) : NULL;
	return p;
}

static char *write_pattern(const Part *p, char *out)
{
	if (!p)
		return out;
	switch (p->kind) {
	case BYTES:
		return out + sprintf(out, p->bytes[1] ? "[%s]" : "%s", p->bytes);
	case BEGIN:
		return out + sprintf(out, "^");
	case END:
		return out + sprintf(out, "$");
	case GROUP:
		*out++ = '(';
		out = write_pattern(p->a, out);
		*out++ = ')';
		return out;
	case CAT:
		return write_pattern(p->b, write_pattern(p->a, out));
	case ALT:
		out = write_pattern(p->a, out);
		*out++ = '|';
		return write_pattern(p->b, out);
	case REPEAT:
		break;
	}
	out = write_pattern(p->a, out);
	if (p->max < 0 && p->min < 2)
		return out + sprintf(out, p->min ? "+" : "*");
	if (p->min == 0 && p->max == 1)
		return out + sprintf(out, "?");
	if (p->min == p->max)
		return out + sprintf(out, "{%d}", p->min);
	if (p->max < 0)
		return out + sprintf(out, "{%d,}", p->min);
	return out + sprintf(out, "{%d,%d}", p->min, p->max);
}

/* ---- the reference: all ways are tried, the best by the rules of POSIX is taken ---- */

static const char *subject;
static int subject_len;
static char memo[MAX_PARTS][10][10];

static bool can(const Part *p, int i, int j);

/* Can @p be repeated over i..j? Rounds behind @min are not empty. */
static bool can_repeat(const Part *p, int min, int max, int i, int j)
{
	if (i == j && (min <= 0 || can(p, i, i)))
		return true;
	if (!max)
		return false;
	for (int k = i + (min <= 0); k <= j; k++) {
		if (can(p, i, k) && can_repeat(p, min - 1, max - 1, k, j))
			return true;
	}
	return false;
}

static bool try_all(const Part *p, int i, int j)
{
	switch (p->kind) {
	case BYTES:
		return j == i + 1 && strchr(p->bytes, subject[i]);
	case BEGIN:
		return i == j && i == 0;
	case END:
		return i == j && i == subject_len;
	case GROUP:
		return can(p->a, i, j);
	case CAT:
		for (int k = i; k <= j; k++) {
			if (can(p->a, i, k) && can(p->b, k, j))
				return true;
		}
		return false;
	case ALT:
		return can(p->a, i, j) || can(p->b, i, j);
	case REPEAT:
		break;
	}
	return can_repeat(p->a, p->min, p->max, i, j);
}

/* Can @p match i..j? What was found out is kept. */
static bool can(const Part *p, int i, int j)
{
	char *known = p ? &memo[p - parts][i][j] : NULL;

	if (!p)
		return i == j;
	if (!*known)
		*known = try_all(p, i, j) ? 'y' : 'n';
	return *known == 'y';
}

static void forget(const Part *p, struct rt_span *g)
{
	if (!p)
		return;
	if (p->kind == GROUP)
		g[p->group].start = g[p->group].end = -1;
	forget(p->a, g);
	forget(p->b, g);
}

static void assign(const Part *p, int i, int j, struct rt_span *g);

/* Each round as long as possible; an empty one only if it is needed or the only one. */
static void assign_repeat(const Part *p, int min, int max, int i, int j, struct rt_span *g)
{
	bool only = true;

	while (max && (i < j || min > 0 || (only && can(p, i, i)))) {
		int k = j;

		while (!can(p, i, k) || !can_repeat(p, min - 1, max - 1, k, j))
			k--;
		forget(p, g);
		assign(p, i, k, g);
		i = k;
		min--;
		max--;
		only = false;
	}
}

static void assign(const Part *p, int i, int j, struct rt_span *g)
{
	int k = j;

	if (!p)
		return;
	switch (p->kind) {
	case BYTES:
	case BEGIN:
	case END:
		return;
	case GROUP:
		g[p->group] = (struct rt_span){i, j};
		assign(p->a, i, j, g);
		return;
	case CAT:
		while (!can(p->a, i, k) || !can(p->b, k, j))
			k--;
		assign(p->a, i, k, g);
		assign(p->b, k, j, g);
		return;
	case ALT:
		assign(can(p->a, i, j) ? p->a : p->b, i, j, g);
		return;
	case REPEAT:
		break;
	}
	assign_repeat(p->a, p->min, p->max, i, j, g);
}

static bool reference(const Part *p, struct rt_span *g)
{
	for (int i = 0; i < n_groups; i++)
		g[i].start = g[i].end = -1;
	memset(memo, 0, sizeof(memo[0]) * (size_t)n_parts);
	for (int i = 0; i <= subject_len; i++) {
		for (int j = subject_len; j >= i; j--) {
			if (!can(p, i, j))
				continue;
			g[0] = (struct rt_span){i, j};
			assign(p, i, j, g);
			return true;
		}
	}
	return false;
}

/* ---- compare ---- */

static int libc_matches, libc_groups_differ, libc_match_differs;

static bool may_be_empty(const Part *p)
{
	if (!p || p->kind == BEGIN || p->kind == END)
		return true;
	if (p->kind == ALT)
		return may_be_empty(p->a) || may_be_empty(p->b);
	if (p->kind == CAT)
		return may_be_empty(p->a) && may_be_empty(p->b);
	if (p->kind == BYTES)
		return false;
	return (p->kind == REPEAT && !p->min) || may_be_empty(p->a);
}

/* May libc be asked for groups? glibc 2.36 never comes back from "(((c*|b+)*))+" on "b", nor from
 * "(($|^([abc]{2,}b)){2,})*" on "cbbab". */
static bool libc_is_safe(const Part *p)
{
	if (!p || p->kind == BEGIN || p->kind == END)
		return false;
	if (p->kind == BYTES)
		return true;
	if (p->kind == REPEAT && may_be_empty(p->a))
		return false;
	return libc_is_safe(p->a) && (p->kind == GROUP || p->kind == REPEAT || libc_is_safe(p->b));
}

static void compare_libc(const Part *p, const regex_t *re, bool want, const struct rt_span *g,
			 const char *pattern)
{
	regmatch_t m[RT_REGEX_GROUPS];
	bool ask = libc_is_safe(p);
	bool found = !regexec(re, subject, ask ? RT_REGEX_GROUPS : 0, m, 0);
	bool same = found == want;

	if (same && want && ask)
		same = m[0].rm_so == g[0].start && m[0].rm_eo == g[0].end;
	CHECK(same || strchr(pattern, '^')); /* glibc finds (^b){2} in "bbb" */
	if (!same) {
		libc_match_differs++;
		if (getenv("REGEX_SHOW"))
			printf("libc's match: %s on \"%s\": %s, not %s\n", pattern, subject,
			       found ? "another" : "none", want ? show(g, n_groups) : "none");
	}
	if (!same || !want || !ask)
		return;
	libc_matches++;
	for (int i = 1; i < n_groups; i++) {
		if (m[i].rm_so == g[i].start && m[i].rm_eo == g[i].end)
			continue;
		libc_groups_differ++;
		if (getenv("REGEX_SHOW"))
			printf("libc's group %d: %s on \"%s\": %d-%d, not %s\n", i, pattern,
			       subject, (int)m[i].rm_so, (int)m[i].rm_eo, show(g, n_groups));
		return;
	}
}

static void compare(const Part *p, const char *pattern, const struct rt_regex *full,
		    const struct rt_regex *test)
{
	struct rt_span want[RT_REGEX_GROUPS], got[RT_REGEX_GROUPS];
	uint16_t trail[MAX_SUBJECT + 1];
	size_t n = strlen(subject);
	bool expected = reference(p, want), found = rt_regex_match(full, subject, n, trail, got);
	const char *a = expected ? show(want, n_groups) : "no match";
	const char *b = found ? show(got, n_groups) : "no match";

	if (strcmp(a, b))
		printf("%s on \"%s\": ", pattern, subject);
	CHECK_STR(b, a);
	CHECK(rt_regex_test(test, subject, n) == expected);
	CHECK(rt_regex_test(full, subject, n) == expected);
}

/* All subjects of a few bytes that a counter spells, in a heap block of just that size. */
static void compare_subjects(const Part *p, const char *pattern)
{
	struct rt_regex_error err;
	struct rt_regex *full = rt_regex_compile(pattern, true, &err);
	struct rt_regex *test = rt_regex_compile(pattern, false, &err);
	struct rt_span want[RT_REGEX_GROUPS];
	regex_t re;

	test_str(__FILE__, __LINE__, pattern, full && test ? "" : err.text, "");
	if (!full || !test) {
		free(full);
		free(test);
		return;
	}
	CHECK(!regcomp(&re, pattern, REG_EXTENDED));
	CHECK(full->groups == n_groups);
	for (int i = 0; i < 8; i++) {
		char *s = strdup("abcabcab");

		subject_len = i < 2 ? i : random_below(9);
		for (int k = 0; k < subject_len; k++)
			s[k] = "aabbaabbc"[random_below(9)];
		s[subject_len] = '\0';
		subject = s;
		compare(p, pattern, full, test);
		compare_libc(p, &re, reference(p, want), want, pattern);
		free(s);
	}
	regfree(&re);
	free(full);
	free(test);
}

static void test_generated(int n)
{
	char pattern[4000];

	for (int i = 0; i < n; i++) {
		const Part *p;

		n_parts = 0;
		n_groups = 1;
		p = generate(3);
		*write_pattern(p, pattern) = '\0';
		if (n_parts > 20 || n_groups > 9)
			continue;
		compare_subjects(p, pattern);
	}
	printf("libc: %d matches, %d with other groups, %d other matches\n", libc_matches,
	       libc_groups_differ, libc_match_differs);
	CHECK(libc_groups_differ * 100 < libc_matches);
}

int main(int argc, char **argv)
{
	test_matches();
	test_mistakes();
	test_limits();
	test_generated(argc > 1 ? atoi(argv[1]) : 4000);
	return test_end("regex");
}
