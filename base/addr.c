// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/addr.h"

#include "base/hex.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *mac_str(char buf[MAC_STRLEN], const struct mac *m)
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
	return buf;
}

int mac_parse(const char *s, struct mac *ret)
{
	struct mac m;

	for (size_t i = 0; i < sizeof(m.b); i++) {
		int hi = hex_digit(s[0]), lo = hi < 0 ? -1 : hex_digit(s[1]);

		if (lo < 0)
			return -EINVAL;
		m.b[i] = (uint8_t)(hi << 4 | lo);
		s += 2;
		if (i + 1 < sizeof(m.b) && *s != ':' && *s != '-')
			return -EINVAL;
		s += i + 1 < sizeof(m.b);
	}
	if (*s)
		return -EINVAL;
	*ret = m;
	return 0;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

bool mac_is_unicast(const struct mac *m)
{
	static const struct mac zero;

	return !(m->b[0] & 1) && !mac_equal(m, &zero);
}

const char *ip4_str(char buf[IP4_STRLEN], uint32_t addr)
{
	snprintf(buf, IP4_STRLEN, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		 addr & 255);
	return buf;
}

int ip4_parse(const char *s, uint32_t *ret)
{
	struct in_addr a;

	if (inet_pton(AF_INET, s, &a) != 1)
		return -EINVAL;
	*ret = ntohl(a.s_addr);
	return 0;
}

const char *prefix4_str(char buf[PREFIX_STRLEN], const struct prefix4 *p)
{
	char a[IP4_STRLEN];

	snprintf(buf, PREFIX_STRLEN, "%s/%u", ip4_str(a, p->addr), p->len);
	return buf;
}

/* Splits "ADDRESS/LENGTH"; a missing length is `max`. */
static int prefix_split(const char *s, char addr[IP6_STRLEN], uint8_t max, uint8_t *ret_len)
{
	const char *slash = strchr(s, '/');
	size_t n = slash ? (size_t)(slash - s) : strlen(s);
	uint64_t len = max;

	if (n >= IP6_STRLEN || (slash && str_to_u64(slash + 1, 0, max, &len)))
		return -EINVAL;
	memcpy(addr, s, n);
	addr[n] = '\0';
	*ret_len = (uint8_t)len;
	return 0;
}

int prefix4_parse(const char *s, struct prefix4 *ret)
{
	struct prefix4 p;
	char a[IP6_STRLEN];

	if (prefix_split(s, a, 32, &p.len) || ip4_parse(a, &p.addr))
		return -EINVAL;
	if (p.len < 32 && p.addr << p.len)
		return -EINVAL;
	*ret = p;
	return 0;
}

const char *ip6_str(char buf[IP6_STRLEN], const struct ip6 *a)
{
	if (!inet_ntop(AF_INET6, a->b, buf, IP6_STRLEN))
		buf[0] = '\0';
	return buf;
}

int ip6_parse(const char *s, struct ip6 *ret)
{
	struct ip6 a;

	if (inet_pton(AF_INET6, s, a.b) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

bool ip6_equal(const struct ip6 *a, const struct ip6 *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

bool ip6_is_zero(const struct ip6 *a)
{
	static const struct ip6 zero;

	return ip6_equal(a, &zero);
}

bool ip6_is_link_local(const struct ip6 *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

const char *prefix6_str(char buf[PREFIX_STRLEN], const struct prefix6 *p)
{
	char a[IP6_STRLEN];

	snprintf(buf, PREFIX_STRLEN, "%s/%u", ip6_str(a, &p->addr), p->len);
	return buf;
}

int prefix6_parse(const char *s, struct prefix6 *ret)
{
	struct prefix6 p;
	char a[IP6_STRLEN];

	if (prefix_split(s, a, 128, &p.len) || ip6_parse(a, &p.addr))
		return -EINVAL;
	for (unsigned bit = p.len; bit < 128; bit++)
		if (p.addr.b[bit / 8] & 0x80 >> bit % 8)
			return -EINVAL;
	*ret = p;
	return 0;
}

struct ip6 ip6_link_local(const uint8_t ifid[8])
{
	struct ip6 a = { .b = { 0xfe, 0x80 } };

	memcpy(a.b + 8, ifid, 8);
	return a;
}

/* Whether their first `len` bits are the same. */
static bool same_bits(const struct ip6 *a, const struct ip6 *b, unsigned len)
{
	if (memcmp(a->b, b->b, len / 8))
		return false;
	return !(len % 8) || !((a->b[len / 8] ^ b->b[len / 8]) >> (8 - len % 8));
}

bool prefix6_holds(const struct prefix6 *p, const struct ip6 *addr)
{
	return same_bits(&p->addr, addr, p->len);
}

bool prefix6_overlap(const struct prefix6 *a, const struct prefix6 *b)
{
	return same_bits(&a->addr, &b->addr, a->len < b->len ? a->len : b->len);
}
