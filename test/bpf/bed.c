// SPDX-License-Identifier: GPL-2.0-or-later
/* The test bed of the data plane's programs; see bed.h. */
#include "test/bpf/bed.h"

#include "base/log.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

const uint8_t bed_port_mac[6] = { 0x02, 0, 0, 0, 0, 0xac };
const uint8_t bed_cpe_mac[6] = { 0x02, 0, 0, 0, 0x0c, 0xe1 };
const uint8_t bed_subs_mac[6] = { 0x02, 0, 0, 0, 0, 0x50 };

void bed_sh(const char *command)
{
	if (system(command)) {
		fprintf(stderr, "failed: %s\n", command);
		exit(1);
	}
}

void bed_devices(struct bed *bed)
{
	if (unshare(CLONE_NEWNET)) {
		perror("unshare (root is needed)");
		exit(1);
	}
	bed_sh("ip link set lo up");
	bed_sh("ip link add subs0 address 02:00:00:00:00:50 mtu 1492 type veth peer name subs0p mtu "
	   "1492");
	bed_sh("ip link add acc0 address 02:00:00:00:00:ac type veth"
	   " peer name house0 address 02:00:00:00:0c:e1");
	bed_sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
	bed_sh("ethtool -K subs0 tx off tso off gso off gro on >/dev/null");
	bed_sh("ethtool -K subs0p tso off gro off >/dev/null");
	bed_sh("ethtool -K acc0 rxvlan off txvlan off >/dev/null");
	bed_sh("ethtool -K house0 txvlan off >/dev/null");
	bed_sh("for i in subs0 subs0p acc0 house0; do ip link set $i arp off up; done");
	bed->subs = (int)if_nametoindex("subs0");
	bed->peer = (int)if_nametoindex("subs0p");
	bed->acc = (int)if_nametoindex("acc0");
	bed->house = (int)if_nametoindex("house0");
}

int bed_open(struct bed *bed, enum dp_mode mode, const struct abi_tap_limits *limits,
	     uint16_t mss_clamp)
{
	struct dp_config config = {
		.mode = mode,
		.max_sessions = BED_SESSIONS,
		.subs_ifindex = bed->subs,
		.peer_ifindex = bed->peer,
		.mss_clamp = mss_clamp,
		.trees = bed->trees,
		.overhead = bed->overhead,
		.fastpath = bed->fastpath,
		.flows = 1024,
		.spread_count = bed->spread_count,
	};
	char why[256] = "";
	int err;

	if (getenv("BED_DEBUG"))
		log_setup(4);
	memcpy(config.subs_mac, bed_subs_mac, 6);
	memcpy(config.spread, bed->spread, sizeof(config.spread));
	memcpy(config.gateway6.b, (uint8_t[16]){ 0xfe, 0x80, [15] = 1 }, 16);
	memcpy(config.pool6.b, (uint8_t[16]){ 0x00, 0x64, 0xff, 0x9b }, 16);
	config.pool6_len = 96;
	if (limits)
		config.limits = *limits;
	bed->mode = mode;
	err = dp_new(&bed->dp, &config, why, sizeof(why));
	if (!err)
		err = dp_port_attach(bed->dp, BED_PORT, bed->acc, bed_port_mac);
	if (err)
		fprintf(stderr, "bed: %s (%d)\n", why, err);
	return err;
}

void bed_close(struct bed *bed)
{
	dp_free(bed->dp);
	bed->dp = NULL;
}

uint32_t bed_ip4(uint32_t slot)
{
	return 0x64400000 | (slot + 10);
}

void bed_prefix6(uint32_t slot, uint8_t ret[8])
{
	const uint8_t p[8] = { 0x20, 0x01, 0x0d, 0xb8, 1, 0, (uint8_t)(slot >> 8), (uint8_t)slot };

	memcpy(ret, p, 8);
}

struct abi_session bed_session_entry(uint32_t slot, uint16_t svlan, uint16_t cvlan, uint16_t sid)
{
	struct abi_session s = {
		.generation = 0x10001 + slot,
		.flags = ABI_SESSION_IP4 | ABI_SESSION_IP6,
		.line = { BED_PORT, svlan, cvlan, sid },
		.mtu = 1492,
		.ip4_be = htobe32(bed_ip4(slot)),
		.class_id = bed_class_id(slot, 2),
	};

	memcpy(s.mac, bed_cpe_mac, 6);
	bed_prefix6(slot, s.prefix6);
	return s;
}

void bed_session(struct bed *bed, uint32_t slot, uint16_t svlan, uint16_t cvlan, uint16_t sid)
{
	struct abi_session s = bed_session_entry(slot, svlan, cvlan, sid);

	if (dp_session_set(bed->dp, slot, &s) || dp_line_add(bed->dp, &s.line, slot) ||
	    dp_ip4_add(bed->dp, s.ip4_be, slot) || dp_prefix6_add(bed->dp, s.prefix6, slot)) {
		fprintf(stderr, "bed: session %u\n", slot);
		exit(1);
	}
}

/* --- runs ------------------------------------------------------------------------------------ */

uint32_t bed_came_in; /* by which interface, of what goes out */

static void die_run(void)
{
	perror("BPF_PROG_TEST_RUN");
	exit(1);
}

static enum bed_end run_xdp(const struct bpf_program *prog, int ifindex, const struct bed_frame *in,
			    struct bed_frame *out)
{
	struct xdp_md ctx = { .ingress_ifindex = (uint32_t)ifindex, .data_end = in->len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->b, .data_size_in = in->len,
		    .data_out = out->b, .data_size_out = sizeof(out->b), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx));

	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		die_run();
	out->len = opts.data_size_out;
	switch (opts.retval) {
	case XDP_PASS:
		return BED_PASS;
	case XDP_REDIRECT:
		return BED_REDIRECT;
	}
	return BED_DROP;
}

static enum bed_end run_tc(const struct bpf_program *prog, int ifindex, const struct bed_frame *in,
			   uint32_t gso_size, struct bed_frame *out, uint32_t *ret_priority)
{
	struct __sk_buff ctx = { .ifindex = (uint32_t)ifindex,
				 .ingress_ifindex = bed_came_in,
				 .gso_size = gso_size,
				 .gso_segs = gso_size ? 2 : 0 };
	struct __sk_buff after = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->b, .data_size_in = in->len,
		    .data_out = out->b, .data_size_out = sizeof(out->b), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .ctx_out = &after, .ctx_size_out = sizeof(after));

	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		die_run();
	out->len = opts.data_size_out;
	if (ret_priority)
		*ret_priority = after.priority;
	switch ((int)opts.retval) {
	case TC_ACT_UNSPEC:
	case TC_ACT_OK:
		return BED_PASS;
	case TC_ACT_REDIRECT:
		return BED_REDIRECT;
	}
	return BED_DROP;
}

enum bed_end bed_up(struct bed *bed, const struct bed_frame *in, struct bed_frame *out)
{
	uint32_t priority;

	return bed_up_class(bed, in, out, &priority);
}

enum bed_end bed_up_class(struct bed *bed, const struct bed_frame *in, struct bed_frame *out,
			  uint32_t *ret_priority)
{
	if (bed->mode == DP_XDP)
		return run_xdp(bed->dp->skel->progs.access_xdp, bed->acc, in, out);
	return run_tc(bed->dp->skel->progs.access_tc, bed->acc, in, 0, out, ret_priority);
}

enum bed_end bed_access_shape(struct bed *bed, const struct bed_frame *in, struct bed_frame *out,
			      uint32_t *ret_priority)
{
	return run_tc(bed->dp->skel->progs.access_shape, bed->acc, in, 0, out, ret_priority);
}

enum bed_end bed_peer(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
		      struct bed_frame *out)
{
	if (bed->mode == DP_XDP)
		return run_xdp(bed->dp->skel->progs.peer_xdp, bed->peer, in, out);
	return run_tc(bed->dp->skel->progs.peer_tc, bed->peer, in, gso_size, out, NULL);
}

enum bed_end bed_subs(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
		      struct bed_frame *out, uint32_t *ret_priority)
{
	return run_tc(bed->dp->skel->progs.subs_egress, bed->subs, in, gso_size, out, ret_priority);
}

/* --- the fast path --------------------------------------------------------------------------- */

const uint8_t bed_core_mac[6] = { 0x02, 0, 0, 0, 0, 0xc0 };
const uint8_t bed_hop_mac[6] = { 0x02, 0, 0, 0, 0, 0xee };

void bed_core(struct bed *bed)
{
	bed_sh("ip link add core0 address 02:00:00:00:00:c0 type veth peer name inet0");
	bed_sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.core0.disable_ipv6=0"
	       " net.ipv6.conf.subs0.disable_ipv6=0 net.ipv6.conf.all.disable_ipv6=0"
	       " net.ipv6.conf.all.forwarding=1");
	bed_sh("for i in core0 inet0; do ip link set $i arp off up; ethtool -K $i gro on >/dev/null; done");
	bed_sh("ip addr add 192.0.2.1/24 dev core0; ip addr add 2001:db8:ffff::1/64 dev core0 nodad");
	bed_sh("ip link set core0 arp on; ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:ee dev core0;"
	       "ip neigh add 2001:db8:ffff::2 lladdr 02:00:00:00:00:ee dev core0");
	bed_sh("ip route add default via 192.0.2.2; ip -6 route add default via 2001:db8:ffff::2;"
	       "ip route add 100.64.0.0/10 dev subs0");
	bed->core = (int)if_nametoindex("core0");
	bed->inet = (int)if_nametoindex("inet0");
}

int bed_core_attach(struct bed *bed)
{
	struct abi_fast f = { .rules = 1, .routes = 1, .on = 1, .lease_ms = ABI_FLOW_LEASE };
	char why[256];
	int err = dp_core_attach(bed->dp, bed->core, bed_core_mac, DP_CORE_XDP, why,
				 sizeof(why));

	if (err || *why)
		fprintf(stderr, "bed: core0: %s (%d)\n", why, err);
	return err ? err : dp_fast_set(bed->dp, &f);
}

enum bed_end bed_core_in(struct bed *bed, const struct bed_frame *in, struct bed_frame *out)
{
	uint32_t priority;

	if (bed->mode == DP_XDP)
		return run_xdp(bed->dp->skel->progs.core_xdp, bed->core, in, out);
	return run_tc(bed->dp->skel->progs.core_tc, bed->core, in, 0, out, &priority);
}

enum bed_end bed_core_tc(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
			 struct bed_frame *out)
{
	return run_tc(bed->dp->skel->progs.core_tc, bed->core, in, gso_size, out, NULL);
}

void bed_core_out(struct bed *bed, const struct bed_frame *in)
{
	struct bed_frame out;

	bed_came_in = (uint32_t)bed->subs;
	(void)run_tc(bed->dp->skel->progs.core_egress, bed->core, in, 0, &out, NULL);
	bed_came_in = 0;
}

void bed_subs_out(struct bed *bed, const struct bed_frame *in)
{
	struct bed_frame out;

	bed_came_in = (uint32_t)bed->core;
	(void)run_tc(bed->dp->skel->progs.subs_egress, bed->subs, in, 0, &out, NULL);
	bed_came_in = 0;
}

/* --- frames ---------------------------------------------------------------------------------- */

void bed_eth(struct wr *w, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	wr_bytes(w, dst, 6);
	wr_bytes(w, src, 6);
	wr_be16(w, type);
}

static void tag(struct wr *w, uint16_t key)
{
	wr_be16(w, key & ABI_VLAN_8021AD ? ETH_P_8021AD : ETH_P_8021Q);
	wr_be16(w, (key & ABI_VLAN_ID) | 0xa000); /* with a priority: not part of the key */
}

void bed_pppoe(struct wr *w, const struct bed_line *line, uint16_t proto, size_t len)
{
	wr_bytes(w, bed_port_mac, 6);
	wr_bytes(w, bed_cpe_mac, 6);
	if (line->svlan)
		tag(w, line->svlan);
	if (line->cvlan)
		tag(w, line->cvlan);
	wr_be16(w, ETH_P_PPP_SES);
	wr_be16(w, 0x1100);
	wr_be16(w, line->sid);
	wr_be16(w, (uint16_t)(len + 2));
	wr_be16(w, proto);
}

static uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static bool is_ip4(const uint8_t *ip)
{
	return ip[0] >> 4 == 4;
}

static size_t l4_off(const uint8_t *ip)
{
	return is_ip4(ip) ? (ip[0] & 15) * 4u : 40;
}

static uint8_t l4_proto(const uint8_t *ip)
{
	return is_ip4(ip) ? ip[9] : ip[6];
}

static uint32_t pseudo_sum(const uint8_t *ip, size_t len)
{
	size_t l4_len = len - l4_off(ip);
	uint8_t rest[4] = { 0, l4_proto(ip), (uint8_t)(l4_len >> 8), (uint8_t)l4_len };

	return sum16(rest, 4, is_ip4(ip) ? sum16(ip + 12, 8, 0) : sum16(ip + 8, 32, 0));
}

/* Sum over pseudo header and segment; 0xffff when the checksum in it is right. */
static uint32_t l4_sum(const uint8_t *ip, size_t len)
{
	return sum16(ip + l4_off(ip), len - l4_off(ip), pseudo_sum(ip, len));
}

bool bed_checksums_ok(const uint8_t *ip, size_t len)
{
	if (is_ip4(ip) && sum16(ip, (ip[0] & 15) * 4u, 0) != 0xffff)
		return false;
	return l4_sum(ip, len) == 0xffff;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void bed_checksum_owed(uint8_t *ip, size_t len)
{
	put16(ip + l4_off(ip) + (l4_proto(ip) == 6 ? 16 : 6), pseudo_sum(ip, len));
}

static void write_head(struct wr *w, const struct bed_ip *ip, size_t l4_len)
{
	if (ip->src4 || ip->dst4) {
		wr_u8(w, (uint8_t)(0x45 + ip->ip_options / 4));
		wr_u8(w, 0);
		wr_be16(w, (uint16_t)(20 + ip->ip_options + l4_len));
		wr_be16(w, 0x1234);
		wr_be16(w, ip->frag);
		wr_u8(w, 57); /* TTL */
		wr_u8(w, ip->proto);
		wr_be16(w, 0);
		wr_be32(w, ip->src4);
		wr_be32(w, ip->dst4);
		while (w->len < 20u + ip->ip_options)
			wr_u8(w, 1);
		put16(w->buf + 10, ~sum16(w->buf, w->len, 0));
		return;
	}
	wr_be32(w, 0x60000000);
	wr_be16(w, (uint16_t)l4_len);
	wr_u8(w, ip->proto);
	wr_u8(w, 57); /* hop limit */
	wr_bytes(w, ip->src6, 16);
	wr_bytes(w, ip->dst6, 16);
}

size_t bed_ip(uint8_t *buf, size_t cap, const struct bed_ip *ip)
{
	size_t l4_head = ip->proto == 6 ? 20u + ip->tcp_options_len : 8;
	struct wr w = wr_init(buf, cap);
	size_t l4;
	uint32_t i;

	write_head(&w, ip, l4_head + ip->payload);
	l4 = w.len;
	wr_be16(&w, ip->sport ? ip->sport : 40000);
	wr_be16(&w, ip->dport ? ip->dport : 443);
	if (ip->proto == 6) {
		wr_be32(&w, 0xdeadbeef);
		wr_be32(&w, 0);
		wr_u8(&w, (uint8_t)(l4_head / 4 << 4));
		wr_u8(&w, ip->tcp_flags);
		wr_be16(&w, 0xfaf0);
		wr_be32(&w, 0);
		wr_bytes(&w, ip->tcp_options, ip->tcp_options_len);
	} else {
		wr_be16(&w, (uint16_t)(l4_head + ip->payload));
		wr_be16(&w, 0);
	}
	for (i = 0; i < ip->payload; i++)
		wr_u8(&w, (uint8_t)(i * 7 + 3));
	put16(buf + l4 + (ip->proto == 6 ? 16 : 6), ~l4_sum(buf, w.len));
	if (wr_done(&w) < 0)
		exit(1);
	return w.len;
}

struct bed_frame bed_up_frame(const struct bed_line *line, const struct bed_ip *ip)
{
	struct bed_frame f;
	uint8_t packet[BED_FRAME];
	size_t len = bed_ip(packet, sizeof(packet), ip);
	struct wr w = wr_init(f.b, sizeof(f.b));

	bed_pppoe(&w, line, is_ip4(packet) ? 0x0021 : 0x0057, len);
	wr_bytes(&w, packet, len);
	f.len = (uint32_t)w.len;
	return f;
}

struct bed_frame bed_down_frame(const struct bed_ip *ip)
{
	static const uint8_t none[6];
	struct bed_frame f;
	struct wr w = wr_init(f.b, sizeof(f.b));

	bed_eth(&w, none, bed_subs_mac, ip->src4 || ip->dst4 ? ETH_P_IP : ETH_P_IPV6);
	f.len = (uint32_t)(w.len + bed_ip(f.b + w.len, sizeof(f.b) - w.len, ip));
	return f;
}
