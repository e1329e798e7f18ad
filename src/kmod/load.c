/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module at work: insert it, write "start TARGET" to its control file, pass its frames on until it ends,
 * and remove it. Its output file is the leash: when it closes, the module stops by itself.
 */
#define _GNU_SOURCE
#include "kmod/kmod.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16, POLL_MS = 10, SETTLE_US = 2000, REMOVE_TRIES = 3000 };

static const Loc nowhere;

/* As runtime/out.c writes them. */
struct frame {
	uint32_t len, kind;
};

typedef struct Reader {
	const KmodRun *r;
	int out_fd;   /* where the script's output goes */
	int out, ctl; /* of the module */
	int in;	      /* its input probes; -1: it has none */
	Typing typing;
	bool exiting;
	uint64_t deadline;
	size_t n_text;
	char text[READ_BYTES]; /* still to be written */
} Reader;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int insert(const KmodRun *r)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = (int)syscall(SYS_finit_module, fd, "", 0) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* It is in use until the kernel has closed the files of a reader that was killed, end probes included. */
static void remove_module(const char *name)
{
	for (int i = 0; i < REMOVE_TRIES && syscall(SYS_delete_module, name, O_NONBLOCK) < 0 && errno != ENOENT; i++)
		usleep(10000);
}

static int open_file(const KmodRun *r, const char *file, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/%s/%s", r->name, file);
	return open(path, flags | O_CLOEXEC);
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static void next_file(Reader *d)
{
	if (d->r->next_file)
		d->out_fd = d->r->next_file(d->r->ctx);
}

static void flush_text(Reader *d)
{
	write_all(d->out_fd, d->text, d->n_text);
	d->n_text = 0;
}

static const char *text_of(const char *data, uint32_t n)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%.*s", (int)n, data);
	return text;
}

static void write_kernel_log(const char *line, uint32_t n)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write_all(fd, line, n);
		close(fd);
	}
}

/* Pieces of text that follow each other are one write. */
static void put_text(Reader *d, const char *p, size_t n)
{
	if (n > sizeof(d->text) - d->n_text)
		flush_text(d);
	memcpy(d->text + d->n_text, p, n);
	d->n_text += n;
}

static void take_frame(Reader *d, const struct frame *f, const char *data)
{
	if (f->kind == 'o') {
		put_text(d, data, f->len);
		return;
	}
	flush_text(d);
	switch (f->kind) {
	case 'e':
		write_all(d->r->err_fd, data, f->len);
		break;
	case 'x':
		d->exiting = true;
		break;
	case 's':
		shell_start(text_of(data, f->len), d->out_fd);
		break;
	case 'k':
		write_kernel_log(data, f->len);
		break;
	case 'f':
		next_file(d);
		break;
	default: /* what was lost is asked for at the end */
		break;
	}
}

/* Return: bytes read, 0 at the end, -errno. */
static ssize_t take(Reader *d)
{
	static char buf[READ_BYTES];
	ssize_t n = read(d->out, buf, sizeof(buf));

	if (n < 0)
		return -errno;
	for (ssize_t at = 0; at + (ssize_t)sizeof(struct frame) <= n;) {
		struct frame f;

		memcpy(&f, buf + at, sizeof(f));
		take_frame(d, &f, buf + at + sizeof(f));
		at += (ssize_t)(sizeof(f) + f.len);
	}
	flush_text(d);
	return n;
}

/* What is typed goes to the module. */
static void pass_input(Reader *d)
{
	char bytes[256];
	size_t n;

	while ((n = typing_take(&d->typing, bytes, sizeof(bytes))) > 0)
		write_all(d->in, bytes, n);
}

static bool over(const Reader *d)
{
	return d->exiting || (d->r->cancel && *d->r->cancel) || now_ns() >= d->deadline ||
	       (d->r->done && d->r->done(d->r->ctx));
}

static void loop(Reader *d)
{
	ssize_t n;

	while (!over(d)) {
		struct pollfd p[] = {{.fd = d->out, .events = POLLIN},
				     {.fd = d->typing.fd, .events = POLLIN}};

		poll(p, ARRAY_SIZE(p), POLL_MS);
		pass_input(d);
		while ((n = take(d)) > 0 && !over(d))
			;
		if (n == -EAGAIN && p[0].revents) /* what is there is too new to be in order */
			usleep(SETTLE_US);
		if (d->r->is_full && d->r->is_full(d->r->ctx))
			next_file(d);
	}
}

static void stop(Reader *d)
{
	write_all(d->ctl, "stop", 4);
	while (take(d) > 0)
		;
}

/* "errors skipped reentered lost failed" */
static int report(const Reader *d)
{
	int errors = 0, skipped = 0, reentered = 0, lost = 0, failed = 0;
	char text[128];
	ssize_t n = pread(d->ctl, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	sscanf(text, "%d %d %d %d %d", &errors, &skipped, &reentered, &lost, &failed);
	if (lost)
		diag_warning(d->r->diag, DIAG_LOST, nowhere, "%d pieces of output lost: the buffer was full",
			     lost);
	if (errors || skipped || reentered)
		diag_warning(d->r->diag, DIAG_LOST, nowhere,
			     "Number of errors: %d, skipped probes: %d", errors, skipped + reentered);
	return failed;
}

static int drive(Reader *d)
{
	const KmodRun *r = d->r;

	d->out = open_file(r, "out", O_RDONLY | O_NONBLOCK);
	d->ctl = open_file(r, "ctl", O_RDWR);
	d->in = open_file(r, "in", O_WRONLY);
	if (d->out < 0 || d->ctl < 0) {
		diag_error(r->diag, DIAG_IO, nowhere, "the module's files are not there: %s", strerror(errno));
		return 1;
	}
	if (dprintf(d->ctl, "start %d", r->target) < 0) {
		int err = errno;

		stop(d); /* it may have said what was wrong */
		diag_error(r->diag, DIAG_IO, nowhere, "the module cannot start: %s", strerror(err));
		return 1;
	}
	if (r->started)
		r->started(r->ctx);
	d->deadline = r->timeout_ns ? now_ns() + r->timeout_ns : UINT64_MAX;
	if (d->in >= 0)
		typing_start(&d->typing, STDIN_FILENO);
	loop(d);
	typing_end(&d->typing);
	stop(d);
	return report(d);
}

/* ---- what stands in the way ---- */

static bool says(const char *path, const char *what)
{
	Buf b = {0};
	bool yes = read_file(path, &b) == 0 && strstr(buf_str(&b), what);

	buf_free(&b);
	return yes;
}

static const char *why_not(void)
{
	if (access("/proc/modules", F_OK) < 0)
		return "this kernel is built without modules (CONFIG_MODULES)";
	if (says("/proc/sys/kernel/modules_disabled", "1"))
		return "loading modules was switched off until the next boot (kernel.modules_disabled)";
	if (says("/sys/kernel/security/lockdown", "[integrity]") ||
	    says("/sys/kernel/security/lockdown", "[confidentiality]"))
		return "the kernel is locked down and takes signed modules only";
	if (says("/sys/module/module/parameters/sig_enforce", "Y"))
		return "the kernel takes signed modules only (module.sig_enforce)";
	if (geteuid() != 0)
		return "no permission to load modules: run as root (CAP_SYS_MODULE)";
	return NULL;
}

bool kmod_can_load(Diag *diag)
{
	const char *why = why_not();

	if (why)
		diag_error(diag, DIAG_NEEDS_MODULE, nowhere, "%s", why);
	return !why;
}

/* ---- the guard: a process that removes the module when we were killed ---- */

typedef struct Guard {
	pid_t pid;
	int pipe; /* open as long as we live */
} Guard;

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

bool kmod_is_loaded(Arena *a, const char *name)
{
	return access(arena_printf(a, "/sys/module/%s", name), F_OK) == 0;
}

int kmod_run(const KmodRun *r)
{
	Guard g;
	Reader d = {.r = r, .out_fd = r->out_fd, .out = -1, .ctl = -1, .in = -1, .typing.fd = -1};
	int err, code;

	guard_start(&g, r->name);
	err = insert(r);
	if (err) {
		guard_dismiss(&g);
		diag_error(r->diag, DIAG_IO, nowhere, "the kernel does not take the module: %s",
			   err == -EEXIST ? "one of that name is loaded already" : strerror(-err));
		return 1;
	}
	r->loaded(r->ctx);
	code = drive(&d);
	if (d.out >= 0)
		close(d.out);
	if (d.ctl >= 0)
		close(d.ctl);
	if (d.in >= 0)
		close(d.in);
	remove_module(r->name);
	guard_end(&g);
	return code;
}
