/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * instance: trace instances of our own. Enabling, filters, clock, options and buffers are all per
 * instance, so nobody else sees ours. Their names carry pid and start time of the run; whoever
 * holds a flock on the directory of the main one looks after the run (guardian.c, stale.c).
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const suffix[INST_COUNT] = {"", "_s", "_t", "_x"};

enum { MEMORY_SHARE = 32 }; /* of the free memory, for the buffers of all CPUs together */

/* Per CPU. Asking for another size than an instance is made with takes the kernel two waits for RCU
 * (8 ms natively, 40 ms emulated), which is most of what a one-liner waits for. */
static const unsigned size_kb[] = {
    [TRAFFIC_FEW] = 0,	   /* as it is made, 1,408: 25,000 records until we look, in 10 ms */
    [TRAFFIC_MANY] = 4096, /* each hit costs more than a microsecond, but there are many places */
    [TRAFFIC_HOT] = 8192,  /* 160 ms of a million 50-byte records a second */
};

/* Field 22 of /proc/PID/stat, in clock ticks; the command in field 2 may hold blanks and ')'. */
static bool start_time(const char *path, unsigned long long *ret)
{
	AUTO_BUF b = {0};
	if (read_file(path, &b) < 0)
		return false;
	const char *p = strrchr(buf_str(&b), ')');
	for (int field = 2; p && field < 22; field++)
		if ((p = strchr(p, ' ')))
			p++;
	if (!p)
		return false;
	*ret = strtoull(p, NULL, 10);
	return true;
}

int run_tag(char *ret, size_t size)
{
	unsigned long long start;
	if (!start_time("/proc/self/stat", &start))
		return -ENOENT;
	snprintf(ret, size, "%d_%llu", (int)getpid(), start);
	return 0;
}

bool run_tag_alive(int pid, unsigned long long start)
{
	char path[64];
	unsigned long long now;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return start_time(path, &now) && now == start;
}

unsigned instance_default_kb(enum traffic traffic)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), pages = sysconf(_SC_AVPHYS_PAGES);
	long page_kb = sysconf(_SC_PAGESIZE) / 1024;

	if (cpus < 1 || pages < 1)
		return 0;
	long share = pages / MEMORY_SHARE / cpus * page_kb;
	return share < (long)size_kb[traffic] ? 0 : size_kb[traffic];
}

int instance_clock(const Tracefs *t, const Instance *in)
{
	return t->local_clock ? 0 : tfs_write(in->fd, "trace_clock", "mono");
}

int instance_size(const Instance *in, unsigned buffer_kb)
{
	char text[32];

	if (!buffer_kb)
		return 0;
	snprintf(text, sizeof(text), "%u", buffer_kb);
	return tfs_write(in->fd, "buffer_size_kb", text);
}

int instance_exclude(const Instance *in, const char *tids)
{
	int err = tfs_write(in->fd, "set_event_notrace_pid", tids);
	return err == -ENOENT ? 0 : err; /* 5.7 */
}

int instance_open(const Tracefs *t, Instance *in, const char *tag, int kind)
{
	char path[128];

	in->kind = kind;
	in->free_fd = -1;
	snprintf(in->name, sizeof(in->name), "tapx_%s%s", tag, suffix[kind]);
	snprintf(path, sizeof(path), "instances/%s", in->name);
	in->fd = tfs_opendir(t->fd, path);
	return in->fd < 0 ? in->fd : 0;
}

int instance_make(const Tracefs *t, Instance *in, const char *tag, int kind)
{
	char path[128];

	snprintf(path, sizeof(path), "instances/tapx_%s%s", tag, suffix[kind]);
	if (mkdirat(t->fd, path, 0700) < 0)
		return -errno;
	return instance_open(t, in, tag, kind);
}

void instance_guard(Instance *in)
{
	if (tfs_write(in->fd, "options/disable_on_free", "1") < 0)
		return;
	in->free_fd = openat(in->fd, "free_buffer", O_WRONLY | O_APPEND | O_CLOEXEC);
}

void instance_close(Instance *in)
{
	close_fd(&in->free_fd);
	close_fd(&in->fd);
}
