// SPDX-License-Identifier: GPL-2.0-or-later
/* A session's leases as octets and back: what DHCPv6 knows of them, and where they came from; and
 * what RADIUS said of its IPv6, where new ones will come from. */
#include "daemon/daemon.h"
#include "daemon/freeze.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define FLAGS	(LEASE_OF_POOL | LEASE_BOUND | LEASE_CARRIED | LEASE_ROUTED)

static void put_given(const struct given6 *g, struct wr *w)
{
	wr_u8(w, g ? 1 : 0);
	if (!g)
		return;
	wr_u8(w, g->has_address);
	wr_bytes(w, g->address.b, sizeof(g->address.b));
	wr_u8(w, g->has_delegated);
	wr_bytes(w, g->delegated.addr.b, sizeof(g->delegated.addr.b));
	wr_u8(w, g->delegated.len);
	wr_u8(w, g->dns_count);
	for (unsigned i = 0; i < g->dns_count; i++)
		wr_bytes(w, g->dns[i].b, sizeof(g->dns[i].b));
	freeze_text(w, g->address_pool);
	freeze_text(w, g->delegated_pool);
}

int leases_freeze(const struct session *s, struct wr *w)
{
	const struct leases *all = s->leases;

	wr_u8(w, VERSION);
	put_given(s->given6, w);
	wr_u8(w, (uint8_t)(all ? all->count : 0));
	if (!all || !all->count)
		return w->bad ? -ENOSPC : 0;
	for (unsigned i = 0; i < all->count; i++) {
		const struct lease *l = &all->lease[i];

		wr_u8(w, l->kind);
		wr_u8(w, l->index);
		wr_u8(w, l->flags);
		wr_bytes(w, l->prefix.addr.b, sizeof(l->prefix.addr.b));
		wr_u8(w, l->prefix.len);
	}
	return dhcp6_line_freeze(&all->line, w);
}

static struct lease get_lease(struct rd *r)
{
	struct lease l;

	l.kind = rd_u8(r);
	l.index = rd_u8(r);
	l.flags = rd_u8(r);
	rd_copy(r, l.prefix.addr.b, sizeof(l.prefix.addr.b));
	l.prefix.len = rd_u8(r);
	if (l.kind >= DHCP6_KINDS || l.index >= LEASES_MAX || l.flags & ~FLAGS || !l.prefix.len ||
	    l.prefix.len > 128 || (l.kind == DHCP6_NA && l.prefix.len != 128))
		r->bad = true;
	return l;
}

static void get_given(struct rd *r, struct given6 *g)
{
	uint8_t address = rd_u8(r), delegated;

	rd_copy(r, g->address.b, sizeof(g->address.b));
	delegated = rd_u8(r);
	rd_copy(r, g->delegated.addr.b, sizeof(g->delegated.addr.b));
	g->delegated.len = rd_u8(r);
	g->dns_count = rd_u8(r);
	if (address > 1 || delegated > 1 || g->delegated.len > 128 ||
	    g->dns_count > ARRAY_SIZE(g->dns)) {
		g->dns_count = 0;
		r->bad = true;
	}
	g->has_address = address;
	g->has_delegated = delegated;
	for (unsigned i = 0; i < g->dns_count; i++)
		rd_copy(r, g->dns[i].b, sizeof(g->dns[i].b));
	(void)thaw_text(r, g->address_pool, sizeof(g->address_pool));
	(void)thaw_text(r, g->delegated_pool, sizeof(g->delegated_pool));
}

struct frozen6 {
	struct given6 given;
	struct leases leases; /* but its line: what is left of the octets */
	bool has_given;
};

/* What is left of *r is the protocol's. */
static int parse(struct rd *r, struct frozen6 *z)
{
	uint8_t version = rd_u8(r), given, count;

	*z = (struct frozen6){ 0 };
	if (version > VERSION)
		return -ENOTSUP;
	given = rd_u8(r);
	if (given)
		get_given(r, &z->given);
	z->has_given = given;
	count = rd_u8(r);
	if (!version || given > 1 || count > LEASES_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < count; i++)
		z->leases.lease[z->leases.count++] = get_lease(r);
	if (r->bad || (!count && rd_left(r)))
		return -EBADMSG;
	return count ? dhcp6_line_frozen_check(*r) : 0;
}

int leases_frozen_check(struct rd r)
{
	struct frozen6 z;

	return parse(&r, &z);
}

static int take_leases(struct session *s, const struct frozen6 *z, struct rd *r)
{
	struct leases *all;
	int rc;

	if (!z->leases.count)
		return 0;
	all = malloc(sizeof(*all));
	if (!all)
		return -ENOMEM;
	*all = z->leases;
	all->s = s;
	rc = dhcp6_line_thaw(&all->line, &s->d->dhcp6, r);
	if (rc)
		free(all);
	else
		s->leases = all;
	return rc;
}

int leases_thaw(struct session *s, struct rd r)
{
	struct frozen6 z;
	int rc = parse(&r, &z);

	if (!rc && z.has_given) {
		s->given6 = malloc(sizeof(*s->given6));
		if (!s->given6)
			return -ENOMEM;
		*s->given6 = z.given;
	}
	return rc ? rc : take_leases(s, &z, &r);
}

void leases_fini(struct session *s)
{
	if (s->leases)
		dhcp6_line_fini(&s->leases->line);
	free(s->leases);
	s->leases = NULL;
}
