// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fn_skb: the bytes of a packet, wherever its buffer and its pages are. The pointer may be anything, so
 * all of it is read in ways that survive that.
 */
#include <linux/mm.h>
#include <linux/skbuff.h>

enum { RT_PACKET_PIECE = 128 };

/* struct rt_packet - a walk over a packet: a piece of its bytes at a time. */
struct rt_packet {
	struct sk_buff skb;
	u64 from;  /* of the part at hand */
	u32 left;  /* in that part */
	u32 total; /* in the packet */
	int frag, n_frags;
	char bytes[RT_PACKET_PIECE];
};

static struct skb_shared_info *rt_packet_shared(const struct rt_packet *p)
{
	return (struct skb_shared_info *)skb_end_pointer(&p->skb);
}

static void rt_packet_start(struct rt_ctx *c, const char *at, struct rt_packet *p, u64 skb)
{
	rt_load(c, &p->skb, skb, sizeof(p->skb), at);
	p->total = p->skb.len;
	p->left = p->total - min(p->skb.data_len, p->total);
	p->from = (u64)p->skb.data;
	p->frag = 0;
	p->n_frags = 0;
	if (p->skb.data_len)
		p->n_frags = min_t(int, MAX_SKB_FRAGS,
				   rt_member(c, at, rt_packet_shared(p), struct skb_shared_info, nr_frags));
}

/* To the next part. False: there is none. */
static bool rt_packet_part(struct rt_ctx *c, const char *at, struct rt_packet *p)
{
	const struct page *page;
	skb_frag_t f;

	if (p->frag >= p->n_frags)
		return false;
	rt_load(c, &f, (u64)&rt_packet_shared(p)->frags[p->frag++], sizeof(f), at);
	page = rt_frag_page(&f);
	p->from = page ? (u64)page_address(page) + skb_frag_off(&f) : 0;
	p->left = page ? skb_frag_size(&f) : 0;
	return true;
}

/* The next bytes, @most of them, in p->bytes. Return: how many; 0: the packet ends, or a fault. */
static u32 rt_packet_next(struct rt_ctx *c, const char *at, struct rt_packet *p, u32 most)
{
	u32 n;

	while (!p->left)
		if (c->error || !rt_packet_part(c, at, p))
			return 0;
	n = min3(p->left, p->total, min_t(u32, most, RT_PACKET_PIECE));
	rt_load(c, p->bytes, p->from, n, at);
	p->from += n;
	p->left -= n;
	p->total -= n;
	return c->error ? 0 : n;
}

RT_FN struct rt_sv rt_fn_skb_hex(struct rt_ctx *c, const char *at, struct rt_str *to, s64 skb)
{
	struct rt_packet p;
	u32 n;

	to->n = 0;
	rt_packet_start(c, at, &p, skb);
	while ((n = rt_packet_next(c, at, &p, (RT_STR_ROOM - to->n) / 2)) > 0) {
		bin2hex(to->s + to->n, p.bytes, n);
		to->n += 2 * n;
	}
	return rt_view(to);
}

/* Bytes of any value: text for string_quoted(). */
RT_FN struct rt_sv rt_fn_skb_bytes(struct rt_ctx *c, const char *at, struct rt_str *to, s64 skb)
{
	struct rt_packet p;
	u32 n;

	to->n = 0;
	rt_packet_start(c, at, &p, skb);
	while ((n = rt_packet_next(c, at, &p, RT_STR_ROOM - to->n)) > 0)
		rt_append(to, (struct rt_sv){p.bytes, n});
	return rt_view(to);
}
