/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Target variables: a Fetch as C. Registers and arguments are plain expressions; each read of memory
 * is a call that survives any address. The reads of a chain nest: after a fault the outer ones do
 * nothing, and one look at the error behind the whole is enough.
 */
#include "kmod_int.h"

#include <inttypes.h>

const char *regs_of(Emit *e, const Node *n)
{
	HookKind hook = e->probe ? e->probe->hook : HOOK_KPROBE;

	if (e->probe && (hook == HOOK_KPROBE || hook == HOOK_KRETPROBE || hook == HOOK_UPROBE ||
			 hook == HOOK_URETPROBE || hook == HOOK_PERF || hook == HOOK_DATA))
		return "c->hit.regs";
	if (e->probe)
		missing(e, n, "registers of a probe that has none");
	e->uses_hit = true;
	return TEXT(e, "rt_regs(c, %s)", place_of(e, n));
}

static const char *argument(Emit *e, int n)
{
	if (n > e->n_args)
		e->n_args = n;
	return TEXT(e, "(s64)c->hit.args[%d]", n - 1);
}

static const char *indexed(Emit *e, const Node *n, const Fetch *f)
{
	const char *regs = regs_of(e, n);

	return TEXT(e, "(s64)(%s->%s + %s->%s * %d)", regs, arch_reg_ftrace(f->reg), regs,
		    arch_reg_ftrace(f->index), f->scale);
}

/* What the fetch starts from, before the first read. */
static const char *base(Emit *e, const Node *n, const Fetch *f)
{
	switch (f->base) {
	case FB_REG:
		return f->scale ? indexed(e, n, f)
				: TEXT(e, "(s64)%s->%s", regs_of(e, n), arch_reg_ftrace(f->reg));
	case FB_ARG:
		return argument(e, f->reg);
	case FB_ADDR:
	case FB_IMM:
		return TEXT(e, "0x%" PRIx64 "ULL", (uint64_t)f->value);
	case FB_EXPR:
		return TEXT(e, "(%s)", num(e, n->target.base));
	case FB_ANSWER:
		return "(s64)*c->hit.verdict";
	case FB_FIELD:
		missing(e, n, "a field of a trace event");
		break;
	}
	return "0";
}

static const char *plus(Emit *e, const char *text, int64_t n)
{
	return n ? TEXT(e, "%s + %" PRId64 "LL", text, n) : text;
}

static int reads_of(const Fetch *f)
{
	return f->n_off + (f->base == FB_ADDR);
}

const char *fetch_where(Emit *e, const Node *n, const Fetch *f)
{
	int first = f->base == FB_ADDR ? 0 : 1;
	const char *at = place_of(e, n), *text = base(e, n, f);

	e->uses_memory = true;
	if (first && f->n_off)
		text = plus(e, text, f->off[0]);
	for (int i = first; i < f->n_off; i++)
		text = plus(e, TEXT(e, "rt_%s_s64(c, %s, %s)", f->in_user ? "user" : "kernel", text, at),
			    f->off[i]);
	return text;
}

/* Without reads: the low bytes of a register or argument. */
static const char *cut(Emit *e, const Fetch *f, const char *v)
{
	if (f->size == 8 || f->base == FB_IMM)
		return v;
	return TEXT(e, "(s64)(%s)%s", number_type(e, f->size, f->is_signed), v);
}

const char *number_type(Emit *e, int size, bool is_signed)
{
	return TEXT(e, "%c%d", is_signed ? 's' : 'u', size * 8);
}

const char *fetch_soft(Emit *e, const Node *n, const Fetch *f)
{
	bool whole = !f->bit_size;
	const char *v;

	if (!reads_of(f))
		v = whole ? cut(e, f, base(e, n, f)) : base(e, n, f);
	else
		v = TEXT(e, "rt_%s_%s(c, %s, %s)", f->user || f->in_user ? "user" : "kernel",
			 number_type(e, f->size, whole && f->is_signed), fetch_where(e, n, f),
			 place_of(e, n));
	if (f->bit_size) {
		e->uses_memory = true;
		v = TEXT(e, "rt_bits(%s, %d, %d, %s)", v, f->bit_off, f->bit_size,
			 f->is_signed ? "true" : "false");
	}
	return f->add ? TEXT(e, "(%s)", plus(e, v, f->add)) : v;
}

const Fetch *node_where(const Node *n)
{
	bool is_target = n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
			 n->kind == ND_ATVAR;

	return !is_target ? NULL : n->target.fetch ? n->target.fetch : n->target.computed;
}

/* Nothing can go wrong in it, and no statement is needed. */
static bool is_plain(const Emit *e, const Fetch *f)
{
	return !reads_of(f) && f->base != FB_EXPR && (e->probe || f->base != FB_REG);
}

const char *target_read(Emit *e, const Node *n)
{
	const Fetch *f = node_where(n);
	const char *v;

	if (n->target.at_entry && !e->at_entry)
		return kept_read(e, n);
	if (f && f->base == FB_ANSWER && f->kind == FK_STRING)
		return "rt_answer(c)";
	if (!f || f->kind != FK_NUM) {
		missing(e, n, TEXT(e, "%s", node_text(e->arena, n)));
		return "0";
	}
	v = fetch_soft(e, n, f);
	if (is_plain(e, f))
		return v;
	v = temp_num(e, v);
	emit_check(e);
	return v;
}

/* ---- writing (guru mode) ---- */

static void write_register(Emit *e, const Node *n, const Fetch *f, const char *v)
{
	const char *reg = TEXT(e, "%s->%s", regs_of(e, n), arch_reg_ftrace(f->reg));

	e->uses_memory |= f->bit_size != 0;
	if (f->bit_size)
		emit(e, "%s = rt_with_bits(%s, %d, %d, %s);", reg, reg, f->bit_off, f->bit_size, v);
	else
		emit(e, "%s = %s;", reg, cut(e, f, TEXT(e, "(%s)", v)));
}

static void write_memory(Emit *e, const Node *n, const Fetch *f, const char *v)
{
	const char *where = TEXT(e, "w%d", e->n_num++), *type = number_type(e, f->size, false);

	emit(e, "const u64 %s = %s;", where, fetch_where(e, n, f));
	if (f->bit_size)
		v = TEXT(e, "rt_with_bits(rt_kernel_%s(c, %s, %s), %d, %d, %s)", type, where,
			 place_of(e, n), f->bit_off, f->bit_size, v);
	emit(e, "rt_write_%s(c, %s, %s, %s);", type, where, v, place_of(e, n));
	emit_check(e);
}

void target_write(Emit *e, const Node *n, const char *v)
{
	const Fetch *f = node_where(n);

	if (n->target.at_entry)
		missing(e, n, "assignment to what was there at the function's entry");
	else if (!f || f->kind != FK_NUM || f->add || f->user || f->in_user || n->target.addr_of)
		missing(e, n, "assignment to what is not in one place");
	else if (reads_of(f))
		write_memory(e, n, f, v);
	else if (f->base == FB_REG)
		write_register(e, n, f, v);
	else if (f->base == FB_ANSWER)
		emit(e, "*c->hit.verdict = (u32)%s;", v);
	else
		missing(e, n, "assignment to what is only a copy");
}
