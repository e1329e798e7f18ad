/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * src/tracefs: format files, hand-made ring-buffer pages, the task tracker over a made-up /proc,
 * stale runs below a made-up root; and, where the host lets us, static events of the running
 * kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "test.h"
#include "tracefs/tracefs_int.h"

static char tmp[64];

static const char *in_tmp(const char *name)
{
	static char path[8][512];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", tmp, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s", in_tmp(name));
	for (char *p = path + strlen(tmp) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	if (!f)
		return;
	fputs(text, f);
	fclose(f);
}

/* ---- clock ---- */

/* Let the made-up instance's clock say @ns, which it does in microseconds. */
static void say_now(uint64_t ns)
{
	char text[128];

	snprintf(text, sizeof(text), "overrun: 0\noldest event ts:     1.000000\nnow ts: %5llu.%06llu\n",
		 (unsigned long long)ns / 1000000000, (unsigned long long)ns / 1000 % 1000000);
	put("inst/per_cpu/cpu0/stats", text);
}

static bool about(uint64_t a, uint64_t b, uint64_t tolerance)
{
	return (a > b ? a - b : b - a) <= tolerance;
}

/* Clocks 3 s apart, of which one gains 50 us in the first second. */
static void test_clock(void)
{
	const uint64_t apart = 3000000000, tolerance = 20000000; /* this machine may be busy */
	Clock c;
	Instance in = {.fd = -1};

	say_now(mono_ns() - apart);
	in.fd = open(in_tmp("inst"), O_RDONLY | O_DIRECTORY);
	CHECK_INT(clock_open(&c, &in), 0);
	uint64_t local = mono_ns() - apart;
	CHECK(about(clock_to_mono(&c, local), local + apart, tolerance));
	CHECK(clock_from_mono(&c, UINT64_MAX) == UINT64_MAX);
	c.base = c.first = (struct clock_pair){local - 1000000000, local - 1000000000 + apart};
	c.next_sample = 0;
	say_now(mono_ns() - apart + 50000);
	uint64_t last = local + 1000, was = clock_to_mono(&c, last);
	clock_follow(&c, mono_ns(), last);
	CHECK(clock_to_mono(&c, last) == was);
	CHECK(c.next_sample > mono_ns());
	for (uint64_t t = last; t < last + 5000000000; t += 7654321) {
		CHECK(clock_to_mono(&c, t + 1000) > clock_to_mono(&c, t));
		CHECK(about(clock_from_mono(&c, clock_to_mono(&c, t)), t, 1000));
	}
	c.next_sample = 0;
	say_now(mono_ns() - 10 * apart); /* the machine slept */
	clock_follow(&c, mono_ns(), last);
	CHECK(about(clock_to_mono(&c, mono_ns() - 10 * apart), mono_ns(), tolerance));
	clock_close(&c);
	CHECK(clock_to_mono(&c, 12345) == 12345 && clock_from_mono(&c, 12345) == 12345);
	put("inst/per_cpu/cpu0/stats", "overrun: 0\n");
	CHECK_INT(clock_open(&c, &in), -ENOTSUP);
	CHECK_INT(c.fd, -1);
	close(in.fd);
}

/* ---- format ---- */

static const char format_text[] =
    "name: ev\nID: 77\nformat:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
    "\tfield:const char * filename;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:char comm[16];\toffset:24;\tsize:16;\tsigned:0;\n"
    "\tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:1;\n"
    "\tfield:s64 arr[4];\toffset:44;\tsize:32;\tsigned:1;\n"
    "\tfield:__data_loc __u64[] deep;\toffset:76;\tsize:4;\tsigned:0;\n"
    "\tfield:__rel_loc char[] rel;\toffset:80;\tsize:4;\tsigned:0;\n"
    "\tfield:__data_loc char[][2] strs;\toffset:84;\tsize:8;\tsigned:1;\n"
    "\tfield:bool ok;\toffset:92;\tsize:1;\tsigned:0;\n"
    "\tfield:u8 mac[6];\toffset:93;\tsize:6;\tsigned:0;\n"
    "\nprint fmt: \"field: %s\", REC->field\n";

static void test_format(Arena *a)
{
	const TraceEvent *e = format_parse(a, "sys", "ev", format_text);
	const TraceField *f;

	CHECK(e != NULL);
	CHECK_INT(e->id, 77);
	CHECK(format_field(e, "rel") == NULL);
	f = format_field(e, "common_pid");
	CHECK(f && f->is_common && f->is_signed && f->offset == 4 && f->size == 4);
	f = format_field(e, "filename");
	CHECK(f && f->kind == FIELD_NUM && f->size == 8 && !f->is_signed);
	CHECK_STR(f->ctype, "const char *");
	f = format_field(e, "comm");
	CHECK(f && f->kind == FIELD_STRING && !f->is_dynamic && f->size == 16);
	CHECK_STR(f->ctype, "char[16]");
	f = format_field(e, "name");
	CHECK(f && f->kind == FIELD_STRING && f->is_dynamic && f->offset == 40 && f->size == 4);
	f = format_field(e, "arr");
	CHECK(f && f->kind == FIELD_ARRAY && f->elem_size == 8 && f->size == 32 && f->is_signed);
	f = format_field(e, "deep");
	CHECK(f && f->kind == FIELD_ARRAY && f->is_dynamic && f->elem_size == 8);
	f = format_field(e, "ok"); /* behind a string array, where libtraceevent stops */
	CHECK(f && f->kind == FIELD_NUM && f->offset == 92);
	f = format_field(e, "mac");
	CHECK(f && f->kind == FIELD_ARRAY && f->elem_size == 1);
	CHECK(format_parse(a, "sys", "ev", "nothing") == NULL);
}

/* ---- a made-up root ---- */

static void count_event(void *arg, const char *system, const char *name)
{
	(void)system;
	*(int *)arg += strcmp(name, "ev") == 0;
}

static void test_root(Arena *a)
{
	const char *why = NULL;
	int n = 0;

	put("root/README", "\t           t[:[<group>/][<event>]] <tracepoint> [<args>]\n");
	put("root/uprobe_events", "");
	put("root/events/sys/ev/format", format_text);
	put("root/events/sys/enable", "0");
	CHECK(tracefs_open(a, in_tmp("nowhere"), &why) == NULL);
	CHECK(why != NULL);
	Tracefs *t = tracefs_open(a, in_tmp("root"), &why);
	CHECK(t != NULL);
	const KernelView *v = tracefs_view(t);
	CHECK(!v->has_kprobes && v->has_uprobes && v->has_tprobe && v->tracefs_ok);
	CHECK(v->event(v->ctx, "sys", "ev") && v->event(v->ctx, "sys", "ev")->id == 77);
	CHECK(v->event(v->ctx, NULL, "ev") && !strcmp(v->event(v->ctx, NULL, "ev")->system, "sys"));
	CHECK(v->event(v->ctx, "sys", "none") == NULL);
	CHECK(v->event(v->ctx, NULL, "none") == NULL);
	v->each_event(v->ctx, count_event, &n);
	CHECK_INT(n, 1);
	tracefs_close(t);
}

static void test_stale(Arena *a)
{
	char tag[40], mine[64], dead[] = "instances/tapx_999999999_1";
	const char *why;

	put("stale/instances/other/x", "");
	put("stale/dynamic_events", "");
	Tracefs *t = tracefs_open(a, in_tmp("stale"), &why);
	CHECK(run_tag(tag, sizeof(tag)) == 0);
	snprintf(mine, sizeof(mine), "instances/tapx_%s", tag);
	CHECK(mkdirat(t->fd, mine, 0700) == 0);
	CHECK(mkdirat(t->fd, dead, 0700) == 0);
	CHECK(mkdirat(t->fd, "instances/tapx_999999999_1_t", 0700) == 0);
	CHECK(mkdirat(t->fd, "instances/tapx_999999998_5", 0700) == 0);
	CHECK_INT(tracefs_collect_stale(t), 2);
	CHECK(!tfs_has(t->fd, dead) && !tfs_has(t->fd, "instances/tapx_999999999_1_t"));
	CHECK(tfs_has(t->fd, mine) && tfs_has(t->fd, "instances/other"));
	CHECK_INT(tracefs_collect_stale(t), 0);
	tracefs_close(t);
}

/* ---- pages: u64 time, u64 commit, then records with a 5-bit type and a 27-bit time delta ---- */

enum { PADDING = 29, TIME_EXTEND = 30, TIME_STAMP = 31, PAGE = 4096 };

struct page {
	uint8_t b[8192];
	uint32_t n;
};

static void page_start(struct page *p, uint64_t ts)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->b, &ts, 8);
	p->n = 0;
}

static void page_word(struct page *p, uint32_t w)
{
	memcpy(p->b + 16 + p->n, &w, 4);
	p->n += 4;
}

/* A record of @words words: type id, flags 0, pid, then zeroes. */
static void page_event(struct page *p, uint32_t delta, uint16_t id, int32_t pid, uint32_t words)
{
	if (words <= 28) {
		page_word(p, delta << 5 | words);
	} else {
		page_word(p, delta << 5);
		page_word(p, words * 4 + 4);
	}
	page_word(p, id);
	page_word(p, (uint32_t)pid);
	for (uint32_t i = 2; i < words; i++)
		page_word(p, i);
}

static void page_time(struct page *p, int type, uint64_t v)
{
	page_word(p, (uint32_t)(v & 0x7ffffff) << 5 | (uint32_t)type);
	page_word(p, (uint32_t)(v >> 27));
}

static void page_end(struct page *p, int fd, uint32_t size, uint32_t flags)
{
	uint64_t commit = p->n | flags;
	memcpy(p->b + 8, &commit, 8);
	if (write(fd, p->b, size) != (ssize_t)size)
		CHECK(!"written");
}

static int memory_file(void)
{
	int fd = memfd_create("pages", MFD_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

static void add_stream(Ring *r, int fd, int cpu, int kind)
{
	lseek(fd, 0, SEEK_SET);
	ring_add(r, fd, cpu, kind);
	r->heap = NEW_ARRAY(r->arena, Stream *, r->streams.n + 1);
}

static void expect(Ring *r, uint64_t until, uint64_t ts, int id, uint32_t size)
{
	Stream *s;

	if (ring_next(r, until, &s) != 1) {
		CHECK(!"there is a record");
		return;
	}
	CHECK_INT(s->ts, ts);
	CHECK_INT(load16(s->data), id);
	CHECK_INT(s->size, size);
}

static void test_pages(Arena *a)
{
	struct page p;
	Stream *s;
	Ring r;
	int fd = memory_file();

	page_start(&p, 1000);
	page_event(&p, 0, 1, 5, 3);
	page_event(&p, 10, 2, 5, 28);
	page_time(&p, TIME_EXTEND, 1ull << 30);
	page_event(&p, 1, 3, 5, 40);	  /* longer than a type can say */
	page_word(&p, 7u << 5 | PADDING); /* discarded: its time counts, 8 more bytes */
	page_word(&p, 8);
	page_word(&p, 0);
	page_event(&p, 1, 4, 5, 2);
	page_time(&p, TIME_STAMP, 2ull << 30);
	page_event(&p, 2, 5, 5, 2);
	page_end(&p, fd, PAGE, 0);
	page_start(&p, 5ull << 30); /* a page with no record at all */
	page_time(&p, TIME_EXTEND, 10);
	page_end(&p, fd, PAGE, 0);
	page_start(&p, 6ull << 30);
	page_event(&p, 0, 6, 5, 2);
	page_end(&p, fd, PAGE, 1u << 31);

	ring_init(&r, a, 0);
	add_stream(&r, fd, 0, INST_MAIN);
	expect(&r, UINT64_MAX, 1000, 1, 12);
	expect(&r, UINT64_MAX, 1010, 2, 112);
	expect(&r, UINT64_MAX, 1011 + (1ull << 30), 3, 160);
	expect(&r, UINT64_MAX, 1019 + (1ull << 30), 4, 8);
	expect(&r, UINT64_MAX, (2ull << 30) + 2, 5, 8);
	CHECK_INT(ring_next(&r, 5ull << 30, &s), 0); /* the next one is later than that */
	CHECK_INT(ring_next(&r, UINT64_MAX, &s), 1);
	CHECK_INT(s->ts, 6ull << 30);
	CHECK(s->missed);
	CHECK_INT(ring_next(&r, UINT64_MAX, &s), 0);
	CHECK_INT(ring_next(&r, UINT64_MAX, &s), 0);
	ring_close(&r);
}

/* Three CPUs whose records interleave, on pages of 8 KB filled to the last byte. */
static void test_merge(Arena *a)
{
	enum { CPUS = 3, PAGES = 4, SIZE = 8192, EACH = (SIZE - 16) / 12 };
	struct page p;
	Stream *s;
	Ring r;
	uint64_t last = 0;
	int n = 0, got;

	ring_init(&r, a, SIZE);
	for (int cpu = 0; cpu < CPUS; cpu++) {
		int fd = memory_file();
		uint64_t ts = 100 + (uint64_t)cpu;
		for (int k = 0; k < PAGES; k++) {
			page_start(&p, ts);
			for (int i = 0; i < EACH; i++) {
				page_event(&p, i ? 7 : 0, (uint16_t)(cpu + 1), cpu, 2);
				ts += i ? 7 : 0;
			}
			ts += 7;
			page_end(&p, fd, SIZE, 0);
		}
		add_stream(&r, fd, cpu, INST_MAIN);
	}
	while ((got = ring_next(&r, 2000, &s)) > 0 && n < 100000) {
		n++;
		CHECK(s->ts > last && s->ts <= 2000 && load16(s->data) == s->cpu + 1);
		last = s->ts;
	}
	CHECK_INT(n, (2000 - 100) / 7 * 3 + 3);
	while ((got = ring_next(&r, UINT64_MAX, &s)) > 0 && n < 100000) {
		n++;
		CHECK(s->ts > last);
		last = s->ts;
	}
	CHECK_INT(got, 0);
	CHECK_INT(n, CPUS * PAGES * EACH);
	ring_close(&r);
}

static void page_stack(struct page *p, uint32_t delta, uint8_t preempt, int32_t pid, uint64_t frame)
{
	page_word(p, delta << 5 | 8);
	page_word(p, 4u | (uint32_t)preempt << 24);
	page_word(p, (uint32_t)pid);
	page_word(p, 2); /* size, then 4 bytes of padding */
	page_word(p, 0);
	for (int i = 0; i < 2; i++, frame++) {
		page_word(p, (uint32_t)frame);
		page_word(p, (uint32_t)(frame >> 32));
	}
}

static void page_event_in(struct page *p, uint32_t delta, uint16_t id, uint8_t preempt, int32_t pid)
{
	page_word(p, delta << 5 | 2);
	page_word(p, id | (uint32_t)preempt << 24);
	page_word(p, (uint32_t)pid);
}

static void expect_stack(Ring *r, int id, uint64_t frame)
{
	const uint64_t *v;
	Stream *s;

	CHECK_INT(ring_next(r, UINT64_MAX, &s), 1);
	CHECK_INT(load16(s->data), id);
	int n = stack_of(s, &v);
	CHECK_INT(n, frame ? 2 : 0);
	if (n == 2)
		CHECK(v[0] == frame && v[1] == frame + 1);
}

static void test_stack(Arena *a)
{
	struct page p;
	const char *why;
	Ring r;
	int fd = memory_file();
	Stream *s;

	put("root/events/ftrace/kernel_stack/format",
	    "name: kernel_stack\nID: 4\nformat:\n\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	    "\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n");
	Tracefs *t = tracefs_open(a, in_tmp("root"), &why);
	page_start(&p, 10);
	page_event_in(&p, 0, 20, 0, 7); /* a task's event, */
	page_event_in(&p, 1, 21, 1, 7); /* one of an interrupt in between */
	page_stack(&p, 1, 1, 7, 0xffff800000001000);
	page_stack(&p, 1, 0, 7, 0xffff800000002000);
	page_event_in(&p, 1, 22, 0, 7); /* its stack is on the next page */
	page_end(&p, fd, PAGE, 0);
	page_start(&p, 20);
	page_stack(&p, 0, 0, 7, 0xffff800000003000);
	page_event_in(&p, 1, 23, 0, 7); /* its stack never comes */
	page_end(&p, fd, PAGE, 0);

	ring_init(&r, a, 0);
	add_stream(&r, fd, 0, INST_STACK);
	CHECK(stack_init(t, &r));
	expect_stack(&r, 20, 0xffff800000002000);
	expect_stack(&r, 21, 0xffff800000001000);
	expect_stack(&r, 22, 0xffff800000003000);
	expect_stack(&r, 23, 0);
	CHECK_INT(ring_next(&r, UINT64_MAX, &s), 0);
	ring_close(&r);
	tracefs_close(t);
}

/* ---- tasks ---- */

static void put_status(const char *dir, const char *name, int tgid, int pid, int ppid, int uid,
		       int threads)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), "%s/status", dir);
	snprintf(text, sizeof(text),
		 "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n"
		 "PPid:\t%d\nTracerPid:\t0\nUid:\t%d\t%d\t%d\t%d\nGid:\t5\t6\t6\t6\nThreads:\t%d\n",
		 name, tgid, pid, ppid, uid, uid + 1, uid, uid, threads);
	put(path, text);
}

static const TaskEvents task_events = {
    .newtask = 50,
    .rename = 51,
    .exec = 52,
    .exit = 53,
    .creds = 54,
    .new_pid = 8,
    .new_comm = 12,
    .new_flags = 32,
    .rename_pid = 8,
    .rename_comm = 28,
    .exec_pid = 12,
    .exec_old = 16,
    .exit_pid = 24,
    .cred = {16, 20, 24, 28},
};

static void apply(Tasks *ts, int id, int by, int pid, const char *comm, uint32_t v)
{
	const TaskEvents *e = &task_events;
	uint8_t rec[48] = {(uint8_t)id};

	memcpy(rec + 4, &by, 4);
	if (id == e->newtask) {
		memcpy(rec + e->new_pid, &pid, 4);
		memcpy(rec + e->new_comm, comm, strlen(comm));
		memcpy(rec + e->new_flags, &v, 4);
	} else if (id == e->rename) {
		memcpy(rec + e->rename_pid, &pid, 4);
		memcpy(rec + e->rename_comm, comm, strlen(comm));
	} else if (id == e->exec) {
		memcpy(rec + e->exec_pid, &pid, 4);
		memcpy(rec + e->exec_old, &v, 4);
	} else if (id == e->exit) {
		memcpy(rec + e->exit_pid, &pid, 4);
	} else if (id == e->creds) {
		for (int i = 0; i < 4; i++, v++)
			memcpy(rec + e->cred[i], &v, 4);
	}
	tasks_apply(ts, e, rec, sizeof(rec));
}

static void expect_task(Tasks *ts, int tid, int tgid, int ppid, const char *comm, unsigned uid)
{
	const TaskInfo *i = tasks_get(ts, tid, 0);

	CHECK_INT(i->tid, tid);
	CHECK_INT(i->tgid, tgid);
	CHECK_INT(i->ppid, ppid);
	CHECK_STR(i->comm, comm);
	CHECK_INT(i->uid, uid);
}

static void test_status(void)
{
	char worker[] = "Name:\tkworker/0:1H-kblockd\nTgid:\t9\nPid:\t9\nPPid:\t2\nThreads:\t1\n";
	char rescuer[] = "Name:\tkworker/R-rcu_gp\nTgid:\t9\nPid:\t9\nPPid:\t2\nThreads:\t1\n";
	char odd[] = "Name:\ta\\\\b\\nc\nTgid:\t9\nPid:\t10\nPPid:\t2\nThreads:\t3\n";
	char none[] = "cpu 0\n";
	ProcTask p;

	CHECK(proc_status(worker, &p));
	CHECK_STR(p.info.comm, "kworker/0:1H");
	CHECK(proc_status(rescuer, &p));
	CHECK_STR(p.info.comm, "kworker/R-rcu_g");
	CHECK(proc_status(odd, &p));
	CHECK_STR(p.info.comm, "a\\b\nc");
	CHECK(p.info.tid == 10 && p.info.tgid == 9 && p.threads == 3);
	CHECK(!proc_status(none, &p));
}

static void test_tasks(Arena *a)
{
	put_status("proc/1", "init", 1, 1, 0, 0, 1);
	put_status("proc/100", "server", 100, 100, 1, 1000, 2);
	put_status("proc/100/task/100", "server", 100, 100, 1, 1000, 2);
	put_status("proc/100/task/101", "worker", 100, 101, 1, 1000, 2);
	put_status("proc/200", "sh", 200, 200, 100, 0, 1);
	put("proc/uptime", "1 2");
	Tasks *ts = tasks_new(a, arena_strdup(a, in_tmp("proc")), false);
	tasks_scan(ts);
	expect_task(ts, 101, 100, 1, "worker", 1000);
	CHECK_INT(tasks_get(ts, 101, 0)->euid, 1001);
	CHECK_INT(tasks_get(ts, 101, 0)->gid, 5);
	expect_task(ts, 200, 200, 100, "sh", 0);
	CHECK_STR(tasks_get(ts, 0, 3)->comm, "swapper/3");
	expect_task(ts, 4711, 4711, 0, "<...>", 0);

	apply(ts, 50, 100, 200, "server", 0); /* what the scan has seen already: no change */
	expect_task(ts, 200, 200, 100, "sh", 0);

	apply(ts, 50, 101, 300, "worker", 0); /* a thread forks: the process is the parent */
	expect_task(ts, 300, 300, 100, "worker", 1000);
	apply(ts, 50, 300, 301, "worker", 0x10000); /* and makes a thread */
	expect_task(ts, 301, 300, 100, "worker", 1000);
	apply(ts, 54, 301, 0, "", 7); /* setresuid of that thread only */
	expect_task(ts, 301, 300, 100, "worker", 7);
	CHECK_INT(tasks_get(ts, 301, 0)->egid, 10);
	expect_task(ts, 300, 300, 100, "worker", 1000);
	apply(ts, 51, 301, 301, "renamed", 0);
	expect_task(ts, 301, 300, 100, "renamed", 7);

	apply(ts, 53, 300, 300, "", 0); /* the thread execs: the leader dies, it takes its tid */
	apply(ts, 51, 300, 300, "date", 0);
	apply(ts, 54, 300, 0, "", 7);
	apply(ts, 52, 300, 300, "", 301);
	expect_task(ts, 300, 300, 100, "date", 7);

	apply(ts, 50, 300, 310, "date", 0x8000); /* CLONE_PARENT */
	expect_task(ts, 310, 310, 100, "date", 7);
	apply(ts, 50, 300, 320, "date", 0);
	expect_task(ts, 320, 320, 300, "date", 7);
	apply(ts, 53, 300, 300, "",
	      0); /* its parent is gone: init's child, /proc does not know it */
	expect_task(ts, 320, 320, 1, "date", 7);
	expect_task(ts, 300, 300, 100, "date", 7); /* the dead are remembered */

	apply(ts, 53, 100, 100, "", 0); /* a leader dies, its group lives on */
	expect_task(ts, 200, 200, 100, "sh", 0);
	put_status("proc/200", "sh", 200, 200, 55, 0, 1);
	put_status("proc/200/task/200", "sh", 200, 200, 55, 0, 1);
	apply(ts, 53, 101, 101, "", 0); /* now it ends: a subreaper took the child */
	expect_task(ts, 200, 200, 55, "sh", 0);
	apply(ts, 50, 1, 300, "init", 0); /* the number comes again */
	expect_task(ts, 300, 300, 1, "init", 0);
}

/* Many short lives: the table stays as large as it has to be, and nobody living is lost. */
static void test_task_churn(Arena *a)
{
	Tasks *ts = tasks_new(a, "/nonexistent", false);

	apply(ts, 50, 0, 1, "init", 0);
	apply(ts, 50, 1, 2, "keep", 0);
	for (int i = 3; i < 60000; i++) {
		apply(ts, 50, 2, i, "short", 0);
		CHECK(tasks_get(ts, i, 0)->ppid == 2);
		if (i % 1000)
			apply(ts, 53, i, i, "", 0);
	}
	expect_task(ts, 2, 2, 1, "keep", 0);
	for (int i = 1000; i < 60000; i += 1000)
		expect_task(ts, i, i, 2, "short", 0);
}

/* ---- the running kernel ---- */

static const struct timespec ms = {0, 1000000};

static EventDef *static_event(Plan *p, const char *system, const char *name, unsigned needs)
{
	EventDef *e = NEW(p->arena, EventDef);

	e->kind = EV_STATIC;
	e->system = system;
	e->name = name;
	e->comm = e->sp = e->jiffies = -1;
	e->needs = needs;
	p->needs |= needs;
	vec_push(p->arena, &p->events, e);
	return e;
}

static Plan *new_plan(Arena *a)
{
	Plan *p = NEW(a, Plan);

	p->arena = a;
	for (int i = 0; i < 4; i++)
		p->cred_off[i] = -1;
	return p;
}

static bool arm_plan(Tracefs *t, const Plan *p, unsigned kb, int target)
{
	Diag d = {.out = stdout};
	int self = getpid();
	ArmOptions o = {.plan = p,
			.diag = &d,
			.buffer_kb = kb,
			.own_tids = &self,
			.n_own_tids = 1,
			.target = target};
	return tracefs_arm(t, &o);
}

static int read_all(Tracefs *t, uint64_t until, int *count, bool *ordered)
{
	static uint64_t last;
	const Record *r;
	int n = 0;

	while (tracefs_next(t, until, &r) > 0) {
		count[r->event]++;
		*ordered = *ordered && r->time >= last;
		last = r->time;
		n++;
	}
	return n;
}

/* A child that waits for a byte, calls getppid @n times and ends. */
static pid_t caller(int n, int *gate)
{
	int fd[2];
	char c;

	if (pipe(fd) < 0)
		return -1;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[1]);
		if (read(fd[0], &c, 1) == 1)
			for (int i = 0; i < n; i++)
				syscall(SYS_getppid);
		_exit(0);
	}
	close(fd[0]);
	*gate = fd[1];
	return pid;
}

static void let_go(int gate)
{
	CHECK(write(gate, "x", 1) == 1);
	close(gate);
}

static bool no_trace_of(const Tracefs *t)
{
	static const char *const suffix[] = {"", "_s", "_t", "_x"};
	char tag[40], path[128];
	AUTO_BUF b = {0};

	run_tag(tag, sizeof(tag));
	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		snprintf(path, sizeof(path), "instances/tapx_%s%s", tag, suffix[i]);
		if (tfs_has(t->fd, path))
			return false;
	}
	tfs_read(t->fd, "dynamic_events", &b);
	return strstr(buf_str(&b), tag) == NULL;
}

/* Two EventDefs on one event, one of them filtered wider: every hit once for each, in order. */
static void test_live_counts(Tracefs *t, Arena *a)
{
	enum { N = 50000 };
	int count[2] = {0}, gate, status;
	bool ordered = true, gone = false;
	Losses l;
	Plan *p = new_plan(a);
	pid_t pid = caller(N, &gate);

	for (int i = 0; i < 2; i++)
		static_event(p, "raw_syscalls", "sys_enter", 0)->filter =
		    arena_printf(a, "id == %d && common_pid == %d", SYS_getppid, pid);
	CHECK(arm_plan(t, p, 0, 0));
	let_go(gate);
	while (!gone) {
		gone = waitpid(pid, &status, WNOHANG) == pid;
		read_all(t, tracefs_horizon(t), count, &ordered);
		nanosleep(&ms, NULL);
	}
	tracefs_stop(t);
	read_all(t, UINT64_MAX, count, &ordered);
	CHECK_INT(count[0], N);
	CHECK_INT(count[1], N);
	CHECK(ordered);
	CHECK_INT(tracefs_total_overrun(t), 0);
	tracefs_losses(t, 0, &l);
	CHECK_INT(l.missed, 0);
	tracefs_disarm(t, 5000);
	CHECK(no_trace_of(t));
}

/* Nobody reads a small buffer: what is there and what was lost is everything. */
static void test_live_losses(Tracefs *t, Arena *a)
{
	enum { N = 30000 };
	int count[1] = {0}, gate, status;
	bool ordered = true;
	Plan *p = new_plan(a);
	pid_t pid = caller(N, &gate);

	static_event(p, "raw_syscalls", "sys_enter", 0)->filter =
	    arena_printf(a, "id == %d && common_pid == %d", SYS_getppid, pid);
	CHECK(arm_plan(t, p, 64, 0));
	let_go(gate);
	waitpid(pid, &status, 0);
	tracefs_stop(t);
	read_all(t, UINT64_MAX, count, &ordered);
	uint64_t lost = tracefs_total_overrun(t);
	CHECK(lost > 0);
	CHECK_INT((long long)lost + count[0], N);
	tracefs_disarm(t, 5000);
	CHECK_INT(tracefs_total_overrun(t), lost);
}

static void *thread_main(void *arg)
{
	*(pid_t *)arg = gettid();
	syscall(SYS_getppid);
	return NULL;
}

/* A family: threads, a fork out of a thread, an orphan. Each member calls getppid once or more. */
static void family(void)
{
	pthread_t thread;
	pid_t tid;
	int status;

	pthread_create(&thread, NULL, thread_main, &tid);
	pthread_join(thread, NULL);
	if (fork() == 0) {
		if (fork() == 0) {
			while (getppid() != 1 && getppid() != 0)
				nanosleep(&ms, NULL);
			syscall(SYS_getppid);
			_exit(0);
		}
		_exit(0);
	}
	wait(&status);
	nanosleep(&(struct timespec){0, 50000000}, NULL);
	execl("/bin/true", "true", NULL);
}

static void test_live_tasks(Tracefs *t, Arena *a)
{
	int fd[2], status, exits = 0, threads = 0, execd = 0;
	const Record *r;
	Plan *p = new_plan(a);
	char c;

	static_event(p, "sched", "sched_process_exit", NEED_TASK);
	static_event(p, "sched", "sched_process_exec", NEED_TASK);
	p->follow_target = true;
	CHECK(pipe(fd) == 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[1]);
		if (read(fd[0], &c, 1) == 1)
			family();
		_exit(1);
	}
	close(fd[0]);
	CHECK(arm_plan(t, p, 0, pid));
	let_go(fd[1]);
	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	nanosleep(&(struct timespec){0, 50000000}, NULL);
	tracefs_stop(t);
	while (tracefs_next(t, UINT64_MAX, &r) > 0) {
		CHECK(r->task && r->task->tid == r->tid);
		if (!r->task)
			continue;
		exits += r->event == 0;
		execd += r->event == 1 && r->tid == pid;
		if (r->task->tgid == pid && r->tid != pid) {
			threads++;
			CHECK_INT(r->task->ppid, getpid());
		} else if (r->tid == pid) {
			CHECK_INT(r->task->ppid, getpid());
			CHECK_STR(r->task->comm, "true");
		}
		CHECK_INT(r->task->uid, getuid());
	}
	CHECK_INT(exits, 4); /* thread, child, orphan, itself: only those that follow the target */
	CHECK_INT(threads, 1);
	CHECK_INT(execd, 1);
	tracefs_disarm(t, 5000);
	CHECK(no_trace_of(t));
}

/* Arming must fail, with @tag in the message and nothing left behind. */
static void expect_refusal(Tracefs *t, const Plan *p, const char *tag)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	Diag d = {.out = out};
	ArmOptions o = {.plan = p, .diag = &d};

	CHECK(!tracefs_arm(t, &o));
	CHECK_INT(d.errors, 1);
	fclose(out);
	CHECK(text && strstr(text, tag));
	free(text);
	CHECK(no_trace_of(t));
}

static void test_live_refusals(Tracefs *t, Arena *a)
{
	Plan *filter = new_plan(a), *field = new_plan(a), *event = new_plan(a);
	Capture absent = {.arg = "nosuch", .sentinel = -1, .total = -1};
	volatile sig_atomic_t stop = 1;

	static_event(filter, "raw_syscalls", "sys_enter", 0)->filter = "nosuch == 1";
	expect_refusal(t, filter, "[FILTER_REFUSED]");
	EventDef *e = static_event(field, "raw_syscalls", "sys_enter", 0);
	vec_push(a, &e->captures, &absent);
	expect_refusal(t, field, "[EVENT_REFUSED]");
	static_event(event, "raw_syscalls", "nosuch", 0);
	expect_refusal(t, event, "[EVENT_REFUSED]");

	Diag d = {.out = NULL};
	Plan *plain = new_plan(a);
	ArmOptions o = {.plan = plain, .diag = &d, .cancel = &stop};
	static_event(plain, "raw_syscalls", "sys_enter", 0);
	CHECK(!tracefs_arm(t, &o)); /* interrupted */
	CHECK(no_trace_of(t));
}

/* SIGKILL: the guardian removes everything. */
static void test_live_killed(Tracefs *t, Arena *a)
{
	char tag[64];
	int fd[2], status;

	CHECK(pipe(fd) == 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		Plan *p = new_plan(a);
		static_event(p, "raw_syscalls", "sys_enter", NEED_TASK);
		run_tag(tag, sizeof(tag));
		if (arm_plan(t, p, 0, 0) && write(fd[1], tag, sizeof(tag)) > 0)
			pause();
		_exit(1);
	}
	close(fd[1]);
	CHECK(read(fd[0], tag, sizeof(tag)) == sizeof(tag));
	close(fd[0]);
	char path[128];
	snprintf(path, sizeof(path), "instances/tapx_%s", tag);
	CHECK(tfs_has(t->fd, path));
	CHECK_INT(tracefs_collect_stale(t), 0); /* it lives */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	for (int i = 0; i < 10000 && tfs_has(t->fd, path); i++)
		nanosleep(&ms, NULL);
	CHECK(!tfs_has(t->fd, path));
}

static void test_live(Arena *a)
{
	static void (*const tests[])(Tracefs * t, Arena * a) = {
	    test_live_counts,	test_live_losses, test_live_tasks,
	    test_live_refusals, test_live_killed,
	};
	const char *why;
	Tracefs *t = geteuid() == 0 ? tracefs_open(a, NULL, &why) : NULL;

	if (!t || !tfs_has(t->fd, "events/raw_syscalls/sys_enter")) {
		printf("skip: no usable tracefs on this host\n");
		if (t)
			tracefs_close(t);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		tests[i](t, a);
		tracefs_close(t);
		t = tracefs_open(a, NULL, &why);
	}
	tracefs_close(t);
}

int main(void)
{
	Arena *a = arena_new();
	char rm[128];

	snprintf(tmp, sizeof(tmp), "/tmp/tapx-tracefs-XXXXXX");
	if (!mkdtemp(tmp))
		return 1;
	test_clock();
	test_format(a);
	test_root(a);
	test_stale(a);
	test_pages(a);
	test_merge(a);
	test_stack(a);
	test_status();
	test_tasks(a);
	test_task_churn(a);
	test_live(a);
	snprintf(rm, sizeof(rm), "rm -rf %s", tmp);
	if (system(rm) != 0)
		printf("%s stays\n", tmp);
	arena_free(a);
	return test_end("tracefs");
}
