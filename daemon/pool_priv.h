/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pools' inside, shared by pool.c and pool_freeze.c alone. */
#ifndef DAEMON_POOL_PRIV_H
#define DAEMON_POOL_PRIV_H

#include "base/siphash.h"
#include "daemon/pool.h"
#include "daemon/pool_slots.h"

/* Upper halves of IPv6 prefixes (up to /64), lower halves of IPv6 addresses, or IPv4 addresses: all
 * are numbers. */
struct range {
	uint64_t above;	      /* of an IPv6 address: its upper half */
	uint64_t first, last; /* in units of what is given out: an address, or a prefix */
	uint64_t base;	      /* the number of `first` in its pool */
	uint32_t pool;
	unsigned shift; /* IPv6 prefixes: 64 - plen */
};

struct pool {
	char name[CONFIG_NAME_MAX];
	enum pool_kind kind;
	struct slots slots;
};

struct ranges {
	struct range *range; /* sorted; no two overlap */
	unsigned count;
};

struct pools {
	struct pool *pool;
	unsigned pool_count;
	struct ranges ranges[POOL_KINDS];
	struct pool_route *route;
	unsigned route_count, route_cap;
	struct siphash_key key;
};

/* The range in which `at` lies (not shifted), or NULL. */
const struct range *pool_find_range(const struct ranges *f, uint64_t above, uint64_t at);
/* Where a number lies: a walk over the ranges, of which there are few. */
const struct range *pool_range_of_number(const struct pools *p, const struct pool *pool,
					 uint64_t number, uint64_t *ret);
/* The range of a prefix of just the length that is given out there, or NULL. */
const struct range *pool_range_of(const struct pools *p, enum pool_kind kind,
				  const struct prefix6 *prefix, uint64_t *ret_number);

#endif
