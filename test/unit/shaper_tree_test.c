// SPDX-License-Identifier: GPL-2.0-or-later
/* The trees' numbers and sizes. */
#include "shaper/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MBIT 1000000ull

static const struct shaper_config plain = { .queues = 1, .overhead = 22 };
static const struct shaper_config shared = {
	.queues = 1, .overhead = 22, .backhaul_down = 50 * MBIT, .backhaul_up = 20 * MBIT
};

static struct tree_class class_of(const struct shaper_config *c, struct shaper_rate r)
{
	struct tree_class t;

	tree_class_of(c, &r, true, &t);
	return t;
}

/* The kernel's hash_32(handle, 4), written another way. */
static unsigned bucket(uint32_t handle)
{
	return (uint32_t)((uint64_t)handle * 0x61c88647ull) >> 28;
}

static void handles_are_apart(void **state)
{
	static struct tree_majors m;
	static bool seen[65536];

	(void)state;
	tree_majors_make(&m);
	for (unsigned i = 0; i < TREE_QUEUES_MAX; i++) {
		assert_int_equal(m.tree[i] & 0xff, i + 2); /* queue i + 1, recorded as one more */
		assert_int_equal(bucket((uint32_t)m.tree[i] << 16),
				 bucket((uint32_t)m.tree[0] << 16));
		assert_false(seen[m.tree[i]]);
		seen[m.tree[i]] = true;
	}
	for (unsigned i = 0; i < TREE_QUEUES_MAX; i++) {
		assert_int_equal(bucket((uint32_t)m.cutter[i] << 16),
				 bucket((uint32_t)m.tree[0] << 16));
		assert_false(seen[m.cutter[i]]);
		seen[m.cutter[i]] = true;
	}
	assert_int_not_equal(bucket((uint32_t)m.tree[0] << 16), 0); /* where the nameless are */
	seen[0] = seen[1] = seen[0xffff] = true;		    /* none, the mq, clsact */
	for (unsigned i = 0; i < TREE_LEAVES_MAX; i++) {
		assert_false(seen[m.leaf[i]]);
		seen[m.leaf[i]] = true;
		assert_int_not_equal(bucket((uint32_t)m.leaf[i] << 16),
				     bucket((uint32_t)m.tree[0] << 16));
	}
}

static void slots_and_classes(void **state)
{
	static struct tree_majors m;

	(void)state;
	tree_majors_make(&m);
	for (uint32_t trees = 1; trees <= TREE_QUEUES_MAX; trees *= 4)
		for (uint32_t slot = 0; slot < TREE_LEAVES_MAX; slot += 7) {
			uint32_t id = tree_class_id(&m, slot, trees);

			assert_int_equal(id >> 16, m.tree[slot % trees]);
			assert_true((id & 0xffff) >= ABI_CLASS_FIRST);
			assert_int_equal(tree_slot_of(&m, id, trees), slot);
		}
	assert_int_equal(tree_slot_of(&m, (uint32_t)m.tree[0] << 16 | 1, 1), UINT32_MAX);
	assert_int_equal(tree_slot_of(&m, (uint32_t)m.tree[1] << 16 | 0x10, 1), UINT32_MAX);
	assert_int_equal(tree_slot_of(&m, 0x10010, 1), UINT32_MAX);
	assert_int_equal(tree_slot_of(&m, 0, 1), UINT32_MAX);
}

static void alone_a_class_has_its_rate(void **state)
{
	struct tree_class t = class_of(&plain, (struct shaper_rate){ .pir = 10 * MBIT });

	(void)state;
	assert_int_equal(t.rate, 10 * MBIT / 8);
	assert_int_equal(t.ceil, 10 * MBIT / 8);
	assert_int_equal(t.prio, 7);
	assert_int_equal(t.buffer, 10000000); /* ns */
}

static void with_a_backhaul_it_borrows(void **state)
{
	struct shaper_rate r = { .pir = 10 * MBIT };
	struct tree_class t = class_of(&shared, r);

	(void)state;
	assert_int_equal(t.rate, 1000); /* the least */
	assert_int_equal(t.ceil, 10 * MBIT / 8);
	r.cir = 2 * MBIT;
	r.priority = 1;
	t = class_of(&shared, r);
	assert_int_equal(t.rate, 2 * MBIT / 8);
	assert_int_equal(t.prio, 0);
	r.cir = 20 * MBIT; /* no more than it may have */
	t = class_of(&shared, r);
	assert_int_equal(t.rate, 10 * MBIT / 8);
}

static void rates_beyond_32_bits(void **state)
{
	struct tree_class t = class_of(&plain, (struct shaper_rate){ .pir = 100000 * MBIT });

	(void)state;
	assert_true(t.ceil == 12500000000ull);
	assert_int_equal(t.cbuffer, 10000000); /* 10 ms of it */
}

static void a_burst_is_on_top(void **state)
{
	struct shaper_rate r = { .pir = 8 * MBIT, .burst = 1000000 };
	struct tree_class t = class_of(&plain, r);

	(void)state;
	assert_int_equal(t.cbuffer, 1010000000); /* ns: 1,010,000 octets at a million a second */
	assert_int_equal(t.leaf.rate, 0);	 /* no tbf */
	r.burst = 1ull << 40;
	t = class_of(&plain, r);
	assert_int_equal(t.cbuffer, UINT32_MAX);
}

/* Who borrows needs his ceiling for the plan's rate; who does not has it for the peak. */
static void a_burst_has_a_peak(void **state)
{
	struct shaper_rate r = { .pir = 8 * MBIT, .peak = 16 * MBIT, .burst = 1000000 };
	struct tree_class t = class_of(&plain, r);

	(void)state;
	assert_int_equal(t.rate, 1000000);
	assert_int_equal(t.ceil, 2000000);
	assert_int_equal(t.buffer, 1010000000);
	assert_int_equal(t.cbuffer, 10000000); /* 10 ms */
	assert_int_equal(t.leaf.rate, 0);
	t = class_of(&shared, r);
	assert_int_equal(t.ceil, 1000000);
	assert_int_equal(t.leaf.rate, 2000000);
	assert_int_equal(t.leaf.burst, 3200); /* super-packets are cut before */
}

static void the_cutter_cuts(void **state)
{
	struct tree_leaf t;

	(void)state;
	tree_cutter_of(&t);
	assert_int_equal(t.burst, 1600);
	assert_true(t.rate * 8 > SHAPER_RATE_MAX);
}

/* Never more than 60 ms at 1 and 5 Mbit/s, never more than 25 from 20 on: a ping waits for what is
 * queued. */
static void fifos_are_short_in_time(void **state)
{
	static const struct {
		uint64_t mbit, ms;
	} rows[] = { { 1, 60 }, { 5, 60 }, { 20, 25 }, { 100, 25 }, { 500, 25 }, { 10000, 25 } };

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tree_class t =
			class_of(&plain, (struct shaper_rate){ .pir = rows[i].mbit * MBIT });
		uint64_t us = t.leaf.limit * 8ull / rows[i].mbit;

		assert_true(us <= rows[i].ms * 1000 + 1000);
		assert_true(t.leaf.limit >= 5 * 1506);
	}
}

static void a_tbf_is_of_50_ms(void **state)
{
	const struct shaper_config c = { .queues = 1, .overhead = 22, .leaf = SHAPER_LEAF_TBF };
	struct tree_class t = class_of(&c, (struct shaper_rate){ .pir = 8 * MBIT });

	(void)state;
	assert_int_equal(t.leaf.rate, 1000000);
	assert_int_equal(t.leaf.burst, 10000);
	assert_int_equal(t.leaf.limit, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handles_are_apart),
		cmocka_unit_test(slots_and_classes),
		cmocka_unit_test(alone_a_class_has_its_rate),
		cmocka_unit_test(with_a_backhaul_it_borrows),
		cmocka_unit_test(rates_beyond_32_bits),
		cmocka_unit_test(a_burst_is_on_top),
		cmocka_unit_test(a_burst_has_a_peak),
		cmocka_unit_test(the_cutter_cuts),
		cmocka_unit_test(fifos_are_short_in_time),
		cmocka_unit_test(a_tbf_is_of_50_ms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
