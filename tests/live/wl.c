/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The workload of the live tests. It makes calls that a script traces, and prints by itself the line
 * that the script must print for each: the test is a diff. Every traced call is an open of a path
 * below /tapx-wl/ that does not exist, or a read of a size that tells which one it is.
 *
 * wl open N        opens with numbered paths and flags        "open PID TID flags path"
 * wl read N        reads of 1..N bytes of /dev/zero           "read PID size result"
 * wl who           one open by each of many kinds of tasks    "who COMM PID TID PPID UID EUID GID EGID path"
 * wl order N       two threads on two processors take turns   "order K"
 * wl rate N [CPU]  N opens as fast as it can, prints nothing but "rate N"
 * wl udp N [6]      N datagrams to itself, of 1..N bytes       "udp SPORT DPORT BYTES", then "received K"
 * wl tcp N          N bytes to itself over a connection       "tcp SPORT DPORT BYTES"
 * wl empty         opens an empty path, a bad pointer, a page that is not there
 * wl spin MS       computes for so long, in user mode, in spin_here() called by spin_there()
 * wl faults N      touches N new pages between an open of .../begin and one of .../end
 * wl switch N      sleeps N times, between the same; prints "switch" and its switches meanwhile
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

/** say - one line in one write, so that lines of many tasks do not mix. */
static void say(const char *line)
{
	ssize_t n = write(STDOUT_FILENO, line, strlen(line));

	(void)n;
}

static void try_open(const char *path, int flags)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);

	if (fd >= 0)
		close(fd);
}

static void do_open(int n)
{
	for (int i = 0; i < n; i++) {
		char path[64], line[128];
		int flags = i % 3 == 0 ? O_RDONLY : i % 3 == 1 ? O_WRONLY : O_RDWR | O_APPEND;

		snprintf(path, sizeof(path), "/tapx-wl/%d", i);
		try_open(path, flags);
		snprintf(line, sizeof(line), "open %d %d %x %s\n", getpid(), tid(), flags, path);
		say(line);
	}
}

static void do_read(int n)
{
	static char buf[1 << 16];
	int fd = open("/dev/zero", O_RDONLY);

	for (int i = 1; i <= n; i++) {
		char line[64];
		long got = read(fd, buf, (size_t)i);

		snprintf(line, sizeof(line), "read %d %d %ld\n", getpid(), i, got);
		say(line);
	}
	close(fd);
}

/* ---- who ---- */

static void announce(const char *what)
{
	char comm[16] = "", path[64], line[256];

	prctl(PR_GET_NAME, comm);
	snprintf(path, sizeof(path), "/tapx-wl/who/%s", what);
	snprintf(line, sizeof(line), "who %s %d %d %d %d %d %d %d %s\n", comm, getpid(), tid(), getppid(),
		 (int)getuid(), (int)geteuid(), (int)getgid(), (int)getegid(), path);
	try_open(path, O_RDONLY);
	say(line);
}

static void *thread_main(void *arg)
{
	prctl(PR_SET_NAME, arg);
	announce(arg);
	return NULL;
}

static void in_child(void (*fn)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void threads(void)
{
	static const char *const names[] = {"thr-a", "thr-b", "thr-c"};
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, thread_main, (void *)names[i]);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

static void child_plain(void)
{
	announce("child");
	threads();
}

static void child_ids(void)
{
	if (syscall(SYS_setresgid, 1001, 1002, 1003) || syscall(SYS_setresuid, 2001, 2002, 2003))
		say("who: cannot change ids\n");
	announce("ids");
}

static void child_grandchild(void)
{
	in_child(child_plain);
	announce("parent-of-grandchild");
}

/** short_lived - gone long before anyone could look it up. */
static void short_lived(void)
{
	for (int i = 0; i < 20; i++) {
		char what[32];
		pid_t pid = fork();

		if (pid == 0) {
			snprintf(what, sizeof(what), "short-%d", i);
			announce(what);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/** orphan - its parent is gone when it opens: ppid is whoever takes orphans. */
static void orphan(void)
{
	int fds[2];
	char c;

	if (pipe(fds))
		return;
	if (fork() == 0) {
		pid_t parent = getpid();

		if (fork() == 0) {
			while (getppid() == parent)
				usleep(1000);
			announce("orphan");
			c = write(fds[1], "x", 1) == 1;
			_exit(0);
		}
		_exit(0);
	}
	wait(NULL);
	while (read(fds[0], &c, 1) < 0 && errno == EINTR)
		;
}

static void *exec_from_thread(void *arg)
{
	execl("/proc/self/exe", "wl", "announce", "exec-from-thread", (char *)NULL);
	return arg;
}

static void child_exec(void)
{
	pthread_t t;

	pthread_create(&t, NULL, exec_from_thread, NULL);
	pthread_join(t, NULL);
}

static void do_who(void)
{
	announce("main");
	threads();
	in_child(child_plain);
	in_child(child_ids);
	in_child(child_grandchild);
	in_child(child_exec);
	short_lived();
	orphan();
	prctl(PR_SET_NAME, "renamed");
	announce("renamed");
}

/* ---- order ---- */

static atomic_int turn;
static int order_max;

static void *order_main(void *arg)
{
	int me = (int)(long)arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(me, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		int k = atomic_load(&turn);
		char path[64];

		if (k >= order_max)
			return NULL;
		if (k % 2 != me)
			continue;
		snprintf(path, sizeof(path), "/tapx-wl/order/%d", k);
		try_open(path, O_RDONLY);
		atomic_store(&turn, k + 1);
	}
}

static void do_order(int n)
{
	pthread_t t[2];

	order_max = n;
	for (long i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, order_main, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	for (int k = 0; k < n; k++)
		printf("order %d\n", k);
}

/* ---- rate, empty ---- */

static void do_rate(int n)
{
	for (int i = 0; i < n; i++)
		syscall(SYS_openat, AT_FDCWD, "/tapx-wl/rate", O_RDONLY, 0);
	printf("rate %d\n", n);
}

static void do_empty(void)
{
	char *absent = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	try_open("", O_RDONLY);
	try_open((char *)8, O_RDONLY);
	try_open(absent, O_RDONLY);
	try_open("/tapx-wl/after", O_RDONLY);
	say("empty done\n");
}

/* @n times: two renames whose names fit into a record of the kernel's, one whose names do not. */
static void do_rename(int n)
{
	char from[3001], to[3001];

	memset(from, 'f', sizeof(from) - 1);
	memset(to, 't', sizeof(to) - 1);
	from[sizeof(from) - 1] = to[sizeof(to) - 1] = '\0';
	for (int i = 0; i < n; i++) {
		rename("/tapx-wl/a", "/tapx-wl/b");
		rename(from, to);
		rename("/tapx-wl/c", "/tapx-wl/d");
	}
}

static long long real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* A call that nobody else makes, ten a second, and what the time was before and after it. */
static void do_clock(int n)
{
	struct timespec pause = {.tv_nsec = 100000000};

	for (int i = 0; i < n; i++) {
		long long before = real_ns();

		syscall(SYS_sched_get_priority_max, 7777);
		printf("%lld %lld\n", before, real_ns());
		nanosleep(&pause, NULL);
	}
}

/* ---- packets over the loopback device ---- */

static struct sockaddr_storage here; /* any port of ours there */
static socklen_t here_len;

static void set_here(bool v6)
{
	struct sockaddr_in *in = (void *)&here;
	struct sockaddr_in6 *in6 = (void *)&here;

	here.ss_family = v6 ? AF_INET6 : AF_INET;
	here_len = v6 ? sizeof(*in6) : sizeof(*in);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (v6)
		in6->sin6_addr = in6addr_loopback;
}

static int bound(int type)
{
	int fd = socket(here.ss_family, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, here_len))
		exit(3);
	return fd;
}

/* The port is at the same place in both kinds of addresses. */
static struct sockaddr_storage name_of(int fd, int *port)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	getsockname(fd, (struct sockaddr *)&a, &n);
	*port = ntohs(((struct sockaddr_in *)&a)->sin_port);
	return a;
}

static void do_udp(int n, bool v6)
{
	static char bytes[1 << 16];
	struct timeval wait = {.tv_usec = 300000};
	int from, to, sport, dport, received = 0;
	struct sockaddr_storage dest;

	set_here(v6);
	from = bound(SOCK_DGRAM);
	to = bound(SOCK_DGRAM);
	name_of(from, &sport);
	dest = name_of(to, &dport);
	setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 1; i <= n; i++) {
		char line[64];

		sendto(from, bytes, (size_t)i, 0, (struct sockaddr *)&dest, here_len);
		snprintf(line, sizeof(line), "udp %d %d %d\n", sport, dport, i);
		say(line);
	}
	while (received < n && recv(to, bytes, sizeof(bytes), 0) > 0)
		received++;
	printf("received %d\n", received);
}

static void do_tcp(int n)
{
	static char bytes[1 << 16];
	int listener, from, to, sport, dport, got = 0;
	struct sockaddr_storage dest;

	set_here(false);
	listener = bound(SOCK_STREAM);
	dest = name_of(listener, &dport);
	listen(listener, 1);
	from = bound(SOCK_STREAM);
	if (connect(from, (struct sockaddr *)&dest, here_len))
		exit(3);
	to = accept(listener, NULL, NULL);
	name_of(from, &sport);
	if (write(from, bytes, (size_t)n) != n)
		exit(3);
	shutdown(from, SHUT_WR);
	for (long k; (k = read(to, bytes, sizeof(bytes))) > 0;)
		got += (int)k;
	printf("tcp %d %d %d\n", sport, dport, got);
}

/* ---- what counters count ---- */

static __attribute__((noinline)) void spin_here(int ms)
{
	long long until = real_ns() + ms * 1000000ll;

	while (real_ns() < until)
		for (volatile int i = 0; i < 100000;)
			i = i + 1;
}

/* Not the last call, or it would leave no frame. */
static __attribute__((noinline)) void spin_there(int ms)
{
	spin_here(ms);
	say("");
}

static void do_faults(int n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)n * page;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(p, size, MADV_NOHUGEPAGE);
	try_open("/tapx-wl/end", O_RDONLY); /* so that its code is in memory */
	try_open("/tapx-wl/begin", O_RDONLY);
	for (size_t i = 0; i < size; i += page)
		p[i] = 1;
	try_open("/tapx-wl/end", O_RDONLY);
}

static long switches(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nvcsw + u.ru_nivcsw;
}

static void do_switch(int n)
{
	struct timespec pause = {.tv_nsec = 1000};
	long before = switches();

	try_open("/tapx-wl/begin", O_RDONLY);
	for (int i = 0; i < n; i++)
		nanosleep(&pause, NULL);
	try_open("/tapx-wl/end", O_RDONLY);
	printf("switch %ld\n", switches() - before);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 10;

	if (!strcmp(what, "open"))
		do_open(n);
	else if (!strcmp(what, "read"))
		do_read(n);
	else if (!strcmp(what, "who"))
		do_who();
	else if (!strcmp(what, "announce"))
		announce(argc > 2 ? argv[2] : "exec");
	else if (!strcmp(what, "order"))
		do_order(n);
	else if (!strcmp(what, "rate"))
		do_rate(n);
	else if (!strcmp(what, "rename"))
		do_rename(n);
	else if (!strcmp(what, "udp"))
		do_udp(n, argc > 3);
	else if (!strcmp(what, "tcp"))
		do_tcp(n);
	else if (!strcmp(what, "clock"))
		do_clock(n);
	else if (!strcmp(what, "empty"))
		do_empty();
	else if (!strcmp(what, "spin"))
		spin_there(n);
	else if (!strcmp(what, "faults"))
		do_faults(n);
	else if (!strcmp(what, "switch"))
		do_switch(n);
	else
		return 2;
	return 0;
}
