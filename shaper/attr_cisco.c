// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cisco-AVPair, two of its many texts:
 *
 *	lcp:interface-config[#N]=rate-limit output|input [access-group N] BPS [NORMAL [EXCESS]]
 *		[conform-action transmit exceed-action drop]
 *	ip:sub-qos-policy-in|out=NAME, subscriber:sub-qos-policy-in|out=NAME
 *
 * in bit/s and octets (IOS: committed access rate, ISG). Output is to the subscriber. accel-ppp
 *reads the first of them in Filter-Id as well, and takes access-group's number as a time range; so
 *do we: as an access list of the other box it would be a limit of part of the traffic, which is not
 *ours.
 */
#include "shaper/attr.h"
#include "shaper/rate.h"
#include "shaper/text.h"

static const char grammar[] = "rate-limit input|output [access-group N] BPS NORMAL EXCESS "
			      "conform-action transmit exceed-action drop is allowed";

/* Goes over what an AVPair has before the command. */
static void skip_config(struct rd *t)
{
	struct rd saved = *t;

	if (!text_skip(t, "lcp:interface-config"))
		return;
	if (text_skip(t, "#"))
		text_digits(t);
	if (!text_skip(t, "="))
		*t = saved;
}

bool shaper_cisco_is_rate_limit(struct rd text)
{
	skip_config(&text);
	return text_skip(&text, "rate-limit ");
}

static struct rd next_word(struct rd *t)
{
	text_blanks(t);
	return text_until(t, " ");
}

/* A whole word of digits. */
static bool read_octets(struct rd word, uint64_t *ret)
{
	return !text_u64(&word, UINT32_MAX, ret) && !rd_left(&word);
}

/* What stands behind the rate. */
static const char *read_rest(struct rd t, uint64_t *ret_normal)
{
	static const char *const actions[] = { "conform-action", "transmit", "exceed-action",
					       "drop" };
	uint64_t excess;
	struct rd word = next_word(&t);

	if (read_octets(word, ret_normal)) {
		word = next_word(&t);
		if (read_octets(word, &excess))
			word = next_word(&t);
	}
	for (unsigned i = 0; rd_left(&word) && i < ARRAY_SIZE(actions); i++) {
		if (!text_equal(&word, actions[i]))
			return grammar;
		word = next_word(&t);
	}
	return rd_left(&word) ? grammar : NULL;
}

SHAPER_PARSER(shaper_cisco_rate_limit)
{
	struct shaper_rate rate = { 0 };
	struct rd range = rd_init(NULL, 0), word;
	enum shaper_direction direction;
	const char *why;

	skip_config(&value);
	text_skip(&value, "rate-limit");
	word = next_word(&value);
	direction = text_equal(&word, "output") ? SHAPER_DOWN : SHAPER_UP;
	if (direction == SHAPER_UP && !text_equal(&word, "input"))
		return grammar;
	word = next_word(&value);
	if (text_equal(&word, "access-group")) {
		range = next_word(&value);
		word = next_word(&value);
	}
	why = shaper_rate_read(&word, SHAPER_BIT, &rate.pir);
	if (!why)
		why = rd_left(&word) ? grammar : shaper_rate_check(rate.pir);
	if (!why)
		why = read_rest(value, &rate.burst);
	if (!why)
		shaper_say(g, row->dict, direction, range, &rate);
	return why;
}

/* Goes over all but the policy's name; 0, and over nothing: it is something else. */
static enum shaper_direction skip_policy(struct rd *t)
{
	struct rd name = *t;
	enum shaper_direction direction = 0;

	if (!text_skip(&name, "ip:") && !text_skip(&name, "subscriber:"))
		return 0;
	if (text_skip(&name, "sub-qos-policy-in="))
		direction = SHAPER_UP;
	else if (text_skip(&name, "sub-qos-policy-out="))
		direction = SHAPER_DOWN;
	if (direction)
		*t = name;
	return direction;
}

bool shaper_cisco_wanted(struct rd value)
{
	return skip_policy(&value) || shaper_cisco_is_rate_limit(value);
}

SHAPER_PARSER(shaper_cisco_avpair)
{
	enum shaper_direction direction = skip_policy(&value);

	if (!direction)
		return shaper_cisco_rate_limit(g, row, value);
	if (!shaper_say_profile(g, direction, value))
		shaper_say_missing(g, "profile");
	return NULL;
}
