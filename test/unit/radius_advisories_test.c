// SPDX-License-Identifier: GPL-2.0-or-later
/* Published faults of other servers' RADIUS parsers, as packets: refused, nothing taken of them. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accel_vendor_underflow),
		cmocka_unit_test(test_accel_inner_underflow),
		cmocka_unit_test(test_accel_long_integer),
		cmocka_unit_test(test_accel_packet_length),
	};

	return cmocka_run_group_tests_name("radius_advisories", tests, NULL, NULL);
}
