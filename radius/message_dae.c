// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a dynamic authorization client asks: CoA- and Disconnect-Request (RFC 5176 sections 2, 3 and
 * 3.5), read by a table.
 *
 * Every attribute is one of: who we are (must match), which session (all must match), what is to
 * change (CoA only), or of no account here. Any other refuses the request as a whole, since it asks
 * for something that would not happen. Of several faults the gravest is told: another NAS's
 * request first, then a service that there is not, then malformed, unsupported, and missing ones.
 *
 * Left out: authorize-only (section 3.1), and the keys NAS-Port, Called-Station-Id and
 * Chargeable-User-Identity: refused as unsupported, never overlooked.
 */
#include "radius/attr.h"
#include "radius/dictionary.h"
#include "radius/message_priv.h"

#include <stdio.h>

enum where { IN_COA = 1, IN_DISCONNECT = 2, IN_BOTH = 3 };

/* A request as it is being read. */
struct reading {
	struct radius_dae_request req;
	struct radius_reading change;
	const struct radius_nas *nas;
	radius_wants_speed *wants;
	enum radius_error_cause cause;
	char blame[sizeof(((struct radius_dae_request *)NULL)->unsupported)];
};

/* How grave, gravest first. */
static const enum radius_error_cause order[] = {
	RADIUS_NAS_IDENTIFICATION_MISMATCH,
	RADIUS_UNSUPPORTED_SERVICE,
	RADIUS_INVALID_REQUEST,
	RADIUS_INVALID_ATTRIBUTE_VALUE,
	RADIUS_UNSUPPORTED_ATTRIBUTE,
	RADIUS_MISSING_ATTRIBUTE,
	RADIUS_DAE_OK,
};

static size_t rank(enum radius_error_cause cause)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(order) - 1 && order[i] != cause)
		i++;
	return i;
}

static void fault(struct reading *g, enum radius_error_cause cause, const char *name)
{
	if (rank(cause) >= rank(g->cause))
		return;
	g->cause = cause;
	snprintf(g->blame, sizeof(g->blame), "%s", name);
}

/* --- who we are (section 3: all that is there must match) ------------------------------------ */

static const char *nas_ip4(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct reading *g = ret;

	if (!g->nas->ip4 || radius_u32(a) != g->nas->ip4)
		fault(g, RADIUS_NAS_IDENTIFICATION_MISMATCH, row->name);
	return NULL;
}

static const char *nas_ip6(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct reading *g = ret;

	if (ip6_is_zero(&g->nas->ip6) || memcmp(a->value, g->nas->ip6.b, sizeof(g->nas->ip6.b)))
		fault(g, RADIUS_NAS_IDENTIFICATION_MISMATCH, row->name);
	return NULL;
}

static const char *nas_name(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct reading *g = ret;
	const char *name = g->nas->identifier ? g->nas->identifier : "";

	if (a->len != strlen(name) || memcmp(a->value, name, a->len))
		fault(g, RADIUS_NAS_IDENTIFICATION_MISMATCH, row->name);
	return NULL;
}

/* Section 3.1 is an offer that need not be taken. A session is Framed, so asking that is fine. In
 * a Disconnect-Request it is one attribute too many (section 3.5: 405 must not be sent there). */
static const char *service_type(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	struct reading *g = ret;

	if (g->req.disconnect)
		fault(g, RADIUS_UNSUPPORTED_ATTRIBUTE, row->name);
	else if (radius_u32(a) != RADIUS_SERVICE_FRAMED)
		fault(g, RADIUS_UNSUPPORTED_SERVICE, row->name);
	return NULL;
}

/* The special values are nobody's address. */
static const char *key_ip4(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	uint32_t addr;
	const char *why = radius_value_ip4(row, a, &addr);

	if (why || addr >= 0xfffffffe)
		return "not the address of a host";
	memcpy(ret, &addr, sizeof(addr));
	return NULL;
}

static const char *ignore(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	(void)row, (void)a, (void)ret;
	return NULL;
}

/* --- the table ------------------------------------------------------------------------------- */

#define KEY(m, k) offsetof(struct reading, req.m), RADIUS_KEY_##k

/* clang-format off */
static const struct radius_row rows[] = {
	{ 0, 4, 4, 4, IN_BOTH, "NAS-IP-Address", nas_ip4, 0, 0 },
	{ 0, 95, 16, 16, IN_BOTH, "NAS-IPv6-Address", nas_ip6, 0, 0 },
	{ 0, 32, 1, 253, IN_BOTH, "NAS-Identifier", nas_name, 0, 0 },

	{ 0, 1, 1, 253, IN_BOTH, "User-Name", radius_value_text, KEY(username, USERNAME) },
	{ 0, 8, 4, 4, IN_BOTH, "Framed-IP-Address", key_ip4, KEY(ip4, IP4) },
	{ 0, 31, 1, 253, IN_BOTH, "Calling-Station-Id", radius_value_text, KEY(calling_station_id, CALLING) },
	{ 0, 44, 1, 253, IN_BOTH, "Acct-Session-Id", radius_value_text, KEY(acct_session_id, ACCT_ID) },
	{ 0, 50, 1, 253, IN_BOTH, "Acct-Multi-Session-Id", radius_value_text, KEY(acct_multi_session_id, MULTI_ID) },
	{ 0, 87, 1, 253, IN_BOTH, "NAS-Port-Id", radius_value_text, KEY(nas_port_id, PORT_ID) },
	{ 0, 96, 8, 8, IN_BOTH, "Framed-Interface-Id", radius_value_ifid, KEY(ifid, IFID) },
	{ 0, 97, 2, 18, IN_BOTH, "Framed-IPv6-Prefix", radius_value_prefix6, KEY(prefix6, PREFIX6) },
	{ 0, 123, 2, 18, IN_BOTH, "Delegated-IPv6-Prefix", radius_value_prefix6, KEY(delegated6, DELEGATED6) },
	{ 0, 168, 16, 16, IN_BOTH, "Framed-IPv6-Address", radius_value_ip6, KEY(address6, ADDRESS6) },

	{ 0, 6, 4, 4, IN_BOTH, "Service-Type", service_type, 0, 0 },
	{ 0, 33, 0, 253, IN_BOTH, "Proxy-State", ignore, 0, 0 },
	{ 0, 55, 4, 4, IN_BOTH, "Event-Timestamp", ignore, 0, 0 },
	{ 0, 80, 16, 16, IN_BOTH, "Message-Authenticator", ignore, 0, 0 },
	/* Section 3.6 has them in a Disconnect-Request; what they would do is done otherwise. */
	{ 0, 18, 1, 253, IN_DISCONNECT, "Reply-Message", ignore, 0, 0 },
	{ 0, 25, 1, 253, IN_DISCONNECT, "Class", ignore, 0, 0 },
	{ 0, 49, 4, 4, IN_DISCONNECT, "Acct-Terminate-Cause", ignore, 0, 0 },
};
/* clang-format on */

static void unsupported(struct reading *g, const struct radius_row *row,
			const struct radius_attr *a)
{
	char name[RADIUS_NAME_MAX];

	fault(g, RADIUS_UNSUPPORTED_ATTRIBUTE,
	      row ? row->name : radius_attr_name(a->vendor, a->type, name, sizeof(name)));
}

/* True: it is kept, or cannot be, and is something to change. */
static bool read_speed(struct reading *g, const struct radius_attr *a)
{
	char name[RADIUS_NAME_MAX];

	if (g->req.disconnect || !g->wants || !g->wants(a->vendor, a->type, a->value, a->len))
		return false;
	if (!radius_speed_keep(&g->change.r, a))
		fault(g, RADIUS_INVALID_REQUEST,
		      radius_attr_name(a->vendor, a->type, name, sizeof(name)));
	return true;
}

static void read_one(struct reading *g, const struct radius_attr *a)
{
	bool speed = read_speed(g, a);
	const struct radius_row *row = radius_row_find(rows, ARRAY_SIZE(rows), a);
	const struct radius_row *change = g->req.disconnect ? NULL : radius_reply_row(a);
	char buf[64];

	if (row && !(row->where & (g->req.disconnect ? IN_DISCONNECT : IN_COA)))
		row = NULL;
	if (!row && (!change || !(change->where & RADIUS_IN_COA))) {
		if (!speed)
			unsupported(g, change ? change : radius_reply_row(a), a);
		return;
	}
	/* Section 3.5: 404 is for what is not formed as it should be, 407 for a value. */
	if (radius_row_length(row ? row : change, a, buf, sizeof(buf))) {
		fault(g, RADIUS_INVALID_REQUEST, row ? row->name : change->name);
	} else if (!row) {
		if (radius_row_read(change, a, &g->change))
			fault(g, RADIUS_INVALID_ATTRIBUTE_VALUE, change->name);
		g->change.r.has |= change->bit;
	} else if (g->req.keys & row->bit) {
		fault(g, RADIUS_INVALID_REQUEST, row->name); /* no session is both */
	} else {
		if (radius_row_read(row, a, g))
			fault(g, RADIUS_INVALID_ATTRIBUTE_VALUE, row->name);
		g->req.keys |= row->bit;
	}
}

enum radius_error_cause radius_dae_parse(const struct radius_packet *p,
					 const struct radius_nas *nas, radius_wants_speed *wants,
					 struct radius_dae_request *ret)
{
	struct reading g = { .nas = nas, .wants = wants };
	struct radius_iter it;
	struct radius_attr a;

	g.req.disconnect = p->code == RADIUS_DISCONNECT_REQUEST;
	if (!g.req.disconnect && p->code != RADIUS_COA_REQUEST)
		fault(&g, RADIUS_INVALID_REQUEST, "code");
	radius_iter_init(&it, p);
	while (radius_iter_next(&it, &a))
		read_one(&g, &a);
	if (!g.req.keys)
		fault(&g, RADIUS_MISSING_ATTRIBUTE, "");
	g.req.change = g.change.r;
	g.req.change.raw = p;
	memcpy(g.req.unsupported, g.blame, sizeof(g.blame));
	*ret = g.req;
	return g.cause;
}
