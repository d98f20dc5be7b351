/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of commands in accel-ppp's words. */
#ifndef DAEMON_ACCEL_H
#define DAEMON_ACCEL_H

struct control_reply;

void accel_terminate(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void accel_interface_show(void *ctx, unsigned argc, const char *const *argv,
			  struct control_reply *r);
void accel_filter_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void accel_filter_reload(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
void accel_filter_add(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void accel_filter_del(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void accel_interface_add(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
void accel_interface_del(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
void accel_pppoe_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void accel_pppoe_set(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
