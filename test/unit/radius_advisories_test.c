// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published faults of other servers' RADIUS parsers, as packets: refused, nothing taken of them.
 * CVE-2024-3596 (BlastRADIUS) is in radius_packet_test and, against a whole client, in
 * radius_client_test; requests for a change are in radius_daeadvisories_test.
 *
 * Not applicable: CVE-2001-1376 (a secret longer than the digest's buffer: it is hashed where it
 * lies). FreeRADIUS 2017, CVE-2017-10978 to 10987 (make_secret() of MPPE keys, WiMAX and DHCP
 * attributes: nothing of these is read). CVE-2006-1354, CVE-2015-8763, CVE-2026-127029 (its EAP
 * modules). mpd5 before 5.9 (a template, %aX, in an answer: no text of a server's is one here).
 */
#include "radius/message.h"
#include "test/unit/radius_rig.h"

#define HEAD "02070000 00000000000000000000000000000000"

/* The packet's length is patched in; the copy is of exact size, so a sanitizer sees a read beyond.
 */
static int parse(const char *attrs)
{
	uint8_t b[RADIUS_PACKET_MAX];
	size_t len = rig_hex(HEAD, b, sizeof(b));
	struct radius_packet p;
	uint8_t *exact;
	int r;

	len += rig_hex(attrs, b + len, sizeof(b) - len);
	b[2] = (uint8_t)(len >> 8);
	b[3] = (uint8_t)len;
	exact = malloc(len);
	assert_non_null(exact);
	memcpy(exact, b, len);
	r = radius_packet_parse(exact, len, &p);
	free(exact);
	return r;
}

/* CVE-2020-28194 (accel-ppp): a length of less than 2 in front of, or inside, a Vendor-Specific
 * attribute underflows. */
static void test_accel_vendor_underflow(void **state)
{
	(void)state;
	assert_int_equal(parse("1a0c 00000137 0706 00000001"), 0); /* the sound one */
	assert_int_equal(parse("1a00 00000137 0706 00000001"), -EBADMSG);
	assert_int_equal(parse("1a01 00000137 0706 00000001"), -EBADMSG);
	assert_int_equal(parse("1a02 0606 00000001"), -EBADMSG);
	assert_int_equal(parse("1a05 000001 0606 00000001"), -EBADMSG);
	assert_int_equal(parse("1aff 00000137 0706 00000001"), -EBADMSG);
}

/* The same one level down: it must end, and give the octets to nobody's parser as a value. */
static void test_accel_inner_underflow(void **state)
{
	static const char *const inside[] = { "0700 00000001", "0701 00000001", "07ff 00000001" };

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		uint8_t b[RADIUS_PACKET_MAX];
		struct radius_packet p;
		size_t len = rig_hex("02070020 00000000000000000000000000000000 1a0c 00000137", b,
				     sizeof(b));

		len += rig_hex(inside[i], b + len, sizeof(b) - len);
		assert_int_equal(len, 0x20);
		if (radius_packet_parse(b, len, &p) < 0)
			continue;
		assert_null(rig_find(&p, 311, 7, 0).value);
	}
}

/* CVE-2022-24704 (accel-ppp): an integer attribute of any length is copied into four octets. */
static void test_accel_long_integer(void **state)
{
	static const uint8_t types[] = { 8, 12, 27, 28, 29, 62, 85 };
	uint8_t value[253];

	(void)state;
	memset(value, 0x41, sizeof(value));
	for (size_t i = 0; i < sizeof(types); i++) {
		static struct rig g;
		struct radius_reply reply;

		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		radius_put(&g.w, types[i], value, sizeof(value));
		memset(&reply, 0, sizeof(reply));
		radius_reply_parse(rig_end(&g), 0, NULL, &reply);
		if (!strstr(reply.message, "253 octets, 4 expected"))
			fail_msg("type %u: \"%s\"", types[i], reply.message);
		assert_int_equal(reply.verdict, RADIUS_BAD);
		assert_int_equal(reply.has, 0);
	}
}

/* CVE-2022-24704 and 24705 by their titles: addresses, interface identifiers and prefixes of any
 * length. Each length but the right ones is refused; the octets are none's but zeros. */
static void test_accel_long_address(void **state)
{
	static const struct {
		uint8_t type, min, max;
	} rows[] = { { 8, 4, 4 },    { 96, 8, 8 },    { 97, 2, 18 },
		     { 123, 2, 18 }, { 168, 16, 16 }, { 169, 16, 16 } };
	static const uint8_t zeros[253];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t len = 0; len <= sizeof(zeros); len++) {
			static struct rig g;
			struct radius_reply reply;
			bool refused;

			rig_begin(&g, RADIUS_ACCESS_ACCEPT);
			wr_u8(&g.w, rows[i].type);
			wr_u8(&g.w, (uint8_t)(2 + len));
			wr_bytes(&g.w, zeros, len);
			radius_reply_parse(rig_end(&g), 0, NULL, &reply);
			refused = strstr(reply.message, " expected");
			if (refused != (len < rows[i].min || len > rows[i].max))
				fail_msg("type %u length %zu: \"%s\"", rows[i].type, len,
					 reply.message);
			assert_true(!refused || (reply.verdict == RADIUS_BAD && !reply.has));
		}
}

/* CVE-2022-24705 (accel-ppp): the length field is more than what was received, or than there can
 * be. */
static void test_accel_packet_length(void **state)
{
	static const uint16_t says[] = { 0, 1, 19, 21, 4096, 4097, 0xffff };

	(void)state;
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		uint8_t b[RADIUS_HEADER_LEN] = { 2, 7, (uint8_t)(says[i] >> 8), (uint8_t)says[i] };
		struct radius_packet p;

		assert_int_equal(radius_packet_parse(b, sizeof(b), &p), -EBADMSG);
	}
}

/* CVE-2021-29629 (libradius of FreeBSD: a loop by an unchecked length): a length that does not
 * count itself, in front of, between and behind sound attributes. */
static void test_zero_length(void **state)
{
	static const char *const sound = "0806 64400005";
	char hex[128];

	(void)state;
	assert_int_equal(parse(sound), 0);
	for (unsigned type = 0; type < 256; type++)
		for (unsigned len = 0; len < 2; len++) {
			snprintf(hex, sizeof(hex), "%02x%02x %s", type, len, sound);
			assert_int_equal(parse(hex), -EBADMSG);
			snprintf(hex, sizeof(hex), "%s %02x%02x %s", sound, type, len, sound);
			assert_int_equal(parse(hex), -EBADMSG);
			snprintf(hex, sizeof(hex), "%s %02x%02x", sound, type, len);
			assert_int_equal(parse(hex), -EBADMSG);
		}
	assert_int_equal(parse("0806 64400005 08"), -EBADMSG);
}

/* CVE-2001-1377 (many servers): a vendor's length of less than 2, of a vendor that we read. The
 * whole answer is refused, however sound the rest is. */
static void test_vendor_zero_length(void **state)
{
	static const char *const chains[] = { "1c00 64400001", "1c01 64400001",
					      "1c06 64400001 1d00", "1c06 64400001 1d",
					      "1cff 64400001" };

	(void)state;
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		static struct rig g;
		struct radius_reply reply;
		uint8_t value[64];
		size_t len = rig_hex("00000137", value, sizeof(value));

		len += rig_hex(chains[i], value + len, sizeof(value) - len);
		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		radius_put(&g.w, RADIUS_ATTR_VENDOR_SPECIFIC, value, len);
		radius_put_u32(&g.w, 8, 0x64400005);
		radius_reply_parse(rig_end(&g), 0, NULL, &reply);
		assert_int_equal(reply.verdict, RADIUS_BAD);
		assert_int_equal(reply.has, 0);
	}
}

/* CVE-2003-0967 (FreeRADIUS): a tagged attribute that is shorter than tag and salt, as it was shown
 * with Tunnel-Password. We are no end of such a tunnel: all of them are passed over. */
static void test_tunnel_password(void **state)
{
	static const uint8_t types[] = { 64, 65, 66, 67, 69, 81, 82, 83, 90, 91 };
	static const uint8_t value[253] = { 1, 0x80, 0, 255 };
	static const size_t lens[] = { 0, 1, 2, 3, 4, 18, 19, 252, 253 };

	(void)state;
	for (size_t i = 0; i < sizeof(types) * sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i / sizeof(types)];
		static struct rig g;
		struct radius_reply reply;

		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		wr_u8(&g.w, types[i % sizeof(types)]);
		wr_u8(&g.w, (uint8_t)(2 + len));
		wr_bytes(&g.w, value, len);
		radius_put_u32(&g.w, 27, 600);
		radius_reply_parse(rig_end(&g), 0, NULL, &reply);
		assert_int_equal(reply.verdict, RADIUS_ACCEPT);
		assert_int_equal(reply.has, RADIUS_HAS_SESSION_TIMEOUT);
		assert_int_equal(reply.session_timeout, 600);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accel_vendor_underflow),
		cmocka_unit_test(test_accel_inner_underflow),
		cmocka_unit_test(test_accel_long_integer),
		cmocka_unit_test(test_accel_long_address),
		cmocka_unit_test(test_accel_packet_length),
		cmocka_unit_test(test_zero_length),
		cmocka_unit_test(test_vendor_zero_length),
		cmocka_unit_test(test_tunnel_password),
	};

	return cmocka_run_group_tests_name("radius_advisories", tests, NULL, NULL);
}
