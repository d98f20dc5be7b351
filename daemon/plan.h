/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The speed of a session: who says what it is (the users file, RADIUS, CoA, the console, its
 * quota), which of its attributes counts at this time of day, and what the kernel has of it.
 *
 * A change is asked of the shaper, and becomes the session's speed once the kernel has it; until
 * then, and if the kernel refuses, the old one holds. Nothing queued is lost by a change.
 */
#ifndef DAEMON_PLAN_H
#define DAEMON_PLAN_H

#include "shaper/plan.h"
#include "shaper/shaper.h"

struct daemon;
struct session;
struct json;
struct rd;
struct wr;

#define PLAN_ORIGINS(X)                                                                            \
	X(DEFAULT, "[shaper] default")                                                             \
	X(USERS_FILE, "users file")                                                                \
	X(RADIUS, "radius")                                                                        \
	X(COA, "coa")                                                                              \
	X(CONSOLE, "shaper change")                                                                \
	X(QUOTA, "[shaper] quota-profile")

enum plan_origin {
#define X(id, name) PLAN_##id,
	PLAN_ORIGINS(X)
#undef X
};

/* Speed attributes as they came, and which of them count now. Most lines have none. */
struct plan_attrs {
	struct shaper_plan otherwise; /* in a direction that they do not speak of */
	struct shaper_source down, up;
	char missing[SHAPER_SAID_MAX + 32]; /* a name in them that is no [profile]; empty: none */
	uint16_t len;
	uint8_t octets[];
};

/* What is said of a session's speed. */
struct plan_speed {
	enum plan_origin origin;
	struct plan_attrs *attrs; /* NULL: `plan` was said as it is */
	bool timed;		  /* they mean different things at different times of day */
	bool says_none;		  /* they speak of neither direction */
	enum plan_origin otherwise_origin; /* attrs->otherwise's */
	struct shaper_plan plan;	   /* what they mean now */
};

/* Told once of each change that plan_change() took: 0, or why the old speed holds. */
typedef void plan_done_fn(void *arg, uint64_t now, int rc);

int plan_setup(struct daemon *d);
void plan_teardown(struct daemon *d);

/* The speed that these attributes mean, for a login or a change. 0, or -EINVAL and `why` names the
 * attribute; then *ret is untouched. The caller owns *ret until plan_login() or plan_change().
 * @otherwise: what holds in a direction that they do not speak of; NULL: the default. */
int plan_of_attrs(struct daemon *d, enum plan_origin origin, const uint8_t *attrs, size_t len,
		  const struct plan_speed *otherwise, struct plan_speed *ret, char *why,
		  size_t why_len);
/* That of a [profile]; -ENOENT: there is none of this name. */
int plan_of_profile(struct daemon *d, enum plan_origin origin, const char *name,
		    struct plan_speed *ret);
struct plan_speed plan_of_rates(enum plan_origin origin, const struct shaper_plan *plan);
struct plan_speed plan_default(struct daemon *d);
void plan_speed_fini(struct plan_speed *speed); /* what nobody took */
/* What was said last of the session's own speed: not to be kept. */
struct plan_speed plan_said(const struct session *s);

/* A login's: holds at once, and is programmed as soon as it can be. Takes @speed. */
void plan_login(struct session *s, uint64_t now, struct plan_speed *speed);
/* Takes @speed. 0: it holds already, `done` is not called; -EINPROGRESS: `done` will be called,
 * when the session ends at the latest; else refused, and nothing has changed. */
int plan_change(struct session *s, uint64_t now, struct plan_speed *speed, plan_done_fn *done,
		void *arg);
/* Lays a speed over the session's own, or (NULL) takes it away. As plan_change(). */
int plan_temporary(struct session *s, uint64_t now, enum plan_origin origin,
		   const struct shaper_plan *plan, plan_done_fn *done, void *arg);
void plan_close(struct session *s, uint64_t now); /* whoever waits is told -ECANCELED */

/* For the record (plan_keep.c); no octets: there is no plan. -EBADMSG, -ENOTSUP, -ENOMEM. */
void plan_freeze(const struct session *s, struct wr *w);
int plan_thaw(struct session *s, struct rd *r); /* just those octets */
int plan_frozen_check(struct rd r);
/* Of an adopted session: the kernel is asked again for what it should have. */
void plan_adopted(struct session *s, uint64_t now);

/* kbit/s as configured; 0: unshaped. */
void plan_rates(const struct session *s, uint64_t *ret_down, uint64_t *ret_up);
/* What the kernel has; NULL: nothing is shaped. For the data plane's entry. */
const struct shaper_plan *plan_programmed(const struct session *s);
void plan_show(struct json *j, const struct session *s); /* the object `speed` of show session */

#endif
