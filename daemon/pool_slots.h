/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the numbers 0 to total - 1 are taken, by whom, and which was freed when. Only numbers
 * that were taken once have a node, and there are at most `cap` nodes: a range of millions costs
 * what is used of it. Every operation is O(1).
 */
#ifndef DAEMON_POOL_SLOTS_H
#define DAEMON_POOL_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

struct slot_node;

struct slots {
	uint64_t total, used;
	uint64_t fresh; /* numbers from here on were never given out, but may be taken */
	struct slot_node *node;
	uint32_t *index_head, *user_head;
	uint32_t count, cap, mask;
	uint32_t oldest, newest; /* of the free nodes, in the order they became free */
	uint32_t walk;		 /* where slots_walk() goes on */
};

/* @cap: how many can be taken at once. 0 or -ENOMEM. */
int slots_init(struct slots *s, uint64_t total, uint32_t cap);
void slots_fini(struct slots *s);

/* @user: hash of whom it is for; 0: nobody. That user's last one if it is free; else one never
 * given out; else the one that has been free longest. -ENOSPC. */
int slots_get(struct slots *s, uint32_t user, uint64_t *ret);
/* @user: as for slots_get(): whose it is. -EEXIST, -ENOSPC. */
int slots_take(struct slots *s, uint64_t number, uint32_t user);
/* Free, and remembered as somebody else's? */
bool slots_are_others(const struct slots *s, uint64_t number, uint32_t user);
int slots_put(struct slots *s, uint64_t number); /* -ENOENT */

/* The free ones that are remembered, the one freed longest ago first, in parts: slots_walk_begin(),
 * then at most @max at a time; how many these were, 0: that was all. What is taken and freed
 * between two parts is left out, or comes again as the one freed last. */
void slots_walk_begin(struct slots *s);
uint32_t slots_walk(struct slots *s, uint32_t max,
		    void (*fn)(void *arg, uint64_t number, uint32_t user), void *arg);
/* Remembers one that was free before our time: freed after all that are free here. One that is
 * known, or has no room, is left as it is. @number: below total. */
void slots_remember(struct slots *s, uint64_t number, uint32_t user);

#endif
