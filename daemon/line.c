// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What PPP and IPv6 of a session ask of the daemon: who the peer is, which addresses it gets, its
 * frames sent, and the router's voice on its link (solicitations and pings of our link-local
 * address, DHCPv6; the rest of IPv6 never comes here). advert.c has the advertisements.
 */
#include "base/str.h"
#include "base/wire.h"
#include "daemon/daemon.h"
#include "daemon/hooks.h"
#include "daemon/keep.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static struct session *session_of(struct ppp_link *l)
{
	return container_of(l, struct session, link);
}

static void on_transmit(struct ppp_link *l, const uint8_t *frame, size_t len)
{
	session_transmit(session_of(l), frame, len);
}

/* A session asks four times for a few octets; one system call serves many of them. */
static void on_random(void *buf, size_t len)
{
	static uint8_t pool[256];
	static size_t left;

	if (len > sizeof(pool))
		abort(); /* nobody asks for so much */
	if (len > left) {
		/* Up to 256 octets come all at once, once the kernel's pool is initialised. */
		if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
			abort();
		left = sizeof(pool);
	}
	left -= len;
	memcpy(buf, pool + left, len);
	explicit_bzero(pool + left, len);
}

static uint64_t on_activity(struct ppp_link *l)
{
	struct session *s = session_of(l);
	struct abi_counters c;

	if (dp_counters(s->d->dp, s->slot, &c))
		return 0;
	return c.rx4_packets + c.rx6_packets;
}

static void on_auth(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req)
{
	login_ask(session_of(l), now, req);
}

static void log_up(struct session *s, const char *what, const char *address)
{
	session_log(s, LOG_LEVEL_INFO, "%s open: %s, MTU %u", what, address, session_mtu(s));
}

/* The record of a login; what its other family gets is known, too. */
static void log_login(const struct session *s)
{
	char ip[IP4_STRLEN] = "-", prefix[PREFIX_STRLEN] = "-";

	if (s->ip4)
		ip4_str(ip, s->ip4);
	if (s->has & SESSION_HAS_PREFIX6)
		prefix6_str(prefix, &s->prefix6);
	session_event(s, LOG_LEVEL_INFO, "login", "logged in: IPv4 %s, IPv6 %s, service '%s'", ip,
		      prefix, s->service ? s->service : "");
}

static void on_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct session *s = session_of(l);
	char text[PREFIX_STRLEN];

	switch (layer) {
	case PPP_LAYER_LCP:
		table_state(s, SESSION_AUTH);
		timeline_event(s, HISTORY_LCP, "MRU %u, the peer's %u, to authenticate by %s",
			       l->lcp.mru, l->lcp.peer_mru, ppp_auth_name(l->lcp.method));
		health_phase_done(s, now, HEALTH_LCP);
		return;
	case PPP_LAYER_IPCP:
		s->has |= SESSION_UP4;
		(void)path_carry(s);
		log_up(s, "IPv4", ip4_str(text, s->ip4));
		timeline_event(s, HISTORY_IPV4_UP, "%s, MTU %u", text, session_mtu(s));
		break;
	case PPP_LAYER_IPV6CP:
		s->has |= SESSION_UP6;
		memcpy(s->ifid, l->ifid_peer, sizeof(s->ifid));
		(void)path_carry(s);
		ipv6_ra_sender_start(&s->ra, now);
		log_up(s, "IPv6", prefix6_str(text, &s->prefix6));
		timeline_event(s, HISTORY_IPV6_UP, "%s, MTU %u", text, session_mtu(s));
		break;
	}
	if (!s->opened) {
		health_opened(s, now);
		s->opened = now;
		log_login(s);
	}
	if (s->state != SESSION_CLOSING)
		table_state(s, SESSION_OPEN);
	hooks_up(s, now);
	acct_family_up(s, now);
	keep_session(s);
}

/* Our Terminate-Request is yet to come, and the peer still listens: it is told that we are its
 * router no more (RFC 4861, section 6.2.5). One that closes the link itself, or is gone, is not. */
static bool we_close(const struct ppp_link *l)
{
	return l->phase == PPP_TERMINATE && l->cause != PPP_CAUSE_COUNT &&
	       l->cause != PPP_CAUSE_USER_REQUEST && l->cause != PPP_CAUSE_LOST_CARRIER;
}

static void on_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct session *s = session_of(l);

	switch (layer) {
	case PPP_LAYER_LCP:
		(void)path_halt(s);
		table_state(s, l->phase == PPP_TERMINATE || s->state == SESSION_CLOSING
				       ? SESSION_CLOSING
				       : SESSION_LCP);
		return;
	case PPP_LAYER_IPCP:
		s->has &= ~SESSION_UP4;
		path_drop4(s);
		timeline_event(s, HISTORY_IPV4_DOWN, "%s", "");
		break;
	case PPP_LAYER_IPV6CP:
		s->has &= ~SESSION_UP6;
		ipv6_ra_sender_stop(&s->ra, now, we_close(l));
		path_drop6(s);
		timeline_event(s, HISTORY_IPV6_DOWN, "%s", "");
		break;
	}
	(void)path_replan(s); /* nor may it send from there */
	if (s->state == SESSION_OPEN && !(s->has & (SESSION_UP4 | SESSION_UP6)))
		table_state(s, SESSION_NETWORK);
	keep_session(s);
}

static void on_finished(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	session_finish(session_of(l), now, cause);
}

static void on_echo(struct ppp_link *l, uint64_t now, uint32_t rtt)
{
	struct session *s = session_of(l);

	(void)now;
	if (rtt)
		ping_answered(s, rtt);
	else
		timeline_event(s, HISTORY_ECHO_LOST, "%u without an answer, %u over its life",
			       l->lcp.echo_pending, l->lcp.echo_lost);
}

const struct ppp_ops line_ppp_ops = {
	.transmit = on_transmit,
	.auth = on_auth,
	.up = on_up,
	.down = on_down,
	.finished = on_finished,
	.activity = on_activity,
	.echo = on_echo,
	.random = on_random,
};

void line_ip6_transmit(struct session *s, struct wr *w, int rc)
{
	if (rc || w->bad)
		s->d->stats.transmit_failed++;
	else
		session_transmit(s, w->buf, w->len);
}

void line_ip6_input(struct session *s, uint64_t now, const uint8_t *packet, size_t len)
{
	struct daemon *d = s->d;
	const struct ip6 *self = &d->config->ipv6_pool.gw_ip6_address;
	enum ipv6_nd_drop reason;
	uint8_t buf[PPP_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ipv6_nd nd;

	if (!(s->has & SESSION_UP6)) {
		d->stats.drop_ip6_not_open++;
		return;
	}
	if (ipv6_nd_parse(self, packet, len, &nd, &reason)) {
		d->nd_drops[reason]++;
		return;
	}
	wr_be16(&w, PPP_IPV6);
	switch (nd.kind) {
	case IPV6_ND_IGNORE:
		return;
	case IPV6_ND_DHCP:
		dhcp_input(s, now, packet, len);
		return;
	case IPV6_ND_ROUTER_SOLICIT:
		if (!ipv6_ra_sender_solicited(&s->ra, now, &nd.src))
			d->stats.drop_ra_rate++;
		return;
	case IPV6_ND_NEIGHBOR_SOLICIT:
		line_ip6_transmit(s, &w, ipv6_na_write(&w, self, &nd));
		return;
	case IPV6_ND_ECHO_REQUEST:
		line_ip6_transmit(s, &w, ipv6_echo_reply_write(&w, self, &nd));
		return;
	}
}
