// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at subs0p's clsact ingress, where access interfaces have no native XDP: the packet
 * gets Ethernet, tags and PPPoE, and leaves by its session's port.
 */
#define BPF_HOOK_TC
#include "bpf/down.h"
#include "bpf/mss.h"

static __always_inline int push(struct __sk_buff *skb, const struct down *d, const __u32 tags)
{
	__u16 head[ENCAP_LEN(2) / 2];

	encap_fill(head, d, tags);
	if (bpf_skb_change_head(skb, ENCAP_GROW(tags), 0) ||
	    bpf_skb_store_bytes(skb, 0, head, ENCAP_LEN(tags), 0))
		return drop(ABI_DROP_ERROR);
	down_count(d);
	return bpf_redirect(d->port->ifindex, 0);
}

SEC("tc")
int peer_tc(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	struct mss_fix fix;
	struct down d;
	int reason;

	/* One PPPoE header for many segments would make garbage of them: subs0 has to segment. */
	if (skb->gso_size)
		return drop(ABI_DROP_ERROR);
	reason = down_check(&p, &d);
	if (reason != DOWN_OK)
		return drop(reason);
	if (abi_config.mss_clamp && mss_find(&p, &d.ip, d.s->mtu, d.ip4, &fix) &&
	    mss_write(skb, &fix))
		return drop(ABI_DROP_ERROR);
	switch (encap_tags(&d)) {
	case 0:
		return push(skb, &d, 0);
	case 1:
		return push(skb, &d, 1);
	default:
		return push(skb, &d, 2);
	}
}

char _license[] SEC("license") = "GPL";
