/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls, of the script's functions and of built-ins. A built-in is the function rt_fn_ID of some file
 * of runtime/, which is found by looking: that file becomes part of the module.
 */
#include "kmod_int.h"

#include <string.h>

#define BUILTIN(id, name, signature, cls, needs, eval) [BUILTIN_##id] = #id,
static const char *const id_text[BUILTIN_COUNT] = {
#include "frontend/builtins.def"
};

enum { PARTS_MOST = 63 }; /* bits of Emit.parts */

bool take_part(Emit *e, const char *function)
{
	const char *head = TEXT(e, "%s(struct rt_ctx", function);

	for (int i = 0; kmod_runtime[i].name && i < PARTS_MOST; i++) {
		if (!strstr(kmod_runtime[i].text, head))
			continue;
		e->parts |= UINT64_C(1) << i;
		return true;
	}
	return false;
}

/* What the rest of the module must know of. */
static void note_use(Emit *e, int id)
{
	e->asks_groups |= id == BUILTIN_matched || id == BUILTIN_matched_str || id == BUILTIN_ngroups;
	e->asks_zone |= id == BUILTIN_tz_gmtoff || id == BUILTIN_tz_name;
}

static void put_args(Emit *e, const NodeVec *args, Buf *b)
{
	for (int i = 0; i < args->n; i++)
		buf_printf(b, ", %s", value_for(e, args->v[i], later_of(args, i + 1, NULL)));
}

static const char *buf_text(Emit *e, Buf *b)
{
	const char *s = arena_strdup(e->arena, buf_str(b));

	buf_free(b);
	return s;
}

static const char *builtin(Emit *e, const Node *n)
{
	const Builtin *b = n->call.builtin;
	char result = b->signature[0];
	Buf args = {0};
	const char *text, *v, *function = TEXT(e, "rt_fn_%s", id_text[b->id]);

	if (hit_call(e, n, &v))
		return v;
	if (!take_part(e, function)) {
		missing(e, n, TEXT(e, "%s()", b->name));
		return result == 's' ? "RT_LIT(\"\")" : "0";
	}
	note_use(e, b->id);
	put_args(e, &n->call.args, &args);
	text = TEXT(e, "%s(c, %s%s%s%s)", function, place_of(e, n), result == 's' ? ", " : "",
		    result == 's' ? temp_str(e) : "", buf_text(e, &args));
	v = TEXT(e, "n%d", e->n_num++);
	if (result == 'v')
		emit(e, "%s;", text);
	else
		emit(e, "%s %s = %s;", result == 's' ? "struct rt_sv" : "s64", v, text);
	emit_check(e);
	return result == 'v' ? "0" : v;
}

/* What the candidates give: one that always ends with `next` does not say. */
static Type result_type(const Node *n)
{
	for (int i = 0; i < n->call.fns.n; i++) {
		Type t = n->call.fns.v[i]->type;

		if (t == TY_LONG || t == TY_STRING)
			return t;
	}
	return TY_VOID;
}

/* Call candidate @i; its result goes to @to. */
static void candidate(Emit *e, const Node *n, int i, const char *to, const char *args)
{
	const Function *f = n->call.fns.v[i];
	bool is_num = f->type == TY_LONG, is_text = f->type == TY_STRING;

	emit(e, "%s%s%s(c, %s%s%s%s);", is_num ? to : "", is_num ? " = " : "", function_name(e, f),
	     place_of(e, n), is_text ? ", " : "", is_text ? to : "", args);
}

/* The candidates one after another, until one does not end with `next`. */
const char *call(Emit *e, const Node *n)
{
	Buf b = {0};
	Type type = result_type(n);
	const char *args, *to;

	if (n->call.builtin && !n->call.fns.n)
		return builtin(e, n);
	put_args(e, &n->call.args, &b);
	args = buf_text(e, &b);
	to = type == TY_STRING ? temp_str(e) : type == TY_LONG ? temp_num(e, "0") : "0";
	candidate(e, n, 0, to, args);
	for (int i = 1; i < n->call.fns.n; i++) {
		emit(e, "if (!c->error && c->next) {");
		e->indent++;
		emit(e, "c->next = false;");
		candidate(e, n, i, to, args);
		e->indent--;
		emit(e, "}");
	}
	emit(e, "if (unlikely(c->next))");
	emit(e, "\trt_fail(c, %s, \"all functions exhausted\");", place_of(e, n));
	emit_check(e);
	return type == TY_STRING ? TEXT(e, "rt_view(%s)", to) : to;
}
