/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * replay: a fuzz target without libFuzzer. A pack is a file of many inputs, each behind a line
 * "=== LENGTH" and followed by a newline, so that a corpus of texts reads (and compares) as text.
 *
 *	replay file...           run each input of each pack; a file that is no pack is one input
 *	replay --pack directory  write the files of a directory as a pack to stdout, small ones
 *first replay --unpack directory file...    the other way round replay --derive N        N inputs
 *from the grammar, from a seed that is always the same
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int n_inputs;
static const char *unpack_dir;
static const char head[] = "=== ";

static void unpack(const char *text, size_t n)
{
	Buf path = {0};
	FILE *out;

	buf_printf(&path, "%s/%05d", unpack_dir, n_inputs);
	out = fopen(path.s, "w");
	if (!out || fwrite(text, 1, n, out) != n || fclose(out))
		fuzz_fail("cannot write %s", path.s);
	buf_free(&path);
}

/* libFuzzer's inputs end where their memory ends, so ours do. */
static void run_one(const char *text, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	memcpy(copy, text, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void one_input(const char *text, size_t n)
{
	if (unpack_dir)
		unpack(text, n);
	else
		run_one(text, n);
	n_inputs++;
}

static void each_input(const char *path)
{
	Buf b = {0};
	size_t at = 0;

	if (read_file(path, &b) < 0)
		fuzz_fail("cannot read %s", path);
	if (strncmp(buf_str(&b), head, strlen(head)) != 0)
		one_input(buf_str(&b), b.n);
	while (at < b.n && !strncmp(b.s + at, head, strlen(head))) {
		char *text;
		size_t n = strtoul(b.s + at + strlen(head), &text, 10);

		text++;
		if (n > b.n - (size_t)(text - b.s))
			fuzz_fail("%s: an input is cut off", path);
		one_input(text, n);
		at = (size_t)(text - b.s) + n + 1;
	}
	buf_free(&b);
}

/* ---- packing ---- */

static void pack_text(const char *text, size_t n)
{
	printf("%s%zu\n", head, n);
	fwrite(text, 1, n, stdout);
	putchar('\n');
	n_inputs++;
}

static int by_size(const void *a, const void *b)
{
	const Buf *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int diff = n ? memcmp(x->s, y->s, n) : 0;

	return x->n != y->n ? (x->n > y->n) - (x->n < y->n) : diff;
}

static void pack_directory(const char *dir)
{
	Buf *input = NULL, path = {0};
	struct dirent **entry;
	int n = scandir(dir, &entry, NULL, alphasort), used = 0;

	if (n < 0)
		fuzz_fail("cannot read %s", dir);
	input = calloc((size_t)n + 1, sizeof(*input));
	for (int i = 0; i < n; i++) {
		path.n = 0;
		buf_printf(&path, "%s/%s", dir, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' && read_file(path.s, &input[used]) == 0)
			used++;
		free(entry[i]);
	}
	qsort(input, (size_t)used, sizeof(*input), by_size);
	for (int i = 0; i < used; i++) {
		pack_text(buf_str(&input[i]), input[i].n);
		buf_free(&input[i]);
	}
	buf_free(&path);
	free(input);
	free(entry);
}

static void derive(int count)
{
	Rng rng = {0x9e3779b97f4a7c15u};

	while (n_inputs < count) {
		Buf b = {0};

		grammar_derive(&b, fuzz_rule, &rng, 2000);
		pack_text(buf_str(&b), b.n);
		buf_free(&b);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";
	int i = 1;

	if (!strcmp(what, "--pack")) {
		pack_directory(argv[2]);
		return 0;
	}
	if (!strcmp(what, "--derive")) {
		derive(atoi(argv[2]));
		return 0;
	}
	if (argc > 3 && !strcmp(argv[1], "--unpack")) {
		unpack_dir = argv[2];
		i = 3;
	}
	for (; i < argc; i++)
		each_input(argv[i]);
	printf("%d passed, 0 failed\n", n_inputs);
	return 0;
}
