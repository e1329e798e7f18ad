/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * run: golden tests, one file a case. The head of a case says what to run, its tail what comes out:
 *
 *	// command: tapx -p1 %s
 *	// exit: 1
 *	(the script)
 *	a comment that begins with a line "expect:": what comes out on stdout and stderr
 *
 * In the command %s is a copy of the file without its tail, %d the directory of the case, and the
 *words `tapx` and `front` are $TAPX and $FRONT; a shell runs it. In the output these directories
 *are cut off, so that a case may lie anywhere. Exit 77 means skipped. Below a directory `ko` the
 *name of a case begins with a diagnostic tag, which must be in the output. `// known-to-fail: why`
 *turns a case around.
 *
 *	run [--accept] file|directory...	--accept writes what came out into the cases
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf */
#endif
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_LIMIT 20 /* seconds a case */
#define SKIPPED 77

struct text {
	char *s;
	size_t n;
};

static struct {
	bool accept;
	int passed, failed, skipped, known, accepted;
} sum;

static char work_dir[] = "/tmp/tapx-run-XXXXXX/"; /* where the copies are */

/* ---- text ---- */

static void add(struct text *t, const char *s, size_t n)
{
	t->s = realloc(t->s, t->n + n + 1);
	if (!t->s)
		abort();
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

static void adds(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

static void read_all(FILE *f, struct text *t)
{
	char chunk[4096];
	size_t n;

	add(t, "", 0);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		add(t, chunk, n);
}

/* @from with every @old replaced by @new. */
static struct text replaced(const struct text *from, const char *old, const char *new)
{
	struct text t = {0};
	const char *p = from->s, *at;

	while (*old && (at = strstr(p, old))) {
		add(&t, p, (size_t)(at - p));
		adds(&t, new);
		p = at + strlen(old);
	}
	adds(&t, p);
	return t;
}

/* ---- the head and the tail of a case ---- */

/* The rest of the line behind "// @key: " among the first lines, or NULL; to be freed. */
static char *header(const char *s, const char *key)
{
	for (int line = 0; line < 8 && *s; line++) {
		const char *end = strchr(s, '\n');
		size_t n = end ? (size_t)(end - s) : strlen(s), k = strlen(key);

		if (n > k + 4 && !strncmp(s, "// ", 3) && !strncmp(s + 3, key, k) &&
		    s[3 + k] == ':')
			return strndup(s + 3 + k + 2, n - k - 5);
		s += n + (end != NULL);
	}
	return NULL;
}

static const char *expectation(const struct text *file)
{
	const char *last = NULL;

	for (const char *p = file->s; (p = strstr(p, "/* expect:\n")); p++)
		last = p;
	return last;
}

static struct text expected(const struct text *file)
{
	const char *start = expectation(file), *end = NULL;
	struct text t = {0};

	adds(&t, "");
	if (!start)
		return t;
	start += strlen("/* expect:\n");
	for (const char *p = start; (p = strstr(p, "*/")); p++)
		end = p;
	if (end)
		add(&t, start, (size_t)(end - start));
	return t;
}

static void accept_output(const char *path, const struct text *file, const struct text *out)
{
	const char *at = expectation(file);
	FILE *f = fopen(path, "w");

	if (!f) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	fwrite(file->s, 1, at ? (size_t)(at - file->s) : file->n, f);
	fprintf(f, "/* expect:\n%s%s*/\n", out->s,
		out->n && out->s[out->n - 1] != '\n' ? "\n" : "");
	fclose(f);
	sum.accepted++;
}

/* ---- running ---- */

static const char *program(const char *word, size_t n)
{
	const char *env = n == 4 && !strncmp(word, "tapx", 4)	 ? "TAPX"
			  : n == 5 && !strncmp(word, "front", 5) ? "FRONT"
								 : NULL;

	return env ? getenv(env) : NULL;
}

/* @p stands at a %. Return: how much of the command was taken. */
static size_t placeholder(struct text *t, const char *p, const char *path, const char *copy)
{
	const char *slash = strrchr(path, '/');

	if (p[1] == 's')
		adds(t, copy);
	else if (p[1] == 'd')
		add(t, slash ? path : ".", slash ? (size_t)(slash - path) : 1);
	else
		add(t, p, 1);
	return p[1] == 's' || p[1] == 'd' ? 2 : 1;
}

static struct text command_line(const char *command, const char *path, const char *copy)
{
	struct text t = {0};

	for (const char *p = command; *p;) {
		size_t n = strcspn(p, " \t|;&()%");
		const char *prog = program(p, n);

		if (prog)
			adds(&t, prog);
		else
			add(&t, p, n);
		p += n;
		if (*p == '%')
			p += placeholder(&t, p, path, copy);
		else if (*p)
			add(&t, p++, 1);
	}
	return t;
}

static void child(const char *command, int out)
{
	setpgid(0, 0);
	alarm(TIME_LIMIT);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	close(out);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Return: the exit status, 128 + signal when it was killed. */
static int run_command(const char *command, struct text *out)
{
	int fd[2], status;
	pid_t pid;
	FILE *f;

	if (pipe(fd) < 0)
		return 127;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child(command, fd[1]);
	}
	close(fd[1]);
	f = fdopen(fd[0], "r");
	read_all(f, out);
	fclose(f);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* what it may have left in its group */
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The output without the directory in front of file names. */
static struct text normalised(const char *path, const struct text *out)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("");
	struct text one = replaced(out, work_dir, ""), two = replaced(&one, dir, "");

	free(dir);
	free(one.s);
	return two;
}

/* ---- judging ---- */

static void show_difference(const char *want, const char *got)
{
	char a[] = "/tmp/run-want-XXXXXX", b[] = "/tmp/run-got-XXXXXX", command[128];
	int fa = mkstemp(a), fb = mkstemp(b);

	if (fa < 0 || fb < 0 || write(fa, want, strlen(want)) < 0 ||
	    write(fb, got, strlen(got)) < 0)
		return;
	close(fa);
	close(fb);
	snprintf(command, sizeof(command), "diff -u %s %s | tail -n +3 | head -n 40", a, b);
	fflush(stdout);
	if (system(command) < 0)
		printf("(no diff)\n");
	unlink(a);
	unlink(b);
}

/* Below ko/ the name says which diagnostic must come. */
static bool tag_missing(const char *path, const char *out)
{
	const char *base = strrchr(path, '/');
	char tag[128];

	if (!base || base - path < 3 || strncmp(base - 3, "/ko", 3) != 0)
		return false;
	snprintf(tag, sizeof(tag), "[%.*s]", (int)strcspn(base + 1, "."), base + 1);
	return !strstr(out, tag);
}

static const char *judge(const char *path, const struct text *file, const struct text *out,
			 int status)
{
	struct text want = expected(file);
	char *exit_text = header(file->s, "exit");
	int exit_status = exit_text ? atoi(exit_text) : 0;
	const char *fault = NULL;

	if (strcmp(want.s, out->s) != 0)
		fault = "the output differs";
	else if (status != exit_status)
		fault = "the exit status differs";
	else if (tag_missing(path, out->s))
		fault = "the diagnostic that names the file is not in the output";
	free(want.s);
	free(exit_text);
	return fault;
}

static void report(const char *path, const struct text *file, const struct text *out, int status)
{
	const char *fault = judge(path, file, out, status);
	char *known = header(file->s, "known-to-fail");
	struct text want = expected(file);

	if (sum.accept && strcmp(want.s, out->s) != 0) {
		accept_output(path, file, out);
	} else if (fault && known) {
		sum.known++;
	} else if (fault || known) {
		sum.failed++;
		printf("FAIL %s: %s (exit %d)\n", path, fault ? fault : "known to fail, but works",
		       status);
		if (fault)
			show_difference(want.s, out->s);
	} else {
		sum.passed++;
	}
	free(want.s);
	free(known);
}

/* The case without its expectation, so that this cannot change what comes out. */
static char *write_copy(const char *path, const struct text *file)
{
	const char *base = strrchr(path, '/'), *tail = expectation(file);
	char *copy = NULL;
	FILE *f;

	if (asprintf(&copy, "%s%s", work_dir, base ? base + 1 : path) < 0)
		abort();
	f = fopen(copy, "w");
	if (f) {
		fwrite(file->s, 1, tail ? (size_t)(tail - file->s) : file->n, f);
		fclose(f);
	}
	return copy;
}

static void run_text(const char *path, const struct text *file, const char *command)
{
	char *copy = write_copy(path, file);
	struct text line = command_line(command, path, copy), out = {0}, clean;
	int status = run_command(line.s, &out);

	clean = normalised(path, &out);
	if (status == SKIPPED)
		sum.skipped++;
	else
		report(path, file, &clean, status);
	unlink(copy);
	free(copy);
	free(line.s);
	free(out.s);
	free(clean.s);
}

static void run_case(const char *path)
{
	struct text file = {0};
	FILE *f = fopen(path, "r");
	char *command;

	if (!f) {
		printf("FAIL %s: %s\n", path, strerror(errno));
		sum.failed++;
		return;
	}
	read_all(f, &file);
	fclose(f);
	command = header(file.s, "command");
	if (command)
		run_text(path, &file, command);
	free(command);
	free(file.s);
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void run_path(const char *path)
{
	struct dirent **list;
	char name[4096];
	struct stat st;
	int n;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		run_case(path);
		return;
	}
	n = scandir(path, &list, visible, alphasort);
	if (n < 0) {
		printf("FAIL %s: %s\n", path, strerror(errno));
		sum.failed++;
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, list[i]->d_name);
		run_path(name);
		free(list[i]);
	}
	free(list);
}

int main(int argc, char **argv)
{
	int i = 1;

	if (i < argc && !strcmp(argv[i], "--accept")) {
		sum.accept = true;
		i++;
	}
	if (i == argc) {
		fprintf(stderr, "usage: run [--accept] file|directory...\n");
		return 2;
	}
	work_dir[strlen(work_dir) - 1] = '\0';
	if (!mkdtemp(work_dir)) {
		perror(work_dir);
		return 2;
	}
	strcat(work_dir, "/");
	for (; i < argc; i++)
		run_path(argv[i]);
	rmdir(work_dir);
	printf("run: %d passed, %d failed, %d skipped, %d known to fail", sum.passed, sum.failed,
	       sum.skipped, sum.known);
	if (sum.accept)
		printf(", %d written", sum.accepted);
	printf("\n");
	return sum.failed != 0;
}
