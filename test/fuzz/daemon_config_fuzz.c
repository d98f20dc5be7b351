// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration: any text is refused with a reason, or is read; what was read dumps to a text
 * that reads back to the same dump. */
#include "daemon/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool dump(const char *text, size_t len, struct sbuf *ret)
{
	struct sbuf errors = { 0 };
	struct config *cfg = NULL;
	int rc = config_parse("f", text, len, &cfg, &errors);

	if (rc ? cfg || !errors.len : !cfg || errors.len)
		abort();
	sbuf_fini(&errors);
	if (rc)
		return false;
	config_dump(cfg, ret);
	config_free(cfg);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbuf one = { 0 }, two = { 0 };

	if (dump((const char *)data, size, &one) &&
	    (!dump(one.p, one.len, &two) || strcmp(one.p, two.p)))
		abort();
	sbuf_fini(&one);
	sbuf_fini(&two);
	return 0;
}
