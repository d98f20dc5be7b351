/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of what a line sends, where it has come in and its session is in hand: who is not copied
 * pays a look at his entry. With [mirror] where = forwarded the port's copy is made where the packet
 * leaves (mirror_passed.h): here it is only marked.
 */
#ifndef BPF_MIRROR_UP_H
#define BPF_MIRROR_UP_H

#include "bpf/mirror.h"

/* A translator of this box takes it: it never leaves as what it is. */
static __always_inline bool at_once(struct __sk_buff *skb, const struct pkt *p)
{
	const struct ipv6hdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	return skb->protocol == bpf_htons(ETH_P_IPV6) && h &&
	       mirror_skip6_of(&h->daddr) == ABI_MIRROR_AT_ONCE;
}

/* The Ethernet addresses are anything afterwards, and pointers into the packet void. By itself, so
 * that its stack is not the caller's. */
__weak __noinline int mirror_up(struct __sk_buff *skb, __u32 slot)
{
	struct abi_session *s = bpf_map_lookup_elem(&sessions, &slot);
	struct pkt p = hook_pkt(skb, PARSE_DOWN);

	if (!s)
		return 0;
	if (s->mirror && abi_config.forwarded && !at_once(skb, &p)) {
		skb->tc_index = ABI_ORIGIN_WANTED;
		mirror(skb, &p, s, slot, ABI_MIRROR_UP, MIRROR_STREAMS);
	} else {
		mirror(skb, &p, s, slot, ABI_MIRROR_UP, MIRROR_BOTH);
	}
	return 0;
}

/* To subs0 by way of subs0p, through the session's tree or past it; a copy first. */
static __always_inline int up_enter(struct __sk_buff *skb, const struct abi_session *s, __u32 slot)
{
	__u16 macs[6] = { abi_config.subs_mac[0], abi_config.subs_mac[1], abi_config.subs_mac[2] };

	if (copies_early(s))
		mirror_up(skb, slot);
	__builtin_memcpy(&macs[3], s->mac, sizeof(s->mac));
	if (bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		return drop(ABI_DROP_ERROR);
	hook_shape(skb, s, ABI_SESSION_SHAPED_UP);
	return bpf_redirect(abi_config.peer_ifindex, 0);
}

#endif
