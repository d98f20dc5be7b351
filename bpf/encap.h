/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet to a line gets Ethernet, tags and PPPoE, is counted, and leaves by its session's port.
 * The number of tags is a constant in each expansion, so that the verifier knows all lengths.
 */
#ifndef BPF_ENCAP_H
#define BPF_ENCAP_H

#include "bpf/down.h"

#ifdef BPF_HOOK_XDP
static __always_inline int encap_push(struct xdp_md *ctx, const struct down *d, const __u32 tags)
{
	struct pkt p;
	__u16 *at;

	if (bpf_xdp_adjust_head(ctx, -(int)ENCAP_GROW(tags)))
		return drop(ABI_DROP_ERROR);
	p = hook_pkt(ctx);
	at = pkt_get(&p, 0, ENCAP_LEN(tags), NULL);
	if (!at)
		return drop(ABI_DROP_ERROR);
	encap_fill(at, d, tags);
	down_count(d);
	return bpf_redirect(d->port->ifindex, 0);
}

static __always_inline int encap(struct xdp_md *ctx, const struct down *d)
{
	switch (encap_tags(d)) {
	case 0:
		return encap_push(ctx, d, 0);
	case 1:
		return encap_push(ctx, d, 1);
	default:
		return encap_push(ctx, d, 2);
	}
}
#endif

#ifdef BPF_HOOK_TC
static __always_inline int encap_push(struct __sk_buff *skb, const struct down *d, const __u32 tags)
{
	__u16 head[ENCAP_LEN(2) / 2];

	encap_fill(head, d, tags);
	if (bpf_skb_change_head(skb, ENCAP_GROW(tags), 0) ||
	    bpf_skb_store_bytes(skb, 0, head, ENCAP_LEN(tags), 0))
		return drop(ABI_DROP_ERROR);
	down_count(d);
	return bpf_redirect(d->port->ifindex, 0);
}

static __always_inline int encap(struct __sk_buff *skb, const struct down *d)
{
	switch (encap_tags(d)) {
	case 0:
		return encap_push(skb, d, 0);
	case 1:
		return encap_push(skb, d, 1);
	default:
		return encap_push(skb, d, 2);
	}
}
#endif

#endif
