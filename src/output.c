/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of -o. A name is expanded when its file is opened, so that each has its own time.
 */
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MOST = 10000 };

static const Loc nowhere;

static bool parse_rotate(const char *text, uint64_t *bytes, int *files)
{
	char *end;
	unsigned long long mb = strtoull(text, &end, 10);

	if (end == text || mb == 0 || mb > UINT64_MAX >> 21)
		return false;
	*bytes = mb << 20;
	*files = 0;
	if (!*end)
		return true;
	text = end + 1;
	if (*end != ',')
		return false;
	*files = (int)strtol(text, &end, 10);
	return end != text && !*end && *files > 0 && *files <= FILES_MOST;
}

bool output_check_rotate(const char *text)
{
	uint64_t bytes;
	int files;

	return parse_rotate(text, &bytes, &files);
}

static const char *expand_time(Arena *a, const char *path)
{
	time_t t = time(NULL);
	char buf[4096];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return strftime(buf, sizeof(buf), path, localtime(&t)) ? arena_strdup(a, buf) : path;
#pragma GCC diagnostic pop
}

/* Open file number o->number; the one whose turn in the ring it takes goes. */
static int open_file(Output *o, Diag *d)
{
	const char *name = expand_time(o->arena, o->path);

	if (o->numbered)
		name = arena_printf(o->arena, "%s.%d", name, o->number);
	if (o->max_files) {
		const char **turn = &o->names[o->number % o->max_files];
		if (*turn)
			unlink(*turn);
		*turn = name;
	}
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		diag_error(d, DIAG_IO, nowhere, "cannot write to '%s': %s", name, strerror(errno));
	return fd;
}

bool output_open(Output *o, Arena *a, const char *path, const char *rotate, Diag *d)
{
	*o = (Output){.arena = a, .path = path, .fd = STDOUT_FILENO};
	if (!path)
		return true;
	if (rotate) {
		parse_rotate(rotate, &o->max_bytes, &o->max_files);
		o->numbered = true;
		o->names = NEW_ARRAY(a, const char *, o->max_files + 1);
	}
	o->fd = open_file(o, d);
	return o->fd >= 0;
}

bool output_is_full(const Output *o)
{
	struct stat st;

	return o->max_bytes && fstat(o->fd, &st) == 0 && (uint64_t)st.st_size >= o->max_bytes;
}

int output_next(Output *o, Diag *d)
{
	if (!o->path)
		return o->fd;
	o->numbered = true;
	o->number++;
	int fd = open_file(o, d);
	if (fd >= 0)
		o->fd = fd;
	return o->fd;
}

void output_done(Output *o, int fd)
{
	if (fd != o->fd && fd != STDOUT_FILENO)
		close(fd);
}

void output_close(Output *o)
{
	if (o->path && o->fd >= 0)
		close(o->fd);
}
