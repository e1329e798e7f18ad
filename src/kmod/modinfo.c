/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a module says of itself: "key=value" in the section .modinfo of its file, and with it the
 * values of its globals that can be set when it is loaded.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const Loc nowhere;

static bool within(const Buf *b, uint64_t at, uint64_t n)
{
	return at <= b->n && n <= b->n - at;
}

/* The section's bytes; false where the file is no such thing. */
static bool find_section(const Buf *b, const char *name, const char **ret, size_t *n)
{
	Elf64_Ehdr h;
	Elf64_Shdr names, s;

	if (!within(b, 0, sizeof(h)))
		return false;
	memcpy(&h, b->s, sizeof(h));
	uint64_t at = h.e_shoff + (uint64_t)h.e_shstrndx * sizeof(s);
	if (memcmp(h.e_ident, ELFMAG, SELFMAG) || h.e_ident[EI_CLASS] != ELFCLASS64 ||
	    !within(b, h.e_shoff, (uint64_t)h.e_shnum * sizeof(s)) || h.e_shstrndx >= h.e_shnum)
		return false;
	memcpy(&names, b->s + at, sizeof(names));
	for (int i = 0; i < h.e_shnum; i++) {
		memcpy(&s, b->s + h.e_shoff + (uint64_t)i * sizeof(s), sizeof(s));
		at = names.sh_offset + s.sh_name;
		if (!within(b, at, strlen(name) + 1) || strcmp(b->s + at, name) ||
		    !within(b, s.sh_offset, s.sh_size))
			continue;
		*ret = b->s + s.sh_offset;
		*n = s.sh_size;
		return true;
	}
	return false;
}

bool modinfo_each(const char *path, const char *key, void (*fn)(void *arg, const char *value), void *arg)
{
	Buf b = {0};
	const char *p, *end;
	size_t n, len = strlen(key);
	bool ok = read_file(path, &b) == 0 && buf_str(&b) && find_section(&b, ".modinfo", &p, &n);

	if (ok)
		for (end = p + n; p < end; p += strnlen(p, (size_t)(end - p)) + 1)
			if (memchr(p, '\0', (size_t)(end - p)) && !strncmp(p, key, len) && p[len] == '=')
				fn(arg, p + len + 1);
	buf_free(&b);
	return ok;
}

typedef struct First {
	Arena *arena;
	const char *value;
} First;

static void keep_first(void *arg, const char *value)
{
	First *f = arg;

	if (!f->value)
		f->value = arena_strdup(f->arena, value);
}

const char *modinfo_first(Arena *a, const char *path, const char *key)
{
	First f = {.arena = a};

	modinfo_each(path, key, keep_first, &f);
	return f.value;
}

/* ---- GLOBAL=VALUE ---- */

typedef struct Wanted {
	Arena *arena;
	const char *name;
	const char *type; /* "long", "string"; NULL: not found yet */
	Nearest near;
} Wanted;

/* @value: "NAME:TYPE" */
static void compare(void *arg, const char *value)
{
	Wanted *w = arg;
	size_t n = strcspn(value, ":");
	const char *name = arena_strndup(w->arena, value, n);

	if (!strcmp(name, w->name))
		w->type = arena_strdup(w->arena, value + n + (value[n] == ':'));
	else
		nearest_add(&w->near, name);
}

static bool is_number(const char *s)
{
	char *end;

	errno = 0;
	strtoll(s, &end, 0);
	return *s && !*end && !errno;
}

static const char *quoted(Arena *a, const char *name, const char *value)
{
	size_t n = strlen(value);
	bool has = n > 1 && value[0] == '"' && value[n - 1] == '"';

	return arena_printf(a, has ? "%s=%s " : "%s=\"%s\" ", name, value);
}

static bool add_param(Arena *a, Diag *diag, const char *path, const char *assign, Buf *params)
{
	size_t n = strcspn(assign, "=");
	const char *name = arena_strndup(a, assign, n), *value = assign + n + 1;
	Wanted w = {.arena = a, .name = name, .near.want = name};

	modinfo_each(path, "parmtype", compare, &w);
	if (!w.type)
		diag_error(diag, DIAG_BAD_SET_GLOBAL, nowhere,
			   "%s: the module has no global variable of this name that can be set%s", name,
			   nearest_text(&w.near, a));
	else if (!strcmp(w.type, "long") && !is_number(value))
		diag_error(diag, DIAG_BAD_SET_GLOBAL, nowhere, "%s: '%s' is not a number", name, value);
	else if (strlen(value) > 2 && memchr(value + 1, '"', strlen(value) - 2))
		diag_error(diag, DIAG_BAD_SET_GLOBAL, nowhere, "%s: a value cannot have quotes in it", name);
	else {
		buf_puts(params, quoted(a, name, value));
		return true;
	}
	return false;
}

const char *kmod_params(Arena *a, Diag *diag, const char *path, const char *const *assign, int n)
{
	Buf params = {0};
	bool ok = true;

	for (int i = 0; i < n; i++)
		ok &= add_param(a, diag, path, assign[i], &params);
	const char *ret = ok ? arena_strdup(a, buf_str(&params)) : NULL;
	buf_free(&params);
	return ret;
}
