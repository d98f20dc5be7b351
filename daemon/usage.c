// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The book of usage (daemon/usage.h): an array of entries, an index of their names, and a list of
 * those without a session, the longest idle first. Periods are rolled lazily, an entry at a time,
 * so that a boundary costs nothing however many users there are.
 */
#include "daemon/usage.h"

#include "base/hidx.h"
#include "base/siphash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct usage {
	struct usage_entry *entry;
	uint32_t *free;
	uint32_t max, high, free_count, count;
	uint32_t idle_first, idle_last;
	uint64_t start, prev;
	struct siphash_key key;
	struct hidx index;
};

int usage_new(struct usage **ret, uint32_t max)
{
	struct usage *u = calloc(1, sizeof(*u));
	int rc = -ENOMEM;

	if (!u)
		return rc;
	u->max = max;
	u->idle_first = u->idle_last = USAGE_NONE;
	u->entry = calloc(max, sizeof(*u->entry));
	u->free = calloc(max, sizeof(*u->free));
	if (u->entry && u->free)
		rc = hidx_init(&u->index, max);
	rc = rc ? rc : siphash_key_random(&u->key);
	if (rc) {
		usage_free(u);
		return rc;
	}
	*ret = u;
	return 0;
}

void usage_free(struct usage *u)
{
	if (!u)
		return;
	for (uint32_t i = 0; i < u->high; i++)
		free(u->entry[i].name);
	hidx_fini(&u->index);
	free(u->entry);
	free(u->free);
	free(u);
}

/* --- the idle ------------------------------------------------------------------------------ */

static void idle_add(struct usage *u, uint32_t i)
{
	struct usage_entry *e = &u->entry[i];

	e->next = USAGE_NONE;
	e->prev = u->idle_last;
	if (u->idle_last == USAGE_NONE)
		u->idle_first = i;
	else
		u->entry[u->idle_last].next = i;
	u->idle_last = i;
}

static void idle_del(struct usage *u, uint32_t i)
{
	struct usage_entry *e = &u->entry[i];

	if (e->prev == USAGE_NONE)
		u->idle_first = e->next;
	else
		u->entry[e->prev].next = e->next;
	if (e->next == USAGE_NONE)
		u->idle_last = e->prev;
	else
		u->entry[e->next].prev = e->prev;
	e->next = e->prev = USAGE_NONE;
}

static uint64_t name_hash(const struct usage *u, const char *name)
{
	return siphash(&u->key, name, strlen(name));
}

static bool name_eq(uint32_t i, const void *name, void *arg)
{
	const struct usage *u = arg;

	return !strcmp(u->entry[i].name, name);
}

static void forget(struct usage *u, uint32_t i)
{
	struct usage_entry *e = &u->entry[i];

	idle_del(u, i);
	(void)hidx_del(&u->index, name_hash(u, e->name), i);
	free(e->name);
	*e = (struct usage_entry){ 0 };
	u->free[u->free_count++] = i;
	u->count--;
}

/* A new entry, idle; USAGE_NONE: no room, or no memory. */
static uint32_t add(struct usage *u, const char *name)
{
	char *copy = strlen(name) <= USAGE_NAME_MAX ? strdup(name) : NULL;
	uint32_t i;

	if (copy && u->count == u->max && u->idle_first != USAGE_NONE)
		forget(u, u->idle_first);
	if (!copy || u->count == u->max) {
		free(copy);
		return USAGE_NONE;
	}
	i = u->free_count ? u->free[--u->free_count] : u->high++;
	(void)hidx_add(&u->index, name_hash(u, copy), i); /* it has room for `max` */
	u->entry[i] = (struct usage_entry){ .name = copy };
	u->count++;
	idle_add(u, i);
	return i;
}

static uint32_t find_or_add(struct usage *u, const char *name, bool *ret_new)
{
	uint32_t i = hidx_find(&u->index, name_hash(u, name), name_eq, name, u);

	*ret_new = i == HIDX_NONE;
	return *ret_new ? add(u, name) : i;
}

/* --- periods ------------------------------------------------------------------------------- */

/* What was counted in the period before this one becomes the last; what is older is over. An entry
 * from a period that has not begun (the clock was put back) is counted in this one. */
static void catch_up(const struct usage *u, struct usage_entry *e)
{
	if (!u->start || e->start == u->start)
		return;
	if (e->start < u->start) {
		e->last = e->start >= u->prev ? e->now : (struct usage_bytes){ 0 };
		e->now = (struct usage_bytes){ 0 };
	}
	e->start = u->start;
}

void usage_period(struct usage *u, uint64_t start, uint64_t prev)
{
	u->start = start;
	u->prev = prev;
}

uint64_t usage_start(const struct usage *u)
{
	return u->start;
}

/* --- users --------------------------------------------------------------------------------- */

uint32_t usage_get(struct usage *u, const char *name, uint64_t wall)
{
	bool new;
	uint32_t i = find_or_add(u, name, &new);
	struct usage_entry *e;

	if (i == USAGE_NONE)
		return i;
	e = &u->entry[i];
	if (new)
		e->start = u->start ? u->start : wall;
	e->seen = wall;
	if (!e->live++)
		idle_del(u, i);
	return i;
}

void usage_put(struct usage *u, uint32_t i, uint64_t wall)
{
	struct usage_entry *e = &u->entry[i];

	e->seen = wall;
	if (!--e->live)
		idle_add(u, i);
}

void usage_add(struct usage *u, uint32_t i, uint64_t start, const struct usage_bytes *b)
{
	struct usage_entry *e = &u->entry[i];
	struct usage_bytes *to;

	catch_up(u, e);
	to = start == u->start ? &e->now : &e->last;
	to->rx += b->rx;
	to->tx += b->tx;
}

void usage_restore(struct usage *u, const struct usage_line *l)
{
	bool new;
	uint32_t i = find_or_add(u, l->name, &new);
	struct usage_entry *e;

	if (i == USAGE_NONE)
		return;
	e = &u->entry[i];
	e->start = l->start;
	e->seen = l->seen;
	e->now = l->now;
	e->last = l->last;
}

uint32_t usage_high(const struct usage *u)
{
	return u->high;
}

uint32_t usage_count(const struct usage *u)
{
	return u->count;
}

const struct usage_entry *usage_entry(struct usage *u, uint32_t i)
{
	if (i >= u->high || !u->entry[i].name)
		return NULL;
	catch_up(u, &u->entry[i]);
	return &u->entry[i];
}
