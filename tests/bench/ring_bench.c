/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ring_bench: the reader alone. Arms a probe on raw_syscalls:sys_enter, records COUNT calls of
 * getppid on two processors, stops, and takes the records out with tracefs_next() and nothing
 * else.
 *
 * usage: ring_bench COUNT
 * prints	records     read
 *		lost        overwritten
 *		read_ns     processor time of this thread per record
 *		out_of_order  records older than one that came before
 */
#define _GNU_SOURCE
#include "base/base.h"
#include "debuginfo/debuginfo.h"
#include "frontend/frontend.h"
#include "lower/lower.h"
#include "probe/probe.h"
#include "tracefs/tracefs.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const struct LibraryFile tapset_embedded[];

static const char text[] = "global n; probe kernel.trace(\"raw_syscalls:sys_enter\") { n++ }";

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/** plan_of - the passes of main.c, for one script. */
static Plan *plan_of(Arena *a, Tracefs *t, Diag *d)
{
	static DebuginfoPaths paths;
	Conditions conditions = {.kernel_release = "6.0", .arch = "x86_64", .runtime = "kernel"};
	Library library = {.embedded = tapset_embedded};
	SourceFile *f = NEW(a, SourceFile);
	ProbeContext *pc = NEW(a, ProbeContext);
	LowerContext lc = {.arena = a, .diag = d, .kernel = tracefs_view(t), .probe = pc};
	Script *s = script_new(a);
	ResolvedProbes *probes = NEW(a, ResolvedProbes);

	*f = (SourceFile){.name = "bench", .text = text, .len = strlen(text)};
	*pc = (ProbeContext){
	    .arena = a, .diag = d, .kernel = tracefs_view(t), .di = debuginfo_new(a, &paths)};
	lc.di = pc->di;
	if (!script_parse(s, f, &conditions, d) || !library_resolve(s, &library, &conditions, d) ||
	    !probe_resolve(pc, s, probes) || !types_infer(s, d))
		return NULL;
	fold_script(s, false, d);
	return plan_build(&lc, s, probes);
}

static void make_calls(long n)
{
	pid_t pid[2];

	for (int cpu = 0; cpu < 2; cpu++) {
		cpu_set_t set;

		pid[cpu] = fork();
		if (pid[cpu])
			continue;
		prctl(PR_SET_NAME, "calls");
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
		for (long i = 0; i < n / 2; i++)
			syscall(SYS_getppid);
		_exit(0);
	}
	for (int cpu = 0; cpu < 2; cpu++)
		waitpid(pid[cpu], NULL, 0);
}

static void take_out(Tracefs *t)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID), took, last = 0, n = 0, wrong = 0;
	const Record *r;

	while (tracefs_next(t, UINT64_MAX, &r) > 0) {
		wrong += r->time < last;
		last = r->time;
		n++;
	}
	took = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	printf("records %llu\nlost %llu\nread_ns %.4g\nout_of_order %llu\n", (unsigned long long)n,
	       (unsigned long long)tracefs_total_overrun(t), (double)took / (double)(n ? n : 1),
	       (unsigned long long)wrong);
}

int main(int argc, char **argv)
{
	Arena *a = arena_new();
	Diag d = {.out = stderr};
	const char *why = "";
	Tracefs *t = tracefs_open(a, NULL, &why);
	long n = argc > 1 ? atol(argv[1]) : 1000000;
	ArmOptions o = {.diag = &d, .buffer_kb = 200 * 1024};

	if (!t) {
		fprintf(stderr, "ring_bench: %s\n", why);
		return 1;
	}
	o.plan = plan_of(a, t, &d);
	if (!o.plan || !tracefs_arm(t, &o))
		return 1;
	fflush(stdout);
	make_calls(n);
	tracefs_stop(t);
	take_out(t);
	tracefs_disarm(t, 2000);
	tracefs_close(t);
	return 0;
}
