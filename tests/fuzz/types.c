/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * types: the whole frontend, to -p2. Every probe point counts as resolved, target variables are
 * numbers, as in tests/unit/front.c.
 */
#include "fuzz.h"

const char fuzz_rule[] = "script";

static void add_bodies(Fuzz *f)
{
	Script *s = f->script;

	for (int i = 0; i < s->probes.n; i++) {
		Body *b = body_clone(f->arena, s->probes.v[i]->body);

		fold_body(s, b);
		vec_push(f->arena, &s->bodies, b);
	}
}

static void dump_all(Fuzz *f)
{
	Script *s = f->script;

	dump_elaborated(s, fuzz_sink());
	for (int i = 0; i < s->bodies.n; i++) {
		fputs(point_text(f->arena, s->probes.v[i]->points.v[0]), fuzz_sink());
		dump_body(s->bodies.v[i], 1, fuzz_sink());
	}
}

static void elaborate(Fuzz *f)
{
	Script *s = f->script;

	if (!library_resolve(s, &fuzz_library, &fuzz_conditions, &f->diag))
		return;
	script_autoprint(s);
	add_bodies(f);
	if (!types_infer(s, &f->diag))
		return;
	fold_script(s, false, &f->diag);
	dump_all(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Fuzz f;

	fuzz_open(&f);
	if (fuzz_parse(&f, "fuzz", data, size))
		elaborate(&f);
	fuzz_close(&f);
	return 0;
}
