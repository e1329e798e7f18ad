/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Operators that give text: concatenation and ?:. A chain a . b . c is one node of many operands,
 * so that its text is written once.
 */
#include "eval_int.h"

#include <string.h>

static Str do_concat(Eval *e, const Code *c)
{
	Str part[16];
	size_t size = 0;
	char *p, *end;

	for (int i = 0; i < c->n; i++) {
		part[i] = STR(c->arg[i]);
		size += part[i].n;
	}
	if (size > e->max_str)
		size = e->max_str;
	p = tmp_room(e, c->node, size);
	end = p + size;
	for (int i = 0; i < c->n; i++) {
		uint32_t room = (uint32_t)(end - p), n = part[i].n < room ? part[i].n : room;

		if (n)
			memcpy(p, part[i].p, n);
		p += n;
	}
	return tmp_take(e, end - size, end);
}

static int flatten(const Node *n, const Node **list, int most)
{
	int used;

	if (n->kind != ND_OP || n->op.op != OP_CAT || most < 2) {
		list[0] = n;
		return 1;
	}
	used = flatten(n->op.a, list, most - 1);
	list[used] = n->op.b;
	return used + 1;
}

static const Code *concat_code(Compile *cc, const Node *n)
{
	const Node *list[16];
	Code *c = code_new(cc, n);

	c->str = do_concat;
	c->is_str = true;
	c->life = LIFE_TEMP;
	c->n = flatten(n, list, 16);
	c->arg = NEW_ARRAY(cc->arena, const Code *, c->n);
	for (int i = 0; i < c->n; i++) {
		const Node *later = NULL;

		for (int j = i + 1; j < c->n && !later; j++)
			later = has_effect(list[j]) ? list[j] : NULL;
		c->arg[i] = compile_stable(cc, list[i], later);
	}
	return c;
}

static Str do_cond(Eval *e, const Code *c)
{
	return NUM(c->a) ? STR(c->b) : STR(c->c);
}

static const Code *cond_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->str = do_cond;
	c->is_str = true;
	c->a = compile_num(cc, n->op.a);
	c->b = compile_str(cc, n->op.b);
	c->c = compile_str(cc, n->op.c);
	c->life = c->b->life > c->c->life ? c->b->life : c->c->life;
	return c;
}

const Code *compile_str_op(Compile *cc, const Node *n)
{
	if (n->op.op == OP_CAT)
		return concat_code(cc, n);
	if (n->op.op == OP_COND)
		return cond_code(cc, n);
	return compile_assign(cc, n, true);
}
