/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets for the tests of radius/: built from attributes, and read back from hex. */
#ifndef RADIUS_RIG_H
#define RADIUS_RIG_H

#include "radius/attr.h"
#include "radius/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define RIG_SECRET "testing123"

struct rig {
	uint8_t buf[RADIUS_PACKET_MAX];
	struct wr w;
	struct radius_packet p;
};

/* A shaper that speaks one dialect: Roaring Penguin's, and Filter-Id where it begins with a digit.
 */
static inline bool rig_wants(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	if (!vendor)
		return type == RADIUS_ATTR_FILTER_ID && len && *value >= '0' && *value <= '9';
	return vendor == RADIUS_VENDOR_ROARING_PENGUIN && (type == 1 || type == 2);
}

static inline size_t rig_hex(const char *hex, uint8_t *ret, size_t cap)
{
	size_t n = 0;
	unsigned octet;

	for (; *hex && *hex != '#'; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &octet), 1);
		assert_true(n < cap);
		ret[n++] = (uint8_t)octet;
		hex++;
	}
	return n;
}

static inline void rig_begin(struct rig *g, enum radius_code code)
{
	static const uint8_t auth[RADIUS_AUTH_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	radius_begin(&g->w, g->buf, code, 7, auth, false);
}

/* Length and parse; nothing is signed. */
static inline const struct radius_packet *rig_end(struct rig *g)
{
	wr_patch_be16(&g->w, 2, g->w.len);
	assert_false(g->w.bad);
	assert_int_equal(radius_packet_parse(g->buf, g->w.len, &g->p), 0);
	return &g->p;
}

/* A packet of one attribute, its value in hex. */
static inline const struct radius_packet *rig_one(struct rig *g, enum radius_code code,
						  uint32_t vendor, uint8_t type, const char *hex)
{
	uint8_t value[253];
	size_t len = rig_hex(hex, value, sizeof(value));

	rig_begin(g, code);
	if (vendor)
		radius_put_vendor(&g->w, vendor, type, value, len);
	else
		radius_put(&g->w, type, value, len);
	return rig_end(g);
}

/* The n-th (from 0) attribute of this kind, or one with a NULL value. */
static inline struct radius_attr rig_find(const struct radius_packet *p, uint32_t vendor,
					  uint8_t type, unsigned n)
{
	struct radius_iter it;
	struct radius_attr a;

	radius_iter_init(&it, p);
	while (radius_iter_next(&it, &a))
		if (a.vendor == vendor && a.type == type && !n--)
			return a;
	return (struct radius_attr){ 0 };
}

static inline uint32_t rig_u32(const struct radius_packet *p, uint8_t type)
{
	struct radius_attr a = rig_find(p, 0, type, 0);
	struct rd r = rd_init(a.value, a.len);

	assert_int_equal(a.len, 4);
	return rd_be32(&r);
}

static inline void rig_text(const struct radius_packet *p, uint32_t vendor, uint8_t type,
			    const char *expected)
{
	struct radius_attr a = rig_find(p, vendor, type, 0);

	assert_non_null(a.value);
	assert_int_equal(a.len, strlen(expected));
	assert_memory_equal(a.value, expected, a.len);
}

#endif
