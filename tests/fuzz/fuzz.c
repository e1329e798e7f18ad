/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first passes as main.c does them, but asking nothing of the host: the same input must do the
 * same everywhere.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

extern const struct LibraryFile tapset_embedded[];

/* The replay driver is built by compilers that go on after undefined behaviour. */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "halt_on_error=1:print_stacktrace=1";
}

/* Every object is an allocation of its own: what the sanitizer notes about each must be cheap. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "malloc_context_size=4:quarantine_size_mb=32:detect_stack_use_after_return=0";
}

static const char *config(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "CONFIG_SMP") ? "y" : !strcmp(name, "CONFIG_HZ") ? "250" : NULL;
}

static const char *const args[] = {"begin", "42", "x = 1; y", "@2", "text with \" and \\"};

const Conditions fuzz_conditions = {.kernel_release = "6.1.0-9-amd64",
				    .arch = "x86_64",
				    .runtime = "kernel",
				    .compatible = "5.6",
				    .guru = true,
				    .config = config,
				    .args = args,
				    .n_args = ARRAY_SIZE(args)};

static const char *const no_dirs[1];
const Library fuzz_library = {.dirs = no_dirs, .embedded = tapset_embedded};

FILE *fuzz_sink(void)
{
	static FILE *sink;

	if (!sink)
		sink = fopen("/dev/null", "w");
	return sink;
}

void fuzz_open(Fuzz *f)
{
	*f = (Fuzz){.arena = arena_new(), .diag.out = fuzz_sink(), .diag.color = true};
}

void fuzz_close(Fuzz *f)
{
	arena_free(f->arena);
}

SourceFile *fuzz_source(Fuzz *f, const char *name, const void *bytes, size_t n)
{
	SourceFile *src = NEW(f->arena, SourceFile);

	src->name = name;
	src->text = arena_strndup(f->arena, bytes, n);
	src->len = n;
	return src;
}

bool fuzz_parse(Fuzz *f, const char *name, const void *bytes, size_t n)
{
	f->script = script_new(f->arena);
	script_use_library(f->script, &fuzz_library);
	return script_parse(f->script, fuzz_source(f, name, bytes, n), &fuzz_conditions, &f->diag);
}

void fuzz_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("fuzz: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}
