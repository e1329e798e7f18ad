/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * debuginfo: facts about the kernel's code. "address of f", "type of x": BTF, symbols
 * through kallsyms, DWARF through libdw. Questions and answers only, no policy: what
 * an answer means for a script is decided in src/probe. Everything is read on the first question
 * that needs it, and nothing before.
 */
#ifndef TAPX_DEBUGINFO_H
#define TAPX_DEBUGINFO_H

#include "base/base.h"

typedef struct Debuginfo Debuginfo;

/** struct DebuginfoPaths - where to look; NULL members: the running system's own. */
typedef struct DebuginfoPaths {
	const char *btf_dir;	      /* "/sys/kernel/btf" */
	const char *btf_file;	      /* --btf FILE: instead of btf_dir/vmlinux */
	const char *kallsyms;	      /* "/proc/kallsyms" */
	const char *filter_functions; /* TRACEFS/available_filter_functions */
	const char *blacklist;	      /* /sys/kernel/debug/kprobes/blacklist */
	const char *module_dir;	      /* "/sys/module" */
	const char *debug_dir;	      /* --debuginfo DIR: where debug files are looked for first */
	const char *notes;	      /* "/sys/kernel/notes": the kernel's build-id */
	const char *release;	      /* uname -r */
} DebuginfoPaths;

Debuginfo *debuginfo_new(Arena *a, const DebuginfoPaths *p);
/** debuginfo_free - unload BTF and symbols. */
void debuginfo_free(Debuginfo *di);

/* ---- btf.c: types ---- */

typedef enum DbgKind {
	DBG_VOID,
	DBG_INT,
	DBG_BOOL,
	DBG_CHAR,
	DBG_ENUM,
	DBG_FLOAT,
	DBG_PTR,
	DBG_ARRAY,
	DBG_STRUCT,
	DBG_UNION,
	DBG_FUNC
} DbgKind;

/**
 * struct DbgType - a C type with typedefs and qualifiers removed (their names kept for printing).
 * Interned: the same type of the same module is the same pointer. Owned by the Debuginfo.
 */
typedef struct DbgType {
	DbgKind kind;
	uint32_t size; /* bytes; array: of the whole */
	bool is_signed;
	const char *name;   /* as C would write it: "struct file *", "size_t", "char [16]" */
	uint32_t id;	    /* BTF type id, for btf.c; of a DWARF type 1 */
	const char *module; /* NULL: vmlinux */
	uint32_t n_elems;   /* array */
} DbgType;

typedef struct DbgMember {
	const char *name;
	const DbgType *type;
	uint32_t offset; /* bytes from the start of the outermost struct asked */
	uint8_t bit_off,
	    bit_size; /* bit field within the unit of .type's size at .offset; bit_size 0: none */
} DbgMember;

typedef struct DbgParam {
	const char *name; /* may be "" */
	const DbgType *type;
} DbgParam;

typedef struct DbgFunction {
	const char *name;
	int n_params;
	const DbgParam *param;
	const DbgType *ret; /* DBG_VOID: none */
	bool is_static;
} DbgFunction;

/** debuginfo_have_types - is there BTF? When not, @why says what was looked for. */
bool debuginfo_have_types(Debuginfo *di, const char **why);
/** debuginfo_function - prototype of @name in @module (NULL: kernel); NULL when there is none. */
const DbgFunction *debuginfo_function(Debuginfo *di, const char *module, const char *name);
/** debuginfo_tracepoint - prototype of a tracepoint (without the leading __data), or NULL. */
const DbgFunction *debuginfo_tracepoint(Debuginfo *di, const char *module, const char *name);
/** debuginfo_type - "struct foo", "union u", "enum e", "foo" (struct or typedef); NULL when
 * unknown. */
const DbgType *debuginfo_type(Debuginfo *di, const char *module, const char *name);
/** debuginfo_target - what a pointer points at, what an array holds. */
const DbgType *debuginfo_target(Debuginfo *di, const DbgType *t);
/** debuginfo_member - find @name in a struct or union, also within anonymous members. */
bool debuginfo_member(Debuginfo *di, const DbgType *t, const char *name, DbgMember *ret);
/** debuginfo_member_at - the i-th member in declaration order (anonymous ones have name ""); false
 * past the end. */
bool debuginfo_member_at(Debuginfo *di, const DbgType *t, int i, DbgMember *ret);
/** debuginfo_pointer - the type "pointer to @t"; interned like the others. */
const DbgType *debuginfo_pointer(Debuginfo *di, const DbgType *t);
/**
 * debuginfo_variable - type of global variable @name; *@percpu: each processor has its own.
 * Return: NULL when BTF does not have it (most kernels only list per-CPU variables).
 */
const DbgType *debuginfo_variable(Debuginfo *di, const char *module, const char *name,
				  bool *percpu);
/** debuginfo_enumerator - value of an enumerator; false when unknown. */
bool debuginfo_enumerator(Debuginfo *di, const char *module, const char *name, int64_t *ret);
/** debuginfo_each_function - every function with a prototype that matches the fnmatch @pattern. */
void debuginfo_each_function(Debuginfo *di, const char *module, const char *pattern,
			     void (*fn)(void *arg, const char *name), void *arg);
/** debuginfo_nearest_* - feed candidates into @n for "did you mean". */
void debuginfo_nearest_function(Debuginfo *di, const char *module, Nearest *n);
void debuginfo_nearest_member(Debuginfo *di, const DbgType *t, Nearest *n);
void debuginfo_nearest_type(Debuginfo *di, Nearest *n);

/* ---- symbols.c: addresses ---- */

typedef struct DbgSymbol {
	const char *name;
	const char *module; /* NULL: vmlinux */
	uint64_t address;
	char kind; /* as in kallsyms: t T w W d D ... */
} DbgSymbol;

/**
 * debuginfo_symbols - all text symbols called @name, or with @variants also name.isra.0,
 * name.constprop.0, name.part.0... (not .cold). Return: how many; *@ret is owned by the Debuginfo.
 * Return -EPERM when kallsyms hides addresses.
 */
int debuginfo_symbols(Debuginfo *di, const char *module, const char *name, bool variants,
		      const DbgSymbol **ret);
/** debuginfo_data_symbol - address of global variable @name, or NULL (also when addresses are
 * hidden). */
const DbgSymbol *debuginfo_data_symbol(Debuginfo *di, const char *module, const char *name);
/** debuginfo_data_size - bytes from @sym to the next symbol: it has no more. */
uint64_t debuginfo_data_size(Debuginfo *di, const DbgSymbol *sym);
/** debuginfo_exported - is function @name of the kernel or of @module exported to modules? */
bool debuginfo_exported(Debuginfo *di, const char *module, const char *name);
/** debuginfo_nearest_symbol - feed the text symbols of the kernel or of @module. */
void debuginfo_nearest_symbol(Debuginfo *di, const char *module, Nearest *n);
/** debuginfo_symbol_at - the symbol that covers @address; *@off and *@size in bytes. */
const DbgSymbol *debuginfo_symbol_at(Debuginfo *di, uint64_t address, uint64_t *off,
				     uint64_t *size);
/** debuginfo_each_symbol - every text symbol whose name matches the fnmatch @pattern. */
void debuginfo_each_symbol(Debuginfo *di, const char *module, const char *pattern,
			   void (*fn)(void *arg, const DbgSymbol *sym), void *arg);

/* ---- kcore.c: kernel memory ---- */

typedef struct Kcore Kcore;
/** kcore_open - /proc/kcore, for kcore_read(); NULL when it may not be read. Close with kcore_close(). */
Kcore *kcore_open(Arena *a);
void kcore_close(Kcore *k);
/** kcore_read - Return: bytes read at kernel address @address, 0 when that is not there. */
size_t kcore_read(const Kcore *k, uint64_t address, void *to, size_t size);
/**
 * debuginfo_percpu - where per-CPU variable @name is on each processor. Return: how many processors,
 * 0 when it is unknown, not readable, or there are more than @max.
 */
int debuginfo_percpu(Debuginfo *di, Arena *a, const char *name, uint64_t *ret, int max);

/* ---- dwarf*.c: what only DWARF knows ---- */

/** A program, kernel or module with its DWARF. Addresses are those of the file. */
typedef struct DwarfFile DwarfFile;

/**
 * debuginfo_dwarf - the DWARF of the kernel (@module NULL) or of a loaded module, found by build-id, by
 * name, or with debuginfod when DEBUGINFOD_URLS is set.
 * Return: NULL when there is none; *@why says what was looked for, where, and what would help.
 */
DwarfFile *debuginfo_dwarf(Debuginfo *di, const char *module, const char **why);
/** debuginfo_dwarf_of - the same for the ELF file at @path, a program or a library. */
DwarfFile *debuginfo_dwarf_of(Debuginfo *di, const char *path, const char **why);
/** dwarf_path - the file that the DWARF is read from. */
const char *dwarf_path(const DwarfFile *f);
/**
 * dwarf_bias - what to add to an address of the file to have that of the running kernel or module.
 * Return: false when the running kernel hides it.
 */
bool dwarf_bias(DwarfFile *f, int64_t *ret);
/**
 * dwarf_symbol - name of the symbol that @pc belongs to, and the distance from it; NULL when there is
 * none. *@unique: no other symbol of the file has that name.
 */
const char *dwarf_symbol(DwarfFile *f, uint64_t pc, uint64_t *offset, bool *unique);

/** dwarf_find_symbol - address of the one symbol called @name, or of the global one. */
bool dwarf_find_symbol(DwarfFile *f, const char *name, uint64_t *address);
/** dwarf_file_matches - is @path the file that a script calls @pattern? */
bool dwarf_file_matches(const char *pattern, const char *path);

/** struct DbgCode - one copy of a function in the machine code: out of line, or inlined. */
typedef struct DbgCode {
	const char *name, *file; /* as the source has them; file "" when unknown */
	int line;		 /* where it is declared */
	bool inlined;
	uint64_t entry; /* address of its first instruction */
	uint64_t die;	/* for dwarf*.c */
} DbgCode;
typedef VEC(DbgCode) DbgCodes;

/**
 * dwarf_codes - the copies of all functions whose name matches the fnmatch @function, and whose source
 * file matches @file or ends in "/@file" (NULL: any).
 */
void dwarf_codes(DwarfFile *f, const char *function, const char *file, DbgCodes *ret);
/**
 * debuginfo_inlined - the inlined copies of the functions of the kernel (@module NULL) or of a module whose
 * names match the fnmatch @pattern; quick when there are none, and without the DWARF then.
 * Return: the file they are of; NULL: there are none, or there is no DWARF on this machine.
 */
DwarfFile *debuginfo_inlined(Debuginfo *di, const char *module, const char *pattern, DbgCodes *ret);
/** dwarf_code_at - the innermost copy of a function that @pc lies in. */
bool dwarf_code_at(DwarfFile *f, uint64_t pc, DbgCode *ret);

/** struct DbgLine - where a source line, or a label (.name), starts. */
typedef struct DbgLine {
	const char *name;
	int line;
	uint64_t pc;
} DbgLine;
typedef VEC(DbgLine) DbgLines;

/**
 * dwarf_lines - where the lines of @c from @first to @last begin, in the code that belongs to @c
 * itself; one address a line, sorted by line.
 */
void dwarf_lines(DwarfFile *f, const DbgCode *c, int first, int last, DbgLines *ret);
/** dwarf_line_at - does a line begin at @pc (*@file, *@line), so that a probe may stand there? */
bool dwarf_line_at(DwarfFile *f, uint64_t pc, const char **file, int *line);
/** dwarf_labels - the labels of @c that match the fnmatch @pattern. */
void dwarf_labels(DwarfFile *f, const DbgCode *c, const char *pattern, DbgLines *ret);

/** struct DbgCall - a call out of a function. */
typedef struct DbgCall {
	DbgCode callee;
	uint64_t back; /* where it returns to; 0: inlined, callee.entry is in the caller */
} DbgCall;
typedef VEC(DbgCall) DbgCalls;
/** dwarf_calls - the calls that @c makes, and what is inlined into it. */
void dwarf_calls(DwarfFile *f, const DbgCode *c, DbgCalls *ret);

#define DBG_READS 6

/**
 * struct DbgPart - one word: register or constant, then @n_off times "8 bytes at (value + off[i])",
 * and @add to the result.
 */
typedef struct DbgPart {
	int reg;       /* DWARF number; -1: none, .value */
	int64_t value; /* .is_address: of the file */
	bool is_address;
	int n_off;
	int64_t off[DBG_READS];
	int64_t add;
} DbgPart;

typedef enum DbgWhere {
	DBG_NOWHERE, /* .why: "optimized out here" */
	DBG_MEMORY,  /* at the address that part[0] gives */
	DBG_VALUE    /* it is part[0], followed by part[1] when larger than a word */
} DbgWhere;

typedef struct DbgLocation {
	DbgWhere where;
	DbgPart part[2];
	const char *why;
} DbgLocation;

typedef struct DbgVariable {
	const char *name;
	const DbgType *type;
	bool is_param;
	DbgLocation loc;
	uint64_t die; /* for dwarf*.c */
} DbgVariable;
typedef VEC(DbgVariable) DbgVariables;

/**
 * dwarf_variables - parameters and locals that a debugger would show for @c at @pc, those of inner
 * blocks first; also those that the compiler keeps nowhere.
 */
void dwarf_variables(DwarfFile *f, const DbgCode *c, uint64_t pc, DbgVariables *ret);
/**
 * dwarf_global - variable @name outside of functions: of the compilation unit that @pc is in, or with
 * @pc 0 of one whose file matches @file, or of any. Return: NULL when there is none; *@address is of the
 * file.
 */
const DbgType *dwarf_global(DwarfFile *f, uint64_t pc, const char *file, const char *name,
			    uint64_t *address);
/** dwarf_return_type - of @c; DBG_VOID: it returns nothing. */
const DbgType *dwarf_return_type(DwarfFile *f, const DbgCode *c);

/** enum DbgTraceable - why a function can or cannot be probed. */
typedef enum DbgTraceable {
	DBG_TRACEABLE,
	DBG_UNKNOWN_NAME, /* no such symbol */
	DBG_INLINED,	  /* has a prototype in BTF, but no symbol: inlined everywhere or dropped */
	DBG_NO_MODULE,	  /* the module is not loaded */
	DBG_NOTRACE,	  /* not in available_filter_functions: built without tracing */
	DBG_BLACKLISTED,  /* in the kprobe blacklist (noinstr, NOKPROBE_SYMBOL) */
	DBG_INIT	  /* __init: its memory was given back after boot */
} DbgTraceable;
DbgTraceable debuginfo_traceable(Debuginfo *di, const char *module, const char *name);
/** debuginfo_can_hook - is it DBG_TRACEABLE? Does not read kallsyms; true when nothing can be
 * known. */
bool debuginfo_can_hook(Debuginfo *di, const char *module, const char *name);
/** enum DbgModule - what the running kernel has of a module. */
typedef enum DbgModule { DBG_MODULE_ABSENT, DBG_MODULE_BUILTIN, DBG_MODULE_LOADED } DbgModule;
/** debuginfo_module - state of module @name; '-' and '_' in names are the same. */
DbgModule debuginfo_module(Debuginfo *di, const char *name);
/** debuginfo_module_loaded - is module @name there (also "built in")? */
bool debuginfo_module_loaded(Debuginfo *di, const char *name);
/** debuginfo_each_module - every loaded module whose name matches the fnmatch @pattern. */
void debuginfo_each_module(Debuginfo *di, const char *pattern,
			   void (*fn)(void *arg, const char *name), void *arg);

/* ---- elf.c elf_symbols.c elf_sites.c: programs and libraries of user space ---- */

typedef struct ElfFile ElfFile;

/** struct ElfSymbol - a function of a file; addresses are those of the file, before it is moved. */
typedef struct ElfSymbol {
	const char *name;
	uint64_t address, size;
	bool is_global;
} ElfSymbol;

/** struct ElfMark - a place that <sys/sdt.h> has marked. */
typedef struct ElfMark {
	const char *provider, *name;
	const char *args; /* "-4@%edi 8@-24(%rbp)": where the compiler has them */
	uint64_t address, semaphore; /* semaphore 0: none */
} ElfMark;

/** struct ElfPlt - where calls of function @name of another file pass through. */
typedef struct ElfPlt {
	const char *name;
	uint64_t address;
} ElfPlt;

/**
 * elf_program - what runs when @path is executed: the file itself with symbolic links followed, or the
 * interpreter of a script; a @path without slash is looked for in $PATH. NULL, *@why: there is none.
 */
const char *elf_program(Arena *a, const char *path, const char **why);
/** elf_by_build_id - the file that a link of that name in a build-id directory leads to, or NULL. */
const char *elf_by_build_id(Arena *a, const char *hex);
/** elf_open - the ELF file at @path, a 64-bit one of this machine; NULL with *@why set. Opened once. */
ElfFile *elf_open(Debuginfo *di, const char *path, const char **why);
const char *elf_path(const ElfFile *f);
/** elf_offset - where in the file the code or data at @address is; false: nowhere. */
bool elf_offset(const ElfFile *f, uint64_t address, uint64_t *ret);
/** elf_is_code - is @address in a part that is executed? */
bool elf_is_code(const ElfFile *f, uint64_t address);
/** elf_address - the address of the byte at @offset of the file; 0: it is not loaded. */
uint64_t elf_address(const ElfFile *f, uint64_t offset);
/** elf_read - the bytes at @address, at most @n. Return: how many. */
size_t elf_read(const ElfFile *f, uint64_t address, void *to, size_t n);
/** elf_functions - sorted by name and address: of the file's own symbol table or of its debug file,
 * or, where it is stripped, of .dynsym and .gnu_debugdata. Return: how many. */
int elf_functions(ElfFile *f, const ElfSymbol **ret);
/** elf_function_at - the function that @address is in, or NULL. */
const ElfSymbol *elf_function_at(ElfFile *f, uint64_t address);
/** elf_variable - the address of a global or static variable; false: no symbol is called so. */
bool elf_variable(ElfFile *f, const char *name, uint64_t *ret);
/** elf_marks, elf_plt - in the order of the file. Return: how many. */
int elf_marks(ElfFile *f, const ElfMark **ret);
int elf_plt(ElfFile *f, const ElfPlt **ret);
/** elf_libraries - the files that @f loads and whose path or name matches @wanted; a path may also name
 * a file that is not loaded at the start. Return: how many. */
int elf_libraries(Debuginfo *di, ElfFile *f, const char *wanted, const char *const **ret);
/** elf_mapped - the file that process @pid has at *@address, which becomes an offset in it; or NULL. */
const char *elf_mapped(Arena *a, int pid, uint64_t *address);

#endif
