/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * caps: what this kernel can do and which events it has, asked for one at a time: a capability is
 * the presence of a file or a line in tracefs's README, an event is one `format` file (23 us to
 * read), and all names together are one file, available_events.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <string.h>

static const TraceEvent no_event; /* remembered as "there is none" */

struct walk {
	Tracefs *t;
	const char *system;
};

static bool add_event(void *arg, const char *name)
{
	const struct walk *w = arg;
	char path[512];

	snprintf(path, sizeof(path), "events/%s/%s/format", w->system, name);
	if (tfs_has(w->t->fd, path))
		buf_printf(&w->t->names, "%s:%s\n", w->system, name);
	return true;
}

static bool add_system(void *arg, const char *name)
{
	struct walk w = {arg, name};
	char path[300];

	snprintf(path, sizeof(path), "events/%s", name);
	tfs_each(w.t->fd, path, add_event, &w);
	return true;
}

/* "system:name" a line, from one file or else from the directories; newlines then become NULs. */
static void read_names(Tracefs *t)
{
	if (t->names_read)
		return;
	t->names_read = true;
	if (tfs_read(t->fd, "available_events", &t->names) < 0)
		tfs_each(t->fd, "events", add_system, t);
	for (size_t i = 0; i < t->names.n; i++)
		if (t->names.s[i] == '\n')
			t->names.s[i] = '\0';
}

static void each_name(Tracefs *t, void (*fn)(void *arg, const char *system, const char *name),
		      void *arg)
{
	char system[128];

	read_names(t);
	const char *end = t->names.s + t->names.n;
	for (const char *p = t->names.s; p && p < end; p += strlen(p) + 1) {
		const char *colon = strchr(p, ':');
		if (!colon || (size_t)(colon - p) >= sizeof(system))
			continue;
		memcpy(system, p, (size_t)(colon - p));
		system[colon - p] = '\0';
		fn(arg, system, colon + 1);
	}
}

struct find {
	const char *name;
	char system[128];
};

static void match_name(void *arg, const char *system, const char *name)
{
	struct find *f = arg;
	if (!f->system[0] && strcmp(name, f->name) == 0)
		snprintf(f->system, sizeof(f->system), "%s", system);
}

static const TraceEvent *load(Tracefs *t, const char *system, const char *name)
{
	struct find f = {.name = name};
	if (!system) {
		each_name(t, match_name, &f);
		system = f.system;
	}
	const TraceEvent *e = *system ? format_load(t, system, name) : NULL;
	return e ? e : &no_event;
}

static const TraceEvent *view_event(void *ctx, const char *system, const char *name)
{
	Tracefs *t = ctx;
	const char *key = arena_printf(t->arena, "%s:%s", system ? system : "", name);
	const TraceEvent *e = table_get(t->events, key);
	if (!e) {
		e = load(t, system, name);
		table_put(t->events, key, (void *)e);
	}
	return e == &no_event ? NULL : e;
}

static void view_each(void *ctx, void (*fn)(void *arg, const char *system, const char *name),
		      void *arg)
{
	each_name(ctx, fn, arg);
}

/* README, in the grammar of dynamic events: "t[:[<group>/][<event>]] <tracepoint> [<args>]" (6.5).
 */
static bool readme_says(Tracefs *t, const char *what)
{
	AUTO_BUF b = {0};
	return tfs_read(t->fd, "README", &b) == 0 && strstr(buf_str(&b), what);
}

const KernelView *tracefs_view(Tracefs *t)
{
	if (t->view_made)
		return &t->view;
	t->view_made = true;
	t->view = (KernelView){
	    .ctx = t,
	    .event = view_event,
	    .each_event = view_each,
	    .has_kprobes = tfs_has(t->fd, "kprobe_events"),
	    .has_uprobes = tfs_has(t->fd, "uprobe_events"),
	    .has_tprobe = readme_says(t, " t[:["),
	    .tracefs_ok = true,
	};
	return &t->view;
}
