/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * proc: one task's status file -> ProcTask. A raw read and a walk over the lines, since at the
 * start of a run every task of the system is read, and the user waits.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* /proc shows a worker as "kworker/0:1H-events" or "...+events" (busy): only what stands before the
 * sign is its comm. Rescuers are really called "kworker/R-name" [kernel/workqueue.c]. */
static void undecorate(char *name)
{
	char *p;
	if (strncmp(name, "kworker/", 8) != 0 || !(p = strchr(name, ':')))
		return;
	p++;
	while (isalnum((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		*p = '\0';
}

/* Newline and backslash come escaped; kernel threads may have more than the 15 bytes of a comm. */
static void set_comm(char comm[16], char *name)
{
	size_t n = 0;

	undecorate(name);
	for (const char *p = name; *p && n < 15; p++) {
		char c = *p;
		if (c == '\\' && (p[1] == 'n' || p[1] == '\\'))
			c = *++p == 'n' ? '\n' : '\\';
		comm[n++] = c;
	}
	memset(comm + n, 0, 16 - n);
}

static const char *value(const char *line, const char *key)
{
	size_t n = strlen(key);
	return strncmp(line, key, n) == 0 ? line + n : NULL;
}

bool proc_status(char *text, ProcTask *ret)
{
	ProcTask t = {.threads = 1};
	bool named = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		const char *v;
		if ((v = value(line, "Name:\t"))) {
			set_comm(t.info.comm, (char *)v);
			named = true;
		} else if ((v = value(line, "State:\t"))) {
			t.zombie = *v == 'Z' || *v == 'X';
		} else if ((v = value(line, "Tgid:\t"))) {
			t.info.tgid = atoi(v);
		} else if ((v = value(line, "Pid:\t"))) {
			t.info.tid = atoi(v);
		} else if ((v = value(line, "PPid:\t"))) {
			t.info.ppid = atoi(v);
		} else if ((v = value(line, "Uid:\t"))) {
			sscanf(v, "%u %u", &t.info.uid, &t.info.euid);
		} else if ((v = value(line, "Gid:\t"))) {
			sscanf(v, "%u %u", &t.info.gid, &t.info.egid);
		} else if ((v = value(line, "Threads:\t"))) {
			t.threads = atoi(v);
			break; /* the last of those that matter */
		}
	}
	if (!named || !t.info.tid)
		return false;
	*ret = t;
	return true;
}

bool proc_read(const char *proc, int tgid, int tid, ProcTask *ret)
{
	char path[128], text[4096];

	if (tgid)
		snprintf(path, sizeof(path), "%s/%d/task/%d/status", proc, tgid, tid);
	else
		snprintf(path, sizeof(path), "%s/%d/status", proc, tid);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return proc_status(text, ret);
}
