/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What SystemTap can probe and tapx cannot (yet): a table, so that the message says what is missing
 * and not that the name is unknown.
 */
#include "probe/probe_int.h"

static const struct {
	const char *what, *needs;
} absent[] = {
#define ABSENT(text, what, needs) {what, needs},
#include "absent.def"
#undef ABSENT
};

static const Pattern pattern[] = {
#define ABSENT(text, what, needs) {text, 0},
#include "absent.def"
#undef ABSENT
    {NULL, 0},
};

static bool resolve(Resolve *r)
{
	size_t row = (size_t)(r->pattern - pattern);

	diag_error(r->ctx->diag, DIAG_FAMILY_ABSENT, r->point->loc, "%s %s %s, which needs %s",
		   point_text(r->ctx->arena, r->point),
		   point_is_wild(r->point) ? "could only be" : "is", absent[row].what,
		   absent[row].needs);
	return false;
}

const Family family_absent = {pattern, resolve};
