/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes for the tests of shaper/, as radius/ keeps them, and what they come to. */
#ifndef SHAPER_RIG_H
#define SHAPER_RIG_H

#include "base/wire.h"
#include "shaper/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CISCO	 9
#define ASCEND	 529
#define HUAWEI	 2011
#define ERX	 4874
#define RP	 10055
#define WISPR	 14122
#define MIKROTIK 14988
#define FILTER	 0, 11 /* the only one without a vendor */

#define KBIT 1000ull
#define MBIT 1000000ull
#define GBIT 1000000000ull

struct rig {
	uint8_t buf[1024];
	struct wr w;
	struct shaper_rules rules;
	unsigned minute;
	struct shaper_verdict v;
};

static inline void rig_init(struct rig *g)
{
	memset(g, 0, sizeof(*g));
	g->w = wr_init(g->buf, sizeof(g->buf));
	shaper_rules_init(&g->rules);
}

static inline void rig_put(struct rig *g, uint32_t vendor, uint8_t type, const void *p, size_t len)
{
	wr_be32(&g->w, vendor);
	wr_u8(&g->w, type);
	wr_u8(&g->w, (uint8_t)len);
	wr_bytes(&g->w, p, len);
	assert_false(g->w.bad);
}

static inline void rig_text(struct rig *g, uint32_t vendor, uint8_t type, const char *text)
{
	rig_put(g, vendor, type, text, strlen(text));
}

static inline void rig_u32(struct rig *g, uint32_t vendor, uint8_t type, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	rig_put(g, vendor, type, b, sizeof(b));
}

static inline const struct shaper_verdict *rig_read(struct rig *g)
{
	memset(&g->v, 0xa5, sizeof(g->v));
	shaper_read(g->buf, g->w.len, &g->rules, g->minute, &g->v);
	return &g->v;
}

/* Reads; nothing is malformed; the limits are these, 0: none said. */
static inline const struct shaper_verdict *rig_limits(struct rig *g, uint64_t down, uint64_t up)
{
	rig_read(g);
	assert_string_equal(g->v.wrong, "");
	assert_int_equal(g->v.plan.down.pir, down);
	assert_int_equal(g->v.plan.up.pir, up);
	assert_int_equal(g->v.has_down, down != 0);
	assert_int_equal(g->v.has_up, up != 0);
	assert_int_equal(*g->v.down.said != '\0', down != 0);
	assert_int_equal(*g->v.up.said != '\0', up != 0);
	return &g->v;
}

#endif
