// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published faults of DHCPv6 servers, as messages to a whole line: Junos (CVE-2021-0240, 0241: a
 * crafted message ends jdhcpd, not told which), dnsmasq (CVE-2017-14493: a link-layer address of a
 * relay's, longer than its buffer; CVE-2017-14494: a relay's message that ends early, whose answer
 * has octets of the heap), systemd (CVE-2018-15688: an IA that is written where it does not fit).
 */
#include "test/unit/ipv6_dhcp6_rig.h"

#define RELAY_FORW  12
#define RELAY_REPL  13
#define RELAY_MSG   9  /* RFC 8415, 21.10 */
#define LINK_LAYER  79 /* RFC 6939 */
#define CLIENT_FQDN 39

static void expect_nothing_kept(void)
{
	assert_int_equal(rig.sent_count, 0);
	assert_int_equal(rig.line.count, 0);
	assert_int_equal(rig.binds, 0);
}

/* No relay stands on a subscriber's line. */
static void test_dnsmasq_relay(void **state)
{
	static const uint8_t fill[1200] = { 0, 1, 0xaa };
	static const size_t lens[] = { 0, 1, 2, 3, 8, 16, 17, 255, 1200 };

	(void)state;
	for (unsigned type = RELAY_FORW; type <= RELAY_REPL; type++) {
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			msg_begin((uint8_t)type);
			wr_zero(&out.w, 30); /* link and peer, with the xid's octets */
			msg_option(LINK_LAYER, fill, lens[i]);
			msg_option(RELAY_MSG, fill, 4);
			assert_int_equal(msg_send(), DHCP6_DROP_RELAY);
			rig_run(rig.now + SEC); /* not the limit of messages */
			expect_nothing_kept();
		}
		for (size_t len = 0; len < 34; len++) {
			msg_begin((uint8_t)type);
			wr_zero(&out.w, len);
			assert_int_equal(msg_send(), DHCP6_DROP_RELAY);
			rig_run(rig.now + SEC);
			expect_nothing_kept();
		}
	}
	msg_begin(DHCP6_SOLICIT); /* a client's message with a relay's options: passed over */
	msg_client();
	msg_option(LINK_LAYER, fill, 1200);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	assert_int_equal(msg_send(), DHCP6_DROP_NONE);
	assert_int_equal(rig.sent_count, 1);
}

/* IAs in IAs, as deep as they fit: neither followed nor counted as the outer one's. */
static void test_nested_ias(void **state)
{
	static const uint16_t kinds[] = { DHCP6_OPT_IA_NA, DHCP6_OPT_IA_PD };

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		size_t at[64];
		unsigned deep = 0;

		msg_begin(DHCP6_SOLICIT);
		msg_client();
		for (; deep < 64; deep++) {
			msg_ia_begin(kinds[(k & 1) ^ (k & 2 && deep & 1)], deep);
			at[deep] = out.ia;
		}
		while (deep--) {
			out.ia = at[deep];
			msg_ia_end();
		}
		assert_int_equal(msg_send(), DHCP6_DROP_NONE);
		assert_true(rig.sent_count <= 1);
		assert_true(rig.next[DHCP6_NA] + rig.next[DHCP6_PD] <= 1);
		assert_int_equal(rig.line.count, 0);
		rig_teardown(state);
		rig_setup(state);
	}
}

/* Each length in the chain says more than there is, then less than its own minimum. */
static void test_junos_lengths(void **state)
{
	static const struct prefix6 p = { .addr = { .b = { 0x20, 1 } }, .len = 56 };
	static const uint16_t lies[] = { 0, 1, 0x7fff, 0x8000, 0xfffc, 0xffff };
	enum dhcp6_drop reason;
	size_t len, where[4];

	(void)state;
	msg_begin(DHCP6_REQUEST);
	where[0] = out.w.len + 2;
	msg_client();
	where[1] = out.w.len + 2;
	msg_server();
	where[2] = out.w.len + 2;
	where[3] = out.w.len + 4 + 12 + 2;
	msg_ia_with(DHCP6_PD, 1, &p);
	len = out.w.len;
	for (unsigned i = 0; i < 4; i++) {
		uint8_t kept[2] = { out.buf[where[i]], out.buf[where[i] + 1] };

		for (unsigned j = 0; j < sizeof(lies) / sizeof(lies[0]); j++) {
			out.w.len = len;
			msg_patch16(where[i], lies[j]);
			reason = msg_send();
			assert_true(reason == DHCP6_DROP_OPTION || reason == DHCP6_DROP_DUID);
			expect_nothing_kept();
			rig_run(rig.now + SEC);
		}
		memcpy(out.buf + where[i], kept, 2);
	}
	out.w.len = len;
	assert_int_equal(msg_send(), DHCP6_DROP_NONE);
	assert_int_equal(rig.binds, 1);
}

/* As many IAs as an answer has to hold, each with as much in it as may be asked: it fits. One more
 * is too many. */
static void test_systemd_full_answer(void **state)
{
	static const uint8_t fqdn[256] = { 1, 250 };

	(void)state;
	for (unsigned n = DHCP6_IAS_MAX; n <= DHCP6_IAS_MAX + 1; n++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		msg_option(CLIENT_FQDN, fqdn, sizeof(fqdn)); /* ISC's CVE-2022-2929: not a name */
		for (unsigned i = 0; i < n; i++) {
			struct prefix6 p = rig_prefix(i & 1 ? DHCP6_PD : DHCP6_NA, 100 + i);

			msg_ia_with(i & 1 ? DHCP6_PD : DHCP6_NA, i, &p);
		}
		assert_int_equal(msg_send(),
				 n > DHCP6_IAS_MAX ? DHCP6_DROP_TOO_MANY : DHCP6_DROP_NONE);
		assert_int_equal(rig.sent_count, n == DHCP6_IAS_MAX);
		assert_true(rig.sent_len <= DHCP6_PACKET_MAX);
		assert_int_equal(rig.line.count, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dnsmasq_relay),
		TEST(nested_ias),
		TEST(junos_lengths),
		TEST(systemd_full_answer),
	};

	return cmocka_run_group_tests_name("ipv6_advisories", tests, NULL, NULL);
}
