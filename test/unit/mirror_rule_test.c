// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of the mirror: words in, words out, and as the data plane has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mirror/rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char why[256];

static void reads(const char *text, const char *expect)
{
	struct mirror_rule r, again;
	struct sbuf out = { 0 };

	if (mirror_rule_parse_text(text, &r, why, sizeof(why)))
		fail_msg("'%s': %s", text, why);
	mirror_rule_write(&r, &out);
	assert_string_equal(out.p, expect);
	assert_int_equal(mirror_rule_parse_text(out.p, &again, why, sizeof(why)), 0);
	sbuf_fini(&out);
	mirror_rule_write(&again, &out);
	assert_string_equal(out.p, expect);
	sbuf_fini(&out);
}

static void refuses(const char *text, const char *expect)
{
	struct mirror_rule r = { .port = 7 };

	assert_int_equal(mirror_rule_parse_text(text, &r, why, sizeof(why)), -EINVAL);
	if (!strstr(why, expect))
		fail_msg("'%s': \"%s\" has no \"%s\"", text, why, expect);
	assert_int_equal(r.port, 7);
}

static void words(void **state)
{
	(void)state;
	reads("", "both");
	reads("on", "both");
	reads("off", "off");
	reads("up", "up");
	reads(" down\tip4 ", "down ip4");
	reads("ip6", "both ip6");
	reads("proto=tcp port=443", "both proto=6 port=443");
	reads("port=53 proto=17", "both proto=17 port=53");
	reads("port=65535", "both port=65535");
	reads("proto=icmp6", "both proto=58");
	reads("net=192.0.2.0/24", "both net=192.0.2.0/24");
	reads("net=192.0.2.7", "both net=192.0.2.7/32");
	reads("net=0.0.0.0/0", "both net=0.0.0.0/0");
	reads("net=2001:db8::/32 up", "up net=2001:db8::/32");
	reads("net=2001:db8::7", "both net=2001:db8::7/128");
	reads("sample=100 to=mon1", "both sample=100 to=mon1");
	reads("to=mon1 up to=vxlan:192.0.2.9", "up to=mon1 to=vxlan:192.0.2.9");
	reads("to=a to=b to=c to=d", "both to=a to=b to=c to=d");
	reads("snap=96 to=mon1 sample=7", "both sample=7 snap=96 to=mon1");
	reads("until=06:30", "both until=06:30");
	reads("until=06:30:07", "both until=06:30:07");
	reads("up until=2028-02-29T23:59", "up until=2028-02-29T23:59");
	reads("sample=1", "both");
}

static void nonsense(void **state)
{
	char blanks[600];

	(void)state;
	refuses("sideways", "'sideways' is not off, both");
	refuses("up down", "'down' says what another word has said");
	refuses("ip4 ip6", "'ip6' says");
	refuses("port=1 port=2", "'port=2' says");
	refuses("port=0", "is not a number from 1 to 65535");
	refuses("port=65536", "is not a number");
	refuses("port=+5", "is not a number");
	refuses("port=", "is not a number");
	refuses("proto=0", "is not tcp, udp");
	refuses("proto=256", "is not tcp, udp");
	refuses("proto=icmp port=5", "needs proto=tcp or udp");
	refuses("net=192.0.2.1/24", "is not an IPv4 or IPv6 prefix");
	refuses("net=example", "is not an IPv4 or IPv6 prefix");
	refuses("to=", "is not a port");
	refuses("to=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		 "is not a port");
	refuses("sample=0", "is not a number");
	refuses("for=0", "is not seconds");
	refuses("for=8000000", "is not seconds");
	refuses("for=m", "is not seconds");
	refuses("for=169h", "is not seconds");
	refuses("\x1b[2J", "'\\x1b[2J' is not");
	refuses("up ip4 port=1 proto=6 net=::/0 sample=2 to=a for=1 up up up up up up up up up",
		"");
	memset(blanks, ' ', sizeof(blanks) - 1);
	blanks[sizeof(blanks) - 1] = '\0';
	refuses(blanks, "longer than 511");
}

static void times(void **state)
{
	struct mirror_rule r;

	(void)state;
	assert_int_equal(mirror_rule_parse_text("for=90", &r, why, sizeof(why)), 0);
	assert_int_equal(r.seconds, 90);
	assert_int_equal(mirror_rule_parse_text("for=90s", &r, why, sizeof(why)), 0);
	assert_int_equal(r.seconds, 90);
	assert_int_equal(mirror_rule_parse_text("for=5m", &r, why, sizeof(why)), 0);
	assert_int_equal(r.seconds, 300);
	assert_int_equal(mirror_rule_parse_text("for=168h", &r, why, sizeof(why)), 0);
	assert_int_equal(r.seconds, 7 * 86400);
}

static void snaps(void **state)
{
	struct mirror_rule r;

	(void)state;
	refuses("snap=0", "1 to 65535");
	refuses("snap=65536", "1 to 65535");
	refuses("snap=64 snap=65", "another word");
	assert_int_equal(mirror_rule_parse_text("snap=63", &r, why, sizeof(why)), 0);
	assert_int_equal(mirror_rule_of_copies(&r, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "less than 64"));
	r.snap = 64;
	assert_int_equal(mirror_rule_of_copies(&r, why, sizeof(why)), 0);
	r.snap = 0;
	assert_int_equal(mirror_rule_of_copies(&r, why, sizeof(why)), 0);
}

/* Of a zone with summer time: 2026-03-29, 02:00 is 03:00 there; it ends on 2026-10-25. */
static void clocks(void **state)
{
	static const struct {
		const char *rule;
		int64_t now, at;
		int rc;
	} cases[] = {
		{ "until=2026-12-01T06:00", 1796000000, 1796101200, 0 },
		{ "until=2026-12-01T06:00", 1796101200, 0, -ETIME },
		{ "until=2027-12-03T06:00", 1796000000, 0, -ERANGE },
		{ "until=05:59:59", 1796101198, 1796101199, 0 },
		{ "until=06:00", 1796101199, 1796101200, 0 },	       /* today, 05:59:59 */
		{ "until=06:00", 1796101200, 1796101200 + 86400, 0 },  /* tomorrow */
		{ "until=00:00", 1798729200, 1798758000, 0 },	       /* 2026-12-31 16:00: next year */
		{ "until=06:00", 1774674000, 1774756800, 0 }, /* 23 hours on: the night of the change */
	};

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t at = 0;
		struct mirror_rule r;

		assert_int_equal(mirror_rule_parse_text(cases[i].rule, &r, why, sizeof(why)), 0);
		assert_int_equal(mirror_clock_at(&r.until, cases[i].now, &at), cases[i].rc);
		if (at != cases[i].at)
			fail_msg("%u: %s at %lld is %lld", i, cases[i].rule,
				 (long long)cases[i].now, (long long)at);
	}
	refuses("until=24:00", "HH:MM");
	refuses("until=6:00", "HH:MM");
	refuses("until=06:00x", "HH:MM");
	refuses("until=06:00:60", "HH:MM");
	refuses("until=06:00:1", "HH:MM");
	refuses("until=2026-02-29T06:00", "HH:MM");
	refuses("until=2026-13-01T06:00", "HH:MM");
	refuses("until=2026-12-01", "HH:MM");
	refuses("until=2026-12-01T", "HH:MM");
	refuses("until=06:00 for=5", "another word");
}

static void as_the_data_plane_has_it(void **state)
{
	struct mirror_rule r;
	struct abi_mirror a;
	const uint8_t net4[4] = { 192, 0, 2, 0 };
	const uint8_t net6[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	(void)state;
	mirror_rule_parse_text("up net=192.0.2.0/24 proto=udp port=53 sample=9", &r, why,
			       sizeof(why));
	mirror_rule_abi(&r, &a);
	assert_int_equal(a.flags,
			 ABI_MIRROR_UP | ABI_MIRROR_IP4 | ABI_MIRROR_IP6 | ABI_MIRROR_REMOTE4);
	assert_int_equal(ntohl(a.mask[0]), 0xffffff00);
	assert_int_equal(a.mask[1], 0);
	assert_memory_equal(a.remote, net4, 4);
	assert_int_equal(a.proto, 17);
	assert_int_equal(a.port, 53);
	assert_int_equal(a.sample, 9);
	assert_int_equal(a.snap, 0);
	mirror_rule_parse_text("snap=128", &r, why, sizeof(why));
	mirror_rule_abi(&r, &a);
	assert_int_equal(a.snap, 128);
	mirror_rule_parse_text("down ip6 net=2001:db8::/32", &r, why, sizeof(why));
	mirror_rule_abi(&r, &a);
	assert_int_equal(a.flags, ABI_MIRROR_DOWN | ABI_MIRROR_IP6 | ABI_MIRROR_REMOTE6);
	assert_int_equal(a.mask[0], UINT32_MAX);
	assert_int_equal(a.mask[1], 0);
	assert_memory_equal(a.remote, net6, 4);
	mirror_rule_parse_text("off", &r, why, sizeof(why));
	assert_true(mirror_rule_is_off(&r));
	mirror_rule_abi(&r, &a);
	assert_int_equal(a.flags & (ABI_MIRROR_UP | ABI_MIRROR_DOWN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(times),
		cmocka_unit_test(snaps),
		cmocka_unit_test(clocks),
		cmocka_unit_test(as_the_data_plane_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
