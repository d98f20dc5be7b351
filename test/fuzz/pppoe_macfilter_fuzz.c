// SPDX-License-Identifier: GPL-2.0-or-later
/* The text of a MAC list: any octets give a filter that answers, or an error that names a line. */
#include "pppoe/macfilter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pppoe_mac_filter *f = NULL;
	struct mac mac = { .b = { 2 } };
	char why[128] = "";
	int rc = pppoe_mac_filter_parse(&f, (const char *)data, size, size & 1, "f", why,
					sizeof(why));

	if (rc) {
		if (f || strncmp(why, "f:", 2) != 0)
			abort();
		return 0;
	}
	if (size >= sizeof(mac.b))
		memcpy(mac.b, data, sizeof(mac.b));
	/* A list of nobody admits nobody, or refuses nobody. */
	if (!pppoe_mac_filter_count(f) && pppoe_mac_filter_pass(f, &mac) == (bool)(size & 1))
		abort();
	(void)pppoe_mac_filter_pass(f, &mac);
	pppoe_mac_filter_free(f);
	return 0;
}
