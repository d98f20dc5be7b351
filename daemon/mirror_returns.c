// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A station that copies are addressed to, and that forwards what it gets: what comes back by its
 * own interface ends there (mirror_return.bpf.c); by another way no copy can be told from what it
 * is a copy of, so whether there is such a way is asked instead, at first and then once in a while.
 * While there is one, that station gets no copies.
 *
 * What it is asked with goes to our own subscribers' networks: a gateway's address, or the last of
 * a pool, which is the last to be given to somebody.
 */
#include "daemon/mirror_priv.h"

#include "base/siphash.h"
#include "daemon/neigh.h"
#include "daemon/returns.h"

#include <string.h>

#define ROUND (2 * NSEC_PER_SEC) /* what has not come back by then does not */
#define AGAIN (60 * NSEC_PER_SEC)
#define SOON  (6 * NSEC_PER_SEC) /* while one does */

/* A router may want to know the way back to it: the dummy address of RFC 7600, and one of the
 * prefix of RFC 6666, where the kernel has no better one. */
#define NO_SOURCE4 UINT32_C(0xc0000008)
static const struct ip6 no_source6 = { { 0x01, [15] = 1 } };

int mirror_returns_init(struct mirrors *m)
{
	struct siphash_key key;
	int rc = siphash_key_random(&key);

	_Static_assert(sizeof(m->id) == RETURNS_ID, "a process's number");
	if (!rc)
		memcpy(m->id, &key, sizeof(m->id));
	return rc;
}

void mirror_returns_fini(struct mirrors *m)
{
	returns_free(m->returns);
	m->returns = NULL;
}

static void on_return(void *arg, const struct returns_id *id, int ifindex, const struct mac *from)
{
	struct mirrors *m = arg;
	struct mirror_target *t;

	if (memcmp(id->of, m->id, sizeof(m->id)) || id->target >= m->d->config->mirror.port_count)
		return;
	t = &m->targets[id->target];
	if (ifindex == t->link.ifindex && mac_equal(from, &t->dst))
		return; /* copies end there */
	t->heard = true;
	if (t->returns)
		return;
	t->returns = true;
	mirror_look(m, false);
}

/* --- asking ---------------------------------------------------------------------------------- */

static void send_one(struct mirrors *m, unsigned i, const struct returns_ends *e)
{
	const struct mirror_target *t = &m->targets[i];
	struct returns_id id = { .target = (uint16_t)i };
	uint8_t buf[RETURNS_PACKET_MAX];
	size_t len;

	memcpy(id.of, m->id, sizeof(id.of));
	len = returns_write(buf, e, &id);
	(void)returns_send(m->returns, t->link.ifindex, &t->dst, e->ip6, buf, len);
}

static struct ip6 last_of(const struct config_prefix_pool *p)
{
	struct ip6 last = p->prefix.addr;

	for (unsigned bit = p->prefix.len; bit < p->plen && bit < 128; bit++)
		last.b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static void ask6(struct mirrors *m, unsigned i, struct returns_ends *e,
		 const struct config_prefix_pool *list, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		e->dst6 = last_of(&list[k]);
		send_one(m, i, e);
	}
}

static void ask(struct mirrors *m, unsigned i)
{
	const struct config *c = m->d->config;
	struct returns_ends e = { .src4 = NO_SOURCE4, .src6 = no_source6 };
	struct neigh_way w;

	if (!neigh_way(m->neigh, NO_SOURCE4, NULL, &w) && w.src4)
		e.src4 = w.src4;
	e.dst4 = c->ip_pool.gw_ip_address;
	if (e.dst4)
		send_one(m, i, &e);
	for (unsigned k = 0; k < c->ip_pool.pool_count; k++) {
		e.dst4 = c->ip_pool.pools[k].last;
		send_one(m, i, &e);
	}
	e.ip6 = true;
	ask6(m, i, &e, c->ipv6_pool.prefixes, c->ipv6_pool.prefix_count);
	ask6(m, i, &e, c->ipv6_pool.delegates, c->ipv6_pool.delegate_count);
	ask6(m, i, &e, c->ipv6_pool.addresses, c->ipv6_pool.address_count);
}

static bool is_asked(const struct mirror_target *t)
{
	return t->real && t->link.up;
}

static void begin(struct mirrors *m, uint64_t now)
{
	bool any = false;

	for (unsigned i = 0; i < m->d->config->mirror.port_count; i++)
		any |= is_asked(&m->targets[i]);
	m->ask = now + AGAIN;
	if (!any || returns_new(&m->returns, m->d->loop, on_return, m))
		return;
	m->asked = now;
	for (unsigned i = 0; i < m->d->config->mirror.port_count; i++) {
		m->targets[i].heard = false;
		if (is_asked(&m->targets[i]))
			ask(m, i);
	}
}

/* Whom nothing has come back from is good again. */
static void end(struct mirrors *m, uint64_t now)
{
	mirror_returns_fini(m);
	for (unsigned i = 0; i < m->d->config->mirror.port_count; i++) {
		struct mirror_target *t = &m->targets[i];

		t->returns = t->returns && (t->heard || !is_asked(t));
		if (t->returns)
			m->ask = now + SOON;
	}
}

void mirror_returns_look(struct mirrors *m, uint64_t now)
{
	if (m->returns && now - m->asked >= ROUND)
		end(m, now);
	else if (!m->returns && now >= m->ask)
		begin(m, now);
}

/* Not anew where it is being done: on_return() may be our caller. */
void mirror_returns_soon(struct mirrors *m, unsigned target)
{
	uint64_t now = loop_now(m->d->loop);

	m->targets[target].returns = false;
	if (!m->returns) {
		begin(m, now);
		return;
	}
	m->asked = now;
	ask(m, target);
}
