// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matching a regular expression: a walk over its table, one look-up a byte. For groups the states
 * passed are kept; from the best accepting one the way is then followed back to where the match
 * starts, and groups get their positions on the way. Each of the two walks touches a byte of the
 * subject once.
 */
#include "regex.h"

static uint16_t step(const struct rt_regex *re, uint16_t state, char byte)
{
	return re->table[state + re->class_of[(uint8_t)byte]];
}

static const uint16_t *columns(const struct rt_regex *re, uint16_t state)
{
	return re->table + state + re->classes;
}

bool rt_regex_test(const struct rt_regex *re, const char *s, size_t n)
{
	const char *end = s + n;
	uint16_t state = re->start;

	for (; state >= re->plain; state = step(re, state, *s++)) {
		if (s == end)
			return columns(re, state)[RT_REGEX_END_FROM] != RT_REGEX_NONE;
	}
	return state >= re->accept;
}

/* Apply the marks of one position. @done has the bits of the groups that are known. */
static uint64_t apply(const struct rt_regex *re, uint16_t marks, int32_t at, struct rt_span *span,
		      uint64_t done)
{
	for (; marks; marks = re->marks[marks].before) {
		const struct rt_regex_mark *m = &re->marks[marks];

		if (m->group && !(done >> m->group & 1)) {
			if (m->begins)
				span[m->group].start = at;
			else
				span[m->group].end = at;
		}
		if (m->begins)
			done |= ((uint64_t)2 << m->last) - ((uint64_t)1 << m->first);
	}
	return done;
}

/* From the match that ends at @at by @by back to its start. */
static void walk_back(const struct rt_regex *re, const uint16_t *trail, int32_t at,
		      struct rt_regex_step by, struct rt_span *span)
{
	uint64_t done = 0;
	int i;

	for (i = 0; i < re->groups; i++)
		span[i].start = span[i].end = -1;
	span[0].end = at;
	for (;;) {
		if (by.marks)
			done = apply(re, by.marks, at, span, done);
		if (by.from == RT_REGEX_START)
			break;
		at--;
		by = re->steps[columns(re, trail[at])[RT_REGEX_ROW] + by.from];
	}
	span[0].start = at;
}

bool rt_regex_match(const struct rt_regex *re, const char *s, size_t n, uint16_t *trail,
		    struct rt_span *span)
{
	int32_t i, len = (int32_t)n, found = -1;
	uint16_t state = re->start;
	const uint16_t *col;
	struct rt_regex_step by;

	for (i = 0;; i++) {
		trail[i] = state;
		if (state < re->plain) {
			if (state < re->accept)
				break;
			found = i;
		}
		if (i == len)
			break;
		state = step(re, state, s[i]);
	}
	col = columns(re, state);
	if (i == len && col[RT_REGEX_END_FROM] != RT_REGEX_NONE) {
		by.from = col[RT_REGEX_END_FROM];
		by.marks = col[RT_REGEX_END_MARKS];
		walk_back(re, trail, len, by, span);
		return true;
	}
	if (found < 0)
		return false;
	col = columns(re, trail[found]);
	by.from = col[RT_REGEX_HERE_FROM];
	by.marks = col[RT_REGEX_HERE_MARKS];
	walk_back(re, trail, found, by, span);
	return true;
}
