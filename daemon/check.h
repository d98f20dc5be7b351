/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the check: check.c, check_routes.c, check_shaper.c, check_spool.c. */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include <stdbool.h>

struct daemon;
struct sbuf;

struct check_report {
	bool repair;
	struct sbuf *text; /* a line for each thing that was found */
	int found;
};

void check_found(struct check_report *r, const char *what, const char *which);
int check_routes(struct daemon *d, struct check_report *report); /* 0 or -errno */
int check_spool(struct daemon *d, struct check_report *report);	 /* 0 or -errno */
void check_spool_fresh(struct daemon *d); /* when no session of before goes on */

/* The rest of a `check`, which answers later: takes the report's text. False: it cannot be looked
 * at now, or there is no shaper. */
struct control_reply;
bool check_shaper(struct daemon *d, const struct check_report *report, struct control_reply *reply);
/* Told of each session whose classes are not what its plan says; how many there are. */
struct session;
struct shaper_seen;
unsigned check_classes(struct daemon *d, const struct shaper_seen *seen,
		       void (*fn)(void *arg, struct session *s, const char *why), void *arg);
/* Before plans are programmed again: tells what was not as the record says. */
void check_shaper_adopted(struct daemon *d);
void check_answer(struct daemon *d, struct control_reply *reply, const struct check_report *report);

#endif
