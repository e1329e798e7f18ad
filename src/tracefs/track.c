/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * track: the task tracker's events in an instance of their own, so that user probes cannot push
 * them out of the buffer. Four static events, and where kprobes are possible commit_creds(), with
 * the offsets in struct cred that the plan brings.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <string.h>

#define CREDS_EVENT "creds_of_tasks"

static int offset_of(const TraceEvent *e, const char *field)
{
	const TraceField *f = format_field(e, field);
	return f ? f->offset : -1;
}

static const TraceEvent *known(Tracefs *t, const char *system, const char *name)
{
	const KernelView *v = tracefs_view(t);
	return v->event(v->ctx, system, name);
}

static void learn_formats(Tracefs *t, TaskEvents *ev)
{
	const TraceEvent *new = known(t, "task", "task_newtask");
	const TraceEvent *rename = known(t, "task", "task_rename");
	const TraceEvent *exec = known(t, "sched", "sched_process_exec");
	const TraceEvent *exit = known(t, "sched", "sched_process_exit");

	*ev = (TaskEvents){
	    .newtask = new ? new->id : 0,
	    .rename = rename ? rename->id : 0,
	    .exec = exec ? exec->id : 0,
	    .exit = exit ? exit->id : 0,
	    .new_pid = offset_of(new, "pid"),
	    .new_comm = offset_of(new, "comm"),
	    .new_flags = offset_of(new, "clone_flags"),
	    .rename_pid = offset_of(rename, "pid"),
	    .rename_comm = offset_of(rename, "newcomm"),
	    .exec_pid = offset_of(exec, "pid"),
	    .exec_old = offset_of(exec, "old_pid"),
	    .exec_file = offset_of(exec, "filename"),
	    .exit_pid = offset_of(exit, "pid"),
	};
}

/* p:GROUP/creds_of_tasks commit_creds c0=+8(%di):u32 ... uid gid euid egid */
static bool define_creds(Tracefs *t, Run *r)
{
	const int *off = r->o.plan->cred_off;
	AUTO_BUF line = {0};
	Fetch arg;

	if (!tracefs_view(t)->has_kprobes || !arch_arg(1, &arg))
		return false;
	buf_printf(&line, "p:%s/" CREDS_EVENT " commit_creds", r->group);
	for (int i = 0; i < 4; i++) {
		if (off[i] < 0)
			return false;
		buf_printf(&line, " c%d=+%d(%%%s):u32", i, off[i], arch_reg_ftrace(arg.reg));
	}
	return tfs_write(t->fd, "kprobe_events", buf_str(&line)) == 0;
}

static void start_creds(Tracefs *t, Run *r)
{
	if (!(r->o.plan->needs & NEED_TASK) || !define_creds(t, r))
		return;
	const TraceEvent *e = format_load(t, r->group, CREDS_EVENT);
	char name[16];
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		r->task_ev.cred[i] = offset_of(e, name);
	}
	if (e && tfs_writef(r->inst[INST_TASKS].fd, "1", "events/%s/" CREDS_EVENT "/enable",
			    r->group) == 0)
		r->task_ev.creds = e->id;
}

int tracker_start(Tracefs *t, Run *r)
{
	static const char *const enables[] = {
	    "events/task/task_newtask/enable",
	    "events/task/task_rename/enable",
	    "events/sched/sched_process_exec/enable",
	    "events/sched/sched_process_exit/enable",
	};
	Instance *in = &r->inst[INST_TASKS];
	int err = instance_make(t, in, r->tag, INST_TASKS);

	if (!err)
		err = instance_clock(t, in);
	if (err)
		return err;
	learn_formats(t, &r->task_ev);
	start_creds(t, r);
	for (size_t i = 0; i < ARRAY_SIZE(enables) && !err; i++)
		err = tfs_write(in->fd, enables[i], "1");
	if (err)
		return err;
	r->tasks = tasks_new(r->arena, "/proc", r->o.plan->needs & NEED_EXE);
	tasks_scan(r->tasks);
	return 0;
}
