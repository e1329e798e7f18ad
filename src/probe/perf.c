/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * perf.type(T).config(C) and its forms: what to count is passed on to the kernel as it is, since which
 * counters there are, only the kernel and the machine know. timer.profile.tick is the software clock
 * of each processor, at the pace of the kernel's own tick.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define PERIOD_DEFAULT UINT64_C(1000000)

enum { TYPE_SOFTWARE = 1, CONFIG_CPU_CLOCK = 0 }; /* of <linux/perf_event.h> */

enum { FORM_EVENT, FORM_TICK };

static const Pattern pattern[] = {
    {"perf.type(number).config(number)", FORM_EVENT},
    {"perf.type(number).config(number).sample(number)", FORM_EVENT},
    {"perf.type(number).config(number).hz(number)", FORM_EVENT},
    {"perf.type(number).config(number).process", FORM_EVENT},
    {"perf.type(number).config(number).process(string)", FORM_EVENT},
    {"perf.type(number).config(number).counter(string)", FORM_EVENT},
    {"perf.type(number).config(number).process.counter(string)", FORM_EVENT},
    {"perf.type(number).config(number).process(string).counter(string)", FORM_EVENT},
    {"timer.profile.tick", FORM_TICK},
    {NULL, 0},
};

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* The file that runs when @name is executed, or NULL. */
static const char *find_program(Arena *a, const char *name)
{
	const char *why, *path = elf_program(a, name, &why);

	return path && is_program(path) ? path : NULL;
}

static bool number(Resolve *r, const char *part, uint64_t least, uint64_t most, uint64_t *ret)
{
	const Component *c = point_part(r->point, part);

	if (!c)
		return true;
	if (c->num < 0 || (uint64_t)c->num < least || (uint64_t)c->num > most) {
		diag_error(r->ctx->diag, DIAG_PERF_RANGE, c->loc, "%s(%" PRId64 ") must be from %" PRIu64 " to %" PRIu64,
			   part, c->num, least, most);
		return false;
	}
	*ret = (uint64_t)c->num;
	return true;
}

/* .process is the target, .process("P") a program, and a counter of the latter both. */
static bool process(Resolve *r, PerfEvent *e)
{
	const Component *c = point_part(r->point, "process");
	bool is_named = c && c->arg == ARG_STR;

	if (!c)
		return true;
	e->of_target = !is_named || e->counter;
	e->program = is_named ? find_program(r->ctx->arena, c->str) : NULL;
	if (is_named && !e->program)
		diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, c->loc, "there is no program %s", c->str);
	return !is_named || e->program;
}

static bool event(Resolve *r, PerfEvent *e)
{
	const Component *counter = point_part(r->point, "counter");
	uint64_t type = 0;

	e->counter = counter ? counter->str : NULL;
	if (!number(r, "type", 0, UINT32_MAX, &type) || !number(r, "config", 0, INT64_MAX, &e->config) ||
	    !number(r, "sample", 1, INT64_MAX, &e->period) || !number(r, "hz", 1, UINT32_MAX, &e->frequency) ||
	    !process(r, e))
		return false;
	e->type = (uint32_t)type;
	if (!e->counter && !e->period && !e->frequency)
		e->period = PERIOD_DEFAULT;
	return true;
}

static bool resolve(Resolve *r)
{
	Arena *a = r->ctx->arena;
	PerfEvent *e = NEW(a, PerfEvent);
	Site site = {.name = point_text(a, r->point)};

	r->common.hook = HOOK_PERF;
	r->common.perf = e;
	if (r->pattern->form == FORM_TICK)
		*e = (PerfEvent){TYPE_SOFTWARE, CONFIG_CPU_CLOCK, .period = tick_ns()};
	else if (!event(r, e))
		return false;
	site.scope = scope_none(a, site.name, DIAG_NO_CONTEXT,
				"it interrupts whatever runs; register() and the like tell more");
	vec_push(a, &r->sites, site);
	return true;
}

const Family family_perf = {pattern, resolve};
