/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * define: event definitions, appended line by line. The kernel is asked first and symbols are read
 * only when it refuses: a name that stands for several functions is then defined at each address,
 * and for anything else the reason is looked up and told at the script's position. Places that came
 * from a wildcard are only counted.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool run_cancelled(const Run *r)
{
	return r->o.cancel && *r->o.cancel;
}

/* error_log, oldest first: "[time] subsystem: error: text", the command on the next line, a caret.
 */
const char *refusal(Arena *a, int dir, const char *command)
{
	AUTO_BUF b = {0};
	const char *last = NULL;

	if (tfs_read(dir, "error_log", &b) < 0)
		return "";
	for (const char *p = buf_str(&b); (p = strstr(p, ": error: "));) {
		p += strlen(": error: ");
		const char *next = strchrnul(p, '\n');
		const char *end = *next ? strchrnul(next + 1, '\n') : next;
		if (memmem(next, (size_t)(end - next), command, strlen(command)))
			last = p;
	}
	return last ? arena_strndup(a, last, strcspn(last, "\n")) : "";
}

static int append(const Tracefs *t, EventKind kind, const char *line)
{
	const char *own = kind == EV_UPROBE || kind == EV_URETPROBE ? "uprobe_events" : "kprobe_events";
	bool has = kind != EV_TPROBE && tfs_has(t->fd, own);
	return tfs_write(t->fd, has ? own : "dynamic_events", line);
}

/* Already there, in the same words: fine. */
int define_at(const Tracefs *t, const Armed *a, const Place *p)
{
	Run *r = t->run;
	EventDef e = *a->def;
	Place copy = p ? *p : (Place){0};

	if (p) {
		e.places.v = &copy;
		e.places.n = 1;
	}
	const char *line = plan_event_line(r->arena, &e, r->group, 0);
	if (r->o.verbose > 2 && r->o.diag->out)
		fprintf(r->o.diag->out, "%s\n", line);
	int err = append(t, e.kind, line);
	return err == -EEXIST ? 0 : err;
}

static uint64_t text_start(Run *r)
{
	const DbgSymbol *sym;
	if (!r->text && r->o.di && debuginfo_symbols(r->o.di, NULL, "_text", false, &sym) > 0)
		r->text = sym[0].address;
	return r->text;
}

/* As _text+OFFSET: two bare addresses in one event are taken for the same place (EEXIST). */
static Place by_address(Run *r, const Place *p, uint64_t address)
{
	uint64_t text = text_start(r);
	Place ret = *p;

	ret.address = address;
	if (!text || address < text || address - text > UINT32_MAX)
		return ret;
	ret.function = "_text";
	ret.module = NULL;
	ret.address = 0;
	ret.offset = address - text + p->offset;
	return ret;
}

/* Several functions have this name: all of them. */
static int define_each(const Tracefs *t, Armed *a, const Place *p)
{
	const DbgSymbol *sym;
	int n =
	    t->run->o.di ? debuginfo_symbols(t->run->o.di, p->module, p->function, false, &sym) : 0;
	int err = -EADDRNOTAVAIL, done = 0;

	for (int i = 0; i < n; i++) {
		Place at = by_address(t->run, p, sym[i].address);
		int e = define_at(t, a, &at);
		if (e < 0)
			err = e;
		else
			done++;
	}
	a->n_places += done;
	return done ? 0 : err;
}

static void explain(Tracefs *t, const Armed *a, const Place *p, int err)
{
	Run *r = t->run;
	const char *said = refusal(r->arena, t->fd, r->group), *why = NULL;
	const char *what = !p ? a->def->tracepoint : p->path ? p->pp : p->function;
	bool kernel = !p || !p->path;
	DiagTag tag = DIAG_EVENT_REFUSED;

	if (p && kernel && r->o.di) {
		why = probe_refusal(r->o.di, p, &tag);
		if (tag == DIAG_FUNC_REFUSED)
			why = NULL;
	}
	if (kernel && !tracefs_view(t)->has_kprobes)
		why = "this kernel is built without kprobe events (CONFIG_KPROBE_EVENTS); "
		      "kernel.trace points can be probed";
	if (!kernel && !tracefs_view(t)->has_uprobes)
		why = "this kernel is built without uprobe events (CONFIG_UPROBE_EVENTS)";
	if (err == -EPERM || err == -EACCES)
		why = "no permission to define events (or the kernel is locked down)";
	if (!why)
		why = arena_printf(r->arena, "the kernel refuses it: %s",
				   *said ? said : strerror(-err));
	diag_error(r->o.diag, tag, a->def->loc, "cannot probe '%s': %s", what, why);
}

/* Several functions of the name: -EADDRNOTAVAIL, on 6.12 -EINVAL with the reason in the error log.
 */
static bool is_ambiguous(const Tracefs *t, int err)
{
	return err == -EADDRNOTAVAIL ||
	       (err == -EINVAL &&
		strstr(refusal(t->run->arena, t->fd, t->run->group), "not unique"));
}

static bool define_place(Tracefs *t, Armed *a, const Place *p)
{
	Place at = p->address ? by_address(t->run, p, p->address) : *p;
	int err = 0;

	if (!t->run->use_second || !entry_define(t, a, p))
		err = define_at(t, a, &at);
	if (err == 0)
		a->n_places++;
	else if (!p->address && is_ambiguous(t, err))
		err = define_each(t, a, p);
	if (err == 0 || a->twin_of) /* what goes for a twin is said of its event */
		return true;
	if (p->optional) {
		t->run->n_refused++;
		return true;
	}
	explain(t, a, p, err);
	return false;
}

static bool define_tracepoint(Tracefs *t, Armed *a)
{
	int err = define_at(t, a, NULL);
	if (err < 0 && a->twin_of)
		return true;
	if (err < 0)
		explain(t, a, NULL, err);
	else
		a->n_places = 1;
	return err == 0;
}

bool define_first(Tracefs *t, Armed *a)
{
	const EventDef *e = a->def;

	if (e->kind == EV_TPROBE)
		return define_tracepoint(t, a);
	if (e->kind == EV_STATIC)
		a->n_places = 1;
	return e->places.n == 0 || define_place(t, a, &e->places.v[0]);
}

bool define_rest(Tracefs *t, Armed *a)
{
	const EventDef *e = a->def;
	bool ok = true;

	for (int i = 1; i < e->places.n && !run_cancelled(t->run); i++)
		ok = define_place(t, a, &e->places.v[i]) && ok;
	if (a->seconds.n) {
		run_progress(t->run, "places defined");
		entry_check(t, a);
	}
	a->defined = a->n_places > 0;
	if (!a->twin_of)
		t->run->n_armed += a->n_places;
	return ok;
}
