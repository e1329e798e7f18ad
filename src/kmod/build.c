/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * C text -> module, by kbuild, in a directory of its own; and its signature.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 100 };

static const Loc nowhere;

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return false;
	bool ok = fputs(text, f) >= 0;
	return fclose(f) == 0 && ok;
}

static bool write_sources(Arena *a, const KmodBuild *b)
{
	bool ok = true;

	mkdir(arena_printf(a, "%s/common", b->dir), 0700);
	for (const KmodFile *f = kmod_runtime; f->name; f++)
		ok = ok && write_file(arena_printf(a, "%s/%s", b->dir, f->name), f->text);
	ok = ok && write_file(arena_printf(a, "%s/%s.c", b->dir, b->name), b->text);
	return ok && write_file(arena_printf(a, "%s/Makefile", b->dir),
				arena_printf(a,
					     "obj-m := %s.o\n"
					     "ccflags-y := -g0 -I$(src) -Wno-declaration-after-statement "
					     "-Wno-unused-function -Wno-unused-variable "
					     "-Wno-missing-prototypes -Wno-missing-declarations "
					     "-ftabstop=1 -ftrack-macro-expansion=0\n",
					     b->name));
}

/* ---- programs that we start ---- */

static void in_child(const KmodBuild *b, char *const *argv, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (b->verbose < 2) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	setenv("LC_MESSAGES", "C", 1); /* plain quotes; LC_ALL does not get through to the compiler */
	setenv("LC_CTYPE", "C", 1);
	execvp(argv[0], argv);
	_exit(127);
}

/* What dies may still be making a file: wait for all of it, but not for those whom nobody reaps. */
static void end_group(pid_t pid)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 200 && kill(-pid, 0) == 0; i++)
		nanosleep(&moment, NULL);
}

/* Signals are let in here, and only here: one ends what was started, with all that it has started. */
static int wait_for(const KmodBuild *b, pid_t pid)
{
	struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	sigset_t open;
	int status = 0;
	pid_t got;

	sigemptyset(&open);
	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		ppoll(NULL, 0, &look, &open);
		if (b->cancel && *b->cancel) {
			end_group(pid);
			return -EINTR;
		}
	}
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* Return: the exit status; -EINTR: it was not waited for. */
static int run(const KmodBuild *b, char *const *argv, const char *log)
{
	pid_t pid = fork();

	if (pid == 0)
		in_child(b, argv, log);
	if (pid < 0)
		return -errno;
	setpgid(pid, pid);
	return wait_for(b, pid);
}

static int run_make(Arena *a, const KmodBuild *b, const char *log)
{
	VEC(char *) argv = {0};
	char *const fixed[] = {"make", b->verbose > 1 ? "V=1" : "-s", "-C", arena_strdup(a, b->headers),
			       arena_printf(a, "M=%s", b->dir),
			       /* neither debug information nor type information of ours is of use to anyone */
			       "CONFIG_DEBUG_INFO_BTF_MODULES="};

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		vec_push(a, &argv, fixed[i]);
	for (int i = 0; i < b->n_vars; i++)
		vec_push(a, &argv, arena_strdup(a, b->vars[i]));
	vec_push(a, &argv, (char *)"modules");
	vec_push(a, &argv, NULL);
	return run(b, argv.v, log);
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

/* ---- the signature ---- */

/** struct Keys - where a private key and its certificate are, below a directory. */
typedef struct Keys {
	const char *key, *cert;
} Keys;

static const Keys own_names[] = {
    {"signing_key.pem", "signing_key.x509"}, {"signing_key.priv", "signing_key.x509"},
    {"MOK.priv", "MOK.der"},		     {"mok.key", "mok.pub"},
};
static const char *const usual_dirs[] = {"/var/lib/dkms", "/var/lib/shim-signed/mok", "/etc/kernel/certs"};

static bool keys_in(Arena *a, const char *dir, Keys *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_names); i++) {
		const char *key = arena_printf(a, "%s/%s", dir, own_names[i].key);
		const char *cert = arena_printf(a, "%s/%s", dir, own_names[i].cert);

		if (access(key, R_OK) || access(cert, R_OK))
			continue;
		*ret = (Keys){key, cert};
		return true;
	}
	return false;
}

static bool find_keys(Arena *a, Diag *diag, const KmodBuild *b, Keys *ret)
{
	if (*b->sign) {
		if (keys_in(a, b->sign, ret))
			return true;
		diag_error(diag, DIAG_IO, nowhere,
			   "--sign-module: no signing_key.pem with signing_key.x509 (nor MOK.priv with MOK.der) "
			   "that can be read in '%s'",
			   b->sign);
		return false;
	}
	if (keys_in(a, arena_printf(a, "%s/certs", b->headers), ret))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(usual_dirs); i++)
		if (keys_in(a, usual_dirs[i], ret))
			return true;
	diag_error(diag, DIAG_IO, nowhere,
		   "--sign-module: no key that can be read in %s/certs, %s, %s or %s: name its directory "
		   "(--sign-module=DIR)",
		   b->headers, usual_dirs[0], usual_dirs[1], usual_dirs[2]);
	return false;
}

bool kmod_can_sign(Arena *a, Diag *diag, const KmodBuild *b)
{
	const char *tool = arena_printf(a, "%s/scripts/sign-file", b->headers);
	Keys k;

	if (access(tool, X_OK) < 0) {
		diag_error(diag, DIAG_IO, nowhere, "--sign-module: there is no %s (Debian: linux-kbuild-*)", tool);
		return false;
	}
	return find_keys(a, diag, b, &k);
}

static bool sign(Arena *a, Diag *diag, const KmodBuild *b, const char *ko)
{
	const char *log = arena_printf(a, "%s/sign.log", b->dir);
	const char *hash = kernel_setting(a, b->headers, "CONFIG_MODULE_SIG_HASH");
	Keys k;

	if (!find_keys(a, diag, b, &k))
		return false;
	char *argv[] = {arena_printf(a, "%s/scripts/sign-file", b->headers),
			arena_strdup(a, hash ? hash : "sha256"), arena_strdup(a, k.key), arena_strdup(a, k.cert), arena_strdup(a, ko), NULL};
	int code = run(b, argv, log);

	if (code && code != -EINTR)
		diag_error(diag, DIAG_IO, nowhere, "--sign-module: %s", first_error(a, log));
	return code == 0;
}

/* ---- all of it ---- */

const char *kmod_build(Arena *a, Diag *diag, const KmodBuild *b)
{
	const char *log = arena_printf(a, "%s/log", b->dir);
	const char *ko = arena_printf(a, "%s/%s.ko", b->dir, b->name);

	if (!write_sources(a, b)) {
		diag_error(diag, DIAG_IO, nowhere, "cannot write to '%s': %s", b->dir, strerror(errno));
		return NULL;
	}
	int code = run_make(a, b, log);
	Buf said = {0};

	if (code == -EINTR)
		return NULL;
	read_file(log, &said);
	bool ok = code == 0 && access(ko, R_OK) == 0;
	bool told = log_report(a, diag, b->script, b->text, ok, buf_str(&said));
	if (!ok && !told)
		diag_error(diag, DIAG_NEEDS_MODULE, nowhere, "the module does not compile: %s",
			   first_error(a, buf_str(&said)));
	buf_free(&said);
	/* -W counts warnings */
	return ok && !diag->errors && (!b->sign || sign(a, diag, b, ko)) ? ko : NULL;
}
