// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as a rule of the mirror. What is read is written, and read again, the same. */
#include "mirror/rule.h"

#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), why[256] = "";
	struct mirror_rule r, again;
	struct sbuf out = { 0 }, twice = { 0 };

	check(text);
	memcpy(text, data, len);
	text[len] = '\0';
	if (mirror_rule_parse_text(text, &r, why, sizeof(why))) {
		check(*why);
		for (const char *p = why; *p; p++)
			check(*p >= ' ' && *p < 0x7f);
	} else {
		mirror_rule_write(&r, &out);
		check(!mirror_rule_parse_text(out.p, &again, why, sizeof(why)));
		check(r.flags == again.flags && r.to_count == again.to_count);
		mirror_rule_write(&again, &twice);
		check(!strcmp(out.p, twice.p));
		sbuf_fini(&twice);
		sbuf_fini(&out);
	}
	free(text);
	return 0;
}
