// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At the clsact ingress of the far end of the mirror's own pair of devices: a copy, by now no larger
 * than a packet on a wire, is cut to what its rule wants (snap), gets the outer headers if its
 * target is remote, and leaves by the port or by the interface of the route there. The addresses of
 * its Ethernet header say which rule has made it and which target it is for.
 *
 * Copies that a plain way serves as well do not come here: mirror.h. What would be longer than that interface's MTU is cut: an outer packet is never a fragment.
 */
#define BPF_HOOK_TC
#include "bpf/mirror.h"

/* To a port: the addresses of its Ethernet header are all that is put in front. */
static __always_inline int send_plain(struct __sk_buff *skb, const struct abi_tunnel *t)
{
	if (bpf_skb_store_bytes(skb, 0, t->head, 12, 0))
		return -1;
	return bpf_clone_redirect(skb, t->ifindex, 0);
}

static __always_inline int send(struct __sk_buff *skb, const struct abi_tunnel *target,
				const struct abi_mirror *r, struct copy *c)
{
	struct abi_tunnel copy, *t = &copy;
	__u32 room = tunnel_room(target, r);
	__u64 len = target->len;

	__builtin_memcpy(&copy, target, sizeof(copy));
	c->kept = c->frame;
	if (!t->ifindex)
		return -1;
	if (c->frame > room) {
		c->kept = room;
		if (bpf_skb_change_tail(skb, c->kept, 0))
			return -1;
	}
	if (t->kind == ABI_TUNNEL_NONE)
		return send_plain(skb, t);
	opaque(len); /* else the compiler checks len - HEAD_MIN: an old verifier learns nothing */
	if (len < HEAD_MIN)
		return -1;
	opaque(len);
	if (len > sizeof(t->head))
		return -1;
	tunnel_fill(skb, t->head, t, c);
	if (bpf_skb_change_head(skb, len, 0) || bpf_skb_store_bytes(skb, 0, t->head, len, 0))
		return -1;
	return bpf_clone_redirect(skb, t->ifindex, 0);
}

/* It has been counted as sent where it was made. */
static __always_inline void done(const struct copy *c, int dropped)
{
	__u32 rule = c->rule;
	struct abi_mirror_counters *n = bpf_map_lookup_elem(&mirror_count, &rule);

	if (!n)
		return;
	if (dropped) {
		n->packets--;
		n->bytes -= c->frame - sizeof(struct head_eth);
		n->dropped++;
	} else if (c->kept < c->frame) {
		n->truncated++;
	}
}

SEC("tc")
int mirror_tunnel(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, sizeof(struct head_eth));
	const struct head_eth *eth = pkt_get(&p, 0, sizeof(*eth), NULL);
	const struct abi_tunnel *t;
	struct copy c = { .frame = skb->len };
	__u32 target, rule;

	if (!eth || eth->dst[0] != bpf_htons(ABI_TUNNEL_MAC0_BE) ||
	    eth->dst[1] != bpf_htons(ABI_TUNNEL_MAC1_BE))
		return TC_ACT_SHOT; /* none of ours, and nobody else has anything here */
	c.rule = bpf_ntohs(eth->dst[2]);
	c.target = target = bpf_ntohs(eth->src[2]);
	t = bpf_map_lookup_elem(&mirror_tunnels, &target);
	rule = c.rule;
	done(&c, !t || send(skb, t, bpf_map_lookup_elem(&mirrors, &rule), &c));
	return TC_ACT_SHOT; /* what was sent is a clone: its fate is known */
}

char _license[] SEC("license") = "GPL";
