// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published faults of other PPP servers, sent to ours as frames: each is refused, counted, and
 * leaves the link as it was. feed_octets() gives frames of exact size, so a sanitizer sees a read
 * beyond. Local faults (pppd's CVE-2020-15704) have no frame and do not stand here.
 */
#include "test/unit/ppp_script.h"

/* `head` and then `fill` octets of 'A': a name that is too long for a fixed buffer. */
static void feed_long(const char *head, size_t fill)
{
	uint8_t b[PPP_FRAME_MAX];
	size_t len = unhex(head, b);

	assert_true(len + fill <= sizeof(b));
	memset(b + len, 'A', fill);
	feed_octets(b, len + fill);
}

/* CVE-2020-8597 (pppd 2.4.2 to 2.4.8): the name in an EAP MD5-Challenge request or response
 * overflows a buffer of 256 octets, also where EAP was not agreed. We have no EAP at all. */
static void test_pppd_eap_name(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	feed_long("c227 02010416 0410 00112233445566778899aabbccddeeff", 1024);
	feed_long("c227 01010416 0410 00112233445566778899aabbccddeeff", 1024);
	expect_nothing();
	assert_int_equal(rig_drops(&r), 2);
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
	assert_int_equal(r.asked, 0);
	pap_ok();
	feed_long("c227 02020416 0410 00112233445566778899aabbccddeeff", 1024);
	assert_int_equal(rig_drops(&r) + r.stats.unknown_protocol, 3);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	assert_int_equal(r.asked, 1);
}

/* CVE-2020-7466 (mpd5 before 5.9): lengths inside an authentication packet reach beyond it. */
static void test_mpd_pap_lengths(void **state)
{
	static const char *const frames[] = {
		"c023 01010010 ff75736572 06736563726574", /* the name's */
		"c023 01010010 0475736572 ff736563726574", /* the password's */
		"c023 01010009 0475736572",		   /* no password at all */
		"c023 01010004",			   /* nothing */
		"c023 0101ffff 0475736572 06736563726574", /* the packet's */
	};
	uint64_t drops;

	(void)state;
	begin();
	lcp_opens();
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		drops = rig_drops(&r);
		feed(frames[i]);
		expect_nothing();
		assert_int_equal(rig_drops(&r), drops + 1);
		assert_int_equal(r.asked, 0);
	}
	pap_ok();
}

/* The same fault in CHAP: the value's size against what is there, and against the method's. */
static void test_mpd_chap_lengths(void **state)
{
	static const char *const frames[] = {
		"c223 02%02x0009 ff00112233",
		"c223 02%02x0005 00",
		"c223 02%02x0004",
		"c223 02%02xffff 1000112233445566778899aabbccddeeff75",
		"c223 02%02x0016 1100112233445566778899aabbccddeeff75",
	};
	uint64_t drops;

	(void)state;
	begin();
	lcp_opens();
	r.tail = r.head; /* our challenge */
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		char hex[128];

		snprintf(hex, sizeof(hex), frames[i], r.link.auth.id);
		drops = rig_drops(&r);
		feed(hex);
		expect_nothing();
		assert_int_equal(rig_drops(&r), drops + 1);
		assert_int_equal(r.asked, 0);
	}
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
}

/* Options of length 0 and 1 loop for ever, or underflow, in parsers that subtract first. */
static void test_option_lengths(void **state)
{
	static const char *const frames[] = {
		"c021 01050006 0100", "c021 01060006 0101", "c021 0107000a 0104 05d4 0500",
		"8021 01050006 0300", "8021 01060006 0301", "8057 01050006 0100",
	};
	uint64_t drops;

	(void)state;
	network();
	r.tail = r.head;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		drops = rig_drops(&r);
		feed(frames[i]);
		expect_nothing();
		assert_int_equal(rig_drops(&r), drops + 1);
		assert_int_equal(r.link.phase, PPP_NETWORK);
	}
}

/* A network protocol or success of our own before authentication must not skip it. */
static void test_authentication_is_not_skipped(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	feed("8021 0101000a 030664400005");
	feed("8057 0101000e 010a021122fffe334455");
	feed("c023 0201000c 0757656c636f6d65"); /* PAP Ack, to the server */
	feed("c223 03010006 4f4b");		/* CHAP Success, not agreed */
	expect_nothing();
	assert_int_equal(rig_drops(&r), 4);
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
	assert_int_equal(r.up[PPP_LAYER_IPCP], 0);
	assert_int_equal(r.up[PPP_LAYER_IPV6CP], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_pppd_eap_name),
		WITH(pap, test_mpd_pap_lengths),
		WITH(all, test_mpd_chap_lengths),
		WITH(pap, test_option_lengths),
		WITH(pap, test_authentication_is_not_skipped),
	};

	return cmocka_run_group_tests_name("ppp_advisories", tests, NULL, NULL);
}
