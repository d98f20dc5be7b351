// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as attributes of speed, with profiles, ranges and an order; and as a plan's text. What
 * comes out is a plan that a shaper can have, or words that end. The first octets are the order,
 * the minute, and whether a profile is there. */
#include "shaper/plan.h"

#include "base/wire.h"

#include <stdlib.h>

static const struct shaper_range ranges[] = { { "night", 1320, 360 }, { "1", 0, 60 } };
static const struct shaper_profile profiles[] = {
	{ .name = "gold",
	  .always = { .down = { .pir = 100000000, .cir = 8000 }, .up = { .pir = 8000 } },
	  .at = { { "night", { .down = { .pir = 200000000 } } } },
	  .at_count = 1 },
	{ .name = "none" },
};

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* All printable: nothing of a peer goes to a terminal as it is. */
static void check_text(const char *text, size_t cap)
{
	size_t len = strnlen(text, cap);

	check(len < cap);
	for (size_t i = 0; i < len; i++)
		check(text[i] >= ' ' && text[i] < 0x7f);
}

static void check_rate(const struct shaper_rate *r, bool has)
{
	static const struct shaper_rate none;

	if (!has) {
		check(!memcmp(r, &none, sizeof(none)));
		return;
	}
	check(r->pir >= SHAPER_RATE_MIN && r->pir <= SHAPER_RATE_MAX);
	check(!r->cir || (r->cir >= SHAPER_RATE_MIN && r->cir <= r->pir));
	check(!r->peak || (r->peak > r->pir && r->peak <= SHAPER_RATE_MAX && r->burst));
	check(r->burst <= SHAPER_RATE_MAX * 3600 / 8);
	check(r->priority <= SHAPER_PRIORITY_LOW);
}

static void check_source(const struct shaper_source *s, bool has, const struct shaper_rules *rules)
{
	bool in_order = false;

	check_text(s->said, sizeof(s->said));
	check_text(s->range, sizeof(s->range));
	check(has == (*s->said != '\0'));
	for (unsigned i = 0; i < rules->order_count; i++)
		in_order |= rules->order[i] == s->dict;
	check(!has || in_order);
}

static void check_verdict(const struct shaper_verdict *v, const struct shaper_rules *rules)
{
	check_text(v->wrong, sizeof(v->wrong));
	check_text(v->missing, sizeof(v->missing));
	check(!*v->wrong || !(v->has_down || v->has_up || v->timed || *v->missing));
	check_rate(&v->plan.down, v->has_down);
	check_rate(&v->plan.up, v->has_up);
	check_source(&v->down, v->has_down, rules);
	check_source(&v->up, v->has_up, rules);
	check(v->timed || !(*v->down.range || *v->up.range));
}

/* What one attribute that is not wanted says is nothing. */
static void check_wanted(struct rd r, const struct shaper_rules *rules)
{
	while (rd_left(&r)) {
		const uint8_t *start = r.p;
		uint32_t vendor = rd_be32(&r);
		uint8_t type = rd_u8(&r);
		struct rd value = rd_sub(&r, rd_u8(&r));
		struct shaper_verdict v;

		if (r.bad || shaper_attr_wanted(vendor, type, value.p, rd_left(&value)))
			continue;
		shaper_read(start, (size_t)(r.p - start), rules, 0, &v);
		check(!*v.wrong && !*v.missing && !v.has_down && !v.has_up && !v.timed);
	}
}

static void check_plan(const char *text)
{
	struct shaper_plan p;
	char why[128];

	if (shaper_plan_parse(text, &p, why, sizeof(why))) {
		check_text(why, sizeof(why));
		return;
	}
	check_rate(&p.down, true);
	check_rate(&p.up, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shaper_rules rules;
	struct shaper_verdict v;
	struct rd r = rd_init(data, size);
	uint8_t flags = rd_u8(&r);
	unsigned minute = rd_be16(&r) % 1440;
	char *text;

	shaper_rules_init(&rules);
	rules.order_count -= flags % 4;
	rules.order[0] = (enum shaper_dict)(flags >> 2) % SHAPER_DICT_COUNT;
	rules.profiles = profiles;
	rules.profile_count = flags & 0x80 ? 0 : 2;
	rules.ranges = ranges;
	rules.range_count = 2;
	memset(&v, 0xa5, sizeof(v));
	shaper_read(r.p, rd_left(&r), &rules, minute, &v);
	check_verdict(&v, &rules);
	check_wanted(r, &rules);
	text = strndup((const char *)data, size);
	if (text)
		check_plan(text);
	free(text);
	return 0;
}
