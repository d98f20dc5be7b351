/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts of those who have some: ip-up, ip-down, ip-change, with the arguments and the environment
 * that pppd and accel-ppp give them, and RADIUS's attributes in a file (radattr).
 *
 *	hooks.c		what a session tells its scripts
 *	hooks_queue.c	in which order they run, pure
 *	hooks_sys.c	a thread that runs them: so many at once, each for so long
 *
 * The loop only hands a job over. A line's scripts run one after the other, up before down. Lines of
 * an earlier process are not told of again.
 */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

#include "daemon/hooks_queue.h"

struct daemon;
struct hooks;
struct json;
struct ppp_stats;
struct radius_packet;
struct sbuf;
struct session;
struct abi_counters;

/* The session is open for the first time; ends; was changed by CoA. */
void hooks_up(struct session *s, uint64_t now);
void hooks_down(struct session *s, uint64_t now, const char *cause, const struct abi_counters *c);
void hooks_change(struct session *s, uint64_t now);
/* What RADIUS has said of it, as the server wrote it. For the file, when there is to be one. */
void hooks_attributes(struct session *s, const struct radius_packet *p);
/* "NAME VALUE\n" each, as pppd's plugin writes them; no secrets. */
void hooks_radattr(const struct radius_packet *p, struct sbuf *out);
void hooks_show(const struct daemon *d, struct json *j); /* members of an object */

int hooks_setup(struct daemon *d); /* nothing, without a script or a prefix */
void hooks_teardown(struct daemon *d);

/* --- hooks_sys.c ----------------------------------------------------------------------------- */

struct hooks_stats {
	uint64_t started, failed, timeouts, dropped;
	unsigned waiting, running;
};

/* @limit: scripts at once; @timeout: ns for each. */
int hooks_new(struct hooks **ret, unsigned limit, uint64_t timeout);
/* What waits is run to its end, but for `patience` ns at most. NULL is fine. */
void hooks_free(struct hooks *h, uint64_t patience);
/* Takes the job. -ENOBUFS, -ENOMEM: it is gone, and counted. Never waits. */
int hooks_run(struct hooks *h, struct hook_job *j);
void hooks_stats(struct hooks *h, struct hooks_stats *ret);

#endif
