/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Values kept from a function's entry to its return. An entry is found again by thread, stack
 * pointer and entry handler: two calls of one thread cannot have the same stack pointer at the same
 * time. The table is a fixed set of calls behind a hash of chains; when it is full calls whose
 * return was missed or is far away make room in turn.
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>

enum { CALLS = 65536, BUCKETS = 65536, NONE = -1 };

typedef struct Call {
	uint64_t sp;
	int32_t tid;
	int32_t handler;
	int32_t next; /* in its bucket; NONE ends */
	int32_t n;    /* values; 0 with used false */
	bool used;
	Saved *value;
} Call;

struct EntryTable {
	Call *call;
	int32_t *bucket;
	uint32_t next;	/* whose turn it is to make room */
	Call taken;	/* what entry_take() gave out last */
	int32_t *spare; /* places that are free */
	uint32_t n_spare;
};

EntryTable *entry_table_new(void)
{
	EntryTable *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->taken.handler = NONE;
	return t;
}

/* The tables are only made when a script has something to keep. */
static bool table_ready(EntryTable *t)
{
	if (t->spare)
		return true;
	t->call = calloc(CALLS, sizeof(*t->call));
	t->bucket = malloc(BUCKETS * sizeof(*t->bucket));
	t->spare = malloc(CALLS * sizeof(*t->spare));
	if (!t->call || !t->bucket || !t->spare)
		return false;
	memset(t->bucket, 0xff, BUCKETS * sizeof(*t->bucket));
	for (uint32_t i = 0; i < CALLS; i++)
		t->spare[i] = (int32_t)(CALLS - 1 - i);
	t->n_spare = CALLS;
	return true;
}

static void values_free(Call *c)
{
	for (int i = 0; i < c->n; i++) {
		free(c->value[i].text);
		c->value[i].text = NULL;
	}
}

void entry_table_free(EntryTable *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; t->call && i < CALLS; i++) {
		values_free(&t->call[i]);
		free(t->call[i].value);
	}
	values_free(&t->taken);
	free(t->taken.value);
	free(t->call);
	free(t->bucket);
	free(t->spare);
	free(t);
}

static uint32_t bucket_of(uint64_t sp, int32_t tid, int32_t handler)
{
	uint64_t h = (sp ^ (uint64_t)(uint32_t)tid << 20 ^ (uint64_t)(uint32_t)handler << 50) *
		     0x9e3779b97f4a7c15ull;

	return (uint32_t)(h >> 48) % BUCKETS;
}

/* The link that leads to the call; *link is NONE when there is none. */
static int32_t *find(EntryTable *t, uint64_t sp, int32_t tid, int32_t handler)
{
	int32_t *link = &t->bucket[bucket_of(sp, tid, handler)];

	for (; *link != NONE; link = &t->call[*link].next) {
		const Call *c = &t->call[*link];

		if (c->sp == sp && c->tid == tid && c->handler == handler)
			break;
	}
	return link;
}

static void drop_oldest(EntryTable *t)
{
	Call *c = &t->call[t->next];
	int32_t *link;

	if (c->used) {
		link = find(t, c->sp, c->tid, c->handler);
		*link = c->next;
		c->used = false;
		values_free(c);
		t->spare[t->n_spare++] = (int32_t)t->next;
	}
	t->next = (t->next + 1) % CALLS;
}

/* A call of this key, its values empty; NULL without memory. */
static Call *call_make(EntryTable *t, uint64_t sp, int32_t tid, int32_t handler, int n)
{
	int32_t *link = find(t, sp, tid, handler);
	Call *c;

	if (*link == NONE) {
		int32_t at;

		while (!t->n_spare)
			drop_oldest(t);
		link = find(t, sp, tid, handler); /* dropping may have cut the chain */
		at = t->spare[--t->n_spare];
		t->call[at].next = NONE;
		*link = at;
	}
	c = &t->call[*link];
	c->sp = sp;
	c->tid = tid;
	c->handler = handler;
	c->used = true;
	values_free(c);
	if (c->n < n || !c->value) {
		Saved *more = realloc(c->value, sizeof(Saved) * (size_t)(n ? n : 1));

		if (!more)
			return NULL;
		c->value = more;
	}
	memset(c->value, 0, sizeof(Saved) * (size_t)n);
	c->n = n;
	return c;
}

static void keep_text(Saved *s, const char *p, size_t n)
{
	s->text = malloc(n + 1);
	if (!s->text)
		return;
	if (n)
		memcpy(s->text, p, n);
	s->text[n] = 0;
	s->v = (Value){.p = s->text, .n = (uint32_t)n};
}

static void keep_value(Eval *e, const Code *c, Saved *s)
{
	Str text;

	if (!c->is_str) {
		s->v.num = NUM(c);
		return;
	}
	text = STR(c);
	if (text.n)
		keep_text(s, text.p, text.n);
	else
		s->v = (Value){.p = "", .n = 0};
}

/* An error in one value is kept with it: it is reported where the return handler wants the value.
 */
static void keep_guarded(Eval *e, const Code *c, Saved *s)
{
	Catch here;

	e->catch = NULL;
	catch_open(e, &here);
	e->top = &here;
	if (!setjmp(here.env)) {
		keep_value(e, c, s);
	} else {
		catch_restore(e, &here);
		keep_text(s, e->error, strlen(e->error));
		s->failed = true;
	}
	e->catch = e->top = NULL;
}

void entry_save(Eval *e, HandlerCode *h)
{
	int64_t sp = 0;
	Call *c;

	e->handler = h;
	e->fp = e->fp_top = e->frames;
	e->tmp = e->tmps;
	e->actions = e->max_action;
	e->nesting = 0;
	field_num(e->rec, e->event->sp, &sp);
	if (!table_ready(e->entries)) {
		e->skipped++;
		return;
	}
	c = call_make(e->entries, (uint64_t)sp, e->rec->tid, (int32_t)(h - e->handlers),
		      h->n_entry);
	if (!c) {
		e->skipped++;
		return;
	}
	for (int i = 0; i < h->n_entry; i++) {
		if (!h->may_raise)
			keep_value(e, h->entry[i], &c->value[i]);
		else
			keep_guarded(e, h->entry[i], &c->value[i]);
	}
}

const Saved *entry_take(Eval *e, int entry_handler)
{
	EntryTable *t = e->entries;
	int64_t sp = 0;
	int32_t *link, at;
	Call old = t->taken;

	field_num(e->rec, e->event->sp, &sp);
	if (!t->spare)
		return NULL;
	sp -= arch_ret_sp_delta();
	link = find(t, (uint64_t)sp, e->rec->tid, entry_handler);
	if (*link == NONE)
		return NULL;
	at = *link;
	*link = t->call[at].next;
	t->taken = t->call[at];
	values_free(&old); /* its array serves the next call at this place */
	old.n = 0;
	old.used = false;
	t->call[at] = old;
	t->spare[t->n_spare++] = at;
	return t->taken.value;
}

/* ---- @entry(...) in the return handler ---- */

static const Saved *saved(Eval *e, const Code *c)
{
	const Saved *s;

	if (!e->entry)
		raise_error(e, c->node, "@entry without the function's entry");
	s = &e->entry[c->n];
	if (s->failed)
		raise_error(e, c->node, "%s", s->text ? s->text : "out of memory");
	return s;
}

static int64_t do_entry_num(Eval *e, const Code *c)
{
	return saved(e, c)->v.num;
}

static Str do_entry_str(Eval *e, const Code *c)
{
	return value_str(&saved(e, c)->v);
}

const Code *compile_entry(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->n = n->unary.entry_slot;
	if (n->type == TY_STRING) {
		c->str = do_entry_str;
		c->is_str = true;
		c->life = LIFE_HANDLER;
	} else {
		c->num = do_entry_num;
	}
	return c;
}
