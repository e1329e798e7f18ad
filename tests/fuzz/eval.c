/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * eval: all passes of a script that asks nothing of the kernel (begin, end, error and timer
 * probes), run to its end on a clock of our own. Each script runs four times: as a user would run
 * it; with tiny limits, for the roads that are seldom taken; with its unused code kept (-u), and
 * with its functions not even folded: these must print the same.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "eval/eval.h"
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char fuzz_rule[] = "program";

enum { TIMER_RUNS = 8, START_NS = 1000000 };

typedef struct Variant {
	EvalLimits limits;
	bool keep_unused, unfolded;
} Variant;

/* Ten times so many statements run: see ACTION_FACTOR. */
static const Variant usual = {.limits = {.max_action = 200}};
static const Variant tiny = {.limits = {.max_string_len = 8,
					.max_map_entries = 3,
					.max_action = 20,
					.max_nesting = 3,
					.max_errors = 2,
					.hist_width = 1,
					.hist_elision = 1}};
static const Variant unelided = {.limits = {.max_action = 200}, .keep_unused = true};
static const Variant unfolded = {
    .limits = {.max_action = 200}, .keep_unused = true, .unfolded = true};

/** struct Job - one run of one script. */
typedef struct Job {
	Fuzz f;
	ResolvedProbes probes;
	Debuginfo *di;
	Plan *plan;
	bool forbidden; /* it would act on the host */
	bool repeats;	/* the same output every time */
	EvalStats stats;
} Job;

/* ---- what may run ---- */

/* May its value be another one in the next run? */
static bool is_fickle(const char *name)
{
	static const char *const part[] = {"time", "clock", "cycles", "cpu", "rand", "load", "tz_"};

	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		if (strstr(name, part[i]))
			return true;
	return false;
}

static bool visit_call(void *ctx, Node **slot)
{
	Job *job = ctx;
	const Builtin *b = *slot && (*slot)->kind == ND_CALL ? (*slot)->call.builtin : NULL;

	if (!b)
		return *slot != NULL;
	job->forbidden |=
	    b->id == BUILTIN_system || b->id == BUILTIN_printk || b->id == BUILTIN_ftrace;
	job->repeats &= !is_fickle(b->name);
	return true;
}

static bool is_own(const ProbePoint *p)
{
	static const char *const own[] = {"begin", "end", "error", "never", "timer"};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(p->part.v[0].name, own[i]))
			return true;
	return false;
}

static bool may_run(Job *job)
{
	Script *s = job->f.script;

	job->repeats = true;
	for (int i = 0; i < s->functions.n; i++)
		node_walk(&s->functions.v[i]->body, visit_call, job);
	for (int i = 0; i < s->probes.n; i++) {
		const Probe *pr = s->probes.v[i];

		node_walk(&pr->body->block, visit_call, job);
		for (int j = 0; j < pr->points.n; j++)
			job->forbidden |= !is_own(pr->points.v[j]);
	}
	return !job->forbidden;
}

/* ---- the passes ---- */

static const KernelView no_kernel = {.why_not = "there is none"};

static bool elaborate(Job *job, const Variant *v)
{
	/* nothing of the host is read */
	static const DebuginfoPaths nothing = {.btf_file = "/dev/null",
					       .kallsyms = "/dev/null",
					       .filter_functions = "/dev/null",
					       .blacklist = "/dev/null"};
	Fuzz *f = &job->f;
	ProbeContext ctx = {
	    .arena = f->arena, .diag = &f->diag, .kernel = &no_kernel, .guru = true};

	if (!library_resolve(f->script, &fuzz_library, &fuzz_conditions, &f->diag) || !may_run(job))
		return false;
	script_autoprint(f->script);
	if (!v->keep_unused)
		script_drop_unused(f->script, &f->diag);
	ctx.di = job->di = debuginfo_new(f->arena, &nothing);
	if (!probe_resolve(&ctx, f->script, &job->probes) || !types_infer(f->script, &f->diag))
		return false;
	if (!v->unfolded)
		fold_script(f->script, v->keep_unused, &f->diag);
	return f->diag.errors == 0;
}

static bool lower(Job *job, const Variant *v)
{
	Fuzz *f = &job->f;
	LowerContext ctx = {.arena = f->arena,
			    .diag = &f->diag,
			    .kernel = &no_kernel,
			    .di = job->di,
			    .script = f->script,
			    .keep_empty = v->keep_unused};

	job->plan = plan_build(&ctx, f->script, &job->probes);
	return job->plan && job->plan->path == PATH_FTRACE && f->diag.errors == 0;
}

/* ---- the run ---- */

static int output(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("out", MFD_CLOEXEC);
	return fd;
}

static void run(Job *job, const Variant *v)
{
	EvalHost host = {.out_fd = output(),
			 .err_fd = output(),
			 .target = 42,
			 .module_name = "tapx_1",
			 .args = fuzz_conditions.args,
			 .n_args = fuzz_conditions.n_args};
	uint64_t now = START_NS;
	Eval *e = eval_new(job->f.arena, job->plan, &host, &v->limits, &job->f.diag);

	if (!e)
		return;
	eval_begin(e, now);
	for (int i = 0; i < TIMER_RUNS && eval_next_timer(e) != UINT64_MAX; i++) {
		now = eval_next_timer(e);
		eval_run_timer(e);
	}
	eval_end(e, now + 1);
	eval_stats(e, &job->stats);
	eval_free(e);
}

/* Return: what was printed, NULL when the script was refused; the caller frees it. */
static char *run_variant(Job *job, const uint8_t *data, size_t size, const Variant *v)
{
	char *text = NULL;
	off_t n;

	*job = (Job){0};
	fuzz_open(&job->f);
	if (fuzz_parse(&job->f, "fuzz", data, size) && elaborate(job, v) && lower(job, v)) {
		if (ftruncate(output(), 0) || lseek(output(), 0, SEEK_SET))
			abort();
		run(job, v);
		n = lseek(output(), 0, SEEK_CUR);
		text = calloc(1, (size_t)n + 1);
		if (!text || pread(output(), text, (size_t)n, 0) != n)
			abort();
	}
	debuginfo_free(job->di);
	fuzz_close(&job->f);
	return text;
}

/* Statements that are not there do not count: only runs without an error can be compared. */
static void compare(const char *text, const uint8_t *data, size_t size, const Variant *v)
{
	Job job;
	char *other = run_variant(&job, data, size, v);

	if (other && !job.stats.errors && strcmp(text, other) != 0)
		fuzz_fail("optimised:\n%s----\n%s:\n%s", text, v->unfolded ? "not" : "with -u",
			  other);
	free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Job job;
	char *text = run_variant(&job, data, size, &usual);
	bool comparable = text && job.repeats && !job.stats.errors;

	if (!text)
		return -1; /* not worth keeping: the types target has such */
	if (comparable) {
		compare(text, data, size, &unelided);
		compare(text, data, size, &unfolded);
	}
	free(run_variant(&job, data, size, &tiny));
	free(text);
	return 0;
}
