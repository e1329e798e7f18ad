/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of a loaded module: /proc/NAME/ctl says how it is and takes orders, /proc/NAME/out has its
 * output. By the first of them a module of ours is known.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int control_open(const char *name, const char *file, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", name, file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int control_say(int ctl, const char *word, int64_t number)
{
	int n = dprintf(ctl, "%s %lld", word, (long long)number);

	return n < 0 ? -errno : 0;
}

static int number_of(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	int v = 0;

	if (p)
		sscanf(p + strlen(key), " %d", &v);
	return v;
}

bool control_read(int ctl, ModuleState *ret)
{
	char text[512];
	ssize_t n = pread(ctl, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	*ret = (ModuleState){.reader = number_of(text, "\nreader"),
			     .owned = number_of(text, "\nowned"),
			     .kept = number_of(text, "\nkept"),
			     .exiting = number_of(text, "\nexiting"),
			     .failed = number_of(text, "\nfailed"),
			     .errors = number_of(text, "\nerrors"),
			     .skipped = number_of(text, "\nskipped"),
			     .reentered = number_of(text, "\nreentered"),
			     .low_stack = number_of(text, "\nlow_stack"),
			     .missed = number_of(text, "\nmissed"),
			     .lost = number_of(text, "\nlost")};
	return sscanf(text, "state %15s", ret->state) == 1;
}

bool control_state(const char *name, ModuleState *ret)
{
	int ctl = control_open(name, "ctl", O_RDONLY);
	bool ok = ctl >= 0 && control_read(ctl, ret);

	if (ctl >= 0)
		close(ctl);
	return ok;
}

void control_each(void (*fn)(void *arg, const char *name, const ModuleState *s), void *arg)
{
	Buf text = {0};
	char *line, *rest;
	ModuleState s;

	if (read_file("/proc/modules", &text) == 0)
		for (line = strtok_r(text.s, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
			line[strcspn(line, " ")] = '\0';
			if (control_state(line, &s))
				fn(arg, line, &s);
		}
	buf_free(&text);
}
