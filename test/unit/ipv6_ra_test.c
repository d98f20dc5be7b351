// SPDX-License-Identifier: GPL-2.0-or-later
/* The timing of Router Advertisements: a clock that the test moves, and a list of what was sent. */
#include "ipv6/ra.h"

#include "ipv6/nd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SEC NSEC_PER_SEC

static struct wheel wheel;
static uint64_t now;
static uint32_t next_random;

static struct sent {
	uint64_t at;
	struct ip6 dst;
	bool final;
} sent[64];
static unsigned sent_count;

static void transmit(struct ipv6_ra_sender *s, uint64_t at, const struct ip6 *dst, bool final)
{
	(void)s;
	assert_true(sent_count < 64);
	sent[sent_count++] = (struct sent){ .at = at, .dst = *dst, .final = final };
}

static uint32_t not_random(void)
{
	return next_random;
}

static struct ipv6_ra_ctx ctx = {
	.wheel = &wheel,
	.interval = 600 * SEC,
	.answers_per_second = 1,
	.answers_burst = 4,
	.transmit = transmit,
	.random = not_random,
};

static int setup(void **state)
{
	(void)state;
	now = 1000 * SEC;
	wheel_init(&wheel, now);
	next_random = 0;
	sent_count = 0;
	ctx.interval = 600 * SEC;
	return 0;
}

static void run_until(uint64_t until)
{
	while (now < until) {
		now += WHEEL_TICK;
		wheel_run(&wheel, now);
	}
}

/* Three within 16 s of each other (RFC 4861, section 6.2.4), then one every interval. */
static void test_unsolicited(void **state)
{
	struct ipv6_ra_sender s;
	uint64_t start = now;
	const uint64_t want[] = { 0, 16, 32, 632, 1232 };

	(void)state;
	ipv6_ra_sender_init(&s, &ctx);
	assert_int_equal(sent_count, 0);
	ipv6_ra_sender_start(&s, now);
	run_until(start + 1300 * SEC);
	assert_int_equal(sent_count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_in_range(sent[i].at, start + want[i] * SEC,
				start + want[i] * SEC + 10 * WHEEL_TICK);
		assert_true(ip6_equal(&sent[i].dst, &ipv6_all_nodes));
		assert_false(sent[i].final);
	}
	ipv6_ra_sender_stop(&s, now, false);
}

static void test_jitter(void **state)
{
	struct ipv6_ra_sender s;
	uint64_t start = now;

	(void)state;
	next_random = UINT32_MAX; /* the shortest: three quarters */
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	run_until(start + 500 * SEC);
	assert_int_equal(sent_count, 4);
	assert_in_range(sent[3].at, start + 482 * SEC, start + 483 * SEC);
	ipv6_ra_sender_stop(&s, now, false);
}

/* An interval below 16 s holds for the first three too. */
static void test_short_interval(void **state)
{
	struct ipv6_ra_sender s;
	uint64_t start = now;

	(void)state;
	ctx.interval = 4 * SEC;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	run_until(start + 9 * SEC);
	assert_int_equal(sent_count, 3);
	ipv6_ra_sender_stop(&s, now, false);
}

static void test_default_interval(void **state)
{
	struct ipv6_ra_sender s;
	uint64_t start = now;

	(void)state;
	ctx.interval = 0;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	run_until(start + 631 * SEC);
	assert_int_equal(sent_count, 3);
	run_until(start + 633 * SEC);
	assert_int_equal(sent_count, 4);
	ipv6_ra_sender_stop(&s, now, false);
}

static void test_solicited(void **state)
{
	const struct ip6 peer = { .b = { 0xfe, 0x80, [15] = 7 } }, unset = { 0 };
	struct ipv6_ra_sender s;

	(void)state;
	ipv6_ra_sender_init(&s, &ctx);
	assert_false(ipv6_ra_sender_solicited(&s, now, &peer)); /* IPV6CP is not up */
	ipv6_ra_sender_start(&s, now);
	sent_count = 0;
	assert_true(ipv6_ra_sender_solicited(&s, now, &peer));
	assert_true(ip6_equal(&sent[0].dst, &peer));
	assert_int_equal(sent[0].at, now);
	assert_true(ipv6_ra_sender_solicited(&s, now, &unset));
	assert_true(ip6_equal(&sent[1].dst, &ipv6_all_nodes));
	assert_true(ipv6_ra_sender_solicited(&s, now, &peer));
	assert_true(ipv6_ra_sender_solicited(&s, now, &peer));
	assert_false(ipv6_ra_sender_solicited(&s, now, &peer)); /* the burst is used up */
	assert_int_equal(sent_count, 4);
	run_until(now + SEC);
	assert_true(ipv6_ra_sender_solicited(&s, now, &peer));
	assert_false(ipv6_ra_sender_solicited(&s, now, &peer));
	ipv6_ra_sender_stop(&s, now, false);
}

static void test_stop(void **state)
{
	const struct ip6 peer = { .b = { 0xfe, 0x80, [15] = 7 } };
	struct ipv6_ra_sender s;

	(void)state;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_stop(&s, now, true); /* never started: nothing to take back */
	assert_int_equal(sent_count, 0);
	ipv6_ra_sender_start(&s, now);
	ipv6_ra_sender_stop(&s, now, true);
	ipv6_ra_sender_stop(&s, now, true);
	assert_int_equal(sent_count, 2);
	assert_true(sent[1].final);
	assert_true(ip6_equal(&sent[1].dst, &ipv6_all_nodes));
	assert_false(ipv6_ra_sender_solicited(&s, now, &peer));
	assert_int_equal(wheel_next(&wheel), UINT64_MAX);
	run_until(now + 700 * SEC);
	assert_int_equal(sent_count, 2);
	ipv6_ra_sender_start(&s, now); /* IPV6CP may come up again: the first three anew */
	run_until(now + 33 * SEC);
	assert_int_equal(sent_count, 5);
	ipv6_ra_sender_stop(&s, now, false); /* the link is gone: silence */
	assert_int_equal(sent_count, 5);
}

/* What a session pays. */
static void test_size(void **state)
{
	(void)state;
	assert_true(sizeof(struct ipv6_ra_sender) < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_unsolicited, setup),
		cmocka_unit_test_setup(test_jitter, setup),
		cmocka_unit_test_setup(test_short_interval, setup),
		cmocka_unit_test_setup(test_default_interval, setup),
		cmocka_unit_test_setup(test_solicited, setup),
		cmocka_unit_test_setup(test_stop, setup),
		cmocka_unit_test_setup(test_size, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
