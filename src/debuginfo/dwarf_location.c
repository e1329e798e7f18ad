/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a variable is at one address: the location expression is run with symbols in place of
 * register values. What comes out as "register or constant, read so many times, plus so much" can
 * be fetched at a hit; anything else is said to be nowhere, and why.
 */
#include "debuginfo/dwarf_int.h"

#include <stdlib.h>
#include <string.h>

enum { STACK_MAX = 16, WORD = 8, CALL_FRAME_CFA = -1 };

typedef struct Machine {
	DwarfFile *file;
	Dwarf_Attribute *attr;
	Dwarf_Die *function;
	uint64_t pc, entry;
	DbgPart stack[STACK_MAX];
	int n;
	bool is_register; /* the value is in the register on top, not at it */
	bool is_value;
	const char *why; /* what could not be done */
	int depth;
} Machine;

static bool run(Machine *m, const Dwarf_Op *op, size_t n);

static bool fail(Machine *m, const char *why)
{
	if (!m->why)
		m->why = why;
	return false;
}

static bool push(Machine *m, DbgPart p)
{
	if (m->n == STACK_MAX)
		return fail(m, "its location is too complex");
	m->stack[m->n++] = p;
	return true;
}

static bool push_number(Machine *m, int64_t v)
{
	return push(m, (DbgPart){.reg = -1, .value = v});
}

static bool push_register(Machine *m, int reg, int64_t add)
{
	return push(m, (DbgPart){.reg = reg, .add = add});
}

static bool is_number(const DbgPart *p)
{
	return p->reg < 0 && !p->n_off && !p->is_address;
}

static int64_t number_of(const DbgPart *p)
{
	return p->value + p->add;
}

/* ---- frames ---- */

/* .debug_frame belongs to the Dwarf; .eh_frame is read for itself, and closed with the file. */
static Dwarf_CFI *frames(DwarfFile *f)
{
	Dwarf_CFI *own = dwarf_getcfi(f->dw);

	if (!own && !f->eh_frame)
		f->eh_frame = dwarf_getcfi_elf(f->elf);
	return own ? own : f->eh_frame;
}

static bool push_cfa(Machine *m)
{
	Dwarf_Frame *frame = NULL;
	Dwarf_Op *ops;
	size_t n;
	bool ok = false;

	if (!frames(m->file) || dwarf_cfi_addrframe(frames(m->file), m->pc, &frame))
		return fail(m, "the call frame is not described");
	if (!dwarf_frame_cfa(frame, &ops, &n) && n)
		ok = run(m, ops, n);
	free(frame);
	return ok || fail(m, "the call frame is not described");
}

static bool push_frame_base(Machine *m, int64_t add)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t n;

	if (m->depth++ || !dwarf_attr_integrate(m->function, DW_AT_frame_base, &attr) ||
	    dwarf_getlocation_addr(&attr, m->pc, &ops, &n, 1) != 1 || !run(m, ops, n) || !m->n)
		return fail(m, "the frame of its function is not described");
	m->depth--;
	m->is_register = false; /* DW_OP_reg6 as a frame base is the register's value */
	m->stack[m->n - 1].add += add;
	return true;
}

/* ---- operations ---- */

static bool deref(Machine *m)
{
	DbgPart *p;

	if (!m->n)
		return fail(m, "its location is malformed");
	p = &m->stack[m->n - 1];
	if (p->n_off == DBG_READS)
		return fail(m, "its location reads too often");
	p->off[p->n_off++] = p->add;
	p->add = 0;
	return true;
}

static int64_t calculate(int op, int64_t a, int64_t b)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;

	switch (op) {
	case DW_OP_and:
		return a & b;
	case DW_OP_or:
		return a | b;
	case DW_OP_xor:
		return a ^ b;
	case DW_OP_shl:
		return y < 64 ? (int64_t)(x << y) : 0;
	case DW_OP_shr:
		return y < 64 ? (int64_t)(x >> y) : 0;
	default:
		return (int64_t)(x * y);
	}
}

/* Sums and differences with a constant are an offset; other operations work on constants only. */
static bool binary(Machine *m, int op)
{
	DbgPart *a, *b, t;

	if (m->n < 2)
		return fail(m, "its location is malformed");
	a = &m->stack[m->n - 2];
	b = &m->stack[m->n - 1];
	if (op == DW_OP_plus && is_number(a)) {
		t = *a;
		*a = *b;
		*b = t;
	}
	if (!is_number(b))
		return fail(m, "its value is computed from registers");
	m->n--;
	if (op == DW_OP_plus)
		a->add += number_of(b);
	else if (op == DW_OP_minus)
		a->add -= number_of(b);
	else if (is_number(a))
		*a = (DbgPart){.reg = -1, .value = calculate(op, number_of(a), number_of(b))};
	else
		return fail(m, "its value is computed from registers");
	return true;
}

/* What a register had when the function was entered: known while that is where we are. */
static bool entry_value(Machine *m, const Dwarf_Op *op)
{
	Dwarf_Attribute inner;
	Dwarf_Op *ops;
	size_t n;
	bool was = m->is_register;

	if (m->pc != m->entry || dwarf_getlocation_attr(m->attr, op, &inner) ||
	    dwarf_getlocation(&inner, &ops, &n) || !run(m, ops, n))
		return fail(m, "it was only kept until its last use");
	m->is_register = was;
	return true;
}

static bool implicit_value(Machine *m, const Dwarf_Op *op)
{
	Dwarf_Block block;
	int64_t v = 0;

	if (dwarf_getlocation_implicit_value(m->attr, op, &block) || block.length > sizeof(v))
		return fail(m, "it is a constant larger than a word");
	memcpy(&v, block.data, block.length);
	m->is_value = true;
	return push_number(m, v);
}

static bool step(Machine *m, const Dwarf_Op *op)
{
	int a = op->atom;

	if (a >= DW_OP_lit0 && a <= DW_OP_lit31)
		return push_number(m, a - DW_OP_lit0);
	if (a >= DW_OP_breg0 && a <= DW_OP_breg31)
		return push_register(m, a - DW_OP_breg0, (int64_t)op->number);
	if (a >= DW_OP_reg0 && a <= DW_OP_reg31) {
		m->is_register = true;
		return push_register(m, a - DW_OP_reg0, 0);
	}
	switch (a) {
	case DW_OP_addr:
		return push(m,
			    (DbgPart){.reg = -1, .value = (int64_t)op->number, .is_address = true});
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts:
		return push_number(m, (int64_t)op->number);
	case DW_OP_bregx:
		return push_register(m, (int)op->number, (int64_t)op->number2);
	case DW_OP_regx:
		m->is_register = true;
		return push_register(m, (int)op->number, 0);
	case DW_OP_fbreg:
		return push_frame_base(m, (int64_t)op->number);
	case DW_OP_call_frame_cfa:
		return push_cfa(m);
	case DW_OP_plus_uconst:
		return push_number(m, (int64_t)op->number) && binary(m, DW_OP_plus);
	case DW_OP_plus:
	case DW_OP_minus:
	case DW_OP_and:
	case DW_OP_or:
	case DW_OP_xor:
	case DW_OP_shl:
	case DW_OP_shr:
	case DW_OP_mul:
		return binary(m, a);
	case DW_OP_deref:
		return deref(m);
	case DW_OP_dup:
		return m->n && push(m, m->stack[m->n - 1]);
	case DW_OP_drop:
		return m->n-- > 0;
	case DW_OP_nop:
		return true;
	case DW_OP_stack_value:
		m->is_value = true;
		return true;
	case DW_OP_implicit_value:
		return implicit_value(m, op);
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
		return entry_value(m, op);
	case DW_OP_implicit_pointer:
	case DW_OP_GNU_implicit_pointer:
		return fail(m, "it points at something that has no address");
	case DW_OP_form_tls_address:
	case DW_OP_GNU_push_tls_address:
		return fail(m, "it is thread-local");
	default:
		return fail(m, "its value is computed from registers");
	}
}

static bool run(Machine *m, const Dwarf_Op *op, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!step(m, &op[i]))
			return fail(m, "its location is malformed");
	return true;
}

/* ---- results ---- */

static bool result(Machine *m, const Dwarf_Op *op, size_t n, DbgPart *part, bool *is_value)
{
	m->n = 0;
	m->is_register = m->is_value = false;
	if (!run(m, op, n) || !m->n)
		return fail(m, "it is optimized out here");
	*part = m->stack[m->n - 1];
	*is_value = m->is_register || m->is_value;
	return true;
}

/* Two words, each in a register or known: a struct by value, or a 16-byte integer. */
static bool pieces(Machine *m, const Dwarf_Op *op, size_t n, DbgLocation *ret)
{
	int k = 0;

	for (size_t i = 0, from = 0; i < n; i++) {
		bool is_value;

		if (op[i].atom != DW_OP_piece)
			continue;
		if (k == 2 || (k && op[from - 1].number != WORD))
			return fail(m, "it is in many pieces");
		if (!result(m, op + from, i - from, &ret->part[k], &is_value))
			return false;
		if (!is_value)
			return fail(m, "it is in pieces of memory");
		k++;
		from = i + 1;
	}
	ret->where = DBG_VALUE;
	return true;
}

static bool has_pieces(const Dwarf_Op *op, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (op[i].atom == DW_OP_piece)
			return true;
	return false;
}

static bool constant(Dwarf_Die *die, DbgLocation *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Sword v;

	if (!dwarf_attr_integrate(die, DW_AT_const_value, &attr) || dwarf_formsdata(&attr, &v))
		return false;
	*ret = (DbgLocation){.where = DBG_VALUE};
	ret->part[0] = (DbgPart){.reg = -1, .value = v};
	return true;
}

void dwarf_locate(DwarfFile *f, Dwarf_Die *die, Dwarf_Die *function, uint64_t pc, uint64_t entry,
		  DbgLocation *ret)
{
	Dwarf_Attribute attr;
	Machine m = {.file = f, .attr = &attr, .function = function, .pc = pc, .entry = entry};
	Dwarf_Op *op;
	bool is_value = false, ok;
	size_t n;

	*ret = (DbgLocation){.why = "it is optimized out here"};
	if (!dwarf_attr_integrate(die, DW_AT_location, &attr)) {
		constant(die, ret);
		return;
	}
	if (dwarf_getlocation_addr(&attr, pc, &op, &n, 1) != 1)
		return;
	if (has_pieces(op, n)) {
		ok = pieces(&m, op, n, ret);
	} else {
		ok = result(&m, op, n, &ret->part[0], &is_value);
		ret->where = is_value ? DBG_VALUE : DBG_MEMORY;
	}
	if (!ok)
		*ret = (DbgLocation){.why = m.why};
}
