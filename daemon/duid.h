/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who we are as a DHCPv6 server: a DUID that is made once and kept for ever. */
#ifndef DAEMON_DUID_H
#define DAEMON_DUID_H

#include "ipv6/dhcp6.h"

/* From /var/lib/brasberry/INSTANCE/duid, or made and written there. One that cannot be written is
 * told in the log and holds for as long as we live. 0, or -errno: logged. */
int duid_get(const char *instance, uint8_t duid[DHCP6_DUID_MAX], uint8_t *ret_len);

#endif
