/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [mirror] where = forwarded: what a line sends is copied where it leaves the box, so that what the
 * firewall drops is not. There an IPv4 packet may have been translated: subs_ingress notes what it
 * was, and it is that again for as long as the copy takes. The copy's TTL has been counted down.
 */
#ifndef BPF_MIRROR_PASSED_H
#define BPF_MIRROR_PASSED_H

#include "bpf/mirror.h"

#define PASSED_ECHO_REPLY 0 /* ICMP, RFC 792 */
#define PASSED_ECHO	  8
#define PASSED_IP	  sizeof(struct head_eth)

/* What a translation may change, and where. */
struct passed_tuple {
	__u32 addr[2];
	__u16 port[2];
	__u16 id_be;
	__u8 proto;
	__u32 port_off; /* 0: none */
};

static __always_inline bool passed_read(struct __sk_buff *skb, const struct pkt *p,
					struct passed_tuple *t)
{
	const struct iphdr *h = pkt_get(p, PASSED_IP, sizeof(*h), NULL);
	__u32 l4;
	__u8 type;

	__builtin_memset(t, 0, sizeof(*t));
	if (!h || h->version != 4 || h->ihl < 5)
		return false;
	t->addr[0] = h->saddr;
	t->addr[1] = h->daddr;
	t->id_be = h->id;
	t->proto = h->protocol;
	l4 = PASSED_IP + h->ihl * 4;
	if (h->frag_off & bpf_htons(0x1fff))
		return true;
	if (t->proto == 6 || t->proto == 17) {
		t->port_off = l4;
		return !bpf_skb_load_bytes(skb, l4, t->port, sizeof(t->port));
	}
	if (t->proto != 1 || bpf_skb_load_bytes(skb, l4, &type, 1))
		return true;
	if (type == PASSED_ECHO || type == PASSED_ECHO_REPLY) {
		t->port_off = l4 + 4;
		return !bpf_skb_load_bytes(skb, l4 + 4, t->port, sizeof(t->port));
	}
	return true;
}

/* @p is void afterwards. */
static __always_inline void origin_note(struct __sk_buff *skb, const struct pkt *p,
					const struct abi_session *s, __u32 slot)
{
	struct passed_tuple t;
	struct abi_origin *o;
	__u32 zero = 0, at, *next;

	skb->tc_index = 0;
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) { /* its source stays, and says whose it is */
		skb->tc_index = ABI_ORIGIN_MARKED;
		return;
	}
	if (!passed_read(skb, p, &t))
		return;
	next = bpf_map_lookup_elem(&mirror_origin, &zero);
	if (!next)
		return;
	at = (*next)++ & (ABI_ORIGINS - 1);
	o = bpf_map_lookup_elem(&mirror_origins, &at);
	if (!o)
		return;
	o->slot = slot;
	o->generation = s->generation;
	__builtin_memcpy(o->addr, t.addr, sizeof(o->addr));
	__builtin_memcpy(o->port, t.port, sizeof(o->port));
	o->id_be = t.id_be;
	o->proto = t.proto;
	skb->tc_index = ABI_ORIGIN_MARKED | at;
}

static __always_inline __u32 passed_sum_off(const struct passed_tuple *t)
{
	if (t->proto == 1)
		return t->port_off - 2;
	return t->port_off + (t->proto == 6 ? 16 : 6);
}

/* Sums that the device is to make have the pseudo header's part alone: the helpers know. */
static __always_inline int passed_write(struct __sk_buff *skb, const struct passed_tuple *t,
					const __u32 *addr_was, const __u16 *port_was,
					const __u32 *addr, const __u16 *port)
{
	__u64 flags = t->proto == 17 ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 from[2] = { addr_was[0], addr_was[1] }, to[2] = { addr[0], addr[1] };
	__u16 ports_from[2] = { port_was[0], port_was[1] }, ports_to[2] = { port[0], port[1] };
	__s64 diff = bpf_csum_diff(from, sizeof(from), to, sizeof(to), 0);
	__u32 sum = passed_sum_off(t);

	if (bpf_l3_csum_replace(skb, PASSED_IP + 10, 0, diff, 0) ||
	    bpf_skb_store_bytes(skb, PASSED_IP + 12, to, sizeof(to), 0))
		return -1;
	if (!t->port_off)
		return 0;
	if (t->proto != 1 && bpf_l4_csum_replace(skb, sum, 0, diff, flags | BPF_F_PSEUDO_HDR))
		return -1;
	diff = bpf_csum_diff((__be32 *)ports_from, 4, (__be32 *)ports_to, 4, 0);
	if (bpf_l4_csum_replace(skb, sum, 0, diff, flags))
		return -1;
	return bpf_skb_store_bytes(skb, t->port_off, ports_to, sizeof(ports_to), 0);
}

/* The copy's addresses are written over those that the packet leaves with. */
/* @generation: of the slot; 0: whatever it is. */
static __always_inline void passed_copy(struct __sk_buff *skb, __u32 slot, __u32 generation)
{
	struct abi_session *s = bpf_map_lookup_elem(&sessions, &slot);
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	__u8 macs[12];

	if (!s || !s->generation || (generation && s->generation != generation))
		return;
	if (!s->mirror || bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)))
		return;
	mirror(skb, &p, s, slot, ABI_MIRROR_UP, MIRROR_PORT);
	bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0);
}

static __always_inline struct abi_origin *origin_of(struct __sk_buff *skb,
						    const struct passed_tuple *t)
{
	__u32 at = skb->tc_index & (ABI_ORIGINS - 1);
	struct abi_origin *o = bpf_map_lookup_elem(&mirror_origins, &at);

	return o && o->id_be == t->id_be && o->proto == t->proto ? o : NULL;
}

static __always_inline void passed4(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	struct abi_origin *o, was;
	struct passed_tuple t;

	if (!passed_read(skb, &p, &t))
		return;
	o = origin_of(skb, &t);
	if (!o)
		return;
	was = *o;
	skb->tc_index = 0;
	if (was.addr[0] == t.addr[0] && was.addr[1] == t.addr[1]) {
		passed_copy(skb, was.slot, was.generation);
		return;
	}
	if (passed_write(skb, &t, t.addr, t.port, was.addr, was.port))
		return;
	passed_copy(skb, was.slot, was.generation);
	passed_write(skb, &t, was.addr, was.port, t.addr, t.port);
}

static __always_inline void passed6(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb, PARSE_DOWN);
	const struct ipv6hdr *h = pkt_get(&p, PASSED_IP, sizeof(*h), NULL);
	__u32 *slot;

	if (!h)
		return;
	skb->tc_index = 0;
	slot = slot_of_ip6(&h->saddr, ip6_prefix(&h->saddr));
	if (slot)
		passed_copy(skb, *slot, 0);
}

static __always_inline void passed(struct __sk_buff *skb)
{
	if (!abi_config.forwarded || !(skb->tc_index & ABI_ORIGIN_MARKED) ||
	    skb->ingress_ifindex != abi_config.subs_ifindex)
		return;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		passed4(skb);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		passed6(skb);
}

#endif
