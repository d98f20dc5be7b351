// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines of lines: daemon/history.h. An event is time (8 octets), event (1), length (1), detail.
 */
#include "daemon/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_HEAD 10

struct line {
	char *name;	/* owned */
	uint64_t order; /* by which lines are older and newer; 0: nobody's */
	struct mac mac;
	uint16_t sid;
	uint16_t used;
	bool accepted;
	uint8_t items[HISTORY_LINE - 32];
};
_Static_assert(sizeof(struct line) <= HISTORY_LINE, "a place has a size that is told");

/* What is looked through to find somebody's, apart from the places: few pages of memory. */
struct key {
	uint64_t name; /* a hash; 0: none */
	struct mac mac;
	bool used;
};

struct ring {
	uint32_t first, count, next;
};

struct history {
	struct line *lines; /* slots, then ended, then refused */
	struct key *keys;
	uint32_t slots, count, high; /* slots from `high` on were never used */
	uint64_t order;
	struct ring ended, refused;
};

const char *history_event_name(enum history_event event)
{
	static const char *const names[] = {
#define X(id, name) [HISTORY_##id] = name,
		HISTORY_EVENTS(X)
#undef X
	};

	return names[event];
}

int history_new(struct history **ret, uint32_t slots, uint32_t ended, uint32_t refused)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->slots = slots;
	h->ended = (struct ring){ .first = slots, .count = ended };
	h->refused = (struct ring){ .first = slots + ended, .count = refused };
	h->count = slots + ended + refused;
	h->lines = calloc(h->count, sizeof(*h->lines));
	h->keys = calloc(h->count, sizeof(*h->keys));
	if (!h->lines || !h->keys) {
		history_free(h);
		return -ENOMEM;
	}
	*ret = h;
	return 0;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	for (uint32_t i = 0; h->lines && h->keys && i < h->count; i++)
		if (h->keys[i].used)
			free(h->lines[i].name);
	free(h->lines);
	free(h->keys);
	free(h);
}

/* FNV-1a, 64 bits. Who makes two names alike finds a comparison made twice, no more. */
static uint64_t hash(const char *name)
{
	uint64_t x = 0xcbf29ce484222325u;

	for (; *name; name++)
		x = (x ^ (unsigned char)*name) * 0x100000001b3u;
	return x ? x : 1;
}

static void forget(struct history *h, uint32_t i)
{
	if (h->keys[i].used)
		free(h->lines[i].name);
	h->keys[i] = (struct key){ 0 };
}

void history_begin(struct history *h, uint32_t slot, const struct mac *mac, uint16_t sid)
{
	struct line *l = &h->lines[slot];

	forget(h, slot);
	h->keys[slot] = (struct key){ .mac = *mac, .used = true };
	l->name = NULL;
	l->order = ++h->order;
	l->mac = *mac;
	l->sid = sid;
	l->used = 0;
	l->accepted = false;
	if (slot >= h->high)
		h->high = slot + 1;
}

void history_name(struct history *h, uint32_t slot, const char *name, bool accepted)
{
	struct line *l = &h->lines[slot];

	if (!h->keys[slot].used)
		return;
	l->accepted |= accepted;
	if (l->name && !strcmp(l->name, name))
		return;
	free(l->name);
	l->name = *name ? strdup(name) : NULL;
	h->keys[slot].name = l->name ? hash(name) : 0;
}

static size_t item_len(const struct line *l, size_t at)
{
	return ITEM_HEAD + l->items[at + 9];
}

void history_add(struct history *h, uint32_t slot, uint64_t time, enum history_event event,
		 const char *detail)
{
	struct line *l = &h->lines[slot];
	size_t len = strnlen(detail, HISTORY_DETAIL_MAX), gone = 0;
	uint8_t *p;

	if (!h->keys[slot].used)
		return;
	while (l->used - gone + ITEM_HEAD + len > sizeof(l->items))
		gone += item_len(l, gone);
	memmove(l->items, l->items + gone, l->used - gone);
	l->used = (uint16_t)(l->used - gone);
	p = l->items + l->used;
	memcpy(p, &time, sizeof(time));
	p[8] = (uint8_t)event;
	p[9] = (uint8_t)len;
	memcpy(p + ITEM_HEAD, detail, len);
	l->used = (uint16_t)(l->used + ITEM_HEAD + len);
}

void history_end(struct history *h, uint32_t slot)
{
	struct ring *r = h->lines[slot].accepted ? &h->ended : &h->refused;
	uint32_t to = r->first + r->next;

	if (!h->keys[slot].used)
		return;
	r->next = (r->next + 1) % r->count;
	forget(h, to);
	h->lines[to] = h->lines[slot];
	h->keys[to] = h->keys[slot];
	h->keys[slot] = (struct key){ 0 };
	h->lines[slot].name = NULL; /* it has moved */
}

static bool is_whose(const struct history *h, uint32_t i, uint64_t sought, const char *name,
		     const struct mac *mac)
{
	const struct key *k = &h->keys[i];

	if (!k->used)
		return false;
	if (!name)
		return mac_equal(&k->mac, mac);
	return k->name == sought && !strcmp(h->lines[i].name, name);
}

/* Into the sorted ones, where it is newer than the oldest of a full list. */
static unsigned insert(const struct history *h, uint32_t i, uint32_t *found, unsigned n)
{
	unsigned at = n;

	while (at && h->lines[found[at - 1]].order > h->lines[i].order)
		at--;
	if (n < HISTORY_FOUND_MAX) {
		memmove(&found[at + 1], &found[at], (n - at) * sizeof(*found));
		found[at] = i;
		return n + 1;
	}
	if (at) {
		memmove(&found[0], &found[1], (at - 1) * sizeof(*found));
		found[at - 1] = i;
	}
	return n;
}

unsigned history_find(const struct history *h, const char *name, const struct mac *mac,
		      uint32_t ret[HISTORY_FOUND_MAX])
{
	uint64_t sought = name ? hash(name) : 0;
	unsigned n = 0;

	for (uint32_t i = 0; i < h->count; i++) {
		if (i == h->high && i < h->slots)
			i = h->slots; /* ended and refused lines come after all slots */
		if (is_whose(h, i, sought, name, mac))
			n = insert(h, i, ret, n);
	}
	return n;
}

struct history_who history_who(const struct history *h, uint32_t line)
{
	const struct line *l = &h->lines[line];

	return (struct history_who){ .name = l->name, .mac = l->mac, .sid = l->sid };
}

bool history_next(const struct history *h, uint32_t line, size_t *cursor, struct history_item *ret)
{
	const struct line *l = &h->lines[line];
	const uint8_t *p = l->items + *cursor;

	if (*cursor >= l->used)
		return false;
	memcpy(&ret->time, p, sizeof(ret->time));
	ret->event = (enum history_event)p[8];
	ret->detail_len = p[9];
	ret->detail = (const char *)p + ITEM_HEAD;
	*cursor += item_len(l, *cursor);
	return true;
}
