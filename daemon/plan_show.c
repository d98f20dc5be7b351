// SPDX-License-Identifier: GPL-2.0-or-later
/* What `show session` says of a speed: which attribute won, what it said, what the kernel has. */
#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/plan_priv.h"

#include <stdio.h>

static const char *const origin_names[] = {
#define X(id, name) [PLAN_##id] = name,
	PLAN_ORIGINS(X)
#undef X
};

static void kbit(struct json *j, const char *name, uint64_t bps)
{
	if (bps)
		json_u64(j, name, bps / 1000);
	else
		json_null(j, name);
}

static void show_rate(struct json *j, const char *name, const struct shaper_rate *r)
{
	json_open(j, name, '{');
	kbit(j, "rate", r->pir);
	kbit(j, "guaranteed", r->cir);
	kbit(j, "peak", r->peak);
	json_u64(j, "burst-bytes", r->burst);
	json_u64(j, "priority", r->priority ? r->priority : SHAPER_PRIORITY_LOW);
	json_close(j, '}');
}

static void show_source(struct json *j, const char *name, const struct plan *plan,
			const struct shaper_source *source)
{
	char text[192];

	if (plan->has_temp)
		snprintf(text, sizeof(text), "%s, for now", origin_names[plan->temp_origin]);
	else if (source && *source->said)
		snprintf(text, sizeof(text), "%s %s: %s", origin_names[plan->speed.origin],
			 shaper_dict_name(source->dict), source->said);
	else
		snprintf(text, sizeof(text), "%s",
			 origin_names[plan->speed.attrs ? plan->speed.otherwise_origin
							: plan->speed.origin]);
	json_str(j, name, text);
}

void plan_show(struct json *j, const struct session *s)
{
	const struct plan *plan = s->plan;
	const struct plan_attrs *attrs = plan ? plan->speed.attrs : NULL;

	if (!plan) {
		json_null(j, "speed");
		return;
	}
	json_open(j, "speed", '{');
	show_source(j, "down-source", plan, attrs ? &attrs->down : NULL);
	show_source(j, "up-source", plan, attrs ? &attrs->up : NULL);
	json_str(j, "no-profile", attrs && *attrs->missing ? attrs->missing : NULL);
	json_bool(j, "pending", plan->pending);
	show_rate(j, "programmed-down", &plan->has.down);
	show_rate(j, "programmed-up", &plan->has.up);
	json_close(j, '}');
}
