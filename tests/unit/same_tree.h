/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * same_tree: are two scripts the same tree? It looks at the nodes and not at a text made of them,
 * so that it finds what the dump forgets. Positions do not count.
 */
#ifndef SAME_TREE_H
#define SAME_TREE_H

#include "frontend/frontend_int.h"

static bool same_node(const Node *a, const Node *b);

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_keys(const NodeVec *a, const NodeVec *b)
{
	bool same = a->n == b->n;

	for (int i = 0; same && i < a->n; i++)
		same = same_node(a->v[i], b->v[i]);
	return same;
}

static bool same_target(const Target *a, const Target *b)
{
	bool same = same_text(a->name, b->name) && same_text(a->type_name, b->type_name) &&
		    same_text(a->module, b->module) && a->addr_of == b->addr_of &&
		    a->pretty == b->pretty && a->path.n == b->path.n && same_node(a->base, b->base);

	for (int i = 0; same && i < a->path.n; i++)
		same = same_text(a->path.v[i].member, b->path.v[i].member) &&
		       same_node(a->path.v[i].index, b->path.v[i].index);
	return same;
}

static bool same_stat(const Node *a, const Node *b)
{
	return a->stat.op == b->stat.op && a->stat.log == b->stat.log &&
	       !memcmp(a->stat.param, b->stat.param, sizeof(a->stat.param)) &&
	       same_node(a->stat.operand, b->stat.operand) &&
	       same_node(a->stat.bucket, b->stat.bucket);
}

static bool same_flow(const Node *a, const Node *b)
{
	return same_node(a->flow.init, b->flow.init) && same_node(a->flow.cond, b->flow.cond) &&
	       same_node(a->flow.step, b->flow.step) && same_node(a->flow.body, b->flow.body) &&
	       same_node(a->flow.otherwise, b->flow.otherwise);
}

static bool same_foreach(const Node *a, const Node *b)
{
	bool same = a->foreach.key_names.n == b->foreach.key_names.n &&
		    same_text(a->foreach.value_name, b->foreach.value_name) &&
		    a->foreach.sort == b->foreach.sort &&
		    a->foreach.sort_key == b->foreach.sort_key &&
		    a->foreach.sort_dir == b->foreach.sort_dir &&
		    a->foreach.sort_stat == b->foreach.sort_stat &&
		    same_node(a->foreach.array, b->foreach.array) &&
		    same_node(a->foreach.limit, b->foreach.limit) &&
		    same_node(a->foreach.body, b->foreach.body);

	for (int i = 0; same && i < a->foreach.key_names.n; i++)
		same = same_text(a->foreach.key_names.v[i], b->foreach.key_names.v[i]);
	return same;
}

static bool same_print(const Node *a, const Node *b)
{
	return a->print.kind == b->print.kind && a->print.to_string == b->print.to_string &&
	       same_text(a->print.format, b->print.format) &&
	       a->print.pieces.n == b->print.pieces.n && same_keys(&a->print.args, &b->print.args);
}

static bool same_kind(const Node *a, const Node *b)
{
	switch (a->kind) {
	case ND_NUM:
		return a->num == b->num;
	case ND_STR:
		return same_text(a->str, b->str);
	case ND_VAR:
	case ND_INDEX:
	case ND_IN:
		return same_text(a->var.name, b->var.name) && same_node(a->var.hist, b->var.hist) &&
		       same_keys(&a->var.keys, &b->var.keys);
	case ND_OP:
		return a->op.op == b->op.op && same_node(a->op.a, b->op.a) &&
		       same_node(a->op.b, b->op.b) && same_node(a->op.c, b->op.c);
	case ND_CALL:
		return same_text(a->call.name, b->call.name) &&
		       same_keys(&a->call.args, &b->call.args);
	case ND_PRINT:
		return same_print(a, b);
	case ND_REGEX:
		return a->regex.negate == b->regex.negate &&
		       same_text(a->regex.pattern, b->regex.pattern) &&
		       same_node(a->regex.subject, b->regex.subject);
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
		return same_target(&a->target, &b->target);
	case ND_DEFINED:
	case ND_ENTRY:
	case ND_PROBEWRITE:
	case ND_EXPR:
		return same_node(a->unary.operand, b->unary.operand);
	case ND_STAT:
	case ND_HIST:
		return same_stat(a, b);
	case ND_EMBED:
		return same_text(a->embed->text, b->embed->text);
	case ND_BLOCK:
		return same_keys(&a->block, &b->block);
	case ND_IF:
	case ND_WHILE:
	case ND_FOR:
		return same_flow(a, b);
	case ND_FOREACH:
		return same_foreach(a, b);
	case ND_RETURN:
		return same_node(a->ret, b->ret);
	case ND_DELETE:
		return same_node(a->del, b->del);
	case ND_TRY:
		return same_text(a->try.msg_name, b->try.msg_name) &&
		       same_node(a->try.body, b->try.body) &&
		       same_node(a->try.handler, b->try.handler);
	case ND_NULL:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_NEXT:
	case ND_CAPTURE:
	case ND_COUNT:
		break;
	}
	return true;
}

static bool same_node(const Node *a, const Node *b)
{
	return a && b ? a->kind == b->kind && same_kind(a, b) : a == b;
}

static bool same_point(const ProbePoint *a, const ProbePoint *b)
{
	bool same = a->part.n == b->part.n && a->optional == b->optional &&
		    a->sufficient == b->sufficient && same_node(a->condition, b->condition);

	for (int i = 0; same && i < a->part.n; i++)
		same = same_text(a->part.v[i].name, b->part.v[i].name) &&
		       a->part.v[i].arg == b->part.v[i].arg &&
		       a->part.v[i].num == b->part.v[i].num &&
		       same_text(a->part.v[i].str, b->part.v[i].str);
	return same;
}

static bool same_points(const PointVec *a, const PointVec *b)
{
	bool same = a->n == b->n;

	for (int i = 0; same && i < a->n; i++)
		same = same_point(a->v[i], b->v[i]);
	return same;
}

static bool same_symbol(const Symbol *a, const Symbol *b)
{
	return same_text(a->name, b->name) && a->type == b->type && a->size == b->size &&
	       a->wrap == b->wrap && a->is_private == b->is_private && same_node(a->init, b->init);
}

static bool same_function(const Function *a, const Function *b)
{
	bool same = same_text(a->name, b->name) && a->params.n == b->params.n &&
		    a->type == b->type && !a->embed == !b->embed &&
		    (!a->embed || same_text(a->embed->text, b->embed->text)) &&
		    a->priority == b->priority && a->is_private == b->is_private &&
		    same_node(a->body, b->body);

	for (int i = 0; same && i < a->params.n; i++)
		same = same_symbol(a->params.v[i], b->params.v[i]);
	return same;
}

static bool same_item(const Item *a, const Item *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case ITEM_GLOBAL:
		return same_symbol(a->global, b->global);
	case ITEM_FUNCTION:
		return same_function(a->function, b->function);
	case ITEM_PROBE:
		return same_points(&a->probe->points, &b->probe->points) &&
		       same_node(a->probe->body->block, b->probe->body->block);
	case ITEM_ALIAS:
		return same_points(&a->alias->names, &b->alias->names) &&
		       same_points(&a->alias->points, &b->alias->points) &&
		       same_node(a->alias->prologue, b->alias->prologue) &&
		       same_node(a->alias->epilogue, b->alias->epilogue);
	case ITEM_EMBED:
		return same_node(a->embed, b->embed);
	}
	return false;
}

/* The first file of each: what was parsed, without what the library added. */
static bool same_tree(const Script *a, const Script *b)
{
	const Unit *x = a->names->units.v[0], *y = b->names->units.v[0];
	bool same = x->items.n == y->items.n;

	for (int i = 0; same && i < x->items.n; i++)
		same = same_item(&x->items.v[i], &y->items.v[i]);
	return same;
}

#endif
