/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * parse: preprocessor and parser. A script that is accepted must print (-p1) as one that is
 * accepted, too, and prints the same. One exception: the dump has more parentheses than its source
 * had, so what was nested nearly too deep may now be.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

const char fuzz_rule[] = "script";

static char *tree_text(Script *s, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	dump_tree(s, out);
	fclose(out);
	return text;
}

static bool parse_dump(Fuzz *f, const char *text, size_t len)
{
	char *messages = NULL;
	size_t n;
	bool ok;

	f->diag.no_warnings = true;
	f->diag.out = open_memstream(&messages, &n);
	ok = fuzz_parse(f, "dump", text, len);
	fclose(f->diag.out);
	if (!ok && !strstr(messages, "[TOO_DEEP]"))
		fuzz_fail("the dump is not accepted:\n%s----\n%s", text, messages);
	free(messages);
	return ok;
}

static void check_dump(Fuzz *f)
{
	size_t len, again_len;
	char *text = tree_text(f->script, &len), *again = NULL;

	if (parse_dump(f, text, len)) {
		again = tree_text(f->script, &again_len);
		if (strcmp(text, again) != 0)
			fuzz_fail("the dump of the dump is another:\n%s----\n%s", text, again);
	}
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Fuzz f;

	fuzz_open(&f);
	if (fuzz_parse(&f, "fuzz", data, size))
		check_dump(&f);
	fuzz_close(&f);
	return 0;
}
