// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attributes that can carry a speed, each with its unit and its direction. Numbers are those of
 * FreeRADIUS's dictionaries; what they count stands in the manuals of their vendors.
 */
#include "shaper/attr.h"

#include "shaper/rate.h"

/* --- integers ----------------------------------------------------------------------------------
 */

/* Unsigned: -1 is 4294967295, which is a good rate in bit/s and none in kbit/s. */
static const char *limit(struct shaper_reading *g, const struct shaper_row *row, struct rd value,
			 uint64_t unit)
{
	uint64_t rate = rd_be32(&value) * unit;
	const char *why = shaper_rate_check(rate);

	if (!why)
		shaper_say_limit(g, row, rate);
	return why;
}

static SHAPER_PARSER(kbit_limit)
{
	return limit(g, row, value, SHAPER_KBIT);
}

/* --- the table ---------------------------------------------------------------------------------
 */

#define DOWN SHAPER_DOWN
#define UP   SHAPER_UP
#define BOTH SHAPER_BOTH

/* clang-format off */
static const struct shaper_row rows[] = {
	/* Roaring Penguin: kbit/s of 1000 bits (radcli, ocserv). */
	{ 10055, 1, 4, 4, SHAPER_RP, UP, kbit_limit, "RP-Upstream-Speed-Limit", NULL },
	{ 10055, 2, 4, 4, SHAPER_RP, DOWN, kbit_limit, "RP-Downstream-Speed-Limit", NULL },
};
/* clang-format on */

const struct shaper_row *shaper_row_find(uint32_t vendor, uint8_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == type && rows[i].vendor == vendor)
			return &rows[i];
	return NULL;
}

bool shaper_attr_wanted(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	const struct shaper_row *row = shaper_row_find(vendor, type);

	return row && (!row->wanted || row->wanted(rd_init(value, len)));
}
