/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A histogram of durations, with the same fixed bounds everywhere: 50 us to 30 s. */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include <stdint.h>

#define HIST_BOUNDS 18

extern const uint32_t hist_bound_us[HIST_BOUNDS];

/* count[i]: durations above bound i-1 and not above bound i; the last one: above all. */
struct hist {
	uint64_t count[HIST_BOUNDS + 1], sum_ns, max_ns;
};

void hist_add(struct hist *h, uint64_t ns);
uint64_t hist_total(const struct hist *h);

struct json;
/* As {count, sum-us, max-us, le-us: [BOUND...], counts: [COUNT...]}; counts are not cumulated, and
 * have one more than le-us: what is above all bounds. */
void hist_show(const struct hist *h, struct json *j, const char *name);

#endif
