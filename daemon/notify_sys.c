// SPDX-License-Identifier: GPL-2.0-or-later
/* The door to the service manager: libsystemd. */
#include "daemon/notify.h"

#include "daemon/daemon.h"

#include <stdio.h>
#include <systemd/sd-daemon.h>

void notify_ready(void)
{
	fprintf(stderr, "brasd: ready\n");
	(void)sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void notify_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

static void on_watch(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, watch_timer);

	notify_alive();
	timer_set(loop_wheel(d->loop), t, now + d->watch_period);
}

void notify_watch(struct daemon *d)
{
	uint64_t us;

	timer_init(&d->watch_timer, on_watch);
	if (sd_watchdog_enabled(0, &us) <= 0)
		return;
	d->watch_period = us * 1000 / 3;
	timer_set(loop_wheel(d->loop), &d->watch_timer, loop_now(d->loop) + d->watch_period);
}
