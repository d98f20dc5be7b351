// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at an access interface in XDP mode, behind access_xdp: clsact ingress. What access_xdp
 * has decapsulated and labelled, after GRO, is copied if its session is, and leaves through subs0p by
 * its session's class. Nothing
 * else has a label, for access_xdp drops it; the kernel would drop such a frame, being addressed
 * to nobody, so each one ends here: redirected, or counted.
 */
#define BPF_HOOK_TC
#include "bpf/mirror_up.h"

SEC("tc")
int access_shape(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, sizeof(struct head_eth));
	const struct abi_label *l = pkt_get(&p, 0, sizeof(*l), NULL);
	struct abi_session *s;
	__u32 slot;

	if (!l || !label_is(l))
		return TC_ACT_UNSPEC; /* the port may be the core's as well */
	s = label_session(l, &slot);
	if (!s)
		return drop(ABI_DROP_STALE);
	/* A tag that the NIC has taken out is not in the way of others either. */
	if (skb->vlan_present && bpf_skb_vlan_pop(skb))
		return drop(ABI_DROP_ERROR);
	return up_enter(skb, s, slot);
}

char _license[] SEC("license") = "GPL";
