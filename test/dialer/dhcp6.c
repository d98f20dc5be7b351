// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small DHCPv6 client (RFC 8415): one Solicit with Rapid Commit for a prefix, an address or both,
 * until a Reply has what was asked for. It renews nothing and gives nothing back: for many lines at
 * once, and for what no well-behaved client sends. The protocol itself is for real clients to test.
 */
#include "test/dialer/dialer.h"

#include <errno.h>

enum { UDP = 17, CLIENT_PORT = 546, SERVER_PORT = 547 };
enum { SOLICIT = 1, REPLY = 7 };
enum {
	OPT_CLIENT_ID = 1,
	OPT_IA_NA = 3,
	OPT_IA_ADDR = 5,
	OPT_ELAPSED = 8,
	OPT_RAPID_COMMIT = 14,
	OPT_IA_PD = 25,
	OPT_IA_PREFIX = 26,
};

static const struct ip6 all_servers = { { 0xff, 0x02, [13] = 1, [15] = 2 } };

/* RFC 8200, section 8.1: over the pseudo header and the datagram. */
static uint16_t udp_checksum(const struct ip6 *src, const struct ip6 *dst, const uint8_t *p,
			     size_t len)
{
	uint32_t sum = (uint32_t)len + UDP;
	uint16_t folded;

	for (unsigned i = 0; i < 16; i += 2)
		sum += (uint32_t)(src->b[i] << 8 | src->b[i + 1]) +
		       (uint32_t)(dst->b[i] << 8 | dst->b[i + 1]);
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	return folded ? folded : 0xffff;
}

static void put_duid(const struct line *l, struct wr *w)
{
	wr_be16(w, OPT_CLIENT_ID);
	wr_be16(w, 10);
	wr_be16(w, 3); /* DUID-LL, Ethernet */
	wr_be16(w, 1);
	wr_bytes(w, l->mac, 6);
}

static void put_ia(struct wr *w, uint16_t type)
{
	wr_be16(w, type);
	wr_be16(w, 12);
	wr_be32(w, 1); /* IAID */
	wr_zero(w, 8); /* T1, T2 */
}

static void put_solicit(const struct dialer *d, const struct line *l, struct wr *w)
{
	wr_u8(w, SOLICIT);
	wr_u8(w, 0);
	wr_be16(w, (uint16_t)(l->magic + l->tries));
	put_duid(l, w);
	wr_be16(w, OPT_ELAPSED);
	wr_be16(w, 2);
	wr_be16(w, 0);
	wr_be16(w, OPT_RAPID_COMMIT);
	wr_be16(w, 0);
	if (d->o.dhcp_pd)
		put_ia(w, OPT_IA_PD);
	if (d->o.dhcp_na)
		put_ia(w, OPT_IA_NA);
}

void dhcp6_solicit(struct dialer *d, struct line *l)
{
	struct ip6 src = ip6_link_local(l->ifid);
	uint8_t buf[256];
	struct wr msg = wr_init(buf, sizeof(buf)), w;

	wr_be16(&msg, CLIENT_PORT);
	wr_be16(&msg, SERVER_PORT);
	wr_be32(&msg, 0); /* length and checksum */
	put_solicit(d, l, &msg);
	wr_patch_be16(&msg, 4, msg.len);
	wr_patch_be16(&msg, 6, udp_checksum(&src, &all_servers, buf, msg.len));
	w = ppp_begin(d, l, PROTO_IPV6);
	wr_be32(&w, 0x60000000);
	wr_be16(&w, (uint16_t)msg.len);
	wr_u8(&w, UDP);
	wr_u8(&w, 1);
	wr_bytes(&w, src.b, 16);
	wr_bytes(&w, all_servers.b, 16);
	wr_bytes(&w, buf, msg.len);
	ppp_end(d, l, &w);
}

static void take_lease(struct line *l, uint16_t type, struct rd o)
{
	struct ip6 addr;
	uint8_t len = 128;

	if (type == OPT_IA_ADDR)
		rd_copy(&o, addr.b, 16);
	if (type == OPT_IA_PREFIX) {
		rd_skip(&o, 8); /* lifetimes */
		len = rd_u8(&o);
		rd_copy(&o, addr.b, 16);
	}
	if (o.bad || len > 128)
		return;
	if (type == OPT_IA_ADDR)
		l->na = addr;
	if (type == OPT_IA_PREFIX)
		l->pd = (struct prefix6){ .addr = addr, .len = len };
}

/* The options of the message, and those within an IA. */
static bool take_options(struct line *l, struct rd r, bool within)
{
	while (rd_left(&r)) {
		uint16_t type = rd_be16(&r);
		struct rd o = rd_sub(&r, rd_be16(&r));

		if (r.bad)
			return false;
		if (within) {
			take_lease(l, type, o);
		} else if (type == OPT_IA_NA || type == OPT_IA_PD) {
			rd_skip(&o, 12);
			if (o.bad || !take_options(l, o, true))
				return false;
		}
	}
	return true;
}

int dhcp6_parse(struct line *l, struct rd packet)
{
	struct ip6 src, dst;
	struct rd udp;
	uint16_t len, ports;
	uint8_t next;

	rd_skip(&packet, 4);
	len = rd_be16(&packet);
	next = rd_u8(&packet);
	rd_skip(&packet, 1);
	rd_copy(&packet, src.b, 16);
	rd_copy(&packet, dst.b, 16);
	udp = rd_sub(&packet, len);
	if (udp.bad || next != UDP)
		return -EPROTO;
	if (udp_checksum(&src, &dst, udp.p, rd_left(&udp)) != 0xffff)
		return -EBADMSG;
	ports = rd_be16(&udp) == SERVER_PORT && rd_be16(&udp) == CLIENT_PORT;
	rd_skip(&udp, 4);
	if (!ports || rd_u8(&udp) != REPLY)
		return -EPROTO;
	rd_skip(&udp, 3);
	return !udp.bad && take_options(l, udp, false) ? 0 : -EBADMSG;
}

bool dhcp6_pending(const struct dialer *d, const struct line *l)
{
	return (d->o.dhcp_pd && !l->pd.len) || (d->o.dhcp_na && ip6_is_zero(&l->na));
}
