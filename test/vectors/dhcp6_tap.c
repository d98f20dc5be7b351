// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A wire with the DHCPv6 server of ipv6/ at its other end: dhcp6-tap IFNAME [OPTION=VALUE]...
 * Makes the interface (a TAP device) in its network namespace; what a client there sends is
 * answered by the object and nothing else. Router Solicitations are answered, too, with M and O
 * set. What happens is told on stdout: "bind pd 2001:db8:8000:100::/56 new", "unbind ... released",
 * "drop REASON", and every DHCPv6 packet as a line of test/vectors ("> hex # SOLICIT"). USR1
 * withdraws the first prefix, USR2 starts anew from frozen octets. Options: valid, preferred, t1,
 * t2 (seconds), rapid, exclude (0, 1), na (addresses at most).
 */
#include "ipv6/dhcp6_msg.h"
#include "ipv6/nd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define ETHER_HEAD 14

static const struct ip6 self = { .b = { 0xfe, 0x80, [15] = 1 } };
static const struct ip6 dns[] = { { .b = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x53 } } };
static const uint8_t our_mac[6] = { 2, 0, 0, 0, 0, 1 };

static struct wheel wheel;
static struct dhcp6_stats stats;
static struct dhcp6_line line;
static unsigned next_number[DHCP6_KINDS];
static struct prefix6 given[DHCP6_KINDS][DHCP6_LEASES_MAX];
static bool wants_exclude;
static int tap;
static uint8_t peer_mac[6];
static volatile sig_atomic_t do_withdraw, do_restart, do_end;

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		do_withdraw = 1;
	else if (sig == SIGUSR2)
		do_restart = 1;
	else
		do_end = 1;
}

static void put_ether(const uint8_t *packet, size_t len)
{
	uint8_t frame[ETHER_HEAD + 1500];
	struct wr w = wr_init(frame, sizeof(frame));

	wr_bytes(&w, peer_mac, sizeof(peer_mac));
	wr_bytes(&w, our_mac, sizeof(our_mac));
	wr_be16(&w, 0x86dd);
	wr_bytes(&w, packet, len);
	if (wr_done(&w) > 0 && write(tap, frame, w.len) != (ssize_t)w.len)
		perror("write");
}

static void show_packet(char way, const uint8_t *packet, size_t len)
{
	static const char *const name[] = { "?",       "SOLICIT",     "ADVERTISE",
					    "REQUEST", "CONFIRM",     "RENEW",
					    "REBIND",  "REPLY",	      "RELEASE",
					    "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST" };
	unsigned type = len > 48 && packet[48] < 12 ? packet[48] : 0;

	printf("%c ", way);
	for (size_t i = 0; i < len; i++)
		printf("%02x", packet[i]);
	printf(" # %s\n", name[type]);
}

/* --- the owner -------------------------------------------------------------------------------- */

static int assign(struct dhcp6_line *l, enum dhcp6_kind kind, unsigned index,
		  const struct prefix6 *hint, struct prefix6 *ret)
{
	struct prefix6 *p = &given[kind][index];

	(void)l, (void)hint;
	if (!p->len) {
		p->addr = (struct ip6){ .b = { 0x20, 0x01, 0x0d, 0xb8 } };
		p->addr.b[4] = kind == DHCP6_PD ? 0x80 : 0x02;
		p->addr.b[kind == DHCP6_PD ? 6 : 15] = (uint8_t)++next_number[kind];
		p->len = kind == DHCP6_PD ? 56 : 128;
	}
	*ret = *p;
	return 0;
}

static void show_binding(const char *what, const struct dhcp6_binding *b, const char *how)
{
	char buf[PREFIX_STRLEN];

	printf("%s %s %s %s\n", what, b->kind == DHCP6_PD ? "pd" : "na",
	       prefix6_str(buf, &b->prefix), how);
}

static int bind_(struct dhcp6_line *l, uint64_t now, const struct dhcp6_binding *b,
		 enum dhcp6_bind what, struct rd duid)
{
	(void)l, (void)now, (void)duid;
	show_binding("bind", b, what == DHCP6_BIND_NEW ? "new" : "extended");
	return 0;
}

static void unbind(struct dhcp6_line *l, uint64_t now, const struct dhcp6_binding *b,
		   enum dhcp6_unbind why)
{
	(void)l, (void)now;
	show_binding("unbind", b, dhcp6_unbind_name(why));
	if (why == DHCP6_UNBIND_DECLINED || why == DHCP6_UNBIND_WITHDRAWN)
		given[b->kind][b->index].len = 0;
}

static void transmit(struct dhcp6_line *l, uint64_t now, const uint8_t *packet, size_t len)
{
	(void)l, (void)now;
	show_packet('<', packet, len);
	put_ether(packet, len);
}

static bool exclude(struct dhcp6_line *l, const struct prefix6 *delegated, struct prefix6 *ret)
{
	(void)l;
	*ret = (struct prefix6){ .addr = delegated->addr, .len = 64 };
	ret->addr.b[7] = 0xff;
	return wants_exclude;
}

static const struct dhcp6_ops ops = {
	.assign = assign, .bind = bind_, .unbind = unbind, .transmit = transmit, .exclude = exclude
};
static struct dhcp6_ctx ctx = {
	.wheel = &wheel,
	.ops = &ops,
	.stats = &stats,
	.values = { .max = { 1, 2 },
		    .preferred = 60,
		    .valid = 120,
		    .dns = dns,
		    .dns_count = 1,
		    .search = (const uint8_t *)"\7example\3org",
		    .search_len = 13,
		    .sol_max_rt = 3600,
		    .information_refresh = 86400 },
	.duid = { 0, 2, 0, 0, 0xaa, 0xbb, 1, 2, 3 },
	.duid_len = 9,
};

/* --- the wire --------------------------------------------------------------------------------- */

static void answer_solicitation(void)
{
	static const struct ipv6_ra ra = {
		.hop_limit = 64, .managed = true, .other = true, .lifetime = 1800
	};
	uint8_t buf[IPV6_RA_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	if (!ipv6_ra_write(&w, &self, &ipv6_all_nodes, &ra))
		put_ether(buf, w.len);
}

static void on_frame(uint64_t now)
{
	uint8_t frame[2048];
	ssize_t n = read(tap, frame, sizeof(frame));
	const uint8_t *packet = frame + ETHER_HEAD;
	size_t len = (size_t)n - ETHER_HEAD;
	enum dhcp6_drop reason;
	enum ipv6_nd_drop nd_reason;
	struct ipv6_nd nd;

	if (n < ETHER_HEAD || frame[12] != 0x86 || frame[13] != 0xdd ||
	    ipv6_nd_parse(&self, packet, len, &nd, &nd_reason))
		return;
	memcpy(peer_mac, frame + 6, sizeof(peer_mac));
	if (nd.kind == IPV6_ND_ROUTER_SOLICIT)
		answer_solicitation();
	if (nd.kind != IPV6_ND_DHCP)
		return;
	show_packet('>', packet, len);
	if (dhcp6_line_input(&line, now, packet, len, &reason))
		printf("drop %s\n", dhcp6_drop_name(reason));
}

static void restart(void)
{
	uint8_t buf[DHCP6_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct rd r;

	if (dhcp6_line_freeze(&line, &w))
		abort();
	dhcp6_line_fini(&line);
	r = rd_init(buf, w.len);
	if (dhcp6_line_thaw(&line, &ctx, &r))
		abort();
	printf("thawed %u\n", line.count);
}

static int open_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr)) {
		perror(name);
		exit(1);
	}
	return fd;
}

static void set_option(const char *arg)
{
	char key[16];
	unsigned v;

	if (sscanf(arg, "%15[^=]=%u", key, &v) != 2)
		exit(2);
	if (!strcmp(key, "valid"))
		ctx.values.valid = v;
	else if (!strcmp(key, "preferred"))
		ctx.values.preferred = v;
	else if (!strcmp(key, "t1"))
		ctx.values.t1 = v;
	else if (!strcmp(key, "t2"))
		ctx.values.t2 = v;
	else if (!strcmp(key, "rapid"))
		ctx.values.rapid_commit = v;
	else if (!strcmp(key, "na"))
		ctx.values.max[DHCP6_NA] = (uint8_t)v;
	else if (!strcmp(key, "exclude"))
		wants_exclude = v;
	else
		exit(2);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	for (int i = 2; i < argc; i++)
		set_option(argv[i]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	signal(SIGTERM, on_signal);
	ctx.self = self;
	tap = open_tap(argv[1]);
	wheel_init(&wheel, clock_now());
	dhcp6_line_init(&line, &ctx);
	printf("ready\n");
	while (!do_end) {
		struct pollfd p = { .fd = tap, .events = POLLIN };
		int n = poll(&p, 1, 100);

		wheel_run(&wheel, clock_now());
		if (n > 0)
			on_frame(clock_now());
		if (do_withdraw)
			printf("withdraw %d\n", dhcp6_line_withdraw(&line, DHCP6_PD, 0));
		if (do_restart)
			restart();
		do_withdraw = do_restart = 0;
	}
	dhcp6_line_down(&line, clock_now());
	return 0;
}
