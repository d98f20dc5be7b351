// SPDX-License-Identifier: GPL-2.0-or-later
/* [profile NAME] and [shaper] of the configuration; what differs between two configurations. */
#include "daemon/reload.h"
#include "test/unit/config_rig.h"

static void profiles(void **state)
{
	struct config *cfg = good(MINIMAL "[shaper]\ntime-range = night,22:00-06:00\n"
					  "quota-profile = slow\n[profile gold]\nrate = 50M/10M\n"
					  "guaranteed = 10000/2000\nrate = night,100M/20M\n"
					  "burst = 1000/200\npriority = 1\n[profile slow]\n"
					  "rate = 1000\n");
	const struct shaper_profile *gold = &cfg->profiles[0];

	(void)state;
	assert_int_equal(cfg->profile_count, 2);
	assert_string_equal(gold->name, "gold");
	assert_int_equal(gold->always.down.pir, 50000000);
	assert_int_equal(gold->always.up.cir, 2000000);
	assert_int_equal(gold->always.down.burst, 1000000);
	assert_int_equal(gold->always.down.priority, 1);
	assert_int_equal(gold->at_count, 1);
	assert_string_equal(gold->at[0].range, "night");
	assert_int_equal(gold->at[0].plan.up.pir, 20000000);
	assert_int_equal(gold->at[0].plan.up.cir, 2000000); /* as always */
	assert_int_equal(cfg->profiles[1].always.up.pir, 1000000);
	assert_int_equal(cfg->shaper.time_ranges[0].from, 22 * 60);
	assert_int_equal(cfg->shaper.attribute_count, SHAPER_DICT_COUNT);
	config_free(cfg);
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
	bad("[profile a]\nrate = 1000\n[profile a]\n",
	    "f:3: [profile]: 'a' stands there already\n");
	bad("[profile a]\nrat = 1000\n", "f:2: [profile] rat: unknown key; did you mean 'rate'?\n");
	bad("[profile a]\npriority = 9\n",
	    "f:2: [profile] priority: '9' is not a number from 1 to 8\n");
	bad("[profile a]\nburst = 1M\n",
	    "f:2: [profile] burst: '1M' is not DOWN/UP in kilobytes\n");
	bad("[shaper]\ntime-range = day,8:00-9:00\n",
	    "f:2: [shaper] time-range: '8:00-9:00' is not two times of day, HH:MM-HH:MM\n");
	bad(MINIMAL "[profile a]\npriority = 1\n",
	    "f:5: [profile] rate: 'a' has none; one is needed\n");
	bad(MINIMAL "[profile a]\nrate = noon,1000\n",
	    "f:6: [profile] rate: 'noon' is no [shaper] time-range\n");
	bad(MINIMAL "[profile a]\nrate = 1000\nguaranteed = 2000/500\n",
	    "f:5: [profile] guaranteed: 'a': more than its rate, down\n");
	bad(MINIMAL "[shaper]\nquota-profile = a\n",
	    "f:6: [shaper] quota-profile: there is no [profile a]\n");
	bad(MINIMAL "[shaper]\nqueues = 2\nbackhaul-up = 1000\n",
	    "f:6: [shaper] queues: 2; a backhaul of all lines needs one tree: queues = 1\n");
	bad(MINIMAL "[shaper]\nattributes = rp,wispr,rp\n",
	    "f:6: [shaper] attributes: 'rp' stands there twice\n");
	bad("[pppoe]\ninterface = acc0\nmax-sessions = 70000\n[auth]\nusers-file = /u\n",
	    "f:3: [pppoe] max-sessions: 70000; with [shaper] the kernel can have 61000 at most (or "
	    "mode = off)\n");
}

static void diff(const char *a, const char *b, const char *expected)
{
	struct config *from = good(a), *to = good(b);
	struct sbuf out = { 0 };
	unsigned n = reload_diff(from, to, &out), lines = 0;

	assert_string_equal(out.p ? out.p : "", expected);
	for (const char *p = out.p; p && (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(n, lines);
	sbuf_fini(&out);
	config_free(from);
	config_free(to);
}

static void differences(void **state)
{
	(void)state;
	diff(MINIMAL, MINIMAL "# a comment\n", "");
	diff(MINIMAL, MINIMAL "[ppp]\nmtu = 1480\n",
	     "- [ppp] mtu = 1492 (for new sessions)\n"
	     "+ [ppp] mtu = 1480 (for new sessions)\n");
	diff(MINIMAL "[profile a]\nrate = 1000\n", MINIMAL "[profile b]\nrate = 1000\n",
	     "- [profile a] rate = 1000/1000\n+ [profile b] rate = 1000/1000\n");
	diff(MINIMAL "[radius]\nserver = 192.0.2.1,s\n",
	     MINIMAL "[radius]\nserver = 192.0.2.1,s\nserver = 192.0.2.2,s\n",
	     "+ [radius] server = 192.0.2.2,***,auth-port=1812,acct-port=1813\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(profiles, teardown),
		cmocka_unit_test_teardown(errors_of_profiles, teardown),
		cmocka_unit_test_teardown(differences, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
