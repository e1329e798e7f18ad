/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ELF files of user space, with this very program as one: its functions, marks and plt slots, files that
 * are damaged, paths; and the arguments of marks in all their forms.
 */
#include "probe/probe_int.h"
#include "live/sdt.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

MARK_COUNT(elf_test, counted);

int known_variable = 5;

__attribute__((noipa)) static int known_function(int n)
{
	MARK1(elf_test, plain, "0", n);
	MARK1(elf_test, counted, "elf_test_counted_semaphore", n);
	return n + 1;
}

static Arena *a;
static Debuginfo *di;
static const char *why;

static ElfFile *self(void)
{
	const char *path = elf_program(a, "/proc/self/exe", &why);

	return path ? elf_open(di, path, &why) : NULL;
}

static const ElfSymbol *function(ElfFile *f, const char *name)
{
	const ElfSymbol *s;
	int n = elf_functions(f, &s);

	for (int i = 0; i < n; i++)
		if (!strcmp(s[i].name, name))
			return &s[i];
	return NULL;
}

/* Where this program was loaded: by how much what runs differs from what the file says. */
static void test_functions(void)
{
	ElfFile *f = self();
	const ElfSymbol *s = function(f, "known_function"), *m = function(f, "main");
	uint64_t base = (uint64_t)(uintptr_t)known_function - (s ? s->address : 0), at, offset;

	CHECK(s && m && !s->is_global && m->is_global);
	CHECK_INT(base & 0xfff, 0);
	CHECK(elf_function_at(f, s->address + 1) == s);
	CHECK(elf_is_code(f, s->address));
	CHECK(elf_offset(f, s->address, &offset));
	CHECK_INT(elf_address(f, offset), s->address);
	CHECK(elf_variable(f, "known_variable", &at));
	CHECK(at + base == (uint64_t)(uintptr_t)&known_variable);
	CHECK(!elf_is_code(f, at));
	CHECK(!elf_offset(f, 1ull << 60, &offset));
}

static const ElfMark *mark(ElfFile *f, const char *name)
{
	const ElfMark *m;
	int n = elf_marks(f, &m);

	for (int i = 0; i < n; i++)
		if (!strcmp(m[i].name, name))
			return &m[i];
	return NULL;
}

static void test_marks(void)
{
	ElfFile *f = self();
	const ElfMark *plain = mark(f, "plain"), *counted = mark(f, "counted");
	const ElfSymbol *s = function(f, "known_function");

	CHECK_INT(known_function(1), 2);
	CHECK(plain && counted && s);
	CHECK_STR(plain->provider, "elf_test");
	CHECK_INT(plain->semaphore, 0);
	CHECK(!strncmp(plain->args, "-4@", 3));
	CHECK(plain->address > s->address && plain->address < s->address + s->size);
	CHECK(counted->semaphore + ((uint64_t)(uintptr_t)known_function - s->address) ==
	      (uint64_t)(uintptr_t)&elf_test_counted_semaphore);
}

static void test_plt(void)
{
	const ElfPlt *p;
	int n = elf_plt(self(), &p), found = 0;

	for (int i = 0; i < n; i++)
		found += !strcmp(p[i].name, "strcmp");
	CHECK_INT(found, 1);
}

static void test_paths(void)
{
	char dir[] = "/tmp/elf_test.XXXXXX";
	const char *script, *link;
	FILE *out;

	CHECK(mkdtemp(dir) != NULL);
	script = arena_printf(a, "%s/script", dir);
	link = arena_printf(a, "%s/link", dir);
	out = fopen(script, "w");
	fprintf(out, "#! /bin/sh -e\necho\n");
	fclose(out);
	CHECK(symlink(script, link) == 0);
	CHECK_STR(elf_program(a, link, &why), elf_program(a, "/bin/sh", &why));
	CHECK_STR(elf_program(a, "sh", &why), elf_program(a, "/bin/sh", &why));
	CHECK(!elf_program(a, "no-such-program", &why) && strstr(why, "$PATH"));
	CHECK(!elf_program(a, "/no/such/program", &why) && strstr(why, "No such file"));
	CHECK(!elf_open(di, script, &why) && strstr(why, "not an ELF file"));
	CHECK(!elf_open(di, dir, &why) && strstr(why, "not a file"));
	unlink(link);
	unlink(script);
	rmdir(dir);
}

static void test_libraries(void)
{
	const char *const *path;
	int n = elf_libraries(di, self(), "libc.so.*", &path);

	CHECK_INT(n, 1);
	CHECK(n == 1 && function(elf_open(di, path[0], &why), "malloc"));
	CHECK_INT(elf_libraries(di, self(), "libnothing.so", &path), 0);
}

/* Everything is asked of a file that is cut off or has wrong bytes: no answer may crash. */
static void ask_all(const char *path)
{
	Debuginfo *own = debuginfo_new(a, &(DebuginfoPaths){0});
	ElfFile *f = elf_open(own, path, &why);
	const ElfSymbol *s;
	const ElfMark *m;
	const ElfPlt *p;
	const char *const *lib;
	uint64_t at;

	if (f) {
		int n = elf_functions(f, &s);

		if (n)
			elf_offset(f, s[n - 1].address, &at);
		n = elf_marks(f, &m);
		for (int i = 0; i < n; i++) {
			Variables v = {0};

			sdt_args(a, f, &m[i], &v);
		}
		elf_plt(f, &p);
		elf_libraries(own, f, "libc*", &lib);
	}
	debuginfo_free(own);
}

static void put_file(const char *path, const char *bytes, size_t n)
{
	FILE *out = fopen(path, "w");

	fwrite(bytes, 1, n, out);
	fclose(out);
}

/* Of the file only what the tables are made of is of interest: headers and the ends. */
static void test_damage(void)
{
	char path[] = "/tmp/elf_test.XXXXXX";
	Buf whole = {0};
	int fd = mkstemp(path);

	CHECK(fd >= 0 && read_file("/bin/true", &whole) == 0);
	close(fd);
	srand(7);
	for (int i = 0; i < 100; i++) {
		char *copy = malloc(whole.n);
		size_t n = i % 3 ? whole.n : whole.n * (size_t)i / 100;

		memcpy(copy, whole.s, whole.n);
		for (int k = 0; i % 3 && k < 40; k++)
			copy[(size_t)rand() % (k % 2 ? 1000 : whole.n)] = (char)rand();
		memcpy(copy, "\177ELF", 4);
		put_file(path, copy, n);
		ask_all(path);
		free(copy);
	}
	unlink(path);
	buf_free(&whole);
}

/* ---- arguments of marks ---- */

static const char *args_text(const char *args)
{
	ElfMark m = {.args = args, .address = 0x1000};
	Variables v = {0};
	const char *s = "";

	sdt_args(a, self(), &m, &v);
	for (int i = 0; i < v.n; i++)
		s = arena_printf(a, "%s%s%s", s, i ? " " : "", v.v[i].given ? fetch_text(a, v.v[i].given) : "?");
	return s;
}

static void test_args(void)
{
	uint64_t at;

	CHECK_STR(args_text(""), "");
	CHECK_STR(args_text("-4@%edi 8@%rsi 2@%cx"), "%di:s32 %si:u64 %cx:u16");
	CHECK_STR(args_text("-1@%dl 1@%sil 4@%r10d 2@%r9w -1@%r8b"), "%dx:s8 %si:u8 %r10:u32 %r9:u16 %r8:s8");
	CHECK_STR(args_text("1@%ah"), "%ax:b8@8/64");
	CHECK_STR(args_text("-4@$-5 4@$-1 8@$0x10 1@$300"), "\\-5:s64 \\4294967295:s64 \\16:s64 \\44:s64");
	CHECK_STR(args_text("8@-24(%rbp) -4@(%rax) 4@0x18(%rsp)"), "-24(%bp):u64 +0(%ax):s32 +24(%sp):u32");
	CHECK_STR(args_text("8@8(%rax,%rbx,4) -8@(%rsi,%rdx)"), "+8(%ax+%bx*4):u64 +0(%si+%dx*1):s64");
	CHECK(elf_variable(self(), "known_variable", &at));
	CHECK_STR(args_text("-4@known_variable(%rip)"),
		  arena_printf(a, "%+lld(%%ip):s32", (long long)at - 0x1000));
	CHECK_STR(args_text("4@known_variable+8(%rip) 4@-4+known_variable(%rip)"),
		  arena_printf(a, "%+lld(%%ip):u32 %+lld(%%ip):u32", (long long)at + 8 - 0x1000,
			       (long long)at - 4 - 0x1000));
	CHECK_STR(args_text("%rdi -8(%rbp)"), "%di:u64 -8(%bp):u64"); /* without sizes: old files */
	CHECK_STR(args_text("8@%xmm0 8f@%xmm1 3@%rax 8@ 8@%nothing 8@unknown(%rip) 8@8(%rax 8@(,%rax,8)"),
		  "? ? ? ? ? ? ? ?");
}

int main(void)
{
	a = arena_new();
	di = debuginfo_new(a, &(DebuginfoPaths){0});
	test_functions();
	test_marks();
	test_plt();
	test_paths();
	test_libraries();
	test_damage();
	test_args();
	debuginfo_free(di);
	arena_free(a);
	return test_end("elf");
}
