/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_SESSION_SHOW_H
#define DAEMON_SESSION_SHOW_H

struct control_reply;

/* `show session`: all that is known of a session. It takes a fourth of a second, to measure its rates. */
void session_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
