// SPDX-License-Identifier: GPL-2.0-or-later
/* Which attribute wins: dictionaries, profiles, and times of day. */
#include "test/unit/shaper_rig.h"

#define NOON  (12 * 60)
#define NIGHT (23 * 60)

static const struct shaper_range ranges[] = {
	{ "day", 8 * 60, 20 * 60 },
	{ "night", 22 * 60, 6 * 60 },
	{ "1", 0, 60 },
	{ "night", 6 * 60, 7 * 60 }, /* and this hour as well */
};

static const struct shaper_profile profiles[] = {
	{ .name = "gold",
	  .always = { .down = { .pir = 100 * MBIT, .cir = 10 * MBIT, .burst = 1, .priority = 2 },
		      .up = { .pir = 50 * MBIT } } },
	{ .name = "down-only", .always = { .down = { .pir = 7 * MBIT } } },
	{ .name = "100M", .always = { .down = { .pir = 1 * MBIT }, .up = { .pir = 1 * MBIT } } },
	{ .name = "nights",
	  .always = { .down = { .pir = 10 * MBIT }, .up = { .pir = 5 * MBIT } },
	  .at = { { "day", { .down = { .pir = 8 * MBIT } } },
		  { "night", { .down = { .pir = 30 * MBIT }, .up = { .pir = 15 * MBIT } } },
		  { "gone", { .down = { .pir = 1 * MBIT } } } },
	  .at_count = 3 },
	{ .name = "only-nights",
	  .at = { { "night", { .down = { .pir = 30 * MBIT }, .up = { .pir = 15 * MBIT } } } },
	  .at_count = 1 },
	{ .name = "overlapping",
	  .at = { { "night", { .down = { .pir = 30 * MBIT }, .up = { .pir = 15 * MBIT } } },
		  { "1", { .up = { .pir = 2 * MBIT } } } },
	  .at_count = 2 },
};

static void begin(struct rig *g)
{
	rig_init(g);
	g->rules.profiles = profiles;
	g->rules.profile_count = ARRAY_SIZE(profiles);
	g->rules.ranges = ranges;
	g->rules.range_count = ARRAY_SIZE(ranges);
	g->minute = NOON;
}

/* --- precedence ----------------------------------------------------------------------------------
 */

/* One attribute of each dictionary, from the last of the default order to the first. The n-th says
 * n Mbit/s down. */
static void put_all(struct rig *g)
{
	rig_text(g, FILTER, "1M/1M");
	rig_u32(g, WISPR, 8, 2000000);
	rig_u32(g, ASCEND, 255, 3000000);
	rig_u32(g, HUAWEI, 6, 4000000);
	rig_text(g, ERX, 177, "5m");
	rig_text(g, CISCO, 1, "lcp:interface-config#1=rate-limit output 6000000 1 1");
	rig_text(g, MIKROTIK, 8, "70M/7M");
	rig_u32(g, RP, 2, 8000);
	rig_text(g, HUAWEI, 31, "gold");
}

static void test_default_order(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	put_all(&g);
	rig_limits(&g, 100 * MBIT, 50 * MBIT);
	assert_int_equal(g.v.down.dict, SHAPER_PROFILE);
	assert_string_equal(g.v.down.said, "Huawei-Qos-Profile-Name = gold");
	/* Each in its turn, when those before it are not read. */
	for (unsigned i = 1; i < SHAPER_DICT_COUNT; i++) {
		uint64_t mbit = SHAPER_DICT_COUNT - i;

		g.rules.order_count = SHAPER_DICT_COUNT - i;
		for (unsigned n = 0; n < g.rules.order_count; n++)
			g.rules.order[n] = (enum shaper_dict)(i + n);
		rig_read(&g);
		assert_int_equal(g.v.plan.down.pir, mbit * MBIT);
		assert_int_equal(g.v.down.dict, i);
		assert_true(strlen(g.v.down.said) > 0);
	}
}

/* Directions are decided apart. */
static void test_directions(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, MIKROTIK, 8, "2M/10M");
	rig_u32(&g, RP, 1, 3000);
	rig_limits(&g, 10 * MBIT, 3 * MBIT);
	assert_int_equal(g.v.down.dict, SHAPER_MIKROTIK);
	assert_string_equal(g.v.down.said, "Mikrotik-Rate-Limit = 2M/10M");
	assert_int_equal(g.v.up.dict, SHAPER_RP);
	assert_string_equal(g.v.up.said, "RP-Upstream-Speed-Limit = 3000");
	assert_string_equal(g.v.up.range, "");
	assert_false(g.v.timed);
}

/* The winner wins as a whole: nobody's minimum is put under another's maximum. */
static void test_whole(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_u32(&g, RP, 2, 10000);
	rig_u32(&g, WISPR, 6, 2000000);
	rig_u32(&g, WISPR, 8, 20000000);
	rig_limits(&g, 10 * MBIT, 0);
	assert_int_equal(g.v.plan.down.cir, 0);
	g.rules.order[0] = SHAPER_WISPR;
	rig_limits(&g, 20 * MBIT, 0);
	assert_int_equal(g.v.plan.down.cir, 2 * MBIT);
}

/* Of several that say the same the last one counts, all of it. */
static void test_last(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, MIKROTIK, 8, "2M/10M 4M/20M 2M/10M 8/8 1 1M/5M");
	rig_text(&g, MIKROTIK, 8, "3M/12M");
	rig_u32(&g, RP, 7, 1); /* no speed */
	rig_limits(&g, 12 * MBIT, 3 * MBIT);
	assert_int_equal(g.v.plan.down.peak, 0);
	assert_int_equal(g.v.plan.down.cir, 0);
	assert_int_equal(g.v.plan.down.priority, 0);
}

/* A loser that is malformed is told all the same; one that is not read is not. */
static void test_wrong_loser(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_u32(&g, RP, 2, 10000);
	rig_text(&g, MIKROTIK, 8, "x");
	rig_u32(&g, WISPR, 8, 0);
	rig_read(&g);
	assert_memory_equal(g.v.wrong, "Mikrotik-Rate-Limit = x: ", 25); /* the first one */
	assert_false(g.v.has_down || g.v.has_up || g.v.timed);
	g.rules.order[0] = SHAPER_RP;
	g.rules.order[1] = SHAPER_FILTER_ID;
	g.rules.order_count = 2;
	rig_limits(&g, 10 * MBIT, 0);
	g.rules.order_count = 0;
	rig_limits(&g, 0, 0);
}

static void test_nothing(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_limits(&g, 0, 0);
	rig_text(&g, FILTER, "std.ppp");
	rig_limits(&g, 0, 0);
	assert_string_equal(g.v.missing, "");
}

/* --- profiles ------------------------------------------------------------------------------------
 */

/* A name in each attribute that can have one, and the directions that it is for. */
static void test_profiles(void **state)
{
	static const struct {
		uint32_t vendor;
		uint8_t type;
		const char *before, *after;
		bool down, up, silent;
	} names[] = {
		{ CISCO, 1, "ip:sub-qos-policy-in=", "", false, true, false },
		{ CISCO, 1, "ip:sub-qos-policy-out=", "", true, false, false },
		{ CISCO, 1, "subscriber:sub-qos-policy-in=", "", false, true, false },
		{ CISCO, 1, "subscriber:sub-qos-policy-out=", "", true, false, false },
		{ CISCO, 37, "", "", false, true, false },
		{ CISCO, 38, "", "", true, false, false },
		{ CISCO, 55, "", "", false, true, false },
		{ CISCO, 56, "", "", true, false, false },
		{ ERX, 10, "", "", false, true, false },
		{ ERX, 11, "", "", true, false, false },
		{ ERX, 26, "", "", true, true, false },
		{ ERX, 65, "\1", "", true, true, false },
		{ ERX, 65, "", "(5m,1m)", true, true, false },
		{ ERX, 106, "", "", false, true, false },
		{ ERX, 107, "", "", true, false, false },
		{ HUAWEI, 31, "", "", true, true, false },
		{ FILTER, "", "", true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[128];
		struct rig g;

		snprintf(text, sizeof(text), "%sgold%s", names[i].before, names[i].after);
		print_message("%u/%u %s\n", names[i].vendor, names[i].type, text);
		begin(&g);
		rig_text(&g, names[i].vendor, names[i].type, text);
		rig_limits(&g, names[i].down ? 100 * MBIT : 0, names[i].up ? 50 * MBIT : 0);
		if (names[i].down) {
			assert_int_equal(g.v.down.dict, SHAPER_PROFILE);
			assert_memory_equal(&g.v.plan.down, &profiles[0].always.down,
					    sizeof(struct shaper_rate));
		}
		assert_string_equal(g.v.missing, "");
		g.rules.profile_count = 0;
		rig_read(&g);
		assert_string_equal(g.v.wrong, "");
		if (!*names[i].after) /* else the arguments say it */
			assert_int_equal(*g.v.missing == '\0', names[i].silent);
	}
}

static void test_profile_names(void **state)
{
	char text[80];
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, FILTER, "100M"); /* not the rate that it looks like */
	rig_limits(&g, 1 * MBIT, 1 * MBIT);
	assert_int_equal(g.v.up.dict, SHAPER_PROFILE);
	g.rules.profile_count = 0;
	rig_limits(&g, 100 * MBIT, 100 * MBIT);

	begin(&g);
	rig_text(&g, CISCO, 38, "Gold"); /* case matters */
	rig_text(&g, CISCO, 37, "silver");
	rig_limits(&g, 0, 0);
	assert_string_equal(g.v.missing, "Cisco-Policy-Down = Gold: no such profile");

	begin(&g);
	memset(text, 'g', sizeof(text));
	rig_put(&g, CISCO, 38, text, sizeof(text));
	rig_put(&g, CISCO, 38, "gold\0", 5);
	rig_limits(&g, 0, 0);

	/* What it does not speak of, others may. */
	begin(&g);
	rig_text(&g, ERX, 26, "down-only");
	rig_text(&g, MIKROTIK, 8, "2M/10M");
	rig_limits(&g, 7 * MBIT, 2 * MBIT);
	assert_int_equal(g.v.up.dict, SHAPER_MIKROTIK);

	/* Names that are not read are nobody's. */
	g.rules.order[0] = SHAPER_MIKROTIK;
	rig_limits(&g, 10 * MBIT, 2 * MBIT);
	begin(&g);
	g.rules.order[0] = SHAPER_RP;
	rig_text(&g, FILTER, "100M");
	rig_limits(&g, 100 * MBIT, 100 * MBIT);
}

/* --- times of day --------------------------------------------------------------------------------
 */

static void test_timed_profile(void **state)
{
	static const struct {
		unsigned minute;
		uint64_t down, up;
		const char *range_down, *range_up;
	} times[] = {
		{ 7 * 60 + 59, 10, 5, "", "" },
		{ 8 * 60, 8, 5, "day", "" }, /* says nothing of up */
		{ 20 * 60 - 1, 8, 5, "day", "" },
		{ 20 * 60, 10, 5, "", "" },
		{ 22 * 60 - 1, 10, 5, "", "" },
		{ 22 * 60, 30, 15, "night", "night" },
		{ 24 * 60 - 1, 30, 15, "night", "night" },
		{ 0, 30, 15, "night", "night" },
		{ 6 * 60 - 1, 30, 15, "night", "night" },
		{ 6 * 60, 30, 15, "night", "night" }, /* its other hour */
		{ 7 * 60, 10, 5, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct rig g;

		begin(&g);
		g.minute = times[i].minute;
		rig_text(&g, FILTER, "nights");
		rig_limits(&g, times[i].down * MBIT, times[i].up * MBIT);
		assert_string_equal(g.v.down.range, times[i].range_down);
		assert_string_equal(g.v.up.range, times[i].range_up);
		assert_true(g.v.timed);
	}
}

static void test_only_timed(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, FILTER, "only-nights");
	rig_limits(&g, 0, 0);
	assert_true(g.v.timed);
	rig_text(&g, MIKROTIK, 8, "1M/2M");
	rig_limits(&g, 2 * MBIT, 1 * MBIT);
	g.minute = NIGHT;
	rig_limits(&g, 30 * MBIT, 15 * MBIT);
}

/* The last one that is active counts, where it says something. */
static void test_overlapping(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, FILTER, "overlapping");
	g.minute = 30;
	rig_limits(&g, 30 * MBIT, 2 * MBIT);
	assert_string_equal(g.v.down.range, "night");
	assert_string_equal(g.v.up.range, "1");
	g.minute = 90;
	rig_limits(&g, 30 * MBIT, 15 * MBIT);
}

static void test_timed_filters(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, FILTER, "night,50M/25M");
	rig_text(&g, FILTER, "10M/5M");
	rig_text(&g, FILTER, "1,1000");
	rig_limits(&g, 10 * MBIT, 5 * MBIT);
	assert_true(g.v.timed);
	g.minute = NIGHT;
	rig_limits(&g, 50 * MBIT, 25 * MBIT);
	assert_string_equal(g.v.down.said, "Filter-Id = night,50M/25M");
	assert_string_equal(g.v.down.range, "night");
	g.minute = 30; /* both: the last one counts */
	rig_limits(&g, 1 * MBIT, 1 * MBIT);
	/* The dictionary comes first: a time of day is no trump. */
	rig_u32(&g, RP, 2, 2000);
	rig_limits(&g, 2 * MBIT, 1 * MBIT);
}

static void test_missing_range(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, FILTER, "weekend,50M/25M");
	rig_text(&g, FILTER, "10M/5M");
	rig_limits(&g, 10 * MBIT, 5 * MBIT);
	assert_false(g.v.timed);
	assert_string_equal(g.v.missing, "Filter-Id = weekend,50M/25M: no such time range");
	rig_text(&g, FILTER, "night,0/25M"); /* checked, though it is noon */
	assert_non_null(strstr(rig_read(&g)->wrong, "Filter-Id = night,0/25M: "));
}

/* accel-ppp's reading of access-group; another box's access list is a limit that is not ours. */
static void test_access_group(void **state)
{
	struct rig g;

	(void)state;
	begin(&g);
	rig_text(&g, CISCO, 1,
		 "lcp:interface-config#1=rate-limit output access-group 1 6000000 1 1");
	rig_text(&g, CISCO, 1,
		 "lcp:interface-config#1=rate-limit input access-group 102 6000000 1 1");
	rig_limits(&g, 0, 0);
	assert_true(g.v.timed);
	assert_non_null(strstr(g.v.missing, ": no such time range"));
	g.minute = 59;
	rig_limits(&g, 6 * MBIT, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_order), cmocka_unit_test(test_directions),
		cmocka_unit_test(test_whole),	      cmocka_unit_test(test_last),
		cmocka_unit_test(test_wrong_loser),   cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_profiles),      cmocka_unit_test(test_profile_names),
		cmocka_unit_test(test_timed_profile), cmocka_unit_test(test_only_timed),
		cmocka_unit_test(test_overlapping),   cmocka_unit_test(test_timed_filters),
		cmocka_unit_test(test_missing_range), cmocka_unit_test(test_access_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
