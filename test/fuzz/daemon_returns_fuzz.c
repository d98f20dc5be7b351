// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as a packet that has come back. What is read is written, and read again, the same. */
#include "daemon/returns.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct returns_ends ends = { .ip6 = len % 2 };
	uint8_t buf[RETURNS_PACKET_MAX];
	struct returns_id id, again;

	if (returns_parse(data, len, &id))
		return 0;
	if (returns_parse(buf, returns_write(buf, &ends, &id), &again) ||
	    memcmp(id.of, again.of, sizeof(id.of)) || id.target != again.target)
		abort();
	return 0;
}
