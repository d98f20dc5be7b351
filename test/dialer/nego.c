// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PPP framing and the option negotiation that LCP, IPCP and IPV6CP share: RFC 1661, sections 4
 * and 5, as far as a client needs it (no passive open, no Up and Down events of its own).
 */
#include "test/dialer/dialer.h"

#include <errno.h>

#define MAX_CONFIGURE 10
#define MAX_LOOPS     10

struct wr ppp_begin(struct dialer *d, const struct line *l, uint16_t proto)
{
	struct wr w = frame_begin(d, l, l->ac_mac, ETH_SESS, 0, l->sid);

	wr_be16(&w, proto);
	return w;
}

void ppp_end(struct dialer *d, const struct line *l, struct wr *w)
{
	frame_end(d, l, w);
}

void ppp_packet(struct dialer *d, const struct line *l, uint16_t proto, uint8_t code, uint8_t id,
		const void *data, size_t len)
{
	struct wr w = ppp_begin(d, l, proto);

	wr_u8(&w, code);
	wr_u8(&w, id);
	wr_be16(&w, (uint16_t)(len + 4));
	wr_bytes(&w, data, len);
	ppp_end(d, l, &w);
}

int ppp_header(struct rd *r, uint8_t *ret_code, uint8_t *ret_id)
{
	uint8_t code = rd_u8(r), id = rd_u8(r);
	uint16_t len = rd_be16(r);
	struct rd data;

	if (r->bad || len < 4)
		return -EBADMSG;
	data = rd_sub(r, len - 4);
	if (data.bad)
		return -EBADMSG;
	*r = data;
	*ret_code = code;
	*ret_id = id;
	return 0;
}

static void send_request(struct dialer *d, struct line *l, const struct layer *y)
{
	struct nego *n = y->nego(l);
	struct wr w = ppp_begin(d, l, y->proto);
	size_t start = w.len;

	wr_u8(&w, CONF_REQ);
	wr_u8(&w, n->id);
	wr_be16(&w, 0);
	y->options(d, l, &w);
	wr_patch_be16(&w, start + 2, w.len - start);
	ppp_end(d, l, &w);
	n->sent++;
}

void nego_start(struct dialer *d, struct line *l, const struct layer *y)
{
	struct nego *n = y->nego(l);

	*n = (struct nego){ .state = N_REQ_SENT, .id = (uint8_t)dialer_random(d) };
	send_request(d, l, y);
}

bool nego_retry(struct dialer *d, struct line *l, const struct layer *y)
{
	struct nego *n = y->nego(l);

	if (n->sent >= MAX_CONFIGURE)
		return false;
	if (n->state == N_ACK_RCVD)
		n->state = N_REQ_SENT;
	d->st.retransmits++;
	send_request(d, l, y);
	return true;
}

/* Calls fn for each option; -EBADMSG where they do not fit. */
static int each_option(struct rd r, uint8_t *ret_type, struct rd *ret_value, struct rd *ret_rest)
{
	uint8_t len;

	*ret_type = rd_u8(&r);
	len = rd_u8(&r);
	if (r.bad || len < 2)
		return -EBADMSG;
	*ret_value = rd_sub(&r, len - 2);
	*ret_rest = r;
	return r.bad ? -EBADMSG : 0;
}

/* What the whole request deserves. */
static int judge_all(struct dialer *d, const struct line *l, const struct layer *y, struct rd r)
{
	enum code verdict = CONF_ACK;
	struct rd value;
	uint8_t type;

	while (rd_left(&r)) {
		enum code one;

		if (each_option(r, &type, &value, &r))
			return -EBADMSG;
		one = y->judge(d, l, type, value);
		verdict = one > verdict ? one : verdict; /* Reject before Nak before Ack */
	}
	return verdict;
}

static void answer_request(struct dialer *d, struct line *l, const struct layer *y, uint8_t id,
			   struct rd r, enum code verdict)
{
	struct wr w = ppp_begin(d, l, y->proto);
	size_t start = w.len;
	struct rd value;
	uint8_t type;

	wr_u8(&w, verdict);
	wr_u8(&w, id);
	wr_be16(&w, 0);
	while (rd_left(&r) && !each_option(r, &type, &value, &r)) {
		if (y->judge(d, l, type, value) != verdict)
			continue;
		if (verdict == CONF_NAK) {
			y->suggest(d, l, type, &w);
			continue;
		}
		if (verdict == CONF_ACK)
			y->take(l, type, value);
		wr_u8(&w, type);
		wr_u8(&w, (uint8_t)(rd_left(&value) + 2));
		wr_bytes(&w, value.p, rd_left(&value));
	}
	wr_patch_be16(&w, start + 2, w.len - start);
	ppp_end(d, l, &w);
}

static void on_request(struct dialer *d, uint64_t now, struct line *l, const struct layer *y,
		       uint8_t id, struct rd data)
{
	struct nego *n = y->nego(l);
	int verdict = judge_all(d, l, y, data);

	if (verdict < 0) {
		d->st.bad_frames++;
		return;
	}
	if (n->state == N_CLOSED || n->state == N_DENIED) {
		if (n->state == N_DENIED)
			ppp_packet(d, l, y->proto, TERM_ACK, id, NULL, 0);
		return;
	}
	if (n->state == N_OPENED) {
		n->state = N_REQ_SENT;
		n->sent = 0;
		n->id++;
		send_request(d, l, y);
	}
	answer_request(d, l, y, id, data, (enum code)verdict);
	if (verdict != CONF_ACK) {
		if (n->state == N_ACK_SENT)
			n->state = N_REQ_SENT;
	} else if (n->state == N_ACK_RCVD) {
		n->state = N_OPENED;
		y->opened(d, now, l);
	} else {
		n->state = N_ACK_SENT;
	}
}

static void on_ack(struct dialer *d, uint64_t now, struct line *l, const struct layer *y)
{
	struct nego *n = y->nego(l);

	n->sent = 0;
	if (n->state == N_ACK_SENT) {
		n->state = N_OPENED;
		y->opened(d, now, l);
	} else if (n->state == N_REQ_SENT) {
		n->state = N_ACK_RCVD;
	}
}

static void on_nak_or_reject(struct dialer *d, uint64_t now, struct line *l, const struct layer *y,
			     uint8_t code, struct rd r)
{
	struct nego *n = y->nego(l);
	struct rd value;
	uint8_t type;

	if (n->state == N_OPENED)
		return;
	while (rd_left(&r)) {
		if (each_option(r, &type, &value, &r)) {
			d->st.bad_frames++;
			return;
		}
		if (code == CONF_REJ)
			n->rejected |= (uint8_t)y->bit(type);
		else
			y->learn(l, type, value);
	}
	if (++n->loops > MAX_LOOPS) {
		line_end(d, now, l, R_LCP_LOOP, true);
		return;
	}
	n->id++;
	if (n->state == N_ACK_RCVD)
		n->state = N_REQ_SENT;
	send_request(d, l, y);
}

void nego_input(struct dialer *d, uint64_t now, struct line *l, const struct layer *y, uint8_t code,
		uint8_t id, struct rd data)
{
	struct nego *n = y->nego(l);

	if (code == CONF_REQ) {
		on_request(d, now, l, y, id, data);
		return;
	}
	if (id != n->id || n->state == N_CLOSED || n->state == N_DENIED)
		return;
	if (code == CONF_ACK)
		on_ack(d, now, l, y);
	else
		on_nak_or_reject(d, now, l, y, code, data);
}
