/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * netfilter.hook("H").pf("P")[.priority("N")]: where packets pass. All three are names of the
 * kernel's user interface (linux/netfilter*.h), whose numbers never change, or such numbers.
 */
#include "probe/probe_int.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const Pattern pattern[] = {
    {"netfilter.hook(string).pf(string)", 0},
    {"netfilter.hook(string).pf(string).priority(string)", 0},
    {"netfilter.pf(string).hook(string)", 0},
    {"netfilter.pf(string).hook(string).priority(string)", 0},
    {NULL, 0},
};

enum { PF_INET_ANY = 1, PF_IPV4 = 2, PF_ARP = 3, PF_BRIDGE = 7, PF_IPV6 = 10 };
#define OF(pf) (1u << (pf))
#define IPV4 (OF(PF_IPV4) | OF(PF_INET_ANY))
#define IPV6 (OF(PF_IPV6) | OF(PF_INET_ANY))
#define ANY (IPV4 | IPV6 | OF(PF_ARP) | OF(PF_BRIDGE))

/* struct Name - a number by name, and the protocol families that it is for. */
typedef struct Name {
	const char *name;
	int value;
	unsigned pfs;
} Name;

static const Name families[] = {
    {"NFPROTO_IPV4", PF_IPV4, ANY},	{"NFPROTO_IPV6", PF_IPV6, ANY}, {"NFPROTO_ARP", PF_ARP, ANY},
    {"NFPROTO_BRIDGE", PF_BRIDGE, ANY}, {"PF_INET", PF_IPV4, ANY},	{"PF_INET6", PF_IPV6, ANY},
    {"NFPROTO_INET", PF_INET_ANY, ANY}, {"PF_BRIDGE", PF_BRIDGE, ANY},	{NULL, 0, 0},
};

#define FIVE(prefix, pfs)                                                                          \
	{prefix "PRE_ROUTING", 0, pfs}, {prefix "LOCAL_IN", 1, pfs}, {prefix "FORWARD", 2, pfs},   \
	    {prefix "LOCAL_OUT", 3, pfs},                                                          \
	{                                                                                          \
		prefix "POST_ROUTING", 4, pfs                                                      \
	}
static const Name hooks[] = {
    FIVE("NF_INET_", IPV4 | IPV6),
    FIVE("NF_IP_", IPV4),
    FIVE("NF_IP6_", IPV6),
    FIVE("NF_BR_", OF(PF_BRIDGE)),
    {"NF_BR_BROUTING", 5, OF(PF_BRIDGE)},
    {"NF_ARP_IN", 0, OF(PF_ARP)},
    {"NF_ARP_OUT", 1, OF(PF_ARP)},
    {"NF_ARP_FORWARD", 2, OF(PF_ARP)},
    {NULL, 0, 0},
};

#define COMMON(prefix, pfs)                                                                        \
	{prefix "FIRST", INT_MIN, pfs}, {prefix "RAW_BEFORE_DEFRAG", -450, pfs},                   \
	    {prefix "CONNTRACK_DEFRAG", -400, pfs}, {prefix "RAW", -300, pfs},                     \
	    {prefix "SELINUX_FIRST", -225, pfs}, {prefix "CONNTRACK", -200, pfs},                  \
	    {prefix "MANGLE", -150, pfs}, {prefix "NAT_DST", -100, pfs}, {prefix "FILTER", 0, pfs},\
	    {prefix "SECURITY", 50, pfs}, {prefix "NAT_SRC", 100, pfs},                            \
	    {prefix "SELINUX_LAST", 225, pfs}, {prefix "CONNTRACK_HELPER", 300, pfs},              \
	{                                                                                          \
		prefix "LAST", INT_MAX, pfs                                                        \
	}
static const Name priorities[] = {
    COMMON("NF_IP_PRI_", IPV4),
    {"NF_IP_PRI_CONNTRACK_CONFIRM", INT_MAX, IPV4},
    COMMON("NF_IP6_PRI_", IPV6),
    {"NF_BR_PRI_FIRST", INT_MIN, OF(PF_BRIDGE)},
    {"NF_BR_PRI_NAT_DST_BRIDGED", -300, OF(PF_BRIDGE)},
    {"NF_BR_PRI_FILTER_BRIDGED", -200, OF(PF_BRIDGE)},
    {"NF_BR_PRI_BRNF", 0, OF(PF_BRIDGE)},
    {"NF_BR_PRI_NAT_DST_OTHER", 100, OF(PF_BRIDGE)},
    {"NF_BR_PRI_FILTER_OTHER", 200, OF(PF_BRIDGE)},
    {"NF_BR_PRI_NAT_SRC", 300, OF(PF_BRIDGE)},
    {"NF_BR_PRI_LAST", INT_MAX, OF(PF_BRIDGE)},
    {NULL, 0, 0},
};

/* Does a name, or any name, of @t stand for @value in one of @pfs? */
static bool has_value(const Name *t, int value, unsigned pfs)
{
	for (; t->name; t++)
		if (t->value == value && t->pfs & pfs)
			return true;
	return false;
}

static bool as_number(const char *text, int *ret)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 0);
	if (!*text || *end || errno || v < INT_MIN || v > INT_MAX)
		return false;
	*ret = (int)v;
	return true;
}

/* The component called @part as a number that fits @pfs. @any: numbers without a name do too. */
static bool value_of(Resolve *r, const char *part, const Name *t, unsigned pfs, bool any, int *ret)
{
	const Component *c = point_part(r->point, part);
	Nearest near = {.want = c->str};
	bool other = false;

	if (as_number(c->str, ret) && (any || has_value(t, *ret, pfs)))
		return true;
	for (; t->name; t++) {
		bool is = !strcmp(t->name, c->str), fits = t->pfs & pfs;

		if (is && fits) {
			*ret = t->value;
			return true;
		}
		other |= is;
		if (fits)
			nearest_add(&near, t->name);
	}
	diag_error(r->ctx->diag, DIAG_PACKET_HOOK, c->loc, "%s(\"%s\"): %s%s", part, c->str,
		   other ? "not one of this protocol family" : "there is none",
		   nearest_text(&near, r->ctx->arena));
	return false;
}

static bool place(Resolve *r, PacketHook *ret)
{
	unsigned pfs;

	if (!value_of(r, "pf", families, ANY, false, &ret->pf))
		return false;
	pfs = OF(ret->pf);
	ret->priority = 0;
	return value_of(r, "hook", hooks, pfs, false, &ret->hook) &&
	       (!point_part(r->point, "priority") ||
		value_of(r, "priority", priorities, pfs, true, &ret->priority));
}

/* In the order of runtime/netfilter.c. */
static Scope *scope(ProbeContext *ctx)
{
	static const struct {
		const char *name, *ctype;
		uint8_t size;
	} args[] = {
	    {"hooknum", "unsigned int", 4},	{"skb", "struct sk_buff *", 8},
	    {"in", "struct net_device *", 8},	{"out", "struct net_device *", 8},
	    {"okfn", "void *", 8},
	};
	Scope *s = scope_given(ctx->arena, "a packet hook");

	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		scope_give(ctx, s, args[i].name, args[i].ctype,
			   (Fetch){.base = FB_ARG, .reg = (int)i + 1, .size = args[i].size});
	scope_give(ctx, s, "verdict", "int", (Fetch){.base = FB_ANSWER, .size = 4, .is_signed = true});
	return s;
}

static bool resolve(Resolve *r)
{
	Site site = {.name = point_text(r->ctx->arena, r->point)};

	r->common.hook = HOOK_PACKET;
	if (!place(r, &r->common.packet))
		return false;
	site.scope = scope(r->ctx);
	vec_push(r->ctx->arena, &r->sites, site);
	return true;
}

const Family family_netfilter = {pattern, resolve};
