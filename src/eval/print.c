/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The print family. All arguments are computed first, then written: to the output buffer, or for
 * the s- forms into temporary text. print, println and printd become the same pieces as a format.
 */
#include "eval_int.h"

#include <string.h>

enum { MAX_PRINT_ARGS = 96 };

typedef enum PieceKind { PIECE_TEXT, PIECE_LONG, PIECE_STR, PIECE_ANY } PieceKind;

/* struct Piece - literal text or one conversion; the usual ones without width have their own kind.
 */
typedef struct Piece {
	PieceKind kind;
	Str text;
	struct rt_spec spec; /* width, precision -2: from an argument */
} Piece;

struct PrintCode {
	const Piece *piece;
	int n;
};

static Value arg_value(Eval *e, const Code *c)
{
	Str s;

	if (!c->is_str)
		return (Value){.num = NUM(c)};
	s = STR(c);
	return (Value){.p = s.p, .n = s.n};
}

static int clamp(int64_t v)
{
	return v < 0 ? 0 : v > SPEC_BYTES ? SPEC_BYTES : (int)v;
}

static char *put_any(char *p, char *end, const Piece *piece, const Value **arg)
{
	struct rt_spec spec = piece->spec;
	const Value *v;

	if (spec.width == -2)
		spec.width = clamp((*arg)++->num);
	if (spec.precision == -2)
		spec.precision = clamp((*arg)++->num);
	v = (*arg)++;
	switch (spec.conv) {
	case 's':
		return rt_put_str(p, end, &spec, v->p, v->n);
	case 'c':
		return rt_put_char(p, end, &spec, v->num);
	case 'b':
		return rt_put_binary(p, end, &spec, v->num);
	default:
		return rt_put_num(p, end, &spec, v->num);
	}
}

static inline char *put_piece(char *p, char *end, const Piece *piece, const Value **arg)
{
	const Value *v;

	switch (piece->kind) {
	case PIECE_TEXT:
		return rt_put_bytes(p, end, piece->text.p, piece->text.n);
	case PIECE_LONG:
		return rt_put_long(p, end, (*arg)++->num);
	case PIECE_STR:
		v = (*arg)++;
		return rt_put_bytes(p, end, v->p, v->n);
	case PIECE_ANY:
		break;
	}
	return put_any(p, end, piece, arg);
}

static void eval_args(Eval *e, const Code *c, Value *v)
{
	for (int i = 0; i < c->n; i++)
		v[i] = arg_value(e, c->arg[i]);
}

static int64_t do_print(Eval *e, const Code *c)
{
	const PrintCode *p = c->print;
	Value v[MAX_PRINT_ARGS];
	const Value *arg = v;

	eval_args(e, c, v);
	for (int i = 0; i < p->n; i++) {
		out_room(e);
		e->out = put_piece(e->out, e->out + SPEC_BYTES + e->max_str, &p->piece[i], &arg);
	}
	return 0;
}

static Str do_sprint(Eval *e, const Code *c)
{
	const PrintCode *p = c->print;
	Value v[MAX_PRINT_ARGS];
	const Value *arg = v;
	char *start, *at, *end;

	eval_args(e, c, v);
	start = at = tmp_room(e, c->node, e->max_str);
	end = start + e->max_str;
	for (int i = 0; i < p->n; i++)
		at = put_piece(at, end, &p->piece[i], &arg);
	/* a NUL, of %c or %b, ends a string of the language */
	return tmp_take(e, start, start + strnlen(start, (size_t)(at - start)));
}

static int64_t do_print_char(Eval *e, const Code *c)
{
	char byte = (char)NUM(c->arg[0]);

	out_room(e);
	*e->out++ = byte;
	return 0;
}

/* ---- histograms ---- */

typedef struct HistOut {
	Eval *e;
	char *at, *end; /* NULL: to the output */
} HistOut;

static void hist_line(void *ctx, const char *text, size_t n)
{
	HistOut *h = ctx;

	if (h->at)
		h->at = rt_put_bytes(h->at, h->end, text, n);
	else
		out_bytes(h->e, text, n);
}

static int64_t do_print_hist(Eval *e, const Code *c)
{
	HistOut out = {.e = e};
	Stat *s;
	const Global *g = hist_eval(e, c->a, &s);

	rt_hist_print(&g->map.hist, s->bucket, &e->hist_style, hist_line, &out);
	if (c->k)
		out_bytes(e, "\n", 1);
	return 0;
}

static Str do_sprint_hist(Eval *e, const Code *c)
{
	char *p = tmp_room(e, c->node, e->max_str);
	HistOut out = {.e = e, .at = p, .end = p + e->max_str};
	Stat *s;
	const Global *g = hist_eval(e, c->a, &s);

	rt_hist_print(&g->map.hist, s->bucket, &e->hist_style, hist_line, &out);
	return tmp_take(e, p, out.at);
}

static const Code *hist_print_code(Compile *cc, const Node *n)
{
	Code *c = code_new(cc, n);

	c->a = stat_operand(cc, n, n->print.args.v[0]->stat.operand);
	c->k = n->print.kind == PR_PRINTLN;
	if (n->print.to_string) {
		c->str = do_sprint_hist;
		c->is_str = true;
		c->life = LIFE_TEMP;
	} else {
		c->num = do_print_hist;
	}
	return c;
}

/* ---- pieces ---- */

typedef VEC(Piece) PieceVec;

/* Long literals are cut so that each fits the room that out_room() makes. */
static void text_piece(Compile *cc, PieceVec *v, const char *text, size_t n)
{
	while (n) {
		size_t part = n > SPEC_BYTES ? SPEC_BYTES : n;

		vec_push(cc->arena, v,
			 ((Piece){.kind = PIECE_TEXT, .text = {text, (uint32_t)part}}));
		text += part;
		n -= part;
	}
}

static int clamp_static(int v)
{
	return v > SPEC_BYTES ? SPEC_BYTES : v;
}

static Piece conv_piece(const FormatPiece *f)
{
	Piece p = {.kind = PIECE_ANY,
		   .spec = {f->conv, f->flag, clamp_static(f->width), clamp_static(f->precision)}};

	if (f->flag || f->width != -1 || f->precision != -1)
		return p;
	if (f->conv == 's')
		p.kind = PIECE_STR;
	else if (f->conv == 'd' || f->conv == 'i')
		p.kind = PIECE_LONG;
	return p;
}

static void format_pieces(Compile *cc, PieceVec *v, const Node *n)
{
	for (int i = 0; i < n->print.pieces.n; i++) {
		const FormatPiece *f = &n->print.pieces.v[i];

		if (f->text) {
			text_piece(cc, v, f->text, f->len);
			continue;
		}
		if (f->conv == 'm' || f->conv == 'M')
			diag_error(cc->e->diag, DIAG_NEEDS_MODULE, n->loc,
				   "%%%c reads memory, which is gone when the text is made",
				   f->conv);
		vec_push(cc->arena, v, conv_piece(f));
	}
}

static void plain_pieces(Compile *cc, PieceVec *v, const Node *n)
{
	PrintKind kind = n->print.kind;
	bool delimited = kind == PR_PRINTD || kind == PR_PRINTDLN;

	for (int i = 0; i < n->print.args.n; i++) {
		bool text = n->print.args.v[i]->type == TY_STRING;

		if (i && delimited && n->print.format)
			text_piece(cc, v, n->print.format, strlen(n->print.format));
		vec_push(cc->arena, v, ((Piece){.kind = text ? PIECE_STR : PIECE_LONG}));
	}
	if (kind == PR_PRINTLN || kind == PR_PRINTDLN)
		text_piece(cc, v, "\n", 1);
}

static bool prints_hist(const Node *n)
{
	const NodeVec *args = &n->print.args;

	return args->n == 1 && args->v[0]->kind == ND_HIST && !args->v[0]->stat.bucket;
}

const Code *compile_print(Compile *cc, const Node *n)
{
	PrintCode *p;
	PieceVec v = {0};
	Code *c;

	if (prints_hist(n))
		return hist_print_code(cc, n);
	c = code_new(cc, n);
	args_compile(cc, c, &n->print.args);
	if (c->n > MAX_PRINT_ARGS)
		diag_error(cc->e->diag, DIAG_FORMAT_ARGUMENTS, n->loc,
			   "more than %d values in one print", MAX_PRINT_ARGS);
	if (n->print.kind == PR_PRINTF)
		format_pieces(cc, &v, n);
	else
		plain_pieces(cc, &v, n);
	p = NEW(cc->arena, PrintCode);
	p->piece = v.v;
	p->n = v.n;
	c->print = p;
	if (n->print.to_string) {
		c->str = do_sprint;
		c->is_str = true;
		c->life = LIFE_TEMP;
	} else {
		c->num = n->print.kind == PR_CHAR ? do_print_char : do_print;
	}
	return c;
}
