/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A test bed for the data plane's programs: a network namespace of its own with the pair
 * subs0/subs0p and a port acc0 (whose other end is house0), the data plane loaded and attached,
 * frames to feed to it by BPF_PROG_TEST_RUN, and their expected ends.
 */
#ifndef TEST_BPF_BED_H
#define TEST_BPF_BED_H

#include "base/wire.h"
#include "bpf/priv.h"

#define BED_PORT     3
#define BED_SESSIONS 1200 /* more than two batches of counters */
#define BED_FRAME    2048

extern const uint8_t bed_port_mac[6], bed_cpe_mac[6], bed_subs_mac[6];

struct bed {
	struct dp *dp;
	enum dp_mode mode;
	int subs, peer, acc, house; /* ifindex */
	uint16_t trees, overhead;   /* for bed_open() */
	enum abi_fastpath fastpath; /* for bed_open() */
	uint32_t spread_count;	    /* for bed_open(), with the CPUs in spread */
	uint16_t spread[ABI_SPREAD_MAX];
	int core, inet;		    /* ifindex: core0 and its other end, by bed_core() */
};

/* What a program answered. */
enum bed_end { BED_PASS, BED_DROP, BED_REDIRECT };

struct bed_frame {
	uint8_t b[BED_FRAME];
	uint32_t len;
};

/* Enters a fresh network namespace and makes the devices. Exits the process on failure. */
void bed_devices(struct bed *bed);
/* Loads and attaches. @limits: may be NULL. */
int bed_open(struct bed *bed, enum dp_mode mode, const struct abi_tap_limits *limits,
	     uint16_t mss_clamp);
void bed_close(struct bed *bed);

/* A session of bed_cpe_mac on this line: ip4 100.64.hi.lo of its slot, prefix
 * 2001:db8:100:slot::/64, MTU 1492, all maps filled. */
void bed_session(struct bed *bed, uint32_t slot, uint16_t svlan, uint16_t cvlan, uint16_t sid);
struct abi_session bed_session_entry(uint32_t slot, uint16_t svlan, uint16_t cvlan, uint16_t sid);
uint32_t bed_ip4(uint32_t slot); /* host order */
/* A class as shaper/ chooses them: the low octet of its major is the queue + 1, the rest is any. */
static inline uint32_t bed_class_id(uint32_t slot, uint32_t trees)
{
	return (0xb02 + slot % trees) << 16 | (slot / trees + ABI_CLASS_FIRST);
}
void bed_prefix6(uint32_t slot, uint8_t ret[8]);

/* Runs a program on a frame that came in (or, for subs_egress, goes out) by this interface. */
enum bed_end bed_up(struct bed *bed, const struct bed_frame *in, struct bed_frame *out);
/* The second hook of an access interface: XDP mode with trees. */
enum bed_end bed_access_shape(struct bed *bed, const struct bed_frame *in, struct bed_frame *out,
			      uint32_t *ret_priority);
/* As bed_up(), in tc mode with the class that it chose. */
enum bed_end bed_up_class(struct bed *bed, const struct bed_frame *in, struct bed_frame *out,
			  uint32_t *ret_priority);
enum bed_end bed_peer(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
		      struct bed_frame *out);
enum bed_end bed_subs(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
		      struct bed_frame *out, uint32_t *ret_priority);

/* --- the fast path --------------------------------------------------------------------------- */

extern const uint8_t bed_core_mac[6], bed_hop_mac[6];
/* core0 with 192.0.2.1/24 and 2001:db8:ffff::1/64, default routes by 192.0.2.2 and
 * 2001:db8:ffff::2, which are bed_hop_mac's. After bed_devices(). */
void bed_core(struct bed *bed);
int bed_core_attach(struct bed *bed); /* after bed_open() */
/* Runs on a frame that came in from the core. */
enum bed_end bed_core_in(struct bed *bed, const struct bed_frame *in, struct bed_frame *out);
enum bed_end bed_core_tc(struct bed *bed, const struct bed_frame *in, uint32_t gso_size,
			 struct bed_frame *out);
/* The stack lets one through: it leaves by core0, or by subs0. */
void bed_core_out(struct bed *bed, const struct bed_frame *in);
void bed_subs_out(struct bed *bed, const struct bed_frame *in);
extern uint32_t bed_came_in;
void bed_sh(const char *command);

/* --- frames ---------------------------------------------------------------------------------- */

struct bed_line {
	uint16_t svlan, cvlan, sid; /* as in struct abi_line */
};

/* Ethernet and tags, PPPoE and PPP protocol, for a payload that is `len` octets long. */
void bed_pppoe(struct wr *w, const struct bed_line *line, uint16_t proto, size_t len);
void bed_eth(struct wr *w, const uint8_t dst[6], const uint8_t src[6], uint16_t type);

struct bed_ip {
	uint32_t src4, dst4; /* host order; IPv4 when src4 or dst4 is set */
	uint8_t src6[16], dst6[16];
	uint16_t frag;	    /* the IPv4 field */
	uint8_t proto;	    /* 17: UDP; 6: TCP; else the payload is left zero */
	uint8_t ip_options; /* octets, a multiple of 4 */
	uint8_t tcp_flags;
	uint8_t tcp_options[40], tcp_options_len;
	uint16_t payload; /* octets behind the L4 header */
	uint16_t sport, dport; /* 0: 40000 and 443 */
};

/* An IP packet with right checksums; its length. */
size_t bed_ip(uint8_t *buf, size_t cap, const struct bed_ip *ip);
/* Such a packet in a session's frame from the subscriber. */
struct bed_frame bed_up_frame(const struct bed_line *line, const struct bed_ip *ip);
/* Such a packet as it leaves subs0. */
struct bed_frame bed_down_frame(const struct bed_ip *ip);

/* Are the IPv4 header's and the TCP checksum of this packet right? */
bool bed_checksums_ok(const uint8_t *ip, size_t len);
/* As a sender leaves a packet whose checksum its device is to make: the pseudo header's sum is there. */
void bed_checksum_owed(uint8_t *ip, size_t len);

/* A group's set-up in each mode, by `int OPEN(enum dp_mode)`, and its end, of the file's `bed`. */
#define BED_SETUP(open)                                                                            \
	static int setup_xdp(void **state)                                                         \
	{                                                                                          \
		(void)state;                                                                       \
		return open(DP_XDP);                                                               \
	}                                                                                          \
	static int setup_tc(void **state)                                                          \
	{                                                                                          \
		(void)state;                                                                       \
		return open(DP_TC);                                                                \
	}
#define BED_TEARDOWN                                                                               \
	static int teardown(void **state)                                                          \
	{                                                                                          \
		(void)state;                                                                       \
		bed_close(&bed);                                                                   \
		return 0;                                                                          \
	}

#endif
