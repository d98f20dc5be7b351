// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hidx.h"

#include <errno.h>
#include <stdlib.h>

static uint32_t fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

int hidx_init(struct hidx *h, uint32_t max)
{
	uint32_t cells = 16;
	struct hidx_cell *cell;

	while (cells < 2 * (uint64_t)max)
		cells *= 2;
	cell = malloc(cells * sizeof(*cell));
	if (!cell)
		return -ENOMEM;
	for (uint32_t i = 0; i < cells; i++)
		cell[i].value = HIDX_NONE;
	*h = (struct hidx){ .cell = cell, .mask = cells - 1, .max = max };
	return 0;
}

void hidx_fini(struct hidx *h)
{
	free(h->cell);
	*h = (struct hidx){ 0 };
}

int hidx_add(struct hidx *h, uint64_t hash, uint32_t value)
{
	uint32_t i = fold(hash) & h->mask;

	if (h->used >= h->max)
		return -ENOSPC;
	while (h->cell[i].value != HIDX_NONE)
		i = (i + 1) & h->mask;
	h->cell[i] = (struct hidx_cell){ .hash = fold(hash), .value = value };
	h->used++;
	return 0;
}

/* Closes the gap at `i`: moves up every later cell of the run that may lie there. */
static void close_gap(struct hidx *h, uint32_t i)
{
	uint32_t j = i;

	for (;;) {
		uint32_t home;

		j = (j + 1) & h->mask;
		if (h->cell[j].value == HIDX_NONE)
			break;
		home = h->cell[j].hash & h->mask;
		if (((j - home) & h->mask) >= ((j - i) & h->mask)) {
			h->cell[i] = h->cell[j];
			i = j;
		}
	}
	h->cell[i].value = HIDX_NONE;
}

int hidx_del(struct hidx *h, uint64_t hash, uint32_t value)
{
	for (uint32_t i = fold(hash) & h->mask; h->cell[i].value != HIDX_NONE;
	     i = (i + 1) & h->mask) {
		if (h->cell[i].value != value || h->cell[i].hash != fold(hash))
			continue;
		close_gap(h, i);
		h->used--;
		return 0;
	}
	return -ENOENT;
}

uint32_t hidx_find(const struct hidx *h, uint64_t hash,
		   bool (*eq)(uint32_t value, const void *key, void *arg), const void *key,
		   void *arg)
{
	for (uint32_t i = fold(hash) & h->mask; h->cell[i].value != HIDX_NONE;
	     i = (i + 1) & h->mask)
		if (h->cell[i].hash == fold(hash) && eq(h->cell[i].value, key, arg))
			return h->cell[i].value;
	return HIDX_NONE;
}
