// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic authorization (RFC 5176) against its pure core with a clock of our own: who is answered,
 * who is not, that a request acts once.
 */
#include "base/log.h"
#include "test/unit/radius_dae_rig.h"

#include <errno.h>
#include <nettle/md5.h>
#include <stdio.h>
#include <string.h>

static void test_ack(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct rig r;

	(void)state;
	up(&r, NULL);
	give(&r, buf,
	     request_of(buf, RADIUS_DISCONNECT_REQUEST, 7, "00000000000000aa", 0, 0, SECRET));
	assert_int_equal(r.acts, 1);
	assert_int_equal(r.sent, 1);
	assert_true(r.last.disconnect);
	assert_int_equal(r.last.keys, RADIUS_KEY_ACCT_ID);
	assert_string_equal(r.last.acct_session_id, "00000000000000aa");
	assert_int_equal(r.to.port, 40000);
	assert_true(ip6_equal(&r.to.addr, &r.from.addr));
	p = answer_to(&r, buf, RADIUS_DISCONNECT_ACK, RADIUS_MA_NONE);
	assert_int_equal(p.len, RADIUS_HEADER_LEN); /* nothing that was not asked for */

	give(&r, buf, request_of(buf, RADIUS_COA_REQUEST, 8, "00000000000000aa", 0, 0, SECRET));
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_NONE);
	assert_false(r.last.disconnect);
	assert_true(r.last.change.has & RADIUS_HAS_SESSION_TIMEOUT);
	assert_int_equal(r.last.change.session_timeout, 3600);
	assert_int_equal(stats(&r)->disconnect_requests, 1);
	assert_int_equal(stats(&r)->disconnect_acks, 1);
	assert_int_equal(stats(&r)->coa_requests, 1);
	assert_int_equal(stats(&r)->coa_acks, 1);
	assert_int_equal(drops(&r), 0);
	down(&r);
}

static void test_nak(void **state)
{
	static const enum radius_error_cause causes[] = { RADIUS_SESSION_NOT_FOUND,
							  RADIUS_MULTIPLE_SELECTION,
							  RADIUS_INVALID_ATTRIBUTE_VALUE,
							  RADIUS_ADMINISTRATIVELY_PROHIBITED };
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (uint8_t i = 0; i < ARRAY_SIZE(causes); i++) {
		r.answer = causes[i];
		give(&r, buf, request_of(buf, RADIUS_COA_REQUEST, i, "aa", WITH_MA, 0, SECRET));
		p = answer_to(&r, buf, RADIUS_COA_NAK, RADIUS_MA_GOOD);
		assert_int_equal(error_cause(&p), causes[i]);
		give(&r, buf, request_of(buf, RADIUS_DISCONNECT_REQUEST, i, "aa", 0, 0, SECRET));
		p = answer_to(&r, buf, RADIUS_DISCONNECT_NAK, RADIUS_MA_NONE);
		assert_int_equal(error_cause(&p), causes[i]);
	}
	assert_int_equal(stats(&r)->coa_naks, ARRAY_SIZE(causes));
	assert_int_equal(stats(&r)->disconnect_naks, ARRAY_SIZE(causes));
	down(&r);
}

/* No key at all must not mean everybody. */
static void test_no_key(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct rig r;

	(void)state;
	up(&r, NULL);
	give(&r, buf, request_of(buf, RADIUS_DISCONNECT_REQUEST, 1, NULL, 0, 0, SECRET));
	p = answer_to(&r, buf, RADIUS_DISCONNECT_NAK, RADIUS_MA_NONE);
	assert_int_equal(error_cause(&p), RADIUS_MISSING_ATTRIBUTE);
	assert_int_equal(r.acts, 0);
	down(&r);
}

static void test_who(void **state)
{
	struct rig r;

	(void)state;
	up(&r, NULL);
	assert_int_equal(radius_dae_address("192.0.2.10", &r.from.addr), 0);
	disconnect(&r, 1, WITH_MA, 0);
	assert_int_equal(radius_dae_address("2001:db8::10", &r.from.addr), 0);
	disconnect(&r, 1, WITH_MA, 0);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NOT_ALLOWED], 2);
	assert_int_equal(radius_dae_address("2001:db8::9", &r.from.addr), 0);
	disconnect(&r, 1, 0, 0);
	assert_int_equal(r.sent, 1);
	down(&r);
}

static bool wants_timeout(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	return !vendor && type == 27 && value && len == 4;
}

static void test_speed(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_dae_config c;
	struct rig r;

	(void)state;
	c = config(NULL);
	c.wants_speed = wants_timeout;
	up(&r, &c);
	give(&r, buf, request_of(buf, RADIUS_COA_REQUEST, 8, "00000000000000aa", 0, 0, SECRET));
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_NONE);
	assert_int_equal(r.last.change.has, RADIUS_HAS_SPEED | RADIUS_HAS_SESSION_TIMEOUT);
	assert_int_equal(r.last.change.speed_len, 6 + 4);
	down(&r);
}

static void test_nobody_allowed(void **state)
{
	struct radius_dae_config c;
	struct rig r;

	(void)state;
	c = config(NULL);
	c.allowed_count = 0;
	up(&r, &c);
	disconnect(&r, 1, WITH_MA, 0);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NOT_ALLOWED], 1);
	down(&r);
}

static void test_wrong_secret(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up(&r, NULL);
	give(&r, buf, request_of(buf, RADIUS_DISCONNECT_REQUEST, 1, "aa", 0, 0, "A secret"));
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_AUTHENTICATOR], 1);
	give(&r, buf, request_of(buf, RADIUS_COA_REQUEST, 1, "aa", WITH_MA, 0, ""));
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(drops(&r), 2);
	down(&r);
}

/* Signed as a request, but its Message-Authenticator is not: only who knows the secret can make
 * one; it is refused all the same. */
static void test_wrong_ma(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct md5_ctx md5;
	size_t len;
	struct rig r;

	(void)state;
	up(&r, NULL);
	len = request_of(buf, RADIUS_DISCONNECT_REQUEST, 1, "aa", WITH_MA, 0, SECRET);
	buf[RADIUS_HEADER_LEN + 2] ^= 1;
	memset(buf + 4, 0, RADIUS_AUTH_LEN);
	md5_init(&md5);
	md5_update(&md5, len, buf);
	md5_update(&md5, strlen(SECRET), (const uint8_t *)SECRET);
	md5_digest(&md5, RADIUS_AUTH_LEN, buf + 4);
	give(&r, buf, len);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_MESSAGE_AUTHENTICATOR], 1);
	memcpy(buf + len, buf + RADIUS_HEADER_LEN, 18); /* two of them */
	buf[3] = (uint8_t)(len + 18);
	memset(buf + 4, 0, RADIUS_AUTH_LEN);
	md5_update(&md5, len + 18, buf);
	md5_update(&md5, strlen(SECRET), (const uint8_t *)SECRET);
	md5_digest(&md5, RADIUS_AUTH_LEN, buf + 4);
	give(&r, buf, len + 18);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_MALFORMED_MESSAGE_AUTHENTICATOR], 1);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_AUTHENTICATOR], 0);
	down(&r);
}

static void test_ma_required(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_dae_config c;
	struct rig r;

	(void)state;
	c = config(NULL);
	c.require_ma = true;
	up(&r, &c);
	disconnect(&r, 1, 0, 0);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NO_MESSAGE_AUTHENTICATOR], 1);
	give(&r, buf, request_of(buf, RADIUS_COA_REQUEST, 1, "aa", WITH_MA, 0, SECRET));
	answer_to(&r, buf, RADIUS_COA_ACK, RADIUS_MA_GOOD);
	assert_int_equal(r.out[RADIUS_HEADER_LEN], 80); /* the first attribute */
	down(&r);
}

static void test_event_timestamp(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct wr w;
	struct rig r;

	(void)state;
	up(&r, NULL);
	disconnect(&r, 1, WITH_STAMP, WALL - 300);
	disconnect(&r, 2, WITH_STAMP, WALL + 300);
	assert_int_equal(r.acts, 2);
	disconnect(&r, 3, WITH_STAMP, WALL - 301);
	disconnect(&r, 4, WITH_STAMP, WALL + 301);
	disconnect(&r, 5, WITH_STAMP, 0);
	assert_int_equal(r.acts, 2);
	assert_int_equal(r.sent, 2);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_EVENT_TIMESTAMP], 3);

	for (size_t len = 1; len < 9; len++) { /* 4 octets or nothing; two are both checked */
		radius_begin(&w, buf, RADIUS_DISCONNECT_REQUEST, (uint8_t)(10 + len), no_auth,
			     false);
		radius_put_text(&w, 44, "aa");
		radius_put_u32(&w, 55, (uint32_t)WALL);
		radius_put(&w, 55, (const uint8_t[8]){ 0 }, len);
		give(&r, buf, (size_t)radius_finish_request(&w, SECRET));
	}
	assert_int_equal(r.acts, 2);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_EVENT_TIMESTAMP], 11);
	down(&r);
}

static void test_event_timestamp_required(void **state)
{
	struct radius_dae_config c;
	struct rig r;

	(void)state;
	c = config(NULL);
	c.require_event_timestamp = true;
	up(&r, &c);
	disconnect(&r, 1, 0, 0);
	assert_int_equal(r.sent + r.acts, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NO_EVENT_TIMESTAMP], 1);
	disconnect(&r, 1, WITH_STAMP, WALL);
	assert_int_equal(r.acts, 1);
	down(&r);
}

static void test_duplicate(void **state)
{
	uint8_t first[RADIUS_PACKET_MAX];
	size_t len;
	struct rig r;

	(void)state;
	up(&r, NULL);
	r.answer = RADIUS_SESSION_NOT_FOUND;
	disconnect(&r, 9, WITH_MA, 0);
	memcpy(first, r.out, r.out_len);
	len = r.out_len;
	r.answer = RADIUS_DAE_OK; /* would be another answer now */
	for (int i = 0; i < 3; i++) {
		r.now += 9 * SEC;
		memset(r.out, 0, sizeof(r.out));
		disconnect(&r, 9, WITH_MA, 0);
		assert_int_equal(r.out_len, len);
		assert_memory_equal(r.out, first, len);
	}
	assert_int_equal(r.acts, 1);
	assert_int_equal(stats(&r)->duplicates, 3);
	assert_int_equal(stats(&r)->disconnect_requests, 1);
	r.from.port++; /* another client */
	disconnect(&r, 9, WITH_MA, 0);
	assert_int_equal(r.acts, 2);
	r.from.port--;
	disconnect(&r, 10, WITH_MA, 0); /* another request */
	assert_int_equal(r.acts, 3);
	r.now += 31 * SEC; /* the same request, meant anew */
	disconnect(&r, 9, WITH_MA, 0);
	assert_int_equal(r.acts, 4);
	assert_int_equal(r.out[0], RADIUS_DISCONNECT_ACK);
	disconnect(&r, 9, WITH_MA, 0);
	assert_int_equal(r.acts, 4);
	down(&r);
}

/* A captured request, sent again from elsewhere at any time: it never acts twice. */
static void test_replay(void **state)
{
	struct rig r;

	(void)state;
	up(&r, NULL);
	disconnect(&r, 1, WITH_STAMP, WALL + 200);
	for (int i = 0; i < 600; i++) {
		r.now += SEC;
		r.wall++;
		r.from.port++;
		assert_int_equal(
			radius_dae_address(i & 1 ? "192.0.2.9" : "2001:db8::9", &r.from.addr), 0);
		disconnect(&r, 1, WITH_STAMP, WALL + 200);
	}
	assert_int_equal(r.acts, 1);
	assert_int_equal(stats(&r)->duplicates, 500);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_EVENT_TIMESTAMP], 100);
	down(&r);
}

static void test_answers_are_bounded(void **state)
{
	const unsigned n = 3 * RADIUS_DAE_ANSWERS;
	uint8_t buf[RADIUS_PACKET_MAX];
	char session[20];
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (unsigned i = 0; i < n; i++) {
		snprintf(session, sizeof(session), "%016x", i);
		give(&r, buf,
		     request_of(buf, RADIUS_DISCONNECT_REQUEST, (uint8_t)i, session, 0, 0, SECRET));
	}
	assert_int_equal(r.acts, n);
	for (unsigned i = n; i-- > n - RADIUS_DAE_ANSWERS;) {
		snprintf(session, sizeof(session), "%016x", i);
		give(&r, buf,
		     request_of(buf, RADIUS_DISCONNECT_REQUEST, (uint8_t)i, session, 0, 0, SECRET));
	}
	assert_int_equal(r.acts, n);
	assert_int_equal(stats(&r)->duplicates, RADIUS_DAE_ANSWERS);
	give(&r, buf,
	     request_of(buf, RADIUS_DISCONNECT_REQUEST, 0, "0000000000000000", 0, 0, SECRET));
	assert_int_equal(r.acts, n + 1); /* it was forgotten */
	down(&r);
}

static void test_proxy_state(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX], long_one[253];
	struct radius_iter it;
	struct radius_attr a;
	struct radius_packet p;
	struct wr w;
	struct rig r;
	unsigned seen = 0;

	(void)state;
	up(&r, NULL);
	memset(long_one, 0xee, sizeof(long_one));
	radius_begin(&w, buf, RADIUS_DISCONNECT_REQUEST, 1, no_auth, true);
	radius_put(&w, 33, "one", 3);
	radius_put_text(&w, 44, "aa");
	radius_put(&w, 33, long_one, sizeof(long_one));
	radius_put(&w, 33, "3", 1);
	give(&r, buf, (size_t)radius_finish_request(&w, SECRET));
	assert_int_equal(radius_packet_parse(r.out, r.out_len, &p), 0);
	assert_int_equal(p.code, RADIUS_DISCONNECT_ACK);
	radius_iter_init(&it, &p);
	while (radius_iter_next(&it, &a)) {
		if (a.type != 33)
			continue;
		assert_int_equal(a.len, seen == 0 ? 3 : seen == 1 ? 253 : 1);
		assert_memory_equal(a.value,
				    seen == 0	? (const void *)"one"
				    : seen == 1 ? (const void *)long_one
						: (const void *)"3",
				    a.len);
		seen++;
	}
	assert_int_equal(seen, 3);
	down(&r);
}

/* An answer that would not fit is known not to before anything is done. */
static void test_no_room(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX], state_attr[253] = { 0 };
	struct wr w;
	struct rig r;
	int len;

	(void)state;
	up(&r, NULL);
	radius_begin(&w, buf, RADIUS_DISCONNECT_REQUEST, 1, no_auth, false);
	radius_put(&w, 44, "a", 1);
	for (int i = 0; i < 15; i++)
		radius_put(&w, 33, state_attr, sizeof(state_attr));
	radius_put(&w, 33, state_attr, 246);
	len = radius_finish_request(&w, SECRET);
	assert_in_range(len, RADIUS_PACKET_MAX - 5, RADIUS_PACKET_MAX);
	give(&r, buf, (size_t)len);
	assert_int_equal(r.acts + r.sent, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NO_ROOM], 1);
	down(&r);
}

static void test_every_truncation_and_flip(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	size_t len;
	struct rig r;

	(void)state;
	up(&r, NULL);
	len = request_of(buf, RADIUS_COA_REQUEST, 1, "aa", WITH_MA | WITH_STAMP, WALL, SECRET);
	for (size_t i = 0; i < len; i++)
		give(&r, buf, i);
	assert_int_equal(drops(&r), len);
	for (size_t i = 0; i < 8 * len; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		give(&r, buf, len);
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(drops(&r), 9 * len);
	assert_int_equal(r.acts + r.sent, 0);
	memset(buf + len, 0xff, 100); /* padding is no part of it */
	give(&r, buf, len + 100);
	assert_int_equal(r.acts, 1);
	down(&r);
}

static void test_other_codes(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (unsigned code = 0; code < 256; code++) {
		if (code == RADIUS_DISCONNECT_REQUEST || code == RADIUS_COA_REQUEST)
			continue;
		give(&r, buf, request_of(buf, (enum radius_code)code, 1, "aa", 0, 0, SECRET));
	}
	assert_int_equal(r.acts + r.sent, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_CODE], 254);
	down(&r);
}

static void test_send_failed(void **state)
{
	struct rig r;

	(void)state;
	up(&r, NULL);
	r.send_rc = -ENOBUFS;
	disconnect(&r, 1, 0, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_SEND_FAILED], 1);
	r.send_rc = 0;
	disconnect(&r, 1, 0, 0); /* the client asks again, and is told */
	assert_int_equal(r.acts, 1);
	assert_int_equal(r.sent, 2);
	down(&r);
}

static void test_config(void **state)
{
	static const char bad[][IP6_STRLEN] = { "192.0.2.9", "localhost" };
	struct radius_dae_config c;
	struct radius_dae_core *core = NULL;
	char why[200] = "";
	struct ip6 a;

	(void)state;
	c = config(NULL);
	c.allowed = bad;
	assert_int_equal(radius_dae_core_new(&core, &c, on_send, NULL, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "localhost"));
	c = config(NULL);
	c.secret = "";
	assert_int_equal(radius_dae_core_new(&core, &c, on_send, NULL, why, sizeof(why)), -EINVAL);
	assert_null(core);
	assert_int_equal(radius_dae_address("192.0.2.300", &a), -EINVAL);
	assert_int_equal(radius_dae_address("192.0.2.30", &a), 0);
	assert_memory_equal(a.b, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x1e", 16);
	radius_dae_core_free(NULL);
	radius_dae_free(NULL);
}

static void test_show(void **state)
{
	struct sbuf out = { 0 };
	struct json j = { .out = &out };
	struct rig r;

	(void)state;
	up(&r, NULL);
	disconnect(&r, 1, 0, 0);
	disconnect(&r, 1, 0, 0);
	give(&r, (const uint8_t *)"x", 1);
	radius_dae_core_answer(r.core, r.now, 77, RADIUS_DAE_OK);
	json_open(&j, NULL, '{');
	radius_dae_core_show(r.core, &j);
	json_close(&j, '}');
	sbuf_append(&out, "", 1);
	assert_non_null(strstr(out.p, "\"disconnect-acks\":1"));
	assert_non_null(strstr(out.p, "\"duplicates\":1"));
	assert_non_null(strstr(out.p, "\"unknown-tickets\":1"));
	assert_non_null(strstr(out.p, "\"malformed\":1"));
	assert_non_null(strstr(out.p, "\"not-allowed\":0"));
	sbuf_fini(&out);
	down(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_nak),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_nobody_allowed),
		cmocka_unit_test(test_wrong_secret),
		cmocka_unit_test(test_wrong_ma),
		cmocka_unit_test(test_ma_required),
		cmocka_unit_test(test_event_timestamp),
		cmocka_unit_test(test_event_timestamp_required),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_answers_are_bounded),
		cmocka_unit_test(test_proxy_state),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_every_truncation_and_flip),
		cmocka_unit_test(test_other_codes),
		cmocka_unit_test(test_send_failed),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_show),
	};

	log_setup(0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
