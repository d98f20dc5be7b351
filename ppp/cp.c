// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From packets to events of the automaton and from its actions to packets (RFC 1661 sections 4.3,
 * 4.4 and 5.1 to 5.6), the same for LCP and the network protocols.
 */
#include "ppp/cp.h"

/* Budgets per link. A client's whole negotiation is some twenty packets. */
#define ANSWERS_PER_SECOND     10
#define ANSWERS_BURST	       20
#define NEGOTIATION_PER_SECOND 20
#define NEGOTIATION_BURST      60

static const struct ppp_cp *const protocols[PPP_LAYERS] = {
	[PPP_LAYER_LCP] = &ppp_lcp_cp,
	[PPP_LAYER_IPCP] = &ppp_ipcp_cp,
	[PPP_LAYER_IPV6CP] = &ppp_ipv6cp_cp,
};

static struct ppp_link *link_of(struct ppp_fsm *f)
{
	return container_of(f - f->layer, struct ppp_link, fsm[0]);
}

void ppp_send(struct ppp_link *l, uint16_t protocol, uint8_t code, uint8_t id, const void *data,
	      size_t len)
{
	uint8_t frame[PPP_FRAME_MAX];
	struct wr w = wr_init(frame, sizeof(frame));

	wr_be16(&w, protocol);
	wr_u8(&w, code);
	wr_u8(&w, id);
	wr_be16(&w, (uint16_t)(PPP_PACKET_HEADER + len));
	wr_bytes(&w, data, len);
	if (wr_done(&w) < 0 || l->phase == PPP_DEAD)
		return;
	ppp_count(l, frames_tx);
	l->ctx->ops->transmit(l, frame, w.len);
}

bool ppp_may_answer(struct ppp_link *l, uint64_t now)
{
	if (rate_ok(&l->answers, ANSWERS_PER_SECOND, ANSWERS_BURST, now))
		return true;
	ppp_count(l, drop_rate);
	return false;
}

bool ppp_may_negotiate(struct ppp_link *l, uint64_t now)
{
	if (rate_ok(&l->negotiation, NEGOTIATION_PER_SECOND, NEGOTIATION_BURST, now))
		return true;
	ppp_count(l, drop_rate);
	return false;
}

uint64_t ppp_random_below(const struct ppp_link *l, uint64_t n)
{
	uint64_t r;

	l->ctx->ops->random(&r, sizeof(r));
	return r % (n + 1);
}

/* Our Configure-Request's options as they would be sent now. */
static size_t write_request(const struct ppp_link *l, const struct ppp_cp *cp, uint8_t *buf,
			    size_t cap)
{
	struct ppp_opts o = { 0 };
	struct wr w = wr_init(buf, cap);
	uint16_t rows = cp->request(l, &o);

	ppp_options_write(&cp->options, &w, rows, &o);
	return w.len;
}

static void send_request(struct ppp_link *l, struct ppp_fsm *f, const struct ppp_cp *cp)
{
	uint8_t buf[64];
	size_t len = write_request(l, cp, buf, sizeof(buf));

	if (!f->awaiting)
		f->req_id++;
	f->awaiting = true;
	ppp_send(l, cp->protocol, PPP_CONF_REQ, f->req_id, buf, len);
}

static void send_reply(struct ppp_link *l, struct ppp_fsm *f, const struct ppp_cp *cp,
		       const struct ppp_packet *in)
{
	if (in->reply_code == PPP_CONF_ACK) {
		f->nak_tx = 0;
	} else if (in->reply_code == PPP_CONF_NAK && (!f->nak_tx || f->nak_id != in->id)) {
		f->nak_tx++;
		f->nak_id = in->id;
	}
	ppp_send(l, cp->protocol, in->reply_code, in->id, in->reply, in->reply_len);
}

/* RFC 1661 section 5.6: the rejected packet, cut to the peer's MRU. */
static void send_code_reject(struct ppp_link *l, struct ppp_fsm *f, const struct ppp_cp *cp,
			     const struct ppp_packet *in)
{
	uint8_t buf[PPP_DATA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	size_t room = ppp_link_mtu(l) - 2u * PPP_PACKET_HEADER;

	wr_u8(&w, in->code);
	wr_u8(&w, in->id);
	wr_be16(&w, (uint16_t)(PPP_PACKET_HEADER + in->len));
	wr_bytes(&w, in->data, in->len < room ? in->len : room);
	ppp_count(l, unknown_code);
	ppp_send(l, cp->protocol, PPP_CODE_REJ, ++f->term_id, buf, w.len);
}

/* RFC 1661 section 5.8: the data comes back with our magic number. */
static void send_echo_reply(struct ppp_link *l, const struct ppp_cp *cp,
			    const struct ppp_packet *in)
{
	uint8_t buf[PPP_DATA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	if (in->code != PPP_ECHO_REQ)
		return;
	wr_be32(&w, l->lcp.magic);
	wr_bytes(&w, in->data + 4, in->len - 4);
	ppp_send(l, cp->protocol, PPP_ECHO_REP, in->id, buf, w.len);
}

static void on_action(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_action action,
		      const struct ppp_packet *in)
{
	struct ppp_link *l = link_of(f);
	const struct ppp_cp *cp = protocols[f->layer];

	switch (action) {
	case FSM_TLU:
		cp->up(l, now);
		break;
	case FSM_TLD:
		cp->down(l, now);
		break;
	case FSM_TLF:
		cp->finished(l, now);
		break;
	case FSM_SCR:
		send_request(l, f, cp);
		break;
	case FSM_SCA:
	case FSM_SCN:
		send_reply(l, f, cp, in);
		break;
	case FSM_STR:
		ppp_send(l, cp->protocol, PPP_TERM_REQ, ++f->term_id, NULL, 0);
		break;
	case FSM_STA:
		ppp_send(l, cp->protocol, PPP_TERM_ACK, in->id, NULL, 0);
		break;
	case FSM_SCJ:
		send_code_reject(l, f, cp, in);
		break;
	case FSM_SER:
		send_echo_reply(l, cp, in);
		break;
	case FSM_TLS: /* the carrier is the owner's: nothing to start */
	case FSM_IRC: /* the runner's */
	case FSM_ZRC:
		break;
	}
}

void ppp_cp_init(struct ppp_link *l, enum ppp_layer layer)
{
	struct ppp_fsm *f = &l->fsm[layer];

	ppp_fsm_init(f, l->ctx, layer, on_action);
	/* Not from zero each time: a peer that redials at once must not take answers to the link
	 * before for answers to this one. */
	l->ctx->ops->random(&f->req_id, 1);
	f->term_id = f->req_id;
}

static void input_request(struct ppp_link *l, uint64_t now, struct ppp_fsm *f, struct ppp_packet *p)
{
	const struct ppp_cp *cp = protocols[f->layer];
	struct ppp_verdict v = { 0 };
	struct ppp_opts o;
	uint8_t buf[PPP_DATA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	if (ppp_options_parse(&cp->options, p->data, p->len, &o) < 0) {
		ppp_count(l, drop_option);
		return;
	}
	if (cp->wake)
		cp->wake(l, now);
	if (!ppp_fsm_negotiating(f)) { /* no cell of these states looks at the options */
		ppp_fsm_run(f, now, FSM_RCR_PLUS, p);
		return;
	}
	cp->judge(l, now, &o, &v);
	/* Max-Failure, section 4.6 */
	if (f->nak_tx >= l->ctx->config->max_failure && f->nak_id != p->id) {
		v.reject |= v.nak;
		v.nak = v.append = 0;
	}
	p->reply_code = (uint8_t)ppp_options_answer(&cp->options, p->data, p->len, &v, &w);
	if (w.bad) {
		ppp_count(l, drop_option);
		return;
	}
	p->reply = buf;
	p->reply_len = w.len;
	if (p->reply_code == PPP_CONF_ACK && ppp_fsm_negotiating(f))
		cp->accept(l, &o);
	ppp_fsm_run(f, now, p->reply_code == PPP_CONF_ACK ? FSM_RCR_PLUS : FSM_RCR_MINUS, p);
}

/* An Ack must be the request, octet for octet (5.2). */
static void input_ack(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
		      const struct ppp_packet *p)
{
	uint8_t ours[64];
	size_t len = write_request(l, protocols[f->layer], ours, sizeof(ours));

	if (p->len != len || memcmp(p->data, ours, len)) {
		ppp_count(l, drop_answer);
		return;
	}
	f->awaiting = false;
	f->nak_rx = 0;
	ppp_fsm_run(f, now, FSM_RCA, p);
}

static void give_up(struct ppp_link *l, uint64_t now, struct ppp_fsm *f)
{
	ppp_count(l, not_converging);
	if (f->layer == PPP_LAYER_LCP)
		ppp_link_close(l, now, PPP_CAUSE_LCP_FAILED);
	else
		ppp_fsm_run(f, now, FSM_CLOSE, NULL);
}

static void input_nak(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
		      const struct ppp_packet *p)
{
	const struct ppp_cp *cp = protocols[f->layer];
	uint8_t ours[64];
	size_t len = write_request(l, cp, ours, sizeof(ours));
	struct ppp_opts o;
	uint16_t rows;

	if (p->code == PPP_CONF_NAK && ppp_options_parse(&cp->options, p->data, p->len, &o) < 0) {
		ppp_count(l, drop_option);
		return;
	}
	if (p->code == PPP_CONF_REJ &&
	    !ppp_options_subset(&cp->options, p->data, p->len, ours, len, &rows)) {
		ppp_count(l, drop_answer);
		return;
	}
	f->awaiting = false;
	/* Each Nak starts the Restart counter afresh: without a count of ours a peer could keep
	 * this up for ever. */
	if (++f->nak_rx > l->ctx->config->max_configure) {
		give_up(l, now, f);
		return;
	}
	if (p->code == PPP_CONF_NAK)
		cp->naked(l, now, &o);
	else
		cp->rejected(l, now, rows);
	ppp_fsm_run(f, now, FSM_RCN, p);
}

static void input_answer(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
			 const struct ppp_packet *p)
{
	if (!f->awaiting || p->id != f->req_id)
		ppp_count(l, drop_id);
	else if (p->code == PPP_CONF_ACK)
		input_ack(l, now, f, p);
	else
		input_nak(l, now, f, p);
}

static void input_code_reject(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
			      const struct ppp_packet *p)
{
	const struct ppp_cp *cp = protocols[f->layer];

	if (p->len < PPP_PACKET_HEADER) {
		ppp_count(l, drop_length);
		return;
	}
	ppp_count(l, code_reject_rx);
	/* Nothing works without the first seven codes: catastrophic (4.3, RXJ-). */
	if (p->data[0] >= PPP_CONF_REQ && p->data[0] <= PPP_CODE_REJ) {
		ppp_fsm_run(f, now, FSM_RXJ_MINUS, p);
		return;
	}
	if (cp->code_rejected)
		cp->code_rejected(l, p->data[0]);
	ppp_fsm_run(f, now, FSM_RXJ_PLUS, p);
}

static void input_terminate(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
			    const struct ppp_packet *p)
{
	if (f->layer == PPP_LAYER_LCP && f->state == FSM_OPENED && l->cause == PPP_CAUSE_COUNT)
		l->cause = PPP_CAUSE_USER_REQUEST;
	ppp_fsm_run(f, now, FSM_RTR, p);
}

static void input_other(struct ppp_link *l, uint64_t now, struct ppp_fsm *f,
			const struct ppp_packet *p)
{
	const struct ppp_cp *cp = protocols[f->layer];

	if (cp->extra && cp->extra(l, now, p))
		return;
	if (ppp_may_answer(l, now))
		ppp_fsm_run(f, now, FSM_RUC, p);
}

void ppp_cp_input(struct ppp_link *l, uint64_t now, enum ppp_layer layer, const uint8_t *p,
		  size_t len)
{
	struct ppp_fsm *f = &l->fsm[layer];
	struct ppp_packet in;
	int r = ppp_packet_parse(p, len, &in);

	if (r < 0) {
		if (r == -EMSGSIZE)
			ppp_count(l, drop_short);
		else
			ppp_count(l, drop_length);
		return;
	}
	if (in.code >= PPP_CONF_REQ && in.code <= PPP_TERM_ACK && !ppp_may_negotiate(l, now))
		return;
	if (in.code == PPP_CONF_REQ)
		input_request(l, now, f, &in);
	else if (in.code >= PPP_CONF_ACK && in.code <= PPP_CONF_REJ)
		input_answer(l, now, f, &in);
	else if (in.code == PPP_TERM_REQ)
		input_terminate(l, now, f, &in);
	else if (in.code == PPP_TERM_ACK)
		ppp_fsm_run(f, now, FSM_RTA, &in);
	else if (in.code == PPP_CODE_REJ)
		input_code_reject(l, now, f, &in);
	else
		input_other(l, now, f, &in);
}
