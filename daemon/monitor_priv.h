/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daemon/monitor*.c share. Nobody else includes this. */
#ifndef DAEMON_MONITOR_PRIV_H
#define DAEMON_MONITOR_PRIV_H

#include "daemon/daemon.h"
#include "daemon/monitor.h"

struct monitor {
	struct daemon *d;
	struct control_reply *reply;
	unsigned stream;
	char *user; /* NULL: all */
	bool control, secrets;
	uint64_t control_sent, control_lost, control_told; /* lost, of which he knows */
};

/* monitor_control.c */
int monitor_control_begin(struct daemon *d); /* for one reader more: -ENOMEM */
void monitor_control_end(struct daemon *d);  /* for one less */

#endif
