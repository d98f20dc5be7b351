// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published faults of other PPP servers, sent to ours as frames: each is refused, counted, and
 * leaves the link as it was, and alive. feed_octets() gives frames of exact size, so a sanitizer
 * sees a read beyond. Those of discovery are in pppoe_advisories, of RADIUS in radius_advisories
 * and radius_daeadvisories, of DHCPv6 in ipv6_advisories, of the console in console_telnet.
 *
 * Not applicable:
 *
 *	pppd CVE-2006-2194, 2020-15704, 2024-58250; rp-pppoe CVE-2004-0564: setuid and plugins
 *		nothing here is setuid, and no plugin is loaded
 *	pppd CVE-2008-5366: temporary files of Debian's scripts
 *		there are no such scripts
 *	pppd CVE-2014-3158: an options file with long words, of a user's
 *		ours is root's; long words are daemon_config_fuzz's
 *	pppd CVE-2015-3310: an accounting id made of the PID
 *		ours has 64 bits and is written as 16 digits
 *	pppd CVE-2022-4603: pppdump
 *		there is none
 *	rp-pppoe CVE-2001-0026: a TCP option of length 0 in the MSS clamp
 *		that is in BPF: test/bpf/mss_test.c
 *	accel-ppp CVE-2020-15173, 2026-123205; mpd5 CVE-2020-7465; npppd, OpenBSD 7.3 errata 016;
 *	Cisco CVE-2011-4016: L2TP
 *		no listener; log lines that are too long, the second one's other half: base_log_test
 *	accel-ppp CVE-2021-42870; Cisco CVE-2001-1183: PPTP
 *		no listener
 *	Linux CVE-2005-0384; SEIL CVE-2014-2004: in the data plane, the packet not told
 *		the kernel's PPP carries nothing of ours
 *	pppd CVE-2026-85495: not told anywhere we have looked
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

/* The rejected packet is in it, whole: `len` octets behind the protocol. */
static void expect_protocol_reject(uint16_t protocol, size_t len)
{
	const struct rig_frame *f = &r.sent[r.tail % RIG_FRAMES];
	struct rd in = rd_init(f->b, f->len);

	assert_int_not_equal(r.tail, r.head);
	r.tail++;
	assert_int_equal(f->len, 8 + len);
	assert_int_equal(rd_be16(&in), PPP_LCP);
	assert_int_equal(rd_u8(&in), PPP_PROTO_REJ);
	rd_u8(&in);
	assert_int_equal(rd_be16(&in), 6 + len);
	assert_int_equal(rd_be16(&in), protocol);
	expect_nothing();
}

/* CVE-2012-5434 (IOS XR): after one malformed packet all the others were dropped for good. */
static void still_serves(void)
{
	feed("c021 09770008 12345678");
	expect(fmt("c021 0a770008 %08x", MAGIC));
	expect_nothing();
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
	expect_protocol_reject(0xc227, 1046);
	assert_int_equal(rig_drops(&r), 2);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	assert_int_equal(r.asked, 1);
	still_serves();
}

/* CVE-2018-11574 (EAP-TLS in pppd: a message's length that overflows), CVE-2026-75883 (PEAP in
 * pppd before 2.5.4), and the way to them: EAP is neither offered, taken as a choice of the peer's,
 * nor proven by us. */
static void test_pppd_eap_methods(void **state)
{
	static const struct {
		const char *frame;
		size_t len;
	} frames[] = {
		{ "c227 0101 0005 01", 5 },			   /* Identity */
		{ "c227 0202 000a 0d80 ffffffff", 10 },		   /* EAP-TLS */
		{ "c227 0203 000f 0dc0 00000001 4141414141", 15 }, /* ... more of it */
		{ "c227 0104 0020 1901 170303ffff 4141", 13 },	   /* PEAP */
		{ "c227 0205 ffff 1a02 0500 ff 4141", 11 },	   /* EAP-MSCHAPv2 */
		{ "c227 0306 0000", 4 },
		{ "c227 0407", 2 },
		{ "c227", 0 }, /* half of one */
	};
	const size_t n = sizeof(frames) / sizeof(frames[0]);

	(void)state;
	r.config.auth[0] = PPP_AUTH_CHAP_MD5;
	r.config.auth[1] = PPP_AUTH_PAP;
	r.config.auth_count = 2;
	begin();
	feed(fmt("c021 03%02x0008 0304c227", ID(LCP))); /* "rather EAP": the next of ours */
	assert_int_equal(r.link.lcp.method, PPP_AUTH_PAP);
	expect_lcp_request();
	feed("c021 01010008 0304c227"); /* "you prove it" */
	expect("c021 04010008 0304c227");
	lcp_opens();
	for (size_t i = 0; i < n; i++)
		feed(frames[i].frame);
	expect_nothing();
	assert_int_equal(r.stats.drop_phase, n);
	assert_int_equal(r.asked, 0);
	pap_ok();
	for (size_t i = 0; i < n; i++) {
		feed(frames[i].frame);
		expect_protocol_reject(0xc227, frames[i].len);
	}
	assert_int_equal(r.link.phase, PPP_NETWORK);
	still_serves();
}

/* CVE-2026-58095, CVE-2026-58096 (ppp of FreeBSD): an Endpoint-Discriminator shorter than its
 * class, or longer than its buffer. Whatever it is, it comes back as it was. */
static void test_freebsd_discriminator(void **state)
{
	static const char *const options[] = {
		"1302", "130301", "1303ff", "130405ff", "1102", "110305", "11050102aa", "1203aa",
	};
	uint8_t longest[PPP_FRAME_MAX] = { 0xc0, 0x21, 1, 0x7f, 1, 3, 0x13, 0xff, 1 };

	(void)state;
	begin();
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		size_t len = 4 + strlen(options[i]) / 2;

		feed(fmt("c021 01%02x%04zx %s", i, len, options[i]));
		expect(fmt("c021 04%02x%04zx %s", i, len, options[i]));
	}
	feed_octets(longest, 2 + 4 + 255);
	longest[2] = PPP_CONF_REJ;
	assert_int_equal(r.sent[r.tail % RIG_FRAMES].len, 2 + 4 + 255);
	assert_memory_equal(r.sent[r.tail++ % RIG_FRAMES].b, longest, 2 + 4 + 255);
	feed("c021 01100008 13050100"); /* and one octet more than there is */
	assert_int_equal(r.stats.drop_option, 1);
	expect_nothing();
	lcp_opens();
	still_serves();
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

/* CVE-2016-8276 (Huawei USG, CHAP) and CVE-2014-6382 (Junos, PAP): a crafted login after LCP ends
 * the server. What was sent is not told, so: the longest that the formats can say, one more, and
 * sizes of other methods. */
static void test_chap_extremes(void **state)
{
	static const uint8_t sizes[] = { 0, 1, 15, 17, 24, 48, 49, 50, 255 }; /* 16 is ours */
	unsigned n = 0;

	(void)state;
	r.hold_auth = true;
	begin();
	lcp_opens();
	r.tail = r.head; /* our challenge */
	for (size_t i = 0; i < sizeof(sizes); i++, n++)
		feed_long(fmt("c223 02%02x0136 %02x", r.link.auth.id, sizes[i]), 305);
	feed_long(fmt("c223 02%02x0115 10", r.link.auth.id), 16 + 256);
	feed_long(fmt("c223 02%02x05d9 10", r.link.auth.id), 1500 - 5 - 2);
	n += 2;
	assert_int_equal(r.stats.drop_length, n);
	assert_int_equal(r.asked, 0);
	feed_long(fmt("c223 02%02x0114 10", r.link.auth.id), 16 + 255);
	assert_int_equal(r.asked, 1);
	assert_int_equal(strlen(r.name), 255);
	expect_nothing();
	ppp_link_auth_done(&r.link, r.now, &r.result);
	assert_int_equal(r.link.phase, PPP_NETWORK);
}

static void test_mschap_extremes(void **state)
{
	static const uint8_t sizes[] = { 0, 1, 16, 24, 48, 50, 255 }; /* 49 is ours */
	unsigned n = 0;

	(void)state;
	r.config.auth[0] = PPP_AUTH_MSCHAP_V2;
	r.config.auth_count = 1;
	r.hold_auth = true;
	begin();
	lcp_opens();
	r.tail = r.head;
	for (size_t i = 0; i < sizeof(sizes); i++, n++)
		feed_long(fmt("c223 02%02x0136 %02x", r.link.auth.id, sizes[i]), 305);
	feed_long(fmt("c223 02%02x0136 31", r.link.auth.id), 49 + 256);
	feed_long(fmt("c223 07%02x0234", r.link.auth.id), 560); /* Change-Password, RFC 2759, 7 */
	assert_int_equal(r.stats.drop_length, n + 1);
	assert_int_equal(r.stats.drop_code, 1);
	assert_int_equal(r.asked, 0);
	feed_long(fmt("c223 02%02x0135 31", r.link.auth.id), 49 + 255);
	assert_int_equal(r.asked, 1);
	assert_int_equal(strlen(r.name), 255);
	expect_nothing();
}

static void test_pap_extremes(void **state)
{
	uint8_t b[PPP_FRAME_MAX] = { 0xc0, 0x23, PPP_PAP_REQ, 9, 2, 4, 255 };

	(void)state;
	r.hold_auth = true;
	begin();
	lcp_opens();
	memset(b + 7, 'A', sizeof(b) - 7);
	b[7 + 255] = 255;
	feed_octets(b, 2 + 4 + 1 + 255 + 1 + 254); /* one octet is not there */
	assert_int_equal(r.stats.drop_length, 1);
	b[5] = 5;
	feed_octets(b, sizeof(b)); /* an octet more than the password */
	assert_int_equal(r.stats.drop_length, 2);
	assert_int_equal(r.asked, 0);
	b[5] = 4;
	feed_octets(b, sizeof(b)); /* padding is none */
	assert_int_equal(r.asked, 1);
	assert_int_equal(strlen(r.name), 255);
	feed_octets(b, sizeof(b));
	assert_int_equal(r.asked, 1);
	expect_nothing();
	r.result.ok = false;
	ppp_link_auth_done(&r.link, r.now, &r.result);
	expect("c023 03090005 00");
}

/* CVE-2021-42054 (accel-ppp): the client goes after its login, and the server's work for it meets
 * what is gone. The rig aborts at a frame or a layer's end after the link's. */
static void test_accel_gone_after_login(void **state)
{
	(void)state;
	r.hold_auth = true;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	ppp_link_lost(&r.link, r.now, PPP_CAUSE_USER_REQUEST);
	assert_int_equal(r.finished, 1);
	ppp_link_auth_done(&r.link, r.now, &r.result);
	ppp_link_session_timeout(&r.link, r.now, NSEC_PER_SEC);
	feed("8021 0105000a 030664400005");
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.up[PPP_LAYER_IPCP], 0);
	fini(state);

	pap(state); /* the same by LCP */
	r.hold_auth = true;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	feed("c021 05090004");
	expect("c021 06090004");
	ppp_link_auth_done(&r.link, r.now, &r.result);
	assert_int_equal(r.stats.auth_stale, 1);
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.up[PPP_LAYER_IPCP], 0);
}

/* mpd5 before 5.9: a peer that begins LCP anew while it is asked who it is. An answer to the
 * challenge before does not count. */
static void test_mpd_lcp_anew_while_asked(void **state)
{
	uint8_t before[PPP_CHALLENGE_LEN], id;

	(void)state;
	begin();
	lcp_opens();
	id = r.link.auth.id;
	memcpy(before, r.link.auth.challenge, sizeof(before));
	r.tail = r.head;
	feed("c021 0111000e 010405d4 050655667788");
	expect_lcp_request();
	expect("c021 0211000e 010405d4 050655667788");
	feed(fmt("c223 02%02x0016 1000112233445566778899aabbccddeeff75", id));
	assert_int_equal(r.stats.drop_phase, 1);
	ack_lcp();
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
	assert_memory_not_equal(before, r.link.auth.challenge, sizeof(before));
	r.tail = r.head;
	feed(fmt("c223 02%02x0016 1000112233445566778899aabbccddeeff75", id));
	assert_int_equal(r.stats.drop_id, 1);
	assert_int_equal(r.asked, 0);
	expect_nothing();
}

/* Rejects of what was never sent, or of half an option: CVE-2021-0214 (Junos' ppmd) is one of the
 * many that do not tell their packet. Not answered, and the negotiation goes on. */
static void test_rejects_of_nothing(void **state)
{
	static const char *const options[] = {
		"0206002d0f01",
		"0300",
		"0301",
		"03ff64400001",
		"0306",
		"030664400002",
		"030664400001 030664400001 03",
		"0306644000",
		"810600000000",
	};
	unsigned i;

	(void)state;
	network();
	r.tail = r.head;
	feed("8021 0105000a 030664400005");
	r.tail = r.head;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		uint8_t b[64];
		size_t len = 4 + unhex(options[i], b);

		feed(fmt("8021 04%02x%04zx %s", ID(IPCP), len, options[i]));
		assert_int_equal(r.stats.drop_answer, i + 1);
	}
	feed(fmt("c021 04%02x0008 0304c023", ID(LCP))); /* opened: nothing is awaited */
	assert_int_equal(r.stats.drop_id, 1);
	expect_nothing();
	feed(fmt("8021 02%02x000a 030664400001", ID(IPCP)));
	assert_int_equal(FSM(IPCP)->state, FSM_OPENED);
	still_serves();
}

/* Nothing that rejects is answered by something that rejects. */
static void test_rejects_do_not_loop(void **state)
{
	unsigned sent;

	(void)state;
	network();
	r.tail = r.head;
	for (unsigned i = 0; i < 1000; i++) {
		feed("c021 0801000c c227 010100060101");
		feed("c021 08020006 0000");
		feed("c021 07030008 0b010004");
		feed("8021 07040008 63010004");
		feed("c021 08050006 00fd");
	}
	expect_nothing();
	assert_int_equal(r.link.phase, PPP_NETWORK);
	feed("c021 08060005 80"); /* half a protocol, half a packet */
	feed("c021 08060004");
	feed("c021 07060007 010100");
	feed("c021 07060004");
	assert_int_equal(r.stats.drop_length, 4);
	expect_nothing();
	sent = r.head;
	feed("c021 0707000c 0709000807010004"); /* a Code-Reject rejected: 4.3 ends the link */
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.head, sent + 1);
}

/* CVE-2014-0160 was the like of it: an Echo-Request says how long it is. */
static void test_echo_gives_what_it_got(void **state)
{
	static const char *const bad[] = {
		"c021 09010004",	  "c021 09010007 123456",   "c021 09010000 12345678",
		"c021 0901ffff 12345678", "c021 09010009 12345678", "c021 0b010007 123456",
		"c021 0a010004",
	};

	(void)state;
	network();
	r.tail = r.head;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		feed(bad[i]);
		assert_int_equal(r.stats.drop_length, i + 1);
	}
	expect_nothing();
	feed("c021 0901000a 12345678 4142 00000000deadbeef"); /* and padding */
	expect(fmt("c021 0a01000a %08x 4142", MAGIC));
	still_serves();
}

/* Reset-Request and -Ack (RFC 1962, 1968) of what was not negotiated, and what it would carry. */
static void test_compression_resets(void **state)
{
	static const struct {
		const char *frame;
		uint16_t protocol;
	} frames[] = {
		{ "80fd 0e010004", 0x80fd },	  { "80fd 0f010008 deadbeef", 0x80fd },
		{ "80fd 0e01ffff", 0x80fd },	  { "8053 0e010004", 0x8053 },
		{ "80fb 0e010004", 0x80fb },	  { "00fd 1000 aabbccdd", 0x00fd },
		{ "0053 0000 aabbccdd", 0x0053 }, { "003d c0000000 0021", 0x003d },
	};
	const size_t n = sizeof(frames) / sizeof(frames[0]);

	(void)state;
	begin();
	lcp_opens();
	for (size_t i = 0; i < n; i++)
		feed(frames[i].frame);
	assert_int_equal(r.stats.drop_phase, n);
	expect_nothing();
	pap_ok();
	for (size_t i = 0; i < n; i++) {
		uint8_t b[64];

		feed(frames[i].frame);
		expect_protocol_reject(frames[i].protocol, unhex(frames[i].frame, b) - 2);
	}
	for (unsigned i = 0; i < 1000; i++)
		feed(frames[0].frame);
	assert_true(r.stats.drop_rate > 900);
	assert_int_equal(r.link.phase, PPP_NETWORK);
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
		WITH(pap, test_pppd_eap_methods),
		WITH(pap, test_freebsd_discriminator),
		WITH(pap, test_mpd_pap_lengths),
		WITH(all, test_mpd_chap_lengths),
		WITH(all, test_chap_extremes),
		WITH(all, test_mschap_extremes),
		WITH(pap, test_pap_extremes),
		WITH(pap, test_accel_gone_after_login),
		WITH(all, test_mpd_lcp_anew_while_asked),
		WITH(pap, test_rejects_of_nothing),
		WITH(pap, test_rejects_do_not_loop),
		WITH(pap, test_echo_gives_what_it_got),
		WITH(pap, test_compression_resets),
		WITH(pap, test_option_lengths),
		WITH(pap, test_authentication_is_not_skipped),
	};

	return cmocka_run_group_tests_name("ppp_advisories", tests, NULL, NULL);
}
