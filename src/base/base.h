/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * base: what every other folder may use. Memory that is given back all at once (Arena), growing
 * text (Buf) and arrays (VEC), a string-keyed table, and diagnostics that point into a script.
 * It knows nothing of SystemTap, of the kernel, or of any other folder.
 */
#ifndef TAPX_BASE_H
#define TAPX_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* ---- arena.c: memory that lives as long as the pass or the run that owns it ---- */

typedef struct Arena Arena;

/** arena_new - an empty arena; the caller frees it with arena_free(). */
Arena *arena_new(void);
/** arena_free - give back everything allocated from @a; NULL is allowed. */
void arena_free(Arena *a);
/**
 * arena_alloc - @size zeroed bytes, aligned to 16, valid until arena_free().
 * Return: never NULL; when memory is out the process ends with a message.
 */
void *arena_alloc(Arena *a, size_t size);
/** arena_strdup - a NUL-terminated copy of @s. */
char *arena_strdup(Arena *a, const char *s);
/** arena_strndup - a NUL-terminated copy of the first @n bytes of @s. */
char *arena_strndup(Arena *a, const char *s, size_t n);
/** arena_printf - formatted text, exactly as long as needed. */
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
#define NEW(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define NEW_ARRAY(arena, T, n) ((T *)arena_alloc((arena), sizeof(T) * (size_t)(n)))

/* ---- buf.c: growing text and arrays ---- */

/** VEC - a growing array of @T that lives in an arena: .v the elements, .n how many. */
#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *v;                                                                              \
		int n, cap;                                                                        \
	}
/** vec_push - append @x; old element addresses become invalid when the array grows. */
#define vec_push(arena, vec, x)                                                                    \
	do {                                                                                       \
		if ((vec)->n == (vec)->cap)                                                        \
			(vec)->v = vec_grow((arena), (vec)->v, &(vec)->cap, sizeof(*(vec)->v));    \
		(vec)->v[(vec)->n++] = (x);                                                        \
	} while (0)
/** vec_grow - for vec_push() only: a copy with twice the room; *@cap counts elements. */
void *vec_grow(Arena *a, void *old, int *cap, size_t elem);

/** struct Buf - malloc'ed text, always NUL-terminated once written to; zero-initialise, buf_free(). */
typedef struct Buf {
	char *s;
	size_t n, cap; /* bytes used without the NUL, bytes allocated */
} Buf;
void buf_put(Buf *b, const void *bytes, size_t n);
void buf_putc(Buf *b, char c);
void buf_puts(Buf *b, const char *s);
void buf_printf(Buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(Buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_free(Buf *b);
/** buf_str - the text, "" when nothing was written. */
const char *buf_str(const Buf *b);
/**
 * read_file - the whole of @path appended to @b (also files of /proc that claim size 0).
 * Return: 0 or -errno; @b is unchanged on error.
 */
int read_file(const char *path, Buf *b);

/**
 * shell_start - run @command in a shell, its standard output on @out_fd. As in SystemTap nobody waits for
 * it: two forks make it a child of init. Return: false when no process can be had.
 */
bool shell_start(const char *command, int out_fd);

/* ---- table.c: string-keyed hash table; keys are not copied and must outlive it ---- */

typedef struct Table Table;
Table *table_new(Arena *a);
/** table_get - the value stored under @key, or NULL. */
void *table_get(const Table *t, const char *key);
/** table_put - store @value (not NULL) under @key, replacing what was there. */
void table_put(Table *t, const char *key, void *value);
/** table_next - walk in insertion order: start with *@it = 0; false at the end. */
bool table_next(const Table *t, int *it, const char **key, void **value);

/* ---- diag.c: diagnostics ---- */

typedef struct SourceFile {
	const char *name; /* as shown: a path, or "<input>" for -e */
	const char *text; /* NUL-terminated */
	size_t len;       /* bytes of text without the NUL */
	bool is_library;  /* from the tapset: its mistakes are warnings, it may use guru constructs */
	bool is_builtin;  /* the tapset inside the binary: --compatible does not concern it */
	const struct MacroCall *from; /* a copy for the text of a macro: who called it; else NULL */
} SourceFile;

/** struct Loc - a position in a script; file == NULL means "no position". */
typedef struct Loc {
	const SourceFile *file;
	unsigned line, col; /* from 1; col counts bytes */
} Loc;

/** struct MacroCall - where the macro was called whose text a SourceFile stands for. */
typedef struct MacroCall {
	const char *name;
	Loc loc;
} MacroCall;

typedef enum DiagTag {
#define DIAG(tag, text) DIAG_##tag,
#include "diag.def"
#undef DIAG
	DIAG_COUNT
} DiagTag;

enum { DIAG_SEEN = 64 };

typedef struct Diag {
	FILE *out;        /* where messages go; NULL: counted only (used to try things silently) */
	Buf *first;       /* NULL, or gets the text of the first error, without position and tag */
	bool color;       /* ANSI colours */
	bool no_warnings; /* -w */
	bool werror;      /* -W: warnings are errors */
	int errors, warnings;
	int muted; /* >0: diag_error() and diag_warning() do nothing but count in muted_errors */
	int muted_errors;
	bool demote; /* errors are told as warnings and counted in demoted: a tapset file is read */
	int demoted;
	struct { /* private: what was reported lately, so that one cause gives one message */
		Loc loc;
		DiagTag tag;
	} seen[DIAG_SEEN];
	unsigned n_seen;
	bool swallow_notes;
} Diag;

/**
 * diag_error - print "file:line:col: error: text [TAG]", the source line and a caret; count it.
 * diag_warning - the same for a warning; says nothing under -w, is an error under -W.
 * diag_note - a second position that belongs to the message before it; not counted.
 * @loc: where; a Loc without file prints "tapx: error: ..." and no source line.
 */
void diag_error(Diag *d, DiagTag tag, Loc loc, const char *fmt, ...) PRINTF_LIKE(4, 5);
void diag_warning(Diag *d, DiagTag tag, Loc loc, const char *fmt, ...) PRINTF_LIKE(4, 5);
void diag_note(Diag *d, Loc loc, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *diag_tag_name(DiagTag tag);

/**
 * struct Nearest - collects the names most like a wanted one (edit distance, shared prefix).
 * Zero-initialise with .want set, feed candidates with nearest_add(), then nearest_text() gives
 * "" or "; did you mean 'a', 'b' or 'c'?" for the end of a message (allocated from the arena).
 */
typedef struct Nearest {
	const char *want;
	const char *name[4];
	int score[4], n;
} Nearest;
void nearest_add(Nearest *n, const char *candidate); /* borrowed until nearest_text() */
const char *nearest_text(const Nearest *n, Arena *a);

/* ---- typing.c: standard input, character by character ---- */

typedef struct Typing {
	int fd; /* -1: nothing more comes */
	bool changed;
	struct termios was;
} Typing;

/** typing_start - from now on @fd gives characters as they are typed. */
void typing_start(Typing *t, int fd);
/** typing_take - what was typed and not taken yet, without waiting. Return: bytes, 0: nothing. */
size_t typing_take(Typing *t, char *buf, size_t size);
/** typing_end - the terminal is as it was. */
void typing_end(Typing *t);

#endif
