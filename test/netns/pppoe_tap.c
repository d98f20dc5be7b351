// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to the wire on a real veth pair: run by pppoe_tap.sh. The pair lives in a network
 * namespace of this process alone, so that nothing is left whatever happens.
 */
#include "pppoe/pppoe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SEEN_MAX 4096

struct seen {
	unsigned count;
	size_t len;
	uint8_t last[PPPOE_FRAME_MAX];
};

static void expect(bool ok, const char *what)
{
	printf("%s: %s\n", ok ? "ok" : "FAIL", what);
	fflush(stdout);
	if (!ok)
		exit(1);
}

static void run(const char *command)
{
	expect(!system(command), command);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len)
{
	struct seen *s = arg;

	s->count++;
	s->len = len;
	if (len <= sizeof(s->last))
		memcpy(s->last, frame, len);
}

/* What the data plane does later; here a program that lets everything through. */
static int attach_pass(int fd)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (uintptr_t)insns,
				.insn_cnt = 2,
				.license = (uintptr_t) "GPL" };
	int prog = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	int rc = prog < 0 ? -1 : setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog));

	close(prog);
	return rc;
}

static uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Reads until there are `n` frames in all, or an error; five seconds at most. */
static int read_until(struct pppoe_tap *t, struct seen *s, unsigned n)
{
	uint64_t end = clock_ms() + 5000;
	int rc = 0;

	while (rc >= 0 && s->count < n && clock_ms() < end) {
		struct pollfd p = { .fd = pppoe_tap_fd(t), .events = POLLIN };

		(void)poll(&p, 1, 100);
		rc = pppoe_tap_read(t, 64, on_frame, s);
	}
	return rc;
}

static size_t frame(uint8_t buf[PPPOE_FRAME_MAX], uint16_t svlan, uint16_t cvlan, uint16_t sid,
		    size_t payload)
{
	static const struct mac src = { { 2, 0, 0, 0, 1, 1 } };
	static const struct mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
	struct pppoe_line line = { .svlan = svlan, .cvlan = cvlan };
	struct wr w = wr_init(buf, PPPOE_FRAME_MAX);

	pppoe_frame_begin(&w, &broadcast, &src, &line, PPPOE_ETH_SESSION, 0, sid);
	wr_zero(&w, payload);
	return (size_t)pppoe_frame_end(&w, &line);
}

static void test_refused(void)
{
	struct pppoe_tap *t = NULL;
	char why[256] = "";

	expect(pppoe_tap_open(&t, "nope", why, sizeof(why)) < 0 && !t && strstr(why, "nope"),
	       "an interface that is not there is refused by name");
	expect(pppoe_tap_open(&t, "acc", why, sizeof(why)) == -ENETDOWN && !t && *why,
	       "one that is down is refused as that");
}

static struct pppoe_tap *tap_open(const char *ifname)
{
	struct pppoe_tap *t = NULL;
	char why[256] = "";

	expect(!pppoe_tap_open(&t, ifname, why, sizeof(why)), "a tap opens");
	expect(fcntl(pppoe_tap_fd(t), F_GETFD) & FD_CLOEXEC, "its descriptor is close-on-exec");
	return t;
}

static void send_frame(struct pppoe_tap *t, uint16_t svlan, uint16_t cvlan, uint16_t sid)
{
	uint8_t buf[PPPOE_FRAME_MAX];

	if (pppoe_tap_write(t, buf, frame(buf, svlan, cvlan, sid, 100)))
		expect(false, "a frame is sent");
}

/* A socket that sees all that `acc` receives; made before the tap, it sees each frame after it. */
static int witness_open(void)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex("acc") };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	expect(fd >= 0 && !bind(fd, (const void *)&a, sizeof(a)), "a witness");
	return fd;
}

/* Waits until it has seen `n` PPPoE frames. */
static void witness_wait(int fd, unsigned n)
{
	uint64_t end = clock_ms() + 5000;
	uint8_t buf[2048];

	while (n && clock_ms() < end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t len = poll(&p, 1, 100) == 1 ? recv(fd, buf, sizeof(buf), 0) : 0;

		n -= len > 14 && buf[12] == 0x88 && buf[13] == 0x64;
	}
	if (n)
		expect(false, "the interface has received all that was sent");
}

static void test_shut_then_open(struct pppoe_tap *t, struct pppoe_tap *peer, int witness)
{
	struct seen s = { 0 };

	for (uint16_t i = 0; i < 100; i++)
		send_frame(peer, 0, 0, 1);
	witness_wait(witness, 100);
	expect(!attach_pass(pppoe_tap_fd(t)), "an eBPF program takes the place of the filter");
	send_frame(peer, 0, 0, 2);
	read_until(t, &s, 1);
	expect(s.count == 1 && s.last[17] == 2, "nothing comes through before that, then all");
}

static void test_tags(struct pppoe_tap *t, struct pppoe_tap *peer)
{
	static const uint16_t tags[][2] = {
		{ 0, 0 }, { 0x1064, 0 }, { 0x3064, 0 }, { 0x1064, 0x1007 }, { 0x3064, 0x1007 }
	};
	uint8_t buf[PPPOE_FRAME_MAX];

	for (unsigned i = 0; i < 5; i++) {
		size_t len = frame(buf, tags[i][0], tags[i][1], 3, 1400);
		struct seen s = { 0 };

		expect(!pppoe_tap_write(peer, buf, len), "a frame is sent");
		read_until(t, &s, 1);
		expect(s.count == 1 && s.len == len && !memcmp(s.last, buf, len),
		       "it comes out octet by octet, with its VLAN tags");
	}
}

static void test_own_frames(struct pppoe_tap *t, struct pppoe_tap *peer)
{
	struct seen s = { 0 };

	send_frame(t, 0, 0, 4);
	send_frame(peer, 0, 0, 5);
	read_until(t, &s, 1);
	expect(s.count == 1 && s.last[17] == 5, "what the tap sends does not come back to it");
}

/* In small bursts: more at once would overrun queues of the veth pair, before any tap. */
static void test_overrun(struct pppoe_tap *t, struct pppoe_tap *peer, int witness)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	size_t len = frame(buf, 0, 0, 6, 1400);
	struct seen s = { 0 };
	unsigned sent = 0;

	while (recv(witness, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		; /* of the tests before */
	(void)frame(buf, 0, 0, 6, 1400);
	for (unsigned i = 0; i < 300; i++) {
		for (unsigned j = 0; j < 50; j++)
			sent += !pppoe_tap_write(peer, buf, len);
		witness_wait(witness, 50);
	}
	while (pppoe_tap_read(t, 64, on_frame, &s) > 0)
		;
	printf("   %u of %u frames fit the ring\n", s.count, sent);
	expect(sent == 15000 && s.count > 5000, "a burst of 5000 full frames fits the ring");
	expect(pppoe_tap_dropped(t) && s.count + pppoe_tap_dropped(t) == sent,
	       "what does not fit is counted");
	expect(s.count + pppoe_tap_dropped(t) == sent, "and stays counted");
}

static void test_batch(struct pppoe_tap *t, struct pppoe_tap *peer)
{
	struct seen s = { 0 };

	for (unsigned i = 0; i < 10; i++)
		send_frame(peer, 0, 0, 7);
	read_until(t, &s, 1);
	expect(s.count <= 10, "a batch is read");
	read_until(t, &s, 10);
	expect(s.count == 10 && !pppoe_tap_read(t, 64, on_frame, &s), "then there is no more");
	for (unsigned i = 0; i < 10; i++)
		send_frame(peer, 0, 0, 7);
	s.count = 0;
	expect(pppoe_tap_read(t, 3, on_frame, &s) == 3 && s.count == 3, "a limit is a limit");
	read_until(t, &s, 10);
}

static void test_gone(struct pppoe_tap *t)
{
	struct seen s = { 0 };
	uint8_t buf[PPPOE_FRAME_MAX];

	run("ip link del acc");
	expect(read_until(t, &s, 1) == -ENETDOWN, "an interface that has gone says so");
	expect(pppoe_tap_write(t, buf, frame(buf, 0, 0, 8, 100)) < 0, "and takes no frames");
}

int main(void)
{
	struct pppoe_tap *t, *peer;
	int witness;

	expect(!unshare(CLONE_NEWNET), "a network namespace");
	/* The kernel's own neighbour discovery must not mix with what is counted here. */
	run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
	run("ip link add acc type veth peer name s0");
	test_refused();
	run("ip link set acc up && ip link set s0 up");
	witness = witness_open();
	t = tap_open("acc");
	peer = tap_open("s0");
	run("ip -d link show acc | grep -q 'promiscuity 0'");
	test_shut_then_open(t, peer, witness);
	test_tags(t, peer);
	test_own_frames(t, peer);
	test_batch(t, peer);
	test_overrun(t, peer, witness);
	close(witness);
	test_gone(t);
	pppoe_tap_close(t);
	pppoe_tap_close(peer);
	return 0;
}
