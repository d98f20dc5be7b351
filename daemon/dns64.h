/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS64: a named of our own, configured, started, watched and ended. It is a child of the helper's
 * (daemon/deeds.h), so it outlives us, and the next process finds it: one that has loaded just what
 * is wanted is left alone. Its addresses are on the subscriber device.
 *
 *	dns64.c	      what is wanted; the steps to it
 *	dns64_watch.c a question every five seconds, what is put back, show dns64
 *	dns64_stats.c what it has counted, from its statistics channel
 */
#ifndef DAEMON_DNS64_H
#define DAEMON_DNS64_H

struct control_reply;
struct daemon;

/* Begins; what becomes of it is logged and shown. Lines come up whatever it is. -ENOMEM. */
int dns64_setup(struct daemon *d);
void dns64_teardown(struct daemon *d); /* named goes on, unless the daemon ends for good */

void dns64_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
