/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The library: tapset files that are parsed only when they define something that is missing. An
 * index says which file defines which name; it is made on the first miss, from the lists of the
 * embedded files and from the tokens of the files in the -I directories.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "frontend/frontend_int.h"

#include <dirent.h>
#include <stdlib.h>

typedef struct LibFile {
	const char *name, *text;
	size_t len;
	bool builtin; /* not from a directory */
	bool loaded;
} LibFile;

/* One file that defines a name; several may. */
typedef struct Definer {
	LibFile *file;
	struct Definer *next;
} Definer;

typedef struct AliasEntry {
	const char *name; /* dotted */
	LibFile *file;
	struct AliasEntry *next; /* with the same first component */
} AliasEntry;

struct Index {
	Table *names; /* function, global or "@macro" -> Definer */
	Table *roots; /* first component of an alias name -> AliasEntry, the first of its chain */
	Table *seen;  /* paths below the directories: the first one wins */
};

void script_use_library(Script *s, const Library *lib)
{
	s->names->lib = lib;
}

/* ---- what a text defines ---- */

typedef VEC(const char *) NameVec;

/* @t: behind `global`. Names, each perhaps with %, [size] and = value, between commas. */
static const Token *scan_globals(Arena *a, const Token *t, NameVec *out)
{
	while (t->kind == TK_NAME) {
		vec_push(a, out, t->text);
		for (t = t->next; t->kind != TK_EOF && !tok_is(t, ",") && t->kind != TK_NAME;)
			t = t->next;
		if (!tok_is(t, ","))
			break;
		t = t->next;
	}
	return t;
}

/* @t: behind `probe`. A dotted name and = or += make an alias. */
static const Token *scan_alias(Arena *a, const Token *t, NameVec *out)
{
	while (t->kind == TK_NAME) {
		const char *name = t->text;

		for (t = t->next; tok_is(t, ".") && t->next->kind == TK_NAME; t = t->next->next)
			name = arena_printf(a, "%s.%s", name, t->next->text);
		if (!tok_is(t, "=") && !tok_is(t, "+="))
			break;
		vec_push(a, out, name);
		t = t->next;
	}
	return t;
}

static const Token *scan_one(Arena *a, const Token *t, NameVec *out, NameVec *aliases)
{
	if (tok_is(t, "private")) /* not for others; `private function f` is two words more */
		return tok_is(t->next, "function") || tok_is(t->next, "global") ? t->next->next
										: t->next;
	if (tok_is(t, "function") && t->next->kind == TK_NAME) {
		vec_push(a, out, t->next->text);
		return t->next->next;
	}
	if (tok_is(t, "@define") && t->next->kind == TK_NAME) {
		vec_push(a, out, arena_printf(a, "@%s", t->next->text));
		return t->next->next;
	}
	if (tok_is(t, "global"))
		return scan_globals(a, t->next, out);
	if (tok_is(t, "probe"))
		return scan_alias(a, t->next, aliases);
	return t->next;
}

#define MAX_NESTED 32

/* How deep in braces a text is; both branches of a condition begin at the depth of its %?. */
struct Depth {
	int braces, conditions;
	int at_condition[MAX_NESTED];
};

static void follow_depth(struct Depth *d, const Token *t)
{
	d->braces += tok_is(t, "{") - tok_is(t, "}");
	if (tok_is(t, "%(")) {
		if (d->conditions < MAX_NESTED)
			d->at_condition[d->conditions] = d->braces;
		d->conditions++;
	} else if (tok_is(t, "%)") && d->conditions) {
		d->conditions--;
	} else if (tok_is(t, "%:") && d->conditions && d->conditions <= MAX_NESTED) {
		d->braces = d->at_condition[d->conditions - 1];
	}
}

static void scan(Arena *a, const SourceFile *file, NameVec *names, NameVec *aliases)
{
	Diag quiet = {0};
	const Token *t = lex_file(a, file, NULL, &quiet), *before = NULL;
	struct Depth depth = {0};

	while (t->kind != TK_EOF) {
		const Token *at = t;
		bool inside;

		follow_depth(&depth, t);
		inside = depth.braces || (before && tok_is(before, "."));
		t = inside ? t->next : scan_one(a, t, names, aliases);
		before = at;
	}
}

const char **library_defines(Arena *a, const SourceFile *file)
{
	NameVec out = {0};

	scan(a, file, &out, &out);
	vec_push(a, &out, (const char *)NULL);
	return out.v;
}

/* ---- the index ---- */

static void index_alias(Script *s, struct Index *ix, LibFile *file, const char *name)
{
	const char *root = arena_strndup(s->arena, name, strcspn(name, "."));
	AliasEntry *e = NEW(s->arena, AliasEntry);

	*e = (AliasEntry){name, file, table_get(ix->roots, root)};
	table_put(ix->roots, root, e);
}

/* Every name is entered as a name and as an alias: which it is shows when its file is parsed. */
static void index_file(Script *s, struct Index *ix, LibFile *file, const char *const *defines)
{
	for (; *defines; defines++) {
		Definer *def = NEW(s->arena, Definer), *first = table_get(ix->names, *defines);

		def->file = file;
		if (first) { /* the nearest directory stays first */
			while (first->next)
				first = first->next;
			first->next = def;
		} else {
			table_put(ix->names, *defines, def);
		}
		if (**defines != '@')
			index_alias(s, ix, file, *defines);
	}
}

static LibFile *lib_file(Script *s, const char *name, const char *text, size_t len)
{
	LibFile *f = NEW(s->arena, LibFile);

	f->name = name;
	f->text = text;
	f->len = len;
	for (int i = 0; i < s->files.n; i++) /* the script itself may lie in a library directory */
		f->loaded |= !strcmp(s->files.v[i]->name, name);
	return f;
}

static void index_disk_file(Script *s, struct Index *ix, const char *path)
{
	Buf b = {0};
	SourceFile src;
	LibFile *f;

	if (read_file(path, &b) == 0 && b.n) {
		f = lib_file(s, path, arena_strndup(s->arena, b.s, b.n), b.n);
		src = (SourceFile){.name = path, .text = f->text, .len = f->len};
		if (!f->loaded)
			index_file(s, ix, f, library_defines(s->arena, &src));
	}
	buf_free(&b);
}

static int is_tapset(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && (!strcmp(dot, ".stp") || !strcmp(dot, ".stpm"));
}

/* @sub: "" or "linux/" below @dir; a file hides those of the same path below later directories. */
static void index_dir(Script *s, struct Index *ix, const char *dir, const char *sub)
{
	struct dirent **list;
	int n = scandir(arena_printf(s->arena, "%s/%s", dir, sub), &list, is_tapset, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = arena_printf(s->arena, "%s%s", sub, list[i]->d_name);

		if (!table_get(ix->seen, name)) {
			table_put(ix->seen, name, ix);
			index_disk_file(s, ix, arena_printf(s->arena, "%s/%s", dir, name));
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static int is_directory(const struct dirent *e)
{
	return e->d_type == DT_DIR && e->d_name[0] != '.';
}

/* PATH/usr/bin/: @sub and everything below. Their process("name") are made absolute by point.c. */
static void index_path(Script *s, struct Index *ix, const char *dir, const char *sub, int depth)
{
	struct dirent **list;
	int n = scandir(arena_printf(s->arena, "%s/%s", dir, sub), &list, is_directory, alphasort);

	index_dir(s, ix, dir, sub);
	for (int i = 0; i < n; i++) {
		if (depth < MAX_NESTED)
			index_path(s, ix, dir,
				   arena_printf(s->arena, "%s%s/", sub, list[i]->d_name),
				   depth + 1);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

/* @sub for this architecture, then for all. */
static void index_arch(Script *s, struct Index *ix, const char *dir, const char *sub,
		       const Conditions *cond)
{
	index_dir(s, ix, dir, arena_printf(s->arena, "%s%s/", sub, cond->arch));
	index_dir(s, ix, dir, sub);
}

/* @runtime ("linux/" or ""), the nearest first: 6.1.0-9-amd64, 6.1.0, 6.1, any version. */
static void index_versions(Script *s, struct Index *ix, const char *dir, const char *runtime,
			   const Conditions *cond)
{
	const char *release = cond->kernel_release, *dot;
	size_t len = release ? strlen(release) : 0;

	while (len) {
		index_arch(s, ix, dir,
			   arena_printf(s->arena, "%s%.*s/", runtime, (int)len, release), cond);
		dot = memrchr(release, '.', len);
		if (strcspn(release, "-") < len)
			len = strcspn(release, "-");
		else
			len = dot && memchr(release, '.', (size_t)(dot - release))
				  ? (size_t)(dot - release)
				  : 0;
	}
	index_arch(s, ix, dir, runtime, cond);
}

static void index_dirs(Script *s, struct Index *ix, const Conditions *cond)
{
	const Library *lib = s->names->lib;

	for (int i = 0; i < lib->n_dirs; i++) {
		index_versions(s, ix, lib->dirs[i], "linux/", cond);
		index_versions(s, ix, lib->dirs[i], "", cond);
		index_path(s, ix, lib->dirs[i], "PATH/", 0);
	}
}

static struct Index *index_get(Script *s, const Conditions *cond)
{
	const Library *lib = s->names->lib;
	struct Index *ix = s->names->index;

	if (ix || !lib)
		return ix;
	ix = s->names->index = NEW(s->arena, struct Index);
	ix->names = table_new(s->arena);
	ix->seen = table_new(s->arena);
	ix->roots = table_new(s->arena);
	index_dirs(s, ix, cond);
	for (const struct LibraryFile *row = lib->embedded; row && row->name; row++) {
		LibFile *f = lib_file(s, row->name, row->text, strlen(row->text));

		f->builtin = true;
		index_file(s, ix, f, row->defines);
	}
	return ix;
}

/* ---- loading ---- */

static const SourceFile *source_of(Script *s, const LibFile *f)
{
	SourceFile *src = NEW(s->arena, SourceFile);

	src->name = f->name;
	src->text = f->text;
	src->len = f->len;
	src->is_library = true;
	src->is_builtin = f->builtin;
	return src;
}

static bool load(Script *s, LibFile *f, const Conditions *cond, Diag *d)
{
	if (f->loaded)
		return false;
	f->loaded = true;
	parse_unit(s, source_of(s, f), cond, d);
	return true;
}

bool library_pull(Script *s, const char *name, const Conditions *cond, Diag *d)
{
	struct Index *ix = index_get(s, cond);
	bool any = false;

	if (!ix)
		return false;
	for (Definer *def = table_get(ix->names, name); def; def = def->next)
		any |= load(s, def->file, cond, d);
	return any;
}

static ProbePoint *dotted(Arena *a, const char *name)
{
	ProbePoint *p = NEW(a, ProbePoint);

	while (*name) {
		size_t n = strcspn(name, ".");
		Component c = {.name = arena_strndup(a, name, n)};

		vec_push(a, &p->part, c);
		name += n + (name[n] == '.');
	}
	return p;
}

/* Functions and globals are in the index under their names too: is @e really an alias? */
static bool is_alias(Script *s, const AliasEntry *e)
{
	SourceFile src = {.name = e->file->name, .text = e->file->text, .len = e->file->len};
	NameVec names = {0}, aliases = {0};

	scan(s->arena, &src, &names, &aliases);
	for (int i = 0; i < aliases.n; i++)
		if (!strcmp(aliases.v[i], e->name))
			return true;
	return false;
}

static void pull_root(Script *s, AliasEntry *e, const ProbePoint *p, const Conditions *cond,
		      Diag *d)
{
	for (; e; e = e->next)
		if (!e->file->loaded && alias_match(p, dotted(s->arena, e->name)) && is_alias(s, e))
			load(s, e->file, cond, d);
}

void library_pull_aliases(Script *s, const ProbePoint *p, const Conditions *cond, Diag *d)
{
	struct Index *ix = index_get(s, cond);
	const char *root = p->part.v[0].name, *name;
	void *entry;

	if (!ix)
		return;
	if (!strchr(root, '*'))
		pull_root(s, table_get(ix->roots, root), p, cond, d);
	else
		for (int it = 0; table_next(ix->roots, &it, &name, &entry);)
			pull_root(s, entry, p, cond, d);
}

void library_near(Script *s, Nearest *near, const Conditions *cond)
{
	struct Index *ix = index_get(s, cond);
	const char *name;
	void *value;

	for (int it = 0; ix && table_next(ix->names, &it, &name, &value);)
		if (*name != '@' && *name != '_' && !strchr(name, '.'))
			nearest_add(near, name);
}

/* ---- library macros ---- */

static void load_macros(Script *s, LibFile *f, const Conditions *cond, Diag *d)
{
	const SourceFile *src = source_of(s, f);
	const Token *rest;
	bool outer = d->demote;
	int demoted = d->demoted;

	f->loaded = true;
	vec_push(s->arena, &s->files, (SourceFile *)src);
	d->demote = true;
	rest = preprocess(s, NULL, lex_file(s->arena, src, cond, d), cond, d);
	d->demote = outer;
	d->demoted = demoted; /* whoever asked for the macro may be in order */
	if (rest->kind != TK_EOF)
		diag_warning(d, DIAG_BAD_MACRO, rest->loc, "a file of macros holds @define only");
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n >= m && !strcmp(name + n - m, suffix);
}

Macro *library_macro(Script *s, const char *name, const Conditions *cond, Diag *d)
{
	struct Index *ix = index_get(s, cond);
	Definer *def = ix ? table_get(ix->names, arena_printf(s->arena, "@%s", name)) : NULL;

	for (; def; def = def->next)
		if (!def->file->loaded && has_suffix(def->file->name, ".stpm"))
			load_macros(s, def->file, cond, d);
	return table_get(s->names->macros, name);
}
