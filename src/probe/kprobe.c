/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kprobe.*: a symbol or an address as it is, no wildcards, no types. The kernel checks the name
 * when the probe is defined; only a point marked ? or ! needs to know before.
 */
#include "probe/probe_int.h"

#include <inttypes.h>

enum { KP_ENTRY, KP_RETURN, KP_ADDRESS };

#define FORMS(arg)                                                                                 \
	{arg, KP_ENTRY}, {arg ".call", KP_ENTRY}, {arg ".return", KP_RETURN},                      \
	{                                                                                          \
		arg ".return.maxactive(number)", KP_RETURN                                         \
	}
static const Pattern pattern[] = {
    FORMS("kprobe.function(string)"),
    FORMS("kprobe.module(string).function(string)"),
    {"kprobe.statement(number).absolute", KP_ADDRESS},
    {"kernel.statement(number).absolute", KP_ADDRESS},
    {NULL, 0},
};

static const char no_types[] = "it takes symbols without types: use int_arg(1), pointer_arg(2), "
			       "returnval() and the like, or probe kernel.function";

static void add_site(Resolve *r, Place place)
{
	Site site = {.name = point_text_with(r->ctx->arena, r->point, NULL, NULL, NULL, NULL),
		     .place = place};

	site.place.pp = site.name;
	site.scope = scope_none(r->ctx->arena, site.name, DIAG_NO_CONTEXT, no_types);
	site.scope->module = place.module;
	site.scope->is_return = r->pattern->form == KP_RETURN;
	vec_push(r->ctx->arena, &r->sites, site);
}

static bool at_address(Resolve *r)
{
	const Component *c = point_part(r->point, "statement");
	Place place = {.address = (uint64_t)c->num};

	if (!r->ctx->guru) {
		diag_error(r->ctx->diag, DIAG_GURU_NEEDED, r->point->loc,
			   "a probe at an absolute address is only for guru mode (-g): a wrong "
			   "address can crash the machine");
		return false;
	}
	place.function = arena_printf(r->ctx->arena, "0x%" PRIx64, place.address);
	r->common.hook = HOOK_KPROBE;
	add_site(r, place);
	return true;
}

static bool resolve(Resolve *r)
{
	const Component *fn = point_part(r->point, "function"), *mod, *max;
	Place place = {0};

	if (r->pattern->form == KP_ADDRESS)
		return at_address(r);
	mod = point_part(r->point, "module");
	max = point_part(r->point, "maxactive");
	r->common.hook = r->pattern->form == KP_RETURN ? HOOK_KRETPROBE : HOOK_KPROBE;
	r->common.maxactive = max ? (int)max->num : 0;
	if (name_is_wild(fn->str)) {
		diag_error(r->ctx->diag, DIAG_POINT_UNKNOWN, fn->loc,
			   "kprobe.function takes no wildcards: use kernel.function(\"%s\")",
			   fn->str);
		return false;
	}
	if (mod && !module_named(r, mod->str, &place.module))
		return false;
	place.function = fn->str;
	if ((r->point->optional || r->ctx->listing) &&
	    !function_exists(r->ctx->di, place.module, fn->str)) {
		function_unknown(r, place.module, fn->str);
		return false;
	}
	add_site(r, place);
	return true;
}

const Family family_kprobe = {pattern, resolve};
