/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * probe: the calling convention, fetches, and scripts resolved against the BTF of the kernel that
 * runs here (function prototypes that do not change; offsets are compared with what BTF says).
 */
#include "probe/probe_int.h"
#include "test.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static Arena *arena;

/* ---- without a kernel ---- */

static const DbgType t_int = {.kind = DBG_INT, .size = 4, .is_signed = true, .name = "int"};
static const DbgType t_long = {.kind = DBG_INT, .size = 8, .is_signed = true, .name = "long"};
static const DbgType t_pair = {.kind = DBG_STRUCT, .size = 16, .name = "struct pair"};
static const DbgType t_big = {.kind = DBG_STRUCT, .size = 24, .name = "struct big"};

static void locate(const char *types, ArchLoc *ret)
{
	DbgParam p[12];
	int n = 0;

	for (; types[n]; n++)
		p[n].type = types[n] == 'i'   ? &t_int
			    : types[n] == 'l' ? &t_long
			    : types[n] == 'p' ? &t_pair
					      : &t_big;
	arch_locate_args(p, n, 0, ret);
}

static void test_convention(void)
{
	ArchLoc loc[12];

	locate("ilip", loc);
	CHECK_STR(arch_reg_ftrace(loc[0].lo.reg), "di");
	CHECK_STR(arch_reg_ftrace(loc[3].lo.reg), "cx");
	CHECK_STR(arch_reg_ftrace(loc[3].hi.reg), "r8");
	locate("lllllpl",
	       loc); /* the pair needs two registers, one is left: the next one gets it */
	CHECK(loc[5].kind == ARCH_MEMORY && loc[5].lo.add == 8);
	CHECK_STR(arch_reg_ftrace(loc[6].lo.reg), "r9");
	locate("bllllllll", loc); /* a large struct takes no register */
	CHECK(loc[0].kind == ARCH_MEMORY && loc[0].lo.add == 8);
	CHECK_STR(arch_reg_ftrace(loc[1].lo.reg), "di");
	CHECK(loc[7].kind == ARCH_MEMORY && loc[7].lo.add == 32);
	CHECK(loc[8].kind == ARCH_MEMORY && loc[8].lo.add == 40);
	arch_locate_return(&t_big, loc);
	CHECK(loc[0].kind == ARCH_MEMORY);
	arch_locate_return(&t_pair, loc);
	CHECK(loc[0].kind == ARCH_REGS && !strcmp(arch_reg_ftrace(loc[0].hi.reg), "dx"));
}

static void test_registers(void)
{
	Fetch f;

	CHECK_STR(arch_reg_ftrace(arch_reg_find("rdi")), "di");
	CHECK_INT(arch_reg_find("di"), arch_reg_find("edi"));
	CHECK_INT(arch_reg_width("edi"), 4);
	CHECK_INT(arch_reg_width("rip"), 8);
	CHECK_INT(arch_reg_width("st0"), 0);
	CHECK_INT(arch_reg_find("gs"), -1);
	CHECK_INT(arch_reg_pt_offset(arch_reg_find("rsi")), 104);
	CHECK(!arch_reg_ftrace(99) && !arch_reg_ftrace(-1));
	CHECK(arch_arg(3, &f));
	CHECK_STR(fetch_text(arena, &f), "%dx:u64");
	CHECK(arch_arg(8, &f));
	CHECK_STR(fetch_text(arena, &f), "+16(%sp):u64");
	CHECK(!arch_arg(0, &f));
}

static void test_fetch(void)
{
	Fetch f, g, s;
	int n = 0;

	arch_arg(1, &f);
	f.add = 8;
	CHECK(fetch_deref(&f, 16, 8, false, &g));
	CHECK_STR(fetch_text(arena, &g), "+24(%di):u64");
	CHECK(fetch_string(&g, true, &s));
	CHECK_STR(fetch_text(arena, &s), "+0u(+24(%di)):ustring");
	CHECK(!fetch_deref(&s, 0, 8, false, &g)); /* text is not an address */
	CHECK(fetch_deref(&f, 0, 4, true, &g) && !fetch_deref(&g, 0, 8, false, &g));
	for (g = f; fetch_deref(&g, 0, 8, false, &g); n++)
		;
	CHECK_INT(n, FETCH_MAX_DEREF);
	f = (Fetch){.base = FB_IMM, .value = 0x1000, .size = 8};
	CHECK(fetch_deref(&f, 8, 4, false, &g) && fetch_deref(&f, 8, 4, false, &s));
	CHECK_STR(fetch_text(arena, &g), "@0x1008:u32");
	CHECK(fetch_equal(&g, &s));
	s.add = 1;
	CHECK(!fetch_equal(&g, &s));
}

/* ---- scripts ---- */

static const TraceField switch_fields[] = {
    {.name = "common_pid", .ctype = "int", .size = 4, .is_signed = true, .is_common = true},
    {.name = "prev_comm", .ctype = "char[16]", .kind = FIELD_STRING, .offset = 8, .size = 16},
    {.name = "prev_pid", .ctype = "pid_t", .offset = 24, .size = 4, .is_signed = true},
};
static const TraceField enter_fields[] = {
    {.name = "id", .ctype = "long", .offset = 8, .size = 8, .is_signed = true},
    {.name = "args",
     .ctype = "unsigned long[6]",
     .kind = FIELD_ARRAY,
     .offset = 16,
     .size = 48,
     .elem_size = 8},
};
static const TraceEvent events[] = {
    {"sched", "sched_switch", 1, ARRAY_SIZE(switch_fields), switch_fields},
    {"raw_syscalls", "sys_enter", 2, ARRAY_SIZE(enter_fields), enter_fields},
};

static const TraceEvent *event(void *ctx, const char *system, const char *name)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if ((!system || !strcmp(system, events[i].system)) && !strcmp(name, events[i].name))
			return &events[i];
	return NULL;
}

static void each_event(void *ctx, void (*fn)(void *, const char *, const char *), void *arg)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		fn(arg, events[i].system, events[i].name);
}

typedef struct Run {
	ResolvedProbes probes;
	bool ok;
	char *messages;
	const char *fetches; /* of all target variables, one after the other */
} Run;

static Debuginfo *di;

static bool note_fetch(void *arg, Node **slot)
{
	Run *r = arg;
	const Node *n = *slot;

	if (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
	    n->kind == ND_ATVAR)
		r->fetches =
		    arena_printf(arena, "%s %s%s", r->fetches,
				 n->target.fetch ? fetch_text(arena, n->target.fetch) : "?",
				 n->target.at_entry ? "@entry" : "");
	return true;
}

static Script *parse(const char *text, Diag *d)
{
	static const Conditions cond = {
	    .kernel_release = "6.12", .arch = "x86_64", .runtime = "kernel", .compatible = "5.2"};
	static const Library lib;
	SourceFile *f = NEW(arena, SourceFile);
	Script *s = script_new(arena);

	*f = (SourceFile){.name = "test", .text = text, .len = strlen(text)};
	if (!script_parse(s, f, &cond, d) || !library_resolve(s, &lib, &cond, d))
		return NULL;
	return s;
}

static Run run(const char *text)
{
	static const KernelView kernel = {
	    .event = event, .each_event = each_event, .has_kprobes = true, .tracefs_ok = true};
	Run r = {.fetches = ""};
	size_t len;
	Diag d = {.out = open_memstream(&r.messages, &len)};
	ProbeContext ctx = {.arena = arena, .diag = &d, .di = di, .kernel = &kernel};
	Script *s = parse(text, &d);

	r.ok = s && probe_resolve(&ctx, s, &r.probes);
	for (int i = 0; i < r.probes.n; i++)
		node_walk(&r.probes.v[i]->body->block, note_fetch, &r);
	fclose(d.out);
	return r;
}

/* The script resolves, and its target variables are read so. */
static void reads(const char *script, const char *fetches)
{
	Run r = run(script);

	CHECK_STR(r.messages, "");
	CHECK_STR(r.fetches, fetches);
	free(r.messages);
}

/* The script is refused with @tag. */
static void refused(const char *script, const char *tag)
{
	Run r = run(script);

	if (r.ok || !strstr(r.messages, arena_printf(arena, "[%s]", tag)))
		printf("%s: ok=%d\n%s\n", script, r.ok, r.messages);
	CHECK(!r.ok && strstr(r.messages, arena_printf(arena, "[%s]", tag)));
	free(r.messages);
}

static void test_session(void)
{
	Run r = run("probe begin(-5), end, error(2), never { print(1) }");

	CHECK(r.ok && r.probes.n == 4 && r.probes.v[0]->order == -5);
	CHECK_INT(r.probes.v[3]->hook, HOOK_NEVER);
	free(r.messages);
	r = run("probe timer.us(150).randomize(10), timer.hz(100), timer.jiffies(1) { print(1) }");
	CHECK(r.ok && r.probes.v[0]->period_ns == 150000 && r.probes.v[0]->randomize_ns == 10000);
	CHECK(r.ok && r.probes.v[1]->period_ns == 10000000);
	CHECK(r.ok && r.probes.v[2]->period_ns >= 1000000 && r.probes.v[2]->period_ns <= 10000000);
	free(r.messages);
	refused("probe timer.us(99) { print(1) }", "TIMER_RANGE");
	refused("probe timer.s(86401) { print(1) }", "TIMER_RANGE");
	refused("probe timer.s(9223372036854775807) { print(1) }", "TIMER_RANGE");
	refused("probe timer.ms(5).randomize(6) { print(1) }", "TIMER_RANGE");
	refused("probe timer.hz(0) { print(1) }", "TIMER_RANGE");
	refused("probe begin { print($x) }", "NO_CONTEXT");
}

static void test_perf(void)
{
	Run r = run("probe perf.type(1).config(2), perf.type(1).config(2).hz(9), timer.profile.tick,"
		    " perf.type(3).config(0x10001).process.counter(\"c\") { print(1) }");
	const PerfEvent *e = r.probes.v[0]->perf;

	CHECK_INT(r.probes.n, 4);
	CHECK(r.probes.v[0]->hook == HOOK_PERF && e->type == 1 && e->config == 2 && e->period == 1000000);
	e = r.probes.v[1]->perf;
	CHECK(e->frequency == 9 && !e->period);
	e = r.probes.v[2]->perf;
	CHECK(e->type == 1 && e->config == 0 && e->period >= 1000000 && e->period <= 10000000);
	e = r.probes.v[3]->perf;
	CHECK(e->of_target && !e->period && !e->frequency);
	CHECK_STR(e->counter, "c");
	free(r.messages);
	refused("probe perf.type(4294967296).config(0) { print(1) }", "PERF_RANGE");
	refused("probe perf.type(1).config(0).process(\"/nothing\") { print(1) }", "PROGRAM_UNKNOWN");
	refused("probe perf.type(1).config(0) { print($x) }", "NO_CONTEXT");
}

static void test_data(void)
{
	Run r = run("probe kernel.data(0xffffffff81000001).write, kernel.data(0xffffffff81000000).length(3).rw { print(1) }");
	const Watch *w = r.probes.v[0]->watch;

	CHECK_INT(r.probes.n, 2);
	CHECK(r.probes.v[0]->hook == HOOK_DATA && w->length == 1 && !w->reads && w->address == 0xffffffff81000001);
	w = r.probes.v[1]->watch;
	CHECK(w->length == 4 && w->reads);
	free(r.messages);
	refused("probe kernel.data(0xffffffff81000001).length(2).write { print(1) }", "WATCH_RANGE");
	refused("probe kernel.data(0xffffffff81000000).length(16).write { print(1) }", "WATCH_RANGE");
	refused("probe kernel.data(1).write { print(1) }", "WATCH_RANGE");
	refused("probe kernel.data(\"nothing\").write { print(1) }", "GLOBAL_UNKNOWN");
}

static void test_families(void)
{
	refused("probe kernel.fnction(\"x\") { print(1) }", "POINT_UNKNOWN");
	refused("probe kernel.function(\"x\").retrun { print(1) }", "POINT_UNKNOWN");
	refused("probe begin(\"x\") { print(1) }", "POINT_UNKNOWN");
	refused("probe timer { print(1) }", "POINT_UNKNOWN");
	refused("probe process(\"x-y-z\").mark(\"y\") { print(1) }", "PROGRAM_UNKNOWN");
	refused("probe netfilter.pf(\"x\").hook(\"y\") { print(1) }", "PACKET_HOOK");
	refused("probe process.data(1).write { print(1) }", "FAMILY_ABSENT");
	refused("probe module(\"no_such_module\").function(\"f\") { print(1) }", "MODULE_ABSENT");
	refused("probe kprobe.statement(5).absolute { print(1) }", "GURU_NEEDED");
	refused("probe kprobe.function(\"vfs_*\") { print(1) }", "POINT_UNKNOWN");
	refused("probe kernel.trace(\"nothing\") { print(1) }", "TRACE_UNKNOWN");
	refused("probe kernel.trace(\"noth*\") { print(1) }", "TRACE_UNKNOWN");
}

static int64_t offset_of(const char *type, const char *member)
{
	DbgMember m = {0};

	CHECK(debuginfo_member(di, debuginfo_type(di, NULL, type), member, &m));
	return m.offset;
}

static const char *in_file(const char *format)
{
	int64_t path = offset_of("file", "f_path"), dentry = offset_of("path", "dentry");

	return arena_printf(arena, "%s+%" PRId64 "(+%" PRId64 "(%%di))%s", " ",
			    offset_of("dentry", "d_parent"), path + dentry, format);
}

#define DEEP(x) x x x x

static void test_functions(void)
{
	reads("probe kernel.function(\"vfs_read\") { print($count) }", " %dx:u64");
	reads("probe kernel.function(\"vfs_read\") { print($file->f_path->dentry->d_parent) }",
	      in_file(":u64"));
	reads("probe kernel.function(\"vfs_read\") { p = $file; print(@cast(p, "
	      "\"file\")->f_path->dentry->d_parent) }",
	      arena_printf(arena, "%s %%di:u64", in_file(":u64")));
	reads("probe kernel.function(\"vfs_read\") { print($buf[3]) print(&$buf[3]) }",
	      " +3(%si):s8 %si:u64+3");
	reads("probe kernel.function(\"vfs_read\").return { print($return) print($count) }",
	      " %ax:s64 %dx:u64@entry");
	reads("probe kernel.function(\"vfs_read\").return { print(@entry($count)) }",
	      " %dx:u64@entry");
	reads("probe kernel.function(\"vfs_read\") { print(@defined($nope) ? $nope : $count) }",
	      " %dx:u64");
	reads("probe kernel.function(\"sock_setsockopt\") { print($optlen) }", " %r9:u32");
	reads("probe kernel.function(\"vfs_read\") { print(@cast($pos, \"long\")[2]) }",
	      " +16(%cx):s64 %cx:u64");
	reads("probe kernel.function(\"vfs_read\") { print(@cast($count * 2, \"file\")->f_flags) }",
	      " ? %dx:u64");
	refused("probe kernel.function(\"vfs_raed\") { print(1) }", "FUNC_UNKNOWN");
	refused("probe kernel.function(\"vfs_read\") { print($conut) }", "VAR_UNKNOWN");
	refused("probe kernel.function(\"vfs_read\") { print($file->f_pahts) }", "MEMBER_UNKNOWN");
	refused("probe kernel.function(\"vfs_read\") { print($buf->x) }", "MEMBER_UNKNOWN");
	refused("probe kernel.function(\"vfs_read\") { print($count[1]) }", "NOT_AN_INDEX");
	refused("probe kernel.function(\"vfs_read\") { print($file->f_path) }", "NOT_A_VALUE");
	refused("probe kernel.function(\"vfs_read\") { print($return) }", "NO_RETURN");
	refused("probe kernel.function(\"do_exit\").return { print($return) }", "NO_RETURN");
	refused("probe kernel.function(\"vfs_read\") { print(@entry($count)) }", "NO_RETURN");
	refused("probe kernel.function(\"vfs_read\") { print(@cast($file, \"nofile\")->x) }",
		"TYPE_UNKNOWN");
	refused("probe kernel.function(\"vfs_read\") { print(@var(\"no_such\")) }",
		"GLOBAL_UNKNOWN");
	refused("probe kernel.function(\"vfs_open\") { print($path->dentry" DEEP(
		    DEEP("->d_parent")) "->d_name->len) }",
		"CHAIN_TOO_LONG");
	refused("function f() { return $x } probe begin { print(f()) }", "NO_CONTEXT");
}

static void test_groups(void)
{
	Run r = run("probe kernel.function(\"vfs_read*\") { print(1) }");

	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->places.n >= 3);
	CHECK(r.ok && r.probes.v[0]->places.v[0].optional);
	free(r.messages);
	r = run("probe kernel.function(\"vfs_{read,write}\") { print($count) }");
	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->places.n == 2);
	free(r.messages);
	r = run("probe kernel.function(\"vfs_{read,readlink}\") { print(@defined($count)) }");
	CHECK(r.ok && r.probes.n == 2);
	free(r.messages);
	r = run(
	    "probe kernel.function(\"nope\")?, kernel.function(\"vfs_read\")!, begin { print(1) }");
	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->optional);
	free(r.messages);
	refused("probe kernel.function(\"vfs_read*\") { print($count) }", "VAR_UNKNOWN");
}

static void test_trace(void)
{
	Run r = run("probe kernel.trace(\"sched_switch\") { print($prev_comm) print($prev_pid) }");

	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->hook == HOOK_TRACE_EVENT);
	CHECK_STR(r.fetches, " $prev_comm:string $prev_pid:s32");
	free(r.messages);
	r = run("probe kernel.trace(\"sched:*\") { print($prev) print($$name) }");
	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->hook == HOOK_TRACEPOINT);
	CHECK_STR(r.fetches, " %dx:u64"); /* behind __data and preempt */
	free(r.messages);
	reads("probe kernel.trace(\"sys_enter\") { print($args[2]) }", " $args[byte 16]:u64");
	refused("probe kernel.trace(\"sys_enter\") { print($args[6]) }", "NOT_AN_INDEX");
	refused("probe kernel.trace(\"sys_enter\") { print($args) }", "NOT_A_VALUE");
	refused("probe kernel.trace(\"sched_switch\") { print($prev->pid) print($prev_pid) }",
		"TRACE_MIXED");
	refused("probe kernel.trace(\"sched_switch\") { print($prve) }", "VAR_UNKNOWN");
}

static void test_pretty(void)
{
	Run r =
	    run("probe kernel.function(\"vfs_read\") { println($file->f_path$) println($$parms) }");
	Node *block = r.probes.n ? r.probes.v[0]->body->block : NULL;
	Node *print = block ? block->block.v[0]->unary.operand : NULL;

	CHECK(r.ok && print && print->kind == ND_PRINT && print->print.args.n == 1);
	print = print ? print->print.args.v[0] : NULL;
	CHECK(print && print->kind == ND_PRINT && print->type == TY_STRING);
	CHECK_STR(print ? print->print.format : NULL, "{.mnt=%p, .dentry=%p}");
	print = block ? block->block.v[1]->unary.operand->print.args.v[0] : NULL;
	CHECK_STR(print ? print->print.format : NULL, "file=%#x buf=%#x count=%#x pos=%#x");
	free(r.messages);
}

static void test_list(void)
{
	static const KernelView kernel = {
	    .event = event, .each_event = each_event, .tracefs_ok = true};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	Diag d = {0};
	ProbeContext ctx = {
	    .arena = arena, .diag = &d, .di = di, .kernel = &kernel, .listing = true};
	Script *s = parse("probe kernel.trace(\"sched_*\"), begin {}", &d);

	CHECK_INT(s ? probe_list(&ctx, s, true, out) : 0, 2);
	fclose(out);
	CHECK(!strncmp(text,
		       "begin\nkernel.trace(\"sched:sched_switch\") $preempt:bool "
		       "$prev:struct task_struct* ",
		       80));
	free(text);
}

/* ---- a kernel made of files: what it refuses ---- */

static const char kallsyms[] = "ffffffff81000000 T _sinittext\n"
			       "ffffffff81000040 T kernel_init_freeable\n"
			       "ffffffff81000100 T _einittext\n"
			       "ffffffff82000000 T vfs_read\n"
			       "ffffffff82000040 t vfs_write\n"
			       "ffffffff82000080 t vfs_open\n"
			       "ffffffff820000c0 t no_such_thing.isra.0\n"
			       "ffffffff82000140 t vfs_statx.constprop.0\n"
			       "ffffffff82000180 t asm_thing\n";
static const char functions[] = "vfs_read\n";
static const char blacklist[] = "0xffffffff82000040-0xffffffff82000050\tvfs_write\n";

static char *temp_file(const char *text)
{
	char *path = arena_strdup(arena, "/tmp/tapx-probe-XXXXXX");
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	return path;
}

/* ---- a kernel made of dwarf_sample.c ---- */

#define WHOLE "whole@dwarf_sample.c"

static uint64_t runtime_address(const char *variable)
{
	const char *why;
	DwarfFile *f = debuginfo_dwarf(di, NULL, &why);
	uint64_t address = 0;
	int64_t bias = 0;

	CHECK(f && dwarf_global(f, 0, NULL, variable, &address) && dwarf_bias(f, &bias) && bias);
	return address + (uint64_t)bias;
}

static void places(const char *script, int n, const char *function, const char *shown)
{
	Run r = run(script);
	int found = 0;

	CHECK_STR(r.messages, "");
	for (int i = 0; r.ok && i < r.probes.n; i++)
		for (int k = 0; k < r.probes.v[i]->places.n; k++) {
			const Place *p = &r.probes.v[i]->places.v[k];

			CHECK_STR(p->function, function);
			CHECK(!fnmatch(shown, p->pp, 0));
			found++;
		}
	CHECK_INT(found, n);
	free(r.messages);
}

static void test_source_points(void)
{
	Run r;

	places("probe kernel.function(\"" WHOLE "\") { print(1) }", 1, "whole",
	       "kernel.function(\"whole@tests/unit/dwarf_sample.c:[0-9]*\")");
	places("probe kernel.function(\"" WHOLE "\").call { print(1) }", 1, "whole",
	       "kernel.function(\"whole@*\").call");
	places("probe kernel.function(\"twice@dwarf_sample.c\") { print(1) }", 2, "whole",
	       "kernel.function(\"twice@*\")");
	places("probe kernel.function(\"twice\").inline { print(1) }", 2, "whole",
	       "kernel.function(\"twice@*\").inline");
	places("probe kernel.function(\"twice\") { print(1) }", 2, "whole",
	       "kernel.function(\"twice@*\")");
	places("probe kernel.function(\"whole\").label(\"o?t\") { print(1) }", 1, "whole",
	       "kernel.function(\"whole@*\").label(\"out\")");
	places("probe kernel.function(\"whole\").callee(\"tw*\") { print(1) }", 2, "whole",
	       "kernel.function(\"whole@*\").callee(\"twice@*\")");
	places("probe kernel.statement(\"" WHOLE "+0\").nearest { print(1) }", 1, "whole",
	       "kernel.statement(\"whole@*\").nearest");
	places("probe kernel.statement(\"" WHOLE "\") { print(1) }", 1, "whole",
	       "kernel.statement(\"whole@*\")");
	/* a function that is called: its entry, when the caller is the one that is meant */
	r = run("probe kernel.function(\"whole\").callee(\"callee\") { print($n) }");
	CHECK(r.ok && r.probes.n == 1 && !strcmp(r.probes.v[0]->places.v[0].function, "callee"));
	CHECK_STR(r.fetches, " +0(%sp):u64 %di:s64");
	free(r.messages);
	r = run("probe kernel.statement(\"" WHOLE ":*\") { print(1) }");
	CHECK(r.ok && r.probes.n == 1 && r.probes.v[0]->places.n > 5);
	free(r.messages);
}

static void test_source_variables(void)
{
	reads("probe kernel.function(\"" WHOLE "\") { print($p->b) print($n) print($c) }",
	      " %si:s64 %r8:s16 %cx:s32");
	reads("probe kernel.function(\"" WHOLE "\") { print($o->grid[1][2]) print($o->in->high) }",
	      " +68(%dx):s32 +8(%dx):b7@3/32");
	reads("probe kernel.function(\"" WHOLE "\") { print($visible) print(@var(\"hidden@dwarf_sample.c\")[1]) }",
	      arena_printf(arena, " @0x%" PRIx64 ":s32 @0x%" PRIx64 ":s32", runtime_address("visible"),
			   runtime_address("hidden") + 4));
	reads("probe kernel.function(\"" WHOLE "\").return { print($return) print($n) }",
	      " %ax:s64 %r8:s16@entry");
	refused("probe kernel.function(\"" WHOLE "\") { print($m) }", "VAR_UNKNOWN");
	refused("probe kernel.function(\"" WHOLE "\") { print($o->x) }", "MEMBER_UNKNOWN");
	refused("probe kernel.function(\"scaled\").call, kernel.function(\"scaled@*\") { print($factor) }",
		"VAR_NOWHERE");
	refused("probe kernel.statement(\"" WHOLE ":1\") { print(1) }", "LINE_UNKNOWN");
	refused("probe kernel.statement(0xffffffff80000000) { print(1) }", "FUNC_UNKNOWN");
	refused("probe kernel.statement(\"" WHOLE ":1-\") { print(1) }", "POINT_UNKNOWN");
	refused("probe kernel.function(\"whole@other.c\") { print(1) }", "FUNC_UNKNOWN");
	refused("probe kernel.function(\"whole\").label(\"none\") { print(1) }", "FUNC_UNKNOWN");
	refused("probe kernel.function(\"whole\").callees(2) { print(1) }", "POINT_UNKNOWN");
}

/* A function that BTF does not have, at its address in kallsyms: DWARF is asked when a variable is. */
static void test_symbol_alone(DebuginfoPaths *path)
{
	const char *why;
	DwarfFile *f = debuginfo_dwarf(di, NULL, &why);
	uint64_t at = 0;
	int64_t bias = 0;
	FILE *out = fopen(path->kallsyms, "a");

	CHECK(f && dwarf_find_symbol(f, "whole", &at) && dwarf_bias(f, &bias) && out);
	if (!out)
		return;
	fprintf(out, "%" PRIx64 " t whole.isra.0\n", at + (uint64_t)bias);
	fclose(out);
	debuginfo_free(di);
	di = debuginfo_new(arena, path);
	reads("probe kernel.function(\"whole\").call { print($p->b) print($c) }",
	      " %si:s64 %cx:s32");
	refused("probe kernel.function(\"whole\").call { print($m) }", "VAR_UNKNOWN");
	reads("probe kernel.function(\"whole.isra.0\").return { print($return) }", " %ax:s64");
}

static void test_source(void)
{
	DebuginfoPaths path = {.notes = "/nonexistent", .debug_dir = "/nonexistent", .release = "0"};
	Debuginfo *real = di;
	char dir[] = "/tmp/tapx-probe-XXXXXX";

	di = debuginfo_new(arena, &path);
	refused("probe kernel.function(\"f@a.c:3\") { print(1) }", "NEEDS_DWARF");
	refused("probe kernel.function(\"vfs_read\").inline { print(1) }", "NEEDS_DWARF");
	refused("probe kernel.statement(5) { print(1) }", "NEEDS_DWARF");
	debuginfo_free(di);
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(system(arena_printf(arena,
				      "${CC:-cc} -DKERNEL -O2 -g -fPIC -shared -Wl,--build-id=none -o "
				      "%s/vmlinux tests/unit/dwarf_sample.c",
				      dir)),
		  0);
	path.debug_dir = dir;
	path.kallsyms = temp_file("ffffffff81000000 T _text\n");
	di = debuginfo_new(arena, &path);
	test_source_points();
	test_source_variables();
	test_symbol_alone(&path);
	debuginfo_free(di);
	unlink(path.kallsyms);
	unlink(arena_printf(arena, "%s/vmlinux", dir));
	rmdir(dir);
	di = real;
}

/* ---- refusals ---- */

static void check_refusal(const char *function, DiagTag want)
{
	Place p = {.function = function};
	DiagTag tag = DIAG_COUNT;

	CHECK(*probe_refusal(di, &p, &tag));
	CHECK_STR(diag_tag_name(tag), diag_tag_name(want));
}

static void test_refusals(void)
{
	DebuginfoPaths p = {.kallsyms = temp_file(kallsyms),
			    .filter_functions = temp_file(functions),
			    .blacklist = temp_file(blacklist)};

	di = debuginfo_new(arena, &p);
	check_refusal("vfs_read", DIAG_FUNC_REFUSED);
	check_refusal("vfs_write", DIAG_FUNC_BLACKLISTED);
	check_refusal("vfs_open", DIAG_FUNC_NOTRACE);
	check_refusal("vfs_readlink", DIAG_FUNC_INLINED);
	check_refusal("vfs_statx", DIAG_VARIANT_NO_TYPES);
	check_refusal("kernel_init_freeable", DIAG_FUNC_INIT);
	check_refusal("nothing_of_that_name", DIAG_FUNC_UNKNOWN);
	refused("probe kernel.function(\"no_such_thing\") { print($$parms) }", "VARIANT_NO_TYPES");
	refused("probe kernel.function(\"asm_thing\") { print($x) }", "NO_TYPES");
	reads("probe kernel.function(\"no_such_thing\") { print(1) }", "");
	debuginfo_free(di);
	unlink(p.kallsyms);
	unlink(p.filter_functions);
	unlink(p.blacklist);
}

static void test_without_types(void)
{
	DebuginfoPaths p = {.btf_file = "/nonexistent", .kallsyms = temp_file(kallsyms)};

	di = debuginfo_new(arena, &p);
	refused("probe kernel.function(\"vfs_read\") { print($count) }", "NO_TYPES");
	refused("probe begin { print(@cast(0, \"file\")->f_flags) }", "NO_TYPES");
	reads("probe kernel.function(\"vfs_*\") { print(1) }", "");
	debuginfo_free(di);
	unlink(p.kallsyms);
}

int main(void)
{
	const char *why;

	arena = arena_new();
	di = debuginfo_new(arena, NULL);
	test_convention();
	test_registers();
	test_fetch();
	test_session();
	test_perf();
	test_data();
	test_families();
	if (debuginfo_have_types(di, &why)) {
		test_functions();
		test_groups();
		test_trace();
		test_pretty();
		test_list();
	} else {
		printf("probe_test: scripts are left out: %s\n", why);
	}
	if (debuginfo_have_types(di, &why)) {
		debuginfo_free(di);
		test_refusals();
	} else {
		debuginfo_free(di);
	}
	test_without_types();
	test_source();
	arena_free(arena);
	return test_end("probe_test");
}
