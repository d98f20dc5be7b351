// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Router Solicitation (RFC 4861, sections 4.1, 6.1.1), Neighbor Solicitation (4.3, 7.1.1), Router
 * and Neighbor Advertisement (4.2, 4.4), Echo (RFC 4443, sections 4.1, 4.2); of an advertisement's
 * options prefix, MTU, RDNSS and DNSSL (RFC 8106, section 5), PREF64 (RFC 8781, section 4). Left
 * out: Redirect, reception of advertisements.
 *
 * Packets with extension headers in front of ICMPv6 are for others (MLD has a router alert);
 * neighbour discovery must not be fragmented (RFC 6980).
 */
#include "ipv6/nd.h"

#include "ipv6/checksum.h"

#define NEXT_UDP    17
#define NEXT_ICMPV6 58

#define ICMP_ECHO_REQUEST     128
#define ICMP_ECHO_REPLY	      129
#define ICMP_ROUTER_SOLICIT   133
#define ICMP_ROUTER_ADVERT    134
#define ICMP_NEIGHBOR_SOLICIT 135
#define ICMP_NEIGHBOR_ADVERT  136
#define ICMP_REDIRECT	      137

#define OPT_SOURCE_LINK_ADDRESS 1
#define OPT_PREFIX		3
#define OPT_MTU			5
#define OPT_RDNSS		25
#define OPT_DNSSL		31
#define OPT_PREF64		38

#define ND_HOP_LIMIT   255 /* what came through a router has less: RFC 4861, section 3.1 */
#define ECHO_HOP_LIMIT 64
#define DHCP_CLIENT    546
#define DHCP_SERVER    547

#define NA_ROUTER    0x80000000u
#define NA_SOLICITED 0x40000000u
#define NA_OVERRIDE  0x20000000u

const struct ip6 ipv6_all_nodes = { .b = { 0xff, 0x02, [15] = 1 } };
static const struct ip6 all_routers = { .b = { 0xff, 0x02, [15] = 2 } };
static const struct ip6 loopback = { .b = { [15] = 1 } };

const char *ipv6_nd_drop_name(enum ipv6_nd_drop reason)
{
	static const char *const name[] = {
#define X(id, text, help) [IPV6_ND_DROP_##id] = text,
		IPV6_ND_DROPS(X)
#undef X
	};

	return reason < IPV6_ND_DROP_COUNT ? name[reason] : "unknown";
}

static int drop(enum ipv6_nd_drop *ret_drop, enum ipv6_nd_drop reason)
{
	*ret_drop = reason;
	return -EBADMSG;
}

static bool is_multicast(const struct ip6 *a)
{
	return a->b[0] == 0xff;
}

/* The chain of options to the end of the message: RFC 4861, section 4.6. Unknown ones are skipped,
 * as are those without a meaning on PPP. */
static enum ipv6_nd_drop check_options(struct rd *r, bool unset_source)
{
	while (rd_left(r)) {
		uint8_t type = rd_u8(r), units = rd_u8(r);

		if (!units)
			return IPV6_ND_DROP_OPTION;
		rd_skip(r, units * 8u - 2);
		if (r->bad)
			return IPV6_ND_DROP_OPTION;
		if (type == OPT_SOURCE_LINK_ADDRESS && unset_source)
			return IPV6_ND_DROP_LINK_ADDRESS;
	}
	return IPV6_ND_DROP_NONE;
}

static enum ipv6_nd_drop parse_router_solicit(struct rd *r, struct ipv6_nd *nd)
{
	rd_skip(r, 4); /* reserved */
	if (r->bad)
		return IPV6_ND_DROP_LENGTH;
	nd->kind = IPV6_ND_ROUTER_SOLICIT;
	return check_options(r, ip6_is_zero(&nd->src));
}

/* RFC 4291, section 2.7.1: ff02::1:ff and the target's last 24 bits. */
static bool is_solicited_node(const struct ip6 *a)
{
	static const uint8_t head[13] = { 0xff, 0x02, [11] = 1, [12] = 0xff };

	return !memcmp(a->b, head, sizeof(head));
}

static enum ipv6_nd_drop parse_neighbor_solicit(const struct ip6 *self, struct rd *r,
						struct ipv6_nd *nd)
{
	bool probe = ip6_is_zero(&nd->src);

	rd_skip(r, 4); /* reserved */
	rd_copy(r, nd->target.b, sizeof(nd->target.b));
	if (r->bad)
		return IPV6_ND_DROP_LENGTH;
	if (is_multicast(&nd->target))
		return IPV6_ND_DROP_TARGET;
	if (probe && !is_solicited_node(&nd->dst))
		return IPV6_ND_DROP_DESTINATION;
	if (ip6_equal(&nd->target, self))
		nd->kind = IPV6_ND_NEIGHBOR_SOLICIT;
	return check_options(r, probe);
}

/* To all nodes and all routers too: the answer helps whoever looks for what is on his line. */
static enum ipv6_nd_drop parse_echo(const struct ip6 *self, struct rd *r, struct ipv6_nd *nd)
{
	nd->echo_id = rd_be16(r);
	nd->echo_seq = rd_be16(r);
	if (r->bad)
		return IPV6_ND_DROP_LENGTH;
	if (ip6_is_zero(&nd->src))
		return IPV6_ND_DROP_SOURCE;
	nd->data = *r;
	if (ip6_equal(&nd->dst, self) || ip6_equal(&nd->dst, &ipv6_all_nodes) ||
	    ip6_equal(&nd->dst, &all_routers))
		nd->kind = IPV6_ND_ECHO_REQUEST;
	return IPV6_ND_DROP_NONE;
}

/* What only a router says, and there is one on this link: RFC 4861, sections 4.2 and 4.5; RFC 6105
 * is about those who try. Whether the rest of it is right does not matter. A neighbour's word about
 * his own addresses is none of our business: there is no cache. */
static enum ipv6_nd_drop not_his_to_say(const struct ip6 *self, uint8_t type, struct rd r)
{
	struct ip6 target;

	if (type == ICMP_ROUTER_ADVERT)
		return IPV6_ND_DROP_ROUTER_ADVERT;
	if (type == ICMP_REDIRECT)
		return IPV6_ND_DROP_REDIRECT;
	rd_skip(&r, 4); /* flags */
	rd_copy(&r, target.b, sizeof(target.b));
	return type == ICMP_NEIGHBOR_ADVERT && !r.bad && ip6_equal(&target, self)
		       ? IPV6_ND_DROP_OUR_ADDRESS
		       : IPV6_ND_DROP_NONE;
}

static enum ipv6_nd_drop parse_icmp(const struct ip6 *self, struct rd r, uint8_t hop_limit,
				    struct ipv6_nd *nd)
{
	const uint8_t *msg = r.p;
	size_t len = rd_left(&r);
	uint8_t type = rd_u8(&r), code = rd_u8(&r);

	rd_skip(&r, 2); /* the checksum */
	if (r.bad)
		return IPV6_ND_DROP_LENGTH;
	if (type != ICMP_ROUTER_SOLICIT && type != ICMP_NEIGHBOR_SOLICIT &&
	    type != ICMP_ECHO_REQUEST)
		return not_his_to_say(self, type, r);
	if (type != ICMP_ECHO_REQUEST && hop_limit != ND_HOP_LIMIT)
		return IPV6_ND_DROP_HOP_LIMIT;
	if (ipv6_checksum(&nd->src, &nd->dst, NEXT_ICMPV6, msg, len))
		return IPV6_ND_DROP_CHECKSUM;
	if (code)
		return IPV6_ND_DROP_CODE;
	if (type == ICMP_ROUTER_SOLICIT)
		return parse_router_solicit(&r, nd);
	if (type == ICMP_NEIGHBOR_SOLICIT)
		return parse_neighbor_solicit(self, &r, nd);
	return parse_echo(self, &r, nd);
}

static enum ipv6_nd_drop parse_udp(struct rd r, struct ipv6_nd *nd)
{
	uint16_t port;

	nd->data = r;
	rd_skip(&r, 2); /* source port */
	port = rd_be16(&r);
	if (port == DHCP_CLIENT)
		return IPV6_ND_DROP_DHCP_SERVER;
	if (port == DHCP_SERVER)
		nd->kind = IPV6_ND_DHCP;
	return IPV6_ND_DROP_NONE;
}

int ipv6_nd_parse(const struct ip6 *self, const uint8_t *packet, size_t len, struct ipv6_nd *ret,
		  enum ipv6_nd_drop *ret_drop)
{
	struct rd r = rd_init(packet, len), payload;
	struct ipv6_nd nd = { .kind = IPV6_ND_IGNORE };
	enum ipv6_nd_drop reason = IPV6_ND_DROP_NONE;
	uint32_t version = rd_be32(&r) >> 28;
	uint16_t payload_len = rd_be16(&r);
	uint8_t next = rd_u8(&r), hop_limit = rd_u8(&r);

	rd_copy(&r, nd.src.b, sizeof(nd.src.b));
	rd_copy(&r, nd.dst.b, sizeof(nd.dst.b));
	if (r.bad)
		return drop(ret_drop, IPV6_ND_DROP_SHORT);
	if (version != 6)
		return drop(ret_drop, IPV6_ND_DROP_VERSION);
	payload = rd_sub(&r, payload_len);
	if (r.bad)
		return drop(ret_drop, IPV6_ND_DROP_SHORT);
	if (is_multicast(&nd.src) || ip6_equal(&nd.src, &loopback) || ip6_equal(&nd.src, self))
		return drop(ret_drop, IPV6_ND_DROP_SOURCE);
	if (next == NEXT_ICMPV6)
		reason = parse_icmp(self, payload, hop_limit, &nd);
	else if (next == NEXT_UDP)
		reason = parse_udp(payload, &nd);
	if (reason)
		return drop(ret_drop, reason);
	*ret = nd;
	return 0;
}

/* The IPv6 header, its length open. Returns where the packet begins in `w`. */
static size_t packet_begin(struct wr *w, const struct ip6 *src, const struct ip6 *dst,
			   uint8_t hop_limit)
{
	size_t start = w->len;

	wr_be32(w, 6u << 28);
	wr_be16(w, 0);
	wr_u8(w, NEXT_ICMPV6);
	wr_u8(w, hop_limit);
	wr_bytes(w, src->b, sizeof(src->b));
	wr_bytes(w, dst->b, sizeof(dst->b));
	return start;
}

static int packet_end(struct wr *w, size_t start, const struct ip6 *src, const struct ip6 *dst)
{
	size_t msg = start + 40;

	if (w->bad)
		return -ENOSPC;
	wr_patch_be16(w, start + 4, w->len - msg);
	wr_patch_be16(w, msg + 2, ipv6_checksum(src, dst, NEXT_ICMPV6, w->buf + msg, w->len - msg));
	return w->bad ? -ENOSPC : 0;
}

static void write_prefix(struct wr *w, const struct ipv6_ra_prefix *p)
{
	wr_u8(w, OPT_PREFIX);
	wr_u8(w, 4);
	wr_u8(w, p->prefix.len);
	wr_u8(w, (uint8_t)((p->on_link ? 0x80 : 0) | (p->autonomous ? 0x40 : 0)));
	wr_be32(w, p->valid);
	wr_be32(w, p->preferred);
	wr_be32(w, 0);
	wr_bytes(w, p->prefix.addr.b, sizeof(p->prefix.addr.b));
}

static void write_mtu(struct wr *w, uint32_t mtu)
{
	wr_u8(w, OPT_MTU);
	wr_u8(w, 1);
	wr_be16(w, 0);
	wr_be32(w, mtu);
}

static void write_rdnss(struct wr *w, const struct ipv6_ra *ra)
{
	wr_u8(w, OPT_RDNSS);
	wr_u8(w, (uint8_t)(1 + 2 * ra->dns_count));
	wr_be16(w, 0);
	wr_be32(w, ra->dns_lifetime);
	for (unsigned i = 0; i < ra->dns_count; i++)
		wr_bytes(w, ra->dns[i].b, sizeof(ra->dns[i].b));
}

/* Padded with zeros to units of eight octets: RFC 8106, section 5.2. */
static void write_dnssl(struct wr *w, const struct ipv6_ra *ra)
{
	size_t units = (ra->dnssl_len + 7) / 8;

	wr_u8(w, OPT_DNSSL);
	wr_u8(w, (uint8_t)(1 + units));
	wr_be16(w, 0);
	wr_be32(w, ra->dns_lifetime);
	wr_bytes(w, ra->dnssl, ra->dnssl_len);
	wr_zero(w, units * 8 - ra->dnssl_len);
}

/* The Prefix Length Code of RFC 8781, section 4; -1: there is none. */
static int pref64_plc(unsigned len)
{
	static const uint8_t lens[] = { 96, 64, 56, 48, 40, 32 };

	for (unsigned i = 0; i < sizeof(lens); i++)
		if (lens[i] == len)
			return (int)i;
	return -1;
}

/* Lifetimes are told in units of 8 s, in 13 bits, rounded up (section 4.1); the code has the other
 * three. Of the prefix its first 96 bits. */
static void write_pref64(struct wr *w, const struct ipv6_ra *ra)
{
	uint32_t scaled = ra->pref64_lifetime / 8 + !!(ra->pref64_lifetime % 8);

	if (scaled > 0x1fff)
		scaled = 0x1fff;
	wr_u8(w, OPT_PREF64);
	wr_u8(w, 2);
	wr_be16(w, (uint16_t)(scaled << 3 | (unsigned)pref64_plc(ra->pref64.len)));
	wr_bytes(w, ra->pref64.addr.b, 12);
}

static void write_options(struct wr *w, const struct ipv6_ra *ra)
{
	if (ra->mtu)
		write_mtu(w, ra->mtu);
	for (unsigned i = 0; i < ra->prefix_count; i++)
		write_prefix(w, &ra->prefix[i]);
	if (ra->dns_count)
		write_rdnss(w, ra);
	if (ra->dnssl_len)
		write_dnssl(w, ra);
	if (ra->pref64.len)
		write_pref64(w, ra);
}

int ipv6_ra_write(struct wr *w, const struct ip6 *src, const struct ip6 *dst,
		  const struct ipv6_ra *ra)
{
	size_t start;

	if (ra->prefix_count > IPV6_RA_PREFIXES || ra->dns_count > IPV6_RA_DNS ||
	    ra->dnssl_len > IPV6_RA_DNSSL || (ra->pref64.len && pref64_plc(ra->pref64.len) < 0))
		return -EINVAL;
	start = packet_begin(w, src, dst, ND_HOP_LIMIT);
	wr_u8(w, ICMP_ROUTER_ADVERT);
	wr_u8(w, 0);
	wr_be16(w, 0);
	wr_u8(w, ra->hop_limit);
	wr_u8(w, (uint8_t)((ra->managed ? 0x80 : 0) | (ra->other ? 0x40 : 0)));
	wr_be16(w, ra->lifetime);
	wr_be32(w, ra->reachable_time);
	wr_be32(w, ra->retrans_timer);
	write_options(w, ra);
	return packet_end(w, start, src, dst);
}

int ipv6_na_write(struct wr *w, const struct ip6 *self, const struct ipv6_nd *solicit)
{
	bool probe = ip6_is_zero(&solicit->src);
	const struct ip6 *dst = probe ? &ipv6_all_nodes : &solicit->src;
	size_t start = packet_begin(w, self, dst, ND_HOP_LIMIT);

	wr_u8(w, ICMP_NEIGHBOR_ADVERT);
	wr_u8(w, 0);
	wr_be16(w, 0);
	wr_be32(w, NA_ROUTER | NA_OVERRIDE | (probe ? 0 : NA_SOLICITED));
	wr_bytes(w, self->b, sizeof(self->b));
	return packet_end(w, start, self, dst);
}

int ipv6_echo_reply_write(struct wr *w, const struct ip6 *self, const struct ipv6_nd *request)
{
	size_t start = packet_begin(w, self, &request->src, ECHO_HOP_LIMIT);

	wr_u8(w, ICMP_ECHO_REPLY);
	wr_u8(w, 0);
	wr_be16(w, 0);
	wr_be16(w, request->echo_id);
	wr_be16(w, request->echo_seq);
	wr_bytes(w, request->data.p, rd_left(&request->data));
	return packet_end(w, start, self, &request->src);
}
