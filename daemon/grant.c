// SPDX-License-Identifier: GPL-2.0-or-later
/* What a login is given becomes addresses of the pools, routes, and options of the peer. */
#include "daemon/grant.h"

#include "daemon/daemon.h"
#include "daemon/nat44.h"
#include "radius/radius.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IP6_MTU_MIN 1280 /* RFC 8200, section 5: a link that carries less has no IPv6 */

static void grant_defaults(const struct session *s, struct grant *g)
{
	const struct config *c = s->d->config;

	*g = (struct grant){
		.address = USER_ADDRESS_POOL,
		.speed = plan_default(s->d),
		.session_timeout = c->ppp.session_timeout * NSEC_PER_SEC,
		.idle_timeout = c->ppp.idle_timeout * NSEC_PER_SEC,
		.source = { [SOURCE_OF_IP] = SOURCE_POOL,
			    [SOURCE_OF_IP6] = SOURCE_POOL,
			    [SOURCE_OF_DNS1] = SOURCE_CONFIG,
			    [SOURCE_OF_DNS2] = SOURCE_CONFIG,
			    [SOURCE_OF_SESSION_TIMEOUT] = SOURCE_CONFIG,
			    [SOURCE_OF_IDLE_TIMEOUT] = SOURCE_CONFIG,
			    [SOURCE_OF_INTERIM] = s->d->radius ? SOURCE_CONFIG : SOURCE_NONE,
			    [SOURCE_OF_IP6_DP] =
				    c->ipv6_pool.delegate_count ? SOURCE_POOL : SOURCE_NONE,
			    [SOURCE_OF_IP6_NA] =
				    c->ipv6_pool.address_count ? SOURCE_POOL : SOURCE_NONE,
			    [SOURCE_OF_DNS6] =
				    c->ipv6_dns.dns_count ? SOURCE_CONFIG : SOURCE_NONE },
	};
}

void grant_of_user(const struct session *s, const struct user *user, struct grant *ret)
{
	grant_defaults(s, ret);
	ret->address = user->address;
	ret->ip4 = user->ip4;
	ret->pool = user->pool;
	if (user->address != USER_ADDRESS_POOL || user->pool)
		ret->source[SOURCE_OF_IP] = SOURCE_USERS;
	if (user->rate.set) {
		struct shaper_plan plan = { .down.pir = user->rate.down * 1000ull,
					    .up.pir = user->rate.up * 1000ull };

		ret->speed = plan_of_rates(PLAN_USERS_FILE, &plan);
	}
}

void grant_fini(struct grant *g)
{
	plan_speed_fini(&g->speed);
}

/* What is malformed is told whether it ends the login or not. Without memory it always does: the
 * next one may have the speed that it should. */
static int speed_of_reply(const struct session *s, const struct radius_reply *r, struct grant *g,
			  char *why, size_t why_len)
{
	int rc = plan_of_attrs(s->d, PLAN_RADIUS, r->speed, r->speed_len, NULL, &g->speed, why,
			       why_len);

	if (!rc || rc == -ENOMEM || s->d->config->shaper.bad_rate == CONFIG_BAD_RATE_REFUSE)
		return rc;
	session_provoked(s, &s->d->log_peer, LOG_LEVEL_WARN, NULL, "%s: it gets the default speed",
			 why);
	return 0;
}

static void sources_of_reply(const struct radius_reply *r, uint8_t source[SOURCE_OF_COUNT])
{
	const struct {
		bool given, other;
	} from[] = {
		[SOURCE_OF_IP] = { r->has & RADIUS_HAS_IP4, *r->pool },
		[SOURCE_OF_IP6] = { r->has & RADIUS_HAS_PREFIX6, *r->pool6 },
		[SOURCE_OF_DNS1] = { r->dns4[0], false },
		[SOURCE_OF_DNS2] = { r->dns4[1], false },
		[SOURCE_OF_SESSION_TIMEOUT] = { r->has & RADIUS_HAS_SESSION_TIMEOUT, false },
		[SOURCE_OF_IDLE_TIMEOUT] = { r->has & RADIUS_HAS_IDLE_TIMEOUT, false },
		[SOURCE_OF_INTERIM] = { r->has & RADIUS_HAS_INTERIM, false },
		[SOURCE_OF_FILTER_ID] = { *r->filter_id, false },
		[SOURCE_OF_CLASS] = { r->class_count, false },
		[SOURCE_OF_QUOTA] = { r->quota && !r->quota_mikrotik, r->quota },
		[SOURCE_OF_PORT_LIMIT] = { r->has & RADIUS_HAS_PORT_LIMIT && !r->port_limit_rp,
					   r->has & RADIUS_HAS_PORT_LIMIT },
		[SOURCE_OF_IP6_DP] = { r->has & RADIUS_HAS_DELEGATED6, *r->delegated_pool },
		[SOURCE_OF_IP6_NA] = { r->has & RADIUS_HAS_ADDRESS6, *r->address_pool },
		[SOURCE_OF_DNS6] = { r->dns6_count, false },
	};

	for (unsigned i = 0; i < SOURCE_OF_COUNT; i++)
		if (from[i].given)
			source[i] = SOURCE_RADIUS;
		else if (from[i].other)
			source[i] = SOURCE_RADIUS_ELSE;
}

static void ip6_of_reply(const struct session *s, const struct radius_reply *r, struct grant *g)
{
	char why[160];

	g->has_given6 = given6_of_reply(r, &g->given6, why, sizeof(why));
	if (*why)
		session_provoked(s, &s->d->log_peer, LOG_LEVEL_WARN, NULL, "%s: it is not used",
				 why);
}

int grant_of_reply(const struct session *s, const struct radius_reply *r, struct grant *ret,
		   char *why, size_t why_len)
{
	grant_defaults(s, ret);
	if (r->has & RADIUS_HAS_SPEED && speed_of_reply(s, r, ret, why, why_len))
		return -EINVAL;
	if (r->has & RADIUS_HAS_IP4) {
		ret->address = USER_ADDRESS_FIXED;
		ret->ip4 = r->ip4;
	}
	ret->pool = *r->pool ? r->pool : NULL;
	ret->pool6 = *r->pool6 ? r->pool6 : NULL;
	ret->has_prefix6 = r->has & RADIUS_HAS_PREFIX6;
	ret->prefix6 = r->prefix6;
	ip6_of_reply(s, r, ret);
	if (r->has & RADIUS_HAS_MTU)
		ret->mtu = r->mtu;
	memcpy(ret->dns, r->dns4, sizeof(ret->dns));
	ret->has_ifid = r->has & RADIUS_HAS_IFID;
	memcpy(ret->ifid, r->ifid, sizeof(ret->ifid));
	if (r->has & RADIUS_HAS_SESSION_TIMEOUT)
		ret->session_timeout = r->session_timeout * NSEC_PER_SEC;
	if (r->has & RADIUS_HAS_IDLE_TIMEOUT)
		ret->idle_timeout = r->idle_timeout * NSEC_PER_SEC;
	ret->reauthenticate = r->termination_action == RADIUS_TERMINATION_REQUEST;
	sources_of_reply(r, ret->source);
	return 0;
}

/* An address of the pool that is nobody's fixed one: those are passed over, and go to the end of
 * the pool's queue, so that each is met once. */
static int pool_ip4(struct session *s, const char *pool)
{
	struct daemon *d = s->d;
	int rc = pool_ip4_get(d->pools, pool, s->username, &s->ip4);

	if (!d->users)
		return rc;
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

static const char *why_not(int rc)
{
	return rc == -EEXIST   ? "it is in use"
	       : rc == -ENOENT ? "there is no such pool"
	       : rc == -EDQUOT ? "NAT44 has no block of ports left"
			       : "the pool is empty";
}

/* An IPv4 address for the session: 0 where it gets none. */
static void give_ip4(struct session *s, uint64_t now, const struct grant *g)
{
	struct daemon *d = s->d;
	int rc = 0;

	switch (g->address) {
	case USER_ADDRESS_NONE:
		return;
	case USER_ADDRESS_FIXED:
		rc = fixed_ip4(s, g->ip4);
		break;
	case USER_ADDRESS_POOL:
		rc = pool_ip4(s, g->pool);
		break;
	}
	if (!rc)
		s->has |= SESSION_HAS_POOL4;
	if (!rc || (rc == -ENOENT && s->ip4)) {
		rc = nat44_open(s, now) ? -EDQUOT : 0;
		if (!rc)
			return;
		if (s->has & SESSION_HAS_POOL4)
			(void)pool_ip4_put(d->pools, s->ip4);
		s->has &= ~(uint32_t)SESSION_HAS_POOL4;
	}
	s->ip4 = 0;
	d->stats.pool4_empty++;
	session_provoked(s, &d->log_peer, LOG_LEVEL_WARN, NULL, "no IPv4 address: %s", why_not(rc));
}

static void give_prefix6(struct session *s, const struct grant *g)
{
	struct daemon *d = s->d;
	int rc;

	if (g->has_prefix6) {
		rc = g->prefix6.len == 64 ? pool6_take(d->pools, POOL_PREFIX6, &g->prefix6)
					  : -EINVAL;
		if (!rc || rc == -ENOENT) {
			s->prefix6 = g->prefix6;
			s->has |= SESSION_HAS_PREFIX6 | (rc ? 0 : SESSION_HAS_POOL6);
			return;
		}
	} else {
		rc = pool6_get(d->pools, POOL_PREFIX6, g->pool6, s->username, &s->prefix6);
		if (!rc) {
			s->has |= SESSION_HAS_PREFIX6 | SESSION_HAS_POOL6;
			return;
		}
	}
	d->stats.pool6_empty++;
	session_provoked(s, &d->log_peer, LOG_LEVEL_WARN, NULL, "no IPv6 prefix: %s%s",
			 g->has_prefix6 ? "Framed-IPv6-Prefix: "
			 : g->pool6	? "Framed-IPv6-Pool: "
					: "",
			 rc == -EINVAL ? "a session's prefix is a /64" : why_not(rc));
}

/* Each login says it anew; what DHCPv6 has given stays. */
static void take_given6(struct session *s, const struct grant *g)
{
	if (!g->has_given6) {
		free(s->given6);
		s->given6 = NULL;
		return;
	}
	if (!s->given6)
		s->given6 = malloc(sizeof(*s->given6));
	if (s->given6)
		*s->given6 = g->given6;
	leases_given(s);
}

/* IPv6 without a /64 of the line's own: all that it has comes by DHCPv6, or is routed to it. */
static bool can_ip6(const struct session *s)
{
	bool routed = s->login && s->login->route6_count;

	return s->has & SESSION_HAS_DST6 ||
	       (session_mtu(s) >= IP6_MTU_MIN &&
		(advert_delegation6(s) || advert_address6(s) || routed));
}

/* The name server of [dns64], for lines with IPv4. */
static uint32_t own_dns4(const struct config *c)
{
	return c->dns64.enable ? c->dns64.listen4 : 0;
}

static void result_fill(const struct session *s, const struct grant *g, struct ppp_auth_result *ret)
{
	const struct config *c = s->d->config;

	ret->ipv4 = c->ppp.ipv4;
	ret->ipv6 = can_ip6(s) ? c->ppp.ipv6 : PPP_DENY;
	ret->ip4 = s->has & SESSION_HAS_DST4 ? s->ip4 : 0;
	ret->gateway4 = c->ip_pool.gw_ip_address;
	ret->dns[0] = g->dns[0] ? g->dns[0] : own_dns4(c) ? own_dns4(c) : c->dns.dns1;
	ret->dns[1] = g->dns[1] ? g->dns[1] : c->dns.dns2;
	memcpy(ret->ifid_local, c->ipv6_pool.gw_ip6_address.b + 8, sizeof(ret->ifid_local));
	ret->ifid_required = g->has_ifid;
	if (g->has_ifid)
		memcpy(ret->ifid_peer, g->ifid, sizeof(ret->ifid_peer));
	ret->session_timeout = g->session_timeout;
	ret->idle_timeout = g->idle_timeout;
	ret->reauthenticate = g->reauthenticate;
}

/* What this login changes: an address, once there, stays; so do the timeouts of a session whose
 * peer is only challenged again. */
static void sources_take(struct session *s, const struct grant *g)
{
	bool timeouts = !s->link.auth.again || s->link.auth.renewing;

	for (unsigned i = 0; i < SOURCE_OF_COUNT; i++) {
		bool had = i == SOURCE_OF_IP	? s->ip4
			   : i == SOURCE_OF_IP6 ? s->has & SESSION_HAS_PREFIX6
			   : i == SOURCE_OF_SESSION_TIMEOUT
				   ? !timeouts || s->link.session_deadline
				   : i == SOURCE_OF_IDLE_TIMEOUT && !timeouts;

		if (!had)
			s->source[i] = g->source[i];
		if (!had && i == SOURCE_OF_SESSION_TIMEOUT)
			s->session_timeout = (uint32_t)(g->session_timeout / NSEC_PER_SEC);
	}
}

void grant_apply(struct session *s, uint64_t now, struct grant *g, struct ppp_auth_result *ret)
{
	const struct config *c = s->d->config;
	int rc;

	s->mtu_limit = g->mtu;
	plan_login(s, now, &g->speed);
	sources_take(s, g);
	take_given6(s, g);
	if (!s->ip4 && c->ppp.ipv4 != PPP_DENY && c->ip_pool.gw_ip_address)
		give_ip4(s, now, g);
	if (!(s->has & SESSION_HAS_PREFIX6) && c->ppp.ipv6 != PPP_DENY &&
	    session_mtu(s) >= IP6_MTU_MIN &&
	    (c->ipv6_pool.prefix_count || g->has_prefix6 || g->pool6))
		give_prefix6(s, g);
	rc = path_carry(s);
	if (rc)
		session_log(s, LOG_LEVEL_WARN, "address in use, or data plane full: %s",
			    strerror(-rc));
	result_fill(s, g, ret);
}
