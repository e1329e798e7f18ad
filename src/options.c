/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line, driven by options.def: each row says how its argument is taken and where it goes.
 */
#define _GNU_SOURCE
#include "options.h"
#include "output.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

typedef enum OptKind {
	OPT_FLAG, OPT_COUNT, OPT_TEXT, OPT_LIST, OPT_NUMBER, OPT_SECONDS, OPT_FLAG_TEXT, OPT_LATER
} OptKind;

typedef struct OptRow {
	char short_name;
	const char *long_name;
	OptKind kind;
	size_t field;
	const char *argument, *help;
} OptRow;

static const OptRow rows[] = {
#define OPT(s, l, kind, field, argument, help)                                                     \
	{s, l, OPT_##kind, offsetof(Options, field), argument, help},
#include "options.def"
#undef OPT
};

#define LONG_BASE 256 /* getopt values of rows: LONG_BASE + index */

static const Loc nowhere;

static void list_add(Arena *a, TextList *l, const char *s)
{
	vec_push(a, l, s);
}

static bool take_number(const OptRow *r, int *field, Diag *d)
{
	char *end;
	long v = (errno = 0, strtol(optarg, &end, 10));

	if (errno || *end || end == optarg || v < 1 || v > INT32_MAX) {
		diag_error(d, DIAG_USAGE, nowhere, "-%c takes a positive number, not '%s'",
			   r->short_name, optarg);
		return false;
	}
	*field = (int)v;
	return true;
}

static bool take_seconds(uint64_t *field, Diag *d)
{
	char *end;
	double v = strtod(optarg, &end);

	if (*end || end == optarg || !(v > 0) || v > 1e9) {
		diag_error(d, DIAG_USAGE, nowhere, "-T takes seconds, not '%s'", optarg);
		return false;
	}
	*field = (uint64_t)(v * 1e9);
	return true;
}

static bool take(Arena *a, const OptRow *r, Options *o, Diag *d)
{
	void *field = (char *)o + r->field;

	switch (r->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return true;
	case OPT_COUNT:
		++*(int *)field;
		return true;
	case OPT_TEXT:
		*(const char **)field = optarg;
		return true;
	case OPT_FLAG_TEXT:
		*(const char **)field = optarg ? optarg : "always";
		return true;
	case OPT_LIST:
		list_add(a, field, optarg);
		return true;
	case OPT_NUMBER:
		return take_number(r, field, d);
	case OPT_SECONDS:
		return take_seconds(field, d);
	case OPT_LATER:
		diag_error(d, DIAG_USAGE, nowhere, "option %s%s cannot be used: %s",
			   r->short_name ? "-" : "--",
			   r->short_name ? (char[]){r->short_name, 0} : r->long_name, r->help);
		return false;
	}
	return false;
}

static int has_arg(const OptRow *r)
{
	return r->kind == OPT_FLAG_TEXT ? optional_argument
	       : r->argument		? required_argument
					: no_argument;
}

static void getopt_tables(char *shorts, struct option *longs)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].short_name) {
			*shorts++ = rows[i].short_name;
			if (rows[i].argument)
				*shorts++ = ':';
		}
		if (rows[i].long_name)
			*longs++ = (struct option){rows[i].long_name, has_arg(&rows[i]), NULL,
						   LONG_BASE + (int)i};
	}
	*shorts = 0;
	*longs = (struct option){0};
}

static const OptRow *find_row(int c)
{
	if (c >= LONG_BASE)
		return &rows[c - LONG_BASE];
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].short_name == c)
			return &rows[i];
	return NULL;
}

static void unknown_option(Arena *a, char **argv, Diag *d)
{
	const char *word = argv[optind - 1];
	Nearest n = {.want = word + (word[0] == '-') + (word[0] == '-' && word[1] == '-')};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].long_name)
			nearest_add(&n, rows[i].long_name);
	if (find_row(optopt))
		diag_error(d, DIAG_USAGE, nowhere, "option '%s' needs an argument", word);
	else
		diag_error(d, DIAG_USAGE, nowhere, "unknown option '%s'%s", word, nearest_text(&n, a));
}

static bool parse_flags(Arena *a, int argc, char **argv, Options *o, Diag *d)
{
	char shorts[2 * ARRAY_SIZE(rows) + 1];
	struct option longs[ARRAY_SIZE(rows) + 1];
	bool ok = true;
	int c;

	getopt_tables(shorts, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const OptRow *r = c == '?' ? NULL : find_row(c);

		if (!r)
			unknown_option(a, argv, d);
		ok &= r && take(a, r, o, d);
	}
	return ok;
}

/* ---- -D ---- */

static const struct {
	const char *name;
	size_t field;
	int64_t least;
} limits[] = {
	{"MAXSTRINGLEN", offsetof(Options, max_string_len), 16},
	{"MAXMAPENTRIES", offsetof(Options, max_map_entries), 1},
	{"MAXACTION", offsetof(Options, max_action), 1},
	{"MAXNESTING", offsetof(Options, max_nesting), 1},
	{"MAXERRORS", offsetof(Options, max_errors), 0},
	{"MAXACTION_INTERRUPTIBLE", offsetof(Options, max_action_interruptible), 1},
	{"MAXBACKTRACE", offsetof(Options, max_backtrace), 1},
	{"HIST_WIDTH", offsetof(Options, hist_width), 1},
	{"HIST_ELISION", offsetof(Options, hist_elision), INT32_MIN},
	{"MAXSKIPPED", offsetof(Options, max_skipped), 0},
	{"MAXTRYLOCK", offsetof(Options, max_trylock), 0},
	{"TRYLOCKDELAY", offsetof(Options, trylock_delay), 0},
	{"STP_OVERLOAD_THRESHOLD", offsetof(Options, overload_threshold), 1},
	{"STP_OVERLOAD_INTERVAL", offsetof(Options, overload_interval), 1},
};

#define NO_OVERLOAD "STP_NO_OVERLOAD"

/* Limits of SystemTap's own run time that mean nothing on the ftrace path: taken and left aside. */
static const char *const module_limits[] = {
	"MINSTACKSPACE", "KRETACTIVE", "MAXUPROBES", "INTERRUPTIBLE",
	"STP_MAXMEMORY", "STP_NO_BUFFER", "MAPHASHBIAS",
};

static bool set_limit(Options *o, const char *name, size_t len, const char *value, Diag *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		char *end;
		int64_t v;

		if (strlen(limits[i].name) != len || strncmp(limits[i].name, name, len))
			continue;
		v = value ? strtoll(value, &end, 0) : -1;
		if (!value || *end || v < limits[i].least) {
			diag_error(d, DIAG_USAGE, nowhere, "-D %s takes a number of at least %lld",
				   limits[i].name, (long long)limits[i].least);
			return true;
		}
		*(int64_t *)((char *)o + limits[i].field) = v;
		return true;
	}
	if (len == strlen(NO_OVERLOAD) && !strncmp(name, NO_OVERLOAD, len)) {
		o->overload_threshold = 0;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(module_limits); i++)
		if (strlen(module_limits[i]) == len && !strncmp(module_limits[i], name, len))
			return true;
	return false;
}

static void apply_define(Arena *a, Options *o, const char *text, Diag *d)
{
	const char *eq = strchr(text, '=');
	size_t len = eq ? (size_t)(eq - text) : strlen(text);
	Nearest n = {.want = arena_strndup(a, text, len)};

	if (set_limit(o, text, len, eq ? eq + 1 : NULL, d))
		return;
	if (o->guru) {
		list_add(a, &o->c_define, text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		nearest_add(&n, limits[i].name);
	diag_warning(d, DIAG_USAGE, nowhere, "-D %s sets nothing here%s", n.want, nearest_text(&n, a));
}

/* ---- the whole ---- */

static bool is_script_needed(const Options *o)
{
	return !o->list && !o->list_vars && !o->dump_types && !o->dump_functions && !o->help &&
	       !o->version && !o->clean_cache;
}

static void check_together(const Options *o, Diag *d)
{
	if (o->command && o->pid)
		diag_error(d, DIAG_USAGE, nowhere, "-c and -x both set target(): use one of them");
	if (o->rotate && !o->output)
		diag_error(d, DIAG_USAGE, nowhere, "-S needs -o: it is about the file that -o names");
	if (o->rotate && !output_check_rotate(o->rotate))
		diag_error(d, DIAG_USAGE, nowhere,
			   "-S takes megabytes, and how many files to keep: -S 10 or -S 10,5, not '%s'",
			   o->rotate);
	if (o->last_pass > 5)
		diag_error(d, DIAG_USAGE, nowhere, "there is no pass %d: passes are 1 to 5",
			   o->last_pass);
	if (o->runtime && strcmp(o->runtime, "auto") && strcmp(o->runtime, "ftrace") &&
	    strcmp(o->runtime, "kernel"))
		diag_error(d, DIAG_USAGE, nowhere, "--runtime is auto, ftrace or kernel, not '%s'",
			   o->runtime);
	if (is_script_needed(o) && !o->script && !o->file)
		diag_error(d, DIAG_USAGE, nowhere,
			   "no script: give a file, - for standard input, or -e 'SCRIPT' (see --help)");
}

bool options_parse(Arena *a, int argc, char **argv, Options *ret, Diag *d)
{
	int first;

	*ret = (Options){.hist_width = 50,
			 .hist_elision = 2,
			 .max_skipped = 100,
			 .max_trylock = 100,
			 .trylock_delay = 10,
			 .overload_threshold = 500000000,
			 .overload_interval = 1000000000};
	if (!parse_flags(a, argc, argv, ret, d))
		return false;
	first = optind;
	if (!ret->script && is_script_needed(ret) && first < argc)
		ret->file = argv[first++];
	while (first < argc)
		list_add(a, &ret->args, argv[first++]);
	for (int i = 0; i < ret->define.n; i++)
		apply_define(a, ret, ret->define.v[i], d);
	check_together(ret, d);
	return d->errors == 0;
}

void options_help(FILE *out)
{
	fputs("usage: tapx [OPTION]... FILE [ARGUMENT]...\n"
	      "       tapx [OPTION]... -e SCRIPT [ARGUMENT]...\n"
	      "       tapx -l PROBE | -L PROBE\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const OptRow *r = &rows[i];
		char left[40];

		if (!r->help || r->kind == OPT_LATER)
			continue;
		if (r->short_name && r->long_name)
			snprintf(left, sizeof(left), "-%c, --%s", r->short_name, r->long_name);
		else if (r->short_name)
			snprintf(left, sizeof(left), "-%c %s", r->short_name,
				 r->argument ? r->argument : "");
		else
			snprintf(left, sizeof(left), "--%s%s%s", r->long_name, r->argument ? "=" : "",
				 r->argument ? r->argument : "");
		fprintf(out, "  %-26s %s\n", left, r->help);
	}
}
