// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as the reply of named's statistics channel. */
#include "nat64/dns64.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns64_stats s = { { 77 } };

	if (dns64_stats_parse((const char *)data, len, &s)) {
		if (s.count[0] != 77)
			abort();
		return 0;
	}
	for (unsigned i = 0; i < DNS64_COUNTER_COUNT; i++)
		if (s.count[i] > INT64_MAX)
			abort();
	return 0;
}
