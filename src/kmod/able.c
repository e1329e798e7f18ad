/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands in the way of a module: looked for before anything is compiled, and said together, each
 * thing with the package or the setting that helps.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const Loc nowhere;

static PRINTF_LIKE(2, 3) void obstacle(Buf *b, const char *fmt, ...)
{
	va_list ap;

	if (b->n)
		buf_puts(b, "; ");
	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* ---- to build it ---- */

static bool in_path(Arena *a, const char *program)
{
	const char *path = getenv("PATH");
	char *dirs = arena_strdup(a, path ? path : "/usr/bin:/bin"), *dir;

	while ((dir = strsep(&dirs, ":")))
		if (access(arena_printf(a, "%s/%s", dir, program), X_OK) == 0)
			return true;
	return false;
}

const char *kernel_setting(Arena *a, const char *headers, const char *name)
{
	Buf b = {0};
	const char *ret = NULL, *p;
	size_t n = strlen(name);

	if (read_file(arena_printf(a, "%s/include/config/auto.conf", headers), &b) == 0 ||
	    read_file(arena_printf(a, "%s/.config", headers), &b) == 0)
		for (p = buf_str(&b); p && !ret; p = strchr(p, '\n')) {
			p += *p == '\n';
			if (!strncmp(p, name, n) && p[n] == '=') {
				p += n + 1;
				p += *p == '"'; /* some files have them */
				ret = arena_strndup(a, p, strcspn(p, "\"\n"));
			}
		}
	buf_free(&b);
	return ret;
}

/* The compiler that made the kernel, as its configuration names it. */
static const char *compiler(Arena *a, const char *headers)
{
	const char *text = kernel_setting(a, headers, "CONFIG_CC_VERSION_TEXT");
	const char *word = text ? arena_strndup(a, text, strcspn(text, " ")) : "gcc";

	return strstr(word, "gcc") || strstr(word, "clang")	? word
	       : kernel_setting(a, headers, "CONFIG_CC_IS_CLANG") ? "clang"
							   : "gcc";
}

static void check_tools(Arena *a, const char *headers, Buf *b)
{
	const char *tools[] = {"make", "ld", compiler(a, headers)};

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!in_path(a, tools[i]))
			obstacle(b, "no %s (Debian: %s)", tools[i],
				 i < 2		      ? "build-essential"
				 : strchr(tools[i], '-') ? "linux-compiler-gcc-*-x86, which the headers depend on"
							 : tools[i]);
}

static const char *headers_of(Arena *a, const char *given, const char *release)
{
	return given && strchr(given, '/') ? given
					   : arena_printf(a, "/lib/modules/%s/build", given ? given : release);
}

static void check_headers(Arena *a, const char *dir, const char *given, const char *release, Buf *b)
{
	static const char *const files[] = {"Makefile", "Module.symvers", "include/generated/autoconf.h"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (access(arena_printf(a, "%s/%s", dir, files[i]), R_OK) == 0)
			continue;
		if (i == 0)
			obstacle(b, "no kernel headers in %s (Debian: linux-headers-%s)", dir,
				 given && !strchr(given, '/') ? given : release);
		else
			obstacle(b, "%s has no %s: a kernel tree has to be built (make modules_prepare, and "
				    "make modules for Module.symvers)", dir, files[i]);
		return;
	}
	if (!kernel_setting(a, dir, "CONFIG_MODULES"))
		obstacle(b, "the kernel of %s is built without modules (CONFIG_MODULES)", dir);
}

/* The release that the headers are of, or NULL. */
static const char *release_of(Arena *a, const char *dir)
{
	static const char define[] = "UTS_RELEASE \"";
	Buf text = {0};
	const char *is = NULL;

	if (read_file(arena_printf(a, "%s/include/generated/utsrelease.h", dir), &text) == 0)
		is = strstr(buf_str(&text), define);
	if (is) {
		is += strlen(define);
		is = arena_strndup(a, is, strcspn(is, "\""));
	}
	buf_free(&text);
	return is;
}

/* To be loaded here it has to be of this kernel. */
static void check_release(Arena *a, const char *dir, const char *release, Buf *b)
{
	const char *is = release_of(a, dir);

	if (is && strcmp(is, release))
		obstacle(b, "the headers in %s are those of kernel %s, and this is %s (-p 4 only builds)", dir,
			 is, release);
}

bool kmod_is_for_here(Arena *a, const char *release)
{
	struct utsname u;

	uname(&u);
	const char *is = release_of(a, headers_of(a, release, u.release));
	return !release || (is && !strcmp(is, u.release));
}

/* ---- to load it ---- */

static bool says(const char *path, const char *what)
{
	Buf b = {0};
	bool yes = read_file(path, &b) == 0 && strstr(buf_str(&b), what);

	buf_free(&b);
	return yes;
}

static bool is_locked_down(void)
{
	return says("/sys/kernel/security/lockdown", "[integrity]") ||
	       says("/sys/kernel/security/lockdown", "[confidentiality]");
}

static void check_kernel(bool is_signed, Buf *b)
{
	if (access("/proc/modules", F_OK) < 0)
		obstacle(b, "this kernel is built without modules (CONFIG_MODULES)");
	if (says("/proc/sys/kernel/modules_disabled", "1"))
		obstacle(b, "loading modules was switched off until the next boot (kernel.modules_disabled)");
	if (!is_signed && is_locked_down())
		obstacle(b, "the kernel is locked down and takes signed modules only (--sign-module)");
	else if (!is_signed && says("/sys/module/module/parameters/sig_enforce", "Y"))
		obstacle(b, "the kernel takes signed modules only (module.sig_enforce, CONFIG_MODULE_SIG_FORCE; "
			    "--sign-module)");
	if (geteuid() != 0)
		obstacle(b, "no permission to load modules: run as root (CAP_SYS_MODULE)");
}

/* ---- together ---- */

static bool none(Diag *diag, Buf *b)
{
	bool ok = !b->n;

	if (!ok)
		diag_error(diag, DIAG_NEEDS_MODULE, nowhere, "a module cannot be had: %s", buf_str(b));
	buf_free(b);
	return ok;
}

bool kmod_can_load(Diag *diag, bool is_signed)
{
	Buf b = {0};

	check_kernel(is_signed, &b);
	return none(diag, &b);
}

const char *kmod_able(Arena *a, Diag *diag, const KmodWish *w)
{
	struct utsname u;
	Buf b = {0};

	uname(&u);
	const char *dir = headers_of(a, w->release, u.release);
	if (w->load)
		check_kernel(w->is_signed, &b);
	check_headers(a, dir, w->release, u.release, &b);
	if (w->load)
		check_release(a, dir, u.release, &b);
	check_tools(a, dir, &b);
	return none(diag, &b) ? dir : NULL;
}
