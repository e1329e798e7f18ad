/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * guardian: a process that outlives us by as much as it takes to clean up. The kernel keeps event
 * definitions and instances when their maker is killed, and removing hundreds of probes takes it
 * seconds. So a child in a session of its own waits on a socket: when the other end closes, whether
 * by SIGKILL or on purpose, it removes all that carries our tag. It holds no other descriptor (a
 * pipe on our output must end with us), and a lock on the instance's directory as long as it lives.
 * Since it is there anyway, it also does what the kernel is slow at: it makes the instance and sets
 * the clock (RCU) and a buffer size while we read types, or another size while we define events.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define GUARD_NAME "tapx-guard"

/* What we tell it; no more to come: clean up. */
struct order {
	enum { ORDER_NONE, ORDER_SIZE, ORDER_QUIT } what;
	unsigned kb; /* SIZE: of the buffer, per CPU */
};

static void sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&ts, NULL);
}

/* Write our name over the arguments, which ps shows: proc(5), fields 48 and 49 of stat. */
static void rename_self(void)
{
	AUTO_BUF b = {0};
	unsigned long from = 0, to = 0;

	prctl(PR_SET_NAME, GUARD_NAME);
	if (read_file("/proc/self/stat", &b) < 0)
		return;
	const char *p = strrchr(buf_str(&b), ')');
	for (int field = 2; p && field < 48; field++)
		if ((p = strchr(p, ' ')))
			p++;
	if (!p || sscanf(p, "%lu %lu", &from, &to) != 2 || to < from + sizeof(GUARD_NAME))
		return;
	memset((char *)from, 0, to - from); /* NOLINT: the kernel says where */
	memcpy((char *)from, GUARD_NAME, sizeof(GUARD_NAME));
}

/* Close every descriptor but the @n ones in @keep, ascending. */
static void close_others(const int *keep, int n)
{
	unsigned from = 0;
	for (int i = 0; i < n; i++) {
		if ((unsigned)keep[i] > from)
			close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	close_range(from, ~0u, 0);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void become_daemon(const int *fds, int n)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
	int keep[4];
	sigset_t none;

	setsid();
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	memcpy(keep, fds, (size_t)n * sizeof(*fds));
	qsort(keep, (size_t)n, sizeof(*keep), by_number);
	close_others(keep, n);
	if (chdir("/") == 0)
		rename_self();
}

/* The parent's descriptors may be closed a little after the socket; a file that is open keeps its
 * instance. So try again, ever more slowly, for a few minutes. */
static void clean_up(int root, const char *tag)
{
	for (long ms = 1; ms < 60000; ms *= 2) {
		if (remove_run(root, tag, UINT64_MAX))
			return;
		sleep_ms(ms);
	}
}

static struct order next_order(int sock)
{
	struct order o = {0};
	ssize_t n;

	do
		n = recv(sock, &o, sizeof(o), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	return n == sizeof(o) ? o : (struct order){0};
}

static void answer(int sock, int err)
{
	send(sock, &err, sizeof(err), MSG_NOSIGNAL);
}

static int prepare(const Tracefs *t, const Instance *in, const char *parent, unsigned kb)
{
	int err = instance_exclude(in, parent);

	if (!err)
		err = instance_clock(t, in);
	return err ? err : instance_size(in, kb);
}

static void guard(int sock, const Tracefs *t, const char *tag, const char *parent, unsigned kb)
{
	const int fds[] = {sock, t->fd};
	Instance in = {.fd = -1};
	struct order o;

	become_daemon(fds, ARRAY_SIZE(fds));
	int err = instance_make(t, &in, tag, INST_MAIN);
	char path[96];
	snprintf(path, sizeof(path), "instances/%s", in.name);
	AUTO_FD lock = err ? -1 : tfs_opendir(t->fd, path); /* an open file: locks go by that */
	if (lock >= 0)
		flock(lock, LOCK_EX | LOCK_NB);
	answer(sock, err ? err : prepare(t, &in, parent, kb));
	while ((o = next_order(sock)).what == ORDER_SIZE)
		answer(sock, instance_size(&in, o.kb));
	close_fd(&in.fd);
	if (o.what != ORDER_QUIT)
		clean_up(t->fd, tag);
}

int guardian_start(Guardian *g, const Tracefs *t, const char *tag, unsigned kb)
{
	int pair[2];
	char self[16];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	*g = (Guardian){.sock = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		guard(pair[1], t, tag, self, kb);
		_exit(0); /* of the child: nothing of the parent's may run here */
	}
	int err = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (err) {
		close(pair[0]);
		return err;
	}
	g->pid = pid;
	g->sock = pair[0];
	g->busy = true;
	g->kb = kb;
	return 0;
}

static void tell(const Guardian *g, struct order o)
{
	if (g->pid)
		send(g->sock, &o, sizeof(o), MSG_NOSIGNAL);
}

void guardian_size(Guardian *g, unsigned kb)
{
	if (!g->pid || !kb || g->kb == kb)
		return;
	g->busy = true;
	g->kb = kb;
	tell(g, (struct order){.what = ORDER_SIZE, .kb = kb});
}

int guardian_wait(Guardian *g)
{
	int err;
	ssize_t n;

	if (!g->busy)
		return 0;
	g->busy = false;
	do
		n = recv(g->sock, &err, sizeof(err), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? err : -EPIPE;
}

static void reap(Guardian *g)
{
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close_fd(&g->sock);
	g->pid = 0;
}

void guardian_dismiss(Guardian *g)
{
	if (!g->pid)
		return;
	tell(g, (struct order){.what = ORDER_QUIT});
	reap(g);
}

void guardian_let_clean(Guardian *g)
{
	if (!g->pid)
		return;
	close_fd(&g->sock);
	reap(g);
}

void guardian_hand_over(Guardian *g)
{
	if (g->pid)
		close_fd(&g->sock);
	g->pid = 0;
}
