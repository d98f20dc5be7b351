// SPDX-License-Identifier: GPL-2.0-or-later
/* The speed of a session: daemon/plan.h. */
#include "daemon/plan_priv.h"

#include "daemon/daemon.h"
#include "daemon/keep.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILTER_ID   11			/* RFC 2865, section 5.11 */
#define RETRY_AFTER (10 * NSEC_PER_SEC) /* a login's plan that the kernel refused */

/* --- what a speed is ----------------------------------------------------------------------- */

static unsigned minute_of_day(void)
{
	time_t t = time(NULL);
	struct tm tm;

	return localtime_r(&t, &tm) ? (unsigned)(tm.tm_hour * 60 + tm.tm_min) : 0;
}

static struct shaper_rules rules_of(const struct daemon *d)
{
	const struct config *c = d->config;
	struct shaper_rules r = {
		.order_count = c->shaper.attribute_count,
		.profiles = c->profiles,
		.profile_count = c->profile_count,
		.ranges = c->shaper.time_ranges,
		.range_count = c->shaper.time_range_count,
	};

	memcpy(r.order, c->shaper.attributes, sizeof(r.order));
	return r;
}

/* Was it an operator who named a profile? Then it counts whatever attributes may say. */
static bool is_by_name(enum plan_origin origin)
{
	return origin == PLAN_CONSOLE || origin == PLAN_QUOTA;
}

static void take_verdict(const struct shaper_verdict *v, struct plan_speed *ret)
{
	ret->timed = v->timed;
	ret->says_none = !v->has_down && !v->has_up && !v->timed;
	ret->plan.down = v->has_down ? v->plan.down : ret->attrs->otherwise.down;
	ret->plan.up = v->has_up ? v->plan.up : ret->attrs->otherwise.up;
	ret->attrs->down = v->down;
	ret->attrs->up = v->up;
	memcpy(ret->attrs->missing, v->missing, sizeof(ret->attrs->missing));
}

int plan_of_attrs(struct daemon *d, enum plan_origin origin, const uint8_t *attrs, size_t len,
		  const struct plan_speed *otherwise, struct plan_speed *ret, char *why,
		  size_t why_len)
{
	struct shaper_rules rules = rules_of(d);
	struct plan_speed speed = {
		.origin = origin,
		.otherwise_origin = otherwise ? otherwise->origin : PLAN_DEFAULT,
	};
	struct shaper_verdict v;

	if (is_by_name(origin)) {
		rules.order[0] = SHAPER_PROFILE;
		rules.order[1] = SHAPER_FILTER_ID;
		rules.order_count = 2;
	}
	shaper_read(attrs, len, &rules, minute_of_day(), &v);
	if (*v.wrong) {
		snprintf(why, why_len, "%s", v.wrong);
		return -EINVAL;
	}
	speed.attrs = malloc(sizeof(*speed.attrs) + len);
	if (!speed.attrs) {
		snprintf(why, why_len, "no memory");
		return -ENOMEM;
	}
	speed.attrs->otherwise = otherwise ? otherwise->plan : d->config->shaper.default_plan;
	speed.attrs->len = (uint16_t)len;
	memcpy(speed.attrs->octets, attrs, len);
	take_verdict(&v, &speed);
	*ret = speed;
	return 0;
}

struct plan_speed plan_of_rates(enum plan_origin origin, const struct shaper_plan *plan)
{
	return (struct plan_speed){ .origin = origin, .plan = *plan };
}

/* As if an attribute had said its name: so it heeds the time of day, too. */
int plan_of_profile(struct daemon *d, enum plan_origin origin, const char *name,
		    struct plan_speed *ret)
{
	uint8_t attr[6 + SHAPER_NAME_MAX] = { [4] = FILTER_ID };
	size_t len = strlen(name);
	char why[256];
	unsigned i = 0;

	while (i < d->config->profile_count && strcmp(d->config->profiles[i].name, name) != 0)
		i++;
	if (i == d->config->profile_count)
		return -ENOENT;
	attr[5] = (uint8_t)len;
	memcpy(attr + 6, name, len);
	return plan_of_attrs(d, origin, attr, 6 + len, NULL, ret, why, sizeof(why));
}

void plan_speed_fini(struct plan_speed *speed)
{
	free(speed->attrs);
	speed->attrs = NULL;
}

struct plan_speed plan_default(struct daemon *d)
{
	return plan_of_rates(PLAN_DEFAULT, &d->config->shaper.default_plan);
}

/* --- what holds ---------------------------------------------------------------------------- */

static bool rate_same(const struct shaper_rate *a, const struct shaper_rate *b)
{
	return a->pir == b->pir &&
	       (!a->pir || (a->cir == b->cir && a->peak == b->peak && a->burst == b->burst &&
			    a->priority == b->priority));
}

/* What the worker has to do with: input that is policed is the data plane's. */
static bool worker_needed(const struct daemon *d, const struct shaper_plan *from,
			  const struct shaper_plan *to)
{
	bool up = d->config->shaper.up == CONFIG_UP_HTB;

	return (to->down.pir && !rate_same(&from->down, &to->down)) ||
	       (up && to->up.pir && !rate_same(&from->up, &to->up));
}

static void log_refused(struct session *s, int rc)
{
	session_log(s, LOG_LEVEL_WARN, "its speed is not programmed: %s", strerror(-rc));
}

static void commit(struct session *s, const struct shaper_plan *plan)
{
	s->plan->has = *plan;
	keep_session(s);
	if (path_replan(s))
		log_refused(s, -EIO);
}

static void pending_commit(struct session *s, struct plan_pending *p)
{
	struct plan *plan = s->plan;

	if (p->is_speed) {
		plan_speed_fini(&plan->speed);
		plan->speed = p->speed;
		p->speed.attrs = NULL;
	}
	if (p->is_temp) {
		plan->has_temp = p->has_temp;
		plan->temp_origin = p->temp_origin;
		plan->temp = p->plan; /* lies over everything */
	}
	commit(s, &p->plan);
	timeline_plan(s,
		      p->is_temp ? p->has_temp ? ", for now" : ", no longer another" : ", changed");
}

/* What the kernel will have when all that is asked for is done. */
static const struct shaper_plan *last_asked(const struct plan *plan)
{
	const struct plan_pending *p = plan->pending;

	while (p && p->next)
		p = p->next;
	return p ? &p->plan : &plan->has;
}

/* Takes @p's contents: they hold at once, wait for the shaper, or are refused and freed.
 * @anyway: asks the kernel even for what it should have. */
static int submit(struct session *s, struct plan_pending *p, bool anyway)
{
	struct daemon *d = s->d;
	struct plan *plan = s->plan;
	const struct shaper_plan *from = last_asked(plan);
	struct plan_pending *copy, **end = &plan->pending;

	if (!d->shaper || (!anyway && !plan->pending && !worker_needed(d, from, &p->plan))) {
		pending_commit(s, p);
		return 0;
	}
	copy = malloc(sizeof(*copy));
	if (!copy || shaper_set(d->shaper, s->slot, s->generation, d->plan_ticket + 1, &p->plan,
				&plan->has, anyway)) {
		free(copy);
		plan_speed_fini(&p->speed);
		return -ENOMEM;
	}
	p->ticket = ++d->plan_ticket;
	*copy = *p;
	while (*end)
		end = &(*end)->next;
	*end = copy;
	return -EINPROGRESS;
}

/* What the session gets: the newest that was said, and what lies over it. */
static struct shaper_plan effective(const struct plan *plan, const struct plan_pending *p)
{
	bool has_temp = plan->has_temp;
	struct shaper_plan result = plan->speed.plan, temp = plan->temp;

	for (const struct plan_pending *q = plan->pending; q; q = q->next) {
		if (q->is_speed)
			result = q->speed.plan;
		if (q->is_temp) {
			has_temp = q->has_temp;
			temp = q->plan;
		}
	}
	if (p->is_speed)
		result = p->speed.plan;
	if (p->is_temp) {
		has_temp = p->has_temp;
		temp = p->plan;
	}
	return has_temp ? temp : result;
}

int plan_change(struct session *s, uint64_t now, struct plan_speed *speed, plan_done_fn *done,
		void *arg)
{
	struct plan_pending p = { .is_speed = true, .speed = *speed, .done = done, .arg = arg };

	(void)now;
	speed->attrs = NULL;
	if (!plan_get(s)) {
		plan_speed_fini(&p.speed);
		return -ENOMEM;
	}
	p.plan = effective(s->plan, &p);
	return submit(s, &p, false);
}

int plan_temporary(struct session *s, uint64_t now, enum plan_origin origin,
		   const struct shaper_plan *temp, plan_done_fn *done, void *arg)
{
	struct plan_pending p = {
		.is_temp = true,
		.has_temp = temp,
		.temp_origin = origin,
		.done = done,
		.arg = arg,
	};

	(void)now;
	if (temp)
		p.plan = *temp;
	if (!temp && !s->plan)
		return 0;
	if (!plan_get(s))
		return -ENOMEM;
	p.plan = effective(s->plan, &p);
	return submit(s, &p, false);
}

/* --- what the shaper answers --------------------------------------------------------------- */

static void on_shaper_done(void *arg, uint64_t now, uint32_t slot, uint32_t generation,
			   uint64_t ticket, int rc)
{
	struct daemon *d = arg;
	struct session *s = &d->table.sessions[slot];
	struct plan_pending *p;

	if (slot >= d->table.high || s->generation != generation || !s->plan)
		return;
	p = s->plan->pending;
	if (!p || p->ticket != ticket)
		return; /* the session is over */
	s->plan->pending = p->next;
	if (!rc)
		pending_commit(s, p);
	else if (p->done)
		log_refused(s, rc);
	if (p->done)
		p->done(p->arg, now, rc);
	plan_speed_fini(&p->speed);
	free(p);
}

/* --- sessions ------------------------------------------------------------------------------ */

/* A login's speed holds whatever the kernel says, and is asked for again until it has it. */
static void on_programmed(void *arg, uint64_t now, int rc)
{
	struct plan *plan = arg;

	if (rc && rc != -ECANCELED)
		timer_set(loop_wheel(plan->s->d->loop), &plan->retry, now + RETRY_AFTER);
}

static void program(struct session *s, uint64_t now, bool anyway)
{
	struct plan_pending p = { .done = on_programmed, .arg = s->plan };
	int rc;

	p.plan = effective(s->plan, &p);
	rc = submit(s, &p, anyway);
	if (rc && rc != -EINPROGRESS)
		on_programmed(s->plan, now, rc);
}

static void on_retry(struct timer *t, uint64_t now)
{
	program(container_of(t, struct plan, retry)->s, now, true);
}

struct plan *plan_get(struct session *s)
{
	struct plan *plan = s->plan ? s->plan : calloc(1, sizeof(*plan));

	if (plan && !s->plan) {
		plan->s = s;
		timer_init(&plan->retry, on_retry);
		s->plan = plan;
	}
	return plan;
}

void plan_login(struct session *s, uint64_t now, struct plan_speed *speed)
{
	struct daemon *d = s->d;
	struct plan *plan = s->plan;

	/* Nothing to say of it, and nothing to keep. */
	if (!plan && !speed->plan.down.pir && !speed->plan.up.pir && !speed->attrs && !d->temporary)
		return;
	plan = plan_get(s);
	if (!plan) {
		plan_speed_fini(speed);
		log_refused(s, -ENOMEM);
		return;
	}
	plan_speed_fini(&plan->speed);
	plan->speed = *speed;
	speed->attrs = NULL;
	if (d->temporary) {
		plan->has_temp = true;
		plan->temp_origin = PLAN_CONSOLE;
		plan->temp = *d->temporary;
	}
	timeline_plan(s, "");
	program(s, now, false);
}

void plan_close(struct session *s, uint64_t now)
{
	struct plan *plan = s->plan;
	struct plan_pending *p;

	if (!plan)
		return;
	s->plan = NULL;
	timer_cancel(loop_wheel(s->d->loop), &plan->retry);
	if (s->d->shaper)
		shaper_put(s->d->shaper, s->slot);
	while ((p = plan->pending)) {
		plan->pending = p->next;
		if (p->done && p->done != on_programmed)
			p->done(p->arg, now, -ECANCELED);
		plan_speed_fini(&p->speed);
		free(p);
	}
	plan_speed_fini(&plan->speed);
	free(plan);
}

/* Classes may have been changed, or be gone. */
void plan_adopted(struct session *s, uint64_t now)
{
	if (s->plan)
		program(s, now, true);
}

/* --- the time of day ----------------------------------------------------------------------- */

#define RETIME_PIECE 256 /* sessions a turn */
#define RETIME_TURN  (10 * NSEC_PER_MSEC)
#define RETIME_LOOK  NSEC_PER_SEC

/* One bit for each range of the configuration: whether it is that time. */
static uint32_t ranges_now(const struct daemon *d)
{
	unsigned minute = minute_of_day();
	uint32_t bits = 0;

	for (unsigned i = 0; i < d->config->shaper.time_range_count; i++)
		if (shaper_range_active(&d->config->shaper.time_ranges[i], minute))
			bits |= 1u << i;
	return bits;
}

static void retime(struct session *s, uint64_t now)
{
	const struct plan_speed *was = s->plan ? &s->plan->speed : NULL;
	struct plan_speed otherwise, speed;
	char why[256];

	if (!was || !was->timed || !was->attrs || s->state == SESSION_CLOSING)
		return;
	otherwise = plan_of_rates(was->otherwise_origin, &was->attrs->otherwise);
	if (!plan_of_attrs(s->d, was->origin, was->attrs->octets, was->attrs->len, &otherwise,
			   &speed, why, sizeof(why)))
		(void)plan_change(s, now, &speed, NULL, NULL);
}

static void on_time(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, plan_timer);
	uint32_t ranges = ranges_now(d), end;
	struct session *s;

	if (ranges != d->plan_ranges) {
		log_notice("[shaper] time-range: the speeds of another time of day begin");
		d->plan_ranges = ranges;
		d->plan_slot = 0;
	}
	end = d->plan_slot + RETIME_PIECE;
	while (d->plan_slot < end && (s = table_next(d, &d->plan_slot)))
		retime(s, now);
	timer_set(loop_wheel(d->loop), t,
		  now + (d->plan_slot < d->table.high ? RETIME_TURN : RETIME_LOOK));
}

/* --- setup --------------------------------------------------------------------------------- */

static void on_shaper_rebuilt(void *arg, uint64_t now, int rc)
{
	damage_rebuilt(arg, now, rc);
}

static struct shaper_config shaper_config_of(struct daemon *d)
{
	const struct config *c = d->config;

	return (struct shaper_config){
		.down_ifindex = d->device.ifindex,
		.up_ifindex = c->shaper.up == CONFIG_UP_HTB ? d->pair.peer_ifindex : 0,
		.max_sessions = d->table.max,
		.queues = (uint16_t)d->trees,
		.leaf = c->shaper.mode == CONFIG_SHAPER_TBF ? SHAPER_LEAF_TBF : SHAPER_LEAF_FAIR,
		.leaf_up = c->shaper.mode == CONFIG_SHAPER_TBF	   ? SHAPER_LEAF_TBF
			   : c->shaper.up_leaf == CONFIG_LEAF_FAIR ? SHAPER_LEAF_FAIR
								   : SHAPER_LEAF_FIFO,
		.backhaul_down = c->shaper.backhaul_down * 1000ull,
		.backhaul_up = c->shaper.backhaul_up * 1000ull,
		.overhead = (uint16_t)c->shaper.overhead,
		.pool = c->shaper.class_pool,
		.done = on_shaper_done,
		.rebuilt = on_shaper_rebuilt,
		.arg = d,
	};
}

int plan_setup(struct daemon *d)
{
	struct shaper_config sc;
	struct shaper_state state;
	char why[256];
	int rc;

	if (!d->trees)
		return 0;
	sc = shaper_config_of(d);
	rc = shaper_new(&d->shaper, d->loop, &sc, why, sizeof(why));
	if (rc) {
		log_error("[shaper] %s", why);
		return rc;
	}
	shaper_state(d->shaper, &state);
	log_notice("shaper: htb on %s, %u queue%s, leaves are %s, up %s", d->device.name, sc.queues,
		   sc.queues == 1 ? "" : "s", state.leaf, sc.up_ifindex ? state.leaf_up : "none");
	d->plan_ranges = ranges_now(d);
	d->plan_slot = d->table.max;
	timer_init(&d->plan_timer, on_time);
	if (d->config->shaper.time_range_count)
		timer_set(loop_wheel(d->loop), &d->plan_timer, loop_now(d->loop) + RETIME_LOOK);
	return 0;
}

void plan_teardown(struct daemon *d)
{
	timer_cancel(loop_wheel(d->loop), &d->plan_timer);
	shaper_free(d->shaper);
	d->shaper = NULL;
	free(d->temporary);
	d->temporary = NULL;
}

/* --- what is told -------------------------------------------------------------------------- */

void plan_rates(const struct session *s, uint64_t *ret_down, uint64_t *ret_up)
{
	const struct plan *plan = s->plan;
	const struct shaper_plan *p = !plan	       ? NULL
				      : plan->has_temp ? &plan->temp
						       : &plan->speed.plan;

	*ret_down = p ? p->down.pir / 1000 : 0;
	*ret_up = p ? p->up.pir / 1000 : 0;
}

/* Told what is pending, too: it was said, and holds unless the kernel refuses. */
struct plan_speed plan_said(const struct session *s)
{
	struct plan_speed said = { .origin = PLAN_DEFAULT };

	if (!s->plan)
		return said;
	said = s->plan->speed;
	for (const struct plan_pending *p = s->plan->pending; p; p = p->next)
		if (p->is_speed)
			said = p->speed;
	said.attrs = NULL;
	return said;
}

const struct shaper_plan *plan_programmed(const struct session *s)
{
	return s->plan ? &s->plan->has : NULL;
}
