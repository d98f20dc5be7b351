/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel programs and the daemon share: keys, values, flags, reasons. Fixed widths,
 * explicit padding, sizes asserted, one version. README.md in this folder has the table of maps.
 * Integers are in host order unless the name ends in _be.
 */
#ifndef BPF_ABI_H
#define BPF_ABI_H

#include <linux/types.h>
#ifdef __bpf__
#include <linux/bpf.h>
#endif

/* BRASD_NEXT is a build that stands for the next layout, for the test of an upgrade alone
 * (test/netns/upgrade.sh): keys in another order, values that have grown at their beginning. */
#ifdef BRASD_NEXT
#define ABI_VERSION 7
#else
#define ABI_VERSION 6
#endif

/* A VLAN tag as a line's key has it: 0 for no tag, else the id, "present", and the tag's type. */
#define ABI_VLAN_ID	 0x0fff
#define ABI_VLAN_PRESENT 0x1000
#define ABI_VLAN_8021AD	 0x2000 /* TPID 0x88a8; else 0x8100 */

#define ABI_SPREAD_MAX 256 /* CPUs; a power of 2 */
#define ABI_PORTS_MAX 64 /* access interfaces; our own numbers, 1 and up; 0 is "none" */

/* Which line a PPPoE session is on: its session id means something only here. */
struct abi_line {
#ifdef BRASD_NEXT
	__u16 sid;
#endif
	__u16 port;
	__u16 svlan; /* outer tag; one tag alone is this one */
	__u16 cvlan; /* inner tag */
#ifndef BRASD_NEXT
	__u16 sid;
#endif
};

enum abi_session_flags {
	ABI_SESSION_IP4 = 1 << 0,	  /* ip4 is this session's */
	ABI_SESSION_IP6 = 1 << 1,	  /* prefix6 is this session's */
	ABI_SESSION_SHAPED_DOWN = 1 << 2, /* goes through the tree of subs0 */
	ABI_SESSION_SHAPED_UP = 1 << 3,	  /* goes through the tree of subs0p */
	ABI_SESSION_POLICED_UP = 1 << 4,  /* police_cost and police_depth hold */
	ABI_SESSION_SLOW = 1 << 5,	  /* nothing of it goes around the stack */
	ABI_SESSION_COPY_LATE = 1 << 6,	  /* copies upstream are subs_ingress's: nobody is left out */
};

struct abi_session {
#ifdef BRASD_NEXT
	__u64 next[2];
#endif
	__u32 generation; /* of the slot: changes with each session that takes it; never 0 */
	__u32 flags;
	struct abi_line line;
	__u8 mac[6];	 /* the subscriber's */
	__u16 mtu;	 /* the largest IP packet to the subscriber: its MRU, or ours if smaller */
	__u32 ip4_be;	 /* its address */
	__u32 class_id;	 /* skb->priority of its shaped directions */
	__u8 prefix6[8]; /* its /64 */
	__u64 police_cost;  /* of an octet, in 2^-20 ns: 2^20 * 8e9 / rate in bit/s */
	__u64 police_depth; /* of the bucket, ns at that rate */
	__u16 mirror;	    /* which rule says what of it is copied; 0: nothing */
	__u8 streams;	    /* a bit for each stream that wants its packets */
	__u8 pad[5];
};

/*
 * The HTB class of a session, the same on both devices, is the shaper's choice; the data plane only
 * needs to know the transmit queue of its tree, and finds that in the low octet of the class's
 * major: queue + 1, as skb->queue_mapping has it. Queue 0 is for who is not shaped.
 */
#define ABI_CLASS_QUEUE(class_id) ((class_id) >> 16 & 0xff)
#define ABI_CLASS_FIRST		  0x10 /* minors below are the tree's own: root, backhaul */
#define ABI_TREES_MAX		  64

/* Counters of a session, per CPU. Bytes are IP packet lengths. rx = from the subscriber. */
struct abi_counters {
	__u64 rx4_packets, rx4_bytes, rx6_packets, rx6_bytes;
	__u64 tx4_packets, tx4_bytes, tx6_packets, tx6_bytes;
};

struct abi_port {
	__u32 ifindex; /* 0: not there now */
	__u8 mac[6];
	__u8 pad[2];
};

/* Every way in which the data plane can end a packet; one counter each, by these names. */
#define ABI_DROPS(X)                                                                               \
	X(PPPOE_MALFORMED, "pppoe-malformed", "version, type, code or length of the PPPoE header") \
	X(UNKNOWN_SESSION, "unknown-session", "no session of this id on this line")                \
	X(WRONG_MAC, "wrong-mac", "the session is another station's")                              \
	X(IP_MALFORMED, "ip-malformed", "IP version, header length or total length")               \
	X(SPOOFED_IP4, "spoofed-ip4", "IPv4 source is not the session's")                          \
	X(SPOOFED_IP6, "spoofed-ip6", "IPv6 source is not of the session's prefix")                \
	X(IP4_MULTICAST, "ip4-multicast", "IPv4 multicast or broadcast from a line")               \
	X(NOT_OPEN, "not-open", "IPv4 or IPv6 is not open on this session")                        \
	X(NO_SESSION, "no-session", "downstream, no session has this destination")                 \
	X(STALE, "stale", "the slot changed hands on the way through a tree")                      \
	X(TOO_BIG, "too-big", "downstream, larger than the session's MTU")                         \
	X(LINK_LOCAL, "link-local", "link-local or multicast is never forwarded to a line")        \
	X(PORT_DOWN, "port-down", "downstream, the access interface is gone")                      \
	X(CONTROL_RATE, "control-rate", "control frames above the budget of their session")        \
	X(DISCOVERY_RATE, "discovery-rate", "discovery frames above the budget of their source")   \
	X(LABEL_FORGED, "label-forged", "a frame from a line with the addresses of a label")       \
	X(MIRROR_RETURN, "mirror-return", "a copy that the monitor has sent back")                  \
	X(RATE, "rate", "above the plan of the line")                                              \
	X(ROGUE_RA, "rogue-ra", "Router Advertisement from a line")                                \
	X(ROGUE_REDIRECT, "rogue-redirect", "ICMPv6 Redirect from a line")                         \
	X(ROGUE_DHCP6, "rogue-dhcp6", "what only a DHCPv6 server sends, from a line")              \
	X(ROUTED_ND, "routed-nd", "neighbour discovery with a hop limit other than 255")           \
	X(SPOOFED_ND, "spoofed-nd", "neighbour discovery from an address not the session's")       \
	X(SPOOFED_TARGET, "spoofed-target", "neighbour discovery of another's address")            \
	X(IP6_FRAGMENT, "ip6-fragment", "a fragment on the line's own link")                       \
	X(IP6_EXTENSION, "ip6-extension", "link-local, extension headers that do not end")         \
	X(LOCAL6_MALFORMED, "local6-malformed", "link-local, shorter than its headers")            \
	X(DHCP6_RATE, "dhcp6-rate", "DHCPv6 above the budget of its session")                      \
	X(ERROR, "error", "a helper refused: no memory or headroom")

enum abi_drop {
#define X(id, name, help) ABI_DROP_##id,
	ABI_DROPS(X)
#undef X
		ABI_DROP_COUNT
};

/* Budgets of the tap that feeds the daemon; values of 0 mean no limit. */
struct abi_tap_limits {
	__u32 discovery_pps, discovery_burst; /* per source MAC */
	__u32 control_pps, control_burst;     /* per session */
	__u32 unknown_pps, unknown_burst;     /* data for unknown sessions, all together */
	__u32 dhcp6_pps, dhcp6_burst;	      /* per session */
};

/* What the programs are told when they are loaded. */
struct abi_config {
	__u32 peer_ifindex; /* subs0p */
	__u16 mss_clamp;    /* 0 = off */
	__u16 subs_mac[3];  /* its octets in order */
	struct abi_tap_limits limits;
	__u16 trees;	/* transmit queues of subs0 and subs0p beside the first; 0: no shaping */
	__u16 overhead; /* octets that a policed packet has on the line beside the IP packet */
	__u32 cpus;	/* possible ones */
	__u32 subs_ifindex; /* subs0 */
	__u32 fastpath;	    /* enum abi_fastpath */
	__u32 forwarded;    /* copies upstream are made where the packet leaves */
	__u32 gateway6[4];  /* ours on each line, its octets in order */
	__u32 pool6[4];	    /* of NAT64, in order: the translator must see what goes there */
	__u32 pool6_mask[4]; /* all zero: there is none */
	__u32 spread_count; /* CPUs that sessions are spread over; 0: each stays where it comes in */
	__u16 spread[ABI_SPREAD_MAX]; /* those */
};

/*
 * Which of the CPUs of a list has a session: by the subscriber's MAC, its octets in order, and the
 * session id. Neighbours in either are spread (the finalizer of MurmurHash3 on both).
 */
static inline __attribute__((always_inline)) __u32 abi_spread_index(const __u16 mac[3], __u16 sid,
								    __u32 count)
{
	__u64 h = (__u64)mac[0] << 48 | (__u64)mac[1] << 32 | (__u64)mac[2] << 16 | sid;

	h = (h ^ h >> 33) * 0xff51afd7ed558ccdull;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ull;
	h ^= h >> 33;
	return (__u32)((h >> 32) * count >> 32);
}

/* Frames of lines that were handed to a CPU (the key), as the CPU that did so has counted. */
struct abi_cpu_queue {
	__u64 handed;  /* to its queue */
	__u64 dropped; /* of those: the queue was full */
};

/* Data packets that a CPU has carried: each is in the counters of its session. */
struct abi_cpu_load {
	__u64 up, down;
};

/* A session's bucket upstream: when it will be full again. Apart from the rate, which may change.
 */
struct abi_police {
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 full_frac; /* 2^-20 ns */
	__u64 full_at;	 /* ns */
	__u64 dropped_packets, dropped_bytes;
};

/* When the budgets of a session are full again, ns. So many, that a house's multicast chatter never
 * takes the place of its LCP echo, nor a flood of DHCPv6 that of its neighbour discovery. */
struct abi_budget {
	__u64 control; /* PPP control protocols: control_pps, control_burst */
	__u64 local6;  /* link-local and multicast IPv6: the same */
	__u64 dhcp6;   /* dhcp6_pps, dhcp6_burst */
};

#define ABI_TAP_UNREAD	2048 /* discovery frames of a port that wait for the daemon; PADIs: half */
#define ABI_SOURCES_MAX 4096 /* discovery sources whose budget is kept; the oldest go first */

/* Who samples frames of unknown sessions. In XDP mode a frame passes both. */
enum abi_unknown { ABI_UNKNOWN_TAP, ABI_UNKNOWN_XDP, ABI_UNKNOWN_COUNT };

/*
 * On its way from subs0 to subs0p a frame carries its slot and generation in place of addresses
 * that nothing needs there: {02, b5, slot} and {02, b6, generation}, host order. In XDP mode the
 * same stands in a shaped or copied session's frame between access_xdp and access_shape.
 */
struct abi_label {
	__u16 slot_magic;
	__u16 slot[2]; /* low half first */
	__u16 generation_magic;
	__u16 generation[2];
};
#define ABI_LABEL_SLOT_BE	0x02b5 /* as octets on the wire */
#define ABI_LABEL_GENERATION_BE 0x02b6

/*
 * Copies of customers' packets: which of a session's, and where they go. Rules are numbered; 0 is
 * no rule, so that a session without one pays a look at two octets.
 */
#define ABI_MIRROR_RULES 1024
#define ABI_MIRROR_PORTS 16
#define ABI_MIRROR_LATE	   0 /* nobody's rule; with flags: sessions may be copied late */
#define ABI_MIRROR_TARGETS 4 /* of a session's copies, at once */
#define ABI_MIRROR_SKIPS 256 /* prefixes whose packets are never copied; of each family */

enum abi_mirror_flags {
	ABI_MIRROR_UP = 1 << 0,
	ABI_MIRROR_DOWN = 1 << 1,
	ABI_MIRROR_IP4 = 1 << 2,
	ABI_MIRROR_IP6 = 1 << 3,
	ABI_MIRROR_REMOTE4 = 1 << 4, /* remote holds: its first word */
	ABI_MIRROR_REMOTE6 = 1 << 5, /* remote holds */
	ABI_MIRROR_CONTROL = 1 << 6, /* of a stream: control frames too */
	ABI_MIRROR_WRAP = 1 << 7,    /* the target is remote: outer headers in front */
};

struct abi_mirror {
	__u32 ifindex; /* the port; 0: not there now, what would be copied counts as dropped */
	__u16 flags;
	__u16 port;   /* TCP or UDP, either end; 0: any */
	__u16 sample; /* one packet in so many, at random; 0 and 1: each */
	__u8 proto;   /* of IP; 0: any */
	__u8 pad;
	__u8 dst[6], src[6]; /* of the copy's Ethernet header */
	__u16 snap;	     /* octets of the IP packet at most; 0: all. A stream has one */
	__u16 next;	     /* the rule of another target of the same packets; 0: none */
	__u32 remote[4], mask[4]; /* the other end's prefix, network order; mask 0: any */
};

/*
 * A stream of packets to a reader: each is a perf event, struct abi_stream_head and then the frame
 * as it lies where it is seen, cut off behind rule.snap octets of what begins at `off`: the IP
 * packet, or with off 0 the frame itself. The rule's port, addresses and ifindex mean nothing.
 * Stream n has the entries n * CPUs + CPU of the map `streams`.
 */
#define ABI_STREAMS	     8
#define ABI_STREAM_SNAP_MAX 60000 /* an event has a length of 16 bits */
#define ABI_STREAM_VERSION   2
#define ABI_STREAM_OFF_MAX   63

struct abi_stream_head {
	__u64 time;	  /* ns, CLOCK_MONOTONIC */
	__u32 slot;
	__u32 generation; /* of the slot: whose packet it is */
	__u32 len;	  /* of the IP packet; a super-packet's is beyond its MTU */
	__u16 caplen;	  /* octets of it that there are behind `off` */
	__u8 version;	  /* ABI_STREAM_VERSION */
	__u8 direction;	  /* ABI_MIRROR_UP or ABI_MIRROR_DOWN */
	__u8 verdict;	  /* 0: goes on; else enum abi_drop + 1 */
	__u8 off;	  /* octets in front of the IP packet; 0: no IP, a frame from its start */
	__u8 hook;	  /* enum abi_hook: who says so */
	__u8 pad[5];
};

enum abi_hook { ABI_HOOK_SOCKET, ABI_HOOK_TC, ABI_HOOK_XDP };

/* Per CPU, of a stream. Lost: its reader had no room. */
struct abi_stream_counters {
	__u64 packets, lost;
};

/* Whom a port's copies are addressed to, where it is a real station. */
struct abi_station {
	__u8 mac[6];
	__u8 pad[2];
};

/* Per CPU. Packets as they leave the port: a super-packet's segments, bytes with IP headers. */
/*
 * Of the entry ABI_MIRROR_LATE, remote and mask are 256 bits: set for each first octet of an IPv4
 * address that no prefix of mirror_skip4 has. Zeros: ask the trie.
 */
#define ABI_MIRROR_NOT(r) ((const __u32 *)((const __u8 *)(r) + 28)) /* the 8 words */

struct abi_mirror_counters {
	__u64 packets, bytes, dropped;
	__u64 truncated; /* of these packets */
};

/* Values of mirror_skip4 and mirror_skip6. */
enum abi_mirror_skip {
	ABI_MIRROR_SKIP = 1,
	ABI_MIRROR_AT_ONCE, /* a translator's prefix: what goes to it is copied as it comes in */
};

/*
 * What an IPv4 packet from a line was before the stack translated it: with `forwarded`, its copy is
 * made where it leaves. A ring on each CPU; skb->tc_index has the place, and before it comes to
 * subs0, whether it is to be noted.
 */
#define ABI_ORIGINS	  1024
#define ABI_ORIGIN_MARKED 0x8000
#define ABI_ORIGIN_WANTED 0x4000

struct abi_origin {
	__u32 slot, generation;
	__u32 addr[2]; /* source, destination; as they lie */
	__u16 port[2]; /* TCP's and UDP's; of an ICMP echo, its id is the first */
	__u16 id_be;   /* what says that it is this packet: no translation changes it */
	__u8 proto;
	__u8 pad;
};

/*
 * Copies to a remote target go into our own pair of devices, which segments what is large, with the
 * rule and the target in place of addresses: {02, b5, 6d, 74, number}. At its other end
 * mirror_tunnel puts the outer headers in front. The daemon has written them but for what each
 * packet says of itself: lengths, IPv4's checksum, a port, a sequence.
 */
#define ABI_TUNNEL_HEAD	   72 /* Ethernet, IPv6, UDP, TZSP with its tags; and one to spare */
#define ABI_TUNNEL_MAC0_BE 0x02b5 /* as octets on the wire */
#define ABI_TUNNEL_MAC1_BE 0x6d74

enum abi_tunnel_kind {
	ABI_TUNNEL_VXLAN,  /* RFC 7348 */
	ABI_TUNNEL_GRE,	   /* RFC 2784 and 2890, transparent Ethernet bridging */
	ABI_TUNNEL_ERSPAN, /* type II: draft-foschiano-erspan-03, section 4.2 */
	ABI_TUNNEL_TZSP,
	ABI_TUNNEL_NONE, /* a port's: copies that are cut; head has its Ethernet addresses alone */
};

struct abi_tunnel {
	__u32 ifindex; /* the outer packet leaves by it; 0: no way there now */
	__u32 sum;     /* of the IPv4 header's words as they lie, length and checksum left out */
	__u16 room;    /* octets of the copy's frame, from its Ethernet header on: the rest is cut */
	__u8 kind;     /* enum abi_tunnel_kind */
	__u8 ip6;      /* the outer header is IPv6 */
	__u8 len;      /* of head */
	__u8 pad;
	__u8 head[ABI_TUNNEL_HEAD]; /* here, the words of the IP header are aligned */
	__u8 pad2[2];
};

struct abi_tunnel_seq {
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 next;
};

/* --- the fast path: fast.h says how the pieces work together ------------------------------- */

enum abi_fastpath { ABI_FAST_OFF, ABI_FAST_ROUTED, ABI_FAST_FLOWS };

/* A packet as it comes in, before any translation. Addresses and ports as they lie in it; of IPv4,
 * the first word. */
struct abi_flow_key {
	__u32 src[4], dst[4];
	__u16 sport_be, dport_be;
	__u8 proto;  /* 6 or 17 */
	__u8 family; /* 4 or 6 */
	__u8 down;   /* 1: comes in from the core */
	__u8 pad;
};

enum abi_flow_flags {
	ABI_FLOW_NAT = 1 << 0, /* IPv4: src_be to port_diff hold */
};

/* One direction of a flow that conntrack has accepted. */
struct abi_flow {
	__u32 slot, generation; /* of the session */
	__u32 flags;
	__u32 src_be, dst_be; /* as it leaves */
	__u16 sport_be, dport_be;
	__u16 addr_diff, port_diff; /* what checksums change by: one's complement sums */
	__u32 rules;		    /* the generation in which the stack last let one through */
	__u64 accepted;		    /* and when, ns of the coarse clock; 0: not yet */
	__u32 routes;		    /* the generation that what follows is of */
	__u32 ifindex;
	__u16 dst_mac[3], src_mac[3];
	__u16 mtu;
	__u16 seen;	      /* the largest that the stack has let through that way */
	__u64 packets, bytes; /* past the stack; IP packet lengths */
};

/* Generations: what is of an older one does not hold any more. */
struct abi_fast {
	__u32 rules;  /* of nftables' rulesets */
	__u32 routes; /* of routes, neighbours, links and addresses */
	__u32 on;     /* 0: all goes through the stack */
	/* The stack sees a packet of each flow at least so often: that keeps conntrack's timeout
	 * and the neighbours alive, and asks the firewall again. */
	__u32 lease_ms;
};
#define ABI_FLOW_LEASE 15000 /* ms, and no more than a third of conntrack's timeouts */

#define ABI_CORES_MAX 8

/* An interface to the internet. */
struct abi_core {
	__u8 mac[6];
	__u16 flags; /* ABI_CORE_* */
};
struct abi_core_hint {
	__u32 ifindex; /* 0: none */
	struct abi_core core;
};
#define ABI_HINTS     256 /* a power of 2 */
#define ABI_CORE_XDP  1 /* takes an XDP redirect */
#define ABI_CORE_OWES 2 /* what it hands over may have its checksum still to be made: a veth */

/* What passed where. In packets as on the wire: a super-packet's segments. */
#define ABI_FAST_COUNTS(X)                                                                         	X(UP_FAST, "up-fast")                                                                      	X(UP_SLOW, "up-slow") /* with those that go past the stack behind their tree */            	X(UP_LATE, "up-late") /* these */                                                          	X(DOWN_FAST, "down-fast")                                                                  	X(DOWN_SLOW, "down-slow")

enum abi_fast_count {
#define X(id, name) ABI_FAST_##id,
	ABI_FAST_COUNTS(X)
#undef X
		ABI_FAST_COUNT
};

/* skb->mark of what the fast path hands to an egress of ours, which takes it off. */
#define ABI_FAST_MARK 0xb5fa57b5

/* A prefix that is routed to a session beside its own address and /64: Framed-Route. */
struct abi_route4 {
	__u32 prefixlen;
	__u32 addr_be;
};

struct abi_route6 {
	__u32 prefixlen;
	__u8 addr[16];
};

_Static_assert(sizeof(struct abi_mirror) == 60, "abi_mirror"); /* 28 + 8 words: ABI_MIRROR_NOT */
_Static_assert(sizeof(struct abi_stream_head) == 32, "abi_stream_head");
_Static_assert(sizeof(struct abi_stream_counters) == 16, "abi_stream_counters");
_Static_assert(sizeof(struct abi_origin) == 24, "abi_origin");
_Static_assert(sizeof(struct abi_tunnel) == 88, "abi_tunnel");
_Static_assert(sizeof(struct abi_tunnel_seq) == 8, "abi_tunnel_seq");
_Static_assert(sizeof(struct abi_mirror_counters) == 32, "abi_mirror_counters");
_Static_assert(sizeof(struct abi_route4) == 8, "abi_route4");
_Static_assert(sizeof(struct abi_route6) == 20, "abi_route6");
_Static_assert(sizeof(struct abi_police) == 32, "abi_police");
_Static_assert(sizeof(struct abi_config) == 628, "abi_config");
_Static_assert(sizeof(struct abi_flow_key) == 40, "abi_flow_key");
_Static_assert(sizeof(struct abi_flow) == 80, "abi_flow");
_Static_assert(sizeof(struct abi_fast) == 16, "abi_fast");
_Static_assert(sizeof(struct abi_core) == 8, "abi_core");
_Static_assert(sizeof(struct abi_core_hint) == 12, "abi_core_hint");
_Static_assert(sizeof(struct abi_budget) == 24, "abi_budget");
_Static_assert(sizeof(struct abi_label) == 12, "abi_label");
_Static_assert(sizeof(struct abi_line) == 8, "abi_line");
#ifdef BRASD_NEXT
_Static_assert(sizeof(struct abi_session) == 80, "abi_session");
#else
_Static_assert(sizeof(struct abi_session) == 64, "abi_session");
#endif
_Static_assert(sizeof(struct abi_counters) == 64, "abi_counters");
_Static_assert(sizeof(struct abi_cpu_queue) == 16, "abi_cpu_queue");
_Static_assert(sizeof(struct abi_cpu_load) == 16, "abi_cpu_load");
_Static_assert(sizeof(struct abi_port) == 12, "abi_port");
_Static_assert(sizeof(struct abi_tap_limits) == 32, "abi_tap_limits");

#endif
