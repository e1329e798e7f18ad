/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers with names: errors and signals; host and network byte order.
 */
#include "eval_int.h"
#include "common/names.h"

/* An errno value, also negated as functions of the kernel return it; 0 has no name. */
Str name_errno(Eval *e, const Code *c)
{
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_errno(p, p + e->max_str, NUM(c->arg[0])));
}

int64_t name_errno_p(Eval *e, const Code *c)
{
	int64_t v = NUM(c->arg[0]);

	return v < 0 && v >= -RT_ERRNO_MOST;
}

Str name_signal(Eval *e, const Code *c)
{
	char *p = tmp_room(e, c->node, e->max_str);

	return tmp_take(e, p, rt_put_signal(p, p + e->max_str, NUM(c->arg[0])));
}

int64_t net_htons(Eval *e, const Code *c)
{
	return __builtin_bswap16((uint16_t)NUM(c->arg[0]));
}

int64_t net_htonl(Eval *e, const Code *c)
{
	return __builtin_bswap32((uint32_t)NUM(c->arg[0]));
}

int64_t net_htonll(Eval *e, const Code *c)
{
	return (int64_t)__builtin_bswap64((uint64_t)NUM(c->arg[0]));
}
