/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * oversize: hits whose record does not fit into a page of the ring buffer. The kernel drops them
 * and counts them nowhere, so an event that reads two strings or more (each may have 4 kB) gets a
 * twin at the same places, without the strings and with the same filter. A twin's record follows
 * that of its event at once, on the same processor; when it comes alone, the other one was too
 * large.
 *
 * The order in which the kernel calls the probes of one place is the reverse of their definition
 * for p: and that of definition for r: (the latest instance returns first) and t:.
 */
#include "tracefs/tracefs_int.h"

#include <ctype.h>
#include <string.h>

enum { SETTLE_NS = 5000000 }; /* a hit that is under way while its event is enabled */

/* Is @name a word of @text? */
static bool mentions(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text; (p = strstr(p, name)); p += n)
		if ((p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[n]))
			return true;
	return false;
}

static bool is_left_out(const EventDef *e, const Capture *c)
{
	return c->is_string && c->slot != e->comm;
}

static bool can_tell(const EventDef *e)
{
	int strings = 0;

	for (int i = 0; i < e->captures.n; i++) {
		const Capture *c = e->captures.v[i];
		if (!is_left_out(e, c))
			continue;
		strings += c->fetch.kind == FK_STRING && !c->text;
		if (e->filter && mentions(e->filter, c->arg))
			return false; /* the filter would need what we leave out */
	}
	return strings > 1 && (e->kind == EV_KPROBE || e->kind == EV_KRETPROBE || e->kind == EV_TRACEITER);
}

const EventDef *oversize_twin(Arena *a, const EventDef *e)
{
	AUTO_BUF args = {0};

	if (!can_tell(e))
		return NULL;
	EventDef *twin = NEW(a, EventDef);
	*twin = *e;
	twin->name = arena_printf(a, "%s_n", e->name);
	memset(&twin->captures, 0, sizeof(twin->captures));
	for (int i = 0; i < e->captures.n; i++) {
		const Capture *c = e->captures.v[i];
		if (!is_left_out(e, c))
			buf_printf(&args, " %s=%s", c->arg, c->text ? c->text : c->spelling);
	}
	twin->args = arena_strdup(a, buf_str(&args));
	return twin;
}

bool oversize_first(const Armed *a)
{
	return a->twin_of && (a->def->kind == EV_KPROBE || a->def->kind == EV_TRACEITER);
}

static int *ahead_of(Run *r, Armed *a, int cpu)
{
	if (cpu >= a->n_ahead) {
		int n = cpu + 16, *old = a->ahead;
		a->ahead = NEW_ARRAY(r->arena, int, n);
		for (int i = 0; i < a->n_ahead; i++)
			a->ahead[i] = old[i];
		a->n_ahead = n;
	}
	return &a->ahead[cpu];
}

void oversize_enabled(Run *r)
{
	r->settled = clock_from_mono(&r->clock, mono_ns() + SETTLE_NS);
}

void oversize_note(Run *r, Armed *a, const Stream *s)
{
	int *ahead = ahead_of(r, a->twin_of ? a->twin_of : a, s->cpu);

	if (s->missed) /* the buffer overran: perhaps just between the two */
		*ahead = 1;
	if (!a->twin_of)
		++*ahead;
	else if (*ahead > 0)
		--*ahead;
	else if (s->ts > r->settled)
		a->twin_of->oversized++;
}
