// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at subs0's clsact ingress, behind the tree of subs0p: shaped lines' packets that may go
 * past the stack (fast.h). Those of others have been looked at where they came in.
 */
#define BPF_HOOK_TC
#include "bpf/fast_up.h"

/* The flow says whose it is; where there is none, the source, which was checked at the port. */
static __always_inline bool shaped(const struct fast *f, __u32 *ret_slot)
{
	const struct abi_session *s;
	__u32 *slot, src4 = f->key.src[0];
	__u64 prefix;

	if (f->ip4) {
		slot = slot_of_ip4(src4);
	} else {
		prefix = ip6_prefix((const struct in6_addr *)f->key.src);
		slot = slot_of_ip6(f->key.src, prefix);
	}
	if (!slot)
		return false;
	*ret_slot = *slot;
	s = bpf_map_lookup_elem(&sessions, slot);
	return s && s->flags & ABI_SESSION_SHAPED_UP;
}

SEC("tc")
int subs_fast(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, FAST_NEED);
	struct fast_hop hop;
	struct fast f;
	__u32 slot;
	__u16 macs[6];

	if (!fast_read(&p, FAST_IP, skb->protocol == bpf_htons(ETH_P_IP), true, skb->gso_size,
		       skb->gso_segs, &f) ||
	    !shaped(&f, &slot) || !fast_up_find(skb, &p, &f, NULL, slot, false, &hop))
		return TC_ACT_UNSPEC;
	if (rewrite(skb, &f))
		return drop(ABI_DROP_ERROR);
	__builtin_memcpy(macs, hop.dst, 6);
	__builtin_memcpy(macs + 3, hop.src, 6);
	if (bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		return drop(ABI_DROP_ERROR);
	flow_count(&f);
	fast_count(ABI_FAST_UP_LATE, f.segs);
	skb->mark = ABI_FAST_MARK;
	skb->priority = 0; /* the class is that of another tree */
	return bpf_redirect(hop.ifindex, 0);
}

char _license[] SEC("license") = "GPL";
