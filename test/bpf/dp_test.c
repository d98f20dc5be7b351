// SPDX-License-Identifier: GPL-2.0-or-later
/* The loader: maps and counters, ports that come and go, the self-check, and the tap on a real
 * packet socket (its budgets, and what it lets through). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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

/* --- the tap --------------------------------------------------------------------------------- */

static int packet_socket(int ifindex)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = ifindex };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

struct tap {
	int house, acc;
};

static void put(const struct tap *t, const struct bed_frame *f)
{
	assert_int_equal(send(t->house, f->b, f->len, 0), f->len);
}

/* How many frames have come through since the last time: a PADI of a fresh station ends the row. */
static int seen(const struct tap *t)
{
	static uint8_t station;
	struct bed_frame end = { .len = 60 };
	struct wr w = wr_init(end.b, sizeof(end.b));
	const uint8_t mac[6] = { 0x02, 0xee, 0, 0, 0, ++station };
	uint8_t buf[BED_FRAME];
	int n = 0;

	memset(end.b, 0, 60);
	bed_eth(&w, (const uint8_t[]){ 255, 255, 255, 255, 255, 255 }, mac, ETH_P_PPP_DISC);
	put(t, &end);
	for (;;) {
		struct pollfd p = { t->acc, POLLIN, 0 };

		if (poll(&p, 1, 5000) != 1)
			fail_msg("the last frame did not come");
		if (recv(t->acc, buf, sizeof(buf), 0) >= 14 && !memcmp(buf + 6, mac, 6))
			return n;
		n++;
	}
}

static struct tap tap_open(const struct abi_tap_limits *limits)
{
	enum dp_mode mode = bed.mode;
	struct tap t;

	bed_close(&bed);
	assert_int_equal(bed_open(&bed, mode, limits, 1), 0);
	bed_session(&bed, 0, 0, 0, 1);
	bed_session(&bed, 1, V(100), 0, 1);
	bed_session(&bed, 2, V(100), V(7), 1);
	t.house = packet_socket(bed.house);
	t.acc = packet_socket(bed.acc);
	assert_int_equal(dp_tap_attach(bed.dp, BED_PORT, t.acc), 0);
	(void)seen(&t);
	return t;
}

static void tap_close(struct tap *t)
{
	close(t->house);
	close(t->acc);
}

static const struct bed_line tap_lines[] = { { 0, 0, 1 }, { V(100), 0, 1 }, { V(100), V(7), 1 } };

static struct bed_frame echo(const struct bed_line *line)
{
	struct bed_frame f = { .len = 60 };
	struct wr w = wr_init(f.b, sizeof(f.b));

	memset(f.b, 0, 60);
	bed_pppoe(&w, line, 0xc021, 8);
	wr_be64(&w, 0x0901000801020304);
	return f;
}

static struct bed_frame ip6_to(const struct bed_line *line, uint32_t slot, uint8_t first)
{
	struct bed_ip ip = { .proto = 17, .payload = 20 };

	bed_prefix6(slot, ip.src6);
	ip.dst6[0] = first;
	ip.dst6[1] = 0x80;
	ip.dst6[15] = 2;
	return bed_up_frame(line, &ip);
}

static struct bed_frame dhcp6(const struct bed_line *line)
{
	struct bed_ip ip = { .proto = 17, .payload = 20, .sport = 546, .dport = 547 };

	ip.src6[0] = 0xfe;
	ip.src6[1] = 0x80;
	ip.src6[15] = 2;
	ip.dst6[0] = 0xff;
	ip.dst6[1] = 2;
	return bed_up_frame(line, &ip);
}

static struct bed_frame data4(const struct bed_line *line, uint32_t slot)
{
	struct bed_ip ip = { .src4 = bed_ip4(slot), .dst4 = 0xc6336401, .proto = 17 };

	return bed_up_frame(line, &ip);
}

static void test_tap_selects(void **state)
{
	struct tap t = tap_open(NULL);
	struct bed_frame f;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		f = echo(&tap_lines[i]);
		put(&t, &f);
		assert_int_equal(seen(&t), 1);
		f = ip6_to(&tap_lines[i], i, 0xff);
		put(&t, &f);
		assert_int_equal(seen(&t), 1);
		f = ip6_to(&tap_lines[i], i, 0xfe);
		put(&t, &f);
		assert_int_equal(seen(&t), 1);
		f = ip6_to(&tap_lines[i], i, 0x20);
		put(&t, &f);
		f = data4(&tap_lines[i], i);
		put(&t, &f);
		assert_int_equal(seen(&t), 0);
	}
	f = echo(&tap_lines[0]);
	f.b[11] ^= 1; /* another station's session */
	put(&t, &f);
	f = echo(&tap_lines[0]);
	f.b[0] ^= 4; /* to another concentrator */
	put(&t, &f);
	f = echo(&tap_lines[0]);
	f.b[14] = 0x22;
	put(&t, &f);
	f = echo(&tap_lines[0]);
	f.b[12] = 8, f.b[13] = 0;
	put(&t, &f);
	assert_int_equal(seen(&t), 0);
	/* What leaves the interface is not shown to the daemon again. */
	assert_int_equal(send(t.acc, echo(&tap_lines[0]).b, 60, 0), 60);
	assert_int_equal(seen(&t), 0);
	tap_close(&t);
}

/* Drops are counted once, though tap and program both see the frame. */
static void test_tap_counts_once(void **state)
{
	uint64_t drops[ABI_DROP_COUNT];
	struct tap t = tap_open(NULL);
	struct bed_frame f;
	struct abi_counters c;
	int i, sum = 0;

	(void)state;
	f = echo(&tap_lines[0]);
	f.b[11] ^= 1;
	put(&t, &f);
	f = echo(&tap_lines[0]);
	f.b[14] = 0x22;
	put(&t, &f);
	f = data4(&tap_lines[0], 0);
	put(&t, &f);
	f = data4(&tap_lines[0], 1);
	put(&t, &f);
	assert_int_equal(seen(&t), 0);
	dp_drops(bed.dp, drops);
	for (i = 0; i < ABI_DROP_COUNT; i++)
		sum += (int)drops[i];
	assert_int_equal(drops[ABI_DROP_WRONG_MAC], 1);
	assert_int_equal(drops[ABI_DROP_PPPOE_MALFORMED], 1);
	assert_int_equal(drops[ABI_DROP_SPOOFED_IP4], 1);
	/* The accepted packet, on its own way through subs0, has no further drop of ours. */
	assert_int_equal(sum, 3);
	dp_counters(bed.dp, 0, &c);
	assert_int_equal(c.rx4_packets, 1);
	tap_close(&t);
}

static void test_tap_budgets(void **state)
{
	struct abi_tap_limits limits = { 1, 4, 1, 3, 1, 2, 1, 3 };
	struct bed_line nobody = { V(9), 0, 99 };
	uint64_t drops[ABI_DROP_COUNT];
	struct tap t = tap_open(&limits);
	struct bed_frame f, padi = { .len = 60 };
	struct wr w = wr_init(padi.b, sizeof(padi.b));
	int i;

	(void)state;
	/* A fourth, or third, where this takes a second. */
	f = echo(&tap_lines[0]);
	for (i = 0; i < 20; i++)
		put(&t, &f);
	assert_in_range(seen(&t), 3, 4);
	f = ip6_to(&tap_lines[0], 0, 0xff); /* a budget of its own */
	for (i = 0; i < 20; i++)
		put(&t, &f);
	assert_in_range(seen(&t), 3, 4);
	f = dhcp6(&tap_lines[0]); /* and a third */
	for (i = 0; i < 20; i++)
		put(&t, &f);
	i = seen(&t);
	assert_in_range(i, 3, 4);
	dp_drops(bed.dp, drops);
	assert_int_equal(drops[ABI_DROP_DHCP6_RATE], 20 - i);
	f = echo(&tap_lines[2]); /* as every session has */
	put(&t, &f);
	assert_int_equal(seen(&t), 1);
	dp_drops(bed.dp, drops);
	assert_in_range(drops[ABI_DROP_CONTROL_RATE], 32, 34);

	bed_eth(&w, bed_port_mac, bed_cpe_mac, ETH_P_PPP_DISC);
	for (i = 0; i < 20; i++)
		put(&t, &padi);
	i = seen(&t);
	assert_in_range(i, 4, 5);
	dp_drops(bed.dp, drops);
	assert_int_equal(drops[ABI_DROP_DISCOVERY_RATE], 20 - i);

	f = data4(&nobody, 0);
	for (i = 0; i < 20; i++)
		put(&t, &f);
	assert_in_range(seen(&t), 2, 3);
	dp_drops(bed.dp, drops);
	assert_int_equal(drops[ABI_DROP_UNKNOWN_SESSION], 20);
	tap_close(&t);
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
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_port_moves),
		cmocka_unit_test(test_no_interface),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_tap_selects),
		cmocka_unit_test(test_tap_counts_once),
		cmocka_unit_test(test_tap_budgets),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("loader and tap, xdp", tests, setup_xdp, teardown);
	return failed +
	       cmocka_run_group_tests_name("loader and tap, tc", tests, setup_tc, teardown);
}
