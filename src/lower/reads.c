/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins that read memory, arguments or registers at the hit, turned into captures. Which reads
 * what is reads.def; only those that are not one value (register sets, return strings) have code.
 */
#include "lower_int.h"

#include <string.h>

static const ReadRow reads[] = {
#define READ(name, kind, size, is_signed, user, fault)                                             \
	{#name, READ_##kind, size, is_signed, user, FAULT_##fault},
#include "reads.def"
#undef READ
};

const ReadRow *read_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		if (!strcmp(reads[i].name, name))
			return &reads[i];
	return NULL;
}

bool split_in_user(const Split *s)
{
	return s->probe && (s->probe->hook == HOOK_UPROBE || s->probe->hook == HOOK_URETPROBE);
}

bool read_is_arg(const Node *call)
{
	const ReadRow *r = call->call.builtin ? read_row(call->call.name) : NULL;

	return r && r->kind == READ_ARG;
}

static bool arg_fetch(const Split *s, const ReadRow *r, const Node *call, Fetch *ret)
{
	const Node *n = call->call.args.v[0];

	if (n->kind != ND_NUM || n->num < 1 || n->num > 32 || !arch_arg((int)n->num, ret))
		return false;
	ret->size = r->size;
	ret->is_signed = r->is_signed;
	ret->in_user = split_in_user(s);
	return true;
}

static bool is_return(const Split *s)
{
	return s->probe && (s->probe->hook == HOOK_KRETPROBE || s->probe->hook == HOOK_URETPROBE) &&
	       !s->at_entry;
}

static void return_fetch(const Split *s, Fetch *ret)
{
	arch_retval(ret);
	ret->size = 8;
	ret->is_signed = true;
	ret->in_user = split_in_user(s);
}

bool read_fetch(const Split *s, const Node *call, Fetch *ret)
{
	const ReadRow *r = read_row(call->call.name);
	Fetch addr;

	if (!strcmp(call->call.name, "returnval") && is_return(s)) {
		return_fetch(s, ret);
		return true;
	}
	if (!r || !call->call.args.n)
		return false;
	if (r->kind == READ_ARG)
		return arg_fetch(s, r, call, ret);
	if (r->kind != READ_NUM || !node_fetch(s, call->call.args.v[0], &addr) ||
	    (addr.in_user && !r->user))
		return false;
	if (!fetch_deref(&addr, 0, r->size, r->is_signed, ret))
		return false;
	ret->user = r->user;
	return true;
}

static Node *num_node(Split *s, Loc loc, int64_t v)
{
	Node *n = node_new(s->l->arena, ND_NUM, loc);

	n->type = TY_LONG;
	n->num = v;
	return n;
}

static Node *empty_node(Split *s, Loc loc)
{
	Node *n = node_new(s->l->arena, ND_STR, loc);

	n->type = TY_STRING;
	n->str = "";
	return n;
}

/** hex_node - an address as text: what the quoting readers give for one that they cannot read. */
static Node *hex_node(Split *s, const Node *address)
{
	Node *n = printf_node(s->l->arena, address->loc, "%p", true);

	vec_push(s->l->arena, &n->print.args, node_clone(s->l->arena, address));
	return n;
}

/** warned_node - a warning about @address; its value is @instead, or 0 without. */
static Node *warned_node(Split *s, const Node *address, Node *instead)
{
	Node *n = node_new(s->l->arena, ND_CALL, address->loc);

	n->call.builtin = builtin_row(instead ? BUILTIN_warned_text : BUILTIN_warned_long);
	n->call.name = n->call.builtin->name;
	n->type = instead ? TY_STRING : TY_LONG;
	vec_push(s->l->arena, &n->call.args, node_clone(s->l->arena, address));
	if (instead)
		vec_push(s->l->arena, &n->call.args, instead);
	return n;
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && !strcmp(s + n - t, tail);
}

/** string_read - kernel_string and its family: text at an address, perhaps cut, quoted, defaulted.
 */
static Node *string_read(Split *s, const ReadRow *r, Node *call)
{
	NodeVec *args = &call->call.args;
	Node *c, *a0 = args->v[0], *last = args->v[args->n - 1];
	Fetch addr, f;

	if (a0->type == TY_STRING) /* a field that already is text */
		return a0;
	if (!node_fetch(s, a0, &addr) || (addr.in_user && !r->user) || !fetch_string(&addr, r->user, &f)) {
		reason_add(s->l, RULE_dynamic_read, call->loc, node_text(s->l->arena, call));
		return NULL;
	}
	c = capture_node(s, &f, call);
	if (!c)
		return NULL;
	c->capture.limit = args->n > 1 && args->v[1]->type == TY_LONG ? args->v[1] : NULL;
	c->capture.quoted = ends_with(r->name, "_quoted");
	if (args->n > 1 && last->type == TY_STRING)
		c->capture.fallback = last;
	else if (r->fault == FAULT_HEX)
		c->capture.fallback = hex_node(s, a0);
	else if (r->fault == FAULT_EMPTY || r->fault == FAULT_WARN)
		c->capture.fallback = empty_node(s, call->loc);
	if (r->fault == FAULT_WARN)
		c->capture.fallback = warned_node(s, a0, c->capture.fallback);
	return c;
}

static Node *number_read(Split *s, const ReadRow *r, Node *call)
{
	Fetch f;
	Node *c;

	if (!read_fetch(s, call, &f)) {
		reason_add(s->l, RULE_dynamic_read, call->loc, node_text(s->l->arena, call));
		return NULL;
	}
	c = capture_node(s, &f, call);
	if (!c)
		return NULL;
	if (call->call.args.n > 1 && r->kind == READ_NUM)
		c->capture.fallback = call->call.args.v[1];
	else if (r->fault == FAULT_ZERO)
		c->capture.fallback = num_node(s, call->loc, 0);
	else if (r->fault == FAULT_WARN)
		c->capture.fallback = warned_node(s, call->call.args.v[0], NULL);
	return c;
}

static bool has_registers(const Split *s)
{
	return s->probe && (s->probe->hook == HOOK_KPROBE || s->probe->hook == HOOK_KRETPROBE || split_in_user(s));
}

static Node *return_value(Split *s, Node *call)
{
	Fetch f;

	return_fetch(s, &f);
	return capture_node(s, &f, call);
}

#define MAX_CPUS 16 /* two values are recorded for each */

/** on_cpu - cpu() == @cpu ? @then : @otherwise */
static Node *on_cpu(Split *s, Loc loc, int cpu, Node *then, Node *otherwise)
{
	Node *is = node_new(s->l->arena, ND_OP, loc), *n = node_new(s->l->arena, ND_OP, loc);
	Node *call = node_new(s->l->arena, ND_CALL, loc);

	call->call.builtin = builtin_row(BUILTIN_cpu);
	call->call.name = "cpu";
	is->op.op = OP_EQ;
	is->op.a = call;
	is->op.b = num_node(s, loc, cpu);
	n->op.op = OP_COND;
	n->op.a = is;
	n->op.b = then;
	n->op.c = otherwise;
	call->type = is->type = n->type = TY_LONG;
	return n;
}

/**
 * user_register - u_register("rdi"): a register of the interrupted user program. Its place is known
 * through a per-CPU variable, so one value is recorded for each processor and the right one taken.
 */
static Node *user_register(Split *s, Node *call, int reg, uint8_t width)
{
	uint64_t at[MAX_CPUS];
	int64_t off;
	int n = arch_user_regs(s->l->ctx->di, s->l->arena, at, MAX_CPUS, &off);
	Node *all = num_node(s, call->loc, 0);

	if (!n) {
		reason_add(
		    s->l, RULE_no_context, call->loc,
		    "u_register() needs kallsyms and /proc/kcore, and at most 16 processors");
		return NULL;
	}
	while (n-- > 0) {
		Fetch f = {.base = FB_ADDR, .value = (int64_t)at[n], .n_off = 1, .size = width};
		Node *c;

		f.off[0] = off + arch_reg_pt_offset(reg);
		c = capture_node(s, &f, call);
		if (!c)
			return NULL;
		all = on_cpu(s, call->loc, n, c, all);
	}
	return all;
}

/** register_read - register("rdi"), u_register: the part of the register that its name stands for.
 */
static Node *register_read(Split *s, Node *call, bool user)
{
	const Node *name = call->call.args.v[0];
	Fetch f = {.base = FB_REG, .size = 8};

	if (name->kind != ND_STR) {
		reason_add(s->l, RULE_dynamic_read, call->loc, "the register's name is computed");
		return NULL;
	}
	f.reg = arch_reg_find(name->str);
	if (f.reg < 0) {
		diag_error(s->l->diag, DIAG_UNKNOWN_REGISTER, name->loc, "unknown register '%s'",
			   name->str);
		s->l->ok = false;
		return NULL;
	}
	f.size = (uint8_t)arch_reg_width(name->str);
	return user && !split_in_user(s) ? user_register(s, call, f.reg, f.size) : capture_node(s, &f, call);
}

/** regs_text - print_regs(): all registers, a line of four each, as one formatted print. */
static Node *regs_print(Split *s, Node *call, bool to_string)
{
	Buf format = {0};
	NodeVec args = {0};
	Node *n;

	for (int i = 0; arch_reg_ftrace(i); i++) {
		Fetch f = {.base = FB_REG, .reg = i, .size = 8};
		Node *c = capture_node(s, &f, call);

		if (!c) {
			buf_free(&format);
			return NULL;
		}
		vec_push(s->l->arena, &args, c);
		buf_printf(&format, "%s%s: %%016x", i % 4 ? " " : i ? "\n" : "", arch_reg_name(i));
	}
	buf_puts(&format, "\n");
	n = printf_node(s->l->arena, call->loc, arena_strdup(s->l->arena, buf_str(&format)),
			to_string);
	n->print.args = args;
	buf_free(&format);
	return n;
}

typedef enum Special {
	SP_REGISTER,
	SP_U_REGISTER,
	SP_RETURNVAL,
	SP_PRINT_REGS,
	SP_SPRINT_REGS,
	SP_UADDR,
	SP_FALSE
} Special;

static const struct {
	const char *name;
	Special what;
} specials[] = {
    {"register", SP_REGISTER},	   {"u_register", SP_U_REGISTER},   {"returnval", SP_RETURNVAL},
    {"print_regs", SP_PRINT_REGS}, {"sprint_regs", SP_SPRINT_REGS}, {"probing_32bit_app", SP_FALSE},
    {"uaddr", SP_UADDR},
};

static Node *special_read(Split *s, Special what, Node *call)
{
	switch (what) {
	case SP_FALSE:
		return num_node(s, call->loc, 0);
	case SP_REGISTER:
	case SP_U_REGISTER:
		return register_read(s, call, what == SP_U_REGISTER);
	case SP_UADDR:
		return capture_node(s, &(Fetch){.base = FB_REG, .reg = arch_reg_find("rip"), .size = 8}, call);
	case SP_RETURNVAL:
		return return_value(s, call);
	case SP_PRINT_REGS:
	case SP_SPRINT_REGS:
		return regs_print(s, call, what == SP_SPRINT_REGS);
	}
	return NULL;
}

/** needs_hit - false (with a Reason) when the probe has no registers that this call could read. */
static bool needs_hit(Split *s, const Node *call, Special what)
{
	bool ret = what == SP_RETURNVAL;
	bool reg = what == SP_REGISTER || what == SP_U_REGISTER || what == SP_PRINT_REGS ||
		   what == SP_SPRINT_REGS;

	if ((ret && !is_return(s)) || (reg && !has_registers(s)) || (what == SP_UADDR && !split_in_user(s))) {
		reason_add(s->l, RULE_no_context, call->loc,
			   arena_printf(s->l->arena, "%s() %s", call->call.name,
					ret ? "outside a return probe"
					    : "where no registers are recorded"));
		return false;
	}
	return true;
}

static Node *replacement(Split *s, Node *call)
{
	const ReadRow *r = read_row(call->call.name);

	for (size_t i = 0; !r && i < ARRAY_SIZE(specials); i++)
		if (!strcmp(specials[i].name, call->call.name))
			return needs_hit(s, call, specials[i].what)
				   ? special_read(s, specials[i].what, call)
				   : NULL;
	if (!r) {
		reason_add(s->l, RULE_builtin_absent, call->loc, call->call.name);
		return NULL;
	}
	if (r->kind == READ_ARG && !has_registers(s)) {
		reason_add(s->l, RULE_no_context, call->loc, call->call.name);
		return NULL;
	}
	if (r->kind == READ_ARG && is_return(s)) /* arguments are those of the entry */
		return split_entry(s, node_clone(s->l->arena, call));
	return r->kind == READ_STR ? string_read(s, r, call) : number_read(s, r, call);
}

bool read_at_entry(const Node *n)
{
	if (n->kind == ND_TARGET || n->kind == ND_CAST || n->kind == ND_DEREF)
		return n->target.at_entry || (n->target.base && read_at_entry(n->target.base));
	if (n->kind == ND_OP)
		return read_at_entry(n->op.a) || (n->op.b && read_at_entry(n->op.b));
	return n->kind == ND_CALL && n->call.args.n && read_at_entry(n->call.args.v[0]);
}

void read_call(Split *s, Node **slot)
{
	Node *call = *slot, *n;

	if (!s->at_entry && is_return(s) && read_at_entry(call)) {
		*slot = split_entry(s, call);
		return;
	}
	n = replacement(s, call);
	if (!n)
		return;
	*slot = n;
	if (n->kind == ND_ENTRY)
		return;
	if (n->kind != ND_CAPTURE) {
		split_walk(s, slot);
		return;
	}
	if (n->capture.fallback)
		split_walk(s, &n->capture.fallback);
	if (n->capture.limit)
		split_walk(s, &n->capture.limit);
}
