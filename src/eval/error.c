/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Run-time errors: the jump out of an expression to the innermost try or the end of the handler,
 * and the message with the place and the calls that led there.
 */
#include "eval_int.h"

#include <stdlib.h>

PRINTF_LIKE(3, 0)
static void format_error(Eval *e, const Node *at, const char *fmt, va_list ap)
{
	vsnprintf(e->error, sizeof(e->error), fmt, ap);
	e->error_at = at;
	e->error_depth = e->nesting;
}

_Noreturn static void jump(Eval *e, Catch *to)
{
	if (!to) { /* a handler was taken for safe by mistake: nothing to go back to */
		fprintf(stderr, "tapx: %s\n", e->error);
		abort();
	}
	longjmp(to->env, 1);
}

void raise_error(Eval *e, const Node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_error(e, at, fmt, ap);
	va_end(ap);
	jump(e, e->catch);
}

void raise_final(Eval *e, const Node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_error(e, at, fmt, ap);
	va_end(ap);
	jump(e, e->top);
}

void raise_abort(Eval *e)
{
	e->aborted = true;
	jump(e, e->top);
}

void catch_open(Eval *e, Catch *c)
{
	c->outer = e->catch;
	c->fp = e->fp;
	c->fp_top = e->fp_top;
	c->tmp = e->tmp;
	c->snap = e->snap_n;
	c->nesting = e->nesting;
	e->catch = c;
}

void catch_restore(Eval *e, const Catch *c)
{
	e->fp = c->fp;
	e->fp_top = c->fp_top;
	e->tmp = c->tmp;
	e->snap_n = c->snap;
	e->nesting = c->nesting;
}

void catch_close(Eval *e, const Catch *c)
{
	e->catch = c->outer;
}

static void put_place(Buf *b, const Node *n)
{
	buf_printf(b, "%s:%u:%u", n->loc.file->name, n->loc.line, n->loc.col);
}

/* " (called from INNERMOST PLACE, ... OUTERMOST)"; deep recursion shows its ends. */
static void put_calls(Buf *b, const Eval *e)
{
	enum { EACH_END = 4 };
	const char *lead = " (called from ";
	int n = e->error_depth;

	for (int i = n - 1; i >= 0; i--) {
		if (n > 2 * EACH_END + 1 && i < n - EACH_END && i >= EACH_END) {
			buf_printf(b, ", ... %d more", n - 2 * EACH_END);
			i = EACH_END;
		} else if (e->calls[i]->loc.file) {
			buf_puts(b, lead);
			put_place(b, e->calls[i]);
		}
		lead = ", ";
	}
	if (*lead == ',')
		buf_putc(b, ')');
}

void error_print(Eval *e)
{
	const Node *at = e->error_at;
	Str pp = ctx_pp(e, NULL);
	Buf b = {0};

	buf_puts(&b, e->error);
	if (at)
		node_put_place(&b, at);
	put_calls(&b, e);
	if (pp.n)
		buf_printf(&b, " in probe %.*s", (int)pp.n, pp.p);
	out_message(e, "ERROR: ", "%s", buf_str(&b));
	buf_free(&b);
}
