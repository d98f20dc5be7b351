// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and sizes of the trees: shaper/tree.h. A fifo's length in time is a measured choice:
 * five packets are what TCP needs at 1 Mbit/s, and longer ones are latency. */
#include "shaper/tree.h"

#define OCTETS(bps) ((bps) / 8)
#define NS_PER_MS   1000000ull
#define NS_PER_SEC  1000000000ull

#define SLACK_NS  (10 * NS_PER_MS) /* that the kernel's timer may be late without loss of rate */
#define FIFO_NS	  (35 * NS_PER_MS)
#define FIFO_FAST (18 * NS_PER_MS) /* a queue of so much time, where that is 22 KB and more */
#define FIFO_KEEP 22000u
#define FIFO_MIN  7600u /* five packets */
#define TBF_NS	  (50 * NS_PER_MS)
#define TBF_BURST (10 * NS_PER_MS)
#define ANY_RATE  4000000000000ull /* octets/s: a packet takes 0 ns */
#define TARGET_US 5000u		   /* RFC 8290, section 5.2.2; and one and a half packets' time */
#define CIR_MIN	  OCTETS(SHAPER_RATE_MIN)

static uint64_t octets_in(uint64_t rate, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)rate * ns / NS_PER_SEC);
}

static uint32_t ns_of(uint64_t octets, uint64_t rate)
{
	unsigned __int128 ns = (unsigned __int128)octets * NS_PER_SEC / rate;

	return ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static uint32_t fit(uint64_t octets, uint32_t least)
{
	return octets < least ? least : octets > INT32_MAX ? INT32_MAX : (uint32_t)octets;
}

/* A bucket holds two packets, or what flows while the timer is late. */
static uint32_t bucket_ns(uint64_t rate, uint64_t more)
{
	return ns_of(fit(octets_in(rate, SLACK_NS), 2 * TREE_PACKET) + more, rate);
}

static uint32_t fifo_limit(uint64_t rate)
{
	uint64_t slow = octets_in(rate, FIFO_NS), fast = octets_in(rate, FIFO_FAST);

	if (slow > FIFO_KEEP)
		slow = fast > FIFO_KEEP ? fast : FIFO_KEEP;
	return fit(slow, FIFO_MIN);
}

static struct tree_leaf leaf_of(enum shaper_leaf kind, const struct shaper_rate *r, bool borrows)
{
	uint64_t rate = OCTETS(r->pir);
	struct tree_leaf leaf = {
		.limit = fifo_limit(rate),
		.target = fit(1500 * 1500000ull / rate, TARGET_US),
	};

	if (kind != SHAPER_LEAF_TBF) {
		leaf.rate = borrows ? OCTETS(r->peak) : 0;
		leaf.burst = leaf.rate ? 2 * TREE_PACKET : 0;
		return leaf;
	}
	leaf.rate = rate;
	leaf.burst = fit(octets_in(rate, TBF_BURST) + r->burst, 2 * TREE_PACKET);
	leaf.limit = fit(octets_in(rate, TBF_NS) + leaf.burst, FIFO_MIN);
	return leaf;
}

/*
 * Without a backhaul there is nobody to borrow from: the class has its whole rate, and its ceiling
 * is the peak of a burst. With one it is guaranteed its CIR, the least that there is where it has
 * none, and borrows the rest up to its PIR.
 */
void tree_class_of(const struct shaper_config *c, const struct shaper_rate *r, bool down,
		   struct tree_class *ret)
{
	bool borrows = down ? c->backhaul_down : c->backhaul_up;
	bool peaks = !borrows && r->peak > r->pir && c->leaf != SHAPER_LEAF_TBF;
	uint64_t ceil = OCTETS(peaks ? r->peak : r->pir), rate = OCTETS(r->cir);

	if (!borrows || rate > OCTETS(r->pir))
		rate = OCTETS(r->pir);
	else if (rate < CIR_MIN)
		rate = CIR_MIN;
	*ret = (struct tree_class){
		.rate = rate,
		.ceil = ceil,
		.buffer = bucket_ns(rate, borrows ? 0 : r->burst),
		.cbuffer = bucket_ns(ceil, peaks ? 0 : r->burst),
		.prio = (uint8_t)((r->priority ? r->priority : SHAPER_PRIORITY_LOW) - 1),
		.leaf = leaf_of(c->leaf, r, borrows),
	};
}

void tree_cutter_of(struct tree_leaf *ret)
{
	*ret = (struct tree_leaf){ .rate = ANY_RATE, .burst = TREE_PACKET };
}

void tree_backhaul_of(uint64_t bps, struct tree_class *ret)
{
	uint64_t rate = OCTETS(bps);

	*ret = (struct tree_class){
		.rate = rate,
		.ceil = rate,
		.buffer = bucket_ns(rate, 0),
		.cbuffer = bucket_ns(rate, 0),
	};
}

/* The kernel's bucket of a handle: hash_32() of <linux/hash.h> with 4 bits. */
static unsigned bucket(uint16_t major)
{
	return ((uint32_t)major << 16) * 0x61c88647u >> 28;
}

/* Bucket 0 has what has no handle: the fifo within a tbf, and a class's before it has its leaf.
 * Leaves go there last. */
#define NAMELESS_BUCKET 0u
#define TREES_BUCKET	1u

/* Leaves keep off 0, the mq's, and clsact's ffff. */
static uint32_t add_leaves(struct tree_majors *m, uint32_t n, bool nameless)
{
	for (uint32_t major = 2; major < 0xffff && n < TREE_LEAVES_MAX; major++) {
		unsigned b = bucket((uint16_t)major);

		if (b != TREES_BUCKET && (b == NAMELESS_BUCKET) == nameless)
			m->leaf[n++] = (uint16_t)major;
	}
	return n;
}

/* The first one after @from in the trees' bucket whose low octet is the same. */
static uint16_t next_tree(uint16_t from)
{
	do
		from = (uint16_t)(from + 0x100);
	while (bucket(from) != TREES_BUCKET);
	return from;
}

void tree_majors_make(struct tree_majors *ret)
{
	for (unsigned i = 0; i < TREE_QUEUES_MAX; i++) {
		ret->tree[i] = next_tree((uint16_t)(i + 2));
		ret->cutter[i] = next_tree(ret->tree[i]);
	}
	(void)add_leaves(ret, add_leaves(ret, 0, false), true);
}

uint32_t tree_class_id(const struct tree_majors *m, uint32_t slot, uint32_t trees)
{
	return (uint32_t)m->tree[tree_of(slot, trees)] << 16 | (slot / trees + ABI_CLASS_FIRST);
}

uint32_t tree_slot_of(const struct tree_majors *m, uint32_t class_id, uint32_t trees)
{
	uint32_t tree = (class_id >> 16 & 0xff) - 2, minor = class_id & 0xffff;

	if (tree >= trees || m->tree[tree] != class_id >> 16 || minor < ABI_CLASS_FIRST)
		return UINT32_MAX;
	return (minor - ABI_CLASS_FIRST) * trees + tree;
}
