// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lock: each global that handlers share has a lock. A handler takes those of all globals that it or
 * its functions may touch, in the order in which they are declared, before it begins; who waits too
 * long is skipped: it may be the interrupt of who holds them.
 */

/* struct rt_use - a global as a handler uses it. */
struct rt_use {
	rwlock_t *lock;
	bool write;
};

static bool rt_try(const struct rt_use *u)
{
	return u->write ? write_trylock(u->lock) : read_trylock(u->lock);
}

static bool rt_lock_one(const struct rt_use *u)
{
	int i;

	for (i = 0; !rt_try(u); i++) {
		if (i >= RT_MAXTRYLOCK)
			return false;
		udelay(RT_TRYLOCK_US);
	}
	return true;
}

static void rt_unlock(const struct rt_use *u, int n)
{
	while (n-- > 0) {
		if (u[n].write)
			write_unlock(u[n].lock);
		else
			read_unlock(u[n].lock);
	}
}

static bool rt_lock(struct rt_ctx *c, const struct rt_use *u, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (rt_lock_one(&u[i]))
			continue;
		rt_unlock(u, i);
		return false;
	}
	return true;
}
