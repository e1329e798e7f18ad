/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tree that a pattern is parsed into, between regex_parse.c and regex_build.c. User space only.
 */
#ifndef RT_COMMON_REGEX_INT_H
#define RT_COMMON_REGEX_INT_H

#include "regex.h"

/* Larger patterns are refused: nodes bound the depth of recursion, places the width of a state. */
#define RX_MAX_NODES 12000
#define RX_MAX_PLACES 2000
#define RX_MAX_DEPTH 200

enum rx_kind {
	RX_EMPTY, /* matches nothing, always */
	RX_BEGIN, /* ^ */
	RX_END,	  /* $ */
	RX_BYTE,  /* one byte of a set */
	RX_GROUP, /* a, in parentheses */
	RX_CAT,	  /* a, then b */
	RX_ALT,	  /* a or b */
	RX_LOOP,  /* a any number of times, at least once if @must */
	RX_OPT	  /* a or nothing; with @tail the nothing is preferred to an empty a */
};

/* struct rx_node - a is 0 where there is none: node 0 is not used. */
struct rx_node {
	enum rx_kind kind;
	bool must, tail;
	uint8_t empty; /* where it matches nothing: bits 1 << (at the start * 2 + at the end) */
	int a, b;
	int set;		     /* BYTE: which one */
	int group;		     /* GROUP: its number, 0: has none */
	int inner_first, inner_last; /* GROUP: numbers that it and those in it have */
	int first, last;	     /* places (BYTEs) in it, counted from 1 */
};

/* A set of bytes. */
struct rx_set {
	uint8_t bits[32];
};

/* struct rx_tree - a pattern. All of it is freed by rx_free(). */
struct rx_tree {
	struct rx_node *nodes;
	int n_nodes, cap_nodes;
	struct rx_set *sets;
	int n_sets, cap_sets;
	int root;
	int groups; /* with the whole, group 0 */
};

static inline bool rx_has(const struct rx_set *s, int byte)
{
	return s->bits[byte / 8] >> byte % 8 & 1;
}

/* rx_error - note the mistake, unless there is one already; returns false. */
bool rx_error(struct rt_regex_error *err, int at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* rx_grow - room for one element more in an array of @size bytes each; NULL: no memory. */
void *rx_grow(void *array, int n, int *cap, size_t size);
/* rx_parse - @pattern as a tree; false with @err on a mistake. rx_free() it in any case. */
bool rx_parse(struct rx_tree *t, const char *pattern, struct rt_regex_error *err);
void rx_free(struct rx_tree *t);

#endif
