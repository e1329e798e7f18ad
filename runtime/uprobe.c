// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uprobe: probes in programs and libraries. The kernel calls with preemption on and page faults allowed;
 * handlers run with preemption off as all do, and see only what is in memory. What a return probe
 * wants of the entry is kept in a pool; calls that never return make room in turn.
 */
#include <linux/fs.h>
#include <linux/ptrace.h>
#include <linux/uprobes.h>

struct rt_uprobe {
	struct uprobe_consumer uc;
	rt_uprobe_handle handle;
	const struct rt_probe *p;
	struct inode *inode;
	bool armed;
};

static struct rt_uprobe rt_uprobes[RT_N_UPROBES];
static int rt_n_uprobes;

/* ---- what is kept of entries ---- */

enum { RT_CALLS = 1024 };

struct rt_call {
	const struct rt_probe *p; /* NULL: free */
	pid_t tid;
	unsigned long sp;
	u64 used; /* when: the oldest makes room */
	void *kept;
};

static struct rt_call rt_calls[RT_CALLS];
static DEFINE_RAW_SPINLOCK(rt_calls_lock);
static void *rt_calls_memory;
static u64 rt_calls_made;

enum { RT_CALL_TRIES = 16 }; /* places where a call may be */

static struct rt_call *rt_call_at(const struct rt_probe *p, unsigned long sp, int i)
{
	u32 hash = (u32)current->pid * 2654435761u ^ (u32)(sp >> 3) * 40503u ^ (u32)(p - rt_probes);

	return &rt_calls[(hash + i) % RT_CALLS];
}

/* A place for this call, perhaps that of an old one; it is ours alone until it is filled in. */
static struct rt_call *rt_call_take(const struct rt_probe *p, unsigned long sp)
{
	struct rt_call *best = NULL;
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&rt_calls_lock, flags);
	for (i = 0; i < RT_CALL_TRIES; i++) {
		struct rt_call *k = rt_call_at(p, sp, i);

		if (!k->p && !k->tid) {
			best = k;
			break;
		}
		if (k->p && (!best || k->used < best->used))
			best = k;
	}
	if (best) {
		best->p = NULL;
		best->tid = current->pid;
		best->sp = sp;
		best->used = ++rt_calls_made;
	}
	raw_spin_unlock_irqrestore(&rt_calls_lock, flags);
	return best;
}

/* The call whose function was entered with that stack pointer; it stays taken until it is freed. */
static struct rt_call *rt_call_find(const struct rt_probe *p, unsigned long sp)
{
	struct rt_call *k = NULL;
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&rt_calls_lock, flags);
	for (i = 0; i < RT_CALL_TRIES; i++) {
		k = rt_call_at(p, sp, i);
		if (k->p == p && k->tid == current->pid && k->sp == sp)
			break;
	}
	if (i == RT_CALL_TRIES)
		k = NULL;
	else
		k->p = NULL;
	raw_spin_unlock_irqrestore(&rt_calls_lock, flags);
	return k;
}

static void rt_call_set(struct rt_call *k, const struct rt_probe *p)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&rt_calls_lock, flags);
	k->p = p;
	if (!p)
		k->tid = 0;
	raw_spin_unlock_irqrestore(&rt_calls_lock, flags);
}

static int rt_calls_init(void)
{
	size_t most = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(rt_probes); i++)
		if (rt_probes[i].kind == RT_URETPROBE && rt_probes[i].entry)
			most = max(most, ALIGN(rt_probes[i].kept_size, 8));
	if (!most || rt_calls_memory)
		return 0;
	rt_calls_memory = vzalloc(RT_CALLS * most);
	for (i = 0; rt_calls_memory && i < RT_CALLS; i++)
		rt_calls[i].kept = rt_calls_memory + i * most;
	return rt_calls_memory ? 0 : -ENOMEM;
}

/* ---- hits ---- */

static bool rt_uprobe_awake(void)
{
	return READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting);
}

static int rt_uprobe_hit(struct uprobe_consumer *uc, struct pt_regs *regs RT_UPROBE_DATA)
{
	struct rt_hit hit = {.regs = regs, .ip = instruction_pointer(regs)};

	if (rt_uprobe_awake())
		rt_run(container_of(uc, struct rt_uprobe, uc)->p, &hit, RT_MAXACTION);
	return 0;
}

static int rt_uretprobe_entered(struct uprobe_consumer *uc, struct pt_regs *regs RT_UPROBE_DATA)
{
	const struct rt_probe *p = container_of(uc, struct rt_uprobe, uc)->p;
	struct rt_hit hit = {.regs = regs, .ip = instruction_pointer(regs)};
	struct rt_call *k;

	if (!rt_uprobe_awake())
		return 0;
	k = rt_call_take(p, user_stack_pointer(regs));
	if (!k) {
		atomic_inc(&rt_skipped);
		return 0;
	}
	hit.kept = k->kept;
	rt_call_set(k, rt_run_entry(p, &hit, RT_MAXACTION) ? p : NULL);
	return 0;
}

/* The return took its address off the stack, and nothing else. */
static int rt_uretprobe_hit(struct uprobe_consumer *uc, unsigned long func, struct pt_regs *regs RT_UPROBE_DATA)
{
	const struct rt_probe *p = container_of(uc, struct rt_uprobe, uc)->p;
	struct rt_hit hit = {.regs = regs, .ip = func, .ret = instruction_pointer(regs)};
	struct rt_call *k = NULL;

	if (!rt_uprobe_awake())
		return 0;
	if (p->entry) {
		k = rt_call_find(p, user_stack_pointer(regs) - sizeof(long));
		if (!k)
			return 0;
		hit.kept = k->kept;
	}
	rt_run(p, &hit, RT_MAXACTION);
	if (k)
		rt_call_set(k, NULL);
	return 0;
}

/* ---- */

static int rt_uprobe_place(struct rt_uprobe *u)
{
	struct path path;
	int err = kern_path(u->p->path, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	u->inode = igrab(d_real_inode(path.dentry));
	path_put(&path);
	return u->inode ? 0 : -ENOENT;
}

static int rt_uprobe_arm(const struct rt_probe *p)
{
	struct rt_uprobe *u = &rt_uprobes[rt_n_uprobes++];
	int err;

	u->p = p;
	if (p->kind == RT_UPROBE)
		u->uc.handler = rt_uprobe_hit;
	else
		u->uc.ret_handler = rt_uretprobe_hit;
	if (p->kind == RT_URETPROBE && p->entry)
		u->uc.handler = rt_uretprobe_entered;
	err = rt_calls_init() ?: rt_uprobe_place(u);
	if (!err)
		err = rt_uprobe_register(&u->handle, u->inode, p->offset, p->semaphore, &u->uc);
	u->armed = !err;
	if (err && !p->optional)
		rt_tell("ERROR: ", "cannot probe %s: error %d", p->pp, err);
	return p->optional ? 0 : err;
}

static void rt_uprobe_disarm(void)
{
	int i;

	for (i = 0; i < rt_n_uprobes; i++)
		if (rt_uprobes[i].armed)
			rt_uprobe_unregister(rt_uprobes[i].handle, rt_uprobes[i].inode,
					     rt_uprobes[i].p->offset, &rt_uprobes[i].uc);
	rt_uprobe_sync();
	for (i = 0; i < rt_n_uprobes; i++)
		if (rt_uprobes[i].inode)
			iput(rt_uprobes[i].inode);
	vfree(rt_calls_memory);
	rt_calls_memory = NULL;
	rt_n_uprobes = 0;
}
