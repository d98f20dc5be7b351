// SPDX-License-Identifier: GPL-2.0-or-later
/* What waits in the spool by session, a Stop for who has none, and files that are no segments. */
#include "test/unit/radius_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct fake f;

struct told {
	unsigned sessions, starts, stops;
	uint64_t stop_bytes;
	enum radius_terminate cause;
	char last[RADIUS_ACCT_ID_LEN + 1];
};

static void on_waiting(void *arg, const struct radius_waiting *w)
{
	struct told *t = arg;

	t->sessions++;
	t->starts += w->has_start;
	t->stops += w->stop != NULL;
	if (w->stop) {
		t->stop_bytes += w->stop->rx4_bytes;
		t->cause = w->stop->cause;
	}
	assert_true(strcmp(t->last, w->session) < 0); /* each once */
	memcpy(t->last, w->session, sizeof(t->last));
}

static struct told ask(void)
{
	struct told t = { 0 };

	assert_int_equal(radius_waiting(f.c, on_waiting, &t), 0);
	return t;
}

/* On its way, parked behind that, waiting, asleep; and the same after a start from the spool. */
static void sessions_are_told_once(void **state)
{
	struct told t;

	(void)state;
	fake_begin(&f, 1);
	assert_int_equal(fake_open(&f), 0);
	assert_int_equal(fake_record(&f, 0, RADIUS_ON), 0);
	for (unsigned i = 1; i <= 300; i++) {
		assert_int_equal(fake_record(&f, i, RADIUS_START), 0);
		assert_int_equal(fake_record(&f, i, RADIUS_INTERIM), 0);
		if (i % 3 == 0)
			assert_int_equal(fake_record(&f, i, RADIUS_STOP), 0);
	}
	for (unsigned round = 0; round < 4; round++) {
		t = ask();
		assert_int_equal(t.sessions, 300);
		assert_int_equal(t.starts, 300);
		assert_int_equal(t.stops, 100);
		assert_int_equal(t.stop_bytes, 3 * (100 * 101 / 2));
		if (round == 1) {
			fake_close(&f);
			assert_int_equal(fake_open(&f), 0);
		} else {
			fake_run(&f, 20 * NSEC_PER_SEC);
		}
	}
	fake_close(&f);
	fake_forget_files(&f);
}

static void who_has_no_stop_gets_one(void **state)
{
	struct told t;

	(void)state;
	fake_begin(&f, 1);
	assert_int_equal(fake_open(&f), 0);
	assert_int_equal(fake_record(&f, 7, RADIUS_START), 0);
	assert_int_equal(fake_record(&f, 7, RADIUS_INTERIM), 0);
	assert_int_equal(fake_record(&f, 8, RADIUS_START), 0);
	assert_int_equal(radius_account_close(f.c, f.now, "0000000000000009", RADIUS_NAS_ERROR, 1),
			 -ENOENT);
	assert_int_equal(radius_account_close(f.c, f.now, "0000000000000007", RADIUS_NAS_ERROR, 1),
			 0);
	fake_close(&f);
	assert_int_equal(fake_open(&f), 0);
	t = ask();
	assert_int_equal(t.sessions, 2);
	assert_int_equal(t.stops, 1);
	assert_int_equal(t.cause, RADIUS_NAS_ERROR);
	assert_int_equal(t.stop_bytes, 7); /* those of its last record */
	fake_close(&f);
	fake_forget_files(&f);
}

static void on_damage(void *arg, const char *what)
{
	unsigned *n = arg;

	assert_non_null(strstr(what, "spool/00000000000000"));
	(*n)++;
}

static void what_is_no_segment_is_named_and_stays(void **state)
{
	unsigned n = 0;

	(void)state;
	fake_begin(&f, 1);
	assert_int_equal(fake_open(&f), 0);
	assert_int_equal(fake_record(&f, 1, RADIUS_START), 0);
	fake_close(&f);
	assert_int_equal(
		f.store.append(f.store.arg, "spool/00000000000000f0", "not one of ours", 15), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(fake_open(&f), 0);
		assert_int_equal(radius_acct_depth(f.c), 1 + i);
		n = 0;
		radius_spool_damage(f.c, on_damage, &n);
		assert_int_equal(n, 1);
		assert_int_equal(fake_record(&f, 2 + i, RADIUS_STOP), 0);
		fake_close(&f);
		assert_non_null(fake_file(&f, "spool/00000000000000f0"));
	}
	fake_forget_files(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_are_told_once),
		cmocka_unit_test(who_has_no_stop_gets_one),
		cmocka_unit_test(what_is_no_segment_is_named_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
