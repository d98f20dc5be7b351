// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of who had which port: bounded, whole lines alone, and what is not in it is counted. */
#include "daemon/port_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MEGABYTE (1 << 20)

static char dir[64], path[96], old[100];

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/port-log-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(old, sizeof(old), "%s.1", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(old);
	return rmdir(dir);
}

static long size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) ? -1 : (long)st.st_size;
}

/* The number in the first line and in the last; how many lines. All of them are whole. */
static unsigned lines_of(const char *file, unsigned *ret_first, unsigned *ret_last)
{
	FILE *f = fopen(file, "r");
	char line[256], stamp[32];
	unsigned n = 0, value;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		assert_int_equal(sscanf(line, "%31s begin tcp 203.0.113.10 %u 2001:db8::2 41434\n", stamp,
					&value),
				 2);
		assert_int_equal(line[strlen(line) - 1], '\n');
		assert_int_equal(strlen(stamp), strlen("2026-11-26T17:03:09Z"));
		*ret_last = value;
		if (!n++)
			*ret_first = value;
	}
	fclose(f);
	return n;
}

static void write_some(struct port_log *l, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		port_log_put(l, 0, "begin tcp 203.0.113.10 %u 2001:db8::2 41434", i);
}

/* Ten megabytes into one of one: it and the one before, both full at most, the last line is there. */
static void it_is_bounded(void **state)
{
	unsigned first = 0, last = 0, old_first = 0, old_last = 0;
	struct port_log *l;

	(void)state;
	assert_int_equal(port_log_open(&l, "test", path, 1), 0);
	write_some(l, 0, 150000);
	assert_in_range(size_of(path), 1, MEGABYTE);
	assert_in_range(size_of(old), MEGABYTE - 200, MEGABYTE);
	assert_true(lines_of(path, &first, &last) > 0);
	assert_true(lines_of(old, &old_first, &old_last) > 10000);
	assert_int_equal(last, 149999);
	assert_int_equal(old_last + 1, first);
	assert_int_equal(port_log_lost(l), 0);
	port_log_close(l);
}

/* Another process goes on in the same file, and keeps to the bound with what was there. */
static void it_goes_on(void **state)
{
	unsigned first = 0, last = 0;
	struct port_log *l;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(port_log_open(&l, "test", path, 1), 0);
		write_some(l, i * 6000, (i + 1) * 6000);
		port_log_close(l);
	}
	assert_in_range(size_of(path), 1, MEGABYTE);
	assert_true(size_of(old) > 0);
	lines_of(path, &first, &last);
	assert_int_equal(last, 17999);
}

/* Whoever moves it away in the middle gets a new one when it would have been full. */
static void it_may_be_taken_away(void **state)
{
	unsigned first = 0, last = 0;
	struct port_log *l;

	(void)state;
	assert_int_equal(port_log_open(&l, "test", path, 1), 0);
	write_some(l, 0, 10);
	assert_int_equal(unlink(path), 0);
	write_some(l, 10, 30000);
	lines_of(path, &first, &last);
	assert_int_equal(last, 29999);
	assert_int_equal(port_log_lost(l), 0);
	port_log_close(l);
}

static void what_is_not_written_is_counted(void **state)
{
	struct port_log *l;

	(void)state;
	assert_int_equal(port_log_open(&l, "test", "/dev/full", 1), 0);
	write_some(l, 0, 7);
	port_log_missed(l);
	assert_int_equal(port_log_lost(l), 8);
	port_log_close(l);
	assert_true(port_log_open(&l, "test", "/nowhere/log", 1) < 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_true(port_log_open(&l, "test", path, 1) < 0); /* another's trick */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(it_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(it_may_be_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_written_is_counted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
