/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins that read at the hit: memory at an address, function arguments, registers. What each
 * reads, and what a fault gives, is in lower/reads.def, for both paths.
 */
#include "kmod_int.h"
#include "lower/lower.h"

#include <string.h>

/* ---- memory ---- */

/* The address that @n gives. @soft: a fault on the way to it stays in c->error, for the read to find. */
static const char *address(Emit *e, const Node *n, bool soft)
{
	const Fetch *f = soft ? node_where(n) : NULL;
	bool here = f && f->kind == FK_NUM && !(n->target.at_entry && !e->at_entry);

	return temp_num(e, here ? fetch_soft(e, n, f) : num(e, n));
}

/* The text that a script gives for what cannot be read, or NULL. */
static const Node *given_text(const Node *call)
{
	const NodeVec *args = &call->call.args;

	return args->n > 1 && args->v[args->n - 1]->type == TY_STRING ? args->v[args->n - 1] : NULL;
}

/* What stands in @to when the read has failed, and when not. */
static void string_ends(Emit *e, const Node *call, const ReadRow *r, const char *to, const char *where,
			const char *raw)
{
	const Node *given = given_text(call);

	if (r->fault == FAULT_ERROR && !given)
		return;
	emit(e, "if (RT_FAILED(c)) {");
	e->indent++;
	emit(e, r->fault == FAULT_WARN ? "rt_warn_fault(c);" : "rt_forgive(c);");
	if (given)
		emit(e, "rt_set(%s, %s);", to, str(e, given));
	else if (r->fault == FAULT_HEX)
		emit(e, "rt_hex(%s, %s);", to, where);
	else
		emit(e, "(%s)->n = 0;", to);
	e->indent--;
	if (r->fault == FAULT_HEX) {
		emit(e, "} else {");
		emit(e, "\trt_quote(%s, %s);", to, raw);
	}
	emit(e, "}");
}

static const char *string_read(Emit *e, const Node *call, const ReadRow *r)
{
	const NodeVec *args = &call->call.args;
	bool limited = args->n > 1 && args->v[1]->type == TY_LONG;
	bool soft = given_text(call) || r->fault == FAULT_EMPTY;
	const char *most, *where, *raw, *to;

	if (args->v[0]->type == TY_STRING) /* it already is text */
		return str(e, args->v[0]);
	most = limited ? temp_num(e, num(e, args->v[1])) : "-1";
	where = address(e, args->v[0], soft && r->fault != FAULT_WARN);
	raw = temp_str(e);
	to = r->fault == FAULT_HEX ? temp_str(e) : raw;
	emit(e, "rt_text(c, %s, %s, %s, %s, %s);", raw, where, most, r->user ? "true" : "false",
	     place_of(e, call));
	string_ends(e, call, r, to, where, raw);
	emit_check(e);
	return TEXT(e, "rt_view(%s)", to);
}

static const char *number_read(Emit *e, const Node *call, const ReadRow *r)
{
	const char *where = address(e, call->call.args.v[0], r->fault == FAULT_ZERO), *v;

	v = temp_num(e, TEXT(e, "rt_%s_%s(c, %s, %s)", r->user ? "user" : "kernel",
			     number_type(e, r->size, r->is_signed), where, place_of(e, call)));
	if (r->fault != FAULT_ERROR) {
		emit(e, "if (RT_FAILED(c))");
		emit(e, "\trt_%s(c);", r->fault == FAULT_WARN ? "warn_fault" : "forgive");
	}
	emit_check(e);
	return v;
}

/* ---- registers ---- */

static const char *argument(Emit *e, const Node *call, const ReadRow *r)
{
	const char *v;

	e->uses_hit = true;
	e->args_in_functions |= !e->probe;
	v = TEXT(e, "rt_arg(c, %s, %s)", num(e, call->call.args.v[0]), place_of(e, call));
	v = temp_num(e, TEXT(e, "(%s)%s", number_type(e, r->size, r->is_signed), v));
	emit_check(e);
	return v;
}

static const char *register_read(Emit *e, const Node *call, bool user)
{
	const Node *name = call->call.args.v[0];
	int reg = name->kind == ND_STR ? arch_reg_find(name->str) : -1;
	const char *regs, *v;

	if (name->kind != ND_STR) {
		missing(e, call, "a register whose name is computed");
		return "0";
	}
	if (reg < 0) {
		diag_error(e->in->diag, DIAG_UNKNOWN_REGISTER, name->loc, "unknown register '%s'", name->str);
		e->ok = false;
		return "0";
	}
	e->uses_hit |= user;
	regs = user ? "rt_user_regs(c)" : regs_of(e, call);
	v = temp_num(e, TEXT(e, "(%s)%s->%s", number_type(e, arch_reg_width(name->str), false), regs,
			     arch_reg_ftrace(reg)));
	emit_check(e);
	return v;
}

static const char *returnval(Emit *e, const Node *call)
{
	const char *v;

	e->uses_hit = true;
	v = temp_num(e, TEXT(e, "rt_returnval(c, %s)", place_of(e, call)));
	emit_check(e);
	return v;
}

static Node *register_node(Emit *e, const Node *call, int reg)
{
	Node *n = node_new(e->arena, ND_TARGET, call->loc);

	n->type = TY_LONG;
	n->target.name = arch_reg_name(reg);
	n->target.fetch = NEW(e->arena, Fetch);
	*n->target.fetch = (Fetch){.base = FB_REG, .reg = reg, .size = 8};
	return n;
}

/* print_regs(): all registers, a line of four each. */
static const char *regs_print(Emit *e, const Node *call, bool to_string)
{
	Buf format = {0};
	Node *n;
	NodeVec args = {0};

	for (int i = 0; arch_reg_ftrace(i); i++) {
		vec_push(e->arena, &args, register_node(e, call, i));
		buf_printf(&format, "%s%s: %%016x", i % 4 ? " " : i ? "\n" : "", arch_reg_name(i));
	}
	buf_puts(&format, "\n");
	n = printf_node(e->arena, call->loc, arena_strdup(e->arena, buf_str(&format)), to_string);
	n->print.args = args;
	buf_free(&format);
	return print_call(e, n);
}

/* ---- which is which ---- */

static bool special(Emit *e, const Node *call, const char **ret)
{
	const char *name = call->call.name;

	if (!strcmp(name, "register") || !strcmp(name, "u_register"))
		*ret = register_read(e, call, name[0] == 'u');
	else if (!strcmp(name, "returnval"))
		*ret = returnval(e, call);
	else if (!strcmp(name, "print_regs") || !strcmp(name, "sprint_regs"))
		*ret = regs_print(e, call, name[0] == 's');
	else if (!strcmp(name, "@perf"))
		*ret = perf_read(e, call);
	else if (!strcmp(name, "probing_32bit_app"))
		*ret = "0";
	else
		return false;
	return true;
}

/* Those that change the system are for guru mode, and for our own library. */
static void check_guru(Emit *e, const Node *call)
{
	static const char *const changing[] = {"set_", "raise", "panic", "udelay", "mdelay", "dump_stack"};

	if (e->in->guru || (call->loc.file && call->loc.file->is_library))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(changing); i++) {
		if (strncmp(call->call.name, changing[i], strlen(changing[i])) != 0)
			continue;
		diag_error(e->in->diag, DIAG_GURU_NEEDED, call->loc, "%s() needs guru mode (-g)",
			   call->call.name);
		e->ok = false;
	}
}

bool hit_call(Emit *e, const Node *call, const char **ret)
{
	const ReadRow *r = read_row(call->call.name);
	bool at_return = e->probe && !e->at_entry &&
			 (e->probe->hook == HOOK_KRETPROBE || e->probe->hook == HOOK_URETPROBE);

	if (call->call.builtin->cls != BI_READ)
		return false;
	check_guru(e, call);
	e->uses_memory = true;
	if (at_return && (read_at_entry(call) || (r && r->kind == READ_ARG)))
		*ret = kept_read(e, call);
	else if (!r)
		return special(e, call, ret);
	else
		*ret = r->kind == READ_ARG   ? argument(e, call, r)
		       : r->kind == READ_STR ? string_read(e, call, r)
					     : number_read(e, call, r);
	return true;
}
