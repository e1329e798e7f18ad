/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Embedded C: nothing here reads C. What the language has to know of it stands in its comments: one
 * such as "pure" marks it, "pragma:read:x" and "pragma:write:x" name the globals that it touches.
 */
#include "frontend/frontend_int.h"

#include <string.h>

bool embed_is(const Embed *c, const char *mark)
{
	size_t n = strlen(mark);

	for (const char *p = c->text; (p = strstr(p, "/* ")); p += 3)
		if (!strncmp(p + 3, mark, n) && !strncmp(p + 3 + n, " */", 3))
			return true;
	return false;
}

static EmbedUse *use_of(Arena *a, Embed *c, Symbol *sym)
{
	for (int i = 0; i < c->uses.n; i++)
		if (c->uses.v[i].sym == sym)
			return &c->uses.v[i];
	vec_push(a, &c->uses, ((EmbedUse){.sym = sym}));
	return &c->uses.v[c->uses.n - 1];
}

/* All comments that begin with @pragma: the rest of each is the name of a global. */
static void bind_pragma(Arena *a, Embed *c, const char *pragma, bool write, EmbedFind *find, void *ctx)
{
	for (const char *p = c->text; (p = strstr(p, pragma)); ) {
		p += strlen(pragma);
		Symbol *sym = find(ctx, c, arena_strndup(a, p, strcspn(p, " *")), pragma);
		EmbedUse *u = sym ? use_of(a, c, sym) : NULL;

		if (u && write)
			u->write = true;
		else if (u)
			u->read = true;
	}
}

bool embed_bind(Arena *a, Embed *c, EmbedFind *find, void *ctx)
{
	if (c->uses.n) /* a copy of the node was here before */
		return false;
	bind_pragma(a, c, "/* pragma:read:", false, find, ctx);
	bind_pragma(a, c, "/* pragma:write:", true, find, ctx);
	return c->uses.n;
}

void embed_check(const Embed *c, int n_params, Diag *d)
{
	if (!embed_is(c, "stable"))
		return;
	if (!embed_is(c, "pure"))
		diag_error(d, DIAG_EMBEDDED_C, c->loc, "what is /* stable */ must also be /* pure */");
	if (n_params)
		diag_error(d, DIAG_EMBEDDED_C, c->loc, "a /* stable */ function has no parameters");
}
