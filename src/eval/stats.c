/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics: `<<<`, the @ operators, and single histogram buckets. How many buckets a global's
 * statistics carry is known from the one histogram that the script asks of it.
 */
#include "eval_int.h"

#include <string.h>

void stats_init(Eval *e, Global *g)
{
	const Node *h = g->sym->hist;
	struct rt_hist *hist = &g->map.hist;

	if (h && h->stat.log) {
		rt_hist_log(hist);
	} else if (h &&
		   !rt_hist_linear(hist, h->stat.param[0], h->stat.param[1], h->stat.param[2])) {
		diag_error(e->diag, DIAG_HISTOGRAM, h->loc,
			   "histogram: Number of buckets must be between 1 and 126");
	}
	g->map.stat_size = (uint32_t)(sizeof(Stat) + sizeof(int64_t) * (size_t)hist->n);
	if (g->sym->n_keys <= 0)
		g->stat = arena_alloc(e->arena, g->map.stat_size);
}

void stat_add(const Global *g, Stat *s, int64_t v)
{
	rt_stat_add(&s->s, v);
	if (g->map.hist.kind != RT_HIST_NONE)
		s->bucket[rt_hist_bucket(&g->map.hist, v)]++;
}

static Flow do_sample_global(Eval *e, const Code *c)
{
	stat_add(c->g, c->g->stat, NUM(c->b));
	return FLOW_NORMAL;
}

static Flow do_sample_elem(Eval *e, const Code *c)
{
	Value key[MAX_KEYS];
	int64_t v;

	keys_eval(e, c->a, key);
	v = NUM(c->b);
	stat_add(c->a->g, map_need(e, c->a, key)->val.stat, v);
	return FLOW_NORMAL;
}

/* `s <<< v` where a value is expected. */
static int64_t do_sample_value(Eval *e, const Code *c)
{
	RUN(c->a);
	return 0;
}

static const Code *sample_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n), *keys;

	c->b = compile_num(cc, n->op.b);
	if (n->op.a->kind == ND_INDEX) {
		keys = code_new(cc, n->op.a);
		keys_compile(cc, keys, n->op.a, n->op.b);
		c->a = keys;
		c->stmt = do_sample_elem;
	} else {
		target_compile(cc, c, n->op.a->var.sym);
		c->stmt = do_sample_global;
	}
	return c;
}

/* ---- effects: expressions whose value nobody wants ---- */

static Flow do_effect_num(Eval *e, const Code *c)
{
	NUM(c->a);
	return FLOW_NORMAL;
}

static Flow do_effect_str(Eval *e, const Code *c)
{
	STR(c->a);
	return FLOW_NORMAL;
}

/* a[key]++ as a statement, one key: what most counting scripts do. */
static Flow do_count_elem(Eval *e, const Code *c)
{
	Entry *en = elem_need(e, c);

	en->val.num = (int64_t)((uint64_t)en->val.num + 1);
	return FLOW_NORMAL;
}

static Flow do_count_global(Eval *e, const Code *c)
{
	(void)e;
	c->g->num = (int64_t)((uint64_t)c->g->num + 1);
	return FLOW_NORMAL;
}

static bool is_count(const Node *n)
{
	return n->kind == ND_OP && (n->op.op == OP_PREINC || n->op.op == OP_POSTINC) &&
	       n->op.a->var.sym->kind == SYM_GLOBAL;
}

static const Code *count_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n->op.a);

	if (n->op.a->kind == ND_INDEX) {
		keys_compile(cc, c, n->op.a, NULL);
		c->stmt = do_count_elem;
	} else {
		target_compile(cc, c, n->op.a->var.sym);
		c->stmt = do_count_global;
	}
	return c;
}

const Code *compile_effect(Compile *cc, const Node *n)
{
	bool sample = n->kind == ND_OP && n->op.op == OP_SAMPLE;
	Code *c;

	if (is_count(n))
		return count_code(cc, n);
	if (sample)
		return sample_code(cc, n);
	c = code_new(cc, n);
	c->a = n->kind == ND_OP
		   ? (n->type == TY_STRING ? compile_str_op(cc, n) : compile_num_op(cc, n))
		   : compile_any(cc, n);
	c->stmt = c->a->is_str ? do_effect_str : do_effect_num;
	return c;
}

const Code *compile_sample(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->num = do_sample_value;
	c->a = sample_code(cc, n);
	return c;
}

/* ---- reading ---- */

Stat *stat_find(Eval *e, const Code *c)
{
	Entry *en;

	if (!c->arg)
		return c->g->stat;
	en = elem_find(e, c);
	return en ? en->val.stat : NULL;
}

Code *stat_operand(Compile *cc, const Node *n, const Node *operand)
{
	Code *c = code_new(cc, n);

	if (operand->kind == ND_INDEX)
		keys_compile(cc, c, operand, NULL);
	else
		target_compile(cc, c, operand->var.sym);
	return c;
}

static int64_t do_stat(Eval *e, const Code *c)
{
	const Stat *s = stat_find(e, c->a);

	if (s && s->s.count)
		return stat_value(s, c->stat);
	if (c->stat != ST_COUNT && c->stat != ST_SUM)
		raise_error(e, c->node, "empty aggregate");
	return 0;
}

const Code *compile_stat(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->num = do_stat;
	c->stat = n->stat.op;
	c->a = stat_operand(cc, n, n->stat.operand);
	return c;
}

const Global *hist_eval(Eval *e, const Code *c, Stat **ret)
{
	*ret = stat_find(e, c);
	if (!*ret || !(*ret)->s.count)
		raise_error(e, c->node, "empty aggregate");
	return c->g;
}

static int64_t do_bucket(Eval *e, const Code *c)
{
	Stat *s;
	const Global *g = hist_eval(e, c->a, &s);
	int64_t i = NUM(c->b);

	if (i < 0 || i >= g->map.hist.n)
		raise_error(e, c->node, "histogram index out of range");
	return s->bucket[i];
}

const Code *compile_hist_bucket(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->num = do_bucket;
	c->a = stat_operand(cc, n, n->stat.operand);
	c->b = n->stat.bucket ? compile_num(cc, n->stat.bucket) : num_const(cc, n, -1);
	return c;
}
