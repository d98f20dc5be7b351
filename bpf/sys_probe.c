// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Can an interface run the data plane in XDP mode? Both halves are tried out: a native program is
 * attached, and while it is (some drivers transmit redirected frames only then), harmless frames
 * are redirected to the interface and its transmit counter watched. Drivers and veth pairs that
 * lose such frames do so without an error.
 */
#include "bpf/priv.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROBE_FRAMES 64	    /* sent at a time */
#define PROBE_ROUNDS 4	    /* at most */
#define PROBE_TYPE   0x88b5 /* IEEE 802: local experimental */
#define PROBE_TICK   5	    /* ms between looks at the counter */
#define PROBE_LOOKS  10	    /* a round */

static const char license[] = "GPL";

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })

static int load_pass(void)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "probe_pass", license, insns, 2, NULL);
}

static int load_redirect(int ifindex)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, ifindex),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "probe_redirect", license, insns, 4, NULL);
}

struct port_state {
	uint8_t mac[6];
	uint32_t tx_packets;
	bool up;
};

static int port_state(int ifindex, struct port_state *ret)
{
	struct ifaddrs *list, *i;
	int err = -ENODEV;

	if (getifaddrs(&list))
		return -errno;
	for (i = list; i; i = i->ifa_next) {
		const struct sockaddr_ll *ll = (const struct sockaddr_ll *)(void *)i->ifa_addr;
		const struct rtnl_link_stats *stats = i->ifa_data;

		if (!ll || ll->sll_family != AF_PACKET || ll->sll_ifindex != ifindex || !stats)
			continue;
		memcpy(ret->mac, ll->sll_addr, sizeof(ret->mac));
		ret->tx_packets = stats->tx_packets;
		ret->up = i->ifa_flags & IFF_UP;
		err = 0;
	}
	freeifaddrs(list);
	return err;
}

/* To the port's own address: no station takes it, and no switch learns anything new. */
static int send_frames(int prog_fd, const uint8_t mac[6])
{
	uint8_t frame[ETH_ZLEN] = { [12] = PROBE_TYPE >> 8, [13] = PROBE_TYPE & 0xff };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = PROBE_FRAMES, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	memcpy(frame, mac, 6);
	memcpy(frame + 6, mac, 6);
	return bpf_prog_test_run_opts(prog_fd, &opts) ? -errno : 0;
}

static bool frames_left(int ifindex, uint32_t before, uint32_t sent)
{
	const struct timespec tick = { .tv_nsec = PROBE_TICK * 1000000 };
	struct port_state now;
	int i;

	for (i = 0; i < PROBE_LOOKS; i++) {
		if (port_state(ifindex, &now))
			return false;
		if (now.tx_packets - before >= sent)
			return true;
		nanosleep(&tick, NULL);
	}
	return false;
}

/* Some drivers count a frame only when the next is sent: all but the last round's must show, so
 * that a few packets of others do not pass for ours. */
static bool probe_redirect(int ifindex, const struct port_state *before, char *why, size_t len)
{
	int fd = load_redirect(ifindex), err, round;
	bool ok = false;

	if (fd < 0) {
		dp_why(why, len, "loading the self-check", fd);
		return false;
	}
	for (round = 1; round <= PROBE_ROUNDS && !ok; round++) {
		err = send_frames(fd, before->mac);
		if (err) {
			dp_why(why, len, "the self-check (Linux 5.18 or later)", err);
			close(fd);
			return false;
		}
		ok = round > 1 &&
		     frames_left(ifindex, before->tx_packets, (uint32_t)(round - 1) * PROBE_FRAMES);
	}
	if (!ok)
		snprintf(why, len,
			 "frames redirected to the interface do not leave it"
			 " (a veth's other end needs XDP or GRO)");
	close(fd);
	return ok;
}

bool dp_probe(int ifindex, char *why, size_t why_len)
{
	struct port_state before;
	struct dp_hook hook;
	int fd, err;
	bool ok;

	dp_quiet();
	err = port_state(ifindex, &before);
	if (err) {
		dp_why(why, why_len, "finding the interface", err);
		return false;
	}
	if (!before.up) {
		snprintf(why, why_len, "the interface is down");
		return false;
	}
	fd = load_pass();
	if (fd < 0) {
		dp_why(why, why_len, "loading an XDP program", fd);
		return false;
	}
	err = dp_hook_xdp(&hook, ifindex, fd, NULL);
	if (err) {
		dp_why(why, why_len, "attaching native XDP", err);
		close(fd);
		return false;
	}
	/* Attaching may have reset the counters. */
	err = port_state(ifindex, &before);
	if (err)
		dp_why(why, why_len, "finding the interface", err);
	ok = !err && probe_redirect(ifindex, &before, why, why_len);
	dp_unhook(&hook);
	close(fd);
	return ok;
}
