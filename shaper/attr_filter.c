// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filter-Id (RFC 2865, section 5.11: the name of a filter list) as accel-ppp uses it for speeds,
 *see its README and shaper.c:
 *
 *	[RANGE,]DOWN[/UP] [anything]
 *
 * in kbit/s, with `/`, `\` or `:` between them, one number for both, and Cisco's rate-limit text.
 *And the name of a profile, which comes first. Anything else is a filter's name that means nothing
 * here. A text that begins with a digit claims to be a rate, so 10Mbit/s is an error that is told
 *and not an unlimited line; IOS's access lists (101.in) are the exception.
 *
 * Other than there: G is 10^9, not 10^10; numbers are not multiplied by a configured factor; RANGE
 * may be any name.
 */
#include "shaper/attr.h"
#include "shaper/rate.h"
#include "shaper/text.h"

static const char grammar[] =
	"[RANGE,]DOWN[/UP] is allowed, in kbit/s or with B, K, M or G behind a number";

static bool is_access_list(struct rd t)
{
	text_digits(&t);
	return text_equal(&t, ".in") || text_equal(&t, ".out");
}

static bool claims(struct rd t)
{
	if (is_access_list(t))
		return false;
	if (!text_skip(&t, "-"))
		text_skip(&t, "+");
	return text_is_digit(text_peek(&t));
}

/* Splits what stands before the first blank. False: it is no speed. */
static bool split(struct rd t, struct rd *ret_range, struct rd *ret_rates)
{
	struct rd word = text_until(&t, " "), rest = word, range = text_until(&rest, ",");
	bool timed = text_skip(&rest, ",");

	*ret_range = timed ? range : rd_init(NULL, 0);
	*ret_rates = timed ? rest : word;
	return claims(*ret_rates) && (!timed || rd_left(&range));
}

bool shaper_filter_wanted(struct rd value)
{
	struct rd range, rates;

	return rd_left(&value) < SHAPER_NAME_MAX || shaper_cisco_is_rate_limit(value) ||
	       split(value, &range, &rates);
}

SHAPER_PARSER(shaper_filter_id)
{
	struct rd range, rates;
	uint64_t rate[2] = { 0 };
	const char *why;

	if (shaper_say_profile(g, row->direction, value))
		return NULL;
	if (shaper_cisco_is_rate_limit(value))
		return shaper_cisco_rate_limit(g, row, value);
	if (!split(value, &range, &rates))
		return NULL;
	why = shaper_pair_read(&rates, SHAPER_KBIT, "/\\:", rate);
	if (!why && rd_left(&rates))
		why = grammar;
	for (unsigned i = 0; !why && i < 2; i++)
		why = shaper_rate_check(rate[i]);
	if (why)
		return why;
	shaper_say(g, row->dict, SHAPER_DOWN, range, &(struct shaper_rate){ .pir = rate[0] });
	shaper_say(g, row->dict, SHAPER_UP, range, &(struct shaper_rate){ .pir = rate[1] });
	return NULL;
}
