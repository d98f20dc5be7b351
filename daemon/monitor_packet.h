/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a control packet is needed to show it: whose it is, and headers where it has none. Pure.
 */
#ifndef DAEMON_MONITOR_PACKET_H
#define DAEMON_MONITOR_PACKET_H

#include "pppoe/pppoe.h"
#include "radius/radius.h"

#define MONITOR_NAME_CAP    256
#define MONITOR_HEADERS_MAX 48 /* IPv6 and UDP */

/* The name in a PAP Authenticate-Request (RFC 1334) or CHAP Response (RFC 1994) of a session's
 * frame; false: it is none, or a name that no user can have. */
bool monitor_claim(const struct pppoe_frame *f, char ret[MONITOR_NAME_CAP]);
/* The first User-Name of a RADIUS packet; false: it has none. */
bool monitor_radius_user(const uint8_t *p, size_t len, char ret[MONITOR_NAME_CAP]);
/* As it lies on the wire, from IP on: its length, or -ENOSPC. */
int monitor_radius_packet(const struct radius_datagram *g, uint8_t *buf, size_t cap);

#endif
