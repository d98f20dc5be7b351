// SPDX-License-Identifier: GPL-2.0-or-later
/* The spool: records as octets and back, segments, what a crash at any octet leaves. */
#include "test/unit/radius_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct fake f;

/* --- a record as octets -------------------------------------------------------------------- */

static struct radius_octets classes[2] = { { 3, "abc" }, { 2, { 0, 255 } } };

static struct radius_record full_record(void)
{
	struct radius_record r = {
		.status = RADIUS_STOP,
		.line = { .username = "user@example.org",
			  .acct_session_id = "0123456789abcdef",
			  .acct_multi_session_id = "fedcba9876543210",
			  .calling_station_id = "02:00:00:00:00:01",
			  .nas_port = 77,
			  .nas_port_id = "acc0:100.200",
			  .circuit_id = "",
			  .remote_id = "remote" },
		.event_time = 1700000000,
		.session_time = 3600,
		.cause = RADIUS_IDLE_TIMEOUT,
		.ip4 = 0x64400001,
		.has_ifid = true,
		.delegated6_count = 2,
		.address6_count = 1,
		.address6 = { { { 0x20, 1, [15] = 9 } } },
		.ifid = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.delegated6 = { { { { 0x20, 1 } }, 56 }, { { { 0x20, 2 } }, 60 } },
		.rx4_bytes = 1ull << 40,
		.tx6_packets = UINT64_MAX,
		.class = classes,
		.class_count = 2,
		.authentic_local = true,
	};

	return r;
}

/* One delegated prefix with a flag, and nothing more: so spools of before have it. */
static void records_of_version_1(void **state)
{
	static const uint8_t two[] = { 2, 0x20, 1 };
	struct radius_record r = full_record(), got;
	struct radius_record_room room;
	uint8_t a[RADIUS_RECORD_ENCODED_MAX], *at;
	int n = radius_record_encode(&r, a, sizeof(a));

	(void)state;
	assert_true(n > 0);
	at = memmem(a, (size_t)n, two, sizeof(two));
	assert_non_null(at);
	memmove(at, at + 1, 17); /* the first prefix stays; the count, the second, the address go */
	memmove(at + 17, at + 1 + 34 + 1 + 16, (size_t)(a + n - (at + 52)));
	a[0] = 1;
	a[2] |= 4;
	n -= 35;
	assert_int_equal(radius_record_decode(a, (size_t)n, &got, &room), 0);
	assert_int_equal(got.delegated6_count, 1);
	assert_int_equal(got.delegated6[0].len, 56);
	assert_int_equal(got.address6_count, 0);
	assert_true(got.rx4_bytes == 1ull << 40 && got.tx6_packets == UINT64_MAX);
	a[2] &= (uint8_t)~4;
	assert_int_equal(radius_record_decode(a, (size_t)n, &got, &room), 0);
	assert_int_equal(got.delegated6_count, 0);
	a[0] = 3;
	assert_int_equal(radius_record_decode(a, (size_t)n, &got, &room), -EBADMSG);
}

static void records_come_back(void **state)
{
	struct radius_record r = full_record(), got;
	struct radius_record_room room;
	uint8_t a[RADIUS_RECORD_ENCODED_MAX], b[RADIUS_RECORD_ENCODED_MAX];
	int n, m;

	(void)state;
	n = radius_record_encode(&r, a, sizeof(a));
	assert_true(n > 0);
	assert_int_equal(radius_record_decode(a, (size_t)n, &got, &room), 0);
	assert_string_equal(got.line.username, r.line.username);
	assert_string_equal(got.line.acct_session_id, r.line.acct_session_id);
	assert_null(got.line.called_station_id);
	assert_string_equal(got.line.circuit_id, "");
	assert_int_equal(got.line.nas_port, 77);
	assert_int_equal(got.cause, RADIUS_IDLE_TIMEOUT);
	assert_int_equal(got.delegated6_count, 2);
	assert_int_equal(got.delegated6[0].len, 56);
	assert_int_equal(got.delegated6[1].len, 60);
	assert_int_equal(got.address6_count, 1);
	assert_int_equal(got.address6[0].b[15], 9);
	assert_true(got.rx4_bytes == 1ull << 40 && got.tx6_packets == UINT64_MAX);
	assert_int_equal(got.class_count, 2);
	assert_int_equal(got.class[1].b[1], 255);
	assert_true(got.has_ifid && !got.has_prefix6 && got.authentic_local);
	m = radius_record_encode(&got, b, sizeof(b));
	assert_int_equal(m, n);
	assert_memory_equal(a, b, (size_t)n);
	for (int cut = 0; cut < n; cut++)
		assert_int_equal(radius_record_decode(a, (size_t)cut, &got, &room), -EBADMSG);
	assert_int_equal(radius_record_decode(a, (size_t)n + 1, &got, &room), -EBADMSG);
	for (int cap = 0; cap < n; cap++)
		assert_int_equal(radius_record_encode(&r, b, (size_t)cap), -ENOSPC);
}

/* The longest of everything fits, and what is longer than an attribute is cut. */
static void the_longest_record_fits(void **state)
{
	struct radius_record r = full_record(), got;
	struct radius_record_room room;
	struct radius_octets most[RADIUS_CLASS_MAX];
	uint8_t a[RADIUS_RECORD_ENCODED_MAX];
	char text[400];
	int n;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(most, RADIUS_TEXT_MAX, sizeof(most));
	r.line.username = r.line.calling_station_id = r.line.called_station_id = text;
	r.line.nas_port_id = r.line.circuit_id = r.line.remote_id = text;
	r.class = most;
	r.class_count = RADIUS_CLASS_MAX;
	n = radius_record_encode(&r, a, sizeof(a));
	assert_true(n > 0);
	assert_int_equal(radius_record_decode(a, (size_t)n, &got, &room), 0);
	assert_int_equal(strlen(got.line.username), RADIUS_TEXT_MAX);
}

/* --- crashes ------------------------------------------------------------------------------- */

static void spool_records(unsigned n)
{
	fake_begin(&f, 1);
	assert_int_equal(fake_open(&f), 0);
	for (unsigned i = 1; i <= n; i++)
		assert_int_equal(fake_record(&f, i, RADIUS_START), 0);
	fake_close(&f);
}

static unsigned depth_after_open(void)
{
	unsigned n;

	assert_int_equal(fake_open(&f), 0);
	n = radius_acct_depth(f.c);
	radius_client_free(f.c);
	f.c = NULL;
	return n;
}

static struct fake_file *only_file(void)
{
	struct fake_file *found = NULL;

	for (unsigned i = 0; i < FAKE_FILES; i++)
		if (!strncmp(f.file[i].name, "spool/", 6)) {
			assert_null(found);
			found = &f.file[i];
		}
	assert_non_null(found);
	return found;
}

static void count_entry(void *arg, const struct radius_spool_entry *e)
{
	unsigned *n = arg;

	(void)e;
	(*n)++;
}

/* Whatever octet the file ends at: the whole records before it are there, and new ones too. */
static void a_torn_tail_is_cut_off(void **state)
{
	struct fake_file *file;
	size_t len, each;

	(void)state;
	spool_records(5);
	file = only_file();
	len = file->len;
	each = (len - RADIUS_SPOOL_HEADER) / 5;
	assert_int_equal(each * 5 + RADIUS_SPOOL_HEADER, len);
	for (size_t cut = len + 1; cut-- > 0;) {
		unsigned whole = cut < RADIUS_SPOOL_HEADER
					 ? 0
					 : (unsigned)((cut - RADIUS_SPOOL_HEADER) / each);
		struct fake_file kept[FAKE_FILES];

		file = only_file();
		file->len = cut;
		fake_files_copy(kept, &f);
		assert_int_equal(fake_open(&f), 0);
		assert_int_equal(radius_acct_depth(f.c), whole);
		assert_int_equal(radius_spool_stats(f.c->acct.spool)->torn_bytes,
				 cut < RADIUS_SPOOL_HEADER ? cut
							   : (cut - RADIUS_SPOOL_HEADER) % each);
		assert_int_equal(fake_record(&f, 99, RADIUS_STOP), 0);
		fake_close(&f);
		assert_int_equal(depth_after_open(), whole + 1);
		fake_forget_files(&f);
		memcpy(f.file, kept, sizeof(kept));
	}
	fake_forget_files(&f);
}

/* No octet can be changed unnoticed. */
static void a_changed_octet_is_noticed(void **state)
{
	struct fake_file *file;
	unsigned n;

	(void)state;
	spool_records(2);
	file = only_file();
	for (size_t i = 0; i < file->len; i++) {
		n = 0;
		file->p[i] ^= 0x10;
		assert_true(radius_spool_parse(file->p, file->len, count_entry, &n) < file->len);
		assert_true(n < 2);
		file->p[i] ^= 0x10;
	}
	n = 0;
	assert_int_equal(radius_spool_parse(file->p, file->len, count_entry, &n), file->len);
	assert_int_equal(n, 2);
	fake_forget_files(&f);
}

static void free_copy(struct fake_file copy[FAKE_FILES])
{
	for (unsigned i = 0; i < FAKE_FILES; i++)
		if (copy[i].name[0])
			free(copy[i].p);
}

/* As the files are at this moment, another life begins beside this one: what it finds. */
static unsigned depth_if_killed_now(void)
{
	struct fake_file copy[FAKE_FILES];
	struct fake other = f;
	struct wheel wheel = f.wheel;
	unsigned depth;

	fake_files_copy(copy, &f);
	wheel_init(&f.wheel, f.now);
	memcpy(f.file, copy, sizeof(copy));
	depth = depth_after_open();
	memcpy(copy, f.file, sizeof(copy));
	f = other;
	f.wheel = wheel;
	free_copy(copy);
	return depth;
}

/* Killed before or after the first answer, with no time for a timeout. */
static void killed_at_once(void **state)
{
	static const enum radius_status status[] = { RADIUS_ON,	     RADIUS_START, RADIUS_INTERIM,
						     RADIUS_INTERIM, RADIUS_STOP,  RADIUS_OFF };

	(void)state;
	fake_begin(&f, 1);
	assert_int_equal(fake_open(&f), 0);
	for (unsigned round = 0; round < 3; round++) {
		unsigned from = f.sent_count;

		for (unsigned i = 0; i < ARRAY_SIZE(status); i++) {
			assert_int_equal(fake_record(&f, 1, status[i]), 0);
			assert_int_equal(depth_if_killed_now(), i + 1);
		}
		assert_int_equal(f.sent_count, from + 1);
		for (unsigned i = 0; i < ARRAY_SIZE(status); i++) {
			fake_reply(&f, &f.sent[from + i]);
			assert_int_equal(depth_if_killed_now(), ARRAY_SIZE(status) - 1 - i);
		}
	}
	fake_close(&f);
	fake_forget_files(&f);
}

/* Killed after each answer: what was answered stays away, the rest is there. */
static void killed_while_replaying(void **state)
{
	(void)state;
	spool_records(40);
	f.config.spool_max = 1 << 14; /* small segments */
	f.config.window = 4;
	f.sent_count = 0;
	assert_int_equal(fake_open(&f), 0);
	fake_run(&f, NSEC_PER_SEC / 10);
	for (unsigned answered = 0; answered < 40; answered++) {
		assert_int_equal(radius_acct_depth(f.c), 40 - answered);
		assert_int_equal(depth_if_killed_now(), 40 - answered);
		fake_reply(&f, &f.sent[answered]);
	}
	assert_int_equal(radius_acct_depth(f.c), 0);
	fake_close(&f);
	assert_int_equal(depth_after_open(), 0);
	fake_forget_files(&f);
}

/* One Stop that nobody takes must not keep a disk full of what is done with. */
static void a_pinned_segment_is_emptied(void **state)
{
	(void)state;
	fake_begin(&f, 1);
	f.config.spool_max = 16 << 10;
	assert_int_equal(fake_open(&f), 0);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(fake_record(&f, i, RADIUS_STOP), 0);
	fake_run(&f, 60 * NSEC_PER_SEC);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t disk = 0;

		assert_int_equal(fake_record(&f, 100 + i, RADIUS_INTERIM), 0);
		for (unsigned k = 0; k < FAKE_FILES; k++)
			disk += f.file[k].name[0] ? f.file[k].len : 0;
		assert_true(disk <= f.config.spool_max);
	}
	assert_int_equal(f.c->acct.dropped_others, 0);
	fake_close(&f);
	assert_int_equal(fake_open(&f), 0);
	for (unsigned i = 1; i <= 3; i++) {
		struct radius_rec *rec = TAILQ_FIRST(&f.c->acct.waiting);

		for (unsigned k = 1; k < i; k++)
			rec = TAILQ_NEXT(rec, entry);
		assert_int_equal(rec->status, RADIUS_STOP);
		assert_int_equal(rec->seq, i);
	}
	fake_close(&f);
	fake_forget_files(&f);
}

/* What is answered while the disk is full stays answered. */
static void a_full_disk_forgets_no_answer(void **state)
{
	(void)state;
	spool_records(10);
	f.sent_count = 0;
	assert_int_equal(fake_open(&f), 0);
	fake_run(&f, NSEC_PER_SEC / 10);
	f.append_rc = -ENOSPC;
	for (unsigned i = 3; i < 7; i++)
		fake_reply(&f, &f.sent[i]);
	assert_int_equal(radius_acct_depth(f.c), 6);
	f.append_rc = 0;
	fake_close(&f);
	assert_int_equal(depth_after_open(), 6);
	fake_forget_files(&f);
}

/* The first file can be read; then memory is short. */
static int read_one_file(void *arg, const char *name, uint64_t off, void *p, size_t len)
{
	static char first[64];

	if (!*first)
		snprintf(first, sizeof(first), "%s", name);
	return strcmp(name, first) ? -ENOMEM : fake_read(arg, name, off, p, len);
}

/* A start that fails leaves all records to the next one. */
static void a_failed_start_loses_nothing(void **state)
{
	size_t disk;

	(void)state;
	fake_begin(&f, 1);
	f.config.spool_max = 16 << 10; /* small segments */
	assert_int_equal(fake_open(&f), 0);
	for (unsigned i = 1; i <= 40; i++)
		assert_int_equal(fake_record(&f, i, RADIUS_STOP), 0);
	fake_close(&f);
	disk = fake_disk(&f);
	f.store.read = read_one_file;
	assert_int_equal(fake_open(&f), -ENOMEM);
	assert_int_equal(fake_disk(&f), disk);
	f.store.read = fake_read;
	assert_int_equal(depth_after_open(), 40);
	fake_forget_files(&f);
}

static bool no_descriptor;

static int read_with_descriptor(void *arg, const char *name, uint64_t off, void *p, size_t len)
{
	return no_descriptor ? -EMFILE : fake_read(arg, name, off, p, len);
}

/* A record that cannot be read just now is not lost: it goes when it can be, and nobody need ask.
 */
static void a_record_waits_for_a_descriptor(void **state)
{
	(void)state;
	spool_records(1);
	f.sent_count = 0;
	f.store.read = read_with_descriptor;
	assert_int_equal(fake_open(&f), 0);
	no_descriptor = true;
	fake_run(&f, NSEC_PER_SEC / 2);
	assert_int_equal(f.sent_count, 0);
	assert_int_equal(f.c->acct.dropped_others, 0);
	assert_int_equal(radius_acct_depth(f.c), 1);
	no_descriptor = false;
	fake_run(&f, 2 * NSEC_PER_SEC);
	assert_int_equal(f.sent_count, 1);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(radius_acct_depth(f.c), 0);
	fake_close(&f);
	fake_forget_files(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(records_of_version_1),
		cmocka_unit_test(the_longest_record_fits),
		cmocka_unit_test(a_torn_tail_is_cut_off),
		cmocka_unit_test(a_changed_octet_is_noticed),
		cmocka_unit_test(killed_at_once),
		cmocka_unit_test(killed_while_replaying),
		cmocka_unit_test(a_pinned_segment_is_emptied),
		cmocka_unit_test(a_full_disk_forgets_no_answer),
		cmocka_unit_test(a_failed_start_loses_nothing),
		cmocka_unit_test(a_record_waits_for_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
