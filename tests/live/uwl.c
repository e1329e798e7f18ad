/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The workload of the tests of user-space probes: position-independent, optimised, with a library of its
 * own. Like wl it prints by itself what a script must print.
 *
 * uwl calls N     static functions and those of the library   "add N text sum" "triple N result"
 * uwl marks N     marks with all kinds of arguments            "mark one -N N text" "mark many N"
 *                 the second one only where its count of users is not 0
 * uwl tasks N     processes and threads that come and go       "begin PID" "end PID" "thread TID" "gone TID"
 * uwl system N    system calls with arguments that tell them   "close N -9"
 * uwl faults      pointers to nothing, and what is there       "fault", values
 * uwl idle        waits for a line on its input                "idle PID"
 */
#define _GNU_SOURCE
#include "sdt.h"
#include "uwl.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

MARK_COUNT(uwl, many);

static long counter; /* a mark reads it relative to %rip */
static char page[8192] __attribute__((aligned(4096)));

/* One line in one write, so that lines of many tasks do not mix. */
static __attribute__((format(printf, 1, 2))) void say(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static __attribute__((noipa)) int add(int n, const char *text, short a, char b, long c, unsigned d, int seventh,
					 long eighth)
{
	__asm__ volatile("");
	return n + (int)strlen(text) + a + b + (int)c + (int)d + seventh + (int)eighth;
}

static void do_calls(int n)
{
	for (int i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "text %d", i);
		say("add %d %s %d %ld %d\n", -i, text, i + 70, 1l << 33, add(-i, text, -1, -2, 3, 4, i + 70, 1l << 33));
		say("triple %d %ld\n", i, uwl_triple(i));
	}
}

static __attribute__((noipa)) void mark_many(unsigned char byte, long where[4], int i)
{
	MARK1(uwl, many, "uwl_many_semaphore", where[i]);
	MARK3(uwl, forms, "0", byte, counter, (short)-7);
}

static __attribute__((noipa)) void mark_one(int i, unsigned u, const char *text)
{
	MARK3(uwl, one, "0", i, u, text);
	say("mark one %d %u %s\n", i, u, text);
}

static void do_marks(int n)
{
	long where[4] = {11, 22, -33, 44};

	for (int i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "text %d", i);
		mark_one(-i, 4000000000u + (unsigned)i, text);
		counter = i * 1000;
		mark_many((unsigned char)(200 + i % 50), where, i % 4);
		say("mark forms %d %ld -7\n", 200 + i % 50, counter);
		if (uwl_many_semaphore)
			say("mark many %ld %d\n", where[i % 4], uwl_many_semaphore);
	}
}

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

static void *thread(void *unused)
{
	say("thread %d %d\n", getpid(), tid());
	say("gone %d %d\n", getpid(), tid());
	return unused;
}

static void child(void)
{
	pthread_t t;

	say("begin %d\n", getpid());
	if (pthread_create(&t, NULL, thread, NULL) || pthread_join(t, NULL))
		_exit(1);
	say("end %d\n", getpid());
	_exit(0);
}

static void do_tasks(int n)
{
	say("begin %d\n", getpid());
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child();
		waitpid(pid, NULL, 0);
		pid = fork();
		if (pid == 0) {
			say("begin %d\n", getpid()); /* when it is forked; then it is another program */
			execl("/bin/true", "true", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	say("end %d\n", getpid());
}

static void do_system(int n)
{
	for (int i = 0; i < n; i++) {
		long got = syscall(SYS_close, 1000 + i, 2, 3, 4, 5, 6);

		say("close %d 2 3 4 5 6 %ld\n", 1000 + i, got < 0 ? -9 : got);
	}
}

static __attribute__((noipa)) void look(const char *text, const long *number)
{
	__asm__ volatile("" : : "r"(text), "r"(number));
}

static void do_faults(void)
{
	long value = 42, zero = 0, ones = -1;

	mprotect(page + 4096, 4096, PROT_NONE);
	memset(page, -1, 4096);
	look("here", &value);
	look("", &zero);
	look(NULL, NULL);
	look((char *)8, (long *)8);
	look(page + 4096, (long *)(void *)(page + 4096));
	look("after", &ones);
	look("bytes", (long *)(void *)page);
	say("here 42\n[] 0\nfault fault\nfault fault\nfault fault\nafter -1\nbytes -1\n");
}

static void do_idle(void)
{
	char c;

	say("idle %d\n", getpid());
	while (read(STDIN_FILENO, &c, 1) == 1)
		if (c == '\n')
			do_calls(3);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 1;

	if (!strcmp(what, "calls"))
		do_calls(n);
	else if (!strcmp(what, "marks"))
		do_marks(n);
	else if (!strcmp(what, "tasks"))
		do_tasks(n);
	else if (!strcmp(what, "system"))
		do_system(n);
	else if (!strcmp(what, "faults"))
		do_faults();
	else if (!strcmp(what, "idle"))
		do_idle();
	else
		return 2;
	return 0;
}
