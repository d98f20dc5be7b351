// SPDX-License-Identifier: GPL-2.0-or-later
/* The packet that asks whether copies come back, octet for octet, and what is none. */
#include "daemon/returns.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct returns_id id = { .of = { 1, 2, 3, 4, 5, 6, 7, 8 }, .target = 0x0102 };
static const struct returns_ends four = { .src4 = 0xc0000201, .dst4 = 0x64400001 };
static const struct returns_ends six = {
	.ip6 = true,
	.src6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
	.dst6 = { { 0x20, 0x01, 0x0d, 0xb8, 1, [15] = 2 } },
};

/* Checksums as RFC 1071 has them, made by another program. */
static const uint8_t packet4[] = {
	0x45, 0, 0, 42, 0, 0,  0, 0, 64,  17,  0x54, 0x81, 192, 0, 2, 1, 100, 64, 0, 1, /* IPv4 */
	0,    9, 0, 9,	0, 22, 0, 0, 'b', 'r', 'a',  's',  1,	2, 3, 4, 5,   6,  7, 8, 1, 2,
};
static const uint8_t packet6[] = {
	0x60, 0, 0, 0,	  0,	22,   17,   64,	 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0,    0, 1, 0x20, 0x01, 0x0d, 0xb8, 1,	 0,    0,    0,	   0,	 0, 0, 0, 0, 0, 0, 2, 0, 9,
	0,    9, 0, 22,	  0xce, 0x3f, 'b',  'r', 'a',  's',  1,	   2,	 3, 4, 5, 6, 7, 8, 1, 2,
};

static void same(const struct returns_ends *ends, const uint8_t *want, size_t len)
{
	uint8_t buf[RETURNS_PACKET_MAX + 4] = { 0 };
	struct returns_id got = { .target = 77 };

	assert_int_equal(returns_write(buf, ends, &id), len);
	assert_memory_equal(buf, want, len);
	for (size_t n = 0; n < len; n++) {
		assert_int_equal(returns_parse(buf, n, &got), -EBADMSG);
		assert_int_equal(got.target, 77);
	}
	assert_int_equal(returns_parse(buf, len, &got), 0);
	assert_memory_equal(got.of, id.of, sizeof(id.of));
	assert_int_equal(got.target, id.target);
	assert_int_equal(returns_parse(buf, len + 4, &got), 0);
}

static void octets(void **state)
{
	(void)state;
	same(&four, packet4, sizeof(packet4));
	same(&six, packet6, sizeof(packet6));
}

static void bad(const uint8_t *good, size_t len, size_t at, uint8_t value)
{
	uint8_t buf[RETURNS_PACKET_MAX];
	struct returns_id got;

	memcpy(buf, good, len);
	buf[at] = value;
	assert_int_equal(returns_parse(buf, len, &got), -EBADMSG);
}

static void others(void **state)
{
	(void)state;
	bad(packet4, sizeof(packet4), 0, 0x44); /* a header of 16 octets */
	bad(packet4, sizeof(packet4), 0, 0x4f); /* of 60: beyond the end */
	bad(packet4, sizeof(packet4), 0, 0x55);
	bad(packet4, sizeof(packet4), 9, 6);
	bad(packet4, sizeof(packet4), 23, 10);
	bad(packet4, sizeof(packet4), 28, 'B');
	bad(packet6, sizeof(packet6), 6, 44);
	bad(packet6, sizeof(packet6), 43, 7);
	bad(packet6, sizeof(packet6), 51, 'z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
