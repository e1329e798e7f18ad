// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ctx: entering and leaving handlers, their errors, and the calls among their functions.
 */

/* rt_fail - a run-time error, to the innermost try; the first one counts. */
static __printf(3, 4) void rt_fail(struct rt_ctx *c, const char *at, const char *fmt, ...)
{
	va_list ap;

	if (c->error)
		return;
	va_start(ap, fmt);
	vscnprintf(c->error_text, sizeof(c->error_text), fmt, ap);
	va_end(ap);
	c->error = c->error_text;
	c->error_at = at;
	c->error_depth = c->nesting;
}

/* rt_fail_final - one that no try catches. */
static void rt_fail_final(struct rt_ctx *c, const char *at, const char *text)
{
	rt_fail(c, at, "%s", text);
	c->final = true;
}

/* rt_caught - the error ends here; what it said is in c->error_text. */
static void rt_caught(struct rt_ctx *c)
{
	c->error = NULL;
	c->next = false;
}

/* rt_pay - @n more statements are run. */
static inline void rt_pay(struct rt_ctx *c, s64 n, const char *at)
{
	c->actions -= n;
	if (!RT_SUPPRESS_TIME && unlikely(c->actions < 0))
		rt_fail_final(c, at, "MAXACTION exceeded");
}

/* Of the task's stack a reserve stays; of any other (interrupts') a handler takes a part. */
static bool rt_stack_is_low(const struct rt_ctx *c)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	unsigned long room = here - (unsigned long)end_of_stack(current);

	return room < THREAD_SIZE ? room < RT_MINSTACKSPACE : (long)(c->stack_top - here) > RT_OTHER_STACK;
}

/* rt_call - a function with @n frames of text is entered; NULL: it may not be. */
static struct rt_str *rt_call(struct rt_ctx *c, int n, s64 weight, const char *at)
{
	struct rt_str *s = c->strs + c->n_strs;

	rt_pay(c, weight, at);
	if (c->error)
		return NULL;
	if (c->nesting >= RT_MAXNESTING || c->n_strs + n > RT_STRS || rt_stack_is_low(c)) {
		rt_fail(c, at, "MAXNESTING exceeded");
		return NULL;
	}
	c->calls[c->nesting++] = at;
	c->n_strs += n;
	return s;
}

static inline void rt_return(struct rt_ctx *c, int n)
{
	c->nesting--;
	c->n_strs -= n;
}

/* ---- output ---- */

static void rt_out_flush(struct rt_ctx *c)
{
	if (c->out > c->buf)
		rt_send(RT_OUT_TEXT, c->buf, c->out - c->buf);
	c->out = c->buf;
}

/* rt_room - make sure that a conversion or a string fit. */
static inline void rt_room(struct rt_ctx *c)
{
	if (unlikely(c->out_end - c->out < RT_SPEC_BYTES + RT_MAXSTRINGLEN))
		rt_out_flush(c);
}

static void rt_print(struct rt_ctx *c, struct rt_sv s)
{
	rt_room(c);
	c->out = rt_put_bytes(c->out, c->out_end, s.p, s.n);
}

/* rt_refused - probe @p cannot be: the reader says why, it knows the kernel's symbols. */
static __maybe_unused void rt_refused(const struct rt_probe *p, int err)
{
	char text[256];
	int n = scnprintf(text, sizeof(text), "%d %d %d %llu %llx %s", err, p->number,
			  p->kind == RT_TRACEPOINT, p->offset, p->address, p->symbol ?: "");

	rt_send(RT_OUT_REFUSED, text, n);
}

/* A message behind what was printed. */
static __printf(3, 4) void rt_message(struct rt_ctx *c, const char *kind, const char *fmt, ...)
{
	char *text = c->buf, *end = c->buf + sizeof(c->buf) - 1;
	va_list ap;

	rt_out_flush(c);
	text += scnprintf(text, end - text, "%s", kind);
	va_start(ap, fmt);
	text += vscnprintf(text, end - text, fmt, ap);
	va_end(ap);
	if (text[-1] != '\n')
		*text++ = '\n';
	rt_send(RT_OUT_ERROR, c->buf, text - c->buf);
}

/* rt_tell - a line for standard error, outside of handlers. */
static __maybe_unused __printf(2, 3) void rt_tell(const char *kind, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n = scnprintf(text, sizeof(text), "%s", kind);

	va_start(ap, fmt);
	n += vscnprintf(text + n, sizeof(text) - 1 - n, fmt, ap);
	va_end(ap);
	text[n++] = '\n';
	rt_send(RT_OUT_ERROR, text, n);
}

/* ---- handlers ---- */

static void rt_exit(void)
{
	if (!xchg(&rt_exiting, true))
		rt_send(RT_OUT_EXIT, "", 0);
}

/* " (called from INNERMOST, ... OUTERMOST)"; deep recursion shows its ends. */
static int rt_put_calls(struct rt_ctx *c, char *p, int room)
{
	enum { EACH_END = 4 };
	int n = c->error_depth, done = 0, i;
	const char *lead = " (called from ";

	for (i = n - 1; i >= 0; i--, lead = ", ") {
		if (n > 2 * EACH_END + 1 && i < n - EACH_END && i >= EACH_END) {
			done += scnprintf(p + done, room - done, ", ... %d more", n - 2 * EACH_END);
			i = EACH_END;
			continue;
		}
		if (*c->calls[i])
			done += scnprintf(p + done, room - done, "%s%s", lead, strstr(c->calls[i], " at ") + 4);
	}
	if (n)
		done += scnprintf(p + done, room - done, ")");
	return done;
}

static void rt_tell_error(struct rt_ctx *c)
{
	char *text;
	int room = sizeof(c->buf) / 2, n;

	rt_out_flush(c);
	text = c->buf + room;
	n = scnprintf(text, room, "%s%s", c->error, c->error_at ?: "");
	n += rt_put_calls(c, text + n, room - n);
	if (c->probe->pp)
		scnprintf(text + n, room - n, " in probe %s", c->probe->pp);
	rt_message(c, "ERROR: ", "%.*s", room - 16, text);
}

static void rt_handler_failed(struct rt_ctx *c)
{
	if (c->aborted) {
		rt_exit();
		return;
	}
	if (RT_SUPPRESS_ERRORS) {
		atomic_inc(&rt_errors);
		return;
	}
	rt_tell_error(c);
	if (atomic_inc_return(&rt_errors) > RT_MAXERRORS) {
		WRITE_ONCE(rt_failed, true);
		rt_exit();
	}
}

/* rt_end_with_error - the run ends here, for a reason that no script can catch. */
static void rt_end_with_error(const char *text)
{
	if (xchg(&rt_failed, true))
		return;
	rt_send(RT_OUT_ERROR, text, strlen(text));
	rt_exit();
}

static void rt_skip(void)
{
	if (atomic_inc_return(&rt_skipped) > RT_MAXSKIPPED && !RT_SUPPRESS_ERRORS)
		rt_end_with_error("ERROR: Skipped too many probes, check MAXSKIPPED or try again with "
				  "tapx -t for more details.\n");
}

static noinline void rt_overload(const struct rt_ctx *c)
{
	char text[128];

	scnprintf(text, sizeof(text), "ERROR: probe overhead (%llu cycles) exceeded threshold (%llu cycles) in last %llu cycles\n",
		  c->interval_spent, RT_OVERLOAD_THRESHOLD, RT_OVERLOAD_INTERVAL);
	rt_end_with_error(text);
}

/* No more than a part of a processor's time is for handlers: count it over intervals of cycles. */
static void rt_count_time(struct rt_ctx *c)
{
	u64 now;

	if (!RT_OVERLOAD_THRESHOLD)
		return;
	now = get_cycles();
	if (now - c->interval_start > RT_OVERLOAD_INTERVAL) {
		c->interval_start = now;
		c->interval_spent = 0;
	}
	c->interval_spent += now - c->entered;
	if (unlikely(c->interval_spent > RT_OVERLOAD_THRESHOLD) && READ_ONCE(rt_state) == RT_RUNNING)
		rt_overload(c);
}

static void rt_reset(struct rt_ctx *c, const struct rt_probe *p, const struct rt_hit *hit, s64 actions)
{
	c->entered = get_cycles();
	c->probe = p;
	c->hit = *hit;
	c->error = NULL;
	c->final = c->aborted = c->next = false;
	c->nesting = c->n_strs = c->n_snap = 0;
	c->actions = actions;
	c->stack_top = (unsigned long)__builtin_frame_address(0);
	c->token.n = c->token_at = c->n_match = 0;
	c->out = c->buf;
	c->out_end = c->buf + sizeof(c->buf);
}

static void rt_let_in(unsigned long flags)
{
	if (!RT_INTERRUPTIBLE)
		raw_local_irq_restore(flags);
	preempt_enable_notrace();
}

/*
 * rt_enter - this processor's context for a handler of @p, with preemption off; NULL: skipped. What
 * interrupts us between the look at `busy` and its setting leaves it as it was.
 */
static struct rt_ctx *rt_enter(const struct rt_probe *p, const struct rt_hit *hit, s64 actions)
{
	unsigned long flags = 0;
	struct rt_ctx *c;

	preempt_disable_notrace();
	if (!RT_INTERRUPTIBLE)
		raw_local_irq_save(flags);
	c = rt_ctxs[smp_processor_id()];
	if (unlikely(READ_ONCE(c->busy))) {
		atomic_inc(&rt_reentered);
		rt_let_in(flags);
		return NULL;
	}
	WRITE_ONCE(c->busy, true);
	barrier();
	c->irq_flags = flags;
	rt_reset(c, p, hit, actions);
	return c;
}

static bool rt_lock(struct rt_ctx *c, const struct rt_use *u, int n);
static void rt_unlock(struct rt_ctx *c, const struct rt_use *u, int n);

static void rt_leave(struct rt_ctx *c)
{
	unsigned long flags = c->irq_flags;

	rt_out_flush(c);
	rt_count_time(c);
#ifdef RT_TIMING
	rt_timing_count(c, get_cycles() - c->entered);
#endif
	barrier();
	WRITE_ONCE(c->busy, false);
	rt_let_in(flags);
}

/* Run @body with its globals locked. Return: false: it was skipped. */
static bool rt_run_body(struct rt_ctx *c, void (*body)(struct rt_ctx *c), const struct rt_use *uses, int n)
{
	bool low = rt_stack_is_low(c), ok = !low && rt_lock(c, uses, n);

	if (low)
		atomic_inc(&rt_low_stack);
	if (ok) {
		body(c);
		if (c->error)
			rt_handler_failed(c);
		rt_unlock(c, uses, n);
	} else {
		rt_skip();
	}
	rt_leave(c);
	return ok;
}

static bool rt_hit_wanted(const struct rt_probe *p, const struct rt_hit *hit)
{
	bool yes;

	preempt_disable_notrace();
	yes = rt_is_for(p->who, hit->task ?: current);
	preempt_enable_notrace();
	return yes;
}

/* rt_run - the handler of @p, here and now; @hit may be NULL. Return: false: it was skipped. */
static bool rt_run(const struct rt_probe *p, const struct rt_hit *hit, s64 actions)
{
	static const struct rt_hit none;
	struct rt_ctx *c;

	hit = hit ?: &none;
	if (p->who && !rt_hit_wanted(p, hit))
		return false;
	c = rt_enter(p, hit, actions);
	return c && rt_run_body(c, p->run, p->uses, p->n_uses);
}

/* rt_run_entry - keep what @p wants of the function's entry. Return: false: it was skipped. */
static __maybe_unused bool rt_run_entry(const struct rt_probe *p, const struct rt_hit *hit, s64 actions)
{
	struct rt_ctx *c = p->who && !rt_hit_wanted(p, hit) ? NULL : rt_enter(p, hit, actions);

	return c && rt_run_body(c, p->entry, p->entry_uses, p->n_entry_uses);
}

/* ---- memory ---- */

static void rt_ctx_free(void)
{
	int cpu;

	if (!rt_ctxs)
		return;
	for_each_possible_cpu(cpu) {
		struct rt_ctx *c = rt_ctxs[cpu];

		if (!c)
			continue;
		vfree(c->times);
		vfree(c->strs);
		vfree(c->snap);
		vfree(c->scratch);
		vfree(c);
	}
	kfree(rt_ctxs);
}

static int rt_ctx_init_one(int cpu)
{
	struct rt_ctx *c = rt_ctxs[cpu] = rt_alloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->cpu = cpu;
	c->strs = rt_alloc(RT_STRS * sizeof(*c->strs));
	c->snap = rt_alloc((RT_SNAP + 1) * sizeof(*c->snap));
	c->scratch = rt_alloc(RT_SCRATCH_BYTES + 1);
#ifdef RT_TIMING
	c->times = rt_alloc(RT_N_PROBES * sizeof(*c->times));
	if (!c->times)
		return -ENOMEM;
#endif
	return c->strs && c->snap && c->scratch ? 0 : -ENOMEM;
}

static int rt_ctx_init(void)
{
	int cpu, err = 0;

	rt_ctxs = kcalloc(nr_cpu_ids, sizeof(*rt_ctxs), GFP_KERNEL);
	if (!rt_ctxs)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		err = err ?: rt_ctx_init_one(cpu);
	return err;
}
