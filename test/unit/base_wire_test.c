// SPDX-License-Identifier: GPL-2.0-or-later
/* The wire's reader and writer, and the token bucket: never beyond the end, errors that stay. */
#include "base/rate.h"
#include "base/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 };

static void test_read(void **state)
{
	struct rd r = rd_init(octets, sizeof(octets)), sub;
	uint8_t two[2];

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be32(&r), 0x04050607);
	assert_int_equal(rd_left(&r), 10);
	sub = rd_sub(&r, 8);
	assert_true(rd_be64(&sub) == 0x08090a0b0c0d0e0full);
	assert_int_equal(rd_left(&sub), 0);
	assert_false(sub.bad);
	rd_copy(&r, two, 2);
	assert_memory_equal(two, octets + 15, 2);
	assert_false(r.bad);
	assert_int_equal(rd_left(&r), 0);
	sub = rd_sub(&r, 0);
	assert_false(sub.bad || r.bad);
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.bad);
}

/* One octet too few, on the heap where the sanitizer sees a read beyond; then bad for good. */
static void check_short(size_t have, size_t want, unsigned how)
{
	uint8_t *p = malloc(have ? have : 1), copy[8] = { 0xff, 0xff };
	struct rd r = rd_init(p, have), sub;

	memset(p, 0xaa, have ? have : 1);
	switch (how) {
	case 0:
		assert_int_equal(want == 1   ? rd_u8(&r)
				 : want == 2 ? rd_be16(&r)
				 : want == 4 ? rd_be32(&r)
					     : rd_bytes(&r, want) != NULL,
				 0);
		break;
	case 1:
		rd_copy(&r, copy, want);
		assert_int_equal(copy[0] | copy[want - 1], 0);
		break;
	case 2:
		sub = rd_sub(&r, want);
		assert_true(sub.bad);
		assert_int_equal(rd_left(&sub), 0);
		break;
	default:
		rd_skip(&r, want);
		break;
	}
	assert_true(r.bad);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_null(rd_bytes(&r, 1));
	free(p);
}

static void test_read_short(void **state)
{
	(void)state;
	for (size_t want = 1; want <= 8; want++)
		for (unsigned how = 0; how < 4; how++)
			check_short(want - 1, want, how);
}

static void test_read_huge(void **state)
{
	struct rd r = rd_init(octets, sizeof(octets));

	(void)state;
	assert_null(rd_bytes(&r, SIZE_MAX));
	assert_true(r.bad);
	r = rd_init(NULL, 0);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_be64(&r), 0);
	assert_true(r.bad);
}

static void test_write(void **state)
{
	static const uint8_t want[] = { 1, 2,  3,  4,  5,  6,  7,  0,	 0,   8,
					9, 10, 11, 12, 13, 14, 15, 0xab, 0xcd };
	uint8_t buf[19];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	memset(buf, 0xee, sizeof(buf));
	wr_u8(&w, 1);
	wr_be16(&w, 0xffff);
	wr_be32(&w, 0x04050607);
	wr_zero(&w, 2);
	wr_be64(&w, 0x08090a0b0c0d0e0full);
	wr_bytes(&w, "\xab\xcd", 2);
	wr_patch_be16(&w, 1, 0x0203);
	assert_int_equal(wr_done(&w), 19);
	assert_memory_equal(buf, want, sizeof(want));
	wr_bytes(&w, NULL, 0);
	assert_int_equal(wr_done(&w), 19);
	wr_patch_u8(&w, 18, 0xef);
	assert_int_equal(buf[18], 0xef);
	wr_u8(&w, 1);
	assert_int_equal(wr_done(&w), -ENOSPC);
}

static void test_write_refuses(void **state)
{
	uint8_t buf[4] = { 0 };
	struct wr w = wr_init(buf, 3);

	(void)state;
	wr_be32(&w, 0x01020304); /* its first half fits */
	assert_int_equal(wr_done(&w), -ENOSPC);
	assert_int_equal(buf[3], 0);
	wr_u8(&w, 1); /* it would fit, but comes after an error */
	assert_int_equal(buf[2], 0);
	w = wr_init(buf, 4);
	wr_be16(&w, 1);
	wr_patch_be16(&w, 1, 7); /* one octet beyond what was written */
	assert_int_equal(wr_done(&w), -ENOSPC);
	w = wr_init(buf, 4);
	wr_be16(&w, 1);
	wr_patch_be16(&w, 0, 0x10000);
	assert_int_equal(wr_done(&w), -ENOSPC);
	w = wr_init(buf, 4);
	wr_be16(&w, 1);
	wr_patch_u8(&w, 0, 256);
	assert_int_equal(wr_done(&w), -ENOSPC);
	w = wr_init(buf, 4);
	assert_null(wr_room(&w, SIZE_MAX));
}

/* Never more than burst + rate x time, never less by more than one. */
static void test_rate(void **state)
{
	struct rate r = { 0 };
	uint64_t now = 1ull << 40;
	unsigned passed = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_true(rate_ok(&r, 10, 5, now));
	assert_false(rate_ok(&r, 10, 5, now));
	for (unsigned i = 0; i < 1000; i++) { /* ten seconds of a hundred a second */
		now += 10000000;
		passed += rate_ok(&r, 10, 5, now);
	}
	assert_in_range(passed, 99, 100);
	now += 60000000000ull;
	for (unsigned i = 0; i < 5; i++)
		assert_true(rate_ok(&r, 10, 5, now));
	assert_false(rate_ok(&r, 10, 5, now));
	for (unsigned i = 0; i < 100; i++)
		assert_true(rate_ok(&r, 0, 0, now));
	r = (struct rate){ 0 };
	assert_true(rate_ok(&r, 1, 0, now)); /* a burst of 0 is one */
	assert_false(rate_ok(&r, 1, 0, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),	      cmocka_unit_test(test_read_short),
		cmocka_unit_test(test_read_huge),     cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_refuses), cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
