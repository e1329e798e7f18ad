/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lexer: a whole text to one list of tokens. It knows no keywords and no macros: words are words,
 * also `$x` and `@x`; script arguments stay `$1` for macro.c to replace. A mistake is reported, the
 * lexer goes on behind it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strverscmp */
#endif
#include "frontend/frontend_int.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

typedef struct Lexer {
	Arena *a;
	Diag *d;
	const Conditions *cond;
	const char *p, *end;
	Loc at; /* of p; col is computed from line_start */
	const char *line_start;
	bool pasted;	/* all tokens stand where the argument was used */
	bool commented; /* since the last token */
	bool bad;	/* something was wrong since the last token */
	Token *last;
} Lexer;

/* Longest first. */
static const char *const punct[] = {
    "<<<", ">>>", "<<=", ">>=", "==", "!=", "<=", ">=", "=~", "!~", "+=", "-=", "*=", "/=", "%=",
    "&=",  "|=",  "^=",	 ".=",	"&&", "||", "++", "--", "->", "<<", ">>", "%(", "%?", "%:", "%)",
};

bool language_has(const Conditions *cond, const SourceFile *file, const char *version)
{
	return !cond || file->is_builtin || strverscmp(cond->compatible, version) >= 0;
}

static Loc here(const Lexer *lx, const char *p)
{
	Loc loc = lx->at;

	if (!lx->pasted)
		loc.col = (unsigned)(p - lx->line_start) + 1;
	return loc;
}

static void newline(Lexer *lx, const char *p)
{
	if (lx->pasted)
		return;
	lx->at.line++;
	lx->line_start = p + 1;
}

static Token *add(Lexer *lx, TokenKind kind, const char *start, const char *text)
{
	Token *t = NEW(lx->a, Token);

	t->kind = kind;
	t->loc = here(lx, start);
	t->text = text;
	t->commented = lx->commented;
	t->bad = lx->bad;
	lx->commented = lx->bad = false;
	lx->last->next = t;
	lx->last = t;
	return t;
}

#define complain(lx, tag, loc, ...)                                                                \
	do {                                                                                       \
		(lx)->bad = true;                                                                  \
		diag_error((lx)->d, tag, loc, __VA_ARGS__);                                        \
	} while (0)

/* The rest of a comment; p stands behind its opening. */
static void skip_block_comment(Lexer *lx, const char *start)
{
	Loc loc = here(lx, start);

	lx->commented = true;
	for (; lx->p + 1 < lx->end; lx->p++) {
		if (lx->p[0] == '*' && lx->p[1] == '/') {
			lx->p += 2;
			return;
		}
		if (*lx->p == '\n')
			newline(lx, lx->p);
	}
	lx->p = lx->end;
	complain(lx, DIAG_UNTERMINATED, loc, "this comment has no end");
}

static void skip_line(Lexer *lx)
{
	lx->commented = true;
	while (lx->p < lx->end && *lx->p != '\n')
		lx->p++;
}

static bool skip_blank(Lexer *lx)
{
	const char *start = lx->p;

	while (lx->p < lx->end) {
		const char *p = lx->p;
		bool two = p + 1 < lx->end;

		if (*p == '\n')
			newline(lx, p);
		if (isspace((unsigned char)*p) || !*p) {
			lx->p++;
		} else if (*p == '#' || (two && p[0] == '/' && p[1] == '/')) {
			skip_line(lx);
		} else if (two && p[0] == '/' && p[1] == '*') {
			lx->p += 2;
			skip_block_comment(lx, p);
		} else {
			break;
		}
	}
	return lx->p != start;
}

/* ---- strings ---- */

static int hex_escape(Lexer *lx)
{
	unsigned v = 0; /* any number of digits, of which the last two count */

	while (lx->p < lx->end && isxdigit((unsigned char)*lx->p)) {
		char c = *lx->p++;

		v = v * 16 + (unsigned)(isdigit((unsigned char)c)
					    ? c - '0'
					    : tolower((unsigned char)c) - 'a' + 10);
	}
	return (int)(v & 0xff);
}

static int octal_escape(Lexer *lx)
{
	int v = 0;

	for (int i = 0; i < 3 && lx->p < lx->end && *lx->p >= '0' && *lx->p <= '7'; i++)
		v = v * 8 + (*lx->p++ - '0');
	return v & 0xff;
}

/* p stands behind the backslash; the byte it means. An unknown escape is the character itself. */
static int escape(Lexer *lx)
{
	static const char name[] = "abtnvfr", value[] = "\a\b\t\n\v\f\r";
	char c = *lx->p;
	const char *at = strchr(name, c);

	if (c >= '0' && c <= '7')
		return octal_escape(lx);
	lx->p++;
	if (c == 'x' && language_has(lx->cond, lx->at.file, "2.3"))
		return hex_escape(lx);
	return c && at ? value[at - name] : c;
}

static void lex_string(Lexer *lx)
{
	const char *start = lx->p++;
	Loc loc = here(lx, start); /* a backslash at the end of a line: it goes on in the next */
	Buf b = {0};

	while (lx->p < lx->end && *lx->p != '"' && *lx->p != '\n') {
		if (*lx->p == '\\' && lx->p + 1 < lx->end) {
			lx->p++;
			if (*lx->p == '\n')
				newline(lx, lx->p);
			buf_putc(&b, (char)escape(lx));
		} else {
			buf_putc(&b, *lx->p++);
		}
	}
	if (lx->p < lx->end && *lx->p == '"')
		lx->p++;
	else
		complain(lx, DIAG_UNTERMINATED, loc, "this string has no end");
	add(lx, TK_STR, start, arena_strdup(lx->a, buf_str(&b)))->loc = loc;
	buf_free(&b);
}

/* ---- words, numbers, the rest ---- */

static bool word_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == '$' || c == '@';
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* $1 $# and the like end with their digits, all other words go as far as they can. */
static void lex_word(Lexer *lx)
{
	const char *start = lx->p++;
	bool sigil = *start == '$' || *start == '@';

	if (sigil && lx->p < lx->end && *lx->p == '#') {
		lx->p++;
	} else if (sigil && lx->p < lx->end && isdigit((unsigned char)*lx->p)) {
		while (lx->p < lx->end && isdigit((unsigned char)*lx->p))
			lx->p++;
	} else {
		while (lx->p < lx->end && word_char(*lx->p))
			lx->p++;
	}
	add(lx, TK_NAME, start, arena_strndup(lx->a, start, (size_t)(lx->p - start)));
}

static void lex_number(Lexer *lx)
{
	const char *start = lx->p, *text;
	char *rest;
	Token *t;

	while (lx->p < lx->end && isalnum((unsigned char)*lx->p))
		lx->p++;
	text = arena_strndup(lx->a, start, (size_t)(lx->p - start));
	t = add(lx, TK_NUM, start, text);
	errno = 0;
	t->num = (int64_t)strtoull(text, &rest, 0);
	t->bad = *rest || errno;
	if (t->bad)
		diag_error(lx->d, DIAG_BAD_NUMBER, t->loc, "number '%s' is %s", text,
			   errno ? "out of range" : "not valid");
}

static void lex_embedded(Lexer *lx)
{
	const char *start = lx->p, *text = lx->p + 2;

	for (lx->p = text; lx->p + 1 < lx->end; lx->p++) {
		if (lx->p[0] == '%' && lx->p[1] == '}') {
			add(lx, TK_EMBED, start,
			    arena_strndup(lx->a, text, (size_t)(lx->p - text)));
			lx->p += 2;
			for (const char *q = text; q < lx->p; q++)
				if (*q == '\n')
					newline(lx, q);
			return;
		}
	}
	lx->p = lx->end;
	complain(lx, DIAG_UNTERMINATED, here(lx, start), "this embedded C has no %%}");
}

static void lex_punct(Lexer *lx)
{
	size_t left = (size_t)(lx->end - lx->p);
	const char *start = lx->p;

	for (size_t i = 0; i < ARRAY_SIZE(punct); i++) {
		size_t n = strlen(punct[i]);

		if (n <= left && !memcmp(start, punct[i], n)) {
			lx->p += n;
			add(lx, TK_PUNCT, start, punct[i]);
			return;
		}
	}
	lx->p++;
	add(lx,
	    ispunct((unsigned char)*start) && *start != '\\' && *start != '\'' ? TK_PUNCT : TK_JUNK,
	    start, arena_strndup(lx->a, start, 1));
}

static void lex_token(Lexer *lx)
{
	char c = *lx->p;

	if (c == '"')
		lex_string(lx);
	else if (word_start(c))
		lex_word(lx);
	else if (isdigit((unsigned char)c))
		lex_number(lx);
	else if (c == '%' && lx->p + 1 < lx->end && lx->p[1] == '{')
		lex_embedded(lx);
	else
		lex_punct(lx);
}

static Token *lex_all(Lexer *lx)
{
	Token head = {0};

	lx->last = &head;
	for (bool blank = true;; blank = false) {
		Token *before = lx->last;

		blank |= skip_blank(lx);
		if (lx->p >= lx->end)
			break;
		lex_token(lx);
		if (before->next)
			before->next->glued = !blank;
	}
	add(lx, TK_EOF, lx->p, "");
	return head.next;
}

Token *lex_file(Arena *a, const SourceFile *file, const Conditions *cond, Diag *d)
{
	Lexer lx = {.a = a, .d = d, .cond = cond, .p = file->text, .end = file->text + file->len};

	lx.at = (Loc){file, 1, 1};
	lx.line_start = file->text;
	if (file->len >= 2 && file->text[0] == '#' && file->text[1] == '!')
		skip_line(&lx); /* #! /usr/bin/tapx */
	return lex_all(&lx);
}

Token *lex_pasted(Arena *a, const char *text, Loc at, const Conditions *cond, Diag *d)
{
	Lexer lx = {.a = a,
		    .d = d,
		    .cond = cond,
		    .p = text,
		    .end = text + strlen(text),
		    .at = at,
		    .pasted = true};

	lx.line_start = text;
	return lex_all(&lx);
}

bool tok_is(const Token *t, const char *text)
{
	return (t->kind == TK_PUNCT || t->kind == TK_NAME) && !strcmp(t->text, text);
}

const char *tok_text(Arena *a, const Token *t)
{
	switch (t->kind) {
	case TK_EOF:
		return "the end of the file";
	case TK_STR:
		return arena_printf(a, "string \"%.30s\"", t->text);
	case TK_EMBED:
		return "embedded C";
	case TK_NUM:
		return arena_printf(a, "number %s", t->text);
	case TK_NAME:
	case TK_PUNCT:
	case TK_JUNK:
		return arena_printf(a, "'%s'", t->text);
	}
	return "?";
}
