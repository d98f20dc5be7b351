// SPDX-License-Identifier: GPL-2.0-or-later
/* The timing of Router Advertisements: a clock that the test moves, and a list of what was sent. */
#include "ipv6/ra.h"

#include "ipv6/nd.h"

#include <errno.h>
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

/* What it says has changed: three more, the first within 3 s, then as before. */
static void test_again(void **state)
{
	struct ipv6_ra_sender s;
	uint64_t start = now;
	const uint64_t want[] = { 103, 119, 135, 735 };

	(void)state;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_again(&s, now);
	run_until(start + 10 * SEC);
	assert_int_equal(sent_count, 0); /* IPv6 is not up */
	start = now;
	ipv6_ra_sender_start(&s, now);
	run_until(start + 100 * SEC);
	assert_int_equal(sent_count, 3);
	sent_count = 0;
	next_random = UINT32_MAX;
	ipv6_ra_sender_again(&s, now);
	assert_int_equal(sent_count, 0);
	next_random = 0;
	run_until(start + 800 * SEC);
	assert_int_equal(sent_count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(sent[i].at, start + (want[i] - 1) * SEC,
				start + (want[i] + 1) * SEC);
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

/* Frozen and thawed at any moment, the same ones go out at the same times. */
static void test_thaw(void **state)
{
	uint64_t start = now, at[64];
	struct ipv6_ra_sender s;
	unsigned n, thaws = 0;

	(void)state;
	next_random = 0x4321;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	run_until(start + 3000 * SEC);
	ipv6_ra_sender_stop(&s, now, false);
	n = sent_count;
	for (unsigned i = 0; i < n; i++)
		at[i] = sent[i].at;
	setup(NULL);
	next_random = 0x4321;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	while (now < start + 3000 * SEC) {
		uint8_t buf[IPV6_RA_FROZEN_MAX];
		struct wr w = wr_init(buf, sizeof(buf));
		struct rd r;

		run_until(now + 7 * SEC);
		assert_int_equal(ipv6_ra_sender_freeze(&s, &w), 0);
		timer_cancel(&wheel, &s.timer);
		memset(&s, 0xa5, sizeof(s));
		r = rd_init(buf, w.len);
		assert_int_equal(ipv6_ra_sender_frozen_check(r), 0);
		assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), 0);
		thaws++;
	}
	assert_true(thaws > 400);
	assert_int_equal(sent_count, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(sent[i].at, at[i]);
	ipv6_ra_sender_stop(&s, now, false);
}

/* An hour away: the one that is due goes out within 16 s, then in the usual time. One that was not
 * started is not. */
static void test_thaw_late(void **state)
{
	uint8_t buf[IPV6_RA_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ipv6_ra_sender s;
	struct rd r;

	(void)state;
	next_random = 0x8000;
	ipv6_ra_sender_init(&s, &ctx);
	ipv6_ra_sender_start(&s, now);
	assert_int_equal(ipv6_ra_sender_freeze(&s, &w), 0);
	timer_cancel(&wheel, &s.timer);
	sent_count = 0;
	now += 3600 * SEC;
	wheel_run(&wheel, now);
	r = rd_init(buf, w.len);
	assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), 0);
	assert_int_equal(sent_count, 0);
	run_until(now + 16 * SEC);
	assert_int_equal(sent_count, 1);
	ipv6_ra_sender_stop(&s, now, false);
	w.len = 0;
	assert_int_equal(ipv6_ra_sender_freeze(&s, &w), 0);
	r = rd_init(buf, w.len);
	assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), 0);
	assert_false(s.active);
	assert_int_equal(wheel.armed, 0);
}

static void test_thaw_refuses(void **state)
{
	/* As version 1 wrote it. */
	static const uint8_t v1[] = { 1, 1, 2, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0 };
	uint8_t buf[sizeof(v1) + 1];
	struct ipv6_ra_sender s, untouched;
	struct rd r = rd_init(v1, sizeof(v1));

	(void)state;
	assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), 0);
	assert_int_equal(s.initial, 2);
	assert_int_equal(timer_at(&s.timer), now + WHEEL_TICK); /* it was due */
	timer_cancel(&wheel, &s.timer);
	memset(&s, 0x5a, sizeof(s));
	untouched = s;
	memcpy(buf, v1, sizeof(v1));
	for (size_t n = 0; n <= sizeof(buf); n++) {
		if (n == sizeof(v1))
			continue;
		r = rd_init(buf, n);
		assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), -EBADMSG);
	}
	for (unsigned i = 0; i < 3; i++) {
		memcpy(buf, v1, sizeof(v1));
		buf[i] = i ? 9 : 2;
		r = rd_init(buf, sizeof(v1));
		assert_int_equal(ipv6_ra_sender_thaw(&s, &ctx, &r, now), i ? -EBADMSG : -ENOTSUP);
	}
	assert_memory_equal(&s, &untouched, sizeof(s));
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
		cmocka_unit_test_setup(test_again, setup),
		cmocka_unit_test_setup(test_default_interval, setup),
		cmocka_unit_test_setup(test_solicited, setup),
		cmocka_unit_test_setup(test_stop, setup),
		cmocka_unit_test_setup(test_thaw, setup),
		cmocka_unit_test_setup(test_thaw_late, setup),
		cmocka_unit_test_setup(test_thaw_refuses, setup),
		cmocka_unit_test_setup(test_size, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
