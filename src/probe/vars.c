/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Target variables of one body as seen from one site: $x, @cast, @var, e->m each get their Fetch.
 * @defined is answered first and dead branches go, so that a script may ask before it uses. What
 * depends on a value that the handler computes keeps its names checked and has no Fetch.
 */
#include "probe/probe_int.h"

#include <string.h>

static NodeVisit visit;

/* ---- where a variable starts ---- */

static void unknown_variable(Walk *w, const Node *n)
{
	const Scope *s = w->scope;
	const Variables *have = s->use_fields ? &s->fields : &s->vars;
	Nearest near = {.want = n->target.name + 1};
	const char *list = "";
	Arena *a = w->ctx->arena;

	if (!have->n) {
		walk_error(w, s->none_tag, n->loc, "%s has no %s: %s", s->subject, n->target.name,
			   s->none);
		return;
	}
	for (int i = 0; i < have->n; i++) {
		nearest_add(&near, have->v[i].name);
		list = arena_printf(a, "%s%s$%s", list, i ? ", " : "", have->v[i].name);
	}
	walk_error(w, DIAG_VAR_UNKNOWN, n->loc, "%s has no variable '%s'%s (it has %s)", s->subject,
		   n->target.name, nearest_text(&near, a), list);
}

static bool return_object(Walk *w, const Node *n, Object *ret)
{
	const Scope *s = w->scope;
	ArchLoc loc;

	if (!s->is_return || w->in_entry) {
		walk_error(w, DIAG_NO_RETURN, n->loc,
			   w->in_entry ? "$return is not known yet when the function is entered"
				       : "$return is only there in a .return probe");
		return false;
	}
	if (!s->ret)
		scope_ask(w->ctx->arena, w->ctx->di, w->scope);
	if (!s->ret) {
		walk_error(w, s->none_tag, n->loc, "%s has no $return: %s", s->subject, s->none);
		return false;
	}
	if (s->ret->kind == DBG_VOID) {
		walk_error(w, DIAG_NO_RETURN, n->loc, "%s returns nothing", s->subject);
		return false;
	}
	arch_locate_return(s->ret, &loc);
	object_of_location(s->ret, &loc, ret);
	ret->text = "$return";
	return true;
}

/* kernel.tracepoint calls them $arg1, $arg2 ... */
static const Variable *numbered(const Scope *s, const char *name)
{
	const char *digits = "0123456789";
	int i;

	if (!s->is_trace || strncmp(name, "arg", 3) || !name[3] ||
	    name[3 + strspn(name + 3, digits)])
		return NULL;
	i = name[4] ? (name[3] - '0') * 10 + name[4] - '0' : name[3] - '0';
	return i >= 1 && i <= s->vars.n ? &s->vars.v[i - 1] : NULL;
}

bool target_object(Walk *w, const Node *n, Object *ret)
{
	const Scope *s = w->scope;
	const char *name = n->target.name + 1;
	const Variable *v;
	Variable global;

	if (!strcmp(name, "return") && !variable_find(&s->vars, name))
		return return_object(w, n, ret);
	v = variable_find(s->use_fields ? &s->fields : &s->vars, name);
	if (!v)
		v = numbered(s, name);
	if (!v && scope_ask(w->ctx->arena, w->ctx->di, w->scope))
		v = variable_find(&s->vars, name);
	if (!v && scope_global(w->ctx->arena, w->scope, name, &global))
		v = &global;
	if (!v && variable_find(&s->fields, name)) {
		walk_error(
		    w, DIAG_TRACE_MIXED, n->loc,
		    w->ctx->module
			? "%s is only a field of the event of %s, which its own code makes: a module "
			  "sees the arguments of the tracepoint"
			: "%s is only a field of the event of %s, and this handler also needs "
			  "arguments of the tracepoint that the event does not have: use two probes",
		    n->target.name, s->subject);
		return false;
	}
	if (!v) {
		unknown_variable(w, n);
		return false;
	}
	object_of_variable(w, v, ret);
	return true;
}

/* ---- giving a node its Fetch ---- */

static Node *number(Walk *w, Loc loc, int64_t value)
{
	Node *n = node_new(w->ctx->arena, ND_NUM, loc);

	n->num = value;
	n->type = TY_LONG;
	return n;
}

/* What cannot be read (reported) counts as 0, so that it is not complained about again. */
static void give_up(Walk *w, Node **slot)
{
	if (w->dynamic) {
		(*slot)->type = TY_LONG;
		(*slot)->target.fetch = NULL;
	} else {
		*slot = number(w, (*slot)->loc, 0);
	}
}

/* @o is what the node starts from: follow its path and store the result in the node. */
static void finish(Walk *w, Node **slot, Object *o, bool at_entry)
{
	Node *n = *slot;
	Target *t = &n->target;
	Fetch f;

	w->dynamic = false;
	w->at_entry = at_entry;
	if (!object_follow(w, o, t)) {
		give_up(w, slot);
	} else if (t->pretty) {
		*slot = pretty_target(w, o, t->pretty, n->loc);
	} else if (t->addr_of ? !object_address(w, o, &f) : !object_load(w, o, &f)) {
		give_up(w, slot);
	} else if (f.base == FB_IMM && !f.n_off) {
		*slot = number(w, n->loc, f.value + f.add);
	} else if (f.base == FB_EXPR) {
		t->computed = NEW(w->ctx->arena, Fetch);
		*t->computed = f;
		t->base = w->expr;
		n->type = TY_LONG;
	} else {
		t->fetch = NEW(w->ctx->arena, Fetch);
		*t->fetch = f;
		t->at_entry = at_entry;
		n->type = f.kind == FK_STRING ? TY_STRING : TY_LONG;
	}
}

static Node *text_node(Walk *w, Loc loc, const char *s)
{
	Node *n = node_new(w->ctx->arena, ND_STR, loc);

	n->str = s;
	n->type = TY_STRING;
	return n;
}

static void resolve_target(Walk *w, Node **slot)
{
	Node *n = *slot;
	const char *name = n->target.name;
	bool is_return = !strcmp(name, "$return");
	Object o;

	w->loc = n->loc;
	if (!strcmp(name, "$$name") && w->scope->name)
		*slot = text_node(w, n->loc, w->scope->name);
	else if (!strcmp(name, "$$system") && w->scope->system)
		*slot = text_node(w, n->loc, w->scope->system);
	else if (!strcmp(name, "$$provider") && w->scope->provider)
		*slot = text_node(w, n->loc, w->scope->provider);
	else if (!strncmp(name, "$$", 2))
		*slot = pretty_summary(w, name, n->target.pretty, n->loc);
	else if (target_object(w, n, &o))
		finish(w, slot, &o, w->in_entry || (w->scope->is_return && !is_return));
	else
		*slot = number(w, n->loc, 0);
}

/* ---- @cast, @var, e->m ---- */

/* Built-ins that are a register: what an address may come from besides target variables. */
static bool call_fetch(Walk *w, const Node *n, Fetch *f, bool *at_entry)
{
	static const char *const args[] = {"pointer_arg", "long_arg",	  "ulong_arg",	  "s64_arg",
					   "u64_arg",	  "longlong_arg", "ulonglong_arg"};
	const char *name = n->call.name;
	bool in_return = w->scope->is_return && !w->in_entry;
	size_t i;

	if (!strcmp(name, "returnval") && in_return && !n->call.args.n) {
		arch_retval(f);
		*at_entry = false;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(args) && strcmp(name, args[i]); i++)
		;
	if (i == ARRAY_SIZE(args) || n->call.args.n != 1 || n->call.args.v[0]->kind != ND_NUM)
		return false;
	*at_entry = w->in_entry || in_return;
	return arch_arg((int)n->call.args.v[0]->num, f);
}

/* Expression @n as something that an address can be: false when the handler must compute it. */
static bool base_fetch(Walk *w, const Node *n, Fetch *f, bool *at_entry)
{
	const Node *num;

	*at_entry = false;
	if (n->kind == ND_NUM) {
		*f = (Fetch){.base = FB_IMM, .value = n->num, .size = 8, .is_signed = true};
		return true;
	}
	if (n->kind == ND_CALL)
		return call_fetch(w, n, f, at_entry);
	if (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
	    n->kind == ND_ATVAR) {
		if (!n->target.fetch || n->target.fetch->kind != FK_NUM)
			return false;
		*f = *n->target.fetch;
		*at_entry = n->target.at_entry;
		return true;
	}
	if (n->kind != ND_OP || (n->op.op != OP_ADD && n->op.op != OP_SUB))
		return false;
	num = n->op.b;
	if (num->kind != ND_NUM || !base_fetch(w, n->op.a, f, at_entry) || f->size != 8 ||
	    f->bit_size)
		return false;
	f->add += n->op.op == OP_ADD ? num->num : -num->num;
	return true;
}

/* In a module, the number that the handler computes from @n. */
static Fetch computed_fetch(Walk *w, Node *n)
{
	bool is_target = n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF ||
			 n->kind == ND_ATVAR;
	Fetch f = {.base = FB_EXPR, .size = 8};

	w->expr = n;
	if (is_target && n->target.computed)
		f.type = n->target.computed->type;
	return f;
}

/* The path of a node whose base is only known at the hit: are the names right at least? */
static void check_names(Walk *w, Node **slot, const DbgType *type, const char *text)
{
	Fetch anywhere = {.base = FB_IMM, .size = 8};
	Object o;

	w->dynamic = false;
	object_value(&anywhere, type, &o);
	o.text = text;
	if (!object_follow(w, &o, &(*slot)->target) && !w->dynamic) {
		give_up(w, slot);
		return;
	}
	w->dynamic = true;
	give_up(w, slot);
}

/* Types for @cast(e, "type", "module"): "kernel", "a:b", headers are answered from BTF. */
static const DbgType *cast_type(Walk *w, const Target *t)
{
	Debuginfo *di = w->ctx->di;
	const DbgType *type = NULL;
	const char *m = t->module;

	if (!m)
		return debuginfo_type(di, w->scope->module, t->type_name);
	while (!type && *m) {
		size_t n = strcspn(m, ":<");
		const char *one = arena_strndup(w->ctx->arena, m, n);

		if (!n || !strcmp(one, "kernel") || !strcmp(one, "vmlinux"))
			one = NULL;
		type = debuginfo_type(di, one, t->type_name);
		m += m[n] == '<' ? strlen(m) : n;
		m += *m == ':';
	}
	return type;
}

static void unknown_type(Walk *w, const Node *n)
{
	const char *name = n->target.type_name, *space = strrchr(name, ' '), *why;
	Nearest near = {.want = space ? space + 1 : name};

	if (!debuginfo_have_types(w->ctx->di, &why)) {
		walk_error(w, DIAG_NO_TYPES, n->loc, "@cast needs kernel types: %s", why);
		return;
	}
	debuginfo_nearest_type(w->ctx->di, &near);
	walk_error(w, DIAG_TYPE_UNKNOWN, n->loc, "no type '%s' in BTF%s", name,
		   nearest_text(&near, w->ctx->arena));
}

static void resolve_cast(Walk *w, Node **slot)
{
	Node *n = *slot;
	const DbgType *type = cast_type(w, &n->target);
	const char *text = arena_printf(w->ctx->arena, "@cast(..., \"%s\")", n->target.type_name);
	bool at_entry;
	Object o;
	Fetch f;

	if (!type) {
		unknown_type(w, n);
		*slot = number(w, n->loc, 0);
		return;
	}
	if (type->kind != DBG_PTR)
		type = debuginfo_pointer(w->ctx->di, type);
	if (!base_fetch(w, n->target.base, &f, &at_entry)) {
		if (!w->ctx->module) {
			check_names(w, slot, type, text);
			return;
		}
		f = computed_fetch(w, n->target.base);
	}
	object_value(&f, type, &o);
	if (n->target.addr_of && !n->target.path.n)
		object_at(&f, debuginfo_target(w->ctx->di, type), &o);
	o.text = text;
	finish(w, slot, &o, at_entry);
}

static void resolve_deref(Walk *w, Node **slot)
{
	Node *n = *slot;
	bool at_entry;
	Object o;
	Fetch f;

	if (!base_fetch(w, n->target.base, &f, &at_entry)) {
		n->type = TY_LONG;
		if (!w->ctx->module)
			return;
		f = computed_fetch(w, n->target.base);
	}
	object_value(&f, f.type, &o);
	if (f.type && f.type->kind == DBG_ARRAY)
		o.in = OBJ_MEMORY;
	o.text = node_text(w->ctx->arena, n->target.base);
	finish(w, slot, &o, at_entry);
}

/** struct Global - a variable outside of functions, asked for by @var. */
typedef struct Global {
	const char *name, *file; /* "name@file"; file NULL: any */
	const char *module;	 /* NULL: the kernel */
	DwarfFile *dwarf;	 /* that was asked; NULL: there is none, .why */
	const char *why;
	bool percpu;
	bool absent; /* kallsyms does not list it */
	Object object;
} Global;

static Global global_asked(Walk *w, const Node *n)
{
	const char *at = strchr(n->target.name, '@'), *module = n->target.module;
	Global g = {.name = n->target.name};

	if (at) {
		g.name = arena_strndup(w->ctx->arena, n->target.name, (size_t)(at - n->target.name));
		g.file = at + 1;
	}
	if (!module)
		g.module = w->scope->module;
	else if (strcmp(module, "kernel") && strcmp(module, "vmlinux"))
		g.module = module;
	return g;
}

/* Types of BTF and addresses of kallsyms: all there is for a name without a file, mostly. */
static bool global_from_btf(Walk *w, const Node *n, Global *g)
{
	Debuginfo *di = w->ctx->di;
	const DbgType *type = debuginfo_variable(di, g->module, g->name, &g->percpu);
	const DbgSymbol *sym;
	Fetch f = {.base = FB_IMM, .size = 8};

	sym = g->percpu ? NULL : debuginfo_data_symbol(di, g->module, g->name);
	g->absent = !sym;
	if (!sym || (!type && (n->target.path.n || !n->target.addr_of)))
		return false;
	f.value = (int64_t)sym->address;
	object_at(&f, type ? type : debuginfo_type(di, NULL, "void"), &g->object);
	return true;
}

static bool global_from_dwarf(Walk *w, Global *g)
{
	DwarfFile *f = g->dwarf = debuginfo_dwarf(w->ctx->di, g->module, &g->why);
	const DbgType *t = NULL;
	uint64_t address;
	int64_t bias;
	Variable v;

	if (!f)
		return false;
	if (!g->file && f == w->scope->dwarf)
		t = dwarf_global(f, w->scope->pc, NULL, g->name, &address);
	if (!t)
		t = dwarf_global(f, 0, g->file, g->name, &address);
	g->percpu = t && dwarf_bias(f, &bias) && (int64_t)address + bias >= 0; /* an offset */
	if (!t || g->percpu)
		return false;
	global_variable(f, g->name, t, address, &v);
	object_of_variable(w, &v, &g->object);
	return true;
}

static void resolve_atvar(Walk *w, Node **slot)
{
	Node *n = *slot;
	Global g = global_asked(w, n);

	if ((!g.file && global_from_btf(w, n, &g)) ||
	    (!g.percpu && !g.absent && global_from_dwarf(w, &g)) ||
	    (g.file && !g.percpu && global_from_btf(w, n, &g))) {
		g.object.text = arena_printf(w->ctx->arena, "@var(\"%s\")", n->target.name);
		finish(w, slot, &g.object, false);
		return;
	}
	if (g.percpu)
		walk_error(w, DIAG_GLOBAL_UNKNOWN, n->loc,
			   "'%s' is a per-CPU variable: it has no one address", g.name);
	else if (!g.file && g.absent)
		walk_error(w, DIAG_GLOBAL_UNKNOWN, n->loc,
			   "no global variable '%s' in kallsyms, or its address is hidden", g.name);
	else
		walk_error(w, g.dwarf ? DIAG_GLOBAL_UNKNOWN : DIAG_NEEDS_DWARF, n->loc,
			   g.dwarf ? "no global variable '%s' in %s"
				   : "BTF does not have the type of '%s': %s",
			   n->target.name, g.dwarf ? dwarf_path(g.dwarf) : g.why);
	*slot = number(w, n->loc, 0);
}

/* ---- the walk ---- */

static void resolve_below(Walk *w, Target *t)
{
	for (int i = 0; i < t->path.n; i++)
		if (t->path.v[i].index)
			node_walk(&t->path.v[i].index, visit, w);
	if (t->base)
		node_walk(&t->base, visit, w);
}

static void resolve_entry(Walk *w, Node *n)
{
	if (!w->scope->is_return) {
		walk_error(w, DIAG_NO_RETURN, n->loc, "@entry() is only there in a .return probe");
		return;
	}
	w->in_entry++;
	node_walk(&n->unary.operand, visit, w);
	w->in_entry--;
}

static bool visit(void *arg, Node **slot)
{
	Walk *w = arg;
	Node *n = *slot;

	if (n->kind == ND_ENTRY) {
		resolve_entry(w, n);
		return false;
	}
	if (n->kind != ND_TARGET && n->kind != ND_CAST && n->kind != ND_DEREF &&
	    n->kind != ND_ATVAR)
		return true;
	if (n->target.fetch || n->target.computed) /* made by a pretty printer: done */
		return false;
	resolve_below(w, &n->target);
	w->loc = n->loc;
	if (n->kind == ND_TARGET)
		resolve_target(w, slot);
	else if (n->kind == ND_CAST)
		resolve_cast(w, slot);
	else if (n->kind == ND_DEREF)
		resolve_deref(w, slot);
	else
		resolve_atvar(w, slot);
	return false;
}

/* ---- @defined ---- */

static bool resolves(Walk *w, const Node *operand)
{
	Walk q = *w;
	Node *copy = node_clone(w->ctx->arena, operand);

	q.ok = true;
	w->ctx->diag->muted++;
	node_walk(&copy, visit, &q);
	w->ctx->diag->muted--;
	return q.ok;
}

static bool visit_defined(void *arg, Node **slot)
{
	Walk *w = arg;
	Node *n = *slot;
	bool yes;

	if (n->kind == ND_ENTRY) {
		w->in_entry++;
		node_walk(&n->unary.operand, visit_defined, w);
		w->in_entry--;
		return false;
	}
	if (n->kind != ND_DEFINED)
		return true;
	yes = resolves(w, n->unary.operand);
	if (!yes && w->scope->fields.n && !w->scope->args_only) {
		w->scope->use_fields = true;
		yes = resolves(w, n->unary.operand);
		w->scope->use_fields = false;
	}
	*slot = number(w, n->loc, yes);
	return false;
}

static void fold_defined(Walk *w, Body *b)
{
	node_walk(&b->block, visit_defined, w);
	fold_body(w->script, b);
	propagate_locals(w->ctx->arena, !w->ctx->module, b);
}

/*
 * Fields of the event or arguments: `@defined($pid) ? $pid : $p->pid` is content with either, and
 * becomes the field, unless something else in @b needs an argument.
 */
static void fields_or_args(Walk *w, Body *b)
{
	Scope *s = w->scope;
	Body *written;

	s->args_only = w->ctx->module;
	written = s->args_only ? NULL : body_clone(w->ctx->arena, b);
	fold_defined(w, b);
	if (s->args_only || scope_choose_fields(s, b))
		return;
	*b = *written;
	s->args_only = true;
	fold_defined(w, b);
	scope_choose_fields(s, b);
}

bool vars_resolve(ProbeContext *ctx, Script *s, Scope *scope, Body *b)
{
	Walk w = {.ctx = ctx, .script = s, .scope = scope, .ok = true};

	scope_fill(ctx->arena, scope);
	if (scope->is_trace)
		fields_or_args(&w, b);
	else
		fold_defined(&w, b);
	node_walk(&b->block, visit, &w);
	return w.ok || ctx->skip_badvars;
}

bool vars_resolve_function(ProbeContext *ctx, Script *s, Function *f)
{
	Body body = {.block = f->body, .loc = f->loc};
	Scope *scope =
	    scope_none(ctx->arena, arena_printf(ctx->arena, "function '%s'", f->name),
		       DIAG_NO_CONTEXT, "target variables belong to probes: pass the value");
	Walk w = {.ctx = ctx, .script = s, .scope = scope, .ok = true};

	if (!f->body)
		return true;
	body.locals = f->locals;
	node_walk(&body.block, visit_defined, &w);
	fold_body(s, &body);
	node_walk(&body.block, visit, &w);
	f->body = body.block;
	f->whole = body.whole;
	return w.ok || ctx->skip_badvars;
}

bool probe_resolve_again(ProbeContext *ctx, Script *s, Function *f)
{
	Body b = {.block = f->body, .locals = f->locals, .loc = f->loc};

	propagate_locals(ctx->arena, !ctx->module, &b);
	return vars_resolve_function(ctx, s, f);
}
