/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stations of the stateful fuzz targets: who they are, and a frame of one. */
#ifndef TEST_FUZZ_STATION_H
#define TEST_FUZZ_STATION_H

#include "pppoe/pppoe.h"
#include "pppoe/server.h"

#define STATIONS 8

static struct mac mac_of(unsigned station)
{
	return (struct mac){ { 2, 0, 0, 0, 1, (uint8_t)station } };
}

/* What it has heard of us for its PADR. */
struct station_cookie {
	uint8_t b[64];
	uint16_t len;
};

/* To `ours`, or to everybody; a PADR with the cookie. Its length, or -errno: it does not fit. */
static int station_frame(uint8_t buf[PPPOE_FRAME_MAX], unsigned station, const struct mac *ours,
			 uint16_t ethertype, uint8_t code, uint16_t sid,
			 const struct pppoe_line *line, const struct station_cookie *cookie,
			 struct rd body)
{
	static const struct mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
	struct wr out = wr_init(buf, PPPOE_FRAME_MAX);
	struct mac src = mac_of(station);
	size_t len = rd_left(&body);

	pppoe_frame_begin(&out, code == PPPOE_CODE_PADI ? &broadcast : ours, &src, line, ethertype,
			  code, sid);
	if (code == PPPOE_CODE_PADR)
		pppoe_tag_put(&out, PPPOE_TAG_AC_COOKIE, cookie->b, cookie->len);
	wr_bytes(&out, rd_bytes(&body, len), len);
	return pppoe_frame_end(&out, line);
}

#endif
