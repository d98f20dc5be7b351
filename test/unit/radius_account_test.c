// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounting records: their order, what happens to them when nobody answers, the spool on disk and
 * what it holds after a crash at any octet. */
#include "test/unit/radius_fake.h"

#include "radius/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SEC NSEC_PER_SEC

static struct fake f;

static void begin(unsigned servers)
{
	fake_begin(&f, servers);
}

static void open_client(void)
{
	assert_int_equal(fake_open(&f), 0);
}

static void end(void)
{
	fake_close(&f);
	fake_forget_files(&f);
	assert_int_equal(f.wheel.armed, 0);
}

static void record(unsigned session, enum radius_status status)
{
	assert_int_equal(fake_record(&f, session, status), 0);
}

/* The value of a four-octet attribute, which must be there. */
static uint32_t u32_of(const struct fake_sent *s, uint8_t type)
{
	struct radius_packet p;
	struct radius_iter it;
	struct radius_attr a;

	assert_int_equal(radius_packet_parse(s->p, s->len, &p), 0);
	radius_iter_init(&it, &p);
	while (radius_iter_next(&it, &a))
		if (!a.vendor && a.type == type && a.len == 4)
			return (uint32_t)a.value[0] << 24 | (uint32_t)a.value[1] << 16 |
			       (uint32_t)a.value[2] << 8 | a.value[3];
	fail_msg("attribute %u is missing", type);
	return 0;
}

static unsigned status_of(const struct fake_sent *s)
{
	return u32_of(s, RADIUS_ATTR_ACCT_STATUS_TYPE);
}

static unsigned session_of(const struct fake_sent *s)
{
	return u32_of(s, RADIUS_ATTR_NAS_PORT);
}

/* Answers everything that is sent, from `i` on, as it is sent. Returns how many. */
static unsigned answer_from(unsigned i)
{
	unsigned n = 0;

	for (; i < f.sent_count; i++, n++)
		fake_reply(&f, &f.sent[i]);
	return n;
}

/* The accounting requests sent, in order, each but once for its identifier and authenticator. */
static unsigned distinct(const struct fake_sent *ret[], unsigned cap, unsigned from)
{
	unsigned n = 0;

	for (unsigned i = from; i < f.sent_count; i++) {
		bool again = f.sent[i].p[0] != RADIUS_ACCOUNTING_REQUEST;

		for (unsigned k = 0; k < n && !again; k++)
			again = !memcmp(ret[k]->p, f.sent[i].p, RADIUS_HEADER_LEN);
		if (!again && n < cap)
			ret[n++] = &f.sent[i];
	}
	return n;
}

/* The server is silent until it is dead. */
static void outage(void)
{
	for (unsigned i = 1; i <= 3; i++)
		record(i, RADIUS_START);
	fake_run(&f, 3 * SEC);
	assert_int_not_equal(fake_link(&f, 0, RADIUS_ACCT)->state, LINK_UP);
}

/* --- order --------------------------------------------------------------------------------- */

static void a_session_goes_one_by_one(void **state)
{
	(void)state;
	begin(1);
	open_client();
	record(1, RADIUS_START);
	record(1, RADIUS_INTERIM);
	record(2, RADIUS_START);
	record(1, RADIUS_STOP);
	assert_int_equal(f.sent_count, 2);
	assert_int_equal(session_of(&f.sent[1]), 2);
	fake_reply(&f, &f.sent[1]);
	assert_int_equal(f.sent_count, 2);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(f.sent_count, 3);
	assert_int_equal(status_of(&f.sent[2]), RADIUS_INTERIM);
	fake_reply(&f, &f.sent[2]);
	assert_int_equal(status_of(&f.sent[3]), RADIUS_STOP);
	fake_reply(&f, &f.sent[3]);
	assert_int_equal(f.c->acct.records, 0);
	assert_int_equal(f.sent_count, 4);
	end();
}

static void on_and_off_stand_apart(void **state)
{
	(void)state;
	begin(1);
	open_client();
	record(1, RADIUS_START);
	record(2, RADIUS_START);
	record(0, RADIUS_OFF);
	record(0, RADIUS_ON);
	record(3, RADIUS_START);
	assert_int_equal(f.sent_count, 2);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(f.sent_count, 2);
	fake_reply(&f, &f.sent[1]);
	assert_int_equal(f.sent_count, 3);
	assert_int_equal(status_of(&f.sent[2]), RADIUS_OFF);
	fake_reply(&f, &f.sent[2]);
	assert_int_equal(status_of(&f.sent[3]), RADIUS_ON);
	assert_int_equal(f.sent_count, 4);
	fake_reply(&f, &f.sent[3]);
	assert_int_equal(f.sent_count, 5);
	fake_reply(&f, &f.sent[4]);
	end();
}

/* A server that answers everything but On: it does not hold up the others for ever. */
static void an_unanswered_on_gives_way(void **state)
{
	unsigned done = 0;

	(void)state;
	begin(1);
	open_client();
	record(0, RADIUS_ON);
	record(1, RADIUS_START);
	for (unsigned i = 0; i < 120 && f.c->acct.records > 1; i++) {
		fake_run(&f, SEC);
		for (; done < f.sent_count; done++)
			if (f.sent[done].p[0] == RADIUS_STATUS_SERVER ||
			    status_of(&f.sent[done]) != RADIUS_ON)
				fake_reply(&f, &f.sent[done]);
	}
	assert_int_equal(f.c->acct.records, 1);
	end();
}

static unsigned files(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_FILES; i++)
		n += f.file[i].name[0] != 0;
	return n;
}

/* Each is on disk before it is sent; what is answered goes, in time, and leaves nothing behind. */
static void the_disk_does_not_fill_while_answers_come(void **state)
{
	size_t before;

	(void)state;
	begin(1);
	open_client();
	for (unsigned i = 0; i < 5000; i++) {
		before = fake_disk(&f);
		record(i, RADIUS_START);
		assert_true(fake_last(&f)->disk >= before + RADIUS_SPOOL_OVERHEAD);
		fake_reply(&f, fake_last(&f));
		assert_int_equal(radius_acct_depth(f.c), 0);
		assert_int_equal(f.c->acct.cached, 0);
		assert_true(fake_disk(&f) <= f.config.spool_max / 8);
		assert_true(files() <= 1);
	}
	assert_int_equal(f.c->acct.spooled, 5000);
	fake_close(&f);
	assert_int_equal(files(), 0);
	open_client();
	assert_int_equal(radius_acct_depth(f.c), 0);
	end();
}

/* --- when nobody answers -------------------------------------------------------------------- */

static void another_server_is_told_the_delay(void **state)
{
	const struct fake_sent *s;

	(void)state;
	begin(2);
	open_client();
	record(1, RADIUS_START);
	fake_run(&f, 16 * SEC);
	assert_memory_equal(f.sent[1].p, f.sent[0].p, f.sent[0].len); /* a repeat is the same */
	assert_int_equal(u32_of(&f.sent[0], RADIUS_ATTR_ACCT_DELAY_TIME), 0);
	for (s = f.sent; s->server == 0; s++)
		assert_true(s < f.sent + f.sent_count);
	assert_int_equal(u32_of(s, RADIUS_ATTR_ACCT_DELAY_TIME), (s->at - FAKE_START) / SEC);
	assert_true(u32_of(s, RADIUS_ATTR_ACCT_DELAY_TIME) >= 12);
	assert_int_equal(u32_of(s, RADIUS_ATTR_EVENT_TIMESTAMP), FAKE_WALL);
	fake_reply(&f, s);
	assert_int_equal(f.c->acct.records, 0);
	assert_int_equal(radius_acct_depth(f.c), 0);
	end();
}

static void an_outage_loses_nothing(void **state)
{
	const struct fake_sent *sent[600];
	unsigned n, from, last[101] = { 0 };
	uint32_t time = 0;

	(void)state;
	begin(1);
	open_client();
	outage();
	for (unsigned i = 4; i <= 100; i++) {
		record(i, RADIUS_START);
		fake_run(&f, SEC);
	}
	for (unsigned i = 1; i <= 100; i++)
		record(i, RADIUS_INTERIM);
	for (unsigned i = 1; i <= 100; i++)
		record(i, RADIUS_STOP);
	assert_int_equal(f.c->acct.records, 300);
	assert_int_equal(radius_acct_depth(f.c), 300);
	from = f.sent_count;
	while (f.sent[f.sent_count - 1].p[0] != RADIUS_STATUS_SERVER || f.sent_count == from)
		fake_run(&f, SEC / 10);
	from = f.sent_count - 1;
	answer_from(from);
	assert_int_equal(f.c->acct.records, 0);
	assert_int_equal(radius_acct_depth(f.c), 0);
	n = distinct(sent, 600, from);
	assert_true(n >= 300);
	for (unsigned i = 0; i < n; i++) {
		unsigned session = session_of(sent[i]), status = status_of(sent[i]);
		uint32_t at = u32_of(sent[i], RADIUS_ATTR_EVENT_TIMESTAMP);

		assert_true(session >= 1 && session <= 100);
		assert_int_equal(status, last[session] == 0		 ? RADIUS_START
					 : last[session] == RADIUS_START ? RADIUS_INTERIM
									 : RADIUS_STOP);
		last[session] = status;
		assert_true(at >= time || i < 3);
		time = at;
		assert_int_equal(u32_of(sent[i], RADIUS_ATTR_ACCT_DELAY_TIME),
				 FAKE_WALL + (sent[i]->at - FAKE_START) / SEC - at);
	}
	for (unsigned i = 1; i <= 100; i++)
		assert_int_equal(last[i], RADIUS_STOP);
	assert_true(fake_disk(&f) < f.config.spool_max / 8);
	end();
	assert_int_equal(files(), 0);
}

static void the_end_spools_what_waits(void **state)
{
	(void)state;
	begin(1);
	f.config.window = 2;
	open_client();
	for (unsigned i = 1; i <= 10; i++)
		record(i, RADIUS_START);
	fake_close(&f);
	f.now += 3600 * SEC;
	f.sent_count = 0;
	open_client();
	assert_int_equal(radius_acct_depth(f.c), 10);
	fake_run(&f, SEC / 10);
	assert_int_equal(answer_from(0), 10);
	assert_int_equal(radius_acct_depth(f.c), 0);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(session_of(&f.sent[i]), i + 1);
		assert_int_equal(u32_of(&f.sent[i], RADIUS_ATTR_ACCT_DELAY_TIME), 3600);
		assert_int_equal(u32_of(&f.sent[i], RADIUS_ATTR_EVENT_TIMESTAMP), FAKE_WALL);
	}
	fake_close(&f);
	open_client();
	assert_int_equal(radius_acct_depth(f.c), 0);
	end();
}

static void a_full_disk_keeps_them_in_memory(void **state)
{
	(void)state;
	begin(1);
	open_client();
	f.append_rc = -ENOSPC;
	outage();
	record(9, RADIUS_STOP);
	assert_int_equal(f.c->acct.records, 4);
	assert_int_equal(f.c->acct.memory_count, 4);
	f.append_rc = 0;
	record(10, RADIUS_STOP);
	assert_int_equal(f.c->acct.memory_count, 0);
	assert_int_equal(radius_acct_depth(f.c), 5);
	end();
}

/* Room for the head of a file, but for no record: nothing piles up, neither files nor memory. */
static void a_full_disk_has_a_bound(void **state)
{
	(void)state;
	begin(1);
	open_client();
	f.append_max = RADIUS_SPOOL_HEADER;
	outage();
	for (unsigned i = 0; i < 1000; i++)
		record(1000 + i, RADIUS_STOP);
	for (unsigned i = 0; i < 100000; i++)
		record(1000 + i % 1000, RADIUS_INTERIM);
	assert_int_equal(files(), 0);
	assert_int_equal(radius_spool_stats(f.c->acct.spool)->segments, 0);
	assert_true(f.c->acct.memory_bytes <= 16 << 20);
	assert_true(f.c->acct.dropped_interims > 0);
	assert_int_equal(f.c->acct.dropped_others, 0);
	f.append_max = 0;
	end();
}

static void without_a_folder_memory_has_a_bound(void **state)
{
	(void)state;
	begin(1);
	f.no_store = true;
	open_client();
	outage();
	for (unsigned i = 0; i < 1000; i++)
		record(1000 + i, RADIUS_STOP);
	for (unsigned i = 0; i < 100000; i++)
		record(1000 + i % 1000, RADIUS_INTERIM);
	assert_true(f.c->acct.memory_bytes <= 16 << 20);
	assert_true(f.c->acct.dropped_interims > 0);
	assert_int_equal(f.c->acct.dropped_others, 0);
	end();
}

/* --- the disk ------------------------------------------------------------------------------ */

static uint64_t on_disk(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < FAKE_FILES; i++)
		n += f.file[i].name[0] && strcmp(f.file[i].name, "signers") ? f.file[i].len : 0;
	return n;
}

static unsigned count_of(unsigned status)
{
	struct radius_rec *rec;
	unsigned n = 0;

	TAILQ_FOREACH(rec, &f.c->acct.waiting, entry)
		n += rec->status == status;
	return n;
}

static void interims_go_first(void **state)
{
	unsigned stops = 0;

	(void)state;
	begin(1);
	f.config.spool_max = 64 << 10;
	open_client();
	outage();
	fake_run(&f, 60 * SEC); /* their tries are over */
	for (unsigned i = 0; i < 2000; i++) {
		bool stop = i % 20 == 0;

		record(10000 + i, stop ? RADIUS_STOP : RADIUS_INTERIM);
		stops += stop;
		assert_true(on_disk() <= f.config.spool_max);
	}
	assert_int_equal(count_of(RADIUS_STOP), stops);
	assert_true(count_of(RADIUS_INTERIM) > 20);
	assert_int_equal(f.c->acct.dropped_others, 0);
	assert_true(f.c->acct.dropped_interims > 1500);
	/* Only Stops are left in the end: then the oldest of them go. */
	for (unsigned i = 0; i < 1000; i++) {
		record(20000 + i, RADIUS_STOP);
		assert_true(on_disk() <= f.config.spool_max);
	}
	assert_int_equal(count_of(RADIUS_INTERIM), 0);
	assert_true(f.c->acct.dropped_others > 500);
	assert_string_equal(TAILQ_LAST(&f.c->acct.waiting, radius_rec_list)->session,
			    "0000000000005207"); /* 20999 */
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_goes_one_by_one),
		cmocka_unit_test(on_and_off_stand_apart),
		cmocka_unit_test(an_unanswered_on_gives_way),
		cmocka_unit_test(the_disk_does_not_fill_while_answers_come),
		cmocka_unit_test(another_server_is_told_the_delay),
		cmocka_unit_test(an_outage_loses_nothing),
		cmocka_unit_test(the_end_spools_what_waits),
		cmocka_unit_test(a_full_disk_keeps_them_in_memory),
		cmocka_unit_test(a_full_disk_has_a_bound),
		cmocka_unit_test(without_a_folder_memory_has_a_bound),
		cmocka_unit_test(interims_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
