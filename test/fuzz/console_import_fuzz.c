// SPDX-License-Identifier: GPL-2.0-or-later
/* Any file as a configuration of accel-ppp: ours is text, line by line a comment, a section's head
 * or KEY = VALUE. */
#include "console/import.h"

#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct import_counts n = { 0 };
	struct sbuf ours = { 0 };

	check(!import_text("fuzz", (const char *)data, len, &ours, &n));
	check(ours.len && ours.p[ours.len - 1] == '\n' && strlen(ours.p) == ours.len);
	for (char *p = ours.p, *end; (end = strchr(p, '\n')); p = end + 1) {
		*end = '\0';
		check(!*p || *p == '#' || *p == '[' || strstr(p, " = "));
	}
	sbuf_fini(&ours);
	return 0;
}
