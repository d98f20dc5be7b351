/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: MAC, IPv4 in host order, IPv6 in wire order, prefixes; text both ways, strictly. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_STRLEN    18
#define IP4_STRLEN    16
#define IP6_STRLEN    46
#define PREFIX_STRLEN 50

struct mac {
	uint8_t b[6];
};

struct ip6 {
	uint8_t b[16];
};

struct prefix6 {
	struct ip6 addr; /* no bit set beyond len */
	uint8_t len;	 /* 0 to 128; */
};

struct prefix4 {
	uint32_t addr; /* host order, no bit set beyond len */
	uint8_t len;
};

const char *mac_str(char buf[MAC_STRLEN], const struct mac *m); /* lower case, colons */
int mac_parse(const char *s, struct mac *ret);			/* colons or dashes; -EINVAL */
bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_is_unicast(const struct mac *m); /* neither group nor all zero */

const char *ip4_str(char buf[IP4_STRLEN], uint32_t addr);
int ip4_parse(const char *s, uint32_t *ret);
const char *prefix4_str(char buf[PREFIX_STRLEN], const struct prefix4 *p);
int prefix4_parse(const char *s, struct prefix4 *ret); /* host bits set: -EINVAL */

const char *ip6_str(char buf[IP6_STRLEN], const struct ip6 *a);
int ip6_parse(const char *s, struct ip6 *ret);
bool ip6_equal(const struct ip6 *a, const struct ip6 *b);
bool ip6_is_zero(const struct ip6 *a);
bool ip6_is_link_local(const struct ip6 *a); /* fe80::/10: RFC 4291, section 2.5.6 */
const char *prefix6_str(char buf[PREFIX_STRLEN], const struct prefix6 *p);
int prefix6_parse(const char *s, struct prefix6 *ret);
bool prefix6_holds(const struct prefix6 *p, const struct ip6 *addr);
bool prefix6_overlap(const struct prefix6 *a, const struct prefix6 *b);

/* fe80::/64 with this interface identifier (8 octets). */
struct ip6 ip6_link_local(const uint8_t ifid[8]);

#endif
