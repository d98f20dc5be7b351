// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At the clsact ingress of the mirror's own device: a copy, by now no larger than a packet on a
 * wire, gets the outer headers of its remote target and leaves by the interface of the route there.
 * The addresses of its Ethernet header say which rule has made it and which target it is for.
 *
 * What would be longer than that interface's MTU is cut: an outer packet is never a fragment. The
 * UDP checksum is 0, over IPv6 as well (RFC 6935, section 5).
 */
#define BPF_HOOK_TC
#include "bpf/mirror.h"

#define OUTER_IP sizeof(struct head_eth)
#define HEAD_MIN (OUTER_IP + 20 + 4) /* IPv4 and GRE */

struct copy {
	__u32 rule, target;
	__u32 frame; /* octets, as it came */
	__u32 kept;  /* of these */
};

/* Offsets are constants where this is expanded. @len: octets from the outer IP header on. */
static __always_inline void fill_udp(struct __sk_buff *skb, __u8 *head, const struct abi_tunnel *t,
				     __u32 l4, __u32 len)
{
	__u16 *udp = (__u16 *)(head + l4);

	udp[2] = bpf_htons(len - (l4 - OUTER_IP));
	if (t->kind == ABI_TUNNEL_VXLAN) /* RFC 7348, section 5: for those who share by ports */
		udp[0] = bpf_htons(49152 + (bpf_get_hash_recalc(skb) & 0x3fff));
}

static __always_inline __u32 next_seq(__u32 target)
{
	struct abi_tunnel_seq *s = bpf_map_lookup_elem(&tunnel_seqs, &target);
	__u32 seq;

	if (!s)
		return 0;
	bpf_spin_lock(&s->lock);
	seq = s->next++;
	bpf_spin_unlock(&s->lock);
	return seq;
}

/* What is cut is marked: T in ERSPAN, the length that it had in TZSP. */
static __always_inline void fill_tunnel(struct __sk_buff *skb, __u8 *head,
					const struct abi_tunnel *t, const struct copy *c, __u32 l4,
					__u32 len)
{
	switch (t->kind) {
	case ABI_TUNNEL_GRE:
		return;
	case ABI_TUNNEL_ERSPAN:
		*(__u32 *)(head + l4 + 4) = bpf_htonl(next_seq(c->target));
		if (c->kept < c->frame)
			head[l4 + 10] |= 0x04;
		return;
	case ABI_TUNNEL_TZSP:
		*(__u16 *)(head + l4 + 14) = bpf_htons(c->frame);
		break;
	}
	fill_udp(skb, head, t, l4, len);
}

static __always_inline void fill(struct __sk_buff *skb, __u8 *head, const struct abi_tunnel *t,
				 const struct copy *c)
{
	__u32 len = t->len - OUTER_IP + c->kept, sum;

	if (t->ip6) {
		*(__u16 *)(head + OUTER_IP + 4) = bpf_htons(len - 40);
		fill_tunnel(skb, head, t, c, OUTER_IP + 40, len);
		return;
	}
	sum = t->sum + bpf_htons(len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*(__u16 *)(head + OUTER_IP + 2) = bpf_htons(len);
	*(__u16 *)(head + OUTER_IP + 10) = ~sum;
	fill_tunnel(skb, head, t, c, OUTER_IP + 20, len);
}

static __always_inline int send(struct __sk_buff *skb, const struct abi_tunnel *target,
				struct copy *c)
{
	struct abi_tunnel copy, *t = &copy;
	__u32 len = target->len;

	__builtin_memcpy(&copy, target, sizeof(copy));
	c->kept = c->frame;
	if (!t->ifindex || len < HEAD_MIN || len > sizeof(t->head))
		return -1;
	if (c->frame > t->room) {
		c->kept = t->room;
		if (bpf_skb_change_tail(skb, c->kept, 0))
			return -1;
	}
	fill(skb, t->head, t, c);
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
	__u32 target;

	if (!eth || eth->dst[0] != bpf_htons(ABI_TUNNEL_MAC0_BE) ||
	    eth->dst[1] != bpf_htons(ABI_TUNNEL_MAC1_BE))
		return TC_ACT_SHOT; /* none of ours, and nobody else has anything here */
	c.rule = bpf_ntohs(eth->dst[2]);
	c.target = target = bpf_ntohs(eth->src[2]);
	t = bpf_map_lookup_elem(&mirror_tunnels, &target);
	done(&c, !t || send(skb, t, &c));
	return TC_ACT_SHOT; /* what was sent is a clone: its fate is known */
}

char _license[] SEC("license") = "GPL";
