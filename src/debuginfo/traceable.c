/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be hooked: ftrace's list of functions, the kprobes' list of forbidden ones, and which
 * modules are there. The lists (60000 names) are kept as the text they came as, with an open hash
 * table of offsets into it.
 */
#include "debuginfo/debuginfo_int.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A set of names: "name", or "module:name". */
typedef struct NameSet {
	Buf names;
	uint32_t *slot;	 /* offset in names + 1; 0 empty */
	uint32_t n, cap; /* cap is a power of two */
} NameSet;

struct Traceable {
	Arena *arena;
	bool loaded;
	int err; /* of reading ftrace's list: -errno */
	NameSet functions, forbidden;
};

/* ---- names ---- */

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* The slot that has @name, or the empty one where it belongs. */
static uint32_t *find_slot(const NameSet *s, const char *name)
{
	uint32_t i = hash(name) & (s->cap - 1);

	while (s->slot[i] && strcmp(s->names.s + s->slot[i] - 1, name))
		i = (i + 1) & (s->cap - 1);
	return &s->slot[i];
}

static void grow(NameSet *s)
{
	uint32_t *old = s->slot, old_cap = s->cap;

	s->cap = old_cap ? old_cap * 2 : 1024;
	s->slot = calloc(s->cap, sizeof(*s->slot));
	if (!s->slot) {
		fputs("tapx: out of memory\n", stderr);
		abort();
	}
	for (uint32_t i = 0; i < old_cap; i++)
		if (old[i])
			*find_slot(s, s->names.s + old[i] - 1) = old[i];
	free(old);
}

static void set_add(NameSet *s, const char *module, const char *name)
{
	size_t at = s->names.n;
	uint32_t *slot;

	if (2 * (s->n + 1) > s->cap)
		grow(s);
	if (module)
		buf_printf(&s->names, "%s:", module);
	buf_put(&s->names, name, strlen(name) + 1);
	slot = find_slot(s, s->names.s + at);
	if (*slot)
		return;
	*slot = (uint32_t)at + 1;
	s->n++;
}

static bool set_has(const NameSet *s, const char *name)
{
	return s->cap && *find_slot(s, name);
}

static void set_free(NameSet *s)
{
	buf_free(&s->names);
	free(s->slot);
	*s = (NameSet){0};
}

/* ---- the kernel's lists ---- */

Traceable *traceable_new(Arena *a)
{
	return NEW(a, Traceable);
}

void traceable_free(Traceable *t)
{
	set_free(&t->functions);
	set_free(&t->forbidden);
}

static void function_line(void *arg, char *line)
{
	char *module = line_module(line);

	set_add(&((Traceable *)arg)->functions, module, line);
}

/* "0xADDR-0xADDR<tab>name" with perhaps "+0x..", and a module behind */
static void forbidden_line(void *arg, char *line)
{
	char *name = strchr(line, '\t');

	if (!name)
		return;
	name++;
	name[strcspn(name, " +\t")] = '\0';
	set_add(&((Traceable *)arg)->forbidden, NULL, name);
}

static Traceable *load(Debuginfo *di)
{
	Traceable *t = di->traceable;

	if (t->loaded)
		return t;
	t->loaded = true;
	t->err = lines_each(di->path.filter_functions, function_line, t);
	lines_each(di->path.blacklist, forbidden_line, t); /* needs debugfs: absent is fine */
	return t;
}

bool debuginfo_can_hook(Debuginfo *di, const char *module, const char *name)
{
	Traceable *t = load(di);
	const char *key = module ? arena_printf(di->arena, "%s:%s", module, name) : name;

	return !set_has(&t->forbidden, name) && (t->err || set_has(&t->functions, key));
}

DbgTraceable debuginfo_traceable(Debuginfo *di, const char *module, const char *name)
{
	Traceable *t;

	if (module && debuginfo_module(di, module) == DBG_MODULE_ABSENT)
		return DBG_NO_MODULE;
	t = load(di);
	if (set_has(&t->forbidden, name))
		return DBG_BLACKLISTED;
	if (!t->err && debuginfo_can_hook(di, module, name))
		return DBG_TRACEABLE;
	switch (symbols_where(di->symbols, module, name)) {
	case SYMBOL_ABSENT:
		return debuginfo_function(di, module, name) ? DBG_INLINED : DBG_UNKNOWN_NAME;
	case SYMBOL_INIT:
		return DBG_INIT;
	case SYMBOL_TEXT:
	case SYMBOL_UNKNOWN: /* kallsyms cannot be read: no means to know better */
		break;
	}
	return t->err ? DBG_TRACEABLE : DBG_NOTRACE;
}

/* ---- modules ---- */

DbgModule debuginfo_module(Debuginfo *di, const char *name)
{
	char *dir = arena_printf(di->arena, "%s/%s", di->path.module_dir, name);

	for (char *p = dir + strlen(di->path.module_dir); *p; p++)
		if (*p == '-')
			*p = '_';
	if (access(dir, F_OK))
		return DBG_MODULE_ABSENT;
	dir = arena_printf(di->arena, "%s/initstate", dir); /* loaded ones have a state */
	return access(dir, F_OK) ? DBG_MODULE_BUILTIN : DBG_MODULE_LOADED;
}

bool debuginfo_module_loaded(Debuginfo *di, const char *name)
{
	return debuginfo_module(di, name) != DBG_MODULE_ABSENT;
}

void debuginfo_each_module(Debuginfo *di, const char *pattern,
			   void (*fn)(void *arg, const char *name), void *arg)
{
	DIR *d = opendir(di->path.module_dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && !fnmatch(pattern, e->d_name, 0) &&
		    debuginfo_module(di, e->d_name) == DBG_MODULE_LOADED)
			fn(arg, arena_strdup(di->arena, e->d_name));
	if (d)
		closedir(d);
}
