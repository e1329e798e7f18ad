/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs scripts whose modules are loaded already (several are in one): drive DIR NAME..., the output
 * of each into DIR/NAME. What happens between start and end is that of taprun.
 */
#define _GNU_SOURCE
#include "kmod/control.c"
#include "kmod/reader.c"

#include <stdlib.h>

static void run(const char *dir, const char *name)
{
	char path[4200];
	Diag diag = {.out = stderr};

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		exit(1);
	KmodRun r = {
	    .name = name, .out_fd = fd, .err_fd = fd, .timeout_ns = 20000000000u, .diag = &diag};
	bool left;

	reader_run(&r, &left);
	close(fd);
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		run(argv[1], argv[i]);
	return 0;
}
