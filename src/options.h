/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * options: the command line as a value. The rows of options.def are the only list of options.
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
	TextList extra, include, define, global;
	TextList c_define; /* of .define, what is for embedded C */
	const char *list, *list_vars;
	const char *command, *output, *runtime, *btf, *tracefs, *compatible, *color, *module_name, *release, *rotate;
	uint64_t timeout;                    /* nanoseconds, 0 none */
	int pid, buffer_mb, last_pass, verbose;
	bool no_warnings, werror, keep_unused, guru, explain, skip_badvars, suppress_errors;
	bool keep_dir, disable_cache, clean_cache;
	bool no_autoprint, dump_types, dump_functions, help, version, later;
	TextList args;                       /* $1 ... */
	int64_t max_string_len, max_map_entries, max_action, max_nesting, max_errors; /* -D; 0 default */
	int64_t max_action_interruptible, max_backtrace;
	int64_t hist_width, hist_elision, max_skipped, max_trylock, trylock_delay; /* -D */
	int64_t overload_threshold, overload_interval; /* -D: cycles; threshold 0: no limit */
} Options;

/**
 * options_parse - argv -> *@ret; what is wrong is reported in @d.
 * Return: false when the command line cannot be used.
 */
bool options_parse(Arena *a, int argc, char **argv, Options *ret, Diag *d);
/** options_help - the list of options, one a line. */
void options_help(FILE *out);

#endif
