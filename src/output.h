/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * output: where the script's output goes: standard output, the file of -o, or with -S a row of
 * files FILE.0, FILE.1, ... of which the newest are kept.
 */
#ifndef TAPX_OUTPUT_H
#define TAPX_OUTPUT_H

#include "base/base.h"

typedef struct Output {
	const char *path;   /* of -o, with strftime conversions; NULL: standard output */
	uint64_t max_bytes; /* of a file; 0: no limit */
	int max_files;	    /* 0: all are kept */
	bool numbered;
	int number, fd;
	Arena *arena;
	const char **names; /* of the files that are kept, a ring of max_files */
} Output;

/**
 * output_open - begin with the first file. @path NULL: standard output. @rotate: the argument of
 * -S, "MEGABYTES[,FILES]", or NULL. Return: false when it cannot be opened (reported).
 */
bool output_open(Output *o, Arena *a, const char *path, const char *rotate, Diag *d);
/** output_is_full - is it time for the next file? */
bool output_is_full(const Output *o);
/**
 * output_next - open the next file, removing the oldest of too many; the old descriptor stays open
 * until output_done(). Return: the new descriptor, or the present one when there is no file to
 * switch.
 */
int output_next(Output *o, Diag *d);
/** output_done - close @fd, which is in use no more. */
void output_done(Output *o, int fd);
void output_close(Output *o);
/** output_check_rotate - is @text an argument of -S? */
bool output_check_rotate(const char *text);

#endif
