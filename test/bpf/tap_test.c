// SPDX-License-Identifier: GPL-2.0-or-later
/* The tap on a real packet socket: what it lets through, its budgets, and PADTs that there is no
 * room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define V(id) (ABI_VLAN_PRESENT | (id))

static struct bed bed;

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

static void test_selects(void **state)
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
static void test_counts_once(void **state)
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

static void test_budgets(void **state)
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

/* --- PADTs that there is no room for --------------------------------------------------------- */

static struct bed_frame padt(const struct bed_line *line)
{
	size_t at = 14 + (line->svlan ? 4 : 0) + (line->cvlan ? 4 : 0);
	struct bed_frame f = { .len = 60 };
	struct wr w = wr_init(f.b, sizeof(f.b));

	memset(f.b, 0, 60);
	bed_pppoe(&w, line, 0, 0);
	w = wr_init(f.b + at - 2, 8);
	wr_be16(&w, ETH_P_PPP_DISC);
	wr_be16(&w, 0x11a7);
	wr_be16(&w, line->sid);
	wr_be16(&w, 0);
	return f;
}

/* Is it handed up? An echo comes behind it, for which there is always room. */
static bool goes_up(const struct tap *t, const struct bed_frame *f)
{
	struct bed_frame end = echo(&tap_lines[0]);
	uint8_t buf[BED_FRAME];
	bool up = false;

	put(t, f);
	put(t, &end);
	for (;;) {
		struct pollfd p = { t->acc, POLLIN, 0 };

		if (poll(&p, 1, 5000) != 1)
			fail_msg("the echo did not come");
		if (recv(t->acc, buf, sizeof(buf), 0) >= 14 && !memcmp(buf, end.b, 14))
			return up;
		up = true;
	}
}

static void test_padts_without_room(void **state)
{
	struct tap t = tap_open(NULL);
	uint64_t drops[ABI_DROP_COUNT];
	struct bed_frame f;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		f = padt(&tap_lines[i]);
		assert_true(goes_up(&t, &f)); /* there is room yet */
		assert_int_equal(dp_padt_take(bed.dp, i), 0);
	}
	assert_false(dp_padts_noted(bed.dp));
	bed.dp->skel->bss->tap_unread[BED_PORT][0] = ABI_TAP_UNREAD;
	for (uint32_t i = 0; i < 6; i++) {
		f = padt(&tap_lines[i % 3]);
		assert_int_equal(goes_up(&t, &f), i == 0); /* which wakes the daemon */
	}
	assert_true(dp_padts_noted(bed.dp));
	assert_false(dp_padts_noted(bed.dp));
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(dp_padt_take(bed.dp, i), bed_session_entry(i, 0, 0, 1).generation);
		assert_int_equal(dp_padt_take(bed.dp, i), 0);
	}
	f = padt(&tap_lines[1]);
	assert_true(goes_up(&t, &f)); /* and again */
	assert_true(dp_padts_noted(bed.dp));
	assert_int_equal(dp_padt_take(bed.dp, BED_SESSIONS), 0);
	dp_drops(bed.dp, drops);
	assert_int_equal(drops[ABI_DROP_DISCOVERY_RATE], 0);
	tap_close(&t);
}

/* What does not end a session is no more than before: dropped and counted. */
static void test_padts_of_others(void **state)
{
	static const struct {
		unsigned at;
		uint8_t flip;
	} wrong[] = { { 11, 1 }, { 14, 2 }, { 15, 1 }, { 17, 2 }, { 18, 1 } };
	struct tap t = tap_open(NULL);
	uint64_t drops[ABI_DROP_COUNT];
	struct bed_frame f;

	(void)state;
	bed.dp->skel->bss->tap_unread[BED_PORT][0] = ABI_TAP_UNREAD;
	for (unsigned i = 0; i < 5; i++) { /* its station, version, code, session, length */
		f = padt(&tap_lines[0]);
		f.b[wrong[i].at] ^= wrong[i].flip;
		assert_false(goes_up(&t, &f));
	}
	f = padt(&tap_lines[0]);
	memset(f.b, 0xff, 6); /* to everybody */
	assert_false(goes_up(&t, &f));
	f.len = 19;
	assert_false(goes_up(&t, &f));
	assert_false(dp_padts_noted(bed.dp));
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(dp_padt_take(bed.dp, i), 0);
	dp_drops(bed.dp, drops);
	assert_int_equal(drops[ABI_DROP_DISCOVERY_RATE], 7);
	tap_close(&t);
}

/* A station with more sessions than its budget has frames. */
static void test_padts_above_the_budget(void **state)
{
	struct abi_tap_limits limits = { .discovery_pps = 1, .discovery_burst = 1 };
	struct tap t = tap_open(&limits);
	struct bed_frame f;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		f = padt(&tap_lines[i]);
		assert_int_equal(goes_up(&t, &f), i < 2);
	}
	assert_true(dp_padts_noted(bed.dp));
	assert_int_equal(dp_padt_take(bed.dp, 0), 0);
	assert_int_equal(dp_padt_take(bed.dp, 1), bed_session_entry(1, 0, 0, 1).generation);
	assert_int_equal(dp_padt_take(bed.dp, 2), bed_session_entry(2, 0, 0, 1).generation);
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

BED_TEARDOWN

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selects),
		cmocka_unit_test(test_counts_once),
		cmocka_unit_test(test_budgets),
		cmocka_unit_test(test_padts_without_room),
		cmocka_unit_test(test_padts_of_others),
		cmocka_unit_test(test_padts_above_the_budget),
	};
	int failed;

	bed_devices(&bed);
	failed = cmocka_run_group_tests_name("tap, xdp", tests, setup_xdp, teardown);
	return failed + cmocka_run_group_tests_name("tap, tc", tests, setup_tc, teardown);
}
