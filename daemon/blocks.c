// SPDX-License-Identifier: GPL-2.0-or-later
/* Who has which block of ports: blocks.h. */
#include "daemon/blocks.h"

#include "base/addr.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int blocks_init(struct blocks *b, uint32_t first, uint32_t addresses, uint32_t size, uint32_t slots)
{
	uint32_t per = size ? (65536 - BLOCKS_FIRST_PORT) / size : 0;
	uint64_t total = (uint64_t)per * addresses;

	if (!total || total >= BLOCKS_FREE)
		return -EINVAL;
	*b = (struct blocks){
		.first = first,
		.size = size,
		.per = per,
		.total = (uint32_t)total,
		.slots = slots,
	};
	b->owner = malloc(b->total * sizeof(*b->owner));
	b->of = malloc(slots * sizeof(*b->of));
	if (!b->owner || !b->of) {
		blocks_fini(b);
		return -ENOMEM;
	}
	memset(b->owner, 0xff, b->total * sizeof(*b->owner));
	memset(b->of, 0xff, slots * sizeof(*b->of));
	return 0;
}

void blocks_fini(struct blocks *b)
{
	free(b->owner);
	free(b->of);
	*b = (struct blocks){ 0 };
}

static void give(struct blocks *b, uint32_t n, uint32_t slot)
{
	b->owner[n] = slot;
	b->of[slot] = n;
	b->used++;
}

int blocks_get(struct blocks *b, uint32_t slot)
{
	if (b->of[slot] != BLOCKS_FREE)
		return 0;
	if (b->used == b->total) {
		b->exhausted++;
		return -ENOSPC;
	}
	while (b->owner[b->next] != BLOCKS_FREE)
		b->next = (b->next + 1) % b->total;
	give(b, b->next, slot);
	b->next = (b->next + 1) % b->total;
	return 0;
}

int blocks_take(struct blocks *b, uint32_t slot, const struct blocks_item *item)
{
	uint64_t n = (uint64_t)(item->addr - b->first) * b->per;
	uint32_t offset = item->first - (uint32_t)BLOCKS_FIRST_PORT;

	if (item->addr < b->first || item->first < BLOCKS_FIRST_PORT || offset % b->size ||
	    offset / b->size >= b->per || item->last != item->first + b->size - 1 ||
	    n + offset / b->size >= b->total)
		return -ENOENT;
	n += offset / b->size;
	if (b->owner[n] != BLOCKS_FREE || b->of[slot] != BLOCKS_FREE)
		return -EEXIST;
	give(b, (uint32_t)n, slot);
	b->next = (uint32_t)(n + 1) % b->total;
	return 0;
}

bool blocks_put(struct blocks *b, uint32_t slot)
{
	uint32_t n = b->of[slot];

	if (n == BLOCKS_FREE)
		return false;
	b->owner[n] = b->of[slot] = BLOCKS_FREE;
	b->used--;
	return true;
}

bool blocks_of(const struct blocks *b, uint32_t slot, struct blocks_item *ret)
{
	uint32_t n = b->of[slot], first;

	if (n == BLOCKS_FREE)
		return false;
	first = BLOCKS_FIRST_PORT + n % b->per * b->size;
	ret->addr = b->first + n / b->per;
	ret->first = (uint16_t)first;
	ret->last = (uint16_t)(first + b->size - 1);
	return true;
}

/* --- as nftables has it -------------------------------------------------------------------- */

void blocks_item_write(const struct blocks_item *item, struct sbuf *out)
{
	char a[IP4_STRLEN], b[IP4_STRLEN];

	sbuf_printf(out, "%s : %s . %u-%u", ip4_str(a, item->line), ip4_str(b, item->addr),
		    item->first, item->last);
}

static bool item_read(const char *p, struct blocks_item *ret)
{
	char a[IP4_STRLEN], b[IP4_STRLEN];
	unsigned first, last;

	if (sscanf(p, "%15[0-9.] : %15[0-9.] . %5u-%5u", a, b, &first, &last) != 4)
		return false;
	if (ip4_parse(a, &ret->line) || ip4_parse(b, &ret->addr) || last > UINT16_MAX ||
	    first > last)
		return false;
	ret->first = (uint16_t)first;
	ret->last = (uint16_t)last;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = ((const struct blocks_item *)a)->line,
		 y = ((const struct blocks_item *)b)->line;

	return x < y ? -1 : x > y;
}

int blocks_parse(const char *text, struct blocks_item **ret, size_t *ret_count)
{
	struct blocks_item *items = NULL;
	size_t count = 0, max = 0;

	for (const char *p = text; (p = strstr(p, " : ")); p += 3) {
		const char *word = p;
		struct blocks_item item, *more;

		while (word > text && strchr("0123456789.", word[-1]))
			word--;
		if (!item_read(word, &item))
			continue;
		if (count == max) {
			max = max ? 2 * max : 256;
			more = realloc(items, max * sizeof(*items));
			if (!more) {
				free(items);
				return -ENOMEM;
			}
			items = more;
		}
		items[count++] = item;
	}
	if (count)
		qsort(items, count, sizeof(*items), compare);
	*ret = items;
	*ret_count = count;
	return 0;
}

const struct blocks_item *blocks_find(const struct blocks_item *items, size_t count, uint32_t line)
{
	struct blocks_item key = { .line = line };

	return count ? bsearch(&key, items, count, sizeof(key), compare) : NULL;
}
