/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Functions of an ELF file by name. A program that is not stripped lists them itself. Of others the
 * debug file that the build id names has them, when it is installed; else .dynsym lists what is
 * exported and .gnu_debugdata, an ELF file compressed by xz in a section, what is not.
 */
#include "debuginfo/debuginfo_int.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#define DEBUG_DIR "/usr/lib/debug/.build-id"
#define MINI_MOST (256u << 20)	 /* bytes of .gnu_debugdata unpacked */
#define LZMA_MOST (128ull << 20) /* memory for unpacking */

/* ---- where the tables are ---- */

static Elf_Scn *table_of_type(const ElfReader *r, GElf_Word type, GElf_Shdr *ret)
{
	for (Elf_Scn *s = NULL; r->elf && (s = elf_nextscn(r->elf, s));)
		if (gelf_getshdr(s, ret) && ret->sh_type == type)
			return s;
	return NULL;
}

static const char *build_id(const ElfFile *f)
{
	GElf_Shdr h;
	Elf_Data *d = section_data(&f->file, ".note.gnu.build-id", &h);
	size_t name, desc, at = 0;
	const char *hex = "";
	GElf_Nhdr n;

	if (!d || !gelf_getnote(d, 0, &n, &name, &desc) || n.n_type != NT_GNU_BUILD_ID || n.n_descsz < 2)
		return NULL;
	for (; at < n.n_descsz; at++)
		hex = arena_printf(f->arena, "%s%02x", hex, ((const uint8_t *)d->d_buf)[desc + at]);
	return hex;
}

static void open_debug_file(ElfFile *f)
{
	const char *id = build_id(f);

	if (id)
		reader_open(&f->debug,
			    arena_printf(f->arena, DEBUG_DIR "/%.2s/%s.debug", id, id + 2));
}

/* The section's contents, unpacked; NULL when it is not there, damaged or too large. */
static void *unpack(const Elf_Data *d, size_t *size)
{
	for (size_t room = d->d_size * 8 + 4096; room <= MINI_MOST; room *= 2) {
		uint64_t memory = LZMA_MOST;
		size_t in = 0, out = 0;
		uint8_t *p = malloc(room);
		lzma_ret got = !p ? LZMA_MEM_ERROR
				  : lzma_stream_buffer_decode(&memory, 0, NULL, d->d_buf, &in, d->d_size,
							      p, &out, room);

		*size = out;
		if (got == LZMA_OK)
			return p;
		free(p);
		if (got != LZMA_BUF_ERROR || in > d->d_size)
			return NULL;
	}
	return NULL;
}

static void open_mini(ElfFile *f)
{
	GElf_Shdr h;
	Elf_Data *d = section_data(&f->file, ".gnu_debugdata", &h);
	size_t size;

	f->mini.memory = d ? unpack(d, &size) : NULL;
	if (f->mini.memory)
		f->mini.elf = elf_memory(f->mini.memory, size);
}

/* ---- reading them ---- */

typedef void SymbolFn(ElfFile *f, const char *name, const GElf_Sym *sym);

static void each_symbol(ElfFile *f, const ElfReader *r, GElf_Word type, SymbolFn *fn)
{
	GElf_Shdr h;
	Elf_Scn *s = table_of_type(r, type, &h);
	Elf_Data *d = s ? elf_getdata(s, NULL) : NULL;
	GElf_Sym sym;

	for (int i = 0; d && gelf_getsym(d, i, &sym); i++) {
		const char *name = elf_strptr(r->elf, h.sh_link, sym.st_name);

		if (name && *name && sym.st_shndx != SHN_UNDEF)
			fn(f, name, &sym);
	}
}

static void add_symbol(ElfFile *f, const char *name, const GElf_Sym *sym)
{
	int type = GELF_ST_TYPE(sym->st_info);
	ElfSymbol s = {.address = sym->st_value,
		       .size = sym->st_size,
		       .is_global = GELF_ST_BIND(sym->st_info) != STB_LOCAL};
	size_t n = strcspn(name, "@"); /* the version of a library's symbol, in .symtab */

	s.name = name[n] ? arena_strndup(f->arena, name, n) : name;
	if (type == STT_FUNC && elf_is_code(f, s.address))
		vec_push(f->arena, &f->functions, s);
	else if (type == STT_OBJECT || type == STT_NOTYPE)
		vec_push(f->arena, &f->variables, s);
}

static int by_name(const void *x, const void *y)
{
	const ElfSymbol *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : a->address < b->address ? -1 : a->address > b->address;
}

/* The same from two tables. */
static void drop_doubles(ElfFile *f)
{
	int n = 0;

	for (int i = 0; i < f->functions.n; i++)
		if (!i || by_name(&f->functions.v[i], &f->functions.v[n - 1]))
			f->functions.v[n++] = f->functions.v[i];
	f->functions.n = n;
}

static bool has_table(const ElfReader *r)
{
	GElf_Shdr h;

	return table_of_type(r, SHT_SYMTAB, &h) != NULL;
}

static void read_symbols(ElfFile *f)
{
	if (f->symbols_read)
		return;
	f->symbols_read = true;
	if (!has_table(&f->file))
		open_debug_file(f);
	if (has_table(&f->file)) {
		each_symbol(f, &f->file, SHT_SYMTAB, add_symbol);
	} else if (has_table(&f->debug)) {
		each_symbol(f, &f->debug, SHT_SYMTAB, add_symbol);
	} else {
		open_mini(f);
		each_symbol(f, &f->mini, SHT_SYMTAB, add_symbol);
	}
	each_symbol(f, &f->file, SHT_DYNSYM, add_symbol);
	if (f->functions.n)
		qsort(f->functions.v, (size_t)f->functions.n, sizeof(ElfSymbol), by_name);
	drop_doubles(f);
}

int elf_functions(ElfFile *f, const ElfSymbol **ret)
{
	read_symbols(f);
	*ret = f->functions.v;
	return f->functions.n;
}

const ElfSymbol *elf_function_at(ElfFile *f, uint64_t address)
{
	const ElfSymbol *best = NULL;

	read_symbols(f);
	for (int i = 0; i < f->functions.n; i++) {
		const ElfSymbol *s = &f->functions.v[i];

		if (address >= s->address && address - s->address < (s->size ? s->size : 1) &&
		    (!best || (s->is_global && !best->is_global)))
			best = s;
	}
	return best;
}

bool elf_variable(ElfFile *f, const char *name, uint64_t *ret)
{
	read_symbols(f);
	for (int i = 0; i < f->variables.n; i++)
		if (!strcmp(f->variables.v[i].name, name)) {
			*ret = f->variables.v[i].address;
			return true;
		}
	return false;
}
