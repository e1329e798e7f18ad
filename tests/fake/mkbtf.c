/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes the BTF of a small made-up kernel, so that golden tests of probes and plans are the same on
 * every machine: tests/fake/mkbtf FILE. Its functions look like the real ones of the scenarios.
 */
#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>

static struct btf *b;

static int check(int id)
{
	if (id < 0) {
		fprintf(stderr, "mkbtf: libbpf says %d\n", id);
		exit(1);
	}
	return id;
}

static int ptr(int to)
{
	return check(btf__add_ptr(b, to));
}

static int integer(const char *name, int size, int encoding)
{
	return check(btf__add_int(b, name, (size_t)size, encoding));
}

static int structure(const char *name, int size)
{
	return check(btf__add_struct(b, name, (unsigned)size));
}

static void field(const char *name, int type, int byte)
{
	check(btf__add_field(b, name, type, (unsigned)byte * 8, 0));
}

static void bits(const char *name, int type, int bit, int n)
{
	check(btf__add_field(b, name, type, (unsigned)bit, (unsigned)n));
}

typedef struct Param {
	const char *name;
	int type;
} Param;

static void function(const char *name, int ret, const Param *p)
{
	int proto = check(btf__add_func_proto(b, ret));

	for (; p->name; p++)
		check(btf__add_func_param(b, p->name, p->type));
	check(btf__add_func(b, name, BTF_FUNC_STATIC, proto));
}
#define FUNCTION(name, ret, ...) function(name, ret, (const Param[]){__VA_ARGS__ {NULL, 0}})

int main(int argc, char **argv)
{
	int t_int, t_uint, t_long, t_ulong, t_char, t_uchar, t_short, t_bool, t_void_ptr, charp, ccharp;
	int dentry, inode, path, file, how, task, qstr, sockptr, size_t_, ssize_t_, loff_t_, super;
	int anon, comm, arr, color, superp, inodep, dentryp, ucharp, parent, filep, taskp, howp, posp;
	const void *raw;
	unsigned size;
	FILE *out;

	b = btf__new_empty();
	t_int = integer("int", 4, BTF_INT_SIGNED);
	t_uint = integer("unsigned int", 4, 0);
	t_long = integer("long int", 8, BTF_INT_SIGNED);
	t_ulong = integer("long unsigned int", 8, 0);
	t_char = integer("char", 1, BTF_INT_SIGNED);
	t_uchar = integer("unsigned char", 1, 0);
	t_short = integer("short int", 2, BTF_INT_SIGNED);
	t_bool = integer("_Bool", 1, BTF_INT_BOOL);
	t_void_ptr = ptr(0);
	charp = ptr(t_char);
	ccharp = ptr(check(btf__add_const(b, t_char)));
	size_t_ = check(btf__add_typedef(b, "size_t", t_ulong));
	ssize_t_ = check(btf__add_typedef(b, "ssize_t", t_long));
	loff_t_ = check(btf__add_typedef(b, "loff_t", t_long));
	comm = check(btf__add_array(b, t_int, t_char, 16));
	arr = check(btf__add_array(b, t_int, t_int, 4));
	color = check(btf__add_enum(b, "color", 4));
	check(btf__add_enum_value(b, "RED", 1));
	check(btf__add_enum_value(b, "GREEN", 2));

	super = structure("super_block", 64);
	field("s_dev", t_uint, 16);
	superp = ptr(super);
	inode = structure("inode", 128);
	field("i_mode", t_short, 0);
	field("i_ino", t_ulong, 64);
	field("i_sb", superp, 40);
	ucharp = ptr(t_uchar);
	qstr = structure("qstr", 16);
	field("len", t_uint, 4);
	field("name", ucharp, 8);
	inodep = ptr(inode);
	parent = ptr(check(btf__add_fwd(b, "dentry", BTF_FWD_STRUCT)));
	dentry = structure("dentry", 128);
	field("d_parent", parent, 24);
	field("d_name", qstr, 32);
	field("d_inode", inodep, 48);
	dentryp = ptr(dentry);
	path = structure("path", 16);
	field("mnt", t_void_ptr, 0);
	field("dentry", dentryp, 8);
	anon = check(btf__add_union(b, NULL, 8));
	field("f_llist", t_long, 0);
	field("f_version", t_uint, 0);
	file = structure("file", 200);
	field("f_path", path, 16);
	field("", anon, 8);
	field("f_inode", inodep, 32);
	field("f_flags", t_uint, 64);
	bits("f_bits", t_uint, 68 * 8 + 3, 5);
	field("f_color", color, 72);
	field("f_nums", arr, 80);
	how = structure("open_how", 24);
	field("flags", t_ulong, 0);
	field("mode", t_ulong, 8);
	task = structure("task_struct", 4096);
	field("pid", t_int, 2416);
	field("tgid", t_int, 2420);
	field("comm", comm, 2976);
	sockptr = structure("sockptr_t", 16);
	field("kernel", t_void_ptr, 0);
	field("is_kernel", t_bool, 8);

	filep = ptr(file);
	taskp = ptr(task);
	howp = ptr(how);
	posp = ptr(loff_t_);
	FUNCTION("vfs_read", ssize_t_, {"file", filep}, {"buf", charp}, {"count", size_t_},
		 {"pos", posp}, );
	FUNCTION("vfs_write", ssize_t_, {"file", filep}, {"buf", ccharp}, {"count", size_t_},
		 {"pos", posp}, );
	FUNCTION("do_sys_openat2", t_long, {"dfd", t_int}, {"filename", ccharp}, {"how", howp}, );
	FUNCTION("wake_up_new_task", 0, {"p", taskp}, );
	FUNCTION("sock_setsockopt", t_int, {"level", t_int}, {"optname", t_int}, {"optval", sockptr},
		 {"optlen", t_short}, {"extra", t_int}, {"last", t_long}, {"stacked", t_int}, );
	FUNCTION("__traceiter_sched_process_fork", t_int, {"__data", t_void_ptr},
		 {"parent", taskp}, {"child", taskp}, );

	raw = btf__raw_data(b, &size);
	out = argc == 2 && raw ? fopen(argv[1], "wb") : NULL;
	if (!out || fwrite(raw, 1, size, out) != size || fclose(out)) {
		fprintf(stderr, "usage: mkbtf FILE\n");
		return 1;
	}
	return 0;
}
