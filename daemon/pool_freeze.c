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

#define PIECE 2048 /* of a call of pools_freezer_some(); some 50 us */

struct pools_freezer {
	struct pools *p;
	enum pool_kind kind; /* what is being written, and of which pool */
	unsigned pool;
	bool walking;
	uint32_t left;	 /* of it */
	uint32_t count;	 /* of the kind, so far */
	size_t count_at; /* where that will stand */
	struct wr w;
};

static void freeze_one(void *arg, uint64_t number, uint32_t user)
{
	struct pools_freezer *f = arg;
	const struct pool *pool = &f->p->pool[f->pool];
	uint64_t v;
	const struct range *r = pool_range_of_number(f->p, pool, number, &v);

	if (pool->kind == POOL_IP4)
		wr_be32(&f->w, (uint32_t)v);
	else if (pool->kind == POOL_ADDRESS6)
		wr_be64(&f->w, r->above), wr_be64(&f->w, v);
	else
		wr_be64(&f->w, v << r->shift), wr_u8(&f->w, (uint8_t)(64 - r->shift));
	wr_be32(&f->w, user);
}

static int reserve(struct wr *w, size_t more)
{
	uint8_t *buf = realloc(w->buf, w->len + more);

	if (!buf)
		return -ENOMEM;
	w->buf = buf;
	w->cap = w->len + more;
	return 0;
}

static void kind_begin(struct pools_freezer *f, enum pool_kind kind)
{
	f->kind = kind;
	f->pool = 0;
	f->count = 0;
	f->count_at = f->w.len;
	wr_be32(&f->w, 0);
}

static void kind_end(struct pools_freezer *f)
{
	struct wr count = wr_init(f->w.buf + f->count_at, 4);

	wr_be32(&count, f->count);
}

/* As many of it as there are now: those that come meanwhile are written the next time. */
static int pool_begin(struct pools_freezer *f)
{
	struct slots *s = &f->p->pool[f->pool].slots;

	f->left = (uint32_t)(s->count - s->used);
	slots_walk_begin(s);
	f->walking = true;
	return reserve(&f->w, (size_t)f->left * frozen_size[f->kind] + 4 * POOL_KINDS);
}

/* How many of this pool's were written. */
static uint32_t pool_some(struct pools_freezer *f, uint32_t max)
{
	uint32_t n = slots_walk(&f->p->pool[f->pool].slots, max < f->left ? max : f->left,
				freeze_one, f);

	f->count += n;
	f->left -= n;
	if (!n || !f->left) {
		f->walking = false;
		f->pool++;
	}
	return n;
}

int pools_freezer_new(struct pools_freezer **ret, struct pools *p)
{
	struct pools_freezer *f = calloc(1, sizeof(*f));

	if (!f || reserve(&f->w, FROZEN_HEAD)) {
		free(f);
		return -ENOMEM;
	}
	f->p = p;
	wr_u8(&f->w, FROZEN_VERSION);
	wr_be64(&f->w, p->key.k[0]); /* users are hashes: they mean something with this key alone */
	wr_be64(&f->w, p->key.k[1]);
	kind_begin(f, 0);
	*ret = f;
	return 0;
}

int pools_freezer_some(struct pools_freezer *f)
{
	for (uint32_t done = 0; done < PIECE;) {
		if (f->pool == f->p->pool_count) {
			kind_end(f);
			if (f->kind + 1 == POOL_KINDS)
				return f->w.bad ? -ENOMEM : 0;
			kind_begin(f, f->kind + 1);
		} else if (f->p->pool[f->pool].kind != f->kind) {
			f->pool++;
		} else {
			int rc = f->walking ? 0 : pool_begin(f);

			if (rc)
				return rc;
			done += pool_some(f, PIECE - done);
		}
	}
	return 1;
}

uint8_t *pools_freezer_take(struct pools_freezer *f, size_t *ret_len)
{
	uint8_t *octets = f->w.buf;

	*ret_len = f->w.len;
	f->w = (struct wr){ 0 };
	return octets;
}

void pools_freezer_free(struct pools_freezer *f)
{
	if (!f)
		return;
	free(f->w.buf);
	free(f);
}

int pools_freeze(struct pools *p, uint8_t **ret, size_t *ret_len)
{
	struct pools_freezer *f;
	int rc = pools_freezer_new(&f, p);

	if (rc)
		return rc;
	do
		rc = pools_freezer_some(f);
	while (rc > 0);
	if (!rc)
		*ret = pools_freezer_take(f, ret_len);
	pools_freezer_free(f);
	return rc;
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
