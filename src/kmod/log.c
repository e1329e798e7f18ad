/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the build of a module said about embedded C, shown where it stands in the script.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "kmod_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* struct Report - what is being told, and to whom. */
typedef struct Report {
	Arena *arena;
	Diag *diag;
	const Script *script;
	const char *module; /* the C text */
	bool built;    /* else only errors count: the warnings may follow from them */
	bool in_embed; /* the compiler is in a function of embedded C */
	bool failed;   /* an error points into the script */
	bool told;     /* the message before did; its notes may follow */
} Report;

/* "FILE:LINE:COL: rest" with a FILE of the script: the rest, else NULL. */
static const char *script_place(const Report *r, const char *line, Loc *at)
{
	for (int i = 0; i < r->script->files.n; i++) {
		const SourceFile *f = r->script->files.v[i];
		size_t n = strlen(f->name);
		int end = 0;

		if (strncmp(line, f->name, n) != 0)
			continue;
		if (sscanf(line + n, ":%u:%u: %n", &at->line, &at->col, &end) < 2 || !end)
			continue;
		at->file = f;
		return line + n + end;
	}
	return NULL;
}

static const char *after(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) ? NULL : text + n;
}

/* The script's file that a line "#line N "FILE"" of the module leads to, or NULL. */
static const SourceFile *led_to(const Report *r, const char *line)
{
	size_t n = strcspn(line, "\n");

	for (int i = 0; i < r->script->files.n; i++) {
		const char *name = arena_printf(r->arena, "\"%s\"", r->script->files.v[i]->name);

		if (memmem(line, n, name, strlen(name)))
			return r->script->files.v[i];
	}
	return NULL;
}

/* Where the C begins that stands last before line @n of the module. Return: how far behind its end that is. */
static unsigned c_before(const Report *r, unsigned n, Loc *at)
{
	unsigned end = 0, line;
	const char *p = r->module;

	for (unsigned i = 1; i < n && *p; i++, p += strcspn(p, "\n"), p += *p == '\n') {
		if (sscanf(p, "#line %u", &line) != 1)
			continue;
		const SourceFile *f = led_to(r, p);

		if (f)
			*at = (Loc){f, line, 1};
		else
			end = i;
	}
	return n - end;
}

/* Braces that do not match make an error in what comes behind. */
static void error_behind(Report *r, const char *line)
{
	enum { TAIL = 3 }; /* lines of a function of ours behind the C */
	unsigned n, behind;
	int end = 0;
	Loc at = {0};

	if (r->failed || sscanf(line, "%*[^:]:%u:%*u: error: %n", &n, &end) < 1 || !end)
		return;
	behind = c_before(r, n, &at);
	if (!at.file || (behind > TAIL && !r->in_embed))
		return;
	diag_error(r->diag, DIAG_EMBEDDED_C, at, "the C that begins here does not end as it should: %s", line + end);
	r->failed = true;
}

static void compiler_line(Report *r, const char *line)
{
	Loc at;
	const char *rest = script_place(r, line, &at), *text;

	if (strstr(line, ": In function "))
		r->in_embed = strstr(line, "embed_");
	if (!rest) {
		error_behind(r, line);
		r->told &= !strstr(line, ": error: ") && !strstr(line, ": warning: ");
	} else if ((text = after(rest, "error: ")) || (text = after(rest, "fatal error: "))) {
		diag_error(r->diag, DIAG_EMBEDDED_C, at, "%s", text);
		r->failed = r->told = true;
	} else if ((text = after(rest, "warning: "))) {
		r->told = r->built;
		if (r->built)
			diag_warning(r->diag, DIAG_EMBEDDED_C, at, "%s", text);
	} else if ((text = after(rest, "note: ")) && r->told && !strstr(text, "only once")) {
		diag_note(r->diag, at, "%s", text);
	}
}

/* ---- what the kernel does not have ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Where @name stands as a word of the embedded C of @f. */
static const char *find_in_c(const SourceFile *f, const char *name)
{
	size_t n = strlen(name);
	const char *open = f->text, *close, *p;

	while ((open = strstr(open, "%{")) && (close = strstr(open, "%}"))) {
		for (p = open; (p = memmem(p, (size_t)(close - p), name, n)); p++)
			if (!is_word(p[-1]) && !is_word(p[n]))
				return p;
		open = close;
	}
	return NULL;
}

static Loc loc_of(const SourceFile *f, const char *at)
{
	Loc loc = {.file = f, .line = 1, .col = 1};

	for (const char *p = f->text; p < at; p++) {
		loc.line += *p == '\n';
		loc.col = *p == '\n' ? 1 : loc.col + 1;
	}
	return loc;
}

/* ERROR: modpost: "NAME" [FILE] undefined! */
static void linker_line(Report *r, const char *line)
{
	const char *name = strstr(line, "modpost: \"");

	if (!name || !strstr(line, "undefined!"))
		return;
	name += strlen("modpost: \"");
	name = arena_strndup(r->arena, name, strcspn(name, "\""));
	for (int i = 0; i < r->script->files.n; i++) {
		const SourceFile *f = r->script->files.v[i];
		const char *at = find_in_c(f, name);

		if (!at)
			continue;
		diag_error(r->diag, DIAG_EMBEDDED_C, loc_of(f, at), "'%s' is not exported to modules by this kernel",
			   name);
		r->failed = true;
		return;
	}
}

bool log_report(Arena *a, Diag *diag, const Script *script, const char *module, bool built, const char *text)
{
	Report r = {.arena = a, .diag = diag, .script = script, .module = module, .built = built};

	while (*text) {
		size_t n = strcspn(text, "\n");
		const char *line = arena_strndup(a, text, n);

		compiler_line(&r, line);
		linker_line(&r, line);
		text += n + (text[n] == '\n');
	}
	return r.failed;
}
