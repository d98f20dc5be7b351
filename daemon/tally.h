/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many sessions each of many things has: a VLAN, a circuit id. A thing is known by a hash of 64
 * bits with a secret key, so that two of them are one neither by chance nor by design. Pure.
 */
#ifndef DAEMON_TALLY_H
#define DAEMON_TALLY_H

#include "base/hidx.h"

struct tally {
	struct tally_place {
		uint64_t hash;
		uint32_t count;
	} *place;
	uint32_t *unused; /* a stack */
	uint32_t unused_count, high;
	struct hidx by_hash;
};

/* @max: things at once. 0 or -ENOMEM. */
int tally_init(struct tally *t, uint32_t max);
void tally_fini(struct tally *t);

uint32_t tally_count(const struct tally *t, uint64_t hash);
/* One more of this thing; where it is counted, for tally_leave(). HIDX_NONE: `max` things are there. */
uint32_t tally_join(struct tally *t, uint64_t hash);
void tally_leave(struct tally *t, uint32_t place); /* HIDX_NONE is fine */

#endif
