/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tapx: the five passes in order, one call each. 1 parse, 2 elaborate (names, probe points, types),
 * 3 plan, 4 build (module path only), 5 run. -p N stops after a pass and prints its product.
 */
#define _GNU_SOURCE
#include "base/base.h"
#include "debuginfo/debuginfo.h"
#include "frontend/frontend.h"
#include "kmod/kmod.h"
#include "lower/lower.h"
#include "module.h"
#include "options.h"
#include "probe/probe.h"
#include "run.h"
#include "tracefs/tracefs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define TAPX_VERSION "0.1"
#define LANGUAGE_LEVEL "5.6" /* the SystemTap release whose language this is */

extern const struct LibraryFile tapset_embedded[]; /* build/tapset.c, made from tapset/ */

static const Loc nowhere;

/** struct Session - what main() hands from pass to pass. */
typedef struct Session {
	Arena *arena;
	Options options;
	Diag diag;
	struct utsname uts;
	Conditions conditions;
	Library library;
	Script *script;
	Tracefs *tracefs;
	KernelView no_kernel; /* the view of scripts that ask nothing of the kernel */
	ProbeContext probe;
	ResolvedProbes probes;
	Plan *plan;
	int child, child_gate;
	bool module;          /* for the module path: asked for, or found to be needed */
	const char *no_module; /* why not, though the script would gain from it */
	Diag told;	      /* while a module is tried: where messages go after it */
	bool loaded;	      /* the trial succeeded */
	const char *standard_input; /* the script that came from there */
} Session;

/* ---- before the first pass ---- */

static void setup_color(Session *s)
{
	const char *when = s->options.color ? s->options.color : "auto";

	s->diag.color = !*when || !strcmp(when, "always") ||
			(!strcmp(when, "auto") && isatty(STDERR_FILENO) && !getenv("NO_COLOR"));
}

/** kernel_config - CONFIG_x of the running kernel, from /boot (for %( %) conditions). */
static const char *kernel_config(void *ctx, const char *name)
{
	Session *s = ctx;
	static Buf text;
	static bool read_it;
	size_t len = strlen(name);
	const char *p;

	if (!read_it) {
		read_file(arena_printf(s->arena, "/boot/config-%s", s->uts.release), &text);
		read_it = true;
	}
	for (p = buf_str(&text); (p = strstr(p, name)); p += len) {
		size_t n = strcspn(p, "\n");

		if ((p > text.s && p[-1] != '\n') || p[len] != '=')
			continue;
		p += len + 1;
		n -= len + 1;
		if (*p == '"' && n >= 2)
			return arena_strndup(s->arena, p + 1, n - 2);
		return arena_strndup(s->arena, p, n);
	}
	return NULL;
}

/* Nobody knows today what a script for a later SystemTap means. */
static bool check_level(Session *s)
{
	const char *want = s->options.compatible;

	if (!want || strverscmp(want, LANGUAGE_LEVEL) <= 0)
		return true;
	diag_error(&s->diag, DIAG_USAGE, nowhere,
		   "--compatible=%s: the language that is known here is that of SystemTap "
		   LANGUAGE_LEVEL " and before", want);
	return false;
}

static void setup_conditions(Session *s)
{
	const Options *o = &s->options;

	uname(&s->uts);
	s->conditions = (Conditions){.kernel_release = s->uts.release,
				     .arch = s->uts.machine,
				     .runtime = "kernel",
				     .compatible = o->compatible ? o->compatible : LANGUAGE_LEVEL,
				     .guru = o->guru,
				     .config = kernel_config,
				     .config_ctx = s,
				     .args = o->args.v,
				     .n_args = o->args.n};
	s->library = (Library){.dirs = o->include.v,
			       .n_dirs = o->include.n,
			       .embedded = tapset_embedded,
			       .is_native = probe_is_native};
}

static void report_time(const Session *s, int pass, const char *what, const struct timespec *since)
{
	struct timespec now;

	if (!s->options.verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(stderr, "Pass %d: %s in %.1f ms.\n", pass, what,
		(double)(now.tv_sec - since->tv_sec) * 1e3 +
			(double)(now.tv_nsec - since->tv_nsec) / 1e6);
}

/* ---- pass 1 ---- */

static bool parse_text(Session *s, const char *name, const char *text, size_t len)
{
	SourceFile *f = NEW(s->arena, SourceFile);

	*f = (SourceFile){.name = name, .text = text, .len = len};
	return script_parse(s->script, f, &s->conditions, &s->diag);
}

static const char *read_script(Session *s, const char *path)
{
	Buf text = {0};
	int err = read_file(path, &text);
	const char *copy = err ? NULL : arena_strndup(s->arena, buf_str(&text), text.n);

	if (err)
		diag_error(&s->diag, DIAG_IO, nowhere, "cannot read '%s': %s", path, strerror(-err));
	buf_free(&text);
	return copy;
}

static bool parse_file(Session *s, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	const char *text = is_stdin ? s->standard_input : NULL;

	if (!text)
		text = read_script(s, is_stdin ? "/dev/stdin" : path);
	if (is_stdin)
		s->standard_input = text;
	return text && parse_text(s, is_stdin ? "<stdin>" : path, text, strlen(text));
}

static bool parse(Session *s)
{
	const Options *o = &s->options;
	const char *list = o->list ? o->list : o->list_vars;
	bool ok = true;

	s->script = script_new(s->arena);
	script_use_library(s->script, &s->library);
	if (list) {
		const char *text = arena_printf(s->arena, "probe %s {}", list);

		return parse_text(s, "<input>", text, strlen(text));
	}
	if (o->script)
		ok = parse_text(s, "<input>", o->script, strlen(o->script));
	else
		ok = parse_file(s, o->file);
	for (int i = 0; i < o->extra.n; i++)
		ok &= parse_text(s, arena_printf(s->arena, "<input%d>", i + 1), o->extra.v[i],
				 strlen(o->extra.v[i]));
	return ok;
}

/* ---- pass 2 ---- */

/** asks_kernel - is there a probe point that is not answered by tapx itself? */
static bool asks_kernel(const Script *script)
{
	static const char *const own[] = {"begin", "end", "error", "never",
					  "timer", "procfs", "__input"};

	for (int i = 0; i < script->probes.n; i++)
		for (int k = 0; k < script->probes.v[i]->points.n; k++) {
			const char *first = script->probes.v[i]->points.v[k]->part.v[0].name;
			bool known = false;

			for (size_t j = 0; j < ARRAY_SIZE(own); j++)
				known |= !strcmp(first, own[j]);
			if (!known)
				return true;
		}
	return false;
}

/** has_static_events - is there a kernel.trace point? */
static bool has_static_events(const Script *script)
{
	for (int i = 0; i < script->probes.n; i++)
		for (int k = 0; k < script->probes.v[i]->points.n; k++) {
			const ProbePoint *p = script->probes.v[i]->points.v[k];

			if (p->part.n > 1 && !strcmp(p->part.v[1].name, "trace"))
				return true;
		}
	return false;
}

static bool wants_module(const Options *o)
{
	return o->flight || o->timing || (o->runtime && !strcmp(o->runtime, "kernel"));
}

/** will_run - is this call to end in pass 5? */
static bool will_run(const Options *o)
{
	return !o->list && !o->list_vars && !o->explain && (!o->last_pass || o->last_pass == 5);
}

static void setup_probe_context(Session *s)
{
	const Options *o = &s->options;
	const char *why = NULL;
	DebuginfoPaths paths = {
	    .btf_file = o->btf, .debug_dir = o->debuginfo, .release = s->uts.release};

	s->no_kernel = (KernelView){.why_not = "no probe point asked for it"};
	s->probe = (ProbeContext){.arena = s->arena,
				  .diag = &s->diag,
				  .kernel = &s->no_kernel,
				  .guru = o->guru,
				  .listing = o->list || o->list_vars,
				  .module = s->module,
				  .skip_badvars = o->skip_badvars,
				  .command = o->command};
	if (asks_kernel(s->script)) {
		s->tracefs = tracefs_open(s->arena, o->tracefs, &why);
		if (s->tracefs) {
			s->probe.kernel = tracefs_view(s->tracefs);
			if (will_run(o) && !s->module)
				tracefs_prepare(s->tracefs, (unsigned)o->buffer_mb * 1024,
						has_static_events(s->script));
			paths.filter_functions = arena_printf(
				s->arena, "%s/available_filter_functions", tracefs_root(s->tracefs));
		} else {
			s->no_kernel.why_not = why;
		}
	}
	s->probe.di = debuginfo_new(s->arena, &paths);
}

static bool no_probes(Session *s)
{
	diag_error(&s->diag, DIAG_NO_PROBES, nowhere,
		   "no probes found: nothing is left to run (-u keeps unused code)");
	return false;
}

/* SystemTap has no probes without statements, and no scripts without probes. */
static bool anything_left(Session *s)
{
	for (int i = 0; i < s->probes.n; i++)
		if (s->options.keep_unused || s->probes.v[i]->body->block->block.n)
			return true;
	return no_probes(s);
}

static bool elaborate(Session *s)
{
	const Options *o = &s->options;
	bool ok = library_resolve(s->script, &s->library, &s->conditions, &s->diag);

	for (int i = 0; ok && i < o->global.n; i++)
		ok &= script_set_global(s->script, o->global.v[i], &s->diag);
	if (!ok)
		return false;
	if (!o->no_autoprint)
		script_autoprint(s->script);
	if (!o->keep_unused)
		script_drop_unused(s->script, &s->diag);
	setup_probe_context(s);
	if (s->child || o->pid)
		s->probe.target = s->child ? s->child : o->pid;
	if (!probe_resolve(&s->probe, s->script, &s->probes) || !types_infer(s->script, &s->diag))
		return false;
	fold_script(s->script, o->keep_unused, &s->diag);
	return s->diag.errors == 0 && anything_left(s);
}

static void dump_pass2(const Session *s)
{
	dump_elaborated(s->script, stdout);
	printf("# probes\n");
	for (int i = 0; i < s->probes.n; i++) {
		printf("%s\n", s->probes.v[i]->name);
		dump_body(s->probes.v[i]->body, 1, stdout);
	}
}

static int list_points(Session *s)
{
	int n;

	if (!library_resolve(s->script, &s->library, &s->conditions, &s->diag))
		return 1;
	setup_probe_context(s);
	n = probe_list(&s->probe, s->script, s->options.list_vars != NULL, stdout);
	if (!n && !s->diag.errors)
		diag_error(&s->diag, DIAG_NO_MATCH, nowhere, "no probe point matches '%s'",
			   s->options.list ? s->options.list : s->options.list_vars);
	return n ? 0 : 1;
}

static int list_functions(void)
{
	for (int i = 0; builtin_row(i); i++) {
		const Builtin *b = builtin_row(i);
		const char *sep = "";

		printf("%s:%s (", b->name,
		       b->signature[0] == 's' ? "string" : b->signature[0] == 'l' ? "long" : "unknown");
		for (const char *p = b->signature + 2; *p && *p != ')'; p++, sep = ", ")
			printf("%sarg%d:%s", sep, (int)(p - b->signature - 1),
			       *p == 's' ? "string" : "long");
		printf(")\n");
	}
	return 0;
}

/* ---- passes 3 to 5 ---- */

/** no_module - why a script that would gain from a module is not made one; cheap, and silent. */
static const char *no_module(void *ctx)
{
	Session *s = ctx;
	const Options *o = &s->options;
	Buf why = {0};
	Diag trial = {.first = &why};
	KmodWish wish = {.release = o->release, .load = true, .is_signed = o->sign_module};
	const char *ret = NULL;

	if (s->no_module)
		return s->no_module;
	if (o->runtime && !strcmp(o->runtime, "ftrace"))
		return "--runtime=ftrace";
	if (!will_run(o) && !o->explain)
		return "it is not to run";
	if (!kmod_able(s->arena, &trial, &wish))
		ret = arena_strdup(s->arena, buf_str(&why));
	buf_free(&why);
	return ret;
}

static bool lower(Session *s)
{
	LowerContext ctx = {.arena = s->arena,
			    .diag = &s->diag,
			    .kernel = s->probe.kernel,
			    .di = s->probe.di,
			    .probe = &s->probe,
			    .script = s->script,
			    .target = s->probe.target,
			    .want_module = s->module,
			    .no_module = no_module,
			    .no_module_ctx = s,
			    .keep_empty = s->options.keep_unused};

	s->plan = plan_build(&ctx, s->script, &s->probes);
	if (s->plan && !s->plan->handlers.n) /* `never` alone */
		return no_probes(s);
	return s->plan != NULL;
}

static int execute(Session *s)
{
	RunContext run = {.arena = s->arena,
			  .options = &s->options,
			  .plan = s->plan,
			  .tracefs = s->plan->events.n ? s->tracefs : NULL,
			  .di = s->probe.di,
			  .diag = &s->diag,
			  .child = s->child,
			  .child_gate = s->child_gate};

	if (s->plan->events.n && !s->tracefs) {
		diag_error(&s->diag, DIAG_NO_TRACEFS, s->plan->events.v[0]->loc, "%s",
			   s->no_kernel.why_not);
		return 1;
	}
	return run_plan(&run);
}

static ModuleContext module_context(Session *s)
{
	return (ModuleContext){.arena = s->arena,
			       .options = &s->options,
			       .plan = s->plan,
			       .compatible = s->conditions.compatible,
			       .di = s->probe.di,
			       .diag = &s->diag,
			       .child = s->child,
			       .child_gate = s->child_gate};
}

static int execute_module(Session *s)
{
	ModuleContext m = module_context(s);

	return module_build_and_run(&m);
}

static void print_pass3(Session *s)
{
	ModuleContext m = module_context(s);

	if (s->plan->path == PATH_FTRACE)
		plan_print_shell(s->plan, stdout);
	else
		module_print(&m, stdout);
}

/** finish_at - the product of pass @n when -p @n asked for it. */
static bool finish_at(Session *s, int n)
{
	if (s->options.last_pass != n)
		return false;
	if (n == 1)
		dump_tree(s->script, stdout);
	else if (n == 2)
		dump_pass2(s);
	else
		print_pass3(s);
	return true;
}

static bool start_child(Session *s)
{
	const Options *o = &s->options;

	if (!o->command || (o->last_pass && o->last_pass < 5))
		return true;
	s->child = child_prepare(o->command, &s->child_gate);
	if (s->child < 0)
		diag_error(&s->diag, DIAG_CHILD, nowhere, "cannot start a process for -c: %s",
			   strerror(-s->child));
	return s->child > 0;
}

static bool check_target(Session *s)
{
	int pid = s->options.pid;

	if (!pid || access(arena_printf(s->arena, "/proc/%d", pid), F_OK) == 0)
		return true;
	diag_error(&s->diag, DIAG_USAGE, nowhere, "-x %d: there is no such process", pid);
	return false;
}

/** forget_kernel - what the ftrace path has prepared is given back. */
static void forget_kernel(Session *s)
{
	if (s->tracefs)
		tracefs_close(s->tracefs);
	if (s->probe.di)
		debuginfo_free(s->probe.di);
	s->tracefs = NULL;
	s->probe.di = NULL;
	s->probes = (ResolvedProbes){0};
}

/** module_is_possible - may, and can, this script run as a module? If not, it is said why. */
static bool module_is_possible(Session *s)
{
	const Options *o = &s->options;
	KmodWish wish = {.release = o->release, .load = o->last_pass != 4, .is_signed = o->sign_module};

	if (o->runtime && !strcmp(o->runtime, "ftrace"))
		return false;
	return (o->last_pass && o->last_pass < 4) || kmod_able(s->arena, &s->diag, &wish);
}

/**
 * again - the passes once more for the other path: for a module, names are resolved in another way (paths
 * from computed addresses, raw arguments). What there was to warn of has been said.
 */
static bool again(Session *s, bool module)
{
	bool quiet = s->diag.no_warnings, ok;

	s->module = module;
	s->diag.no_warnings = true;
	forget_kernel(s);
	ok = parse(s) && elaborate(s) && lower(s);
	s->diag.no_warnings = quiet;
	return ok;
}

/** turn_to_module - the script needs a module. */
static bool turn_to_module(Session *s)
{
	if (module_is_possible(s))
		return again(s, true);
	plan_refuse(s->plan, &s->diag);
	return false;
}

/* ---- a module by choice ---- */

static void stop_trial(void *ctx)
{
	Session *s = ctx;

	s->diag = s->told;
	s->loaded = true;
}

/** back_to_ftrace - the module could not be made: the script runs as it would without the choice. */
static int back_to_ftrace(Session *s, const char *why)
{
	if (s->options.verbose)
		fprintf(stderr, "tapx: no module after all: %s\n", why);
	s->no_module = why;
	return again(s, false) ? execute(s) : 1;
}

/**
 * try_module - run as a module what the ftrace path can do at a higher price. Whatever goes wrong until
 * the kernel has taken the module stays unsaid.
 */
static int try_module(Session *s)
{
	Buf why = {0};
	int code = 1;

	s->told = s->diag;
	s->diag.out = NULL;
	s->diag.first = &why;
	if (again(s, true)) {
		ModuleContext m = module_context(s);

		m.loaded = stop_trial;
		m.loaded_ctx = s;
		code = module_build_and_run(&m);
	}
	if (!s->loaded) {
		s->diag = s->told;
		code = *run_signals() ? 1 : back_to_ftrace(s, arena_strdup(s->arena, buf_str(&why)));
	}
	buf_free(&why);
	return code;
}

static int passes(Session *s)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!parse(s))
		return 1;
	report_time(s, 1, "parsed", &t);
	if (s->probe.listing || s->options.list || s->options.list_vars)
		return list_points(s);
	if (finish_at(s, 1))
		return 0;
	if (!check_target(s) || !start_child(s))
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!elaborate(s))
		return 1;
	report_time(s, 2, "elaborated", &t);
	if (finish_at(s, 2))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!lower(s))
		return 1;
	report_time(s, 3, "planned", &t);
	if (s->options.explain) {
		plan_explain(s->plan, stdout);
		return 0;
	}
	if (plan_is_choice(s->plan) && s->options.verbose)
		plan_explain(s->plan, stderr);
	if (plan_is_choice(s->plan) && s->plan->path == PATH_MODULE)
		return try_module(s);
	if (s->plan->path == PATH_MODULE && !s->module && !turn_to_module(s))
		return 1;
	if (finish_at(s, 3))
		return s->diag.errors ? 1 : 0;
	return s->plan->path == PATH_MODULE ? execute_module(s) : execute(s);
}

static int run_session(Session *s)
{
	const Options *o = &s->options;

	if (o->clean_cache) {
		cache_clean(s->arena);
		if (!o->script && !o->file)
			return 0;
	}
	if (o->dump_types) {
		probe_list_types(stdout);
		return 0;
	}
	if (o->dump_functions)
		return list_functions();
	if (!check_level(s))
		return 1;
	s->module = wants_module(o);
	setup_conditions(s);
	if (will_run(o) || o->last_pass == 4)
		run_catch_signals();
	return passes(s);
}

/* taprun: the same program under another name, for hosts where modules only run. */
static int taprun(Session *s)
{
	DebuginfoPaths paths = {0};

	run_catch_signals();
	if (!check_target(s) || !start_child(s))
		return 1;
	s->probe.di = debuginfo_new(s->arena, &paths);
	ModuleContext m = module_context(s);

	return module_run_file(&m, s->options.file);
}

static OptProgram program_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return strcmp(slash ? slash + 1 : name, "taprun") ? OPT_TAPX : OPT_TAPRUN;
}

static int run_program(Session *s, OptProgram program)
{
	const Options *o = &s->options;

	if (o->help) {
		options_help(program, stdout);
		return 0;
	}
	if (o->version) {
		printf("tapx %s (language of SystemTap %s)\nGPL-2.0-or-later\n", TAPX_VERSION,
		       LANGUAGE_LEVEL);
		return 0;
	}
	return program == OPT_TAPRUN ? taprun(s) : run_session(s);
}

int main(int argc, char **argv)
{
	Session s = {.arena = arena_new(), .diag.out = stderr};
	OptProgram program = program_of(argv[0]);
	int code = 1;

	if (options_parse(s.arena, program, argc, argv, &s.options, &s.diag)) {
		setup_color(&s);
		s.diag.no_warnings = s.options.no_warnings;
		s.diag.werror = s.options.werror;
		code = run_program(&s, program);
		if (code == 0 && s.diag.errors)
			code = 1;
	}
	if (s.child > 0)
		close(s.child_gate);
	forget_kernel(&s);
	arena_free(s.arena);
	return code;
}
