// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at an access interface in XDP mode, behind access_xdp: clsact ingress. What access_xdp
 * has decapsulated and labelled, after GRO, leaves through subs0p by its session's class. Nothing
 * else has a label, for access_xdp drops it; the kernel would drop such a frame, being addressed
 * to nobody, so each one ends here: redirected, or counted.
 */
#define BPF_HOOK_TC
#include "bpf/hook.h"

SEC("tc")
int access_shape(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, sizeof(struct head_eth));
	const struct abi_label *l = pkt_get(&p, 0, sizeof(*l), NULL);
	struct abi_session *s;
	__u16 macs[6];
	__u32 slot;

	if (!l || !label_is(l))
		return TC_ACT_OK;
	s = label_session(l, &slot);
	if (!s)
		return drop(ABI_DROP_STALE);
	/* A tag that the NIC has taken out is not in the way of others either. */
	if (skb->vlan_present && bpf_skb_vlan_pop(skb))
		return drop(ABI_DROP_ERROR);
	macs[0] = abi_config.subs_mac[0];
	macs[1] = abi_config.subs_mac[1];
	macs[2] = abi_config.subs_mac[2];
	__builtin_memcpy(&macs[3], s->mac, sizeof(s->mac));
	if (bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		return drop(ABI_DROP_ERROR);
	hook_shape(skb, s, ABI_SESSION_SHAPED_UP);
	return bpf_redirect(abi_config.peer_ifindex, 0);
}

char _license[] SEC("license") = "GPL";
