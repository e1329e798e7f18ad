/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Standard input for scripts that want each character when it is typed: a terminal is asked not to wait
 * for the end of the line, and set back at the end.
 */
#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

void typing_start(Typing *t, int fd)
{
	struct termios now;

	*t = (Typing){.fd = fd};
	if (tcgetattr(fd, &t->was) < 0 || tcgetpgrp(fd) != getpgrp())
		return;
	now = t->was;
	now.c_lflag &= ~(tcflag_t)ICANON;
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	t->changed = tcsetattr(fd, TCSANOW, &now) == 0;
}

size_t typing_take(Typing *t, char *buf, size_t size)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	ssize_t n;

	if (t->fd < 0 || poll(&p, 1, 0) <= 0)
		return 0;
	n = read(t->fd, buf, size);
	if (n > 0)
		return (size_t)n;
	if (n == 0 || (errno != EINTR && errno != EAGAIN))
		t->fd = -1;
	return 0;
}

void typing_end(Typing *t)
{
	if (t->changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &t->was);
	*t = (Typing){.fd = -1};
}
