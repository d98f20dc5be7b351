// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What PPP and IPv6 of a session ask of the daemon: who the peer is, which addresses it gets, its
 * frames sent, and the router's voice on its link (advertisements, neighbour solicitations and
 * pings of our link-local address; the rest of IPv6 never comes here).
 */
#include "base/str.h"
#include "base/wire.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* RFC 4862 leaves the lifetimes to us: a prefix is the session's for as long as it lives, and is
 * advertised again long before. */
#define RA_ROUTER_LIFETIME  1800
#define RA_PREFIX_VALID	    86400
#define RA_PREFIX_PREFERRED 14400
#define RA_HOP_LIMIT	    64

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

/* An address of the pool that is nobody's fixed one: those are passed over, and go to the end of
 * the pool's queue, so that each is met once. */
static int pool_ip4(struct session *s, const char *pool)
{
	struct daemon *d = s->d;
	int rc = pool_ip4_get(d->pools, pool, s->username, &s->ip4);

	for (uint32_t n = users_count(d->users); !rc && users_have_ip4(d->users, s->ip4); n--) {
		(void)pool_ip4_put(d->pools, s->ip4);
		rc = n ? pool_ip4_get(d->pools, pool, NULL, &s->ip4) : -ENOSPC;
	}
	return rc;
}

/* A fixed address may lie in a pool, and is then taken there, or outside, and is then routed. */
static int fixed_ip4(struct session *s, uint32_t addr)
{
	int rc = pool_ip4_take(s->d->pools, addr);

	if (rc && rc != -ENOENT)
		return rc;
	s->ip4 = addr;
	return rc;
}

/* An IPv4 address for the session: 0 where it gets none. */
static void give_ip4(struct session *s, uint64_t now, const struct user *user)
{
	struct daemon *d = s->d;
	char name[160];
	uint64_t suppressed;
	int rc = 0;

	switch (user->address) {
	case USER_ADDRESS_NONE:
		return;
	case USER_ADDRESS_FIXED:
		rc = fixed_ip4(s, user->ip4);
		break;
	case USER_ADDRESS_POOL:
		rc = pool_ip4(s, user->pool);
		break;
	}
	if (!rc)
		s->has |= SESSION_HAS_POOL4;
	if (!rc || (rc == -ENOENT && s->ip4))
		return;
	s->ip4 = 0;
	d->stats.pool4_empty++;
	if (log_limit_ok(&d->log_peer, now, &suppressed))
		log_warn("%s: no IPv4 address: %s", session_name(s, name, sizeof(name)),
			 rc == -EEXIST	 ? "its fixed one is in use"
			 : rc == -ENOENT ? "there is no such pool"
					 : "the pool is empty");
}

static void give_prefix6(struct session *s)
{
	if (!pool_prefix6_get(s->d->pools, NULL, s->username, &s->prefix6))
		s->has |= SESSION_HAS_PREFIX6;
	else
		s->d->stats.pool6_empty++;
}

/* Addresses and what the data plane needs for them; the peer is answered after this. */
static void provision(struct session *s, uint64_t now, const struct user *user)
{
	const struct config *c = s->d->config;
	const struct config_rate *rate = user->rate.set ? &user->rate : &c->shaper.default_;
	char name[160];
	int rc;

	s->rate_down = rate->down;
	s->rate_up = rate->up;
	if (!s->ip4 && c->ppp.ipv4 != PPP_DENY && c->ip_pool.gw_ip_address)
		give_ip4(s, now, user);
	if (!(s->has & SESSION_HAS_PREFIX6) && c->ppp.ipv6 != PPP_DENY && c->ipv6_pool.prefix_count)
		give_prefix6(s);
	rc = path_carry(s);
	if (rc)
		log_warn("%s: address in use, or data plane full: %s",
			 session_name(s, name, sizeof(name)), strerror(-rc));
}

static void result_fill(const struct session *s, struct ppp_auth_result *ret)
{
	const struct config *c = s->d->config;

	ret->ipv4 = c->ppp.ipv4;
	ret->ipv6 = s->has & SESSION_HAS_DST6 ? c->ppp.ipv6 : PPP_DENY;
	ret->ip4 = s->has & SESSION_HAS_DST4 ? s->ip4 : 0;
	ret->gateway4 = c->ip_pool.gw_ip_address;
	ret->dns[0] = c->dns.dns1;
	ret->dns[1] = c->dns.dns2;
	memcpy(ret->ifid_local, c->ipv6_pool.gw_ip6_address.b + 8, sizeof(ret->ifid_local));
	ret->session_timeout = c->ppp.session_timeout * NSEC_PER_SEC;
	ret->idle_timeout = c->ppp.idle_timeout * NSEC_PER_SEC;
}

/* Checks the peer. A name that we do not know costs the same work as a wrong secret. */
static const struct user *check(struct session *s, const struct ppp_auth_request *req,
				struct ppp_auth_result *ret)
{
	struct daemon *d = s->d;
	const struct user *user;

	(void)daemon_users_check(d);
	user = d->users ? users_find(d->users, (const char *)req->name, req->name_len,
				     d->config->pppoe.ac_name)
			: NULL;
	ppp_auth_verify(req, user ? user->secret : "", user ? user->secret_len : 0, ret);
	ret->ok = ret->ok && user;
	return ret->ok ? user : NULL;
}

static void on_auth(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req)
{
	struct session *s = session_of(l);
	struct daemon *d = s->d;
	struct ppp_auth_result res = { 0 };
	const struct user *user = check(s, req, &res);
	char name[160], peer[96];
	bool same = !s->username || (strlen(s->username) == req->name_len &&
				     !memcmp(s->username, req->name, req->name_len));
	uint64_t suppressed;

	if (user && same && !memchr(req->name, '\0', req->name_len)) {
		if (!s->username)
			s->username = strndup((const char *)req->name, req->name_len);
		d->stats.auth_ok++;
		provision(s, now, user);
		result_fill(s, &res);
	} else {
		res.ok = false;
		d->stats.auth_failed++;
		if (log_limit_ok(&d->log_peer, now, &suppressed))
			log_notice("%s: authentication failed for '%s' (%llu such lines left out)",
				   session_name(s, name, sizeof(name)),
				   str_escape(peer, sizeof(peer), req->name, req->name_len),
				   (unsigned long long)suppressed);
	}
	if (s->state == SESSION_AUTH && res.ok)
		table_state(s, SESSION_NETWORK);
	ppp_link_auth_done(l, now, &res);
}

static void log_up(struct session *s, const char *what, const char *address)
{
	char name[160];

	log_info("%s: %s open: %s, MTU %u", session_name(s, name, sizeof(name)), what, address,
		 session_mtu(s));
}

static void on_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct session *s = session_of(l);
	char text[PREFIX_STRLEN];

	switch (layer) {
	case PPP_LAYER_LCP:
		table_state(s, SESSION_AUTH);
		return;
	case PPP_LAYER_IPCP:
		s->has |= SESSION_UP4;
		(void)path_carry(s);
		log_up(s, "IPv4", ip4_str(text, s->ip4));
		break;
	case PPP_LAYER_IPV6CP:
		s->has |= SESSION_UP6;
		(void)path_carry(s);
		ipv6_ra_sender_start(&s->ra, now);
		log_up(s, "IPv6", prefix6_str(text, &s->prefix6));
		break;
	}
	if (!s->opened)
		s->opened = now;
	if (s->state != SESSION_CLOSING)
		table_state(s, SESSION_OPEN);
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
		s->has &= (uint16_t)~SESSION_UP4;
		path_drop4(s);
		break;
	case PPP_LAYER_IPV6CP:
		s->has &= (uint16_t)~SESSION_UP6;
		ipv6_ra_sender_stop(&s->ra, now, false);
		path_drop6(s);
		break;
	}
	if (s->state == SESSION_OPEN && !(s->has & (SESSION_UP4 | SESSION_UP6)))
		table_state(s, SESSION_NETWORK);
}

static void on_finished(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	session_finish(session_of(l), now, cause);
}

const struct ppp_ops line_ppp_ops = {
	.transmit = on_transmit,
	.auth = on_auth,
	.up = on_up,
	.down = on_down,
	.finished = on_finished,
	.activity = on_activity,
	.random = on_random,
};

static void ip6_transmit(struct session *s, struct wr *w, int rc)
{
	if (rc || w->bad)
		s->d->stats.transmit_failed++;
	else
		session_transmit(s, w->buf, w->len);
}

void line_ra_transmit(struct ipv6_ra_sender *sender, uint64_t now, const struct ip6 *dst,
		      bool final)
{
	struct session *s = container_of(sender, struct session, ra);
	uint8_t buf[2 + IPV6_RA_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ipv6_ra ra = {
		.hop_limit = RA_HOP_LIMIT,
		.lifetime = final ? 0 : RA_ROUTER_LIFETIME,
		.mtu = session_mtu(s),
		.prefix_count = 1,
		.prefix = { {
			.prefix = s->prefix6,
			.on_link = true,
			.autonomous = true,
			.valid = RA_PREFIX_VALID,
			.preferred = RA_PREFIX_PREFERRED,
		} },
	};

	(void)now;
	wr_be16(&w, PPP_IPV6);
	ip6_transmit(s, &w, ipv6_ra_write(&w, &s->d->config->ipv6_pool.gw_ip6_address, dst, &ra));
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
	case IPV6_ND_DHCP: /* part 5 */
		return;
	case IPV6_ND_ROUTER_SOLICIT:
		if (!ipv6_ra_sender_solicited(&s->ra, now, &nd.src))
			d->stats.drop_ra_rate++;
		return;
	case IPV6_ND_NEIGHBOR_SOLICIT:
		ip6_transmit(s, &w, ipv6_na_write(&w, self, &nd));
		return;
	case IPV6_ND_ECHO_REQUEST:
		ip6_transmit(s, &w, ipv6_echo_reply_write(&w, self, &nd));
		return;
	}
}
