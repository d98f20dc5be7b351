// SPDX-License-Identifier: GPL-2.0-or-later
/* The MAC list: what it lets through, and what it says of a line that is wrong. */
#include "base/str.h"
#include "pppoe/macfilter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char good[] = "# stations of the lab\n"
			   "02:00:00:00:01:01\n"
			   "\n"
			   "  02-00-00-00-01-0A\t# in dashes and capitals\r\n"
			   "02:00:00:00:01:01 # again\n"
			   "aa:bb:cc\n"
			   "00:00:02:00:00:00";

static struct pppoe_mac_filter *filter(const char *text, bool allow)
{
	struct pppoe_mac_filter *f = NULL;
	char why[256] = "x";

	assert_int_equal(
		pppoe_mac_filter_parse(&f, text, strlen(text), allow, "f", why, sizeof(why)), 0);
	assert_string_equal(why, "");
	return f;
}

static bool pass(const struct pppoe_mac_filter *f, const char *text)
{
	struct mac m;

	assert_int_equal(mac_parse(text, &m), 0);
	return pppoe_mac_filter_pass(f, &m);
}

static void test_pass(void **state)
{
	(void)state;
	for (unsigned allow = 0; allow < 2; allow++) {
		struct pppoe_mac_filter *f = filter(good, allow);

		assert_int_equal(pppoe_mac_filter_count(f), 4);
		assert_int_equal(pass(f, "02:00:00:00:01:01"), allow);
		assert_int_equal(pass(f, "02:00:00:00:01:0a"), allow);
		assert_int_equal(pass(f, "aa:bb:cc:00:00:00"), allow);
		assert_int_equal(pass(f, "aa:bb:cc:ff:12:34"), allow);
		assert_int_equal(pass(f, "aa:bb:cd:00:00:00"), !allow);
		assert_int_equal(pass(f, "02:00:00:00:01:02"), !allow);
		/* A MAC and a prefix of the same value are two things. */
		assert_int_equal(pass(f, "00:00:02:00:00:00"), allow);
		assert_int_equal(pass(f, "00:00:02:00:00:01"), !allow);
		assert_int_equal(pass(f, "00:00:00:aa:bb:cc"), !allow);
		pppoe_mac_filter_free(f);
	}
}

static void test_empty(void **state)
{
	struct pppoe_mac_filter *f = filter("", true);

	(void)state;
	assert_false(pass(f, "02:00:00:00:01:01"));
	pppoe_mac_filter_free(f);
	f = filter("# nobody\n\n", false);
	assert_true(pass(f, "02:00:00:00:01:01"));
	pppoe_mac_filter_free(f);
}

static void check_error(const char *text, size_t len, const char *where)
{
	struct pppoe_mac_filter *f = (void *)1;
	char why[256] = "";

	assert_int_equal(pppoe_mac_filter_parse(&f, text, len, true, "/etc/macs", why, sizeof(why)),
			 -EINVAL);
	assert_ptr_equal(f, (void *)1);
	assert_memory_equal(why, where, strlen(where));
}

static void test_errors_name_the_line(void **state)
{
	static const char *const bad[] = {
		"02:00:00:00:01", "02:00:00:00:01:01:02", "02:00:00:00:01:0g", "aa:bb", "aa:bb:cx",
		"aabbcc",	  "02:00:00:00:01:01 x",  "02 00 00 00 01 01"
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[128], where[64];

		snprintf(text, sizeof(text), "# one\n02:00:00:00:01:01\n%s\naa:bb:cc\n", bad[i]);
		snprintf(where, sizeof(where), "/etc/macs:3: \"%s", bad[i]);
		check_error(text, strlen(text), where);
	}
	check_error("02:00:00\0:01:01:01", 18, "/etc/macs:1: \"02:00:00\\x00");
	check_error("aa:bb:c\0", 8, "/etc/macs:1: \"aa:bb:c\\x00");
}

static void test_many(void **state)
{
	struct sbuf b = { 0 };
	struct pppoe_mac_filter *f;
	struct mac m = { { 2 } };

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		sbuf_printf(&b, "02:00:00:00:%02x:%02x\n", i >> 8, i & 255);
	assert_false(b.bad);
	f = filter(b.p, true);
	assert_int_equal(pppoe_mac_filter_count(f), 10000);
	for (unsigned i = 0; i < 65536; i++) {
		m.b[4] = (uint8_t)(i >> 8);
		m.b[5] = (uint8_t)i;
		assert_int_equal(pppoe_mac_filter_pass(f, &m), i < 10000);
	}
	pppoe_mac_filter_free(f);
	sbuf_fini(&b);
}

static void test_more_and_less(void **state)
{
	struct mac first = { { 0x02, 0, 0, 0, 0x01, 0x01 } }, other = { { 0x02, 0, 0, 0, 9, 9 } };
	struct pppoe_mac_filter *f = filter(good, true), *more = NULL, *less = NULL;

	(void)state;
	assert_int_equal(pppoe_mac_filter_with(&more, f, &first), -EEXIST);
	assert_int_equal(pppoe_mac_filter_without(&less, f, &other), -ENOENT);
	assert_null(more);
	assert_null(less);
	assert_int_equal(pppoe_mac_filter_with(&more, f, &other), 0);
	assert_int_equal(pppoe_mac_filter_count(more), 5);
	assert_true(pppoe_mac_filter_pass(more, &other));
	assert_true(pppoe_mac_filter_pass(more, &first));
	assert_false(pppoe_mac_filter_pass(f, &other));
	assert_int_equal(pppoe_mac_filter_without(&less, more, &first), 0);
	assert_int_equal(pppoe_mac_filter_count(less), 4);
	assert_false(pppoe_mac_filter_pass(less, &first));
	assert_true(pppoe_mac_filter_pass(less, &other));
	pppoe_mac_filter_free(f);
	pppoe_mac_filter_free(more);
	pppoe_mac_filter_free(less);
}

static void test_file(void **state)
{
	char path[] = "/tmp/pppoe_macfilter_test.XXXXXX", why[256] = "", want[64];
	struct pppoe_mac_filter *f = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, good, strlen(good)), strlen(good));
	assert_int_equal(pppoe_mac_filter_load(&f, path, true, why, sizeof(why)), 0);
	assert_int_equal(pppoe_mac_filter_count(f), 4);
	pppoe_mac_filter_free(f);
	for (unsigned i = 0; i < 1000; i++) /* longer than it is read in one piece */
		assert_int_equal(write(fd, "\naa:bb:c1", 9), 9);
	assert_int_equal(write(fd, "\nx", 2), 2);
	assert_int_equal(pppoe_mac_filter_load(&f, path, true, why, sizeof(why)), -EINVAL);
	snprintf(want, sizeof(want), "%s:1008: \"x\"", path);
	assert_memory_equal(why, want, strlen(want));
	close(fd);
	unlink(path);
	assert_int_equal(pppoe_mac_filter_load(&f, path, true, why, sizeof(why)), -ENOENT);
	assert_memory_equal(why, path, strlen(path));
	assert_int_equal(pppoe_mac_filter_load(&f, "/tmp", true, why, sizeof(why)), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_errors_name_the_line),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_more_and_less),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests_name("pppoe_macfilter", tests, NULL, NULL);
}
