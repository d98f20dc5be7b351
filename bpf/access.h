/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line's frame in native XDP, on the CPU that does the work: the one that the interface chose
 * (access_xdp), or the one that its session is spread to (access_cpu).
 */
#ifndef BPF_ACCESS_H
#define BPF_ACCESS_H

#include "bpf/fast_up.h"
#include "bpf/local6.h"

/* The daemon answers some frames of unknown sessions with a PADT: a few go up, all are counted. */
static __always_inline int unknown_session(void)
{
	__u32 key = ABI_UNKNOWN_XDP;
	__u64 *tat = bpf_map_lookup_elem(&unknown, &key);

	count_drop(ABI_DROP_UNKNOWN_SESSION);
	if (tat && rate_take(tat, abi_config.limits.unknown_pps, abi_config.limits.unknown_burst))
		return XDP_PASS;
	return XDP_DROP;
}

/* Padding, PPPoE and tags come off; an Ethernet header remains to be filled. */
static __always_inline int strip(struct xdp_md *ctx, const struct up *up, __u32 frame_len)
{
	__u32 padding = frame_len - (up->ip_off + up->ip.len);

	if (padding && bpf_xdp_adjust_tail(ctx, -(int)padding))
		return -1;
	return bpf_xdp_adjust_head(ctx, (int)(up->ip_off - sizeof(struct head_eth)));
}

/* Past the stack. */
static __always_inline int forward(struct xdp_md *ctx, const struct up *up, __u32 frame_len,
				   struct fast *f, const struct fast_hop *hop)
{
	struct head_eth *eth;
	struct pkt p;

	if (strip(ctx, up, frame_len))
		return up_drop_of(ctx, up, ABI_DROP_ERROR);
	p = hook_pkt(ctx);
	eth = pkt_get(&p, 0, sizeof(*eth), NULL);
	if (!eth || !rewrite(&p, f))
		return drop(ABI_DROP_ERROR);
	__builtin_memcpy(eth->dst, hop->dst, 6);
	__builtin_memcpy(eth->src, hop->src, 6);
	eth->type_be = f->ip4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	up_count(up);
	flow_count(f);
	fast_count(ABI_FAST_UP_FAST, 1);
	return bpf_redirect(hop->ifindex, 0);
}

static __always_inline int decap(struct xdp_md *ctx, const struct up *up, __u32 frame_len)
{
	struct head_eth *eth;
	struct pkt p;

	if (strip(ctx, up, frame_len))
		return drop(ABI_DROP_ERROR);
	p = hook_pkt(ctx);
	eth = pkt_get(&p, 0, sizeof(*eth), NULL);
	if (!eth)
		return drop(ABI_DROP_ERROR);
	eth->type_be =
		up->pppoe.proto == PPP_PROTO_IP4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	up_count(up);
	if ((abi_config.trees && up->s->flags & ABI_SESSION_SHAPED_UP) ||
	    copies_early(up->s)) {
		label_fill((struct abi_label *)eth, up->slot, up->s->generation);
		return XDP_PASS;
	}
	eth->dst[0] = abi_config.subs_mac[0];
	eth->dst[1] = abi_config.subs_mac[1];
	eth->dst[2] = abi_config.subs_mac[2];
	__builtin_memcpy(eth->src, up->f.src, sizeof(eth->src));
	return bpf_redirect(abi_config.peer_ifindex, 0);
}

static __always_inline int access_frame(struct xdp_md *ctx)
{
	struct pkt p = hook_pkt(ctx);
	struct fast_hop hop;
	struct fast f;
	struct up up;

	switch (up_classify(&p, ctx->ingress_ifindex, 0, &up)) {
	case UP_FOREIGN:
	case UP_DISCOVERY:
	case UP_CONTROL:
	case UP_DHCP6:
		return XDP_PASS;
	case UP_LOCAL6:
		return up_local6(&p, &up) == UP_DROP ? up_drop_of(ctx, &up, up.reason) : XDP_PASS;
	case UP_DROP:
		if (up.reason == ABI_DROP_UNKNOWN_SESSION)
			return unknown_session();
		return up.reason == ABI_DROP_WRONG_MAC ? up_drop_of(ctx, &up, up.reason)
						       : drop(up.reason);
	case UP_DATA:
		break;
	}
	if (up_data(&p, &up) != UP_DATA || up_police(&up) != UP_DATA)
		return up_drop_of(ctx, &up, up.reason);
	mss_clamp(ctx, &p, &up.ip, up.s->mtu, up.pppoe.proto == PPP_PROTO_IP4);
	if (fast_up(ctx, &p, &up, true, &f, &hop))
		return forward(ctx, &up, p.len, &f, &hop);
	return decap(ctx, &up, p.len);
}

#endif
