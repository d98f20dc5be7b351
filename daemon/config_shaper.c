// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration's values of [shaper] and [profile], and what profiles mean. */
#include "daemon/config_table.h"

#include "shaper/tree.h"

#include <errno.h>
#include <string.h>

#define MIDNIGHT  (24 * 60) /* at the end of a day, in minutes */
#define KBIT	  1000ull
#define BURST_MAX 1000000000ull /* octets: 8 s at 1 Gbit/s */

/* --- values -------------------------------------------------------------------------------- */

/* "HH:MM", up to 24:00. */
static int time_parse(const char *s, size_t len, uint16_t *ret)
{
	uint64_t hour, minute;
	char buf[6];

	if (len != 5 || s[2] != ':')
		return -EINVAL;
	memcpy(buf, s, len);
	buf[2] = buf[5] = '\0';
	if (str_to_u64(buf, 0, 24, &hour) || str_to_u64(buf + 3, 0, 59, &minute))
		return -EINVAL;
	*ret = (uint16_t)(hour * 60 + minute);
	return *ret > MIDNIGHT ? -EINVAL : 0;
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
	    time_parse(dash + 1, strlen(dash + 1), &v.until) || v.from == MIDNIGHT)
		return config_refuse(why, in->field[1],
				     "two times of day, HH:MM-HH:MM (00:00-24:00 at most)");
	if (v.from == v.until)
		return sbuf_printf(why, "begins when it ends; two times that differ are allowed"),
		       -EINVAL;
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

static bool time_range_same(const void *a, const void *b)
{
	const struct shaper_range *x = a, *y = b;

	return !strcmp(x->name, y->name);
}

const struct config_type config_type_time_range = {
	.syntax = "NAME,HH:MM-HH:MM",
	.parse = time_range_parse,
	.format = time_range_format,
	.same = time_range_same,
};

/* "10000", or what a bare number of kbit/s does not say. */
static void rate_write(uint64_t bps, struct sbuf *out)
{
	if (bps % KBIT)
		sbuf_printf(out, "%lluB", (unsigned long long)bps);
	else
		sbuf_printf(out, "%llu", (unsigned long long)(bps / KBIT));
}

static void rates_write(uint64_t down, uint64_t up, struct sbuf *out)
{
	rate_write(down, out);
	sbuf_printf(out, "/");
	rate_write(up, out);
}

static int default_parse(const struct config_row *row, const struct config_input *in, void *item,
			 struct sbuf *why)
{
	struct config_default v = { .set = true };
	const char *text = in->field[0];
	struct config_rate rate;
	char reason[160];

	(void)row;
	if (!config_rate_parse(text, &rate)) { /* where 0 is allowed, too */
		v.set = rate.set;
		v.plan.down.pir = rate.down * KBIT;
		v.plan.up.pir = rate.up * KBIT;
	} else if (shaper_plan_parse(text, &v.plan, reason, sizeof(reason))) {
		if (!config_is_name(text) || strspn(text, "0123456789.") == strlen(text))
			return config_refuse(why, text,
					     "a rate: DOWN/UP in kbit/s, 8 to 1000000000 or 0 for "
					     "unshaped, or the name of a profile");
		memcpy(v.profile, text, strlen(text));
	}
	*(struct config_default *)item = v;
	return 0;
}

static bool default_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_default *v = item;

	(void)row;
	if (*v->profile)
		sbuf_printf(out, "%s", v->profile);
	else if (v->set)
		rates_write(v->plan.down.pir, v->plan.up.pir, out);
	return v->set;
}

const struct config_type config_type_default = {
	.syntax = "DOWN/UP | PROFILE",
	.parse = default_parse,
	.format = default_format,
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

static void range_write(const struct config_profile_value *v, struct sbuf *out)
{
	if (!*v->range)
		return;
	config_text_write(v->range, out);
	sbuf_printf(out, ",");
}

static int profile_rate_parse(const struct config_row *row, const struct config_input *in,
			      void *item, struct sbuf *why)
{
	struct config_profile_value v;
	const char *text = value_of(in, &v, why);
	struct shaper_plan plan;
	char reason[160], esc[64];

	(void)row;
	if (!text)
		return -EINVAL;
	if (shaper_plan_parse(text, &plan, reason, sizeof(reason))) {
		sbuf_printf(why, "'%s': %s", str_escape(esc, sizeof(esc), text, strlen(text)),
			    reason);
		return -EINVAL;
	}
	v.down = plan.down.pir;
	v.up = plan.up.pir;
	*(struct config_profile_value *)item = v;
	return 0;
}

static bool profile_rate_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_profile_value *v = item;

	(void)row;
	range_write(v, out);
	rates_write(v->down, v->up, out);
	return true;
}

const struct config_type config_type_profile_rate = {
	.syntax = "[RANGE,]DOWN/UP",
	.parse = profile_rate_parse,
	.format = profile_rate_format,
};

/* Kilobytes; k and M behind a number are kilobytes and megabytes. */
static int octets_parse(const char *s, size_t len, uint64_t *ret)
{
	uint64_t unit = 1000, v;
	char buf[16];

	if (!len || len >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (strchr("kKmM", buf[len - 1])) {
		unit = strchr("mM", buf[len - 1]) ? 1000000 : 1000;
		buf[len - 1] = '\0';
	}
	if (str_to_u64(buf, 0, BURST_MAX / unit, &v))
		return -EINVAL;
	*ret = v * unit;
	return 0;
}

static int profile_burst_parse(const struct config_row *row, const struct config_input *in,
			       void *item, struct sbuf *why)
{
	struct config_profile_value v;
	const char *text = value_of(in, &v, why), *slash, *up;

	(void)row;
	if (!text)
		return -EINVAL;
	slash = strchr(text, '/');
	up = slash ? slash + 1 : text;
	if (octets_parse(text, slash ? (size_t)(slash - text) : strlen(text), &v.down) ||
	    octets_parse(up, strlen(up), &v.up))
		return config_refuse(why, text,
				     "DOWN/UP in kilobytes, or with k or M behind a number "
				     "(at most 1000000 kilobytes)");
	*(struct config_profile_value *)item = v;
	return 0;
}

static bool profile_burst_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_profile_value *v = item;

	(void)row;
	range_write(v, out);
	sbuf_printf(out, "%llu/%llu", (unsigned long long)(v->down / 1000),
		    (unsigned long long)(v->up / 1000));
	return true;
}

const struct config_type config_type_profile_burst = {
	.syntax = "[RANGE,]DOWN/UP",
	.parse = profile_burst_parse,
	.format = profile_burst_format,
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
	range_write(v, out);
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

/* The value that says the same thing for the same time before this one, or NULL. */
static const struct config_profile_value *said_before(const struct config_profile_values *values,
						      unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(values->items[k].range, values->items[i].range))
			return &values->items[k];
	return NULL;
}

static void take_value(struct config_reader *r, struct shaper_profile *p, const char *key,
		       enum part part, const struct config_profile_value *v)
{
	struct shaper_plan *plan = plan_of(p, v->range);
	char esc[SHAPER_NAME_MAX];

	set_part(&plan->down, part, v->down);
	set_part(&plan->up, part, v->up);
	if (*v->range && !plan->down.pir)
		config_error(r, v->line, "profile", key,
			     "'%s' has no rate for '%s', and none for always; one is needed",
			     p->name, str_escape(esc, sizeof(esc), v->range, strlen(v->range)));
}

/* First what holds always, then what differs in a range; the rate before what depends on it. */
static void take(struct config_reader *r, struct shaper_profile *p, const char *key, enum part part,
		 const struct config_profile_values *values, bool timed)
{
	for (unsigned i = 0; i < values->count; i++) {
		const struct config_profile_value *v = &values->items[i];
		const struct config_profile_value *before = said_before(values, i);
		char esc[SHAPER_NAME_MAX];

		if (timed == !*v->range)
			continue;
		if (before)
			config_error(r, v->line, "profile", key,
				     "given already in line %u for the same time; only one is "
				     "allowed",
				     before->line);
		else if (timed && !has_range(r->cfg, v->range))
			config_error(r, v->line, "profile", key, "'%s' is no [shaper] time-range",
				     str_escape(esc, sizeof(esc), v->range, strlen(v->range)));
		else
			take_value(r, p, key, part, v);
	}
}

/* Where the value for this time stands: its own line, or that for always. */
static unsigned line_of(const struct config_profile_values *values, const char *range)
{
	unsigned line = 0;

	for (unsigned i = 0; i < values->count; i++) {
		if (!strcmp(values->items[i].range, range))
			return values->items[i].line;
		if (!*values->items[i].range)
			line = values->items[i].line;
	}
	return line;
}

/* Says "KEY: 2000 WRONG the rate, 1000, up". */
static void refuse_rate(struct config_reader *r, unsigned line, const char *key, uint64_t v,
			const char *wrong, const struct shaper_rate *rate, const char *which)
{
	struct sbuf is = { 0 }, pir = { 0 };

	rate_write(v, &is);
	rate_write(rate->pir, &pir);
	config_error(r, line, "profile", key, "%s is %s the rate, %s, %s", is.p ? is.p : "", wrong,
		     pir.p ? pir.p : "", which);
	sbuf_fini(&is);
	sbuf_fini(&pir);
}

static void check_plan(struct config_reader *r, const struct config_profile *text,
		       const char *range, const struct shaper_plan *plan)
{
	for (unsigned up = 0; up < 2; up++) {
		const struct shaper_rate *rate = up ? &plan->up : &plan->down;
		const char *which = up ? "up" : "down";

		if (!rate->pir)
			continue; /* for always, of a profile for ranges only: it says nothing */
		if (rate->cir > rate->pir)
			refuse_rate(r, line_of(&text->guaranteed, range), "guaranteed", rate->cir,
				    "more than", rate, which);
		if (rate->peak && rate->peak < rate->pir)
			refuse_rate(r, line_of(&text->peak, range), "peak", rate->peak, "less than",
				    rate, which);
	}
}

static void make_profile(struct config_reader *r, const struct config_profile *text,
			 struct shaper_profile *p)
{
	memcpy(p->name, text->head.name, sizeof(p->name));
	if (!text->rate.count) {
		config_error(r, text->head.line, "profile", "rate", "'%s' has none; one is needed",
			     text->head.name);
		return;
	}
	for (int timed = 0; timed < 2; timed++) {
		take(r, p, "rate", PART_RATE, &text->rate, timed);
		take(r, p, "guaranteed", PART_GUARANTEED, &text->guaranteed, timed);
		take(r, p, "peak", PART_PEAK, &text->peak, timed);
		take(r, p, "burst", PART_BURST, &text->burst, timed);
		take(r, p, "priority", PART_PRIORITY, &text->priority, timed);
	}
	check_plan(r, text, "", &p->always);
	for (unsigned i = 0; i < p->at_count; i++)
		check_plan(r, text, p->at[i].range, &p->at[i].plan);
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

static const struct shaper_profile *find_profile(const struct config *cfg, const char *name)
{
	for (unsigned i = 0; i < cfg->profile_count; i++)
		if (!strcmp(cfg->profiles[i].name, name))
			return &cfg->profiles[i];
	return NULL;
}

/* A default that changes with the time of day is not built: it must hold always. */
static void check_default(struct config_reader *r)
{
	struct config *cfg = r->cfg;
	const char *name = cfg->shaper.default_.profile;
	const struct shaper_profile *p = *name ? find_profile(cfg, name) : NULL;
	unsigned line = config_line_of(r, "shaper", "default");

	cfg->shaper.default_plan = p ? p->always : cfg->shaper.default_.plan;
	if (*name && !p)
		config_error(r, line, "shaper", "default",
			     "'%s' is neither a rate, DOWN/UP in kbit/s, nor a [profile]", name);
	else if (p && p->at_count)
		config_error(r, line, "shaper", "default",
			     "[profile %s] differs with the time of day; one that does not is "
			     "allowed",
			     name);
}

static void check_quota_profile(struct config_reader *r)
{
	const char *name = r->cfg->shaper.quota_profile;
	char esc[SHAPER_NAME_MAX];

	if (*name && !find_profile(r->cfg, name))
		config_error(r, config_line_of(r, "shaper", "quota-profile"), "shaper",
			     "quota-profile", "there is no [profile %s]",
			     str_escape(esc, sizeof(esc), name, strlen(name)));
}

void config_check_shaper(struct config_reader *r)
{
	struct config *cfg = r->cfg;

	make_profiles(r);
	check_default(r);
	check_quota_profile(r);
	if (cfg->shaper.mode == CONFIG_SHAPER_OFF)
		return;
	if (cfg->shaper.queues > 1 && (cfg->shaper.backhaul_down || cfg->shaper.backhaul_up))
		config_error(r, config_line_of(r, "shaper", "queues"), "shaper", "queues",
			     "%u; a backhaul of all lines needs one tree: queues = 1",
			     cfg->shaper.queues);
	if (cfg->shaper.up == CONFIG_UP_POLICE && cfg->shaper.backhaul_up)
		config_error(r, config_line_of(r, "shaper", "backhaul-up"), "shaper", "backhaul-up",
			     "%llu; a policer shares and lends nothing: it needs up = htb",
			     (unsigned long long)cfg->shaper.backhaul_up);
	if (cfg->pppoe.max_sessions > TREE_LEAVES_MAX)
		config_error(r, config_line_of(r, "pppoe", "max-sessions"), "pppoe", "max-sessions",
			     "%u; with [shaper] the kernel can have %u at most (or mode = off)",
			     cfg->pppoe.max_sessions, TREE_LEAVES_MAX);
}
