/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a rule (struct abi_mirror) want this packet? The same in every hook. */
#ifndef BPF_SELECT_H
#define BPF_SELECT_H

#include "bpf/hook.h"

struct mirror_packet {
	__u32 ip_off, ip_len; /* of a super-packet: the whole */
	__u32 l4_off;	      /* 0: a fragment but the first */
	__u8 proto;
	bool ip4, skip;
	__u32 ports; /* both, as they lie in it; 0: it has none */
	__u32 remote[4];
};

/* @l4: where they mostly are, if it can be read there; else NULL. */
static __always_inline void select_ports(void *ctx, struct mirror_packet *m, const __u32 *l4)
{
	__u32 ports;

	if ((m->proto != 6 && m->proto != 17) || !m->l4_off)
		return;
	if (l4)
		m->ports = *l4;
	else if (!hook_load(ctx, m->l4_off, &ports, sizeof(ports)))
		m->ports = ports;
}

/* ip_off and ip_len are the caller's to fill. */
static __always_inline bool select_read4(void *ctx, const struct pkt *p, __u32 direction,
					 struct mirror_packet *m)
{
	struct iphdr buf;
	const struct iphdr *h = pkt_get(p, m->ip_off, sizeof(*h), &buf);
	const __u32 *l4;
	__u32 ports;

	if (!h || h->version != 4 || h->ihl < 5)
		return false;
	m->proto = h->protocol;
	m->l4_off = h->frag_off & bpf_htons(0x1fff) ? 0 : m->ip_off + h->ihl * 4;
	__builtin_memcpy(m->remote, direction == ABI_MIRROR_UP ? &h->daddr : &h->saddr, 4);
	l4 = h->ihl == 5 ? pkt_get(p, m->ip_off + sizeof(*h), sizeof(ports), &ports) : NULL;
	select_ports(ctx, m, l4);
	return true;
}

/* Extension headers (RFC 8200, section 4), four at most; a fragment but the first has no ports. */
static __always_inline void select_walk6(void *ctx, struct mirror_packet *m)
{
	__u32 off = m->l4_off;
	__u8 head[4];
	int i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		bool fragment = m->proto == 44;

		if (!fragment && m->proto != 0 && m->proto != 43 && m->proto != 60)
			break;
		if (hook_load(ctx, off, head, sizeof(head)))
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

static __always_inline bool select_read6(void *ctx, const struct pkt *p, __u32 direction,
					 struct mirror_packet *m)
{
	struct ipv6hdr buf;
	const struct ipv6hdr *h = pkt_get(p, m->ip_off, sizeof(*h), &buf);

	if (!h || h->version != 6)
		return false;
	m->proto = h->nexthdr;
	m->l4_off = m->ip_off + sizeof(*h);
	__builtin_memcpy(m->remote, direction == ABI_MIRROR_UP ? &h->daddr : &h->saddr, 16);
	select_walk6(ctx, m);
	select_ports(ctx, m, NULL);
	return true;
}

/* Without branches, of which the verifier would walk each way for each packet there may be. */
static __always_inline bool select_within(const __u32 *addr, const struct abi_mirror *r)
{
	return !(((addr[0] ^ r->remote[0]) & r->mask[0]) | ((addr[1] ^ r->remote[1]) & r->mask[1]) |
		 ((addr[2] ^ r->remote[2]) & r->mask[2]) | ((addr[3] ^ r->remote[3]) & r->mask[3]));
}

/* A rule with a network wants its family only. */
static __always_inline bool select_wants(const struct abi_mirror *r, const struct mirror_packet *m)
{
	__u16 family = m->ip4 ? ABI_MIRROR_IP4 : ABI_MIRROR_IP6;
	__u16 other = m->ip4 ? ABI_MIRROR_REMOTE6 : ABI_MIRROR_REMOTE4;
	__u32 port = bpf_htons(r->port);

	if ((r->flags & (family | other)) != family)
		return false;
	if (!select_within(m->remote, r))
		return false;
	if (r->proto && r->proto != m->proto)
		return false;
	if (port && port != (m->ports & 0xffff) && port != m->ports >> 16)
		return false;
	return r->sample < 2 || bpf_get_prandom_u32() % r->sample == 0;
}

#endif
