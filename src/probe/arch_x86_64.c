/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * x86-64: the register table and where a function finds its arguments. The calling convention is
 * followed as the compiler does, not as the kernel's $argN assumes: a struct of up to 16 bytes
 * takes one or two registers if all it needs are free, a larger one lies on the stack and takes
 * none.
 */
#include "probe/probe_int.h"

#include <string.h>

static const struct {
	const char *ftrace;   /* after '%' in an event definition */
	const char *name;     /* SystemTap's, 64 bits */
	const char *half;     /* the name of its lower 32 bits; NULL none */
	const char *other[2]; /* further names */
	uint8_t pt_offset;    /* in struct pt_regs */
} reg[] = {
    {"ax", "rax", "eax", {"xax"}, 80},
    {"bx", "rbx", "ebx", {"xbx"}, 40},
    {"cx", "rcx", "ecx", {"xcx"}, 88},
    {"dx", "rdx", "edx", {"xdx"}, 96},
    {"si", "rsi", "esi", {"xsi"}, 104},
    {"di", "rdi", "edi", {"xdi"}, 112},
    {"bp", "rbp", "ebp", {"xbp"}, 32},
    {"sp", "rsp", "esp", {"xsp"}, 152},
    {"r8", "r8", "r8d", {0}, 72},
    {"r9", "r9", "r9d", {0}, 64},
    {"r10", "r10", "r10d", {0}, 56},
    {"r11", "r11", "r11d", {0}, 48},
    {"r12", "r12", "r12d", {0}, 24},
    {"r13", "r13", "r13d", {0}, 16},
    {"r14", "r14", "r14d", {0}, 8},
    {"r15", "r15", "r15d", {0}, 0},
    {"ip", "rip", "eip", {"xip"}, 128},
    {"cs", "xcs", NULL, {0}, 136},
    {"flags", "rflags", NULL, {"eflags", "xflags"}, 144},
    {"ss", "xss", NULL, {0}, 160},
    {"orig_ax", "orig_rax", NULL, {"orig_eax"}, 120},
};

/* Integer arguments in order, as indices above; then the stack above the return address. */
static const uint8_t arg_reg[] = {5, 4, 3, 2, 8, 9};
enum { REG_AX = 0, REG_DX = 3, REG_SP = 7, REG_IP = 16, STACK_ARGS = 8, WORD = 8, TWO_WORDS = 16 };

static bool is_reg(size_t i, const char *name, bool *half)
{
	*half = reg[i].half && !strcmp(name, reg[i].half);
	if (*half || !strcmp(name, reg[i].ftrace) || !strcmp(name, reg[i].name))
		return true;
	for (size_t k = 0; k < ARRAY_SIZE(reg[i].other); k++)
		if (reg[i].other[k] && !strcmp(name, reg[i].other[k]))
			return true;
	return false;
}

int arch_reg_find(const char *name)
{
	bool half;

	for (size_t i = 0; i < ARRAY_SIZE(reg); i++)
		if (is_reg(i, name, &half))
			return (int)i;
	return -1;
}

int arch_reg_width(const char *name)
{
	int i = arch_reg_find(name);
	bool half;

	if (i < 0)
		return 0;
	is_reg((size_t)i, name, &half);
	return half ? WORD / 2 : WORD;
}

/* Parts whose names are not made from the whole one's: al ah, sil; ax to r9 stand in the table. */
static bool named_part(const char *name, size_t i, int *shift)
{
	const char *r = reg[i].ftrace;
	size_t n = strlen(name), len = strlen(r);

	*shift = 0;
	if (r[0] == 'r') /* r8b r8w */
		return n == len + 1 && !strncmp(name, r, len) && strchr("bw", name[len]);
	if (len == 2 && r[1] == 'x' && n == 2 && name[0] == r[0]) {
		*shift = name[1] == 'h' ? 8 : 0;
		return name[1] == 'l' || name[1] == 'h';
	}
	return len == 2 && n == 3 && !strncmp(name, r, 2) && name[2] == 'l';
}

int arch_reg_part(const char *name, int *shift)
{
	*shift = 0;
	if (arch_reg_find(name) >= 0)
		return arch_reg_find(name);
	for (size_t i = 0; i < ARRAY_SIZE(reg); i++)
		if (named_part(name, i, shift))
			return (int)i;
	return -1;
}

const char *arch_reg_ftrace(int i)
{
	return i >= 0 && (size_t)i < ARRAY_SIZE(reg) ? reg[i].ftrace : NULL;
}

const char *arch_reg_name(int i)
{
	return i >= 0 && (size_t)i < ARRAY_SIZE(reg) ? reg[i].name : NULL;
}

int arch_reg_pt_offset(int i)
{
	return i >= 0 && (size_t)i < ARRAY_SIZE(reg) ? reg[i].pt_offset : -1;
}

static Fetch in_reg(int r)
{
	return (Fetch){.base = FB_REG, .kind = FK_NUM, .reg = r, .size = WORD};
}

bool arch_arg(int n, Fetch *ret)
{
	Fetch sp = in_reg(REG_SP);

	if (n < 1)
		return false;
	if ((size_t)n > ARRAY_SIZE(arg_reg))
		return fetch_deref(&sp, STACK_ARGS + WORD * (n - 1 - (int)ARRAY_SIZE(arg_reg)),
				   WORD, false, ret);
	*ret = in_reg(arg_reg[n - 1]);
	return true;
}

bool arch_can_probe(const uint8_t *code, size_t n)
{
	static const uint8_t bad[] = {0x26, 0x2e, 0x36, 0x3e, 0xf0,			      /* prefixes */
				      0x6c, 0x6d, 0x6e, 0x6f, 0xcc, 0xcd, 0xce, 0xcf, 0xe4, 0xe5, 0xe6,
				      0xe7, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf4, 0xfa, 0xfb};
	size_t i = 0;

	while (i < n && (code[i] == 0x66 || code[i] == 0xf2 || code[i] == 0xf3 || (code[i] & 0xf0) == 0x40))
		i++; /* size and repetition, REX */
	return i < n && !memchr(bad, code[i], sizeof(bad));
}

void arch_retval(Fetch *ret)
{
	*ret = in_reg(REG_AX);
}

void arch_sp(Fetch *ret)
{
	*ret = in_reg(REG_SP);
}

void arch_caller(bool at_return, Fetch *ret)
{
	Fetch sp = in_reg(REG_SP);

	if (at_return)
		*ret = in_reg(REG_IP);
	else
		fetch_deref(&sp, 0, WORD, false, ret);
}

int arch_ret_sp_delta(void)
{
	return WORD; /* the return took its address off the stack */
}

int arch_dwarf_reg(int n)
{
	/* ax dx cx bx si di bp sp r8 ... r15 ip, as indices above */
	static const uint8_t order[] = {0, 3, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

	return n >= 0 && (size_t)n < ARRAY_SIZE(order) ? order[n] : -1;
}

/* ---- whole parameter lists ---- */

static void on_stack(const DbgType *t, int *stack, ArchLoc *ret)
{
	Fetch sp = in_reg(REG_SP);

	ret->kind = ARCH_MEMORY;
	ret->lo = sp;
	ret->lo.add = STACK_ARGS + *stack;
	*stack += (int)((t->size + WORD - 1) / WORD * WORD);
}

static bool is_aggregate(const DbgType *t)
{
	return t->kind == DBG_STRUCT || t->kind == DBG_UNION || t->size > WORD;
}

void arch_locate_args(const DbgParam *param, int n, int first, ArchLoc *ret)
{
	int used = first, stack = 0, n_regs = ARRAY_SIZE(arg_reg);

	for (int i = 0; i < n; i++) {
		const DbgType *t = param[i].type;
		int words = (int)((t->size + WORD - 1) / WORD);

		ret[i] = (ArchLoc){.kind = ARCH_REGS};
		if (t->kind == DBG_FLOAT || t->size == 0) {
			ret[i].kind = ARCH_NOWHERE;
		} else if (t->size > TWO_WORDS || used + words > n_regs) {
			on_stack(t, &stack, &ret[i]);
		} else {
			ret[i].lo = in_reg(arg_reg[used++]);
			if (words > 1)
				ret[i].hi = in_reg(arg_reg[used++]);
		}
	}
}

void arch_locate_return(const DbgType *t, ArchLoc *ret)
{
	*ret = (ArchLoc){.kind = ARCH_REGS, .lo = in_reg(REG_AX), .hi = in_reg(REG_DX)};
	if (t->kind == DBG_FLOAT || t->kind == DBG_VOID)
		ret->kind = ARCH_NOWHERE;
	else if (is_aggregate(t) && t->size > TWO_WORDS)
		ret->kind = ARCH_MEMORY; /* rax: the address of the caller's room for it */
}

int arch_user_regs(Debuginfo *di, Arena *a, uint64_t *ret, int max, int64_t *off)
{
	enum { PT_REGS_SIZE = 168 }; /* they stand at the top of the task's kernel stack */
	const DbgType *hot = debuginfo_type(di, NULL, "struct pcpu_hot"); /* 6.2 to 6.14 */
	DbgMember m;
	int n = 0;

	*off = -PT_REGS_SIZE;
	if (hot && debuginfo_member(di, hot, "top_of_stack", &m))
		n = debuginfo_percpu(di, a, "pcpu_hot", ret, max);
	else
		m.offset = 0;
	if (!n)
		n = debuginfo_percpu(di, a, "cpu_current_top_of_stack", ret, max);
	for (int i = 0; i < n; i++)
		ret[i] += m.offset;
	return n;
}
