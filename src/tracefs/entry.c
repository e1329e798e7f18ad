/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * entry: many probes at function entries, quickly. A probe on the very first instruction goes
 * through ftrace, and each one enabled makes the kernel walk over all its fifty thousand call
 * sites: 5-10 ms under emulation. One instruction later, behind the call that the compiler put
 * there for ftrace, a probe is an ordinary one (jump-optimised a moment later) that is enabled in
 * 0.1 ms, and what it sees is the same: nothing of the function has run. The kernel itself tells
 * where that is: without endbr64 at +5, and with it +5 is no instruction boundary (EILSEQ) but +9
 * is.
 *
 * One in three hundred functions has a jump back to that place, a loop at its very beginning, and
 * would hit too often. So what was defined is looked at in /proc/kcore, at the addresses that the
 * kernel lists for our probes, and in doubt a place is moved to the first instruction after all.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define KPROBE_LIST "/sys/kernel/debug/kprobes/list"

enum {
	FENTRY = 5, /* length of the call to ftrace, or of the nop in its place */
	ENDBR = 4,
	SCAN = 16384, /* bytes of a function that are searched for jumps */
	MANY = 16     /* places from which on it pays to read two files more */
};

/* ---- machine code ---- */

static bool is_fentry(const uint8_t *p)
{
	static const uint8_t nop[FENTRY] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	return *p == 0xe8 || memcmp(p, nop, FENTRY) == 0;
}

static bool near_jump_to(const uint8_t *p, size_t at, size_t to)
{
	bool jump = (p[at] & 0xf0) == 0x70 || p[at] == 0xeb || (p[at] & 0xfc) == 0xe0;
	return jump && at + 2 + (size_t)(int64_t)(int8_t)p[at + 1] == to;
}

static bool far_jump_to(const uint8_t *p, size_t at, size_t to)
{
	size_t len = p[at] == 0xe9 ? 5 : p[at] == 0x0f && (p[at + 1] & 0xf0) == 0x80 ? 6 : 0;
	return len && at + len + (size_t)(int64_t)(int32_t)load32(p + at + len - 4) == to;
}

/* Could anything in the @n bytes of code at @p jump to offset @to? Every byte is taken for the
 * start of an instruction: sometimes yes where it is no, never the contrary. */
static bool is_jumped_to(const uint8_t *p, size_t n, size_t to)
{
	for (size_t at = to; at + 6 <= n; at++)
		if ((at < to + 128 && near_jump_to(p, at, to)) || far_jump_to(p, at, to))
			return true;
	return false;
}

static bool is_safe(const Kcore *k, uint64_t address, unsigned off)
{
	static uint8_t code[SCAN];

	size_t n = kcore_read(k, address - off, code, sizeof(code));
	return n >= off + 8u && is_fentry(code + off - FENTRY) && !is_jumped_to(code, n, off);
}

/* ---- addresses of our probes: "ffffffff81234565  k  vfs_read+0x5    [DISABLED]" ---- */

struct listed {
	uint64_t address;
	bool twice;
};

static Table *read_list(Arena *a)
{
	AUTO_BUF b = {0};
	Table *t = table_new(a);
	char *text, *line;

	if (read_file(KPROBE_LIST, &b) < 0)
		return t;
	for (text = b.s; text && (line = strsep(&text, "\n"));) {
		unsigned long long address;
		char name[300];
		if (sscanf(line, "%llx %*s %299s", &address, name) != 2 || !address)
			continue;
		struct listed *l = table_get(t, name);
		if (l) {
			l->twice = l->twice || l->address != address;
			continue;
		}
		l = NEW(a, struct listed);
		l->address = address;
		table_put(t, arena_strdup(a, name), l);
	}
	return t;
}

/* ---- */

static bool suits(const Place *p)
{
	return p->optional && !p->address && !p->offset;
}

bool entry_use_second(const Run *r)
{
#ifdef __x86_64__
	int n = 0;
	for (int i = 0; i < r->o.plan->events.n; i++) {
		const EventDef *e = r->o.plan->events.v[i];
		for (int k = 0; e->kind == EV_KPROBE && k < e->places.n; k++)
			n += suits(&e->places.v[k]);
	}
	return n >= MANY && access(KPROBE_LIST, R_OK) == 0 && access("/proc/kcore", R_OK) == 0;
#else
	(void)r;
	return false;
#endif
}

bool entry_define(const Tracefs *t, Armed *a, const Place *p)
{
	Place at = *p;

	if (a->def->kind != EV_KPROBE || !suits(p))
		return false;
	at.offset = FENTRY;
	int err = define_at(t, a, &at);
	if (err == -EILSEQ) {
		at.offset = ENDBR + FENTRY;
		err = define_at(t, a, &at);
	}
	if (err)
		return false;
	Second s = {p, (unsigned)at.offset};
	vec_push(t->run->arena, &a->seconds, s);
	return true;
}

/* "-:GROUP/EVENT SYMBOL+OFFSET" takes one place of an event away. */
static void move_to_first(Tracefs *t, Armed *a, const Second *s)
{
	AUTO_BUF line = {0};

	buf_printf(&line, "-:%s/%s ", t->run->group, a->def->name);
	if (s->place->module)
		buf_printf(&line, "%s:", s->place->module);
	buf_printf(&line, "%s+%u\n", s->place->function, s->offset);
	if (tfs_write(t->fd, "kprobe_events", buf_str(&line)) < 0)
		return;
	if (define_at(t, a, s->place) < 0) {
		a->n_places--;
		t->run->n_refused++;
	}
}

void entry_check(Tracefs *t, Armed *a)
{
	char key[300];

	if (!a->seconds.n)
		return;
	Table *list = read_list(t->run->arena);
	Kcore *k = kcore_open(t->run->arena);
	for (int i = 0; i < a->seconds.n; i++) {
		const Second *s = &a->seconds.v[i];
		snprintf(key, sizeof(key), "%s+0x%x", s->place->function, s->offset);
		const struct listed *l = table_get(list, key);
		if (!k || !l || l->twice || !is_safe(k, l->address, s->offset))
			move_to_first(t, a, s);
	}
	kcore_close(k);
}
