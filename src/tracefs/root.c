/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * root: where tracefs is, and the small ways to read and write a file below a directory. Everything
 * goes through directory descriptors, so that a fake root serves as well as the real one, and no
 * file is ever opened with O_TRUNC: on kprobe_events that would delete everybody's probes.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

static const char *const mount_points[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
#define TRACEFS_SUPER_MAGIC 0x74726163 /* linux/magic.h */

uint64_t mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

int tfs_write(int dir, const char *path, const char *text)
{
	AUTO_FD fd = openat(dir, path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int tfs_writef(int dir, const char *text, const char *fmt, ...)
{
	char path[512];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= sizeof(path) ? -ENAMETOOLONG : tfs_write(dir, path, text);
}

int tfs_read(int dir, const char *path, Buf *b)
{
	char chunk[16384];
	AUTO_FD fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		buf_put(b, chunk, (size_t)n);
	}
}

int tfs_opendir(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool tfs_has(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, 0) == 0;
}

int tfs_each(int dir, const char *path, bool (*fn)(void *arg, const char *name), void *arg)
{
	int fd = tfs_opendir(dir, path);
	if (fd < 0)
		return fd;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	struct dirent *e;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && !fn(arg, e->d_name))
			break;
	closedir(d);
	return 0;
}

static bool is_tracefs(const char *path)
{
	struct statfs sb;
	return statfs(path, &sb) == 0 && sb.f_type == TRACEFS_SUPER_MAGIC;
}

static const char *find_mount(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++)
		if (is_tracefs(mount_points[i]))
			return mount_points[i];
	return NULL;
}

/* Under lockdown=confidentiality tracefs answers EPERM, or is empty when that was set at boot. */
static bool locked_down(void)
{
	AUTO_BUF b = {0};
	return read_file("/sys/kernel/security/lockdown", &b) == 0 &&
	       strstr(buf_str(&b), "[confidentiality]");
}

static const char *why_closed(int err)
{
	if (locked_down())
		return "the kernel is locked down (lockdown=confidentiality): it lets nobody "
		       "trace, "
		       "neither through tracefs nor with a module";
	if (err == EACCES)
		return "no permission to use tracefs: run as root (CAP_DAC_OVERRIDE is enough)";
	if (err == EPERM)
		return "the kernel forbids the use of tracefs (lockdown, or a security module)";
	return "tracefs is empty: the kernel is built without CONFIG_EVENT_TRACING";
}

static const char *mount_it(const char **why)
{
	struct stat sb;

	if (stat(mount_points[0], &sb) < 0) {
		*why = locked_down() ? why_closed(EPERM)
				     : "the kernel has no tracefs (built without CONFIG_FTRACE), "
				       "or /sys is not mounted";
		return NULL;
	}
	if (mount("tracefs", mount_points[0], "tracefs", 0, NULL) < 0) {
		*why = errno == EPERM || errno == EACCES
			   ? "tracefs is not mounted, and mounting it takes root: "
			     "mount -t tracefs tracefs /sys/kernel/tracing"
			   : "tracefs is not mounted at /sys/kernel/tracing and cannot be mounted";
		return NULL;
	}
	return mount_points[0];
}

Tracefs *tracefs_open(Arena *a, const char *root, const char **why)
{
	const char *path = root ? root : find_mount();
	if (!path && !(path = mount_it(why)))
		return NULL;
	int fd = tfs_opendir(AT_FDCWD, path);
	if (fd < 0) {
		*why = root && fd == -ENOENT
			   ? arena_printf(a, "no tracefs: there is no directory '%s'", root)
			   : why_closed(-fd);
		return NULL;
	}
	int err = 0;
	if (!root) {
		AUTO_FD probe = openat(fd, "trace_clock", O_RDONLY | O_CLOEXEC);
		err = probe < 0 ? errno : 0;
	}
	if (err) {
		close(fd);
		*why = why_closed(err);
		return NULL;
	}
	Tracefs *t = NEW(a, Tracefs);
	t->arena = a;
	t->root = arena_strdup(a, path);
	t->fd = fd;
	t->events = table_new(a);
	return t;
}

const char *tracefs_root(const Tracefs *t)
{
	return t->root;
}

void tracefs_close(Tracefs *t)
{
	if (!t)
		return;
	if (*t->prepared.tag)
		guardian_let_clean(&t->prepared.guardian);
	close_fd(&t->fd);
	buf_free(&t->names);
	if (t->run)
		arena_free(t->run->arena);
	t->run = NULL;
}
