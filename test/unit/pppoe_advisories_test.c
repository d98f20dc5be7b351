// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One unauthenticated discovery packet ended mpd5's PPPoE server (before FreeBSD's 5.9_2). We do not
 * have that packet: here are the ways in which a chain of tags can be wrong. No answer, and each one
 * counted.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mpd_discovery_crash),
		TEST(length_beyond_the_frame),
	};

	return cmocka_run_group_tests_name("pppoe_advisories", tests, NULL, NULL);
}
