// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server answers: Access-Accept, Access-Reject and Access-Challenge, read by a table.
 *
 * RFC 2865 sections 4.2 to 4.4 and 5, RFC 2869 section 5, RFC 3162, 4818, 6911, RFC 2548 sections
 * 2.1.2, 2.3.3 and 2.7, and limits of MikroTik, Roaring Penguin and pppd's Session-Octets-Limit.
 * What may say how fast a line is, is kept as it came: its many dialects are not for here.
 * A challenge is a reject to who cannot answer it (RFC 2865, 4.4).
 *
 * An attribute that may stand there once and stands there twice: the last one counts. Limits of
 * one kind from two dictionaries: the smaller one counts; a quota of 0 is none.
 *
 * Left out: Framed-IP-Netmask, MPPE keys, Octets-Direction (a quota is of both directions).
 */
#include "radius/attr.h"
#include "radius/dictionary.h"
#include "radius/message_priv.h"

#include <stdio.h>

#define FRAMED_MTU_MIN 64 /* RFC 2865, 5.12 */
#define S_LEN	       42 /* "S=" and 40 hexadecimal digits */

/* --- values that are more than a member ---------------------------------------------------------
 */

/* Special values: RFC 2865, 5.8. The last attribute counts, so it takes the others' bits back. */
static const char *value_framed_ip(const struct radius_row *row, const struct radius_attr *a,
				   void *ret)
{
	struct radius_reading *g = ret;
	uint32_t addr;
	const char *why = radius_value_ip4(row, a, &addr);

	if (why)
		return why;
	g->r.has &= ~(uint32_t)(RADIUS_HAS_IP4 | RADIUS_HAS_IP4_POOL | RADIUS_HAS_IP4_ANY);
	g->r.ip4 = 0;
	if (addr == 0xfffffffe) {
		g->r.has |= RADIUS_HAS_IP4_POOL;
	} else if (addr == 0xffffffff) {
		g->r.has |= RADIUS_HAS_IP4_ANY;
	} else {
		g->r.has |= RADIUS_HAS_IP4;
		g->r.ip4 = addr;
	}
	return NULL;
}

static const char *value_framed_mtu(const struct radius_row *row, const struct radius_attr *a,
				    void *ret)
{
	uint32_t v = radius_u32(a);
	uint16_t mtu = (uint16_t)v;

	(void)row;
	if (v < FRAMED_MTU_MIN || v > UINT16_MAX)
		return "not between 64 and 65535";
	memcpy(ret, &mtu, sizeof(mtu));
	return NULL;
}

static const char *value_termination(const struct radius_row *row, const struct radius_attr *a,
				     void *ret)
{
	if (radius_u32(a) > RADIUS_TERMINATION_REQUEST)
		return "neither 0 (Default) nor 1 (RADIUS-Request)";
	return radius_value_u32(row, a, ret);
}

static const char *value_octets(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	struct radius_octets *o = ret;

	(void)row;
	o->len = (uint8_t)a->len;
	memcpy(o->b, a->value, a->len);
	return NULL;
}

static const char *value_class(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct radius_reading *g = ret;

	if (g->r.class_count == RADIUS_CLASS_MAX)
		return "more than 4 of them";
	return value_octets(row, a, &g->r.class[g->r.class_count++]);
}

static const char *value_dns4(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct radius_reading *g = ret;
	uint32_t addr;
	const char *why = radius_value_ip4(row, a, &addr);

	if (why || addr >= 0xfffffffe)
		return "not the address of a host";
	g->r.dns4[row->type == RADIUS_MS_SECONDARY_DNS_SERVER] = addr;
	return NULL;
}

/* RFC 6911, 3.2: any number; we tell three to a line. */
static const char *value_dns6(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct radius_reading *g = ret;
	struct ip6 addr;
	const char *why = radius_value_ip6(row, a, &addr);

	if (!why && g->r.dns6_count < ARRAY_SIZE(g->r.dns6))
		g->r.dns6[g->r.dns6_count++] = addr;
	return why;
}

static const char *value_route4(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	struct radius_reading *g = ret;
	struct prefix4 p;
	const char *why = radius_value_route4(row, a, &p);

	if (why)
		return why;
	if (g->r.route4_count == RADIUS_ROUTES_MAX)
		return "more than 16 of them";
	g->r.routes4[g->r.route4_count++] = p;
	return NULL;
}

static const char *value_route6(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	struct radius_reading *g = ret;
	struct prefix6 p;
	const char *why = radius_value_route6(row, a, &p);

	if (why)
		return why;
	if (g->r.route6_count == RADIUS_ROUTES_MAX)
		return "more than 16 of them";
	g->r.routes6[g->r.route6_count++] = p;
	return NULL;
}

/* Port-Limit and RP-Max-Sessions-Per-User. */
static const char *value_port_limit(const struct radius_row *row, const struct radius_attr *a,
				    void *ret)
{
	struct radius_reading *g = ret;
	uint32_t v = radius_u32(a);

	if (!g->has_port_limit || v < g->r.port_limit) {
		g->r.port_limit = v;
		g->r.port_limit_rp = row->vendor;
	}
	g->has_port_limit = true;
	return NULL;
}

static const char *value_limit(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct radius_reading *g = ret;

	(void)row;
	g->limit = radius_u32(a);
	return NULL;
}

static const char *value_total(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct radius_reading *g = ret;

	if (row->type == RADIUS_MIKROTIK_TOTAL_LIMIT)
		g->total = radius_u32(a);
	else
		g->total_giga = radius_u32(a);
	return NULL;
}

/* RFC 2865, 5.18: several are shown in their order. What does not fit is cut off. */
static const char *value_message(const struct radius_row *row, const struct radius_attr *a,
				 void *ret)
{
	struct radius_reading *g = ret;
	char part[RADIUS_TEXT_MAX + 1];
	const char *why = radius_value_text(row, a, part);
	size_t len = strlen(g->text);

	if (why)
		return why;
	snprintf(g->text + len, sizeof(g->text) - len, "%s%s", len ? " " : "", part);
	return NULL;
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* RFC 2548, 2.3.3: the identifier and the text of RFC 2759, section 5. */
static const char *value_mschap_success(const struct radius_row *row, const struct radius_attr *a,
					void *ret)
{
	struct radius_reading *g = ret;
	struct radius_attr text = { .value = a->value + 1, .len = a->len - 1 };

	if (a->value[0] != g->chap_id)
		return "of another identifier";
	if (memcmp(text.value, "S=", 2))
		return "does not begin with S=";
	for (size_t i = 2; i < S_LEN; i++)
		if (!is_hex(text.value[i]))
			return "not 40 hexadecimal digits";
	return radius_value_text(row, &text, g->mschap);
}

/* RFC 2548, 2.1.2. Its identifier only aids matching, which the packet's has done. */
static const char *value_mschap_error(const struct radius_row *row, const struct radius_attr *a,
				      void *ret)
{
	struct radius_reading *g = ret;
	struct radius_attr text = { .value = a->value + 1, .len = a->len - 1 };

	if (memcmp(text.value, "E=", 2))
		return "does not begin with E=";
	return radius_value_text(row, &text, g->mschap);
}

/* --- the table ----------------------------------------------------------------------------------
 */

#define A      RADIUS_IN_ACCEPT
#define AR     (RADIUS_IN_ACCEPT | RADIUS_IN_REJECT)
#define R      RADIUS_IN_REJECT
#define AC     (RADIUS_IN_ACCEPT | RADIUS_IN_COA)
#define MS     RADIUS_VENDOR_MICROSOFT
#define RP     RADIUS_VENDOR_ROARING_PENGUIN
#define MT     RADIUS_VENDOR_MIKROTIK
#define BR     RADIUS_VENDOR_BRASBERRY
#define IN(m)  offsetof(struct radius_reading, r.m)
#define HAS(x) RADIUS_HAS_##x

/* clang-format off */
static const struct radius_row rows[] = {
	{ 0, 1, 1, 253, A, "User-Name", radius_value_text, IN(username), 0 },
	{ 0, 8, 4, 4, A, "Framed-IP-Address", value_framed_ip, 0, 0 },
	{ 0, 11, 1, 253, AC, "Filter-Id", radius_value_text, IN(filter_id), 0 },
	{ 0, 12, 4, 4, A, "Framed-MTU", value_framed_mtu, IN(mtu), HAS(MTU) },
	{ 0, 18, 1, 253, AR, "Reply-Message", value_message, 0, 0 },
	{ 0, 22, 1, 253, A, "Framed-Route", value_route4, 0, 0 },
	{ 0, 24, 1, 253, AR, "State", value_octets, IN(state), 0 },
	{ 0, 25, 1, 253, AC, "Class", value_class, 0, 0 },
	{ 0, 27, 4, 4, AC, "Session-Timeout", radius_value_u32, IN(session_timeout), HAS(SESSION_TIMEOUT) },
	{ 0, 28, 4, 4, AC, "Idle-Timeout", radius_value_u32, IN(idle_timeout), HAS(IDLE_TIMEOUT) },
	{ 0, 29, 4, 4, A, "Termination-Action", value_termination, IN(termination_action), 0 },
	{ 0, 62, 4, 4, A, "Port-Limit", value_port_limit, 0, HAS(PORT_LIMIT) },
	{ 0, 85, 4, 4, AC, "Acct-Interim-Interval", radius_value_u32, IN(interim), HAS(INTERIM) },
	{ 0, 88, 1, 63, A, "Framed-Pool", radius_value_text, IN(pool), 0 },
	{ 0, 96, 8, 8, A, "Framed-Interface-Id", radius_value_ifid, IN(ifid), HAS(IFID) },
	{ 0, 97, 2, 18, A, "Framed-IPv6-Prefix", radius_value_prefix6, IN(prefix6), HAS(PREFIX6) },
	{ 0, 99, 1, 253, A, "Framed-IPv6-Route", value_route6, 0, 0 },
	{ 0, 100, 1, 63, A, "Framed-IPv6-Pool", radius_value_text, IN(pool6), 0 },
	{ 0, 123, 2, 18, A, "Delegated-IPv6-Prefix", radius_value_prefix6, IN(delegated6), HAS(DELEGATED6) },
	{ 0, 168, 16, 16, A, "Framed-IPv6-Address", radius_value_ip6, IN(address6), HAS(ADDRESS6) },
	{ 0, 169, 16, 16, A, "DNS-Server-IPv6-Address", value_dns6, 0, HAS(DNS6) },
	{ 0, 171, 1, 63, A, "Delegated-IPv6-Prefix-Pool", radius_value_text, IN(delegated_pool), 0 },
	{ 0, 172, 1, 63, A, "Stateful-IPv6-Address-Pool", radius_value_text, IN(address_pool), 0 },
	{ 0, 227, 4, 4, A, "Session-Octets-Limit", value_limit, 0, 0 },
	{ MS, 2, 3, 247, R, "MS-CHAP-Error", value_mschap_error, 0, 0 },
	{ MS, 26, 43, 247, A, "MS-CHAP2-Success", value_mschap_success, 0, 0 },
	{ MS, 28, 4, 4, A, "MS-Primary-DNS-Server", value_dns4, 0, HAS(DNS4) },
	{ MS, 29, 4, 4, A, "MS-Secondary-DNS-Server", value_dns4, 0, HAS(DNS4) },
	{ RP, 5, 4, 4, A, "RP-Max-Sessions-Per-User", value_port_limit, 0, HAS(PORT_LIMIT) },
	{ MT, 17, 4, 4, A, "Mikrotik-Total-Limit", value_total, 0, 0 },
	{ MT, 18, 4, 4, A, "Mikrotik-Total-Limit-Gigawords", value_total, 0, 0 },
	{ BR, RADIUS_BRAS_MIRROR, 1, 247, AC, "BRAS-Mirror", radius_value_text, IN(mirror), 0 },
};
/* clang-format on */

const struct radius_row *radius_reply_row(const struct radius_attr *a)
{
	return radius_row_find(rows, ARRAY_SIZE(rows), a);
}

bool radius_reply_vendor(uint32_t vendor)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (vendor && rows[i].vendor == vendor)
			return true;
	return false;
}

bool radius_speed_keep(struct radius_reply *r, const struct radius_attr *a)
{
	struct wr w = wr_init(r->speed + r->speed_len, sizeof(r->speed) - r->speed_len);

	wr_be32(&w, a->vendor);
	wr_u8(&w, a->type);
	wr_u8(&w, (uint8_t)a->len);
	wr_bytes(&w, a->value, a->len);
	if (w.bad)
		return false;
	r->speed_len += (uint16_t)w.len;
	r->has |= RADIUS_HAS_SPEED;
	return true;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return !b || (a && a < b) ? a : b;
}

/* A message for MS-CHAPv2 carries the server's words behind "M=" (RFC 2759, sections 5 and 6). */
static void compose(struct radius_reading *g)
{
	struct radius_reply *r = &g->r;

	r->quota = smaller(g->limit, (uint64_t)g->total_giga << 32 | g->total);
	r->quota_mikrotik = r->quota != g->limit;
	if (r->quota)
		r->has |= RADIUS_HAS_QUOTA;
	if (!g->mschap[0])
		memcpy(r->message, g->text, sizeof(r->message));
	else if (!g->text[0] || strstr(g->mschap, " M="))
		memcpy(r->message, g->mschap, sizeof(r->message));
	else
		snprintf(r->message, sizeof(r->message), "%.120s M=%.128s", g->mschap, g->text);
}

/* Reads one attribute. False: malformed, and `why` says so. */
static bool read_one(struct radius_reading *g, unsigned where, bool wanted,
		     const struct radius_attr *a, char *why, size_t why_len)
{
	const struct radius_row *row = radius_reply_row(a);
	char buf[RADIUS_NAME_MAX];
	const char *wrong;

	/* What is no attribute at all cannot be overlooked, whoever's it would be. */
	if (!row && !a->type && (wanted || radius_reply_vendor(a->vendor))) {
		snprintf(why, why_len, "Vendor-Specific %u: not a chain of attributes", a->vendor);
		return false;
	}
	if (wanted && !radius_speed_keep(&g->r, a)) {
		snprintf(why, why_len, "%s: the attributes of speed have more than %u octets",
			 radius_attr_name(a->vendor, a->type, buf, sizeof(buf)), RADIUS_SPEED_MAX);
		return false;
	}
	if (!row || !(row->where & where))
		return true;
	wrong = radius_row_length(row, a, buf, sizeof(buf));
	if (!wrong)
		wrong = radius_row_read(row, a, g);
	if (wrong) {
		snprintf(why, why_len, "%s: %s", row->name, wrong);
		return false;
	}
	g->r.has |= row->bit;
	return true;
}

void radius_reply_parse(const struct radius_packet *p, uint8_t chap_id, radius_wants_speed *wants,
			struct radius_reply *ret)
{
	struct radius_reading g = { .chap_id = chap_id };
	bool accept = p->code == RADIUS_ACCESS_ACCEPT;
	char why[RADIUS_TEXT_MAX + 1] = "";
	struct radius_iter it;
	struct radius_attr a;

	if (!accept && p->code != RADIUS_ACCESS_REJECT && p->code != RADIUS_ACCESS_CHALLENGE)
		snprintf(why, sizeof(why), "code %u: not an answer to Access-Request", p->code);
	g.r.verdict = accept ? RADIUS_ACCEPT : RADIUS_REJECT;
	radius_iter_init(&it, p);
	while (!why[0] && radius_iter_next(&it, &a))
		read_one(&g, accept ? RADIUS_IN_ACCEPT : RADIUS_IN_REJECT,
			 accept && wants && wants(a.vendor, a.type, a.value, a.len), &a, why,
			 sizeof(why));
	if (why[0]) {
		memset(&g.r, 0, sizeof(g.r));
		g.r.verdict = RADIUS_BAD;
		memcpy(g.r.message, why, sizeof(why));
	} else {
		compose(&g);
	}
	*ret = g.r;
}
