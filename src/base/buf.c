/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Buf: text that grows; VEC's growing half; reading a whole file. A Buf is malloc'ed and doubles,
 * a VEC lives in an arena and leaves its old copy there.
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_BYTES 128
#define FIRST_ELEMENTS 4
#define READ_BYTES 16384

void *vec_grow(Arena *a, void *old, int *cap, size_t elem)
{
	int bigger = *cap ? *cap * 2 : FIRST_ELEMENTS;
	void *p = arena_alloc(a, elem * (size_t)bigger);

	if (*cap)
		memcpy(p, old, elem * (size_t)*cap);
	*cap = bigger;
	return p;
}

/* Room for @n more bytes and the NUL. */
static void buf_reserve(Buf *b, size_t n)
{
	size_t need = b->n + n + 1, cap = b->cap ? b->cap : FIRST_BYTES;
	char *s;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap *= 2;
	s = realloc(b->s, cap);
	if (!s) {
		fputs("tapx: out of memory\n", stderr);
		abort();
	}
	b->s = s;
	b->cap = cap;
}

void buf_put(Buf *b, const void *bytes, size_t n)
{
	buf_reserve(b, n);
	if (n)
		memcpy(b->s + b->n, bytes, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void buf_putc(Buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_puts(Buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_vprintf(Buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	buf_reserve(b, FIRST_BYTES / 2);
	n = vsnprintf(b->s + b->n, b->cap - b->n, fmt, ap);
	if (n > 0 && (size_t)n >= b->cap - b->n) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->s + b->n, b->cap - b->n, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->n += (size_t)n;
	b->s[b->n] = '\0';
}

void buf_printf(Buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_free(Buf *b)
{
	free(b->s);
	*b = (Buf){0};
}

const char *buf_str(const Buf *b)
{
	return b->s ? b->s : "";
}

int read_file(const char *path, Buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	size_t before = b->n;
	ssize_t got;

	if (fd < 0)
		return -errno;
	for (;;) { /* until nothing comes: the size that fstat() claims is 0 in /proc */
		buf_reserve(b, READ_BYTES);
		got = read(fd, b->s + b->n, READ_BYTES);
		if (got > 0) {
			b->n += (size_t)got;
		} else if (got == 0) {
			break;
		} else if (errno != EINTR) {
			err = -errno;
			b->n = before;
			break;
		}
	}
	b->s[b->n] = '\0';
	close(fd);
	return err;
}
