/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of src/frontend: what golden files cannot show. Trees, copies, usage, the library's
 * index, the order of the passes. */
#include "frontend/frontend.h"
#include "test.h"

#include <stdlib.h>

static Arena *arena;
static Diag diag;
static Library no_library;
static const char *const args[] = {"one", "two words"};
static const Conditions cond = {.kernel_release = "6.1.0",
				.arch = "x86_64",
				.runtime = "kernel",
				.compatible = "5.1",
				.args = args,
				.n_args = 2};

static const SourceFile *source(const char *text)
{
	SourceFile *f = NEW(arena, SourceFile);

	f->name = "t.stp";
	f->text = text;
	f->len = strlen(text);
	return f;
}

static Script *parsed(const char *text)
{
	Script *s = script_new(arena);

	diag = (Diag){0};
	return script_parse(s, source(text), &cond, &diag) ? s : NULL;
}

static Script *resolved(const char *text, Library *lib)
{
	Script *s = script_new(arena);
	Conditions plain = cond;

	plain.n_args = 0;
	diag = (Diag){0};
	script_use_library(s, lib);
	if (!script_parse(s, source(text), &plain, &diag))
		return NULL;
	return library_resolve(s, lib, &plain, &diag) ? s : NULL;
}

static Script *typed(const char *text)
{
	Script *s = resolved(text, &no_library);

	if (!s)
		return NULL;
	script_autoprint(s);
	for (int i = 0; i < s->probes.n; i++)
		vec_push(arena, &s->bodies, body_clone(arena, s->probes.v[i]->body));
	return types_infer(s, &diag) ? s : NULL;
}

/* The expression of the first statement of the first probe. */
static Node *first_expr(const Script *s)
{
	return s->probes.v[0]->body->block->block.v[0]->unary.operand;
}

static void test_expressions(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
	    {"x = 1 + 2 * 3", "x = 1 + (2 * 3)"},
	    {"x = a . b + c", "x = a . (b + c)"},
	    {"x = a in b", "x = [a] in b"},
	    {"x = $a->b$$", "x = $a->b$$"},
	    {"x = &$a->b[1]", "x = &$a->b[1]"},
	    {"x = \"a\\n\\x41\" \"b\"", "x = \"a\\nAb\""},
	    {"x = @1 . @2", "x = \"one\" . \"two words\""},
	    {"x = $#", "x = 2"},
	    {"printf(\"%5.2s%%\", a)", "printf(\"%5.2s%%\", a)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		Script *s = parsed(arena_printf(arena, "probe begin { %s }", row[i].in));

		CHECK(s != NULL);
		if (s)
			CHECK_STR(node_text(arena, first_expr(s)), row[i].out);
	}
}

static void test_format_pieces(void)
{
	Script *s = parsed("probe begin { printf(\"a%%b%-5d%*.*s%%\", 1) }");
	const Node *n = s ? first_expr(s) : NULL;

	CHECK(n && n->print.pieces.n == 4);
	if (!n || n->print.pieces.n != 4)
		return;
	CHECK_STR(n->print.pieces.v[0].text, "a%b");
	CHECK(n->print.pieces.v[1].conv == 'd' && n->print.pieces.v[1].flag == '-');
	CHECK(n->print.pieces.v[1].width == 5 && n->print.pieces.v[1].precision == -1);
	CHECK(n->print.pieces.v[2].width == -2 && n->print.pieces.v[2].precision == -2);
	CHECK_STR(n->print.pieces.v[3].text, "%");
}

static void test_positions(void)
{
	Script *s = parsed("\n  probe begin {\n\t  foo(bar) }");
	const Node *n = s ? first_expr(s) : NULL;

	CHECK(n && n->loc.line == 3 && n->loc.col == 4);
	CHECK(n && n->call.args.v[0]->loc.col == 8);
}

static void test_clone(void)
{
	Script *s =
	    resolved("global g probe begin { x = g; try { foreach ([k] in a) x = k } catch (m) {} }"
		     " global a probe end { a[1] = 2 }",
		     &no_library);
	Body *b = s ? s->probes.v[0]->body : NULL, *copy;

	CHECK(b != NULL);
	if (!b)
		return;
	copy = body_clone(arena, b);
	CHECK_INT(copy->locals.n, 3);
	CHECK(copy->locals.v[0] != b->locals.v[0]);
	CHECK(copy->block->block.v[0]->unary.operand->op.a->var.sym == copy->locals.v[0]);
	CHECK(copy->block->block.v[0]->unary.operand->op.b->var.sym == s->globals.v[0]);
	CHECK(copy->block->block.v[1]->try.msg != b->block->block.v[1]->try.msg);
	copy->block->block.n = 0;
	CHECK_INT(b->block->block.n, 2);
}

static bool count_nodes(void *ctx, Node **slot)
{
	(void)slot;
	++*(int *)ctx;
	return true;
}

static void test_walk(void)
{
	Script *s =
	    parsed("probe begin { x = a[1, f(2)] ? @count(s) : $p->q[i]; if (y) delete z }");
	int n = 0;

	CHECK(s != NULL);
	if (!s)
		return;
	node_walk(&s->probes.v[0]->body->block, count_nodes, &n);
	CHECK_INT(n, 17);
}

static void test_pure(void)
{
	static const struct {
		const char *text;
		bool pure;
	} row[] = {
	    {"1 + a[2]", true},	     {"$x->y", true},
	    {"pid() . \"x\"", true}, {"sprintf(\"%d\", 1)", true},
	    {"a = 1", false},	     {"a++", false},
	    {"exit()", false},	     {"print(1)", false},
	    {"1 / a", false},	     {"1 / 2", true},
	    {"@count(a)", true},     {"@min(a)", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		Script *s = parsed(arena_printf(arena, "probe begin { %s }", row[i].text));
		Node *n = s ? first_expr(s) : NULL;

		if (n && n->kind == ND_CALL)
			n->call.builtin = builtin_find(n->call.name, n->call.args.n);
		if (n && n->kind == ND_OP && n->op.a && n->op.a->kind == ND_CALL)
			n->op.a->call.builtin = builtin_find(n->op.a->call.name, 0);
		CHECK(n && node_is_pure(n) == row[i].pure);
		if (n && node_is_pure(n) != row[i].pure)
			printf("\t%s\n", row[i].text);
	}
}

static void test_types(void)
{
	Script *s =
	    typed("global a, s probe begin { x = \"s\"; a[x, 1]++; s <<< 3; y = f(x) print(y) }"
		  " function f(p) { return strlen(p) }");

	CHECK(s != NULL);
	if (!s)
		return;
	CHECK(s->globals.v[0]->type == TY_LONG && s->globals.v[0]->n_keys == 2);
	CHECK(s->globals.v[0]->key[0] == TY_STRING && s->globals.v[0]->key[1] == TY_LONG);
	CHECK(s->globals.v[1]->type == TY_STATS);
	CHECK(s->functions.v[0]->type == TY_LONG);
	CHECK(s->functions.v[0]->params.v[0]->type == TY_STRING);
	CHECK_INT(s->probes.n, 2); /* the second prints a and s */
	CHECK_STR(s->probes.v[1]->points.v[0]->part.v[0].name, "end");
}

static bool not_autoprint(void *ctx, Node **slot)
{
	if ((*slot)->kind == ND_PRINT)
		*(bool *)ctx |= (*slot)->print.autoprint || !(*slot)->print.pieces.n;
	return true;
}

static void test_autoprint(void)
{
	Script *s = typed("global a, b probe begin { a[1] = \"x\"; b = &$p->q }");
	bool left = false;

	CHECK(s && s->bodies.n == 2);
	if (!s)
		return;
	node_walk(&s->bodies.v[1]->block, not_autoprint, &left);
	CHECK(!left);
	CHECK(s->globals.v[1]->pointer);
	s = typed("global a probe begin { a = 1; print(a) }");
	CHECK(s && s->probes.n == 1);
}

static void test_fold(void)
{
	Script *s =
	    typed("probe begin { if (1 + 1 == 2) print(\"y\"); else print(\"n\") dead = 5 }");

	CHECK(s != NULL);
	if (!s)
		return;
	fold_script(s, false, &diag);
	CHECK_INT(s->bodies.v[0]->block->block.n, 1);
	CHECK_INT(diag.warnings, 1);
}

/* ---- the library ---- */

static const char *const math_defines[] = {"square", "calls", NULL};
static const char *const vfs_defines[] = {"vfs.read", "vfs.write", NULL};
static const char *const macro_defines[] = {"@ten", NULL};
static const char *const broken_defines[] = {"broken", NULL};
static const struct LibraryFile embedded[] = {
    {"math.stp", "global calls function square(x) { calls++; return x * x }", math_defines},
    {"vfs.stp",
     "probe vfs.read = kernel.function(\"vfs_read\") { n = square(2) }"
     "probe vfs.write = kernel.function(\"vfs_write\") { n = 1 }",
     vfs_defines},
    {"macros.stpm", "@define ten %( 10 %)", macro_defines},
    {"broken.stp", "function broken( { }", broken_defines},
    {0},
};

static bool native(const ProbePoint *p)
{
	return p->part.n == 3;
}

static void test_library(void)
{
	Library lib = {.embedded = embedded, .is_native = native};
	Script *s = resolved("probe begin { print(@ten) }", &lib);

	CHECK(s && s->files.n == 2); /* the script and the macros */
	s = resolved("probe vfs.* { print(n) }", &lib);
	CHECK(s && s->files.n == 3 && s->probes.n == 2 && s->functions.n == 1);
	CHECK(s && s->globals.n == 1 && s->globals.v[0]->is_library);
	CHECK(!resolved("probe begin { nosuch() }", &lib));
	s = resolved("probe vfs.read.maxactive { }", &lib);
	CHECK(s && s->files.n == 2 && s->probes.v[0]->points.v[0]->part.n == 3);
	CHECK(!resolved("probe begin { broken() }", &lib));
	CHECK_INT(diag.warnings, 1); /* of the tapset file, that is dropped */
}

static void test_defines(void)
{
	const char **d = library_defines(
	    arena,
	    source("global a, b[5], c% = 3 private global p private function q() { global }\n"
		   "function f:long(x) { } probe x.y = z.function(\"a\") { } probe e { }\n"
		   "probe g += h.{i,j} { } @define m(a) %( 1 %) private r\n"
		   "%( 1 == 1 %? function c1() { %: function c2() { %) } global after"));
	static const char *const want[] = {"a",	 "b",  "c",  "f",     "x.y", "g",
					   "@m", "c1", "c2", "after", NULL};

	for (int i = 0; want[i] || d[i]; i++) {
		CHECK(want[i] && d[i]);
		if (!want[i] || !d[i])
			break;
		CHECK_STR(d[i], want[i]);
	}
}

static void test_unless(void)
{
	Script *s = resolved("probe a = k.one, k.two { } probe a !, b.c, d { }", &no_library);

	CHECK(s && s->probes.n == 3);
	if (!s || s->probes.n != 3)
		return;
	CHECK_INT(s->probes.v[0]->points.n, 2);
	CHECK_INT(s->probes.v[0]->unless.n, 0);
	CHECK(s->probes.v[1]->unless.n == 1 && s->probes.v[1]->unless.v[0] == s->probes.v[0]);
	CHECK_INT(s->probes.v[2]->unless.n, 1);
	CHECK(s->probes.v[0]->points.v[0]->optional && !s->probes.v[0]->points.v[0]->sufficient);
}

static void test_builtins(void)
{
	CHECK(builtin_find("pid", 0) && !builtin_find("pid", 1) && builtin_find("pid", -1));
	CHECK(builtin_find("@kderef", 2) != NULL);
	CHECK(builtin_row(BUILTIN_COUNT) == NULL);
	for (int i = 0; i < BUILTIN_COUNT; i++)
		CHECK_INT(builtin_row(i)->id, i);
}

int main(void)
{
	arena = arena_new();
	test_expressions();
	test_format_pieces();
	test_positions();
	test_clone();
	test_walk();
	test_pure();
	test_types();
	test_autoprint();
	test_fold();
	test_library();
	test_defines();
	test_unless();
	test_builtins();
	arena_free(arena);
	return test_end("frontend_test");
}
