// SPDX-License-Identifier: GPL-2.0-or-later
/* Conntrack's connections as entries of the fast path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/flow.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define LINE4 0x6440000a /* 100.64.0.10 */
#define WEB4  0xc6336401 /* 198.51.100.1 */
#define NAT4  0xcb007105 /* 203.0.113.5 */

/* A line's connection to the web, by NAT or not. */
static struct flow_ct connection(bool nat)
{
	struct flow_ct ct = {
		.family = 4,
		.proto = 6,
		.tcp_state = FLOW_TCP_ESTABLISHED,
		.status = FLOW_IS_SEEN_REPLY | FLOW_IS_ASSURED,
	};

	ct.orig.src[0] = htonl(LINE4);
	ct.orig.dst[0] = htonl(WEB4);
	ct.orig.sport_be = htons(40000);
	ct.orig.dport_be = htons(443);
	ct.reply.src[0] = htonl(WEB4);
	ct.reply.dst[0] = htonl(nat ? NAT4 : LINE4);
	ct.reply.sport_be = htons(443);
	ct.reply.dport_be = htons(nat ? 61000 : 40000);
	return ct;
}

static void test_judge(void **state)
{
	struct flow_ct ct = connection(true);

	(void)state;
	assert_int_equal(flow_judge(&ct), FLOW_GO);
	ct.proto = 17;
	ct.tcp_state = 0;
	assert_int_equal(flow_judge(&ct), FLOW_GO);
	ct.proto = 132;
	assert_int_equal(flow_judge(&ct), FLOW_OTHER);
	for (uint8_t i = 0; i < 12; i++) {
		ct = connection(false);
		ct.tcp_state = i;
		assert_int_equal(flow_judge(&ct), i == 3 ? FLOW_GO : FLOW_YOUNG);
	}
	for (unsigned bit = 0; bit < 16; bit++) {
		static const enum flow_reason without[16] = {
			[1] = FLOW_YOUNG,  [2] = FLOW_YOUNG,   [6] = FLOW_HELPER,
			[9] = FLOW_YOUNG, [13] = FLOW_HELPER, [14] = FLOW_HELPER,
		};

		ct = connection(false);
		ct.status ^= 1u << bit;
		assert_int_equal(flow_judge(&ct), without[bit]);
	}
	ct = connection(false);
	ct.mark = 7;
	assert_int_equal(flow_judge(&ct), FLOW_MARKED);
	ct.mark = 0;
	ct.zone = 1;
	assert_int_equal(flow_judge(&ct), FLOW_MARKED);
	ct = connection(true);
	ct.family = 6;
	assert_int_equal(flow_judge(&ct), FLOW_TRANSLATED);
	ct = connection(false);
	ct.family = 6;
	assert_int_equal(flow_judge(&ct), FLOW_GO);
}

static void test_ends(void **state)
{
	struct flow_ct ct = connection(true);

	(void)state;
	assert_int_equal(*flow_end(&ct, false, false), htonl(LINE4)); /* up: by the first packet */
	assert_int_equal(*flow_end(&ct, true, true), htonl(LINE4));   /* down: where answers end */
	assert_int_equal(*flow_end(&ct, true, false), htonl(WEB4));
	assert_int_equal(*flow_end(&ct, false, true), htonl(WEB4));
}

static void test_entry(void **state)
{
	struct abi_flow_key up, down, other;
	struct abi_flow fu, fd;
	struct flow_ct ct = connection(false);

	(void)state;
	flow_entry(&ct, false, false, &up, &fu);
	flow_entry(&ct, true, true, &down, &fd);
	assert_int_equal(fu.flags | fd.flags, 0);
	other = flow_other(&up, &fu);
	assert_memory_equal(&other, &down, sizeof(other));

	ct = connection(true);
	flow_entry(&ct, false, false, &up, &fu);
	flow_entry(&ct, true, true, &down, &fd);
	assert_int_equal(fu.flags & fd.flags, ABI_FLOW_NAT);
	assert_int_equal(fu.src_be, htonl(NAT4));
	assert_int_equal(fu.dst_be, htonl(WEB4));
	assert_int_equal(fu.sport_be, htons(61000));
	assert_int_equal(fu.dport_be, htons(443));
	assert_int_equal(fd.src_be, htonl(WEB4));
	assert_int_equal(fd.dst_be, htonl(LINE4));
	assert_int_equal(fd.sport_be, htons(443));
	assert_int_equal(fd.dport_be, htons(40000));
	assert_int_equal(down.dst[0], htonl(NAT4));
	other = flow_other(&up, &fu);
	assert_memory_equal(&other, &down, sizeof(other));
	other = flow_other(&down, &fd);
	assert_memory_equal(&other, &up, sizeof(other));
}

static uint32_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t sum_of(const void *p, size_t words)
{
	const uint16_t *w = p;
	uint32_t sum = 0;

	while (words--)
		sum += *w++;
	return folded(sum);
}

/* RFC 1624: with the differences, an old checksum becomes that of the new packet. */
static void test_checksums(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t from[3], to[3];
		struct flow_ct ct = connection(true);
		struct abi_flow_key key;
		struct abi_flow f;
		uint16_t old_sum, new_sum;

		ct.orig.src[0] = (uint32_t)rand_r(&seed);
		ct.orig.dst[0] = (uint32_t)rand_r(&seed);
		ct.reply.src[0] = (uint32_t)rand_r(&seed);
		ct.reply.dst[0] = (uint32_t)rand_r(&seed);
		ct.reply.dport_be = (uint16_t)rand_r(&seed);
		flow_entry(&ct, false, false, &key, &f);
		from[0] = key.src[0];
		from[1] = key.dst[0];
		from[2] = (uint32_t)key.sport_be | (uint32_t)key.dport_be << 16;
		to[0] = f.src_be;
		to[1] = f.dst_be;
		to[2] = (uint32_t)f.sport_be | (uint32_t)f.dport_be << 16;
		old_sum = (uint16_t)~folded(sum_of(from, 6) + 0x1234);
		new_sum = (uint16_t)~folded((uint16_t)~old_sum + f.addr_diff + f.port_diff);
		assert_int_equal(folded(sum_of(to, 6) + 0x1234 + new_sum), 0xffff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
