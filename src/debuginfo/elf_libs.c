/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which libraries a program uses, looked for where the loader would: DT_NEEDED and what it leads to,
 * in DT_RPATH and DT_RUNPATH, LD_LIBRARY_PATH, the directories of /etc/ld.so.conf and the usual ones.
 * Also which file is mapped where in a process.
 */
#include "debuginfo/debuginfo_int.h"

#include <fnmatch.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIBRARIES_MOST = 1000 };

typedef VEC(const char *) Strings;

typedef struct Loader {
	Debuginfo *di;
	Strings dirs;  /* for all files, in order */
	Strings files; /* found so far; each is searched for what it needs */
} Loader;

/* ---- directories ---- */

static void add_dirs(Arena *a, Strings *ret, const char *list, const char *origin)
{
	for (; *list; list += *list == ':') {
		size_t n = strcspn(list, ":");
		const char *dir = arena_strndup(a, list, n);

		for (const char *var = "$ORIGIN"; !strncmp(dir, var, strlen(var)); var = "${ORIGIN}")
			dir = arena_printf(a, "%s%s", origin, dir + strlen(var));
		if (n)
			vec_push(a, ret, dir);
		list += n;
	}
}

static void read_conf(Loader *l, const char *path, int depth);

static void include_conf(Loader *l, const char *pattern, int depth)
{
	const char *full = *pattern == '/' ? pattern : arena_printf(l->di->arena, "/etc/%s", pattern);
	glob_t g = {0};

	if (depth < 5 && glob(full, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			read_conf(l, g.gl_pathv[i], depth + 1);
	globfree(&g);
}

static void read_conf(Loader *l, const char *path, int depth)
{
	Buf b = {0};
	char *line, *text;

	if (read_file(path, &b) == 0)
		for (text = b.s; text && (line = strsep(&text, "\n"));) {
			char *first = strsep(&line, " \t#"), *second = line;

			if (*first == '/')
				vec_push(l->di->arena, &l->dirs, arena_strdup(l->di->arena, first));
			else if (!strcmp(first, "include") && second)
				include_conf(l, arena_strdup(l->di->arena, second), depth);
		}
	buf_free(&b);
}

static void common_dirs(Loader *l)
{
	const char *given = getenv("LD_LIBRARY_PATH");

	if (given)
		add_dirs(l->di->arena, &l->dirs, given, "");
	read_conf(l, "/etc/ld.so.conf", 0);
	add_dirs(l->di->arena, &l->dirs,
		 "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib", "");
}

/* ---- what a file needs ---- */

typedef void DynFn(void *arg, int64_t tag, const char *text);

static void each_dynamic(const ElfFile *f, DynFn *fn, void *arg)
{
	GElf_Shdr h;
	Elf_Data *d = section_data(&f->file, ".dynamic", &h);
	GElf_Dyn dyn;

	for (int i = 0; d && gelf_getdyn(d, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		bool text = dyn.d_tag == DT_NEEDED || dyn.d_tag == DT_RPATH || dyn.d_tag == DT_RUNPATH;
		const char *s = text ? elf_strptr(f->file.elf, h.sh_link, dyn.d_un.d_val) : NULL;

		if (s)
			fn(arg, dyn.d_tag, s);
	}
}

typedef struct Needs {
	Loader *loader;
	const ElfFile *file;
	Strings own; /* directories that the file itself names */
} Needs;

static const char *directory(Arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

static void note_dirs(void *arg, int64_t tag, const char *text)
{
	Needs *n = arg;
	Arena *a = n->loader->di->arena;

	if (tag != DT_NEEDED)
		add_dirs(a, &n->own, text, directory(a, n->file->path));
}

static bool add_file(Loader *l, const char *dir, const char *name)
{
	Arena *a = l->di->arena;
	const char *path = *name == '/' ? name : arena_printf(a, "%s/%s", dir, name), *why;

	path = access(path, R_OK) ? NULL : elf_program(a, path, &why);
	if (!path || !elf_open(l->di, path, &why))
		return false;
	for (int i = 0; i < l->files.n; i++)
		if (!strcmp(l->files.v[i], path))
			return true;
	vec_push(a, &l->files, path);
	return true;
}

static void note_needed(void *arg, int64_t tag, const char *name)
{
	Needs *n = arg;
	const Strings *const in[] = {&n->own, &n->loader->dirs};

	if (tag != DT_NEEDED || n->loader->files.n >= LIBRARIES_MOST)
		return;
	for (size_t k = 0; k < ARRAY_SIZE(in); k++)
		for (int i = 0; i < in[k]->n; i++)
			if (add_file(n->loader, in[k]->v[i], name))
				return;
}

static void find_needed(Loader *l, const ElfFile *f)
{
	Needs n = {.loader = l, .file = f};

	each_dynamic(f, note_dirs, &n);
	each_dynamic(f, note_needed, &n);
}

static bool is_called(const char *path, const char *wanted)
{
	const char *slash = strrchr(path, '/');

	return !fnmatch(wanted, path, 0) || (slash && !fnmatch(wanted, slash + 1, 0));
}

int elf_libraries(Debuginfo *di, ElfFile *f, const char *wanted, const char *const **ret)
{
	Loader l = {.di = di};
	Strings found = {0};
	const char *why, *path = strchr(wanted, '/') ? elf_program(di->arena, wanted, &why) : NULL;

	common_dirs(&l);
	find_needed(&l, f);
	for (int i = 0; i < l.files.n; i++)
		find_needed(&l, elf_open(di, l.files.v[i], &why));
	if (path)
		add_file(&l, "", path); /* it may be loaded later, by dlopen() */
	for (int i = 0; i < l.files.n; i++)
		if (path ? !strcmp(l.files.v[i], path) : is_called(l.files.v[i], wanted))
			vec_push(di->arena, &found, l.files.v[i]);
	*ret = found.v;
	return found.n;
}

/* ---- a process's memory ---- */

const char *elf_mapped(Arena *a, int pid, uint64_t *address)
{
	Buf b = {0};
	char *text, *line;
	const char *ret = NULL;

	if (read_file(arena_printf(a, "/proc/%d/maps", pid), &b) < 0)
		return NULL;
	for (text = b.s; text && !ret && (line = strsep(&text, "\n"));) {
		uint64_t from, to, offset;
		int at = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &from, &to, &offset, &at) < 3 ||
		    !at || line[at] != '/' || *address < from || *address >= to)
			continue;
		*address = *address - from + offset;
		ret = arena_strdup(a, line + at);
	}
	buf_free(&b);
	return ret;
}
