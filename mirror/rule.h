/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a subscriber's traffic is copied, as people write it and as the data plane has it. Pure.
 *
 *	[off | both | up | down] [ip4 | ip6] [proto=tcp|udp|icmp|icmp6|NUMBER] [port=NUMBER]
 *	[net=PREFIX] [sample=N] [to=PORT] [for=SECONDS|Nm|Nh]
 *
 * in any order, each at most once; nothing means "both". All that is written must hold for a packet
 * to be copied. up is from the subscriber. net is the other end's; port is either end's.
 */
#ifndef MIRROR_RULE_H
#define MIRROR_RULE_H

#include "base/addr.h"
#include "base/str.h"
#include "bpf/abi.h"

#define MIRROR_PORT_MAX 64	    /* a port's name, with the NUL */
#define MIRROR_FOR_MAX	(7 * 86400) /* s */

struct mirror_rule {
	uint16_t flags;		  /* enum abi_mirror_flags; neither direction: off */
	uint8_t proto;		  /* of IP; 0: any */
	uint16_t port;		  /* 0: any */
	uint16_t sample;	  /* 0: each packet; else one in so many */
	struct prefix4 net4;	  /* ABI_MIRROR_REMOTE4 */
	struct prefix6 net6;	  /* ABI_MIRROR_REMOTE6 */
	char to[MIRROR_PORT_MAX]; /* empty: the first port */
	uint32_t seconds;	  /* 0: until it is taken back */
};

/* 0; or -EINVAL, and `why` says which word is wrong and what is allowed. */
int mirror_rule_parse(const char *const *words, unsigned count, struct mirror_rule *ret, char *why,
		      size_t why_len);
/* The same from one text, words divided by blanks; at most 511 octets. */
int mirror_rule_parse_text(const char *text, struct mirror_rule *ret, char *why, size_t why_len);
/* As it is read, in its shortest form; without `for`. */
void mirror_rule_write(const struct mirror_rule *r, struct sbuf *out);
bool mirror_rule_is_off(const struct mirror_rule *r);
/* Fills all but the port: ifindex, dst, src. */
void mirror_rule_abi(const struct mirror_rule *r, struct abi_mirror *ret);

#endif
