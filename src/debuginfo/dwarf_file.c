/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Opening a file with DWARF, and its addresses. A kernel or program is mapped as it is. A module is
 * relocatable: its debug sections are read and relocated here, to where sysfs says that the loaded
 * module has its sections, so that everything behind this sees addresses.
 */
#include "debuginfo/dwarf_int.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- relocatable files ---- */

static const char *section_name(Elf *elf, Elf_Scn *scn, GElf_Shdr *sh)
{
	size_t names;
	const char *name = NULL;

	if (gelf_getshdr(scn, sh) && !elf_getshdrstrndx(elf, &names))
		name = elf_strptr(elf, names, sh->sh_name);
	return name ? name : "";
}

static uint64_t loaded_at(const DwarfFile *f, const char *section)
{
	const char *path =
	    arena_printf(f->arena, "%s/%s/sections/%s", f->di->path.module_dir, f->module, section);
	Buf text = {0};
	uint64_t at = 0;

	if (!read_file(path, &text))
		at = strtoull(buf_str(&text), NULL, 16);
	buf_free(&text);
	return at;
}

/* Where each section is; when the kernel hides it, one behind the other. */
static void place_sections(DwarfFile *f)
{
	enum { FIRST = 0x10000, ALIGN = 0x1000 };
	uint64_t next = FIRST;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t n;

	if (elf_getshdrnum(f->elf, &n))
		return;
	f->section = NEW_ARRAY(f->arena, uint64_t, n + 1);
	while ((scn = elf_nextscn(f->elf, scn))) {
		const char *name = section_name(f->elf, scn, &sh);
		size_t i = elf_ndxscn(scn);

		if (!(sh.sh_flags & SHF_ALLOC))
			continue;
		f->section[i] = f->module ? loaded_at(f, name) : 0;
		f->placed |= f->section[i] != 0;
	}
	for (scn = NULL; !f->placed && (scn = elf_nextscn(f->elf, scn));) {
		section_name(f->elf, scn, &sh);
		if (!(sh.sh_flags & SHF_ALLOC))
			continue;
		f->section[elf_ndxscn(scn)] = next;
		next = (next + sh.sh_size + 2 * ALIGN) & ~(uint64_t)(ALIGN - 1);
	}
}

static int width_of(uint32_t type)
{
	switch (type) {
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
		return 4;
	default:
		return 0;
	}
}

static uint64_t symbol_value(const DwarfFile *f, const GElf_Sym *sym)
{
	return sym->st_value + (sym->st_shndx < SHN_LORESERVE ? f->section[sym->st_shndx] : 0);
}

static void apply(const DwarfFile *f, Elf_Data *symbols, const GElf_Rela *r, Elf_Data *to)
{
	uint32_t type = (uint32_t)GELF_R_TYPE(r->r_info);
	int width = width_of(type);
	GElf_Sym sym;
	uint64_t v;

	if (!width || r->r_offset + (uint64_t)width > to->d_size ||
	    !gelf_getsym(symbols, (int)GELF_R_SYM(r->r_info), &sym))
		return;
	v = symbol_value(f, &sym) + (uint64_t)r->r_addend;
	if (type == R_X86_64_PC32 || type == R_X86_64_PC64)
		v -= r->r_offset; /* debug sections are at 0 */
	memcpy((char *)to->d_buf + r->r_offset, &v, (size_t)width);
}

static void relocate_section(DwarfFile *f, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Scn *target = elf_getscn(f->elf, sh->sh_info), *table = elf_getscn(f->elf, sh->sh_link);
	Elf_Data *relocs = elf_getdata(scn, NULL), *symbols = elf_getdata(table, NULL), *to;
	GElf_Shdr tsh;
	GElf_Rela r;

	if (strncmp(section_name(f->elf, target, &tsh), ".debug_", 7))
		return;
	if (tsh.sh_flags & SHF_COMPRESSED)
		elf_compress(target, 0, 0);
	to = elf_getdata(target, NULL);
	if (!relocs || !symbols || !to || !to->d_buf)
		return;
	for (int i = 0; gelf_getrela(relocs, i, &r); i++)
		apply(f, symbols, &r, to);
}

static void relocate(DwarfFile *f)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	place_sections(f);
	while ((scn = elf_nextscn(f->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_RELA && f->section)
			relocate_section(f, scn, &sh);
}

/* ---- opening ---- */

static void close_file(DwarfFile *f)
{
	if (f->eh_frame)
		dwarf_cfi_end(f->eh_frame);
	dwarf_end(f->dw);
	elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	free(f->symbol);
	free(f->slot);
}

static bool fits(Elf *elf, const BuildId *id)
{
	BuildId own = {.n = 0};

	if (!id->n || !elf_build_id(elf, &own))
		return true;
	return own.n == id->n && !memcmp(own.v, id->v, id->n);
}

static bool open_elf(DwarfFile *f)
{
	GElf_Ehdr eh;

	f->elf = elf_begin(f->fd, ELF_C_READ_MMAP, NULL);
	if (!f->elf || !gelf_getehdr(f->elf, &eh) || eh.e_machine != EM_X86_64)
		return false;
	if (eh.e_type != ET_REL)
		return true;
	elf_end(f->elf); /* what is relocated must not be a mapping of the file */
	f->elf = elf_begin(f->fd, ELF_C_READ, NULL);
	return f->elf != NULL;
}

/* Has @elf more than the call frames that a stripped file may have? */
static bool has_units(Elf *elf)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = section_name(elf, scn, &sh);

		if (sh.sh_type != SHT_NOBITS &&
		    (!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info")))
			return true;
	}
	return false;
}

static bool open_dwarf(DwarfFile *f, const BuildId *id)
{
	GElf_Ehdr eh;

	if (!open_elf(f) || !fits(f->elf, id) || !has_units(f->elf))
		return false;
	if (gelf_getehdr(f->elf, &eh) && eh.e_type == ET_REL)
		relocate(f);
	f->dw = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	return f->dw != NULL;
}

static DwarfFile *attempt(Debuginfo *di, const char *module, const char *path, const BuildId *id)
{
	DwarfFile *f;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	elf_version(EV_CURRENT);
	f = NEW(di->arena, DwarfFile);
	*f = (DwarfFile){.di = di, .arena = di->arena, .path = path, .module = module, .fd = fd};
	if (!open_dwarf(f, id)) {
		close_file(f);
		return NULL;
	}
	f->next = di->dwarf;
	di->dwarf = f;
	return f;
}

void dwarf_close_all(Debuginfo *di)
{
	for (DwarfFile *f = di->dwarf; f; f = f->next)
		close_file(f);
	di->dwarf = NULL;
	dwarf_index_close(di);
}

static DwarfFile *opened(const Debuginfo *di, const char *module, bool is_kernel)
{
	for (DwarfFile *f = di->dwarf; f; f = f->next)
		if (f->is_kernel == is_kernel && !f->module == !module &&
		    (!module || !strcmp(f->module, module)))
			return f;
	return NULL;
}

/* What was not found is not looked for twice. */
static DwarfFile *note(Debuginfo *di, const char *key, DwarfFile *f, const char *text,
		       const char **why)
{
	if (!f) {
		table_put(di->no_dwarf, key, arena_strdup(di->arena, text));
		*why = text;
	}
	return f;
}

static const char *package(const Debuginfo *di)
{
	return arena_printf(di->arena,
			    "install linux-image-%s-dbg (Debian; kernel-debuginfo elsewhere), or "
			    "name its directory with --debuginfo",
			    di->path.release);
}

static DwarfFile *search(Debuginfo *di, const char *module, bool remote, const char **where)
{
	DwarfFile *f = module ? dwarf_search_module(di, module, remote, attempt, where)
			      : dwarf_search_kernel(di, remote, attempt, where);

	if (f)
		f->is_kernel = !module;
	return f;
}

DwarfFile *dwarf_local(Debuginfo *di, const char *module)
{
	DwarfFile *f = opened(di, module, !module);
	const char *where;

	return f ? f : search(di, module, false, &where);
}

DwarfFile *debuginfo_dwarf(Debuginfo *di, const char *module, const char **why)
{
	DwarfFile *f = opened(di, module, !module);
	const char *key = module ? arena_strdup(di->arena, module) : "", *where;

	*why = f ? NULL : table_get(di->no_dwarf, key);
	if (f || *why)
		return f;
	f = search(di, module, true, &where);
	return note(di, key, f,
		    arena_printf(di->arena, "no DWARF of %s%s: looked for %s; %s",
				 module ? "module " : "the kernel", module ? module : "", where,
				 package(di)),
		    why);
}

DwarfFile *debuginfo_dwarf_of(Debuginfo *di, const char *path, const char **why)
{
	const char *key = arena_strdup(di->arena, path), *where;
	DwarfFile *f;

	*why = table_get(di->no_dwarf, key);
	if (*why)
		return NULL;
	f = dwarf_search_elf(di, key, attempt, &where);
	return note(di, key, f,
		    arena_printf(di->arena, "no DWARF of %s: looked for %s", path, where), why);
}

const char *dwarf_path(const DwarfFile *f)
{
	return f->path;
}

/* ---- symbols ---- */

static int by_address(const void *a, const void *b)
{
	const DwarfSymbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->local - y->local;
}

static bool is_code(const GElf_Sym *sym, const char *name)
{
	int type = GELF_ST_TYPE(sym->st_info);

	return (type == STT_FUNC || type == STT_NOTYPE || type == STT_GNU_IFUNC) &&
	       sym->st_shndx != SHN_UNDEF && sym->st_shndx < SHN_LORESERVE && name && *name &&
	       strncmp(name, "__pfx_", 6) != 0;
}

static void add_symbols(DwarfFile *f, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	size_t n = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
	GElf_Sym sym;

	f->symbol = malloc((n + 1) * sizeof(*f->symbol));
	for (size_t i = 0; f->symbol && i < n && gelf_getsym(d, (int)i, &sym); i++) {
		const char *name = elf_strptr(f->elf, sh->sh_link, sym.st_name);

		if (!is_code(&sym, name))
			continue;
		f->symbol[f->n_symbols++] =
		    (DwarfSymbol){.address = f->section ? symbol_value(f, &sym) : sym.st_value,
				  .size = sym.st_size,
				  .name = name,
				  .local = GELF_ST_BIND(sym.st_info) == STB_LOCAL};
	}
}

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* Names are compared by hash: how many have one is asked for each of thousands of sites. */
static void hash_names(DwarfFile *f)
{
	f->name_hash = NEW_ARRAY(f->arena, uint32_t, f->n_symbols + 1);
	for (size_t i = 0; i < f->n_symbols; i++)
		f->name_hash[i] = hash(f->symbol[i].name);
}

static int count_names(const DwarfFile *f, const char *name)
{
	uint32_t want = hash(name);
	int n = 0;

	for (size_t i = 0; i < f->n_symbols; i++)
		n += f->name_hash[i] == want && !strcmp(f->symbol[i].name, name);
	return n;
}

static void read_symbols(DwarfFile *f)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while (!f->symbol && (scn = elf_nextscn(f->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			add_symbols(f, scn, &sh);
	if (!f->symbol)
		return;
	qsort(f->symbol, f->n_symbols, sizeof(*f->symbol), by_address);
	hash_names(f);
}

/* The symbol that @pc lies in: the last one not behind it that reaches so far. */
static const DwarfSymbol *symbol_at(const DwarfFile *f, uint64_t pc)
{
	size_t lo = 0, hi = f->n_symbols;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->symbol[mid].address <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo && f->symbol[lo - 1].address + f->symbol[lo - 1].size <= pc)
		lo--;
	if (!lo)
		return NULL;
	while (lo > 1 && f->symbol[lo - 2].address == f->symbol[lo - 1].address &&
	       f->symbol[lo - 2].size) /* of several names the global one */
		lo--;
	return &f->symbol[lo - 1];
}

const char *dwarf_symbol(DwarfFile *f, uint64_t pc, uint64_t *offset, bool *unique)
{
	const DwarfSymbol *s;

	if (!f->symbol)
		read_symbols(f);
	s = f->symbol ? symbol_at(f, pc) : NULL;
	if (!s)
		return NULL;
	*offset = pc - s->address;
	*unique = count_names(f, s->name) == 1;
	return s->name;
}

bool dwarf_find_symbol(DwarfFile *f, const char *name, uint64_t *address)
{
	bool found = false;

	if (!f->symbol)
		read_symbols(f);
	for (size_t i = 0; i < f->n_symbols; i++) {
		if (strcmp(f->symbol[i].name, name) || (found && f->symbol[i].local))
			continue;
		*address = f->symbol[i].address;
		found = true;
	}
	return found;
}

/* ---- where it runs ---- */

/* Address of _text in the running kernel; 0: hidden. It is among the first lines, and the rest of
 * the file is what makes it slow. */
static uint64_t running_text(const Debuginfo *di)
{
	FILE *in = fopen(di->path.kallsyms, "re");
	char line[256], name[128];
	uint64_t at = 0;

	while (in && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%" SCNx64 " %*c %127s", &at, name) == 2 && !strcmp(name, "_text"))
			break;
		at = 0;
	}
	if (in)
		fclose(in);
	return at;
}

bool dwarf_bias(DwarfFile *f, int64_t *ret)
{
	uint64_t running, linked;

	if (f->section && !f->placed)
		return false;
	if (f->is_kernel && !f->bias_known) {
		running = running_text(f->di);
		f->bias_known = running && dwarf_find_symbol(f, "_text", &linked) ? 1 : -1;
		if (f->bias_known > 0)
			f->bias = (int64_t)(running - linked);
	}
	*ret = f->bias;
	return f->bias_known >= 0;
}

/* ---- DIEs ---- */

Dwarf_Die dwarf_origin(Dwarf_Die *die)
{
	enum { CHAIN_MAX = 16 };
	Dwarf_Die at = *die, next;
	Dwarf_Attribute attr;

	for (int i = 0; i < CHAIN_MAX; i++) {
		if (!dwarf_attr(&at, DW_AT_abstract_origin, &attr) &&
		    !dwarf_attr(&at, DW_AT_specification, &attr))
			break;
		if (!dwarf_formref_die(&attr, &next))
			break;
		at = next;
	}
	return at;
}

const char *dwarf_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	const char *s = NULL;

	if (dwarf_attr_integrate(die, DW_AT_name, &attr))
		s = dwarf_formstring(&attr);
	return s ? s : "";
}

uint64_t dwarf_number(Dwarf_Die *die, unsigned at, uint64_t other)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	if (!dwarf_attr_integrate(die, at, &attr) || dwarf_formudata(&attr, &v))
		return other;
	return v;
}

bool dwarf_file_matches(const char *pattern, const char *path)
{
	if (!pattern || !fnmatch(pattern, path, 0))
		return true;
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/'))
		if (!fnmatch(pattern, p + 1, 0))
			return true;
	return false;
}
