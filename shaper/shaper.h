/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shaper as the daemon sees it: an HTB class for each session on both ends of the subscriber
 * device, made ahead of need and changed in place (RTM_NEWTCLASS without NLM_F_CREATE costs the
 * same whatever the number of classes; adding one does not). All netlink is in one worker thread,
 * so neither a login nor the loop ever waits for the kernel's lock; results come back by callback.
 * Trees, numbers and sizes are pure code (tree.c); shaper/sys*.c is the door: libnl-3.
 *
 * Which bits count: each IP packet and `overhead` octets.
 */
#ifndef SHAPER_SHAPER_H
#define SHAPER_SHAPER_H

#include "base/loop.h"
#include "shaper/plan.h"

enum shaper_leaf {
	SHAPER_LEAF_FAIR, /* fq_codel where the kernel has it, else a fifo of some milliseconds */
	SHAPER_LEAF_FIFO, /* a fifo of some milliseconds */
	SHAPER_LEAF_TBF,  /* a TBF of the plan's rate, 50 ms; both ways or none */
};

struct shaper_config {
	int down_ifindex, up_ifindex; /* subs0, subs0p; up 0: input is not shaped here */
	uint32_t max_sessions;
	uint16_t queues; /* HTB trees on each; transmit queue 0 is for who is not shaped */
	enum shaper_leaf leaf, leaf_up;
	uint64_t backhaul_down, backhaul_up; /* bit/s; 0: none */
	uint16_t overhead;		     /* octets, 14 at least */
	uint32_t pool;			     /* classes made ahead of need beyond those in use */
	/* A plan is programmed (0) or is not (-errno, and the one before still holds). */
	void (*done)(void *arg, uint64_t now, uint32_t slot, uint32_t generation, uint64_t ticket,
		     int rc);
	/* Trees were missing, and there are new ones without a class (or -errno): nobody's plan is
	 * programmed any more. */
	void (*rebuilt)(void *arg, uint64_t now, int rc);
	void *arg;
};

struct shaper;

/* Builds the trees and starts the worker. `why`: a sentence without a full stop. */
int shaper_new(struct shaper **ret, struct loop *loop, const struct shaper_config *c, char *why,
	       size_t why_len);
void shaper_free(struct shaper *s); /* no callback any more; the trees go with their device */

/* Programs both directions of the slot's classes, all or nothing; `done` is told of it later, in
 * the order of asking. A direction with pir 0 is left alone. @was: what holds, for one that fails
 * before the shaper has seen what the class is like. @afresh: somebody else may have
 * changed them, or taken them away. -ENOMEM. */
int shaper_set(struct shaper *s, uint32_t slot, uint32_t generation, uint64_t ticket,
	       const struct shaper_plan *plan, const struct shaper_plan *was, bool afresh);
/* Somebody may have taken trees away: looks later, and builds what is missing. -ENOMEM. */
int shaper_look(struct shaper *s);
/* Reads what the kernel has: `done` is called later, in its turn among the `done` of plans, with it
 * or with NULL and -errno. @leaves: those of classes, too; a message each. -ENOMEM. */
struct shaper_seen;
int shaper_check(struct shaper *s, bool leaves,
		 void (*done)(void *arg, uint64_t now, const struct shaper_seen *seen, int rc),
		 void *arg);
/* Trees that are not there, of both directions. */
unsigned shaper_missing_trees(const struct shaper_seen *seen);
/* True and `why`: the slot's classes are not what this plan makes of them. */
bool shaper_fault(const struct shaper_seen *seen, uint32_t slot, const struct shaper_plan *plan,
		  char *why, size_t why_len);

/* skb->priority of the slot's packets; its low octet of the upper half is skb->queue_mapping. */
uint32_t shaper_class_id(const struct shaper *s, uint32_t slot);
/* The slot's session is over: its class may be anybody's. */
void shaper_put(struct shaper *s, uint32_t slot);

/* Of one class, since it was made. Octets as they count (with overhead). */
struct shaper_counters {
	uint64_t bytes, packets, drops, backlog, borrowed;
};

/* Reads all classes once: `done` is called later with `max_sessions` entries of each direction, or
 * with NULL and -errno. */
int shaper_measure(struct shaper *s,
		   void (*done)(void *arg, uint64_t now, const struct shaper_counters *down,
				const struct shaper_counters *up, int rc),
		   void *arg);

/* Classes that there are, that are in use, that are still to be made; how the leaf is made. */
struct shaper_state {
	uint32_t made, used, wanted;
	uint64_t failed;	    /* changes that the kernel refused */
	const char *leaf, *leaf_up; /* "fq_codel", "bfifo", "tbf" */
};
void shaper_state(const struct shaper *s, struct shaper_state *ret);

#endif
