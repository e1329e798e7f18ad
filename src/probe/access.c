/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Following a C path, ->member and [index], at compile time. An Object is a value, a struct in
 * registers, or an address with a type; an address is moved within its struct or array by adding to
 * it, and read only when a pointer is followed or the path ends.
 */
#include "probe/probe_int.h"

#include <string.h>

enum { WORD = 8 };

void walk_error(Walk *w, DiagTag tag, Loc loc, const char *fmt, ...)
{
	va_list ap;
	Buf text = {0};

	w->ok = false;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (w->ctx->skip_badvars)
		diag_warning(w->ctx->diag, tag, loc, "%s; it is taken as 0", text.s);
	else
		diag_error(w->ctx->diag, tag, loc, "%s", text.s);
	buf_free(&text);
}

static bool is_struct(const DbgType *t)
{
	return t && (t->kind == DBG_STRUCT || t->kind == DBG_UNION);
}

static bool loadable_size(uint32_t n)
{
	return n == 1 || n == 2 || n == 4 || n == 8;
}

/* ---- where objects come from ---- */

void object_value(const Fetch *f, const DbgType *type, Object *ret)
{
	*ret = (Object){.in = OBJ_VALUE, .type = type, .lo = *f};
}

void object_at(const Fetch *address, const DbgType *type, Object *ret)
{
	*ret = (Object){.in = OBJ_MEMORY, .type = type, .lo = *address};
}

void object_of_location(const DbgType *t, const ArchLoc *loc, Object *ret)
{
	*ret = (Object){.in = OBJ_NOWHERE, .type = t};
	if (loc->kind == ARCH_NOWHERE)
		return;
	ret->lo = loc->lo;
	ret->hi = loc->hi;
	if (loc->kind == ARCH_MEMORY) {
		ret->in = OBJ_MEMORY;
	} else if (is_struct(t) || !loadable_size(t->size)) {
		ret->in = OBJ_REGS;
	} else {
		ret->in = OBJ_VALUE;
		ret->lo.size = (uint8_t)t->size;
		ret->lo.is_signed = t->is_signed;
	}
}

/* The C type that the format of a trace event gives a field, when BTF knows it. */
static const DbgType *field_type(Walk *w, const char *ctype)
{
	if (!strncmp(ctype, "const ", 6))
		ctype += 6;
	return debuginfo_type(w->ctx->di, w->scope->module, ctype);
}

static void object_of_field(Walk *w, const TraceField *f, Object *ret)
{
	*ret = (Object){.in = OBJ_FIELD, .field = f};
	ret->lo = (Fetch){.base = FB_FIELD, .field = f->name};
	if (f->kind != FIELD_NUM)
		return;
	ret->in = loadable_size(f->size) ? OBJ_VALUE : OBJ_NOWHERE;
	ret->lo.size = (uint8_t)f->size;
	ret->lo.is_signed = f->is_signed;
	if (strchr(f->ctype, '*'))
		ret->type = field_type(w, f->ctype);
}

void object_of_variable(Walk *w, const Variable *v, Object *ret)
{
	if (v->field)
		object_of_field(w, v->field, ret);
	else if (v->given)
		object_value(v->given, v->type, ret);
	else
		object_of_location(v->type, &v->loc, ret);
	ret->why = v->why;
	ret->text = arena_printf(w->ctx->arena, "$%s", v->name);
}

/* ---- reading ---- */

/* A value of the object's type cut out of the registers that hold its struct. */
static bool load_regs(const Object *o, Fetch *ret)
{
	uint32_t in = o->reg_byte % WORD, size = o->type->size;

	if (!loadable_size(size) || o->reg_byte >= 2 * WORD)
		return false;
	*ret = o->reg_byte < WORD ? o->lo : o->hi;
	ret->is_signed = o->type->is_signed;
	if (size == WORD && !o->bit_size)
		return true;
	ret->bit_off = (uint8_t)(in * 8 + o->bit_off);
	ret->bit_size = o->bit_size ? o->bit_size : (uint8_t)(size * 8);
	return true;
}

static bool load_memory(Walk *w, const Object *o, Fetch *ret)
{
	const DbgType *t = o->type;

	if (fetch_deref(&o->lo, 0, (uint8_t)t->size, t->is_signed, ret)) {
		ret->bit_off = o->bit_off;
		ret->bit_size = o->bit_size;
		return true;
	}
	if (o->lo.n_off == FETCH_MAX_DEREF)
		walk_error(w, DIAG_CHAIN_TOO_LONG, w->loc,
			   "%s follows more than %d pointers, which is all that one event can",
			   o->text, FETCH_MAX_DEREF);
	else
		w->dynamic = true;
	return false;
}

static bool load_field(Walk *w, const Object *o, Fetch *ret)
{
	if (o->field->kind == FIELD_ARRAY) {
		walk_error(w, DIAG_NOT_A_VALUE, w->loc,
			   "%s is an array: take one element of it, %s[0]", o->text, o->text);
		return false;
	}
	*ret = o->lo;
	ret->kind = FK_STRING;
	ret->size = 0;
	return true;
}

/* Say why an object of this type has no value, if it has none. */
static bool has_value(Walk *w, const Object *o)
{
	const DbgType *t = o->type;

	if (o->in == OBJ_NOWHERE && o->why)
		walk_error(w, DIAG_VAR_NOWHERE, w->loc, "%s has no value at this address: %s",
			   o->text, o->why);
	else if (o->in == OBJ_NOWHERE)
		walk_error(w, DIAG_NOT_A_VALUE, w->loc, "%s (%s) cannot be read by a probe",
			   o->text, t ? t->name : "of an unusual size");
	else if (is_struct(t))
		walk_error(w, DIAG_NOT_A_VALUE, w->loc,
			   "%s is a %s, not a value: take a member of it, its address with &, or "
			   "print it with %s$",
			   o->text, t->name, o->text);
	else if (t && t->kind == DBG_FLOAT)
		walk_error(w, DIAG_NOT_A_VALUE, w->loc, "%s is a floating point number", o->text);
	else if (o->in != OBJ_FIELD && o->in != OBJ_VALUE && t->kind != DBG_ARRAY &&
		 t->kind != DBG_FUNC && !loadable_size(t->size))
		walk_error(w, DIAG_NOT_A_VALUE, w->loc, "%s is of type %s, which has no value",
			   o->text, t->name);
	else
		return true;
	return false;
}

bool object_load(Walk *w, const Object *o, Fetch *ret)
{
	bool ok = false;

	if (!has_value(w, o))
		return false;
	switch (o->in) {
	case OBJ_VALUE:
		*ret = o->lo;
		ok = true;
		break;
	case OBJ_REGS:
		ok = load_regs(o, ret);
		w->dynamic |= !ok;
		break;
	case OBJ_MEMORY:
		if (o->type->kind == DBG_ARRAY || o->type->kind == DBG_FUNC) {
			*ret = o->lo; /* as in C: its address */
			ok = true;
		} else {
			ok = load_memory(w, o, ret);
		}
		break;
	case OBJ_FIELD:
		ok = load_field(w, o, ret);
		break;
	case OBJ_NOWHERE:
		break;
	}
	if (ok)
		ret->type = o->type;
	return ok;
}

bool object_address(Walk *w, const Object *o, Fetch *ret)
{
	if (o->in != OBJ_MEMORY || o->bit_size) {
		walk_error(w, DIAG_NOT_A_VALUE, w->loc, "%s has no address: it is %s", o->text,
			   o->bit_size ? "a bit field" : "not in memory");
		return false;
	}
	*ret = o->lo;
	ret->type = debuginfo_pointer(w->ctx->di, o->type);
	return true;
}

/* ---- one step ---- */

/* Load pointer @o and stand on what it points at. */
static bool follow_pointer(Walk *w, Object *o)
{
	const DbgType *target = debuginfo_target(w->ctx->di, o->type);
	const char *text = o->text;
	Fetch p;

	if (!object_load(w, o, &p))
		return false;
	object_at(&p, target, o);
	o->text = text;
	return true;
}

static void unknown_member(Walk *w, const Object *o, const char *name, Loc loc)
{
	Nearest near = {.want = name};

	debuginfo_nearest_member(w->ctx->di, o->type, &near);
	if (near.n)
		walk_error(w, DIAG_MEMBER_UNKNOWN, loc, "%s has no member '%s'%s", o->type->name,
			   name, nearest_text(&near, w->ctx->arena));
	else
		walk_error(w, DIAG_MEMBER_UNKNOWN, loc,
			   "%s has no member '%s': no definition of it is in BTF", o->type->name,
			   name);
}

bool object_member(Walk *w, Object *o, const char *name, Loc loc)
{
	DbgMember m;

	if (!o->type) {
		walk_error(w, DIAG_MEMBER_UNKNOWN, loc,
			   "the type of %s is not known: use @cast(%s, \"type\")->%s", o->text,
			   o->text, name);
		return false;
	}
	if (o->type->kind == DBG_PTR && !follow_pointer(w, o))
		return false;
	if (!is_struct(o->type)) {
		walk_error(w, DIAG_MEMBER_UNKNOWN, loc,
			   o->type->kind == DBG_VOID
			       ? "%s points at %s: use @cast(%s, \"type\")->%s"
			       : "%s is of type %s, not a struct: @cast(%s, \"type\")->%s would "
				 "treat it as one",
			   o->text, o->type->name, o->text, name);
		return false;
	}
	if (!debuginfo_member(w->ctx->di, o->type, name, &m)) {
		unknown_member(w, o, name, loc);
		return false;
	}
	o->lo.add += o->in == OBJ_MEMORY ? m.offset : 0;
	o->reg_byte += m.offset;
	o->type = m.type;
	o->bit_off = m.bit_off;
	o->bit_size = m.bit_size;
	o->text = arena_printf(w->ctx->arena, "%s->%s", o->text, name);
	return true;
}

/* Element @i of an array field of a trace event. */
static bool index_field(Walk *w, Object *o, int64_t i, Loc loc)
{
	const TraceField *f = o->field;
	int64_t n = f->elem_size ? f->size / f->elem_size : 0;

	if (f->kind != FIELD_ARRAY || f->is_dynamic || !loadable_size(f->elem_size) || i < 0 ||
	    i >= n) {
		walk_error(w, DIAG_NOT_AN_INDEX, loc, "%s (%s) has no element %lld", o->text,
			   f->ctype, (long long)i);
		return false;
	}
	o->in = OBJ_VALUE;
	o->lo.value = i * f->elem_size;
	o->lo.size = (uint8_t)f->elem_size;
	o->lo.is_signed = f->is_signed;
	return true;
}

bool object_index(Walk *w, Object *o, int64_t i, Loc loc)
{
	const DbgType *elem;

	if (o->in == OBJ_FIELD)
		return index_field(w, o, i, loc);
	elem = o->type ? debuginfo_target(w->ctx->di, o->type) : NULL;
	if (!elem || (!elem->size && i)) {
		walk_error(w, DIAG_NOT_AN_INDEX, loc, "%s is of type %s, which has no elements",
			   o->text, o->type ? o->type->name : "unknown");
		return false;
	}
	if (o->type->kind == DBG_PTR && !follow_pointer(w, o))
		return false;
	o->type = elem;
	o->lo.add += o->in == OBJ_MEMORY ? i * (int64_t)elem->size : 0;
	o->reg_byte += o->in == OBJ_REGS ? (uint32_t)i * elem->size : 0;
	o->text = arena_printf(w->ctx->arena, "%s[%lld]", o->text, (long long)i);
	return true;
}

/* ---- indices that a module computes ---- */

static Node *value_of(Walk *w, const Fetch *f, const char *text, Loc loc)
{
	Node *n = node_new(w->ctx->arena, ND_TARGET, loc);
	Fetch *copy = NEW(w->ctx->arena, Fetch);

	*copy = *f;
	n->type = TY_LONG;
	n->target.name = text;
	if (f->base == FB_EXPR) {
		n->target.computed = copy;
		n->target.base = w->expr;
	} else {
		n->target.fetch = copy;
		n->target.at_entry = w->at_entry;
	}
	return n;
}

static Node *operation(Walk *w, Op op, Node *a, Node *b)
{
	Node *n = node_new(w->ctx->arena, ND_OP, b->loc);

	n->type = TY_LONG;
	n->op.op = op;
	n->op.a = a;
	n->op.b = b;
	return n;
}

/* [expression]: go on from the address of the first element plus a multiple of its size. */
static bool index_computed(Walk *w, Object *o, const Access *a)
{
	Object first = *o;
	Node *size = node_new(w->ctx->arena, ND_NUM, a->loc), *offset;

	if (!w->ctx->module || !object_index(w, &first, 0, a->loc) || first.in != OBJ_MEMORY)
		return false;
	size->type = TY_LONG;
	size->num = first.type->size;
	offset = operation(w, OP_MUL, size, node_clone(w->ctx->arena, a->index));
	w->expr = operation(w, OP_ADD, value_of(w, &first.lo, o->text, a->loc), offset);
	first.lo = (Fetch){.base = FB_EXPR, .size = WORD};
	first.text = arena_printf(w->ctx->arena, "%s[...]", o->text);
	*o = first;
	return true;
}

bool object_follow(Walk *w, Object *o, const Target *t)
{
	for (int i = 0; i < t->path.n; i++) {
		const Access *a = &t->path.v[i];

		if (a->member && !object_member(w, o, a->member, a->loc))
			return false;
		if (a->member)
			continue;
		if (a->index->kind != ND_NUM && index_computed(w, o, a))
			continue;
		if (a->index->kind != ND_NUM) {
			w->dynamic = true; /* an index that the handler computes */
			return false;
		}
		if (!object_index(w, o, a->index->num, a->loc))
			return false;
	}
	return true;
}
