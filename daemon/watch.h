/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells when somebody takes away a qdisc, a class or a filter, ours or not (rtnetlink, RTNLGRP_TC).
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include "base/loop.h"

#include <stdbool.h>
#include <stdint.h>

#define CLSACT 0xffff0000u /* its handle, as that of any ingress qdisc */

struct watch;

/* @ifindex 0: some were lost, look at all. @hook: a filter or a clsact qdisc. */
typedef void watch_gone_fn(void *arg, uint64_t now, int ifindex, bool hook);

int watch_new(struct watch **ret, struct loop *loop, watch_gone_fn *gone, void *arg);
void watch_free(struct watch *w);

#endif
