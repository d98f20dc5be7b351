// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts: addresses, escaping, numbers, JSON, the words of a control request. */
#include "base/addr.h"
#include "base/control.h"
#include "base/dname.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_dname(void **state)
{
	static const char *const bad[] = {
		"", ".", "a..b", ".a", "-a.b", "a-.b", "a b", "a\\b", "\xc3\xa4.net",
	};
	char text[300];
	uint8_t buf[300];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	assert_int_equal(dname_write(&w, "example.net"), 0);
	assert_int_equal(dname_write(&w, "_x.A-1."), 0);
	assert_int_equal(w.len, 13 + 8);
	assert_memory_equal(buf, "\7example\3net\0\2_x\3A-1", 21);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(dname_write(&w, bad[i]), -EINVAL);
	assert_int_equal(w.len, 21);
	memset(text, 'a', sizeof(text)); /* a label of 63, and of 64 */
	text[63] = '\0';
	assert_int_equal(dname_write(&w, text), 0);
	text[63] = 'a';
	text[64] = '\0';
	assert_int_equal(dname_write(&w, text), -EINVAL);
	memset(text, 'a', sizeof(text)); /* 255 octets of a name, and 256 */
	for (unsigned i = 63; i < 253; i += 64)
		text[i] = '.';
	text[253] = '\0';
	w = wr_init(buf, sizeof(buf));
	assert_int_equal(dname_write(&w, text), 0);
	assert_int_equal(w.len, 255);
	text[253] = 'a';
	text[254] = '\0';
	assert_int_equal(dname_write(&w, text), -EINVAL);
	w = wr_init(buf, 12);
	assert_int_equal(dname_write(&w, "example.net"), -ENOSPC);
}

static void test_mac(void **state)
{
	static const char *const bad[] = { "",
					   "02:00:5e:00:53",
					   "02:00:5e:00:53:0",
					   "02:00:5e:00:53:011",
					   "02:00:5e:00:53:01:",
					   "0g:00:5e:00:53:01",
					   " 02:00:5e:00:53:01",
					   "0200:5e:00:53:01:02" };
	struct mac m, other = { .b = { 9 } };
	char buf[MAC_STRLEN];

	(void)state;
	assert_int_equal(mac_parse("02:00:5E:00:53:fF", &m), 0);
	assert_string_equal(mac_str(buf, &m), "02:00:5e:00:53:ff");
	assert_int_equal(mac_parse("02-00-5e-00-53-ff", &other), 0);
	assert_true(mac_equal(&m, &other));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mac_parse(bad[i], &m), -EINVAL);
	assert_true(mac_equal(&m, &other));
	assert_true(mac_is_unicast(&m));
	m.b[0] |= 1;
	assert_false(mac_is_unicast(&m));
	m = (struct mac){ 0 };
	assert_false(mac_is_unicast(&m));
}

static void test_ip4(void **state)
{
	static const char *const bad[] = { "",		 "192.0.2",	"192.0.2.256",
					   "192.0.2.1 ", "192.0.2.01/", "::1",
					   "192.0.2.1.1" };
	static const char *const bad_prefix[] = { "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/",
						  "192.0.2.0/-1", "0.0.0.1/0",	  "/24" };
	struct prefix4 p;
	char buf[PREFIX_STRLEN];
	uint32_t a;

	(void)state;
	assert_int_equal(ip4_parse("192.0.2.33", &a), 0);
	assert_int_equal(a, 0xc0000221);
	assert_string_equal(ip4_str(buf, a), "192.0.2.33");
	assert_string_equal(ip4_str(buf, UINT32_MAX), "255.255.255.255");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ip4_parse(bad[i], &a), -EINVAL);
	assert_int_equal(prefix4_parse("198.51.100.0/24", &p), 0);
	assert_string_equal(prefix4_str(buf, &p), "198.51.100.0/24");
	assert_int_equal(prefix4_parse("198.51.100.1", &p), 0);
	assert_int_equal(p.len, 32);
	assert_int_equal(prefix4_parse("0.0.0.0/0", &p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad_prefix); i++)
		assert_int_equal(prefix4_parse(bad_prefix[i], &p), -EINVAL);
}

static void test_ip6(void **state)
{
	static const char *const bad[] = { "2001:db8::1/64",  "2001:db8::/129", "2001:db8::/",
					   "2001:db8:::/32",  "192.0.2.0/24",	"::1%lo/128",
					   "2001:db8:1::/47", "2001:db8::/ 32" };
	static const uint8_t ifid[8] = { [7] = 1 };
	struct prefix6 p;
	struct ip6 a, zero = { 0 };
	char buf[PREFIX_STRLEN];

	(void)state;
	assert_int_equal(ip6_parse("2001:DB8::53", &a), 0);
	assert_string_equal(ip6_str(buf, &a), "2001:db8::53");
	assert_false(ip6_is_zero(&a));
	assert_true(ip6_is_zero(&zero));
	assert_false(ip6_is_link_local(&zero));
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(ip6_is_link_local(&(struct ip6){ .b = { 0xfe, (uint8_t)i } }),
				 i >= 0x80 && i < 0xc0);
	a = ip6_link_local(ifid);
	assert_string_equal(ip6_str(buf, &a), "fe80::1");
	assert_int_equal(prefix6_parse("2001:db8:100::/40", &p), 0);
	assert_string_equal(prefix6_str(buf, &p), "2001:db8:100::/40");
	assert_int_equal(prefix6_parse("::/0", &p), 0);
	assert_int_equal(prefix6_parse("2001:db8::1", &p), 0);
	assert_int_equal(p.len, 128);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(prefix6_parse(bad[i], &p), -EINVAL);
	assert_int_equal(p.len, 128);
}

/* Whatever room there is: terminated, and whole, or a beginning with dots. */
static void test_escape(void **state)
{
	static const char raw[] = "a\\b\x01\xff\n~ \x7f";
	static const char want[] = "a\\x5cb\\x01\\xff\\x0a~ \\x7f";
	char buf[64];

	(void)state;
	assert_string_equal(str_escape(buf, sizeof(buf), raw, sizeof(raw) - 1), want);
	assert_string_equal(str_escape(buf, sizeof(buf), "", 0), "");
	assert_string_equal(str_escape(buf, 0, "abc", 3), "");
	for (size_t cap = 1; cap <= sizeof(want); cap++) {
		size_t n;

		memset(buf, 'X', sizeof(buf));
		str_escape(buf, cap, raw, sizeof(raw) - 1);
		n = strlen(buf);
		assert_true(n < cap);
		assert_int_equal(buf[cap], 'X');
		if (cap == sizeof(want)) {
			assert_string_equal(buf, want);
		} else if (cap >= 4) {
			assert_string_equal(buf + n - 3, "...");
			assert_memory_equal(buf, want, n - 3);
		}
	}
}

static void test_number(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(str_to_u64("0", 0, 9, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(str_to_u64("18446744073709551615", 0, UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_to_u64("18446744073709551616", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(str_to_u64("99999999999999999999999", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(str_to_u64("4", 5, 9, &v), -ERANGE);
	assert_int_equal(str_to_u64("10", 5, 9, &v), -ERANGE);
	assert_int_equal(str_to_u64("", 0, 9, &v), -EINVAL);
	assert_int_equal(str_to_u64("-1", 0, 9, &v), -EINVAL);
	assert_int_equal(str_to_u64("+1", 0, 9, &v), -EINVAL);
	assert_int_equal(str_to_u64(" 1", 0, 9, &v), -EINVAL);
	assert_int_equal(str_to_u64("1 ", 0, 9, &v), -EINVAL);
	assert_int_equal(str_to_u64("0x1", 0, 9, &v), -EINVAL);
	assert_true(v == UINT64_MAX);
}

static void test_secret(void **state)
{
	(void)state;
	assert_true(str_equal_secret("abc", 3, "abc", 3));
	assert_false(str_equal_secret("abc", 3, "abd", 3));
	assert_false(str_equal_secret("abc", 3, "abcd", 4));
	assert_false(str_equal_secret("abcd", 4, "abc", 3));
	assert_true(str_equal_secret("", 0, "x", 0));
}

static void test_sbuf(void **state)
{
	struct sbuf b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		sbuf_printf(&b, "%u,", i % 10);
	sbuf_append(&b, "end", 3);
	assert_int_equal(b.len, 2003);
	assert_int_equal(strlen(b.p), 2003);
	assert_string_equal(b.p + 1998, "9,end");
	assert_false(b.bad);
	sbuf_fini(&b);
	assert_null(b.p);
}

static void test_json(void **state)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	(void)state;
	json_open(&j, NULL, '{');
	json_open(&j, "a", '[');
	json_close(&j, ']');
	json_open(&j, "b", '[');
	json_u64(&j, NULL, UINT64_MAX);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_bool(&j, NULL, true);
	json_close(&j, ']');
	json_str(&j, "c\"", "q\"\\/");
	json_str(&j, "d", NULL);
	json_strn(&j, "e", "a\0\n\x7f", 4);
	json_str(&j, "utf-8", "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
	json_str(&j, "not", "\xc0\x80 \xff \xed\xa0\x80 \xe2\x82");
	json_bool(&j, "f", false);
	json_close(&j, '}');
	assert_string_equal(
		b.p, "{\"a\":[],\"b\":[18446744073709551615,{},true],"
		     "\"c\\\"\":\"q\\\"\\\\/\",\"d\":null,"
		     "\"e\":\"a\\u0000\\u000a\\u007f\","
		     "\"utf-8\":\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80\","
		     "\"not\":\"\\u00c0\\u0080 \\u00ff \\u00ed\\u00a0\\u0080 \\u00e2\\u0082\","
		     "\"f\":false}");
	sbuf_fini(&b);
}

static void test_control_path(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "a b", "\xc3\xbc" };
	char path[CONTROL_PATH_MAX], name[66];

	(void)state;
	assert_int_equal(control_path(path, "north-1"), 0);
	assert_string_equal(path, "/run/brasberry/north-1/control");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(control_path(path, bad[i]), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[65] = '\0';
	assert_int_equal(control_path(path, name), -EINVAL);
	name[64] = '\0';
	assert_int_equal(control_path(path, name), 0);
	assert_string_equal(path + strlen(path) - 8, "/control");
}

static void assert_words(const char *line, unsigned argc, const char *const *want)
{
	struct control_request req;

	assert_int_equal(control_request_parse(line, strlen(line), &req), 0);
	assert_int_equal(req.argc, argc);
	for (unsigned i = 0; i < argc; i++)
		assert_string_equal(req.argv[i], want[i]);
	assert_null(req.argv[argc]);
}

static void test_control_request(void **state)
{
	static const char *const bad[] = { "a \"b", "a\tb", "a\x7f", "\"\\x\"", "\"\\" };
	struct control_request req;
	char line[CONTROL_REQUEST_MAX + 1];

	(void)state;
	assert_words("", 0, NULL);
	assert_words("   ", 0, NULL);
	assert_words(" show  stat\r", 2, (const char *const[]){ "show", "stat" });
	assert_words("a\\b \"c d\"e \"\" \"\\\"\\\\\"", 4,
		     (const char *const[]){ "a\\b", "c de", "", "\"\\" });
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(control_request_parse(bad[i], strlen(bad[i]), &req), -EINVAL);
	for (unsigned i = 0; i < CONTROL_WORDS_MAX + 1; i++)
		memcpy(line + 2 * i, "w ", 2);
	assert_int_equal(control_request_parse(line, 2 * CONTROL_WORDS_MAX, &req), 0);
	assert_int_equal(req.argc, CONTROL_WORDS_MAX);
	assert_int_equal(control_request_parse(line, 2 * CONTROL_WORDS_MAX + 2, &req), -E2BIG);
	memset(line, 'a', sizeof(line));
	assert_int_equal(control_request_parse(line, CONTROL_REQUEST_MAX - 1, &req), 0);
	assert_int_equal(strlen(req.argv[0]), CONTROL_REQUEST_MAX - 1);
	assert_int_equal(control_request_parse(line, CONTROL_REQUEST_MAX, &req), -E2BIG);
}

static void test_control_write(void **state)
{
	static const char *const words[] = { "show", "a b", "", "q\"\\" };
	char longer[CONTROL_REQUEST_MAX + 1];
	const char *one[] = { longer };
	struct sbuf b = { 0 };

	(void)state;
	assert_int_equal(control_request_write(&b, 4, words), 0);
	assert_string_equal(b.p, "show \"a b\" \"\" \"q\\\"\\\\\"\n");
	assert_int_equal(control_request_write(&b, 1, (const char *const[]){ "a\nb" }), -EINVAL);
	memset(longer, 'a', sizeof(longer));
	longer[CONTROL_REQUEST_MAX] = '\0';
	assert_int_equal(control_request_write(&b, 1, one), -E2BIG);
	assert_int_equal(b.len, 22);
	longer[CONTROL_REQUEST_MAX - 1] = '\0';
	assert_int_equal(control_request_write(&b, 1, one), 0);
	assert_int_equal(b.len, 22 + CONTROL_REQUEST_MAX);
	sbuf_fini(&b);
}

static void test_control_status(void **state)
{
	enum control_status status;
	const char *message;

	(void)state;
	assert_int_equal(control_status_parse("0", &status, &message), 0);
	assert_int_equal(status, CONTROL_OK);
	assert_string_equal(message, "");
	assert_int_equal(control_status_parse("2 usage: x", &status, &message), 0);
	assert_int_equal(status, CONTROL_USAGE);
	assert_string_equal(message, "usage: x");
	assert_int_equal(control_status_parse("", &status, &message), -EBADMSG);
	assert_int_equal(control_status_parse("3 x", &status, &message), -EBADMSG);
	assert_int_equal(control_status_parse("00", &status, &message), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_dname),
		cmocka_unit_test(test_ip4),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_sbuf),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_control_path),
		cmocka_unit_test(test_control_request),
		cmocka_unit_test(test_control_write),
		cmocka_unit_test(test_control_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
