// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at a core interface's clsact ingress: what may go past the stack (fast.h). In mode tc
 * all of it; in mode xdp what core_xdp has left for a tree or a checksum. Super-packets, shaped lines
 * and packets whose checksum is still to be made enter at subs0's egress, whose device segments and
 * sums; the others get their PPPoE here.
 */
#define BPF_HOOK_TC
#include "bpf/encap.h"
#include "bpf/fast_down.h"

/* Only a checksum that the interface has verified is surely in the packet. */
static __always_inline bool is_summed(struct __sk_buff *skb)
{
	return bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0;
}

static __always_inline bool by_subs0(struct __sk_buff *skb, const struct down *d)
{
	return skb->gso_size || fast_shaped_down(d) || abi_config.fastpath == ABI_FAST_ROUTED ||
	       !is_summed(skb);
}

SEC("tc")
int core_tc(struct __sk_buff *skb)
{
	const struct abi_core *core = core_of(skb->ifindex);
	struct pkt p = hook_pkt(skb, FAST_NEED);
	struct fast f;
	struct down d;
	bool ip4;

	if (skb->vlan_present || !core_is_for_us(&p, core, &ip4) ||
	    !fast_read(&p, FAST_IP, ip4, true, skb->gso_size, skb->gso_segs, &f) ||
	    !fast_down(&p, &f, &d))
		return TC_ACT_UNSPEC;
	if (!skb->gso_size && skb->len > f.ip_off + f.len &&
	    bpf_skb_change_tail(skb, f.ip_off + f.len, 0))
		return drop(ABI_DROP_ERROR);
	if (rewrite(skb, &f))
		return drop(ABI_DROP_ERROR);
	flow_count(&f);
	fast_count(ABI_FAST_DOWN_FAST, f.segs);
	if (!by_subs0(skb, &d))
		return encap(skb, &d);
	skb->mark = ABI_FAST_MARK;
	return bpf_redirect(abi_config.subs_ifindex, 0);
}

char _license[] SEC("license") = "GPL";
