// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * builtins: the functions that scripts call and C provides. Each gets the context, what an error
 * points at, for text a place to put it, and its arguments.
 */
#include <linux/timekeeping.h>

#define RT_FN static __maybe_unused

/* ---- the session ---- */

RT_FN void rt_fn_exit(struct rt_ctx *c, const char *at)
{
	rt_exit();
}

RT_FN void rt_fn_abort(struct rt_ctx *c, const char *at)
{
	c->aborted = true;
	rt_fail_final(c, at, "abort");
}

RT_FN void rt_fn_error(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_fail(c, at, "%.*s", (int)s.n, s.p);
}

RT_FN void rt_fn_warn(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_message(c, "WARNING: ", "%.*s", (int)s.n, s.p);
}

RT_FN void rt_fn_log(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_print(c, s);
	rt_print(c, RT_LIT("\n"));
}

/* ---- context ---- */

RT_FN s64 rt_fn_pid(struct rt_ctx *c, const char *at)
{
	return current->tgid;
}

RT_FN s64 rt_fn_tid(struct rt_ctx *c, const char *at)
{
	return current->pid;
}

RT_FN s64 rt_fn_ppid(struct rt_ctx *c, const char *at)
{
	return task_tgid_nr(rcu_dereference_sched(current->real_parent));
}

RT_FN s64 rt_fn_uid(struct rt_ctx *c, const char *at)
{
	return from_kuid_munged(&init_user_ns, current_uid());
}

RT_FN s64 rt_fn_euid(struct rt_ctx *c, const char *at)
{
	return from_kuid_munged(&init_user_ns, current_euid());
}

RT_FN s64 rt_fn_gid(struct rt_ctx *c, const char *at)
{
	return from_kgid_munged(&init_user_ns, current_gid());
}

RT_FN s64 rt_fn_egid(struct rt_ctx *c, const char *at)
{
	return from_kgid_munged(&init_user_ns, current_egid());
}

RT_FN s64 rt_fn_cpu(struct rt_ctx *c, const char *at)
{
	return c->cpu;
}

RT_FN struct rt_sv rt_fn_execname(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy(to, (struct rt_sv){current->comm, strnlen(current->comm, TASK_COMM_LEN)});
}

RT_FN struct rt_sv rt_fn_pp(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy(to, (struct rt_sv){c->probe->pp, strlen(c->probe->pp)});
}

RT_FN struct rt_sv rt_fn_pn(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	return rt_copy(to, (struct rt_sv){c->probe->pn, strlen(c->probe->pn)});
}

RT_FN s64 rt_fn_gettimeofday_ns(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns();
}

RT_FN s64 rt_fn_gettimeofday_us(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / 1000;
}

RT_FN s64 rt_fn_gettimeofday_ms(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / 1000000;
}

RT_FN s64 rt_fn_gettimeofday_s(struct rt_ctx *c, const char *at)
{
	return ktime_get_real_fast_ns() / 1000000000;
}

RT_FN s64 rt_fn_get_cycles(struct rt_ctx *c, const char *at)
{
	return get_cycles();
}

/* ---- text ---- */

RT_FN s64 rt_fn_strlen(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	return s.n;
}

/* As far as it is there; nothing when @start is not within. */
RT_FN struct rt_sv rt_fn_substr(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s, s64 start,
				s64 length)
{
	if (start < 0 || start >= s.n || length < 1)
		return RT_LIT("");
	return rt_copy(to, (struct rt_sv){s.p + start, min_t(s64, length, s.n - start)});
}

RT_FN s64 rt_fn_stringat(struct rt_ctx *c, const char *at, struct rt_sv s, s64 i)
{
	return i >= 0 && i < s.n ? (u8)s.p[i] : 0;
}

RT_FN s64 rt_fn_strpos(struct rt_ctx *c, const char *at, struct rt_sv s, struct rt_sv what)
{
	u32 i;

	for (i = 0; i + what.n <= s.n; i++)
		if (!memcmp(s.p + i, what.p, what.n))
			return i;
	return -1;
}

RT_FN s64 rt_fn_isinstr(struct rt_ctx *c, const char *at, struct rt_sv s, struct rt_sv what)
{
	return rt_fn_strpos(c, at, s, what) >= 0;
}

RT_FN struct rt_sv rt_fn_str_replace(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s,
				     struct rt_sv from, struct rt_sv by)
{
	to->n = 0;
	while (s.n) {
		bool hit = from.n && s.n >= from.n && !memcmp(s.p, from.p, from.n);
		u32 skip = hit ? from.n : 1;

		rt_append(to, hit ? by : (struct rt_sv){s.p, 1});
		s.p += skip;
		s.n -= skip;
	}
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_string_quoted(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s)
{
	to->n = rt_put_quoted(to->s, to->s + RT_STR_ROOM, s.p, s.n) - to->s;
	return rt_view(to);
}

RT_FN s64 rt_fn_isdigit(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	u32 i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
	return s.n > 0;
}
