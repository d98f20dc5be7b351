/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to dynamic authorization: a datagram on its way through, and those that wait. */
#ifndef RADIUS_DAE_LATER_H
#define RADIUS_DAE_LATER_H

#include "radius/dae.h"
#include "radius/packet.h"

/* What is known of a datagram on its way through. */
struct radius_dae_datagram {
	uint64_t now, wall;
	const struct radius_dae_peer *from;
	uint8_t code; /* as received, before any check */
	size_t len;
	struct radius_packet packet;
	enum radius_ma ma;
	bool stamped;
	uint32_t stamp; /* Event-Timestamp, the latest */
	uint64_t fresh; /* until then the stamp is good; of the clock of `now` */
	uint64_t hash;
};

struct radius_dae_waiting {
	uint8_t *raw;	 /* NULL: this place is free */
	uint64_t ticket; /* 0: its action has not returned yet */
	struct radius_dae_peer from;
	struct radius_dae_datagram q; /* points into the two copies above */
};

struct radius_dae_later {
	struct radius_dae_waiting place[RADIUS_DAE_LATER_MAX];
};

void radius_dae_later_fini(struct radius_dae_later *l);
/* Copies what it needs; the ticket is the caller's to set. NULL: all places are taken, or no
 * memory. */
struct radius_dae_waiting *radius_dae_later_take(struct radius_dae_later *l,
						 const struct radius_dae_datagram *q);
void radius_dae_later_leave(struct radius_dae_waiting *w);
/* NULL: there is none. */
struct radius_dae_waiting *radius_dae_later_find(struct radius_dae_later *l, uint64_t ticket);
/* Whether a duplicate of it waits. */
bool radius_dae_later_has(const struct radius_dae_later *l, const struct radius_dae_datagram *q);

/* What makes a duplicate, but for identifier and authenticator: without an Event-Timestamp the same
 * octets of another client are another request. */
bool radius_dae_same_client(bool stamped, const struct radius_dae_peer *a,
			    const struct radius_dae_peer *b);

#endif
