/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How attributes are read: a table of rows (attr.c) with a parser each, the dialects in files of
 * their own (attr_*.c), and read.c, which collects what they say and decides.
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
	char said[SHAPER_SAID_MAX]; /* the attribute that is being read */
	/* By dictionary; for always and for now; down and up. */
	struct shaper_voice voices[SHAPER_DICT_COUNT][2][2];
	unsigned ascend_data_rates;
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

const struct shaper_row *shaper_row_find(uint32_t vendor, uint8_t type);

/* read.c: for parsers. */

/* One member of a direction's rate; the others stay as they were. */
void shaper_say_limit(struct shaper_reading *g, const struct shaper_row *row, uint64_t pir);
void shaper_say_guarantee(struct shaper_reading *g, const struct shaper_row *row, uint64_t cir);
/* All of it, at a time of day (none: a reader of nothing). */
void shaper_say(struct shaper_reading *g, enum shaper_dict dict, enum shaper_direction direction,
		struct rd range, const struct shaper_rate *rate);
/* The name of a profile. False: there is none. */
bool shaper_say_profile(struct shaper_reading *g, enum shaper_direction direction, struct rd name);
/* Something that the attribute names does not exist here. */
void shaper_say_missing(struct shaper_reading *g, const char *what);

/* attr_mikrotik.c, attr_cisco.c, attr_erx.c, attr_filter.c */
#define SHAPER_PARSER(name)                                                                        \
	const char *name(struct shaper_reading *g, const struct shaper_row *row, struct rd value)

#endif
