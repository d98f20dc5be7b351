// SPDX-License-Identifier: GPL-2.0-or-later
/* The test dialer itself: if it were wrong, every namespace test would be in doubt. MS-CHAPv2 by
 * the vectors of RFC 2759, section 9.2; frames and router advertisements, whole and cut anywhere.
 */
#include "test/dialer/dialer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct dialer *the_dialer(void)
{
	return NULL;
}

static const uint8_t auth_challenge[16] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
					    0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t peer_challenge[16] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
					    0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e };
static const uint8_t nt_response[24] = { 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e,
					 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54,
					 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf };
static const uint8_t proof[20] = { 0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0, 0xd6, 0x20, 0x9f,
				   0x51, 0x0f, 0xe9, 0xc0, 0x45, 0x66, 0x93, 0x2c, 0xda, 0x56 };

static void test_mschapv2(void **state)
{
	uint8_t response[24], server[20];

	(void)state;
	mschap_nt_response(auth_challenge, peer_challenge, "User", 4, "clientPass", response);
	assert_memory_equal(response, nt_response, 24);
	mschap_proof(auth_challenge, peer_challenge, "User", 4, "clientPass", nt_response, server);
	assert_memory_equal(server, proof, 20);
}

static void test_frame(void **state)
{
	const uint8_t qinq[] = { 2,    0,    0,	   0,	0,    1,    2, 0,  0,	 0,    0,    2,
				 0x88, 0xa8, 0xe0, 200, 0x81, 0,    0, 10, 0x88, 0x64, 0x11, 0,
				 0x12, 0x34, 0,	   4,	0xc0, 0x21, 9, 1,  0xee, 0xee };
	struct frame f;

	(void)state;
	assert_int_equal(frame_parse(qinq, sizeof(qinq), &f), 0);
	assert_int_equal(f.svlan, 0x1000 | 200); /* the priority bits are not the id */
	assert_int_equal(f.cvlan, 0x1000 | 10);
	assert_int_equal(f.sid, 0x1234);
	assert_int_equal(rd_left(&f.payload), 4); /* padding is cut off */
	for (size_t n = 0; n < sizeof(qinq) - 2; n++) {
		uint8_t cut[sizeof(qinq)];

		memcpy(cut, qinq, n);
		assert_true(frame_parse(cut, n, &f) < 0);
	}
}

/* An advertisement of 2001:db8:100:7::/64, flags L and A, MTU 1492, lifetime 1800. */
static size_t ra_make(uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);
	uint16_t sum;

	wr_be32(&w, 0x60000000);
	wr_be16(&w, 16 + 32 + 8);
	wr_be16(&w, 58 << 8 | 255);
	wr_be64(&w, 0xfe80000000000000);
	wr_be64(&w, 1);
	wr_be64(&w, 0xff02000000000000);
	wr_be64(&w, 1);
	wr_be32(&w, 134u << 24);
	wr_be32(&w, 64u << 24 | 1800);
	wr_be64(&w, 0);
	wr_be32(&w, 3 << 24 | 4 << 16 | 64 << 8 | 0xc0);
	wr_be64(&w, 0x00000e1000000e10);
	wr_be32(&w, 0);
	wr_be64(&w, 0x20010db801000007);
	wr_be64(&w, 0);
	wr_be32(&w, 5 << 24 | 1 << 16);
	wr_be32(&w, 1492);
	sum = icmp6_checksum(buf + 8, buf + 24, buf + 40, w.len - 40);
	wr_patch_be16(&w, 42, sum);
	assert_true(wr_done(&w) > 0);
	return w.len;
}

static void test_ra(void **state)
{
	uint8_t ra[128], cut[128];
	size_t len = ra_make(ra, sizeof(ra));
	char text[PREFIX_STRLEN];
	struct line l = { 0 };
	struct prefix6 p;

	(void)state;
	assert_int_equal(ra_parse(&l, rd_init(ra, len)), 0);
	p = (struct prefix6){ .addr = l.prefix, .len = l.prefix_len };
	assert_string_equal(prefix6_str(text, &p), "2001:db8:100:7::/64");
	assert_int_equal(l.prefix_flags, 0xc0);
	assert_int_equal(l.ra_mtu, 1492);
	assert_int_equal(l.ra_lifetime, 1800);
	for (size_t n = 0; n < len; n++) {
		l = (struct line){ 0 };
		memcpy(cut, ra, n);
		assert_true(ra_parse(&l, rd_init(cut, n)) < 0);
		assert_false(l.has_ra);
	}
	for (size_t i = 40; i < len; i++) { /* one wrong octet: the checksum tells, or the type */
		l = (struct line){ 0 };
		memcpy(cut, ra, len);
		cut[i] ^= 0x10;
		assert_true(ra_parse(&l, rd_init(cut, len)) < 0);
	}
	ra[7] = 64; /* it came through a router */
	assert_true(ra_parse(&l, rd_init(ra, len)) < 0);
}

static void test_pattern(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(expand(buf, sizeof(buf), "user%d@isp", 42), 10);
	assert_string_equal(buf, "user42@isp");
	assert_int_equal(expand(buf, sizeof(buf), "%s%n", 1), 4);
	assert_string_equal(buf, "%s%n");
	assert_int_equal(expand(buf, sizeof(buf), "far too long for this", 1), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mschapv2),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_ra),
		cmocka_unit_test(test_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
