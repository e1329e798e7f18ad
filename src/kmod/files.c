/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files in /proc of procfs probes: those of one path share a file, with the permissions of all,
 * and its directories are made before it.
 */
#include "kmod_int.h"

#include <inttypes.h>
#include <string.h>

typedef VEC(const char *) Names;

static const ProcFile *file_of(const ResolvedProbe *p)
{
	return p->hook == HOOK_FILE_READ || p->hook == HOOK_FILE_WRITE ? &p->file : NULL;
}

static bool add_name(Arena *a, Names *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], name))
			return false;
	vec_push(a, v, name);
	return true;
}

static void collect(const Emit *e, Names *files)
{
	for (int i = 0; i < e->in->probes->n; i++) {
		const ProcFile *f = file_of(e->in->probes->v[i]);

		if (f)
			add_name(e->arena, files, f->path);
	}
}

int file_index(const Emit *e, const char *path)
{
	Names files = {0};
	int i = 0;

	collect(e, &files);
	while (strcmp(files.v[i], path) != 0)
		i++;
	return i;
}

static void file_row(Emit *e, const char *path)
{
	unsigned mode = 0;
	int64_t room = 0;

	for (int i = 0; i < e->in->probes->n; i++) {
		const ResolvedProbe *p = e->in->probes->v[i];
		bool reads = p->hook == HOOK_FILE_READ;

		if (!file_of(p) || strcmp(p->file.path, path) != 0)
			continue;
		mode |= (reads ? 0444 : 0222) & ~p->file.umask;
		if (reads && p->file.maxsize > room)
			room = p->file.maxsize;
	}
	emit(e, "\t{%s, %#o, %" PRId64 "},", c_string(e, path, strlen(path)), mode,
	     room ? room : (int64_t)string_most(e));
}

/* The directories of all files, each after its own. */
static void dirs(Emit *e, const Names *files)
{
	Names made = {0};

	emit(e, "static const char *const rt_file_dirs[] = {");
	for (int i = 0; i < files->n; i++)
		for (const char *s = strchr(files->v[i], '/'); s; s = strchr(s + 1, '/')) {
			const char *dir =
			    arena_strndup(e->arena, files->v[i], (size_t)(s - files->v[i]));

			if (add_name(e->arena, &made, dir))
				emit(e, "\t%s,", c_string(e, dir, strlen(dir)));
		}
	emit(e, "\tNULL\n};");
}

/* A path that also is a directory of another one cannot be both. */
static void check(Emit *e, const ResolvedProbe *p, const Names *files)
{
	size_t n = strlen(p->file.path);

	for (int i = 0; i < files->n; i++)
		if (!strncmp(files->v[i], p->file.path, n) && files->v[i][n] == '/') {
			diag_error(e->in->diag, DIAG_PROC_FILE, p->loc,
				   "'%s' is also the directory of '%s'", p->file.path, files->v[i]);
			e->ok = false;
		}
}

void files_emit(Emit *e)
{
	Names files = {0};

	collect(e, &files);
	if (!files.n)
		return;
	for (int i = 0; i < e->in->probes->n; i++)
		if (file_of(e->in->probes->v[i]))
			check(e, e->in->probes->v[i], &files);
	emit(e, "\nstatic const struct rt_file rt_files[] = {");
	for (int i = 0; i < files.n; i++)
		file_row(e, files.v[i]);
	emit(e, "};");
	dirs(e, &files);
}
