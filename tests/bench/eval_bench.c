/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * eval_bench: the evaluator alone. Runs handlers over synthetic records and prints, per handler,
 * the nanoseconds and the handlers per second.
 *
 * usage: eval_bench [COUNT]
 */
#define _GNU_SOURCE
#include "../unit/eval_rig.h"

#include <fcntl.h>
#include <time.h>

enum { NAMES = 64 };

static const struct {
	const char *name, *script;
} cases[] = {
    {"n++", "global n; probe ev { n++ }"},
    {"n[execname()]++", "global n; probe ev { n[execname()]++ }"},
    {"n[execname()]++ if", "global n; probe ev { if ($a0 > 10) n[execname()]++ }"},
    {"n[pid(), execname()] += $a0", "global n; probe ev { n[pid(), execname()] += $a0 }"},
    {"n[execname(), $a3]++", "global n; probe ev { n[execname(), $a3]++ }"},
    {"s[execname()] <<< $a0, hist_log", "global s; probe ev { s[execname()] <<< $a0 } probe end { "
					"foreach (k in s) print(@hist_log(s[k])) }"},
    {"n[$a0]++, 1M keys", "global n; probe ev { n[$a0 * 7919]++ }"},
    {"printf of four", "probe ev { printf(\"%s(%d) %d %x\\n\", execname(), pid(), $a0, $a1) }"},
    {"printf of four, widths",
     "probe ev { printf(\"%-16s %6d %10d %#x\\n\", execname(), tid(), $a0, $a1) }"},
    {"function call", "function f(a, b) { return a * 2 + b } global n; probe ev { n = f($a0, n) }"},
    {"loop of 100 (per round)", "global n; probe ev { for (i = 0; i < 100; i++) n += i }"},
    {"entry + return", "probe ev.entry { $a0 } probe ev.return { n += @entry($a0) } global n"},
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void run(Rig *r, long count, bool pair)
{
	char names[NAMES][16];

	for (int i = 0; i < NAMES; i++)
		snprintf(names[i], sizeof(names[i]), "proc-%d", i * 37);
	rig_text(r, RIG_A3, "/usr/share/zoneinfo/Europe/Berlin");
	for (long i = 0; i < count; i++) {
		rig_text(r, RIG_COMM, names[(i * 7 + (i >> 5)) % NAMES]);
		rig_put(r, RIG_A0, (uint64_t)(i & 0xfffff));
		rig_put(r, RIG_A1, (uint64_t)i << 20);
		if (pair) {
			rig_put(r, RIG_SP, 0xffff000000000000u + (uint64_t)(i & 7) * 64);
			rig_hit(r, 0, (uint64_t)i);
			rig_put(r, RIG_SP, 0xffff000000000008u + (uint64_t)(i & 7) * 64);
		}
		rig_hit(r, pair, (uint64_t)i);
	}
	eval_flush(r->eval);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 2000000;
	int null = open("/dev/null", O_WRONLY);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool pair = strstr(cases[i].script, "@entry") != NULL;
		long n = strstr(cases[i].name, "loop") ? count / 20 : count;
		Rig *r = rig_new(cases[i].script, NULL);
		uint64_t start;
		double each;

		if (!r)
			return 1;
		eval_set_output(r->eval, null);
		start = now_ns();
		run(r, n, pair);
		each = (double)(now_ns() - start) / (double)n;
		if (n != count)
			each /= 100;
		printf("%-36s %7.1f ns %8.2f M/s\n", cases[i].name, each, 1e3 / each);
		rig_free(r);
	}
	return 0;
}
