/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trees' arithmetic: which numbers a slot's class and leaf have, and what a plan is in the
 * kernel's units. Pure.
 *
 *	1:  mq                           one on each end of the subscriber device
 *	    queue 0   what is not shaped
 *	    queue q   C: tbf             cuts super-packets, and holds nothing back
 *	              M: htb             a tree; M's low octet is q + 1, which the data plane
 *	                                 writes into skb->queue_mapping
 *	              M:1   backhaul
 *	              M:m   a session    m = slot / trees + 16
 *	                    L: bfifo or fq_codel; L is the slot's
 *
 * A line's leaf is a tbf with one of the two in it where it has a rate that HTB cannot hold: the
 * peak of a line that also borrows, and mode = tbf's.
 *
 * The kernel finds a qdisc by its handle in a table of 16 buckets. Tens of thousands of leaves make
 * long chains there, and each change of a class looks its tree up first; so the trees' handles are
 * chosen to lie in one bucket, and the leaves' never to lie in it: a change costs the same whatever
 * the number of leaves.
 */
#ifndef SHAPER_TREE_H
#define SHAPER_TREE_H

#include "bpf/abi.h"
#include "shaper/shaper.h"

#define TREE_MQ		0x10000u /* 1: */
#define TREE_QUEUES_MAX 64
#define TREE_LEAVES_MAX                                                                            \
	61000		  /* of 15 buckets' 61440 majors, less the few that have another use       \
			   */
#define TREE_PACKET 1600u /* octets: no packet of a session is larger, tags included */

struct tree_leaf {
	uint64_t rate;	 /* of the tbf, octets/s; 0: it has none */
	uint32_t burst;	 /* of the tbf, octets */
	uint32_t limit;	 /* of the fifo, octets */
	uint32_t target; /* of fq_codel, us */
};

/* What one class and its leaf are told. */
struct tree_class {
	uint64_t rate, ceil;	  /* octets/s */
	uint32_t buffer, cbuffer; /* ns at that rate */
	uint8_t prio;		  /* 0 first to 7 */
	struct tree_leaf leaf;
};

void tree_class_of(const struct shaper_config *c, const struct shaper_rate *r, bool down,
		   struct tree_class *ret);
/* The class that all sessions of a tree borrow from. */
void tree_backhaul_of(uint64_t bps, struct tree_class *ret);
/* The tbf before a tree. */
void tree_cutter_of(struct tree_leaf *ret);

/* Majors, made once. */
struct tree_majors {
	uint16_t tree[TREE_QUEUES_MAX];	  /* of queue i + 1 */
	uint16_t cutter[TREE_QUEUES_MAX]; /* before it */
	uint16_t leaf[TREE_LEAVES_MAX];
};
void tree_majors_make(struct tree_majors *ret);

static inline uint32_t tree_of(uint32_t slot, uint32_t trees)
{
	return slot % trees;
}

/* skb->priority of the slot's packets. */
uint32_t tree_class_id(const struct tree_majors *m, uint32_t slot, uint32_t trees);
/* And back: which slot a class is of; UINT32_MAX: none's. */
uint32_t tree_slot_of(const struct tree_majors *m, uint32_t class_id, uint32_t trees);

#endif
