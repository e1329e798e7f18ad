/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kmod: a script as a kernel module. Emit: Script + ResolvedProbes -> C text, with the handlers and
 * tables; the machinery is in runtime/. Build: that text -> a .ko by kbuild. Run: load it, pass on
 * what it prints, remove it.
 */
#ifndef TAPX_KMOD_H
#define TAPX_KMOD_H

#include <signal.h>

#include "base/base.h"
#include "frontend/frontend.h"
#include "probe/probe.h"

/** struct KmodLimits - language.md 5, from -D; 0: the default. */
typedef struct KmodLimits {
	int64_t max_string_len, max_map_entries, max_action, max_action_interruptible, max_nesting,
	    max_errors, hist_width, hist_elision, max_backtrace;
	int64_t max_skipped, max_trylock, trylock_delay; /* as they are; the delay in microseconds */
	int64_t overload_threshold, overload_interval;	 /* cycles; threshold 0: none */
	int64_t min_stack, kretactive, max_memory, print_buffer, interruptible;
	bool suppress_errors, suppress_time, timing;
	unsigned buffer_kb; /* of output, per processor */
} KmodLimits;

/** struct KmodInput - what a module is made from. */
typedef struct KmodInput {
	Arena *arena;
	Diag *diag;
	const Script *script;
	const ResolvedProbes *probes;
	Debuginfo *di; /* asked for functions of equal names; NULL: it is not the running kernel */
	const char *const *modinfo; /* NAME=VALUE */
	int n_modinfo;
	bool guru;
	const char *compatible;	    /* the level of the language: "5.6" */
	const char *const *defines; /* NAME or NAME=VALUE, for embedded C */
	int n_defines;
	KmodLimits limits;
} KmodInput;

/* ---- module.c stmt.c expr.c print.c array.c embed.c: the C text ---- */

/**
 * kmod_emit - append the C text of the module to @out. Same script, same text, whatever its name.
 * Return: false when something has no translation yet (reported at its place).
 */
bool kmod_emit(const KmodInput *in, Buf *out);

/* ---- build.c ---- */

/** The files of runtime/, from the binary itself; ended by a row without name. */
typedef struct KmodFile {
	const char *name, *text;
} KmodFile;
extern const KmodFile kmod_runtime[];

/** struct KmodBuild - how a module is built. */
typedef struct KmodBuild {
	const Script *script;	 /* whose embedded C what the compiler says may be about */
	const char *name, *text; /* of the module */
	const char *headers;	 /* the directory that kbuild starts from */
	const char *dir;	 /* that exists, to build in */
	const char *const *vars; /* NAME=VALUE for make */
	int n_vars;
	const char *sign; /* NULL: no signature; the directory of keys, "": where they usually are */
	int verbose;
	const volatile sig_atomic_t *cancel; /* signals seen; they are let in while programs run */
} KmodBuild;

/** kmod_can_sign - are the tool and the keys there? What is not is reported. */
bool kmod_can_sign(Arena *a, Diag *diag, const KmodBuild *b);
/** kmod_build - make DIR/NAME.ko. Return: its path, or NULL with the reason in @diag (none: a signal). */
const char *kmod_build(Arena *a, Diag *diag, const KmodBuild *b);

/* ---- able.c: what stands in the way ---- */

/** struct KmodWish - what is to be done with a module. */
typedef struct KmodWish {
	const char *release; /* a directory of headers, or a release; NULL: the running kernel's */
	bool load;	     /* into this kernel, too */
	bool is_signed;
} KmodWish;

/** kmod_able - the directory of headers to build with; NULL: all that stands in the way is reported. */
const char *kmod_able(Arena *a, Diag *diag, const KmodWish *w);
/** kmod_is_for_here - is a module that is built for @release (as in KmodWish) one for the running kernel? */
bool kmod_is_for_here(Arena *a, const char *release);
/** kmod_can_load - does this kernel take modules of ours? */
bool kmod_can_load(Diag *diag, bool is_signed);

/* ---- log.c ---- */

/**
 * log_report - show what of the output @text of building @module is about the embedded C of @script:
 * the warnings when it was @built, else the errors. Return: was there an error?
 */
bool log_report(Arena *a, Diag *diag, const Script *script, const char *module, bool built, const char *text);

/* ---- cache.c: modules built before ---- */

/** cache_key - the name under which a module made from the text of @b is kept. */
const char *cache_key(Arena *a, const KmodBuild *b);
/** cache_find - the module's path, or NULL. */
const char *cache_find(Arena *a, const char *key);
/** cache_store - keep @ko; the ones not used for longest make room. Failing is no error. */
void cache_store(Arena *a, const char *key, const char *ko);
/** cache_clean - remove all of them. */
void cache_clean(Arena *a);
/** copy_file - 0 or -errno. */
int copy_file(const char *from, const char *to);

/* ---- load.c reader.c modinfo.c: a module at work ---- */

/** struct KmodRefusal - a probe that the kernel does not take. */
typedef struct KmodRefusal {
	int error; /* -errno */
	int probe; /* its number in the script */
	bool is_tracepoint;
	uint64_t offset, address;
	const char *symbol; /* "[module:]function"; lives until the call returns */
} KmodRefusal;

/** struct KmodRun - how a loaded module is driven. */
typedef struct KmodRun {
	const char *name, *path;
	const char *params; /* "name=value ..."; may be NULL */
	int out_fd, err_fd;
	int target;    /* pid of -c or -x; 0: none */
	bool attach;   /* it is loaded and running */
	bool leave;    /* start it, and leave it */
	bool other_name; /* KMOD_NAME_TAKEN is understood */
	unsigned buffer_kb, poll_ms;	     /* 0: as it is */
	uint64_t timeout_ns;		     /* 0: none */
	const volatile sig_atomic_t *cancel; /* signals seen */
	void (*loaded)(void *ctx);	     /* the kernel has taken it */
	void (*started)(void *ctx);	     /* all is armed: let -c go */
	void (*refused)(void *ctx, const KmodRefusal *f);
	bool (*done)(void *ctx);      /* has the command of -c ended? */
	bool (*detach)(void *ctx);    /* is the module to be left running? */
	int (*next_file)(void *ctx);  /* switch_file(), or time to: the descriptor to go on with */
	bool (*is_full)(void *ctx);   /* is it time to? */
	void *ctx;
	Diag *diag;
} KmodRun;

/** In place of an exit status: another module of that name is there. */
enum { KMOD_NAME_TAKEN = -1 };

/** kmod_is_loaded - is a module of that name in the kernel? */
bool kmod_is_loaded(Arena *a, const char *name);
/** kmod_params - GLOBAL=VALUE... checked against the module in @path; NULL when one is wrong (reported). */
const char *kmod_params(Arena *a, Diag *diag, const char *path, const char *const *assign, int n);
/** kmod_run - insert (or attach), start, pass output on until the end, remove (or leave). Return: the exit
 * status. */
int kmod_run(const KmodRun *r);
/** kmod_remove - end a module that was left running, and remove it. Return: the exit status. */
int kmod_remove(const KmodRun *r);

#endif
