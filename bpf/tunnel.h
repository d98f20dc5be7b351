/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer headers of a copy to a remote target. The daemon has written them (struct abi_tunnel)
 * but for what each packet says of itself. The UDP checksum is 0, over IPv6 as well (RFC 6935,
 * section 5).
 */
#ifndef BPF_TUNNEL_H
#define BPF_TUNNEL_H

#include "bpf/hook.h"

#define OUTER_IP sizeof(struct head_eth)
#define HEAD_MIN (OUTER_IP + 20 + 4) /* IPv4 and GRE */

struct copy {
	__u32 rule, target;
	__u32 frame; /* octets, as it came */
	__u32 kept;  /* of these */
	__u32 hash;  /* of its flow; 0: the kernel's */
};

/* Offsets are constants where this is expanded. @len: octets from the outer IP header on. */
static __always_inline void fill_udp(struct __sk_buff *skb, const struct copy *c, __u8 *head,
				     const struct abi_tunnel *t, __u32 l4, __u32 len)
{
	__u16 *udp = (__u16 *)(head + l4);

	udp[2] = bpf_htons(len - (l4 - OUTER_IP));
	if (t->kind == ABI_TUNNEL_VXLAN) /* RFC 7348, section 5: for those who share by ports */
		udp[0] = bpf_htons(49152 + ((c->hash ?: bpf_get_hash_recalc(skb)) & 0x3fff));
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
	fill_udp(skb, c, head, t, l4, len);
}

static __always_inline void tunnel_fill(struct __sk_buff *skb, __u8 *head,
					const struct abi_tunnel *t, const struct copy *c)
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

/* The copy's frame is no longer than that: what the rule and the way there let through. */
static __always_inline __u32 tunnel_room(const struct abi_tunnel *t, const struct abi_mirror *r)
{
	__u32 snap = r && r->snap ? r->snap + sizeof(struct head_eth) : t->room;

	return snap < t->room ? snap : t->room;
}

#endif
