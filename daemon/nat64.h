/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NAT64 of this box: chosen, set up, watched, changed, taken down. What translates is the kernel or
 * a child of the helper's (daemon/deeds.h), so it outlives us, and the next process finds it: what
 * is there already as it should be is left alone.
 *
 *	nat64.c	      what is wanted, the procedures' steps in their order
 *	nat64_jool.c  the steps with Jool; nat64_tayga.c those with tayga; both their nft rules
 *	nat64_show.c  show nat64, and a look every ten seconds
 *	nat64_line.c  show session: what one line has of it
 *	nat64_log.c   who had which port
 */
#ifndef DAEMON_NAT64_H
#define DAEMON_NAT64_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct control_reply;
struct daemon;
struct json;
struct session;

bool nat64_is_wanted(const struct config *c);
/* Does Jool translate, or will it, as far as is known? Before nat64_setup(), too. */
bool nat64_may_be_jool(const struct daemon *d);
/* Begins; what becomes of it is logged and shown. Lines come up whatever it is. -ENOMEM. */
int nat64_setup(struct daemon *d);
/* A clean end: all that we made goes. daemon_session_gone() is called when it has. */
void nat64_stop(struct daemon *d);
bool nat64_stopping(const struct daemon *d); /* something of it is still there */
void nat64_teardown(struct daemon *d);	     /* what translates goes on */

/* What this line holds. 0: @fn is called once, when all is known; -ENOENT: there is no NAT64, or
 * the line has no IPv6; -EBUSY: too many ask; -errno. The session may go meanwhile. */
struct nat64_line;
int nat64_line_ask(struct nat64_line **ret, const struct session *s, void (*fn)(void *arg),
		   void *arg);
bool nat64_line_done(const struct nat64_line *l);
void nat64_line_free(struct nat64_line *l); /* also before it is done; NULL is fine */
/* @rc: what nat64_line_ask() said; @l is NULL unless that was 0. */
void nat64_line_show(struct json *j, const struct nat64_line *l, int rc);

void nat64_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
