/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Temporary text: a bump area that a block gives back after each statement. The area is address
 * space that is only touched when used, so that it can be large and never moves.
 */
#include "eval_int.h"

#include <string.h>

char *tmp_room(Eval *e, const Node *at, size_t n)
{
	if ((size_t)(e->tmps_end - e->tmp) < n)
		raise_error(e, at, "out of room for temporary strings");
	return e->tmp;
}

Str tmp_take(Eval *e, char *start, char *end)
{
	e->tmp = end;
	return (Str){start, (uint32_t)(end - start)};
}

Str tmp_copy(Eval *e, const Node *at, Str s)
{
	char *p = tmp_room(e, at, s.n);

	if (s.n)
		memmove(p, s.p, s.n);
	return tmp_take(e, p, p + s.n);
}

const char *tmp_cstr(Eval *e, const Node *at, Str s)
{
	char *p = tmp_room(e, at, (size_t)s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = 0;
	e->tmp = p + s.n + 1;
	return p;
}

Str str_lit(const char *s)
{
	return (Str){s, (uint32_t)strlen(s)};
}
