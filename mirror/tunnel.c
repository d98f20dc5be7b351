// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Outer headers: VXLAN (RFC 7348, section 5), GRE with transparent Ethernet (RFC 2784, RFC 2890),
 * ERSPAN type II (draft-foschiano-erspan-03, section 4.2), TZSP with the tag of the original
 * length. Lengths, IPv4's checksum and sequences are each packet's own: the data plane's.
 */
#include "mirror/tunnel.h"

#include "base/wire.h"

#include <errno.h>
#include <string.h>

#define ETH	     14u
#define TTL	     64
#define PROTO_UDP    17
#define PROTO_GRE    47
#define GRE_KEY	     0x2000
#define GRE_SEQUENCE 0x1000
#define TEB	     0x6558
#define ERSPAN_II    0x88be

static bool is_udp(const struct mirror_tunnel *t)
{
	return t->kind == ABI_TUNNEL_VXLAN || t->kind == ABI_TUNNEL_TZSP;
}

static void put_ip4(struct wr *w, const struct mirror_tunnel *t)
{
	wr_be16(w, 0x4500);
	wr_be16(w, 0); /* length */
	wr_be16(w, 0); /* an atomic datagram has no use for an id: RFC 6864, section 4.1 */
	wr_be16(w, 0x4000);
	wr_u8(w, TTL);
	wr_u8(w, is_udp(t) ? PROTO_UDP : PROTO_GRE);
	wr_be16(w, 0);
	wr_be32(w, t->src4);
	wr_be32(w, t->dst4);
}

static void put_ip6(struct wr *w, const struct mirror_tunnel *t)
{
	wr_be32(w, 0x60000000);
	wr_be16(w, 0);
	wr_u8(w, is_udp(t) ? PROTO_UDP : PROTO_GRE);
	wr_u8(w, TTL);
	wr_bytes(w, t->src6.b, sizeof(t->src6.b));
	wr_bytes(w, t->dst6.b, sizeof(t->dst6.b));
}

static void put_udp(struct wr *w, const struct mirror_tunnel *t)
{
	wr_be16(w, t->port); /* VXLAN's is each packet's own */
	wr_be16(w, t->port);
	wr_be16(w, 0);
	wr_be16(w, 0);
}

static void put_tunnel(struct wr *w, const struct mirror_tunnel *t)
{
	switch (t->kind) {
	case ABI_TUNNEL_VXLAN:
		put_udp(w, t);
		wr_be32(w, 0x08000000);
		wr_be32(w, t->id << 8);
		break;
	case ABI_TUNNEL_GRE:
		wr_be16(w, t->has_key ? GRE_KEY : 0);
		wr_be16(w, TEB);
		if (t->has_key)
			wr_be32(w, t->id);
		break;
	case ABI_TUNNEL_ERSPAN:
		wr_be16(w, GRE_SEQUENCE);
		wr_be16(w, ERSPAN_II);
		wr_be32(w, 0);
		wr_be16(w, 0x1000); /* version 1, no VLAN */
		wr_be16(w, (uint16_t)t->id);
		wr_be32(w, 0);
		break;
	case ABI_TUNNEL_NONE:
		break;
	case ABI_TUNNEL_TZSP:
		put_udp(w, t);
		wr_be32(w, 0x01000001); /* version 1, received, Ethernet */
		wr_be16(w, 0x2902);	/* the original length, 2 octets */
		wr_be16(w, 0);
		wr_u8(w, 0x01); /* end of the tags */
		break;
	}
}

/* As the words lie in memory: then no order of octets matters. */
static uint32_t sum_of(const uint8_t *ip)
{
	uint32_t sum = 0;
	uint16_t word;

	for (unsigned i = 0; i < 20; i += 2) {
		memcpy(&word, ip + i, sizeof(word));
		sum += word;
	}
	return sum;
}

int mirror_tunnel_abi(const struct mirror_tunnel *t, struct abi_tunnel *ret)
{
	struct abi_tunnel a = { .ifindex = (uint32_t)t->ifindex,
				.kind = (uint8_t)t->kind,
				.ip6 = t->ip6 };
	struct wr w = wr_init(a.head, sizeof(a.head));
	uint32_t room;

	wr_bytes(&w, t->dst.b, sizeof(t->dst.b));
	wr_bytes(&w, t->src.b, sizeof(t->src.b));
	wr_be16(&w, t->ip6 ? 0x86dd : 0x0800);
	if (t->ip6)
		put_ip6(&w, t);
	else
		put_ip4(&w, t);
	put_tunnel(&w, t);
	if (w.bad)
		return -EMSGSIZE;
	a.len = (uint8_t)w.len;
	a.sum = t->ip6 ? 0 : sum_of(a.head + ETH);
	if (t->mtu + ETH < a.len + ETH + MIRROR_SNAP_MIN)
		return -EMSGSIZE;
	room = t->mtu + ETH - a.len;
	if (t->snap && room > t->snap + ETH)
		room = t->snap + ETH;
	a.room = (uint16_t)(room < UINT16_MAX ? room : UINT16_MAX);
	*ret = a;
	return 0;
}
