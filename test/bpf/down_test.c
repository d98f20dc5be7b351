// SPDX-License-Identifier: GPL-2.0-or-later
/* Downstream programs: subs0's egress finds the session, subs0p puts the packet into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>

#define V(id)  (ABI_VLAN_PRESENT | (id))
#define AD(id) (ABI_VLAN_PRESENT | ABI_VLAN_8021AD | (id))

static struct bed bed;

static const struct bed_line lines[] = {
	{ 0, 0, 1 }, { V(100), 0, 2 }, { V(100), V(7), 0xfffe }, { AD(4095), V(7), 1 }
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static struct bed_ip udp4(uint32_t slot, uint16_t payload)
{
	return (struct bed_ip){
		.src4 = 0xc6336401, .dst4 = bed_ip4(slot), .proto = 17, .payload = payload
	};
}

static struct bed_ip udp6(uint32_t slot, uint16_t payload)
{
	struct bed_ip ip = { .proto = 17, .payload = payload };

	bed_prefix6(slot, ip.dst6);
	ip.dst6[15] = 1;
	memcpy(ip.src6, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = 9 }, 16);
	return ip;
}

static uint64_t total(const uint64_t drops[ABI_DROP_COUNT])
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < ABI_DROP_COUNT; i++)
		n += drops[i];
	return n;
}

#define expect_counted(call, reason)                                                               \
	do {                                                                                       \
		uint64_t before_[ABI_DROP_COUNT], after_[ABI_DROP_COUNT];                          \
		dp_drops(bed.dp, before_);                                                         \
		assert_int_equal(call, BED_DROP);                                                  \
		dp_drops(bed.dp, after_);                                                          \
		assert_int_equal(after_[reason], before_[reason] + 1);                             \
		assert_int_equal(total(after_), total(before_) + 1);                               \
	} while (0)

static void expect_subs_drop(const struct bed_ip *ip, enum abi_drop reason)
{
	struct bed_frame f = bed_down_frame(ip), out;

	expect_counted(bed_subs(&bed, &f, 0, &out, NULL), reason);
}

/* As subs0's egress leaves it, if it cannot go without the hop: as a segment of a super-packet. */
static struct bed_frame labelled(const struct bed_ip *ip)
{
	struct bed_frame f = bed_down_frame(ip), out;

	assert_int_equal(bed_subs(&bed, &f, 60, &out, NULL), BED_PASS);
	assert_int_equal(out.len, f.len);
	assert_memory_equal(out.b + 12, f.b + 12, f.len - 12);
	return out;
}

static void expect_peer_drop(const struct bed_frame *f, enum abi_drop reason)
{
	struct abi_counters before, after;
	struct bed_frame out;

	dp_counters(bed.dp, 0, &before);
	expect_counted(bed_peer(&bed, f, 0, &out), reason);
	dp_counters(bed.dp, 0, &after);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void restore(void)
{
	struct abi_session s = bed_session_entry(0, 0, 0, 1);

	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
}

/* --- subs0's egress ----------------------------------------------------------------------------
 */

static void test_label(void **state)
{
	struct bed_ip four = udp4(2, 100), six = udp6(2, 100);
	struct bed_frame f[2] = { bed_down_frame(&four), bed_down_frame(&six) }, out;
	static const uint8_t want[12] = { 0x02, 0xb5, 2, 0, 0, 0, 0x02, 0xb6, 3, 0, 1, 0 };
	uint32_t priority, gso;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		for (gso = 0; gso <= 60; gso += 60) { /* a super-packet, too */
			f[i].b[14 + (i ? 6 : 9)] = gso ? 17 : 6;
			assert_int_equal(bed_subs(&bed, &f[i], gso, &out, &priority), BED_PASS);
			assert_int_equal(priority, 0);
			assert_int_equal(out.len, f[i].len);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			assert_memory_equal(out.b, want, 12);
#endif
			assert_memory_equal(out.b + 12, f[i].b + 12, f[i].len - 12);
		}
	}
}

static void test_no_session(void **state)
{
	struct bed_ip four = udp4(0, 10), six = udp6(0, 10);
	static const struct abi_session none;
	struct bed_frame f = { .len = 60 }, out;
	struct wr w = wr_init(f.b, sizeof(f.b));
	uint32_t slot = 0;

	(void)state;
	four.dst4 = 0x64400001;
	expect_subs_drop(&four, ABI_DROP_NO_SESSION);
	six.dst6[6] = 0xee;
	expect_subs_drop(&six, ABI_DROP_NO_SESSION);
	/* A destination whose slot is empty. */
	bpf_map_update_elem(bpf_map__fd(bed.dp->skel->maps.sessions), &slot, &none, 0);
	four = udp4(0, 10);
	expect_subs_drop(&four, ABI_DROP_NO_SESSION);
	restore();
	memset(f.b, 0, 60);
	bed_eth(&w, bed_subs_mac, bed_subs_mac, ETH_P_ARP);
	expect_counted(bed_subs(&bed, &f, 0, &out, NULL), ABI_DROP_NO_SESSION);
}

static void test_link_local(void **state)
{
	static const uint32_t four[] = { 0xe0000001, 0xffffffff, 0xa9fe0101 };
	static const uint8_t six[][16] = { { 0xff, 2, [15] = 2 }, { 0xfe, 0x80, [15] = 1 } };
	struct bed_ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		ip = udp4(0, 10);
		ip.dst4 = four[i];
		expect_subs_drop(&ip, ABI_DROP_LINK_LOCAL);
		ip = udp4(0, 10);
		ip.src4 = four[i];
		expect_subs_drop(&ip, ABI_DROP_LINK_LOCAL);
	}
	for (i = 0; i < 2; i++) {
		ip = udp6(0, 10);
		memcpy(ip.dst6, six[i], 16);
		expect_subs_drop(&ip, ABI_DROP_LINK_LOCAL);
		ip = udp6(0, 10);
		memcpy(ip.src6, six[i], 16);
		expect_subs_drop(&ip, ABI_DROP_LINK_LOCAL);
	}
}

static void test_subs_malformed(void **state)
{
	struct bed_ip four = udp4(0, 10), six = udp6(0, 10);
	struct bed_frame f[2] = { bed_down_frame(&four), bed_down_frame(&six) }, g, out;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		g = f[i];
		g.b[14] ^= 0x30;
		expect_counted(bed_subs(&bed, &g, 0, &out, NULL), ABI_DROP_IP_MALFORMED);
	}
}

/* --- subs0p ------------------------------------------------------------------------------------
 */

static struct bed_frame encapsulated(const struct bed_line *l, const struct bed_ip *ip)
{
	struct bed_frame f = bed_down_frame(ip), want;
	struct wr w = wr_init(want.b, sizeof(want.b));
	uint32_t len = f.len - 14;
	bool v4 = f.b[14] >> 4 == 4;

	wr_bytes(&w, bed_cpe_mac, 6);
	wr_bytes(&w, bed_port_mac, 6);
	if (l->svlan) {
		wr_be16(&w, l->svlan & ABI_VLAN_8021AD ? 0x88a8 : 0x8100);
		wr_be16(&w, l->svlan & ABI_VLAN_ID);
	}
	if (l->cvlan) {
		wr_be16(&w, 0x8100);
		wr_be16(&w, l->cvlan & ABI_VLAN_ID);
	}
	wr_be16(&w, 0x8864);
	wr_be16(&w, 0x1100);
	wr_be16(&w, l->sid);
	wr_be16(&w, (uint16_t)(len + 2));
	wr_be16(&w, v4 ? 0x0021 : 0x0057);
	wr_bytes(&w, f.b + 14, len);
	want.len = w.len;
	return want;
}

/* By the way over subs0p, or without (@direct). */
static void expect_way(uint32_t slot, const struct bed_ip *ip, bool direct)
{
	struct bed_frame want = encapsulated(&lines[slot], ip), f = bed_down_frame(ip), out;
	struct abi_counters before, after;
	uint32_t len = f.len - 14;
	bool v4 = f.b[14] >> 4 == 4;

	if (!direct)
		f = labelled(ip);
	dp_counters(bed.dp, slot, &before);
	assert_int_equal(direct ? bed_subs(&bed, &f, 0, &out, NULL) : bed_peer(&bed, &f, 0, &out),
			 BED_REDIRECT);
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.b, want.b, want.len);
	dp_counters(bed.dp, slot, &after);
	assert_int_equal(after.tx4_packets - before.tx4_packets, v4);
	assert_int_equal(after.tx4_bytes - before.tx4_bytes, v4 ? len : 0);
	assert_int_equal(after.tx6_packets - before.tx6_packets, !v4);
	assert_int_equal(after.tx6_bytes - before.tx6_bytes, v4 ? 0 : len);
	assert_int_equal(after.rx4_packets + after.rx6_packets, 0);
}

static void expect_encap(uint32_t slot, const struct bed_ip *ip)
{
	expect_way(slot, ip, false);
}

static void test_encap(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 100, 1492 - 48 };
	struct bed_ip ip;
	uint32_t slot;
	size_t i;

	(void)state;
	for (slot = 0; slot < LINES; slot++) {
		for (i = 0; i < 4; i++) {
			ip = udp4(slot, sizes[i]);
			expect_encap(slot, &ip);
			expect_way(slot, &ip, true);
			ip = udp6(slot, sizes[i]);
			expect_encap(slot, &ip);
			expect_way(slot, &ip, true);
		}
	}
	ip = udp4(0, 1000);
	ip.frag = 0x2010;
	ip.ip_options = 8;
	expect_encap(0, &ip);
	expect_way(0, &ip, true);
}

/* With a label to subs0p, and not counted yet. */
static void expect_hop(const struct bed_frame *f)
{
	struct abi_counters before, after;
	struct bed_frame out;

	dp_counters(bed.dp, 0, &before);
	assert_int_equal(bed_subs(&bed, f, 0, &out, NULL), BED_PASS);
	dp_counters(bed.dp, 0, &after);
	assert_int_equal(out.b[0] << 8 | out.b[1], 0x02b5);
	assert_int_equal(out.len, f->len);
	assert_memory_equal(&before, &after, sizeof(before));
}

/* What needs the pair of devices takes it, and what is wrong gets its reason there. */
static void test_hop(void **state)
{
	struct abi_session s = bed_session_entry(0, 0, 0, 1);
	struct bed_ip ip[2] = { udp4(0, 100), udp6(0, 100) };
	struct bed_frame f;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		ip[i].proto = 6;
		f = bed_down_frame(&ip[i]);
		expect_hop(&f);
		ip[i].proto = 17;
		expect_way(0, &ip[i], true);
		f = bed_down_frame(&ip[i]);
		f.b[f.len++] = 0; /* longer than the packet in it */
		expect_hop(&f);
		f.len -= 2; /* shorter */
		expect_hop(&f);

		s.mtu = (uint16_t)(bed_down_frame(&ip[i]).len - 14);
		assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
		expect_way(0, &ip[i], true);
		s.mtu--;
		assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
		f = bed_down_frame(&ip[i]);
		expect_hop(&f);
		s = bed_session_entry(0, 0, 0, 1);
		s.flags |= ABI_SESSION_SLOW;
		assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
		expect_hop(&f);
		restore();
		s = bed_session_entry(0, 0, 0, 1);
	}
	assert_int_equal(dp_port_detach(bed.dp, BED_PORT), 0);
	expect_hop(&f);
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
}


static void test_too_big(void **state)
{
	struct abi_session s = bed_session_entry(0, 0, 0, 1);
	struct bed_ip four = udp4(0, 1400 - 28), six = udp6(0, 1400 - 48);
	struct bed_frame f;

	(void)state;
	s.mtu = 1400;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	expect_encap(0, &four);
	expect_encap(0, &six);
	four.payload++;
	six.payload++;
	f = labelled(&four);
	expect_peer_drop(&f, ABI_DROP_TOO_BIG);
	f = labelled(&six);
	expect_peer_drop(&f, ABI_DROP_TOO_BIG);
	restore();
}

static void test_stale(void **state)
{
	struct abi_session s = bed_session_entry(0, 0, 0, 1);
	struct bed_ip ip = udp4(0, 10);
	struct bed_frame f = labelled(&ip);

	(void)state;
	s.generation++;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	expect_peer_drop(&f, ABI_DROP_STALE);
	restore();
	assert_int_equal(dp_session_clear(bed.dp, 0), 0);
	expect_peer_drop(&f, ABI_DROP_STALE);
	memset(f.b + 8, 0, 4); /* generation 0 is nobody's, not that of an empty slot */
	expect_peer_drop(&f, ABI_DROP_STALE);
	restore();
	f = labelled(&ip);
	memset(f.b + 2, 0xff, 4); /* a slot beyond the array */
	expect_peer_drop(&f, ABI_DROP_STALE);
}

static void test_no_label(void **state)
{
	struct bed_ip ip = udp4(0, 10);
	struct bed_frame f = bed_down_frame(&ip);

	(void)state;
	expect_peer_drop(&f, ABI_DROP_NO_SESSION);
	f = labelled(&ip);
	f.b[1] ^= 1;
	expect_peer_drop(&f, ABI_DROP_NO_SESSION);
	f = labelled(&ip);
	f.b[7] ^= 1;
	expect_peer_drop(&f, ABI_DROP_NO_SESSION);
}

static void test_peer_malformed(void **state)
{
	struct bed_ip four = udp4(0, 10), six = udp6(0, 10);
	struct bed_frame f[2] = { labelled(&four), labelled(&six) }, g;
	uint32_t full;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		g = f[i];
		g.b[14] ^= 0x30;
		expect_peer_drop(&g, ABI_DROP_IP_MALFORMED);
		g = f[i];
		g.b[12] = 0x88, g.b[13] = 0x64;
		expect_peer_drop(&g, ABI_DROP_IP_MALFORMED);
		g = f[i];
		full = g.len;
		/* Without room for an IP header the kernel refuses to run a tc program. */
		for (g.len = bed.mode == DP_XDP ? 14 : i ? 54 : 34; g.len < full; g.len++)
			expect_peer_drop(&g, ABI_DROP_IP_MALFORMED);
	}
	g = f[0];
	g.b[14] = 0x44;
	expect_peer_drop(&g, ABI_DROP_IP_MALFORMED);
	g = f[0];
	g.b[17] = 19; /* a total length below the header's */
	expect_peer_drop(&g, ABI_DROP_IP_MALFORMED);
}

static void test_port_down(void **state)
{
	struct bed_ip ip = udp4(0, 10);
	struct bed_frame f = labelled(&ip);

	(void)state;
	assert_int_equal(dp_port_detach(bed.dp, BED_PORT), 0);
	expect_peer_drop(&f, ABI_DROP_PORT_DOWN);
	assert_int_equal(dp_port_detach(bed.dp, BED_PORT), -ENOENT);
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
	expect_encap(0, &ip);
}

/* One header for many segments would be garbage; in XDP a super-packet cannot exist. */
static void test_super_packet(void **state)
{
	struct bed_ip ip = udp4(0, 500);
	struct bed_frame f = labelled(&ip), out;

	(void)state;
	if (bed.mode == DP_TC)
		expect_counted(bed_peer(&bed, &f, 100, &out), ABI_DROP_ERROR);
	else
		assert_int_equal(bed_peer(&bed, &f, 0, &out), BED_REDIRECT);
}

static void test_mss(void **state)
{
	uint32_t slot;
	uint8_t at;

	(void)state;
	for (slot = 0; slot < LINES; slot++) {
		for (at = 0; at <= 36; at++) {
			bool v4 = at % 2 ^ slot % 2;
			struct bed_ip ip = v4 ? udp4(slot, 0) : udp6(slot, 0);
			uint32_t off = 14 + (v4 ? 20 : 40) + 20 + at, grow;
			struct bed_frame f, out;

			ip.proto = 6;
			ip.tcp_flags = 0x12;
			memset(ip.tcp_options, 1, 40);
			memcpy(ip.tcp_options + at, (uint8_t[]){ 2, 4, 0x05, 0xb4 }, 4);
			ip.tcp_options_len = (uint8_t)((at + 4 + 3) / 4 * 4);
			f = labelled(&ip);
			assert_int_equal(bed_peer(&bed, &f, 0, &out), BED_REDIRECT);
			grow = out.len - f.len;
			assert_int_equal(out.b[off + grow + 2] << 8 | out.b[off + grow + 3],
					 v4 ? 1452 : 1432);
			assert_true(bed_checksums_ok(out.b + 14 + grow, out.len - 14 - grow));
			assert_int_equal(out.b[14 + grow + (v4 ? 8 : 7)], 57);
		}
	}
}

static int open_bed(enum dp_mode mode)
{
	uint32_t i;

	if (bed_open(&bed, mode, NULL, 1))
		return -1;
	for (i = 0; i < LINES; i++)
		bed_session(&bed, i, lines[i].svlan, lines[i].cvlan, lines[i].sid);
	return 0;
}

BED_SETUP(open_bed)
BED_TEARDOWN

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label),	       cmocka_unit_test(test_no_session),
		cmocka_unit_test(test_link_local),     cmocka_unit_test(test_subs_malformed),
		cmocka_unit_test(test_encap),	       cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_stale),	       cmocka_unit_test(test_no_label),
		cmocka_unit_test(test_peer_malformed), cmocka_unit_test(test_port_down),
		cmocka_unit_test(test_super_packet),   cmocka_unit_test(test_mss),
		cmocka_unit_test(test_hop),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("downstream, xdp", tests, setup_xdp, teardown);
	return failed + cmocka_run_group_tests_name("downstream, tc", tests, setup_tc, teardown);
}
