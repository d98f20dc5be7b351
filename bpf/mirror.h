/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of a customer's packet to the monitoring port, at subs0, where it is plain IP: upstream as
 * it comes from the line and before the firewall, downstream as it goes to the line and before its
 * tree. The copy is bounded by the port's own queue: what does not fit is dropped there and
 * counted; the packet itself goes on untouched.
 *
 * Packets to or from a prefix in mirror_skip4 or mirror_skip6 are never copied: the monitor's own,
 * which would come back as copies of copies.
 */
#ifndef BPF_MIRROR_H
#define BPF_MIRROR_H

#include "bpf/hook.h"

struct mirror_packet {
	__u32 ip_off, ip_len; /* of a super-packet: the whole */
	__u32 l4_off;	      /* 0: a fragment but the first */
	__u8 proto;
	bool ip4, skip;
	__u8 remote[16];
};

/* A key of either trie. */
static __always_inline bool mirror_skips4(__u32 addr_be)
{
	struct abi_route4 key = { .prefixlen = 32, .addr_be = addr_be };

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

static __always_inline bool mirror_read4(const struct pkt *p, __u32 direction,
					 struct mirror_packet *m)
{
	const struct iphdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	if (!h || h->version != 4 || h->ihl < 5)
		return false;
	m->proto = h->protocol;
	m->ip_len = p->len - sizeof(struct head_eth);
	m->l4_off = h->frag_off & bpf_htons(0x1fff) ? 0 : sizeof(struct head_eth) + h->ihl * 4;
	m->skip = mirror_skips4(h->saddr) || mirror_skips4(h->daddr);
	__builtin_memcpy(m->remote, direction == ABI_MIRROR_UP ? &h->daddr : &h->saddr, 4);
	return true;
}

/* Extension headers (RFC 8200, section 4), four at most; a fragment but the first has no ports. */
static __always_inline void mirror_walk6(struct __sk_buff *skb, struct mirror_packet *m)
{
	__u32 off = m->l4_off;
	__u8 head[4];
	int i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		bool fragment = m->proto == 44;

		if (!fragment && m->proto != 0 && m->proto != 43 && m->proto != 60)
			break;
		if (bpf_skb_load_bytes(skb, off, head, sizeof(head)))
			break;
		m->proto = head[0];
		off += fragment ? 8 : (head[1] + 1) * 8;
		m->l4_off = off;
		if (fragment && (head[2] || head[3] & 0xf8)) {
			m->l4_off = 0;
			break;
		}
	}
}

static __always_inline bool mirror_read6(struct __sk_buff *skb, const struct pkt *p,
					 __u32 direction, struct mirror_packet *m)
{
	const struct ipv6hdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	if (!h || h->version != 6)
		return false;
	m->proto = h->nexthdr;
	m->ip_len = p->len - sizeof(struct head_eth);
	m->l4_off = sizeof(struct head_eth) + sizeof(*h);
	m->skip = mirror_skips6(&h->saddr) || mirror_skips6(&h->daddr);
	__builtin_memcpy(m->remote, direction == ABI_MIRROR_UP ? &h->daddr : &h->saddr, 16);
	mirror_walk6(skb, m);
	return true;
}

/* The first `len` bits of both are the same. Words of 4 octets, network order. */
static __always_inline bool mirror_within(const __u8 *addr, const __u8 *prefix, __u32 len)
{
	const __u32 *a = (const __u32 *)addr, *b = (const __u32 *)prefix;
	int i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		__u32 bits = len > 32u * i ? len - 32 * i : 0;
		__u32 mask = bits >= 32 ? 0xffffffff : bits ? ~(0xffffffffu >> bits) : 0;

		if ((a[i] ^ b[i]) & bpf_htonl(mask))
			return false;
	}
	return true;
}

static __always_inline bool mirror_port_is(struct __sk_buff *skb, const struct mirror_packet *m,
					   __u16 port)
{
	__u16 ports[2];

	if (m->proto != 6 && m->proto != 17)
		return false;
	if (!m->l4_off || bpf_skb_load_bytes(skb, m->l4_off, ports, sizeof(ports)))
		return false;
	return ports[0] == bpf_htons(port) || ports[1] == bpf_htons(port);
}

static __always_inline bool mirror_wants(struct __sk_buff *skb, const struct abi_mirror *r,
					 const struct mirror_packet *m)
{
	__u16 remote = m->ip4 ? ABI_MIRROR_REMOTE4 : ABI_MIRROR_REMOTE6;

	if (!(r->flags & (m->ip4 ? ABI_MIRROR_IP4 : ABI_MIRROR_IP6)))
		return false;
	if (r->proto && r->proto != m->proto)
		return false;
	if (r->flags & (ABI_MIRROR_REMOTE4 | ABI_MIRROR_REMOTE6) &&
	    (!(r->flags & remote) || !mirror_within(m->remote, r->remote, r->remote_len)))
		return false;
	if (r->port && !mirror_port_is(skb, m, r->port))
		return false;
	return r->sample < 2 || bpf_get_prandom_u32() % r->sample == 0;
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

static __always_inline void mirror_port(struct __sk_buff *skb, const struct abi_session *s,
					__u32 direction, const struct mirror_packet *m)
{
	__u32 rule = s->mirror;
	struct abi_mirror *r = bpf_map_lookup_elem(&mirrors, &rule);
	__u8 macs[12];
	int err = -1;

	if (!r || m->skip || !(r->flags & direction) || !mirror_wants(skb, r, m))
		return;
	__builtin_memcpy(macs, r->dst, 6);
	__builtin_memcpy(macs + 6, r->src, 6);
	if (r->ifindex && !bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		err = bpf_clone_redirect(skb, r->ifindex, 0);
	mirror_done(skb, rule, m, err);
}

/* To readers: the kernel copies it into their rings; one that is full loses it, and is told. */
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
	};
	__u32 i, wanted = s->streams, cpu = bpf_get_smp_processor_id();

	for (i = 0; i < ABI_STREAMS; i++) {
		struct abi_mirror *r;
		__u64 where, caplen;
		__u32 key = i;

		if (!(wanted & 1u << i))
			continue;
		r = bpf_map_lookup_elem(&stream_rules, &key);
		if (!r || !(r->flags & direction) || !mirror_wants(skb, r, m))
			continue;
		caplen = m->ip_len < r->snap ? m->ip_len : r->snap;
		head.caplen = caplen;
		where = i * abi_config.cpus + cpu;
		bpf_perf_event_output(skb, &streams, where | (caplen + ABI_STREAM_ETH) << 32, &head,
				      sizeof(head));
	}
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

	if (!(m.ip4 ? mirror_read4(p, direction, &m) : mirror_read6(skb, p, direction, &m)))
		return;
	if (s->streams && way != MIRROR_PORT)
		mirror_streams(skb, s, slot, direction, &m);
	if (s->mirror && way != MIRROR_STREAMS)
		mirror_port(skb, s, direction, &m);
}

#endif
