// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as a packet: parsed, walked, verified, read as a reply and as a CoA or Disconnect
 * request, printed. Nothing reads beyond, every text ends, every count is within its array. */
#include "radius/dictionary.h"
#include "radius/message.h"

#include <stdlib.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Every vendor's second, and what has an odd length. */
static bool wants(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	(void)value;
	return vendor ? type == 2 || len & 1 : type == 11;
}

static bool ends(const char *text, size_t cap)
{
	return strnlen(text, cap) < cap;
}

static void check_reply(const struct radius_reply *r)
{
	check(ends(r->message, sizeof(r->message)) && ends(r->username, sizeof(r->username)));
	check(ends(r->pool, sizeof(r->pool)) && ends(r->pool6, sizeof(r->pool6)));
	check(ends(r->delegated_pool, sizeof(r->delegated_pool)));
	check(ends(r->filter_id, sizeof(r->filter_id)));
	check(r->route4_count <= RADIUS_ROUTES_MAX && r->route6_count <= RADIUS_ROUTES_MAX);
	check(r->class_count <= RADIUS_CLASS_MAX && r->dns6_count <= 3);
	check(r->prefix6.len <= 128 && r->delegated6.len <= 128);
	check(r->speed_len <= RADIUS_SPEED_MAX && !r->speed_len == !(r->has & RADIUS_HAS_SPEED));
	check(r->verdict != RADIUS_BAD || (r->message[0] && !r->has));
}

static void walk(const struct radius_packet *p)
{
	struct sbuf out = { 0 };
	struct radius_iter it;
	struct radius_attr a;
	size_t sum = 0;

	radius_iter_init(&it, p);
	while (radius_iter_next(&it, &a)) {
		check(a.value >= p->raw + RADIUS_HEADER_LEN && a.value + a.len <= p->raw + p->len);
		sum += a.len + 2;
		radius_attr_print(&out, &a);
	}
	check(sum + RADIUS_HEADER_LEN <= p->len);
	sbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct radius_nas nas = { "lab", 0xc0000201, { { 0x20, 1 } } };
	struct radius_packet p;
	struct radius_reply reply;
	struct radius_dae_request req;
	enum radius_error_cause cause;
	enum radius_ma ma;

	if (radius_packet_parse(data, size, &p))
		return 0;
	walk(&p);
	radius_verify_reply(&p, "testing123", p.auth, &ma);
	radius_verify_request(&p, "testing123", &ma);
	radius_reply_parse(&p, 1, wants, &reply);
	check_reply(&reply);
	for (unsigned i = 0; i < 2; i++) {
		p.code = i ? RADIUS_COA_REQUEST : RADIUS_DISCONNECT_REQUEST;
		cause = radius_dae_parse(&p, &nas, wants, &req);
		check_reply(&req.change);
		check(ends(req.unsupported, sizeof(req.unsupported)));
		check(cause != RADIUS_DAE_OK || (req.keys && !req.unsupported[0]));
	}
	p.code = RADIUS_ACCESS_ACCEPT;
	radius_reply_parse(&p, 1, wants, &reply);
	check_reply(&reply);
	return 0;
}
