/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Scopes: which variables a handler has at one site, and where each is. A tracepoint has up to two
 * of each name, the argument as the kernel's code passes it and the field that its event records;
 * the event is cheaper, so it is taken when everything the handler uses can be had from it.
 */
#include "probe/probe_int.h"

#include <string.h>

Scope *scope_none(Arena *a, const char *subject, DiagTag tag, const char *why)
{
	Scope *s = NEW(a, Scope);

	s->subject = subject;
	s->none_tag = tag;
	s->none = why;
	return s;
}

Scope *scope_given(Arena *a, const char *subject)
{
	return scope_none(a, subject, DIAG_VAR_UNKNOWN, "nothing is handed over");
}

void scope_give(ProbeContext *ctx, Scope *s, const char *name, const char *ctype, Fetch f)
{
	Variable v = {.name = name, .ctype = ctype};
	Fetch *copy = NEW(ctx->arena, Fetch);

	if (f.kind == FK_NUM)
		v.type = debuginfo_type(ctx->di, NULL, ctype);
	*copy = f;
	v.given = copy;
	vec_push(ctx->arena, &s->vars, v);
}

static void add_params(Arena *a, const DbgFunction *fn, int first, Variables *ret)
{
	ArchLoc *loc = NEW_ARRAY(a, ArchLoc, fn->n_params + 1);

	arch_locate_args(fn->param, fn->n_params, first, loc);
	for (int i = 0; i < fn->n_params; i++) {
		const DbgParam *p = &fn->param[i];
		Variable v = {.name = p->name, .type = p->type, .ctype = p->type->name};

		v.loc = loc[i];
		if (!*v.name)
			v.name = arena_printf(a, "arg%d", i + 1);
		vec_push(a, ret, v);
	}
}

Scope *scope_function(Arena *a, const DbgFunction *fn, const char *module, bool at_return)
{
	Scope *s = NEW(a, Scope);

	s->subject = arena_printf(a, "function '%s'", fn->name);
	s->module = module;
	s->is_return = at_return;
	s->ret = at_return ? fn->ret : NULL;
	s->none_tag = DIAG_VAR_UNKNOWN;
	s->none = "it has no parameters";
	add_params(a, fn, 0, &s->vars);
	return s;
}

/* ---- what DWARF describes ---- */

/* One word of a location as a Fetch; false: of a register that a probe does not see. */
static bool word(DwarfFile *f, const DbgPart *p, Fetch *ret, const char **why)
{
	int64_t bias = 0;
	int reg = p->reg < 0 ? 0 : arch_dwarf_reg(p->reg);

	*ret = (Fetch){.base = FB_REG, .reg = reg, .size = 8};
	if (reg < 0) {
		*why = "it is in a register that probes do not see";
		return false;
	}
	if (p->is_address && !dwarf_bias(f, &bias)) {
		*why = "the kernel hides where it is";
		return false;
	}
	if (p->reg < 0)
		*ret = (Fetch){.base = FB_IMM, .size = 8, .value = p->value + bias};
	for (int i = 0; i < p->n_off; i++)
		fetch_deref(ret, p->off[i], 8, false, ret);
	ret->add += p->add;
	return true;
}

/* A constant as its type has it. */
static void cut_constant(const DbgType *t, Fetch *f)
{
	int spare = t->size < 8 ? 64 - 8 * (int)t->size : 0;
	uint64_t v = (uint64_t)(f->value + f->add) << spare;

	if (f->base != FB_IMM || f->n_off)
		return;
	f->add = 0;
	f->value = t->is_signed ? (int64_t)v >> spare : (int64_t)(v >> spare);
}

static void place_variable(DwarfFile *f, const DbgLocation *loc, Variable *v)
{
	bool two = v->type->size > 8;

	v->loc = (ArchLoc){.kind = ARCH_NOWHERE};
	v->why = loc->why;
	if (loc->where == DBG_NOWHERE || !word(f, &loc->part[0], &v->loc.lo, &v->why))
		return;
	v->loc.kind = loc->where == DBG_MEMORY ? ARCH_MEMORY : ARCH_REGS;
	if (loc->where == DBG_MEMORY)
		return;
	if (two && !word(f, &loc->part[1], &v->loc.hi, &v->why))
		v->loc.kind = ARCH_NOWHERE;
	else if (!two)
		cut_constant(v->type, &v->loc.lo);
}

static void add_described(Arena *a, Scope *s, const DbgVariables *vars, bool params)
{
	for (int i = 0; i < vars->n; i++) {
		const DbgVariable *d = &vars->v[i];
		Variable v = {.name = d->name,
			      .type = d->type,
			      .ctype = d->type->name,
			      .is_local = !d->is_param};

		if (d->is_param != params)
			continue;
		place_variable(s->dwarf, &d->loc, &v);
		vec_push(a, &s->vars, v);
	}
}

Scope *scope_source(Arena *a, DwarfFile *f, const DbgCode *c, uint64_t pc, const char *module,
		    bool at_return)
{
	Scope *s = NEW(a, Scope);

	s->subject = arena_printf(a, "function '%s'", c->name);
	s->module = module;
	s->is_return = at_return;
	s->none_tag = DIAG_VAR_UNKNOWN;
	s->none = "it has no variables there";
	s->dwarf = f;
	s->code = *c;
	s->pc = pc;
	return s;
}

void scope_fill(Arena *a, Scope *s)
{
	DbgVariables vars = {0};

	if (!s->dwarf || s->filled)
		return;
	s->filled = true;
	dwarf_variables(s->dwarf, &s->code, s->pc, &vars);
	add_described(a, s, &vars, true);
	if (!s->is_return)
		add_described(a, s, &vars, false);
	else
		s->ret = dwarf_return_type(s->dwarf, &s->code);
}

bool scope_ask(Arena *a, Debuginfo *di, Scope *s)
{
	const char *why;
	DwarfFile *f;
	int64_t bias;

	if (!s->symbol)
		return false;
	f = debuginfo_dwarf(di, s->module, &why);
	if (!f)
		s->none = arena_printf(a, "%s; %s", s->none, why);
	if (f && dwarf_bias(f, &bias) && dwarf_code_at(f, s->symbol - (uint64_t)bias, &s->code)) {
		s->dwarf = f;
		s->pc = s->symbol - (uint64_t)bias;
		s->none_tag = DIAG_VAR_UNKNOWN;
		s->none = "it has no variables there";
	}
	s->symbol = 0;
	scope_fill(a, s);
	return s->dwarf != NULL;
}

void global_variable(DwarfFile *f, const char *name, const DbgType *type, uint64_t address,
		     Variable *ret)
{
	DbgLocation loc = {.where = DBG_MEMORY};

	*ret = (Variable){.name = name, .type = type, .ctype = type->name};
	loc.part[0] = (DbgPart){.reg = -1, .value = (int64_t)address, .is_address = true};
	place_variable(f, &loc, ret);
}

bool scope_global(Arena *a, Scope *s, const char *name, Variable *ret)
{
	const DbgType *t;
	uint64_t address;

	t = s->dwarf ? dwarf_global(s->dwarf, s->pc, NULL, name, &address) : NULL;
	if (t)
		global_variable(s->dwarf, arena_strdup(a, name), t, address, ret);
	return t != NULL;
}

/* ---- tracepoints ---- */

/* Raw arguments of a t: event are counted, not in registers; structs cannot be had from it. */
static void count_args(Variables *vars)
{
	for (int i = 0; i < vars->n; i++) {
		Variable *v = &vars->v[i];
		bool one_word = v->type->size <= 8 && v->loc.kind == ARCH_REGS;

		v->loc.kind = one_word ? ARCH_REGS : ARCH_NOWHERE;
		v->loc.lo = (Fetch){.base = FB_ARG, .kind = FK_NUM, .reg = i + 1, .size = 8};
	}
}

static void add_fields(Arena *a, const TraceEvent *e, Variables *ret)
{
	for (int i = 0; i < e->n_fields; i++) {
		Variable v = {
		    .name = e->field[i].name, .ctype = e->field[i].ctype, .field = &e->field[i]};

		if (!e->field[i].is_common)
			vec_push(a, ret, v);
	}
}

Scope *scope_trace(Arena *a, const DbgFunction *raw, const TraceEvent *event, bool has_tprobe)
{
	Scope *s = NEW(a, Scope);

	s->is_trace = true;
	s->none_tag = DIAG_VAR_UNKNOWN;
	s->none = "it has no arguments";
	if (event)
		add_fields(a, event, &s->fields);
	if (raw)
		add_params(a, raw, 1, &s->vars);
	if (raw && has_tprobe)
		count_args(&s->vars);
	return s;
}

const Variable *variable_find(const Variables *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->v[i].name, name))
			return &v->v[i];
	return NULL;
}

/* ---- tracepoints: fields or arguments ---- */

/* Does reading field @f give what argument @v (NULL: there is none) would? */
static bool same_value(const Variable *v, const TraceField *f)
{
	if (!v)
		return true;
	if (f->kind != FIELD_NUM || v->type->kind == DBG_STRUCT || v->type->kind == DBG_UNION)
		return false;
	return f->size == v->type->size && f->is_signed == v->type->is_signed;
}

typedef struct Usage {
	Scope *scope;
	bool exact;	 /* so far, the event's fields give the same as the arguments */
	bool possible;	 /* they give something of each name */
	bool field_only; /* something is only there as a field */
} Usage;

/* One use of $name; @followed: as an address, or with a path. */
static void use(Usage *u, const Target *t, bool followed)
{
	const Variable *raw, *field;

	if (!strncmp(t->name, "$$", 2)) {
		if (strcmp(t->name, "$$name") && strcmp(t->name, "$$system") && u->scope->vars.n)
			u->exact = false;
		return;
	}
	raw = variable_find(&u->scope->vars, t->name + 1);
	field = variable_find(&u->scope->fields, t->name + 1);
	if (!field || (raw && (followed || t->pretty)))
		u->possible = false;
	if (!field || !same_value(raw, field->field))
		u->exact = false;
	u->field_only |= field && !raw;
}

static bool visit_usage(void *arg, Node **slot)
{
	Usage *u = arg;
	Node *n = *slot;

	if (n->kind == ND_TARGET) {
		use(u, &n->target, n->target.path.n > 0 || n->target.addr_of);
	} else if (n->kind == ND_CAST || n->kind == ND_DEREF) {
		if (n->target.base && n->target.base->kind == ND_TARGET)
			use(u, &n->target.base->target, true);
	} else if (n->kind == ND_CALL && n->call.builtin && n->call.builtin->cls == BI_READ) {
		for (int i = 0; i < n->call.args.n; i++)
			if (n->call.args.v[i]->kind == ND_TARGET)
				use(u, &n->call.args.v[i]->target, true);
	}
	return true;
}

bool scope_choose_fields(Scope *s, Body *b)
{
	Usage u = {.scope = s, .exact = true, .possible = true};

	node_walk(&b->block, visit_usage, &u);
	if (!s->vars.n)
		s->use_fields = true;
	else if (!s->fields.n)
		s->use_fields = false;
	else
		s->use_fields = u.possible && (u.exact || u.field_only);
	return s->use_fields || !s->vars.n || !u.field_only;
}
