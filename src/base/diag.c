/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Diagnostics: "file:line:col: error: text [TAG]", the source line, a caret under the column. One
 * cause gives one message: a tag that was already reported at the same place is swallowed, with the
 * notes that follow it. Also Nearest, which finds the name that the user may have meant.
 */
#include "base/base.h"

#include <ctype.h>
#include <string.h>

static const char *const tag_name[DIAG_COUNT] = {
#define DIAG(tag, text) [DIAG_##tag] = #tag,
#include "diag.def"
#undef DIAG
};

const char *diag_tag_name(DiagTag tag)
{
	return tag < DIAG_COUNT ? tag_name[tag] : "?";
}

/* ---- printing ---- */

enum { COLOR_ERROR = 31, COLOR_WARNING = 35, COLOR_NOTE = 36, COLOR_CARET = 32 };

static const char *line_start(const SourceFile *f, unsigned line)
{
	const char *p = f->text, *end = f->text + f->len;

	while (line > 1 && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			return end;
		p = nl + 1;
		line--;
	}
	return p;
}

/* The source line, and below it a caret; a tab above is a tab below, so that they stay aligned. */
static void print_source(const Diag *d, Loc loc)
{
	const char *start = line_start(loc.file, loc.line), *end = loc.file->text + loc.file->len;
	const char *nl = memchr(start, '\n', (size_t)(end - start));
	int len = (int)((nl ? nl : end) - start), pad;

	if (len > 0 && start[len - 1] == '\r')
		len--;
	pad = fprintf(d->out, "%3u", loc.line);
	fprintf(d->out, " | %.*s\n%*s | ", len, start, pad, "");
	for (unsigned i = 1; i < loc.col; i++)
		putc((int)i <= len && start[i - 1] == '\t' ? '\t' : ' ', d->out);
	if (d->color)
		fprintf(d->out, "\033[1;%dm^\033[0m\n", COLOR_CARET);
	else
		fputs("^\n", d->out);
}

static void print_head(const Diag *d, Loc loc, const char *level, int color)
{
	if (loc.file)
		fprintf(d->out, "%s:%u:%u: ", loc.file->name, loc.line, loc.col);
	else
		fputs("tapx: ", d->out);
	if (d->color)
		fprintf(d->out, "\033[1;%dm%s:\033[0m ", color, level);
	else
		fprintf(d->out, "%s: ", level);
}

static bool same_loc(Loc a, Loc b)
{
	return a.file == b.file && a.line == b.line && a.col == b.col;
}

/* Was @tag already reported at @loc? Remembers it if not. */
static bool seen_before(Diag *d, DiagTag tag, Loc loc)
{
	if (!loc.file)
		return false;
	for (int i = 0; i < DIAG_SEEN; i++)
		if (same_loc(d->seen[i].loc, loc) && d->seen[i].tag == tag)
			return true;
	d->seen[d->n_seen % DIAG_SEEN].loc = loc;
	d->seen[d->n_seen++ % DIAG_SEEN].tag = tag;
	return false;
}

/* The calls that led into the text of a macro, the innermost first. */
static void print_calls(const Diag *d, Loc loc)
{
	for (const MacroCall *c = loc.file->from; c; c = c->loc.file ? c->loc.file->from : NULL) {
		print_head(d, c->loc, "note", COLOR_NOTE);
		fprintf(d->out, "macro '@%s' is used here\n", c->name);
		if (c->loc.file)
			print_source(d, c->loc);
	}
}

PRINTF_LIKE(2, 0)
static void keep_first(Diag *d, const char *fmt, va_list ap)
{
	va_list copy;

	if (!d->first || d->first->n)
		return;
	va_copy(copy, ap);
	buf_vprintf(d->first, fmt, copy);
	va_end(copy);
}

PRINTF_LIKE(5, 0)
static void print_message(Diag *d, bool error, DiagTag tag, Loc loc, const char *fmt, va_list ap)
{
	d->swallow_notes = seen_before(d, tag, loc);
	if (d->swallow_notes)
		return;
	if (error) {
		d->errors++;
		keep_first(d, fmt, ap);
	} else {
		d->warnings++;
	}
	if (!d->out)
		return;
	print_head(d, loc, error ? "error" : "warning", error ? COLOR_ERROR : COLOR_WARNING);
	vfprintf(d->out, fmt, ap);
	fprintf(d->out, " [%s]\n", diag_tag_name(tag));
	if (!loc.file)
		return;
	print_source(d, loc);
	print_calls(d, loc);
}

void diag_error(Diag *d, DiagTag tag, Loc loc, const char *fmt, ...)
{
	va_list ap;

	if (d->muted) {
		d->muted_errors++;
		return;
	}
	d->demoted += d->demote;
	d->swallow_notes = true;
	if (d->demote && d->no_warnings && !d->werror)
		return;
	va_start(ap, fmt);
	print_message(d, !d->demote || d->werror, tag, loc, fmt, ap);
	va_end(ap);
}

void diag_warning(Diag *d, DiagTag tag, Loc loc, const char *fmt, ...)
{
	va_list ap;

	if (d->muted)
		return;
	d->swallow_notes = true;
	if (d->no_warnings && !d->werror)
		return;
	va_start(ap, fmt);
	print_message(d, d->werror, tag, loc, fmt, ap);
	va_end(ap);
}

void diag_note(Diag *d, Loc loc, const char *fmt, ...)
{
	va_list ap;

	if (d->muted || d->swallow_notes || !d->out)
		return;
	print_head(d, loc, "note", COLOR_NOTE);
	va_start(ap, fmt);
	vfprintf(d->out, fmt, ap);
	va_end(ap);
	putc('\n', d->out);
	if (loc.file)
		print_source(d, loc);
}

/* ---- did you mean ---- */

#define NEAR_MAX 64 /* longer names are not compared */
#define UNLIKE 1000 /* nothing in common */

static int min3(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edit distance with transpositions, case ignored; three rows of the classic table. */
static int distance(const char *a, size_t la, const char *b, size_t lb)
{
	int row[3][NEAR_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		int *cur = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		cur[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			int ca = tolower((unsigned char)a[i - 1]),
			    cb = tolower((unsigned char)b[j - 1]);

			cur[j] = min3(up[j] + 1, cur[j - 1] + 1, up[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]))
				cur[j] = min3(cur[j], up2[j - 2] + 1, cur[j]);
		}
	}
	return row[la % 3][lb];
}

/* How unlike: lower is nearer. */
static int unlike(const char *want, const char *cand)
{
	size_t lw = strlen(want), lc = strlen(cand), limit = lw <= 4 ? 1 : lw <= 8 ? 2 : 3;
	size_t apart = lw > lc ? lw - lc : lc - lw;
	int d;

	if (!lw || !lc || lw > NEAR_MAX || lc > NEAR_MAX)
		return UNLIKE;
	if (lw >= 3 && lc > lw && !strncmp(want, cand, lw)) /* only the beginning was written */
		return apart > 8		? 10
		       : (int)apart * 2 - 1 > 3 ? 3 + (int)apart / 2
						: (int)apart * 2 - 1;
	if (apart > limit)
		return UNLIKE;
	d = distance(want, lw, cand, lc);
	if (d > (int)limit || (size_t)d >= lw)
		return UNLIKE;
	return d * 2 - (tolower((unsigned char)*want) == tolower((unsigned char)*cand));
}

void nearest_add(Nearest *n, const char *candidate)
{
	int score = unlike(n->want, candidate), i;

	if (score == UNLIKE || !strcmp(n->want, candidate))
		return;
	for (i = 0; i < n->n; i++)
		if (!strcmp(n->name[i], candidate))
			return;
	for (i = n->n; i > 0 && n->score[i - 1] > score; i--) {
		if (i == (int)ARRAY_SIZE(n->name))
			continue;
		n->name[i] = n->name[i - 1];
		n->score[i] = n->score[i - 1];
	}
	if (i == (int)ARRAY_SIZE(n->name))
		return;
	n->name[i] = candidate;
	n->score[i] = score;
	if (n->n < (int)ARRAY_SIZE(n->name))
		n->n++;
}

const char *nearest_text(const Nearest *n, Arena *a)
{
	int shown = 0, best = n->n ? n->score[0] : 0;
	const char *text = "";

	/* what is clearly worse than the best is left out, and three are enough */
	while (shown < n->n && shown < 3 && n->score[shown] <= best + 1)
		shown++;
	for (int i = 0; i < shown; i++) {
		const char *sep = i == 0 ? "; did you mean " : i == shown - 1 ? " or " : ", ";

		text = arena_printf(a, "%s%s'%s'", text, sep, n->name[i]);
	}
	return shown ? arena_printf(a, "%s?", text) : "";
}
