/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * C text -> module, by kbuild. What is missing is found before anything is compiled: headers,
 * compiler, make.
 */
#define _GNU_SOURCE
#include "kmod/kmod.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const Loc nowhere;

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return false;
	bool ok = fputs(text, f) >= 0;
	return fclose(f) == 0 && ok;
}

static bool write_sources(Arena *a, const char *dir, const char *name, const char *text)
{
	bool ok = true;

	mkdir(arena_printf(a, "%s/common", dir), 0700);
	for (const KmodFile *f = kmod_runtime; f->name; f++)
		ok = ok && write_file(arena_printf(a, "%s/%s", dir, f->name), f->text);
	ok = ok && write_file(arena_printf(a, "%s/%s.c", dir, name), text);
	return ok && write_file(arena_printf(a, "%s/Makefile", dir),
				arena_printf(a,
					     "obj-m := %s.o\n"
					     "ccflags-y := -g0 -I$(src) -Wno-declaration-after-statement "
					     "-Wno-unused-function -Wno-unused-variable "
					     "-Wno-missing-prototypes -Wno-missing-declarations "
					     "-ftabstop=1 -ftrack-macro-expansion=0\n",
					     name));
}

static const char *find_headers(Arena *a, Diag *diag, const char *given)
{
	struct utsname u;

	uname(&u);
	const char *dir = given && strchr(given, '/') ? given
						      : arena_printf(a, "/lib/modules/%s/build",
								     given ? given : u.release);
	if (access(arena_printf(a, "%s/Makefile", dir), R_OK) == 0)
		return dir;
	diag_error(diag, DIAG_NEEDS_MODULE, nowhere,
		   "no kernel headers in %s: a module is built with them (Debian: linux-headers-%s)", dir,
		   given && !strchr(given, '/') ? given : u.release);
	return NULL;
}

static bool in_path(Arena *a, const char *program)
{
	const char *path = getenv("PATH");
	char *dirs = arena_strdup(a, path ? path : "/usr/bin:/bin"), *dir;

	while ((dir = strsep(&dirs, ":")))
		if (access(arena_printf(a, "%s/%s", dir, program), X_OK) == 0)
			return true;
	return false;
}

static bool have_tools(Arena *a, Diag *diag)
{
	static const char *const tools[] = {"make", "gcc", "ld"};

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		if (in_path(a, tools[i]))
			continue;
		diag_error(diag, DIAG_NEEDS_MODULE, nowhere,
			   "a module is built with %s, which is not installed (Debian: build-essential)",
			   tools[i]);
		return false;
	}
	return true;
}

static int run_make(const char *headers, const char *dir, const char *log, int verbose)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		char m[4200];

		if (!verbose) {
			dup2(fd, STDOUT_FILENO);
			dup2(fd, STDERR_FILENO);
		}
		snprintf(m, sizeof(m), "M=%s", dir);
		setenv("LC_MESSAGES", "C", 1); /* plain quotes; LC_ALL does not get through to the compiler */
		setenv("LC_CTYPE", "C", 1);
		/* neither debug information nor type information of ours is of use to anyone */
		execlp("make", "make", "-s", "-C", headers, m, "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules",
		       (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What the compiler said first. */
static const char *first_error(Arena *a, const char *said)
{
	const char *p = strstr(said, "error");

	if (!p)
		return "see -v";
	while (p > said && p[-1] != '\n')
		p--;
	return arena_strndup(a, p, strcspn(p, "\n"));
}

const char *kmod_headers(Arena *a, Diag *diag, const char *given)
{
	const char *dir = find_headers(a, diag, given);

	return dir && have_tools(a, diag) ? dir : NULL;
}

const char *kmod_build(Arena *a, Diag *diag, const Script *script, const char *name, const char *text,
		       const char *headers, const char *dir, int verbose)
{
	if (!write_sources(a, dir, name, text)) {
		diag_error(diag, DIAG_IO, nowhere, "cannot write to '%s': %s", dir, strerror(errno));
		return NULL;
	}
	const char *log = arena_printf(a, "%s/log", dir);
	int code = run_make(headers, dir, log, verbose);
	const char *ko = arena_printf(a, "%s/%s.ko", dir, name);
	Buf said = {0};

	read_file(log, &said);
	bool ok = code == 0 && access(ko, R_OK) == 0;
	bool told = log_report(a, diag, script, text, ok, buf_str(&said));
	if (!ok && !told)
		diag_error(diag, DIAG_NEEDS_MODULE, nowhere, "the module does not compile: %s",
			   first_error(a, buf_str(&said)));
	buf_free(&said);
	return ok && !diag->errors ? ko : NULL; /* -W counts warnings */
}
