/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Probe aliases: a point that names an alias becomes the points of the alias, with its prologue in
 * front of the probe's statements and its epilogue behind. All share one scope; that is how an
 * alias hands variables to a probe. One written probe may become several, each with a body of its
 * own.
 */
#include "frontend/frontend_int.h"

#include <fnmatch.h>

#define MAX_ALIAS_DEPTH 32

typedef struct Expansion {
	Script *s;
	ProbeVec *out;
	const Conditions *cond;
	Diag *d;
	const Node *user; /* the statements as the user wrote them, for @probewrite */
	int depth;
	int most; /* probes in out: more is taken for a mistake */
} Expansion;

static void expand(Expansion *x, Probe *pr);

/* ---- which alias is meant ---- */

/* A name that begins with _ is internal: a wildcard in front does not find it. */
static bool component_match(const Component *c, const char *name)
{
	if (c->arg != ARG_NONE)
		return false;
	if (!strchr(c->name, '*'))
		return !strcmp(c->name, name);
	return !(c->name[0] == '*' && name[0] == '_') && fnmatch(c->name, name, 0) == 0;
}

static int match_from(const ProbePoint *p, int i, const ProbePoint *name, int j);

/* Part @i of @p has a "**", which also takes dots: some parts of @name from @j on. */
static int match_many(const ProbePoint *p, int i, const ProbePoint *name, int j)
{
	const char *glob = p->part.v[i].name;
	bool any = !strcmp(glob, "**");
	Buf text = {0};
	int end = any ? match_from(p, i + 1, name, j) : 0;

	if (any && i + 1 < p->part.n && !strcmp(p->part.v[i + 1].name, "**"))
		return end; /* **.** is **, and must not take exponential time */
	for (int k = j; k < name->part.n && !end; k++) {
		buf_printf(&text, "%s%s", k > j ? "." : "", name->part.v[k].name);
		if (fnmatch(glob, text.s, 0) == 0)
			end = match_from(p, i + 1, name, k + 1);
	}
	buf_free(&text);
	return end;
}

static int match_from(const ProbePoint *p, int i, const ProbePoint *name, int j)
{
	if (j == name->part.n)
		return i;
	if (i == p->part.n)
		return 0;
	if (strstr(p->part.v[i].name, "**") && p->part.v[i].arg == ARG_NONE)
		return match_many(p, i, name, j);
	return component_match(&p->part.v[i], name->part.v[j].name)
		   ? match_from(p, i + 1, name, j + 1)
		   : 0;
}

int alias_match(const ProbePoint *p, const ProbePoint *name)
{
	return match_from(p, 0, name, 0);
}

typedef struct Match {
	Alias *alias;
	const ProbePoint *name; /* the one of its names that matched */
	int taken;		/* components of the point */
	int named;		/* components of the alias name */
} Match;
typedef VEC(Match) MatchVec;

static bool has_wildcard(const ProbePoint *pt)
{
	for (int i = 0; i < pt->part.n; i++)
		if (strchr(pt->part.v[i].name, '*'))
			return true;
	return false;
}

static void try_alias(Expansion *x, const ProbePoint *pt, const AliasName *an, MatchVec *all)
{
	Match m = {an->alias, an->name, alias_match(pt, an->name), an->name->part.n};

	if (m.taken && !(an->alias->active && has_wildcard(pt))) /* a.x = a.* is not a.x */
		vec_push(x->s->arena, all, m);
}

static void collect(Expansion *x, const ProbePoint *pt, MatchVec *all)
{
	const struct Names *names = x->s->names;
	const char *root_name = pt->part.v[0].name;
	const AliasRoot *root = table_get(names->alias_roots, root_name);

	if (strchr(root_name, '*'))
		for (int i = 0; i < names->aliases.n; i++)
			try_alias(x, pt, &names->aliases.v[i], all);
	else if (root)
		for (int i = root->first; i >= 0; i = names->aliases.v[i].next)
			try_alias(x, pt, &names->aliases.v[i], all);
}

static bool is_native(const Expansion *x, const ProbePoint *pt)
{
	const Library *lib = x->s->names->lib;

	return lib && lib->is_native && lib->is_native(pt);
}

/* Those that match the whole point; if there are none, the longest of those that leave a suffix. */
static void choose(Expansion *x, const ProbePoint *pt, const MatchVec *all, MatchVec *chosen)
{
	int longest = 0;

	for (int i = 0; i < all->n; i++)
		if (all->v[i].taken == pt->part.n)
			vec_push(x->s->arena, chosen, all->v[i]);
	if (chosen->n || !all->n || is_native(x, pt) || !language_has(x->cond, pt->loc.file, "2.0"))
		return;
	for (int i = 0; i < all->n; i++)
		if (!all->v[i].alias->active && all->v[i].named > longest)
			longest = all->v[i].named;
	for (int i = 0; i < all->n; i++)
		if (!all->v[i].alias->active && all->v[i].named == longest)
			vec_push(x->s->arena, chosen, all->v[i]);
}

static void find_aliases(Expansion *x, const ProbePoint *pt, MatchVec *chosen)
{
	MatchVec all = {0};

	library_pull_aliases(x->s, pt, x->cond, x->d);
	collect(x, pt, &all);
	choose(x, pt, &all, chosen);
}

/* ---- @probewrite ---- */

struct WriteSearch {
	const char *name;
	bool found;
};

static bool writes_name(void *ctx, Node **slot)
{
	struct WriteSearch *w = ctx;
	const Node *n = *slot;

	if (n->kind == ND_OP && op_writes(n->op.op)) {
		const Node *a = n->op.a;
		const char *name = a->kind == ND_VAR	  ? a->var.name
				   : a->kind == ND_TARGET ? a->target.name
							  : NULL;

		w->found |= name && !strcmp(name, w->name);
	}
	return !w->found;
}

static bool replace_probewrite(void *ctx, Node **slot)
{
	Expansion *x = ctx;
	const Node *n = *slot, *var;
	Node *user = (Node *)x->user, *value;
	struct WriteSearch w = {0};

	if (n->kind != ND_PROBEWRITE)
		return true;
	var = n->unary.operand;
	w.name = var->kind == ND_TARGET ? var->target.name
		 : var->kind == ND_VAR	? var->var.name
					: NULL;
	if (w.name)
		node_walk(&user, writes_name, &w);
	value = node_new(x->s->arena, ND_NUM, n->loc);
	value->type = TY_LONG;
	value->num = w.found;
	*slot = value;
	return false;
}

/* ---- making the new probe ---- */

static Node *alias_free(Expansion *x, const Node *block)
{
	Node *copy = node_clone(x->s->arena, block);

	node_walk(&copy, replace_probewrite, x);
	return copy;
}

static Node *alias_block(Expansion *x, const Node *block)
{
	Node *copy = node_clone(x->s->arena, block);

	if (!copy)
		return NULL;
	copy->from_alias = true;
	node_walk(&copy, replace_probewrite, x);
	return copy;
}

static Body *join(Expansion *x, const Alias *al, const Body *inner)
{
	Arena *a = x->s->arena;
	Body *b = NEW(a, Body);
	Node *prologue = alias_block(x, al->prologue), *epilogue = alias_block(x, al->epilogue);

	b->loc = inner->loc;
	b->block = node_new(a, ND_BLOCK, inner->loc);
	if (prologue)
		vec_push(a, &b->block->block, prologue);
	vec_push(a, &b->block->block, node_clone(a, inner->block));
	if (epilogue)
		vec_push(a, &b->block->block, epilogue);
	return b;
}

/* A point of the alias, with what the user's point has behind the alias name. */
static ProbePoint *with_suffix(Arena *a, const ProbePoint *inner, const ProbePoint *pt, int taken)
{
	ProbePoint *q = NEW(a, ProbePoint);

	q->loc = pt->loc;
	for (int i = 0; i < inner->part.n; i++) {
		Component c = inner->part.v[i];

		vec_push(a, &q->part, c);
	}
	for (int i = taken; i < pt->part.n; i++)
		vec_push(a, &q->part, pt->part.v[i]);
	q->optional = inner->optional || pt->optional;
	q->sufficient = inner->sufficient;
	q->condition = point_conditions(a, pt->condition, inner->condition);
	return q;
}

static Probe *probe_like(Arena *a, const Probe *pr, const ProbeVec *unless)
{
	Probe *q = NEW(a, Probe);

	q->loc = pr->loc;
	q->is_library = pr->is_library;
	q->alias = pr->alias;
	for (int i = 0; i < unless->n; i++)
		vec_push(a, &q->unless, unless->v[i]);
	return q;
}

static void expand_match(Expansion *x, const Probe *pr, const ProbePoint *pt, const Match *m,
			 const ProbeVec *unless)
{
	Probe *q;

	if (x->out->n >= x->most) {
		diag_error(x->d, DIAG_TOO_MANY_PROBES, pr->loc,
			   "the aliases make more than %d probes of this one", MOST_POINTS);
		return;
	}
	if (m->alias->active || x->depth == MAX_ALIAS_DEPTH) {
		diag_error(x->d, DIAG_ALIAS_LOOP, m->alias->loc, "alias '%s' leads back to itself",
			   point_text(x->s->arena, m->alias->names.v[0]));
		return;
	}
	q = probe_like(x->s->arena, pr, unless);
	if (!q->alias)
		q->alias = point_text(x->s->arena, with_suffix(x->s->arena, m->name, pt, m->taken));
	for (int i = 0; i < m->alias->points.n; i++)
		vec_push(x->s->arena, &q->points,
			 with_suffix(x->s->arena, m->alias->points.v[i], pt, m->taken));
	q->body = join(x, m->alias, pr->body);
	m->alias->active = true;
	x->depth++;
	expand(x, q);
	x->depth--;
	m->alias->active = false;
}

static void expand_point(Expansion *x, const Probe *pr, ProbePoint *pt, const MatchVec *matches,
			 const ProbeVec *unless)
{
	Probe *q;

	for (int i = 0; i < matches->n; i++)
		expand_match(x, pr, pt, &matches->v[i], unless);
	if (matches->n && !(has_wildcard(pt) && is_native(x, pt))) /* b* is `begin` too */
		return;
	q = probe_like(x->s->arena, pr, unless);
	vec_push(x->s->arena, &q->points, pt);
	q->body = NEW(x->s->arena, Body);
	q->body->loc = pr->body->loc;
	q->body->block = alias_free(x, pr->body->block);
	vec_push(x->s->arena, x->out, q);
}

static void expand(Expansion *x, Probe *pr)
{
	Arena *a = x->s->arena;
	MatchVec *matches = NEW_ARRAY(a, MatchVec, pr->points.n);
	ProbeVec unless = {0};
	int matched = 0;

	for (int i = 0; i < pr->points.n; i++) {
		find_aliases(x, pr->points.v[i], &matches[i]);
		matched += matches[i].n;
	}
	if (!matched) {
		node_walk(&pr->body->block, replace_probewrite,
			  x); /* those in the user's own text */
		vec_push(a, x->out, pr);
		return;
	}
	for (int i = 0; i < pr->unless.n; i++)
		vec_push(a, &unless, pr->unless.v[i]);
	for (int i = 0; i < pr->points.n; i++) {
		int before = x->out->n;

		expand_point(x, pr, pr->points.v[i], &matches[i], &unless);
		for (int j = before; pr->points.v[i]->sufficient && j < x->out->n; j++)
			vec_push(a, &unless, x->out->v[j]);
	}
}

void alias_expand(Script *s, Probe *pr, ProbeVec *out, const Conditions *cond, Diag *d)
{
	Expansion x = {.s = s, .out = out, .cond = cond, .d = d, .user = pr->body->block};

	x.most = out->n + MOST_POINTS;
	expand(&x, pr);
}
