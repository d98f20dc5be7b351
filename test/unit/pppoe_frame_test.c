// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames around PPPoE: parsed and written, tags, padding, every truncation. */
#include "bpf/abi.h"
#include "pppoe/pppoe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define DST	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define SRC	 0x02, 0, 0, 0, 1, 1
#define PPPOE_12 0x88, 0x63, 0x11, 0x09, 0, 0, 0, 12
#define TAGS_12	 1, 1, 0, 0, 1, 3, 0, 4, 0xa8, 2, 0, 0 /* test/vectors/chap-md5-ipv6.hex */

static const uint8_t plain[] = { DST, SRC, PPPOE_12, TAGS_12 };
static const uint8_t one_tag[] = { DST, SRC, 0x81, 0, 0x20, 0x64, PPPOE_12, TAGS_12 };
static const uint8_t two_tags[] = { DST,  SRC, 0x88, 0xa8, 0x1f,     0xff,
				    0x81, 0,   0,    7,	   PPPOE_12, TAGS_12 };
static const uint8_t two_8100[] = { DST, SRC, 0x81, 0, 0, 3, 0x81, 0, 0, 7, PPPOE_12, TAGS_12 };

/* Parses from a heap copy of just this length, so that a sanitizer sees each octet too far. */
static int parse(const uint8_t *frame, size_t len, struct pppoe_frame *ret)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, frame, len);
	rc = pppoe_frame_parse(5, copy, len, ret);
	if (!rc)
		ret->payload.p = frame + (ret->payload.p - copy);
	if (!rc)
		ret->payload.end = frame + (ret->payload.end - copy);
	free(copy);
	return rc;
}

static void check(const uint8_t *frame, size_t len, uint16_t svlan, uint16_t cvlan)
{
	static const uint8_t tags[] = { TAGS_12 };
	static const uint8_t src[] = { SRC };
	struct pppoe_frame f;

	assert_int_equal(parse(frame, len, &f), 0);
	assert_int_equal(f.line.port, 5);
	assert_int_equal(f.line.svlan, svlan);
	assert_int_equal(f.line.cvlan, cvlan);
	assert_int_equal(f.ethertype, 0x8863);
	assert_int_equal(f.code, 9);
	assert_int_equal(f.sid, 0);
	assert_memory_equal(f.src.b, src, 6);
	assert_int_equal(f.dst.b[0], 0xff);
	assert_int_equal(rd_left(&f.payload), sizeof(tags));
	assert_memory_equal(f.payload.p, tags, sizeof(tags));
}

static void test_parse(void **state)
{
	(void)state;
	check(plain, sizeof(plain), 0, 0);
	check(one_tag, sizeof(one_tag), 0x1064, 0);
	check(two_tags, sizeof(two_tags), 0x3fff, 0x1007);
	check(two_8100, sizeof(two_8100), 0x1003, 0x1007);
}

static void test_every_truncation(void **state)
{
	const struct pppoe_frame before = { .code = 0x42 };

	(void)state;
	for (size_t len = 0; len < sizeof(two_tags); len++) {
		struct pppoe_frame f = before;

		assert_int_equal(parse(two_tags, len, &f), len < 22 ? -EPROTO : -EBADMSG);
		assert_memory_equal(&f, &before, sizeof(f));
	}
	for (size_t len = 0; len < sizeof(plain); len++) {
		struct pppoe_frame f = before;

		assert_int_equal(parse(plain, len, &f), len < 14 ? -EPROTO : -EBADMSG);
	}
}

static void test_padding_is_cut(void **state)
{
	uint8_t padded[60];

	(void)state;
	memset(padded, 0xee, sizeof(padded));
	memcpy(padded, plain, sizeof(plain));
	check(padded, sizeof(padded), 0, 0);
}

static int parse_changed(size_t at, uint8_t value)
{
	uint8_t frame[sizeof(plain)];
	struct pppoe_frame f;

	memcpy(frame, plain, sizeof(plain));
	frame[at] = value;
	return parse(frame, sizeof(frame), &f);
}

static void test_refused(void **state)
{
	static const uint8_t three[] = { DST, SRC, 0x88, 0xa8, 0, 1, 0x81,     0,
					 0,   2,   0x81, 0,    0, 3, PPPOE_12, TAGS_12 };
	static const uint8_t inner_ad[] = { DST,  SRC,	0x81, 0, 0,	   1,
					    0x88, 0xa8, 0,    2, PPPOE_12, TAGS_12 };
	struct pppoe_frame f;

	(void)state;
	assert_int_equal(parse(three, sizeof(three), &f), -EPROTO);
	assert_int_equal(parse(inner_ad, sizeof(inner_ad), &f), -EPROTO);
	assert_int_equal(parse_changed(12, 0x08), -EPROTO);  /* another protocol */
	assert_int_equal(parse_changed(14, 0x21), -EBADMSG); /* version 2 */
	assert_int_equal(parse_changed(14, 0x12), -EBADMSG); /* type 2 */
	assert_int_equal(parse_changed(15, 0), -EBADMSG);    /* discovery without a code */
	assert_int_equal(parse_changed(13, 0x64), -EBADMSG); /* session with one */
	assert_int_equal(parse_changed(19, 13), -EBADMSG);   /* one octet too long */
	assert_int_equal(parse_changed(18, 0xff), -EBADMSG);
	assert_int_equal(parse_changed(19, 11), 0);
}

/* What was parsed is written again and gives the same octets. */
static void write_again(const uint8_t *frame, size_t len)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct pppoe_frame f;

	assert_int_equal(parse(frame, len, &f), 0);
	pppoe_frame_begin(&w, &f.dst, &f.src, &f.line, f.ethertype, f.code, f.sid);
	wr_bytes(&w, f.payload.p, rd_left(&f.payload));
	assert_int_equal(pppoe_frame_end(&w, &f.line), 60);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(buf[i], i < len ? frame[i] : 0);
}

static void test_round_trip(void **state)
{
	(void)state;
	write_again(plain, sizeof(plain));
	write_again(two_8100, sizeof(two_8100));
}

static void test_write(void **state)
{
	/* Priority bits are not ours to invent: 0 in what we write. */
	static const uint8_t want[] = { DST,  SRC,  0x88, 0xa8, 0x0f, 0xff, 0x81,
					0,    0,    7,	  0x88, 0x64, 0x11, 0,
					0x12, 0x34, 0,	  3,	0xaa, 0xbb, 0xcc };
	static const struct mac dst = { { DST } }, src = { { SRC } };
	static const struct pppoe_line line = { .svlan = 0x3fff, .cvlan = 0x1007 };
	uint8_t buf[PPPOE_FRAME_MAX];

	(void)state;
	for (size_t cap = 0; cap <= 60; cap++) {
		struct wr w = wr_init(buf, cap);

		pppoe_frame_begin(&w, &dst, &src, &line, PPPOE_ETH_SESSION, 0, 0x1234);
		wr_bytes(&w, "\xaa\xbb\xcc", 3);
		assert_int_equal(pppoe_frame_end(&w, &line), cap < 60 ? -ENOSPC : 60);
	}
	assert_memory_equal(buf, want, sizeof(want));
}

static void test_long_frame_is_not_padded(void **state)
{
	static const struct mac m = { { SRC } };
	static const struct pppoe_line line = { 0 };
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	pppoe_frame_begin(&w, &m, &m, &line, PPPOE_ETH_SESSION, 0, 1);
	wr_zero(&w, 1502);
	assert_int_equal(pppoe_frame_end(&w, &line), 1522);
	assert_int_equal(buf[18] << 8 | buf[19], 1502);
}

static void test_vlan_values_are_the_abi(void **state)
{
	(void)state;
	assert_int_equal(PPPOE_VLAN_ID, ABI_VLAN_ID);
	assert_int_equal(PPPOE_VLAN_PRESENT, ABI_VLAN_PRESENT);
	assert_int_equal(PPPOE_VLAN_8021AD, ABI_VLAN_8021AD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_padding_is_cut),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_long_frame_is_not_padded),
		cmocka_unit_test(test_vlan_values_are_the_abi),
	};

	return cmocka_run_group_tests_name("pppoe_frame", tests, NULL, NULL);
}
