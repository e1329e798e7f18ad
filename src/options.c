/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line, driven by options.def and taprun.def: each row says how its argument is taken and where it goes.
 */
#define _GNU_SOURCE
#include "options.h"
#include "output.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { BUFFER_MB_MOST = 4095, MODULE_NAME_MOST = 55 };

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

#define OPT(s, l, kind, field, argument, help)                                                     \
	{s, l, OPT_##kind, offsetof(Options, field), argument, help},
static const OptRow tapx_rows[] = {
#include "options.def"
};
static const OptRow taprun_rows[] = {
#include "taprun.def"
};
#undef OPT

/** struct OptTable - the rows of one program. */
typedef struct OptTable {
	const OptRow *row;
	size_t n;
	const char *usage;
} OptTable;

static const OptTable tables[] = {
    [OPT_TAPX] = {tapx_rows, ARRAY_SIZE(tapx_rows),
		  "usage: tapx [OPTION]... FILE [ARGUMENT]...\n"
		  "       tapx [OPTION]... -e SCRIPT [ARGUMENT]...\n"
		  "       tapx -l PROBE | -L PROBE\n\n"},
    [OPT_TAPRUN] = {taprun_rows, ARRAY_SIZE(taprun_rows),
		    "usage: taprun [OPTION]... FILE.ko [GLOBAL=VALUE]...\n"
		    "       taprun -A [OPTION]... MODULE\n"
		    "       taprun -d MODULE\n\n"},
};

#define LONG_BASE 256 /* getopt values of rows: LONG_BASE + index */
#define ROWS_MOST ARRAY_SIZE(tapx_rows)

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
		*(const char **)field = optarg ? optarg : "";
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

static void getopt_tables(const OptTable *t, char *shorts, struct option *longs)
{
	for (size_t i = 0; i < t->n; i++) {
		const OptRow *r = &t->row[i];

		if (r->short_name) {
			*shorts++ = r->short_name;
			if (r->argument)
				*shorts++ = ':';
		}
		if (r->long_name)
			*longs++ = (struct option){r->long_name, has_arg(r), NULL, LONG_BASE + (int)i};
	}
	*shorts = 0;
	*longs = (struct option){0};
}

static const OptRow *find_row(const OptTable *t, int c)
{
	if (c >= LONG_BASE)
		return &t->row[c - LONG_BASE];
	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].short_name == c)
			return &t->row[i];
	return NULL;
}

static void unknown_option(const OptTable *t, Arena *a, char **argv, Diag *d)
{
	const char *word = argv[optind - 1];
	Nearest n = {.want = word + (word[0] == '-') + (word[0] == '-' && word[1] == '-')};

	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].long_name)
			nearest_add(&n, t->row[i].long_name);
	if (find_row(t, optopt))
		diag_error(d, DIAG_USAGE, nowhere, "option '%s' needs an argument", word);
	else
		diag_error(d, DIAG_USAGE, nowhere, "unknown option '%s'%s", word, nearest_text(&n, a));
}

static bool parse_flags(const OptTable *t, Arena *a, int argc, char **argv, Options *o, Diag *d)
{
	char shorts[2 * ROWS_MOST + 1];
	struct option longs[ROWS_MOST + 1];
	bool ok = true;
	int c;

	getopt_tables(t, shorts, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const OptRow *r = c == '?' ? NULL : find_row(t, c);

		if (!r)
			unknown_option(t, a, argv, d);
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
	{"MINSTACKSPACE", offsetof(Options, min_stack), 1},
	{"KRETACTIVE", offsetof(Options, kretactive), 1},
	{"STP_MAXMEMORY", offsetof(Options, max_memory), 1},
	{"STP_BUFFER_SIZE", offsetof(Options, print_buffer), 1024},
	{"INTERRUPTIBLE", offsetof(Options, interruptible), 0},
};

#define NO_OVERLOAD "STP_NO_OVERLOAD"

/* Limits of SystemTap's own run time that mean nothing here: taken and left aside. */
static const char *const no_limits[] = {"MAXUPROBES", "MAPHASHBIAS", "STP_NO_BUFFER", "STP_LEGACY_PRINT"};

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
	for (size_t i = 0; i < ARRAY_SIZE(no_limits); i++)
		if (strlen(no_limits[i]) == len && !strncmp(no_limits[i], name, len))
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

static void check_common(const Options *o, Diag *d)
{
	if (o->rotate && !o->output)
		diag_error(d, DIAG_USAGE, nowhere, "-S needs -o: it is about the file that -o names");
	if (o->rotate && !output_check_rotate(o->rotate))
		diag_error(d, DIAG_USAGE, nowhere,
			   "-S takes megabytes, and how many files to keep: -S 10 or -S 10,5, not '%s'",
			   o->rotate);
	if (o->command && o->pid)
		diag_error(d, DIAG_USAGE, nowhere, "-c and -x both set target(): use one of them");
	if (o->buffer_mb > BUFFER_MB_MOST)
		diag_error(d, DIAG_USAGE, nowhere, "a buffer has 1 to %d megabytes, not %d",
			   BUFFER_MB_MOST, o->buffer_mb);
}

static void check_runtime(const Options *o, Diag *d)
{
	const char *wants = o->flight ? "-F" : o->timing ? "-t" : NULL;

	if (o->runtime && strcmp(o->runtime, "auto") && strcmp(o->runtime, "ftrace") &&
	    strcmp(o->runtime, "kernel"))
		diag_error(d, DIAG_USAGE, nowhere, "--runtime is auto, ftrace or kernel, not '%s'",
			   o->runtime);
	if (wants && o->runtime && !strcmp(o->runtime, "ftrace"))
		diag_error(d, DIAG_USAGE, nowhere, "%s is for modules: not with --runtime=ftrace", wants);
}

/* SystemTap takes the file's name, too. */
static const char *without_ko(Arena *a, const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n > 3 && !strcmp(name + n - 3, ".ko") ? arena_strndup(a, name, n - 3) : name;
}

static void check_module_name(const Options *o, Diag *d)
{
	const char *name = o->module_name;

	if (name && (strlen(name) > MODULE_NAME_MOST || !*name ||
		     name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")]))
		diag_error(d, DIAG_USAGE, nowhere,
			   "-m: a module's name has up to %d of a-z 0-9 _, not '%s'", MODULE_NAME_MOST, name);
}

static bool is_assignment(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && s[n] == '=';
}

static void check_assignments(const TextList *l, const char *option, Diag *d)
{
	for (int i = 0; i < l->n; i++)
		if (!is_assignment(l->v[i]))
			diag_error(d, DIAG_USAGE, nowhere, "%s takes NAME=VALUE, not '%s'", option, l->v[i]);
}

static void check_build(const Options *o, Diag *d)
{
	struct utsname u;

	uname(&u);
	if (o->arch && strcmp(o->arch, u.machine) && (strcmp(o->arch, "x86") || strcmp(u.machine, "x86_64")))
		diag_error(d, DIAG_USAGE, nowhere,
			   "-a %s: modules are made for %s only, the machine that tapx runs on; build it on "
			   "a machine of that kind",
			   o->arch, u.machine);
	check_module_name(o, d);
	check_assignments(&o->make_vars, "-B", d);
	check_assignments(&o->modinfo, "--modinfo", d);
	if (o->suppress_time && !o->guru)
		diag_error(d, DIAG_USAGE, nowhere,
			   "--suppress-time-limits needs -g: a handler that does not end stops the machine");
}

static void check_tapx(const Options *o, Diag *d)
{
	if (o->last_pass > 5)
		diag_error(d, DIAG_USAGE, nowhere, "there is no pass %d: passes are 1 to 5",
			   o->last_pass);
	check_runtime(o, d);
	check_build(o, d);
	if (o->flight && o->command)
		diag_error(d, DIAG_USAGE, nowhere,
			   "-F goes on by itself: nobody would see the end of the command of -c");
	if (o->flight && o->timeout && !o->output)
		diag_error(d, DIAG_USAGE, nowhere,
			   "-F goes on by itself: nobody would end it after the time of -T (use a timer probe)");
	if (is_script_needed(o) && !o->script && !o->file)
		diag_error(d, DIAG_USAGE, nowhere,
			   "no script: give a file, - for standard input, or -e 'SCRIPT' (see --help)");
}

/* Options of taprun that exclude each other. */
static const char *const exclusive[] = {"AL", "Ab", "Ac", "Ax", "Ad", "DL", "Dd", "Dc", "Ld", "Lc", "LS"};

static bool is_given(const OptTable *t, const Options *o, char c)
{
	const OptRow *r = find_row(t, c);
	const void *field = (const char *)o + r->field;

	return r->kind == OPT_FLAG     ? *(const bool *)field
	       : r->kind == OPT_NUMBER ? *(const int *)field != 0
				       : *(const char *const *)field != NULL;
}

static void check_taprun(const OptTable *t, const Options *o, Diag *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(exclusive); i++)
		if (is_given(t, o, exclusive[i][0]) && is_given(t, o, exclusive[i][1]))
			diag_error(d, DIAG_USAGE, nowhere, "-%c and -%c cannot be used together",
				   exclusive[i][0], exclusive[i][1]);
	if (o->daemon && !o->output)
		diag_error(d, DIAG_USAGE, nowhere, "-D needs -o: in the background there is no other output");
	if (!o->file && !o->help && !o->version)
		diag_error(d, DIAG_USAGE, nowhere, "no module: give the file that tapx -p4 made (see --help)");
	if ((o->attach || o->remove) && o->args.n)
		diag_error(d, DIAG_USAGE, nowhere, "%s: values are set when a module is loaded", o->args.v[0]);
	for (int i = 0; i < o->args.n; i++)
		if (!is_assignment(o->args.v[i]))
			diag_error(d, DIAG_USAGE, nowhere, "after the module comes GLOBAL=VALUE, not '%s'",
				   o->args.v[i]);
}

bool options_parse(Arena *a, OptProgram program, int argc, char **argv, Options *ret, Diag *d)
{
	const OptTable *t = &tables[program];
	int first;

	*ret = (Options){.hist_width = 50,
			 .hist_elision = 2,
			 .max_skipped = 100,
			 .max_trylock = 100,
			 .trylock_delay = 10,
			 .overload_threshold = 500000000,
			 .overload_interval = 1000000000,
			 .interruptible = 1};
	if (!parse_flags(t, a, argc, argv, ret, d))
		return false;
	first = optind;
	if (!ret->script && is_script_needed(ret) && first < argc)
		ret->file = argv[first++];
	while (first < argc)
		list_add(a, &ret->args, argv[first++]);
	for (int i = 0; i < ret->define.n; i++)
		apply_define(a, ret, ret->define.v[i], d);
	ret->module_name = without_ko(a, ret->module_name);
	check_common(ret, d);
	if (program == OPT_TAPX)
		check_tapx(ret, d);
	else
		check_taprun(t, ret, d);
	return d->errors == 0;
}

void options_help(OptProgram program, FILE *out)
{
	const OptTable *t = &tables[program];

	fputs(t->usage, out);
	for (size_t i = 0; i < t->n; i++) {
		const OptRow *r = &t->row[i];
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
