/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fail_nth KO NAME: insert the module, start it, remove it, while the kernel's fault injection lets the
 * 1st, 2nd ... allocation fail that this needs, until none failed; beyond the 100th they are taken by
 * growing steps, since a buffer's pages are all alike. Prints how many were tried.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void arm(int fd, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(fd, text, (size_t)len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

/* Return: whether an allocation did fail since arm(). */
static int disarm(int fd)
{
	char text[16] = "";
	int left = pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;

	arm(fd, 0);
	return left == 0;
}

static int file_of(const char *name, const char *file, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/%s/%s", name, file);
	return open(path, flags | O_CLOEXEC);
}

static void use(const char *name, int nth, int n, int *failed)
{
	int out = file_of(name, "out", O_RDONLY | O_NONBLOCK), ctl = file_of(name, "ctl", O_RDWR);
	static char buf[1 << 16];

	arm(nth, n);
	if (write(ctl, "start 0", 7) < 0)
		*failed |= 1;
	*failed |= disarm(nth);
	usleep(20000);
	if (write(ctl, "stop", 4) < 0)
		perror("stop");
	while (read(out, buf, sizeof(buf)) > 0)
		;
	close(out);
	close(ctl);
}

/* Return: whether something failed with the @n-th allocation. */
static int one(const char *ko, const char *name, int nth, int n, int at_start)
{
	int fd = open_or_die(ko, O_RDONLY), failed = 0;
	long err;

	if (!at_start)
		arm(nth, n);
	err = syscall(SYS_finit_module, fd, "", 0);
	if (!at_start)
		failed = disarm(nth);
	close(fd);
	if (err)
		return 1;
	if (at_start)
		use(name, nth, n, &failed);
	if (syscall(SYS_delete_module, name, O_NONBLOCK) < 0) {
		perror("delete_module");
		exit(1);
	}
	return failed;
}

int main(int argc, char **argv)
{
	int nth = open_or_die("/proc/thread-self/fail-nth", O_RDWR);

	if (argc != 3)
		return 1;
	for (int at_start = 0; at_start < 2; at_start++) {
		int n = 1, tried = 0;

		while (one(argv[1], argv[2], nth, n, at_start)) {
			n += n < 100 ? 1 : n / 20;
			tried++;
		}
		printf("%s: %d allocations failed one by one, %d are needed\n",
		       at_start ? "start" : "insert", tried, n);
	}
	return 0;
}
