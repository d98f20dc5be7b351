// SPDX-License-Identifier: GPL-2.0-or-later
/* Session ids: every one of a line, none twice, none before its quarantine is over. */
#include "base/wheel.h"
#include "pppoe/pppoe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEC	   NSEC_PER_SEC
#define QUARANTINE (10 * SEC)
#define ALL	   65534

static const struct pppoe_line line_a = { .port = 1 }, line_b = { .port = 1, .svlan = 0x1001 };

static struct pppoe_sids *sids(uint32_t max)
{
	struct pppoe_sids *s = NULL;

	assert_int_equal(pppoe_sids_new(&s, max, QUARANTINE), 0);
	return s;
}

static uint16_t get(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line)
{
	uint16_t sid = 0;

	assert_int_equal(pppoe_sids_get(s, now, line, &sid), 0);
	assert_true(sid != 0 && sid != 0xffff);
	return sid;
}

/* All ids of a line, each once. */
static void get_all(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line)
{
	uint8_t *seen = calloc(65536, 1);

	assert_non_null(seen);
	for (unsigned i = 0; i < ALL; i++)
		assert_int_equal(seen[get(s, now, line)]++, 0);
	free(seen);
}

static void refuse(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line)
{
	uint16_t sid = 7;

	assert_int_equal(pppoe_sids_get(s, now, line, &sid), -ENOSPC);
	assert_int_equal(sid, 7);
}

static void test_every_id_of_two_lines(void **state)
{
	struct pppoe_sids *s = sids(200000);

	(void)state;
	get_all(s, 0, &line_a);
	refuse(s, 0, &line_a);
	get_all(s, 0, &line_b); /* 131,068 sessions in all */
	refuse(s, 0, &line_b);
	pppoe_sids_free(s);
}

static void test_quarantine_of_a_full_line(void **state)
{
	struct pppoe_sids *s = sids(ALL);

	(void)state;
	get_all(s, 0, &line_a);
	for (unsigned sid = 100; sid < 300; sid++)
		pppoe_sids_put(s, sid * SEC / 100, &line_a, (uint16_t)sid);
	/* The only one whose time is over; then the next one. */
	assert_int_equal(get(s, QUARANTINE + SEC, &line_a), 100);
	assert_int_equal(get(s, QUARANTINE + 101 * SEC / 100, &line_a), 101);
	/* More than one call sees to at once: all must be found. */
	for (unsigned i = 102; i < 300; i++)
		assert_in_range(get(s, 2 * QUARANTINE, &line_a), 102, 299);
	refuse(s, 2 * QUARANTINE, &line_a);
	pppoe_sids_free(s);
}

/* Nobody is refused while an id rests: the one of this line that rested longest is given, whoever
 * else began to rest before it. */
static void test_full_line_gives_what_rested_longest(void **state)
{
	struct pppoe_sids *s = sids(2 * ALL);
	uint16_t other[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		other[i] = get(s, 0, &line_b);
	get_all(s, 0, &line_a);
	for (uint16_t i = 0; i < 3; i++) {
		pppoe_sids_put(s, SEC, &line_b, other[i]);
		pppoe_sids_put(s, SEC, &line_a, (uint16_t)(30000 - i));
	}
	for (uint16_t i = 0; i < 3; i++)
		assert_int_equal(get(s, SEC + 1, &line_a), 30000 - i);
	refuse(s, SEC + 1, &line_a);
	/* Those of the other line rest on. */
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pppoe_sids_take(s, &line_b, other[i]), -EEXIST);
	/* Both queues are whole: again, and until all quarantines are over. */
	pppoe_sids_put(s, 2 * SEC, &line_a, 5);
	pppoe_sids_put(s, 2 * SEC, &line_a, 6);
	assert_int_equal(get(s, 2 * SEC, &line_a), 5);
	pppoe_sids_put(s, 2 * SEC, &line_a, 7);
	get_all(s, SEC + QUARANTINE, &line_b);
	refuse(s, 2 * SEC + QUARANTINE, &line_b);
	assert_in_range(get(s, 2 * SEC + QUARANTINE, &line_a), 6, 7);
	assert_in_range(get(s, 2 * SEC + QUARANTINE, &line_a), 6, 7);
	refuse(s, 2 * SEC + QUARANTINE, &line_a);
	pppoe_sids_free(s);
}

/* A mass of short logins on a line nearly all of whose ids are in use, with entries left. */
static void test_short_logins_beside_many(void **state)
{
	struct pppoe_sids *s = sids(2 * ALL);
	uint64_t now = 0;

	(void)state;
	for (unsigned i = 0; i < 60000; i++)
		get(s, now, &line_a);
	for (unsigned i = 0; i < 200000; i++) {
		now += SEC / 20000; /* many times more within a quarantine than there are ids */
		pppoe_sids_put(s, now, &line_a, get(s, now, &line_a));
	}
	pppoe_sids_free(s);
}

/* Ids come and go on one line; none comes again within its quarantine. */
static void test_quarantine_while_flapping(void **state)
{
	struct pppoe_sids *s = sids(20000);
	uint64_t *gone = calloc(65536, sizeof(*gone));

	(void)state;
	assert_non_null(gone);
	/* 2,000 a second and ten seconds of rest: 20,000 rest at once. */
	for (uint64_t now = QUARANTINE; now < 100 * SEC; now += SEC / 2000) {
		uint16_t sid = get(s, now, &line_a);

		assert_true(!gone[sid] || now - gone[sid] >= QUARANTINE);
		gone[sid] = now;
		pppoe_sids_put(s, now, &line_a, sid);
	}
	free(gone);
	pppoe_sids_free(s);
}

/* Where more rest than there is memory for, those who rested longest go first; no refusal. */
static void test_more_rest_than_fit(void **state)
{
	struct pppoe_sids *s = sids(4);
	uint16_t last[4] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint16_t sid = get(s, 1, &line_a);

		for (unsigned j = 0; j < 4; j++)
			assert_int_not_equal(sid, last[j]);
		last[i % 4] = sid;
		pppoe_sids_put(s, 1, &line_a, sid);
	}
	pppoe_sids_free(s);
}

static void test_max_sessions(void **state)
{
	struct pppoe_sids *s = sids(3);
	uint16_t sid;

	(void)state;
	get(s, 0, &line_a);
	get(s, 0, &line_b);
	sid = get(s, 0, &line_b);
	refuse(s, 0, &line_a);
	assert_int_equal(pppoe_sids_take(s, &line_a, 9), -ENOSPC);
	pppoe_sids_put(s, 0, &line_b, sid);
	get(s, 0, &line_a); /* an id that rests is not a session */
	refuse(s, 0, &line_a);
	pppoe_sids_free(s);
}

static void test_take(void **state)
{
	struct pppoe_sids *s = sids(100);

	(void)state;
	assert_int_equal(pppoe_sids_take(s, &line_a, 0), -EINVAL);
	assert_int_equal(pppoe_sids_take(s, &line_a, 0xffff), -EINVAL);
	assert_int_equal(pppoe_sids_take(s, &line_a, 1), 0);
	assert_int_equal(pppoe_sids_take(s, &line_a, 0xfffe), 0);
	assert_int_equal(pppoe_sids_take(s, &line_a, 1), -EEXIST);
	assert_int_equal(pppoe_sids_take(s, &line_b, 1), 0);
	pppoe_sids_put(s, 0, &line_a, 1);
	assert_int_equal(pppoe_sids_take(s, &line_a, 1), -EEXIST); /* it rests */
	pppoe_sids_free(s);
}

/* 65,533 are taken, so that only the search in order finds the last one, from wherever it begins
 * and around the end. */
static void test_last_one_wraps_around(void **state)
{
	(void)state;
	for (unsigned missing = 1; missing <= ALL; missing += missing < 3 ? 1 : 21843) {
		struct pppoe_sids *s = sids(ALL);

		for (unsigned sid = 1; sid <= ALL; sid++)
			if (sid != missing)
				assert_int_equal(pppoe_sids_take(s, &line_a, (uint16_t)sid), 0);
		assert_int_equal(get(s, 0, &line_a), missing);
		refuse(s, 0, &line_a);
		pppoe_sids_free(s);
	}
}

static void test_put_what_is_not_ours(void **state)
{
	struct pppoe_sids *s = sids(1);
	uint16_t sid = get(s, 0, &line_a);

	(void)state;
	pppoe_sids_put(s, 0, &line_b, sid);
	pppoe_sids_put(s, 0, &line_a, (uint16_t)(sid % ALL + 1));
	refuse(s, 0, &line_b);
	pppoe_sids_put(s, 0, &line_a, sid);
	pppoe_sids_put(s, 0, &line_a, sid); /* twice counts once */
	get(s, 0, &line_b);
	refuse(s, 0, &line_b);
	pppoe_sids_free(s);
}

/* One session on each of many lines, again and again: lines are given back, too. */
static void test_many_lines(void **state)
{
	struct pppoe_sids *s = sids(5000);
	uint16_t sid[5000];

	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		uint64_t now = round * SEC; /* all that ended still rest */

		for (unsigned i = 0; i < 5000; i++) {
			struct pppoe_line l = { .port = (uint16_t)round,
						.svlan = (uint16_t)(0x1000 | i % 100),
						.cvlan = (uint16_t)(0x1000 | i / 100) };
			sid[i] = get(s, now, &l);
		}
		for (unsigned i = 0; i < 5000; i++) {
			struct pppoe_line l = { .port = (uint16_t)round,
						.svlan = (uint16_t)(0x1000 | i % 100),
						.cvlan = (uint16_t)(0x1000 | i / 100) };
			pppoe_sids_put(s, now, &l, sid[i]);
		}
	}
	pppoe_sids_free(s);
}

/* An id of an earlier process that is not adopted: nobody gets it until its quarantine is over. */
static void test_rest(void **state)
{
	struct pppoe_sids *s = sids(ALL + 10);
	uint16_t sid;

	(void)state;
	assert_int_equal(pppoe_sids_take(s, &line_a, 77), 0);
	assert_int_equal(pppoe_sids_rest(s, 0, &line_a, 77), 0); /* taken: left as it is */
	assert_int_equal(pppoe_sids_rest(s, 0, &line_a, 99), 0);
	assert_int_equal(pppoe_sids_rest(s, SEC, &line_a, 99), 0); /* and no longer for that */
	assert_int_equal(pppoe_sids_rest(s, 0, &line_a, 0), -EINVAL);
	for (unsigned i = 0; i < ALL - 2; i++) {
		sid = get(s, 0, &line_a);
		assert_true(sid != 99 && sid != 77);
	}
	assert_int_equal(get(s, QUARANTINE, &line_a), 99);
	refuse(s, QUARANTINE, &line_a);
	pppoe_sids_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_id_of_two_lines),
		cmocka_unit_test(test_quarantine_of_a_full_line),
		cmocka_unit_test(test_full_line_gives_what_rested_longest),
		cmocka_unit_test(test_short_logins_beside_many),
		cmocka_unit_test(test_quarantine_while_flapping),
		cmocka_unit_test(test_more_rest_than_fit),
		cmocka_unit_test(test_max_sessions),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_last_one_wraps_around),
		cmocka_unit_test(test_put_what_is_not_ours),
		cmocka_unit_test(test_many_lines),
	};

	return cmocka_run_group_tests_name("pppoe_sids", tests, NULL, NULL);
}
