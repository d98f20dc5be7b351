/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum of ICMPv6 and UDP over IPv6 (RFC 8200, section 8.1; RFC 1071). */
#ifndef IPV6_CHECKSUM_H
#define IPV6_CHECKSUM_H

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>

/* One's complement sum; the caller pads all pieces but the last to two octets. */
static inline uint32_t ipv6_sum(uint32_t acc, const uint8_t *p, size_t len)
{
	for (; len > 1; len -= 2, p += 2)
		acc += (uint32_t)p[0] << 8 | p[1];
	if (len)
		acc += (uint32_t)p[0] << 8;
	return acc;
}

/* @next: the protocol. Over a message that holds its checksum, the result is 0. */
static inline uint16_t ipv6_checksum(const struct ip6 *src, const struct ip6 *dst, uint8_t next,
				     const uint8_t *msg, size_t len)
{
	uint32_t acc = (uint32_t)len + next;

	acc = ipv6_sum(acc, src->b, sizeof(src->b));
	acc = ipv6_sum(acc, dst->b, sizeof(dst->b));
	acc = ipv6_sum(acc, msg, len);
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)~acc;
}

#endif
