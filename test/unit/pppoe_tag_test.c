// SPDX-License-Identifier: GPL-2.0-or-later
/* Tags of discovery packets, TR-101's among them: read, written, cut off anywhere. */
#include "base/str.h"
#include "pppoe/pppoe.h"
#include "pppoe/tag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* What an access node sends that follows TR-101, 3.9.2: vendor 3561, circuit id, remote id, and
 * the actual rate up (0x81, four octets). */
#define TR101_TAG                                                                                  \
	1, 5, 0, 29, 0, 0, 0x0d, 0xe9, 1, 13, 'a', 'n', '1', ' ', 'a', 't', 'm', ' ', '1', '/',    \
		'2', ':', '3', 2, 2, 'r', '7', 0x81, 4, 0, 0, 4, 0

static const uint8_t
	full[] = {
		1, 1, 0,    2, 'i', 'n', 1,    2,	  0,	1,    'A', 1,	 3, 0,
		3, 1, 2,    3, 1,   4,	 0,    2,	  9,	8,    1,   0x10, 0, 1,
		7, 1, 0x20, 0, 2,   5,	 0xdc, TR101_TAG, 0x7f, 0xff, 0,   1,	 0, /* unknown:
										       passed over
										     */
	};

/* From a heap copy of just this length, so that a sanitizer sees each octet too far. */
static int parse(const uint8_t *p, size_t len, struct pppoe_tags *ret)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, p, len);
	rc = pppoe_tags_parse(rd_init(copy, len), ret);
	free(copy);
	return rc;
}

static void check_bytes(const struct pppoe_bytes *b, const char *want, size_t len)
{
	assert_non_null(b->p);
	assert_int_equal(b->len, len);
	assert_memory_equal(b->p, want, len);
}

static void test_full(void **state)
{
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(pppoe_tags_parse(rd_init(full, sizeof(full)), &t), 0);
	check_bytes(&t.service, "in", 2);
	check_bytes(&t.ac_name, "A", 1);
	check_bytes(&t.host_uniq, "\1\2\3", 3);
	check_bytes(&t.cookie, "\11\10", 2);
	check_bytes(&t.relay, "\7", 1);
	check_bytes(&t.circuit_id, "an1 atm 1/2:3", 13);
	check_bytes(&t.remote_id, "r7", 2);
	assert_int_equal(t.max_payload, 1500);
	assert_int_equal(t.error, 0);
	assert_int_equal(t.duplicates, 0);
	assert_int_equal(t.tr101_ignored, 0);
}

static void test_every_truncation(void **state)
{
	/* Where a tag ends, so may the packet. */
	static const size_t ends[] = { 0, 6, 11, 18, 24, 29, 35, 68, 73 };
	unsigned whole = 0;

	(void)state;
	assert_int_equal(ends[ARRAY_SIZE(ends) - 1], sizeof(full));
	for (size_t len = 0; len <= sizeof(full); len++) {
		struct pppoe_tags t = { .max_payload = 77 };
		bool end = len == ends[whole];

		assert_int_equal(parse(full, len, &t), end ? 0 : -EBADMSG);
		whole += end;
		if (!end)
			assert_int_equal(t.max_payload, 77); /* untouched */
	}
	assert_int_equal(whole, ARRAY_SIZE(ends));
}

static void test_end_of_list(void **state)
{
	static const uint8_t p[] = { 1, 1, 0, 0, 0, 0, 0, 0, 1, 3, 0xff, 0xff, 1 };
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(parse(p, sizeof(p), &t), 0);
	assert_non_null(t.service.p);
	assert_int_equal(t.service.len, 0);
	assert_null(t.host_uniq.p);
}

static void test_duplicates(void **state)
{
	static const uint8_t p[] = { 1, 1, 0, 1, 'a', 1, 1, 0, 1, 'b', 1, 3, 0, 0, 1, 3, 0, 0 };
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(pppoe_tags_parse(rd_init(p, sizeof(p)), &t), 0);
	check_bytes(&t.service, "a", 1);
	assert_int_equal(t.duplicates, 2);
}

static void test_errors(void **state)
{
	static const uint8_t p[] = { 2, 2, 0, 2, 'n', 'o', 2, 3, 0, 1, 'x' };
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(pppoe_tags_parse(rd_init(p, sizeof(p)), &t), 0);
	assert_int_equal(t.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	check_bytes(&t.error_text, "no", 2);
}

static void test_max_payload_of_another_length(void **state)
{
	static const uint8_t p[] = { 1, 0x20, 0, 1, 5, 1, 0x20, 0, 4, 0, 0, 5, 0xdc };
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(parse(p, sizeof(p), &t), 0);
	assert_int_equal(t.max_payload, 0);
}

/* A vendor's tag of these octets: how many sub-tags are left out, and which ids remain. */
static void check_tr101(const uint8_t *value, size_t len, unsigned ignored, const char *circuit,
			const char *remote)
{
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof(buf));
	struct pppoe_tags t;

	pppoe_tag_put(&w, PPPOE_TAG_VENDOR, value, len);
	assert_true(wr_done(&w) > 0);
	assert_int_equal(pppoe_tags_parse(rd_init(buf, w.len), &t), 0);
	assert_int_equal(t.tr101_ignored, ignored);
	if (circuit)
		check_bytes(&t.circuit_id, circuit, strlen(circuit));
	else
		assert_null(t.circuit_id.p);
	if (remote)
		check_bytes(&t.remote_id, remote, strlen(remote));
	else
		assert_null(t.remote_id.p);
}

#define TR101(...) ((const uint8_t[]){ 0, 0, 0x0d, 0xe9, __VA_ARGS__ })
#define CHECK_TR101(ignored, circuit, remote, ...)                                                 \
	check_tr101(TR101(__VA_ARGS__), sizeof(TR101(__VA_ARGS__)), ignored, circuit, remote)

static void test_tr101_oddities(void **state)
{
	uint8_t longest[4 + 2 + 64] = { 0, 0, 0x0d, 0xe9, 1, 63 };
	char id[64] = "";

	(void)state;
	CHECK_TR101(0, "c", "r", 1, 1, 'c', 2, 1, 'r');
	CHECK_TR101(1, "c", NULL, 1, 1, 'c', 2, 5, 'r');	   /* reaches beyond the tag */
	CHECK_TR101(1, "c", NULL, 1, 1, 'c', 2);		   /* no length */
	CHECK_TR101(1, NULL, "r", 1, 0, 2, 1, 'r');		   /* empty */
	CHECK_TR101(1, "c", "r", 1, 1, 'c', 1, 1, 'd', 2, 1, 'r'); /* twice: the first */
	CHECK_TR101(0, "c", NULL, 0x90, 0, 0x81, 1, 5, 1, 1, 'c'); /* not for us */
	memset(longest + 6, 'x', 64);
	memset(id, 'x', 63);
	check_tr101(longest, 6 + 63, 0, id, NULL);
	longest[5] = 64;
	check_tr101(longest, 6 + 64, 1, NULL, NULL);
	/* Another vendor's, and tags too short to name one. */
	check_tr101((const uint8_t[]){ 0, 0, 0x0d, 0xea, 1, 1, 'c' }, 7, 0, NULL, NULL);
	check_tr101((const uint8_t[]){ 0, 0, 0x0d }, 3, 0, NULL, NULL);
	check_tr101((const uint8_t[]){ 0 }, 0, 0, NULL, NULL);
}

static void test_tr101_in_two_tags(void **state)
{
	static const uint8_t p[] = { 1, 5, 0, 7, 0, 0, 0x0d, 0xe9, 1, 1, 'c',
				     1, 5, 0, 7, 0, 0, 0x0d, 0xe9, 2, 1, 'r' };
	struct pppoe_tags t;

	(void)state;
	assert_int_equal(pppoe_tags_parse(rd_init(p, sizeof(p)), &t), 0);
	check_bytes(&t.circuit_id, "c", 1);
	check_bytes(&t.remote_id, "r", 1);
}

static void test_write(void **state)
{
	static const uint8_t want[] = { 1, 1, 0, 2, 'i', 'n', 1, 0x20, 0, 2, 5, 0xdc, 1, 3, 0, 0 };
	const struct pppoe_bytes none = { 0 }, empty = { .p = want };
	uint8_t buf[sizeof(want)];

	(void)state;
	for (size_t cap = 0; cap <= sizeof(want); cap++) {
		struct wr w = wr_init(buf, cap);

		assert_int_equal(pppoe_tag_fits(&w, 2), cap >= 6);
		pppoe_tag_put(&w, PPPOE_TAG_SERVICE_NAME, "in", 2);
		pppoe_tag_put_be16(&w, PPPOE_TAG_MAX_PAYLOAD, 1500);
		pppoe_tag_echo(&w, PPPOE_TAG_RELAY_SESSION_ID, &none);
		pppoe_tag_echo(&w, PPPOE_TAG_HOST_UNIQ, &empty);
		assert_int_equal(wr_done(&w), cap < sizeof(want) ? -ENOSPC : (int)sizeof(want));
	}
	assert_memory_equal(buf, want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_end_of_list),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_max_payload_of_another_length),
		cmocka_unit_test(test_tr101_oddities),
		cmocka_unit_test(test_tr101_in_two_tags),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests_name("pppoe_tag", tests, NULL, NULL);
}
