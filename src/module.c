/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module path's last passes: where the module is built, what it is called, what runs it.
 */
#define _GNU_SOURCE
#include "module.h"
#include "kmod/kmod.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
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
			.target = m->child ? m->child : o->pid,
			.limits = {.max_string_len = o->max_string_len,
				   .max_map_entries = o->max_map_entries,
				   .max_action = o->max_action,
				   .max_nesting = o->max_nesting,
				   .max_errors = o->max_errors,
				   .hist_width = o->hist_width,
				   .hist_elision = o->hist_elision,
				   .suppress_errors = o->suppress_errors,
				   .buffer_kb = (unsigned)o->buffer_mb * 1024}};

	return kmod_emit(&in, text);
}

static const char *module_name(const ModuleContext *m)
{
	if (m->options->module_name)
		return m->options->module_name;
	return m->options->last_pass ? "tapx_module" : arena_printf(m->arena, "tapx_%d", (int)getpid());
}

bool module_print(const ModuleContext *m, FILE *out)
{
	Buf text = {0};
	bool ok = emit_text(m, module_name(m), &text);

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

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, err = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		err = -errno;
	else if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0 ||
		 sendfile(out, in, NULL, (size_t)st.st_size) != st.st_size)
		err = -errno;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* ---- -c ---- */

static bool child_go(void *ctx)
{
	const ModuleContext *m = ctx;

	if (m->child)
		child_start(m->child_gate);
	return true;
}

static bool child_gone(void *ctx)
{
	const ModuleContext *m = ctx;
	siginfo_t info = {0};

	return m->child && waitid(P_PID, (id_t)m->child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

static int run_file(const ModuleContext *m, const char *name, const char *ko)
{
	KmodRun r = {.name = name,
		     .path = ko,
		     .out_fd = STDOUT_FILENO,
		     .err_fd = STDERR_FILENO,
		     .timeout_ns = m->options ? m->options->timeout : 0,
		     .cancel = run_signals(),
		     .started = child_go,
		     .done = child_gone,
		     .ctx = (void *)(uintptr_t)m,
		     .diag = m->diag};
	return kmod_run(&r);
}

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

static const char *build(const ModuleContext *m, const char *name, const char *dir)
{
	Buf text = {0};
	const char *ko = NULL;

	if (emit_text(m, name, &text))
		ko = kmod_build(m->arena, m->diag, name, buf_str(&text), m->options->release, dir,
				m->options->verbose);
	buf_free(&text);
	return ko;
}

int module_build_and_run(const ModuleContext *m)
{
	const char *name = module_name(m), *tmp = getenv("TMPDIR"), *ko;
	char *dir = arena_printf(m->arena, "%s/tapx-XXXXXX", tmp ? tmp : "/tmp");
	int code = 1;

	if (!mkdtemp(dir)) {
		diag_error(m->diag, DIAG_IO, nowhere, "cannot make '%s': %s", dir, strerror(errno));
		return 1;
	}
	ko = build(m, name, dir);
	if (ko)
		code = m->options->last_pass == 4 ? leave_here(m, name, ko) : run_file(m, name, ko);
	remove_tree(dir);
	return code;
}

int module_run_file(Arena *a, Diag *diag, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	ModuleContext m = {.arena = a, .diag = diag};

	return run_file(&m, arena_strndup(a, base, strcspn(base, ".")), path);
}
