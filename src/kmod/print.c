/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The print family: all arguments are computed first, then written, piece by piece, to the context's
 * output or to a frame of text.
 */
#include "kmod_int.h"

#include <string.h>

enum { SPEC_MOST = 4096, TEXT_MOST = 4096 };

/* struct Sink - where pieces go: the C names of position and end. */
typedef struct Sink {
	const char *at, *end;
	bool to_string;
} Sink;

static void room(Emit *e, const Sink *k)
{
	if (!k->to_string)
		emit(e, "rt_room(c);");
}

static void put_text(Emit *e, const Sink *k, const char *s, size_t n)
{
	for (; n; s += n > TEXT_MOST ? TEXT_MOST : n, n -= n > TEXT_MOST ? TEXT_MOST : n) {
		size_t part = n > TEXT_MOST ? TEXT_MOST : n;
		room(e, k);
		emit(e, "%s = rt_put_bytes(%s, %s, %s, %zu);", k->at, k->at, k->end, c_string(e, s, part),
		     part);
	}
}

static void put_long(Emit *e, const Sink *k, const char *v)
{
	room(e, k);
	emit(e, "%s = rt_put_long(%s, %s, %s);", k->at, k->at, k->end, v);
}

static void put_str(Emit *e, const Sink *k, const char *v)
{
	room(e, k);
	emit(e, "%s = rt_put_bytes(%s, %s, %s.p, %s.n);", k->at, k->at, k->end, v, v);
}

static const char *clamped(Emit *e, int fixed, const char *given)
{
	if (fixed == -2)
		return TEXT(e, "rt_clamp(%s)", given);
	return TEXT(e, "%d", fixed > SPEC_MOST ? SPEC_MOST : fixed);
}

/* One conversion; takes its arguments from *@arg on. */
static void put_conversion(Emit *e, const Sink *k, const FormatPiece *f, const char *const **arg)
{
	const char *width = clamped(e, f->width, f->width == -2 ? *(*arg)++ : NULL);
	const char *precision = clamped(e, f->precision, f->precision == -2 ? *(*arg)++ : NULL);
	const char *v = *(*arg)++, *spec;
	bool is_plain = !f->flag && f->width == -1 && f->precision == -1;

	if (is_plain && f->conv == 's') {
		put_str(e, k, v);
		return;
	}
	if (is_plain && (f->conv == 'd' || f->conv == 'i')) {
		put_long(e, k, v);
		return;
	}
	spec = TEXT(e, "&(const struct rt_spec){'%c', %d, %s, %s}", f->conv, f->flag, width, precision);
	room(e, k);
	if (f->conv == 's')
		emit(e, "%s = rt_put_str(%s, %s, %s, %s.p, %s.n);", k->at, k->at, k->end, spec, v, v);
	else
		emit(e, "%s = rt_put_%s(%s, %s, %s, %s);", k->at,
		     f->conv == 'c'   ? "char"
		     : f->conv == 'b' ? "binary"
				      : "num",
		     k->at, k->end, spec, v);
}

/* %m %M: the precision is how many bytes, one without. */
static void put_memory(Emit *e, const Sink *k, const Node *n, const FormatPiece *f, const char *const **arg)
{
	const char *bytes, *address;

	if (f->width == -2)
		(*arg)++; /* means nothing here */
	bytes = f->precision == -2 ? *(*arg)++ : TEXT(e, "%d", f->precision < 0 ? 1 : f->precision);
	address = *(*arg)++;
	take_part(e, "rt_dump");
	e->uses_memory = true;
	emit(e, "rt_dump(c, &%s, %s, %s, %s, %s, %s, %s);", k->at, k->end, address, bytes,
	     f->flag == '#' ? "true" : "false", f->conv == 'M' ? "true" : "false", place_of(e, n));
	emit_check(e);
}

static void put_format(Emit *e, const Sink *k, const Node *n, const char *const *arg)
{
	for (int i = 0; i < n->print.pieces.n; i++) {
		const FormatPiece *f = &n->print.pieces.v[i];

		if (f->text)
			put_text(e, k, f->text, f->len);
		else if (f->conv == 'm' || f->conv == 'M')
			put_memory(e, k, n, f, &arg);
		else
			put_conversion(e, k, f, &arg);
	}
}

static void put_plain(Emit *e, const Sink *k, const Node *n, const char *const *arg)
{
	PrintKind kind = n->print.kind;
	bool delimited = (kind == PR_PRINTD || kind == PR_PRINTDLN) && n->print.format;

	for (int i = 0; i < n->print.args.n; i++) {
		if (i && delimited)
			put_text(e, k, n->print.format, strlen(n->print.format));
		if (n->print.args.v[i]->type == TY_STRING)
			put_str(e, k, arg[i]);
		else
			put_long(e, k, arg[i]);
	}
	if (kind == PR_PRINTLN || kind == PR_PRINTDLN)
		put_text(e, k, "\n", 1);
}

static bool prints_hist(const Node *n)
{
	const NodeVec *a = &n->print.args;

	return a->n == 1 && a->v[0]->kind == ND_HIST && !a->v[0]->stat.bucket;
}

static const char *print_hist(Emit *e, const Node *n)
{
	const Node *operand = n->print.args.v[0]->stat.operand;
	const char *t = stat_of(e, operand), *to = n->print.to_string ? temp_str(e) : "NULL";

	need_samples(e, n, t);
	emit(e, "rt_print_hist(c, %s, &h%d, %s);", to, operand->var.sym->slot, t);
	if (!n->print.to_string && n->print.kind == PR_PRINTLN)
		emit(e, "rt_print(c, RT_LIT(\"\\n\"));");
	return n->print.to_string ? TEXT(e, "rt_view(%s)", to) : "0";
}

/* A view that is used twice is evaluated once. */
static const char *view_once(Emit *e, const char *v)
{
	const char *name = TEXT(e, "v%d", e->n_num++);

	emit(e, "const struct rt_sv %s = %s;", name, v);
	return name;
}

const char *print_call(Emit *e, const Node *n)
{
	const NodeVec *args = &n->print.args;
	const char **arg = NEW_ARRAY(e->arena, const char *, args->n + 1), *to = NULL;
	Sink k = {"c->out", "c->out_end", n->print.to_string};

	if (prints_hist(n))
		return print_hist(e, n);
	for (int i = 0; i < args->n; i++) {
		arg[i] = value_for(e, args->v[i], later_of(args, i + 1, NULL));
		if (args->v[i]->type == TY_STRING)
			arg[i] = view_once(e, arg[i]);
	}
	if (n->print.kind == PR_CHAR) {
		room(e, &k);
		emit(e, "*c->out++ = (char)%s;", arg[0]);
		return "0";
	}
	if (k.to_string) {
		to = temp_str(e);
		k.at = TEXT(e, "p%d", e->n_num);
		k.end = TEXT(e, "end_p%d", e->n_num++);
		emit(e, "char *%s = (%s)->s, *%s = %s + RT_STR_ROOM;", k.at, to, k.end, k.at);
	}
	if (n->print.kind == PR_PRINTF)
		put_format(e, &k, n, arg);
	else
		put_plain(e, &k, n, arg);
	if (!to)
		return "0";
	const char *v = TEXT(e, "v%d", e->n_num++);

	emit(e, "const struct rt_sv %s = rt_sprinted(%s, %s);", v, to, k.at);
	return v;
}
