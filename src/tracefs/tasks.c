/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tasks: the task tracker. A record of the ring buffer names a thread and nothing more; which
 * process that is, its parent, its user, its name, follow from replaying five rare events in time
 * order over one scan of /proc: new task, rename, exec, exit, new credentials. They are enabled
 * before the scan, and each sets a state rather than changing it, so that replaying what the scan
 * has already seen does no harm. So Record.task is right at the hit, also for who is gone.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLONE_PARENT 0x8000u /* linux/sched.h */
#define CLONE_THREAD 0x10000u

enum { MAX_DEPTH = 64 }; /* generations between a process and its ancestor */
enum { MAX_DEAD = 8192 }; /* remembered after their end: what they did last may come later */

typedef struct Task {
	TaskInfo info;	     /* info.tid 0: a free slot */
	uint32_t generation; /* of this process; threads: unused */
	uint32_t parent_gen; /* generation of the process info.ppid when it became the parent */
	int threads;	     /* leaders: how many of the group live */
	bool alive, scanned; /* scanned: from /proc, its newtask record may still come */
} Task;

struct Tasks {
	Arena *arena;
	const char *proc;
	Task *slot; /* hash table, open addressing */
	uint32_t mask, used;
	uint32_t generation;
	TaskInfo idle, unknown;
	Table *programs; /* path as it was executed -> file that it stands for; NULL: nobody asks */
	int32_t dead[MAX_DEAD]; /* a ring of tids, oldest at first_dead */
	int first_dead, n_dead;
};

static uint32_t hash(int32_t tid)
{
	return (uint32_t)tid * 2654435761u >> 7;
}

static Task *find(const Tasks *ts, int32_t tid)
{
	for (uint32_t i = hash(tid) & ts->mask;; i = (i + 1) & ts->mask) {
		Task *t = &ts->slot[i];
		if (t->info.tid == tid)
			return t;
		if (!t->info.tid)
			return NULL;
	}
}

static void grow(Tasks *ts)
{
	Task *old = ts->slot;
	uint32_t n_old = old ? ts->mask + 1 : 0, n = n_old ? n_old * 2 : 1024;
	Task *slot = NEW_ARRAY(ts->arena, Task, n);

	ts->slot = slot;
	ts->mask = n - 1;
	for (uint32_t k = 0; k < n_old; k++) {
		if (!old[k].info.tid)
			continue;
		uint32_t i = hash(old[k].info.tid) & ts->mask;
		while (slot[i].info.tid)
			i = (i + 1) & ts->mask;
		slot[i] = old[k];
	}
}

/* The slot for @tid, new or as it is; other Task pointers become invalid. */
static Task *claim(Tasks *ts, int32_t tid)
{
	Task *t = find(ts, tid);
	if (t)
		return t;
	if (ts->used * 4 >= (ts->mask + 1) * 3)
		grow(ts);
	uint32_t i = hash(tid) & ts->mask;
	while (ts->slot[i].info.tid)
		i = (i + 1) & ts->mask;
	t = &ts->slot[i];
	t->info.tid = tid;
	ts->used++;
	return t;
}

/* Take a slot out, and move up those behind it that its going would hide. */
static void drop(Tasks *ts, Task *t)
{
	uint32_t hole = (uint32_t)(t - ts->slot);

	for (uint32_t i = (hole + 1) & ts->mask; ts->slot[i].info.tid; i = (i + 1) & ts->mask) {
		uint32_t home = hash(ts->slot[i].info.tid) & ts->mask;
		if (((i - home) & ts->mask) < ((i - hole) & ts->mask))
			continue;
		ts->slot[hole] = ts->slot[i];
		hole = i;
	}
	memset(&ts->slot[hole], 0, sizeof(Task));
	ts->used--;
}

static void adopt(Tasks *ts, Task *t, int32_t ppid)
{
	const Task *parent = ppid ? find(ts, ppid) : NULL;
	t->info.ppid = ppid;
	t->parent_gen = parent ? parent->generation : 0;
}

/* ---- living and dying: counted per group, each task once ---- */

static void bury(Tasks *ts, int32_t tid)
{
	Task *t = find(ts, tid);
	if (t && !t->alive && t->threads <= 0)
		drop(ts, t);
}

/* Forget the oldest of the dead to remember this one. */
static void remember_dead(Tasks *ts, int32_t tid)
{
	if (ts->n_dead == MAX_DEAD) {
		bury(ts, ts->dead[ts->first_dead]);
		ts->first_dead = (ts->first_dead + 1) % MAX_DEAD;
		ts->n_dead--;
	}
	ts->dead[(ts->first_dead + ts->n_dead++) % MAX_DEAD] = tid;
}

static void set_alive(Tasks *ts, Task *t, bool alive)
{
	if (t->alive == alive)
		return;
	t->alive = alive;
	Task *leader = t->info.tgid == t->info.tid ? t : find(ts, t->info.tgid);
	if (!leader)
		return;
	leader->threads += alive ? 1 : -1;
	if (leader == t && alive && leader->threads == 1)
		t->generation = ++ts->generation;
	if (!alive && leader != t && !leader->alive && !leader->threads)
		remember_dead(ts, leader->info.tid);
}

/* ---- from /proc ---- */

/* The file that executing @path runs, said once for each path. */
static const char *program_of(Tasks *ts, const char *path)
{
	const char *found = table_get(ts->programs, path), *why;

	if (found)
		return found;
	path = arena_strdup(ts->arena, path);
	found = elf_program(ts->arena, path, &why);
	found = found ? found : path;
	table_put(ts->programs, path, (void *)(uintptr_t)found);
	return found;
}

static const char *exe_of(Tasks *ts, int32_t tid)
{
	char link[64], path[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "%s/%d/exe", ts->proc, tid);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return program_of(ts, path);
}

static Task *from_proc(Tasks *ts, const ProcTask *p)
{
	Task *t = claim(ts, p->info.tid);

	t->info = p->info;
	t->info.exe = ts->programs ? exe_of(ts, p->info.tid) : NULL;
	t->scanned = true;
	set_alive(ts, t, !p->zombie);
	return t;
}

static Task *look_up(Tasks *ts, int32_t tid)
{
	ProcTask p;
	Task *t = find(ts, tid);

	if (t || !proc_read(ts->proc, 0, tid, &p))
		return t;
	t = from_proc(ts, &p);
	adopt(ts, t, p.info.ppid);
	return t;
}

struct scan {
	Tasks *ts;
	int tgid;
};

static bool scan_thread(void *arg, const char *name)
{
	struct scan *s = arg;
	ProcTask p;
	int tid = atoi(name);

	if (tid > 0 && tid != s->tgid && proc_read(s->ts->proc, s->tgid, tid, &p))
		from_proc(s->ts, &p);
	return true;
}

static bool scan_process(void *arg, const char *name)
{
	struct scan *s = arg;
	ProcTask p;
	char path[128];
	int pid = atoi(name);

	if (pid <= 0 || !proc_read(s->ts->proc, 0, pid, &p))
		return true;
	from_proc(s->ts, &p);
	if (p.threads > 1) {
		s->tgid = pid;
		snprintf(path, sizeof(path), "%s/%d/task", s->ts->proc, pid);
		tfs_each(-1, path, scan_thread, s);
	}
	return true;
}

/* Whoever was not seen is gone: matters when the scan is repeated because records were lost. */
void tasks_scan(Tasks *ts)
{
	struct scan s = {.ts = ts};

	for (uint32_t i = 0; i <= ts->mask; i++)
		ts->slot[i].scanned = false;
	tfs_each(-1, ts->proc, scan_process, &s);
	for (uint32_t i = 0; i <= ts->mask; i++)
		if (ts->slot[i].info.tid && !ts->slot[i].scanned)
			set_alive(ts, &ts->slot[i], false);
	for (uint32_t i = 0; i <= ts->mask; i++)
		if (ts->slot[i].alive)
			adopt(ts, &ts->slot[i], ts->slot[i].info.ppid);
}

Tasks *tasks_new(Arena *a, const char *proc, bool programs)
{
	Tasks *ts = NEW(a, Tasks);

	ts->arena = a;
	ts->proc = proc;
	ts->programs = programs ? table_new(a) : NULL;
	grow(ts);
	return ts;
}

/* ---- from records ---- */

static int32_t field32(const uint8_t *data, uint32_t size, int offset, int32_t absent)
{
	return offset < 0 || (uint32_t)offset + 4 > size ? absent : (int32_t)load32(data + offset);
}

static void set_name(Task *t, const uint8_t *data, uint32_t size, int offset)
{
	if (offset < 0 || (uint32_t)offset + 16 > size)
		return;
	memcpy(t->info.comm, data + offset, 15);
	t->info.comm[15] = '\0';
}

static void on_newtask(Tasks *ts, const TaskEvents *e, const uint8_t *data, uint32_t size)
{
	int32_t by = (int32_t)load32(data + 4), tid = field32(data, size, e->new_pid, 0);
	uint32_t flags = (uint32_t)field32(data, size, e->new_flags, 0);

	if (tid <= 0)
		return;
	const Task *p = by ? look_up(ts, by) : NULL;
	TaskInfo parent = p ? p->info : (TaskInfo){.tid = by, .tgid = by};
	uint32_t parent_gen = p ? p->parent_gen : 0;
	Task *t = claim(ts, tid);

	if (t->alive && t->scanned) { /* the scan was later than this record */
		t->scanned = false;
		return;
	}
	if (t->alive) /* its exit was lost */
		set_alive(ts, t, false);
	t->info = parent;
	t->info.tid = tid;
	set_name(t, data, size, e->new_comm);
	if (!(flags & CLONE_THREAD))
		t->info.tgid = tid;
	if (flags & (CLONE_THREAD | CLONE_PARENT))
		t->parent_gen = parent_gen;
	else
		adopt(ts, t, parent.tgid);
	t->scanned = false;
	t->threads = 0;
	set_alive(ts, t, true);
}

/* A path that is not from the root is relative to where the task was: it knows, if it is still there. */
static void set_program(Tasks *ts, Task *t, const uint8_t *data, uint32_t size, int offset)
{
	uint32_t loc = (uint32_t)field32(data, size, offset, 0), at = loc & 0xffff, n = loc >> 16;
	const char *path = (const char *)data + at, *exe;

	if (!ts->programs || !n || at + n > size || path[n - 1])
		return;
	exe = *path == '/' ? NULL : exe_of(ts, t->info.tid);
	t->info.exe = exe ? exe : program_of(ts, path);
}

static void on_exec(Tasks *ts, const TaskEvents *e, const uint8_t *data, uint32_t size)
{
	int32_t tid = field32(data, size, e->exec_pid, 0);
	int32_t old = field32(data, size, e->exec_old, tid);
	Task *t = tid > 0 ? look_up(ts, tid) : NULL;

	if (t)
		set_program(ts, t, data, size, e->exec_file);
	if (!t || old == tid)
		return;
	Task *gone = find(ts, old); /* that thread now goes by the leader's tid */
	set_alive(ts, t, true);
	if (!gone)
		return;
	if (!e->creds) {
		t->info.uid = gone->info.uid;
		t->info.gid = gone->info.gid;
		t->info.euid = gone->info.euid;
		t->info.egid = gone->info.egid;
	}
	set_alive(ts, gone, false);
	drop(ts, gone);
}

static void on_exit_of(Tasks *ts, int32_t tid)
{
	Task *t = tid > 0 ? find(ts, tid) : NULL;

	if (!t || !t->alive)
		return;
	set_alive(ts, t, false);
	remember_dead(ts, tid);
}

static void on_creds(Tasks *ts, const TaskEvents *e, const uint8_t *data, uint32_t size)
{
	Task *t = look_up(ts, (int32_t)load32(data + 4));
	uint32_t *to[4];

	if (!t)
		return;
	to[0] = &t->info.uid;
	to[1] = &t->info.gid;
	to[2] = &t->info.euid;
	to[3] = &t->info.egid;
	for (int i = 0; i < 4; i++)
		*to[i] = (uint32_t)field32(data, size, e->cred[i], (int32_t)*to[i]);
}

void tasks_apply(Tasks *ts, const TaskEvents *e, const uint8_t *data, uint32_t size)
{
	int id = size >= 8 ? load16(data) : 0;

	if (!id)
		return;
	int32_t by = (int32_t)load32(data + 4);
	if (id == e->newtask) {
		on_newtask(ts, e, data, size);
	} else if (id == e->rename) {
		Task *t = look_up(ts, field32(data, size, e->rename_pid, by));
		if (t)
			set_name(t, data, size, e->rename_comm);
	} else if (id == e->exec) {
		on_exec(ts, e, data, size);
	} else if (id == e->exit) {
		on_exit_of(ts, field32(data, size, e->exit_pid, by));
	} else if (id == e->creds) {
		on_creds(ts, e, data, size);
	}
}

/* ---- questions ---- */

/* Its parent's group has come to an end: the kernel gave it a new parent, init or a subreaper. Only
 * /proc knows which; for a task that is gone as well, init. */
static void reparent(Tasks *ts, Task *t)
{
	const Task *parent = find(ts, t->info.ppid);
	ProcTask p;

	if (!t->parent_gen ||
	    (parent && parent->generation == t->parent_gen && parent->threads > 0))
		return;
	bool known = t->alive && proc_read(ts->proc, t->info.tgid, t->info.tid, &p);
	adopt(ts, t, known && p.info.ppid ? p.info.ppid : 1);
}

const TaskInfo *tasks_get(Tasks *ts, int32_t tid, int cpu)
{
	if (tid == 0) { /* each CPU has an idle task of its own */
		snprintf(ts->idle.comm, sizeof(ts->idle.comm), "swapper/%d", cpu);
		return &ts->idle;
	}
	Task *t = look_up(ts, tid);
	if (!t) {
		ts->unknown = (TaskInfo){.tid = tid, .tgid = tid, .comm = "<...>"};
		return &ts->unknown;
	}
	reparent(ts, t);
	return &t->info;
}

bool tasks_descends(const Tasks *ts, const TaskInfo *task, int32_t from)
{
	for (int depth = 0; task && task->tgid > 1 && depth < MAX_DEPTH; depth++) {
		if (task->tgid == from)
			return true;
		const Task *parent = find(ts, task->ppid);
		task = parent ? &parent->info : NULL;
	}
	return false;
}

void tasks_each(const Tasks *ts, void (*fn)(void *arg, const TaskInfo *t), void *arg)
{
	for (uint32_t i = 0; i <= ts->mask; i++)
		if (ts->slot[i].alive)
			fn(arg, &ts->slot[i].info);
}
