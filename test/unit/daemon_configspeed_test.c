// SPDX-License-Identifier: GPL-2.0-or-later
/* [shaper] and [profile NAME]: what they mean, every refusal by its text, and the dump. */
#include "daemon/config.h"
#include "test/unit/daemon_config_rig.h"

#include <stdio.h>

static void shaper_has_defaults(void **state)
{
	struct config *cfg = good(MINIMAL);

	(void)state;
	assert_int_equal(cfg->shaper.mode, CONFIG_SHAPER_HTB);
	assert_int_equal(cfg->shaper.up, CONFIG_UP_HTB);
	assert_int_equal(cfg->shaper.default_plan.down.pir, 0);
	assert_int_equal(cfg->shaper.queues, 1);
	assert_int_equal(cfg->shaper.class_pool, 256);
	assert_int_equal(cfg->shaper.overhead, 22);
	assert_int_equal(cfg->shaper.police_burst, 500);
	assert_int_equal(cfg->shaper.attribute_count, SHAPER_DICT_COUNT);
	for (unsigned i = 0; i < SHAPER_DICT_COUNT; i++)
		assert_int_equal(cfg->shaper.attributes[i], i);
	assert_int_equal(cfg->shaper.bad_rate, CONFIG_BAD_RATE_DEFAULT);
	assert_int_equal(cfg->shaper.time_range_count, 0);
	assert_string_equal(cfg->shaper.quota_profile, "");
	assert_int_equal(cfg->profile_count, 0);
	config_free(cfg);
}

static void shaper_in_full(void **state)
{
	struct config *cfg = good(MINIMAL "[shaper]\nqueues = 64\nclass-pool = 0\noverhead = 30\n"
					  "police-burst = 10\nattributes = wispr,profile\n"
					  "bad-rate = refuse\ntime-range = day,08:00-24:00\n"
					  "time-range = night,23:59-00:00\nquota-profile =\n");

	(void)state;
	assert_int_equal(cfg->shaper.queues, 64);
	assert_int_equal(cfg->shaper.class_pool, 0);
	assert_int_equal(cfg->shaper.overhead, 30);
	assert_int_equal(cfg->shaper.police_burst, 10);
	assert_int_equal(cfg->shaper.attribute_count, 2);
	assert_int_equal(cfg->shaper.attributes[0], SHAPER_WISPR);
	assert_int_equal(cfg->shaper.attributes[1], SHAPER_PROFILE);
	assert_int_equal(cfg->shaper.bad_rate, CONFIG_BAD_RATE_REFUSE);
	assert_int_equal(cfg->shaper.time_range_count, 2);
	assert_string_equal(cfg->shaper.time_ranges[0].name, "day");
	assert_int_equal(cfg->shaper.time_ranges[0].from, 8 * 60);
	assert_int_equal(cfg->shaper.time_ranges[0].until, 24 * 60);
	assert_int_equal(cfg->shaper.time_ranges[1].from, 24 * 60 - 1);
	config_free(cfg);
	/* What only shaping needs is not asked of who does not shape. */
	config_free(good(MINIMAL "[shaper]\nmode = off\nqueues = 2\nbackhaul-up = 1000\n"
				 "[pppoe]\nmax-sessions = 70000\n"));
}

/* Kbit/s, 0 as well; suffixes; a profile. */
static void default_plans(void **state)
{
	static const struct {
		const char *text;
		uint64_t down, up;
	} rows[] = {
		{ "", 0, 0 },
		{ "-", 0, 0 },
		{ "0", 0, 0 },
		{ "0/8", 0, 8000 },
		{ "10000/5000", 10000000, 5000000 },
		{ "1000000000", 1000000000000, 1000000000000 },
		{ "10M/512k", 10000000, 512000 },
		{ "8001B", 8001, 8001 },
		{ "gold", 50000000, 10000000 },
	};
	char text[256];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config *cfg;

		snprintf(text, sizeof(text),
			 MINIMAL "[shaper]\ndefault = %s\n[profile gold]\nrate = 50M/10M\n"
				 "priority = 2\n",
			 rows[i].text);
		cfg = good(text);
		assert_int_equal(cfg->shaper.default_plan.down.pir, rows[i].down);
		assert_int_equal(cfg->shaper.default_plan.up.pir, rows[i].up);
		assert_int_equal(cfg->shaper.default_plan.up.priority,
				 strcmp(rows[i].text, "gold") ? 0 : 2);
		config_free(cfg);
	}
}

static void profiles(void **state)
{
	struct config *cfg = good(MINIMAL "[shaper]\ntime-range = night,22:00-06:00\n"
					  "quota-profile = slow\n[profile gold]\nrate = 50M/10M\n"
					  "guaranteed = 10000/2000\nrate = night,100M/20M\n"
					  "burst = 1000/2M\npriority = 1\npeak = 60M\n"
					  "peak = night,100M\n[profile slow]\nrate = 1000\n"
					  "[ppp]\n[profile late]\nrate = night,1G\n"
					  "guaranteed = 1M\n");
	const struct shaper_profile *gold = &cfg->profiles[0], *late = &cfg->profiles[2];

	(void)state;
	assert_int_equal(cfg->profile_count, 3);
	assert_string_equal(gold->name, "gold");
	assert_int_equal(gold->always.down.pir, 50000000);
	assert_int_equal(gold->always.up.cir, 2000000);
	assert_int_equal(gold->always.down.peak, 60000000);
	assert_int_equal(gold->always.down.burst, 1000000);
	assert_int_equal(gold->always.up.burst, 2000000);
	assert_int_equal(gold->always.down.priority, 1);
	assert_int_equal(gold->at_count, 1);
	assert_string_equal(gold->at[0].range, "night");
	assert_int_equal(gold->at[0].plan.up.pir, 20000000);
	assert_int_equal(gold->at[0].plan.up.cir, 2000000); /* as always */
	assert_int_equal(gold->at[0].plan.up.peak, 100000000);
	assert_int_equal(cfg->profiles[1].always.up.pir, 1000000);
	assert_int_equal(late->always.down.pir, 0);
	assert_int_equal(late->at[0].plan.down.pir, 1000000000);
	assert_int_equal(late->at[0].plan.down.cir, 1000000);
	config_free(cfg);
}

static void errors_of_shaper(void **state)
{
	(void)state;
	bad("[shaper]\nqueues = 65\n", "f:2: [shaper] queues: '65' is not a number from 1 to 64\n");
	bad("[shaper]\nclass-pool = 61001\n",
	    "f:2: [shaper] class-pool: '61001' is not a number from 0 to 61000\n");
	bad("[shaper]\noverhead = 13\n",
	    "f:2: [shaper] overhead: '13' is not a number from 14 to 255\n");
	bad("[shaper]\npolice-burst = 9\n",
	    "f:2: [shaper] police-burst: '9' is not a number from 10 to 10000\n");
	bad("[shaper]\nbad-rate = yes\n",
	    "f:2: [shaper] bad-rate: 'yes' is not one of: default refuse\n");
	bad("[shaper]\nattributes = rp,wisp\n",
	    "f:2: [shaper] attributes: 'wisp' is not one of: profile rp mikrotik cisco erx huawei "
	    "ascend wispr filter-id\n");
	bad("[shaper]\nmode = htb\nattributes = rp,wispr,rp\n",
	    "f:3: [shaper] attributes: 'rp' stands there twice; once is allowed\n");
	bad("[shaper]\ntime-range = day\n",
	    "f:2: [shaper] time-range: a name and, after a comma, HH:MM-HH:MM\n");
	bad("[shaper]\ntime-range = day,08:00-09:00\ntime-range = night,22:00-06:00\n"
	    "time-range = day,10:00-11:00\n",
	    "f:4: [shaper] time-range: 'day' stands there twice; once is allowed\n");
	bad("[shaper]\ntime-range = day,08:00-08:00\n",
	    "f:2: [shaper] time-range: begins when it ends; two times that differ are allowed\n");
	for (unsigned i = 0; i < 8; i++) {
		static const char *const times[] = { "8:00-9:00",   "08:00",
						     "08:00-24:01", "24:00-08:00",
						     "08:60-09:00", "1::00-09:00",
						     "10:0:-11:00", "08:00-09:00-10:00" };
		char text[64], expected[160];

		snprintf(text, sizeof(text), "[shaper]\ntime-range = day,%s\n", times[i]);
		snprintf(expected, sizeof(expected),
			 "f:2: [shaper] time-range: '%s' is not two times of day, HH:MM-HH:MM "
			 "(00:00-24:00 at most)\n",
			 times[i]);
		bad(text, expected);
	}
	bad(MINIMAL "[shaper]\nquota-profile = a\n",
	    "f:6: [shaper] quota-profile: there is no [profile a]\n");
	bad(MINIMAL "[shaper]\nup = police\nbackhaul-up = 1000\n",
	    "f:7: [shaper] backhaul-up: 1000; a policer shares and lends nothing: it needs up = "
	    "htb\n");
	config_free(good(MINIMAL "[shaper]\nup = police\nbackhaul-down = 1000\n"));
	bad(MINIMAL "[shaper]\nqueues = 2\nbackhaul-up = 1000\n",
	    "f:6: [shaper] queues: 2; a backhaul of all lines needs one tree: queues = 1\n");
	bad("[pppoe]\ninterface = acc0\nmax-sessions = 70000\n[auth]\nusers-file = /u\n",
	    "f:3: [pppoe] max-sessions: 70000; with [shaper] the kernel can have 61000 at most (or "
	    "mode = off)\n");
}

static void errors_of_default(void **state)
{
	static const char *const rates[] = { "10/x", "7", "8/7", "1000000001", "5.5" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		char text[64], expected[256];

		snprintf(text, sizeof(text), "[shaper]\ndefault = %s\n", rates[i]);
		snprintf(expected, sizeof(expected),
			 "f:2: [shaper] default: '%s' is not a rate: DOWN/UP in kbit/s, 8 to "
			 "1000000000 or 0 for unshaped, or the name of a profile\n",
			 rates[i]);
		bad(text, expected);
	}
	bad(MINIMAL "[shaper]\ndefault = 10x\n",
	    "f:6: [shaper] default: '10x' is neither a rate, DOWN/UP in kbit/s, nor a "
	    "[profile]\n");
	bad(MINIMAL "[shaper]\ndefault = a\ntime-range = day,08:00-09:00\n[profile a]\nrate = 1M\n"
		    "rate = day,2M\n",
	    "f:6: [shaper] default: [profile a] differs with the time of day; one that does not is "
	    "allowed\n");
}

static void errors_of_profiles(void **state)
{
	(void)state;
	bad("[profile]\nrate = 1000\n",
	    "f:1: [profile]: '': a name of 1 to 63 letters, digits, '.', '_' and '-' is needed: "
	    "[profile NAME]\n");
	bad("[profile a/b]\n",
	    "f:1: [profile]: 'a/b': a name of 1 to 63 letters, digits, '.', '_' and '-' is "
	    "needed: [profile NAME]\n");
	bad("[profil a]\nrate = 1000\n",
	    "f:1: [profil a]: unknown section; did you mean [profile NAME]?\n");
	bad("[shaper a]\n", "f:1: [shaper a]: unknown section; did you mean [shaper]?\n");
	bad("[profile a]\nrate = 1000\n[profile a]\nnonsense = 1\n",
	    "f:3: [profile]: 'a' stands already in line 1\n");
	bad("[profile a]\nrat = 1000\n", "f:2: [profile] rat: unknown key; did you mean 'rate'?\n");
	bad("[profile a]\nrate = 0/1000\n",
	    "f:2: [profile] rate: '0/1000': a rate is 8000 to 1000000000000 bit/s\n");
	bad("[profile a]\nrate = a,b,1000\n",
	    "f:2: [profile] rate: 3 values where one is allowed\n");
	bad("[profile a]\npriority = 9\n",
	    "f:2: [profile] priority: '9' is not a number from 1 to 8\n");
	bad("[profile a]\nburst = 1G\n",
	    "f:2: [profile] burst: '1G' is not DOWN/UP in kilobytes, or with k or M behind a "
	    "number (at most 1000000 kilobytes)\n");
	bad("[profile a]\nburst = 1/1001M\n",
	    "f:2: [profile] burst: '1/1001M' is not DOWN/UP in kilobytes, or with k or M behind a "
	    "number (at most 1000000 kilobytes)\n");
	bad(MINIMAL "[profile a]\npriority = 1\n",
	    "f:5: [profile] rate: 'a' has none; one is needed\n");
	bad(MINIMAL "[profile a]\nrate = noon,1000\n",
	    "f:6: [profile] rate: 'noon' is no [shaper] time-range\n");
	bad(MINIMAL "[profile a]\nrate = 1000\nrate = 2000\n",
	    "f:7: [profile] rate: given already in line 6 for the same time; only one is "
	    "allowed\n");
	bad(MINIMAL "[profile a]\nrate = 1000\nguaranteed = 2000/500\n",
	    "f:7: [profile] guaranteed: 2000 is more than the rate, 1000, down\n");
	bad(MINIMAL "[profile a]\nrate = 1000\npeak = 2000/999999B\n",
	    "f:7: [profile] peak: 999999B is less than the rate, 1000, up\n");
}

#define NIGHT MINIMAL "[shaper]\ntime-range = night,22:00-06:00\n[profile a]\n"

static void errors_of_profiles_in_time(void **state)
{
	(void)state;
	bad(NIGHT "rate = 1000\nguaranteed = 900\nrate = night,500\n",
	    "f:9: [profile] guaranteed: 900 is more than the rate, 500, down\n"
	    "f:9: [profile] guaranteed: 900 is more than the rate, 500, up\n");
	bad(NIGHT "rate = 1000\nguaranteed = 900\nguaranteed = night,900/1100\n",
	    "f:10: [profile] guaranteed: 1100 is more than the rate, 1000, up\n");
	bad(NIGHT "rate = night,1000\nrate = night,2000\n",
	    "f:9: [profile] rate: given already in line 8 for the same time; only one is "
	    "allowed\n");
	bad(MINIMAL "[shaper]\ntime-range = night,22:00-06:00\ntime-range = noon,12:00-13:00\n"
		    "[profile a]\nrate = night,1000\npriority = noon,1\n",
	    "f:10: [profile] priority: 'a' has no rate for 'noon', and none for always; one is "
	    "needed\n");
}

static void profiles_up_to_their_number(void **state)
{
	struct sbuf text = { 0 };
	struct config *cfg;

	(void)state;
	sbuf_printf(&text, MINIMAL);
	for (unsigned i = 0; i < 1024; i++)
		sbuf_printf(&text, "[profile p%u]\nrate = %u\n", i, 1000 + i);
	cfg = good(text.p);
	assert_int_equal(cfg->profile_count, 1024);
	assert_int_equal(cfg->profiles[1023].always.up.pir, 2023000);
	config_free(cfg);
	sbuf_printf(&text, "[profile more]\n");
	bad(text.p, "f:2053: [profile]: 'more' is one too many; 1024 are allowed\n");
	sbuf_fini(&text);
}

/* What the dump says of speeds reads back as the same dump, to the bit/s. */
static void dump_of_speeds(void **state)
{
	struct config *cfg = good(
		MINIMAL "[profile b-1]\nrate = 8001B/1.5M\n[shaper]\ndefault = b-1\n"
			"attributes = wispr,rp\ntime-range = night,22:00-06:00\n"
			"time-range = \"a b\",00:00-24:00\nquota-profile = gold\n[profile gold]\n"
			"rate = \"a b\",100M/20M\nrate = 50M\nguaranteed = 10000/2000\n"
			"peak = night,1G\nburst = 2M/0\npriority = night,1\n");
	struct sbuf one = { 0 }, two = { 0 };

	(void)state;
	config_dump(cfg, &one);
	config_free(cfg);
	assert_non_null(strstr(one.p, "\ndefault = b-1\n"));
	assert_non_null(strstr(one.p, "\nattributes = wispr,rp\n"));
	assert_non_null(strstr(one.p, "\ntime-range = night,22:00-06:00\n"
				      "time-range = \"a b\",00:00-24:00\nquota-profile = gold\n"
				      "\n[profile b-1]\nrate = 8001B/1500\n"
				      "\n[profile gold]\nrate = \"a b\",100000/20000\n"
				      "rate = 50000/50000\nguaranteed = 10000/2000\n"
				      "peak = night,1000000/1000000\nburst = 2000/0\n"
				      "priority = night,1\n\n[subscriber]\n"));
	cfg = good(one.p);
	assert_int_equal(cfg->shaper.default_plan.down.pir, 8001);
	config_dump(cfg, &two);
	assert_string_equal(one.p, two.p);
	config_free(cfg);
	sbuf_fini(&one);
	sbuf_fini(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shaper_has_defaults),
		cmocka_unit_test(shaper_in_full),
		cmocka_unit_test(default_plans),
		cmocka_unit_test(profiles),
		cmocka_unit_test(errors_of_shaper),
		cmocka_unit_test(errors_of_default),
		cmocka_unit_test(errors_of_profiles),
		cmocka_unit_test(errors_of_profiles_in_time),
		cmocka_unit_test(profiles_up_to_their_number),
		cmocka_unit_test(dump_of_speeds),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
