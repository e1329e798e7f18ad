/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * log.c and the line numbers of embed.c: what a build says, at the script's place.
 */
#include "kmod/kmod_int.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char script_text[] = "%{\n"
				  "int key_put;\n"
				  "%}\n"
				  "probe kernel.function(\"my_key\") { x = %{ my_key() %} }\n";

static const char module_text[] = "#define X\n"
				  "#line 2 \"a b.stp\"\n"
				  "  {\n"
				  "#line 5 \"m.c\"\n"
				  "out:\n"
				  "}\n\n\n"
				  "int ours;\n";

/* Report @log against the script "a b.stp": what is shown, to be freed. */
static char *report(const char *log, bool built, bool *failed, int *warnings)
{
	Arena *a = arena_new();
	SourceFile file = {.name = "a b.stp", .text = script_text, .len = strlen(script_text)};
	Script s = {.arena = a};
	char *text = NULL;
	size_t len;
	Diag d = {.out = open_memstream(&text, &len)};

	vec_push(a, &s.files, &file);
	*failed = log_report(a, &d, &s, module_text, built, log);
	*warnings = d.warnings;
	fclose(d.out);
	arena_free(a);
	return text;
}

static void test_compiler(void)
{
	bool failed;
	int warnings;
	char *text = report("In file included from a b.stp:2:\n"
			    "a b.stp: In function 'embed_0':\n"
			    "a b.stp:2:5: warning: it is odd [-Wodd]\n"
			    "    2 | int key_put;\n"
			    "/tmp/x.c:7:1: warning: not ours\n"
			    "a b.stp:3:1: note: belongs to what is not ours\n"
			    "a b.stp:4:44: error: 'my_key' undeclared\n"
			    "a b.stp:4:44: note: each undeclared identifier is reported only once\n"
			    "a b.stp:2:5: note: here\n",
			    false, &failed, &warnings);

	CHECK(failed);
	CHECK_INT(warnings, 0); /* they may come of the errors */
	CHECK_STR(text, "a b.stp:4:44: error: 'my_key' undeclared [EMBEDDED_C]\n"
			"  4 | probe kernel.function(\"my_key\") { x = %{ my_key() %} }\n"
			"    |                                            ^\n"
			"a b.stp:2:5: note: here\n"
			"  2 | int key_put;\n"
			"    |     ^\n");
	free(text);
	text = report("/tmp/x.c:9:1: error: not ours\na b.stp: error\n", false, &failed, &warnings);
	CHECK(!failed && !*text);
	free(text);
}

static void test_warnings(void)
{
	bool failed;
	int warnings;
	char *text = report("a b.stp:2:5: warning: it is odd [-Wodd]\n"
			    "a b.stp:1:1: note: why\n"
			    "/tmp/x.c:7:1: warning: not ours\n"
			    "a b.stp:3:1: note: belongs to what is not ours\n",
			    true, &failed, &warnings);

	CHECK(!failed);
	CHECK_INT(warnings, 1);
	CHECK_STR(text, "a b.stp:2:5: warning: it is odd [-Wodd] [EMBEDDED_C]\n"
			"  2 | int key_put;\n"
			"    |     ^\n"
			"a b.stp:1:1: note: why\n"
			"  1 | %{\n"
			"    | ^\n");
	free(text);
}

static void test_linker(void)
{
	bool failed;
	int warnings;
	char *text = report("ERROR: modpost: \"my_key\" [/tmp/x.ko] undefined!\n", false, &failed, &warnings);

	CHECK(failed);
	CHECK(strstr(text, "a b.stp:4:42: error: 'my_key' is not exported") != NULL);
	free(text);
	text = report("ERROR: modpost: \"key\" [/tmp/x.ko] undefined!\n", false, &failed, &warnings);
	CHECK(!failed && !*text); /* no word of the script: a part of others */
	free(text);
}

static void test_braces(void)
{
	bool failed;
	int warnings;
	char *text = report("/tmp/m.c:5:1: error: odd\n", false, &failed, &warnings);

	CHECK(failed);
	CHECK(strstr(text, "a b.stp:2:1: error: the C that begins here does not end as it should: odd [") == text);
	free(text);
	text = report("/tmp/m.c: In function 'embed_0':\n/tmp/m.c:9:1: error: odd\n", false, &failed, &warnings);
	CHECK(failed && strstr(text, "a b.stp:2:1: error: ") == text);
	free(text);
	text = report("/tmp/m.c: In function 'f0_f':\n/tmp/m.c:9:1: error: ours\n", false, &failed, &warnings);
	CHECK(!failed && !*text);
	free(text);
	text = report("/tmp/m.c:1:1: error: ours\n", false, &failed, &warnings);
	CHECK(!failed && !*text);
	free(text);
}

static void test_line_numbers(void)
{
	Buf b = {0};

	embed_line_numbers("a\n#line 0\nb\n#line 0x\n#line 0", "m.c", &b);
	CHECK_STR(buf_str(&b), "a\n#line 3 \"m.c\"\nb\n#line 0x\n#line 6 \"m.c\"");
	buf_free(&b);
}

int main(void)
{
	test_compiler();
	test_warnings();
	test_linker();
	test_braces();
	test_line_numbers();
	return test_end("kmod");
}
