/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Types of expressions. What an operator wants flows down, what is known flows up; a symbol keeps
 * the first type that reaches it from either side. Called again and again by types.c until nothing
 * changes, then once more to report what does not fit.
 */
#include "frontend/frontend_int.h"
#include "common/regex.h"

const char *type_phrase(Type t)
{
	switch (t) {
	case TY_LONG:
		return "a number";
	case TY_STRING:
		return "a string";
	case TY_STATS:
		return "statistics";
	case TY_VOID:
		return "nothing";
	case TY_UNKNOWN:
		break;
	}
	return "of unknown type";
}

/* ---- mistakes ---- */

static void note_symbol(Infer *t, const Symbol *sym)
{
	if (sym && sym->type != TY_UNKNOWN && sym->type_loc.file)
		diag_note(t->d, sym->type_loc, "'%s' was first seen to be %s here", sym->name,
			  type_phrase(sym->type));
}

/* Where it was first seen that @n has its type. */
static void note_origin(Infer *t, const Node *n)
{
	if (n->kind == ND_VAR || n->kind == ND_INDEX)
		note_symbol(t, n->var.sym);
	else if (n->kind == ND_CALL && n->type == TY_VOID && n->call.fns.n && n->call.fns.v[0]->embed)
		diag_note(t->d, n->call.fns.v[0]->loc, "nothing says whether this returns a number or a string: "
			  "write %s:long or %s:string", n->call.name, n->call.name);
	else if (n->kind == ND_CALL && n->type == TY_VOID && n->call.fns.n)
		diag_note(t->d, n->call.fns.v[0]->loc, "%s() has no 'return' with a value",
			  n->call.name);
	else if (n->kind == ND_CALL && n->call.fns.n && n->call.fns.v[0]->type_loc.file)
		diag_note(t->d, n->call.fns.v[0]->type_loc, "%s() was first seen to return %s here",
			  n->call.name, type_phrase(n->call.fns.v[0]->type));
}

void infer_mismatch(Infer *t, const Node *n, Type got, Type want, const char *by)
{
	const char *text;

	if (!t->report || (!t->check && (got == TY_VOID || got == TY_STATS)))
		return;
	text = node_text(t->s->arena, n);
	if (got == TY_VOID)
		diag_error(t->d, DIAG_VOID_VALUE, n->loc, "%s has no value", text);
	else if (got == TY_STATS)
		diag_error(
		    t->d, DIAG_STATS_VALUE, n->loc,
		    "%s is statistics, not a value: use @count, @sum, @min, @max, @avg or print a "
		    "histogram",
		    text);
	else if (by)
		diag_error(t->d, DIAG_TYPE_MISMATCH, n->loc, "%s is %s, but %s needs %s", text,
			   type_phrase(got), by, type_phrase(want));
	else
		diag_error(t->d, DIAG_TYPE_MISMATCH, n->loc, "%s is %s, but %s is needed here",
			   text, type_phrase(got), type_phrase(want));
	note_origin(t, n);
}

/* ---- symbols ---- */

static void learn(Infer *t, Type *slot, Loc *where, Type type, Loc loc)
{
	if (*slot != TY_UNKNOWN || type == TY_UNKNOWN || type == TY_VOID)
		return;
	*slot = type;
	*where = loc;
	t->changed = true;
}

Type infer_symbol(Infer *t, Symbol *sym, Type want, Loc loc)
{
	learn(t, &sym->type, &sym->type_loc, want, loc);
	if (t->report && want != TY_UNKNOWN && want != sym->type) {
		if (sym->type == TY_STATS)
			diag_error(t->d, DIAG_STATS_VALUE, loc, "'%s' is statistics, not a value",
				   sym->name);
		else
			diag_error(t->d, DIAG_TYPE_MISMATCH, loc, "'%s' is %s, but here it gets %s",
				   sym->name, type_phrase(sym->type), type_phrase(want));
		note_symbol(t, sym);
	}
	return sym->type;
}

static void key_mismatch(Infer *t, const Symbol *sym, int i, const Node *key, Type got)
{
	infer_mismatch(t, key, got, sym->key[i],
		       arena_printf(t->s->arena, "key %d of '%s'", i + 1, sym->name));
	if (t->report && sym->key_loc[i].file)
		diag_note(t->d, sym->key_loc[i], "that key was first seen to be %s here",
			  type_phrase(sym->key[i]));
}

void infer_keys(Infer *t, Symbol *sym, NodeVec *keys)
{
	for (int i = 0; i < keys->n && i < MAX_KEYS; i++) {
		Node *key = keys->v[i];
		Type got = key ? infer(t, key, TY_UNKNOWN) : TY_UNKNOWN;

		if (!key)
			continue;
		learn(t, &sym->key[i], &sym->key_loc[i], got, key->loc);
		if (got == TY_UNKNOWN)
			infer(t, key, sym->key[i]);
		else if (got != sym->key[i])
			key_mismatch(t, sym, i, key, got);
	}
}

static Type infer_var(Infer *t, Node *n, Type want)
{
	Symbol *sym = n->var.sym;

	if (!sym)
		return want;
	if (n->kind == ND_INDEX)
		infer_keys(t, sym, &n->var.keys);
	learn(t, &sym->type, &sym->type_loc, want, n->loc);
	return sym->type;
}

static Type infer_in(Infer *t, Node *n)
{
	if (n->var.hist)
		infer_hist(t, n->var.hist);
	if (n->var.sym)
		infer_keys(t, n->var.sym, &n->var.keys);
	else
		for (int i = 0; i < n->var.keys.n; i++)
			infer(t, n->var.keys.v[i], TY_LONG);
	return TY_LONG;
}

/* ---- operators ---- */

struct OpTypes {
	char operand, result;
};

static const struct OpTypes op_types[OP_COUNT] = {
#define OP(name, text, arity, level, operand, result) [OP_##name] = {#operand[0], #result[0]},
#include "ops.def"
#undef OP
};

static Type type_of_letter(char c)
{
	return c == 'L' ? TY_LONG : c == 'S' ? TY_STRING : c == 'T' ? TY_STATS : TY_UNKNOWN;
}

/* Two values that must be alike, whatever they are. */
static Type infer_same(Infer *t, Node *a, Node *b, Type want)
{
	Type ta = infer(t, a, want), tb = infer(t, b, TY_UNKNOWN);

	if (tb == TY_UNKNOWN)
		tb = infer(t, b, ta);
	if (ta == TY_UNKNOWN)
		ta = infer(t, a, tb);
	if (t->report && ta != tb && ta && tb && tb != TY_STATS && ta != TY_STATS &&
	    tb != TY_VOID && ta != TY_VOID) {
		diag_error(t->d, DIAG_TYPE_MISMATCH, b->loc, "%s is %s, but %s is %s",
			   node_text(t->s->arena, b), type_phrase(tb), node_text(t->s->arena, a),
			   type_phrase(ta));
		note_origin(t, a);
		note_origin(t, b);
	}
	return ta;
}

void check_modified(Infer *t, const Symbol *sym, Loc loc)
{
	for (int i = 0; t->check && i < t->walking.n; i++)
		if (t->walking.v[i] == sym)
			diag_error(t->d, DIAG_ARRAY_MODIFIED, loc,
				   "'%s' is changed inside a foreach loop over it", sym->name);
}

static void mark_pointer(const Node *n)
{
	const Node *b = n->op.b;

	if (n->op.op == OP_ASSIGN && n->op.a->kind == ND_VAR && n->op.a->var.sym)
		n->op.a->var.sym->pointer =
		    (b->kind == ND_TARGET || b->kind == ND_DEREF) && b->target.addr_of;
}

static Type infer_op(Infer *t, Node *n, Type want)
{
	const struct OpTypes *types = &op_types[n->op.op];
	Type operand = type_of_letter(types->operand), same = TY_LONG;

	if (op_writes(n->op.op)) {
		mark_pointer(n);
		if (n->op.a->kind == ND_INDEX)
			check_modified(t, n->op.a->var.sym, n->loc);
	}
	if (n->op.op == OP_COND) {
		infer(t, n->op.a, TY_LONG);
		same = infer_same(t, n->op.b, n->op.c, want);
	} else if (types->operand == 'A') {
		same = infer_same(t, n->op.a, n->op.b, types->result == 'A' ? want : TY_UNKNOWN);
	} else {
		infer(t, n->op.a, operand);
		if (n->op.b)
			infer(t, n->op.b, operand == TY_STATS ? TY_LONG : operand);
	}
	return types->result == 'A' ? same : type_of_letter(types->result);
}

/* ---- calls ---- */

struct WriteCheck {
	Infer *t;
	Loc call;
	FunctionVec seen;
};

static bool visit_writes(void *ctx, Node **slot);

static void check_callee(struct WriteCheck *w, Function *f)
{
	for (int i = 0; i < w->seen.n; i++)
		if (w->seen.v[i] == f)
			return;
	vec_push(w->t->s->arena, &w->seen, f);
	node_walk(&f->body, visit_writes, w);
}

static bool visit_writes(void *ctx, Node **slot)
{
	struct WriteCheck *w = ctx;
	const Node *n = *slot;

	if (n->kind == ND_OP && op_writes(n->op.op) && n->op.a->kind == ND_INDEX)
		check_modified(w->t, n->op.a->var.sym, w->call);
	else if (n->kind == ND_DELETE)
		check_modified(w->t, n->del->var.sym, w->call);
	for (int i = 0; n->kind == ND_CALL && i < n->call.fns.n; i++)
		check_callee(w, n->call.fns.v[i]);
	return true;
}

static void infer_argument(Infer *t, Node *arg, const Node *call, Symbol *param, int i)
{
	Type got = infer(t, arg, TY_UNKNOWN);

	if (got == TY_UNKNOWN)
		got = infer(t, arg, param->type);
	learn(t, &param->type, &param->type_loc, got, arg->loc);
	if (!t->report || got == param->type || got == TY_VOID || got == TY_STATS)
		return;
	infer_mismatch(t, arg, got, param->type,
		       arena_printf(t->s->arena, "argument %d of %s()", i + 1, call->call.name));
	if (param->type_loc.file)
		diag_note(t->d, param->type_loc, "parameter '%s' was first seen to be %s here",
			  param->name, type_phrase(param->type));
}

static Type infer_function(Infer *t, Node *n, Function *f, Type want)
{
	for (int i = 0; i < f->params.n; i++)
		infer_argument(t, n->call.args.v[i], n, f->params.v[i], i);
	if (f->type == TY_VOID && want == TY_LONG) { /* x && f(): it counts as 0 */
		f->type = TY_LONG;
		t->changed = true;
	}
	learn(t, &f->type, &f->type_loc, want, n->loc);
	if (t->check && t->walking.n) {
		struct WriteCheck w = {.t = t, .call = n->loc};

		check_callee(&w, f);
	}
	return f->type;
}

static Type type_of_signature(char c)
{
	return c == 'l' ? TY_LONG : c == 's' ? TY_STRING : TY_VOID;
}

/* kernel_string($field): a field of a trace event that already is text stands for its address. */
static bool takes_text_field(const Node *call, int i)
{
	const Node *arg = call->call.args.v[i];

	return i == 0 && call->call.builtin->cls == BI_READ &&
	       call->call.builtin->signature[0] == 's' && arg->kind == ND_TARGET &&
	       arg->type == TY_STRING;
}

static Type infer_builtin(Infer *t, Node *n)
{
	const char *sig = n->call.builtin->signature;

	for (int i = 0; i < n->call.args.n; i++) {
		t->wanted_by =
		    arena_printf(t->s->arena, "argument %d of %s()", i + 1, n->call.name);
		if (!takes_text_field(n, i))
			infer(t, n->call.args.v[i], type_of_signature(sig[2 + i]));
	}
	return type_of_signature(sig[0]);
}

/* Overloads: all that return something return the same; one that does not leaves it to the next. */
static Type infer_call(Infer *t, Node *n, Type want)
{
	Type got = TY_VOID, other;

	if (n->call.builtin)
		return infer_builtin(t, n);
	if (!n->call.fns.n && t->check)
		diag_error(t->d, DIAG_UNKNOWN_FUNCTION, n->loc,
			   "there is no function '%s' with %d argument%s", n->call.name,
			   n->call.args.n, n->call.args.n == 1 ? "" : "s");
	if (!n->call.fns.n)
		return want;
	for (int i = 0; i < n->call.fns.n; i++) {
		other = infer_function(t, n, n->call.fns.v[i], want);
		if (t->report && got != TY_VOID && other != TY_VOID && other != got)
			diag_error(t->d, DIAG_TYPE_MISMATCH, n->call.fns.v[i]->loc,
				   "this %s() returns %s, the other one %s", n->call.name,
				   type_phrase(other), type_phrase(got));
		if (got == TY_VOID)
			got = other;
	}
	return got;
}

/* ---- statistics ---- */

static bool same_hist(const Node *a, const Node *b)
{
	return a->stat.log == b->stat.log &&
	       !memcmp(a->stat.param, b->stat.param, sizeof(a->stat.param));
}

void infer_hist(Infer *t, Node *n)
{
	Symbol *sym = n->stat.operand->var.sym;

	infer(t, n->stat.operand, TY_STATS);
	if (!sym)
		return;
	if (!sym->hist)
		sym->hist = n;
	if (!t->check || same_hist(sym->hist, n))
		return;
	diag_error(t->d, DIAG_HISTOGRAM, n->loc, "'%s' has another histogram already", sym->name);
	diag_note(t->d, ((const Node *)sym->hist)->loc, "the other one is here");
}

static Type infer_hist_value(Infer *t, Node *n)
{
	infer_hist(t, n);
	if (n->stat.bucket)
		infer(t, n->stat.bucket, TY_LONG);
	else if (t->check)
		diag_error(t->d, DIAG_HISTOGRAM, n->loc,
			   "a histogram is not a value: print it alone, or take one bucket of it "
			   "with [i]");
	return TY_LONG;
}

/* ---- what is read from the kernel or the program ---- */

static Type infer_target(Infer *t, Node *n, Type want)
{
	if (n->target.base)
		infer(t, n->target.base, TY_LONG);
	for (int i = 0; i < n->target.path.n; i++)
		if (n->target.path.v[i].index)
			infer(t, n->target.path.v[i].index, TY_LONG);
	if (n->type != TY_UNKNOWN)
		return n->type;
	if (n->target.pretty || (n->kind == ND_TARGET && !strncmp(n->target.name, "$$", 2)))
		return TY_STRING;
	return t->whole ? want : TY_LONG;
}

/* Where byte @at of @text stands, which the literal at @loc says; @loc itself if that is not plain
 * to see (escapes other than \\\\, glued literals, macros). */
static Loc in_literal(Loc loc, const char *text, int at)
{
	const char *line = loc.file->text, *p;

	for (unsigned i = 1; line && i < loc.line; i++) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (!line || strnlen(line, loc.col) < loc.col || line[loc.col - 1] != '"')
		return loc;
	p = line + loc.col;
	for (int i = 0; i < at; i++, p++) {
		if (p[0] == '\\' && p[1] == '\\' && text[i] == '\\')
			p++;
		else if (*p != text[i] || *p == '\\')
			return loc;
	}
	loc.col = (unsigned)(p - line) + 1;
	return loc;
}

static void check_regex(Infer *t, const Node *n)
{
	const char *pattern = n->regex.pattern;
	struct rt_regex_error err;

	if (!rt_regex_check(pattern, &err))
		diag_error(t->d, DIAG_BAD_REGEX, in_literal(n->regex.pattern_loc, pattern, err.at),
			   "regular expression \"%s\", character %d: %s", pattern, err.at + 1,
			   err.text);
}

static Type infer_regex(Infer *t, Node *n)
{
	if (t->check)
		check_regex(t, n);
	infer(t, n->regex.subject, TY_STRING);
	return TY_LONG;
}

/* C that does not say what it is becomes what is wanted. */
static Type infer_embedded(const Node *n, Type want)
{
	if (embed_is(n->embed, "string"))
		return TY_STRING;
	return embed_is(n->embed, "long") || want != TY_STRING ? TY_LONG : TY_STRING;
}

/* ---- all of them ---- */

static Type infer_kind(Infer *t, Node *n, Type want)
{
	switch (n->kind) {
	case ND_NUM:
	case ND_DEFINED:
	case ND_PROBEWRITE:
		return TY_LONG;
	case ND_STR:
		return TY_STRING;
	case ND_VAR:
	case ND_INDEX:
		return infer_var(t, n, want);
	case ND_OP:
		return infer_op(t, n, want);
	case ND_IN:
		return infer_in(t, n);
	case ND_CALL:
		return infer_call(t, n, want);
	case ND_PRINT:
		return infer_print(t, n);
	case ND_REGEX:
		return infer_regex(t, n);
	case ND_TARGET:
	case ND_CAST:
	case ND_ATVAR:
	case ND_DEREF:
		return infer_target(t, n, want);
	case ND_ENTRY:
		return infer(t, n->unary.operand, want);
	case ND_STAT:
		infer(t, n->stat.operand, TY_STATS);
		return TY_LONG;
	case ND_HIST:
		return infer_hist_value(t, n);
	case ND_EMBED:
		return infer_embedded(n, want);
	case ND_CAPTURE:
		return n->type;
	case ND_NULL:
	case ND_EXPR:
	case ND_BLOCK:
	case ND_IF:
	case ND_WHILE:
	case ND_FOR:
	case ND_FOREACH:
	case ND_BREAK:
	case ND_CONTINUE:
	case ND_NEXT:
	case ND_RETURN:
	case ND_DELETE:
	case ND_TRY:
	case ND_COUNT:
		break;
	}
	return TY_VOID;
}

Type infer(Infer *t, Node *n, Type want)
{
	const char *by = t->wanted_by;
	Type got;

	t->wanted_by = NULL;
	got = infer_kind(t, n, want);
	n->type = got;
	if (got == TY_UNKNOWN || got == want)
		return got;
	if (got == TY_VOID && want == TY_LONG && n->kind == ND_CALL)
		return n->type = TY_LONG; /* a built-in: x && exit() */
	if (got == TY_VOID || got == TY_STATS || want != TY_UNKNOWN)
		infer_mismatch(t, n, got, want, by);
	return got;
}

void infer_unused(Infer *t, Node *n)
{
	n->type = infer_kind(t, n, TY_UNKNOWN);
}
