// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The link as a whole: its phases (RFC 1661 section 3), which protocol is heard in which of them,
 * what the end of one layer means for the others, and the times that end a link.
 */
#include "ppp/cp.h"

#define NCP(i) ((enum ppp_layer)(i))

const char *ppp_cause_name(enum ppp_cause cause)
{
	static const char *const names[] = {
#define X(id, name) name,
		PPP_CAUSES(X)
#undef X
	};

	return (unsigned)cause < PPP_CAUSE_COUNT ? names[cause] : "unknown";
}

const char *ppp_phase_name(enum ppp_phase phase)
{
	switch (phase) {
	case PPP_DEAD:
		return "dead";
	case PPP_ESTABLISH:
		return "establish";
	case PPP_AUTHENTICATE:
		return "authenticate";
	case PPP_NETWORK:
		return "network";
	case PPP_TERMINATE:
		return "terminate";
	}
	return "?";
}

const char *ppp_auth_name(enum ppp_auth_method method)
{
	switch (method) {
	case PPP_AUTH_PAP:
		return "pap";
	case PPP_AUTH_CHAP_MD5:
		return "chap-md5";
	case PPP_AUTH_MSCHAP_V2:
		return "mschap-v2";
	}
	return "?";
}

uint16_t ppp_link_mtu(const struct ppp_link *l)
{
	uint16_t mtu = l->lcp.peer_mru, mru = l->ctx->config->mru;

	if (mru < mtu)
		mtu = mru;
	return l->mru_limit < mtu ? l->mru_limit : mtu;
}

static void set_cause(struct ppp_link *l, enum ppp_cause cause)
{
	if (l->cause == PPP_CAUSE_COUNT)
		l->cause = (uint8_t)cause;
}

/* --- times ----------------------------------------------------------------------------------- */

static void earliest(uint64_t *at, uint64_t t)
{
	if (t && t < *at)
		*at = t;
}

/* Idleness is looked at eight times in its span: it is known to an eighth of it. */
void ppp_link_arm(struct ppp_link *l, uint64_t now)
{
	uint64_t at = UINT64_MAX;

	if (l->phase != PPP_TERMINATE && l->phase != PPP_DEAD) {
		earliest(&at, l->setup_deadline);
		earliest(&at, l->session_deadline);
		earliest(&at, l->network_deadline);
		if (l->idle_timeout) {
			earliest(&at, now + l->idle_timeout / 8 + 1);
			earliest(&at, l->idle_since + l->idle_timeout);
		}
	}
	if (at == UINT64_MAX)
		timer_cancel(l->ctx->wheel, &l->limit);
	else
		timer_set(l->ctx->wheel, &l->limit, at);
}

static bool is_idle(struct ppp_link *l, uint64_t now)
{
	uint64_t activity;

	if (!l->idle_timeout)
		return false;
	activity = l->ctx->ops->activity(l);
	if (activity != l->idle_activity) {
		l->idle_activity = activity;
		l->idle_since = now;
	}
	return now - l->idle_since >= l->idle_timeout;
}

static void setup_expired(struct ppp_link *l, uint64_t now)
{
	if (l->phase == PPP_AUTHENTICATE) {
		ppp_count(l, auth_timeout);
		ppp_link_close(l, now, PPP_CAUSE_AUTH_FAILED);
	} else {
		ppp_count(l, not_converging);
		ppp_link_close(l, now, PPP_CAUSE_LCP_FAILED);
	}
}

static bool due(uint64_t deadline, uint64_t now)
{
	return deadline && now >= deadline;
}

static void session_expired(struct ppp_link *l, uint64_t now)
{
	if (ppp_auth_renew(l, now))
		ppp_link_arm(l, now);
	else
		ppp_link_close(l, now, PPP_CAUSE_SESSION_TIMEOUT);
}

static void on_limit(struct timer *t, uint64_t now)
{
	struct ppp_link *l = container_of(t, struct ppp_link, limit);

	if (due(l->session_deadline, now))
		session_expired(l, now);
	else if (due(l->setup_deadline, now))
		setup_expired(l, now);
	else if (is_idle(l, now))
		ppp_link_close(l, now, PPP_CAUSE_IDLE_TIMEOUT);
	else if (due(l->network_deadline, now))
		ppp_link_close(l, now, PPP_CAUSE_NCP_FAILED);
	else
		ppp_link_arm(l, now);
}

/* --- begin and end --------------------------------------------------------------------------- */

void ppp_link_init(struct ppp_link *l, const struct ppp_ctx *ctx, uint16_t mru_limit)
{
	memset(l, 0, sizeof(*l));
	l->ctx = ctx;
	l->cause = PPP_CAUSE_COUNT;
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		ppp_cp_init(l, NCP(i));
	ppp_lcp_init(l, mru_limit);
	ppp_auth_init(l);
	timer_init(&l->limit, on_limit);
}

static void stop_timers(struct ppp_link *l)
{
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		ppp_fsm_fini(&l->fsm[i]);
	ppp_lcp_fini(l);
	timer_cancel(l->ctx->wheel, &l->auth.timer);
	timer_cancel(l->ctx->wheel, &l->limit);
}

void ppp_link_fini(struct ppp_link *l)
{
	stop_timers(l);
	l->phase = PPP_DEAD;
	l->ended = true;
}

/* Tells the owner once, also where it ends the link from within ops->down() of another layer. */
static void layer_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	if (!(l->up & 1u << layer))
		return;
	l->up &= (uint8_t) ~(1u << layer);
	l->ctx->ops->down(l, now, layer);
}

static void finish(struct ppp_link *l, uint64_t now)
{
	if (l->ended)
		return;
	set_cause(l, PPP_CAUSE_LCP_FAILED);
	ppp_link_fini(l);
	layer_down(l, now, PPP_LAYER_IPCP);
	layer_down(l, now, PPP_LAYER_IPV6CP);
	layer_down(l, now, PPP_LAYER_LCP);
	l->ctx->ops->finished(l, now, (enum ppp_cause)l->cause);
}

/* The time for one setup, however often the peer begins it again. */
static void begin_setup(struct ppp_link *l, uint64_t now)
{
	const struct ppp_config *c = l->ctx->config;

	l->auth_clock = false;
	l->setup_deadline = now + 2 * c->restart_timer * (c->max_configure + 1u);
}

void ppp_link_start(struct ppp_link *l, uint64_t now)
{
	if (l->ended || l->phase != PPP_DEAD)
		return;
	l->phase = PPP_ESTABLISH;
	begin_setup(l, now);
	ppp_link_arm(l, now);
	ppp_cp_run(l, now, PPP_LAYER_LCP, FSM_OPEN);
	ppp_cp_run(l, now, PPP_LAYER_LCP, FSM_UP);
}

void ppp_link_close(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	if (l->ended)
		return;
	set_cause(l, cause);
	if (l->phase == PPP_DEAD) { /* it was never started */
		finish(l, now);
		return;
	}
	l->phase = PPP_TERMINATE;
	ppp_auth_reset(l);
	ppp_link_arm(l, now);
	ppp_cp_run(l, now, PPP_LAYER_LCP, FSM_CLOSE);
}

void ppp_link_lost(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	if (l->ended)
		return;
	set_cause(l, cause);
	l->phase = PPP_DEAD; /* nothing is sent from here on */
	if (l->fsm[PPP_LAYER_LCP].state >= FSM_CLOSED)
		ppp_cp_run(l, now, PPP_LAYER_LCP, FSM_DOWN);
	finish(l, now);
}

void ppp_link_session_timeout(struct ppp_link *l, uint64_t now, uint64_t timeout)
{
	l->session_deadline = timeout ? now + timeout : 0;
	if (!l->ended)
		ppp_link_arm(l, now);
}

void ppp_link_idle_timeout(struct ppp_link *l, uint64_t now, uint64_t timeout)
{
	l->idle_timeout = timeout;
	l->idle_since = now;
	if (!l->ended)
		ppp_link_arm(l, now);
}

/* --- LCP ------------------------------------------------------------------------------------- */

void ppp_link_lcp_up(struct ppp_link *l, uint64_t now)
{
	const struct ppp_config *c = l->ctx->config;

	l->phase = PPP_AUTHENTICATE;
	if (!l->auth_clock) {
		l->auth_clock = true;
		l->setup_deadline = c->auth_timeout ? now + c->auth_timeout : 0;
	}
	ppp_link_arm(l, now);
	l->up |= 1u << PPP_LAYER_LCP;
	l->ctx->ops->up(l, now, PPP_LAYER_LCP);
}

void ppp_link_lcp_down(struct ppp_link *l, uint64_t now)
{
	uint8_t state = l->fsm[PPP_LAYER_LCP].state;
	bool again = state == FSM_REQ_SENT || state == FSM_ACK_SENT;

	if (again && l->phase == PPP_NETWORK)
		begin_setup(l, now);
	if (l->phase != PPP_DEAD)
		l->phase = again ? PPP_ESTABLISH : PPP_TERMINATE;
	ppp_auth_reset(l);
	for (unsigned i = PPP_LAYER_IPCP; i < PPP_LAYERS; i++)
		if (l->fsm[i].state >= FSM_CLOSED)
			ppp_cp_run(l, now, NCP(i), FSM_DOWN);
	l->network_deadline = 0;
	ppp_link_arm(l, now);
	layer_down(l, now, PPP_LAYER_LCP);
}

void ppp_link_lcp_finished(struct ppp_link *l, uint64_t now)
{
	finish(l, now);
}

/* Authentication begins after the Configure-Ack that opened LCP has gone out: the peer discards
 * what comes before (3.4). */
static void settle(struct ppp_link *l, uint64_t now)
{
	if (l->phase == PPP_AUTHENTICATE && l->auth.state == PPP_AUTH_IDLE)
		ppp_auth_begin(l, now);
}

/* --- network protocols ----------------------------------------------------------------------- */

static enum ppp_mode narrow(enum ppp_mode config, enum ppp_mode result)
{
	return config == PPP_DENY ? PPP_DENY : result;
}

static void take_result(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res)
{
	const struct ppp_config *c = l->ctx->config;

	l->ip4 = res->ip4;
	l->gateway4 = res->gateway4;
	memcpy(l->dns, res->dns, sizeof(l->dns));
	memcpy(l->ifid_local, res->ifid_local, sizeof(l->ifid_local));
	memcpy(l->ifid_suggest, res->ifid_peer, sizeof(l->ifid_suggest));
	l->ifid_required = res->ifid_required;
	l->mode[PPP_LAYER_IPCP] = (uint8_t)narrow(c->ipv4, res->ipv4);
	l->mode[PPP_LAYER_IPV6CP] = (uint8_t)narrow(c->ipv6, res->ipv6);
	if (res->session_timeout && !l->session_deadline)
		l->session_deadline = now + res->session_timeout;
	l->reauthenticate = res->reauthenticate;
	l->idle_timeout = res->idle_timeout;
	l->idle_since = now;
	l->idle_activity = l->ctx->ops->activity(l);
	l->setup_deadline = 0;
	l->network_deadline = c->network_timeout ? now + c->network_timeout : 0;
}

static void start_ncp(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	l->rejected[layer] = 0;
	if (l->phase != PPP_NETWORK || l->mode[layer] == PPP_DENY)
		return;
	ppp_cp_run(l, now, layer, FSM_UP);
	if (l->mode[layer] >= PPP_PREFER && l->fsm[layer].state == FSM_CLOSED)
		ppp_cp_run(l, now, layer, FSM_OPEN);
}

void ppp_link_network(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res)
{
	take_result(l, now, res);
	/* Of an earlier network phase: whether it opens now is for the new modes to say. */
	for (unsigned i = PPP_LAYER_IPCP; i < PPP_LAYERS; i++)
		if (l->fsm[i].state == FSM_STARTING)
			ppp_cp_run(l, now, NCP(i), FSM_CLOSE);
	l->phase = PPP_NETWORK;
	ppp_link_arm(l, now);
	/* A family that every line must have, and this one cannot. */
	if ((!l->ip4 && l->mode[PPP_LAYER_IPCP] == PPP_REQUIRE) ||
	    (l->mode[PPP_LAYER_IPV6CP] == PPP_DENY && l->ctx->config->ipv6 == PPP_REQUIRE)) {
		ppp_link_close(l, now, PPP_CAUSE_NCP_FAILED);
		return;
	}
	if (!l->ip4)
		l->mode[PPP_LAYER_IPCP] = PPP_DENY;
	start_ncp(l, now, PPP_LAYER_IPCP);
	start_ncp(l, now, PPP_LAYER_IPV6CP);
}

void ppp_link_renewed(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res)
{
	l->session_deadline = res->session_timeout ? now + res->session_timeout : 0;
	l->reauthenticate = res->reauthenticate;
	if (!l->idle_timeout) /* else it goes on: who was idle before is idle still */
		l->idle_since = now;
	l->idle_timeout = res->idle_timeout;
	ppp_link_arm(l, now);
}

void ppp_link_ncp_wake(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct ppp_fsm *f = &l->fsm[layer];

	l->heard |= (uint8_t)(1u << layer);
	if (f->state == FSM_INITIAL)
		ppp_cp_run(l, now, layer, FSM_UP);
	if (f->state == FSM_CLOSED)
		ppp_cp_run(l, now, layer, FSM_OPEN);
}

void ppp_link_ncp_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	l->up |= (uint8_t)(1u << layer);
	l->network_deadline = 0;
	ppp_link_arm(l, now);
	l->ctx->ops->up(l, now, layer);
}

void ppp_link_ncp_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	uint64_t timeout = l->ctx->config->network_timeout;
	uint8_t others = l->up & (uint8_t) ~(1u << layer);

	if (l->fsm[layer].state == FSM_STOPPING) /* ended by the peer, who may ask again */
		l->heard &= (uint8_t) ~(1u << layer);
	if (layer == PPP_LAYER_IPV6CP && l->fsm[layer].state != FSM_ACK_SENT)
		memset(l->ifid_peer, 0, sizeof(l->ifid_peer));
	if (timeout && l->phase == PPP_NETWORK && others == 1u << PPP_LAYER_LCP)
		l->network_deadline = now + timeout;
	ppp_link_arm(l, now);
	layer_down(l, now, layer);
}

/* An NCP stops after Max-Configure requests without a word to the peer, which may be Opened by
 * then: its last Acks were lost. It would wait for ever, with a family that does not carry. So one
 * that the peer has asked for begins again, once for each time that it was heard. */
static bool try_again(struct ppp_link *l, enum ppp_layer layer)
{
	const struct ppp_fsm *f = &l->fsm[layer];
	bool again = f->state == FSM_STOPPED && !f->restarts && l->heard & 1u << layer;

	l->heard &= (uint8_t) ~(1u << layer);
	return again;
}

void ppp_link_ncp_finished(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	if (l->phase != PPP_NETWORK)
		return;
	if (l->mode[layer] == PPP_REQUIRE) {
		ppp_link_close(l, now, PPP_CAUSE_NCP_FAILED);
	} else if (try_again(l, layer)) {
		ppp_cp_run(l, now, layer, FSM_CLOSE);
		ppp_cp_run(l, now, layer, FSM_OPEN);
	}
}

static void reject_ncp(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	/* As if its lower layer were gone: nothing more of it is sent (5.7), not even a
	 * Terminate-Request. It begins anew when the peer asks for it after all. */
	if (l->fsm[layer].state >= FSM_CLOSED)
		ppp_cp_run(l, now, layer, FSM_DOWN);
	ppp_cp_run(l, now, layer, FSM_CLOSE);
	l->rejected[layer] = 0;
}

void ppp_link_protocol_rejected(struct ppp_link *l, uint64_t now, uint16_t protocol)
{
	switch (protocol) {
	case PPP_IPCP:
	case PPP_IP:
		reject_ncp(l, now, PPP_LAYER_IPCP);
		break;
	case PPP_IPV6CP:
	case PPP_IPV6:
		reject_ncp(l, now, PPP_LAYER_IPV6CP);
		break;
	case PPP_PAP:
	case PPP_CHAP:
		if (l->auth.state == PPP_AUTH_WAITING)
			ppp_link_close(l, now, PPP_CAUSE_AUTH_FAILED);
		break;
	}
}

/* --- input ----------------------------------------------------------------------------------- */

static void input_ncp(struct ppp_link *l, uint64_t now, enum ppp_layer layer, uint16_t protocol,
		      const uint8_t *p, size_t len)
{
	if (l->phase != PPP_NETWORK)
		ppp_count(l, drop_phase);
	else if (l->mode[layer] == PPP_DENY)
		ppp_lcp_protocol_reject(l, now, protocol, p, len);
	else
		ppp_cp_input(l, now, layer, p, len);
}

static void dispatch(struct ppp_link *l, uint64_t now, uint16_t protocol, const uint8_t *p,
		     size_t len)
{
	switch (protocol) {
	case PPP_LCP:
		ppp_cp_input(l, now, PPP_LAYER_LCP, p, len);
		break;
	case PPP_PAP:
	case PPP_CHAP:
		ppp_auth_input(l, now, protocol, p, len);
		break;
	case PPP_IPCP:
		input_ncp(l, now, PPP_LAYER_IPCP, protocol, p, len);
		break;
	case PPP_IPV6CP:
		input_ncp(l, now, PPP_LAYER_IPV6CP, protocol, p, len);
		break;
	case PPP_IP:
	case PPP_IPV6:
		ppp_count(l, drop_data);
		break;
	default: /* CCP, ECP, multilink, ...: 3.4 wants silence before the network phase */
		if (l->phase == PPP_NETWORK)
			ppp_lcp_protocol_reject(l, now, protocol, p, len);
		else
			ppp_count(l, drop_phase);
	}
}

void ppp_link_input(struct ppp_link *l, uint64_t now, const uint8_t *frame, size_t len)
{
	struct rd r = rd_init(frame, len);
	uint16_t protocol = rd_be16(&r);

	ppp_count(l, frames_rx);
	if (l->phase == PPP_DEAD)
		ppp_count(l, drop_phase);
	else if (r.bad)
		ppp_count(l, drop_short);
	else if (len > PPP_FRAME_MAX)
		ppp_count(l, drop_oversized);
	else {
		dispatch(l, now, protocol, r.p, rd_left(&r));
		settle(l, now);
	}
}
