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

/* --- runs that have not the time for everything -------------------------------------------- */

static uint64_t clock_reads;

static uint64_t fake_clock(void)
{
	return ++clock_reads;
}

/* Until nothing is left, never more than `budget` looks at the clock at once. Timers are set, moved
 * and cancelled between two runs, too. Returns how many runs that took. */
static unsigned run_in_parts(uint64_t budget)
{
	unsigned runs = 0;

	do {
		clock_reads = 0;
		assert_true(wheel_run_until(&wheel, now, fake_clock, budget) <= budget + 1);
		assert_true(clock_reads <= budget);
		runs++;
		if (mischief && !rnd(4))
			model_set(&owner[rnd(TIMERS)], now + random_offset());
		if (mischief && !rnd(4))
			model_cancel(&owner[rnd(TIMERS)]);
	} while (wheel_next(&wheel) <= now);
	return runs;
}

static void test_parts(void **state)
{
	unsigned runs = 0, steps = 0;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		begin(rnd(1ull << 50));
		mischief = round % 2;
		for (unsigned i = 0; i < 400; i++) {
			for (unsigned n = 0; n < 20; n++)
				model_set(&owner[rnd(TIMERS)],
					  now + random_offset() % (WHEEL_TICK << 10));
			now += rnd(8) ? rnd(WHEEL_TICK << rnd(10)) : rnd(WHEEL_TICK << rnd(18));
			runs += run_in_parts(1 + rnd(5));
			steps++;
			check();
		}
	}
	assert_true(runs > 2 * steps);
}

#define MANY 20000

static struct timer many[2][MANY];
static unsigned came[2][MANY], came_count[2], which;

static void on_one_of_many(struct timer *t, uint64_t at)
{
	(void)at;
	came[which][came_count[which]++] = (unsigned)(t - many[which]);
}

/* In parts they come in the order in which they come at once; moving many down from a higher level
 * is stopped, too, when the time is over. */
static void test_parts_order(void **state)
{
	static struct wheel both[2];
	static uint64_t at[MANY];
	unsigned runs = 0, idle = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		at[i] = (64 * 64 * 64 + rnd(8)) * WHEEL_TICK -
			rnd(3); /* one slot of the third level */
	for (which = 0; which < 2; which++) {
		wheel_init(&both[which], 0);
		came_count[which] = 0;
		for (unsigned i = 0; i < MANY; i++) {
			timer_init(&many[which][i], on_one_of_many);
			timer_set(&both[which], &many[which][i], at[i]);
		}
	}
	now = (64 * 64 * 64 + 7) * WHEEL_TICK;
	which = 0;
	assert_int_equal(wheel_run(&both[0], now), MANY);
	which = 1;
	for (; both[1].armed; runs++) {
		clock_reads = 0;
		idle += !wheel_run_until(&both[1], now, fake_clock, 10);
		assert_true(clock_reads <= 10);
		assert_true(runs < MANY);
	}
	assert_true(runs > MANY / 11);
	assert_true(idle > 10); /* only moved some down */
	assert_int_equal(wheel_next(&both[1]), UINT64_MAX);
	assert_int_equal(came_count[1], MANY);
	assert_memory_equal(came[0], came[1], sizeof(came[0]));
}

/* What was left is cancelled: the rest is nothing, and the wheel goes on. */
static void test_parts_cancelled(void **state)
{
	(void)state;
	mischief = false;
	begin(0);
	for (unsigned i = 0; i < 10; i++)
		model_set(&owner[i], WHEEL_TICK);
	now = WHEEL_TICK;
	clock_reads = 5; /* no time at all: one all the same */
	assert_int_equal(wheel_run_until(&wheel, now, fake_clock, 5), 1);
	assert_int_equal(wheel_next(&wheel), now);
	for (unsigned i = 0; i < 10; i++)
		if (owner[i].set)
			model_cancel(&owner[i]);
	assert_int_equal(wheel_next(&wheel), UINT64_MAX);
	model_set(&owner[0], now + WHEEL_TICK);
	assert_int_equal(wheel_run(&wheel, now), 0);
	step(WHEEL_TICK);
	assert_false(owner[0].set);
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
		cmocka_unit_test(test_random),	      cmocka_unit_test(test_parts),
		cmocka_unit_test(test_parts_order),   cmocka_unit_test(test_parts_cancelled),
		cmocka_unit_test(test_borders),	      cmocka_unit_test(test_beyond_the_end),
		cmocka_unit_test(test_past_and_move),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) | 1;
	printf("SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
