/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module path's last passes: where the module is built, what it is called, what runs it.
 */
#define _GNU_SOURCE
#include "module.h"
#include "kmod/kmod.h"
#include "output.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const Loc nowhere;

static bool emit_text(const ModuleContext *m, Buf *text)
{
	const Options *o = m->options;
	KmodInput in = {.arena = m->arena,
			.diag = m->diag,
			.script = m->plan->script,
			.probes = m->plan->probes,
			.di = kmod_is_for_here(m->arena, o->release) ? m->di : NULL,
			.modinfo = o->modinfo.v,
			.n_modinfo = o->modinfo.n,
			.guru = o->guru,
			.compatible = m->compatible,
			.defines = o->c_define.v,
			.n_defines = o->c_define.n,
			.limits = {.max_string_len = o->max_string_len,
				   .max_map_entries = o->max_map_entries,
				   .max_action = o->max_action,
				   .max_action_interruptible = o->max_action_interruptible,
				   .max_nesting = o->max_nesting,
				   .max_errors = o->max_errors,
				   .max_skipped = o->max_skipped,
				   .max_trylock = o->max_trylock,
				   .trylock_delay = o->trylock_delay,
				   .overload_threshold = o->overload_threshold,
				   .overload_interval = o->overload_interval,
				   .hist_width = o->hist_width,
				   .max_backtrace = o->max_backtrace,
				   .hist_elision = o->hist_elision,
				   .min_stack = o->min_stack,
				   .kretactive = o->kretactive,
				   .max_memory = o->max_memory,
				   .print_buffer = o->print_buffer,
				   .interruptible = o->interruptible,
				   .suppress_errors = o->suppress_errors,
				   .suppress_time = o->suppress_time,
				   .timing = o->timing,
				   .buffer_kb = (unsigned)o->buffer_mb * 1024}};

	return kmod_emit(&in, text);
}

bool module_print(const ModuleContext *m, FILE *out)
{
	Buf text = {0};
	bool ok = emit_text(m, &text);

	if (ok)
		fwrite(text.s, 1, text.n, out);
	buf_free(&text);
	return ok;
}

/* ---- the directory that it is built in ---- */

static void remove_tree(const char *dir)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- at work ---- */

typedef struct Work {
	const ModuleContext *m;
	Output output;
	const char *name; /* of the module */
	bool loaded, background, left;
	bool child_done;
	int child_status;
} Work;

static void loaded(void *ctx)
{
	Work *w = ctx;

	w->loaded = true;
	if (w->m->loaded)
		w->m->loaded(w->m->loaded_ctx);
}

/* From here on without a terminal: messages go where the output goes. */
static void go_to_background(const Work *w)
{
	pid_t pid = fork();
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (pid > 0) {
		printf("%d\n", (int)pid);
		fflush(stdout);
		_exit(0);
	}
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(w->output.fd, STDERR_FILENO);
	close(null);
}

static void started(void *ctx)
{
	const Work *w = ctx;

	if (w->m->options->verbose)
		fprintf(stderr, "Pass 5: running as module %s.\n", w->name);
	if (w->m->child)
		child_start(w->m->child_gate);
	if (w->background)
		go_to_background(w);
}

static bool child_gone(void *ctx)
{
	Work *w = ctx;

	if (w->m->child && !w->child_done)
		w->child_done = waitpid(w->m->child, &w->child_status, WNOHANG) == w->m->child;
	return w->child_done;
}

static bool detach(void *ctx)
{
	Work *w = ctx;

	w->left |= run_detach_asked();
	return w->left;
}

/* What outlives the run is stopped, as on the other path; what goes on is left alone. */
static bool end_child(Work *w)
{
	if (!w->m->child || w->left)
		return true;
	if (w->child_done)
		return !child_failed(w->child_status, w->m->diag);
	kill(w->m->child, SIGTERM);
	return true;
}

static int next_file(void *ctx)
{
	Work *w = ctx;
	int old = w->output.fd, fd = output_next(&w->output, w->m->diag);

	if (w->background)
		dup2(fd, STDERR_FILENO);
	output_done(&w->output, old);
	return fd;
}

static bool is_full(void *ctx)
{
	const Work *w = ctx;

	return run_switch_asked() || output_is_full(&w->output);
}

/* ---- what the kernel refuses, at the script's position where there is one ---- */

static void refused(void *ctx, const KmodRefusal *f)
{
	const Work *w = ctx;
	const ModuleContext *m = w->m;
	const ResolvedProbe *p = m->plan ? m->plan->probes->v[f->probe] : NULL;
	const char *colon = strchr(f->symbol, ':'), *name = colon ? colon + 1 : f->symbol;
	Place at = {.function = name,
		    .module = colon ? arena_strndup(m->arena, f->symbol, (size_t)(colon - f->symbol)) : NULL};
	DiagTag tag = DIAG_FUNC_REFUSED;
	const char *why = NULL;

	if (f->is_tracepoint)
		tag = DIAG_TRACE_UNKNOWN, why = f->error == -ENOENT ? "there is no such tracepoint" : NULL;
	else if (m->di && *name)
		why = probe_refusal(m->di, &at, &tag);
	if (!why || tag == DIAG_FUNC_REFUSED)
		why = f->offset && f->error == -EILSEQ
			      ? "the address is within an instruction"
			      : arena_printf(m->arena, "the kernel refuses it: %s", strerror(-f->error));
	diag_error(m->diag, tag, p ? p->loc : nowhere, "cannot probe '%s': %s",
		   *name ? name : arena_printf(m->arena, "0x%llx", (unsigned long long)f->address), why);
}

/* ---- run ---- */

static void say_how_to_go_on(const Work *w)
{
	fprintf(stderr,
		"Disconnecting from module %s, which goes on.\n"
		"To read on: taprun -A %s\n"
		"To end it:  taprun -d %s\n",
		w->name, w->name, w->name);
}

static KmodRun run_of(Work *w, const char *name, const char *ko)
{
	const ModuleContext *m = w->m;
	const Options *o = m->options;

	return (KmodRun){.name = name,
			 .path = ko,
			 .out_fd = w->output.fd,
			 .err_fd = STDERR_FILENO,
			 .target = m->child ? m->child : o->pid,
			 .attach = o->attach,
			 .leave = o->load_only || (o->flight && !o->output),
			 .poll_ms = (unsigned)o->reader_ms,
			 .timeout_ns = o->timeout,
			 .cancel = run_signals(),
			 .loaded = loaded,
			 .started = started,
			 .refused = refused,
			 .done = child_gone,
			 .detach = detach,
			 .next_file = next_file,
			 .is_full = is_full,
			 .ctx = w,
			 .diag = m->diag};
}

/* Return: the exit status, or KMOD_NAME_TAKEN when @other_name is understood. */
static int run_file(const ModuleContext *m, const char *name, const char *ko, const char *params,
		    bool other_name)
{
	const Options *o = m->options;
	Work w = {.m = m, .name = name, .background = o->daemon || (o->flight && o->output)};
	int code;

	if (!output_open(&w.output, m->arena, o->output, o->rotate, m->diag))
		return 1;
	KmodRun r = run_of(&w, name, ko);
	r.params = params;
	r.buffer_kb = params ? (unsigned)o->buffer_mb * 1024 : 0; /* else it was built with that */
	r.other_name = other_name;
	run_let_signals_in();
	code = kmod_run(&r);
	w.left |= r.leave;
	if (!code && w.left)
		say_how_to_go_on(&w);
	output_close(&w.output);
	if (code == KMOD_NAME_TAKEN || !w.loaded) /* the command has not begun: the other path may want it */
		return code;
	return end_child(&w) ? code : 1;
}

/* ---- pass 4 ---- */

static int leave_here(const ModuleContext *m, const char *name, const char *ko)
{
	const char *to = arena_printf(m->arena, "%s.ko", name);
	int err = copy_file(ko, to);

	if (!err) {
		printf("%s\n", to);
		return 0;
	}
	diag_error(m->diag, DIAG_IO, nowhere, "cannot write '%s': %s", to, strerror(-err));
	return 1;
}

static int use(const ModuleContext *m, const char *name, const char *ko, bool other_name)
{
	return m->options->last_pass == 4 ? leave_here(m, name, ko) : run_file(m, name, ko, NULL, other_name);
}

static int build_and_use(const ModuleContext *m, KmodBuild *b, const char *key)
{
	const char *tmp = getenv("TMPDIR"), *ko;
	char *dir = arena_printf(m->arena, "%s/tapx-XXXXXX", tmp ? tmp : "/tmp");
	int code = 1;

	if (!mkdtemp(dir)) {
		diag_error(m->diag, DIAG_IO, nowhere, "cannot make '%s': %s", dir, strerror(errno));
		return 1;
	}
	b->dir = dir;
	ko = kmod_build(m->arena, m->diag, b);
	if (ko && key)
		cache_store(m->arena, key, ko);
	if (ko)
		code = use(m, b->name, ko, key);
	if (m->options->keep_dir)
		fprintf(stderr, "Keeping temporary directory \"%s\"\n", dir);
	else
		remove_tree(dir);
	return code;
}

/*
 * A module in the cache is called after its contents, so that it can be loaded as it is. When one of
 * that name is loaded already (the same script runs twice), another one is built with a name of its own.
 */
static int run_by_key(const ModuleContext *m, KmodBuild *b)
{
	const Options *o = m->options;
	const char *key = cache_key(m->arena, b), *found;
	int code = KMOD_NAME_TAKEN;

	b->name = arena_printf(m->arena, "tapx_%.16s", key);
	if (!o->module_name && !o->disable_cache && !kmod_is_loaded(m->arena, b->name)) {
		found = o->keep_dir ? NULL : cache_find(m->arena, key);
		code = found ? use(m, b->name, found, true) : build_and_use(m, b, key);
	}
	if (code != KMOD_NAME_TAKEN)
		return code;
	b->name = o->module_name ? o->module_name : arena_printf(m->arena, "tapx_%d", (int)getpid());
	return build_and_use(m, b, NULL);
}

int module_build_and_run(const ModuleContext *m)
{
	const Options *o = m->options;
	KmodWish wish = {.release = o->release, .load = o->last_pass != 4, .is_signed = o->sign_module};
	KmodBuild b = {.script = m->plan->script,
		       .headers = kmod_able(m->arena, m->diag, &wish),
		       .vars = o->make_vars.v,
		       .n_vars = o->make_vars.n,
		       .sign = o->sign_module,
		       .verbose = o->verbose,
		       .cancel = run_signals()};
	Buf text = {0};
	int code = 1;

	if (!b.headers || (b.sign && !kmod_can_sign(m->arena, m->diag, &b)))
		return 1;
	if (emit_text(m, &text)) {
		b.text = buf_str(&text);
		code = run_by_key(m, &b);
	}
	buf_free(&text);
	return code;
}

/* ---- taprun ---- */

static const char *module_name_of(Arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = arena_strndup(a, base, strcspn(base, "."));

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

int module_run_file(const ModuleContext *m, const char *path)
{
	const Options *o = m->options;
	const char *name = module_name_of(m->arena, path), *params;
	KmodRun r = {.name = name, .diag = m->diag};

	if (o->remove)
		return kmod_remove(&r);
	if (o->attach)
		return run_file(m, name, NULL, NULL, false);
	if (access(path, R_OK) < 0) {
		diag_error(m->diag, DIAG_IO, nowhere, "cannot read '%s': %s", path, strerror(errno));
		return 1;
	}
	params = kmod_params(m->arena, m->diag, path, o->args.v, o->args.n);
	return params && kmod_can_load(m->diag, true) ? run_file(m, name, path, params, false) : 1;
}
