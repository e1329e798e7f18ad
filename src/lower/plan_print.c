/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plan as text: one definition line, the whole as a shell script, and the reasons for its path.
 */
#include "lower_int.h"

#include <string.h>

static const char *place_text(Arena *a, const Place *p)
{
	const char *module = p->module ? arena_printf(a, "%s:", p->module) : "";

	if (p->address)
		return arena_printf(a, "0x%llx", (unsigned long long)(p->address + p->offset));
	if (p->offset)
		return arena_printf(a, "%s%s+%llu", module, p->function,
				    (unsigned long long)p->offset);
	return arena_printf(a, "%s%s", module, p->function);
}

/** user_line - "p:GROUP/NAME PATH:0x1234(0x5678) ARGS". */
static const char *user_line(Arena *a, const EventDef *e, const char *group, const Place *p)
{
	const char *semaphore =
		p->semaphore ? arena_printf(a, "(0x%llx)", (unsigned long long)p->semaphore) : "";
	const char *number = e->numbered ? arena_printf(a, " place=\\%d:u32", p->number) : "";

	return arena_printf(a, "%c:%s/%s %s:0x%llx%s%s%s", e->kind == EV_UPROBE ? 'p' : 'r', group, e->name,
			    p->path, (unsigned long long)p->offset, semaphore, number, e->args);
}

const char *plan_event_line(Arena *a, const EventDef *e, const char *group, int i)
{
	const char *maxactive = e->maxactive ? arena_printf(a, "%d", e->maxactive) : "";

	switch (e->kind) {
	case EV_KPROBE:
	case EV_TRACEITER:
		return arena_printf(a, "p:%s/%s %s%s", group, e->name,
				    place_text(a, &e->places.v[i]), e->args);
	case EV_KRETPROBE:
		return arena_printf(a, "r%s:%s/%s %s%s", maxactive, group, e->name,
				    place_text(a, &e->places.v[i]), e->args);
	case EV_UPROBE:
	case EV_URETPROBE:
		return user_line(a, e, group, &e->places.v[i]);
	case EV_TPROBE:
		return arena_printf(a, "t:%s/%s %s%s", group, e->name, e->tracepoint, e->args);
	case EV_STATIC:
		break;
	}
	return "";
}

static int n_lines(const EventDef *e)
{
	if (e->kind == EV_STATIC)
		return 0;
	return e->kind == EV_TPROBE ? 1 : e->places.n;
}

/** put_quoted - in single quotes for the shell. */
static void put_quoted(FILE *out, const char *s)
{
	fputc('\'', out);
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", out);
		else
			fputc(*s, out);
	fputc('\'', out);
}

static bool has_address(const Plan *p)
{
	for (int i = 0; i < p->events.n; i++)
		for (int k = 0; k < p->events.v[i]->places.n; k++)
			if (p->events.v[i]->places.v[k].address)
				return true;
	return false;
}

/** print_at - a place known by its address: two bare addresses in one event are refused as the same. */
static void print_at(const Plan *p, const EventDef *e, const Place *place, FILE *out)
{
	const char *kind = e->kind != EV_KRETPROBE ? "p"
			   : e->maxactive	   ? arena_printf(p->arena, "r%d", e->maxactive)
						   : "r";

	fprintf(out, "define_at 0x%llx '%s:$group/%s' ",
		(unsigned long long)(place->address + place->offset), kind, e->name);
	put_quoted(out, e->args);
}

static void print_definitions(const Plan *p, FILE *out)
{
	if (has_address(p))
		fputs("# the shell counts in 63 bits: kernel text is told apart by its lower 32\n"
		      "text=$(awk '$3 == \"_text\" { print $1 }' /proc/kallsyms)\n"
		      "define_at() {\n"
		      "\tdefine \"$2 _text+$((0x${1#0xffffffff} - 0x${text#ffffffff}))$3\"\n"
		      "}\n",
		      out);
	for (int i = 0; i < p->events.n; i++) {
		const EventDef *e = p->events.v[i];

		fprintf(out, "# %s\n", p->handlers.v[e->handler]->name);
		for (int k = 0; k < n_lines(e); k++) {
			const Place *place = e->kind == EV_TPROBE ? NULL : &e->places.v[k];

			if (place && place->address) {
				print_at(p, e, place, out);
			} else {
				fputs("define ", out);
				put_quoted(out, plan_event_line(p->arena, e, "$group", k));
			}
			fputs(place && place->optional ? " 2>/dev/null || :\n" : "\n", out);
		}
	}
}

static void print_users(FILE *out, const EventDef *e)
{
	if (e->kind != EV_TRACEITER)
		return;
	fprintf(out,
		"# its raw arguments are seen only while the tracepoint has two users\n"
		"for i in ${instance}_a ${instance}_b; do\n"
		"\tmkdir -p \"$tracefs/instances/$i\"\n"
		"\techo 0 > \"$tracefs/instances/$i/tracing_on\"\n"
		"\techo 1 > \"$tracefs/instances/$i/events/%s/%s/enable\"\n"
		"done\n",
		e->tracepoint_system, e->tracepoint);
}

static void print_enables(const Plan *p, FILE *out)
{
	for (int i = 0; i < p->events.n; i++) {
		const EventDef *e = p->events.v[i];
		const char *group = e->kind == EV_STATIC ? e->system : "$group";

		print_users(out, e);
		if (e->filter) {
			fputs("echo ", out);
			put_quoted(out, e->filter);
			fprintf(out, " > \"$dir/events/%s/%s/filter\"\n", group, e->name);
		}
		fprintf(out, "echo 1 > \"$dir/events/%s/%s/enable\"\n", group, e->name);
	}
}

/* The parts of the script that do not depend on the plan. */
static const char head[] =
	"#!/bin/sh\n"
	"# The events of a tapx script, with echo and cat: what the kernel records at each hit.\n"
	"# The handlers are not here: what they compute afterwards is what tapx itself does.\n"
	"set -e\n"
	"tracefs=${TRACEFS:-/sys/kernel/tracing}\n"
	"group=tapx_$$ instance=tapx_$$\n"
	"dir=$tracefs/instances/$instance\n"
	"define() {\n"
	"\tline=$(printf '%s\\n' \"$1\" | sed \"s/\\$group/$group/\")\n"
	"\tprintf '%s\\n' \"$line\" >> \"$tracefs/dynamic_events\"\n"
	"}\n"
	"cleanup() {\n"
	"\ttrap - EXIT INT TERM\n"
	"\tset +e\n"
	"\t[ -z \"$reader\" ] || kill \"$reader\" 2>/dev/null\n"
	"\twait 2>/dev/null\n"
	"\techo 0 > \"$dir/events/enable\"\n"
	"\trmdir \"$dir\" \"${dir}_a\" \"${dir}_b\" 2>/dev/null\n"
	"\tsed -n \"s|^[a-z][0-9]*:\\($group/[^ ]*\\).*|-:\\1|p\" \"$tracefs/dynamic_events\" |\n"
	"\tsort -u | while read -r line; do echo \"$line\" >> \"$tracefs/dynamic_events\"; done\n"
	"}\n"
	"reader=\n"
	"trap cleanup EXIT\n"
	"trap 'exit 130' INT\n"
	"trap 'exit 143' TERM\n"
	"mkdir \"$dir\"\n"
	"echo mono > \"$dir/trace_clock\"\n"
	"echo 0 > \"$dir/options/event-fork\"\n";

void plan_print_shell(const Plan *p, FILE *out)
{
	fputs(head, out);
	print_definitions(p, out);
	fputs("echo $$ > \"$dir/set_event_notrace_pid\"\n", out);
	if (p->follow_target)
		fputs("# the script handles target() only: TARGET=pid narrows the events to it\n"
		      "if [ -n \"$TARGET\" ]; then echo 1 > \"$dir/options/event-fork\"\n"
		      "\techo \"$TARGET\" > \"$dir/set_event_pid\"; fi\n",
		      out);
	fputs("cat \"$dir/trace_pipe\" & reader=$!\n"
	      "echo \"$reader\" >> \"$dir/set_event_notrace_pid\"\n",
	      out);
	print_enables(p, out);
	fputs("# SECONDS_TO_RUN=n ends by itself, else Ctrl-C\n"
	      "if [ -n \"$SECONDS_TO_RUN\" ]; then sleep \"$SECONDS_TO_RUN\"; else wait; fi\n",
	      out);
}

void plan_explain(const Plan *p, FILE *out)
{
	fprintf(out, "path: %s\n",
		p->path == PATH_FTRACE ? "ftrace (no module, no compiler)" : "kernel module");
	for (int i = 0; i < p->reasons.n; i++) {
		const Reason *r = &p->reasons.v[i];

		fprintf(out, "%s:%u:%u: %s a module (%s): %s\n", r->loc.file ? r->loc.file->name : "-",
			r->loc.line, r->loc.col, r->hard ? "needs" : "would gain from", r->rule, r->text);
	}
	if (p->no_module)
		fprintf(out, "none is made: %s\n", p->no_module);
}
