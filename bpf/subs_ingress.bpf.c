// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at subs0's clsact ingress, where a line's packet arrives as plain IP: only for copies of
 * it, and only attached while a session is mirrored. Whose it is says the source, which has been
 * checked where it came in.
 */
#define BPF_HOOK_TC
#include "bpf/mirror_passed.h"

static __always_inline __u32 *source4(const struct pkt *p)
{
	const struct iphdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	return h ? slot_of_ip4(h->saddr) : NULL;
}

static __always_inline __u32 *source6(const struct pkt *p)
{
	const struct ipv6hdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	return h ? slot_of_ip6(&h->saddr, ip6_prefix(&h->saddr)) : NULL;
}

SEC("tc")
int subs_ingress(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	struct abi_session *s;
	__u32 *found = NULL, slot;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		found = source4(&p);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		found = source6(&p);
	if (!found)
		return TC_ACT_UNSPEC;
	slot = *found;
	s = bpf_map_lookup_elem(&sessions, &slot);
	if (!s || !s->generation || !(s->mirror | s->streams))
		return TC_ACT_UNSPEC;
	if (s->mirror && abi_config.forwarded && !at_once(skb, &p)) {
		origin_note(skb, &p, s, slot);
		mirror(skb, &p, s, slot, ABI_MIRROR_UP, MIRROR_STREAMS);
	} else {
		mirror(skb, &p, s, slot, ABI_MIRROR_UP, MIRROR_BOTH);
	}
	return TC_ACT_UNSPEC; /* the next filter's, if there is one */
}

char _license[] SEC("license") = "GPL";
