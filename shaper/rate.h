/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rates as people write them. A bare number has the unit of where it stands; a suffix says its own,
 * the same wherever it stands:
 *
 *	B  1 bit/s	K  1,000	M  1,000,000	G  1,000,000,000	(or in lower case)
 *
 * A fraction behind a point is exact, or refused: 1.5M is 1,500,000 bit/s. Nothing here is a float.
 */
#ifndef SHAPER_RATE_H
#define SHAPER_RATE_H

#include "base/wire.h"
#include "shaper/plan.h"

/* What a bare number counts, in bit/s. */
#define SHAPER_BIT  1ull
#define SHAPER_KBIT 1000ull

/* All return NULL, or what is allowed instead: the end of a sentence. */

/* Any number up to SHAPER_RATE_MAX, 0 as well. What stands behind it is left in `t`. */
const char *shaper_rate_read(struct rd *t, uint64_t unit, uint64_t *ret);
/* "A" for both, or "A/B" with any of `separators` between them. */
const char *shaper_pair_read(struct rd *t, uint64_t unit, const char *separators, uint64_t ret[2]);
/* Is it one that a line can have? */
const char *shaper_rate_check(uint64_t rate);

#endif
