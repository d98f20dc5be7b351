/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_STORY_H
#define DAEMON_STORY_H

struct control_reply;

/* `show session`: a session's whole story. It takes a fourth of a second, to measure its rates. */
void story_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
