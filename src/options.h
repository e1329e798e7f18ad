/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * options: the command line as a value. The rows of options.def and taprun.def are the only lists of
 * options.
 */
#ifndef TAPX_OPTIONS_H
#define TAPX_OPTIONS_H

#include "base/base.h"

typedef struct TextList {
	const char **v;
	int n, cap;
} TextList;

typedef struct Options {
	const char *script, *file;           /* -e text, or a path ("-": standard input) */
	TextList extra, include, define, global, make_vars, modinfo;
	TextList c_define; /* of .define, what is for embedded C */
	const char *list, *list_vars;
	const char *command, *output, *runtime, *btf, *debuginfo, *tracefs, *compatible, *color, *module_name, *release, *rotate;
	const char *arch, *sign_module;
	uint64_t timeout;                    /* nanoseconds, 0 none */
	int pid, buffer_mb, last_pass, verbose, reader_ms;
	bool no_warnings, werror, keep_unused, guru, explain, skip_badvars, suppress_errors;
	bool keep_dir, disable_cache, clean_cache, timing, flight, suppress_time;
	bool load_only, attach, remove, daemon; /* taprun */
	bool no_autoprint, dump_types, dump_functions, help, version, later;
	TextList args;                       /* $1 ...; taprun: GLOBAL=VALUE ... */
	int64_t max_string_len, max_map_entries, max_action, max_nesting, max_errors; /* -D; 0 default */
	int64_t max_action_interruptible, max_backtrace;
	int64_t hist_width, hist_elision, max_skipped, max_trylock, trylock_delay; /* -D */
	int64_t overload_threshold, overload_interval; /* -D: cycles; threshold 0: no limit */
	int64_t min_stack, kretactive, max_memory, print_buffer, interruptible; /* -D */
} Options;

/** OptProgram - whose options: one binary, two names. */
typedef enum OptProgram { OPT_TAPX, OPT_TAPRUN } OptProgram;

/**
 * options_parse - argv -> *@ret; what is wrong is reported in @d.
 * Return: false when the command line cannot be used.
 */
bool options_parse(Arena *a, OptProgram program, int argc, char **argv, Options *ret, Diag *d);
/** options_help - the list of options, one a line. */
void options_help(OptProgram program, FILE *out);

#endif
