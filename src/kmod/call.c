/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls, of the script's functions and of built-ins (rt_fn_NAME in runtime/builtins.c).
 */
#include "kmod_int.h"

#include <string.h>

/* Built-ins that the runtime has; the others are errors. */
static const char *const known[] = {
    "abort",	   "cpu",	     "egid",		"error",	   "euid",
    "execname",	   "exit",	     "get_cycles",	"gettimeofday_ms", "gettimeofday_ns",
    "gettimeofday_s", "gettimeofday_us", "gid",		"isdigit",	   "isinstr",
    "log",	   "pid",	     "pn",		"pp",		   "ppid",
    "str_replace", "string_quoted",  "stringat",	"strlen",	   "strpos",
    "substr",	   "tid",	     "uid",		"warn",
};

static bool is_known(const Builtin *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i], b->name))
			return true;
	return false;
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
	const char *text, *v;

	if (!is_known(b)) {
		missing(e, n, TEXT(e, "%s()", b->name));
		return result == 's' ? "RT_LIT(\"\")" : "0";
	}
	put_args(e, &n->call.args, &args);
	text = TEXT(e, "rt_fn_%s(c, %s%s%s%s)", b->name, place_of(e, n), result == 's' ? ", " : "",
		    result == 's' ? temp_str(e) : "", buf_text(e, &args));
	v = TEXT(e, "n%d", e->n_num++);
	if (result == 'v')
		emit(e, "%s;", text);
	else
		emit(e, "%s %s = %s;", result == 's' ? "struct rt_sv" : "s64", v, text);
	emit_check(e);
	return result == 'v' ? "0" : v;
}

/* The candidates one after another, until one does not end with `next`. */
const char *call(Emit *e, const Node *n)
{
	Buf b = {0};
	const char *args, *v, *to;

	if (n->call.builtin && !n->call.fns.n)
		return builtin(e, n);
	const Function *f = n->call.fns.v[0];
	bool text = f->type == TY_STRING, none = f->type != TY_STRING && f->type != TY_LONG;

	put_args(e, &n->call.args, &b);
	args = buf_text(e, &b);
	to = text ? temp_str(e) : NULL;
	v = none || text ? NULL : temp_num(e, "0");
	for (int i = 0; i < n->call.fns.n; i++) {
		const char *name = function_name(e, n->call.fns.v[i]);

		if (i)
			emit(e, "if (!c->error && c->next) {");
		if (i)
			emit(e, "\tc->next = false;");
		emit(e, "%s%s%s%s(c, %s%s%s%s);", i ? "\t" : "", v ? v : "", v ? " = " : "", name,
		     place_of(e, n), to ? ", " : "", to ? to : "", args);
		if (i)
			emit(e, "}");
	}
	emit(e, "if (unlikely(c->next))");
	emit(e, "\trt_fail(c, %s, \"all functions exhausted\");", place_of(e, n));
	emit_check(e);
	return text ? TEXT(e, "rt_view(%s)", to) : v ? v : "0";
}
