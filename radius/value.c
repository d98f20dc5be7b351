// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values of received attributes: RFC 2865 sections 5 (types), 5.8 (Framed-IP-Address) and 5.22
 * (Framed-Route); RFC 3162 sections 2.2 to 2.5; RFC 4818 section 3; RFC 6911.
 */
#include "radius/value.h"

#include <stdio.h>

#define IP4_USER_CHOOSES 0xffffffff
#define IP4_NAS_CHOOSES	 0xfffffffe

const struct radius_row *radius_row_find(const struct radius_row *rows, size_t n,
					 const struct radius_attr *a)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].type == a->type && rows[i].vendor == a->vendor)
			return &rows[i];
	return NULL;
}

const char *radius_row_length(const struct radius_row *row, const struct radius_attr *a, char *buf,
			      size_t cap)
{
	if (a->len >= row->min && a->len <= row->max)
		return NULL;
	if (row->min == row->max)
		snprintf(buf, cap, "%zu octets, %u expected", a->len, row->min);
	else
		snprintf(buf, cap, "%zu octets, %u to %u expected", a->len, row->min, row->max);
	return buf;
}

const char *radius_row_read(const struct radius_row *row, const struct radius_attr *a, void *base)
{
	return row->parse(row, a, (char *)base + row->member);
}

const char *radius_value_u32(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	uint32_t v = radius_u32(a);

	(void)row;
	memcpy(ret, &v, sizeof(v));
	return NULL;
}

const char *radius_value_text(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	if (memchr(a->value, '\0', a->len))
		return "a NUL in the text";
	(void)row;
	memcpy(ret, a->value, a->len);
	((char *)ret)[a->len] = '\0';
	return NULL;
}

uint32_t radius_u32(const struct radius_attr *a)
{
	struct rd r = rd_init(a->value, a->len);

	return rd_be32(&r);
}

/* Neither "this network", loopback, multicast, nor reserved. */
static bool is_host_net4(uint32_t addr)
{
	return addr >> 24 && addr >> 24 != 127 && addr >> 24 < 224;
}

/* Neither multicast, link-local, nor (all zero) unspecified. */
static bool is_host_net6(const struct ip6 *a)
{
	return a->b[0] != 0xff && !ip6_is_link_local(a) && !ip6_is_zero(a);
}

const char *radius_value_ip4(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	uint32_t addr = radius_u32(a);

	(void)row;
	if (!is_host_net4(addr) && addr != IP4_USER_CHOOSES && addr != IP4_NAS_CHOOSES)
		return "not the address of a host";
	memcpy(ret, &addr, sizeof(addr));
	return NULL;
}

const char *radius_value_ip6(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	struct rd r = rd_init(a->value, a->len);
	struct ip6 addr;

	(void)row;
	rd_copy(&r, addr.b, sizeof(addr.b));
	if (r.bad || !is_host_net6(&addr))
		return "not the address of a host";
	memcpy(ret, &addr, sizeof(addr));
	return NULL;
}

static bool host_bits(const struct prefix6 *p)
{
	for (unsigned bit = p->len; bit < 128; bit++)
		if (p->addr.b[bit / 8] & 0x80 >> bit % 8)
			return true;
	return false;
}

/* RFC 3162, 2.3: a reserved octet of zero, the length in bits, as many octets as the sender likes
 * that hold them; bits beyond the length must be zero. */
const char *radius_value_prefix6(const struct radius_row *row, const struct radius_attr *a,
				 void *ret)
{
	struct rd r = rd_init(a->value, a->len);
	struct prefix6 p = { 0 };
	uint8_t reserved = rd_u8(&r);
	size_t n;

	(void)row;
	p.len = rd_u8(&r);
	n = rd_left(&r);
	if (r.bad || reserved)
		return "its first octet is not zero";
	if (!p.len || p.len > 128)
		return "the length of the prefix is not between 1 and 128";
	if (n * 8 < p.len || n > sizeof(p.addr.b))
		return "the prefix is shorter than its length says";
	rd_copy(&r, p.addr.b, n);
	if (host_bits(&p))
		return "bits beyond the length of the prefix are set";
	if (!is_host_net6(&p.addr))
		return "not a prefix of hosts";
	memcpy(ret, &p, sizeof(p));
	return NULL;
}

const char *radius_value_ifid(const struct radius_row *row, const struct radius_attr *a, void *ret)
{
	static const uint8_t zero[8];

	(void)row;
	if (a->len != sizeof(zero) || !memcmp(a->value, zero, sizeof(zero)))
		return "an identifier of zero"; /* RFC 5072, 4.1 */
	memcpy(ret, a->value, sizeof(zero));
	return NULL;
}

/* "PREFIX [GATEWAY [METRIC...]]": the first word; the gateway is the line, the metric ours. */
static const char *first_word(const struct radius_attr *a, char ret[PREFIX_STRLEN])
{
	const uint8_t *blank = memchr(a->value, ' ', a->len);
	size_t n = blank ? (size_t)(blank - a->value) : a->len;

	if (memchr(a->value, '\0', a->len))
		return "a NUL in the text";
	if (!n || n >= PREFIX_STRLEN)
		return "does not begin with a prefix";
	memcpy(ret, a->value, n);
	ret[n] = '\0';
	return NULL;
}

/* RFC 2865, 5.22: without a length the class of the address gives it. */
static uint8_t class_len(uint32_t addr)
{
	return addr >> 31 == 0 ? 8 : addr >> 30 == 2 ? 16 : 24;
}

const char *radius_value_route4(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	char word[PREFIX_STRLEN];
	const char *why = first_word(a, word);
	struct prefix4 p;

	(void)row;
	if (why)
		return why;
	if (prefix4_parse(word, &p))
		return "not a prefix, or bits beyond its length are set";
	if (!strchr(word, '/'))
		p.len = class_len(p.addr);
	if (p.len < 32 && p.addr << p.len)
		return "no length, and bits beyond its class are set";
	if (!p.len || !is_host_net4(p.addr))
		return "not a prefix of hosts";
	memcpy(ret, &p, sizeof(p));
	return NULL;
}

const char *radius_value_route6(const struct radius_row *row, const struct radius_attr *a,
				void *ret)
{
	char word[PREFIX_STRLEN];
	const char *why = first_word(a, word);
	struct prefix6 p;

	(void)row;
	if (why)
		return why;
	if (prefix6_parse(word, &p))
		return "not a prefix, or bits beyond its length are set";
	if (!p.len || !is_host_net6(&p.addr))
		return "not a prefix of hosts";
	memcpy(ret, &p, sizeof(p));
	return NULL;
}
