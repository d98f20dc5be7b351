// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of IPCP (RFC 1332; DNS: RFC 1877) and of IPV6CP (RFC 5072, section 4.1). */
#include "test/dialer/dialer.h"

enum { OPT_IP = 3, OPT_DNS1 = 129, OPT_DNS2 = 131, OPT_IFID = 1 };
enum { BIT_IP = 1, BIT_DNS1 = 2, BIT_DNS2 = 4, BIT_IFID = 1 };

static struct nego *ipcp_nego(struct line *l)
{
	return &l->ipcp;
}

static void put_ip(const struct line *l, struct wr *w, unsigned bit, uint8_t type, uint32_t addr)
{
	if (l->ipcp.rejected & bit)
		return;
	wr_u8(w, type);
	wr_u8(w, 6);
	wr_be32(w, addr);
}

static void ipcp_options(struct dialer *d, const struct line *l, struct wr *w)
{
	(void)d;
	put_ip(l, w, BIT_IP, OPT_IP, l->ip);
	put_ip(l, w, BIT_DNS1, OPT_DNS1, l->dns[0]);
	put_ip(l, w, BIT_DNS2, OPT_DNS2, l->dns[1]);
}

static enum code ipcp_judge(struct dialer *d, const struct line *l, uint8_t type, struct rd value)
{
	(void)d;
	(void)l;
	return type == OPT_IP && rd_left(&value) == 4 && rd_be32(&value) ? CONF_ACK : CONF_REJ;
}

static void no_suggestion(struct dialer *d, const struct line *l, uint8_t type, struct wr *w)
{
	(void)d;
	(void)l;
	(void)type;
	(void)w;
}

static void ipcp_take(struct line *l, uint8_t type, struct rd value)
{
	(void)type;
	l->gateway = rd_be32(&value);
}

static void ipcp_learn(struct line *l, uint8_t type, struct rd value)
{
	uint32_t addr = rd_be32(&value);

	if (value.bad)
		return;
	if (type == OPT_IP)
		l->ip = addr;
	else if (type == OPT_DNS1)
		l->dns[0] = addr;
	else if (type == OPT_DNS2)
		l->dns[1] = addr;
}

static unsigned ipcp_bit(uint8_t type)
{
	return type == OPT_IP	  ? BIT_IP
	       : type == OPT_DNS1 ? BIT_DNS1
	       : type == OPT_DNS2 ? BIT_DNS2
				  : 0;
}

const struct layer layer_ipcp = {
	.proto = PROTO_IPCP,
	.nego = ipcp_nego,
	.options = ipcp_options,
	.judge = ipcp_judge,
	.suggest = no_suggestion,
	.take = ipcp_take,
	.learn = ipcp_learn,
	.bit = ipcp_bit,
	.opened = line_network,
};

static struct nego *ipv6cp_nego(struct line *l)
{
	return &l->ipv6cp;
}

static void put_ifid(struct wr *w, const uint8_t ifid[8])
{
	wr_u8(w, OPT_IFID);
	wr_u8(w, 10);
	wr_bytes(w, ifid, 8);
}

static void ipv6cp_options(struct dialer *d, const struct line *l, struct wr *w)
{
	(void)d;
	if (!(l->ipv6cp.rejected & BIT_IFID))
		put_ifid(w, l->ifid);
}

static enum code ipv6cp_judge(struct dialer *d, const struct line *l, uint8_t type, struct rd value)
{
	static const uint8_t zero[8];

	(void)d;
	if (type != OPT_IFID || rd_left(&value) != 8)
		return CONF_REJ;
	return memcmp(value.p, zero, 8) && memcmp(value.p, l->ifid, 8) ? CONF_ACK : CONF_NAK;
}

static void ipv6cp_suggest(struct dialer *d, const struct line *l, uint8_t type, struct wr *w)
{
	uint8_t ifid[8] = { 0x02, 0, 0, 0, 0, 0, 0, 1 };

	(void)l;
	(void)type;
	ifid[6] = (uint8_t)dialer_random(d);
	put_ifid(w, ifid);
}

static void ipv6cp_take(struct line *l, uint8_t type, struct rd value)
{
	(void)type;
	rd_copy(&value, l->peer_ifid, 8);
}

static void ipv6cp_learn(struct line *l, uint8_t type, struct rd value)
{
	if (type == OPT_IFID && rd_left(&value) == 8)
		rd_copy(&value, l->ifid, 8);
}

static unsigned ipv6cp_bit(uint8_t type)
{
	return type == OPT_IFID ? BIT_IFID : 0;
}

static void ipv6cp_opened(struct dialer *d, uint64_t now, struct line *l)
{
	ra_solicit(d, l);
	line_network(d, now, l);
}

const struct layer layer_ipv6cp = {
	.proto = PROTO_IPV6CP,
	.nego = ipv6cp_nego,
	.options = ipv6cp_options,
	.judge = ipv6cp_judge,
	.suggest = ipv6cp_suggest,
	.take = ipv6cp_take,
	.learn = ipv6cp_learn,
	.bit = ipv6cp_bit,
	.opened = ipv6cp_opened,
};
