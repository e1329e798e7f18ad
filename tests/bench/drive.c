/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * drive: one measurement of one tracer. It starts a command that traces, waits until its probe
 * is in place, makes the calls that are traced, ends the command with SIGINT, and prints what that
 * took as lines "KEY VALUE". Everything that is compared is measured by this one program in the
 * same way.
 *
 * usage: drive [OPTION]... [--] [COMMAND [ARG]...]       (no COMMAND: the calls alone)
 *
 *	-f TEXT      wait until TEXT is in the command's output: first_ms, from exec to there
 *	-F TEXT      the same in its standard error
 *	-a FUNCTION  wait until the kernel's enabled_functions has FUNCTION: armed_ms
 *	-w MS        then wait so long
 *	-O           somebody opens /bench-open every 200 us from before the start to the end
 *	-b           a process keeps another processor busy while the calls are made
 *	-g KIND      the calls: read (1 byte of /dev/zero), getppid
 *	-n COUNT     how many
 *	-r RATE      so many a second instead of as fast as they go
 *	-d           drain: the command is stopped (SIGSTOP) while the calls are made, then
 *	             let go on until it sleeps again and uses no more processor time
 *	-l MS        before SIGINT wait so long
 *	-x GLOB      gone_ms: from SIGINT until no file matches GLOB (the tracer may leave
 *	             its cleaning up to another process)
 *	-R TIMES     run it to its end so often, without all of the above: run_ms and
 *	             run_cpu_ms, the medians
 *	-o FILE      the command's output; default /dev/null
 *	-e FILE      its standard error; default /dev/null
 *
 * prints	call_ns      median over 20 blocks of the time of one call
 *		gen_ms       all calls
 *		cpu_ms       user and system time of the command and its children
 *		work_cpu_ms  the same from the first call on
 *		drain_ms, drain_cpu_ms  -d: from SIGCONT to there, and its processor time
 *		end_ms       from SIGINT to its exit
 *		hwm_kb, anon_kb  its VmHWM and RssAnon before SIGINT
 *		lines        -o FILE: lines in it
 *		status       its exit status; 1000 + N: ended by signal N
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"
#define GIVE_UP_MS 60000.0
enum { BLOCKS = 20, END_S = 30 };

static const char *first, *first_err, *function, *kind, *leaves, *out_path, *err_path;
static long n_calls, rate, wait_ms, linger_ms, times;
static bool opener, drain, busy;
static pid_t tracer, opener_pid, busy_pid;
static uint64_t started;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double ms_since(uint64_t t)
{
	return (double)(now() - t) / 1e6;
}

static void sleep_ms(double ms)
{
	struct timespec t = {(time_t)(ms / 1e3), (long)((uint64_t)(ms * 1e6) % 1000000000u)};

	nanosleep(&t, NULL);
}

static void report(const char *key, double value)
{
	printf("%s %.6g\n", key, value);
}

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "drive: %s: %s\n", what, strerror(errno));
	if (tracer > 0)
		kill(tracer, SIGKILL);
	if (opener_pid > 0)
		kill(opener_pid, SIGKILL);
	exit(1);
}

/* ---- the output of the command, when a text is waited for ---- */

typedef struct Sink {
	int fd, file;
	const char *text;
	uint64_t found; /* when; 0 not yet */
	char last[4096];
	size_t n;
} Sink;

static void look(Sink *s, const char *p, size_t n)
{
	if (s->n + n > sizeof(s->last)) { /* the text may lie across two reads */
		size_t keep = s->n < 256 ? s->n : 256;

		memmove(s->last, s->last + s->n - keep, keep);
		s->n = keep;
	}
	if (n > sizeof(s->last) - s->n)
		n = sizeof(s->last) - s->n;
	memcpy(s->last + s->n, p, n);
	s->n += n;
	if (memmem(s->last, s->n, s->text, strlen(s->text)))
		__atomic_store_n(&s->found, now(), __ATOMIC_RELEASE);
}

static void *read_sink(void *arg)
{
	Sink *s = arg;
	char buf[3072];
	ssize_t n;

	while ((n = read(s->fd, buf, sizeof(buf))) > 0) {
		if (!s->found)
			look(s, buf, (size_t)n);
		if (write(s->file, buf, (size_t)n) < 0)
			break;
	}
	return NULL;
}

static int open_for(const char *path)
{
	int fd = open(path ? path : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		die(path);
	return fd;
}

/** sink_open - what the command gets as descriptor: the file itself, or a pipe that is watched. */
static int sink_open(Sink *s, const char *text, const char *path)
{
	int fds[2];

	s->file = open_for(path);
	s->text = text;
	if (!text)
		return s->file;
	if (pipe2(fds, O_CLOEXEC))
		die("pipe");
	s->fd = fds[0];
	return fds[1];
}

static void sink_start(Sink *s)
{
	pthread_t t;

	if (s->text && pthread_create(&t, NULL, read_sink, s))
		die("thread");
}

static double sink_wait(const Sink *s)
{
	uint64_t found;

	while (!(found = __atomic_load_n(&s->found, __ATOMIC_ACQUIRE))) {
		if (ms_since(started) > GIVE_UP_MS || waitpid(tracer, NULL, WNOHANG) == tracer) {
			errno = ETIME;
			die("the command never printed what was waited for");
		}
		sleep_ms(0.2);
	}
	return (double)(found - started) / 1e6;
}

/* ---- the calls ---- */

static int zero_fd;

static inline void one_call(void)
{
	char c;

	if (zero_fd >= 0) {
		if (read(zero_fd, &c, 1) != 1)
			die("read");
	} else {
		syscall(SYS_getppid);
	}
}

/* As fast as they go, or in portions of 1000 with a wait for the clock in between. */
static double block(long n)
{
	uint64_t start = now();

	for (long i = 0; i < n; i++) {
		if (rate && i % 1000 == 0)
			while ((now() - start) / 1000 < (uint64_t)i * 1000000 / (uint64_t)rate)
				;
		one_call();
	}
	return (double)(now() - start) / (double)n;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void start_busy(void)
{
	pid_t parent = getpid();

	busy_pid = fork();
	if (busy_pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		for (volatile int i = 0; i < 1000000; i++)
			;
	_exit(0);
}

static void make_calls(void)
{
	double took[BLOCKS];
	uint64_t start;

	if (busy)
		start_busy();
	zero_fd = strcmp(kind, "read") == 0 ? open("/dev/zero", O_RDONLY | O_CLOEXEC) : -1;
	start = now();
	if (rate) {
		took[0] = block(n_calls);
	} else {
		for (int i = 0; i < BLOCKS; i++)
			took[i] = block(n_calls / BLOCKS);
		qsort(took, BLOCKS, sizeof(*took), by_value);
	}
	report("call_ns", rate ? took[0] : (took[BLOCKS / 2] + took[(BLOCKS - 1) / 2]) / 2);
	report("gen_ms", ms_since(start));
	if (busy_pid)
		kill(busy_pid, SIGKILL);
}

static void start_opener(void)
{
	pid_t parent = getpid();

	opener_pid = fork();
	if (opener_pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "bench-opener");
	while (getppid() == parent) {
		int fd = open("/bench-open", O_RDONLY);

		if (fd >= 0)
			close(fd);
		sleep_ms(0.2);
	}
	_exit(0);
}

/* ---- the command ---- */

static void start_tracer(char **argv, int out, int err)
{
	started = now();
	tracer = fork();
	if (tracer < 0)
		die("fork");
	if (tracer)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL); /* ignored in what a shell runs in the background */
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execvp(argv[0], argv);
	fprintf(stderr, "drive: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/** file_has_word - a line of @path starts with @word and a blank. */
static bool file_has_word(const char *path, const char *word)
{
	char line[512];
	bool found = false;
	FILE *f = fopen(path, "re");

	if (!f)
		die(path);
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, word, strlen(word)) && line[strlen(word)] == ' ';
	fclose(f);
	return found;
}

static void wait_armed(void)
{
	while (!file_has_word(TRACING "enabled_functions", function)) {
		if (ms_since(started) > GIVE_UP_MS || waitpid(tracer, NULL, WNOHANG) == tracer) {
			errno = ETIME;
			die("the command never armed its probe");
		}
		sleep_ms(2);
	}
	report("armed_ms", ms_since(started));
}

/** status_kb - a line of /proc/PID/status. */
static double status_kb(const char *key)
{
	char path[64], line[256];
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tracer);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			kb = strtod(line + strlen(key) + 1, NULL);
	if (f)
		fclose(f);
	return kb;
}

/** cpu_so_far - ms on a processor, of all its threads. */
static double cpu_so_far(void)
{
	char path[64];
	double ns = 0, all = 0;
	glob_t g;

	snprintf(path, sizeof(path), "/proc/%d/task/*/schedstat", (int)tracer);
	if (glob(path, 0, NULL, &g))
		return 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "re");

		if (f && fscanf(f, "%lf", &ns) == 1)
			all += ns;
		if (f)
			fclose(f);
	}
	globfree(&g);
	return all / 1e6;
}

static char state_of(pid_t pid)
{
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (f)
		fclose(f);
	return state;
}

/** let_drain - until it mostly sleeps, 6 times 10 ms in a row. */
static void let_drain(void)
{
	double before = cpu_so_far(), last = before, done = 0, used = 0, at = 0;
	uint64_t start = now();
	int quiet = 0;

	kill(tracer, SIGCONT);
	while (quiet < 6 && ms_since(start) < GIVE_UP_MS) {
		double cpu, then = at;

		sleep_ms(10);
		at = ms_since(start);
		cpu = cpu_so_far();
		quiet = state_of(tracer) == 'S' && cpu - last < 0.3 * (at - then) ? quiet + 1 : 0;
		last = cpu;
		if (quiet <= 1) {
			done = at;
			used = cpu - before;
		}
	}
	report("drain_ms", done);
	report("drain_cpu_ms", used);
}

static double cpu_of(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static void wait_gone(uint64_t since)
{
	glob_t g;

	while (!glob(leaves, 0, NULL, &g)) {
		globfree(&g);
		if (ms_since(since) > GIVE_UP_MS)
			break;
		sleep_ms(1);
	}
	report("gone_ms", ms_since(since));
}

static void count_lines(void)
{
	char buf[65536];
	size_t n;
	double lines = 0;
	FILE *f = fopen(out_path, "re");

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		for (size_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	if (f)
		fclose(f);
	report("lines", lines);
}

static void give_up(int sig)
{
	(void)sig;
	kill(tracer, SIGKILL);
}

static void end_tracer(double cpu_before)
{
	struct rusage u;
	int status;
	uint64_t ended;

	report("hwm_kb", status_kb("VmHWM"));
	report("anon_kb", status_kb("RssAnon"));
	ended = now();
	signal(SIGALRM, give_up);
	alarm(END_S);
	kill(tracer, SIGINT);
	if (wait4(tracer, &status, 0, &u) != tracer)
		die("wait");
	alarm(0);
	report("end_ms", ms_since(ended));
	report("cpu_ms", cpu_of(&u));
	report("work_cpu_ms", cpu_of(&u) - cpu_before);
	report("status", WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
	if (leaves)
		wait_gone(ended);
	if (out_path)
		count_lines();
}

static void measure(char **argv)
{
	Sink out = {0}, err = {0};
	int fds[2] = {sink_open(&out, first, out_path), sink_open(&err, first_err, err_path)};
	double cpu;

	if (opener)
		start_opener();
	start_tracer(argv, fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	sink_start(&out);
	sink_start(&err);
	if (first || first_err)
		report("first_ms", sink_wait(first ? &out : &err));
	if (function)
		wait_armed();
	sleep_ms((double)wait_ms);
	cpu = cpu_so_far();
	if (drain)
		kill(tracer, SIGSTOP);
	if (kind)
		make_calls();
	if (drain)
		let_drain();
	sleep_ms((double)linger_ms);
	end_tracer(cpu);
	if (opener_pid)
		kill(opener_pid, SIGKILL);
}

/** measure_whole - how long it takes from start to end. */
static void measure_whole(char **argv)
{
	double *took = calloc((size_t)times, sizeof(*took)),
	       *cpu = calloc((size_t)times, sizeof(*cpu));
	struct rusage u;
	int out = open_for(out_path), err = open_for(err_path), status;

	for (long i = 0; i < times; i++) {
		start_tracer(argv, out, err);
		if (wait4(tracer, &status, 0, &u) != tracer || status)
			die("the command failed");
		took[i] = ms_since(started);
		cpu[i] = cpu_of(&u);
	}
	qsort(took, (size_t)times, sizeof(*took), by_value);
	qsort(cpu, (size_t)times, sizeof(*cpu), by_value);
	report("run_ms", took[times / 2]);
	report("run_cpu_ms", cpu[times / 2]);
	free(took);
	free(cpu);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+f:F:a:w:Obg:n:r:dl:x:R:o:e:")) > 0) {
		switch (c) {
		case 'f':
			first = optarg;
			break;
		case 'F':
			first_err = optarg;
			break;
		case 'a':
			function = optarg;
			break;
		case 'w':
			wait_ms = atol(optarg);
			break;
		case 'O':
			opener = true;
			break;
		case 'b':
			busy = true;
			break;
		case 'g':
			kind = optarg;
			break;
		case 'n':
			n_calls = atol(optarg);
			break;
		case 'r':
			rate = atol(optarg);
			break;
		case 'd':
			drain = true;
			break;
		case 'l':
			linger_ms = atol(optarg);
			break;
		case 'x':
			leaves = optarg;
			break;
		case 'R':
			times = atol(optarg);
			break;
		case 'o':
			out_path = optarg;
			break;
		case 'e':
			err_path = optarg;
			break;
		default:
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (optind < argc && times > 0)
		measure_whole(argv + optind);
	else if (optind < argc)
		measure(argv + optind);
	else if (kind)
		make_calls();
	return 0;
}
