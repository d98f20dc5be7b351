// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at subs0p's clsact ingress, where access interfaces have no native XDP: the packet
 * gets Ethernet, tags and PPPoE, and leaves by its session's port.
 */
#define BPF_HOOK_TC
#include "bpf/encap.h"
#include "bpf/mss.h"

SEC("tc")
int peer_tc(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	struct down d;
	int reason;

	/* One PPPoE header for many segments would make garbage of them: subs0 has to segment. */
	if (skb->gso_size)
		return drop(ABI_DROP_ERROR);
	reason = down_check(&p, &d);
	if (reason != DOWN_OK)
		return down_drop_of(skb, &p, &d, reason);
	if (mss_clamp(skb, &p, &d.ip, d.s->mtu, d.ip4))
		return down_drop_of(skb, &p, &d, ABI_DROP_ERROR);
	return encap(skb, &d);
}

char _license[] SEC("license") = "GPL";
