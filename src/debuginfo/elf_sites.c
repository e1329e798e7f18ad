/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Places in an ELF file that are not functions: marks, which <sys/sdt.h> describes in notes, and the
 * slots of the procedure linkage table, found by what they jump through.
 */
#include "debuginfo/debuginfo_int.h"

#include <stdlib.h>
#include <string.h>

enum { STAPSDT_V3 = 3, WORD = 8, PLT_SLOT = 16, PLT_GOT_SLOT = 8 };

/* ---- marks ---- */

static uint64_t load_word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The note's text: three strings behind three addresses. */
static bool note_strings(const uint8_t *desc, size_t size, ElfMark *ret)
{
	const char *p = (const char *)desc + 3 * WORD, *end = (const char *)desc + size;
	const char **to[] = {&ret->provider, &ret->name, &ret->args};

	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		const char *nul = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;

		if (!nul)
			return false;
		*to[i] = p;
		p = nul + 1;
	}
	return true;
}

/* Prelink may have moved the program after the notes were written: their base tells by how much. */
static void add_note(ElfFile *f, const uint8_t *desc, size_t size, bool has_base, uint64_t base)
{
	ElfMark m = {0};
	uint64_t moved;

	if (size < 3 * WORD || !note_strings(desc, size, &m))
		return;
	moved = has_base ? base - load_word(desc + WORD) : 0;
	m.address = load_word(desc) + moved;
	m.semaphore = load_word(desc + 2 * WORD);
	if (m.semaphore)
		m.semaphore += moved;
	vec_push(f->arena, &f->marks, m);
}

static void read_marks(ElfFile *f)
{
	GElf_Shdr h, base;
	bool has_base = section_find(&f->file, ".stapsdt.base", &base) != NULL;
	Elf_Data *d = section_data(&f->file, ".note.stapsdt", &h);
	size_t next = 0, name, desc;
	GElf_Nhdr n;

	while (d && (next = gelf_getnote(d, next, &n, &name, &desc)) > 0) {
		const uint8_t *p = d->d_buf;

		if (n.n_type == STAPSDT_V3 && n.n_namesz == sizeof("stapsdt") &&
		    !memcmp(p + name, "stapsdt", sizeof("stapsdt")))
			add_note(f, p + desc, n.n_descsz, has_base, base.sh_addr);
	}
}

int elf_marks(ElfFile *f, const ElfMark **ret)
{
	if (!f->marks_read)
		read_marks(f);
	f->marks_read = true;
	*ret = f->marks.v;
	return f->marks.n;
}

/* ---- the procedure linkage table ---- */

/* The address that a slot jumps through: [endbr64] [bnd] jmp *disp(%rip). */
static bool slot_target(const uint8_t *p, size_t n, uint64_t address, uint64_t *ret)
{
	static const uint8_t endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
	size_t i = n >= sizeof(endbr) && !memcmp(p, endbr, sizeof(endbr)) ? sizeof(endbr) : 0;
	int32_t disp;

	i += i < n && p[i] == 0xf2;
	if (i + 6 > n || p[i] != 0xff || p[i + 1] != 0x25)
		return false;
	memcpy(&disp, p + i + 2, sizeof(disp));
	*ret = address + i + 6 + (uint64_t)(int64_t)disp;
	return true;
}

/* struct Loaded - the loader writes the address of @name to @got. */
typedef struct Loaded {
	uint64_t got;
	const char *name;
} Loaded;

typedef struct LoadedVec {
	VEC(Loaded) all;
} LoadedVec;

static void add_relocations(ElfFile *f, Elf_Scn *s, const GElf_Shdr *h, LoadedVec *ret)
{
	Elf_Scn *table = elf_getscn(f->file.elf, h->sh_link);
	Elf_Data *d = elf_getdata(s, NULL), *syms = table ? elf_getdata(table, NULL) : NULL;
	GElf_Shdr sh;
	GElf_Rela r;
	GElf_Sym sym;

	if (!d || !syms || !gelf_getshdr(table, &sh))
		return;
	for (int i = 0; gelf_getrela(d, i, &r); i++) {
		Loaded l = {.got = r.r_offset};

		if (GELF_R_SYM(r.r_info) && gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &sym))
			l.name = elf_strptr(f->file.elf, sh.sh_link, sym.st_name);
		if (l.name && *l.name)
			vec_push(f->arena, &ret->all, l);
	}
}

static int by_got(const void *x, const void *y)
{
	const Loaded *a = x, *b = y;

	return a->got < b->got ? -1 : a->got > b->got;
}

static void read_relocations(ElfFile *f, LoadedVec *ret)
{
	GElf_Shdr h;

	for (Elf_Scn *s = NULL; (s = elf_nextscn(f->file.elf, s));)
		if (gelf_getshdr(s, &h) && h.sh_type == SHT_RELA)
			add_relocations(f, s, &h, ret);
	if (ret->all.n)
		qsort(ret->all.v, (size_t)ret->all.n, sizeof(Loaded), by_got);
}

static void read_slots(ElfFile *f, const char *section, size_t slot, const LoadedVec *loaded)
{
	GElf_Shdr h;
	Elf_Data *d = section_data(&f->file, section, &h);

	for (size_t at = 0; d && loaded->all.n && at + slot <= d->d_size; at += slot) {
		ElfPlt p = {.address = h.sh_addr + at};
		const Loaded *l;
		Loaded key = {0};

		if (!slot_target((const uint8_t *)d->d_buf + at, slot, p.address, &key.got))
			continue;
		l = bsearch(&key, loaded->all.v, (size_t)loaded->all.n, sizeof(Loaded), by_got);
		p.name = l ? l->name : NULL;
		if (p.name)
			vec_push(f->arena, &f->plt, p);
	}
}

int elf_plt(ElfFile *f, const ElfPlt **ret)
{
	LoadedVec loaded = {0};

	if (!f->plt_read) {
		read_relocations(f, &loaded);
		read_slots(f, ".plt", PLT_SLOT, &loaded);
		read_slots(f, ".plt.sec", PLT_SLOT, &loaded);
		read_slots(f, ".plt.got", PLT_GOT_SLOT, &loaded);
	}
	f->plt_read = true;
	*ret = f->plt.v;
	return f->plt.n;
}
