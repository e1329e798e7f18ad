/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one decision: which path a script takes, and why. Rules look at the script (here) or are noted
 * while its handlers are split (reason_add from split.c and its neighbours); every Reason is kept, and
 * plan_choose() alone turns them into plan->path.
 */
#include "lower_int.h"

static const struct {
	const char *name;
	bool hard;
	const char *text;
} rules[] = {
#define RULE(name, hard, text) {#name, hard, text},
#include "rules.def"
#undef RULE
};

static bool same_loc(Loc a, Loc b)
{
	return a.file == b.file && a.line == b.line && a.col == b.col;
}

void reason_add(Lowering *l, Rule rule, Loc loc, const char *detail)
{
	Reason r = {.rule = rules[rule].name, .hard = rules[rule].hard, .loc = loc};

	for (int i = 0; i < l->plan->reasons.n; i++)
		if (l->plan->reasons.v[i].rule == r.rule && same_loc(l->plan->reasons.v[i].loc, loc))
			return;
	r.text = detail ? arena_printf(l->arena, "%s: %s", rules[rule].text, detail)
			: rules[rule].text;
	vec_push(l->arena, &l->plan->reasons, r);
}

/* ---- rules that look at the script ---- */

static bool is_target(const Node *n)
{
	return n && (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
		     n->kind == ND_ATVAR);
}

static bool is_write(Op op)
{
	return op == OP_ASSIGN || op == OP_SAMPLE || op_plain(op) != OP_COUNT ||
	       (op >= OP_PREINC && op <= OP_POSTDEC);
}

static void check_print(Lowering *l, const Node *n)
{
	for (int i = 0; i < n->print.pieces.n; i++)
		if (n->print.pieces.v[i].conv == 'm' || n->print.pieces.v[i].conv == 'M')
			reason_add(l, RULE_memory_dump, n->loc, NULL);
}

static bool visit_rules(void *ctx, Node **slot)
{
	Lowering *l = ctx;
	const Node *n = *slot;

	if (n->kind == ND_EMBED)
		reason_add(l, RULE_embedded_c, n->loc, NULL);
	else if (n->kind == ND_OP && is_write(n->op.op) && is_target(n->op.a))
		reason_add(l, RULE_target_write, n->loc, node_text(l->arena, n->op.a));
	else if (n->kind == ND_PRINT)
		check_print(l, n);
	return true;
}

static void check_functions(Lowering *l, const Script *s)
{
	for (int i = 0; i < s->functions.n; i++) {
		const Function *f = s->functions.v[i];
		Node *body = f->body;

		if (!f->used)
			continue;
		if (f->embed)
			reason_add(l, RULE_embedded_c, f->loc, f->name);
		if (body)
			node_walk(&body, visit_rules, l);
	}
}

/* ---- statistics at hot probes ---- */

typedef struct Sums {
	Lowering *l;
	VEC(const Function *) seen;
} Sums;

static bool is_seen(const Sums *s, const Function *f)
{
	for (int i = 0; i < s->seen.n; i++)
		if (s->seen.v[i] == f)
			return true;
	return false;
}

static bool visit_sums(void *ctx, Node **slot)
{
	Sums *s = ctx;
	const Node *n = *slot;

	if (n->kind == ND_OP && n->op.op == OP_SAMPLE)
		reason_add(s->l, RULE_aggregate, n->loc, NULL);
	for (int i = 0; n->kind == ND_CALL && i < n->call.fns.n; i++) {
		Function *f = n->call.fns.v[i];

		if (is_seen(s, f))
			continue;
		vec_push(s->l->arena, &s->seen, f);
		node_walk(&f->body, visit_sums, s);
	}
	return true;
}

static void check_sums(Lowering *l, const ResolvedProbes *probes)
{
	Sums s = {.l = l};

	for (int i = 0; i < probes->n; i++)
		if (probe_is_hot(probes->v[i]))
			node_walk(&probes->v[i]->body->block, visit_sums, &s);
}

static void check_hook(Lowering *l, const ResolvedProbe *p)
{
	if (p->hook == HOOK_PERF)
		reason_add(l, RULE_perf, p->loc, p->name);
	else if (p->hook == HOOK_DATA)
		reason_add(l, RULE_watchpoint, p->loc, p->name);
}

void choose_check(Lowering *l, const Script *s, const ResolvedProbes *probes)
{
	if (l->ctx->want_module && probes->n)
		reason_add(l, RULE_asked_for, probes->v[0]->loc, NULL);
	for (int i = 0; i < s->embeds.n; i++)
		if (!s->embeds.v[i]->loc.file->is_library) /* the library's has functions to serve */
			reason_add(l, RULE_embedded_c, s->embeds.v[i]->loc, NULL);
	check_functions(l, s);
	check_sums(l, probes);
	for (int i = 0; i < probes->n; i++) {
		node_walk(&probes->v[i]->condition, visit_rules, l);
		check_hook(l, probes->v[i]);
		node_walk(&probes->v[i]->body->block, visit_rules, l);
	}
}

bool plan_is_choice(const Plan *p)
{
	for (int i = 0; i < p->reasons.n; i++)
		if (p->reasons.v[i].hard)
			return false;
	return p->reasons.n > 0;
}

/* Hard reasons leave no choice. For soft ones a module is made where one can be had at once. */
void plan_choose(Lowering *l)
{
	Plan *p = l->plan;

	p->path = p->reasons.n ? PATH_MODULE : PATH_FTRACE;
	if (!plan_is_choice(p))
		return;
	p->no_module = l->ctx->no_module(l->ctx->no_module_ctx);
	if (p->no_module)
		p->path = PATH_FTRACE;
}
