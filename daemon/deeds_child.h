/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helper's supervised children. One that dies is started again: at once the first time, then
 * after a pause that doubles from CHILD_PAUSE to CHILD_PAUSE_MAX, until it has lived for a while.
 */
#ifndef DAEMON_DEEDS_CHILD_H
#define DAEMON_DEEDS_CHILD_H

#include "base/loop.h"
#include "base/str.h"
#include "daemon/deeds.h"

#define CHILD_PAUSE	(250 * NSEC_PER_MSEC)
#define CHILD_PAUSE_MAX (30 * NSEC_PER_SEC)
#define CHILD_LONG	(60 * NSEC_PER_SEC) /* who lived so long begins with a short pause again */
#define CHILD_PATIENCE	(5 * NSEC_PER_SEC)  /* from SIGTERM to SIGKILL */

struct children;

struct children_ops {
	void (*state)(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		      int detail);
	void (*line)(void *arg, uint64_t now, const char *name, const char *line); /* it wrote */
};

int children_new(struct children **ret, struct loop *loop, const struct children_ops *ops,
		 void *arg);
void children_free(struct children *c); /* those that live are killed */

/* @argv: the tool first, which is its name. The same again: nothing happens; with other arguments:
 * the one that runs is ended, and started with these. 0 or -errno. */
int child_start(struct children *c, uint64_t now, const char *const *argv, unsigned argc);
/* 0: it does not run; -EINPROGRESS: DEEDS_CHILD_ENDED follows. */
int child_stop(struct children *c, uint64_t now, const char *name);
int child_hup(struct children *c, const char *name); /* -ESRCH */
/* A JSON object; 0, or -ESRCH: it was never started. */
int child_status(struct children *c, uint64_t now, const char *name, struct sbuf *out);
unsigned children_stop_all(struct children *c, uint64_t now); /* how many still live */

#endif
