// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at subs0's clsact egress: which session has this destination. The answer goes into
 * skb->priority and the queue, for HTB, and into the Ethernet header, where peer_xdp or peer_tc
 * finds it: segmentation copies that header, so a super-packet needs looking up once. What needs
 * neither a tree nor segmenting gets its PPPoE here already (direct.h).
 */
#define BPF_HOOK_TC
#include "bpf/direct.h"
#include "bpf/encap.h"
#include "bpf/fast.h"
#include "bpf/mirror_passed.h"

/* Forwarding is the stack's decision and done; what is link-local or multicast (the device's own
 * RS and MLD, redirects) has no session. */
static __always_inline __u32 *find4(const struct pkt *p, __u32 *ret_reason)
{
	const struct iphdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);
	__u32 dst;

	*ret_reason = ABI_DROP_IP_MALFORMED;
	if (!h || h->version != 4)
		return NULL;
	*ret_reason = ABI_DROP_LINK_LOCAL;
	if (ip4_is_multicast(h->daddr) || ip4_is_link_local(h->daddr) ||
	    ip4_is_multicast(h->saddr) || ip4_is_link_local(h->saddr))
		return NULL;
	*ret_reason = ABI_DROP_NO_SESSION;
	dst = h->daddr;
	return slot_of_ip4(dst);
}

static __always_inline __u32 *find6(const struct pkt *p, __u32 *ret_reason)
{
	const struct ipv6hdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);
	__u64 dst;

	*ret_reason = ABI_DROP_IP_MALFORMED;
	if (!h || h->version != 6)
		return NULL;
	*ret_reason = ABI_DROP_LINK_LOCAL;
	if (ip6_is_multicast(&h->daddr) || ip6_is_link_local(&h->daddr) ||
	    ip6_is_multicast(&h->saddr) || ip6_is_link_local(&h->saddr))
		return NULL;
	*ret_reason = ABI_DROP_NO_SESSION;
	dst = ip6_prefix(&h->daddr);
	return slot_of_ip6(&h->daddr, dst);
}

/* What the stack has let through: its flow may go past it from now on (fast.h). */
static __always_inline void accept(struct __sk_buff *skb, const struct pkt *p)
{
	struct fast f;

	if (abi_config.fastpath == ABI_FAST_OFF)
		return;
	if (skb->mark == ABI_FAST_MARK) {
		skb->mark = 0;
		return;
	}
	if (!skb->ingress_ifindex)
		return;
	fast_count(ABI_FAST_DOWN_SLOW, skb->gso_size ? skb->gso_segs : 1);
	if (abi_config.fastpath == ABI_FAST_FLOWS &&
	    fast_read(p, FAST_IP, skb->protocol == bpf_htons(ETH_P_IP), false, skb->gso_size,
		      skb->gso_segs, &f))
		fast_accept(&f, 1);
}

/*
 * What needs no hop (direct.h), is whole and fits: nothing is left that subs0p would do but to
 * encapsulate it. What something is wrong with goes on to subs0p, where its drop is counted.
 */
static __always_inline bool direct(struct __sk_buff *skb, struct abi_session *s, __u32 slot,
				   struct down *d)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	__u32 off = sizeof(struct head_eth), port = s->line.port;

	d->s = s;
	d->slot = slot;
	d->ip4 = skb->protocol == bpf_htons(ETH_P_IP);
	if (skb->gso_size || p.len < off ||
	    !(d->ip4 ? !!parse_ip4(&p, off, p.len - off, NULL, &d->ip)
		     : !!parse_ip6(&p, off, p.len - off, NULL, &d->ip)) ||
	    !is_direct(s, ABI_SESSION_SHAPED_DOWN, &d->ip) || d->ip.len != p.len - off ||
	    d->ip.len > s->mtu || !hook_summed(skb))
		return false;
	d->port = bpf_map_lookup_elem(&port_info, &port);
	return d->port && d->port->ifindex;
}

SEC("tc")
int subs_egress(struct __sk_buff *skb)
{
	struct abi_label label;
	struct pkt p = hook_pkt(skb, abi_config.fastpath ? FAST_NEED : PARSE_DOWN);
	__u32 reason, slot, *found;
	struct abi_session *s;
	struct down d;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		found = find4(&p, &reason);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		found = find6(&p, &reason);
	else
		return drop(ABI_DROP_NO_SESSION);
	if (!found)
		return drop(reason);
	slot = *found;
	s = bpf_map_lookup_elem(&sessions, &slot);
	if (!s || !s->generation)
		return drop(ABI_DROP_NO_SESSION);

	accept(skb, &p);
	if (s->mirror | s->streams)
		mirror(skb, &p, s, slot, ABI_MIRROR_DOWN, MIRROR_BOTH);
	passed(skb); /* from line to line */
	if (direct(skb, s, slot, &d)) {
		skb->priority = 0;
		return encap(skb, &d);
	}
	label_fill(&label, slot, s->generation);
	hook_shape(skb, s, ABI_SESSION_SHAPED_DOWN);
	if (bpf_skb_store_bytes(skb, 0, &label, sizeof(label), 0))
		return drop_of(skb, s, slot,
			       STREAM_AT(sizeof(struct head_eth), ABI_MIRROR_DOWN,
					 skb->protocol == bpf_htons(ETH_P_IP)),
			       skb->len - sizeof(struct head_eth), ABI_DROP_ERROR);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
