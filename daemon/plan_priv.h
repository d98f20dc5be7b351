/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a session's speed share: plan.c, plan_keep.c, plan_show.c. */
#ifndef DAEMON_PLAN_PRIV_H
#define DAEMON_PLAN_PRIV_H

#include "base/wheel.h"
#include "daemon/plan.h"

/* A change that the shaper was asked for. Oldest first; answers come in that order. */
struct plan_pending {
	uint64_t ticket;
	struct plan_speed speed; /* becomes the session's; of no meaning for a temporary one */
	bool is_speed, is_temp, has_temp;
	enum plan_origin temp_origin;
	struct shaper_plan plan; /* what the kernel was asked for; of has_temp, what lies over it */
	plan_done_fn *done;
	void *arg;
	struct plan_pending *next;
};

struct plan {
	struct plan_speed speed;
	bool has_temp;
	enum plan_origin temp_origin;
	struct shaper_plan temp, has;
	struct plan_pending *pending;
	struct timer retry;
	struct session *s;
};

struct plan *plan_get(struct session *s); /* made where it is missing; NULL: no memory */

#endif
