/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core of dynamic authorization with a clock of our own; what it sends and does is kept. */
#ifndef TEST_RADIUS_DAE_RIG_H
#define TEST_RADIUS_DAE_RIG_H

#include "test/unit/radius_dae_request.h"

#include <stdlib.h>
#include <string.h>

#define WALL 1800000000ull
#define SEC  NSEC_PER_SEC

struct rig {
	struct radius_dae_core *core;
	uint64_t now, wall;
	unsigned acts, sent;
	struct radius_dae_request last;
	enum radius_error_cause answer;
	struct radius_dae_peer from, to;
	uint8_t out[RADIUS_PACKET_MAX];
	size_t out_len;
	int send_rc;
};

static enum radius_error_cause on_act(void *arg, uint64_t now, const struct radius_dae_request *req)
{
	struct rig *r = arg;

	assert_true(now == r->now);
	r->acts++;
	r->last = *req;
	return r->answer;
}

static int on_send(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len)
{
	struct rig *r = arg;

	assert_in_range(len, RADIUS_HEADER_LEN, sizeof(r->out));
	memcpy(r->out, p, len);
	r->out_len = len;
	r->to = *to;
	r->sent++;
	return r->send_rc;
}

static const char allowed[][IP6_STRLEN] = { "192.0.2.9", "2001:db8::9" };

static struct radius_dae_config config(struct rig *r)
{
	return (struct radius_dae_config){ .secret = SECRET,
					   .allowed = allowed,
					   .allowed_count = 2,
					   .nas_identifier = "lab",
					   .act = on_act,
					   .arg = r };
}

static void up(struct rig *r, const struct radius_dae_config *c)
{
	struct radius_dae_config plain;
	char why[200];

	*r = (struct rig){ .now = 1000 * SEC, .wall = WALL };
	plain = config(r);
	if (c) {
		plain = *c;
		plain.arg = r;
	}
	assert_int_equal(radius_dae_address("192.0.2.9", &r->from.addr), 0);
	r->from.port = 40000;
	assert_int_equal(radius_dae_core_new(&r->core, &plain, on_send, r, why, sizeof(why)), 0);
}

static void down(struct rig *r)
{
	radius_dae_core_free(r->core);
}

static const struct radius_dae_stats *stats(const struct rig *r)
{
	return radius_dae_core_stats(r->core);
}

static uint64_t drops(const struct rig *r)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < RADIUS_DAE_DROP_COUNT; i++)
		n += stats(r)->drop[i];
	return n;
}

static void give(struct rig *r, const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1); /* of just its length, for the sanitizer */

	assert_non_null(copy);
	if (len)
		memcpy(copy, p, len);
	radius_dae_core_input(r->core, r->now, r->wall, &r->from, copy, len);
	free(copy);
}

static void disconnect(struct rig *r, uint8_t id, unsigned flags, uint32_t stamp)
{
	uint8_t buf[RADIUS_PACKET_MAX];

	give(r, buf,
	     request_of(buf, RADIUS_DISCONNECT_REQUEST, id, "0123456789abcdef", flags, stamp,
			SECRET));
}

/* The one answer that was sent since, which is to this request. */
static struct radius_packet answer_to(struct rig *r, const uint8_t *request, enum radius_code code,
				      enum radius_ma ma)
{
	struct radius_packet p;
	enum radius_ma got;

	assert_int_equal(radius_packet_parse(r->out, r->out_len, &p), 0);
	assert_int_equal(p.code, code);
	assert_int_equal(p.id, request[1]);
	assert_int_equal(radius_verify_reply(&p, SECRET, request + 4, &got), 0);
	assert_int_equal(got, ma);
	return p;
}

static uint32_t error_cause(const struct radius_packet *p)
{
	struct radius_iter it;
	struct radius_attr a;
	uint32_t v = 0;

	radius_iter_init(&it, p);
	while (radius_iter_next(&it, &a)) {
		if (a.type != 101 || a.vendor)
			continue;
		struct rd rd = rd_init(a.value, a.len);

		assert_int_equal(a.len, 4);
		assert_int_equal(v, 0);
		v = rd_be32(&rd);
	}
	return v;
}

#endif
