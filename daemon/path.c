// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session's part of the data plane: its entry, the line that finds it upstream, the addresses
 * that find it downstream, and a route of its own where the aggregate route does not do: for an
 * address outside the pools, and for an MTU below the subscriber device's (the stack then answers
 * too-big for this line).
 */
#include "daemon/daemon.h"
#include "daemon/mirror.h"
#include "daemon/monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

struct abi_line path_line(const struct session *s)
{
	return (struct abi_line){
		.port = s->line.port,
		.svlan = s->line.svlan,
		.cvlan = s->line.cvlan,
		.sid = s->sid,
	};
}

static uint64_t time_of(uint64_t octets, uint64_t bps)
{
	return (uint64_t)((unsigned __int128)octets * 8 * NSEC_PER_SEC / bps);
}

/* ns: the configured time and what the plan allows at once, and never less than two packets. */
static uint64_t police_depth(const struct config *c, const struct shaper_rate *r)
{
	uint64_t depth = c->shaper.police_burst * NSEC_PER_MSEC + time_of(r->burst, r->pir);
	uint64_t least = time_of(2 * (c->ppp.mtu + c->shaper.overhead), r->pir);

	return depth > least ? depth : least;
}

/* Its speed, as far as the data plane has to do with it. */
static void abi_plan_of(const struct session *s, struct abi_session *a)
{
	const struct config *c = s->d->config;
	const struct shaper_plan *p = plan_programmed(s);

	if (!p || !s->d->shaper)
		return;
	a->class_id = shaper_class_id(s->d->shaper, s->slot);
	if (p->down.pir)
		a->flags |= ABI_SESSION_SHAPED_DOWN;
	if (p->up.pir && c->shaper.up == CONFIG_UP_HTB)
		a->flags |= ABI_SESSION_SHAPED_UP;
	if (p->up.pir && c->shaper.up == CONFIG_UP_POLICE) {
		a->flags |= ABI_SESSION_POLICED_UP;
		a->police_cost = dp_police_cost(p->up.pir);
		a->police_depth = police_depth(c, &p->up);
	}
}

struct abi_session path_entry(const struct session *s)
{
	struct abi_session a = {
		.generation = s->generation,
		.line = path_line(s),
		.mtu = session_mtu(s),
		.mirror = mirror_of(s),
		.streams = monitor_of(s),
	};

	memcpy(a.mac, s->mac.b, sizeof(a.mac));
	if ((a.mirror | a.streams) && mirror_late(s->d))
		a.flags |= ABI_SESSION_COPY_LATE;
	if (s->has & SESSION_SLOW)
		a.flags |= ABI_SESSION_SLOW;
	abi_plan_of(s, &a);
	if (s->has & SESSION_HAS_DST4) {
		a.flags |= ABI_SESSION_IP4;
		a.ip4_be = htonl(s->ip4);
	}
	if (s->has & SESSION_HAS_DST6) {
		a.flags |= ABI_SESSION_IP6;
		memcpy(a.prefix6, s->prefix6.addr.b, sizeof(a.prefix6));
	} else if (leases_first(s, DHCP6_NA) || leases_first(s, DHCP6_PD) ||
		   (s->login && s->login->carried6)) {
		/* A line without a /64, with leases and routes alone. Link-local sources never come
		 * so far, so this one is nobody's. */
		a.flags |= ABI_SESSION_IP6;
		a.prefix6[0] = 0xfe;
		a.prefix6[1] = 0x80;
	}
	return a;
}

int path_open(struct session *s)
{
	struct abi_session a = path_entry(s);
	struct abi_line line = path_line(s);
	int rc = dp_session_set(s->d->dp, s->slot, &a);

	rc = rc ? rc : dp_line_add(s->d->dp, &line, s->slot);
	if (!rc)
		s->has |= SESSION_HAS_LINE;
	return rc;
}

static struct net_route route4(const struct session *s)
{
	return (struct net_route){
		.p4 = { .addr = s->ip4, .len = 32 },
		.ifindex = s->d->device.ifindex,
		.mtu = session_mtu(s) < s->d->device.mtu ? session_mtu(s) : 0,
	};
}

static struct net_route route6(const struct session *s)
{
	struct net_route r = route4(s);

	r.is6 = true;
	r.p6 = s->prefix6;
	return r;
}

/* A framed route of the session: to it in the data plane, to the subscriber device in the stack.
 * @again: it may be there. */
static int framed_add(struct session *s, const struct net_route *r, bool again)
{
	struct dp *dp = s->d->dp;
	int rc = r->is6 ? dp_route6_add(dp, r->p6.addr.b, r->p6.len, s->slot)
			: dp_route4_add(dp, htonl(r->p4.addr), r->p4.len, s->slot);

	if (rc)
		return rc;
	rc = net_route_add(s->d->net, r);
	if (!rc || (rc == -EEXIST && again))
		return 0;
	(void)(r->is6 ? dp_route6_del(dp, r->p6.addr.b, r->p6.len)
		      : dp_route4_del(dp, htonl(r->p4.addr), r->p4.len));
	return rc;
}

static void framed_del(struct session *s, const struct net_route *r)
{
	(void)net_route_del(s->d->net, r);
	(void)(r->is6 ? dp_route6_del(s->d->dp, r->p6.addr.b, r->p6.len)
		      : dp_route4_del(s->d->dp, htonl(r->p4.addr), r->p4.len));
}

static void framed_drop4(struct session *s)
{
	struct login *l = s->login;
	struct net_route r = { .ifindex = s->d->device.ifindex };

	while (l && l->carried4) {
		r.p4 = l->routes4[--l->carried4];
		framed_del(s, &r);
	}
}

static void framed_drop6(struct session *s)
{
	struct login *l = s->login;
	struct net_route r = { .is6 = true, .ifindex = s->d->device.ifindex };

	while (l && l->carried6) {
		r.p6 = l->routes6[--l->carried6];
		framed_del(s, &r);
	}
}

static int framed_carry(struct session *s)
{
	struct login *l = s->login;
	struct net_route r = route4(s); /* its device and MTU */
	bool has6 = s->has & SESSION_HAS_DST6 ||
		    (s->has & SESSION_UP6 && !(s->has & SESSION_HAS_PREFIX6));
	int rc = 0;

	if (!l)
		return 0;
	for (; !rc && s->has & SESSION_HAS_DST4 && l->carried4 < l->route4_count;
	     l->carried4 += !rc) {
		r.p4 = l->routes4[l->carried4];
		rc = framed_add(s, &r, false);
	}
	r.is6 = true;
	for (; !rc && has6 && l->carried6 < l->route6_count; l->carried6 += !rc) {
		r.p6 = l->routes6[l->carried6];
		rc = framed_add(s, &r, false);
	}
	return rc;
}

void path_drop4(struct session *s)
{
	struct net_route r = route4(s);

	framed_drop4(s);
	r.mtu = 0; /* any */
	if (s->has & SESSION_HAS_ROUTE4)
		(void)net_route_del(s->d->net, &r);
	if (s->has & SESSION_HAS_DST4)
		(void)dp_ip4_del(s->d->dp, htonl(s->ip4));
	s->has &= ~(SESSION_HAS_ROUTE4 | SESSION_HAS_DST4);
}

void path_drop6(struct session *s)
{
	struct net_route r = route6(s);

	framed_drop6(s);
	leases_drop(s);
	r.mtu = 0; /* any */
	if (s->has & SESSION_HAS_ROUTE6)
		(void)net_route_del(s->d->net, &r);
	if (s->has & SESSION_HAS_DST6)
		(void)dp_prefix6_del(s->d->dp, s->prefix6.addr.b);
	s->has &= ~(SESSION_HAS_ROUTE6 | SESSION_HAS_DST6);
}

static int carry4(struct session *s)
{
	struct net_route r = route4(s);
	char ip[IP4_STRLEN];
	int rc;

	session_debug(s, "carries %s", ip4_str(ip, s->ip4)); /* first: who is killed has said it */
	rc = dp_ip4_add(s->d->dp, htonl(s->ip4), s->slot);
	if (rc)
		return rc;
	s->has |= SESSION_HAS_DST4;
	if (!r.mtu && s->has & SESSION_HAS_POOL4)
		return 0;
	rc = net_route_add(s->d->net, &r);
	if (rc)
		path_drop4(s);
	else
		s->has |= SESSION_HAS_ROUTE4;
	return rc;
}

static int carry6(struct session *s)
{
	struct net_route r = route6(s);
	int rc = dp_prefix6_add(s->d->dp, s->prefix6.addr.b, s->slot);

	if (rc)
		return rc;
	s->has |= SESSION_HAS_DST6;
	if (!r.mtu && s->has & SESSION_HAS_POOL6)
		return 0;
	rc = net_route_add(s->d->net, &r);
	if (rc)
		path_drop6(s);
	else
		s->has |= SESSION_HAS_ROUTE6;
	return rc;
}

int path_carry(struct session *s)
{
	struct abi_session a;
	int rc = 0, rc6 = 0;

	if (s->ip4 && !(s->has & SESSION_HAS_DST4))
		rc = carry4(s);
	if (s->has & SESSION_HAS_PREFIX6 && !(s->has & SESSION_HAS_DST6))
		rc6 = carry6(s);
	rc = rc ? rc : rc6;
	rc = rc ? rc : framed_carry(s);
	rc6 = leases_carry(s);
	rc = rc ? rc : rc6;
	a = path_entry(s);
	if (a.streams)
		monitor_tell(s);
	rc6 = dp_session_set(s->d->dp, s->slot, &a);
	return rc ? rc : rc6;
}

/* Its own routes. Those that are there are the process's before us. */
static int adopt_routes(struct session *s)
{
	struct net_route r4 = route4(s), r6 = route6(s);
	struct login *l = s->login;
	unsigned n4 = l ? l->carried4 : 0, n6 = l ? l->carried6 : 0;
	int rc = 0;

	if (s->has & SESSION_HAS_ROUTE4)
		rc = net_route_add(s->d->net, &r4);
	if ((!rc || rc == -EEXIST) && s->has & SESSION_HAS_ROUTE6)
		rc = net_route_add(s->d->net, &r6);
	if (rc == -EEXIST)
		rc = 0;
	for (unsigned i = 0; i < n4 && !rc; i++) {
		r4.p4 = l->routes4[i];
		rc = framed_add(s, &r4, true);
	}
	for (unsigned i = 0; i < n6 && !rc; i++) {
		r6.p6 = l->routes6[i];
		rc = framed_add(s, &r6, true);
	}
	return rc;
}

void path_routes(const struct session *s, void (*fn)(void *arg, const struct net_route *r),
		 void *arg)
{
	struct net_route r4 = route4(s), r6 = route6(s);
	const struct login *l = s->login;

	if (s->has & SESSION_HAS_ROUTE4)
		fn(arg, &r4);
	if (s->has & SESSION_HAS_ROUTE6)
		fn(arg, &r6);
	for (unsigned i = 0; l && i < l->carried4; i++) {
		r4.p4 = l->routes4[i];
		fn(arg, &r4);
	}
	for (unsigned i = 0; l && i < l->carried6; i++) {
		r6.p6 = l->routes6[i];
		fn(arg, &r6);
	}
	leases_routes(s, fn, arg);
}

/* What is of no pool any more is in no pool's route any more. */
static void need_routes(struct session *s)
{
	if (s->has & SESSION_HAS_DST4 && !(s->has & SESSION_HAS_POOL4))
		s->has |= SESSION_HAS_ROUTE4;
	if (s->has & SESSION_HAS_DST6 && !(s->has & SESSION_HAS_POOL6))
		s->has |= SESSION_HAS_ROUTE6;
}

int path_adopt(struct session *s)
{
	struct abi_session a = path_entry(s);
	struct abi_line line = path_line(s);
	struct dp *dp = s->d->dp;
	int rc = dp_session_set(dp, s->slot, &a);

	if (!rc && s->has & SESSION_HAS_LINE)
		rc = dp_line_add(dp, &line, s->slot);
	if (!rc && s->has & SESSION_HAS_DST4)
		rc = dp_ip4_add(dp, htonl(s->ip4), s->slot);
	if (!rc && s->has & SESSION_HAS_DST6)
		rc = dp_prefix6_add(dp, s->prefix6.addr.b, s->slot);
	rc = rc ? rc : leases_adopt(s);
	need_routes(s);
	return rc ? rc : adopt_routes(s);
}

int path_replan(struct session *s)
{
	struct abi_session a = path_entry(s);

	return dp_session_set(s->d->dp, s->slot, &a);
}

int path_halt(struct session *s)
{
	struct abi_session a;

	path_drop4(s);
	path_drop6(s);
	a = path_entry(s);
	return dp_session_set(s->d->dp, s->slot, &a);
}

void path_stop(struct session *s)
{
	struct abi_line line = path_line(s);

	path_drop4(s);
	path_drop6(s);
	if (s->has & SESSION_HAS_LINE)
		(void)dp_line_del(s->d->dp, &line);
	s->has &= ~SESSION_HAS_LINE;
}

void path_close(struct session *s)
{
	path_stop(s);
	(void)dp_session_clear(s->d->dp, s->slot);
}
