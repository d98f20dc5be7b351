// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record, when its process dies: a script of operations is run in a process that ends at its
 * n-th store or system call, for every n. What is found then is the old content or the new one of
 * each slot, and nothing else.
 */
#include "test/unit/daemon_record_rig.h"

#include <sys/mman.h>

/* --- death at every store ------------------------------------------------------------------------
 */

enum op_kind { OP_PUT, OP_CLEAR, OP_AREA, OP_GROW };

struct op {
	enum op_kind kind;
	uint32_t slot, n;
};

#define OPS 70

/* Shared with the child: how far it came. */
static struct progress {
	unsigned done, points, die_at;
	char where[32];
} * progress;

static void maybe_die(const char *what)
{
	if (++progress->points != progress->die_at)
		return;
	snprintf(progress->where, sizeof(progress->where), "%s", what);
	_exit(9); /* as by SIGKILL: what was stored stays, and nothing else is done */
}

/* The same script each time; @i: of OPS. Numbers repeat, so that short and long contents follow
 * each other in one slot. */
static struct op op_of(unsigned i)
{
	struct op op = { OP_PUT, i * 7 % 5, i };

	if (i % 11 == 10)
		op.kind = OP_CLEAR;
	else if (i % 13 == 12)
		op.kind = OP_AREA;
	else if (i == 35)
		op.kind = OP_GROW;
	else if (i % 17 == 16)
		op.slot = 70 + i % 3; /* in memory that is not there yet */
	return op;
}

static int run_op(unsigned i)
{
	struct op op = op_of(i);

	switch (op.kind) {
	case OP_PUT:
		return record_put(rec, op.slot, op.n + 1, want, content(op.slot, op.n, want));
	case OP_CLEAR:
		return record_clear(rec, op.slot);
	case OP_AREA:
		return record_area_put(rec, want, content(SLOTS, op.n % 4, want));
	case OP_GROW:
		return record_grow(rec, SLOTS + 50);
	}
	return -1;
}

/* What slot `slot` has after `done` operations: the number of its content + 1, 0: it is free. */
static uint32_t model_slot(uint32_t slot, unsigned done)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < done; i++) {
		struct op op = op_of(i);

		if (op.slot == slot && op.kind <= OP_CLEAR)
			v = op.kind == OP_PUT ? op.n + 1 : 0;
	}
	return v;
}

static uint32_t model_area(unsigned done)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < done; i++)
		if (op_of(i).kind == OP_AREA)
			v = op_of(i).n % 4 + 1;
	return v;
}

static bool slot_is(uint32_t slot, uint32_t v)
{
	return v ? has(slot, v - 1) : get(slot) == -ENOENT;
}

static bool area_is(uint32_t v)
{
	size_t len = 0, expected = v ? content(SLOTS, v - 1, want) : 0;
	int rc = record_area_get(rec, buf, sizeof(buf), &len);

	return v ? !rc && len == expected && !memcmp(buf, want, len) : rc == -ENOENT;
}

/* After `done` operations for certain, and perhaps one more. */
static void check_contents(unsigned done)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		if (!slot_is(slot, model_slot(slot, done)) &&
		    !slot_is(slot, model_slot(slot, done + 1)))
			fail_msg("died at %u (%s) in operation %u: slot %u is neither old nor new",
				 progress->die_at, progress->where, done, slot);
	if (!area_is(model_area(done)) && !area_is(model_area(done + 1)))
		fail_msg("died at %u (%s): the area", progress->die_at, progress->where);
	assert_false(exists(".bad"));
}

/* No block is two slots', and none has been lost: all slots can be had, again and again. */
static void check_usable(void)
{
	for (uint32_t n = 0; n < 2; n++)
		for (uint32_t i = 0; i < record_slots(rec); i++)
			put(i, n);
	for (uint32_t i = 0; i < record_slots(rec); i++)
		assert_true(has(i, 1));
}

/* Runs `fn` in a process that dies at its store number `at`. True: it lived. */
static bool run_until(unsigned at, int (*fn)(void))
{
	int status;
	pid_t child;

	*progress = (struct progress){ .die_at = at };
	fflush(stdout);
	child = fork();
	if (!child) {
		record_killpoint = maybe_die;
		_exit(fn() ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return !WEXITSTATUS(status);
}

static int script(void)
{
	int rc = open_as(&me, SLOTS);

	for (unsigned i = 0; i < OPS && !rc; i++) {
		rc = run_op(i);
		progress->done = i + 1;
	}
	return rc;
}

static void anew(void)
{
	record_close(rec);
	rec = NULL;
	clean();
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void killed_anywhere(void **state)
{
	unsigned at = 1, opened = 0;

	(void)state;
	for (bool alive = false; !alive; at++) {
		alive = run_until(at, script);
		if (open_as(&me, SLOTS))
			fail_msg("died at %u (%s): %s", at, progress->where, why);
		assert_true(found == RECORD_OURS || (found == RECORD_NEW && !progress->done));
		opened += found == RECORD_NEW;
		check_contents(progress->done);
		if (at % 8 == 0 || alive)
			check_usable();
		anew();
	}
	printf("%u deaths, %u of them before there was a record\n", at - 2, opened);
	assert_true(at > 600);
}

/* The next start, killed too: of a record that is ours, another's, or of an older layout. */
static struct record_identity starts_as;

static int start(void)
{
	return open_as(&starts_as, 2 * SLOTS);
}

static void killed_starting(enum record_found expected)
{
	unsigned at = 1;

	for (bool alive = false; !alive; at++) {
		assert_true(run_until(1u << 30, script));
		alive = run_until(at, start);
		if (open_as(&starts_as, 2 * SLOTS))
			fail_msg("died at %u (%s): %s", at, progress->where, why);
		/* Where it came as far as the rename, the rest is as usual. */
		assert_true(found == expected || found == RECORD_OURS || found == RECORD_NEW);
		if (expected == RECORD_FOREIGN) {
			assert_true(exists(".foreign-1"));
			assert_int_equal(record_high(rec), 0);
		} else {
			assert_int_equal(record_slots(rec), 2 * SLOTS);
			check_contents(OPS);
		}
		if (at % 8 == 0)
			check_usable();
		anew();
	}
	printf("found %d: %u deaths\n", expected, at - 2);
}

static void killed_while_it_starts(void **state)
{
	(void)state;
	starts_as = me;
	killed_starting(RECORD_OURS);
	starts_as.layout = RECORD_LAYOUT + 1;
	killed_starting(RECORD_MIGRATED);
	starts_as.layout = 0;
	starts_as.netns++;
	killed_starting(RECORD_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_while_it_starts, setup, teardown),
	};

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (progress == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
