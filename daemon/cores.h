/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interfaces default routes leave by (rtnetlink). Reads the whole table: with a full one of
 * the internet, [subscriber] core is the better way. */
#ifndef DAEMON_CORES_H
#define DAEMON_CORES_H

#include <stdint.h>

/* Fills at most @max different ifindexes; how many, or -errno. */
int cores_by_routes(int *ret, unsigned max);

#endif
