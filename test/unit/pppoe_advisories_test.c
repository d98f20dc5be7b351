// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One unauthenticated discovery packet ended mpd5's PPPoE server (before FreeBSD's 5.9_2), reloaded
 * Cisco's ASR1000 (CVE-2014-3284) and NetBSD (CVE-2008-3584: a tag's length). We do not have those
 * packets: here are the ways in which a chain of tags can be wrong. No answer, and each one
 * counted; what is odd but allowed is answered as it has to be. accel-ppp's are in its history
 * only: #3 (lengths of tags, 2020), #262, #352 and xebd's #157.
 */
#include "test/unit/pppoe_station.h"

struct chain {
	const char *octets;
	size_t len;
};

#define CHAIN(s)                                                                                   \
	{                                                                                          \
		s, sizeof(s) - 1                                                                   \
	}

/* Each stands behind good tags. */
static const struct chain bad_chains[] = {
	CHAIN("\1\1\0\5abcd"), /* a service name longer than the packet */
	CHAIN("\1\3\xff\xff"), /* Host-Uniq of 65535 octets */
	CHAIN("\1\3\xff\xffuniq"),
	CHAIN("\1\4\x80\0"),		/* a length that is negative in 16 bits */
	CHAIN("\1\x10\0\1"),		/* Relay-Session-Id without its octet */
	CHAIN("\1"),			/* half a type */
	CHAIN("\1\1\0"),		/* half a length */
	CHAIN("\1\5\0\x10\0\0\xd\xe9"), /* Vendor-Specific, cut off */
};

static void send_chain(uint8_t code, const struct chain *c)
{
	struct out o;

	begin(&o, &host, &plain, code);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	if (code == PADR)
		pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	wr_bytes(&o.w, c->octets, c->len);
	send_at(&o, START);
	expect_sent(0, 0);
}

static void test_mpd_discovery_crash(void **state)
{
	(void)state;
	offer(&host, &plain, START);
	for (size_t i = 0; i < sizeof(bad_chains) / sizeof(bad_chains[0]); i++) {
		send_chain(PADI, &bad_chains[i]);
		EXPECT_STATS(.padi_rx = 1, .drop_bad_tag = 1);
		send_chain(PADR, &bad_chains[i]);
		EXPECT_STATS(.padr_rx = 1, .drop_bad_tag = 1);
	}
	assert_int_equal(fake.opens, 0);
	offer(&host, &plain, START); /* and it serves */
}

/* The PPPoE length is more than there is, up to the largest. */
static void test_length_beyond_the_frame(void **state)
{
	static const uint16_t says[] = { 41, 100, 1500, 0x8000, 0xffff };

	(void)state;
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		uint8_t frame[60] = { 255, 255, 255, 255, 255,	255,  2,    0,
				      0,   0,	1,   1,	  0x88, 0x63, 0x11, PADI };

		frame[18] = (uint8_t)(says[i] >> 8);
		frame[19] = (uint8_t)says[i];
		pppoe_server_input(fake.server, START, plain.port, frame, sizeof(frame));
		expect_sent(0, 0);
		EXPECT_STATS(.drop_malformed = 1);
	}
	offer(&host, &plain, START);
}

/* ppp-project's #126: a tag that ends behind the packet, but within the frame. The octets there are
 * the padding, or another packet's. */
static void test_tag_into_the_padding(void **state)
{
	uint8_t frame[60] = { 255, 255, 255,  255,  255,  255,	2, 0, 0, 0,
			      1,   1,	0x88, 0x63, 0x11, PADI, 0, 0, 0, 0 };

	(void)state;
	fake.config.accept_blank_service = true;
	memcpy(frame + 20, "\1\1\0\0\1\3\0\x10", 8); /* and 16 octets of Host-Uniq */
	for (unsigned len = 0; len <= sizeof(frame) - 20; len++) {
		/* Behind it are zeros: four of them are the end of the list. */
		bool whole = len == 0 || len == 4 || len == 24 || len >= 28;

		frame[19] = (uint8_t)len;
		pppoe_server_input(fake.server, START, plain.port, frame, sizeof(frame));
		expect_sent(whole, PADO);
		EXPECT_STATS(.padi_rx = 1, .pado_tx = whole, .drop_bad_tag = !whole);
		if (whole)
			assert_int_equal(got_tags.host_uniq.len, len < 24 ? 0 : 16);
	}
}

/* xebd's #157: no Service-Name, no Relay-Session-Id, none of anything; and all of them empty. What
 * was empty comes back empty, what was not there does not come back. */
static void test_accel_padr_of_nothing(void **state)
{
	static const enum pppoe_tag tags[] = { PPPOE_TAG_SERVICE_NAME,	   PPPOE_TAG_HOST_UNIQ,
					       PPPOE_TAG_RELAY_SESSION_ID, PPPOE_TAG_VENDOR,
					       PPPOE_TAG_MAX_PAYLOAD,	   PPPOE_TAG_AC_NAME };
	struct out o;

	(void)state;
	fake.config.accept_blank_service = true;
	begin(&o, &host, &plain, PADR);
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 1, .drop_bad_cookie = 1);
	for (unsigned empty = 0; empty < 2; empty++) {
		begin(&o, empty ? &host2 : &host, &plain, PADI);
		for (size_t i = 0; empty && i < sizeof(tags) / sizeof(tags[0]) - 1; i++)
			tag(&o, tags[i], "");
		send_at(&o, START);
		expect_sent(1, PADO);
		EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
		assert_int_equal(!!got_tags.host_uniq.p, empty);
		assert_int_equal(!!got_tags.relay.p, empty);
		assert_int_equal(got_tags.host_uniq.len + got_tags.relay.len, 0);
		cookie_len = got_tags.cookie.len;
		memcpy(cookie, got_tags.cookie.p, cookie_len);
		begin(&o, empty ? &host2 : &host, &plain, PADR);
		for (size_t i = 0; empty && i < sizeof(tags) / sizeof(tags[0]) - 1; i++)
			tag(&o, tags[i], "");
		pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
		send_at(&o, START);
		expect_sent(1, PADS);
		EXPECT_STATS(.padr_rx = 1, .pads_tx = 1);
		assert_int_equal(!!got_tags.host_uniq.p, empty);
		assert_int_equal(!!got_tags.relay.p, empty);
		assert_int_equal(got_tags.max_payload, 0);
	}
}

/* accel-ppp's #262: a vendor's tag was read as the one below it in the switch, PPP-Max-Payload. */
static void test_accel_vendor_is_no_payload(void **state)
{
	static const uint8_t vendor[] = { 0, 0, 0x0d, 0xe9, 1, 2, 'c', '1' };
	struct out o;

	(void)state;
	fake.config.max_payload = 1500;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	pppoe_tag_put(&o.w, PPPOE_TAG_VENDOR, "\5\xdc", 2); /* 1500, if it were one */
	pppoe_tag_put(&o.w, PPPOE_TAG_VENDOR, vendor, sizeof(vendor));
	send_at(&o, START);
	expect_sent(1, PADS);
	assert_int_equal(got_tags.max_payload, 0);
	assert_int_equal(fake.session[0].req.max_payload, 0);
	assert_string_equal(fake.session[0].req.circuit_id, "c1");
}

/* CVE-2022-29867 (NetBSD) wrote tags that it had collected behind its buffer. As many and as long
 * ones as a frame holds, to be given back: refused, or within a frame. */
static void test_tags_to_give_back(void **state)
{
	static uint8_t fill[1500];
	unsigned answers = 0, n = 0;
	struct out o;

	(void)state;
	for (size_t uniq = 0; uniq <= 1480; uniq += 37)
		for (size_t relay = 0; uniq + relay <= 1480; relay += 41, n++) {
			begin(&o, &host, &tagged, PADI);
			tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
			pppoe_tag_put(&o.w, PPPOE_TAG_HOST_UNIQ, fill, uniq);
			pppoe_tag_put(&o.w, PPPOE_TAG_RELAY_SESSION_ID, fill, relay);
			if (o.w.bad)
				continue;
			send_at(&o, START);
			answers += fake.sent_count - seen;
			if (fake.sent_count == seen)
				continue;
			expect_sent(1, PADO);
			assert_int_equal(got_tags.host_uniq.len, uniq);
			assert_int_equal(got_tags.relay.len, relay);
			assert_true(rd_left(&got.payload) <= 1494);
		}
	assert_in_range(answers, n / 2, n - 1);
	assert_int_equal(pppoe_server_stats(fake.server)->drop_bad_tag,
			 pppoe_server_stats(fake.server)->padi_rx - answers);
	for (unsigned i = 0; i < 5; i++) { /* more of one kind than one: which? */
		static const enum pppoe_tag once[] = {
			PPPOE_TAG_SERVICE_NAME,	    PPPOE_TAG_HOST_UNIQ, PPPOE_TAG_AC_COOKIE,
			PPPOE_TAG_RELAY_SESSION_ID, PPPOE_TAG_AC_NAME,
		};

		begin(&o, &host, &plain, PADI);
		while (pppoe_tag_fits(&o.w, 4))
			tag(&o, once[i], "");
		send_at(&o, START);
		expect_sent(0, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mpd_discovery_crash),	  TEST(length_beyond_the_frame),
		TEST(tag_into_the_padding),	  TEST(accel_padr_of_nothing),
		TEST(accel_vendor_is_no_payload), TEST(tags_to_give_back),
	};

	return cmocka_run_group_tests_name("pppoe_advisories", tests, NULL, NULL);
}
