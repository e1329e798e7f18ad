// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * out: from handlers to the reader. Each piece of output is a record in the kernel's own ring buffer
 * (lockless, per processor, safe in NMIs); /proc/RT_NAME/out hands them out merged by time, framed
 * as struct rt_frame. What finds no room is dropped and counted; while nobody reads a module that is
 * kept (rt_kept), the oldest goes instead.
 */

/* struct rt_frame - before each piece that the reader gets; @len bytes follow. */
struct rt_frame {
	u32 len;
	u32 kind;
};

enum {
	RT_OUT_TEXT = 'o',
	RT_OUT_ERROR = 'e',   /* a line for standard error */
	RT_OUT_EXIT = 'x',    /* the script wants to end */
	RT_OUT_SYSTEM = 's',  /* a command to run */
	RT_OUT_KERNEL = 'k',  /* a line for the kernel's log */
	RT_OUT_SWITCH = 'f',  /* switch_file() */
	RT_OUT_REFUSED = 'r'  /* "ERROR NUMBER TRACEPOINT? OFFSET ADDRESS SYMBOL": a probe that the kernel does not take */
};

enum { RT_PIECE = 3072, RT_SETTLE_NS = 2000000 };

/* struct rt_piece - as it lies in the ring. */
struct rt_piece {
	u64 time;
	u32 kind, n;
	char text[];
};

static struct trace_buffer *rt_ring;
static struct irq_work rt_wake;
static bool rt_wanted; /* the reader waits; who clears it wakes it */
static DECLARE_WAIT_QUEUE_HEAD(rt_readers);
static DEFINE_MUTEX(rt_reading);

static void rt_wake_readers(struct irq_work *w)
{
	wake_up_interruptible(&rt_readers);
}

static void rt_send_piece(u32 kind, const char *s, u32 n)
{
	struct ring_buffer_event *e = ring_buffer_lock_reserve(rt_ring, sizeof(struct rt_piece) + n);
	struct rt_piece *p;

	if (!e) {
		atomic_inc(&rt_lost);
		return;
	}
	p = ring_buffer_event_data(e);
	p->time = ktime_get_mono_fast_ns();
	p->kind = kind;
	p->n = n;
	memcpy(p->text, s, n);
	rt_ring_commit(rt_ring, e);
}

/*
 * Once for each time that the reader waits: when what wakes it is probed and its handler prints, the
 * next irq_work would follow at once, and this processor did nothing else any more.
 */
static void rt_wake_once(void)
{
	smp_mb(); /* what was written, then whether somebody waits: see rt_out_poll() */
	if (READ_ONCE(rt_wanted) && xchg(&rt_wanted, false))
		irq_work_queue(&rt_wake);
}

/* rt_send - hand @n bytes to the reader. */
static void rt_send(u32 kind, const char *s, u32 n)
{
	do {
		u32 part = min_t(u32, n, RT_PIECE);

		rt_send_piece(kind, s, part);
		s += part;
		n -= part;
	} while (n);
	rt_wake_once();
}

/* ---- the reader's side ---- */

static int rt_oldest(u64 until)
{
	u64 best = U64_MAX, ts;
	int cpu, ret = -1;

	for_each_possible_cpu(cpu) {
		struct ring_buffer_event *e = ring_buffer_peek(rt_ring, cpu, &ts, NULL);
		struct rt_piece *p;

		if (!e)
			continue;
		p = ring_buffer_event_data(e);
		if (p->time < best && p->time <= until) {
			best = p->time;
			ret = cpu;
		}
	}
	return ret;
}

/* A piece that is written this moment elsewhere may be older than one that is there already. */
static u64 rt_settled(void)
{
	return READ_ONCE(rt_state) == RT_ENDED ? U64_MAX : ktime_get_mono_fast_ns() - RT_SETTLE_NS;
}

static ssize_t rt_copy_piece(char __user *to, struct ring_buffer_event *e)
{
	const struct rt_piece *p = ring_buffer_event_data(e);
	struct rt_frame f = {p->n, p->kind};

	if (copy_to_user(to, &f, sizeof(f)) || copy_to_user(to + sizeof(f), p->text, f.len))
		return -EFAULT;
	return sizeof(f) + f.len;
}

static ssize_t rt_take(char __user *to, size_t room)
{
	ssize_t done = 0, n;
	int cpu;
	u64 until = rt_settled(), ts;

	while (room - done >= sizeof(struct rt_frame) + RT_PIECE && (cpu = rt_oldest(until)) >= 0) {
		struct ring_buffer_event *e = ring_buffer_consume(rt_ring, cpu, &ts, NULL);

		if (!e)
			break;
		n = rt_copy_piece(to + done, e);
		if (n < 0)
			return n;
		done += n;
	}
	return done;
}

static ssize_t rt_out_read(struct file *f, char __user *to, size_t room, loff_t *pos)
{
	ssize_t n;

	if (room < sizeof(struct rt_frame) + RT_PIECE)
		return -EINVAL;
	mutex_lock(&rt_reading);
	n = rt_take(to, room);
	mutex_unlock(&rt_reading);
	if (n || READ_ONCE(rt_state) == RT_ENDED)
		return n;
	return -EAGAIN;
}

static __poll_t rt_out_poll(struct file *f, struct poll_table_struct *t)
{
	poll_wait(f, &rt_readers, t);
	WRITE_ONCE(rt_wanted, true);
	smp_mb(); /* see rt_wake_once() */
	return !ring_buffer_empty(rt_ring) || READ_ONCE(rt_state) == RT_ENDED ? EPOLLIN | EPOLLRDNORM : 0;
}

static void rt_stop(void);

/* One reader at a time. While it may sleep on rt_readers the module stays, and rmmod says that it is in use. */
static int rt_out_open(struct inode *i, struct file *f)
{
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	if (!cmpxchg(&rt_reader, 0, current->tgid))
		return 0;
	module_put(THIS_MODULE);
	return -EBUSY;
}

/*
 * The reader is gone: nobody is to trace for nobody, unless it was asked for. Removal waits for the end of
 * this (proc_remove()).
 */
static int rt_out_release(struct inode *i, struct file *f)
{
	if (!rt_kept)
		rt_stop();
	WRITE_ONCE(rt_reader, 0);
	module_put(THIS_MODULE);
	return 0;
}

/* rt_keep - from now on the module outlives its reader, or it does no longer. */
static void rt_keep(bool keep)
{
	rt_kept = keep;
	ring_buffer_change_overwrite(rt_ring, keep);
}

static const struct proc_ops rt_out_ops = {
	.proc_open = rt_out_open,
	.proc_read = rt_out_read,
	.proc_poll = rt_out_poll,
	.proc_release = rt_out_release,
};

static int rt_out_init(void)
{
	init_irq_work(&rt_wake, rt_wake_readers);
	rt_ring = ring_buffer_alloc(RT_BUFFER_KB * 1024, 0);
	return rt_ring ? 0 : -ENOMEM;
}

static void rt_out_free(void)
{
	irq_work_sync(&rt_wake);
	if (rt_ring)
		ring_buffer_free(rt_ring);
}
