// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address pools over numbered slots: the ranges of one name lie end to end, an address is a number
 * and back. Our own addresses, the gateway's and the name server's, cut their ranges in two, so
 * that a number is always an address that may be given out.
 */
#include "daemon/pool_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *pool_kind_name(enum pool_kind kind)
{
	static const char *const names[] = {
		[POOL_IP4] = "address",
		[POOL_PREFIX6] = "prefix",
		[POOL_DELEGATE6] = "delegate",
		[POOL_ADDRESS6] = "address",
	};

	return names[kind];
}

static uint64_t number_of(const uint8_t b[8])
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

static uint64_t upper(const struct ip6 *a)
{
	return number_of(a->b);
}

/* Where a prefix or an address of this kind lies, and above what. */
static uint64_t place(enum pool_kind kind, const struct prefix6 *prefix, uint64_t *ret_above)
{
	*ret_above = kind == POOL_ADDRESS6 ? upper(&prefix->addr) : 0;
	return kind == POOL_ADDRESS6 ? number_of(prefix->addr.b + 8) : upper(&prefix->addr);
}

static struct prefix6 prefix_at(const struct range *r, enum pool_kind kind, uint64_t v)
{
	uint64_t half[2] = { v << r->shift, 0 };
	struct prefix6 p = { .len = (uint8_t)(64 - r->shift) };

	if (kind == POOL_ADDRESS6) {
		half[0] = r->above;
		half[1] = v;
		p.len = 128;
	}
	for (unsigned i = 0; i < 16; i++)
		p.addr.b[i] = (uint8_t)(half[i / 8] >> (56 - 8 * (i % 8)));
	return p;
}

static uint32_t pool_named(struct pools *p, enum pool_kind kind, const char *name)
{
	struct pool *pool;
	uint32_t i;

	for (i = 0; i < p->pool_count; i++)
		if (p->pool[i].kind == kind && !strcmp(p->pool[i].name, name))
			return i;
	pool = &p->pool[p->pool_count++];
	pool->kind = kind;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	return i;
}

static void add_range(struct pools *p, uint32_t pool, struct range r)
{
	struct ranges *all = &p->ranges[p->pool[pool].kind];

	if (r.first > r.last)
		return;
	r.base = p->pool[pool].slots.total;
	r.pool = pool;
	all->range[all->count++] = r;
	p->pool[pool].slots.total += r.last - r.first + 1;
}

/* The same without `held`, in ascending order: they are ours. */
static void add_range_without(struct pools *p, uint32_t pool, struct range r, const uint64_t *held,
			      unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct range below = r;

		if (held[i] < r.first || held[i] > r.last)
			continue;
		below.last = held[i] - 1;
		if (held[i] > r.first)
			add_range(p, pool, below);
		if (held[i] == r.last)
			return;
		r.first = held[i] + 1;
	}
	add_range(p, pool, r);
}

static void add_ip4(struct pools *p, const struct config_pool *c, const struct config *cfg)
{
	uint64_t gateway = cfg->ip_pool.gw_ip_address;
	uint64_t dns = cfg->dns64.enable ? cfg->dns64.listen4 : 0;
	uint64_t held[] = { gateway < dns ? gateway : dns, gateway < dns ? dns : gateway };
	struct range r = { .first = c->first, .last = c->last };

	/* RFC 3021: a /31 has no network and no broadcast address; nor has a /32. */
	if (c->is_prefix && r.last - r.first > 1) {
		r.first++;
		r.last--;
	}
	add_range_without(p, pool_named(p, POOL_IP4, c->name), r, held, 2);
}

/* Where the address of our name server lies in the pool; none: nowhere. */
static unsigned held6(const struct config *cfg, const struct config_prefix_pool *c, uint64_t number,
		      uint64_t ret[1])
{
	struct prefix6 own = { cfg->dns64.listen, 128 };

	ret[0] = number;
	return cfg->dns64.enable && prefix6_overlap(&own, &c->prefix);
}

static void add_prefixes(struct pools *p, const struct config_prefix_pool *c, enum pool_kind kind,
			 const struct config *cfg)
{
	unsigned shift = 64u - c->plen;
	uint64_t first = upper(&c->prefix.addr) >> shift, held[1];
	uint64_t n = UINT64_C(1) << (c->plen - c->prefix.len);
	unsigned count = held6(cfg, c, upper(&cfg->dns64.listen) >> shift, held);

	add_range_without(p, pool_named(p, kind, c->name),
			  (struct range){ .first = first, .last = first + n - 1, .shift = shift },
			  held, count);
}

/* Of the first /64, its first 2^32: nobody has more. */
static void add_addresses(struct pools *p, const struct config_prefix_pool *c,
			  const struct config *cfg)
{
	unsigned bits = 128u - c->prefix.len;
	uint64_t first = number_of(c->prefix.addr.b + 8), held[1];
	uint64_t n = UINT64_C(1) << (bits < 32 ? bits : 32);
	unsigned count = held6(cfg, c, number_of(cfg->dns64.listen.b + 8), held);

	if (upper(&cfg->dns64.listen) != upper(&c->prefix.addr))
		count = 0; /* a prefix above /64: only its first one is used */
	add_range_without(p, pool_named(p, POOL_ADDRESS6, c->name),
			  (struct range){ .above = upper(&c->prefix.addr),
					  .first = first + !first,
					  .last = first + n - 1 },
			  held, count);
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	uint64_t xf = x->first << x->shift, yf = y->first << y->shift;

	if (x->above != y->above)
		return (x->above > y->above) - (x->above < y->above);
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

static const struct config_prefix_pool *configured(const struct config *cfg, enum pool_kind kind,
						   unsigned *ret_count)
{
	*ret_count = kind == POOL_PREFIX6     ? cfg->ipv6_pool.prefix_count
		     : kind == POOL_DELEGATE6 ? cfg->ipv6_pool.delegate_count
					      : cfg->ipv6_pool.address_count;
	return kind == POOL_PREFIX6	? cfg->ipv6_pool.prefixes
	       : kind == POOL_DELEGATE6 ? cfg->ipv6_pool.delegates
					: cfg->ipv6_pool.addresses;
}

static int fill6(struct pools *p, const struct config *cfg, enum pool_kind kind)
{
	unsigned count;
	const struct config_prefix_pool *c = configured(cfg, kind, &count);
	int rc = 0;

	for (; count && !rc; c++, count--) {
		struct pool_route route = { .family = 6, .prefix6 = c->prefix };

		if (kind == POOL_ADDRESS6)
			add_addresses(p, c, cfg);
		else
			add_prefixes(p, c, kind, cfg);
		rc = add_route(p, &route);
	}
	return rc;
}

static int fill(struct pools *p, const struct config *cfg)
{
	int rc = 0;

	for (unsigned i = 0; i < cfg->ip_pool.pool_count && !rc; i++) {
		add_ip4(p, &cfg->ip_pool.pools[i], cfg);
		rc = add_routes_ip4(p, &cfg->ip_pool.pools[i]);
	}
	rc = rc ? rc : fill6(p, cfg, POOL_PREFIX6);
	rc = rc ? rc : fill6(p, cfg, POOL_DELEGATE6);
	rc = rc ? rc : fill6(p, cfg, POOL_ADDRESS6);
	for (unsigned i = 0; i < POOL_KINDS; i++)
		qsort(p->ranges[i].range, p->ranges[i].count, sizeof(struct range), by_place);
	/* Twice the sessions: those that are up, and the memory of as many that were. */
	for (unsigned i = 0; i < p->pool_count && !rc; i++)
		rc = slots_init(&p->pool[i].slots, p->pool[i].slots.total,
				2 * cfg->pppoe.max_sessions);
	return rc;
}

int pools_new(struct pools **ret, const struct config *cfg)
{
	struct pools *p = calloc(1, sizeof(*p));
	unsigned n[POOL_KINDS], all = 0;
	int rc = -ENOMEM;

	if (!p)
		return rc;
	n[POOL_IP4] = cfg->ip_pool.pool_count + 1; /* what is ours cuts: twice here, else once */
	for (unsigned i = POOL_PREFIX6; i < POOL_KINDS; i++)
		(void)configured(cfg, i, &n[i]);
	rc = 0;
	for (unsigned i = 0; i < POOL_KINDS; i++) {
		p->ranges[i].range = calloc(n[i] + 1ul, sizeof(struct range));
		rc = p->ranges[i].range ? rc : -ENOMEM;
		all += n[i];
	}
	p->pool = calloc(all + 1ul, sizeof(*p->pool));
	rc = p->pool ? rc : -ENOMEM;
	rc = rc ? rc : siphash_key_random(&p->key);
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
	for (unsigned i = 0; i < POOL_KINDS; i++)
		free(p->ranges[i].range);
	free(p->route);
	free(p);
}

/* Peers choose user names: the hash is keyed. 0 is "nobody". */
static uint32_t user_hash(const struct pools *p, const char *user)
{
	uint32_t h = user && *user ? (uint32_t)siphash(&p->key, user, strlen(user)) : 0;

	return user && *user && !h ? 1 : h;
}

static struct pool *find_pool(struct pools *p, enum pool_kind kind, const char *name)
{
	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].kind == kind && !strcmp(p->pool[i].name, name ? name : ""))
			return &p->pool[i];
	return NULL;
}

const struct range *pool_find_range(const struct ranges *f, uint64_t above, uint64_t at)
{
	unsigned lo = 0, hi = f->count;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;
		const struct range *r = &f->range[mid];

		if (above < r->above || (above == r->above && at >> r->shift < r->first))
			hi = mid;
		else if (above > r->above || at >> r->shift > r->last)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

const struct range *pool_range_of_number(const struct pools *p, const struct pool *pool,
					 uint64_t number, uint64_t *ret)
{
	const struct ranges *f = &p->ranges[pool->kind];

	for (unsigned i = 0; i < f->count; i++) {
		const struct range *r = &f->range[i];

		if (&p->pool[r->pool] != pool || number < r->base ||
		    number - r->base > r->last - r->first)
			continue;
		*ret = r->first + (number - r->base);
		return r;
	}
	abort(); /* no input leads here: ranges hold every number below slots.total */
}

static int pool_get(struct pools *p, enum pool_kind kind, const char *name, const char *user,
		    const struct range **ret_range, uint64_t *ret)
{
	struct pool *pool = find_pool(p, kind, name);
	uint64_t number;
	int rc;

	if (!pool)
		return -ENOENT;
	rc = slots_get(&pool->slots, user_hash(p, user), &number);
	if (!rc)
		*ret_range = pool_range_of_number(p, pool, number, ret);
	return rc;
}

int pool_ip4_get(struct pools *p, const char *name, const char *user, uint32_t *ret)
{
	const struct range *r;
	uint64_t addr;
	int rc = pool_get(p, POOL_IP4, name, user, &r, &addr);

	if (!rc)
		*ret = (uint32_t)addr;
	return rc;
}

int pool_ip4_adopt(struct pools *p, uint32_t addr, const char *user)
{
	const struct range *r = pool_find_range(&p->ranges[POOL_IP4], 0, addr);

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
	const struct range *r = pool_find_range(&p->ranges[POOL_IP4], 0, addr);

	return r ? slots_put(&p->pool[r->pool].slots, r->base + (addr - r->first)) : -ENOENT;
}

int pool6_get(struct pools *p, enum pool_kind kind, const char *name, const char *user,
	      struct prefix6 *ret)
{
	const struct range *r;
	uint64_t v;
	int rc = pool_get(p, kind, name, user, &r, &v);

	if (!rc)
		*ret = prefix_at(r, kind, v);
	return rc;
}

const struct range *pool_range_of(const struct pools *p, enum pool_kind kind,
				  const struct prefix6 *prefix, uint64_t *ret_number)
{
	uint64_t above, at = place(kind, prefix, &above);
	const struct range *r = pool_find_range(&p->ranges[kind], above, at);

	if (!r || prefix->len != (kind == POOL_ADDRESS6 ? 128 : 64 - r->shift))
		return NULL;
	*ret_number = r->base + ((at >> r->shift) - r->first);
	return r;
}

int pool6_adopt(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix,
		const char *user)
{
	uint64_t number;
	const struct range *r = pool_range_of(p, kind, prefix, &number);

	return r ? slots_take(&p->pool[r->pool].slots, number, user_hash(p, user)) : -ENOENT;
}

int pool6_take(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix)
{
	return pool6_adopt(p, kind, prefix, NULL);
}

int pool6_wish(struct pools *p, enum pool_kind kind, const char *name, const char *user,
	       const struct prefix6 *prefix)
{
	uint64_t number;
	const struct range *r = pool_range_of(p, kind, prefix, &number);

	if (!r || strcmp(p->pool[r->pool].name, name ? name : "") != 0)
		return -ENOENT;
	if (slots_are_others(&p->pool[r->pool].slots, number, user_hash(p, user)))
		return -EEXIST;
	return slots_take(&p->pool[r->pool].slots, number, user_hash(p, user));
}

bool pools_overlap(const struct pools *p, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < p->route_count; i++)
		if (p->route[i].family == 6 && prefix6_overlap(&p->route[i].prefix6, prefix))
			return true;
	return false;
}

int pool6_put(struct pools *p, enum pool_kind kind, const struct prefix6 *prefix)
{
	uint64_t number;
	const struct range *r = pool_range_of(p, kind, prefix, &number);

	return r ? slots_put(&p->pool[r->pool].slots, number) : -ENOENT;
}

void pools_each(const struct pools *p, void (*fn)(void *arg, const struct pool_info *info),
		void *arg)
{
	for (unsigned i = 0; i < p->pool_count; i++) {
		struct pool_info info = {
			.name = p->pool[i].name,
			.family = p->pool[i].kind == POOL_IP4 ? 4 : 6,
			.kind = p->pool[i].kind,
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
