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
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const Loc nowhere;

static bool emit_text(const ModuleContext *m, const char *name, Buf *text)
{
	const Options *o = m->options;
	KmodInput in = {.arena = m->arena,
			.diag = m->diag,
			.script = m->plan->script,
			.probes = m->plan->probes,
			.name = name,
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
				   .suppress_errors = o->suppress_errors,
				   .buffer_kb = (unsigned)o->buffer_mb * 1024}};

	return kmod_emit(&in, text);
}

bool module_print(const ModuleContext *m, FILE *out)
{
	Buf text = {0};
	const char *name = m->options->module_name ? m->options->module_name : "tapx_module";
	bool ok = emit_text(m, name, &text);

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
	bool loaded;
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

static void child_go(void *ctx)
{
	const Work *w = ctx;

	if (w->m->child)
		child_start(w->m->child_gate);
}

static bool child_gone(void *ctx)
{
	Work *w = ctx;

	if (w->m->child && !w->child_done)
		w->child_done = waitpid(w->m->child, &w->child_status, WNOHANG) == w->m->child;
	return w->child_done;
}

/* What outlives the run is stopped, as on the other path. */
static bool end_child(Work *w)
{
	if (!w->m->child)
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

	output_done(&w->output, old);
	return fd;
}

static bool is_full(void *ctx)
{
	const Work *w = ctx;

	return run_switch_asked() || output_is_full(&w->output);
}

static int run_file(const ModuleContext *m, const char *name, const char *ko)
{
	const Options *o = m->options;
	Work w = {.m = m};
	int code;

	if (!output_open(&w.output, m->arena, o->output, o->rotate, m->diag))
		return 1;
	KmodRun r = {.name = name,
		     .path = ko,
		     .out_fd = w.output.fd,
		     .target = m->child ? m->child : o->pid,
		     .err_fd = STDERR_FILENO,
		     .timeout_ns = o->timeout,
		     .cancel = run_signals(),
		     .loaded = loaded,
		     .started = child_go,
		     .done = child_gone,
		     .next_file = next_file,
		     .is_full = is_full,
		     .ctx = &w,
		     .diag = m->diag};
	code = kmod_run(&r);
	output_close(&w.output);
	if (!w.loaded) /* the command has not begun: the other path may want it */
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

/* In a directory of its own; into the cache when it has a @key. */
static int build_in(const ModuleContext *m, const char *name, const char *text, const char *headers,
		    const char *key, const char *dir)
{
	const Options *o = m->options;
	const char *ko = kmod_build(m->arena, m->diag, m->plan->script, name, text, headers, dir, o->verbose);

	if (ko && key)
		cache_store(m->arena, key, ko);
	if (!ko)
		return 1;
	return o->last_pass == 4 ? leave_here(m, name, ko) : run_file(m, name, ko);
}

static int build(const ModuleContext *m, const char *name, const char *text, const char *headers,
		 const char *key)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(m->arena, "%s/tapx-XXXXXX", tmp ? tmp : "/tmp");
	int code;

	if (!mkdtemp(dir)) {
		diag_error(m->diag, DIAG_IO, nowhere, "cannot make '%s': %s", dir, strerror(errno));
		return 1;
	}
	code = build_in(m, name, text, headers, key, dir);
	if (m->options->keep_dir)
		fprintf(stderr, "Keeping temporary directory \"%s\"\n", dir);
	else
		remove_tree(dir);
	return code;
}

/* What the name is made from: all that goes into the module but its name. */
static const char *key_of(const ModuleContext *m, const char *headers)
{
	Buf text = {0};
	const char *key = NULL;

	if (emit_text(m, "-", &text))
		key = cache_key(m->arena, buf_str(&text), headers);
	buf_free(&text);
	return key;
}

/*
 * A module in the cache is called after its contents, so that it can be loaded as it is. When one of
 * that name is loaded already (the same script runs twice), another one is built with a name of its own.
 */
static int run_by_key(const ModuleContext *m, const char *headers)
{
	const char *key = key_of(m, headers), *name, *found;
	Buf text = {0};
	int code = 1;

	if (!key)
		return 1;
	name = arena_printf(m->arena, "tapx_%.16s", key);
	if (m->options->module_name || kmod_is_loaded(m->arena, name) || m->options->disable_cache) {
		name = m->options->module_name ? m->options->module_name
					       : arena_printf(m->arena, "tapx_%d", (int)getpid());
		key = NULL;
	}
	found = key && !m->options->keep_dir ? cache_find(m->arena, key) : NULL;
	if (found)
		return m->options->last_pass == 4 ? leave_here(m, name, found) : run_file(m, name, found);
	if (emit_text(m, name, &text))
		code = build(m, name, buf_str(&text), headers, key);
	buf_free(&text);
	return code;
}

int module_build_and_run(const ModuleContext *m)
{
	const char *headers;

	if (m->options->last_pass != 4 && !kmod_can_load(m->diag))
		return 1;
	headers = kmod_headers(m->arena, m->diag, m->options->release);
	return headers ? run_by_key(m, headers) : 1;
}

int module_run_file(const ModuleContext *m, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	if (access(path, R_OK) < 0) {
		diag_error(m->diag, DIAG_IO, nowhere, "cannot read '%s': %s", path, strerror(errno));
		return 1;
	}
	return kmod_can_load(m->diag) ? run_file(m, arena_strndup(m->arena, base, strcspn(base, ".")), path)
				      : 1;
}
