// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * embed: what the C of a script finds. Each piece of it is a function of its own that gets CONTEXT and
 * THIS, a struct with its parameters and its value; the macros here need nothing else. What the
 * functions need that it calls, such as those of its top-level blocks, they find by the processor.
 */
#include <linux/string.h>

#define MAXSTRINGLEN RT_MAXSTRINGLEN
#define STAP_VERSION(major, minor) (((major) << 8) + (minor))

/* Answers that SystemTap finds by compiling, as all kernels have them that this builds for. */
#define STAPCONF_DPATH_PATH 1
#define STAPCONF_LINUX_UIDGID_H 1

typedef char string_t[MAXSTRINGLEN];

/* struct context - what called. It is a copy: only the last three are looked at afterwards. */
struct context {
	struct pt_regs *kregs, *uregs; /* NULL: none */
	int user_mode_p;
	const char *probe_point, *probe_name;
	char *error_buffer;	/* MAXSTRINGLEN bytes */
	const char *last_error; /* a run-time error, when it is set */
	bool next;
};

static struct rt_ctx *rt_now(void)
{
	return rt_ctxs[raw_smp_processor_id()];
}

static __maybe_unused struct context rt_c_enter(struct rt_ctx *c, const char *at)
{
	struct pt_regs *regs = c->hit.regs, *user = current->mm ? task_pt_regs(current) : NULL;
	bool user_mode_p = regs && user_mode(regs);

	c->c_at = at;
	return (struct context){
		.kregs = user_mode_p ? NULL : regs,
		.uregs = user_mode_p ? regs : user,
		.user_mode_p = user_mode_p,
		.probe_point = c->probe->pp,
		.probe_name = c->probe->pn,
		.error_buffer = c->error_text,
	};
}

static __maybe_unused void rt_c_leave(struct rt_ctx *c, const struct context *x)
{
	c->next = x->next;
	if (!x->last_error || c->error)
		return;
	if (x->last_error != c->error_text)
		strscpy(c->error_text, x->last_error, sizeof(c->error_text));
	c->error = c->error_text;
	c->error_at = c->c_at;
	c->error_depth = c->nesting;
}

#define STAP_PRINTF(...) _stp_printf(__VA_ARGS__)
#define STAP_NEXT do {										\
		CONTEXT->next = true;								\
		return;										\
	} while (0)
#define STAP_ERROR(...) do {									\
		snprintf(CONTEXT->error_buffer, MAXSTRINGLEN, __VA_ARGS__);			\
		CONTEXT->last_error = CONTEXT->error_buffer;					\
		return;										\
	} while (0)

/* ---- text: with a NUL behind it, for C ---- */

/* rt_c_text - its bytes as they are; there is room for the NUL. */
static __maybe_unused char *rt_c_text(struct rt_str *s)
{
	s->s[s->n] = 0;
	return s->s;
}

static __maybe_unused struct rt_sv rt_c_view(const char *s)
{
	return s ? (struct rt_sv){s, strnlen(s, RT_STR_ROOM)} : RT_LIT("");
}

/* Newer kernels have it no more, and scripts do. */
static __maybe_unused size_t rt_strlcpy(char *to, const char *from, size_t size)
{
	size_t n = strlen(from), most = n < size ? n : size - 1;

	if (size) {
		memmove(to, from, most);
		to[most] = 0;
	}
	return n;
}
#define strlcpy rt_strlcpy

/* ---- output ---- */

/* As SystemTap has it, %p is a plain number: with the kernel it would be a random one. */
static const char *rt_c_format(struct rt_ctx *c, const char *fmt)
{
	char *to = c->c_format, *end = to + sizeof(c->c_format) - sizeof("0x%lx");
	const char *p = fmt;

	while (*p && to < end) {
		if (p[0] == '%' && p[1] == 'p' && !isalnum(p[2])) {
			to += sprintf(to, "0x%%lx");
			p += 2;
			continue;
		}
		if (p[0] == '%' && p[1] == '%')
			*to++ = *p++;
		*to++ = *p++;
	}
	*to = 0;
	return *p ? fmt : c->c_format; /* too long for this */
}

static __maybe_unused void _stp_printf(const char *fmt, ...)
{
	struct rt_ctx *c = rt_now();
	size_t room, n;
	va_list ap;

	fmt = rt_c_format(c, fmt);
	rt_room(c);
	room = c->out_end - c->out;
	va_start(ap, fmt);
	n = vsnprintf(c->out, room, fmt, ap);
	va_end(ap);
	if (n >= room) {
		rt_out_flush(c);
		room = c->out_end - c->out;
		va_start(ap, fmt);
		n = vscnprintf(c->out, room, fmt, ap);
		va_end(ap);
	}
	c->out += n;
}

static __maybe_unused void _stp_print(const char *s)
{
	_stp_printf("%s", s);
}

static __maybe_unused void _stp_warn(const char *fmt, ...)
{
	struct rt_ctx *c = rt_now();
	char *text = c->c_format;
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(text, sizeof(c->c_format), fmt, ap);
	va_end(ap);
	rt_message(c, "WARNING: ", "%s", text);
}

/* ---- reading and writing that survive faults: they are run-time errors, and end the function ---- */

#define CATCH_DEREF_FAULT() deref_fault: __maybe_unused

/* Return: false after a fault. With @to NULL nothing is kept. */
static __maybe_unused bool rt_c_read(bool user, void *to, u64 addr, size_t n)
{
	struct rt_ctx *c = rt_now();
	char none[64];
	size_t part;

	for (; n; n -= part, addr += part) {
		part = to ? n : min(n, sizeof(none));
		if (rt_peek(user, to ?: none, addr, part)) {
			rt_fault(c, user, addr, c->c_at);
			return false;
		}
	}
	return true;
}

static __maybe_unused bool rt_c_write(bool user, u64 addr, const void *from, size_t n)
{
	struct rt_ctx *c = rt_now();
	const u8 *p = from;

	if (user && copy_to_user_nofault((void __user *)addr, from, n))
		rt_fail(c, c->c_at, "user write fault at 0x%016llx", addr);
	if (user)
		return !c->error;
	switch (n) { /* a number in one go */
	case 2:
		rt_write_u16(c, addr, *(const u16 *)p, c->c_at);
		return !c->error;
	case 4:
		rt_write_u32(c, addr, *(const u32 *)p, c->c_at);
		return !c->error;
	case 8:
		rt_write_u64(c, addr, *(const u64 *)p, c->c_at);
		return !c->error;
	}
	for (; n && !c->error; n--)
		rt_write_u8(c, addr++, *p++, c->c_at);
	return !c->error;
}

/* Text of at most @most bytes with its NUL. */
static __maybe_unused bool rt_c_read_text(bool user, char *to, u64 addr, size_t most)
{
	for (; most > 1; most--, to++, addr++)
		if (!rt_c_read(user, to, addr, 1) || !*to)
			return !rt_now()->error;
	if (most)
		*to = 0;
	return true;
}

#define rt_c_value(user, type, addr) ({								\
		type rt_v;									\
		if (!rt_c_read(user, (void *)&rt_v, (u64)(unsigned long)(addr), sizeof(rt_v)))	\
			goto deref_fault;							\
		rt_v; })
#define rt_c_store(user, type, addr, value) ({							\
		type rt_v = (value);								\
		if (!rt_c_write(user, (u64)(unsigned long)(addr), &rt_v, sizeof(rt_v)))		\
			goto deref_fault;							\
		(void)0; })
#define rt_c_try(done) ({									\
		if (!(done))									\
			goto deref_fault;							\
		(void)0; })

#define kread(ptr) rt_c_value(false, typeof(*(ptr)), ptr)
#define uread(ptr) rt_c_value(true, typeof(*(ptr)), ptr)
#define kwrite(ptr, value) rt_c_store(false, typeof(*(ptr)), ptr, value)
#define uwrite(ptr, value) rt_c_store(true, typeof(*(ptr)), ptr, value)

#define rt_c_sized(user, size, addr)								\
	((size) == 1 ? rt_c_value(user, u8, addr) : (size) == 2 ? rt_c_value(user, u16, addr) :	\
	 (size) == 4 ? rt_c_value(user, u32, addr) : rt_c_value(user, u64, addr))
#define kderef(size, addr) rt_c_sized(false, size, addr)
#define uderef(size, addr) rt_c_sized(true, size, addr)

#define rt_c_store_sized(user, size, addr, value)						\
	((size) == 1 ? rt_c_store(user, u8, addr, value) :					\
	 (size) == 2 ? rt_c_store(user, u16, addr, value) :					\
	 (size) == 4 ? rt_c_store(user, u32, addr, value) : rt_c_store(user, u64, addr, value))
#define store_kderef(size, addr, value) rt_c_store_sized(false, size, addr, value)
#define store_uderef(size, addr, value) rt_c_store_sized(true, size, addr, value)

#define kderef_buffer(to, addr, n) rt_c_try(rt_c_read(false, to, (u64)(unsigned long)(addr), n))
#define uderef_buffer(to, addr, n) rt_c_try(rt_c_read(true, to, (u64)(unsigned long)(addr), n))
#define kderef_string(to, addr, n) rt_c_try(rt_c_read_text(false, to, (u64)(unsigned long)(addr), n))
#define uderef_string(to, addr, n) rt_c_try(rt_c_read_text(true, to, (u64)(unsigned long)(addr), n))
#define store_kderef_string(from, addr, n)							\
	rt_c_try(rt_c_write(false, (u64)(unsigned long)(addr), from, strnlen(from, (n) - 1) + 1))

/* ---- globals ---- */

#ifdef RT_USE_MAP
static __maybe_unused char *rt_c_get_text(const struct rt_map *m, const struct rt_value *key)
{
	static char none[1];
	struct rt_entry *e = rt_map_find(m, key);

	return e ? rt_c_text(e->str) : none;
}

/* Return: false when the array is full. */
static __maybe_unused bool rt_c_put_num(struct rt_map *m, const struct rt_value *key, s64 v)
{
	struct rt_ctx *c = rt_now();
	struct rt_entry *e = rt_map_need(c, m, key, c->c_at);

	if (e)
		e->num = v;
	return e;
}

static __maybe_unused bool rt_c_put_text(struct rt_map *m, const struct rt_value *key, const char *v)
{
	struct rt_ctx *c = rt_now();
	struct rt_entry *e = rt_map_need(c, m, key, c->c_at);

	if (e)
		rt_set(e->str, rt_c_view(v));
	return e;
}
#endif
