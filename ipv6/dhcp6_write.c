// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of a DHCPv6 server: RFC 8415, section 21; DNS (RFC 3646), SNTP (RFC 4075), NTP (RFC
 * 5908), Prefix Exclude (RFC 6603).
 */
#include "ipv6/dhcp6_msg.h"

#include "ipv6/checksum.h"

#define NEXT_UDP  17
#define IP6_HEAD  40
#define UDP_HEAD  8
#define HOP_LIMIT 64

#define NTP_SUBOPTION_SRV_ADDR 1 /* RFC 5908, section 4.1 */

/* What clients take: less or more is ignored (RFC 8415, sections 21.23 to 21.25). */
#define MAX_RT_LEAST  60u
#define MAX_RT_MOST   86400u
#define REFRESH_LEAST 600u

size_t dhcp6_option_begin(struct wr *w, uint16_t option)
{
	wr_be16(w, option);
	wr_be16(w, 0);
	return w->len;
}

void dhcp6_option_end(struct wr *w, size_t at)
{
	if (!w->bad)
		wr_patch_be16(w, at - 2, w->len - at);
}

void dhcp6_write_bytes(struct wr *w, uint16_t option, const void *value, size_t len)
{
	size_t at = dhcp6_option_begin(w, option);

	wr_bytes(w, value, len);
	dhcp6_option_end(w, at);
}

void dhcp6_write_be32(struct wr *w, uint16_t option, uint32_t value)
{
	wr_be16(w, option);
	wr_be16(w, 4);
	wr_be32(w, value);
}

/* The text is for people (section 21.13). Short: a reply has room for DHCP6_IAS_MAX of them. */
void dhcp6_write_status(struct wr *w, enum dhcp6_status status)
{
	static const char *const text[] = {
		[DHCP6_SUCCESS] = "",
		[DHCP6_UNSPEC_FAIL] = "not possible now",
		[DHCP6_NO_ADDRS_AVAIL] = "no address available",
		[DHCP6_NO_BINDING] = "not known here",
		[DHCP6_NOT_ON_LINK] = "not of this link",
		[DHCP6_USE_MULTICAST] = "send to ff02::1:2",
		[DHCP6_NO_PREFIX_AVAIL] = "no prefix available",
	};
	size_t at = dhcp6_option_begin(w, DHCP6_OPT_STATUS_CODE);

	wr_be16(w, (uint16_t)status);
	wr_bytes(w, text[status], strlen(text[status]));
	dhcp6_option_end(w, at);
}

static bool bit(const struct ip6 *a, unsigned i)
{
	return a->b[i / 8] & 0x80 >> i % 8;
}

/* RFC 6603, section 4.2: the bits of `out` behind those of `of`, from the left, zeros to the right.
 */
static void write_exclude(struct wr *w, const struct prefix6 *of, const struct prefix6 *out)
{
	unsigned bits = out->len - of->len;
	uint8_t subnet[16] = { 0 };

	for (unsigned i = 0; i < bits; i++)
		if (bit(&out->addr, of->len + i))
			subnet[i / 8] |= (uint8_t)(0x80 >> i % 8);
	wr_be16(w, DHCP6_OPT_PD_EXCLUDE);
	wr_be16(w, (uint16_t)(1 + (bits + 7) / 8));
	wr_u8(w, out->len);
	wr_bytes(w, subnet, (bits + 7) / 8);
}

void dhcp6_write_lease(struct wr *w, enum dhcp6_kind kind, const struct prefix6 *prefix,
		       uint32_t preferred, uint32_t valid, const struct prefix6 *exclude)
{
	size_t at;

	switch (kind) {
	case DHCP6_NA:
		at = dhcp6_option_begin(w, DHCP6_OPT_IAADDR);
		wr_bytes(w, prefix->addr.b, sizeof(prefix->addr.b));
		wr_be32(w, preferred);
		wr_be32(w, valid);
		dhcp6_option_end(w, at);
		return;
	case DHCP6_PD:
		at = dhcp6_option_begin(w, DHCP6_OPT_IAPREFIX);
		wr_be32(w, preferred);
		wr_be32(w, valid);
		wr_u8(w, prefix->len);
		wr_bytes(w, prefix->addr.b, sizeof(prefix->addr.b));
		if (exclude)
			write_exclude(w, prefix, exclude);
		dhcp6_option_end(w, at);
		return;
	}
}

/* --- what is configured ---------------------------------------------------------------------- */

static unsigned at_most(unsigned n, unsigned max)
{
	return n < max ? n : max;
}

static void write_dns(struct wr *w, const struct dhcp6_values *v)
{
	unsigned n = at_most(v->dns_count, DHCP6_SERVERS_MAX);

	if (n)
		dhcp6_write_bytes(w, DHCP6_OPT_DNS_SERVERS, v->dns, n * sizeof(v->dns[0].b));
}

static void write_search(struct wr *w, const struct dhcp6_values *v)
{
	if (v->search_len && v->search_len <= DHCP6_SEARCH_MAX)
		dhcp6_write_bytes(w, DHCP6_OPT_DOMAIN_LIST, v->search, v->search_len);
}

static void write_sntp(struct wr *w, const struct dhcp6_values *v)
{
	unsigned n = at_most(v->ntp_count, DHCP6_SERVERS_MAX);

	if (n)
		dhcp6_write_bytes(w, DHCP6_OPT_SNTP_SERVERS, v->ntp, n * sizeof(v->ntp[0].b));
}

static void write_ntp(struct wr *w, const struct dhcp6_values *v)
{
	unsigned n = at_most(v->ntp_count, DHCP6_SERVERS_MAX);
	size_t at;

	if (!n)
		return;
	at = dhcp6_option_begin(w, DHCP6_OPT_NTP_SERVER);
	for (unsigned i = 0; i < n; i++)
		dhcp6_write_bytes(w, NTP_SUBOPTION_SRV_ADDR, v->ntp[i].b, sizeof(v->ntp[i].b));
	dhcp6_option_end(w, at);
}

static void write_refresh(struct wr *w, const struct dhcp6_values *v)
{
	if (v->information_refresh >= REFRESH_LEAST)
		dhcp6_write_be32(w, DHCP6_OPT_INFORMATION_REFRESH_TIME, v->information_refresh);
}

static void write_max_rt(struct wr *w, uint16_t option, uint32_t value)
{
	if (value >= MAX_RT_LEAST && value <= MAX_RT_MOST)
		dhcp6_write_be32(w, option, value);
}

static void write_sol_max_rt(struct wr *w, const struct dhcp6_values *v)
{
	write_max_rt(w, DHCP6_OPT_SOL_MAX_RT, v->sol_max_rt);
}

static void write_inf_max_rt(struct wr *w, const struct dhcp6_values *v)
{
	write_max_rt(w, DHCP6_OPT_INF_MAX_RT, v->inf_max_rt);
}

/* The more important first: what does not fit any more is left out. */
void dhcp6_write_values(struct wr *w, const struct dhcp6_msg *m, const struct dhcp6_values *v)
{
	static const struct {
		uint16_t option;
		void (*write)(struct wr *w, const struct dhcp6_values *v);
	} rows[] = {
		{ DHCP6_OPT_DNS_SERVERS, write_dns },
		{ DHCP6_OPT_SOL_MAX_RT, write_sol_max_rt },
		{ DHCP6_OPT_INF_MAX_RT, write_inf_max_rt },
		{ DHCP6_OPT_INFORMATION_REFRESH_TIME, write_refresh },
		{ DHCP6_OPT_DOMAIN_LIST, write_search },
		{ DHCP6_OPT_NTP_SERVER, write_ntp },
		{ DHCP6_OPT_SNTP_SERVERS, write_sntp },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wr before = *w;

		/* Only such a Reply may have it: section 21.23. */
		if (rows[i].option == DHCP6_OPT_INFORMATION_REFRESH_TIME &&
		    m->type != DHCP6_INFORMATION_REQUEST)
			continue;
		if (!dhcp6_msg_wants(m, rows[i].option))
			continue;
		rows[i].write(w, v);
		if (w->bad)
			*w = before;
	}
}

/* --- headers --------------------------------------------------------------------------------- */

void dhcp6_packet_begin(struct wr *w, const struct ip6 *src, const struct ip6 *dst,
			enum dhcp6_type type, uint32_t xid)
{
	wr_be32(w, 6u << 28);
	wr_be16(w, 0);
	wr_u8(w, NEXT_UDP);
	wr_u8(w, HOP_LIMIT);
	wr_bytes(w, src->b, sizeof(src->b));
	wr_bytes(w, dst->b, sizeof(dst->b));
	wr_be16(w, DHCP6_SERVER_PORT);
	wr_be16(w, DHCP6_CLIENT_PORT);
	wr_be32(w, 0); /* UDP length and checksum */
	wr_be32(w, (uint32_t)type << 24 | xid);
}

int dhcp6_packet_end(struct wr *w, const struct ip6 *src, const struct ip6 *dst)
{
	size_t len = w->len - IP6_HEAD;
	uint16_t sum;

	if (w->bad)
		return -ENOSPC;
	wr_patch_be16(w, 4, len);
	wr_patch_be16(w, IP6_HEAD + 4, len);
	sum = ipv6_checksum(src, dst, NEXT_UDP, w->buf + IP6_HEAD, len);
	wr_patch_be16(w, IP6_HEAD + 6, sum ? sum : 0xffff); /* 0 would say "none": RFC 768 */
	return w->bad ? -ENOSPC : 0;
}
