/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command of -c: forked early, so that its pid is known as target(), and held back at a pipe
 * until the probes are in place. It is executed directly where that is possible, so that the pid is
 * the command's own and not a shell's.
 */
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

static void execute(const char *command)
{
	wordexp_t w;

	if (wordexp(command, &w, 0) == 0 && w.we_wordc > 0)
		execvp(w.we_wordv[0], w.we_wordv);
	else
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	dprintf(STDERR_FILENO, "tapx: cannot run '%s': %s\n", command, strerror(errno));
	_exit(127);
}

static void in_child(const char *command, const int pipe_fds[2])
{
	char go;
	sigset_t none;

	close(pipe_fds[1]);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* execve() resets handlers; these may have been ignored, by us or by a shell for its jobs */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (read(pipe_fds[0], &go, 1) != 1) /* tapx gave up before it began */
		_exit(0);
	close(pipe_fds[0]);
	execute(command);
}

int child_prepare(const char *command, int *gate)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		in_child(command, fds);
	close(fds[0]);
	if (pid < 0) {
		close(fds[1]);
		return -errno;
	}
	*gate = fds[1];
	return pid;
}

void child_start(int gate)
{
	ssize_t n = write(gate, "g", 1);

	(void)n; /* a child that died meanwhile is seen by waitpid() */
	close(gate);
}

bool child_failed(int status, Diag *d)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	if (WIFEXITED(status))
		diag_warning(d, DIAG_CHILD, (Loc){0}, "the command ended with status %d",
			     WEXITSTATUS(status));
	else
		diag_warning(d, DIAG_CHILD, (Loc){0}, "the command was ended by signal %d (%s)",
			     WTERMSIG(status), strsignal(WTERMSIG(status)));
	return true;
}
