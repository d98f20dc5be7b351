// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address pools over numbered slots: the ranges of one name lie end to end, an address is a number
 * and back. The gateway's address cuts its range in two, so that a number is always an address
 * that may be given out.
 */
#include "daemon/pool.h"

#include "base/siphash.h"
#include "base/wire.h"
#include "daemon/pool_slots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Upper halves of IPv6 prefixes (up to /64), or IPv4 addresses: both are numbers. */
struct range {
	uint64_t first, last; /* in units of what is given out: an address, or a prefix */
	uint64_t base;	      /* the number of `first` in its pool */
	uint32_t pool;
	unsigned shift; /* IPv6: 64 - plen */
};

struct pool {
	char name[CONFIG_NAME_MAX];
	unsigned family;
	struct slots slots;
};

struct family {
	struct range *range; /* sorted; no two overlap */
	unsigned range_count;
};

struct pools {
	struct pool *pool;
	unsigned pool_count;
	struct family ip4, ip6;
	struct pool_route *route;
	unsigned route_count, route_cap;
	struct siphash_key key;
};

static uint64_t upper(const struct ip6 *a)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | a->b[i];
	return v;
}

static struct prefix6 prefix_of(uint64_t v, unsigned len)
{
	struct prefix6 p = { .len = (uint8_t)len };

	for (unsigned i = 0; i < 8; i++)
		p.addr.b[i] = (uint8_t)(v >> (56 - 8 * i));
	return p;
}

static uint32_t pool_named(struct pools *p, unsigned family, const char *name)
{
	struct pool *pool;
	uint32_t i;

	for (i = 0; i < p->pool_count; i++)
		if (p->pool[i].family == family && !strcmp(p->pool[i].name, name))
			return i;
	pool = &p->pool[p->pool_count++];
	pool->family = family;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	return i;
}

static void add_range(struct pools *p, struct family *f, uint64_t first, uint64_t last,
		      uint32_t pool, unsigned shift)
{
	uint64_t n = last - first + 1;

	if (first > last)
		return;
	f->range[f->range_count++] = (struct range){
		.first = first,
		.last = last,
		.base = p->pool[pool].slots.total,
		.pool = pool,
		.shift = shift,
	};
	p->pool[pool].slots.total += n;
}

static void add_ip4(struct pools *p, const struct config_pool *c, uint32_t gateway)
{
	uint32_t pool = pool_named(p, 4, c->name);
	uint64_t first = c->first, last = c->last;

	/* RFC 3021: a /31 has no network and no broadcast address; nor has a /32. */
	if (c->is_prefix && last - first > 1) {
		first++;
		last--;
	}
	if (gateway < first || gateway > last) {
		add_range(p, &p->ip4, first, last, pool, 0);
		return;
	}
	add_range(p, &p->ip4, first, gateway - 1ull, pool, 0);
	add_range(p, &p->ip4, gateway + 1ull, last, pool, 0);
}

static void add_ip6(struct pools *p, const struct config_prefix_pool *c)
{
	unsigned shift = 64u - c->plen;
	uint64_t first = upper(&c->prefix.addr) >> shift;
	uint64_t n = UINT64_C(1) << (c->plen - c->prefix.len);

	add_range(p, &p->ip6, first, first + n - 1, pool_named(p, 6, c->name), shift);
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	uint64_t xf = x->first << x->shift, yf = y->first << y->shift;

	return (xf > yf) - (xf < yf);
}

static int add_route(struct pools *p, const struct pool_route *route)
{
	if (p->route_count == p->route_cap) {
		unsigned cap = p->route_cap ? 2 * p->route_cap : 16;
		struct pool_route *bigger = realloc(p->route, cap * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		p->route = bigger;
		p->route_cap = cap;
	}
	p->route[p->route_count++] = *route;
	return 0;
}

/* The largest aligned block at the start, again and again: at most 62 prefixes. */
static int add_routes_ip4(struct pools *p, const struct config_pool *c)
{
	uint64_t at = c->first, end = c->last + 1ull;

	while (at < end) {
		unsigned bits = at ? (unsigned)__builtin_ctzll(at) : 32;
		struct pool_route route = { .family = 4 };
		int rc;

		if (bits > 32)
			bits = 32;
		while (UINT64_C(1) << bits > end - at)
			bits--;
		route.prefix4.addr = (uint32_t)at;
		route.prefix4.len = (uint8_t)(32 - bits);
		rc = add_route(p, &route);
		if (rc)
			return rc;
		at += UINT64_C(1) << bits;
	}
	return 0;
}

static int fill(struct pools *p, const struct config *cfg)
{
	int rc = 0;

	for (unsigned i = 0; i < cfg->ip_pool.pool_count && !rc; i++) {
		add_ip4(p, &cfg->ip_pool.pools[i], cfg->ip_pool.gw_ip_address);
		rc = add_routes_ip4(p, &cfg->ip_pool.pools[i]);
	}
	for (unsigned i = 0; i < cfg->ipv6_pool.prefix_count && !rc; i++) {
		const struct config_prefix_pool *c = &cfg->ipv6_pool.prefixes[i];
		struct pool_route route = { .family = 6, .prefix6 = c->prefix };

		add_ip6(p, c);
		rc = add_route(p, &route);
	}
	qsort(p->ip4.range, p->ip4.range_count, sizeof(struct range), by_place);
	qsort(p->ip6.range, p->ip6.range_count, sizeof(struct range), by_place);
	/* Twice the sessions: those that are up, and the memory of as many that were. */
	for (unsigned i = 0; i < p->pool_count && !rc; i++)
		rc = slots_init(&p->pool[i].slots, p->pool[i].slots.total,
				2 * cfg->pppoe.max_sessions);
	return rc;
}

int pools_new(struct pools **ret, const struct config *cfg)
{
	unsigned n4 = cfg->ip_pool.pool_count, n6 = cfg->ipv6_pool.prefix_count;
	struct pools *p = calloc(1, sizeof(*p));
	int rc = -ENOMEM;

	if (!p)
		return rc;
	p->pool = calloc(n4 + n6 + 1, sizeof(*p->pool));
	p->ip4.range = calloc(n4 + 1, sizeof(struct range)); /* one is cut in two */
	p->ip6.range = calloc(n6 + 1, sizeof(struct range));
	if (p->pool && p->ip4.range && p->ip6.range)
		rc = siphash_key_random(&p->key);
	if (!rc)
		rc = fill(p, cfg);
	if (rc) {
		pools_free(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void pools_free(struct pools *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->pool_count; i++)
		slots_fini(&p->pool[i].slots);
	free(p->pool);
	free(p->ip4.range);
	free(p->ip6.range);
	free(p->route);
	free(p);
}

/* Peers choose user names: the hash is keyed. 0 is "nobody". */
static uint32_t user_hash(const struct pools *p, const char *user)
{
	uint32_t h = user && *user ? (uint32_t)siphash(&p->key, user, strlen(user)) : 0;

	return user && *user && !h ? 1 : h;
}

static struct pool *find_pool(struct pools *p, unsigned family, const char *name)
{
	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].family == family && !strcmp(p->pool[i].name, name ? name : ""))
			return &p->pool[i];
	return NULL;
}

/* The range in which `at` lies (in the units of the last 64 bits: not shifted), or NULL. */
static const struct range *find_range(const struct family *f, uint64_t at)
{
	unsigned lo = 0, hi = f->range_count;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;
		const struct range *r = &f->range[mid];

		if (at >> r->shift < r->first)
			hi = mid;
		else if (at >> r->shift > r->last)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

/* Where a number lies: a walk over the ranges, of which there are few. */
static uint64_t place_of(const struct pools *p, const struct family *f, const struct pool *pool,
			 uint64_t number, unsigned *ret_shift)
{
	for (unsigned i = 0; i < f->range_count; i++) {
		const struct range *r = &f->range[i];

		if (&p->pool[r->pool] != pool || number < r->base ||
		    number - r->base > r->last - r->first)
			continue;
		*ret_shift = r->shift;
		return r->first + (number - r->base);
	}
	abort(); /* no input leads here: ranges hold every number below slots.total */
}

static int pool_get(struct pools *p, const struct family *f, unsigned family, const char *name,
		    const char *user, uint64_t *ret, unsigned *ret_shift)
{
	struct pool *pool = find_pool(p, family, name);
	uint64_t number;
	int rc;

	if (!pool)
		return -ENOENT;
	rc = slots_get(&pool->slots, user_hash(p, user), &number);
	if (!rc)
		*ret = place_of(p, f, pool, number, ret_shift);
	return rc;
}

int pool_ip4_get(struct pools *p, const char *name, const char *user, uint32_t *ret)
{
	uint64_t addr;
	unsigned shift;
	int rc = pool_get(p, &p->ip4, 4, name, user, &addr, &shift);

	if (!rc)
		*ret = (uint32_t)addr;
	return rc;
}

int pool_ip4_adopt(struct pools *p, uint32_t addr, const char *user)
{
	const struct range *r = find_range(&p->ip4, addr);

	return r ? slots_take(&p->pool[r->pool].slots, r->base + (addr - r->first),
			      user_hash(p, user))
		 : -ENOENT;
}

int pool_ip4_take(struct pools *p, uint32_t addr)
{
	return pool_ip4_adopt(p, addr, NULL);
}

int pool_ip4_put(struct pools *p, uint32_t addr)
{
	const struct range *r = find_range(&p->ip4, addr);

	return r ? slots_put(&p->pool[r->pool].slots, r->base + (addr - r->first)) : -ENOENT;
}

int pool_prefix6_get(struct pools *p, const char *name, const char *user, struct prefix6 *ret)
{
	unsigned shift;
	uint64_t v;
	int rc = pool_get(p, &p->ip6, 6, name, user, &v, &shift);

	if (!rc)
		*ret = prefix_of(v << shift, 64 - shift);
	return rc;
}

/* The range of a prefix of just the length that is given out there. */
static const struct range *range_of_prefix(const struct pools *p, const struct prefix6 *prefix,
					   uint64_t *ret_number)
{
	uint64_t at = upper(&prefix->addr);
	const struct range *r = find_range(&p->ip6, at);

	if (!r || prefix->len != 64 - r->shift)
		return NULL;
	*ret_number = r->base + ((at >> r->shift) - r->first);
	return r;
}

int pool_prefix6_adopt(struct pools *p, const struct prefix6 *prefix, const char *user)
{
	uint64_t number;
	const struct range *r = range_of_prefix(p, prefix, &number);

	return r ? slots_take(&p->pool[r->pool].slots, number, user_hash(p, user)) : -ENOENT;
}

int pool_prefix6_take(struct pools *p, const struct prefix6 *prefix)
{
	return pool_prefix6_adopt(p, prefix, NULL);
}

int pool_prefix6_put(struct pools *p, const struct prefix6 *prefix)
{
	uint64_t number;
	const struct range *r = range_of_prefix(p, prefix, &number);

	return r ? slots_put(&p->pool[r->pool].slots, number) : -ENOENT;
}

void pools_each(const struct pools *p, void (*fn)(void *arg, const struct pool_info *info),
		void *arg)
{
	for (unsigned i = 0; i < p->pool_count; i++) {
		struct pool_info info = {
			.name = p->pool[i].name,
			.family = p->pool[i].family,
			.total = p->pool[i].slots.total,
			.used = p->pool[i].slots.used,
		};

		fn(arg, &info);
	}
}

void pools_routes(const struct pools *p, void (*fn)(void *arg, const struct pool_route *route),
		  void *arg)
{
	for (unsigned i = 0; i < p->route_count; i++)
		fn(arg, &p->route[i]);
}

/* --- freeze and thaw ---------------------------------------------------------------------------
 */

#define FROZEN_VERSION 1
#define FROZEN_HEAD    (1 + 16 + 4 + 4)
#define FROZEN_IP4     (4 + 4)
#define FROZEN_IP6     (8 + 1 + 4)

struct writer {
	const struct pools *p;
	const struct pool *pool;
	struct wr *w;
};

static void freeze_one(void *arg, uint64_t number, uint32_t user)
{
	struct writer *z = arg;
	unsigned shift;
	uint64_t v;

	if (z->pool->family == 4) {
		wr_be32(z->w, (uint32_t)place_of(z->p, &z->p->ip4, z->pool, number, &shift));
	} else {
		v = place_of(z->p, &z->p->ip6, z->pool, number, &shift);
		wr_be64(z->w, v << shift);
		wr_u8(z->w, (uint8_t)(64 - shift));
	}
	wr_be32(z->w, user);
}

static uint32_t count_free(const struct pools *p, unsigned family)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].family == family)
			n += p->pool[i].slots.count - p->pool[i].slots.used;
	return (uint32_t)n;
}

static void freeze_family(const struct pools *p, unsigned family, struct wr *w)
{
	struct writer z = { .p = p, .w = w };

	wr_be32(w, count_free(p, family));
	for (unsigned i = 0; i < p->pool_count; i++) {
		z.pool = &p->pool[i];
		if (z.pool->family == family)
			slots_each_free(&z.pool->slots, freeze_one, &z);
	}
}

int pools_freeze(const struct pools *p, uint8_t **ret, size_t *ret_len)
{
	size_t cap = FROZEN_HEAD + (size_t)count_free(p, 4) * FROZEN_IP4 +
		     (size_t)count_free(p, 6) * FROZEN_IP6;
	uint8_t *buf = malloc(cap);
	struct wr w = wr_init(buf, cap);

	if (!buf)
		return -ENOMEM;
	wr_u8(&w, FROZEN_VERSION);
	wr_be64(&w, p->key.k[0]); /* users are hashes: they mean something with this key alone */
	wr_be64(&w, p->key.k[1]);
	freeze_family(p, 4, &w);
	freeze_family(p, 6, &w);
	*ret = buf;
	*ret_len = w.len;
	return 0;
}

static void thaw_ip4(struct pools *p, struct rd r)
{
	while (rd_left(&r)) {
		uint32_t addr = rd_be32(&r), user = rd_be32(&r);
		const struct range *range = find_range(&p->ip4, addr);

		if (range)
			slots_remember(&p->pool[range->pool].slots,
				       range->base + (addr - range->first), user);
	}
}

static void thaw_ip6(struct pools *p, struct rd r)
{
	while (rd_left(&r)) {
		uint64_t at = rd_be64(&r), number;
		struct prefix6 prefix = prefix_of(at, rd_u8(&r));
		uint32_t user = rd_be32(&r);
		const struct range *range = range_of_prefix(p, &prefix, &number);

		if (range)
			slots_remember(&p->pool[range->pool].slots, number, user);
	}
}

int pools_thaw(struct pools *p, const uint8_t *octets, size_t len)
{
	struct rd r = rd_init(octets, len), ip4, ip6;
	uint8_t version = rd_u8(&r);
	struct siphash_key key;

	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].slots.count)
			return -EBUSY;
	if (version > FROZEN_VERSION)
		return -ENOTSUP;
	key.k[0] = rd_be64(&r);
	key.k[1] = rd_be64(&r);
	ip4 = rd_sub(&r, (size_t)rd_be32(&r) * FROZEN_IP4);
	ip6 = rd_sub(&r, (size_t)rd_be32(&r) * FROZEN_IP6);
	if (r.bad || rd_left(&r) || !version)
		return -EBADMSG;
	p->key = key;
	thaw_ip4(p, ip4);
	thaw_ip6(p, ip6);
	return 0;
}
