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
	bool suppress_errors;
	unsigned buffer_kb; /* of output, per processor */
} KmodLimits;

/** struct KmodInput - what a module is made from. */
typedef struct KmodInput {
	Arena *arena;
	Diag *diag;
	const Script *script;
	const ResolvedProbes *probes;
	const char *name; /* of the module */
	bool guru;
	const char *compatible;	    /* the level of the language: "5.6" */
	const char *const *defines; /* NAME or NAME=VALUE, for embedded C */
	int n_defines;
	KmodLimits limits;
} KmodInput;

/* ---- module.c stmt.c expr.c print.c array.c embed.c: the C text ---- */

/**
 * kmod_emit - append the C text of the module to @out. Same script, same text.
 * Return: false when something has no translation yet (reported at its place).
 */
bool kmod_emit(const KmodInput *in, Buf *out);

/* ---- build.c ---- */

/** The files of runtime/, from the binary itself; ended by a row without name. */
typedef struct KmodFile {
	const char *name, *text;
} KmodFile;
extern const KmodFile kmod_runtime[];

/** kmod_headers - the directory that kbuild starts from: @given (a directory, or a release; NULL: the
 * running kernel's). NULL with the reason in @diag: not there, or no compiler or make. */
const char *kmod_headers(Arena *a, Diag *diag, const char *given);
/**
 * kmod_build - make DIR/NAME.ko from the @text of module @name with the kernel headers in @headers, in
 * the existing directory @dir. What the compiler says about the C of @script is shown there.
 * Return: the path of the module, or NULL with the reason in @diag.
 */
const char *kmod_build(Arena *a, Diag *diag, const Script *script, const char *name, const char *text,
		       const char *headers, const char *dir, int verbose);

/* ---- log.c ---- */

/**
 * log_report - show what of the output @text of building @module is about the embedded C of @script:
 * the warnings when it was @built, else the errors. Return: was there an error?
 */
bool log_report(Arena *a, Diag *diag, const Script *script, const char *module, bool built, const char *text);

/* ---- cache.c: modules built before ---- */

/** cache_key - the name under which a module made from @text is kept. */
const char *cache_key(Arena *a, const char *text, const char *headers);
/** cache_find - the module's path, or NULL. */
const char *cache_find(Arena *a, const char *key);
/** cache_store - keep @ko; the ones not used for longest make room. Failing is no error. */
void cache_store(Arena *a, const char *key, const char *ko);
/** cache_clean - remove all of them. */
void cache_clean(Arena *a);
/** copy_file - 0 or -errno. */
int copy_file(const char *from, const char *to);

/* ---- load.c ---- */

/** struct KmodRun - how a loaded module is driven. */
typedef struct KmodRun {
	const char *name, *path;
	int out_fd, err_fd;
	int target; /* pid of -c or -x; 0: none */
	uint64_t timeout_ns;		     /* 0: none */
	const volatile sig_atomic_t *cancel; /* signals seen */
	void (*loaded)(void *ctx);	     /* the kernel has taken it */
	void (*started)(void *ctx);	     /* all is armed: let -c go */
	bool (*done)(void *ctx);	     /* has the command of -c ended? */
	int (*next_file)(void *ctx);	     /* switch_file(), or time to: the descriptor to go on with */
	bool (*is_full)(void *ctx);	     /* is it time to? */
	void *ctx;
	Diag *diag;
} KmodRun;

/** kmod_can_load - does this kernel take modules of ours? What stands in the way is reported. */
bool kmod_can_load(Diag *diag);
/** kmod_is_loaded - is a module of that name in the kernel? */
bool kmod_is_loaded(Arena *a, const char *name);
/** kmod_run - insert, start, pass output on until the end, remove. Return: the exit status. */
int kmod_run(const KmodRun *r);

#endif
