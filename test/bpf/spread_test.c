// SPDX-License-Identifier: GPL-2.0-or-later
/* Which CPU gets a frame from a line: sessions' data by MAC and session id, nothing else; what a CPU
 * carries and loses is counted to the frame. Needs two CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SESSIONS 64
#define V(id)	 (ABI_VLAN_PRESENT | (id))

static struct bed bed;

static struct dp_cpu cpu(unsigned n)
{
	struct dp_cpu c;

	assert_int_equal(dp_cpu_get(bed.dp, n, &c), 0);
	return c;
}

static unsigned expected(uint16_t sid)
{
	uint16_t mac[3];

	memcpy(mac, bed_cpe_mac, sizeof(mac));
	return abi_spread_index(mac, sid, 2);
}

static struct bed_frame data(uint16_t svlan, uint16_t cvlan, uint16_t sid, uint32_t src)
{
	const struct bed_line line = { svlan, cvlan, sid };
	const struct bed_ip ip = { .src4 = src, .dst4 = 0xc0000202, .proto = 17, .payload = 100 };

	return bed_up_frame(&line, &ip);
}

/* @wanted: the CPU, or -1: it stays. */
static void goes(const struct bed_frame *f, int wanted, enum bed_end end)
{
	const uint64_t before[2] = { cpu(0).handed, cpu(1).handed };
	struct bed_frame out;

	assert_int_equal(bed_up(&bed, f, &out), end);
	for (unsigned n = 0; n < 2; n++)
		assert_int_equal(cpu(n).handed - before[n], (int)n == wanted);
}

static void test_sessions(void **state)
{
	unsigned of[2] = { 0 };

	(void)state;
	for (uint16_t sid = 1; sid <= SESSIONS; sid++) {
		const struct bed_frame plain = data(0, 0, sid, bed_ip4(0)),
				       tagged = data(V(7), 0, sid, bed_ip4(0)),
				       twice = data(V(7), V(8), sid, bed_ip4(0));

		goes(&plain, (int)expected(sid), BED_REDIRECT);
		goes(&tagged, (int)expected(sid), BED_REDIRECT);
		goes(&twice, (int)expected(sid), BED_REDIRECT);
		of[expected(sid)]++;
	}
	assert_in_range(of[0], SESSIONS / 4, 3 * SESSIONS / 4);
}

static void test_control_stays(void **state)
{
	struct bed_frame f = data(0, 0, 1, bed_ip4(0));

	(void)state;
	f.b[20] = 0xc0; /* LCP */
	f.b[21] = 0x21;
	goes(&f, -1, BED_PASS);
	f = data(0, 0, 1, bed_ip4(0));
	f.b[13] = 0x63; /* discovery */
	goes(&f, -1, BED_PASS);
	f = data(0, 0, 1, bed_ip4(0));
	f.b[14] = 0x12; /* PPPoE of another version */
	goes(&f, -1, BED_DROP);
	f = data(0, 0, 1, bed_ip4(0));
	f.len = 24; /* cut off within */
	goes(&f, -1, BED_DROP);
	f = data(0, 0, 1, bed_ip4(0));
	f.b[12] = 0x08; /* IPv4, not of a line */
	f.b[13] = 0x00;
	goes(&f, -1, BED_PASS);
}

/* In 10,000 neighbours of any kind, no CPU of eight has a tenth more or less than another. */
static void test_even(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		unsigned of[8] = { 0 };

		for (unsigned i = 0; i < 10000; i++) {
			uint16_t mac[3] = { 0xbb02, 0, (uint16_t)(kind ? htobe16(i) : 7) };

			of[abi_spread_index(mac, kind == 1 ? 1 : (uint16_t)i, 8)]++;
		}
		for (unsigned n = 0; n < 8; n++)
			assert_in_range(of[n], 1125, 1375);
	}
	for (unsigned i = 0; i < 1000; i++) {
		const uint16_t mac[3] = { (uint16_t)i, (uint16_t)(i * 7), (uint16_t)(i * 13) };

		assert_in_range(abi_spread_index(mac, (uint16_t)i, 256), 0, 255);
		assert_int_equal(abi_spread_index(mac, (uint16_t)i, 1), 0);
	}
}

static void flood(uint16_t sid, uint32_t src, unsigned frames)
{
	struct bed_frame f = data(0, 0, sid, src);
	struct xdp_md ctx = { .data_end = f.len, .ingress_ifindex = (uint32_t)bed.acc };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f.b, .data_size_in = f.len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)frames, .batch_size = 64,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	assert_int_equal(
		bpf_prog_test_run_opts(bpf_program__fd(bed.dp->skel->progs.access_xdp), &opts), 0);
}

static uint64_t dropped_for(enum abi_drop reason)
{
	uint64_t drops[ABI_DROP_COUNT];

	assert_int_equal(dp_drops(bed.dp, drops), 0);
	return drops[reason];
}

static void stay_on(unsigned n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* More than a queue holds, from the CPU that is to carry it: what was handed was carried, dropped for
 * being forged, or did not fit; nothing else becomes of it. (What is carried is changed, and the
 * kernel sends it again as it is then: so it is few.) */
static void test_all_are_counted(void **state)
{
	const struct timespec tick = { .tv_nsec = 10000000 };
	const unsigned n = expected(1);
	const struct dp_cpu before = cpu(n);
	const uint64_t forged = dropped_for(ABI_DROP_SPOOFED_IP4);
	struct dp_cpu now = before;
	uint64_t ended = 0;

	(void)state;
	bed_session(&bed, 1, 0, 0, 1);
	stay_on(n);
	flood(1, bed_ip4(1), 32);
	flood(1, bed_ip4(2), 200000);
	for (unsigned i = 0; i < 500 && ended != 200032; i++) {
		nanosleep(&tick, NULL);
		now = cpu(n);
		ended = now.up - before.up + now.dropped - before.dropped +
			dropped_for(ABI_DROP_SPOOFED_IP4) - forged;
	}
	assert_int_equal(now.handed - before.handed, 200032);
	assert_int_equal(ended, 200032);
	assert_int_equal(now.up - before.up, 32);
	assert_true(now.dropped > before.dropped && now.drops_known);
	assert_true(dropped_for(ABI_DROP_SPOOFED_IP4) > forged);
}

static int setup(void **state)
{
	(void)state;
	bed.spread_count = 2;
	bed.spread[0] = 0;
	bed.spread[1] = 1;
	return bed_open(&bed, DP_XDP, NULL, 1);
}

BED_TEARDOWN

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_control_stays),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_all_are_counted),
	};

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("skipped: one CPU only\n");
		return 77;
	}
	bed_devices(&bed);
	return cmocka_run_group_tests_name("spread, xdp", tests, setup, teardown);
}
