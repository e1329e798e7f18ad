/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * record.c: values and faults from hand-made records, as the kernel lays them out [design notes of
 * src/lower/record.c]: u16 type, flags, preempt, s32 pid, u64 ip, then the arguments.
 */
#include "lower/lower.h"
#include "test.h"

#include <string.h>

enum { ARGS = 16, MAX_FIELDS = 8 };

typedef struct Rig {
	uint8_t data[256];
	FieldLoc loc[MAX_FIELDS];
	Capture cap[MAX_FIELDS];
	Capture *ptr[MAX_FIELDS];
	EventLayout layout;
	EventDef event;
	Record rec;
	uint32_t at, dyn;
} Rig;

static void rig_start(Rig *r)
{
	memset(r, 0, sizeof(*r));
	r->layout.field = r->loc;
	r->rec.layout = &r->layout;
	r->rec.data = r->data;
	r->rec.size = sizeof(r->data);
	r->event.captures.v = r->ptr;
	r->at = ARGS;
	r->dyn = 128;
}

static Capture *rig_field(Rig *r, const void *bytes, uint16_t size, bool dynamic)
{
	int slot = r->layout.n_fields++;
	Capture *c = &r->cap[slot];

	*c = (Capture){.slot = slot, .sentinel = -1, .total = -1, .detector = -1};
	c->fetch.size = (uint8_t)size;
	r->ptr[slot] = c;
	r->event.captures.n = r->layout.n_fields;
	r->loc[slot] = (FieldLoc){.offset = (uint16_t)r->at, .size = size, .is_dynamic = dynamic};
	memcpy(r->data + r->at, bytes, size);
	r->at += size;
	return c;
}

/* A string as the kernel stores it: location word (length << 16 | offset) and the bytes. */
static Capture *rig_string(Rig *r, const char *s, uint32_t len)
{
	uint32_t word = len << 16 | r->dyn;
	Capture *c = rig_field(r, &word, 4, true);

	memcpy(r->data + r->dyn, s, len);
	r->dyn += len;
	c->is_string = true;
	c->fetch.kind = FK_STRING;
	c->fetch.size = 0;
	return c;
}

static int64_t num(Rig *r, const Capture *c, bool *ok)
{
	int64_t v = -77;
	uint64_t fault = 0;

	*ok = record_num(&r->rec, &r->event, c, &v, &fault);
	return v;
}

static void test_numbers(void)
{
	Rig r;
	bool ok;
	int32_t minus = -5;
	uint64_t big = 0xffffffffffffffffull;
	uint8_t bits = 0xb5; /* 1 0110 101 */
	Capture *c;

	rig_start(&r);
	c = rig_field(&r, &minus, 4, false);
	c->fetch.is_signed = true;
	CHECK(num(&r, c, &ok) == -5 && ok);
	c->fetch.is_signed = false;
	CHECK(num(&r, c, &ok) == 0xfffffffb && ok);
	c->fetch.add = 10;
	CHECK(num(&r, c, &ok) == 0x100000005 && ok);
	c = rig_field(&r, &big, 8, false);
	CHECK(num(&r, c, &ok) == -1 && ok);
	c = rig_field(&r, &bits, 1, false);
	c->fetch.bit_off = 3;
	c->fetch.bit_size = 4;
	CHECK(num(&r, c, &ok) == 6 && ok);
	c->fetch.bit_off = 0;
	c->fetch.bit_size = 3;
	c->fetch.is_signed = true;
	CHECK(num(&r, c, &ok) == -3 && ok);
}

static bool reads_through(uint64_t pointer, int64_t off, bool user)
{
	Rig r;
	bool ok;
	uint32_t value = 7;
	Capture *g, *c;

	rig_start(&r);
	g = rig_field(&r, &pointer, 8, false);
	c = rig_field(&r, &value, 4, false);
	c->guard[c->n_guards++] = g->slot;
	c->fetch.n_off = 1;
	c->fetch.off[0] = off;
	c->fetch.user = user;
	num(&r, c, &ok);
	return ok;
}

static void test_guards(void)
{
	CHECK(reads_through(0xffff888012345678ull, 16, false));
	CHECK(reads_through(0xff11000012345678ull, 16, false)); /* five-level page tables */
	CHECK(!reads_through(0, 16, false));
	CHECK(!reads_through(0x7f0012345678ull, 16, false));
	CHECK(!reads_through(0x0000888012345678ull, 0, false));
	CHECK(reads_through(0x7f0012345678ull, 0, true));
	CHECK(!reads_through(0xffff888012345678ull, 0, true));
	CHECK(!reads_through(0, 8, true));
}

static bool str(Rig *r, const Capture *c, const char *want)
{
	const char *s = "";
	size_t n = 0;
	uint64_t fault;

	return record_str(&r->rec, &r->event, c, &s, &n, &fault) && n == strlen(want) &&
	       !memcmp(s, want, n);
}

static bool faults(Rig *r, const Capture *c)
{
	const char *s;
	size_t n;
	uint64_t fault;

	return !record_str(&r->rec, &r->event, c, &s, &n, &fault);
}

static void test_kernel_strings(void)
{
	Rig r;
	Capture *a, *b, *c;

	rig_start(&r);
	a = rig_string(&r, "abc", 4);
	a->sentinel = rig_string(&r, "", 1)->slot;
	b = rig_string(&r, "", 0); /* the last step faulted */
	b->sentinel = rig_string(&r, "", 1)->slot;
	c = rig_string(&r, "", 0); /* a pointer on the way faulted: length of the rest, next one's offset */
	c->sentinel = rig_string(&r, "", 1)->slot;
	*(uint32_t *)(void *)(r.data + r.loc[c->slot].offset) = 40u << 16 | (r.dyn - 1);
	CHECK(str(&r, a, "abc"));
	CHECK(faults(&r, b));
	CHECK(faults(&r, c));
}

/* @total: bytes of all dynamic arguments; an empty user string has length 0 but counts one. */
static void user_strings(Rig *r, uint32_t total, Capture **a, Capture **b)
{
	uint32_t word = total << 16 | 128;
	int t;

	rig_start(r);
	t = rig_field(r, &word, 4, true)->slot;
	r->cap[t].text = "total";
	*a = rig_string(r, "xy", 3);
	(*a)->sentinel = rig_string(r, "", 1)->slot;
	*b = rig_string(r, "", 0);
	(*b)->sentinel = rig_string(r, "", 1)->slot;
	(*a)->total = (*b)->total = t;
	(*a)->fetch.user = (*b)->fetch.user = true;
}

static void test_user_strings(void)
{
	Rig r;
	Capture *a, *b;

	user_strings(&r, 3 + 1 + 1 + 1, &a, &b);
	CHECK(str(&r, a, "xy"));
	CHECK(str(&r, b, ""));
	user_strings(&r, 3 + 1 + 0 + 1, &a, &b);
	CHECK(str(&r, a, "xy"));
	CHECK(faults(&r, b));
}

static void test_bounds(void)
{
	Rig r;
	bool ok;
	uint32_t v = 1;
	Capture *c, *s;

	rig_start(&r);
	c = rig_field(&r, &v, 4, false);
	r.rec.size = 10;
	num(&r, c, &ok);
	CHECK(!ok);
	s = rig_string(&r, "abc", 4);
	CHECK(faults(&r, s));
}

int main(void)
{
	test_numbers();
	test_guards();
	test_kernel_strings();
	test_user_strings();
	test_bounds();
	return test_end("lower");
}
