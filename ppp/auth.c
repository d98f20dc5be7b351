// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The authenticator's side of PAP (RFC 1334 section 2) and CHAP (RFC 1994 section 4; RFC 2759
 * sections 3 to 6): who the peer is, the owner says. Left out: MS-CHAP's password change, retries
 * after a failure (R=1), and proving ourselves to the peer.
 */
#include "ppp/cp.h"

#include <stdio.h>

int ppp_pap_parse(const uint8_t *p, size_t len, struct ppp_credentials *ret)
{
	struct rd r = rd_init(p, len);
	struct rd name = rd_sub(&r, rd_u8(&r));
	struct rd password = rd_sub(&r, rd_u8(&r));

	if (r.bad || rd_left(&r))
		return -EBADMSG;
	*ret = (struct ppp_credentials){ .name = name.p,
					 .name_len = rd_left(&name),
					 .response = password.p,
					 .response_len = rd_left(&password) };
	return 0;
}

int ppp_chap_parse(enum ppp_auth_method method, const uint8_t *p, size_t len,
		   struct ppp_credentials *ret)
{
	size_t want = method == PPP_AUTH_MSCHAP_V2 ? PPP_MSCHAP_V2_LEN : PPP_CHAP_MD5_LEN;
	struct rd r = rd_init(p, len);
	size_t size = rd_u8(&r);
	const uint8_t *value = rd_bytes(&r, size);

	if (r.bad || size != want || rd_left(&r) > PPP_NAME_MAX)
		return -EBADMSG;
	*ret = (struct ppp_credentials){
		.name = r.p, .name_len = rd_left(&r), .response = value, .response_len = size
	};
	return 0;
}

static bool is_chap(const struct ppp_link *l)
{
	return l->lcp.method != PPP_AUTH_PAP;
}

static void send_challenge(struct ppp_link *l, uint64_t now)
{
	const char *name = l->ctx->config->name;
	uint8_t buf[1 + PPP_CHALLENGE_LEN + sizeof(l->ctx->config->name)];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_u8(&w, PPP_CHALLENGE_LEN);
	wr_bytes(&w, l->auth.challenge, PPP_CHALLENGE_LEN);
	wr_bytes(&w, name, strnlen(name, sizeof(l->ctx->config->name)));
	ppp_send(l, PPP_CHAP, PPP_CHAP_CHALLENGE, l->auth.id, buf, w.len);
	l->auth.tries--;
	timer_set(l->ctx->wheel, &l->auth.timer, now + l->ctx->config->restart_timer);
}

/* A new challenge each time: unique and unpredictable (RFC 1994 section 2.3). */
static void new_challenge(struct ppp_link *l, uint64_t now)
{
	uint8_t tries = l->ctx->config->max_configure;

	l->ctx->ops->random(l->auth.challenge, sizeof(l->auth.challenge));
	l->auth.id++;
	l->auth.tries = tries ? tries : 1;
	l->auth.state = PPP_AUTH_WAITING;
	send_challenge(l, now);
}

/* What was granted is over, and nothing more is: that is why such a link ends. */
static enum ppp_cause refusal(const struct ppp_link *l)
{
	return l->auth.renewing ? PPP_CAUSE_SESSION_TIMEOUT : PPP_CAUSE_AUTH_FAILED;
}

static void on_auth_timer(struct timer *t, uint64_t now)
{
	struct ppp_link *l = container_of(t, struct ppp_link, auth.timer);

	if (l->auth.state == PPP_AUTH_DONE) {
		l->auth.again = true;
		new_challenge(l, now);
	} else if (l->auth.state == PPP_AUTH_WAITING && l->auth.tries) {
		send_challenge(l, now);
	} else if (l->auth.state == PPP_AUTH_WAITING) {
		ppp_count(l, auth_timeout);
		ppp_link_close(l, now, refusal(l));
	}
}

void ppp_auth_init(struct ppp_link *l)
{
	timer_init(&l->auth.timer, on_auth_timer);
	l->ctx->ops->random(&l->auth.id, sizeof(l->auth.id));
}

void ppp_auth_reset(struct ppp_link *l)
{
	timer_cancel(l->ctx->wheel, &l->auth.timer);
	l->auth.state = PPP_AUTH_IDLE;
	l->auth.again = l->auth.ok = false;
	l->auth.message_len = 0;
}

/* The next challenge: up to an eighth early, so that links which came up together drift apart. */
static void arm_rechallenge(struct ppp_link *l, uint64_t now)
{
	uint64_t rechallenge = l->ctx->config->rechallenge;

	if (l->ctx->config->auth_count && is_chap(l) && rechallenge)
		timer_set(l->ctx->wheel, &l->auth.timer,
			  now + rechallenge - ppp_random_below(l, rechallenge / 8));
}

void ppp_auth_thaw(struct ppp_link *l, uint64_t now, uint64_t at)
{
	struct ppp_auth *a = &l->auth;
	bool late = at <= now;

	if (a->state == PPP_AUTH_WAITING && !l->ctx->config->auth_count)
		a->state = PPP_AUTH_DONE; /* nobody is asked any more */
	if (a->state == PPP_AUTH_WAITING) {
		/* An answer that came while we were away is lost: it is asked for once more. */
		if (late && !a->tries)
			a->tries = 1;
		timer_set(l->ctx->wheel, &a->timer, late ? now : at);
	} else if (!late && is_chap(l) && l->ctx->config->rechallenge) {
		timer_set(l->ctx->wheel, &a->timer, at);
	} else {
		arm_rechallenge(l, now);
	}
}

static void ask(struct ppp_link *l, uint64_t now, const struct ppp_credentials *c)
{
	struct ppp_auth_request req = {
		.method = (enum ppp_auth_method)l->lcp.method,
		.name = c->name,
		.name_len = c->name_len,
		.id = l->auth.id,
		.response = c->response,
		.response_len = c->response_len,
	};

	if (is_chap(l)) {
		req.challenge = l->auth.challenge;
		req.challenge_len = sizeof(l->auth.challenge);
	}
	l->auth.state = PPP_AUTH_ASKED;
	l->auth.outstanding = true;
	timer_cancel(l->ctx->wheel, &l->auth.timer);
	ppp_count(l, auth_asked);
	l->ctx->ops->auth(l, now, &req);
}

static const struct ppp_credentials nobody;

void ppp_auth_begin(struct ppp_link *l, uint64_t now)
{
	l->auth.state = PPP_AUTH_WAITING;
	if (l->ctx->config->auth_count) {
		if (is_chap(l))
			new_challenge(l, now);
		return;
	}
	/* With an older question still open its answer has to come first: auth_done() asks. */
	if (!l->auth.outstanding)
		ask(l, now, &nobody);
}

bool ppp_auth_renew(struct ppp_link *l, uint64_t now)
{
	if (!l->reauthenticate)
		return false;
	l->session_deadline = 0;
	l->auth.renewing = true;
	/* Else a question is on its way already: its answer is the one that counts. */
	if (l->phase == PPP_NETWORK && l->auth.state == PPP_AUTH_DONE) {
		l->auth.again = true;
		if (l->ctx->config->auth_count && is_chap(l))
			new_challenge(l, now);
		else
			ask(l, now, &nobody);
	}
	return true;
}

/* A login by PAP that is renewed behind the peer's back, which waits for no answer. */
static bool is_silent(const struct ppp_link *l)
{
	return l->auth.renewing && l->auth.again && !is_chap(l);
}

static void send_result(struct ppp_link *l)
{
	const struct ppp_auth *a = &l->auth;
	uint8_t buf[1 + PPP_MESSAGE_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	if (!l->ctx->config->auth_count || is_silent(l))
		return;
	if (is_chap(l)) {
		wr_bytes(&w, a->message, a->message_len);
		ppp_send(l, PPP_CHAP, a->ok ? PPP_CHAP_SUCCESS : PPP_CHAP_FAILURE, a->id, buf,
			 w.len);
		return;
	}
	wr_u8(&w, a->message_len);
	wr_bytes(&w, a->message, a->message_len);
	ppp_send(l, PPP_PAP, a->ok ? PPP_PAP_ACK : PPP_PAP_NAK, a->id, buf, w.len);
}

/* What RFC 2759 section 6 wants in a Failure, whoever refused: clients read the error code. */
static size_t mschap_failure(const struct ppp_auth *a, const char *text, char *buf, size_t cap)
{
	char hex[2 * PPP_CHALLENGE_LEN + 1];
	int n;

	for (size_t i = 0; i < PPP_CHALLENGE_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02X", a->challenge[i]);
	n = snprintf(buf, cap, "E=691 R=0 C=%s V=3 M=%s", hex,
		     text[0] ? text : "Authentication failed");
	return (size_t)n < cap ? (size_t)n : cap - 1;
}

static void keep_result(struct ppp_link *l, const struct ppp_auth_result *res)
{
	struct ppp_auth *a = &l->auth;
	char text[PPP_MESSAGE_MAX + 1];
	size_t len = strnlen(res->message, PPP_MESSAGE_MAX);

	memcpy(text, res->message, len);
	text[len] = '\0';
	if (!res->ok && l->lcp.method == PPP_AUTH_MSCHAP_V2 && strncmp(text, "E=", 2)) {
		char full[PPP_MESSAGE_MAX + 1];

		len = mschap_failure(a, text, full, sizeof(full));
		memcpy(text, full, len);
	}
	if (len > sizeof(a->message))
		len = sizeof(a->message);
	memcpy(a->message, text, len);
	a->message_len = (uint8_t)len;
	a->ok = res->ok;
}

static void conclude(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res)
{
	struct ppp_auth *a = &l->auth;

	keep_result(l, res);
	a->state = res->ok ? PPP_AUTH_DONE : PPP_AUTH_REFUSED;
	if (!res->ok) {
		ppp_count(l, auth_failed);
		send_result(l);
		ppp_link_close(l, now, refusal(l));
		return;
	}
	ppp_count(l, auth_ok);
	send_result(l);
	arm_rechallenge(l, now);
	if (!a->again)
		ppp_link_network(l, now, res);
	else if (a->renewing)
		ppp_link_renewed(l, now, res);
	a->renewing = false;
}

void ppp_link_auth_done(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res)
{
	if (!l->auth.outstanding)
		return;
	l->auth.outstanding = false;
	if (l->auth.state == PPP_AUTH_ASKED) {
		conclude(l, now, res);
		return;
	}
	ppp_count(l, auth_stale);
	if (l->auth.state == PPP_AUTH_WAITING && !l->ctx->config->auth_count)
		ppp_auth_begin(l, now);
}

/* A response that may be new. What was answered is answered again, the same (RFC 1994, 4.2). */
static void input_credentials(struct ppp_link *l, uint64_t now, const struct ppp_packet *p,
			      const struct ppp_credentials *c)
{
	static const struct ppp_auth_result nameless = { .message = "No name" };

	switch ((enum ppp_auth_state)l->auth.state) {
	case PPP_AUTH_WAITING:
		if (l->auth.outstanding) {
			ppp_count(l, drop_phase);
			return;
		}
		l->auth.id = p->id;
		if (c->name_len)
			ask(l, now, c);
		else
			conclude(l, now, &nameless);
		return;
	case PPP_AUTH_ASKED:
		l->auth.id = p->id; /* PAP: the result goes to the latest request */
		return;
	case PPP_AUTH_DONE:
		l->auth.id = p->id;
		ppp_count(l, auth_resent);
		send_result(l);
		return;
	case PPP_AUTH_IDLE:
	case PPP_AUTH_REFUSED:
		ppp_count(l, drop_phase);
		return;
	}
}

static void input_packet(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	struct ppp_credentials c;
	int r;

	if (p->code != (is_chap(l) ? (uint8_t)PPP_CHAP_RESPONSE : (uint8_t)PPP_PAP_REQ)) {
		ppp_count(l, drop_code);
		return;
	}
	if (!ppp_may_negotiate(l, now))
		return;
	if (is_chap(l) && p->id != l->auth.id) {
		ppp_count(l, drop_id);
		return;
	}
	if (is_chap(l))
		r = ppp_chap_parse((enum ppp_auth_method)l->lcp.method, p->data, p->len, &c);
	else
		r = ppp_pap_parse(p->data, p->len, &c);
	if (r < 0)
		ppp_count(l, drop_length);
	else
		input_credentials(l, now, p, &c);
}

void ppp_auth_input(struct ppp_link *l, uint64_t now, uint16_t protocol, const uint8_t *p,
		    size_t len)
{
	struct ppp_packet in;
	int r;

	if (l->phase != PPP_AUTHENTICATE && l->phase != PPP_NETWORK) {
		ppp_count(l, drop_phase);
		return;
	}
	if (!l->ctx->config->auth_count || protocol != (is_chap(l) ? PPP_CHAP : PPP_PAP)) {
		ppp_count(l, drop_method);
		return;
	}
	r = ppp_packet_parse(p, len, &in);
	if (r == -EMSGSIZE)
		ppp_count(l, drop_short);
	else if (r < 0)
		ppp_count(l, drop_length);
	else
		input_packet(l, now, &in);
}
