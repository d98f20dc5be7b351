// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/pool_slots.h"

#include <errno.h>
#include <stdlib.h>

#define NONE 0u /* links hold node + 1, so that fresh memory is "none" and is not touched early */

struct slot_node {
	uint64_t number;
	uint32_t user; /* hash of the last owner; 0: nobody */
	uint32_t index_next;
	uint32_t newer, older;	       /* only while free */
	uint32_t user_next, user_prev; /* only while free, and of somebody */
	bool used;
};

int slots_init(struct slots *s, uint64_t total, uint32_t cap)
{
	uint32_t heads = 16;

	*s = (struct slots){ .total = total, .cap = cap < total ? cap : (uint32_t)total };
	while (heads < s->cap && heads < 1u << 31)
		heads *= 2;
	s->mask = heads - 1;
	s->node = calloc(s->cap + 1ull, sizeof(*s->node));
	s->index_head = calloc(heads, sizeof(*s->index_head));
	s->user_head = calloc(heads, sizeof(*s->user_head));
	if (s->node && s->index_head && s->user_head)
		return 0;
	slots_fini(s);
	return -ENOMEM;
}

void slots_fini(struct slots *s)
{
	free(s->node);
	free(s->index_head);
	free(s->user_head);
	*s = (struct slots){ 0 };
}

/* Numbers come from us, not from a peer: no key is needed, only a spread. */
static uint32_t *index_bucket(const struct slots *s, uint64_t number)
{
	return &s->index_head[number * UINT64_C(0x9e3779b97f4a7c15) >> 32 & s->mask];
}

static struct slot_node *find(const struct slots *s, uint64_t number)
{
	for (uint32_t i = *index_bucket(s, number); i != NONE; i = s->node[i - 1].index_next)
		if (s->node[i - 1].number == number)
			return &s->node[i - 1];
	return NULL;
}

static uint32_t id_of(const struct slots *s, const struct slot_node *n)
{
	return (uint32_t)(n - s->node) + 1;
}

static void index_add(struct slots *s, struct slot_node *n)
{
	uint32_t *head = index_bucket(s, n->number);

	n->index_next = *head;
	*head = id_of(s, n);
}

static void index_del(struct slots *s, const struct slot_node *n)
{
	uint32_t *link = index_bucket(s, n->number);

	while (*link != id_of(s, n))
		link = &s->node[*link - 1].index_next;
	*link = n->index_next;
}

/* Free nodes hang on two lists: all of them by age, and those of one user. Used nodes hang on
 * neither, so that a user name with thousands of sessions costs nothing. */
static void free_add(struct slots *s, struct slot_node *n)
{
	uint32_t id = id_of(s, n), *head = &s->user_head[n->user & s->mask];

	n->newer = NONE;
	n->older = s->newest;
	if (s->newest != NONE)
		s->node[s->newest - 1].newer = id;
	else
		s->oldest = id;
	s->newest = id;
	if (!n->user)
		return;
	n->user_prev = NONE;
	n->user_next = *head;
	if (*head != NONE)
		s->node[*head - 1].user_prev = id;
	*head = id;
}

static void free_del(struct slots *s, const struct slot_node *n)
{
	if (s->walk == id_of(s, n))
		s->walk = n->newer;
	if (n->newer != NONE)
		s->node[n->newer - 1].older = n->older;
	else
		s->newest = n->older;
	if (n->older != NONE)
		s->node[n->older - 1].newer = n->newer;
	else
		s->oldest = n->newer;
	if (!n->user)
		return;
	if (n->user_next != NONE)
		s->node[n->user_next - 1].user_prev = n->user_prev;
	if (n->user_prev != NONE)
		s->node[n->user_prev - 1].user_next = n->user_next;
	else
		s->user_head[n->user & s->mask] = n->user_next;
}

static void use(struct slots *s, struct slot_node *n, uint32_t user)
{
	n->user = user;
	n->used = true;
	s->used++;
}

static struct slot_node *sticky(const struct slots *s, uint32_t user)
{
	uint32_t i = user ? s->user_head[user & s->mask] : NONE;

	while (i != NONE && s->node[i - 1].user != user)
		i = s->node[i - 1].user_next;
	return i != NONE ? &s->node[i - 1] : NULL;
}

/*
 * A node for a number that has none. While there are nodes left no number was ever forgotten, so
 * that all below `fresh` have one; the number of nodes being at most `total`, there is a number
 * without one from `fresh` on. Each step over a number that was taken happens once.
 */
static struct slot_node *fresh_node(struct slots *s)
{
	struct slot_node *n;

	if (s->count == s->cap)
		return NULL;
	while (find(s, s->fresh))
		s->fresh++;
	n = &s->node[s->count++];
	n->number = s->fresh++;
	index_add(s, n);
	return n;
}

int slots_get(struct slots *s, uint32_t user, uint64_t *ret)
{
	struct slot_node *n = sticky(s, user);

	if (n) {
		free_del(s, n);
	} else {
		n = fresh_node(s);
		if (!n && s->oldest == NONE)
			return -ENOSPC;
		if (!n) {
			n = &s->node[s->oldest - 1];
			free_del(s, n);
		}
	}
	use(s, n, user);
	*ret = n->number;
	return 0;
}

int slots_take(struct slots *s, uint64_t number, uint32_t user)
{
	struct slot_node *n = find(s, number);

	if (n && n->used)
		return -EEXIST;
	if (n) {
		free_del(s, n);
	} else if (s->count < s->cap) {
		n = &s->node[s->count++];
		n->number = number;
		index_add(s, n);
	} else if (s->oldest != NONE) {
		/* The number that was free longest is forgotten. */
		n = &s->node[s->oldest - 1];
		free_del(s, n);
		index_del(s, n);
		n->number = number;
		index_add(s, n);
	} else {
		return -ENOSPC;
	}
	use(s, n, user);
	return 0;
}

bool slots_are_others(const struct slots *s, uint64_t number, uint32_t user)
{
	const struct slot_node *n = find(s, number);

	return n && !n->used && n->user && n->user != user;
}

int slots_put(struct slots *s, uint64_t number)
{
	struct slot_node *n = find(s, number);

	if (!n || !n->used)
		return -ENOENT;
	n->used = false;
	s->used--;
	free_add(s, n);
	return 0;
}

void slots_walk_begin(struct slots *s)
{
	s->walk = s->oldest;
}

uint32_t slots_walk(struct slots *s, uint32_t max,
		    void (*fn)(void *arg, uint64_t number, uint32_t user), void *arg)
{
	uint32_t done = 0;

	for (; done < max && s->walk != NONE; done++) {
		const struct slot_node *n = &s->node[s->walk - 1];

		fn(arg, n->number, n->user);
		s->walk = n->newer;
	}
	return done;
}

void slots_remember(struct slots *s, uint64_t number, uint32_t user)
{
	struct slot_node *n;

	if (s->count == s->cap || find(s, number))
		return;
	n = &s->node[s->count++];
	n->number = number;
	n->user = user;
	index_add(s, n);
	free_add(s, n);
}
