/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Types of the print family: conversions against arguments, and the formats of autoprinted globals,
 * which can be written only when types are known.
 */
#include "frontend/frontend_int.h"

/* What a conversion takes: %s a string, all others a number. */
static Type conversion_type(char conv)
{
	return conv == 's' ? TY_STRING : TY_LONG;
}

static Type conversion_argument(Infer *t, Node *n, int i, Type want, const char *what)
{
	if (i >= n->print.args.n)
		return TY_UNKNOWN;
	t->wanted_by = what;
	return infer(t, n->print.args.v[i], want);
}

/* Return: how many arguments the conversion took from @arg on. */
static int infer_piece(Infer *t, Node *n, const FormatPiece *f, int arg)
{
	int first = arg;

	if (f->text)
		return 0;
	if (f->width == -2)
		conversion_argument(t, n, arg++, TY_LONG, "a width '*'");
	if (f->precision == -2)
		conversion_argument(t, n, arg++, TY_LONG, "a precision '*'");
	conversion_argument(t, n, arg++, conversion_type(f->conv),
			    arena_printf(t->s->arena, "'%%%c' in the format", f->conv));
	return arg - first;
}

static void infer_printf(Infer *t, Node *n)
{
	int used = 0, given = n->print.args.n;

	for (int i = 0; i < n->print.pieces.n; i++)
		used += infer_piece(t, n, &n->print.pieces.v[i], used);
	for (int i = used; i < given; i++)
		infer(t, n->print.args.v[i], TY_UNKNOWN);
	if (t->check && used != given)
		diag_error(t->d, DIAG_FORMAT_ARGUMENTS,
			   used < given ? n->print.args.v[used]->loc : n->loc,
			   "the format takes %d argument%s, but there %s %d", used,
			   used == 1 ? "" : "s", given == 1 ? "is" : "are", given);
}

/* ---- autoprint ---- */

static const char *value_format(const Node *n, const Symbol *sym, bool key)
{
	if (n->type == TY_STRING)
		return "\"%#s\"";
	return !key && sym->pointer ? "%#x" : "%d";
}

/* name=value or name[key,key]=value; statistics come with their five numbers as arguments. */
static void autoprint_format(Infer *t, Node *n)
{
	const Symbol *sym = n->print.autoprint;
	const NodeVec *args = &n->print.args;
	const char *bad;
	Buf b = {0};

	buf_puts(&b, sym->name);
	for (int i = 0; i < sym->n_keys; i++)
		buf_printf(&b, "%c%s", i ? ',' : '[', value_format(args->v[i], sym, true));
	buf_puts(&b, sym->n_keys ? "]" : "");
	if (sym->type != TY_STATS)
		buf_printf(&b, "=%s\n", value_format(args->v[sym->n_keys], sym, false));
	else if (args->n == sym->n_keys)
		buf_puts(&b, " @count=0x0\n");
	else if (language_has(t->s->names->cond, sym->loc.file, "1.4"))
		buf_puts(&b, " @count=%#d @min=%#d @max=%#d @sum=%#d @avg=%#d\n");
	else
		buf_puts(&b, " @count=%#x @min=%#x @max=%#x @sum=%#x @avg=%#x\n");
	n->print.format = arena_strdup(t->s->arena, b.s);
	buf_free(&b);
	format_pieces(t->s->arena, n, &bad);
	n->print.autoprint = NULL;
}

/* Before the last round the types of the arguments may not be known yet. */
static void infer_autoprint(Infer *t, Node *n)
{
	bool known = true;

	for (int i = 0; i < n->print.args.n; i++)
		known &= infer(t, n->print.args.v[i], TY_UNKNOWN) != TY_UNKNOWN;
	if (known)
		autoprint_format(t, n);
}

Type infer_print(Infer *t, Node *n)
{
	NodeVec *args = &n->print.args;

	if (n->print.autoprint)
		infer_autoprint(t, n);
	else if (n->print.kind == PR_PRINTF)
		infer_printf(t, n);
	else if (args->n == 1 && args->v[0]->kind == ND_HIST && !args->v[0]->stat.bucket)
		infer_hist(t, args->v[0]);
	else
		for (int i = 0; i < args->n; i++)
			infer(t, args->v[i], n->print.kind == PR_CHAR ? TY_LONG : TY_UNKNOWN);
	return n->print.to_string ? TY_STRING : TY_LONG;
}
