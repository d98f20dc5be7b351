// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hist.h"

#include "base/json.h"

const uint32_t hist_bound_us[HIST_BOUNDS] = {
	50,	100,	250,	500,	 1000,	  2000,	   5000,    10000,   25000,
	50000,	100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000,
};

void hist_add(struct hist *h, uint64_t ns)
{
	unsigned i = 0;

	while (i < HIST_BOUNDS && ns > hist_bound_us[i] * 1000ull)
		i++;
	h->count[i]++;
	h->sum_ns += ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

uint64_t hist_total(const struct hist *h)
{
	uint64_t n = 0;

	for (unsigned i = 0; i <= HIST_BOUNDS; i++)
		n += h->count[i];
	return n;
}

void hist_show(const struct hist *h, struct json *j, const char *name)
{
	json_open(j, name, '{');
	json_u64(j, "count", hist_total(h));
	json_u64(j, "sum-us", h->sum_ns / 1000);
	json_u64(j, "max-us", h->max_ns / 1000);
	json_open(j, "le-us", '[');
	for (unsigned i = 0; i < HIST_BOUNDS; i++)
		json_u64(j, NULL, hist_bound_us[i]);
	json_close(j, ']');
	json_open(j, "counts", '[');
	for (unsigned i = 0; i <= HIST_BOUNDS; i++)
		json_u64(j, NULL, h->count[i]);
	json_close(j, ']');
	json_close(j, '}');
}
