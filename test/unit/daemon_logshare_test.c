// SPDX-License-Identifier: GPL-2.0-or-later
/* A peer's share of the log: a minute's lines at once, then one by one; nobody else's. */
#include "daemon/log_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SEC	      1000000000ull
#define MINUTE	      (60 * SEC)
#define VICTIM	      (LOG_SHARE_PLACES + 1) /* another place than 0's */
#define SAME_AS(hash) ((hash) + LOG_SHARE_PLACES)

static struct log_share share;

static int setup(void **state)
{
	(void)state;
	memset(&share, 0, sizeof(share));
	return 0;
}

static unsigned told(uint64_t hash, unsigned lines, uint32_t per_minute, uint64_t now)
{
	uint64_t left_out;
	unsigned n = 0;

	while (lines--)
		n += log_share_ok(&share, hash, per_minute, now, &left_out);
	return n;
}

static void a_minutes_lines_at_once(void **state)
{
	(void)state;
	assert_int_equal(told(0, 1000, 30, MINUTE), 30);
	assert_int_equal(told(0, 1000, 30, MINUTE + SEC), 0);
	assert_int_equal(told(0, 1000, 30, MINUTE + 2 * SEC), 1);
	assert_int_equal(told(0, 1000, 30, MINUTE + 12 * SEC), 5);
	assert_int_equal(told(0, 1000, 30, 9 * MINUTE), 30);
	assert_int_equal(told(0, 1000, 1, 99 * MINUTE), 1);
}

/* However fast it is: so many a minute, and a minute's to begin with. */
static void bounded_for_ever(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint64_t now = MINUTE; now < 11 * MINUTE; now += SEC / 100)
		n += told(0, 1, 60, now);
	assert_in_range(n, 60 + 599, 60 + 601);
}

static void what_is_left_out_is_told(void **state)
{
	uint64_t left_out = 7;

	(void)state;
	(void)told(0, 102, 2, MINUTE);
	assert_true(log_share_ok(&share, 0, 2, MINUTE + 30 * SEC, &left_out));
	assert_int_equal(left_out, 100);
	assert_true(log_share_ok(&share, 0, 2, MINUTE + 60 * SEC, &left_out));
	assert_int_equal(left_out, 0);
}

static void others_have_theirs(void **state)
{
	(void)state;
	assert_int_equal(told(0, 1000, 5, MINUTE), 5);
	assert_int_equal(told(VICTIM, 1000, 5, MINUTE), 5);
	assert_int_equal(told(SAME_AS(VICTIM), 1000, 5, MINUTE), 0);
}

static void no_limit(void **state)
{
	(void)state;
	assert_int_equal(told(0, 5000, 0, MINUTE), 5000);
	assert_int_equal(told(0, 1000, 10, MINUTE), 10); /* one begins: nothing is owed */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_minutes_lines_at_once, setup),
		cmocka_unit_test_setup(bounded_for_ever, setup),
		cmocka_unit_test_setup(what_is_left_out_is_told, setup),
		cmocka_unit_test_setup(others_have_theirs, setup),
		cmocka_unit_test_setup(no_limit, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
