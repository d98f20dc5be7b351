/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to notify of: the last answers are compared with those before. Pure. */
#ifndef CONSOLE_MIB_WATCH_H
#define CONSOLE_MIB_WATCH_H

#include "console/mib.h"

/* Their numbers are those below brasNotifications. */
enum mib_event {
	MIB_DOWN = 1,	    /* the daemon does not answer */
	MIB_UP,		    /* it answers again, or has begun anew */
	MIB_POOL_EXHAUSTED, /* all of it is used */
	MIB_POOL_FREE,	    /* a tenth of it is free again */
	MIB_RADIUS_DOWN,    /* a server does not answer */
	MIB_RADIUS_UP,	    /* it answers again */
};

#define MIB_EVENT_OBJECTS 3

/* Paths of the columns that a notification has the values of; NULL behind the last. */
struct mib_event_row {
	const char *table;
	const char *objects[MIB_EVENT_OBJECTS];
};
extern const struct mib_event_row mib_events[MIB_RADIUS_UP + 1];

/* @m: the table's image, NULL with MIB_DOWN. */
typedef void mib_notify_fn(void *arg, enum mib_event e, const struct mib_image *m, unsigned row);

struct mib_watch {
	bool seen, down;
	uint64_t uptime; /* as in the image */
	json_t *bad;	 /* names of what is exhausted or does not answer */
};

/* Of the daemon: @box is brasBox, NULL when it does not answer. What it was when the first one came
 * is told of if it is bad. */
void mib_watch_box(struct mib_watch *w, const struct mib_image *box, mib_notify_fn *notify,
		   void *arg);
/* Of brasPoolTable or brasRadiusTable. One that is no longer there is forgotten. -ENOMEM. */
int mib_watch_table(struct mib_watch *w, const struct mib_image *m, mib_notify_fn *notify,
		    void *arg);
void mib_watch_fini(struct mib_watch *w);

/* The column of this path; -ENOENT. */
int mib_column_at(const struct mib_table *t, const char *path, unsigned *ret);

#endif
