/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dialogues of real pppd (test/vectors) replayed against our link: what pppd sent goes in as it
 * was, and our answer must be, octet for octet, what the other pppd answered where both are bound
 * to the same (RFC 1661 sections 5 and 6, 1332, 1877, 5072). Answers to what we asked are ours to
 * make up: identifiers and challenges differ. Secrets are checked on the captured octets.
 */
#include "ppp/ppp.h"
#include "ppp/link.h"
#include "ppp/stats.h"
#include "test/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECRET "secret one"

enum code {
	CONF_REQ = 1,
	CONF_ACK,
	CONF_NAK,
	CONF_REJ,
	TERM_REQ,
	TERM_ACK,
	CODE_REJ,
	PROTO_REJ,
	ECHO_REQ,
	ECHO_REP
};

struct fixture {
	struct ppp_link link;
	struct ppp_ctx ctx;
	struct ppp_config config;
	struct ppp_stats stats;
	struct wheel wheel;
	uint64_t now;
	struct vector_frame sent[64]; /* ours, from octet 0: the protocol */
	unsigned sent_count, answered;
	const struct vector *v;
	bool asked, up[3], finished;
	enum ppp_cause cause;
};

static struct fixture *of(struct ppp_link *l)
{
	return container_of(l, struct fixture, link);
}

static uint16_t protocol_of(const struct vector_frame *f)
{
	return vector_be16(f, 0);
}

/* The captured frames without Ethernet and PPPoE: what a link sees. */
static struct vector_frame ppp_of(const struct vector_frame *f)
{
	struct vector_frame p = { .from_peer = f->from_peer, .len = vector_be16(f, 18) };

	memcpy(p.octets, f->octets + VECTOR_PPP, p.len);
	return p;
}

/* The first captured frame of this direction, protocol and code, from index `from` on. */
static const struct vector_frame *find(const struct vector *v, unsigned from, bool from_peer,
				       uint16_t protocol, uint8_t code)
{
	for (unsigned i = from; i < v->count; i++) {
		const struct vector_frame *f = &v->frame[i];

		if (f->from_peer == from_peer && vector_is_ppp(f, protocol) &&
		    f->octets[VECTOR_PPP + 2] == code)
			return f;
	}
	return NULL;
}

static void fx_transmit(struct ppp_link *l, const uint8_t *frame, size_t len)
{
	struct fixture *fx = of(l);
	struct vector_frame *f = &fx->sent[fx->sent_count++];

	assert_true(fx->sent_count <= 64);
	assert_in_range(len, 6, sizeof(f->octets));
	memcpy(f->octets, frame, len);
	f->len = len;
}

/* The subscriber of the vector: alice, or mallory whom nobody knows. */
static void fx_auth(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req)
{
	struct fixture *fx = of(l);
	struct ppp_auth_result res = {
		.ok = req->name_len == 5 && !memcmp(req->name, "alice", 5),
		.ipv4 = PPP_ALLOW,
		.ipv6 = PPP_ALLOW,
		.ip4 = 0x6440000a, /* as pppoe-server gave: 100.64.0.10, DNS of 192.0.2 */
		.gateway4 = 0x64400001,
		.dns = { 0xc0000235,
			 strcmp((char *)fx->config.name, "one-dns") ? 0xc0000236 : 0xc0000235 },
		.ifid_local = { 0, 0, 0, 0, 0, 0, 0, 1 },
	};

	assert_false(fx->asked);
	fx->asked = true;
	ppp_link_auth_done(l, now, &res);
}

static void fx_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	(void)now;
	of(l)->up[layer] = true;
}

static void fx_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	(void)now;
	of(l)->up[layer] = false;
}

static void fx_finished(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	(void)now;
	of(l)->finished = true;
	of(l)->cause = cause;
}

static uint64_t fx_activity(struct ppp_link *l)
{
	(void)l;
	return 0;
}

static void fx_random(void *buf, size_t len)
{
	static uint8_t next = 0x21;

	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = next++ | 1;
}

static const struct ppp_ops ops = {
	.transmit = fx_transmit,
	.auth = fx_auth,
	.up = fx_up,
	.down = fx_down,
	.finished = fx_finished,
	.activity = fx_activity,
	.random = fx_random,
};

static enum ppp_auth_method method_of(const char *name)
{
	if (!strncmp(name, "pap", 3))
		return PPP_AUTH_PAP;
	return strncmp(name, "mschap", 6) ? PPP_AUTH_CHAP_MD5 : PPP_AUTH_MSCHAP_V2;
}

static void setup(struct fixture *fx, const char *name, const struct vector *v)
{
	*fx = (struct fixture){
		.v = v,
		.now = NSEC_PER_SEC,
		.config = {
			.mru = strcmp(name, "mru-1500") ? 1492 : 1500,
			.auth = { method_of(name) },
			.auth_count = 1,
			.ipv4 = PPP_ALLOW,
			.ipv6 = PPP_ALLOW,
			.restart_timer = 3 * NSEC_PER_SEC,
			.max_configure = 10,
			.max_terminate = 2,
			.max_failure = 5,
			.auth_timeout = 30 * NSEC_PER_SEC,
		},
	};
	strcpy(fx->config.name, strcmp(name, "mschap-v2") ? "access" : "one-dns");
	wheel_init(&fx->wheel, fx->now);
	fx->ctx = (struct ppp_ctx){
		.config = &fx->config, .ops = &ops, .wheel = &fx->wheel, .stats = &fx->stats
	};
	ppp_link_init(&fx->link, &fx->ctx, fx->config.mru);
	ppp_link_start(&fx->link, fx->now);
}

static void input(struct fixture *fx, const struct vector_frame *f)
{
	ppp_link_input(&fx->link, fx->now, f->octets, f->len);
}

/* Acknowledges, as pppd did, every Configure-Request that we have sent since the last call. */
static void acknowledge(struct fixture *fx)
{
	for (; fx->answered < fx->sent_count; fx->answered++) {
		struct vector_frame f = fx->sent[fx->answered];

		if (protocol_of(&f) < 0x8000 || protocol_of(&f) == PPP_PAP ||
		    protocol_of(&f) == PPP_CHAP || f.octets[2] != CONF_REQ)
			continue;
		f.octets[2] = CONF_ACK;
		input(fx, &f);
	}
}

/* Ours, from the `from`th on, that is this frame octet for octet. */
static bool have_sent(const struct fixture *fx, unsigned from, const struct vector_frame *f)
{
	for (unsigned i = from; i < fx->sent_count; i++)
		if (fx->sent[i].len == f->len && !memcmp(fx->sent[i].octets, f->octets, f->len))
			return true;
	return false;
}

static bool is_answer(uint16_t protocol, uint8_t request, uint8_t code)
{
	if (request == TERM_REQ)
		return protocol == PPP_LCP && code == TERM_ACK;
	return request == CONF_REQ && (code == CONF_ACK || code == CONF_NAK || code == CONF_REJ);
}

/* What the other pppd answered to the captured request at index `i`; NULL when nothing. */
static const struct vector_frame *answer_to(const struct vector *v, unsigned i)
{
	const uint8_t *req = v->frame[i].octets + VECTOR_PPP;

	for (unsigned j = i + 1; j < v->count; j++) {
		const struct vector_frame *f = &v->frame[j];
		const uint8_t *p = f->octets + VECTOR_PPP;

		if (!f->from_peer && vector_is_ppp(f, vector_be16(&v->frame[i], VECTOR_PPP)) &&
		    p[3] == req[3] && is_answer(vector_be16(f, VECTOR_PPP), req[2], p[2]))
			return f;
	}
	return NULL;
}

/* A response to our own challenge: pppd's, with our identifier. */
static void feed_chap(struct fixture *fx, struct vector_frame f)
{
	for (unsigned i = 0; i < fx->sent_count; i++)
		if (protocol_of(&fx->sent[i]) == PPP_CHAP && fx->sent[i].octets[2] == 1)
			f.octets[3] = fx->sent[i].octets[3];
	input(fx, &f);
	assert_true(fx->asked);
}

static void feed_ccp(struct fixture *fx, const struct vector_frame *f)
{
	unsigned before = fx->sent_count;
	const struct vector_frame *reply;

	input(fx, f);
	assert_int_equal(fx->sent_count, before + 1);
	reply = &fx->sent[before];
	assert_int_equal(protocol_of(reply), PPP_LCP);
	assert_int_equal(reply->octets[2], PROTO_REJ);
	assert_int_equal(vector_be16(reply, 6), PPP_CCP);
	assert_memory_equal(reply->octets + 8, f->octets + 2, f->len - 2);
}

static void feed_request(struct fixture *fx, unsigned i)
{
	const struct vector_frame *answer = answer_to(fx->v, i);
	struct vector_frame f = ppp_of(&fx->v->frame[i]), want;
	unsigned before = fx->sent_count;

	input(fx, &f);
	if (answer) {
		want = ppp_of(answer);
		assert_true(have_sent(fx, before, &want));
	}
	acknowledge(fx);
}

/* One captured frame of the subscriber. Its answers to our requests are made up elsewhere. */
static void feed(struct fixture *fx, unsigned i)
{
	struct vector_frame f = ppp_of(&fx->v->frame[i]);
	uint8_t code = f.octets[2];

	switch (protocol_of(&f)) {
	case PPP_PAP:
		input(fx, &f);
		assert_true(fx->asked);
		break;
	case PPP_CHAP:
		feed_chap(fx, f);
		break;
	case PPP_CCP:
		if (code == CONF_REQ)
			feed_ccp(fx, &f);
		return;
	case PPP_LCP:
	case PPP_IPCP:
	case PPP_IPV6CP:
		if (code == CONF_REQ || code == TERM_REQ)
			feed_request(fx, i);
		else if (code == ECHO_REQ)
			input(fx, &f);
		return;
	}
	acknowledge(fx);
}

/* Plays the dialogue up to, not including, the subscriber's Terminate-Request. */
static unsigned play(struct fixture *fx)
{
	unsigned i;

	acknowledge(fx);
	for (i = 0; i < fx->v->count; i++) {
		const struct vector_frame *f = &fx->v->frame[i];

		if (!f->from_peer || vector_be16(f, 12) != 0x8864)
			continue;
		if (vector_is_ppp(f, PPP_LCP) && f->octets[VECTOR_PPP + 2] == TERM_REQ)
			return i;
		feed(fx, i);
	}
	return i;
}

static void test_good_logins(void **state)
{
	static struct vector v;
	static struct fixture fx;
	unsigned end;

	(void)state;
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		if (strstr(vector_names[i], "-wrong"))
			continue;
		vector_read(vector_names[i], &v);
		setup(&fx, vector_names[i], &v);
		end = play(&fx);
		assert_true(fx.up[PPP_LAYER_LCP]);
		assert_true(fx.up[PPP_LAYER_IPCP]);
		assert_true(fx.up[PPP_LAYER_IPV6CP]);
		assert_false(fx.finished);
		assert_true(end < v.count);
		feed_request(&fx, end); /* Terminate-Request, answered as pppd did */
		for (int s = 0; s < 20 && !fx.finished; s++)
			wheel_run(&fx.wheel, fx.now += NSEC_PER_SEC);
		assert_true(fx.finished);
		assert_int_equal(fx.cause, PPP_CAUSE_USER_REQUEST);
		ppp_link_fini(&fx.link);
	}
}

/* pppd is told no, in the way of its method, and then the link ends. */
static void test_refused_logins(void **state)
{
	static struct vector v;
	static struct fixture fx;

	(void)state;
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		bool no = false;

		if (!strstr(vector_names[i], "-wrong"))
			continue;
		vector_read(vector_names[i], &v);
		setup(&fx, vector_names[i], &v);
		play(&fx);
		for (unsigned j = 0; j < fx.sent_count; j++)
			no |= (protocol_of(&fx.sent[j]) == PPP_PAP && fx.sent[j].octets[2] == 3) ||
			      (protocol_of(&fx.sent[j]) == PPP_CHAP && fx.sent[j].octets[2] == 4);
		assert_true(no);
		assert_false(fx.up[PPP_LAYER_IPCP]);
		for (int s = 0; s < 60 && !fx.finished; s++)
			wheel_run(&fx.wheel, fx.now += NSEC_PER_SEC);
		assert_true(fx.finished);
		assert_int_equal(fx.cause, PPP_CAUSE_AUTH_FAILED);
		ppp_link_fini(&fx.link);
	}
}

/* An echo gets the same identifier back, with our magic number in front of the peer's data. */
static void test_echo(void **state)
{
	static struct vector v;
	static struct fixture fx;
	struct vector_frame f;
	const struct vector_frame *echo;

	(void)state;
	vector_read("chap-md5", &v);
	setup(&fx, "chap-md5", &v);
	play(&fx);
	echo = find(&v, 0, true, PPP_LCP, ECHO_REQ);
	assert_non_null(echo);
	f = ppp_of(echo);
	input(&fx, &f);
	assert_int_equal(protocol_of(&fx.sent[fx.sent_count - 1]), PPP_LCP);
	assert_int_equal(fx.sent[fx.sent_count - 1].octets[2], ECHO_REP);
	assert_int_equal(fx.sent[fx.sent_count - 1].octets[3], f.octets[3]);
	assert_int_equal(fx.sent[fx.sent_count - 1].len, f.len);
	assert_memory_not_equal(fx.sent[fx.sent_count - 1].octets + 6, f.octets + 6, 4);
	ppp_link_fini(&fx.link);
}

/* Every frame of the subscriber, cut short at every octet, at a link that is open. */
static void test_cut_short(void **state)
{
	static struct vector v;
	static struct fixture fx;

	(void)state;
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		vector_read(vector_names[i], &v);
		for (unsigned j = 0; j < v.count; j++) {
			struct vector_frame f = ppp_of(&v.frame[j]);

			if (!v.frame[j].from_peer || vector_be16(&v.frame[j], 12) != 0x8864)
				continue;
			for (size_t len = 0; len < f.len; len++) {
				uint8_t *copy = malloc(len ? len : 1);

				assert_non_null(copy);
				memcpy(copy, f.octets, len);
				setup(&fx, vector_names[i], &v);
				acknowledge(&fx);
				ppp_link_input(&fx.link, fx.now, copy, len);
				assert_false(fx.asked);
				ppp_link_fini(&fx.link);
				free(copy);
			}
		}
	}
}

/* --- the secret, on the captured octets --------------------------------------------------------
 */

/* Challenge and response of the dialogue as a request to check. */
static struct ppp_auth_request captured(const char *name, const struct vector *v)
{
	const struct vector_frame *challenge = find(v, 0, false, PPP_CHAP, 1);
	const struct vector_frame *response = find(v, 0, true, PPP_CHAP, 2);
	struct ppp_auth_request req = { .method = method_of(name) };
	const uint8_t *p;

	if (req.method == PPP_AUTH_PAP) {
		p = find(v, 0, true, PPP_PAP, 1)->octets + VECTOR_PPP + 6;
		req.name_len = *p++;
		req.name = p;
		p += req.name_len;
		req.response_len = *p++;
		req.response = p;
		return req;
	}
	assert_non_null(challenge);
	assert_non_null(response);
	p = challenge->octets + VECTOR_PPP;
	req.id = p[3];
	req.challenge_len = p[6];
	req.challenge = p + 7;
	p = response->octets + VECTOR_PPP;
	req.response_len = p[6];
	req.response = p + 7;
	req.name = p + 7 + p[6];
	req.name_len = (size_t)(p[4] << 8 | p[5]) - 5u - p[6];
	return req;
}

static void test_secrets(void **state)
{
	static struct vector v;

	(void)state;
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		struct ppp_auth_result res = { .ok = false };
		struct ppp_auth_request req;

		vector_read(vector_names[i], &v);
		req = captured(vector_names[i], &v);
		ppp_auth_verify(&req, SECRET, strlen(SECRET), &res);
		assert_true(res.ok);
		ppp_auth_verify(&req, "secret onf", strlen(SECRET), &res);
		assert_false(res.ok);
		ppp_auth_verify(&req, SECRET, strlen(SECRET) - 1, &res);
		assert_false(res.ok);
		ppp_auth_verify(&req, "", 0, &res);
		assert_false(res.ok);
	}
}

/* RFC 2759 section 5: the proof that we know the secret too, as pppd computed it. */
static void test_mschap_success(void **state)
{
	struct ppp_auth_result res = { .ok = false };
	const struct vector_frame *success;
	struct ppp_auth_request req;
	static struct vector v;

	(void)state;
	vector_read("mschap-v2", &v);
	req = captured("mschap-v2", &v);
	ppp_auth_verify(&req, SECRET, strlen(SECRET), &res);
	success = find(&v, 0, false, PPP_CHAP, 3);
	assert_non_null(success);
	assert_memory_equal(res.message, success->octets + VECTOR_PPP + 6, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),	    cmocka_unit_test(test_mschap_success),
		cmocka_unit_test(test_good_logins), cmocka_unit_test(test_refused_logins),
		cmocka_unit_test(test_echo),	    cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
