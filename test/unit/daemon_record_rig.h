/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record in a folder of its own, and contents that tell whose they are. For the record's tests.
 */
#ifndef TEST_DAEMON_RECORD_RIG_H
#define TEST_DAEMON_RECORD_RIG_H

#include "daemon/record.h"

#include "daemon/record_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SLOTS 100

static char dir[64], path[80], why[512];
static struct record_identity me;
static struct record *rec;
static enum record_found found;
static uint8_t buf[RECORD_CONTENT_MAX + 1], want[RECORD_CONTENT_MAX + 1];

static inline int setup(void **state)
{
	(void)state;
	/* On tmpfs where there is one, as in life. */
	snprintf(dir, sizeof(dir), "%s/record-test-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sessions", dir);
	me = (struct record_identity){ .instance = "default", .device = "subs0", .device_len = 5 };
	rec = NULL;
	return record_identity_here(&me);
}

static inline int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(name);
}

static inline void clean(void)
{
	record_close(rec);
	rec = NULL;
	assert_int_equal(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline int teardown(void **state)
{
	(void)state;
	record_killpoint = NULL;
	clean();
	return 0;
}

static inline int open_as(const struct record_identity *id, uint32_t slots)
{
	return record_open(path, id, slots, &rec, &found, why, sizeof(why));
}

static inline void open_ok(enum record_found expected)
{
	int rc = open_as(&me, SLOTS);

	if (rc || found != expected)
		fail_msg("open: %d, found %d: %s", rc, found, why);
}

static inline void reopen(enum record_found expected)
{
	record_close(rec);
	rec = NULL;
	open_ok(expected);
}

/* Content number n of a slot: its length and octets follow from both. */
static inline size_t content(uint32_t slot, uint32_t n, uint8_t *to)
{
	size_t len = n % 5 == 4 ? 1500 + n * 7 : n % 7 == 3 ? RECORD_INLINE_MAX : 200 + n % 500;
	uint32_t x = slot * 2654435761u + n * 40503u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		to[i] = (uint8_t)(x >> 24);
	}
	return len;
}

static inline void put(uint32_t slot, uint32_t n)
{
	assert_int_equal(record_put(rec, slot, n + 1, want, content(slot, n, want)), 0);
}

static inline bool has(uint32_t slot, uint32_t n)
{
	uint32_t generation = 0;
	size_t len = 0, expected = content(slot, n, want);

	return !record_get(rec, slot, buf, sizeof(buf), &len, &generation) && len == expected &&
	       generation == n + 1 && !memcmp(buf, want, len);
}

static inline int get(uint32_t slot)
{
	uint32_t generation = 7;
	size_t len = 9;
	int rc = record_get(rec, slot, buf, sizeof(buf), &len, &generation);

	assert_true(!rc || (generation == 7 && len == 9));
	return rc;
}

static inline bool exists(const char *suffix)
{
	char name[512];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return !access(name, F_OK);
}

#endif
