// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes back (RFC 2865 section 3, RFC 2866 section 3, RFC 3579 section 3.2): a datagram is an
 * answer if a request waits under its identifier on this socket, its code answers that request, and
 * it is signed. Everything else is counted, and changes nothing: neither does it end the request,
 * nor does it make us repeat it sooner.
 */
#include "radius/client.h"

#include "base/log.h"

static void drop(struct radius_link *l, uint64_t *counter, const char *reason, uint64_t now)
{
	struct radius_server *s = &l->client->server[l->server];
	uint64_t suppressed;

	(*counter)++;
	if (log_limit_ok(&s->limit, now, &suppressed))
		log_warn("radius: a reply from %s is ignored: %s (%llu more not told)",
			 s->config.address, reason, (unsigned long long)suppressed);
}
#define DROP(name, reason) drop(l, &l->count.drop_##name, reason, now)

static bool code_fits(const struct radius_request *r, uint8_t code)
{
	if (r->link->kind == RADIUS_ACCT)
		return code == RADIUS_ACCOUNTING_RESPONSE;
	if (r->what == REQUEST_PROBE)
		return code == RADIUS_ACCESS_ACCEPT;
	return code == RADIUS_ACCESS_ACCEPT || code == RADIUS_ACCESS_REJECT ||
	       code == RADIUS_ACCESS_CHALLENGE;
}

static bool ma_required(const struct radius_client *c, const struct radius_server *s)
{
	switch (c->config.require_ma) {
	case RADIUS_MA_AUTO:
		return s->signs;
	case RADIUS_MA_YES:
		return true;
	case RADIUS_MA_NO:
		return false;
	}
	return true;
}

/* Whether the reply is the server's. Accounting-Responses carry no Message-Authenticator (RFC
 * 2869, section 5.19), and a Status-Server's answer says only that the server lives. */
static bool verified(struct radius_request *r, const struct radius_packet *p, uint64_t now)
{
	struct radius_client *c = r->client;
	struct radius_link *l = r->link;
	struct radius_server *s = &c->server[l->server];
	enum radius_ma ma = RADIUS_MA_NONE;
	int rc = radius_verify_reply(p, s->config.secret, r->auth, &ma);

	if (rc == -EPROTO)
		DROP(proxy_state, "it carries a Proxy-State, which we never send");
	else if (ma == RADIUS_MA_WRONG)
		DROP(message_authenticator, "wrong Message-Authenticator");
	else if (ma == RADIUS_MA_MALFORMED)
		DROP(malformed_message_authenticator,
		     "more than one Message-Authenticator, or one that is not of 16 octets");
	else if (rc)
		DROP(authenticator, "wrong Response Authenticator: is the secret the same?");
	else if (r->what == REQUEST_ACCESS && ma == RADIUS_MA_NONE && ma_required(c, s))
		DROP(unsigned, "no Message-Authenticator");
	else
		goto good;
	return false;
good:
	if (r->what == REQUEST_ACCESS && ma == RADIUS_MA_GOOD && !s->signs)
		radius_signer_add(c, s);
	return true;
}

/* The identifier that MS-CHAP2-Success begins with is the one of the response. */
static void access_answered(struct radius_request *r, const struct radius_packet *p, uint64_t now)
{
	struct radius_client *c = r->client;
	struct radius_link *l = r->link;

	radius_reply_parse(p, r->access->chap_id, c->config.wants_speed, &c->reply);
	c->reply.server = (uint16_t)l->server;
	c->reply.raw = p;
	if (p->code != RADIUS_ACCESS_ACCEPT && c->reply.verdict == RADIUS_BAD)
		c->reply.message[0] = '\0'; /* what is wrong with it is not for the peer */
	switch (p->code) {
	case RADIUS_ACCESS_ACCEPT:
		l->count.accepts++;
		if (c->reply.verdict == RADIUS_BAD)
			l->count.bad_accepts++;
		break;
	case RADIUS_ACCESS_CHALLENGE:
		l->count.challenges++;
		c->reply.verdict = RADIUS_REJECT;
		break;
	default:
		l->count.rejects++;
		c->reply.verdict = RADIUS_REJECT;
		break;
	}
	radius_slot_release(r);
	radius_link_answered(l, now);
	radius_access_done(r, now, &c->reply);
}

static void answered(struct radius_request *r, const struct radius_packet *p, uint64_t now)
{
	struct radius_link *l = r->link;

	if (r->what == REQUEST_PROBE) {
		l->count.probe_answers++;
		l->patience = RADIUS_PATIENCE;
		radius_slot_release(r);
		radius_request_free(r);
		radius_link_answered(l, now);
		return;
	}
	radius_sample(l, now - r->sent);
	if (r->what == REQUEST_ACCOUNT) {
		l->count.acct_answers++;
		radius_slot_release(r);
		radius_acct_answered(r);
		radius_link_answered(l, now);
		return;
	}
	access_answered(r, p, now);
}

void radius_engine_input(struct radius_client *c, unsigned server, enum radius_kind kind,
			 unsigned socket, const uint8_t *p, size_t len, uint64_t now)
{
	struct radius_link *l = &c->server[server].link[kind];
	struct radius_packet packet;
	struct radius_request *r;

	if (radius_packet_parse(p, len, &packet)) {
		DROP(malformed, "malformed");
		return;
	}
	r = l->slot[socket * RADIUS_IDS + packet.id];
	if (!r) {
		DROP(unexpected, "it answers nothing that waits (late, or a second time)");
		return;
	}
	if (!code_fits(r, packet.code)) {
		DROP(code, "its code answers nothing that was asked");
		return;
	}
	if (!verified(r, &packet, now))
		return;
	answered(r, &packet, now);
}

void radius_engine_error(struct radius_client *c, unsigned server, enum radius_kind kind, int error)
{
	struct radius_link *l = &c->server[server].link[kind];

	(void)error;
	l->count.icmp_errors++;
}
