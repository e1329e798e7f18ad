/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * debuginfo: what DWARF says about dwarf_sample.c, compiled with -O2 in versions 4 and 5 of the
 * format, as a shared object and as a relocatable file with compressed sections.
 */
#include "debuginfo/dwarf_int.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

static Arena *arena;
static Debuginfo *di;
static DwarfFile *file;

static DwarfFile *compile(const char *flags)
{
	static int n;
	const char *why = "", *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	const char *out = arena_printf(arena, "%s/tapx-dwarf-%d-%d", dir, getpid(), n++);
	const char *cmd = arena_printf(
	    arena, "${CC:-cc} -O2 -fPIC %s -o %s tests/unit/dwarf_sample.c", flags, out);
	DwarfFile *f;

	CHECK_INT(system(cmd), 0);
	f = debuginfo_dwarf_of(di, out, &why);
	if (!f)
		puts(why);
	unlink(out);
	return f;
}

/* The line of the sample that carries "line: @what". */
static int line_of(const char *what)
{
	FILE *in = fopen("tests/unit/dwarf_sample.c", "r");
	const char *want = arena_printf(arena, "line: %s ", what);
	char text[256];
	int n = 0, found = 0;

	while (in && fgets(text, sizeof(text), in)) {
		n++;
		if (strstr(text, want))
			found = n;
	}
	if (in)
		fclose(in);
	return found;
}

static DbgCode the(const char *name, bool inlined, int *count)
{
	DbgCodes codes = {0};
	DbgCode c = {.name = NULL};

	*count = 0;
	dwarf_codes(file, name, "*dwarf_sample.c", &codes);
	for (int i = 0; i < codes.n; i++) {
		if (codes.v[i].inlined != inlined)
			continue;
		c = codes.v[i];
		++*count;
	}
	return c;
}

static const DbgVariable *find(const DbgVariables *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->v[i].name, name))
			return &v->v[i];
	return NULL;
}

static void test_functions(void)
{
	DbgCode c, at;
	int n;

	c = the("whole", false, &n);
	CHECK_INT(n, 1);
	CHECK_STR(c.name, "whole");
	CHECK_STR(c.file, "tests/unit/dwarf_sample.c");
	CHECK_INT(c.line, line_of("whole"));
	CHECK(dwarf_code_at(file, c.entry, &at) && at.die == c.die);
	CHECK(!dwarf_code_at(file, 0x7fffffffff, &at));
	the("whole", true, &n);
	CHECK_INT(n, 0);
	c = the("twice", true, &n);
	CHECK_INT(n, 2);
	CHECK_INT(c.line, line_of("twice"));
	the("twice", false, &n);
	CHECK_INT(n, 0);
	the("no_such*", false, &n);
	CHECK_INT(n, 0);
}

static void test_symbols(void)
{
	int n;
	DbgCode c = the("whole", false, &n);
	uint64_t off, address;
	bool unique;

	CHECK_STR(dwarf_symbol(file, c.entry + 4, &off, &unique), "whole");
	CHECK_INT(off, 4);
	CHECK(unique);
	CHECK(dwarf_find_symbol(file, "whole", &address) && address == c.entry);
	CHECK(!dwarf_find_symbol(file, "nowhere", &address));
}

static void test_lines(void)
{
	DbgLines lines = {0}, one = {0}, none = {0}, in = {0};
	const char *path;
	int n, line;
	DbgCode c = the("whole", false, &n), t = the("twice", true, &n), at;

	dwarf_lines(file, &c, 0, 10000, &lines);
	CHECK(lines.n > 5);
	for (int i = 0; i < lines.n; i++) {
		CHECK(lines.v[i].pc >= c.entry);
		CHECK(lines.v[i].line >= c.line && lines.v[i].line < c.line + 30);
		CHECK(!i || lines.v[i].line > lines.v[i - 1].line);
		CHECK(dwarf_line_at(file, lines.v[i].pc, &path, &line));
	}
	CHECK(!dwarf_line_at(file, c.entry + 1, &path, &line));
	dwarf_lines(file, &c, line_of("deep"), line_of("deep"), &one);
	CHECK_INT(one.n, 1);
	dwarf_lines(file, &c, 1, 5, &none); /* lines of no function */
	CHECK_INT(none.n, 0);
	dwarf_lines(file, &t, 0, 10000, &in);
	CHECK(in.n >= 1 && in.v[0].line >= line_of("twice"));
	CHECK(in.n && dwarf_code_at(file, in.v[in.n - 1].pc, &at) && at.inlined);
}

static void test_labels(void)
{
	int n;
	DbgCode c = the("whole", false, &n);
	DbgLines found = {0}, none = {0};

	dwarf_labels(file, &c, "o*", &found);
	CHECK_INT(found.n, 1);
	CHECK_STR(found.n ? found.v[0].name : "", "out");
	CHECK_INT(found.n ? found.v[0].line : 0, line_of("out") - 1);
	dwarf_labels(file, &c, "x*", &none);
	CHECK_INT(none.n, 0);
}

static void test_calls(void)
{
	int n, inlined = 0, called = 0;
	DbgCode c = the("whole", false, &n), callee = the("callee", false, &n);
	DbgCalls found = {0};

	dwarf_calls(file, &c, &found);
	for (int i = 0; i < found.n; i++) {
		const DbgCall *call = &found.v[i];

		inlined += !call->back && !strcmp(call->callee.name, "twice");
		if (call->back && !strcmp(call->callee.name, "callee")) {
			called++;
			CHECK(call->callee.entry == callee.entry);
			CHECK(call->back > c.entry);
		}
	}
	CHECK_INT(inlined, 2);
	CHECK_INT(called, 1);
}

/* Where the parameters are at the entry: the calling convention, from the location lists. */
static void test_entry(void)
{
	int n;
	DbgCode c = the("whole", false, &n);
	DbgVariables v = {0};
	const DbgVariable *p, *o, *buffer, *number;

	dwarf_variables(file, &c, c.entry, &v);
	p = find(&v, "p");
	o = find(&v, "o");
	buffer = find(&v, "buffer");
	number = find(&v, "constant");
	CHECK(p && o && buffer && number && find(&v, "c") && !find(&v, "deep"));
	if (!p || !o || !buffer || !number)
		return;
	CHECK(v.n >= 4 && v.v[0].is_param);
	CHECK_STR(p->type->name, "pair_t");
	CHECK(p->loc.where == DBG_VALUE && p->loc.part[0].reg == 5 && p->loc.part[1].reg == 4);
	CHECK(o->is_param && o->loc.where == DBG_VALUE && o->loc.part[0].reg == 1);
	CHECK_STR(o->type->name, "struct outer *");
	/* relative to the frame, and at the entry that is the stack pointer + 8 */
	CHECK(!buffer->is_param && buffer->loc.where == DBG_MEMORY);
	CHECK_INT(buffer->loc.part[0].reg, 7);
	CHECK(buffer->loc.part[0].add < 0);
	CHECK_STR(buffer->type->name, "char [32]");
	CHECK(number->loc.where == DBG_NOWHERE ||
	      (number->loc.part[0].reg < 0 && number->loc.part[0].value == 42));
}

static void test_within(void)
{
	int n;
	DbgCode c = the("whole", false, &n), t = the("twice", true, &n);
	DbgVariables v = {0}, in = {0};
	const DbgVariable *total, *p;
	DbgLines at = {0};

	dwarf_lines(file, &c, line_of("deep"), line_of("deep"), &at);
	if (!at.n)
		return;
	dwarf_variables(file, &c, at.v[0].pc, &v);
	CHECK(find(&v, "deep") && !find(&v, "doubled"));
	total = find(&v, "total"); /* its address was taken */
	CHECK(total && total->loc.where == DBG_MEMORY && total->loc.part[0].reg == 7);
	p = find(&v, "p");
	CHECK(p && (p->loc.where != DBG_NOWHERE || p->loc.why));
	dwarf_variables(file, &t, t.entry, &in);
	CHECK(find(&in, "n") && find(&in, "n")->is_param && !find(&in, "p"));
}

static void test_types(void)
{
	int n;
	DbgCode c = the("whole", false, &n);
	DbgVariables v = {0};
	const DbgType *o, *inner, *color;
	DbgMember m;

	dwarf_variables(file, &c, c.entry, &v);
	if (!find(&v, "o") || !find(&v, "c"))
		return;
	o = debuginfo_target(di, find(&v, "o")->type);
	CHECK(o->kind == DBG_STRUCT && o->size == 80);
	CHECK(o == debuginfo_target(di, find(&v, "o")->type));
	CHECK(debuginfo_member(di, o, "in", &m) && m.offset == 8); /* within a nameless union */
	inner = m.type;
	CHECK(debuginfo_member(di, inner, "high", &m) && m.offset == 0 && m.bit_off == 3 &&
	      m.bit_size == 7);
	CHECK(debuginfo_member(di, inner, "small", &m) && m.offset == 2 &&
	      m.type->kind == DBG_CHAR && m.type->is_signed);
	CHECK(debuginfo_member(di, o, "names", &m) && m.offset == 16);
	CHECK_STR(m.type->name, "char const * const [4] const");
	CHECK(m.type->kind == DBG_ARRAY && m.type->n_elems == 4 && m.type->size == 32);
	CHECK(debuginfo_member(di, o, "grid", &m) && m.offset == 48 && m.type->size == 24);
	CHECK_INT(m.type->n_elems, 2);
	CHECK_STR(debuginfo_target(di, m.type)->name, "int [3]");
	CHECK_INT(debuginfo_target(di, m.type)->size, 12);
	CHECK(debuginfo_member(di, o, "next", &m) && m.type->kind == DBG_PTR);
	CHECK(!debuginfo_member(di, debuginfo_target(di, m.type), "x", &m)); /* only declared */
	CHECK(!debuginfo_member(di, o, "absent", &m));
	CHECK(debuginfo_member_at(di, o, 1, &m) && !*m.name && m.type->kind == DBG_UNION);
	CHECK(!debuginfo_member_at(di, o, 5, &m));
	color = find(&v, "c")->type;
	CHECK(color->kind == DBG_ENUM && color->is_signed && color->size == 4);
	CHECK_STR(debuginfo_pointer(di, o)->name, "struct outer *");
	CHECK_STR(dwarf_return_type(file, &c)->name, "long int");
}

static void test_globals(void)
{
	int n;
	DbgCode c = the("whole", false, &n);
	uint64_t address = 0;
	const DbgType *t = dwarf_global(file, c.entry, NULL, "hidden", &address);

	CHECK(t && address);
	CHECK_STR(t ? t->name : "", "int [5]");
	t = dwarf_global(file, 0, "dwarf_sample.c", "visible", &address);
	CHECK_STR(t ? t->name : "", "int");
	CHECK(!dwarf_global(file, 0, "other.c", "visible", &address));
	CHECK(!dwarf_global(file, 0, NULL, "nothing", &address));
}

static void test_all(const char *flags)
{
	file = compile(flags);
	CHECK(file != NULL);
	if (!file)
		return;
	test_functions();
	test_symbols();
	test_lines();
	test_labels();
	test_calls();
	test_entry();
	test_within();
	test_types();
	test_globals();
}

/* ---- which functions are inlined: kept by build-id ---- */

static int count_inlined(const DebuginfoPaths *path, const char *pattern, bool want_file)
{
	Debuginfo *d = debuginfo_new(arena, path);
	DbgCodes codes = {0};
	DwarfFile *f = debuginfo_inlined(d, NULL, pattern, &codes);

	CHECK(!f == !want_file);
	debuginfo_free(d);
	return codes.n;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	FILE *out = fopen(path, "w");

	CHECK(out && fwrite(bytes, 1, n, out) == n);
	if (out)
		fclose(out);
}

static void test_index(void)
{
	static const uint8_t notes[] = {4,   0,	  0,   0, 5,	0,    0,    0,	  3,	0, 0, 0,
					'G', 'N', 'U', 0, 0xab, 0xcd, 0xef, 0x01, 0x23, 0, 0, 0};
	char dir[] = "/tmp/tapx-dwarf-XXXXXX";
	DebuginfoPaths path = {.release = "0"};
	const char *index;

	CHECK(mkdtemp(dir) != NULL);
	setenv("XDG_CACHE_HOME", dir, 1);
	path.debug_dir = dir;
	path.notes = arena_printf(arena, "%s/notes", dir);
	index = arena_printf(arena, "%s/tapx/dwarf/abcdef0123", dir);
	write_file(path.notes, notes, sizeof(notes));
	CHECK_INT(count_inlined(&path, "twice", false), 0); /* no DWARF yet */
	CHECK(access(index, F_OK) != 0);
	CHECK_INT(system(arena_printf(arena,
				      "${CC:-cc} -O2 -g -fPIC -shared "
				      "-Wl,--build-id=0xabcdef0123 -o %s/vmlinux "
				      "tests/unit/dwarf_sample.c",
				      dir)),
		  0);
	CHECK_INT(count_inlined(&path, "twice", true), 2);
	CHECK(access(index, R_OK) == 0);
	CHECK_INT(count_inlined(&path, "tw?ce", true), 2); /* from what was kept */
	CHECK_INT(count_inlined(&path, "whole", false), 0);
	write_file(index, "tapxdw1", 8); /* cut short: made again */
	CHECK_INT(count_inlined(&path, "twice", true), 2);
	CHECK_INT(system(arena_printf(arena,
				      "cd %s && printf '\\377' | dd of=tapx/dwarf/abcdef0123 "
				      "bs=1 seek=17 conv=notrunc 2>/dev/null",
				      dir)),
		  0);
	count_inlined(&path, "t*", false); /* a name that is out of bounds */
	write_file(path.notes, notes, 8);  /* a note that is cut: the build-id is unknown */
	CHECK_INT(count_inlined(&path, "twice", true), 2);
	CHECK_INT(system(arena_printf(arena, "rm -rf %s", dir)), 0);
}

static void test_absent(void)
{
	const char *why = NULL;

	CHECK(!debuginfo_dwarf_of(di, "/bin/sh", &why));
	CHECK(why && strstr(why, "/usr/lib/debug/.build-id/"));
	CHECK(!debuginfo_dwarf_of(di, "/nonexistent", &why));
}

int main(void)
{
	arena = arena_new();
	di = debuginfo_new(arena, NULL);
	test_all("-gdwarf-5 -shared");
	test_all("-gdwarf-4 -shared");
	test_all("-gdwarf-5 -shared -gz=zlib");
	test_all("-gdwarf-5 -c -gz=zlib -fno-asynchronous-unwind-tables");
	test_all("-gdwarf-4 -c -fno-asynchronous-unwind-tables");
	test_absent();
	test_index();
	debuginfo_free(di);
	arena_free(arena);
	return test_end("dwarf");
}
