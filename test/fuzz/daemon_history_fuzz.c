// SPDX-License-Identifier: GPL-2.0-or-later
/* The history of a process before: any octets are one or are refused, what is read of it can be
 * shown and gone on with, and what was made of it is read again whole. */
#include "daemon/history.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS	3
#define ENDED	2
#define REFUSED 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct history *h)
{
	for (uint32_t i = 0; i < SLOTS + ENDED + REFUSED; i++) {
		struct history_who who = history_who(h, i);
		struct history_item item;
		size_t cursor = 0;

		if (who.name && strlen(who.name) > HISTORY_NAME_MAX)
			abort();
		while (history_next(h, i, &cursor, &item))
			if (!history_event_name(item.event) || item.detail_len > HISTORY_DETAIL_MAX)
				abort();
	}
}

static void go_on(struct history *h)
{
	static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	char name[300];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)history_resume(h, 0, &mac, 7);
	for (uint32_t i = 0; i < SLOTS; i++) {
		history_add(h, i, 1, HISTORY_MIRROR, name);
		history_name(h, i, name, i & 1);
		history_add(h, i, 2, HISTORY_PLAN, "1/1");
	}
	history_settle(h, 3, "gone");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = history_size(SLOTS, ENDED, REFUSED);
	struct history_memory memory = { .p = calloc(1, len) };
	struct history *h = NULL, *again = NULL;
	unsigned damaged = 0;

	if (!memory.p || history_new(&h, &memory, SLOTS, ENDED, REFUSED))
		abort();
	if (!history_load(h, data, size, &damaged)) {
		look(h);
		go_on(h);
		look(h);
		if (history_new(&again, NULL, SLOTS, ENDED, REFUSED) ||
		    history_load(again, memory.p, len, &damaged) || damaged)
			abort();
		look(again);
	}
	history_free(again);
	history_free(h);
	free(memory.p);
	return 0;
}
