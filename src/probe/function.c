/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kernel.function and module.function: entry to and return from functions by name. BTF gives names
 * and prototypes in a millisecond; kallsyms, which costs the kernel a hundred times that, is only
 * asked about names that BTF does not have. Where there is DWARF, inlined copies are added. Whether
 * a function can be hooked, the kernel decides when the probe is defined; probe_refusal() explains
 * a refusal afterwards.
 */
#include "probe/probe_int.h"

#include <inttypes.h>
#include <string.h>

#define FORMS(arg)                                                                                 \
	{arg, 0}, {arg ".call", FN_CALL}, {arg ".return", FN_RETURN},                              \
	    {arg ".return.maxactive(number)", FN_RETURN},                                          \
	{                                                                                          \
		arg ".exported", FN_EXPORTED                                                       \
	}
/* These need DWARF. */
#define SOURCE_FORMS(arg)                                                                          \
	{arg ".inline", FN_INLINE}, {arg ".label(string)", FN_LABEL},                              \
	    {arg ".callee(string)", FN_CALLEE}, {arg ".callee(string).call", FN_CALLEE | FN_CALL}, \
	    {arg ".callee(string).return", FN_CALLEE | FN_RETURN}, {arg ".callees", FN_CALLEE},    \
	{                                                                                          \
		arg ".callees(number)", FN_CALLEE                                                  \
	}
static const Pattern pattern[] = {
    FORMS("kernel.function(string)"),
    SOURCE_FORMS("kernel.function(string)"),
    FORMS("kernel.function(number)"),
    FORMS("module(string).function(string)"),
    SOURCE_FORMS("module(string).function(string)"),
    FORMS("module(string).function(number)"),
    {NULL, 0},
};

bool name_is_wild(const char *s)
{
	return s[strcspn(s, "*?[")] != '\0';
}

/* ---- modules ---- */

static void near_module(void *arg, const char *name)
{
	nearest_add(arg, name);
}

bool module_named(Resolve *r, const char *name, const char **ret)
{
	Arena *a = r->ctx->arena;
	char *plain = arena_strdup(a, name);
	Nearest near = {.want = plain};

	for (char *p = plain; *p; p++)
		if (*p == '-')
			*p = '_';
	switch (debuginfo_module(r->ctx->di, plain)) {
	case DBG_MODULE_BUILTIN:
		*ret = NULL;
		return true;
	case DBG_MODULE_LOADED:
		*ret = plain;
		return true;
	case DBG_MODULE_ABSENT:
		break;
	}
	debuginfo_each_module(r->ctx->di, "*", near_module, &near);
	diag_error(r->ctx->diag, DIAG_MODULE_ABSENT, r->point->loc, "module '%s' is not loaded%s",
		   name, nearest_text(&near, a));
	return false;
}

/* ---- one function ---- */

static Scope *scope_without_types(Resolve *r, const char *name, DiagTag tag, const char *why)
{
	Scope *s =
	    scope_none(r->ctx->arena, arena_printf(r->ctx->arena, "function '%s'", name), tag, why);

	s->is_return = r->pattern->form & FN_RETURN;
	return s;
}

static void add_site(Resolve *r, Place place, const char *shown, Scope *scope)
{
	Arena *a = r->ctx->arena;
	Site site = {.place = place, .scope = scope};

	site.name = point_text_with(a, r->point, "function", shown, place.module ? "module" : NULL,
				    place.module);
	site.place.pp = site.name;
	vec_push(a, &r->sites, site);
}

static const char *no_prototype(const Resolve *r)
{
	const char *why;

	if (debuginfo_have_types(r->ctx->di, &why))
		return "BTF has no prototype of it";
	return arena_printf(r->ctx->arena, "no types: %s", why);
}

static void add_known(Resolve *r, const char *module, const char *name, bool optional)
{
	const DbgFunction *fn = debuginfo_function(r->ctx->di, module, name);
	Place place = {.function = name, .module = module, .optional = optional};
	Scope *s;

	if (fn)
		s = scope_function(r->ctx->arena, fn, module, r->pattern->form & FN_RETURN);
	else
		s = scope_without_types(r, name, DIAG_NO_TYPES, no_prototype(r));
	add_site(r, place, name, s);
}

/* Symbols called @name, or variants of it; several of one name are told apart by address. */
static void add_symbols(Resolve *r, const DbgSymbol *sym, int n, const char *name)
{
	for (int i = 0; i < n; i++) {
		bool variant = strcmp(sym[i].name, name) != 0, twin = false;
		Place place = {.function = sym[i].name, .module = sym[i].module};
		Scope *s;

		for (int k = 0; k < n; k++)
			twin |= k != i && !strcmp(sym[k].name, sym[i].name);
		place.address = twin ? sym[i].address : 0;
		s = variant ? scope_without_types(
				  r, sym[i].name, DIAG_VARIANT_NO_TYPES,
				  "the compiler changed its parameters, and only DWARF knows how")
			    : scope_without_types(r, name, DIAG_NO_TYPES, no_prototype(r));
		s->module = sym[i].module;
		s->symbol = sym[i].address;
		add_site(r, place, sym[i].name, s);
	}
}

static const char *where(Arena *a, const char *module)
{
	return module ? arena_printf(a, "module '%s'", module) : "the kernel";
}

void function_unknown(Resolve *r, const char *module, const char *name)
{
	Nearest near = {.want = name};
	const Component *c = point_part(r->point, "function");

	debuginfo_nearest_function(r->ctx->di, module, &near);
	if (!near.n)
		debuginfo_nearest_symbol(r->ctx->di, module, &near);
	diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, c ? c->loc : r->point->loc,
		   "no function '%s' in %s%s", name, where(r->ctx->arena, module),
		   nearest_text(&near, r->ctx->arena));
}

bool function_exists(Debuginfo *di, const char *module, const char *name)
{
	const DbgSymbol *sym;
	int n;

	if (debuginfo_function(di, module, name))
		return true;
	n = debuginfo_symbols(di, module, name, false, &sym);
	return n != 0; /* also when symbols are hidden: then the kernel has to know */
}

static const char *const refusal_text[] = {
    [DBG_TRACEABLE] = "the kernel refused it",
    [DBG_UNKNOWN_NAME] = "there is no such function",
    [DBG_INLINED] = "it is inlined wherever it is called: only DWARF knows where",
    [DBG_NO_MODULE] = "its module is not loaded",
    [DBG_NOTRACE] = "it was built without tracing (notrace)",
    [DBG_BLACKLISTED] = "the kernel forbids probes there (noinstr or NOKPROBE)",
    [DBG_INIT] = "it is __init code, whose memory was given back after boot",
};
static const DiagTag refusal_tag[] = {
    [DBG_TRACEABLE] = DIAG_FUNC_REFUSED, [DBG_UNKNOWN_NAME] = DIAG_FUNC_UNKNOWN,
    [DBG_INLINED] = DIAG_FUNC_INLINED,	 [DBG_NO_MODULE] = DIAG_MODULE_ABSENT,
    [DBG_NOTRACE] = DIAG_FUNC_NOTRACE,	 [DBG_BLACKLISTED] = DIAG_FUNC_BLACKLISTED,
    [DBG_INIT] = DIAG_FUNC_INIT,
};

const char *probe_refusal(Debuginfo *di, const Place *p, DiagTag *tag)
{
	DbgTraceable t = debuginfo_traceable(di, p->module, p->function);
	const DbgSymbol *sym;

	if (t == DBG_INLINED && debuginfo_symbols(di, p->module, p->function, true, &sym) > 0) {
		*tag = DIAG_VARIANT_NO_TYPES;
		return "the compiler only kept variants of it: probe it with the suffix (.isra.0, "
		       ".constprop.0, .part.0) that kallsyms shows";
	}
	*tag = refusal_tag[t];
	return refusal_text[t];
}

/* A listing only shows what can be hooked. */
static bool listable(Resolve *r, const char *module, const char *name)
{
	return !r->ctx->listing || debuginfo_can_hook(r->ctx->di, module, name);
}

static bool plain(Resolve *r, const char *module, const char *name)
{
	const DbgSymbol *sym;
	DiagTag tag;
	int n;

	if (debuginfo_function(r->ctx->di, module, name)) {
		Place p = {.function = name, .module = module};

		if (!listable(r, module, name)) {
			const char *why = probe_refusal(r->ctx->di, &p, &tag);

			diag_error(r->ctx->diag, tag, r->point->loc, "cannot probe '%s': %s", name,
				   why);
			return false;
		}
		add_known(r, module, name, false);
		if (!r->pattern->form)
			source_inlined(r, module, name);
		return true;
	}
	n = debuginfo_symbols(r->ctx->di, module, name, true, &sym);
	if (n < 0)
		add_known(r, module, name, false); /* symbols are hidden: the kernel has to know */
	else
		add_symbols(r, sym, n, name);
	if (!r->pattern->form && source_inlined(r, module, name))
		return true;
	if (n == 0)
		function_unknown(r, module, name);
	return n != 0;
}

/* ---- wildcards ---- */

typedef struct Wild {
	Resolve *r;
	const char *module;
	bool stubs; /* the pattern asks for __pfx_ names */
	VEC(const char *) name;
} Wild;

static void wild_name(void *arg, const char *name)
{
	Wild *w = arg;

	if ((!w->stubs && !strncmp(name, "__pfx_", 6)) || strchr(name, '.'))
		return;
	vec_push(w->r->ctx->arena, &w->name, name);
}

static void wild_symbol(void *arg, const DbgSymbol *sym)
{
	wild_name(arg, sym->name);
}

static bool wildcard(Resolve *r, const char *module, const char *pat)
{
	Wild w = {.r = r, .module = module, .stubs = !strncmp(pat, "__pfx_", 6)};
	const char *why;

	if (debuginfo_have_types(r->ctx->di, &why))
		debuginfo_each_function(r->ctx->di, module, pat, wild_name, &w);
	else
		debuginfo_each_symbol(r->ctx->di, module, pat, wild_symbol, &w);
	for (int i = 0; i < w.name.n; i++)
		if (listable(r, module, w.name.v[i]))
			add_known(r, module, w.name.v[i], true);
	return (!r->pattern->form && source_inlined(r, module, pat)) || w.name.n > 0;
}

/* ---- points ---- */

static bool by_address(Resolve *r, const char *module, uint64_t address)
{
	uint64_t off, size;
	const DbgSymbol *sym = debuginfo_symbol_at(r->ctx->di, address, &off, &size);
	Place place = {.module = module, .address = address};
	const DbgFunction *fn = NULL;
	Scope *s;

	place.function = sym ? sym->name : arena_printf(r->ctx->arena, "0x%" PRIx64, address);
	if (sym && off == 0)
		fn = debuginfo_function(r->ctx->di, sym->module, sym->name);
	s = fn ? scope_function(r->ctx->arena, fn, sym->module, r->pattern->form & FN_RETURN)
	       : scope_without_types(r, place.function, DIAG_NEEDS_DWARF,
				     "the address is not the start of a function that BTF knows");
	add_site(r, place, NULL, s);
	return true;
}

/* a{b,c}d is abd and acd: it is enough that one of them is there. */
static bool any_of(Resolve *r, const char *module, const char *pat)
{
	const char *open = strchr(pat, '{'), *end = open ? strchr(open, '}') : NULL;
	bool ok = false;

	if (!end)
		return name_is_wild(pat) ? wildcard(r, module, pat) : plain(r, module, pat);
	r->ctx->diag->muted++;
	for (const char *p = open + 1; p <= end; p++) {
		size_t n = strcspn(p, ",}");

		ok |= any_of(r, module,
			     arena_printf(r->ctx->arena, "%.*s%.*s%s", (int)(open - pat), pat,
					  (int)n, p, end + 1));
		p += n;
	}
	r->ctx->diag->muted--;
	return ok;
}

/* .exported: of the sites from @first on, those whose functions modules may call. */
static bool keep_exported(Resolve *r, int first, const Component *c)
{
	bool any = r->sites.n > first;

	for (int i = first; i < r->sites.n; i++)
		if (!debuginfo_exported(r->ctx->di, r->sites.v[i].place.module,
					r->sites.v[i].place.function))
			r->sites.v[i--] = r->sites.v[--r->sites.n];
	if (any && r->sites.n == first)
		diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, c->loc,
			   "'%s' is not exported to modules", c->str);
	return r->sites.n > first;
}

/* Only DWARF knows files, and what happens within functions. */
static bool needs_source(const Resolve *r, const Component *c)
{
	return strchr(c->str, '@') || r->pattern->form & (FN_INLINE | FN_LABEL | FN_CALLEE);
}

static bool in_module(Resolve *r, const char *module)
{
	const Component *c = point_part(r->point, "function");
	int before = r->sites.n;
	bool ok;

	if (c->arg == ARG_NUM)
		return by_address(r, module, (uint64_t)c->num);
	ok = needs_source(r, c) ? source_functions(r, module) : any_of(r, module, c->str);
	return ok && (!(r->pattern->form & FN_EXPORTED) || keep_exported(r, before, c));
}

static void each_module(void *arg, const char *name)
{
	in_module(arg, name);
}

static bool resolve(Resolve *r)
{
	const Component *fn = point_part(r->point, "function"), *max;
	const Component *mod = point_part(r->point, "module");
	const char *module = NULL;

	max = point_part(r->point, "maxactive");
	r->common.hook = r->pattern->form & FN_RETURN ? HOOK_KRETPROBE : HOOK_KPROBE;
	r->common.maxactive = max ? (int)max->num : 0;
	if (mod && name_is_wild(mod->str))
		debuginfo_each_module(r->ctx->di, mod->str, each_module, r);
	else if (mod && !module_named(r, mod->str, &module))
		return false;
	else if (!in_module(r, module) && fn->arg == ARG_STR &&
		 (needs_source(r, fn) || !fn->str[strcspn(fn->str, "*?[{")]))
		return false; /* it was said why */
	if (!r->sites.n && !(r->pattern->form & FN_EXPORTED))
		diag_error(r->ctx->diag, DIAG_FUNC_UNKNOWN, fn->loc, "no function matches %s",
			   point_text(r->ctx->arena, r->point));
	return r->sites.n > 0;
}

const Family family_function = {pattern, resolve};
