/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of the control socket. */
#ifndef DAEMON_FASTPATH_SHOW_H
#define DAEMON_FASTPATH_SHOW_H

struct control_reply;

void fastpath_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void flows_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void flows_clear_command(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
/* on|off USER...: for debugging; as long as the session lives. */
void fastpath_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
