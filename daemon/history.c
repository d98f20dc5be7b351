// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines of lines: daemon/history.h. An event is time (8 octets), event (1), length (1), detail.
 * A line's octets are its name, then its events, oldest first. */
#include "daemon/history.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_HEAD   10
#define PLACES_TAKEN 512 /* at once */

enum flag {
	ACCEPTED = 1 << 0,
	WRITING = 1 << 1, /* what a process that is killed leaves so is not whole */
};

struct line {
	uint64_t order; /* by which lines are older and newer; 0: nobody's */
	struct mac mac;
	uint16_t sid;
	uint16_t used; /* octets of events, behind the name */
	uint8_t name;  /* octets of it with its NUL; 0: it never said */
	uint8_t flags;
	uint8_t octets[HISTORY_LINE - 20];
};
_Static_assert(sizeof(struct line) <= HISTORY_LINE, "a place has a size that is told");

/* Before the places; written once. The process that reads it is of the same boot. */
struct head {
	uint8_t magic[8];
	uint32_t version, line, slots, ended, refused;
};
#define HEAD_LEN HISTORY_LINE
static const uint8_t magic[8] = "BRAShis\n";
#define VERSION 1

/* What is looked through to find somebody's, apart from the places: few pages of memory. */
struct key {
	uint64_t name; /* a hash; 0: none */
	struct mac mac;
	bool used;
	bool before; /* a slot's line of the process before, which nobody has taken up */
};

struct ring {
	uint32_t first, count, next;
};

struct history {
	struct history_memory memory;
	void *heap;
	struct line *lines; /* slots, then ended, then refused */
	struct key *keys;
	bool *taken; /* each PLACES_TAKEN lines: there is memory for them */
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

size_t history_size(uint32_t slots, uint32_t ended, uint32_t refused)
{
	return HEAD_LEN + ((size_t)slots + ended + refused) * sizeof(struct line);
}

static void head_write(const struct history *h)
{
	struct head head = { .version = VERSION,
			     .line = sizeof(struct line),
			     .slots = h->slots,
			     .ended = h->ended.count,
			     .refused = h->refused.count };

	memcpy(head.magic, magic, sizeof(head.magic));
	memcpy(h->memory.p, &head, sizeof(head));
}

int history_new(struct history **ret, const struct history_memory *memory, uint32_t slots,
		uint32_t ended, uint32_t refused)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->slots = slots;
	h->ended = (struct ring){ .first = slots, .count = ended };
	h->refused = (struct ring){ .first = slots + ended, .count = refused };
	h->count = slots + ended + refused;
	if (memory)
		h->memory = *memory;
	else
		h->memory.p = h->heap = calloc(1, history_size(slots, ended, refused));
	h->keys = calloc(h->count, sizeof(*h->keys));
	h->taken = calloc(h->count / PLACES_TAKEN + 1, sizeof(*h->taken));
	if (!h->memory.p || !h->keys || !h->taken ||
	    (h->memory.take && h->memory.take(h->memory.arg, 0, HEAD_LEN))) {
		history_free(h);
		return -ENOMEM;
	}
	h->lines = (struct line *)(void *)(h->memory.p + HEAD_LEN);
	head_write(h);
	*ret = h;
	return 0;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	free(h->heap);
	free(h->keys);
	free(h->taken);
	free(h);
}

/* Is there memory for this line? */
static bool take(struct history *h, uint32_t i)
{
	uint32_t chunk = i / PLACES_TAKEN, first = chunk * PLACES_TAKEN;
	uint32_t n = h->count - first < PLACES_TAKEN ? h->count - first : PLACES_TAKEN;

	if (!h->taken[chunk])
		h->taken[chunk] = !h->memory.take ||
				  !h->memory.take(h->memory.arg,
						  HEAD_LEN + first * sizeof(struct line),
						  n * sizeof(struct line));
	return h->taken[chunk];
}

/* Around what changes a line. The next process sees memory as this one's instructions left it. */
static void writing(struct line *l)
{
	l->flags |= WRITING;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void written(struct line *l)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	l->flags &= (uint8_t)~WRITING;
}

/* FNV-1a, 64 bits. Who makes two names alike finds a comparison made twice, no more. */
static uint64_t hash(const char *name, size_t len)
{
	uint64_t x = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		x = (x ^ (unsigned char)name[i]) * 0x100000001b3u;
	return x ? x : 1;
}

static const char *name_of(const struct line *l)
{
	return l->name ? (const char *)l->octets : NULL;
}

static void forget(struct history *h, uint32_t i)
{
	if (h->keys[i].used)
		h->lines[i].order = 0;
	h->keys[i] = (struct key){ 0 };
}

bool history_begin(struct history *h, uint32_t slot, const struct mac *mac, uint16_t sid)
{
	struct line *l = &h->lines[slot];

	if (h->keys[slot].before)
		history_end(h, slot);
	forget(h, slot);
	if (!take(h, slot))
		return false;
	h->keys[slot] = (struct key){ .mac = *mac, .used = true };
	l->mac = *mac;
	l->sid = sid;
	l->used = 0;
	l->name = 0;
	l->flags = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	l->order = ++h->order; /* now it is one */
	if (slot >= h->high)
		h->high = slot + 1;
	return true;
}

bool history_resume(struct history *h, uint32_t slot, const struct mac *mac, uint16_t sid)
{
	struct key *k = &h->keys[slot];

	if (!k->before || !mac_equal(&k->mac, mac) || h->lines[slot].sid != sid)
		return history_begin(h, slot, mac, sid);
	k->before = false;
	return true;
}

static size_t item_len(const struct line *l, size_t at)
{
	return ITEM_HEAD + l->octets[l->name + at + 9];
}

/* The oldest go, until there are so many octets for a name and events. */
static void make_room(struct line *l, size_t name, size_t more)
{
	size_t gone = 0;

	while (name + l->used - gone + more > sizeof(l->octets))
		gone += item_len(l, gone);
	memmove(l->octets + name, l->octets + l->name + gone, l->used - gone);
	l->used = (uint16_t)(l->used - gone);
	l->name = (uint8_t)name;
}

void history_name(struct history *h, uint32_t slot, const char *name, bool accepted)
{
	struct line *l = &h->lines[slot];
	size_t len = strnlen(name, HISTORY_NAME_MAX);

	if (!h->keys[slot].used)
		return;
	writing(l);
	if (accepted)
		l->flags |= ACCEPTED;
	make_room(l, len ? len + 1 : 0, 0);
	memcpy(l->octets, name, len);
	if (len)
		l->octets[len] = '\0';
	h->keys[slot].name = len ? hash(name, len) : 0;
	written(l);
}

void history_add(struct history *h, uint32_t slot, uint64_t time, enum history_event event,
		 const char *detail)
{
	struct line *l = &h->lines[slot];
	size_t len = strnlen(detail, HISTORY_DETAIL_MAX);
	uint8_t *p;

	if (!h->keys[slot].used)
		return;
	writing(l);
	make_room(l, l->name, ITEM_HEAD + len);
	p = l->octets + l->name + l->used;
	memcpy(p, &time, sizeof(time));
	p[8] = (uint8_t)event;
	p[9] = (uint8_t)len;
	memcpy(p + ITEM_HEAD, detail, len);
	l->used = (uint16_t)(l->used + ITEM_HEAD + len);
	written(l);
}

/* A copy of this line, among the ended. No memory: it is forgotten. */
static void put_ended(struct history *h, const struct line *l, const struct key *k)
{
	struct ring *r = l->flags & ACCEPTED ? &h->ended : &h->refused;
	uint32_t to = r->first + r->next;
	struct line copy = *l;

	if (!take(h, to))
		return;
	r->next = (r->next + 1) % r->count;
	forget(h, to);
	copy.order = 0;
	copy.flags &= ACCEPTED;
	h->lines[to] = copy;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	h->lines[to].order = l->order; /* now it is one */
	h->keys[to] = *k;
	h->keys[to].before = false;
}

void history_end(struct history *h, uint32_t slot)
{
	if (!h->keys[slot].used)
		return;
	put_ended(h, &h->lines[slot], &h->keys[slot]);
	forget(h, slot);
}

static bool is_whose(const struct history *h, uint32_t i, uint64_t sought, const char *name,
		     const struct mac *mac)
{
	const struct key *k = &h->keys[i];

	if (!k->used)
		return false;
	if (!name)
		return mac_equal(&k->mac, mac);
	return k->name == sought && !strncmp(name_of(&h->lines[i]), name, HISTORY_NAME_MAX);
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
	uint64_t sought = name ? hash(name, strnlen(name, HISTORY_NAME_MAX)) : 0;
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

	return (struct history_who){ .name = name_of(l), .mac = l->mac, .sid = l->sid };
}

bool history_next(const struct history *h, uint32_t line, size_t *cursor, struct history_item *ret)
{
	const struct line *l = &h->lines[line];
	const uint8_t *p = l->octets + l->name + *cursor;

	if (*cursor >= l->used)
		return false;
	memcpy(&ret->time, p, sizeof(ret->time));
	ret->event = (enum history_event)p[8];
	ret->detail_len = p[9];
	ret->detail = (const char *)p + ITEM_HEAD;
	*cursor += item_len(l, *cursor);
	return true;
}

/* --- what the process before has left ----------------------------------------------------------
 */

static bool line_good(const struct line *l)
{
	size_t at = 0;

	if (l->flags & ~ACCEPTED || (size_t)l->name + l->used > sizeof(l->octets))
		return false;
	if (l->name && (l->name < 2 || memchr(l->octets, '\0', l->name) != l->octets + l->name - 1))
		return false;
	while (at + ITEM_HEAD <= l->used) {
		if (l->octets[l->name + at + 8] >= HISTORY_EVENT_COUNT ||
		    l->octets[l->name + at + 9] > HISTORY_DETAIL_MAX)
			return false;
		at += item_len(l, at);
	}
	return at == l->used;
}

/* Which line of the octets, by age. */
struct found {
	uint64_t order;
	uint32_t at;
};

static int by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->at > y->at ? -1 : x->at < y->at;
}

static void line_read(const uint8_t *octets, uint32_t at, struct line *ret)
{
	memcpy(ret, octets + HEAD_LEN + at * sizeof(*ret), sizeof(*ret));
}

/* Good ones, into @found; how many. */
static uint32_t look(const uint8_t *octets, uint32_t count, struct found *found, unsigned *damaged)
{
	uint32_t n = 0;
	struct line l;

	for (uint32_t i = 0; i < count; i++) {
		line_read(octets, i, &l);
		if (l.order && line_good(&l))
			found[n++] = (struct found){ .order = l.order, .at = i };
		else
			*damaged += l.order != 0;
	}
	return n;
}

/* In its slot, as one that lived, or among the ended. */
static void put(struct history *h, const struct line *l, uint32_t at, bool lived)
{
	struct key k = { .name = l->name ? hash((const char *)l->octets, l->name - 1u) : 0,
			 .mac = l->mac,
			 .used = true,
			 .before = true };

	h->order = l->order;
	if (!lived || at >= h->slots) {
		put_ended(h, l, &k);
	} else if (take(h, at)) {
		h->lines[at] = *l;
		h->keys[at] = k;
		if (at >= h->high)
			h->high = at + 1;
	}
}

int history_load(struct history *h, const uint8_t *octets, size_t len, unsigned *ret_damaged)
{
	struct found *found;
	struct head head;
	struct line l;
	uint64_t last = 0;
	uint32_t n;

	if (len < HEAD_LEN)
		return -EBADMSG;
	memcpy(&head, octets, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.version != VERSION ||
	    head.line != sizeof(struct line) || head.slots > HISTORY_LINES_MAX ||
	    head.ended > HISTORY_LINES_MAX || head.refused > HISTORY_LINES_MAX ||
	    history_size(head.slots, head.ended, head.refused) != len)
		return -EBADMSG;
	n = head.slots + head.ended + head.refused;
	found = calloc(n + 1u, sizeof(*found));
	if (!found)
		return -ENOMEM;
	*ret_damaged = 0;
	n = look(octets, n, found, ret_damaged);
	qsort(found, n, sizeof(*found), by_age);
	for (uint32_t i = 0; i < n; i++) {
		line_read(octets, found[i].at, &l);
		if (l.order != last) /* else: it was being moved */
			put(h, &l, found[i].at, found[i].at < head.slots);
		last = l.order;
	}
	free(found);
	return 0;
}

void history_settle(struct history *h, uint64_t time, const char *detail)
{
	for (uint32_t i = 0; i < h->high; i++) {
		if (!h->keys[i].before)
			continue;
		history_add(h, i, time, HISTORY_END, detail);
		history_end(h, i);
	}
}
