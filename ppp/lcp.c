// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LCP: its options (RFC 1661 section 6), loop detection (6.4), Echo and Discard (5.8, 5.9),
 * Protocol-Reject (5.7); Identification and Time-Remaining (RFC 1570) are heard and ignored.
 * Refused: asynchronous map, field compressions and FCS, as RFC 2516 section 7 wants it, and all
 * that we have no use for: quality (1989), callback (1570), multilink (1990).
 */
#include "ppp/cp.h"

static void parse_mru(struct rd *r, struct ppp_opts *o)
{
	o->mru = rd_be16(r);
}

static void write_mru(struct wr *w, const struct ppp_opts *o)
{
	wr_be16(w, o->mru);
}

static void parse_auth(struct rd *r, struct ppp_opts *o)
{
	o->auth = rd_be16(r);
	o->auth_alg = rd_left(r) ? rd_u8(r) : 0;
}

static void write_auth(struct wr *w, const struct ppp_opts *o)
{
	wr_be16(w, o->auth);
	if (o->auth == PPP_CHAP)
		wr_u8(w, o->auth_alg);
}

static void parse_magic(struct rd *r, struct ppp_opts *o)
{
	o->magic = rd_be32(r);
}

static void write_magic(struct wr *w, const struct ppp_opts *o)
{
	wr_be32(w, o->magic);
}

static const struct ppp_option rows[] = {
	[LCP_MRU] = { 1, 2, 2, parse_mru, write_mru, "MRU" },
	[LCP_AUTH] = { 3, 2, 253, parse_auth, write_auth, "Authentication-Protocol" },
	[LCP_MAGIC] = { 5, 4, 4, parse_magic, write_magic, "Magic-Number" },
	{ 2, 4, 4, NULL, NULL, "Async-Control-Character-Map" },
	{ 4, 2, 253, NULL, NULL, "Quality-Protocol" },
	{ 7, 0, 0, NULL, NULL, "Protocol-Field-Compression" },
	{ 8, 0, 0, NULL, NULL, "Address-and-Control-Field-Compression" },
	{ 9, 1, 1, NULL, NULL, "FCS-Alternatives" },
	{ 10, 0, 1, NULL, NULL, "Self-Describing-Pad" },
	{ 13, 1, 253, NULL, NULL, "Callback" },
	{ 15, 0, 0, NULL, NULL, "Compound-Frames" },
	{ 17, 2, 2, NULL, NULL, "Multilink-MRRU" },
	{ 18, 0, 0, NULL, NULL, "Short-Sequence-Number-Header-Format" },
	{ 19, 1, 253, NULL, NULL, "Endpoint-Discriminator" },
};
static const struct ppp_option_table table = { rows, sizeof(rows) / sizeof(rows[0]) };

int ppp_lcp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret)
{
	return ppp_options_parse(&table, p, len, ret);
}

static uint32_t random_magic(const struct ppp_link *l)
{
	uint32_t m;

	l->ctx->ops->random(&m, sizeof(m));
	return m ? m : 1; /* zero is illegal: 6.4 */
}

static void auth_option(enum ppp_auth_method method, struct ppp_opts *o)
{
	switch (method) {
	case PPP_AUTH_PAP:
		o->auth = PPP_PAP;
		break;
	case PPP_AUTH_CHAP_MD5:
		o->auth = PPP_CHAP;
		o->auth_alg = PPP_CHAP_ALG_MD5;
		break;
	case PPP_AUTH_MSCHAP_V2:
		o->auth = PPP_CHAP;
		o->auth_alg = PPP_CHAP_ALG_MS_V2;
		break;
	}
}

static uint16_t request(const struct ppp_link *l, struct ppp_opts *o)
{
	uint16_t mask = 1 << LCP_MRU | 1 << LCP_MAGIC;

	o->mru = l->lcp.mru;
	o->magic = l->lcp.magic;
	if (l->ctx->config->auth_count) {
		mask |= 1 << LCP_AUTH;
		auth_option((enum ppp_auth_method)l->lcp.method, o);
	}
	return mask & (uint16_t)~l->lcp.rejected;
}

/* Section 6.4: our own number can only come from ourselves, or by a chance of 1 in 2^32. */
static void loop_seen(struct ppp_link *l, uint64_t now)
{
	ppp_count(l, drop_loopback);
	if (++l->lcp.loops >= PPP_LOOPS_MAX)
		ppp_link_close(l, now, PPP_CAUSE_LCP_FAILED);
}

static void judge(struct ppp_link *l, uint64_t now, const struct ppp_opts *o, struct ppp_verdict *v)
{
	uint16_t bad = o->bad_length;

	/* An option of a wrong length is naked with one that is right (section 6). */
	v->nak = bad & (1 << LCP_MRU | 1 << LCP_MAGIC);
	v->reject = (o->seen | bad) & 1 << LCP_AUTH; /* we prove nothing to subscribers */
	v->want.mru = l->lcp.mru;
	if (o->seen & 1 << LCP_MRU && o->mru < PPP_MRU_MIN) {
		v->nak |= 1 << LCP_MRU;
		v->want.mru = PPP_MRU_MIN;
	}
	if (o->seen & 1 << LCP_MAGIC && (!o->magic || o->magic == l->lcp.magic))
		v->nak |= 1 << LCP_MAGIC;
	if (v->nak & 1 << LCP_MAGIC)
		v->want.magic = l->lcp.nak_magic = random_magic(l);
	if (o->seen & 1 << LCP_MAGIC && o->magic && o->magic == l->lcp.magic)
		loop_seen(l, now);
}

static void accept_options(struct ppp_link *l, const struct ppp_opts *o)
{
	l->lcp.peer_mru = o->seen & 1 << LCP_MRU ? o->mru : PPP_MRU_DEFAULT;
	l->lcp.peer_magic = o->seen & 1 << LCP_MAGIC ? o->magic : 0;
	l->lcp.loops = 0;
}

static bool method_of(const struct ppp_opts *o, enum ppp_auth_method *ret)
{
	if (o->auth == PPP_PAP)
		*ret = PPP_AUTH_PAP;
	else if (o->auth == PPP_CHAP && o->auth_alg == PPP_CHAP_ALG_MD5)
		*ret = PPP_AUTH_CHAP_MD5;
	else if (o->auth == PPP_CHAP && o->auth_alg == PPP_CHAP_ALG_MS_V2)
		*ret = PPP_AUTH_MSCHAP_V2;
	else
		return false;
	return true;
}

static bool method_is_open(const struct ppp_link *l, enum ppp_auth_method m)
{
	const struct ppp_config *c = l->ctx->config;

	for (unsigned i = 0; i < c->auth_count && i < PPP_AUTH_MAX; i++)
		if (c->auth[i] == m)
			return !(l->lcp.refused & 1u << m);
	return false;
}

/* The peer's choice where we offer it, else the next of ours; none left: no link. */
static void auth_naked(struct ppp_link *l, uint64_t now, const struct ppp_opts *o)
{
	const struct ppp_config *c = l->ctx->config;
	enum ppp_auth_method m;

	l->lcp.refused |= (uint8_t)(1u << l->lcp.method);
	if (o->seen & 1 << LCP_AUTH && method_of(o, &m) && method_is_open(l, m)) {
		l->lcp.method = (uint8_t)m;
		return;
	}
	for (unsigned i = 0; i < c->auth_count && i < PPP_AUTH_MAX; i++) {
		if (l->lcp.refused & 1u << c->auth[i])
			continue;
		l->lcp.method = (uint8_t)c->auth[i];
		return;
	}
	ppp_link_close(l, now, PPP_CAUSE_LCP_FAILED);
}

static uint16_t mru_wanted(const struct ppp_link *l)
{
	uint16_t mru = l->ctx->config->mru;

	return mru < l->mru_limit ? mru : l->mru_limit;
}

static void naked(struct ppp_link *l, uint64_t now, const struct ppp_opts *o)
{
	if (o->seen & 1 << LCP_MRU && o->mru >= PPP_MRU_MIN && o->mru <= mru_wanted(l))
		l->lcp.mru = o->mru;
	if ((o->seen | o->bad_length) & 1 << LCP_MAGIC) {
		bool ours = o->magic && o->magic == l->lcp.nak_magic;

		l->lcp.magic = random_magic(l);
		if (ours)
			loop_seen(l, now);
	}
	if ((o->seen | o->bad_length) & 1 << LCP_AUTH && l->ctx->config->auth_count &&
	    l->phase == PPP_ESTABLISH)
		auth_naked(l, now, o);
}

static void rejected(struct ppp_link *l, uint64_t now, uint16_t mask)
{
	if (mask & 1 << LCP_AUTH) {
		ppp_link_close(l, now, PPP_CAUSE_LCP_FAILED);
		return;
	}
	l->lcp.rejected |= (uint8_t)mask;
	if (mask & 1 << LCP_MAGIC)
		l->lcp.magic = 0;
}

static void code_rejected(struct ppp_link *l, uint8_t code)
{
	if (code != PPP_ECHO_REQ)
		return;
	l->lcp.echo_off = true; /* then silence means nothing */
	timer_cancel(l->ctx->wheel, &l->lcp.echo_timer);
}

/* The answer to ppp_lcp_ping(). */
static bool ping_answered(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	struct ppp_lcp *c = &l->lcp;
	uint32_t rtt = (uint32_t)(now / 1000) - c->ping_sent;

	if (!c->pinging || p->id != c->ping_id)
		return false;
	c->pinging = false;
	c->echo_pending = 0;
	c->echo_rtt = rtt ? rtt : 1; /* 0 is none */
	if (l->ctx->ops->echo)
		l->ctx->ops->echo(l, now, c->echo_rtt);
	return true;
}

static void echo_answered(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	struct ppp_lcp *c = &l->lcp;

	/* Any of the unanswered ones shows that the peer lives; the last one tells the time. */
	if ((uint8_t)(c->echo_id - p->id) >= c->echo_pending) {
		ppp_count(l, drop_id);
		return;
	}
	c->echo_pending = 0;
	if (p->id == c->echo_id)
		c->echo_rtt = (uint32_t)((now - c->echo_sent) / 1000);
}

/* Echo-Request, Echo-Reply, Discard-Request: a magic number and data. */
static void input_echo(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	struct ppp_fsm *f = &l->fsm[PPP_LAYER_LCP];
	struct rd r = rd_init(p->data, p->len);
	uint32_t magic = rd_be32(&r);

	if (r.bad) {
		ppp_count(l, drop_length);
		return;
	}
	if (f->state == FSM_OPENED && magic && magic == l->lcp.magic) {
		loop_seen(l, now);
		return;
	}
	if (p->code == PPP_ECHO_REQ && !ppp_may_answer(l, now))
		return;
	ppp_fsm_run(f, now, FSM_RXR, p);
	if (p->code != PPP_ECHO_REP || f->state != FSM_OPENED)
		return;
	/* Zero is tolerated: clients that negotiate a number and do not use it. */
	if (magic && magic != l->lcp.peer_magic)
		ppp_count(l, drop_magic);
	else if (!ping_answered(l, now, p))
		echo_answered(l, now, p);
}

/* Section 5.7: heard in Opened only. */
static void input_protocol_reject(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	struct ppp_fsm *f = &l->fsm[PPP_LAYER_LCP];
	struct rd r = rd_init(p->data, p->len);
	uint16_t protocol = rd_be16(&r);

	if (r.bad) {
		ppp_count(l, drop_length);
		return;
	}
	if (f->state != FSM_OPENED) {
		ppp_count(l, drop_unexpected);
		return;
	}
	ppp_count(l, protocol_reject_rx);
	if (protocol == PPP_LCP) {
		ppp_fsm_run(f, now, FSM_RXJ_MINUS, p);
		return;
	}
	ppp_fsm_run(f, now, FSM_RXJ_PLUS, p);
	ppp_link_protocol_rejected(l, now, protocol);
}

static bool extra(struct ppp_link *l, uint64_t now, const struct ppp_packet *p)
{
	switch (p->code) {
	case PPP_PROTO_REJ:
		input_protocol_reject(l, now, p);
		return true;
	case PPP_ECHO_REQ:
	case PPP_ECHO_REP:
	case PPP_DISCARD:
		input_echo(l, now, p);
		return true;
	case PPP_IDENT:
	case PPP_REMAINING:
		if (p->len < 4)
			ppp_count(l, drop_length);
		return true;
	}
	return false;
}

void ppp_lcp_protocol_reject(struct ppp_link *l, uint64_t now, uint16_t protocol,
			     const uint8_t *info, size_t len)
{
	uint8_t buf[PPP_DATA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	size_t room = ppp_link_mtu(l) - PPP_PACKET_HEADER - 2u;

	if (!ppp_may_answer(l, now))
		return;
	wr_be16(&w, protocol);
	wr_bytes(&w, info, len < room ? len : room);
	ppp_count(l, unknown_protocol);
	ppp_send(l, PPP_LCP, PPP_PROTO_REJ, ++l->lcp.next_id, buf, w.len);
}

/* --- echo ---------------------------------------------------------------------------------- */

static void send_echo(struct ppp_link *l, uint64_t now)
{
	uint8_t data[4];
	struct wr w = wr_init(data, sizeof(data));

	wr_be32(&w, l->lcp.magic);
	l->lcp.echo_pending++;
	l->lcp.echo_sent = now;
	ppp_count(l, echo_tx);
	ppp_send(l, PPP_LCP, PPP_ECHO_REQ, ++l->lcp.echo_id, data, w.len);
}

int ppp_lcp_ping(struct ppp_link *l, uint64_t now)
{
	struct ppp_lcp *c = &l->lcp;
	uint8_t data[4];
	struct wr w = wr_init(data, sizeof(data));

	if (l->fsm[PPP_LAYER_LCP].state != FSM_OPENED)
		return -EAGAIN;
	if (c->echo_off)
		return -EOPNOTSUPP;
	wr_be32(&w, c->magic);
	c->ping_id = (uint8_t)(c->echo_id + 128); /* none of those that are out */
	c->ping_sent = (uint32_t)(now / 1000);
	c->pinging = true;
	ppp_count(l, echo_tx);
	ppp_send(l, PPP_LCP, PPP_ECHO_REQ, c->ping_id, data, w.len);
	return 0;
}

/* Links share ten instants a second: 60,000 of them then wake the owner ten times a second, and not
 * for each other's every request and reply. */
#define ECHO_INSTANT (100 * NSEC_PER_MSEC)

static void echo_at(struct ppp_link *l, uint64_t at)
{
	timer_set(l->ctx->wheel, &l->lcp.echo_timer,
		  (at + ECHO_INSTANT - 1) / ECHO_INSTANT * ECHO_INSTANT);
}

/* Up to an eighth early, so that links which came up together drift apart. */
static void arm_echo(struct ppp_link *l, uint64_t now)
{
	uint64_t interval = l->ctx->config->echo_interval;

	echo_at(l, now + interval - ppp_random_below(l, interval / 8));
}

#define LATE	 NSEC_PER_SEC /* an echo timer, so all that came meanwhile has not been read yet */
#define PATIENCE 4	      /* times echo_failure, while it may be us who do not hear */

/* Is the peer lost? Not where we were deaf in the time of the echoes that had no answer: after a storm or a
 * stall, half of all lines would be ended that are well. */
static bool is_lost(const struct ppp_link *l, uint64_t now)
{
	const struct ppp_ctx *ctx = l->ctx;
	unsigned failure = ctx->config->echo_failure ? ctx->config->echo_failure : 1;
	uint64_t span = ctx->config->echo_interval * (failure + 1);
	bool deaf = (ctx->deaf_at && now - ctx->deaf_at < span) ||
		    now > l->lcp.echo_timer.tick * WHEEL_TICK + LATE;
	unsigned most = deaf ? failure * PATIENCE : failure;

	return l->lcp.echo_pending >= (most < UINT8_MAX ? most : UINT8_MAX);
}

static void on_echo_timer(struct timer *t, uint64_t now)
{
	struct ppp_link *l = container_of(t, struct ppp_link, lcp.echo_timer);
	const struct ppp_config *c = l->ctx->config;
	uint64_t activity = l->ctx->ops->activity(l);

	if (!c->echo_interval)
		return;
	if (l->lcp.echo_pending) {
		l->lcp.echo_lost++;
		ppp_count(l, echo_lost);
		if (l->ctx->ops->echo)
			l->ctx->ops->echo(l, now, 0);
	}
	if (c->echo_adaptive && activity != l->lcp.echo_activity)
		l->lcp.echo_pending = 0; /* its data shows that it lives */
	else if (is_lost(l, now)) {
		ppp_link_close(l, now, PPP_CAUSE_LOST_CARRIER);
		return;
	} else
		send_echo(l, now);
	l->lcp.echo_activity = activity;
	arm_echo(l, now);
}

void ppp_lcp_echo_start(struct ppp_link *l, uint64_t now)
{
	uint64_t interval = l->ctx->config->echo_interval;

	l->lcp.echo_pending = 0;
	l->lcp.echo_activity = l->ctx->ops->activity(l);
	if (!interval || l->lcp.echo_off)
		return;
	/* Anywhere in the first interval: 60,000 links may have come up in the same second. */
	echo_at(l, now + interval / 8 + ppp_random_below(l, interval - interval / 8));
}

/* --- the layer ------------------------------------------------------------------------------- */

/* What an earlier negotiation has settled is open again. */
static void reset(struct ppp_link *l)
{
	const struct ppp_config *c = l->ctx->config;

	l->lcp.mru = mru_wanted(l);
	l->lcp.magic = random_magic(l);
	l->lcp.nak_magic = 0;
	l->lcp.method = (uint8_t)(c->auth_count ? c->auth[0] : PPP_AUTH_PAP);
	l->lcp.refused = l->lcp.rejected = 0;
	l->lcp.echo_pending = 0;
	l->lcp.pinging = false;
}

void ppp_lcp_init(struct ppp_link *l, uint16_t mru_limit)
{
	l->mru_limit = mru_limit;
	l->lcp.peer_mru = PPP_MRU_DEFAULT;
	timer_init(&l->lcp.echo_timer, on_echo_timer);
	reset(l);
}

void ppp_lcp_fini(struct ppp_link *l)
{
	timer_cancel(l->ctx->wheel, &l->lcp.echo_timer);
}

static void up(struct ppp_link *l, uint64_t now)
{
	ppp_lcp_echo_start(l, now);
	ppp_link_lcp_up(l, now);
}

static void down(struct ppp_link *l, uint64_t now)
{
	timer_cancel(l->ctx->wheel, &l->lcp.echo_timer);
	ppp_link_lcp_down(l, now);
	reset(l);
}

static void finished(struct ppp_link *l, uint64_t now)
{
	ppp_link_lcp_finished(l, now);
}

const struct ppp_cp ppp_lcp_cp = {
	.protocol = PPP_LCP,
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.request = request,
	.judge = judge,
	.accept = accept_options,
	.naked = naked,
	.rejected = rejected,
	.extra = extra,
	.code_rejected = code_rejected,
	.up = up,
	.down = down,
	.finished = finished,
};
