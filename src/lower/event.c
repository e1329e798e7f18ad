/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fetches -> the arguments of one event definition. All arguments are register fetches compiled here
 * (the kernel's own BTF names are missing on 6.1 and wrong for structs by value on 6.12). Equal
 * fetches share an argument. What a faulted read looks like afterwards is src/lower/record.c's part.
 */
#include "lower_int.h"

#include <string.h>

/* Reading here always faults without a page fault, so this string's own length word is left holding
 * the total size of all dynamic arguments [ftrace.md 1.5]. */
#define TOTAL_ARG "+0(@0x8000000000000000):string"

EventDef *event_new(Lowering *l, EventKind kind, Loc loc)
{
	EventDef *e = NEW(l->arena, EventDef);

	e->kind = kind;
	e->loc = loc;
	e->comm = e->sp = e->jiffies = -1;
	e->handler = -1;
	e->system = "@";
	e->name = arena_printf(l->arena, "e%d", l->plan->events.n);
	vec_push(l->arena, &l->plan->events, e);
	return e;
}

static Capture *capture_new(Lowering *l, EventDef *e, const Fetch *f)
{
	Capture *c = NEW(l->arena, Capture);

	if (f)
		c->fetch = *f;
	for (c->event = 0; l->plan->events.v[c->event] != e;)
		c->event++;
	c->slot = e->captures.n;
	c->sentinel = c->total = c->detector = -1;
	vec_push(l->arena, &e->captures, c);
	return c;
}

/** fixed_capture - an argument with text of its own: $comm, the empty string, ... */
static Capture *fixed_capture(Lowering *l, EventDef *e, const char *name, const char *text, bool string)
{
	Capture *c = capture_new(l, e, NULL);

	c->arg = arena_printf(l->arena, "%s%d", name, c->slot);
	c->text = text;
	c->is_string = string;
	return c;
}

/** fetch_steps - "+8(+24(%di))" for the first @n steps. */
static const char *fetch_steps(Lowering *l, const Fetch *f, int n, bool user_last)
{
	const char *s = "";

	switch (f->base) {
	case FB_REG:
		s = arena_printf(l->arena, "%%%s", arch_reg_ftrace(f->reg));
		break;
	case FB_ARG:
		s = arena_printf(l->arena, "$arg%d", f->reg);
		break;
	case FB_ADDR:
		s = arena_printf(l->arena, "@0x%llx", (unsigned long long)f->value);
		break;
	case FB_IMM:
		s = arena_printf(l->arena, "\\0x%llx", (unsigned long long)f->value);
		break;
	case FB_FIELD:
	case FB_EXPR:
	case FB_ANSWER:
		break;
	}
	for (int i = 0; i < n; i++)
		s = arena_printf(l->arena, "%c%s%lld(%s)", f->off[i] < 0 ? '-' : '+',
				 user_last && i == n - 1 ? "u" : "",
				 (long long)(f->off[i] < 0 ? -f->off[i] : f->off[i]), s);
	return s;
}

static const char *fetch_arg_text(Lowering *l, const Fetch *f)
{
	int last = f->n_off - 1;
	long long off = last >= 0 ? f->off[last] : 0;
	const char *type;

	if (f->kind == FK_NUM) /* 8 bytes as the script sees them, so that filters compare as it does */
		return arena_printf(l->arena, "%s:%c%d", fetch_steps(l, f, f->n_off, f->user),
				    f->is_signed || f->size == 8 ? 's' : 'u', f->size * 8);
	type = f->kind == FK_BYTES ? arena_printf(l->arena, "x8[%d]", f->length)
	       : f->user	   ? "ustring"
				   : "string";
	if (last < 0) /* text at a constant address */
		return arena_printf(l->arena, "%s:%s", fetch_steps(l, f, 0, false), type);
	return arena_printf(l->arena, "%c%lld(%s):%s", off < 0 ? '-' : '+', off < 0 ? -off : off,
			    fetch_steps(l, f, last, false), type);
}

static const Capture *find_capture(const EventDef *e, const Fetch *f)
{
	for (int i = 0; i < e->captures.n; i++)
		if (!e->captures.v[i]->text && fetch_equal(&e->captures.v[i]->fetch, f))
			return e->captures.v[i];
	return NULL;
}

static bool is_total(const Capture *c)
{
	return c->text && !strcmp(c->text, TOTAL_ARG);
}

static int empty_string_slot(Lowering *l, EventDef *e)
{
	return fixed_capture(l, e, "z", "\\\"\"", true)->slot;
}

static int total_slot(Lowering *l, EventDef *e)
{
	for (int i = 0; i < e->captures.n; i++)
		if (is_total(e->captures.v[i]))
			return i;
	return fixed_capture(l, e, "t", TOTAL_ARG, true)->slot;
}

static bool is_stack_pointer(const Fetch *f)
{
	Fetch sp;

	arch_sp(&sp);
	return f->base == sp.base && f->reg == sp.reg && !f->n_off;
}

/** add_guards - capture every pointer that is followed on the way to a number. */
static bool add_guards(Lowering *l, EventDef *e, Capture *c, const char **why)
{
	const Fetch *f = &c->fetch;
	Fetch p = {.base = f->base, .reg = f->reg, .field = f->field, .value = f->value, .size = 8,
		   .in_user = f->in_user};

	for (int i = 0; i < f->n_off; i++) {
		const Capture *g;

		p.n_off = i;
		if (i > 0)
			p.off[i - 1] = f->off[i - 1];
		if (is_stack_pointer(&p) && !f->in_user) { /* always readable */
			c->guard[c->n_guards++] = -1;
			continue;
		}
		g = event_capture(l, e, &p, why);
		if (!g)
			return false;
		c->guard[c->n_guards++] = g->slot;
	}
	return true;
}

/**
 * add_detector - a number in user memory: a page that is not there cannot be seen in the number, so
 * read a string at the same address, whose length tells.
 */
static bool add_detector(Lowering *l, EventDef *e, Capture *c, const char **why)
{
	Fetch s = c->fetch;
	const Capture *d;

	s.kind = FK_STRING;
	s.add = 0;
	s.bit_size = 0;
	s.size = 0;
	s.is_signed = false;
	s.user = true;
	d = event_capture(l, e, &s, why);
	if (!d)
		return false;
	c->detector = d->slot;
	c->total = d->total;
	return true;
}

/** capture_field - a field of an existing event: found by name, nothing is defined. */
static const Capture *capture_field(Lowering *l, EventDef *e, const Fetch *f)
{
	Capture *c = capture_new(l, e, f);

	c->arg = f->field;
	c->is_string = f->kind != FK_NUM;
	return c;
}

/** user_limits - what an event in a user program cannot read, or NULL. */
static const char *user_limits(const Fetch *f)
{
	if (f->scale)
		return "it is at an address with an index register";
	return f->base == FB_ADDR ? "it is at a constant address" : NULL;
}

const Capture *event_capture(Lowering *l, EventDef *e, const Fetch *f, const char **why)
{
	const Capture *found = find_capture(e, f);
	Capture *c;
	const char *text;

	if (found)
		return found;
	if (f->base == FB_FIELD)
		return capture_field(l, e, f);
	*why = is_user_event(e) ? user_limits(f) : NULL;
	if (*why)
		return NULL;
	text = fetch_arg_text(l, f);
	if (strlen(text) > EVENT_ARG_TEXT_MAX) {
		*why = arena_printf(l->arena, "\"%s\" has %zu characters, the kernel takes %d", text,
				    strlen(text), EVENT_ARG_TEXT_MAX);
		return NULL;
	}
	if (f->kind == FK_BYTES && f->length > EVENT_BYTES_MAX) {
		*why = arena_printf(l->arena, "%d bytes at once, the kernel takes %d", f->length,
				    EVENT_BYTES_MAX);
		return NULL;
	}
	c = capture_new(l, e, f);
	c->is_string = f->kind != FK_NUM;
	c->arg = arena_printf(l->arena, "%c%d", c->is_string ? 's' : 'a', c->slot);
	c->spelling = text;
	if (f->kind == FK_STRING) {
		c->sentinel = empty_string_slot(l, e);
		if (f->user && !is_user_event(e))
			c->total = total_slot(l, e);
		return c;
	}
	if (!add_guards(l, e, c, why) || (f->user && f->n_off && !add_detector(l, e, c, why)))
		return NULL;
	return c;
}

static bool is_dynamic_event(const EventDef *e)
{
	return e->kind != EV_STATIC;
}

void event_need(Lowering *l, EventDef *e, unsigned needs)
{
	e->needs |= needs;
	if (!is_dynamic_event(e))
		return;
	if ((needs & NEED_COMM) && e->comm < 0)
		e->comm = fixed_capture(l, e, "comm", "$comm", true)->slot;
	if ((needs & NEED_JIFFIES) && e->jiffies < 0 && !is_user_event(e))
		e->jiffies = fixed_capture(l, e, "j", "@jiffies:s64", false)->slot;
}

void event_need_sp(Lowering *l, EventDef *e)
{
	Fetch sp;
	const char *why;

	arch_sp(&sp);
	e->sp = event_capture(l, e, &sp, &why)->slot;
}

static int static_size(const Capture *c)
{
	if (c->fetch.kind == FK_BYTES)
		return c->fetch.length;
	return c->is_string ? 4 : c->fetch.size ? c->fetch.size : 8;
}

static void put_arg(Buf *b, const Capture *c)
{
	buf_printf(b, " %s=%s", c->arg, c->text ? c->text : c->spelling);
}

void event_finish(Lowering *l, EventDef *e)
{
	Buf b = {0};
	int size = 0;

	if (!is_dynamic_event(e)) {
		e->args = "";
		return;
	}
	for (int i = 0; i < e->captures.n; i++) /* it sees only what comes behind it */
		if (is_total(e->captures.v[i]))
			put_arg(&b, e->captures.v[i]);
	for (int i = 0; i < e->captures.n; i++) {
		size += static_size(e->captures.v[i]);
		if (!is_total(e->captures.v[i]))
			put_arg(&b, e->captures.v[i]);
	}
	e->args = arena_strdup(l->arena, buf_str(&b));
	buf_free(&b);
	if (e->captures.n > EVENT_ARGS_MAX || strlen(e->args) + 200 > EVENT_LINE_MAX ||
	    size > EVENT_STATIC_MAX) {
		diag_error(l->diag, DIAG_EVENT_TOO_LARGE, e->loc,
			   "this probe records %d values (%zu characters, %d bytes); one event takes %d "
			   "values, %d characters, %d bytes",
			   e->captures.n, strlen(e->args), size, EVENT_ARGS_MAX, EVENT_LINE_MAX,
			   EVENT_STATIC_MAX);
		l->ok = false;
	}
}
