/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fuzz: what the fuzz targets share. A target is one file with fuzz_rule and
 * LLVMFuzzerTestOneInput(). clang links it with libFuzzer, and with mutate.c and grammar.c, which
 * know the language; any compiler links it with replay.c, which runs the corpus through it.
 *
 * A target finds two kinds of mistake: what the sanitizers see, and what fuzz_fail() is called for
 * (a dump that parses to another tree, output that depends on an optimisation ...).
 */
#ifndef TAPX_FUZZ_H
#define TAPX_FUZZ_H

#include "base/base.h"
#include "frontend/frontend.h"

/* The rule of grammar.def that a whole input of this target is derived from. */
extern const char fuzz_rule[];
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** struct Fuzz - one input on its way through the passes: fuzz_open() to fuzz_close(). */
typedef struct Fuzz {
	Arena *arena;
	Diag diag;
	Script *script;
} Fuzz;

void fuzz_open(Fuzz *f);
void fuzz_close(Fuzz *f);
/** fuzz_source - a SourceFile with a copy of the bytes, exactly as long as they are. */
SourceFile *fuzz_source(Fuzz *f, const char *name, const void *bytes, size_t n);
/** fuzz_parse - pass 1 into a new f->script. */
bool fuzz_parse(Fuzz *f, const char *name, const void *bytes, size_t n);
/** fuzz_sink - where messages and dumps go: formatted, then forgotten. */
FILE *fuzz_sink(void);
/** fuzz_fail - say what is wrong and abort(). */
_Noreturn void fuzz_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);

extern const Conditions fuzz_conditions;
extern const Library fuzz_library;

/* ---- grammar.c: random text ---- */

/** struct Rng - xorshift; the state must not be 0. */
typedef struct Rng {
	uint64_t state;
} Rng;
unsigned rng_below(Rng *r, unsigned n);

/** grammar_derive - append a random text of @rule to @b, at most about @limit bytes. */
void grammar_derive(Buf *b, const char *rule, Rng *r, size_t limit);

#endif
