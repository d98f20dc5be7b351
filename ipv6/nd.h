/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the router says and hears on a line's link: neighbour discovery and ping of its link-local
 * address (RFC 4861, 4862, 4443 section 4). A PPP link has no link-layer addresses, so options with
 * them are checked and not used; there is no neighbour cache, no redirect, no proxy. Pure: packets
 * in, packets out, no state. ipv6/ra.h has the timing of advertisements.
 *
 * A packet begins with the IPv6 header.
 */
#ifndef IPV6_ND_H
#define IPV6_ND_H

#include "base/addr.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum ipv6_nd_kind {
	IPV6_ND_IGNORE,		  /* well formed, not for us to answer: MLD, NS for others, ... */
	IPV6_ND_ROUTER_SOLICIT,	  /* answer: ipv6_ra_sender_solicited() */
	IPV6_ND_NEIGHBOR_SOLICIT, /* for our address; answer: ipv6_na_write() */
	IPV6_ND_ECHO_REQUEST,	  /* to us; answer: ipv6_echo_reply_write() */
	IPV6_ND_DHCP, /* UDP to port 547: `data` is the UDP datagram, unchecked (part 5) */
};

/* Why a packet was refused; one counter each, by these names. */
#define IPV6_ND_DROPS(X)                                                                           \
	X(NONE, "none", "not refused")                                                             \
	X(SHORT, "short", "less than an IPv6 header, or than its payload length")                  \
	X(VERSION, "version", "not IP version 6")                                                  \
	X(SOURCE, "source", "source address is multicast, loopback, ours, or may not be unset")    \
	X(HOP_LIMIT, "hop-limit", "neighbour discovery with a hop limit other than 255")           \
	X(CHECKSUM, "checksum", "ICMPv6 checksum")                                                 \
	X(CODE, "code", "ICMPv6 code other than 0")                                                \
	X(LENGTH, "length", "ICMPv6 message shorter than its fixed part")                          \
	X(TARGET, "target", "neighbour solicitation for a multicast address")                      \
	X(DESTINATION, "destination", "address probe not sent to a solicited-node address")        \
	X(OPTION, "option", "option of length 0 or beyond the end")                                \
	X(LINK_ADDRESS, "link-address", "link-layer address option from the unset address")        \
	X(ROUTER_ADVERT, "router-advert", "a subscriber who says that he is the router")           \
	X(REDIRECT, "redirect", "a subscriber who redirects")                                      \
	X(OUR_ADDRESS, "our-address", "neighbour advertisement of our own address")                \
	X(DHCP_SERVER, "dhcp-server", "a subscriber who serves DHCPv6: UDP to port 546")

enum ipv6_nd_drop {
#define X(id, name, help) IPV6_ND_DROP_##id,
	IPV6_ND_DROPS(X)
#undef X
		IPV6_ND_DROP_COUNT
};
const char *ipv6_nd_drop_name(enum ipv6_nd_drop reason);

/* A packet that was found good. `data` points into the packet. */
struct ipv6_nd {
	enum ipv6_nd_kind kind;
	struct ip6 src, dst;
	struct ip6 target; /* neighbour solicitation */
	uint16_t echo_id, echo_seq;
	struct rd data; /* of the echo; or the UDP datagram */
};

/* @self: our address on the link (fe80::1). 0 and *ret, or -EBADMSG and *ret_drop, to be counted.
 * Octets behind the IPv6 payload length are padding. No side effect. */
int ipv6_nd_parse(const struct ip6 *self, const uint8_t *packet, size_t len, struct ipv6_nd *ret,
		  enum ipv6_nd_drop *ret_drop);

#define IPV6_RA_PREFIXES 4
#define IPV6_RA_DNS	 8
#define IPV6_RA_DNSSL	 512 /* octets of names */
#define IPV6_RA_PACKET_MAX                                                                         \
	(40 + 16 + 8 + 32 * IPV6_RA_PREFIXES + 8 + 16 * IPV6_RA_DNS + 8 + IPV6_RA_DNSSL + 16)
#define IPV6_NA_PACKET_MAX (40 + 24)

/* A Router Advertisement, host order (RFC 4861, sections 4.2, 4.6.2, 4.6.4; RFC 8106, 8781). */
struct ipv6_ra {
	uint8_t hop_limit; /* for the peer to use; 0: unspecified */
	bool managed, other;
	uint16_t lifetime;	 /* s; 0: we are not (any more) its default router */
	uint32_t reachable_time; /* ms; 0: unspecified */
	uint32_t retrans_timer;	 /* ms; 0: unspecified */
	uint32_t mtu;		 /* 0: no option */
	unsigned prefix_count;
	struct ipv6_ra_prefix {
		struct prefix6 prefix;
		bool on_link, autonomous;  /* L, A */
		uint32_t valid, preferred; /* s; UINT32_MAX: for ever */
	} prefix[IPV6_RA_PREFIXES];
	uint32_t dns_lifetime; /* s, of both; 0: use them no more */
	unsigned dns_count;
	struct ip6 dns[IPV6_RA_DNS]; /* RDNSS */
	const uint8_t *dnssl;	     /* DNSSL: names one behind another, as base/dname.h has them */
	size_t dnssl_len;
	struct prefix6 pref64;	  /* PREF64; len 0: no option */
	uint32_t pref64_lifetime; /* s; counted in eights there, and at most 65528 */
};

extern const struct ip6 ipv6_all_nodes; /* ff02::1 */

/* Each appends one whole IPv6 packet to `w`, which may hold something already (a PPP protocol
 * number). 0, or -ENOSPC; ipv6_ra_write() also -EINVAL (too many of something, or a PREF64 of a
 * length that RFC 6052 does not know). */
int ipv6_ra_write(struct wr *w, const struct ip6 *src, const struct ip6 *dst,
		  const struct ipv6_ra *ra);
/* To the solicitor, or, where its address was unset (RFC 4861, section 7.2.4), to all nodes. */
int ipv6_na_write(struct wr *w, const struct ip6 *self, const struct ipv6_nd *solicit);
int ipv6_echo_reply_write(struct wr *w, const struct ip6 *self, const struct ipv6_nd *request);

#endif
