/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane as the daemon sees it: programs loaded, maps filled, ports attached. All of it is
 * libbpf behind bpf/sys.c. Functions return 0 or -errno and do not log unless said.
 */
#ifndef BPF_DATAPLANE_H
#define BPF_DATAPLANE_H

#include "base/addr.h"
#include "bpf/abi.h"
#include "bpf/police.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dp_mode { DP_AUTO, DP_XDP, DP_TC };

struct dp_config {
	enum dp_mode mode; /* DP_XDP or DP_TC: dp_probe() resolves DP_AUTO beforehand */
	uint32_t max_sessions;
	int subs_ifindex; /* subs0, the router's side */
	int peer_ifindex; /* subs0p, the subscribers' side */
	uint8_t subs_mac[6];
	struct ip6 gateway6; /* ours on each line */
	struct ip6 pool6;    /* of NAT64: never past the stack */
	uint8_t pool6_len;   /* 0: there is none */
	struct abi_tap_limits limits;
	uint16_t mss_clamp; /* 0 = off; else on, from each session's MTU */
	/* A directory in a BPF file system where maps and links are pinned, so that they outlive
	 * the process; made where it is missing. NULL: they do not. */
	const char *pins;
	bool adopt;	   /* go on with the maps that are pinned there */
	bool attach_later; /* by dp_attach(), when the maps have been filled */
	/* Transmit queues of subs0 and subs0p beside the first, each with an HTB of handle queue+1;
	 * 0: no shaping, queues are left alone and ABI_SESSION_SHAPED_* mean nothing upstream in
	 * XDP mode. */
	uint16_t trees;
	uint16_t overhead; /* octets a policed packet counts beside its IP length */
	enum abi_fastpath fastpath;
	bool mirror_forwarded; /* copies upstream are made at cores: dp_mirror_cores() */
	uint32_t flows; /* that there is room for; ABI_FAST_FLOWS */
	/* CPUs, online, that sessions are spread over (mode xdp); 0: none. */
	uint32_t spread_count;
	uint16_t spread[ABI_SPREAD_MAX];
};

#define DP_ROUTES6   4	  /* routes of IPv6 for each of max_sessions, all together */
#define DP_TREES_MAX 4095 /* the kernel's limit of transmit queues is 4096 */

struct dp;

/* Can this interface take our native XDP program and receive a redirect? Fills `why` (a sentence
 * without a full stop) with the reason when it cannot. Leaves nothing attached. */
bool dp_probe(int ifindex, char *why, size_t why_len);

/* Loads the programs, sizes the maps, attaches to subs0 and subs0p. On failure `why` says what the
 * kernel lacks in one sentence. */
int dp_new(struct dp **ret, const struct dp_config *config, char *why, size_t why_len);
void dp_free(struct dp *dp); /* detaches everything, removes its pins; NULL is fine */
/* The programs go on in the kernel: what was pinned can be adopted. NULL is fine. */
void dp_leave(struct dp *dp);
/* Attaches to subs0 and subs0p, in place of what sits there, and pins the maps. */
int dp_attach(struct dp *dp, char *why, size_t why_len);

/* What is pinned there: 0; -ENOENT: nothing; -ESTALE: an older layout, or a half of one; -ENOTSUP:
 * a newer program's. */
int dp_pins_check(const char *pins);
void dp_pins_remove(const char *pins);
/* An interface is held by a program that a brasd of another instance left, beside these pins, and
 * which lives no more (@alive): it is let go. Whether there was one. */
bool dp_pins_evict(const char *pins, int ifindex, bool (*alive)(const char *instance));

/* @port: 1 to ABI_PORTS_MAX - 1. Attaching an attached port moves it to the new ifindex or MAC. */
int dp_port_attach(struct dp *dp, uint16_t port, int ifindex, const uint8_t mac[6]);
/* Only tells the maps, so that packets find it from dp_attach() on. */
int dp_port_announce(struct dp *dp, uint16_t port, int ifindex, const uint8_t mac[6]);
int dp_port_detach(struct dp *dp, uint16_t port);
/* Programs that are not where they were attached: how many, `missing` is told of each, and with
 * @repair how putting it back went. */
typedef void dp_missing_fn(void *arg, const char *ifname, int err);
int dp_hooks_check(struct dp *dp, bool repair, dp_missing_fn *missing, void *arg);
/* The same by a thread, with no waiting: asked, it makes the descriptor readable when it has looked,
 * and the answer is how many are missing, or have been moved meanwhile. Asked again before that: one
 * answer. To be freed before the data plane. */
struct dp_look;
int dp_look_new(struct dp_look **ret, struct dp *dp);
void dp_look_free(struct dp_look *l);
int dp_look_fd(const struct dp_look *l);
void dp_look_ask(struct dp_look *l);
unsigned dp_look_answer(struct dp_look *l);
/* Attaches the tap's socket filter to a packet socket of this port (libpcap's descriptor). */
int dp_tap_attach(struct dp *dp, uint16_t port, int fd);
/* So many frames that came through it have been read (UINT32_MAX: all): there is room for as much
 * discovery again. */
void dp_tap_read(struct dp *dp, uint16_t port, uint32_t frames);
/* Sessions whose own station has sent a PADT that there was no room for in the tap: have some been
 * noted since this was asked last? The frame of the first one comes through the tap. */
bool dp_padts_noted(struct dp *dp);
/* The generation of the session of this slot that one was noted of, once; 0: of none. */
uint32_t dp_padt_take(struct dp *dp, uint32_t slot);

/* Writes the slot's entry; then, dp_line_add() makes upstream find it. */
int dp_session_set(struct dp *dp, uint32_t slot, const struct abi_session *s);
/* Clears the entry, its counters and its policer's bucket. The line and addresses must have been
 * deleted before. */
int dp_session_clear(struct dp *dp, uint32_t slot);
int dp_line_add(struct dp *dp, const struct abi_line *line, uint32_t slot);
int dp_line_del(struct dp *dp, const struct abi_line *line);
/* Downstream: which slot has this destination. -EEXIST when another slot has it. */
int dp_ip4_add(struct dp *dp, uint32_t addr_be, uint32_t slot);
int dp_ip4_del(struct dp *dp, uint32_t addr_be);
int dp_prefix6_add(struct dp *dp, const uint8_t prefix[8], uint32_t slot); /* a /64 */
int dp_prefix6_del(struct dp *dp, const uint8_t prefix[8]);

/* A route beside those: downstream it finds the session, upstream its sources are the session's. */
int dp_route4_add(struct dp *dp, uint32_t addr_be, uint8_t len, uint32_t slot);
int dp_route4_del(struct dp *dp, uint32_t addr_be, uint8_t len);
int dp_route6_add(struct dp *dp, const uint8_t addr[16], uint8_t len, uint32_t slot);
int dp_route6_del(struct dp *dp, const uint8_t addr[16], uint8_t len);

/*
 * Entries that @known does not know are counted, and with @repair deleted: the number, or -errno.
 * @key: struct abi_line, IPv4 address or 8 octets of a prefix, struct abi_route4, struct
 * abi_route6; for a slot, its struct abi_session.
 */
enum dp_entry {
	DP_ENTRY_LINE,
	DP_ENTRY_IP4,
	DP_ENTRY_PREFIX6,
	DP_ENTRY_ROUTE4,
	DP_ENTRY_ROUTE6,
	DP_ENTRY_SLOT,
};
typedef bool dp_known_fn(void *arg, enum dp_entry kind, const void *key, uint32_t slot);
int dp_sweep(struct dp *dp, dp_known_fn *known, void *arg, bool repair);
bool dp_has(struct dp *dp, enum dp_entry kind, const void *key, uint32_t slot);

/* Of maps that are built anew beside pinned ones (attach_later). -ENOENT: those do not count. */
int dp_counters_take(struct dp *dp, uint32_t slot); /* before dp_attach(): goes on from there */
/* When everything is attached: what they have counted since. */
int dp_counters_late(struct dp *dp, uint32_t slot, struct abi_counters *ret);
static inline void dp_counters_sub(struct abi_counters *from, const struct abi_counters *c)
{
	from->rx4_bytes -= c->rx4_bytes;
	from->rx4_packets -= c->rx4_packets;
	from->rx6_bytes -= c->rx6_bytes;
	from->rx6_packets -= c->rx6_packets;
	from->tx4_bytes -= c->tx4_bytes;
	from->tx4_packets -= c->tx4_packets;
	from->tx6_bytes -= c->tx6_bytes;
	from->tx6_packets -= c->tx6_packets;
}

int dp_counters(struct dp *dp, uint32_t slot, struct abi_counters *ret); /* summed over CPUs */
/* Counters of `n` slots from `first` on, in as few system calls as the kernel allows. */
int dp_counters_range(struct dp *dp, uint32_t first, uint32_t n, struct abi_counters *ret);
/* What the slot's policer has dropped; bytes are IP packet lengths. */
int dp_police_stats(struct dp *dp, uint32_t slot, uint64_t *ret_packets, uint64_t *ret_bytes);
int dp_drops(struct dp *dp, uint64_t ret[ABI_DROP_COUNT]);
const char *dp_drop_name(enum abi_drop reason);

/*
 * The mirror. @rule: 1 to ABI_MIRROR_RULES - 1. A rule may be set while sessions have it; clear sets
 * it to nothing, and its counters to 0.
 */
int dp_mirror_set(struct dp *dp, uint16_t rule, const struct abi_mirror *m);
int dp_mirror_clear(struct dp *dp, uint16_t rule);
int dp_mirror_counters(struct dp *dp, uint16_t rule, struct abi_mirror_counters *ret);
/* What reader @stream (below ABI_STREAMS) gets: the map `streams` is his to open by its pin. */
unsigned dp_cpus(const struct dp *dp); /* possible ones */
int dp_stream_set(struct dp *dp, unsigned stream, const struct abi_mirror *m);
/* All that is never copied, in place of what was; with @at_once, one of list6, it is not that: what
 * goes to it is copied as it comes in. -ENOSPC beyond ABI_MIRROR_SKIPS of a family. */
int dp_stream_counters(struct dp *dp, unsigned stream, struct abi_stream_counters *ret);
int dp_stream_clear(struct dp *dp, unsigned stream); /* no rule; its counters are 0 */
/* All that is never copied, in place of what was; -ENOSPC beyond ABI_MIRROR_SKIPS of a family. */
int dp_mirror_skips(struct dp *dp, const struct prefix4 *list4, unsigned count4,
		    const struct prefix6 *list6, unsigned count6, const struct prefix6 *at_once);
/* With `forwarded`: the interfaces at which copies of what lines send are made, at most
 * ABI_CORES_MAX, in place of what they were; clear: none of a process before us. */
int dp_mirror_cores(struct dp *dp, const int *ifindexes, unsigned n);
void dp_mirror_core_clear(int ifindex);
/* subs0's program upstream; @late: sessions may be copied there (ABI_SESSION_COPY_LATE). */
int dp_mirror_attach(struct dp *dp, bool on, bool late);
/* A port's copies are addressed to this station: what it sends back is dropped. @port: below
 * ABI_MIRROR_PORTS; NULL or ifindex 0: to nobody. done: those not told of are no ports any more. */
int dp_mirror_port(struct dp *dp, unsigned port, int ifindex, const struct mac *station);
void dp_mirror_ports_done(struct dp *dp);
/* Remote targets: port @port's outer headers, and the device where copies get them. */
int dp_mirror_tunnel(struct dp *dp, unsigned port, const struct abi_tunnel *t);
int dp_mirror_tunnels_attach(struct dp *dp, int ifindex);

/*
 * The fast path (fast.h). Nothing passes until dp_fast_set() says "on" and there is a core.
 */
int dp_fast_set(struct dp *dp, const struct abi_fast *f);
int dp_fast_get(struct dp *dp, struct abi_fast *ret);
int dp_fast_counts(struct dp *dp, uint64_t ret[ABI_FAST_COUNT]);
/* How a core interface is read in mode xdp. AUTO: native XDP where the driver has it and hands over
 * whole packets; a veth may hand over those of a local stack, whose checksums are still to be made:
 * a redirect would lose them. */
enum dp_core_kind { DP_CORE_AUTO, DP_CORE_XDP, DP_CORE_TC };
/* An interface to the internet, to be gone round to and from. @why: in mode xdp, why it is not read
 * by XDP; empty where it is. The same again only tells its MAC. -ENOSPC: ABI_CORES_MAX are there. */
int dp_core_attach(struct dp *dp, int ifindex, const uint8_t mac[6], enum dp_core_kind kind,
		   char *why, size_t why_len);
/* Cores that have not been attached since dp_new() or the last call are let go; those of a process
 * before us as well. */
void dp_cores_done(struct dp *dp);
bool dp_is_core(const struct dp *dp, int ifindex);
/* -EEXIST; -ENOENT. Both directions have an entry each. */
int dp_flow_add(struct dp *dp, const struct abi_flow_key *key, const struct abi_flow *flow);
int dp_flow_del(struct dp *dp, const struct abi_flow_key *key);
/* Deletes it, and says what it was. */
int dp_flow_take(struct dp *dp, const struct abi_flow_key *key, struct abi_flow *ret);
int dp_flow_get(struct dp *dp, const struct abi_flow_key *key, struct abi_flow *ret);
/* Reads some; *cursor is zeros at first. How many (at most n; 0: the end), or -errno: -ENOSPC, when
 * n is too small (256 is enough). Entries that come and go meanwhile may be missed. */
struct dp_flow_cursor {
	uint32_t at;
	bool begun, ended;
};
int dp_flows_next(struct dp *dp, struct dp_flow_cursor *cursor, struct abi_flow_key *keys,
		  struct abi_flow *flows, unsigned n);
/* Whose address it is: as the programs find it. -ENOENT. */
int dp_slot_of4(struct dp *dp, uint32_t addr_be, uint32_t *ret_slot);
int dp_slot_of6(struct dp *dp, const uint8_t addr[16], uint32_t *ret_slot);
int dp_session_get(struct dp *dp, uint32_t slot, struct abi_session *ret);

/* Queues of CPUs that a process before us spread to, and we do not, are let go, when all ports are
 * attached: what is in them is carried first. */
void dp_spread_done(struct dp *dp);
struct dp_cpu {
	uint64_t up, down; /* data packets that it has carried */
	uint64_t handed;   /* frames for it, by others or itself (mode xdp) */
	uint64_t dropped;  /* of those, its queue being full */
	bool drops_known;  /* the kernel lets us count them */
};
int dp_cpu_get(struct dp *dp, unsigned cpu, struct dp_cpu *ret); /* -EINVAL: not possible */

/* A rate in bit/s as police_cost of struct abi_session; exact to 1e-5 up to 100 Gbit/s, and what is
 * below 64 bit/s is taken as that. police_depth is in ns at this rate, whatever it is: it must hold
 * the largest packet (1518 octets take 1.5 s at 8 kbit/s), or none of that size ever passes. */
static inline uint64_t dp_police_cost(uint64_t bps)
{
	return police_cost(bps);
}

#endif
