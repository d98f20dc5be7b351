// SPDX-License-Identifier: GPL-2.0-or-later
/* The packet that asks whether copies come back: IPv4 or IPv6, UDP to "discard" (returns.h). */
#include "daemon/returns.h"

#include "base/wire.h"
#include "ipv6/checksum.h"

#include <errno.h>
#include <string.h>

#define NEXT_UDP 17
#define UDP_HEAD 8
#define DATA	 (4 + RETURNS_ID + 2) /* magic, process, target */
#define HOPS	 64		      /* as a customer's packet has */

static void write4(struct wr *w, const struct returns_ends *e)
{
	uint32_t sum;

	wr_be16(w, 0x4500);
	wr_be16(w, 20 + UDP_HEAD + DATA);
	wr_be32(w, 0); /* no id, a fragment like any other may become of it */
	wr_u8(w, HOPS);
	wr_u8(w, NEXT_UDP);
	wr_be16(w, 0);
	wr_be32(w, e->src4);
	wr_be32(w, e->dst4);
	sum = ipv6_sum(0, w->buf, 20);
	sum = (sum & 0xffff) + (sum >> 16);
	wr_patch_be16(w, 10, (uint16_t) ~((sum & 0xffff) + (sum >> 16)));
}

static void write6(struct wr *w, const struct returns_ends *e)
{
	wr_be32(w, 0x60000000);
	wr_be16(w, UDP_HEAD + DATA);
	wr_u8(w, NEXT_UDP);
	wr_u8(w, HOPS);
	wr_bytes(w, e->src6.b, sizeof(e->src6.b));
	wr_bytes(w, e->dst6.b, sizeof(e->dst6.b));
}

size_t returns_write(uint8_t *buf, const struct returns_ends *ends, const struct returns_id *id)
{
	struct wr w = wr_init(buf, RETURNS_PACKET_MAX);
	size_t udp;
	uint16_t sum;

	if (ends->ip6)
		write6(&w, ends);
	else
		write4(&w, ends);
	udp = w.len;
	wr_be16(&w, RETURNS_PORT);
	wr_be16(&w, RETURNS_PORT);
	wr_be16(&w, UDP_HEAD + DATA);
	wr_be16(&w, 0); /* IPv4 allows none */
	wr_be32(&w, RETURNS_MAGIC);
	wr_bytes(&w, id->of, sizeof(id->of));
	wr_be16(&w, id->target);
	if (ends->ip6) {
		sum = ipv6_checksum(&ends->src6, &ends->dst6, NEXT_UDP, buf + udp, w.len - udp);
		wr_patch_be16(&w, udp + 6, sum ? sum : 0xffff);
	}
	return w.len;
}

/* The header, as far as the data of UDP. */
static int skip_heads(struct rd *r)
{
	uint8_t first = rd_u8(r), proto;
	size_t head = (size_t)(first & 15) * 4;

	if (first >> 4 == 4 && head >= 20) {
		rd_skip(r, 8);
		proto = rd_u8(r);
		rd_skip(r, head - 10);
	} else if (first >> 4 == 6) {
		rd_skip(r, 5);
		proto = rd_u8(r);
		rd_skip(r, 33);
	} else {
		return -EBADMSG;
	}
	rd_skip(r, 2);
	if (proto != NEXT_UDP || rd_be16(r) != RETURNS_PORT)
		return -EBADMSG;
	rd_skip(r, 4);
	return r->bad ? -EBADMSG : 0;
}

int returns_parse(const uint8_t *buf, size_t len, struct returns_id *ret)
{
	struct rd r = rd_init(buf, len);
	struct returns_id id;

	if (skip_heads(&r) || rd_be32(&r) != RETURNS_MAGIC)
		return -EBADMSG;
	rd_copy(&r, id.of, sizeof(id.of));
	id.target = rd_be16(&r);
	if (r.bad)
		return -EBADMSG;
	*ret = id;
	return 0;
}
