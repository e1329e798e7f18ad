/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module as a whole: its settings, globals, functions, handlers, and the table of probes, in this
 * order. Bodies are made first, in texts of their own, since the settings depend on them.
 */
#include "kmod_int.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

enum {
	STRING_DEFAULT = 512,
	ENTRIES_DEFAULT = 2048,
	NESTING_DEFAULT = 1000, /* the stack ends it earlier */
	PRINT_BYTES = 16384,
	SPEC_BYTES = 4096,
	BACKTRACE_DEFAULT = 128,
	BUFFER_KB = 1024,
	ACTION_FACTOR = 10, /* SystemTap loads ten times MAXACTION */
	STACK_MIN = 4096,
	STACK_OTHER = 4096,
	ITEM_BYTES = 24 /* struct rt_item */
};
#define ACTIONS_DEFAULT INT64_C(100000)	     /* where nothing else runs meanwhile */
#define ACTIONS_OURS_DEFAULT INT64_C(33000000) /* begin and end */

/* ---- text ---- */

void emit(Emit *e, const char *fmt, ...)
{
	va_list ap;

	for (int i = 0; i < e->indent; i++)
		buf_putc(e->out, '\t');
	va_start(ap, fmt);
	buf_vprintf(e->out, fmt, ap);
	va_end(ap);
	buf_putc(e->out, '\n');
}

void missing(Emit *e, const Node *n, const char *what)
{
	diag_error(e->in->diag, DIAG_NEEDS_MODULE, n->loc, "%s: not yet possible in a kernel module", what);
	e->ok = false;
}

void emit_check(Emit *e)
{
	emit(e, "if (RT_FAILED(c))");
	emit(e, "\tgoto fail_%d;", e->fail);
	e->fail_used = true;
}

const char *temp_num(Emit *e, const char *value)
{
	const char *name = TEXT(e, "n%d", e->n_num++);

	emit(e, "s64 %s = %s;", name, value);
	return name;
}

const char *temp_str(Emit *e)
{
	int i = e->n_str++;

	if (e->n_str > e->max_str)
		e->max_str = e->n_str;
	return TEXT(e, "&s[%d]", i);
}

const char *c_string(Emit *e, const char *s, size_t n)
{
	Buf b = {0};

	buf_putc(&b, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '\n')
			buf_puts(&b, "\\n");
		else if (c == '"' || c == '\\' || c == '?')
			buf_printf(&b, "\\%c", c);
		else if (c < ' ' || c > '~')
			buf_printf(&b, "\\%03o", c);
		else
			buf_putc(&b, (char)c);
	}
	buf_putc(&b, '"');
	const char *ret = arena_strdup(e->arena, buf_str(&b));
	buf_free(&b);
	return ret;
}

size_t string_most(const Emit *e)
{
	int64_t n = e->in->limits.max_string_len;

	return (size_t)(n ? n : STRING_DEFAULT) - 1;
}

const char *c_comment(Emit *e, const char *text)
{
	char *s = arena_strdup(e->arena, text);

	for (char *p = s; *p; p++)
		if ((*p == '/' && (p > s && p[-1] == '*')) || *p == '\n' || *p == '\\')
			*p = '_';
	return TEXT(e, "/* %s */", s);
}

const char *c_lit(Emit *e, const char *s, size_t n)
{
	return TEXT(e, "RT_LIT(%s)", c_string(e, s, n));
}

/* ---- names ---- */

static const char *c_name(Emit *e, const char *name)
{
	char *s = arena_strdup(e->arena, name);

	for (char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	return s;
}

const char *global_name(Emit *e, const Symbol *sym)
{
	return TEXT(e, "g%d_%s", sym->slot, c_name(e, sym->name));
}

const char *local_name(Emit *e, const Symbol *sym)
{
	if (sym->type == TY_STRING)
		return TEXT(e, "s[%d]", sym->slot);
	return TEXT(e, "l%d_%s", sym->slot, c_name(e, sym->name));
}

int function_index(const Emit *e, const Function *f)
{
	int i = 0;

	while (e->in->script->functions.v[i] != f)
		i++;
	return i;
}

const char *function_name(Emit *e, const Function *f)
{
	return TEXT(e, "f%d_%s", function_index(e, f), c_name(e, f->name));
}

const char *place_of(Emit *e, const Node *n)
{
	Buf b = {0};

	node_put_place(&b, n);
	const char *text = arena_strdup(e->arena, buf_str(&b));
	buf_free(&b);
	uintptr_t i = (uintptr_t)table_get(e->place_index, text);
	if (!i) {
		vec_push(e->arena, &e->places, text);
		i = (uintptr_t)e->places.n;
		table_put(e->place_index, text, (void *)i);
	}
	return TEXT(e, "places[%d]", (int)i - 1);
}

/* ---- bodies ---- */

static void begin_body(Emit *e, const SymbolVec *locals)
{
	e->locals = locals;
	e->n_num = 0;
	e->n_str = e->max_str = locals->n; /* numbers leave their frame unused */
	e->fail = e->n_labels = e->n_loops = e->loop = 0;
	e->fail_used = false;
	e->weight = 0;
	e->snap = e->max_snap = 0;
	e->indent = 1;
}

static void declare_locals(Emit *e, const SymbolVec *locals, int from)
{
	for (int i = from; i < locals->n; i++) {
		const Symbol *v = locals->v[i];
		if (v->type == TY_STRING)
			emit(e, "s[%d].n = 0; /* %s */", i, v->name);
		else if (v->type == TY_LONG)
			emit(e, "s64 %s = 0;", local_name(e, v));
	}
}

/* The statements of @n as text of their own, with their end. */
static void make_body(Emit *e, const Node *n, Buf *text)
{
	Buf *out = e->out;

	e->out = text;
	if (n)
		stmt(e, n);
	e->out = out;
}

/* It is looked at when the probe is hit, under the locks of the handler. */
static void make_condition(Emit *e, const Node *n, Buf *text)
{
	Buf *out = e->out;

	e->out = text;
	emit(e, "if (!%s)", num(e, n));
	emit(e, "\tgoto out;");
	e->out = out;
}

static void put_body(Emit *e, Buf *text)
{
	if (text->n)
		buf_put(e->out, text->s, text->n);
	buf_free(text);
	e->indent = 0;
	emit(e, "fail_0: __maybe_unused;");
	emit(e, "out: __maybe_unused;");
	e->indent = 1;
	if (e->max_str > e->most_strs)
		e->most_strs = e->max_str;
	if (e->in_function)
		e->snap_functions += e->max_snap;
	else if (e->max_snap > e->snap_probes)
		e->snap_probes = e->max_snap;
}

static const char *signature(Emit *e, const Function *f)
{
	Buf b = {0};
	const char *type = f->type == TY_LONG ? "s64" : "void";

	buf_printf(&b, "static %s %s(struct rt_ctx *c, const char *at", type, function_name(e, f));
	if (f->type == TY_STRING)
		buf_puts(&b, ", struct rt_str *ret");
	for (int i = 0; i < f->params.n; i++) {
		const Symbol *p = f->params.v[i];
		if (p->type == TY_STRING)
			buf_printf(&b, ", struct rt_sv a%d", i);
		else
			buf_printf(&b, ", s64 %s", local_name(e, p));
	}
	buf_putc(&b, ')');
	const char *s = arena_strdup(e->arena, buf_str(&b));
	buf_free(&b);
	return s;
}

static void function_c(Emit *e, const Function *f)
{
	Buf text = {0};
	bool is_long = f->type == TY_LONG;

	begin_body(e, &f->locals);
	e->in_function = true;
	e->returns = f->type;
	if (f->embed)
		embed_function(e, f, &text);
	else
		make_body(e, f->body, &text);
	e->indent = 0;
	emit(e, "%s", signature(e, f));
	emit(e, "{");
	e->indent = 1;
	if (is_long)
		emit(e, "s64 ret = 0;");
	emit(e, "struct rt_str *s = rt_call(c, %d, %" PRId64 ", at);", e->max_str, e->weight + 1);
	emit(e, "const int snap = c->n_snap;");
	if (f->type == TY_STRING)
		emit(e, "ret->n = 0;");
	emit(e, "if (!s)");
	emit(e, is_long ? "\treturn 0;" : "\treturn;");
	for (int i = 0; i < f->params.n; i++)
		if (f->params.v[i]->type == TY_STRING)
			emit(e, "rt_set(&s[%d], a%d); /* %s */", i, i, f->params.v[i]->name);
	declare_locals(e, &f->locals, f->params.n);
	put_body(e, &text);
	emit(e, "c->n_snap = snap;");
	emit(e, "rt_return(c, %d);", e->max_str);
	if (is_long)
		emit(e, "return ret;");
	e->indent = 0;
	emit(e, "}\n");
	e->in_function = false;
}

/* A handler named @kind_INDEX around the statements in @text. */
static void handler_c(Emit *e, const char *kind, const ResolvedProbe *p, int index, Buf *text)
{
	emit(e, "static void %s_%d(struct rt_ctx *c)", kind, index);
	emit(e, "{");
	e->indent = 1;
	emit(e, "struct rt_str *s = c->strs;");
	if (kept_any(e, p, index))
		emit(e, "struct kept_%d *kept = c->hit.kept;", index);
	emit(e, "\n\tc->n_strs = %d;", e->max_str);
	declare_locals(e, &p->body->locals, 0);
	put_body(e, text);
	emit(e, "return;");
	e->indent = 0;
	emit(e, "}\n");
}

/* The handler at the function's entry, for what a return probe keeps of it. */
static void entry_c(Emit *e, const ResolvedProbe *p, int index)
{
	Buf text = {0};

	if (!kept_any(e, p, index))
		return;
	begin_body(e, &p->body->locals);
	kept_make(e, &text);
	e->indent = 0;
	handler_c(e, "entry", p, index, &text);
}

static void probe_c(Emit *e, const ResolvedProbe *p, int index)
{
	Buf text = {0};

	e->probe = p;
	e->kept = &e->all_kept[index];
	e->n_args = p->subject_arg;
	begin_body(e, &p->body->locals);
	if (p->condition)
		make_condition(e, p->condition, &text);
	make_body(e, p->body->block, &text);
	e->indent = 0;
	emit(e, "%s", c_comment(e, p->name));
	kept_struct(e, index);
	handler_c(e, "probe", p, index, &text);
	entry_c(e, p, index);
	if (p->hook == HOOK_TRACEPOINT || p->hook == HOOK_TRACE_EVENT)
		tracepoint_function(e, index);
	e->probe = NULL;
	e->kept = NULL;
}

/* ---- globals ---- */

static int64_t entries(const Emit *e, const Symbol *sym)
{
	if (sym->size > 0)
		return sym->size;
	return e->in->limits.max_map_entries ? e->in->limits.max_map_entries : ENTRIES_DEFAULT;
}

static const char *type_of(Type t)
{
	return t == TY_STRING ? "RT_STRING" : t == TY_STATS ? "RT_STATS" : "RT_LONG";
}

static void histogram_c(Emit *e, const Symbol *sym)
{
	const Node *h = sym->hist;
	struct rt_hist {
		int64_t lo, step, n;
	} shape = {0, 0, 128};

	if (!h)
		return;
	e->uses_hist = true;
	if (!h->stat.log) {
		shape.lo = h->stat.param[0];
		shape.step = h->stat.param[2];
		shape.n = shape.step > 0 ? (h->stat.param[1] - shape.lo) / shape.step + 3 : 0;
	}
	if (!h->stat.log && (shape.step <= 0 || shape.n < 3 || shape.n > 128)) {
		diag_error(e->in->diag, DIAG_HISTOGRAM, h->loc,
			   "histogram: Number of buckets must be between 1 and 126");
		e->ok = false;
	}
	emit(e, "static const struct rt_hist h%d = {%s, %" PRId64 ", %s, %s};", sym->slot,
	     h->stat.log ? "RT_HIST_LOG" : "RT_HIST_LINEAR", shape.n, literal(e, shape.lo),
	     literal(e, shape.step));
}

static void parts_c(Emit *e, const Symbol *sym)
{
	if (!has_parts(e, sym))
		return;
	e->uses_map = true;
	emit(e, "static struct rt_parts %s_parts = {.stats = %s, .hist = %s};", global_name(e, sym),
	     sym->type == TY_STATS ? "true" : "false", hist_name(e, sym));
}

static void map_c(Emit *e, const Symbol *sym)
{
	const char *name = global_name(e, sym);

	e->uses_map = true;
	emit(e, "static struct rt_map %s = {", name);
	emit(e, "\t.name = \"%s\",", sym->name);
	emit(e, "\t.n_keys = %d,", sym->n_keys);
	Buf b = {0};
	for (int i = 0; i < sym->n_keys; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", type_of(sym->key[i]));
	emit(e, "\t.key = {%s},", buf_str(&b));
	buf_free(&b);
	emit(e, "\t.value = %s,", type_of(sym->type));
	emit(e, "\t.limit = %" PRId64 ",", entries(e, sym));
	emit(e, "\t.wrap = %s,", sym->wrap ? "true" : "false");
	emit(e, "\t.user_limit = %s,", sym->size > 0 ? "true" : "false");
	if (sym->hist)
		emit(e, "\t.hist = &h%d,", sym->slot);
	if (has_parts(e, sym))
		emit(e, "\t.parts = &%s_parts,", name);
	emit(e, "};");
}

static bool is_first_of_name(const Emit *e, const Symbol *sym)
{
	const SymbolVec *g = &e->in->script->globals;

	for (int i = 0; i < g->n && g->v[i] != sym; i++)
		if (!strcmp(g->v[i]->name, sym->name))
			return false;
	return true;
}

/* The value, in @var, can be given when the module is loaded. */
static void param_c(Emit *e, const Symbol *sym, const char *var)
{
	const char *type = sym->type == TY_STRING ? "string" : "long";

	if (!is_first_of_name(e, sym)) /* private ones of several files */
		return;
	e->uses_param = true;
	emit(e, "RT_PARAM(%s, \"%s\", rt_param_%s, \"%s\");", var, sym->name, type, type);
}

/* The total of a scalar with parts; its name stands for the whole value. */
static void whole_c(Emit *e, const Symbol *sym, const char *type, const char *total)
{
	const char *name = global_name(e, sym);

	emit(e, "#define %s (%s rt_whole(&%s_parts, %s, 0))", name, type, name, total);
}

static void stat_c(Emit *e, const Symbol *sym)
{
	const char *name = global_name(e, sym);

	e->uses_map = true;
	emit(e, "static s64 %s_memory[sizeof(struct rt_stats) / 8 + %s];", name, sym->hist ? "128" : "0");
	if (has_parts(e, sym))
		whole_c(e, sym, "(struct rt_stats *)", TEXT(e, "%s_memory", name));
	else
		emit(e, "#define %s ((struct rt_stats *)%s_memory)", name, name);
}

static void number_c(Emit *e, const Symbol *sym)
{
	const char *name = global_name(e, sym);
	const char *init = literal(e, sym->init && sym->init->kind == ND_NUM ? sym->init->num : 0);

	if (has_parts(e, sym)) {
		emit(e, "static s64 %s_total = %s;", name, init);
		param_c(e, sym, TEXT(e, "%s_total", name));
		whole_c(e, sym, "*(s64 *)", TEXT(e, "&%s_total", name));
	} else {
		emit(e, "static s64 %s = %s;", name, init);
		param_c(e, sym, name);
	}
}

static void text_c(Emit *e, const Symbol *sym)
{
	const char *init = sym->init && sym->init->kind == ND_STR ? sym->init->str : "";
	size_t n = strnlen(init, string_most(e));

	emit(e, "static struct rt_str %s = {%zu, %s};", global_name(e, sym), n, c_string(e, init, n));
	param_c(e, sym, global_name(e, sym));
}

static void scalar_c(Emit *e, const Symbol *sym)
{
	if (sym->type == TY_STATS)
		stat_c(e, sym);
	else if (sym->type == TY_STRING)
		text_c(e, sym);
	else
		number_c(e, sym);
	if (e->changes[sym->slot] && !has_parts(e, sym))
		emit(e, "static arch_rwlock_t %s_lock = __ARCH_RW_LOCK_UNLOCKED;",
		     global_name(e, sym));
}

/* Memory is there before the first handler and until after the last. */
static void globals_memory_c(Emit *e)
{
	const SymbolVec *g = &e->in->script->globals;

	emit(e, "\nstatic int rt_globals_init(void)\n{\n\tint err = 0;\n");
	for (int i = 0; i < g->n; i++)
		if (g->v[i]->n_keys > 0)
			emit(e, "\terr = err ?: rt_map_init(&%s);", global_name(e, g->v[i]));
		else if (has_parts(e, g->v[i]))
			emit(e, "\terr = err ?: rt_parts_init(&%s_parts, 1);", global_name(e, g->v[i]));
	emit(e, "\treturn err;\n}\n\nstatic void rt_globals_free(void)\n{");
	for (int i = 0; i < g->n; i++)
		if (g->v[i]->n_keys > 0)
			emit(e, "\trt_map_free(&%s);", global_name(e, g->v[i]));
		else if (has_parts(e, g->v[i]))
			emit(e, "\trt_parts_free(&%s_parts);", global_name(e, g->v[i]));
	emit(e, "}\n");
}

static void globals_c(Emit *e)
{
	const SymbolVec *g = &e->in->script->globals;

	for (int i = 0; i < g->n; i++) {
		histogram_c(e, g->v[i]);
		parts_c(e, g->v[i]);
		if (g->v[i]->n_keys > 0)
			map_c(e, g->v[i]);
		else
			scalar_c(e, g->v[i]);
	}
	globals_memory_c(e);
}

/* ---- the table of probes ---- */

static const char *kind_of(Emit *e, const ResolvedProbe *p)
{
	switch (p->hook) {
	case HOOK_BEGIN:
		return "RT_BEGIN";
	case HOOK_END:
		return "RT_END";
	case HOOK_ERROR:
		return "RT_ERROR";
	case HOOK_TIMER:
		e->n_timers++;
		return "RT_TIMER";
	case HOOK_KPROBE:
		return "RT_KPROBE";
	case HOOK_KRETPROBE:
		return "RT_KRETPROBE";
	case HOOK_UPROBE:
		return "RT_UPROBE";
	case HOOK_URETPROBE:
		return "RT_URETPROBE";
	case HOOK_TRACE_EVENT:
	case HOOK_TRACEPOINT:
		return "RT_TRACEPOINT";
	case HOOK_PACKET:
		e->n_packets++;
		return "RT_PACKET";
	case HOOK_FILE_READ:
		e->uses_files = true;
		return "RT_FILE_READ";
	case HOOK_FILE_WRITE:
		e->uses_files = true;
		return "RT_FILE_WRITE";
	case HOOK_INPUT:
		e->uses_input = true;
		return "RT_INPUT";
	case HOOK_INPUT_LINE:
		e->uses_input = true;
		return "RT_INPUT_LINE";
	case HOOK_PERF:
		return "RT_PERF";
	case HOOK_DATA:
		return "RT_DATA";
	case HOOK_NEVER:
		break;
	}
	diag_error(e->in->diag, DIAG_NEEDS_MODULE, p->loc, "%s: not yet possible in a kernel module",
		   p->name);
	e->ok = false;
	return "RT_BEGIN";
}

/* struct UsesOf - how many globals a handler touches, and its handler at the entry. */
typedef struct UsesOf {
	int own, entry;
} UsesOf;

static void user_place_row(Emit *e, const ResolvedProbe *p, const Place *at)
{
	e->uses_uprobe = true;
	e->n_uprobes++;
	emit(e, "\t\t.path = %s,", c_string(e, at->path, strlen(at->path)));
	if (at->function)
		emit(e, "\t\t.function = %s,", c_string(e, at->function, strlen(at->function)));
	emit(e, "\t\t.offset = 0x%" PRIx64 ", .semaphore = 0x%" PRIx64 ",", at->offset, at->semaphore);
	if (at->optional || p->optional)
		emit(e, "\t\t.optional = true,");
}

static void place_row(Emit *e, const ResolvedProbe *p, const Place *at)
{
	if (at->path) {
		user_place_row(e, p, at);
		return;
	}
	e->uses_kprobe = true;
	e->n_kprobes++;
	const char *module = at->module ? TEXT(e, "%s:", at->module) : "";
	const char *symbol = TEXT(e, "%s%s", module, at->function);

	emit(e, "\t\t.symbol = %s,", c_string(e, symbol, strlen(symbol)));
	emit(e, "\t\t.function = %s,", c_string(e, at->function, strlen(at->function)));
	emit(e, "\t\t.offset = %" PRIu64 ", .maxactive = %d,", at->offset, p->maxactive);
	if (at->base)
		emit(e, "\t\t.base = \"%s\",", at->base);
	if (at->address)
		emit(e, "\t\t.address = 0x%" PRIx64 "ULL,", at->address);
	if (at->optional || p->optional)
		emit(e, "\t\t.optional = true,");
}

static void entry_row(Emit *e, int index, int n_uses)
{
	emit(e, "\t\t.entry = entry_%d, .kept_size = sizeof(struct kept_%d),", index, index);
	if (n_uses)
		emit(e, "\t\t.entry_uses = uses_%d, .n_entry_uses = %d,", e->in->probes->n + index,
		     n_uses);
}

static const char *where_text(Emit *e, Loc loc)
{
	const char *s = TEXT(e, "%s:%u:%u", loc.file ? loc.file->name : "", loc.line, loc.col);

	return c_string(e, s, strlen(s));
}

static bool has_who(const Who *w)
{
	return w->pid || w->tree || w->program || w->thread != WHO_ANY;
}

static void probe_row(Emit *e, const ResolvedProbe *p, int index, const UsesOf *u, const Place *at)
{
	const char *pp = at && at->pp ? at->pp : p->name;

	emit(e, "\t{");
	emit(e, "\t\t.kind = %s, .run = probe_%d,", kind_of(e, p), index);
	emit(e, "\t\t.pp = %s,", c_string(e, pp, strlen(pp)));
	const char *pn = point_text(e->arena, p->point);
	emit(e, "\t\t.pn = %s, .number = %d,", c_string(e, pn, strlen(pn)), index);
	if (e->in->limits.timing)
		emit(e, "\t\t.where = %s,", where_text(e, p->loc));
	e->n_rows++;
	if (p->order)
		emit(e, "\t\t.order = %" PRId64 "LL,", p->order);
	if (p->hook == HOOK_TIMER)
		emit(e, "\t\t.period_ns = %" PRIu64 "ULL, .randomize_ns = %" PRIu64 "ULL,", p->period_ns,
		     p->randomize_ns);
	if (at)
		place_row(e, p, at);
	if (p->hook == HOOK_TRACE_EVENT || p->hook == HOOK_TRACEPOINT) {
		emit(e, "\t\t.symbol = %s,", c_string(e, p->tracepoint, strlen(p->tracepoint)));
		emit(e, "\t\t.hook = tracepoint_%d, .optional = %d,", index, p->optional);
		if (p->subject_arg)
			emit(e, "\t\t.subject = %d, .at_start = %d,", p->subject_arg, p->at_start);
		e->n_tracepoints++;
	}
	if (p->hook == HOOK_PACKET)
		emit(e, "\t\t.pf = %d, .hooknum = %d, .priority = %d, .optional = %d,", p->packet.pf,
		     p->packet.hook, p->packet.priority, p->optional);
	if (p->hook == HOOK_FILE_READ || p->hook == HOOK_FILE_WRITE)
		emit(e, "\t\t.file = &rt_files[%d],", file_index(e, p->file.path));
	if (p->hook == HOOK_PERF || p->hook == HOOK_DATA)
		perf_row(e, p);
	if (has_who(&p->who))
		emit(e, "\t\t.who = &who_%d,", index);
	if (kept_any(e, p, index))
		entry_row(e, index, u->entry);
	if (u->own)
		emit(e, "\t\t.uses = uses_%d, .n_uses = %d,", index, u->own);
	emit(e, "\t},");
}

static void place_rows(Emit *e, const ResolvedProbe *p, int index, const UsesOf *u, const Place *at)
{
	Place *each;
	int n = twins_of(e, at, &each);

	for (int i = 0; i < n; i++)
		probe_row(e, p, index, u, &each[i]);
}

static void who_c(Emit *e, const Who *w, int index)
{
	if (!has_who(w))
		return;
	if (w->program)
		emit(e, "static struct rt_program program_%d = {.path = %s};", index,
		     c_string(e, w->program, strlen(w->program)));
	emit(e, "static const struct rt_who who_%d = {.pid = %d, .tree = %d, .leader = %d, .other = %d, .program = %s};",
	     index, w->pid, w->tree, w->thread == WHO_LEADER, w->thread == WHO_OTHER,
	     w->program ? TEXT(e, "&program_%d", index) : "NULL");
}

static void probes_c(Emit *e)
{
	const ResolvedProbes *ps = e->in->probes;
	UsesOf *uses = NEW_ARRAY(e->arena, UsesOf, ps->n + 1);

	for (int i = 0; i < ps->n; i++) {
		uses[i].own = uses_emit(e, i);
		uses[i].entry = kept_uses(e, &e->all_kept[i], ps->n + i);
	}
	files_emit(e);
	for (int i = 0; i < ps->n; i++)
		who_c(e, &ps->v[i]->who, i);
	emit(e, "\nstatic const struct rt_probe rt_probes[] = {");
	for (int i = 0; i < ps->n; i++) {
		const ResolvedProbe *p = ps->v[i];
		if (p->hook == HOOK_NEVER)
			continue;
		if (!p->places.n)
			probe_row(e, p, i, &uses[i], NULL);
		for (int k = 0; k < p->places.n; k++)
			place_rows(e, p, i, &uses[i], &p->places.v[k]);
	}
	emit(e, "};\n");
}

/* ---- all of it ---- */

static void places_c(Emit *e)
{
	emit(e, "static const char *const places[] __maybe_unused = {");
	for (int i = 0; i < e->places.n; i++)
		emit(e, "\t%s,", c_string(e, e->places.v[i], strlen(e->places.v[i])));
	emit(e, "\t\"\"\n};\n");
}

static void setting(Emit *e, const char *name, int64_t given, int64_t otherwise)
{
	emit(e, "#define %s %" PRId64, name, given ? given : otherwise);
}

static int64_t largest_map(const Emit *e)
{
	int64_t most = 1;

	for (int i = 0; i < e->in->script->globals.n; i++) {
		const Symbol *s = e->in->script->globals.v[i];
		if (s->n_keys > 0 && entries(e, s) > most)
			most = entries(e, s);
	}
	return most;
}

/* The time zone that is here and now; a module does not know of any. */
static void zone_c(Emit *e)
{
	time_t now = time(NULL);
	struct tm tm = {0};

	localtime_r(&now, &tm);
	emit(e, "#define RT_TZ_GMTOFF %ld", -tm.tm_gmtoff);
	emit(e, "#define RT_TZ_NAME %s", c_string(e, tm.tm_zone ? tm.tm_zone : "UTC", strlen(tm.tm_zone ? tm.tm_zone : "UTC")));
}

/* The build of the kernel that the module is good for. */
static void kernel_c(Emit *e)
{
	struct utsname u;

	uname(&u);
	emit(e, "#define RT_KERNEL %s", c_string(e, u.version, strlen(u.version)));
}

static void settings_c(Emit *e)
{
	const KmodLimits *l = &e->in->limits;
	int64_t map = largest_map(e), deep = e->most_strs * 40;
	int snaps = e->snap_probes + e->snap_functions;

	emit(e, "/* made by tapx: do not edit */");
	setting(e, "RT_MAXSTRINGLEN", l->max_string_len, STRING_DEFAULT);
	setting(e, "RT_MAXNESTING", l->max_nesting, NESTING_DEFAULT);
	setting(e, "RT_MAXACTION", l->max_action * ACTION_FACTOR, ACTIONS_DEFAULT);
	setting(e, "RT_MAXACTION_OURS",
		l->max_action_interruptible ? l->max_action_interruptible : l->max_action * ACTION_FACTOR,
		ACTIONS_OURS_DEFAULT);
	emit(e, "#define RT_MAXERRORS %" PRId64, l->max_errors);
	emit(e, "#define RT_MAXSKIPPED %" PRId64, l->max_skipped);
	emit(e, "#define RT_MAXTRYLOCK %" PRId64, l->max_trylock);
	emit(e, "#define RT_TRYLOCK_US %" PRId64, l->trylock_delay);
	emit(e, "#define RT_OVERLOAD_THRESHOLD %" PRId64 "ULL", l->suppress_time ? 0 : l->overload_threshold);
	emit(e, "#define RT_OVERLOAD_INTERVAL %" PRId64 "ULL", l->overload_interval);
	setting(e, "RT_MINSTACKSPACE", l->min_stack, STACK_MIN);
	emit(e, "#define RT_KRETACTIVE %" PRId64, l->kretactive);
	emit(e, "#define RT_MAXMEMORY_KB %" PRId64, l->max_memory);
	emit(e, "#define RT_INTERRUPTIBLE %d", l->interruptible != 0);
	emit(e, "#define RT_OTHER_STACK %d", STACK_OTHER);
	emit(e, "#define RT_SUPPRESS_ERRORS %d", l->suppress_errors);
	emit(e, "#define RT_SUPPRESS_TIME %d", l->suppress_time);
	if (l->timing)
		emit(e, "#define RT_TIMING");
	setting(e, "RT_HIST_WIDTH", l->hist_width, 50);
	setting(e, "RT_MAXBACKTRACE", l->max_backtrace, BACKTRACE_DEFAULT);
	emit(e, "#define RT_HIST_ELISION %" PRId64, l->hist_elision);
	emit(e, "#define RT_OUT_BYTES %zu", (size_t)(l->print_buffer ? l->print_buffer : PRINT_BYTES) + 2 * string_most(e));
	emit(e, "#define RT_SPEC_BYTES %d", SPEC_BYTES);
	setting(e, "RT_BUFFER_KB", l->buffer_kb, BUFFER_KB);
	emit(e, "#define RT_STRS %" PRId64, deep > 64 ? deep : 64);
	emit(e, "#define RT_SNAP %" PRId64, map * snaps);
	emit(e, "#define RT_SCRATCH_BYTES %" PRId64, snaps ? 2 * map * ITEM_BYTES : 0);
	if (e->uses_map)
		emit(e, "#define RT_USE_MAP");
	if (e->uses_hist)
		emit(e, "#define RT_USE_HIST");
	if (e->by_offset)
		kernel_c(e);
	emit(e, "#define RT_N_PROBES %d", e->n_rows);
	emit(e, "#define RT_N_TIMERS %d", e->n_timers);
	emit(e, "#define RT_N_KPROBES %d", e->n_kprobes);
	emit(e, "#define RT_N_TRACEPOINTS %d", e->n_tracepoints);
	emit(e, "#define RT_N_PACKETS %d", e->n_packets);
	if (e->uses_files)
		emit(e, "#define RT_USE_PROCFS");
	if (e->uses_input)
		emit(e, "#define RT_USE_INPUT");
	emit(e, "#define RT_N_PERFS %d", e->n_perfs);
	if (e->uses_param)
		emit(e, "#define RT_USE_PARAM");
	emit(e, "#define RT_N_UPROBES %d", e->n_uprobes);
	if (e->uses_memory || e->uses_uprobe)
		emit(e, "#define RT_USE_MEMORY");
	if (e->uses_hit)
		emit(e, "#define RT_USE_HIT");
	if (e->n_tracepoints)
		emit(e, "#define RT_USE_TRACEPOINT");
	if (e->uses_kprobe)
		emit(e, "#define RT_USE_KPROBE");
	if (e->uses_uprobe)
		emit(e, "#define RT_USE_UPROBE");
	if (e->uses_embed)
		embed_settings(e);
	if (e->asks_zone)
		zone_c(e);
	emit(e, "#include \"rt.h\"");
	for (int i = 0; e->parts >> i; i++)
		if (e->parts >> i & 1)
			emit(e, "#include \"%s\"", kmod_runtime[i].name);
	emit(e, "%s", "");
}

static void modinfo_c(Emit *e)
{
	for (int i = 0; i < e->in->n_modinfo; i++) {
		const char *text = e->in->modinfo[i], *eq = strchr(text, '=');

		emit(e, "MODULE_INFO(%.*s, %s);", (int)(eq - text), text, c_string(e, eq + 1, strlen(eq + 1)));
	}
}

/* The parts one after another, as one file with its own line numbers. */
static void join(Emit *e, Buf *const *parts, int n, Buf *out)
{
	Buf all = {0};

	for (int i = 0; i < n; i++) {
		buf_puts(&all, buf_str(parts[i]));
		buf_free(parts[i]);
	}
	if (e->uses_embed)
		embed_line_numbers(all.s, "tapx_module.c", out);
	else
		buf_put(out, all.s, all.n);
	buf_free(&all);
}

bool kmod_emit(const KmodInput *in, Buf *out)
{
	Buf code = {0}, head = {0};
	Emit e = {.in = in, .arena = in->arena, .out = &code, .ok = true};
	const FunctionVec *fns = &in->script->functions;

	e.place_index = table_new(in->arena);
	e.regex_index = table_new(in->arena);
	e.embed_index = table_new(in->arena);
	e.all_kept = NEW_ARRAY(in->arena, NodeVec, in->probes->n + 1);
	for (int i = 0; i < fns->n; i++)
		emit(&e, "%s;", signature(&e, fns->v[i]));
	emit(&e, "%s", "");
	uses_find(&e);
	for (int i = 0; i < fns->n; i++)
		function_c(&e, fns->v[i]);
	for (int i = 0; i < in->probes->n; i++)
		probe_c(&e, in->probes->v[i], i);
	e.indent = 0;
	probes_c(&e);
	emit(&e, "#if RT_N_TIMERS\n#include \"timer.c\"\n#endif");
	emit(&e, "#ifdef RT_USE_KPROBE\n#include \"kprobe.c\"\n#endif");
	emit(&e, "#if RT_N_PACKETS\n#include \"netfilter.c\"\n#endif");
	emit(&e, "#ifdef RT_USE_PROCFS\n#include \"procfs.c\"\n#endif");
	emit(&e, "#ifdef RT_USE_INPUT\n#include \"input.c\"\n#endif");
	emit(&e, "#ifdef RT_USE_UPROBE\n#include \"uprobe.c\"\n#endif");
	emit(&e, "#include \"session.c\"");
	embed_blocks(&e, true);
	modinfo_c(&e);
	Buf globals = {0};
	e.out = &globals;
	embed_blocks(&e, false);
	globals_c(&e);
	regexes_emit(&e);
	e.out = &head;
	settings_c(&e);
	places_c(&e);
	join(&e, (Buf *[]){&head, &globals, &e.embedded, &code}, 4, out);
	return e.ok;
}
