// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_task: built-ins about the task that runs, and others by number. Preemption is off, so that
 * what RCU protects stays; task_lock() may be held by whom we interrupted and is only tried.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <asm/word-at-a-time.h>

/* By words: it is asked for at many hits. A copy, since the task may get another name meanwhile. */
static struct rt_sv rt_comm(struct rt_str *to, const struct task_struct *t)
{
	const struct word_at_a_time zeros = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word[TASK_COMM_LEN / sizeof(long)], bits;
	u32 n = 0, i;

	memcpy(word, t->comm, sizeof(word));
	for (i = 0; i < ARRAY_SIZE(word); i++, n += sizeof(long)) {
		if (!has_zero(word[i], &bits, &zeros))
			continue;
		n += find_zero(create_zero_mask(prep_zero_mask(word[i], bits, &zeros)));
		break;
	}
	if (RT_STR_ROOM < sizeof(word))
		return rt_copy(to, (struct rt_sv){(const char *)word, n});
	memcpy(to->s, word, sizeof(word));
	to->n = n;
	return rt_view(to);
}

/* rt_task_of - NULL: there is none. */
static struct task_struct *rt_task_of(s64 pid)
{
	struct task_struct *t;

	if (pid <= 0 || pid != (s32)pid)
		return NULL;
	rcu_read_lock(); /* for who checks it: with preemption off the task stays */
	t = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	rcu_read_unlock();
	return t;
}

/* ---- the current task ---- */

RT_FN s64 rt_fn_pid(struct rt_ctx *c, const char *at)
{
	return rt_subject(c)->tgid;
}

RT_FN s64 rt_fn_tid(struct rt_ctx *c, const char *at)
{
	return rt_subject(c)->pid;
}

RT_FN s64 rt_fn_ppid(struct rt_ctx *c, const char *at)
{
	return rt_parent(rt_subject(c))->tgid;
}

RT_FN s64 rt_fn_uid(struct rt_ctx *c, const char *at)
{
	return from_kuid_munged(&init_user_ns, task_uid(rt_subject(c)));
}

RT_FN s64 rt_fn_euid(struct rt_ctx *c, const char *at)
{
	return from_kuid_munged(&init_user_ns, task_euid(rt_subject(c)));
}

RT_FN s64 rt_fn_gid(struct rt_ctx *c, const char *at)
{
	return from_kgid_munged(&init_user_ns, task_cred_xxx(rt_subject(c), gid));
}

RT_FN s64 rt_fn_egid(struct rt_ctx *c, const char *at)
{
	return from_kgid_munged(&init_user_ns, task_cred_xxx(rt_subject(c), egid));
}

RT_FN s64 rt_fn_is_myproc(struct rt_ctx *c, const char *at)
{
	return uid_eq(task_uid(rt_subject(c)), rt_reader_uid);
}

RT_FN s64 rt_fn_pgrp(struct rt_ctx *c, const char *at)
{
	return task_pgrp_nr_ns(rt_subject(c), &init_pid_ns);
}

RT_FN s64 rt_fn_sid(struct rt_ctx *c, const char *at)
{
	return task_session_nr_ns(rt_subject(c), &init_pid_ns);
}

RT_FN s64 rt_fn_cpu(struct rt_ctx *c, const char *at)
{
	return c->cpu;
}

RT_FN s64 rt_fn_cpuid(struct rt_ctx *c, const char *at)
{
	return c->cpu;
}

RT_FN struct rt_sv rt_fn_execname(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_comm(to, rt_subject(c));
}

RT_FN struct rt_sv rt_fn_pexecname(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_comm(to, rt_parent(rt_subject(c)));
}

RT_FN struct rt_sv rt_fn_pid2execname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 pid)
{
	const struct task_struct *t = rt_task_of(pid);

	return t ? rt_comm(to, t) : RT_LIT("");
}

/* ---- memory in pages: the columns of /proc/PID/statm ---- */

static s64 rt_mm_column(struct mm_struct *mm, s64 column)
{
	s64 shared = get_mm_counter(mm, MM_FILEPAGES) + get_mm_counter(mm, MM_SHMEMPAGES);

	switch (column) {
	case 0:
		return mm->total_vm;
	case 1:
		return shared + get_mm_counter(mm, MM_ANONPAGES);
	case 2:
		return shared;
	case 3:
		return (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
	case 5:
		return mm->data_vm + mm->stack_vm;
	default:
		return 0;
	}
}

RT_FN s64 rt_fn_statm(struct rt_ctx *c, const char *at, s64 pid, s64 column)
{
	struct task_struct *t = rt_task_of(pid);
	s64 v;

	if (!t || !spin_trylock(&t->alloc_lock))
		return 0;
	v = t->mm ? rt_mm_column(t->mm, column) : 0;
	spin_unlock(&t->alloc_lock);
	return v;
}

/* ---- target() and what descends from it ---- */

RT_FN s64 rt_fn_target(struct rt_ctx *c, const char *at)
{
	return rt_target;
}

RT_FN s64 rt_fn_target_set_pid(struct rt_ctx *c, const char *at, s64 pid)
{
	return rt_target && (pid == rt_target || rt_in_target_set(rt_task_of(pid)));
}

/* Who is in the set and lives, each with its parent. */
RT_FN void rt_fn_target_set_report(struct rt_ctx *c, const char *at)
{
	const struct task_struct *t;

	rt_print(c, RT_LIT("target set:\n"));
	if (!rt_target)
		return;
	for_each_process(t) {
		if (!rt_in_target_set(t))
			continue;
		rt_room(c);
		c->out = rt_put_long(c->out, c->out_end, rt_parent(t)->tgid);
		rt_print(c, RT_LIT(" begat "));
		c->out = rt_put_long(c->out, c->out_end, t->tgid);
		rt_print(c, RT_LIT("\n"));
	}
}

/* ---- command line and environment of the current process: text ended by NULs ---- */

/* struct rt_area - what is left of it; a piece of it is in error_text of the context. */
struct rt_area {
	unsigned long at, end;
	u32 pos, n;
};

enum { RT_AREA_MOST = 1 << 16 };

static struct rt_area rt_area(unsigned long from, unsigned long to)
{
	return (struct rt_area){from, min(to, from + RT_AREA_MOST)};
}

/* The next byte, -1 at the end or where it is not in memory. */
static int rt_area_next(struct rt_ctx *c, struct rt_area *a)
{
	if (a->pos == a->n) {
		if (a->at >= a->end)
			return -1;
		a->pos = 0;
		a->n = min3(a->end - a->at, PAGE_SIZE - offset_in_page(a->at), (unsigned long)RT_ERROR_BYTES);
		if (copy_from_user_nofault(c->error_text, (void __user *)a->at, a->n))
			return -1;
		a->at += a->n;
	}
	return (u8)c->error_text[a->pos++];
}

/* Arguments @n .. @m of the command, all from @n on when @m < @n; an empty one would not be seen. */
RT_FN struct rt_sv rt_fn_cmdline_args(struct rt_ctx *c, const char *at, struct rt_str *to, s64 n, s64 m,
				      struct rt_sv delim)
{
	struct mm_struct *mm = c->hit.task ? NULL : current->mm; /* only our own can be read */
	struct rt_area a = mm ? rt_area(mm->arg_start, mm->arg_end) : rt_area(0, 0);
	bool begins = true;
	s64 i = 0;
	int byte;

	to->n = 0;
	while ((byte = rt_area_next(c, &a)) >= 0) {
		bool wanted = i >= n && (m < n || i <= m);

		if (wanted && begins && i > n && i > 0)
			rt_append(to, delim);
		if (wanted && byte)
			rt_append(to, (struct rt_sv){&(char){byte}, 1});
		else if (wanted && begins && i > n && i > 0)
			rt_append(to, RT_LIT("\"\""));
		begins = !byte;
		i += begins;
	}
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_env_var(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv name)
{
	struct mm_struct *mm = c->hit.task ? NULL : current->mm; /* only our own can be read */
	struct rt_area a = mm && name.n ? rt_area(mm->env_start, mm->env_end) : rt_area(0, 0);
	bool same = true, value = false;
	u32 i = 0;
	int byte;

	to->n = 0;
	while ((byte = rt_area_next(c, &a)) >= 0) {
		if (value && !byte)
			break;
		if (value) {
			rt_append(to, (struct rt_sv){&(char){byte}, 1});
		} else if (!byte) { /* the next variable */
			same = true;
			i = 0;
		} else {
			value = same && i == name.n && byte == '=';
			same = same && i < name.n && byte == name.p[i];
			i++;
		}
	}
	return rt_view(to);
}
