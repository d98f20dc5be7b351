/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DHCPv6 messages (RFC 8415, sections 8, 16, 21): what clients say, parsed and checked; what the
 * server says, written. No state, no side effect. For the files of ipv6/ and their tests only.
 */
#ifndef IPV6_DHCP6_MSG_H
#define IPV6_DHCP6_MSG_H

#include "ipv6/dhcp6.h"

enum dhcp6_type { /* RFC 8415, section 7.3 */
		  DHCP6_SOLICIT = 1,
		  DHCP6_ADVERTISE,
		  DHCP6_REQUEST,
		  DHCP6_CONFIRM,
		  DHCP6_RENEW,
		  DHCP6_REBIND,
		  DHCP6_REPLY,
		  DHCP6_RELEASE,
		  DHCP6_DECLINE,
		  DHCP6_RECONFIGURE,
		  DHCP6_INFORMATION_REQUEST,
		  DHCP6_RELAY_FORW,
		  DHCP6_RELAY_REPL,
};

enum dhcp6_option { /* RFC 8415, section 21, unless said */
		    DHCP6_OPT_CLIENTID = 1,
		    DHCP6_OPT_SERVERID = 2,
		    DHCP6_OPT_IA_NA = 3,
		    DHCP6_OPT_IA_TA = 4,
		    DHCP6_OPT_IAADDR = 5,
		    DHCP6_OPT_ORO = 6,
		    DHCP6_OPT_PREFERENCE = 7,
		    DHCP6_OPT_ELAPSED_TIME = 8,
		    DHCP6_OPT_AUTH = 11,
		    DHCP6_OPT_STATUS_CODE = 13,
		    DHCP6_OPT_RAPID_COMMIT = 14,
		    DHCP6_OPT_USER_CLASS = 15,
		    DHCP6_OPT_RECONF_ACCEPT = 20,
		    DHCP6_OPT_DNS_SERVERS = 23, /* RFC 3646 */
		    DHCP6_OPT_DOMAIN_LIST = 24, /* RFC 3646 */
		    DHCP6_OPT_IA_PD = 25,
		    DHCP6_OPT_IAPREFIX = 26,
		    DHCP6_OPT_SNTP_SERVERS = 31, /* RFC 4075 */
		    DHCP6_OPT_INFORMATION_REFRESH_TIME = 32,
		    DHCP6_OPT_NTP_SERVER = 56, /* RFC 5908 */
		    DHCP6_OPT_PD_EXCLUDE = 67, /* RFC 6603 */
		    DHCP6_OPT_SOL_MAX_RT = 82,
		    DHCP6_OPT_INF_MAX_RT = 83,
};

enum dhcp6_status { /* RFC 8415, section 21.13 */
		    DHCP6_SUCCESS,
		    DHCP6_UNSPEC_FAIL,
		    DHCP6_NO_ADDRS_AVAIL,
		    DHCP6_NO_BINDING,
		    DHCP6_NOT_ON_LINK,
		    DHCP6_USE_MULTICAST,
		    DHCP6_NO_PREFIX_AVAIL,
};

#define DHCP6_CLIENT_PORT 546
#define DHCP6_SERVER_PORT 547

/* Of one message. That many, each with a lease and the most that can be said of it, fit into a
 * reply of DHCP6_PACKET_MAX octets: dhcp6_server.c counts on that. */
#define DHCP6_IAS_MAX	8
#define DHCP6_ITEMS_MAX 12

extern const struct ip6 dhcp6_all_servers; /* ff02::1:2 */

/* The IPv6 and UDP headers around a message. */
struct dhcp6_packet {
	struct ip6 src;
	bool unicast; /* to our own address */
	struct rd message;
};

struct dhcp6_ia {
	uint16_t option; /* DHCP6_OPT_IA_NA, _TA, _PD */
	uint32_t iaid;
	uint8_t first, count; /* of the message's items */
};

struct dhcp6_msg {
	enum dhcp6_type type;
	uint32_t xid;		     /* 24 bits */
	bool has_client, has_server; /* the identifiers; which then have 3 to 130 octets */
	bool rapid_commit;
	bool has_oro;
	struct rd client, server;
	struct rd oro; /* option codes of 2 octets each */
	unsigned ia_count;
	struct dhcp6_ia ia[DHCP6_IAS_MAX];
	unsigned item_count;
	/* Addresses (length 128) and prefixes, of the right kind for their IA; no bit is set beyond
	 * the length. A zero address is no address; its length may be a wish. */
	struct prefix6 item[DHCP6_ITEMS_MAX];
};

/* @self: our address. 0, or -EBADMSG and *ret_drop. */
int dhcp6_packet_parse(const struct ip6 *self, const uint8_t *packet, size_t len,
		       struct dhcp6_packet *ret, enum dhcp6_drop *ret_drop);
/* @r: the UDP payload. 0, or -EBADMSG and *ret_drop. What it points to lies in there. */
int dhcp6_msg_parse(struct rd r, struct dhcp6_msg *ret, enum dhcp6_drop *ret_drop);
/* RFC 8415, section 16: may a server look at it? @duid: ours. DHCP6_DROP_NONE: yes. With
 * *ret_use_multicast it is to be answered by that status and nothing else (section 18.4). */
enum dhcp6_drop dhcp6_msg_check(const struct dhcp6_msg *m, bool unicast, struct rd duid,
				bool *ret_use_multicast);
/* Whether the client asks for that option. */
bool dhcp6_msg_wants(const struct dhcp6_msg *m, uint16_t option);
bool dhcp6_duid_equal(struct rd a, struct rd b);
/* An ip6 cut to a prefix. @len: at most 128. */
struct prefix6 dhcp6_prefix(const struct ip6 *addr, uint8_t len);
bool dhcp6_prefix_equal(const struct prefix6 *a, const struct prefix6 *b);

/*
 * Writing. Everything appends to `w`; one that does not fit makes it bad. Options are written
 * between _begin and _end, whose result is where the option's length is to be patched.
 */
size_t dhcp6_option_begin(struct wr *w, uint16_t option);
void dhcp6_option_end(struct wr *w, size_t at);
void dhcp6_write_bytes(struct wr *w, uint16_t option, const void *value, size_t len);
void dhcp6_write_be32(struct wr *w, uint16_t option, uint32_t value);
void dhcp6_write_status(struct wr *w, enum dhcp6_status status);
/* An IA Address or IA Prefix option. @exclude: NULL, or what is not the client's. */
void dhcp6_write_lease(struct wr *w, enum dhcp6_kind kind, const struct prefix6 *prefix,
		       uint32_t preferred, uint32_t valid, const struct prefix6 *exclude);
/* What the client asked for and is there. @m->type decides what belongs into its answer. */
void dhcp6_write_values(struct wr *w, const struct dhcp6_msg *m, const struct dhcp6_values *v);

/* The IPv6, UDP and DHCPv6 headers; dhcp6_packet_end() fills in lengths and checksum: 0, or
 * -ENOSPC. */
void dhcp6_packet_begin(struct wr *w, const struct ip6 *src, const struct ip6 *dst,
			enum dhcp6_type type, uint32_t xid);
int dhcp6_packet_end(struct wr *w, const struct ip6 *src, const struct ip6 *dst);

#endif
