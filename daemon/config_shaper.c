// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration's values of [shaper] and [profile], and what profiles mean. */
#include "daemon/config_table.h"

#include "shaper/tree.h"

#include <errno.h>
#include <string.h>

/* --- values -------------------------------------------------------------------------------- */

/* "HH:MM", up to 24:00. */
static int time_parse(const char *s, size_t len, uint16_t *ret)
{
	if (len != 5 || s[2] != ':' || strspn(s, "0123456789:") < 5 || s[0] > '2' || s[3] > '5')
		return -EINVAL;
	*ret = (uint16_t)(((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0');
	return *ret > 24 * 60 ? -EINVAL : 0;
}

static int time_range_parse(const struct config_row *row, const struct config_input *in, void *item,
			    struct sbuf *why)
{
	struct shaper_range v = { 0 };
	const char *dash = in->count == 2 ? strchr(in->field[1], '-') : NULL;

	(void)row;
	if (in->count != 2)
		return sbuf_printf(why, "a name and, after a comma, HH:MM-HH:MM"), -EINVAL;
	if (config_text_copy(v.name, sizeof(v.name), in->field[0], why))
		return -EINVAL;
	if (!dash || time_parse(in->field[1], (size_t)(dash - in->field[1]), &v.from) ||
	    time_parse(dash + 1, strlen(dash + 1), &v.until) || v.from == v.until)
		return config_refuse(why, in->field[1], "two times of day, HH:MM-HH:MM");
	*(struct shaper_range *)item = v;
	return 0;
}

static bool time_range_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct shaper_range *v = item;

	(void)row;
	config_text_write(v->name, out);
	sbuf_printf(out, ",%02u:%02u-%02u:%02u", v->from / 60, v->from % 60, v->until / 60,
		    v->until % 60);
	return true;
}

const struct config_type config_type_time_range = {
	.syntax = "NAME,HH:MM-HH:MM",
	.parse = time_range_parse,
	.format = time_range_format,
};

/* The range, where one stands before the value; the value. */
static const char *value_of(const struct config_input *in, struct config_profile_value *v,
			    struct sbuf *why)
{
	*v = (struct config_profile_value){ .line = in->line };
	if (in->count > 2) {
		sbuf_printf(why, "%u values where one is allowed", in->count);
		return NULL;
	}
	if (in->count == 2 && config_text_copy(v->range, sizeof(v->range), in->field[0], why))
		return NULL;
	return in->field[in->count - 1];
}

static bool range_format(const struct config_profile_value *v, struct sbuf *out)
{
	if (*v->range) {
		config_text_write(v->range, out);
		sbuf_printf(out, ",");
	}
	return true;
}

static int profile_rate_parse(const struct config_row *row, const struct config_input *in,
			      void *item, struct sbuf *why)
{
	struct config_profile_value v;
	const char *text = value_of(in, &v, why);
	struct shaper_plan plan;
	char reason[160];

	(void)row;
	if (!text)
		return -EINVAL;
	if (shaper_plan_parse(text, &plan, reason, sizeof(reason)))
		return sbuf_printf(why, "'%s': %s", text, reason), -EINVAL;
	v.down = plan.down.pir;
	v.up = plan.up.pir;
	*(struct config_profile_value *)item = v;
	return 0;
}

static bool profile_rate_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_profile_value *v = item;

	(void)row;
	range_format(v, out);
	sbuf_printf(out, "%llu/%llu", (unsigned long long)v->down / 1000,
		    (unsigned long long)v->up / 1000);
	return true;
}

const struct config_type config_type_profile_rate = {
	.syntax = "[RANGE,]DOWN/UP",
	.parse = profile_rate_parse,
	.format = profile_rate_format,
};

static int profile_burst_parse(const struct config_row *row, const struct config_input *in,
			       void *item, struct sbuf *why)
{
	struct config_profile_value v;
	const char *text = value_of(in, &v, why);
	struct config_rate rate;

	(void)row;
	if (!text)
		return -EINVAL;
	if (config_rate_parse(text, &rate) || !rate.set)
		return config_refuse(why, text, "DOWN/UP in kilobytes");
	v.down = rate.down * 1000ull;
	v.up = rate.up * 1000ull;
	*(struct config_profile_value *)item = v;
	return 0;
}

const struct config_type config_type_profile_burst = {
	.syntax = "[RANGE,]DOWN/UP",
	.parse = profile_burst_parse,
	.format = profile_rate_format,
};

static int profile_priority_parse(const struct config_row *row, const struct config_input *in,
				  void *item, struct sbuf *why)
{
	struct config_profile_value v;
	const char *text = value_of(in, &v, why);

	if (!text)
		return -EINVAL;
	if (str_to_u64(text, row->min, row->max, &v.down))
		return config_refuse(why, text, "a number from 1 to 8");
	v.up = v.down;
	*(struct config_profile_value *)item = v;
	return 0;
}

static bool profile_priority_format(const struct config_row *row, const void *item,
				    struct sbuf *out)
{
	const struct config_profile_value *v = item;

	(void)row;
	range_format(v, out);
	sbuf_printf(out, "%llu", (unsigned long long)v->down);
	return true;
}

const struct config_type config_type_profile_priority = {
	.syntax = "[RANGE,]NUMBER",
	.parse = profile_priority_parse,
	.format = profile_priority_format,
	.range = true,
};

/* --- what profiles mean -------------------------------------------------------------------- */

enum part { PART_RATE, PART_GUARANTEED, PART_PEAK, PART_BURST, PART_PRIORITY };

static void set_part(struct shaper_rate *r, enum part part, uint64_t v)
{
	switch (part) {
	case PART_RATE:
		r->pir = v;
		break;
	case PART_GUARANTEED:
		r->cir = v;
		break;
	case PART_PEAK:
		r->peak = v;
		break;
	case PART_BURST:
		r->burst = v;
		break;
	case PART_PRIORITY:
		r->priority = (uint8_t)v;
		break;
	}
}

/* The plan of a range; one that has none yet begins as that of always. */
static struct shaper_plan *plan_of(struct shaper_profile *p, const char *range)
{
	unsigned i = 0;

	if (!*range)
		return &p->always;
	while (i < p->at_count && strcmp(p->at[i].range, range) != 0)
		i++;
	if (i == p->at_count && p->at_count < SHAPER_RANGES_MAX) {
		memcpy(p->at[i].range, range, sizeof(p->at[i].range));
		p->at[i].plan = p->always;
		p->at_count++;
	}
	return &p->at[i < SHAPER_RANGES_MAX ? i : 0].plan;
}

static bool has_range(const struct config *cfg, const char *name)
{
	for (unsigned i = 0; i < cfg->shaper.time_range_count; i++)
		if (!strcmp(cfg->shaper.time_ranges[i].name, name))
			return true;
	return false;
}

/* First what holds always, then what differs in a range. */
static void take(struct config_reader *r, struct shaper_profile *p, const char *key, enum part part,
		 const struct config_profile_values *values, bool timed)
{
	for (unsigned i = 0; i < values->count; i++) {
		const struct config_profile_value *v = &values->items[i];
		struct shaper_plan *plan;

		if (timed == !*v->range)
			continue;
		if (timed && !has_range(r->cfg, v->range)) {
			config_error(r, v->line, "profile", key, "'%s' is no [shaper] time-range",
				     v->range);
			continue;
		}
		plan = plan_of(p, v->range);
		set_part(&plan->down, part, v->down);
		set_part(&plan->up, part, v->up);
	}
}

static void check_rate(struct config_reader *r, const struct config_profile *text,
		       const char *which, const struct shaper_rate *rate)
{
	if (rate->cir > rate->pir)
		config_error(r, text->head.line, "profile", "guaranteed",
			     "'%s': more than its rate, %s", text->head.name, which);
	if (rate->peak && rate->peak < rate->pir)
		config_error(r, text->head.line, "profile", "peak", "'%s': less than its rate, %s",
			     text->head.name, which);
}

static void make_profile(struct config_reader *r, const struct config_profile *text,
			 struct shaper_profile *p)
{
	memcpy(p->name, text->head.name, sizeof(p->name));
	for (int timed = 0; timed < 2; timed++) {
		take(r, p, "rate", PART_RATE, &text->rate, timed);
		take(r, p, "guaranteed", PART_GUARANTEED, &text->guaranteed, timed);
		take(r, p, "peak", PART_PEAK, &text->peak, timed);
		take(r, p, "burst", PART_BURST, &text->burst, timed);
		take(r, p, "priority", PART_PRIORITY, &text->priority, timed);
	}
	if (!text->rate.count)
		config_error(r, text->head.line, "profile", "rate", "'%s' has none; one is needed",
			     text->head.name);
	for (unsigned i = 0; i <= p->at_count; i++) {
		const struct shaper_plan *plan = i ? &p->at[i - 1].plan : &p->always;

		check_rate(r, text, "down", &plan->down);
		check_rate(r, text, "up", &plan->up);
	}
}

static void make_profiles(struct config_reader *r)
{
	struct config *cfg = r->cfg;

	cfg->profiles = calloc(cfg->profile_text_count + 1, sizeof(*cfg->profiles));
	if (!cfg->profiles) {
		config_error(r, 1, "profile", NULL, "no memory");
		return;
	}
	for (unsigned i = 0; i < cfg->profile_text_count; i++)
		make_profile(r, &cfg->profile_texts[i], &cfg->profiles[i]);
	cfg->profile_count = cfg->profile_text_count;
}

static bool has_profile(const struct config *cfg, const char *name)
{
	for (unsigned i = 0; i < cfg->profile_count; i++)
		if (!strcmp(cfg->profiles[i].name, name))
			return true;
	return false;
}

static void check_lists(struct config_reader *r)
{
	const struct config *cfg = r->cfg;

	for (unsigned i = 0; i < cfg->shaper.time_range_count; i++)
		for (unsigned k = 0; k < i; k++)
			if (!strcmp(cfg->shaper.time_ranges[i].name,
				    cfg->shaper.time_ranges[k].name))
				config_error(r, config_line_of(r, "shaper", "time-range"), "shaper",
					     "time-range", "'%s' stands there twice",
					     cfg->shaper.time_ranges[i].name);
	for (unsigned i = 0; i < cfg->shaper.attribute_count; i++)
		for (unsigned k = 0; k < i; k++)
			if (cfg->shaper.attributes[i] == cfg->shaper.attributes[k])
				config_error(r, config_line_of(r, "shaper", "attributes"), "shaper",
					     "attributes", "'%s' stands there twice",
					     shaper_dict_name(cfg->shaper.attributes[i]));
}

void config_check_shaper(struct config_reader *r)
{
	struct config *cfg = r->cfg;

	make_profiles(r);
	check_lists(r);
	cfg->shaper.default_plan.down.pir = cfg->shaper.default_.down * 1000ull;
	cfg->shaper.default_plan.up.pir = cfg->shaper.default_.up * 1000ull;
	if (*cfg->shaper.quota_profile && !has_profile(cfg, cfg->shaper.quota_profile))
		config_error(r, config_line_of(r, "shaper", "quota-profile"), "shaper",
			     "quota-profile", "there is no [profile %s]",
			     cfg->shaper.quota_profile);
	if (cfg->shaper.mode == CONFIG_SHAPER_OFF)
		return;
	if (cfg->shaper.queues > 1 && (cfg->shaper.backhaul_down || cfg->shaper.backhaul_up))
		config_error(r, config_line_of(r, "shaper", "queues"), "shaper", "queues",
			     "%u; a backhaul of all lines needs one tree: queues = 1",
			     cfg->shaper.queues);
	if (cfg->pppoe.max_sessions > TREE_LEAVES_MAX)
		config_error(r, config_line_of(r, "pppoe", "max-sessions"), "pppoe", "max-sessions",
			     "%u; with [shaper] the kernel can have %u at most (or mode = off)",
			     cfg->pppoe.max_sessions, TREE_LEAVES_MAX);
}
