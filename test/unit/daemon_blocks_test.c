// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of ports: who gets which, when one comes back, and nftables' listings of them. */
#include "daemon/blocks.h"
#include "daemon/nat44_stat.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define A 0xc6336407u /* 198.51.100.7 */

static void test_each_has_its_own(void **state)
{
	struct blocks b;
	struct blocks_item i = { 0 };

	(void)state;
	assert_int_equal(blocks_init(&b, A, 2, 32256, 8), 0);
	assert_int_equal(b.total, 4);
	for (uint32_t slot = 0; slot < 4; slot++)
		assert_int_equal(blocks_get(&b, slot), 0);
	assert_int_equal(blocks_get(&b, 3), 0); /* keeps what it has */
	assert_int_equal(b.used, 4);
	assert_int_equal(blocks_get(&b, 4), -ENOSPC);
	assert_int_equal(b.exhausted, 1);
	assert_true(blocks_of(&b, 1, &i));
	assert_int_equal(i.addr, A);
	assert_int_equal(i.first, 33280);
	assert_int_equal(i.last, 65535);
	assert_true(blocks_of(&b, 2, &i));
	assert_int_equal(i.addr, A + 1);
	assert_int_equal(i.first, 1024);
	assert_true(blocks_put(&b, 2));
	assert_false(blocks_put(&b, 2));
	assert_false(blocks_of(&b, 2, &i));
	assert_int_equal(blocks_get(&b, 4), 0);
	blocks_fini(&b);
}

static void test_what_comes_back_rests(void **state)
{
	struct blocks b;
	struct blocks_item i;

	(void)state;
	assert_int_equal(blocks_init(&b, A, 1, 1024, 8), 0);
	assert_int_equal(b.total, 63);
	assert_int_equal(blocks_get(&b, 0), 0);
	assert_true(blocks_put(&b, 0));
	assert_int_equal(blocks_get(&b, 0), 0);
	assert_true(blocks_of(&b, 0, &i));
	assert_int_equal(i.first, 2048);
	blocks_fini(&b);
}

static void test_what_was_there(void **state)
{
	struct blocks b;
	struct blocks_item i = { .addr = A, .first = 3072, .last = 4095 }, bad;

	(void)state;
	assert_int_equal(blocks_init(&b, A, 1, 1024, 8), 0);
	bad = i, bad.addr = A + 1;
	assert_int_equal(blocks_take(&b, 0, &bad), -ENOENT);
	bad = i, bad.addr = A - 1;
	assert_int_equal(blocks_take(&b, 0, &bad), -ENOENT);
	bad = i, bad.first++, bad.last++;
	assert_int_equal(blocks_take(&b, 0, &bad), -ENOENT);
	bad = i, bad.last++;
	assert_int_equal(blocks_take(&b, 0, &bad), -ENOENT);
	bad = i, bad.first = 0, bad.last = 1023;
	assert_int_equal(blocks_take(&b, 0, &bad), -ENOENT);
	assert_int_equal(blocks_take(&b, 0, &i), 0);
	assert_int_equal(blocks_take(&b, 1, &i), -EEXIST);
	assert_int_equal(b.used, 1);
	blocks_fini(&b);
}

static void test_nothing_fits(void **state)
{
	struct blocks b;

	(void)state;
	assert_int_equal(blocks_init(&b, A, 1, 64513, 8), -EINVAL);
	assert_int_equal(blocks_init(&b, A, 0, 1024, 8), -EINVAL);
}

static void test_listing(void **state)
{
	static const char text[] =
		"table ip t {\n\tmap blocks {\n\t\ttype ipv4_addr : interval ipv4_addr . "
		"inet_service\n"
		"\t\telements = { 100.64.0.9 : 198.51.100.7 . 2048-3071,\n"
		"\t\t\t     100.64.0.1 : 198.51.100.7 . 1024-2047, 100.64.0.2 : 1.2.3 . 1-2,\n"
		"1.1.1.1 : 2.2.2.2 . 5-4, 1.1.1.1 : 2.2.2.2 . 5-65536, : , 9 : }\n";
	struct blocks_item *items;
	struct sbuf out = { 0 };
	size_t count;

	(void)state;
	assert_int_equal(blocks_parse(text, &items, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(items[0].line, 0x64400001);
	assert_int_equal(items[0].first, 1024);
	assert_ptr_equal(blocks_find(items, count, 0x64400009), &items[1]);
	assert_null(blocks_find(items, count, 0x64400002));
	blocks_item_write(&items[1], &out);
	assert_string_equal(out.p, "100.64.0.9 : 198.51.100.7 . 2048-3071");
	sbuf_fini(&out);
	free(items);
	assert_int_equal(blocks_parse("", &items, &count), 0);
	assert_int_equal(count, 0);
}

static void test_what_was_refused(void **state)
{
	static const char stat[] = "entries  clashres found insert insert_failed drop\n"
				   "0000000a  00000000 00000001 00000000 0000001f 00000002\n"
				   "0000000a  00000000 00000001 00000000 00000001 00000002\n";
	static const char listing[] =
		"\t\tiifname \"subs0\" counter packets 7 bytes 1 snat ip to ip saddr map @blocks\n"
		"\t\tip saddr { 100.64.0.0/10 } counter packets 12 bytes 900 drop comment \"no "
		"block\"\n";
	uint64_t n = 99;

	(void)state;
	assert_int_equal(nat44_stat_failed(stat, &n), 0);
	assert_int_equal(n, 0x20);
	assert_int_equal(nat44_stat_failed("entries found\n1 2\n", &n), -ENOENT);
	assert_int_equal(nat44_stat_failed("a insert_failed\n1\n", &n), -EBADMSG);
	assert_int_equal(nat44_stat_failed("", &n), -ENOENT);
	assert_int_equal(n, 0x20);
	assert_int_equal(nat44_stat_untranslated(listing, &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(nat44_stat_untranslated("counter packets 3 bytes 4 accept", &n), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_has_its_own),
		cmocka_unit_test(test_what_comes_back_rests),
		cmocka_unit_test(test_what_was_there),
		cmocka_unit_test(test_nothing_fits),
		cmocka_unit_test(test_listing),
		cmocka_unit_test(test_what_was_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
