// SPDX-License-Identifier: GPL-2.0-or-later
/* The calendar of accounting against dates worked out by hand, and the watch of a clock that jumps.
 */
#include "daemon/period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define HOUR 3600ull
#define DAY  (24 * HOUR)
#define NSEC 1000000000ull

static void zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

/* UTC: days since 1970 by the proleptic calendar, not by the library that is tested. */
static uint64_t utc(int y, int m, int d, int h)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t days = (uint64_t)d - 1;

	for (int i = 1970; i < y; i++)
		days += i % 4 == 0 && (i % 100 != 0 || i % 400 == 0) ? 366 : 365;
	days += (uint64_t)before[m - 1];
	if (m > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		days++;
	return days * DAY + (uint64_t)h * HOUR;
}

static void is(enum period_kind kind, uint64_t wall, uint64_t prev, uint64_t start, uint64_t next)
{
	struct period p;

	period_of(kind, wall, &p);
	if (p.prev != prev || p.start != start || p.next != next)
		print_error("kind %d at %llu: %llu %llu %llu\n", kind, (unsigned long long)wall,
			    (unsigned long long)p.prev, (unsigned long long)p.start,
			    (unsigned long long)p.next);
	assert_int_equal(p.prev, prev);
	assert_int_equal(p.start, start);
	assert_int_equal(p.next, next);
}

static void none_never_ends(void **state)
{
	(void)state;
	zone("UTC");
	is(PERIOD_NONE, utc(2026, 11, 21, 1), 0, 0, UINT64_MAX);
}

static void month_ends_and_leap_years(void **state)
{
	(void)state;
	zone("UTC");
	is(PERIOD_MONTHLY, utc(2028, 2, 29, 23), utc(2028, 1, 1, 0), utc(2028, 2, 1, 0),
	   utc(2028, 3, 1, 0));
	is(PERIOD_MONTHLY, utc(2027, 3, 1, 0), utc(2027, 2, 1, 0), utc(2027, 3, 1, 0),
	   utc(2027, 4, 1, 0));
	is(PERIOD_MONTHLY, utc(2027, 1, 31, 12), utc(2026, 12, 1, 0), utc(2027, 1, 1, 0),
	   utc(2027, 2, 1, 0));
	is(PERIOD_MONTHLY, utc(2026, 12, 31, 23), utc(2026, 11, 1, 0), utc(2026, 12, 1, 0),
	   utc(2027, 1, 1, 0));
	is(PERIOD_DAILY, utc(2028, 2, 29, 5), utc(2028, 2, 28, 0), utc(2028, 2, 29, 0),
	   utc(2028, 3, 1, 0));
	is(PERIOD_DAILY, utc(2100, 3, 1, 0), utc(2100, 2, 28, 0), utc(2100, 3, 1, 0),
	   utc(2100, 3, 2, 0));
	is(PERIOD_DAILY, utc(2027, 1, 1, 0) - 1, utc(2026, 12, 30, 0), utc(2026, 12, 31, 0),
	   utc(2027, 1, 1, 0));
	/* 2026-11-21 is a Saturday; Sunday is the week's last day. */
	is(PERIOD_WEEKLY, utc(2026, 11, 22, 23), utc(2026, 11, 9, 0), utc(2026, 11, 16, 0),
	   utc(2026, 11, 23, 0));
	is(PERIOD_WEEKLY, utc(2026, 11, 23, 0), utc(2026, 11, 16, 0), utc(2026, 11, 23, 0),
	   utc(2026, 11, 30, 0));
	is(PERIOD_WEEKLY, utc(2027, 1, 2, 0), utc(2026, 12, 21, 0), utc(2026, 12, 28, 0),
	   utc(2027, 1, 4, 0));
}

/* Zones are written out, so that the test needs no data base of them. */
static void clocks_are_changed(void **state)
{
	(void)state;
	zone("CET-1CEST,M3.5.0,M10.5.0/3"); /* 2026: 29 March, 25 October */
	is(PERIOD_DAILY, utc(2026, 3, 29, 12), utc(2026, 3, 27, 23), utc(2026, 3, 28, 23),
	   utc(2026, 3, 29, 22));
	is(PERIOD_DAILY, utc(2026, 10, 25, 12), utc(2026, 10, 23, 22), utc(2026, 10, 24, 22),
	   utc(2026, 10, 25, 23));
	is(PERIOD_MONTHLY, utc(2026, 10, 31, 12), utc(2026, 8, 31, 22), utc(2026, 9, 30, 22),
	   utc(2026, 10, 31, 23));
	/* Midnight of the first Sunday of April does not exist: 00:00 is 01:00. */
	zone("AAA3BBB,M4.1.0/0,M10.1.0/0"); /* 2026: 5 April, 4 October */
	is(PERIOD_DAILY, utc(2026, 4, 5, 12), utc(2026, 4, 4, 3), utc(2026, 4, 5, 3),
	   utc(2026, 4, 6, 2));
	is(PERIOD_DAILY, utc(2026, 4, 5, 3) - 1, utc(2026, 4, 3, 3), utc(2026, 4, 4, 3),
	   utc(2026, 4, 5, 3));
	/* In October 00:00 is 23:00 once more: the 3rd has 25 hours. */
	is(PERIOD_DAILY, utc(2026, 10, 3, 12), utc(2026, 10, 2, 2), utc(2026, 10, 3, 2),
	   utc(2026, 10, 4, 3));
	/* Midnight comes twice: at 01:00 it is 00:00 again. The first one counts. */
	zone("CCC5DDD,M3.2.0/0,M11.1.0/1"); /* 2026: 1 November */
	is(PERIOD_DAILY, utc(2026, 11, 1, 12), utc(2026, 10, 31, 4), utc(2026, 11, 1, 4),
	   utc(2026, 11, 2, 5));
	is(PERIOD_DAILY, utc(2026, 11, 1, 4), utc(2026, 10, 31, 4), utc(2026, 11, 1, 4),
	   utc(2026, 11, 2, 5));
	is(PERIOD_MONTHLY, utc(2026, 11, 1, 5) - 1, utc(2026, 10, 1, 4), utc(2026, 11, 1, 4),
	   utc(2026, 12, 1, 5));
	zone("EEE-5:45"); /* a quarter of an hour beside */
	is(PERIOD_DAILY, utc(2026, 11, 20, 18) + 900, utc(2026, 11, 19, 18) + 900,
	   utc(2026, 11, 20, 18) + 900, utc(2026, 11, 21, 18) + 900);
}

/* Hour by hour through four years: periods follow each other without a gap. */
static void no_gap(void **state)
{
	static const char *const zones[] = { "UTC", "CET-1CEST,M3.5.0,M10.5.0/3",
					     "AAA3BBB,M4.1.0/0,M10.1.0/0",
					     "CCC5DDD,M3.2.0/0,M11.1.0/1",
					     "LHA-10:30LHB-11,M10.1.0,M4.1.0" };

	(void)state;
	for (unsigned z = 0; z < 5; z++) {
		zone(zones[z]);
		for (enum period_kind k = PERIOD_DAILY; k <= PERIOD_MONTHLY; k++) {
			struct period last, p;

			period_of(k, utc(2025, 1, 1, 12), &last);
			for (uint64_t t = utc(2025, 1, 1, 13); t < utc(2029, 1, 2, 0); t += HOUR) {
				period_of(k, t, &p);
				assert_true(p.start <= t && t < p.next && p.prev < p.start);
				if (p.start != last.start) {
					assert_int_equal(p.start, last.next);
					assert_int_equal(p.prev, last.start);
				}
				last = p;
			}
		}
	}
}

static void boundary_and_small_steps(void **state)
{
	struct period_watch w;
	uint64_t dec = utc(2026, 12, 1, 0), now = NSEC;

	(void)state;
	zone("UTC");
	period_watch_init(&w, PERIOD_MONTHLY, dec - 10, 0);
	assert_int_equal(period_watch(&w, now, dec - 1), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now += NSEC, dec), PERIOD_ROLL);
	assert_int_equal(w.now.start, dec);
	assert_int_equal(w.now.prev, utc(2026, 11, 1, 0));
	/* Put back behind the boundary by seconds: it is not passed twice. */
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(period_watch(&w, now += NSEC, dec - 4 + i), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now += NSEC, dec + 1), PERIOD_SAME);
	assert_int_equal(w.behind, 0);
}

static void clock_jumps(void **state)
{
	struct period_watch w;
	uint64_t may = utc(2026, 5, 10, 0), now = NSEC;

	(void)state;
	zone("UTC");
	period_watch_init(&w, PERIOD_MONTHLY, may, 0);
	assert_int_equal(period_watch(&w, now, utc(2036, 1, 5, 0)), PERIOD_ROLL);
	assert_int_equal(w.now.start, utc(2036, 1, 1, 0));
	/* Set right again: believed after a day, and told as no boundary. */
	assert_int_equal(period_watch(&w, now, may), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now + PERIOD_PATIENCE - 1, may + DAY - 1), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now + PERIOD_PATIENCE, may + DAY), PERIOD_MOVED);
	assert_int_equal(w.now.start, utc(2026, 5, 1, 0));
	assert_int_equal(period_watch(&w, now + PERIOD_PATIENCE, utc(2026, 6, 1, 0)), PERIOD_ROLL);
	/* A box without a clock comes up in 1970; the file knows better. */
	period_watch_init(&w, PERIOD_MONTHLY, 100, utc(2026, 5, 1, 0));
	assert_int_equal(w.now.start, utc(2026, 5, 1, 0));
	assert_int_equal(period_watch(&w, now, 101), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now, may), PERIOD_SAME);
	assert_int_equal(period_watch(&w, now, utc(2026, 6, 2, 0)), PERIOD_ROLL);
	/* A file older than the clock does not hold it back. */
	period_watch_init(&w, PERIOD_DAILY, may, utc(2026, 4, 1, 0));
	assert_int_equal(w.now.start, may);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_never_ends),
		cmocka_unit_test(month_ends_and_leap_years),
		cmocka_unit_test(clocks_are_changed),
		cmocka_unit_test(no_gap),
		cmocka_unit_test(boundary_and_small_steps),
		cmocka_unit_test(clock_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
