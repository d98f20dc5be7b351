// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published faults of RADIUS parsers and of who may change a session, as requests to a whole server
 * of dynamic authorization: signed, so that they get as far as they can.
 */
#include "radius/attr.h"
#include "test/unit/radius_dae_rig.h"

/* A signed request with these octets behind its key. */
static size_t request_with(uint8_t *buf, enum radius_code code, const void *attrs, size_t len)
{
	struct wr w;
	int n;

	radius_begin(&w, buf, code, 1, no_auth, false);
	radius_put_text(&w, 44, "aa");
	wr_bytes(&w, attrs, len);
	n = radius_finish_request(&w, SECRET);
	assert_true(n > 0);
	return (size_t)n;
}

/* accel-ppp took changes from everybody who knew the secret, until 2025 (dae-allowed); and an
 * answer to a stranger tells him that there is somebody. */
static void test_accel_from_anyone(void **state)
{
	static const char *const strangers[] = { "192.0.2.8", "2001:db8::8", "127.0.0.1", "::1",
						 "0.0.0.0" };
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		assert_int_equal(radius_dae_address(strangers[i], &r.from.addr), 0);
		disconnect(&r, (uint8_t)i, WITH_MA | WITH_STAMP, WALL);
		assert_int_equal(drops(&r), i + 1);
	}
	assert_int_equal(r.acts + r.sent, 0);
	assert_int_equal(radius_dae_address("192.0.2.9", &r.from.addr), 0);
	disconnect(&r, 99, WITH_MA | WITH_STAMP, WALL);
	assert_int_equal(r.acts, 1);
	down(&r);
}

/* CVE-2020-28194, CVE-2001-1377, CVE-2021-29629: lengths of 0 and 1, of attributes and inside a
 * vendor's. The first end the packet; the second one attribute, and with it the request. */
static void test_lengths_of_nothing(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} bad[] = {
		{ "\x1b\0\0\0\0\1", 6 },
		{ "\x1b\1\0\0\0\1", 6 },
		{ "\x1a\0\0\0\x01\x37\x07\6\0\0\0\1", 12 },
		{ "\x1a\1\0\0\x01\x37", 6 },
		{ "\x1a\5\0\0\1", 5 },
		{ "\x1b", 1 },
		{ "\x1b\xff\0\0\0\1", 6 },
	};
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r;

	(void)state;
	up(&r, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		give(&r, buf, request_with(buf, RADIUS_COA_REQUEST, bad[i].octets, bad[i].len));
		assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_MALFORMED], i + 1);
	}
	assert_int_equal(r.acts + r.sent, 0);
	down(&r);
}

/* CVE-2022-24704: an attribute of four octets, of any length. Refused, and nothing is changed. */
static void test_accel_long_integer(void **state)
{
	static const uint8_t types[] = { 4, 5, 8, 27, 28, 55, 85 };
	uint8_t buf[RADIUS_PACKET_MAX], attr[255];
	struct radius_packet p;
	unsigned naks = 0;
	struct rig r;

	(void)state;
	up(&r, NULL);
	memset(attr, 0x41, sizeof(attr));
	for (size_t i = 0; i < sizeof(types); i++)
		for (unsigned len = 2; len < 256; len++) {
			unsigned sent = r.sent;

			if (len == 6)
				continue;
			attr[0] = types[i];
			attr[1] = (uint8_t)len;
			r.from.port++; /* not a duplicate of the one before */
			give(&r, buf, request_with(buf, RADIUS_COA_REQUEST, attr, len));
			assert_int_equal(r.acts, 0);
			if (r.sent != sent) {
				p = answer_to(&r, buf, RADIUS_COA_NAK, RADIUS_MA_NONE);
				assert_int_not_equal(error_cause(&p), 0);
				naks++;
			}
		}
	assert_int_equal(naks + drops(&r), sizeof(types) * 253);
	assert_true(naks);
	down(&r);
}

/* CVE-2024-3596: a request that was never signed, and one whose Message-Authenticator somebody in
 * the middle has cut out. */
static void test_blast_radius(void **state)
{
	struct radius_dae_config c;
	uint8_t buf[RADIUS_PACKET_MAX];
	struct rig r = { 0 };
	size_t len;

	(void)state;
	c = config(&r);
	c.require_ma = true;
	up(&r, &c);
	disconnect(&r, 1, 0, 0);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_NO_MESSAGE_AUTHENTICATOR], 1);
	len = request_of(buf, RADIUS_DISCONNECT_REQUEST, 2, "aa", WITH_MA, 0, SECRET);
	assert_int_equal(buf[RADIUS_HEADER_LEN], RADIUS_ATTR_MESSAGE_AUTHENTICATOR);
	buf[3] = (uint8_t)(len - 18);
	memmove(buf + RADIUS_HEADER_LEN, buf + RADIUS_HEADER_LEN + 18, len - 18);
	give(&r, buf, len - 18);
	assert_int_equal(stats(&r)->drop[RADIUS_DAE_DROP_BAD_AUTHENTICATOR], 1);
	assert_int_equal(r.acts + r.sent, 0);
	disconnect(&r, 2, WITH_MA, 0);
	assert_int_equal(r.acts, 1);
	down(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accel_from_anyone),
		cmocka_unit_test(test_lengths_of_nothing),
		cmocka_unit_test(test_accel_long_integer),
		cmocka_unit_test(test_blast_radius),
	};

	return cmocka_run_group_tests_name("radius_daeadvisories", tests, NULL, NULL);
}
