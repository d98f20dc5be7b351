// SPDX-License-Identifier: GPL-2.0-or-later
/* Who had what of the pools, as octets and back. */
#include "base/wire.h"
#include "daemon/pool_priv.h"

#include <errno.h>
#include <stdlib.h>

#define FROZEN_VERSION 2 /* 1 had IPv4 and the prefixes of sessions alone */
#define FROZEN_HEAD    (1 + 16 + 4 * POOL_KINDS)

/* Octets of one: the user, and where it is. */
static const uint8_t frozen_size[POOL_KINDS] = {
	[POOL_IP4] = 4 + 4,
	[POOL_PREFIX6] = 8 + 1 + 4,
	[POOL_DELEGATE6] = 8 + 1 + 4,
	[POOL_ADDRESS6] = 16 + 4,
};

struct writer {
	const struct pools *p;
	const struct pool *pool;
	struct wr *w;
};

static void freeze_one(void *arg, uint64_t number, uint32_t user)
{
	struct writer *z = arg;
	uint64_t v;
	const struct range *r = pool_range_of_number(z->p, z->pool, number, &v);

	if (z->pool->kind == POOL_IP4)
		wr_be32(z->w, (uint32_t)v);
	else if (z->pool->kind == POOL_ADDRESS6)
		wr_be64(z->w, r->above), wr_be64(z->w, v);
	else
		wr_be64(z->w, v << r->shift), wr_u8(z->w, (uint8_t)(64 - r->shift));
	wr_be32(z->w, user);
}

static uint32_t count_free(const struct pools *p, enum pool_kind kind)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].kind == kind)
			n += p->pool[i].slots.count - p->pool[i].slots.used;
	return (uint32_t)n;
}

static void freeze_kind(const struct pools *p, enum pool_kind kind, struct wr *w)
{
	struct writer z = { .p = p, .w = w };

	wr_be32(w, count_free(p, kind));
	for (unsigned i = 0; i < p->pool_count; i++) {
		z.pool = &p->pool[i];
		if (z.pool->kind == kind)
			slots_each_free(&z.pool->slots, freeze_one, &z);
	}
}

int pools_freeze(const struct pools *p, uint8_t **ret, size_t *ret_len)
{
	size_t cap = FROZEN_HEAD;
	struct wr w;

	for (unsigned i = 0; i < POOL_KINDS; i++)
		cap += (size_t)count_free(p, i) * frozen_size[i];
	w = wr_init(malloc(cap), cap);
	if (!w.buf)
		return -ENOMEM;
	wr_u8(&w, FROZEN_VERSION);
	wr_be64(&w, p->key.k[0]); /* users are hashes: they mean something with this key alone */
	wr_be64(&w, p->key.k[1]);
	for (unsigned i = 0; i < POOL_KINDS; i++)
		freeze_kind(p, i, &w);
	*ret = w.buf;
	*ret_len = w.len;
	return 0;
}

static void thaw_ip4(struct pools *p, struct rd r)
{
	while (rd_left(&r)) {
		uint32_t addr = rd_be32(&r), user = rd_be32(&r);
		const struct range *range = pool_find_range(&p->ranges[POOL_IP4], 0, addr);

		if (range)
			slots_remember(&p->pool[range->pool].slots,
				       range->base + (addr - range->first), user);
	}
}

static void thaw_ip6(struct pools *p, enum pool_kind kind, struct rd r)
{
	while (rd_left(&r)) {
		struct prefix6 prefix = { .len = 128 };
		const struct range *range;
		uint64_t number;
		uint32_t user;

		rd_copy(&r, prefix.addr.b, kind == POOL_ADDRESS6 ? 16 : 8);
		if (kind != POOL_ADDRESS6)
			prefix.len = rd_u8(&r);
		user = rd_be32(&r);
		range = pool_range_of(p, kind, &prefix, &number);
		if (range)
			slots_remember(&p->pool[range->pool].slots, number, user);
	}
}

int pools_thaw(struct pools *p, const uint8_t *octets, size_t len)
{
	struct rd r = rd_init(octets, len), kind[POOL_KINDS];
	uint8_t version = rd_u8(&r);
	unsigned kinds = version < 2 ? POOL_DELEGATE6 : POOL_KINDS;
	struct siphash_key key;

	for (unsigned i = 0; i < p->pool_count; i++)
		if (p->pool[i].slots.count)
			return -EBUSY;
	if (version > FROZEN_VERSION)
		return -ENOTSUP;
	key.k[0] = rd_be64(&r);
	key.k[1] = rd_be64(&r);
	for (unsigned i = 0; i < kinds; i++)
		kind[i] = rd_sub(&r, (size_t)rd_be32(&r) * frozen_size[i]);
	if (r.bad || rd_left(&r) || !version)
		return -EBADMSG;
	p->key = key;
	thaw_ip4(p, kind[POOL_IP4]);
	for (unsigned i = POOL_PREFIX6; i < kinds; i++)
		thaw_ip6(p, i, kind[i]);
	return 0;
}
