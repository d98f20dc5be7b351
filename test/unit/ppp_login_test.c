// SPDX-License-Identifier: GPL-2.0-or-later
/* The way from the first request to both families, and all that authentication can be. */
#include "test/unit/ppp_script.h"

#include <nettle/md5.h>

static void test_pap_to_both_families(void **state)
{
	(void)state;
	network();
	assert_string_equal(r.name, "user");
	assert_int_equal(r.up[PPP_LAYER_LCP], 1);
	/* ALLOW: nothing of ours before the peer asks. */
	expect_nothing();
	feed("8021 01010016 030600000000 810600000000 830600000000");
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	expect("8021 03010016 030664400005 810664400001 8306c0000235");
	feed("8021 01020016 030664400005 810664400001 8306c0000235");
	expect("8021 02020016 030664400005 810664400001 8306c0000235");
	assert_int_equal(r.up[PPP_LAYER_IPCP], 0);
	feed(fmt("8021 02%02x000a 030664400001", ID(IPCP)));
	assert_int_equal(r.up[PPP_LAYER_IPCP], 1);
	feed("8057 0101000e 010a021122fffe334455");
	expect(fmt("8057 01%02x000e 010a0000000000000001", ID(IPV6CP)));
	expect("8057 0201000e 010a021122fffe334455");
	feed(fmt("8057 02%02x000e 010a0000000000000001", ID(IPV6CP)));
	assert_int_equal(r.up[PPP_LAYER_IPV6CP], 1);
	assert_int_equal(r.link.ifid_peer[0], 0x02);
	assert_int_equal(r.link.ifid_peer[7], 0x55);
	expect_nothing();
	assert_int_equal(rig_drops(&r), 0);
	/* Each frame twice, as a duplicating wire would: Acks do no harm. */
	feed(fmt("8057 02%02x000e 010a0000000000000001", ID(IPV6CP)));
	assert_int_equal(r.stats.drop_id, 1);
	assert_int_equal(FSM(IPV6CP)->state, FSM_OPENED);
	ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_RESET);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.down[PPP_LAYER_IPCP] + r.down[PPP_LAYER_IPV6CP] + r.down[PPP_LAYER_LCP],
			 3);
	feed(fmt("c021 06%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_ADMIN_RESET);
	expect_nothing();
}

static uint8_t *chap_response(uint8_t out[64])
{
	struct md5_ctx md5;
	uint8_t id = r.link.auth.id;

	md5_init(&md5);
	md5_update(&md5, 1, &id);
	md5_update(&md5, 6, (const uint8_t *)"secret");
	md5_update(&md5, 16, r.link.auth.challenge);
	unhex(fmt("c223 02%02x0019 10", id), out);
	md5_digest(&md5, 16, out + 7);
	memcpy(out + 23, "user", 4);
	return out;
}

static void expect_challenge(void)
{
	char hex[33];

	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", r.link.auth.challenge[i]);
	expect(fmt("c223 01%02x001e 10%s 627261736265727279", r.link.auth.id, hex));
}

/* The challenge must not overtake the Configure-Ack that opens the peer's LCP. */
static void test_chap_comes_after_the_ack(void **state)
{
	uint8_t f[64];

	(void)state;
	begin();
	ack_lcp();
	feed("c021 0101000e 010405d4 050612345678");
	expect("c021 0201000e 010405d4 050612345678");
	expect_challenge();
	expect_nothing();
	feed_octets(chap_response(f), 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	assert_int_equal(r.asked, 1);
	feed_octets(f, 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	assert_int_equal(r.asked, 1);
	/* A wrong response with the same identifier gets the same answer (RFC 1994, 4.2). */
	f[10] ^= 1;
	feed_octets(f, 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	f[3]++;
	feed_octets(f, 27);
	expect_nothing();
	assert_int_equal(r.stats.drop_id, 1);
}

static void test_challenge_is_repeated_then_fails(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	expect_challenge();
	for (int i = 0; i < 9; i++) {
		rig_advance(&r, 3 * NSEC_PER_SEC);
		expect_challenge();
	}
	rig_advance(&r, 3 * NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	assert_int_equal(r.stats.auth_timeout, 1);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_AUTH_FAILED);
}

static void test_chap_wrong_secret(void **state)
{
	uint8_t f[64];

	(void)state;
	r.secret = "other";
	begin();
	lcp_opens();
	expect_challenge();
	feed_octets(chap_response(f), 27);
	expect(fmt("c223 04%02x0019 41757468656e7469636174696f6e206661696c6564", r.link.auth.id));
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	feed_octets(f, 27);
	expect_nothing();
	rig_advance(&r, 6 * NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	expect_nothing();
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_AUTH_FAILED);
}

static void test_rechallenge(void **state)
{
	uint8_t f[64];

	(void)state;
	r.config.rechallenge = 100 * NSEC_PER_SEC;
	begin();
	lcp_opens();
	expect_challenge();
	feed_octets(chap_response(f), 27);
	r.tail = r.head;
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_challenge();
	assert_int_equal(r.link.phase, PPP_NETWORK);
	feed_octets(chap_response(f), 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	assert_int_equal(r.asked, 2);
	rig_advance(&r, 100 * NSEC_PER_SEC);
	r.secret = "changed";
	feed_octets(chap_response(f), 27);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_AUTH_FAILED);
}

/* A line whose Session-Timeout of 100 s says RADIUS-Request (RFC 2865, 5.29), in its network phase.
 */
static void granted(void)
{
	uint8_t f[64];

	r.result.session_timeout = 100 * NSEC_PER_SEC;
	r.result.idle_timeout = 250 * NSEC_PER_SEC;
	r.result.reauthenticate = true;
	begin();
	lcp_opens();
	expect_challenge();
	feed_octets(chap_response(f), 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	assert_int_equal(r.link.phase, PPP_NETWORK);
}

static void test_session_timeout_asks_again(void **state)
{
	uint8_t f[64], before[16];

	(void)state;
	granted();
	memcpy(before, r.link.auth.challenge, 16);
	rig_advance(&r, 99 * NSEC_PER_SEC);
	expect_nothing();
	rig_advance(&r, NSEC_PER_SEC);
	expect_challenge();
	assert_memory_not_equal(before, r.link.auth.challenge, 16);
	assert_true(r.link.auth.renewing);
	r.result.session_timeout = 300 * NSEC_PER_SEC;
	r.result.reauthenticate = false;
	feed_octets(chap_response(f), 27);
	expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	assert_int_equal(r.asked, 2);
	assert_false(r.link.auth.renewing);
	/* What was idle is idle still: 250 s of it are over before the new 300 s. */
	rig_advance(&r, 149 * NSEC_PER_SEC);
	expect_nothing();
	rig_advance(&r, NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_IDLE_TIMEOUT);
}

/* By the new result; the line has been up all the time. */
static void test_the_new_timeout_counts(void **state)
{
	uint8_t f[64];

	(void)state;
	granted();
	for (unsigned i = 0; i < 3; i++) {
		rig_advance(&r, 100 * NSEC_PER_SEC);
		expect_challenge();
		r.activity++;
		feed_octets(chap_response(f), 27);
		expect(fmt("c223 03%02x000b 57656c636f6d65", r.link.auth.id));
	}
	assert_int_equal(r.asked, 4);
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_challenge();
	r.result.session_timeout = 0;
	r.result.idle_timeout = 0;
	feed_octets(chap_response(f), 27);
	r.tail = r.head;
	rig_advance(&r, 1000 * NSEC_PER_SEC);
	expect_nothing();
	assert_int_equal(r.up[PPP_LAYER_LCP], 1);
	assert_int_equal(r.down[PPP_LAYER_LCP], 0);
}

static void test_refused_after_the_timeout(void **state)
{
	uint8_t f[64];

	(void)state;
	granted();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_challenge();
	r.secret = "changed";
	feed_octets(chap_response(f), 27);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

static void test_silent_after_the_timeout(void **state)
{
	(void)state;
	granted();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	for (int i = 0; i < 10; i++) {
		expect_challenge();
		rig_advance(&r, 3 * NSEC_PER_SEC);
	}
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

/* LCP begins anew while the question is out: the login that follows is the one that renews. */
static void test_renewed_by_a_login(void **state)
{
	uint8_t f[64];

	(void)state;
	granted();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect_challenge();
	feed("c021 0105000e 010405d4 050612345678");
	assert_int_equal(r.link.phase, PPP_ESTABLISH);
	assert_true(r.link.auth.renewing);
	ack_lcp();
	r.tail = r.head;
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
	feed_octets(chap_response(f), 27);
	assert_int_equal(r.link.phase, PPP_NETWORK);
	assert_false(r.link.auth.renewing);
	r.tail = r.head;
	rig_advance(&r, 99 * NSEC_PER_SEC);
	expect_nothing();
	rig_advance(&r, NSEC_PER_SEC);
	expect_challenge();
}

/* PAP has no question for the peer: the owner is asked, and the peer hears nothing of it. */
static void test_session_timeout_of_pap(void **state)
{
	(void)state;
	r.result.session_timeout = 100 * NSEC_PER_SEC;
	r.result.reauthenticate = true;
	network();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	assert_int_equal(r.asked, 2);
	assert_string_equal(r.name, "");
	assert_int_equal(r.method, PPP_AUTH_PAP);
	expect_nothing();
	r.hold_auth = true;
	rig_advance(&r, 100 * NSEC_PER_SEC);
	assert_int_equal(r.asked, 3);
	rig_advance(&r, 50 * NSEC_PER_SEC); /* a server may take its time */
	ppp_link_auth_done(&r.link, r.now, &r.result);
	expect_nothing();
	feed("c023 01090010 0475736572 06736563726574"); /* a repeated request has its answer */
	expect("c023 02090005 00");
	r.hold_auth = false;
	r.result.ok = false;
	rig_advance(&r, 99 * NSEC_PER_SEC);
	expect_nothing();
	rig_advance(&r, NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.asked, 4);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

/* Whose Termination-Action is not RADIUS-Request, ends. */
static void test_session_timeout_of_pap_ends(void **state)
{
	(void)state;
	r.result.session_timeout = 100 * NSEC_PER_SEC;
	network();
	rig_advance(&r, 100 * NSEC_PER_SEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.asked, 1);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

/* Who never was asked need not be now: the owner is. */
static void test_session_timeout_of_nobody(void **state)
{
	(void)state;
	r.result.session_timeout = 100 * NSEC_PER_SEC;
	r.result.reauthenticate = true;
	begin();
	lcp_opens();
	assert_int_equal(r.asked, 1);
	rig_advance(&r, 100 * NSEC_PER_SEC);
	assert_int_equal(r.asked, 2);
	rig_advance(&r, 99 * NSEC_PER_SEC);
	r.result.ok = false;
	rig_advance(&r, NSEC_PER_SEC);
	assert_int_equal(r.asked, 3);
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
}

static void test_mschap_v2_refused_by_the_owner(void **state)
{
	char hex[33], text[128], all_hex[256] = "";
	char frame[300];

	(void)state;
	r.config.auth[0] = PPP_AUTH_MSCHAP_V2;
	r.config.auth_count = 1;
	r.hold_auth = true;
	begin();
	lcp_opens();
	r.tail = r.head;
	snprintf(frame, sizeof(frame), "c223 02%02x003a 31 %098d 75736572", r.link.auth.id, 0);
	feed(frame);
	assert_int_equal(r.asked, 1);
	feed(frame); /* a retransmission is not asked again, nor answered yet */
	assert_int_equal(r.asked, 1);
	expect_nothing();
	/* As RADIUS would: no message of the method's form. */
	ppp_link_auth_done(&r.link, r.now, &(struct ppp_auth_result){ .message = "No" });
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02X", r.link.auth.challenge[i]);
	snprintf(text, sizeof(text), "E=691 R=0 C=%s V=3 M=No", hex);
	for (size_t i = 0; i < strlen(text); i++)
		snprintf(all_hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
	expect(fmt("c223 04%02x%04zx %s", r.link.auth.id, strlen(text) + 4, all_hex));
}

static void test_stale_answer_is_not_taken(void **state)
{
	(void)state;
	r.hold_auth = true;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	assert_int_equal(r.asked, 1);
	/* LCP begins anew while the owner thinks. */
	feed("c021 0109000e 010405d4 050612345678");
	expect_lcp_request();
	expect("c021 0209000e 010405d4 050612345678");
	ack_lcp();
	feed("c023 01020010 0465766c6c 06736563726574");
	assert_int_equal(r.asked, 1);
	ppp_link_auth_done(&r.link, r.now, &(struct ppp_auth_result){ .ok = true });
	expect_nothing();
	assert_int_equal(r.stats.auth_stale, 1);
	assert_int_equal(r.link.phase, PPP_AUTHENTICATE);
	feed("c023 01030010 0465766c6c 06736563726574");
	assert_int_equal(r.asked, 2);
	assert_string_equal(r.name, "evll");
	ppp_link_auth_done(&r.link, r.now, &(struct ppp_auth_result){ .ok = false });
	expect("c023 03030005 00");
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
}

static void test_pap_pending_answers_the_latest(void **state)
{
	(void)state;
	r.hold_auth = true;
	begin();
	lcp_opens();
	feed("c023 01010010 0475736572 06736563726574");
	feed("c023 01020010 0475736572 06736563726574");
	ppp_link_auth_done(&r.link, r.now, &r.result);
	expect("c023 02020005 00");
	feed("c023 01030010 0475736572 06736563726574");
	expect("c023 02030005 00");
	assert_int_equal(r.stats.auth_resent, 1);
	assert_int_equal(r.asked, 1);
}

static void test_pap_empty_name_and_bad_lengths(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	feed("c023 01010010 0575736572 06736563726574"); /* the name takes one octet too much */
	feed("c023 01010011 0475736572 06736563726574"); /* longer than the frame */
	feed("c023 01010003");
	feed("c023 0101");
	feed("c023 01010011 0475736572 06736563726574 00"); /* octets after the password */
	assert_int_equal(r.stats.drop_length, 4);
	assert_int_equal(r.stats.drop_short, 1);
	feed("c023 02010005 00"); /* an Ack is not for us */
	assert_int_equal(r.stats.drop_code, 1);
	feed("c223 02010019 1000000000000000000000000000000000 75736572");
	assert_int_equal(r.stats.drop_method, 1);
	expect_nothing();
	assert_int_equal(r.asked, 0);
	feed("c023 0101000c 00 06736563726574");
	assert_int_equal(r.asked, 0);
	expect("c023 0301000c 074e6f206e616d65");
}

static void test_no_authentication_asks_the_owner(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	assert_int_equal(r.asked, 1);
	assert_string_equal(r.name, "");
	ipcp_opens();
	assert_int_equal(r.stats.auth_ok, 1);
}

static void test_auth_timeout(void **state)
{
	(void)state;
	begin();
	lcp_opens();
	rig_advance(&r, 29900 * NSEC_PER_MSEC);
	expect_nothing();
	rig_advance(&r, 100 * NSEC_PER_MSEC);
	expect(fmt("c021 05%02x0004", FSM(LCP)->term_id));
	rig_advance(&r, 6 * NSEC_PER_SEC);
	assert_int_equal(r.cause, PPP_CAUSE_AUTH_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_pap_to_both_families),
		WITH(all, test_chap_comes_after_the_ack),
		WITH(all, test_challenge_is_repeated_then_fails),
		WITH(all, test_chap_wrong_secret),
		WITH(all, test_rechallenge),
		WITH(all, test_session_timeout_asks_again),
		WITH(all, test_the_new_timeout_counts),
		WITH(all, test_refused_after_the_timeout),
		WITH(all, test_silent_after_the_timeout),
		WITH(all, test_renewed_by_a_login),
		WITH(pap, test_session_timeout_of_pap),
		WITH(pap, test_session_timeout_of_pap_ends),
		WITH(nobody, test_session_timeout_of_nobody),
		WITH(all, test_mschap_v2_refused_by_the_owner),
		WITH(pap, test_stale_answer_is_not_taken),
		WITH(pap, test_pap_pending_answers_the_latest),
		WITH(pap, test_pap_empty_name_and_bad_lengths),
		WITH(nobody, test_no_authentication_asks_the_owner),
		WITH(pap, test_auth_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
