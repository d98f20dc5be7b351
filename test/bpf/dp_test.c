// SPDX-License-Identifier: GPL-2.0-or-later
/* The loader: maps and counters, ports that come and go, the self-check, and looking
 * whether programs are still there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define V(id) (ABI_VLAN_PRESENT | (id))

static struct bed bed;

static bool shell(const char *command)
{
	return system(command) == 0;
}

/* --- maps ------------------------------------------------------------------------------------ */

static void test_bounds(void **state)
{
	struct abi_session s = bed_session_entry(0, 0, 0, 1);
	struct abi_counters c[2];

	(void)state;
	assert_int_equal(dp_session_set(bed.dp, BED_SESSIONS, &s), -EINVAL);
	assert_int_equal(dp_session_clear(bed.dp, BED_SESSIONS), -EINVAL);
	assert_int_equal(dp_line_add(bed.dp, &s.line, BED_SESSIONS), -EINVAL);
	assert_int_equal(dp_ip4_add(bed.dp, 1, BED_SESSIONS), -EINVAL);
	assert_int_equal(dp_prefix6_add(bed.dp, s.prefix6, BED_SESSIONS), -EINVAL);
	assert_int_equal(dp_counters(bed.dp, BED_SESSIONS, c), -EINVAL);
	assert_int_equal(dp_counters_range(bed.dp, BED_SESSIONS - 1, 2, c), -EINVAL);
	assert_int_equal(dp_counters_range(bed.dp, 1, UINT32_MAX, c), -EINVAL);
	assert_int_equal(dp_counters_range(bed.dp, BED_SESSIONS, 0, c), 0);
	s.generation = 0;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), -EINVAL);
	s.generation = 1;
	s.line.port = ABI_PORTS_MAX;
	assert_int_equal(dp_session_set(bed.dp, 0, &s), -EINVAL);
	assert_int_equal(dp_port_attach(bed.dp, 0, bed.acc, bed_port_mac), -EINVAL);
	assert_int_equal(dp_port_attach(bed.dp, ABI_PORTS_MAX, bed.acc, bed_port_mac), -EINVAL);
}

static void test_owners(void **state)
{
	uint8_t prefix[8];
	struct abi_line line = { BED_PORT, V(1), 0, 5 };

	(void)state;
	bed_prefix6(77, prefix);
	assert_int_equal(dp_ip4_add(bed.dp, 42, 1), 0);
	assert_int_equal(dp_ip4_add(bed.dp, 42, 1), 0);
	assert_int_equal(dp_ip4_add(bed.dp, 42, 2), -EEXIST);
	assert_int_equal(dp_ip4_del(bed.dp, 42), 0);
	assert_int_equal(dp_ip4_del(bed.dp, 42), -ENOENT);
	assert_int_equal(dp_prefix6_add(bed.dp, prefix, 1), 0);
	assert_int_equal(dp_prefix6_add(bed.dp, prefix, 2), -EEXIST);
	assert_int_equal(dp_prefix6_del(bed.dp, prefix), 0);
	assert_int_equal(dp_prefix6_del(bed.dp, prefix), -ENOENT);
	assert_int_equal(dp_line_add(bed.dp, &line, 1), 0);
	assert_int_equal(dp_line_add(bed.dp, &line, 2), -EEXIST);
	assert_int_equal(dp_line_del(bed.dp, &line), 0);
}

/* As many sessions as were asked for, not one less. */
static void test_full(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < BED_SESSIONS; i++)
		bed_session(&bed, i, V(i / 100), 0, (uint16_t)(i + 1));
	for (i = 0; i < BED_SESSIONS; i++) {
		struct abi_session s = bed_session_entry(i, V(i / 100), 0, (uint16_t)(i + 1));

		assert_int_equal(dp_line_del(bed.dp, &s.line), 0);
		assert_int_equal(dp_ip4_del(bed.dp, s.ip4_be), 0);
		assert_int_equal(dp_prefix6_del(bed.dp, s.prefix6), 0);
		assert_int_equal(dp_session_clear(bed.dp, i), 0);
	}
}

static void put_counters(uint32_t slot)
{
	struct abi_counters *v = calloc(bed.dp->cpus, sizeof(*v));
	unsigned cpu;

	for (cpu = 0; cpu < bed.dp->cpus; cpu++) {
		v[cpu].rx4_packets = slot + cpu;
		v[cpu].tx6_bytes = 1ull << 40;
	}
	bpf_map_update_elem(bpf_map__fd(bed.dp->skel->maps.counters), &slot, v, BPF_ANY);
	free(v);
}

static void check_range(uint32_t first, uint32_t n)
{
	static struct abi_counters got[BED_SESSIONS];
	uint32_t i, cpus = bed.dp->cpus;

	memset(got, 0xee, sizeof(got));
	assert_int_equal(dp_counters_range(bed.dp, first, n, got), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(got[i].rx4_packets, (first + i) * cpus + cpus * (cpus - 1) / 2);
		assert_int_equal(got[i].tx6_bytes, (uint64_t)cpus << 40);
		assert_int_equal(got[i].rx6_packets, 0);
	}
}

static void test_counters(void **state)
{
	struct abi_counters c;
	uint32_t i;
	int pass;

	(void)state;
	for (i = 0; i < BED_SESSIONS; i++)
		put_counters(i);
	for (pass = 0; pass < 2; pass++) {
		check_range(0, BED_SESSIONS);
		check_range(0, 1);
		check_range(1, BED_SESSIONS - 1);
		check_range(DP_BATCH - 1, DP_BATCH + 2);
		check_range(BED_SESSIONS - 1, 1);
		if (!pass)
			assert_false(bed.dp->no_batch); /* this kernel has it */
		bed.dp->no_batch = true;		/* one by one gives the same */
	}
	assert_int_equal(dp_session_clear(bed.dp, 5), 0);
	assert_int_equal(dp_counters(bed.dp, 5, &c), 0);
	assert_int_equal(c.rx4_packets + c.tx6_bytes, 0);
	assert_int_equal(dp_counters(bed.dp, 6, &c), 0);
	assert_true(c.tx6_bytes);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(dp_drop_name(ABI_DROP_PPPOE_MALFORMED), "pppoe-malformed");
	assert_string_equal(dp_drop_name(ABI_DROP_ERROR), "error");
	assert_string_equal(dp_drop_name(ABI_DROP_COUNT), "unknown");
}

/* --- attaching ------------------------------------------------------------------------------- */

/* Nothing of ours on these devices. */
static bool clean(void)
{
	return shell("! ip -d link show | grep -q 'prog/xdp'") &&
	       shell("for d in subs0 subs0p acc0; do for p in ingress egress; do"
		     " tc filter show dev $d $p 2>/dev/null | grep -q . && exit 1; done; done; "
		     "true") &&
	       shell("! tc qdisc show | grep -q clsact");
}

static bool attached(const char *dev, const char *tc_side)
{
	char command[256];

	if (bed.mode == DP_XDP)
		snprintf(command, sizeof(command), "ip link show %s | grep -q 'prog/xdp'", dev);
	else
		snprintf(command, sizeof(command), "tc filter show dev %s %s | grep -q bpf", dev,
			 tc_side);
	return shell(command);
}

static void test_attach(void **state)
{
	enum dp_mode mode = bed.mode;

	(void)state;
	assert_true(attached("acc0", "ingress"));
	assert_true(attached("subs0p", "ingress"));
	assert_true(shell("tc filter show dev subs0 egress | grep -q bpf"));
	/* Twice is once, with a new address perhaps. */
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
	bed_close(&bed);
	assert_true(clean());
	assert_int_equal(bed_open(&bed, mode, NULL, 1), 0);
}

/* The access interface goes and comes back under another index: the port keeps its lines. */
static void test_port_moves(void **state)
{
	struct bed_line line = { 0, 0, 1 };
	struct bed_ip ip = { .src4 = bed_ip4(0), .dst4 = 0xc6336401, .proto = 17, .payload = 20 };
	struct bed_frame f = bed_up_frame(&line, &ip), out;
	int old = bed.acc;

	(void)state;
	bed_session(&bed, 0, 0, 0, 1);
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	bed.acc = bed.house; /* stands for the new one */
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
	assert_false(attached("acc0", "ingress"));
	assert_true(attached("house0", "ingress"));
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
	bed.acc = old;
	assert_int_equal(bed_up(&bed, &f, &out), BED_PASS); /* no port of ours any more */
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac), 0);
	assert_false(attached("house0", "ingress"));
	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
}

static void test_no_interface(void **state)
{
	struct dp_config config = {
		.mode = bed.mode, .max_sessions = 1, .subs_ifindex = 99999, .peer_ifindex = bed.peer
	};
	struct dp *dp = NULL;
	char why[256] = "";

	(void)state;
	assert_int_equal(dp_port_attach(bed.dp, 9, 99999, bed_port_mac), -ENODEV);
	assert_int_equal(dp_port_detach(bed.dp, 9), -ENOENT);
	assert_true(dp_new(&dp, &config, why, sizeof(why)) < 0);
	assert_null(dp);
	assert_non_null(strstr(why, "subscriber device"));
	config.mode = DP_AUTO;
	assert_int_equal(dp_new(&dp, &config, why, sizeof(why)), -EINVAL);
	dp_free(NULL);
}

/* --- the self-check ----------------------------------------------------------------------------
 */

static void test_probe(void **state)
{
	char why[256] = "";
	enum dp_mode mode = bed.mode;

	(void)state;
	bed_close(&bed);
	/* A veth whose other end has neither XDP nor GRO loses redirected frames in silence. */
	assert_true(shell("ethtool -K house0 gro off"));
	assert_false(dp_probe(bed.acc, why, sizeof(why)));
	assert_non_null(strstr(why, "do not leave"));
	assert_true(shell("ethtool -K house0 gro on"));
	if (!dp_probe(bed.acc, why, sizeof(why)))
		fail_msg("%s", why);
	assert_false(dp_probe(1, why, sizeof(why))); /* lo has no native XDP */
	assert_non_null(strstr(why, "native XDP"));
	assert_true(shell("ip link set acc0 down"));
	assert_false(dp_probe(bed.acc, why, sizeof(why)));
	assert_non_null(strstr(why, "down"));
	assert_true(shell("ip link set acc0 up"));
	assert_false(dp_probe(99999, why, sizeof(why)));
	assert_true(clean());
	assert_int_equal(bed_open(&bed, mode, NULL, 1), 0);
}

/* --- a thread that looks ---------------------------------------------------------------------- */

static bool answers(const struct dp_look *l, int ms)
{
	struct pollfd p = { dp_look_fd(l), POLLIN, 0 };

	return poll(&p, 1, ms) == 1;
}

static void on_missing(void *arg, const char *ifname, int err)
{
	(void)arg;
	assert_string_equal(ifname, "acc0");
	assert_int_equal(err, 0);
}

static void test_look(void **state)
{
	struct dp_look *l = NULL;

	(void)state;
	assert_int_equal(dp_look_new(&l, bed.dp), 0);
	dp_look_ask(l);
	assert_true(answers(l, 5000));
	assert_int_equal(dp_look_answer(l), 0);
	assert_int_equal(dp_look_answer(l), 0); /* nothing was asked */
	if (bed.mode == DP_XDP)
		assert_int_equal(bpf_link_detach(bed.dp->port[BED_PORT].link_fd), 0);
	else
		assert_true(shell("tc qdisc del dev acc0 clsact"));
	dp_look_ask(l);
	dp_look_ask(l);
	assert_true(answers(l, 5000));
	assert_int_equal(dp_look_answer(l), 1);
	assert_false(answers(l, 0));
	assert_int_equal(dp_hooks_check(bed.dp, true, on_missing, NULL), 1);
	dp_look_ask(l);
	assert_true(answers(l, 5000));
	assert_int_equal(dp_look_answer(l), 0);
	dp_look_ask(l); /* it may end meanwhile */
	dp_look_free(l);
}

/* While the kernel has no time for an answer, nobody waits but the thread. */
static void test_look_does_not_block(void **state)
{
	struct dp_look *l = NULL;

	(void)state;
	if (bed.mode != DP_XDP)
		return;
	assert_int_equal(dp_look_new(&l, bed.dp), 0);
	dp_links_hold();
	dp_look_ask(l);
	dp_look_ask(l);
	assert_int_equal(dp_look_answer(l), 0);
	assert_false(answers(l, 100));
	dp_links_release();
	assert_true(answers(l, 5000));
	assert_int_equal(dp_look_answer(l), 0);
	dp_look_free(l);
}

static int setup_xdp(void **state)
{
	(void)state;
	return bed_open(&bed, DP_XDP, NULL, 1);
}

static int setup_tc(void **state)
{
	(void)state;
	return bed_open(&bed, DP_TC, NULL, 1);
}

static int teardown(void **state)
{
	(void)state;
	bed_close(&bed);
	return clean() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),	   cmocka_unit_test(test_owners),
		cmocka_unit_test(test_full),	   cmocka_unit_test(test_counters),
		cmocka_unit_test(test_names),	   cmocka_unit_test(test_attach),
		cmocka_unit_test(test_port_moves), cmocka_unit_test(test_no_interface),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_look_does_not_block),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("loader, xdp", tests, setup_xdp, teardown);
	return failed + cmocka_run_group_tests_name("loader, tc", tests, setup_tc, teardown);
}
