// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tree -> tables, in user space before the run.
 *
 * A state is what can be known of the pattern after some bytes: the places (BYTE nodes) that may
 * have taken the last one. For a test a set of them is enough. For groups POSIX says which way
 * through the pattern counts: the match that starts first, of those the longest, then every part of
 * the pattern, outer before inner and left before right, as long as possible. To tell that later a
 * state keeps its places in order and in brackets:
 *
 *	whole     a bracket for each start of a match, the earliest first
 *	a then b  places in a, then a bracket with places in b for each end of a, the latest first
 *	a loop    places in a round, in brackets; behind each the rounds begun where it ended
 *	a or b    places in a, places in b
 *
 * A bracket is better than those behind it, whatever comes: its start is earlier, or the part
 * before it longer. So of a place that occurs twice the second is dropped, which keeps the number
 * of states finite, and the first place that can end the pattern ends the best match. Places in one
 * bracket are not compared yet: in (x|xy)z? the y leaves the group later than the x, and its
 * bracket of z then comes first. That is why a plain list in order of preference does not do.
 *
 * From which place a place is reached depends on the state before and not on the byte: a row of
 * steps for each state is all that the walk back needs, and most states can share theirs.
 *
 * Chosen because it is exact, and its states know all of the order: an automaton with registers
 * (Laurikari) copies them at each byte, a simulation of the tree takes time that depends on the
 * pattern. Its price is the number of states, which has a limit.
 */
#include "regex_int.h"

#include <stdlib.h>

#define MAX_TABLE 65535	   /* states are told by 16 bits */
#define MAX_TOKENS 8000000 /* memory for all states */
#define HASH_SIZE 4096
#define OPEN (-1)
#define CLOSE (-2)

struct state {
	size_t tokens; /* where they begin in the builder's: places, OPEN and CLOSE */
	int n_tokens;
	bool matched; /* a match ended before: later starts do not count */
	bool accepts; /* a match ends here, whatever follows */
	bool dead;    /* none will */
	int next;     /* of the same hash, -1: none */
	int offset;   /* in the final table */
};

/* struct item - a token of a state that follows. */
struct item {
	int token;
	struct rt_regex_step by; /* how the place is reached */
	int of;			 /* OPEN: the CAT whose places it has, if that may be left out */
};

/* struct bracket - one that is not closed yet: where its OPEN is, and its item.of. */
struct bracket {
	int at, of;
};

/* struct mark - marks as a tree: a list shares its tail with others. 0: none. */
struct mark {
	struct rt_regex_mark m;
	int child, sibling;
};

struct builder {
	const struct rx_tree *tree;
	bool groups;
	struct rt_regex_error *err;
	bool failed;
	int n_places;
	int *node_of; /* [place] its BYTE node */
	int n_classes, stride;
	uint8_t class_of[256], byte_of[256]; /* a byte's class; one byte of a class */

	struct state *states;
	int n_states, cap_states;
	int *tokens;
	size_t n_tokens, cap_tokens;
	int hash[HASH_SIZE];
	uint16_t *table; /* as the final one, but targets are numbers of states */
	struct rt_regex_step *steps;
	int n_steps;
	struct mark *marks;
	int n_marks, cap_marks;

	/* the state that is being left */
	const int *in, *in_end;
	struct item *out;
	int n_out, cap_out;
	struct bracket *opened; /* cap_opened of them: as many as there are items */
	int cap_opened;
	bool emit; /* put out what follows; otherwise only: can the pattern end here? */
	int where; /* bit of rx_node.empty */
	int *seen; /* [place] the last round that put it out */
	int round;
};

/* struct end - the best way in which a part of the pattern ends here. */
struct end {
	bool ok;
	struct rt_regex_step by;
};

static const struct end no_end;

static void too_large(struct builder *b)
{
	b->failed = true;
	rx_error(b->err, 0,
		 b->groups ? "too large for tables that find groups" : "too large for a table");
}

static void *get(struct builder *b, size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		too_large(b);
	return p;
}

static const struct rx_node *node_at(const struct builder *b, int n)
{
	return &b->tree->nodes[n];
}

/* Can this part match nothing, where we are? */
static bool is_empty(const struct builder *b, int n)
{
	return node_at(b, n)->empty >> b->where & 1;
}

/* ---- classes: bytes that no part of the pattern tells apart ---- */

static void split_classes(struct builder *b, const struct rx_set *set)
{
	int other[256] = {0}; /* the class that takes what is not as its first byte, 0: none yet */
	int i;

	for (i = 0; i < 256; i++) {
		int c = b->class_of[i];

		if (rx_has(set, i) == rx_has(set, b->byte_of[c]))
			continue;
		if (!other[c]) {
			other[c] = b->n_classes++;
			b->byte_of[other[c]] = (uint8_t)i;
		}
		b->class_of[i] = (uint8_t)other[c];
	}
}

/* ---- marks: where groups begin and end ---- */

static bool same_mark(const struct rt_regex_mark *a, const struct rt_regex_mark *b)
{
	return a->begins == b->begins && a->group == b->group && a->first == b->first &&
	       a->last == b->last;
}

/* The list @before with @m behind it. */
static uint16_t mark_after(struct builder *b, uint16_t before, struct rt_regex_mark m)
{
	struct mark *all;
	int i;

	for (i = b->marks[before].child; i; i = b->marks[i].sibling) {
		if (same_mark(&b->marks[i].m, &m))
			return (uint16_t)i;
	}
	all = rx_grow(b->marks, b->n_marks, &b->cap_marks, sizeof(*all));
	if (all)
		b->marks = all;
	if (!all || b->n_marks >= MAX_TABLE) {
		too_large(b);
		return before;
	}
	m.before = before;
	all[b->n_marks] = (struct mark){.m = m, .sibling = all[before].child};
	all[before].child = b->n_marks;
	return (uint16_t)b->n_marks++;
}

static struct rt_regex_step mark(struct builder *b, struct rt_regex_step by,
				 const struct rx_node *group, bool begins)
{
	struct rt_regex_mark m = {.begins = begins,
				  .group = (uint8_t)group->group,
				  .first = (uint8_t)group->inner_first,
				  .last = (uint8_t)group->inner_last};

	if (!b->groups || group->inner_first > group->inner_last || (!begins && !m.group))
		return by; /* nobody asks */
	by.marks = mark_after(b, by.marks, m);
	return by;
}

/* Past a part that matches nothing. A loop has one empty round then: that is more than no match. */
static struct rt_regex_step skip(struct builder *b, int n, struct rt_regex_step by)
{
	const struct rx_node *x = node_at(b, n);

	switch (x->kind) {
	case RX_GROUP:
		return mark(b, skip(b, x->a, mark(b, by, x, true)), x, false);
	case RX_CAT:
		return skip(b, x->b, skip(b, x->a, by));
	case RX_ALT:
		return skip(b, is_empty(b, x->a) ? x->a : x->b, by);
	case RX_LOOP:
	case RX_OPT:
		return !x->tail && is_empty(b, x->a) ? skip(b, x->a, by) : by;
	case RX_EMPTY:
	case RX_BEGIN:
	case RX_END:
	case RX_BYTE:
		break;
	}
	return by;
}

/* ---- what follows a state ---- */

/* Room for all brackets of the items to be open at once. */
static bool room_for_brackets(struct builder *b)
{
	struct bracket *opened;

	if (b->cap_opened >= b->cap_out)
		return true;
	opened = realloc(b->opened, (size_t)b->cap_out * sizeof(*opened));
	if (!opened) {
		too_large(b);
		return false;
	}
	b->opened = opened;
	b->cap_opened = b->cap_out;
	return true;
}

static void put(struct builder *b, struct item it)
{
	struct item *out = rx_grow(b->out, b->n_out, &b->cap_out, sizeof(*out));

	if (!out) {
		too_large(b);
		return;
	}
	b->out = out;
	out[b->n_out++] = it;
}

static void open(struct builder *b, int of)
{
	if (b->emit && b->groups)
		put(b, (struct item){.token = OPEN, .of = of});
}

static void close(struct builder *b)
{
	if (!b->emit || !b->groups)
		return;
	if (b->n_out && b->out[b->n_out - 1].token == OPEN)
		b->n_out--; /* nothing in it */
	else
		put(b, (struct item){.token = CLOSE});
}

/* A place that the next byte may be matched by. */
static void put_place(struct builder *b, int place, struct rt_regex_step by)
{
	if (b->seen[place] == b->round)
		return; /* a better way leads there */
	b->seen[place] = b->round;
	put(b, (struct item){.token = place, .by = by});
}

/* The places that a part of the pattern can begin with. */
static void enter(struct builder *b, int n, struct rt_regex_step by)
{
	const struct rx_node *x = node_at(b, n);

	switch (x->kind) {
	case RX_BYTE:
		put_place(b, x->first, by);
		break;
	case RX_GROUP:
		enter(b, x->a, mark(b, by, x, true));
		break;
	case RX_CAT:
		enter(b, x->a, by);
		if (is_empty(b, x->a)) {
			open(b, x->b);
			enter(b, x->b, skip(b, x->a, by));
			close(b);
		}
		break;
	case RX_ALT:
		enter(b, x->a, by);
		enter(b, x->b, by);
		break;
	case RX_LOOP:
		open(b, 0);
		enter(b, x->a, by);
		close(b);
		break;
	case RX_OPT:
		enter(b, x->a, by);
		break;
	case RX_EMPTY:
	case RX_BEGIN:
	case RX_END:
		break;
	}
}

static void enter_bracket(struct builder *b, int n, int of, struct rt_regex_step by)
{
	if (!b->emit)
		return;
	open(b, of);
	enter(b, n, by);
	close(b);
}

/* Is the next place, or the first in the next bracket, one of @n's? */
static bool next_is_in(const struct builder *b, int n)
{
	const struct rx_node *x = node_at(b, n);
	const int *p = b->in;

	while (p < b->in_end && *p == OPEN)
		p++;
	return p < b->in_end && *p >= x->first && *p <= x->last;
}

static struct end follow(struct builder *b, int n);

static struct end follow_bracket(struct builder *b, int n, int of)
{
	struct end e;

	b->in += b->groups;
	open(b, of);
	e = follow(b, n);
	close(b);
	b->in += b->groups;
	return e;
}

/* The same for a chain, of which only the brackets of a later link may be there (see target()). */
static struct end follow_chain(struct builder *b, int n)
{
	while (b->groups && node_at(b, n)->kind == RX_CAT && !next_is_in(b, node_at(b, n)->a))
		n = node_at(b, n)->b;
	return follow_bracket(b, n, n);
}

static struct end follow_cat(struct builder *b, const struct rx_node *x)
{
	struct end all = no_end, e;

	if (next_is_in(b, x->a)) {
		e = follow(b, x->a);
		if (e.ok) {
			enter_bracket(b, x->b, x->b, e.by);
			all.ok = is_empty(b, x->b);
			if (all.ok)
				all.by = skip(b, x->b, e.by);
		}
	}
	while (next_is_in(b, x->b)) {
		e = follow_chain(b, x->b);
		if (!all.ok)
			all = e;
	}
	return all;
}

static struct end follow_loop(struct builder *b, const struct rx_node *x)
{
	struct end all = no_end, e;

	while (next_is_in(b, x->a)) {
		e = follow_bracket(b, x->a, 0);
		if (e.ok)
			enter_bracket(b, x->a, 0, e.by);
		if (!all.ok)
			all = e;
	}
	return all;
}

static struct end follow_alt(struct builder *b, const struct rx_node *x)
{
	struct end all = no_end, e;

	if (next_is_in(b, x->a))
		all = follow(b, x->a);
	if (next_is_in(b, x->b)) {
		e = follow(b, x->b);
		if (!all.ok)
			all = e;
	}
	return all;
}

/* Read the places that are in this part, put out those that follow them in it. */
static struct end follow(struct builder *b, int n)
{
	const struct rx_node *x = node_at(b, n);
	struct end e = no_end;

	switch (x->kind) {
	case RX_BYTE:
		b->in++;
		e.ok = true;
		e.by.from = (uint16_t)x->first;
		break;
	case RX_GROUP:
		e = follow(b, x->a);
		if (e.ok)
			e.by = mark(b, e.by, x, false);
		break;
	case RX_CAT:
		return follow_cat(b, x);
	case RX_ALT:
		return follow_alt(b, x);
	case RX_LOOP:
		return follow_loop(b, x);
	case RX_OPT:
		return follow(b, x->a);
	case RX_EMPTY:
	case RX_BEGIN:
	case RX_END:
		break;
	}
	return e;
}

/* The whole pattern: first the matches that are under way, then one that starts here. What starts
 * behind one that has ended does not count any more. */
static struct end follow_all(struct builder *b, int state, bool emit)
{
	const struct state *s = &b->states[state];
	const struct rt_regex_step start = {RT_REGEX_START, 0};
	int root = b->tree->root;
	struct end e = no_end;

	b->in = b->tokens + s->tokens;
	b->in_end = b->in + s->n_tokens;
	b->emit = emit;
	b->where = (state == 0) * 2 + !emit;
	b->n_out = 0;
	b->round++;
	while (!e.ok && next_is_in(b, root))
		e = follow_bracket(b, root, 0);
	if (e.ok || s->matched)
		return e;
	enter_bracket(b, root, 0, start);
	e.ok = is_empty(b, root);
	if (e.ok)
		e.by = skip(b, root, start);
	return e;
}

/* ---- states ---- */

static unsigned int hash_of(const int *tokens, int n, bool matched)
{
	unsigned int h = matched;
	int i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned int)tokens[i]) * 16777619u;
	return (h ^ h >> 15) % HASH_SIZE;
}

/* The state of the @n tokens at the end of the builder's: a known one, or a new one. */
static int state_of(struct builder *b, int n, bool matched)
{
	const int *tokens = b->tokens + b->n_tokens;
	unsigned int h = hash_of(tokens, n, matched);
	struct state *all;
	int i;

	for (i = b->hash[h]; i >= 0; i = b->states[i].next) {
		const struct state *s = &b->states[i];

		if (s->n_tokens == n && s->matched == matched &&
		    (!n || !memcmp(b->tokens + s->tokens, tokens, (size_t)n * sizeof(int))))
			return i;
	}
	all = rx_grow(b->states, b->n_states, &b->cap_states, sizeof(*all));
	if (all)
		b->states = all;
	if (!all || (b->n_states + 1) * b->stride > MAX_TABLE) {
		too_large(b);
		return 0;
	}
	all[b->n_states] = (struct state){
	    .tokens = b->n_tokens, .n_tokens = n, .matched = matched, .next = b->hash[h]};
	b->n_tokens += (size_t)n;
	if (b->n_states) /* the first one is like no other: ^ matches there */
		b->hash[h] = b->n_states;
	return b->n_states++;
}

static bool room_for_tokens(struct builder *b, size_t n)
{
	size_t cap = (b->n_tokens + n) * 2;
	int *tokens;

	if (b->n_tokens + n <= b->cap_tokens)
		return true;
	tokens = b->n_tokens + n > MAX_TOKENS ? NULL : realloc(b->tokens, cap * sizeof(int));
	if (!tokens) {
		too_large(b);
		return false;
	}
	b->tokens = tokens;
	b->cap_tokens = cap;
	return true;
}

static bool takes(const struct builder *b, int place, int class)
{
	return rx_has(&b->tree->sets[node_at(b, b->node_of[place])->set], b->byte_of[class]);
}

/* Does the bracket at @open say nothing, because it has only brackets of the next link of a chain?
 * They stand for themselves then; without that a chain of n links would nest n deep. */
static bool is_idle(const struct builder *b, const int *open, int of)
{
	const struct rx_node *x = node_at(b, of);

	if (of && x->kind == RX_CAT) {
		while (*open == OPEN)
			open++;
		return *open > node_at(b, x->a)->last;
	}
	return false;
}

/* End the last bracket of @n tokens; returns how many there are then. */
static int close_tokens(const struct builder *b, int *t, int n, struct bracket open)
{
	if (t[n - 1] == OPEN)
		return n - 1;
	if (is_idle(b, t + open.at, open.of)) {
		memmove(t + open.at, t + open.at + 1, (size_t)(n - open.at - 1) * sizeof(*t));
		return n - 1;
	}
	t[n] = CLOSE;
	return n + 1;
}

/* The state behind a byte of class @c: of what may follow that which takes it. */
static int target(struct builder *b, int c, bool matched)
{
	int *t, n = 0, depth = 0, i;

	if (!room_for_tokens(b, (size_t)b->n_out + 1))
		return 0;
	t = b->tokens + b->n_tokens;
	for (i = 0; i < b->n_out; i++) {
		const struct item *it = &b->out[i];

		if (it->token == OPEN) {
			b->opened[depth].of = it->of;
			b->opened[depth++].at = n;
			t[n++] = OPEN;
		} else if (it->token != CLOSE) {
			if (takes(b, it->token, c))
				t[n++] = it->token;
		} else {
			n = close_tokens(b, t, n, b->opened[--depth]);
		}
	}
	return state_of(b, n, matched);
}

/* Does the row at @row say nothing else than what the state needs? */
static bool row_fits(const struct builder *b, int row)
{
	int i;

	for (i = 0; i < b->n_out; i++) {
		const struct item *it = &b->out[i];
		const struct rt_regex_step *s = &b->steps[row + it->token];

		if (it->token > 0 && s->from != RT_REGEX_NONE &&
		    (s->from != it->by.from || s->marks != it->by.marks))
			return false;
	}
	return true;
}

/* Where the steps out of the state are written: into a row that has them or has room for them. */
static int row_of(struct builder *b)
{
	int width = b->n_places + 1, row, i;

	for (row = 0; row < b->n_steps && !row_fits(b, row);)
		row += width;
	if (row == b->n_steps) {
		if (row + width > MAX_TABLE) {
			too_large(b);
			return 0;
		}
		for (i = 0; i < width; i++)
			b->steps[row + i].from = RT_REGEX_NONE;
		b->n_steps += width;
	}
	for (i = 0; i < b->n_out; i++) {
		if (b->out[i].token > 0)
			b->steps[row + b->out[i].token] = b->out[i].by;
	}
	return row;
}

static int by_token(const void *a, const void *b)
{
	return ((const struct item *)a)->token - ((const struct item *)b)->token;
}

static void write_end(uint16_t *column, struct end e)
{
	column[0] = e.ok ? e.by.from : RT_REGEX_NONE;
	column[1] = e.by.marks;
}

/* Find the targets of a state, and whether it accepts. */
static void expand(struct builder *b, int state)
{
	uint16_t *line = b->table + state * b->stride, *column = line + b->n_classes;
	struct end at_end = follow_all(b, state, false), here = follow_all(b, state, true);
	bool matched = b->states[state].matched || here.ok;
	int c;

	b->states[state].accepts = here.ok;
	if (!b->groups) {
		column[RT_REGEX_END_FROM] = at_end.ok ? RT_REGEX_START : RT_REGEX_NONE;
		if (here.ok)
			return; /* it ends there */
		if (b->n_out)
			qsort(b->out, (size_t)b->n_out, sizeof(*b->out), by_token);
	} else {
		write_end(column + RT_REGEX_END_FROM, at_end);
		write_end(column + RT_REGEX_HERE_FROM, here);
		column[RT_REGEX_ROW] = (uint16_t)row_of(b);
	}
	if (!room_for_brackets(b))
		return;
	for (c = 0; c < b->n_classes && !b->failed; c++)
		line[c] = (uint16_t)target(b, c, matched);
}

/* ---- the final tables ---- */

static bool is_dead(const struct builder *b, int state)
{
	const uint16_t *line = b->table + state * b->stride;
	int c;

	if (b->states[state].accepts || line[b->n_classes + RT_REGEX_END_FROM] != RT_REGEX_NONE)
		return false;
	for (c = 0; c < b->n_classes; c++) {
		if (line[c] != state)
			return false;
	}
	return true;
}

/* One state for all dead ones, then those that accept, then the plain ones. */
static void order_states(struct builder *b, struct rt_regex *re)
{
	int i, offset = 0;

	for (i = 0; i < b->n_states; i++) {
		b->states[i].dead = is_dead(b, i);
		if (b->states[i].dead)
			offset = b->stride;
	}
	re->accept = (uint16_t)offset;
	for (i = 0; i < b->n_states; i++) {
		if (b->states[i].accepts) {
			b->states[i].offset = offset;
			offset += b->stride;
		}
	}
	re->plain = (uint16_t)offset;
	for (i = 0; i < b->n_states; i++) {
		if (!b->states[i].accepts && !b->states[i].dead) {
			b->states[i].offset = offset;
			offset += b->stride;
		}
	}
	re->n_table = (uint32_t)offset;
	re->start = (uint16_t)b->states[0].offset;
}

static void copy_table(const struct builder *b, uint16_t *table)
{
	int i, c;

	for (i = 0; i < b->n_states; i++) {
		const uint16_t *from = b->table + i * b->stride;
		uint16_t *to = table + b->states[i].offset;

		memcpy(to, from, (size_t)b->stride * sizeof(*to));
		for (c = 0; c < b->n_classes; c++)
			to[c] = (uint16_t)b->states[from[c]].offset;
	}
}

static void copy_marks(const struct builder *b, struct rt_regex_mark *marks)
{
	int i;

	for (i = 0; i < b->n_marks; i++)
		marks[i] = b->marks[i].m;
}

/* Everything in one block: the struct, then what it points to. */
static struct rt_regex *finish(struct builder *b)
{
	struct rt_regex head = {.classes = (uint16_t)b->n_classes,
				.groups = (uint16_t)(b->groups ? b->tree->groups : 0),
				.n_steps = (uint32_t)b->n_steps,
				.n_marks = (uint32_t)(b->groups ? b->n_marks : 0)};
	struct rt_regex_step *steps;
	struct rt_regex_mark *marks;
	struct rt_regex *re;
	uint16_t *table;
	uint8_t *class_of;
	size_t size;

	order_states(b, &head);
	size = sizeof(*re) + head.n_steps * sizeof(*steps) + head.n_table * sizeof(*table) +
	       head.n_marks * sizeof(*marks) + sizeof(b->class_of);
	re = get(b, 1, size);
	if (!re)
		return NULL;
	steps = (struct rt_regex_step *)(re + 1);
	table = (uint16_t *)(steps + head.n_steps);
	marks = (struct rt_regex_mark *)(table + head.n_table);
	class_of = (uint8_t *)(marks + head.n_marks);
	head.class_of = class_of;
	head.table = table;
	head.steps = b->groups ? steps : NULL;
	head.marks = marks;
	*re = head;
	memcpy(class_of, b->class_of, sizeof(b->class_of));
	copy_table(b, table);
	copy_marks(b, marks);
	if (b->groups)
		memcpy(steps, b->steps, head.n_steps * sizeof(*steps));
	return re;
}

/* ---- all of it ---- */

static bool prepare(struct builder *b)
{
	const struct rx_tree *t = b->tree;
	int i;

	if (b->groups && t->groups > RT_REGEX_GROUPS)
		return rx_error(b->err, 0, "more than %d groups", RT_REGEX_GROUPS - 1);
	b->n_places = node_at(b, t->root)->last;
	b->n_classes = 1;
	for (i = 0; i < t->n_sets; i++)
		split_classes(b, &t->sets[i]);
	b->stride = b->n_classes + (b->groups ? RT_REGEX_COLUMNS : 1);
	for (i = 0; i < HASH_SIZE; i++)
		b->hash[i] = -1;
	b->table = get(b, MAX_TABLE, sizeof(*b->table));
	b->steps = get(b, b->groups ? MAX_TABLE : 1, sizeof(*b->steps));
	b->marks = get(b, 1, sizeof(*b->marks));
	b->n_marks = b->cap_marks = 1;
	b->seen = get(b, (size_t)b->n_places + 1, sizeof(int));
	b->node_of = get(b, (size_t)b->n_places + 1, sizeof(int));
	for (i = 1; i < t->n_nodes && !b->failed; i++) {
		if (node_at(b, i)->kind == RX_BYTE)
			b->node_of[node_at(b, i)->first] = i;
	}
	return !b->failed && room_for_tokens(b, 1);
}

static struct rt_regex *build(struct builder *b)
{
	int i;

	if (!prepare(b))
		return NULL;
	state_of(b, 0, false);
	for (i = 0; i < b->n_states && !b->failed; i++)
		expand(b, i);
	return b->failed ? NULL : finish(b);
}

struct rt_regex *rt_regex_compile(const char *pattern, bool groups, struct rt_regex_error *err)
{
	struct rx_tree t;
	struct builder *b = calloc(1, sizeof(*b));
	struct rt_regex *re = NULL;

	if (rx_parse(&t, pattern, err) && b) {
		b->tree = &t;
		b->groups = groups;
		b->err = err;
		re = build(b);
		free(b->table);
		free(b->steps);
		free(b->marks);
		free(b->seen);
		free(b->node_of);
		free(b->out);
		free(b->opened);
		free(b->tokens);
		free(b->states);
	}
	if (!b)
		rx_error(err, 0, "no memory");
	free(b);
	rx_free(&t);
	return re;
}
