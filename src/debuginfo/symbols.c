/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Symbols of the running kernel: kallsyms. Making this file costs the kernel 0.05 to 0.4 s, so it
 * is not read before a question needs it, and then through a small buffer: functions are kept in 16
 * bytes each and one block of names, the rest (twice as much) is read again by the rare questions
 * about it.
 */
#include "debuginfo/debuginfo_int.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Sym {
	uint64_t address;
	uint32_t name; /* offset in names */
	uint16_t module;
	char kind;
} Sym;

struct Symbols {
	Arena *arena;
	const char *path;
	int loaded; /* kallsyms: 0 not yet, 1 read, else -errno */
	Sym *sym;
	size_t n, cap;
	Buf names;
	VEC(const char *) modules; /* by Sym.module; [0] is the kernel: NULL */
	uint32_t *by_address;	   /* indices, sorted; made on demand */
	bool any_address;
};

Symbols *symbols_new(Arena *a, const char *path)
{
	Symbols *s = NEW(a, Symbols);

	s->arena = a;
	s->path = path;
	return s;
}

void symbols_free(Symbols *s)
{
	free(s->sym);
	free(s->by_address);
	buf_free(&s->names);
	s->sym = NULL;
	s->by_address = NULL;
}

/* ---- reading line by line ---- */

int lines_each(const char *path, LineFn *fn, void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	static char buf[65536];
	size_t have = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, buf + have, sizeof(buf) - 1 - have)) != 0) {
		char *p = buf, *nl;

		if (got < 0) {
			err = -errno;
			break;
		}
		have += (size_t)got;
		while ((nl = memchr(p, '\n', have - (size_t)(p - buf)))) {
			*nl = '\0';
			fn(arg, p);
			p = nl + 1;
		}
		have -= (size_t)(p - buf);
		memmove(buf, p, have);
		if (have == sizeof(buf) - 1) /* no file of these has such a line */
			have = 0;
	}
	close(fd);
	return err;
}

char *line_module(char *name)
{
	char *p = name + strcspn(name, " \t"), *end;

	if (!*p)
		return NULL;
	*p++ = '\0';
	p += strspn(p, " \t");
	if (*p != '[')
		return NULL;
	end = strchr(++p, ']');
	if (end)
		*end = '\0';
	return p;
}

/* ---- kallsyms ---- */

static uint16_t module_index(Symbols *s, const char *module)
{
	if (!module)
		return 0;
	for (int i = s->modules.n - 1; i > 0; i--) /* they come in runs */
		if (!strcmp(s->modules.v[i], module))
			return (uint16_t)i;
	if (s->modules.n == UINT16_MAX)
		return 0;
	vec_push(s->arena, &s->modules, (const char *)arena_strdup(s->arena, module));
	return (uint16_t)(s->modules.n - 1);
}

static void push_symbol(Symbols *s, Sym sym)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4096;
		s->sym = realloc(s->sym, s->cap * sizeof(*s->sym));
		if (!s->sym) {
			fputs("tapx: out of memory\n", stderr);
			abort();
		}
	}
	s->sym[s->n++] = sym;
}

/* Take a line apart; @line is the name then. False: not a symbol. */
static bool parse_line(char *line, uint64_t *address, char *kind, char **name, char **module)
{
	char *p;

	*address = strtoull(line, &p, 16);
	if (*p != ' ' || !p[1] || p[2] != ' ')
		return false;
	*kind = p[1];
	*name = p + 3;
	*module = line_module(p + 3);
	return true;
}

static bool is_text(char kind)
{
	return kind == 't' || kind == 'T' || kind == 'w' || kind == 'W';
}

static void text_line(void *arg, char *line)
{
	Symbols *s = arg;
	Sym sym = {0};
	char *name, *module;

	/* __pfx_ names are the padding in front of functions */
	if (!parse_line(line, &sym.address, &sym.kind, &name, &module) || !is_text(sym.kind) ||
	    !strncmp(name, "__pfx_", 6))
		return;
	s->any_address |= sym.address != 0;
	sym.module = module_index(s, module);
	sym.name = (uint32_t)s->names.n;
	buf_put(&s->names, name, strlen(name) + 1);
	push_symbol(s, sym);
}

/* Return: 0, or -errno when kallsyms cannot be read. */
static int load(Symbols *s)
{
	int err;

	if (s->loaded)
		return s->loaded < 0 ? s->loaded : 0;
	vec_push(s->arena, &s->modules, (const char *)NULL);
	err = lines_each(s->path, text_line, s);
	s->loaded = err ? err : 1;
	return err;
}

static const char *sym_name(const Symbols *s, const Sym *y)
{
	return s->names.s + y->name;
}

static bool same_module(const Symbols *s, const Sym *y, const char *module)
{
	const char *own = s->modules.v[y->module];

	return own == module || (own && module && !strcmp(own, module));
}

static DbgSymbol as_public(const Symbols *s, const Sym *y)
{
	return (DbgSymbol){.name = arena_strdup(s->arena, sym_name(s, y)),
			   .module = s->modules.v[y->module],
			   .address = y->address,
			   .kind = y->kind};
}

/* Is @name the compiler's variant of @plain: plain.isra.0, plain.constprop.0.part.2 ...? */
static bool is_variant(const char *name, const char *plain)
{
	size_t n = strlen(plain);

	return !strncmp(name, plain, n) && name[n] == '.' && !strstr(name + n, ".cold") &&
	       (!strncmp(name + n, ".isra.", 6) || !strncmp(name + n, ".constprop.", 11) ||
		!strncmp(name + n, ".part.", 6));
}

int debuginfo_symbols(Debuginfo *di, const char *module, const char *name, bool variants,
		      const DbgSymbol **ret)
{
	Symbols *s = di->symbols;
	VEC(DbgSymbol) found = {0};
	int err = load(s);

	if (err)
		return err;
	if (!s->any_address)
		return -EPERM;
	for (size_t i = 0; i < s->n; i++) {
		const char *n = sym_name(s, &s->sym[i]);

		if (*n == *name && same_module(s, &s->sym[i], module) &&
		    (!strcmp(n, name) || (variants && is_variant(n, name))))
			vec_push(di->arena, &found, as_public(s, &s->sym[i]));
	}
	*ret = found.v;
	return found.n;
}

/* ---- what is not kept ---- */

typedef struct Wanted {
	const char *name, *module;
	bool data; /* not a function */
	bool found;
	uint64_t address;
	char kind;
} Wanted;

static void wanted_line(void *arg, char *line)
{
	Wanted *w = arg;
	char *name, *module, kind;
	uint64_t address;

	if (w->found || !parse_line(line, &address, &kind, &name, &module) ||
	    strcmp(name, w->name) || is_text(kind) == w->data || !module != !w->module ||
	    (module && strcmp(module, w->module)))
		return;
	w->found = true;
	w->address = address;
	w->kind = kind;
}

const DbgSymbol *debuginfo_data_symbol(Debuginfo *di, const char *module, const char *name)
{
	Wanted w = {.name = name, .module = module, .data = true};
	DbgSymbol *d;

	if (lines_each(di->symbols->path, wanted_line, &w) || !w.found || !w.address)
		return NULL;
	d = NEW(di->arena, DbgSymbol);
	*d = (DbgSymbol){.name = arena_strdup(di->arena, name),
			 .module = module,
			 .address = w.address,
			 .kind = w.kind};
	return d;
}

/* struct Next - the lowest symbol above an address. */
typedef struct Next {
	uint64_t from, best;
} Next;

static void next_line(void *arg, char *line)
{
	Next *n = arg;
	char *name, *module, kind;
	uint64_t address;

	if (parse_line(line, &address, &kind, &name, &module) && address > n->from && address < n->best)
		n->best = address;
}

uint64_t debuginfo_data_size(Debuginfo *di, const DbgSymbol *sym)
{
	Next n = {sym->address, UINT64_MAX};

	lines_each(di->symbols->path, next_line, &n);
	return n.best - sym->address;
}

bool debuginfo_exported(Debuginfo *di, const char *module, const char *name)
{
	Wanted w = {.name = arena_printf(di->arena, "__ksymtab_%s", name), .data = true};

	w.module = module;
	return !lines_each(di->symbols->path, wanted_line, &w) && w.found;
}

/* ---- all of them ---- */

void debuginfo_each_symbol(Debuginfo *di, const char *module, const char *pattern,
			   void (*fn)(void *arg, const DbgSymbol *sym), void *arg)
{
	Symbols *s = di->symbols;

	if (load(s))
		return;
	for (size_t i = 0; i < s->n; i++) {
		const Sym *y = &s->sym[i];
		DbgSymbol d;

		if (!same_module(s, y, module) || fnmatch(pattern, sym_name(s, y), 0))
			continue;
		d = as_public(s, y);
		fn(arg, &d);
	}
}

void debuginfo_nearest_symbol(Debuginfo *di, const char *module, Nearest *n)
{
	Symbols *s = di->symbols;

	if (load(s))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (same_module(s, &s->sym[i], module))
			nearest_add(n, sym_name(s, &s->sym[i]));
}

/* ---- by address ---- */

static const Sym *sorting; /* qsort() has no context */

static int by_address(const void *a, const void *b)
{
	const Sym *x = &sorting[*(const uint32_t *)a], *y = &sorting[*(const uint32_t *)b];

	return (x->address > y->address) - (x->address < y->address);
}

static void sort_symbols(Symbols *s)
{
	s->by_address = malloc((s->n + 1) * sizeof(*s->by_address));
	if (!s->by_address)
		return;
	for (size_t i = 0; i < s->n; i++)
		s->by_address[i] = (uint32_t)i;
	sorting = s->sym;
	qsort(s->by_address, s->n, sizeof(*s->by_address), by_address);
}

const DbgSymbol *debuginfo_symbol_at(Debuginfo *di, uint64_t address, uint64_t *off, uint64_t *size)
{
	Symbols *s = di->symbols;
	size_t lo = 0, hi;
	const Sym *y;
	DbgSymbol *d;

	if (load(s) || !s->any_address)
		return NULL;
	if (!s->by_address)
		sort_symbols(s);
	for (hi = s->n; lo < hi;) { /* the first symbol behind @address */
		size_t mid = (lo + hi) / 2;

		if (s->sym[s->by_address[mid]].address <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	y = &s->sym[s->by_address[lo - 1]];
	*off = address - y->address;
	*size = lo < s->n ? s->sym[s->by_address[lo]].address - y->address : 0;
	while (lo > 1 && s->sym[s->by_address[lo - 2]].address == y->address &&
	       (y->kind | 0x20) == 'w') /* prefer the name that is not weak */
		y = &s->sym[s->by_address[--lo - 1]];
	d = NEW(di->arena, DbgSymbol);
	*d = as_public(s, y);
	return d;
}

/* ---- for traceable.c ---- */

static const Sym *find_symbol(const Symbols *s, const char *module, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (same_module(s, &s->sym[i], module) && !strcmp(sym_name(s, &s->sym[i]), name))
			return &s->sym[i];
	return NULL;
}

SymbolWhere symbols_where(Symbols *s, const char *module, const char *name)
{
	const Sym *y, *start, *end;

	if (load(s))
		return SYMBOL_UNKNOWN;
	y = find_symbol(s, module, name);
	if (!y)
		return SYMBOL_ABSENT;
	start = find_symbol(s, NULL, "_sinittext");
	end = find_symbol(s, NULL, "_einittext");
	if (start && end && y->address >= start->address && y->address < end->address)
		return SYMBOL_INIT;
	return SYMBOL_TEXT;
}
