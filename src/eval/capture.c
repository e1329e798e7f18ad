/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captured values: what the event recorded in place of $x, kernel_string(...) and the like. A
 * number that cannot have faulted is loaded here; all others go through src/lower's record_
 * functions.
 */
#include "eval_int.h"
#include "common/escape.h"

#include <string.h>

/* strnlen() without a call where the text is short, as names of tasks are. */
static inline uint32_t text_len(const char *p, uint32_t n)
{
	const uint64_t ones = 0x0101010101010101u;

	if (n > 32)
		return (uint32_t)strnlen(p, n);
	for (uint32_t i = 0; n >= 8 && i < n; i += 8) {
		uint32_t at = i + 8 <= n ? i : n - 8; /* the last word overlaps */
		uint64_t v = record_load((const uint8_t *)p + at, 8);
		uint64_t zero = (v - ones) & ~v & ones << 7;

		if (zero)
			return at + (uint32_t)__builtin_ctzll(zero) / 8;
	}
	for (uint32_t i = 0; n < 8 && i < n; i++) {
		if (!p[i])
			return i;
	}
	return n;
}

bool field_num(const Record *r, int slot, int64_t *ret)
{
	const FieldLoc *f;

	if (slot < 0 || slot >= r->layout->n_fields)
		return false;
	f = &r->layout->field[slot];
	if ((uint32_t)f->offset + f->size > r->size)
		return false;
	*ret = (int64_t)record_load(r->data + f->offset, f->size);
	return true;
}

Str field_str(const Record *r, int slot)
{
	const FieldLoc *f;
	uint32_t at, n, loc;

	if (slot < 0 || slot >= r->layout->n_fields)
		return (Str){"", 0};
	f = &r->layout->field[slot];
	at = f->offset;
	n = f->size;
	if (at + n > r->size)
		return (Str){"", 0};
	if (f->is_dynamic) {
		loc = (uint32_t)record_load(r->data + at, 4);
		at = loc & 0xffff;
		n = loc >> 16;
		if (at + n > r->size)
			return (Str){"", 0};
	}
	return (Str){(const char *)r->data + at, text_len((const char *)r->data + at, n)};
}

_Noreturn static void fault(Eval *e, const Code *c, uint64_t addr)
{
	const Node *at = c->node->capture.orig ? c->node->capture.orig : c->node;

	if (!e->rec)
		raise_error(e, at, "nothing was recorded here");
	raise_error(e, at, "%s read fault at 0x%016llx", c->capture->fetch.user ? "user" : "kernel",
		    (unsigned long long)addr);
}

/* What the readers that only warn give for what cannot be read: 0, or the second argument. */
static void warn_fault(Eval *e, int64_t addr)
{
	out_message(e, "WARNING: ", "user read fault at 0x%016llx", (unsigned long long)addr);
}

int64_t ctx_warned_long(Eval *e, const Code *c)
{
	warn_fault(e, NUM(c->arg[0]));
	return 0;
}

Str ctx_warned_text(Eval *e, const Code *c)
{
	warn_fault(e, NUM(c->arg[0]));
	return tmp_copy(e, c->node, STR(c->arg[1]));
}

/* ---- numbers ---- */

/* No pointer on the way, no bit field: the bytes of the record are the value. */
static int64_t do_num_direct(Eval *e, const Code *c)
{
	const Capture *cap = c->capture;
	const FieldLoc *f;
	uint64_t v;

	if (!e->rec)
		fault(e, c, 0);
	f = &e->rec->layout->field[cap->slot];
	if ((uint32_t)f->offset + f->size > e->rec->size)
		return cap->fetch.add;
	v = record_load(e->rec->data + f->offset, f->size);
	return (int64_t)((uint64_t)record_extend(v, f->size * 8u, cap->fetch.is_signed) +
			 (uint64_t)cap->fetch.add);
}

static int64_t do_num(Eval *e, const Code *c)
{
	uint64_t addr = 0;
	int64_t v;

	if (e->rec && record_num(e->rec, e->event, c->capture, &v, &addr))
		return v;
	if (c->b)
		return NUM(c->b);
	fault(e, c, addr);
}

/* A field of a static event, or an element of one that is an array. */
static int64_t do_num_field(Eval *e, const Code *c)
{
	const Capture *cap = c->capture;
	const FieldLoc *f;
	unsigned size;
	uint32_t at;

	if (!e->rec)
		fault(e, c, 0);
	f = &e->rec->layout->field[cap->slot];
	size = cap->fetch.size && cap->fetch.size < f->size ? cap->fetch.size : f->size;
	at = f->offset + (uint32_t)cap->fetch.value;
	if (at + size > e->rec->size)
		return do_num(e, c);
	return (int64_t)((uint64_t)record_extend(record_load(e->rec->data + at, size), size * 8u,
						 cap->fetch.is_signed) +
			 (uint64_t)cap->fetch.add);
}

static bool is_direct(const Capture *c)
{
	return !c->n_guards && c->detector < 0 && !c->fetch.bit_size && c->fetch.base != FB_ADDR;
}

/* ---- text ---- */

static Str quoted(Eval *e, const Code *c, Str s)
{
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_quoted(p, p + e->max_str, s.p, s.n));
}

static Str do_str(Eval *e, const Code *c)
{
	uint64_t addr = 0;
	const char *p;
	size_t n;

	if (!e->rec || !record_str(e->rec, e->event, c->capture, &p, &n, &addr)) {
		if (c->b)
			return STR(c->b);
		fault(e, c, addr);
	}
	if (c->a) { /* at most so many bytes */
		int64_t limit = NUM(c->a);

		if (limit >= 0 && (uint64_t)limit < n)
			n = (size_t)limit;
	}
	if (n > e->max_str)
		n = e->max_str;
	return c->flag ? quoted(e, c, (Str){p, (uint32_t)n}) : (Str){p, (uint32_t)n};
}

const Code *compile_capture(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->capture = n->capture.capture;
	c->b = n->capture.fallback ? compile_any(cc, n->capture.fallback) : NULL;
	if (!c->capture->is_string) {
		c->num = !is_direct(c->capture)		      ? do_num
			 : c->capture->fetch.base == FB_FIELD ? do_num_field
							      : do_num_direct;
		return c;
	}
	c->a = n->capture.limit ? compile_num(cc, n->capture.limit) : NULL;
	c->flag = n->capture.quoted;
	c->str = do_str;
	c->is_str = true;
	c->life = c->flag ? LIFE_TEMP : LIFE_HANDLER;
	if (c->b && c->b->life > c->life)
		c->life = c->b->life;
	return c;
}
