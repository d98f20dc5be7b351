// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames of a virtual port against their public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mirror/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static const uint8_t ip[20] = { 0x45, 1, 2, 3 };

static const struct stream_packet packet = {
	.kind = STREAM_IP,
	.time = 0x0102030405060708,
	.slot = 0xa1b2c3d4,
	.generation = 7,
	.sid = 0x1234,
	.up = true,
	.verdict = ABI_DROP_RATE + 1,
	.data = ip,
	.caplen = sizeof(ip),
	.len = 1500,
};

static void as_the_public_header_says(void **state)
{
	static const uint8_t dst[6] = { 0x02, 0xb5, 0x6d, 0x6f, 0x6e, 0x00 };
	static const uint8_t src[6] = { 0x02, 0xb5, 0xa1, 0xb2, 0xc3, 0xd4 };
	uint8_t buf[BRASMON_HEAD_LEN + sizeof(ip)];
	struct brasmon_header h;

	(void)state;
	assert_int_equal(frame_write(&packet, buf, sizeof(buf)), sizeof(buf));
	memcpy(&h, buf, sizeof(h));
	assert_memory_equal(h.dst, dst, 6);
	assert_memory_equal(h.src, src, 6);
	assert_int_equal(ntohs(h.type_be), BRASMON_ETHERTYPE);
	assert_int_equal(h.version, 1);
	assert_int_equal(h.head_len, 48);
	assert_int_equal(h.kind, BRASMON_IP);
	assert_int_equal(h.direction, BRASMON_UP);
	assert_int_equal(ntohs(h.verdict_be), 18);
	assert_int_equal(ntohs(h.sid_be), 0x1234);
	assert_int_equal(h.zero, 0);
	assert_int_equal(ntohl(h.slot_be), 0xa1b2c3d4);
	assert_int_equal(ntohl(h.generation_be), 7);
	assert_int_equal(ntohl(h.len_be), 1500);
	assert_int_equal(ntohl(h.caplen_be), sizeof(ip));
	assert_int_equal(ntohl(h.time_be[0]), 0x01020304);
	assert_int_equal(ntohl(h.time_be[1]), 0x05060708);
	assert_memory_equal(buf + sizeof(h), ip, sizeof(ip));
}

static void kinds_and_ways(void **state)
{
	static const uint8_t kinds[] = { BRASMON_IP, BRASMON_PPPOE, BRASMON_RADIUS };
	struct stream_packet p = packet;
	uint8_t buf[128];

	(void)state;
	p.up = false;
	for (unsigned i = 0; i < 3; i++) {
		p.kind = (enum stream_kind)i;
		assert_true(frame_write(&p, buf, sizeof(buf)) > 0);
		assert_int_equal(buf[16], kinds[i]);
		assert_int_equal(buf[17], BRASMON_DOWN);
	}
}

static void what_does_not_fit(void **state)
{
	uint8_t buf[BRASMON_HEAD_LEN + sizeof(ip)];

	(void)state;
	for (size_t cap = 0; cap < sizeof(buf); cap++)
		assert_int_equal(frame_write(&packet, buf, cap), -ENOSPC);
}

/* Programs have these numbers: a new reason goes to the end. */
static void reasons_keep_their_numbers(void **state)
{
	static const char *const public[] = { BRASMON_REASONS };

	(void)state;
	assert_int_equal(ARRAY_SIZE(public), ABI_DROP_COUNT);
	for (unsigned i = 0; i < ARRAY_SIZE(public); i++)
		assert_string_equal(public[i], stream_reason((uint8_t)(i + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_public_header_says),
		cmocka_unit_test(kinds_and_ways),
		cmocka_unit_test(what_does_not_fit),
		cmocka_unit_test(reasons_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
