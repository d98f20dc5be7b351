/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives the process, from the daemon's side: what is written while it runs (keep.c), how
 * the next process goes on with it (adopt.c), and whether all of it agrees (check.c).
 *
 * The order of changes is: record, data plane, shaper, answer to the peer; so what the record says
 * is what was meant, and the next process makes the rest say the same.
 */
#ifndef DAEMON_KEEP_H
#define DAEMON_KEEP_H

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct session;
struct sbuf;
struct control_reply;

/* keep.c */
void keep_take_pools(struct daemon *d); /* who had which address; before any is given out */
int keep_setup(struct daemon *d);	/* the record is open: what is not a session's */
void keep_session(struct session *s);	/* it is open, and something of it has changed */
void keep_forget(struct session *s);	/* it is over */
void keep_all(struct daemon *d);	/* before we leave */
void keep_teardown(struct daemon *d);	/* @d->leaving: it stays */

/* adopt.c, in this order. On failure a line has been logged. */
int adopt_begin(
	struct daemon *d); /* is there anything? Sets d->adopting, and what must stay as it was */
int adopt_fresh(struct daemon *d);    /* there is not: a new record for the new device */
int adopt_sessions(struct daemon *d); /* all of the record's are ours again */
void adopt_end(struct daemon *d);     /* the ports are attached, too */

/* check.c: compares with the sessions. Each appends a line for each thing that does not agree, and
 * repairs it where asked to. How many there were, or -errno. */
int check_entries(struct daemon *d, bool repair, struct sbuf *report);	/* of the data plane */
int check_sessions(struct daemon *d, bool repair, struct sbuf *report); /* what each should have */
void check_teardown(struct daemon *d); /* once the shaper is gone */
void check_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
