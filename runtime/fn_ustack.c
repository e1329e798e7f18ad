// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_ustack: built-ins about the user program that was interrupted or entered the kernel: its stack, by
 * frame pointers, and the files that its addresses are in. The kernel knows no symbols of programs: a
 * line reads ` 0x7f3c9d4d1ca0 [/usr/lib/libc.so.6+0x28ca0]`, with the place in the file.
 */
#include <linux/maple_tree.h>
#include "fn_data.c"
#include "fn_stack.c"

/* struct rt_mapping - the part of a file that an address of the current program is in. */
struct rt_mapping {
	struct file *file;
	u64 offset; /* of the address in the file */
};

static DEFINE_PER_CPU(struct rt_str, rt_mapped_path);

/* NULL: there is no user program, or it is of another size of pointers than we. */
static struct pt_regs *rt_program(struct rt_ctx *c)
{
	struct pt_regs *regs = c->hit.regs;

	if (!regs || !user_mode(regs))
		regs = current->mm && !(current->flags & PF_KTHREAD) ? task_pt_regs(current) : NULL;
	return regs && user_64bit_mode(regs) ? regs : NULL;
}

/* Frames from where @ip and @fp are, each higher up the stack than the one before. */
static int rt_user_frames(unsigned long *at, unsigned long ip, unsigned long fp)
{
	int n = 0, most = min_t(s64, RT_MAX_FRAMES, RT_MAXBACKTRACE);
	unsigned long frame[2];

	for (at[n++] = ip; n < most && fp && !(fp & 7); fp = frame[0]) {
		if (copy_from_user_nofault(frame, (void __user *)fp, sizeof(frame)) || !frame[1] ||
		    frame[1] >= TASK_SIZE_MAX)
			break;
		at[n++] = frame[1];
		if (frame[0] <= fp)
			break;
	}
	return n;
}

/* The addresses of the program's stack, innermost first, in rt_frames; their number. */
static int rt_user_stack(struct rt_ctx *c)
{
	const struct pt_regs *regs = rt_program(c);

	return regs ? rt_user_frames(this_cpu_ptr(&rt_frames)->at, regs->ip, regs->bp) : 0;
}

/* ---- files ---- */

/*
 * Without the lock, which may be held by whom we interrupted: the tree of mappings is for readers under
 * RCU, unless this very task was changing it, and what it leads to is read with faults survived.
 */
static bool rt_mapping(unsigned long addr, struct rt_mapping *m)
{
	struct mm_struct *mm = current->mm;
	const struct vm_area_struct *vma;
	unsigned long start, pages;
	MA_STATE(mas, NULL, addr, addr);

	if (!mm || addr >= TASK_SIZE_MAX || rt_mm_changes(mm))
		return false;
	mas.tree = &mm->mm_mt;
	rcu_read_lock();
	vma = mas_walk(&mas);
	rcu_read_unlock();
	if (!vma || get_kernel_nofault(m->file, &vma->vm_file) || !m->file ||
	    get_kernel_nofault(start, &vma->vm_start) || get_kernel_nofault(pages, &vma->vm_pgoff))
		return false;
	m->offset = addr - start + (pages << PAGE_SHIFT);
	return true;
}

/* The path of that file; empty when it cannot be had. */
static struct rt_sv rt_mapped_file(struct rt_ctx *c, const char *at, unsigned long addr, u64 *offset)
{
	struct rt_str *to = this_cpu_ptr(&rt_mapped_path);
	struct rt_mapping m;

	if (c->error || !rt_mapping(addr, &m))
		return RT_LIT("");
	*offset = m.offset;
	rt_fn_fullpath_struct_path(c, at, to, (s64)rt_mapped_path_of(m.file));
	if (RT_FAILED(c)) {
		rt_forgive(c);
		return RT_LIT("");
	}
	return rt_view(to);
}

/* "0x7f3c9d4d1ca0 [/usr/lib/libc.so.6+0x28ca0]" */
static char *rt_put_user(struct rt_ctx *c, const char *at, char *p, char *end, unsigned long addr)
{
	u64 offset = 0;
	struct rt_sv file = rt_mapped_file(c, at, addr, &offset);

	p = rt_put_hex(p, end, addr);
	if (!file.n)
		return p;
	p = rt_put_bytes(p, end, " [", 2);
	p = rt_put_bytes(p, end, file.p, file.n);
	p = rt_put_bytes(p, end, "+", 1);
	p = rt_put_hex(p, end, offset);
	return rt_put_bytes(p, end, "]", 1);
}

static void rt_print_users(struct rt_ctx *c, const char *place, const unsigned long *at, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		rt_print(c, RT_LIT(" "));
		rt_room(c);
		c->out = rt_put_user(c, place, c->out, c->out_end, at[i]);
		rt_print(c, RT_LIT("\n"));
	}
}

static struct rt_sv rt_users_text(struct rt_ctx *c, const char *place, struct rt_str *to,
				  const unsigned long *at, int n)
{
	char *p = to->s, *end = to->s + RT_STR_ROOM;
	int i;

	for (i = 0; i < n; i++) {
		p = rt_put_user(c, place, p, end, at[i]);
		p = rt_put_bytes(p, end, "\n", 1);
	}
	to->n = p - to->s;
	return rt_view(to);
}

/* ---- built-ins: the stack ---- */

RT_FN s64 rt_fn_uaddr(struct rt_ctx *c, const char *at)
{
	const struct pt_regs *regs = rt_program(c);

	return regs ? regs->ip : 0;
}

RT_FN s64 rt_fn_ustack(struct rt_ctx *c, const char *at, s64 i)
{
	return i >= 0 && i < rt_user_stack(c) ? this_cpu_ptr(&rt_frames)->at[i] : 0;
}

RT_FN struct rt_sv rt_fn_ubacktrace(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	int n = rt_user_stack(c);

	return rt_addresses_text(to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN struct rt_sv rt_fn_ucallers(struct rt_ctx *c, const char *at, struct rt_str *to, s64 want)
{
	int n = rt_user_stack(c);

	return rt_addresses_text(to, this_cpu_ptr(&rt_frames)->at, want >= 0 && want < n ? (int)want : n);
}

RT_FN struct rt_sv rt_fn_sprint_ubacktrace(struct rt_ctx *c, const char *at, struct rt_str *to)
{
	int n = rt_user_stack(c);

	return rt_users_text(c, at, to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN void rt_fn_print_ubacktrace(struct rt_ctx *c, const char *at)
{
	int n = rt_user_stack(c);

	rt_print_users(c, at, this_cpu_ptr(&rt_frames)->at, n);
}

/* From registers that the script has. */
RT_FN void rt_fn_print_ubacktrace_3(struct rt_ctx *c, const char *at, s64 pc, s64 sp, s64 fp)
{
	unsigned long *f = this_cpu_ptr(&rt_frames)->at;

	rt_print_users(c, at, f, rt_user_frames(f, pc, fp));
}

/* There is no debug information: these have no files and lines. */
RT_FN void rt_fn_print_ubacktrace_fileline(struct rt_ctx *c, const char *at)
{
	rt_fn_print_ubacktrace(c, at);
}

RT_FN void rt_fn_print_ubacktrace_fileline_3(struct rt_ctx *c, const char *at, s64 pc, s64 sp, s64 fp)
{
	rt_fn_print_ubacktrace_3(c, at, pc, sp, fp);
}

/* Only symbols and, for lack of them, addresses. */
RT_FN void rt_fn_print_ubacktrace_brief(struct rt_ctx *c, const char *at)
{
	const unsigned long *f = this_cpu_ptr(&rt_frames)->at;
	int n = rt_user_stack(c), i;

	for (i = 0; i < n; i++) {
		rt_room(c);
		c->out = rt_put_hex(c->out, c->out_end, f[i]);
		rt_print(c, RT_LIT("\n"));
	}
}

/* ---- built-ins: addresses and stacks that a script has ---- */

RT_FN struct rt_sv rt_fn_usymname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	to->n = rt_put_hex(to->s, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_usymdata(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	to->n = rt_put_user(c, at, to->s, to->s + RT_STR_ROOM, addr) - to->s;
	return rt_view(to);
}

RT_FN struct rt_sv rt_fn_umodname(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	u64 offset;
	struct rt_sv file = rt_mapped_file(c, at, addr, &offset);

	return rt_copy(to, file.n ? file : RT_LIT("<unknown>"));
}

RT_FN struct rt_sv rt_fn_usymfileline(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_fn_usymname(c, at, to, addr);
}

RT_FN struct rt_sv rt_fn_usymfile(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_fn_usymname(c, at, to, addr);
}

RT_FN struct rt_sv rt_fn_usymline(struct rt_ctx *c, const char *at, struct rt_str *to, s64 addr)
{
	return rt_fn_usymname(c, at, to, addr);
}

RT_FN void rt_fn_print_ustack(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	int n = rt_parse_stack(s);

	rt_print_users(c, at, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN void rt_fn_print_usyms(struct rt_ctx *c, const char *at, struct rt_sv s)
{
	rt_fn_print_ustack(c, at, s);
}

RT_FN struct rt_sv rt_fn_sprint_ustack(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s)
{
	int n = rt_parse_stack(s);

	return rt_users_text(c, at, to, this_cpu_ptr(&rt_frames)->at, n);
}

RT_FN struct rt_sv rt_fn_sprint_usyms(struct rt_ctx *c, const char *at, struct rt_str *to, struct rt_sv s)
{
	return rt_fn_sprint_ustack(c, at, to, s);
}
