// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operator's view of speeds: `show shaper`, `shaper change`, `shaper restore`.
 *
 * What a line really gets is measured while the command waits: the data plane's counters twice, a
 * second apart, which costs nothing while nobody looks.
 */
#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEASURE_NS NSEC_PER_SEC
#define PIECE	   64

/* --- show shaper --------------------------------------------------------------------------- */

struct look {
	struct daemon *d;
	struct control_reply *reply; /* NULL: whoever asked is gone */
	struct timer timer;
	uint64_t began, ns;
	uint32_t count, slot; /* slots looked at; where the answer is */
	struct abi_counters *before, *after;
	struct shaper_counters *down, *up; /* NULL: no shaper */
	struct json json;
};

static void look_free(void *arg)
{
	struct look *l = arg;

	timer_cancel(loop_wheel(l->d->loop), &l->timer);
	free(l->before);
	free(l->after);
	free(l->down);
	free(l->up);
	free(l);
}

/* The octets that count: as the shaper counts them. */
static uint64_t octets(const struct look *l, uint64_t bytes4, uint64_t packets4, uint64_t bytes6,
		       uint64_t packets6)
{
	return bytes4 + bytes6 + (packets4 + packets6) * l->d->config->shaper.overhead;
}

static uint64_t rate_kbit(const struct look *l, uint64_t from, uint64_t to)
{
	return l->ns && to > from ? (uint64_t)((unsigned __int128)(to - from) * 8 * 1000000 / l->ns)
				  : 0;
}

static void rate(struct json *j, const char *name, uint64_t kbit)
{
	if (kbit)
		json_u64(j, name, kbit);
	else
		json_null(j, name);
}

static void look_row(struct look *l, const struct session *s)
{
	static const struct shaper_counters none;
	const struct abi_counters *a = &l->before[s->slot], *b = &l->after[s->slot];
	const struct shaper_counters *down = l->down ? &l->down[s->slot] : &none;
	const struct shaper_counters *up = l->up ? &l->up[s->slot] : &none;
	struct json *j = &l->json;
	uint64_t rate_down, rate_up, policed = 0, policed_bytes = 0;

	plan_rates(s, &rate_down, &rate_up);
	(void)dp_police_stats(l->d->dp, s->slot, &policed, &policed_bytes);
	json_open(j, NULL, '{');
	json_str(j, "username", s->username);
	json_u64(j, "sid", s->sid);
	rate(j, "rate-down", rate_down);
	rate(j, "rate-up", rate_up);
	json_u64(j, "measured-down",
		 rate_kbit(l, octets(l, a->tx4_bytes, a->tx4_packets, a->tx6_bytes, a->tx6_packets),
			   octets(l, b->tx4_bytes, b->tx4_packets, b->tx6_bytes, b->tx6_packets)));
	json_u64(j, "measured-up",
		 rate_kbit(l, octets(l, a->rx4_bytes, a->rx4_packets, a->rx6_bytes, a->rx6_packets),
			   octets(l, b->rx4_bytes, b->rx4_packets, b->rx6_bytes, b->rx6_packets)));
	json_u64(j, "drops-down", down->drops);
	json_u64(j, "drops-up", up->drops + policed);
	json_u64(j, "backlog-down", down->backlog);
	json_u64(j, "backlog-up", up->backlog);
	json_u64(j, "borrowed-down", down->borrowed);
	json_u64(j, "borrowed-up", up->borrowed);
	json_close(j, '}');
}

static int look_more(void *arg, struct sbuf *out)
{
	struct look *l = arg;
	uint32_t end = l->slot + PIECE < l->count ? l->slot + PIECE : l->count;
	struct session *s;

	l->json.out = out;
	while (l->slot < end && (s = table_next(l->d, &l->slot)) && s->slot < l->count)
		if (s->plan)
			look_row(l, s);
	if (l->slot < l->count && l->slot < l->d->table.high)
		return 1;
	json_close(&l->json, ']');
	return 0;
}

static void look_answer(struct look *l)
{
	static const struct control_producer producer = { .more = look_more, .free = look_free };

	if (!l->reply) {
		look_free(l);
		return;
	}
	l->json.out = control_body(l->reply);
	json_open(&l->json, NULL, '[');
	control_stream(l->reply, &producer, l);
}

static void on_measured(void *arg, uint64_t now, const struct shaper_counters *down,
			const struct shaper_counters *up, int rc)
{
	struct look *l = arg;

	(void)now;
	l->down = !rc ? calloc(l->count + 1, sizeof(*down)) : NULL;
	l->up = !rc ? calloc(l->count + 1, sizeof(*up)) : NULL;
	if (l->down && l->up) {
		memcpy(l->down, down, l->count * sizeof(*down));
		memcpy(l->up, up, l->count * sizeof(*up));
	}
	look_answer(l);
}

static void on_second(struct timer *t, uint64_t now)
{
	struct look *l = container_of(t, struct look, timer);
	struct daemon *d = l->d;

	l->ns = now - l->began;
	if (dp_counters_range(d->dp, 0, l->count, l->after))
		memcpy(l->after, l->before, l->count * sizeof(*l->after));
	if (!d->shaper || shaper_measure(d->shaper, on_measured, l))
		look_answer(l);
}

/* The reader went away: what is under way ends by itself. */
static void look_gone(void *arg)
{
	struct look *l = arg;

	l->reply = NULL;
	if (timer_is_set(&l->timer))
		look_free(l);
}

void shaping_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct look *l = calloc(1, sizeof(*l));

	(void)argc, (void)argv;
	if (!l) {
		control_refuse(r, "out of memory");
		return;
	}
	*l = (struct look){ .d = d, .reply = r, .count = d->table.high };
	l->before = calloc(l->count + 1, sizeof(*l->before));
	l->after = calloc(l->count + 1, sizeof(*l->after));
	timer_init(&l->timer, on_second);
	if (!l->before || !l->after || dp_counters_range(d->dp, 0, l->count, l->before)) {
		control_refuse(r, "the counters cannot be read");
		look_free(l);
		return;
	}
	l->began = loop_clock();
	timer_set(loop_wheel(d->loop), &l->timer, l->began + MEASURE_NS);
	control_defer(r, look_gone, l);
}

/* --- shaper change, shaper restore --------------------------------------------------------- */

/* A command that waits until the kernel has what it changed. */
struct work {
	struct control_reply *reply; /* NULL: whoever asked is gone */
	uint64_t waiting, changed, failed;
	const char *did;
	bool all_asked;
};

static void work_end(struct work *w)
{
	struct json j;

	if (w->waiting || !w->all_asked)
		return;
	if (w->reply && w->failed && !w->changed) {
		control_refuse(w->reply, "the kernel refused it: the old speed holds");
	} else if (w->reply) {
		j = (struct json){ .out = control_body(w->reply) };
		json_open(&j, NULL, '{');
		json_u64(&j, w->did, w->changed);
		json_u64(&j, "failed", w->failed);
		json_close(&j, '}');
		control_done(w->reply);
	}
	free(w);
}

static void on_done(void *arg, uint64_t now, int rc)
{
	struct work *w = arg;

	(void)now;
	w->waiting--;
	if (rc)
		w->failed++;
	else
		w->changed++;
	work_end(w);
}

static void work_gone(void *arg)
{
	((struct work *)arg)->reply = NULL;
}

static void work_count(struct work *w, int rc)
{
	if (rc == -EINPROGRESS)
		w->waiting++;
	else if (rc)
		w->failed++;
	else
		w->changed++;
}

/* @plan NULL: restore. @profile: it is that of this one, and changes with the time of day. */
static void change(struct daemon *d, const char *who, struct control_reply *r,
		   const struct shaper_plan *plan, const char *profile, bool temporary)
{
	struct work *w = calloc(1, sizeof(*w));
	uint64_t now = loop_now(d->loop);
	struct match m;
	struct session *s;

	if (!w || match_parse(who, &m)) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS, mac=MAC or all", who);
		free(w);
		return;
	}
	w->reply = r;
	w->did = plan ? "changed" : "restored";
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		if (!match_session(&m, s) || s->state == SESSION_CLOSING || !s->username)
			continue;
		if (plan && !temporary) {
			struct plan_speed speed = plan_of_rates(PLAN_CONSOLE, plan);

			if (profile)
				(void)plan_of_profile(d, PLAN_CONSOLE, profile, &speed);
			work_count(w, plan_change(s, now, &speed, on_done, w));
		} else {
			work_count(w, plan_temporary(s, now, PLAN_CONSOLE, plan, on_done, w));
		}
	}
	if (!w->changed && !w->waiting && !w->failed && m.kind != MATCH_ALL) {
		control_refuse(r, "no session matches '%s'", who);
		free(w);
		return;
	}
	if (w->waiting)
		control_defer(r, work_gone, w);
	w->all_asked = true;
	work_end(w);
}

/* What all get for now, those get as well who log in later. */
static int keep_temporary(struct daemon *d, const char *who, const struct shaper_plan *plan)
{
	struct shaper_plan *copy;

	if (strcmp(who, "all") != 0)
		return 0;
	copy = plan ? malloc(sizeof(*copy)) : NULL;
	if (plan && !copy)
		return -ENOMEM;
	if (plan)
		*copy = *plan;
	free(d->temporary);
	d->temporary = copy;
	return 0;
}

/* The name of a [profile], "none" or "10M/2M": true, and what it means now. */
static bool plan_of_text(struct daemon *d, const char *text, struct shaper_plan *ret,
			 const char **ret_profile, char *why, size_t why_len)
{
	struct plan_speed speed;

	*ret_profile = NULL;
	*ret = (struct shaper_plan){ 0 };
	if (!plan_of_profile(d, PLAN_CONSOLE, text, &speed)) {
		*ret = speed.plan;
		*ret_profile = text;
		plan_speed_fini(&speed);
		return true;
	}
	return !strcmp(text, "none") || !shaper_plan_parse(text, ret, why, why_len);
}

void shaping_change(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct shaper_plan plan;
	const char *profile;
	char why[160];
	bool temporary = argc == 3;

	if (!d->shaper) {
		control_refuse(r, "[shaper] mode is off");
	} else if (temporary && strcmp(argv[2], "temp") != 0) {
		control_usage(r, "'%s' is not temp", argv[2]);
	} else if (!plan_of_text(d, argv[1], &plan, &profile, why, sizeof(why))) {
		control_usage(r, "'%s' is no profile, none or speed: %s", argv[1], why);
	} else if (temporary && keep_temporary(d, argv[0], &plan)) {
		control_refuse(r, "out of memory");
	} else {
		change(d, argv[0], r, &plan, profile, temporary);
	}
}

void shaping_restore(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;

	(void)argc;
	(void)keep_temporary(d, argv[0], NULL);
	change(d, argv[0], r, NULL, NULL, true);
}
