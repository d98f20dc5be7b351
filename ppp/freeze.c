// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link as octets and back. Frozen is what the peer has been told or has told us: a packet of it
 * that comes after the thaw must be answered as before, its repeated one included. Left out, and
 * begun anew: the budgets of answers, the round of echoes (what came while we were away counts
 * neither for nor against the peer), and a question to the owner that was out: its challenge is
 * sent once more, and the peer's answer asked about again.
 */
#include "ppp/cp.h"

#define VERSION 1

enum frozen_has {
	HAS_SESSION_DEADLINE = 1 << 0,
	HAS_IDLE = 1 << 1,
	HAS_NETWORK_DEADLINE = 1 << 2,
	HAS_IFID_REQUIRED = 1 << 3,
	HAS_ECHO_OFF = 1 << 4,
	HAS_REAUTHENTICATE = 1 << 5,
	HAS_ALL = (1 << 6) - 1,
};
enum fsm_has { FSM_HAS_AWAITING = 1 << 0, FSM_HAS_TIMER = 1 << 1 };
enum auth_has {
	AUTH_HAS_OK = 1 << 0,
	AUTH_HAS_AGAIN = 1 << 1,
	AUTH_HAS_TIMER = 1 << 2,
	AUTH_HAS_RENEWING = 1 << 3,
	AUTH_HAS_ALL = (1 << 4) - 1,
};

/* What the octets say. Of the link's timers only the times, beside it. */
struct frozen {
	struct ppp_link l;
	uint64_t fsm_at[PPP_LAYERS], auth_at;
};

/* --- freeze ------------------------------------------------------------------------------------
 */

static void put_times(const struct ppp_link *l, struct wr *w)
{
	unsigned has = (l->session_deadline ? HAS_SESSION_DEADLINE : 0) |
		       (l->idle_timeout ? HAS_IDLE : 0) |
		       (l->network_deadline ? HAS_NETWORK_DEADLINE : 0) |
		       (l->ifid_required ? HAS_IFID_REQUIRED : 0) |
		       (l->lcp.echo_off ? HAS_ECHO_OFF : 0) |
		       (l->reauthenticate ? HAS_REAUTHENTICATE : 0);

	wr_u8(w, (uint8_t)has);
	if (l->session_deadline)
		wr_be64(w, l->session_deadline);
	if (l->idle_timeout) {
		wr_be64(w, l->idle_timeout);
		wr_be64(w, l->idle_since);
		wr_be64(w, l->idle_activity);
	}
	if (l->network_deadline)
		wr_be64(w, l->network_deadline);
}

static void put_network(const struct ppp_link *l, struct wr *w)
{
	wr_be32(w, l->ip4);
	wr_be32(w, l->gateway4);
	wr_be32(w, l->dns[0]);
	wr_be32(w, l->dns[1]);
	wr_bytes(w, l->ifid_local, sizeof(l->ifid_local));
	wr_bytes(w, l->ifid_suggest, sizeof(l->ifid_suggest));
	wr_bytes(w, l->ifid_peer, sizeof(l->ifid_peer));
	for (unsigned i = PPP_LAYER_IPCP; i < PPP_LAYERS; i++) {
		wr_u8(w, l->mode[i]);
		wr_u8(w, l->rejected[i]);
	}
}

static void put_fsm(const struct ppp_fsm *f, struct wr *w)
{
	uint64_t at = timer_at(&f->timer);

	wr_u8(w, f->state);
	wr_u8(w, (uint8_t)((f->awaiting ? FSM_HAS_AWAITING : 0) | (at ? FSM_HAS_TIMER : 0)));
	wr_u8(w, f->restarts);
	wr_u8(w, f->req_id);
	wr_u8(w, f->term_id);
	wr_u8(w, f->nak_tx);
	wr_u8(w, f->nak_id);
	wr_u8(w, f->nak_rx);
	if (at)
		wr_be64(w, at);
}

static void put_lcp(const struct ppp_lcp *c, struct wr *w)
{
	wr_be32(w, c->magic);
	wr_be32(w, c->peer_magic);
	wr_be32(w, c->nak_magic);
	wr_be16(w, c->mru);
	wr_be16(w, c->peer_mru);
	wr_u8(w, c->method);
	wr_u8(w, c->refused);
	wr_u8(w, c->rejected);
	wr_u8(w, c->loops);
	wr_u8(w, c->echo_id);
	wr_u8(w, c->next_id);
	wr_be32(w, c->echo_rtt);
	wr_be32(w, c->echo_lost);
}

static void put_auth(const struct ppp_auth *a, uint8_t method, struct wr *w)
{
	/* Asked: the owner's answer will not come. Its challenge is due at once; a PAP login has
	 * none, and is just not renewed yet. */
	bool asked = a->state == PPP_AUTH_ASKED;
	bool waits = a->state != PPP_AUTH_DONE && !(asked && method == PPP_AUTH_PAP);
	uint64_t at = asked ? 0 : timer_at(&a->timer);

	wr_u8(w, waits ? PPP_AUTH_WAITING : PPP_AUTH_DONE);
	wr_u8(w, (uint8_t)((a->ok ? AUTH_HAS_OK : 0) | (a->again ? AUTH_HAS_AGAIN : 0) |
			   (at ? AUTH_HAS_TIMER : 0) | (a->renewing ? AUTH_HAS_RENEWING : 0)));
	wr_u8(w, a->id);
	wr_u8(w, a->tries);
	if (at)
		wr_be64(w, at);
	if (waits)
		wr_bytes(w, a->challenge, sizeof(a->challenge));
	wr_u8(w, a->message_len);
	wr_bytes(w, a->message, a->message_len);
}

int ppp_link_freeze(const struct ppp_link *l, struct wr *w)
{
	if (l->ended || l->phase != PPP_NETWORK || l->fsm[PPP_LAYER_LCP].state != FSM_OPENED)
		return -EAGAIN;
	wr_u8(w, VERSION);
	wr_be16(w, l->mru_limit);
	wr_u8(w, l->up);
	wr_u8(w, l->heard);
	put_times(l, w);
	put_network(l, w);
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		put_fsm(&l->fsm[i], w);
	put_lcp(&l->lcp, w);
	put_auth(&l->auth, l->lcp.method, w);
	return w->bad ? -ENOSPC : 0;
}

/* --- parse -------------------------------------------------------------------------------------
 */

static void get_times(struct rd *r, struct ppp_link *l)
{
	uint8_t has = rd_u8(r);

	if (has & ~HAS_ALL)
		r->bad = true;
	l->session_deadline = has & HAS_SESSION_DEADLINE ? rd_be64(r) : 0;
	if (has & HAS_IDLE) {
		l->idle_timeout = rd_be64(r);
		l->idle_since = rd_be64(r);
		l->idle_activity = rd_be64(r);
	}
	l->network_deadline = has & HAS_NETWORK_DEADLINE ? rd_be64(r) : 0;
	l->ifid_required = has & HAS_IFID_REQUIRED;
	l->lcp.echo_off = has & HAS_ECHO_OFF;
	l->reauthenticate = has & HAS_REAUTHENTICATE;
}

static void get_network(struct rd *r, struct ppp_link *l)
{
	l->ip4 = rd_be32(r);
	l->gateway4 = rd_be32(r);
	l->dns[0] = rd_be32(r);
	l->dns[1] = rd_be32(r);
	rd_copy(r, l->ifid_local, sizeof(l->ifid_local));
	rd_copy(r, l->ifid_suggest, sizeof(l->ifid_suggest));
	rd_copy(r, l->ifid_peer, sizeof(l->ifid_peer));
	for (unsigned i = PPP_LAYER_IPCP; i < PPP_LAYERS; i++) {
		l->mode[i] = rd_u8(r);
		l->rejected[i] = rd_u8(r);
		if (l->mode[i] > PPP_REQUIRE)
			r->bad = true;
	}
}

static void get_fsm(struct rd *r, struct ppp_fsm *f, uint64_t *ret_at)
{
	uint8_t has;

	f->state = rd_u8(r);
	has = rd_u8(r);
	f->awaiting = has & FSM_HAS_AWAITING;
	f->restarts = rd_u8(r);
	f->req_id = rd_u8(r);
	f->term_id = rd_u8(r);
	f->nak_tx = rd_u8(r);
	f->nak_id = rd_u8(r);
	f->nak_rx = rd_u8(r);
	*ret_at = has & FSM_HAS_TIMER ? rd_be64(r) : 0;
	if (f->state >= FSM_STATES || has & ~(FSM_HAS_AWAITING | FSM_HAS_TIMER))
		r->bad = true;
}

static void get_lcp(struct rd *r, struct ppp_lcp *c)
{
	c->magic = rd_be32(r);
	c->peer_magic = rd_be32(r);
	c->nak_magic = rd_be32(r);
	c->mru = rd_be16(r);
	c->peer_mru = rd_be16(r);
	c->method = rd_u8(r);
	c->refused = rd_u8(r);
	c->rejected = rd_u8(r);
	c->loops = rd_u8(r);
	c->echo_id = rd_u8(r);
	c->next_id = rd_u8(r);
	c->echo_rtt = rd_be32(r);
	c->echo_lost = rd_be32(r);
	if (c->mru < PPP_MRU_MIN || c->peer_mru < PPP_MRU_MIN || c->method > PPP_AUTH_MSCHAP_V2)
		r->bad = true;
}

static void get_auth(struct rd *r, const struct ppp_lcp *c, struct ppp_auth *a, uint64_t *ret_at)
{
	uint8_t has;

	a->state = rd_u8(r);
	has = rd_u8(r);
	a->ok = has & AUTH_HAS_OK;
	a->again = has & AUTH_HAS_AGAIN;
	a->renewing = has & AUTH_HAS_RENEWING;
	a->id = rd_u8(r);
	a->tries = rd_u8(r);
	*ret_at = has & AUTH_HAS_TIMER ? rd_be64(r) : 0;
	if (a->state == PPP_AUTH_WAITING) /* a challenge repeated, with the network up: CHAP's */
		rd_copy(r, a->challenge, sizeof(a->challenge));
	if (a->state == PPP_AUTH_WAITING ? !a->again || c->method == PPP_AUTH_PAP
					 : a->state != PPP_AUTH_DONE)
		r->bad = true;
	a->message_len = rd_u8(r);
	if (a->message_len > sizeof(a->message)) {
		r->bad = true;
		a->message_len = 0;
	}
	rd_copy(r, a->message, a->message_len);
	if (has & ~AUTH_HAS_ALL)
		r->bad = true;
}

/* A layer is up just when its automaton is Opened; LCP is. */
static bool layers_agree(const struct ppp_link *l)
{
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		if ((l->fsm[i].state == FSM_OPENED) != (l->up >> i & 1))
			return false;
	return l->up & 1u << PPP_LAYER_LCP && !((l->up | l->heard) >> PPP_LAYERS);
}

static int parse(struct rd *r, struct frozen *z)
{
	struct ppp_link *l = &z->l;
	uint8_t version = rd_u8(r);

	memset(z, 0, sizeof(*z));
	if (version > VERSION)
		return -ENOTSUP;
	l->mru_limit = rd_be16(r);
	l->up = rd_u8(r);
	l->heard = rd_u8(r);
	get_times(r, l);
	get_network(r, l);
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		get_fsm(r, &l->fsm[i], &z->fsm_at[i]);
	get_lcp(r, &l->lcp);
	get_auth(r, &l->lcp, &l->auth, &z->auth_at);
	if (r->bad || rd_left(r) || !version || l->mru_limit < PPP_MRU_MIN || !layers_agree(l))
		return -EBADMSG;
	return 0;
}

int ppp_link_frozen_check(struct rd r)
{
	struct frozen z;

	return parse(&r, &z);
}

/* --- thaw --------------------------------------------------------------------------------------
 */

static void thaw_times(struct ppp_link *l, const struct ppp_link *z, uint64_t now)
{
	uint64_t timeout = l->ctx->config->network_timeout;

	l->session_deadline = z->session_deadline;
	l->reauthenticate = z->reauthenticate;
	if (z->auth.renewing && z->auth.state == PPP_AUTH_DONE)
		l->session_deadline = now; /* the question was out, and is asked again */
	l->idle_timeout = z->idle_timeout;
	l->idle_since = z->idle_since < now ? z->idle_since : now;
	l->idle_activity = z->idle_activity; /* one that moved meanwhile shows at the first look */
	/* While we were away it could not negotiate: that time is not held against it. */
	if (z->network_deadline && timeout)
		l->network_deadline =
			z->network_deadline > now ? z->network_deadline : now + timeout;
}

static void thaw_network(struct ppp_link *l, const struct ppp_link *z)
{
	l->ip4 = z->ip4;
	l->gateway4 = z->gateway4;
	memcpy(l->dns, z->dns, sizeof(l->dns));
	memcpy(l->ifid_local, z->ifid_local, sizeof(l->ifid_local));
	memcpy(l->ifid_suggest, z->ifid_suggest, sizeof(l->ifid_suggest));
	memcpy(l->ifid_peer, z->ifid_peer, sizeof(l->ifid_peer));
	l->ifid_required = z->ifid_required;
	memcpy(l->mode, z->mode, sizeof(l->mode));
	memcpy(l->rejected, z->rejected, sizeof(l->rejected));
	l->up = z->up;
	l->heard = z->heard;
}

/* All but the timers, which ppp_link_init() has made. */
static void thaw_lcp_auth(struct ppp_link *l, const struct ppp_link *z)
{
	struct timer echo = l->lcp.echo_timer, auth = l->auth.timer;

	l->lcp = z->lcp;
	l->lcp.echo_timer = echo;
	l->auth = z->auth;
	l->auth.timer = auth;
}

int ppp_link_thaw(struct ppp_link *l, const struct ppp_ctx *ctx, struct rd *r, uint64_t now)
{
	struct frozen z;
	int rc = parse(r, &z);

	if (rc)
		return rc;
	ppp_link_init(l, ctx, z.l.mru_limit);
	thaw_lcp_auth(l, &z.l);
	l->phase = PPP_NETWORK;
	l->auth_clock = true; /* as LCP's opening has left it: one that begins anew sets it back */
	thaw_network(l, &z.l);
	thaw_times(l, &z.l, now);
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		ppp_fsm_thaw(&l->fsm[i], now, &z.l.fsm[i], z.fsm_at[i]);
	ppp_auth_thaw(l, now, z.auth_at);
	ppp_lcp_echo_start(l, now);
	ppp_link_arm(l, now);
	return 0;
}
