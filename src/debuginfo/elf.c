/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ELF files of user space: which one a path stands for, and where in the file an address is. A program
 * may be loaded anywhere, so probes are set at offsets in the file; addresses here are those that
 * its own tables use. libelf does the reading, and survives files that are damaged.
 */
#include "debuginfo/debuginfo_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRIPT_DEPTH = 5, SCRIPT_LINE = 256 };

/* ---- paths ---- */

static const char *real_path(Arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	const char *ret = real ? arena_strdup(a, real) : NULL;

	free(real);
	return ret;
}

/* The first executable file of that name in the directories of $PATH. */
static const char *in_search_path(Arena *a, const char *name)
{
	const char *dirs = getenv("PATH");
	struct stat st;

	for (dirs = dirs ? dirs : "/usr/bin:/bin"; *dirs; dirs += *dirs == ':') {
		size_t n = strcspn(dirs, ":");
		const char *path = arena_printf(a, "%.*s/%s", (int)n, dirs, name);

		if (n && !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK))
			return path;
		dirs += n;
	}
	return NULL;
}

/* The interpreter that a script's first line names, or NULL. */
static const char *interpreter(Arena *a, const char *path)
{
	char line[SCRIPT_LINE + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, line, SCRIPT_LINE);
	const char *name;

	if (fd >= 0)
		close(fd);
	if (n < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	return *name ? arena_strndup(a, name, strcspn(name, " \t")) : NULL;
}

const char *elf_program(Arena *a, const char *path, const char **why)
{
	const char *found = strchr(path, '/') ? path : in_search_path(a, path), *real, *next;

	if (!found) {
		*why = arena_printf(a, "'%s' is in no directory of $PATH", path);
		return NULL;
	}
	for (int i = 0; i < SCRIPT_DEPTH; i++, found = next) {
		real = real_path(a, found);
		if (!real) {
			*why = arena_printf(a, "%s: %s", found, strerror(errno));
			return NULL;
		}
		next = interpreter(a, real);
		if (!next)
			return real;
	}
	*why = arena_printf(a, "%s: its interpreters are scripts without end", path);
	return NULL;
}

const char *elf_by_build_id(Arena *a, const char *hex)
{
	return real_path(a, arena_printf(a, "/usr/lib/debug/.build-id/%.2s/%s", hex, hex + 2));
}

/* ---- a file ---- */

bool reader_open(ElfReader *r, const char *path)
{
	elf_version(EV_CURRENT);
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	r->elf = r->fd < 0 ? NULL : elf_begin(r->fd, ELF_C_READ_MMAP, NULL);
	return r->elf != NULL;
}

void reader_close(ElfReader *r)
{
	if (r->elf)
		elf_end(r->elf);
	if (r->fd >= 0)
		close(r->fd);
	free(r->memory);
	*r = (ElfReader){.fd = -1};
}

static const char *check(Arena *a, ElfReader *r, const char *path)
{
	Elf *e = r->elf;
	struct stat st;
	GElf_Ehdr h;

	if (r->fd < 0)
		return arena_printf(a, "%s: %s", path, strerror(errno));
	if (fstat(r->fd, &st) || !S_ISREG(st.st_mode))
		return arena_printf(a, "%s is not a file", path);
	if (!e || elf_kind(e) != ELF_K_ELF || !gelf_getehdr(e, &h))
		return arena_printf(a, "%s is not an ELF file", path);
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_machine != EM_X86_64)
		return arena_printf(a, "%s is not a program of this machine (64-bit x86)", path);
	if (h.e_type != ET_EXEC && h.e_type != ET_DYN)
		return arena_printf(a, "%s is neither a program nor a shared library", path);
	return NULL;
}

ElfFile *elf_open(Debuginfo *di, const char *path, const char **why)
{
	ElfFile *f = di->files ? table_get(di->files, path) : NULL;

	if (f)
		return f;
	f = NEW(di->arena, ElfFile);
	f->arena = di->arena;
	f->path = arena_strdup(di->arena, path);
	f->debug.fd = f->mini.fd = -1;
	reader_open(&f->file, path);
	*why = check(di->arena, &f->file, path);
	if (*why) {
		reader_close(&f->file);
		return NULL;
	}
	if (!di->files)
		di->files = table_new(di->arena);
	table_put(di->files, f->path, f);
	return f;
}

void elf_close_all(Debuginfo *di)
{
	const char *key;
	void *f;

	for (int i = 0; di->files && table_next(di->files, &i, &key, &f);) {
		ElfFile *file = f;

		reader_close(&file->file);
		reader_close(&file->debug);
		reader_close(&file->mini);
	}
}

const char *elf_path(const ElfFile *f)
{
	return f->path;
}

/* ---- addresses ---- */

/* The part of the file that is loaded at @address. */
static bool segment_at(const ElfFile *f, uint64_t address, GElf_Phdr *ret)
{
	size_t n;

	if (elf_getphdrnum(f->file.elf, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(f->file.elf, (int)i, ret) && ret->p_type == PT_LOAD &&
		    address >= ret->p_vaddr && address - ret->p_vaddr < ret->p_filesz)
			return true;
	return false;
}

bool elf_offset(const ElfFile *f, uint64_t address, uint64_t *ret)
{
	GElf_Phdr p;

	if (!segment_at(f, address, &p))
		return false;
	*ret = address - p.p_vaddr + p.p_offset;
	return true;
}

uint64_t elf_address(const ElfFile *f, uint64_t offset)
{
	GElf_Phdr p;
	size_t n = 0;

	elf_getphdrnum(f->file.elf, &n);
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(f->file.elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    offset >= p.p_offset && offset - p.p_offset < p.p_filesz)
			return offset - p.p_offset + p.p_vaddr;
	return 0;
}

bool elf_is_code(const ElfFile *f, uint64_t address)
{
	GElf_Phdr p;

	return segment_at(f, address, &p) && (p.p_flags & PF_X);
}

size_t elf_read(const ElfFile *f, uint64_t address, void *to, size_t n)
{
	uint64_t offset;
	ssize_t got = elf_offset(f, address, &offset) ? pread(f->file.fd, to, n, (off_t)offset) : 0;

	return got > 0 ? (size_t)got : 0;
}

/* ---- sections ---- */

Elf_Scn *section_find(const ElfReader *r, const char *name, GElf_Shdr *ret)
{
	size_t names;

	if (!r->elf || elf_getshdrstrndx(r->elf, &names))
		return NULL;
	for (Elf_Scn *s = NULL; (s = elf_nextscn(r->elf, s));) {
		const char *have = gelf_getshdr(s, ret) ? elf_strptr(r->elf, names, ret->sh_name) : NULL;

		if (have && !strcmp(have, name))
			return s;
	}
	return NULL;
}

Elf_Data *section_data(const ElfReader *r, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *s = section_find(r, name, ret);
	Elf_Data *d = s && ret->sh_type != SHT_NOBITS ? elf_getdata(s, NULL) : NULL;

	return d && d->d_buf ? d : NULL;
}
