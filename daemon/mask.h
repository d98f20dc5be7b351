/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets of control packets, written over with '*' in place, so that a packet that is shown keeps
 * its shape: PAP's password, the responses of CHAP and MS-CHAP with all of a password change, EAP's
 * data; of RADIUS User-Password, CHAP-Password, EAP-Message, Tunnel-Password and the secrets among
 * Microsoft's attributes (RFC 2548). Challenges, authenticators and Message-Authenticator stay:
 * with the answers gone, no password can be tried against them. What is malformed is masked to its
 * end.
 */
#ifndef DAEMON_MASK_H
#define DAEMON_MASK_H

#include <stddef.h>
#include <stdint.h>

void mask_frame(uint8_t *frame, size_t len); /* Ethernet, up to two tags, PPPoE */
void mask_radius(uint8_t *packet, size_t len);

#endif
