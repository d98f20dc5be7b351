// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/nft.h"

#include "base/siphash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nft_mark(char ret[NFT_MARK_MAX], const struct sbuf *rules)
{
	static const struct siphash_key key = { 0 };

	snprintf(ret, NFT_MARK_MAX, "made by brasd, %016" PRIx64,
		 siphash(&key, rules->p, rules->len));
}

uint64_t nft_packets(const char *listing)
{
	static const char counter[] = "counter packets ";
	uint64_t sum = 0;

	for (const char *p = listing; (p = strstr(p, counter));) {
		p += sizeof(counter) - 1;
		sum += strtoull(p, NULL, 10);
	}
	return sum;
}
