// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fast path's programs for flows, in both modes: what goes around the stack, what comes out
 * then, and every reason for which a packet must not.
 */
#include "test/bpf/fast_rig.h"

static void lapse(const struct kind *k)
{
	struct abi_flow_key key = key_of(k, false);
	struct abi_flow w;

	assert_int_equal(dp_flow_get(bed.dp, &key, &w), 0);
	w.accepted = 1; /* long ago */
	dp_flow_del(bed.dp, &key);
	assert_int_equal(dp_flow_add(bed.dp, &key, &w), 0);
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
	struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down), out;

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
	if (bed.mode == DP_XDP) /* access_shape copies it, and then to the stack */
		assert_int_equal(bed_up(&bed, &fu, &out), BED_PASS);
	else
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

int main(void)
{
	const struct CMUnitTest flows[] = {
		cmocka_unit_test(test_forward),	   cmocka_unit_test(test_acceptance),
		cmocka_unit_test(test_exceptions), cmocka_unit_test(test_session),
		cmocka_unit_test(test_route),	   cmocka_unit_test(test_begins),
	};
	int failed;

	bed_devices(&bed);
	bed_core(&bed);
	failed = cmocka_run_group_tests_name("flows xdp", flows, flows_xdp, teardown);
	failed += cmocka_run_group_tests_name("flows tc", flows, flows_tc, teardown);
	return failed ? 1 : 0;
}
