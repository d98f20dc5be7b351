// SPDX-License-Identifier: GPL-2.0-or-later
/* The policer's arithmetic (bpf/police.h) under a clock of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/dataplane.h"

#define S 1000000000ull

static const uint64_t rates[] = { 8000,	     64000,	 1000000,     10000000,
				  500000000, 1000000000, 10000000000, 100000000000 };
#define RATES (sizeof(rates) / sizeof(rates[0]))

static struct abi_session plan(uint64_t bps, uint64_t depth)
{
	return (struct abi_session){ .police_cost = dp_police_cost(bps), .police_depth = depth };
}

static void test_cost(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(dp_police_cost(8000), 1000000ull << 20);
	assert_int_equal(dp_police_cost(8000000000), 1 << 20);
	assert_int_equal(dp_police_cost(100000000000), 83886);
	assert_int_equal(dp_police_cost(0), dp_police_cost(64));
	assert_int_equal(dp_police_cost(UINT64_MAX), 0);
	for (i = 0; i < RATES; i++) {
		double exact = 8e9 * (1 << 20) / (double)rates[i];
		double off = (double)dp_police_cost(rates[i]) / exact - 1;

		assert_true(off < 1e-5 && off > -1e-5);
	}
}

/* Offered twice the rate, what passes is the rate and the bucket's depth, to less than 0.1 %. */
static void offer(uint64_t bps, uint32_t len, uint32_t overhead, uint32_t count)
{
	const double octet_ns = 8e9 / (double)bps, step = octet_ns * (len + overhead) / 2;
	struct abi_session s = plan(bps, (uint64_t)(octet_ns * 20000) + 1);
	uint64_t start = 7 * S, now = start, passed = 0;
	struct abi_police p = { 0 };
	double want, got;
	uint32_t i;

	for (i = 0; i < count; i++) {
		now = start + (uint64_t)(step * i);
		passed += (unsigned)police_take(&p, &s, now, len, overhead);
	}
	want = (double)(now - start) / octet_ns + 20000;
	got = (double)passed * (len + overhead);
	if (got > want * 1.001 || got < want * 0.999 - (len + overhead))
		print_error("%llu bit/s, %u octets: %.0f of %.0f\n", (unsigned long long)bps, len,
			    got, want);
	assert_true(got <= want * 1.001);
	assert_true(got >= want * 0.999 - (len + overhead));
	assert_int_equal(p.dropped_packets, count - passed);
	assert_int_equal(p.dropped_bytes, (count - passed) * len);
}

static void test_exact(void **state)
{
	static const uint32_t lens[] = { 20, 64, 576, 1492 };
	size_t i, l;

	(void)state;
	for (i = 0; i < RATES; i++) {
		for (l = 0; l < 4; l++) {
			offer(rates[i], lens[l], 0, 200000);
			offer(rates[i], lens[l], 26, 200000);
		}
	}
}

/* The largest packet at the lowest rate, after years, and again: no sum wraps. */
static void test_extremes(void **state)
{
	struct abi_session s = plan(64, UINT64_MAX / 4);
	struct abi_police p = { 0 };
	uint64_t now = 50ull * 366 * 86400 * S, octet = S / 8;

	(void)state;
	assert_true(police_take(&p, &s, now, 65535, 65535));
	assert_int_equal(p.full_at, now + 131070 * octet);
	assert_true(police_take(&p, &s, now, 65535, 65535));
	assert_int_equal(p.full_at, now + 2 * 131070 * octet);
	s.police_depth = 131070 * octet - 1;
	p = (struct abi_police){ 0 };
	assert_false(police_take(&p, &s, now, 65535, 65535)); /* never has room */
	s.police_depth++;
	assert_true(police_take(&p, &s, now, 65535, 65535));
	assert_false(police_take(&p, &s, now, 1, 0));
	assert_true(police_take(&p, &s, now + octet, 1, 0));
}

/* A bucket holds no more than its depth, however long the line was idle. */
static void test_idle(void **state)
{
	struct abi_session s = plan(8000000, 1000 * 1000); /* 1000 octets */
	struct abi_police p = { 0 };
	uint64_t now = S;
	int i, n;

	(void)state;
	for (i = 0; i < 5; i++, now += 1000 * 86400 * S) {
		for (n = 0; police_take(&p, &s, now, 100, 0); n++)
			;
		assert_int_equal(n, 10);
	}
	assert_false(police_take(&p, &s, now - 1000 * 86400 * S + 99 * 1000, 100, 0));
	assert_true(police_take(&p, &s, now - 1000 * 86400 * S + 100 * 1000, 100, 0));
}

/* Another CPU has been here with a later time. */
static void test_older_now(void **state)
{
	struct abi_session s = plan(8000000, 200 * 1000);
	struct abi_police p = { 0 };

	(void)state;
	assert_true(police_take(&p, &s, S + 50, 100, 0));
	assert_int_equal(p.full_at, S + 50 + 100000);
	assert_false(police_take(&p, &s, S, 100, 0));
	assert_true(police_take(&p, &s, S + 50, 100, 0));
	assert_int_equal(p.full_at, S + 50 + 200000);
}

static void test_change(void **state)
{
	struct abi_session s = plan(8000000, 1000 * 1000);
	struct abi_police p = { 0 };

	(void)state;
	assert_true(police_take(&p, &s, S, 600, 0));
	s = plan(16000000, 1000 * 1000); /* 600 us are taken, as before */
	assert_true(police_take(&p, &s, S, 800, 0));
	assert_false(police_take(&p, &s, S, 1, 0));
	s = plan(8000, 2 * S);
	assert_true(police_take(&p, &s, S, 1000, 0));
	assert_false(police_take(&p, &s, S, 1000, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cost),	  cmocka_unit_test(test_exact),
		cmocka_unit_test(test_extremes),  cmocka_unit_test(test_idle),
		cmocka_unit_test(test_older_now), cmocka_unit_test(test_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
