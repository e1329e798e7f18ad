/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * regex: POSIX extended regular expressions, as `=~` and `!~` take them. A pattern is compiled
 * before the run and in user space (regex_parse.c, regex_build.c) into tables of numbers, which can
 * be used where they are or printed as C. Matching (regex.c) walks the tables: one step a byte,
 * without memory of its own, so that it can be done in a probe.
 *
 * There are two kinds of tables. One only tells whether there is a match: its states are sets of
 * places in the pattern, and it ends at the first accepting state. The other finds the leftmost
 * longest match and its groups: its states keep the places in order of preference (see
 * regex_build.c), and a walk back over the states passed tells where each group was. It is
 * larger and slower, so it is made only for a script that asks with matched() or ngroups().
 */
#ifndef RT_COMMON_REGEX_H
#define RT_COMMON_REGEX_H

#include "base.h"

/* Groups with the whole match, number 0: as many as have a bit in a word. */
#define RT_REGEX_GROUPS 64
/* In a step: nothing came before, the match starts here. No step at all. */
#define RT_REGEX_START 0
#define RT_REGEX_NONE 0xffff

/* What a state has behind its targets; the table for testing has only the first one. */
enum rt_regex_column {
	RT_REGEX_END_FROM, /* a match if the subject ends here: as a step */
	RT_REGEX_END_MARKS,
	RT_REGEX_HERE_FROM, /* a match whatever follows */
	RT_REGEX_HERE_MARKS,
	RT_REGEX_ROW, /* where the steps that leave it are */
	RT_REGEX_COLUMNS
};

/* struct rt_regex_step - how a place in the pattern was reached: from which place, and which groups
 * begin and end in between. */
struct rt_regex_step {
	uint16_t from, marks;
};

/* struct rt_regex_mark - a group begins or ends; marks at one position are a list, the last first.
 * Where a group begins, what lies in it belongs to this round: earlier ones no longer count. */
struct rt_regex_mark {
	uint16_t before; /* next in the list, 0: none */
	uint8_t begins;
	uint8_t group;	     /* 0: without a number */
	uint8_t first, last; /* numbers of the group and of those in it */
};

/* struct rt_regex - a compiled pattern. A state is the index of its first target in @table. States
 * below @accept: no match can follow. Below @plain: there is one, whatever follows. */
struct rt_regex {
	uint16_t start, accept, plain;
	uint16_t classes;	 /* targets of a state: how many kinds of bytes there are */
	uint16_t groups;	 /* with group 0; 0: only for testing */
	const uint8_t *class_of; /* [256] */
	const uint16_t *table;
	const struct rt_regex_step *steps; /* [row + place], NULL: only for testing */
	const struct rt_regex_mark *marks;
	uint32_t n_table, n_steps, n_marks; /* for those who print or copy it */
};

/* struct rt_span - bytes start .. end-1 of the subject; start is -1 when there are none. */
struct rt_span {
	int32_t start, end;
};

/* rt_regex_test - is there a match in the @n bytes at @s? For tables of either kind. */
RT_COMMON bool rt_regex_test(const struct rt_regex *re, const char *s, size_t n);
/* rt_regex_match - find the match; re->groups must not be 0.
 * @trail: scratch, n + 1 elements
 * @span: re->groups of them, written when there is a match */
RT_COMMON bool rt_regex_match(const struct rt_regex *re, const char *s, size_t n, uint16_t *trail,
			      struct rt_span *span);

#ifndef __KERNEL__
/* ---- user space: regex_parse.c, regex_build.c ---- */

struct rt_regex_error {
	int at; /* byte of the pattern */
	char text[100];
};

/* rt_regex_check - is @pattern right? Does not find out whether it is too large. */
bool rt_regex_check(const char *pattern, struct rt_regex_error *err);
/* rt_regex_compile - the tables for @pattern, one block for free(); NULL with @err on a mistake.
 * @groups: tables for rt_regex_match() */
struct rt_regex *rt_regex_compile(const char *pattern, bool groups, struct rt_regex_error *err);
#endif

#endif
