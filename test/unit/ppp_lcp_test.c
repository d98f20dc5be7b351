// SPDX-License-Identifier: GPL-2.0-or-later
/* LCP: options, loops, echo, rejects, and how it ends. */
#include "test/unit/ppp_script.h"

static void test_lcp_gives_up(void **state)
{
	uint8_t id;

	(void)state;
	begin();
	id = ID(LCP);
	for (int i = 0; i < 9; i++) {
		rig_advance(&r, 3 * NSEC_PER_SEC);
		expect_lcp_request();
		assert_int_equal(ID(LCP), id); /* the same request again */
	}
	rig_advance(&r, 3 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
	feed("c021 0101000e 010405d4 050612345678");
	expect_nothing();
}

static void test_lcp_rejects_what_we_do_not_do(void **state)
{
	(void)state;
	begin();
	feed("c021 01010031 0206000a0000 010405d4 0304c023 0408c02500000064 0506 12345678 0702 "
	     "0802 "
	     "0d0306 110405d4 1202 130401ff");
	expect("c021 04010027 0206000a0000 0304c023 0408c02500000064 0702 0802 0d0306 110405d4 "
	       "1202 "
	       "130401ff");
	feed("c021 01020007 630300");
	expect("c021 04020007 630300");
}

static void test_mru(void **state)
{
	(void)state;
	begin();
	feed("c021 01010008 0104007f");
	expect("c021 03010008 01040080");
	feed("c021 01020007 010300"); /* a wrong length gets the right one */
	expect("c021 03020008 010405d4");
	feed("c021 01030008 01042328"); /* larger than ours is fine */
	expect("c021 02030008 01042328");
	assert_int_equal(r.link.lcp.peer_mru, 9000);
	assert_int_equal(ppp_link_mtu(&r.link), 1492);
	feed("c021 01040008 01040500");
	expect("c021 02040008 01040500");
	assert_int_equal(ppp_link_mtu(&r.link), 1280);
	feed("c021 01050004");
	expect("c021 02050004");
	assert_int_equal(r.link.lcp.peer_mru, 1500);
	/* A Nak may lower ours, not raise it. */
	feed(fmt("c021 03%02x0008 01040400", ID(LCP)));
	expect(fmt("c021 01%02x0012 01040400 0304c023 0506%08x", ID(LCP), MAGIC));
	feed(fmt("c021 03%02x0008 010405dc", ID(LCP)));
	expect(fmt("c021 01%02x0012 01040400 0304c023 0506%08x", ID(LCP), MAGIC));
	feed(fmt("c021 04%02x0008 01040400", ID(LCP)));
	expect(fmt("c021 01%02x000e 0304c023 0506%08x", ID(LCP), MAGIC));
}

static void test_method_by_nak(void **state)
{
	(void)state;
	begin();
	assert_int_equal(r.link.lcp.method, PPP_AUTH_CHAP_MD5);
	feed(fmt("c021 03%02x0008 0304c023", ID(LCP)));
	assert_int_equal(r.link.lcp.method, PPP_AUTH_PAP);
	expect_lcp_request();
	/* EAP is none of ours: the next in our order that was not naked. */
	feed(fmt("c021 03%02x0008 0304c227", ID(LCP)));
	assert_int_equal(r.link.lcp.method, PPP_AUTH_MSCHAP_V2);
	expect_lcp_request();
	feed(fmt("c021 03%02x0009 0305c22305", ID(LCP)));
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
}

static void test_authentication_rejected(void **state)
{
	(void)state;
	begin();
	feed(fmt("c021 04%02x0009 0305c22305", ID(LCP)));
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	feed(fmt("c021 06%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
}

static void test_answers_must_fit(void **state)
{
	(void)state;
	begin();
	feed(fmt("c021 02%02x0012 010405d4 0304c023 0506%08x", (uint8_t)(ID(LCP) + 1), MAGIC));
	assert_int_equal(r.stats.drop_id, 1);
	feed(fmt("c021 02%02x0012 010405d4 0304c023 0506%08x", ID(LCP), MAGIC ^ 1));
	feed(fmt("c021 02%02x000c 010405d4 0304c023", ID(LCP)));
	feed(fmt("c021 04%02x0008 010405dc", ID(LCP))); /* not what we sent */
	feed(fmt("c021 04%02x0006 0702", ID(LCP)));
	assert_int_equal(r.stats.drop_answer, 4);
	expect_nothing();
	assert_int_equal(FSM(LCP)->state, FSM_REQ_SENT);
	ack_lcp();
	assert_int_equal(FSM(LCP)->state, FSM_ACK_RCVD);
	ack_lcp();
	assert_int_equal(FSM(LCP)->state, FSM_ACK_RCVD);
	assert_int_equal(r.stats.drop_id, 2);
}

static void test_max_failure(void **state)
{
	(void)state;
	begin();
	for (int i = 1; i <= 5; i++) {
		feed(fmt("c021 01%02x0008 01040040", i));
		expect(fmt("c021 03%02x0008 01040080", i));
	}
	feed("c021 01060008 01040040");
	expect("c021 04060008 01040040");
	feed("c021 01070004");
	expect("c021 02070004");
}

static void test_endless_naks_end(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 10; i++) {
		feed(fmt("c021 03%02x000a 0506%08x", ID(LCP), 0x1000 + i));
		expect_lcp_request();
	}
	feed(fmt("c021 03%02x000a 050600001000", ID(LCP)));
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.stats.not_converging, 1);
}

/* A wire that sends everything back. */
static void loop(struct rig *rig, const uint8_t *frame, size_t len)
{
	static unsigned depth;
	uint8_t copy[PPP_FRAME_MAX];

	if (depth > 60)
		return;
	depth++;
	memcpy(copy, frame, len);
	ppp_link_input(&rig->link, rig->now, copy, len);
	depth--;
}

static void test_loopback(void **state)
{
	(void)state;
	r.tap = loop;
	ppp_link_init(&r.link, &r.ctx, 1492);
	ppp_link_start(&r.link, r.now);
	rig_advance(&r, 40 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
	assert_true(r.stats.drop_loopback >= 5);
	assert_true(r.sent_frames < 60);
}

static void test_own_magic_is_naked(void **state)
{
	(void)state;
	begin();
	feed(fmt("c021 0101000a 0506%08x", MAGIC));
	expect(fmt("c021 0301000a 0506%08x", r.link.lcp.nak_magic));
	assert_true(r.link.lcp.nak_magic != MAGIC);
	feed("c021 0102000a 050600000000");
	expect(fmt("c021 0302000a 0506%08x", r.link.lcp.nak_magic));
	assert_int_equal(r.stats.drop_loopback, 1);
	feed("c021 0103000a 050600000007");
	expect("c021 0203000a 050600000007");
	assert_int_equal(r.link.lcp.loops, 0);
}

static void test_echo_reply(void **state)
{
	(void)state;
	begin();
	feed("c021 09010008 12345678"); /* not in this state */
	expect_nothing();
	lcp_opens();
	feed("c021 0902000c 12345678 cafebabe");
	expect(fmt("c021 0a02000c %08x cafebabe", MAGIC));
	feed("c021 09030007 123456");
	assert_int_equal(r.stats.drop_length, 1);
	feed(fmt("c021 09040008 %08x", MAGIC));
	assert_int_equal(r.stats.drop_loopback, 1);
	feed("c021 0b050008 12345678 ");
	feed("c021 0c060008 12345678");
	feed("c021 0d07000c 1234567800000e10");
	expect_nothing();
	assert_int_equal(rig_drops(&r), 2);
}

static unsigned sent_echoes(uint64_t ns)
{
	unsigned n = 0;

	rig_advance(&r, ns);
	for (; r.tail != r.head; r.tail++)
		n += r.sent[r.tail % RIG_FRAMES].b[2] == PPP_ECHO_REQ;
	return n;
}

static void test_echo_failure(void **state)
{
	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	network();
	assert_int_equal(sent_echoes(31 * NSEC_PER_SEC), 3);
	feed(fmt("c021 0a%02x0008 12345678", r.link.lcp.echo_id));
	assert_int_equal(r.link.lcp.echo_pending, 0);
	assert_true(r.link.lcp.echo_rtt < 10000000);
	feed(fmt("c021 0a%02x0008 12345678", r.link.lcp.echo_id));
	assert_int_equal(r.stats.drop_id, 1);
	assert_int_equal(sent_echoes(20 * NSEC_PER_SEC), 2);
	feed(fmt("c021 0a%02x0008 deadbeef", r.link.lcp.echo_id));
	assert_int_equal(r.stats.drop_magic, 1);
	feed(fmt("c021 0a%02x0008 %08x", r.link.lcp.echo_id, MAGIC));
	assert_int_equal(r.stats.drop_loopback, 1);
	assert_int_equal(r.link.lcp.echo_pending, 2);
	rig_advance(&r, 20 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_TERMINATE);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_LOST_CARRIER);
	assert_true(r.link.lcp.echo_lost >= 4);
}

/* Frames were lost on our side, or we were late: then silence says less of the peer. */
static void test_echo_deaf(void **state)
{
	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	network();
	for (unsigned i = 0; i < 6; i++) {
		r.ctx.deaf_at = r.now;
		rig_advance(&r, 10 * NSEC_PER_SEC);
		assert_int_equal(r.link.phase, PPP_NETWORK);
	}
	assert_true(r.link.lcp.echo_pending >= 5);
	rig_advance(&r, 25 * NSEC_PER_SEC);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	rig_advance(&r, 40 * NSEC_PER_SEC); /* longer ago than those without an answer */
	assert_int_equal(r.cause, PPP_CAUSE_LOST_CARRIER);
}

/* Deaf or not, it ends. */
static void test_echo_deaf_for_long(void **state)
{
	unsigned n = 0;

	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	network();
	for (; r.link.phase == PPP_NETWORK && n < 100; n++) {
		r.ctx.deaf_at = r.now;
		rig_advance(&r, 10 * NSEC_PER_SEC);
	}
	assert_in_range(n, 11, 16);
}

/* Its answer tells the time; its loss counts against nobody, and the round of echoes goes on. */
static void test_ping(void **state)
{
	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	network();
	assert_int_equal(ppp_lcp_ping(&r.link, r.now), 0);
	expect(fmt("c021 09%02x0008 %08x", r.link.lcp.ping_id, MAGIC));
	rig_advance(&r, 25 * NSEC_PER_MSEC);
	feed(fmt("c021 0a%02x0008 12345678", r.link.lcp.ping_id));
	assert_int_equal(r.pongs, 1);
	assert_in_range(r.pong_rtt, 25000, 40000); /* the wire of the rig takes its time */
	assert_int_equal(r.link.lcp.echo_rtt, r.pong_rtt);
	feed(fmt("c021 0a%02x0008 12345678", r.link.lcp.ping_id)); /* once */
	assert_int_equal(r.pongs, 1);
	assert_int_equal(r.stats.drop_id, 1);
	for (int i = 0; i < 20; i++) /* all of them unanswered */
		assert_int_equal(ppp_lcp_ping(&r.link, r.now), 0);
	assert_int_equal(r.link.lcp.echo_pending, 0);
	sent_echoes(10 * NSEC_PER_SEC);
	feed(fmt("c021 0a%02x0008 12345678", r.link.lcp.echo_id));
	assert_int_equal(r.link.lcp.echo_lost, 0);
	assert_int_equal(r.pongs, 1);
	sent_echoes(25 * NSEC_PER_SEC);
	assert_true(r.lost >= 1);
	assert_int_equal(r.lost, r.link.lcp.echo_lost);
	feed(fmt("c021 07%02x000c 0901%04x%08x", r.link.lcp.echo_id, 8, MAGIC)); /* Code-Reject */
	assert_int_equal(ppp_lcp_ping(&r.link, r.now), -EOPNOTSUPP);
}

static void test_adaptive_echo(void **state)
{
	(void)state;
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	r.config.echo_adaptive = true;
	network();
	for (int i = 0; i < 100; i++) {
		r.activity++;
		assert_int_equal(sent_echoes(5 * NSEC_PER_SEC), 0);
	}
	assert_true(sent_echoes(21 * NSEC_PER_SEC) >= 1);
	r.activity++; /* data counts as an answer */
	sent_echoes(10 * NSEC_PER_SEC);
	assert_true(r.link.lcp.echo_pending <= 1);
	rig_advance(&r, 60 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_LOST_CARRIER);
}

/* Links that came up at the same time do not ask at the same time. */
static void test_echo_is_spread(void **state)
{
	unsigned tenth[10] = { 0 };

	for (int i = 0; i < 1000; i++) {
		rig_init(&r);
		r.config.echo_interval = 30 * NSEC_PER_SEC;
		r.config.auth_count = 0;
		ppp_link_init(&r.link, &r.ctx, 1492);
		ppp_link_start(&r.link, r.now);
		r.tail = r.head;
		lcp_opens();
		tenth[(r.link.lcp.echo_timer.tick * WHEEL_TICK - r.now - 1) / (3 * NSEC_PER_SEC)]++;
		fini(state);
	}
	for (int i = 2; i < 10; i++)
		assert_in_range(tenth[i], 60, 180);
}

static void test_code_reject(void **state)
{
	(void)state;
	network();
	feed("c021 63090006 abcd");
	expect(fmt("c021 07%02x000a 63090006abcd", FSM(LCP)->term_id));
	feed("8021 0809 0004"); /* IPCP has no Protocol-Reject */
	expect(fmt("8021 07%02x0008 08090004", FSM(IPCP)->term_id));
	feed("c021 07010008 0b010004"); /* permitted: RXJ+ */
	assert_int_equal(FSM(LCP)->state, FSM_OPENED);
	r.config.echo_interval = NSEC_PER_SEC;
	feed("c021 07020008 09010004"); /* no Echo-Request then */
	assert_true(r.link.lcp.echo_off);
	feed("c021 07030006 0101");
	assert_int_equal(r.stats.drop_length, 1);
	feed("c021 07040008 01010004"); /* without Configure-Request there is no link */
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(FSM(LCP)->state, FSM_STOPPING);
	feed("c021 06040004");
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
}

static void test_protocol_reject_out(void **state)
{
	(void)state;
	begin();
	feed("80fd 0101000a 120601000060");
	expect_nothing();
	assert_int_equal(r.stats.drop_phase, 1);
	lcp_opens();
	feed("80fd 0101000a 120601000060");
	expect_nothing();
	pap_ok();
	feed("80fd 0101000a 120601000060");
	expect(fmt("c021 08%02x0010 80fd 0101000a120601000060", r.link.lcp.next_id));
	feed("8053 0101");
	expect(fmt("c021 08%02x0008 8053 0101", r.link.lcp.next_id));
	feed("002d");
	expect(fmt("c021 08%02x0006 002d", r.link.lcp.next_id));
	feed("0021 4500");
	feed("0057 6000");
	assert_int_equal(r.stats.drop_data, 2);
	expect_nothing();
}

/* Rejects fit what the peer takes. */
static void test_rejects_are_cut_to_the_mru(void **state)
{
	uint8_t big[PPP_FRAME_MAX] = { 0x80, 0xfd };

	(void)state;
	begin();
	feed("c021 01010008 01040080");
	expect("c021 02010008 01040080");
	ack_lcp();
	pap_ok();
	feed_octets(big, sizeof(big));
	assert_int_equal(r.sent[r.tail % RIG_FRAMES].len, 2 + 128);
	assert_int_equal(r.sent[r.tail % RIG_FRAMES].b[5], 128);
	r.tail++;
	big[0] = 0xc0;
	big[1] = 0x21;
	big[2] = 0x63;
	big[4] = (PPP_FRAME_MAX - 2) >> 8;
	big[5] = (PPP_FRAME_MAX - 2) & 0xff;
	feed_octets(big, sizeof(big));
	assert_int_equal(r.sent[r.tail % RIG_FRAMES].len, 2 + 128);
	r.tail++;
	expect_nothing();
}

static void test_protocol_reject_of_lcp_and_early(void **state)
{
	(void)state;
	begin();
	feed("c021 08010006 8021");
	assert_int_equal(r.stats.drop_unexpected, 1);
	lcp_opens();
	feed("c021 08010005 80");
	assert_int_equal(r.stats.drop_length, 1);
	feed("c021 08020006 c021");
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_LCP_FAILED);
}

static void test_peer_terminates(void **state)
{
	(void)state;
	network();
	ipcp_opens();
	feed("c021 0577 0010 557365722072657175657374");
	expect("c021 06770004");
	assert_int_equal(r.down[PPP_LAYER_IPCP], 1);
	assert_int_equal(r.finished, 0);
	feed("c021 0577 0010 557365722072657175657374");
	expect("c021 06770004");
	rig_advance(&r, 3 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_USER_REQUEST);
	expect_nothing();
}

static void test_lost(void **state)
{
	(void)state;
	network();
	ipcp_opens();
	ppp_link_lost(&r.link, r.now, PPP_CAUSE_LOST_CARRIER);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_LOST_CARRIER);
	assert_int_equal(r.down[PPP_LAYER_IPCP], 1);
	assert_int_equal(r.down[PPP_LAYER_LCP], 1);
	expect_nothing();
	ppp_link_lost(&r.link, r.now, PPP_CAUSE_LOST_CARRIER);
	ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_RESET);
	assert_int_equal(r.finished, 1);
}

static void test_close_without_answer(void **state)
{
	(void)state;
	network();
	ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_REBOOT);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_RESET);
	expect_nothing();
	rig_advance(&r, 3 * NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.finished, 0);
	rig_advance(&r, 3 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_ADMIN_REBOOT);
}

static void test_renegotiation(void **state)
{
	(void)state;
	network();
	ipcp_opens();
	feed("c021 0111000e 010405d4 0506 55667788");
	expect_lcp_request();
	expect("c021 0211000e 010405d4 050655667788");
	assert_int_equal(r.link.phase, PPP_ESTABLISH);
	assert_int_equal(r.down[PPP_LAYER_IPCP], 1);
	feed("8021 0106000a 030664400005");
	assert_int_equal(r.stats.drop_phase, 1);
	ack_lcp();
	pap_ok();
	assert_int_equal(r.asked, 2);
	ipcp_opens();
	assert_int_equal(r.up[PPP_LAYER_IPCP], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_lcp_gives_up),
		WITH(pap, test_lcp_rejects_what_we_do_not_do),
		WITH(pap, test_mru),
		WITH(all, test_method_by_nak),
		WITH(all, test_authentication_rejected),
		WITH(pap, test_answers_must_fit),
		WITH(pap, test_max_failure),
		WITH(pap, test_endless_naks_end),
		WITH(nobody, test_loopback),
		WITH(pap, test_own_magic_is_naked),
		WITH(pap, test_echo_reply),
		WITH(pap, test_echo_failure),
		WITH(pap, test_echo_deaf),
		WITH(pap, test_echo_deaf_for_long),
		WITH(pap, test_ping),
		WITH(pap, test_adaptive_echo),
		WITH(pap, test_echo_is_spread),
		WITH(pap, test_code_reject),
		WITH(pap, test_protocol_reject_out),
		WITH(pap, test_rejects_are_cut_to_the_mru),
		WITH(pap, test_protocol_reject_of_lcp_and_early),
		WITH(pap, test_peer_terminates),
		WITH(pap, test_lost),
		WITH(pap, test_close_without_answer),
		WITH(pap, test_renegotiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
