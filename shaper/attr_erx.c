// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Juniper's ERX-Service-Activate and ERX-Cos-Shaping-Rate (JunosE and Junos broadband manuals).
 *
 * A service is NAME or NAME(ARGUMENT,...), its arguments being what the service's macro makes of
 * them, there. Here a profile of that NAME is what it means; where there is none, one argument that
 * is a rate, or two, say it: both directions, or down and up, in bit/s with k, m, g. Else the
 * service is one that we do not have, such as television.
 */
#include "shaper/attr.h"
#include "shaper/rate.h"
#include "shaper/text.h"

#define TAG_MAX 0x1f /* RFC 2868, section 3.1 */

/* Goes over what looks like a rate, be it a good one or not. */
static bool skip_rate(struct rd *t)
{
	if (!text_is_digit(text_peek(t)))
		return false;
	text_digits(t);
	if (text_skip(t, "."))
		text_digits(t);
	if (text_is_of(t, "BKMGbkmg"))
		rd_skip(t, 1);
	return true;
}

static bool are_rates(struct rd t)
{
	if (!text_skip(&t, "(") || !skip_rate(&t))
		return false;
	if (text_skip(&t, ",") && !skip_rate(&t))
		return false;
	return text_skip(&t, ")") && !rd_left(&t);
}

SHAPER_PARSER(shaper_erx_service)
{
	struct rd always = rd_init(NULL, 0), name;
	uint64_t rate[2] = { 0 };
	const char *why;

	if (text_peek(&value) <= TAG_MAX)
		rd_skip(&value, 1);
	name = text_until(&value, "(");
	if (shaper_say_profile(g, row->direction, name))
		return NULL;
	if (!are_rates(value)) {
		shaper_say_missing(g, "profile");
		return NULL;
	}
	text_skip(&value, "(");
	why = shaper_pair_read(&value, SHAPER_BIT, ",", rate);
	for (unsigned i = 0; !why && i < 2; i++)
		why = shaper_rate_check(rate[i]);
	if (why)
		return why;
	shaper_say(g, row->dict, SHAPER_DOWN, always, &(struct shaper_rate){ .pir = rate[0] });
	shaper_say(g, row->dict, SHAPER_UP, always, &(struct shaper_rate){ .pir = rate[1] });
	return NULL;
}

/* A text in the dictionaries; a server may have it as an integer. Four octets that begin with a
 * digit are a text. Shaping is on the way out, so it is what goes to the subscriber. */
SHAPER_PARSER(shaper_erx_shaping_rate)
{
	const char *why = NULL;
	uint64_t rate;

	if (rd_left(&value) == 4 && !text_is_digit(text_peek(&value)))
		rate = rd_be32(&value);
	else
		why = shaper_rate_read(&value, SHAPER_BIT, &rate);
	if (!why && rd_left(&value))
		why = "one rate in bit/s, or with k, m or g, is allowed";
	if (!why)
		why = shaper_rate_check(rate);
	if (!why)
		shaper_say_limit(g, row, row->direction, rate);
	return why;
}
