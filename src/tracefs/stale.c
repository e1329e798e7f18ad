/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * stale: undoing a run by its tag alone, so that it serves the run itself, its guardian, and the
 * next tapx that finds the remains of one whose guardian was killed as well. What is to be undone
 * is read from tracefs, not remembered. The main instance goes last: as long as anything of a run
 * is left, one readdir of instances/ finds it.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

static bool in_time(uint64_t deadline)
{
	return mono_ns() < deadline;
}

/* "p:GROUP/EVENT PLACE ARGS": the next line that is ours, ended behind PLACE; NULL: no more. */
static char *next_definition(char **text, const char *group)
{
	char *line;
	while ((line = strsep(text, "\n"))) {
		char *p = strchr(line, ':');
		size_t n = strlen(group);
		if (!p || strncmp(p + 1, group, n) != 0 || p[1 + n] != '/')
			continue;
		char *place = strchr(p, ' ');
		if (place)
			place[1 + strcspn(place + 1, " ")] = '\0';
		return p + 1;
	}
	return NULL;
}

static const char *definitions_file(int root)
{
	return tfs_has(root, "dynamic_events") ? "dynamic_events" : "kprobe_events";
}

/* One place of an event at a time: each waits for RCU with the lock that all users of trace events
 * need, and between two of them others get it. An address is listed hashed and matches nothing, and
 * neither do tprobes: then the whole event. */
static int remove_place(int root, const char *file, char *definition)
{
	char line[512];

	snprintf(line, sizeof(line), "-:%s\n", definition);
	int err = tfs_write(root, file, line);
	if (err == -EBUSY)
		return err;
	definition[strcspn(definition, " ")] = '\0';
	if (err) {
		snprintf(line, sizeof(line), "-:%s\n", definition);
		err = tfs_write(root, file, line);
	}
	return err == -ENOENT ? 0 : err;
}

static bool remove_definitions(int root, const char *group, uint64_t deadline)
{
	AUTO_BUF b = {0};
	const char *file = definitions_file(root);
	char *definition;
	bool all = true;

	if (tfs_read(root, file, &b) < 0 || !b.n)
		return true;
	for (char *text = b.s; (definition = next_definition(&text, group));) {
		if (!in_time(deadline))
			return false;
		all = remove_place(root, file, definition) == 0 && all;
	}
	return all;
}

struct disable {
	int instance;
	const char *group;
	uint64_t deadline;
	bool all;
};

static bool disable_one(void *arg, const char *name)
{
	struct disable *d = arg;
	if (strcmp(name, "enable") == 0 || strcmp(name, "filter") == 0)
		return true;
	if (!in_time(d->deadline))
		return d->all = false;
	tfs_writef(d->instance, "0", "events/%s/%s/enable", d->group, name);
	return true;
}

/* One after the other, so that the deadline is seen in between: under emulation an event with 70
 * places takes half a second. */
static bool disable_events(int instance, const char *group, uint64_t deadline)
{
	char path[96];
	struct disable d = {instance, group, deadline, true};

	snprintf(path, sizeof(path), "events/%s", group);
	tfs_each(instance, path, disable_one, &d);
	return d.all;
}

/* Removing an instance disables whatever is enabled in it and frees its triggers. */
static bool remove_instance(int root, const char *name)
{
	char path[96];
	snprintf(path, sizeof(path), "instances/%s", name);
	return unlinkat(root, path, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

static bool quiet_instance(int root, const char *name, const char *group, uint64_t deadline)
{
	char path[96];

	snprintf(path, sizeof(path), "instances/%s", name);
	AUTO_FD dir = tfs_opendir(root, path);
	if (dir < 0)
		return true;
	tfs_write(dir, "tracing_on", "0");
	return disable_events(dir, group, deadline);
}

bool remove_run(int root, const char *tag, uint64_t deadline)
{
	static const char *const suffix[] = {"_s", "_t", "_x"};
	char group[64], name[72];

	snprintf(group, sizeof(group), "tapx_%s", tag);
	if (!quiet_instance(root, group, group, deadline))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		snprintf(name, sizeof(name), "%s%s", group, suffix[i]);
		if (!quiet_instance(root, name, group, deadline) || !in_time(deadline))
			return false;
		if (!remove_instance(root, name))
			return false;
	}
	return remove_definitions(root, group, deadline) && in_time(deadline) &&
	       remove_instance(root, group);
}

/* ---- runs of the dead ---- */

struct collect {
	Tracefs *t;
	VEC(char *) tags;
};

/* A run lives while its process does, or while its guardian holds the lock on its directory: that
 * is also seen from another pid namespace. */
static bool is_looked_after(const Tracefs *t, const char *tag)
{
	char path[96];

	snprintf(path, sizeof(path), "instances/tapx_%s", tag);
	AUTO_FD dir = tfs_opendir(t->fd, path);
	return dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static bool collect_one(void *arg, const char *name)
{
	struct collect *c = arg;
	int pid, end = 0;
	unsigned long long start;

	if (sscanf(name, "tapx_%d_%llu%n", &pid, &start, &end) != 2 || !end)
		return true;
	if (name[end] && (name[end] != '_' || strlen(name + end) != 2))
		return true;
	char *tag = arena_printf(c->t->arena, "%d_%llu", pid, start);
	if (run_tag_alive(pid, start) || is_looked_after(c->t, tag))
		return true;
	for (int i = 0; i < c->tags.n; i++)
		if (strcmp(c->tags.v[i], tag) == 0)
			return true;
	vec_push(c->t->arena, &c->tags, tag);
	return true;
}

int tracefs_collect_stale(Tracefs *t)
{
	struct collect c = {.t = t};
	int n = 0;

	tfs_each(t->fd, "instances", collect_one, &c);
	for (int i = 0; i < c.tags.n; i++)
		n += remove_run(t->fd, c.tags.v[i], UINT64_MAX);
	return n;
}
