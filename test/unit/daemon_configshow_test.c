// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration as it is shown: what is in effect, what is no default, what a key means. */
#include "base/json.h"
#include "daemon/config_show.h"
#include "daemon/config_table.h"
#include "test/unit/daemon_config_rig.h"

#include <errno.h>

#define TEXT                                                                                       \
	MINIMAL "[ppp]\nmtu = 1480\n[radius]\nserver = 192.0.2.1,geheim\n"                         \
		"[profile gold]\nrate = 10M/2M\n[profile tin]\nrate = 1000\n"

#define ROW(section, key, value)                                                                   \
	"{\"section\":\"" section "\",\"key\":\"" key "\",\"value\":\"" value "\""

static void shows_what_is_in_effect(void **state)
{
	struct config *cfg = good(TEXT);
	struct sbuf out = { 0 };

	(void)state;
	assert_int_equal(config_show(cfg, NULL, &out), 0);
	assert_non_null(strstr(out.p, ROW("pppoe", "interface", "acc0,padi-limit=0") "}"));
	assert_non_null(strstr(out.p, ROW("ppp", "mtu", "1480") "}"));
	assert_non_null(strstr(out.p, ROW("ppp", "timeout", "3") "}"));
	assert_non_null(strstr(out.p, ROW("profile tin", "rate", "1000/1000") "}"));
	assert_null(strstr(out.p, "geheim"));
	sbuf_fini(&out);
	assert_int_equal(config_show(cfg, "profile", &out), 0);
	assert_string_equal(out.p, "[" ROW("profile gold", "rate", "10000/2000") "}," ROW(
					   "profile tin", "rate", "1000/1000") "}]");
	sbuf_fini(&out);
	assert_int_equal(config_show(cfg, "prof", &out), -ENOENT);
	assert_null(out.p);
	config_free(cfg);
}

static void shows_what_is_no_default(void **state)
{
	struct config *cfg = good(TEXT);
	struct sbuf out = { 0 };

	(void)state;
	assert_int_equal(config_show_changed(cfg, &out), 0);
	assert_string_equal(
		out.p,
		"[" ROW("pppoe", "interface", "acc0,padi-limit=0") ",\"default\":null}," ROW("ppp", "mtu", "1480") ",\"default\":\"1492\"}," ROW(
			"auth", "users-file",
			"/etc/brasberry/users") ",\"default\":null}," ROW("radius", "server",
									  "192.0.2.1,"
									  "***,auth-"
									  "port=1812,"
									  "acct-port="
									  "1813") ","
										  "\""
										  "de"
										  "fa"
										  "ul"
										  "t"
										  "\""
										  ":n"
										  "ul"
										  "l}"
										  "," ROW("profile "
											  "gold",
											  "rate",
											  "10000/"
											  "2000") ",\"default\":null}," ROW("profile tin",
															    "rate",
															    "1000/1000") ",\"default\":null}]");
	sbuf_fini(&out);
	config_free(cfg);
}

static void find(const char *name, const char *section, const char *key)
{
	const struct config_row *row = NULL;
	struct sbuf why = { 0 };

	assert_int_equal(config_find(name, &row, &why), 0);
	assert_string_equal(row->section, section);
	assert_string_equal(row->key, key);
	assert_int_equal(why.len, 0);
	sbuf_fini(&why);
}

static void find_not(const char *name, int rc, const char *expected)
{
	const struct config_row *row = NULL;
	struct sbuf why = { 0 };

	assert_int_equal(config_find(name, &row, &why), rc);
	assert_null(row);
	assert_string_equal(why.p, expected);
	sbuf_fini(&why);
}

static void finds_keys(void **state)
{
	(void)state;
	find("up-leaf", "shaper", "up-leaf");
	find("shaper.up", "shaper", "up");
	find("up", "shaper", "up");
	find("profile.rate", "profile", "rate");
	find_not("timeout", -EEXIST, "ppp.timeout, auth.timeout, radius.timeout, hooks.timeout: say which one");
	find_not("user-file", -ENOENT, "unknown key 'user-file'; did you mean users-file?");
	find_not("shapr.up", -ENOENT, "unknown key 'shapr.up'; did you mean shaper.up?");
	find_not("ppp.up", -ENOENT, "unknown key 'ppp.up'; did you mean ppp.mtu?");
	find_not("colour-of-the-box", -ENOENT,
		 "unknown key 'colour-of-the-box'; brasd.conf(5) has them all");
	find_not("", -ENOENT, "unknown key ''; brasd.conf(5) has them all");
	find_not(".", -ENOENT, "unknown key '.'; brasd.conf(5) has them all");
}

static void explains(void **state)
{
	struct config *cfg = good(TEXT);
	const struct config_row *row;
	struct sbuf out = { 0 }, why = { 0 };
	struct json j = { .out = &out };

	(void)state;
	assert_int_equal(config_find("ppp.mtu", &row, &why), 0);
	config_explain(row, cfg, &j);
	assert_non_null(strstr(out.p, "\"value\":\"NUMBER (576 to 1500)\",\"default\":\"1492\","));
	assert_non_null(strstr(out.p, "\"in-effect\":[\"1480\"]}"));
	out.len = 0;
	config_explain_text(row, &out);
	assert_non_null(strstr(out.p, "[ppp] mtu = NUMBER (576 to 1500)\n"));
	assert_non_null(strstr(out.p, "\nDefault: 1492\n"));
	assert_int_equal(config_find("profile.rate", &row, &why), 0);
	out.len = 0;
	j.comma = false;
	config_explain(row, cfg, &j);
	assert_non_null(strstr(out.p, "\"in-effect\":[\"gold: 10000/2000\",\"tin: 1000/1000\"]}"));
	sbuf_fini(&out);
	sbuf_fini(&why);
	config_free(cfg);
}

/* What is printed is a configuration again, but for its secrets. */
static void dump_is_read_again(void **state)
{
	struct config *cfg = good(MINIMAL "[profile gold]\nrate = 10M/2M\n"), *again;
	struct sbuf a = { 0 }, b = { 0 };

	(void)state;
	config_dump(cfg, &a);
	again = good(a.p);
	config_dump(again, &b);
	assert_string_equal(a.p, b.p);
	sbuf_fini(&a);
	sbuf_fini(&b);
	config_free(cfg);
	config_free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(shows_what_is_in_effect, teardown),
		cmocka_unit_test_teardown(shows_what_is_no_default, teardown),
		cmocka_unit_test_teardown(finds_keys, teardown),
		cmocka_unit_test_teardown(explains, teardown),
		cmocka_unit_test_teardown(dump_is_read_again, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
