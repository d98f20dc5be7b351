// SPDX-License-Identifier: GPL-2.0-or-later
/* The name that the servers are asked for: realm rules, and names that no request can carry. */
#include "daemon/daemon.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct config config;

static const char *realm(bool strip, const char *add, const char *name)
{
	static char out[RADIUS_TEXT_MAX + 1];

	config.radius.strip_realm = strip;
	snprintf(config.radius.default_realm, sizeof(config.radius.default_realm), "%s", add);
	strcpy(out, "untouched");
	switch (login_realm(&config, out, sizeof(out), name)) {
	case 0:
		return out;
	case -ENOENT:
		assert_string_equal(out, "untouched");
		return "nobody";
	case -EMSGSIZE:
		assert_string_equal(out, "untouched");
		return "too long";
	default:
		return "?";
	}
}

static void realms(void **state)
{
	(void)state;
	assert_string_equal(realm(false, "", "alice@example.net"), "alice@example.net");
	assert_string_equal(realm(true, "", "alice@example.net"), "alice");
	assert_string_equal(realm(true, "", "alice@one@two"), "alice@one");
	assert_string_equal(realm(true, "", "alice"), "alice");
	assert_string_equal(realm(true, "", "alice@"), "alice");
	assert_string_equal(realm(false, "example.net", "alice"), "alice@example.net");
	assert_string_equal(realm(false, "example.net", "alice@here"), "alice@here");
	assert_string_equal(realm(true, "example.net", "alice@here"), "alice");
	assert_string_equal(realm(true, "example.net", "alice"), "alice@example.net");
}

static void a_realm_is_nobody(void **state)
{
	(void)state;
	assert_string_equal(realm(true, "", "@example.net"), "nobody");
	assert_string_equal(realm(true, "", "@"), "nobody");
	assert_string_equal(realm(false, "", "@example.net"), "@example.net");
	assert_string_equal(realm(true, "", "@@"), "@");
}

/* A name that is cut would be another's. */
static void nothing_is_cut(void **state)
{
	char name[256] = "";

	(void)state;
	memset(name, 'x', 255);
	assert_string_equal(realm(false, "", name), "too long");
	name[253] = '\0';
	assert_string_equal(realm(false, "", name), name);
	assert_string_equal(realm(false, "r", name), "too long");
	name[251] = '\0';
	assert_int_equal(strlen(realm(false, "r", name)), 253);
	name[100] = '@', name[251] = 'x';
	assert_int_equal(strlen(realm(true, "", name)), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(realms),
		cmocka_unit_test(a_realm_is_nobody),
		cmocka_unit_test(nothing_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
