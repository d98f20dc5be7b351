// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mikrotik-Rate-Limit, as RouterOS's manual has it (RADIUS client, PPP profile's rate-limit):
 *
 *	rx[/tx] [rx-burst[/tx-burst] [rx-threshold[/tx-threshold] [rx-time[/tx-time]
 *		[priority] [rx-min[/tx-min]]]]]
 *
 * from the router's point of view: rx, the first, is what the subscriber sends. Bare numbers are
 * bit/s, times seconds. A tx that is not there is as rx, a threshold as the rate, a time is 1 s.
 * Where there is to be no burst but something behind it, people write 0/0 0/0 0/0: none, then.
 */
#include "shaper/attr.h"
#include "shaper/rate.h"
#include "shaper/text.h"

#define TIME_MAX 3600 /* s; and no product below has more than 128 bits */

enum { RX, TX };

struct fields {
	uint64_t rate[2], burst[2], threshold[2], time[2], priority, min[2];
};

static const char grammar[] =
	"RX[/TX] [BURST[/..] [THRESHOLD[/..] [TIME[/..] [PRIORITY [MIN[/..]]]]]] is allowed";

/* Seconds, with their unit or without. */
static const char *read_seconds(struct rd *t, uint64_t *ret)
{
	if (text_u64(t, TIME_MAX, ret))
		return "a burst's time is 0 to 3600 seconds";
	text_skip(t, "s");
	return NULL;
}

static const char *read_time(struct rd *t, uint64_t ret[2])
{
	const char *why = read_seconds(t, &ret[RX]);

	ret[TX] = ret[RX];
	if (!why && text_skip(t, "/"))
		why = read_seconds(t, &ret[TX]);
	return why;
}

static const char *read_priority(struct rd *t, uint64_t *ret)
{
	if (text_u64(t, SHAPER_PRIORITY_LOW, ret) || !*ret)
		return "a priority is 1 to 8";
	return NULL;
}

static const char *read_field(struct rd *t, unsigned n, struct fields *f)
{
	switch (n) {
	case 0:
		return shaper_pair_read(t, SHAPER_BIT, "/", f->rate);
	case 1:
		return shaper_pair_read(t, SHAPER_BIT, "/", f->burst);
	case 2:
		return shaper_pair_read(t, SHAPER_BIT, "/", f->threshold);
	case 3:
		return read_time(t, f->time);
	case 4:
		return read_priority(t, &f->priority);
	case 5:
		return shaper_pair_read(t, SHAPER_BIT, "/", f->min);
	default:
		return grammar;
	}
}

/* Fields with blanks between them; fields that are not there stay 0. */
static const char *read_fields(struct rd t, struct fields *f)
{
	const char *why = read_field(&t, 0, f);

	for (unsigned n = 1; !why && text_blanks(&t) && rd_left(&t); n++)
		why = read_field(&t, n, f);
	return why ? why : rd_left(&t) ? grammar : NULL;
}

/*
 * RouterOS lets a line have its burst rate as long as its average over `time` is below `threshold`:
 * from rest that lasts threshold * time / burst seconds (its manual: Queues, burst). What flows
 * above the rate in that time is the octets of ours.
 */
static const char *take_burst(const struct fields *f, unsigned i, struct shaper_rate *r)
{
	uint64_t threshold = f->threshold[i] ? f->threshold[i] : f->rate[i];
	uint64_t peak = f->burst[i];

	if (!peak)
		return NULL;
	if (peak < r->pir)
		return "a burst's rate may not be below the rate";
	if (threshold > peak)
		threshold = peak;
	r->burst =
		(uint64_t)((unsigned __int128)(peak - r->pir) * threshold * f->time[i] / peak / 8);
	r->peak = r->burst ? peak : 0;
	return NULL;
}

/* RouterOS takes the rate itself as the minimum where none is given. A guarantee of all of it would
 * leave nothing to share, and nobody asked for one: it is none. */
static const char *take(const struct fields *f, unsigned i, struct shaper_rate *r)
{
	const char *why = shaper_rate_check(f->rate[i]);

	*r = (struct shaper_rate){ .pir = f->rate[i],
				   .cir = f->min[i],
				   .priority = (uint8_t)f->priority };
	if (!why && f->min[i])
		why = shaper_rate_check(f->min[i]);
	return why ? why : take_burst(f, i, r);
}

SHAPER_PARSER(shaper_mikrotik_rate_limit)
{
	struct rd always = rd_init(NULL, 0);
	struct shaper_rate up, down;
	struct fields f = { .time = { 1, 1 } };
	const char *why = read_fields(value, &f);

	if (!why)
		why = take(&f, RX, &up);
	if (!why)
		why = take(&f, TX, &down);
	if (why)
		return why;
	shaper_say(g, row->dict, SHAPER_UP, always, &up);
	shaper_say(g, row->dict, SHAPER_DOWN, always, &down);
	return NULL;
}
