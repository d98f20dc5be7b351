// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames of a virtual port: mirror/frame.h. */
#include "mirror/frame.h"

#include "base/wire.h"

_Static_assert(sizeof(struct brasmon_header) == BRASMON_HEAD_LEN, "brasmon_header");

static uint8_t kind_of(const struct stream_packet *p)
{
	switch (p->kind) {
	case STREAM_IP:
		return BRASMON_IP;
	case STREAM_PPPOE:
		return BRASMON_PPPOE;
	case STREAM_RADIUS:
		return BRASMON_RADIUS;
	}
	return 0;
}

int frame_write(const struct stream_packet *p, uint8_t *buf, size_t cap)
{
	static const uint8_t dst[6] = { 0x02, 0xb5, 0x6d, 0x6f, 0x6e, 0x00 };
	struct wr w = wr_init(buf, cap);

	wr_bytes(&w, dst, sizeof(dst));
	wr_be16(&w, 0x02b5);
	wr_be32(&w, p->slot);
	wr_be16(&w, BRASMON_ETHERTYPE);
	wr_u8(&w, BRASMON_VERSION);
	wr_u8(&w, BRASMON_HEAD_LEN);
	wr_u8(&w, kind_of(p));
	wr_u8(&w, p->up ? BRASMON_UP : BRASMON_DOWN);
	wr_be16(&w, p->verdict);
	wr_be16(&w, (uint16_t)p->sid);
	wr_be16(&w, 0);
	wr_be32(&w, p->slot);
	wr_be32(&w, p->generation);
	wr_be32(&w, p->len);
	wr_be32(&w, p->caplen);
	wr_be64(&w, p->time);
	wr_bytes(&w, p->data, p->caplen);
	return wr_done(&w);
}
