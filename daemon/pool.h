/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address pools: named IPv4 ranges, and IPv6 prefixes cut into prefixes of sessions, into
 * prefixes that DHCPv6 delegates, or into its single addresses. Ranges of one kind and name are one
 * pool. Every operation is O(1) in addresses, whatever the number of ranges costs. Every
 * address is used: all but network and broadcast address of a range written as a prefix, and our
 * own, the gateway's and [dns64]'s. A user who comes back gets the address of last time where it is
 * free; otherwise never-used addresses go first and then those that were freed longest ago, so that
 * stale traffic does not meet a new owner. Memory is bounded by `max-sessions`, not by the ranges.
 */
#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H

#include "base/addr.h"
#include "daemon/config.h"

struct pools;

enum pool_kind {
	POOL_IP4,
	POOL_PREFIX6,	/* [ipv6-pool] prefix: a session's /64 */
	POOL_DELEGATE6, /* delegate */
	POOL_ADDRESS6,	/* address: a /128, never the first one of its /64 (RFC 4291, 2.6.1) */
	POOL_KINDS,
};

/* From [ip-pool], [ipv6-pool] and max-sessions; @cfg need not outlive the call. */
int pools_new(struct pools **ret, const struct config *cfg);
void pools_free(struct pools *p);

/*
 * get: a free one. @name: NULL or "" is the default pool, of the ranges without a name. @user is
 * whom it is kept for, NULL for nobody. 0, -ENOENT (no such pool), -ENOSPC (all taken).
 * take: this one. 0, -ENOENT (in no pool), -EEXIST (taken), -ENOSPC (more than was sized for).
 * adopt: the same, for a session of an earlier process: it is kept for that user, as if got here.
 * put: gives it back. 0, or -ENOENT (in no pool, or not taken).
 */
int pool_ip4_get(struct pools *p, const char *name, const char *user, uint32_t *ret);
int pool_ip4_take(struct pools *p, uint32_t addr);
int pool_ip4_adopt(struct pools *p, uint32_t addr, const char *user);
int pool_ip4_put(struct pools *p, uint32_t addr);
int pool6_get(struct pools *p, enum pool_kind kind, const char *name, const char *user,
	      struct prefix6 *ret);
int pool6_take(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix);
int pool6_adopt(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix,
		const char *user);
int pool6_put(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix);
/* Takes one that the peer wishes: in this pool, and not kept for somebody else. -ENOENT, -EEXIST,
 * -ENOSPC. */
int pool6_wish(struct pools *p, enum pool_kind kind, const char *name, const char *user,
	       const struct prefix6 *prefix);

/*
 * Who had what, and what was freed when, as octets: so that people get their addresses of last time
 * after a restart, too. What is taken is not in them: adoption says that again. freeze: 0 or
 * -ENOMEM; the caller frees *ret. thaw: into pools that have given out nothing yet (-EBUSY else);
 * what lies in no pool any more is forgotten. -EBADMSG, or -ENOTSUP (a newer version's): nothing
 * has changed.
 */
int pools_freeze(struct pools *p, uint8_t **ret, size_t *ret_len);
/*
 * The same in parts, between which the pools are used: begin, then some until that is 0, then take.
 * some: 1 (there is more) or -ENOMEM. What is taken or freed meanwhile is in it or is not. One at a
 * time, and while the pools live.
 */
struct pools_freezer;
int pools_freezer_new(struct pools_freezer **ret, struct pools *p);
int pools_freezer_some(struct pools_freezer *f);
uint8_t *pools_freezer_take(struct pools_freezer *f, size_t *ret_len); /* the caller frees it */
void pools_freezer_free(struct pools_freezer *f);

int pools_thaw(struct pools *p, const uint8_t *octets, size_t len);

/* Does it share addresses with anything that is given out? */
bool pools_overlap(const struct pools *p, const struct prefix6 *prefix);

/* For `show pools`. */
struct pool_info {
	const char *name; /* "" is the default pool */
	unsigned family;  /* 4 or 6 */
	enum pool_kind kind;
	uint64_t total, used;
};
const char *pool_kind_name(enum pool_kind kind);
void pools_each(const struct pools *p, void (*fn)(void *arg, const struct pool_info *info),
		void *arg);

/* What has to be routed to the subscriber device: the fewest prefixes that make up each range. */
struct pool_route {
	unsigned family; /* 4 or 6 */
	struct prefix4 prefix4;
	struct prefix6 prefix6;
};
void pools_routes(const struct pools *p, void (*fn)(void *arg, const struct pool_route *route),
		  void *arg);

#endif
