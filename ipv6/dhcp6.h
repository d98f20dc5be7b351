/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DHCPv6 server of a line: addresses (IA_NA) and delegated prefixes (IA_PD) for the one client
 * at the other end of a PPP link (RFC 8415, RFC 6603). A line is one link: there is no relay and no
 * other server, so nothing is looked up by client; a line has a few bindings, and that is all.
 *
 * Pure: packets in, packets out, time is an argument. The owner says what a line may have (assign),
 * makes it work before the client hears of it (bind), and takes it away (unbind).
 *
 * Left out: relay agents, Reconfigure, authentication, the Unicast option, leasequery; IA_TA gets
 * NoAddrsAvail. Elapsed time and the lifetimes, T1 and T2 that a client wishes are not used.
 */
#ifndef IPV6_DHCP6_H
#define IPV6_DHCP6_H

#include "base/addr.h"
#include "base/rate.h"
#include "base/wheel.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stdint.h>

#define DHCP6_DUID_MIN	 3   /* a type of 2 octets and at least one more: RFC 8415, section 11.1 */
#define DHCP6_DUID_MAX	 130 /* and at most 128 more */
#define DHCP6_LEASES_MAX 4   /* of a line, both kinds together */
#define DHCP6_INFINITE	 UINT32_MAX /* a lifetime: for ever; RFC 8415, section 7.7 */
#define DHCP6_PACKET_MAX 1280	    /* of what is sent; every line carries that much */

enum dhcp6_kind { DHCP6_NA, DHCP6_PD };
#define DHCP6_KINDS 2

/* Why a packet was refused; one counter each, by these names. */
#define DHCP6_DROPS(X)                                                                             \
	X(NONE, "none", "not refused")                                                             \
	X(FLOOD, "flood", "more messages a second than a line may send")                           \
	X(SHORT, "short", "less than its IPv6, UDP or DHCPv6 header, or than its length")          \
	X(VERSION, "version", "not UDP directly behind an IPv6 header")                            \
	X(SOURCE, "source", "source address is not link-local, or is ours")                        \
	X(DESTINATION, "destination", "neither to all DHCP servers nor to us")                     \
	X(PORT, "port", "UDP destination port is not 547")                                         \
	X(LENGTH, "length", "UDP length is less than its header, or more than there is")           \
	X(CHECKSUM, "checksum", "UDP checksum wrong or missing")                                   \
	X(RELAY, "relay", "Relay-forward or Relay-reply: there is no relay on a line")             \
	X(TYPE, "type", "type unknown, or one that only servers send")                             \
	X(UNICAST, "unicast", "to our own address, which this type must not be")                   \
	X(OPTION, "option", "option longer than its space, or of a wrong length or value")         \
	X(DUPLICATE, "duplicate", "option that may be there once, or an IA, is there twice")       \
	X(TOO_MANY, "too-many", "more IAs, or addresses and prefixes in them, than are served")    \
	X(DUID, "duid", "DUID shorter than 3 octets or longer than 130")                           \
	X(NO_CLIENT_ID, "no-client-id", "Client Identifier missing")                               \
	X(NO_SERVER_ID, "no-server-id", "Server Identifier missing")                               \
	X(SERVER_ID, "server-id", "Server Identifier where there must be none")                    \
	X(OTHER_SERVER, "other-server", "Server Identifier of another server")                     \
	X(IA, "ia", "Information-request with an IA")                                              \
	X(NO_ADDRESS, "no-address", "Confirm without an address")

enum dhcp6_drop {
#define X(id, name, help) DHCP6_DROP_##id,
	DHCP6_DROPS(X)
#undef X
		DHCP6_DROP_COUNT
};
const char *dhcp6_drop_name(enum dhcp6_drop reason);

/* What happened, of all lines: messages that were found good, answers, and status codes in them. */
#define DHCP6_COUNTERS(X)                                                                          \
	X(SOLICIT_RX, "solicit-rx")                                                                \
	X(REQUEST_RX, "request-rx")                                                                \
	X(CONFIRM_RX, "confirm-rx")                                                                \
	X(RENEW_RX, "renew-rx")                                                                    \
	X(REBIND_RX, "rebind-rx")                                                                  \
	X(RELEASE_RX, "release-rx")                                                                \
	X(DECLINE_RX, "decline-rx")                                                                \
	X(INFORMATION_RX, "information-request-rx")                                                \
	X(ADVERTISE_TX, "advertise-tx")                                                            \
	X(REPLY_TX, "reply-tx")                                                                    \
	X(UNSPEC_FAIL, "unspec-fail-tx")                                                           \
	X(NO_ADDRS_AVAIL, "no-addrs-avail-tx")                                                     \
	X(NO_BINDING, "no-binding-tx")                                                             \
	X(NOT_ON_LINK, "not-on-link-tx")                                                           \
	X(USE_MULTICAST, "use-multicast-tx")                                                       \
	X(NO_PREFIX_AVAIL, "no-prefix-avail-tx")

enum dhcp6_counter {
#define X(id, name) DHCP6_COUNT_##id,
	DHCP6_COUNTERS(X)
#undef X
		DHCP6_COUNTER_COUNT
};
const char *dhcp6_counter_name(enum dhcp6_counter counter);

struct dhcp6_stats {
	uint64_t count[DHCP6_COUNTER_COUNT];
	uint64_t drop[DHCP6_DROP_COUNT];
};

/* What a client has. Times are absolute, of the clock of `now`; UINT64_MAX: for ever. */
struct dhcp6_binding {
	enum dhcp6_kind kind;
	uint8_t index;	       /* which one of its kind; see assign() */
	bool withdrawn;	       /* by dhcp6_line_withdraw() */
	uint32_t iaid;	       /* the client's */
	uint64_t client;       /* hash of its DUID; the same in every process */
	struct prefix6 prefix; /* NA: an address, length 128 */
	uint64_t since;	       /* bound then */
	uint64_t preferred_until, valid_until;
};

enum dhcp6_bind {
	DHCP6_BIND_NEW,
	DHCP6_BIND_EXTENDED, /* it was bound already; its times have moved */
};

enum dhcp6_unbind {
	DHCP6_UNBIND_RELEASED,	/* by the client */
	DHCP6_UNBIND_EXPIRED,	/* its valid lifetime is over */
	DHCP6_UNBIND_DECLINED,	/* NA: the client says that somebody else uses it */
	DHCP6_UNBIND_REPLACED,	/* the client came back under another DUID or IAID */
	DHCP6_UNBIND_WITHDRAWN, /* dhcp6_line_withdraw(), and the client now hears of it */
	DHCP6_UNBIND_LINE_DOWN,
};
const char *dhcp6_unbind_name(enum dhcp6_unbind why);

/* What a line's client is told; what is 0 or NULL is left out. */
struct dhcp6_values {
	uint8_t max[DHCP6_KINDS];  /* bindings of that kind; together DHCP6_LEASES_MAX at most */
	uint32_t preferred, valid; /* lifetimes, s, or DHCP6_INFINITE; valid 0: nothing is given */
	uint32_t t1, t2;	   /* s; 0: 0.5 and 0.8 of `preferred`; t2 <= preferred, t1 <= t2 */
	const struct ip6 *dns;	   /* RFC 3646 */
	unsigned dns_count;	   /* beyond DHCP6_SERVERS_MAX they are not told */
	const struct ip6 *ntp;	   /* RFC 5908, RFC 4075 */
	unsigned ntp_count;
	const uint8_t *search; /* names as in DNS, one behind the other: RFC 8415, section 10 */
	uint16_t search_len;   /* beyond DHCP6_SEARCH_MAX the list is not told */
	uint32_t information_refresh;	 /* s, at least 600: RFC 8415, section 21.23 */
	uint32_t sol_max_rt, inf_max_rt; /* s, 60 to 86400: sections 21.24, 21.25 */
	bool rapid_commit;		 /* taken up where the client offers it */
	uint8_t preference;		 /* 255: the client need not wait for other servers */
};
#define DHCP6_SERVERS_MAX 4
#define DHCP6_SEARCH_MAX  256

struct dhcp6_line;

/*
 * The owner's part. All are called from within dhcp6_line_input(), a timer, or dhcp6_line_down().
 * They must not free the line, nor call back into it, except for dhcp6_line_freeze() and reading.
 */
struct dhcp6_ops {
	/*
	 * What may the line have as its `index`th of this kind (0 to max[kind] - 1)? Nothing is
	 * bound by that, and often it never will be. The answer stays the same for a line, kind and
	 * index, bound or not, until unbind() says DECLINED or WITHDRAWN, or until the line ends;
	 * after RELEASED and EXPIRED it may change. What was assigned and is not bound is the
	 * owner's to give back at the line's end. NULL @hint: no wish; else a prefix (the address
	 * may be zero: only the length is wished for), to be used or not.
	 * 0 and *ret (NA: length 128), -ENOSPC (pool is empty), -ENOENT (not served to this line).
	 */
	int (*assign)(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index,
		      const struct prefix6 *hint, struct prefix6 *ret);
	/*
	 * From now on the client may use it, until `valid_until`: everything that it needs must
	 * work when this returns, the Reply goes out afterwards. The binding is in the line already
	 * (so that a record written now has it). @duid: the client's, for the log. -errno: a NEW
	 * one is taken out again without unbind(), an EXTENDED one keeps its old times; the client
	 * hears NoAddrsAvail or NoPrefixAvail (-ENOSPC, NEW) or UnspecFail.
	 */
	int (*bind)(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *binding,
		    enum dhcp6_bind what, struct rd duid);
	/* Once for every NEW that succeeded. @binding: a copy; it is in the line no more. */
	void (*unbind)(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *binding,
		       enum dhcp6_unbind why);
	/* Send this packet; it begins with the IPv6 header. */
	void (*transmit)(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len);
	/* Optional. What holds for this line: *ret has the context's values and may be changed;
	 * what it points to must last until the call into the line is over. */
	void (*values)(struct dhcp6_line *line, struct dhcp6_values *ret);
	/* Optional. What of this delegated prefix is not the client's (RFC 6603): longer than
	 * it, and within it. Asked only where the client can hear of it. False: nothing. */
	bool (*exclude)(struct dhcp6_line *line, const struct prefix6 *delegated,
			struct prefix6 *ret);
};

/* Shared by all lines; must outlive them. May be changed between calls. */
struct dhcp6_ctx {
	struct wheel *wheel;
	const struct dhcp6_ops *ops;
	struct dhcp6_stats *stats;
	struct dhcp6_values values; /* of every line, unless ops->values() changes them */
	struct ip6 self;	    /* our link-local address on every line */
	uint8_t duid[DHCP6_DUID_MAX];
	uint8_t duid_len;			      /* DHCP6_DUID_MIN to DHCP6_DUID_MAX */
	uint32_t messages_per_second, messages_burst; /* of a line; 0 = no limit */
};

/* A line; embedded in something of the owner's, who finds himself by container_of(). Read only. */
struct dhcp6_line {
	struct timer timer; /* for the next end of a valid lifetime */
	const struct dhcp6_ctx *ctx;
	struct rate rate;
	uint8_t count;
	uint8_t declines; /* that were believed: who declines all the time drains no pool */
	struct {	  /* the last Release or Decline: it may come twice */
		bool known;
		uint8_t type;
		uint8_t no_binding; /* of its IAs, bit by bit */
		uint32_t xid;
		uint64_t client, at;
	} last;
	struct dhcp6_binding binding[DHCP6_LEASES_MAX]; /* the first `count`, in no order */
};

/* No binding, no timer. */
void dhcp6_line_init(struct dhcp6_line *line, const struct dhcp6_ctx *ctx);
/* A packet from the line, from its IPv6 header on (ipv6_nd_parse() said IPV6_ND_DHCP). Octets
 * behind the IPv6 payload length are padding. 0: it was good, and answered if it is one to be
 * answered. -EBADMSG: refused, and counted; *ret_drop says why, for the log. */
int dhcp6_line_input(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len,
		     enum dhcp6_drop *ret_drop);
/* The operator takes this one back: the client hears lifetimes of 0, and of a new one, when it next
 * speaks of it (RFC 8415, section 18.3.4); unbind() is called then. Until then it is valid, but
 * not extended. 0, or -ENOENT: no such binding. */
int dhcp6_line_withdraw(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index);
/* The line is gone, or its IPv6 is: all bindings end, silently. May be used again afterwards. */
void dhcp6_line_down(struct dhcp6_line *line, uint64_t now);
/* The process ends, the line does not: only the timer is taken out. */
void dhcp6_line_fini(struct dhcp6_line *line);

/* The bindings as octets, so that they outlive their process; times in them are absolute: the clock
 * of `now` must be the same in both. 0 or -ENOSPC. */
#define DHCP6_FROZEN_BINDING 56
#define DHCP6_FROZEN_MAX     (3 + DHCP6_LEASES_MAX * DHCP6_FROZEN_BINDING)
int dhcp6_line_freeze(const struct dhcp6_line *line, struct wr *w);
/* In place of dhcp6_line_init(). bind() is not called: the owner looks at line->binding[] and
 * adopts what is there. What is over ends at the wheel's next run, with unbind(). @r: just those
 * octets. -EBADMSG, or -ENOTSUP (a newer version's): `line` is untouched. */
int dhcp6_line_thaw(struct dhcp6_line *line, const struct dhcp6_ctx *ctx, struct rd *r);
/* Would the thaw succeed? */
int dhcp6_line_frozen_check(struct rd r);

#endif
