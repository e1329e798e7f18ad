/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * debuginfo: BTF encodings from small hand-made blobs, symbols from made-up kallsyms files, and the
 * running kernel's own BTF where there is one.
 */
#include "debuginfo/debuginfo_int.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/tapx-btf-XXXXXX";

/* ---- a blob in the making ---- */

static uint32_t word[512];
static int n_words, n_types;
static char strings[2048];
static size_t strings_len;

static void blob_start(int base_types, size_t base_strings)
{
	n_words = 0;
	n_types = base_types;
	strings_len = base_strings ? 0 : 1;
	memset(strings, 0, sizeof(strings));
}

static uint32_t base_strings_len;

static uint32_t str(const char *s)
{
	size_t at = strings_len;

	if (!*s)
		return 0;
	strcpy(strings + at, s);
	strings_len += strlen(s) + 1;
	return (uint32_t)at + base_strings_len;
}

static void put(uint32_t w)
{
	word[n_words++] = w;
}

static int type(const char *name, uint32_t kind, uint32_t vlen, bool kflag, uint32_t size)
{
	put(str(name));
	put((uint32_t)kflag << 31 | kind << 24 | vlen);
	put(size);
	return ++n_types;
}

static int integer(const char *name, uint32_t size, uint32_t enc, uint32_t off, uint32_t bits)
{
	int id = type(name, BTF_KIND_INT, 0, false, size);

	put(enc << 24 | off << 16 | bits);
	return id;
}

static void member(const char *name, int t, uint32_t offset)
{
	put(str(name));
	put((uint32_t)t);
	put(offset);
}

static int array(int elem, uint32_t n)
{
	int id = type("", BTF_KIND_ARRAY, 0, false, 0);

	put((uint32_t)elem);
	put(1);
	put(n);
	return id;
}

static const char *file_path(const char *name)
{
	static char path[4][256];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(file_path(name), "w");

	if (f && (fwrite(bytes, 1, n, f) != n || fclose(f)))
		perror(name);
}

static void blob_write(const char *name)
{
	struct btf_header h = {.magic = BTF_MAGIC,
			       .version = 1,
			       .hdr_len = sizeof(h),
			       .type_len = (uint32_t)n_words * 4,
			       .str_off = (uint32_t)n_words * 4,
			       .str_len = (uint32_t)strings_len};
	char all[sizeof(h) + sizeof(word) + sizeof(strings)];

	memcpy(all, &h, sizeof(h));
	memcpy(all + sizeof(h), word, h.type_len);
	memcpy(all + sizeof(h) + h.type_len, strings, strings_len);
	write_file(name, all, sizeof(h) + h.type_len + strings_len);
}

/* ---- encodings ---- */

static void make_kernel(void)
{
	int i32, u8, bits3, in, arr, var, cst;

	blob_start(0, 0);
	base_strings_len = 0;
	i32 = integer("int", 4, BTF_INT_SIGNED, 0, 32);
	u8 = integer("unsigned char", 1, 0, 0, 8);
	bits3 = integer("int", 4, BTF_INT_SIGNED, 0, 3); /* the old way of bit fields */
	type("", BTF_KIND_STRUCT, 2, true, 4);		 /* 4: anonymous, new bit fields */
	member("low", i32, 5u << 24 | 0);
	member("high", i32, 7u << 24 | 5);
	in = n_types;
	type("outer", BTF_KIND_STRUCT, 4, false, 24); /* 5 */
	member("a", i32, 0);
	member("old", bits3, 32 + 4);
	member("", in, 64);
	member("tail", 6, 96);
	arr = array(u8, 0); /* 6: flexible */
	CHECK_INT(arr, 6);
	cst = type("", BTF_KIND_CONST, 0, false, 5);
	type("", BTF_KIND_TYPE_TAG, 0, false, (uint32_t)cst);
	type("", BTF_KIND_PTR, 0, false, 8);		/* 9 */
	type("outer_p", BTF_KIND_TYPEDEF, 0, false, 9); /* 10 */
	type("big", BTF_KIND_ENUM64, 1, true, 8);	/* 11 */
	put(str("BIG"));
	put(0xfffffffe);
	put(0xffffffff);
	type("small", BTF_KIND_ENUM, 2, true, 4); /* 12 */
	put(str("MINUS"));
	put((uint32_t)-3);
	put(str("PLUS"));
	put(3);
	type("later", BTF_KIND_FWD, 0, false, 0);		/* 13 */
	type("", BTF_KIND_FUNC_PROTO, 3, false, (uint32_t)i32); /* 14 */
	put(str("o")), put(10);
	put(str("n")), put((uint32_t)u8);
	put(0), put(0); /* ... */
	type("do_it", BTF_KIND_FUNC, BTF_FUNC_GLOBAL, false, 14);
	type("real", BTF_KIND_FLOAT, 0, false, 8);
	var = type("counter", BTF_KIND_VAR, 0, false, (uint32_t)i32);
	put(1);
	type(".data..percpu", BTF_KIND_DATASEC, 1, false, 64);
	put((uint32_t)var), put(0), put(4);
	type("", BTF_KIND_FUNC_PROTO, 2, false, 0); /* 19: void (void *, int) */
	put(str("__data")), put(9);
	put(str("x")), put((uint32_t)i32);
	type("", BTF_KIND_PTR, 0, false, 19);
	type("btf_trace_ping", BTF_KIND_TYPEDEF, 0, false, 20);
	type("__traceiter_ping", BTF_KIND_FUNC, 0, false, 19);
	array(array(i32, 3), 2); /* 24 of 23 */
	type("", BTF_KIND_PTR, 0, false, 24);
	blob_write("vmlinux");
}

static void test_members(Debuginfo *di)
{
	const DbgType *t = debuginfo_type(di, NULL, "struct outer");
	DbgMember m;

	CHECK(t && t->kind == DBG_STRUCT && t->size == 24);
	CHECK(t == debuginfo_type(di, NULL, "outer"));
	CHECK(debuginfo_member(di, t, "a", &m) && m.offset == 0 && !m.bit_size &&
	      m.type->is_signed);
	CHECK(debuginfo_member(di, t, "old", &m));
	CHECK(m.offset == 4 && m.bit_off == 4 && m.bit_size == 3 && m.type->size == 4);
	CHECK(debuginfo_member(di, t, "high", &m));
	CHECK(m.offset == 8 && m.bit_off == 5 && m.bit_size == 7);
	CHECK(debuginfo_member(di, t, "tail", &m) && m.offset == 12 && m.type->n_elems == 0);
	CHECK(m.type->kind == DBG_ARRAY && debuginfo_target(di, m.type)->kind == DBG_CHAR);
	CHECK(!debuginfo_member(di, t, "nothing", &m));
	CHECK(debuginfo_member_at(di, t, 2, &m) && !*m.name && m.offset == 8);
	CHECK(!debuginfo_member_at(di, t, 4, &m));
}

static void test_types(Debuginfo *di)
{
	const DbgFunction *f = debuginfo_function(di, NULL, "do_it");
	int64_t v;
	bool percpu;

	CHECK(f && f->n_params == 2 && f == debuginfo_function(di, NULL, "do_it"));
	CHECK_STR(f->param[0].type->name, "outer_p");
	CHECK(f->param[0].type->kind == DBG_PTR);
	CHECK_STR(debuginfo_target(di, f->param[0].type)->name, "struct outer const");
	CHECK_STR(f->ret->name, "int");
	CHECK(debuginfo_enumerator(di, NULL, "BIG", &v) && v == -2);
	CHECK(debuginfo_enumerator(di, NULL, "MINUS", &v) && v == -3);
	CHECK(!debuginfo_enumerator(di, NULL, "NONE", &v));
	CHECK(debuginfo_type(di, NULL, "enum big")->size == 8);
	CHECK(debuginfo_type(di, NULL, "struct later") == NULL);
	CHECK(debuginfo_type(di, NULL, "struct outer **")->kind == DBG_PTR);
	CHECK_STR(debuginfo_type(di, NULL, "outer*")->name, "struct outer *");
	CHECK(debuginfo_variable(di, NULL, "counter", &percpu) && percpu);
	f = debuginfo_tracepoint(di, NULL, "ping");
	CHECK(f && f->n_params == 1 && !strcmp(f->param[0].name, "x"));
	CHECK(types_by_id(di, di->kernel, 25)->kind == DBG_PTR);
	CHECK_STR(types_by_id(di, di->kernel, 25)->name, "int (*)[2][3]");
	CHECK(types_by_id(di, di->kernel, 9999)->kind == DBG_VOID);
	CHECK(types_by_id(di, di->kernel, 24)->size == 24);
}

static void make_module(uint32_t kernel_types, uint32_t kernel_strings)
{
	blob_start((int)kernel_types, kernel_strings);
	base_strings_len = kernel_strings;
	type("", BTF_KIND_FUNC_PROTO, 1, false, 1);
	put(str("arg")), put(9); /* the kernel's pointer */
	type("mod_fn", BTF_KIND_FUNC, 0, false, (uint32_t)n_types);
	type("later", BTF_KIND_STRUCT, 1, false, 4);
	member("found", 1, 0);
	blob_write("mymod");
	base_strings_len = 0;
}

static void test_module(Debuginfo *di)
{
	const DbgFunction *f;
	DbgMember m;

	make_module(di->kernel->end - 1, di->kernel->strings_len);
	f = debuginfo_function(di, "mymod", "mod_fn");
	CHECK(f && f->n_params == 1 && !strcmp(f->param[0].name, "arg"));
	CHECK(f && debuginfo_target(di, f->param[0].type)->module == NULL);
	CHECK(!debuginfo_function(di, "nomod", "mod_fn"));
	CHECK(debuginfo_type(di, "mymod", "struct outer") == debuginfo_type(di, NULL, "outer"));
	/* declared in the kernel, defined in the module */
	CHECK(debuginfo_member(di, types_by_id(di, di->kernel, 13), "found", &m));
}

static void test_broken(Arena *a)
{
	char junk[64] = {0};
	uint32_t rest = 0x7fffffff;
	struct btf_header h = {.magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof(h)};
	const char *why;
	DebuginfoPaths p = {.btf_dir = dir};
	Debuginfo *di = debuginfo_new(a, &p);
	Btf *b;

	CHECK(!debuginfo_have_types(di, &why) && strstr(why, "not there"));
	debuginfo_free(di);
	write_file("junk", junk, sizeof(junk));
	CHECK_INT(btf_open(a, file_path("junk"), NULL, NULL, &b), -EBADMSG);
	h.type_len = rest;
	memcpy(junk, &h, sizeof(h));
	write_file("junk", junk, sizeof(junk));
	CHECK_INT(btf_open(a, file_path("junk"), NULL, NULL, &b), -EBADMSG);
	blob_start(0, 0);
	type("s", BTF_KIND_STRUCT, 500, false, 8); /* its members are not there */
	blob_write("junk");
	CHECK_INT(btf_open(a, file_path("junk"), NULL, NULL, &b), -EBADMSG);
	blob_start(0, 0);
	type("loop", BTF_KIND_TYPEDEF, 0, false, 1);
	blob_write("junk");
	CHECK_INT(btf_open(a, file_path("junk"), NULL, NULL, &b), 0);
	CHECK_INT(btf_resolve(b, 1), 0);
	btf_close(b);
}

/* ---- symbols ---- */

static const char kallsyms[] = "0000000000001000 A fixed\n"
			       "ffffffff81000000 T _sinittext\n"
			       "ffffffff81000040 T booted\n"
			       "ffffffff81000100 T _einittext\n"
			       "ffffffff82000000 T do_it\n"
			       "ffffffff82000040 t twin\n"
			       "ffffffff82000080 t twin\n"
			       "ffffffff820000c0 t cut.isra.0\n"
			       "ffffffff82000100 t cut.isra.0.cold\n"
			       "ffffffff82000140 t hidden\n"
			       "ffffffff82000180 T forbidden\n"
			       "ffffffff83000000 D counter2\n"
			       "ffffffff83000010 r __ksymtab_do_it\n"
			       "ffffffffc0000000 t mod_fn\t[mymod]\n";

static void count_names(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
}

static void count_symbols(void *arg, const DbgSymbol *sym)
{
	(void)sym;
	++*(int *)arg;
}

static void test_symbols(Debuginfo *di)
{
	const DbgSymbol *s;
	uint64_t off, size;
	int n = 0;

	CHECK_INT(debuginfo_symbols(di, NULL, "do_it", false, &s), 1);
	CHECK_INT(debuginfo_symbols(di, NULL, "twin", false, &s), 2);
	CHECK_INT(debuginfo_symbols(di, NULL, "cut", true, &s), 1);
	CHECK_STR(s->name, "cut.isra.0");
	CHECK_INT(debuginfo_symbols(di, NULL, "cut", false, &s), 0);
	CHECK_INT(debuginfo_symbols(di, "mymod", "mod_fn", false, &s), 1);
	CHECK_INT(debuginfo_symbols(di, NULL, "mod_fn", false, &s), 0);
	s = debuginfo_symbol_at(di, 0xffffffff82000048, &off, &size);
	CHECK(s && !strcmp(s->name, "twin") && off == 8 && size == 0x40);
	CHECK(!debuginfo_symbol_at(di, 0x10, &off, &size));
	CHECK(debuginfo_data_symbol(di, NULL, "counter2")->address == 0xffffffff83000000);
	CHECK(!debuginfo_data_symbol(di, NULL, "do_it"));
	CHECK(debuginfo_exported(di, NULL, "do_it") && !debuginfo_exported(di, NULL, "twin"));
	debuginfo_each_symbol(di, NULL, "t*", count_symbols, &n);
	CHECK_INT(n, 2);
	n = 0;
	debuginfo_each_function(di, NULL, "do_*", count_names, &n);
	CHECK_INT(n, 1);
}

static void test_traceable(Debuginfo *di)
{
	CHECK_INT(debuginfo_traceable(di, NULL, "do_it"), DBG_TRACEABLE);
	CHECK_INT(debuginfo_traceable(di, NULL, "forbidden"), DBG_BLACKLISTED);
	CHECK_INT(debuginfo_traceable(di, NULL, "hidden"), DBG_NOTRACE);
	CHECK_INT(debuginfo_traceable(di, NULL, "booted"), DBG_INIT);
	CHECK_INT(debuginfo_traceable(di, NULL, "nowhere"), DBG_UNKNOWN_NAME);
	CHECK_INT(debuginfo_traceable(di, NULL, "__traceiter_ping"), DBG_INLINED);
	CHECK_INT(debuginfo_traceable(di, "nomod", "x"), DBG_NO_MODULE);
	CHECK_INT(debuginfo_traceable(di, "mymod", "mod_fn"), DBG_TRACEABLE);
	CHECK_INT(debuginfo_module(di, "my-mod"), DBG_MODULE_ABSENT);
	CHECK_INT(debuginfo_module(di, "mymod"), DBG_MODULE_LOADED);
	CHECK_INT(debuginfo_module(di, "builtin"), DBG_MODULE_BUILTIN);
}

static void test_hidden(Arena *a)
{
	static const char zeros[] = "0000000000000000 T do_it\n";
	DebuginfoPaths p = {.btf_dir = dir};
	const DbgSymbol *s;
	Debuginfo *di;
	char path[256];

	write_file("zeros", zeros, sizeof(zeros) - 1);
	snprintf(path, sizeof(path), "%s", file_path("zeros"));
	p.kallsyms = path;
	di = debuginfo_new(a, &p);
	CHECK_INT(debuginfo_symbols(di, NULL, "do_it", false, &s), -EPERM);
	debuginfo_free(di);
}

static void make_files(void)
{
	static const char aff[] = "do_it\ntwin\nmod_fn [mymod]\n";
	static const char black[] = "0xffffffff82000180-0xffffffff82000190\tforbidden\n";

	write_file("kallsyms", kallsyms, sizeof(kallsyms) - 1);
	write_file("aff", aff, sizeof(aff) - 1);
	write_file("black", black, sizeof(black) - 1);
	mkdir(file_path("sys"), 0700);
	mkdir(file_path("sys/mymod"), 0700);
	mkdir(file_path("sys/builtin"), 0700);
	write_file("sys/mymod/initstate", "live\n", 5);
}

/* ---- the kernel that runs here ---- */

static void test_host(Arena *a)
{
	Debuginfo *di = debuginfo_new(a, NULL);
	const DbgFunction *f;
	const char *why;
	DbgMember m;

	if (!debuginfo_have_types(di, &why)) {
		printf("btf_test: this kernel's own BTF is left out: %s\n", why);
		debuginfo_free(di);
		return;
	}
	f = debuginfo_function(di, NULL, "vfs_read");
	CHECK(f && f->n_params == 4 && !strcmp(f->param[2].name, "count"));
	CHECK_STR(f->param[0].type->name, "struct file *");
	CHECK_STR(f->ret->name, "ssize_t");
	CHECK(debuginfo_member(di, debuginfo_type(di, NULL, "tcphdr"), "syn", &m));
	CHECK(m.offset == 12 && m.bit_off == 9 && m.bit_size == 1);
	CHECK(debuginfo_member(di, debuginfo_type(di, NULL, "task_struct"), "comm", &m));
	CHECK_STR(m.type->name, "char [16]");
	f = debuginfo_tracepoint(di, NULL, "sched_switch");
	CHECK(f && f->n_params >= 3 && !strcmp(f->param[1].name, "prev"));
	debuginfo_free(di);
}

static void clean(void)
{
	static const char *const names[] = {"vmlinux", "mymod", "junk",	 "kallsyms",
					    "aff",     "black", "zeros", "sys/mymod/initstate"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(file_path(names[i]));
	rmdir(file_path("sys/mymod"));
	rmdir(file_path("sys/builtin"));
	rmdir(file_path("sys"));
	rmdir(dir);
}

int main(void)
{
	Arena *a = arena_new();
	DebuginfoPaths p = {.btf_dir = dir};
	const char *why;
	Debuginfo *di;

	if (!mkdtemp(dir))
		return 1;
	test_broken(a);
	make_kernel();
	make_files();
	p.kallsyms = arena_strdup(a, file_path("kallsyms"));
	p.filter_functions = arena_strdup(a, file_path("aff"));
	p.blacklist = arena_strdup(a, file_path("black"));
	p.module_dir = arena_strdup(a, file_path("sys"));
	di = debuginfo_new(a, &p);
	CHECK(debuginfo_have_types(di, &why));
	test_members(di);
	test_types(di);
	test_module(di);
	test_symbols(di);
	test_traceable(di);
	test_hidden(a);
	debuginfo_free(di);
	test_host(a);
	clean();
	arena_free(a);
	return test_end("btf_test");
}
