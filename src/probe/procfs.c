/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * procfs("PATH").read and .write: files under /proc/systemtap/MODULE whose text the script makes, or
 * gets, as $value. Standard input is one of them by name: each character in $value; __input.line
 * gives whole lines.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <string.h>

enum { FORM_READ, FORM_WRITE, FORM_LINE };

#define FORMS(file)                                                                                \
	{file ".read", FORM_READ}, {file ".read.maxsize(number)", FORM_READ},                      \
	    {file ".umask(number).read", FORM_READ},                                               \
	    {file ".umask(number).read.maxsize(number)", FORM_READ}, {file ".write", FORM_WRITE},  \
	{                                                                                          \
		file ".umask(number).write", FORM_WRITE                                            \
	}
static const Pattern pattern[] = {
    FORMS("procfs"),
    FORMS("procfs(string)"),
    {"__input.line", FORM_LINE},
    {NULL, 0},
};

enum { UMASK_DEFAULT = 0077, PERMISSIONS = 0777, READ_ALL = 0444, WRITE_ALL = 0222, NAME_MOST = 255, PATH_MOST = 400 };
#define MAXSIZE_MOST (INT64_C(16) << 20)

/* Names with slashes between, none of which leads out of the directory. */
static bool path_is_good(const char *path)
{
	size_t n;

	if (strlen(path) > PATH_MOST)
		return false;
	for (;; path += n + 1) {
		n = strcspn(path, "/");
		if (!n || n > NAME_MOST || (n == 1 && *path == '.') || (n == 2 && !strncmp(path, "..", 2)))
			return false;
		if (!path[n])
			return true;
	}
}

static bool bad(Resolve *r, const Component *c, const char *what)
{
	diag_error(r->ctx->diag, DIAG_PROC_FILE, c->loc, "%s", what);
	return false;
}

static bool check(Resolve *r, const ProcFile *f)
{
	const Component *mask = point_part(r->point, "umask");
	const Component *size = point_part(r->point, "maxsize");

	if (!path_is_good(f->path))
		return bad(r, &r->point->part.v[0],
			   "the path of a file in /proc is names with single slashes between, relative, "
			   "without . and ..");
	if (mask && (mask->num < 0 || mask->num > PERMISSIONS))
		return bad(r, mask, "a umask is from 0 to 0777");
	if (!((r->pattern->form == FORM_READ ? READ_ALL : WRITE_ALL) & ~f->umask))
		return bad(r, mask, "this umask leaves nobody a permission");
	if (size && (size->num < 1 || size->num > MAXSIZE_MOST))
		return bad(r, size, "maxsize is from 1 byte to 16 megabytes");
	return true;
}

static HookKind hook(const Resolve *r, const ProcFile *f)
{
	if (r->pattern->form == FORM_LINE)
		return HOOK_INPUT_LINE;
	if (r->pattern->form == FORM_READ)
		return HOOK_FILE_READ;
	return strcmp(f->path, "__stdin") ? HOOK_FILE_WRITE : HOOK_INPUT;
}

static bool resolve(Resolve *r)
{
	const Component *c = &r->point->part.v[0], *mask = point_part(r->point, "umask"),
			*size = point_part(r->point, "maxsize");
	Site site = {.name = point_text(r->ctx->arena, r->point)};
	ProcFile *f = &r->common.file;

	f->path = c->arg == ARG_STR ? c->str : "command";
	f->umask = mask ? (unsigned)mask->num : UMASK_DEFAULT;
	f->maxsize = size ? size->num : 0;
	if (!check(r, f))
		return false;
	r->common.hook = hook(r, f);
	site.scope = scope_given(r->ctx->arena, "a procfs probe");
	scope_give(r->ctx, site.scope, "value", "string",
		   (Fetch){.base = FB_ANSWER, .kind = FK_STRING});
	vec_push(r->ctx->arena, &r->sites, site);
	return true;
}

const Family family_procfs = {pattern, resolve};
