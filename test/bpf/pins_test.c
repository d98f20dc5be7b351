// SPDX-License-Identifier: GPL-2.0-or-later
/* What outlives the process: maps and links that are pinned, adopted by another instance, refused
 * where they do not fit, swept; programs exchanged in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct bed bed;
static char pins[64];
static enum dp_mode mode;
static const struct bed_line line = { 0, 0, 1 };

static bool shell(const char *command)
{
	return system(command) == 0;
}

static int open_with(bool adopt, bool later, uint32_t max)
{
	struct dp_config config = {
		.mode = mode,
		.max_sessions = max,
		.subs_ifindex = bed.subs,
		.peer_ifindex = bed.peer,
		.trees = 2,
		.pins = pins,
		.adopt = adopt,
		.attach_later = later,
	};
	char why[256] = "";

	memcpy(config.subs_mac, bed_subs_mac, 6);
	bed.mode = mode;
	bed.dp = NULL;
	return dp_new(&bed.dp, &config, why, sizeof(why));
}

static int attach_port(void)
{
	return dp_port_attach(bed.dp, BED_PORT, bed.acc, bed_port_mac);
}

static bool is_pinned(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", pins, name);
	return !access(path, F_OK);
}

static int layout_fd(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/layout", pins);
	return bpf_obj_get(path);
}

static void set_layout(uint32_t version)
{
	uint32_t key = 0;
	int fd = layout_fd();

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(fd, &key, &version, BPF_ANY), 0);
	close(fd);
}

static struct bed_frame packet_of(uint32_t slot)
{
	struct bed_ip ip = {
		.src4 = bed_ip4(slot), .dst4 = 0xc6336401, .proto = 17, .payload = 20
	};

	return bed_up_frame(&line, &ip);
}

/* A packet of slot 0's session on the access interface: it is counted once. */
static void send_one(void)
{
	struct bed_frame f = packet_of(0), out;

	assert_int_equal(bed_up(&bed, &f, &out), BED_REDIRECT);
}

static uint64_t counted(void)
{
	struct abi_counters c;

	assert_int_equal(dp_counters(bed.dp, 0, &c), 0);
	return c.rx4_packets;
}

/* The program that a hook has now, by the kernel's number. */
static unsigned program_of(const char *dev, const char *tc_side)
{
	char command[256];
	unsigned id = 0;
	FILE *f;

	if (tc_side)
		snprintf(command, sizeof(command),
			 "tc filter show dev %s %s | sed -n 's/.* id \\([0-9]*\\).*/\\1/p'", dev,
			 tc_side);
	else
		snprintf(command, sizeof(command),
			 "ip -d link show %s | sed -n 's/.*prog\\/xdp id \\([0-9]*\\).*/\\1/p'",
			 dev);
	f = popen(command, "r");
	assert_non_null(f);
	if (fscanf(f, "%u", &id) != 1)
		id = 0;
	pclose(f);
	return id;
}

/* The kernel takes a program off a moment after its last reference has gone. */
static bool soon_gone(const char *command)
{
	for (unsigned tries = 0; tries < 1000; tries++) {
		if (!shell(command))
			return true;
		usleep(10000);
	}
	return false;
}

static unsigned access_program(void)
{
	return program_of("acc0", mode == DP_XDP ? NULL : "ingress");
}

static unsigned peer_program(void)
{
	return program_of("subs0p", mode == DP_XDP ? NULL : "ingress");
}

/* --- a life ---------------------------------------------------------------------------------- */

static void test_nothing_there(void **state)
{
	(void)state;
	assert_int_equal(dp_pins_check(pins), -ENOENT);
	assert_int_equal(open_with(true, false, BED_SESSIONS), -ENOENT);
	assert_null(bed.dp);
	dp_pins_remove(pins); /* is no error */
}

static void test_adopted(void **state)
{
	unsigned acc, peer, subs;

	(void)state;
	assert_int_equal(open_with(false, false, BED_SESSIONS), 0);
	assert_int_equal(attach_port(), 0);
	assert_int_equal(dp_pins_check(pins), 0);
	bed_session(&bed, 0, 0, 0, 1);
	send_one();
	acc = access_program(), peer = peer_program();
	subs = program_of("subs0", "egress");
	assert_true(acc && peer && subs);

	dp_leave(bed.dp);
	assert_int_equal(dp_pins_check(pins), 0);
	assert_int_equal(access_program(), acc); /* all of it goes on */
	assert_int_equal(peer_program(), peer);
	assert_int_equal(program_of("subs0", "egress"), subs);

	assert_int_equal(open_with(true, false, BED_SESSIONS), 0);
	assert_int_equal(access_program(), acc); /* until the port is attached */
	assert_int_not_equal(peer_program(), peer);
	assert_int_equal(attach_port(), 0);
	assert_int_not_equal(access_program(), acc);
	assert_int_not_equal(program_of("subs0", "egress"), subs);
	assert_int_equal(counted(), 1);
	send_one();
	assert_int_equal(counted(), 2);

	dp_free(bed.dp);
	assert_int_equal(dp_pins_check(pins), -ENOENT);
	assert_true(access(pins, F_OK));
	assert_true(soon_gone("ip -d link show | grep -q prog/xdp"));
	assert_true(shell("! tc filter show dev acc0 ingress | grep -q bpf"));
	assert_true(shell("! tc filter show dev subs0 egress | grep -q bpf"));
}

/* How many times the programs are exchanged, and the least that is sent meanwhile. */
#define EXCHANGES 4
#define CROSSING 4000

/* Of both processes. */
struct crossing {
	_Atomic bool enough;
	_Atomic unsigned sent;
};

static int house_socket(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = bed.house };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* By the wire: to whatever program sits there. */
static void send_through(int house)
{
	struct bed_frame f = packet_of(0);

	assert_int_equal(send(house, f.b, f.len, 0), f.len);
}

/* A subscriber who sends until it is enough, in a process of its own. */
static pid_t sender(struct crossing *all)
{
	int house = house_socket();
	pid_t child = fork();

	while (!child && !all->enough) {
		send_through(house);
		all->sent++;
		usleep(300);
	}
	if (!child)
		_exit(0);
	close(house);
	return child;
}

/* Packets that cross while programs are exchanged, again and again: each is counted. */
static void test_exchanged_under_traffic(void **state)
{
	struct crossing *all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	(void)state;
	assert_true(all != MAP_FAILED);
	assert_int_equal(open_with(false, false, BED_SESSIONS), 0);
	assert_int_equal(attach_port(), 0);
	bed_session(&bed, 0, 0, 0, 1);
	child = sender(all);
	assert_true(child > 0);
	for (unsigned n = 0; n < EXCHANGES || all->sent < CROSSING; n++) {
		assert_int_equal(waitpid(child, &status, WNOHANG), 0);
		dp_leave(bed.dp);
		assert_int_equal(open_with(true, false, BED_SESSIONS), 0);
		assert_int_equal(attach_port(), 0);
	}
	all->enough = true;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(counted(), all->sent);
	munmap(all, sizeof(*all));
	dp_free(bed.dp);
}

/* --- what does not fit ----------------------------------------------------------------------- */

static void test_other_size(void **state)
{
	struct abi_counters late = { 0 };
	int house = house_socket();
	char why[256] = "";
	unsigned peer;

	(void)state;
	assert_int_equal(open_with(false, false, BED_SESSIONS), 0);
	assert_int_equal(attach_port(), 0);
	bed_session(&bed, 0, 0, 0, 1);
	send_one();
	dp_leave(bed.dp);
	peer = peer_program();

	assert_int_equal(open_with(true, false, BED_SESSIONS + 1), -ESTALE);
	assert_null(bed.dp);
	assert_int_equal(dp_pins_check(pins), 0); /* nothing was touched */
	assert_int_equal(peer_program(), peer);

	/* Built anew beside, filled, and put in place. */
	assert_int_equal(open_with(false, true, BED_SESSIONS + 1), 0);
	assert_int_equal(peer_program(), peer);
	bed_session(&bed, 0, 0, 0, 1);
	assert_int_equal(dp_counters_take(bed.dp, 0), 0);
	assert_int_equal(dp_counters_take(bed.dp, BED_SESSIONS), -ENOENT);
	send_through(house);
	send_through(house);
	assert_int_equal(dp_attach(bed.dp, why, sizeof(why)), 0);
	assert_int_equal(attach_port(), 0);
	assert_int_not_equal(peer_program(), peer);
	assert_int_equal(dp_counters_late(bed.dp, 0, &late), 0);
	assert_int_equal(late.rx4_packets, 2);
	send_one();
	assert_int_equal(counted(), 2);
	dp_leave(bed.dp);
	assert_int_equal(open_with(true, false, BED_SESSIONS + 1), 0);
	assert_int_equal(dp_counters_late(bed.dp, 0, &late), -ENOENT);
	send_one();
	assert_int_equal(counted(), 3);
	close(house);
	dp_free(bed.dp);
}

static void test_other_layouts(void **state)
{
	char path[128];
	int fd;

	(void)state;
	assert_int_equal(open_with(false, false, 16), 0);
	dp_leave(bed.dp);
	set_layout(ABI_VERSION + 1);
	assert_int_equal(dp_pins_check(pins), -ENOTSUP);
	assert_int_equal(open_with(true, false, 16), -ENOTSUP);
	assert_true(is_pinned("sessions"));
	set_layout(ABI_VERSION - 1);
	assert_int_equal(dp_pins_check(pins), -ESTALE);
	assert_int_equal(open_with(true, false, 16), -ESTALE);
	set_layout(ABI_VERSION);
	assert_int_equal(open_with(true, false, 16), 0);
	dp_leave(bed.dp);

	/* Not what we would have put there: whoever did knows more than we. */
	snprintf(path, sizeof(path), "%s/layout", pins);
	assert_int_equal(unlink(path), 0);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "layout", 4, 4096, 1, NULL);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_pin(fd, path), 0);
	close(fd);
	assert_int_equal(dp_pins_check(pins), -ENOTSUP);
	assert_int_equal(open_with(true, false, 16), -ENOTSUP);
	dp_pins_remove(pins);
	assert_int_equal(open_with(false, false, 16), 0);
	dp_leave(bed.dp);

	/* Half of one: it was being made, or unmade. */
	snprintf(path, sizeof(path), "%s/dst4", pins);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(open_with(true, false, 16), -ESTALE);
	snprintf(path, sizeof(path), "%s/layout", pins);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(dp_pins_check(pins), -ESTALE);
	assert_int_equal(open_with(false, false, 16), 0); /* a new one takes its place */
	assert_int_equal(dp_pins_check(pins), 0);
	dp_free(bed.dp);
}

/* A link that is left of an interface that is no more is not taken for that of a new one. */
static void test_link_of_another(void **state)
{
	(void)state;
	assert_int_equal(open_with(false, false, 16), 0);
	assert_int_equal(attach_port(), 0);
	dp_leave(bed.dp);
	assert_int_equal(open_with(true, false, 16), 0);
	assert_int_equal(dp_port_attach(bed.dp, BED_PORT, bed.house, bed_port_mac), 0);
	if (mode == DP_XDP) {
		assert_int_not_equal(program_of("house0", NULL), 0);
		assert_true(soon_gone("ip -d link show acc0 | grep -q prog/xdp"));
	}
	dp_free(bed.dp);
}

/* --- entries --------------------------------------------------------------------------------- */

static unsigned asked[DP_ENTRY_SLOT + 1], answer_no;

static bool known(void *arg, enum dp_entry kind, const void *key, uint32_t slot)
{
	(void)arg;
	(void)key;
	asked[kind]++;
	if (slot < 100)
		return true;
	answer_no++;
	return false;
}

static void fill(void)
{
	uint8_t addr[16] = { 0x20, 0x01, 0x0d, 0xb8, 9 };

	for (uint32_t i = 0; i < 300; i++) {
		bed_session(&bed, i, 0, 0, (uint16_t)(i + 1));
		addr[5] = (uint8_t)(i >> 8), addr[6] = (uint8_t)i;
		assert_int_equal(dp_route4_add(bed.dp, htobe32(0x0a000000 | i << 8), 24, i), 0);
		assert_int_equal(dp_route6_add(bed.dp, addr, 56, i), 0);
	}
}

static bool has(enum dp_entry kind, uint32_t i, uint32_t slot)
{
	struct abi_session s = bed_session_entry(i, 0, 0, (uint16_t)(i + 1));
	struct abi_route4 r4 = { .prefixlen = 24, .addr_be = htobe32(0x0a000000 | i << 8) };
	struct abi_route6 r6 = { .prefixlen = 56, .addr = { 0x20, 0x01, 0x0d, 0xb8, 9 } };

	r6.addr[5] = (uint8_t)(i >> 8), r6.addr[6] = (uint8_t)i;
	switch (kind) {
	case DP_ENTRY_LINE:
		return dp_has(bed.dp, kind, &s.line, slot);
	case DP_ENTRY_IP4:
		return dp_has(bed.dp, kind, &s.ip4_be, slot);
	case DP_ENTRY_PREFIX6:
		return dp_has(bed.dp, kind, s.prefix6, slot);
	case DP_ENTRY_ROUTE4:
		return dp_has(bed.dp, kind, &r4, slot);
	case DP_ENTRY_ROUTE6:
		return dp_has(bed.dp, kind, &r6, slot);
	case DP_ENTRY_SLOT:
		return dp_has(bed.dp, kind, &s, slot);
	}
	return false;
}

static void test_sweep(void **state)
{
	(void)state;
	assert_int_equal(open_with(false, false, BED_SESSIONS), 0);
	fill();
	for (enum dp_entry k = DP_ENTRY_LINE; k <= DP_ENTRY_SLOT; k++) {
		assert_true(has(k, 7, 7));
		assert_false(has(k, 7, 8));	/* another's */
		assert_false(has(k, 400, 400)); /* nobody's */
	}
	for (int repair = 0; repair < 2; repair++) {
		memset(asked, 0, sizeof(asked));
		answer_no = 0;
		assert_int_equal(dp_sweep(bed.dp, known, NULL, repair), 6 * 200);
		assert_int_equal(answer_no, 6 * 200);
		for (enum dp_entry k = DP_ENTRY_LINE; k <= DP_ENTRY_SLOT; k++)
			assert_int_equal(asked[k], 300);
	}
	assert_int_equal(dp_sweep(bed.dp, known, NULL, true), 0);
	for (enum dp_entry k = DP_ENTRY_LINE; k <= DP_ENTRY_SLOT; k++)
		for (uint32_t i = 0; i < 300; i++)
			assert_int_equal(has(k, i, i), i < 100);
	dp_free(bed.dp);
}

static int in_xdp(void **state)
{
	(void)state;
	mode = DP_XDP;
	return 0;
}

static int in_tc(void **state)
{
	(void)state;
	mode = DP_TC;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_exchanged_under_traffic),
		cmocka_unit_test(test_other_size),
		cmocka_unit_test(test_other_layouts),
		cmocka_unit_test(test_link_of_another),
		cmocka_unit_test(test_sweep),
	};
	int failed;

	snprintf(pins, sizeof(pins), "/sys/fs/bpf/brasberry/test-%d", getpid());
	bed_devices(&bed);
	/* Trees: a queue for each beside the first. */
	if (!shell("ip link del subs0; ip link add subs0 address 02:00:00:00:00:50 mtu 1492"
		   " numtxqueues 3 numrxqueues 3 type veth peer name subs0p mtu 1492"
		   " numtxqueues 3 numrxqueues 3 &&"
		   " ip link set subs0 arp off up && ip link set subs0p arp off up"))
		return 1;
	bed.subs = (int)if_nametoindex("subs0");
	bed.peer = (int)if_nametoindex("subs0p");
	failed = cmocka_run_group_tests_name("pins, xdp", tests, in_xdp, NULL);
	failed += cmocka_run_group_tests_name("pins, tc", tests, in_tc, NULL);
	dp_pins_remove(pins);
	return failed;
}
