/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token bucket. Time is an argument (monotonic ns). A rate of 0 means no limit. */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint64_t tat; /* when the bucket will be full again, ns (GCRA) */
};

/* Takes one token where there is one. @per_second: tokens a second; @burst: how many at once, at
 * least 1. */
static inline bool rate_ok(struct rate *r, uint32_t per_second, uint32_t burst, uint64_t now)
{
	uint64_t step;

	if (!per_second)
		return true;
	step = 1000000000ull / per_second;
	if (r->tat < now)
		r->tat = now;
	if (r->tat - now > step * (burst ? burst - 1 : 0))
		return false;
	r->tat += step;
	return true;
}

#endif
