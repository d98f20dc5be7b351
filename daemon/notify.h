/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service manager is told (sd_notify(3)), where there is one. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "base/loop.h"

struct daemon;

/* That we serve: to the service manager, and as "brasd: ready" to whoever reads standard error. */
void notify_ready(void);
void notify_stopping(void);
/* In a long piece of work, a reload's: the watchdog waits for no turn of the loop meanwhile. */
void notify_alive(void);
/* Tells the watchdog that the loop turns, as often as it wants to hear it. */
void notify_watch(struct daemon *d);

#endif
