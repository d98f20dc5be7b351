// SPDX-License-Identifier: GPL-2.0-or-later
/* What the stack has let through to the core: its flow may go past it from now on (fast.h). */
#define BPF_HOOK_TC
#include "bpf/fast.h"

SEC("tc")
int core_egress(struct __sk_buff *skb)
{
	struct fast f;
	struct pkt p;

	if (skb->mark == ABI_FAST_MARK) {
		skb->mark = 0;
		return TC_ACT_UNSPEC;
	}
	if (skb->ingress_ifindex != abi_config.subs_ifindex)
		return TC_ACT_UNSPEC;
	p = hook_pkt(skb, FAST_NEED);
	if (fast_read(&p, FAST_IP, skb->protocol == bpf_htons(ETH_P_IP), false, skb->gso_size,
		      skb->gso_segs, &f))
		fast_accept(&f, 0);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
