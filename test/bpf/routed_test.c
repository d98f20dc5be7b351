// SPDX-License-Identifier: GPL-2.0-or-later
/* The fast path's programs for routed, in both modes: no flows, a session and a route are enough.
 */
#include "test/bpf/fast_rig.h"

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

/* What a veth hands over may have its checksum still to be made, and a redirect from XDP would forget
 * that: so core_tc redirects it. */
static void test_owed(void **state)
{
	struct bed_frame f, out;
	struct bed_ip ip;

	(void)state;
	for (unsigned i = 0; i < KINDS; i++) {
		if (kinds[i].nat)
			continue;
		ip = answer(&kinds[i], 33);
		f = from_core(&ip);
		assert_true(is_fast_down(&f));
		bed_checksum_owed(f.b + 14, f.len - 14);
		assert_int_equal(is_fast_down(&f), bed.mode != DP_XDP);
		assert_int_equal(bed_core_tc(&bed, &f, 0, &out), BED_REDIRECT);
		f.b[14 + (kinds[i].ip4 ? 9 : 6)] = 47; /* GRE: who knows what is in it */
		assert_int_equal(is_fast_down(&f), bed.mode != DP_XDP);
		f.b[14 + (kinds[i].ip4 ? 9 : 6)] = kinds[i].ip4 ? 1 : 58;
		assert_true(is_fast_down(&f)); /* ICMP */
	}
	ip = answer(&kinds[1], 33);
	f = from_core(&ip);
	f.b[14 + 26] = f.b[14 + 27] = 0; /* UDP without one: there may be a tunnel in it */
	assert_int_equal(is_fast_down(&f), bed.mode != DP_XDP);
}

/* A default route covers it, but the translator must see what goes there. */
static void test_pool6(void **state)
{
	static const uint8_t pool6[16] = { 0x00, 0x64, 0xff, 0x9b, [12] = 192, 0, 2, 2 };
	struct bed_ip ip = packet(&kinds[5], 20);
	struct bed_frame f;

	(void)state;
	memcpy(ip.dst6, pool6, sizeof(pool6));
	slow(ip);
	ip.dst6[11] = 1; /* a bit beyond the prefix */
	f = bed_up_frame(&line, &ip);
	assert_true(is_fast_up(&f));
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

/* Interfaces whose numbers share their low bits, an access one and a core one: the maps know all. */
static void test_hints(void **state)
{
	struct brasberry_bpf__bss *bss = bed.dp->skel->bss;
	uint32_t acc = (uint32_t)bed.acc, core = (uint32_t)bed.core;
	static const uint8_t mac[6] = { 2, 9, 9, 9, 9, 9 };
	struct bed_ip up = packet(&kinds[0], 33), down = answer(&kinds[0], 33);
	struct bed_frame fu = bed_up_frame(&line, &up), fd = from_core(&down);

	(void)state;
	assert_int_equal(bss->port_hints[acc % ABI_HINTS], BED_PORT);
	assert_int_equal(bss->core_hints[core % ABI_HINTS].ifindex, core);
	assert_memory_equal(bss->core_hints[core % ABI_HINTS].core.mac, bed_core_mac, 6);
	assert_int_equal(dp_port_announce(bed.dp, BED_PORT + 1, bed.acc + ABI_HINTS, mac), 0);
	assert_int_equal(bss->port_hints[acc % ABI_HINTS], BED_PORT + 1);
	bss->core_hints[core % ABI_HINTS].ifindex += ABI_HINTS;
	assert_true(is_fast_up(&fu));
	assert_true(is_fast_down(&fd));
	bss->core_hints[core % ABI_HINTS].ifindex = core;
	bss->core_hints[core % ABI_HINTS].core.mac[5]++;
	assert_false(is_fast_down(&fd)); /* it is what is read */
	bss->core_hints[core % ABI_HINTS].core.mac[5]--;
	dp_cores_done(bed.dp); /* it stays: attached since the last time */
	assert_true(is_fast_down(&fd));
	dp_cores_done(bed.dp);
	assert_int_equal(bss->core_hints[core % ABI_HINTS].ifindex, 0);
	assert_false(is_fast_down(&fd));
}

int main(void)
{
	const struct CMUnitTest routed[] = {
		cmocka_unit_test(test_routed),
		cmocka_unit_test(test_routed_exceptions),
		cmocka_unit_test(test_owed),
		cmocka_unit_test(test_pool6),
		cmocka_unit_test(test_hints),
	};
	int failed;

	bed_devices(&bed);
	bed_core(&bed);
	failed = cmocka_run_group_tests_name("routed xdp", routed, routed_xdp, teardown);
	failed += cmocka_run_group_tests_name("routed tc", routed, routed_tc, teardown);
	return failed ? 1 : 0;
}
