/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities of this process, brasd or its helper: capabilities(7). Sets are of CAPS_BIT(CAP_X).
 */
#ifndef DAEMON_CAPS_SYS_H
#define DAEMON_CAPS_SYS_H

#include <linux/capability.h>
#include <stdint.h>

#define CAPS_BIT(cap) (1ull << (cap))

/* All that is not in @caps leaves the bounding set. That needs CAP_SETPCAP; without it nothing is
 * changed, and no_new_privs is the lock. */
void caps_bound(uint64_t caps);
/* What it has of @caps it keeps, permitted and effective, and can gain no others: no_new_privs.
 * Which these are is in @ret_have. 0 or -errno. */
int caps_keep(uint64_t caps, uint64_t *ret_have);

#endif
