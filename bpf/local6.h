/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a line may say on its own link in IPv6: link-local and multicast, which the daemon alone
 * hears. There is one router and one DHCPv6 server there, the daemon, so who else speaks as one is
 * dropped (RFC 4861, sections 4.2 and 4.5; RFC 8415, section 7.3; RFC 6105 and RFC 7610 are the
 * same for switches). A neighbour speaks for addresses of its own: link-local ones, but never ours,
 * its prefixes, its leases. Without an address yet, a house looks for a router, asks whether the
 * one that it wants is free (RFC 4862, section 5.4.2), and joins groups (RFC 3590; RFC 3810,
 * section 5.2.13), and says nothing else.
 *
 * Extension headers are walked, or what stands behind one would pass unseen (RFC 7113, section 3).
 * Nobody on this link puts fragments together, and neighbour discovery has none (RFC 6980).
 * What is global goes through the router, which takes from its hop limit: no neighbour believes it.
 */
#ifndef BPF_LOCAL6_H
#define BPF_LOCAL6_H

#include "bpf/up.h"

#define LOCAL6_EXTENSIONS                                                                          \
	4 /* headers in front of the upper layer that are walked; two are common */
#define LOCAL6_REACH (PARSE_OFF_MASK - 24) /* of a neighbour message there is */

enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_UDP = 17,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_ICMP6 = 58,
	NEXT_DESTINATION = 60,
};

enum {
	MLD_REPORT = 131, /* RFC 2710 */
	MLD_DONE = 132,
	MLD2_REPORT = 143, /* RFC 3810 */
	ND_ROUTER_SOLICIT = 133,
	ND_ROUTER_ADVERT = 134,
	ND_NEIGHBOR_SOLICIT = 135,
	ND_NEIGHBOR_ADVERT = 136,
	ND_REDIRECT = 137,
	ND_HOP_LIMIT = 255,
	ND_NEIGHBOR_LEN = 24, /* of a solicitation or an advertisement, without options */
	ND_TARGET = 8,
};

enum {
	DHCP6_CLIENT_PORT = 546,
	DHCP6_SERVER_PORT = 547,
	DHCP6_ADVERTISE = 2,
	DHCP6_REPLY = 7,
	DHCP6_RECONFIGURE = 10,
	DHCP6_RELAY_REPLY = 13,
};

/* The upper layer: where, how much there is of it, and what. */
struct local6 {
	__u32 off, left;
	__u8 next;
	__u8 hop_limit;
};

static __always_inline bool ip6_same(const struct in6_addr *a, const __u32 b[4])
{
	return !((a->s6_addr32[0] ^ b[0]) | (a->s6_addr32[1] ^ b[1]) | (a->s6_addr32[2] ^ b[2]) |
		 (a->s6_addr32[3] ^ b[3]));
}

static __always_inline bool local6_is_gateway(const struct in6_addr *a)
{
	__u32 gateway[4] = { abi_config.gateway6[0], abi_config.gateway6[1], abi_config.gateway6[2],
			     abi_config.gateway6[3] };

	return ip6_same(a, gateway);
}

static __always_inline bool local6_is_unset(const struct in6_addr *a)
{
	const __u32 unset[4] = { 0 };

	return ip6_same(a, unset);
}

static __always_inline bool local6_is_own(const struct up *up, const struct in6_addr *a)
{
	const struct abi_session *s = up->s;
	__u64 prefix;

	/* There are two on this link: any link-local address but ours is his. RFC 5072, section 5,
	 * makes one of the negotiated identifier; routers of customers have others as well. */
	if (ip6_is_link_local(a))
		return !local6_is_gateway(a);
	if (!(s->flags & ABI_SESSION_IP6))
		return false;
	prefix = ip6_prefix(a);
	return prefix == *(const __u64 *)s->prefix6 || up_owns(slot_of_ip6(a, prefix), up->slot);
}

/* To the upper layer. */
static __always_inline enum up_class local6_walk(const struct pkt *p, struct up *up,
						 struct local6 *l)
{
	struct {
		__u8 next, units;
	} h;
	__u32 size;
	int i;

#pragma unroll
	for (i = 0; i < LOCAL6_EXTENSIONS + 1; i++) {
		if (l->next == NEXT_FRAGMENT)
			return up_drop(up, ABI_DROP_IP6_FRAGMENT);
		if (l->next != NEXT_HOP_BY_HOP && l->next != NEXT_ROUTING &&
		    l->next != NEXT_DESTINATION)
			return UP_LOCAL6;
		if (l->left < sizeof(h) || pkt_copy(p, l->off, &h, sizeof(h)))
			return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
		size = (h.units + 1) * 8;
		if (size > l->left)
			return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
		l->next = h.next;
		l->left -= size;
		l->off += size;
		if (l->off > LOCAL6_REACH)
			break;
	}
	return up_drop(up, ABI_DROP_IP6_EXTENSION);
}

/* Others' addresses are none of a line's business: there is nobody else on its link to ask. */
static __always_inline enum up_class local6_neighbor(const struct pkt *p, struct up *up,
						     const struct local6 *l, bool solicit)
{
	struct in6_addr target;

	if (l->left < ND_NEIGHBOR_LEN || pkt_copy(p, l->off + ND_TARGET, &target, sizeof(target)))
		return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
	if ((solicit && local6_is_gateway(&target)) || local6_is_own(up, &target))
		return UP_LOCAL6;
	return up_drop(up, ABI_DROP_SPOOFED_TARGET);
}

static __always_inline bool local6_is_mld_report(__u8 type)
{
	return type == MLD_REPORT || type == MLD_DONE || type == MLD2_REPORT;
}

/* @from_own: the source is the session's. @unset: it is the unset address. */
static __always_inline enum up_class local6_icmp(const struct pkt *p, struct up *up,
						 const struct local6 *l, bool from_own, bool unset)
{
	__u8 type;

	if (l->left < 4 || pkt_copy(p, l->off, &type, 1))
		return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
	if (type == ND_ROUTER_ADVERT)
		return up_drop(up, ABI_DROP_ROGUE_RA);
	if (type == ND_REDIRECT)
		return up_drop(up, ABI_DROP_ROGUE_REDIRECT);
	if (type != ND_ROUTER_SOLICIT && type != ND_NEIGHBOR_SOLICIT && type != ND_NEIGHBOR_ADVERT)
		return from_own || (unset && local6_is_mld_report(type))
			       ? UP_LOCAL6
			       : up_drop(up, ABI_DROP_SPOOFED_IP6);
	if (l->hop_limit != ND_HOP_LIMIT)
		return up_drop(up, ABI_DROP_ROUTED_ND);
	if (!from_own && (!unset || type == ND_NEIGHBOR_ADVERT))
		return up_drop(up, ABI_DROP_SPOOFED_ND);
	if (type == ND_ROUTER_SOLICIT)
		return UP_LOCAL6;
	return local6_neighbor(p, up, l, type == ND_NEIGHBOR_SOLICIT);
}

/* Nobody but a server sends to a client's port, or these types to a server's. */
static __always_inline enum up_class local6_udp(const struct pkt *p, struct up *up,
						const struct local6 *l, bool from_own)
{
	struct {
		__u16 src_be, dst_be, len_be, sum;
	} h;
	__u8 type;

	if (l->left < sizeof(h) || pkt_copy(p, l->off, &h, sizeof(h)))
		return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
	if (h.dst_be == bpf_htons(DHCP6_CLIENT_PORT))
		return up_drop(up, ABI_DROP_ROGUE_DHCP6);
	if (h.dst_be != bpf_htons(DHCP6_SERVER_PORT))
		return from_own ? UP_LOCAL6 : up_drop(up, ABI_DROP_SPOOFED_IP6);
	if (l->left < sizeof(h) + 1 || pkt_copy(p, l->off + sizeof(h), &type, 1))
		return up_drop(up, ABI_DROP_LOCAL6_MALFORMED);
	if (type == DHCP6_ADVERTISE || type == DHCP6_REPLY || type == DHCP6_RECONFIGURE ||
	    type == DHCP6_RELAY_REPLY)
		return up_drop(up, ABI_DROP_ROGUE_DHCP6);
	return from_own ? UP_DHCP6 : up_drop(up, ABI_DROP_SPOOFED_IP6);
}

/* Of what up_classify() calls UP_LOCAL6: that, UP_DHCP6, or UP_DROP for up->reason. */
static __always_inline enum up_class up_local6(const struct pkt *p, struct up *up)
{
	struct ipv6hdr buf;
	const struct ipv6hdr *h = parse_ip6(p, up->ip_off, up->pppoe.room, &buf, &up->ip);
	struct in6_addr src;
	struct local6 l;
	bool own, unset;
	enum up_class class;

	if (!h)
		return up_drop(up, ABI_DROP_IP_MALFORMED);
	l.off = up->ip.l4_off;
	l.left = up->ip.l4_len;
	l.next = h->nexthdr;
	l.hop_limit = h->hop_limit;
	__builtin_memcpy(&src, &h->saddr, sizeof(src));
	class = local6_walk(p, up, &l);
	if (class != UP_LOCAL6)
		return class;
	own = local6_is_own(up, &src);
	unset = local6_is_unset(&src);
	if (l.next == NEXT_ICMP6)
		return local6_icmp(p, up, &l, own, unset);
	if (l.next == NEXT_UDP)
		return local6_udp(p, up, &l, own);
	return own ? UP_LOCAL6 : up_drop(up, ABI_DROP_SPOOFED_IP6);
}

#endif
