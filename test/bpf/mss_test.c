// SPDX-License-Identifier: GPL-2.0-or-later
/* MSS clamping of a SYN from a line, in both modes; down_test.c has the other direction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

static struct bed bed;
static const struct bed_line line = { 0, 0, 1 };

static struct bed_ip syn(bool v4, const uint8_t *options, size_t len)
{
	struct bed_ip ip = { .proto = 6, .tcp_flags = 0x02, .tcp_options_len = (uint8_t)len };

	if (v4) {
		ip.src4 = bed_ip4(0);
		ip.dst4 = 0xc6336401;
	} else {
		bed_prefix6(0, ip.src6);
		memcpy(ip.dst6, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = 9 }, 16);
	}
	memcpy(ip.tcp_options, options, len);
	return ip;
}

/* The packet comes out as it went in, `len` octets of it. */
static void expect_same(const struct bed_frame *f, uint32_t len)
{
	struct bed_frame out;

	assert_int_equal(bed_up(&bed, f, &out), BED_REDIRECT);
	assert_int_equal(out.len, 14 + len);
	assert_memory_equal(out.b + 14, f->b + 22, len);
}

static void expect_untouched(const struct bed_ip *ip)
{
	struct bed_frame f = bed_up_frame(&line, ip);

	expect_same(&f, f.len - 22);
}

static void expect_mss(bool v4, const uint8_t *options, size_t len, size_t at, uint16_t want)
{
	struct bed_ip ip = syn(v4, options, len);
	struct bed_frame f = bed_up_frame(&line, &ip), out;
	size_t opt = 14 + (v4 ? 20 : 40) + 20;

	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	assert_int_equal(out.len, f.len - 8);
	assert_int_equal(out.b[opt + at + 2] << 8 | out.b[opt + at + 3], want);
	assert_true(bed_checksums_ok(out.b + 14, out.len - 14));
	assert_int_equal(out.b[14 + (v4 ? 8 : 7)], 57); /* TTL left alone */
	/* Nothing else has changed but the checksum. */
	memcpy(out.b + opt + at + 2, f.b + 8 + opt + at + 2, 2);
	memcpy(out.b + opt - 4, f.b + 8 + opt - 4, 2);
	assert_memory_equal(out.b + 14, f.b + 22, out.len - 14);
}

static void test_mss(void **state)
{
	static const uint16_t values[] = { 536, 1431, 1432, 1433, 1451, 1452, 1453, 1460, 0xffff };
	size_t at, i;
	int v;

	(void)state;
	for (at = 0; at <= 36; at++) {
		for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			for (v = 0; v < 2; v++) {
				uint16_t limit = v ? 1452 : 1432;
				uint8_t o[40];

				memset(o, 1, sizeof(o));
				o[at] = 2, o[at + 1] = 4;
				o[at + 2] = (uint8_t)(values[i] >> 8),
				       o[at + 3] = (uint8_t)values[i];
				expect_mss(v, o, (at + 4 + 3) / 4 * 4, at,
					   values[i] < limit ? values[i] : limit);
			}
		}
	}
}

static void test_mss_behind_options(void **state)
{
	/* SACK permitted, timestamps, window scale, then MSS at an odd place. */
	static const uint8_t o[20] = { 4, 2, 8, 10, 1, 2, 3, 4, 5,    6,
				       7, 8, 3, 3,  7, 2, 4, 5, 0xb4, 0 };

	(void)state;
	expect_mss(true, o, sizeof(o), 15, 1452);
	expect_mss(false, o, sizeof(o), 15, 1432);
}

/* These pass as they are. */
static void test_mss_untouched(void **state)
{
	static const struct {
		uint8_t o[8];
	} odd[] = {
		{ { 2, 3, 5, 0xb4, 0, 0, 0, 0 } }, { { 2, 0, 5, 0xb4, 0, 0, 0, 0 } },
		{ { 0, 2, 4, 5, 0xb4, 0, 0, 0 } }, { { 8, 0, 2, 4, 5, 0xb4, 0, 0 } },
		{ { 8, 1, 2, 4, 5, 0xb4, 0, 0 } }, { { 8, 255, 2, 4, 5, 0xb4, 0, 0 } },
		{ { 1, 1, 1, 1, 1, 2, 4, 0xff } },
	};
	static const uint8_t mss[4] = { 2, 4, 0x05, 0xb4 };
	struct bed_ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		ip = syn(true, odd[i].o, 8);
		expect_untouched(&ip);
	}
	ip = syn(true, mss, 4);
	ip.tcp_flags = 0x10;
	expect_untouched(&ip);
	ip = syn(true, mss, 4);
	ip.frag = 0x0010; /* not the first fragment: no TCP header here */
	expect_untouched(&ip);
}

/* A TCP header that says more, or less, than there is. */
static void test_mss_bad_header(void **state)
{
	static const uint8_t mss[4] = { 2, 4, 0x05, 0xb4 };
	struct bed_ip ip = syn(true, mss, 4);
	struct bed_frame f = bed_up_frame(&line, &ip);

	(void)state;
	f.b[22 + 20 + 12] = 0xf0;
	expect_same(&f, f.len - 22);
	f.b[22 + 20 + 12] = 0x40;
	expect_same(&f, f.len - 22);
	f.b[25] = 30; /* ten octets of TCP, then padding */
	expect_same(&f, 30);
}

static void test_mss_session_mtu(void **state)
{
	static const uint8_t o[4] = { 2, 4, 0x05, 0xb4 };
	struct abi_session s = bed_session_entry(0, 0, 0, 1);

	(void)state;
	s.mtu = 1500;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	expect_mss(true, o, 4, 0, 1460);
	expect_mss(false, o, 4, 0, 1440);
	s.mtu = 600;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	expect_mss(true, o, 4, 0, 560);
	s.mtu = 1492;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
}

static void test_mss_off(void **state)
{
	static const uint8_t o[4] = { 2, 4, 0x05, 0xb4 };
	struct bed_ip ip = syn(true, o, 4);
	enum dp_mode mode = bed.mode;

	(void)state;
	bed_close(&bed);
	assert_int_equal(bed_open(&bed, mode, NULL, 0), 0);
	bed_session(&bed, 0, 0, 0, 1);
	expect_untouched(&ip);
}

static int open_bed(enum dp_mode mode)
{
	if (bed_open(&bed, mode, NULL, 1))
		return -1;
	bed_session(&bed, 0, 0, 0, 1);
	return 0;
}

BED_SETUP(open_bed)
BED_TEARDOWN

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mss),
		cmocka_unit_test(test_mss_behind_options),
		cmocka_unit_test(test_mss_untouched),
		cmocka_unit_test(test_mss_bad_header),
		cmocka_unit_test(test_mss_session_mtu),
		cmocka_unit_test(test_mss_off),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("MSS, xdp", tests, setup_xdp, teardown);
	return failed + cmocka_run_group_tests_name("MSS, tc", tests, setup_tc, teardown);
}
