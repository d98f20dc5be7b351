// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tally.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

int tally_init(struct tally *t, uint32_t max)
{
	*t = (struct tally){
		.place = calloc(max, sizeof(*t->place)),
		.unused = calloc(max, sizeof(*t->unused)),
	};
	if (t->place && t->unused && !hidx_init(&t->by_hash, max))
		return 0;
	tally_fini(t);
	return -ENOMEM;
}

void tally_fini(struct tally *t)
{
	free(t->place);
	free(t->unused);
	hidx_fini(&t->by_hash);
	*t = (struct tally){ 0 };
}

static bool hash_eq(uint32_t place, const void *key, void *arg)
{
	const struct tally *t = arg;

	return t->place[place].hash == *(const uint64_t *)key;
}

static uint32_t find(const struct tally *t, uint64_t hash)
{
	return hidx_find(&t->by_hash, hash, hash_eq, &hash, (void *)t);
}

uint32_t tally_count(const struct tally *t, uint64_t hash)
{
	uint32_t i = find(t, hash);

	return i == HIDX_NONE ? 0 : t->place[i].count;
}

uint32_t tally_join(struct tally *t, uint64_t hash)
{
	uint32_t i = find(t, hash);

	if (i == HIDX_NONE) {
		i = t->unused_count ? t->unused[t->unused_count - 1] : t->high;
		if (hidx_add(&t->by_hash, hash, i))
			return HIDX_NONE;
		if (t->unused_count)
			t->unused_count--;
		else
			t->high++;
		t->place[i].hash = hash;
	}
	t->place[i].count++;
	return i;
}

void tally_leave(struct tally *t, uint32_t place)
{
	if (place == HIDX_NONE || --t->place[place].count)
		return;
	(void)hidx_del(&t->by_hash, t->place[place].hash, place);
	t->unused[t->unused_count++] = place;
}
