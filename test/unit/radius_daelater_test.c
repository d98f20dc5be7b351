// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of dynamic authorization that come later: a CoA waits for its outcome, is answered once
 * and truly, and what cannot wait is refused before anything is done.
 */
#include "base/log.h"
#include "test/unit/radius_dae_rig.h"

#include <errno.h>
#include <stdio.h>

static size_t coa(struct rig *r, uint8_t *buf, uint8_t id, unsigned flags, uint32_t stamp)
{
	size_t len = request_of(buf, RADIUS_COA_REQUEST, id, "aa", flags, stamp, SECRET);

	give(r, buf, len);
	return len;
}

static void answer(struct rig *r, uint64_t ticket, enum radius_error_cause cause)
{
	radius_dae_core_answer(r->core, r->now, ticket, cause);
}

static void up_later(struct rig *r)
{
	up(r, NULL);
	r->answer = RADIUS_DAE_LATER;
}

static void test_ack(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_dae_peer asked;
	struct rig r;

	(void)state;
	up_later(&r);
	r.from.via.b[15] = 5;
	r.from.scope = 7;
	asked = r.from;
	coa(&r, buf, 1, WITH_MA, 0);
	assert_int_equal(r.acts, 1);
	assert_int_equal(r.sent, 0);
	assert_int_equal(stats(&r)->coa_requests, 1);
	assert_int_equal(stats(&r)->coa_acks + stats(&r)->coa_naks, 0);
	r.from = (struct radius_dae_peer){ 0 }; /* nothing of the datagram is needed any more */
	r.now += SEC / 100;
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(r.sent, 1);
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_GOOD);
	assert_int_equal(r.to.port, asked.port);
	assert_int_equal(r.to.scope, asked.scope);
	assert_true(ip6_equal(&r.to.addr, &asked.addr) && ip6_equal(&r.to.via, &asked.via));
	assert_int_equal(stats(&r)->coa_acks, 1);
	assert_int_equal(stats(&r)->unknown_tickets, 0);
	answer(&r, r.last.ticket, RADIUS_DAE_OK); /* one answer, and one only */
	assert_int_equal(r.sent, 1);
	assert_int_equal(stats(&r)->coa_acks, 1);
	assert_int_equal(stats(&r)->unknown_tickets, 1);
	down(&r);
}

static void test_nak(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct rig r;

	(void)state;
	up_later(&r);
	coa(&r, buf, 1, 0, 0);
	answer(&r, r.last.ticket, RADIUS_RESOURCES_UNAVAILABLE);
	p = answer_to(&r, buf, RADIUS_COA_NAK, RADIUS_MA_NONE);
	assert_int_equal(error_cause(&p), RADIUS_RESOURCES_UNAVAILABLE);
	assert_int_equal(stats(&r)->coa_naks, 1);
	assert_int_equal(drops(&r), 0);
	down(&r);
}

/* The Proxy-States of the request are given back, though its datagram is long gone. */
static void test_proxy_state(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct radius_iter it;
	struct radius_attr a;
	struct rig r;
	struct wr w;

	(void)state;
	up_later(&r);
	radius_begin(&w, buf, RADIUS_COA_REQUEST, 1, no_auth, false);
	radius_put_text(&w, 44, "aa");
	radius_put_u32(&w, 27, 3600);
	radius_put(&w, 33, "way", 3);
	give(&r, buf, (size_t)radius_finish_request(&w, SECRET));
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(radius_packet_parse(r.out, r.out_len, &p), 0);
	assert_int_equal(p.code, RADIUS_COA_ACK);
	radius_iter_init(&it, &p);
	while (radius_iter_next(&it, &a) && a.type != 33)
		;
	assert_int_equal(a.type, 33);
	assert_int_equal(a.len, 3);
	assert_memory_equal(a.value, "way", 3);
	down(&r);
}

/* Its client asks again while it waits, and after: it acts once, and the answers are the same. */
static void test_duplicate(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX], first[RADIUS_PACKET_MAX];
	size_t len, out_len;
	struct rig r;

	(void)state;
	up_later(&r);
	len = coa(&r, buf, 1, WITH_MA, 0);
	for (int i = 0; i < 20; i++) { /* for longer than an answer would be kept */
		r.now += 3 * SEC;
		give(&r, buf, len);
	}
	assert_int_equal(r.acts, 1);
	assert_int_equal(r.sent, 0);
	assert_int_equal(stats(&r)->duplicates, 20);
	answer(&r, r.last.ticket, RADIUS_SESSION_NOT_FOUND);
	assert_int_equal(r.sent, 1);
	memcpy(first, r.out, r.out_len);
	out_len = r.out_len;
	r.now += 29 * SEC; /* kept from when it was given */
	memset(r.out, 0, sizeof(r.out));
	give(&r, buf, len);
	assert_int_equal(r.acts, 1);
	assert_int_equal(r.sent, 2);
	assert_int_equal(r.out_len, out_len);
	assert_memory_equal(r.out, first, out_len);
	assert_int_equal(stats(&r)->duplicates, 21);
	assert_int_equal(stats(&r)->coa_requests, 1);
	down(&r);
}

static void test_other_client(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	uint64_t first;
	size_t len;
	struct rig r;

	(void)state;
	up_later(&r);
	len = coa(&r, buf, 1, 0, 0);
	first = r.last.ticket;
	r.from.port++;
	give(&r, buf, len);
	assert_int_equal(r.acts, 2);
	assert_int_not_equal(r.last.ticket, first);
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(r.to.port, r.from.port);
	answer(&r, first, RADIUS_SESSION_NOT_FOUND);
	assert_int_equal(r.to.port, r.from.port - 1);
	assert_int_equal(r.out[0], RADIUS_COA_NAK);
	down(&r);
}

/* With an Event-Timestamp it acts once wherever it comes from, for as long as that is good. */
static void test_replay(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;
	size_t len;

	(void)state;
	up_later(&r);
	len = coa(&r, buf, 1, WITH_STAMP, WALL);
	for (int i = 0; i < 400; i++) {
		r.now += SEC;
		r.wall++;
		r.from.port++;
		if (i == 100)
			answer(&r, r.last.ticket, RADIUS_DAE_OK);
		give(&r, buf, len);
	}
	assert_int_equal(r.acts, 1);
	assert_int_equal(stats(&r)->duplicates, 300);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_EVENT_TIMESTAMP], 100);
	down(&r);
}

/* With every place taken a CoA is refused and nothing is done; a Disconnect needs no place. */
static void test_full(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	uint64_t ticket[RADIUS_DAE_LATER_MAX];
	struct radius_packet p;
	struct rig r;

	(void)state;
	up_later(&r);
	for (uint8_t i = 0; i < RADIUS_DAE_LATER_MAX; i++) {
		coa(&r, buf, i, 0, 0);
		ticket[i] = r.last.ticket;
		assert_true(ticket[i] != 0);
		for (uint8_t k = 0; k < i; k++)
			assert_true(ticket[k] != ticket[i]);
	}
	assert_int_equal(r.acts, RADIUS_DAE_LATER_MAX);
	assert_int_equal(r.sent, 0);
	r.answer = RADIUS_DAE_OK;
	coa(&r, buf, 100, WITH_MA, 0);
	assert_int_equal(r.acts, RADIUS_DAE_LATER_MAX);
	p = answer_to(&r, buf, RADIUS_COA_NAK, RADIUS_MA_GOOD);
	assert_int_equal(error_cause(&p), RADIUS_RESOURCES_UNAVAILABLE);
	disconnect(&r, 101, 0, 0);
	assert_int_equal(r.out[0], RADIUS_DISCONNECT_ACK);
	coa(&r, buf, 0, 0, 0); /* of one that waits it is a duplicate still */
	assert_int_equal(stats(&r)->duplicates, 1);
	assert_int_equal(r.sent, 2);

	answer(&r, ticket[17], RADIUS_DAE_OK);
	assert_int_equal(r.out[1], 17);
	coa(&r, buf, 102, 0, 0);
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_NONE);
	for (uint8_t i = RADIUS_DAE_LATER_MAX; i-- > 0;)
		answer(&r, ticket[i], RADIUS_DAE_OK);
	assert_int_equal(stats(&r)->coa_acks, RADIUS_DAE_LATER_MAX + 1);
	assert_int_equal(stats(&r)->coa_requests, stats(&r)->coa_acks + stats(&r)->coa_naks);
	down(&r);
}

/* What is answered at once leaves its place at once. */
static void test_places_come_back(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (unsigned i = 0; i < 3 * RADIUS_DAE_LATER_MAX; i++)
		coa(&r, buf, (uint8_t)i, 0, 0);
	assert_int_equal(stats(&r)->coa_acks, 3 * RADIUS_DAE_LATER_MAX);
	down(&r);
}

static void test_unknown_ticket(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up_later(&r);
	answer(&r, 0, RADIUS_DAE_OK); /* free places have this one */
	answer(&r, 1, RADIUS_DAE_OK);
	coa(&r, buf, 1, 0, 0);
	answer(&r, 0, RADIUS_DAE_OK);
	answer(&r, r.last.ticket + 1, RADIUS_DAE_OK);
	answer(&r, UINT64_MAX, RADIUS_DAE_OK);
	assert_int_equal(stats(&r)->unknown_tickets, 5);
	answer(&r, r.last.ticket, RADIUS_DAE_LATER); /* is no outcome: it waits on */
	assert_int_equal(r.sent, 0);
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(r.sent, 1);
	assert_int_equal(stats(&r)->unknown_tickets, 5);
	down(&r);
}

/* A Disconnect is not to wait: it is refused, and its ticket is nobody's. */
static void test_disconnect(void **state)
{
	struct radius_packet p;
	struct rig r;

	(void)state;
	up_later(&r);
	disconnect(&r, 1, 0, 0);
	assert_int_equal(radius_packet_parse(r.out, r.out_len, &p), 0);
	assert_int_equal(p.code, RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(&p), RADIUS_RESOURCES_UNAVAILABLE);
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(r.sent, 1);
	assert_int_equal(stats(&r)->disconnect_acks, 0);
	assert_int_equal(stats(&r)->unknown_tickets, 1);
	down(&r);
}

static void test_send_failed(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;
	size_t len;

	(void)state;
	up_later(&r);
	len = coa(&r, buf, 1, 0, 0);
	r.send_rc = -ENOBUFS;
	answer(&r, r.last.ticket, RADIUS_DAE_OK);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_SEND_FAILED], 1);
	r.send_rc = 0;
	give(&r, buf, len); /* the client asks again, and is told */
	assert_int_equal(r.acts, 1);
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_NONE);
	down(&r);
}

/* The sanitizer tells of what would be lost. */
static void test_free_while_waiting(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up_later(&r);
	for (uint8_t i = 0; i < 3; i++)
		coa(&r, buf, i, 0, 0);
	down(&r);
	assert_int_equal(r.sent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_nak),
		cmocka_unit_test(test_proxy_state),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_other_client),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_places_come_back),
		cmocka_unit_test(test_unknown_ticket),
		cmocka_unit_test(test_disconnect),
		cmocka_unit_test(test_send_failed),
		cmocka_unit_test(test_free_while_waiting),
	};

	log_setup(0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
