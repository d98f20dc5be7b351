// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of DHCPv6 clients: RFC 8415, sections 7 and 8 (addresses, ports, the header), 16 (which
 * messages a server discards), 21 (options, and which may be there once). Options without a row are
 * skipped, as section 16 demands; so is an IA Address in an IA_PD and the like: nothing is to be
 * learned from it.
 */
#include "ipv6/dhcp6_msg.h"

#include "ipv6/checksum.h"

#define NEXT_UDP 17
#define UDP_HEAD 8

const struct ip6 dhcp6_all_servers = { .b = { 0xff, 0x02, [13] = 1, [15] = 2 } };

const char *dhcp6_drop_name(enum dhcp6_drop reason)
{
	static const char *const name[] = {
#define X(id, text, help) [DHCP6_DROP_##id] = text,
		DHCP6_DROPS(X)
#undef X
	};

	return reason < DHCP6_DROP_COUNT ? name[reason] : "unknown";
}

static int drop(enum dhcp6_drop *ret_drop, enum dhcp6_drop reason)
{
	*ret_drop = reason;
	return -EBADMSG;
}

/* --- IPv6 and UDP ---------------------------------------------------------------------------- */

static bool is_link_local(const struct ip6 *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

/* A client may send from any port: section 7.2 says where it listens, and no more. */
static enum dhcp6_drop parse_udp(struct rd r, const struct ip6 *src, const struct ip6 *dst,
				 struct rd *ret)
{
	const uint8_t *udp = r.p;
	uint16_t port, len;

	rd_skip(&r, 2);
	port = rd_be16(&r);
	len = rd_be16(&r);
	if (r.bad)
		return DHCP6_DROP_SHORT;
	if (port != DHCP6_SERVER_PORT)
		return DHCP6_DROP_PORT;
	if (len < UDP_HEAD || len - 6u > rd_left(&r))
		return DHCP6_DROP_LENGTH;
	/* 0 is "none", which IPv6 does not allow: RFC 8200, section 8.1. */
	if (!rd_be16(&r) || ipv6_checksum(src, dst, NEXT_UDP, udp, len))
		return DHCP6_DROP_CHECKSUM;
	*ret = rd_sub(&r, len - UDP_HEAD);
	return DHCP6_DROP_NONE;
}

int dhcp6_packet_parse(const struct ip6 *self, const uint8_t *packet, size_t len,
		       struct dhcp6_packet *ret, enum dhcp6_drop *ret_drop)
{
	struct rd r = rd_init(packet, len), payload;
	struct dhcp6_packet p = { 0 };
	uint32_t version = rd_be32(&r) >> 28;
	uint16_t payload_len = rd_be16(&r);
	uint8_t next = rd_u8(&r);
	enum dhcp6_drop reason;
	struct ip6 dst;

	rd_skip(&r, 1); /* hop limit: section 7 demands none */
	rd_copy(&r, p.src.b, sizeof(p.src.b));
	rd_copy(&r, dst.b, sizeof(dst.b));
	payload = rd_sub(&r, payload_len);
	if (r.bad)
		return drop(ret_drop, DHCP6_DROP_SHORT);
	if (version != 6 || next != NEXT_UDP)
		return drop(ret_drop, DHCP6_DROP_VERSION);
	if (!is_link_local(&p.src) || ip6_equal(&p.src, self))
		return drop(ret_drop, DHCP6_DROP_SOURCE);
	p.unicast = ip6_equal(&dst, self);
	if (!p.unicast && !ip6_equal(&dst, &dhcp6_all_servers))
		return drop(ret_drop, DHCP6_DROP_DESTINATION);
	reason = parse_udp(payload, &p.src, &dst, &p.message);
	if (reason)
		return drop(ret_drop, reason);
	*ret = p;
	return 0;
}

/* --- options --------------------------------------------------------------------------------- */

struct option_row {
	uint16_t option, in; /* in: the option that it must be within; 0: none */
	uint16_t min, max;
	bool once;
	enum dhcp6_drop wrong; /* for a length that is neither */
	enum dhcp6_drop (*parse)(struct dhcp6_msg *m, uint16_t option, struct rd r);
};

static enum dhcp6_drop parse_options(struct dhcp6_msg *m, uint16_t in, struct rd r);

static enum dhcp6_drop parse_client(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	(void)option;
	m->has_client = true;
	m->client = r;
	return DHCP6_DROP_NONE;
}

static enum dhcp6_drop parse_server(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	(void)option;
	m->has_server = true;
	m->server = r;
	return DHCP6_DROP_NONE;
}

static enum dhcp6_drop parse_oro(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	(void)option;
	if (rd_left(&r) % 2)
		return DHCP6_DROP_OPTION;
	m->has_oro = true;
	m->oro = r;
	return DHCP6_DROP_NONE;
}

static enum dhcp6_drop parse_rapid_commit(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	(void)option, (void)r;
	m->rapid_commit = true;
	return DHCP6_DROP_NONE;
}

static enum dhcp6_drop parse_nothing(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	(void)m, (void)option, (void)r;
	return DHCP6_DROP_NONE;
}

/* Sections 21.4, 21.5, 21.21. The times that a client wishes are not used. */
static enum dhcp6_drop parse_ia(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	struct dhcp6_ia *ia;
	uint32_t iaid = rd_be32(&r);

	if (option != DHCP6_OPT_IA_TA)
		rd_skip(&r, 8); /* T1, T2 */
	for (unsigned i = 0; i < m->ia_count; i++)
		if (m->ia[i].option == option && m->ia[i].iaid == iaid)
			return DHCP6_DROP_DUPLICATE;
	if (m->ia_count == DHCP6_IAS_MAX)
		return DHCP6_DROP_TOO_MANY;
	ia = &m->ia[m->ia_count++];
	*ia = (struct dhcp6_ia){ .option = option, .iaid = iaid, .first = (uint8_t)m->item_count };
	return parse_options(m, option, r);
}

static enum dhcp6_drop add_item(struct dhcp6_msg *m, const struct ip6 *addr, uint8_t len)
{
	if (m->item_count == DHCP6_ITEMS_MAX)
		return DHCP6_DROP_TOO_MANY;
	m->item[m->item_count++] = dhcp6_prefix(addr, len);
	m->ia[m->ia_count - 1].count++;
	return DHCP6_DROP_NONE;
}

/* Section 21.6. */
static enum dhcp6_drop parse_iaaddr(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	enum dhcp6_drop reason;
	struct ip6 addr;

	rd_copy(&r, addr.b, sizeof(addr.b));
	rd_skip(&r, 8); /* lifetimes */
	reason = add_item(m, &addr, 128);
	return reason ? reason : parse_options(m, option, r);
}

/* Section 21.22. */
static enum dhcp6_drop parse_iaprefix(struct dhcp6_msg *m, uint16_t option, struct rd r)
{
	enum dhcp6_drop reason;
	struct ip6 addr;
	uint8_t len;

	rd_skip(&r, 8); /* lifetimes */
	len = rd_u8(&r);
	rd_copy(&r, addr.b, sizeof(addr.b));
	if (len > 128)
		return DHCP6_DROP_OPTION;
	reason = add_item(m, &addr, len);
	return reason ? reason : parse_options(m, option, r);
}

#define ANY UINT16_MAX

/* clang-format off */
static const struct option_row rows[] = {
	/* option                  within             min             max             once   else                parse */
	{ DHCP6_OPT_CLIENTID,      0,                 DHCP6_DUID_MIN, DHCP6_DUID_MAX, true,  DHCP6_DROP_DUID,    parse_client },
	{ DHCP6_OPT_SERVERID,      0,                 DHCP6_DUID_MIN, DHCP6_DUID_MAX, true,  DHCP6_DROP_DUID,    parse_server },
	{ DHCP6_OPT_IA_NA,         0,                 12,             ANY,            false, DHCP6_DROP_OPTION,  parse_ia },
	{ DHCP6_OPT_IA_TA,         0,                 4,              ANY,            false, DHCP6_DROP_OPTION,  parse_ia },
	{ DHCP6_OPT_IA_PD,         0,                 12,             ANY,            false, DHCP6_DROP_OPTION,  parse_ia },
	{ DHCP6_OPT_ORO,           0,                 0,              ANY,            true,  DHCP6_DROP_OPTION,  parse_oro },
	{ DHCP6_OPT_ELAPSED_TIME,  0,                 2,              2,              true,  DHCP6_DROP_OPTION,  parse_nothing },
	{ DHCP6_OPT_AUTH,          0,                 11,             ANY,            true,  DHCP6_DROP_OPTION,  parse_nothing },
	{ DHCP6_OPT_RAPID_COMMIT,  0,                 0,              0,              true,  DHCP6_DROP_OPTION,  parse_rapid_commit },
	{ DHCP6_OPT_STATUS_CODE,   0,                 2,              ANY,            true,  DHCP6_DROP_OPTION,  parse_nothing },
	{ DHCP6_OPT_USER_CLASS,    0,                 0,              ANY,            true,  DHCP6_DROP_OPTION,  parse_nothing },
	{ DHCP6_OPT_RECONF_ACCEPT, 0,                 0,              0,              true,  DHCP6_DROP_OPTION,  parse_nothing },
	{ DHCP6_OPT_IAADDR,        DHCP6_OPT_IA_NA,   24,             ANY,            false, DHCP6_DROP_OPTION,  parse_iaaddr },
	{ DHCP6_OPT_IAADDR,        DHCP6_OPT_IA_TA,   24,             ANY,            false, DHCP6_DROP_OPTION,  parse_iaaddr },
	{ DHCP6_OPT_IAPREFIX,      DHCP6_OPT_IA_PD,   25,             ANY,            false, DHCP6_DROP_OPTION,  parse_iaprefix },
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct option_row *row_of(uint16_t option, uint16_t in)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (rows[i].option == option && rows[i].in == in)
			return &rows[i];
	return NULL;
}

#define OPTION_HEAD 4

/* The options of a message, or those within option `in`; at most three deep, since a row names what
 * it is within. Behind the last one of a message may be less than an option has: dhcpcd (9.4, 10)
 * sends two octets too many with what RFC 6603 excludes. */
static enum dhcp6_drop parse_options(struct dhcp6_msg *m, uint16_t in, struct rd r)
{
	bool seen[ROWS] = { false };

	while (rd_left(&r) >= (in ? 1 : OPTION_HEAD)) {
		uint16_t option = rd_be16(&r);
		struct rd value = rd_sub(&r, rd_be16(&r));
		const struct option_row *row = row_of(option, in);
		enum dhcp6_drop reason;

		if (r.bad)
			return DHCP6_DROP_OPTION;
		if (!row)
			continue;
		if (rd_left(&value) < row->min || rd_left(&value) > row->max)
			return row->wrong;
		if (row->once && seen[row - rows])
			return DHCP6_DROP_DUPLICATE;
		seen[row - rows] = true;
		reason = row->parse(m, option, value);
		if (reason)
			return reason;
	}
	return DHCP6_DROP_NONE;
}

int dhcp6_msg_parse(struct rd r, struct dhcp6_msg *ret, enum dhcp6_drop *ret_drop)
{
	uint32_t head = rd_be32(&r);
	struct dhcp6_msg m = { .type = head >> 24, .xid = head & 0xffffff };
	enum dhcp6_drop reason;

	if (r.bad)
		return drop(ret_drop, DHCP6_DROP_SHORT);
	switch (m.type) {
	case DHCP6_SOLICIT:
	case DHCP6_REQUEST:
	case DHCP6_CONFIRM:
	case DHCP6_RENEW:
	case DHCP6_REBIND:
	case DHCP6_RELEASE:
	case DHCP6_DECLINE:
	case DHCP6_INFORMATION_REQUEST:
		break;
	case DHCP6_RELAY_FORW:
	case DHCP6_RELAY_REPL:
		return drop(ret_drop, DHCP6_DROP_RELAY);
	case DHCP6_ADVERTISE:
	case DHCP6_REPLY:
	case DHCP6_RECONFIGURE:
	default: /* the peer's, not our own enum: an octet */
		return drop(ret_drop, DHCP6_DROP_TYPE);
	}
	reason = parse_options(&m, 0, r);
	if (reason)
		return drop(ret_drop, reason);
	*ret = m;
	return 0;
}

/* --- section 16 ------------------------------------------------------------------------------ */

enum identifier { MAY, MUST, MUST_NOT };

/* clang-format off */
static const struct rule {
	enum identifier client, server;
	bool unicast; /* gets UseMulticast; else nothing */
	bool ia;
} rules[] = {
	/*                             Client ID  Server ID  unicast  IAs */
	[DHCP6_SOLICIT]             = { MUST,     MUST_NOT,  false,   true },  /* 16.2 */
	[DHCP6_REQUEST]             = { MUST,     MUST,      true,    true },  /* 16.4 */
	[DHCP6_CONFIRM]             = { MUST,     MUST_NOT,  false,   true },  /* 16.5 */
	[DHCP6_RENEW]               = { MUST,     MUST,      true,    true },  /* 16.6 */
	[DHCP6_REBIND]              = { MUST,     MUST_NOT,  false,   true },  /* 16.7 */
	[DHCP6_DECLINE]             = { MUST,     MUST,      true,    true },  /* 16.8 */
	[DHCP6_RELEASE]             = { MUST,     MUST,      true,    true },  /* 16.9 */
	[DHCP6_INFORMATION_REQUEST] = { MAY,      MAY,       false,   false }, /* 16.12 */
};
/* clang-format on */

enum dhcp6_drop dhcp6_msg_check(const struct dhcp6_msg *m, bool unicast, struct rd duid,
				bool *ret_use_multicast)
{
	const struct rule *rule = &rules[m->type];

	*ret_use_multicast = false;
	if (unicast && !rule->unicast)
		return DHCP6_DROP_UNICAST;
	if (rule->client == MUST && !m->has_client)
		return DHCP6_DROP_NO_CLIENT_ID;
	if (rule->server == MUST && !m->has_server)
		return DHCP6_DROP_NO_SERVER_ID;
	if (rule->server == MUST_NOT && m->has_server)
		return DHCP6_DROP_SERVER_ID;
	if (m->has_server && !dhcp6_duid_equal(m->server, duid))
		return DHCP6_DROP_OTHER_SERVER;
	if (m->ia_count && !rule->ia)
		return DHCP6_DROP_IA;
	*ret_use_multicast = unicast;
	return DHCP6_DROP_NONE;
}

/* --- small things ---------------------------------------------------------------------------- */

bool dhcp6_msg_wants(const struct dhcp6_msg *m, uint16_t option)
{
	struct rd r = m->oro;

	while (rd_left(&r))
		if (rd_be16(&r) == option)
			return true;
	return false;
}

bool dhcp6_duid_equal(struct rd a, struct rd b)
{
	return rd_left(&a) == rd_left(&b) && !memcmp(a.p, b.p, rd_left(&a));
}

struct prefix6 dhcp6_prefix(const struct ip6 *addr, uint8_t len)
{
	struct prefix6 p = { .len = len };

	memcpy(p.addr.b, addr->b, len / 8);
	if (len % 8)
		p.addr.b[len / 8] = (uint8_t)(addr->b[len / 8] & 0xff00 >> len % 8);
	return p;
}

bool dhcp6_prefix_equal(const struct prefix6 *a, const struct prefix6 *b)
{
	return a->len == b->len && ip6_equal(&a->addr, &b->addr);
}
