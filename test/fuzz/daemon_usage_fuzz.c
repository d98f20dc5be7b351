// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of usage: any text is read or refused; a line that was read is written as it was. The
 * checksum would keep the fuzzer out: each line is tried with the right one, too. */
#include "base/siphash.h"
#include "daemon/usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(void *arg, const struct usage_line *l)
{
	struct usage_line again;
	struct sbuf out = { 0 };

	if (!*l->name || strlen(l->name) > USAGE_NAME_MAX || l->start >= USAGE_TIME_MAX)
		abort();
	usage_line_write(l, &out);
	if (out.len > USAGE_LINE_MAX || usage_line_parse(out.p, out.len - 1, &again) ||
	    strcmp(again.name, l->name) || again.now.rx != l->now.rx || again.seen != l->seen ||
	    again.now.tx != l->now.tx || again.last.rx != l->last.rx ||
	    again.last.tx != l->last.tx || again.start != l->start)
		abort();
	sbuf_fini(&out);
	usage_restore(arg, l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct siphash_key key = { { 0x6272617362657272, 0x75736167652d3031 } };
	const char *p = (const char *)data;
	struct usage *u = NULL;
	struct sbuf sealed = { 0 };
	unsigned bad_line;

	if (usage_new(&u, 4))
		return 0;
	usage_period(u, 1000000, 900000);
	(void)usage_text_parse(p, size, on_line, u, &bad_line);
	for (size_t i = 0; i < size;) {
		const char *nl = memchr(p + i, '\n', size - i);
		size_t n = nl ? (size_t)(nl - p) - i : size - i;

		sbuf_printf(&sealed, "1 %016" PRIx64 " ", siphash(&key, p + i, n));
		sbuf_append(&sealed, p + i, n);
		sbuf_append(&sealed, "\n", 1);
		i += n + 1;
	}
	(void)usage_text_parse(sealed.p, sealed.len, on_line, u, &bad_line);
	if (usage_count(u) > 4)
		abort();
	for (uint32_t i = 0; i < usage_high(u); i++)
		(void)usage_entry(u, i);
	sbuf_fini(&sealed);
	usage_free(u);
	return 0;
}
