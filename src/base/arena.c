/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arena: memory that is given back all at once. Blocks are chained, newest first; a request that
 * does not fit the newest block starts a new one, a big request gets a block of its own behind it,
 * so that the room left in the newest block is not lost. Nothing is ever freed singly: scripts are
 * small, and the run ends soon or lives on one Script.
 */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN 16
#define ARENA_BLOCK ((size_t)64 * 1024)

#ifdef TAPX_HARD /* every object in a block of its own, so that the sanitizer sees each overrun */
#define ARENA_BIG ((size_t)1)
#else
#define ARENA_BIG (ARENA_BLOCK / 4)
#endif

typedef struct Block {
	struct Block *next;
	size_t used, size; /* of bytes[] */
	_Alignas(ARENA_ALIGN) unsigned char bytes[];
} Block;

struct Arena {
	Block *newest;
};

static void out_of_memory(void)
{
	fputs("tapx: out of memory\n", stderr);
	abort();
}

static Block *block_new(size_t size)
{
	Block *b = calloc(1, sizeof(Block) + size); /* zeroed: fresh pages cost nothing */

	if (!b)
		out_of_memory();
	b->size = size;
	return b;
}

Arena *arena_new(void)
{
	Arena *a = calloc(1, sizeof(*a));

	if (!a)
		out_of_memory();
	return a;
}

void arena_free(Arena *a)
{
	if (!a)
		return;
	for (Block *b = a->newest, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

static void *alloc_big(Arena *a, size_t size)
{
	Block *b = block_new(size);

	b->used = size;
	if (a->newest) {
		b->next = a->newest->next;
		a->newest->next = b;
	} else {
		a->newest = b;
	}
	return b->bytes;
}

void *arena_alloc(Arena *a, size_t size)
{
	Block *b = a->newest;
	void *p;

	if (size > SIZE_MAX - sizeof(Block) - ARENA_ALIGN)
		out_of_memory();
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size >= ARENA_BIG)
		return alloc_big(a, size);
	if (!b || b->size - b->used < size) {
		b = block_new(ARENA_BLOCK);
		b->next = a->newest;
		a->newest = b;
	}
	p = b->bytes + b->used;
	b->used += size;
	return p;
}

char *arena_strndup(Arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(Arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return arena_strdup(a, "");
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
