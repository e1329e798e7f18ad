// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netfilter: probes at the hooks that packets pass, of the initial network namespace. A packet goes
 * on unless the handler says otherwise.
 */
#include <linux/netfilter.h>
#include <net/net_namespace.h>

static struct nf_hook_ops rt_packets[RT_N_PACKETS];
static int rt_n_packets;

static unsigned int rt_packet_hit(void *probe, struct sk_buff *skb, const struct nf_hook_state *s)
{
	const unsigned long args[] = {s->hook, (unsigned long)skb, (unsigned long)s->in,
				      (unsigned long)s->out, (unsigned long)s->okfn};
	unsigned int verdict = NF_ACCEPT;
	struct rt_hit hit = {.args = args, .verdict = &verdict};

	if (READ_ONCE(rt_state) == RT_RUNNING && !READ_ONCE(rt_exiting))
		rt_run(probe, &hit, RT_MAXACTION);
	return verdict;
}

static int rt_packet_arm(const struct rt_probe *p)
{
	struct nf_hook_ops *o = &rt_packets[rt_n_packets];
	int err;

	*o = (struct nf_hook_ops){.hook = rt_packet_hit,
				  .priv = (void *)p,
				  .pf = p->pf,
				  .hooknum = p->hooknum,
				  .priority = p->priority};
	err = nf_register_net_hook(&init_net, o);
	if (!err)
		rt_n_packets++;
	else if (!p->optional)
		rt_tell("ERROR: ", "cannot probe %s: error %d", p->pp, err);
	return p->optional ? 0 : err;
}

/* A packet may still be with a handler when its hook is gone. */
static void rt_packet_disarm(void)
{
	nf_unregister_net_hooks(&init_net, rt_packets, rt_n_packets);
	rt_n_packets = 0;
	synchronize_net();
}
