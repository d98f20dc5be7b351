// SPDX-License-Identifier: GPL-2.0-or-later
/* What a line may say on its own link in IPv6: each reason, each truncation, in both modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#define PASS ABI_DROP_COUNT

static struct bed bed;
static const struct bed_line line = { 0, 0, 1 };

static const uint8_t own[16] = { 0xfe, 0x80, [8] = 2, [15] = 0x77 };
static const uint8_t other[16] = { 0xfe, 0x80, [8] = 2, [15] = 0x78 };
static const uint8_t gateway[16] = { 0xfe, 0x80, [15] = 1 };
static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
static const uint8_t unset[16];
static const uint8_t of_own[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x01, [15] = 5 }; /* slot 0 */
static const uint8_t of_other[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x01, [7] = 9, [15] = 5 };

struct packet {
	const uint8_t *src;
	uint8_t next, hop_limit, body[64];
	uint32_t len;
};

static struct bed_frame frame_of(const struct packet *k)
{
	struct bed_frame f;
	struct wr w = wr_init(f.b, sizeof(f.b));

	bed_pppoe(&w, &line, 0x0057, 40 + k->len);
	wr_be32(&w, 6u << 28);
	wr_be16(&w, (uint16_t)k->len);
	wr_u8(&w, k->next);
	wr_u8(&w, k->hop_limit);
	wr_bytes(&w, k->src, 16);
	wr_bytes(&w, all_nodes, 16);
	wr_bytes(&w, k->body, k->len);
	f.len = (uint32_t)w.len;
	return f;
}

/* The one reason that it is counted for, or PASS; whatever it is, it is counted once. */
static unsigned end_of(const struct packet *k)
{
	uint64_t before[ABI_DROP_COUNT], after[ABI_DROP_COUNT];
	struct bed_frame f = frame_of(k), out;
	unsigned reason = PASS, counted = 0;
	enum bed_end end;

	dp_drops(bed.dp, before);
	end = bed_up(&bed, &f, &out);
	dp_drops(bed.dp, after);
	for (unsigned i = 0; i < ABI_DROP_COUNT; i++) {
		counted += (unsigned)(after[i] - before[i]);
		if (after[i] != before[i])
			reason = i;
	}
	assert_int_equal(end, reason == PASS ? BED_PASS : BED_DROP);
	assert_int_equal(counted, reason != PASS);
	return reason;
}

static struct packet icmp(const uint8_t *src, uint8_t type, const uint8_t *target)
{
	struct packet k = { .src = src, .next = 58, .hop_limit = 255, .len = 24 };

	k.body[0] = type;
	if (target)
		memcpy(k.body + 8, target, 16);
	return k;
}

static struct packet udp(const uint8_t *src, uint16_t to, uint8_t type)
{
	struct packet k = { .src = src, .next = 17, .hop_limit = 1, .len = 12 };

	k.body[2] = (uint8_t)(to >> 8);
	k.body[3] = (uint8_t)to;
	k.body[5] = 12;
	k.body[8] = type;
	return k;
}

/* @units: 8 octets each, beside the first. */
static struct packet behind(uint8_t header, uint8_t units, struct packet k)
{
	uint32_t size = (units + 1u) * 8;

	memmove(k.body + size, k.body, sizeof(k.body) - size);
	memset(k.body, 0, size);
	k.body[0] = k.next;
	k.body[1] = units;
	k.next = header;
	k.len += size;
	return k;
}

static void expect(struct packet k, unsigned reason)
{
	assert_int_equal(end_of(&k), reason);
}

static void test_routers(void **state)
{
	(void)state;
	expect(icmp(own, 134, NULL), ABI_DROP_ROGUE_RA);
	expect(icmp(gateway, 134, NULL), ABI_DROP_ROGUE_RA);
	expect(icmp(own, 137, NULL), ABI_DROP_ROGUE_REDIRECT);
	expect(icmp(own, 133, NULL), PASS);
	expect(icmp(unset, 133, NULL), PASS);
	expect(icmp(other, 133, NULL), PASS);
	expect(icmp(of_other, 133, NULL), ABI_DROP_SPOOFED_ND);
}

static void test_neighbors(void **state)
{
	struct packet k = icmp(own, 135, gateway);

	(void)state;
	expect(k, PASS);
	expect(icmp(unset, 135, own), PASS);
	expect(icmp(unset, 135, of_own), PASS);
	expect(icmp(of_own, 135, gateway), PASS);
	expect(icmp(own, 136, own), PASS);
	expect(icmp(own, 136, of_own), PASS);
	expect(icmp(own, 136, gateway), ABI_DROP_SPOOFED_TARGET);
	expect(icmp(own, 136, other), PASS); /* an address more */
	expect(icmp(own, 136, of_other), ABI_DROP_SPOOFED_TARGET);
	expect(icmp(own, 135, of_other), ABI_DROP_SPOOFED_TARGET);
	expect(icmp(other, 136, own), PASS);
	expect(icmp(of_other, 136, own), ABI_DROP_SPOOFED_ND);
	expect(icmp(unset, 136, own), ABI_DROP_SPOOFED_ND);
	expect(icmp(gateway, 135, gateway), ABI_DROP_SPOOFED_ND);
	expect(icmp(of_other, 135, gateway), ABI_DROP_SPOOFED_ND);
	k.hop_limit = 254;
	expect(k, ABI_DROP_ROUTED_ND);
}

static void test_dhcp6(void **state)
{
	static const uint8_t servers[] = { 2, 7, 10, 13 };

	(void)state;
	expect(udp(own, 547, 1), PASS);
	expect(udp(own, 546, 7), ABI_DROP_ROGUE_DHCP6);
	for (unsigned i = 0; i < sizeof(servers); i++)
		expect(udp(own, 547, servers[i]), ABI_DROP_ROGUE_DHCP6);
	expect(udp(other, 547, 1), PASS);
	expect(udp(gateway, 547, 1), ABI_DROP_SPOOFED_IP6);
	expect(udp(of_other, 547, 1), ABI_DROP_SPOOFED_IP6);
	expect(udp(unset, 547, 1), ABI_DROP_SPOOFED_IP6);
	expect(udp(of_other, 5353, 0), ABI_DROP_SPOOFED_IP6);
	expect(udp(of_own, 5353, 0), PASS);
}

/* A house without an address yet: neighbour discovery and reports to routers, nothing else. */
static void test_unset(void **state)
{
	static const uint8_t mld[] = { 131, 132, 143 };
	struct packet k = icmp(unset, 0, NULL);

	(void)state;
	for (unsigned i = 0; i < sizeof(mld); i++) {
		expect(icmp(unset, mld[i], NULL), PASS);
		expect(behind(0, 0, icmp(unset, mld[i], NULL)), PASS);
	}
	for (unsigned type = 0; type < 256; type++) {
		if (type == 131 || type == 132 || (type >= 133 && type <= 137) || type == 143)
			continue;
		expect(icmp(unset, (uint8_t)type, NULL), ABI_DROP_SPOOFED_IP6);
		expect(behind(0, 0, icmp(unset, (uint8_t)type, NULL)), ABI_DROP_SPOOFED_IP6);
		expect(icmp(own, (uint8_t)type, NULL), PASS);
	}
	for (unsigned next = 0; next < 256; next++) {
		if (next == 0 || next == 43 || next == 44 || next == 58 || next == 60)
			continue;
		k.next = (uint8_t)next;
		expect(k, ABI_DROP_SPOOFED_IP6);
	}
	expect(icmp(unset, 135, of_other), ABI_DROP_SPOOFED_TARGET);
	expect(icmp(unset, 134, NULL), ABI_DROP_ROGUE_RA);
}

static void test_extensions(void **state)
{
	struct packet k = behind(0, 0, icmp(own, 143, NULL));

	(void)state;
	expect(k, PASS); /* MLD */
	expect(behind(0, 0, icmp(own, 134, NULL)), ABI_DROP_ROGUE_RA);
	expect(behind(60, 1, behind(0, 0, icmp(own, 134, NULL))), ABI_DROP_ROGUE_RA);
	expect(behind(43, 0, udp(own, 546, 7)), ABI_DROP_ROGUE_DHCP6);
	expect(behind(44, 0, icmp(own, 134, NULL)), ABI_DROP_IP6_FRAGMENT);
	expect(behind(60, 0, behind(44, 0, icmp(own, 135, gateway))), ABI_DROP_IP6_FRAGMENT);
	k = icmp(own, 134, NULL);
	for (int i = 0; i < 4; i++)
		k = behind(60, 0, k);
	expect(k, ABI_DROP_ROGUE_RA);
	expect(behind(60, 0, k), ABI_DROP_IP6_EXTENSION);
	k.body[1] = 200; /* beyond the packet's end */
	expect(k, ABI_DROP_LOCAL6_MALFORMED);
}

static void test_truncated(void **state)
{
	struct packet ns = icmp(own, 135, gateway), rs = icmp(own, 133, NULL);
	struct packet solicit = udp(own, 547, 1), deep = behind(0, 0, icmp(own, 136, own));

	(void)state;
	for (ns.len = 0; ns.len < 24; ns.len++)
		expect(ns, ABI_DROP_LOCAL6_MALFORMED);
	for (rs.len = 0; rs.len < 24; rs.len++)
		expect(rs, rs.len < 4 ? ABI_DROP_LOCAL6_MALFORMED : PASS);
	for (solicit.len = 0; solicit.len < 12; solicit.len++)
		expect(solicit, solicit.len < 9 ? ABI_DROP_LOCAL6_MALFORMED : PASS);
	for (deep.len = 0; deep.len < 32; deep.len++)
		expect(deep, ABI_DROP_LOCAL6_MALFORMED);
}

static int setup(enum dp_mode mode)
{
	if (bed_open(&bed, mode, NULL, 0))
		return -1;
	bed_session(&bed, 0, 0, 0, 1);
	return 0;
}

BED_SETUP(setup)
BED_TEARDOWN

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routers),	  cmocka_unit_test(test_neighbors),
		cmocka_unit_test(test_dhcp6),	  cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_unset),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("a line's own link, xdp", tests, setup_xdp, teardown);
	return failed +
	       cmocka_run_group_tests_name("a line's own link, tc", tests, setup_tc, teardown);
}
