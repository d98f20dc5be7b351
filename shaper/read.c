// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From attributes to a plan. Each attribute's parser says something, which is kept by dictionary,
 * by whether it is for always or for the time that it is, and by direction. When all have spoken,
 * the order of the rules decides, in each direction by itself.
 */
#include "shaper/attr.h"

#include <errno.h>
#include <stdio.h>

/* --- what parsers call ------------------------------------------------------------------------ */

static bool in_order(const struct shaper_rules *rules, enum shaper_dict dict)
{
	for (unsigned i = 0; i < rules->order_count; i++)
		if (rules->order[i] == dict)
			return true;
	return false;
}

/* What is too long, or has a NUL, is no name that a configuration can have. */
static bool name_of(struct rd t, char ret[SHAPER_NAME_MAX])
{
	size_t n = rd_left(&t);

	if (!n || n >= SHAPER_NAME_MAX || memchr(t.p, '\0', n))
		return false;
	memcpy(ret, t.p, n);
	ret[n] = '\0';
	return true;
}

/* Whether it is that time, or -ENOENT: no range has this name. */
static int range_now(const struct shaper_reading *g, const char *name)
{
	int now = -ENOENT;

	for (unsigned i = 0; i < g->rules->range_count; i++) {
		const struct shaper_range *r = &g->rules->ranges[i];

		if (now <= 0 && !strcmp(r->name, name))
			now = shaper_range_active(r, g->minute);
	}
	return now;
}

static struct shaper_voice *voice_of(struct shaper_reading *g, enum shaper_dict dict,
				     enum shaper_direction direction, const char *range)
{
	return &g->voices[dict][*range != '\0'][direction == SHAPER_UP];
}

static void hear(struct shaper_reading *g, struct shaper_voice *v, const char *range)
{
	v->heard = true;
	memcpy(v->source.said, g->said, sizeof(v->source.said));
	snprintf(v->source.range, sizeof(v->source.range), "%s", range);
}

void shaper_say_limit(struct shaper_reading *g, const struct shaper_row *row,
		      enum shaper_direction direction, uint64_t pir)
{
	struct shaper_voice *v = voice_of(g, row->dict, direction, "");

	v->rate.pir = pir;
	hear(g, v, "");
}

/* What is told to people is the limit, where there is one. */
void shaper_say_guarantee(struct shaper_reading *g, const struct shaper_row *row, uint64_t cir)
{
	struct shaper_voice *v = voice_of(g, row->dict, row->direction, "");

	v->rate.cir = cir;
	if (!v->rate.pir)
		hear(g, v, "");
}

static void say(struct shaper_reading *g, enum shaper_dict dict, enum shaper_direction direction,
		const char *range, const struct shaper_rate *rate)
{
	struct shaper_voice *v = voice_of(g, dict, direction, range);

	v->rate = *rate;
	hear(g, v, range);
}

void shaper_say(struct shaper_reading *g, enum shaper_dict dict, enum shaper_direction direction,
		struct rd range, const struct shaper_rate *rate)
{
	char name[SHAPER_NAME_MAX] = "";
	int now = 1;

	if (rd_left(&range))
		now = name_of(range, name) ? range_now(g, name) : -ENOENT;
	if (*name && now >= 0)
		g->v.timed = true;
	if (now < 0)
		shaper_say_missing(g, "time range");
	else if (now)
		say(g, dict, direction, name, rate);
}

static const struct shaper_profile *profile_of(const struct shaper_rules *rules, struct rd t)
{
	char name[SHAPER_NAME_MAX];

	if (!in_order(rules, SHAPER_PROFILE) || !name_of(t, name))
		return NULL;
	for (unsigned i = 0; i < rules->profile_count; i++)
		if (!strcmp(rules->profiles[i].name, name))
			return &rules->profiles[i];
	return NULL;
}

static void say_plan(struct shaper_reading *g, enum shaper_direction directions, const char *range,
		     const struct shaper_plan *plan)
{
	if (directions & SHAPER_DOWN && plan->down.pir)
		say(g, SHAPER_PROFILE, SHAPER_DOWN, range, &plan->down);
	if (directions & SHAPER_UP && plan->up.pir)
		say(g, SHAPER_PROFILE, SHAPER_UP, range, &plan->up);
}

bool shaper_say_profile(struct shaper_reading *g, enum shaper_direction directions, struct rd name)
{
	const struct shaper_profile *p = profile_of(g->rules, name);

	if (!p)
		return false;
	say_plan(g, directions, "", &p->always);
	for (unsigned i = 0; i < p->at_count; i++)
		if (range_now(g, p->at[i].range) > 0)
			say_plan(g, directions, p->at[i].range, &p->at[i].plan);
	if (p->at_count)
		g->v.timed = true;
	return true;
}

void shaper_say_missing(struct shaper_reading *g, const char *what)
{
	if (!*g->v.missing)
		snprintf(g->v.missing, sizeof(g->v.missing), "%s: no such %s", g->said, what);
}

/* --- one after the other ---------------------------------------------------------------------- */

struct attr {
	uint32_t vendor;
	uint8_t type;
	struct rd value;
};

/* "NAME = VALUE" */
static void quote(struct shaper_reading *g, const struct shaper_row *row, struct rd value)
{
	size_t n = (size_t)snprintf(g->said, sizeof(g->said), "%s = ", row->name);

	if (row->max == 4 && rd_left(&value) == 4)
		snprintf(g->said + n, sizeof(g->said) - n, "%u", rd_be32(&value));
	else
		str_escape(g->said + n, sizeof(g->said) - n, value.p, rd_left(&value));
}

static void wrong(struct shaper_reading *g, const char *why)
{
	if (!*g->v.wrong)
		snprintf(g->v.wrong, sizeof(g->v.wrong), "%s: %s", g->said, why);
}

static void read_one(struct shaper_reading *g, const struct attr *a)
{
	const struct shaper_row *row = shaper_row_find(a->vendor, a->type, a->value);
	size_t len = rd_left(&a->value);
	const char *why;
	char buf[48];

	if (!row || !in_order(g->rules, row->dict))
		return;
	quote(g, row, a->value);
	if (row->min == row->max)
		snprintf(buf, sizeof(buf), "%u octets are allowed", row->min);
	else
		snprintf(buf, sizeof(buf), "%u to %u octets are allowed", row->min, row->max);
	why = len < row->min || len > row->max ? buf : row->parse(g, row, a->value);
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

/* --- who wins --------------------------------------------------------------------------------- */

/* What was said of one direction, when all of it was said. */
static void settle(struct shaper_reading *g, enum shaper_dict dict, struct shaper_voice *v)
{
	/* An average without a peak is all that there is. */
	if (dict == SHAPER_HUAWEI && !v->rate.pir) {
		v->rate.pir = v->rate.cir;
		v->rate.cir = 0;
	}
	/* A guarantee without a limit (WISPr-Bandwidth-Min-*) is no limit. */
	if (!v->rate.pir)
		v->heard = false;
	if (v->heard && v->rate.cir > v->rate.pir) {
		memcpy(g->said, v->source.said, sizeof(g->said));
		wrong(g, "what is guaranteed may not be above it");
	}
	v->source.dict = dict;
}

static void settle_all(struct shaper_reading *g)
{
	for (unsigned dict = 0; dict < SHAPER_DICT_COUNT; dict++)
		for (unsigned i = 0; i < 4; i++)
			settle(g, (enum shaper_dict)dict, &g->voices[dict][i / 2][i % 2]);
}

/* The first dictionary that speaks of the direction, and in it what is for now; or NULL. */
static const struct shaper_voice *winner(const struct shaper_reading *g, unsigned up)
{
	for (unsigned i = 0; i < g->rules->order_count; i++) {
		const struct shaper_voice(*v)[2] = g->voices[g->rules->order[i]];

		if (v[1][up].heard)
			return &v[1][up];
		if (v[0][up].heard)
			return &v[0][up];
	}
	return NULL;
}

static bool take(const struct shaper_reading *g, unsigned up, struct shaper_rate *ret_rate,
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
	settle_all(&g);
	if (*g.v.wrong) {
		memset(ret, 0, sizeof(*ret));
		memcpy(ret->wrong, g.v.wrong, sizeof(ret->wrong));
		return;
	}
	g.v.has_down = take(&g, 0, &g.v.plan.down, &g.v.down);
	g.v.has_up = take(&g, 1, &g.v.plan.up, &g.v.up);
	*ret = g.v;
}
