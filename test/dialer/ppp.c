// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LCP (RFC 1661, sections 5 and 6), the client's side, and the way of a PPP frame to its protocol.
 * MRU and magic number are asked for; of the peer, MRU, authentication protocol and magic number
 * are accepted, everything else is rejected.
 */
#include "test/dialer/dialer.h"

#include <errno.h>

enum { OPT_MRU = 1, OPT_AUTH = 3, OPT_MAGIC = 5 };
enum { BIT_MRU = 1, BIT_MAGIC = 2 };

static struct nego *lcp_nego(struct line *l)
{
	return &l->lcp;
}

static void lcp_options(struct dialer *d, const struct line *l, struct wr *w)
{
	uint16_t mru = line_mru(d, l);

	if (mru != 1500 && !(l->lcp.rejected & BIT_MRU)) {
		wr_u8(w, OPT_MRU);
		wr_u8(w, 4);
		wr_be16(w, mru);
	}
	if (!(l->lcp.rejected & BIT_MAGIC)) {
		wr_u8(w, OPT_MAGIC);
		wr_u8(w, 6);
		wr_be32(w, l->magic);
	}
}

static enum auth auth_of(struct rd value)
{
	uint16_t proto = rd_be16(&value);
	size_t left = rd_left(&value);
	uint8_t algorithm = rd_u8(&value);

	if (proto == PROTO_PAP && left == 0)
		return AUTH_PAP;
	if (proto == PROTO_CHAP && left == 1 && algorithm == 5)
		return AUTH_CHAP;
	if (proto == PROTO_CHAP && left == 1 && algorithm == 0x81)
		return AUTH_MSCHAPV2;
	return AUTH_NONE;
}

static uint16_t carrier_limit(const struct line *l)
{
	return l->max_payload > 1492 ? l->max_payload : 1492;
}

static enum code lcp_judge(struct dialer *d, const struct line *l, uint8_t type, struct rd value)
{
	if (type == OPT_MRU && rd_left(&value) == 2) {
		uint16_t mru = rd_be16(&value);

		/* RFC 2516, section 7: not above 1492 unless PPP-Max-Payload allows it. */
		return mru >= 128 && mru <= carrier_limit(l) ? CONF_ACK : CONF_NAK;
	}
	if (type == OPT_AUTH)
		return d->o.auth_mask & 1u << auth_of(value) ? CONF_ACK : CONF_NAK;
	if (type == OPT_MAGIC && rd_left(&value) == 4) {
		uint32_t magic = rd_be32(&value);

		return magic && magic != l->magic ? CONF_ACK : CONF_NAK;
	}
	return CONF_REJ;
}

static void lcp_suggest(struct dialer *d, const struct line *l, uint8_t type, struct wr *w)
{
	static const uint8_t auth[AUTH_COUNT][5] = {
		[AUTH_PAP] = { OPT_AUTH, 4, 0xc0, 0x23 },
		[AUTH_CHAP] = { OPT_AUTH, 5, 0xc2, 0x23, 5 },
		[AUTH_MSCHAPV2] = { OPT_AUTH, 5, 0xc2, 0x23, 0x81 },
	};

	if (type == OPT_MRU) {
		wr_u8(w, OPT_MRU);
		wr_u8(w, 4);
		wr_be16(w, carrier_limit(l));
	} else if (type == OPT_MAGIC) {
		wr_u8(w, OPT_MAGIC);
		wr_u8(w, 6);
		wr_be32(w, dialer_random(d));
	} else {
		for (unsigned a = AUTH_PAP; a < AUTH_COUNT; a++) {
			if (!(d->o.auth_mask & 1u << a))
				continue;
			wr_bytes(w, auth[a], auth[a][1]);
			return;
		}
	}
}

static void lcp_take(struct line *l, uint8_t type, struct rd value)
{
	if (type == OPT_MRU)
		l->peer_mru = rd_be16(&value);
	else if (type == OPT_AUTH)
		l->auth = auth_of(value);
}

static void lcp_learn(struct line *l, uint8_t type, struct rd value)
{
	if (type == OPT_MRU && rd_left(&value) == 2)
		l->mru_nak = rd_be16(&value);
	else if (type == OPT_MAGIC)
		l->magic = l->magic * 1664525u + 1013904223u;
}

static unsigned lcp_bit(uint8_t type)
{
	return type == OPT_MRU ? BIT_MRU : type == OPT_MAGIC ? BIT_MAGIC : 0;
}

const struct layer layer_lcp = {
	.proto = PROTO_LCP,
	.nego = lcp_nego,
	.options = lcp_options,
	.judge = lcp_judge,
	.suggest = lcp_suggest,
	.take = lcp_take,
	.learn = lcp_learn,
	.bit = lcp_bit,
	.opened = line_lcp_up,
};

void lcp_echo(struct dialer *d, struct line *l)
{
	uint8_t magic[4] = { (uint8_t)(l->magic >> 24), (uint8_t)(l->magic >> 16),
			     (uint8_t)(l->magic >> 8), (uint8_t)l->magic };

	d->st.echo_tx++;
	l->echo_at = loop_clock();
	ppp_packet(d, l, PROTO_LCP, ECHO_REQ, ++l->lcp.id, magic, sizeof(magic));
}

void lcp_terminate(struct dialer *d, struct line *l)
{
	ppp_packet(d, l, PROTO_LCP, TERM_REQ, ++l->lcp.id, NULL, 0);
}

static void on_echo_reply(struct dialer *d, struct line *l)
{
	uint32_t us = (uint32_t)((loop_clock() - l->echo_at) / 1000);

	if (l->echo_missed && us > d->st.echo_longest)
		d->st.echo_longest = us;
	l->echo_missed = 0;
}

static void on_echo_request(struct dialer *d, struct line *l, uint8_t id, struct rd data)
{
	struct wr w;
	uint32_t magic = rd_be32(&data);

	if (data.bad || magic == l->magic) {
		d->st.bad_frames++;
		return;
	}
	d->st.echo_rx++;
	if (!d->o.echo_reply || l->lcp.state != N_OPENED)
		return;
	w = ppp_begin(d, l, PROTO_LCP);
	wr_u8(&w, ECHO_REP);
	wr_u8(&w, id);
	wr_be16(&w, (uint16_t)(8 + rd_left(&data)));
	wr_be32(&w, l->magic);
	wr_bytes(&w, data.p, rd_left(&data));
	ppp_end(d, l, &w);
}

/* RFC 1661, section 5.7: the peer does not know this protocol. */
static void on_protocol_reject(struct dialer *d, uint64_t now, struct line *l, struct rd data)
{
	uint16_t proto = rd_be16(&data);

	if (proto == PROTO_IPCP)
		l->ipcp.state = N_DENIED;
	else if (proto == PROTO_IPV6CP)
		l->ipv6cp.state = N_DENIED;
	else
		return;
	line_network(d, now, l);
}

static void lcp_input(struct dialer *d, uint64_t now, struct line *l, struct rd r)
{
	uint8_t code, id;

	if (ppp_header(&r, &code, &id)) {
		d->st.bad_frames++;
		return;
	}
	if (code >= CONF_REQ && code <= CONF_REJ) {
		if (l->phase != PH_CLOSING)
			nego_input(d, now, l, &layer_lcp, code, id, r);
	} else if (code == TERM_REQ) {
		ppp_packet(d, l, PROTO_LCP, TERM_ACK, id, NULL, 0);
		line_end(d, now, l, l->phase == PH_CLOSING ? R_HUNG_UP : R_TERMINATED, false);
	} else if (code == TERM_ACK) {
		if (l->phase == PH_CLOSING)
			line_end(d, now, l, R_HUNG_UP, true);
	} else if (code == PROTO_REJ) {
		on_protocol_reject(d, now, l, r);
	} else if (code == ECHO_REQ) {
		on_echo_request(d, l, id, r);
	} else if (code == ECHO_REP) {
		on_echo_reply(d, l);
	} else if (code != CODE_REJ && code != DISCARD_REQ) {
		ppp_packet(d, l, PROTO_LCP, CODE_REJ, ++l->lcp.id, NULL, 0);
	}
}

static void ncp_input(struct dialer *d, uint64_t now, struct line *l, const struct layer *y,
		      struct rd r)
{
	uint8_t code, id;

	if (l->phase != PH_NET && l->phase != PH_OPEN)
		return; /* RFC 1661, section 3.5: silently, before authentication */
	if (ppp_header(&r, &code, &id)) {
		d->st.bad_frames++;
		return;
	}
	if (code >= CONF_REQ && code <= CONF_REJ) {
		nego_input(d, now, l, y, code, id, r);
	} else if (code == TERM_REQ) {
		ppp_packet(d, l, y->proto, TERM_ACK, id, NULL, 0);
		y->nego(l)->state = N_DENIED;
		line_network(d, now, l);
	}
}

static void on_ipv6(struct dialer *d, uint64_t now, struct line *l, struct rd packet)
{
	bool open = l->ipv6cp.state == N_OPENED;
	bool had_ra = l->has_ra, ask = dhcp6_pending(d, l);
	int r = open ? ra_parse(l, packet) : -EPROTO;

	if (!r && !had_ra && ask)
		dhcp6_solicit(d, l);
	if (r == -EPROTO && open && ask)
		r = dhcp6_parse(l, packet);
	if (r == -EBADMSG)
		d->st.bad_frames++;
	else if (r == 0)
		line_network(d, now, l);
}

static void protocol_reject(struct dialer *d, struct line *l, uint16_t proto, struct rd r)
{
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof(buf));
	size_t n = rd_left(&r) < sizeof(buf) - 2 ? rd_left(&r) : sizeof(buf) - 2;

	wr_be16(&w, proto);
	wr_bytes(&w, r.p, n);
	if (l->lcp.state == N_OPENED)
		ppp_packet(d, l, PROTO_LCP, PROTO_REJ, ++l->lcp.id, buf, w.len);
}

void ppp_input(struct dialer *d, uint64_t now, struct line *l, struct rd r)
{
	uint16_t proto = rd_be16(&r);

	if (r.bad || l->phase < PH_LCP || l->phase > PH_CLOSING)
		d->st.bad_frames++;
	else if (proto == PROTO_LCP)
		lcp_input(d, now, l, r);
	else if (l->lcp.state != N_OPENED || l->phase == PH_CLOSING)
		d->st.drops++;
	else if (proto == PROTO_PAP && l->auth == AUTH_PAP)
		pap_input(d, now, l, r);
	else if (proto == PROTO_CHAP && l->auth >= AUTH_CHAP)
		chap_input(d, now, l, r);
	else if (proto == PROTO_IPCP && d->o.ipv4)
		ncp_input(d, now, l, &layer_ipcp, r);
	else if (proto == PROTO_IPV6CP && d->o.ipv6)
		ncp_input(d, now, l, &layer_ipv6cp, r);
	else if (proto == PROTO_IPV6)
		on_ipv6(d, now, l, r);
	else if (proto != PROTO_IP)
		protocol_reject(d, l, proto, r);
}
