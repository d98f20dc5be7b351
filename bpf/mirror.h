/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of a customer's packet to the monitoring port, as plain IP: upstream where it comes in from
 * the line (mirror_up.h), before its tree and the firewall, downstream at subs0 as it goes to the
 * line and before its tree. The copy is bounded by the port's own queue: what does not fit is dropped there and
 * counted; the packet itself goes on untouched.
 *
 * Packets to or from a prefix in mirror_skip4 or mirror_skip6 are never copied: the monitor's own,
 * which would come back as copies of copies.
 */
#ifndef BPF_MIRROR_H
#define BPF_MIRROR_H

#include "bpf/stream.h"
#include "bpf/tunnel.h"

/* A look at the first octet mostly says no, for a fraction of what the trie costs. */
static __always_inline bool mirror_skips4(__u32 addr_be)
{
	struct abi_route4 key = { .prefixlen = 32, .addr_be = addr_be };
	__u32 nobody = ABI_MIRROR_LATE, first = *(__u8 *)&addr_be;
	const struct abi_mirror *r = bpf_map_lookup_elem(&mirrors, &nobody);

	if (r && ABI_MIRROR_NOT(r)[first / 32] & 1u << first % 32)
		return false;

	return bpf_map_lookup_elem(&mirror_skip4, &key);
}

static __always_inline __u32 mirror_skip6_of(const void *addr)
{
	struct abi_route6 key = { .prefixlen = 128 };
	__u32 *value;

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	value = bpf_map_lookup_elem(&mirror_skip6, &key);
	return value ? *value : 0;
}

static __always_inline bool mirror_skips6(const void *addr)
{
	return mirror_skip6_of(addr) == ABI_MIRROR_SKIP;
}

/* False: it is no IP packet. */
static __always_inline bool mirror_read(struct __sk_buff *skb, const struct pkt *p, __u32 direction,
					struct mirror_packet *m)
{
	const struct ipv6hdr *h6;
	const struct iphdr *h4;

	m->ip_off = sizeof(struct head_eth);
	m->ip_len = p->len - sizeof(struct head_eth);
	if (m->ip4) {
		h4 = pkt_get(p, sizeof(struct head_eth), sizeof(*h4), NULL);
		if (!h4 || !select_read4(skb, p, direction, m))
			return false;
		m->skip = mirror_skips4(h4->saddr) || mirror_skips4(h4->daddr);
		return true;
	}
	h6 = pkt_get(p, sizeof(struct head_eth), sizeof(*h6), NULL);
	if (!h6 || !select_read6(skb, p, direction, m))
		return false;
	m->skip = mirror_skips6(&h6->saddr) || mirror_skips6(&h6->daddr);
	return true;
}

/* What the port will send: a super-packet's segments have headers of their own. */
static __always_inline void mirror_done(struct __sk_buff *skb, __u32 rule,
					const struct mirror_packet *m, int dropped)
{
	struct abi_mirror_counters *c = bpf_map_lookup_elem(&mirror_count, &rule);
	__u32 segments = skb->gso_size ? skb->gso_segs : 1, heads;
	__u8 offset = 0;

	if (!c)
		return;
	if (dropped) {
		c->dropped += segments;
		return;
	}
	c->packets += segments;
	c->bytes += m->ip_len;
	if (segments < 2)
		return;
	heads = m->l4_off - sizeof(struct head_eth) + 8; /* of UDP */
	if (m->proto == 6) {
		if (bpf_skb_load_bytes(skb, m->l4_off + 12, &offset, 1))
			return;
		heads += (offset >> 4) * 4 - 8;
	}
	c->bytes += (__u64)(segments - 1) * heads;
}

/*
 * The outer headers into the hole that is there for them, and behind them the copy's own Ethernet
 * header, by direct access: what is written beyond @len that header covers. False: nothing written,
 * the packet is none.
 */
static __always_inline bool wrap_write(struct __sk_buff *skb, const struct abi_tunnel *t,
				       const struct abi_mirror *r, const struct copy *c, __u32 len)
{
	struct pkt p = pkt_init((void *)(long)skb->data, (void *)(long)skb->data_end);
	const __u16 *from = (const __u16 *)t->head;
	__u8 *head = pkt_get(&p, 0, ABI_TUNNEL_HEAD, NULL);
	__u16 *eth = pkt_get(&p, len, sizeof(struct head_eth), NULL);
	__u32 i;

	if (!head || !eth)
		return false;
#pragma unroll
	for (i = 0; i < OUTER_IP / 2; i++)
		((__u16 *)head)[i] = from[i];
#pragma unroll
	for (i = OUTER_IP; i + 4 <= ABI_TUNNEL_HEAD; i += 4) /* aligned in both */
		if (i < len)
			*(__u32 *)(head + i) = *(const __u32 *)(t->head + i);
	if (len > ABI_TUNNEL_HEAD - 2)
		head[ABI_TUNNEL_HEAD - 2] = t->head[ABI_TUNNEL_HEAD - 2];
	tunnel_fill(skb, head, t, c);
	eth[0] = *(const __u16 *)r->dst;
	eth[1] = *(const __u16 *)(r->dst + 2);
	eth[2] = *(const __u16 *)(r->dst + 4);
	eth[3] = *(const __u16 *)r->src;
	eth[4] = *(const __u16 *)(r->src + 2);
	eth[5] = *(const __u16 *)(r->src + 4);
	eth[6] = skb->protocol;
	return true;
}

/* The same where the kernel has a sum of the whole packet, which what is between the outer Ethernet
 * header and the packet is part of for as long as it is there. */
static __always_inline bool wrap_store(struct __sk_buff *skb, const struct abi_tunnel *t,
				       const struct abi_mirror *r, const struct copy *c, __u32 len)
{
	struct {
		struct abi_tunnel t;
		__u16 eth[7]; /* the copy's own */
	} w;

	if (len < HEAD_MIN || len > sizeof(w.t.head))
		return false;
	__builtin_memcpy(&w.t, t, sizeof(w.t));
	__builtin_memcpy(w.eth, r->dst, 12); /* and src */
	w.eth[6] = skb->protocol;
	tunnel_fill(skb, w.t.head, &w.t, c);
	return !(bpf_skb_store_bytes(skb, 0, w.t.head, OUTER_IP, 0) ||
		 bpf_skb_store_bytes(skb, OUTER_IP, w.t.head + OUTER_IP, len - OUTER_IP,
				     BPF_F_RECOMPUTE_CSUM) ||
		 bpf_skb_store_bytes(skb, len, w.eth, sizeof(w.eth), BPF_F_RECOMPUTE_CSUM));
}

/*
 * A whole packet that the way there carries gets its outer headers here and loses them again, which
 * costs less than a second device. Not TCP: what the kernel has merged takes that device, and would
 * be overtaken. 1: it is nothing for here.
 */
static __noinline int mirror_wrapped(struct __sk_buff *skb, __u32 rule, __u32 hash)
{
	struct abi_mirror *r = bpf_map_lookup_elem(&mirrors, &rule);
	struct copy c = { .rule = rule, .frame = skb->len, .kept = skb->len,
			  .hash = hash };
	const struct abi_tunnel *t;
	__u32 len, target;
	struct pkt p;
	__u16 *type;
	long err;

	if (!r)
		return 1;
	c.target = target = r->src[5];
	t = bpf_map_lookup_elem(&mirror_tunnels, &target);
	if (!t || t->kind == ABI_TUNNEL_NONE || c.frame > tunnel_room(t, r))
		return 1;
	len = t->len;
	if (!t->ifindex || len < HEAD_MIN || len > sizeof(t->head) ||
	    bpf_skb_adjust_room(skb, (int)len, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return 1;
	err = bpf_csum_update(skb, 0) < 0 ? !wrap_write(skb, t, r, &c, len)
					  : !wrap_store(skb, t, r, &c, len);
	if (!err)
		err = bpf_clone_redirect(skb, t->ifindex, 0);
	if (bpf_skb_adjust_room(skb, -(int)len, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	p = pkt_init((void *)(long)skb->data, (void *)(long)skb->data_end);
	type = pkt_get(&p, 12, sizeof(*type), NULL);
	if (!type)
		return -1;
	*type = skb->protocol; /* it was the outer one */
	return err ? -1 : 0;
}

/* Of its flow and direction, never 0. */
static __always_inline __u32 mirror_hash(const struct mirror_packet *m)
{
	__u32 v = m->remote[0] ^ m->remote[1] ^ m->remote[2] ^ m->remote[3] ^ m->ports;

	v = (v ^ v >> 16) * 0x45d9f3b;
	return (v ^ v >> 16) | 0x8000;
}

/* To one target. */
static __always_inline void mirror_send(struct __sk_buff *skb, const struct abi_mirror *r,
					__u32 rule, const struct mirror_packet *m)
{
	struct head_eth *eth;
	struct pkt p;
	int err;

	if (r->flags & ABI_MIRROR_WRAP && m->proto != 6 && !skb->gso_size && hook_summed(skb)) {
		err = mirror_wrapped(skb, rule, mirror_hash(m));
		if (err <= 0) {
			mirror_done(skb, rule, m, err);
			return;
		}
	}
	err = -1;
	p = pkt_init((void *)(long)skb->data, (void *)(long)skb->data_end);
	eth = pkt_get(&p, 0, sizeof(*eth), NULL);
	if (r->ifindex && eth) {
		__builtin_memcpy(eth, r->dst, 12); /* and src */
		err = bpf_clone_redirect(skb, r->ifindex, 0);
	}
	mirror_done(skb, rule, m, err);
}

/* The first rule selects; those of further targets only say where to. */
static __always_inline void mirror_port(struct __sk_buff *skb, const struct abi_session *s,
					__u32 direction, const struct mirror_packet *m)
{
	__u32 rule = s->mirror, i;
	struct abi_mirror *r = bpf_map_lookup_elem(&mirrors, &rule);

	if (!r || m->skip || !(r->flags & direction) || !select_wants(r, m))
		return;
	for (i = 0; i < ABI_MIRROR_TARGETS && r; i++) {
		mirror_send(skb, r, rule, m);
		rule = r->next;
		r = rule ? bpf_map_lookup_elem(&mirrors, &rule) : NULL;
	}
}

static __always_inline void mirror_streams(struct __sk_buff *skb, const struct abi_session *s,
					   __u32 slot, __u32 direction,
					   const struct mirror_packet *m)
{
	struct abi_stream_head head = {
		.time = bpf_ktime_get_ns(),
		.slot = slot,
		.generation = s->generation,
		.len = m->ip_len,
		.version = ABI_STREAM_VERSION,
		.direction = direction,
		.off = m->ip_off,
		.hook = ABI_HOOK_TC,
	};

	stream_put(skb, s->streams, &head, m);
}

enum mirror_way { MIRROR_BOTH, MIRROR_STREAMS, MIRROR_PORT };

/*
 * @direction: ABI_MIRROR_UP or _DOWN. The packet's Ethernet addresses are the copy's afterwards:
 * nothing needs them here, and upstream they have been looked at. Pointers into the packet are
 * void.
 */
static __always_inline void mirror(struct __sk_buff *skb, const struct pkt *p,
				   const struct abi_session *s, __u32 slot, __u32 direction,
				   enum mirror_way way)
{
	struct mirror_packet m = { .ip4 = skb->protocol == bpf_htons(ETH_P_IP) };

	if (!mirror_read(skb, p, direction, &m))
		return;
	if (s->streams && way != MIRROR_PORT)
		mirror_streams(skb, s, slot, direction, &m);
	if (s->mirror && way != MIRROR_STREAMS)
		mirror_port(skb, s, direction, &m);
}

#endif
