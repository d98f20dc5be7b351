// SPDX-License-Identifier: GPL-2.0-or-later
/* IPCP and IPV6CP, how much we want them, and the times that end a link. */
#include "test/unit/ppp_script.h"

/* --- network protocols --------------------------------------------------------------------------
 */

static void test_ipcp_options(void **state)
{
	(void)state;
	r.result.dns[1] = 0;
	network();
	feed("8021 0101001c 0306 0a000001 0206002d0f01 8306 00000000 8206 00000000");
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	expect("8021 04010016 0206002d0f01 830600000000 820600000000");
	feed("8021 0102000a 03060a000001"); /* not its own choice */
	expect("8021 0302000a 030664400005");
	feed("8021 01030004"); /* it must know */
	expect("8021 0303000a 030664400005");
	feed("8021 01040009 0305644000");
	expect("8021 0304000a 030664400005");
	feed("8021 0105000e 0306 64400005 0304 6440"); /* twice */
	assert_int_equal(r.stats.drop_option, 1);
	feed(fmt("8021 03%02x000a 03060a000002", ID(IPCP))); /* ours is not the peer's to choose */
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	feed(fmt("8021 04%02x000a 030664400001", ID(IPCP)));
	expect(fmt("8021 01%02x0004", ID(IPCP)));
	feed(fmt("8021 02%02x0004", ID(IPCP)));
	feed("8021 0106000a 030664400005");
	expect("8021 0206000a 030664400005");
	assert_int_equal(r.up[PPP_LAYER_IPCP], 1);
}

static void test_ipv6cp_identifiers(void **state)
{
	uint8_t s[8];

	(void)state;
	network();
	feed("8057 0101000e 010a0000000000000000");
	expect(fmt("8057 01%02x000e 010a0000000000000001", ID(IPV6CP)));
	memcpy(s, r.link.ifid_suggest, 8);
	assert_true(!(s[0] & 2) && memcmp(s, r.link.ifid_local, 8));
	for (int i = 2; i < 5; i++) {
		/* zero, ours, none: the same suggestion each time */
		const char *hex = fmt("%02x%02x%02x%02x%02x%02x%02x%02x", s[0], s[1], s[2], s[3],
				      s[4], s[5], s[6], s[7]);

		expect(fmt("8057 03%02x000e 010a%s", i - 1, hex));
		if (i == 2)
			feed("8057 0102000e 010a0000000000000001");
		else if (i == 3)
			feed("8057 01030004");
		else
			feed(fmt("8057 0104000e 010a%s", hex));
	}
	assert_int_equal(r.sent[r.tail % RIG_FRAMES].b[2], PPP_CONF_ACK);
	r.tail++;
	feed("8057 0105000c 010a0011223344550204004f");
	assert_int_equal(r.stats.drop_option, 1);
	feed("8057 01060012 010a001122334455667702 04004f");
	expect("8057 04060008 0204004f");
}

static void test_ifid_suggested(void **state)
{
	(void)state;
	memcpy(r.result.ifid_peer, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	network();
	feed("8057 0101000e 010a0000000000000000");
	r.tail++;
	expect("8057 0301000e 010a0102030405060708");
}

/* Framed-Interface-Id: a peer that asks for another is naked until it takes the one. */
static void test_ifid_required(void **state)
{
	(void)state;
	memcpy(r.result.ifid_peer, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	r.result.ifid_required = true;
	network();
	feed("8057 0101000e 010a1122334455667788");
	r.tail++;
	expect("8057 0301000e 010a0102030405060708");
	feed("8057 0102000e 010a0102030405060708");
	expect("8057 0202000e 010a0102030405060708");
}

static void test_modes(void **state)
{
	(void)state;
	r.config.ipv4 = PPP_DENY;
	r.result.ipv6 = PPP_PREFER;
	network();
	expect(fmt("8057 01%02x000e 010a0000000000000001", ID(IPV6CP)));
	feed("8021 0101000a 030600000000");
	expect(fmt("c021 08%02x0010 8021 0101000a030600000000", r.link.lcp.next_id));
	/* PREFER lives without it. */
	rig_advance(&r, 30 * NSEC_PER_SEC);
	assert_int_equal(FSM(IPV6CP)->state, FSM_STOPPED);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	/* And it may come up after all. */
	r.tail = r.head;
	feed("8057 0101000e 010a021122fffe334455");
	expect(fmt("8057 01%02x000e 010a0000000000000001", ID(IPV6CP)));
	expect("8057 0201000e 010a021122fffe334455");
}

static void test_no_address_is_a_reject(void **state)
{
	(void)state;
	r.result.ip4 = 0;
	network();
	feed("8021 01010004");
	expect(fmt("c021 08%02x000a 8021 01010004", r.link.lcp.next_id));
}

static void test_required_family_fails(void **state)
{
	(void)state;
	r.result.ipv4 = PPP_REQUIRE;
	network();
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	feed("c021 08010010 8021 0101000a030664400001");
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_NCP_FAILED);
}

static void test_required_without_address(void **state)
{
	(void)state;
	r.result.ipv4 = PPP_REQUIRE;
	r.result.ip4 = 0;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	expect("c023 0201000c 0757656c636f6d65");
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_NCP_FAILED);
}

static void test_required_without_prefix(void **state)
{
	(void)state;
	r.config.ipv6 = PPP_REQUIRE;
	r.result.ipv6 = PPP_DENY;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	expect("c023 0201000c 0757656c636f6d65");
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_NCP_FAILED);
}

static void test_rejected_family_ends_alone(void **state)
{
	(void)state;
	r.result.ipv6 = PPP_PREFER;
	network();
	r.tail = r.head;
	ipcp_opens();
	feed("c021 08010014 8057 0101000e010a0000000000000001");
	rig_advance(&r, 60 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(FSM(IPCP)->state, FSM_OPENED);
	assert_int_equal(FSM(IPV6CP)->state, FSM_INITIAL);
	/* An open one that is rejected goes down without another packet. */
	feed("c021 0802000e 8021 0101000a03066440");
	expect_nothing();
	assert_int_equal(r.down[PPP_LAYER_IPCP], 1);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	ipcp_opens();
	assert_int_equal(r.up[PPP_LAYER_IPCP], 2);
}

/* The peer may be Opened while our last requests were lost: we begin again, if it was heard. */
static void test_stopped_family_begins_again(void **state)
{
	(void)state;
	network();
	feed("8021 0105000a 030664400005");
	r.tail = r.head;
	for (int round = 0; round < 2; round++) {
		rig_advance(&r, 30 * NSEC_PER_SEC);
		assert_int_equal(FSM(IPCP)->state, round ? FSM_STOPPED : FSM_REQ_SENT);
	}
	/* Never heard a second time: silence. */
	r.tail = r.head;
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.link.phase, PPP_NETWORK);
}

/* A lost Nak is not a failure to converge. */
static void test_retransmissions_do_not_count(void **state)
{
	(void)state;
	network();
	feed("8021 0105000a 030600000000");
	r.tail = r.head;
	for (int i = 0; i < 20; i++) {
		feed("8021 0105000a 030600000000");
		expect("8021 0305000a 030664400005");
	}
}

static void test_closed_family_ends_alone(void **state)
{
	(void)state;
	network();
	ipcp_opens();
	feed("8021 05090004");
	expect("8021 06090004");
	assert_int_equal(r.down[PPP_LAYER_IPCP], 1);
	rig_advance(&r, 60 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	expect_nothing();
	ipcp_opens();
}

static void test_session_timeout(void **state)
{
	(void)state;
	r.result.session_timeout = 100 * NSEC_PER_SEC;
	network();
	ipcp_opens();
	rig_advance(&r, 99 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	rig_advance(&r, NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_TERMINATE);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

static void test_idle_timeout(void **state)
{
	(void)state;
	r.result.idle_timeout = 80 * NSEC_PER_SEC;
	network();
	ipcp_opens();
	for (int i = 0; i < 10; i++) {
		rig_advance(&r, 50 * NSEC_PER_SEC);
		r.activity++;
		assert_int_equal(r.link.phase, PPP_NETWORK);
	}
	rig_advance(&r, 79 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	rig_advance(&r, 12 * NSEC_PER_SEC); /* an eighth late at most */
	assert_true(r.link.phase != PPP_NETWORK);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_IDLE_TIMEOUT);
}

static void test_network_timeout(void **state)
{
	(void)state;
	r.config.network_timeout = 20 * NSEC_PER_SEC;
	network();
	rig_advance(&r, 19 * NSEC_PER_SEC);
	ipcp_opens();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	feed("8021 05090004");
	r.tail = r.head;
	rig_advance(&r, 19 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	rig_advance(&r, 2 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_TERMINATE);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_NCP_FAILED);
}

/* A peer that keeps LCP going round does not keep the link. */
static void test_setup_has_an_end(void **state)
{
	uint64_t began;

	(void)state;
	begin();
	began = r.now;
	for (int i = 0; !r.finished && i < 1000; i++) {
		feed(fmt("c021 01%02x000e 010405d4 050612345678", i & 0xff));
		if (FSM(LCP)->state == FSM_ACK_SENT)
			ack_lcp();
		rig_advance(&r, NSEC_PER_SEC / 2);
	}
	assert_int_equal(r.finished, 1);
	assert_true(r.now - began < 40 * NSEC_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_ipcp_options),
		WITH(pap, test_ipv6cp_identifiers),
		WITH(pap, test_ifid_suggested),
		WITH(pap, test_ifid_required),
		WITH(pap, test_modes),
		WITH(pap, test_no_address_is_a_reject),
		WITH(pap, test_required_family_fails),
		WITH(pap, test_required_without_address),
		WITH(pap, test_required_without_prefix),
		WITH(pap, test_rejected_family_ends_alone),
		WITH(pap, test_stopped_family_begins_again),
		WITH(pap, test_retransmissions_do_not_count),
		WITH(pap, test_closed_family_ends_alone),
		WITH(pap, test_session_timeout),
		WITH(pap, test_idle_timeout),
		WITH(pap, test_network_timeout),
		WITH(pap, test_setup_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
