// SPDX-License-Identifier: GPL-2.0-or-later
/* The record's area: what is written is read again, and nothing else is taken for it. */
#include "daemon/keep_area.h"

#include "daemon/record.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t buf[RECORD_AREA_MAX];

static struct keep_area sample(void)
{
	struct keep_area a = {
		.mode = DP_TC,
		.trees = 3,
		.max_sessions = 65535,
		.secret_len = 40,
		.port_count = 3,
		.ports = { [1] = "eth0", [2] = "a-name-of-15-oc", [3] = "x" },
	};

	for (size_t i = 0; i < a.secret_len; i++)
		a.secret[i] = (uint8_t)(200 + i);
	return a;
}

static size_t written(const struct keep_area *a)
{
	struct wr w = wr_init(buf, sizeof(buf));

	keep_area_write(&w, a);
	assert_false(w.bad);
	return w.len;
}

/* What is there before is what is there after a failure. */
static int read_back(size_t len, struct keep_area *ret)
{
	struct rd r = rd_init(buf, len);
	struct keep_area before;
	int rc;

	memset(ret, 0x5a, sizeof(*ret));
	before = *ret;
	rc = keep_area_read(&r, ret);
	if (rc)
		assert_memory_equal(ret, &before, sizeof(before));
	return rc;
}

static void assert_same(const struct keep_area *a, const struct keep_area *b)
{
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->trees, b->trees);
	assert_int_equal(a->max_sessions, b->max_sessions);
	assert_int_equal(a->secret_len, b->secret_len);
	assert_memory_equal(a->secret, b->secret, a->secret_len);
	assert_int_equal(a->port_count, b->port_count);
	for (unsigned i = 1; i <= a->port_count; i++)
		assert_string_equal(a->ports[i], b->ports[i]);
}

static void test_round_trip(void **state)
{
	struct keep_area a = sample(), b;

	(void)state;
	assert_int_equal(read_back(written(&a), &b), 0);
	assert_same(&a, &b);
	a = (struct keep_area){ .mode = DP_XDP, .max_sessions = 1 };
	assert_int_equal(read_back(written(&a), &b), 0);
	assert_same(&a, &b);
}

/* All ports with the longest names and the longest secret: the record has room for it. */
static void test_largest(void **state)
{
	struct keep_area a = sample(), b;

	(void)state;
	a.secret_len = sizeof(a.secret);
	a.port_count = ABI_PORTS_MAX - 1;
	for (unsigned i = 1; i <= a.port_count; i++)
		snprintf(a.ports[i], sizeof(a.ports[i]), "interface-%05u", i % 100000);
	assert_int_equal(read_back(written(&a), &b), 0);
	assert_same(&a, &b);
}

static void test_truncated(void **state)
{
	struct keep_area a = sample(), b;
	size_t len = written(&a);

	(void)state;
	for (size_t n = 0; n < len; n++)
		assert_int_equal(read_back(n, &b), -EBADMSG);
	buf[len] = 0;
	assert_int_equal(read_back(len + 1, &b), -EBADMSG);
}

static void test_versions(void **state)
{
	struct keep_area a = sample(), b;
	size_t len = written(&a);

	(void)state;
	buf[0]++;
	assert_int_equal(read_back(len, &b), -ENOTSUP);
	assert_int_equal(read_back(2, &b), -ENOTSUP); /* and whatever that one has in it */
	buf[0] = 0;
	assert_int_equal(read_back(len, &b), -EBADMSG);
}

#define AT_MODE	  1
#define AT_SECRET 10
#define AT_COUNT  (AT_SECRET + 1 + 40)
#define AT_NAME	  (AT_COUNT + 2)

static void bad(size_t at, uint8_t value, size_t len)
{
	struct keep_area b;
	uint8_t was = buf[at];

	buf[at] = value;
	assert_int_equal(read_back(len, &b), -EBADMSG);
	buf[at] = was;
}

static void test_bad_values(void **state)
{
	struct keep_area a = sample(), b;
	size_t len = written(&a);

	(void)state;
	assert_int_equal(buf[AT_SECRET], 40);
	assert_int_equal(buf[AT_NAME], 4);
	bad(AT_MODE, DP_AUTO, len);
	bad(AT_MODE, DP_TC + 1, len);
	bad(AT_SECRET, 255, len);
	bad(AT_COUNT, 0xff, len);
	bad(AT_COUNT + 1, 2, len); /* one port is left over */
	bad(AT_COUNT + 1, 4, len);
	bad(AT_NAME, 0, len);
	bad(AT_NAME, IFNAMSIZ, len);
	bad(AT_NAME + 2, 0, len); /* a name with a NUL in it */
	assert_int_equal(read_back(len, &b), 0);
	assert_same(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_largest),
		cmocka_unit_test(test_truncated),  cmocka_unit_test(test_versions),
		cmocka_unit_test(test_bad_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
