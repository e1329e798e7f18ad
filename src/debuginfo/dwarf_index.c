/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which functions have inlined copies, and in which compilation units: what a plain function point
 * must know before it can do without DWARF. A pass over a whole kernel takes 0.3 s, so the answer
 * is kept below
 * ~/.cache/tapx/dwarf by build-id, sorted by name, and the next runs only search in it.
 */
#include "debuginfo/dwarf_int.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "tapxdw1";

typedef struct Head {
	char magic[8];
	uint32_t n, names_len; /* then .n pairs, then the names */
} Head;

typedef struct Pair {
	uint32_t name, unit; /* offset among the names; of the unit's DIE */
} Pair;

typedef struct Index {
	const Pair *pair;
	uint32_t n;
	const char *names;
	uint32_t names_len;
	void *map; /* of a file; NULL: made by this run */
	size_t size;
} Index;

/* ---- the file ---- */

static const char *index_path(Debuginfo *di, const BuildId *id)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (!base && home)
		base = arena_printf(di->arena, "%s/.cache", home);
	if (!base || !id->n)
		return NULL;
	return arena_printf(di->arena, "%s/tapx/dwarf/%s", base, build_id_text(di->arena, id));
}

/* Is what is mapped whole? */
static bool is_valid(Index *ix)
{
	const Head *h = ix->map;

	if (ix->size < sizeof(*h) || memcmp(h->magic, magic, sizeof(magic)) || !h->names_len ||
	    ix->size != sizeof(*h) + h->n * sizeof(Pair) + h->names_len)
		return false;
	ix->pair = (const void *)(h + 1);
	ix->n = h->n;
	ix->names = (const char *)(ix->pair + h->n);
	ix->names_len = h->names_len;
	return !ix->names[h->names_len - 1];
}

static bool load(const char *path, Index *ret)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;

	*ret = (Index){.map = NULL};
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && st.st_size > 0) {
		ret->size = (size_t)st.st_size;
		ret->map = mmap(NULL, ret->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (ret->map == MAP_FAILED)
		ret->map = NULL;
	if (ret->map && is_valid(ret))
		return true;
	if (ret->map)
		munmap(ret->map, ret->size);
	*ret = (Index){.map = NULL};
	return false;
}

static void make_directories(Arena *a, const char *path)
{
	char *dir = arena_strdup(a, path);

	for (char *p = strchr(dir + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(dir, 0755);
		*p = '/';
	}
}

/* Not being able to keep it is no mistake. */
static void save(Arena *a, const char *path, const Index *ix)
{
	Head h = {.n = ix->n, .names_len = ix->names_len};
	const char *tmp = arena_printf(a, "%s.%d", path, (int)getpid());
	FILE *out;
	bool ok;

	memcpy(h.magic, magic, sizeof(magic));
	make_directories(a, path);
	out = fopen(tmp, "we");
	if (!out)
		return;
	ok = fwrite(&h, sizeof(h), 1, out) == 1 &&
	     fwrite(ix->pair, sizeof(Pair), ix->n, out) == ix->n &&
	     fwrite(ix->names, 1, ix->names_len, out) == ix->names_len;
	ok &= fclose(out) == 0;
	if (!ok || rename(tmp, path))
		unlink(tmp);
}

/* ---- making it ---- */

typedef struct Builder {
	Arena *arena; /* of the making alone */
	Table *known; /* name -> offset + 1 */
	Buf names;
	VEC(Pair) pairs;
} Builder;

static uint32_t name_offset(Builder *b, const char *name)
{
	uintptr_t at = (uintptr_t)table_get(b->known, name);

	if (!at) {
		at = b->names.n + 1;
		buf_put(&b->names, name, strlen(name) + 1);
		table_put(b->known, name, (void *)at); /* names of DWARF stay where they are */
	}
	return (uint32_t)(at - 1);
}

static void index_unit(void *arg, Dwarf_Die *unit)
{
	Builder *b = arg;
	Dwarf_Die die;

	for (int end = dwarf_child(unit, &die); !end; end = dwarf_siblingof(&die, &die)) {
		Pair p;

		if (dwarf_tag(&die) != DW_TAG_subprogram || !dwarf_func_inline(&die))
			continue;
		p = (Pair){name_offset(b, dwarf_name(&die)), (uint32_t)dwarf_dieoffset(unit)};
		vec_push(b->arena, &b->pairs, p);
	}
}

static const char *sorting; /* qsort() has no context */

static int by_name(const void *a, const void *b)
{
	const Pair *x = a, *y = b;
	int c = x->name == y->name ? 0 : strcmp(sorting + x->name, sorting + y->name);

	return c ? c : (x->unit > y->unit) - (x->unit < y->unit);
}

static void build(DwarfFile *f, const char *path, Index *ret)
{
	Builder b = {.arena = arena_new()};
	Pair *pairs;

	b.known = table_new(b.arena);
	dwarf_each_unit(f, NULL, index_unit, &b);
	sorting = buf_str(&b.names);
	if (b.pairs.n)
		qsort(b.pairs.v, (size_t)b.pairs.n, sizeof(b.pairs.v[0]), by_name);
	pairs = NEW_ARRAY(f->arena, Pair, b.pairs.n + 1);
	memcpy(pairs, b.pairs.v, sizeof(Pair) * (size_t)b.pairs.n);
	*ret = (Index){.pair = pairs, .n = (uint32_t)b.pairs.n, .names_len = (uint32_t)b.names.n};
	ret->names = memcpy(arena_alloc(f->arena, b.names.n + 1), buf_str(&b.names), b.names.n);
	if (path && b.names.n)
		save(b.arena, path, ret);
	buf_free(&b.names);
	arena_free(b.arena);
}

/* ---- asking ---- */

typedef VEC(uint32_t) Units;

static void add_unit(Arena *a, Units *units, uint32_t unit)
{
	for (int i = units->n - 1; i >= 0; i--)
		if (units->v[i] == unit)
			return;
	vec_push(a, units, unit);
}

static const char *name_at(const Index *ix, uint32_t i)
{
	uint32_t at = ix->pair[i].name;

	return at < ix->names_len ? ix->names + at : ""; /* the file may have been tampered with */
}

/* The first pair whose name is not before @name. */
static uint32_t first_pair(const Index *ix, const char *name)
{
	uint32_t lo = 0, hi = ix->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (strcmp(name_at(ix, mid), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void find_units(Arena *a, const Index *ix, const char *pattern, Units *ret)
{
	bool wild = name_is_pattern(pattern);
	uint32_t last = UINT32_MAX;
	bool matches = false;

	for (uint32_t i = wild ? 0 : first_pair(ix, pattern); i < ix->n; i++) {
		const char *name = name_at(ix, i);

		if (ix->pair[i].name != last)
			matches = wild ? !fnmatch(pattern, name, 0) : !strcmp(name, pattern);
		last = ix->pair[i].name;
		if (matches)
			add_unit(a, ret, ix->pair[i].unit);
		else if (!wild)
			break;
	}
}

/** struct DwarfIndex - kept for the questions that follow. */
struct DwarfIndex {
	const char *module;
	Index index;
	DwarfIndex *next;
};

/* Without DWARF it is empty. */
static const Index *index_of(Debuginfo *di, const char *module)
{
	BuildId id = dwarf_running_id(di, module);
	const char *path = index_path(di, &id);
	DwarfIndex *ix;
	DwarfFile *f;

	for (ix = di->indices; ix; ix = ix->next)
		if (!ix->module == !module && (!module || !strcmp(ix->module, module)))
			return &ix->index;
	ix = NEW(di->arena, DwarfIndex);
	if (!load(path, &ix->index)) {
		f = dwarf_local(di, module);
		if (f)
			build(f, path, &ix->index);
	}
	ix->module = module;
	ix->next = di->indices;
	di->indices = ix;
	return &ix->index;
}

DwarfFile *debuginfo_inlined(Debuginfo *di, const char *module, const char *pattern, DbgCodes *ret)
{
	Units units = {0};
	DwarfFile *f;

	find_units(di->arena, index_of(di, module), pattern, &units);
	f = units.n ? dwarf_local(di, module) : NULL;
	for (int i = 0; f && i < units.n; i++)
		dwarf_inlined_in(f, units.v[i], pattern, ret);
	return f;
}

void dwarf_index_close(Debuginfo *di)
{
	for (DwarfIndex *ix = di->indices; ix; ix = ix->next)
		if (ix->index.map)
			munmap(ix->index.map, ix->index.size);
	di->indices = NULL;
}
