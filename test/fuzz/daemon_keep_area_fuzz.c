// SPDX-License-Identifier: GPL-2.0-or-later
/* The record's area: any octets are one or are refused, and one that was read is written as it was
 * and read again. */
#include "daemon/keep_area.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keep_area a, again;
	uint8_t buf[2048];
	struct wr w = wr_init(buf, sizeof(buf));
	struct rd r = rd_init(data, size);

	memset(&a, 0, sizeof(a));
	if (keep_area_read(&r, &a))
		return 0;
	if ((a.mode != DP_XDP && a.mode != DP_TC) || a.secret_len > sizeof(a.secret) ||
	    a.port_count >= ABI_PORTS_MAX)
		abort();
	for (unsigned i = 1; i <= a.port_count; i++)
		if (!*a.ports[i] || !memchr(a.ports[i], '\0', sizeof(a.ports[i])))
			abort();
	keep_area_write(&w, &a);
	if (w.bad || w.len != size || memcmp(buf, data, size) != 0)
		abort();
	r = rd_init(buf, w.len);
	if (keep_area_read(&r, &again) || memcmp(&a, &again, sizeof(a)) != 0)
		abort();
	return 0;
}
