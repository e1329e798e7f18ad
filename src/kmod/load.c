/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Into the kernel and out of it again, whatever happens: by us, by a guard process when we were killed,
 * and by the next run when that was killed too.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REMOVE_TRIES = 3000 };

static const Loc nowhere;

static int insert(const KmodRun *r)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = (int)syscall(SYS_finit_module, fd, r->params ? r->params : "", 0) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int delete_module(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) < 0 ? -errno : 0;
}

/* It is in use until the kernel has closed the files of a reader that was killed, end probes included. */
static void remove_module(const char *name)
{
	for (int i = 0, err = -1; i < REMOVE_TRIES && err && err != -ENOENT; i++) {
		err = delete_module(name);
		if (err)
			usleep(10000);
	}
}

static void explain(const KmodRun *r, int err)
{
	struct utsname u;
	const char *why = strerror(-err), *magic;
	Arena *a = arena_new();

	uname(&u);
	if (err == -ENOEXEC && (magic = modinfo_first(a, r->path, "vermagic")))
		why = arena_printf(a, "it was built for kernel %.*s, this is %s", (int)strcspn(magic, " "), magic,
				   u.release);
	else if (err == -EEXIST)
		why = "one of that name is loaded already";
	else if (err == -ENOKEY || err == -EKEYREJECTED || err == -EBADMSG)
		why = "it wants signed modules, and this one is not signed with a key that it knows "
		      "(tapx --sign-module; mokutil --import)";
	else if (err == -ENOMEM)
		why = "no memory for it (MAXMAPENTRIES, MAXSTRINGLEN and -s say how much it takes, STP_MAXMEMORY "
		      "how much it may)";
	else if (err == -EPERM)
		why = "no permission (CAP_SYS_MODULE), or the kernel is locked down";
	else if (err == -ENOENT)
		why = "it uses something that this kernel does not have (the kernel's log says what)";
	diag_error(r->diag, DIAG_IO, nowhere, "the kernel does not take the module: %s", why);
	arena_free(a);
}

/* ---- the guard: a process that removes the module when we were killed ---- */

typedef struct Guard {
	pid_t pid;
	int pipe; /* open as long as we live */
} Guard;

/* Killed before it was loaded: then the one of that name is another run's. */
static bool is_somebody_elses(const char *name)
{
	ModuleState s;

	return control_state(name, &s) && (s.owned || s.kept);
}

static void guard_wait(int fd, const char *name)
{
	char byte;

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (fd > 0)
		close_range(0, (unsigned)fd - 1, 0); /* a pipe on our output ends with us */
	close_range((unsigned)fd + 1, ~0u, 0);
	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
	if (!is_somebody_elses(name))
		remove_module(name);
	_exit(0);
}

static void guard_start(Guard *g, const char *name)
{
	int fds[2];

	*g = (Guard){.pipe = -1};
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	g->pid = fork();
	if (g->pid == 0) {
		close(fds[1]);
		guard_wait(fds[0], name);
	}
	close(fds[0]);
	g->pipe = fds[1];
}

static void guard_end(Guard *g)
{
	if (g->pipe < 0)
		return;
	close(g->pipe);
	while (g->pid > 0 && waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* There is nothing to remove: the module of that name, if there is one, is somebody else's. */
static void guard_dismiss(Guard *g)
{
	if (g->pid > 0)
		kill(g->pid, SIGKILL);
	guard_end(g);
}

/* ---- modules that nobody answers for ---- */

static void collect(void *arg, const char *name, const ModuleState *s)
{
	(void)arg;
	if (!s->reader && !s->owned && !s->kept)
		delete_module(name);
}

/* ---- all of it ---- */

bool kmod_is_loaded(Arena *a, const char *name)
{
	return access(arena_printf(a, "/sys/module/%s", name), F_OK) == 0;
}

typedef struct Near {
	Arena *arena;
	Nearest n;
} Near;

static void near_name(void *arg, const char *name, const ModuleState *s)
{
	Near *near = arg;

	(void)s;
	nearest_add(&near->n, arena_strdup(near->arena, name));
}

static bool is_there(const KmodRun *r)
{
	ModuleState s;
	Near near = {.n.want = r->name};

	if (control_state(r->name, &s))
		return true;
	near.arena = arena_new();
	control_each(near_name, &near);
	diag_error(r->diag, DIAG_IO, nowhere, "there is no module '%s' of tapx in the kernel%s", r->name,
		   nearest_text(&near.n, near.arena));
	arena_free(near.arena);
	return false;
}

int kmod_run(const KmodRun *r)
{
	Guard g;
	bool left;
	int err = 0, code;

	if (r->attach && !is_there(r))
		return 1;
	if (!r->attach)
		control_each(collect, NULL);
	guard_start(&g, r->name);
	if (!r->attach)
		err = insert(r);
	if (err) {
		guard_dismiss(&g);
		if (err == -EEXIST && r->other_name)
			return KMOD_NAME_TAKEN;
		explain(r, err);
		return 1;
	}
	r->loaded(r->ctx);
	code = reader_run(r, &left);
	if (left) {
		guard_dismiss(&g);
		return code;
	}
	remove_module(r->name);
	guard_end(&g);
	return code;
}

int kmod_remove(const KmodRun *r)
{
	ModuleState s;
	int err;

	if (!is_there(r))
		return 1;
	if (control_state(r->name, &s) && s.reader) {
		diag_error(r->diag, DIAG_IO, nowhere, "module %s is being read by process %d", r->name, s.reader);
		return 1;
	}
	err = delete_module(r->name);
	if (err)
		diag_error(r->diag, DIAG_IO, nowhere, "module %s cannot be removed: %s", r->name, strerror(-err));
	return err != 0;
}
