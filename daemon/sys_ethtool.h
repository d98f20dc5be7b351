/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device feature by the kernel's name for it ("tx-checksum-ip-generic", "rx-gro"...). */
#ifndef DAEMON_SYS_ETHTOOL_H
#define DAEMON_SYS_ETHTOOL_H

#include <stdbool.h>

int ethtool_feature_get(const char *ifname, const char *name, bool *ret); /* -ENOENT: unknown */
int ethtool_feature_set(const char *ifname, const char *name, bool on);	  /* -EBUSY: refused */

#endif
