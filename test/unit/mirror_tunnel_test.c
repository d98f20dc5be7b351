// SPDX-License-Identifier: GPL-2.0-or-later
/* Outer headers of copies to remote targets, octet for octet as the documents have them. */
#include "mirror/tunnel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct mirror_tunnel base(enum abi_tunnel_kind kind)
{
	return (struct mirror_tunnel){
		.kind = kind,
		.src4 = 0xc0000201,
		.dst4 = 0xc0000209,
		.src6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		.dst6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } },
		.port = 4789,
		.mtu = 1500,
		.ifindex = 7,
		.src = { { 2, 0, 0, 0, 0, 1 } },
		.dst = { { 2, 0, 0, 0, 0, 9 } },
	};
}

static const uint8_t eth_ip4_udp[] = {
	2,    0, 0, 0, 0, 9, 2,	   0, 0,  0,  0, 1, 0x08, 0x00,			    /* Ethernet */
	0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 192,  0,	2, 1, 192, 0, 2, 9, /* IPv4 */
};

static void vxlan(void **state)
{
	static const uint8_t rest[] = { 0x12, 0xb5, 0x12, 0xb5, 0,    0,    0,	  0, /* UDP */
					0x08, 0,    0,	  0,	0x00, 0x12, 0x67, 0 };
	struct mirror_tunnel t = base(ABI_TUNNEL_VXLAN);
	struct abi_tunnel a;

	(void)state;
	t.id = 4711;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.ifindex, 7);
	assert_int_equal(a.len, 50);
	assert_int_equal(a.room, 1500 + 14 - 50);
	assert_memory_equal(a.head, eth_ip4_udp, sizeof(eth_ip4_udp));
	assert_memory_equal(a.head + 34, rest, sizeof(rest));
}

/* The sum of all words, with the one of the length, is what the checksum has to make 0xffff of. */
static void checksum(void **state)
{
	struct mirror_tunnel t = base(ABI_TUNNEL_GRE);
	struct abi_tunnel a;
	uint32_t sum = 0;
	uint16_t word;

	(void)state;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	for (unsigned i = 14; i < 34; i += 2) {
		memcpy(&word, a.head + i, 2);
		sum += word;
	}
	assert_int_equal(a.sum, sum);
}

static void gre(void **state)
{
	static const uint8_t keyed[] = { 0x20, 0, 0x65, 0x58, 0, 0, 0, 7 };
	static const uint8_t plain[] = { 0, 0, 0x65, 0x58 };
	struct mirror_tunnel t = base(ABI_TUNNEL_GRE);
	struct abi_tunnel a;

	(void)state;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.len, 38);
	assert_int_equal(a.head[23], 47);
	assert_memory_equal(a.head + 34, plain, sizeof(plain));
	t.ip6 = t.has_key = true;
	t.id = 7;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.len, 62);
	assert_int_equal(a.head[12] << 8 | a.head[13], 0x86dd);
	assert_int_equal(a.head[20], 47);
	assert_memory_equal(a.head + 22, t.src6.b, 16);
	assert_memory_equal(a.head + 38, t.dst6.b, 16);
	assert_memory_equal(a.head + 54, keyed, sizeof(keyed));
}

static void erspan(void **state)
{
	static const uint8_t rest[] = { 0x10, 0, 0x88, 0xbe, 0, 0, 0, 0,
					0x10, 0, 0x03, 0xff, 0, 0, 0, 0 };
	struct mirror_tunnel t = base(ABI_TUNNEL_ERSPAN);
	struct abi_tunnel a;

	(void)state;
	t.id = MIRROR_ERSPAN_MAX;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.len, 50);
	assert_memory_equal(a.head + 34, rest, sizeof(rest));
}

static void tzsp(void **state)
{
	static const uint8_t rest[] = { 1, 0, 0, 1, 0x29, 2, 0, 0, 1 };
	struct mirror_tunnel t = base(ABI_TUNNEL_TZSP);
	struct abi_tunnel a;

	(void)state;
	t.ip6 = true;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.len, 71);
	assert_memory_equal(a.head + 62, rest, sizeof(rest));
}

static void room(void **state)
{
	struct mirror_tunnel t = base(ABI_TUNNEL_VXLAN);
	struct abi_tunnel a = { .ifindex = 99 };

	(void)state;
	t.mtu = 99;
	assert_int_equal(mirror_tunnel_abi(&t, &a), -EMSGSIZE);
	assert_int_equal(a.ifindex, 99);
	t.mtu = 1500;
	t.snap = 128;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.room, 128 + 14);
	t.snap = 9000;
	assert_int_equal(mirror_tunnel_abi(&t, &a), 0);
	assert_int_equal(a.room, 1464);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan),  cmocka_unit_test(checksum), cmocka_unit_test(gre),
		cmocka_unit_test(erspan), cmocka_unit_test(tzsp),     cmocka_unit_test(room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
