// SPDX-License-Identifier: GPL-2.0-or-later
/* A frame that parses is written again and parses to the same. */
#include "pppoe/pppoe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pppoe_frame f, again;
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	int len;

	if (pppoe_frame_parse(1, data, size, &f))
		return 0;
	pppoe_frame_begin(&w, &f.dst, &f.src, &f.line, f.ethertype, f.code, f.sid);
	wr_bytes(&w, f.payload.p, rd_left(&f.payload));
	len = pppoe_frame_end(&w, &f.line);
	if (len < 0) { /* jumbo */
		check(rd_left(&f.payload) > 1494);
		return 0;
	}
	check(!pppoe_frame_parse(1, buf, (size_t)len, &again));
	check(mac_equal(&f.dst, &again.dst) && mac_equal(&f.src, &again.src));
	check(f.line.svlan == again.line.svlan && f.line.cvlan == again.line.cvlan);
	check(f.ethertype == again.ethertype && f.code == again.code && f.sid == again.sid);
	check(rd_left(&f.payload) == rd_left(&again.payload));
	check(!memcmp(f.payload.p, again.payload.p, rd_left(&f.payload)));
	return 0;
}
