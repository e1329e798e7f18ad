/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * losses: what did not reach us. per_cpu/cpuN/stats counts exactly what was overwritten or dropped
 * for want of room; kprobe_profile counts per probe what the kernel skipped. It gives event names
 * only, but lists them in the order of kprobe_events, which gives the groups.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <stdlib.h>
#include <string.h>

struct sum {
	const Instance *in;
	uint64_t n;
};

static uint64_t counter(const char *text, const char *name)
{
	const char *p = strstr(text, name);
	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

static bool add_cpu(void *arg, const char *name)
{
	struct sum *s = arg;
	char path[64];
	AUTO_BUF b = {0};

	snprintf(path, sizeof(path), "per_cpu/%s/stats", name);
	if (tfs_read(s->in->fd, path, &b) < 0)
		return true;
	const char *text = buf_str(&b);
	s->n += counter(text, "\ncommit overrun: ");
	s->n += counter(text, "\noverrun: ");
	s->n += counter(text, "\ndropped events: ");
	return true;
}

uint64_t tracefs_total_overrun(Tracefs *t)
{
	static const int kinds[] = {INST_MAIN, INST_STACK};
	Run *r = t->run;

	if (!r)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct sum s = {&r->inst[kinds[i]], 0};
		if (s.in->fd < 0)
			continue;
		tfs_each(s.in->fd, "per_cpu", add_cpu, &s);
		r->overrun[kinds[i]] = s.n; /* asked again after disarming: the last known */
	}
	return r->overrun[INST_MAIN] + r->overrun[INST_STACK];
}

/* The lines of both files in step: (group/event, misses) of each kprobe of ours. */
static void read_misses(Tracefs *t, Run *r)
{
	AUTO_BUF defs = {0};
	AUTO_BUF prof = {0};
	size_t n = strlen(r->group);
	char *line;

	if (tfs_read(t->fd, "kprobe_events", &defs) < 0 ||
	    tfs_read(t->fd, "kprobe_profile", &prof) < 0)
		return;
	char *d = defs.s, *p = prof.s;
	while ((line = strsep(&d, "\n")) && *line) {
		const char *row = strsep(&p, "\n"), *name = strchr(line, ':');
		unsigned long long hits, misses;
		char event[128];

		if (!row || sscanf(row, " %127s %llu %llu", event, &hits, &misses) != 3)
			return;
		if (!name || strncmp(name + 1, r->group, n) != 0 || name[1 + n] != '/')
			continue;
		name += n + 2;
		for (int i = 0; i < r->o.plan->events.n; i++)
			if (r->armed[i].def->kind != EV_STATIC &&
			    !strcmp(r->armed[i].def->name, event) &&
			    !strncmp(name, event, strlen(event)))
				r->armed[i].missed += misses;
	}
}

void tracefs_losses(Tracefs *t, int event, Losses *ret)
{
	Run *r = t->run;

	*ret = (Losses){0};
	if (!r || event < 0 || event >= r->o.plan->events.n)
		return;
	if (!r->misses_read && tfs_has(t->fd, "kprobe_profile"))
		read_misses(t, r);
	r->misses_read = true;
	ret->missed = r->armed[event].missed;
	ret->oversized = r->armed[event].oversized;
}

uint64_t tracefs_late(const Tracefs *t)
{
	return t->run ? t->run->ring.late : 0;
}
