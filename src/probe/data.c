/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kernel.data(ADDRESS or "symbol"): a watchpoint on the kernel's memory. The processor watches 1, 2, 4
 * or 8 bytes that are aligned to their number; of a symbol as many as it has, and it can.
 */
#include "probe/probe_int.h"

#include <inttypes.h>

enum { LENGTH_MOST = 8 };

#define KERNEL_HALF (UINT64_C(1) << 63) /* addresses below are no kernel memory */

enum { FORM_WRITE, FORM_ANY };

static const Pattern pattern[] = {
    {"kernel.data(string).write", FORM_WRITE},
    {"kernel.data(string).rw", FORM_ANY},
    {"kernel.data(number).write", FORM_WRITE},
    {"kernel.data(number).rw", FORM_ANY},
    {"kernel.data(number).length(number).write", FORM_WRITE},
    {"kernel.data(number).length(number).rw", FORM_ANY},
    {NULL, 0},
};

/* The whole symbol, or the part of it that can be watched from its beginning on. */
static int symbol_length(uint64_t address, uint64_t size)
{
	int n = LENGTH_MOST;

	while (n > 1 && ((uint64_t)n > size || address % (uint64_t)n))
		n /= 2;
	return n;
}

static bool symbol(Resolve *r, const Component *c, Watch *w)
{
	const DbgSymbol *sym = debuginfo_data_symbol(r->ctx->di, NULL, c->str);

	if (!sym || sym->address < KERNEL_HALF) {
		diag_error(r->ctx->diag, DIAG_GLOBAL_UNKNOWN, c->loc,
			   sym ? "%s has a copy for each processor: watch kernel.data(ADDRESS) of one"
			       : "the kernel lists no variable '%s', or hides its address",
			   c->str);
		return false;
	}
	w->address = sym->address;
	w->length = symbol_length(sym->address, debuginfo_data_size(r->ctx->di, sym));
	return true;
}

static bool address(Resolve *r, const Component *c, const Component *length, Watch *w)
{
	int64_t n = length ? length->num : 1;

	w->address = (uint64_t)c->num;
	for (w->length = 1; w->length < n && w->length < LENGTH_MOST;)
		w->length *= 2;
	if (n < 1 || n > LENGTH_MOST)
		diag_error(r->ctx->diag, DIAG_WATCH_RANGE, length->loc,
			   "length(%" PRId64 "): a watchpoint has 1 to %d bytes", n, LENGTH_MOST);
	else if (w->address < KERNEL_HALF)
		diag_error(r->ctx->diag, DIAG_WATCH_RANGE, c->loc, "0x%" PRIx64 " is no address of the kernel",
			   w->address);
	else if (w->address % (uint64_t)w->length)
		diag_error(r->ctx->diag, DIAG_WATCH_RANGE, c->loc,
			   "0x%" PRIx64 " is not a multiple of %d, which a watchpoint of that length needs",
			   w->address, w->length);
	else
		return true;
	return false;
}

/* The point with its address as people write it. */
static const char *name(Resolve *r, const Component *c, const Component *length)
{
	Arena *a = r->ctx->arena;

	if (c->arg == ARG_STR)
		return point_text(a, r->point);
	return arena_printf(a, "kernel.data(0x%" PRIx64 ")%s%s", (uint64_t)c->num,
			    length ? arena_printf(a, ".length(%" PRId64 ")", length->num) : "",
			    r->pattern->form == FORM_ANY ? ".rw" : ".write");
}

static bool resolve(Resolve *r)
{
	Arena *a = r->ctx->arena;
	const Component *c = point_part(r->point, "data"), *length = point_part(r->point, "length");
	Watch *w = NEW(a, Watch);
	Site site = {.name = name(r, c, length)};

	r->common.hook = HOOK_DATA;
	r->common.watch = w;
	w->reads = r->pattern->form == FORM_ANY;
	if (!(c->arg == ARG_STR ? symbol(r, c, w) : address(r, c, length, w)))
		return false;
	site.scope = scope_none(a, site.name, DIAG_NO_CONTEXT,
				"it interrupts whatever accesses the bytes; register() and the like tell more");
	vec_push(a, &r->sites, site);
	return true;
}

const Family family_data = {pattern, resolve};
