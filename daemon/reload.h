/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another configuration without the loss of a session. It is read and checked whole, compared with
 * the one in effect, and refused while it takes away what live sessions use. Then the daemon leaves
 * and sets itself up with it, in the same process, as after a restart: sessions go on through the
 * kernel meanwhile. If it cannot be had after all, the one before comes back: main.c.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "base/str.h"
#include "daemon/config.h"

struct daemon;
struct control_reply;

/* What became of the last reload; lives as long as the process. */
struct reload {
	const char *path; /* of the configuration */
	enum { RELOAD_NONE, RELOAD_UNDERWAY, RELOAD_APPLIED, RELOAD_REFUSED } state;
	unsigned count;	     /* that were applied */
	char why[256];	     /* refused */
	struct sbuf changes; /* a line each: "+ [ppp] mtu = 1480 (for new sessions)" */
	struct config *next; /* to be set up with when the loop has ended; NULL: none */
};

/* "- [section] key = value" and "+ ..." for all that differs. How many lines. */
unsigned reload_diff(const struct config *from, const struct config *to, struct sbuf *out);

/* 0: the loop ends, and d->reload->next is what comes; else nothing has changed, and d->reload->why
 * says why not (-EINVAL: errors of the file are in @errors). @force: also what live sessions use.
 */
int reload_begin(struct daemon *d, bool force, struct sbuf *errors);

/* The same with what is in effect, and an access interface more or less; the file must not have
 * other changes. 0, or -errno and d->reload->why. */
int reload_interface(struct daemon *d, const char *name, bool more);

void reload_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void reload_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
