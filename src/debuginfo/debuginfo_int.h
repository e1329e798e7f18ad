/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/debuginfo: one BTF blob as btf.c presents it to types.c, and what hangs together
 * in a Debuginfo.
 */
#ifndef TAPX_DEBUGINFO_INT_H
#define TAPX_DEBUGINFO_INT_H

#include <gelf.h>
#include <linux/btf.h>

#include "debuginfo/debuginfo.h"

/* ---- btf.c: one blob ---- */

typedef struct Btf Btf;
struct Btf {
	const char *module; /* NULL: the kernel */
	const Btf *base;    /* module BTF: the kernel's, whose ids and strings it continues */
	void *data;	    /* the file, mapped or read */
	size_t size;
	bool mapped;
	const uint8_t *types;
	uint32_t types_len;
	const char *strings;
	uint32_t strings_len, first_string; /* this blob's string offsets start at first_string */
	uint32_t first, end;		    /* its type ids: [first, end) */
	uint32_t *offset;		    /* in types, by id - first */
	uint8_t *kind; /* BTF_KIND_ of each, by id - first: a search looks at nothing else */
	const DbgType **interned; /* types.c, by id - first; pages are touched on use only */
	Table *functions;	  /* types.c: name -> function that was asked for */
	Btf *next;
};

/**
 * btf_open - map or read @path (raw BTF, or an ELF file with a .BTF section) and index it.
 * @base: the kernel's BTF when this is a module's, else NULL.
 * Return: 0 and *@ret, which lives until btf_close(), or -errno (-EBADMSG: not valid BTF).
 */
int btf_open(Arena *a, const char *path, const char *module, const Btf *base, Btf **ret);
void btf_close(Btf *b);
/** btf_type - the type with @id, searched in the base too; a void type when @id is out of range. */
const struct btf_type *btf_type(const Btf *b, uint32_t id);
/** btf_owner - the blob that defines @id: @b or its base. */
const Btf *btf_owner(const Btf *b, uint32_t id);
/** btf_string - the string at @off, "" when out of range. */
const char *btf_string(const Btf *b, uint32_t off);
/** btf_find - id of the first type of @kind named @name defined by @b itself; 0 none. */
uint32_t btf_find(const Btf *b, uint32_t kind, const char *name);
/** btf_resolve - @id without typedefs, qualifiers and type tags. */
uint32_t btf_resolve(const Btf *b, uint32_t id);

#define btf_kind(t) BTF_INFO_KIND((t)->info)
#define btf_vlen(t) BTF_INFO_VLEN((t)->info)
#define btf_kflag(t) BTF_INFO_KFLAG((t)->info)
/** btf_extra - what follows the common part of a type. */
#define btf_extra(t) ((const void *)((t) + 1))

/* ---- symbols.c ---- */

typedef struct Symbols Symbols;
Symbols *symbols_new(Arena *a, const char *kallsyms);
void symbols_free(Symbols *s);

/** symbols_where - is function @name in kallsyms, and in which kind of memory? */
typedef enum SymbolWhere { SYMBOL_ABSENT, SYMBOL_TEXT, SYMBOL_INIT, SYMBOL_UNKNOWN } SymbolWhere;
SymbolWhere symbols_where(Symbols *s, const char *module, const char *name);

/** lines_each - call @fn for each line of @path, without its newline. Return: 0 or -errno. */
typedef void LineFn(void *arg, char *line);
int lines_each(const char *path, LineFn *fn, void *arg);
/** line_module - cut "name [module]" behind the name. Return: the module, or NULL. */
char *line_module(char *name);

/* ---- traceable.c ---- */

typedef struct Traceable Traceable;
Traceable *traceable_new(Arena *a);
void traceable_free(Traceable *t);

struct Debuginfo {
	Arena *arena;
	DebuginfoPaths path;
	Btf *kernel;	 /* NULL: not read yet, or not there */
	const char *why; /* it is not there: what was looked for */
	Btf *modules;
	Table *no_module; /* modules that have no BTF: not looked for twice */
	Symbols *symbols;
	Traceable *traceable;
	Table *files; /* path -> ElfFile that was opened; NULL: none */
	DwarfFile *dwarf; /* all that were opened */
	struct DwarfIndex *indices;
	Table *no_dwarf;  /* why there is none, by what was asked for */
};

/* ---- functions.c, types.c ---- */

/** struct TypeInt - a type with where it came from. */
typedef struct TypeInt {
	DbgType pub; /* first: a DbgType * is a TypeInt * */
	const Btf *btf;
	DwarfFile *dwarf; /* a type of DWARF, then .die is where */
	uint64_t die;
	const DbgType *target;	/* of a pointer or an array, once asked for */
	const DbgType *pointer; /* debuginfo_pointer() */
} TypeInt;

/** spell_tagged - "struct NAME", or "struct {...}" without a name. */
const char *spell_tagged(Arena *a, const char *tag, const char *name);
/** spell_pointer - a pointer to @target: "char *", "char **". */
const char *spell_pointer(Arena *a, const char *target);

/** types_blob - BTF of @module (NULL: kernel), read on first use; NULL when there is none. */
Btf *types_blob(Debuginfo *di, const char *module);
/** types_by_id - the interned type with @id of @b. */
const DbgType *types_by_id(Debuginfo *di, const Btf *b, uint32_t id);
/** type_bits - place bit field @bits wide at bit @bit of a struct within its unit. */
void type_bits(DbgMember *m, uint32_t base, uint32_t bit, uint32_t bits);
/** name_is_pattern - does @s have wildcards? */
bool name_is_pattern(const char *s);

/* ---- elf.c elf_symbols.c elf_sites.c ---- */

/** struct ElfReader - a file, or one unpacked in memory, as libelf has it. */
typedef struct ElfReader {
	Elf *elf; /* NULL: not open */
	int fd;
	void *memory; /* what was unpacked */
} ElfReader;

struct ElfFile {
	Arena *arena;
	const char *path;
	ElfReader file, debug, mini; /* itself, its debug file, its .gnu_debugdata */
	bool symbols_read, marks_read, plt_read;
	VEC(ElfSymbol) functions;
	VEC(ElfSymbol) variables;
	VEC(ElfMark) marks;
	VEC(ElfPlt) plt;
};

bool reader_open(ElfReader *r, const char *path);
void reader_close(ElfReader *r);
/** elf_close_all - what elf_open() has opened. */
void elf_close_all(Debuginfo *di);
/** section_find, section_data - a section by name, its header and contents; NULL: not there. */
Elf_Scn *section_find(const ElfReader *r, const char *name, GElf_Shdr *ret);
Elf_Data *section_data(const ElfReader *r, const char *name, GElf_Shdr *ret);

#endif
