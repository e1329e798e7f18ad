/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * begin, end, error, never: the run itself. They have a place in an order and no context.
 */
#include "probe/probe_int.h"

static const Pattern pattern[] = {
    {"begin", HOOK_BEGIN}, {"begin(number)", HOOK_BEGIN},
    {"end", HOOK_END},	   {"end(number)", HOOK_END},
    {"error", HOOK_ERROR}, {"error(number)", HOOK_ERROR},
    {"never", HOOK_NEVER}, {NULL, 0},
};

static bool resolve(Resolve *r)
{
	Arena *a = r->ctx->arena;
	const Component *c = &r->point->part.v[0];
	Site site = {.name = point_text(a, r->point)};

	r->common.hook = (HookKind)r->pattern->form;
	r->common.order = c->arg == ARG_NUM ? c->num : 0;
	site.scope = scope_none(a, arena_printf(a, "a '%s' probe", c->name), DIAG_NO_CONTEXT,
				"it does not run in the middle of anything");
	vec_push(a, &r->sites, site);
	return true;
}

const Family family_session = {pattern, resolve};
