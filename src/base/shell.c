/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of the language's system(): a shell that runs beside us.
 */
#include "base/base.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_shell(const char *command, int out_fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* our caller blocks some */
	signal(SIGPIPE, SIG_DFL);
	if (out_fd != STDOUT_FILENO)
		dup2(out_fd, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

bool shell_start(const char *command, int out_fd)
{
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (pid == 0) {
		if (fork() == 0)
			run_shell(command, out_fd);
		_exit(0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return true;
}
