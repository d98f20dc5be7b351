// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans as people write them, times of day, and the names of dictionaries. */
#include "shaper/plan.h"

#include "shaper/rate.h"

#include <errno.h>
#include <stdio.h>

const char *shaper_dict_name(enum shaper_dict dict)
{
	static const char *const names[] = {
#define X(id, name) [SHAPER_##id] = (name),
		SHAPER_DICTS(X)
#undef X
	};

	return dict < SHAPER_DICT_COUNT ? names[dict] : "?";
}

void shaper_rules_init(struct shaper_rules *ret)
{
	*ret = (struct shaper_rules){ .order_count = SHAPER_DICT_COUNT };
	for (unsigned i = 0; i < SHAPER_DICT_COUNT; i++)
		ret->order[i] = (enum shaper_dict)i;
}

bool shaper_range_active(const struct shaper_range *r, unsigned minute)
{
	if (r->from < r->until)
		return minute >= r->from && minute < r->until;
	return minute >= r->from || minute < r->until;
}

int shaper_plan_parse(const char *s, struct shaper_plan *ret, char *why, size_t why_len)
{
	struct rd t = rd_init(s, strlen(s));
	uint64_t rate[2] = { 0 };
	const char *wrong = shaper_pair_read(&t, SHAPER_KBIT, "/", rate);

	if (!wrong && rd_left(&t))
		wrong = "DOWN/UP or one RATE for both is allowed, in kbit/s or with B, K, M or G";
	for (unsigned i = 0; !wrong && i < 2; i++)
		wrong = shaper_rate_check(rate[i]);
	if (wrong) {
		snprintf(why, why_len, "%s", wrong);
		return -EINVAL;
	}
	*ret = (struct shaper_plan){ .down.pir = rate[0], .up.pir = rate[1] };
	return 0;
}
