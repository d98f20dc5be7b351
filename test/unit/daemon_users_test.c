// SPDX-License-Identifier: GPL-2.0-or-later
/* The users file: words and quotes as pppd reads them, who is found, errors by line, re-reading. */
#include "daemon/users.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sbuf errors;
static char path[64];

static int setup(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/brasd-users-test-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	sbuf_fini(&errors);
	return unlink(path);
}

static struct users *good(const char *text)
{
	struct users *u = NULL;

	sbuf_fini(&errors);
	if (users_parse("f", text, strlen(text), &u, &errors))
		fail_msg("%s", errors.p);
	return u;
}

static void bad(const char *text, size_t len, const char *expected)
{
	struct users *u = NULL;

	sbuf_fini(&errors);
	assert_int_equal(users_parse("f", text, len, &u, &errors), -EINVAL);
	assert_null(u);
	assert_string_equal(errors.p, expected);
}

#define BAD_RATE	    "f:1: rate: not DOWN/UP in kbit/s, 8 to 1000000000 or 0, or -\n"
#define BAD(text, expected) bad(text, sizeof(text) - 1, expected)

static const struct user *find(const struct users *u, const char *name)
{
	return users_find(u, name, strlen(name), "bras");
}

static void fields(void **state)
{
	struct users *u = good("# comment\n\n"
			       "a * s1\n"
			       "b\t*\ts2  * 100/50 # rate\r\n"
			       "c * s3 - -\n"
			       "d * s4 100.64.0.9 8\n"
			       "e * s5 business 0/0");
	const struct user *user;

	(void)state;
	assert_int_equal(users_count(u), 5);
	user = find(u, "a");
	assert_string_equal(user->secret, "s1");
	assert_int_equal(user->secret_len, 2);
	assert_int_equal(user->address, USER_ADDRESS_POOL);
	assert_null(user->pool);
	assert_false(user->rate.set);
	assert_int_equal(user->line, 3);
	user = find(u, "b");
	assert_true(user->rate.set);
	assert_int_equal(user->rate.down, 100);
	assert_int_equal(user->rate.up, 50);
	user = find(u, "c");
	assert_int_equal(user->address, USER_ADDRESS_NONE);
	assert_false(user->rate.set);
	user = find(u, "d");
	assert_int_equal(user->address, USER_ADDRESS_FIXED);
	assert_int_equal(user->ip4, 0x64400009);
	assert_int_equal(user->rate.up, 8);
	user = find(u, "e");
	assert_int_equal(user->address, USER_ADDRESS_POOL);
	assert_string_equal(user->pool, "business");
	assert_int_equal(user->line, 7);
	assert_null(find(u, "f"));
	assert_null(users_find(u, "a", 0, "bras"));
	assert_null(users_find(u, "a\0", 2, "bras"));
	users_free(u);
}

static void fixed_addresses(void **state)
{
	struct users *u = good("a * s 100.64.0.9\nb * s 100.64.0.9\nc * s *\nd * s 100.64.0.10\n");
	uint32_t addr;

	(void)state;
	assert_int_equal(ip4_parse("100.64.0.9", &addr), 0);
	assert_true(users_have_ip4(u, addr));
	assert_true(users_have_ip4(u, addr + 1));
	assert_false(users_have_ip4(u, addr + 2));
	assert_false(users_have_ip4(u, 0)); /* what a line without a fixed address has */
	users_free(u);
}

static void quotes_and_escapes(void **state)
{
	struct users *u = good("\"a b\" * 'it''s \"x\" #1'\n"
			       "b * \"q\\\"\\\\\"\n"
			       "c * a\\ b\\#\\x41\\102\\s\\t\\q\n"
			       "d \\\n * \\\n s\\\n4\n"
			       "e * pre\"mid dle\"post\n"
			       "f * \"\"\n"
			       "\\* * star\n");

	(void)state;
	assert_string_equal(find(u, "a b")->secret, "its \"x\" #1");
	assert_string_equal(find(u, "b")->secret, "q\"\\");
	assert_string_equal(find(u, "c")->secret, "a b#AB \tq");
	assert_string_equal(find(u, "d")->secret, "s4");
	assert_int_equal(find(u, "d")->line, 4);
	assert_string_equal(find(u, "e")->secret, "premid dlepost");
	assert_int_equal(find(u, "e")->line, 8);
	assert_int_equal(find(u, "f")->secret_len, 0);
	users_free(u);
}

/* pppd's rule: the name counts more than the server, an exact one more than '*', then the order. */
static void best_match(void **state)
{
	struct users *u = good("* * any-any\n* bras any-exact\n"
			       "a * exact-any\na other no\na bras exact-exact\na bras later\n"
			       "b other no\nc * first\nc * second\n");

	(void)state;
	assert_string_equal(find(u, "a")->secret, "exact-exact");
	assert_string_equal(users_find(u, "a", 1, "other")->secret, "no");
	assert_string_equal(users_find(u, "a", 1, "third")->secret, "exact-any");
	assert_string_equal(find(u, "b")->secret, "any-exact");
	assert_string_equal(users_find(u, "b", 1, "third")->secret, "any-any");
	assert_string_equal(find(u, "c")->secret, "first");
	assert_string_equal(find(u, "")->secret, "any-exact");
	users_free(u);
}

static void many(void **state)
{
	struct sbuf text = { 0 };
	struct users *u;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		sbuf_printf(&text, "user%u * secret%u\n", i, i);
	u = good(text.p);
	assert_int_equal(users_count(u), 20000);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		assert_int_equal(find(u, name)->line, i + 1);
		assert_int_equal(strtoul(find(u, name)->secret + 6, NULL, 10), i);
	}
	users_free(u);
	sbuf_fini(&text);
}

static void errors_by_line(void **state)
{
	(void)state;
	BAD("a * s\nb *\n", "f:2: fewer than 3 fields; a line is: user server secret address "
			    "rate\n");
	BAD("a * s * 1 x\nb\n",
	    "f:1: more than 5 fields; a line is: user server secret address rate\n"
	    "f:2: fewer than 3 fields; a line is: user server secret address rate\n");
	BAD("a * \"s\nb * s *\nc * 's", "f:1: a quote is not closed\nf:3: a quote is not closed\n");
	BAD("a * s#x\n",
	    "f:1: a '#' within a word: quote it, \"...\", or put a blank before a comment\n");
	BAD("\n\na * s\\0\n", "f:3: a NUL octet; words cannot hold it\n");
	BAD("a * s\0s\n", "f:1: a NUL octet; this is no text file\n");
	BAD("a * s\\", "f:1: a backslash at the end of the file\n");
	BAD("\"\" * s\n", "f:1: user: 1 to 255 octets are allowed\n");
	BAD("a * s 10.0.0.256\n", "f:1: address: not *, -, the IPv4 address of a host, or the name "
				  "of a pool\n");
	BAD("a * s 224.0.0.1\n", "f:1: address: not *, -, the IPv4 address of a host, or the name "
				 "of a pool\n");
	BAD("a \\\n * s * fast\n", BAD_RATE);
	BAD("a * s * 8/1000000001\n", BAD_RATE);
	BAD("a * s * 7\n", BAD_RATE);
	BAD("a * s * 8/-8\n", BAD_RATE);
}

static void too_long(void **state)
{
	struct sbuf text = { 0 };

	(void)state;
	sbuf_printf(&text, "%0256d * s\na * %0256d\nb * %0255d\n", 0, 0, 0);
	bad(text.p, text.len,
	    "f:1: user: 1 to 255 octets are allowed\nf:2: secret: at most 255 octets are "
	    "allowed\n");
	sbuf_fini(&text);
}

static void twenty_errors_are_enough(void **state)
{
	struct users *u = NULL;
	unsigned lines = 0;
	char text[2 * 25 + 1];

	(void)state;
	for (unsigned i = 0; i < 25; i++)
		memcpy(text + 2 * i, "x\n", 2);
	sbuf_fini(&errors);
	assert_int_equal(users_parse("f", text, 50, &u, &errors), -EINVAL);
	for (const char *p = errors.p; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(errors.p, "f: 5 more errors are not shown\n"));
}

static void write_file(const char *text)
{
	char tmp[80];
	FILE *f;

	/* As careful writers do: another inode each time, so that no clock has to tick. */
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	f = fopen(tmp, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(tmp, path), 0);
}

static void reload(void **state)
{
	struct users *u = NULL, *same;

	(void)state;
	sbuf_fini(&errors);
	write_file("a * one\n");
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 1);
	assert_string_equal(find(u, "a")->secret, "one");
	same = u;
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 0);
	assert_ptr_equal(u, same);
	write_file("a * two\nb * x\n");
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 1);
	assert_string_equal(find(u, "a")->secret, "two");
	assert_int_equal(errors.len, 0);

	/* A bad file leaves what there is, and is told once. */
	write_file("a * three\nb\n");
	assert_int_equal(users_reload_if_changed(&u, path, &errors), -EINVAL);
	assert_non_null(strstr(errors.p, ":2: fewer than 3 fields"));
	assert_string_equal(find(u, "a")->secret, "two");
	sbuf_fini(&errors);
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 0);
	assert_int_equal(errors.len, 0);
	write_file("a * four\n");
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 1);
	assert_string_equal(find(u, "a")->secret, "four");
	users_free(u);
}

static void missing_file(void **state)
{
	struct users *u = NULL;

	(void)state;
	sbuf_fini(&errors);
	write_file("a * one\n");
	assert_int_equal(users_load(path, &u, &errors), 0);
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(users_reload_if_changed(&u, path, &errors), -ENOENT);
	assert_non_null(strstr(errors.p, "No such file"));
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 0);
	assert_string_equal(find(u, "a")->secret, "one");
	write_file("a * two\n");
	assert_int_equal(users_reload_if_changed(&u, path, &errors), 1);
	assert_string_equal(find(u, "a")->secret, "two");
	users_free(u);
}

static void sample_is_good(void **state)
{
	struct users *u = NULL;

	(void)state;
	sbuf_fini(&errors);
	if (users_load("etc/users", &u, &errors))
		fail_msg("%s", errors.p);
	assert_string_equal(find(u, "alice")->secret, "wonder land");
	assert_int_equal(find(u, "bob")->ip4, 0x6440004d);
	assert_int_equal(find(u, "carol")->address, USER_ADDRESS_NONE);
	users_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(fixed_addresses),
		cmocka_unit_test(quotes_and_escapes),
		cmocka_unit_test(best_match),
		cmocka_unit_test(many),
		cmocka_unit_test(errors_by_line),
		cmocka_unit_test(too_long),
		cmocka_unit_test(twenty_errors_are_enough),
		cmocka_unit_test(reload),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(sample_is_good),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
