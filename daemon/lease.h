/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DHCPv6 gives a session: delegated prefixes and single addresses. ipv6/dhcp6.h has the
 * protocol, who has what until when; this is where it comes from, and what is made to work for it.
 * A lease is chosen when the client asks for it, bound when it takes it, and goes back to its pool
 * when the client gives it back, its time is over, or the session ends.
 *
 * A session that never speaks DHCPv6 has a NULL pointer.
 */
#ifndef DAEMON_LEASE_H
#define DAEMON_LEASE_H

#include "base/addr.h"
#include "base/wire.h"
#include "daemon/pool.h"
#include "ipv6/dhcp6.h"

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct json;
struct net_route;
struct session;

#define LEASES_MAX DHCP6_LEASES_MAX /* of one session; of a kind: [ipv6-dhcp] max-leases */

enum lease_flag {
	LEASE_OF_POOL = 1 << 0,
	LEASE_BOUND = 1 << 1,	/* the client has it */
	LEASE_CARRIED = 1 << 2, /* the data plane knows it */
	LEASE_ROUTED = 1 << 3,	/* and the kernel by a route of its own */
};

struct lease {
	uint8_t kind;  /* enum dhcp6_kind */
	uint8_t index; /* which one of its kind */
	uint8_t flags;
	struct prefix6 prefix; /* of an address: a /128 */
};

struct leases {
	struct session *s;
	struct dhcp6_line line;
	uint8_t declined; /* a bit for each kind: the last one was, and the next is another */
	unsigned count;
	struct lease lease[LEASES_MAX];
};

/* dhcp.c */
int dhcp_setup(struct daemon *d); /* the server's identifier, and what it tells */
/* A packet of the session's; ipv6_nd_parse() said that it is for us. */
void dhcp_input(struct session *s, uint64_t now, const uint8_t *packet, size_t len);
void dhcp_down(struct session *s, uint64_t now); /* the session is over */
void dhcp_show(struct json *j, const struct session *s, uint64_t now);
void dhcp_stat(struct json *j, const struct daemon *d);

/* lease.c. The object for this session; NULL: no memory. */
struct leases *leases_get(struct session *s);
/* What RADIUS gives, what the client wishes (NULL: nothing) where it may have that, or one of the
 * pool; the same one each time until it is released. -ENOSPC (as many as it may have, or the pool
 * is empty), -ENOENT (there is no such pool), -EEXIST (what RADIUS gives is somebody's), -EINVAL
 * (or lies across a pool), all told in the log. */
int lease_choose(struct leases *all, enum dhcp6_kind kind, unsigned index,
		 const struct prefix6 *wish, struct prefix6 *ret);
struct lease *lease_find(struct leases *all, enum dhcp6_kind kind, unsigned index); /* or NULL */
/* It is written down, and carried. -errno: what failed has been logged, and it is not bound. */
int lease_bind(struct leases *all, struct lease *l);
/* RADIUS has spoken again: what is another's by now is withdrawn. */
void leases_given(struct session *s);
/* The client has it no more. @keep: it is still the one to be chosen. */
void lease_unbind(struct leases *all, struct lease *l, bool keep);
void leases_free(struct session *s); /* the session is over: all of them */
bool leases_hold(const struct session *s, const struct ip6 *addr); /* in one that is bound? */
/* Just this one, bound? */
bool leases_have(const struct session *s, enum dhcp6_kind kind, const struct prefix6 *prefix);
const struct prefix6 *leases_first(const struct session *s, enum dhcp6_kind kind); /* bound */

/* The data plane: what path.c does for a session's addresses. 0 or -errno. */
int leases_carry(struct session *s);
void leases_drop(struct session *s);
int leases_adopt(struct session *s);	  /* those of its entries that should be there, are */
int leases_take_pools(struct session *s); /* after a restart */
void leases_routes(const struct session *s, void (*fn)(void *arg, const struct net_route *r),
		   void *arg);
bool lease_is_entry(const struct session *s, const struct prefix6 *prefix); /* carried? */
bool leases_have_entries(const struct session *s);

/* lease_freeze.c: with what RADIUS said of IPv6, as octets for the record. 0 or -ENOSPC; check and
 * thaw: -EBADMSG, -ENOTSUP or -ENOMEM. */
int leases_freeze(const struct session *s, struct wr *w);
int leases_frozen_check(struct rd r);
int leases_thaw(struct session *s, struct rd r);
void leases_fini(struct session *s); /* memory alone: what it has goes on */

#endif
