/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where debug files are. The build-id of what runs is known (sysfs notes, or the file itself), so a
 * file that does not fit is never taken: first below .build-id, then by the names that
 * distributions use, then from debuginfod, which is only asked when the user has set
 * DEBUGINFOD_URLS.
 */
#include "debuginfo/dwarf_int.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- build-ids ---- */

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

bool note_build_id(const uint8_t *p, size_t len, BuildId *ret)
{
	GElf_Nhdr h;

	while (len >= sizeof(h)) {
		size_t size;

		memcpy(&h, p, sizeof(h));
		size = sizeof(h) + padded(h.n_namesz) + padded(h.n_descsz);
		if (size > len)
			return false;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    h.n_descsz <= sizeof(ret->v) && !memcmp(p + sizeof(h), "GNU", 4)) {
			ret->n = h.n_descsz;
			memcpy(ret->v, p + sizeof(h) + 4, ret->n);
			return true;
		}
		p += size;
		len -= size;
	}
	return false;
}

bool elf_build_id(Elf *elf, BuildId *ret)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(elf, scn))) {
		Elf_Data *d;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		d = elf_rawdata(scn, NULL);
		if (d && d->d_buf && note_build_id(d->d_buf, d->d_size, ret))
			return true;
	}
	return false;
}

const char *build_id_text(Arena *a, const BuildId *id)
{
	char *text = arena_alloc(a, 2 * id->n + 1);

	for (size_t i = 0; i < id->n; i++)
		sprintf(text + 2 * i, "%02x", id->v[i]);
	return text;
}

static BuildId notes_of(const char *path)
{
	BuildId id = {.n = 0};
	Buf notes = {0};

	if (!read_file(path, &notes))
		note_build_id((const uint8_t *)buf_str(&notes), notes.n, &id);
	buf_free(&notes);
	return id;
}

BuildId dwarf_running_id(Debuginfo *di, const char *module)
{
	if (!module)
		return notes_of(di->path.notes);
	return notes_of(
	    arena_printf(di->arena, "%s/%s/notes/.note.gnu.build-id", di->path.module_dir, module));
}

/* ---- one search ---- */

typedef struct Search {
	Debuginfo *di;
	BuildId id;
	TryDwarf *attempt;
	bool remote;		 /* may debuginfod be asked? */
	VEC(const char *) roots; /* directories like /usr/lib/debug */
	const char *module;
	Buf where;
} Search;

static DwarfFile *try_path(Search *s, const char *path)
{
	buf_printf(&s->where, "%s%s", s->where.n ? ", " : "", path);
	return s->attempt(s->di, s->module, path, &s->id);
}

/* SYSTEMTAP_DEBUGINFO_PATH is "+:.debug:/usr/lib/debug:build": absolute parts are roots. */
static void add_roots(Search *s)
{
	const char *env = getenv("SYSTEMTAP_DEBUGINFO_PATH");
	Arena *a = s->di->arena;

	if (s->di->path.debug_dir)
		vec_push(a, &s->roots, s->di->path.debug_dir);
	if (!env)
		vec_push(a, &s->roots, (const char *)"/usr/lib/debug");
	while (env && *env) {
		size_t n = strcspn(env, ":"), sign = *env == '+' || *env == '-';

		if (env[sign] == '/')
			vec_push(a, &s->roots,
				 (const char *)arena_strndup(a, env + sign, n - sign));
		env += n + (env[n] == ':');
	}
}

static DwarfFile *try_build_id(Search *s)
{
	const char *hex = build_id_text(s->di->arena, &s->id);
	DwarfFile *f = NULL;

	for (int i = 0; s->id.n > 1 && i < s->roots.n && !f; i++)
		f = try_path(s, arena_printf(s->di->arena, "%s/.build-id/%.2s/%s.debug",
					     s->roots.v[i], hex, hex + 2));
	return f;
}

/* The output of debuginfod-find: a path in its cache. */
static const char *debuginfod_path(Arena *a, const char *hex)
{
	char line[PATH_MAX] = "";
	FILE *p = popen(arena_printf(a, "debuginfod-find debuginfo %s 2>/dev/null", hex), "r");
	bool ok = p && fgets(line, sizeof(line), p);

	if (p && pclose(p) != 0)
		ok = false;
	line[strcspn(line, "\n")] = '\0';
	return ok ? arena_strdup(a, line) : NULL;
}

static DwarfFile *try_debuginfod(Search *s)
{
	const char *urls = getenv("DEBUGINFOD_URLS"), *path;

	if (!s->remote || !urls || !*urls || s->id.n < 2)
		return NULL;
	buf_printf(&s->where, ", debuginfod (%s)", urls);
	path = debuginfod_path(s->di->arena, build_id_text(s->di->arena, &s->id));
	return path ? s->attempt(s->di, s->module, path, &s->id) : NULL;
}

static const char *told(Search *s)
{
	const char *text;

	text = s->id.n ? arena_printf(s->di->arena, "build-id %s in %s",
				      build_id_text(s->di->arena, &s->id), buf_str(&s->where))
		       : arena_strdup(s->di->arena, buf_str(&s->where));
	buf_free(&s->where);
	return text;
}

static const char *release(Debuginfo *di)
{
	struct utsname u;

	if (!di->path.release) {
		uname(&u);
		di->path.release = arena_strdup(di->arena, u.release);
	}
	return di->path.release;
}

/* ---- the kernel ---- */

DwarfFile *dwarf_search_kernel(Debuginfo *di, bool remote, TryDwarf *attempt, const char **where)
{
	static const char *const beside[] = {"/boot/vmlinux-%s", "/lib/modules/%s/vmlinux",
					     "/lib/modules/%s/build/vmlinux"};
	Search s = {.di = di, .attempt = attempt, .remote = remote};
	Arena *a = di->arena;
	const char *r = release(di);
	DwarfFile *f;

	s.id = dwarf_running_id(di, NULL);
	add_roots(&s);
	f = try_build_id(&s);
	for (int i = 0; i < s.roots.n && !f; i++) {
		const char *root = s.roots.v[i];

		f = try_path(&s, arena_printf(a, "%s/boot/vmlinux-%s", root, r));
		if (!f)
			f = try_path(&s, arena_printf(a, "%s/lib/modules/%s/vmlinux", root, r));
		if (!f)
			f = try_path(&s, arena_printf(a, "%s/vmlinux", root));
	}
	for (size_t i = 0; i < ARRAY_SIZE(beside) && !f; i++) {
		char path[PATH_MAX];
		const char *gap = strstr(beside[i], "%s");

		snprintf(path, sizeof(path), "%.*s%s%s", (int)(gap - beside[i]), beside[i], r,
			 gap + 2);
		f = try_path(&s, arena_strdup(a, path));
	}
	if (!f)
		f = try_debuginfod(&s);
	*where = told(&s);
	return f;
}

/* ---- modules ---- */

typedef struct DepLine {
	Arena *arena;
	const char *module, *path; /* kernel/drivers/net/dummy.ko */
} DepLine;

/* Does file name @p, up to ".ko", say @module? '-' and '_' are the same. */
static bool is_module(const char *p, const char *module)
{
	for (; *module; p++, module++)
		if (*p != *module && !(*p == '-' && *module == '_'))
			return false;
	return !strncmp(p, ".ko", 3);
}

static void dep_line(void *arg, char *line)
{
	DepLine *d = arg;
	char *slash;

	line[strcspn(line, ":")] = '\0';
	slash = strrchr(line, '/');
	if (!d->path && is_module(slash ? slash + 1 : line, d->module))
		d->path = arena_strdup(d->arena, line);
}

/* kernel/drivers/net/dummy, from modules.dep; NULL when it is not listed. */
static const char *module_path(Debuginfo *di, const char *module)
{
	DepLine d = {.arena = di->arena, .module = module};
	const char *ext;

	lines_each(arena_printf(di->arena, "/lib/modules/%s/modules.dep", release(di)), dep_line,
		   &d);
	ext = d.path ? strstr(d.path, ".ko") : NULL;
	return ext ? arena_strndup(di->arena, d.path, (size_t)(ext - d.path)) : NULL;
}

DwarfFile *dwarf_search_module(Debuginfo *di, const char *module, bool remote, TryDwarf *attempt,
			       const char **where)
{
	Arena *a = di->arena;
	Search s = {.di = di, .module = module, .attempt = attempt, .remote = remote};
	const char *r = release(di), *path = module_path(di, module);
	DwarfFile *f;

	s.id = dwarf_running_id(di, module);
	add_roots(&s);
	f = try_build_id(&s);
	for (int i = 0; path && i < s.roots.n && !f; i++) {
		const char *stem = arena_printf(a, "%s/lib/modules/%s/%s", s.roots.v[i], r, path);

		f = try_path(&s, arena_printf(a, "%s.ko", stem));
		if (!f)
			f = try_path(&s, arena_printf(a, "%s.ko.debug", stem));
	}
	if (!f && path)
		f = try_path(&s, arena_printf(a, "/lib/modules/%s/%s.ko", r, path));
	if (!f)
		f = try_debuginfod(&s);
	*where = told(&s);
	return f;
}

/* ---- programs ---- */

static const char *debuglink(Arena *a, Elf *elf)
{
	size_t names;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name =
		    gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		Elf_Data *d;

		if (!name || strcmp(name, ".gnu_debuglink"))
			continue;
		d = elf_rawdata(scn, NULL);
		if (d && d->d_buf && d->d_size)
			return arena_strndup(a, d->d_buf, strnlen(d->d_buf, d->d_size));
	}
	return NULL;
}

/* The name in .gnu_debuglink, beside the file, in .debug/ there, and below the roots. */
static DwarfFile *try_debuglink(Search *s, const char *path, const char *link)
{
	const char *slash = strrchr(path, '/');
	Arena *a = s->di->arena;
	const char *dir = slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
	DwarfFile *f = NULL;

	if (!link)
		return NULL;
	if (strcmp(link, slash ? slash + 1 : path))
		f = try_path(s, arena_printf(a, "%s/%s", dir, link));
	if (!f)
		f = try_path(s, arena_printf(a, "%s/.debug/%s", dir, link));
	for (int i = 0; i < s->roots.n && !f; i++)
		f = try_path(s, arena_printf(a, "%s%s/%s", s->roots.v[i], dir, link));
	return f;
}

DwarfFile *dwarf_search_elf(Debuginfo *di, const char *path, TryDwarf *attempt, const char **where)
{
	Search s = {.di = di, .attempt = attempt, .remote = true};
	FILE *file = fopen(path, "re");
	Elf *elf = file ? elf_begin(fileno(file), ELF_C_READ_MMAP, NULL) : NULL;
	const char *link = NULL;
	DwarfFile *f;

	if (elf) {
		elf_build_id(elf, &s.id);
		link = debuglink(di->arena, elf);
	}
	elf_end(elf);
	if (file)
		fclose(file);
	add_roots(&s);
	f = try_path(&s, path);
	if (!f)
		f = try_build_id(&s);
	if (!f)
		f = try_debuglink(&s, path, link);
	if (!f)
		f = try_debuginfod(&s);
	*where = told(&s);
	return f;
}
