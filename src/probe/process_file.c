/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * process("PATH"), process(PID) and process: which program is meant, and which tasks.
 */
#include "probe/probe_int.h"

#include <ctype.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { BUILD_ID_LEAST = 16 }; /* hexadecimal digits that no file is called by chance */

const char *point_plain(Arena *a, const ProbePoint *p)
{
	return point_text_with(a, p, NULL, NULL, NULL, NULL);
}

Who process_who(const Resolve *r)
{
	const Component *c = &r->point->part.v[0];

	if (c->arg == ARG_NUM)
		return (Who){.pid = (int)c->num};
	return (Who){.tree = r->ctx->target > 0};
}

static void add_program(Resolve *r, Programs *ret, const char *path)
{
	Program p = {.path = path, .point = point_with(r->ctx->arena, r->point, "process", path)};

	for (int i = 0; i < ret->n; i++)
		if (!strcmp(ret->v[i].path, path))
			return;
	vec_push(r->ctx->arena, ret, p);
}

/* Files that are no programs (text, directories) are not meant by a pattern. */
static bool add_matching(Resolve *r, const char *pattern, Programs *ret)
{
	glob_t g = {0};
	const char *why;

	if (glob(pattern, GLOB_NOSORT, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++) {
			const char *path = elf_program(r->ctx->arena, g.gl_pathv[i], &why);

			if (path && elf_open(r->ctx->di, path, &why))
				add_program(r, ret, path);
		}
	globfree(&g);
	if (!ret->n)
		diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, r->point->part.v[0].loc,
			   "no program matches '%s'", pattern);
	return ret->n > 0;
}

static bool is_build_id(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]) && !isupper((unsigned char)s[n]))
		n++;
	return !s[n] && n >= BUILD_ID_LEAST && n % 2 == 0;
}

/* What process @pid runs. */
static const char *of_pid(Arena *a, int64_t pid, const char **why)
{
	char path[PATH_MAX];
	ssize_t n = readlink(arena_printf(a, "/proc/%" PRId64 "/exe", pid), path, sizeof(path));

	*why = arena_printf(a, "there is no process %" PRId64 ", or it runs no program", pid);
	return n > 0 ? arena_strndup(a, path, (size_t)n) : NULL;
}

/* The program of -c or of the process of -x. */
static const char *of_target(Resolve *r, const char **why)
{
	const char *s = r->ctx->command;

	*why = "process without a path is the program of -c or -x";
	if (!s)
		return r->ctx->target ? of_pid(r->ctx->arena, r->ctx->target, why) : NULL;
	s += strspn(s, " \t");
	return elf_program(r->ctx->arena, arena_strndup(r->ctx->arena, s, strcspn(s, " \t")), why);
}

bool process_programs(Resolve *r, Programs *ret)
{
	const Component *c = &r->point->part.v[0];
	Arena *a = r->ctx->arena;
	const char *path, *why = "";

	if (c->arg == ARG_STR && name_is_wild(c->str))
		return add_matching(r, c->str, ret);
	if (c->arg == ARG_NUM)
		path = of_pid(a, c->num, &why);
	else if (c->arg == ARG_NONE)
		path = of_target(r, &why);
	else if (!is_build_id(c->str) || !(path = elf_by_build_id(a, c->str)))
		path = elf_program(a, c->str, &why);
	if (path) {
		add_program(r, ret, path);
		return true;
	}
	diag_error(r->ctx->diag, DIAG_PROGRAM_UNKNOWN, c->loc, "%s: %s", point_plain(a, r->point), why);
	return false;
}
