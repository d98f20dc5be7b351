/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a subscriber's traffic is copied, as people write it and as the data plane has it. Pure.
 *
 *	[off | both | up | down] [ip4 | ip6] [proto=tcp|udp|icmp|icmp6|NUMBER] [port=NUMBER]
 *	[net=PREFIX] [sample=N] [snap=OCTETS] [to=PORT] [for=SECONDS|Nm|Nh | until=[YYYY-MM-DDT]HH:MM[:SS]]
 *
 * in any order, each at most once; nothing means "both". All that is written must hold for a packet
 * to be copied. up is from the subscriber. net is the other end's; port is either end's. snap cuts an
 * IP packet. until is a time of the box's clock and zone; without a date, the next one.
 */
#ifndef MIRROR_RULE_H
#define MIRROR_RULE_H

#include "base/addr.h"
#include "base/str.h"
#include "bpf/abi.h"

#define MIRROR_PORT_MAX 64	    /* a port's name, with the NUL */
#define MIRROR_FOR_MAX	(7 * 86400) /* s */
#define MIRROR_SNAP_MIN 64 /* of a copy: headers are whole */

struct mirror_clock {
	uint16_t year; /* 0: no date */
	uint8_t month, day, hour, minute, second;
};

struct mirror_rule {
	uint16_t flags;		  /* enum abi_mirror_flags; neither direction: off */
	uint8_t proto;		  /* of IP; 0: any */
	uint16_t port;		  /* 0: any */
	uint16_t sample;	  /* 0: each packet; else one in so many */
	struct prefix4 net4;	  /* ABI_MIRROR_REMOTE4 */
	struct prefix6 net6;	  /* ABI_MIRROR_REMOTE6 */
	char to[MIRROR_PORT_MAX]; /* empty: the first port */
	uint16_t snap;		  /* octets of the IP packet at most; 0: all */
	uint32_t seconds;	  /* 0: until it is taken back */
	bool has_until;		  /* never with seconds */
	struct mirror_clock until;
};

/* 0; or -EINVAL, and `why` says which word is wrong and what is allowed. */
int mirror_rule_parse(const char *const *words, unsigned count, struct mirror_rule *ret, char *why,
		      size_t why_len);
/* The same from one text, words divided by blanks; at most 511 octets. */
int mirror_rule_parse_text(const char *text, struct mirror_rule *ret, char *why, size_t why_len);
/* As it is read, in its shortest form; without `for`. */
void mirror_rule_write(const struct mirror_rule *r, struct sbuf *out);
bool mirror_rule_is_off(const struct mirror_rule *r);
/* May it be one of copies (a stream's may say more)? 0; or -EINVAL, and why. */
int mirror_rule_of_copies(const struct mirror_rule *r, char *why, size_t why_len);
/* Fills all but the port: ifindex, dst, src. */
void mirror_rule_abi(const struct mirror_rule *r, struct abi_mirror *ret);

/* clock.c. When that is, s since 1970; -ETIME: it is over; -ERANGE: it is more than a year ahead. */
int mirror_clock_at(const struct mirror_clock *c, int64_t now, int64_t *ret);
void mirror_clock_of(int64_t at, struct mirror_clock *ret);

#endif
