/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * lex: bytes -> tokens, of a file and of a script argument; what a tapset text defines. The list
 * must end, and its tokens must stand one behind the other inside the text.
 */
#include "fuzz.h"
#include "frontend/frontend_int.h"

const char fuzz_rule[] = "script";

static bool before(Loc a, Loc b)
{
	return a.line != b.line ? a.line < b.line : a.col < b.col;
}

static void check_list(Fuzz *f, const Token *t, const SourceFile *src)
{
	Loc last = {src, 1, 0};

	for (; t->kind != TK_EOF; t = t->next) {
		if (!before(last, t->loc) || t->loc.col > src->len)
			fuzz_fail("%s at %u:%u does not stand behind %u:%u", tok_text(f->arena, t),
				  t->loc.line, t->loc.col, last.line, last.col);
		last = t->loc;
	}
	if (t->next)
		fuzz_fail("something stands behind the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const SourceFile *src;
	Fuzz f;

	fuzz_open(&f);
	src = fuzz_source(&f, "fuzz", data, size);
	check_list(&f, lex_file(f.arena, src, &fuzz_conditions, &f.diag), src);
	lex_pasted(f.arena, src->text, (Loc){src, 1, 1}, &fuzz_conditions, &f.diag);
	library_defines(f.arena, src);
	fuzz_close(&f);
	return 0;
}
