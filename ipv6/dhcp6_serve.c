// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which lease an IA gets: RFC 8415, sections 18.3.1, 18.3.2, 18.3.4, 18.3.5. dhcp6_server.c writes
 * the answer.
 *
 * Where the RFC leaves it to the server:
 * - Renew and Rebind make bindings anew (18.3.4, 18.3.5): a client gets going again after we have
 *   lost what we knew, and nobody else serves this link.
 * - An address is appropriate for a line when it is the one that the line has or would get: the
 *   other ones of its prefix belong to other lines.
 * - A client that comes with another DUID or IAID has been swapped or reset: where the limit is
 *   reached, it takes the place of what was extended longest ago.
 */
#include "ipv6/dhcp6_exchange.h"
#include "ipv6/dhcp6_lease.h"

static bool names_ia(const struct dhcp6_msg *m, const struct dhcp6_binding *b)
{
	uint16_t option = b->kind == DHCP6_PD ? DHCP6_OPT_IA_PD : DHCP6_OPT_IA_NA;

	for (unsigned i = 0; i < m->ia_count; i++)
		if (m->ia[i].option == option && m->ia[i].iaid == b->iaid)
			return true;
	return false;
}

/* Whom a new binding of that kind replaces: what is withdrawn, else what was extended longest ago,
 * but nothing that this very message is about. */
static struct dhcp6_binding *victim(struct dhcp6_exchange *x, enum dhcp6_kind kind)
{
	struct dhcp6_binding *best = NULL;

	for (unsigned i = 0; i < x->line->count; i++) {
		struct dhcp6_binding *b = &x->line->binding[i];

		if (b->kind != kind || x->offered[kind] & 1u << b->index ||
		    (b->client == x->client && names_ia(&x->msg, b)))
			continue;
		if (!best || (b->withdrawn && !best->withdrawn) ||
		    (b->withdrawn == best->withdrawn && b->valid_until < best->valid_until))
			best = b;
	}
	return best;
}

static unsigned bits(unsigned mask)
{
	return (unsigned)__builtin_popcount(mask);
}

/*
 * Where a new binding goes: 0 and an index that is free, or that of *ret_victim, which has to go.
 * -ENOSPC: all of the line's are in use by this message's other IAs.
 */
static int pick(struct dhcp6_exchange *x, enum dhcp6_kind kind, uint8_t *ret_index,
		struct dhcp6_binding **ret_victim)
{
	unsigned used[DHCP6_KINDS] = { x->offered[DHCP6_NA], x->offered[DHCP6_PD] };
	struct dhcp6_binding *v;

	for (unsigned i = 0; i < x->line->count; i++)
		used[x->line->binding[i].kind] |= 1u << x->line->binding[i].index;
	if (bits(used[kind]) < x->values.max[kind] &&
	    bits(used[DHCP6_NA]) + bits(used[DHCP6_PD]) < DHCP6_LEASES_MAX) {
		*ret_index = (uint8_t)__builtin_ctz(~used[kind]);
		*ret_victim = NULL;
		return 0;
	}
	v = x->values.max[kind] ? victim(x, kind) : NULL;
	if (!v)
		return -ENOSPC;
	*ret_index = v->index;
	*ret_victim = v;
	return 0;
}

static enum dhcp6_status none_available(enum dhcp6_kind kind)
{
	return kind == DHCP6_PD ? DHCP6_NO_PREFIX_AVAIL : DHCP6_NO_ADDRS_AVAIL;
}

/* Section 18.3.2: does the client name an address that is not this? In a Solicit they are wishes.
 */
static bool is_elsewhere(const struct dhcp6_exchange *x, const struct dhcp6_answer *a,
			 const struct prefix6 *lease)
{
	if (x->msg.type != DHCP6_REQUEST || a->ia->option != DHCP6_OPT_IA_NA)
		return false;
	for (unsigned i = 0; i < a->ia->count; i++) {
		const struct prefix6 *item = &x->msg.item[a->ia->first + i];

		if (!ip6_is_zero(&item->addr) && !dhcp6_prefix_equal(item, lease))
			return true;
	}
	return false;
}

static enum dhcp6_status extend(struct dhcp6_exchange *x, struct dhcp6_answer *a,
				struct dhcp6_binding *b)
{
	struct prefix6 lease = b->prefix;

	if (is_elsewhere(x, a, &lease))
		return DHCP6_NOT_ON_LINK;
	if (x->commit && dhcp6_lease_extend(x->line, x->now, b, &x->values, x->msg.client))
		return DHCP6_UNSPEC_FAIL;
	a->lease = lease;
	a->has_lease = true;
	return DHCP6_SUCCESS;
}

static enum dhcp6_status commit(struct dhcp6_exchange *x, const struct dhcp6_binding *new,
				struct dhcp6_binding *old)
{
	int r;

	if (old)
		dhcp6_lease_end(x->line, x->now, old, DHCP6_UNBIND_REPLACED);
	r = dhcp6_lease_new(x->line, x->now, new, &x->values, x->msg.client);
	if (!r)
		return DHCP6_SUCCESS;
	return r == -ENOSPC ? none_available(new->kind) : DHCP6_UNSPEC_FAIL;
}

/* What the client wishes (RFC 8168): a lease that it names, else a length. NULL: nothing. */
static const struct prefix6 *wish(const struct dhcp6_exchange *x, const struct dhcp6_ia *ia)
{
	const struct prefix6 *length = NULL;

	for (unsigned i = 0; i < ia->count; i++) {
		const struct prefix6 *item = &x->msg.item[ia->first + i];

		if (!ip6_is_zero(&item->addr))
			return item;
		if (!length && item->len && ia->option == DHCP6_OPT_IA_PD)
			length = item;
	}
	return length;
}

static enum dhcp6_status give(struct dhcp6_exchange *x, struct dhcp6_answer *a,
			      enum dhcp6_kind kind)
{
	const struct prefix6 *hint = wish(x, a->ia);
	struct dhcp6_binding new = { .kind = kind, .iaid = a->ia->iaid, .client = x->client }, *old;
	enum dhcp6_status code;

	if (!x->values.valid || pick(x, kind, &new.index, &old))
		return none_available(kind);
	if (old && old->withdrawn) { /* before assign(), which says the same until then */
		dhcp6_lease_end(x->line, x->now, old, DHCP6_UNBIND_WITHDRAWN);
		old = NULL;
	}
	if (x->line->ctx->ops->assign(x->line, kind, new.index, hint, &new.prefix))
		return none_available(kind);
	if (is_elsewhere(x, a, &new.prefix))
		return DHCP6_NOT_ON_LINK;
	code = x->commit ? commit(x, &new, old) : DHCP6_SUCCESS;
	if (code)
		return code;
	if (!x->commit)
		x->offered[kind] |= (uint8_t)(1u << new.index);
	a->lease = new.prefix;
	a->has_lease = true;
	return DHCP6_SUCCESS;
}

void dhcp6_serve_ia(struct dhcp6_exchange *x, struct dhcp6_answer *a)
{
	enum dhcp6_kind kind = a->ia->option == DHCP6_OPT_IA_PD ? DHCP6_PD : DHCP6_NA;
	struct dhcp6_binding *b;

	a->tell_gone = x->msg.type == DHCP6_RENEW || x->msg.type == DHCP6_REBIND;
	if (a->ia->option == DHCP6_OPT_IA_TA) { /* not served */
		a->status = DHCP6_NO_ADDRS_AVAIL;
		return;
	}
	b = dhcp6_lease_find(x->line, x->client, kind, a->ia->iaid);
	if (b && b->withdrawn) {
		a->withdrawn = b->prefix;
		a->has_withdrawn = a->tell_gone;
		dhcp6_lease_end(x->line, x->now, b, DHCP6_UNBIND_WITHDRAWN);
		b = NULL;
	}
	a->status = b ? extend(x, a, b) : give(x, a, kind);
	/* It may go well next time: the client keeps what it has and asks again. */
	if (a->status == DHCP6_UNSPEC_FAIL)
		a->tell_gone = false;
}
