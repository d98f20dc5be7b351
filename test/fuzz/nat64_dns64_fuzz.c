// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as the answer of a name server. What is called good has addresses of the prefix only.
 */
#include "nat64/dns64.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct prefix6 pools[] = {
		{ { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x64 } }, 96 },
		{ { { 0x20, 0x01, 0x0d, 0xb8 } }, 32 },
	};
	static const char *const names[] = { DNS64_WELL_KNOWN, "www.example.net" };

	for (unsigned i = 0; i < 4; i++) {
		struct dns64_question q = { 0x1234, names[i / 2], pools[i % 2] };
		struct dns64_answer a;

		if (dns64_answer_parse(data, len, &q, &a))
			continue;
		if (a.verdict == DNS64_GOOD &&
		    (!a.count || !dns64_within(&q.pool6, &a.address) || a.rcode))
			abort();
		if (a.count > len / 26)
			abort();
	}
	return 0;
}
