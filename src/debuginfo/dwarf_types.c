/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * C types from DWARF, as types.c makes them from BTF: typedefs and qualifiers are looked through,
 * the spelling keeps them in the same way, and a type is made once for each DIE that names it.
 */
#include "debuginfo/dwarf_int.h"

#include <stdlib.h>
#include <string.h>

enum { NEST_MAX = 32 };

static const DbgType void_type = {.kind = DBG_VOID, .name = "void"};

static bool type_die(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, ret);
}

/* @die without typedefs and qualifiers; false: void. */
static bool resolve(Dwarf_Die die, Dwarf_Die *ret)
{
	for (int i = 0; i < NEST_MAX; i++) {
		switch (dwarf_tag(&die)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!type_die(&die, &die))
				return false;
			break;
		default:
			*ret = die;
			return true;
		}
	}
	return false;
}

/* ---- spelling ---- */

static const char *text(Arena *a, Dwarf_Die *die, int depth);

static const char *text_of_target(Arena *a, Dwarf_Die *die, int depth)
{
	Dwarf_Die target;

	return type_die(die, &target) ? text(a, &target, depth) : "void";
}

/* Elements of the dimension @die (DW_TAG_subrange_type). */
static uint64_t extent(Dwarf_Die *die)
{
	uint64_t n = dwarf_number(die, DW_AT_count, UINT64_MAX);

	return n != UINT64_MAX ? n : dwarf_number(die, DW_AT_upper_bound, UINT64_MAX) + 1;
}

/* The dimensions of an array; *@n: elements of them all from dimension @from on. */
static const char *dimensions(Arena *a, Dwarf_Die *die, int from, uint64_t *n)
{
	const char *dims = "";
	Dwarf_Die d;
	int i = 0;

	*n = 1;
	for (int end = dwarf_child(die, &d); !end; end = dwarf_siblingof(&d, &d)) {
		if (dwarf_tag(&d) != DW_TAG_subrange_type || i++ < from)
			continue;
		*n *= extent(&d);
		dims = arena_printf(a, "%s[%llu]", dims, (unsigned long long)extent(&d));
	}
	return dims;
}

static const char *array_text(Arena *a, Dwarf_Die *die, const char *middle, int depth)
{
	uint64_t n;
	const char *dims = dimensions(a, die, 0, &n);

	return arena_printf(a, "%s %s%s", text_of_target(a, die, depth), middle, dims);
}

static const char *proto_text(Arena *a, Dwarf_Die *die, const char *middle, int depth)
{
	const char *args = "";
	Dwarf_Die p;

	for (int end = dwarf_child(die, &p); !end; end = dwarf_siblingof(&p, &p)) {
		const char *sep = *args ? ", " : "";

		if (dwarf_tag(&p) == DW_TAG_formal_parameter)
			args = arena_printf(a, "%s%s%s", args, sep, text_of_target(a, &p, depth));
		else if (dwarf_tag(&p) == DW_TAG_unspecified_parameters)
			args = arena_printf(a, "%s%s...", args, sep);
	}
	return arena_printf(a, "%s %s(%s)", text_of_target(a, die, depth), middle, args);
}

static const char *pointer_text(Arena *a, Dwarf_Die *die, int depth)
{
	Dwarf_Die target;

	if (!type_die(die, &target))
		return "void *";
	if (dwarf_tag(&target) == DW_TAG_subroutine_type)
		return proto_text(a, &target, "(*)", depth);
	if (dwarf_tag(&target) == DW_TAG_array_type)
		return array_text(a, &target, "(*)", depth);
	return spell_pointer(a, text(a, &target, depth));
}

static const char *text(Arena *a, Dwarf_Die *die, int depth)
{
	if (depth++ > NEST_MAX)
		return "...";
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
		return spell_tagged(a, "struct", dwarf_name(die));
	case DW_TAG_union_type:
		return spell_tagged(a, "union", dwarf_name(die));
	case DW_TAG_enumeration_type:
		return spell_tagged(a, "enum", dwarf_name(die));
	case DW_TAG_pointer_type:
		return pointer_text(a, die, depth);
	case DW_TAG_array_type:
		return array_text(a, die, "", depth);
	case DW_TAG_subroutine_type:
		return proto_text(a, die, "", depth);
	case DW_TAG_const_type:
		return arena_printf(a, "%s const", text_of_target(a, die, depth));
	case DW_TAG_volatile_type:
		return arena_printf(a, "%s volatile", text_of_target(a, die, depth));
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return text_of_target(a, die, depth);
	case DW_TAG_base_type:
	case DW_TAG_typedef:
		return dwarf_name(die);
	default:
		return "void";
	}
}

/* ---- making one ---- */

static void fill_base(Dwarf_Die *die, DbgType *d)
{
	d->kind = DBG_INT;
	switch (dwarf_number(die, DW_AT_encoding, DW_ATE_void)) {
	case DW_ATE_boolean:
		d->kind = DBG_BOOL;
		break;
	case DW_ATE_float:
	case DW_ATE_complex_float:
		d->kind = DBG_FLOAT;
		d->is_signed = true;
		break;
	case DW_ATE_signed:
		d->is_signed = true;
		break;
	case DW_ATE_signed_char:
		d->kind = DBG_CHAR;
		d->is_signed = true;
		break;
	case DW_ATE_unsigned_char:
		d->kind = DBG_CHAR;
		break;
	default:
		break;
	}
}

/* The type that the compiler took for the enumeration says so; older ones only show negative
 * values. */
static bool enum_is_signed(Dwarf_Die *die)
{
	Dwarf_Die e;

	if (type_die(die, &e) && resolve(e, &e))
		return dwarf_number(&e, DW_AT_encoding, DW_ATE_void) == DW_ATE_signed;
	for (int end = dwarf_child(die, &e); !end; end = dwarf_siblingof(&e, &e)) {
		Dwarf_Attribute attr;
		Dwarf_Sword v;

		if (dwarf_attr(&e, DW_AT_const_value, &attr) &&
		    dwarf_whatform(&attr) == DW_FORM_sdata && !dwarf_formsdata(&attr, &v) && v < 0)
			return true;
	}
	return false;
}

static const DbgType *make(DwarfFile *f, Dwarf_Die *named, int dim);

static void fill_array(DwarfFile *f, Dwarf_Die *die, int dim, TypeInt *t)
{
	uint64_t all, inner;
	Dwarf_Die elem;

	dimensions(f->arena, die, dim, &all);
	if (*dimensions(f->arena, die, dim + 1, &inner))
		t->target = make(f, die, dim + 1);
	else
		t->target = type_die(die, &elem) ? make(f, &elem, 0) : &void_type;
	t->pub.kind = DBG_ARRAY;
	t->pub.n_elems = inner ? (uint32_t)(all / inner) : 0;
	t->pub.size = t->target->size * t->pub.n_elems;
}

static void fill(DwarfFile *f, Dwarf_Die *die, int dim, TypeInt *t)
{
	DbgType *d = &t->pub;

	d->size = (uint32_t)dwarf_number(die, DW_AT_byte_size, 0);
	switch (dwarf_tag(die)) {
	case DW_TAG_base_type:
		fill_base(die, d);
		break;
	case DW_TAG_enumeration_type:
		d->kind = DBG_ENUM;
		d->is_signed = enum_is_signed(die);
		break;
	case DW_TAG_pointer_type:
		d->kind = DBG_PTR;
		d->size = sizeof(uint64_t);
		break;
	case DW_TAG_array_type:
		fill_array(f, die, dim, t);
		break;
	case DW_TAG_structure_type:
		d->kind = DBG_STRUCT;
		break;
	case DW_TAG_union_type:
		d->kind = DBG_UNION;
		break;
	case DW_TAG_subroutine_type:
		d->kind = DBG_FUNC;
		d->size = 0;
		break;
	default:
		d->kind = DBG_VOID;
		d->size = 0;
	}
}

/* The type that @named spells; of an array from dimension @dim on. */
static const DbgType *make(DwarfFile *f, Dwarf_Die *named, int dim)
{
	TypeInt *t = NEW(f->arena, TypeInt);
	Dwarf_Die die;
	uint64_t n;

	t->dwarf = f;
	t->pub.id = 1;
	t->pub.module = f->module;
	t->pub.name = text(f->arena, named, 0);
	if (!resolve(*named, &die))
		return &void_type;
	if (dim)
		t->pub.name = arena_printf(f->arena, "%s %s", text_of_target(f->arena, &die, 0),
					   dimensions(f->arena, &die, dim, &n));
	t->die = dwarf_dieoffset(&die);
	fill(f, &die, dim, t);
	return &t->pub;
}

/* ---- once for each DIE ---- */

static DwarfSlot *find_slot(const DwarfFile *f, uint64_t die)
{
	uint32_t i = (uint32_t)(die * 0x9e3779b97f4a7c15ull >> 32) & (f->n_slots - 1);

	while (f->slot[i].type && f->slot[i].die != die)
		i = (i + 1) & (f->n_slots - 1);
	return &f->slot[i];
}

static void grow(DwarfFile *f)
{
	DwarfSlot *old = f->slot;
	uint32_t n = f->n_slots;

	f->n_slots = n ? 2 * n : 256;
	f->slot = calloc(f->n_slots, sizeof(*f->slot));
	if (!f->slot) {
		fputs("tapx: out of memory\n", stderr);
		abort();
	}
	for (uint32_t i = 0; i < n; i++)
		if (old[i].type)
			*find_slot(f, old[i].die) = old[i];
	free(old);
}

static const DbgType *intern(DwarfFile *f, Dwarf_Die *die)
{
	uint64_t at = dwarf_dieoffset(die);
	const DbgType *t;

	if (f->n_slots && find_slot(f, at)->type)
		return find_slot(f, at)->type;
	t = make(f, die, 0);
	if (2 * (f->n_types + 1) > f->n_slots)
		grow(f);
	*find_slot(f, at) = (DwarfSlot){at, t};
	f->n_types++;
	return t;
}

const DbgType *dwarf_type_of(DwarfFile *f, Dwarf_Die *die)
{
	Dwarf_Die t;

	return type_die(die, &t) ? intern(f, &t) : &void_type;
}

static Dwarf_Die die_of(const DbgType *t)
{
	const TypeInt *ti = (const void *)t;
	Dwarf_Die die;

	dwarf_offdie(ti->dwarf->dw, ti->die, &die);
	return die;
}

const DbgType *dwarf_target(const TypeInt *t)
{
	Dwarf_Die die = die_of(&t->pub);

	return dwarf_type_of(t->dwarf, &die);
}

/* ---- members ---- */

const DbgType *dwarf_complete(Debuginfo *di, const DbgType *t)
{
	Dwarf_Die die;

	if (t->kind != DBG_STRUCT && t->kind != DBG_UNION)
		return NULL;
	die = die_of(t);
	if (!dwarf_hasattr(&die, DW_AT_declaration))
		return t;
	t = debuginfo_type(di, t->module,
			   spell_tagged(di->arena, t->kind == DBG_UNION ? "union" : "struct", dwarf_name(&die)));
	return t && t->size ? t : NULL;
}

/* Bit fields: counted from the start (DWARF 4 and later), or as older compilers did, from the other
 * end of a storage unit. */
static void describe(DwarfFile *f, Dwarf_Die *m, uint32_t base, DbgMember *ret)
{
	uint64_t bits = dwarf_number(m, DW_AT_bit_size, 0), bit = 0;
	uint64_t at = dwarf_number(m, DW_AT_data_member_location, 0), unit, old;

	*ret = (DbgMember){.name = dwarf_name(m), .type = dwarf_type_of(f, m)};
	ret->offset = base + (uint32_t)at;
	if (!bits)
		return;
	unit = dwarf_number(m, DW_AT_byte_size, ret->type->size);
	old = dwarf_number(m, DW_AT_bit_offset, UINT64_MAX);
	bit = dwarf_number(m, DW_AT_data_bit_offset, at * 8);
	if (old != UINT64_MAX)
		bit = at * 8 + unit * 8 - old - bits;
	type_bits(ret, base, (uint32_t)bit, (uint32_t)bits);
}

static bool next_member(Dwarf_Die *m, bool first, Dwarf_Die *parent)
{
	int end = first ? dwarf_child(parent, m) : dwarf_siblingof(m, m);

	while (!end && dwarf_tag(m) != DW_TAG_member)
		end = dwarf_siblingof(m, m);
	return !end;
}

static bool find_member(DwarfFile *f, Dwarf_Die parent, const char *name, uint32_t base, int depth,
			DbgMember *ret)
{
	Dwarf_Die m, type;

	if (depth > NEST_MAX)
		return false;
	for (bool ok = next_member(&m, true, &parent); ok; ok = next_member(&m, false, NULL)) {
		const char *own = dwarf_name(&m);
		DbgMember in;

		if (*own && strcmp(own, name))
			continue;
		describe(f, &m, base, &in);
		if (*own) {
			*ret = in;
			return true;
		}
		if (type_die(&m, &type) && resolve(type, &type) &&
		    find_member(f, type, name, in.offset, depth + 1, ret))
			return true;
	}
	return false;
}

bool dwarf_member(const DbgType *t, const char *name, DbgMember *ret)
{
	return find_member(((const TypeInt *)(const void *)t)->dwarf, die_of(t), name, 0, 0, ret);
}

bool dwarf_member_at(const DbgType *t, int i, DbgMember *ret)
{
	Dwarf_Die die = die_of(t), m;
	bool ok = next_member(&m, true, &die);

	for (int k = 0; ok && k < i; k++)
		ok = next_member(&m, false, NULL);
	if (ok)
		describe(((const TypeInt *)(const void *)t)->dwarf, &m, 0, ret);
	return ok;
}

static void nearest_members(Dwarf_Die parent, int depth, Nearest *n)
{
	Dwarf_Die m, type;

	if (depth > NEST_MAX)
		return;
	for (bool ok = next_member(&m, true, &parent); ok; ok = next_member(&m, false, NULL)) {
		if (*dwarf_name(&m))
			nearest_add(n, dwarf_name(&m));
		else if (type_die(&m, &type) && resolve(type, &type))
			nearest_members(type, depth + 1, n);
	}
}

void dwarf_nearest_member(const DbgType *t, Nearest *n)
{
	nearest_members(die_of(t), 0, n);
}
