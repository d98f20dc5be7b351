// SPDX-License-Identifier: GPL-2.0-or-later
/* Rates and plans as people write them, times of day, names. */
#include "test/unit/shaper_rig.h"

#define RANGE  "a rate is 8000 to 1000000000000 bit/s"
#define NUMBER "a rate is a number, with B, K, M or G behind it or without"
#define WHOLE  "a rate is a whole number of bit/s"
#define FORM   "DOWN/UP or one RATE for both is allowed, in kbit/s or with B, K, M or G"

static void good(const char *text, uint64_t down, uint64_t up)
{
	struct shaper_plan p, expected = { .down.pir = down, .up.pir = up };
	char why[128];

	memset(&p, 0xa5, sizeof(p));
	assert_int_equal(shaper_plan_parse(text, &p, why, sizeof(why)), 0);
	assert_memory_equal(&p, &expected, sizeof(p));
}

static void bad(const char *text, const char *expected)
{
	struct shaper_plan p = { .down.pir = 1 };
	char why[128];

	assert_int_equal(shaper_plan_parse(text, &p, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, expected);
	assert_int_equal(p.down.pir, 1);
}

static void test_good(void **state)
{
	(void)state;
	good("10000/5000", 10 * MBIT, 5 * MBIT);
	good("8000", 8 * MBIT, 8 * MBIT);
	good("10M/512k", 10 * MBIT, 512 * KBIT);
	good("10m/512K", 10 * MBIT, 512 * KBIT);
	good("10G/1G", 10 * GBIT, 1 * GBIT); /* accel-ppp makes 100 of 10 */
	good("1000G", 1000 * GBIT, 1000 * GBIT);
	good("1000000000", 1000 * GBIT, 1000 * GBIT);
	good("8/8000B", 8000, 8000);
	good("10000000b", 10 * MBIT, 10 * MBIT);
	good("5000000/3000000", 5 * GBIT, 3 * GBIT); /* more than 32 bits */
	good("00010000", 10 * MBIT, 10 * MBIT);
}

static void test_fractions(void **state)
{
	(void)state;
	good("1.5M", 1500000, 1500000);
	good("0.1G/2.048M", 100000000, 2048000);
	good("10.001", 10001, 10001);
	good("1.234567891G", 1234567891, 1234567891);
	good("1.1000000000000000000000000M", 1100000, 1100000);
	good("999.999999999G", 999999999999, 999999999999);
	bad("10.0001", WHOLE);
	bad("8000.5B", WHOLE);
	bad("1.0000001M", WHOLE);
	bad("1.0000000001G", WHOLE);
	bad("1.M", NUMBER);
	bad("1.", NUMBER);
	bad(".5M", NUMBER);
	bad("1.5.5M", FORM);
	bad("1e3", FORM);
	bad("0.0079M", RANGE);
	bad("1000.000000001G", RANGE);
}

static void test_bad(void **state)
{
	(void)state;
	bad("", NUMBER);
	bad("/", NUMBER);
	bad("10M/", NUMBER);
	bad("/10M", NUMBER);
	bad("fast", NUMBER);
	bad("-1", NUMBER);
	bad("+10M", NUMBER);
	bad(" 10M", NUMBER);
	bad("10M ", FORM);
	bad("10M/5M/1M", FORM);
	bad("10M:5M", FORM);
	bad("10Mbit", FORM);
	bad("10MM", FORM);
	bad("0x10", FORM);
	bad("0", RANGE);
	bad("0/0", RANGE);
	bad("10M/0", RANGE);
	bad("7", RANGE);
	bad("7999B", RANGE);
	bad("1001G", RANGE);
	bad("1000000001", RANGE);
	bad("18446744073709551617", RANGE); /* 2^64 + 1 */
	bad("18446744073709552G", RANGE);
	bad("18446744074G", RANGE); /* 290448384 in 64 bits */
	bad("4294977296000", RANGE);
}

/* Every octet that could stand behind a rate and does not belong there is refused. */
static void test_every_octet_behind(void **state)
{
	char text[] = "10000?", why[128];
	struct shaper_plan p;

	(void)state;
	for (int c = 1; c < 256; c++) {
		text[5] = (char)c;
		if (!strchr("0123456789BKMGbkmg./", c))
			bad(text, FORM);
		else if (shaper_plan_parse(text, &p, why, sizeof(why)))
			assert_string_not_equal(why, FORM);
	}
}

static void test_ranges(void **state)
{
	static const struct shaper_range day = { "day", 8 * 60, 20 * 60 };
	static const struct shaper_range night = { "night", 22 * 60 + 30, 6 * 60 };
	static const struct shaper_range all = { "all", 5, 5 };
	static const struct shaper_range evening = { "evening", 18 * 60, 24 * 60 };

	(void)state;
	for (unsigned m = 0; m < 1440; m++) {
		assert_int_equal(shaper_range_active(&day, m), m >= 480 && m < 1200);
		assert_int_equal(shaper_range_active(&night, m), m >= 1350 || m < 360);
		assert_int_equal(shaper_range_active(&evening, m), m >= 1080);
		assert_true(shaper_range_active(&all, m));
	}
}

static void test_names(void **state)
{
	struct shaper_rules r;

	(void)state;
	shaper_rules_init(&r);
	assert_int_equal(r.order_count, SHAPER_DICT_COUNT);
	assert_int_equal(r.order[0], SHAPER_PROFILE);
	assert_int_equal(r.order[SHAPER_DICT_COUNT - 1], SHAPER_FILTER_ID);
	assert_string_equal(shaper_dict_name(SHAPER_PROFILE), "profile");
	assert_string_equal(shaper_dict_name(SHAPER_FILTER_ID), "filter-id");
	assert_string_equal(shaper_dict_name(SHAPER_DICT_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_bad),    cmocka_unit_test(test_every_octet_behind),
		cmocka_unit_test(test_ranges), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
