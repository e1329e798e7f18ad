/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * eval_new and eval_free: globals with their initial values, memory, and every handler compiled.
 */
#include "eval_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_STRING = 512, DEFAULT_NESTING = 1000, MOST_NESTING = 2000, HIST_WIDTH_MOST = 4096 };
#define DEFAULT_ACTIONS INT64_C(33000000) /* user space has time; but while (1) must end */
#define ACTION_FACTOR 10		  /* SystemTap loads ten times MAXACTION */
#define REGION_BYTES ((size_t)64 << 20)
#define STRING_MOST ((int64_t)1 << 20)

/* ---- may a handler fail? ---- */

static bool call_is_safe(const Node *n)
{
	const Builtin *b = n->call.builtin;

	return !n->call.fns.n && b && b->cls == BI_CONTEXT && !(b->needs & NEED_STACK) &&
	       strncmp(b->name, "print", 5) && strncmp(b->name, "sprint", 6);
}

static bool capture_is_safe(const Node *n)
{
	const Capture *c = n->capture.capture;

	if (n->capture.limit && n->capture.limit->kind != ND_NUM)
		return false;
	return n->capture.fallback ||
	       (!c->is_string && !c->n_guards && c->detector < 0 && c->fetch.base != FB_ADDR);
}

static bool op_is_safe(Op op)
{
	return op != OP_DIV && op != OP_MOD && op != OP_ADIV && op != OP_AMOD;
}

static bool find_risk(void *ctx, Node **slot)
{
	const Node *n = *slot;
	bool *risk = ctx;

	if (!n || *risk)
		return false;
	switch (n->kind) {
	case ND_NUM:
	case ND_STR:
	case ND_VAR:
	case ND_PRINT:
	case ND_NULL:
	case ND_EXPR:
	case ND_BLOCK:
	case ND_IF:
	case ND_NEXT:
	case ND_ENTRY:
		break;
	case ND_INDEX:
		*risk |= n->var.sym->size > 0;
		break;
	case ND_OP:
		*risk |= !op_is_safe(n->op.op);
		break;
	case ND_CALL:
		*risk |= !call_is_safe(n);
		break;
	case ND_CAPTURE:
		*risk |= !capture_is_safe(n);
		break;
	case ND_IN:
	case ND_REGEX:
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
	case ND_DEFINED:
	case ND_PROBEWRITE:
	case ND_STAT:
	case ND_HIST:
	case ND_EMBED:
	case ND_WHILE:
	case ND_FOR:
	case ND_FOREACH:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_RETURN:
	case ND_DELETE:
	case ND_TRY:
	case ND_COUNT:
		*risk = true;
		break;
	}
	return !*risk;
}

static bool may_raise(const Eval *e, Node *n)
{
	bool risk = e->limits.max_map_entries > 0 || e->max_str > 4096;

	if (n && !risk)
		node_walk(&n, find_risk, &risk);
	return risk;
}

/* ---- handlers ---- */

static void handler_compile(Eval *e, HandlerCode *hc, Handler *h)
{
	Compile cc = {.e = e, .arena = e->arena};

	hc->h = h;
	hc->may_raise = h->entry_handler >= 0 || may_raise(e, h->condition);
	if (h->body) {
		compile_slots(&cc, &h->body->locals, &hc->frame_size);
		hc->n_slots = (uint32_t)cc.n_slots;
		hc->may_raise |= may_raise(e, h->body->block);
		hc->body = compile_stmt(&cc, h->body->block);
	}
	if (h->condition)
		hc->condition = compile_num(&cc, h->condition);
	if (h->kind == HANDLER_ENTRY) {
		hc->n_entry = h->entry_values.n;
		hc->entry = NEW_ARRAY(e->arena, const Code *, hc->n_entry + 1);
		for (int i = 0; i < hc->n_entry; i++) {
			hc->may_raise |= may_raise(e, h->entry_values.v[i]);
			hc->entry[i] = compile_any(&cc, h->entry_values.v[i]);
		}
	}
	if (h->kind == HANDLER_TIMER && h->period_ns)
		e->timers[e->n_timers++] = hc;
	e->wants_input |= h->kind == HANDLER_INPUT || h->kind == HANDLER_INPUT_LINE;
}

static void handlers_compile(Eval *e)
{
	const Plan *p = e->plan;

	e->n_handlers = p->handlers.n;
	e->handlers = NEW_ARRAY(e->arena, HandlerCode, e->n_handlers + 1);
	e->timers = NEW_ARRAY(e->arena, HandlerCode *, e->n_handlers + 1);
	for (int i = 0; i < e->n_handlers; i++)
		handler_compile(e, &e->handlers[i], p->handlers.v[i]);
}

/* ---- globals ---- */

static int64_t map_limit(const Eval *e, const Symbol *sym)
{
	if (sym->size > 0)
		return sym->size;
	if (e->limits.max_map_entries > 0)
		return e->limits.max_map_entries;
	return sym->wrap ? 2048 : INT64_MAX;
}

static void scalar_init(Eval *e, Global *g, const Symbol *sym)
{
	const Node *init = sym->init;

	if (sym->type == TY_STRING) {
		char *p = arena_alloc(e->arena, (size_t)e->max_str + 1);

		g->str.p = p;
		if (init && init->kind == ND_STR) {
			size_t n = strlen(init->str);

			g->str.n = n > e->max_str ? e->max_str : (uint32_t)n;
			memcpy(p, init->str, g->str.n);
		}
	} else if (sym->type != TY_STATS) {
		g->num = init && init->kind == ND_NUM ? init->num : 0;
	}
}

static void globals_init(Eval *e)
{
	const SymbolVec *v = &e->plan->script->globals;

	e->n_globals = v->n;
	e->globals = NEW_ARRAY(e->arena, Global, v->n + 1);
	for (int i = 0; i < v->n; i++) {
		Global *g = &e->globals[i];
		const Symbol *sym = v->v[i];

		g->sym = sym;
		map_init(&g->map, sym, map_limit(e, sym), sym->size > 0);
		if (sym->type == TY_STATS)
			stats_init(e, g);
		if (sym->n_keys <= 0)
			scalar_init(e, g, sym);
	}
}

/* ---- memory ---- */

static char *region_new(char **end)
{
	char *p = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	*end = p + REGION_BYTES;
	return p;
}

static bool memory_init(Eval *e)
{
	e->frames = region_new(&e->frames_end);
	e->tmps = region_new(&e->tmps_end);
	e->match_text = malloc((size_t)e->max_str + 1);
	e->token_text = malloc((size_t)e->max_str + 1);
	e->line = arena_alloc(e->arena, e->max_str + 1);
	e->calls = NEW_ARRAY(e->arena, const Node *, e->max_nesting + 1);
	e->entries = entry_table_new();
	e->tmp = e->tmps;
	e->fp = e->fp_top = e->frames;
	return e->frames && e->tmps && e->match_text && e->token_text && e->entries && out_init(e);
}

static int64_t action_budget(const EvalLimits *l)
{
	if (l->max_action_interruptible > 0)
		return l->max_action_interruptible;
	return l->max_action > 0 ? l->max_action * ACTION_FACTOR : DEFAULT_ACTIONS;
}

static struct rt_hist_style hist_style(const EvalLimits *l)
{
	int64_t width = l->hist_width < HIST_WIDTH_MOST ? l->hist_width : HIST_WIDTH_MOST;

	return width > 0 ? (struct rt_hist_style){(int)width, (int)l->hist_elision} : RT_HIST_STYLE;
}

/* Half of our stack is for calls; what one body needs is little, its expressions have an end. */
static uintptr_t stack_end(void)
{
	enum { USUAL = 8 << 20 };
	struct rlimit r;
	uintptr_t size = USUAL;

	if (getrlimit(RLIMIT_STACK, &r) == 0 && r.rlim_cur < USUAL)
		size = (uintptr_t)r.rlim_cur;
	return (uintptr_t)__builtin_frame_address(0) - size / 2;
}

static bool limits_init(Eval *e, const EvalLimits *l, Diag *d)
{
	if (l)
		e->limits = *l;
	if (e->limits.max_string_len < 0 || e->limits.max_string_len > STRING_MOST ||
	    e->limits.max_string_len == 1) {
		diag_error(d, DIAG_BAD_LIMIT, (Loc){0}, "MAXSTRINGLEN must be between 2 and %lld",
			   (long long)STRING_MOST);
		return false;
	}
	e->max_str = (uint32_t)(l && l->max_string_len ? l->max_string_len : DEFAULT_STRING) - 1;
	e->max_action = action_budget(&e->limits);
	e->hist_style = hist_style(&e->limits);
	e->stack_end = stack_end();
	e->max_nesting = DEFAULT_NESTING;
	if (e->limits.max_nesting > 0) /* our own stack is the limit */
		e->max_nesting = e->limits.max_nesting < MOST_NESTING ? (int)e->limits.max_nesting
								      : MOST_NESTING;
	return true;
}

Eval *eval_new(Arena *a, const Plan *p, const EvalHost *host, const EvalLimits *limits, Diag *d)
{
	Eval *e = NEW(a, Eval);
	struct timespec ts;
	int errors = d->errors;

	e->arena = a;
	e->plan = p;
	e->host = *host;
	e->diag = d;
	e->self = (int)getpid();
	clock_gettime(CLOCK_REALTIME, &ts);
	e->seed = ((uint64_t)ts.tv_nsec << 32 ^ (uint64_t)ts.tv_sec ^ (uint64_t)e->self) | 1;
	if (!limits_init(e, limits, d))
		return NULL;
	if (!memory_init(e)) {
		diag_error(d, DIAG_IO, (Loc){0}, "no memory for the evaluator");
		eval_free(e);
		return NULL;
	}
	globals_init(e);
	handlers_compile(e);
	if (!regexes_build(e) || d->errors > errors) {
		eval_free(e);
		return NULL;
	}
	return e;
}

void eval_free(Eval *e)
{
	if (!e)
		return;
	for (int i = 0; i < e->n_globals; i++)
		map_done(&e->globals[i].map);
	regexes_free(e);
	if (e->frames)
		munmap(e->frames, REGION_BYTES);
	if (e->tmps)
		munmap(e->tmps, REGION_BYTES);
	entry_table_free(e->entries);
	free(e->match_text);
	free(e->token_text);
	free(e->snap);
	free(e->out_base);
}
