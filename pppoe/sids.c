// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Session ids (RFC 2516, section 4: 16 bits, 0 and 0xffff are not for sessions), one space per
 * (port, VLANs), so that a box may have more than 65,534 sessions.
 *
 * An id is an entry: in use, or resting in a queue until its quarantine is over. Entries are found
 * by a keyed hash of {line, id}. There are twice as many as sessions, so every session may end at
 * once and all its ids rest; should even more than that end within one quarantine, the id that has
 * rested longest is free early; so is, on a line all of whose ids are in use or rest, the one of
 * them that has. A new id is drawn at random, so that a restart, which forgets who rests, does not
 * start over at 1. A line with many ids taken gets a bitmap (8 KiB for a thousand and more), where
 * drawing would have to try too often.
 */
#include "base/hidx.h"
#include "base/siphash.h"
#include "pppoe/pppoe.h"

#include <stdlib.h>

#define SID_FIRST  1
#define SID_LAST   0xfffe
#define SID_COUNT  (SID_LAST - SID_FIRST + 1)
#define NONE	   HIDX_NONE
#define DRAWS	   16	/* random tries before the line is searched in order */
#define MAP_FROM   1024 /* ids taken at which a line gets its bitmap; it goes at half of that */
#define MAP_WORDS  (65536 / 64)
#define EXPIRE_MAX 64 /* ends of quarantine seen to by one call: no call is long */

struct entry {
	uint64_t until; /* resting: the end of its quarantine */
	uint32_t line;
	uint32_t next, prev; /* resting: the queue; free: next */
	uint32_t line_next;  /* resting: of the same line, the one that has begun to next */
	uint16_t sid;	     /* 0: the entry is free */
	bool resting;
};

struct line_ids {
	uint64_t *map;	      /* a bit for each id that is taken, or NULL */
	uint32_t taken;	      /* in use and resting */
	uint32_t next;	      /* of the free ones */
	uint32_t first, last; /* who rests: first goes first */
	struct pppoe_line line;
};

struct pppoe_sids {
	uint64_t quarantine, draws;
	uint32_t max, in_use;
	uint32_t first, last;		/* who rests: first goes first */
	uint32_t free_entry, free_line; /* lists */
	struct entry *entry;
	struct line_ids *line;
	struct hidx by_id, by_line;
	struct siphash_key key;
};

struct id_key {
	uint32_t line;
	uint16_t sid;
};

static bool line_equal(const struct pppoe_line *a, const struct pppoe_line *b)
{
	return a->port == b->port && a->svlan == b->svlan && a->cvlan == b->cvlan;
}

static bool eq_line(uint32_t value, const void *key, void *arg)
{
	const struct pppoe_sids *s = arg;

	return line_equal(&s->line[value].line, key);
}

static bool eq_id(uint32_t value, const void *key, void *arg)
{
	const struct entry *e = &((const struct pppoe_sids *)arg)->entry[value];
	const struct id_key *k = key;

	return e->line == k->line && e->sid == k->sid;
}

static uint64_t hash_line(const struct pppoe_sids *s, const struct pppoe_line *l)
{
	uint64_t v = (uint64_t)l->port << 32 | (uint64_t)l->svlan << 16 | l->cvlan;

	return siphash(&s->key, &v, sizeof(v));
}

static uint64_t hash_id(const struct pppoe_sids *s, uint32_t line, uint16_t sid)
{
	uint64_t v = (uint64_t)line << 16 | sid;

	return siphash(&s->key, &v, sizeof(v));
}

static uint32_t find_line(const struct pppoe_sids *s, const struct pppoe_line *l)
{
	return hidx_find(&s->by_line, hash_line(s, l), eq_line, l, (void *)s);
}

static uint32_t find_id(const struct pppoe_sids *s, uint32_t line, uint16_t sid)
{
	struct id_key key = { .line = line, .sid = sid };

	return hidx_find(&s->by_id, hash_id(s, line, sid), eq_id, &key, (void *)s);
}

int pppoe_sids_new(struct pppoe_sids **ret, uint32_t max_sessions, uint64_t quarantine)
{
	uint32_t n = 2 * max_sessions;
	struct pppoe_sids *s;
	int rc;

	if (!max_sessions || max_sessions > UINT32_MAX / 8)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct pppoe_sids){
		.quarantine = quarantine, .max = max_sessions, .first = NONE, .last = NONE
	};
	s->entry = calloc(n, sizeof(*s->entry));
	s->line = calloc(n, sizeof(*s->line));
	rc = s->entry && s->line ? hidx_init(&s->by_id, n) : -ENOMEM;
	if (!rc)
		rc = hidx_init(&s->by_line, n);
	if (!rc)
		rc = siphash_key_random(&s->key);
	if (rc) {
		pppoe_sids_free(s);
		return rc;
	}
	for (uint32_t i = 0; i < n; i++)
		s->entry[i].next = s->line[i].next = i + 1 < n ? i + 1 : NONE;
	*ret = s;
	return 0;
}

void pppoe_sids_free(struct pppoe_sids *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; s->line && i < 2 * s->max; i++)
		free(s->line[i].map);
	hidx_fini(&s->by_line);
	hidx_fini(&s->by_id);
	free(s->line);
	free(s->entry);
	free(s);
}

static void map_set(struct line_ids *l, uint16_t sid, bool on)
{
	uint64_t bit = 1ull << (sid & 63);

	if (on)
		l->map[sid >> 6] |= bit;
	else
		l->map[sid >> 6] &= ~bit;
}

/* Without memory for it the line does as it did before: correct, slower. */
static void map_make(struct pppoe_sids *s, uint32_t line)
{
	struct line_ids *l = &s->line[line];

	l->map = calloc(MAP_WORDS, sizeof(*l->map));
	if (!l->map)
		return;
	map_set(l, 0, true);
	map_set(l, 0xffff, true);
	/* Through the entries in order: many times faster than to look up 65,534 ids. */
	for (uint32_t i = 0; i < 2 * s->max; i++)
		if (s->entry[i].sid && s->entry[i].line == line)
			map_set(l, s->entry[i].sid, true);
}

static uint32_t line_get(struct pppoe_sids *s, const struct pppoe_line *line)
{
	uint32_t i = find_line(s, line);

	if (i != NONE)
		return i;
	/* Each line has an entry, so while there is a free entry there is a free line. */
	i = s->free_line;
	s->free_line = s->line[i].next;
	s->line[i] = (struct line_ids){ .line = *line, .first = NONE, .last = NONE };
	hidx_add(&s->by_line, hash_line(s, line), i);
	return i;
}

static void line_put(struct pppoe_sids *s, uint32_t i)
{
	struct line_ids *l = &s->line[i];

	if (l->map && l->taken < MAP_FROM / 2) {
		free(l->map);
		l->map = NULL;
	}
	if (l->taken)
		return;
	hidx_del(&s->by_line, hash_line(s, &l->line), i);
	l->next = s->free_line;
	s->free_line = i;
}

/* It is the first of its line. */
static void queue_remove(struct pppoe_sids *s, uint32_t i)
{
	struct entry *e = &s->entry[i];
	struct line_ids *l = &s->line[e->line];

	l->first = e->line_next;
	if (l->first == NONE)
		l->last = NONE;
	*(e->prev == NONE ? &s->first : &s->entry[e->prev].next) = e->next;
	*(e->next == NONE ? &s->last : &s->entry[e->next].prev) = e->prev;
}

static void queue_append(struct pppoe_sids *s, uint32_t i)
{
	struct entry *e = &s->entry[i];
	struct line_ids *l = &s->line[e->line];

	*(l->last == NONE ? &l->first : &s->entry[l->last].line_next) = i;
	l->last = i;
	e->line_next = e->next = NONE;
	e->prev = s->last;
	*(s->last == NONE ? &s->first : &s->entry[s->last].next) = i;
	s->last = i;
}

/* The first in the queue, or of its line, rests no longer. */
static void release(struct pppoe_sids *s, uint32_t i)
{
	struct entry *e = &s->entry[i];
	struct line_ids *l = &s->line[e->line];

	queue_remove(s, i);
	hidx_del(&s->by_id, hash_id(s, e->line, e->sid), i);
	if (l->map)
		map_set(l, e->sid, false);
	l->taken--;
	line_put(s, e->line);
	e->sid = 0;
	e->resting = false;
	e->next = s->free_entry;
	s->free_entry = i;
}

static void expire(struct pppoe_sids *s, uint64_t now, uint32_t max)
{
	while (max-- && s->first != NONE && s->entry[s->first].until <= now)
		release(s, s->first);
}

/* Searches the line in order from `sid` on; it has a free one. */
static uint16_t search(const struct pppoe_sids *s, uint32_t line, uint16_t sid)
{
	const uint64_t *map = s->line[line].map;

	if (!map) {
		while (find_id(s, line, sid) != NONE)
			sid = sid == SID_LAST ? SID_FIRST : (uint16_t)(sid + 1);
		return sid;
	}
	for (uint32_t i = 0, w = sid >> 6;; i++, w = (w + 1) % MAP_WORDS) {
		/* The first word counts from `sid` on; whole when all others were full. */
		uint64_t taken = map[w] | (i ? 0 : (1ull << (sid & 63)) - 1);

		if (~taken)
			return (uint16_t)(w << 6 | (uint32_t)__builtin_ctzll(~taken));
	}
}

static uint16_t draw(struct pppoe_sids *s, uint32_t line)
{
	const struct line_ids *l = &s->line[line];
	uint16_t sid = SID_FIRST;

	for (unsigned i = 0; i < DRAWS; i++) {
		s->draws++;
		sid = (uint16_t)(SID_FIRST +
				 siphash(&s->key, &s->draws, sizeof(s->draws)) % SID_COUNT);
		if (l->map ? !(l->map[sid >> 6] >> (sid & 63) & 1) : find_id(s, line, sid) == NONE)
			return sid;
	}
	return search(s, line, sid);
}

/* Puts the id into use. There is a free entry, and it is not taken. */
static void use(struct pppoe_sids *s, uint32_t line, uint16_t sid)
{
	uint32_t i = s->free_entry;
	struct line_ids *l = &s->line[line];

	s->free_entry = s->entry[i].next;
	s->entry[i] = (struct entry){ .line = line, .sid = sid };
	hidx_add(&s->by_id, hash_id(s, line, sid), i);
	s->in_use++;
	l->taken++;
	if (l->map)
		map_set(l, sid, true);
	else if (l->taken % MAP_FROM == 0)
		map_make(s, line);
}

int pppoe_sids_get(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line,
		   uint16_t *ret_sid)
{
	uint32_t i;

	if (s->in_use >= s->max)
		return -ENOSPC;
	expire(s, now, EXPIRE_MAX);
	i = find_line(s, line);
	if (i != NONE && s->line[i].taken >= SID_COUNT) {
		if (s->line[i].first == NONE)
			return -ENOSPC;
		release(s, s->line[i].first);
	}
	if (s->free_entry == NONE)
		release(s, s->first);
	i = line_get(s, line);
	*ret_sid = draw(s, i);
	use(s, i, *ret_sid);
	return 0;
}

int pppoe_sids_take(struct pppoe_sids *s, const struct pppoe_line *line, uint16_t sid)
{
	uint32_t i;

	if (sid < SID_FIRST || sid > SID_LAST)
		return -EINVAL;
	if (s->in_use >= s->max)
		return -ENOSPC;
	i = find_line(s, line);
	if (i != NONE && find_id(s, i, sid) != NONE)
		return -EEXIST;
	if (s->free_entry == NONE)
		release(s, s->first);
	use(s, line_get(s, line), sid);
	return 0;
}

void pppoe_sids_put(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	uint32_t l = find_line(s, line);
	uint32_t i = l == NONE ? NONE : find_id(s, l, sid);

	if (i == NONE || s->entry[i].resting)
		return;
	s->entry[i].resting = true;
	s->entry[i].until = now + s->quarantine;
	queue_append(s, i);
	s->in_use--;
	expire(s, now, EXPIRE_MAX);
}

int pppoe_sids_rest(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	int rc = pppoe_sids_take(s, line, sid);

	if (!rc)
		pppoe_sids_put(s, now, line, sid);
	return rc == -EEXIST ? 0 : rc;
}
