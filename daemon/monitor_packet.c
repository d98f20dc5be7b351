// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose a control packet is, and RADIUS in IP and UDP: daemon/monitor_packet.h. */
#include "daemon/monitor_packet.h"

#include "base/wire.h"
#include "ppp/ppp.h"

#define RADIUS_HEADER 20
#define ATTR_USER     1
#define IP_UDP	      17

bool monitor_claim(const struct pppoe_frame *f, char ret[MONITOR_NAME_CAP])
{
	struct rd r = f->payload, body;
	uint16_t proto = rd_be16(&r), len;
	uint8_t code = rd_u8(&r);

	rd_skip(&r, 1);
	len = rd_be16(&r);
	body = rd_sub(&r, len < 4 ? 0 : len - 4u);
	if (r.bad)
		return false;
	if (proto == PPP_PAP && code == 1)
		body = rd_sub(&body, rd_u8(&body));
	else if (proto == PPP_CHAP && code == 2)
		rd_skip(&body, rd_u8(&body)); /* the value */
	else
		return false;
	len = (uint16_t)rd_left(&body);
	if (body.bad || !len || len >= MONITOR_NAME_CAP || memchr(body.p, '\0', len))
		return false;
	memcpy(ret, body.p, len);
	ret[len] = '\0';
	return true;
}

bool monitor_radius_user(const uint8_t *p, size_t len, char ret[MONITOR_NAME_CAP])
{
	struct rd r = rd_init(p, len);

	rd_skip(&r, RADIUS_HEADER);
	while (rd_left(&r) >= 2) {
		uint8_t type = rd_u8(&r), n = rd_u8(&r);
		struct rd value = rd_sub(&r, n < 2 ? 0 : n - 2u);

		if (r.bad || n < 2)
			return false;
		if (type != ATTR_USER)
			continue;
		n = (uint8_t)rd_left(&value);
		memcpy(ret, value.p, n);
		ret[n] = '\0';
		return n && !memchr(ret, '\0', n);
	}
	return false;
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static bool is_ip4(const struct ip6 *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(a->b, mapped, sizeof(mapped));
}

/* RFC 791; without UDP's sum (RFC 768 allows it). */
static void head4(struct wr *w, const struct radius_datagram *g)
{
	uint8_t head[20] = { 0x45, [8] = 64, [9] = IP_UDP };
	struct wr h = wr_init(head, sizeof(head));

	wr_be16(&h, 0x4500);
	wr_be16(&h, (uint16_t)(sizeof(head) + 8 + g->len));
	memcpy(head + 12, g->from.b + 12, 4);
	memcpy(head + 16, g->to.b + 12, 4);
	h = wr_init(head + 10, 2);
	wr_be16(&h, fold(sum16(0, head, sizeof(head))));
	wr_bytes(w, head, sizeof(head));
}

/* RFC 8200, sections 3 and 8.1. Returns the sum of its pseudo header and UDP's. */
static uint32_t head6(struct wr *w, const struct radius_datagram *g)
{
	uint32_t len = (uint32_t)(8 + g->len), sum;

	wr_be32(w, 0x60000000);
	wr_be16(w, (uint16_t)len);
	wr_u8(w, IP_UDP);
	wr_u8(w, 64);
	wr_bytes(w, g->from.b, sizeof(g->from.b));
	wr_bytes(w, g->to.b, sizeof(g->to.b));
	sum = sum16(sum16(0, g->from.b, sizeof(g->from.b)), g->to.b, sizeof(g->to.b));
	return sum + 2 * len + IP_UDP + g->from_port + g->to_port;
}

int monitor_radius_packet(const struct radius_datagram *g, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);
	uint16_t sum = 0;

	if (is_ip4(&g->from) || is_ip4(&g->to))
		head4(&w, g);
	else
		sum = fold(sum16(head6(&w, g), g->p, g->len)) ?: 0xffff;
	wr_be16(&w, g->from_port);
	wr_be16(&w, g->to_port);
	wr_be16(&w, (uint16_t)(8 + g->len));
	wr_be16(&w, sum);
	wr_bytes(&w, g->p, g->len);
	return wr_done(&w);
}
