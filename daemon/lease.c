// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/lease.h"

#include "daemon/daemon.h"
#include "daemon/keep.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pool_kind pool_of(enum dhcp6_kind kind)
{
	return kind == DHCP6_NA ? POOL_ADDRESS6 : POOL_DELEGATE6;
}

/* Who says what it has. */
static const char *origin(const struct session *s, enum dhcp6_kind kind)
{
	const struct given6 *g = s->given6;

	if (kind == DHCP6_NA)
		return g && g->has_address     ? "Framed-IPv6-Address"
		       : g && *g->address_pool ? "Stateful-IPv6-Address-Pool"
					       : "[ipv6-pool] address";
	return g && g->has_delegated	 ? "Delegated-IPv6-Prefix"
	       : g && *g->delegated_pool ? "Delegated-IPv6-Prefix-Pool"
					 : "[ipv6-pool] delegate";
}

static const char *why_not(int rc)
{
	switch (rc) {
	case -EEXIST:
		return "it is in use";
	case -ENOENT:
		return "there is no such pool";
	case -EINVAL:
		return "it lies across a pool whose prefixes have another length";
	case -ENOSPC:
		return "the pool is empty";
	}
	return strerror(-rc);
}

static void tell(struct session *s, enum dhcp6_kind kind, int rc)
{
	s->d->stats.lease_refused++;
	session_provoked(s, &s->d->log_peer, LOG_LEVEL_WARN, NULL, "no lease: %s: %s",
			 origin(s, kind), why_not(rc));
}

/* --- choosing ------------------------------------------------------------------------------- */

struct leases *leases_get(struct session *s)
{
	struct leases *all = s->leases;

	if (all)
		return all;
	all = calloc(1, sizeof(*all));
	if (!all)
		return NULL;
	all->s = s;
	dhcp6_line_init(&all->line, &s->d->dhcp6);
	s->leases = all;
	return all;
}

/* Fixed by RADIUS: in a pool, or outside all of them. */
static int choose_fixed(struct session *s, const struct prefix6 *p, struct lease *l)
{
	int rc = pool6_take(s->d->pools, pool_of(l->kind), p);

	if (rc == -ENOENT && pools_overlap(s->d->pools, p))
		rc = -EINVAL;
	if (rc && rc != -ENOENT)
		return rc;
	l->prefix = *p;
	l->flags = rc ? 0 : LEASE_OF_POOL;
	return 0;
}

/* Who the pool keeps it for: a second one of a line is kept apart from its first. */
static const char *keep_for(const struct session *s, unsigned index, char *buf, size_t len)
{
	if (!index || !s->username)
		return s->username;
	snprintf(buf, len, "%s\n%u", s->username, index);
	return buf;
}

/* A declined one is at the end of the pool's queue, and kept for nobody: another comes. */
static int choose_pool(struct leases *all, const struct prefix6 *wish, struct lease *l)
{
	struct session *s = all->s;
	const struct given6 *g = s->given6;
	struct pools *p = s->d->pools;
	enum pool_kind kind = pool_of(l->kind);
	const char *pool = !g ? NULL : l->kind == DHCP6_NA ? g->address_pool : g->delegated_pool;
	char buf[PPP_NAME_MAX + 16];
	const char *user = keep_for(s, l->index, buf, sizeof(buf));

	l->flags = LEASE_OF_POOL;
	if (all->declined & 1u << l->kind) {
		all->declined &= (uint8_t) ~(1u << l->kind);
		return pool6_get(p, kind, pool, NULL, &l->prefix);
	}
	if (wish && !pool6_wish(p, kind, pool, user, wish)) {
		l->prefix = *wish;
		return 0;
	}
	return pool6_get(p, kind, pool, user, &l->prefix);
}

static int choose(struct leases *all, const struct prefix6 *wish, struct lease *l)
{
	const struct given6 *g = all->s->given6;
	struct prefix6 address = { .len = 128 };

	if (g && l->kind == DHCP6_NA && g->has_address) {
		address.addr = g->address;
		return l->index ? -ENOSPC : choose_fixed(all->s, &address, l);
	}
	if (g && l->kind == DHCP6_PD && g->has_delegated)
		return l->index ? -ENOSPC : choose_fixed(all->s, &g->delegated, l);
	return choose_pool(all, wish, l);
}

struct lease *lease_find(struct leases *all, enum dhcp6_kind kind, unsigned index)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->lease[i].kind == kind && all->lease[i].index == index)
			return &all->lease[i];
	return NULL;
}

int lease_choose(struct leases *all, enum dhcp6_kind kind, unsigned index,
		 const struct prefix6 *wish, struct prefix6 *ret)
{
	struct lease new = { .kind = (uint8_t)kind, .index = (uint8_t)index };
	const struct lease *l = lease_find(all, kind, index);
	int rc;

	if (l) {
		*ret = l->prefix;
		return 0;
	}
	rc = all->count < LEASES_MAX ? choose(all, wish, &new) : -ENOSPC;
	if (rc) {
		tell(all->s, kind, rc);
		return rc;
	}
	all->lease[all->count++] = new;
	*ret = new.prefix;
	return 0;
}

/* --- data plane and routes ------------------------------------------------------------------ */

static struct net_route route_of(const struct session *s, const struct lease *l)
{
	return (struct net_route){
		.is6 = true,
		.p6 = l->prefix,
		.ifindex = s->d->device.ifindex,
		.mtu = session_mtu(s) < s->d->device.mtu ? session_mtu(s) : 0,
	};
}

static int entry_add(const struct session *s, const struct lease *l)
{
	if (l->prefix.len == 64)
		return dp_prefix6_add(s->d->dp, l->prefix.addr.b, s->slot);
	return dp_route6_add(s->d->dp, l->prefix.addr.b, l->prefix.len, s->slot);
}

static void uncarry(struct session *s, struct lease *l)
{
	struct net_route r;

	if (!(l->flags & (LEASE_ROUTED | LEASE_CARRIED)))
		return;
	r = route_of(s, l);
	r.mtu = 0; /* any */
	if (l->flags & LEASE_ROUTED)
		(void)net_route_del(s->d->net, &r);
	if (l->flags & LEASE_CARRIED && l->prefix.len == 64)
		(void)dp_prefix6_del(s->d->dp, l->prefix.addr.b);
	else if (l->flags & LEASE_CARRIED)
		(void)dp_route6_del(s->d->dp, l->prefix.addr.b, l->prefix.len);
	l->flags &= (uint8_t) ~(LEASE_ROUTED | LEASE_CARRIED);
}

/* The pool's route covers what is of a pool, but for a line whose MTU is its own. */
static uint8_t needed(const struct session *s, const struct lease *l)
{
	bool covered = l->flags & LEASE_OF_POOL && !route_of(s, l).mtu;

	return LEASE_CARRIED | (covered ? 0 : LEASE_ROUTED);
}

static int carry(struct session *s, struct lease *l)
{
	struct net_route r = route_of(s, l);
	int rc;

	if (l->flags & LEASE_CARRIED)
		return 0;
	rc = entry_add(s, l);
	if (rc)
		return rc;
	l->flags |= LEASE_CARRIED;
	if (!(needed(s, l) & LEASE_ROUTED))
		return 0;
	rc = net_route_add(s->d->net, &r);
	if (rc)
		uncarry(s, l);
	else
		l->flags |= LEASE_ROUTED;
	return rc;
}

int leases_carry(struct session *s)
{
	int first = 0, rc;

	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		rc = s->leases->lease[i].flags & LEASE_BOUND ? carry(s, &s->leases->lease[i]) : 0;
		first = first ? first : rc;
	}
	return first;
}

void leases_drop(struct session *s)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++)
		uncarry(s, &s->leases->lease[i]);
}

int leases_adopt(struct session *s)
{
	int rc = 0;

	for (unsigned i = 0; s->leases && i < s->leases->count && !rc; i++) {
		struct lease *l = &s->leases->lease[i];
		struct net_route r = route_of(s, l);

		if (l->flags & LEASE_CARRIED)
			rc = entry_add(s, l);
		/* What is of no pool any more is in no pool's route any more. */
		if (l->flags & LEASE_CARRIED && !(l->flags & LEASE_OF_POOL))
			l->flags |= LEASE_ROUTED;
		if (rc || !(l->flags & LEASE_ROUTED))
			continue;
		rc = net_route_add(s->d->net, &r);
		rc = rc == -EEXIST ? 0 : rc;
	}
	return rc;
}

void leases_routes(const struct session *s, void (*fn)(void *arg, const struct net_route *r),
		   void *arg)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		struct net_route r = route_of(s, &s->leases->lease[i]);

		if (s->leases->lease[i].flags & LEASE_ROUTED)
			fn(arg, &r);
	}
}

bool lease_is_entry(const struct session *s, const struct prefix6 *prefix)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (l->flags & LEASE_CARRIED && l->prefix.len == prefix->len &&
		    ip6_equal(&l->prefix.addr, &prefix->addr))
			return true;
	}
	return false;
}

bool leases_have_entries(const struct session *s)
{
	bool all = true;

	for (unsigned i = 0; s->leases && all && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];
		struct abi_route6 r = { .prefixlen = l->prefix.len };

		memcpy(r.addr, l->prefix.addr.b, sizeof(r.addr));
		if (l->flags & LEASE_CARRIED)
			all = l->prefix.len == 64
				      ? dp_has(s->d->dp, DP_ENTRY_PREFIX6, r.addr, s->slot)
				      : dp_has(s->d->dp, DP_ENTRY_ROUTE6, &r, s->slot);
	}
	return all;
}

/* --- a lease's life -------------------------------------------------------------------------- */

/* Written down as if it were in place: whoever goes on with it puts there what is missing. */
static void keep_as_carried(struct session *s, struct lease *l)
{
	uint8_t flags = l->flags;

	l->flags |= needed(s, l);
	keep_session(s);
	l->flags = flags;
}

int lease_bind(struct leases *all, struct lease *l)
{
	struct session *s = all->s;
	int rc;

	if (l->flags & LEASE_BOUND) {
		keep_session(s); /* its times are others */
		return 0;
	}
	l->flags |= LEASE_BOUND;
	keep_as_carried(s, l);
	rc = carry(s, l);
	if (!rc && !(s->has & SESSION_HAS_DST6))
		rc = path_replan(s); /* it is all of its IPv6 */
	if (!rc) {
		timeline_lease(s, &l->prefix, "given");
		acct_lease(s, loop_now(s->d->loop));
		return 0;
	}
	session_log(s, LOG_LEVEL_WARN, "%s: cannot be carried: %s", origin(s, l->kind),
		    why_not(rc));
	uncarry(s, l);
	l->flags &= (uint8_t)~LEASE_BOUND;
	keep_session(s);
	return rc;
}

void lease_unbind(struct leases *all, struct lease *l, bool keep)
{
	struct session *s = all->s;

	uncarry(s, l);
	l->flags &= (uint8_t)~LEASE_BOUND;
	if (!keep) {
		if (l->flags & LEASE_OF_POOL)
			(void)pool6_put(s->d->pools, pool_of(l->kind), &l->prefix);
		*l = all->lease[--all->count];
	}
	(void)path_replan(s); /* the last one may have been all of its IPv6 */
	keep_session(s);
	acct_lease(s, loop_now(s->d->loop));
}

/* Is it still what the session should have? What RADIUS has given and gives no more, it is not. */
static bool is_given(const struct given6 *g, const struct lease *l)
{
	if (l->kind == DHCP6_NA && g && g->has_address)
		return ip6_equal(&g->address, &l->prefix.addr);
	if (l->kind == DHCP6_PD && g && g->has_delegated)
		return g->delegated.len == l->prefix.len &&
		       ip6_equal(&g->delegated.addr, &l->prefix.addr);
	return l->flags & LEASE_OF_POOL;
}

/* One that the client only knows of is given back, so that what it asks for next is the new one. */
void leases_given(struct session *s)
{
	struct leases *all = s->leases;

	for (unsigned i = all ? all->count : 0; i-- > 0;) {
		struct lease *l = &all->lease[i];

		if (is_given(s->given6, l))
			continue;
		if (l->flags & LEASE_BOUND) {
			(void)dhcp6_line_withdraw(&all->line, l->kind, l->index);
			continue;
		}
		if (l->flags & LEASE_OF_POOL)
			(void)pool6_put(s->d->pools, pool_of(l->kind), &l->prefix);
		*l = all->lease[--all->count];
	}
}

void leases_free(struct session *s)
{
	struct leases *all = s->leases;

	leases_drop(s);
	for (unsigned i = 0; all && i < all->count; i++)
		if (all->lease[i].flags & LEASE_OF_POOL)
			(void)pool6_put(s->d->pools, pool_of(all->lease[i].kind),
					&all->lease[i].prefix);
	leases_fini(s);
}

const struct prefix6 *leases_first(const struct session *s, enum dhcp6_kind kind)
{
	const struct lease *first = NULL;

	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (l->flags & LEASE_BOUND && l->kind == kind &&
		    (!first || l->index < first->index))
			first = l;
	}
	return first ? &first->prefix : NULL;
}

bool leases_have(const struct session *s, enum dhcp6_kind kind, const struct prefix6 *prefix)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (l->flags & LEASE_BOUND && l->kind == kind && l->prefix.len == prefix->len &&
		    ip6_equal(&l->prefix.addr, &prefix->addr))
			return true;
	}
	return false;
}

bool leases_hold(const struct session *s, const struct ip6 *addr)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (l->flags & LEASE_BOUND && prefix6_holds(&l->prefix, addr))
			return true;
	}
	return false;
}

/* What is of no pool any more goes on, until the client next speaks of it. */
static void pool_is_gone(struct leases *all, struct lease *l)
{
	char text[PREFIX_STRLEN];

	l->flags &= (uint8_t)~LEASE_OF_POOL;
	if (!(l->flags & LEASE_BOUND) || dhcp6_line_withdraw(&all->line, l->kind, l->index))
		return;
	session_log(all->s, LOG_LEVEL_NOTICE, "%s is of no pool any more: withdrawn",
		    prefix6_str(text, &l->prefix));
}

int leases_take_pools(struct session *s)
{
	struct leases *all = s->leases;
	char buf[PPP_NAME_MAX + 16];
	int rc = 0;

	for (unsigned i = 0; all && i < all->count && !rc; i++) {
		struct lease *l = &all->lease[i];

		if (!(l->flags & LEASE_OF_POOL))
			continue;
		rc = pool6_adopt(s->d->pools, pool_of(l->kind), &l->prefix,
				 keep_for(s, l->index, buf, sizeof(buf)));
		if (rc == -ENOENT) {
			pool_is_gone(all, l);
			rc = 0;
		}
	}
	return rc;
}
