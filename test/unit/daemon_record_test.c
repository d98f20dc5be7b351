// SPDX-License-Identifier: GPL-2.0-or-later
/* The record: whose it is, what comes back, and what damage does. */
#include "test/unit/daemon_record_rig.h"

/* --- in good order -----------------------------------------------------------------------------
 */

static void contents_survive(void **state)
{
	(void)state;
	open_ok(RECORD_NEW);
	assert_int_equal(record_slots(rec), SLOTS);
	assert_int_equal(record_high(rec), 0);
	assert_int_equal(get(5), -ENOENT);
	assert_int_equal(get(SLOTS), -EINVAL);
	for (uint32_t i = 0; i < 60; i++)
		for (uint32_t n = 0; n <= i % 9; n++)
			put(i, n);
	assert_int_equal(record_clear(rec, 8), 0);
	assert_int_equal(record_clear(rec, 99), 0);
	assert_int_equal(record_put(rec, SLOTS, 1, "x", 1), -EINVAL);
	assert_int_equal(record_put(rec, 1, 1, want, RECORD_CONTENT_MAX + 1), -EMSGSIZE);
	assert_int_equal(record_put(rec, 98, 3, want, 0), 0);
	for (unsigned twice = 0; twice < 2; twice++) {
		size_t len;
		uint32_t generation;

		for (uint32_t i = 0; i < 60; i++)
			assert_true(i == 8 ? get(i) == -ENOENT : has(i, i % 9));
		assert_int_equal(record_generation(rec, 8), 9); /* the last it had */
		assert_int_equal(record_generation(rec, 7), 8);
		assert_int_equal(record_generation(rec, 90), 0);
		assert_int_equal(record_get(rec, 98, buf, 0, &len, &generation), 0);
		assert_int_equal(len, 0);
		assert_int_equal(record_get(rec, 7, buf, 10, &len, &generation), -ENOSPC);
		reopen(RECORD_OURS);
	}
	assert_false(exists(".bad"));
}

static void area(void **state)
{
	size_t len;

	(void)state;
	open_ok(RECORD_NEW);
	assert_int_equal(record_area_get(rec, buf, sizeof(buf), &len), -ENOENT);
	for (unsigned i = 0; i < 5; i++) {
		memset(want, (int)i, RECORD_AREA_MAX);
		assert_int_equal(record_area_put(rec, want, RECORD_AREA_MAX - i), 0);
		reopen(RECORD_OURS);
		assert_int_equal(record_area_get(rec, buf, sizeof(buf), &len), 0);
		assert_int_equal(len, RECORD_AREA_MAX - i);
		assert_memory_equal(buf, want, len);
	}
	assert_int_equal(record_area_put(rec, want, RECORD_AREA_MAX + 1), -EMSGSIZE);
	assert_int_equal(record_area_get(rec, buf, 5, &len), -ENOSPC);
}

static void all_slots_and_more(void **state)
{
	(void)state;
	open_ok(RECORD_NEW);
	for (uint32_t n = 0; n < 6; n++)
		for (uint32_t i = 0; i < SLOTS; i++)
			put(i, n);
	assert_int_equal(record_grow(rec, 10), -EINVAL);
	assert_int_equal(record_grow(rec, 5000), 0);
	assert_int_equal(record_slots(rec), 5000);
	for (uint32_t i = SLOTS; i < 5000; i += 7)
		put(i, 2);
	reopen(RECORD_OURS);
	assert_int_equal(record_slots(rec), 5000); /* more than are asked for */
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_true(has(i, 5));
	for (uint32_t i = SLOTS; i < 5000; i += 7)
		assert_true(has(i, 2));
	record_close(rec);
	assert_int_equal(open_as(&me, 6000), 0); /* a configuration with more */
	assert_int_equal(found, RECORD_OURS);
	assert_int_equal(record_slots(rec), 6000);
	assert_true(has(0, 5));
	assert_int_equal(get(5999), -ENOENT);
}

/* Contents in files of their own: none is left when its slot has another, nor one of no slot. */
static void long_contents(void **state)
{
	char name[128];
	int fd;

	(void)state;
	open_ok(RECORD_NEW);
	put(3, 4);
	assert_true(exists(".d/1.0"));
	put(3, 9);
	assert_false(exists(".d/1.0"));
	assert_true(exists(".d/1.1"));
	put(3, 1);
	assert_false(exists(".d/1.1"));
	put(4, 4);
	assert_int_equal(record_put(rec, 5, 1, want, RECORD_CONTENT_MAX), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const stray[] = { "1.77", "2.0", "junk" };

		snprintf(name, sizeof(name), "%s.d/%s", path, stray[i]);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	reopen(RECORD_OURS);
	assert_true(has(4, 4));
	assert_false(exists(".d/1.77") || exists(".d/2.0") || exists(".d/junk"));
	assert_int_equal(record_clear(rec, 4), 0);
	assert_int_equal(record_clear(rec, 5), 0);
	snprintf(name, sizeof(name), "%s.d", path);
	assert_int_equal(rmdir(name), 0);
}

static void one_writer(void **state)
{
	struct record *other = NULL;
	enum record_found f = 77;

	(void)state;
	open_ok(RECORD_NEW);
	put(1, 1);
	assert_int_equal(record_open(path, &me, SLOTS, &other, &f, why, sizeof(why)), -EBUSY);
	assert_null(other);
	assert_non_null(strstr(why, "another process"));
	assert_int_equal(record_open_read(path, &other, why, sizeof(why)), 0);
	assert_int_equal(record_put(other, 1, 1, "x", 1), -EINVAL);
	assert_int_equal(record_clear(other, 1), -EINVAL);
	record_close(rec);
	rec = other;
	assert_true(has(1, 1));
}

/* A reader beside a writer sees whole contents only. */
static void reader_beside_writer(void **state)
{
	unsigned seen[8] = { 0 }, free_seen = 0, busy = 0;
	int status;
	pid_t child;

	(void)state;
	open_ok(RECORD_NEW);
	for (uint32_t i = 0; i < 8; i++)
		put(i, 0);
	child = fork();
	if (!child) {
		for (uint32_t n = 1; n < 4000; n++)
			for (uint32_t i = 0; i < 8; i++)
				if (n % 50 == 13
					    ? record_clear(rec, i)
					    : record_put(rec, i, n + 1, want,
							 content(i, n % 23 == 4 ? n : n * 5, want)))
					_exit(1);
		_exit(0);
	}
	record_close(rec);
	rec = NULL;
	assert_int_equal(record_open_read(path, &rec, why, sizeof(why)), 0);
	while (!waitpid(child, &status, WNOHANG)) {
		for (uint32_t i = 0; i < 8; i++) {
			uint32_t g = 0, n;
			size_t len = 0;
			int rc = record_get(rec, i, buf, sizeof(buf), &len, &g);

			free_seen += rc == -ENOENT;
			busy += rc == -EAGAIN;
			assert_true(!rc || rc == -ENOENT || rc == -EAGAIN);
			if (rc)
				continue;
			n = g - 1;
			assert_int_equal(len, content(i, n % 23 == 4 ? n : n * 5, want));
			assert_memory_equal(buf, want, len);
			seen[i]++;
		}
	}
	assert_int_equal(status, 0);
	printf("%u contents read, %u free slots, %u times too fast\n", seen[0], free_seen, busy);
	assert_false(exists(".bad"));
}

/* No memory to be had, no file to be made: the call fails, and no more. */
static void no_room(void **state)
{
	char name[128];
	int fd;

	(void)state;
	open_ok(RECORD_NEW);
	put(1, 1);
	fd = rec->fd;
	rec->fd = -1; /* memory for slot 80 is asked for at this descriptor */
	for (unsigned n = 0; n < 2 * SLOTS; n++)
		assert_int_equal(record_put(rec, 80, 1, want, 100), -EBADF);
	rec->fd = fd;
	assert_int_equal(get(80), -ENOENT);
	put(80, 1);
	snprintf(name, sizeof(name), "%s.d", path);
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	close(fd);
	for (unsigned n = 0; n < 2 * SLOTS; n++)
		assert_int_equal(record_put(rec, 1, 1, want, 2000), -ENOTDIR);
	assert_int_equal(unlink(name), 0);
	assert_true(has(1, 1) && has(80, 1));
	for (uint32_t i = 0; i < SLOTS; i++) /* nothing was lost by trying */
		put(i, 4);
	reopen(RECORD_OURS);
	assert_true(has(1, 4));
}

/* --- whose it is ---------------------------------------------------------------------------------
 */

static void foreign_ones(void **state)
{
	struct record_identity other[4] = { me, me, me, me };
	static const char *const what[] = { "another boot", "another network namespace",
					    "another instance", "other devices" };

	(void)state;
	other[0].boot[3] ^= 1;
	other[1].netns++;
	other[2].instance = "second";
	other[3].device_len = 4;
	open_ok(RECORD_NEW);
	put(2, 4);
	for (unsigned i = 0; i < 4; i++) {
		char name[96];

		record_close(rec);
		rec = NULL;
		assert_int_equal(open_as(&other[i], SLOTS), 0);
		assert_int_equal(found, RECORD_FOREIGN);
		assert_non_null(strstr(why, what[i]));
		assert_int_equal(get(2), -ENOENT);
		assert_false(exists(".d/1.0"));
		/* It is whole where it is now. */
		assert_true(exists(".foreign-1.d/1.0"));
		record_close(rec);
		snprintf(name, sizeof(name), "%s.foreign-1", path);
		assert_int_equal(record_open_read(name, &rec, why, sizeof(why)), 0);
		assert_true(has(2, 4));
		record_close(rec);
		assert_int_equal(open_as(&other[i], SLOTS), 0);
		assert_int_equal(found, RECORD_OURS);
		assert_int_equal(unlink(path), 0);
		reopen(RECORD_NEW);
		put(2, 4);
	}
	/* A bounded number of them. */
	for (unsigned i = 0; i < 10; i++) {
		record_close(rec);
		assert_int_equal(open_as(&other[i % 2], SLOTS), 0);
		assert_int_equal(found, RECORD_FOREIGN);
		put(1, 4);
	}
	assert_true(exists(".foreign-4") && exists(".foreign-4.d"));
	assert_false(exists(".foreign-5"));
}

static void older_and_newer(void **state)
{
	struct record_identity next = me;
	struct stat before, after;
	size_t len;

	(void)state;
	next.layout = RECORD_LAYOUT + 1;
	open_ok(RECORD_NEW);
	for (uint32_t i = 0; i < SLOTS; i += 3)
		put(i, i);
	assert_int_equal(record_clear(rec, 3), 0);
	assert_int_equal(record_area_put(rec, "ports", 5), 0);
	record_close(rec);
	assert_int_equal(open_as(&next, 2 * SLOTS), 0);
	assert_int_equal(found, RECORD_MIGRATED);
	assert_int_equal(record_slots(rec), 2 * SLOTS);
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_true(i % 3 || i == 3 ? get(i) == -ENOENT : has(i, i));
	assert_int_equal(record_generation(rec, 3), 4);
	assert_int_equal(record_area_get(rec, buf, sizeof(buf), &len), 0);
	assert_memory_equal(buf, "ports", 5);
	put(5, 4);
	record_close(rec);
	rec = NULL;
	/* The older program refuses, and leaves it alone. */
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(open_as(&me, SLOTS), -ENOTSUP);
	assert_null(rec);
	assert_non_null(strstr(why, "newer program"));
	assert_int_equal(record_open_read(path, &rec, why, sizeof(why)), -ENOTSUP);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_false(exists(".foreign-1"));
	assert_int_equal(open_as(&next, SLOTS), 0);
	assert_int_equal(found, RECORD_OURS);
	assert_true(has(9, 9));
	assert_true(has(5, 4));
	record_close(rec);
	rec = NULL;
	/* But a newer one of another boot is of no use to anybody. */
	me.boot[0] ^= 1;
	open_ok(RECORD_FOREIGN);
}

/* --- damage --------------------------------------------------------------------------------------
 */

static void flip(size_t at, uint8_t bits)
{
	int fd = open(path, O_RDWR);
	uint8_t v;

	assert_int_equal(pread(fd, &v, 1, (off_t)at), 1);
	v ^= bits;
	assert_int_equal(pwrite(fd, &v, 1, (off_t)at), 1);
	close(fd);
}

/* Each bit of the head: never taken for ours, never lost. */
static void damaged_head(void **state)
{
	size_t end = 8 + 2 + 16 + 8 + 8 + 4 + 4 + 1 + 7 + 2 + 5 + 8;

	(void)state;
	open_ok(RECORD_NEW);
	put(1, 2);
	record_close(rec);
	rec = NULL;
	for (size_t bit = 0; bit < 8 * end; bit++) {
		char aside[96];

		flip(bit / 8, (uint8_t)(1 << bit % 8));
		open_ok(RECORD_CORRUPT);
		assert_non_null(strstr(why, "damaged"));
		record_close(rec);
		rec = NULL;
		snprintf(aside, sizeof(aside), "%s.foreign-1", path);
		assert_int_equal(rename(aside, path), 0);
		flip(bit / 8, (uint8_t)(1 << bit % 8));
	}
	open_ok(RECORD_OURS);
	assert_true(has(1, 2));
}

static void not_a_record(void **state)
{
	static const size_t sizes[] = { 0, 1, 8, 41, 42, 2048, RECORD_CELLS_AT - 1, 20000 };

	(void)state;
	open_ok(RECORD_NEW);
	put(1, 1);
	record_close(rec);
	assert_int_equal(truncate(path, (off_t)record_size(SLOTS) - 1), 0);
	open_ok(RECORD_CORRUPT);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		record_close(rec);
		assert_int_equal(truncate(path, (off_t)sizes[i]), 0);
		assert_int_equal(record_open_read(path, &rec, why, sizeof(why)), -EBADMSG);
		open_ok(RECORD_CORRUPT);
	}
	record_close(rec);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(record_open_read(path, &rec, why, sizeof(why)), -ENOENT);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	rec = NULL;
	assert_true(open_as(&me, SLOTS) < 0); /* nobody leads us elsewhere */
	assert_int_equal(unlink(path), 0);
}

/* Each bit of a slot and of its block: the content as it was, or found out; the others live. */
static void damaged_slot(void **state)
{
	size_t at = RECORD_CELLS_AT + 2 * RECORD_CELL, found_out = 0;
	size_t bits = 8 * (8 + RECORD_BLOCK_HEAD + 201);

	(void)state;
	open_ok(RECORD_NEW);
	for (uint32_t i = 0; i < 6; i++)
		put(i, 1);
	for (size_t bit = 0; bit <= bits; bit++) {
		int rc;

		record_close(rec);
		flip(at + bit / 8, (uint8_t)(1 << bit % 8));
		open_ok(RECORD_OURS);
		rc = get(2);
		assert_true(rc == -EBADMSG || (!rc && has(2, 1)));
		assert_int_equal(exists(".bad/2"), found_out || rc);
		found_out += rc != 0;
		for (uint32_t i = 0; i < 6; i++)
			assert_true(i == 2 || has(i, 1));
		if (bit == bits - 1)
			break;
		record_close(rec);
		flip(at + bit / 8, (uint8_t)(1 << bit % 8));
		open_ok(RECORD_OURS);
		assert_true(has(2, 1));
	}
	/* All but the sequence number, and what a free slot had last. */
	assert_int_equal(found_out, bits - 30 - 32);
	assert_int_equal(record_clear(rec, 2), 0);
	reopen(RECORD_OURS);
	assert_int_equal(get(2), -ENOENT);
	for (uint32_t n = 0; n < 300; n++)
		put(2, n);
	for (uint32_t i = 0; i < 6; i++)
		assert_true(has(i, i == 2 ? 299 : 1));
}

/* Slots that point to each other's blocks: neither gives away what is the other's. */
static void crossed_links(void **state)
{
	uint32_t *a, *b;

	(void)state;
	open_ok(RECORD_NEW);
	for (uint32_t i = 0; i < 4; i++)
		put(i, 1);
	a = (uint32_t *)(void *)(rec->map + RECORD_CELLS_AT);
	b = (uint32_t *)(void *)(rec->map + RECORD_CELLS_AT + RECORD_CELL);
	*a = *b;
	assert_int_equal(get(0), -EBADMSG);
	assert_int_equal(record_clear(rec, 0), 0);
	for (uint32_t n = 2; n < 300; n++) {
		put(0, n);
		put(2, n);
		assert_true(has(0, n) && has(1, 1) && has(2, n) && has(3, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contents_survive, setup, teardown),
		cmocka_unit_test_setup_teardown(area, setup, teardown),
		cmocka_unit_test_setup_teardown(all_slots_and_more, setup, teardown),
		cmocka_unit_test_setup_teardown(long_contents, setup, teardown),
		cmocka_unit_test_setup_teardown(one_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(reader_beside_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(older_and_newer, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_head, setup, teardown),
		cmocka_unit_test_setup_teardown(not_a_record, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_slot, setup, teardown),
		cmocka_unit_test_setup_teardown(crossed_links, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
