/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to lines, written down (daemon/history.h) and told to those who listen. */
#ifndef DAEMON_TIMELINE_H
#define DAEMON_TIMELINE_H

#include "daemon/history.h"

#include <stdint.h>

struct control_reply;
struct daemon;
struct prefix6;
struct session;

/* /run/brasberry/INSTANCE/history, with what the process before wrote there. -ENOMEM. */
int timeline_setup(struct daemon *d);
void timeline_settle(struct daemon *d); /* all lines that there still are have been adopted */
void timeline_teardown(struct daemon *d);

void timeline_dial(struct session *s);	  /* its first event */
void timeline_adopted(struct session *s); /* of a session of the process before us */
/* Who it is: @why NULL: accepted; else refused, and why. */
void timeline_login(struct session *s, const char *name, const char *why);
void timeline_plan(struct session *s, const char *why); /* its speed, as it is said now */
void timeline_mirror(struct daemon *d, const char *user, const char *rule, const char *by);
void timeline_lease(struct session *s, const struct prefix6 *p, const char *what);
/* The detail may hold what a peer said: it is escaped where it is shown. */
void timeline_event(struct session *s, enum history_event event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void timeline_end(struct session *s, const char *cause, uint64_t age, uint64_t from, uint64_t to);

/*
 * Handlers. `show history USER|mac=MAC`: an array of {"time","username","sid","event","detail"}.
 * `monitor events [USER|mac=MAC]`: a line each, as JSON, with "calling-sid" as well.
 */
void timeline_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void timeline_monitor(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
