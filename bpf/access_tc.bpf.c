// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at an access interface without native XDP: clsact ingress. A session's packet loses
 * padding, PPPoE and tags and leaves through subs0p (and its HTB), so that it arrives on subs0; or it
 * arrives there at once (direct.h).
 *
 * bpf_skb_adjust_room() refuses 0x8864, so the PPPoE header is written over with VLAN tags, which
 * the kernel knows how to take off (tag_over_pppoe). The tap has seen every frame before: what is
 * not a session's data goes to the stack untouched, and unknown sessions need no sample here.
 */
#define BPF_HOOK_TC
#include "bpf/direct.h"
#include "bpf/fast_up.h"
#include "bpf/local6.h"
#include "bpf/mirror_up.h"

/* Ten octets, from the Ethernet type over the PPPoE header to PPP's protocol field, become
 * "tag, tag, Ethernet type of the payload". */
struct over {
	__u16 tpid1_be, tci1_be, tpid2_be, tci2_be, type_be;
};

/*
 * In front of it must be a tag, in the frame's octets, for skb->protocol to say VLAN: the kernel
 * makes it so when a second tag is pushed while it holds one. Then all come off one by one; when
 * none is left, another pop does nothing.
 */
static __always_inline int tag_over_pppoe(struct __sk_buff *skb, const struct up *up)
{
	struct over over = {
		.tpid1_be = bpf_htons(ETH_P_8021Q),
		.tci1_be = bpf_htons(1),
		.tpid2_be = bpf_htons(ETH_P_8021Q),
		.tci2_be = bpf_htons(1),
		.type_be = up->pppoe.proto == PPP_PROTO_IP4 ? bpf_htons(ETH_P_IP)
							    : bpf_htons(ETH_P_IPV6),
	};
	__u32 off = up->f.off - 2;
	int i;

	if (!up->f.tags) {
		if (!skb->vlan_present && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1))
			return -1;
		if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1))
			return -1;
		off += 4;
	}
	if (bpf_skb_store_bytes(skb, off, &over, sizeof(over), BPF_F_RECOMPUTE_CSUM))
		return -1;
#pragma unroll
	for (i = 0; i < 4; i++)
		if (bpf_skb_vlan_pop(skb))
			return -1;
	return 0;
}

static __always_inline int strip(struct __sk_buff *skb, const struct up *up)
{
	__u32 end = up->ip_off + up->ip.len;

	if (skb->len > end && bpf_skb_change_tail(skb, end, 0))
		return -1;
	return tag_over_pppoe(skb, up);
}

/* Past the stack. */
static __always_inline int forward(struct __sk_buff *skb, const struct up *up, struct fast *f,
				   const struct fast_hop *hop)
{
	__u16 macs[6];

	__builtin_memcpy(macs, hop->dst, 6);
	__builtin_memcpy(macs + 3, hop->src, 6);
	if (strip(skb, up) || rewrite(skb, f) || bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		return drop(ABI_DROP_ERROR);
	up_count(up);
	flow_count(f);
	fast_count(ABI_FAST_UP_FAST, 1);
	skb->mark = ABI_FAST_MARK;
	return bpf_redirect(hop->ifindex, 0);
}

/* A copied session's packet is stripped, and not yet on its way: this and the slot. */
#define COPIED_FIRST 0x100

static __always_inline int decap(struct __sk_buff *skb, const struct up *up)
{
	__u16 mac[3] = { abi_config.subs_mac[0], abi_config.subs_mac[1], abi_config.subs_mac[2] };

	if (strip(skb, up))
		return drop(ABI_DROP_ERROR);
	up_count(up);
	if (copies_early(up->s))
		return COPIED_FIRST + up->slot;
	if (bpf_skb_store_bytes(skb, 0, mac, sizeof(mac), 0))
		return drop(ABI_DROP_ERROR);
	if (is_direct(up->s, ABI_SESSION_SHAPED_UP, &up->ip))
		return bpf_redirect(abi_config.subs_ifindex, BPF_F_INGRESS);
	hook_shape(skb, up->s, ABI_SESSION_SHAPED_UP);
	return bpf_redirect(abi_config.peer_ifindex, 0);
}

/* By itself, so that its stack is not that of a copy. */
static __noinline int access_line(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, abi_config.fastpath ? FAST_NEED : PARSE_UP);
	struct fast_hop hop;
	struct fast f;
	struct up up;

	switch (up_classify(&p, skb->ifindex, skb_tag(skb), &up)) {
	case UP_FOREIGN:
		return TC_ACT_UNSPEC; /* the port may be the core's as well */
	case UP_DISCOVERY:
	case UP_CONTROL:
	case UP_DHCP6:
		return TC_ACT_OK;
	case UP_LOCAL6:
		return up_local6(&p, &up) == UP_DROP ? up_drop_of(skb, &up, up.reason)
						       : TC_ACT_OK;
	case UP_DROP:
		return up.reason == ABI_DROP_WRONG_MAC ? up_drop_of(skb, &up, up.reason)
						       : drop(up.reason);
	case UP_DATA:
		break;
	}
	if (up_data(&p, &up) != UP_DATA || up_police(&up) != UP_DATA)
		return up_drop_of(skb, &up, up.reason);
	if (mss_clamp(skb, &p, &up.ip, up.s->mtu, up.pppoe.proto == PPP_PROTO_IP4))
		return up_drop_of(skb, &up, ABI_DROP_ERROR);
	p = hook_pkt(skb, 0); /* the helpers have made the old one void */
	if (fast_up(skb, &p, &up, false, &f, &hop))
		return forward(skb, &up, &f, &hop);
	return decap(skb, &up);
}

SEC("tc")
int access_tc(struct __sk_buff *skb)
{
	int verdict = access_line(skb);
	struct abi_session *s;
	__u32 slot;

	if (verdict < COPIED_FIRST)
		return verdict;
	slot = verdict - COPIED_FIRST;
	s = bpf_map_lookup_elem(&sessions, &slot);
	return s ? up_enter(skb, s, slot) : drop(ABI_DROP_ERROR);
}

char _license[] SEC("license") = "GPL";
