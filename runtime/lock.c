// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lock: each global that running handlers change has a lock. A handler takes those of all globals that
 * it or its functions may touch, in the order in which they are declared, before it begins; who waits
 * too long is skipped: it may be the interrupt of who holds them. They are bare locks, tried and never
 * waited for by the kernel's own means: those may be probed.
 *
 * Globals that processors have parts of (part.c) have one lock in each context: who only adds holds
 * that of its own processor, and who wants to see them holds all.
 */
enum rt_how { RT_READ, RT_WRITE, RT_ADD, RT_STOP };

/* struct rt_use - a global as a handler uses it; the row of those with parts is the last. */
struct rt_use {
	enum rt_how how;
	arch_rwlock_t *lock; /* RT_READ RT_WRITE */
};

enum { RT_QUICK_TRIES = 200 }; /* most locks are held for less than a microsecond */

static bool rt_try(struct rt_ctx *c, const struct rt_use *u)
{
	if (u->how == RT_ADD)
		return !atomic_cmpxchg_acquire(&c->adding, 0, 1);
	return u->how == RT_WRITE ? arch_write_trylock(u->lock) : arch_read_trylock(u->lock);
}

static bool rt_lock_one(struct rt_ctx *c, const struct rt_use *u)
{
	int i;

	for (i = 0; !rt_try(c, u); i++) {
		if (i >= RT_QUICK_TRIES + (in_nmi() ? 0 : RT_MAXTRYLOCK))
			return false;
		if (i < RT_QUICK_TRIES)
			cpu_relax();
		else
			udelay(RT_TRYLOCK_US);
	}
	return true;
}

static void rt_let_add(int before)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (cpu < before)
			atomic_set_release(&rt_ctxs[cpu]->adding, 0);
}

static bool rt_stop_adding(void)
{
	static const struct rt_use add = {RT_ADD};
	int cpu;

	for_each_possible_cpu(cpu) {
		if (rt_lock_one(rt_ctxs[cpu], &add))
			continue;
		rt_let_add(cpu);
		return false;
	}
	return true;
}

static void rt_unlock(struct rt_ctx *c, const struct rt_use *u, int n)
{
	while (n-- > 0) {
		if (u[n].how == RT_ADD)
			atomic_set_release(&c->adding, 0);
		else if (u[n].how == RT_STOP)
			rt_let_add(nr_cpu_ids);
		else if (u[n].how == RT_WRITE)
			arch_write_unlock(u[n].lock);
		else
			arch_read_unlock(u[n].lock);
	}
}

static bool rt_lock(struct rt_ctx *c, const struct rt_use *u, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (u[i].how == RT_STOP ? rt_stop_adding() : rt_lock_one(c, &u[i]))
			continue;
		rt_unlock(c, u, i);
		return false;
	}
	return true;
}
