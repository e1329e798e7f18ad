/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * BTF and DWARF of the same kernel must give the same answers: parameters, their types and
 * registers, the members of the structs they point at. Asked of Debian's kernels where tests/deps
 * vm and debug have left them; without these there is nothing to compare.
 */
#include "probe/probe_int.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

static Arena *arena;
static int functions, params, members;

static const char *kernel(const char *series, const char *word)
{
	char line[512] = "";
	FILE *p =
	    popen(arena_printf(arena, "tests/vm/kernel %s %s 2>/dev/null", series, word), "r");

	if (p && !fgets(line, sizeof(line), p))
		line[0] = '\0';
	if (p)
		pclose(p);
	line[strcspn(line, "\n")] = '\0';
	return arena_strdup(arena, line);
}

/* A difference is told once for each function, and by name. */
static bool same(bool ok, const char *function, const char *what)
{
	if (!ok)
		printf("%s: %s\n", function, what);
	CHECK(ok);
	return ok;
}

static bool same_type(const DbgType *b, const DbgType *d)
{
	return b->kind == d->kind && b->size == d->size && !strcmp(b->name, d->name) &&
	       (b->kind == DBG_PTR || b->kind == DBG_STRUCT || b->is_signed == d->is_signed) &&
	       b->n_elems == d->n_elems;
}

static void compare_members(Debuginfo *di, const char *function, const DbgType *b, const DbgType *d)
{
	DbgMember x, y;

	for (int i = 0; debuginfo_member_at(di, b, i, &x); i++) {
		bool there = debuginfo_member_at(di, d, i, &y);

		members++;
		if (!same(there && !strcmp(x.name, y.name) && x.offset == y.offset &&
			      x.bit_size == y.bit_size && x.bit_off == y.bit_off &&
			      same_type(x.type, y.type),
			  function, arena_printf(arena, "%s.%s", b->name, x.name)))
			return;
	}
}

static const DbgVariable *param(const DbgVariables *v, int n)
{
	for (int i = 0; i < v->n; i++)
		if (v->v[i].is_param && !n--)
			return &v->v[i];
	return NULL;
}

/* At the entry a parameter is where the calling convention has it, if the compiler says so at all.
 */
static bool same_place(const ArchLoc *a, const DbgLocation *d)
{
	if (a->kind == ARCH_REGS && d->where == DBG_VALUE && d->part[0].reg >= 0 &&
	    !d->part[0].n_off)
		return arch_dwarf_reg(d->part[0].reg) == a->lo.reg;
	return a->kind != ARCH_MEMORY || d->where != DBG_MEMORY || d->part[0].add == a->lo.add;
}

static void compare(Debuginfo *di, DwarfFile *f, const DbgCode *c)
{
	const DbgFunction *fn = debuginfo_function(di, NULL, c->name);
	DbgVariables v = {0};
	ArchLoc loc[32];
	uint64_t offset;
	bool unique;
	const char *symbol = dwarf_symbol(f, c->entry, &offset, &unique);

	if (!fn || !unique || strcmp(symbol, c->name) || fn->n_params > 32)
		return;
	functions++;
	dwarf_variables(f, c, c->entry, &v);
	arch_locate_args(fn->param, fn->n_params, 0, loc);
	same(same_type(fn->ret, dwarf_return_type(f, c)), c->name, "return type");
	for (int i = 0; i < fn->n_params; i++) {
		const DbgVariable *d = param(&v, i);
		const DbgType *b = fn->param[i].type;

		params++;
		if (!same(d && !strcmp(d->name, fn->param[i].name) && same_type(b, d->type),
			  c->name, fn->param[i].name))
			continue;
		same(same_place(&loc[i], &d->loc), c->name,
		     arena_printf(arena, "place of %s", d->name));
		if (b->kind == DBG_PTR)
			compare_members(di, c->name, debuginfo_target(di, b),
					debuginfo_target(di, d->type));
	}
}

static void compare_kernel(const char *series)
{
	static const char *const names[] = {"vfs_[a-z]*", "tcp_[a-z]*", "do_[a-z]*", "inet_[a-z]*"};
	DebuginfoPaths path = {.notes = "/nonexistent", .release = kernel(series, "version")};
	const char *why = NULL;
	Debuginfo *di;
	DwarfFile *f;

	path.btf_file = kernel(series, "vmlinux");
	path.debug_dir = kernel(series, "debug");
	di = debuginfo_new(arena, &path);
	f = *path.btf_file ? debuginfo_dwarf(di, NULL, &why) : NULL;
	functions = params = members = 0;
	if (!f || !debuginfo_have_types(di, &why)) {
		printf("SKIP %s: tests/deps vm debug gets what is compared\n", series);
		debuginfo_free(di);
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		DbgCodes codes = {0};

		dwarf_codes(f, names[k], NULL, &codes);
		for (int i = 0; i < codes.n; i++)
			if (!codes.v[i].inlined)
				compare(di, f, &codes.v[i]);
	}
	CHECK(functions >= 500);
	printf("%s: %d functions, %d parameters, %d members compared\n", series, functions, params,
	       members);
	debuginfo_free(di);
}

int main(void)
{
	arena = arena_new();
	compare_kernel("6.12");
	compare_kernel("6.1");
	arena_free(arena);
	return test_end("dwarf_btf");
}
