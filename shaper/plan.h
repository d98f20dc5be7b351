/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: what a line may send and receive. Speed attributes of RADIUS, in every dictionary that
 * the field uses, become one here; so do texts like "10M/2M". Pure; fuzzed.
 *
 * Rates are bit/s and 64 bit wide everywhere. down is to the subscriber, up from it.
 */
#ifndef SHAPER_PLAN_H
#define SHAPER_PLAN_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHAPER_RATE_MIN	    8000ull	     /* bit/s: HTB's clock does not carry less */
#define SHAPER_RATE_MAX	    1000000000000ull /* bit/s */
#define SHAPER_PRIORITY_LOW 8
#define SHAPER_NAME_MAX	    64 /* of profiles and time ranges; with the NUL */
#define SHAPER_RANGES_MAX   16

/* One direction. pir 0: unshaped, and the rest means nothing. */
struct shaper_rate {
	uint64_t pir;	  /* never more, but for a burst */
	uint64_t cir;	  /* guaranteed; 0: an equal share of what is there */
	uint64_t peak;	  /* while a burst lasts; 0: as fast as it goes */
	uint64_t burst;	  /* octets above pir at once; 0: the shaper's choice */
	uint8_t priority; /* 1 first to 8 last; 0: not given, as 8 */
};

struct shaper_plan {
	struct shaper_rate down, up;
};

/* A dictionary: where a speed comes from. In the default order of precedence. */
#define SHAPER_DICTS(X)                                                                            \
	X(PROFILE, "profile")	  /* names of [profile] sections, in whichever attribute */        \
	X(RP, "rp")		  /* Roaring Penguin: kbit/s */                                    \
	X(MIKROTIK, "mikrotik")	  /* bit/s, k, M; the first number is up */                        \
	X(CISCO, "cisco")	  /* AVPair rate-limit: bit/s */                                   \
	X(ERX, "erx")		  /* Juniper ERX */                                                \
	X(HUAWEI, "huawei")	  /* bit/s */                                                      \
	X(ASCEND, "ascend")	  /* bit/s */                                                      \
	X(WISPR, "wispr")	  /* bit/s */                                                      \
	X(FILTER_ID, "filter-id") /* accel-ppp's forms: kbit/s */

enum shaper_dict {
#define X(id, name) SHAPER_##id,
	SHAPER_DICTS(X)
#undef X
		SHAPER_DICT_COUNT
};
const char *shaper_dict_name(enum shaper_dict dict);

/* A time of day by name: minutes since midnight, local time; from > until runs over midnight, from
 * == until is all day. Several of one name add up. */
struct shaper_range {
	char name[SHAPER_NAME_MAX];
	uint16_t from, until;
};

/* [profile NAME]: what a name in an attribute means. A plan for always, and for time ranges, the
 * last of which that is active counts. It says nothing of a direction whose pir is 0. */
struct shaper_profile {
	char name[SHAPER_NAME_MAX];
	struct shaper_plan always;
	struct {
		char range[SHAPER_NAME_MAX];
		struct shaper_plan plan;
	} at[SHAPER_RANGES_MAX];
	unsigned at_count;
};

/* What the configuration says of attributes. */
struct shaper_rules {
	enum shaper_dict order[SHAPER_DICT_COUNT]; /* precedence; those left out are not read */
	unsigned order_count;
	const struct shaper_profile *profiles;
	unsigned profile_count;
	const struct shaper_range *ranges;
	unsigned range_count;
};

/* Is this attribute one that can carry a speed? To be asked by who keeps them (radius/). */
bool shaper_attr_wanted(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len);

/* The default order, and neither profiles nor ranges. */
void shaper_rules_init(struct shaper_rules *ret);

#define SHAPER_SAID_MAX 96

/* Which attribute won in one direction, and what it said. */
struct shaper_source {
	enum shaper_dict dict;
	char said[SHAPER_SAID_MAX]; /* "Mikrotik-Rate-Limit = 2M/10M", escaped; empty: none spoke */
	char range[SHAPER_NAME_MAX]; /* the time range that it is said for; empty: for always */
};

struct shaper_verdict {
	struct shaper_plan plan; /* a direction that nobody spoke of is unshaped: has_* is false */
	bool has_down, has_up;
	struct shaper_source down, up;
	bool timed; /* some attribute or profile depends on the time of day */
	/* "WISPr-Bandwidth-Max-Down = 0: a rate is 8000 to 1000000000000 bit/s", escaped; empty:
	 * all is well. Nothing else is said then. */
	char wrong[SHAPER_SAID_MAX + 128];
	/* "Cisco-Policy-Down = gold: no such profile": the first name that means nothing here. It
	 * may be meant for another box, so it is no error; nothing was read from it. */
	char missing[SHAPER_SAID_MAX + 32];
};

/*
 * Reads attributes as radius/radius.h keeps them: vendor (4 octets, 0: none), type (1), length of
 * the value (1), value; one after the other. In each direction the first dictionary of the order
 * that speaks of it wins, as a whole; within one, what is said for a time of day that it is wins
 * over what is said for always, and of several that say the same the last one counts. Every
 * attribute of the order's dictionaries is checked, whether it wins or not: the first that is
 * malformed is named in `wrong`.
 * @minute: of the day, local time.
 */
void shaper_read(const uint8_t *attrs, size_t len, const struct shaper_rules *rules,
		 unsigned minute, struct shaper_verdict *ret);

/* "10000/5000" (kbit/s), "10M/512k", "8000" (both), "[RANGE,]..." is not for here. -EINVAL and
 * `why`, a sentence without a full stop. For users file, console and configuration. Suffixes:
 * shaper/rate.h. */
int shaper_plan_parse(const char *s, struct shaper_plan *ret, char *why, size_t why_len);

/* Is it that time? */
bool shaper_range_active(const struct shaper_range *r, unsigned minute);

#endif
