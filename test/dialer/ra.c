// SPDX-License-Identifier: GPL-2.0-or-later
/* Router solicitation and advertisement (RFC 4861, sections 4.1 and 4.2), a host's side. Knows the
 * prefix information and MTU options; leaves out RDNSS, DNSSL, PREF64 and routes. */
#include "test/dialer/dialer.h"

#include <errno.h>

enum { ICMP6 = 58, RS = 133, RA = 134, OPT_PREFIX = 3, OPT_MTU = 5 };

/* RFC 4443, section 2.3: over the pseudo header and the message. 0 for a correct one. */
uint16_t icmp6_checksum(const uint8_t src[16], const uint8_t dst[16], const uint8_t *icmp,
			size_t len)
{
	uint32_t sum = (uint32_t)len + ICMP6;

	for (unsigned i = 0; i < 16; i += 2)
		sum += (uint32_t)(src[i] << 8 | src[i + 1]) + (uint32_t)(dst[i] << 8 | dst[i + 1]);
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? icmp[i] : (uint32_t)icmp[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void ra_solicit(struct dialer *d, struct line *l)
{
	static const struct ip6 all_routers = { { 0xff, 0x02, [15] = 2 } };
	struct ip6 src = ip6_link_local(l->ifid);
	uint8_t rs[8] = { RS };
	uint16_t sum = icmp6_checksum(src.b, all_routers.b, rs, sizeof(rs));
	struct wr w = ppp_begin(d, l, PROTO_IPV6);

	rs[2] = (uint8_t)(sum >> 8);
	rs[3] = (uint8_t)sum;
	wr_be32(&w, 0x60000000);
	wr_be16(&w, sizeof(rs));
	wr_u8(&w, ICMP6);
	wr_u8(&w, 255);
	wr_bytes(&w, src.b, 16);
	wr_bytes(&w, all_routers.b, 16);
	wr_bytes(&w, rs, sizeof(rs));
	ppp_end(d, l, &w);
}

static void take_prefix(struct line *l, struct rd o)
{
	uint8_t len = rd_u8(&o), flags = rd_u8(&o);

	rd_skip(&o, 12); /* lifetimes and a reserved word */
	rd_copy(&o, l->prefix.b, 16);
	if (o.bad || len > 128)
		return;
	l->prefix_len = len;
	l->prefix_flags = flags;
}

static int take_options(struct line *l, struct rd r)
{
	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r), units = rd_u8(&r);
		struct rd o = rd_sub(&r, units ? units * 8u - 2 : SIZE_MAX);

		if (r.bad)
			return -EBADMSG;
		if (type == OPT_PREFIX && units == 4) {
			take_prefix(l, o);
		} else if (type == OPT_MTU && units == 1) {
			rd_skip(&o, 2);
			l->ra_mtu = (uint16_t)rd_be32(&o);
		}
	}
	return 0;
}

int ra_parse(struct line *l, struct rd packet)
{
	uint32_t version = rd_be32(&packet) >> 28;
	uint16_t len = rd_be16(&packet);
	uint8_t next = rd_u8(&packet), hops = rd_u8(&packet);
	struct ip6 src, dst;
	struct rd icmp;

	rd_copy(&packet, src.b, 16);
	rd_copy(&packet, dst.b, 16);
	icmp = rd_sub(&packet, len);
	if (icmp.bad || version != 6)
		return -EBADMSG;
	if (next != ICMP6 || !rd_left(&icmp) || icmp.p[0] != RA)
		return -EPROTO;
	/* RFC 4861, section 6.1.2: what makes an advertisement valid. */
	if (rd_left(&icmp) < 16 || hops != 255 || src.b[0] != 0xfe || (src.b[1] & 0xc0) != 0x80 ||
	    icmp.p[1] || icmp6_checksum(src.b, dst.b, icmp.p, rd_left(&icmp)))
		return -EBADMSG;
	rd_skip(&icmp, 5);
	l->ra_flags = rd_u8(&icmp);
	l->ra_lifetime = rd_be16(&icmp);
	rd_skip(&icmp, 8);
	if (take_options(l, icmp))
		return -EBADMSG;
	l->router = src;
	l->has_ra = true;
	return 0;
}
