/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names: every variable node gets its Symbol, every call its functions or built-in. Globals and
 * functions are looked up in the script, then built-ins, then the library; any other plain name is
 * a local of the probe body or function, declared by being used. Arrays are always global.
 */
#include "frontend/frontend_int.h"

#include <stdlib.h>

typedef struct Binder {
	Script *s;
	const Conditions *cond;
	Diag *d;
	SymbolVec *locals; /* NULL in the condition of a probe point: globals only */
	bool in_alias;	   /* what is declared here, the user may leave unused */
	bool library;	   /* the text is not the user's */
} Binder;

static bool bind(void *ctx, Node **slot);

/* ---- definitions ---- */

static bool add_global(Script *s, Unit *u, Symbol *g, Diag *d)
{
	Table *table = g->is_private ? u->private_globals : s->names->globals;
	const Symbol *other = table_get(table, g->name);

	if (!other) {
		other = table_get(g->is_private ? s->names->globals : u->private_globals, g->name);
		if (other && other->loc.file != g->loc.file)
			other = NULL;
	}
	if (other) {
		diag_error(d, DIAG_DUPLICATE, g->loc, "global '%s' is declared twice", g->name);
		diag_note(d, other->loc, "the other one is here");
		return false;
	}
	table_put(table, g->name, g);
	vec_push(s->arena, &s->globals, g);
	return true;
}

static void add_function(Script *s, Unit *u, Function *f)
{
	Table *table = f->is_private ? u->private_functions : s->names->functions;
	Overloads *set = table_get(table, f->name);

	if (!set) {
		set = NEW(s->arena, Overloads);
		table_put(table, f->name, set);
	}
	vec_push(s->arena, &set->fn, f);
}

static void add_alias_name(Script *s, Alias *al, const ProbePoint *name)
{
	struct Names *names = s->names;
	const char *root_name = name->part.v[0].name;
	AliasRoot *root = table_get(names->alias_roots, root_name);
	int at = names->aliases.n;

	vec_push(s->arena, &names->aliases, ((AliasName){al, name, -1}));
	if (root) {
		names->aliases.v[root->last].next = at;
		root->last = at;
		return;
	}
	root = NEW(s->arena, AliasRoot);
	root->first = root->last = at;
	table_put(names->alias_roots, root_name, root);
}

static void add_alias(Script *s, Alias *al)
{
	for (int i = 0; i < al->names.n; i++)
		add_alias_name(s, al, al->names.v[i]);
}

bool names_add(Script *s, Unit *u, Diag *d)
{
	bool ok = true;

	for (int i = 0; i < u->items.n; i++) {
		Item *it = &u->items.v[i];

		if (it->kind == ITEM_GLOBAL)
			ok &= add_global(s, u, it->global, d);
		else if (it->kind == ITEM_FUNCTION)
			add_function(s, u, it->function);
		else if (it->kind == ITEM_ALIAS)
			add_alias(s, it->alias);
	}
	return ok;
}

/* ---- private names: bound per file, before alias bodies leave it ---- */

struct PrivateBinder {
	Script *s;
	const Unit *u;
	const Function *f;
};

static bool is_param(const Function *f, const char *name)
{
	for (int i = 0; f && i < f->params.n; i++)
		if (!strcmp(f->params.v[i]->name, name))
			return true;
	return false;
}

static void candidates(Arena *a, const Overloads *set, int n_args, FunctionVec *out)
{
	for (int i = 0; set && i < set->fn.n; i++) {
		Function *f = set->fn.v[i];
		int at = out->n;

		if (f->params.n != n_args)
			continue;
		vec_push(a, out, f);
		for (; at > 0 && out->v[at - 1]->priority > f->priority; at--)
			out->v[at] = out->v[at - 1];
		out->v[at] = f;
	}
}

static bool bind_private(void *ctx, Node **slot)
{
	struct PrivateBinder *b = ctx;
	Node *n = *slot;

	if (n->kind == ND_VAR || n->kind == ND_INDEX || n->kind == ND_IN) {
		if (n->var.name && !is_param(b->f, n->var.name))
			n->var.sym = table_get(b->u->private_globals, n->var.name);
	} else if (n->kind == ND_CALL) {
		candidates(b->s->arena, table_get(b->u->private_functions, n->call.name),
			   n->call.args.n, &n->call.fns);
	}
	return true;
}

static void bind_private_points(struct PrivateBinder *b, const PointVec *points)
{
	for (int i = 0; i < points->n; i++)
		node_walk(&points->v[i]->condition, bind_private, b);
}

static void bind_private_item(struct PrivateBinder *b, Item *it)
{
	b->f = NULL;
	if (it->kind == ITEM_FUNCTION) {
		b->f = it->function;
		node_walk(&it->function->body, bind_private, b);
	} else if (it->kind == ITEM_PROBE) {
		node_walk(&it->probe->body->block, bind_private, b);
		bind_private_points(b, &it->probe->points);
	} else if (it->kind == ITEM_ALIAS) {
		node_walk(&it->alias->prologue, bind_private, b);
		node_walk(&it->alias->epilogue, bind_private, b);
		bind_private_points(b, &it->alias->points);
	}
}

static bool is_empty(const Table *t)
{
	const char *key;
	void *value;
	int it = 0;

	return !table_next(t, &it, &key, &value);
}

void names_bind_private(Script *s, Unit *u)
{
	struct PrivateBinder b = {.s = s, .u = u};

	if (is_empty(u->private_globals) && is_empty(u->private_functions))
		return;
	for (int i = 0; i < u->items.n; i++)
		bind_private_item(&b, &u->items.v[i]);
}

/* ---- variables ---- */

static Symbol *find_local(const Binder *b, const char *name)
{
	for (int i = 0; b->locals && i < b->locals->n; i++)
		if (!strcmp(b->locals->v[i]->name, name))
			return b->locals->v[i];
	return NULL;
}

static Symbol *find_global(Binder *b, const char *name)
{
	Symbol *g = table_get(b->s->names->globals, name);

	if (!g && library_pull(b->s, name, b->cond, b->d))
		g = table_get(b->s->names->globals, name);
	return g;
}

static Symbol *add_local(Binder *b, const char *name, Loc loc)
{
	Symbol *sym = NEW(b->s->arena, Symbol);

	sym->kind = SYM_LOCAL;
	sym->name = name;
	sym->loc = loc;
	sym->is_library = b->in_alias || (loc.file && loc.file->is_library);
	sym->slot = b->locals->n;
	vec_push(b->s->arena, b->locals, sym);
	return sym;
}

/* The variable @name: parameter or local, else global, else a new local. */
static Symbol *find_variable(Binder *b, const char *name, Loc loc)
{
	Symbol *sym = find_local(b, name);

	if (!sym)
		sym = find_global(b, name);
	if (!sym && b->locals)
		return add_local(b, name, loc);
	if (!sym)
		diag_error(b->d, DIAG_BAD_PROBE_CONDITION, loc,
			   "'%s' is not a global: a condition on a probe point knows only globals",
			   name);
	return sym;
}

static void unknown_array(Binder *b, const char *name, Loc loc)
{
	Nearest near = {.want = name};
	const Symbol *local = find_local(b, name);
	const char *other;
	void *value;

	if (local) {
		diag_error(b->d, DIAG_NOT_AN_ARRAY, loc,
			   "'%s' is a local variable; arrays must be declared: global %s", name,
			   name);
		return;
	}
	for (int it = 0; table_next(b->s->names->globals, &it, &other, &value);)
		nearest_add(&near, other);
	diag_error(b->d, DIAG_UNKNOWN_ARRAY, loc, "there is no array '%s'; declare it: global %s%s",
		   name, name, nearest_text(&near, b->s->arena));
}

static void wrong_keys(Binder *b, const Symbol *sym, int n, Loc loc)
{
	if (!n)
		diag_error(b->d, DIAG_NOT_AN_ARRAY, loc,
			   "'%s' is an array with %d key%s; one is needed here", sym->name,
			   sym->n_keys, sym->n_keys == 1 ? "" : "s");
	else if (!sym->n_keys)
		diag_error(b->d, DIAG_NOT_AN_ARRAY, loc, "'%s' is not an array", sym->name);
	else
		diag_error(b->d, DIAG_ARRAY_KEYS, loc, "array '%s' has %d key%s, not %d", sym->name,
			   sym->n_keys, sym->n_keys == 1 ? "" : "s", n);
	if (sym->keys_loc.file)
		diag_note(b->d, sym->keys_loc, "it was first used %s here",
			  sym->n_keys ? "as an array" : "without keys");
	else
		diag_note(b->d, sym->loc, "'%s' is declared here", sym->name);
}

/* @sym is used with @n keys: the first use decides. */
static void use_keys(Binder *b, Symbol *sym, int n, Loc loc)
{
	if (sym->n_keys == -1 && !n && (sym->size || sym->wrap)) {
		diag_error(b->d, DIAG_NOT_AN_ARRAY, loc, "'%s' is declared as an array", sym->name);
		diag_note(b->d, sym->loc, "'%s' is declared here", sym->name);
	} else if (sym->n_keys == -1) {
		sym->n_keys = n;
		sym->keys_loc = loc;
	} else if (sym->n_keys != n) {
		wrong_keys(b, sym, n, loc);
	}
}

static void bind_var(Binder *b, Node *n)
{
	if (!n->var.sym)
		n->var.sym = find_variable(b, n->var.name, n->loc);
	if (n->var.sym)
		use_keys(b, n->var.sym, 0, n->loc);
}

/* The variable @name that a loop or catch writes. */
static Symbol *scalar(Binder *b, const char *name, Loc loc)
{
	Symbol *sym = find_variable(b, name, loc);

	if (sym)
		use_keys(b, sym, 0, loc);
	return sym;
}

/* The array that @n names. */
static bool bind_array(Binder *b, Node *n)
{
	if (!n->var.sym && !find_local(b, n->var.name))
		n->var.sym = find_global(b, n->var.name);
	if (!n->var.sym)
		unknown_array(b, n->var.name, n->loc);
	return n->var.sym;
}

static void bind_foreach(Binder *b, Node *n)
{
	Node *array = n->foreach.array;
	Arena *a = b->s->arena;

	if (array->kind == ND_VAR && bind_array(b, array))
		use_keys(b, array->var.sym, n->foreach.key_names.n, array->loc);
	for (int i = 0; i < n->foreach.key_names.n; i++)
		vec_push(a, &n->foreach.keys,
			 scalar(b, n->foreach.key_names.v[i], n->foreach.key_locs.v[i]));
	if (n->foreach.value_name)
		n->foreach.value = scalar(b, n->foreach.value_name, n->foreach.value_loc);
	if (array->kind != ND_VAR)
		node_walk(&n->foreach.array, bind, b);
	if (n->foreach.limit)
		node_walk(&n->foreach.limit, bind, b);
	node_walk(&n->foreach.body, bind, b);
}

/* delete x, delete a: says nothing about whether it is an array. */
static bool bind_delete(Binder *b, Node *n)
{
	if (n->del->kind != ND_VAR)
		return true;
	if (!n->del->var.sym)
		n->del->var.sym = find_variable(b, n->del->var.name, n->del->loc);
	return false;
}

/* <<<, @count and the like, histograms: @n is statistics. */
static void bind_stats(Binder *b, Node *n)
{
	Symbol *sym;

	if (n->kind != ND_VAR && n->kind != ND_INDEX)
		return;
	if (!n->var.sym)
		n->var.sym = find_global(b, n->var.name);
	sym = n->var.sym;
	if (!sym) {
		unknown_array(b, n->var.name, n->loc);
	} else if (sym->type == TY_UNKNOWN && sym->kind == SYM_GLOBAL) {
		sym->type = TY_STATS;
		sym->type_loc = n->loc;
	}
}

/* ---- calls ---- */

static void use_function(Script *s, Function *f)
{
	if (f->used)
		return;
	f->used = true;
	vec_push(s->arena, &s->functions, f);
}

static void unknown_function(Binder *b, const Node *n)
{
	static const char *const print_name[] = {"print",    "println", "printf",  "printd",
						 "printdln", "sprint",	"sprintf", "print_char"};
	Nearest near = {.want = n->call.name};
	const char *name;
	void *value;

	for (int it = 0; table_next(b->s->names->functions, &it, &name, &value);)
		nearest_add(&near, name);
	for (int i = 0; i < BUILTIN_COUNT; i++)
		nearest_add(&near, builtin_row(i)->name);
	for (size_t i = 0; i < ARRAY_SIZE(print_name); i++)
		nearest_add(&near, print_name[i]);
	library_near(b->s, &near, b->cond);
	diag_error(b->d, DIAG_UNKNOWN_FUNCTION, n->loc, "there is no function '%s'%s", n->call.name,
		   nearest_text(&near, b->s->arena));
}

/* The numbers of arguments that do exist: "1 or 2". */
static const char *arities(Binder *b, const Overloads *set, const char *name)
{
	const char *text = "";

	for (int n = 0; n <= 32; n++) {
		bool found = builtin_find(name, n) != NULL;

		for (int i = 0; set && i < set->fn.n; i++)
			found |= set->fn.v[i]->params.n == n;
		if (found)
			text = arena_printf(b->s->arena, "%s%s%d", text, *text ? " or " : "", n);
	}
	return text;
}

static void wrong_arity(Binder *b, const Node *n, const Overloads *set)
{
	const char *text = arities(b, set, n->call.name);

	diag_error(b->d, DIAG_ARITY, n->loc, "%s() takes %s argument%s, not %d", n->call.name, text,
		   strcmp(text, "1") == 0 ? "" : "s", n->call.args.n);
	for (int i = 0; set && i < set->fn.n; i++)
		diag_note(b->d, set->fn.v[i]->loc, "it is defined here");
}

/* What is marked so is for guru mode, and for the library. */
static void check_guru(Binder *b, const Node *n, const Function *f)
{
	if (f->embed && embed_is(f->embed, "guru") && !b->cond->guru && !n->loc.file->is_library)
		diag_error(b->d, DIAG_GURU_NEEDED, n->loc, "%s() needs guru mode (-g)", f->name);
}

static void bind_call(Binder *b, Node *n)
{
	const char *name = n->call.name;
	Table *functions = b->s->names->functions;
	int argc = n->call.args.n;

	if (!b->locals)
		diag_error(b->d, DIAG_BAD_PROBE_CONDITION, n->loc,
			   "a condition on a probe point must not call functions");
	if (!n->call.fns.n)
		candidates(b->s->arena, table_get(functions, name), argc, &n->call.fns);
	if (!n->call.fns.n)
		n->call.builtin = builtin_find(name, argc);
	if (!n->call.fns.n && !n->call.builtin && library_pull(b->s, name, b->cond, b->d))
		candidates(b->s->arena, table_get(functions, name), argc, &n->call.fns);
	for (int i = 0; i < n->call.fns.n; i++) {
		use_function(b->s, n->call.fns.v[i]);
		check_guru(b, n, n->call.fns.v[i]);
	}
	if (n->call.fns.n || n->call.builtin)
		return;
	if (n->loc.file->is_library) /* the probe may never come to be: types_infer() reports it */
		return;
	if (table_get(functions, name) || builtin_find(name, -1))
		wrong_arity(b, n, table_get(functions, name));
	else
		unknown_function(b, n);
}

/* ---- embedded C ---- */

/* A pragma names a private global of its file, or any other one. */
static Symbol *find_for_embed(void *ctx, const Embed *c, const char *name, const char *pragma)
{
	Binder *b = ctx;
	Symbol *sym = NULL;
	Nearest near = {.want = name};
	const char *other;
	void *value;

	for (int i = 0; i < b->s->names->units.n && !sym; i++)
		if (!strcmp(b->s->names->units.v[i]->file->name, c->loc.file->name))
			sym = table_get(b->s->names->units.v[i]->private_globals, name);
	if (!sym)
		sym = find_global(b, name);
	if (sym)
		return sym;
	for (int it = 0; table_next(b->s->names->globals, &it, &other, &value);)
		nearest_add(&near, other);
	diag_error(b->d, DIAG_UNKNOWN_VARIABLE, c->loc, "%s%s */: there is no such global%s", pragma, name,
		   nearest_text(&near, b->s->arena));
	return NULL;
}

static void bind_embedded(Binder *b, Embed *c, int n_params)
{
	embed_check(c, n_params, b->d);
	if (embed_bind(b->s->arena, c, find_for_embed, b))
		vec_push(b->s->arena, &b->s->names->embeds, c);
}

/* ---- the walk ---- */

static void bind_op(Binder *b, Node *n)
{
	const Node *a = n->op.a;

	if (!op_writes(n->op.op))
		return;
	if (!b->locals)
		diag_error(b->d, DIAG_BAD_PROBE_CONDITION, n->loc,
			   "a condition on a probe point must not change anything");
	if (n->op.op == OP_SAMPLE)
		bind_stats(b, n->op.a);
	if (a->kind != ND_TARGET && a->kind != ND_CAST && a->kind != ND_ATVAR &&
	    a->kind != ND_DEREF)
		return;
	if (b->cond->guru || n->loc.file->is_library ||
	    (a->kind == ND_TARGET &&
	     !strcmp(a->target.name, "$value"))) /* what a procfs reader gets */
		return;
	diag_error(b->d, DIAG_GURU_NEEDED, a->loc, "writing to %s needs guru mode (-g)",
		   node_text(b->s->arena, a));
}

static void bind_index(Binder *b, Node *n)
{
	if (n->var.hist)
		return;
	if (bind_array(b, n))
		use_keys(b, n->var.sym, n->var.keys.n, n->loc);
}

static void bind_alias_block(Binder *b, Node *n)
{
	b->in_alias = true;
	for (int i = 0; i < n->block.n; i++)
		node_walk(&n->block.v[i], bind, b);
	b->in_alias = false;
}

static bool needs_probe(const Node *n)
{
	return n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_ATVAR ||
	       n->kind == ND_DEREF || (n->kind == ND_PRINT && !n->print.to_string);
}

static bool bind(void *ctx, Node **slot)
{
	Binder *b = ctx;
	Node *n = *slot;

	if (n->kind == ND_BLOCK && n->from_alias) {
		bind_alias_block(b, n);
		return false;
	}
	if (!b->locals && needs_probe(n))
		diag_error(b->d, DIAG_BAD_PROBE_CONDITION, n->loc,
			   "%s cannot stand in a condition on a probe point: it knows only globals",
			   node_text(b->s->arena, n));
	if (n->kind == ND_VAR) {
		bind_var(b, n);
	} else if (n->kind == ND_INDEX || n->kind == ND_IN) {
		bind_index(b, n);
	} else if (n->kind == ND_CALL) {
		bind_call(b, n);
	} else if (n->kind == ND_OP) {
		bind_op(b, n);
	} else if (n->kind == ND_STAT || n->kind == ND_HIST) {
		bind_stats(b, n->stat.operand);
	} else if (n->kind == ND_DELETE) {
		return bind_delete(b, n);
	} else if (n->kind == ND_TRY && n->try.msg_name) {
		n->try.msg = scalar(b, n->try.msg_name, n->loc);
	} else if (n->kind == ND_FOREACH) {
		bind_foreach(b, n);
		return false;
	} else if (n->kind == ND_EMBED) {
		bind_embedded(b, n->embed, 0);
	}
	return true;
}

static void bind_probe(Script *s, Probe *pr, const Conditions *cond, Diag *d)
{
	Binder b = {.s = s, .cond = cond, .d = d};

	for (int i = 0; i < pr->points.n; i++) {
		node_walk(&pr->points.v[i]->condition, bind, &b);
		usage_mark(pr->points.v[i]->condition);
	}
	b.locals = &pr->body->locals;
	node_walk(&pr->body->block, bind, &b);
	usage_mark(pr->body->block);
}

static void bind_function(Script *s, Function *f, const Conditions *cond, Diag *d)
{
	Binder b = {.s = s, .cond = cond, .d = d, .locals = &f->locals};

	if (f->embed)
		bind_embedded(&b, f->embed, f->params.n);
	node_walk(&f->body, bind, &b);
	usage_mark(f->body);
}

/* ---- the whole script ---- */

static void number_globals(Script *s)
{
	for (int i = 0; i < s->globals.n; i++) {
		Symbol *g = s->globals.v[i];

		g->slot = i;
		if (g->n_keys == -1)
			g->n_keys = g->size || g->wrap;
	}
}

static void check_arguments(Script *s, const Conditions *cond, Diag *d)
{
	Loc nowhere = {0};

	for (int i = 0; i < cond->n_args && i < 64; i++)
		if (!(s->names->args_used >> i & 1))
			diag_warning(d, DIAG_UNUSED_ARGUMENT, nowhere,
				     "script argument $%d ('%s') is not used by the script", i + 1,
				     cond->args[i]);
}

bool library_resolve(Script *s, const Library *lib, const Conditions *cond, Diag *d)
{
	int errors = d->errors + d->muted_errors, bound = 0, f = 0;
	ProbeVec out = {0};

	if (lib)
		s->names->lib = lib;
	s->names->cond = cond;
	for (int i = 0; i < s->probes.n || f < s->functions.n;) { /* both lists grow meanwhile */
		if (i < s->probes.n)
			alias_expand(s, s->probes.v[i++], &out, cond, d);
		for (; bound < out.n; bound++)
			bind_probe(s, out.v[bound], cond, d);
		if (f < s->functions.n)
			bind_function(s, s->functions.v[f++], cond, d);
	}
	s->probes = out;
	number_globals(s);
	check_arguments(s, cond, d);
	return d->errors + d->muted_errors == errors;
}
