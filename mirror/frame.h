/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of a virtual port: mirror/brasmon.h has their layout. Pure. */
#ifndef MIRROR_FRAME_H
#define MIRROR_FRAME_H

#include "mirror/brasmon.h"
#include "mirror/stream.h"

#define FRAME_MAX (BRASMON_HEAD_LEN + 65535)

/* Its length, or -ENOSPC. */
int frame_write(const struct stream_packet *p, uint8_t *buf, size_t cap);

#endif
