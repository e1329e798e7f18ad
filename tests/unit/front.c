/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * front: the frontend alone, for tests. Every probe point counts as resolved, target variables are
 * numbers. Usage: front MODE [-g] [-u] [-I dir] [-G name=value] [--compatible=V] script.stp [args]
 *
 *   parse    the tree as source; then again from that text: it must be the same
 *   names    probes after aliases are expanded
 *   types    everything with its types, folded and elided
 *   dumps    front dumps FILE...: only whether the dump of each file (that is a script) parses to
 * the same tree; $1 and the like are all "begin"
 */
#include "frontend/frontend.h"
#include "same_tree.h"

#include <stdlib.h>
#include <string.h>

typedef struct Front {
	const char *mode, *script, *assign;
	bool keep_unused;
	const char *dirs[8];
	Conditions cond;
	Library lib;
	Arena *arena;
	Diag diag;
} Front;

static const char *config(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "CONFIG_SMP") ? "y" : !strcmp(name, "CONFIG_HZ") ? "250" : NULL;
}

static const SourceFile *source(Front *f, const char *name, const char *text, size_t len)
{
	SourceFile *src = NEW(f->arena, SourceFile);

	src->name = name;
	src->text = arena_strndup(f->arena, text, len);
	src->len = len;
	return src;
}

static Script *parse(Front *f, const SourceFile *src)
{
	Script *s = script_new(f->arena);

	script_use_library(s, &f->lib);
	return script_parse(s, src, &f->cond, &f->diag) ? s : NULL;
}

static char *tree_text(Script *s, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	dump_tree(s, out);
	fclose(out);
	return text;
}

/* Parse @text, which was printed from @s: it must be the same tree and print the same again. */
static bool is_faithful(Front *f, const Script *s, const char *text, size_t len)
{
	Script *second = parse(f, source(f, "<dump>", text, len));
	char *again;
	bool same;

	if (!second)
		return false;
	again = tree_text(second, &len);
	same = !strcmp(text, again);
	if (!same)
		printf("the dump of the dump is another:\n%s", again);
	else if (!(same = same_tree(s, second)))
		printf("the dump parses to another tree\n");
	free(again);
	return same;
}

static int run_parse(Front *f, Script *s)
{
	size_t len;
	char *text = tree_text(s, &len);
	bool good;

	fputs(text, stdout);
	good = is_faithful(f, s, text, len);
	free(text);
	return !good;
}

/* Return: 1 parsed and faithful, 0 not a script (of today), -1 the dump is wrong. */
static int check_dump(Front *f, const char *path)
{
	FILE *out = f->diag.out;
	Buf file = {0};
	Script *s = NULL;
	size_t len;
	char *text;
	int result = 0;

	f->diag.out = NULL;
	if (read_file(path, &file) == 0)
		s = parse(f, source(f, path, buf_str(&file), file.n));
	f->diag.out = out;
	buf_free(&file);
	if (s) {
		text = tree_text(s, &len);
		result = is_faithful(f, s, text, len) ? 1 : -1;
		free(text);
	}
	if (result < 0)
		printf("%s: the dump is not what was read\n", path);
	return result;
}

static int run_dumps(Front *f, char **path)
{
	static const char *const args[] = {"begin", "begin", "begin", "begin", "begin",
					   "begin", "begin", "begin", "begin"};
	int good = 0, bad = 0;

	f->cond.guru = true;
	f->cond.args = args;
	f->cond.n_args = (int)ARRAY_SIZE(args);
	for (; *path; path++) {
		int result = check_dump(f, *path);

		good += result > 0;
		bad += result < 0;
	}
	if (good < 300)
		printf("only %d scripts\n", good);
	printf("%d dumps differ\n", bad);
	return good < 300 || bad;
}

static void print_probes(Script *s)
{
	for (int i = 0; i < s->probes.n; i++) {
		const Probe *pr = s->probes.v[i];

		for (int j = 0; j < pr->points.n; j++)
			printf("%s%s%s%s", j ? ", " : "", point_text(s->arena, pr->points.v[j]),
			       pr->points.v[j]->sufficient ? " !"
			       : pr->points.v[j]->optional ? " ?"
							   : "",
			       pr->points.v[j]->condition ? " if" : "");
		printf("%s\n", pr->unless.n ? " (unless another)" : "");
		dump_body(pr->body, 1, stdout);
	}
}

static int run_types(Front *f, Script *s)
{
	script_autoprint(s);
	if (!f->keep_unused)
		script_drop_unused(s, &f->diag);
	for (int i = 0; i < s->probes.n; i++) {
		Body *b = body_clone(f->arena, s->probes.v[i]->body);

		fold_body(s, b);
		vec_push(f->arena, &s->bodies, b);
	}
	if (!types_infer(s, &f->diag))
		return 1;
	fold_script(s, f->keep_unused, &f->diag);
	dump_elaborated(s, stdout);
	puts("# probes");
	for (int i = 0; i < s->bodies.n; i++) {
		printf("%s\n", point_text(f->arena, s->probes.v[i]->points.v[0]));
		dump_body(s->bodies.v[i], 1, stdout);
	}
	return 0;
}

static int run(Front *f, const SourceFile *src)
{
	Script *s = parse(f, src);

	if (!s)
		return 1;
	if (!strcmp(f->mode, "parse"))
		return run_parse(f, s);
	if (!library_resolve(s, &f->lib, &f->cond, &f->diag))
		return 1;
	if (f->assign && !script_set_global(s, f->assign, &f->diag))
		return 1;
	if (strcmp(f->mode, "names") != 0)
		return run_types(f, s);
	print_probes(s);
	return 0;
}

static int usage(void)
{
	fputs("usage: front parse|names|types|dumps [-g] [-u] [-I dir] [-G name=value] script "
	      "[args]\n",
	      stderr);
	return 2;
}

static bool options(Front *f, int argc, char **argv)
{
	int i = 2;

	if (argc < 3)
		return false;
	f->mode = argv[1];
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-g"))
			f->cond.guru = true;
		else if (!strcmp(argv[i], "-u"))
			f->keep_unused = true;
		else if (!strncmp(argv[i], "--compatible=", 13))
			f->cond.compatible = argv[i] + 13;
		else if (!strcmp(argv[i], "-I") && i + 1 < argc && f->lib.n_dirs < 8)
			f->dirs[f->lib.n_dirs++] = argv[++i];
		else if (!strcmp(argv[i], "-G") && i + 1 < argc)
			f->assign = argv[++i];
		else
			return false;
	}
	if (i == argc)
		return false;
	f->script = argv[i];
	f->cond.args = (const char *const *)argv + i + 1;
	f->cond.n_args = argc - i - 1;
	return true;
}

int main(int argc, char **argv)
{
	Front f = {
	    .arena = arena_new(),
	    .diag.out = stdout, /* one stream, so that the order is fixed */
	    .cond =
		{
		    .kernel_release = "6.1.0-9-amd64",
		    .arch = "x86_64",
		    .runtime = "kernel",
		    .compatible = "5.6",
		    .config = config,
		},
	};
	Buf text = {0};
	int status = 2;

	f.lib.dirs = f.dirs;
	if (argc > 2 && !strcmp(argv[1], "dumps"))
		status = run_dumps(&f, argv + 2);
	else if (!options(&f, argc, argv))
		status = usage();
	else if (read_file(f.script, &text) < 0)
		fprintf(stderr, "front: cannot read %s\n", f.script);
	else
		status = run(&f, source(&f, f.script, buf_str(&text), text.n));
	buf_free(&text);
	arena_free(f.arena);
	return status;
}
