// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link by messages: a frame is fed, the octets that come back are compared. Frames have the form
 * that Debian's pppd gives them. Time is the test's.
 */
#include "test/unit/ppp_rig.h"

#include <nettle/md5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct rig r;

/* "c021 01 07 0005" -> octets; blanks are for the eye. */
static size_t unhex(const char *s, uint8_t *ret)
{
	size_t n = 0;

	while (*s) {
		unsigned v;

		if (*s == ' ') {
			s++;
			continue;
		}
		if (sscanf(s, "%2x", &v) != 1)
			abort();
		ret[n++] = (uint8_t)v;
		s += 2;
	}
	return n;
}

static void feed_octets(const uint8_t *p, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, p, len);
	ppp_link_input(&r.link, r.now, exact, len);
	free(exact);
}

static void feed(const char *hex)
{
	uint8_t b[PPP_FRAME_MAX + 100];

	feed_octets(b, unhex(hex, b));
}

static void expect(const char *hex)
{
	uint8_t b[PPP_FRAME_MAX];
	size_t len = unhex(hex, b);
	struct rig_frame *f = &r.sent[r.tail % RIG_FRAMES];
	char got[2 * PPP_FRAME_MAX + 1] = "";

	if (r.tail == r.head)
		fail_msg("nothing was sent, want %s", hex);
	for (size_t i = 0; i < f->len; i++)
		snprintf(got + 2 * i, 3, "%02x", f->b[i]);
	r.tail++;
	if (f->len != len || memcmp(f->b, b, len))
		fail_msg("sent %s, want %s", got, hex);
}

static void expect_nothing(void)
{
	if (r.tail != r.head)
		fail_msg("sent %02x%02x code %u", r.sent[r.tail % RIG_FRAMES].b[0],
			 r.sent[r.tail % RIG_FRAMES].b[1], r.sent[r.tail % RIG_FRAMES].b[2]);
}

/* expect() and feed() with numbers of the link's own: identifier and magic number in place. */
static const char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *fmt(const char *format, ...)
{
	static char buf[4][1024];
	static unsigned n;
	char *b = buf[n++ % 4];
	va_list ap;

	va_start(ap, format);
	vsnprintf(b, sizeof(buf[0]), format, ap);
	va_end(ap);
	return b;
}

#define FSM(layer) (&r.link.fsm[PPP_LAYER_##layer])
#define ID(layer)  (FSM(layer)->req_id)
#define MAGIC	   (r.link.lcp.magic)
#define PEER	   0x12345678u

static void expect_lcp_request(void)
{
	const char *auth = "";
	unsigned len = 14;

	if (r.config.auth_count && r.link.lcp.method == PPP_AUTH_PAP)
		auth = "0304c023", len = 18;
	else if (r.config.auth_count)
		auth = r.link.lcp.method == PPP_AUTH_CHAP_MD5 ? "0305c22305" : "0305c22381",
		len = 19;
	expect(fmt("c021 01%02x%04x 010405d4 %s 0506%08x", ID(LCP), len, auth, MAGIC));
}

static void ack_lcp(void)
{
	const char *auth = "";
	unsigned len = 14;

	if (r.config.auth_count && r.link.lcp.method == PPP_AUTH_PAP)
		auth = "0304c023", len = 18;
	else if (r.config.auth_count)
		auth = r.link.lcp.method == PPP_AUTH_CHAP_MD5 ? "0305c22305" : "0305c22381",
		len = 19;
	feed(fmt("c021 02%02x%04x 010405d4 %s 0506%08x", ID(LCP), len, auth, MAGIC));
}

static void begin(void)
{
	rig_start(&r);
	expect_lcp_request();
	expect_nothing();
}

static void lcp_opens(void)
{
	feed("c021 0101000e 010405d4 050612345678");
	expect("c021 0201000e 010405d4 050612345678");
	ack_lcp();
	assert_int_equal(FSM(LCP)->state, FSM_OPENED);
	assert_int_equal(r.link.phase, r.config.auth_count ? PPP_AUTHENTICATE : PPP_NETWORK);
}

static int fini(void **state)
{
	(void)state;
	ppp_link_fini(&r.link);
	assert_int_equal(r.wheel.armed, 0);
	return 0;
}

static int pap(void **state)
{
	(void)state;
	rig_seed = 4711;
	rig_init(&r);
	r.config.auth[0] = PPP_AUTH_PAP;
	r.config.auth_count = 1;
	return 0;
}

static int all(void **state)
{
	(void)state;
	rig_seed = 4711;
	rig_init(&r);
	return 0;
}

static int nobody(void **state)
{
	pap(state);
	r.config.auth_count = 0;
	return 0;
}

static void pap_ok(void)
{
	feed("c023 01010010 0475736572 06736563726574");
	expect("c023 0201000c 0757656c636f6d65");
	assert_int_equal(r.link.phase, PPP_NETWORK);
}

static void network(void)
{
	begin();
	lcp_opens();
	if (r.config.auth_count)
		pap_ok();
}

static void ipcp_opens(void)
{
	feed("8021 0105000a 030664400005");
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	expect("8021 0205000a 030664400005");
	feed(fmt("8021 02%02x000a 030664400001", ID(IPCP)));
	assert_int_equal(FSM(IPCP)->state, FSM_OPENED);
}

/* --- the whole way ---------------------------------------------------------------------------- */

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

/* --- LCP -------------------------------------------------------------------------------------- */

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

/* --- times ------------------------------------------------------------------------------------ */

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

/* --- hostile ---------------------------------------------------------------------------------- */

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

static void test_names(void **state)
{
	(void)state;
	network();
	assert_string_equal(ppp_cause_name(PPP_CAUSE_LOST_CARRIER), "lost-carrier");
	assert_string_equal(ppp_cause_name(PPP_CAUSE_NCP_FAILED), "ncp-failed");
	assert_string_equal(ppp_cause_name(PPP_CAUSE_COUNT), "unknown");
	assert_string_equal(ppp_fsm_state_name(FSM_ACK_RCVD), "ack-rcvd");
}

#define WITH(setup, t) cmocka_unit_test_setup_teardown(t, setup, fini)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pap, test_pap_to_both_families),
		WITH(all, test_chap_comes_after_the_ack),
		WITH(all, test_challenge_is_repeated_then_fails),
		WITH(all, test_chap_wrong_secret),
		WITH(all, test_rechallenge),
		WITH(all, test_mschap_v2_refused_by_the_owner),
		WITH(pap, test_stale_answer_is_not_taken),
		WITH(pap, test_pap_pending_answers_the_latest),
		WITH(pap, test_pap_empty_name_and_bad_lengths),
		WITH(nobody, test_no_authentication_asks_the_owner),
		WITH(pap, test_auth_timeout),
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
		WITH(pap, test_ipcp_options),
		WITH(pap, test_ipv6cp_identifiers),
		WITH(pap, test_ifid_suggested),
		WITH(pap, test_modes),
		WITH(pap, test_no_address_is_a_reject),
		WITH(pap, test_required_family_fails),
		WITH(pap, test_required_without_address),
		WITH(pap, test_rejected_family_ends_alone),
		WITH(pap, test_stopped_family_begins_again),
		WITH(pap, test_retransmissions_do_not_count),
		WITH(pap, test_closed_family_ends_alone),
		WITH(pap, test_session_timeout),
		WITH(pap, test_idle_timeout),
		WITH(pap, test_network_timeout),
		WITH(pap, test_setup_has_an_end),
		WITH(pap, test_every_truncation),
		WITH(pap, test_length_field_and_padding),
		WITH(pap, test_flood_is_bounded),
		WITH(pap, test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
