/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what conntrack knows of a connection to the two entries of the fast path (bpf/fast.h). Pure.
 *
 * A connection has two tuples: the first packet's as it came in, and the answer's as it comes in.
 * What came in by one leaves as the other turned round. So each direction is {in, out}; where they
 * differ there is translation. One of the two begins or ends at a session's address: that is
 * upstream or downstream.
 */
#ifndef DAEMON_FLOW_H
#define DAEMON_FLOW_H

#include "bpf/abi.h"

#include <stdbool.h>
#include <stdint.h>

/* Addresses and ports as they lie in a packet; IPv4 in the first word. */
struct flow_tuple {
	uint32_t src[4], dst[4];
	uint16_t sport_be, dport_be;
};

/* linux/netfilter/nf_conntrack_common.h, and its TCP's: the values are the kernel's ABI. */
enum flow_status {
	FLOW_IS_SEEN_REPLY = 1 << 1,
	FLOW_IS_ASSURED = 1 << 2,
	FLOW_IS_SEQ_ADJUST = 1 << 6,
	FLOW_IS_DYING = 1 << 9,
	FLOW_IS_HELPED = 1 << 13,
	FLOW_IS_OFFLOAD = 1 << 14, /* a flowtable of nftables has it */
};
#define FLOW_TCP_ESTABLISHED 3

struct flow_ct {
	uint8_t family; /* 4 or 6 */
	uint8_t proto;	/* 6 or 17 */
	uint8_t tcp_state;
	uint16_t zone;
	uint32_t status, mark;
	struct flow_tuple orig, reply;
};

/* Why a connection stays with the stack; FLOW_GO is none. */
#define FLOW_REASONS(X)                                                                            \
	X(GO, "go")                                                                                \
	X(YOUNG, "young")	/* not assured, or no longer established */                        \
	X(MARKED, "marked")	/* has a conntrack mark: routed or shaped by it, perhaps */        \
	X(HELPER, "helper")	/* its octets are read or changed on the way */                    \
	X(TRANSLATED, "nat66") /* translated in a way that is not IPv4's */                        \
	X(OTHER, "other")	/* of no line, or between two */                           \
	X(SHARE, "line-limit")	/* its line has as many as it may: flows.c says so, not we */

enum flow_reason {
#define X(id, name) FLOW_##id,
	FLOW_REASONS(X)
#undef X
		FLOW_REASON_COUNT
};
const char *flow_reason_name(enum flow_reason reason);

enum flow_reason flow_judge(const struct flow_ct *ct);

/* The entry for what comes in by `in`, without its session. @down: the direction. */
void flow_entry(const struct flow_ct *ct, bool reply, bool down, struct abi_flow_key *ret_key,
		struct abi_flow *ret);
/* The address that would be the session's: the source of `in`, or the destination of `out`. */
const uint32_t *flow_end(const struct flow_ct *ct, bool reply, bool down);

/* The key of the other direction of an entry. */
struct abi_flow_key flow_other(const struct abi_flow_key *key, const struct abi_flow *f);

#endif
