// SPDX-License-Identifier: GPL-2.0-or-later
/* Shaping and policing in the programs, in both modes: classes, the label between the two hooks of
 * an access interface and its forgery, the policer's bucket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>

#define V(id) (ABI_VLAN_PRESENT | (id))
#define TREES 2
#define OVER  22 /* Ethernet, PPPoE, PPP */

static struct bed bed;

/* Slots and their lines. */
static const struct bed_line lines[] = { { 0, 0, 1 }, { V(100), 0, 1 }, { V(100), V(7), 2 } };
#define LINES (sizeof(lines) / sizeof(lines[0]))

static struct bed_ip up_ip(bool v4, uint32_t slot, uint16_t payload)
{
	struct bed_ip ip = { .proto = 17, .payload = payload };

	if (v4) {
		ip.src4 = bed_ip4(slot);
		ip.dst4 = 0xc6336401;
		return ip;
	}
	bed_prefix6(slot, ip.src6);
	ip.src6[15] = 1;
	memcpy(ip.dst6, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = 9 }, 16);
	return ip;
}

static struct bed_ip down_ip(bool v4, uint32_t slot)
{
	struct bed_ip ip = up_ip(v4, slot, 100), r = ip;

	r.src4 = ip.dst4;
	r.dst4 = ip.src4;
	memcpy(r.src6, ip.dst6, 16);
	memcpy(r.dst6, ip.src6, 16);
	return r;
}

static struct bed_frame up_frame(bool v4, uint32_t slot, uint16_t payload)
{
	struct bed_ip ip = up_ip(v4, slot, payload);

	return bed_up_frame(&lines[slot], &ip);
}

static uint64_t dropped(enum abi_drop reason)
{
	uint64_t drops[ABI_DROP_COUNT], all = 0;
	int i;

	assert_int_equal(dp_drops(bed.dp, drops), 0);
	for (i = 0; i < ABI_DROP_COUNT; i++)
		all += drops[i];
	return reason == ABI_DROP_COUNT ? all : drops[reason];
}

#define expect_dropped(call, reason)                                                               \
	do {                                                                                       \
		uint64_t before_ = dropped(reason), all_ = dropped(ABI_DROP_COUNT);                \
		assert_int_equal(call, BED_DROP);                                                  \
		assert_int_equal(dropped(reason), before_ + 1);                                    \
		assert_int_equal(dropped(ABI_DROP_COUNT), all_ + 1);                               \
	} while (0)

static void session(uint32_t slot, uint32_t flags, uint64_t bps, uint64_t depth)
{
	struct abi_session s =
		bed_session_entry(slot, lines[slot].svlan, lines[slot].cvlan, lines[slot].sid);

	s.flags |= flags;
	s.police_cost = dp_police_cost(bps);
	s.police_depth = depth;
	assert_int_equal(dp_session_set(bed.dp, slot, &s), 0);
}

static void rx(uint32_t slot, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	struct abi_counters c;

	assert_int_equal(dp_counters(bed.dp, slot, &c), 0);
	*ret_packets = c.rx4_packets + c.rx6_packets;
	*ret_bytes = c.rx4_bytes + c.rx6_bytes;
}

/* --- classes --------------------------------------------------------------------------------- */

/* In the direction that is shaped, and in no other. */
static void test_down(void **state)
{
	static const struct {
		uint32_t flags, class_id;
	} rows[] = { { 0, 0 },
		     { ABI_SESSION_SHAPED_DOWN, 0xb030010 },
		     { ABI_SESSION_SHAPED_UP, 0 },
		     { ABI_SESSION_SHAPED_DOWN | ABI_SESSION_SHAPED_UP, 0xb030010 } };
	uint32_t i, gso, priority;

	(void)state;
	for (i = 0; i < 4; i++) {
		session(1, rows[i].flags, 0, 0);
		for (gso = 0; gso <= 60; gso += 60) {
			struct bed_ip ip = down_ip(gso, 1);
			struct bed_frame f = bed_down_frame(&ip), out;

			/* What needs neither a tree nor segmenting is on its way out. */
			assert_int_equal(bed_subs(&bed, &f, gso, &out, &priority),
					 gso || rows[i].class_id ? BED_PASS : BED_REDIRECT);
			assert_int_equal(priority, rows[i].class_id);
		}
	}
	session(1, 0, 0, 0);
}

/* What arrives on subs0, and the class it has come by. */
static void expect_up(const struct bed_frame *f, uint32_t slot, uint32_t class_id)
{
	uint32_t off = f->len, priority = ~0u, i;
	struct bed_frame mid, out;
	uint8_t label[12] = { 0x02, 0xb5, 0, 0, 0, 0, 0x02, 0xb6 };
	struct abi_session s = bed_session_entry(slot, 0, 0, 1);
	enum bed_end end = bed_up_class(&bed, f, &out, &priority);

	for (i = 22; i <= 30 && off == f->len; i += 4)
		if (f->b[i] >> 4 == 4 || f->b[i] == 0x60)
			off = i;
	if (bed.mode == DP_XDP && class_id) {
		assert_int_equal(end, BED_PASS);
		for (i = 0; i < 2; i++) {
			uint16_t half = (uint16_t)(slot >> 16 * i);
			uint16_t generation = (uint16_t)(s.generation >> 16 * i);

			memcpy(label + 2 + 2 * i, &half, 2);
			memcpy(label + 8 + 2 * i, &generation, 2);
		}
		assert_memory_equal(out.b, label, 12);
		mid = out;
		end = bed_access_shape(&bed, &mid, &out, &priority);
	}
	assert_int_equal(end, BED_REDIRECT);
	if (bed.mode == DP_TC || class_id)
		assert_int_equal(priority, class_id);
	assert_int_equal(out.len, 14 + f->len - off);
	assert_memory_equal(out.b, bed_subs_mac, 6);
	assert_memory_equal(out.b + 6, bed_cpe_mac, 6);
	assert_int_equal(out.b[12] << 8 | out.b[13], f->b[off] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	assert_memory_equal(out.b + 14, f->b + off, f->len - off);
}

static void test_up(void **state)
{
	uint64_t packets, bytes, packets2, bytes2;
	uint32_t slot;
	int v4;

	(void)state;
	for (slot = 0; slot < LINES; slot++) {
		for (v4 = 0; v4 < 2; v4++) {
			struct bed_frame f = up_frame(v4, slot, 600);

			session(slot, ABI_SESSION_SHAPED_UP, 0, 0);
			rx(slot, &packets, &bytes);
			expect_up(&f, slot, bed_class_id(slot, TREES));
			rx(slot, &packets2, &bytes2);
			assert_int_equal(packets2, packets + 1);
			assert_int_equal(bytes2, bytes + 600 + (v4 ? 28 : 48));
			session(slot, ABI_SESSION_SHAPED_DOWN, 0, 0);
			expect_up(&f, slot, 0);
			session(slot, 0, 0, 0);
			expect_up(&f, slot, 0);
		}
	}
}

/* --- the label between the hooks -------------------------------------------------------------- */

static struct bed_frame labelled(uint32_t slot)
{
	struct bed_frame f = up_frame(true, slot, 100), out;

	session(slot, ABI_SESSION_SHAPED_UP, 0, 0);
	assert_int_equal(bed_up(&bed, &f, &out), BED_PASS);
	return out;
}

static void test_second_hook(void **state)
{
	struct bed_frame f, out;
	struct abi_session s = bed_session_entry(0, 0, 0, 1);
	uint32_t priority;

	(void)state;
	f = labelled(0);
	s.generation++; /* the slot has a new owner */
	s.flags |= ABI_SESSION_SHAPED_UP;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	expect_dropped(bed_access_shape(&bed, &f, &out, NULL), ABI_DROP_STALE);
	assert_int_equal(dp_session_clear(bed.dp, 0), 0);
	expect_dropped(bed_access_shape(&bed, &f, &out, NULL), ABI_DROP_STALE);
	memset(f.b + 8, 0, 4);
	expect_dropped(bed_access_shape(&bed, &f, &out, NULL), ABI_DROP_STALE);
	f = labelled(0);
	memset(f.b + 2, 0xff, 4); /* a slot beyond the array */
	expect_dropped(bed_access_shape(&bed, &f, &out, NULL), ABI_DROP_STALE);
	/* The plan has gone while the packet was on its way. */
	f = labelled(0);
	session(0, 0, 0, 0);
	assert_int_equal(bed_access_shape(&bed, &f, &out, &priority), BED_REDIRECT);
	assert_int_equal(priority, 0);
	assert_memory_equal(out.b, bed_subs_mac, 6);
}

/* Frames without a label are the stack's. */
static void test_second_hook_passes(void **state)
{
	struct bed_frame f = up_frame(true, 0, 100), out;
	static const int at[] = { 0, 1, 6, 7 };
	int i;

	(void)state;
	assert_int_equal(bed_access_shape(&bed, &f, &out, NULL), BED_PASS);
	assert_memory_equal(out.b, f.b, f.len);
	for (i = 0; i < 4; i++) {
		f = labelled(0);
		f.b[at[i]] ^= 0x10;
		assert_int_equal(bed_access_shape(&bed, &f, &out, NULL), BED_PASS);
		assert_memory_equal(out.b, f.b, f.len);
	}
	session(0, 0, 0, 0);
}

/* A station that writes the label itself, in whatever frame, gets nowhere. */
static void test_forged(void **state)
{
	static const uint16_t types[] = { ETH_P_IP,    ETH_P_IPV6, ETH_P_PPP_SES, ETH_P_PPP_DISC,
					  ETH_P_8021Q, ETH_P_ARP,  0x05dc };
	struct bed_frame f, out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		f = labelled(1);
		f.b[12] = (uint8_t)(types[i] >> 8);
		f.b[13] = (uint8_t)types[i];
		expect_dropped(bed_up(&bed, &f, &out), ABI_DROP_LABEL_FORGED);
		f.len = 14;
		expect_dropped(bed_up(&bed, &f, &out), ABI_DROP_LABEL_FORGED);
	}
	f = labelled(1);
	f.b[7] ^= 1; /* a station of such an address, but for us it is none */
	assert_int_equal(bed_up(&bed, &f, &out), BED_PASS);
	session(1, 0, 0, 0);
}

/* --- the policer ------------------------------------------------------------------------------ */

static void test_police(void **state)
{
	uint64_t packets, bytes, was, drops, drop_bytes;
	struct bed_frame f[2], out;
	int i, passed = 0;

	(void)state;
	assert_int_equal(dp_session_clear(bed.dp, 2), 0);
	/* Room for 5 packets of 150 octets with their overhead: 150 ms each. */
	session(2, ABI_SESSION_POLICED_UP, 8000, 5 * 150 * 1000000ull);
	f[0] = up_frame(true, 2, 150 - OVER - 28);
	f[1] = up_frame(false, 2, 150 - OVER - 48);
	was = dropped(ABI_DROP_RATE);
	for (i = 0; i < 20; i++)
		passed += bed_up(&bed, &f[i % 2], &out) == BED_REDIRECT;
	assert_in_range(passed, 5, 6); /* a sixth where this took 150 ms */
	assert_int_equal(dropped(ABI_DROP_RATE), was + 20 - passed);
	rx(2, &packets, &bytes); /* what was dropped did not enter */
	assert_int_equal(packets, passed);
	assert_int_equal(bytes, passed * (150 - OVER));
	assert_int_equal(dp_police_stats(bed.dp, 2, &drops, &drop_bytes), 0);
	assert_int_equal(drops, 20 - passed);
	assert_int_equal(drop_bytes, drops * (150 - OVER));
	assert_int_equal(dp_police_stats(bed.dp, BED_SESSIONS, &drops, &drop_bytes), -EINVAL);
}

/* A new rate begins with the bucket as it is; a new session with a full one. */
static void test_police_change(void **state)
{
	struct bed_frame f = up_frame(true, 2, 150 - OVER - 28), out;
	uint64_t drops, bytes;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		(void)bed_up(&bed, &f, &out);
	session(2, ABI_SESSION_POLICED_UP, 7000, 5 * 150 * 1000000ull);
	expect_dropped(bed_up(&bed, &f, &out), ABI_DROP_RATE);
	session(2, ABI_SESSION_POLICED_UP, 1000000, 60ull * 1000000000);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	session(2, 0, 8000, 0);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	assert_int_equal(dp_session_clear(bed.dp, 2), 0);
	assert_int_equal(dp_police_stats(bed.dp, 2, &drops, &bytes), 0);
	assert_int_equal(drops + bytes, 0);
	session(2, ABI_SESSION_POLICED_UP, 8000, 150 * 1000000ull);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	/* Spoofed packets take nothing from the bucket. */
	assert_int_equal(dp_session_clear(bed.dp, 2), 0);
	session(2, ABI_SESSION_POLICED_UP, 8000, 150 * 1000000ull);
	f.b[30 + 15] ^= 1;
	expect_dropped(bed_up(&bed, &f, &out), ABI_DROP_SPOOFED_IP4);
	f.b[30 + 15] ^= 1;
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	session(2, 0, 0, 0);
}

/* Policed and shaped at once: first the one, then the other. */
static void test_police_shaped(void **state)
{
	struct bed_frame f = up_frame(true, 0, 150 - OVER - 28), out;

	(void)state;
	assert_int_equal(dp_session_clear(bed.dp, 0), 0);
	session(0, ABI_SESSION_POLICED_UP | ABI_SESSION_SHAPED_UP, 8000, 150 * 1000000ull);
	expect_up(&f, 0, 0xb020010);
	expect_dropped(bed_up(&bed, &f, &out), ABI_DROP_RATE);
	session(0, 0, 0, 0);
}

/* --- with and without trees ------------------------------------------------------------------- */

static bool clsact(void)
{
	return !system("tc qdisc show dev acc0 | grep -q clsact");
}

/* Of two sessions one is copied: XDP lets it pass to who can, and the other goes as it went. */
static void copied(void)
{
	struct abi_session s = bed_session_entry(0, lines[0].svlan, lines[0].cvlan, lines[0].sid);
	struct bed_frame f = up_frame(true, 0, 100), out, mid;
	enum bed_end end;

	s.streams = 1;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), 0);
	end = bed_up(&bed, &f, &out);
	if (bed.mode == DP_XDP) {
		assert_int_equal(end, BED_PASS);
		mid = out;
		end = bed_access_shape(&bed, &mid, &out, NULL);
	}
	assert_int_equal(end, BED_REDIRECT);
	assert_memory_equal(out.b, bed_subs_mac, 6);
	assert_memory_equal(out.b + 6, bed_cpe_mac, 6);
	bed_session(&bed, 1, lines[1].svlan, lines[1].cvlan, lines[1].sid);
	f = up_frame(true, 1, 100);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
}

static void test_attach(void **state)
{
	struct bed_frame f = up_frame(true, 0, 100), out;
	enum dp_mode mode = bed.mode;

	(void)state;
	assert_true(clsact());
	assert_int_equal(dp_port_detach(bed.dp, BED_PORT), 0);
	assert_false(clsact());
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
	assert_true(clsact());
	bed_close(&bed);
	assert_false(clsact());
	/* Without trees there is nothing to pass on to, whatever a session's flags say; only copies
	 * are made there. */
	bed.trees = 0;
	assert_int_equal(bed_open(&bed, mode, NULL, 0), 0);
	assert_true(clsact());
	bed_session(&bed, 0, 0, 0, 1);
	session(0, ABI_SESSION_SHAPED_UP, 0, 0);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	assert_memory_equal(out.b, bed_subs_mac, 6);
	copied();
	bed_close(&bed);
	bed.trees = TREES;
	assert_int_equal(bed_open(&bed, mode, NULL, 0), 0);
}

static int open_bed(enum dp_mode mode)
{
	uint32_t i;

	bed.trees = TREES;
	bed.overhead = OVER;
	if (bed_open(&bed, mode, NULL, 0))
		return -1;
	for (i = 0; i < LINES; i++)
		bed_session(&bed, i, lines[i].svlan, lines[i].cvlan, lines[i].sid);
	return 0;
}

BED_SETUP(open_bed)

static int teardown(void **state)
{
	(void)state;
	bed_close(&bed);
	return clsact() ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest both[] = {
		cmocka_unit_test(test_down),	      cmocka_unit_test(test_up),
		cmocka_unit_test(test_police),	      cmocka_unit_test(test_police_change),
		cmocka_unit_test(test_police_shaped), cmocka_unit_test(test_attach),
	};
	const struct CMUnitTest label[] = {
		cmocka_unit_test(test_second_hook),
		cmocka_unit_test(test_second_hook_passes),
		cmocka_unit_test(test_forged),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("shaping, xdp", both, setup_xdp, teardown);
	failed += cmocka_run_group_tests_name("the label, xdp", label, setup_xdp, teardown);
	return failed + cmocka_run_group_tests_name("shaping, tc", both, setup_tc, teardown);
}
