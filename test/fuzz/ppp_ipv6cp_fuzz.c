// SPDX-License-Identifier: GPL-2.0-or-later
/* IPV6CP options: see ppp_ncp_fuzz.h. */
#include "test/fuzz/ppp_ncp_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ppp_opts o;

	ppp_ipv6cp_parse(data, size, &o);
	fuzz_options(&ppp_ipv6cp_cp.options, data, size);
	return 0;
}
