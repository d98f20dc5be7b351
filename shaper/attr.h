/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How attributes are read: rows of a table with a parser each (attr.c), dialects that are texts in
 * files of their own (attr_*.c), and read.c, which collects what they say and decides.
 */
#ifndef SHAPER_ATTR_H
#define SHAPER_ATTR_H

#include "base/wire.h"
#include "shaper/plan.h"

/* A set of directions. */
enum shaper_direction { SHAPER_DOWN = 1, SHAPER_UP = 2, SHAPER_BOTH = 3 };

/* What a dictionary says of one direction. */
struct shaper_voice {
	bool heard;
	struct shaper_rate rate;
	struct shaper_source source;
};

/* Attributes as they are being read. */
struct shaper_reading {
	const struct shaper_rules *rules;
	unsigned minute;
	char said[SHAPER_SAID_MAX];			     /* the attribute that is being read */
	struct shaper_voice voices[SHAPER_DICT_COUNT][2][2]; /* always, now; down, up */
	unsigned ascend_data_rates;			     /* how many of them there were */
	bool ascend_xmit_rate;
	struct shaper_verdict v;
};

struct shaper_row {
	uint32_t vendor;
	uint8_t type, min, max; /* octets of the value */
	enum shaper_dict dict;
	enum shaper_direction direction;
	/* NULL, or what is allowed instead. */
	const char *(*parse)(struct shaper_reading *g, const struct shaper_row *row,
			     struct rd value);
	const char *name;
	bool (*wanted)(struct rd value); /* NULL: whatever it says */
};

/* The row of an attribute that is wanted, or NULL. */
const struct shaper_row *shaper_row_find(uint32_t vendor, uint8_t type, struct rd value);

/* --- attr_*.c: what rows and each other call ------------------------------------------------- */

#define SHAPER_PARSER(name)                                                                        \
	const char *name(struct shaper_reading *g, const struct shaper_row *row, struct rd value)
SHAPER_PARSER(shaper_mikrotik_rate_limit);
SHAPER_PARSER(shaper_cisco_avpair);
SHAPER_PARSER(shaper_erx_service);
SHAPER_PARSER(shaper_erx_shaping_rate);
SHAPER_PARSER(shaper_filter_id);
SHAPER_PARSER(shaper_policy); /* the name of a profile, for the row's directions */

bool shaper_cisco_wanted(struct rd value);
bool shaper_filter_wanted(struct rd value);
/* "rate-limit output 10000000 ...", with or without what an AVPair has before it. */
bool shaper_cisco_is_rate_limit(struct rd text);
SHAPER_PARSER(shaper_cisco_rate_limit);

/* --- read.c: what parsers call -----------------------------------------------------------------
 */

/* One member of a rate, for always; the others stay as they were. */
void shaper_say_limit(struct shaper_reading *g, const struct shaper_row *row,
		      enum shaper_direction direction, uint64_t pir);
void shaper_say_guarantee(struct shaper_reading *g, const struct shaper_row *row, uint64_t cir);
/* All of one direction, for a range of time; an empty range: for always. */
void shaper_say(struct shaper_reading *g, enum shaper_dict dict, enum shaper_direction direction,
		struct rd range, const struct shaper_rate *rate);
/* What the profile of this name says of these directions. False: there is none. */
bool shaper_say_profile(struct shaper_reading *g, enum shaper_direction directions, struct rd name);
/* The attribute names a profile or a range that is not there. */
void shaper_say_missing(struct shaper_reading *g, const char *what);

#endif
