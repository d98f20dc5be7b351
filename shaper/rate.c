// SPDX-License-Identifier: GPL-2.0-or-later
/* Rates as people write them: what suffixes mean stands in shaper/rate.h. */
#include "shaper/rate.h"

#include "shaper/text.h"

#define NANO 1000000000ull

static const char out_of_range[] = "a rate is 8000 to 1000000000000 bit/s";
static const char no_number[] = "a rate is a number, with B, K, M or G behind it or without";

_Static_assert(SHAPER_RATE_MIN == 8000 && SHAPER_RATE_MAX == 1000000000000, "as told to people");
/* Or SHAPER_RATE_MAX / multiplier, and a fraction times the multiplier, would not be exact. */
_Static_assert(SHAPER_RATE_MAX % NANO == 0 && NANO <= UINT64_MAX / NANO, "suffixes up to G");

/* Behind the point: in units of 10^-9, which is as much as G can make whole. */
static const char *read_fraction(struct rd *t, uint64_t *ret)
{
	uint64_t weight = NANO, v = 0;

	if (!text_is_digit(text_peek(t)))
		return no_number;
	while (text_is_digit(text_peek(t))) {
		unsigned digit = rd_u8(t) - '0';

		weight /= 10;
		if (!weight && digit)
			return "a rate is a whole number of bit/s";
		v += weight * digit;
	}
	*ret = v;
	return NULL;
}

static uint64_t read_suffix(struct rd *t, uint64_t unit)
{
	switch (text_peek(t)) {
	case 'b':
	case 'B':
		unit = 1;
		break;
	case 'k':
	case 'K':
		unit = 1000;
		break;
	case 'm':
	case 'M':
		unit = 1000000;
		break;
	case 'g':
	case 'G':
		unit = 1000000000;
		break;
	default:
		return unit;
	}
	rd_skip(t, 1);
	return unit;
}

const char *shaper_rate_read(struct rd *t, uint64_t unit, uint64_t *ret)
{
	uint64_t whole, fraction = 0, v;
	const char *why = NULL;
	int rc = text_u64(t, SHAPER_RATE_MAX, &whole);

	if (rc)
		return rc == -ERANGE ? out_of_range : no_number;
	if (text_skip(t, "."))
		why = read_fraction(t, &fraction);
	if (why)
		return why;
	unit = read_suffix(t, unit);
	if (fraction * unit % NANO)
		return "a rate is a whole number of bit/s";
	if (whole > SHAPER_RATE_MAX / unit)
		return out_of_range;
	v = whole * unit + fraction * unit / NANO;
	if (v > SHAPER_RATE_MAX)
		return out_of_range;
	*ret = v;
	return NULL;
}

const char *shaper_pair_read(struct rd *t, uint64_t unit, const char *separators, uint64_t ret[2])
{
	const char *why = shaper_rate_read(t, unit, &ret[0]);

	ret[1] = ret[0];
	if (why || !text_is_of(t, separators))
		return why;
	rd_skip(t, 1);
	return shaper_rate_read(t, unit, &ret[1]);
}

const char *shaper_rate_check(uint64_t rate)
{
	return rate < SHAPER_RATE_MIN || rate > SHAPER_RATE_MAX ? out_of_range : NULL;
}
