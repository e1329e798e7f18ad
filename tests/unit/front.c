/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * front: the frontend alone, for tests. Every probe point counts as resolved, target variables are
 * numbers. Usage: front MODE [-g] [-u] [-I dir] [-G name=value] [--compatible=V] script.stp [args]
 *
 *   parse    the tree as source; then again from that text: it must be the same
 *   names    probes after aliases are expanded
 *   types    everything with its types, folded and elided
 */
#include "frontend/frontend.h"

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

/* Print the tree; parse what was printed: the tree must print the same again. */
static int run_parse(Front *f, Script *s)
{
	size_t len, again_len;
	char *text = tree_text(s, &len), *again;
	Script *second;
	int bad = 1;

	fputs(text, stdout);
	second = parse(f, source(f, "<dump>", text, len));
	if (second) {
		again = tree_text(second, &again_len);
		bad = strcmp(text, again) != 0;
		if (bad)
			printf("the dump of the dump is another:\n%s", again);
		free(again);
	}
	free(text);
	return bad;
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
	fputs("usage: front parse|names|types [-g] [-u] [-I dir] [-G name=value] script [args]\n",
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
	if (!options(&f, argc, argv))
		status = usage();
	else if (read_file(f.script, &text) < 0)
		fprintf(stderr, "front: cannot read %s\n", f.script);
	else
		status = run(&f, source(&f, f.script, buf_str(&text), text.n));
	buf_free(&text);
	arena_free(f.arena);
	return status;
}
