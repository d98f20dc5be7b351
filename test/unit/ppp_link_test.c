// SPDX-License-Identifier: GPL-2.0-or-later
/* Broken and hostile frames: each one counted, none answered wrongly, floods bounded. */
#include "test/unit/ppp_script.h"

static void test_every_truncation(void **state)
{
	static const char *const frames[] = {
		"c021 0101000e 010405d4 050612345678",
		"c021 0502000c 6279656279650000",
		"c021 0903000c 12345678cafebabe",
		"c021 63090006 abcd",
		"c023 01010010 0475736572 06736563726574",
		"8021 01010016 030600000000 810600000000 830600000000",
		"8057 0101000e 010a021122fffe334455",
		"c021 0802000e 8021 0101000a03066440",
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t b[64];
		size_t len = unhex(frames[i], b);

		for (size_t n = 0; n < len; n++) {
			uint64_t drops;

			pap(state);
			network();
			r.tail = r.head;
			drops = rig_drops(&r);
			feed_octets(b, n);
			expect_nothing();
			assert_int_equal(rig_drops(&r), drops + 1);
			assert_int_equal(r.link.phase, PPP_NETWORK);
			fini(state);
		}
	}
	pap(state);
	network();
}

static void test_length_field_and_padding(void **state)
{
	uint8_t big[PPP_FRAME_MAX + 1] = { 0xc0, 0x21, 9, 1, 5, 0xdc };

	(void)state;
	network();
	feed("c021 0902000a 12345678"); /* says more than there is */
	feed("c021 09020003 12345678");
	feed("c021 09020000 12345678");
	feed("c021 0902ffff 12345678");
	assert_int_equal(r.stats.drop_length, 4);
	feed_octets(big, sizeof(big));
	assert_int_equal(r.stats.drop_oversized, 1);
	feed_octets(big, 0);
	feed_octets(big, 1);
	assert_int_equal(r.stats.drop_short, 2);
	expect_nothing();
	feed("c021 09030008 12345678 0000000000000000000000"); /* padding is not answered */
	expect(fmt("c021 0a030008 %08x", MAGIC));
	feed("8021 01010009 0306 000000 0001"); /* an option beyond the length */
	assert_int_equal(r.stats.drop_option, 1);
	feed("8021 01010006 0301"); /* an option shorter than its header */
	feed("8021 01010005 03");
	assert_int_equal(r.stats.drop_option, 3);
	expect_nothing();
	assert_int_equal(FSM(IPCP)->state, FSM_CLOSED);
}

/* What a flood gets out of us is bounded by time, not by the flood. */
static void test_flood_is_bounded(void **state)
{
	static const char *const frames[] = {
		"c021 0902000c 12345678 cafebabe",
		"c021 63090006 abcd",
		"80fd 01010004",
		"c023 01010010 0475736572 06736563726574",
		"8021 0101000a 030664400005",
		"8057 01010004",
		"c021 05010004",
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint64_t before;

		pap(state);
		network();
		before = r.sent_frames;
		for (int n = 0; n < 10000; n++) {
			feed(frames[i]);
			rig_advance(&r, WHEEL_TICK / 10); /* a tick: 100 s in all */
			if (r.finished)
				break;
		}
		assert_true(r.sent_frames - before < 60 * 2 + 100 * 20 * 2 + 100);
		if (i < 3)
			assert_in_range(r.sent_frames - before, 900, 1100);
		assert_true(r.finished || r.stats.drop_rate > 7000);
		fini(state);
	}
	pap(state);
	network();
}

static unsigned strike, how;

static void end_it(struct rig *rig, unsigned n)
{
	if (n != strike)
		return;
	if (how)
		ppp_link_lost(&rig->link, rig->now, PPP_CAUSE_PORT_ERROR);
	else
		ppp_link_close(&rig->link, rig->now, PPP_CAUSE_ADMIN_RESET);
}

/* The owner ends the link from within each of its calls, in a life with two renegotiations: the
 * rig aborts when anything follows ops->finished, or a layer's up and down do not pair. */
static void test_owner_ends_it_from_within(void **state)
{
	unsigned calls = 0;

	for (strike = 0; strike <= calls + 1; strike++) {
		for (how = 0; how < 2; how++) {
			pap(state);
			r.within = end_it;
			rig_start(&r);
			for (int i = 0; i < 3; i++) {
				feed("c021 0101000e 010405d4 050612345678");
				ack_lcp();
				feed("c023 01010010 0475736572 06736563726574");
				feed("8021 0105000a 030664400005");
				feed(fmt("8021 02%02x000a 030664400001", ID(IPCP)));
				feed("8057 0101000e 010a021122fffe334455");
				feed(fmt("8057 02%02x000e 010a0000000000000001", ID(IPV6CP)));
			}
			if (strike) {
				rig_advance(&r, 10 * NSEC_PER_SEC);
				assert_true(r.finished || strike > calls);
			} else {
				assert_int_equal(r.link.up, 7);
				calls = r.calls;
				assert_in_range(calls, 15, 30);
			}
			if (r.finished)
				assert_int_equal(r.cause, how ? PPP_CAUSE_PORT_ERROR
							      : PPP_CAUSE_ADMIN_RESET);
			fini(state);
		}
	}
	pap(state);
	network();
}

/* Every timer is set; the teardown sees that none is left. */
static void test_fini_while_a_challenge_is_out(void **state)
{
	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	begin();
	lcp_opens();
	assert_int_equal(r.wheel.armed, 3); /* the challenge, the echo, the time for all of it */
}

static void test_names(void **state)
{
	(void)state;
	network();
	assert_string_equal(ppp_cause_name(PPP_CAUSE_LOST_CARRIER), "lost-carrier");
	assert_string_equal(ppp_cause_name(PPP_CAUSE_NCP_FAILED), "ncp-failed");
	assert_string_equal(ppp_cause_name(PPP_CAUSE_COUNT), "unknown");
	assert_string_equal(ppp_fsm_state_name(FSM_ACK_RCVD), "ack-rcvd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_every_truncation),
		WITH(pap, test_length_field_and_padding),
		WITH(pap, test_flood_is_bounded),
		WITH(pap, test_owner_ends_it_from_within),
		WITH(all, test_fini_while_a_challenge_is_out),
		WITH(pap, test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
