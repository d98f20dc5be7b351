// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at subs0's clsact ingress, where a line's packet arrives as plain IP: only with [mirror]
 * where = forwarded and while a session is copied. What the packet is before the stack translates it
 * is noted, if the program at the access interface has marked it (mirror_up.h).
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
	struct abi_session *s;
	__u32 *found, slot;
	struct pkt p;

	if (!(skb->tc_index & ABI_ORIGIN_WANTED))
		return TC_ACT_UNSPEC; /* the next filter's, if there is one */
	p = hook_pkt(skb, PARSE_DOWN);
	found = skb->protocol == bpf_htons(ETH_P_IP) ? source4(&p) : source6(&p);
	if (!found)
		return TC_ACT_UNSPEC;
	slot = *found;
	s = bpf_map_lookup_elem(&sessions, &slot);
	if (s && s->generation && s->mirror)
		origin_note(skb, &p, s, slot);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
