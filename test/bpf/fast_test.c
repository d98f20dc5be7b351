// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fast path's programs: what goes around the stack, what comes out then, and every reason for
 * which a packet must not. Run for flows and for routed, in both modes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define V(id) (ABI_VLAN_PRESENT | (id))
#define WEB4  0xc6336401 /* 198.51.100.1 */
#define NAT4  0xc0000201 /* 192.0.2.1 */
#define NATP  61234
#define SLOT  1

static struct bed bed;
static const struct bed_line line = { V(100), 0, 1 };
static const uint8_t web6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = 9 };

struct kind {
	const char *name;
	bool ip4, nat;
	uint8_t proto;
};

static const struct kind kinds[] = {
	{ "IPv4 TCP", true, false, 6 },	   { "IPv4 UDP", true, false, 17 },
	{ "IPv4 TCP NAT", true, true, 6 }, { "IPv4 UDP NAT", true, true, 17 },
	{ "IPv6 TCP", false, false, 6 },   { "IPv6 UDP", false, false, 17 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* --- packets --------------------------------------------------------------------------------- */

static uint32_t ip_off(void)
{
	return 26;
}

static struct bed_ip packet(const struct kind *k, uint16_t payload)
{
	struct bed_ip ip = { .proto = k->proto, .payload = payload, .tcp_flags = 0x10 };

	if (k->ip4) {
		ip.src4 = bed_ip4(SLOT);
		ip.dst4 = WEB4;
		return ip;
	}
	bed_prefix6(SLOT, ip.src6);
	ip.src6[15] = 1;
	memcpy(ip.dst6, web6, 16);
	return ip;
}

/* The answer to it, as the core sends it. */
static struct bed_ip answer(const struct kind *k, uint16_t payload)
{
	struct bed_ip up = packet(k, payload), ip = up;

	ip.src4 = up.dst4;
	ip.dst4 = k->nat ? NAT4 : up.src4;
	ip.sport = 443;
	ip.dport = k->nat ? NATP : 40000;
	memcpy(ip.src6, up.dst6, 16);
	memcpy(ip.dst6, up.src6, 16);
	return ip;
}

static struct bed_frame from_core(const struct bed_ip *ip)
{
	struct bed_frame f = bed_down_frame(ip);

	memcpy(f.b, bed_core_mac, 6);
	memcpy(f.b + 6, bed_hop_mac, 6);
	return f;
}

static void ip6_of(uint32_t dst[4], const uint8_t src[16])
{
	memcpy(dst, src, 16);
}

static struct abi_flow_key key_of(const struct kind *k, bool down)
{
	struct bed_ip ip = down ? answer(k, 0) : packet(k, 0);
	struct abi_flow_key key = {
		.sport_be = htobe16(down ? 443 : 40000),
		.dport_be = htobe16(down ? ip.dport : 443),
		.proto = k->proto,
		.family = k->ip4 ? 4 : 6,
		.down = down,
	};

	if (k->ip4) {
		key.src[0] = htobe32(ip.src4);
		key.dst[0] = htobe32(ip.dst4);
	} else {
		ip6_of(key.src, ip.src6);
		ip6_of(key.dst, ip.dst6);
	}
	return key;
}

static uint16_t diff(const void *from, const void *to, size_t len)
{
	const uint16_t *a = from, *b = to;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += (uint16_t)~a[i] + b[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static struct abi_flow flow_of(const struct kind *k, bool down)
{
	struct abi_flow_key key = key_of(k, down);
	struct abi_flow w = { .slot = SLOT,
			      .generation = bed_session_entry(SLOT, 0, 0, 1).generation };
	uint32_t from[2] = { key.src[0], key.dst[0] }, to[2];
	uint16_t ports[2] = { key.sport_be, key.dport_be }, out[2];

	if (!k->nat)
		return w;
	w.flags = ABI_FLOW_NAT;
	w.src_be = to[0] = down ? key.src[0] : htobe32(NAT4);
	w.dst_be = to[1] = down ? htobe32(bed_ip4(SLOT)) : key.dst[0];
	w.sport_be = out[0] = down ? key.sport_be : htobe16(NATP);
	w.dport_be = out[1] = down ? htobe16(40000) : key.dport_be;
	w.addr_diff = diff(from, to, sizeof(from));
	w.port_diff = diff(ports, out, sizeof(ports));
	return w;
}

/* --- ends ------------------------------------------------------------------------------------ */

static bool is_fast_up(const struct bed_frame *f)
{
	struct bed_frame out;

	assert_int_equal(bed_up(&bed, f, &out), BED_REDIRECT);
	if (!memcmp(out.b, bed_hop_mac, 6))
		return true;
	assert_memory_equal(out.b, bed_subs_mac, 6); /* to the stack */
	return false;
}

static bool is_fast_down(const struct bed_frame *f)
{
	struct bed_frame out;
	enum bed_end end = bed_core_in(&bed, f, &out);

	assert_int_not_equal(end, BED_DROP);
	if (end == BED_PASS)
		assert_memory_equal(out.b, f->b, f->len);
	return end == BED_REDIRECT;
}

static void lapse(const struct kind *k)
{
	struct abi_flow_key key = key_of(k, false);
	struct abi_flow w;

	assert_int_equal(dp_flow_get(bed.dp, &key, &w), 0);
	w.accepted = 1; /* long ago */
	dp_flow_del(bed.dp, &key);
	assert_int_equal(dp_flow_add(bed.dp, &key, &w), 0);
}

/* Entries as if the stack had just let both through. */
static void offer(const struct kind *k, bool accepted)
{
	for (int down = 0; down < 2; down++) {
		struct abi_flow_key key = key_of(k, down);
		struct abi_flow w = flow_of(k, down);
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
		if (accepted) {
			w.accepted = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
			w.rules = 1;
			w.seen = 1500;
		}
		(void)dp_flow_del(bed.dp, &key);
		assert_int_equal(dp_flow_add(bed.dp, &key, &w), 0);
	}
}

static void withdraw(const struct kind *k)
{
	for (int down = 0; down < 2; down++) {
		struct abi_flow_key key = key_of(k, down);

		(void)dp_flow_del(bed.dp, &key);
	}
}

static void check_out(const struct bed_frame *in, uint32_t from, const struct bed_frame *out,
		      uint32_t to, const struct kind *k, bool down)
{
	const uint8_t *a = in->b + from, *b = out->b + to;
	struct abi_flow w = flow_of(k, down);
	uint32_t len = in->len - from, l4 = k->ip4 ? 20 : 40;

	assert_int_equal(out->len - to, len);
	assert_true(bed_checksums_ok(b, len));
	assert_int_equal(b[k->ip4 ? 8 : 7], 56);
	assert_memory_equal(a + l4 + 8, b + l4 + 8, k->proto == 6 ? 8 : len - l4 - 8);
	if (!k->nat) {
		assert_memory_equal(a + l4 - 8, b + l4 - 8, len - l4 + 8);
		return;
	}
	assert_memory_equal(b + 12, &w.src_be, 4);
	assert_memory_equal(b + 16, &w.dst_be, 4);
	assert_memory_equal(b + 20, &w.sport_be, 2);
	assert_memory_equal(b + 22, &w.dport_be, 2);
}

static void test_forward(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 18, 19, 511, 1400 };

	(void)state;
	for (unsigned i = 0; i < KINDS * 6; i++) {
		const struct kind *k = &kinds[i / 6];
		struct bed_ip up = packet(k, sizes[i % 6]), down = answer(k, sizes[i % 6]);
		struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down), out;
		struct abi_flow_key key = key_of(k, false);
		struct abi_counters before, after;
		struct abi_flow w;
		uint32_t len = fu.len - ip_off();

		offer(k, true);
		assert_int_equal(dp_counters(bed.dp, SLOT, &before), 0);
		assert_int_equal(bed_up(&bed, &fu, &out), BED_REDIRECT);
		assert_memory_equal(out.b, bed_hop_mac, 6);
		assert_memory_equal(out.b + 6, bed_core_mac, 6);
		check_out(&fu, ip_off(), &out, 14, k, false);
		assert_int_equal(dp_flow_get(bed.dp, &key, &w), 0);
		assert_int_equal(w.packets, 1);
		assert_int_equal(w.bytes, len);
		assert_int_equal(w.ifindex, bed.core);

		memset(fd.b + fd.len, 0xa5, 46); /* padding */
		fd.len += 46;
		assert_int_equal(bed_core_in(&bed, &fd, &out), BED_REDIRECT);
		fd.len -= 46;
		if (bed.mode == DP_XDP) {
			assert_memory_equal(out.b, bed_cpe_mac, 6);
			assert_memory_equal(out.b + 6, bed_port_mac, 6);
			assert_int_equal(out.b[22] << 8 | out.b[23], len + 2);
			check_out(&fd, 14, &out, ip_off(), k, true);
		} else { /* its checksum is not known to be made: by way of subs0 */
			check_out(&fd, 14, &out, 14, k, true);
		}
		assert_int_equal(dp_counters(bed.dp, SLOT, &after), 0);
		assert_int_equal(after.rx4_bytes + after.rx6_bytes - before.rx4_bytes -
					 before.rx6_bytes,
				 len);
		if (bed.mode == DP_XDP)
			assert_int_equal(after.tx4_bytes + after.tx6_bytes - before.tx4_bytes -
						 before.tx6_bytes,
					 len);
		withdraw(k);
	}
}

/* An entry holds only when the stack has let one through, in this generation and lately. */
static void test_acceptance(void **state)
{
	struct abi_fast f = { .rules = 2, .routes = 1, .on = 1, .lease_ms = ABI_FLOW_LEASE };

	(void)state;
	for (unsigned i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];
		struct bed_ip up = packet(k, 64), down = answer(k, 64), out = up;
		struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down), fo, fo2;

		f.rules = 1;
		assert_int_equal(dp_fast_set(bed.dp, &f), 0);
		assert_false(is_fast_up(&fu));
		offer(k, false);
		assert_false(is_fast_up(&fu));
		assert_false(is_fast_down(&fd));
		if (k->nat) {
			out.src4 = NAT4;
			out.sport = NATP;
		}
		fo = bed_down_frame(&out);
		bed_core_out(&bed, &fo);
		assert_true(is_fast_up(&fu));
		assert_false(is_fast_down(&fd));
		out = down;
		if (k->nat) {
			out.dst4 = up.src4;
			out.dport = 40000;
		}
		fo2 = bed_down_frame(&out);
		bed_subs_out(&bed, &fo2);
		assert_true(is_fast_down(&fd));
		f.rules = 2;
		assert_int_equal(dp_fast_set(bed.dp, &f), 0);
		assert_false(is_fast_up(&fu));
		assert_false(is_fast_down(&fd));
		bed_core_out(&bed, &fo);
		assert_true(is_fast_up(&fu));
		assert_false(is_fast_down(&fd));
		lapse(k);
		assert_false(is_fast_up(&fu));
		f.on = 0;
		offer(k, true);
		assert_int_equal(dp_fast_set(bed.dp, &f), 0);
		assert_false(is_fast_up(&fu));
		assert_false(is_fast_down(&fd));
		f.on = 1;
		withdraw(k);
	}
	f.rules = 1;
	assert_int_equal(dp_fast_set(bed.dp, &f), 0);
}

static void slow(struct bed_ip ip)
{
	struct bed_frame f = bed_up_frame(&line, &ip);

	assert_false(is_fast_up(&f));
}

static void slow_down(struct bed_ip ip)
{
	struct bed_frame f = from_core(&ip);

	assert_false(is_fast_down(&f));
}

/* A new connection with the addresses of an old one is not translated as that was. */
static void test_begins(void **state)
{
	const struct kind *tcp = &kinds[0];
	struct bed_ip ip = packet(tcp, 10);
	struct bed_frame f = bed_up_frame(&line, &ip);

	(void)state;
	offer(tcp, true);
	assert_true(is_fast_up(&f));
	ip.tcp_flags = 0x02;
	slow(ip);
	assert_false(is_fast_up(&f));
}

/* What the stack must see. */
static void test_exceptions(void **state)
{
	const struct kind *tcp = &kinds[0];
	struct bed_ip ip;
	struct bed_frame f;

	(void)state;
	offer(tcp, true);
	for (uint8_t flag = 1; flag <= 4; flag <<= 1) { /* FIN, SYN with ACK, RST */
		ip = packet(tcp, 10);
		ip.tcp_flags = 0x10 | flag;
		slow(ip);
		ip = answer(tcp, 10);
		ip.tcp_flags = 0x10 | flag;
		slow_down(ip);
	}
	ip = packet(tcp, 10);
	ip.ip_options = 4;
	slow(ip);
	ip = packet(tcp, 10);
	ip.frag = 0x2000;
	slow(ip);
	ip.frag = 7;
	slow(ip);
	ip = answer(tcp, 1472); /* 1512 */
	slow_down(ip);
	ip = packet(tcp, 10);
	f = bed_up_frame(&line, &ip);
	f.b[ip_off() + 8] = 1;
	assert_false(is_fast_up(&f));
	ip = answer(tcp, 10);
	f = from_core(&ip);
	f.b[14 + 8] = 1;
	assert_false(is_fast_down(&f));
	f = from_core(&ip);
	f.b[0] ^= 4; /* not addressed to the router */
	assert_false(is_fast_down(&f));
	for (uint32_t len = 34; len < 14 + 40; len++) { /* cut off */
		f = from_core(&ip);
		f.len = len;
		assert_false(is_fast_down(&f));
	}
	f = from_core(&ip);
	assert_true(is_fast_down(&f));
	withdraw(tcp);
}

/* Whose flow it is. */
static void test_session(void **state)
{
	const struct kind *k = &kinds[1];
	struct abi_session s = bed_session_entry(SLOT, line.svlan, line.cvlan, line.sid), was = s;
	struct bed_ip up = packet(k, 64), down = answer(k, 64);
	struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down);

	(void)state;
	offer(k, true);
	assert_true(is_fast_up(&fu));
	assert_true(is_fast_down(&fd));
	s.flags |= ABI_SESSION_SLOW;
	assert_int_equal(dp_session_set(bed.dp, SLOT, &s), 0);
	assert_false(is_fast_up(&fu));
	assert_false(is_fast_down(&fd));
	s = was;
	s.mirror = 1;
	assert_int_equal(dp_session_set(bed.dp, SLOT, &s), 0);
	assert_false(is_fast_up(&fu));
	assert_false(is_fast_down(&fd));
	s = was;
	s.generation++;
	assert_int_equal(dp_session_set(bed.dp, SLOT, &s), 0);
	assert_false(is_fast_up(&fu));
	assert_false(is_fast_down(&fd));
	assert_int_equal(dp_session_set(bed.dp, SLOT, &was), 0);
	assert_true(is_fast_up(&fu));
	withdraw(k);
	assert_false(is_fast_up(&fu));
	assert_false(is_fast_down(&fd));
}

/* A neighbour that changes is followed with the generation, and a line that is too narrow kept. */
static void test_route(void **state)
{
	const struct kind *k = &kinds[1];
	struct abi_fast f = { .rules = 1, .routes = 2, .on = 1, .lease_ms = ABI_FLOW_LEASE };
	struct abi_flow_key key = key_of(k, false);
	struct bed_ip up = packet(k, 64);
	struct bed_frame fu = bed_up_frame(&line, &up), fo, big, out;
	struct abi_flow w;

	(void)state;
	offer(k, true);
	assert_true(is_fast_up(&fu));
	bed_sh("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:ef dev core0");
	assert_true(is_fast_up(&fu)); /* nobody has said so yet */
	assert_int_equal(dp_fast_set(bed.dp, &f), 0);
	assert_false(is_fast_up(&fu)); /* the stack shall see where it goes */
	assert_int_equal(dp_flow_get(bed.dp, &key, &w), 0);
	assert_int_equal(w.dst_mac[2] >> 8, 0xef);
	fo = bed_down_frame(&up);
	bed_core_out(&bed, &fo);
	assert_int_equal(bed_up(&bed, &fu, &out), BED_REDIRECT);
	assert_int_equal(out.b[5], 0xef);
	up = packet(k, 65); /* larger than any that the stack has let through */
	big = bed_up_frame(&line, &up);
	assert_false(is_fast_up(&big));
	fo = bed_down_frame(&up);
	bed_core_out(&bed, &fo);
	assert_int_equal(bed_up(&bed, &big, &out), BED_REDIRECT);
	assert_int_equal(out.b[5], 0xef);
	bed_sh("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:ee dev core0; ip link set core0 "
	       "mtu 1300");
	f.routes++;
	assert_int_equal(dp_fast_set(bed.dp, &f), 0);
	assert_false(is_fast_up(&fu));
	up = packet(k, 1350);
	fo = bed_down_frame(&up);
	bed_core_out(&bed, &fo);
	big = bed_up_frame(&line, &up);
	assert_false(is_fast_up(&big));
	assert_true(is_fast_up(&fu));
	bed_sh("ip link set core0 mtu 1500");
	bed_sh("ip route del default");
	f.routes++;
	assert_int_equal(dp_fast_set(bed.dp, &f), 0);
	assert_false(is_fast_up(&fu));
	bed_sh("ip route add default via 192.0.2.2");
	f.routes++;
	assert_int_equal(dp_fast_set(bed.dp, &f), 0);
	withdraw(k);
}

/* --- routed ---------------------------------------------------------------------------------- */

static void test_routed(void **state)
{
	static const uint8_t mss[4] = { 2, 4, 0x05, 0xb4 }; /* 1460 */

	(void)state;
	for (unsigned i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];
		struct bed_ip up = packet(k, 33), down = answer(k, 33);
		struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down), out;

		if (k->nat)
			continue;
		assert_int_equal(bed_up(&bed, &fu, &out), BED_REDIRECT);
		assert_memory_equal(out.b, bed_hop_mac, 6);
		check_out(&fu, ip_off(), &out, 14, k, false);
		assert_int_equal(bed_core_in(&bed, &fd, &out), BED_REDIRECT);
		if (bed.mode != DP_XDP)
			continue;
		check_out(&fd, 14, &out, ip_off(), k, true);
		if (k->proto != 6)
			continue;
		down.tcp_flags = 2;
		memcpy(down.tcp_options, mss, 4);
		down.tcp_options_len = 4;
		fd = from_core(&down);
		assert_int_equal(bed_core_in(&bed, &fd, &out), BED_REDIRECT);
		assert_true(bed_checksums_ok(out.b + ip_off(), out.len - ip_off()));
		assert_int_equal(out.b[ip_off() + (k->ip4 ? 42 : 62)] << 8 |
					 out.b[ip_off() + (k->ip4 ? 43 : 63)],
				 k->ip4 ? 1452 : 1432);
	}
}

static void test_routed_exceptions(void **state)
{
	struct bed_ip ip = answer(&kinds[1], 20);

	(void)state;
	ip.dst4 = bed_ip4(900); /* nobody's */
	slow_down(ip);
	ip = answer(&kinds[1], 20);
	ip.src4 = 0xe0000001;
	slow_down(ip);
	ip = packet(&kinds[1], 20);
	ip.dst4 = NAT4; /* the box itself */
	slow(ip);
	ip.dst4 = bed_ip4(2); /* another line */
	slow(ip);
}

/* --------------------------------------------------------------------------------------------- */

static int setup(enum dp_mode mode, enum abi_fastpath fastpath)
{
	bed.fastpath = fastpath;
	if (bed_open(&bed, mode, NULL, 1) || bed_core_attach(&bed))
		return -1;
	bed_session(&bed, SLOT, line.svlan, line.cvlan, line.sid);
	bed_session(&bed, 2, 0, 0, 2);
	return 0;
}

static int flows_xdp(void **state)
{
	(void)state;
	return setup(DP_XDP, ABI_FAST_FLOWS);
}

static int flows_tc(void **state)
{
	(void)state;
	return setup(DP_TC, ABI_FAST_FLOWS);
}

static int routed_xdp(void **state)
{
	(void)state;
	return setup(DP_XDP, ABI_FAST_ROUTED);
}

static int routed_tc(void **state)
{
	(void)state;
	return setup(DP_TC, ABI_FAST_ROUTED);
}

static int teardown(void **state)
{
	(void)state;
	bed_close(&bed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest flows[] = {
		cmocka_unit_test(test_forward),	   cmocka_unit_test(test_acceptance),
		cmocka_unit_test(test_exceptions), cmocka_unit_test(test_session),
		cmocka_unit_test(test_route),	   cmocka_unit_test(test_begins),
	};
	const struct CMUnitTest routed[] = {
		cmocka_unit_test(test_routed),
		cmocka_unit_test(test_routed_exceptions),
	};
	int failed;

	bed_devices(&bed);
	bed_core(&bed);
	failed = cmocka_run_group_tests_name("flows xdp", flows, flows_xdp, teardown);
	failed += cmocka_run_group_tests_name("flows tc", flows, flows_tc, teardown);
	failed += cmocka_run_group_tests_name("routed xdp", routed, routed_xdp, teardown);
	failed += cmocka_run_group_tests_name("routed tc", routed, routed_tc, teardown);
	return failed ? 1 : 0;
}
