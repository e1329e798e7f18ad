/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Perf events and watchpoints: the kernel's own description of each as C, and @perf().
 */
#include "kmod_int.h"

#include <inttypes.h>
#include <string.h>

static void watch_attr(Emit *e, const Watch *w)
{
	emit(e, "\t\t\t.type = PERF_TYPE_BREAKPOINT, .sample_period = 1, .pinned = 1,");
	emit(e, "\t\t\t.bp_addr = 0x%" PRIx64 "ULL, .bp_len = %d, .bp_type = HW_BREAKPOINT_%s,", w->address,
	     w->length, w->reads ? "RW" : "W");
}

static void event_attr(Emit *e, const PerfEvent *p)
{
	emit(e, "\t\t\t.type = %" PRIu32 "U, .config = 0x%" PRIx64 "ULL,", p->type, p->config);
	if (p->frequency)
		emit(e, "\t\t\t.freq = 1, .sample_freq = %" PRIu64 "ULL,", p->frequency);
	else
		emit(e, "\t\t\t.sample_period = %" PRIu64 "ULL,", p->period);
	if (p->of_target)
		emit(e, "\t\t\t.inherit = 1, .inherit_stat = 1,");
}

void perf_row(Emit *e, const ResolvedProbe *p)
{
	const PerfEvent *perf = p->perf;

	e->n_perfs++;
	emit(e, "\t\t.attr = &(const struct perf_event_attr){");
	emit(e, "\t\t\t.size = sizeof(struct perf_event_attr),");
	if (perf)
		event_attr(e, perf);
	else
		watch_attr(e, p->watch);
	emit(e, "\t\t},");
	if (p->optional)
		emit(e, "\t\t.optional = true,");
	if (!perf)
		return;
	emit(e, "\t\t.counter = %s, .of_target = %s,", perf->counter ? "true" : "false",
	     perf->of_target ? "true" : "false");
	if (perf->program)
		emit(e, "\t\t.program = %s,", c_string(e, perf->program, strlen(perf->program)));
}

/* Its number among what perf_row() makes, -1: there is none. */
static int find_counter(const Emit *e, const char *name)
{
	const ResolvedProbes *ps = e->in->probes;
	int n = 0;

	for (int i = 0; i < ps->n; i++) {
		const PerfEvent *p = ps->v[i]->perf;

		if (p && p->counter && !strcmp(p->counter, name))
			return n;
		n += ps->v[i]->hook == HOOK_PERF || ps->v[i]->hook == HOOK_DATA;
	}
	return -1;
}

const char *perf_read(Emit *e, const Node *call)
{
	const Node *name = call->call.args.v[0];
	int i = name->kind == ND_STR ? find_counter(e, name->str) : -1;
	const char *v;

	if (i < 0) {
		diag_error(e->in->diag, DIAG_COUNTER_UNKNOWN, name->loc,
			   "no probe on perf.type(...).config(...) has .counter(%s)", node_text(e->arena, name));
		e->ok = false;
		return "0";
	}
	v = temp_num(e, TEXT(e, "rt_perf_read(c, %d, %s)", i, place_of(e, call)));
	emit_check(e);
	return v;
}
