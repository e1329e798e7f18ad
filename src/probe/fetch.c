/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fetch: one value to read at the probe. Built from the outside in: a base, then one fetch_deref()
 * for each pointer that is followed. What is added to an address before it is read goes into the
 * step's offset, so that only true reads take one of the kernel's few steps.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <string.h>

enum { POINTER = 8 };

static bool same_base(const Fetch *a, const Fetch *b)
{
	if (a->base != b->base)
		return false;
	switch (a->base) {
	case FB_REG:
		return a->reg == b->reg && a->scale == b->scale && a->index == b->index;
	case FB_ARG:
		return a->reg == b->reg;
	case FB_FIELD:
		return !strcmp(a->field, b->field) && a->value == b->value;
	case FB_ADDR:
	case FB_IMM:
		return a->value == b->value;
	case FB_ANSWER:
		return true;
	case FB_EXPR:
		break;
	}
	return false;
}

bool fetch_equal(const Fetch *a, const Fetch *b)
{
	return same_base(a, b) && a->kind == b->kind && a->n_off == b->n_off && a->add == b->add &&
	       !memcmp(a->off, b->off, sizeof(a->off[0]) * (size_t)a->n_off) &&
	       a->length == b->length && a->size == b->size && a->is_signed == b->is_signed &&
	       a->user == b->user && a->in_user == b->in_user && a->bit_off == b->bit_off && a->bit_size == b->bit_size;
}

/* Can @f's value be an address to read at? */
static bool is_address(const Fetch *f)
{
	return f->kind == FK_NUM && f->size == POINTER && !f->bit_size && (!f->user || f->in_user);
}

/* One more read, at @f + @off. */
static bool step(const Fetch *f, int64_t off, Fetch *ret)
{
	Fetch r = *f;

	off += r.add;
	r.add = 0;
	r.type = NULL;
	if (!is_address(f))
		return false;
	if (f->base == FB_IMM && !f->n_off) {
		r.base = FB_ADDR;
		r.value += off;
	} else if (f->n_off == FETCH_MAX_DEREF) {
		return false;
	} else {
		r.off[r.n_off++] = off;
	}
	*ret = r;
	return true;
}

bool fetch_deref(const Fetch *f, int64_t off, uint8_t size, bool is_signed, Fetch *ret)
{
	if (!step(f, off, ret))
		return false;
	ret->size = size;
	ret->is_signed = is_signed;
	return true;
}

bool fetch_string(const Fetch *f, bool user, Fetch *ret)
{
	if (!step(f, 0, ret))
		return false;
	ret->kind = FK_STRING;
	ret->user = user;
	ret->size = 0;
	ret->is_signed = false;
	return true;
}

static const char *base_text(Arena *a, const Fetch *f)
{
	switch (f->base) {
	case FB_REG:
		if (f->scale)
			return arena_printf(a, "%%%s+%%%s*%d", arch_reg_ftrace(f->reg),
					    arch_reg_ftrace(f->index), f->scale);
		return arena_printf(a, "%%%s", arch_reg_ftrace(f->reg));
	case FB_ARG:
		return arena_printf(a, "$arg%d", f->reg);
	case FB_FIELD:
		return f->value ? arena_printf(a, "$%s[byte %" PRId64 "]", f->field, f->value)
				: arena_printf(a, "$%s", f->field);
	case FB_ADDR:
		return arena_printf(a, "@0x%" PRIx64, (uint64_t)f->value);
	case FB_IMM:
		return arena_printf(a, "\\%" PRId64, f->value);
	case FB_EXPR:
		return "(computed)";
	case FB_ANSWER:
		return "(answer)";
	}
	return "";
}

const char *fetch_text(Arena *a, const Fetch *f)
{
	const char *s = base_text(a, f);

	for (int i = 0; i < f->n_off; i++)
		s = arena_printf(a, "%+" PRId64 "%s(%s)", f->off[i],
				 f->user && i == f->n_off - 1 ? "u" : "", s);
	if (f->kind == FK_STRING)
		s = arena_printf(a, "%s:%s", s, f->user ? "ustring" : "string");
	else if (f->kind == FK_BYTES)
		s = arena_printf(a, "%s:x8[%d]", s, f->length);
	else if (f->bit_size)
		s = arena_printf(a, "%s:b%d@%d/%d", s, f->bit_size, f->bit_off, f->size * 8);
	else
		s = arena_printf(a, "%s:%c%d", s, f->is_signed ? 's' : 'u', f->size * 8);
	return f->add ? arena_printf(a, "%s%+" PRId64, s, f->add) : s;
}
