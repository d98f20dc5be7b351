// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPCP: IP-Address (RFC 1332 section 3.3), Primary and Secondary-DNS-Address (RFC 1877); refused:
 * IP-Addresses, IP-Compression-Protocol, Mobile-IPv4 (2290), NBNS (1877).
 * IPV6CP: Interface-Identifier (RFC 5072 section 4.1); refused: IPv6-Compression-Protocol.
 *
 * One deviation from RFC 5072: a Configure-Nak of our identifier does not change it. It is that of
 * the router's address on every line, and a peer whose own collides gets another one from us.
 */
#include "ppp/cp.h"

static void parse_address(struct rd *r, struct ppp_opts *o)
{
	o->ip4 = rd_be32(r);
}

static void write_address(struct wr *w, const struct ppp_opts *o)
{
	wr_be32(w, o->ip4);
}

static void parse_dns1(struct rd *r, struct ppp_opts *o)
{
	o->dns[0] = rd_be32(r);
}

static void write_dns1(struct wr *w, const struct ppp_opts *o)
{
	wr_be32(w, o->dns[0]);
}

static void parse_dns2(struct rd *r, struct ppp_opts *o)
{
	o->dns[1] = rd_be32(r);
}

static void write_dns2(struct wr *w, const struct ppp_opts *o)
{
	wr_be32(w, o->dns[1]);
}

static void parse_ifid(struct rd *r, struct ppp_opts *o)
{
	rd_copy(r, o->ifid, sizeof(o->ifid));
}

static void write_ifid(struct wr *w, const struct ppp_opts *o)
{
	wr_bytes(w, o->ifid, sizeof(o->ifid));
}

static const struct ppp_option ip_rows[] = {
	[IPCP_ADDRESS] = { 3, 4, 4, parse_address, write_address, "IP-Address" },
	[IPCP_DNS1] = { 129, 4, 4, parse_dns1, write_dns1, "Primary-DNS-Address" },
	[IPCP_DNS2] = { 131, 4, 4, parse_dns2, write_dns2, "Secondary-DNS-Address" },
	{ 1, 8, 8, NULL, NULL, "IP-Addresses" },
	{ 2, 2, 253, NULL, NULL, "IP-Compression-Protocol" },
	{ 4, 4, 4, NULL, NULL, "Mobile-IPv4" },
	{ 130, 4, 4, NULL, NULL, "Primary-NBNS-Address" },
	{ 132, 4, 4, NULL, NULL, "Secondary-NBNS-Address" },
};
static const struct ppp_option ip6_rows[] = {
	[IPV6CP_IFID] = { 1, 8, 8, parse_ifid, write_ifid, "Interface-Identifier" },
	{ 2, 2, 253, NULL, NULL, "IPv6-Compression-Protocol" },
};
static const struct ppp_option_table ip_table = { ip_rows, sizeof(ip_rows) / sizeof(ip_rows[0]) };
static const struct ppp_option_table ip6_table = { ip6_rows,
						   sizeof(ip6_rows) / sizeof(ip6_rows[0]) };

int ppp_ipcp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret)
{
	return ppp_options_parse(&ip_table, p, len, ret);
}

int ppp_ipv6cp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret)
{
	return ppp_options_parse(&ip6_table, p, len, ret);
}

/* --- IPCP ------------------------------------------------------------------------------------ */

static uint16_t ip_request(const struct ppp_link *l, struct ppp_opts *o)
{
	o->ip4 = l->gateway4;
	return l->gateway4 ? 1 << IPCP_ADDRESS & ~l->rejected[PPP_LAYER_IPCP] : 0;
}

static void judge_dns(const struct ppp_link *l, const struct ppp_opts *o, unsigned n, uint16_t bit,
		      struct ppp_verdict *v)
{
	if (!((o->seen | o->bad_length) & bit))
		return;
	if (!l->dns[n])
		v->reject |= bit;
	else if (!(o->seen & bit) || o->dns[n] != l->dns[n])
		v->nak |= bit;
}

static void ip_judge(struct ppp_link *l, uint64_t now, const struct ppp_opts *o,
		     struct ppp_verdict *v)
{
	(void)now;
	v->want.ip4 = l->ip4;
	memcpy(v->want.dns, l->dns, sizeof(v->want.dns));
	if (o->bad_length & 1 << IPCP_ADDRESS || (o->seen & 1 << IPCP_ADDRESS && o->ip4 != l->ip4))
		v->nak |= 1 << IPCP_ADDRESS;
	else if (!(o->seen & 1 << IPCP_ADDRESS))
		v->append |= 1 << IPCP_ADDRESS; /* it must know its address: 1332, 3.3 */
	judge_dns(l, o, 0, 1 << IPCP_DNS1, v);
	judge_dns(l, o, 1, 1 << IPCP_DNS2, v);
}

static void ip_accept(struct ppp_link *l, const struct ppp_opts *o)
{
	(void)l;
	(void)o; /* what it asked for is what we have given */
}

/* Our address is not the peer's to choose; Max-Configure Naks end the attempt (cp.c). */
static void ignore_nak(struct ppp_link *l, uint64_t now, const struct ppp_opts *o)
{
	(void)l;
	(void)now;
	(void)o;
}

static void ip_rejected(struct ppp_link *l, uint64_t now, uint16_t rows)
{
	(void)now;
	l->rejected[PPP_LAYER_IPCP] |= (uint8_t)rows;
}

static void ip_wake(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_wake(l, now, PPP_LAYER_IPCP);
}

static void ip_up(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_up(l, now, PPP_LAYER_IPCP);
}

static void ip_down(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_down(l, now, PPP_LAYER_IPCP);
}

static void ip_finished(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_finished(l, now, PPP_LAYER_IPCP);
}

const struct ppp_cp ppp_ipcp_cp = {
	.protocol = PPP_IPCP,
	.options = { ip_rows, sizeof(ip_rows) / sizeof(ip_rows[0]) },
	.request = ip_request,
	.judge = ip_judge,
	.accept = ip_accept,
	.naked = ignore_nak,
	.rejected = ip_rejected,
	.wake = ip_wake,
	.up = ip_up,
	.down = ip_down,
	.finished = ip_finished,
};

/* --- IPV6CP ---------------------------------------------------------------------------------- */

static bool ifid_is_zero(const uint8_t ifid[8])
{
	static const uint8_t zero[8];

	return !memcmp(ifid, zero, sizeof(zero));
}

static uint16_t ip6_request(const struct ppp_link *l, struct ppp_opts *o)
{
	memcpy(o->ifid, l->ifid_local, sizeof(o->ifid));
	return 1 << IPV6CP_IFID & ~l->rejected[PPP_LAYER_IPV6CP];
}

/* The same suggestion each time, so that a repeated request converges. */
static void suggest_ifid(struct ppp_link *l, uint8_t ifid[8])
{
	while (ifid_is_zero(l->ifid_suggest) || !memcmp(l->ifid_suggest, l->ifid_local, 8)) {
		l->ctx->ops->random(l->ifid_suggest, sizeof(l->ifid_suggest));
		l->ifid_suggest[0] &= (uint8_t)~2; /* not universally unique: 5072, 4.1 */
		l->ifid_suggest[7] ^= l->ifid_suggest[7] == l->ifid_local[7]; /* ends at once */
	}
	memcpy(ifid, l->ifid_suggest, 8);
}

static void ip6_judge(struct ppp_link *l, uint64_t now, const struct ppp_opts *o,
		      struct ppp_verdict *v)
{
	(void)now;
	if (!((o->seen | o->bad_length) & 1 << IPV6CP_IFID))
		v->append |= 1 << IPV6CP_IFID;
	else if (o->bad_length || ifid_is_zero(o->ifid) || !memcmp(o->ifid, l->ifid_local, 8) ||
		 (l->ifid_required && memcmp(o->ifid, l->ifid_suggest, 8) != 0))
		v->nak |= 1 << IPV6CP_IFID;
	if (v->nak | v->append)
		suggest_ifid(l, v->want.ifid);
}

static void ip6_accept(struct ppp_link *l, const struct ppp_opts *o)
{
	memcpy(l->ifid_peer, o->ifid, sizeof(l->ifid_peer));
}

static void ip6_rejected(struct ppp_link *l, uint64_t now, uint16_t rows)
{
	(void)now;
	l->rejected[PPP_LAYER_IPV6CP] |= (uint8_t)rows;
}

static void ip6_wake(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_wake(l, now, PPP_LAYER_IPV6CP);
}

static void ip6_up(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_up(l, now, PPP_LAYER_IPV6CP);
}

static void ip6_down(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_down(l, now, PPP_LAYER_IPV6CP);
}

static void ip6_finished(struct ppp_link *l, uint64_t now)
{
	ppp_link_ncp_finished(l, now, PPP_LAYER_IPV6CP);
}

const struct ppp_cp ppp_ipv6cp_cp = {
	.protocol = PPP_IPV6CP,
	.options = { ip6_rows, sizeof(ip6_rows) / sizeof(ip6_rows[0]) },
	.request = ip6_request,
	.judge = ip6_judge,
	.accept = ip6_accept,
	.naked = ignore_nak,
	.rejected = ip6_rejected,
	.wake = ip6_wake,
	.up = ip6_up,
	.down = ip6_down,
	.finished = ip6_finished,
};
