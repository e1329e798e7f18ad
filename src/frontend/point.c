/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Probe points: dotted components with wildcards, one literal argument each, brace groups that are
 * multiplied out, and `?`, `!`, `if (condition)` behind. What a point means is src/probe's affair.
 */
#include "frontend/frontend_int.h"

static void components(Parser *p, PointVec *paths);
static void suffixes(Parser *p, PointVec *paths);

static bool continues_name(const Token *t)
{
	return t->glued && (t->kind == TK_NAME || t->kind == TK_NUM || tok_is(t, "*"));
}

/* sys*open is three tokens with nothing between them. */
static const char *component_name(Parser *p)
{
	const char *name;

	if (p->tok->kind != TK_NAME && !peek(p, "*"))
		unexpected(p, "a part of a probe point");
	name = advance(p)->text;
	while (continues_name(p->tok))
		name = arena_printf(p->a, "%s%s", name, advance(p)->text);
	return name;
}

/* In a tapset file .../PATH/usr/bin/x.stp, process("name") means /usr/bin/name. */
static const char *absolute_program(Parser *p, const char *name)
{
	const char *file = p->unit->file->name, *path = strstr(file, "/PATH/"), *end;

	if (!p->unit->file->is_library || !path || name[0] == '/')
		return name;
	path += strlen("/PATH");
	end = strrchr(path, '/');
	return arena_printf(p->a, "%.*s/%s", (int)(end - path), path, name);
}

static void component_argument(Parser *p, Component *c)
{
	if (p->tok->kind == TK_STR) {
		c->arg = ARG_STR;
		c->str = advance(p)->text;
	} else if (p->tok->kind == TK_NAME) {
		parse_fail(p, DIAG_BAD_LITERAL, p->tok->loc,
			   "a probe point takes a string or a number; write \"%s\" in quotes",
			   p->tok->text);
	} else {
		c->arg = ARG_NUM;
		c->num = expect_number(p, "the argument of a probe point");
	}
	expect(p, ")", "after the argument of a probe point");
	if (c->arg == ARG_STR && !strcmp(c->name, "process"))
		c->str = absolute_program(p, c->str);
}

static Component component(Parser *p)
{
	Component c = {.loc = p->tok->loc};

	c.name = component_name(p);
	if (accept(p, "("))
		component_argument(p, &c);
	return c;
}

static ProbePoint *point_join(Arena *a, const ProbePoint *head, const ProbePoint *tail)
{
	ProbePoint *pt = NEW(a, ProbePoint);

	pt->loc = head->part.n || !tail->part.n ? head->loc : tail->loc;
	for (int i = 0; i < head->part.n; i++)
		vec_push(a, &pt->part, head->part.v[i]);
	for (int i = 0; i < tail->part.n; i++)
		vec_push(a, &pt->part, tail->part.v[i]);
	pt->optional = tail->optional;
	pt->sufficient = tail->sufficient;
	pt->condition = tail->condition;
	return pt;
}

/* Every path so far followed by every alternative. */
static void multiply(Parser *p, PointVec *paths, const PointVec *by)
{
	PointVec product = {0};

	if ((int64_t)paths->n * by->n > MOST_POINTS)
		parse_fail(p, DIAG_TOO_MANY_PROBES, paths->v[0]->loc,
			   "the braces of this point make more than %d of it", MOST_POINTS);
	for (int i = 0; i < paths->n; i++)
		for (int j = 0; j < by->n; j++)
			vec_push(p->a, &product, point_join(p->a, paths->v[i], by->v[j]));
	*paths = product;
}

static void start_path(Parser *p, PointVec *paths)
{
	ProbePoint *pt = NEW(p->a, ProbePoint);

	pt->loc = p->tok->loc;
	vec_push(p->a, paths, pt);
}

static void braces(Parser *p, PointVec *paths)
{
	PointVec all = {0};

	parse_deeper(p);
	do {
		PointVec branch = {0};

		start_path(p, &branch);
		components(p, &branch);
		suffixes(p, &branch);
		for (int i = 0; i < branch.n; i++)
			vec_push(p->a, &all, branch.v[i]);
	} while (accept(p, ","));
	expect(p, "}", "after the alternatives");
	p->depth--;
	multiply(p, paths, &all);
}

static void components(Parser *p, PointVec *paths)
{
	do {
		if (accept(p, "{")) {
			braces(p, paths);
		} else {
			Component c = component(p);

			for (int i = 0; i < paths->n; i++)
				vec_push(p->a, &paths->v[i]->part, c);
		}
	} while (accept(p, "."));
}

Node *point_conditions(Arena *a, const Node *outer, const Node *inner)
{
	Node *n;

	if (!outer || !inner)
		return node_clone(a, outer ? outer : inner);
	n = node_new(a, ND_OP, outer->loc);
	n->op.op = OP_LAND;
	n->op.a = node_clone(a, outer);
	n->op.b = node_clone(a, inner);
	return n;
}

/* ?, ! and if (condition) behind @paths: for all of them. Conditions of braces inside are kept. */
static void suffixes(Parser *p, PointVec *paths)
{
	bool optional = accept(p, "?"), sufficient = !optional && accept(p, "!");
	Node *condition = NULL;

	if (accept(p, "if")) {
		expect(p, "(", "after 'if'");
		condition = parse_expr(p);
		expect(p, ")", "after the condition");
	}
	for (int i = 0; i < paths->n; i++) {
		ProbePoint *pt = paths->v[i];

		pt->optional |= optional || sufficient;
		pt->sufficient |= sufficient;
		if (condition)
			pt->condition = point_conditions(p->a, condition, pt->condition);
	}
}

/* One written point; with braces it may become several. */
static void point(Parser *p, PointVec *out)
{
	PointVec paths = {0};

	start_path(p, &paths);
	components(p, &paths);
	suffixes(p, &paths);
	for (int i = 0; i < paths.n; i++)
		vec_push(p->a, out, paths.v[i]);
}

void parse_points(Parser *p, PointVec *out)
{
	do
		point(p, out);
	while (accept(p, ","));
}
