/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Output: one big buffer, written out when full or when the caller has nothing else to do. Behind
 * its end there is always room for one conversion, so that the fast path checks once per piece.
 */
#include "eval_int.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUT_BYTES = 256 * 1024 };

static size_t headroom(const Eval *e)
{
	return SPEC_BYTES + (size_t)e->max_str;
}

bool out_init(Eval *e)
{
	e->out_base = malloc(OUT_BYTES + headroom(e));
	e->out = e->out_base;
	e->out_full = e->out_base + OUT_BYTES;
	return e->out_base != NULL;
}

/* Wait until @fd takes bytes again; false when it never will. */
static bool wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static void write_all(Eval *e, int fd, const char *p, size_t n)
{
	while (n && !e->write_failed) {
		ssize_t done = write(fd, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno != EINTR && !(errno == EAGAIN && wait_writable(fd))) {
			e->write_failed = true;
			e->exiting = true;
		}
	}
}

void out_flush(Eval *e)
{
	if (e->out > e->out_base)
		write_all(e, e->host.out_fd, e->out_base, (size_t)(e->out - e->out_base));
	e->out = e->out_base;
}

void out_bytes(Eval *e, const char *p, size_t n)
{
	while (n) {
		size_t room;

		out_room(e);
		room = (size_t)(e->out_full - e->out);
		if (room > n)
			room = n;
		memcpy(e->out, p, room);
		e->out += room;
		p += room;
		n -= room;
	}
}

void out_message(Eval *e, const char *kind, const char *fmt, ...)
{
	Buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_puts(&b, kind);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (!b.n || b.s[b.n - 1] != '\n')
		buf_putc(&b, '\n');
	out_flush(e);
	for (size_t at = 0; at < b.n;) { /* its reader may be gone without ours being gone */
		ssize_t done = write(e->host.err_fd, b.s + at, b.n - at);

		if (done < 0 && errno != EINTR)
			break;
		at += done > 0 ? (size_t)done : 0;
	}
	buf_free(&b);
}
