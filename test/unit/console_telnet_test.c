// SPDX-License-Identifier: GPL-2.0-or-later
/* What a telnet client sends, as keys. */
#include "base/str.h"
#include "console/telnet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct telnet_input input;
static uint8_t keys[8192];

/* Octet by octet and at once: the same. */
static void assert_keys(const char *sent, size_t len, const char *want)
{
	struct telnet_input one = { 0 };
	uint8_t got[256];
	size_t n = 0;

	input = (struct telnet_input){ 0 };
	for (size_t i = 0; i < len; i++)
		n += telnet_keys(&one, (const uint8_t *)sent + i, 1, got + n);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
	n = telnet_keys(&input, (const uint8_t *)sent, len, keys);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(keys, want, n);
}

#define KEYS(sent, want) assert_keys(sent, sizeof(sent) - 1, want)

static void test_line_ends(void **state)
{
	(void)state;
	KEYS("a\r\nb\nc\r\0d\re", "a\rb\rc\rd\re"); /* RFC 854: CR LF, CR NUL */
	KEYS("\n\n", "\r\r");
	KEYS("\r\r\n\n", "\r\r\r");
}

static void test_protocol_is_taken_out(void **state)
{
	(void)state;
	KEYS("a\xff\xfd\x01"
	     "b",
	     "ab");
	assert_true(input.negotiated);
	KEYS("a\xff\xff"
	     "b\xff\xf4"
	     "c",
	     "abc");
	KEYS("x\xff\xfa\x1f\0\x50\0\x18\xff\xf0y", "xy");
	assert_int_equal(input.rows, 24);
	KEYS("\xff\xfa\x1f\0\x50\xff\xff\0\x18\xff\xf0", ""); /* too long: no window */
	assert_int_equal(input.rows, 0);
	KEYS("\xff\xfa\x18 for ever", "");
}

static void test_junk(void **state)
{
	(void)state;
	KEYS("a\0\x01\x02\x03\x80\xfe\x1a"
	     "b\x7f",
	     "a\x01\x02\x03"
	     "b\x7f");
	KEYS("\x1b[A\x1b[D\x1b[Zx\x1bOy\x1b\x1b|", "\x10\x02xy|");
}

/* CVE-2022-0982 (accel-ppp): a command line longer than the buffer that it is copied into. */
static void test_line_is_bounded(void **state)
{
	uint8_t many[4000];
	size_t n;

	(void)state;
	memset(many, 'a', sizeof(many));
	input = (struct telnet_input){ 0 };
	assert_int_equal(telnet_keys(&input, many, sizeof(many), keys), TELNET_LINE_MAX);
	assert_int_equal(telnet_keys(&input, (const uint8_t *)"\t", 1, keys), 0);
	assert_int_equal(telnet_keys(&input, (const uint8_t *)"\n", 1, keys), 1);
	/* The long one comes back, and takes nothing more. */
	n = telnet_keys(&input, (const uint8_t *)"\x10zzz\t", 5, keys);
	assert_int_equal(n, 1);
	telnet_keys(&input, (const uint8_t *)"\n", 1, keys);
	n = telnet_keys(&input, (const uint8_t *)"\x1b[Azzz", 6, keys);
	assert_int_equal(n, 1);
	telnet_keys(&input, (const uint8_t *)"\n", 1, keys);
	n = telnet_keys(&input, (const uint8_t *)"||||||||", 8, keys);
	assert_int_equal(n, TELNET_PIPES_MAX);
	telnet_keys(&input, (const uint8_t *)"\n", 1, keys);
	memset(many, '\t', sizeof(many));
	n = telnet_keys(&input, many, sizeof(many), keys);
	assert_int_equal(n, TELNET_LINE_MAX / TELNET_TAB_MAX);
}

/* libcli reads an argument that is not there. */
static void test_no_completion_of_filters(void **state)
{
	(void)state;
	KEYS("sh\t?", "sh\t?");
	KEYS("show stat | include \t? x", "show stat | include  x");
	KEYS("\x10\t?", "\x10");
	KEYS("\x1b[A\t?", "\x10");
	KEYS("a | b\r\t", "a | b\r\t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_protocol_is_taken_out),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_line_is_bounded),
		cmocka_unit_test(test_no_completion_of_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
