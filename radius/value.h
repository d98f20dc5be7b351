/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Received attributes as rows of tables, and their values, strictly: what a length must be stands
 * in the row; the row's parser looks at the rest.
 */
#ifndef RADIUS_VALUE_H
#define RADIUS_VALUE_H

#include "base/addr.h"
#include "radius/packet.h"

struct radius_row {
	uint32_t vendor;
	uint8_t type, min, max; /* octets of the value */
	uint8_t where;		/* the table's own: in which messages it counts */
	const char *name;
	/* NULL, or what is wrong with a value of allowed length; `ret` is untouched then. */
	const char *(*parse)(const struct radius_row *row, const struct radius_attr *a, void *ret);
	size_t member; /* where `ret` lies in the table's struct */
	uint32_t bit;  /* the table's own: set when it was there */
};

const struct radius_row *radius_row_find(const struct radius_row *rows, size_t n,
					 const struct radius_attr *a);
/* NULL when the length is allowed, else `buf` with "2 octets, 4 expected". */
const char *radius_row_length(const struct radius_row *row, const struct radius_attr *a, char *buf,
			      size_t cap);
/* Calls the row's parser. @base: the table's struct. */
const char *radius_row_read(const struct radius_row *row, const struct radius_attr *a, void *base);

uint32_t radius_u32(const struct radius_attr *a); /* of 4 octets */

/* Parsers, by what `ret` is. A text has room for the row's `max` and a NUL. */
#define RADIUS_VALUE(name)                                                                         \
	const char *radius_value_##name(const struct radius_row *row, const struct radius_attr *a, \
					void *ret)
RADIUS_VALUE(text);    /* char[]; a NUL inside is refused */
RADIUS_VALUE(u32);     /* uint32_t */
RADIUS_VALUE(ip4);     /* uint32_t: a host, or a special value of RFC 2865, 5.8 */
RADIUS_VALUE(ip6);     /* struct ip6: a host; 16 octets */
RADIUS_VALUE(prefix6); /* struct prefix6; 2 to 18 octets */
RADIUS_VALUE(ifid);    /* uint8_t[8] */
RADIUS_VALUE(route4);  /* struct prefix4; text */
RADIUS_VALUE(route6);  /* struct prefix6; text */

#endif
