// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From attributes to a plan. Each attribute's parser says something, which is kept by dictionary,
 * by whether it is for always or for the time that it is, and by direction. When all have spoken,
 * the order of the rules decides, in each direction by itself.
 */
#include "shaper/attr.h"

#include <stdio.h>

/* --- what parsers call ---------------------------------------------------------------------------
 */

static struct shaper_voice *voice_of(struct shaper_reading *g, enum shaper_dict dict,
				     enum shaper_direction direction, const char *range)
{
	struct shaper_voice *v = &g->voices[dict][*range != '\0'][direction == SHAPER_UP];

	v->heard = true;
	v->source.dict = dict;
	memcpy(v->source.said, g->said, sizeof(v->source.said));
	snprintf(v->source.range, sizeof(v->source.range), "%s", range);
	return v;
}

void shaper_say_limit(struct shaper_reading *g, const struct shaper_row *row, uint64_t pir)
{
	voice_of(g, row->dict, row->direction, "")->rate.pir = pir;
}

/* --- one after the other -------------------------------------------------------------------------
 */

struct attr {
	uint32_t vendor;
	uint8_t type;
	struct rd value;
};

static bool in_order(const struct shaper_rules *rules, enum shaper_dict dict)
{
	for (unsigned i = 0; i < rules->order_count; i++)
		if (rules->order[i] == dict)
			return true;
	return false;
}

/* "NAME = VALUE" */
static void quote(struct shaper_reading *g, const struct shaper_row *row, struct rd value)
{
	char text[SHAPER_SAID_MAX];
	size_t n = rd_left(&value);

	if (row->max == 4 && n == 4)
		snprintf(text, sizeof(text), "%u", rd_be32(&value));
	else
		str_escape(text, sizeof(text) - strlen(row->name) - strlen(" = "), value.p, n);
	snprintf(g->said, sizeof(g->said), "%s = %s", row->name, text);
}

static void wrong(struct shaper_reading *g, const char *why)
{
	if (!*g->v.wrong)
		snprintf(g->v.wrong, sizeof(g->v.wrong), "%s: %s", g->said, why);
}

static void read_one(struct shaper_reading *g, const struct attr *a)
{
	const struct shaper_row *row = shaper_row_find(a->vendor, a->type);
	const char *why;
	char buf[48];

	if (!row || !in_order(g->rules, row->dict))
		return;
	quote(g, row, a->value);
	if (rd_left(&a->value) < row->min || rd_left(&a->value) > row->max) {
		snprintf(buf, sizeof(buf), "%u to %u octets are allowed", row->min, row->max);
		why = buf;
	} else {
		why = row->parse(g, row, a->value);
	}
	if (why)
		wrong(g, why);
}

static void read_all(struct shaper_reading *g, struct rd r)
{
	while (rd_left(&r)) {
		struct attr a = { .vendor = rd_be32(&r) };

		a.type = rd_u8(&r);
		a.value = rd_sub(&r, rd_u8(&r));
		if (!r.bad)
			read_one(g, &a);
	}
	snprintf(g->said, sizeof(g->said), "attributes");
	if (r.bad)
		wrong(g, "the last one is cut short");
}

/* --- who wins
 * ------------------------------------------------------------------------------------- */

/* One direction: the first dictionary that speaks of it, and in it what is for now. */
static const struct shaper_voice *winner(struct shaper_reading *g, unsigned up)
{
	for (unsigned i = 0; i < g->rules->order_count; i++)
		for (int timed = 1; timed >= 0; timed--) {
			struct shaper_voice *v = &g->voices[g->rules->order[i]][timed][up];

			if (v->heard)
				return v;
		}
	return NULL;
}

static bool take(struct shaper_reading *g, unsigned up, struct shaper_rate *ret_rate,
		 struct shaper_source *ret_source)
{
	const struct shaper_voice *v = winner(g, up);

	if (!v)
		return false;
	*ret_rate = v->rate;
	*ret_source = v->source;
	return true;
}

void shaper_read(const uint8_t *attrs, size_t len, const struct shaper_rules *rules,
		 unsigned minute, struct shaper_verdict *ret)
{
	struct shaper_reading g = { .rules = rules, .minute = minute };

	read_all(&g, rd_init(attrs, len));
	if (!*g.v.wrong) {
		g.v.has_down = take(&g, 0, &g.v.plan.down, &g.v.down);
		g.v.has_up = take(&g, 1, &g.v.plan.up, &g.v.up);
	}
	*ret = g.v;
}
