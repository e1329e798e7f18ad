/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the bytes of a record to values, and the rules that tell a value from a faulted read.
 *
 * When a numeric fetch argument faults the kernel leaves the bytes of the record as they were, so a
 * value is believed only when every pointer that led to it was readable kernel memory. A string that
 * faulted has length 0, or (when a pointer on the way faulted) starts where the next dynamic argument
 * starts: the empty sentinel behind it. An empty user string has length 0 too; it is told from a
 * fault by the total of all dynamic lengths, which counts it as one byte [ftrace.md 1.5].
 */
#include "lower/lower.h"

#include <string.h>

/* The lower end of the kernel's half of the address space, x86-64 with 4 or 5 level page tables. */
#define KERNEL_HALF 0xff00000000000000ull

static bool is_kernel_address(uint64_t a)
{
	return a >= KERNEL_HALF;
}

static uint64_t load_slot(const Record *r, int slot)
{
	const FieldLoc *f = &r->layout->field[slot];

	if ((uint32_t)f->offset + f->size > r->size)
		return 0;
	return record_load(r->data + f->offset, f->size);
}

/** guards_hold - could the kernel read through every pointer of this capture? */
static bool guards_hold(const Record *r, const Capture *c, uint64_t *fault)
{
	uint64_t fixed = (uint64_t)c->fetch.value;
	bool user = c->fetch.in_user;

	if (c->fetch.base == FB_ADDR && is_kernel_address(fixed) == (c->fetch.user && !c->n_guards)) {
		*fault = fixed;
		return false;
	}
	for (int i = 0; i < c->n_guards; i++) {
		uint64_t a;
		bool last_user = user || (c->fetch.user && c->fetch.kind == FK_NUM && i == c->n_guards - 1);

		if (c->guard[i] < 0) /* the stack */
			continue;
		a = load_slot(r, c->guard[i]) + (uint64_t)c->fetch.off[i];
		if (last_user ? (is_kernel_address(a) || a < 4096) : !is_kernel_address(a)) {
			*fault = a;
			return false;
		}
	}
	return true;
}

static uint32_t dyn_loc(const Record *r, int slot)
{
	return (uint32_t)load_slot(r, slot);
}

/** string_step_faulted - did a pointer on the way to this string fault? */
static bool string_step_faulted(const Record *r, const Capture *c)
{
	return c->sentinel >= 0 &&
	       (dyn_loc(r, c->slot) & 0xffff) == (dyn_loc(r, c->sentinel) & 0xffff);
}

/**
 * zero_length_is_empty - are the user strings of length 0 empty, or faults? The total counts one
 * byte for each empty one. Some but not all cannot be told apart; they are taken for faults.
 */
static bool zero_length_is_empty(const Record *r, const EventDef *e, int total_slot)
{
	uint32_t total = dyn_loc(r, total_slot) >> 16, known = 0, zero = 0;

	for (int i = 0; i < e->captures.n; i++) {
		const Capture *c = e->captures.v[i];
		uint32_t len;

		if (!r->layout->field[i].is_dynamic || i == total_slot)
			continue;
		len = dyn_loc(r, i) >> 16;
		if (len && string_step_faulted(r, c))
			continue;
		if (len)
			known += len;
		else if (c->fetch.user)
			zero++;
	}
	return zero && total == known + zero;
}

/** user_read_faulted - the companion string of a user number, or NULL, tells whether its page was there. */
static bool detector_faulted(const Record *r, const EventDef *e, const Capture *c)
{
	if (c->detector < 0 || c->fetch.in_user || dyn_loc(r, c->detector) >> 16)
		return false;
	return !zero_length_is_empty(r, e, c->total);
}

/** zeroed - a user program's 0, when its event reads them itself: what faults is 0, and has no text. */
static bool zeroed(const Record *r, const Capture *c)
{
	return c->fetch.in_user && c->detector >= 0 && !(dyn_loc(r, c->detector) >> 16);
}

bool record_num(const Record *r, const EventDef *e, const Capture *c, int64_t *ret, uint64_t *fault)
{
	const FieldLoc *f = &r->layout->field[c->slot];
	unsigned size = f->size;
	uint64_t v;

	if ((c->n_guards || c->fetch.base == FB_ADDR) && !guards_hold(r, c, fault))
		return false;
	if (c->detector >= 0 && detector_faulted(r, e, c)) {
		*fault = c->n_guards ? load_slot(r, c->guard[c->n_guards - 1]) : (uint64_t)c->fetch.value;
		return false;
	}
	if (c->fetch.base == FB_FIELD && c->fetch.size && c->fetch.size < size) /* array element */
		size = c->fetch.size;
	uint32_t at = f->offset + (c->fetch.base == FB_FIELD ? (uint32_t)c->fetch.value : 0);
	if (at + size > r->size) {
		*fault = 0;
		return false;
	}
	v = record_load(r->data + at, size);
	if (!v && zeroed(r, c)) {
		*fault = c->n_guards ? load_slot(r, c->guard[c->n_guards - 1]) : 0;
		return false;
	}
	if (c->fetch.bit_size)
		*ret = record_extend(v >> c->fetch.bit_off, c->fetch.bit_size, c->fetch.is_signed);
	else
		*ret = record_extend(v, size * 8, c->fetch.is_signed);
	*ret += c->fetch.add;
	return true;
}

static uint64_t string_address(const Record *r, const Capture *c)
{
	return c->n_guards ? load_slot(r, c->guard[c->n_guards - 1]) + (uint64_t)c->fetch.add : 0;
}

static bool dynamic_str(const Record *r, const EventDef *e, const Capture *c, const char **ret,
			size_t *len, uint64_t *fault)
{
	uint32_t loc = dyn_loc(r, c->slot), n = loc >> 16, off = loc & 0xffff;
	bool faulted = n == 0;

	if (n == 0 && c->fetch.user && c->total >= 0)
		faulted = !zero_length_is_empty(r, e, c->total);
	else if (n)
		faulted = string_step_faulted(r, c);
	if (faulted || off + n > r->size) {
		*fault = string_address(r, c);
		return false;
	}
	*ret = (const char *)r->data + off;
	*len = n ? n - 1 : 0;
	return true;
}

bool record_str(const Record *r, const EventDef *e, const Capture *c, const char **ret, size_t *len,
		uint64_t *fault)
{
	const FieldLoc *f = &r->layout->field[c->slot];

	if (f->is_dynamic && c->fetch.base != FB_FIELD)
		return dynamic_str(r, e, c, ret, len, fault);
	*fault = 0;
	if (f->is_dynamic) { /* of a static event: always there */
		uint32_t loc = dyn_loc(r, c->slot), n = loc >> 16, off = loc & 0xffff;

		if (off + n > r->size)
			return false;
		*ret = (const char *)r->data + off;
		*len = strnlen(*ret, n);
		return true;
	}
	if ((uint32_t)f->offset + f->size > r->size)
		return false;
	if (c->n_guards && !guards_hold(r, c, fault)) /* FK_BYTES */
		return false;
	*ret = (const char *)r->data + f->offset;
	*len = strnlen(*ret, f->size);
	return true;
}
