// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked into build/brasd-kill beside all of brasd: dies as by SIGKILL before the n-th write that
 * outlives the process (the record's stores, maps, pins, hooks, netlink, the spool), n being
 * BRASD_KILLPOINT; of BRASD_KILLPOINT_OF, those alone whose name begins so. Without a death, how
 * many there were is told at the end.
 */
#include "base/killpoint.h"
#include "daemon/record.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong points;
static unsigned long die_at;
static const char *of = "";

static void point(const char *what)
{
	char line[96];
	int n;

	if (strncmp(what, of, strlen(of)) != 0)
		return;
	if (atomic_fetch_add(&points, 1) + 1 != die_at)
		return;
	n = snprintf(line, sizeof(line), "killpoint %lu: %s\n", die_at, what);
	if (write(STDERR_FILENO, line, (size_t)n) != n)
		_exit(1);
	kill(getpid(), SIGKILL);
	for (;;)
		pause(); /* another thread's */
}

static void tell(void)
{
	fprintf(stderr, "killpoints: %lu\n", atomic_load(&points));
}

__attribute__((constructor)) static void setup(void)
{
	const char *n = getenv("BRASD_KILLPOINT");

	if (!n)
		return;
	die_at = strtoul(n, NULL, 10);
	if (getenv("BRASD_KILLPOINT_OF"))
		of = getenv("BRASD_KILLPOINT_OF");
	killpoint = record_killpoint = point;
	atexit(tell);
}
