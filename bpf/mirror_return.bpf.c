// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At a monitoring port's clsact ingress, where copies are addressed to a station: one that forwards
 * what it gets would send the copies back to us, and the customer would get each packet twice, and
 * the monitor a copy of the copy. What such a station sends and is not its own ends here: its own
 * is what is from the port's networks, or from what [mirror] exclude names.
 */
#define BPF_HOOK_TC
#include "bpf/mirror.h"

static __always_inline bool is_own(const struct pkt *p, __u16 type_be)
{
	const struct ipv6hdr *h6 = pkt_get(p, sizeof(struct head_eth), sizeof(*h6), NULL);
	const struct iphdr *h4 = pkt_get(p, sizeof(struct head_eth), sizeof(*h4), NULL);

	if (type_be == bpf_htons(ETH_P_IP))
		return !h4 || mirror_skips4(h4->saddr);
	if (type_be == bpf_htons(ETH_P_IPV6)) /* unset: an address probe */
		return !h6 || ip6_is_link_local(&h6->saddr) || !h6->saddr.s6_addr32[0] ||
		       mirror_skips6(&h6->saddr);
	return true;
}

SEC("tc")
int mirror_return(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	const struct head_eth *eth = pkt_get(&p, 0, sizeof(*eth), NULL);
	__u32 key = skb->ifindex;
	struct abi_station *station = bpf_map_lookup_elem(&mirror_stations, &key);

	if (!eth || !station || !mac_same(eth->src, station->mac) || is_own(&p, eth->type_be))
		return TC_ACT_UNSPEC;
	return drop(ABI_DROP_MIRROR_RETURN);
}

char _license[] SEC("license") = "GPL";
