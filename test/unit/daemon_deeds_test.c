// SPDX-License-Identifier: GPL-2.0-or-later
/* The helper's messages and its table: what it takes, and what it refuses. */
#include "daemon/deeds_table.h"
#include "daemon/deeds_wire.h"

#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static uint8_t message[DEEDS_MESSAGE_MAX];

static void test_request_round_trip(void **state)
{
	const char *const words[] = { "jool-file", "brasberry", "x" };
	static uint8_t input[DEEDS_INPUT_MAX];
	struct deeds_request q;
	int len;

	(void)state;
	memset(input, 0xa5, sizeof(input));
	for (size_t n = 0; n <= sizeof(input); n = n ? n * 4 : 1) {
		len = deeds_request_write(message, sizeof(message), 0xdeadbeef, words, 3, input, n);
		assert_true(len > 0);
		assert_int_equal(deeds_request_parse(message, (size_t)len, &q), 0);
		assert_int_equal(q.kind, DEEDS_DO);
		assert_int_equal(q.id, 0xdeadbeef);
		assert_int_equal(q.count, 3);
		for (unsigned i = 0; i < 3; i++)
			assert_string_equal(q.words[i], words[i]);
		assert_null(q.words[3]);
		assert_int_equal(q.input_len, n);
		if (n)
			assert_memory_equal(q.input, input, n);
	}
	len = deeds_quit_write(message, sizeof(message));
	assert_int_equal(deeds_request_parse(message, (size_t)len, &q), 0);
	assert_int_equal(q.kind, DEEDS_QUIT);
}

/* Cut off anywhere within its words it is none; behind them only the input is shorter. */
static void test_request_truncated(void **state)
{
	const char *const words[] = { "module", "tun" };
	struct deeds_request q;
	int len = deeds_request_write(message, sizeof(message), 7, words, 2, "12345", 5);

	(void)state;
	for (int n = 0; n <= len; n++) {
		int rc = deeds_request_parse(message, (size_t)n, &q);

		assert_int_equal(rc, n < len - 5 ? -EBADMSG : 0);
		if (!rc)
			assert_int_equal(q.input_len, n - (len - 5));
	}
}

static void test_request_bad(void **state)
{
	static const struct {
		uint8_t octets[16];
		size_t len;
		int rc;
	} rows[] = {
		{ { 2, DEEDS_DO, 0, 0, 0, 1, 1, 0, 1, 'a' }, 10, -EPROTO },
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 1, 0, 1, 'a' }, 10, 0 },
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 0 }, 7, -EBADMSG },		   /* no word */
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 1, 0, 0 }, 9, -EBADMSG },		   /* empty */
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 1, 0, 1, 0 }, 10, -EBADMSG },	   /* a NUL */
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 1, 0xff, 0xff, 'a' }, 10, -EBADMSG }, /* too long */
		{ { 1, DEEDS_DO, 0, 0, 0, 1, 17, 0, 1, 'a' }, 10, -EBADMSG },	   /* too many */
		{ { 1, DEEDS_QUIT, 0 }, 3, -EBADMSG },
		{ { 1, DEEDS_RESULT, 0, 0, 0, 1, 0, 0, 0, 0 }, 10, -EBADMSG }, /* a reply */
	};
	struct deeds_request q;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(deeds_request_parse(rows[i].octets, rows[i].len, &q), rows[i].rc);
}

static void test_request_too_big(void **state)
{
	static char word[DEEDS_WORDS_TOTAL + 1];
	const char *const one[] = { word }, *const words[DEEDS_WORDS_MAX + 1] = { "a", "a" };

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	assert_int_equal(deeds_request_write(message, sizeof(message), 1, one, 1, NULL, 0), -E2BIG);
	assert_int_equal(deeds_request_write(message, sizeof(message), 1, words,
					     DEEDS_WORDS_MAX + 1, NULL, 0),
			 -E2BIG);
	assert_int_equal(deeds_request_write(message, sizeof(message), 1, words, 2, message,
					     DEEDS_INPUT_MAX + 1),
			 -E2BIG);
	assert_int_equal(deeds_request_write(message, 9, 1, words, 2, NULL, 0), -E2BIG);
}

static void test_reply(void **state)
{
	const struct deeds_reply rows[] = {
		{ .kind = DEEDS_RESULT,
		  .id = 77,
		  .status = -EPERM,
		  .text = (void *)"no",
		  .len = 2 },
		{ .kind = DEEDS_RESULT, .id = 1, .status = 0 },
		{ .kind = DEEDS_CHILD,
		  .state = DEEDS_CHILD_DIED,
		  .status = 256,
		  .text = (void *)"named",
		  .len = 5 },
		{ .kind = DEEDS_LOG, .level = LOG_LEVEL_WARN, .text = (void *)"a line", .len = 6 },
	};
	struct deeds_reply r;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int len = deeds_reply_write(message, sizeof(message), &rows[i]);
		int fixed = len - (int)rows[i].len;

		assert_true(len > 0);
		assert_int_equal(deeds_reply_parse(message, (size_t)len, &r), 0);
		assert_int_equal(r.kind, rows[i].kind);
		assert_int_equal(r.id, rows[i].id);
		assert_int_equal(r.status, rows[i].status);
		assert_int_equal(r.state, rows[i].state);
		assert_int_equal(r.level, rows[i].level);
		assert_int_equal(r.len, rows[i].len);
		if (r.len)
			assert_memory_equal(r.text, rows[i].text, r.len);
		for (int n = 0; n < fixed; n++)
			assert_int_equal(deeds_reply_parse(message, (size_t)n, &r), -EBADMSG);
	}
	message[0] = DEEDS_VERSION + 1;
	assert_int_equal(deeds_reply_parse(message, 8, &r), -EPROTO);
	memcpy(message, (uint8_t[]){ 1, DEEDS_CHILD, DEEDS_CHILD_STATES, 0, 0, 0, 0 }, 7);
	assert_int_equal(deeds_reply_parse(message, 7, &r), -EBADMSG);
}

static int resolve(const char *line, bool input, struct deed_call *call)
{
	static char text[512];
	const char *words[32];
	unsigned n = 0;
	char why[128] = "";
	int rc;

	snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		words[n++] = w;
	rc = deed_resolve(words, n, input, "one", call, why, sizeof(why));
	assert_int_equal(!rc, !*why);
	return rc;
}

static void test_table_takes(void **state)
{
	static const struct {
		const char *line, *argv;
		bool input;
	} rows[] = {
		{ "module tun", "modprobe -- tun", false },
		{ "module jool", "modprobe -- jool", false },
		{ "sysctl net/ipv4/ip_forward 1", "net/ipv4/ip_forward 1", false },
		{ "sysctl net/ipv4/conf/eth0.5/rp_filter 0", "net/ipv4/conf/eth0.5/rp_filter 0",
		  false },
		{ "jool-file b", "jool -i b file handle /dev/stdin", true },
		{ "jool-pool4 b --udp", "jool -i b pool4 display --csv --no-headers --udp", false },
		{ "jool-count b --icmp",
		  "jool -i b session display --csv --no-headers --numeric --icmp", true },
		{ "start-tayga /var/lib/brasberry/one/t/tayga.conf",
		  "tayga -n -c /var/lib/brasberry/one/t/tayga.conf", false },
		{ "named-check /etc/brasberry/named.conf",
		  "named-checkconf /etc/brasberry/named.conf", false },
		{ "named-dir bind /run/brasberry/one/named/work",
		  "bind /run/brasberry/one/named/work", false },
		{ "start-named bind /run/brasberry/one/named.conf",
		  "named -f -u bind -c /run/brasberry/one/named.conf", false },
		{ "stop named", "named", false },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct deed_call call;
		char line[256] = "";

		assert_int_equal(resolve(rows[i].line, rows[i].input, &call), 0);
		for (unsigned a = 0; a < call.argc; a++)
			snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s",
				 a ? " " : "", call.argv[a]);
		assert_string_equal(line, rows[i].argv);
		assert_null(call.argv[call.argc]);
	}
}

/* The table of NAT64 for the instance "one", and nothing that could touch another one. */
static void test_nft_input(void **state)
{
#define T "brasberry-one-nat64"
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "table inet " T "\ndelete table inet " T "\n", true },
		{ "table inet " T " {\n\tchain a {\n\t\tiifname { \"lo\" } drop\n\t}\n}\n", true },
		{ "table inet " T " {\n\tcounter c { }\n}\n", true },
		{ "table inet " T " {\n\tcomment \"include x\"\n}\n", true },
		{ "table inet " T, false }, /* no end of line */
		{ "flush ruleset\n", false },
		{ "table inet filter {\n}\n", false },
		{ "delete table inet filter\n", false },
		{ "table inet brasberry-two-nat64 {\n}\n", false },
		{ "table ip " T " {\n}\n", false },
		{ "include \"/etc/shadow\"\n", false },
		{ "table inet " T " {\ninclude \"/etc/shadow\"\n}\n", false },
		{ "table inet " T " {\n\tchain a {\n\t\tdrop;include \"/etc/shadow\"\n\t}\n}\n",
		  false },
		{ "table inet " T " {\n} ; flush ruleset\n", false },
		{ "table inet " T " {\n}\nflush ruleset\n", false },
		{ "table inet " T " { } ; flush ruleset ; table inet x {\n}\n", false },
		{ "table inet " T " {\n\tcomment \"{\"\n}\nflush ruleset\n}\n", false },
		{ "table inet " T " {\n\t# {\n}\nflush ruleset\n}\n", false },
		{ "table inet " T " {\n\tcomment \"a\n}\n", false },
		{ "table inet " T " {\n\tdefine a = 1\n}\n", false },
		{ "table inet " T " {\n\tdrop \\\n}\n", false },
		{ "table inet " T " {\n", false },
		{ "}\n", false },
		{ "table inet " T " {\n}\n}\n", false },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (deed_nft_ok(rows[i].text, strlen(rows[i].text), "one") != rows[i].ok)
			fail_msg("%s: %s", rows[i].text, rows[i].ok ? "refused" : "taken");
	assert_false(deed_nft_ok("table inet " T " {\n\0}\n",
				 sizeof("table inet " T " {\n\0}\n") - 1, "one"));
#undef T
}

static void test_table_refuses(void **state)
{
	static const struct {
		const char *line;
		int rc;
		bool input;
	} rows[] = {
		{ "", -EPERM, false },
		{ "reboot", -EPERM, false },
		{ "modul", -EPERM, false },
		{ "module", -EINVAL, false },
		{ "module tu", -EINVAL, false },
		{ "module tun|veth", -EINVAL, false },
		{ "module tun veth", -EINVAL, false },
		{ "module --remove", -EINVAL, false },
		{ "module tun", -EINVAL, true },
		{ "sysctl kernel/core_pattern 1", -EINVAL, false },
		{ "sysctl net/ipv4/ip_forward2 1", -EINVAL, false },
		{ "sysctl net/ipv4/conf/../rp_filter 1", -EINVAL, false },
		{ "sysctl net/ipv4/conf/a/b/rp_filter 1", -EINVAL, false },
		{ "sysctl net/ipv4/conf//rp_filter 1", -EINVAL, false },
		{ "sysctl net/ipv4/conf/a/rp_filter/x 1", -EINVAL, false },
		{ "sysctl net/ipv4/ip_forward -1", -EINVAL, false },
		{ "sysctl net/ipv4/ip_forward 4294967296", -EINVAL, false },
		{ "jool-remove -x", -EINVAL, false },
		{ "jool-remove b;reboot", -EINVAL, false },
		{ "jool-pool4 b --numeric", -EINVAL, false },
		{ "jool-pool4 b", -EINVAL, false },
		{ "jool-count b --csv", -EINVAL, true },
		{ "jool-count b", -EINVAL, true },
		{ "start-named root /run/brasberry/two/named.conf", -EINVAL, false },
		{ "start-named root /run/brasberry/one", -EINVAL, false },
		{ "start-named root /run/brasberry/one/", -EINVAL, false },
		{ "start-named root /run/brasberry/one/../two/named.conf", -EINVAL, false },
		{ "start-named root /run/brasberry/onetwo/named.conf", -EINVAL, false },
		{ "start-named root /etc/passwd", -EINVAL, false },
		{ "named-dir bind /run/named", -EINVAL, false },
		{ "named-dir -D /run/brasberry/one/x", -EINVAL, false },
		{ "start-named root /etc/brasberry/../passwd", -EINVAL, false },
		{ "start-named root named.conf", -EINVAL, false },
		{ "start-named root /run/brasberry/one/named.conf", -EINVAL, false },
		{ "start-named 0 /run/brasberry/one/named.conf", -EINVAL, false },
		{ "named-dir root /run/brasberry/one/work", -EINVAL, false },
		{ "stop sshd", -EINVAL, false },
	};
	struct deed_call call;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (resolve(rows[i].line, rows[i].input, &call) != rows[i].rc)
			fail_msg("%s: not refused as it should be", rows[i].line);
}

/* A row that nobody can fulfil, or that lets an option through, is a mistake in the table. */
static void test_table_itself(void **state)
{
	(void)state;
	for (unsigned i = 0; i < deed_count; i++) {
		const struct deed *d = &deed_table[i];
		bool choice = false;

		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(d->name, deed_table[k].name);
		for (unsigned a = 0; a < DEED_ARGV_MAX && d->argv[a]; a++) {
			choice = choice || !strcmp(d->argv[a], "%c");
			if (*d->argv[a] == '%')
				assert_true(strlen(d->argv[a]) == 2 &&
					    strchr("cnadrfsu", d->argv[a][1]));
		}
		assert_int_equal(choice, d->choices != NULL);
		assert_int_equal(d->tool != NULL, d->kind == DEED_RUN || d->kind == DEED_COUNT ||
							  d->kind == DEED_START);
		assert_true(d->kind != DEED_COUNT || (d->input && d->input_ok));
		assert_true(!d->tool || !strchr(d->tool, '/'));
	}
	for (unsigned i = 0; deed_dirs[i]; i++)
		assert_int_equal(deed_dirs[i][0], '/');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_round_trip),
		cmocka_unit_test(test_request_truncated),
		cmocka_unit_test(test_request_bad),
		cmocka_unit_test(test_request_too_big),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_table_takes),
		cmocka_unit_test(test_table_refuses),
		cmocka_unit_test(test_nft_input),
		cmocka_unit_test(test_table_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
