// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timer wheel against the plainest model: an array of times. Random settings, moves, cancels,
 * some of them from within timers, and steps from nothing to days; the seed is printed.
 */
#include "base/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#define TIMERS 300

static struct wheel wheel;
static uint64_t now;
static uint64_t seed;

static struct owner {
	struct timer timer;
	uint64_t at;
	bool set;
	unsigned fired;
} owner[TIMERS];
static unsigned set_count;
static uint64_t last_tick; /* of the last that fired: they come in order */
static bool mischief;	   /* timers set and cancel others */

static uint64_t rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static uint64_t tick_of(uint64_t at)
{
	return at / WHEEL_TICK + (at % WHEEL_TICK ? 1 : 0);
}

/* Mostly near, sometimes as far as the level that hardly anything reaches. */
static uint64_t random_offset(void)
{
	return rnd(WHEEL_TICK << rnd(34));
}

static void model_set(struct owner *o, uint64_t at)
{
	set_count += !o->set;
	o->set = true;
	o->at = at;
	timer_set(&wheel, &o->timer, at);
	assert_true(timer_is_set(&o->timer));
}

static void model_cancel(struct owner *o)
{
	set_count -= o->set;
	o->set = false;
	timer_cancel(&wheel, &o->timer);
	assert_false(timer_is_set(&o->timer));
}

static void on_timer(struct timer *t, uint64_t at)
{
	struct owner *o = container_of(t, struct owner, timer);

	assert_int_equal(at, now);
	assert_true(o->set);
	assert_true(o->at <= now); /* never early */
	assert_false(timer_is_set(t));
	assert_true(wheel.tick >= last_tick);
	assert_true(tick_of(o->at) <= wheel.tick);
	last_tick = wheel.tick;
	o->set = false;
	o->fired++;
	set_count--;
	if (!mischief)
		return;
	if (rnd(2))
		model_set(o, now + random_offset());
	if (!rnd(4))
		model_cancel(&owner[rnd(TIMERS)]);
	if (!rnd(4))
		model_set(&owner[rnd(TIMERS)], now + random_offset());
}

static void check(void)
{
	uint64_t next = wheel_next(&wheel), first = UINT64_MAX;
	unsigned set = 0;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct owner *o = &owner[i];

		assert_int_equal(timer_is_set(&o->timer), o->set);
		if (!o->set)
			continue;
		set++;
		if (o->at < first)
			first = o->at;
		assert_true(tick_of(o->at) > now / WHEEL_TICK); /* never late */
	}
	assert_int_equal(set, set_count);
	assert_int_equal(wheel.armed, set_count);
	if (!set)
		assert_int_equal(next, UINT64_MAX);
	else
		assert_true(next > now && next <= tick_of(first) * WHEEL_TICK);
}

static void begin(uint64_t start)
{
	now = start;
	last_tick = 0;
	set_count = 0;
	wheel_init(&wheel, now);
	for (unsigned i = 0; i < TIMERS; i++) {
		owner[i] = (struct owner){ 0 };
		timer_init(&owner[i].timer, on_timer);
	}
}

static void step(uint64_t by)
{
	now += by;
	wheel_run(&wheel, now);
	check();
}

static void test_random(void **state)
{
	uint64_t fired = 0;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		begin(rnd(1ull << 50));
		mischief = round % 2;
		for (unsigned i = 0; i < 400; i++) {
			struct owner *o = &owner[rnd(TIMERS)];

			if (rnd(3))
				model_set(o, now + random_offset());
			else
				model_cancel(o);
			step(rnd(8) ? rnd(WHEEL_TICK << rnd(10)) : rnd(WHEEL_TICK << rnd(18)));
		}
		for (unsigned i = 0; i < TIMERS; i++)
			fired += owner[i].fired;
	}
	assert_true(fired > 1000);
}

/* Every distance around the borders of the levels, from every kind of place on the wheel. */
static void test_borders(void **state)
{
	static const uint64_t border[] = { 1, 64, 4096, 262144 };

	(void)state;
	mischief = false;
	for (unsigned b = 0; b < 4; b++) {
		for (uint64_t start = border[b] - 1; start <= border[b] + 1; start++) {
			begin(start * WHEEL_TICK);
			for (unsigned i = 0; i < 12; i++)
				model_set(&owner[i], now + (border[i / 3] + i % 3) * WHEEL_TICK);
			while (set_count)
				step(border[b] > 64 ? 7 * WHEEL_TICK : WHEEL_TICK);
		}
	}
}

/* Beyond the last level (124 days) a timer waits at the far end. The empty ticks on the way there
 * are skipped by hand: there are a thousand million. */
static void test_beyond_the_end(void **state)
{
	const uint64_t span = 1ull << WHEEL_LEVELS * WHEEL_BITS;
	struct owner *o = &owner[0];

	(void)state;
	mischief = false;
	begin(0);
	model_set(o, (span + span / 2) * WHEEL_TICK);
	wheel.tick = span - (span >> WHEEL_BITS) - 1; /* just before its slot comes */
	now = wheel.tick * WHEEL_TICK;
	step(WHEEL_TICK);
	assert_int_equal(o->fired, 0);
	wheel.tick = span + span / 2 - (span >> WHEEL_BITS) - 1;
	now = wheel.tick * WHEEL_TICK;
	while (now < o->at - WHEEL_TICK)
		step(WHEEL_TICK << 16 < o->at - WHEEL_TICK - now ? WHEEL_TICK << 16
								 : o->at - WHEEL_TICK - now);
	assert_int_equal(o->fired, 0);
	step(WHEEL_TICK);
	assert_int_equal(o->fired, 1);
}

static void test_past_and_move(void **state)
{
	struct owner *o = &owner[0];

	(void)state;
	mischief = false;
	begin(5 * NSEC_PER_SEC);
	timer_cancel(&wheel, &o->timer); /* not set: nothing happens */
	o->set = true;
	set_count++;
	o->at = 1;
	timer_set(&wheel, &o->timer, 1);
	wheel_run(&wheel, now);
	assert_int_equal(o->fired, 0);
	now += WHEEL_TICK;
	assert_int_equal(wheel_run(&wheel, now), 1);
	assert_int_equal(o->fired, 1);
	model_set(o, now + NSEC_PER_SEC);
	model_set(o, now + 2 * NSEC_PER_SEC);
	step(NSEC_PER_SEC + WHEEL_TICK);
	assert_int_equal(o->fired, 1);
	step(NSEC_PER_SEC);
	assert_int_equal(o->fired, 2);
	now -= NSEC_PER_SEC; /* a clock that steps back does no harm */
	assert_int_equal(wheel_run(&wheel, now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_beyond_the_end),
		cmocka_unit_test(test_past_and_move),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) | 1;
	printf("SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
