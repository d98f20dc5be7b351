// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as what nft lists of NAT44's table, and as the kernel's statistics. Blocks come out in
 * order of lines, each is found again, and is read as it is written. */
#include "daemon/blocks.h"
#include "daemon/nat44_stat.h"
#include "daemon/nft.h"

#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void again(const struct blocks_item *item)
{
	struct sbuf text = { 0 };
	struct blocks_item *items;
	size_t count;

	blocks_item_write(item, &text);
	check(!blocks_parse(text.p, &items, &count) && count == 1);
	check(items->line == item->line && items->addr == item->addr);
	check(items->first == item->first && items->last == item->last);
	free(items);
	sbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct blocks_item *items;
	uint64_t n;
	size_t count;

	if (!text)
		return 0;
	memcpy(text, data, len);
	text[len] = 0;
	if (!blocks_parse(text, &items, &count)) {
		for (size_t i = 0; i < count; i++) {
			check(items[i].first <= items[i].last);
			check(!i || items[i - 1].line <= items[i].line);
			check(blocks_find(items, count, items[i].line) != NULL);
			again(&items[i]);
		}
		free(items);
	}
	(void)nat44_stat_failed(text, &n);
	(void)nat44_stat_untranslated(text, &n);
	(void)nft_packets(text);
	free(text);
	return 0;
}
