// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data plane without its daemon: `lab MODE SUBS PEER PORT SVLAN CVLAN [TREES]` loads it,
 * attaches it to the access interface PORT and opens one session (slot 1, id 7) of the station
 * 02:00:00:00:0c:e1 with 100.64.0.10 and 2001:db8:1:0::/64; says "ready". Each line of its input is
 * a new plan, answered with "plan: " and the line: words of "down", "up" (shaped) and
 * "police=BIT/S,MS". At the end of its input it says what it counted. Exits 2 and says why where
 * the interface cannot do MODE.
 */
#include "test/bpf/bed.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int mac_of(const char *name, uint8_t ret[6])
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	err = ioctl(fd, SIOCGIFHWADDR, &r);
	memcpy(ret, r.ifr_hwaddr.sa_data, 6);
	close(fd);
	return err;
}

#define SLOT 1
#define OVERHEAD                                                                                   \
	26 /* Ethernet, one tag, PPPoE, PPP: what a policed packet counts beside its own length */

static struct abi_session session(uint16_t svlan, uint16_t cvlan, uint32_t trees)
{
	return (struct abi_session){
		.generation = 1,
		.flags = ABI_SESSION_IP4 | ABI_SESSION_IP6,
		.line = { 1, svlan ? svlan | ABI_VLAN_PRESENT : 0,
			  cvlan ? cvlan | ABI_VLAN_PRESENT : 0, 7 },
		.mac = { 0x02, 0, 0, 0, 0x0c, 0xe1 },
		.mtu = 1492,
		.ip4_be = htonl(0x6440000a),
		.class_id = trees ? bed_class_id(SLOT, trees) : 0,
		.prefix6 = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0 },
	};
}

static int open_session(struct dp *dp, const struct abi_session *s)
{
	return dp_session_set(dp, SLOT, s) || dp_ip4_add(dp, s->ip4_be, SLOT) ||
	       dp_prefix6_add(dp, s->prefix6, SLOT) || dp_line_add(dp, &s->line, SLOT);
}

static int plan(struct dp *dp, struct abi_session s, const char *line)
{
	const char *police = strstr(line, "police=");
	unsigned long long bps, ms;

	if (strstr(line, "down"))
		s.flags |= ABI_SESSION_SHAPED_DOWN;
	if (strstr(line, "up"))
		s.flags |= ABI_SESSION_SHAPED_UP;
	if (police && sscanf(police, "police=%llu,%llu", &bps, &ms) == 2) {
		s.flags |= ABI_SESSION_POLICED_UP;
		s.police_cost = dp_police_cost(bps);
		s.police_depth = ms * 1000000;
	}
	return dp_session_set(dp, SLOT, &s);
}

static int plans(struct dp *dp, const struct abi_session *s)
{
	char line[128];
	int rc = 0;

	while (!rc && fgets(line, sizeof(line), stdin)) {
		rc = plan(dp, *s, line);
		printf("plan: %s", line);
		fflush(stdout);
	}
	return rc;
}

static int report(struct dp *dp)
{
	uint64_t drops[ABI_DROP_COUNT];
	uint64_t packets, bytes;
	struct abi_counters c;
	int i;

	if (dp_counters(dp, SLOT, &c) || dp_drops(dp, drops) ||
	    dp_police_stats(dp, SLOT, &packets, &bytes))
		return 1;
	printf("police %llu %llu\n", (unsigned long long)packets, (unsigned long long)bytes);
	printf("rx4 %llu %llu\nrx6 %llu %llu\ntx4 %llu %llu\ntx6 %llu %llu\n", c.rx4_packets,
	       c.rx4_bytes, c.rx6_packets, c.rx6_bytes, c.tx4_packets, c.tx4_bytes, c.tx6_packets,
	       c.tx6_bytes);
	for (i = 0; i < ABI_DROP_COUNT; i++)
		printf("drop %s %llu\n", dp_drop_name((enum abi_drop)i),
		       (unsigned long long)drops[i]);
	return 0;
}

int main(int argc, char **argv)
{
	struct dp_config config = { .max_sessions = 16, .mss_clamp = 1, .overhead = OVERHEAD };
	struct abi_session s;
	char why[256] = "";
	struct dp *dp = NULL;
	int port, rc = 1;
	uint8_t mac[6];

	if (argc != 7 && argc != 8)
		return 1;
	config.trees = argc == 8 ? (uint16_t)atoi(argv[7]) : 0;
	s = session((uint16_t)atoi(argv[5]), (uint16_t)atoi(argv[6]), config.trees);
	config.mode = strcmp(argv[1], "xdp") ? DP_TC : DP_XDP;
	config.subs_ifindex = (int)if_nametoindex(argv[2]);
	config.peer_ifindex = (int)if_nametoindex(argv[3]);
	port = (int)if_nametoindex(argv[4]);
	if (mac_of(argv[2], config.subs_mac) || mac_of(argv[4], mac))
		return 1;
	if (config.mode == DP_XDP && !dp_probe(port, why, sizeof(why))) {
		fprintf(stderr, "lab: %s\n", why);
		return 2;
	}
	if (!dp_new(&dp, &config, why, sizeof(why)) && !dp_port_attach(dp, 1, port, mac) &&
	    !open_session(dp, &s)) {
		puts("ready");
		fflush(stdout);
		rc = plans(dp, &s) || report(dp);
	} else {
		fprintf(stderr, "lab: %s\n", why);
	}
	dp_free(dp);
	return rc;
}
