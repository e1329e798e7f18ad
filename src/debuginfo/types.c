/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * C types as src/probe asks for them. A DbgType is made from a BTF id when it is first asked for
 * and kept by id, so that equal types are equal pointers. It looks through typedefs and qualifiers;
 * the spelling keeps them, written with the qualifier behind what it qualifies ("char const *").
 */
#include "debuginfo/dwarf_int.h"

#include <string.h>

enum { NEST_MAX = 32 }; /* pointers, arrays and anonymous members within each other */

/* ---- spelling ---- */

static const char *type_text(Arena *a, const Btf *b, uint32_t id, int depth);

const char *spell_tagged(Arena *a, const char *tag, const char *name)
{
	return *name ? arena_printf(a, "%s %s", tag, name) : arena_printf(a, "%s {...}", tag);
}

const char *spell_pointer(Arena *a, const char *target)
{
	size_t n = strlen(target);

	return arena_printf(a, n && target[n - 1] == '*' ? "%s*" : "%s *", target);
}

static const char *proto_text(Arena *a, const Btf *b, const struct btf_type *t, const char *middle,
			      int depth)
{
	const struct btf_param *p = btf_extra(t);
	const char *args = "";

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		args = arena_printf(a, "%s%s%s", args, i ? ", " : "",
				    p[i].type ? type_text(a, b, p[i].type, depth) : "...");
	return arena_printf(a, "%s %s(%s)", type_text(a, b, t->type, depth), middle, args);
}

static const char *array_text(Arena *a, const Btf *b, uint32_t id, const char *middle, int depth)
{
	const char *dims = "";

	for (int i = 0; i < NEST_MAX && btf_kind(btf_type(b, id)) == BTF_KIND_ARRAY; i++) {
		const struct btf_array *ar = btf_extra(btf_type(b, id));

		dims = arena_printf(a, "%s[%u]", dims, ar->nelems);
		id = ar->type;
	}
	return arena_printf(a, "%s %s%s", type_text(a, b, id, depth), middle, dims);
}

static const char *pointer_text(Arena *a, const Btf *b, uint32_t target, int depth)
{
	const struct btf_type *t = btf_type(b, target);

	if (btf_kind(t) == BTF_KIND_FUNC_PROTO)
		return proto_text(a, b, t, "(*)", depth);
	if (btf_kind(t) == BTF_KIND_ARRAY)
		return array_text(a, b, target, "(*)", depth);
	return spell_pointer(a, type_text(a, b, target, depth));
}

/* As C would write type @id; @depth guards against types that contain themselves. */
static const char *type_text(Arena *a, const Btf *b, uint32_t id, int depth)
{
	const struct btf_type *t = btf_type(b, id);
	const char *name = btf_string(b, t->name_off);

	if (depth++ > NEST_MAX)
		return "...";
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return spell_tagged(a, "struct", name);
	case BTF_KIND_UNION:
		return spell_tagged(a, "union", name);
	case BTF_KIND_FWD:
		return spell_tagged(a, btf_kflag(t) ? "union" : "struct", name);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return spell_tagged(a, "enum", name);
	case BTF_KIND_PTR:
		return pointer_text(a, b, t->type, depth);
	case BTF_KIND_ARRAY:
		return array_text(a, b, id, "", depth);
	case BTF_KIND_CONST:
		return arena_printf(a, "%s const", type_text(a, b, t->type, depth));
	case BTF_KIND_VOLATILE:
		return arena_printf(a, "%s volatile", type_text(a, b, t->type, depth));
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return type_text(a, b, t->type, depth);
	case BTF_KIND_FUNC_PROTO:
		return proto_text(a, b, t, "", depth);
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPEDEF:
		return name;
	default:
		return "void";
	}
}

/* ---- interning ---- */

static void fill_int(DbgType *d, const struct btf_type *t, const char *name)
{
	uint32_t info = *(const uint32_t *)btf_extra(t), enc = BTF_INT_ENCODING(info);

	d->kind = DBG_INT;
	if (enc & BTF_INT_BOOL || !strcmp(name, "_Bool"))
		d->kind = DBG_BOOL;
	else if (t->size == 1 && strstr(name, "char"))
		d->kind = DBG_CHAR;
	d->is_signed = enc & BTF_INT_SIGNED;
	if (!strcmp(name, "char")) /* pahole does not say that char is signed on x86 */
		d->is_signed = true;
}

/* Kind, size and sign of the resolved type @t. */
static void fill(Debuginfo *di, const Btf *b, const struct btf_type *t, DbgType *d)
{
	const struct btf_array *ar = btf_extra(t);
	const DbgType *elem;

	d->size = t->size;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		fill_int(d, t, btf_string(b, t->name_off));
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		d->kind = DBG_ENUM;
		d->is_signed = btf_kflag(t);
		break;
	case BTF_KIND_FLOAT:
		d->kind = DBG_FLOAT;
		d->is_signed = true;
		break;
	case BTF_KIND_PTR:
		d->kind = DBG_PTR;
		d->size = sizeof(uint64_t);
		break;
	case BTF_KIND_ARRAY:
		elem = types_by_id(di, b, ar->type);
		d->kind = DBG_ARRAY;
		d->n_elems = ar->nelems;
		d->size = elem->size * ar->nelems;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		d->kind = btf_kind(t) == BTF_KIND_UNION ? DBG_UNION : DBG_STRUCT;
		break;
	case BTF_KIND_FWD:
		d->kind = btf_kflag(t) ? DBG_UNION : DBG_STRUCT;
		d->size = 0;
		break;
	case BTF_KIND_FUNC_PROTO:
		d->kind = DBG_FUNC;
		d->size = 0;
		break;
	default:
		d->kind = DBG_VOID;
		d->size = 0;
	}
}

const DbgType *types_by_id(Debuginfo *di, const Btf *b, uint32_t id)
{
	static const DbgType nothing = {.kind = DBG_VOID, .name = "void"};
	TypeInt *ti;

	b = btf_owner(b, id);
	if (id < b->first || id >= b->end)
		return &nothing;
	if (b->interned[id - b->first])
		return b->interned[id - b->first];
	ti = NEW(di->arena, TypeInt);
	ti->btf = b;
	b->interned[id - b->first] = &nothing; /* an array that contains itself ends here */
	ti->pub.id = btf_resolve(b, id);
	ti->pub.module = b->module;
	ti->pub.name = type_text(di->arena, b, id, 0);
	fill(di, b, btf_type(b, ti->pub.id), &ti->pub);
	b->interned[id - b->first] = &ti->pub;
	return &ti->pub;
}

/* The BTF of a type; NULL for void, which has none, and for types of DWARF. */
static const Btf *blob_of(const DbgType *t)
{
	return t->id ? ((const TypeInt *)(const void *)t)->btf : NULL;
}

static bool is_dwarf(const DbgType *t)
{
	return t->id && ((const TypeInt *)(const void *)t)->dwarf;
}

const DbgType *debuginfo_target(Debuginfo *di, const DbgType *t)
{
	TypeInt *ti = (TypeInt *)(uintptr_t)t; /* ours; const for everyone else */
	const struct btf_type *bt;

	if (t->kind != DBG_PTR && t->kind != DBG_ARRAY)
		return NULL;
	if (!ti->target && ti->dwarf)
		ti->target = dwarf_target(ti);
	if (!ti->target) {
		bt = btf_type(ti->btf, t->id);
		ti->target = types_by_id(di, ti->btf,
					 t->kind == DBG_PTR
					     ? bt->type
					     : ((const struct btf_array *)btf_extra(bt))->type);
	}
	return ti->target;
}

const DbgType *debuginfo_pointer(Debuginfo *di, const DbgType *t)
{
	TypeInt *ti = (TypeInt *)(uintptr_t)t, *p;

	if (t->id && ti->pointer)
		return ti->pointer;
	p = NEW(di->arena, TypeInt);
	p->target = t;
	p->btf = blob_of(t);
	p->pub = (DbgType){.kind = DBG_PTR,
			   .size = sizeof(uint64_t),
			   .name = arena_printf(di->arena, "%s *", t->name),
			   .module = t->module};
	if (t->id)
		ti->pointer = &p->pub;
	return &p->pub;
}

/* ---- types by name ---- */

/* How C programs spell types that BTF names in the compiler's way. */
static const char *base_name(const char *name)
{
	static const char *const same[][2] = {
	    {"unsigned", "unsigned int"},
	    {"unsigned long", "long unsigned int"},
	    {"unsigned long long", "long long unsigned int"},
	    {"unsigned short", "short unsigned int"},
	    {"short", "short int"},
	    {"long", "long int"},
	    {"long long", "long long int"},
	    {"bool", "_Bool"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		if (!strcmp(name, same[i][0]))
			return same[i][1];
	return name;
}

static const DbgType *find_in(Debuginfo *di, const Btf *b, const char *name)
{
	static const struct {
		const char *tag;
		uint32_t kind;
		bool needs_tag;
	} way[] = {
	    {"struct ", BTF_KIND_STRUCT, false}, {"union ", BTF_KIND_UNION, true},
	    {"enum ", BTF_KIND_ENUM, true},	 {"enum ", BTF_KIND_ENUM64, true},
	    {"", BTF_KIND_TYPEDEF, false},	 {"", BTF_KIND_INT, false},
	    {"union ", BTF_KIND_UNION, false},	 {"enum ", BTF_KIND_ENUM, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		size_t n = strlen(way[i].tag);
		bool has_tag = n && !strncmp(name, way[i].tag, n);
		uint32_t id = 0;

		if (has_tag)
			id = btf_find(b, way[i].kind, name + n);
		else if (!way[i].needs_tag && !strchr(name, ' '))
			id = btf_find(b, way[i].kind, base_name(name));
		else if (way[i].kind == BTF_KIND_INT)
			id = btf_find(b, way[i].kind, base_name(name));
		if (id)
			return types_by_id(di, b, id);
	}
	return NULL;
}

/* @name without trailing blanks and stars; *@stars says how many of these there were. */
static const char *split_stars(Arena *a, const char *name, int *stars)
{
	size_t n;

	while (*name == ' ')
		name++;
	n = strlen(name);
	*stars = 0;
	while (n && (name[n - 1] == '*' || name[n - 1] == ' '))
		*stars += name[--n] == '*';
	return arena_strndup(a, name, n);
}

const DbgType *debuginfo_type(Debuginfo *di, const char *module, const char *name)
{
	const Btf *kernel = types_blob(di, NULL), *own = module ? types_blob(di, module) : NULL;
	const DbgType *t = NULL;
	int stars;

	name = split_stars(di->arena, name, &stars);
	if (kernel && !strcmp(name, "void"))
		t = types_by_id(di, kernel, 0);
	if (!t && own)
		t = find_in(di, own, name);
	if (!t && kernel)
		t = find_in(di, kernel, name);
	for (; t && stars; stars--)
		t = debuginfo_pointer(di, t);
	return t;
}

const DbgType *debuginfo_variable(Debuginfo *di, const char *module, const char *name, bool *percpu)
{
	const Btf *b = types_blob(di, module);
	uint32_t var = b ? btf_find(b, BTF_KIND_VAR, name) : 0;

	if (!var)
		return NULL;
	*percpu = false;
	for (uint32_t id = b->first; id < b->end; id++) {
		const struct btf_type *t = btf_type(b, id);
		const struct btf_var_secinfo *s = btf_extra(t);

		if (btf_kind(t) != BTF_KIND_DATASEC ||
		    !strstr(btf_string(b, t->name_off), "percpu"))
			continue;
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			*percpu |= s[i].type == var;
	}
	return types_by_id(di, b, btf_type(b, var)->type);
}

/* Value of enumerator @name in enumeration @t. */
static bool enum_value(const Btf *b, const struct btf_type *t, const char *name, int64_t *ret)
{
	const struct btf_enum *e = btf_extra(t);
	const struct btf_enum64 *w = btf_extra(t);
	bool wide = btf_kind(t) == BTF_KIND_ENUM64;

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		if (strcmp(btf_string(b, wide ? w[i].name_off : e[i].name_off), name))
			continue;
		if (wide)
			*ret = (int64_t)((uint64_t)w[i].val_hi32 << 32 | w[i].val_lo32);
		else
			*ret = btf_kflag(t) ? e[i].val : (int64_t)(uint32_t)e[i].val;
		return true;
	}
	return false;
}

bool debuginfo_enumerator(Debuginfo *di, const char *module, const char *name, int64_t *ret)
{
	const Btf *b = types_blob(di, module);

	for (uint32_t id = b ? b->first : 0; b && id < b->end; id++) {
		const struct btf_type *t = btf_type(b, id);
		uint32_t kind = btf_kind(t);

		if ((kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64) &&
		    enum_value(b, t, name, ret))
			return true;
	}
	return module && debuginfo_enumerator(di, NULL, name, ret);
}

/* ---- members ---- */

/* Old encoding of a bit field: the integer type itself is narrower than its size. */
static void old_bit_field(const Btf *b, uint32_t type, uint32_t *bit, uint32_t *bits)
{
	const struct btf_type *t = btf_type(b, btf_resolve(b, type));
	uint32_t info;

	if (btf_kind(t) != BTF_KIND_INT)
		return;
	info = *(const uint32_t *)btf_extra(t);
	if (BTF_INT_BITS(info) != t->size * 8 || BTF_INT_OFFSET(info)) {
		*bits = BTF_INT_BITS(info);
		*bit += BTF_INT_OFFSET(info);
	}
}

void type_bits(DbgMember *m, uint32_t base, uint32_t bit, uint32_t bits)
{
	uint32_t unit = m->type->size ? m->type->size : 1;

	m->offset = base + bit / (unit * 8) * unit;
	m->bit_off = (uint8_t)(bit % (unit * 8));
	m->bit_size = (uint8_t)bits;
	if (m->bit_off + bits > unit * 8) { /* packed: crosses its unit */
		m->offset = base + bit / 8;
		m->bit_off = bit % 8;
	}
}

/* Member @m of struct @t, which starts @base bytes into the struct that was asked about. */
static void describe(Debuginfo *di, const Btf *b, const struct btf_type *t,
		     const struct btf_member *m, uint32_t base, DbgMember *ret)
{
	uint32_t bit = m->offset, bits = 0;

	if (btf_kflag(t)) {
		bit = BTF_MEMBER_BIT_OFFSET(m->offset);
		bits = BTF_MEMBER_BITFIELD_SIZE(m->offset);
	} else {
		old_bit_field(b, m->type, &bit, &bits);
	}
	*ret = (DbgMember){.name = btf_string(b, m->name_off),
			   .type = types_by_id(di, b, m->type),
			   .offset = base + bit / 8};
	if (bits)
		type_bits(ret, base, bit, bits);
}

/* The definition of struct or union @t, when this BTF only has a forward declaration of it. */
static const DbgType *complete(Debuginfo *di, const DbgType *t)
{
	const Btf *b = blob_of(t);
	const DbgType *full = NULL;
	const char *name;

	if (is_dwarf(t))
		return dwarf_complete(di, t);
	if (!b || (t->kind != DBG_STRUCT && t->kind != DBG_UNION))
		return NULL;
	if (btf_kind(btf_type(b, t->id)) != BTF_KIND_FWD)
		return t;
	name = btf_string(b, btf_type(b, t->id)->name_off);
	name = spell_tagged(di->arena, t->kind == DBG_UNION ? "union" : "struct", name);
	if (types_blob(di, NULL))
		full = find_in(di, types_blob(di, NULL), name);
	for (const Btf *m = di->modules; m && !full; m = m->next)
		full = find_in(di, m, name);
	return full;
}

static bool find_member(Debuginfo *di, const Btf *b, uint32_t id, const char *name, uint32_t base,
			int depth, DbgMember *ret)
{
	const struct btf_type *t = btf_type(b, id);
	const struct btf_member *m = btf_extra(t);

	if (depth > NEST_MAX || (btf_kind(t) != BTF_KIND_STRUCT && btf_kind(t) != BTF_KIND_UNION))
		return false;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *mn = btf_string(b, m[i].name_off);
		DbgMember in;

		if (*mn && strcmp(mn, name))
			continue;
		describe(di, b, t, &m[i], base, &in);
		if (*mn) {
			*ret = in;
			return true;
		}
		if (find_member(di, b, btf_resolve(b, m[i].type), name, in.offset, depth + 1, ret))
			return true;
	}
	return false;
}

bool debuginfo_member(Debuginfo *di, const DbgType *t, const char *name, DbgMember *ret)
{
	t = complete(di, t);
	if (t && is_dwarf(t))
		return *name && dwarf_member(t, name, ret);
	return t && *name && find_member(di, blob_of(t), t->id, name, 0, 0, ret);
}

bool debuginfo_member_at(Debuginfo *di, const DbgType *t, int i, DbgMember *ret)
{
	const struct btf_type *bt;

	t = complete(di, t);
	if (!t)
		return false;
	if (is_dwarf(t))
		return dwarf_member_at(t, i, ret);
	bt = btf_type(blob_of(t), t->id);
	if (i < 0 || (uint32_t)i >= btf_vlen(bt))
		return false;
	describe(di, blob_of(t), bt, (const struct btf_member *)btf_extra(bt) + i, 0, ret);
	return true;
}

static void nearest_members(const Btf *b, uint32_t id, int depth, Nearest *n)
{
	const struct btf_type *t = btf_type(b, id);
	const struct btf_member *m = btf_extra(t);

	if (depth > NEST_MAX || (btf_kind(t) != BTF_KIND_STRUCT && btf_kind(t) != BTF_KIND_UNION))
		return;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *name = btf_string(b, m[i].name_off);

		if (*name)
			nearest_add(n, name);
		else
			nearest_members(b, btf_resolve(b, m[i].type), depth + 1, n);
	}
}

void debuginfo_nearest_member(Debuginfo *di, const DbgType *t, Nearest *n)
{
	t = complete(di, t);
	if (t && is_dwarf(t))
		dwarf_nearest_member(t, n);
	else if (t)
		nearest_members(blob_of(t), t->id, 0, n);
}

void debuginfo_nearest_type(Debuginfo *di, Nearest *n)
{
	const Btf *b = types_blob(di, NULL);

	for (uint32_t id = b ? b->first : 0; b && id < b->end; id++) {
		const struct btf_type *t = btf_type(b, id);
		uint32_t k = btf_kind(t);

		if (t->name_off && (k == BTF_KIND_STRUCT || k == BTF_KIND_TYPEDEF ||
				    k == BTF_KIND_UNION || k == BTF_KIND_ENUM))
			nearest_add(n, btf_string(b, t->name_off));
	}
}
