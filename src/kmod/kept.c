/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a return probe wants of the function's entry: values that a second handler computes there and
 * keeps with the kernel's record of the call, as struct kept_N. Also the function that a tracepoint
 * calls, which knows how many of its arguments are used.
 */
#include "kmod_int.h"

#include <string.h>

/* Bytes, as runtime/hit.c has them. */
enum { KEPT_MAX = 4096, KEPT_NUM = 56, KEPT_REGS = 168 };

/* The number of the kept value that equals @operand. */
static int kept_index(Emit *e, const Node *operand)
{
	const char *text = node_text(e->arena, operand);

	for (int i = 0; i < e->kept->n; i++)
		if (!strcmp(node_text(e->arena, e->kept->v[i]), text))
			return i;
	vec_push(e->arena, e->kept, (Node *)(uintptr_t)operand);
	return e->kept->n - 1;
}

const char *kept_read(Emit *e, const Node *n)
{
	const Node *operand = n->kind == ND_ENTRY ? n->unary.operand : n;
	const char *place = place_of(e, n), *v = TEXT(e, "k%d", e->n_num++);
	bool text = operand->type == TY_STRING;

	if (!e->kept) {
		missing(e, n, "@entry() here");
		return text ? "RT_LIT(\"\")" : "0";
	}
	e->uses_hit = true;
	emit(e, "const %s %s = rt_kept_%s(c, &kept->v%d, %s);", text ? "struct rt_sv" : "s64", v,
	     text ? "str" : "num", kept_index(e, operand), place);
	emit_check(e);
	return v;
}

/* One value: an error in it is kept in its place. */
static void keep(Emit *e, const Node *n, int i)
{
	bool text = n->type == TY_STRING;
	const char *type = text ? "str" : "num";
	int outer = e->fail, strs = e->n_str;

	e->fail = ++e->n_labels;
	emit(e, "{");
	e->indent++;
	emit(e, "rt_keep_%s(&kept->v%d, %s);", type, i, text ? str(e, n) : num(e, n));
	emit(e, "goto done_%d;", i);
	e->indent--;
	emit(e, "fail_%d: __maybe_unused;", e->fail);
	e->indent++;
	emit(e, "if (c->final)");
	emit(e, "\tgoto fail_%d;", outer);
	emit(e, "rt_keep_%s_error(c, &kept->v%d);", type, i);
	e->indent--;
	emit(e, "}");
	emit(e, "done_%d:", i);
	e->fail = outer;
	e->n_str = strs;
}

/* Functions may ask for arguments by number: then all registers of the entry are kept. */
static bool keeps_regs(const Emit *e, const ResolvedProbe *p)
{
	return e->args_in_functions && (p->hook == HOOK_KRETPROBE || p->hook == HOOK_URETPROBE);
}

bool kept_any(const Emit *e, const ResolvedProbe *p, int index)
{
	return e->all_kept[index].n || keeps_regs(e, p);
}

/* The kernel has one place of limited size for each call. */
static void check_size(Emit *e, const ResolvedProbe *p)
{
	int64_t text = (int64_t)string_most(e) + 1;
	int64_t bytes = keeps_regs(e, p) ? KEPT_REGS : 0;

	for (int i = 0; i < e->kept->n; i++)
		bytes += e->kept->v[i]->type == TY_STRING ? (text + 11) / 4 * 4 : KEPT_NUM;
	if (bytes <= KEPT_MAX)
		return;
	diag_error(e->in->diag, DIAG_EVENT_TOO_LARGE, p->loc,
		   "this return probe keeps %d values of the function's entry (%lld bytes); the kernel "
		   "takes %d bytes",
		   e->kept->n, (long long)bytes, KEPT_MAX);
	e->ok = false;
}

void kept_struct(Emit *e, int index)
{
	if (!kept_any(e, e->probe, index))
		return;
	check_size(e, e->probe);
	emit(e, "struct kept_%d {", index);
	if (keeps_regs(e, e->probe))
		emit(e, "\tstruct pt_regs regs; /* first: rt_arg() knows */");
	for (int i = 0; i < e->kept->n; i++)
		emit(e, "\tstruct rt_kept_%s v%d; %s", e->kept->v[i]->type == TY_STRING ? "str" : "num", i,
		     c_comment(e, node_text(e->arena, e->kept->v[i])));
	emit(e, "};");
	emit(e, "static_assert(sizeof(struct kept_%d) <= RT_MAX_KEPT);\n", index);
}

void kept_make(Emit *e, Buf *text)
{
	Buf *out = e->out;

	e->out = text;
	e->at_entry = true;
	if (keeps_regs(e, e->probe))
		emit(e, "kept->regs = *c->hit.regs;");
	for (int i = 0; i < e->kept->n; i++)
		keep(e, e->kept->v[i], i);
	e->at_entry = false;
	e->out = out;
}

int kept_uses(Emit *e, const NodeVec *kept, int index)
{
	Node block = {.kind = ND_BLOCK, .block = *kept};
	Body body = {.block = &block};

	return kept->n ? uses_emit_kept(e, &body, index) : 0;
}

void tracepoint_function(Emit *e, int index)
{
	Buf params = {0}, values = {0};

	for (int i = 1; i <= e->n_args; i++) {
		buf_printf(&params, ", unsigned long a%d", i);
		buf_printf(&values, "%sa%d", i > 1 ? ", " : "", i);
	}
	emit(e, "static void tracepoint_%d(void *probe%s)", index, buf_str(&params));
	emit(e, "{");
	if (e->n_args)
		emit(e, "\tconst unsigned long args[] = {%s};\n", buf_str(&values));
	emit(e, "\trt_tracepoint_hit(probe, %s);", e->n_args ? "args" : "NULL");
	emit(e, "}\n");
	buf_free(&params);
	buf_free(&values);
}
