/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * printf formats: text to FormatPieces. A conversion is % [one flag] [width] [.precision] [l] and
 * a letter.
 */
#include "frontend/frontend_int.h"

#include <ctype.h>

#define POINTER_DIGITS 16

static int number_or_star(const char **p)
{
	int v = 0;

	if (**p == '*') {
		++*p;
		return -2;
	}
	if (!isdigit((unsigned char)**p))
		return -1;
	for (; isdigit((unsigned char)**p); ++*p)
		v = v < 1000000 ? v * 10 + (**p - '0') : v;
	return v;
}

/* @p stands behind the %. Return: behind the conversion, NULL if there is no such conversion. */
static const char *conversion(const char *p, FormatPiece *piece)
{
	*piece = (FormatPiece){.width = -1, .precision = -1};
	if (*p && strchr("0+- #", *p))
		piece->flag = *p++;
	piece->width = number_or_star(&p);
	if (*p == '.') {
		p++;
		piece->precision = number_or_star(&p);
		if (piece->precision == -1)
			piece->precision = 0;
	}
	if (*p == 'l')
		p++;
	if (!*p || !strchr("diuoxXpcsbmM", *p))
		return NULL;
	piece->conv = *p;
	return p + 1;
}

static void literal(Arena *a, Node *n, const Buf *run)
{
	if (run->n)
		vec_push(a, &n->print.pieces,
			 ((FormatPiece){.text = arena_strdup(a, run->s), .len = run->n}));
}

bool format_pieces(Arena *a, Node *n, const char **bad)
{
	const char *p = n->print.format, *next;
	FormatPiece piece;
	Buf run = {0};

	*bad = NULL;
	while (*p && !*bad) {
		if (*p != '%' || p[1] == '%') {
			buf_putc(&run, *p);
			p += p[0] == '%' && p[1] == '%' ? 2 : 1;
			continue;
		}
		literal(a, n, &run);
		run.n = 0;
		next = conversion(p + 1, &piece);
		if (next) {
			vec_push(a, &n->print.pieces, piece);
			p = next;
		} else {
			*bad = p;
		}
	}
	literal(a, n, &run);
	buf_free(&run);
	return !*bad;
}

/* The wrong conversion as far as it can be told: up to its first letter. */
static int bad_length(const char *bad)
{
	int n = 1;

	while (bad[n] && !isalpha((unsigned char)bad[n]) && !isspace((unsigned char)bad[n]))
		n++;
	return bad[n] ? n + 1 : n;
}

/* %p up to SystemTap 1.2: as many hexadecimal digits as a pointer has, or as fit into the width. */
static void old_pointer(FormatPiece *piece)
{
	if (piece->width == -1)
		piece->width = 2 + POINTER_DIGITS;
	piece->precision = piece->width < 2 ? -1 : piece->width - 2;
	if (piece->flag != '-' && piece->precision > POINTER_DIGITS)
		piece->precision = POINTER_DIGITS;
}

void parse_format(Parser *p, Node *n, Loc loc)
{
	const char *bad;

	if (!format_pieces(p->a, n, &bad))
		parse_report(
		    p, DIAG_BAD_FORMAT, loc,
		    "there is no conversion '%.*s': after %% come one flag of \"0+- #\", a width, "
		    "a precision, and one of d i u o x X p c s b m M",
		    bad_length(bad), bad);
	for (int i = 0; i < n->print.pieces.n && !since(p, "1.3"); i++)
		if (n->print.pieces.v[i].conv == 'p' && n->print.pieces.v[i].width != -2)
			old_pointer(&n->print.pieces.v[i]);
}

Node *printf_node(Arena *a, Loc loc, const char *format, bool to_string)
{
	Node *n = node_new(a, ND_PRINT, loc);
	const char *bad;

	n->print.kind = PR_PRINTF;
	n->print.to_string = to_string;
	n->print.format = format;
	n->type = to_string ? TY_STRING : TY_VOID;
	format_pieces(a, n, &bad);
	return n;
}
