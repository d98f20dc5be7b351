/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A subscriber's end of a PPP link, for tests: enough of LCP, PAP, CHAP-MD5, MS-CHAPv2, IPCP and
 * IPV6CP to dial in. It shares the automaton with ppp/ and nothing else: packets, options and
 * responses are its own. It repeats its authentication until it hears the result.
 */
#ifndef TEST_PPP_PEER_H
#define TEST_PPP_PEER_H

#include "test/unit/ppp_rig.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>

struct peer {
	struct ppp_fsm fsm[PPP_LAYERS];
	struct ppp_ctx ctx;
	struct ppp_config config;
	struct ppp_stats stats;
	struct timer retry; /* of the authentication */
	void (*transmit)(struct peer *p, const uint8_t *frame, size_t len);

	const char *name, *secret;
	unsigned methods;	       /* bit n: method n is taken, others are naked */
	unsigned rejected[PPP_LAYERS]; /* bit n: option n of our request */
	uint32_t magic, ip4, dns[2];
	uint8_t ifid[8];
	enum ppp_auth_method method;
	uint8_t auth_frame[320];
	size_t auth_len;
	bool authenticated, refused, over;
	unsigned opened; /* bit n: layer n */
};

static const uint16_t peer_protocol[PPP_LAYERS] = { PPP_LCP, PPP_IPCP, PPP_IPV6CP };

static struct peer *peer_of(struct ppp_fsm *f)
{
	return container_of(f - f->layer, struct peer, fsm[0]);
}

static void peer_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t peer_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void peer_send(struct peer *p, uint16_t protocol, uint8_t code, uint8_t id,
		      const uint8_t *data, size_t len)
{
	uint8_t f[PPP_FRAME_MAX] = { (uint8_t)(protocol >> 8),	(uint8_t)protocol, code, id,
				     (uint8_t)((len + 4) >> 8), (uint8_t)(len + 4) };

	if (len)
		memcpy(f + 6, data, len);
	p->transmit(p, f, len + 6);
}

/* Our Configure-Request: option n of a layer is left out when it was rejected. */
static size_t peer_request(struct peer *p, unsigned layer, uint8_t *o)
{
	unsigned out = p->rejected[layer];
	size_t n = 0;

	if (layer == PPP_LAYER_LCP) {
		if (!(out & 1))
			memcpy(o + n, "\x01\x04\x05\xd4", 4), n += 4;
		if (!(out & 2))
			memcpy(o + n, "\x05\x06", 2), peer_put32(o + n + 2, p->magic), n += 6;
		if (!(out & 4)) /* refused by every access concentrator */
			memcpy(o + n, "\x07\x02\x08\x02", 4), n += 4;
	} else if (layer == PPP_LAYER_IPCP) {
		static const uint8_t type[3] = { 3, 129, 131 };
		uint32_t value[3] = { p->ip4, p->dns[0], p->dns[1] };

		for (int i = 0; i < 3; i++) {
			if (out & 1u << i)
				continue;
			o[n] = type[i];
			o[n + 1] = 6;
			peer_put32(o + n + 2, value[i]);
			n += 6;
		}
	} else if (!(out & 1)) {
		memcpy(o, "\x01\x0a", 2);
		memcpy(o + 2, p->ifid, 8);
		n = 10;
	}
	return n;
}

/* The other end's wishes: all are fine but an authentication that we do not do. */
static enum ppp_code peer_judge(struct peer *p, unsigned layer, const uint8_t *o, size_t len,
				uint8_t *nak, size_t *nak_len)
{
	for (size_t i = 0; i + 2 <= len && o[i + 1] >= 2; i += o[i + 1]) {
		enum ppp_auth_method m;

		if (layer != PPP_LAYER_LCP || o[i] != 3)
			continue;
		m = o[i + 2] == 0xc0 ? PPP_AUTH_PAP
		    : o[i + 4] == 5  ? PPP_AUTH_CHAP_MD5
				     : PPP_AUTH_MSCHAP_V2;
		p->method = m;
		if (p->methods & 1u << m)
			continue;
		if (p->methods & 1u << PPP_AUTH_PAP)
			memcpy(nak, "\x03\x04\xc0\x23", *nak_len = 4);
		else
			memcpy(nak,
			       p->methods & 2 ? "\x03\x05\xc2\x23\x05" : "\x03\x05\xc2\x23\x81",
			       *nak_len = 5);
		return PPP_CONF_NAK;
	}
	return PPP_CONF_ACK;
}

static void peer_take_answer(struct peer *p, unsigned layer, bool nak, const uint8_t *o, size_t len)
{
	for (size_t i = 0; i + 2 <= len && o[i + 1] >= 2 && i + o[i + 1] <= len; i += o[i + 1]) {
		unsigned type = o[i], n;

		if (layer == PPP_LAYER_LCP)
			n = type == 1 ? 0 : type == 5 ? 1 : 2;
		else if (layer == PPP_LAYER_IPCP)
			n = type == 3 ? 0 : type == 129 ? 1 : 2;
		else
			n = 0;
		if (!nak)
			p->rejected[layer] |= 1u << n;
		else if (layer == PPP_LAYER_LCP && n == 1)
			p->magic = rig_rand();
		else if (layer == PPP_LAYER_IPCP)
			*(n ? &p->dns[n - 1] : &p->ip4) = peer_get32(o + i + 2);
		else if (layer == PPP_LAYER_IPV6CP)
			memcpy(p->ifid, o + i + 2, 8);
	}
}

/* --- authentication -----------------------------------------------------------------------------
 */

static void peer_repeat_auth(struct peer *p, uint64_t now)
{
	p->transmit(p, p->auth_frame, p->auth_len);
	timer_set(p->ctx.wheel, &p->retry, now + p->config.restart_timer);
}

static void peer_on_retry(struct timer *t, uint64_t now)
{
	struct peer *p = container_of(t, struct peer, retry);

	if (p->auth_frame[1] == 0x23 && p->auth_frame[0] == 0xc0)
		p->auth_frame[3]++; /* PAP: a new identifier each time */
	peer_repeat_auth(p, now);
}

static void peer_pap(struct peer *p, uint64_t now)
{
	size_t n = strlen(p->name), s = strlen(p->secret), len = 6 + n + s;
	uint8_t *f = p->auth_frame;

	memcpy(f, "\xc0\x23\x01", 3);
	f[3] = (uint8_t)rig_rand();
	f[4] = (uint8_t)(len >> 8);
	f[5] = (uint8_t)len;
	f[6] = (uint8_t)n;
	memcpy(f + 7, p->name, n);
	f[7 + n] = (uint8_t)s;
	memcpy(f + 8 + n, p->secret, s);
	p->auth_len = len + 2;
	peer_repeat_auth(p, now);
}

static void peer_md5(struct peer *p, uint8_t id, const uint8_t *challenge, uint8_t *value)
{
	struct md5_ctx c;

	md5_init(&c);
	md5_update(&c, 1, &id);
	md5_update(&c, strlen(p->secret), (const uint8_t *)p->secret);
	md5_update(&c, 16, challenge);
	md5_digest(&c, 16, value);
}

/* RFC 2759 section 8.1, for a secret in ASCII. */
static void peer_mschap(struct peer *p, const uint8_t *challenge, uint8_t *value)
{
	uint8_t unicode[128], hash[21] = { 0 }, c8[8];
	struct sha1_ctx sha;
	struct md4_ctx md4;
	size_t n = strlen(p->secret);

	memset(value, 0, 49);
	rig_random(value, 16);
	for (size_t i = 0; i < n; i++) {
		unicode[2 * i] = (uint8_t)p->secret[i];
		unicode[2 * i + 1] = 0;
	}
	md4_init(&md4);
	md4_update(&md4, 2 * n, unicode);
	md4_digest(&md4, 16, hash);
	sha1_init(&sha);
	sha1_update(&sha, 16, value);
	sha1_update(&sha, 16, challenge);
	sha1_update(&sha, strlen(p->name), (const uint8_t *)p->name);
	sha1_digest(&sha, 8, c8);
	for (int i = 0; i < 3; i++) {
		uint64_t bits = 0, key = 0;
		uint8_t k[8];
		struct des_ctx des;

		for (int j = 0; j < 7; j++)
			bits = bits << 8 | hash[7 * i + j];
		for (int j = 0; j < 8; j++)
			key = key << 8 | (bits >> (49 - 7 * j) & 0x7f) << 1;
		for (int j = 0; j < 8; j++)
			k[j] = (uint8_t)(key >> (56 - 8 * j));
		des_set_key(&des, k);
		des_encrypt(&des, 8, value + 24 + 8 * i, c8);
	}
}

static void peer_chap(struct peer *p, uint64_t now, uint8_t id, const uint8_t *d, size_t len)
{
	size_t size = p->method == PPP_AUTH_CHAP_MD5 ? 16 : 49, n = strlen(p->name);
	uint8_t *f = p->auth_frame;

	if (len < 17 || d[0] != 16)
		return;
	/* The same challenge again gets the same response. */
	if (p->auth_len && f[3] == id) {
		peer_repeat_auth(p, now);
		return;
	}
	memcpy(f, "\xc2\x23\x02", 3);
	f[3] = id;
	f[4] = 0;
	f[5] = (uint8_t)(5 + size + n);
	f[6] = (uint8_t)size;
	if (p->method == PPP_AUTH_CHAP_MD5)
		peer_md5(p, id, d + 1, f + 7);
	else
		peer_mschap(p, d + 1, f + 7);
	memcpy(f + 7 + size, p->name, n);
	p->auth_len = 7 + size + n;
	peer_repeat_auth(p, now);
}

static void peer_is_in(struct peer *p, uint64_t now)
{
	timer_cancel(p->ctx.wheel, &p->retry);
	if (p->authenticated)
		return;
	p->authenticated = true;
	for (unsigned i = 1; i < PPP_LAYERS; i++) {
		ppp_fsm_run(&p->fsm[i], now, FSM_OPEN, NULL);
		ppp_fsm_run(&p->fsm[i], now, FSM_UP, NULL);
	}
}

static void peer_input_auth(struct peer *p, uint64_t now, const uint8_t *f, size_t len)
{
	bool chap = f[0] == 0xc2;

	if (!(p->opened & 1) || chap != (p->method != PPP_AUTH_PAP))
		return;
	if (chap && f[2] == PPP_CHAP_CHALLENGE)
		peer_chap(p, now, f[3], f + 6, len - 6);
	else if (f[2] == (chap ? (uint8_t)PPP_CHAP_SUCCESS : (uint8_t)PPP_PAP_ACK) && p->auth_len &&
		 f[3] == p->auth_frame[3])
		peer_is_in(p, now);
	else if (f[2] == (chap ? (uint8_t)PPP_CHAP_FAILURE : (uint8_t)PPP_PAP_NAK))
		p->refused = true;
}

/* --- the automaton's actions
 * ---------------------------------------------------------------------- */

static void peer_lcp_up(struct peer *p, uint64_t now)
{
	p->authenticated = false;
	p->auth_len = 0;
	if (p->method == PPP_AUTH_PAP)
		peer_pap(p, now);
}

static void peer_lcp_down(struct peer *p, uint64_t now)
{
	timer_cancel(p->ctx.wheel, &p->retry);
	p->authenticated = false;
	for (unsigned i = 1; i < PPP_LAYERS; i++)
		if (p->fsm[i].state >= FSM_CLOSED)
			ppp_fsm_run(&p->fsm[i], now, FSM_DOWN, NULL);
}

static void peer_action(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_action action,
			const struct ppp_packet *in)
{
	struct peer *p = peer_of(f);
	uint16_t protocol = peer_protocol[f->layer];
	uint8_t o[64];

	if (action == FSM_TLU) {
		p->opened |= 1u << f->layer;
		if (!f->layer)
			peer_lcp_up(p, now);
	} else if (action == FSM_TLD) {
		p->opened &= ~(1u << f->layer);
		if (!f->layer)
			peer_lcp_down(p, now);
	} else if (action == FSM_TLF) { /* as pppd: no family, no link */
		p->over = true;
	} else if (action == FSM_SCR) {
		if (!f->awaiting)
			f->req_id++;
		f->awaiting = true;
		peer_send(p, protocol, PPP_CONF_REQ, f->req_id, o, peer_request(p, f->layer, o));
	} else if (action & (FSM_SCA | FSM_SCN)) {
		peer_send(p, protocol, in->reply_code, in->id, in->reply, in->reply_len);
	} else if (action == FSM_STR) {
		peer_send(p, protocol, PPP_TERM_REQ, ++f->term_id, NULL, 0);
	} else if (action == FSM_STA) {
		peer_send(p, protocol, PPP_TERM_ACK, in->id, NULL, 0);
	} else if (action == FSM_SER) {
		memcpy(o, in->data, 8);
		peer_put32(o, p->rejected[0] & 2 ? 0 : p->magic);
		peer_send(p, protocol, PPP_ECHO_REP, in->id, o, in->len < 8 ? in->len : 8);
	}
}

static void peer_input_cp(struct peer *p, uint64_t now, unsigned layer, const uint8_t *f,
			  size_t len)
{
	struct ppp_fsm *s = &p->fsm[layer];
	struct ppp_packet in = { .code = f[2], .id = f[3], .data = f + 6, .len = len - 6 };
	uint8_t nak[16], ours[64];
	size_t nak_len = 0;

	if (in.code == PPP_CONF_REQ) {
		in.reply_code = (uint8_t)peer_judge(p, layer, in.data, in.len, nak, &nak_len);
		in.reply = in.reply_code == PPP_CONF_ACK ? in.data : nak;
		in.reply_len = in.reply_code == PPP_CONF_ACK ? in.len : nak_len;
		ppp_fsm_run(s, now, nak_len ? FSM_RCR_MINUS : FSM_RCR_PLUS, &in);
	} else if (in.code <= PPP_CONF_REJ) {
		if (!s->awaiting || in.id != s->req_id)
			return;
		if (in.code == PPP_CONF_ACK &&
		    (in.len != peer_request(p, layer, ours) || memcmp(ours, in.data, in.len)))
			abort(); /* an Ack of what we did not ask */
		s->awaiting = false;
		if (in.code != PPP_CONF_ACK)
			peer_take_answer(p, layer, in.code == PPP_CONF_NAK, in.data, in.len);
		ppp_fsm_run(s, now, in.code == PPP_CONF_ACK ? FSM_RCA : FSM_RCN, &in);
	} else if (in.code == PPP_TERM_REQ) {
		ppp_fsm_run(s, now, FSM_RTR, &in);
	} else if (in.code == PPP_TERM_ACK) {
		ppp_fsm_run(s, now, FSM_RTA, &in);
	} else if (in.code == PPP_ECHO_REQ) {
		ppp_fsm_run(s, now, FSM_RXR, &in);
	}
}

static inline void peer_input(struct peer *p, uint64_t now, const uint8_t *f, size_t len)
{
	uint16_t protocol = (uint16_t)(f[0] << 8 | f[1]);

	if (len < 6 || (size_t)(f[4] << 8 | f[5]) != len - 2)
		abort(); /* the other end never sends a wrong length */
	if (protocol == PPP_PAP || protocol == PPP_CHAP) {
		peer_input_auth(p, now, f, len);
		return;
	}
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		if (protocol == peer_protocol[i] && (!i || p->authenticated))
			peer_input_cp(p, now, i, f, len);
}

static inline void peer_init(struct peer *p, struct wheel *wheel)
{
	memset(p, 0, sizeof(*p));
	p->config = (struct ppp_config){ .restart_timer = 3 * NSEC_PER_SEC,
					 .max_configure = 10,
					 .max_terminate = 2 };
	p->ctx = (struct ppp_ctx){ .config = &p->config, .wheel = wheel, .stats = &p->stats };
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		ppp_fsm_init(&p->fsm[i], &p->ctx, (enum ppp_layer)i, peer_action);
	timer_init(&p->retry, peer_on_retry);
	p->magic = rig_rand();
	p->name = "user";
	p->secret = "secret";
	p->methods = 7;
}

static inline void peer_start(struct peer *p, uint64_t now)
{
	ppp_fsm_run(&p->fsm[0], now, FSM_OPEN, NULL);
	ppp_fsm_run(&p->fsm[0], now, FSM_UP, NULL);
}

static inline void peer_fini(struct peer *p)
{
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		ppp_fsm_fini(&p->fsm[i]);
	timer_cancel(p->ctx.wheel, &p->retry);
}

#endif
