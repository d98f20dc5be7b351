/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device of a virtual port: a tap, into which frames are written as if they came in. */
#ifndef MIRROR_PORT_H
#define MIRROR_PORT_H

#include <stddef.h>

/* Makes @name, up and without addresses, which ends with the descriptor: it, or -errno; -EBUSY:
 * another has it. */
int port_make(const char *name);
int port_write(int fd, const void *frame, size_t len); /* 0 or -errno; never waits */

#endif
