/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Functions of equal names. A kprobe at a name is at the first of them, so each gets a place of its own,
 * as _text+OFFSET: that is the same at every boot of this kernel, wherever it lies. Which names there are
 * twice takes reading all symbols, and is kept in ~/.cache/tapx for this build of the kernel.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* ---- which names ---- */

typedef struct Names {
	Table *seen; /* name -> how often, 2: more */
	Buf twins;   /* "\nNAME\nNAME\n" */
} Names;

static void note(void *arg, const DbgSymbol *sym)
{
	Names *n = arg;
	uintptr_t times = (uintptr_t)table_get(n->seen, sym->name);

	if (sym->module || times == 2)
		return;
	table_put(n->seen, sym->name, (void *)(times + 1));
	if (times) {
		buf_puts(&n->twins, sym->name);
		buf_putc(&n->twins, '\n');
	}
}

static void find_twins(Arena *a, Debuginfo *di, Buf *ret)
{
	Names n = {.seen = table_new(a), .twins = *ret};

	buf_putc(&n.twins, '\n');
	debuginfo_each_symbol(di, NULL, "*", note, &n);
	*ret = n.twins;
}

static const char *file_of_kernel(Arena *a)
{
	struct utsname u;

	uname(&u);
	char *name = arena_printf(a, "twins-%s-%s", u.release, u.version);
	for (char *p = name; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '_';
	return arena_printf(a, "%s/%s", cache_home(a), name);
}

static void keep(Arena *a, const char *path, const Buf *twins)
{
	const char *tmp = arena_printf(a, "%s.%d", path, (int)getpid());
	FILE *f = twins->n > 1 ? fopen(tmp, "we") : NULL;

	if (!f)
		return;
	bool ok = fwrite(twins->s, 1, twins->n, f) == twins->n;
	if (fclose(f) || !ok || rename(tmp, path))
		unlink(tmp);
}

static const char *twins(Emit *e)
{
	Buf b = {0};

	if (e->twins)
		return e->twins;
	const char *path = file_of_kernel(e->arena);
	if (read_file(path, &b) || !b.n) {
		find_twins(e->arena, e->in->di, &b);
		keep(e->arena, path, &b);
	}
	e->twins = arena_strdup(e->arena, buf_str(&b));
	buf_free(&b);
	return e->twins;
}

/* ---- their places ---- */

static uint64_t text_start(const Emit *e)
{
	const DbgSymbol *sym;

	return debuginfo_symbols(e->in->di, NULL, "_text", false, &sym) > 0 ? sym->address : 0;
}

static bool is_of_kernel(const Emit *e, uint64_t address)
{
	uint64_t off, size;
	const DbgSymbol *sym = debuginfo_symbol_at(e->in->di, address, &off, &size);

	return sym && !sym->module;
}

static Place by_offset(Emit *e, const Place *p, uint64_t address, uint64_t text)
{
	Place ret = *p;

	e->by_offset = true;
	ret.address = 0;
	ret.base = "_text";
	ret.offset = address - text + p->offset;
	return ret;
}

int twins_of(Emit *e, const Place *p, Place **ret)
{
	const char *line = TEXT(e, "\n%s\n", p->function);
	const DbgSymbol *sym;
	uint64_t text;
	int n;

	*ret = NEW(e->arena, Place);
	**ret = *p;
	if (!e->in->di || p->module || (!p->address && !strstr(twins(e), line)) || !(text = text_start(e)))
		return 1;
	if (p->address) {
		if (is_of_kernel(e, p->address))
			**ret = by_offset(e, p, p->address, text);
		return 1;
	}
	n = debuginfo_symbols(e->in->di, NULL, p->function, false, &sym);
	if (n < 2)
		return 1;
	*ret = NEW_ARRAY(e->arena, Place, n);
	for (int i = 0; i < n; i++)
		(*ret)[i] = by_offset(e, p, sym[i].address, text);
	return n;
}
