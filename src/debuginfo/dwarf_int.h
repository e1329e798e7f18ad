/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to src/debuginfo/dwarf*.c: an open file with DWARF, and what the parts ask of each other.
 * libdw reads sections, forms, line tables, ranges and call frames; finding things quickly is done
 * here.
 */
#ifndef TAPX_DWARF_INT_H
#define TAPX_DWARF_INT_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>

#include "debuginfo/debuginfo_int.h"

/** struct DwarfSymbol - a text symbol of the file. */
typedef struct DwarfSymbol {
	uint64_t address, size;
	const char *name;
	bool local;
} DwarfSymbol;

/** struct DwarfSlot - a type that was asked for: the hash table of dwarf_types.c. */
typedef struct DwarfSlot {
	uint64_t die;
	const DbgType *type;
} DwarfSlot;

struct DwarfFile {
	Debuginfo *di;
	Arena *arena;
	const char *path, *module;
	bool is_kernel;
	int fd;
	Elf *elf;
	Dwarf *dw;
	Dwarf_CFI *eh_frame;
	uint64_t *section; /* of a relocatable file: where each section is */
	bool placed;	   /* they are those of the loaded module */
	int bias_known;	   /* 0 not asked yet, 1 yes, -1 cannot be known */
	int64_t bias;
	DwarfSymbol *symbol; /* sorted by address; NULL: not read yet */
	uint32_t *name_hash; /* of each */
	size_t n_symbols;
	DwarfSlot *slot;
	uint32_t n_types, n_slots;
	DwarfFile *next;
};

/* ---- dwarf_find.c ---- */

/** struct BuildId - of the file that is looked for; .n 0: unknown. */
typedef struct BuildId {
	uint8_t v[64];
	size_t n;
} BuildId;

/** note_build_id - the NT_GNU_BUILD_ID among the notes in [@p, @p + @len). */
bool note_build_id(const uint8_t *p, size_t len, BuildId *ret);
/** elf_build_id - of an open ELF file. */
bool elf_build_id(Elf *elf, BuildId *ret);
/** build_id_text - in hex. */
const char *build_id_text(Arena *a, const BuildId *id);

/** dwarf_running_id - of the running kernel (@module NULL) or of a loaded module. */
BuildId dwarf_running_id(Debuginfo *di, const char *module);

/** TryDwarf - is there DWARF at @path, with this build-id if one is known? */
typedef DwarfFile *TryDwarf(Debuginfo *di, const char *module, const char *path, const BuildId *id);
/** dwarf_search - the places where a file can be; *@where lists them. @remote: also debuginfod,
 * which may fetch hundreds of megabytes. */
DwarfFile *dwarf_search_kernel(Debuginfo *di, bool remote, TryDwarf *attempt, const char **where);
DwarfFile *dwarf_search_module(Debuginfo *di, const char *module, bool remote, TryDwarf *attempt,
			       const char **where);
DwarfFile *dwarf_search_elf(Debuginfo *di, const char *path, TryDwarf *attempt, const char **where);

/* ---- dwarf_file.c ---- */

void dwarf_close_all(Debuginfo *di);
/** dwarf_local - debuginfo_dwarf() for questions that are not worth a download. */
DwarfFile *dwarf_local(Debuginfo *di, const char *module);
/** dwarf_name - the name of @die, also when it is told by the DIE that it is a copy of; "" none. */
const char *dwarf_name(Dwarf_Die *die);
/** dwarf_number - attribute @at as a number, or @other. */
uint64_t dwarf_number(Dwarf_Die *die, unsigned at, uint64_t other);
/** dwarf_origin - the DIE that @die is a copy of, at the end of the chain; @die itself when none.
 */
Dwarf_Die dwarf_origin(Dwarf_Die *die);

/* ---- dwarf.c ---- */

/** dwarf_each_unit - call @fn for each unit whose own file matches @source (NULL: all). Return: was
 * there one? */
bool dwarf_each_unit(DwarfFile *f, const char *source, void (*fn)(void *arg, Dwarf_Die *unit),
		     void *arg);
/** dwarf_inlined_in - the inlined copies, in the unit at @unit, of functions that match @function.
 */
void dwarf_inlined_in(DwarfFile *f, uint64_t unit, const char *function, DbgCodes *ret);

/* ---- dwarf_index.c ---- */

typedef struct DwarfIndex DwarfIndex;
void dwarf_index_close(Debuginfo *di);

/* ---- dwarf_types.c ---- */

/** dwarf_type_of - the type that DW_AT_type of @die names; void without. */
const DbgType *dwarf_type_of(DwarfFile *f, Dwarf_Die *die);
const DbgType *dwarf_target(const TypeInt *t);
/** dwarf_complete - the definition of a struct of which @t may be a mere declaration; or NULL. */
const DbgType *dwarf_complete(Debuginfo *di, const DbgType *t);
bool dwarf_member(const DbgType *t, const char *name, DbgMember *ret);
bool dwarf_member_at(const DbgType *t, int i, DbgMember *ret);
void dwarf_nearest_member(const DbgType *t, Nearest *n);

/* ---- dwarf_location.c ---- */

/** dwarf_locate - where the variable @die is at @pc; @function gives the frame base. */
void dwarf_locate(DwarfFile *f, Dwarf_Die *die, Dwarf_Die *function, uint64_t pc, uint64_t entry,
		  DbgLocation *ret);

#endif
