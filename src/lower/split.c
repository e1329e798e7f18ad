/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Splits a handler: what can only be read at the hit becomes captures of its event, and the body
 * keeps ND_CAPTURE nodes in their place; all the rest is computed afterwards. In a return probe
 * what belongs to the function's entry becomes a saved value of a second event at the entry.
 */
#include "lower_int.h"

#include <string.h>

EventDef *split_event(Split *s)
{
	if (!s->at_entry)
		return s->e;
	if (!s->entry && s->entry_event)
		s->entry = s->entry_event(s);
	return s->entry;
}

static bool is_target_kind(NodeKind k)
{
	return k == ND_TARGET || k == ND_CAST || k == ND_DEREF || k == ND_ATVAR;
}

static bool constant_add(const Split *s, const Node *n, Fetch *ret)
{
	const Node *a = n->op.a, *b = n->op.b;
	bool sub = n->op.op == OP_SUB;

	if (!sub && a->kind == ND_NUM) {
		const Node *t = a;

		a = b;
		b = t;
	}
	if (b->kind != ND_NUM || !node_fetch(s, a, ret) || ret->kind != FK_NUM || ret->bit_size)
		return false;
	ret->add += sub ? -b->num : b->num;
	return true;
}

bool node_fetch(const Split *s, const Node *n, Fetch *ret)
{
	switch ((int)n->kind) {
	case ND_NUM:
		*ret = (Fetch){.base = FB_IMM, .value = n->num, .size = 8};
		return true;
	case ND_OP:
		return (n->op.op == OP_ADD || n->op.op == OP_SUB) && constant_add(s, n, ret);
	case ND_TARGET:
	case ND_CAST:
	case ND_DEREF:
	case ND_ATVAR:
		if (n->target.fetch)
			*ret = *n->target.fetch;
		return n->target.fetch != NULL;
	case ND_CALL:
		return n->call.builtin && n->call.builtin->cls == BI_READ && read_fetch(s, n, ret);
	default:
		return false;
	}
}

Node *capture_node(Split *s, const Fetch *f, const Node *orig)
{
	EventDef *e = split_event(s);
	const char *why = NULL;
	Node *n = node_new(s->l->arena, ND_CAPTURE, orig->loc);

	n->type = f->kind == FK_NUM ? TY_LONG : TY_STRING;
	n->capture.orig = node_clone(s->l->arena, orig);
	if (e)
		n->capture.capture = event_capture(s->l, e, f, &why);
	if (n->capture.capture)
		return n;
	if (e)
		reason_add(s->l, RULE_long_chain, orig->loc, why);
	else
		reason_add(s->l, RULE_no_context, orig->loc, NULL);
	return NULL;
}

/** entry_index - the saved value that equals @operand, or a new one. */
static int entry_index(Split *s, Node *operand)
{
	NodeVec *values = &s->h->entry_values;
	const char *text = node_text(s->l->arena, operand);

	for (int i = 0; i < values->n; i++)
		if (!strcmp(node_text(s->l->arena, values->v[i]), text))
			return i;
	vec_push(s->l->arena, values, operand);
	return values->n - 1;
}

Node *split_entry(Split *s, Node *operand)
{
	Node *n = node_new(s->l->arena, ND_ENTRY, operand->loc);

	n->type = operand->type;
	n->unary.entry_slot = entry_index(s, operand);
	n->unary.operand = operand;
	return n;
}

static void target_node(Split *s, Node **slot)
{
	Node *n = *slot;

	if (n->target.at_entry && !s->at_entry) {
		Node *operand = node_clone(s->l->arena, n);

		operand->target.at_entry = false;
		*slot = split_entry(s, operand);
		return;
	}
	if (n->target.fetch && n->target.fetch->base == FB_ANSWER) { /* a text that was typed */
		*slot = node_new(s->l->arena, ND_CALL, n->loc);
		(*slot)->type = n->type;
		(*slot)->call.builtin = builtin_find("__input", 0);
		(*slot)->call.name = "__input";
		return;
	}
	if (n->target.fetch) {
		Node *c = capture_node(s, n->target.fetch, n);

		if (c)
			*slot = c;
		return;
	}
	reason_add(s->l, RULE_dynamic_read, n->loc, node_text(s->l->arena, n));
}

static void call_node(Split *s, Node **slot)
{
	Node *n = *slot;
	EventDef *e;

	if (n->call.builtin && n->call.builtin->cls == BI_READ) {
		read_call(s, slot);
		return;
	}
	e = split_event(s);
	if (n->call.builtin && n->call.builtin->needs && e)
		event_need(s->l, e, n->call.builtin->needs);
	if (n->call.fns.n)
		specialise_call(s, n);
	for (int i = 0; e && i < n->call.fns.n; i++)
		event_need(s->l, e, function_needs(s->l, n->call.fns.v[i]));
}

static bool visit(void *ctx, Node **slot)
{
	Split *s = ctx;
	Node *n = *slot;

	if (is_target_kind(n->kind)) {
		target_node(s, slot);
		return false;
	}
	if (n->kind == ND_ENTRY) {
		*slot = split_entry(s, n->unary.operand);
		return false;
	}
	if (n->kind == ND_CALL) {
		call_node(s, slot);
		return *slot == n;
	}
	return n->kind != ND_CAPTURE;
}

void split_walk(Split *s, Node **slot)
{
	node_walk(slot, visit, s);
}

static void split_entry_values(Split *s)
{
	s->at_entry = true;
	for (int i = 0; i < s->h->entry_values.n; i++)
		split_walk(s, &s->h->entry_values.v[i]);
	s->at_entry = false;
}

void split_handler(Split *s)
{
	split_walk(s, &s->h->body->block);
	if (s->h->condition)
		split_walk(s, &s->h->condition);
	if (!s->h->entry_values.n)
		return;
	s->at_entry = true;
	if (!split_event(s)) {
		reason_add(s->l, RULE_no_context, s->h->entry_values.v[0]->loc, "@entry");
		return;
	}
	split_entry_values(s);
	event_need_sp(s->l, s->e);
	event_need_sp(s->l, s->entry);
	s->entry_handler->entry_values = s->h->entry_values;
	for (int i = 0; i < s->l->plan->handlers.n; i++)
		if (s->l->plan->handlers.v[i] == s->entry_handler)
			s->h->entry_handler = i;
}
