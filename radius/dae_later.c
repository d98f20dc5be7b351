// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The requests of dynamic authorization whose outcome is not known yet. RFC 5176 says nothing of
 * how long an answer may take; who asked sends his request again (RFC 5080, section 2.2.1), and its
 * duplicates are known here. They are few: a walk over all of them is short.
 */
#include "radius/dae_later.h"

#include <stdlib.h>
#include <string.h>

void radius_dae_later_fini(struct radius_dae_later *l)
{
	for (unsigned i = 0; i < RADIUS_DAE_LATER_MAX; i++)
		radius_dae_later_leave(&l->place[i]);
}

static struct radius_dae_waiting *free_place(struct radius_dae_later *l)
{
	for (unsigned i = 0; i < RADIUS_DAE_LATER_MAX; i++)
		if (!l->place[i].raw)
			return &l->place[i];
	return NULL;
}

struct radius_dae_waiting *radius_dae_later_take(struct radius_dae_later *l,
						 const struct radius_dae_datagram *q)
{
	struct radius_dae_waiting *w = free_place(l);
	uint8_t *raw = w ? malloc(q->packet.len) : NULL;

	if (!raw)
		return NULL;
	memcpy(raw, q->packet.raw, q->packet.len);
	*w = (struct radius_dae_waiting){ .raw = raw, .from = *q->from, .q = *q };
	w->q.from = &w->from;
	(void)radius_packet_parse(raw, q->packet.len, &w->q.packet); /* it was well-formed before */
	return w;
}

void radius_dae_later_leave(struct radius_dae_waiting *w)
{
	free(w->raw);
	*w = (struct radius_dae_waiting){ 0 };
}

struct radius_dae_waiting *radius_dae_later_find(struct radius_dae_later *l, uint64_t ticket)
{
	for (unsigned i = 0; ticket && i < RADIUS_DAE_LATER_MAX; i++)
		if (l->place[i].ticket == ticket)
			return &l->place[i];
	return NULL;
}

bool radius_dae_same_client(bool stamped, const struct radius_dae_peer *a,
			    const struct radius_dae_peer *b)
{
	return stamped ||
	       (a->port == b->port && a->scope == b->scope && ip6_equal(&a->addr, &b->addr));
}

bool radius_dae_later_has(const struct radius_dae_later *l, const struct radius_dae_datagram *q)
{
	for (unsigned i = 0; i < RADIUS_DAE_LATER_MAX; i++) {
		const struct radius_dae_waiting *w = &l->place[i];

		if (w->raw && w->q.hash == q->hash && w->q.packet.id == q->packet.id &&
		    !memcmp(w->q.packet.auth, q->packet.auth, RADIUS_AUTH_LEN) &&
		    radius_dae_same_client(w->q.stamped, &w->from, q->from))
			return true;
	}
	return false;
}
