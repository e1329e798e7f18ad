/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of src/base: arena, text, arrays, table, diagnostics, near names. */
#include "base/base.h"
#include "test.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static void test_arena(void)
{
	Arena *a = arena_new();
	char *p = arena_alloc(a, 1), *q = arena_alloc(a, 100000), *r = arena_alloc(a, 1);

	CHECK(((uintptr_t)p & 15) == 0 && ((uintptr_t)q & 15) == 0 && ((uintptr_t)r & 15) == 0);
	CHECK(r - p == 16); /* the big one did not end the block */
	CHECK(*p == 0 && q[99999] == 0);
	memset(q, 1, 100000);
	CHECK_STR(arena_strdup(a, "abc"), "abc");
	CHECK_STR(arena_strndup(a, "abcdef", 2), "ab");
	CHECK_STR(arena_printf(a, "%d-%s", 5, "x"), "5-x");
	for (int i = 0; i < 10000; i++)
		CHECK_INT(*NEW(a, long), 0);
	arena_free(a);
	arena_free(NULL);
}

static void test_vec(void)
{
	Arena *a = arena_new();
	VEC(int) v = {0};
	int wrong = 0;

	for (int i = 0; i < 1000; i++)
		vec_push(a, &v, i);
	for (int i = 0; i < v.n; i++)
		wrong += v.v[i] != i;
	CHECK_INT(v.n, 1000);
	CHECK_INT(wrong, 0);
	arena_free(a);
}

static void test_buf(void)
{
	Buf b = {0};

	CHECK_STR(buf_str(&b), "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_put(&b, "\0d", 2);
	CHECK_INT(b.n, 5);
	b.n = 3;
	for (int i = 0; i < 500; i++)
		buf_printf(&b, "%04d", i);
	CHECK_INT(b.n, 2003);
	CHECK_STR(b.s + 1999, "0499");
	buf_printf(&b, "%0500d", 1);
	CHECK_INT(strlen(b.s), 2503);
	buf_free(&b);
	CHECK(!b.s && !b.n);
}

static void test_read_file(void)
{
	Buf b = {0};

	buf_puts(&b, "before");
	CHECK_INT(read_file("/nonexistent/file", &b), -ENOENT);
	CHECK_STR(b.s, "before");
	CHECK_INT(read_file("/proc/self/status", &b), 0); /* claims size 0 */
	CHECK(strstr(b.s, "beforeName:") == b.s);
	b.n = 0;
	CHECK_INT(read_file("/", &b), -EISDIR);
	CHECK_INT(b.n, 0);
	buf_free(&b);
}

static void test_table(void)
{
	Arena *a = arena_new();
	Table *t = table_new(a);
	int value[300], it = 0, n = 0, wrong = 0;
	const char *key;
	void *v;

	CHECK(!table_get(t, "x"));
	for (int i = 0; i < 300; i++)
		table_put(t, arena_printf(a, "key%d", i), &value[i]);
	for (int i = 0; i < 300; i++)
		wrong += table_get(t, arena_printf(a, "key%d", i)) != &value[i];
	CHECK_INT(wrong, 0);
	table_put(t, "key7", &value[0]);
	CHECK(table_get(t, "key7") == &value[0]);
	CHECK(!table_get(t, "key300"));
	for (; table_next(t, &it, &key, &v); n++)
		wrong += strcmp(key, arena_printf(a, "key%d", n)) != 0;
	CHECK_INT(n, 300);
	CHECK_INT(wrong, 0); /* the order of the first insertion */
	arena_free(a);
}

/* ---- diagnostics ---- */

static const SourceFile file = {.name = "f.stp", .text = "one\n\tx = 5\nlast", .len = 15};

static Loc at(unsigned line, unsigned col)
{
	return (Loc){&file, line, col};
}

static char *captured;
static size_t captured_len;

static Diag capture(void)
{
	free(captured);
	captured = NULL;
	return (Diag){.out = open_memstream(&captured, &captured_len)};
}

static const char *text_of(Diag *d)
{
	fclose(d->out);
	d->out = NULL;
	return captured;
}

static void test_messages(void)
{
	Diag d = capture();

	diag_error(&d, DIAG_USAGE, at(2, 4), "bad '%s'", "=");
	diag_note(&d, at(3, 1), "see");
	diag_warning(&d, DIAG_IO, (Loc){0}, "w");
	CHECK_STR(text_of(&d), "f.stp:2:4: error: bad '=' [USAGE]\n"
			       "  2 | \tx = 5\n"
			       "    | \t  ^\n"
			       "f.stp:3:1: note: see\n"
			       "  3 | last\n"
			       "    | ^\n"
			       "tapx: warning: w [IO]\n");
	CHECK_INT(d.errors, 1);
	CHECK_INT(d.warnings, 1);
}

static void test_once(void)
{
	Diag d = capture();

	diag_error(&d, DIAG_IO, at(1, 1), "first");
	diag_error(&d, DIAG_IO, at(1, 1), "again");
	diag_note(&d, at(1, 1), "belongs to the one that is not shown");
	diag_error(&d, DIAG_USAGE, at(1, 1), "another cause");
	CHECK_STR(text_of(&d), "f.stp:1:1: error: first [IO]\n  1 | one\n    | ^\n"
			       "f.stp:1:1: error: another cause [USAGE]\n  1 | one\n    | ^\n");
	CHECK_INT(d.errors, 2);
}

static void test_switches(void)
{
	Diag d = capture();

	d.no_warnings = true;
	diag_warning(&d, DIAG_IO, (Loc){0}, "silent");
	diag_note(&d, (Loc){0}, "silent too");
	d.no_warnings = false;
	d.werror = true;
	diag_warning(&d, DIAG_IO, (Loc){0}, "hard");
	d.muted = 1;
	diag_error(&d, DIAG_IO, (Loc){0}, "muted");
	d.muted = 0;
	CHECK_STR(text_of(&d), "tapx: error: hard [IO]\n");
	CHECK_INT(d.errors, 1);
	CHECK_INT(d.warnings, 0);
	CHECK_INT(d.muted_errors, 1);
	d.out = NULL;
	diag_error(&d, DIAG_IO, at(1, 2), "counted only");
	CHECK_INT(d.errors, 2);
	CHECK_STR(diag_tag_name(DIAG_IO), "IO");
}

static void near(const char *want, const char *const *from, const char *text)
{
	Arena *a = arena_new();
	Nearest n = {.want = want};

	for (; *from; from++)
		nearest_add(&n, *from);
	CHECK_STR(nearest_text(&n, a), text);
	arena_free(a);
}

static void test_nearest(void)
{
	static const char *const names[] = {"printf", "print", "println", "pid",   "vfs_read",
					    "total",  "tid",   "exit",	  "print", NULL};

	near("prnt", names, "; did you mean 'print'?");
	near("vfs_raed", names, "; did you mean 'vfs_read'?");
	near("TOTAL", names, "; did you mean 'total'?");
	near("xid", names, "; did you mean 'pid' or 'tid'?");
	near("total", names, "");
	near("nothing_like_it", names, "");
	near("", names, "");
}

int main(void)
{
	test_arena();
	test_vec();
	test_buf();
	test_read_file();
	test_table();
	test_messages();
	test_once();
	test_switches();
	test_nearest();
	free(captured);
	return test_end("base_test");
}
