/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the shaper's door: traffic control messages in batches (sys_tc.c), what the kernel has
 * counted (sys_stats.c), and the worker (sys.c). libnl-3 carries the messages; the options of htb,
 * tbf and fq_codel are put together here, since libnl's know no rate beyond 32 bits for tbf, and
 * write two tables of 1 KB into each htb class that no kernel of ours reads.
 */
#ifndef SHAPER_SYS_H
#define SHAPER_SYS_H

#include "shaper/tree.h"

#define TC_BATCH_MAX   256
#define TC_BATCH_BYTES (64 * 1024)

struct nl_sock;
struct nl_msg;

struct tc {
	struct nl_sock *sk;
	uint32_t seq;
	uint16_t overhead;
};

/* One class or qdisc as the kernel counts it, and what it was told: of an htb class, a tbf, a
 * bfifo; zeros of the others. */
struct tc_count {
	char kind[16];
	uint32_t handle, parent;
	uint64_t bytes, packets, drops, backlog, borrows;
	uint64_t rate, ceil;	  /* octets/s */
	uint32_t buffer, cbuffer; /* ns, to the tick */
	uint32_t limit;		  /* octets */
	uint8_t prio;
};

#define TC_TICK_SHIFT 6 /* psched: a tick is 64 ns */

/* Messages that the kernel gets at once, and its answer to each. */
struct tc_batch {
	struct tc *tc;
	uint32_t first; /* sequence number of message 0 */
	unsigned count, answered;
	size_t len;
	bool bad; /* one did not fit */
	/* Told of what tc_leaf_get() asks for; or NULL. */
	void (*told)(void *arg, const struct tc_count *c);
	void *told_arg;
	int rc[TC_BATCH_MAX];
	uint8_t buf[TC_BATCH_BYTES];
};

int tc_open(struct tc *t, uint16_t overhead);
void tc_close(struct tc *t);

void tc_begin(struct tc_batch *b, struct tc *t);
/* Sends what is in the batch and waits for all answers: 0, or the first message's -errno that was
 * refused; each one's is in rc[]. */
int tc_run(struct tc_batch *b);
static inline unsigned tc_room(const struct tc_batch *b)
{
	return TC_BATCH_MAX - b->count;
}

enum tc_how {
	TC_CHANGE, /* it must be there, and is changed in place: nothing queued is lost */
	TC_ENSURE, /* changed in place, or made */
	TC_CREATE, /* made; -EEXIST: it is there */
};

void tc_mq(struct tc_batch *b, int ifindex);
void tc_htb(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle);
void tc_class(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t id,
	      const struct tree_class *c, enum tc_how how);
void tc_tbf(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
	    const struct tree_leaf *leaf, enum tc_how how);
void tc_fifo(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
	     const struct tree_leaf *leaf, enum tc_how how);
void tc_fq_codel(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
		 const struct tree_leaf *leaf, enum tc_how how);
#define TC_ROOT 0xffffffffu /* as a parent */
void tc_qdisc_del(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle);

/* Classes of one tree: the kernel would tell of each leaf's own as well, and begin at the first one
 * again for each piece of its answer. */
int tc_dump_classes(struct tc *t, int ifindex, uint32_t tree,
		    void (*fn)(void *arg, const struct tc_count *s), void *arg);
int tc_dump_qdiscs(struct tc *t, int ifindex, void (*fn)(void *arg, const struct tc_count *s),
		   void *arg);
/* The leaf of one class, told to the batch's owner. */
void tc_leaf_get(struct tc_batch *b, int ifindex, uint32_t class_id);
/* False: it is no class or qdisc. */
bool tc_count_read(struct nl_msg *m, struct tc_count *ret, int *ret_ifindex);

#endif
