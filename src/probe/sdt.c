/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arguments of marks: each is SIZE@OPERAND, an operand of the assembler as the compiler put it:
 * %edi, $5, -24(%rbp), (%rax,%rbx,4), counter+8(%rip). A negative size means a signed number. What
 * lies at an address relative to %rip is as far from the mark in memory as it is in the file.
 */
#include "probe/probe_int.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = 8, NAME_MOST = 256 };

typedef struct Operand {
	ElfFile *file;
	const ElfMark *mark;
	const char *p; /* what is left of it */
} Operand;

static bool skip(Operand *o, char c)
{
	if (*o->p != c)
		return false;
	o->p++;
	return true;
}

/* The text up to one of @stops, which a name must not be longer than. */
static bool word(Operand *o, const char *stops, char *ret)
{
	size_t n = strcspn(o->p, stops);

	if (!n || n >= NAME_MOST)
		return false;
	memcpy(ret, o->p, n);
	ret[n] = '\0';
	o->p += n;
	return true;
}

static bool integer(Operand *o, int64_t *ret)
{
	char *end;

	*ret = (int64_t)strtoull(o->p, &end, 0);
	if (end == o->p)
		return false;
	o->p = end;
	return true;
}

/* Sums of numbers and at most one name of a variable: "8+counter-4". */
static bool displacement(Operand *o, int64_t *ret)
{
	char name[NAME_MOST];
	uint64_t address;
	int64_t n;

	for (*ret = 0; *o->p && *o->p != '('; *ret += n) {
		bool minus = *o->p == '-';

		if (*o->p == '+' || minus)
			o->p++;
		if (!integer(o, &n)) {
			if (minus || !word(o, "+-(", name) || !elf_variable(o->file, name, &address))
				return false;
			n = (int64_t)address;
		}
		n = minus ? -n : n;
	}
	return true;
}

static bool full_register(Operand *o, const char *stops, int *ret)
{
	char name[NAME_MOST];
	int shift;

	if (!skip(o, '%') || !word(o, stops, name))
		return false;
	*ret = arch_reg_part(name, &shift);
	return *ret >= 0 && !shift;
}

/* (base), (base,index), (base,index,scale): the address, as a fetch. */
static bool address(Operand *o, int64_t off, Fetch *ret)
{
	int index;
	int64_t scale = 1;

	*ret = (Fetch){.base = FB_REG, .size = WORD, .in_user = true, .add = off};
	if (!skip(o, '(') || !full_register(o, ",)", &ret->reg))
		return false;
	if (skip(o, ',')) {
		if (!full_register(o, ",)", &index) || (skip(o, ',') && !integer(o, &scale)))
			return false;
		ret->index = (uint8_t)index;
		ret->scale = (uint8_t)scale;
	}
	if (ret->reg == arch_reg_find("rip"))
		ret->add -= (int64_t)o->mark->address;
	return skip(o, ')');
}

static bool in_register(Operand *o, uint8_t size, bool is_signed, Fetch *ret)
{
	char name[NAME_MOST];
	int shift;

	*ret = (Fetch){.base = FB_REG, .size = size, .is_signed = is_signed, .in_user = true};
	if (!skip(o, '%') || !word(o, " ", name))
		return false;
	ret->reg = arch_reg_part(name, &shift);
	if (shift) {
		ret->size = WORD;
		ret->bit_off = (uint8_t)shift;
		ret->bit_size = 8;
	}
	return ret->reg >= 0;
}

/* The constant as the type of the argument has it. */
static int64_t cut(int64_t v, unsigned size, bool is_signed)
{
	unsigned shift = 64 - 8 * size;

	return is_signed ? (int64_t)((uint64_t)v << shift) >> shift
			 : (int64_t)((uint64_t)v << shift >> shift);
}

static bool operand(Operand *o, uint8_t size, bool is_signed, Fetch *ret)
{
	Fetch at;
	int64_t n;

	if (*o->p == '%')
		return in_register(o, size, is_signed, ret);
	if (skip(o, '$')) {
		*ret = (Fetch){.base = FB_IMM, .size = WORD, .is_signed = true};
		if (!integer(o, &n))
			return false;
		ret->value = cut(n, size, is_signed);
		return true;
	}
	return displacement(o, &n) && address(o, n, &at) && fetch_deref(&at, 0, size, is_signed, ret);
}

/* One argument: SIZE@OPERAND, or in old files OPERAND; SIZE may end in f: a floating-point number. */
static bool argument(ElfFile *f, const ElfMark *m, const char *text, Fetch *ret)
{
	Operand o = {.file = f, .mark = m, .p = text};
	int64_t n = WORD;

	if (strchr(text, '@')) {
		if (!integer(&o, &n) || !skip(&o, '@'))
			return false;
	}
	if (n != 1 && n != 2 && n != 4 && n != 8 && n != -1 && n != -2 && n != -4 && n != -8)
		return false;
	return operand(&o, (uint8_t)(n < 0 ? -n : n), n < 0, ret) && !*o.p;
}

void sdt_args(Arena *a, ElfFile *f, const ElfMark *m, Variables *ret)
{
	for (const char *p = m->args; *(p += strspn(p, " "));) {
		size_t n = strcspn(p, " ");
		Fetch *value = NEW(a, Fetch);
		Variable v = {.name = arena_printf(a, "arg%d", ret->n + 1), .ctype = "long"};

		v.loc.kind = ARCH_NOWHERE;
		if (argument(f, m, arena_strndup(a, p, n), value))
			v.given = value;
		vec_push(a, ret, v);
		p += n;
	}
}
