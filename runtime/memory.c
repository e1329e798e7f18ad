// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory: reading and writing at addresses that may be anything. The kernel's own readers that
 * survive a fault (nofault) do it: what cannot be read is a run-time error of the script, and the
 * value is 0. They never sleep: a page that is not in memory counts as not readable.
 */
#include <linux/uaccess.h>

enum { RT_CHUNK = 64 }; /* of text, read at once */

static void rt_fault(struct rt_ctx *c, bool user, u64 addr, const char *at)
{
	rt_fail(c, at, "%s read fault at 0x%016llx", user ? "user" : "kernel", addr);
}

static __always_inline long rt_peek(bool user, void *to, u64 addr, size_t n)
{
	return user ? copy_from_user_nofault(to, (const void __user *)addr, n) :
		      copy_from_kernel_nofault(to, (const void *)addr, n);
}

/* rt_kernel_s32(c, address, place) and so on: the number there, as a script sees it. */
#define RT_READER(space, is_user, type)							\
static __maybe_unused s64 rt_##space##_##type(struct rt_ctx *c, u64 addr, const char *at)	\
{											\
	type v = 0;									\
											\
	if (unlikely(c->error || rt_peek(is_user, &v, addr, sizeof(v)))) {			\
		rt_fault(c, is_user, addr, at);						\
		return 0;								\
	}										\
	return (s64)v;									\
}
#define RT_READERS(type) RT_READER(kernel, false, type) RT_READER(user, true, type)
RT_READERS(s8)
RT_READERS(s16)
RT_READERS(s32)
RT_READERS(s64)
RT_READERS(u8)
RT_READERS(u16)
RT_READERS(u32)
RT_READERS(u64)

/* rt_bits - bit field of @n bits from bit @from of @v. */
static __maybe_unused s64 rt_bits(u64 v, int from, int n, bool is_signed)
{
	v <<= 64 - from - n;
	return is_signed ? (s64)v >> (64 - n) : (s64)(v >> (64 - n));
}

/* rt_with_bits - @old with that field set to @v. */
static __maybe_unused u64 rt_with_bits(u64 old, int from, int n, u64 v)
{
	u64 mask = (n < 64 ? (1ULL << n) - 1 : ~0ULL) << from;

	return (old & ~mask) | (v << from & mask);
}

/* rt_forgive - the script has a value for what cannot be read. */
static __maybe_unused void rt_forgive(struct rt_ctx *c)
{
	if (!c->final)
		rt_caught(c);
}

/* rt_warn_fault - the same for those that tell about it. */
static __maybe_unused void rt_warn_fault(struct rt_ctx *c)
{
	if (c->final)
		return;
	rt_message(c, "WARNING: ", "%s", c->error_text);
	rt_caught(c);
}

/* ---- text ---- */

/* At most RT_CHUNK bytes, none behind the end of a page: all of it can be read, or nothing. */
static u32 rt_chunk(u64 addr, u32 room)
{
	return min3((u32)RT_CHUNK, room, (u32)(PAGE_SIZE - (addr & (PAGE_SIZE - 1))));
}

/* rt_text - the text at @addr, @most bytes of it when that is not negative, into @to. */
static __maybe_unused void rt_text(struct rt_ctx *c, struct rt_str *to, u64 addr, s64 most, bool user,
				   const char *at)
{
	u32 room = most >= 0 && most < RT_STR_ROOM ? (u32)most : RT_STR_ROOM, n, len;
	char byte;

	to->n = 0;
	if (c->error)
		return;
	if (!room && rt_peek(user, &byte, addr, 1))
		rt_fault(c, user, addr, at);
	for (; room; room -= n) {
		n = rt_chunk(addr + to->n, room);
		if (rt_peek(user, to->s + to->n, addr + to->n, n)) {
			rt_fault(c, user, addr + to->n, at);
			return;
		}
		len = strnlen(to->s + to->n, n);
		to->n += len;
		if (len < n)
			return;
	}
}

static __maybe_unused void rt_quote(struct rt_str *to, const struct rt_str *s)
{
	to->n = rt_put_quoted(to->s, to->s + RT_STR_ROOM, s->s, s->n) - to->s;
}

/* rt_hex - an address as text. */
static __maybe_unused void rt_hex(struct rt_str *to, u64 addr)
{
	to->n = rt_put_hex(to->s, to->s + RT_STR_ROOM, addr) - to->s;
}

/* ---- writing (guru mode) ---- */

/*
 * The function that copies to kernel memory with faults survived is not exported; the macro that it
 * is made of is in a header, and works here since modules have exception tables of their own. It
 * must only see addresses of the kernel's half: copy_from_kernel_nofault() tells, which also finds
 * what is not mapped. Memory that is mapped read-only faults at the write, and is an error too.
 */
#define RT_WRITER(type)									\
static __maybe_unused void rt_write_##type(struct rt_ctx *c, u64 addr, s64 value, const char *at)	\
{											\
	type v = (type)value, old;							\
											\
	if (c->error)									\
		return;									\
	if (copy_from_kernel_nofault(&old, (const void *)addr, sizeof(old)))		\
		goto unlocked;								\
	pagefault_disable();								\
	__put_kernel_nofault((void *)addr, &v, type, fault);				\
	pagefault_enable();								\
	return;										\
fault:											\
	pagefault_enable();								\
unlocked:										\
	rt_fail(c, at, "kernel write fault at 0x%016llx", addr);			\
}
RT_WRITER(u8)
RT_WRITER(u16)
RT_WRITER(u32)
RT_WRITER(u64)

/* ---- members of the kernel's structs ---- */

static __maybe_unused void rt_load(struct rt_ctx *c, void *to, u64 addr, size_t n, const char *at)
{
	if (!c->error && !copy_from_kernel_nofault(to, (const void *)addr, n))
		return;
	rt_fault(c, false, addr, at);
	memset(to, 0, n);
}

/* rt_member - a copy of member @m of the struct @type at address @p. */
#define rt_member(c, at, p, type, m) ({							\
	typeof_member(type, m) rt_v;							\
	rt_load(c, &rt_v, (u64)(p) + offsetof(type, m), sizeof(rt_v), at);		\
	rt_v; })
