// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What we ask and report: Access-Request (RFC 2865 sections 4.1 and 5, RFC 2548 section 2,
 * RFC 2869, 4679) and Accounting-Request (RFC 2866, 2869 sections 5.1 to 5.3, 3162, 4818).
 *
 * An Access-Request also has Acct-Session-Id, Event-Timestamp and NAS-IPv6-Address, which let a
 * server tell lines and addresses of both families apart. Octets of IPv4 and IPv6 go out summed,
 * as the RFCs have them, and apart in 64 bits in attributes of our own dictionary.
 *
 * State goes out where an Accept with Termination-Action is renewed (RFC 2865, 5.24 and 5.29).
 *
 * Left out: EAP, MS-CHAPv1, State of a challenge (which is a reject to a line that speaks PPP).
 */
#include "radius/message.h"

#include "radius/attr.h"

#include <stdio.h>

#define CHAP_RESPONSE_LEN   16
#define MSCHAP_RESPONSE_LEN 49
#define VENDOR_VALUE_MAX    247

/* What a request says of its line as text; a row with a vendor is cut to what fits. */
static const struct line_row {
	uint32_t vendor;
	uint8_t type;
	bool access, account;
	size_t member; /* a const char * in struct radius_line */
} line_rows[] = {
#define MEMBER(m) offsetof(struct radius_line, m)
	{ 0, RADIUS_ATTR_CALLING_STATION_ID, true, true, MEMBER(calling_station_id) },
	{ 0, RADIUS_ATTR_CALLED_STATION_ID, true, true, MEMBER(called_station_id) },
	{ 0, RADIUS_ATTR_NAS_PORT_ID, true, true, MEMBER(nas_port_id) },
	{ RADIUS_VENDOR_ADSL_FORUM, RADIUS_ADSL_AGENT_CIRCUIT_ID, true, true, MEMBER(circuit_id) },
	{ RADIUS_VENDOR_ADSL_FORUM, RADIUS_ADSL_AGENT_REMOTE_ID, true, true, MEMBER(remote_id) },
#undef MEMBER
};

static void put_ip6(struct wr *w, uint8_t type, const struct ip6 *a)
{
	radius_put(w, type, a->b, sizeof(a->b));
}

static void put_nas(struct wr *w, const struct radius_nas *nas)
{
	if (nas->ip4)
		radius_put_u32(w, RADIUS_ATTR_NAS_IP_ADDRESS, nas->ip4);
	if (!ip6_is_zero(&nas->ip6))
		put_ip6(w, RADIUS_ATTR_NAS_IPV6_ADDRESS, &nas->ip6);
	radius_put_text(w, RADIUS_ATTR_NAS_IDENTIFIER, nas->identifier);
}

/* RFC 2866, 5.5: the id stands in every Accounting-Request. */
static void put_line(struct wr *w, const struct radius_line *l)
{
	radius_put_u32(w, RADIUS_ATTR_SERVICE_TYPE, RADIUS_SERVICE_FRAMED);
	radius_put_u32(w, RADIUS_ATTR_FRAMED_PROTOCOL, RADIUS_PROTOCOL_PPP);
	radius_put_u32(w, RADIUS_ATTR_NAS_PORT, l->nas_port);
	radius_put_u32(w, RADIUS_ATTR_NAS_PORT_TYPE, RADIUS_PORT_VIRTUAL);
	radius_put_text(w, RADIUS_ATTR_ACCT_SESSION_ID, l->acct_session_id);
	for (size_t i = 0; i < sizeof(line_rows) / sizeof(line_rows[0]); i++) {
		const struct line_row *row = &line_rows[i];
		const char *text;
		size_t len;

		memcpy(&text, (const char *)l + row->member, sizeof(text));
		if (!text || !*text)
			continue;
		len = strlen(text);
		if (!row->vendor)
			radius_put(w, row->type, text, len);
		else
			radius_put_vendor(w, row->vendor, row->type, text,
					  len < VENDOR_VALUE_MAX ? len : VENDOR_VALUE_MAX);
	}
}

/* --- access ---------------------------------------------------------------------------------- */

/* RFC 2865, 5.3: identifier and response. The challenge goes out by itself: the authenticator is
 * another random number. */
static void put_chap(struct wr *w, const struct radius_access *a)
{
	uint8_t value[1 + CHAP_RESPONSE_LEN] = { a->chap_id };

	if (a->response_len != CHAP_RESPONSE_LEN) {
		w->bad = true;
		return;
	}
	memcpy(value + 1, a->response, CHAP_RESPONSE_LEN);
	radius_put(w, RADIUS_ATTR_CHAP_PASSWORD, value, sizeof(value));
	radius_put(w, RADIUS_ATTR_CHAP_CHALLENGE, a->challenge, a->challenge_len);
}

/* RFC 2548, 2.3.2: identifier, flags, and then what PPP (RFC 2759, section 4) has in another
 * order: peer's challenge (16), reserved (8), response (24); there the flags come last. */
static void put_mschap2(struct wr *w, const struct radius_access *a)
{
	uint8_t value[1 + MSCHAP_RESPONSE_LEN];

	if (a->response_len != MSCHAP_RESPONSE_LEN) {
		w->bad = true;
		return;
	}
	value[0] = a->chap_id;
	value[1] = a->response[MSCHAP_RESPONSE_LEN - 1];
	memcpy(value + 2, a->response, MSCHAP_RESPONSE_LEN - 1);
	radius_put_vendor(w, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE, a->challenge,
			  a->challenge_len);
	radius_put_vendor(w, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE, value,
			  sizeof(value));
}

void radius_access_write(struct wr *w, const struct radius_nas *nas, const struct radius_access *a,
			 const char *secret, const uint8_t auth[RADIUS_AUTH_LEN], uint64_t wall)
{
	radius_put_text(w, RADIUS_ATTR_USER_NAME, a->line.username);
	switch (a->method) {
	case RADIUS_PAP:
		radius_put_password(w, auth, secret, a->response, a->response_len);
		break;
	case RADIUS_CHAP_MD5:
		put_chap(w, a);
		break;
	case RADIUS_MSCHAP_V2:
		put_mschap2(w, a);
		break;
	}
	put_nas(w, nas);
	put_line(w, &a->line);
	radius_put_u32(w, RADIUS_ATTR_EVENT_TIMESTAMP, (uint32_t)wall);
	if (a->mtu)
		radius_put_u32(w, RADIUS_ATTR_FRAMED_MTU, a->mtu);
	if (a->state)
		radius_put(w, RADIUS_ATTR_STATE, a->state->b, a->state->len);
}

/* --- accounting ------------------------------------------------------------------------------ */

/* RFC 3162, 2.3: a reserved octet, the length, the prefix; all of it, which everybody reads. */
static void put_prefix6(struct wr *w, uint8_t type, const struct prefix6 *p)
{
	uint8_t value[18] = { 0, p->len };

	memcpy(value + 2, p->addr.b, sizeof(p->addr.b));
	radius_put(w, type, value, sizeof(value));
}

static void put_addresses(struct wr *w, const struct radius_record *r)
{
	if (r->ip4)
		radius_put_u32(w, RADIUS_ATTR_FRAMED_IP_ADDRESS, r->ip4);
	if (r->has_ifid)
		radius_put(w, RADIUS_ATTR_FRAMED_INTERFACE_ID, r->ifid, sizeof(r->ifid));
	if (r->has_prefix6)
		put_prefix6(w, RADIUS_ATTR_FRAMED_IPV6_PREFIX, &r->prefix6);
	for (unsigned i = 0; i < r->delegated6_count; i++)
		put_prefix6(w, RADIUS_ATTR_DELEGATED_IPV6_PREFIX, &r->delegated6[i]);
	for (unsigned i = 0; i < r->address6_count; i++)
		radius_put(w, RADIUS_ATTR_FRAMED_IPV6_ADDRESS, r->address6[i].b,
			   sizeof(r->address6[i].b));
}

static void put_u64(struct wr *w, uint8_t type, uint64_t v)
{
	uint8_t value[8];
	struct wr b = wr_init(value, sizeof(value));

	wr_be64(&b, v);
	radius_put_vendor(w, RADIUS_VENDOR_BRASBERRY, type, value, sizeof(value));
}

/* RFC 2869, 5.1 and 5.2: what does not fit 32 bits counts as Gigawords. Packets have no such
 * attribute and wrap. */
static void put_counters(struct wr *w, const struct radius_record *r)
{
	uint64_t in = r->rx4_bytes + r->rx6_bytes, out = r->tx4_bytes + r->tx6_bytes;

	radius_put_u32(w, RADIUS_ATTR_ACCT_SESSION_TIME, r->session_time);
	radius_put_u32(w, RADIUS_ATTR_ACCT_INPUT_OCTETS, (uint32_t)in);
	radius_put_u32(w, RADIUS_ATTR_ACCT_INPUT_GIGAWORDS, (uint32_t)(in >> 32));
	radius_put_u32(w, RADIUS_ATTR_ACCT_OUTPUT_OCTETS, (uint32_t)out);
	radius_put_u32(w, RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS, (uint32_t)(out >> 32));
	radius_put_u32(w, RADIUS_ATTR_ACCT_INPUT_PACKETS,
		       (uint32_t)(r->rx4_packets + r->rx6_packets));
	radius_put_u32(w, RADIUS_ATTR_ACCT_OUTPUT_PACKETS,
		       (uint32_t)(r->tx4_packets + r->tx6_packets));
	put_u64(w, RADIUS_BRAS_INPUT_OCTETS_IPV4, r->rx4_bytes);
	put_u64(w, RADIUS_BRAS_OUTPUT_OCTETS_IPV4, r->tx4_bytes);
	put_u64(w, RADIUS_BRAS_INPUT_OCTETS_IPV6, r->rx6_bytes);
	put_u64(w, RADIUS_BRAS_OUTPUT_OCTETS_IPV6, r->tx6_bytes);
	put_u64(w, RADIUS_BRAS_INPUT_PACKETS_IPV4, r->rx4_packets);
	put_u64(w, RADIUS_BRAS_OUTPUT_PACKETS_IPV4, r->tx4_packets);
	put_u64(w, RADIUS_BRAS_INPUT_PACKETS_IPV6, r->rx6_packets);
	put_u64(w, RADIUS_BRAS_OUTPUT_PACKETS_IPV6, r->tx6_packets);
}

/* A name of the users file may be longer: a record with some of it is better than none. */
static void put_session(struct wr *w, const struct radius_record *r)
{
	size_t len = r->line.username ? strnlen(r->line.username, RADIUS_TEXT_MAX) : 0;

	if (len)
		radius_put(w, RADIUS_ATTR_USER_NAME, r->line.username, len);
	put_line(w, &r->line);
	radius_put_text(w, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, r->line.acct_multi_session_id);
	radius_put_u32(w, RADIUS_ATTR_ACCT_AUTHENTIC,
		       r->authentic_local ? RADIUS_AUTHENTIC_LOCAL : RADIUS_AUTHENTIC_RADIUS);
	for (unsigned i = 0; i < r->class_count; i++)
		radius_put(w, RADIUS_ATTR_CLASS, r->class[i].b, r->class[i].len);
	put_addresses(w, r);
}

/* RFC 2866, 5.5: On and Off have an id as well; no line's, so the time makes one. */
static void put_boot_id(struct wr *w, const struct radius_record *r)
{
	char id[RADIUS_ACCT_ID_LEN + 1];

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)r->event_time);
	radius_put_text(w, RADIUS_ATTR_ACCT_SESSION_ID, id);
}

void radius_record_write(struct wr *w, const struct radius_nas *nas, const struct radius_record *r,
			 uint32_t delay)
{
	radius_put_u32(w, RADIUS_ATTR_ACCT_STATUS_TYPE, r->status);
	radius_put_u32(w, RADIUS_ATTR_ACCT_DELAY_TIME, delay);
	radius_put_u32(w, RADIUS_ATTR_EVENT_TIMESTAMP, (uint32_t)r->event_time);
	put_nas(w, nas);
	switch (r->status) {
	case RADIUS_ON:
	case RADIUS_OFF:
		put_boot_id(w, r);
		break;
	case RADIUS_STOP:
		radius_put_u32(w, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, r->cause);
		/* fall through */
	case RADIUS_INTERIM:
		put_counters(w, r);
		/* fall through */
	case RADIUS_START:
		put_session(w, r);
		break;
	}
}
