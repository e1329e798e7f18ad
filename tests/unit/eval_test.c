/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evaluator over synthetic records: arrays against a simple model, statistics, number formats,
 * captured values, values kept from entry to return, timers, errors, output that nobody reads.
 */
#define _GNU_SOURCE
#include "eval_rig.h"
#include "eval/map.h"
#include "common/escape.h"
#include "common/fmt.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>

/* ---- arrays: random operations, the same on a plain table ---- */

enum { MODEL = 300, STEPS = 60000 };

static uint64_t seed = 88172645463325252u;

static unsigned next_random(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % n;
}

/* Keys whose text has all lengths around those that the hash treats differently. */
static Value text_key(unsigned i, char *buf)
{
	int n = snprintf(buf, 64, "%u-%.*s", i, (int)(i % 23), "abcdefghijklmnopqrstuvw");

	return (Value){.p = buf, .n = (uint32_t)n};
}

static int count_list(const Map *m)
{
	int n = 0;

	for (const Entry *e = m->head, *prev = NULL; e; prev = e, e = e->next) {
		if (e->prev != prev)
			return -1;
		n++;
	}
	return n;
}

static void map_random(const Symbol *sym)
{
	static int64_t model[MODEL];
	static bool there[MODEL];
	int live = 0, wrong = 0;
	char buf[64];
	Map m;

	memset(there, 0, sizeof(there));
	map_init(&m, sym, INT64_MAX, false);
	for (int step = 0; step < STEPS; step++) {
		unsigned i = next_random(MODEL);
		Value key[2] = {sym->key[0] == TY_STRING ? text_key(i, buf) : (Value){.num = i},
				{.num = -(int64_t)i}};
		uint32_t hash = map_hash(&m, key);
		Entry *e = map_find(&m, key, hash);

		wrong += (e != NULL) != there[i] || (e && e->val.num != model[i]);
		if (e && next_random(3) == 0) {
			map_delete(&m, e);
			there[i] = false;
			live--;
		} else if (!e) {
			e = map_insert(&m, key, hash);
			e->val.num = model[i] = step;
			there[i] = true;
			live++;
		}
		wrong += (int)m.n != live;
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(count_list(&m), live);
	map_done(&m);
}

static void test_maps(void)
{
	Symbol num = {.n_keys = 1, .type = TY_LONG, .key = {TY_LONG}};
	Symbol text = {.n_keys = 1, .type = TY_LONG, .key = {TY_STRING}};
	Symbol both = {.n_keys = 2, .type = TY_LONG, .key = {TY_STRING, TY_LONG}};

	map_random(&num);
	map_random(&text);
	map_random(&both);
}

static void test_map_text(void)
{
	Symbol sym = {.n_keys = 1, .type = TY_STRING, .key = {TY_LONG}};
	Value key = {.num = 1};
	char big[600];
	Entry *e;
	Map m;

	memset(big, 'x', sizeof(big));
	map_init(&m, &sym, 1, true);
	e = map_insert(&m, &key, map_hash(&m, &key));
	for (uint32_t n = 0; n < sizeof(big); n += 7)
		entry_set_str(&m, e, (Str){big, n});
	entry_set_str(&m, e, (Str){e->val.str.p + 10, 5});
	CHECK_INT(e->val.str.n, 5);
	key.num = 2;
	CHECK(!map_insert(&m, &key, map_hash(&m, &key)));
	map_done(&m);
}

/* ---- statistics ---- */

static void test_stat(void)
{
	struct rt_stat s = {0}, part[3] = {{0}};
	struct rt_hist h;

	for (int i = 0; i < 1000; i++)
		rt_stat_add(&s, i * 1000003);
	CHECK_INT(rt_stat_avg(&s), 499501498);
	CHECK_INT(rt_stat_variance(&s), 83417167167417416);
	for (int i = 0; i < 1000; i++)
		rt_stat_add(&part[1 + (i % 3 == 1)], i * 1000003);
	rt_stat_join(&part[0], &part[2]);
	rt_stat_join(&part[0], &part[1]);
	rt_stat_join(&part[0], &(struct rt_stat){0});
	CHECK(!memcmp(&part[0], &s, sizeof(s)));
	s = (struct rt_stat){0};
	rt_stat_add(&s, INT64_MIN + 1);
	rt_stat_add(&s, INT64_MIN + 3);
	CHECK_INT(s.min, INT64_MIN + 1);
	CHECK(!rt_hist_linear(&h, 0, 1000, 1));
	CHECK(!rt_hist_linear(&h, 10, 0, 1));
	CHECK(!rt_hist_linear(&h, 0, 10, 0));
	CHECK(rt_hist_linear(&h, -10, 10, 5));
	CHECK_INT(h.n, 7);
	CHECK_INT(rt_hist_bucket(&h, -11), 0);
	CHECK_INT(rt_hist_bucket(&h, -10), 1);
	CHECK_INT(rt_hist_bucket(&h, 14), 5);
	CHECK_INT(rt_hist_bucket(&h, 15), 6);
	rt_hist_log(&h);
	for (int i = 0; i < 62; i++) {
		CHECK_INT(rt_hist_low(&h, rt_hist_bucket(&h, INT64_C(1) << i)), INT64_C(1) << i);
		CHECK_INT(rt_hist_low(&h, rt_hist_bucket(&h, -(INT64_C(1) << i))),
			  -(INT64_C(1) << i));
	}
	CHECK_INT(rt_hist_low(&h, rt_hist_bucket(&h, 0)), 0);
	CHECK_INT(rt_hist_bucket(&h, INT64_MIN), 0);
}

/* ---- numbers as text, compared with the C library's ---- */

static void check_number(const struct rt_spec *s, int64_t v)
{
	char fmt[64], want[256], got[256], *end;
	int n = 0;

	n += snprintf(fmt + n, sizeof(fmt) - (size_t)n, "%%%.*s", s->flag != 0, &s->flag);
	if (s->width >= 0)
		n += snprintf(fmt + n, sizeof(fmt) - (size_t)n, "%d", s->width);
	if (s->precision >= 0)
		n += snprintf(fmt + n, sizeof(fmt) - (size_t)n, ".%d", s->precision);
	snprintf(fmt + n, sizeof(fmt) - (size_t)n, "ll%c", s->conv);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(want, sizeof(want), fmt, (long long)v);
#pragma GCC diagnostic pop
	end = rt_put_num(got, got + sizeof(got) - 1, s, v);
	*end = 0;
	CHECK_STR(got, want);
}

static void test_numbers(void)
{
	static const int64_t values[] = {1, 9, 10, 99, 100, 12345, -1, -99, INT64_MAX, INT64_MIN};
	static const char convs[] = "diuoxX", flags[] = {0, '0', '-'};

	for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
		for (const char *c = convs; *c; c++) {
			for (size_t f = 0; f < sizeof(flags); f++) {
				check_number(&(struct rt_spec){*c, flags[f], -1, -1}, values[v]);
				check_number(&(struct rt_spec){*c, flags[f], 30, -1}, values[v]);
				if (flags[f] != '0') /* there SystemTap is no C */
					check_number(&(struct rt_spec){*c, flags[f], 8, 5},
						     values[v]);
			}
			check_number(&(struct rt_spec){*c, '#', 25, -1}, values[v]);
		}
		check_number(&(struct rt_spec){'d', '+', 5, -1}, values[v]);
		check_number(&(struct rt_spec){'d', ' ', 5, -1}, values[v]);
	}
}

static void test_bounds(void)
{
	char buf[8];
	struct rt_spec wide = {'d', 0, 100, -1};

	CHECK(rt_put_num(buf, buf + 8, &wide, 7) == buf + 8);
	CHECK(rt_put_escaped(buf, buf + 3, "\n\n\n", 3) == buf + 2);
	CHECK(rt_put_hex(buf, buf + 4, UINT64_MAX) == buf + 4);
}

static void check_quoted(size_t room, const char *text, const char *want)
{
	char buf[64];
	char *end = rt_put_quoted(buf, buf + room, text, strlen(text));

	*end = 0;
	CHECK_STR(buf, want);
}

/* Escapes are whole, and nothing is written behind the end. */
static void test_quoted(void)
{
	check_quoted(4, "", "");
	check_quoted(5, "", "\"\"");
	check_quoted(5, "abc", "\"abc\"");
	check_quoted(5, "abcd", "\"\"...");
	check_quoted(12, "12345678901", "\"1234567\"...");
	check_quoted(10, "a\n\n\n\n", "\"a\\n\\n\"...");
	check_quoted(12, "\303\251\303\251", "\"\\u00E9\"...");
	check_quoted(30, "\303\251\377\303", "\"\\u00E9\\377\\303\"");
}

/* ---- records ---- */

static Rig *make(const char *text)
{
	Rig *r = rig_new(text, NULL);

	if (!r) {
		printf("cannot compile: %s\n", text);
		exit(1);
	}
	rig_text(r, RIG_COMM, "bash");
	rig_text(r, RIG_A3, "/etc/hostname");
	return r;
}

static void test_capture(void)
{
	Rig *r =
	    make("probe ev { printf(\"%s %d %d %d|%d %d %d %s|%d %d\\n\", execname(), pid(), tid(),"
		 " ppid(), $a0, $a1, $a2, $a3, gettimeofday_ns(), cpu()) }");

	rig_put(r, RIG_A0, 42);
	rig_put(r, RIG_A1, (uint64_t)-42);
	rig_put(r, RIG_A2, (uint32_t)-5);
	r->rec.cpu = 3;
	rig_hit(r, 0, 5000);
	CHECK_STR(rig_output(r, r->out), "bash 100 101 1|42 -42 -5 /etc/hostname|1000005000 3\n");
	rig_free(r);
}

static void test_count(void)
{
	Rig *r = make(
	    "global n, t, last probe ev if (last != 3) { n[execname()]++; t[$a3, tid()] += $a0; "
	    "last = $a0 } probe end { foreach (k in n) println(k, n[k]); "
	    "foreach ([a, b] in t) println(a, b, \" \", t[a, b]) }");

	for (int i = 1; i < 6; i++) {
		rig_text(r, RIG_COMM, i & 1 ? "odd" : "even");
		rig_put(r, RIG_A0, (uint64_t)i);
		rig_hit(r, 0, (uint64_t)i);
	}
	eval_end(r->eval, 100);
	CHECK_STR(rig_output(r, r->out), "odd3\neven2\n/etc/hostname101 15\n");
	rig_free(r);
}

/* A local may keep a view of the record; an array must not. */
static void test_record_text(void)
{
	Rig *r =
	    make("global keep, a probe ev { s = $a3; if (s != keep) a[s] = s . \"!\"; keep = s } "
		 "probe end { foreach (k in a) println(k, a[k]) println(keep) }");

	rig_hit(r, 0, 1);
	rig_text(r, RIG_A3, "/etc/passwd");
	rig_hit(r, 0, 2);
	rig_text(r, RIG_A3, "xxxxxxxxxxx");
	eval_end(r->eval, 3);
	CHECK_STR(rig_output(r, r->out),
		  "/etc/hostname/etc/hostname!\n/etc/passwd/etc/passwd!\n/etc/passwd\n");
	rig_free(r);
}

/* ---- entry and return ---- */

static void call_enter(Rig *r, int tid, uint64_t sp, uint64_t a0, const char *text)
{
	r->rec.tid = tid;
	rig_put(r, RIG_SP, sp);
	rig_put(r, RIG_A0, a0);
	rig_text(r, RIG_A3, text);
	rig_hit(r, 0, 1);
}

static void call_leave(Rig *r, int tid, uint64_t sp)
{
	r->rec.tid = tid;
	rig_put(r, RIG_SP, sp + (uint64_t)arch_ret_sp_delta());
	rig_text(r, RIG_A3, "gone");
	rig_hit(r, 1, 2);
}

static void test_entry(void)
{
	Rig *r = make("probe f.entry { $a0; $a3; 100 / $a0 } probe f.return "
		      "{ printf(\"%d %s\\n\", @entry($a0), @entry($a3)); "
		      "try { println(@entry(100 / $a0)) } catch (m) { println(m) } }");
	EvalStats s;

	call_enter(r, 1, 0xffff1000, 1, "one");
	call_enter(r, 2, 0xffff1000, 2, "two"); /* another thread, the same stack pointer */
	call_enter(r, 1, 0xffff0f00, 3, "nested");
	call_leave(r, 1, 0xffff0f00);
	call_leave(r, 2, 0xffff1000);
	call_leave(r, 1, 0xffff1000);
	CHECK_STR(rig_output(r, r->out), "3 nested\n33\n2 two\n50\n1 one\n100\n");
	call_leave(r, 1, 0xffff1000); /* its entry was taken */
	call_leave(r, 3, 0xffff1000); /* never seen */
	eval_stats(r->eval, &s);
	CHECK_INT(s.skipped, 2);
	call_enter(r, 1, 0xffff1000, 4, "lost return");
	call_enter(r, 1, 0xffff1000, 0, "replaces it");
	call_leave(r, 1, 0xffff1000);
	CHECK_STR(rig_output(r, r->out), "0 replaces it\ndivision by 0\n");
	eval_stats(r->eval, &s);
	CHECK_INT(s.errors, 0);
	rig_free(r);
}

static void test_entry_many(void)
{
	Rig *r =
	    make("probe f.entry { $a0 } probe f.return { n++; if (@entry($a0) != tid()) bad++ } "
		 "global n, bad probe end { println(n, \" \", bad) }");
	EvalStats s;

	for (int i = 0; i < 200000; i++) /* more than are kept */
		call_enter(r, i, 0xffff1000, (uint64_t)i, "");
	for (int i = 199000; i < 200000; i++)
		call_leave(r, i, 0xffff1000);
	call_leave(r, 5, 0xffff1000);
	eval_end(r->eval, 3);
	eval_stats(r->eval, &s);
	CHECK_INT(s.skipped, 1);
	CHECK_STR(rig_output(r, r->out), "1000 0\n");
	rig_free(r);
}

/* ---- timers ---- */

static void test_timers(void)
{
	Rig *r = make(
	    "probe timer.ns(300) { println(\"a \", ktime_get_ns() / 100) } "
	    "probe timer.ns(200) { println(\"b \", ktime_get_ns() / 100); if (++n == 4) exit() } "
	    "global n");
	char all[256] = "";

	eval_begin(r->eval, 0);
	CHECK_INT((long long)eval_next_timer(r->eval), 200);
	for (int i = 0; i < 20 && !eval_exiting(r->eval); i++) {
		uint64_t due = eval_next_timer(r->eval);
		size_t n = strlen(all);

		eval_run_timer(r->eval);
		snprintf(all + n, sizeof(all) - n, "%c%llu ", *rig_output(r, r->out),
			 (unsigned long long)due);
	}
	CHECK_STR(all, "b200 a300 b400 a600 b600 b800 ");
	CHECK(eval_next_timer(r->eval) == UINT64_MAX);
	rig_free(r);
}

/* ---- errors ---- */

static void test_errors(void)
{
	EvalLimits limits = {.max_errors = 2};
	Rig *r = rig_new("probe ev { println(1 / $a0) } probe end { println(\"end\") } "
			 "probe error { println(\"error\") }",
			 &limits);
	EvalStats s;

	for (int i = 0; i < 5; i++) {
		rig_put(r, RIG_A0, i == 1);
		rig_hit(r, 0, 1);
	}
	CHECK(eval_exiting(r->eval));
	eval_end(r->eval, 9);
	eval_stats(r->eval, &s);
	CHECK_INT(s.errors, 3);
	CHECK_INT(s.records, 4);
	CHECK_STR(rig_output(r, r->out), "1\nerror\n");
	CHECK(strstr(rig_output(r, r->err), "ERROR: division by 0 near operator '/' at test:1:22"));
	rig_free(r);
}

static void test_closed_output(void)
{
	Rig *r = make("probe ev { println(\"x\") }");
	int fd[2];
	EvalStats s;

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fd))
		return;
	close(fd[0]);
	eval_set_output(r->eval, fd[1]);
	rig_hit(r, 0, 1);
	eval_flush(r->eval);
	eval_stats(r->eval, &s);
	CHECK(s.write_failed);
	CHECK(eval_exiting(r->eval));
	close(fd[1]);
	eval_set_output(r->eval, r->out);
	rig_free(r);
}

/* More output than the buffer holds, in pieces of all sizes. */
static void test_much_output(void)
{
	Rig *r = make("probe ev { printf(\"%*s|%s\\n\", $a0, \"x\", $a3) }");
	long total = 0;
	FILE *copy = tmpfile();

	eval_set_output(r->eval, fileno(copy));
	for (int i = 0; i < 3000; i++) {
		rig_put(r, RIG_A0, (uint64_t)(i % 977 + 1));
		rig_hit(r, 0, 1);
		total += i % 977 + 1 + 15;
	}
	eval_flush(r->eval);
	CHECK_INT(lseek(fileno(copy), 0, SEEK_END), total);
	fclose(copy);
	rig_free(r);
}

int main(void)
{
	test_maps();
	test_map_text();
	test_stat();
	test_numbers();
	test_bounds();
	test_quoted();
	test_capture();
	test_count();
	test_record_text();
	test_entry();
	test_entry_many();
	test_timers();
	test_errors();
	test_closed_output();
	test_much_output();
	return test_end("eval");
}
