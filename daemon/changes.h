/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others change and the fast path and NAT44 must hear of: routes, rules of routing, neighbours,
 * links and addresses (rtnetlink), and nftables' ruleset (its generation, nfnetlink). Only that
 * something changed is told, once for all that came together; nothing is asked.
 */
#ifndef DAEMON_CHANGES_H
#define DAEMON_CHANGES_H

#include "base/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct changes;

typedef void changes_fn(void *arg, uint64_t now, bool routes, bool rules);

/* @routes, @rules: which are wanted. A kernel without nf_tables has no rules that could change. */
int changes_new(struct changes **ret, struct loop *loop, bool routes, bool rules, changes_fn *fn,
		void *arg);
void changes_free(struct changes *c);

#endif
